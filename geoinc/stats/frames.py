"""A polygon in the plane, and what its edge hides of circles and shifts: the edge corrections."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from scipy.fft import irfft2, next_fast_len, rfft2  # type: ignore[import-untyped]
from scipy.ndimage import binary_dilation, gaussian_filter, map_coordinates  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.intp]

#: How pairs near the edge are made up for.
Correction = Literal["none", "border", "translation", "isotropic"]

#: A pair counts for no more than this many, whatever its edge correction: as spatstat has it.
MOST_WEIGHT = 100.0
#: Cells along the longer side of the raster from which overlaps are computed.
_RASTER = 512
#: Steps between which areas within the edge of a polygon are interpolated.
_STEPS = 200
#: A share of a circle below this is none.
_TOUCH = 1e-9
#: Cells of the largest table of circles by corners that is held at once.
_BLOCK = 2_000_000


class Frame:
    """A window in the plane, ready for edge corrections.

    Parameters
    ----------
    shape : shapely Polygon or MultiPolygon
        In metres, or any unit of length; holes allowed.
    """

    #: Whether distances are other than those in the plane: see `geoinc.stats.globe.Globe`.
    curved = False

    def __init__(self, shape: Polygon | MultiPolygon) -> None:
        # Exteriors run against the clock and holes with it: the inside is on the left.
        self.shape = shapely.orient_polygons(shape)
        shapely.prepare(self.shape)
        self.area = float(self.shape.area)
        self.bounds: tuple[float, float, float, float] = self.shape.bounds
        west, south, east, north = self.bounds
        self.is_rectangle = bool(np.isclose(self.area, (east - west) * (north - south), rtol=1e-12))

    @cached_property
    def edges(self) -> Floats:
        """Start and end of every edge, four columns, the inside on the left."""
        return edges_of(self.shape)

    def straight(self, r: Floats) -> Floats:
        """Return the straight lines that distances on the ground belong to: the same."""
        return r

    def along(self, d: Floats) -> Floats:
        """Return the distances on the ground that straight lines belong to: the same."""
        return d

    def within(self, r: Floats) -> Floats:
        """Return the area within a distance of a point."""
        return np.asarray(np.pi * r * r)

    def expected_nearest(self, density: float) -> float:
        """Return the mean distance to the nearest event of complete randomness."""
        return float(0.5 / np.sqrt(density))

    def in_space(self, points: Floats) -> Floats:
        """Return points where straight lines between them can be measured: as they are."""
        return points

    def moved(self, points: Floats, start: Floats, to: Floats) -> Floats:
        """Return sets of points, each carried along from one place to another."""
        return np.asarray(points + (to - start)[:, None])

    def smoother(self, x: Floats, y: Floats, width_m: float) -> Callable[[Floats], Floats]:
        """Return what smooths a raster of square cells by a Gaussian kernel, up to a factor.

        Parameters
        ----------
        x, y : array of float
            The middles of columns and rows.
        width_m : float
            Standard deviation of the kernel.
        """
        side = (x if len(x) > 1 else y)[:2]
        width = width_m / np.diff(side)[0]
        return lambda raster: np.asarray(gaussian_filter(raster, width))

    def contains(self, points: Floats) -> Bools:
        """Return which points lie in the window or on its edge."""
        inside: Bools = shapely.intersects_xy(self.shape, points[:, 0], points[:, 1])
        return inside

    def random(self, n: int, rng: np.random.Generator) -> Floats:
        """Return points in the window, every part as likely."""
        west, south, east, north = self.bounds
        if self.is_rectangle:
            return rng.uniform((west, south), (east, north), (n, 2))
        share = self.area / ((east - west) * (north - south))
        found = np.empty((0, 2))
        while len(found) < n:
            tries = int((n - len(found)) / share * 1.1) + 16
            points = rng.uniform((west, south), (east, north), (tries, 2))
            found = np.concatenate([found, points[self.contains(points)]])
        return found[:n]

    def grid(self, cells: int) -> Floats:
        """Return the middles of square cells that lie in the window, so many along its longer side."""
        west, south, east, north = self.bounds
        cell = max(east - west, north - south) / cells
        x, y = np.meshgrid(
            np.arange(west + cell / 2, east, cell), np.arange(south + cell / 2, north, cell)
        )
        spots = np.column_stack([x.ravel(), y.ravel()])
        return spots[self.contains(spots)]

    def eroded(self, r: Floats) -> Floats:
        """Return the area of the window farther from its edge than each distance."""
        if self.is_rectangle:
            west, south, east, north = self.bounds
            return np.maximum(east - west - 2 * r, 0) * np.maximum(north - south - 2 * r, 0)
        steps = r if len(r) <= _STEPS else np.linspace(0, r.max(), _STEPS)
        areas = shapely.area(shapely.buffer(self.shape, -steps))
        return np.asarray(np.interp(r, steps, areas))

    def to_edge(self, points: Floats) -> Floats:
        """Return how far points lie from the edge, in straight lines."""
        if self.is_rectangle:
            west, south, east, north = self.bounds
            x, y = points.T
            nearest = np.minimum(np.minimum(x - west, east - x), np.minimum(y - south, north - y))
            return np.asarray(nearest)
        which, away = self._edge_tree.query_nearest(
            shapely.points(points), all_matches=False, return_distance=True
        )
        nearest = np.empty(len(points))
        nearest[which[0]] = away
        return nearest

    @cached_property
    def _edge_tree(self) -> shapely.STRtree:
        return shapely.STRtree(np.asarray(shapely.linestrings(self.edges.reshape(-1, 2, 2))))

    def overlap(self, dx: Floats, dy: Floats) -> Floats:
        """Return the area that the window shares with itself when it is shifted.

        Of a rectangle exactly; of other shapes from a raster of 512 cells along
        the longer side, right to about 2 parts in 10,000.
        """
        if self.is_rectangle:
            west, south, east, north = self.bounds
            return np.asarray((east - west - np.abs(dx)) * (north - south - np.abs(dy)))
        shared, cell, row, column = self.covariance
        at = np.vstack([row + dy / cell, column + dx / cell])
        return np.asarray(map_coordinates(shared, at, order=1))

    @cached_property
    def covariance(self) -> tuple[Floats, float, int, int]:
        """Overlaps on a raster of shifts, its cell, and the row and column of no shift."""
        west, south, east, north = self.bounds
        cell = max(east - west, north - south) / _RASTER
        columns, rows = (max(1, int(np.ceil(side / cell))) for side in (east - west, north - south))
        column, row = np.meshgrid(np.arange(columns), np.arange(rows))
        x, y = west + (column + 0.5) * cell, south + (row + 0.5) * cell
        inside = shapely.contains_xy(self.shape, x, y).astype(float)
        # Cells that the edge may pass through have the share of them that lies inside.
        edge = shapely.get_coordinates(shapely.segmentize(shapely.boundary(self.shape), cell / 2))
        passed = np.zeros((rows, columns), dtype=bool)
        at = ((edge - (west, south)) / cell).astype(int)
        passed[np.clip(at[:, 1], 0, rows - 1), np.clip(at[:, 0], 0, columns - 1)] = True
        passed = binary_dilation(passed, np.ones((3, 3)))
        x, y = x[passed], y[passed]
        cells = shapely.box(x - cell / 2, y - cell / 2, x + cell / 2, y + cell / 2)
        inside[passed] = shapely.area(shapely.intersection(cells, self.shape)) / cell**2
        size = [next_fast_len(2 * side - 1, real=True) for side in inside.shape]
        waves = rfft2(inside, size)
        shared = irfft2(waves * waves.conj(), size) * cell * cell
        # What is shifted to the west or south stands at the end: the middle is no shift.
        shared = np.roll(shared, (rows - 1, columns - 1), axis=(0, 1))[
            : 2 * rows - 1, : 2 * columns - 1
        ]
        shared[rows - 1, columns - 1] = self.area
        return shared, cell, rows - 1, columns - 1

    def share_inside(self, points: Floats, radius: Floats) -> Floats:
        """Return which share of circles around points of the window lies inside it.

        Parameters
        ----------
        points : array of float, two columns
            The centres.
        radius : array of float
            One for each.

        Notes
        -----
        Of a rectangle the arcs beyond each side are added up (Ripley's correction).
        Of other shapes: going around the circle against the clock, one enters the
        window where an edge leaves the disc and leaves it where an edge enters, so
        the arc inside is the sum of the one angles less the sum of the others,
        modulo a full turn.  Whether an edge crosses is told by its ends, so that a
        corner on the circle is counted once.
        """
        if self.is_rectangle:
            return self._share_of_rectangle(points, radius)
        share = np.empty(len(points))
        step = max(1, _BLOCK // len(self.edges))
        for start in range(0, len(points), step):
            some = slice(start, start + step)
            share[some] = self._share_of_polygon(points[some], radius[some])
        return share

    def _share_of_rectangle(self, points: Floats, radius: Floats) -> Floats:
        west, south, east, north = self.bounds
        x, y = points.T
        sides = (x - west, north - y, east - x, y - south)
        hidden = np.zeros(len(points))
        for i, side in enumerate(sides):
            with np.errstate(divide="ignore", invalid="ignore"):
                half = np.arccos(np.clip(side / radius, -1, 1))
            half = np.where(side < radius, half, 0.0)
            for neighbour in (sides[i - 1], sides[(i + 1) % 4]):
                hidden += np.minimum(half, np.arctan2(neighbour, side))
        return np.asarray(1 - hidden / (2 * np.pi))

    def _share_of_polygon(self, points: Floats, radius: Floats) -> Floats:
        share = _arcs_inside(*self._around(points, radius))
        # All or nothing, where no edge crosses or one is but touched: any point of the rim tells.
        whole = np.flatnonzero((share < _TOUCH) | (share > 1 - _TOUCH))
        share[whole] = self.contains(self._on_circles(points[whole], radius[whole]))
        return share

    def _around(self, points: Floats, radius: Floats) -> tuple[Floats, Ints, tuple[Floats, ...]]:
        """Return radii, which of them edges may cross, and x and y of the ends of these edges.

        As they are seen from the point.
        """
        x, y = points[:, :1], points[:, 1:]
        edges = self.edges
        seen = edges[:, 0] - x, edges[:, 1] - y, edges[:, 2] - x, edges[:, 3] - y
        once, twice = _crossed(seen, radius[:, None])
        at = np.nonzero(once | twice)
        return radius, at[0], tuple(side[at] for side in seen)

    def _on_circles(self, points: Floats, radius: Floats) -> Floats:
        """Return some point of each circle."""
        return np.asarray(points + radius[:, None] * np.array([np.cos(1.0), np.sin(1.0)]))


def edges_of(shape: Polygon | MultiPolygon) -> Floats:
    """Return start and end of every edge of a polygon, four columns."""
    pieces = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            corners = shapely.get_coordinates(ring)
            pieces.append(np.column_stack([corners[:-1], corners[1:]]))
    return np.concatenate(pieces)


def _crossed(seen: tuple[Floats, ...], radius: Floats) -> tuple[Bools, Bools]:
    """Return which edges cross a circle around 0 once, and which twice."""
    ax, ay, bx, by = seen
    square = radius * radius
    a_inside, b_inside = ax * ax + ay * ay < square, bx * bx + by * by < square
    # Both ends outside, and between them the line comes nearer than the circle.
    ex, ey = bx - ax, by - ay
    along = -(ax * ex + ay * ey)
    length = ex * ex + ey * ey
    twice = ~(a_inside | b_inside) & (along > 0) & (along < length)
    twice &= (ax * ey - ay * ex) ** 2 < square * length
    return a_inside != b_inside, twice


def _arcs_inside(radius: Floats, row: Ints, seen: tuple[Floats, ...]) -> Floats:
    """Return the share of each circle that lies inside, modulo 1."""
    turn = np.zeros(len(radius))
    for crossing, sides in zip(_crossed(seen, radius[row]), ((None,), (-1.0, 1.0)), strict=True):
        at, r = row[crossing], radius[row[crossing]]
        ax, ay, bx, by = (side[crossing] for side in seen)
        ex, ey = bx - ax, by - ay
        half, norm = -(ax * ex + ay * ey), ex * ex + ey * ey
        begins = ax * ax + ay * ay
        root = np.sqrt(np.maximum(half * half - norm * (begins - r * r), 0.0))
        for side in sides:
            # An edge that crosses once leaves the disc where it began inside.
            way = np.where(begins < r * r, 1.0, -1.0) if side is None else side
            t = (half + way * root) / norm
            angle = np.arctan2(ay + t * ey, ax + t * ex)
            turn -= np.bincount(at, way * angle, minlength=len(radius))
    return np.asarray(np.mod(turn, 2 * np.pi) / (2 * np.pi))
