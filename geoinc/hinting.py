"""How far a place is from the area that a hint names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
import shapely.ops

from geoinc import toponyms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoinc.places import Place

_EARTH_KM = 6371.009


class Away(NamedTuple):
    """How a spot lies to an area.

    Parameters
    ----------
    outside_km : float
        Kilometres outside, 0 inside.
    off_centre : float
        Of an area known as a disc: how far from its centre, in its radii, at most 1.
    """

    outside_km: float
    off_centre: float


class Vicinity:
    """An area that a hint names, to which places are near or far.

    Parameters
    ----------
    name : str
        What it is called.
    place : Place or None
        The area.  A disc drawn around a district holds much of its neighbours, so that the
        distance to its centre counts as well.
    members : sequence of (float, float)
        Centres, degrees, of places that are said to be in it; where there are any, what is near
        to one of them is in it, and the outline does not count.  Needed without a place.
    """

    def __init__(
        self, name: str, place: Place | None, members: Sequence[tuple[float, float]] = ()
    ) -> None:
        self.name = name
        self.place = place
        self.words = frozenset(map(toponyms.skeleton, toponyms.core(name).split()))
        self._members = np.radians(np.array(members, dtype=float).reshape(-1, 2))
        self._known: dict[tuple[float, float], Away] = {}

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of it, degrees."""
        if self.place is None or len(self._members):
            west, south = np.degrees(self._members.min(axis=0)).tolist()
            east, north = np.degrees(self._members.max(axis=0)).tolist()
            return west, south, east, north
        west, south, east, north = self.place.footprint.bounds
        return west, south, east, north

    def away(self, longitude: float, latitude: float) -> Away:
        """Return how a spot, in degrees, lies to the area; the same spot costs nothing again."""
        spot = (longitude, latitude)
        known = self._known.get(spot)
        if known is None:
            known = self._known[spot] = self._away(spot)
        return known

    def _away(self, spot: tuple[float, float]) -> Away:
        place = self.place
        if place is None or len(self._members):
            longitude, latitude = math.radians(spot[0]), math.radians(spot[1])
            east = (self._members[:, 0] - longitude) * math.cos(latitude)
            nearest = np.hypot(east, self._members[:, 1] - latitude).min()
            return Away(float(nearest) * _EARTH_KM, 0.0)
        if place.shape.startswith("disc"):
            off_km = distance_m(spot, (place.longitude, place.latitude)) / 1000
            reach_km = place.uncertainty_m / 1000
            return Away(max(off_km - reach_km, 0.0), min(off_km / reach_km, 1.0))
        point = shapely.Point(spot)
        if place.footprint.covers(point):
            return Away(0.0, 0.0)
        edge, _ = shapely.ops.nearest_points(place.footprint, point)
        return Away(distance_m(spot, (edge.x, edge.y)) / 1000, 0.0)


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance, metres: near enough to weigh, and quick.

    Parameters
    ----------
    one, other : (float, float)
        Longitude and latitude, degrees.

    Examples
    --------
    >>> round(distance_m((0, 0), (0, 1)) / 1000, 1)
    111.2
    """
    east = math.radians(one[0] - other[0])
    south, north = math.radians(one[1]), math.radians(other[1])
    half = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south) * math.cos(north) * math.sin(east / 2) ** 2
    )
    return 2000 * _EARTH_KM * math.asin(math.sqrt(min(half, 1.0)))
