"""Pairs to decide on, as a table that an analyst fills in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from geoinc.errors import SchemaError
from geoinc.linking.marks import DISTINCT, SAME
from geoinc.reports import read_text_table, rearmed, safe_csv

if TYPE_CHECKING:
    import os

_FILLED_IN = ["decision", "author", "date"]
_WIDTHS = {"told": 60, "other told": 60, "reason": 60}


def write_pairs(pairs: pd.DataFrame, path: str | os.PathLike[str]) -> int:
    """Write pairs of accounts for an analyst to decide; return how many are not decided yet.

    A file that is there already keeps what was filled in, also of pairs that are
    not asked again.
    """
    path = Path(path)
    if path.suffix.lower() not in {".csv", ".xlsx"}:
        msg = f"{path.name!r} is neither .csv nor .xlsx: the ending says what to write"
        raise ValueError(msg)
    asked = pairs.assign(decision="", author="", date="").astype(str)
    table = _with_former(asked, path) if path.exists() else asked
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        if path.suffix.lower() == ".csv":
            draft.write_text(safe_csv(table), encoding="utf-8-sig", newline="")
        else:
            _write_sheet(table, draft)
        draft.replace(path)
    return int((table["decision"] == "").sum())


def _with_former(asked: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the pairs with what was filled in, and the others that were decided."""
    former = read_text_table(path).table.map(rearmed)
    if not {"account", "other", "decision"} <= set(former.columns):
        msg = f"{path.name!r} is no table of decisions on links: another file name, please"
        raise SchemaError(msg)
    key = ["account", "other"]
    former = former.reindex(columns=asked.columns, fill_value="")
    decided = former[former["decision"] != ""].drop_duplicates(key, keep="last").set_index(key)
    asked = asked.set_index(key)
    again = asked.index.intersection(decided.index)
    asked.loc[again, _FILLED_IN] = decided.loc[again, _FILLED_IN]
    left = decided.loc[decided.index.difference(asked.index)]
    table: pd.DataFrame = pd.concat([asked, left]).reset_index()
    return table


def _write_sheet(table: pd.DataFrame, path: Path) -> None:
    try:
        from openpyxl import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
        from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]  # noqa: PLC0415
        from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]  # noqa: PLC0415
        from openpyxl.worksheet.datavalidation import DataValidation  # type: ignore[import-untyped]  # noqa: PLC0415
    except ModuleNotFoundError as error:
        msg = f"writing {path.name!r} needs openpyxl: pip install 'geoinc[excel]'"
        raise ModuleNotFoundError(msg, name="openpyxl") from error
    book = Workbook()
    sheet = book.active
    sheet.title = "links"
    for column, name in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(str(name), 14)
        for row, text in enumerate([name, *table[name]], start=1):
            cell = sheet.cell(row, column)
            cell.value = str(text)
            # Text of reports is never run, whatever it begins with.
            cell.data_type, cell.quotePrefix = "s", True
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.font = Font(bold=row == 1)
    sheet.freeze_panes = "A2"
    offered = DataValidation("list", f'"{SAME},{DISTINCT}"', allow_blank=True)
    letter = get_column_letter(list(table.columns).index("decision") + 1)
    if len(table):
        offered.add(f"{letter}2:{letter}{len(table) + 1}")
        sheet.add_data_validation(offered)
    book.save(path)
