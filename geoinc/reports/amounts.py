"""How many: the numbers that the words of a cell tell, low, best and high."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import numpy as np
import pandas as pd

from geoinc.reports.days import NOT_TOLD
from geoinc.reports.months import MONTHS

_DASH = "[\u2010-\u2015\u2212]"

#: The least that a word for a number can mean, and nothing more is read into it.
LOWS = {
    "a couple": 2,
    "a few": 2,
    "few": 2,
    "some": 2,
    "multiple": 2,
    "a number": 2,
    "several": 3,
    "many": 3,
    "numerous": 3,
    "tens": 20,
    "dozens": 24,
    "several dozen": 36,
    "scores": 40,
    "hundreds": 200,
    "thousands": 2000,
}

_WORDS = {
    "a": 1, "an": 1, "a single": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "half a dozen": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "dozen": 12, "a dozen": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
}  # fmt: skip

_NONE = frozenset({"0", "no", "none", "nil", "zero", "nobody"})
_MONTH = rf"(?:{'|'.join(month[:3] for month in MONTHS)})[a-z]*"
_SPREADSHEET_DATE = re.compile(
    rf"\d{{1,2}}[- ]{_MONTH}(?:-\d{{2,4}})?|{_MONTH}-\d{{1,4}}|\d{{1,2}}/\d{{1,2}}|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}"
    r"|\d{4}-\d{2}(?:-\d{2})?(?: .*)?",
)
_NUMBER = rf"(\d+|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_BEST_OF_RANGE = re.compile(r"(\d+) ?\((\d+) ?- ?(\d+)\)")
_RANGE = re.compile(rf"(?:between )?{_NUMBER}(?: ?- ?| to | or | and ){_NUMBER}")
_ABOUT = "about|around|approximately|approx\\.?|roughly|circa|ca?\\.?|some|nearly|almost|an estimated|~|≈"
_LIMITS = (
    # words, lowest, best, highest: each an offset to the number, or None
    (rf"{_NUMBER}", 0, 0, 0),
    (rf"(?:at least|no fewer than|no less than|minimum|min\.?|>=|≥) ?{_NUMBER}", 0, None, None),
    (rf"{_NUMBER}(?: ?\+| or more)", 0, None, None),
    (rf"(?:more than|over|above|>) ?{_NUMBER}", 1, None, None),
    (rf"(?:up to|at most|no more than|maximum|max\.?|<=|≤) ?{_NUMBER}", None, None, 0),
    (rf"{_NUMBER} or (?:fewer|less)", None, None, 0),
    (rf"(?:fewer than|less than|under|below|<) ?{_NUMBER}", None, None, -1),
    (rf"(?:{_ABOUT}) ?{_NUMBER}", None, 0, None),
)
_PATTERNS = tuple((re.compile(words), low, best, high) for words, low, best, high in _LIMITS)

#: Beyond this no count of an attack is a count.
_MOST = 10**9


class Count(NamedTuple):
    """What a cell tells of a number: its bounds and the best figure, None where not told."""

    low: int | None = None
    best: int | None = None
    high: int | None = None
    why: str = ""  # what is wrong, "" where nothing is


def read_count(text: str) -> Count:
    """Return the number that the words of a cell tell.

    A best figure is never invented: ``2-3`` has bounds alone, "about 14" a
    best alone, and a word such as "dozens" the least that it can mean.

    Parameters
    ----------
    text : str
        ``7``, ``2-3``, "two or three", ``3 (2-5)`` (the best, and bounds), "at
        least 10", "up to 30", "about 14", "none", "several"; blank or "unknown"
        where not told.

    Returns
    -------
    Count
        ``why`` says what is wrong where the words tell no number.

    Examples
    --------
    >>> read_count("2-3")[:3], read_count("at least ten")[:3], read_count("none")[:3]
    ((2, None, 3), (10, None, None), (0, 0, 0))
    """
    words = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    words = re.sub(_DASH, "-", words)
    words = re.sub(r"(?<=\d),(?=\d{3}\b)|(?<=^\d)\.0$|(?<=\d\d)\.0$", "", words)
    count = _simple(words) or _bounds(words)
    if count is None:
        return Count(why=f"{text!r} {_fault(words)}")
    told = [number for number in count[:3] if number is not None]
    if told and not 0 <= min(told) <= max(told) <= _MOST:
        return Count(why=f"{text!r} is no count of an attack")
    if told != sorted(told):
        return Count(why=f"{text!r} ends below its beginning; turn the two numbers round")
    return count


def _simple(words: str) -> Count | None:
    if words in NOT_TOLD:
        return Count()
    if words in _NONE:
        return Count(0, 0, 0)
    return Count(low=LOWS[words]) if words in LOWS else None


def _bounds(words: str) -> Count | None:
    if _SPREADSHEET_DATE.fullmatch(words):
        return None
    if match := _BEST_OF_RANGE.fullmatch(words):
        figures = [_number(word) for word in match.groups()]
        return Count(figures[1], figures[0], figures[2])
    if match := _RANGE.fullmatch(words):
        return Count(low=_number(match[1]), high=_number(match[2]))
    for pattern, low, best, high in _PATTERNS:
        if match := pattern.fullmatch(words):
            number = _number(match[1])
            bounds = [None if add is None else number + add for add in (low, best, high)]
            return Count(bounds[0], bounds[1], bounds[2])
    return None


def _fault(words: str) -> str:
    if _SPREADSHEET_DATE.fullmatch(words):
        return (
            "looks like a date that a spreadsheet made of a range such as '2-3'; "
            "format the column as text and write the range again"
        )
    return (
        "is no number that is understood; write 7, 2-3, at least 10, up to 30, about 14, none or "
        "several, and leave blank what is not told"
    )


def _number(word: str) -> int:
    # A number of more digits is refused anyway, and slow to read.
    return _WORDS.get(word) or int(word[:12])


def parse_counts(column: pd.Series, name: str) -> pd.DataFrame:
    """Return the bounds that a column of counts tells, each distinct cell read once.

    Parameters
    ----------
    column : pandas.Series of str
        Cells as `read_count` takes them.
    name : str
        Begins the names of the result's columns.

    Returns
    -------
    pandas.DataFrame
        ``<name>_low``, ``<name>_best``, ``<name>_high``, Int64, missing where
        not told or not understood; the index of `column`.
    """
    codes, told = _counts(column)
    return pd.DataFrame(
        {
            f"{name}_{bound}": pd.array(
                [getattr(count, bound) for count in told], dtype="Int64"
            ).take(codes)
            for bound in ("low", "best", "high")
        },
        index=column.index,
    )


def count_faults(column: pd.Series) -> pd.Series:
    """Return why each cell of a column of counts is not understood, ``""`` where it is."""
    codes, told = _counts(column)
    why = np.array([count.why for count in told], dtype=object)
    return pd.Series(why[codes], index=column.index, dtype=object)


def _counts(column: pd.Series) -> tuple[np.ndarray, list[Count]]:
    codes, unique = pd.factorize(column.fillna("").astype(str))
    return codes, [read_count(text) for text in unique]
