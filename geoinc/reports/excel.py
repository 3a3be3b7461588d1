"""Workbooks: a sheet as text, as fine as its cells show it."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from geoinc.errors import SchemaError
from geoinc.reports.cells import cell_text, valid_text
from geoinc.reports.headers import Rows, TextTable, header_at, header_fact, table_of
from geoinc.reports.months import MONTHS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from openpyxl.cell.cell import Cell, MergedCell  # type: ignore[import-untyped]
    from openpyxl.workbook import Workbook  # type: ignore[import-untyped]
    from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

#: No sheet that is a table has more; one cell in the last corner would have 17 thousand million.
_MOST_CELLS = 50_000_000
#: Areas that are merged over more cells hold no values of rows.
_MOST_MERGED = 10_000


def read_excel(
    data: bytes,
    name: str,
    *,
    sheet: str | int | None = None,
    header: int | None = None,
    wanted: Container[str] = (),
) -> TextTable:
    """Read a sheet of a workbook.

    What cells that were merged show stands in each of them.  A header of two
    rows, the upper merged over several columns, gives names as "upper: lower".

    Parameters
    ----------
    data : bytes
        The workbook (.xlsx, .xlsm).
    name : str
        Name of the file, for messages.
    sheet : str or int, optional
        Name or number (from 0); the first by default.
    header : int, optional
        Row that names the columns, the first being 1; recognised by default.
    wanted : container of str
        Names that the user said the columns have.

    Raises
    ------
    SchemaError
        It is no workbook, has no such sheet, or the sheet is no table.
    """
    book = _book(data, name, sheet)
    page = _pick(book, sheet, name)
    if page.max_row * page.max_column > _MOST_CELLS:
        msg = f"the sheet {page.title!r} of {name!r} reaches to {page.dimensions}; delete what stands beside the table"
        raise SchemaError(msg)
    rows, wide, merged = _rows(page)
    if not rows:
        msg = f"{name!r} is empty; a table needs a row of column names"
        raise SchemaError(msg)
    if header is None:
        at = header_at([cells for _, cells in rows], wanted)
        # The row above, or this one, may only say what columns belong together.
        if at > 0 and rows[at - 1][0] in wide and _names_parts(rows[at - 1][1], rows[at][1]):
            at -= 1
    else:
        at = next((i for i, (number, _) in enumerate(rows) if number == header), -1)
        if at < 0:
            msg = f"{name!r} has nothing in row {header}, where header={header} says the names are"
            raise SchemaError(msg)
    number, names = rows[at]
    body = rows[at + 1 :]
    facts = {"sheet": page.title, **header_fact(number, rows[:at])}
    if number in wide and body and _names_parts(names, body[0][1]):
        names = [_joined(upper, lower) for upper, lower in zip(names, body[0][1], strict=True)]
        facts["header"] = f"rows {number} and {body[0][0]}, names of two rows joined"
        number, body = body[0][0], body[1:]
    filled_in = sum(last > number for last in merged)
    if filled_in:
        facts["merged cells"] = f"{filled_in} below the header, what they show stands in each row"
    table, numbers = table_of(names, body, name)
    return TextTable(table, numbers, [], facts, number)


def _book(data: bytes, name: str, sheet: str | int | None) -> Workbook:
    try:
        from openpyxl import load_workbook  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
        from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]  # noqa: PLC0415
    except ModuleNotFoundError as error:
        msg = f"reading {name!r} needs openpyxl: pip install 'geoinc[excel]'"
        raise ModuleNotFoundError(msg, name="openpyxl") from error
    try:
        # Without the results, to see which cells are formulas.
        book = load_workbook(io.BytesIO(data))
        cells = _pick(book, sheet, name)._cells.values()  # noqa: SLF001  # those that are there, no grid of blanks
        if any(cell.data_type == "f" for cell in cells):
            book = load_workbook(io.BytesIO(data), data_only=True)
    except SchemaError:
        raise
    # A broken workbook fails in whatever openpyxl makes of it.
    except (
        InvalidFileException,
        BadZipFile,
        ParseError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        msg = f"{name!r} is a zip file but no Excel workbook that can be read: {error}"
        raise SchemaError(msg) from error
    return book


def _pick(book: Workbook, sheet: str | int | None, name: str) -> Worksheet:
    pages = book.worksheets  # not those that are charts
    names = [page.title for page in pages]
    if isinstance(sheet, str) and sheet in names:
        return pages[names.index(sheet)]
    if pages and (sheet is None or (isinstance(sheet, int) and 0 <= sheet < len(pages))):
        return pages[sheet or 0]
    msg = f"{name!r} has no sheet {sheet!r}; it has {', '.join(map(repr, names))}"
    raise SchemaError(msg)


def _rows(page: Worksheet) -> tuple[Rows, set[int], list[int]]:
    """Return the rows with something in them, those with cells merged across, and merged areas.

    Of a merged area the last row is returned.
    """
    shown: dict[tuple[int, int], str] = {}
    wide: set[int] = set()
    last_rows = []
    for area in page.merged_cells.ranges:
        words = _text(page.cell(area.min_row, area.min_col))
        if area.max_col > area.min_col:
            wide.update(range(area.min_row, area.max_row + 1))
        if not words or area.size["rows"] * area.size["columns"] > _MOST_MERGED:
            continue
        last_rows.append(area.max_row)
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                shown[row, column] = words
    rows: Rows = []
    found: Iterable[tuple[Cell | MergedCell, ...]] = page.iter_rows()
    for number, cells_of_row in enumerate(found, 1):
        cells = [
            shown.get((number, column)) or _text(cell)
            for column, cell in enumerate(cells_of_row, 1)
        ]
        if any(map(str.strip, cells)):
            rows.append((number, cells))
    return rows, wide, last_rows


def _names_parts(upper: list[str], lower: list[str]) -> bool:
    """Return whether a row names the parts of columns that are merged above it."""
    several = {cell for cell in upper if cell.strip() and upper.count(cell) > 1}
    below: dict[str, list[str]] = {cell: [] for cell in several}
    for one, other in zip(upper, lower, strict=True):
        if one in several:
            below[one].append(other.strip())
    return bool(below) and all(
        len(set(names)) == len(names) and all(names) for names in below.values()
    )


def _joined(upper: str, lower: str) -> str:
    one, other = upper.strip(), lower.strip()
    return f"{one}: {other}" if one and other and one != other else one or other


def _text(cell: Cell | MergedCell) -> str:
    """Return a cell as text, a date no finer than the cell shows it."""
    value = cell.value
    if isinstance(value, datetime | date):
        return _date(value, cell.number_format)
    return valid_text(cell_text(value))


def _date(value: datetime | date, number_format: str) -> str:
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format.casefold())
    if "y" not in shown and "d" in shown:
        return f"{value.day} {MONTHS[value.month - 1]}"  # the year is Excel's, not the user's
    if "d" not in shown and "y" in shown:
        return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"
    return cell_text(value)
