"""Layers in a file: a GeoPackage that appears whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from geoinc.errors import GazetteerError
from geoinc.schema import Layers

if TYPE_CHECKING:
    import os


def write_layers(layers: Layers, path: str | os.PathLike[str]) -> None:
    """Write layers to a GeoPackage, which QGIS and `read_layers` open.

    The file appears whole or not at all.

    Parameters
    ----------
    layers : Layers
        What to write: tables ``launches``, ``targets``, ``impacts``, ``places``.
    path : path
        A file name that ends in ``.gpkg``.

    Raises
    ------
    ValueError
        Where the name ends otherwise.

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
    import pyogrio  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import; ships no types

    path = Path(path)
    if path.suffix.lower() != ".gpkg":
        msg = f"{path.name!r} does not end in .gpkg, the one format of layers"
        raise ValueError(msg)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        for name in ("launches", "targets", "impacts", "places"):
            table = getattr(layers, name).reset_index()
            for column in table.columns[table.dtypes == "object"]:
                if column != "geometry":
                    table[column] = table[column].map(str, na_action="ignore")
            geometry_type = "Unknown" if name == "places" else "Point"
            pyogrio.write_dataframe(
                table, draft, layer=name, geometry_type=geometry_type, append=draft.exists()
            )
        draft.replace(path)


def read_layers(path: str | os.PathLike[str]) -> Layers:
    """Read layers that `write_layers` wrote.

    Parameters
    ----------
    path : path
        A GeoPackage.

    Returns
    -------
    Layers
        With the same rows, columns and order.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    GazetteerError
        Where the file has no layers of ours.
    """
    import pyogrio  # noqa: PLC0415  # as above
    from pyogrio.errors import (  # type: ignore[import-untyped]  # noqa: PLC0415
        DataLayerError,
        DataSourceError,
    )

    path = Path(path)
    if not path.is_file():
        msg = f"no file {str(path)!r}"
        raise FileNotFoundError(msg)
    try:
        tables = {
            name: pyogrio.read_dataframe(path, layer=name)
            for name in ("launches", "targets", "impacts", "places")
        }
    except (DataSourceError, DataLayerError) as error:
        msg = f"{path.name!r} holds no layers of geoinc: {error}"
        raise GazetteerError(msg) from error
    for name, table in tables.items():
        tables[name] = table.set_index("place_id" if name == "places" else "row")
    return Layers(**tables)
