"""Points in space: straight distances through the earth, and what they say on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: WGS84: half of the longer axis in metres, and the first eccentricity squared.
_A = 6_378_137.0
_ES = 0.006694379990141317
#: Mean radius of the earth, metres.
MEAN_RADIUS_M = 6_371_008.8
#: Least and greatest radius of curvature on the ellipsoid (meridian at the equator, and the
#: poles), a hair wider.
_LEAST_RADIUS_M = _A * (1 - _ES) * 0.999999
_GREATEST_RADIUS_M = _A / np.sqrt(1 - _ES) * 1.000001


def in_space(points: Floats) -> Floats:
    """Return earth-centred coordinates, metres, of points in degrees; the last axis is the point."""
    lon, lat = np.radians(points[..., 0]), np.radians(points[..., 1])
    normal = _A / np.sqrt(1 - _ES * np.sin(lat) ** 2)
    across = normal * np.cos(lat)
    upward = normal * (1 - _ES) * np.sin(lat)
    return np.asarray(np.stack([across * np.cos(lon), across * np.sin(lon), upward], axis=-1))


def degrees_of(spots: Floats) -> Floats:
    """Return longitude and latitude of points on or just below the ground."""
    across = np.hypot(spots[..., 0], spots[..., 1])
    lon = np.arctan2(spots[..., 1], spots[..., 0])
    lat = np.arctan2(spots[..., 2], (1 - _ES) * across)
    return np.asarray(np.degrees(np.stack([lon, lat], axis=-1)))


def straight_m(a: Floats, b: Floats) -> Floats:
    """Return straight distances between points in space, all pairs; right to a millimetre."""
    # Seen from one of the points, or the digits would go into the radius of the earth.
    a, b = a - b[0], b - b[0]
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * (a @ b.T)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def ground_m(straight_m: Floats) -> Floats:
    """Return distances on the ground for straight ones, as on a sphere.

    Right to 0.02 % up to 5,000 km and 0.2 % up to 10,000 km.
    """
    return _arc(straight_m, MEAN_RADIUS_M)


def ground_bounds_m(straight_m: Floats) -> tuple[Floats, Floats]:
    """Return what a geodesic of a straight distance is at least and at most.

    A curve is the longer for its chord the more it bends, and none on the
    ellipsoid bends less or more than its radii of curvature allow.
    """
    return _arc(straight_m, _GREATEST_RADIUS_M), _arc(straight_m, _LEAST_RADIUS_M)


def _arc(straight_m: Floats, radius_m: float) -> Floats:
    return np.asarray(2 * radius_m * np.arcsin(np.minimum(straight_m / (2 * radius_m), 1.0)))
