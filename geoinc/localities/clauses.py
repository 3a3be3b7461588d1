"""What is said about where a place is: clauses, and the locality they make together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

Relation = Literal[
    "is",  # the place is the named one
    "in",
    "part",  # the side of a place: "western Iraq"
    "near",
    "around",  # near or in: "the outskirts of Baghdad"
    "outside",  # near and not in: "just outside Erbil"
    "outskirts",  # the edge of a place, seen from both sides: "the northern outskirts of Mosul"
    "heading",  # beyond a place in a direction: "east of the base"
    "offset",  # the same at a distance
    "orthogonal",  # two distances at a right angle: "2 km east and 3 km north of X"
    "distance",  # at a distance in any direction
    "within",  # up to a distance
    "between",
    "halfway",  # the middle between two: "halfway between X and Y"
    "along",  # on a line that has a name: "along the Euphrates"
    "road",  # on the way from one place to another: "on the road from X to Y"
    "junction",  # where two lines meet: "the junction of Route 1 and Route 8"
    "border",
    "coordinates",  # a position in figures
    "hint",  # context in brackets: chooses among homonyms, asserts nothing
]

#: Azimuth of each compass point, in degrees clockwise from north.
HEADINGS = {
    point: number * 22.5
    for number, point in enumerate(
        [
            "north", "north-northeast", "northeast", "east-northeast",
            "east", "east-southeast", "southeast", "south-southeast",
            "south", "south-southwest", "southwest", "west-southwest",
            "west", "west-northwest", "northwest", "north-northwest",
        ]
    )
}  # fmt: skip

#: Azimuth of the points between those sixteen, in degrees clockwise from north.
BY_POINTS = {
    f"{point} by {wind}": HEADINGS[point] + turn * 11.25
    for point, wind, turn in [
        ("north", "east", 1), ("northeast", "north", -1), ("northeast", "east", 1),
        ("east", "north", -1), ("east", "south", 1), ("southeast", "east", -1),
        ("southeast", "south", 1), ("south", "east", -1), ("south", "west", 1),
        ("southwest", "south", -1), ("southwest", "west", 1), ("west", "south", -1),
        ("west", "north", 1), ("northwest", "west", -1), ("northwest", "north", 1),
        ("north", "west", -1),
    ]
}  # fmt: skip
BY_POINTS["north by west"] += 360.0

#: Metres in the units of distance that accounts use.
UNITS_M = {
    "km": 1000.0,
    "m": 1.0,
    "miles": 1609.344,
    "nautical miles": 1852.0,
    "feet": 0.3048,
    "yards": 0.9144,
}

#: What begins a distance that has no upper bound.
MORE_THAN = "more than "

#: Longer than this is a story, not a place.
LONGEST = 400


@dataclass(frozen=True)
class Clause:
    """One thing said about where a place is.

    Parameters
    ----------
    relation : str
        How the place relates to the names.
    names : tuple of str
        What it relates to, as the account words it: one name; two for "between",
        "halfway", "road", "junction" and mostly "border"; none for "coordinates".
    heading : str
        A key of `HEADINGS` or `BY_POINTS`, or degrees, ``"45°"``; `azimuth_deg` gives the
        figure.  Of a part also ``"centre"``; of "outskirts" the side; else empty.
    distance : str
        Number and unit, ``"20 km"``, ``"2-5 miles"`` or ``"more than 20 km"``;
        `stated_distance` gives the bounds.  Else empty.
    other_heading, other_distance : str
        Of "orthogonal", the second leg.
    longitude, latitude : float
        of "coordinates", degrees; else None.
    uncertainty_m : float
        Of "coordinates", the radius in metres: as told, else from how precisely the
        figures are written; else None.

    Examples
    --------
    >>> str(Clause("offset", ("Balad",), heading="northeast", distance="20 km"))
    '20 km northeast of Balad'
    """

    relation: Relation
    names: tuple[str, ...]
    heading: str = ""
    distance: str = ""
    other_heading: str = field(default="", repr=False)
    other_distance: str = field(default="", repr=False)
    longitude: float | None = field(default=None, repr=False)
    latitude: float | None = field(default=None, repr=False)
    uncertainty_m: float | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """Return the clause in words that read back to it."""
        if self.relation == "coordinates":
            return _position(self.longitude, self.latitude, self.uncertainty_m)
        name = self.names[0]
        if name == NEARBY:
            return name
        both = " and ".join(self.names)
        degrees = self.heading.endswith("°")
        towards = f"at {self.heading} from" if degrees else f"{self.heading} of"
        words = {
            "is": name,
            "in": f"in {name}",
            "part": f"the {self.heading} of {name}",
            "near": f"near {name}",
            "around": f"around {name}",
            "outside": f"outside {name}",
            "outskirts": f"the {self.heading} outskirts of {name}",
            "heading": f"{towards} {name}",
            "offset": f"{self.distance} {towards} {name}",
            "orthogonal": f"{self.distance} {self.heading} and {self.other_distance} "
            f"{self.other_heading} of {name}",
            "distance": f"{self.distance} from {name}",
            "within": f"within {self.distance} of {name}",
            "between": f"between {both}",
            "halfway": f"halfway between {both}",
            "along": f"along {name}",
            "road": f"on the road from {' to '.join(self.names)}",
            "junction": f"junction of {both}",
            "border": f"border with {name}" if len(self.names) == 1 else f"border between {both}",
            "hint": f"({name})",
        }
        return words[self.relation]


def _position(longitude: float | None, latitude: float | None, uncertainty_m: float | None) -> str:
    """Return coordinates as the grammar writes them: the latitude first, as reports do."""
    if longitude is None or latitude is None or uncertainty_m is None:
        message = "a clause of coordinates needs longitude, latitude and uncertainty_m"
        raise ValueError(message)
    north, east = "NS"[latitude < 0], "EW"[longitude < 0]
    return (
        f"{_figure(abs(latitude), 7)}°{north} {_figure(abs(longitude), 7)}°{east} "
        f"± {_figure(uncertainty_m, 1)} m"
    )


def _figure(number: float, decimals: int) -> str:
    return f"{number:.{decimals}f}".rstrip("0").rstrip(".")


def azimuth_deg(heading: str) -> float:
    """Return the azimuth of a heading.

    Parameters
    ----------
    heading : str
        As in `Clause`: a compass point or degrees.

    Returns
    -------
    float
        Degrees clockwise from north, 0 to 360.

    Raises
    ------
    KeyError
        For what is no heading, such as ``"centre"``.

    Examples
    --------
    >>> azimuth_deg("northeast"), azimuth_deg("south by west"), azimuth_deg("275.5°")
    (45.0, 191.25, 275.5)
    """
    if heading.endswith("°"):
        return float(heading.removesuffix("°")) % 360.0
    return HEADINGS[heading] if heading in HEADINGS else BY_POINTS[heading]


@dataclass(frozen=True)
class Locality:
    """The words for a place, read.

    Parameters
    ----------
    text : str
        The words as the account has them; not compared.
    clauses : tuple of Clause
        What is said about the place; empty where nothing tells where it is.
    notes : tuple of str
        Words that say nothing of where: "a village", "a convoy".
    """

    text: str = field(compare=False)
    clauses: tuple[Clause, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return words that read back to an equal locality."""
        hints = [str(clause) for clause in self.clauses if clause.relation == "hint"]
        said = [str(clause) for clause in self.clauses if clause.relation != "hint"]
        notes = [f"[{note}]" for note in self.notes]
        return " ".join(part for part in [", ".join(said), *hints, *notes] if part)


