"""What two coders agree on, as an Excel file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

_WIDTH = 20


def write_tables(tables: Mapping[str, pd.DataFrame], path: str | os.PathLike[str]) -> None:
    """Write tables, each on a sheet of its own, by the sheets' names.

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
    for title, table in tables.items():
        sheet = book.create_sheet(title)
        for number, line in enumerate([list(table.columns), *table.itertuples(index=False)], 1):
            for column, value in enumerate(line, 1):
                if pd.isna(value):
                    continue
                cell = sheet.cell(number, column)
                if isinstance(value, int | float):
                    cell.value = value
                    cell.number_format = "0.00" if isinstance(value, float) else "0"
                else:
                    cell.value = str(value)
                    # A word of a report is never run, whatever it begins with.
                    cell.data_type, cell.quotePrefix = "s", True
                cell.font = Font(bold=number == 1)
        for column in range(1, len(table.columns) + 1):
            sheet.column_dimensions[get_column_letter(column)].width = _WIDTH
        sheet.freeze_panes = "A2"
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        book.save(draft)
        draft.replace(path)
