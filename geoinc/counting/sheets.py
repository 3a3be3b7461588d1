"""Tables of results as an Excel file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence

_WIDTH = 24


def write_sheets(
    sheets: Mapping[str, Iterable[Sequence[Any]]],
    path: str | os.PathLike[str],
    *,
    headings: int = 1,
    decimals: int = 2,
) -> None:
    """Write lines of cells, each table on a sheet of its own, by the sheets' names.

    Parameters
    ----------
    sheets : mapping of str to lines
        The headings are the first lines of each.
    path : path
        Ends in ``.xlsx``; a file that is there is replaced whole or not at all.
    headings : int
        How many lines are headings: bold, and always in view.
    decimals : int
        Of figures that are no whole numbers.

    Raises
    ------
    ModuleNotFoundError
        Where openpyxl is missing.
    """
    path = Path(path)
    try:
        from openpyxl import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
        from openpyxl.styles import Font  # type: ignore[import-untyped]  # noqa: PLC0415
        from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]  # noqa: PLC0415
    except ModuleNotFoundError as error:
        msg = f"writing {path.name!r} needs openpyxl: pip install 'geoinc[excel]'"
        raise ModuleNotFoundError(msg, name="openpyxl") from error
    book = Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for number, line in enumerate(lines, start=1):
            for column, value in enumerate(line, start=1):
                if pd.isna(value):
                    continue
                cell = sheet.cell(number, column)
                if isinstance(value, int | float):
                    cell.value = value
                    cell.number_format = f"0.{'0' * decimals}" if isinstance(value, float) else "0"
                else:
                    cell.value = str(value)
                    # A word of a report is never run, whatever it begins with.
                    cell.data_type, cell.quotePrefix = "s", True
                cell.font = Font(bold=number <= headings)
        for column in range(1, sheet.max_column + 1):
            sheet.column_dimensions[get_column_letter(column)].width = _WIDTH
        sheet.freeze_panes = f"A{headings + 1}"
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        book.save(draft)
        draft.replace(path)
