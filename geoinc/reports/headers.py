"""The row of a table that names its columns, and the table that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from geoinc.errors import Problem, SchemaError
from geoinc.reports.names import is_usual

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

#: Rows of cells, each with its number in the file; the first row is 1.
Rows: TypeAlias = list[tuple[int, list[str]]]

#: So far down a row of names is looked for.
_FAR = 20


@dataclass(frozen=True, eq=False)
class TextTable:
    """A table as it stands in a file.

    Parameters
    ----------
    table : pandas.DataFrame
        Its rows that are not blank.
    numbers : array of int
        The row of the file of each; the first is 1.
    problems : list of Problem
        What had to be mended.
    facts : dict of str to str
        What was recognised or guessed: encoding, delimiter, header and the like.
    header : int, optional
        The row of a workbook that names the columns; of two, the lower.
    """

    table: pd.DataFrame
    numbers: np.ndarray
    problems: list[Problem] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    header: int | None = None


def header_at(rows: Sequence[Sequence[str]], wanted: Container[str]) -> int:
    """Return which of the first rows names the columns.

    It is the first, unless that names nothing that is known and a later one
    two columns or more: titles and notes may stand above a table.

    Parameters
    ----------
    rows : sequence of rows of str
        The first rows that are not blank.
    wanted : container of str
        Names that the user said the columns have.
    """
    known = [
        sum(cell.strip() in wanted or is_usual(cell) for cell in cells if cell.strip())
        for cells in rows[:_FAR]
    ]
    # A title stands alone in its row, and may be a word that names a column elsewhere.
    if not known or max(known) < 2 or (known[0] > 0 and sum(map(bool, rows[0])) > 1):
        return 0
    best = known.index(max(known))
    widths = [len({cell.strip() for cell in cells if cell.strip()}) for cells in rows[:_FAR]]
    # Rows of data are as full as the header below them would be; titles are not.
    are_titles = all(
        names >= 2 or width <= widths[best] / 2
        for names, width in zip(known[:best], widths[:best], strict=True)
    )
    return best if are_titles else 0


def column_names(header: Sequence[str], name: str) -> list[str]:
    """Return the names of all columns, made up where a cell is blank.

    Raises
    ------
    SchemaError
        Two columns have one name.
    """
    names = [cell.strip() or f"unnamed {i}" for i, cell in enumerate(header, 1)]
    seen: set[str] = set()
    for cell in names:
        if cell in seen:
            msg = f"{name!r} has two columns {cell!r}; give each a name of its own"
            raise SchemaError(msg)
        seen.add(cell)
    return names


def header_fact(number: int, above: Rows) -> dict[str, str]:
    """Return what is said of a header that is not the first row."""
    if not above:
        return {}
    words = " | ".join(cell.strip() for cell in above[0][1] if cell.strip())
    return {"header": f"row {number}; {len(above)} above it left out: {words[:60]!r}"}


def table_of(header: Sequence[str], body: Rows, name: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows of cells as a table of text, with the rows' numbers.

    Parameters
    ----------
    header : sequence of str
        The names of the columns.
    body : list of (int, list of str)
        The rows below it.
    name : str
        Name of the file, for messages.

    Raises
    ------
    SchemaError
        A row has more cells than the header, or two columns have one name.
    """
    width = filled(header)
    width = max(width, min(len(header), max((filled(cells) for _, cells in body), default=0)))
    too_long = [number for number, cells in body if filled(cells) > width]
    if too_long:
        why = "more cells than the header has; put cells that hold the delimiter in quotes"
        msg = f"{name!r}, row {too_long[0]}: {why}"
        raise SchemaError(msg, [Problem(number, "", "", why) for number in too_long])
    columns = column_names(header[:width], name)
    cells = [row[:width] + [""] * (width - len(row)) for _, row in body]
    table = pd.DataFrame(cells, columns=columns, dtype="str")
    return table, np.array([number for number, _ in body], dtype=int)


def filled(cells: Sequence[str]) -> int:
    """Return how many cells there are up to the last that is not blank."""
    return next((i for i in range(len(cells), 0, -1) if cells[i - 1].strip()), 0)
