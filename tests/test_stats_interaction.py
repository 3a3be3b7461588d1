"""Mantel and Jacquez against R and PySAL, by brute force, and under uncertainty."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoinc.geodesy import inverse
from geoinc.stats import jacquez, mantel
from geoinc.stats.spacetime.interaction import _distances_km, _mantel, _nearest, _shared


@pytest.fixture(scope="module")
def burkitt(shared_data):
    table = gpd.read_file(shared_data / "spatial_statistics/libpysal_burkitt/burkitt.shp")
    return table[["X", "Y"]].to_numpy(float), table["T"].to_numpy(float)


def all_distances(spots):
    return np.linalg.norm(spots[:, None] - spots[None], axis=2)


@pytest.mark.parametrize(("kind", "reciprocal"), [("mantel_raw", False), ("mantel_inv1", True)])
def test_mantel_as_r_has_it(burkitt, shared_data, kind, reciprocal):
    spots, day = burkitt
    path = shared_data / "spatial_statistics/spatstat_reference.json"
    told = json.loads(path.read_text(encoding="utf-8"))[f"burkitt.{kind}"]["r"]
    statistic = _mantel(all_distances(spots), reciprocal=reciprocal)
    assert statistic(day, np.arange(len(day))[None])[0] == pytest.approx(told, rel=1e-10)


def nearest_in_order(apart, k):
    """K nearest neighbours, of equally far ones those that come first."""
    apart = apart.copy()
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1, kind="stable")[:, :k]


def test_jacquez_as_pysal_has_it(burkitt):
    """PySAL documents 12, and that its answer hung on the version of its tree: there are ties."""
    spots, day = burkitt
    space, time = all_distances(spots), np.abs(day[:, None] - day)
    n = len(day)
    rng = np.random.default_rng(1)
    answers = []
    for _ in range(200):
        order = rng.permutation(n)
        near = nearest_in_order(space[np.ix_(order, order)], 3)
        soon = nearest_in_order(time[np.ix_(order, order)], 3)
        answers.append(sum(len(set(a) & set(b)) for a, b in zip(near, soon, strict=True)))
    ours = _shared(_nearest(spots, 3), day, np.arange(n)[None], 3)[0]
    assert 12 in answers
    assert len(set(answers)) > 1
    # Sharing the last place among ties is the mean over all ways to break them.
    assert ours == pytest.approx(37 / 3)
    assert ours == pytest.approx(np.mean(answers), abs=0.15)


def test_jacquez_of_an_order_is_that_of_the_days_in_this_order():
    rng = np.random.default_rng(2)
    spots, day = rng.uniform(0, 1, (40, 2)), rng.integers(0, 30, 40).astype(float)
    near = _nearest(spots, 4)
    orders = np.stack([rng.permutation(40) for _ in range(5)])
    together = _shared(near, day, orders, 4)
    alone = [_shared(near, day[order], np.arange(40)[None], 4)[0] for order in orders]
    assert together == pytest.approx(alone, rel=1e-12)


def test_distances_are_geodesic():
    rng = np.random.default_rng(3)
    longitude, latitude = rng.uniform(35, 48, 300), rng.uniform(28, 38, 300)
    exact = inverse(longitude[:, None], latitude[:, None], longitude, latitude)[0] / 1000
    assert _distances_km(longitude, latitude) == pytest.approx(exact, rel=2e-4)


def points_of(n, seed, *, tied):
    """Events whose day follows from where they are, or not."""
    rng = np.random.default_rng(seed)
    longitude, latitude = rng.uniform(42, 46, n), rng.uniform(32, 36, n)
    day = (longitude - 42) * 90 + rng.uniform(0, 20, n) if tied else rng.uniform(0, 360, n)
    dates = np.datetime64("2015-03-01") + day.astype(int)
    geometry = gpd.points_from_xy(longitude, latitude)
    return gpd.GeoDataFrame({"date": dates}, geometry=geometry, crs=4326)


@pytest.mark.parametrize("test", [mantel, jacquez])
def test_what_hangs_together_is_found_and_what_does_not_is_not(test):
    together = test(points_of(120, 1, tied=True), permutations=99, rng=1)
    assert together.p == 0.01
    assert together.value > together.expected
    assert together.interval is None
    rejected = sum(
        test(points_of(40, seed, tied=False), permutations=19, rng=seed).p <= 0.05
        for seed in range(60)
    )
    assert rejected <= 9  # 3 are expected; 10 come up once in 1,000 times


@pytest.mark.parametrize("test", [mantel, jacquez])
def test_vague_places_widen_the_answer(test):
    points = points_of(90, 4, tied=True)
    shapes = points.geometry.to_numpy().copy()
    shapes[:30] = shapely.buffer(shapes[:30], 1.0)
    vague = points.set_geometry(gpd.GeoSeries(shapes, crs=4326))
    result = test(vague, permutations=39, samples=8, rng=1)
    low, high = result.interval
    assert low < high
    assert low <= result.value <= high
    assert result.n_imprecise == 30
    assert result.p == 0.025
    assert test(vague, permutations=39, samples=8, rng=result.seed).p == result.p
    alone = test(vague, permutations=39, uncertainty="precise-only", rng=1)
    assert (alone.n_precise, alone.n_imprecise) == (60, 0)


def test_bad_input_is_told():
    points = points_of(10, 1, tied=False)
    with pytest.raises(ValueError, match="one day or equally far"):
        mantel(points.assign(date="2020-01-01"))
    with pytest.raises(ValueError, match="3 events"):
        mantel(points.iloc[:2])
    with pytest.raises(ValueError, match="5 events"):
        jacquez(points.iloc[:4])
    with pytest.raises(ValueError, match="k=0"):
        jacquez(points, k=0)
    with pytest.raises(ValueError, match="transform"):
        mantel(points, transform="square")
    with pytest.raises(ValueError, match="permutations"):
        mantel(points, permutations=0)


def test_picture_and_table():
    pytest.importorskip("matplotlib").use("agg")
    result = mantel(points_of(50, 5, tied=True), permutations=99, rng=1)
    assert "p = 0.01" in result.plot().get_title(loc="left")
    assert result.to_frame().loc[0, "expected"] == result.expected
