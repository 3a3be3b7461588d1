"""What each relation covers on the ground: the shapes, and how wide words are."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoinc import geodesy
from geoinc.georeferencing.headings import (
    ALONE_HALF_ANGLE_DEG,
    OFFSET_COVERAGE,
    half_angle_deg,
    true_distance,
)
from geoinc.localities import Clause, azimuth_deg, stated_distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry

    from geoinc.georeferencing.headings import Headings
    from geoinc.places import Place

    Area = Polygon | MultiPolygon

#: What the other relations are meant to hold; nobody has measured them.
MEANT_COVERAGE = 0.95
#: What any relation holds when it is read as widely as its words may be taken.
WIDE_COVERAGE = 0.999

# How far a distance with a heading goes is measured (`geoinc.georeferencing.headings`).  All that
# follows here is judged.

#: How far "east of X" goes beyond X where no other clause ends it, by the radius of X: to 5 km (a
#: village, a base), more (a city, a province).  Reporters call Balad, 70 km away, "north of
#: Baghdad"; of a village they would not.
HEADING_REACH_M = ((5_000.0, 50_000.0), (1e9, 100_000.0))
#: How far "near X" goes beyond X, by the radius of X: to 600 m (a building), 5 km (a village, a
#: base), 25 km (a city, a district), more (a province).
NEAR_REACH_M = ((600.0, 2_000.0), (5_000.0, 10_000.0), (25_000.0, 25_000.0), (1e9, 50_000.0))
#: How far "on the border" goes to either side.
BORDER_HALF_WIDTH_M = 10_000.0
#: How far "along X" goes to either side of X.
ALONG_HALF_WIDTH_M = 5_000.0
#: How far a road strays from the straight way, as a share of that way.
ROAD_DETOUR = 0.15
#: How far from the middle "halfway" may be, as a share of the way.
HALFWAY_SHARE = 0.125
#: How far from either of two lines their junction may be: they are drawn that well.
JUNCTION_REACH_M = 1_000.0
#: Outlines from different maps run beside each other within their errors or this.
SAME_LINE_M = 5_000.0

#: Relations that are told from the city where a name may be the city or its governorate.
FROM_THE_SPOT = frozenset(
    {
        "near", "around", "outside", "outskirts", "heading", "offset", "orthogonal", "distance",
        "within", "between", "halfway", "road",
    }
)  # fmt: skip
#: Areas that share less than this of either only touch.
_SLIVER = 0.02


def area_of(  # noqa: C901, PLR0912  # one branch a relation
    clause: Clause,
    places: Sequence[Place],
    *,
    limits: Sequence[Area] = (),
    wide: bool = False,
    headings: Headings = "calibrated",
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
    headings : {"calibrated", "compass"}
        How far headings and distances stray: as measured, or by the textbook.

    Returns
    -------
    shapely Polygon or MultiPolygon
        Degrees.  Empty where the clause speaks of nothing: a border that is none.

    Raises
    ------
    ValueError
        Where a shape would lie over a pole or reach around the earth.
    """
    match clause.relation:
        case "coordinates":
            area = _position(clause)
        case "part":
            # Of a governorate or its city the side of either.
            sides = [place.footprint if wide else _part(place, clause.heading) for place in places]
            area = geodesy.polygons(shapely.union_all(sides))
        case "near" | "around" | "outside":
            reach_m = near_reach_m(places[0]) * (3 if wide else 1)
            area = geodesy.buffer(places[0].footprint, reach_m)
            if clause.relation != "around" and not wide:
                area = _without(area, places[0])
        case "outskirts":
            area = _outskirts(places[0], clause.heading, wide=wide)
        case "heading":
            area = _heading(places[0], clause.heading, limits, wide=wide, headings=headings)
        case "offset" | "distance" | "within":
            area = _at_distance(places[0], clause, wide=wide, headings=headings)
        case "orthogonal":
            area = _orthogonal(places[0], clause, wide=wide, headings=headings)
        case "between":
            area = _between(places[0], places[-1], wide=wide)
        case "halfway":
            area = _halfway(places[0], places[-1], wide=wide)
        case "along":
            area = _widened(places[0].footprint, ALONG_HALF_WIDTH_M * (3 if wide else 1))
        case "road":
            area = _road(places[0], places[-1], wide=wide)
        case "junction":
            area = _junction(places[0], places[-1], wide=wide)
        case "border":
            area = _border(places, wide=wide)
        case _:
            area = places[0].footprint
            error_m = places[0].boundary_error_m * (3 if wide else 1)
            # The place is its outline; what lies in it may lie in what the outline misses.
            if error_m and (wide or clause.relation == "in"):
                area = _widened(area, error_m)
    return area


