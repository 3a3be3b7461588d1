"""Layers in a folder of partitions, which a second run takes up where the first was broken off."""

from __future__ import annotations

import json
import shutil
import tempfile
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import distributed
import pandas as pd
from dask.base import compute, tokenize
from dask.delayed import delayed

from geoinc.distributed.layers import with_points
from geoinc.errors import GeoincError
from geoinc.exchange.files import credits_of
from geoinc.exchange.origins import HOW, found_how, origin_of
from geoinc.exchange.partitions import PLACES, parts_of, write_part
from geoinc.progress import watched
from geoinc.schema import ROLES, Layers

if TYPE_CHECKING:
    import os
    from collections.abc import Container, Iterable, Mapping

    import geopandas as gpd
    from dask.delayed import Delayed

    from geoinc.distributed.layers import DistributedLayers


def write_layers(
    layers: DistributedLayers,
    folder: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    made_from: Iterable[str | os.PathLike[str]] | None = None,
) -> None:
    """Write layers in partitions to a folder, which `geoinc.read_layers` reads too.

    Each worker writes its partitions; all need to see the folder.  It appears whole or not at all:
    until then what is finished waits beside it (``.<name>.unfinished``), and a second run with the
    same data and options writes only what is missing.

    Parameters
    ----------
    layers : DistributedLayers
        What to write.
    folder : path
        A name that ends in ``.parquet``.  Each partition is a folder ``part-00000-…`` of GeoParquet
        files (``launches``, ``targets``, ``impacts``), the footprints are in ``places``.
    overwrite, made_from
        As of `geoinc.write_layers`.

    Raises
    ------
    ValueError
        Where the name ends otherwise.
    FileExistsError
        Where there is such a folder already.
    GeoincError
        Where a partition could not be written, which is named; the others are kept for a second run.

    Examples
    --------
    >>> import geoinc as gi, pandas as pd, tempfile, pathlib
    >>> table = pd.DataFrame({"longitude": [44.36, 43.1], "latitude": [33.94, 36.3]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=1000)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "attacks.parquet"
    ...     gi.distributed.write_layers(gi.distributed.from_layers(layers, npartitions=2), path)
    ...     len(gi.read_layers(path).targets)
    2
    """
    path = Path(folder)
    if path.suffix.lower() != ".parquet":
        msg = f"{path.name!r} does not end in .parquet, the one format that is in partitions"
        raise ValueError(msg)
    if path.exists() and not overwrite:
        msg = f"{str(path)!r} exists already; overwrite=True replaces it"
        raise FileExistsError(msg)
    draft = path.with_name(f".{path.name}.unfinished").absolute()
    draft.mkdir(exist_ok=True)
    tasks = _tasks(layers, draft)
    _keep(draft, tasks)
    _done({name: task for name, task in tasks.items() if not (draft / name).exists()})
    _keep(draft, tasks)  # what a lost worker had begun
    write_part(_nothing(layers, layers.places), draft / PLACES)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as aside:
        if made_from is not None:
            how = found_in(draft)
            origin = origin_of(how, made_from, draft, credits_of(layers.places))
            note = Path(aside) / f"{path.name}.provenance.json"
            note.write_text(json.dumps(origin, indent=1, ensure_ascii=False) + "\n", "utf-8")
            note.replace(path.with_name(note.name))
        if path.exists():  # a folder is replaced in two steps
            path.rename(Path(aside) / "former")
        draft.rename(path)


def _tasks(layers: DistributedLayers, draft: Path) -> dict[str, Delayed]:
    """Return what writes each partition, by a name that says what the partition is made of."""
    tables = [layers.layer(role) for role in ROLES]
    # Dask names a table after all that it is made of: files, options, answers.
    made = [version("geoinc"), *(table._name for table in tables)]  # noqa: SLF001  # the same in every process
    nothing = _nothing(layers, layers.places.iloc[:0])
    tasks = {}
    for number, parts in enumerate(zip_longest(*(table.to_delayed() for table in tables))):
        name = f"part-{number:05}-{tokenize(*made, number)}"
        tasks[name] = delayed(_written)(*parts, nothing, draft / name, dask_key_name=name)
    return tasks


def _nothing(layers: DistributedLayers, places: gpd.GeoDataFrame) -> Layers:
    """Return layers without rows."""
    launches, targets, impacts = (with_points(layers.layer(role)._meta) for role in ROLES)  # noqa: SLF001  # its columns
    return Layers(launches, targets, impacts, places)


def _keep(draft: Path, names: Container[str]) -> None:
    for one in draft.iterdir():
        if one.name not in names:
            shutil.rmtree(one)


def _written(
    launches: pd.DataFrame | None,
    targets: pd.DataFrame | None,
    impacts: pd.DataFrame | None,
    nothing: Layers,
    path: Path,
) -> None:
    """Write a partition, whole or not at all."""
    layers = Layers(
        nothing.launches if launches is None else with_points(launches),
        nothing.targets if targets is None else with_points(targets),
        nothing.impacts if impacts is None else with_points(impacts),
        nothing.places,
    )
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder) / path.name
        write_part(layers, draft)
        if not path.exists():  # else a worker that was given up had finished it all the same
            draft.rename(path)


def _done(tasks: Mapping[str, Delayed]) -> None:
    """Write the partitions, and say which could not be."""
    try:
        client = distributed.default_client()
    except ValueError:  # one process
        compute(*tasks.values())
        return
    futures = client.compute(list(tasks.values()))
    for _ in watched(distributed.as_completed(futures), "writing partitions", len(futures)):
        pass
    failed = {
        name: future.exception()
        for name, future in zip(tasks, futures, strict=True)
        if future.status == "error"
    }
    for name, error in failed.items():
        msg = (
            f"{len(failed)} of {len(tasks)} partitions could not be written, the first {name[:10]}: "
            f"{error}; what is finished is kept, run it again"
        )
        raise GeoincError(msg) from error


def found_in(folder: Path) -> pd.Series:
    """Return how many rows of each role were found how, in a folder of partitions.

    Parameters
    ----------
    folder : path
        As `write_layers` writes it.
    """
    found = [
        found_how(pd.read_parquet(part / f"{role}.parquet", columns=["role", *HOW]))
        for part in parts_of(folder)
        for role in ("launches", "targets", "impacts")
    ]
    total: pd.Series = pd.concat(found).groupby(level=["role", *HOW]).sum()
    return total
