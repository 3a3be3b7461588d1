"""Draw the picture of every statistic: ``python examples/gallery.py OUT [IRAQ_2007]``.

The first pictures are of the two tables in this folder.  The others need more incidents: give the folder
of the data that the R package geocausal ships as CSV (attacks and air strikes in Iraq, February 2007
to July 2008: ``insurgencies_sample1000.csv``, ``airstrikes.csv`` with date, longitude, latitude and
type) and Iraq's outline (``iraq_window.json``, a list of ``polygons``).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import matplotlib as mpl
import pandas as pd
import shapely
from matplotlib import pyplot as plt

import geoinc as gi
from geoinc import stats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
SEED = 2007

#: A name for the file, and what draws itself.
Picture = tuple[str, "Callable[[], Any]"]


def of_the_examples() -> Iterator[Picture]:
    """Yield pictures of the attacks of five news reports, and of those with a reported launch place."""
    gazetteer = gi.load_gazetteer()
    attacks = gi.locate(gi.read_reports(HERE / "iraq-syria.csv"), gazetteer)
    launched = gi.locate(gi.read_reports(HERE / "launch-sites.csv"), gazetteer)
    watched = {"start": "2020-01-01", "end": "2023-10-31", "rng": SEED}
    for name, func in (
        ("site-rates", stats.site_rates),
        ("site-gaps", stats.site_gaps),
        ("site-trends", stats.site_trends),
        ("sites-compared", stats.compare_sites),
    ):
        yield name, lambda func=func: func(attacks, **watched)
    yield "site-change", lambda: stats.site_change(attacks, "2021-01-01", **watched)
    for name, func in (
        ("mean-centre", stats.mean_center),
        ("median-centre", stats.median_center),
        ("standard-distance", stats.standard_distance),
        ("standard-ellipse", stats.standard_ellipse),
        ("enclosing-circle", stats.enclosing_circle),
        ("convex-hull", stats.convex_hull),
        ("density", stats.kernel_density),
    ):
        yield name, lambda func=func: func(attacks, rng=SEED)
    yield "azimuth", lambda: stats.mean_azimuth(launched, start="target", end="launch", rng=SEED)
    yield "areas", lambda: stats.area_counts(attacks)


def of_iraq(folder: Path) -> Iterator[Picture]:
    """Yield pictures of 1,000 attacks in Iraq, 2007 and 2008, and of the air strikes."""
    outline = json.loads((folder / "iraq_window.json").read_text())["polygons"]
    iraq = shapely.union_all([shapely.make_valid(shapely.Polygon(ring)) for ring in outline])
    attacks, strikes = (
        points_of(folder / name) for name in ("insurgencies_sample1000.csv", "airstrikes.csv")
    )
    how: dict[str, Any] = {"window": iraq, "rng": SEED}
    bombs, shots = (attacks[attacks["type"] == kind] for kind in ("IED", "SAF"))
    grid = stats.square_grid(iraq, size_m=75_000)
    weekdays = pd.to_datetime(attacks["date"]).dt.day_of_week

    yield (
        "iraq-weekdays",
        lambda: stats.circular_mean(
            weekdays, period=7, unit="days after Monday", title="Day of the week"
        ),
    )
    yield "iraq-density", lambda: stats.kernel_density(attacks, **how)
    yield "iraq-density-strikes", lambda: stats.kernel_density(strikes, **how)
    yield (
        "iraq-risk-period",
        lambda: stats.relative_risk(attacks, attacks["date"] >= "2007-10-01", **how),
    )
    yield "iraq-risk-bombs", lambda: stats.relative_risk(attacks, attacks["type"] == "IED", **how)
    yield "iraq-k", lambda: stats.k_function(attacks, **how)
    yield "iraq-pair-correlation", lambda: stats.pair_correlation(attacks, **how)
    yield "iraq-g", lambda: stats.g_function(attacks, **how)
    yield "iraq-f", lambda: stats.f_function(attacks, **how)
    yield "iraq-envelope", lambda: stats.envelope(strikes.iloc[::20], simulations=99, **how)
    yield "iraq-clark-evans", lambda: stats.clark_evans(attacks, **how)
    yield "iraq-quadrats", lambda: stats.quadrat_test(attacks, **how)
    yield "iraq-labels", lambda: stats.label_test(bombs, shots, simulations=99, **how)
    bands: dict[str, Any] = {"distances_m": [1_000, 2_000, 5_000, 10_000], "days": [2, 7, 14, 28]}
    yield "iraq-knox", lambda: stats.knox(attacks, **bands, **how)
    yield "iraq-knox-local", lambda: stats.local_knox(attacks, distance_m=5_000, days=7, **how)
    yield "iraq-mantel", lambda: stats.mantel(attacks, **how)
    yield "iraq-jacquez", lambda: stats.jacquez(attacks, **how)
    yield "iraq-clusters", lambda: stats.st_dbscan(attacks, distance_m=5_000, days=14, **how)
    yield "iraq-scan", lambda: stats.space_time_scan(attacks, permutations=99, **how)
    yield "iraq-areas", lambda: stats.area_counts(attacks, areas=grid)
    yield (
        "iraq-area-change",
        lambda: stats.area_change(attacks, areas=grid, date="2007-10-01", rng=SEED),
    )
    yield "iraq-moran", lambda: stats.moran(attacks, areas=grid, rng=SEED)
    yield "iraq-moran-local", lambda: stats.local_moran(attacks, areas=grid, rng=SEED)
    yield "iraq-getis-ord", lambda: stats.getis_ord(attacks, areas=grid, rng=SEED)


def points_of(path: Path) -> gpd.GeoDataFrame:
    """Read a table of longitudes and latitudes."""
    table = pd.read_csv(path)
    table["date"] = pd.to_datetime(table["date"])
    points = gpd.points_from_xy(table.pop("longitude"), table.pop("latitude"))
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)


def main(out: Path, iraq: Path | None) -> None:
    """Draw all pictures into a folder."""
    mpl.use("agg")
    out.mkdir(parents=True, exist_ok=True)
    pictures = [*of_the_examples(), *(of_iraq(iraq) if iraq else ())]
    for name, result_of in pictures:
        began = time.perf_counter()
        result = result_of()
        result.plot().figure.savefig(out / f"{name}.png", dpi=110)
        plt.close("all")
        print(f"{name:24} {time.perf_counter() - began:6.1f} s", *result.warnings, sep="\n    ")


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else None)
