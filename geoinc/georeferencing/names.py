"""From the name in a clause to the place it means, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from geoinc import geodesy
from geoinc.gazetteer import decide

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from geoinc.gazetteer import Search
    from geoinc.places import Place

Status = Literal["resolved", "ambiguous", "unresolved", "not told"]

#: Stages of the search that find a name by its words, not by its consonants or likeness.
AS_WRITTEN = frozenset({"exact", "fold"})
BY_WORDS = AS_WRITTEN | {"core"}
#: Below this the score leaves room for another place.
_SURE_SCORE = 0.8


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

    @property
    def two_sizes(self) -> bool:
        """Return whether the name is that of a governorate and of its city."""
        return self.place is not self.spot


def found_place(place: Place, stage: str, score: float, why: str, *, sure: bool) -> Found:
    """Return a place as what a name came to."""
    return Found("resolved", place, place, stage, score, why, sure)


@lru_cache(maxsize=8192)
def look_up(
    gazetteer: Search,
    name: str,
    *,
    country: str = "",
    admin1: str = "",
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
    country, admin1, near, date
        Hints, as for `geoinc.Gazetteer.search`.

    Returns
    -------
    Found
        With the place where one is decided for.
    """
    table = gazetteer.search(name, country=country, admin1=admin1, near=near, date=date)
    decision = decide(table)
    rows = table.to_dict("records")
    found = Found(
        status=decision.status,  # type: ignore[arg-type]  # a plain str there
        stage=str(rows[0]["stage"]) if rows else "",
        why=decision.reason,
        rivals=tuple(str(row["place_id"]) for row in rows if row["stage"] in BY_WORDS),
        candidates=tuple(dict.fromkeys(_described(row) for row in rows))[:5],
    )
    if decision.status != "resolved":
        return found
    row = next(row for row in rows if row["place_id"] == decision.place_ids[0])
    stage, score = str(row["stage"]), float(row["score"])
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
        sure=stage in BY_WORDS and score >= _SURE_SCORE,
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


def _described(row: Mapping[Hashable, object]) -> str:
    where = ", ".join(str(row[key]) for key in ("kind", "admin1", "country") if row[key])
    return f"{row['name']} ({where})"
