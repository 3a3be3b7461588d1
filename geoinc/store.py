"""The file of a gazetteer, read: a GeoPackage, asked by indexed queries, nothing loaded first.

Other programs may edit the file while it is open.  What they change waits for its search keys
(`geoinc.geopackage.marking`); a file in which something waits is refused, since what has no keys
would be missed without a word.
"""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import threading
import weakref
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import shapely

from geoinc import geopackage, toponyms
from geoinc.comparing import Name
from geoinc.errors import GazetteerError
from geoinc.matching import Row
from geoinc.places import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

#: What is shipped with geoinc.
SHIPPED = Path(str(resources.files("geoinc") / "data" / "gazetteer.gpkg"))

_NAMES = (
    "SELECT n.text, n.kind, p.place_id, p.name, p.kind, p.country, p.admin1, p.admin2, "
    "p.longitude, p.latitude, p.uncertainty_m, p.importance, p.valid_from, p.valid_to, n.key_skeleton "
    "FROM names AS n JOIN places AS p ON p.place_id = n.place_id "
)
_PLACE = (
    "name", "kind", "longitude", "latitude", "uncertainty_m", "position_error_m",
    "boundary_error_m", "country", "admin1", "source", "licence", "valid_from", "valid_to", "shape",
)  # fmt: skip


# To look at all skeletons costs about what it costs to ask for a quarter as many.
_ASKED_PAYS = 4
# To gather the names of a country costs about what it costs to ask for it so often.
_OFTEN = 100
# 16 MB at most, however many names a file has.
_SIEVE_BITS = 24

#: Id, sound and skeleton of a name.
Key = tuple[int, str, str]
#: Name, country, middle in degrees, and the numbers of the places in it.
Division = tuple[str, str, float, float, str]


def cache_folder() -> Path:
    """Return the user's folder for gazetteers that geoinc makes once and finds again."""
    return platformdirs.user_cache_path("geoinc") / "gazetteers"


class Sieve:
    """What a file has not, told without looking: nearly all of it.

    A Bloom filter with one hash: a byte for each value of it, of a large file for several.

    Parameters
    ----------
    keys : iterable of str
        All that the file has.
    many : int
        About how many they are at most.
    """

    def __init__(self, keys: Iterable[str], many: int) -> None:
        self._last = (1 << min((8 * many).bit_length(), _SIEVE_BITS)) - 1
        self._seen = bytearray(self._last + 1)
        for key in keys:
            self._seen[hash(key) & self._last] = 1

    def of(self, keys: Iterable[str]) -> list[str]:
        """Return those of many keys that the file may have."""
        seen, last = self._seen, self._last
        return [key for key in keys if seen[hash(key) & last]]


#: SQLite's own number of a state means nothing to another connection.
_COUNTER = itertools.count(1)


class _Connection(threading.local):
    """The connection of one thread, and what it knows of the file."""

    sqlite: sqlite3.Connection | None = None
    #: Device and inode of the file: another after it was replaced.
    file = (0, 0)
    #: Changes when another connection has written.
    version = -1
    #: Which of the states of files that this process has seen it reads.
    seen = 0
    #: How many `reading` are open, one in another.
    depth = 0
    #: Of all skeletons, once so many were asked for that it pays.
    sieve: Sieve | None = None
    #: How many skeletons were asked for.
    asked = 0
    #: How many names there are at most.
    names = 0

    def __init__(self) -> None:
        #: How often skeletons of the names of each country were asked for.
        self.countries: dict[str, int] = {}


#: All that are open: a connection is of no use in a forked process, which makes its own.
_OPEN: weakref.WeakSet[Store] = weakref.WeakSet()


def _without_connections() -> None:
    for store in _OPEN:
        store._local = _Connection()  # noqa: SLF001


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(after_in_child=_without_connections)