def coverage_of(clause: Clause, headings: Headings = "calibrated") -> float:
    """Return how often the area of a clause is meant to hold the truth, 0..1."""
    if clause.relation in {"is", "in", "coordinates"}:
        return 1.0
    return OFFSET_COVERAGE[headings] if clause.relation == "offset" else MEANT_COVERAGE


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
        return geodesy.side(place.footprint, azimuth_deg(heading))
    longitude, latitude, radius_m = geodesy.enclosing_circle(place.footprint)
    core = geodesy.disc(longitude, latitude, radius_m / 2)
    return geodesy.polygons(place.footprint.intersection(core))


def _position(clause: Clause) -> Area:
    """Return what lies within the uncertainty of coordinates."""
    longitude, latitude, uncertainty_m = clause.longitude, clause.latitude, clause.uncertainty_m
    if longitude is None or latitude is None or uncertainty_m is None:
        message = f"{clause!r} has no position"
        raise ValueError(message)
    return geodesy.disc(longitude, latitude, uncertainty_m)


@lru_cache(maxsize=256)
def _widened(area: Area, distance_m: float) -> Area:
    """Return the area within a distance; the same few provinces are asked for again and again."""
    return geodesy.buffer(area, distance_m)


def _outskirts(place: Place, heading: str, *, wide: bool) -> Area:
    """Return the edge of a place, from within and without, on one side where one is told."""
    reach_m = min(near_reach_m(place), max(1000.0, extent_m(place))) * (3 if wide else 1)
    area = geodesy.buffer(place.footprint, reach_m)
    if wide:
        return area
    if place.position_error_m <= extent_m(place):
        area = geodesy.polygons(area.difference(_part(place, "centre")))
    return geodesy.side(area, azimuth_deg(heading)) if heading else area


def _heading(
    place: Place, heading: str, limits: Sequence[Area], *, wide: bool, headings: Headings
) -> Area:
    """Return what lies beyond a place in a direction."""
    if limits:
        ends = (geodesy.farthest_m(place.longitude, place.latitude, limit) for limit in limits)
        reach_m = max(1000.0, min(ends))
    else:
        reach_m = extent_m(place) + _by_size(HEADING_REACH_M, place) * (3 if wide else 1)
    half_deg = 90.0 if wide else half_angle_deg(heading, headings, alone=True)
    cone = geodesy.sector(place.longitude, place.latitude, azimuth_deg(heading), half_deg, reach_m)
    # Seen from any point of a town or a base; of a province from its middle, or "east of Anbar"
    # would begin in the west.
    if place.shape != "polygon":
        cone = geodesy.buffer(cone, place.uncertainty_m)
    return cone if wide else _without(cone, place)


def _at_distance(place: Place, clause: Clause, *, wide: bool, headings: Headings) -> Area:
    """Return what lies at a distance from any point of a place, in a direction if one is told."""
    if clause.relation == "within":
        low_m, high_m = 0.0, stated_distance(clause.distance)[1]
    else:
        low_m, high_m = true_distance(clause.distance, headings)
    if wide:
        low_m, high_m = low_m / 2, high_m * 2
    half_deg, towards = 180.0, 0.0
    if clause.heading:
        towards = azimuth_deg(clause.heading)
        half_deg = 90.0 if wide else half_angle_deg(clause.heading, headings)
    if place.shape == "polygon":
        # Of a province or a border the distance is told from its edge.
        beyond = geodesy.buffer(place.footprint, high_m)
        cone = geodesy.sector(
            place.longitude,
            place.latitude,
            towards,
            max(half_deg, ALONE_HALF_ANGLE_DEG),
            2 * (place.uncertainty_m + high_m),
        )
        return _without(geodesy.polygons(beyond.intersection(cone)), place)
    area = geodesy.sector(place.longitude, place.latitude, towards, half_deg, high_m, inner_m=low_m)
    return geodesy.buffer(area, place.uncertainty_m)


