"""How large a place is and how well it is known, where its source does not say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geoinc import geodesy

if TYPE_CHECKING:
    from geoinc.geopackage import Area, Entry

#: A boundary of which nothing is known is said to be this wrong, metres.
UNKNOWN_BOUNDARY_ERROR_M = 10_000.0

#: By kind: the extent around the centre, and how far the centre may be off, metres.  Extents
#: are those that 95 % of the curated places of a kind do not exceed (of the countries and
#: provinces: of the world's outlines).  So are the errors of wide areas, whose centre is a matter
#: of taste.  2 km: of 48 towns and villages that UCDP GED and OCHA's places of Syria both have
#: once in a district, 90 % lie within 1.7 km of each other, 95 % within 2.2 km.
_DEFAULTS = {
    "country": (2_800_000, 100_000),
    "province": (370_000, 50_000),
    "district": (80_000, 30_000),
    "region": (190_000, 20_000),
    "sea": (1_400_000, 50_000),
    "strait": (80_000, 5_000),
    "desert": (370_000, 50_000),
    "mountain": (90_000, 20_000),
    "valley": (170_000, 30_000),
    "river": (160_000, 20_000),
    "lake": (45_000, 8_000),
    "island": (65_000, 5_000),
    "city": (11_000, 2_000),
    "town": (3_000, 2_000),
    "village": (1_000, 2_000),
    "quarter": (3_500, 2_000),
    "airport": (4_500, 500),
    "air base": (4_000, 500),
    "military base": (4_500, 2_000),
    "camp": (3_000, 2_000),
    "embassy": (500, 2_000),
    "building": (3_500, 2_000),
    "border crossing": (2_500, 2_000),
    "oil field": (28_000, 15_000),
    "gas field": (12_000, 12_000),
    "refinery": (5_000, 2_000),
    "port": (4_500, 2_000),
    "dam": (2_500, 2_000),
    "power station": (2_000, 2_000),
    "prison": (1_500, 2_000),
}


def default_radius_m(kind: str) -> float:
    """Return the extent of a place of a kind whose source says none, metres.

    Parameters
    ----------
    kind : str
        One of `geoinc.places.KINDS`.

    Examples
    --------
    >>> default_radius_m("village")
    1000.0
    """
    return float(_DEFAULTS[kind][0])


def default_position_error_m(kind: str) -> float:
    """Return how far the centre of a place of a kind may be off, metres.

    Parameters
    ----------
    kind : str
        One of `geoinc.places.KINDS`.

    Examples
    --------
    >>> default_position_error_m("airport")
    500.0
    """
    return float(_DEFAULTS[kind][1])


def rounding_m(longitude: str, latitude: str) -> float:
    """Return how far a position may be from the one it was rounded from, metres.

    Half a unit of the last decimal in both directions.  The finer of the two numbers counts,
    since a trailing zero is often lost.

    Parameters
    ----------
    longitude, latitude : str
        The numbers as they are written, degrees.

    Examples
    --------
    >>> round(rounding_m("36.2", "35.65")), round(rounding_m("44", "33"))
    (787, 78715)
    """
    if "e" in longitude + latitude:  # 1e-05 is no rounded number
        return 0.0
    decimals = max(len(text.partition(".")[2]) for text in (longitude, latitude))
    return math.hypot(1, 1) * 0.5 * 10.0**-decimals * 111_320


def checked_position(longitude: float, latitude: float) -> None:
    """Raise where two numbers are no position on the earth, or stand for none.

    Parameters
    ----------
    longitude, latitude : float
        Degrees.

    Raises
    ------
    ValueError
        A number is not finite or out of range, or both are 0.
    """
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        swapped = -90 <= longitude <= 90 and -180 <= latitude <= 180
        why = "are they swapped?" if swapped else "decimal degrees go from -180, -90 to 180, 90"
        msg = f"longitude {longitude:g}, latitude {latitude:g} is not on the earth: {why}"
        raise ValueError(msg)
    if longitude == 0 and latitude == 0:
        msg = "0, 0 stands for no position"
        raise ValueError(msg)


def fill_extent(entry: Entry, *, rounded_m: float = 0.0) -> None:
    """Give a place without an outline the extent and error of its kind, where it has none.

    What is assumed is said in its note.

    Parameters
    ----------
    entry : Entry
        A place of one of `geoinc.places.KINDS`; ``radius_m`` and ``position_error_m`` are 0 where
        its source does not tell.
    rounded_m : float
        What its position was rounded by, metres: a position error that is assumed is no less.
    """
    if not entry.radius_m:
        entry.radius_m = default_radius_m(entry.kind)
        _assume(entry, f"extent {entry.radius_m:g} m")
    fill_error(entry, rounded_m=rounded_m)


def fill_error(entry: Entry, *, rounded_m: float = 0.0) -> None:
    """Give a place the position error of its kind, where it has none.

    Parameters
    ----------
    entry, rounded_m
        As for `fill_extent`.
    """
    if not entry.position_error_m:
        # Up to 100 m: an error is never rounded away.
        rounded_m = -(-rounded_m // 100) * 100
        entry.position_error_m = max(default_position_error_m(entry.kind), rounded_m)
        _assume(entry, f"position error {entry.position_error_m:g} m")


def _assume(entry: Entry, what: str) -> None:
    said = f"assumed: {what}"
    entry.note = f"{entry.note}; {said}" if entry.note else said


def fill_outline(entry: Entry, area: Area, boundary_error_m: float) -> None:
    """Give a place its outline, a centre inside it and the radius that holds it.

    Parameters
    ----------
    entry : Entry
        The place; its centre is replaced.
    area : shapely Polygon or MultiPolygon
        The outline, valid, degrees.
    boundary_error_m : float
        How far the outline may be off, metres.
    """
    largest = max(area.geoms, key=lambda part: part.area) if area.geom_type != "Polygon" else area
    centre = largest.centroid
    if not largest.contains(centre):
        centre = largest.representative_point()
    entry.longitude, entry.latitude = round(centre.x, 5), round(centre.y, 5)
    entry.geom = area
    entry.boundary_error_m = boundary_error_m
    reach = geodesy.farthest_m(entry.longitude, entry.latitude, area)
    entry.uncertainty_m = -(-(reach + boundary_error_m) // 100) * 100
