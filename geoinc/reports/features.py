"""Map features and columns: KML, Parquet and whatever else GDAL reads; geometries as coordinates."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import shapely

from geoinc.errors import Problem, SchemaError
from geoinc.geodesy import enclosing_circle
from geoinc.reports.headers import TextTable

if TYPE_CHECKING:
    from pathlib import Path

#: What GDAL adds to every placemark of a KML file, whether it says so or not.
_KML_STYLE = ("altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon")


# ---------------------------------------------------------------- maps


def read_features(source: Path | bytes, name: str, layer: str | int | None) -> TextTable:
    """Read a GeoPackage, a Shapefile or another file of map features.

    Raises
    ------
    SchemaError
        It cannot be read, has several layers of which none was named, or does
        not say its coordinate system.
    """
    table, chosen = _gdal(source, name, layer)
    rows = list(range(1, len(table) + 1))
    plain, problems = in_degrees(table, rows, name)
    return TextTable(plain, np.array(rows, dtype=int), problems, {"layer": chosen})


def read_kml(data: bytes, name: str) -> TextTable:
    """Read the placemarks of a KML file, all its folders, with their dates.

    Raises
    ------
    SchemaError
        It cannot be read, or declares entities, which no map needs and bombs are made of.
    """
    if re.search(rb"<!\s*(?:DOCTYPE|ENTITY)", data.replace(b"\x00", b""), re.IGNORECASE):
        msg = f"{name!r} declares XML entities; a KML file has none, and this one is not read"
        raise SchemaError(msg)
    # The bytes are UTF-8 by now, whatever their first line says.
    data = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", data)
    folders = []
    for layer in _layers(data, name):
        table, _ = _gdal(data, name, layer)
        folders.append(table.assign(folder=layer))
    table = pd.concat(folders, ignore_index=True) if folders else gpd.GeoDataFrame()
    empty = [
        style
        for style in _KML_STYLE
        if style in table and table[style].isin([None, "", -1, 0, 1, "clampToGround"]).all()
    ]
    table = table.drop(columns=[*empty, *(["folder"] if len(folders) < 2 else [])])
    if "date" not in table and not table.empty:
        table["date"] = _kml_days(table)
    rows = list(range(1, len(table) + 1))
    plain, problems = in_degrees(table, rows, name)
    return TextTable(plain, np.array(rows, dtype=int), problems, {"format": "KML"})


def _kml_days(table: pd.DataFrame) -> pd.Series:
    """Return the day or the days that each placemark tells in its own elements."""
    said = {
        name: pd.to_datetime(table[name], utc=True).dt.strftime("%Y-%m-%d").fillna("")
        if name in table
        else pd.Series("", index=table.index)
        for name in ("timestamp", "begin", "end")
    }
    span = said["begin"].replace("", "..") + "/" + said["end"].replace("", "..")
    return said["timestamp"].where((said["timestamp"] != "") | (span == "../.."), span)


def _layers(source: Path | bytes, name: str) -> list[str]:
    import pyogrio  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import; ships no types

    try:
        with warnings.catch_warnings(action="ignore"):  # of GDAL, on names of files
            return [str(layer) for layer in pyogrio.list_layers(source)[:, 0]]
    except (RuntimeError, ValueError) as error:
        raise SchemaError(_cannot(name, error)) from error


def _gdal(source: Path | bytes, name: str, layer: str | int | None) -> tuple[pd.DataFrame, str]:
    names = _layers(source, name)
    if isinstance(layer, int) and 0 <= layer < len(names):
        layer = names[layer]
    if layer is None and len(names) != 1:
        msg = f"{name!r} has {len(names)} layers; say which one, as sheet={names[0] if names else ''!r}: {names}"
        raise SchemaError(msg)
    if layer is not None and layer not in names:
        msg = f"{name!r} has no layer {layer!r}; it has {', '.join(map(repr, names))}"
        raise SchemaError(msg)
    chosen = names[0] if layer is None else str(layer)
    import pyogrio  # noqa: PLC0415  # as above

    try:
        with warnings.catch_warnings(action="ignore"):  # of GDAL, on features; errors follow
            return pyogrio.read_dataframe(source, layer=chosen), chosen
    except (RuntimeError, ValueError, shapely.errors.ShapelyError) as error:
        raise SchemaError(_cannot(name, error)) from error


def _cannot(name: str, error: Exception) -> str:
    return f"{name!r} cannot be read as map features: {str(error).partition(chr(10))[0]}"


def read_parquet(source: Path | bytes, name: str) -> TextTable:
    """Read a Parquet or GeoParquet file.

    Raises
    ------
    SchemaError
        It is damaged.
    """
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: PLC0415  # as above

    file: Any = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        is_map = b"geo" in (pq.read_schema(file).metadata or {})
        if isinstance(file, io.BytesIO):
            file.seek(0)
        table = gpd.read_parquet(file) if is_map else pq.read_table(file).to_pandas()
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        msg = f"{name!r} is a Parquet file that cannot be read: {error}"
        raise SchemaError(msg) from error
    rows = list(range(1, len(table) + 1))
    if table.index.name is not None:
        table = table.reset_index()
    plain, problems = in_degrees(table, rows, name)
    facts = {"format": "GeoParquet" if is_map else "Parquet"}
    return TextTable(plain, np.array(rows, dtype=int), problems, facts)


# ---------------------------------------------------------------- geometries


def in_degrees(
    table: pd.DataFrame, rows: list[int], name: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return features in longitude and latitude on WGS84 as a plain table (`without_geometries`).

    Raises
    ------
    SchemaError
        They do not say their coordinate system.
    """
    if not isinstance(table, gpd.GeoDataFrame):
        return table.reset_index(drop=True), []
    if table.crs is None and table.geometry.notna().any():
        msg = f"{name!r} does not say its coordinate system: a shapefile needs its .prj file"
        raise SchemaError(msg)
    return without_geometries(table if table.crs is None else table.to_crs(4326), rows)


