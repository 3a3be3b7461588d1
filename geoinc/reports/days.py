"""When: the days that the words of a cell may mean, and whole columns of them."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geoinc.reports.months import MONTH, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Words with which a table says that it does not know.
NOT_TOLD = frozenset({"", "-", "?", "na", "n/a", "unknown", "not told", "not known", "unclear"})

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LUNDI = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ITHNAYN = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
_WEEKDAY_NUMBERS = {
    **{
        name: number for names in (_WEEKDAYS, _LUNDI, _ITHNAYN) for number, name in enumerate(names)
    },
    **{name[:3]: number for number, name in enumerate(_WEEKDAYS)},
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}
_WEEKDAY_NAME = "|".join(sorted(_WEEKDAY_NUMBERS, key=len, reverse=True))

# ---------------------------------------------------------------- what is written

_BIDI = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_TIME = re.compile(
    r"(?:[t ]|, )(?:at )?\d{1,2}[:h]\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]\.?m\.?)?"
    r"(?: ?(?:z|utc|gmt|local|[+-]\d{2}:?\d{2}))?$"
)
_DATED_WEEKDAY = re.compile(rf"({_WEEKDAY_NAME})\.?,? (?=.*\d)")
#: Words before a date that do not change it.
_PLAIN = re.compile(r"^(?:on|in|during|the|le|en|في|بتاريخ|يوم|sometime in|some time in) ")
#: A vague part of a month or a year is still in it, and no finer.
_PART = re.compile(
    r"^(?:early|mid|late|the beginning of|the end of|début|fin|mi|أوائل|منتصف|أواخر)[ -](?:in )?"
    rf"(?={MONTH}|\d{{4}}$)"
)

_ISO = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_WEEK = re.compile(r"(\d{4})-?w(\d{2})")
_QUARTER = re.compile(r"q([1-4])[ /-]?(\d{4})|(\d{4})[ /-]?q([1-4])")
_MONTH_AND_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_NUMERIC = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})")
_NUMERIC_WITHIN = re.compile(rf"(?<![\d/.-]){_NUMERIC.pattern}(?![\d/.-])")
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th|er|\.)?"
_DAY_MONTH_YEAR = re.compile(
    rf"(?:{_ORDINAL}[ -]?(?:of |de )?)?({MONTH})\.?,?(?: ?[ -]?(?:of )?(\d{{4}})|-(\d{{2}})|' ?(\d{{2}}))"
)
_MONTH_DAY_YEAR = re.compile(rf"({MONTH})\.? {_ORDINAL},? (\d{{4}})")
_DAY_AND_MONTH = re.compile(rf"{_ORDINAL}[ -](?:of )?({MONTH})\.?|({MONTH})\.? {_ORDINAL}")
_TWO_NAMES = re.compile(rf"({MONTH}) ?[/(] ?({MONTH})\)?")
_SERIAL = re.compile(r"[2-5]\d{4}")

_RANGES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:between|entre) (.+?) (?:and|et) (.+)",
        r"بين (.+?) و ?(.+)",
        r"(?:from|du|de|من) (.+?) (?:to|until|till|through|au|à|إلى|الى|حتى) (.+)",
        r"(.+?) (?:to|until|till|through|au|إلى|الى) (.+)",
        "(.+?) ?\u2013 ?(.+)",
        r"(.+?) - (.+)",
        r"([^/]+?) ?/ ?([^/]+)",
        r"(\d{4})-(\d{4})",
        r"(\d{1,2})-(\d{1,2} .+)",  # 2-5 March 2021
        rf"({MONTH})-({MONTH} \d{{4}})",
    )
)
_MONTH_DAYS_YEAR = re.compile(
    rf"({MONTH})\.? (\d{{1,2}}) ?(?:-|\u2013|to) ?(\d{{1,2}}),? (\d{{4}})"
)
_OPEN = (
    # words, whether the date itself is in, whether it is the end
    (re.compile(r"(?:before|prior to|avant(?: le)?|قبل) (.+)"), False, True),
    (re.compile(r"(?:by|until|till|up to|no later than|jusqu'au|حتى) (.+)"), True, True),
    (re.compile(r"(?:after|après(?: le)?|بعد) (.+)"), False, False),
    (re.compile(r"(?:since|from|depuis(?: le)?|منذ) (.+)"), True, False),
)

_WEEKDAY = re.compile(rf"(?:on |this )?(last )?({'|'.join(_WEEKDAYS)})(?: \w+)?")
_DAYS_AGO = re.compile(r"(\d{1,3}) days? ago")

#: Years that are rather those of the Persian or Islamic calendar.
_OTHER_CALENDARS = range(1250, 1501)
#: Two-digit years from here on are of the last century, as POSIX has it.
_CENTURY = 69


#: So many different cells are days with times.
MANY = 10_000


class Days(NamedTuple):
    """The days that a cell may mean, both ends included, None where open."""

    start: date | None = None
    end: date | None = None
    basis: str = ""
    why: str = ""  # what is wrong, "" where nothing is


def read_days(text: str, published: date | None = None, *, day_first: bool | None = None) -> Days:
    """Return the days that the words of a date may mean.

    Parameters
    ----------
    text : str
        ISO 8601 day, week, month or year, ``a/b``, ``../b``, ``a/..``; a date
        as it is usually written in English, French or Arabic, with Arabic or
        Persian digits too; a range of them, "by" or "after" one; a weekday,
        "yesterday", "last month".
    published : datetime.date, optional
        The day of publication, from which weekdays and the like are counted back.
    day_first : bool, optional
        Whether 03/04/2021 is in April; such a date is a fault where nobody says.

    Returns
    -------
    Days
        ``why`` says what is wrong where the words tell no day.

    Examples
    --------
    >>> read_days("2021-02")[:2]
    (datetime.date(2021, 2, 1), datetime.date(2021, 2, 28))
    >>> read_days("2-5 March 2021")[:2]
    (datetime.date(2021, 3, 2), datetime.date(2021, 3, 5))
    >>> read_days("Monday", date(2021, 3, 16))[:3]
    (datetime.date(2021, 3, 15), datetime.date(2021, 3, 15), 'weekday')
    """
    words = _plain(text)
    if words in NOT_TOLD:
        return Days()
    days = _Reader(text, published, day_first=day_first).days(words)
    if days.start and days.end and days.start > days.end:
        return Days(why=f"{text!r} ends before it begins; turn the two days round")
    return days


@lru_cache(maxsize=1 << 16)
def _plain(text: str) -> str:
    """Return the words of a cell with one kind of digit, dash and space."""
    words = unicodedata.normalize("NFKC", _BIDI.sub("", text)).casefold().replace("،", ",")
    if not words.isascii():
        words = re.sub(r"\d", lambda digit: str(int(digit[0])), words)
        words = re.sub("[\u2010\u2011\u2012\u2212]", "-", words)
        words = re.sub("[\u2014\u2015]", "\u2013", words)
    words = " ".join(words.split())
    # "آذار/مارس 2021", "août (aout)": one month under two names.
    return _TWO_NAMES.sub(
        lambda two: two[1] if NUMBERS[two[1]] == NUMBERS[two[2]] else two[0], words
    )


class _Reader:
    """One cell, read by the day of publication and the order of its column."""

    def __init__(self, text: str, published: date | None, *, day_first: bool | None) -> None:
        self._text = text
        self._published = published
        self._day_first = day_first

    def days(self, words: str) -> Days:
        """Return the days of a date, a range or a limit."""
        whole = self._one(words)
        if not whole.why.endswith(_NOT_UNDERSTOOD):
            return whole
        for pattern, included, is_end in _OPEN:
            if match := pattern.fullmatch(words):
                limit = self._one(match[1])
                if not limit.why.endswith(_NOT_UNDERSTOOD):
                    return self._limited(limit, included=included, is_end=is_end)
        if match := _MONTH_DAYS_YEAR.fullmatch(words):
            month, first, last, year = match.groups()
            return self._span(f"{first} {month} {year}", f"{last} {month} {year}")
        for pattern in _RANGES:
            if match := pattern.fullmatch(words):
                span = self._span(_completed(match[1], match[2]), match[2])
                if not span.why.endswith(_NOT_UNDERSTOOD):
                    return span
        return whole

    def _limited(self, limit: Days, *, included: bool, is_end: bool) -> Days:
        if limit.why or limit.start is None or limit.end is None:
            return limit
        day = timedelta(days=1)
        try:
            if is_end:
                return Days(None, limit.end if included else limit.start - day, limit.basis)
            return Days(limit.start if included else limit.end + day, None, limit.basis)
        except OverflowError:
            return Days(why=f"{self._text!r} is not in the calendar")

    def _span(self, first: str, last: str) -> Days:
        """Return the days of a range, of which one end may be ``..``."""
        if first == last == "..":
            return Days(why=f"{self._text!r} is open at both ends; leave the cell blank")
        ends = [Days() if half == ".." else self._one(half) for half in (first, last)]
        for end in ends:
            if end.why:
                return end
        bases = {end.basis for end in ends} - {""}
        basis = next((one for one in ("inferred", "weekday", "stated") if one in bases), "")
        return Days(ends[0].start, ends[1].end, basis)

    def _one(self, words: str) -> Days:
        """Return the days of a single date, of a part of a year, or counted back."""
        words = _TIME.sub("", words)
        words = _PART.sub("", _PLAIN.sub("", words, count=1), count=1)
        if match := _DATED_WEEKDAY.match(words):
            days = self._one(words[match.end() :])
            return days if days.why else self._on_weekday(days, match[1])
        if match := _NUMERIC.fullmatch(words):
            return self._numeric(int(match[1]), int(match[3]), match[4], dotted=match[2] == ".")
        if (parts := _calendar_parts(words)) is not None:
            return self._calendar(*parts)
        return _part_of_year(words) or self._counted_back(words)

    def _counted_back(self, words: str) -> Days:
        """Return the days of a weekday, of "last month" and the like."""
        relative = _relative(words)
        if relative is None:
            return Days(why=f"{self._text!r} {_hint(words)}{_NOT_UNDERSTOOD}")
        if self._published is None:
            why = f"{self._text!r} needs the day it was published; fill the column 'published'"
            return Days(why=why)
        basis, days = relative
        try:
            return Days(*days(self._published), basis)
        except (OverflowError, ValueError):
            why = f"{self._text!r} is no day that can be counted back from {self._published}"
            return Days(why=why)

    def _on_weekday(self, days: Days, name: str) -> Days:
        """Return a day whose weekday is told too; where the two differ one of them is wrong."""
        if days.start is None or days.start != days.end:
            return Days(why=f"{self._text!r} {_NOT_UNDERSTOOD}")
        if days.start.weekday() != _WEEKDAY_NUMBERS[name]:
            is_one = _WEEKDAYS[days.start.weekday()].capitalize()
            return Days(
                why=f"{self._text!r}: {days.start} was a {is_one}; mend the day or its name"
            )
        return days

    def _calendar(self, year: int, month: int, day: int) -> Days:
        if year in _OTHER_CALENDARS:
            why = f"{self._text!r} looks like a year of the Persian or Islamic calendar; write the Gregorian date"
            return Days(why=why)
        try:
            first = date(year, month or 1, day or 1)
        except ValueError:
            return Days(why=f"{self._text!r} is not in the calendar")
        if day:
            last = first
        elif month:
            last = first.replace(day=monthrange(year, month)[1])
        else:
            last = date(year, 12, 31)
        return Days(first, last, "stated")

    def _numeric(self, first: int, second: int, year: str, *, dotted: bool) -> Days:
        """Return the day of 15/03/2021, where one reading is possible or the column says which."""
        whole = _whole_year(year)
        by_column = self._day_first is True and second <= 12
        if dotted or first > 12 or first == second or by_column:
            return self._calendar(whole, second, first)
        if second > 12 or self._day_first is False:
            return self._calendar(whole, first, second)
        why = (
            f"{self._text!r} may be {whole}-{second:02d}-{first:02d} or "
            f"{whole}-{first:02d}-{second:02d}; write which, or say day_first=True or False"
        )
        return Days(why=why)


_NOT_UNDERSTOOD = (
    "is no date that is understood; "
    "write 2021-03-15, 2021-03, 2021, or a range such as 2021-03-02/2021-03-05"
)


def _hint(words: str) -> str:
    """Return what a number may be that is no date."""
    if _SERIAL.fullmatch(words):
        day = date(1899, 12, 30) + timedelta(days=int(words))
        return f"(in Excel the number of {day}: format the column as dates) "
    return ""


def _completed(first: str, last: str) -> str:
    """Return the first half of a range with the month and year that stand in the second only."""
    if re.fullmatch(r"\d{1,2}(?:st|nd|rd|th|er)?", first):  # 2-5 March 2021, 2021-03-02/05
        if match := re.fullmatch(rf"\d{{1,2}}(?:st|nd|rd|th)? ?(?:of )?({MONTH}.*)", last):
            return f"{first} {match[1]}"
    elif not re.search(r"\d{4}", first) and (year := re.search(r"\b\d{4}$", last)):
        return f"{first} {year[0]}" if re.search(MONTH, first) else first
    return first


def _whole_year(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return int(year) + (2000 if int(year) < _CENTURY else 1900)


def _calendar_parts(words: str) -> tuple[int, int, int] | None:
    """Return year, month and day as written, 0 where not told."""
    if match := _ISO.fullmatch(words):
        return int(match[1]), int(match[3] or 0), int(match[4] or 0)
    if match := _COMPACT.fullmatch(words):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _MONTH_AND_YEAR.fullmatch(words):
        return int(match[2]), int(match[1]) or 13, 0  # month 0 is none, not a blank
    if match := _DAY_MONTH_YEAR.fullmatch(words):
        day, name, year = match[1], match[2], next(filter(None, match.groups()[2:]))
    elif match := _MONTH_DAY_YEAR.fullmatch(words):
        name, day, year = match[1], match[2], match[3]
    else:
        return None
    return _whole_year(year), NUMBERS[name], int(day or 0)


def _part_of_year(words: str) -> Days | None:
    """Return the days of 2021-W11 and of Q1 2021, None where it is neither."""
    try:
        if match := _WEEK.fullmatch(words):
            monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
            return Days(monday, monday + timedelta(days=6), "stated")
        if match := _QUARTER.fullmatch(words):
            year, quarter = int(match[2] or match[3]), int(match[1] or match[4])
            last = 3 * quarter
            end = date(year, last, monthrange(year, last)[1])
            return Days(date(year, last - 2, 1), end, "stated")
    except (ValueError, OverflowError):
        return Days(why=f"{words!r} is not in the calendar")
    return None


# ---------------------------------------------------------------- counted back


def _relative(words: str) -> tuple[str, Callable[[date], tuple[date, date]]] | None:
    """Return the basis, and the days as a function of the day of publication."""
    if words in _COUNTED_BACK:
        return "inferred", _COUNTED_BACK[words]
    if match := _DAYS_AGO.fullmatch(words):
        ago = timedelta(days=int(match[1]))
        return "inferred", lambda day: (day - ago, day - ago)
    if match := _DAY_AND_MONTH.fullmatch(words):
        number, month = int(match[1] or match[4]), NUMBERS[match[2] or match[3]]
        return "inferred", lambda day: _last_anniversary(day, month, number)
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
        if 0 < number <= monthrange(year, month)[1] and date(year, month, number) <= day:
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


# ---------------------------------------------------------------- columns


class DayOrder(NamedTuple):
    """In which order the dates of a column have day and month."""

    #: None where no date of the column tells, or they tell both.
    day_first: bool | None
    #: A cell for each order that can be read in no other way.
    shown_by: tuple[str, ...]
    #: How many distinct cells depend on the order.
    doubtful: int


def day_order(cells: Iterable[str]) -> DayOrder:
    """Return the order of day and month in a column, by the cells that leave no choice.

    Parameters
    ----------
    cells : iterable of str
        The distinct cells of the column.

    Examples
    --------
    >>> day_order(["03/04/2021", "15/04/2021"]).day_first
    True
    """
    shown: dict[bool, str] = {}
    doubtful = 0
    for cell in cells:
        for match in _NUMERIC_WITHIN.finditer(_plain(cell)):
            first, second = int(match[1]), int(match[3])
            if match[2] == "." or first == second:
                continue
            if first <= 12 and second <= 12:
                doubtful += 1
            elif first <= 31 and second <= 31 and min(first, second) <= 12:
                shown.setdefault(first > 12, cell)
    one = next(iter(shown)) if len(shown) == 1 else None
    return DayOrder(one, tuple(shown.values()), doubtful)


def has_short_year(cell: str) -> bool:
    """Return whether a date has a year of two digits."""
    words = _plain(cell)
    match = _NUMERIC.fullmatch(words)
    if match:
        return len(match[4]) == 2
    named = _DAY_MONTH_YEAR.fullmatch(words)
    return bool(named and not named[3])


def parse_days(
    dates: pd.Series,
    published: pd.Series,
    *,
    day_first: bool | None = None,
    orders: tuple[bool | None, bool | None] | None = None,
) -> pd.DataFrame:
    """Return the days that a column of dates tells, each distinct cell read once.

    Parameters
    ----------
    dates, published : pandas.Series of str
        As in the columns of reports; equal index.
    day_first : bool, optional
        Whether 03/04/2021 is in April, in either column; each tells by itself
        otherwise (`day_order`).
    orders : (bool or None, bool or None), optional
        What the columns tell that these cells are of, of dates and of days of publication.

    Returns
    -------
    pandas.DataFrame
        ``date_start``, ``date_end`` (datetime64[s], NaT where open or not
        told), ``date_basis``, and ``why``, ``""`` where nothing is wrong.
    """
    codes, unique = _pairs(dates, published)
    printed = {words for _, words in unique}
    if orders is None:
        orders = (day_first, day_first)
        if day_first is None:
            told_of = {text for text, _ in unique}
            orders = (day_order(told_of).day_first, day_order(printed).day_first)
    day_first, of_printed = orders
    known_published = {words: read_days(words, day_first=of_printed) for words in printed}

    def day_of_publication(words: str) -> date | None:
        days = known_published[words]
        return days.start if days.start == days.end else None

    told = [
        read_days(text, day_of_publication(words), day_first=day_first) for text, words in unique
    ]
    columns = {
        "date_start": _as_days([days.start for days in told]),
        "date_end": _as_days([days.end for days in told]),
        "date_basis": np.array([days.basis for days in told], dtype=object),
        "why": np.array([days.why for days in told], dtype=object),
    }
    return pd.DataFrame(
        {name: values[codes] for name, values in columns.items()}, index=dates.index
    )


def without_times(dates: pd.Series) -> pd.Series:
    """Return a column of dates without times of the day."""
    return dates.str.replace(r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*$", r"\1", regex=True)


def _pairs(dates: pd.Series, published: pd.Series) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Return the distinct pairs of the cells of two columns, and which of them each row has."""
    date_codes, date_words = pd.factorize(dates)
    print_codes, print_words = pd.factorize(published)
    first, both = pd.factorize(date_codes * np.int64(max(1, len(print_words))) + print_codes)
    of_date, of_print = np.divmod(both, max(1, len(print_words)))
    told, printed = list(map(str, date_words)), list(map(str, print_words))
    pairs = [
        (told[a], printed[b]) for a, b in zip(of_date.tolist(), of_print.tolist(), strict=True)
    ]
    return first, pairs


def _as_days(days: list[date | None]) -> np.ndarray:
    # Seconds, not nanoseconds: those end in 1677.
    return np.array([day.isoformat() if day else "NaT" for day in days], dtype="datetime64[s]")
