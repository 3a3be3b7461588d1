"""Layers as one GeoJSON file (RFC 7946): a feature for each row and each place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from geoinc.errors import SchemaError
from geoinc.exchange.tables import TABLES, PlainLayers
from geoinc.progress import watched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: The property that says which table a feature is of.
_LAYER = "geoinc_layer"


def write_geojson(parts: PlainLayers, path: Path, named: Sequence[str]) -> None:
    """Write a FeatureCollection.

    Parameters
    ----------
    parts : PlainLayers
        The layers; dates as texts.
    path : path
        A new file.
    named : sequence of str
        Who is to be named where the data are used.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        head = {"credits": list(named), "layers": json.loads(parts.description)}
        file.write(f'{{"type":"FeatureCollection","geoinc":{_json(head)},"features":[')
        comma = ""
        for name, table in parts.tables.items():
            # Outer rings run counter-clockwise there.
            shapes = shapely.to_geojson(shapely.orient_polygons(table.geometry.to_numpy()))
            rows = table.drop(columns="geometry").astype(object)
            records = rows.where(rows.notna(), None).to_dict("records")
            pairs = zip(records, shapes, strict=True)
            for record, shape in watched(pairs, f"writing {name}", len(table)):
                properties = _json({_LAYER: name, **record})
                file.write(
                    f'{comma}\n{{"type":"Feature","properties":{properties},"geometry":{shape or "null"}}}'
                )
                comma = ","
        file.write("\n]}\n")


def read_geojson(path: Path) -> tuple[dict[str, gpd.GeoDataFrame], str]:
    """Return the tables of a file that `write_geojson` wrote, and their description.

    Raises
    ------
    SchemaError
        Where it is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = content["geoinc"]["layers"]
        features = content["features"]
        tables = {name: _table(features, name, known["tables"][name]) for name in TABLES}
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{path.name!r} holds no layers of geoinc: {error!r}"
        raise SchemaError(msg) from error
    return tables, json.dumps(known)


def _table(features: list[dict[str, Any]], name: str, known: dict[str, Any]) -> gpd.GeoDataFrame:
    own = [one for one in features if one["properties"][_LAYER] == name]
    stored = [column["stored"] for column in known["columns"]]
    rows = pd.DataFrame([one["properties"] for one in own], dtype=object)
    rows = rows.drop(columns=_LAYER, errors="ignore") if own else pd.DataFrame(columns=stored)
    shapes: Any = [
        None if one["geometry"] is None else shapely.from_geojson(json.dumps(one["geometry"]))
        for one in own
    ]
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, crs=4326), crs=4326)


def _json(value: object) -> str:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_number
    )


def _number(value: Any) -> object:
    """Return a number of NumPy's as one of Python's."""
    return value.item()
