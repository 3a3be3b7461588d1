"""The space-time permutation scan by brute force, under chance and where places are vague."""

import math
import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import stats as scipy_stats

from geoinc.geodesy import inverse
from geoinc.stats import space_time_scan

pytest.importorskip("numba", reason="the scan needs the extra speed")


def points_of(longitude, latitude, day):
    dates = np.datetime64("2012-01-01") + np.asarray(day, dtype=int)
    geometry = gpd.points_from_xy(longitude, latitude)
    return gpd.GeoDataFrame({"date": dates}, geometry=geometry, crs=4326)


def scattered(n, seed, *, places=None):
    rng = np.random.default_rng(seed)
    longitude, latitude = rng.uniform(43, 45, n), rng.uniform(33, 35, n)
    if places:
        at = rng.integers(0, places, n)
        longitude, latitude = longitude[at], latitude[at]
    return longitude, latitude, rng.integers(0, 120, n)


def by_brute_force(longitude, latitude, day, max_distance_m, max_days):
    """Every disc and every window, by the formula."""
    n = len(day)
    apart_m, _ = inverse(longitude[:, None], latitude[:, None], longitude, latitude)
    best = (0.0, 0, 0, 0)
    for i in range(n):
        for radius in np.unique(apart_m[i].round(3)):
            inside = apart_m[i] <= radius + 1e-3
            if radius > max_distance_m or inside.sum() > n // 2:
                break
            for a in np.unique(day[inside]):
                for b in np.unique(day[inside]):
                    if not a <= b < a + max_days:
                        continue
                    during = (day >= a) & (day <= b)
                    c, mu = (inside & during).sum(), inside.sum() * during.sum() / n
                    if c < 2 or c <= mu:
                        continue
                    ratio = c * math.log(c / mu) + (n - c) * math.log((n - c) / (n - mu))
                    best = max(best, (ratio, c, a, b))
    return best


@pytest.mark.parametrize(("seed", "places"), [(1, None), (2, None), (3, 12), (4, 25)])
def test_by_brute_force(seed, places):
    events = scattered(60, seed, places=places)
    ratio, count, first, last = by_brute_force(*events, 60_000, 14)
    result = space_time_scan(
        points_of(*events), max_distance_m=60_000, max_days=14, permutations=1, rng=1
    )
    assert result.value == pytest.approx(ratio, rel=1e-12)
    top = result.clusters.iloc[0]
    assert top["observed"] == count
    assert top["llr"] == result.value
    begin = np.datetime64("2012-01-01")
    assert (top["first_day"], top["last_day"]) == (begin + int(first), begin + int(last))


def test_permutations_are_searched_as_the_data_are():
    from geoinc.stats.spacetime.scan import _Search

    longitude, latitude, day = scattered(80, 5)
    spots = np.column_stack([longitude, latitude])
    search = _Search(spots, day.astype(float), 60_000, 14)
    simulated = search.simulated(7, range(4))
    from geoinc.stats.worlds import generator

    for number in range(4):
        order = generator(7, number).permutation(80)
        again = _Search(spots, day[order].astype(float), 60_000, 14)
        assert simulated[number] == pytest.approx(again.clusters()[0].ratio, rel=1e-12)


def with_a_burst(seed, n=150, many=9):
    rng = np.random.default_rng(seed)
    longitude, latitude, day = scattered(n, seed)
    longitude[:many], latitude[:many] = 44 + rng.normal(0, 0.02, (2, many)) - [[0], [10]]
    day[:many] = rng.integers(50, 54, many)
    return longitude, latitude, day


def test_a_burst_is_found():
    result = space_time_scan(points_of(*with_a_burst(1)), permutations=99, rng=1)
    assert result.p == 0.01
    assert result.p_gumbel < 0.001
    top = result.clusters.iloc[0]
    assert set(result.events.index[result.events["cluster"] == 0]) >= {str(i) for i in range(9)}
    assert top["ratio"] > 8
    assert top["share"] == 1
    counted = result.events["cluster"].value_counts()
    assert (counted.drop(-1, errors="ignore").sort_index() == result.clusters["observed"]).all()
    assert result.clusters["llr"].is_monotonic_decreasing
    assert result.interval is None
    again = space_time_scan(points_of(*with_a_burst(1)), permutations=99, rng=result.seed)
    assert again.clusters.equals(result.clusters)


def test_size_under_chance():
    """Of 100 tests under chance about 5 reject; more than 12 has a chance of 1 in 1,000."""
    results = [
        space_time_scan(points_of(*scattered(60, 200 + seed)), permutations=39, rng=seed)
        for seed in range(100)
    ]
    assert sum(result.p <= 0.05 for result in results) <= 12
    assert sum(result.p_gumbel <= 0.05 for result in results) <= 12


def test_a_burst_is_found_among_vague_places():
    longitude, latitude, day = with_a_burst(2, many=12)
    points = points_of(longitude, latitude, day)
    shapes = points.geometry.to_numpy().copy()
    shapes[8:40] = shapely.box(43, 33, 45, 35)
    vague = points.set_geometry(gpd.GeoSeries(shapes, crs=4326))
    result = space_time_scan(vague, permutations=39, samples=4, rng=1)
    assert result.n_imprecise == 32
    assert result.p == 0.025
    low, high = result.interval
    assert low <= result.value <= high
    assert result.clusters["share"][0] == 1
    found = result.events.index[result.events["cluster"] == 0]
    assert len({str(i) for i in range(8)}.intersection(found)) >= 7


def test_gumbel_is_fitted_by_its_moments():
    from geoinc.stats.spacetime.scan import _p_values

    drawn = scipy_stats.gumbel_r.rvs(8, 1.2, size=4000, random_state=1)
    _, p = _p_values(np.array([8.0, 12.0]), drawn)
    assert p == pytest.approx(scipy_stats.gumbel_r.sf([8, 12], 8, 1.2), rel=0.15)


def test_bad_input_is_told(monkeypatch):
    points = points_of(*scattered(10, 1))
    with pytest.raises(ValueError, match="four events"):
        space_time_scan(points.iloc[:3])
    with pytest.raises(ValueError, match="above 0"):
        space_time_scan(points, max_distance_m=0)
    monkeypatch.setitem(sys.modules, "geoinc.stats.spacetime.compiled_scan", None)
    with pytest.raises(ModuleNotFoundError, match=r"geoinc\[speed\]"):
        space_time_scan(points)


def test_all_at_one_place_is_no_cluster():
    result = space_time_scan(
        points_of(np.full(9, 44.0), np.full(9, 33.0), np.arange(9)), permutations=9, rng=1
    )
    assert result.p == 1
    assert len(result.clusters) == len(result.to_layer()) == 0


def test_picture_and_layer():
    pytest.importorskip("matplotlib").use("agg")
    result = space_time_scan(points_of(*with_a_burst(1)), permutations=99, rng=1)
    assert "p = 0.01" in result.plot().get_title(loc="left")
    layer = result.to_layer()
    assert len(layer) == (result.clusters["p"] <= 0.05).sum()
    assert layer.attrs["unit"]
