"""Footprints as the page draws them: as fine as a reader can see, and no finer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: Steps to a degree in which outlines are written, about 11 m.
UNIT = 10_000

#: Areas wider than this, in degrees, do not say what a map first shows.
_WIDE_DEG = 4.0

#: A disc up to this radius, in metres, and this far from the poles is a circle on the map.
_CIRCLE_M = 50_000.0
_CIRCLE_DEG = 70.0


def outlines(places: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the footprints of places, for `pack`.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        As `Layers.places`.

    Returns
    -------
    dict
        ``unit``; ``rings``, how many each place has, none where it is a circle
        around its centre; ``points``, how many each ring has; ``steps``,
        longitude and latitude by turns, from each point of a ring to the next.
    """
    shapes = places.geometry.to_numpy()
    error_m = places["uncertainty_m"].to_numpy(dtype=float)
    west, _, east, _ = shapely.bounds(shapes).T
    circle = (
        places["shape"].astype(str).str.startswith("disc").to_numpy(dtype=bool)
        & (error_m <= _CIRCLE_M)
        & (np.abs(places["latitude"].to_numpy(dtype=float)) <= _CIRCLE_DEG)
        & (east - west < 180)
    )
    tolerance = np.clip(error_m * 0.003 / 111_000, 1 / UNIT, 0.02)
    lines = [
        [] if is_circle else rings(shapely.simplify(shape, fine), UNIT)
        for shape, fine, is_circle in zip(shapes, tolerance, circle, strict=True)
    ]
    flat = [ring for place in lines for ring in place]
    steps = [step for ring in flat for step in ring]
    return {
        "unit": UNIT,
        "rings": np.array([len(place) for place in lines], dtype=np.int64),
        "points": np.array([len(ring) // 2 for ring in flat], dtype=np.int64),
        "steps": np.array(steps, dtype=np.int64),
    }


def rings(shape: shapely.Geometry, unit: int) -> list[list[int]]:
    """Return the rings or lines of a shape as steps of 1/unit of a degree.

    Each is a flat list, longitude and latitude by turns: the first point,
    then the way from each point to the next.
    """
    steps = []
    for part in shapely.get_parts([shape]):
        if part.is_empty:
            continue
        lines = list(shapely.get_rings([part])) if part.geom_type == "Polygon" else [part]
        for line in lines:
            points = np.rint(shapely.get_coordinates(line) * unit).astype(int)
            moves = np.diff(points, axis=0)
            moves = moves[np.asarray(moves.any(axis=1))]
            steps.append([*points[0].tolist(), *moves.ravel().tolist()])
    return steps


def first_view(shapes: NDArray[np.object_]) -> tuple[float, float, float, float]:
    """Return what to show first: all places but those so wide that the rest would be a corner.

    Parameters
    ----------
    shapes : array of shapely geometries
        Footprints.

    Returns
    -------
    tuple of float
        West, south, east and north, in degrees.
    """
    if len(shapes) == 0:
        return (-120.0, -50.0, 150.0, 65.0)
    sides = shapely.bounds(shapes)
    wide = np.maximum(sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1]) > _WIDE_DEG
    chosen = sides if wide.all() else sides[~wide]
    west, south = chosen[:, :2].min(axis=0).tolist()
    east, north = chosen[:, 2:].max(axis=0).tolist()
    least = 0.6  # degrees, so that a single place still shows its surroundings
    x = max(0.0, least - (east - west)) / 2
    y = max(0.0, least - (north - south)) / 2
    return (west - x, south - y, east + x, north + y)
