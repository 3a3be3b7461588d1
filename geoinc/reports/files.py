"""Spreadsheet files as a table of text, whatever their encoding and delimiter."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from zipfile import BadZipFile

import pandas as pd

from geoinc.errors import Problem, SchemaError
from geoinc.reports.values import MONTHS

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from openpyxl.cell.cell import Cell, MergedCell  # type: ignore[import-untyped]
    from openpyxl.workbook import Workbook  # type: ignore[import-untyped]
    from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

_Rows: TypeAlias = list[tuple[int, list[str]]]

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
#: What spreadsheets run, or would if the apostrophes before it were not there.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_INVALID = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f]")
#: Two Arabic letters in a row: Latin text misread as windows-1256 has single ones.
_ARABIC = re.compile("[\u0621-\u064a]{2}")


class TextTable(NamedTuple):
    """A table as it stands in a file, all cells text."""

    table: pd.DataFrame
    #: Row of the file of each row of the table; the header is row 1.
    numbers: list[int]
    problems: list[Problem]


def read_text_table(path: str | os.PathLike[str], sheet: str | int | None = None) -> TextTable:
    """Read a CSV, TSV or Excel file as text.

    Parameters
    ----------
    path : path
        What kind of file it is is seen from its first bytes, not its name.
    sheet : str or int, optional
        Name or number (from 0) of the sheet of an Excel file; the first by default.

    Returns
    -------
    TextTable
        Rows without any content are left out; nothing else is.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        Where there is no file to read.
    SchemaError
        Where the file is no table.
    """
    path = Path(path)
    if path.is_dir():
        msg = f"{str(path)!r} is a folder; give a file of it"
        raise IsADirectoryError(msg)
    if not path.is_file():
        msg = f"no file {str(path)!r}"
        raise FileNotFoundError(msg)
    data = path.read_bytes()
    if data.startswith(_OLE):
        msg = f"{path.name!r} is an Excel file of before 2007; save it as .xlsx or as CSV UTF-8"
        raise SchemaError(msg)
    if data.startswith(_ZIP):
        return _table(path.name, _excel_rows(data, path.name, sheet), [])
    if sheet is not None:
        msg = f"{path.name!r} is no Excel file and has no sheet {sheet!r}"
        raise SchemaError(msg)
    text, problems = _decode(data, path.name)
    return _table(path.name, _csv_rows(text, path.name), problems)


def _table(name: str, rows: _Rows, problems: list[Problem]) -> TextTable:
    """Make a table of rows of cells, the first of them the header."""
    if not rows:
        msg = f"{name!r} is empty; a table needs a row of column names"
        raise SchemaError(msg)
    header, body = [cell.strip() for cell in rows[0][1]], rows[1:]
    widths = [_filled(cells) for _, cells in body]
    width = max(widths, default=0)
    header = header[: max(_filled(header), min(width, len(header)))]
    too_long = [number for (number, _), n in zip(body, widths, strict=True) if n > len(header)]
    if too_long:
        why = "more cells than the header has; put cells that hold the delimiter in quotes"
        msg = f"{name!r}, row {too_long[0]}: {why}"
        raise SchemaError(msg, [Problem(number, "", "", why) for number in too_long])
    columns = _unique_names(header, name)
    filled = [
        cells[: len(columns)]
        if len(cells) >= len(columns)
        else cells + [""] * (len(columns) - len(cells))
        for _, cells in body
    ]
    table = pd.DataFrame(filled, columns=columns, dtype="str")
    return TextTable(table, [number for number, _ in body], problems)


def _filled(cells: list[str]) -> int:
    """Return how many cells there are up to the last that is not blank."""
    return next((i for i in range(len(cells), 0, -1) if cells[i - 1].strip()), 0)


def _unique_names(header: list[str], name: str) -> list[str]:
    names = [cell or f"unnamed {i}" for i, cell in enumerate(header, 1)]
    twice = next((cell for i, cell in enumerate(names) if cell in names[:i]), None)
    if twice is not None:
        msg = f"{name!r} has two columns {twice!r}; give each a name of its own"
        raise SchemaError(msg)
    return names


# ---------------------------------------------------------------- text


def _decode(data: bytes, name: str) -> tuple[str, list[Problem]]:
    """Return the text of a file, and what had to be guessed or mended."""
    text, encoding = _decoded(data)
    # Text has no control characters; bytes of pictures and programs are full of them.
    if text is None or len(_CONTROL.findall(text)) > len(text) / 100:
        msg = f"{name!r} is not text in UTF-8, UTF-16, windows-1256 or windows-1252; save it as CSV UTF-8"
        raise SchemaError(msg)
    problems = []
    if encoding.startswith("windows"):
        why = f"the file is not UTF-8 and was read as {encoding}; check names, or save it as CSV UTF-8"
        problems.append(Problem(None, "", encoding, why))
    text = valid_text(text)
    if spoilt := text.count("\ufffd"):
        why = f"{spoilt} characters of the file are no text and became U+FFFD; find and mend them"
        problems.append(Problem(None, "", "\ufffd", why))
    return text, problems


def valid_text(text: str) -> str:
    """Return text with each lone surrogate and NUL replaced by U+FFFD."""
    return _INVALID.sub("\ufffd", text)


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


def _csv_rows(text: str, name: str) -> _Rows:
    delimiter, text = _delimiter(text)
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            if any(map(str.strip, cells)):
                rows.append((number, cells))
    except csv.Error as error:
        msg = f"{name!r}, line {reader.line_num}: {error}; is a quote left open?"
        raise SchemaError(msg) from error
    return rows


def _delimiter(text: str) -> tuple[str, str]:
    """Return what separates the names of the header, and the text to read."""
    # Excel writes and obeys a first line that names the delimiter.
    if match := re.match(r"sep=(.)\r?\n", text):
        return match[1], text[match.end() :]
    first_line = text.lstrip("\r\n")[:100_000].partition("\n")[0]
    line = re.sub(r'"[^"]*"', "", first_line)
    best = max(",;\t|", key=line.count)
    # One column: no character may cut its cells.
    return (best if best in line else "\x1f"), text


# ---------------------------------------------------------------- Excel


def _excel_rows(data: bytes, name: str, sheet: str | int | None) -> _Rows:
    try:
        from openpyxl import load_workbook  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
        from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]  # noqa: PLC0415
    except ModuleNotFoundError as error:
        msg = f"reading {name!r} needs openpyxl: pip install 'geoinc[excel]'"
        raise ModuleNotFoundError(msg, name="openpyxl") from error
    try:
        # Without the results, to see which cells are formulas.
        formulas = load_workbook(io.BytesIO(data))
        has_formulas = any(
            cell.data_type == "f"
            for row in _pick(formulas, sheet, name).iter_rows()
            for cell in row
        )
        book = load_workbook(io.BytesIO(data), data_only=True) if has_formulas else formulas
    except (InvalidFileException, BadZipFile, KeyError, OSError, ValueError) as error:
        if isinstance(error, SchemaError):
            raise
        msg = f"{name!r} is a zip file but no Excel workbook that can be read: {error}"
        raise SchemaError(msg) from error
    sheet_rows: Iterable[tuple[Cell | MergedCell, ...]] = _pick(book, sheet, name).iter_rows()
    rows = []
    for number, row in enumerate(sheet_rows, 1):
        cells = [_excel_text(cell) for cell in row]
        if any(map(str.strip, cells)):
            rows.append((number, cells))
    return rows


def _pick(book: Workbook, sheet: str | int | None, name: str) -> Worksheet:
    names = book.sheetnames
    if isinstance(sheet, str) and sheet in names:
        return book[sheet]
    if sheet is None or (isinstance(sheet, int) and 0 <= sheet < len(names)):
        return book[names[sheet or 0]]
    msg = f"{name!r} has no sheet {sheet!r}; it has {', '.join(map(repr, names))}"
    raise SchemaError(msg)


def _excel_text(cell: Cell | MergedCell) -> str:
    """Return a cell as text, a date no finer than the cell shows it."""
    value = cell.value
    if isinstance(value, datetime | date):
        return _excel_date(value, cell.number_format)
    return valid_text(cell_text(value))


def _excel_date(value: datetime | date, number_format: str) -> str:
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format.casefold())
    if "y" not in shown and "d" in shown:
        return f"{value.day} {MONTHS[value.month - 1]}"  # the year is Excel's, not the user's
    if "d" not in shown and "y" in shown:
        return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"
    return cell_text(value)


def cell_text(value: object) -> str:
    """Return a cell of a table as text: whole numbers and days without a needless tail."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124  # NaN
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time(0) else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)


def disarmed(cell: object) -> object:
    """Return a cell for a CSV file that no spreadsheet takes for a formula: apostrophe first.

    A text that begins like one but for apostrophes gets one too, so that `rearmed` gives back
    every text.
    """
    text = str(cell)
    return f"'{text}" if _FORMULA.match(text) else text


def rearmed(cell: str) -> str:
    """Return the text that `disarmed` made a cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
