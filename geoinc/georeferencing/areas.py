"""What each relation covers on the ground: the shapes, and how wide words are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from geoinc import geodesy
from geoinc.errors import LocalityError
from geoinc.localities import HEADINGS, MORE_THAN, Clause, stated_distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry

    from geoinc.places import Place

    Area = Polygon | MultiPolygon

# The figures are those of positions that maritime messages state both as "N miles DIRECTION of X"
# and as coordinates (334 messages; the four winds 124, the points between 210).

#: How far to either side "east of X" opens.  The textbook has 45 degrees for the four winds and
#: 22.5 for the eight (Chapman & Wieczorek 2020); of the measured positions 95 % lie within 29 and
#: 42.5.  Those are told with a distance, by sailors; 22.5 more are for
#: reporters who say "east".
HEADING_HALF_ANGLE_DEG = 67.5
#: The same with a distance.  Of the four winds 97.6 % lie within 45 degrees; "northeast" is used
#: for the whole quadrant and more.
FOUR_WINDS_HALF_ANGLE_DEG = 45.0
BETWEEN_WINDS_HALF_ANGLE_DEG = 55.0
#: True distance over stated distance, 2.5th and 97.5th percentile.
DISTANCE_RATIO = (0.85, 1.47)
#: What a distance with a direction holds: 95 % of the distances, 97.5 % of the headings.
OFFSET_COVERAGE = 0.93
#: What the other relations are meant to hold; nobody has measured them.
MEANT_COVERAGE = 0.95
#: What any relation holds when it is read as widely as its words may be taken.
WIDE_COVERAGE = 0.999

#: How far "east of X" goes beyond X where no other clause ends it, by the radius of X: to 5 km (a
#: village, a base), more (a city, a province).  Reporters call Balad, 70 km away, "north of
#: Baghdad"; of a village they would not.
HEADING_REACH_M = ((5_000.0, 50_000.0), (1e9, 100_000.0))
#: How far "near X" goes beyond X, by the radius of X: to 600 m (a building), 5 km (a village, a
#: base), 25 km (a city, a district), more (a province).
NEAR_REACH_M = ((600.0, 2_000.0), (5_000.0, 10_000.0), (25_000.0, 25_000.0), (1e9, 50_000.0))
#: How far "on the border" goes to either side.
BORDER_HALF_WIDTH_M = 10_000.0
#: Outlines from different maps run beside each other within their errors or this.
SAME_LINE_M = 5_000.0

#: Relations that are told from the city where a name may be the city or its governorate.
FROM_THE_SPOT = frozenset({"near", "around", "heading", "offset", "distance", "within", "between"})
#: Relations that have an area.
UNDERSTOOD = FROM_THE_SPOT | {"is", "in", "part", "border"}
#: Areas that share less than this of either only touch.
_SLIVER = 0.02
_FOUR_WINDS = frozenset({"north", "east", "south", "west"})


def area_of(
    clause: Clause, places: Sequence[Place], *, limits: Sequence[Area] = (), wide: bool = False
) -> Area:
    """Return the area that a clause speaks of.

    Parameters
    ----------
    clause : Clause
        What is said.
    places : sequence of Place
        The places it names, in its order.
    limits : sequence of shapely Polygon or MultiPolygon
        Areas of other clauses, degrees; a direction goes as far as they do.
    wide : bool
        As widely as the words may be taken (`WIDE_COVERAGE`), to tell whether clauses
        contradict each other.

    Returns
    -------
    shapely Polygon or MultiPolygon
        Degrees.  Empty where the clause speaks of nothing: a border that is none.

    Raises
    ------
    LocalityError
        For a clause that has no area yet; none is guessed.
    """
    known = clause.relation in UNDERSTOOD and clause.heading in {"", "centre", *HEADINGS}
    if not known or clause.distance.startswith(MORE_THAN):
        message = f"{str(clause)!r} is read but not understood: it has no area yet"
        raise LocalityError(message, str(clause))
    place = places[0]
    match clause.relation:
        case "part":
            # Of a governorate or its city the side of either.
            sides = [place.footprint if wide else _part(place, clause.heading) for place in places]
            area = geodesy.polygons(shapely.union_all(sides))
        case "near" | "around":
            reach_m = near_reach_m(place) * (3 if wide else 1)
            area = geodesy.buffer(place.footprint, reach_m)
            if clause.relation == "near" and not wide:
                area = _without(area, place)
        case "heading":
            area = _heading(place, clause.heading, limits, wide=wide)
        case "offset" | "distance" | "within":
            area = _at_distance(place, clause, wide=wide)
        case "between":
            area = _between(places[0], places[-1], wide=wide)
        case "border":
            area = _border(places, wide=wide)
        case _:
            area = place.footprint
            if wide and place.boundary_error_m:
                area = geodesy.buffer(area, 3 * place.boundary_error_m)
    return area


def coverage_of(clause: Clause) -> float:
    """Return how often the area of a clause is meant to hold the truth, 0..1."""
    if clause.relation in {"is", "in"}:
        return 1.0
    return OFFSET_COVERAGE if clause.relation == "offset" else MEANT_COVERAGE


def extent_m(place: Place) -> float:
    """Return how far a thing itself reaches from its centre, in metres."""
    return max(0.0, place.uncertainty_m - place.position_error_m - place.boundary_error_m)


def near_reach_m(place: Place) -> float:
    """Return how far beyond a place "near" goes, in metres."""
    return _by_size(NEAR_REACH_M, place)


def _by_size(brackets: tuple[tuple[float, float], ...], place: Place) -> float:
    return next(reach for radius, reach in brackets if extent_m(place) <= radius)


def _without(area: Area, place: Place) -> Area:
    """Leave the thing itself out: what is near it or east of it is not in it.

    Of a thing that is known worse than it is large nobody can say where it is not.
    """
    if place.position_error_m > extent_m(place):
        return area
    return geodesy.polygons(area.difference(place.footprint))


def _part(place: Place, heading: str) -> Area:
    """Return what lies of a place on one side of its middle, or within half of its radius."""
    if heading != "centre":
        return geodesy.side(place.footprint, HEADINGS[heading])
    longitude, latitude, radius_m = geodesy.enclosing_circle(place.footprint)
    core = geodesy.disc(longitude, latitude, radius_m / 2)
    return geodesy.polygons(place.footprint.intersection(core))


def _heading(place: Place, heading: str, limits: Sequence[Area], *, wide: bool) -> Area:
    """Return what lies beyond a place in a direction."""
    if limits:
        ends = (geodesy.farthest_m(place.longitude, place.latitude, limit) for limit in limits)
        reach_m = max(1000.0, min(ends))
    else:
        reach_m = extent_m(place) + _by_size(HEADING_REACH_M, place) * (3 if wide else 1)
    half_angle_deg = 90.0 if wide else HEADING_HALF_ANGLE_DEG
    cone = geodesy.sector(
        place.longitude, place.latitude, HEADINGS[heading], half_angle_deg, reach_m
    )
    # Seen from any point of a town or a base; of a province from its middle, or "east of Anbar"
    # would begin in the west.
    if place.shape != "polygon":
        cone = geodesy.buffer(cone, place.uncertainty_m)
    return cone if wide else _without(cone, place)


def _at_distance(place: Place, clause: Clause, *, wide: bool) -> Area:
    """Return what lies at a distance from any point of a place, in a direction if one is told."""
    low_m, high_m = stated_distance(clause.distance)
    if clause.relation == "within":
        low_m = 0.0
    else:
        number_m = (low_m + high_m) / 2
        low_m = min(low_m, number_m * DISTANCE_RATIO[0])
        high_m = max(high_m, number_m * DISTANCE_RATIO[1])
    if wide:
        low_m, high_m = low_m / 2, high_m * 2
    half_angle_deg = 180.0
    if clause.heading:
        winds = clause.heading in _FOUR_WINDS
        half_angle_deg = FOUR_WINDS_HALF_ANGLE_DEG if winds else BETWEEN_WINDS_HALF_ANGLE_DEG
        half_angle_deg = 90.0 if wide else half_angle_deg
    towards = HEADINGS.get(clause.heading, 0.0)
    if place.shape == "polygon":
        # Of a province or a border the distance is told from its edge.
        beyond = geodesy.buffer(place.footprint, high_m)
        reach_m = place.uncertainty_m + high_m
        cone = geodesy.sector(
            place.longitude,
            place.latitude,
            towards,
            max(half_angle_deg, HEADING_HALF_ANGLE_DEG),
            2 * reach_m,
        )
        return _without(geodesy.polygons(beyond.intersection(cone)), place)
    area = geodesy.sector(
        place.longitude, place.latitude, towards, half_angle_deg, high_m, inner_m=low_m
    )
    return geodesy.buffer(area, place.uncertainty_m)


def _between(one: Place, other: Place, *, wide: bool) -> Area:
    """Return the smallest circle around both places, as those who georeference by hand do."""
    both = shapely.union_all([one.footprint, other.footprint])
    longitude, latitude, radius_m = geodesy.enclosing_circle(both)
    return geodesy.disc(longitude, latitude, radius_m * (1.5 if wide else 1))


def _border(places: Sequence[Place], *, wide: bool) -> Area:
    """Return a strip along the line that two places share; of one place along its outline."""
    one, error_m = places[0], sum(place.boundary_error_m for place in places)
    line: BaseGeometry = one.footprint.boundary
    if len(places) > 1:
        beside = geodesy.buffer(places[1].footprint, max(SAME_LINE_M, error_m))
        line = line.intersection(beside)
    if line.is_empty:
        return shapely.MultiPolygon()
    return geodesy.buffer(line, BORDER_HALF_WIDTH_M * (3 if wide else 1) + error_m)


def agree(one: Area, other: Area) -> bool:
    """Return whether two areas meet by more than the slivers that drawn outlines leave."""
    return share(one, other) > _SLIVER or share(other, one) > _SLIVER


def share(one: Area, other: Area) -> float:
    """Return the share of an area that lies in another."""
    return float(one.intersection(other).area / one.area) if one.intersects(other) else 0.0
