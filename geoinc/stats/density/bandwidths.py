"""How far to smooth: the bandwidth of a kernel density by four rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.stats.density.smoothing import Grid, exact, exact_share
from geoinc.stats.frames import Frame
from geoinc.stats.patterns.pairs import pair_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

    Floats = NDArray[np.float64]

#: How many bandwidths the two rules that search try, from the nearest pair to half the window.
_TRIED = 16
#: At how many distances K is taken.
_RADII = 512
#: Of more points than this densities at them are read off a grid.
_MANY = 2_000


def scott(points: Floats) -> tuple[float, float]:
    """Return Scott's rule of thumb, for each axis: the standard deviation over the sixth root of n.

    Parameters
    ----------
    points : array of float, two columns
        Metres.
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
    grid = Grid(window)
    tried = _candidates(points, grid)
    likelihood = [
        np.log(_at_points(points, sigma, grid, others=True)).sum() - _integral(points, sigma, grid)
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
    grid = Grid(window)
    tried = _candidates(points, grid)
    areas = [(1 / _at_points(points, sigma, grid, others=False)).sum() for sigma in tried]
    return float(tried[int(np.argmin(np.abs(np.array(areas) - window.area)))])


def diggle(points: Floats, window: Polygon | MultiPolygon) -> float:
    """Return the bandwidth with the least squared error, if points cluster as their K says.

    The rule of Berman and Diggle for a kernel flat over a disc, here half its radius; K is
    corrected isotropically.

    Parameters
    ----------
    points : array of float, two columns
        Metres.
    window : shapely Polygon or MultiPolygon
        Metres.
    """
    west, south, east, north = window.bounds
    n = len(points)
    # As far as 1,000 points are expected, a quarter of the shorter side at most.
    reach = min(np.sqrt(1000 * window.area / (np.pi * n)), min(east - west, north - south) / 4)
    r = np.linspace(0, reach, _RADII)
    k = window.area * pair_sums(Frame(window), points, r, "isotropic") / (n * (n - 1))
    tried = r[1 : (_RADII + 1) // 2]
    y = np.minimum(r[:-1] / (2 * tried[:, None]), 1.0)
    # The area that two discs share, summed over all pairs of points.
    shared = 2 * tried**2 * ((np.arccos(y) - y * np.sqrt(1 - y**2)) @ np.diff(k))
    disc = np.pi * tried**2
    error = (window.area / n - 2 * k[1 : len(tried) + 1]) / disc + shared / disc**2
    return float(tried[int(np.argmin(error))]) / 2


def _candidates(points: Floats, grid: Grid) -> Floats:
    nearest = cKDTree(points).query(points, k=2)[0][:, 1]
    west, south, east, north = grid.window.bounds
    widest = float(np.hypot(east - west, north - south)) / 2
    narrowest = float(nearest[nearest > 0].min(initial=widest))
    if len(points) > _MANY:
        narrowest = max(narrowest, 1.5 * grid.step_m)
    return np.geomspace(narrowest, widest, _TRIED)


def _at_points(points: Floats, sigma: float, grid: Grid, *, others: bool) -> Floats:
    """Return the intensity at points: of the others with edges corrected, or of all without."""
    both = (sigma, sigma)
    if len(points) > _MANY:
        values = grid.at(grid.smooth(grid.masses(points), both), points)
        if others:
            values = np.maximum(values - 1 / (2 * np.pi * sigma**2), 0)
    else:
        values = exact(points, points, both, leave_one_out=others)
    if others:
        # The grid's share is right to a few parts in a thousand, and many times faster.
        wide = sigma > 2 * grid.step_m
        share = (
            grid.at(grid.share_inside(both), points)
            if wide
            else exact_share(points, grid.window, both)
        )
        values = values / share
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
