"""Positions in footprints, every square metre as likely as the next."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoinc.geodesy import direct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: Mean radius of the earth, metres.  What is left out, the flattening within one
#: shape, changes the density of a disc of 1,000 km by less than 0.1 %.
_RADIUS_M = 6_371_008.8
#: First eccentricity of WGS84, squared.
_ES = 0.006694379990141317
#: Longest edge of a polygon in degrees.  An edge straight in degrees is a curve where areas are
#: true; of this length it bends by 3 m at most.
_EDGE_DEG = 0.1


class _Triangles(NamedTuple):
    """The triangles that polygons are cut into, those of a place one after the other."""

    corners: Floats
    share: Floats  # of their place
    start: Floats  # what share of their place lies before them
    begins: Floats  # the same beyond the number of their place
    first: Ints  # of each place
    last: Ints


class Areas:
    """The footprints of places, made ready to draw positions from.

    A disc, ring or sector is drawn from by its figures, a polygon by the
    triangles it consists of, cut in a projection that is true to area when the first is drawn.

    The centre of a disc is off by its position error, the same for all rows
    that name the place; from there a row lies in the extent that is left.
    Either is uniform.  Of other shapes the position error is not
    told from the extent: rows are independent in the whole.

    Parameters
    ----------
    places : pandas.DataFrame
        As `Layers.places`.

    Attributes
    ----------
    centre : array of float, two columns
        Longitude and latitude, degrees.
    is_disc : array of bool
        Whether the place is one.
    error_m, outer_m : array of float
        Of a disc the position error and the extent, metres.
    """

    def __init__(self, places: pd.DataFrame) -> None:
        self.centre = places[["longitude", "latitude"]].to_numpy(dtype=float)
        figures = _figures(places)
        kind = figures["kind"].to_numpy()
        radius_m = places["uncertainty_m"].to_numpy(dtype=float)
        error_m = np.fmin(places["position_error_m"].fillna(0).to_numpy(dtype=float), radius_m)
        is_disc = kind == "disc"
        self.is_disc = is_disc
        self.error_m = np.where(is_disc, error_m, 0.0)
        self._inner_m = np.where(is_disc, 0.0, figures["inner_m"])
        self.outer_m = np.where(is_disc, radius_m - error_m, figures["outer_m"])
        self._towards_deg = figures["azimuth_deg"].to_numpy()
        self._half_deg = figures["half_angle_deg"].to_numpy()
        self._is_polygon = kind == "polygon"
        self._shapes = places.geometry.to_numpy()

    def positions(self, which: Ints, numbers: Floats, shared: Floats) -> tuple[Floats, Floats]:
        """Return a position in each of the places.

        Parameters
        ----------
        which : array of int
            Positions of places in the table.
        numbers : array of float, two columns
            From 0 to 1: two numbers that choose the position within the extent.
        shared : array of float, two columns
            The same for the error of the centre.

        Returns
        -------
        longitude, latitude : array of float
            Degrees.
        """
        longitude, latitude = self.centre[which].T.copy()
        for there, turn, inner_m, outer_m in (
            (shared, 360 * shared[:, 0], 0.0, self.error_m[which]),
            (
                numbers,
                self._towards_deg[which] + self._half_deg[which] * (2 * numbers[:, 0] - 1),
                self._inner_m[which],
                self.outer_m[which],
            ),
        ):
            away = np.flatnonzero(outer_m > 0)
            inner = np.broadcast_to(inner_m, outer_m.shape)[away]
            out_m = _out_m(there[away, 1], inner, outer_m[away])
            longitude[away], latitude[away] = direct(
                longitude[away], latitude[away], turn[away], out_m
            )
        cut = np.flatnonzero(self._is_polygon[which])
        if len(cut):
            longitude[cut], latitude[cut] = self._in_triangles(which[cut], numbers[cut])
        return longitude, latitude

    @cached_property
    def _triangles(self) -> _Triangles:
        which = np.flatnonzero(self._is_polygon)
        corners, owner, share = _triangulated(self._shapes[which])
        owner = which[owner]
        number = np.arange(len(self._shapes))
        first = np.searchsorted(owner, number)
        # Each place for itself: a sum over all would round by how many there are.
        shares = np.split(share, first[which[1:]])
        start = np.concatenate([np.cumsum(part) - part for part in shares])
        return _Triangles(
            corners=corners,
            share=share,
            start=start,
            begins=owner + start,
            first=first,
            last=np.searchsorted(owner, number, side="right") - 1,
        )

    def _in_triangles(self, which: Ints, numbers: Floats) -> tuple[Floats, Floats]:
        cut, chance = self._triangles, numbers[:, 0]
        first, last = cut.first[which], cut.last[which]
        # Of each place the shares run from its own number to the next: one search finds both, but
        # for rounding.
        found = np.searchsorted(cut.begins, which + chance, side="right") - 1
        found = np.clip(found, first, last)
        found -= (chance < cut.start[found]) & (found > first)
        after = np.minimum(found + 1, last)
        found = np.where(chance >= cut.start[after], after, found)
        # What is left of the number after it has chosen the triangle is as good as a new one.
        left = (chance - cut.start[found]) / cut.share[found]
        along, across = np.sqrt(np.clip(left, 0.0, 1.0)), numbers[:, 1]
        weights = np.column_stack([1 - along, along * (1 - across), along * across])
        spots = np.einsum("ij,ijk->ik", weights, cut.corners[found])
        return spots[:, 0], authalic_latitude(spots[:, 1])


def _figures(places: pd.DataFrame) -> pd.DataFrame:
    """Return kind and parameters of the shapes, one row a place; NaN where there are none."""
    shape = places["shape"].fillna("").astype(str)
    texts = shape.where(~shape.str.startswith("disc"), "disc")
    distinct = {text: _read(text) for text in texts.unique()}
    columns = ["kind", "inner_m", "outer_m", "azimuth_deg", "half_angle_deg"]
    return pd.DataFrame([distinct[text] for text in texts], columns=columns)


def _read(shape: str) -> tuple[str, float, float, float, float]:
    """Read ``"sector azimuth_deg=45 half_angle_deg=20 inner_m=100 outer_m=900"`` and its like."""
    kind, _, rest = shape.partition(" ")
    told = dict(part.split("=", 1) for part in rest.split() if "=" in part)
    if kind == "disc":
        return "disc", np.nan, np.nan, 0.0, 180.0
    needed = {"ring": ("outer_m",), "sector": ("outer_m", "azimuth_deg", "half_angle_deg")}
    # Any other shape, or one whose figures are not all told, is what its footprint is.
    if kind not in needed or any(name not in told for name in needed[kind]):
        return "polygon", np.nan, 0.0, 0.0, 0.0
    return (
        kind,
        float(told.get("inner_m", 0.0)),
        float(told["outer_m"]),
        float(told.get("azimuth_deg", 0.0)),
        min(float(told.get("half_angle_deg", 180.0)), 180.0),
    )


def _out_m(number: Floats, inner_m: Floats, outer_m: Floats) -> Floats:
    """Return how far from the centre, so that every part of the area is as likely."""
    # Of a cap of the sphere the area goes with the square of half the chord.
    low, high = (np.sin(side / 2 / _RADIUS_M) ** 2 for side in (inner_m, outer_m))
    halves = np.arcsin(np.sqrt(low + number * (high - low)))
    return np.asarray(2 * _RADIUS_M * halves)


def _triangulated(shapes: NDArray[np.object_]) -> tuple[Floats, Ints, Floats]:
    """Cut shapes into triangles; return their corners, whose they are, and their share of it."""
    fine = shapely.segmentize(shapely.make_valid(shapes), _EDGE_DEG)
    true = shapely.transform(fine, true_to_area)
    cut = shapely.constrained_delaunay_triangles(true)
    parts, owner = shapely.get_parts(cut, return_index=True)
    corners = shapely.get_coordinates(parts).reshape(-1, 4, 2)[:, :3]
    size = shapely.area(parts)
    whole = np.bincount(owner, weights=size, minlength=len(shapes))
    empty = np.flatnonzero(whole == 0)
    if len(empty):
        msg = f"{len(empty)} footprints have no area to draw from: mend them in layers.places"
        raise ValueError(msg)
    kept = size > 0
    return corners[kept], owner[kept], size[kept] / whole[owner[kept]]


def true_to_area(points: Floats) -> Floats:
    """Return longitude, and the sine of the authalic latitude: equal areas stay equal."""
    sine = np.sin(np.radians(points[:, 1]))
    return np.column_stack([points[:, 0], _cylindrical(sine) / _cylindrical(np.array(1.0))])


def _cylindrical(sine: Floats) -> Floats:
    """Return q of Snyder (1987), "Map projections", equation 3-12."""
    e = np.sqrt(_ES)
    return np.asarray((1 - _ES) * (sine / (1 - _ES * sine**2) + np.arctanh(e * sine) / e))


def authalic_latitude(authalic_sine: Floats) -> Floats:
    """Return degrees from the sine of the authalic latitude: Snyder (1987), equation 3-18."""
    beta = np.arcsin(np.clip(authalic_sine, -1.0, 1.0))
    return np.asarray(
        np.degrees(
            beta
            + (_ES / 3 + 31 * _ES**2 / 180 + 517 * _ES**3 / 5040) * np.sin(2 * beta)
            + (23 * _ES**2 / 360 + 251 * _ES**3 / 3780) * np.sin(4 * beta)
            + 761 * _ES**3 / 45360 * np.sin(6 * beta)
        )
    )