#: What a phrase in a table may call the row's target.
POINTED_AT = (
    "base", "air base", "airbase", "military base", "camp", "outpost", "garrison", "airport",
    "airfield", "embassy", "consulate", "compound", "complex", "facility", "site", "field",
    "oil field", "gas field", "oilfield", "plant", "refinery", "port", "dam", "prison", "hotel",
    "building", "headquarters", "installation", "checkpoint", "crossing", "border crossing",
    "city", "town", "village", "same place", "same base",
)  # fmt: skip
NEARBY = "nearby"
ANAPHORA = (NEARBY, *(f"the {noun}" for noun in POINTED_AT))


def stated_distance(distance: str) -> tuple[float, float]:
    """Return the least and greatest distance that a number may stand for.

    A number is taken to be as precise as it is written: half of its last
    significant place to either side, so that 10 is 5 to 15 and 15 is 14.5 to
    15.5 (Wieczorek, Guo & Hijmans 2004).

    Parameters
    ----------
    distance : str
        As in `Clause`: ``"20 km"``, ``"2-5 miles"``, ``"more than 20 km"``.

    Returns
    -------
    low_m, high_m : float
        Metres; `high_m` is infinite for "more than".

    Examples
    --------
    >>> stated_distance("10 km"), stated_distance("15 km"), stated_distance("2-5 km")
    ((5000.0, 15000.0), (14500.0, 15500.0), (1500.0, 5500.0))
    """
    number, _, unit = distance.removeprefix(MORE_THAN).partition(" ")
    low, _, high = number.partition("-")
    high = high or low
    unit_m = UNITS_M[unit]
    low_m = max(0.0, float(low) - _half_precision(low)) * unit_m
    if distance.startswith(MORE_THAN):
        return low_m, math.inf
    return low_m, (float(high) + _half_precision(high)) * unit_m


def _half_precision(number: str) -> float:
    whole, _, decimals = number.partition(".")
    if decimals.strip("0"):
        # Halves and quarters are fractions, not tenths and hundredths.
        fractions = {"5": 0.25, "25": 0.125, "75": 0.125}
        return fractions.get(decimals, 0.5 * 10.0 ** -len(decimals))
    if decimals:
        return 0.5 * 10.0 ** -len(decimals)
    zeros = len(whole) - len(whole.rstrip("0")) if whole.strip("0") else 0
    return 0.5 * 10.0**zeros
