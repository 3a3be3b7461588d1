"""A table with our columns beside its own: by what the user says, its format, or their names."""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.errors import Problem, SchemaError
from geoinc.reports.cells import cell_text
from geoinc.reports.credits import CREDITS
from geoinc.reports.exports import Format, detected, missing, read_export
from geoinc.reports.names import DATE_PARTS, KNOWN, folded, recognised
from geoinc.schema import DERIVED_COLUMNS, ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoinc.reports.headers import TextTable

#: Figures, which stay figures where they are.
FIGURES = ("longitude", "latitude", "uncertainty_m")

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


def with_our_columns(
    read: TextTable,
    columns: Mapping[str, str],
    export: Format | None,
    deleted: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return a table with a column of text under each of our names that it can serve.

    Parameters
    ----------
    read : TextTable
        The table; what is found out about it is added to its facts and problems.
    columns : mapping of str to str
        Which of its columns serve under our names, as the user says.
    export : {"acled", "ucdp", "gtd"}, optional
        Of which data set it is an export; seen from its columns by default.
    deleted : pandas.DataFrame, optional
        ACLED's list of deleted events.

    Raises
    ------
    SchemaError
        Where the user's mapping cannot be, the table has a column that geoinc
        adds, or it is not the export it is said to be.
    """
    table = read.table.copy(deep=False)
    said = _mapped(table, columns)
    serving = dict(said)
    export = export or detected(table.columns)
    if export is None:
        serving |= recognised(table.columns, serving)
    else:
        _serve_export(read, table, serving, export, deleted)
    parts = {name: serving.pop(name) for name in DATE_PARTS if name in serving}
    if "day" in parts and not {"year", "date_start"} & parts.keys():
        serving.setdefault("date", parts["day"])
    if "date" not in serving and (words := _date_of(table, parts)):
        serving["date"] = "date"
        read.facts["date"] = f"made of {words}"
    taken = [name for name in DERIVED_COLUMNS if name in table and name != "date_basis"]
    if taken:
        msg = f"{taken[0]!r} is a column that geoinc adds; give the table's own another name"
        raise SchemaError(msg)
    for ours, theirs in serving.items():
        if ours in FIGURES and ours == theirs:
            continue
        table[ours] = text_column(table[theirs])
    renamed = [
        f"{theirs!r} as {ours}"
        for ours, theirs in serving.items()
        if ours != theirs and ours not in said
    ]
    if renamed:
        read.facts["columns"] = ", ".join(renamed)
    return table


def _serve_export(
    read: TextTable,
    table: pd.DataFrame,
    serving: dict[str, str],
    export: Format,
    deleted: pd.DataFrame | None,
) -> None:
    """Add what an export says in our columns; of the others only those with our own names serve."""
    lacking = missing(table.columns, export)
    if lacking:
        msg = f"the table is no export of {export.upper()}: it has no column {lacking[0]!r}"
        raise SchemaError(msg)
    found = read_export(read.table, export, deleted)
    for ours, values in found.columns.items():
        if ours not in serving:
            table[ours] = values
            if ours in KNOWN:
                serving[ours] = ours
    own = recognised(table.columns, serving).items()
    serving |= {ours: theirs for ours, theirs in own if folded(ours) == folded(theirs)}
    read.problems.extend(
        Problem(int(read.numbers[fault.row or 0]), fault.column, fault.value, fault.why)
        for fault in found.problems
    )
    read.facts.update({"export": export, "terms": CREDITS[export], **found.facts})


def _date_of(table: pd.DataFrame, parts: Mapping[str, str]) -> str:
    """Make a column of dates of first and last days, or of years, months and days.

    Returns what it was made of, ``""`` where there was nothing.
    """
    if {"date_start", "date_end"} <= parts.keys():
        names = [parts["date_start"], parts["date_end"]]
        start, end = (text_column(table[name]) for name in names)
        for name in set(names) & set(DERIVED_COLUMNS):
            del table[name]  # it comes back with the same days
        told = (start != "") | (end != "")
        date = start.replace("", "..") + "/" + end.replace("", "..")
        table["date"] = date.where(start != end, start).where(told, "")
        return " and ".join(names)
    if "year" in parts:
        names = [parts[name] for name in ("year", "month", "day") if name in parts]
        cells = [text_column(table[name]) for name in names]
        date, known = cells[0], cells[0] != ""
        for finer in cells[1:]:  # a day without its month tells nothing
            known &= ~finer.isin(["", "0"])
            date = date.where(~known, date + "-" + finer)
        table["date"] = date
        return ", ".join(names)
    return ""


def text_column(column: pd.Series) -> pd.Series:
    """Return a column as text, blank where a cell is missing."""
    if column.dtype != object and pd.api.types.is_string_dtype(column):
        return column.fillna("").str.strip()
    if column.dtype != object:  # few numbers or days, many rows
        codes, unique = pd.factorize(column, use_na_sentinel=False)
        texts = np.array([cell_text(cell).strip() for cell in unique], dtype=object)[codes]
        return pd.Series(texts, index=column.index, name=column.name, dtype="str")
    cells = [(cell if type(cell) is str else cell_text(cell)).strip() for cell in column]
    return pd.Series(cells, index=column.index, name=column.name, dtype="str")


def _mapped(table: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, str]:
    serving: dict[str, str] = {}
    for theirs, ours in columns.items():
        if theirs not in table and ours in table and theirs in KNOWN:
            msg = f"columns={{{theirs!r}: {ours!r}}} is the wrong way round; write {{{ours!r}: {theirs!r}}}"
        elif theirs not in table:
            msg = f"no column {theirs!r} to serve as {ours!r}; the table has {_listed(table)}"
        elif ours not in KNOWN:
            near = get_close_matches(ours, KNOWN, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the names are {', '.join(KNOWN)}"
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


def need_a_place(table: pd.DataFrame) -> None:
    """Refuse a table without a column of places, and say how to name one.

    Raises
    ------
    SchemaError
        It has none.
    """
    if any(role in table for role in ROLES) or {"longitude", "latitude"} <= set(table.columns):
        return
    theirs = {folded(name): str(name) for name in table.columns if name not in KNOWN}
    likely = next(
        (theirs[name] for name in theirs for word in _LIKELY_TARGETS if word in name), None
    )
    near = likely or next(
        (theirs[name] for role in ROLES for name in get_close_matches(role, theirs, n=1)), None
    )
    example = near or "YOURS"
    msg = (
        "no column of places (launch, target, impact, or longitude and latitude) among "
        f"{_listed(table) or 'no columns'}; say which one serves, as columns={{{example!r}: 'target'}} "
        f"or -c {shlex.quote(f'{example}=target')}"
    )
    raise SchemaError(msg)


def _listed(table: pd.DataFrame, most: int = 12) -> str:
    names = [repr(str(name))[:40] for name in table.columns]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
