"""Gaussian kernels over a window: exact at points, binned on a grid, and how much of each lies inside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.special import owens_t  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

    Floats = NDArray[np.float64]

#: How many pairs are held in memory at once.
_BLOCK = 250_000


@dataclass(frozen=True, eq=False)
class Grid:
    """Square cells over a window in the plane, one cell more than it needs on each side.

    Parameters
    ----------
    window : shapely Polygon or MultiPolygon
        In metres.
    cells : int
        How many cells the longer side of the grid has.
    """

    window: Polygon | MultiPolygon
    cells: int = 512

    @cached_property
    def step_m(self) -> float:
        """Side of a cell, metres."""
        west, south, east, north = self.window.bounds
        return float(max(east - west, north - south) / (self.cells - 2))

    @cached_property
    def columns(self) -> Floats:
        """Middles of the cells from west to east, metres."""
        west, _, east, _ = self.window.bounds
        return self._middles(west, east)

    @cached_property
    def rows(self) -> Floats:
        """Middles of the cells from south to north, metres."""
        _, south, _, north = self.window.bounds
        return self._middles(south, north)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which cells have their middle in the window."""
        shapely.prepare(self.window)
        x, y = np.meshgrid(self.columns, self.rows)
        return np.asarray(shapely.contains_xy(self.window, x, y))

    @cached_property
    def share(self) -> Floats:
        """How much of each cell lies in the window, to a 64th."""
        share = self.inside.astype(float)
        padded = np.pad(self.inside, 1, mode="edge")
        rows, columns = self.inside.shape
        shifted = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
        j, i = np.nonzero(np.any(shifted, axis=0) & ~np.all(shifted, axis=0))
        part = ((np.arange(8) + 0.5) / 8 - 0.5) * self.step_m
        x = self.columns[i, None, None] + part[None, :, None]
        y = self.rows[j, None, None] + part[None, None, :]
        share[j, i] = shapely.contains_xy(self.window, *np.broadcast_arrays(x, y)).mean(axis=(1, 2))
        return share

    @property
    def corners(self) -> Floats:
        """Corners of the cells, metres: rows, columns, and x beside y."""
        half = self.step_m / 2
        x = np.append(self.columns - half, self.columns[-1] + half)
        y = np.append(self.rows - half, self.rows[-1] + half)
        return np.stack(np.meshgrid(x, y), axis=-1)

    def masses(self, points: Floats, weights: Floats | None = None) -> Floats:
        """Share each point among the middles of the four cells around it.

        Parameters
        ----------
        points : array of float, two columns
            Metres, all in the window.
        weights : array of float, optional
            1 each by default.

        Returns
        -------
        array of float
            Rows from south to north.
        """
        mass = np.zeros(self.inside.size)
        cell, share = self.shares(points)
        for corner, part in zip(cell, share, strict=True):
            mass += np.bincount(corner, part if weights is None else part * weights, len(mass))
        return mass.reshape(self.inside.shape)

    def shares(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Return the four cells around each point, and how much of it each takes.

        Returns
        -------
        cell : array of int
            Four rows, a column a point: positions in the raveled grid.
        share : array of float
            The same shape; a column adds up to 1.
        """
        rows, columns = len(self.rows), len(self.columns)
        x = (points[:, 0] - self.columns[0]) / self.step_m
        y = (points[:, 1] - self.rows[0]) / self.step_m
        i = np.clip(x.astype(np.intp), 0, columns - 2)
        j = np.clip(y.astype(np.intp), 0, rows - 2)
        x -= i
        y -= j
        cell, both = j * columns + i, x * y
        cells = np.stack([cell, cell + 1, cell + columns, cell + columns + 1])
        return cells, np.stack([1 - x - y + both, x - both, y - both, both])

    def kernels(self, sigma_m: tuple[float, float]) -> tuple[Floats, Floats]:
        """Return the kernel between any two rows and any two columns; ``rows @ masses @ columns``.

        Sharing a point among cells widens the kernel by a sixth of the squared
        step on average; so much narrower is what is laid over them.
        """
        lost = self.step_m**2 / 6
        x, y = (np.sqrt(max(sigma**2 - lost, lost)) for sigma in sigma_m)
        return (
            gaussian(self.rows[:, None] - self.rows, y),
            gaussian(self.columns[:, None] - self.columns, x),
        )

    def smooth(self, masses: Floats, sigma_m: tuple[float, float]) -> Floats:
        """Spread masses at the middles of cells; return the density there, per square metre."""
        along, across = self.kernels(sigma_m)
        return np.asarray(along @ masses @ across)

    def share_inside(self, sigma_m: tuple[float, float]) -> Floats:
        """Return for a kernel on the middle of each cell how much of it lies in the window."""
        area = self.step_m**2
        x, y = (max(sigma, self.step_m / 2) for sigma in sigma_m)
        across = gaussian(self.columns[:, None] - self.columns, x)
        along = gaussian(self.rows[:, None] - self.rows, y)
        share: Floats = along @ self.share @ across * area
        return np.clip(share, 1e-12, 1.0)

    def at(self, values: Floats, points: Floats) -> Floats:
        """Return values between the middles of cells, by linear interpolation."""
        x = np.clip((points[:, 0] - self.columns[0]) / self.step_m, 0, len(self.columns) - 1.001)
        y = np.clip((points[:, 1] - self.rows[0]) / self.step_m, 0, len(self.rows) - 1.001)
        i, j = x.astype(np.intp), y.astype(np.intp)
        x, y = x - i, y - j
        south = values[j, i] * (1 - x) + values[j, i + 1] * x
        north = values[j + 1, i] * (1 - x) + values[j + 1, i + 1] * x
        return np.asarray(south * (1 - y) + north * y)

    def _middles(self, low: float, high: float) -> Floats:
        count = int(np.ceil((high - low) / self.step_m - 1e-9)) + 2
        start = (low + high - count * self.step_m) / 2
        return np.asarray(start + (np.arange(count) + 0.5) * self.step_m)


def gaussian(away_m: Floats, sigma_m: float) -> Floats:
    """Return the normal density in one dimension."""
    return np.asarray(np.exp(-0.5 * (away_m / sigma_m) ** 2) / (sigma_m * np.sqrt(2 * np.pi)))


def exact(
    points: Floats,
    at: Floats,
    sigma_m: tuple[float, float],
    weights: Floats | None = None,
    *,
    leave_one_out: bool = False,
) -> Floats:
    """Return the sum of the kernels on points at places, per square metre, without approximation.

    Parameters
    ----------
    points, at : array of float, two columns
        Metres.
    sigma_m : tuple of float
        Standard deviation of the kernel from west to east and from south to north, metres.
    weights : array of float, optional
        Of the points; 1 each by default.
    leave_one_out : bool
        Whether `at` is the points themselves and each leaves out its own kernel.
    """
    scale = np.asarray(sigma_m)
    here, there = points / scale, at / scale
    weights = np.ones(len(points)) if weights is None else weights
    sums = np.empty(len(at))
    step = max(1, _BLOCK // max(1, len(points)))
    for start in range(0, len(at), step):
        some = there[start : start + step]
        squared = (some[:, None, 0] - here[:, 0]) ** 2 + (some[:, None, 1] - here[:, 1]) ** 2
        kernels = np.exp(-0.5 * squared)
        if leave_one_out:
            own = np.arange(len(some))
            kernels[own, start + own] = 0.0
        sums[start : start + step] = kernels @ weights
    return sums / (2 * np.pi * sigma_m[0] * sigma_m[1])


def exact_share(at: Floats, window: Polygon | MultiPolygon, sigma_m: tuple[float, float]) -> Floats:
    """Return how much of a kernel on each place lies in a polygon, to rounding.

    Over the triangle of a place and an edge the integral of a normal density is
    the angle it is seen under less a difference of Owen's functions T; holes
    run the other way round and are subtracted by that.

    Parameters
    ----------
    at : array of float, two columns
        Metres.
    window : shapely Polygon or MultiPolygon
        Holes allowed.
    sigma_m : tuple of float
        As in `exact`.
    """
    scale = np.asarray(sigma_m)
    oriented = shapely.orient_polygons(window)
    rings = [shapely.get_coordinates(ring) / scale for ring in shapely.get_rings(oriented)]
    begin, end = (
        np.concatenate([ring[part] for ring in rings]) for part in (slice(-1), slice(1, None))
    )
    sums = np.empty(len(at))
    step = max(1, _BLOCK // len(begin))
    for start in range(0, len(at), step):
        some = at[start : start + step, None] / scale
        sums[start : start + step] = _seen(begin - some, end - some).sum(axis=1)
    return np.clip(sums, 0.0, 1.0)


def _seen(begin: Floats, end: Floats) -> Floats:
    """Return the standard normal mass of triangles of the origin and an edge, signed."""
    edge = end - begin
    length = np.hypot(edge[..., 0], edge[..., 1])
    cross = begin[..., 0] * end[..., 1] - begin[..., 1] * end[..., 0]
    angle = np.arctan2(cross, (begin * end).sum(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        height = np.abs(cross) / length
        first = (begin * edge).sum(axis=-1) / length / height
        last = (end * edge).sum(axis=-1) / length / height
    flat = ~(height > 0)  # on the line through the edge: nothing is seen
    height, first, last = (np.where(flat, 0.0, part) for part in (height, first, last))
    missed = np.sign(cross) * (owens_t(height, last) - owens_t(height, first))
    return np.where(flat, 0.0, angle / (2 * np.pi) - missed)
