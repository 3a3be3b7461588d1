"""Layers as an Excel workbook, in which no text of a report runs as a formula."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoinc.exchange.tables import TABLES
from geoinc.progress import watched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geoinc.schema import Layers

#: Excel's own limits.
_MOST_ROWS, _MOST_CHARACTERS = 1_048_576, 32_767
#: What the format of Excel cannot hold.
_NO_EXCEL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_excel(layers: Layers, path: Path, named: Sequence[str]) -> None:
    """Write a workbook with a sheet for each layer, one of places and one about them.

    Texts are texts, whatever they begin with; what is longer than a cell of Excel is cut, and
    a warning says so.

    Parameters
    ----------
    layers : Layers
        What to write.
    path : path
        A new file.
    named : sequence of str
        Who is to be named where the data are used.

    Raises
    ------
    ValueError
        Where a layer has more rows than a sheet.
    ModuleNotFoundError
        Without openpyxl.
    """
    try:
        from openpyxl import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        msg = f"writing {path.name!r} needs openpyxl: pip install 'geoinc[excel]'"
        raise ModuleNotFoundError(msg, name="openpyxl") from error
    book = Workbook(write_only=True)
    cut = 0
    for name in TABLES:
        table = getattr(layers, name)
        if len(table) >= _MOST_ROWS:
            msg = (
                f"{len(table):,} {name} do not fit a sheet of Excel; write .csv, .gpkg or .parquet"
            )
            raise ValueError(msg)
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "B2"
        rows = pd.DataFrame(table.drop(columns=table.geometry.name)).reset_index()
        sheet.append([_cell(sheet, str(column)) for column in rows])
        columns = [rows.iloc[:, place].astype(object).to_list() for place in range(rows.shape[1])]
        for row in watched(zip(*columns, strict=True), f"writing {name}", len(rows)):
            cut += sum(len(cell) > _MOST_CHARACTERS for cell in row if isinstance(cell, str))
            sheet.append([_cell(sheet, cell) for cell in row])
    about = book.create_sheet("about")
    for line in named:
        about.append([_cell(about, line)])
    book.save(path)
    if cut:
        msg = f"{cut} texts are longer than a cell of Excel and were cut; other formats have them whole"
        warnings.warn(msg, stacklevel=3)


def _cell(sheet: Any, value: Any) -> Any:
    """Return a number or a day as such, anything else as text that never runs."""
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]  # noqa: PLC0415

    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp) and value.tzinfo is None and value.year >= 1900:
        cell = WriteOnlyCell(sheet, value.to_pydatetime())
        cell.number_format = "yyyy-mm-dd" if value == value.normalize() else "yyyy-mm-dd hh:mm:ss"
        return cell
    if isinstance(value, bool | int | float) and value not in {float("inf"), float("-inf")}:
        return value
    cell = WriteOnlyCell(sheet, _NO_EXCEL.sub("�", str(value))[:_MOST_CHARACTERS])
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
