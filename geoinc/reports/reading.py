"""A table of any origin as reports: which column serves, what each account tells."""

from __future__ import annotations

import re
import shlex
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from geoinc.errors import Problem, SchemaError
from geoinc.reports.files import TextTable, cell_text, read_text_table, valid_text
from geoinc.reports.values import count_faults, parse_counts, parse_days
from geoinc.schema import (
    ACTOR_BASES,
    COUNT_COLUMNS,
    DATE_BASES,
    DERIVED_COLUMNS,
    NO_ATTACK,
    OUTCOMES,
    PLACE_BASES,
    REPORT_COLUMNS,
    ROLES,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

#: What may be in a table and means something to us.
_KNOWN = (*REPORT_COLUMNS, "date_basis", "longitude", "latitude")

_BASES = ("launch_basis", "target_basis", "impact_basis", "date_basis")

#: What the coder says of the row rather than the account of the attack: no part of its identity.
_REMARKS = frozenset({"notes", "include", "reason", *_BASES})

_VOCABULARIES = {
    "outcome": OUTCOMES,
    "actor_basis": ACTOR_BASES,
    "date_basis": DATE_BASES,
    "include": ("yes", "no"),
    **{f"{role}_basis": PLACE_BASES for role in ROLES},
}

#: Words for a place in other people's tables, to suggest a mapping.
_LIKELY_TARGETS = (
    "base",
    "location",
    "place",
    "site",
    "where",
    "town",
    "city",
    "facility",
    "village",
)

_NO = frozenset({"no", "n", "false", "0"})
_YES = frozenset({"yes", "y", "true", "1", ""})


class _Problems(tuple[Problem, ...]):
    """The faults that a table carries along.

    pandas deep-copies what a table carries at every step, which takes a
    second for a hundred thousand faults; they never change, so they are shared.
    """

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, object]) -> _Problems:
        return self


