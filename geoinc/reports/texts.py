"""Text files: their encoding, and tables with cells between delimiters."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as arrow_csv  # type: ignore[import-untyped]

from geoinc.errors import Problem, SchemaError
from geoinc.reports.cells import valid_text
from geoinc.reports.headers import (
    Rows,
    TextTable,
    column_names,
    filled,
    header_at,
    header_fact,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    import numpy as np
    import pandas as pd

#: Characters that no text has.
CONTROL = bytes([*range(1, 9), *range(14, 32), 127])
#: Two Arabic letters in a row: Latin text misread as windows-1256 has single ones.
_ARABIC = re.compile("[\u0621-\u064a]{2}")
#: Longest row in bytes; what is longer is no row of a table.
_MOST_IN_ROW = 1 << 24
#: What begins a file is enough to see how it is made.
_HEAD = 1 << 20
#: Blank in every column: the delimiter of a table that has only one.
_NO_DELIMITER = "\x1f"
_NAMED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", _NO_DELIMITER: "none"}


# ---------------------------------------------------------------- encoding


def decoded(data: bytes, name: str) -> tuple[bytes, str, list[Problem]]:
    """Return a text in UTF-8 without NULs, its encoding, and what was guessed or mended.

    Parameters
    ----------
    data : bytes
        The text, in UTF-8, UTF-16, windows-1256 or windows-1252.
    name : str
        Name of the file, for messages.

    Raises
    ------
    SchemaError
        It is no text in any of them.
    """
    problems: list[Problem] = []
    text = data.removeprefix(b"\xef\xbb\xbf")
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "UTF-8"
    if marked or b"\x00" in text or not _is_utf8(text):
        words, encoding = _decoded(data)
        if words is None:
            raise SchemaError(_no_text(name))
        if encoding.startswith("windows"):
            why = (
                f"the file is not UTF-8 and was read as {encoding}: a guess that Cyrillic, Turkish, Greek and Hebrew "
                "are not told from; check names, or save it as CSV UTF-8"
            )
            problems.append(Problem(None, "", encoding, why))
        words = valid_text(words)
        if spoilt := words.count("\ufffd"):
            why = (
                f"{spoilt} characters of the file are no text and became U+FFFD; find and mend them"
            )
            problems.append(Problem(None, "", "\ufffd", why))
        text = words.encode()
    # Text has no control characters; bytes of pictures and programs are full of them.
    if len(text) - len(text.translate(None, CONTROL)) > len(text) / 100:
        raise SchemaError(_no_text(name))
    return text, encoding, problems


def _no_text(name: str) -> str:
    return (
        f"{name!r} is not text in UTF-8, UTF-16, windows-1256 or windows-1252; save it as CSV UTF-8"
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(data: bytes) -> tuple[str | None, str]:
    """Return the text of bytes, or None, and the name of the encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), "UTF-16"
    # Without a mark, every other byte of Latin text in UTF-16 is 0.
    if len(data) > 1 and data.count(0) > len(data) / 3:
        order = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
        return data.decode(order, errors="replace"), "UTF-16"
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8", errors="surrogatepass"), "UTF-8"
    except UnicodeDecodeError:
        return _decoded_by_guess(data)


def _decoded_by_guess(data: bytes) -> tuple[str | None, str]:
    mended = data.decode("utf-8", errors="replace")
    spoilt = mended.count("\ufffd")
    letters = sum(not character.isascii() for character in mended) - spoilt
    if letters > spoilt:  # UTF-8 with a few bytes broken: no other encoding looks like that
        return mended, "UTF-8"
    arabic = data.decode("cp1256", errors="replace")
    if _ARABIC.search(arabic):
        return arabic, "windows-1256"
    try:
        return data.decode("cp1252"), "windows-1252"
    except UnicodeDecodeError:
        return None, ""


# ---------------------------------------------------------------- delimiters


class Header(NamedTuple):
    """How a table between delimiters begins.

    Parameters
    ----------
    delimiter : str
        What stands between its cells.
    cells : list of str
        The names of its columns.
    row : int
        The row that has them, the first being 1.
    begin : int
        The byte at which the rows below it begin.
    facts : dict of str to str
        What was recognised or guessed.
    """

    delimiter: str
    cells: list[str]
    row: int
    begin: int
    facts: dict[str, str]


