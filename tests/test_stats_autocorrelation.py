"""Moran, Geary, joins, local Moran and Gi* against R's spdep, and where places are vague."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.sparse import csr_array, eye_array

from geoinc.stats import (
    area_weights,
    geary,
    getis_ord,
    join_counts,
    local_moran,
    moran,
)
from geoinc.stats.areas.area_maps import AreaMaps, two_sided
from geoinc.stats.areas.autocorrelation import (
    geary_c,
    geary_moments,
    joins,
    moran_i,
    moran_moments,
)
from geoinc.stats.areas.local_autocorrelation import conditional_p, gi_star, local_moran_i
from geoinc.stats.areas.weights import standardised


def grid(columns, rows, size=0.2):
    boxes = [
        shapely.box(42 + size * c, 33 + size * r, 42 + size * (c + 1), 33 + size * (r + 1))
        for r in range(rows)
        for c in range(columns)
    ]
    return gpd.GeoDataFrame(geometry=boxes, crs=4326)


@pytest.fixture(scope="module")
def reference(shared_data):
    path = shared_data / "spatial_statistics/spatstat_reference.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ten():
    """The 10 x 10 grid of the reference, neighbours that touch."""
    return area_weights(grid(10, 10))


def test_moran_as_spdep_has_it(reference, ten):
    rates = np.array(reference["grid10.v"]["v"], dtype=float)
    told = reference["grid10.moran_W"]
    value, expected, variance = moran_moments(rates, standardised(ten))
    assert value == pytest.approx(told["I"], rel=1e-10)
    assert expected == pytest.approx(told["E"], rel=1e-10)
    assert variance == pytest.approx(told["Var"], rel=1e-10)
    assert (value - expected) / np.sqrt(variance) == pytest.approx(told["z"], rel=1e-10)


def test_geary_as_spdep_has_it(reference, ten):
    rates = np.array(reference["grid10.v"]["v"], dtype=float)
    told = reference["grid10.geary_W"]
    value, _, variance = geary_moments(rates, standardised(ten))
    assert value == pytest.approx(told["C"], rel=1e-10)
    assert variance == pytest.approx(told["Var"], rel=1e-10)


def test_local_statistics_as_spdep_has_them(reference, ten):
    rates = np.array(reference["grid10.v"]["v"], dtype=float)
    # esda divides by n - 1 where spdep divides by n: its values are 99/100 of these.
    told = reference["grid10.localmoran_W_Ii"]["v"]
    assert local_moran_i(rates, standardised(ten)) == pytest.approx(told, rel=1e-10, abs=1e-14)
    selfed = csr_array(ten + eye_array(100))
    told = reference["grid10.Gi_star_B_z"]["v"]
    assert gi_star(rates, selfed) == pytest.approx(told, rel=1e-10, abs=1e-14)


def test_columbus_as_esda_has_it(shared_data):
    """The crimes of Columbus: PySAL's documented example, neighbours found from the outlines."""
    folder = shared_data / "spatial_statistics"
    path = folder / "libpysal_columbus/columbus.shp"
    areas = gpd.read_file(path).set_crs(4326, allow_override=True)
    told = json.loads((folder / "reference_values.json").read_text(encoding="utf-8"))["computed"]
    rates = areas["CRIME"].to_numpy(dtype=float)
    weights = area_weights(areas)
    scaled = standardised(weights)
    assert moran_i(rates, scaled) == pytest.approx(told["columbus_CRIME_moran_r"]["I"], rel=1e-10)
    assert moran_i(rates, weights) == pytest.approx(told["columbus_CRIME_moran_b"]["I"], rel=1e-10)
    assert geary_c(rates, scaled) == pytest.approx(told["columbus_CRIME_geary_r"]["C"], rel=1e-10)
    assert geary_c(rates, weights) == pytest.approx(told["columbus_CRIME_geary_b"]["C"], rel=1e-10)


def test_moments_are_those_of_maps_that_have_changed():
    weights = standardised(area_weights(grid(5, 4)))
    rng = np.random.default_rng(1)
    rates = rng.exponential(1, 20)
    changed = rng.permuted(np.tile(rates, (40_000, 1)), axis=1)
    for statistic, moments in ((moran_i, moran_moments), (geary_c, geary_moments)):
        _, expected, variance = moments(rates, weights)
        values = statistic(changed, weights)
        assert values.mean() == pytest.approx(expected, abs=0.005)
        assert values.var() == pytest.approx(variance, rel=0.04)