class _Rows(dict[str, int]):
    """The row of the file that each account stands in; shared for the same reason."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, object]) -> _Rows:
        return self


def read_reports(
    source: str | os.PathLike[str] | pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | int | None = None,
    errors: Literal["coerce", "raise"] = "coerce",
) -> pd.DataFrame:
    """Read a table of reports: one row an account, one source's version of one attack.

    Columns are known by their names, whatever their case, spaces and
    underscores (`geoinc.schema.REPORT_COLUMNS`); all but one place are optional.

    Parameters
    ----------
    source : path or pandas.DataFrame
        CSV or TSV (UTF-8, UTF-16, windows-1256 or -1252), or Excel with the
        extra ``excel``.
    columns : mapping of str to str, optional
        Which of the table's columns serve under our names:
        ``{"Base": "target"}``.
    sheet : str or int, optional
        Name or number (from 0) of the sheet of an Excel file.
    errors : {"coerce", "raise"}
        What to do about cells that are not understood: leave what they would
        tell blank and list them, or raise once with all of them.

    Returns
    -------
    pandas.DataFrame
        Every column of the table as it is; ours beside them, as text; and
        `geoinc.schema.DERIVED_COLUMNS`.  A list of dates (``;``) makes a row
        each, an attack of its own.  ``.attrs["problems"]`` is a tuple of
        `Problem`, one for each cell that was not understood, and
        ``.attrs["rows"]`` says in which row of the file each account stands.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        Where there is no file to read.
    SchemaError
        Where the file is no table, or has no column of places; with
        ``errors="raise"``, where any cell is not understood.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"Base": ["Balad"], "date": ["2021-03"], "fired": ["at least 7"]})
    >>> reports = gi.read_reports(table, columns={"Base": "target"})
    >>> reports[["target", "date_end", "fired_low"]].astype(str).iloc[0].to_list()
    ['Balad', '2021-03-31', '7']
    """
    if errors not in {"coerce", "raise"}:
        msg = f"errors={errors!r} is neither 'coerce' nor 'raise'"
        raise ValueError(msg)
    if isinstance(source, pd.DataFrame):
        name, (table, numbers, problems) = "", _from_frame(source)
    else:
        name = Path(source).name
        table, numbers, problems = read_text_table(source, sheet)
    table = _with_our_columns(table, columns or {})
    _need_a_place(table)
    table, rows = _one_date_a_row(table, np.array(numbers, dtype=int))
    table, problems = table.copy(), [*problems, *_vocabulary_faults(table, rows)]
    problems += _numeric_coordinates(table, rows)
    problems += _add_dates(table, rows)
    problems += _add_counts(table, rows)
    problems += _add_identities(table, rows)
    table["standing"] = _standing(table)
    ours = [column for column in DERIVED_COLUMNS if column in table]
    table = table[[*(column for column in table if column not in DERIVED_COLUMNS), *ours]]
    problems.sort(key=lambda problem: problem.row or 0)
    if problems and errors == "raise":
        msg = f"{name or 'the table'} has {len(problems)} faults; the first: {problems[0]}"
        raise SchemaError(msg, problems)
    in_file = _Rows(zip(table["account"], rows.tolist(), strict=True))
    table.attrs = {"source": name, "problems": _Problems(problems), "rows": in_file}
    return table


# ---------------------------------------------------------------- columns


def _from_frame(source: pd.DataFrame) -> TextTable:
    """Return a copy of a table, its text valid, its index a column where it has a name."""
    named = any(level is not None for level in source.index.names)
    table = pd.DataFrame(source.reset_index(drop=not named))
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        msg = f"the table has two columns {twice[0]!r}; give each a name of its own"
        raise SchemaError(msg)
    numbers = list(range(2, len(table) + 2))
    problems = []
    for name in table.columns:
        if pd.api.types.is_object_dtype(table[name]):  # other text cannot hold what is no text
            table[name], faults = _mended(table[name], numbers)
            problems += faults
    # What read_reports added to a table before, it may add again; the basis may be the user's.
    if set(DERIVED_COLUMNS) <= set(table.columns):
        table = table.drop(columns=[name for name in DERIVED_COLUMNS if name != "date_basis"])
    return TextTable(table, numbers, problems)


def _mended(column: pd.Series, numbers: list[int]) -> tuple[pd.Series, list[Problem]]:
    """Return a column with its text made valid, and what that changed."""
    cells, problems = list(column), []
    for i, cell in enumerate(cells):
        if isinstance(cell, str) and (mended := valid_text(cell)) != cell:
            cells[i] = mended
            why = f"{mended!r} had characters that are no text; they became U+FFFD"
            problems.append(Problem(numbers[i], str(column.name), mended, why))
    return pd.Series(cells, index=column.index, dtype=object), problems


def _with_our_columns(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with a column of text under each of our names that it can serve."""
    table = table.copy()
    serving = _mapped(table, columns)
    for ours, theirs in _recognised(table, serving.keys()).items():
        serving[ours] = theirs
    days = ["date_start", "date_end"]
    if "date" not in serving and set(days) <= set(table.columns):
        # As UCDP has them: the same days as ours, under the same names.
        start, end = (table.pop(day).map(cell_text) for day in days)
        told = (start != "") | (end != "")
        table["date"] = (start.replace("", "..") + "/" + end.replace("", "..")).where(told, "")
        serving["date"] = "date"
    taken = [name for name in DERIVED_COLUMNS if name in table and name != "date_basis"]
    if taken:
        msg = f"{taken[0]!r} is a column that geoinc adds; give the table's own another name"
        raise SchemaError(msg)
    for ours, theirs in serving.items():
        if ours in {"longitude", "latitude"} and ours == theirs:
            continue  # figures stay figures
        table[ours] = _text(table[theirs])
    return table


def _text(column: pd.Series) -> pd.Series:
    if column.dtype != object and pd.api.types.is_string_dtype(column):
        return column.fillna("").str.strip()
    cells = [(cell if type(cell) is str else cell_text(cell)).strip() for cell in column]
    return pd.Series(cells, index=column.index, name=column.name, dtype="str")


