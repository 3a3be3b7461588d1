"""The GeoPackage of what a reader yields: where the user says, or in the user's cache."""

from __future__ import annotations

import hashlib
import warnings
from itertools import chain
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import platformdirs

from geoinc import geopackage, toponyms
from geoinc.errors import GazetteerError
from geoinc.sources.loading import load_gazetteer
from geoinc.sources.writing import write_gazetteer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from geoinc.errors import Problem
    from geoinc.gazetteer import Gazetteer
    from geoinc.geopackage import Entry

#: Raised when the readers change what they make of the same file.
READERS_VERSION = "2"


def cached_path(name: str, of: Sequence[Path | pd.DataFrame], options: object) -> Path:
    """Return where in the user's cache the gazetteer made of a source stands.

    Parameters
    ----------
    name : str
        What the file's name begins with.
    of : sequence of Path or DataFrame
        The source, which may have several files: their content decides, not names or dates.
    options : object
        What else decides; its ``repr`` is what counts.

    Returns
    -------
    Path
        The same for the same content, options and versions.
    """
    digest = hashlib.blake2b(digest_size=12)
    versions = (READERS_VERSION, geopackage.SCHEMA_VERSION, toponyms.KEYS_VERSION)
    digest.update(repr((versions, options)).encode())
    for source in of:
        if isinstance(source, pd.DataFrame):
            _add_frame(digest, source)
        else:
            _add_file(digest, source)
    return (
        platformdirs.user_cache_path("geoinc") / "gazetteers" / f"{name}-{digest.hexdigest()}.gpkg"
    )


def _add_file(digest: hashlib.blake2b, path: Path) -> None:
    # The parts of a shapefile stand beside it.
    parts = [path] if path.suffix.lower() != ".shp" else sorted(path.parent.glob(f"{path.stem}.*"))
    for part in parts:
        with part.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)


def _add_frame(digest: hashlib.blake2b, frame: pd.DataFrame) -> None:
    if isinstance(frame, gpd.GeoDataFrame):
        digest.update(repr(frame.crs).encode())
        for blob in frame.geometry.to_wkb():
            digest.update(blob or b"")
        frame = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    digest.update(frame.to_csv(index=False).encode("utf-8", "backslashreplace"))


def stored(
    path: Path,
    entries: Iterator[Entry],
    problems: list[Problem],
    *,
    name: str,
    source: str,
    licence: str,
    metadata: Mapping[str, str] | None = None,
) -> Gazetteer:
    """Write what a reader yields, and open it.

    Parameters
    ----------
    path : Path
        The GeoPackage to write or replace.
    entries : iterator of Entry
        The places.
    problems : list of Problem
        What the reader finds wrong while it yields.
    name : str
        Name of the source in messages.
    source, licence : str
        For the metadata.
    metadata : mapping of str to str, optional
        More of them; read when all is written.

    Returns
    -------
    Gazetteer
        ``metadata["problems"]`` lists what was left out or assumed, a line each.

    Raises
    ------
    GazetteerError
        The source holds no place.
    """
    first = next(entries, None)
    if first is None:
        faults = [str(problem) for problem in problems if problem.row is not None]
        why = f": {faults[0]}" if faults else ""
        msg = f"{name!r} holds no place that can be read{why}"
        raise GazetteerError(msg)
    places = chain([first], entries)
    write_gazetteer(
        path, places, source=source, licence=licence, problems=problems, metadata=metadata
    )
    return opened(path, name)


def opened(path: Path, name: str) -> Gazetteer:
    """Open a gazetteer that a reader made, and warn of the rows that it lacks.

    Parameters
    ----------
    path : Path
        As `stored` wrote it.
    name : str
        Name of the source in the warning.
    """
    gazetteer = load_gazetteer(path)
    problems = gazetteer.metadata.get("problems", "").splitlines()
    of_rows = [line for line in problems if line.startswith("row ")]
    if of_rows:
        msg = (
            f"{name}, {of_rows[0]}; {len(of_rows)} such lines: "
            "see metadata['problems'] of the gazetteer"
        )
        warnings.warn(msg, stacklevel=4)
    return gazetteer
