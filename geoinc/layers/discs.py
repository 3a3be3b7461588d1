"""Discs around very many points at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoinc.geodesy import disc
from geoinc.geopackage import CORNERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Equatorial radius of WGS84 in metres, and the square of its eccentricity.
_RADIUS_M, _E2 = 6_378_137.0, 0.00669437999014

#: Up to here the series below is good: metres, degrees.
_REACH_M, _LATITUDE_DEG = 60_000.0, 60.0
#: What it leaves out, at most, as a share of the radius; discs are wider by it.
_SLACK = 1.001

#: So many discs are computed at once as fit in the processor's cache.
_BLOCK = 5_000


def discs(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], radius_m: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return the areas within a distance of points, as `geoinc.geodesy.disc` does for one.

    Parameters
    ----------
    longitude, latitude : array of float
        Centres, degrees on WGS84.
    radius_m : array of float
        Metres, more than 0.

    Returns
    -------
    array of shapely Polygon or MultiPolygon
        Each holds its whole circle, and is the same in whatever company.  Small ones have fewer
        corners (`geoinc.geopackage.CORNERS`), which lie at most 35 m outside it; the others are
        up to 0.3 % wider in radius.

    Notes
    -----
    Small discs away from the poles are computed by the series of the direct geodesic problem in
    the distance, to its third order, with the radii of curvature at the centre; what it leaves
    out is less than 0.1 % of the radius.  The others are computed one by one.

    Examples
    --------
    >>> import numpy as np
    >>> (found,) = discs(np.array([44.0]), np.array([33.0]), np.array([10_000.0]))
    >>> found.contains(disc(44, 33, 9_900))
    True
    """
    found = np.full(len(longitude), None, dtype=object)
    reach_deg = np.degrees(radius_m / _RADIUS_M) * 3
    small = (radius_m <= _REACH_M) & (np.abs(latitude) <= _LATITUDE_DEG)
    small &= np.abs(longitude) + reach_deg < 180
    low_m = 0.0
    for corners, high_m in CORNERS:
        at = np.flatnonzero(small & (radius_m > low_m) & (radius_m <= high_m))
        for first in range(0, len(at), _BLOCK):
            block = at[first : first + _BLOCK]
            found[block] = _polygons(
                _corners(longitude[block], latitude[block], radius_m[block], corners)
            )
        low_m = high_m
    for i in np.flatnonzero(~small):
        found[i] = disc(float(longitude[i]), float(latitude[i]), float(radius_m[i]))
    return found


def _polygons(corners: NDArray[np.float64]) -> NDArray[Any]:
    """Return the polygons of rings that all have as many corners."""
    starts = np.arange(len(corners) + 1)
    rings = starts * corners.shape[1]
    return shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, corners.reshape(-1, 2), (rings, starts)
    )


def _corners(
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    radius_m: NDArray[np.float64],
    corners: int,
) -> NDArray[np.float64]:
    phi = np.radians(latitude)[:, None]
    tangent = np.tan(phi)
    slope = 1 + 3 * tangent**2
    bent = 1 - _E2 * np.sin(phi) ** 2
    # Corners lie outside the circle: nothing is cut off.
    away = radius_m[:, None] * _SLACK / np.cos(np.pi / corners)
    # Counter-clockwise, as outer rings are, and closed.
    azimuths = np.linspace(2 * np.pi, 0, corners + 1)
    north = away * bent**1.5 / (_RADIUS_M * (1 - _E2)) * np.cos(azimuths)
    east = away * np.sqrt(bent) / _RADIUS_M * np.sin(azimuths)
    square = east**2
    dphi = north - square * (tangent / 2 + north * slope / 6)
    dlambda = east * (1 + north * (tangent + north * slope / 3) - square * tangent**2 / 3)
    found = np.empty((len(longitude), corners + 1, 2))
    found[:, :, 0] = longitude[:, None] + np.degrees(dlambda / np.cos(phi))
    found[:, :, 1] = latitude[:, None] + np.degrees(dphi)
    found[:, -1] = found[:, 0]
    return found
