"""What an analyst has decided on pairs of accounts: one incident, or two."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from geoinc.errors import SchemaError
from geoinc.reports import read_text_table, rearmed

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What may stand in the column ``decision``.
SAME, DISTINCT = "same", "distinct"
_NEEDED = ("account", "other", "decision")

Source = str | os.PathLike[str] | pd.DataFrame


class Mark(NamedTuple):
    """One decision: two accounts (or incidents of the table), and whether they are one.

    Parameters
    ----------
    account, other : str
        Identifiers of accounts, or of incidents as the table names them.
    same : bool
        One incident, or two.
    said : str
        Who decided and when, in words.
    """

    account: str
    other: str
    same: bool
    said: str


def read_marks(source: Source | Iterable[Source] | None) -> list[Mark]:
    """Return the decisions in tables or files with the columns account, other, decision.

    Raises
    ------
    SchemaError
        Where a table has no such columns.
    """
    if source is None:
        return []
    if isinstance(source, str | os.PathLike | pd.DataFrame):
        source = [source]
    marks = []
    for one in source:
        if isinstance(one, pd.DataFrame):
            name, table = "the table of decisions", one.astype(object).fillna("").astype(str)
        else:
            name, table = repr(Path(one).name), read_text_table(one).table.map(rearmed)
        missing = [column for column in _NEEDED if column not in table]
        if missing:
            msg = f"{name} is no table of decisions on links: it has no column {missing[0]!r}"
            raise SchemaError(msg)
        for row in table.to_dict("records"):
            decision = " ".join(str(row["decision"]).split()).casefold()
            if decision in {SAME, DISTINCT}:
                told = [part for part in (row.get("author", ""), row.get("date", "")) if part]
                said = ", ".join([f"decided {decision}", *told])
                marks.append(Mark(row["account"], row["other"], decision == SAME, said))
            elif decision:
                warnings.warn(
                    f"{name}: {row['decision']!r} is no decision on a link; write same or distinct",
                    stacklevel=3,
                )
    return marks
