"""The point in the middle of others, as distances on the ellipsoid have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoinc.geodesy import direct, inverse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: A centre that moves less than this, in metres, is found.
_STILL_M = 1e-4
_MOST_STEPS = 1_000


def mean_of(longitude: Floats, latitude: Floats, weight: Floats) -> tuple[float, float]:
    """Return the point from which the squared distances are least, weighted; degrees."""
    lon, lat = _start(longitude, latitude, weight)
    for _ in range(_MOST_STEPS):
        step = np.average(plane_around(lon, lat, longitude, latitude), axis=0, weights=weight)
        lon, lat = _moved(lon, lat, step)
        if np.hypot(*step) < _STILL_M:
            break
    return lon, lat


def median_of(longitude: Floats, latitude: Floats, weight: Floats) -> tuple[float, float]:
    """Return the point from which the distances are least in sum, weighted; degrees."""
    spots, which = np.unique(np.column_stack([longitude, latitude]), axis=0, return_inverse=True)
    weight = np.bincount(which.ravel(), weight).astype(float)
    lon, lat = _start(spots[:, 0], spots[:, 1], weight)
    for _ in range(_MOST_STEPS):
        step = _weiszfeld(plane_around(lon, lat, spots[:, 0], spots[:, 1]), weight)
        lon, lat = _moved(lon, lat, step)
        if np.hypot(*step) < 10 * _STILL_M:
            break
    return lon, lat


def _weiszfeld(points: Floats, weight: Floats) -> Floats:
    """Return the point of the plane with the least weighted sum of distances, from the origin on."""
    middle: Floats = np.zeros(2)
    for _ in range(_MOST_STEPS):
        apart = points - middle
        away = np.hypot(*apart.T)
        here = away < _STILL_M
        pull = np.where(here, 0.0, weight / np.where(here, 1.0, away))
        if not pull.any():
            break
        step = pull @ apart / pull.sum()
        if here.any():
            # At a point that weighs more than the others pull together it stays.
            force = np.hypot(*(pull @ apart))
            step *= max(0.0, 1 - weight[here].sum() / force) if force > 0 else 0.0
        middle = middle + step
        if np.hypot(*step) < _STILL_M:
            break
    return middle


def _start(longitude: Floats, latitude: Floats, weight: Floats) -> tuple[float, float]:
    """Return the direction of the mean in space."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    x, y, z = np.average(
        [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1, weights=weight
    )
    if np.hypot(np.hypot(x, y), z) < 1e-9:
        msg = "the incidents lie around the whole earth: they have no centre"
        raise ValueError(msg)
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def plane_around(lon: float, lat: float, longitude: Floats, latitude: Floats) -> Floats:
    """Return metres east and north in the azimuthal equidistant projection on a point."""
    away_m, azimuth = inverse(lon, lat, longitude, latitude)
    turn = np.radians(azimuth)
    return np.column_stack([away_m * np.sin(turn), away_m * np.cos(turn)])


def _moved(lon: float, lat: float, step: Floats) -> tuple[float, float]:
    there = direct(lon, lat, np.degrees(np.arctan2(*step)), np.hypot(*step))
    return float(there[0]), float(there[1])
