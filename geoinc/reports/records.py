"""Records in JSON: in a list, one on each line, or features with geometries."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from geoinc.errors import Problem, SchemaError
from geoinc.reports.cells import valid_text
from geoinc.reports.features import without_geometries
from geoinc.reports.headers import TextTable

#: Coordinate systems that are longitude and latitude on WGS84, as old GeoJSON files call them.
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")


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
