"""Writing layers to a file that appears whole or not at all, and reading them again."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from geoinc.distance import distances
from geoinc.errors import SchemaError
from geoinc.exchange.darwin_core import darwin_core
from geoinc.exchange.geojson import read_geojson, write_geojson
from geoinc.exchange.geopackage_file import read_geopackage, write_geopackage
from geoinc.exchange.geoparquet import read_geoparquet, write_geoparquet
from geoinc.exchange.kml import write_kml
from geoinc.exchange.origins import found_how, origin_of
from geoinc.exchange.partitions import parts_of, read_parts
from geoinc.exchange.sheets import write_excel
from geoinc.exchange.tables import links, put_together, taken_apart
from geoinc.reports import data_credits, safe_csv

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    import pandas as pd

    from geoinc.schema import Layers

#: What a file of layers can be, by the end of its name.
FORMATS = (".gpkg", ".geojson", ".parquet", ".kml", ".csv", ".xlsx", ".dwc.csv")
_READ = {".gpkg": read_geopackage, ".geojson": read_geojson, ".parquet": read_geoparquet}


def write_layers(
    layers: Layers,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    made_from: Iterable[str | os.PathLike[str]] | None = None,
) -> None:
    """Write layers for other tools; the end of the name says in which format.

    The file appears whole or not at all.  `read_layers` reads GeoPackage, GeoJSON and GeoParquet
    again, with nothing lost; the others are to be looked at.

    ============ ==============================================================================
    ``.gpkg``    GeoPackage: launches, targets, impacts, places (footprints), links; QGIS opens
                 it with its colours
    ``.geojson`` one FeatureCollection; ``geoinc_layer`` says which layer a feature is of
    ``.parquet`` a folder of GeoParquet files: the three layers, and each footprint once
    ``.kml``     for Google Earth: folders of points, areas and links, each with its record
    ``.csv``     all rows, for spreadsheets; no text runs as a formula
    ``.xlsx``    a sheet for each layer, one of places and one of sources (extra ``excel``)
    ``.dwc.csv`` location and uncertainty in Darwin Core's terms
    ============ ==============================================================================

    Parameters
    ----------
    layers : Layers
        What to write.
    path : path
        A file name that ends in one of `FORMATS`.
    overwrite : bool
        Whether a file of that name may be replaced.
    made_from : iterable of path, optional
        The files that the layers were made from (reports, gazetteers, decisions).  With it
        ``<name>.provenance.json`` is written beside the file: names and SHA-256 of all, the
        version, how many rows were found how, and who is to be named.

    Raises
    ------
    ValueError
        Where the name ends otherwise, or the format cannot hold so many rows.
    FileExistsError
        Where there is such a file already.

    Examples
    --------
    >>> import geoinc as gi, pandas as pd, tempfile, pathlib
    >>> table = pd.DataFrame({"longitude": [44.36], "latitude": [33.94]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=1000)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "attacks.gpkg"
    ...     gi.write_layers(layers, file)
    ...     len(gi.read_layers(file).targets)
    1
    """
    path = Path(path)
    ending = _ending(path, FORMATS)
    if path.exists() and not overwrite:
        msg = f"{str(path)!r} exists already; overwrite=True replaces it"
        raise FileExistsError(msg)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        _write(layers, draft, ending)
        if made_from is not None:
            how = found_how(layers.rows())
            named = [*data_credits(layers), *credits_of(layers.places)]
            origin = origin_of(how, made_from, draft, named)
            note = Path(folder) / f"{path.name}.provenance.json"
            note.write_text(json.dumps(origin, indent=1, ensure_ascii=False) + "\n", "utf-8")
            note.replace(path.with_name(note.name))
        if path.is_dir():  # a folder is replaced in two steps, a file in one
            path.rename(Path(folder) / "former")
        draft.rename(path)


def _write(layers: Layers, path: Path, ending: str) -> None:
    """Write a new file."""
    named = [*data_credits(layers), *credits_of(layers.places)]
    match ending:
        case ".gpkg":
            write_geopackage(
                taken_apart(layers, dates=True), links(layers, distances(layers)), path, named
            )
        case ".geojson":
            write_geojson(taken_apart(layers, dates=False), path, named)
        case ".parquet":
            write_geoparquet(taken_apart(layers, dates=True), path)
        case ".kml":
            write_kml(layers, links(layers, distances(layers)), path, named)
        case ".xlsx":
            write_excel(layers, path, named)
        case ".csv":
            path.write_text(safe_csv(layers.rows().reset_index()), "utf-8-sig", newline="")
        case ".dwc.csv":
            path.write_text(safe_csv(darwin_core(layers)), "utf-8-sig", newline="")


def read_layers(path: str | os.PathLike[str]) -> Layers:
    """Read layers that `write_layers` wrote.

    Parameters
    ----------
    path : path
        A GeoPackage, a GeoJSON file or a folder of GeoParquet files.

    Returns
    -------
    Layers
        With the same rows, columns and order.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    SchemaError
        Where the file has no layers of ours, or was changed so that it lacks some of it.
    ValueError
        Where the name is that of another format.
    """
    path = Path(path)
    ending = _ending(path, tuple(_READ))
    if not path.exists():
        msg = f"no file {str(path)!r}"
        raise FileNotFoundError(msg)
    if path.is_dir() != (ending == ".parquet"):
        msg = (
            f"{path.name!r} holds no layers of geoinc; those of Parquet are a folder, others a file"
        )
        raise SchemaError(msg)
    if path.is_dir() and parts_of(path):
        return read_parts(path)
    tables, description = _READ[ending](path)
    return put_together(tables, description, path.name)


def credits_of(places: pd.DataFrame) -> list[str]:
    """Return who is to be named where layers are used: the sources of places, by licence.

    Parameters
    ----------
    places : pandas.DataFrame
        Those of the layers.
    """
    named: dict[str, set[str]] = {}
    pairs = places[["source", "licence"]].drop_duplicates()
    for source, licence in pairs.itertuples(index=False):
        parts = (part.strip() for part in str(source).split(";"))
        named.setdefault(str(licence), set()).update(part for part in parts if part)
    return [
        f"Places: {', '.join(sorted(sources))}{f' ({licence})' if licence else ''}"
        for licence, sources in sorted(named.items())
        if sources
    ]


def _ending(path: Path, endings: tuple[str, ...]) -> str:
    found = max((end for end in endings if path.name.lower().endswith(end)), key=len, default="")
    if not found:
        msg = f"{path.name!r} does not end in one of {', '.join(endings)}"
        raise ValueError(msg)
    return found
