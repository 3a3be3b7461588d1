"""ST-DBSCAN by brute force, its invariants, and clusters of events whose places are vague."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinc.geodesy import inverse
from geoinc.stats import st_dbscan


def points_of(longitude, latitude, day):
    dates = np.datetime64("2012-01-01") + np.asarray(day, dtype=int)
    geometry = gpd.points_from_xy(longitude, latitude)
    return gpd.GeoDataFrame({"date": dates}, geometry=geometry, crs=4326)


def bursts(n, seed):
    """Bursts of events among others."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, n // 12 + 1, n)
    longitude = rng.uniform(42, 44, n)[at] + rng.normal(0, 0.03, n)
    latitude = rng.uniform(33, 35, n)[at] + rng.normal(0, 0.03, n)
    day = np.floor(rng.uniform(0, 300, n)[at] + rng.exponential(6, n))
    return longitude, latitude, day


def by_brute_force(events, distance_m, days, min_events):
    """DBSCAN as defined: sets of core events that reach each other, and who is near them."""
    longitude, latitude, day = events
    apart_m, _ = inverse(longitude[:, None], latitude[:, None], longitude, latitude)
    between = np.abs(day[:, None] - day)
    near = (apart_m <= distance_m) & (between <= days)
    core = near.sum(axis=1) >= min_events
    label = np.full(len(day), -1)
    number = 0
    for i in np.flatnonzero(core):
        if label[i] >= 0:
            continue
        front = [i]
        while front:
            j = front.pop()
            if label[j] < 0:
                label[j] = number
                front += np.flatnonzero(near[j] & core).tolist()
        number += 1
    for i in np.flatnonzero(~core & (near & core).any(axis=1)):
        measure = (apart_m[i] / distance_m) ** 2 + (between[i] / (days or 0.5)) ** 2
        measure[~(near[i] & core)] = np.inf
        label[i] = label[np.argmin(measure)]
    return label


def same_partition(a, b):
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) == len({x for x, _ in pairs}) == len({y for _, y in pairs})


@pytest.mark.parametrize("days", [0, 3, 20])
@pytest.mark.parametrize("seed", [1, 2])
def test_by_brute_force(seed, days):
    longitude, latitude, day = bursts(250, seed)
    result = st_dbscan(
        points_of(longitude, latitude, day), distance_m=4_000, days=days, min_events=4
    )
    expected = by_brute_force((longitude, latitude, day), 4_000, days, 4)
    assert same_partition(result.events["cluster"].to_numpy(), expected)
    assert result.value == expected.max() + 1
    assert result.interval is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(seed):
    points = points_of(*bursts(80, seed))
    shuffled = points.sample(frac=1, random_state=seed)
    options = {"distance_m": 5_000, "days": 10, "min_events": 3}
    one = st_dbscan(points, **options).events["cluster"]
    other = st_dbscan(shuffled, **options).events["cluster"].loc[one.index]
    assert (one == other).all()


def test_one_place_and_one_day_is_one_cluster():
    result = st_dbscan(
        points_of(np.full(9, 44.0), np.full(9, 33.0), np.zeros(9)), distance_m=1, days=0
    )
    assert result.value == 1
    assert result.clusters.loc[0, ["events", "radius_m"]].tolist() == pytest.approx(
        [9, 0], abs=1e-6
    )


def test_no_cluster_is_no_error():
    result = st_dbscan(points_of([44.0, 46.0], [33.0, 33.0], [0, 1]), distance_m=100, days=1)
    assert result.value == 0
    assert len(result.to_frame()) == len(result.to_layer()) == 0