def test_joins_by_counting():
    weights = area_weights(grid(3, 2), by="rook")
    had = np.array([True, True, False, True, False, False])
    assert joins(had, weights) == 2


def test_conditional_p_by_brute_force():
    weights = standardised(area_weights(grid(6, 6), by="nearest", k=4))
    rates = np.random.default_rng(2).gamma(0.7, 1, 36)
    p = conditional_p(rates, weights, 4_000, seed=1)
    rng = np.random.default_rng(3)
    for area in (0, 7, 21):
        others = np.delete(rates, area)
        sums = np.array([rng.permutation(others)[:4].mean() for _ in range(4_000)])
        own = (weights[[area]] @ rates).item()
        assert p[area] == pytest.approx(two_sided(own, sums), abs=0.06)


def test_two_sided_is_twice_the_smaller_tail():
    simulated = np.arange(99.0)
    assert two_sided(98.5, simulated) == pytest.approx(0.02)
    assert two_sided(-1.0, simulated) == pytest.approx(0.02)
    assert two_sided(49.0, simulated) == 1


@pytest.mark.parametrize(
    ("options", "degree"),
    [
        ({"by": "queen"}, 8),
        ({"by": "rook"}, 4),
        ({"by": "nearest", "k": 3}, 3),
        ({"by": "within", "distance_m": 23_000}, 4),
    ],
)
def test_neighbours(options, degree):
    weights = area_weights(grid(5, 5), **options).toarray()
    assert weights[12].sum() == degree
    assert (np.diag(weights) == 0).all()
    if options["by"] != "nearest":
        assert (weights == weights.T).all()


def test_neighbours_of_areas_at_one_spot_and_of_none():
    same = grid(1, 1).loc[[0] * 5].reset_index(drop=True)
    weights = area_weights(same, by="nearest", k=2).toarray()
    assert weights.sum(axis=1).tolist() == [2] * 5
    assert (np.diag(weights) == 0).all()
    alone = gpd.GeoDataFrame(geometry=[*grid(2, 2).geometry, shapely.box(50, 33, 51, 34)], crs=4326)
    assert standardised(area_weights(alone)).toarray()[4].sum() == 0


def scattered(seed, *, n=200, slope=0.0):
    """Points over a grid of 8 x 8, more of them in the west with a slope."""
    rng = np.random.default_rng(seed)
    longitude = 42 + 1.6 * rng.beta(1, 1 + slope, n)
    return longitude, rng.uniform(33, 34.6, n)


@pytest.mark.parametrize("test", [moran, geary, local_moran, getis_ord])
def test_a_slope_is_found(test):
    result = test(scattered(1, slope=3), areas=grid(8, 8), permutations=499, rng=1)
    assert result.p <= 0.05
    assert (
        test(scattered(1, slope=3), areas=grid(8, 8), permutations=499, rng=result.seed).p
        == result.p
    )


@pytest.mark.parametrize("test", [moran, geary, join_counts])
def test_size_under_chance(test):
    rejected = sum(
        test(scattered(seed, n=60), areas=grid(6, 6, 1.6 / 6), permutations=99, rng=seed).p <= 0.05
        for seed in range(80)
    )
    assert rejected <= 11  # 4 are expected; 12 come up once in 2,000 times


