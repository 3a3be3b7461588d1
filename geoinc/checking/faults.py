"""A fault of a row: what it says, what that is held against, and how grave it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "table",  # a fault of the whole file
    "unreadable",  # a cell that `read_reports` did not understand
    "zero coordinates",
    "swapped coordinates",  # the longitude stands in the latitude's column
    "sign of coordinates",  # west for east, or south for north
    "degrees and minutes",  # 42°48' written as 4248 or 42.48 and read as degrees
    "distance",
    "direction",
    "unit",  # the distance in another unit: nautical miles for miles
    "place",  # the coordinates are not where the words say
    "province",
    "country",
    "words",  # the words contradict themselves
    "counts",
    "precision code",
    "date",  # still to come when it was told
    "duplicate",  # another row reads like the same attack
    "sea",  # no country's land, and no word of the sea
    "outlier",  # a count far beyond all others
]

#: ``error``: the row cannot be right as it stands.  ``warning``: two of its sides do not fit; look
#: at it.  ``note``: they do not, but there may well be a reason, such as a place of the same name that
#: the gazetteer lacks.
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One contradiction of a row, both sides in words.

    Parameters
    ----------
    kind : str
        What is wrong; one of `Kind`.
    column : str
        The column, or columns, in which it stands.
    value : str
        The cell, as it is.
    stated : str
        What the row says.
    against : str
        What that is held against, and why the two do not fit.
    severity : {"error", "warning", "note"}
        How grave it is: see `Severity`.
    """

    kind: Kind
    column: str
    value: str
    stated: str
    against: str
    severity: Severity = "warning"