def _mapped(table: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, str]:
    serving: dict[str, str] = {}
    for theirs, ours in columns.items():
        if theirs not in table and ours in table and theirs in _KNOWN:
            msg = f"columns={{{theirs!r}: {ours!r}}} is the wrong way round; write {{{ours!r}: {theirs!r}}}"
        elif theirs not in table:
            msg = f"no column {theirs!r} to serve as {ours!r}; the table has {_listed(table)}"
        elif ours not in _KNOWN:
            near = get_close_matches(ours, _KNOWN, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the names are {', '.join(_KNOWN)}"
            msg = f"{ours!r} is no column that geoinc knows; {hint}"
        elif ours in table and ours != theirs:
            msg = f"the table has a column {ours!r} already; rename it, or do not map {theirs!r} to it"
        elif ours in serving:
            msg = f"both {serving[ours]!r} and {theirs!r} are to serve as {ours!r}; choose one"
        else:
            serving[ours] = theirs
            continue
        raise SchemaError(msg)
    return serving


def _recognised(table: pd.DataFrame, done: Iterable[str]) -> dict[str, str]:
    """Return the table's column for each of our names, however it is written."""
    written: dict[str, list[str]] = {}
    for name in table.columns:
        written.setdefault(_folded(name), []).append(name)
    recognised = {}
    for ours in _KNOWN:
        names = written.get(_folded(ours), [])
        if ours in done or not names:
            continue
        if ours not in names and len(names) > 1:
            msg = f"columns {names[0]!r} and {names[1]!r} both read as {ours!r}; rename one"
            raise SchemaError(msg)
        recognised[ours] = ours if ours in names else names[0]
    return recognised


def _folded(name: object) -> str:
    return re.sub(r"[\W_]+", "", str(name).casefold())


def _need_a_place(table: pd.DataFrame) -> None:
    if any(role in table for role in ROLES) or {"longitude", "latitude"} <= set(table.columns):
        return
    folded = {_folded(name): str(name) for name in table.columns if name not in _KNOWN}
    likely = next(
        (folded[name] for name in folded for word in _LIKELY_TARGETS if word in name), None
    )
    near = likely or next(
        (folded[name] for role in ROLES for name in get_close_matches(role, folded, n=1)), None
    )
    example = near or next(iter(folded.values()), "YOURS")
    msg = (
        "no column of places (launch, target, impact, or longitude and latitude) among "
        f"{_listed(table) or 'no columns'}; say which one serves, as columns={{{example!r}: 'target'}} "
        f"or -c {shlex.quote(f'{example}=target')}"
    )
    raise SchemaError(msg)


def _listed(table: pd.DataFrame, most: int = 12) -> str:
    names = [repr(str(name))[:40] for name in table.columns]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


# ---------------------------------------------------------------- rows


def _one_date_a_row(table: pd.DataFrame, rows: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the table with a row for each date of a list, and the file's row of each."""
    if "date" not in table or not table["date"].str.contains(";", regex=False).any():
        return table.reset_index(drop=True), rows
    dates = table["date"].map(
        lambda cell: [part.strip() for part in cell.split(";") if part.strip()] or [""]
    )
    lists = dates.map(len).to_numpy() > 1
    table = table.assign(date=dates)
    table.index = pd.RangeIndex(len(table))
    table = table.explode("date")
    position = table.index.to_numpy()
    if "incident" in table:
        own = lists[position] & (table["incident"] != "").to_numpy()
        each = table["incident"] + "/" + table["date"]
        table["incident"] = table["incident"].where(~own, each)
    return table.reset_index(drop=True), rows[position]


def _add_dates(table: pd.DataFrame, rows: np.ndarray) -> list[Problem]:
    blank = pd.Series("", index=table.index)
    dates, published = table.get("date", blank), table.get("published", blank)
    days = parse_days(dates, published)
    if "date_basis" in table:
        days["date_basis"] = table["date_basis"].where(
            table["date_basis"] != "", days["date_basis"]
        )
    for name in ("date_start", "date_end", "date_basis"):
        table[name] = days[name]
    printed = parse_days(published, blank)["why"]
    return [*_faults(published, printed, rows), *_faults(dates, days["why"], rows)]


def _add_counts(table: pd.DataFrame, rows: np.ndarray) -> list[Problem]:
    problems = []
    for name in ("events", *COUNT_COLUMNS):
        told = table.get(name, pd.Series("", index=table.index, name=name))
        counts = parse_counts(told, name)
        if name == "events":  # blank is one attack, as most accounts tell of one
            counts.loc[told == ""] = 1
        table[counts.columns] = counts
        problems += _faults(told, count_faults(told), rows)
    return problems


def _add_identities(table: pd.DataFrame, rows: np.ndarray) -> list[Problem]:
    """Name each account after its content, and its attack where the table does not.

    Rows that tell the same in every word stay apart, as attacks of their own.
    """
    content = [
        _labelled(table[name], name) for name in _KNOWN if name in table and name not in _REMARKS
    ]
    names = pd.Series(
        [
            blake2b("\x1f".join(filter(None, cells)).encode(), digest_size=5).hexdigest()
            for cells in zip(*content, strict=True)
        ],
        index=table.index,
        dtype=object,
    )
    again = names.groupby(names).cumcount()
    repeated = (again > 0).to_numpy()
    table["account"] = names.where(~repeated, names + "-" + (again + 1).astype(str))
    if "incident" in table:
        table["incident"] = table["incident"].where(table["incident"] != "", table["account"])
    else:
        table["incident"] = table["account"]
    if not repeated.any():
        return []
    some = ", ".join(map(str, rows[repeated][:5])) + (", ..." if repeated.sum() > 5 else "")
    why = (
        f"{repeated.sum()} rows tell word for word what a row above tells (rows {some}); "
        "each counts as an attack of its own unless they share an 'incident'"
    )
    return [Problem(None, "", some, why)]


def _labelled(column: pd.Series, name: str) -> np.ndarray:
    """Return the cells with the name of their column before them; blank ones stay blank."""
    codes, unique = pd.factorize(_text(column))
    return np.array([f"{name}={cell}" if cell else "" for cell in unique], dtype=object)[codes]


def _standing(table: pd.DataFrame) -> np.ndarray:
    """Return whether each account is counted, and if not, why."""
    blank = pd.Series("", index=table.index)
    outcome = table.get("outcome", blank)
    none = {cell: bool(cell) and set(_words(cell)) <= set(NO_ATTACK) for cell in outcome.unique()}
    single = (table["events_best"] == 1).fillna(value=False).to_numpy(dtype=bool)
    zero = (table["events_high"] == 0).fillna(value=False).to_numpy(dtype=bool)
    return np.select(
        [
            table.get("include", blank).str.casefold().isin(_NO),
            outcome.map(none).to_numpy(dtype=bool) | zero,
            ~single,
        ],
        ["set aside", "no attack", "summary"],
        default="counted",
    ).astype(object)


# ---------------------------------------------------------------- faults


def _vocabulary_faults(table: pd.DataFrame, rows: np.ndarray) -> list[Problem]:
    problems = []
    for name, words in _VOCABULARIES.items():
        if name not in table:
            continue
        allowed = {*words, *_YES, *_NO} if name == "include" else set(words)
        why = {
            cell: f"{cell!r} is not one of {', '.join(words)}"
            for cell in table[name].unique()
            if not set(_words(cell)) <= allowed
        }
        problems += _faults(
            table[name], table[name].map(lambda cell, why=why: why.get(cell, "")), rows
        )
    return problems


def _words(cell: str) -> list[str]:
    return [" ".join(part.casefold().split()) for part in cell.split(";") if part.strip()]


def _numeric_coordinates(table: pd.DataFrame, rows: np.ndarray) -> list[Problem]:
    """Make figures of coordinates that are text, and find those that are none on earth."""
    problems = []
    for name, most in (("longitude", 180), ("latitude", 90)):
        if name not in table:
            continue
        told = _text(table[name])
        figures = pd.to_numeric(told, errors="coerce")
        wrong = (told != "") & ~(figures.abs() <= most)
        why = told.map(repr) + f" is no {name}: degrees from -{most} to {most}, as 44.36"
        problems += _faults(told.rename(name), why.where(wrong, ""), rows)
        if not wrong.any():
            table[name] = figures
    return problems


def _faults(cells: pd.Series, why: pd.Series, rows: np.ndarray) -> list[Problem]:
    at = np.flatnonzero((why != "").to_numpy())
    return [Problem(int(rows[i]), str(cells.name), str(cells.iloc[i]), why.iloc[i]) for i in at]