def vague(points, share, seed):
    """The same points, some of them known to a block of 2 x 2 areas alone."""
    longitude, latitude = points
    shapes = shapely.points(longitude, latitude)
    chosen = np.random.default_rng(seed).random(len(shapes)) < share
    west, south = (
        start + 0.4 * ((x - start) // 0.4) for start, x in ((42, longitude), (33, latitude))
    )
    shapes[chosen] = shapely.box(west, south, west + 0.4, south + 0.4)[chosen]
    return gpd.GeoDataFrame(geometry=shapes, crs=4326)


def test_size_where_half_of_the_places_are_vague():
    """Spread over their blocks incidents make neighbours alike: the matched null knows that."""
    rejected = by_centres = 0
    for seed in range(40):
        points = vague(scattered(seed, n=150), 0.5, seed)
        options = {"areas": grid(8, 8), "permutations": 99, "rng": seed}
        result = moran(points, samples=5, **options)
        rejected += result.p <= 0.05
        by_centres += moran(points, uncertainty="ignore", **options).p <= 0.05
        low, high = result.interval
        assert low <= result.value <= high
    assert rejected <= 7  # 2 are expected; 8 come up once in 1,000 times
    assert by_centres >= rejected


def test_a_slope_is_found_among_vague_places():
    points = vague(scattered(3, slope=3), 0.4, 3)
    for test in (moran, getis_ord):
        result = test(points, areas=grid(8, 8), permutations=199, samples=5, rng=1)
        assert result.p <= 0.05
        assert result.n_imprecise > 50
    alone = moran(points, areas=grid(8, 8), uncertainty="precise-only", permutations=99, rng=1)
    assert alone.n_imprecise == 0
    assert alone.interval is None


def test_maps_of_the_null_hold_as_many_incidents():
    points = vague(scattered(4), 0.5, 4)
    maps = AreaMaps(
        points,
        grid(8, 8),
        None,
        label=None,
        per=None,
        role="target",
        uncertainty="propagate",
        samples=3,
        rng=1,
        plain=True,
    )
    ((drawn, orders),) = maps.null(10)
    assert (np.sort(orders, axis=1) == np.arange(64)).all()
    assert drawn.shape == (10, 3, 64)
    assert (drawn.sum(axis=2) == 200).all()
    assert (maps.counts.sum(axis=1) == 200).all()


def test_bad_input_is_told():
    with pytest.raises(ValueError, match="4 areas"):
        moran(scattered(1), areas=grid(3, 1))
    with pytest.raises(ValueError, match="the same rate"):
        moran(([0.0], [0.0]), areas=grid(8, 8))
    with pytest.raises(ValueError, match="weights are for 4"):
        moran(scattered(1), areas=grid(8, 8), weights=area_weights(grid(2, 2)))
    with pytest.raises(ValueError, match="permutations=0"):
        geary(scattered(1), areas=grid(8, 8), permutations=0)
    with pytest.raises(ValueError, match="no areas had"):
        join_counts(scattered(1), areas=grid(8, 8), at_least=1000)
    with pytest.raises(ValueError, match="not one of"):
        area_weights(grid(2, 2), by="bishop")
    with pytest.raises(ValueError, match="k=9"):
        area_weights(grid(2, 2), by="nearest", k=9)
    with pytest.raises(ValueError, match="distance_m"):
        area_weights(grid(2, 2), by="within")
    with pytest.raises(ValueError, match="no CRS"):
        area_weights(grid(2, 2).set_crs(None, allow_override=True))
    apart = gpd.GeoDataFrame(geometry=[*grid(8, 8).geometry, shapely.box(50, 33, 51, 34)], crs=4326)
    assert "no neighbours" in moran(scattered(1), areas=apart, permutations=9).warnings[0]


def test_pictures_and_layer():
    pytest.importorskip("matplotlib").use("agg")
    result = moran(scattered(1, slope=3), areas=grid(8, 8), permutations=99, rng=1)
    assert "Moran" in result.plot().get_title(loc="left")
    assert result.to_frame().loc[0, "z"] > 2
    spots = getis_ord(scattered(1, slope=3), areas=grid(8, 8), rng=1)
    assert spots.plot().patches
    layer = spots.to_layer()
    assert len(layer) == (spots.table["kind"] != "").sum() > 0
    assert layer.attrs["unit"] == "Getis-Ord Gi*"


def test_hot_spots_are_the_same_where_hardly_anything_is_vague():
    """The matched null holds the area's own rate too: one vague incident changes little."""
    points = scattered(5, slope=3)
    shapes = shapely.points(*points)
    shapes[0] = shapely.box(42, 33, 42.4, 33.4)
    almost = gpd.GeoDataFrame(geometry=shapes, crs=4326)
    exact = getis_ord(points, areas=grid(8, 8), permutations=1999, rng=1).table["p"]
    vague = getis_ord(almost, areas=grid(8, 8), permutations=1999, samples=3, rng=1).table["p"]
    assert vague.to_numpy() == pytest.approx(exact.to_numpy(), abs=0.12)
    assert (vague - exact).mean() == pytest.approx(0, abs=0.02)
