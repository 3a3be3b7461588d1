"""How often the test of clustering is wrong, and how often it is right, when places are provinces.

    python benchmarks/calibration.py --runs 1000 --shares 0.1 0.3 0.5

A window of some 1,000 by 1,000 km with 18 provinces; 250 incidents, scattered evenly (size)
or 30 % of them some 30 km from one of 40 places (power); a share of them known to
the province alone.  Nominal level 5 %, 99 simulations, 5 draws.  Three tests of the same data: places drawn, null
matched (`envelope`); the precise alone; every imprecise incident at the centre of its province.
Intervals are exact (Clopper and Pearson), 95 %.
"""

from __future__ import annotations

import argparse
import time

import geopandas as gpd
import numpy as np
import shapely
from scipy.stats import beta
from shapely.geometry import Point

from geoinc.stats import Window, envelope, window_of
from geoinc.stats.patterns import pairs

N = 250
PROVINCES = 18
SIMULATIONS = 99
LEVEL = 0.05


def provinces(rng: np.random.Generator) -> Window:
    """Return a window of provinces: the parts of a square nearest to random seats."""
    square = shapely.box(39.0, 29.0, 49.0, 38.0)
    seats = shapely.MultiPoint(
        np.column_stack([rng.uniform(39, 49, PROVINCES), rng.uniform(29, 38, PROVINCES)])
    )
    cells = shapely.get_parts(shapely.voronoi_polygons(seats, extend_to=square))
    parts = [cell.intersection(square) for cell in cells]
    return window_of(None, gpd.GeoSeries(parts, crs=4326))


def scattered(window: Window, rng: np.random.Generator, *, clustered: bool) -> np.ndarray:
    """Return true places, in the plane."""
    if not clustered:
        return window.frame.random(N, rng)
    seats = window.frame.random(40, rng)
    points = np.empty((0, 2))
    while len(points) < N:
        near = seats[rng.integers(len(seats), size=N)] + rng.normal(0, 30_000, (N, 2))
        near = np.where(rng.random(N)[:, None] < 0.3, near, window.frame.random(N, rng))
        points = np.concatenate([points, near[window.frame.contains(near)]])
    return points[:N]


def as_known(
    window: Window, points: np.ndarray, share: float, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Return what is known of true places: points, and for a share of them the province."""
    longitude, latitude = window.unproject(points)
    shapes = [Point(*spot) for spot in zip(longitude, latitude, strict=True)]
    for i in rng.permutation(N)[: round(share * N)]:
        distance = [shapely.distance(area, shapes[i]) for area in window.areas]
        shapes[i] = window.areas[int(np.argmin(distance))]
    return gpd.GeoDataFrame(geometry=shapes, crs=4326)


def interval(hits: int, runs: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share."""
    low = beta.ppf(0.025, hits, runs - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, runs - hits) if hits < runs else 1.0
    return float(low), float(high)


def measured(share: float, runs: int, *, clustered: bool, seed: int) -> None:
    """Print how often each test rejects."""
    rng = np.random.default_rng([seed, round(100 * share), clustered])
    window = provinces(np.random.default_rng(seed))
    p: dict[str, list[float]] = {"matched": [], "precise-only": [], "centroid": []}
    began, cpu = time.perf_counter(), time.process_time()
    for run in range(runs):
        table = as_known(window, scattered(window, rng, clustered=clustered), share, rng)
        options = {"window": window, "simulations": SIMULATIONS, "rng": run}
        result = envelope(table, **options)
        p["matched"].append(result.p)
        p["centroid"].append(result.naive_p)
        p["precise-only"].append(envelope(table, uncertainty="precise-only", **options).p)
    what = "power" if clustered else "size "
    print(
        f"{share:.0%} imprecise, {what}, {runs} runs, {time.perf_counter() - began:.0f} s, "
        f"CPU {time.process_time() - cpu:.0f} s"
    )
    for name, values in p.items():
        hits = int((np.array(values) <= LEVEL).sum())
        low, high = interval(hits, runs)
        print(f"    {name:13} {hits / runs:.3f}  ({low:.3f} to {high:.3f})", flush=True)
    matched, dropped = (np.array(p[name]) <= LEVEL for name in ("matched", "precise-only"))
    print(
        f"    paired: matched alone rejects {int((matched & ~dropped).sum())}, "
        f"precise-only alone {int((~matched & dropped).sum())}",
        flush=True,
    )


def main() -> None:
    """Measure size and power for each share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.1, 0.3, 0.5])
    parser.add_argument("--only", choices=["size", "power"])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    pairs._WORTH_COMPILING = 0  # noqa: SLF001  # the same figures, sooner, over many runs
    for share in options.shares:
        for clustered in (False, True):
            if options.only in {None, "power" if clustered else "size"}:
                measured(share, options.runs, clustered=clustered, seed=options.seed)


if __name__ == "__main__":
    main()
