"""A review as an Excel sheet: drop-downs, and no text that runs as a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoinc.decisions.choices import NONE_OF_THESE, NOT_A_PLACE, SCOPES, printable
from geoinc.localities import mentions_anaphor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from openpyxl.cell.cell import Cell  # type: ignore[import-untyped]
    from openpyxl.comments import Comment  # type: ignore[import-untyped]
    from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

#: Widths of columns in characters; the others are narrow.
_WIDTHS = {"text": 32, "placed": 20, "reason": 44, "candidates": 60, "example": 50, "decision": 34}
_NARROW = 13


def write_sheet(
    table: pd.DataFrame,
    choices: Sequence[Sequence[str]],
    path: Path,
    *,
    former: Path | None,
    moved: Mapping[int, int],
) -> None:
    """Write a review as an Excel file.

    Parameters
    ----------
    table : pandas.DataFrame
        All cells text.
    choices : sequence of sequence of str
        What the drop-down of each row offers, besides that it is none of them.
    path : path
        Where to.
    former : path or None
        The Excel file that it replaces, whose comments are kept.
    moved : mapping of int to int
        For each row of the former sheet, counted from 1, its row in the table.

    Raises
    ------
    ModuleNotFoundError
        Without openpyxl.
    """
    try:
        from openpyxl import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
        from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]  # noqa: PLC0415
        from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]  # noqa: PLC0415
    except ModuleNotFoundError as error:
        msg = f"writing {path.name!r} needs openpyxl: pip install 'geoinc[excel]'"
        raise ModuleNotFoundError(msg, name="openpyxl") from error
    comments = comments_of(former) if former is not None else {}
    book = Workbook()
    sheet = book.active
    sheet.title = "review"
    for column, name in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(name, _NARROW)
        for row, cell in enumerate([name, *table[name]], start=1):
            written = _as_text(sheet.cell(row, column), cell)
            written.alignment = Alignment(vertical="top", wrap_text=True)
            written.font = Font(bold=row == 1)
    sheet.freeze_panes = "B2"
    column_of = {name: column for column, name in enumerate(table.columns, start=1)}
    for (number, name), comment in comments.items():
        if number in moved and name in column_of:
            sheet.cell(moved[number] + 2, column_of[name]).comment = comment
    _offer(sheet, book.create_sheet("choices"), table, choices)
    book.save(path)


def _offer(
    sheet: Worksheet, hidden: Worksheet, table: pd.DataFrame, choices: Sequence[Sequence[str]]
) -> None:
    """Give each row its drop-downs; any other answer may be typed."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # type: ignore[import-untyped]  # noqa: PLC0415

    hidden.sheet_state = "hidden"
    names = table.columns.to_list()
    decision, scope = (get_column_letter(names.index(name) + 1) for name in ("decision", "scope"))
    reach = {
        scopes: DataValidation("list", f'"{",".join(scopes)}"', allow_blank=True)
        for scopes in (SCOPES, SCOPES[1:])
    }
    for number, (offered, text) in enumerate(zip(choices, table["text"], strict=True), start=1):
        options = [*offered, NONE_OF_THESE, NOT_A_PLACE]
        for column, option in enumerate(options, start=1):
            _as_text(hidden.cell(number, column), printable(option))
        last = get_column_letter(len(options))
        drop_down = DataValidation(
            "list", f"choices!$A${number}:${last}${number}", allow_blank=True
        )
        drop_down.showErrorMessage = False
        drop_down.add(f"{decision}{number + 1}")
        sheet.add_data_validation(drop_down)
        reach[SCOPES[1:] if mentions_anaphor(text) else SCOPES].add(f"{scope}{number + 1}")
    for validation in reach.values():
        if validation.sqref:
            sheet.add_data_validation(validation)


def _as_text(cell: Cell, text: str) -> Cell:
    """Return a cell with text that is never run, whatever it begins with, also when edited."""
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def comments_of(path: Path) -> dict[tuple[int, str], Comment]:
    """Return the comments of an Excel file by row, counted from 1, and name of the column.

    Parameters
    ----------
    path : path
        Its first sheet names its columns in the first row.
    """
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.comments import Comment  # noqa: PLC0415

    rows = load_workbook(path).worksheets[0].iter_rows()
    names = [str(cell.value) for cell in next(rows)]
    return {
        (cell.row, name): Comment(cell.comment.text, cell.comment.author)
        for row in rows
        for name, cell in zip(names, row, strict=True)
        if cell.comment is not None
    }
