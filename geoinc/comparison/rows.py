"""Which row of one table is which of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.reports import text_of
from geoinc.schema import COUNT_COLUMNS, ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoinc.schema import Layers

#: What may name a row, the first of these that does.
_KEYS = (["report", "source"], ["url", "source"], ["report"], ["url"])
#: Which of the attacks of one telling a row is, counted from 1.
NTH = "nth"
#: By what the attacks of one telling are known.
_TOLD = ("date", "time", *ROLES, "event_type", "weapon", "target_type", "target_actor", "outcome",
         "actor", *COUNT_COLUMNS)  # fmt: skip
#: Rows of one telling that have fewer of their cells alike are of different attacks.
_ALIKE = 0.4


def accounts_of(layers: Layers) -> pd.DataFrame:
    """Return one row per account."""
    rows = layers.rows()
    return pd.DataFrame(rows[~rows["account"].duplicated()]).reset_index(drop=True)


def cells_as_told(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as text, blank where the table has none."""
    return pd.Series(text_of(table, name), index=table.index, dtype=object)


def same_category(cells: pd.Series) -> np.ndarray:
    """Return cells so that equal things are equal: case and the order of several do not matter."""
    distinct = {
        cell: "; ".join(sorted({" ".join(part.casefold().split()) for part in cell.split(";")}))
        for cell in cells.unique()
    }
    return cells.map(distinct).to_numpy(dtype=object)


def keyed(one: pd.DataFrame, other: pd.DataFrame, key: str | Iterable[str] | None) -> list[str]:
    """Return the columns that name each row of both tables.

    Where one source tells several attacks in one report, rows are paired within that telling by
    how many of their cells are alike, and `NTH` is added to both tables.

    Raises
    ------
    ValueError
        Where those asked for do not, or none do.
    """
    if key is not None:
        return _asked_for(one, other, [key] if isinstance(key, str) else list(key))
    for columns in _KEYS:
        if all(_names_rows(table, columns) for table in (one, other)):
            return columns
    if all(_names_rows(table, ["incident"]) and _names_incidents(table) for table in (one, other)):
        return ["incident"]
    # What does not name the row may name the telling: one source, several attacks, one report.
    for columns in _KEYS:
        if all(_told_in_all(table, columns) for table in (one, other)):
            one[NTH], other[NTH] = _numbered(one, other, columns)
            return [*columns, NTH]
    # Incidents that are made from the content of rows name those that are the same.
    if all(_names_rows(table, ["incident"]) for table in (one, other)):
        return ["incident"]
    msg = (
        "no column names each row in both tables: "
        "give key=, such as key=['report', 'source'] or a number of your own"
    )
    raise ValueError(msg)


def _asked_for(one: pd.DataFrame, other: pd.DataFrame, columns: list[str]) -> list[str]:
    """Return the columns asked for, which have to name each row of both tables."""
    for table, which in ((one, "first"), (other, "second")):
        missing = [name for name in columns if name not in table]
        if missing:
            msg = f"the {which} table has no column {missing[0]!r}"
            raise ValueError(msg)
        twice = table.duplicated(columns)
        if twice.any():
            named = ", ".join(map(str, table.loc[twice, columns].iloc[0]))
            msg = f"{', '.join(columns)} name several rows of the {which} table alike: {named}"
            raise ValueError(msg)
    return columns


def _told_in_all(table: pd.DataFrame, columns: list[str]) -> bool:
    return set(columns) <= set(table.columns) and bool(
        (cells_as_told(table, columns[0]) != "").all()
    )


def _names_incidents(table: pd.DataFrame) -> bool:
    return bool((cells_as_told(table, "incident") != cells_as_told(table, "account")).any())


def _names_rows(table: pd.DataFrame, columns: list[str]) -> bool:
    return _told_in_all(table, columns) and not table.duplicated(columns).any()


def _numbered(
    one: pd.DataFrame, other: pd.DataFrame, columns: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row which of its telling it is, the same for rows of two tables most alike."""
    tables = (one, other)
    cells = [
        pd.DataFrame({name: same_category(cells_as_told(table, name)) for name in _TOLD})
        for table in tables
    ]
    groups = [
        pd.MultiIndex.from_arrays([cells_as_told(table, name) for name in columns]).to_flat_index()
        for table in tables
    ]
    rows = [
        pd.Series(range(len(table))).groupby(group).indices
        for table, group in zip(tables, groups, strict=True)
    ]
    numbers = [np.zeros(len(table), dtype=int) for table in tables]
    for telling in dict.fromkeys([*rows[0], *rows[1]]):
        mine, theirs = (found.get(telling, np.empty(0, dtype=int)) for found in rows)
        a, b = (
            part.to_numpy(dtype=object)[at] for part, at in zip(cells, (mine, theirs), strict=True)
        )
        told = ((a[:, None] != "") | (b[None] != "")).sum(axis=2)
        alike = ((a[:, None] == b[None]) & (a[:, None] != "")).sum(axis=2) / np.maximum(told, 1)
        numbers[0][mine] = 1 + np.arange(len(mine))
        for at in np.argsort(-alike, axis=None, kind="stable"):
            i, j = np.unravel_index(at, alike.shape)
            taken = numbers[0][mine[i]] in numbers[1][theirs]
            if alike[i, j] >= _ALIKE and not taken and not numbers[1][theirs[j]]:
                numbers[1][theirs[j]] = numbers[0][mine[i]]
        left = theirs[numbers[1][theirs] == 0]
        numbers[1][left] = len(mine) + 1 + np.arange(len(left))
    return numbers[0], numbers[1]
