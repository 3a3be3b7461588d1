"""Measure distances at the sizes that users have: `python benchmarks/distances.py`.

Figures are wall clock of the best of three runs, on made-up places in a box around Iraq.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from geopy.distance import geodesic  # type: ignore[import-untyped]
from pyproj import Geod
from shapely.geometry import Polygon

import geoinc as gi
from geoinc.geodesy import disc
from geoinc.places import Place, places_frame
from geoinc.schema import LAYER_COLUMNS, Layers

if TYPE_CHECKING:
    from collections.abc import Callable

_BOX = (39.0, 29.5, 48.0, 37.0)
_GEOPY_ROWS = 2_000


def main() -> None:
    """Print one line for each task."""
    rng = np.random.default_rng(4)
    _row_by_row(rng)
    _many_rows(rng)
    _many_pairs(rng)
    _nearest(rng)


def _row_by_row(rng: np.random.Generator) -> None:
    starts, ends = _spots(rng, 1_000_000), _spots(rng, 1_000_000)
    columns = [table[name].to_numpy() for table in (starts, ends) for name in table]
    geod = Geod(ellps="WGS84")
    a, b, c, d = columns
    bare = _seconds(lambda: geod.inv(a, b, c, d))
    ours = _seconds(lambda: gi.distances_between(starts, ends))
    some = zip(*(column[:_GEOPY_ROWS] for column in columns), strict=True)
    began = time.perf_counter()
    for lon_1, lat_1, lon_2, lat_2 in some:
        geodesic((lat_1, lon_1), (lat_2, lon_2))
    geopy = (time.perf_counter() - began) * len(starts) / _GEOPY_ROWS
    print(
        f"1,000,000 rows of coordinates: {ours:.2f} s, {ours / bare:.2f} times "
        f"Geod.inv ({bare:.2f} s); geopy {geopy:.0f} s (from {_GEOPY_ROWS} rows)"
    )


def _many_rows(rng: np.random.Generator) -> None:
    places = _places(rng, 100)
    pair = rng.choice(100 * 100, 5_000, replace=False)[rng.integers(0, 5_000, 1_000_000)]
    layers = _layers(places, *np.divmod(pair, 100))
    print(f"1,000,000 rows of 5,000 pairs: {_seconds(lambda: gi.distances(layers)):.2f} s")


def _many_pairs(rng: np.random.Generator) -> None:
    # A third of the places are polygons, so that five ninths of the pairs have one.
    places = _places(rng, 3_000)
    pair = rng.choice(3_000 * 3_000, 100_000, replace=False)
    layers = _layers(places, *np.divmod(pair, 3_000))
    seconds = _seconds(lambda: gi.distances(layers), runs=1)
    print(f"100,000 pairs of 3,000 places, a third of them polygons: {seconds:.2f} s")


def _nearest(rng: np.random.Generator) -> None:
    sites = _spots(rng, 60)
    layers = gi.layers_from_coordinates(_spots(rng, 100_000), uncertainty_m=1_000)
    gi.nearest(layers, sites)
    seconds = _seconds(lambda: gi.nearest(layers, sites))
    found = gi.nearest(layers, sites)["site"].to_numpy()
    wrong = np.count_nonzero(gi.distance_matrix(layers, sites).idxmin(axis=1).to_numpy() != found)
    print(f"nearest of 60 sites, 100,000 rows: {seconds:.2f} s, {wrong} wrong")


def _seconds(task: Callable[[], Any], *, runs: int = 3) -> float:
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        task()
        times.append(time.perf_counter() - began)
    return min(times)


def _spots(rng: np.random.Generator, count: int) -> pd.DataFrame:
    west, south, east, north = _BOX
    return pd.DataFrame(
        {"longitude": rng.uniform(west, east, count), "latitude": rng.uniform(south, north, count)}
    )


def _places(rng: np.random.Generator, count: int) -> gpd.GeoDataFrame:
    """Return places, every third a star of 120 corners, the others discs."""
    places = []
    for i, (lon, lat) in enumerate(_spots(rng, count).to_numpy().tolist()):
        radius_m = float(rng.uniform(2_000, 60_000))
        shape, footprint = f"disc radius_m={radius_m}", disc(lon, lat, radius_m)
        if i % 3 == 0:
            shape, footprint = "polygon", _star(rng, lon, lat, radius_m / 111_000)
        places.append(
            Place(
                f"p{i}", f"p{i}", "town", footprint, lon, lat, radius_m, radius_m / 4, shape=shape
            )
        )
    return places_frame(places)


def _star(rng: np.random.Generator, lon: float, lat: float, radius_deg: float) -> Polygon:
    turn = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    out = radius_deg * (0.8 + 0.2 * np.sin(rng.integers(2, 7) * turn + rng.uniform(0, 6)))
    corners = np.column_stack([lon + out * np.cos(turn), lat + out * np.sin(turn)])
    return Polygon(corners)


def _layers(places: gpd.GeoDataFrame, one: np.ndarray, other: np.ndarray) -> Layers:
    """Return layers of incidents with a launch and a target each."""
    account = pd.Series(np.arange(len(one))).map("a{:09d}".format).astype(object)
    layers = []
    for role, which in (("launch", one), ("target", other)):
        ids = places.index.to_numpy(dtype=object)[which]
        columns = {
            "account": account, "incident": account, "standing": "counted", "place_status": "resolved",
            "place_id": ids, "place_name": ids, "weight": 1.0,
        }  # fmt: skip
        index = pd.Index(account + f":{role}:1", name="row")
        table = pd.DataFrame(columns).set_axis(index)
        layers.append(gpd.GeoDataFrame(table, geometry=np.full(len(table), None), crs=4326))
    empty = gpd.GeoDataFrame(columns=["standing", *LAYER_COLUMNS], geometry=[], crs=4326)
    return Layers(layers[0], layers[1], empty, places)


if __name__ == "__main__":
    main()