def test_clusters_come_by_their_first_days():
    longitude, latitude, day = bursts(400, 3)
    result = st_dbscan(points_of(longitude, latitude, day), distance_m=4_000, days=7, min_events=4)
    table = result.clusters
    assert table["first_day"].is_monotonic_increasing
    members = result.events[result.events["cluster"] >= 0]
    assert (members.groupby("cluster").size() == table["events"]).all()
    away_m, _ = inverse(
        members["longitude"],
        members["latitude"],
        table["longitude"].to_numpy()[members["cluster"]],
        table["latitude"].to_numpy()[members["cluster"]],
    )
    assert (away_m <= table["radius_m"].to_numpy()[members["cluster"]] + 0.01).all()


def test_vague_events_are_in_clusters_as_often_as_worlds_put_them_there():
    # A burst of six at one spot, and one of the same days known only to an area around it.
    points = points_of(np.full(7, 44.0), np.full(7, 33.0), [0, 0, 1, 1, 2, 2, 1])
    shapes = points.geometry.to_numpy().copy()
    shapes[6:] = shapely.buffer(shapes[6:], 0.1)
    vague = points.set_geometry(gpd.GeoSeries(shapes, crs=4326))
    result = st_dbscan(vague, distance_m=5_000, days=3, min_events=5, samples=400, rng=1)
    share = result.events["share"].to_numpy()
    assert (share[:6] == 1).all()
    # A disc of 5 km in an ellipse of 0.1 degrees: 9.3 by 11.1 km.
    assert share[6:] == pytest.approx(25 / (9.34 * 11.09), abs=0.06)
    assert result.events["cluster"].tolist() == [0] * 6 + [-1]
    assert (result.n_precise, result.n_imprecise) == (6, 1)
    assert result.interval == (1, 1)
    ignored = st_dbscan(vague, distance_m=5_000, days=3, uncertainty="ignore")
    assert ignored.clusters["events"].tolist() == [7]
    assert "centre" in ignored.warnings[0]


def test_pairs_are_told_with_their_share_of_the_worlds():
    spots = [shapely.Point(44 + 0.001 * i, 33) for i in range(5)]
    box = shapely.box(44, 33, 44.1, 33.1)  # some 9.3 by 11.1 km
    table = gpd.GeoDataFrame(
        {"date": "2020-01-01"}, index=range(7), geometry=[*spots, box, box], crs=4326
    )
    result = st_dbscan(table, distance_m=5_000, days=1, min_events=3, samples=400, rng=1)
    share = result.together["share"]
    assert share.is_monotonic_decreasing
    sure = share[share == 1]
    assert len(sure) == 10  # of the five, each with each
    assert {name for pair in sure.index for name in pair} == set("01234")
    # A quarter of a disc of 5 km about the corner of the box.
    assert share["0", "5"] == pytest.approx(np.pi * 25 / 4 / (9.34 * 11.09), abs=0.08)
    alone = st_dbscan(table.iloc[:5], distance_m=5_000, days=1, min_events=3)
    assert alone.together is None


def test_bad_input_is_told():
    points = points_of([44.0], [33.0], [0])
    with pytest.raises(ValueError, match="above 0"):
        st_dbscan(points, distance_m=0, days=1)
    with pytest.raises(ValueError, match="2 or more"):
        st_dbscan(points, distance_m=1, days=1, min_events=1)
    rng = np.random.default_rng(1)
    city = points_of(*(44 + rng.normal(0, 0.01, (2, 20_000))), np.zeros(20_000))
    with pytest.raises(ValueError, match="give shorter ones"):
        st_dbscan(city, distance_m=20_000, days=1)
    with pytest.raises(ValueError, match="no events"):
        st_dbscan(points.assign(date=None), distance_m=1, days=1)


def test_picture_and_layer():
    pytest.importorskip("matplotlib").use("agg")
    result = st_dbscan(points_of(*bursts(200, 4)), distance_m=4_000, days=7, min_events=4)
    assert str(result.value) in result.plot().get_title(loc="left")
    layer = result.to_layer()
    assert layer.crs == 4326
    assert layer.attrs["unit"] == "events"
    assert (layer["low"] <= layer["high"]).all()
