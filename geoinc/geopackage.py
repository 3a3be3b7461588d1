"""Write a gazetteer as an OGC GeoPackage 1.4 that other programs may edit, as a stream.

Needs shapely and the standard library, imports nothing of geoinc: the build of what is shipped
loads this file by its path.
"""

from __future__ import annotations

import math
import os
import sqlite3
import time
import uuid
from dataclasses import dataclass, field, fields
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon, affinity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

SCHEMA_VERSION = "1"

Area = Polygon | MultiPolygon


@dataclass(slots=True)
class Entry:
    """A place as the table `places` holds it, and its names.

    Parameters
    ----------
    place_id, name, kind, country : str
        As `geoinc.places.Place` has them.
    longitude, latitude : float
        The centre, degrees.
    geom : shapely Polygon or MultiPolygon, optional
        The outline.  A place without one gets a disc of ``radius_m + position_error_m``.
    uncertainty_m : float
        Metres around the centre that hold the outline and its boundary error; of a disc its
        radius, filled in when it is written.
    admin1, position_error_m, boundary_error_m, valid_from, valid_to, source, licence
        As `geoinc.places.Place` has them.
    admin2 : str
        Name of the second-order division (district) it is in, where the source tells it: what a
        district reaches is learnt from the places that say they are in it.
    radius_m : float
        Extent of the thing itself, metres; 0 with an outline.
    shape : str
        ``"polygon"``; of a disc filled in when it is written.
    importance : float
        0..1: the better known of namesakes is meant rather.
    note : str
        What a reader must know.
    names : list of (str, str, str)
        Text, language (ISO 639 or ``""``) and kind of name (preferred, variant, native, code),
        the preferred one first; where empty, ``name`` alone.
    row : int
        Line or row of the source, to say where a fault stands; not written.
    """

    place_id: str
    name: str
    kind: str
    country: str
    longitude: float
    latitude: float
    geom: Area | None = None
    uncertainty_m: float = 0.0
    admin1: str = ""
    admin2: str = ""
    position_error_m: float = 0.0
    boundary_error_m: float = 0.0
    radius_m: float = 0.0
    shape: str = "polygon"
    importance: float = 0.5
    valid_from: str = ""
    valid_to: str = ""
    source: str = ""
    licence: str = ""
    note: str = ""
    names: list[tuple[str, str, str]] = field(default_factory=list)
    row: int = 0


_COLUMNS = tuple(
    column.name for column in fields(Entry) if column.name not in {"geom", "names", "row"}
)

# ---------------------------------------------------------------- the tables

# The geometry stands last: the other columns are then read without it.  What only geoinc can
# make (keys, the radius around an edited outline) may be NULL: to be made when it is opened.
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
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  place_id TEXT UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL DEFAULT '',
  country TEXT NOT NULL DEFAULT '', admin1 TEXT NOT NULL DEFAULT '',
  admin2 TEXT NOT NULL DEFAULT '',
  longitude DOUBLE, latitude DOUBLE, uncertainty_m DOUBLE,
  position_error_m DOUBLE NOT NULL DEFAULT 0, boundary_error_m DOUBLE NOT NULL DEFAULT 10000,
  radius_m DOUBLE NOT NULL DEFAULT 0, shape TEXT NOT NULL DEFAULT 'polygon',
  importance DOUBLE NOT NULL DEFAULT 0.5, valid_from TEXT NOT NULL DEFAULT '',
  valid_to TEXT NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT '',
  licence TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', geom GEOMETRY);
