"""Grids of areas: squares of a stated size, or hexagons."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geoinc.geodesy import polygons
from geoinc.h3_cells import FINEST, cells_meeting, library, outlines_of
from geoinc.stats.windows import window_of

#: More cells than this are no areas but a picture: see `density`.
_MOST_CELLS = 200_000


def square_grid(window: Any, *, size_m: float) -> gpd.GeoDataFrame:
    """Cut a window into squares.

    Parameters
    ----------
    window : Window, polygon or GeoDataFrame
        What is covered, see `window_of`.
    size_m : float
        Side of a square, metres, in the window's own projection, which is true to area.

    Returns
    -------
    geopandas.GeoDataFrame
        Squares in degrees, cut off at the edge of the window; index ``row column`` from the south
        west.

    Raises
    ------
    ValueError
        Where there would be more than 200,000, or the window is too wide for a plane.

    Examples
    --------
    >>> import shapely
    >>> from geoinc import stats
    >>> len(stats.square_grid(shapely.box(42, 33, 43, 34), size_m=50_000))
    6
    """
    if not size_m > 0:
        msg = f"size_m={size_m!r} is not above 0"
        raise ValueError(msg)
    window = window_of(None, window)
    plane = window.planar
    west, south, east, north = plane.bounds
    columns = int(np.ceil((east - west) / size_m))
    rows = int(np.ceil((north - south) / size_m))
    if rows * columns > _MOST_CELLS:
        msg = f"{rows * columns:,} squares of {size_m:g} m are too many: give a larger size"
        raise ValueError(msg)
    # In the middle, so that no side has a sliver that the other has not.
    west -= (columns * size_m - (east - west)) / 2
    south -= (rows * size_m - (north - south)) / 2
    row, column = (at.ravel() for at in np.mgrid[:rows, :columns])
    x, y = west + column * size_m, south + row * size_m
    squares = shapely.box(x, y, x + size_m, y + size_m)
    met = shapely.intersects(plane, squares)
    cut = shapely.intersection(squares[met], plane)
    labels = np.char.add(np.char.add(row[met].astype(str), " "), column[met].astype(str))
    # Straight in the plane, edges are curves in degrees.
    fine = shapely.segmentize(cut, size_m / 4)
    cells = shapely.transform(fine, lambda points: np.column_stack(window.unproject(points)))
    kept = shapely.area(cut) > 1e-6 * size_m**2
    shapes = [polygons(cell) for cell in cells[kept]]
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, index=labels[kept], crs=4326))


def hexagons(window: Any, *, resolution: int) -> gpd.GeoDataFrame:
    """Cover a window with the hexagons of H3 (extra ``h3``).

    Parameters
    ----------
    window : Window, polygon or GeoDataFrame
        What is covered, see `window_of`.
    resolution : int
        Of H3: 4 has hexagons of about 1,770 square kilometres, each further one a seventh of that.

    Returns
    -------
    geopandas.GeoDataFrame
        All hexagons that touch the window, whole; index the H3 cell.

    Raises
    ------
    ModuleNotFoundError
        Where h3 is missing.
    ValueError
        Where `resolution` is not from 0 to 15, or there would be more than 200,000.
    """
    h3 = library()
    if not 0 <= resolution <= FINEST:
        msg = f"resolution={resolution!r} is not from 0 to 15"
        raise ValueError(msg)
    window = window_of(None, window)
    expected = window.area_m2 / h3.average_hexagon_area(resolution, unit="m^2")
    if expected > _MOST_CELLS:
        msg = f"about {expected:,.0f} hexagons are too many: give a smaller resolution"
        raise ValueError(msg)
    cells = cells_meeting(window.shape, resolution)
    shapes = gpd.GeoSeries(outlines_of(cells), index=cells, crs=4326)
    return gpd.GeoDataFrame(geometry=shapes)
