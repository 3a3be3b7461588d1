"""Layers as a folder of GeoParquet files, footprints once beside the rows that name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pyarrow as pa  # type: ignore[import-untyped]

from geoinc.errors import SchemaError
from geoinc.exchange.tables import TABLES, PlainLayers

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
        table.to_parquet(path / f"{name}.parquet", index=False, compression="zstd")
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
        tables = {name: gpd.read_parquet(path / f"{name}.parquet") for name in TABLES}
    except (OSError, ValueError, pa.ArrowInvalid) as error:
        msg = f"{path.name!r} holds no layers of geoinc: {error}"
        raise SchemaError(msg) from error
    return tables, description