def without_geometries(
    table: gpd.GeoDataFrame, rows: list[int]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return features as a plain table: points as coordinates, areas with their extent too.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        Features in longitude and latitude on WGS84.
    rows : list of int
        Their numbers in the file.

    Returns
    -------
    pandas.DataFrame
        With ``longitude`` and ``latitude``, and where a geometry is no point
        its centre, ``uncertainty_m`` (the circle around it) and ``geom_wkt``.
        Columns of these names that the table has are left as they are.
    list of Problem
        Features without a geometry that has coordinates.
    """
    shapes = table.geometry.to_numpy()
    plain = pd.DataFrame(table.drop(columns=table.geometry.name)).reset_index(drop=True)
    shapes = shapely.force_2d(shapes)
    gone = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    points = ~gone & (shapely.get_type_id(shapes) == 0)
    longitude = np.where(points, shapely.get_x(shapes), np.nan)
    latitude = np.where(points, shapely.get_y(shapes), np.nan)
    radius = np.full(len(plain), np.nan)
    problems = []
    for i in np.flatnonzero(~points & ~gone):
        try:
            longitude[i], latitude[i], radius[i] = enclosing_circle(shapes[i])
        except (ValueError, shapely.errors.ShapelyError) as error:
            why = f"its geometry has no centre on earth: {error}"
            problems.append(Problem(rows[i], "geometry", shapes[i].geom_type, why))
    added = {"longitude": longitude, "latitude": latitude}
    if (~points & ~gone).any():
        added |= {"uncertainty_m": radius}
        words = np.full(len(plain), "", dtype=object)
        words[~points & ~gone] = shapely.to_wkt(shapes[~points & ~gone], rounding_precision=-1)
        added |= {"geom_wkt": words}
    if not gone.all():
        for column, values in added.items():
            if column not in plain:
                plain[column] = values
    return plain, problems
