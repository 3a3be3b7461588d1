"""Tables of text row by row: what cannot be read is one problem, and the next row goes on."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from geoinc.errors import GazetteerError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO, TextIO

#: Longest row in characters: a polygon of some hundred thousand vertices fits.
MOST_CHARACTERS = 1 << 24
#: Most lines of one row, which has line breaks only in quotes: an open quote ends here.
_MOST_LINES = 200

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"


class Record(NamedTuple):
    """One row of a table: its number in the file and its cells by column."""

    number: int
    cells: dict[str, str]


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a text file in UTF-8 or UTF-16, packed with gzip, alone in a zip, or not packed.

    Bytes that are no text become U+FFFD.

    Raises
    ------
    GazetteerError
        The packed file is damaged, or a zip holds another number of files than one.
    """
    try:
        with path.open("rb") as raw, _unpacked(raw, path) as data:
            start = data.read(4)
            data.seek(0)
            encoding = next((name for bom, name in _BOMS if start.startswith(bom)), "utf-8")
            with io.TextIOWrapper(data, encoding, errors="replace", newline="\n") as text:
                yield text
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
        msg = f"{path.name!r} is packed and damaged ({error}): download it again"
        raise GazetteerError(msg) from error


@contextmanager
def _unpacked(raw: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    start = raw.read(4)
    raw.seek(0)
    if start.startswith(_GZIP):
        with gzip.open(raw) as data:
            yield data  # type: ignore[misc]  # a GzipFile reads as a BinaryIO
    elif start.startswith(_ZIP):
        with zipfile.ZipFile(raw) as archive:
            # The zips of GeoNames carry a readme.
            names = [
                name
                for name in archive.namelist()
                if not name.endswith("/") and "readme" not in name.lower()
            ]
            if len(names) != 1:
                msg = f"{path.name!r} holds {len(names)} files; unpack it and give one of them"
                raise GazetteerError(msg)
            with archive.open(names[0]) as data:
                yield data  # type: ignore[misc]
    else:
        yield raw


def read_records(
    path: Path, problems: list[Problem], *, needed: Iterable[str] = (), quotes: bool = True
) -> Iterator[Record]:
    """Yield the rows of a CSV or TSV file that have as many cells as the header.

    Parameters
    ----------
    path : Path
        A text file with a row of column names; the delimiter is the one of comma, semicolon,
        tab and bar that the header has most of.
    problems : list of Problem
        Gets a problem for each row that is left out.
    needed : iterable of str
        Columns that a file of its format has; where they are told, the names of columns are
        lower case, however the file writes them.
    quotes : bool
        Whether a cell may stand in double quotes, and then hold delimiters and line breaks.

    Raises
    ------
    GazetteerError
        The file is empty or damaged, or lacks a column that is needed.
    """
    with opened(path) as file:
        rows = _rows(file, problems, quotes=quotes)
        header = next(rows, None)
        if header is None:
            msg = f"{path.name!r} is empty; a table needs a row of column names"
            raise GazetteerError(msg)
        names = [cell.strip() for cell in header[1]]
        while names and not names[-1]:
            names.pop()
        if needed:
            names = [name.casefold() for name in names]
        if missing := sorted(set(needed).difference(names)):
            msg = f"{path.name!r} has no column {missing[0]!r}: it is not of this format"
            raise GazetteerError(msg)
        twice = next((name for i, name in enumerate(names) if name and name in names[:i]), None)
        if twice is not None:
            msg = f"{path.name!r} has two columns {twice!r}; give each a name of its own"
            raise GazetteerError(msg)
        for number, cells in rows:
            if len(cells) < len(names) or any(map(str.strip, cells[len(names) :])):
                why = f"left out: it has {len(cells)} cells and the header {len(names)}"
                problems.append(Problem(number, "", "", why))
                continue
            yield Record(number, dict(zip(names, map(str.strip, cells), strict=False)))


def _rows(
    lines: TextIO, problems: list[Problem], *, quotes: bool
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, the header first, with their numbers."""
    # The limit is the module's own; it is only ever raised, to the length of a line.
    csv.field_size_limit(max(csv.field_size_limit(), MOST_CHARACTERS))
    delimiter = ""
    for number, text in _logical(bounded(lines, problems), problems, quotes=quotes):
        if not text.strip():
            continue
        if not delimiter:
            plain = re.sub(r'"[^"]*"', "", text)
            delimiter = max(",;\t|", key=plain.count)
        if quotes:
            try:
                yield number, next(csv.reader(io.StringIO(text), delimiter=delimiter))
            except (csv.Error, StopIteration) as error:
                problems.append(
                    Problem(number, "", text[:40], f"left out: it is no row of a table: {error}")
                )
        else:
            yield number, text.rstrip("\r\n").split(delimiter)


def bounded(file: TextIO, problems: list[Problem]) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers; of a line that never ends only the problem is kept."""
    number = 0
    while line := file.readline(MOST_CHARACTERS):
        number += 1
        if len(line) == MOST_CHARACTERS and not line.endswith("\n"):
            start = line[:40]
            while line and not line.endswith("\n"):
                line = file.readline(MOST_CHARACTERS)
            why = f"left out: the line is longer than {MOST_CHARACTERS:,} characters"
            problems.append(Problem(number, "", start, why))
            line = "\n"
        yield number, line


def _logical(
    lines: Iterable[tuple[int, str]], problems: list[Problem], *, quotes: bool
) -> Iterator[tuple[int, str]]:
    """Yield the rows of a file, lines put together where a quote is open.

    The number of a row is that of its first line less the line breaks in rows before it, as a
    spreadsheet counts.
    """
    source = iter(lines)
    waiting: deque[tuple[int, str]] = deque()
    joined = 0
    while True:
        first = waiting.popleft() if waiting else next(source, None)
        if first is None:
            return
        number, text = first
        taken: list[tuple[int, str]] = []
        while (
            quotes and len(taken) < _MOST_LINES and len(text) < MOST_CHARACTERS and _is_open(text)
        ):
            following = waiting.popleft() if waiting else next(source, None)
            if following is None:
                break
            taken.append(following)
            text += following[1]
        if quotes and _is_open(text):
            # The quote was never closed: this line is lost, those after it are not.
            problems.append(
                Problem(number - joined, "", first[1][:40], "left out: a quote is left open")
            )
            waiting.extendleft(reversed(taken))
            continue
        yield number - joined, text
        joined += len(taken)


_OPEN = re.compile(r'(?:^|[,;\t|])"(?:[^"]|"")*$')


def _is_open(text: str) -> bool:
    """Return whether a row ends inside a quoted cell."""
    return text.count('"') % 2 == 1 and _OPEN.search(text) is not None
