"""Complete a gazetteer that was edited, in QGIS say: keys of names, centres of outlines."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from shapely import MultiPolygon, Point, Polygon

from geoinc import geopackage, toponyms
from geoinc.errors import GazetteerError
from geoinc.geopackage import Entry
from geoinc.places import KINDS
from geoinc.progress import watched
from geoinc.sources import extents
from geoinc.sources.writing import part_names
from geoinc.store import EDITED, stale

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

#: What stands for nothing in a table that another program wrote anew.
_DEFAULTS = {
    "importance": 0.5,
    "position_error_m": 0.0,
    "boundary_error_m": 10_000.0,
} | dict.fromkeys(
    ("country", "admin1", "admin2", "valid_from", "valid_to", "source", "licence", "note"), ""
)
#: Another program that saves the file is waited for, seconds.
_PATIENCE_S = 5.0


def refresh(path: str | os.PathLike[str]) -> None:
    """Make what a gazetteer file lacks: search keys, ids, centres and radii.

    All is one transaction: a crash leaves the file as it was, and other programs may keep it
    open.  Nothing is written where nothing is lacking.

    Parameters
    ----------
    path : path
        A gazetteer; a file that is none is left alone, whoever opens it says so.

    Raises
    ------
    GazetteerError
        It lacks something and cannot be written, or a place has no position; names the row.
    """
    path = Path(path)
    try:
        why = _lacking(path)
        if not why:
            return
        with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as file:
            _complete(file, path.name)
    except sqlite3.Error as error:
        msg = (
            f"the search keys of {str(path)!r} cannot be written ({error}): close the program "
            "that edits it, or copy it to where it can be written"
        )
        raise GazetteerError(msg) from error


def _lacking(path: Path) -> str:
    """Return why a file must be completed; ``""`` also where it is no gazetteer of this schema."""
    if not path.is_file():
        return ""
    query = "SELECT value FROM metadata_geoinc WHERE key = 'schema_version'"
    uri = path.resolve().as_uri()
    try:
        with closing(sqlite3.connect(f"{uri}?mode=ro", uri=True)) as file:
            version = file.execute(query).fetchone()
            return stale(file) if version == (geopackage.SCHEMA_VERSION,) else ""
    except sqlite3.Error as error:
        # A program that was killed while it wrote left a journal: to open it for writing undoes
        # what was half done.
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            return ""
        with closing(sqlite3.connect(f"{uri}?mode=rw", uri=True)) as file:
            version = file.execute(query).fetchone()
            return stale(file) if version == (geopackage.SCHEMA_VERSION,) else ""


def _complete(file: sqlite3.Connection, name: str) -> None:
    """Complete places and names in one transaction, and set up the marks again."""
    _add_functions(file)
    file.execute("BEGIN IMMEDIATE")
    try:
        whole = _prepare(file)
        _complete_places(file, name, whole=whole)
        _complete_names(file, name, whole=whole)
        for statement in geopackage.statements(geopackage.marking(_key_columns())):
            file.execute(statement)
        version = ("keys_version", toponyms.KEYS_VERSION)
        file.execute("INSERT OR REPLACE INTO metadata_geoinc VALUES (?, ?)", version)
        file.execute("COMMIT")
    except BaseException:
        file.execute("ROLLBACK")
        raise


def _key_columns() -> list[str]:
    return [f"key_{key}" for key in toponyms.Keys._fields]


def _prepare(file: sqlite3.Connection) -> bool:
    """Make columns and indexes that are missing; return whether all must be made again."""
    whole = stale(file) != EDITED
    for trigger in geopackage.MARKS:
        file.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    known = {row[1] for row in file.execute("PRAGMA table_info(names)")}
    for column in _key_columns():
        if column not in known:
            file.execute(f"ALTER TABLE names ADD COLUMN {column} TEXT")
        file.execute(f"CREATE INDEX IF NOT EXISTS names_{column} ON names ({column})")
    file.execute("CREATE INDEX IF NOT EXISTS names_place_id ON names (place_id)")
    if whole:
        for column, value in _DEFAULTS.items():
            file.execute(f"UPDATE places SET {column} = ? WHERE {column} IS NULL", (value,))  # noqa: S608  # our own words
    return whole


def _complete_places(file: sqlite3.Connection, name: str, *, whole: bool) -> None:
    """Give each place that waits its id, its name, its centre, its footprint and its radius."""
    columns = [row[1] for row in file.execute("PRAGMA table_info(places)")]
    waiting = "uncertainty_m IS NULL OR place_id IS NULL"
    if whole:
        waiting += " OR place_id NOT IN (SELECT place_id FROM names)"
    rows = file.execute(f"SELECT {', '.join(columns)} FROM places WHERE {waiting}").fetchall()  # noqa: S608  # names of columns
    for row in rows:
        cells = dict(zip(columns, row, strict=True))
        fid = cells["fid"]
        try:
            entry = _completed(cells)
        except ValueError as error:
            msg = f"{name!r}, places, fid {fid} ({cells['name']!r}): {error}"
            raise GazetteerError(msg) from error
        footprint = geopackage.footprints([entry])
        file.execute(
            "UPDATE places SET place_id = ?, name = ?, kind = ?, longitude = ?, latitude = ?, "
            "uncertainty_m = ?, position_error_m = ?, boundary_error_m = ?, radius_m = ?, "
            "shape = ?, note = ?, geom = ? WHERE fid = ?",
            (
                entry.place_id, entry.name, entry.kind, entry.longitude, entry.latitude,
                entry.uncertainty_m, entry.position_error_m, entry.boundary_error_m,
                entry.radius_m, entry.shape, entry.note, geopackage.blobs(footprint)[0], fid,
            ),
        )  # fmt: skip
        known = "SELECT 1 FROM names WHERE place_id = ? AND text = ?"
        if not file.execute(known, (entry.place_id, entry.name)).fetchone():
            # A former name stays a spelling.
            former = "UPDATE names SET kind = 'variant' WHERE place_id = ? AND kind = 'preferred'"
            file.execute(former, (entry.place_id,))
            file.execute(
                "INSERT INTO names (place_id, text, language, kind) VALUES (?, ?, '', 'preferred')",
                (entry.place_id, entry.name),
            )


def _completed(cells: dict[str, Any]) -> Entry:
    """Return a place as it is drawn: an outline rules its centre, a centre its disc."""
    text = {key: str(cells.get(key) or "").strip() for key in ("name", "kind", "country", "note")}
    if not text["name"]:
        msg = "it has no name: give it one"
        raise ValueError(msg)
    if text["kind"] not in KINDS:
        msg = f"the kind {text['kind']!r} is none of {', '.join(KINDS)}"
        raise ValueError(msg)
    shape = shapely.from_wkb(geopackage.wkb(cells["geom"])) if cells["geom"] else None
    longitude, latitude = cells["longitude"], cells["latitude"]
    is_disc = str(cells["shape"] or "").startswith("disc") and longitude is not None
    if isinstance(shape, Point):
        longitude, latitude, is_disc = shape.x, shape.y, True
    if shape is None and longitude is not None and latitude is not None:
        is_disc = True
    entry = Entry(
        cells["place_id"] or f"edited-{cells['fid']}",
        text["name"],
        text["kind"],
        text["country"],
        longitude or 0.0,
        latitude or 0.0,
        radius_m=float(cells["radius_m"] or 0),
        position_error_m=float(cells["position_error_m"] or 0),
        note=text["note"],
    )
    if is_disc:
        extents.checked_position(entry.longitude, entry.latitude)
        extents.fill_extent(entry)
    elif not isinstance(shape, Polygon | MultiPolygon) or shape.is_empty:
        msg = "it has neither an area or a point nor longitude and latitude"
        raise ValueError(msg)
    elif not shape.is_valid:
        msg = f"its outline is not valid ({shapely.is_valid_reason(shape)})"
        raise ValueError(msg)
    else:
        entry.radius_m = 0.0
        extents.fill_outline(entry, shape, float(cells["boundary_error_m"] or 0))
    return entry


def _complete_names(file: sqlite3.Connection, name: str, *, whole: bool) -> None:
    """Make the keys of the names that wait for them, or of all, and the parts of double names."""
    columns = _key_columns()
    _renew_parts(file, columns[0], whole=whole)
    waiting = "" if whole else f"WHERE {columns[0]} IS NULL"
    rows = file.execute(f"SELECT id, text FROM names {waiting}").fetchall()  # noqa: S608  # our own words
    setting = ", ".join(f"{column} = ?" for column in columns)
    file.executemany(
        f"UPDATE names SET {setting} WHERE id = ?",  # noqa: S608  # our own words
        (
            (*toponyms.keys(text or ""), name_id)
            for name_id, text in watched(rows, f"keys of {name}", len(rows))
        ),
    )


def _renew_parts(file: sqlite3.Connection, key: str, *, whole: bool) -> None:
    """Take the names apart again of the places of which a name was edited, or of all."""
    query = "SELECT place_id, text, ifnull(language, ''), kind FROM names WHERE text NOTNULL"
    if not whole:
        query += f" AND place_id IN (SELECT place_id FROM names WHERE {key} IS NULL)"  # noqa: S608  # our own words
    names: dict[str, list[tuple[str, str, str]]] = {}
    for place_id, *told in file.execute(query):
        names.setdefault(place_id, []).append((told[0], told[1], told[2]))
    for place_id, told_names in names.items():
        own = [told for told in told_names if told[2] != "part"]
        of = "SELECT admin1, admin2 FROM places WHERE place_id = ?"
        divisions = file.execute(of, (place_id,)).fetchone() or ()
        parts = part_names(own, *divisions)
        if len(own) < len(told_names):
            file.execute("DELETE FROM names WHERE place_id = ? AND kind = 'part'", (place_id,))
        file.executemany(
            "INSERT INTO names (place_id, text, language, kind) VALUES (?, ?, ?, ?)",
            [(place_id, *part) for part in parts],
        )


def _add_functions(file: sqlite3.Connection) -> None:
    """Add what the triggers of the R-tree ask for, which GDAL and QGIS bring along."""

    def bound(index: int) -> Callable[[bytes], float]:
        return lambda blob: float(shapely.from_wkb(geopackage.wkb(blob)).bounds[index])

    for index, function in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")):
        file.create_function(function, 1, bound(index), deterministic=True)
    # The fifth bit of the flags says that a geometry is empty.
    file.create_function("ST_IsEmpty", 1, lambda blob: bool(blob and blob[3] & 16))
