"""Layers in a folder of partitions: each a folder of layers itself, the footprints once beside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from geoinc.errors import SchemaError
from geoinc.exchange.columns import restored
from geoinc.exchange.geoparquet import DESCRIPTION, read_geoparquet, write_geoparquet
from geoinc.exchange.tables import TABLES, put_together, taken_apart
from geoinc.schema import Layers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


#: The folder of the footprints, beside the partitions.
PLACES = "places"


def parts_of(path: Path) -> list[Path]:
    """Return the partitions of a folder of layers, in their order; none where it is not in parts."""
    return sorted(path.glob("part-*"))


def write_part(layers: Layers, path: Path) -> None:
    """Write a partition, or the footprints with no rows: a new folder of GeoParquet files."""
    write_geoparquet(taken_apart(layers, dates=True), path)


def read_part(path: Path) -> Layers:
    """Return the layers of a partition, or with no rows the footprints.

    Raises
    ------
    SchemaError
        Where it is none.
    """
    tables, description = read_geoparquet(path)
    return put_together(tables, description, f"{path.parent.name}/{path.name}")


def read_rows(path: Path, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the rows of a layer of a partition as a plain table, without their points.

    Parameters
    ----------
    path : path
        Of the partition.
    name : {"launches", "targets", "impacts"}
        Which layer.
    columns : sequence of str, optional
        What is wanted, in this order; all by default.

    Raises
    ------
    SchemaError
        Where it is none.
    """
    file = path / f"{name}.parquet"
    try:
        told = json.loads((path / DESCRIPTION).read_text(encoding="utf-8"))
        described = told["tables"][name]["columns"]
        stored = {column["name"]: column["stored"] for column in described}
        index, *others = described
        if columns is not None:
            # What another program added bears its own name.
            wanted = [index["stored"], *(stored.get(column, column) for column in columns)]
            table = pd.read_parquet(file, columns=wanted)
            others = [column for column in others if column["stored"] in wanted]
        else:
            table = pd.read_parquet(file).drop(columns="geometry")
    except (OSError, ValueError, KeyError, pa.ArrowInvalid) as error:
        msg = f"{path.name!r} holds no layers of geoinc: {error}"
        raise SchemaError(msg) from error
    own = restored(table, [index, *others])
    own = own.join(table.drop(columns=[column["stored"] for column in (index, *others)]))
    rows = own.set_index(index["name"])
    rows.index.name = TABLES[name]
    return rows if columns is None else rows[[*columns]]


def read_parts(path: Path) -> Layers:
    """Return the layers of all partitions of a folder.

    Raises
    ------
    SchemaError
        Where one of them is none.
    """
    if not (path / PLACES).is_dir():
        msg = f"{path.name!r} has no places: it was not written to its end"
        raise SchemaError(msg)
    parts: dict[str, list[pd.DataFrame]] = {"launches": [], "targets": [], "impacts": []}
    for part in parts_of(path):
        layers = read_part(part)
        for name, tables in parts.items():
            tables.append(pd.DataFrame(getattr(layers, name)))
    whole = {name: _one_below_another(tables) for name, tables in parts.items()}
    return Layers(**whole, places=read_part(path / PLACES).places)


def _one_below_another(tables: list[pd.DataFrame]) -> gpd.GeoDataFrame:
    """Return tables as one, and take them from the list: no more than a column is there twice."""
    first, *others = tables
    attrs = [{k: v for k, v in table.attrs.items() if k != "rows"} for table in tables]
    columns = first.columns
    if any(not table.columns.equals(columns) for table in others):
        whole = pd.concat(tables)
    else:
        index = first.index.append([table.index for table in others])
        parts = [dict(table.items()) for table in tables]
        del first, others
        tables.clear()
        found = {
            name: pd.concat([part.pop(name) for part in parts], ignore_index=True)
            for name in columns
        }
        whole = pd.DataFrame(found, copy=False).set_axis(index)
    layer = gpd.GeoDataFrame(whole, geometry="geometry", copy=False)
    # In which row of its file an account stands, each part knows of its own rows alone.
    layer.attrs = attrs[0] if all(one == attrs[0] for one in attrs) else {}
    return layer
