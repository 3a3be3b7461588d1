"""How long a million rows with coordinates take, from a file to layers.

Run as ``python benchmarks/reading.py [ROWS]``.  Prints seconds of processor and of the clock for CSV and Parquet, once with 40,000
distinct places (as coded events have) and once with every row at a place of its own, beside what ``geopandas.read_file``
takes for the same CSV and for no more than points.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

import geoinc as gi

if TYPE_CHECKING:
    from collections.abc import Callable


def made_up(rows: int, places: int, seed: int = 7) -> pd.DataFrame:
    """Return events at so many places, evenly spread."""
    rng = np.random.default_rng(seed)
    longitude, latitude = (
        rng.uniform(38, 49, places).round(5),
        rng.uniform(29, 37.5, places).round(5),
    )
    at = np.arange(rows) if places == rows else rng.integers(0, places, rows)
    days = pd.date_range("2003-03-20", periods=7_000).strftime("%Y-%m-%d").to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "event": np.arange(rows),
            "date": days[rng.integers(0, len(days), rows)],
            "longitude": longitude[at],
            "latitude": latitude[at],
            "event_type": rng.choice(["rocket", "drone", "mortar", "roadside bomb"], rows),
            "killed": rng.integers(0, 6, rows),
        }
    )


def timed(label: str, function: Callable[[], Any]) -> Any:
    """Print how long a function takes, and return what it does."""
    worker, clock = time.process_time(), time.perf_counter()
    result = function()
    worker, clock = time.process_time() - worker, time.perf_counter() - clock
    print(f"{label:<44} {worker:6.2f} s processor {clock:6.2f} s clock", flush=True)
    return result


def to_layers(path: Path) -> None:
    """Read a file and place it."""
    reports = timed(f"  {path.name}: read_reports", lambda: gi.read_reports(path))
    timed(
        "  layers_from_coordinates",
        lambda: gi.layers_from_coordinates(reports, uncertainty_m=1_000),
    )


def as_points(path: Path) -> Any:
    """Read a file into points, without dates, counts, identifiers or uncertainty."""
    table = gpd.read_file(path)
    return gpd.points_from_xy(table["longitude"].astype(float), table["latitude"].astype(float))


def main() -> None:
    """Measure."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for places in (min(40_000, rows), rows):
            table = made_up(rows, places)
            files = Path(folder) / "events.csv", Path(folder) / "events.parquet"
            table.to_csv(files[0], index=False)
            table.to_parquet(files[1])
            print(f"{rows:,} rows at {places:,} places")
            gi.layers_from_coordinates(gi.read_reports(table.head(10)), uncertainty_m=1)  # imports
            for path in files:
                timed("from file to layers", lambda path=path: to_layers(path))
            timed("geopandas.read_file and points", lambda path=files[0]: as_points(path))


if __name__ == "__main__":
    main()
