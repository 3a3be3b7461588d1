"""What a name may mean: the evidence for each candidate, and its score.

Each candidate collects evidence, a sum of weighted terms in log-odds: how its name was found, how
alike the names sound, whether its kind, country, division, date and distance agree with what else
is said, how well known it is.  Candidates that cannot all be meant compete with each other and
with "none of these"; the share of each is its score (a conditional logit).  The weights stand in
`weights.toml`; ``gazetteer/calibrate.py`` fits them, and says how well they do.
"""

from __future__ import annotations

import math
import tomllib
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from geoinc import toponyms
from geoinc.hinting import distance_m

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geoinc.comparing import Likeness
    from geoinc.hinting import Vicinity


def _table() -> dict[str, float]:
    text = resources.files("geoinc").joinpath("weights.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {**table["fitted"], **table["set"]}


#: Log-odds for one unit of each term of evidence.
WEIGHTS = _table()

#: With evidence of this much, in log-odds, nothing else is looked for.
SETTLED = 1.0

#: The stages, from the strictest to the loosest.
RANKS = {"exact": 0, "fold": 0, "core": 1, "skeleton": 2, "fuzzy": 3}

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
# The caller's hints lean, they do not forbid.
_KIND_HINT_CLASHES = -3.5
# Likeness alone, with nothing said of where, stays below what resolves: on names of UCDP even a
# single letter's difference meant another village three times in four.
_MOST_BY_LIKENESS = -0.5

SETTLEMENTS = frozenset(("city", "town", "village"))
_DIVISIONS = frozenset(("province", "district"))
_AREAS = _DIVISIONS | {"country", "region"}
_WIDE = frozenset(("country", "province"))
_FACILITIES = frozenset(
    ("airport", "air base", "military base", "camp", "embassy", "building", "border crossing",
     "oil field", "gas field", "refinery", "port", "dam", "power station", "prison"),
)  # fmt: skip
# A facility this near bears the name of the town; farther away it is another place.
_OF_THE_TOWN_M = 30_000
# The posts of two countries at one border crossing are this near.
_TWO_SIDES_M = 10_000
# Two files give one place at centres this near; so do two names of one settlement in one file.
_SAME_SPOT_M = 5_000
# More than that in latitude, and quickly seen.
_SAME_SPOT_DEG = 0.05
# Outside an area that is known by the places in it: farther from each of them than this.
_OUTSIDE_KM = 5.0
# Farther outside an area than this is no worse: hints are wrong now and then.
_FAR_KM = 50.0
_MOST_RIVALS = 16


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


class Row(NamedTuple):
    """A name of a place, as the file has it; text, its kind and its skeleton are those of the name."""

    text: str
    text_kind: str
    place_id: str
    name: str
    kind: str
    country: str
    admin1: str
    admin2: str
    longitude: float
    latitude: float
    uncertainty_m: float
    importance: float
    valid_from: str
    valid_to: str
    skeleton: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: the name, the kinds that its words ask for, and what else is known."""

    text: str
    kinds: frozenset[str] = frozenset()
    kind_hint: str = ""
    country: str = ""
    admin1: Vicinity | None = None
    admin2: Vicinity | None = None
    near: tuple[float, float] | None = None
    date: str = ""


#: A term of evidence: its name in `WEIGHTS`, and how much of it there is.
Term = tuple[str, float]


class Hit(NamedTuple):
    """A place found, with its evidence in log-odds and the terms that it is the sum of.

    ``alike`` is how alike the names are, 3 where they are the same; ``fits`` says whether the
    search may end with this hit.
    """

    row: Row
    stage: str
    evidence: float
    terms: tuple[Term, ...]
    fits: bool
    store: int
    alike: float = 3.0


# ---------------------------------------------------------------- weighing


def weighed(
    row: Row,
    stage: str,
    query: Query,
    store: int,
    alike: Likeness | None = None,
) -> Hit:
    """Return a hit with what counts for and against it.

    Parameters
    ----------
    row : Row
        The name found.
    stage : str
        How it was found: fold, plain (the same but for one word for the kind), core, skeleton,
        fuzzy.
    query : Query
        What was asked.
    store : int
        Number of the file it was found in.
    alike : Likeness, optional
        Of the stages skeleton and fuzzy.
    """
    terms: list[Term] = [("core" if stage == "plain" else stage, 1.0)]
    terms += _known_terms(row, query.kinds)
    fits = stage != "fuzzy"
    if stage == "fold":
        if row.text == query.text:
            stage = "exact"
            terms.append(("exact", 1.0))
        if row.text_kind == "preferred":
            # Of one place the usual name, of another a byname: the first is meant rather.
            terms.append(("preferred", 1.0))
    elif stage == "plain":
        stage = "core"
        terms.append(("plain", 1.0))
    elif not query.kinds and not query.kind_hint and toponyms.asks_for_kind(row.text):
        # A bare name that a place bears only with a word for its kind: "H3" is short for "H-3
        # Air Base"; but "Hilla" is not short for "Hilla Governorate".
        terms.append(("short for area" if row.kind in _DIVISIONS else "short for", 1.0))
        fits = fits and stage != "core"
    if row.text_kind == "part":
        terms.append(("part", 1.0))
    if alike is not None:
        terms += _alike_terms(row, alike)
    kind, kind_fits = _kind_evidence(row, stage, query)
    terms.append(("kind", kind))
    terms += _where_terms(row, query)
    terms += _date_terms(row, query.date)
    evidence = sum([WEIGHTS[name] * value for name, value in terms])
    if stage == "fuzzy":
        evidence = by_likeness(evidence, row, query)
    said, known = query.country, row.country
    fits = fits and kind_fits and (said == known or not (said and known))
    total = 3.0 if alike is None else alike.sound + alike.script + alike.consonants
    return Hit(row, stage, evidence, tuple(terms), fits, store, total)


def by_likeness(evidence: float, row: Row, query: Query) -> float:
    """Return the evidence for a name that is only like the one asked for.

    Parameters
    ----------
    evidence : float
        Sum of the terms, log-odds.
    row : Row
        The name found: those of provinces and countries are known in all their spellings.
    query : Query
        What was asked: with a province or district said, likeness may be enough.
    """
    near = (query.admin1 or query.admin2) and row.kind not in _WIDE
    if near or evidence <= _MOST_BY_LIKENESS:
        return evidence
    # The order stays.
    return _MOST_BY_LIKENESS + 0.01 * (evidence - _MOST_BY_LIKENESS)


def _known_terms(row: Row, kinds: frozenset[str]) -> list[Term]:
    """Return how well known the place is, as far as the word for its kind lets it count."""
    if not kinds or row.kind not in SETTLEMENTS or not kinds & SETTLEMENTS:
        return [("importance", row.importance - 0.5)]
    if "village" in kinds and "city" not in kinds:
        return [("village", 1.0), ("important village", row.importance - 0.2)]
    return []


def _alike_terms(row: Row, alike: Likeness) -> Iterable[Term]:
    yield "sound", alike.sound - 0.85
    yield "script", alike.script - 0.85
    yield "alike", max(alike.sound, alike.script, alike.consonants) ** 6 - 1
    if max(alike.sound, alike.script) > 0.999:
        yield "same sound", 1.0
    yield "jaro", alike.jaro - 1
    if not alike.same_end:
        yield "other end", 1.0
    if alike.same_sides:
        yield "same sides", float(alike.same_sides)
    if alike.sides:
        yield "sides", float(alike.sides)
        if row.kind in _AREAS:
            # "Eastern Homs" is a part of Homs governorate.
            yield "side of area", 1.0
    if alike.less:
        yield f"less {alike.less}", 1.0
    # Few consonants are shared by chance.
    if alike.bones <= 2:
        yield "two consonants", 1.0
    elif alike.bones == 3:
        yield "three consonants", 1.0


def _where_terms(row: Row, query: Query) -> Iterable[Term]:
    """Yield what the hints of place say: country, province, district, nearness."""
    if query.country and row.country:
        yield ("country agrees" if row.country == query.country else "country clashes"), 1.0
    # A province is not in another one: what is said of a village says nothing of it.
    hints = (query.admin1, query.admin2) if row.kind not in _WIDE else (None, None)
    for name, area in zip(("province", "district"), hints, strict=True):
        if area is not None:
            away = area.away(row.longitude, row.latitude)
            outside = away.outside_km > _OUTSIDE_KM
            yield f"{'outside' if outside else 'in'} {name}", 1.0
            if away.outside_km:
                yield name, math.log1p(min(away.outside_km, _FAR_KM) / 4)
            if away.off_centre:
                yield "off centre", away.off_centre
    if query.near is not None:
        yield "near", 1.0
        yield "away", math.log1p(_off_m(row, query.near) / 20_000)


def _off_m(row: Row, spot: tuple[float, float]) -> float:
    """Return how far outside a place a spot is, metres."""
    return max(distance_m(spot, (row.longitude, row.latitude)) - row.uncertainty_m, 0.0)


def _date_terms(row: Row, date: str) -> Iterable[Term]:
    if row.valid_to and _side(date, row.valid_to) > 0:
        yield "not then", 1.0
    if row.valid_from and _side(date, row.valid_from) < 0:
        yield "not then", 1.0


def _side(date: str, turn: str) -> int:
    """Return -1 for a date before a day, 1 for one after it, 0 where neither is told."""
    # ISO dates compare as text, as far as both are told.
    mine, theirs = date[: len(turn)], turn[: len(date)]
    return (mine > theirs) - (mine < theirs)


def turns_of(hits: Iterable[Hit]) -> frozenset[str]:
    """Return the days on which the places that were found begin or end to be called so."""
    return frozenset(day for hit in hits for day in (hit.row.valid_from, hit.row.valid_to) if day)


def same_then(one: str, other: str, turns: Iterable[str] | None) -> bool:
    """Return whether no day of some lies between two dates, so that both have one answer.

    Parameters
    ----------
    one, other : str
        ISO dates, or less; ``""`` is on neither side of a day.
    turns : iterable of str or None
        Days, as `turns_of` gives them; None for any day.

    Examples
    --------
    >>> same_then("2004", "2009", {"2011-12"}), same_then("2004", "2012", {"2011-12"})
    (True, False)
    """
    if one == other or turns is None:
        return one == other
    return all(_side(one, turn) == _side(other, turn) for turn in turns)


def _kind_evidence(row: Row, stage: str, query: Query) -> tuple[float, bool]:
    """Return what the kind of the place says, and whether the search may end with it."""
    asked = query.kinds or ({query.kind_hint} if query.kind_hint else frozenset())
    if row.text_kind == "code":
        return 0.0, True
    if not asked:
        # An airport answers only those who ask for one, or when nothing else has the name.
        known = _BARE.get(row.kind, 0.0)
        # A country is well known, and so are its spellings: consonants alone say nothing more.
        loose = stage in {"skeleton", "fuzzy"} and row.kind in _WIDE
        return (0.0 if loose else known), row.kind != "airport"
    if row.kind in asked:
        return (_SETTLEMENT_AGREES if row.kind in SETTLEMENTS else _AGREES), True
    near = any(row.kind in group and group & asked for group in _NEAR_KINDS)
    evidence = _NEARLY_AGREES if near else _CLASHES if query.kinds else _KIND_HINT_CLASHES
    if query.kinds and (
        stage in {"exact", "fold"} or toponyms.split_kind(row.text)[1] & query.kinds
    ):
        # The word is part of the name: "Sadr City" is a quarter.
        return max(evidence, 0.0), True
    return evidence, near


# ---------------------------------------------------------------- words for it

_FOUND = {
    "exact": "name as written",
    "fold": "same as {text!r} but for case and accents",
    "core": "same name as {text!r}",
    "skeleton": "same consonants as {text!r}",
    "fuzzy": "looks like {text!r}",
}
_SAID = {
    "part": "one name of a double name",
    "less part": "one of the names asked for",
    "less division": "the division at its end left out",
    "less word": "a word left out",
    "sides": "another side or size",
}


def told(hit: Hit, query: Query) -> str:
    """Return what counts for and against a hit, in words.

    Parameters
    ----------
    hit : Hit
        A place found.
    query : Query
        What was asked.
    """
    row = hit.row
    terms = dict(hit.terms)
    short = "short for" in terms or "short for area" in terms
    words = ["short for {text!r}" if short else _FOUND[hit.stage]]
    words = [words[0].format(text=row.text)]
    words += [said for term, said in _SAID.items() if term in terms]
    if row.text_kind == "code":
        words.append("its code")
    asked = query.kinds or ({query.kind_hint} if query.kind_hint else frozenset())
    if asked and row.kind in asked:
        words.append(f"{row.kind} as said")
    elif terms.get("kind", 0.0) < 0 and asked:
        words.append(f"{row.kind}, not {' or '.join(sorted(asked))}")
    if "country agrees" in terms:
        words.append(f"in {row.country} as said")
    elif "country clashes" in terms:
        words.append(f"in {row.country}, not {query.country}")
    for area in filter(None, (query.admin1, query.admin2)) if row.kind not in _WIDE else ():
        outside_km = area.away(row.longitude, row.latitude).outside_km
        inside = outside_km <= _OUTSIDE_KM
        where = "in" if inside else f"{outside_km:.0f} km outside"
        words.append(f"{where} {area.name}{' as said' if inside else ''}")
    if query.near is not None:
        words.append(f"{_off_m(row, query.near) / 1000:.0f} km away")
    if "not then" in terms:
        until = row.valid_to and _side(query.date, row.valid_to) > 0
        span = f"until {row.valid_to}" if until else f"from {row.valid_from}"
        words.append(f"known so {span}")
    return "; ".join(words)


# ---------------------------------------------------------------- scores


def without_airports(hits: list[Hit], query: Query) -> list[Hit]:
    """Leave airports out where nobody asked for one and something else has the name as well."""
    if query.kinds or query.kind_hint or all(hit.row.kind != "airport" for hit in hits):
        return hits
    ranks = [RANKS[hit.stage] for hit in hits if hit.row.kind != "airport"]
    best = min(ranks, default=RANKS["fuzzy"])
    return [
        hit
        for hit in hits
        if hit.row.kind != "airport" or hit.row.text_kind == "code" or RANKS[hit.stage] < best
    ]


def foremost(hits: Iterable[Hit]) -> list[Hit]:
    """Return the hits with most evidence, best first, no more than can be rivals."""
    return sorted(hits, key=lambda hit: -hit.evidence)[:_MOST_RIVALS]


def ranked(hits: list[Hit]) -> list[Hit]:
    """Return hits, best first, once those are set back that others are as alike as.

    A name that many places have is had by more that no gazetteer lists; and where the names of
    several places are nearer to the one asked for, a farther one is hardly meant.

    Parameters
    ----------
    hits : list of Hit
        As `foremost` returns them, each place once.
    """
    if not hits[1:]:
        return hits
    alike = sorted(hit.alike for hit in hits)
    same = Counter((hit.alike, hit.row.kind) for hit in hits)
    placed = []
    for hit in hits:
        # An area and its seat are as alike, and no rivals.
        rank = len(hits) - bisect_right(alike, hit.alike) + same[hit.alike, hit.row.kind]
        term = ("as alike", math.log(rank))
        evidence = hit.evidence + WEIGHTS["as alike"] * term[1]
        placed.append(
            hit._replace(evidence=evidence, terms=(*hit.terms, term)) if rank > 1 else hit
        )
    placed.sort(key=lambda hit: -hit.evidence)
    return placed


def shares(hits: Sequence[Hit]) -> list[float]:
    """Return the share of each hit among its rivals and none of them.

    Parameters
    ----------
    hits : sequence of Hit
        As `ranked` returns them.

    Returns
    -------
    list of float
        0..1.  Hits at one spot share theirs; an area and its seat are no rivals.
    """
    odds = [math.exp(min(hit.evidence, 50.0)) for hit in hits]
    meant, rivals = odds.copy(), [0.0] * len(odds)
    for number, hit in enumerate(hits):
        kind, latitude = hit.row.kind, hit.row.latitude
        for place in range(number):
            other = hits[place]
            far = abs(other.row.latitude - latitude) >= _SAME_SPOT_DEG
            # Most pairs are two villages of one name.
            if far and other.row.kind == kind != "border crossing":
                standing = "rival"
            else:
                standing = _standing(hit, other)
            if standing == "same":
                meant[number] += odds[place]
                meant[place] += odds[number]
            elif standing == "rival":
                rivals[number] += odds[place]
                rivals[place] += odds[number]
    return [own / (1 + own + others) for own, others in zip(meant, rivals, strict=True)]


def scored(hits: Sequence[Hit], query: Query, limit: int) -> list[Candidate]:
    """Return hits as candidates with their scores, best first.

    Parameters
    ----------
    hits : sequence of Hit
        As `ranked` returns them.
    query : Query
        What was asked.
    limit : int
        Most to return.
    """
    pairs = sorted(zip(shares(hits), hits, strict=True), key=lambda pair: -pair[0])
    return [
        Candidate(
            hit.row.place_id, hit.row.name, hit.row.kind, hit.row.country, hit.row.admin1,
            hit.row.longitude, hit.row.latitude, hit.stage, score, hit.row.text, told(hit, query),
        )
        for score, hit in pairs[:limit]
    ]  # fmt: skip


def _standing(one: Hit, other: Hit) -> str:
    """Return what two hits are to each other: "same" spot, "kin" (an area, its seat) or "rival"."""
    mine, theirs = one.row, other.row
    if (
        abs(mine.latitude - theirs.latitude) < _SAME_SPOT_DEG
        and alike_in_kind(mine.kind, theirs.kind)
        and away_m(mine, theirs) < _SAME_SPOT_M
    ):
        return "same"
    if mine.kind == theirs.kind and mine.kind != "border crossing":
        return "rival"
    if one.stage == "fuzzy" or other.stage == "fuzzy":
        return "rival"
    return "kin" if nested(mine, theirs) else "rival"


def alike_in_kind(one: str, other: str) -> bool:
    """Return whether one reporter's, or one file's, word does not keep two kinds apart."""
    return one == other or any({one, other} <= group for group in _NEAR_KINDS)


def away_m(one: Row | Candidate, other: Row | Candidate) -> float:
    """Return the great-circle distance between two places, metres."""
    return distance_m((one.longitude, one.latitude), (other.longitude, other.latitude))


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
        return bool(kinds & {"province", "district", *SETTLEMENTS})
    if kinds & _FACILITIES and kinds & SETTLEMENTS:
        return away_m(one, other) < _OF_THE_TOWN_M
    areas = kinds & {"province", "district", "region"}
    there = kinds & (SETTLEMENTS | _FACILITIES)
    if not (len(areas) == 2 or (areas - {"region"} and there)):
        return False
    divisions = {toponyms.skeleton(one.admin1), toponyms.skeleton(other.admin1)} - {""}
    return len(divisions) <= 1
