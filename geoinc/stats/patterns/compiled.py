"""The sums over pairs, compiled (extra ``speed``): the same figures, sooner."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from geoinc.stats.frames import MOST_WEIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.stats.frames import Correction, Frame

    Floats = NDArray[np.float64]

#: Parts that are summed apart, so that the sum does not depend on how many threads there are.
_PARTS = 16
#: Below this many points threads cost more than they save.
_WORTH_THREADS = 20_000
_NONE, _RECTANGLE_SHIFT, _RASTER_SHIFT, _RING = range(4)


def compiled_pair_sums(
    frame: Frame, points: Floats, r: Floats, correction: Correction, other: Floats | None
) -> Floats:
    """Return what `geoinc.stats.patterns.pairs.pair_sums` returns, without masses."""
    there = points if other is None else other
    west, south, east, north = frame.bounds
    reach = float(r[-1])
    # Cells as wide as the reach, but no more of them than points.
    cell = max(reach, math.sqrt((east - west) * (north - south) / max(len(there), 1)))
    columns = int((east - west) / cell) + 1
    rows = int((north - south) / cell) + 1
    own = _cells(points, frame, cell, columns, rows)
    order = np.argsort(own, kind="stable")
    points = np.ascontiguousarray(points[order])
    if other is None:
        there, cells = points, own[order]
    else:
        cells = _cells(there, frame, cell, columns, rows)
        order = np.argsort(cells, kind="stable")
        there, cells = np.ascontiguousarray(there[order]), cells[order]
    begin = np.searchsorted(cells, np.arange(columns * rows + 1))
    covariance, raster_cell, row, column = np.ones((1, 1)), 1.0, 0, 0
    edge = np.empty(0)
    edges = np.empty((0, 4))
    kind = _NONE
    if correction == "translation":
        kind = _RECTANGLE_SHIFT if frame.is_rectangle else _RASTER_SHIFT
        if kind == _RASTER_SHIFT:
            covariance, raster_cell, row, column = frame.covariance
    elif correction == "isotropic":
        kind, edge, edges = _RING, frame.to_edge(points), frame.edges
    arguments = (
        points,
        there,
        begin,
        np.array([west, south, cell]),
        columns,
        rows,
        np.ascontiguousarray(r),
        kind,
        other is None,
        np.array([east - west, north - south, frame.area]),
        np.ascontiguousarray(covariance),
        np.array([raster_cell, row, column]),
        edge,
        np.ascontiguousarray(edges),
    )

    def part(number: int) -> Floats:
        return np.asarray(_part(number, *arguments))

    if len(points) < _WORTH_THREADS:
        parts = [part(number) for number in range(_PARTS)]
    else:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            parts = list(pool.map(part, range(_PARTS)))
    sums = np.sum(parts, axis=0)
    return np.cumsum(sums)[: len(r)]


def _cells(points: Floats, frame: Frame, cell: float, columns: int, rows: int) -> NDArray[np.int64]:
    west, south, _, _ = frame.bounds
    column = np.clip(((points[:, 0] - west) / cell).astype(np.int64), 0, columns - 1)
    row = np.clip(((points[:, 1] - south) / cell).astype(np.int64), 0, rows - 1)
    return column * rows + row


@njit(cache=True)
def _bin(r, d, step):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  # compiled
    """Return the first distance that is no less than d."""
    k = min(int(d / step), r.size)
    while k > 0 and r[k - 1] >= d:
        k -= 1
    while k < r.size and r[k] < d:
        k += 1
    return k


@njit(cache=True)
def _inside(edges, x, y):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  # compiled
    """Return whether a point lies in a polygon: an odd number of edges to the right of it."""
    odd = False
    for s in range(edges.shape[0]):
        if (edges[s, 1] > y) != (edges[s, 3] > y) and x < edges[s, 0] + (
            edges[s, 2] - edges[s, 0]
        ) * (y - edges[s, 1]) / (edges[s, 3] - edges[s, 1]):
            odd = not odd
    return odd


@njit(cache=True)
def _share(edges, x, y, d):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  # compiled
    """Return the share of a circle inside a polygon, as `Frame.share_inside` does."""
    turn, square = 0.0, d * d
    for s in range(edges.shape[0]):
        ax, ay = edges[s, 0] - x, edges[s, 1] - y
        bx, by = edges[s, 2] - x, edges[s, 3] - y
        a_inside, b_inside = ax * ax + ay * ay < square, bx * bx + by * by < square
        if a_inside and b_inside:
            continue
        ex, ey = bx - ax, by - ay
        along, norm = -(ax * ex + ay * ey), ex * ex + ey * ey
        if a_inside == b_inside:
            side = ax * ey - ay * ex
            if along <= 0 or along >= norm or side * side >= square * norm:
                continue
        root = math.sqrt(max(along * along - norm * (ax * ax + ay * ay - square), 0.0))
        if not b_inside:  # where it leaves the disc
            t = (along + root) / norm
            turn -= math.atan2(ay + t * ey, ax + t * ex)
        if not a_inside:
            t = (along - root) / norm
            turn += math.atan2(ay + t * ey, ax + t * ex)
    share = (turn % (2 * math.pi)) / (2 * math.pi)
    if 1e-9 <= share <= 1 - 1e-9:
        return share
    return 1.0 if _inside(edges, x + d * math.cos(1.0), y + d * math.sin(1.0)) else 0.0


@njit(cache=True, nogil=True)
def _part(  # type: ignore[no-untyped-def]  # noqa: ANN202, PLR0917  # one loop, compiled
    number,  # noqa: ANN001
    points,  # noqa: ANN001
    there,  # noqa: ANN001
    begin,  # noqa: ANN001
    grid,  # noqa: ANN001
    columns,  # noqa: ANN001
    rows,  # noqa: ANN001
    r,  # noqa: ANN001
    kind,  # noqa: ANN001
    same,  # noqa: ANN001
    size,  # noqa: ANN001
    covariance,  # noqa: ANN001
    raster,  # noqa: ANN001
    edge,  # noqa: ANN001
    edges,  # noqa: ANN001
):
    """Return the sums around every so-manieth point."""
    part = np.zeros(r.size + 1)
    west, south, cell = grid
    width, height, area = size
    raster_cell, row0, column0 = raster
    reach = r[-1]
    step = reach / r.size
    for i in range(number, points.shape[0], _PARTS):
        x, y = points[i]
        column = min(max(int((x - west) / cell), 0), columns - 1)
        row = min(max(int((y - south) / cell), 0), rows - 1)
        for c in range(max(column - 1, 0), min(column + 2, columns)):
            first = begin[c * rows + max(row - 1, 0)]
            last = begin[c * rows + min(row + 1, rows - 1) + 1]
            for j in range(first, last):
                dx, dy = there[j, 0] - x, there[j, 1] - y
                square = dx * dx + dy * dy
                if square > reach * reach * (1 + 1e-12) or (same and i == j):
                    continue
                d = math.sqrt(square)
                weight = 1.0
                if kind == _RECTANGLE_SHIFT:
                    weight = area / ((width - abs(dx)) * (height - abs(dy)))
                elif kind == _RASTER_SHIFT:
                    v, u = row0 + dy / raster_cell, column0 + dx / raster_cell
                    p, q = int(v), int(u)
                    f, g = v - p, u - q
                    shared = (1 - f) * (
                        (1 - g) * covariance[p, q] + g * covariance[p, q + 1]
                    ) + f * ((1 - g) * covariance[p + 1, q] + g * covariance[p + 1, q + 1])
                    weight = area / max(shared, 1e-300)
                elif kind == _RING and d > edge[i]:
                    weight = 1 / max(_share(edges, x, y, d), 1e-300)
                part[_bin(r, d, step)] += min(weight, MOST_WEIGHT)
    return part
