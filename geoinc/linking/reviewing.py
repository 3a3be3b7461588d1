"""Pairs to decide on, as a table that an analyst fills in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.decisions.sheet import comments_of
from geoinc.errors import SchemaError
from geoinc.linking.marks import DISTINCT, SAME
from geoinc.reports import read_text_table, rearmed, safe_csv

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from openpyxl.comments import Comment  # type: ignore[import-untyped]

_FILLED_IN = ["decision", "author", "date"]
_WIDTHS = {"told": 60, "other told": 60, "reason": 60}


def write_pairs(pairs: pd.DataFrame, path: str | os.PathLike[str]) -> int:
    """Write pairs of accounts for an analyst to decide; return how many are not decided yet.

    A file that is there already keeps what was filled in, its comments and its columns of
    yourself, also of pairs that are not asked again.
    """
    path = Path(path)
    if path.suffix.lower() not in {".csv", ".xlsx"}:
        msg = f"{path.name!r} is neither .csv nor .xlsx: the ending says what to write"
        raise ValueError(msg)
    asked = pairs.assign(decision="", author="", date="").astype(str)
    table, comments = _with_former(asked, path) if path.exists() else (asked, {})
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        if path.suffix.lower() == ".csv":
            draft.write_text(safe_csv(table), encoding="utf-8-sig", newline="")
        else:
            _write_sheet(table, draft, comments)
        draft.replace(path)
    return int((table["decision"] == "").sum())


def _with_former(
    asked: pd.DataFrame, path: Path
) -> tuple[pd.DataFrame, dict[tuple[int, str], Comment]]:
    """Return the pairs with what was filled in, the others that were decided, and all comments.

    Comments are by the row of the new sheet, counted from 1, and the name of the column.
    """
    read = read_text_table(path)
    former = read.table.map(rearmed)
    if not {"account", "other", "decision"} <= set(former.columns):
        msg = f"{path.name!r} is no table of decisions on links: another file name, please"
        raise SchemaError(msg)
    comments = comments_of(path) if path.suffix.lower() == ".xlsx" else {}
    commented = np.isin(read.numbers, [row for row, _ in comments])
    key = ["account", "other"]
    own = [name for name in former if name not in asked]
    asked = asked.reindex(columns=[*asked.columns, *own], fill_value="").set_index(key)
    former = former.reindex(columns=[*key, *asked.columns], fill_value="")
    former = former.assign(row=read.numbers)[(former["decision"] != "") | commented]
    former = former.drop_duplicates(key, keep="last").set_index(key)
    again = asked.index.intersection(former.index)
    asked.loc[again, [*_FILLED_IN, *own]] = former.loc[again, [*_FILLED_IN, *own]]
    left = former.loc[former.index.difference(asked.index), asked.columns]
    table = pd.concat([asked, left])
    # In the first row stand the names.
    moved = {
        int(former.loc[pair, "row"]): row
        for row, pair in enumerate(table.index, 2)
        if pair in former.index
    }
    kept = {(moved[row], name): one for (row, name), one in comments.items() if row in moved}
    return table.reset_index(), kept


def _write_sheet(
    table: pd.DataFrame, path: Path, comments: Mapping[tuple[int, str], Comment]
) -> None:
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
            cell.comment = comments.get((row, str(name)))
    sheet.freeze_panes = "A2"
    offered = DataValidation("list", f'"{SAME},{DISTINCT}"', allow_blank=True)
    letter = get_column_letter(list(table.columns).index("decision") + 1)
    if len(table):
        offered.add(f"{letter}2:{letter}{len(table) + 1}")
        sheet.add_data_validation(offered)
    book.save(path)
