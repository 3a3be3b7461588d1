"""Measure space-time and area statistics beside other libraries: `python benchmarks/stats.py`.

Each task runs in a process of its own: wall clock, CPU time and the peak of its memory, with what
Python and the libraries take before it begins in brackets; then the same of the other library, on
the same data in the same run, and the ratio.  `python benchmarks/stats.py knox` runs what has the
word in its name.  Needs pointpats, esda, libpysal and scikit-learn.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geoinc import stats

if TYPE_CHECKING:
    from collections.abc import Callable

#: A box of about 1,000 by 1,000 kilometres, degrees.
_BOX = (38.0, 29.0, 48.5, 38.0)
#: Metres of a degree of latitude, and of longitude in the middle of the box.
_DEGREE_M = np.array([92_500.0, 110_900.0])


def points(n: int, *, days: int = 3650, seed: int = 0) -> gpd.GeoDataFrame:
    """Return events scattered over the box and over ten years."""
    rng = np.random.default_rng(seed)
    west, south, east, north = _BOX
    geometry = gpd.points_from_xy(rng.uniform(west, east, n), rng.uniform(south, north, n))
    dates = np.datetime64("2010-01-01") + rng.integers(0, days, n)
    return gpd.GeoDataFrame({"date": dates}, geometry=geometry, crs=4326)


def bursts(n: int) -> gpd.GeoDataFrame:
    """Return events in bursts of twenty."""
    rng = np.random.default_rng(1)
    table = points(n // 20, seed=1)
    at = np.repeat(np.arange(len(table)), 20)
    lon = table.geometry.x.to_numpy()[at] + rng.normal(0, 0.03, len(at))
    lat = table.geometry.y.to_numpy()[at] + rng.normal(0, 0.03, len(at))
    dates = table["date"].to_numpy()[at] + np.floor(rng.exponential(10, len(at))).astype(int)
    return gpd.GeoDataFrame({"date": dates}, geometry=gpd.points_from_xy(lon, lat), crs=4326)


def planar(table: gpd.GeoDataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return metres and days, for libraries that know no others."""
    spots = np.column_stack([table.geometry.x, table.geometry.y]) * _DEGREE_M
    days = (table["date"].to_numpy() - np.datetime64("2010-01-01")).astype("timedelta64[D]")
    return spots, days.astype(float)[:, None]


def squares(side: int) -> gpd.GeoDataFrame:
    """Return a grid of areas with a rate each."""
    step = 8 / side
    boxes = [
        shapely.box(40 + step * c, 30 + step * r, 40 + step * (c + 1), 30 + step * (r + 1))
        for r in range(side)
        for c in range(side)
    ]
    return gpd.GeoDataFrame(geometry=boxes, crs=4326)


def bound(test: Callable[..., Any], table: gpd.GeoDataFrame, **options: Any) -> Callable[[], Any]:
    """Return a test of events that are there before it begins."""
    return lambda: test(table, **options)


def knox(
    n: int, permutations: int, distances_m: list[float], days: list[float]
) -> Callable[[], Any]:
    """Return the Knox test of so many events."""
    options = {"distances_m": distances_m, "days": days, "permutations": permutations, "rng": 1}
    return bound(stats.knox, points(n), **options)


def pointpats_knox(n: int) -> Callable[[], Any]:
    """Return pointpats' Knox test, 99 permutations."""
    from pointpats.spacetime import Knox  # noqa: PLC0415  # a peer, slow to import

    spots, days = planar(points(n))
    return lambda: Knox(spots, days, delta=20_000, tau=30, permutations=99)


def pointpats_test(name: str, n: int) -> Callable[[], Any]:
    """Return another of pointpats' tests, 99 permutations."""
    from pointpats import spacetime  # noqa: PLC0415  # a peer, slow to import

    spots, days = planar(points(n))
    if name == "local":
        return lambda: spacetime.KnoxLocal(spots, days, delta=20_000, tau=30, permutations=99)
    if name == "mantel":
        return lambda: spacetime.mantel(spots, days, permutations=99)
    return lambda: spacetime.jacquez(spots, days, k=3, permutations=99)


