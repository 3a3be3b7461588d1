"""What a name may mean: the evidence for each candidate, its score, and the decision.

Each candidate collects evidence, a sum of weights in log-odds: how its name was found, whether
its kind, country, division, date and distance agree with what else is said, how well known it
is.  Candidates that cannot all be meant compete with each other and with "none of these"; the
share of each is its score (a conditional logit).  The weights are set by hand, after the hit
rates of the stages on 691 place names of UCDP GED Syria, looked up in OCHA's and GeoNames'
places: of names found by their core nineteen in twenty are right, of names found by their
consonants, without regard to vowels, half.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from rapidfuzz.distance import Levenshtein

from geoinc import toponyms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: A candidate this likely is the answer.
RESOLVED_SCORE = 0.65

# ---------------------------------------------------------------- evidence, in log-odds

# How far a name found at a stage is to be trusted, before anything else is known.
_STAGES = {"exact": 3.5, "fold": 3.0, "core": 2.6, "skeleton": 0.2, "fuzzy": -3.0}
_RANKS = {"exact": 0, "fold": 0, "core": 1, "skeleton": 2, "fuzzy": 3}
# Names with the same consonants: their likeness by vowels, around what it usually is.
_VOWELS, _USUAL_VOWELS = 8.0, 0.85

# A name without a word for its kind means the kinds that news means by a bare name.
_BARE = {"country": 2.0, "province": 0.8, "city": 1.0, "town": 0.8, "region": 0.6, "village": 0.5,
         "quarter": 0.3, "sea": 1.6, "military base": -0.3, "air base": -0.5, "airport": -1.0}  # fmt: skip

# Kinds that one reporter's word does not keep apart.
_NEAR_KINDS = (
    {"air base", "military base", "airport"},
    {"military base", "camp"},
    {"military base", "port"},
    {"city", "town", "village", "quarter"},
    {"quarter", "district"},
    {"province", "region"},
    {"region", "district"},
    {"oil field", "gas field", "refinery"},
    {"refinery", "port"},
    {"mountain", "desert", "valley", "region", "river"},
    {"embassy", "building", "quarter"},
)
_AGREES, _NEARLY_AGREES, _CLASHES = 1.0, -0.5, -6.0
# "Village" says little, since most names are of villages.
_SETTLEMENT_AGREES = 0.3
# The caller's hints lean, they do not forbid: kind, country, division, nearness.
_KIND_HINT_CLASHES = -3.5
_COUNTRY_AGREES, _COUNTRY_CLASHES = 0.5, -3.0
_ADMIN1_AGREES, _ADMIN1_CLASHES = 1.0, -3.5
_NEAR = 1.5
_NOT_THEN = -1.5
# A bare name that a place bears only together with a word for its kind: "H3" is short for
# "H-3 Air Base"; but "Hilla" is not short for "Hilla Governorate".
_SHORT_FOR, _SHORT_FOR_AREA = -0.7, -2.0
_IMPORTANCE = 1.6
# Where a name is the usual one of one place and a byname of another, the first is meant rather.
_PREFERRED = 0.4
# Likeness alone stays below what resolves, whatever else speaks for it: on names of UCDP even
# a single letter's difference meant another village three times in four.
_MOST_BY_LIKENESS = -0.5

_SETTLEMENTS = frozenset(("city", "town", "village"))
_FACILITIES = frozenset(
    ("airport", "air base", "military base", "camp", "embassy", "building", "border crossing",
     "oil field", "gas field", "refinery", "port", "dam", "power station", "prison"),
)  # fmt: skip
# A facility this near bears the name of the town; farther away it is another place.
_OF_THE_TOWN_M = 30_000
# The posts of two countries at one border crossing are this near.
_TWO_SIDES_M = 10_000
# Two files give one place at centres this near.
_SAME_SPOT_M = 5_000
# A namesake this likely in comparison is meant as well; one of another kind than said is not.
_AS_LIKELY = 0.75
_MOST_RIVALS = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a name may mean, and why.

    Parameters
    ----------
    place_id, name, kind, country, admin1 : str
        The place.
    longitude, latitude : float
        Its centre, degrees.
    stage : str
        The stage that found it: exact, fold, core, skeleton or fuzzy.
    score : float
        Probability that it is meant, 0..1.
    matched : str
        The one of its names that was found.
    reason : str
        What counted for and against it, in words.
    """

    place_id: str
    name: str
    kind: str
    country: str
    admin1: str
    longitude: float
    latitude: float
    stage: str
    score: float
    matched: str
    reason: str