def header_of(
    data: bytes, name: str, *, header: int | None = None, wanted: Container[str] = ()
) -> Header:
    """Return how a table of cells between commas, semicolons, tabs or bars begins.

    Parameters
    ----------
    data : bytes
        As `decoded` returns it: all of it, or more than its first rows.
    name, header, wanted
        As of `read_delimited`.

    Raises
    ------
    SchemaError
        It is no table.
    """
    _check_first_line(data, name)
    delimiter, skipped = _delimiter(data, wanted)
    above, ends = _first_rows(data[skipped:], delimiter, name, at_least=header or 0)
    if not above:
        msg = f"{name!r} is empty; a table needs a row of column names"
        raise SchemaError(msg)
    if header is None:
        at = header_at([cells for _, cells in above], wanted)
    else:
        at = next((i for i, (number, _) in enumerate(above) if number == header), -1)
        if at < 0:
            msg = f"{name!r} has nothing in row {header}, where header={header} says the names are"
            raise SchemaError(msg)
    row, cells = above[at]
    facts = {"delimiter": _NAMED.get(delimiter, delimiter), **header_fact(row, above[:at])}
    return Header(delimiter, cells, row, skipped + ends[at], facts)


def rows_below(
    data: bytes, header: Header, first: int, name: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows of a table, all below its header or some of them, and their numbers.

    Parameters
    ----------
    data : bytes
        The rows, whole.
    header : Header
        How their table begins.
    first : int
        The number of the first of them.
    name : str
        Name of the file, for messages.

    Raises
    ------
    SchemaError
        A row has more cells than the header, or a quote is left open.
    """
    found = _parsed(data, header.cells, header.delimiter, first, name)
    return found or table_of(header.cells, _rows(data, header.delimiter, first, name), name)


def read_delimited(
    data: bytes, name: str, *, header: int | None = None, wanted: Container[str] = ()
) -> TextTable:
    """Read a table of cells between commas, semicolons, tabs or bars.

    Parameters
    ----------
    data : bytes
        As `decoded` returns it.
    name : str
        Name of the file, for messages.
    header : int, optional
        Row that names the columns, the first being 1; recognised by default.
    wanted : container of str
        Names that the user said the columns have.

    Raises
    ------
    SchemaError
        It is no table.
    """
    data, problems = _with_line_ends(data)
    found = header_of(data, name, header=header, wanted=wanted)
    table, numbers = rows_below(data[found.begin :], found, found.row + 1, name)
    return TextTable(table, numbers, problems, dict(found.facts))


def _with_line_ends(data: bytes) -> tuple[bytes, list[Problem]]:
    """Return a text whose lines end in LF, and what was mended: programs of old end them in CR."""
    if b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"):
        return data, []
    lone = re.compile(rb"\r(?!\n)")
    pieces = data.split(b'"')  # of which every other one stands in quotes, where all is text
    outside = b'""'.join(pieces[::2])
    ends = lone.sub(b"\n", outside)
    found = len(lone.findall(outside))
    if b"\n" in outside:
        # Both ends in one file, or a cell with a CR: the width of the rows tells.
        lines = [line for line in ends.splitlines() if line.strip()]
        delimiter = max((b",", b";", b"\t", b"|"), key=lines[0].count)
        widths = {line.count(delimiter) for line in lines}
        if len(widths) > 1 or widths == {0}:
            pieces[::2] = [lone.sub(b" ", piece) for piece in pieces[::2]]
            why = f"{found} line ends within a cell that is not in quotes became spaces"
            return b'"'.join(pieces), [Problem(None, "", "\\r", why)] if found else []
    pieces[::2] = [lone.sub(b"\n", piece) for piece in pieces[::2]]
    return b'"'.join(pieces), []


def refuse_long_lines(data: bytes, name: str) -> None:
    """Refuse what has no line ends for so long that it is no table: before it is decoded.

    Raises
    ------
    SchemaError
        A line is longer than any row of a table.
    """
    begin = 0
    while len(data) - begin > _MOST_IN_ROW:
        reach = (begin, begin + _MOST_IN_ROW)
        end = max(data.rfind(b"\n", *reach), data.rfind(b"\r", *reach))
        if end < 0:
            row = data.count(b"\n", 0, begin) + 1
            msg = f"{name!r}, row {row} is longer than {_MOST_IN_ROW >> 20} MB: it is no table with a row a line"
            raise SchemaError(msg)
        begin = end + 1


def _check_first_line(data: bytes, name: str) -> None:
    end = data.find(b"\n", 0, _MOST_IN_ROW)
    if end < 0 and len(data) > _MOST_IN_ROW:
        msg = f"{name!r}, row 1 is longer than {_MOST_IN_ROW >> 20} MB: it is no table with a row a line"
        raise SchemaError(msg)


def _delimiter(data: bytes, wanted: Container[str]) -> tuple[str, int]:
    """Return what separates the names of the header, and where the table begins."""
    head = data[:_HEAD].decode(errors="replace")
    # Excel writes and obeys a first line that names the delimiter.
    if match := re.match(r"sep=(.)\r?\n", head):
        return match[1], len(match[0].encode())
    lines = [line for line in head.splitlines()[:40] if line.strip()]
    if not lines:
        return ",", 0
    cut = [re.split(r"[,;\t|]", line.replace('"', "")) for line in lines]
    line = re.sub(r'"[^"]*"', "", lines[header_at(cut, wanted)])
    best = max(",;\t|", key=line.count)
    # One column: no character may cut its cells.
    return (best if best in line else _NO_DELIMITER), 0


def _first_rows(data: bytes, delimiter: str, name: str, *, at_least: int) -> tuple[Rows, list[int]]:
    """Return the first rows that are not blank, and at which byte each ends."""
    stream = io.BytesIO(data)
    rows: Rows = []
    ends = []
    for number, cells in _records(stream, delimiter, 1, name):
        if any(map(str.strip, cells)):
            rows.append((number, cells))
            ends.append(stream.tell())
        if len(rows) >= 20 and number >= at_least:
            break
    return rows, ends


def _rows(data: bytes, delimiter: str, first: int, name: str) -> Rows:
    return [
        (number, cells)
        for number, cells in _records(io.BytesIO(data), delimiter, first, name)
        if any(map(str.strip, cells))
    ]


def _records(
    stream: io.BytesIO, delimiter: str, first: int, name: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a stream with their numbers, as spreadsheets count."""
    lines = (line.decode() for line in iter(stream.readline, b""))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = first - 1
    # The limit is that of the whole process: others may have set it, and find it again.
    before = csv.field_size_limit(_MOST_IN_ROW)
    try:
        for cells in reader:
            number += 1
            yield number, cells
    except csv.Error as error:
        msg = f"{name!r}, row {number + 1}: {error}; is a quote left open?"
        raise SchemaError(msg) from error
    finally:
        csv.field_size_limit(before)


def _parsed(
    data: bytes, header: list[str], delimiter: str, first: int, name: str
) -> tuple[pd.DataFrame, np.ndarray] | None:
    """Return a table whose rows are all as wide as its header, None where they are not.

    Arrow reads such tables twenty times as fast as `csv`, and says nothing of what is wrong
    with others.
    """
    if not data or len(header) == 1:
        return None
    names = column_names(header, name)
    try:
        parsed = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_MOST_IN_ROW),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=b'"' in data, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    table = parsed.to_pandas()
    blank = (table.iloc[:, 0].str.strip() == "").to_numpy().nonzero()[0]
    if len(blank):
        nothing = (table.iloc[blank].apply(lambda cells: cells.str.strip()) == "").all(axis=1)
        table = table.drop(index=table.index[blank[nothing.to_numpy()]])
    numbers = table.index.to_numpy() + first
    width = filled(header)
    while len(names) > width and (table[names[-1]].str.strip() == "").all():
        names.pop()
    return table[names].reset_index(drop=True), numbers
