"""A polygon in the plane, and what its edge hides of circles and shifts: the edge corrections."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from scipy.ndimage import binary_dilation, map_coordinates  # type: ignore[import-untyped]
from scipy.signal import fftconvolve  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: How pairs near the edge are made up for.
Correction = Literal["none", "border", "translation", "isotropic"]

#: A pair counts for no more than this many, whatever its edge correction: as spatstat has it.
MOST_WEIGHT = 100.0
#: Cells along the longer side of the raster from which overlaps are computed.
_RASTER = 512
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
        pieces = []
        for polygon in shapely.get_parts(self.shape):
            for ring in (polygon.exterior, *polygon.interiors):
                corners = shapely.get_coordinates(ring)
                pieces.append(np.column_stack([corners[:-1], corners[1:]]))
        return np.concatenate(pieces)

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

    def to_edge(self, points: Floats) -> Floats:
        """Return how far points lie from the edge."""
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
        shared = fftconvolve(inside, inside[::-1, ::-1]) * cell * cell
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
        edges = self.edges
        ax, ay = edges[:, 0] - points[:, :1], edges[:, 1] - points[:, 1:]
        bx, by = edges[:, 2] - points[:, :1], edges[:, 3] - points[:, 1:]
        square = (radius * radius)[:, None]
        a_inside, b_inside = ax * ax + ay * ay < square, bx * bx + by * by < square
        once = a_inside != b_inside
        # Both ends outside, and between them the line comes nearer than the circle.
        ex, ey = edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]
        along = -(ax * ex + ay * ey)
        length = ex * ex + ey * ey
        twice = ~(a_inside | b_inside) & (along > 0) & (along < length)
        twice &= (ax * ey - ay * ex) ** 2 < square * length
        turn = np.zeros(len(points))
        for crossing, sides in ((once, (None,)), (twice, (-1.0, 1.0))):
            row, edge = np.nonzero(crossing)
            x, y, dx, dy = ax[row, edge], ay[row, edge], ex[edge], ey[edge]
            half, norm = along[row, edge], length[edge]
            root = np.sqrt(np.maximum(half * half - norm * (x * x + y * y - radius[row] ** 2), 0.0))
            for side in sides:
                # An edge that crosses once leaves the disc where it began inside.
                way = np.where(a_inside[row, edge], 1.0, -1.0) if side is None else side
                t = (half + way * root) / norm
                angle = np.arctan2(y + t * dy, x + t * dx)
                turn -= np.bincount(row, way * angle, minlength=len(points))
        share = np.mod(turn, 2 * np.pi) / (2 * np.pi)
        # All or nothing, where no edge crosses or one is but touched: any point of the rim tells.
        whole = np.flatnonzero((share < _TOUCH) | (share > 1 - _TOUCH))
        rim = points[whole] + radius[whole, None] * np.array([np.cos(1.0), np.sin(1.0)])
        share[whole] = self.contains(rim)
        return share
