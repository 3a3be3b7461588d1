"""One cell of a table: as text, safe for spreadsheets, and the places that it names."""

from __future__ import annotations

import re
from datetime import datetime, time

import pandas as pd

#: What spreadsheets run, or would if the apostrophes before it were not there.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_INVALID = re.compile("[\x00\ud800-\udfff]")
_ROUNDS = re.compile(r"(.*?)\s*\[([^\[\]]*)\]", flags=re.DOTALL)


def valid_text(text: str) -> str:
    """Return text with each lone surrogate and NUL replaced by U+FFFD."""
    return _INVALID.sub("\ufffd", text)


def cell_text(value: object) -> str:
    """Return a cell of a table as text: whole numbers and days without a needless tail."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124  # NaN
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time(0) else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)


def disarmed(cell: object) -> object:
    """Return a cell for a CSV file that no spreadsheet takes for a formula: apostrophe first.

    A text that begins like one but for apostrophes gets one too, so that `rearmed` gives back
    every text.
    """
    text = str(cell)
    return f"'{text}" if _FORMULA.match(text) else text


def safe_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV that a spreadsheet opens without running anything in it.

    Names and texts are `disarmed`; write it as ``utf-8-sig``, so that Excel knows the encoding.
    """
    safe = table.copy()
    for place in range(safe.shape[1]):
        column = safe.iloc[:, place]
        if not pd.api.types.is_numeric_dtype(column):
            texts = column.map(lambda cell: disarmed(cell) if isinstance(cell, str) else cell)
            safe.isetitem(place, texts.array)
    safe.columns = pd.Index([disarmed(str(name)) for name in safe.columns])
    # With both ends of a line, a lone one in a cell is quoted.
    return str(safe.to_csv(index=False, lineterminator="\r\n"))


def rearmed(cell: str) -> str:
    """Return the text that `disarmed` made a cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def split_places(cell: str) -> list[tuple[str, str]]:
    """Return the places that a cell names, each with the words of its count.

    Parameters
    ----------
    cell : str
        Places separated by semicolons; each may end in a count in brackets.

    Returns
    -------
    list of tuple of str
        Words and count, ``""`` where none is told; empty for a blank cell.

    Examples
    --------
    >>> split_places("a nearby village [5]; the base [2]")
    [('a nearby village', '5'), ('the base', '2')]
    """
    places = []
    for part in str(cell).split(";"):
        words = part.strip()
        match = _ROUNDS.fullmatch(words)
        place, count = (match[1].strip(), match[2].strip()) if match else (words, "")
        if place or count:
            places.append((place, count))
    return places
