"""Knox against R's surveillance and pointpats, by brute force, and under uncertainty."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import stats as scipy_stats
from scipy.spatial import cKDTree

from geoinc.geodesy import inverse
from geoinc.stats import events_of, knox, local_knox
from geoinc.stats.spacetime.knox_grid import ratio_interval
from geoinc.stats.spacetime.knox_local import _local, _near_in_time
from geoinc.stats.spacetime.knox_pairs import SpacePairs, small_days, time_pairs


@pytest.fixture(scope="module")
def burkitt(shared_data):
    table = gpd.read_file(shared_data / "spatial_statistics/libpysal_burkitt/burkitt.shp")
    return table[["X", "Y"]].to_numpy(float), table["T"].to_numpy(float)


@pytest.fixture(scope="module")
def reference(shared_data):
    path = shared_data / "spatial_statistics/spatstat_reference.json"
    return json.loads(path.read_text(encoding="utf-8"))


def planar_pairs(spots, distance):
    """Pairs in the plane, which the public functions never measure in."""
    pairs = cKDTree(spots).query_pairs(distance + 1e-9, output_type="ndarray")
    apart = np.linalg.norm(spots[pairs[:, 0]] - spots[pairs[:, 1]], axis=1)
    first, second = pairs[apart <= distance].T
    n = len(spots)
    return SpacePairs(np.arange(n), np.arange(n + 1), [(first, second)], own=n)


@pytest.mark.parametrize(
    ("distance", "days"), [(20, 5), (2.5, 30), (5, 60), (10, 90), (20, 180), (40, 360)]
)
def test_burkitt_as_surveillance_has_it(burkitt, reference, distance, days):
    spots, day = burkitt
    told = reference[f"burkitt.knox_s{distance}_t{days}"]
    space, edges = planar_pairs(spots, distance), np.array([float(days)])
    observed = space.counts(small_days(day)[None], edges)[0, 1, 0]
    in_space, in_time = space.totals[1], time_pairs(day, edges)[0]
    assert (observed, in_space, in_time) == (told["O"], told["ns"], told["nt"])
    n = len(day)
    expected = in_space * in_time / (n * (n - 1) / 2)
    assert expected == pytest.approx(told["expected"], rel=1e-10)
    # R's p (and that of pointpats) is of more pairs than observed; as many or more is the tail.
    p = scipy_stats.poisson.sf(observed - 1, expected)
    assert p == pytest.approx(told["p_ge"], rel=1e-10)


def test_local_knox_counts_as_pointpats_does(burkitt):
    spots, day = burkitt
    both, near = planar_pairs(spots, 20).of_events(small_days(day), np.array([5.0]))
    observed, space, time = both.sum(axis=(0, 1)), near.sum(axis=0), _near_in_time(day, 5)
    # pointpats takes the mean over the days that the event itself might have had; ours keeps its
    # day, which is what is known of it. The counts are the same.
    mixed = [
        scipy_stats.hypergeom.sf(o - 1, len(day) - 1, time, s).mean()
        for o, s in zip(observed, space, strict=True)
        if o
    ]
    assert len(mixed) == 26
    assert mixed[:3] == pytest.approx([0.1348993, 0.1422066, 0.0733509], abs=1e-7)
    assert _local(observed, space, time)[2][observed > 0][0] == pytest.approx(0.2673796791443851)


def points_of(longitude, latitude, day, **columns):
    dates = np.datetime64("2010-01-01") + np.asarray(day, dtype=int)
    geometry = gpd.points_from_xy(longitude, latitude)
    return gpd.GeoDataFrame({"date": dates, **columns}, geometry=geometry, crs=4326)


def random_points(n, seed, *, places=None):
    rng = np.random.default_rng(seed)
    longitude, latitude = rng.uniform(43, 45, n), rng.uniform(33, 34, n)
    if places:
        at = rng.integers(0, places, n)
        longitude, latitude = longitude[at], latitude[at]
    return longitude, latitude, rng.integers(0, 200, n)


@pytest.mark.parametrize("places", [None, 40])
def test_the_grid_by_brute_force(places):
    longitude, latitude, day = random_points(300, 5, places=places)
    result = knox(
        points_of(longitude, latitude, day),
        distances_m=[3_000, 15_000, 40_000],
        days=[0, 5, 30],
        permutations=9,
        rng=1,
    )
    i, j = np.triu_indices(300, 1)
    apart_m, _ = inverse(longitude[i], latitude[i], longitude[j], latitude[j])
    space = np.searchsorted([0, 3_000, 15_000, 40_000], apart_m)
    time = np.searchsorted([0, 5, 30], np.abs(day[i] - day[j]))
    counted = np.zeros((5, 4))
    np.add.at(counted, (space, time), 1)
    assert (result.table["observed"].to_numpy().reshape(4, 3) == counted[:4, :3]).all()
    expected = np.outer(counted.sum(axis=1), counted.sum(axis=0)) / len(i)
    shown = result.table["expected"].to_numpy().reshape(4, 3)
    assert shown == pytest.approx(expected[:4, :3], rel=1e-12)


def test_neighbours_of_each_event_by_brute_force():
    longitude, latitude, day = random_points(200, 6, places=50)
    table = local_knox(points_of(longitude, latitude, day), distance_m=20_000, days=10).table
    apart_m, _ = inverse(longitude[:, None], latitude[:, None], longitude, latitude)
    both = (apart_m <= 20_000) & (np.abs(day[:, None] - day) <= 10)
    assert (table["observed"] == both.sum(axis=1) - 1).all()


def test_orders_of_days_scatter_around_what_is_expected():
    longitude, latitude, day = random_points(400, 7, places=100)
    order = np.argsort(longitude, kind="stable")
    place = np.unique(longitude, return_inverse=True)[1]
    space = SpacePairs.of(longitude, latitude, place, np.array([5_000.0, 20_000.0]))
    edges = np.array([7.0, 28.0])
    rng = np.random.default_rng(1)
    orders = np.stack([rng.permutation(small_days(day.astype(float))) for _ in range(400)])
    mean = space.counts(orders, edges).mean(axis=0)
    expected = np.outer(space.totals, time_pairs(day, edges)) / (400 * 399 / 2)
    assert mean == pytest.approx(expected, rel=0.06)
    assert len(order) == 400


def test_days_of_any_kind_are_compared_alike():
    longitude, latitude, day = random_points(150, 8)
    space = SpacePairs.of(longitude, latitude, np.arange(150), np.array([50_000.0]))
    edges = np.array([3.0, 1e9])
    small = space.counts(small_days(day.astype(float))[None], edges)
    halves = space.counts(day[None] + 0.5 - day.min(), edges)
    assert (small == halves).all()
    assert small_days(np.array([0.0, 40_000.0])).dtype == np.int32


def test_p_is_never_zero_and_the_seed_repeats_it():
    longitude, latitude, day = random_points(60, 9)
    points = points_of(np.tile(longitude, 2), np.tile(latitude, 2), np.tile(day, 2))
    result = knox(points, permutations=99, rng=3)
    assert result.p == 0.01
    assert result.table["p_adjusted"].min() >= result.table["p"].min() > 0
    again = knox(points, permutations=99, rng=result.seed)
    assert again.table.equals(result.table)


def test_size_under_chance():
    """Of 100 tests under chance about 5 reject; more than 12 has a chance of 1 in 1,000."""
    rejected = 0
    for seed in range(100):
        points = points_of(*random_points(80, 100 + seed))
        rejected += knox(points, permutations=39, rng=seed).p <= 0.05
    assert rejected <= 12


def contagion(seed, n=300, share=0.3):
    """Events that draw others after them, and the same known in part to a quarter of the land."""
    rng = np.random.default_rng(seed)
    longitude, latitude = rng.uniform(42, 45, n), rng.uniform(32, 35, n)
    day = rng.uniform(0, 1460, n)
    for i in range(n // 5, n, 5):
        parent = rng.integers(0, i)
        longitude[i] = longitude[parent] + rng.normal(0, 0.02)
        latitude[i] = latitude[parent] + rng.normal(0, 0.02)
        day[i] = day[parent] + rng.uniform(0, 14)
    truth = points_of(longitude, latitude, day)
    vague = rng.random(n) < share
    west, south = 41 + 2 * (longitude > 43), 31 + 2 * (latitude > 33)
    known = truth.geometry.to_numpy().copy()
    known[vague] = shapely.box(west, south, west + 2, south + 2)[vague]
    return truth, truth.set_geometry(gpd.GeoSeries(known, crs=4326))


def test_the_interval_holds_the_truth_where_places_are_vague():
    options = {"distances_m": [5_000], "days": [14], "permutations": 19}
    held = held_by_centres = 0
    for seed in range(12):
        truth, known = contagion(seed)
        ratio = knox(truth, **options, rng=seed).value[1, 0]
        result = knox(known, **options, rng=seed, samples=5)
        low, high = (bound[1, 0] for bound in result.interval)
        held += low <= ratio <= high
        assert result.p == 0.05
        assert result.n_imprecise > 50
        centres = knox(known, **options, rng=seed, uncertainty="ignore")
        held_by_centres += centres.interval[0][1, 0] <= ratio <= centres.interval[1][1, 0]
        assert "centre" in centres.warnings[0]
        assert centres.value[1, 0] < 0.6 * ratio
    assert held == 12
    assert held_by_centres <= 2


def test_precise_only_leaves_the_vague_out():
    _, known = contagion(1)
    result = knox(known, permutations=9, uncertainty="precise-only", rng=1)
    assert result.n_imprecise == 0
    assert "left out" in result.warnings[0]


def test_days_known_to_the_month_are_drawn():
    longitude, latitude, day = random_points(60, 11)
    points = points_of(np.tile(longitude, 2), np.tile(latitude, 2), np.tile(day, 2))
    month = points["date"].dt.to_period("M")
    points["date_start"], points["date_end"] = month.dt.start_time, month.dt.end_time.dt.normalize()
    exact = knox(points.drop(columns=["date_start", "date_end"]), permutations=19, rng=1)
    vague = knox(points, permutations=19, samples=5, rng=1)
    assert vague.n_imprecise == 120
    assert exact.table["observed"][0] == 60
    assert 20 < vague.table["observed"][0] < 45  # of two days of a month 42 % are within a week


def test_the_interval_is_poissons_where_pairs_are_independent():
    low, high = ratio_interval(np.array([10.0, 0.0]), np.array([2.0, 2.0]), np.array([10.0, 0.0]))
    # Exact bounds of a count of 10: 4.795 and 18.39; of none: 0 and 3.689.
    assert low == pytest.approx([4.7954 / 2, 0], abs=1e-4)
    assert high == pytest.approx([18.3904 / 2, 3.6889 / 2], abs=1e-4)


def test_layers_and_what_is_left_out():
    import geoinc as gi

    table = pd.DataFrame(
        {
            "longitude": [44.0, 44.0, 44.001, 43, 42, 41],
            "latitude": 33.0,
            "date": ["2020-01-01", "2020-01-03", "2020-01-04", "2020-06", "2021-01-01", ""],
        }
    )
    layers = gi.layers_from_coordinates(table, uncertainty_m=1000)
    result = knox(layers, permutations=9, rng=1, samples=3)
    assert result.n_precise + result.n_imprecise == 5
    assert result.n_imprecise == 1  # the one of June 2020
    assert any("no day" in warning for warning in result.warnings)
    assert result.table["precise_observed"][0] == 1  # the two at one place, two days apart
    assert result.table["distance"][0] == "same place"


def test_events_made_for_another_scale_are_told_anew():
    """To the kilometre is precise for the map, and not for bands of 500 metres."""
    longitude, latitude, day = random_points(50, 12)
    points = points_of(longitude, latitude, day, uncertainty_m=1_000.0)
    events = events_of(points)
    assert events.n_imprecise == 0
    result = knox(events, distances_m=[500, 20_000], permutations=9, samples=3, rng=1)
    assert result.n_imprecise == 50
    assert knox(events, permutations=9, rng=1).n_imprecise == 0


def test_bad_input_is_told():
    points = points_of(*random_points(10, 1))
    with pytest.raises(ValueError, match="three events"):
        knox(points.iloc[:2])
    with pytest.raises(ValueError, match="three events"):
        knox((np.arange(10.0), np.arange(10.0)))  # no day at all
    with pytest.raises(ValueError, match="rise"):
        knox(points, distances_m=[5_000, 1_000])
    with pytest.raises(ValueError, match="band of their own"):
        knox(points, distances_m=[0, 1_000])
    with pytest.raises(ValueError, match="permutations=0"):
        knox(points, permutations=0)
    with pytest.raises(ValueError, match="three events"):
        local_knox(points.iloc[:1])
    rng = np.random.default_rng(1)
    city = points_of(
        44 + rng.normal(0, 0.01, 30_000), 33 + rng.normal(0, 0.01, 30_000), [0] * 30_000
    )
    with pytest.raises(ValueError, match="give shorter distances"):
        knox(city)
    here = knox(points_of(np.full(9, 44.0), np.full(9, 33.0), np.arange(9)), permutations=9, rng=1)
    assert here.value[0, 0] == 1
    assert "as near" in here.warnings[0]


def test_pictures_and_layer():
    pytest.importorskip("matplotlib").use("agg")
    truth, _ = contagion(1)
    result = knox(truth, permutations=99, rng=1)
    ax = result.plot()
    assert "apart in space" in ax.get_ylabel()
    local = local_knox(truth)
    assert local.plot().collections
    layer = local.to_layer()
    assert list(layer.columns[:4]) == ["label", "value", "low", "high"]
    assert layer.crs == 4326
    assert layer.attrs["unit"]
    assert 0 < len(layer) < len(truth)