def sklearn_dbscan() -> Callable[[], Any]:
    """Return scikit-learn's DBSCAN by space alone, as it knows no other."""
    from sklearn.cluster import DBSCAN  # noqa: PLC0415  # a peer, slow to import

    table = bursts(100_000)
    spots = np.radians(np.column_stack([table.geometry.y, table.geometry.x]))
    model = DBSCAN(eps=5 / 6371, min_samples=5, metric="haversine", algorithm="ball_tree")
    return lambda: model.fit(spots)


def esda_test(name: str) -> Callable[[], Any]:
    """Return one of esda's tests of 10,000 areas, 999 permutations, compiled beforehand."""
    import esda  # noqa: PLC0415  # a peer, slow to import
    from libpysal.weights import lat2W  # noqa: PLC0415

    def prepared(side: int) -> Callable[[], Any]:
        weights = lat2W(side, side, rook=False)
        table, incidents = squares(side), _incidents(side)

        def run() -> Any:
            inside = gpd.sjoin(incidents, table, predicate="intersects")["index_right"]
            rates = np.bincount(inside, minlength=len(table)).astype(float)
            if name == "moran":
                return esda.Moran(rates, weights, permutations=999)
            return esda.G_Local(rates, weights, star=True, permutations=999, n_jobs=1)

        return run

    prepared(10)()
    return prepared(100)


def area_test(name: str) -> Callable[[], Any]:
    """Return the same test of ours; either counts within the time what incidents lie where."""
    table, incidents = squares(100), _incidents(100)
    test = stats.moran if name == "moran" else stats.getis_ord
    weights = stats.area_weights(table)
    return bound(test, incidents, areas=table, weights=weights, permutations=999, rng=1)


def scan() -> Callable[[], Any]:
    """Return the scan of 2,000 events of a year, compiled beforehand."""
    rng = np.random.default_rng(2)
    options = {"max_distance_m": 50_000, "max_days": 30, "rng": 1}
    stats.space_time_scan(points(50, days=99), permutations=9, **options)
    lon, lat = rng.uniform(42, 46.3, 2_000), rng.uniform(31, 34.6, 2_000)
    dates = np.datetime64("2010-01-01") + rng.integers(0, 365, 2_000)
    table = gpd.GeoDataFrame({"date": dates}, geometry=gpd.points_from_xy(lon, lat), crs=4326)
    return lambda: stats.space_time_scan(table, permutations=999, **options)


def density(n: int, cells: int) -> Callable[[], Any]:
    """Return a kernel density of so many events, edges corrected; distances and all."""
    spots = points(n)
    table = (spots.geometry.x.to_numpy(), spots.geometry.y.to_numpy())
    box = shapely.box(*_BOX)
    return lambda: stats.kernel_density(table, window=box, bandwidth=20_000.0, cells=cells)


def scipy_kde(n: int, cells: int) -> Callable[[], Any]:
    """Return scipy's kernel density on as many cells, without edges: it knows none."""
    from scipy.stats import gaussian_kde  # noqa: PLC0415  # a peer, slow to import

    spots, _ = planar(points(n))
    sides = [
        np.linspace(low, high, cells) for low, high in zip(spots.min(0), spots.max(0), strict=True)
    ]
    at = np.stack(np.meshgrid(*sides)).reshape(2, -1)
    return lambda: gaussian_kde(spots.T, bw_method=0.1)(at)


def _incidents(side: int) -> gpd.GeoDataFrame:
    """Return incidents in the squares of a grid, three in each on average."""
    middle = shapely.get_coordinates(shapely.centroid(squares(side).geometry.array))
    at = np.repeat(np.arange(side * side), np.random.default_rng(3).poisson(3, side * side))
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*middle[at].T), crs=4326)


_BANDS = ([5_000.0, 10_000.0, 20_000.0], [7.0, 14.0, 30.0])

