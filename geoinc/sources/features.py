"""Files of map features: GeoJSON feature by feature, and whatever else GDAL reads."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from shapely.geometry import shape as to_geometry

from geoinc.errors import GazetteerError, Problem
from geoinc.reports import cell_text, valid_text
from geoinc.sources.records import opened
from geoinc.sources.tables import TableRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

#: Coordinate systems that are longitude and latitude on WGS84, as old GeoJSON files call them.
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")


def read_json(path: Path) -> dict[str, Any]:
    """Return the features of a JSON file: one collection, or a feature on each line.

    Raises
    ------
    GazetteerError
        The file is no JSON, or has no features.
    """
    with opened(path) as file:
        text = file.read()
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        try:  # one feature a line (GeoJSON text sequences, RFC 8142)
            lines = [line.strip("\x1e \r") for line in text.split("\n")]
            data = {"features": [json.loads(line) for line in lines if line]}
        except json.JSONDecodeError:
            msg = f"{path.name!r} is no JSON: {error}"
            raise GazetteerError(msg) from error
    if isinstance(data, dict) and data.get("type") == "Feature":
        data = {"features": [data]}
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        msg = f"{path.name!r} is JSON, but no collection of features"
        raise GazetteerError(msg)
    return data


def geojson_rows(data: dict[str, Any], problems: list[Problem], name: str) -> Iterator[TableRow]:
    """Yield the features of a GeoJSON collection (RFC 7946), numbered from 1.

    Parameters
    ----------
    data : dict
        As `read_json` returns it.
    problems : list of Problem
        Gets a problem for each feature that is none.
    name : str
        Name of the file, for messages.

    Raises
    ------
    GazetteerError
        The coordinates are in another system than WGS84, which GeoJSON does not allow.
    """
    crs = str(((data.get("crs") or {}).get("properties") or {}).get("name") or "CRS84")
    if not crs.endswith(_WGS84):
        msg = (
            f"{name!r} has its coordinates in {crs}; save the file as GeoJSON in WGS84 (EPSG:4326)"
        )
        raise GazetteerError(msg)
    for number, feature in enumerate(data["features"], 1):
        try:
            geometry = feature.get("geometry")
            properties = feature.get("properties") or {}
            found = shapely.force_2d(to_geometry(geometry)) if geometry else None
            cells = {str(key): _text(value) for key, value in properties.items()}
        except (
            AttributeError,
            KeyError,
            TypeError,
            ValueError,
            shapely.errors.ShapelyError,
        ) as error:
            why = f"left out: it is no feature ({type(error).__name__}: {error})"
            problems.append(Problem(number, "geometry", "", why))
            continue
        if "id" in feature:
            cells.setdefault("id", _text(feature["id"]))
        yield TableRow(number, cells, found)


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ";".join(map(_text, value))
    return valid_text(cell_text(value)).strip()


def read_features(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """Return a layer of any file that GDAL reads, in longitude and latitude on WGS84.

    Raises
    ------
    GazetteerError
        GDAL cannot read it, it has no such layer, or it does not say its coordinate system.
    """
    try:
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # errors follow
            names = gpd.list_layers(path)["name"].tolist()
            if layer is None and len(names) != 1:
                msg = f"{path.name!r} has {len(names)} layers; say which: layer= one of {names}"
                raise GazetteerError(msg)
            table = gpd.read_file(path, layer=layer)
    except (RuntimeError, ValueError, UnicodeDecodeError) as error:
        reason = str(error).partition("\n")[0]
        msg = f"{path.name!r} cannot be read as a file of map features: {reason}"
        raise GazetteerError(msg) from error
    if not isinstance(table, gpd.GeoDataFrame):
        msg = (
            f"{path.name!r} holds neither map features nor text; save it as GeoPackage or CSV UTF-8"
        )
        raise GazetteerError(msg)
    return in_wgs84(table, path.name)


def in_wgs84(table: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Return a table of features in longitude and latitude on WGS84.

    Raises
    ------
    GazetteerError
        It does not say its coordinate system.
    """
    if table.crs is None:
        msg = f"{name!r} does not say its coordinate system: a shapefile needs its .prj file"
        raise GazetteerError(msg)
    return table.to_crs(4326)


def frame_rows(table: pd.DataFrame, *, first: int) -> Iterator[TableRow]:
    """Yield the rows of a table of pandas or geopandas as text.

    Parameters
    ----------
    table : pandas.DataFrame
        With or without geometries (longitude and latitude on WGS84).
    first : int
        The number of the first row.
    """
    geometries = None
    if isinstance(table, gpd.GeoDataFrame):
        geometries = shapely.force_2d(table.geometry.to_numpy())
        table = table.drop(columns=table.geometry.name)
    names = list(map(str, table.columns))
    columns = [table.iloc[:, place].tolist() for place in range(table.shape[1])]
    for offset in range(len(table)):
        cells = {name: _text(column[offset]) for name, column in zip(names, columns, strict=True)}
        geometry = None if geometries is None else geometries[offset]
        yield TableRow(first + offset, cells, geometry)
