"""What the candidates for a name come to: one place, several that may be meant, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from geoinc.matching import CANDIDATE_COLUMNS, RANKS, SETTLEMENTS, Candidate, nested

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A candidate this likely is the answer.
RESOLVED_SCORE = 0.7
# A namesake this likely in comparison is meant as well; one of another kind than said is not.
_AS_LIKELY = 0.75


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
        and RANKS[candidate.stage] <= RANKS[best.stage]
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
    return "settlement" if candidate.kind in SETTLEMENTS else candidate.kind


def _decision(candidate: Candidate, note: str = "") -> Decision:
    reason = "; ".join(filter(None, (note, candidate.reason)))
    return Decision("resolved", (candidate.place_id,), reason)


def _described(candidate: Candidate) -> str:
    """Return a candidate as a reader tells it from its namesakes."""
    where = ", ".join(filter(None, (candidate.kind, candidate.admin1, candidate.country)))
    return f"{candidate.name} ({where})"
