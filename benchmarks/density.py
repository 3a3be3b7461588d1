"""Measure what coarse places do to a density: `python benchmarks/density.py IRAQ_2007`.

A share of the attacks in Iraq (1,000 of 2007 and 2008, the folder as of `examples/gallery.py`) is made
known to the province alone; the density, scaled to the same total, is held against that of all where
they were: root mean squared difference over the root mean square.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc import stats
from geoinc.stats.windows import provinces

#: How the imprecise are treated, and its name.
WAYS = {
    "as densely as precise ones": {"uncertainty": "propagate"},
    "evenly over the province": {"uncertainty": "propagate", "even": True},
    "left out": {"uncertainty": "precise-only"},
    "at the centre": {"uncertainty": "ignore"},
}
RUNS = 5


def main(folder: Path) -> None:
    """Print a line for each share and way."""
    outline = json.loads((folder / "iraq_window.json").read_text())["polygons"]
    iraq = shapely.union_all([shapely.make_valid(shapely.Polygon(ring)) for ring in outline])
    table = pd.read_csv(folder / "insurgencies_sample1000.csv")
    places = gpd.points_from_xy(table["longitude"], table["latitude"])
    attacks = gpd.GeoDataFrame(geometry=places, crs=4326)
    areas = provinces(["IQ"]).reset_index(drop=True)
    inside = attacks.sjoin(areas[["geometry"]], how="left")["index_right"]
    inside = inside[~inside.index.duplicated()]
    how = {"window": iraq, "bandwidth": 25_000.0, "cells": 160, "samples": 30}
    truth = stats.kernel_density(attacks, **how).value
    rng = np.random.default_rng(1)
    for share in (0.1, 0.3, 0.5):
        off: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(RUNS):
            coarse = (rng.random(len(attacks)) < share) & inside.notna().to_numpy()
            shapes = attacks.geometry.to_numpy().copy()
            shapes[coarse] = areas.geometry.to_numpy()[inside[coarse].to_numpy(dtype=int)]
            told = gpd.GeoDataFrame(geometry=shapes, crs=4326)
            for way, options in WAYS.items():
                value = stats.kernel_density(told, **how, **options, rng=rng).value
                value *= np.nansum(truth) / np.nansum(value)
                off[way].append(
                    float(np.sqrt(np.nanmean((value - truth) ** 2) / np.nanmean(truth**2)))
                )
        for way, values in off.items():
            print(f"{share:4.0%} {way:28} {np.mean(values):6.1%}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
