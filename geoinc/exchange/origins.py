"""What a file of layers was made from: the files with their hashes, the version, how places were found."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    import pandas as pd

#: What tells how a row came by its place.
HOW = ("place_status", "place_match", "place_basis")


def found_how(rows: pd.DataFrame) -> pd.Series:
    """Return how many rows of each role were found how.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of layers, or some of them.
    """
    return rows.groupby(["role", *HOW], observed=True).size().rename("rows")


def origin_of(
    found: pd.Series,
    made_from: Iterable[str | os.PathLike[str]],
    written: Path,
    named: Sequence[str],
) -> dict[str, Any]:
    """Return what a reader needs to make a file again, ready for JSON.

    Parameters
    ----------
    found : pandas.Series
        As `found_how` returns it for the rows that were written.
    made_from : iterable of path
        The files that they were made from: reports, gazetteers, decisions.
    written : path
        The file, or folder, that was written.
    named : sequence of str
        Who is to be named where the layers are used.

    Returns
    -------
    dict
        Name, size in bytes and SHA-256 of every file, version and time, how many rows of each role
        were found how.
    """
    return {
        "written": [_hashed(path, written) for path in _files(written)],
        "made_from": [_hashed(Path(path), Path(path)) for path in made_from],
        "geoinc": version("geoinc"),
        "time": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "rows": found.reset_index().to_dict("records"),
        "credits": list(named),
    }


def _files(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def _hashed(path: Path, whole: Path) -> dict[str, Any]:
    """Return name, size and hash of a file, or of one of a folder."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "file": path.name if path == whole else path.relative_to(whole).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": digest,
    }
