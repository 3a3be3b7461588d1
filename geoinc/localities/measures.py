"""Distances and directions in words: "some 5 to 10 km", "half a mile", "bearing 045 degrees"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from geoinc.localities.clauses import BY_POINTS, MORE_THAN, UNITS_M
from geoinc.localities.words import (
    APPROXIMATELY,
    AT_LEAST,
    AT_MOST,
    NUMBER,
    NUMBERS,
    POINTS,
    UNITS,
)

#: No two places on earth are farther apart: half of the equator, in metres.
_FARTHEST_M = 20_037_508.0


@dataclass(frozen=True)
class Measure:
    """A distance as `Clause` writes it, and how many words tell it."""

    distance: str
    words: int

    @property
    def at_most(self) -> str:
        """Return the greatest distance alone: "10 km" of "0-10 km"."""
        numbers, _, unit = self.distance.partition(" ")
        return f"{numbers.rpartition('-')[2]} {unit}"


def read_distance(words: list[str], start: int) -> Measure | None:
    """Return the distance that begins at a word.

    Parameters
    ----------
    words : list of str
        The words of a segment.
    start : int
        Where to look.

    Returns
    -------
    Measure or None
        None where no distance begins here; its `distance` is empty where one does that
        cannot be: below zero, or more than half around the earth.

    Examples
    --------
    >>> read_distance("some 5 to 10 km north of Balad".split(), 0)
    Measure(distance='5-10 km', words=5)
    >>> read_distance("less than half a mile from Balad".split(), 0)
    Measure(distance='0-0.5 miles', words=5)
    """
    if not _may_begin(words, start):
        return None
    # No phrase for a distance is longer.
    here = [word.lower() for word in words[start : start + 14]]
    at = _approximately(here, 0)
    bound = ""
    for phrases, meaning in ((AT_MOST, "most"), (AT_LEAST, "least")):
        length = next((len(p) for p in phrases if tuple(here[at : at + len(p)]) == p), 0)
        if length:
            bound, at = meaning, _approximately(here, at + length)
            break
    between = here[at : at + 1] == ["between"]
    low, taken = _number(here, at + between)
    if not taken:
        return None
    at += between + taken
    high = ""
    if here[at : at + 1] in (["and"] if between else ["to"], ["to"], ["or"]):
        high, taken = _number(here, at + 1)
        at += (1 + taken) if taken else 0
    if between and not high:
        return None
    # "Half a mile", "a quarter of a mile".
    while here[at : at + 1] in (["a"], ["an"], ["of"]) and _is_fraction(low):
        at += 1
    if here[at : at + 1] == [] or here[at] not in UNITS:
        return None
    unit = UNITS[here[at]]
    return Measure(_in_bounds(low, high, unit, bound), at + 1)


def _may_begin(words: list[str], start: int) -> bool:
    """Return whether a distance may begin at a word, which few words leave open."""
    word = words[start].lower() if start < len(words) else ""
    return word[:1].isdigit() or word[:1] == "-" or word.partition("-")[0] in _FIRST


def _in_bounds(low: str, high: str, unit: str, bound: str) -> str:
    """Return a distance as `Clause` writes it, "" where there is none of that length."""
    if low.startswith("-") or high.startswith("-"):
        return ""
    first, _, last = low.partition("-")
    last = high or last
    # "5 to a few" has no numbers to either side.
    if "-" in last or (last and float(last) <= float(first)):
        return ""
    if float(last or first) * UNITS_M[unit] > _FARTHEST_M:
        return ""
    if bound == "least":
        return f"{MORE_THAN}{first} {unit}"
    if bound == "most":
        return f"0-{last or first} {unit}" if float(last or first) else ""
    return f"{first}-{last} {unit}" if last else f"{first} {unit}"


def _approximately(here: list[str], at: int) -> int:
    while at < len(here) and here[at] in APPROXIMATELY:
        at += 1
    return at


def _is_fraction(number: str) -> bool:
    return "-" not in number and 0 < float(number) < 1


def _number(here: list[str], at: int) -> tuple[str, int]:
    """Return the number that begins at a word in digits, and how many words it takes."""
    word = here[at] if at < len(here) else ""
    if re.fullmatch(r"-\d+(?:\.\d+)?", word):
        return word, 1
    if NUMBER.fullmatch(word):
        if "-" not in word and at + 1 < len(here) and _vulgar(here[at + 1]):
            return _plain(float(word) + _vulgar(here[at + 1])), 2
        return word, 1
    if _vulgar(word):
        return _plain(_vulgar(word)), 1
    return _in_words(here, at)


def _vulgar(word: str) -> float:
    """Return the value of "3/4", 0 where a word is no such fraction."""
    return float(Fraction(word)) if re.fullmatch(r"[1-7]/[248]", word) else 0.0


def _in_words(here: list[str], at: int) -> tuple[str, int]:
    """Return a number that is written out: "twenty-five", "a few hundred", "one and a half"."""
    start = at
    if here[at : at + 2] == ["three", "quarters"]:
        return "0.75", 2
    if here[at : at + 1] == ["a"] and here[at + 1 : at + 2] and here[at + 1] in _AFTER_A:
        at += 1
    value = _digits(here, at)
    if "-" in value or "." in value:
        times = _TIMES.get(here[at + 1], 1) if at + 1 < len(here) else 1
        if "-" in value and times > 1:
            return "-".join(str(int(end) * times) for end in value.split("-")), at + 2 - start
        return value, at + 1 - start
    total, at = _whole(here, at)
    if total and here[at : at + 3] == ["and", "a", "half"]:
        return f"{total}.5", at + 3 - start
    if here[at : at + 1] == ["of"] and here[at - 1] == "couple":
        at += 1
    return (str(total), at - start) if total else ("", 0)


def _whole(here: list[str], at: int) -> tuple[int, int]:
    """Return a whole number that is written out, 0 for none, and where it ends."""
    thousands = below = 0
    while (value := _digits(here, at)).isdigit() or (at < len(here) and here[at] in _TIMES):
        times = _TIMES.get(here[at], 0)
        number = int(value or 0)
        # "Twenty five" and "hundred ten" are numbers, "five ten" is none.
        room = below % 100
        if not times and room and (number > 9 or room < 20 or room % 10):
            break
        if times == 1000:
            thousands, below = max(below, 1) * 1000, 0
        else:
            below = max(below, 1) * times if times else below + number
        at += 1
        if here[at - 1] in {"a", "an"}:
            break
        # "A hundred and ten".
        at += below >= 100 and here[at : at + 1] == ["and"] and _digits(here, at + 1).isdigit()
    return thousands + below, at


_TIMES = {"dozen": 12, "hundred": 100, "thousand": 1000}
_NUMBERS = NUMBERS | {
    "quarter": "0.25", "couple": "2", "eleven": "11", "thirteen": "13", "fourteen": "14",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "sixty": "60",
    "seventy": "70", "eighty": "80", "ninety": "90",
}  # fmt: skip
#: What may follow "a" in a number.
_AFTER_A = frozenset({"few", "half", "quarter", "couple", *_TIMES})


_FIRST = frozenset().union(
    APPROXIMATELY,
    _NUMBERS,
    _TIMES,
    ["between"],
    *({phrase[0] for phrase in phrases} for phrases in (AT_MOST, AT_LEAST)),
)


def _digits(here: list[str], at: int) -> str:
    """Return the digits of one word, "" where it is no number; "twenty-five" is one."""
    word = here[at] if at < len(here) else ""
    tens, _, ones = word.partition("-")
    if len(_NUMBERS.get(ones, "")) == 1 and _NUMBERS.get(tens, "").endswith("0"):
        return str(int(_NUMBERS[tens]) + int(_NUMBERS[ones]))
    return _NUMBERS.get(word, "")


def _plain(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")


# ---------------------------------------------------------------- directions


def read_point(words: list[str], start: int) -> tuple[str, int]:
    """Return the compass point that begins at a word, "" if none, and how many words it takes.

    Examples
    --------
    >>> read_point(["north", "east", "of"], 0), read_point(["S", "by", "W", "of"], 0)
    (('northeast', 2), ('south by west', 3))
    """
    if start >= len(words) or words[start][0] not in "nsewNSEW":
        return "", 0
    for length in (3, 2, 1):
        if len(words) < start + length:
            continue
        joined = "".join(words[start : start + length]).replace("-", "").replace(".", "")
        point = POINTS.get(joined.lower()) or POINTS.get(joined) or _BY.get(joined.lower())
        if point:
            return point, length
    return "", 0


_WINDS = ("north", "south", "east", "west")


def _short(point: str) -> str:
    for wind in _WINDS:
        point = point.replace(wind, wind[0])
    return point


_BY = {name.replace(" ", ""): name for name in BY_POINTS} | {
    _short(name.replace(" ", "")): name for name in BY_POINTS
}

_DEGREES = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)(°[TtMm]?)?")
_TO_BEARING = frozenset({"on", "at", "a", "an", "the", "of", "true"})
_BEARING = frozenset({"bearing", "azimuth", "heading", "course"})


def read_azimuth(words: list[str], start: int) -> tuple[str, int]:
    """Return a direction in degrees, "" if none begins here, and how many words it takes.

    It must be called one, "bearing 045", or have the unit, "45 degrees".

    Examples
    --------
    >>> read_azimuth("on a bearing of 045 degrees from".split(), 0)
    ('45°', 6)
    """
    at = start
    named = False
    for word in map(str.lower, words[start : start + 8]):
        named = named or word in _BEARING
        if word not in _BEARING and word not in _TO_BEARING:
            break
        at += 1
    match = _DEGREES.fullmatch(words[at]) if at < len(words) else None
    if match is None or float(match[1]) > 360:
        return "", 0
    at += 1
    if words[at : at + 1] and words[at].lower() in {"degrees", "degree", "deg", "°"}:
        named = True
        at += 1
    if words[at : at + 1] and words[at].lower() in {"true", "t"}:
        at += 1
    if not named and not match[2]:
        return "", 0
    return f"{_plain(float(match[1]))}°", at - start
