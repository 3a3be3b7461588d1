"""Coordinates of tables: columns, or a geometry of points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def coordinates(table: pd.DataFrame, name: str) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of a table, NaN where there are none.

    Raises
    ------
    ValueError
        Where the table has neither the columns nor points in degrees.
    """
    if "longitude" in table and "latitude" in table:
        return _floats(table["longitude"]), _floats(table["latitude"])
    if isinstance(table, gpd.GeoDataFrame):
        points = table.geometry
        if points.crs is not None:
            points = points.to_crs(4326)
        if (points.geom_type.dropna() == "Point").all():
            shapes = points.to_numpy()
            return shapely.get_x(shapes), shapely.get_y(shapes)
    msg = f"{name} has neither columns 'longitude' and 'latitude' nor a geometry of points"
    raise ValueError(msg)


def on_earth(longitude: Floats, latitude: Floats) -> NDArray[np.bool_]:
    """Return which coordinates, in degrees, are on earth."""
    return (np.abs(longitude) <= 180) & (np.abs(latitude) <= 90)


def _floats(column: pd.Series[Any]) -> Floats:
    return column.to_numpy(dtype=float, na_value=np.nan)
