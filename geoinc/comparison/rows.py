"""Which row of one table is which of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geoinc.reports import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from geoinc.schema import Layers

#: What may name a row, the first of these that does.
_KEYS = (["report", "source"], ["url", "source"], ["report"], ["url"], ["incident"])


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

    Raises
    ------
    ValueError
        Where those asked for do not, or none do.
    """
    if key is not None:
        columns = [key] if isinstance(key, str) else list(key)
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
    for columns in _KEYS:
        if all(_names_rows(table, columns) for table in (one, other)):
            return columns
    msg = (
        "no column names each row in both tables: "
        "give key=, such as key=['report', 'source'] or a number of your own"
    )
    raise ValueError(msg)


def _names_rows(table: pd.DataFrame, columns: list[str]) -> bool:
    if not set(columns) <= set(table.columns):
        return False
    told = (cells_as_told(table, columns[0]) != "").all()
    return bool(told and not table.duplicated(columns).any())