class Store:
    """One GeoPackage, read only; a connection for each thread and process that asks.

    Parameters
    ----------
    path : path
        The file.

    Attributes
    ----------
    path : Path
        The file.
    metadata : dict of str to str
        Versions, sources, licences.

    Raises
    ------
    GazetteerError
        There is no such file, it is no gazetteer, was made for another version of geoinc, or
        was edited and waits for its keys; by every method too, when that happens later.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.metadata: dict[str, str] = {}
        self._local = _Connection()
        _OPEN.add(self)
        # Nobody edits what geoinc made for itself: it needs no locks, which cost most of a query.
        ours = (SHIPPED, cache_folder())
        resolved = self.path.resolve()
        self._fixed = any(resolved == own or own in resolved.parents for own in ours)
        if not self.path.is_file():
            msg = f"there is no gazetteer file at {str(path)!r}"
            raise GazetteerError(msg)
        with self.reading():
            pass

    # ------------------------------------------------------------ the file

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep the file as it is while many things are asked: several times faster.

        Other programs cannot save the file meanwhile.

        Raises
        ------
        GazetteerError
            The file cannot be read.
        """
        local = self._local
        if local.depth or (self._fixed and local.sqlite is not None):
            local.depth += 1
            try:
                yield
            finally:
                local.depth -= 1
            return
        try:
            connection = self._current()
        except GazetteerError:
            self._close()
            raise
        except (sqlite3.Error, OSError) as error:
            self._close()
            # No database, or one without our tables; else it is locked, damaged or forbidden.
            foreign = getattr(error, "sqlite_errorname", "") in {"SQLITE_NOTADB", "SQLITE_ERROR"}
            what = "is not a gazetteer of geoinc" if foreign else "cannot be read"
            msg = f"{self.path.name!r} {what} ({error})"
            raise GazetteerError(msg) from error
        local.depth = 1
        try:
            yield
        except sqlite3.Error as error:
            msg = f"{self.path.name!r} cannot be read ({error})"
            raise GazetteerError(msg) from error
        finally:
            local.depth = 0
            if connection.in_transaction:
                connection.execute("COMMIT")

    @property
    def version(self) -> tuple[int, ...]:
        """Another one when the file was written or replaced, and in another thread."""
        if self._fixed:
            return ()
        with self.reading():
            return (self._local.seen,)

    def _current(self) -> sqlite3.Connection:
        """Return a connection that reads the file as it is now, checked, in a transaction."""
        local = self._local
        status = self.path.stat()
        if local.sqlite is None or local.file != (status.st_dev, status.st_ino):
            self._close()
            mode = "ro&immutable=1" if self._fixed else "ro"
            uri = f"{self.path.resolve().as_uri()}?mode={mode}"
            local.sqlite = sqlite3.connect(uri, uri=True, isolation_level=None)
            local.sqlite.execute("PRAGMA temp_store = MEMORY")
            local.file, local.version = (status.st_dev, status.st_ino), -1
        connection = local.sqlite
        if not self._fixed:
            connection.execute("BEGIN")
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != local.version:
            self._check(connection)
            local.version, local.seen = version, next(_COUNTER)
            local.sieve, local.asked, local.countries = None, 0, {}
            connection.execute("DROP TABLE IF EXISTS temp.gathered")
            (local.names,) = connection.execute("SELECT ifnull(max(id), 0) FROM names").fetchone()
        return connection

    def _close(self) -> None:
        if self._local.sqlite is not None:
            self._local.sqlite.close()
        self._local.sqlite = None

    def _check(self, connection: sqlite3.Connection) -> None:
        """Read the metadata and refuse a file in which a name could be missed."""
        metadata = dict(connection.execute("SELECT key, value FROM metadata_geoinc"))
        theirs, ours = metadata.get("schema_version", ""), geopackage.SCHEMA_VERSION
        if theirs != ours:
            msg = (
                f"{self.path.name!r} has schema_version {theirs!r}, this geoinc reads {ours!r}: "
                "make it again from its sources with this version"
            )
            raise GazetteerError(msg)
        if why := stale(connection):
            msg = (
                f"{self.path.name!r} {why}, and names would be missed: "
                "load_gazetteer(path) makes the search keys of a file that can be written"
            )
            raise GazetteerError(msg)
        self.metadata = metadata

    def _rows(self, sql: str, *values: object) -> list[Any]:
        connection = self._kept()
        if connection is not None:
            rows: list[Any] = connection.execute(sql, values).fetchall()
            return rows
        with self.reading():
            return self._rows(sql, *values)

    def _kept(self) -> sqlite3.Connection | None:
        """Return the connection while it keeps the file as it is, else None."""
        local = self._local
        return local.sqlite if self._fixed or local.depth else None

    # ------------------------------------------------------------ names

    def by_fold(self, key: str) -> list[Row]:
        """Return the names that are the same but for case and accents."""
        return list(map(Row._make, self._rows(_NAMES + "WHERE n.key_fold = ?", key)))

    def by_core(self, key: str) -> list[Row]:
        """Return the names that are the same but for articles and words for their kind."""
        return list(map(Row._make, self._rows(_NAMES + "WHERE n.key_core = ?", key)))

    def by_skeletons(self, keys: Collection[str], country: str, most: int) -> list[Key]:
        """Return the names with the consonants of one of these keys, of a country if one is said.

        Parameters
        ----------
        keys : collection of str
            Skeletons.
        country : str
            ISO code, or ``""``.
        most : int
            Most names to return.
        """
        sql = (
            "SELECT n.id, n.key_sound, n.key_skeleton FROM json_each(?) AS k "
            "CROSS JOIN names AS n ON n.key_skeleton = k.value "
        )
        # Of equals every process finds the same one first.
        known = sorted(self._known(keys))
        if not known:
            return []
        asked = json.dumps(known)
        if not country:
            return self._rows(sql + "LIMIT ?", asked, most)
        if self._gathered(country):
            sql = sql.replace("names AS n ON", "temp.gathered AS n ON n.country = ? AND")
            return self._rows(sql + "LIMIT ?", asked, country, most)
        sql += "CROSS JOIN places AS p ON p.place_id = n.place_id WHERE p.country = ? LIMIT ?"
        return self._rows(sql, asked, country, most)

    def _gathered(self, country: str) -> bool:
        """Return whether the names of a country stand together in memory: once it was asked often.

        Else each name with a key is looked up for where its place is, a thousand for a short key.
        """
        local, connection = self._local, self._kept()
        if connection is None:
            return False
        times = local.countries.get(country, 0) + 1
        if times == _OFTEN:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS temp.gathered (country, key_skeleton, key_sound, id, "
                "PRIMARY KEY (country, key_skeleton, key_sound, id)) WITHOUT ROWID"
            )
            connection.execute(
                "INSERT INTO temp.gathered SELECT p.country, n.key_skeleton, n.key_sound, n.id "
                "FROM places AS p CROSS JOIN names AS n ON n.place_id = p.place_id "
                "WHERE p.country = ?",
                (country,),
            )
        local.countries[country] = times  # once they are there
        return times >= _OFTEN

    def _known(self, keys: Collection[str]) -> Collection[str]:
        """Return those of some skeletons that the file may have."""
        local, connection = self._local, self._kept()
        if connection is None:
            return keys
        local.asked += len(keys)
        if local.sieve is None and local.asked * _ASKED_PAYS > local.names:
            every = connection.execute("SELECT DISTINCT key_skeleton FROM names")
            local.sieve = Sieve((key for (key,) in every), local.names)
        return keys if local.sieve is None else local.sieve.of(keys)

    def within(self, bounds: tuple[float, float, float, float], most: int) -> list[Key]:
        """Return the names of places in a box (west, south, east, north, degrees)."""
        west, south, east, north = bounds
        sql = (
            "SELECT n.id, n.key_sound, n.key_skeleton FROM rtree_places_geom AS r "
            "CROSS JOIN places AS p ON p.fid = r.id "
            "CROSS JOIN names AS n ON n.place_id = p.place_id "
            "WHERE r.maxx >= ? AND r.minx <= ? AND r.maxy >= ? AND r.miny <= ? "
            "AND n.kind != 'code' LIMIT ?"
        )
        return self._rows(sql, west, east, south, north, most)

    def if_few(self, most: int) -> list[Key]:
        """Return all names, nothing where there are more than so many."""
        sql = "SELECT id, key_sound, key_skeleton FROM names WHERE kind != 'code' LIMIT ?"
        found = self._rows(sql, most + 1)
        return found if len(found) <= most else []

    def by_ids(self, ids: Iterable[int]) -> list[Row]:
        """Return names by the ids that `by_skeletons`, `within` and `if_few` give."""
        which = "WHERE n.id IN (SELECT value FROM json_each(?))"
        return list(map(Row._make, self._rows(_NAMES + which, json.dumps(list(ids)))))

    def names_of(self, place_ids: Iterable[str]) -> dict[str, list[Name]]:
        """Return text, sound and skeleton of the names of places, but codes, by their ids."""
        sql = (
            "SELECT place_id, text, key_sound, key_skeleton FROM names "
            "WHERE place_id IN (SELECT value FROM json_each(?)) AND kind != 'code'"
        )
        found: dict[str, list[Name]] = {}
        for place_id, text, sound, skeleton in self._rows(sql, json.dumps(list(place_ids))):
            found.setdefault(place_id, []).append(Name(text, sound, skeleton))
        return found

    def divisions(self, level: str) -> list[Division]:
        """Return the divisions that places say they are in, a part for each that they lie in.

        It looks at every place.

        Parameters
        ----------
        level : str
            ``"admin1"`` or ``"admin2"``.
        """
        column = {"admin1": "admin1", "admin2": "admin2"}[level]
        return self._rows(
            f"SELECT {column}, country, avg(longitude), avg(latitude), group_concat(fid) "  # noqa: S608  # one of two columns
            f"FROM places WHERE {column} != '' GROUP BY admin2, admin1, country"
        )

    def centres(self, members: Iterable[str]) -> list[tuple[float, float]]:
        """Return the centres, degrees, of the members that `divisions` gives."""
        sql = "SELECT longitude, latitude FROM places WHERE fid IN (SELECT value FROM json_each(?))"
        return self._rows(sql, f"[{','.join(members)}]")

    def namesakes(self, skeletons: Collection[str]) -> dict[str, list[Row]]:
        """Return the names that have the consonants of one of these keys, by key."""
        asked = list(self._known(skeletons))
        found: dict[str, list[Row]] = {}
        if asked:
            # Most often one or two, and then twice as fast as a list in JSON.
            which = f"WHERE n.key_skeleton IN ({', '.join('?' * len(asked))})"
            for row in map(Row._make, self._rows(_NAMES + which, *asked)):
                found.setdefault(row.skeleton, []).append(row)
        return found

    def country_code(self, name: str) -> str:
        """Return the ISO code of a country by its name, or ``""``."""
        for row in self.by_fold(toponyms.fold(name)):
            if row.kind == "country":
                return row.country
        return ""

    # ------------------------------------------------------------ places

    def place(self, place_id: str) -> Place | None:
        """Return a place by its id, or None."""
        rows = self._rows(
            f"SELECT geom, {', '.join(_PLACE)} FROM places WHERE place_id = ?",  # noqa: S608  # our own words
            place_id,
        )
        if not rows:
            return None
        geometry, *values = rows[0]
        return Place(
            place_id=place_id,
            footprint=shapely.from_wkb(geopackage.wkb(geometry)),  # type: ignore[arg-type]  # areas only
            **dict(zip(_PLACE, values, strict=True)),
        )

    def of_kind(self, kind: str) -> list[Place]:
        """Return every place of a kind."""
        query = f"SELECT place_id, geom, {', '.join(_PLACE)} FROM places WHERE kind = ?"  # noqa: S608  # our own words
        return [
            Place(
                place_id=place_id,
                footprint=shapely.from_wkb(geopackage.wkb(geometry)),  # type: ignore[arg-type]  # areas only
                **dict(zip(_PLACE, values, strict=True)),
            )
            for place_id, geometry, *values in self._rows(query, kind)
        ]

    def outlines(self, kind: str, country: str) -> list[tuple[str, Any]]:
        """Return name and footprint of the places of a kind in a country."""
        query = "SELECT name, geom FROM places WHERE kind = ? AND country = ?"
        rows = self._rows(query, kind, country)
        return [(name, shapely.from_wkb(geopackage.wkb(blob))) for name, blob in rows]

    def __contains__(self, place_id: object) -> bool:
        return bool(self._rows("SELECT 1 FROM places WHERE place_id = ?", place_id))

    def __len__(self) -> int:
        return int(self._rows("SELECT count(*) FROM places")[0][0])


#: What `stale` says where only what is marked must be made again.
EDITED = "was edited by another program"


def stale(connection: sqlite3.Connection) -> str:
    """Return why the keys of a gazetteer cannot be trusted, or ``""``; an instant for any size.

    Parameters
    ----------
    connection : sqlite3.Connection
        To a gazetteer of the schema of this version.

    Returns
    -------
    str
        A predicate: "was edited by another program".
    """
    query = "SELECT value FROM metadata_geoinc WHERE key = 'keys_version'"
    theirs = (connection.execute(query).fetchone() or ("",))[0]
    if theirs != toponyms.KEYS_VERSION:
        return f"has keys_version {theirs!r}, this geoinc reads {toponyms.KEYS_VERSION!r}"
    # Who writes a table anew, as a whole, takes the triggers away with it.
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'marks\\_%' ESCAPE '\\'"
    (marks,) = connection.execute(query).fetchone()
    if marks < len(geopackage.MARKS):
        return "was written anew by another program"
    for query in (
        "SELECT 1 FROM names WHERE key_fold IS NULL LIMIT 1",
        "SELECT 1 FROM places WHERE uncertainty_m IS NULL LIMIT 1",
    ):
        if connection.execute(query).fetchone():
            return EDITED
    return ""
