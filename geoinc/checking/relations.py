"""Words that measure from a place, "10 km north of X", against coordinates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

from geoinc import geodesy
from geoinc.checking.coordinates import COLUMNS, in_words, rounding_m
from geoinc.checking.faults import Fault
from geoinc.localities import Clause, azimuth_deg, parse_locality, stated_distance
from geoinc.localities.clauses import HEADINGS, MORE_THAN, UNITS_M

if TYPE_CHECKING:
    from geoinc.places import Place

#: What measures from one place.
MEASURED = frozenset({"offset", "distance", "within", "heading"})

#: Coordinates that were computed from words follow them this closely (experts' rows: within 0.0007
#: and 0.14 degrees, which is the difference between flat and geodesic).  Where they follow other
#: words so closely, and not their own, they were computed from those.
_EXACT_RATIO = 0.002
_EXACT_DEG = 0.2
#: Coordinates rounded by more than this share of the distance were not computed, or it cannot be told.
_ROUGHEST = 0.02

#: People state distance and heading loosely: of 334 positions of maritime messages none but
#: outliers is farther off than this.
_WIDEST_DEG = 67.5
_WIDEST_RATIO = 2.0

#: Units that are taken for each other.
_MISTAKEN = (("km", "miles", "nautical miles"), ("m", "feet", "yards"))


def contradictions(
    words: str, anchor: Place, longitude: float, latitude: float
) -> tuple[Fault, ...]:
    """Return how coordinates contradict words that measure from a place.

    Two things are contradictions: a distance or direction that is off by more
    than people ever state it, the size of the place allowed for; and coordinates
    that follow, almost to the metre, not from the words but from the same words
    with another unit or another direction.

    Parameters
    ----------
    words : str
        Such as ``"10 nautical miles north of X"``; words that measure from no
        place contradict nothing.
    anchor : Place
        The place they measure from.
    longitude, latitude : float
        Where it was, in degrees.

    Returns
    -------
    tuple of Fault
        Of kind ``distance``, ``direction`` or ``unit``; at most one for each
        clause of the words.

    Examples
    --------
    >>> import geoinc as gi
    >>> balad = gi.resolve("Balad air base", gi.load_gazetteer())
    >>> [fault] = contradictions("10 km north of the base", balad, balad.longitude, 33.0)
    >>> fault.kind, fault.stated
    ('distance', "'10 km north of the base': at most 30 km from Balad Air Base")
    >>> contradictions("10 km north of the base", balad, balad.longitude, 34.03)
    ()
    """
    distance, azimuth = geodesy.inverse(anchor.longitude, anchor.latitude, longitude, latitude)
    seen = _Seen(anchor, float(distance), float(azimuth), rounding_m(longitude, latitude))
    found = []
    for clause in parse_locality(words).clauses:
        if clause.relation in MEASURED and len(clause.names) == 1:
            exact = _follows_from(clause, seen)
            wrong = exact if exact is not None else _too_far(clause, seen)
            if wrong:
                kind, stated, against = wrong
                stated, against = f"{str(clause)!r}: {stated}", f"{seen}{against}"
                found.append(Fault(kind, COLUMNS, in_words(longitude, latitude), stated, against))
    return tuple(found)


class _Seen(NamedTuple):
    """Where coordinates lie as seen from the place that words measure from."""

    anchor: Place
    distance_m: float
    azimuth_deg: float
    rounding_m: float

    def __str__(self) -> str:
        point = min(HEADINGS, key=lambda point: _apart(self.azimuth_deg, HEADINGS[point]))
        return f"the coordinates are {_km(self.distance_m)} {point} of {self.anchor.name}"


#: The kind of a fault, what is stated, and what is added to where the coordinates are.
_Wrong = tuple[Literal["unit", "direction", "distance"], str, str]


def _follows_from(clause: Clause, seen: _Seen) -> _Wrong | tuple[()] | None:
    """Return the mistake from which coordinates follow, empty where they follow from their words.

    None where they follow from nothing closely enough to tell.
    """
    number, unit = _number(clause)
    rounded = seen.rounding_m / max(seen.distance_m, 1.0)
    if not number or not clause.heading or rounded > _ROUGHEST:
        return None
    stated_m, stated_deg = number * UNITS_M[unit], azimuth_deg(clause.heading)

    def follow(towards_deg: float, distance_m: float) -> bool:
        return abs(seen.distance_m / distance_m - 1) <= _EXACT_RATIO + rounded and _apart(
            seen.azimuth_deg, towards_deg
        ) <= _EXACT_DEG + math.degrees(rounded)

    if follow(stated_deg, stated_m):
        return ()
    for other in next((units for units in _MISTAKEN if unit in units), ()):
        if follow(stated_deg, number * UNITS_M[other]):
            return "unit", _km(stated_m), f": {number:g} {other}, to the metre"
    for point, towards_deg in HEADINGS.items():
        if follow(towards_deg, stated_m):
            return "direction", f"towards {stated_deg:g}°", f": just as far, but {point}"
    return None


def _too_far(clause: Clause, seen: _Seen) -> _Wrong | None:
    """Return what is off by more than people ever state it, None where nothing is."""
    size_m, name = seen.anchor.uncertainty_m, seen.anchor.name
    if clause.distance:
        low_m, high_m = stated_distance(clause.distance)
        low_m = 0.0 if clause.relation == "within" else low_m / _WIDEST_RATIO
        high_m *= _WIDEST_RATIO
        if seen.distance_m > high_m + size_m:
            return "distance", f"at most {_km(high_m)} from {name}", ""
        if seen.distance_m < low_m - size_m:
            return "distance", f"at least {_km(low_m)} from {name}", ""
    if clause.heading and seen.distance_m > size_m:
        heading = azimuth_deg(clause.heading)
        wide_deg = math.degrees(math.asin(size_m / seen.distance_m))
        if _apart(seen.azimuth_deg, heading) - wide_deg > _WIDEST_DEG:
            return "direction", f"towards {heading:g}°", ""
    return None


def _number(clause: Clause) -> tuple[float, str]:
    """Return the one number that a distance states and its unit; 0 of "2-5 km" and of none."""
    number, _, unit = clause.distance.partition(" ")
    if not number or "-" in number or clause.distance.startswith(MORE_THAN):
        return 0.0, unit
    return float(number), unit


def _apart(one_deg: float, other_deg: float) -> float:
    return abs((one_deg - other_deg + 180) % 360 - 180)


def _km(metres: float) -> str:
    return f"{metres / 1000:.3g} km" if metres < 1e6 else f"{metres / 1000:,.0f} km"
