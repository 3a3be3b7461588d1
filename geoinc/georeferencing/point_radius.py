"""The point-radius method of the georeferencing guides: one point, and one radius for all doubts.

Every source of uncertainty is taken at its greatest and they are added, so the radius is a bound
and no standard deviation (Wieczorek, Guo & Hijmans 2004; Chapman & Wieczorek 2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

#: Semi-major axis in metres and flattening.  Clarke 1866 is the ellipsoid of NAD27.
ELLIPSOIDS = {
    "WGS84": (6378137.0, 1 / 298.257223563),
    "Clarke 1866": (6378206.4, 1 / 294.9786982),
}
#: The mile by law, and the one that the georeferencing calculator uses.
INTERNATIONAL_MILE_M = 1609.344
CALCULATOR_MILE_M = 1609.3445

PrecisionRule = Literal["bp2020", "2004"]

_VULGAR = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8)}
#: Decimals that stand for a fraction: halves, quarters.
_FRACTIONS = {"5": 2, "25": 4, "75": 4}


@dataclass(frozen=True, slots=True)
class PointRadius:
    """How ``resolve(..., method="point-radius")`` counts.

    Parameters
    ----------
    distance_precision : {"2004", "bp2020"}
        How precise a number is; see `half_precision`.
    mile_m : float
        Metres in a mile; the georeferencing calculator takes 1609.3445.

    Raises
    ------
    ValueError
        Where there is no such rule, or a mile has no length.

    Examples
    --------
    >>> PointRadius(distance_precision="bp2020")
    PointRadius(distance_precision='bp2020', mile_m=1609.344)
    """

    distance_precision: PrecisionRule = "2004"
    mile_m: float = INTERNATIONAL_MILE_M

    def __post_init__(self) -> None:
        if self.distance_precision not in {"2004", "bp2020"}:
            msg = f"no rule of distance precision {self.distance_precision!r}: '2004' or 'bp2020'"
            raise ValueError(msg)
        if not 0 < self.mile_m < math.inf:
            msg = f"a mile of {self.mile_m!r} m is none"
            raise ValueError(msg)


def half_precision(number: str, rule: PrecisionRule = "2004") -> float:
    """Return how far a number as written may be from the one that is meant, in its unit.

    Half of the precision that its digits show.  Of a fraction half of its part: 10.5 or 1 1/2 are
    good to 0.25.  The rules differ for multiples of ten: 10 is good to 5 by Wieczorek, Guo &
    Hijmans (2004), and to 0.5 by the table of Chapman & Wieczorek (2020), in which 100 is good to
    5 and 1000 to 50.

    Parameters
    ----------
    number : str
        As written: ``"10"``, ``"10.5"``, ``"1/4"``, ``"1 ½"``.
    rule : {"2004", "bp2020"}
        Which.

    Returns
    -------
    float
        In the unit of the number.

    Raises
    ------
    ValueError
        Where it is no number.

    Examples
    --------
    >>> half_precision("10"), half_precision("10", "bp2020"), half_precision("1 ½")
    (5.0, 0.5, 0.25)
    """
    written = number.strip()
    parts = _denominator(written)
    if parts:
        return 0.5 / parts
    whole, _, decimals = written.partition(".")
    if not whole.isdecimal() or (decimals and not decimals.isdecimal()):
        msg = f"{number!r} is no number"
        raise ValueError(msg)
    if decimals in _FRACTIONS:
        return 0.5 / _FRACTIONS[decimals]
    if decimals:
        return 0.5 * 10.0 ** -len(decimals)
    digits = whole.lstrip("0")
    zeros = len(digits) - len(digits.rstrip("0"))
    if rule == "bp2020":
        zeros = max(0, min(zeros, len(digits) - 2))
    return 0.5 * 10.0**zeros


def _denominator(written: str) -> int:
    """Return into how many parts a fraction divides, 0 where it is none."""
    if written and written[-1] in _VULGAR:
        return _VULGAR[written[-1]][1]
    part = written.rsplit(maxsplit=1)[-1] if written else ""
    above, slash, below = part.partition("/")
    return int(below) if slash and above.isdecimal() and below.isdecimal() else 0


def degree_lengths_m(latitude: float, ellipsoid: str = "WGS84") -> tuple[float, float]:
    """Return the length of a degree of latitude and of longitude, in metres.

    Parameters
    ----------
    latitude : float
        Degrees.
    ellipsoid : str
        A key of `ELLIPSOIDS`.

    Returns
    -------
    latitude_m, longitude_m : float
        Metres a degree.

    Raises
    ------
    KeyError
        Where the ellipsoid is not known.

    Examples
    --------
    >>> [round(length_m) for length_m in degree_lengths_m(0)]
    [110574, 111319]
    """
    axis_m, flattening = ELLIPSOIDS[ellipsoid]
    eccentricity = 2 * flattening - flattening**2
    bulge = 1 - eccentricity * math.sin(math.radians(latitude)) ** 2
    meridian_m = axis_m * (1 - eccentricity) / bulge**1.5
    normal_m = axis_m / math.sqrt(bulge)
    return (
        math.radians(meridian_m),
        math.radians(normal_m) * math.cos(math.radians(latitude)),
    )


def coordinate_precision_m(
    latitude: float, precision_deg: float, ellipsoid: str = "WGS84"
) -> float:
    """Return the uncertainty that coordinates have for being written to so many digits.

    Parameters
    ----------
    latitude, precision_deg : float
        Degrees; to the nearest second is 1/3600.
    ellipsoid : str
        A key of `ELLIPSOIDS`.

    Returns
    -------
    float
        Metres: the diagonal of the cell.

    Examples
    --------
    >>> round(coordinate_precision_m(10.27, 0.01))
    1557
    """
    return math.hypot(*degree_lengths_m(latitude, ellipsoid)) * precision_deg


def offset_point(
    longitude: float,
    latitude: float,
    *,
    east_m: float,
    north_m: float,
    ellipsoid: str = "WGS84",
) -> tuple[float, float]:
    """Return the point that lies so far east and north, as the calculator does: on a flat earth.

    Near enough to the geodesic over tens of kilometres; of a long way, or near a pole, take
    `geoinc.geodesy.direct`.

    Parameters
    ----------
    longitude, latitude : float
        Degrees.
    east_m, north_m : float
        Metres; negative to the west and south.
    ellipsoid : str
        A key of `ELLIPSOIDS`.

    Returns
    -------
    longitude, latitude : float
        Degrees.

    Examples
    --------
    >>> [round(value, 3) for value in offset_point(44, 33, east_m=0, north_m=10_000)]
    [44.0, 33.09]
    """
    latitude_m, longitude_m = degree_lengths_m(latitude, ellipsoid)
    east = longitude + east_m / longitude_m
    return (east + 180) % 360 - 180, latitude + north_m / latitude_m


def feature_radius_m(errors_m: float, coordinates_m: float = 0) -> float:
    """Return the radius of coordinates, of a feature, or of a point along a path.

    Parameters
    ----------
    errors_m : float
        All that is uncertain, added: the feature's radial, datum, measurement, map scale,
        distance precision.
    coordinates_m : float
        `coordinate_precision_m`.

    Returns
    -------
    float
        Metres.

    Examples
    --------
    >>> feature_radius_m(3000 + 79, 40)
    3119
    """
    return errors_m + coordinates_m


def distance_radius_m(distance_m: float, errors_m: float, coordinates_m: float = 0) -> float:
    """Return the radius of "5 km from X", in any direction.

    Parameters
    ----------
    distance_m : float
        As stated.
    errors_m, coordinates_m : float
        As in `feature_radius_m`.

    Returns
    -------
    float
        Metres.

    Examples
    --------
    >>> distance_radius_m(5000, 3500)
    8500
    """
    return distance_m + errors_m + coordinates_m


def heading_radius_m(
    distance_m: float, half_angle_deg: float, errors_m: float, coordinates_m: float = 0
) -> float:
    """Return the radius of "10 km northeast of X".

    Parameters
    ----------
    distance_m : float
        As stated.
    half_angle_deg : float
        How far to either side the heading opens: 45 degrees for the four winds, 22.5 for the
        points between, 11.25 for those between them, 1 for degrees.
    errors_m, coordinates_m : float
        As in `feature_radius_m`.

    Returns
    -------
    float
        Metres: from the stated point to the farthest corner of the sector that the errors leave.

    Examples
    --------
    The example of Wieczorek, Guo & Hijmans (2004):

    >>> round(heading_radius_m(10_000, 22.5, 79 + 3000 + 1000, 40))
    6210
    """
    angle = math.radians(half_angle_deg)
    ahead_m = distance_m + errors_m - distance_m * math.cos(angle)
    return math.hypot(ahead_m, distance_m * math.sin(angle)) + coordinates_m


def orthogonal_radius_m(precision_m: float, errors_m: float, coordinates_m: float = 0) -> float:
    """Return the radius of "2 km east and 3 km north of X".

    Parameters
    ----------
    precision_m : float
        How far either distance may be wrong; the worse of the two.
    errors_m, coordinates_m : float
        As in `feature_radius_m`, without the distance precision.

    Returns
    -------
    float
        Metres.

    Examples
    --------
    >>> round(orthogonal_radius_m(500, 1000))
    1707
    """
    return precision_m * math.sqrt(2) + errors_m + coordinates_m


def textbook_half_angle_deg(azimuth_deg: float) -> float:
    """Return how far to either side a heading opens by the guides.

    Parameters
    ----------
    azimuth_deg : float
        Clockwise from north.

    Returns
    -------
    float
        45 for the four winds, 22.5, 11.25 and 5.625 for the points between; 1 for other degrees.

    Examples
    --------
    >>> textbook_half_angle_deg(90), textbook_half_angle_deg(22.5), textbook_half_angle_deg(20)
    (45.0, 11.25, 1.0)
    """
    for half_angle_deg in (45.0, 22.5, 11.25, 5.625):
        if azimuth_deg % (2 * half_angle_deg) == 0:
            return half_angle_deg
    return 1.0
