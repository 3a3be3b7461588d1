"""What the cells of a report tell: days, numbers, and the places of one cell."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

# ---------------------------------------------------------------- days

_LONG_DASH = "[\u2013\u2014]"
_DASH = "[\u2010-\u2015\u2212]"

#: Words with which a table says that it does not know.
NOT_TOLD = frozenset({"", "-", "?", "na", "n/a", "unknown", "not told", "not known", "unclear"})

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[t ]\d{1,2}:\d{2}.*)?)?)?")
_NUMERIC = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})")
_DAY_MONTH_YEAR = re.compile(r"(?:(\d{1,2})[ -])?([a-z]{3,9})\.?[ -](\d{4})")
_MONTH_DAY_YEAR = re.compile(r"([a-z]{3,9})\.? (\d{1,2}),? (\d{4})")
_WEEKDAY = re.compile(rf"(?:on |this )?(last )?({'|'.join(_WEEKDAYS)})(?: \w+)?")
_DAY_AND_MONTH = re.compile(r"(\d{1,2}) ([a-z]{3,9})\.?|([a-z]{3,9})\.? (\d{1,2})")
_DAYS_AGO = re.compile(r"(\d{1,3}) days? ago")


class Days(NamedTuple):
    """The days that a cell may mean, both ends included, None where open."""

    start: date | None = None
    end: date | None = None
    basis: str = ""
    why: str = ""  # what is wrong, "" where nothing is


def read_days(text: str, published: date | None = None) -> Days:
    """Return the days that the words of a date may mean.

    Parameters
    ----------
    text : str
        ISO 8601 day, month or year, ``a/b``, ``../b``, ``a/..``; a day with
        its month as a word; a weekday, "yesterday", "last month".
    published : datetime.date, optional
        The day of publication, from which weekdays and the like are counted back.

    Returns
    -------
    Days
        ``why`` says what is wrong where the words tell no day.

    Examples
    --------
    >>> read_days("2021-02")[:2]
    (datetime.date(2021, 2, 1), datetime.date(2021, 2, 28))
    >>> read_days("Monday", date(2021, 3, 16))[:3]
    (datetime.date(2021, 3, 15), datetime.date(2021, 3, 15), 'weekday')
    """
    words = " ".join(text.casefold().split())
    if words in NOT_TOLD:
        return Days()
    halves = re.split(rf" ?/ ?| ?{_LONG_DASH} ?| to ", words)
    if len(halves) == 2:
        return _span(text, halves[0], halves[1], published)
    return _one_date(text, words, published)


def _span(text: str, first: str, last: str, published: date | None) -> Days:
    """Return the days of a range, of which one end may be ``..``."""
    if first == last == "..":
        return Days(why=f"{text!r} is open at both ends; leave the cell blank")
    ends = [Days() if half == ".." else _one_date(text, half, published) for half in (first, last)]
    for end in ends:
        if end.why:
            return end
    start, stop = ends[0].start, ends[1].end
    if start and stop and start > stop:
        return Days(why=f"{text!r} ends before it begins; turn the two days round")
    bases = {end.basis for end in ends} - {""}
    return Days(
        start, stop, next(basis for basis in ("inferred", "weekday", "stated") if basis in bases)
    )


def _one_date(text: str, words: str, published: date | None) -> Days:
    if parts := _calendar_parts(words):
        return _calendar(text, *parts)
    if match := _NUMERIC.fullmatch(words):
        return _numeric(text, int(match[1]), int(match[3]), int(match[4]), dotted=match[2] == ".")
    relative = _relative(words)
    if relative is None:
        return Days(
            why=f"{text!r} is no date that is understood; "
            "write 2021-03-15, 2021-03, 2021, or a range such as 2021-03-02/2021-03-05",
        )
    if published is None:
        return Days(why=f"{text!r} needs the day it was published; fill the column 'published'")
    basis, days = relative
    try:
        return Days(*days(published), basis)
    except (OverflowError, ValueError):
        return Days(why=f"{text!r} is no day that can be counted back from {published}")


def _calendar_parts(words: str) -> tuple[int, int, int] | None:
    """Return year, month and day as written, 0 where not told."""
    if match := _ISO.fullmatch(words):
        return int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match := _DAY_MONTH_YEAR.fullmatch(words):
        day, name, year = match[1], match[2], match[3]
    elif match := _MONTH_DAY_YEAR.fullmatch(words):
        name, day, year = match[1], match[2], match[3]
    else:
        return None
    month = _month(name)
    return (int(year), month, int(day or 0)) if month else None


def _month(name: str) -> int:
    """Return the number of a month by its name or the beginning of it, 0 where it is none."""
    return next((number for number, month in enumerate(MONTHS, 1) if month.startswith(name)), 0)


def _calendar(text: str, year: int, month: int, day: int) -> Days:
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return Days(why=f"{text!r} is not in the calendar")
    if day:
        last = first
    elif month:
        last = first.replace(day=monthrange(year, month)[1])
    else:
        last = date(year, 12, 31)
    return Days(first, last, "stated")


def _numeric(text: str, first: int, second: int, year: int, *, dotted: bool) -> Days:
    """Return the day of 15/03/2021, where only one reading is possible."""
    if dotted or first > 12 or first == second:
        return _calendar(text, year, second, first)
    if second > 12:
        return _calendar(text, year, first, second)
    return Days(
        why=f"{text!r} may be {year}-{second:02d}-{first:02d} or {year}-{first:02d}-{second:02d}; "
        "write which",
    )


def _relative(words: str) -> tuple[str, Callable[[date], tuple[date, date]]] | None:
    """Return the basis, and the days as a function of the day of publication."""
    if words in _COUNTED_BACK:
        return "inferred", _COUNTED_BACK[words]
    if match := _DAYS_AGO.fullmatch(words):
        ago = timedelta(days=int(match[1]))
        return "inferred", lambda day: (day - ago, day - ago)
    if match := _DAY_AND_MONTH.fullmatch(words):
        number, month = int(match[1] or match[4]), _month(match[2] or match[3])
        return ("inferred", lambda day: _last_anniversary(day, month, number)) if month else None
    if match := _WEEKDAY.fullmatch(words):
        wanted, before = _WEEKDAYS.index(match[2]), 1 if match[1] else 0

        def weekday(day: date) -> tuple[date, date]:
            """Return the last such day, the day of publication itself unless "last" is said."""
            back = (day.weekday() - wanted - before) % 7 + before
            return day - timedelta(days=back), day - timedelta(days=back)

        return "weekday", weekday
    return None


def _last_anniversary(day: date, month: int, number: int) -> tuple[date, date]:
    """Return the last such day of a month on or before a day."""
    for year in range(day.year, day.year - 9, -1):
        if number <= monthrange(year, month)[1] and date(year, month, number) <= day:
            return date(year, month, number), date(year, month, number)
    msg = f"no year of the last eight has a day {number} in month {month}"
    raise ValueError(msg)


def _last_month(day: date) -> tuple[date, date]:
    end = day.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


def _last_week(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday() + 7)
    return monday, monday + timedelta(days=6)


_COUNTED_BACK: dict[str, Callable[[date], tuple[date, date]]] = {
    "today": lambda day: (day, day),
    "yesterday": lambda day: (day - timedelta(days=1), day - timedelta(days=1)),
    "last night": lambda day: (day - timedelta(days=1), day),
    "last week": _last_week,
    "last month": _last_month,
    "last year": lambda day: (date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)),
    "this week": lambda day: (day - timedelta(days=day.weekday()), day),
    "this month": lambda day: (day.replace(day=1), day),
    "earlier this month": lambda day: (day.replace(day=1), day),
    "this year": lambda day: (day.replace(month=1, day=1), day),
    "earlier this year": lambda day: (day.replace(month=1, day=1), day),
}


def parse_days(dates: pd.Series, published: pd.Series) -> pd.DataFrame:
    """Return the days that a column of dates tells, each distinct cell read once.

    Parameters
    ----------
    dates, published : pandas.Series of str
        As in the columns of reports; equal index.

    Returns
    -------
    pandas.DataFrame
        ``date_start``, ``date_end`` (datetime64[s], NaT where open or not
        told), ``date_basis``, and ``why``, ``""`` where nothing is wrong.
    """
    pairs = pd.MultiIndex.from_arrays([dates, published])
    codes, unique = pairs.factorize()
    known_published = {words: read_days(words) for words in {words for _, words in unique}}

    def day_of_publication(words: str) -> date | None:
        days = known_published[words]
        return days.start if days.start == days.end else None

    told = [read_days(text, day_of_publication(words)) for text, words in unique]
    columns = {
        "date_start": _as_days([days.start for days in told]),
        "date_end": _as_days([days.end for days in told]),
        "date_basis": np.array([days.basis for days in told], dtype=object),
        "why": np.array([days.why for days in told], dtype=object),
    }
    return pd.DataFrame(
        {name: values[codes] for name, values in columns.items()}, index=dates.index
    )


def _as_days(days: list[date | None]) -> np.ndarray:
    # Seconds, not nanoseconds: those end in 1677.
    return np.array([day.isoformat() if day else "NaT" for day in days], dtype="datetime64[s]")


# ---------------------------------------------------------------- numbers

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
        ``7``, ``2-3``, "two or three", "at least 10", "up to 30", "about 14",
        "none", "several"; blank or "unknown" where not told.

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
    if count.low is not None and count.high is not None and count.low > count.high:
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


# ---------------------------------------------------------------- places

_ROUNDS = re.compile(r"(.*?)\s*\[([^\[\]]*)\]", flags=re.DOTALL)


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
