"""Polygons around what is high on a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoinc.geodesy import polygons

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

    Floats = NDArray[np.float64]


def level_of(values: Floats, share: float) -> float:
    """Return the level above which the highest values, together, hold a share of the sum.

    Parameters
    ----------
    values : array of float
        Not negative; NaN is left out.
    share : float
        More than 0, less than 1.
    """
    if not 0 < share < 1:
        msg = f"share={share!r} is not between 0 and 1"
        raise ValueError(msg)
    ordered = np.sort(values[np.isfinite(values)])[::-1]
    held = np.cumsum(ordered)
    return float(ordered[min(np.searchsorted(held, share * held[-1]), len(ordered) - 1)])


def above(values: Floats, columns: Floats, rows: Floats, level: float) -> Polygon | MultiPolygon:
    """Return where values, linear between the middles of cells, are at a level or higher.

    Parameters
    ----------
    values : array of float, two dimensions
        Rows from south to north; no NaN.
    columns, rows : array of float
        The middles of the cells.
    level : float
        What is high.
    """
    x, y = np.meshgrid(columns, rows)
    # The corners of every square between four middles, one after the other around it.
    corner = [(slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None)),
              (slice(1, None), slice(1, None)), (slice(1, None), slice(None, -1))]  # fmt: skip
    height, east, north = (
        np.stack([part[at].ravel() for at in corner], axis=1) for part in (values - level, x, y)
    )
    high = height >= 0
    parts = [_boxes(high.all(axis=1).reshape(len(rows) - 1, -1), columns, rows)]
    cut = high.any(axis=1) & ~high.all(axis=1)
    parts.append(_cuts(height[cut], east[cut], north[cut]))
    return polygons(shapely.union_all(np.concatenate(parts)))


def grown(values: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Return values that go on beyond the window as they are at its nearest cell."""
    from scipy.ndimage import distance_transform_edt  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import

    nearest = distance_transform_edt(~inside, return_distances=False, return_indices=True)
    return np.asarray(values[tuple(nearest)])


def _boxes(full: NDArray[np.bool_], columns: Floats, rows: Floats) -> NDArray[np.object_]:
    """Return boxes over runs of full squares, a run of a row in one."""
    edge = np.diff(np.pad(full.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, first = np.nonzero(edge == 1)
    _, past = np.nonzero(edge == -1)
    return np.asarray(shapely.box(columns[first], rows[row], columns[past], rows[row + 1]))


def _cuts(height: Floats, east: Floats, north: Floats) -> NDArray[np.object_]:
    """Return the high part of squares that the level cuts."""
    following = np.roll(height, -1, axis=1)
    high = height >= 0
    crossed = high != (following >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = np.where(crossed, height / (height - following), 0.0)
    # Of every side first the corner, where it is high, then the crossing, where there is one.
    x, y = (
        np.stack([part, part + along * (np.roll(part, -1, axis=1) - part)], axis=2).reshape(-1, 8)
        for part in (east, north)
    )
    used = np.stack([high, crossed], axis=2).reshape(-1, 8)
    count = used.sum(axis=1)
    made = [np.empty(0, dtype=object)]
    for number in np.unique(count):
        some = count == number
        corners = np.stack([x[some][used[some]], y[some][used[some]]], axis=1)
        made.append(np.asarray(shapely.polygons(corners.reshape(-1, number, 2)), dtype=object))
    return np.concatenate(made)
