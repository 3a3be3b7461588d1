"""Coordinates against the area of a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoinc import geodesy

if TYPE_CHECKING:
    from geoinc.places import Place

    Floats = np.ndarray[Any, np.dtype[np.float64]]

#: How far from a place coordinates may lie and still be those of it, besides what is known of its
#: errors: coders take another point of a town, a base or an outline for its centre.
TOLERANCE_M = 10_000.0


def outside_m(place: Place, longitudes: Floats, latitudes: Floats) -> Floats:
    """Return how far points lie outside a place, in metres; 0 inside.

    What the outline or the position of the place may be wrong by is taken off.

    Parameters
    ----------
    place : Place
        The area.
    longitudes, latitudes : array
        Degrees.
    """
    area = place.footprint
    shapely.prepare(area)
    # An area that crosses the antimeridian is in two parts, one at either end of the map.
    away = ~shapely.intersects_xy(area, longitudes, latitudes)
    found = np.zeros(len(longitudes))
    for i in np.flatnonzero(away):
        found[i] = _nearest_m(area, float(longitudes[i]), float(latitudes[i]))
    slack_m = 2 * place.boundary_error_m + place.position_error_m
    return np.maximum(0.0, found - slack_m)


def _nearest_m(area: shapely.Geometry, longitude: float, latitude: float) -> float:
    """Return the distance from a point to an area, in metres.

    The nearest point is looked for with longitudes shrunk as they are at the
    point's latitude: close by it is the nearest, far off it is near enough.
    """
    shrink = max(np.cos(np.radians(latitude)), 0.01)
    flat = shapely.transform(area, lambda spots: spots * [shrink, 1.0])
    distances = []
    for turn in (-360.0, 0.0, 360.0):
        point = shapely.Point((longitude + turn) * shrink, latitude)
        spot = shapely.get_point(shapely.shortest_line(flat, point), 0)
        distance, _ = geodesy.inverse(longitude, latitude, spot.x / shrink, spot.y)
        distances.append(float(distance))
    return min(distances)
