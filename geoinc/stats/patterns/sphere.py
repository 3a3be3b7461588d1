"""K where the window is too wide for a plane: on the sphere that has the area of the earth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.stats.windows import AUTHALIC_M
from geoinc.uncertainty.positions import true_to_area

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.stats.windows import Window

    Floats = NDArray[np.float64]

#: Longest piece of the edge that is taken for straight, degrees: it bends by 40 m at most.
_EDGE_DEG = 0.4
#: A window that leaves out less of the earth than this has no edge.
_WHOLE = 1e-6


def cap(r: Floats) -> Floats:
    """Return the area within a distance along the sphere, square metres.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(cap(np.array([np.pi * AUTHALIC_M]))[0] / 1e12))  # all of the earth
    510
    """
    return np.asarray(4 * np.pi * AUTHALIC_M**2 * np.sin(r / 2 / AUTHALIC_M) ** 2)


def sphere_k(window: Window, points: Floats, r: Floats, correction: str) -> Floats:
    """Return K of points on the sphere.

    Parameters
    ----------
    window : Window
        Of any width.
    points : array of float, two columns
        Longitude and latitude, degrees.
    r : array of float
        Distances along the sphere, metres, rising.
    correction : {"none", "border"}
        Border: only events farther from the edge than r are looked around from.

    Returns
    -------
    array of float
        Square metres.

    Notes
    -----
    Latitudes are authalic, so that densities are true; distances differ from those on the
    ellipsoid by 0.4 % at most.
    """
    n = len(points)
    spots = _in_space(points)
    chords = 2 * np.sin(r / 2 / AUTHALIC_M)
    pairs = cKDTree(spots).query_pairs(float(chords[-1]), output_type="ndarray")
    d = np.linalg.norm(spots[pairs[:, 1]] - spots[pairs[:, 0]], axis=1)
    bin_ = np.searchsorted(chords, d, side="left")
    if correction == "none":
        count = 2 * np.cumsum(np.bincount(bin_, minlength=len(r) + 1)[: len(r)])
        return np.asarray(window.area_m2 * count / (n * (n - 1)))
    edge = to_edge(window, points)
    last = np.searchsorted(r, edge, side="right")
    total = np.zeros(len(r) + 1)
    for i in (pairs[:, 0], pairs[:, 1]):
        kept = last[i] > bin_
        total += np.bincount(bin_[kept], minlength=len(r) + 1)
        total -= np.bincount(last[i][kept], minlength=len(r) + 1)
    inside = (edge[:, None] >= r).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(window.area_m2 * np.cumsum(total)[: len(r)] / (n * inside))


def to_edge(window: Window, points: Floats) -> Floats:
    """Return how far along the sphere points lie from the edge of the window, metres."""
    whole = 4 * np.pi * AUTHALIC_M**2
    if window.area_m2 > (1 - _WHOLE) * whole:
        return np.full(len(points), np.inf)
    fine = shapely.segmentize(shapely.boundary(window.shape), _EDGE_DEG)
    starts, ends = [], []
    for line in shapely.get_parts(fine):
        corners = _in_space(shapely.get_coordinates(line))
        starts.append(corners[:-1])
        ends.append(corners[1:])
    start, end = np.concatenate(starts), np.concatenate(ends)
    spots = _in_space(points)
    # The nearest piece has its middle within half the longest piece of the nearest middle.
    middles = (start + end) / 2
    tree = cKDTree(middles)
    half = float(np.linalg.norm(end - start, axis=1).max()) / 2
    near = tree.query(spots)[0] + 2 * half
    chord = np.empty(len(points))
    for i, found in enumerate(tree.query_ball_point(spots, near)):
        a, step = start[found], end[found] - start[found]
        along = ((spots[i] - a) * step).sum(axis=1) / np.maximum((step * step).sum(axis=1), 1e-300)
        nearest = a + np.clip(along, 0, 1)[:, None] * step
        nearest /= np.linalg.norm(nearest, axis=1)[:, None]
        chord[i] = np.linalg.norm(nearest - spots[i], axis=1).min()
    return np.asarray(2 * AUTHALIC_M * np.arcsin(np.clip(chord / 2, 0, 1)))


def _in_space(points: Floats) -> Floats:
    """Return unit vectors of degrees, by authalic latitude."""
    lon = np.radians(points[:, 0])
    sine = true_to_area(points)[:, 1]
    cosine = np.sqrt(np.maximum(1 - sine * sine, 0))
    return np.column_stack([cosine * np.cos(lon), cosine * np.sin(lon), sine])
