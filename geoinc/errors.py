"""The errors geoinc raises: one tree, each also the builtin that fits.

::

    GeoincError(Exception)
    ├── SchemaError(ValueError)            a table cannot be read as reports
    ├── LocalityError(ValueError)          the words of a place contradict themselves
    ├── PlaceNotFoundError(LookupError)    no gazetteer knows the name
    ├── AmbiguousPlaceError(LookupError)   the name fits more than one place
    └── GazetteerError(OSError)            a gazetteer cannot be read
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class GeoincError(Exception):
    """Base of every error that geoinc raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One fault of a table.

    Parameters
    ----------
    row : int or None
        Row of the file as a spreadsheet counts it (the header is row 1), or
        None where the fault is of a column or of the whole file.
    column : str
        Name of the column, or ``""`` where the fault is of the whole file.
    value : str
        The value as it stands in the cell.
    why : str
        What is wrong with it and what to do, in one line.
    """

    row: int | None
    column: str
    value: str
    why: str

    def __str__(self) -> str:
        """Return the problem as one line."""
        where = [f"row {self.row}" if self.row is not None else "", self.column]
        place = ", ".join(part for part in where if part)
        return f"{place}: {self.why}" if place else self.why


class SchemaError(GeoincError, ValueError):
    """A table that cannot be read as reports, with every fault it has.

    Parameters
    ----------
    message : str
        What is wrong, in one line.
    problems : sequence of Problem
        Every fault of the table, in the order of its rows.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class LocalityError(GeoincError, ValueError):
    """Words that are not understood, or whose clauses contradict each other.

    Parameters
    ----------
    message : str
        What is wrong, in one line.
    text : str
        The words, as the account has them.
    """

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


class PlaceNotFoundError(GeoincError, LookupError):
    """A name that no gazetteer at hand knows.

    Parameters
    ----------
    message : str
        What was looked for, in one line.
    name : str
        The name.
    suggestions : sequence of str
        Names of known places that look like it, best first.
    """

    def __init__(self, message: str, name: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.suggestions = tuple(suggestions)


class AmbiguousPlaceError(GeoincError, LookupError):
    """A name that fits several places equally well.

    Parameters
    ----------
    message : str
        What was looked for, in one line.
    name : str
        The name.
    candidates : sequence of str
        The places it fits, best first, as "name (kind, admin-1, country)".
    """

    def __init__(self, message: str, name: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.candidates = tuple(candidates)


class GazetteerError(GeoincError, OSError):
    """A gazetteer file or service that cannot be read."""
