"""What the cells of a table tell, some by what the whole of their column tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

from geoinc.errors import Problem
from geoinc.reports.accounts import NO, add_identities, in_cell, standing
from geoinc.reports.amounts import count_faults, parse_counts
from geoinc.reports.columns import numbers_of
from geoinc.reports.days import MANY, day_order, has_short_year, parse_days, without_times
from geoinc.reports.serving import text_column
from geoinc.schema import (
    ACTOR_BASES,
    COUNT_COLUMNS,
    DATE_BASES,
    DERIVED_COLUMNS,
    OUTCOMES,
    PLACE_BASES,
    ROLES,
    YES,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_VOCABULARIES = {
    "outcome": OUTCOMES,
    "actor_basis": ACTOR_BASES,
    "date_basis": DATE_BASES,
    "preferred": ("yes", "no"),
    "include": ("yes", "no"),
    **{f"{role}_basis": PLACE_BASES for role in ROLES},
}

#: The most that a coordinate can be, degrees.
_MOST_DEG = {"longitude": 180, "latitude": 90}


class Summary(NamedTuple):
    """What some rows of a table tell of its columns.

    Parameters
    ----------
    rows : int
        How many they are.
    dates, printed : tuple of str
        The different cells of ``date`` and ``published``, in their order.
    timed : bool
        Whether the first are very many, as days with times are; these are left out then.
    figures : dict of str to str
        For coordinates and uncertainty the type of their numbers, ``""`` where one is none.
    """

    rows: int
    dates: tuple[str, ...]
    printed: tuple[str, ...]
    timed: bool
    figures: dict[str, str]


@dataclass(frozen=True)
class Whole:
    """What all rows of a table tell of its columns, by which every part of it is read.

    Parameters
    ----------
    orders : (bool or None, bool or None)
        Whether days stand before months in ``date`` and in ``published``, None where nobody knows.
    timed : bool
        Whether times of the day are left out of ``date``.
    figures : dict of str to str
        The types of coordinates and uncertainty, ``""`` where they stay text.
    facts : dict of str to str
        What was recognised or guessed.
    """

    orders: tuple[bool | None, bool | None]
    timed: bool
    figures: dict[str, str]
    facts: dict[str, str] = field(default_factory=dict)


def summary_of(table: pd.DataFrame) -> Summary:
    """Return what some rows tell of the columns of their table.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows from `one_date_a_row`.
    """
    dates = table["date"] if "date" in table else pd.Series(dtype="str")
    timed = dates.nunique() >= MANY
    return Summary(
        len(table),
        tuple((without_times(dates) if timed else dates).unique()),
        tuple(table["published"].unique()) if "published" in table else (),
        timed,
        _types_of_figures(table),
    )


def whole_of(parts: Sequence[Summary], *, day_first: bool | None) -> Whole:
    """Return what all rows of a table tell of its columns.

    Parameters
    ----------
    parts : sequence of Summary
        Of all its rows.
    day_first : bool, optional
        Whether 03/04/2021 is in April, as the user says.
    """
    cells = list(dict.fromkeys(cell for part in parts for cell in part.dates))
    timed = any(part.timed for part in parts) or len(cells) >= MANY
    if timed:
        cells = list(without_times(pd.Series(cells, dtype="str")).unique())
    printed = dict.fromkeys(cell for part in parts for cell in part.printed)
    orders = (day_first, day_first)
    if day_first is None:
        orders = (day_order(cells).day_first, day_order(printed).day_first)
    # Where some rows have no such column, their cells are blank: no whole numbers.
    types = {
        name: {part.figures.get(name, "float64") for part in parts if part.rows}
        for name in dict.fromkeys(name for part in parts for name in part.figures)
    }
    figures = {
        name: "" if "" in found else found.pop() if len(found) == 1 else "float64"
        for name, found in types.items()
    }
    return Whole(orders, timed, figures, _order_told(cells, day_first=day_first))


def understood(
    table: pd.DataFrame, rows: np.ndarray, whole: Whole, earlier: pd.Series | None = None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return rows of a table with `geoinc.schema.DERIVED_COLUMNS`, and what was not understood.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows from `one_date_a_row`.
    rows : array of int
        The row of the file of each.
    whole : Whole
        What all rows of the table tell.
    earlier : pandas.Series of int, optional
        How many rows before these have a content, by it (`geoinc.reports.accounts.contents_of`).
    """
    table, problems = table.copy(deep=False), _vocabulary_faults(table, rows)
    problems += _numeric_coordinates(table, rows, whole)
    problems += _add_dates(table, rows, whole)
    problems += _add_counts(table, rows)
    problems += add_identities(table, rows, earlier)
    table["standing"] = standing(table)
    ours = [column for column in DERIVED_COLUMNS if column in table]
    table = table[[*(column for column in table if column not in DERIVED_COLUMNS), *ours]]
    return table, problems


# ---------------------------------------------------------------- rows


