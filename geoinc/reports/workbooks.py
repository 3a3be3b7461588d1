"""A workbook to code attacks in, and what was understood written back into a copy of it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoinc.errors import SchemaError
from geoinc.reports.guide import GUIDE
from geoinc.schema import COUNT_COLUMNS, ROLES

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

    from geoinc.schema import Layers

#: Columns that spreadsheets must leave as they are written: "2-3" is no day in March.
_AS_WRITTEN = {"date", "time", "published", "events", *COUNT_COLUMNS, "incident", "report"}
#: So many rows have drop-downs.
_ROWS = 10_000
#: What the columns that geoinc writes begin with.
OURS = "geoinc: "
_WIDE, _NARROW = 26, 14


def new_workbook(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write an empty workbook to code attacks in (extra ``excel``).

    It has a column for everything that `read_reports` reads, with drop-downs
    where words are to choose from; dates and counts are formatted as text, so
    that no spreadsheet makes a day of "2-3".  A second sheet explains the
    columns.

    Parameters
    ----------
    path : path
        A new ``.xlsx`` file.
    overwrite : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    ValueError
        Where the name does not end in ``.xlsx``.
    FileExistsError
        Where there is such a file already.
    ModuleNotFoundError
        Without openpyxl.

    Examples
    --------
    >>> import geoinc as gi, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "attacks.xlsx"
    ...     gi.new_workbook(file)
    ...     len(gi.read_reports(file))
    0
    """
    path = _checked(path, (".xlsx",), overwrite=overwrite)
    openpyxl = _openpyxl(path.name)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "reports"
    _head(sheet, [column.name for column in GUIDE])
    for number, column in enumerate(GUIDE, 1):
        letter = openpyxl.utils.get_column_letter(number)
        dimension = sheet.column_dimensions[letter]
        dimension.width = _WIDE if column.name in {*ROLES, "notes", "reason", "url"} else _NARROW
        if column.name in _AS_WRITTEN:
            dimension.number_format = "@"
        if column.words:
            _add_choice(sheet, letter, column.words, strict=column.strict)
    guide = book.create_sheet("columns")
    _head(guide, ["column", "what stands in it", "example", "words to choose from"])
    for column in GUIDE:
        guide.append([column.name, column.meaning, column.example, ", ".join(column.words)])
    for letter, width in zip("ABCD", (18, 78, 34, 80), strict=True):
        guide.column_dimensions[letter].width = width
    guide.column_dimensions["C"].number_format = "@"
    with _draft(path) as draft:
        book.save(draft)


def write_answers(
    reports: pd.DataFrame,
    layers: Layers,
    workbook: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    faults: pd.DataFrame | None = None,
    overwrite: bool = False,
) -> int:
    """Write what was understood into a copy of the workbook that reports were read from.

    Rows, formats, formulas and comments of the workbook stay as they are.
    Columns that begin with "geoinc: " are added after the last: what each row
    counts as, its first and last day, for each role the place that was found
    and how well it is known, and the questions that are left.  Where the workbook
    has such columns already they are written anew.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`, which read the workbook.
    layers : Layers
        The reports, placed.
    workbook : path
        The workbook (.xlsx, .xlsm) that was read.
    path : path
        The copy to write.
    faults : pandas.DataFrame, optional
        From `check`: those of each row are written in a column of their own.
    overwrite : bool
        Whether a file of that name may be replaced.

    Returns
    -------
    int
        How many rows have a question.

    Raises
    ------
    SchemaError
        Where the reports are not of this workbook.
    ValueError, FileExistsError, ModuleNotFoundError
        As `new_workbook`.

    Notes
    -----
    The workbook is copied by openpyxl, which leaves out pictures and charts.
    """
    source = Path(workbook)
    path = _checked(path, (source.suffix,), overwrite=overwrite)
    openpyxl = _openpyxl(path.name)
    header = reports.attrs.get("header")
    if header is None or source.name != reports.attrs.get("source"):
        msg = f"the reports were not read from {source.name!r}; read it, and give those"
        raise SchemaError(msg)
    answers = _answers(reports, layers)
    if faults is not None:
        told = faults.dropna(subset="row")
        words = (
            told["severity"] + ", " + told["kind"] + ": " + told["stated"] + "; " + told["against"]
        )
        answers["faults"] = _together(words, told["row"]).reindex(answers.index).fillna("")
    book = openpyxl.load_workbook(source, keep_vba=source.suffix.lower() == ".xlsm")
    page = book[reports.attrs["recognised"]["sheet"]]
    written = {str(cell.value): cell.column for cell in page[header] if cell.value is not None}
    following = 1 + max(
        cell.column for row in page.iter_rows() for cell in row if cell.value is not None
    )
    for name in answers:
        heading = f"{OURS}{name}"
        if heading not in written:
            written[heading], following = following, following + 1
        _write(page, header, written[heading], heading)
        for row, value in zip(answers.index.tolist(), answers[name], strict=True):
            _write(page, row, written[heading], value)
    with _draft(path) as draft:
        book.save(draft)
    return int((answers["questions"] != "").sum())


