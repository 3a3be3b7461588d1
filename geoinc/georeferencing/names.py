"""From the name in a clause to the place it means, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from geoinc import geodesy
from geoinc.gazetteer import Candidate, decide
from geoinc.matching import same_then

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoinc.gazetteer import Search
    from geoinc.places import Place

Status = Literal["resolved", "ambiguous", "unresolved", "not told"]

#: Stages of the search that find a name by its words, not by its consonants or likeness.
AS_WRITTEN = frozenset({"exact", "fold"})
BY_WORDS = AS_WRITTEN | {"core"}
#: Below this the score leaves room for another place.
SURE_SCORE = 0.8


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """What one name came to.

    Parameters
    ----------
    status : {"resolved", "ambiguous", "unresolved"}
        Whether one place has the name.
    place : Place or None
        The area that the name may mean.
    spot : Place or None
        What distances and directions are told from: of "city or governorate" the city.
    stage : str
        The stage of the search that found the best candidate; ``"context"`` where the words
        point at a place that is given.
    score : float
        Probability that it is the right place, 0..1.
    why : str
        What counted for and against it.
    sure : bool
        Whether nobody needs to look at it again, but for "city or governorate".
    rivals : tuple of str
        Ids of the places that have the name by its words, best first.
    candidates : tuple of str
        The best candidates as a reader tells them apart.
    turns : frozenset of str or None
        The days on which it may come to something else (`geoinc.matching.same_then`); None where
        that may be any.
    """

    status: Status = "unresolved"
    place: Place | None = None
    spot: Place | None = None
    stage: str = ""
    score: float = 0.0
    why: str = ""
    sure: bool = False
    rivals: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    turns: frozenset[str] | None = frozenset()

    @property
    def two_sizes(self) -> bool:
        """Return whether the name is that of a governorate and of its city."""
        return self.place is not self.spot


def found_place(place: Place, stage: str, score: float, why: str, *, sure: bool) -> Found:
    """Return a place as what a name came to."""
    return Found("resolved", place, place, stage, score, why, sure)


def look_up(
    gazetteer: Search,
    name: str,
    *,
    country: str = "",
    admin1: str = "",
    admin2: str = "",
    kind: str = "",
    near: tuple[float, float] | None = None,
    date: str = "",
) -> Found:
    """Return what a name comes to, as the gazetteer decides; a name asked again costs nothing.

    Parameters
    ----------
    gazetteer : Search
        The places.
    name : str
        The name.
    country, admin1, admin2, kind, near, date
        Hints, as for `geoinc.Gazetteer.search`.

    Returns
    -------
    Found
        With the place where one is decided for.
    """
    # An answer is good for as long as the files stay as they are.
    version = getattr(gazetteer, "version", None)
    known = _known(gazetteer, version, name, country, admin1, admin2, kind, near)  # type: ignore[arg-type]  # a protocol does not say that objects hash
    for then, found in known:
        if same_then(date, then, found.turns):
            return found
    hints = {"country": country, "admin1": admin1, "admin2": admin2, "kind": kind, "near": near}
    found = _looked_up(gazetteer, name, date, **hints)
    known.append((date, found))
    return found


@lru_cache(maxsize=65536)
def _known(*asked: object) -> list[tuple[str, Found]]:  # noqa: ARG001  # a key of the cache
    """Return what was found for a name, and the dates it was asked for: one of each era."""
    return []


def is_written(gazetteer: Search, name: str) -> bool:
    """Return whether a name may be one as it is written; true where a gazetteer does not say.

    Parameters
    ----------
    gazetteer : Search
        The places.
    name : str
        The name.
    """
    return not hasattr(gazetteer, "is_written") or bool(gazetteer.is_written(name))


def _looked_up(gazetteer: Search, name: str, date: str, **hints: Any) -> Found:
    if hasattr(gazetteer, "dated_candidates"):
        rows, turns = gazetteer.dated_candidates(name, **hints, date=date)
    else:
        # It does not say on which days, so that each date is asked for.
        rows, turns = candidates_for(gazetteer, name, **hints, date=date), None
    decision = decide(rows)
    found = Found(
        status=decision.status,  # type: ignore[arg-type]  # a plain str there
        stage=rows[0].stage if rows else "",
        why=decision.reason,
        rivals=tuple(row.place_id for row in rows if row.stage in BY_WORDS),
        candidates=tuple(dict.fromkeys(described(row) for row in rows))[:5],
        turns=turns,
    )
    if decision.status != "resolved":
        return found
    row = next(row for row in rows if row.place_id == decision.place_ids[0])
    stage, score = row.stage, row.score
    place, *cities = (
        replace(gazetteer.place(place_id), match=stage, score=score, reason=decision.reason)
        for place_id in decision.place_ids
    )
    return replace(
        found,
        place=_city_or_governorate(place, cities[0]) if cities else place,
        spot=cities[0] if cities else place,
        stage=stage,
        score=score,
        sure=stage in BY_WORDS and score >= SURE_SCORE,
    )


def _city_or_governorate(area: Place, city: Place) -> Place:
    """Return a governorate with the city of its name as the likely centre."""
    radius_m = geodesy.farthest_m(city.longitude, city.latitude, area.footprint)
    return replace(
        area,
        place_id=f"{city.place_id}-or-{area.kind}",
        longitude=city.longitude,
        latitude=city.latitude,
        uncertainty_m=radius_m + area.boundary_error_m,
    )


def candidates_for(gazetteer: Search, name: str, **hints: Any) -> Sequence[Candidate]:
    """Return the candidates for a name, best first, from any gazetteer.

    Parameters
    ----------
    gazetteer : Search
        The places; a list from its ``candidates``, where it has that, costs less than a table.
    name : str
        The name.
    **hints
        As for `geoinc.Gazetteer.search`; what is blank is not passed on, so that a search without
        some of the hints will do.
    """
    hints = {hint: said for hint, said in hints.items() if said}
    if hasattr(gazetteer, "candidates"):
        found: Sequence[Candidate] = gazetteer.candidates(name, **hints)
        return found
    table = gazetteer.search(name, **hints)
    columns = [table[column].tolist() for column in Candidate.__dataclass_fields__]
    return [Candidate(*values) for values in zip(*columns, strict=True)]


def described(candidate: Candidate) -> str:
    """Return a candidate as a reader tells it from its namesakes."""
    parts = (candidate.kind, candidate.admin1, candidate.country)
    return f"{candidate.name} ({', '.join(filter(None, parts))})"
