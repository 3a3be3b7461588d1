"""Records with or without geometries: JSON, GeoJSON, KML, Parquet and whatever else GDAL reads."""

from __future__ import annotations

import io
import json
import re
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pyogrio  # type: ignore[import-untyped]
import shapely
from shapely.geometry import shape

from geoinc.errors import Problem, SchemaError
from geoinc.geodesy import enclosing_circle
from geoinc.reports.cells import valid_text
from geoinc.reports.headers import TextTable

if TYPE_CHECKING:
    from pathlib import Path

#: Coordinate systems that are longitude and latitude on WGS84, as old GeoJSON files call them.
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")

#: What GDAL adds to every placemark of a KML file, whether it says so or not.
_KML_STYLE = ("altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon")


# ---------------------------------------------------------------- JSON


def read_json(text: str, name: str) -> TextTable:
    """Read JSON: records in a list, one on each line, or features with geometries.

    Raises
    ------
    SchemaError
        It is no JSON, or holds no records.
    """
    numbers: list[int] | None = None
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        if "\n" not in text.strip():
            msg = f"{name!r} is no JSON: {error}"
            raise SchemaError(msg) from error
        data, numbers = _json_lines(text, name)
    except (RecursionError, ValueError) as error:
        msg = f"{name!r} is JSON that cannot be read: {error}"
        raise SchemaError(msg) from error
    features = _features(data)
    if features is not None:
        _check_crs(data, name)
        return _geojson(features, numbers, name)
    records = _records(data, name)
    at = np.arange(1, len(records) + 1) if numbers is None else np.array(numbers)
    facts = {"format": "JSON" if numbers is None else "JSON lines"}
    return TextTable(_frame(records), at, [], facts)


def _json_lines(text: str, name: str) -> tuple[list[Any], list[int]]:
    """Return the values of the lines that are not blank, and their numbers."""
    values, numbers = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if words := line.strip("\x1e \t\r"):
            try:
                values.append(json.loads(words))
            except (ValueError, RecursionError) as error:
                msg = f"{name!r}, line {number}: {error}; it is neither JSON nor JSON lines"
                raise SchemaError(msg) from error
            numbers.append(number)
    return values, numbers


def _features(data: object) -> list[Any] | None:
    """Return the features of GeoJSON, None where it is other JSON."""
    if isinstance(data, dict) and isinstance(data.get("features"), list):
        return list(data["features"])
    if isinstance(data, dict) and data.get("type") == "Feature":
        return [data]
    if isinstance(data, list) and data and all(_is_feature(one) for one in data):
        return data
    return None


def _is_feature(one: object) -> bool:
    return isinstance(one, dict) and one.get("type") == "Feature"


def _check_crs(data: object, name: str) -> None:
    crs = data.get("crs") if isinstance(data, dict) else None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    code = str(properties.get("name") if isinstance(properties, dict) else "CRS84")
    if not code.endswith(_WGS84):
        msg = (
            f"{name!r} has its coordinates in {code}; save the file as GeoJSON in WGS84 (EPSG:4326)"
        )
        raise SchemaError(msg)


def _geojson(features: list[Any], numbers: list[int] | None, name: str) -> TextTable:
    records: list[dict[str, Any]] = []
    geometries: list[Any] = []
    problems: list[Problem] = []
    rows = numbers or list(range(1, len(features) + 1))
    for number, feature in zip(rows, features, strict=True):
        try:
            properties = dict(feature.get("properties") or {})
            if "id" in feature:
                properties.setdefault("id", feature["id"])
        except (AttributeError, TypeError, ValueError) as error:
            msg = f"{name!r}, feature {number} is none: {error}"
            raise SchemaError(msg) from error
        records.append(properties)
        try:
            found = feature.get("geometry")
            geometries.append(shape(found) if found else None)
        except (
            AttributeError,
            KeyError,
            TypeError,
            ValueError,
            shapely.errors.ShapelyError,
        ) as error:
            why = f"it has no geometry that can be read ({type(error).__name__}: {error})"
            problems.append(Problem(number, "geometry", "", why))
            geometries.append(None)
    shapes = gpd.GeoSeries(geometries, crs=4326)
    table = gpd.GeoDataFrame(_frame(records), geometry=shapes)
    plain, faults = without_geometries(table, rows)
    return TextTable(plain, np.array(rows, dtype=int), problems + faults, {"format": "GeoJSON"})


def _records(data: object, name: str) -> list[dict[str, Any]]:
    """Return the records of JSON: a list of them, alone or as the one list of an object."""
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list) and value]
        of_records = [value for value in lists if all(isinstance(one, dict) for one in value)]
        if len(of_records) == 1:  # the answer of a service: {"success": true, "data": [...]}
            data = of_records[0]
        elif lists and len(lists) == len(data) and len({len(value) for value in lists}) == 1:
            data = pd.DataFrame(data).to_dict("records")  # a list for each column
        elif data and all(isinstance(value, dict) for value in data.values()):
            data = pd.DataFrame(data).to_dict("records")  # as pandas writes tables
        else:
            data = [data]
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        msg = f"{name!r} is JSON, but no list of records with named fields"
        raise SchemaError(msg)
    return data


def _frame(records: list[dict[str, Any]]) -> pd.DataFrame:
    """Return records as a table; fields of fields are named "outer.inner", lists joined by ``;``."""
    flat = [_flat(record) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    columns = {name: [record.get(name) for record in flat] for name in names}
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(records)), dtype=object)
    return table.infer_objects()


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for key, value in record.items():
        name = valid_text(f"{prefix}{key}")
        if isinstance(value, dict) and prefix.count(".") < 8:
            cells |= _flat(value, f"{name}.")
        elif isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
            cells[name] = valid_text("; ".join(map(str, value)))
        elif isinstance(value, dict | list):
            cells[name] = json.dumps(value, ensure_ascii=False)
        else:
            cells[name] = valid_text(value) if isinstance(value, str) else value
    return cells


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
    try:
        with warnings.catch_warnings(action="ignore"):  # of GDAL, on names of files
            return [str(layer) for layer in pyogrio.list_layers(source)[:, 0]]
    except (pyogrio.errors.DataSourceError, RuntimeError, ValueError) as error:
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
    try:
        with warnings.catch_warnings(action="ignore"):  # of GDAL, on features; errors follow
            return pyogrio.read_dataframe(source, layer=chosen), chosen
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        RuntimeError,
        ValueError,
        shapely.errors.ShapelyError,
    ) as error:
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
