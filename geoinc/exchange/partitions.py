"""Layers in a folder of partitions: each a folder of layers itself, the footprints once beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geoinc.errors import SchemaError
from geoinc.exchange.geoparquet import read_geoparquet, write_geoparquet
from geoinc.exchange.tables import put_together, taken_apart
from geoinc.schema import Layers

if TYPE_CHECKING:
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


def read_parts(path: Path) -> Layers:
    """Return the layers of all partitions of a folder.

    Raises
    ------
    SchemaError
        Where one of them is none.
    """
    parts = [read_part(part) for part in parts_of(path)]
    if not (path / PLACES).is_dir():
        msg = f"{path.name!r} has no places: it was not written to its end"
        raise SchemaError(msg)
    return Layers(
        launches=pd.concat([part.launches for part in parts]),
        targets=pd.concat([part.targets for part in parts]),
        impacts=pd.concat([part.impacts for part in parts]),
        places=read_part(path / PLACES).places,
    )