CREATE TABLE names (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, place_id TEXT NOT NULL, text TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT 'variant', {keys});
CREATE TABLE metadata_geoinc (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE VIRTUAL TABLE rtree_places_geom USING rtree(id, minx, maxx, miny, maxy);
"""

_INDEXES = """
CREATE INDEX names_place_id ON names (place_id);
CREATE INDEX places_kind ON places (kind, country);
CREATE INDEX places_admin2 ON places (admin2) WHERE admin2 != '';
CREATE INDEX places_to_complete ON places (fid) WHERE uncertainty_m IS NULL;
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

# Names with some consonants are many, and are compared by sound: the index alone answers.
_READ_WITH = {"key_skeleton": ", key_sound"}

#: Names of the triggers that mark what another program edits.
MARKS = ("marks_places_insert", "marks_places_update", "marks_places_geom", "marks_places_delete",
         "marks_names_insert", "marks_names_update", "marks_names_delete")  # fmt: skip


def marking(keys: Sequence[str]) -> str:
    """Return the SQL of the triggers that mark what another program edits as to be completed.

    A place is marked by `uncertainty_m` being NULL, a name by its keys being NULL; both have
    an index, so that a reader sees at once that something waits.

    Parameters
    ----------
    keys : sequence of str
        Names of the columns of keys.

    Returns
    -------
    str
        One statement for each of `MARKS`.
    """
    nothing = ", ".join(f"{key} = NULL" for key in keys)
    watched = ("place_id", "name", "longitude", "latitude", "radius_m", "position_error_m",
               "boundary_error_m")  # fmt: skip
    edited = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in watched)
    renamed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in ("text", *keys))
    return f"""
CREATE TRIGGER marks_places_insert AFTER INSERT ON places
BEGIN UPDATE places SET uncertainty_m = NULL WHERE fid = NEW.fid; END;
CREATE TRIGGER marks_places_update AFTER UPDATE ON places WHEN ({edited})
BEGIN UPDATE places SET uncertainty_m = NULL WHERE fid = NEW.fid;
UPDATE names SET place_id = NEW.place_id WHERE place_id = OLD.place_id
AND NEW.place_id NOTNULL AND OLD.place_id IS NOT NEW.place_id; END;
CREATE TRIGGER marks_places_geom AFTER UPDATE OF geom ON places WHEN (OLD.geom IS NOT NEW.geom)
BEGIN UPDATE places SET longitude = NULL, latitude = NULL, uncertainty_m = NULL
WHERE fid = NEW.fid; END;
CREATE TRIGGER marks_places_delete AFTER DELETE ON places
BEGIN DELETE FROM names WHERE place_id = OLD.place_id; END;
CREATE TRIGGER marks_names_insert AFTER INSERT ON names WHEN (NEW.{keys[0]} NOTNULL)
BEGIN UPDATE names SET {nothing} WHERE id = NEW.id; END;
CREATE TRIGGER marks_names_update AFTER UPDATE ON names
WHEN (NEW.{keys[0]} NOTNULL AND ({renamed}))
BEGIN UPDATE names SET {nothing} WHERE id = NEW.id; END;
CREATE TRIGGER marks_names_delete AFTER DELETE ON names
BEGIN UPDATE names SET {nothing} WHERE place_id = OLD.place_id; END;
"""  # noqa: S608  # our own words


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script, of which some are triggers."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


# ---------------------------------------------------------------- writing

#: Places written together; their footprints are all that is held in memory.
_CHUNK = 5000
#: Memory for the indexes of ids and areas, which grow in no order.
_CACHE_KB = 64 * 1024
#: A draft that nothing has touched for so long is one of a process that was killed.
_ABANDONED_S = 3600