CANDIDATE_COLUMNS = tuple(Candidate.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a list of candidates comes to.

    Parameters
    ----------
    status : str
        ``"resolved"``, ``"ambiguous"`` or ``"unresolved"``.
    place_ids : tuple of str
        The place; the rivals of an ambiguous name, best first; nothing where unresolved.
        Two places of a resolved name are an area and its likely centre: a governorate and
        its own city of the same name.
    reason : str
        Why, in words.
    """

    status: str
    place_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """A name of a place, as the file has it."""

    text: str
    text_kind: str
    place_id: str
    name: str
    kind: str
    country: str
    admin1: str
    longitude: float
    latitude: float
    uncertainty_m: float
    importance: float
    valid_from: str
    valid_to: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: the name with its keys, and what else is known."""

    text: str
    keys: toponyms.Keys
    kinds: frozenset[str]
    kind_hint: str
    country: str
    admin1: str
    near: tuple[float, float] | None
    date: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A place found, with its evidence in log-odds."""

    row: Row
    stage: str
    evidence: float
    reason: str
    fits: bool
    store: int


# ---------------------------------------------------------------- weighing


def weighed(row: Row, stage: str, query: Query, store: int, *, likeness: float = 0.0) -> Hit:
    """Return a hit with the sum of what counts for and against it, and the words for it."""
    if stage == "fold" and row.text == query.text:
        stage = "exact"
    parts = [
        _name_evidence(row, stage, query, likeness),
        _kind_evidence(row, stage, query),
        *_hint_evidence(row, query),
    ]
    evidence = _STAGES[stage] + _IMPORTANCE * (row.importance - 0.5)
    if row.text_kind == "preferred" and stage in {"exact", "fold"}:
        evidence += _PREFERRED
    evidence += sum(part[0] for part in parts)
    if stage == "fuzzy":
        evidence = min(evidence, _MOST_BY_LIKENESS)
    fits = all(part[2] for part in parts)
    reason = "; ".join(part[1] for part in parts if part[1])
    return Hit(row, stage, evidence, reason, fits, store)


#: Log-odds, words for them, and whether the search may end with a hit that has them.
_Part = tuple[float, str, bool]


def _name_evidence(row: Row, stage: str, query: Query, likeness: float) -> _Part:
    """Return what the likeness of the names says."""
    if stage == "exact":
        return 0.0, "name as written", True
    if stage == "fold":
        return 0.0, f"same as {row.text!r} but for case and accents", True
    short = 0.0
    if not query.kinds and not query.kind_hint and toponyms.split_kind(row.text)[1]:
        short = _SHORT_FOR_AREA if row.kind in {"province", "district"} else _SHORT_FOR
    if stage == "core":
        words = "short for" if short else "same name as"
        return short, f"{words} {row.text!r}", not short
    if stage == "skeleton":
        # Few consonants are shared by chance; vowels tell spellings from other names.
        evidence = short + {2: -2.0, 3: 0.0}.get(len(query.keys.skeleton), 0.4)
        if query.keys.core.isascii():
            asked = toponyms.pronounced(query.keys.core)
            evidence += _VOWELS * (_pronounced_alike(asked, row) - _USUAL_VOWELS)
        return evidence, f"same consonants as {row.text!r}", True
    return 2 * likeness, f"looks like {row.text!r}", False


def _pronounced_alike(asked: str, row: Row) -> float:
    """Return how alike a name sounds to the name found or the usual name of its place, 0..1."""
    return max(
        Levenshtein.normalized_similarity(asked, toponyms.pronounced(name))
        for name in (row.text, row.name)
    )


def _kind_evidence(row: Row, stage: str, query: Query) -> _Part:
    """Return what the kind of the place says."""
    asked = query.kinds or ({query.kind_hint} if query.kind_hint else frozenset())
    if row.text_kind == "code":
        return 0.0, "its code", True
    if not asked:
        # An airport answers only those who ask for one, or when nothing else has the name.
        known = _BARE.get(row.kind, 0.0)
        # A country is well known, and so are its spellings: consonants alone say nothing more.
        known = 0.0 if stage == "skeleton" and row.kind in {"country", "province"} else known
        return known, "", row.kind != "airport"
    if row.kind in asked:
        agrees = _SETTLEMENT_AGREES if row.kind in _SETTLEMENTS else _AGREES
        return agrees, f"{row.kind} as said", True
    near = any(row.kind in group and group & asked for group in _NEAR_KINDS)
    evidence = _NEARLY_AGREES if near else _CLASHES if query.kinds else _KIND_HINT_CLASHES
    if stage in {"exact", "fold"} and query.kinds:
        # The word is part of the name: "Sadr City" is a quarter.
        return max(evidence, 0.0), "", True
    return evidence, f"{row.kind}, not {_either(asked)}", near


def _either(kinds: Iterable[str]) -> str:
    return " or ".join(sorted(kinds))


def _hint_evidence(row: Row, query: Query) -> Iterable[_Part]:
    """Yield what the hints say: country, first-order division, nearness, date."""
    if query.country and row.country:
        agrees = row.country == query.country
        words = f"in {row.country} as said" if agrees else f"in {row.country}, not {query.country}"
        yield (_COUNTRY_AGREES if agrees else _COUNTRY_CLASHES), words, agrees
    if query.admin1 and row.admin1:
        agrees = toponyms.skeleton(row.admin1) == query.admin1
        words = f"in {row.admin1} {'as said' if agrees else 'instead'}"
        yield (_ADMIN1_AGREES if agrees else _ADMIN1_CLASHES), words, agrees
    if query.near is not None:
        away = _distance_m(query.near, (row.longitude, row.latitude)) - row.uncertainty_m
        away_km = max(away, 0.0) / 1000
        yield _NEAR - math.log1p(away_km / 20), f"{away_km:.0f} km away", True
    if query.date:
        # ISO dates compare as text, as far as both are told.
        if row.valid_to and query.date[: len(row.valid_to)] > row.valid_to[: len(query.date)]:
            yield _NOT_THEN, f"known so until {row.valid_to}", True
        if row.valid_from and query.date[: len(row.valid_from)] < row.valid_from[: len(query.date)]:
            yield _NOT_THEN, f"known so from {row.valid_from}", True


def _distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance, metres: near enough to weigh, and quick."""
    east = math.radians(one[0] - other[0])
    south, north = math.radians(one[1]), math.radians(other[1])
    half = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south) * math.cos(north) * math.sin(east / 2) ** 2
    )
    return 2 * 6_371_009 * math.asin(math.sqrt(min(half, 1.0)))


