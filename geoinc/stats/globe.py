"""A window too wide for a plane: a frame on the sphere that has the area of the earth."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.fft import irfft, next_fast_len, rfft  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]
from scipy.special import i0e  # type: ignore[import-untyped]

from geoinc.stats.frames import Frame, edges_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: Radius of the sphere with the area of WGS84, metres.
AUTHALIC_M = 6_371_007.181
#: Longest piece of the edge that is taken for straight, radians: of a parallel at 60 degrees it
#: bends by 400 m.
_PIECE = np.radians(1.0)
#: How far beyond an edge is looked whether the window goes on there, radians: 6 m.
_BEYOND = 1e-6
#: Sine of the latitude from which on all is the pole: within 300 m.
_POLE = 1 - 1e-9
#: Places along the longer side by which the window within its edge is measured.
_GRID = 200


class Globe(Frame):
    """A window on the sphere, ready for edge corrections.

    Positions stay in a plane that is true to area, a cylindrical projection, so that all that hangs
    on areas alone is as in any plane.  Distances are taken in space: the straight line between
    two places is the shorter the nearer they are, and `straight` and `along` turn one into the other.

    Latitudes are authalic, so that densities are true; distances differ from those on the
    ellipsoid by 0.4 % at most.

    Parameters
    ----------
    shape : shapely Polygon or MultiPolygon
        In the plane, the middle meridian at 0.
    radian_m : float
        How long a radian of longitude is there, metres.
    """

    curved = True

    def __init__(self, shape: Polygon | MultiPolygon, radian_m: float) -> None:
        super().__init__(shape)
        self.is_rectangle = False
        self.radian_m = radian_m

    def straight(self, r: Floats) -> Floats:
        """Return the straight lines that distances along the sphere belong to, metres."""
        return np.asarray(2 * AUTHALIC_M * np.sin(np.minimum(r / AUTHALIC_M, np.pi) / 2))

    def along(self, d: Floats) -> Floats:
        """Return the distances along the sphere that straight lines belong to, metres."""
        return np.asarray(2 * AUTHALIC_M * np.arcsin(np.minimum(d / 2 / AUTHALIC_M, 1)))

    def within(self, r: Floats) -> Floats:
        """Return the area of a cap, square metres.

        Examples
        --------
        >>> import numpy as np
        >>> import shapely
        >>> globe = Globe(shapely.box(-1, -1, 1, 1), AUTHALIC_M)
        >>> round(float(globe.within(np.array([np.pi * AUTHALIC_M]))[0] / 1e12))  # all the earth
        510
        """
        return np.asarray(np.pi * self.straight(r) ** 2)

    def expected_nearest(self, density: float) -> float:
        """Return the mean distance to the nearest event of complete randomness, metres.

        The integral of exp(-density `within` (r)) over all distances, which is a Bessel function.
        """
        return float(np.pi * AUTHALIC_M * i0e(2 * np.pi * AUTHALIC_M**2 * density))

    def in_space(self, points: Floats) -> Floats:
        """Return points of the plane in space, three columns, metres from the middle of the earth."""
        longitude = points[..., 0] / self.radian_m
        up = points[..., 1] * self.radian_m / AUTHALIC_M
        out = np.sqrt(np.maximum(AUTHALIC_M**2 - up * up, 0))
        return np.stack([out * np.cos(longitude), out * np.sin(longitude), up], axis=-1)

    def in_plane(self, spots: Floats) -> Floats:
        """Return points in space in the plane, two columns."""
        x = np.arctan2(spots[..., 1], spots[..., 0]) * self.radian_m
        return np.asarray(np.stack([x, spots[..., 2] * AUTHALIC_M / self.radian_m], axis=-1))

    def moved(self, points: Floats, start: Floats, to: Floats) -> Floats:
        """Return sets of points, each carried along from one place to another: the sphere is turned."""
        turn = _axes(self.in_space(to)) @ _axes(self.in_space(start)).swapaxes(-1, -2)
        return self.in_plane(np.asarray(self.in_space(points) @ turn.swapaxes(-1, -2)))

    def smoother(self, x: Floats, y: Floats, width_m: float) -> Callable[[Floats], Floats]:
        """Return what smooths a raster by a kernel as wide on the ground wherever it lies.

        Parameters
        ----------
        x, y : array of float
            The middles of columns and rows in the plane.
        width_m : float
            Standard deviation of the kernel.
        """
        sigma = width_m / AUTHALIC_M
        latitude = np.arcsin(np.clip(y * self.radian_m / AUTHALIC_M**2, -1, 1))
        along_columns = np.exp(-(((latitude[:, None] - latitude) / sigma) ** 2) / 2)
        cell = np.diff((x if len(x) > 1 else y)[:2])[0]
        steps = next_fast_len(2 * len(x), real=True)
        turn = np.minimum(np.arange(steps), np.arange(steps, 0, -1)) * cell / self.radian_m
        east = np.arctan2(np.sin(turn), np.cos(turn)) * np.cos(latitude)[:, None]
        waves = rfft(np.exp(-((east / sigma) ** 2) / 2))

        def smooth(raster: Floats) -> Floats:
            return np.asarray(
                irfft(rfft(along_columns @ raster, steps) * waves, steps)[:, : len(x)]
            )

        return smooth

    @cached_property
    def edges(self) -> Floats:
        """Start and end of every piece of the edge in space, six columns, the inside on the left.

        Where the window goes on beyond, as at the meridian where a map is cut, there is no edge.
        """
        pieces = edges_of(shapely.segmentize(self.shape, _PIECE * self.radian_m))
        start, end = pieces[:, :2], pieces[:, 2:]
        step = end - start
        right = np.column_stack([step[:, 1], -step[:, 0]]) / np.linalg.norm(step, axis=1)[:, None]
        beyond = (start + end) / 2 + right * _BEYOND * self.radian_m
        turn = beyond[:, 0] / self.radian_m
        beyond[:, 0] = np.arctan2(np.sin(turn), np.cos(turn)) * self.radian_m
        here, there = self.in_space(start), self.in_space(end)
        at_pole = np.minimum(np.abs(here[:, 2]), np.abs(there[:, 2])) > _POLE * AUTHALIC_M
        edges: Floats = np.column_stack([here, there])[~(at_pole | self.contains(beyond))]
        return edges

    def to_edge(self, points: Floats) -> Floats:
        """Return how far points lie from the edge in a straight line, metres; infinite without one."""
        start, end = self.edges[:, :3], self.edges[:, 3:]
        if not len(start):
            return np.full(len(points), np.inf)
        spots = self.in_space(points)
        # The nearest piece has its middle within half the longest piece of the nearest middle.
        tree = cKDTree((start + end) / 2)
        near = tree.query(spots)[0] + float(np.linalg.norm(end - start, axis=1).max())
        away = np.empty(len(points))
        for i, found in enumerate(tree.query_ball_point(spots, near)):
            a, step = start[found], end[found] - start[found]
            part = ((spots[i] - a) * step).sum(axis=1) / (step * step).sum(axis=1)
            nearest = a + np.clip(part, 0, 1)[:, None] * step
            nearest *= AUTHALIC_M / np.linalg.norm(nearest, axis=1)[:, None]
            away[i] = np.linalg.norm(nearest - spots[i], axis=1).min()
        return away

    def eroded(self, r: Floats) -> Floats:
        """Return the area of the window farther from its edge than each distance: from a grid."""
        edge = np.sort(self._grid_to_edge)
        return np.asarray(self.area * (1 - np.searchsorted(edge, r, side="left") / len(edge)))

    @cached_property
    def _grid_to_edge(self) -> Floats:
        return self.to_edge(self.grid(_GRID))

    def _around(self, points: Floats, radius: Floats) -> tuple[Floats, Ints, tuple[Floats, ...]]:
        """Return what `Frame` does, in stereographic projections, each centred on a point.

        There circles around the point stay circles, and directions from it what they are.
        """
        spots = self.in_space(points)
        start, end = self.edges[:, :3], self.edges[:, 3:]
        # An edge that a circle crosses has its middle no farther from it than half the longest.
        slack = np.linalg.norm(end - start, axis=1).max(initial=0.0)
        away = spots @ ((start + end) / -AUTHALIC_M).T + 2 * AUTHALIC_M  # chord squared, over R
        low, high = (np.maximum(radius + side, 0)[:, None] for side in (-slack, slack))
        row, edge = np.nonzero((away >= low**2 / AUTHALIC_M) & (away <= high**2 / AUTHALIC_M))
        axes = _axes(spots)[row]

        def seen(corners: Floats) -> tuple[Floats, Floats]:
            x, y, z = (corners[:, None] @ axes)[:, 0].T / AUTHALIC_M
            far = 2 / np.maximum(1 + z, 1e-12)
            return x * far, y * far

        half = radius / 2 / AUTHALIC_M
        flat = 2 * half / np.sqrt(np.maximum(1 - half * half, 1e-12))
        return flat, row, (*seen(start[edge]), *seen(end[edge]))

    def _on_circles(self, points: Floats, radius: Floats) -> Floats:
        half = radius / 2 / AUTHALIC_M
        out = 2 * half * np.sqrt(np.maximum(1 - half * half, 0))
        seen = np.column_stack([out * np.cos(1.0), out * np.sin(1.0), 1 - 2 * half * half])
        axes = _axes(self.in_space(points))
        return self.in_plane(AUTHALIC_M * (axes @ seen[:, :, None])[:, :, 0])


def _axes(spots: Floats) -> Floats:
    """Return unit vectors to the east, to the north and up at places in space, as columns."""
    up = spots / np.linalg.norm(spots, axis=-1, keepdims=True)
    longitude = np.arctan2(up[..., 1], up[..., 0])
    east = np.stack([-np.sin(longitude), np.cos(longitude), np.zeros_like(longitude)], axis=-1)
    return np.stack([east, np.cross(up, east), up], axis=-1)