def one_date_a_row(table: pd.DataFrame, rows: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the table with a row for each date of a list, and the file's row of each."""
    if "date" not in table or not table["date"].str.contains("[;؛]", regex=True).any():
        return table.reset_index(drop=True), rows
    dates = table["date"].map(
        lambda cell: (
            [part.strip() for part in cell.replace("؛", ";").split(";") if part.strip()] or [""]
        )
    )
    lists = dates.map(len).to_numpy() > 1
    table = table.assign(date=dates)
    table.index = pd.RangeIndex(len(table))
    table = table.explode("date")
    position = table.index.to_numpy()
    if "incident" in table:
        own = lists[position] & (table["incident"] != "").to_numpy()
        each_day = table["incident"] + "/" + table["date"]
        table["incident"] = table["incident"].where(~own, each_day)
    table["date"] = table["date"].astype("str")
    return table.reset_index(drop=True), rows[position]


def _add_dates(table: pd.DataFrame, rows: np.ndarray, whole: Whole) -> list[Problem]:
    blank = pd.Series("", index=table.index)
    dates, published = table.get("date", blank), table.get("published", blank)
    told = without_times(dates) if whole.timed else dates
    days = parse_days(told, published, orders=whole.orders)
    if "date_basis" in table:
        days["date_basis"] = table["date_basis"].where(
            table["date_basis"] != "", days["date_basis"]
        )
    for name in ("date_start", "date_end", "date_basis"):
        table[name] = days[name]
    problems = _faults(dates, days["why"], rows)
    if "published" in table:
        printed = parse_days(published, blank, orders=(whole.orders[1], None))["why"]
        problems = [*_faults(published, printed, rows), *problems]
    return problems


def _order_told(cells: Sequence[str], *, day_first: bool | None) -> dict[str, str]:
    """Return how dates in figures were read, where there was a choice."""
    facts = {}
    order = day_order(cells)
    if day_first is None and order.doubtful:
        if order.day_first is not None:
            which = "day first" if order.day_first else "month first"
            words = f"{which}, because of {order.shown_by[0]!r}"
        elif order.shown_by:
            words = f"not known: {' and '.join(map(repr, order.shown_by))} have different orders"
        else:
            words = "not known: every date may be read either way; say day_first=True or False"
        facts["day and month"] = f"{words}; {order.doubtful} dates depend on it"
    short = sum(map(has_short_year, cells))
    if short:
        facts["years"] = f"{short} dates have years of two digits, read as 1969 to 2068"
    return facts


def _add_counts(table: pd.DataFrame, rows: np.ndarray) -> list[Problem]:
    problems = []
    # pandas keeps a column that is put into a table several times once, until one of them changes.
    one, nothing = (pd.Series(n, index=table.index, dtype="Int64") for n in (1, pd.NA))
    for name in ("events", *COUNT_COLUMNS):
        if name not in table:
            # Blank events are one attack, as most accounts tell of one.
            for bound in ("low", "best", "high"):
                table[f"{name}_{bound}"] = one if name == "events" else nothing
            continue
        counts = parse_counts(table[name], name)
        if name == "events":
            counts.loc[table[name] == ""] = 1
        table[counts.columns] = counts
        problems += _faults(table[name], count_faults(table[name]), rows)
    return problems


# ---------------------------------------------------------------- faults


def _vocabulary_faults(table: pd.DataFrame, rows: np.ndarray) -> list[Problem]:
    problems = []
    for name, words in _VOCABULARIES.items():
        if name not in table:
            continue
        allowed = {*words, *YES, *NO, ""} if words == ("yes", "no") else set(words)
        why = {
            cell: f"{cell!r} is not one of {', '.join(words)}"
            for cell in table[name].unique()
            if not set(in_cell(cell)) <= allowed
        }
        if why:
            problems += _faults(
                table[name], table[name].map(lambda cell, why=why: why.get(cell, "")), rows
            )
    return problems


def _types_of_figures(table: pd.DataFrame) -> dict[str, str]:
    types = {}
    for name, most in {**_MOST_DEG, "uncertainty_m": np.inf}.items():
        if name in table and len(table):
            figures = numbers_of(table[name])
            wrong = figures.isna() if np.isinf(most) else ~(figures.abs() <= most)
            words = wrong.any() and (text_column(table[name][wrong]) != "").any()
            types[name] = "" if words else str(figures.dtype)
    return types


def _numeric_coordinates(table: pd.DataFrame, rows: np.ndarray, whole: Whole) -> list[Problem]:
    """Make figures of coordinates that are text, and find those that are none on earth."""
    problems = []
    for name, most in _MOST_DEG.items():
        if not whole.figures.get(name, "none"):
            told = text_column(table[name])
            wrong = ~(numbers_of(table[name]).abs() <= most) & (told != "")
            why = told.map(repr) + f" is no {name}: degrees from -{most} to {most}, as 44.36"
            problems += _faults(told.rename(name), why.where(wrong, ""), rows)
            table[name] = told
    name = "uncertainty_m"
    if not whole.figures.get(name, "none"):
        figures = numbers_of(table[name])
        told = text_column(table[name].where(figures.isna(), ""))
        why = told.map(repr) + " is no distance in metres, as 500"
        problems += _faults(told.rename(name), why.where(told != "", ""), rows)
    for name, dtype in whole.figures.items():
        if dtype:
            table[name] = numbers_of(table[name]).astype(pandas_dtype(dtype))
    return problems


def _faults(cells: pd.Series, why: pd.Series, rows: np.ndarray) -> list[Problem]:
    at = np.flatnonzero((why != "").to_numpy())
    return [Problem(int(rows[i]), str(cells.name), str(cells.iloc[i]), why.iloc[i]) for i in at]
