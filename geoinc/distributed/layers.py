"""Layers in partitions: the rows on many workers, the footprints once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dask
import dask.dataframe as dd
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from dask.base import compute

from geoinc.exchange import read_layers as read_whole
from geoinc.exchange.partitions import PLACES, parts_of, read_part, read_rows
from geoinc.schema import ROLES, Layers

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

#: Dask would make pyarrow's strings of texts; a layer has the same columns wherever it is.
AS_THEY_ARE = {"dataframe.convert-string": False}


@dataclass(frozen=True, eq=False)
class DistributedLayers:
    """What happened where, in partitions: `geoinc.Layers` for more rows than one process holds.

    Parameters
    ----------
    launches, targets, impacts : dask.dataframe.DataFrame
        The columns of a layer (`geoinc.Layers`) without ``geometry``, which ``longitude`` and
        ``latitude`` say; index ``row``.  What a layer says of its file (``attrs``) is left out.
    places : geopandas.GeoDataFrame
        The places that the rows name, in memory: index ``place_id``, geometry the footprint.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"longitude": [44.36, 43.1], "latitude": [33.94, 36.3]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=1000)
    >>> parts = gi.distributed.from_layers(layers, npartitions=2)
    >>> parts.targets.npartitions, len(parts.compute().targets)
    (2, 2)
    """

    launches: dd.DataFrame
    targets: dd.DataFrame
    impacts: dd.DataFrame
    places: gpd.GeoDataFrame

    def layer(self, role: str) -> dd.DataFrame:
        """Return the layer of a role: ``launch``, ``target`` or ``impact``."""
        layers = {"launch": self.launches, "target": self.targets, "impact": self.impacts}
        if role not in layers:
            msg = f"{role!r} is not a role; use one of {', '.join(ROLES)}"
            raise ValueError(msg)
        return layers[role]

    def compute(self) -> Layers:
        """Return the layers in memory, rows in the order of the partitions."""
        launches, targets, impacts = compute(self.launches, self.targets, self.impacts)
        return Layers(
            with_points(launches), with_points(targets), with_points(impacts), self.places
        )


def with_points(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return rows of a layer with their centres as ``geometry``, as one machine has them.

    Parameters
    ----------
    rows : pandas.DataFrame
        A partition of a layer, or several.
    """
    centres = np.full(len(rows), None, dtype=object)
    known = rows["longitude"].notna().to_numpy()
    centres[known] = shapely.points(rows.loc[known, ["longitude", "latitude"]].to_numpy(float))
    # pandas makes strings of the objects of an index that it puts together.
    rows = rows.set_axis(rows.index.astype(object))
    return gpd.GeoDataFrame(rows, geometry=centres, crs=4326)


def from_layers(layers: Layers, *, npartitions: int) -> DistributedLayers:
    """Return layers in partitions.

    Their rows travel to the workers with each question, and again where a worker is lost: what is
    large is better written, and read by `read_layers`.

    Parameters
    ----------
    layers : Layers
        In memory.
    npartitions : int
        How many partitions a layer has at most; an empty one has one.
    """
    return DistributedLayers(
        launches=_in_parts(layers.launches, npartitions),
        targets=_in_parts(layers.targets, npartitions),
        impacts=_in_parts(layers.impacts, npartitions),
        places=layers.places,
    )


def _in_parts(layer: gpd.GeoDataFrame, npartitions: int) -> dd.DataFrame:
    rows = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    # Else each partition would carry the row of the file of every account.
    rows.attrs = {}
    with dask.config.set(AS_THEY_ARE):
        parts: dd.DataFrame = dd.from_pandas(rows, npartitions=npartitions, sort=False)
    return parts


def read_layers(path: str | os.PathLike[str], *, npartitions: int = 1) -> DistributedLayers:
    """Read layers that `write_layers` wrote, each partition when it is needed.

    Parameters
    ----------
    path : path
        A folder of partitions; or any file of `geoinc.read_layers`, which is read now.
    npartitions : int
        How many partitions a layer gets that is not in partitions already.

    Raises
    ------
    FileNotFoundError, SchemaError, ValueError
        As of `geoinc.read_layers`.
    """
    folder = Path(path)
    parts = parts_of(folder) if folder.is_dir() else []
    if not parts:
        return from_layers(read_whole(path), npartitions=npartitions)
    # A file that was written anew is another one.
    stamps = [stamp_of(part) for part in parts]
    with dask.config.set(AS_THEY_ARE):
        launches, targets, impacts = (
            dd.from_map(_rows_of, parts, stamps, name=name, meta=read_rows(parts[0], name).iloc[:0])
            for name in ("launches", "targets", "impacts")
        )
    return DistributedLayers(launches, targets, impacts, read_part(folder / PLACES).places)


def _rows_of(
    part: Path,
    stamp: str,  # noqa: ARG001  # another stamp, another task
    *,
    name: str,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the rows of a layer; Dask asks for the columns that are needed."""
    return read_rows(part, name, columns)


def stamp_of(path: Path) -> str:
    """Return what changes when a file or folder is written anew, for the names of tasks."""
    state = path.stat()
    return f"{state.st_size} {state.st_mtime_ns}"
