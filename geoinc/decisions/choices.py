"""A decision: which words, how far it goes, what was decided, by whom and when."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.localities import mentions_anaphor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: How far a decision goes, the widest first; the narrower wins over the wider.
SCOPES = ("everywhere", "this country", "this file", "this account")
#: What can be decided besides a place.
NONE_OF_THESE = "none of these"
NOT_A_PLACE = "not a place"

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_SPOT = re.compile(
    rf"\s*({_NUMBER})\s*°?\s*[,;]\s*({_NUMBER})\s*°?\s*(?:(?:±|\+/?-)\s*({_NUMBER})\s*(km|m)?)?\s*"
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What an analyst decided that some words mean.

    Parameters
    ----------
    text : str
        The words of the account; spaces and case do not matter.
    decision : str
        The id of a place, ``"latitude, longitude ± km"``, a name that resolves,
        ``"none of these"`` or ``"not a place"``.
    scope : str
        How far it goes, one of `SCOPES`.  Words that point at another place,
        as "the base" does, are never decided everywhere.
    file : str
        Name of the file of reports that "this file" means.
    country, admin1, admin2 : str
        The hints of the rows that it was made for.  It is used only for rows
        that say the same; where blank, whatever they say.  "Everywhere" is
        whatever the country.
    account : str
        The account that "this account" means.
    role : str
        The role that it was made for, blank for any.
    author, date : str
        Who decided, and the day.
    origin : str
        Where it is written down, for messages; not compared.

    Raises
    ------
    ValueError
        Where it goes too far or not far enough to be used; says why.

    Examples
    --------
    >>> import geoinc as gi
    >>> gi.Decision("Balad", "iq-balad", author="A. Reader", date="2026-05-01").by
    'by A. Reader, 2026-05-01'
    """

    text: str
    decision: str
    scope: str = "this file"
    file: str = ""
    country: str = ""
    admin1: str = ""
    admin2: str = ""
    account: str = ""
    role: str = ""
    author: str = ""
    date: str = ""
    origin: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not key_of(self.text) or not self.decision.strip():
            msg = "a decision needs 'text' and 'decision'"
            raise ValueError(msg)
        if self.scope not in SCOPES:
            msg = f"scope {self.scope!r} is none of {', '.join(map(repr, SCOPES))}"
            raise ValueError(msg)
        if self.scope == "everywhere" and mentions_anaphor(self.text):
            msg = f"{self.text!r} is another place in every account; its scope cannot be everywhere"
            raise ValueError(msg)
        for scope, needed in (("this country", "country"), ("this account", "account")):
            if self.scope == scope and not getattr(self, needed):
                msg = f"scope {scope!r} needs {needed!r}, which is blank"
                raise ValueError(msg)
        spot_of(self.decision)

    @property
    def by(self) -> str:
        """Who decided and when, as far as it is told: "by A. Reader, 2026-05-01"."""
        return f"by {', '.join(filter(None, (self.author or 'hand', self.date)))}"


def key_of(text: str) -> str:
    """Return words as decisions compare them."""
    return " ".join(printable(text).split()).casefold()


def printable(text: str) -> str:
    """Return text as a spreadsheet can hold it: control characters become U+FFFD."""
    return _CONTROL.sub("\ufffd", text)


def spot_of(decision: str) -> tuple[float, float, float] | None:
    """Return the coordinates that a decision gives, None where it gives none.

    Parameters
    ----------
    decision : str
        ``"33.94, 44.36 ± 2 km"``: latitude first, as maps and phones write it.

    Returns
    -------
    longitude, latitude : float
        Degrees.
    uncertainty_m : float
        Metres.

    Raises
    ------
    ValueError
        Coordinates that are none on earth, or do not say how wrong they may be.

    Examples
    --------
    >>> spot_of("33.94, 44.36 ± 2 km"), spot_of("Balad")
    ((44.36, 33.94, 2000.0), None)
    """
    match = _SPOT.fullmatch(decision)
    if match is None:
        return None
    latitude, longitude, radius = (float(part or 0) for part in match.groups()[:3])
    if radius <= 0:
        msg = (
            f"{decision!r} does not say how wrong it may be; write '{match[1]}, {match[2]} ± 2 km'"
        )
        raise ValueError(msg)
    if abs(latitude) > 90 or abs(longitude) > 180:
        msg = f"{decision!r} is nowhere on earth; latitude first, in degrees: '33.94, 44.36 ± 2 km'"
        raise ValueError(msg)
    return longitude, latitude, radius * (1 if match[4] == "m" else 1000)


def applying(
    decisions: Sequence[Decision],
    words: np.ndarray[Any, Any],
    *,
    role: str,
    said: Mapping[str, np.ndarray[Any, Any]],
    file: str,
) -> np.ndarray[Any, Any]:
    """Return which decision applies to each of many words.

    Parameters
    ----------
    decisions : sequence of Decision
        Of several for the same words the narrower wins, then the later, then
        the last.
    words : array of str
        The words of the accounts.
    role : str
        The role that all of them have.
    said : mapping of str to array
        ``country``, ``admin1``, ``admin2`` and ``account`` of each.
    file : str
        Name of the file they stand in.

    Returns
    -------
    array of int
        Number of the decision, -1 where none applies.
    """
    applies = np.full(len(words), -1)
    if not decisions:
        return applies
    codes, distinct = pd.factorize(words)
    keys = pd.Series([key_of(text) for text in distinct], dtype=object)
    asked = {key_of(decision.text) for decision in decisions}
    matching = np.flatnonzero(keys.isin(asked).to_numpy()[codes])
    rows_of = pd.Series(matching).groupby(keys.to_numpy()[codes[matching]]).indices
    order = sorted(
        range(len(decisions)),
        key=lambda i: (SCOPES.index(decisions[i].scope), decisions[i].date, i),
    )
    for number in order:
        decision = decisions[number]
        if decision.role not in {"", role}:
            continue
        if decision.scope == "this file" and decision.file != file:
            continue
        rows = matching[rows_of.get(key_of(decision.text), np.array([], dtype=int))]
        for name in ("country", "admin1", "admin2"):
            if not (name == "country" and decision.scope == "everywhere"):
                rows = _saying(rows, said[name], getattr(decision, name))
        if decision.scope == "this account":
            rows = _saying(rows, said["account"], decision.account)
        applies[rows] = number
    return applies


def _saying(
    rows: np.ndarray[Any, Any], said: np.ndarray[Any, Any], wanted: str
) -> np.ndarray[Any, Any]:
    """Return the rows that say what is wanted; all where nothing is."""
    if not wanted:
        return rows
    same = np.array([key_of(cell) == key_of(wanted) for cell in said[rows]], dtype=bool)
    found: np.ndarray[Any, Any] = rows[same]
    return found
