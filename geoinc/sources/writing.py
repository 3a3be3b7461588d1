"""Write places as a gazetteer file: as a stream, with a progress bar, whole or not at all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from geoinc import geopackage, toponyms
from geoinc.errors import GazetteerError, Problem

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence

    from geoinc.geopackage import Entry

#: Most faults that a file lists; all are counted.
_LISTED = 1000


def write_gazetteer(
    path: str | os.PathLike[str],
    entries: Iterable[Entry],
    *,
    source: str,
    licence: str,
    problems: list[Problem] | None = None,
    metadata: Mapping[str, str] | None = None,
    progress: bool = True,
) -> int:
    """Write places and their names as a gazetteer file that `load_gazetteer` opens.

    The file appears when all is written; until then the one that was there stays.

    Parameters
    ----------
    path : path
        The GeoPackage to write or replace.
    entries : iterable of Entry
        The places, taken one by one; of those with one id the first is written.
    source, licence : str
        Where the places are from and under which terms, for the file's metadata.
    problems : list of Problem, optional
        What the reader of `entries` left out so far, and while it goes on; gets one more for each
        id that comes again.  Their number and the first of them go into the metadata.
    metadata : mapping of str to str, optional
        More of it; read when all places are written.
    progress : bool
        Whether to show a progress bar on standard error, where that is a terminal.

    Returns
    -------
    int
        How many places were written.

    Raises
    ------
    GazetteerError
        The file cannot be written.

    Examples
    --------
    >>> from geoinc.geopackage import Entry
    >>> from geoinc.sources.writing import write_gazetteer
    >>> entry = Entry("al-asad", "Al Asad", "air base", "IQ", 42.44, 33.79, radius_m=3000)
    >>> path = getfixture("tmp_path") / "own.gpkg"
    >>> write_gazetteer(path, [entry], source="my own work", licence="CC0", progress=False)
    1
    """
    path = Path(path)
    problems = problems if problems is not None else []
    now = datetime.now(UTC)

    def repeated(entry: Entry) -> None:
        why = "left out: an earlier row has this id"
        problems.append(Problem(entry.row or None, "place_id", entry.place_id, why))

    def rows() -> dict[str, str]:
        return {
            "keys_version": toponyms.KEYS_VERSION,
            "sources": source,
            "licences": licence,
            "built": now.date().isoformat(),
            "problem_count": str(len(problems)),
            "problems": "\n".join(map(str, problems[:_LISTED])),
            **(metadata or {}),
        }

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not progress,
    )
    try:
        with bar:
            return geopackage.write(
                path,
                bar.track(
                    map(_with_parts, entries), total=None, description=f"places for {path.name}"
                ),
                keys=toponyms.keys,
                key_names=toponyms.Keys._fields,
                metadata=rows,
                changed=now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                repeated=repeated,
            )
    except sqlite3.Error as error:
        msg = f"{str(path)!r} cannot be written ({error})"
        raise GazetteerError(msg) from error


def _with_parts(entry: Entry) -> Entry:
    """Return a place with the names in its double names ("Tadmur / Palmyra") added to them."""
    names = entry.names or [(entry.name, "", "preferred")]
    parts = part_names(names, entry.admin1, entry.admin2)
    return replace(entry, names=[*names, *parts]) if parts else entry


def part_names(
    names: Sequence[tuple[str, str, str]], *divisions: str
) -> list[tuple[str, str, str]]:
    """Return the names in the double names of a place that it does not have anyway.

    Parameters
    ----------
    names : sequence of (str, str, str)
        Text, language and kind of its names.
    *divisions : str
        Names of the divisions that it is in.
    """
    known = {text for text, _, _ in names}
    parts = {
        part: (part, language, "part")
        for text, language, kind in names
        if kind != "code"
        for part in toponyms.parts(text, *divisions)
        if part not in known
    }
    return list(parts.values())
