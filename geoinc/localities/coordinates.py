"""Positions in figures, in the notations that reports use, with how precisely they are written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from pyproj import Proj

from geoinc.localities.clauses import UNITS_M, Clause
from geoinc.localities.words import UNITS

#: Semi-major axis in metres and squared eccentricity of WGS84.
_AXIS_M = 6_378_137.0
_ECCENTRICITY_2 = 0.006_694_379_990_141_3

# ---------------------------------------------------------------- the notations

_FIGURE = r"\d{1,7}(?:[.,]\d{1,12})?"
_MINUTES = r"(?:\s?(?:[°º˚:-]|deg\b\.?|degrees\b)\s?|\s)(\d{1,3}(?:[.,]\d{1,10})?)"
_SECONDS = r"(?:\s?(?:['\u2032\u2019:-]|min\b\.?|minutes\b)\s?|\s)(\d{1,2}(?:[.,]\d{1,8})?)"
_SIGN = r"(?:\s?(?:[\"\u2033\u201d°º˚'\u2032\u2019]{1,2}|(?:degrees|deg|minutes|min|seconds|sec)\b\.?))?"
_ANGLE = rf"({_FIGURE})(?:{_MINUTES}(?:{_SECONDS})?)?{_SIGN}"
# "2 E and 3 N of Balad" is no position.
_HEMISPHERE = r"([NSEW]|[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est)(?![\w']|\s(?:of|from)\b)"
_BETWEEN = r"[\s,;:/|\u2013\u2014\ufffd?-]{0,8}(?:and\s)?"
_PLUS_MINUS = re.compile(r"\s*,?\s*(?:±|\+/-|\+-)\s?(\d{1,7}(?:\.\d{1,6})?)\s?(°|[a-zA-Z]+)?(?!\w)")
_AFTER = re.compile(rf"(?<![\w.,:°-]){_ANGLE}\s?{_HEMISPHERE}{_BETWEEN}{_ANGLE}\s?{_HEMISPHERE}")
_BEFORE = re.compile(rf"(?<!\w)([NSEW])\s?{_ANGLE}{_BETWEEN}([NSEW])\s?{_ANGLE}(?![\w°])")
_DECIMAL = r"([+-]?\d{1,3}\.\d{2,12})°?"
_BARE = re.compile(
    rf"(?<![\w.,-]){_DECIMAL}(?:\s?[,;/]\s?|\s){_DECIMAL}(?![\w.]|\s?[a-z]{{1,2}}\b)"
)
_LABELLED = re.compile(
    r"(?<!\w)(?i:(lat|lon)(?:g?itude|g)?)[\s:=.]{1,3}([+-]?\d{1,3}(?:\.\d{1,12})?)°?"
    r"[\s,;/]{1,3}(?i:(lat|lon)(?:g?itude|g)?)[\s:=.]{1,3}([+-]?\d{1,3}(?:\.\d{1,12})?)°?(?![\w.])"
)
_MGRS = re.compile(
    r"(?<!\w)(\d{1,2})\s?([C-HJ-NP-X])\s?([A-HJ-NP-Z])([A-HJ-NP-V])\s?"
    r"(\d{1,5}\s\d{1,5}|\d{2,10})(?!\w)"
)
_UTM = re.compile(
    r"(?<!\w)(\d{1,2})\s?([C-HJ-NP-X]|[Nn]orth|[Ss]outh),?\s{1,2}"
    r"(?:E\s?)?(\d{6}(?:\.\d{1,3})?)\s?(?:m?E)?[\s,]{1,3}(?:N\s?)?(\d{1,8}(?:\.\d{1,3})?)"
    r"\s?(?:m?N)?(?![\w.])"
)
#: What may stand before figures and says no more than that they follow.
_LEAD = re.compile(
    r"(?i:\b(?:(?:at|in|near|around|approximate|the|reported|last|gps|utm|mgrs|map|grid|wgs\s?84|"
    r"zone|position|positions|location|coordinates?|coords?|reference|ref|lat/long?)[\s:.]{1,2}){1,8})$"
)
#: What makes a lead one: "at" and "the" alone belong to the sentence.
_LEADING = re.compile(r"(?i)position|coord|grid|gps|utm|mgrs|wgs|lat/|zone")
_LONGEST_LEAD = 80


@dataclass(frozen=True)
class Position:
    """A position that was found in a text, and where it stands there."""

    clause: Clause
    start: int
    end: int


def positions(text: str) -> list[Position]:
    """Return the positions that a text gives in figures, in its order.

    Decimal degrees, degrees and minutes, degrees, minutes and seconds, with the hemispheres
    before or after; UTM and MGRS; each on WGS84.  Figures that are no position (61 minutes,
    latitude 95) are left to the reader.

    The radius is what is told ("± 50 m"), else what the last figure written leaves open
    (Chapman & Wieczorek 2020, coordinate precision); of a grid cell, half its diagonal.

    Examples
    --------
    >>> [str(found.clause) for found in positions("33°18.9'N 44°21.9'E")]
    ['33.315°N 44.365°E ± 241.4 m']
    >>> [str(found.clause) for found in positions("38S MB 4488")]
    ['33.3342351°N 44.4036278°E ± 707.1 m']
    """
    if not any(char.isdigit() for char in text):
        return []
    found: list[Position] = []
    for pattern, read in _NOTATIONS:
        match = pattern.search(text)
        while match is not None:
            taken = any(match.start() < one.end and one.start < match.end() for one in found)
            fix = None if taken else read(match)
            if fix is not None:
                found.append(_with_uncertainty(text, match, *fix))
            # In "33N, 34N 44E" the first two are no pair, the last two are.
            match = pattern.search(text, match.start() + 1 if fix is None else match.end())
    return sorted(found, key=lambda one: one.start)


def _with_uncertainty(
    text: str, match: re.Match[str], longitude: float, latitude: float, radius_m: float
) -> Position:
    """Return a position with the radius that is told, else the one of its figures."""
    end = match.end()
    told = _PLUS_MINUS.match(text, end)
    if told is not None:
        unit = (told[2] or "m").lower()
        if unit == "°":
            radius_m, end = precision_m(latitude, float(told[1])), told.end()
        elif unit in UNITS:
            radius_m, end = float(told[1]) * UNITS_M[UNITS[unit]], told.end()
    before = text[max(0, match.start() - _LONGEST_LEAD) : match.start()]
    lead = _LEAD.search(before)
    leads = len(lead[0]) if lead and _LEADING.search(lead[0]) else 0
    clause = Clause(
        "coordinates",
        (),
        longitude=round(longitude, 7),
        latitude=round(latitude, 7),
        uncertainty_m=max(0.1, round(radius_m, 1)),
    )
    return Position(clause, match.start() - leads, end)


def precision_m(latitude: float, step_deg: float) -> float:
    """Return how far apart positions are that differ by a step in both figures.

    Parameters
    ----------
    latitude : float
        Degrees.
    step_deg : float
        The least step that the figures can tell, in degrees.

    Returns
    -------
    float
        Metres (Wieczorek, Guo & Hijmans 2004).

    Examples
    --------
    >>> round(precision_m(30.0, 1.0)), round(precision_m(10.27, 0.01), 1)
    (146962, 1556.8)
    """
    sine_2 = math.sin(math.radians(latitude)) ** 2
    across = _AXIS_M / math.sqrt(1 - _ECCENTRICITY_2 * sine_2)
    along = _AXIS_M * (1 - _ECCENTRICITY_2) / (1 - _ECCENTRICITY_2 * sine_2) ** 1.5
    return math.radians(step_deg) * math.hypot(along, across * math.cos(math.radians(latitude)))


# ---------------------------------------------------------------- degrees

Fix = tuple[float, float, float]
"""Longitude, latitude in degrees, and radius in metres."""


@dataclass(frozen=True)
class _Angle:
    """An angle in degrees with the least step that its figures can tell."""

    degrees: float
    step_deg: float
    is_latitude: bool


def _degrees(match: re.Match[str]) -> Fix | None:
    """Read two angles that each stand before their hemisphere."""
    one = _angle(match[1], match[2], match[3], match[4][0].upper())
    return _pair(one, _angle(match[5], match[6], match[7], match[8][0].upper()))


def _degrees_behind(match: re.Match[str]) -> Fix | None:
    """Read two angles that each stand behind their hemisphere."""
    one = _angle(match[2], match[3], match[4], match[1])
    return _pair(one, _angle(match[6], match[7], match[8], match[5]))


def _bare(match: re.Match[str]) -> Fix | None:
    """Read two signed decimals: the latitude stands first."""
    return _pair(_decimal(match[1], "lat"), _decimal(match[2], "lon"))


def _labelled(match: re.Match[str]) -> Fix | None:
    """Read two signed decimals that are called latitude and longitude."""
    return _pair(_decimal(match[2], match[1]), _decimal(match[4], match[3]))


def _pair(one: _Angle | None, other: _Angle | None) -> Fix | None:
    """Return the position of two angles in either order."""
    if one is None or other is None or one.is_latitude == other.is_latitude:
        return None
    latitude, longitude = (one, other) if one.is_latitude else (other, one)
    if abs(latitude.degrees) > 90 or abs(longitude.degrees) > 180:
        return None
    radius_m = precision_m(latitude.degrees, max(one.step_deg, other.step_deg))
    return longitude.degrees, latitude.degrees, radius_m


def _decimal(figure: str, label: str) -> _Angle:
    return _Angle(float(figure), _step(figure), label.lower() == "lat")


def _step(figure: str) -> float:
    """Return the least step that a figure can tell: 0.01 for 33.31."""
    _, _, decimals = figure.partition(".")
    return 10.0 ** -len(decimals)


def _angle(
    degrees: str, minutes: str | None, seconds: str | None, hemisphere: str
) -> _Angle | None:
    """Return the angle of its parts, None where it is none."""
    degrees = degrees.replace(",", ".")
    whole, _, decimals = degrees.partition(".")
    if minutes is None and len(whole) > 3:
        # Run together: 3318.9N is 33 degrees and 18.9 minutes, 331854N has seconds.
        wide = 3 if hemisphere in "EW" and len(whole) % 2 else 2
        if len(whole) - wide not in {2, 4}:
            return None
        parts = [whole[:wide], *(whole[i : i + 2] for i in range(wide, len(whole), 2))]
        if decimals:
            parts[-1] += f".{decimals}"
    else:
        parts = [part.replace(",", ".") for part in (degrees, minutes, seconds) if part]
    if any("." in part for part in parts[:-1]):
        return None
    values = [float(part) for part in parts]
    if any(value >= 60 for value in values[1:]):
        return None
    angle = sum(value / 60**place for place, value in enumerate(values))
    step = _step(parts[-1]) / 60 ** (len(parts) - 1)
    return _Angle(-angle if hemisphere in "SW" else angle, step, hemisphere in "NS")


# ---------------------------------------------------------------- grids

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_SQUARE_M = 100_000
_FALSE_NORTHING_M = 10_000_000
#: Rows of squares bear the same letters again after this.
_CYCLE_M = 2_000_000


def _band(letter: str) -> tuple[float, float]:
    """Return the latitudes of a band of UTM; the last is 12 degrees high."""
    south = -80.0 + 8.0 * _BANDS.index(letter)
    return south, (84.0 if letter == "X" else south + 8.0)


@lru_cache(maxsize=120)
def _zone(number: int, hemisphere: str) -> Proj:
    return Proj(proj="utm", zone=number, south=hemisphere == "S", ellps="WGS84")


def _on_grid(number: int, letter: str, east_m: float, north_m: float) -> tuple[float, float] | None:
    """Return longitude and latitude of grid metres, None where they lie outside the band."""
    longitude, latitude = _zone(number, "S" if letter < "N" else "N")(east_m, north_m, inverse=True)
    low, high = _band(letter)
    # A cell that the edge of its band cuts may have its middle beyond it.
    inside = math.isfinite(latitude) and low - 0.02 <= latitude <= high + 0.02
    return (longitude, latitude) if inside else None


def _mgrs(match: re.Match[str]) -> Fix | None:
    """Read a reference of the Military Grid Reference System: zone, band, square, figures."""
    number, letter = int(match[1]), match[2]
    columns = _COLUMNS[(number - 1) % 3]
    figures = match[5].split() if " " in match[5] else None
    if figures is None:
        half = len(match[5]) // 2
        figures = [match[5][:half], match[5][half:]]
    if not 1 <= number <= 60 or match[3] not in columns or len(figures[0]) != len(figures[1]):
        return None
    cell_m = 10.0 ** (5 - len(figures[0]))
    east_m = (columns.index(match[3]) + 1) * _SQUARE_M + (int(figures[0]) + 0.5) * cell_m
    # Squares of even zones begin five letters later, so that neighbours do not share letters.
    row = (_ROWS.index(match[4]) - (5 if number % 2 == 0 else 0)) % len(_ROWS)
    north_m = row * _SQUARE_M + (int(figures[1]) + 0.5) * cell_m
    for cycle in range(_FALSE_NORTHING_M // _CYCLE_M):
        place = _on_grid(number, letter, east_m, north_m + cycle * _CYCLE_M)
        if place is not None:
            return (*place, cell_m * math.sqrt(0.5))
    return None


def _utm(match: re.Match[str]) -> Fix | None:
    """Read zone, band or hemisphere, easting and northing of Universal Transverse Mercator."""
    number, letter = int(match[1]), match[2]
    east_m, north_m = float(match[3]), float(match[4])
    if not 1 <= number <= 60 or not 100_000 <= east_m < 900_000 or north_m > _FALSE_NORTHING_M:
        return None
    radius_m = math.sqrt(2) * max(_step(match[3]), _step(match[4]))
    as_band = _on_grid(number, letter, east_m, north_m) if len(letter) == 1 else None
    hemisphere = letter[0].upper()
    if hemisphere not in "NS":
        return (*as_band, radius_m) if as_band else None
    if len(letter) == 1 and hemisphere == "S" and as_band:
        # Band S lies in the north, hemisphere S in the south, and both have this northing.
        return None
    longitude, latitude = _zone(number, hemisphere)(east_m, north_m, inverse=True)
    inside = math.isfinite(latitude) and -80 <= latitude <= 84
    return (longitude, latitude, radius_m) if inside else None


_NOTATIONS = (
    (_MGRS, _mgrs),
    (_UTM, _utm),
    (_AFTER, _degrees),
    (_BEFORE, _degrees_behind),
    (_LABELLED, _labelled),
    (_BARE, _bare),
)
