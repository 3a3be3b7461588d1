"""How far distances and headings stray from what is stated: measured, and by the textbook.

The measured figures are those of positions that maritime messages of 1990 to 2022 state both as
"15 NM north of X" and as coordinates: 89 messages whose anchor is a city in a country they name
(33 with one of the four winds, 56 with a point between).  The proportions are those of the root
mean square errors that are left when the truth is seen from the nearest point of the anchor, the
size is set so that 95 % are held.  Of anchors that were left out of the fit it holds 95.5 % (95 %
interval 89.0 to 98.2); the textbook's sector holds 60.7 %, its circle 82.0 %
(`benchmarks/headings.py`).

Sailors at distances of 5 to 1,600 km wrote these.  Nobody has measured reporters on land.
"""

from __future__ import annotations

from typing import Literal

from geoinc.georeferencing.point_radius import half_precision, textbook_half_angle_deg
from geoinc.localities import MORE_THAN, azimuth_deg, stated_distance
from geoinc.localities.clauses import UNITS_M

Headings = Literal["calibrated", "compass"]

#: What a distance with a heading holds.  Of the textbook it is the share measured.
OFFSET_COVERAGE = {"calibrated": 0.95, "compass": 0.61}
#: How far to either side a heading with a distance opens, degrees.  Writers say "east" of what is
#: nearly east, and "southeast" of the whole quadrant.
FOUR_WINDS_HALF_ANGLE_DEG = 22.0
BETWEEN_WINDS_HALF_ANGLE_DEG = 52.0
#: True distance over stated distance.
DISTANCE_RATIO = (0.83, 1.37)

#: Not measured, judged.  Who gives degrees has read them off something; the guides have 1.
DEGREES_HALF_ANGLE_DEG = 11.25
#: A direction without a distance is used more loosely than one with it: 67.5 degrees hold all
#: that is nearer to it than to the two winds beside it, and half a wind more.
ALONE_HALF_ANGLE_DEG = 67.5
#: "More than 20 km" ends somewhere: at this many times the distance.
MORE_THAN_ENDS = 2.0

_FOUR_WINDS = frozenset({"north", "east", "south", "west"})


def half_angle_deg(heading: str, headings: Headings, *, alone: bool = False) -> float:
    """Return how far to either side a heading opens.

    Parameters
    ----------
    heading : str
        As in `geoinc.localities.Clause`: a compass point, or degrees.
    headings : {"calibrated", "compass"}
        As measured, or the textbook's: half of the way to the next point (Chapman & Wieczorek
        2020).
    alone : bool
        Whether no distance is told with it.

    Returns
    -------
    float
        Degrees.

    Examples
    --------
    >>> half_angle_deg("northeast", "calibrated"), half_angle_deg("northeast", "compass")
    (52.0, 22.5)
    """
    degrees = heading.endswith("°")
    if headings == "compass":
        return 1.0 if degrees else textbook_half_angle_deg(azimuth_deg(heading))
    if degrees:
        return DEGREES_HALF_ANGLE_DEG
    if alone:
        return ALONE_HALF_ANGLE_DEG
    return FOUR_WINDS_HALF_ANGLE_DEG if heading in _FOUR_WINDS else BETWEEN_WINDS_HALF_ANGLE_DEG


def true_distance(distance: str, headings: Headings) -> tuple[float, float]:
    """Return between which bounds a stated distance is true.

    Parameters
    ----------
    distance : str
        As in `geoinc.localities.Clause`: ``"20 km"``, ``"2-5 miles"``, ``"more than 20 km"``.
    headings : {"calibrated", "compass"}
        As measured, and at least as wide as the number is precise (Chapman & Wieczorek 2020); or
        as wide as it is precise by the textbook (Wieczorek, Guo & Hijmans 2004).

    Returns
    -------
    low_m, high_m : float
        Metres.

    Examples
    --------
    >>> true_distance("100 km", "calibrated"), true_distance("100 km", "compass")
    ((83000.0, 137000.0), (50000.0, 150000.0))
    """
    low_m, high_m = stated_distance(distance)
    if distance.startswith(MORE_THAN):
        return low_m, low_m * MORE_THAN_ENDS
    if headings == "compass":
        return low_m, high_m
    least, greatest, unit_m = numbers_of(distance)
    low, high = float(least), float(greatest)
    return (
        min(low * DISTANCE_RATIO[0], max(0.0, low - half_precision(least, "bp2020"))) * unit_m,
        max(high * DISTANCE_RATIO[1], high + half_precision(greatest, "bp2020")) * unit_m,
    )


def numbers_of(distance: str) -> tuple[str, str, float]:
    """Return the least and the greatest number of a distance as written, and metres in its unit.

    Parameters
    ----------
    distance : str
        As for `true_distance`.

    Returns
    -------
    least, greatest : str
        The same one, where there is one.
    unit_m : float
        Metres.

    Examples
    --------
    >>> numbers_of("2-5 miles")
    ('2', '5', 1609.344)
    """
    number, _, unit = distance.removeprefix(MORE_THAN).partition(" ")
    least, _, greatest = number.partition("-")
    return least, greatest or least, UNITS_M[unit]
