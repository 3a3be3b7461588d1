"""Which format a file of places is in, seen from its content, not from its name."""

from __future__ import annotations

import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

from geoinc.errors import GazetteerError
from geoinc.sources import linked_places, ourairports
from geoinc.sources.records import opened

FORMATS = (
    "geoinc", "geonames", "ourairports", "linked-places", "lp-tsv", "geojson", "features",
    "excel", "table",
)  # fmt: skip

_SQLITE = b"SQLite format 3\x00"
_SHAPEFILE = b"\x00\x00\x27\x0a"
_ZIP = b"PK\x03\x04"


def detected(path: Path) -> str:
    """Return the format of a file, seen from its content.

    Parameters
    ----------
    path : Path
        A file, packed or not.

    Returns
    -------
    str
        One of `FORMATS`.

    Raises
    ------
    GazetteerError
        There is no such file, it is empty, or a damaged zip.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        msg = f"{str(path)!r} {what}; give a file"
        raise GazetteerError(msg)
    with path.open("rb") as file:
        start = file.read(100)
    if start.startswith(_SQLITE) and _is_ours(path):
        return "geoinc"
    if start.startswith((_SQLITE, _SHAPEFILE)):
        return "features"
    if start.startswith(_ZIP):
        return _detected_in_zip(path)
    return _detected_in_text(path)


def _is_ours(path: Path) -> bool:
    """Return whether a GeoPackage is a gazetteer of geoinc."""
    uri = path.resolve().as_uri() + "?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            asked = "SELECT 1 FROM sqlite_master WHERE name = 'metadata_geoinc'"
            return connection.execute(asked).fetchone() is not None
    except (sqlite3.Error, UnicodeDecodeError):  # its messages quote what is broken
        return False


def _detected_in_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        msg = f"{path.name!r} is a damaged zip file ({error}): download it again"
        raise GazetteerError(msg) from error
    suffixes = {Path(name).suffix.lower() for name in names}
    if "[Content_Types].xml" in names:
        return "excel"
    if suffixes & {".shp", ".gpkg", ".gdb", ".gdbtable"}:
        return "features"
    if any(re.fullmatch(r"([A-Z]{2}|allCountries|cities\d+)\.txt", name) for name in names):
        return "geonames"
    return _detected_in_text(path)  # says so where there are several


def _detected_in_text(path: Path) -> str:
    with opened(path) as text:
        head = text.read(100_000)
    if not head.strip():
        msg = f"{path.name!r} is empty"
        raise GazetteerError(msg)
    first = head.lstrip("\ufeff\x1e \r\n")[:1]
    if first in {"{", "["}:
        return "geojson"
    # KML, GML; no text at all: what GDAL makes of it.
    if first == "<" or head.count("\x00") + head.count("\ufffd") > len(head) / 20:
        return "features"
    return _detected_in_table(head)


def _detected_in_table(head: str) -> str:
    line = head.lstrip("\ufeff\r\n").partition("\n")[0].rstrip("\r")
    cells = line.split("\t")
    if len(cells) == 19 and cells[0].isdigit():
        return "geonames"
    delimiter = max(",;\t|", key=line.count)
    header = {cell.strip().strip('"').casefold() for cell in line.split(delimiter)}
    if header >= ourairports.COLUMNS:
        return "ourairports"
    if "title" in header and header & linked_places.TSV_COLUMNS:
        return "lp-tsv"
    return "table"