def without_airports(hits: list[Hit], query: Query) -> list[Hit]:
    """Leave airports out where nobody asked for one and something else has the name as well."""
    if query.kinds or query.kind_hint:
        return hits
    ranks = [_RANKS[hit.stage] for hit in hits if hit.row.kind != "airport"]
    best = min(ranks, default=_RANKS["fuzzy"])
    return [
        hit
        for hit in hits
        if hit.row.kind != "airport" or hit.row.text_kind == "code" or _RANKS[hit.stage] < best
    ]


def scored(hits: list[Hit]) -> list[Candidate]:
    """Return hits as candidates with the share of each among its rivals and none, best first."""
    ranked = sorted(hits, key=lambda hit: -hit.evidence)[:_MOST_RIVALS]
    odds = [math.exp(hit.evidence) for hit in ranked]
    found = []
    for hit, own in zip(ranked, odds, strict=True):
        rivals = sum(
            theirs
            for other, theirs in zip(ranked, odds, strict=True)
            if other is not hit and not _same_standing(hit, other)
        )
        row = hit.row
        found.append(
            Candidate(
                row.place_id, row.name, row.kind, row.country, row.admin1, row.longitude,
                row.latitude, hit.stage, own / (1 + own + rivals), row.text, hit.reason,
            ),
        )  # fmt: skip
    return sorted(found, key=lambda candidate: -candidate.score)


def _same_standing(one: Hit, other: Hit) -> bool:
    """Return whether two hits are no rivals: an area and its seat, or one place in two files."""
    if "fuzzy" in (one.stage, other.stage):
        return False
    if nested(one.row, other.row):
        return True
    return (
        one.store != other.store
        and alike_in_kind(one.row.kind, other.row.kind)
        and away_m(one.row, other.row) < _SAME_SPOT_M
    )


def alike_in_kind(one: str, other: str) -> bool:
    """Return whether one reporter's, or one file's, word does not keep two kinds apart."""
    return one == other or any({one, other} <= group for group in _NEAR_KINDS)


def away_m(one: Row | Candidate, other: Row | Candidate) -> float:
    """Return the great-circle distance between two places, metres."""
    return _distance_m((one.longitude, one.latitude), (other.longitude, other.latitude))


