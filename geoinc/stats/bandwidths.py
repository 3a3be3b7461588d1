"""How far to smooth: the bandwidth of a kernel density by four rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.stats.smoothing import Grid, exact, exact_share

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

    Floats = NDArray[np.float64]

#: How many bandwidths the two rules that search try, from the nearest pair to half the window.
_TRIED = 16
#: Of more points than this densities at them are read off a grid.
_MANY = 4_000


def scott(points: Floats) -> tuple[float, float]:
    """Return Scott's rule of thumb, for each axis: the standard deviation over the sixth root of n.

    Parameters
    ----------
    points : array of float, two columns
        Metres.

    References
    ----------
    Scott (1992), "Multivariate density estimation".
    """
    x, y = points.std(axis=0, ddof=1) * len(points) ** (-1 / 6)
    return float(x), float(y)


def ppl(points: Floats, window: Polygon | MultiPolygon) -> float:
    """Return the bandwidth under which each point is most likely given the others.

    The likelihood of a Poisson process whose intensity at each point is smoothed
    from the others, edges corrected; of 16 bandwidths the best.

    Parameters
    ----------
    points : array of float, two columns
        Metres.
    window : shapely Polygon or MultiPolygon
        Metres.
    """
    tried = _candidates(points, window)
    grid = Grid(window, 256)
    likelihood = [
        np.log(_at_points(points, sigma, window, others=True)).sum()
        - _integral(points, sigma, grid)
        for sigma in tried
    ]
    return float(tried[int(np.argmax(likelihood))])


def cvl(points: Floats, window: Polygon | MultiPolygon) -> float:
    """Return the bandwidth under which the points, each weighed by its sparseness, fill the window.

    The sum of the inverse intensities at the points is an estimate of the area
    (the rule of Cronie and van Lieshout); of 16 bandwidths the best.

    Parameters
    ----------
    points : array of float, two columns
        Metres.
    window : shapely Polygon or MultiPolygon
        Metres.
    """
    tried = _candidates(points, window)
    areas = [(1 / _at_points(points, sigma, window, others=False)).sum() for sigma in tried]
    return float(tried[int(np.argmin(np.abs(np.array(areas) - window.area)))])


def _candidates(points: Floats, window: Polygon | MultiPolygon) -> Floats:
    nearest = cKDTree(points).query(points, k=2)[0][:, 1]
    west, south, east, north = window.bounds
    widest = float(np.hypot(east - west, north - south)) / 2
    narrowest = float(nearest[nearest > 0].min(initial=widest))
    if len(points) > _MANY:
        narrowest = max(narrowest, 1.5 * Grid(window).step_m)
    return np.geomspace(narrowest, widest, _TRIED)


def _at_points(
    points: Floats, sigma: float, window: Polygon | MultiPolygon, *, others: bool
) -> Floats:
    """Return the intensity at points: of the others with edges corrected, or of all without."""
    both = (sigma, sigma)
    if len(points) > _MANY:
        grid = Grid(window)
        values = grid.at(grid.smooth(grid.masses(points), both), points)
        if others:
            own = 1 / (2 * np.pi * sigma**2)
            values = np.maximum(values - own, 0) / grid.at(grid.share_inside(both), points)
    else:
        values = exact(points, points, both, leave_one_out=others)
        if others:
            values = values / exact_share(points, window, both)
    # A point too far from all others is unlikely, not impossible.
    return np.maximum(values, np.finfo(float).tiny)


def _integral(points: Floats, sigma: float, grid: Grid) -> float:
    """Return the integral of the intensity, edges corrected, over the window."""
    both = (sigma, sigma)
    if sigma < 2 * grid.step_m:
        # Narrower than the grid resolves: nothing of the kernels lies outside.
        return float(len(points))
    smoothed = grid.smooth(grid.masses(points), both) / grid.share_inside(both)
    return float(smoothed[grid.inside].sum() * grid.step_m**2)