def _orthogonal(place: Place, clause: Clause, *, wide: bool, headings: Headings) -> Area:
    """Return what lies so far in one direction and then so far in another."""
    legs = []
    for distance, heading in (
        (clause.distance, clause.heading),
        (clause.other_distance, clause.other_heading),
    ):
        low_m, high_m = true_distance(distance, headings)
        bounds_m = (low_m / 2, high_m * 2) if wide else (low_m, high_m)
        legs.append((azimuth_deg(heading), bounds_m))
    (first, (low_m, high_m)), (second, (other_low_m, other_high_m)) = legs
    # Round the four corners, so that they make no bow.
    ends_m = [low_m, low_m, high_m, high_m]
    longitude, latitude = geodesy.direct(place.longitude, place.latitude, first, ends_m)
    other_ends_m = [other_low_m, other_high_m, other_high_m, other_low_m]
    longitude, latitude = geodesy.direct(longitude, latitude, second, other_ends_m)
    # Beyond 180 degrees rather than around the earth.
    longitude = (longitude - place.longitude + 180) % 360 - 180 + place.longitude
    block = shapely.Polygon(np.column_stack([longitude, latitude]))
    return geodesy.buffer(block, max(place.uncertainty_m, 1.0))


def _between(one: Place, other: Place, *, wide: bool) -> Area:
    """Return the smallest circle around both places, as those who georeference by hand do."""
    both = shapely.union_all([one.footprint, other.footprint])
    longitude, latitude, radius_m = geodesy.enclosing_circle(both)
    return geodesy.disc(longitude, latitude, radius_m * (1.5 if wide else 1))


def _halfway(one: Place, other: Place, *, wide: bool) -> Area:
    """Return what may be taken for the middle of the way between two places."""
    longitude, latitude, way_m = _middle_of_way(one, other)
    extent = (one.uncertainty_m + other.uncertainty_m) / 2
    return geodesy.disc(longitude, latitude, way_m * HALFWAY_SHARE * (2 if wide else 1) + extent)


def _road(one: Place, other: Place, *, wide: bool) -> Area:
    """Return a corridor from one place to another; which way the road takes is not known."""
    longitude, latitude, way_m = _middle_of_way(one, other)
    ends = [(place.longitude, place.latitude) for place in (one, other)]
    start, _ = geodesy.inverse(longitude, latitude, *ends[0])
    _, azimuths = geodesy.inverse(longitude, latitude, *np.transpose(ends))
    steps = np.linspace(0, float(start), 9)[1:]
    lon, lat = geodesy.direct(
        longitude,
        latitude,
        np.concatenate([np.full(8, azimuths[0]), [0], np.full(8, azimuths[1])]),
        np.concatenate([steps[::-1], [0], steps]),
    )
    # Points rather than a line: nothing tells shapely on which side of the earth a line runs.
    half_width_m = max(1000.0, way_m * ROAD_DETOUR * (2 if wide else 1))
    corridor = geodesy.buffer(shapely.MultiPoint(np.column_stack([lon, lat])), half_width_m)
    return geodesy.polygons(shapely.union_all([corridor, one.footprint, other.footprint]))


def _middle_of_way(one: Place, other: Place) -> tuple[float, float, float]:
    """Return the middle between two places, degrees, and how far they are apart, metres."""
    way_m, azimuth = geodesy.inverse(one.longitude, one.latitude, other.longitude, other.latitude)
    longitude, latitude = geodesy.direct(one.longitude, one.latitude, azimuth, way_m / 2)
    return float(longitude), float(latitude), float(way_m)


def _junction(one: Place, other: Place, *, wide: bool) -> Area:
    """Return where two lines or areas meet, as well as they are drawn."""
    areas = [
        _widened(place.footprint, JUNCTION_REACH_M * (3 if wide else 1) + place.boundary_error_m)
        for place in (one, other)
    ]
    return geodesy.polygons(areas[0].intersection(areas[1]))


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