def nested(one: Row | Candidate, other: Row | Candidate) -> bool:
    """Return whether one of two namesakes stands for the other: an area, its seat, what is there.

    Parameters
    ----------
    one, other : Row or Candidate
        Two places that one name was found for.

    Returns
    -------
    bool
        True for a country and its town, an area and its seat, two areas of one name, an
        area or a town and a facility there that is called after it, the two sides of a border
        crossing.
    """
    kinds = {one.kind, other.kind}
    if kinds == {"border crossing"}:
        return away_m(one, other) < _TWO_SIDES_M
    if one.country != other.country or len(kinds) == 1:
        return False
    if "country" in kinds:
        return bool(kinds & {"province", "district", *_SETTLEMENTS})
    if kinds & _FACILITIES and kinds & _SETTLEMENTS:
        return away_m(one, other) < _OF_THE_TOWN_M
    divisions = {toponyms.skeleton(one.admin1), toponyms.skeleton(other.admin1)} - {""}
    if len(divisions) > 1:
        return False
    areas = kinds & {"province", "district", "region"}
    there = kinds & (_SETTLEMENTS | _FACILITIES)
    return len(areas) == 2 or bool(areas - {"region"} and there)


# ---------------------------------------------------------------- deciding


def decide(candidates: pd.DataFrame | Sequence[Candidate]) -> Decision:
    """Return what the candidates for a name come to.

    A name is resolved where one candidate is likely enough; ambiguous where several together
    are; else unresolved, and its candidates are suggestions.  A name that is only *like* the
    name of a place never resolves.

    An area and its own seat of the same name are no rivals.  The governorate and its city are
    both reported, the area first; of a town and its district, or the base called after it,
    the town is meant; a country's name is the country.

    Parameters
    ----------
    candidates : DataFrame or sequence of Candidate
        As `Gazetteer.search` or `Gazetteer.candidates` returns them, best first.

    Returns
    -------
    Decision
        Status, ids and reason.

    Examples
    --------
    >>> import geoinc as gi
    >>> from geoinc.gazetteer import decide
    >>> decide(gi.load_gazetteer().search("Erbil")).place_ids
    ('iq-erbil-province', 'iq-erbil')
    """
    if isinstance(candidates, pd.DataFrame):
        columns = [candidates[column].tolist() for column in CANDIDATE_COLUMNS]
        candidates = [Candidate(*values) for values in zip(*columns, strict=True)]
    if not candidates:
        return Decision("unresolved", (), "no known place has this name")
    best = candidates[0]
    if best.score >= RESOLVED_SCORE:
        return _resolved(best, candidates)
    named = [candidate for candidate in candidates if candidate.stage != "fuzzy"]
    rivals: list[Candidate] = []
    for candidate in named:
        stands = candidate.score >= max(best.score / 3, 0.1)
        if stands and not any(nested(candidate, rival) for rival in rivals):
            rivals.append(candidate)
    if len(rivals) > 1 and sum(rival.score for rival in rivals) >= RESOLVED_SCORE:
        listed = "; ".join(_described(rival) for rival in rivals)
        return Decision(
            "ambiguous",
            tuple(rival.place_id for rival in rivals),
            f"{len(rivals)} places fit: {listed}",
        )
    return Decision(
        "unresolved", (), f"no known place fits; nearest is {_described(best)}: {best.reason}"
    )


def _resolved(best: Candidate, candidates: Sequence[Candidate]) -> Decision:
    """Return the decision for a likely candidate and the areas or seats that share its name."""
    family = {_class(best): best} | {
        _class(candidate): candidate
        for candidate in reversed(candidates)
        if candidate.score >= _AS_LIKELY * best.score
        and _RANKS[candidate.stage] <= _RANKS[best.stage]
        and nested(candidate, best)
    }
    if "country" in family:
        return _decision(family["country"])
    province, settlement = family.get("province"), family.get("settlement")
    if province is not None and settlement is not None:
        ids = (province.place_id, settlement.place_id)
        return Decision("resolved", ids, f"city or governorate; {province.reason}")
    if settlement is not None and len(family) > 1:
        other = "district" if "district" in family else best.kind if settlement is not best else ""
        return _decision(settlement, f"town or {other}" if other else "")
    return _decision(province or best)


def _class(candidate: Candidate) -> str:
    """Return the kind of a candidate as far as it decides between namesakes."""
    return "settlement" if candidate.kind in _SETTLEMENTS else candidate.kind


def _decision(candidate: Candidate, note: str = "") -> Decision:
    reason = "; ".join(filter(None, (note, candidate.reason)))
    return Decision("resolved", (candidate.place_id,), reason)


def _described(candidate: Candidate) -> str:
    """Return a candidate as a reader tells it from its namesakes."""
    where = ", ".join(filter(None, (candidate.kind, candidate.admin1, candidate.country)))
    return f"{candidate.name} ({where})"
