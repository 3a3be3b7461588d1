"""Coordinates that were written wrongly: swapped, without their sign, in degrees and minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geoinc.checking.faults import Kind

#: The columns of coordinates, as a fault names them.
COLUMNS = "longitude, latitude"

#: A degree along a meridian, in metres; along a parallel less.
_DEGREE_M = 111_320.0


class Meant(NamedTuple):
    """Coordinates that others may have been meant for, and what went wrong then."""

    kind: Kind
    longitude: float
    latitude: float


def in_words(longitude: float, latitude: float) -> str:
    """Return coordinates as figures, longitude before latitude."""
    return f"{longitude:.10g}, {latitude:.10g}"


def rounding_m(longitude: float, latitude: float) -> float:
    """Return how far, in metres, coordinates may be off because of the decimals they are given with.

    Examples
    --------
    >>> round(rounding_m(44.0, 33.94))
    787
    """
    decimals = max(_decimals(longitude), _decimals(latitude))
    return 0.5 * 2**0.5 * 10.0**-decimals * _DEGREE_M


def _decimals(degrees: float) -> int:
    return len(f"{degrees:.9f}".rstrip("0").partition(".")[2])


def other_readings(longitude: float, latitude: float) -> Iterator[Meant]:
    """Return what coordinates may have been meant for, the likeliest first; any on earth.

    Examples
    --------
    >>> [meant.kind for meant in other_readings(33.94, 44.36)][0]
    'swapped coordinates'
    >>> [meant[1:] for meant in other_readings(1355.0, 4248.0)]
    [(13.916..., 42.8)]
    """
    readings = (
        Meant("swapped coordinates", latitude, longitude),
        Meant("sign of coordinates", -longitude, latitude),
        Meant("sign of coordinates", longitude, -latitude),
        Meant("sign of coordinates", -longitude, -latitude),
        *_in_minutes(degrees_and_minutes(longitude), degrees_and_minutes(latitude)),
    )
    seen = {(longitude, latitude)}
    for reading in readings:
        spot = (reading.longitude, reading.latitude)
        if spot not in seen and abs(spot[0]) <= 180 and abs(spot[1]) <= 90:
            seen.add(spot)
            yield reading


def _in_minutes(longitude: float | None, latitude: float | None) -> list[Meant]:
    if longitude is None or latitude is None:
        return []
    return [Meant("degrees and minutes", longitude, latitude)]


def degrees_and_minutes(figure: float) -> float | None:
    """Return the degrees of a figure that stands for degrees and minutes, None where it cannot.

    Above 180 the last two digits before the point are the minutes (4248 is
    42°48'); else the two after it are (42.48).

    Examples
    --------
    >>> degrees_and_minutes(4248.0), degrees_and_minutes(-1355.5), degrees_and_minutes(42.75)
    (42.8, -13.925, None)
    """
    size = abs(figure) if abs(figure) > 180 else abs(figure) * 100
    degrees, minutes = divmod(round(size, 6), 100)
    if minutes >= 60 or degrees > 180:
        return None
    return (degrees + minutes / 60) * (-1 if figure < 0 else 1)
