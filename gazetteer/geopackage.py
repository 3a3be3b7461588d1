"""Write tables as an OGC GeoPackage 1.4 with nothing but sqlite3."""

from __future__ import annotations

import sqlite3
import struct
from dataclasses import fields
from typing import TYPE_CHECKING

import shapely

from gazetteer.entries import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from gazetteer.shapes import Area

_SCHEMA = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL
    DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinates'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinates'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",
6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,
AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],
AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
   'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
INSERT INTO gpkg_extensions VALUES
  ('places', 'geom', 'gpkg_rtree_index',
   'https://www.geopackage.org/spec140/index.html#extension_rtree', 'write-only');
CREATE TABLE places (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom GEOMETRY NOT NULL,
  place_id TEXT UNIQUE NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, country TEXT NOT NULL,
  admin1 TEXT NOT NULL, longitude DOUBLE NOT NULL, latitude DOUBLE NOT NULL,
  uncertainty_m DOUBLE NOT NULL, position_error_m DOUBLE NOT NULL,
  boundary_error_m DOUBLE NOT NULL, radius_m DOUBLE NOT NULL, shape TEXT NOT NULL,
  importance DOUBLE NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL,
  source TEXT NOT NULL, licence TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE names (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, place_id TEXT NOT NULL, text TEXT NOT NULL,
  language TEXT NOT NULL, kind TEXT NOT NULL, key_fold TEXT NOT NULL, key_core TEXT NOT NULL,
  key_skeleton TEXT NOT NULL);
CREATE TABLE metadata_geoinc (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE VIRTUAL TABLE rtree_places_geom USING rtree(id, minx, maxx, miny, maxy);
"""

_INDEXES = """
CREATE INDEX names_place_id ON names (place_id);
CREATE INDEX names_key_fold ON names (key_fold);
CREATE INDEX names_key_core ON names (key_core);
CREATE INDEX names_key_skeleton ON names (key_skeleton);
CREATE INDEX places_kind ON places (kind, country);
"""

# The triggers of GeoPackage 1.4, annex F.3, word for word but for the names: they keep the
# R-tree right when another program edits the file.
_ROW = (
    "VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom))"
)
_NEW = "NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom)"
_GONE = "NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)"
_TRIGGERS = f"""
CREATE TRIGGER rtree_places_geom_insert AFTER INSERT ON places WHEN ({_NEW})
BEGIN INSERT OR REPLACE INTO rtree_places_geom {_ROW}; END;
CREATE TRIGGER rtree_places_geom_update2 AFTER UPDATE OF geom ON places
WHEN OLD.fid = NEW.fid AND ({_GONE})
BEGIN DELETE FROM rtree_places_geom WHERE id = OLD.fid; END;
CREATE TRIGGER rtree_places_geom_update4 AFTER UPDATE ON places
WHEN OLD.fid != NEW.fid AND ({_GONE})
BEGIN DELETE FROM rtree_places_geom WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER rtree_places_geom_update5 AFTER UPDATE ON places
WHEN OLD.fid != NEW.fid AND ({_NEW})
BEGIN DELETE FROM rtree_places_geom WHERE id = OLD.fid;
INSERT OR REPLACE INTO rtree_places_geom {_ROW}; END;
CREATE TRIGGER rtree_places_geom_update6 AFTER UPDATE OF geom ON places
WHEN OLD.fid = NEW.fid AND ({_NEW}) AND (OLD.geom NOTNULL AND NOT ST_IsEmpty(OLD.geom))
BEGIN UPDATE rtree_places_geom SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom),
miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom) WHERE id = NEW.fid; END;
CREATE TRIGGER rtree_places_geom_update7 AFTER UPDATE OF geom ON places
WHEN OLD.fid = NEW.fid AND ({_NEW}) AND (OLD.geom ISNULL OR ST_IsEmpty(OLD.geom))
BEGIN INSERT INTO rtree_places_geom {_ROW}; END;
CREATE TRIGGER rtree_places_geom_delete AFTER DELETE ON places WHEN OLD.geom NOT NULL
BEGIN DELETE FROM rtree_places_geom WHERE id = OLD.fid; END;
"""  # noqa: S608  # our own words


def write(
    path: Path,
    places: Sequence[Row],
    names: Iterable[Sequence[str]],
    metadata: Mapping[str, str],
    changed: str,
) -> None:
    """Write a gazetteer as a GeoPackage, whole or not at all.

    Parameters
    ----------
    path : Path
        The file to write or replace.
    places : sequence of Row
        The places; `names` of a row are not read.
    names : iterable of sequences
        Rows of the table `names`, without their id.
    metadata : mapping
        Rows of the table `metadata_geoinc`.
    changed : str
        Time stamp of the contents, ISO 8601 in UTC.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.unlink(missing_ok=True)
    connection = sqlite3.connect(draft)
    try:
        # "GPKG", and the version as the standard numbers it.
        connection.execute(f"PRAGMA application_id = {0x47504B47}")
        connection.execute("PRAGMA user_version = 10400")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.executescript(_SCHEMA)
        _write_places(connection, places)
        connection.executemany(
            "INSERT INTO names (place_id, text, language, kind, key_fold, key_core, key_skeleton) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            names,
        )
        connection.executemany("INSERT INTO metadata_geoinc VALUES (?, ?)", metadata.items())
        bounds = shapely.total_bounds([place.geom for place in places]).tolist()
        connection.execute(
            "INSERT INTO gpkg_contents VALUES ('places', 'features', 'places', "
            "'Places with their footprints', ?, ?, ?, ?, ?, 4326)",
            (changed, *bounds),
        )
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
            "last_change) VALUES ('names', 'attributes', 'names', "
            "'Spellings of the places with their search keys', ?)",
            (changed,),
        )
        connection.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('places', 'geom', 'GEOMETRY', 4326, 0, 0)"
        )
        connection.executescript(_INDEXES + _TRIGGERS)
        connection.commit()
        connection.execute("VACUUM")
    finally:
        connection.close()
    draft.replace(path)


def _write_places(connection: sqlite3.Connection, places: Sequence[Row]) -> None:
    """Fill the table of places and its R-tree, which needs no trigger yet."""
    columns = [column.name for column in fields(Row) if column.name != "names"]
    sql = (
        f"INSERT INTO places (fid, {', '.join(columns)}) "  # noqa: S608  # our own column names
        f"VALUES (?, {', '.join('?' * len(columns))})"
    )
    for fid, place in enumerate(places, start=1):
        cells = [getattr(place, column) for column in columns]
        cells[columns.index("geom")] = _blob(place.geom)
        connection.execute(sql, (fid, *cells))
        west, south, east, north = place.geom.bounds
        connection.execute(
            "INSERT INTO rtree_places_geom VALUES (?, ?, ?, ?, ?)", (fid, west, east, south, north)
        )


def _blob(geometry: Area) -> bytes:
    """Return a geometry as a GeoPackage binary: header, envelope, WKB."""
    west, south, east, north = geometry.bounds
    # Flags: little-endian, an envelope of x and y, not empty.
    header = struct.pack("<2sBBi4d", b"GP", 0, 0b0011, 4326, west, east, south, north)
    return header + bytes(shapely.to_wkb(geometry, byte_order=1))
