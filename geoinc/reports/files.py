"""A file of any kind as a table: what it is, is seen from its first bytes, not from its name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from geoinc.errors import SchemaError
from geoinc.reports.excel import read_excel
from geoinc.reports.features import read_features, read_kml, read_parquet
from geoinc.reports.packed import ungzipped, unzipped
from geoinc.reports.records import read_json
from geoinc.reports.texts import decoded, read_delimited, refuse_long_lines

if TYPE_CHECKING:
    import os
    from collections.abc import Container, Iterator

    from geoinc.reports.headers import TextTable

_OLE, _ZIP, _GZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"\x1f\x8b"
_SQLITE, _SHAPEFILE, _PARQUET = b"SQLite format 3\x00", b"\x00\x00\x27\x0a", b"PAR1"

#: What a folder is searched for.
_SUFFIXES = {
    ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".json", ".jsonl", ".ndjson", ".geojson", ".geojsonl",
    ".gpkg", ".shp", ".kml", ".kmz", ".parquet", ".geoparquet", ".zip", ".gz",
}  # fmt: skip


def read_table(
    source: str | os.PathLike[str] | BinaryIO,
    *,
    sheet: str | int | None = None,
    header: int | None = None,
    wanted: Container[str] = (),
) -> TextTable:
    """Read a file as a table.

    Parameters
    ----------
    source : path or binary file
        ``"-"`` is standard input.
    sheet : str or int, optional
        Name or number (from 0) of a sheet of a workbook, the first by default,
        or of a layer of a GeoPackage.
    header : int, optional
        Row that names the columns of a text file or workbook, the first being 1.
    wanted : container of str
        Names that the user said the columns have.

    Returns
    -------
    TextTable
        Rows without any content are left out; nothing else is.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        Where there is no file to read.
    SchemaError
        Where the file is no table, or changes while it is read.
    """
    if str(source) == "-":
        source = sys.stdin.buffer
    if not isinstance(source, str) and hasattr(source, "read"):
        data = source.read()
        return _table(data, name_of(source), sheet=sheet, header=header, wanted=wanted)
    path = _existing(source)
    before = _state(path)
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith((_SQLITE, _SHAPEFILE)):
        table = read_features(path, path.name, sheet)
        table.facts["format"] = "GeoPackage" if start.startswith(_SQLITE) else "Shapefile"
    else:
        data = path.read_bytes()
        table = _table(data, path.name, sheet=sheet, header=header, wanted=wanted)
    if _state(path) != before:
        msg = f"{path.name!r} changed while it was read; read it again when it is whole"
        raise SchemaError(msg)
    return table


def read_text_table(path: str | os.PathLike[str], sheet: str | int | None = None) -> TextTable:
    """Read a CSV, TSV or Excel file, all cells text."""
    found = _existing(path)
    data = found.read_bytes()
    if data.startswith(_ZIP):
        return read_excel(data, found.name, sheet=sheet)
    if sheet is not None or data.startswith(_OLE):
        return _table(data, found.name, sheet=sheet, header=None, wanted=())  # says what is wrong
    text, _, problems = decoded(data, found.name)
    table = read_delimited(text, found.name)
    table.problems.extend(problems)
    return table


def paths_in(folder: Path) -> list[Path]:
    """Return the files of a folder that may be tables, by name.

    Raises
    ------
    IsADirectoryError
        Where there is none.
    """
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in _SUFFIXES and path.is_file() and path.name[0] not in ".~"
    )
    if not found:
        msg = f"{str(folder)!r} is a folder without tables; give a file of it"
        raise IsADirectoryError(msg)
    return found


def left_out(source: object) -> str:
    """Return the names of what a folder holds besides tables, ``""`` where nothing."""
    if not isinstance(source, str | Path) or not Path(source).is_dir():
        return ""
    read = {path.stem for path in paths_in(Path(source)) if path.suffix.lower() == ".shp"}
    others = [
        path.name
        for path in sorted(Path(source).iterdir())
        if path.suffix.lower() not in _SUFFIXES and path.stem not in read
    ]
    return ", ".join(others)


def name_of(source: object) -> str:
    """Return the name of a path, of a file, or of standard input."""
    if str(source) == "-":
        return "standard input"
    if isinstance(source, str | Path):
        return Path(source).name
    name = getattr(source, "name", "")
    return (
        Path(name).name if isinstance(name, str) and name[:1] not in {"", "<"} else "standard input"
    )


def _existing(source: str | os.PathLike[str]) -> Path:
    path = Path(source)
    if path.is_dir():
        msg = f"{str(path)!r} is a folder; give a file of it"
        raise IsADirectoryError(msg)
    if not path.is_file():
        msg = f"no file {str(path)!r}"
        raise FileNotFoundError(msg)
    return path


def _state(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _table(
    data: bytes,
    name: str,
    *,
    sheet: str | int | None,
    header: int | None,
    wanted: Container[str],
) -> TextTable:
    """Return the table that bytes are."""
    if data.startswith(_OLE):
        msg = f"{name!r} is an Excel file of before 2007, or one with a password; save it as .xlsx or as CSV UTF-8"
        raise SchemaError(msg)
    if data.startswith(_GZIP):
        data = ungzipped(data, name)
    if data.startswith(_ZIP):
        inner, unpacked = unzipped(data, name)
        if unpacked is data:
            return _archive(data, name, sheet=sheet, header=header, wanted=wanted)
        name, data = inner, unpacked
    if data.startswith(_PARQUET):
        return read_parquet(data, name)
    if data.startswith(_SQLITE):
        table = read_features(data, name, sheet)
        table.facts["format"] = "GeoPackage"
        return table
    if sheet is not None:
        msg = f"{name!r} is no Excel file and has no sheet {sheet!r}"
        raise SchemaError(msg)
    return _text(data, name, header=header, wanted=wanted)


def _archive(
    data: bytes,
    name: str,
    *,
    sheet: str | int | None,
    header: int | None,
    wanted: Container[str],
) -> TextTable:
    """Return the table of a zip file that is read as it is."""
    if b"[Content_Types].xml" in data:
        table = read_excel(data, name, sheet=sheet, header=header, wanted=wanted)
        table.facts["format"] = "Excel"
    else:
        table = read_features(data, name, sheet)
        table.facts["format"] = "Shapefile, zipped"
    return table


def _text(data: bytes, name: str, *, header: int | None, wanted: Container[str]) -> TextTable:
    """Return the table of a text: JSON, KML, or cells between delimiters."""
    if data[:1000].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] not in {
        b"{",
        b"[",
        b"\x1e",
        b"<",
    }:
        refuse_long_lines(data, name)
    text, encoding, problems = decoded(data, name)
    first = text[:1000].lstrip()[:1]
    if first in {b"{", b"[", b"\x1e"}:
        table = read_json(text.decode(), name)
    elif first == b"<":
        if b"<kml" not in text[:10_000]:
            msg = f"{name!r} is XML or HTML, but no KML; save it as CSV UTF-8 or GeoJSON"
            raise SchemaError(msg)
        table = read_kml(text, name)
    else:
        table = read_delimited(text, name, header=header, wanted=wanted)
        table.facts["format"] = "TSV" if table.facts["delimiter"] == "tab" else "CSV"
    table.facts["encoding"] = encoding
    table.problems.extend(problems)
    return table


def each(sources: object) -> Iterator[object]:
    """Yield the files of a source: itself, each of several, each of a folder."""
    if isinstance(sources, list | tuple):
        for source in sources:
            yield from each(source)
    elif isinstance(sources, str | Path) and str(sources) != "-" and Path(sources).is_dir():
        yield from paths_in(Path(sources))
    else:
        yield sources
