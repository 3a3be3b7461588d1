"""The circles of the point-radius method, of places and of clauses."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from geoinc import geodesy
from geoinc.georeferencing.headings import numbers_of
from geoinc.georeferencing.point_radius import (
    PointRadius,
    distance_radius_m,
    half_precision,
    heading_radius_m,
    offset_point,
    orthogonal_radius_m,
    textbook_half_angle_deg,
)
from geoinc.localities import MORE_THAN, Clause, azimuth_deg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoinc.places import Place

#: The guides count on a flat earth; from here on that is wrong by more than a town.
FLAT_M = 100_000.0


def as_circle(
    place: Place, parts: Sequence[tuple[Clause, Sequence[Place]]], rule: PointRadius
) -> Place:
    """Return a place as the circle that the point-radius method gives it.

    Distances, headings and orthogonal distances by the formulas of the guides; everything else
    the smallest circle around the area.

    Parameters
    ----------
    place : Place
        The place as an area.
    parts : sequence of (Clause, sequence of Place)
        The clauses it is made of, with the places they name; none of a named place.
    rule : PointRadius
        How precise numbers are, and how long a mile is.

    Returns
    -------
    Place
        Its footprint is a disc.
    """
    told = _circle(*parts[0], rule) if len(parts) == 1 else None
    longitude, latitude, radius_m = told or (
        place.longitude,
        place.latitude,
        max(place.uncertainty_m, 1.0),
    )
    return replace(
        place,
        longitude=longitude,
        latitude=latitude,
        uncertainty_m=radius_m,
        boundary_error_m=0.0,
        footprint=geodesy.disc(longitude, latitude, radius_m),
        shape=f"disc radius_m={radius_m:g}",
    )


def _circle(
    clause: Clause, places: Sequence[Place], rule: PointRadius
) -> tuple[float, float, float] | None:
    """Return centre and radius of a clause that the guides have a formula for."""
    if clause.relation not in {"offset", "distance", "orthogonal"}:
        return None
    if clause.distance.startswith(MORE_THAN) or clause.other_distance.startswith(MORE_THAN):
        return None
    place = places[0]
    distance_m, precision_m = _stated(clause.distance, rule)
    if clause.relation == "distance":
        radius_m = distance_radius_m(distance_m, place.uncertainty_m + precision_m)
        return place.longitude, place.latitude, radius_m
    azimuth = azimuth_deg(clause.heading)
    longitude, latitude = _beside(place.longitude, place.latitude, azimuth, distance_m)
    if clause.relation == "orthogonal":
        other_m, other_precision_m = _stated(clause.other_distance, rule)
        other = azimuth_deg(clause.other_heading)
        longitude, latitude = _beside(longitude, latitude, other, other_m, at=place.latitude)
        precision_m = max(precision_m, other_precision_m)
        return longitude, latitude, orthogonal_radius_m(precision_m, place.uncertainty_m)
    half_deg = 1.0 if clause.heading.endswith("°") else textbook_half_angle_deg(azimuth)
    errors_m = place.uncertainty_m + precision_m
    return longitude, latitude, heading_radius_m(distance_m, half_deg, errors_m)


def _stated(distance: str, rule: PointRadius) -> tuple[float, float]:
    """Return a distance and how far it may be off, metres; of a range the middle and the half."""
    least, greatest, unit_m = numbers_of(distance)
    if distance.endswith(" miles") and not distance.endswith("nautical miles"):
        unit_m = rule.mile_m
    low, high = float(least), float(greatest)
    off = max(half_precision(number, rule.distance_precision) for number in (least, greatest))
    return (low + high) / 2 * unit_m, ((high - low) / 2 + off) * unit_m


def _beside(
    longitude: float, latitude: float, azimuth: float, distance_m: float, *, at: float | None = None
) -> tuple[float, float]:
    """Return the point at a distance; on a flat earth with the degrees of the latitude `at`."""
    if distance_m > FLAT_M:
        far_lon, far_lat = geodesy.direct(longitude, latitude, azimuth, distance_m)
        return float(far_lon), float(far_lat)
    lon, lat = offset_point(
        longitude,
        latitude if at is None else at,
        east_m=distance_m * math.sin(math.radians(azimuth)),
        north_m=distance_m * math.cos(math.radians(azimuth)),
    )
    return lon, lat if at is None else lat - at + latitude
