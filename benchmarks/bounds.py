"""Hold `geodesy.distance_bounds` to samples of random areas and to a search along their outlines.

Half of the pairs lie 1 to 1,000 km apart, half anywhere on the earth; discs, rings, sectors, boxes
and polygons of 300 m to 500 km, across the antimeridian and over the poles too.

    python benchmarks/bounds.py 500 10000
"""

from __future__ import annotations

import math
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoinc import geodesy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

    Area = Polygon | MultiPolygon
    Floats = NDArray[np.float64]


def random_area(rng: np.random.Generator, longitude: float, latitude: float) -> Area:
    """Return an area of a random shape and size at a place."""
    radius_m = 10 ** rng.uniform(2.5, 5.7)
    kind = rng.integers(5)
    if kind == 0:
        return geodesy.disc(longitude, latitude, radius_m)
    if kind == 1:
        return geodesy.ring(longitude, latitude, radius_m * rng.uniform(0.2, 0.9), radius_m)
    if kind == 2:
        azimuth, half = rng.uniform(0, 360), rng.uniform(10, 120)
        inner_m = radius_m * rng.uniform(0, 0.8)
        return geodesy.sector(longitude, latitude, azimuth, half, radius_m, inner_m=inner_m)
    # Boxes and polygons as outlines are drawn, in longitude and latitude.
    width = radius_m / 111_000
    longitude = min(max(longitude, -179.9 + width), 179.9 - width)
    latitude = min(max(latitude, -89 + width), 89 - width)
    if kind == 3:
        return shapely.box(
            longitude - width, latitude - width / 2, longitude + width, latitude + width / 2
        )
    angles = np.sort(rng.uniform(0, 2 * math.pi, rng.integers(5, 12)))
    reach = rng.uniform(0.3, 1, len(angles)) * width
    corners = np.column_stack(
        [longitude + reach * np.cos(angles), latitude + reach * np.sin(angles)]
    )
    return geodesy.polygons(shapely.make_valid(shapely.Polygon(corners)))


def random_pairs(rng: np.random.Generator, number: int) -> Iterator[tuple[Area, Area]]:
    """Yield pairs of random areas."""
    for _ in range(number):
        longitude, latitude = rng.uniform(-180, 180), rng.uniform(-80, 80)
        other = rng.uniform(-180, 180), rng.uniform(-80, 80)
        if rng.integers(2):
            away_m = 10 ** rng.uniform(3, 6)
            lon, lat = geodesy.direct(longitude, latitude, rng.uniform(0, 360), away_m)
            other = float(lon), min(max(float(lat), -80.0), 80.0)
        yield random_area(rng, longitude, latitude), random_area(rng, *other)


def sampled(rng: np.random.Generator, area: Area, number: int) -> Floats:
    """Return points drawn evenly from an area, on the map."""
    parts = shapely.get_parts(area)
    sizes = shapely.area(parts)
    points: list[Floats] = []
    for part, wanted in zip(parts, rng.multinomial(number, sizes / sizes.sum()), strict=True):
        west, south, east, north = part.bounds
        drawn: list[Floats] = []
        while sum(map(len, drawn)) < wanted:
            spots = rng.uniform((west, south), (east, north), (4 * wanted + 50, 2))
            drawn.append(spots[shapely.contains_xy(part, *spots.T)])
        if wanted:
            points.append(np.concatenate(drawn)[:wanted])
    return np.concatenate(points)


def searched(a: Area, b: Area) -> tuple[float, float]:
    """Return the least and greatest distance between outlines, by a search that narrows down."""
    spots_a, spots_b = _along(a, 160), _along(b, 160)
    lengths = _distances(spots_a, spots_b)
    found = []
    for sign in (1, -1):
        i, j = np.unravel_index(np.argmin(sign * lengths), lengths.shape)
        best, one, other = sign * lengths[i, j], spots_a[i], spots_b[j]
        step_a, step_b = a.boundary.length / 80, b.boundary.length / 80
        for _ in range(10):
            near_a, near_b = _beside(a, one, step_a), _beside(b, other, step_b)
            near = sign * _distances(near_a, near_b)
            i, j = np.unravel_index(np.argmin(near), near.shape)
            if near[i, j] < best:
                best, one, other = near[i, j], near_a[i], near_b[j]
            step_a, step_b = step_a / 2, step_b / 2
        found.append(float(sign * best))
    return (0.0 if a.intersects(b) else found[0]), found[1]


def _along(area: Area, number: int) -> Floats:
    lines = shapely.get_parts(area.boundary)
    total = sum(line.length for line in lines)
    return np.concatenate(
        [
            shapely.get_coordinates(
                line.segmentize(line.length / max(8, int(number * line.length / total)))
            )
            for line in lines
        ]
    )


def _beside(area: Area, spot: Floats, step: float) -> Floats:
    point = shapely.Point(spot)
    near = [spot[None]]
    for line in shapely.get_parts(area.boundary):
        if line.distance(point) <= step:
            at = np.clip(line.project(point) + np.linspace(-step, step, 13), 0, line.length)
            near.append(shapely.get_coordinates(shapely.line_interpolate_point(line, at)))
    return np.concatenate(near)


def _distances(a: Floats, b: Floats) -> Floats:
    return geodesy.inverse(a[:, 0, None], a[:, 1, None], b[None, :, 0], b[None, :, 1])[0]


def main(pairs: int, samples: int) -> None:
    """Print how many samples lie outside, how far bounds are from the search, and the time."""
    rng = np.random.default_rng(7)
    outside, worst, seconds = 0, 0.0, 0.0
    for a, b in random_pairs(rng, pairs):
        start = time.perf_counter()
        low_m, high_m = geodesy.distance_bounds(a, b)
        seconds += time.perf_counter() - start
        spots = sampled(rng, a, samples), sampled(rng, b, samples)
        lengths, _ = geodesy.inverse(*spots[0].T, *spots[1].T)
        outside += int(((lengths < low_m) | (lengths > high_m)).sum())
        for bound, best in zip((low_m, high_m), searched(a, b), strict=True):
            worst = max(worst, abs(bound - best) / max(0.01 * best, 50))
    print(f"{outside} of {pairs * samples:,} samples outside")
    print(f"farthest from the search: {worst:.3f} of max(1 %, 50 m)")
    print(f"{seconds / pairs * 1000:.1f} ms a pair")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
