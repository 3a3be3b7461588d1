"""Layers as a GeoPackage that QGIS opens with their colours."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from geoinc.errors import SchemaError
from geoinc.exchange.styles import STYLES
from geoinc.exchange.tables import TABLES, PlainLayers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

_EXTRA = """
CREATE TABLE geoinc_layers (id INTEGER PRIMARY KEY, description TEXT NOT NULL);
INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('geoinc_layers', 'attributes', 'geoinc_layers');
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT,
  f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT, ui TEXT, update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));
INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', 'layer_styles');
"""


def write_geopackage(
    parts: PlainLayers, lines: gpd.GeoDataFrame, path: Path, named: Sequence[str]
) -> None:
    """Write the tables, the links, and how QGIS draws them.

    Parameters
    ----------
    parts : PlainLayers
        The layers.
    lines : geopandas.GeoDataFrame
        The links.
    path : path
        A new file.
    named : sequence of str
        Who is to be named where the data are used: every layer is described so.

    Raises
    ------
    OSError
        The disk is full, or fails.
    """
    import pyogrio  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import; ships no types

    try:
        for name, table in {**parts.tables, "links": lines}.items():
            geometry_type = "Point" if name not in {"places", "links"} else "Unknown"
            pyogrio.write_dataframe(
                table,
                path,
                layer=name,
                driver="GPKG",
                geometry_type=geometry_type,
                append=path.exists(),
            )
        with closing(sqlite3.connect(path)) as file:
            _describe(file, parts.description, "\n".join(named))
    except (RuntimeError, sqlite3.Error) as error:  # what GDAL raises has no nearer name
        # GDAL tells the whole statement that failed, and why at the end.
        why = " ".join(str(error).split()).rpartition("failed: ")[2][:200]
        msg = f"{path.name!r} cannot be written: {why}; is there room on the disk?"
        raise OSError(msg) from error


def _describe(file: sqlite3.Connection, description: str, named: str) -> None:
    """Write beside the layers what they were, and how QGIS draws them."""
    file.executescript(_EXTRA)
    file.execute("INSERT INTO geoinc_layers (description) VALUES (?)", (description,))
    file.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner) "
        "VALUES ('', '', ?, 'geom', 'geoinc', ?, '', 1, 'The colours of geoinc''s map', '')",
        STYLES.items(),
    )
    file.execute("UPDATE gpkg_contents SET description = ? WHERE data_type = 'features'", (named,))
    file.commit()


def read_geopackage(path: Path) -> tuple[dict[str, gpd.GeoDataFrame], str]:
    """Return the tables of a file that `write_geopackage` wrote, and their description.

    Raises
    ------
    SchemaError
        Where it is none.
    """
    import pyogrio  # noqa: PLC0415  # as above

    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            (description,) = file.execute("SELECT description FROM geoinc_layers").fetchone()
        tables = {name: pyogrio.read_dataframe(path, layer=name) for name in TABLES}
    except (sqlite3.Error, pyogrio.errors.DataLayerError, TypeError) as error:
        msg = f"{path.name!r} holds no layers of geoinc: {error}"
        raise SchemaError(msg) from error
    return tables, description
