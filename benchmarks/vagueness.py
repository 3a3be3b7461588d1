"""What Knox and Moran say when places are known to an area: `python benchmarks/vagueness.py 100`.

Prints the tables of docs/statistics.md, from as many runs as are asked for: whether the interval of
Knox's ratio holds what it is when all places are known, under contagion and under chance; and how
often Moran's I rejects chance, and a slope.  Beside `propagate` stand the precise events alone and
the centres of areas.
"""

from __future__ import annotations

import sys
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geoinc import stats

_WAYS = ("propagate", "precise-only", "ignore")
#: A square of 300 kilometres, its corner in degrees, and metres of a degree there.
_SIDE_M, _CORNER = 300_000.0, np.array([42.0, 31.5])
_DEGREE_M = np.array([93_360.0, 111_000.0])


def degrees(metres: Any) -> Any:
    """Return longitudes and latitudes of places in the square."""
    return _CORNER + metres / _DEGREE_M


def provinces(count: int) -> Any:
    """Return so many Voronoi cells of the square, metres."""
    square = shapely.box(0, 0, _SIDE_M, _SIDE_M)
    seeds = shapely.MultiPoint(np.random.default_rng(3).uniform(0, _SIDE_M, (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=square))
    return shapely.intersection(cells, square)


def attacks(rng: np.random.Generator, *, contagion: bool, n: int = 400) -> tuple[Any, Any]:
    """Return places and days, of which some follow others within two weeks and some kilometres."""
    place, day = rng.uniform(0, _SIDE_M, (n, 2)), rng.uniform(0, 1460, n)
    follows = (rng.random(n) < 0.15) & contagion
    follows[0] = False
    for i in np.flatnonzero(follows):
        parent = rng.integers(0, n)
        place[i] = place[parent] + rng.normal(0, 2500, 2)
        day[i] = day[parent] + rng.uniform(0, 14)
    return np.clip(place, 1, _SIDE_M - 1), np.floor(day).astype(int)


def knox_under(runs: int, *, contagion: bool, share: float = 0.3) -> None:
    """Print how often the intervals hold the ratio of the complete data, and the tests reject."""
    rng = np.random.default_rng(4)
    cells = provinces(18)
    tree, known_cells = shapely.STRtree(cells), shapely.transform(cells, degrees)
    found: dict[str, list[tuple[float, float, float, float, float]]] = {}
    options: dict[str, Any] = {"distances_m": [5_000], "days": [14], "permutations": 99}
    for run in range(runs):
        place, day = attacks(rng, contagion=contagion)
        points = shapely.points(degrees(place))
        vague = rng.random(len(day)) < share
        known = points.copy()
        _, cell = tree.query(shapely.points(place), predicate="intersects")
        known[vague] = known_cells[cell[: len(day)]][vague]
        dates = {"date": np.datetime64("2004-01-01") + day}
        full = gpd.GeoDataFrame(dates, geometry=points, crs=4326)
        partly = gpd.GeoDataFrame(dates, geometry=known, crs=4326)
        complete = stats.knox(full, rng=run, **options)
        truth = complete.value[1, 0]
        answers = {"all places known": complete}
        for way in _WAYS:
            answers[way] = stats.knox(partly, uncertainty=way, samples=10, rng=run, **options)
        for way, result in answers.items():
            low, high = (bound[1, 0] for bound in result.interval)
            row = (truth, result.value[1, 0], low, high, result.p)
            found.setdefault(way, []).append(row)
    print(f"Knox, {'contagion' if contagion else 'chance'}, {share:.0%} vague, {runs} runs")
    for way, rows in found.items():
        truth, value, low, high, p = np.array(rows).T
        print(
            f"  {way:17} O/E {np.nanmean(value):5.2f}, holds the complete data's "
            f"{np.mean((low <= truth) & (truth <= high)):.1%}, width {np.median(high - low):.2f}, "
            f"rejects {np.mean(p <= 0.05):.1%}"
        )


def moran_under(runs: int, *, slope: float, share: float) -> None:
    """Print how often Moran's I of 8 x 8 areas rejects, incidents known to blocks of four."""
    boxes = [
        shapely.box(42 + 0.2 * c, 33 + 0.2 * r, 42.2 + 0.2 * c, 33.2 + 0.2 * r)
        for r in range(8)
        for c in range(8)
    ]
    areas = gpd.GeoDataFrame(geometry=boxes, crs=4326)
    rejected = dict.fromkeys(_WAYS, 0)
    for run in range(runs):
        rng = np.random.default_rng(run)
        lon, lat = 42 + 1.6 * rng.beta(1, 1 + slope, 150), rng.uniform(33, 34.6, 150)
        vague = rng.random(150) < share
        known = shapely.points(lon, lat)
        west, south = 42 + 0.4 * ((lon - 42) // 0.4), 33 + 0.4 * ((lat - 33) // 0.4)
        known[vague] = shapely.box(west, south, west + 0.4, south + 0.4)[vague]
        points = gpd.GeoDataFrame(geometry=known, crs=4326)
        for way in _WAYS:
            result = stats.moran(
                points, areas=areas, permutations=99, uncertainty=way, samples=5, rng=run
            )
            rejected[way] += result.p <= 0.05
    told = ", ".join(f"{way} {count / runs:.1%}" for way, count in rejected.items())
    print(f"Moran, {'a slope' if slope else 'chance'}, {share:.0%} vague, {runs} runs: {told}")


def main(runs: int) -> None:
    """Print every table."""
    for contagion in (True, False):
        knox_under(runs, contagion=contagion)
    for share in (0.3, 0.5):
        for slope in (0.0, 0.35):
            moran_under(runs, slope=slope, share=share)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
