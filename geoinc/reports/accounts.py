"""What makes an account: an identifier of its content, the row it stands in, whether it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
from pandas.util import hash_array

from geoinc.errors import Problem
from geoinc.reports.columns import numbers_of
from geoinc.reports.names import KNOWN
from geoinc.reports.serving import FIGURES, text_column
from geoinc.schema import NO_ATTACK, ROLES

#: What the coder says of the row rather than the account of the attack: no part of its identity.
_REMARKS = frozenset(
    {"notes", "preferred", "include", "reason", "date_basis", *(f"{role}_basis" for role in ROLES)}
)

#: Words for no.
NO = frozenset({"no", "n", "false", "0"})


class RowsOfAccounts(Mapping[str, int]):
    """The row of the file that each account stands in.

    pandas deep-copies what a table carries at every step; this never changes, so it is shared,
    and a million rows are put in order only when somebody asks for one.
    """

    __slots__ = ("_accounts", "_known", "_rows")

    def __init__(self, accounts: pd.Series, rows: np.ndarray) -> None:
        self._accounts = accounts
        self._rows = rows
        self._known: dict[str, int] | None = None

    def _mapping(self) -> dict[str, int]:
        if self._known is None:
            self._known = dict(zip(self._accounts, self._rows.tolist(), strict=True))
        return self._known

    def __getitem__(self, account: str) -> int:
        return self._mapping()[account]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping())

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RowsOfAccounts):
            same = np.array_equal(self._rows, other._rows)
            return same and self._accounts.array.equals(other._accounts.array)
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]  # what is equal may be of another type

    def of(self, accounts: pd.Series) -> np.ndarray:
        """Return the row of each of some accounts, 0 of those that are not known."""
        if accounts.array.equals(self._accounts.array):
            return self._rows
        at = pd.Index(self._accounts).get_indexer(pd.Index(accounts))
        rows: np.ndarray = np.append(self._rows, 0)[at]
        return rows

    def __deepcopy__(self, memo: dict[int, object]) -> RowsOfAccounts:
        return self


def contents_of(table: pd.DataFrame) -> np.ndarray:
    """Return 64 bits for the content of each row, whatever else the table has.

    Parameters
    ----------
    table : pandas.DataFrame
        Reports.
    """
    content = np.zeros(len(table), dtype=np.uint64)
    for name in KNOWN:
        if name in table and name not in _REMARKS:
            content += _figures(table[name], name) if name in FIGURES else _words(table[name], name)
    return content


def add_identities(
    table: pd.DataFrame, rows: np.ndarray, earlier: pd.Series | None = None
) -> list[Problem]:
    """Name each account after its content, and its attack where the table does not.

    Rows that tell the same in every word stay apart, as attacks of their own.

    Parameters
    ----------
    table : pandas.DataFrame
        Reports; gets ``account`` and ``incident``.
    rows : array of int
        The row of the file of each.
    earlier : pandas.Series of int, optional
        How many rows that stand before these have a content, by it (`contents_of`).
    """
    content = pd.Series(contents_of(table))
    names = _as_text(content.to_numpy()).set_axis(table.index)
    repeated, again = content.duplicated().to_numpy(), np.zeros(len(table), dtype=int)
    if earlier is not None:
        again = content.map(earlier).fillna(0).to_numpy(dtype=int)
        repeated = repeated | (again > 0)
    if repeated.any():
        again = again + content.groupby(content).cumcount().to_numpy()
        numbers = pd.Series(again + 1, index=table.index).astype("str")
        names = names.where(~repeated, names + "-" + numbers)
    table["account"] = names
    if "incident" in table:
        # The others share their attack.
        repeated = repeated & (table["incident"] == "").to_numpy()
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


def _words(column: pd.Series, name: str) -> np.ndarray:
    """Return 64 bits for each cell that differ between columns; 0 where it is blank."""
    codes, cells = pd.factorize(text_column(column))
    told = cells.to_numpy(dtype=object)
    bits = np.asarray(hash_array(told, hash_key=f"{name:16.16}", categorize=False))
    bits = np.where(told == "", np.uint64(0), bits)
    return np.asarray(bits[codes])


def _figures(column: pd.Series, name: str) -> np.ndarray:
    """Return 64 bits for each number, whatever way it is written; of what is none, of its words."""
    values = numbers_of(column).to_numpy(dtype=float)
    (salt,) = hash_array(np.array([name], dtype=object)) | np.uint64(1)
    bits: np.ndarray = hash_array(values + 0.0) * salt
    return (
        bits
        if not np.isnan(values).any()
        else np.where(np.isnan(values), _words(column, name), bits)
    )


def _as_text(bits: np.ndarray) -> pd.Series:
    """Return 64 bits as 16 digits, without a Python string for each."""
    digits = pa.py_buffer(bits.astype(">u8").tobytes().hex().encode())
    ends = pa.py_buffer(np.arange(0, 16 * len(bits) + 1, 16, dtype=np.int64))
    words = pa.Array.from_buffers(pa.large_string(), len(bits), [None, ends, digits])
    return pd.Series(words.to_pandas(), dtype="str")


def standing(table: pd.DataFrame) -> np.ndarray:
    """Return whether each account is counted, and if not, why (`geoinc.schema.STANDINGS`)."""
    single = (table["events_best"] == 1).fillna(value=False).to_numpy(dtype=bool)
    zero = (table["events_high"] == 0).fillna(value=False).to_numpy(dtype=bool)
    aside = np.zeros(len(table), dtype=bool)
    if "include" in table:
        aside = table["include"].str.casefold().isin(NO).to_numpy(dtype=bool)
    if "outcome" in table:
        none = {
            cell: bool(cell) and set(in_cell(cell)) <= set(NO_ATTACK)
            for cell in table["outcome"].unique()
        }
        zero |= table["outcome"].map(none).to_numpy(dtype=bool)
    return np.select(
        [aside, zero, ~single], ["set aside", "no attack", "summary"], default="counted"
    ).astype(object)


def in_cell(cell: str) -> list[str]:
    """Return the words of a vocabulary that a cell lists."""
    return [" ".join(part.casefold().split()) for part in cell.split(";") if part.strip()]
