"""The cells of H3: which of them a shape meets, and their outlines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoinc.geodesy import on_earth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]

#: The finest resolution of H3.
FINEST = 15
#: Edges are arcs of great circles; in longitude and latitude a straight one of this length is
#: off by 5 m in the latitude of Baghdad.
_STRAIGHT_KM = 20.0


def library() -> Any:
    """Return the library of H3, or say how to get it.

    Raises
    ------
    ModuleNotFoundError
        Where h3 is missing.
    """
    try:
        import h3  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        msg = "hexagons need h3: pip install 'geoinc[h3]'"
        raise ModuleNotFoundError(msg, name="h3") from error
    return h3


def cells_at(longitude: Floats, latitude: Floats, resolution: int) -> list[str]:
    """Return the cell that each point lies in.

    Parameters
    ----------
    longitude, latitude : array of float
        Degrees.
    resolution : int
        Of H3, 0 to 15.
    """
    cell_at = library().latlng_to_cell
    return [cell_at(lat, lon, resolution) for lon, lat in zip(longitude, latitude, strict=True)]


def cells_meeting(shape: BaseGeometry, resolution: int) -> list[str]:
    """Return the cells that an area meets, in the order of their names.

    Parameters
    ----------
    shape : shapely Polygon or MultiPolygon
        Degrees.
    resolution : int
        Of H3, 0 to 15.
    """
    h3 = library()
    area = h3.geo_to_h3shape(shapely.geometry.mapping(shape))
    return sorted(set(h3.h3shape_to_cells_experimental(area, resolution, contain="overlap")))


def outlines_of(cells: Sequence[str] | Shapes) -> Shapes:
    """Return the outlines of cells.

    Parameters
    ----------
    cells : sequence or array of str
        All of one resolution.

    Returns
    -------
    array of shapely Polygon, or MultiPolygon where one crosses the antimeridian
        Degrees.
    """
    if not len(cells):
        return np.empty(0, dtype=object)
    h3 = library()
    edge_km = h3.average_hexagon_edge_length(h3.get_resolution(cells[0]), unit="km")
    steps = math.ceil(edge_km / _STRAIGHT_KM)
    rings = [h3.cell_to_boundary(cell) for cell in cells]
    size = np.array([len(ring) for ring in rings])
    corners = np.array([corner for ring in rings for corner in ring])[:, ::-1]
    if steps > 1:
        parts = np.split(corners, size.cumsum()[:-1])
        corners, size = np.concatenate([_bent(ring, steps) for ring in parts]), size * steps
    number = np.repeat(np.arange(len(rings)), size)
    shapes = np.asarray(shapely.polygons(shapely.linearrings(corners, indices=number)))
    start = size.cumsum() - size
    before = np.roll(corners[:, 0], 1)
    before[start] = corners[start + size - 1, 0]
    for i in np.unique(number[np.abs(corners[:, 0] - before) > 180]):
        shapes[i] = _around(corners[start[i] : start[i] + size[i]])
    return shapes


def _bent(corners: Floats, steps: int) -> Floats:
    """Return corners with points between them on arcs of great circles of the sphere, as H3 has it."""
    lon, lat = np.radians(corners).T
    first = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    part = (np.arange(steps) / steps)[:, None]
    x, y, z = (first[:, None] * (1 - part) + np.roll(first, -1, axis=0)[:, None] * part).T
    between = np.stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))], axis=-1)
    return np.asarray(np.degrees(between.swapaxes(0, 1).reshape(-1, 2)))


def _around(ring: Floats) -> BaseGeometry:
    """Return the outline of a cell that crosses the antimeridian, or lies around a pole."""
    lon, lat = np.unwrap(ring[:, 0], period=360), ring[:, 1]
    if abs(lon[-1] - lon[0]) > 180:
        pole, east = math.copysign(90, lat[0]), lon[0] + math.copysign(360, lon[-1] - lon[0])
        lon, lat = np.append(lon, [east, east, lon[0]]), np.append(lat, [lat[0], pole, pole])
    return on_earth(shapely.Polygon(np.column_stack([lon, lat])))
