"""Layers as a folder of GeoParquet files, footprints once beside the rows that name them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import shapely

from geoinc.errors import SchemaError
from geoinc.exchange.tables import TABLES, PlainLayers, with_shapes

if TYPE_CHECKING:
    from pathlib import Path

#: What the columns of the tables were, as JSON.
DESCRIPTION = "layers.json"


def write_geoparquet(parts: PlainLayers, path: Path) -> None:
    """Write a folder: ``launches.parquet``, ``targets.parquet``, ``impacts.parquet``, ``places.parquet``.

    Parameters
    ----------
    parts : PlainLayers
        The layers.
    path : path
        A new folder.
    """
    path.mkdir()
    for name, table in parts.tables.items():
        # The least and greatest of texts serve nobody, and take as long as writing them.
        figures = table.select_dtypes(["number", "bool", "datetime"]).columns
        table.to_parquet(
            path / f"{name}.parquet",
            index=False,
            compression="zstd",
            write_statistics=[str(name) for name in figures],
        )
    (path / DESCRIPTION).write_text(parts.description, encoding="utf-8")


def read_geoparquet(path: Path) -> tuple[dict[str, gpd.GeoDataFrame], str]:
    """Return the tables of a folder that `write_geoparquet` wrote, and their description.

    Raises
    ------
    SchemaError
        Where it is none.
    """
    try:
        description = (path / DESCRIPTION).read_text(encoding="utf-8")
        told = json.loads(description)["tables"]
        tables = {name: _read(path / f"{name}.parquet", told[name]["columns"]) for name in TABLES}
    except (OSError, ValueError, KeyError, pa.ArrowInvalid) as error:
        msg = f"{path.name!r} holds no layers of geoinc: {error}"
        raise SchemaError(msg) from error
    return tables, description


def _read(file: Path, columns: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    # Texts that become objects of Python are made once for each different one.
    objects = [column["stored"] for column in columns if column["dtype"] == "object"]
    table = pq.read_table(file, read_dictionary=[*objects, "geometry"]).to_pandas()
    shapes = table.pop("geometry")
    if isinstance(shapes.dtype, pd.CategoricalDtype):
        # So are points, which many rows share.
        known = shapely.from_wkb(shapes.cat.categories.to_numpy(dtype=object))
        found = np.append(known, np.array([None]))[shapes.cat.codes]  # -1 is the last
    else:  # another program wrote them in another way
        found = gpd.read_parquet(file, columns=["geometry"]).geometry.to_numpy()
    return with_shapes(table, found, len(table.columns))
