"""Counts as an Excel file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    import pandas as pd


def write_counts(
    table: pd.DataFrame, path: str | os.PathLike[str], *, title: str, caption: str
) -> None:
    """Write a table of counts, and beneath it what a reader must know.

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
    sheet = book.active
    sheet.title = "counts"
    rows = table.reset_index()
    lines = [[title], list(rows.columns), *rows.itertuples(index=False), [], [caption]]
    for number, line in enumerate(lines, start=1):
        for column, value in enumerate(line, start=1):
            cell = sheet.cell(number, column)
            cell.value = value if isinstance(value, int | float) else str(value)
            if isinstance(value, str):
                # A word of a report is never run, whatever it begins with.
                cell.data_type, cell.quotePrefix = "s", True
            cell.font = Font(bold=number <= 2)
            if isinstance(value, float):
                cell.number_format = "0.0"
    for column in range(1, len(table.index.names) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 28
    sheet.freeze_panes = "A3"
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        book.save(draft)
        draft.replace(path)