#: What is measured: name, task, the same of another library and its name.
ROWS: dict[str, tuple[Callable[[], Any], Callable[[], Any] | None, str]] = {
    "knox, 10,000 events, 99 permutations, one band": (
        lambda: knox(10_000, 99, [20_000.0], [30.0]),
        lambda: pointpats_knox(10_000),
        "pointpats",
    ),
    "knox, 50,000 events, 99 permutations, 20 km, 30 days": (
        lambda: knox(50_000, 99, [20_000.0], [30.0]),
        None,  # pointpats: 106 s and 3.6 GB, measured apart
        "",
    ),
    "knox, 50,000 events, 99 permutations, 3 x 3 bands": (
        lambda: knox(50_000, 99, *_BANDS),
        None,
        "",
    ),
    "knox, 1,000,000 events, 99 permutations, 5 km, 30 days": (
        lambda: knox(1_000_000, 99, [1_000.0, 2_500.0, 5_000.0], [7.0, 14.0, 30.0]),
        None,
        "",
    ),
    "local knox, 2,000 events": (
        lambda: bound(stats.local_knox, points(2_000), distance_m=20_000, days=30),
        lambda: pointpats_test("local", 2_000),
        "pointpats",
    ),
    "mantel, 2,000 events, 99 permutations": (
        lambda: bound(stats.mantel, points(2_000), permutations=99, rng=1),
        lambda: pointpats_test("mantel", 2_000),
        "pointpats",
    ),
    "jacquez, 2,000 events, 99 permutations": (
        lambda: bound(stats.jacquez, points(2_000), permutations=99, rng=1),
        lambda: pointpats_test("jacquez", 2_000),
        "pointpats",
    ),
    "kernel density, 512 x 512, 1,000,000 events, edges": (
        lambda: density(1_000_000, 512),
        None,  # scipy needs a quarter of a million million kernels
        "",
    ),
    "kernel density, 100 x 100, 10,000 events": (
        lambda: density(10_000, 100),
        lambda: scipy_kde(10_000, 100),
        "scipy, without edges",
    ),
    "st-dbscan, 100,000 events, 5 km, 14 days": (
        lambda: bound(stats.st_dbscan, bursts(100_000), distance_m=5_000, days=14),
        sklearn_dbscan,
        "scikit-learn, space alone",
    ),
    "scan, 2,000 events, 999 permutations": (scan, None, ""),
    "moran, 30,000 incidents in 10,000 areas, 999 permutations": (
        lambda: area_test("moran"),
        lambda: esda_test("moran"),
        "esda",
    ),
    "getis-ord, 30,000 incidents in 10,000 areas, 999 permutations": (
        lambda: area_test("getis"),
        lambda: esda_test("getis"),
        "esda",
    ),
}


def main(words: list[str]) -> None:
    """Print one line for each task that has one of the words in its name."""
    for name, (_, peer, library) in ROWS.items():
        if words and not any(word in name for word in words):
            continue
        ours = _apart(name, "ours")
        line = f"{name}: {_told(ours)}"
        if peer is not None:
            other = _apart(name, "peer")
            line += f"; {library} {_told(other)}: {other['wall'] / ours['wall']:.1f} times as long"
        print(line, flush=True)


def _apart(name: str, whose: str) -> dict[str, float]:
    """Return what a task takes in a process of its own."""
    command = [sys.executable, __file__, "--one", name, whose]
    told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    measured: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return measured


def _one(name: str, whose: str) -> None:
    warnings.simplefilter("ignore")
    task, peer, _ = ROWS[name]
    run = (task if whose == "ours" or peer is None else peer)()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    print(
        json.dumps(
            {
                "wall": time.perf_counter() - wall,
                "cpu": time.process_time() - cpu,
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "before": before / 1024,
            }
        )
    )


def _told(measured: dict[str, float]) -> str:
    return (
        f"{measured['wall']:.2f} s (CPU {measured['cpu']:.2f} s), "
        f"{measured['peak']:,.0f} MB ({measured['before']:,.0f} MB before)"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(*sys.argv[2:4])
    else:
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        main(sys.argv[1:])
