"""What is said about where a place is: clauses, and the locality they make together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Relation = Literal[
    "is",  # the place is the named one
    "in",
    "part",  # the side of a place: "western Iraq"
    "near",
    "around",  # near or in: "the outskirts of Baghdad"
    "heading",  # beyond a place in a direction: "east of the base"
    "offset",  # the same at a distance
    "distance",  # at a distance in any direction
    "within",  # up to a distance
    "between",
    "border",
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

#: Metres in the units of distance that accounts use.
UNITS_M = {
    "km": 1000.0,
    "m": 1.0,
    "miles": 1609.344,
    "nautical miles": 1852.0,
    "feet": 0.3048,
    "yards": 0.9144,
}

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
        What it relates to, as the account words it: one name, or two for
        "between" and "border".
    heading : str
        A key of `HEADINGS`, or ``"centre"`` of a part; else empty.
    distance : str
        Number and unit, ``"20 km"`` or ``"2-5 miles"``; else empty.

    Examples
    --------
    >>> str(Clause("offset", ("Balad",), heading="northeast", distance="20 km"))
    '20 km northeast of Balad'
    """

    relation: Relation
    names: tuple[str, ...]
    heading: str = ""
    distance: str = ""

    def __str__(self) -> str:
        """Return the clause in words that read back to it."""
        name = self.names[0]
        if name == NEARBY:
            return name
        words = {
            "is": name,
            "in": f"in {name}",
            "part": f"the {self.heading} of {name}",
            "near": f"near {name}",
            "around": f"around {name}",
            "heading": f"{self.heading} of {name}",
            "offset": f"{self.distance} {self.heading} of {name}",
            "distance": f"{self.distance} from {name}",
            "within": f"within {self.distance} of {name}",
            "between": f"between {' and '.join(self.names)}",
            "border": f"border with {name}"
            if len(self.names) == 1
            else f"border between {' and '.join(self.names)}",
            "hint": f"({name})",
        }
        return words[self.relation]


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
        As in `Clause`: ``"20 km"``, ``"2-5 miles"``.

    Returns
    -------
    low_m, high_m : float
        Metres.

    Examples
    --------
    >>> stated_distance("10 km"), stated_distance("15 km"), stated_distance("2-5 km")
    ((5000.0, 15000.0), (14500.0, 15500.0), (1500.0, 5500.0))
    """
    numbers, _, unit = distance.partition(" ")
    low, _, high = numbers.partition("-")
    high = high or low
    unit_m = UNITS_M[unit]
    return (
        max(0.0, float(low) - _half_precision(low)) * unit_m,
        (float(high) + _half_precision(high)) * unit_m,
    )


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
