"""How a distance and an azimuth spread when both ends may be anywhere in their areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geoinc.geodesy import inverse
from geoinc.space import MEAN_RADIUS_M, degrees_of, ground_m, in_space

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.uncertainty import Areas

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: How many positions stand for an area.
DRAWS = 128
#: Direction numbers of Sobol's sequence, 7 bits, a row for each column (Joe & Kuo 2008,
#: "Constructing Sobol sequences with better two-dimensional projections").
_DIRECTIONS = np.array(
    [
        (64, 32, 16, 8, 4, 2, 1),
        (64, 96, 80, 120, 68, 102, 85),
        (64, 96, 48, 72, 116, 46, 71),
        (64, 96, 16, 40, 124, 58, 81),
        (64, 32, 16, 88, 124, 110, 61),
        (64, 32, 48, 24, 100, 18, 43),
        (64, 96, 80, 104, 44, 74, 31),
        (64, 32, 80, 40, 68, 18, 9),
    ]
)
#: How many pairs are held in memory at once.
_BLOCK = 4096
#: Discs of less than this, metres, are flat but for the drop of the horizon.
_SMALL_M = 1.0e5
#: Beyond this, metres, straight distances say too little of the way over the ground.
_FAR_M = 1.0e7


def lattice(columns: int) -> Floats:
    """Return `DRAWS` positions in a cube, evenly spread: Sobol's sequence, so nothing is random.

    SciPy's has the same figures, and takes a second to import.
    """
    number = np.arange(DRAWS)
    bits = (number ^ number >> 1)[:, None] >> np.arange(7) & 1
    parts = [np.bitwise_xor.reduce(bits * row, axis=1) for row in _DIRECTIONS[:columns]]
    # In the middle of their cells: the sequence begins in a corner.
    return np.column_stack(parts) / DRAWS + 0.5 / DRAWS


def positions(areas: Areas, which: Ints, cube: Floats) -> NDArray[np.float32]:
    """Return points in space that stand for places: place, draw, coordinate.

    Parameters
    ----------
    areas : Areas
        The footprints.
    which : array of int
        The places.
    cube : array of float, four columns
        Two numbers for the position in the extent, two for the error of the centre.
    """
    spots = np.empty((len(which), len(cube), 3), dtype=np.float32)
    small = areas.is_disc[which] & (areas.error_m + areas.outer_m <= _SMALL_M)[which]
    for start in range(0, len(which), _BLOCK):
        some = np.arange(start, min(start + _BLOCK, len(which)))
        discs, rest = some[small[some]], some[~small[some]]
        spots[discs] = _in_discs(areas, which[discs], cube)
        numbers = np.tile(cube, (len(rest), 1))
        drawn = areas.positions(np.repeat(which[rest], len(cube)), numbers[:, :2], numbers[:, 2:])
        spots[rest] = in_space(np.column_stack(drawn)).reshape(len(rest), len(cube), 3)
    return spots


def _in_discs(areas: Areas, which: Ints, cube: Floats) -> Floats:
    """Return what `Areas.positions` gives of small discs, on the sphere that fits: to 10 m."""
    lon, lat = np.radians(areas.centre[which]).T[:, :, None]
    away = np.stack(
        [
            radius_m[which, None] * np.sqrt(cube[:, out]) * turn(2 * np.pi * cube[:, around])
            for radius_m, around, out in ((areas.outer_m, 0, 1), (areas.error_m, 2, 3))
            for turn in (np.sin, np.cos)
        ]
    )
    east, north = away[0] + away[2], away[1] + away[3]
    up = -(east**2 + north**2) / (2 * MEAN_RADIUS_M)
    outward = up * np.cos(lat) - north * np.sin(lat)
    offset = [
        outward * np.cos(lon) - east * np.sin(lon),
        outward * np.sin(lon) + east * np.cos(lon),
        north * np.cos(lat) + up * np.sin(lat),
    ]
    return np.asarray(in_space(areas.centre[which])[:, None] + np.stack(offset, axis=-1))


def pair_spread(areas: Areas, one: Ints, other: Ints, distance_m: Floats) -> dict[str, Floats]:
    """Return quantiles of the distance, and mean and spread of the azimuth, of each pair.

    Parameters
    ----------
    areas : Areas
        The footprints.
    one, other : array of int
        Places; each pair once is enough.
    distance_m : array of float
        Between the centres.

    Returns
    -------
    dict of str to array
        ``q05_m``, ``q50_m``, ``q95_m``, ``azimuth_mean_deg``, ``azimuth_spread_deg``.
    """
    # The better columns, the first, are for where in the extents.
    cube = lattice(8)
    from_places, from_which = np.unique(one, return_inverse=True)
    to_places, to_which = np.unique(other, return_inverse=True)
    starts = positions(areas, from_places, cube[:, [0, 1, 4, 5]])
    ends = positions(areas, to_places, cube[:, [2, 3, 6, 7]])
    figures = np.empty((5, len(one)))
    for start in range(0, len(one), _BLOCK):
        some = slice(start, start + _BLOCK)
        here, there = starts[from_which[some]], ends[to_which[some]]
        figures[:3, some] = _quantiles(here, there, far=distance_m[some] > _FAR_M)
        figures[3:, some] = _azimuths(here, there)
    names = ("q05_m", "q50_m", "q95_m", "azimuth_mean_deg", "azimuth_spread_deg")
    return dict(zip(names, figures, strict=True))


def _quantiles(here: NDArray[Any], there: NDArray[Any], *, far: NDArray[np.bool_]) -> Floats:
    apart = ground_m(np.sqrt(((there - here) ** 2).sum(axis=2, dtype=float)))
    if far.any():
        a, b = degrees_of(here[far].astype(float)), degrees_of(there[far].astype(float))
        apart[far], _ = inverse(a[..., 0], a[..., 1], b[..., 0], b[..., 1])
    # Draw i of n stands for the quantile (i + 1/2) / n.
    return np.asarray(np.quantile(apart, (0.05, 0.5, 0.95), axis=1, method="hazen"))


def _azimuths(here: NDArray[Any], there: NDArray[Any]) -> Floats:
    """Return circular mean and standard deviation (Mardia & Jupp 2000, section 2.3), degrees."""
    lon, lat = np.moveaxis(np.radians(degrees_of(here)), -1, 0)
    x, y, z = np.moveaxis(there - here, -1, 0)
    forward = x * np.cos(lon) + y * np.sin(lon)
    east = y * np.cos(lon) - x * np.sin(lon)
    north = z * np.cos(lat) - forward * np.sin(lat)
    length = np.hypot(east, north)
    # From a point to itself there is no direction, and none is counted.
    mean_east, mean_north = (
        np.divide(side, length, out=np.zeros_like(length), where=length > 0).mean(axis=1)
        for side in (east, north)
    )
    resultant = np.clip(np.hypot(mean_east, mean_north), 1e-12, 1.0)
    mean_deg = np.degrees(np.arctan2(mean_east, mean_north)) % 360
    return np.stack([mean_deg, np.degrees(np.sqrt(-2 * np.log(resultant)))])