def write(
    path: str | os.PathLike[str],
    entries: Iterable[Entry],
    *,
    keys: Callable[[str], Sequence[str]],
    key_names: Sequence[str],
    metadata: Callable[[], Mapping[str, str]],
    changed: str,
    repeated: Callable[[Entry], object],
) -> int:
    """Write a gazetteer as a GeoPackage, whole or not at all; entries are taken one by one.

    Parameters
    ----------
    path : path
        The file to write or replace; it is replaced when all is written.
    entries : iterable of Entry
        The places.
    keys : callable
        Returns the search keys of a name (`geoinc.toponyms.keys`).
    key_names : sequence of str
        What each of them is called: its column is ``key_`` and this.
    metadata : callable
        Returns the rows of the table `metadata_geoinc`, when all places are written; the
        version of the schema is added.
    changed : str
        Time stamp of the contents, ISO 8601 in UTC.
    repeated : callable
        Gets each place that is not written because its id is taken.

    Returns
    -------
    int
        How many places were written.

    Raises
    ------
    ValueError
        A place has a footprint that is empty, or no extent at all.
    OSError
        The file cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [f"key_{name}" for name in key_names]
    draft = _draft(path)
    connection = sqlite3.connect(draft)
    try:
        # "GPKG", and the version as the standard numbers it.
        connection.execute(f"PRAGMA application_id = {0x47504B47}")
        connection.execute("PRAGMA user_version = 10400")
        # A draft that a crash leaves is thrown away: it needs no journal.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        connection.executescript(_SCHEMA.format(keys=", ".join(f"{key} TEXT" for key in columns)))
        count = _fill(connection, _fresh(connection, entries, repeated), keys, columns)
        rows = {"schema_version": SCHEMA_VERSION, **metadata()}
        connection.executemany("INSERT INTO metadata_geoinc VALUES (?, ?)", rows.items())
        _describe(connection, changed)
        indexes = [
            f"CREATE INDEX names_{key} ON names ({key}{_READ_WITH.get(key, '')});"
            for key in columns
            if key != "key_sound"
        ]
        connection.executescript("".join([_INDEXES, *indexes, _TRIGGERS, marking(columns)]))
        connection.commit()
        connection.close()
        with draft.open("rb+") as file:
            os.fsync(file)
        draft.replace(path)
    finally:
        connection.close()
        draft.unlink(missing_ok=True)
    return count


def _draft(path: Path) -> Path:
    """Return the name of a new file beside a path, and remove those that killed processes left."""
    prefix, suffix = f".{path.name}-", ".part"
    for left in path.parent.glob(f"{prefix}*{suffix}"):
        if time.time() - left.stat().st_mtime > _ABANDONED_S:
            left.unlink(missing_ok=True)
    return path.with_name(f"{prefix}{uuid.uuid4().hex}{suffix}")


def _fresh(
    connection: sqlite3.Connection,
    entries: Iterable[Entry],
    repeated: Callable[[Entry], object],
) -> Iterator[list[Entry]]:
    """Yield places in chunks, without those whose ids were written before."""
    stream = iter(entries)
    while chunk := list(islice(stream, _CHUNK)):
        ids = [entry.place_id for entry in chunk]
        query = f"SELECT place_id FROM places WHERE place_id IN ({_marks(ids)})"  # noqa: S608  # question marks
        taken = {place_id for (place_id,) in connection.execute(query, ids)}
        fresh: list[Entry] = []
        for entry in chunk:
            if entry.place_id in taken:
                repeated(entry)
            else:
                fresh.append(entry)
                taken.add(entry.place_id)
        yield fresh


def _fill(
    connection: sqlite3.Connection,
    chunks: Iterable[list[Entry]],
    keys: Callable[[str], Sequence[str]],
    key_columns: Sequence[str],
) -> int:
    """Write places, their R-tree, which needs no trigger yet, and their names."""
    columns = ("fid", *_COLUMNS, "geom")
    into_places = f"INSERT INTO places ({', '.join(columns)}) VALUES ({_marks(columns)})"  # noqa: S608  # our own words
    columns = ("place_id", "text", "language", "kind", *key_columns)
    into_names = f"INSERT INTO names ({', '.join(columns)}) VALUES ({_marks(columns)})"  # noqa: S608  # our own words
    count = 0
    for chunk in chunks:
        areas = footprints(chunk)
        fids = range(count + 1, count + 1 + len(chunk))
        connection.executemany(
            into_places,
            (
                (fid, *(getattr(entry, column) for column in _COLUMNS), geom)
                for fid, entry, geom in zip(fids, chunk, blobs(areas), strict=True)
            ),
        )
        connection.executemany(
            "INSERT INTO rtree_places_geom VALUES (?, ?, ?, ?, ?)",
            zip(fids, *shapely.bounds(areas)[:, [0, 2, 1, 3]].T.tolist(), strict=True),
        )
        connection.executemany(
            into_names,
            (
                (entry.place_id, text, language, kind, *keys(text))
                for entry in chunk
                for text, language, kind in entry.names or [(entry.name, "", "preferred")]
            ),
        )
        count += len(chunk)
    return count


def _marks(columns: Sequence[str]) -> str:
    return ", ".join("?" * len(columns))


def _describe(connection: sqlite3.Connection, changed: str) -> None:
    """Fill the tables of a GeoPackage that say what is in it."""
    bounds = connection.execute(
        "SELECT min(minx), min(miny), max(maxx), max(maxy) FROM rtree_places_geom"
    ).fetchone()
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


_HEADER = np.dtype(
    [("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs", "<i4"), ("box", "<f8", 4)]
)


def blobs(footprints: NDArray[Any]) -> list[bytes]:
    """Return geometries as GeoPackage binaries (OGC 12-128r18, clause 2.1.3): header, then WKB.

    Parameters
    ----------
    footprints : array of shapely geometries
        None of them empty.

    Returns
    -------
    list of bytes
        Little-endian, EPSG:4326, with the envelope.
    """
    headers = np.zeros(np.shape(footprints), _HEADER)
    headers["magic"], headers["srs"] = b"GP", 4326
    headers["flags"] = 0b0011  # little-endian, an envelope of x and y, not empty
    headers["box"] = shapely.bounds(footprints)[:, [0, 2, 1, 3]]
    shapes = shapely.to_wkb(footprints, byte_order=1)
    return [header.tobytes() + shape for header, shape in zip(headers, shapes, strict=True)]


def wkb(blob: bytes) -> bytes:
    """Return the WKB in a GeoPackage binary, whatever its envelope.

    Parameters
    ----------
    blob : bytes
        A value of the geometry column.

    Returns
    -------
    bytes
        The geometry without the header.
    """
    envelope = (0, 32, 48, 48, 64)[blob[3] >> 1 & 7]
    return blob[8 + envelope :]


# ---------------------------------------------------------------- footprints


def footprints(entries: Sequence[Entry]) -> NDArray[Any]:
    """Return the outlines of places, of those that have none discs, and say so in them.

    Parameters
    ----------
    entries : sequence of Entry
        Places; `uncertainty_m` and `shape` of those without an outline are filled in.

    Returns
    -------
    array of shapely Polygon or MultiPolygon
        One a place.

    Raises
    ------
    ValueError
        A footprint is empty, or a place has no extent at all.
    """
    areas = np.array([entry.geom for entry in entries], dtype=object)
    points = [number for number, entry in enumerate(entries) if entry.geom is None]
    for number in points:
        entry = entries[number]
        entry.uncertainty_m = entry.radius_m + entry.position_error_m
        entry.shape = f"disc radius_m={entry.uncertainty_m:g}"
    areas[points] = discs(
        [entries[number].longitude for number in points],
        [entries[number].latitude for number in points],
        [entries[number].uncertainty_m for number in points],
    )
    if (empty := shapely.is_empty(areas)).any():
        place_id = entries[int(np.argmax(empty))].place_id
        msg = f"the footprint of {place_id!r} is empty"
        raise ValueError(msg)
    return areas


#: Equatorial radius in metres and squared eccentricity of the WGS84 ellipsoid.
_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY_2 = 0.006_694_379_990_14
#: Corners of a disc, and up to which radius in metres: they lie at most 26 m outside.
CORNERS = ((16, 1275.0), (32, 5150.0), (64, math.inf))
#: What the formulas leave out, at most, as a share of the radius; discs are wider by it.
_SLACK = 1.0005
#: Metres and degrees up to which the quicker series is as good.
_SERIES_M, _SERIES_DEG = 60_000.0, 60.0
#: So many discs at once as fit in the processor's cache.
_BLOCK = 5_000


def discs(longitude: ArrayLike, latitude: ArrayLike, radius_m: ArrayLike) -> NDArray[Any]:
    """Return polygons that hold geodesic discs: corners and edges lie outside.

    A disc is the same in whatever company.  A small one has 16 or 32 corners, which lie at most
    26 m outside it; others have 64, at most 0.19 % of the radius.

    Parameters
    ----------
    longitude, latitude : array of float
        The centres, degrees.
    radius_m : array of float
        The radii, metres, more than 0.

    Returns
    -------
    array of shapely Polygon, or MultiPolygon where a disc crosses the antimeridian
        Degrees.

    Raises
    ------
    ValueError
        A radius is not more than 0.

    Notes
    -----
    Up to 60 km and 60 degrees the series of the direct geodesic problem in the distance, to its
    third order, with the radii of curvature at the centre; beyond, great circles on a sphere of
    the ellipsoid's own curvature in each direction (Euler's formula), which hold the disc up to
    200 km.

    Examples
    --------
    >>> [len(disc.exterior.coords) - 1 for disc in discs([44, 44], [33, 33], [1000, 9000])]
    [16, 64]
    """
    lon, lat, radius = np.broadcast_arrays(
        np.asarray(longitude, float), np.asarray(latitude, float), np.asarray(radius_m, float)
    )
    if not (radius > 0).all():
        msg = "a disc needs a radius of more than 0 m: give an extent or a position error"
        raise ValueError(msg)
    found = np.empty(lon.shape, dtype=object)
    near = (radius <= _SERIES_M) & (np.abs(lat) <= _SERIES_DEG)
    low = 0.0
    for corners, high in CORNERS:
        sized = (radius > low) & (radius <= high)
        for chosen, edges in ((sized & near, _series), (sized & ~near, _great_circles)):
            at = np.flatnonzero(chosen)
            for first in range(0, len(at), _BLOCK):
                block = at[first : first + _BLOCK]
                found[block] = _rings(lon[block], lat[block], radius[block], corners, edges)
        low = high
    # At most a degree is 110.57 km long: none that touches the pole is missed.
    polar = np.abs(lat) + radius / 110_000 >= 90
    for number in np.flatnonzero(polar):
        edge = abs(lat[number]) - radius[number] / 110_000
        south, north = (edge, 90.0) if lat[number] > 0 else (-90.0, -edge)
        found[number] = shapely.box(-180, south, 180, north)
    west, _, east, _ = shapely.bounds(found).T if found.size else np.empty((4, 0))
    for number in np.flatnonzero((west < -180) | (east > 180)):
        found[number] = _cut(found[number])
    return found


def _rings(
    lon: NDArray[Any],
    lat: NDArray[Any],
    radius_m: NDArray[Any],
    corners: int,
    edges: Callable[..., tuple[NDArray[Any], NDArray[Any]]],
) -> NDArray[Any]:
    """Return the polygons of discs that have as many corners, by one of the two formulas."""
    azimuth = np.arange(corners) * (-2 * math.pi / corners)  # counter-clockwise from north
    phi = np.radians(lat)[:, np.newaxis]
    away_m = radius_m[:, np.newaxis] * (_SLACK / math.cos(math.pi / corners))
    flat = 1 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / flat**1.5
    prime_vertical_m = _SEMI_MAJOR_M / np.sqrt(flat)
    turn, tilt = edges(phi, azimuth, away_m, meridian_m, prime_vertical_m)
    vertices = np.empty((len(lon), corners + 1, 2))
    vertices[:, :-1, 0] = lon[:, np.newaxis] + np.degrees(turn)
    vertices[:, :-1, 1] = np.degrees(tilt)
    vertices[:, -1] = vertices[:, 0]
    starts = np.arange(len(lon) + 1)
    return np.asarray(
        shapely.from_ragged_array(
            shapely.GeometryType.POLYGON,
            vertices.reshape(-1, 2),
            (starts * (corners + 1), starts),
        )
    )


def _series(
    phi: NDArray[Any],
    azimuth: NDArray[Any],
    away_m: NDArray[Any],
    meridian_m: NDArray[Any],
    prime_vertical_m: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return longitudes from the centre's, and latitudes, in radians."""
    tangent = np.tan(phi)
    slope = 1 + 3 * tangent**2
    north = away_m / meridian_m * np.cos(azimuth)
    east = away_m / prime_vertical_m * np.sin(azimuth)
    square = east**2
    tilt = phi + north - square * (tangent / 2 + north * slope / 6)
    turn = east * (1 + north * (tangent + north * slope / 3) - square * tangent**2 / 3)
    return turn / np.cos(phi), tilt


def _great_circles(
    phi: NDArray[Any],
    azimuth: NDArray[Any],
    away_m: NDArray[Any],
    meridian_m: NDArray[Any],
    prime_vertical_m: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return longitudes from the centre's, and latitudes, in radians."""
    sine, cosine = np.sin(phi), np.cos(phi)
    angle = away_m * (np.cos(azimuth) ** 2 / meridian_m + np.sin(azimuth) ** 2 / prime_vertical_m)
    sines = sine * np.cos(angle) + cosine * np.sin(angle) * np.cos(azimuth)
    turn = np.arctan2(
        np.sin(azimuth) * np.sin(angle) * cosine,
        np.cos(angle) - sine * sines,
    )
    return turn, np.arcsin(sines)


def _cut(disc: Polygon) -> Area:
    """Return a disc that crosses the antimeridian as its two parts."""
    world = shapely.box(-180, -90, 180, 90)
    parts = [affinity.translate(disc, turn).intersection(world) for turn in (-360, 0, 360)]
    return MultiPolygon([part for part in parts if isinstance(part, Polygon) and part.area > 0])