# ---------------------------------------------------------------- what is written


def _answers(reports: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Return what was understood, one row for each row of the workbook, numbered as there."""
    rows = reports.attrs.get("rows", {})
    at = reports["account"].map(dict(rows)).rename("row")
    if at.isna().any():
        msg = "the reports do not know the rows of their file; give them as read_reports returned them"
        raise SchemaError(msg)
    days = reports[["date_start", "date_end"]].map(
        lambda day: "" if pd.isna(day) else f"{day:%Y-%m-%d}"
    )
    columns = {
        "counts as": _together(reports["standing"], at),
        "first day": _together(days["date_start"], at),
        "last day": _together(days["date_end"], at),
    }
    questions = [
        (problem.row, f"{problem.column}: {problem.why}")
        for problem in reports.attrs.get("problems", ())
        if problem.row is not None
    ]
    for role in ROLES:
        layer = layers.layer(role)
        told = layer[layer["place_status"] != "not told"]
        if told.empty:
            continue
        of = told["account"].map(dict(rows))
        known = told["uncertainty_m"].map(
            lambda metres: "" if pd.isna(metres) else f"{metres / 1000:.3g}"
        )
        for name, cells in {
            f"{role} status": told["place_status"],
            f"{role} found": told["place_name"],
            f"{role} longitude": told["longitude"].map(_degrees),
            f"{role} latitude": told["latitude"].map(_degrees),
            f"{role} uncertainty km": known,
            f"{role} why": told["place_reason"],
        }.items():
            columns[name] = _together(cells, of)
        asked = told["place_status"].isin(["ambiguous", "unresolved"])
        questions += [
            (row, f"{role} {words!r}: {why}")
            for row, words, why in zip(
                of[asked], told["place"][asked], told["place_reason"][asked], strict=True
            )
        ]
    asked_of = pd.Series([words for _, words in questions], dtype=object)
    columns["questions"] = _together(
        asked_of, pd.Series([row for row, _ in questions], dtype=object)
    )
    return pd.DataFrame(columns).sort_index().fillna("")


def _degrees(figure: float) -> str:
    return "" if pd.isna(figure) else f"{figure:.5f}"


def _together(cells: pd.Series, rows: pd.Series) -> pd.Series:
    """Return the distinct cells of each row of the file, joined: a list of dates makes several."""
    return cells.groupby(rows.to_numpy()).agg(lambda told: "; ".join(dict.fromkeys(map(str, told))))


def _write(page: Worksheet, row: int, column: int, value: str) -> None:
    cell = page.cell(row, column)
    # Text, whatever it begins with: nothing of a report is run.
    cell.value = value or None
    if value:
        cell.data_type = "s"


def _head(sheet: Worksheet, names: list[str]) -> None:
    from openpyxl.styles import Font, PatternFill  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra

    sheet.append(names)
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E5F")
    sheet.freeze_panes = "A2"


def _add_choice(sheet: Worksheet, letter: str, words: tuple[str, ...], *, strict: bool) -> None:
    from openpyxl.worksheet.datavalidation import (  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
        DataValidation,
    )

    choice = DataValidation(
        type="list",
        formula1=f'"{",".join(words)}"',
        allow_blank=True,
        showErrorMessage=True,
        # A list with ";" is one cell, and others have words of their own: only asked about.
        errorStyle="stop" if strict else "warning",
        errorTitle="Not a word of the list",
        error=f"geoinc knows: {', '.join(words)}"[:255],
    )
    choice.add(f"{letter}2:{letter}{_ROWS}")
    sheet.add_data_validation(choice)


# ---------------------------------------------------------------- files


def _checked(path: str | os.PathLike[str], endings: tuple[str, ...], *, overwrite: bool) -> Path:
    path = Path(path)
    if path.suffix.lower() not in endings or path.suffix.lower() not in {".xlsx", ".xlsm"}:
        msg = f"{path.name!r} does not end in {' or '.join(endings)}, as a workbook does"
        raise ValueError(msg)
    if path.exists() and not overwrite:
        msg = f"{str(path)!r} exists already; overwrite=True replaces it"
        raise FileExistsError(msg)
    return path


def _openpyxl(name: str) -> Any:
    try:
        import openpyxl  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        msg = f"writing {name!r} needs openpyxl: pip install 'geoinc[excel]'"
        raise ModuleNotFoundError(msg, name="openpyxl") from error
    return openpyxl


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """Give a file to write, which takes the name of `path` when it is whole."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        yield draft
        draft.replace(path)
