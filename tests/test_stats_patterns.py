"""Point patterns: against spatstat where places are exact, against simulation where they are not."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoinc import stats
from geoinc.stats.frames import Frame
from geoinc.stats.patterns import nearest_neighbour as nearest
from geoinc.stats.patterns import pairs
from geoinc.stats.patterns.imputing import Imputer
from geoinc.stats.patterns.monte_carlo import global_test
from geoinc.stats.patterns.pairs import border_sums, pair_sums
from geoinc.stats.patterns.quadrats import chi2_p, tiles_of
from geoinc.stats.patterns.second_order import _cross, g_of
from geoinc.stats.windows import Window

BOX = shapely.box(43, 33, 45, 35)
PATTERNS = ("cells", "japanesepines", "redwood", "synpoly")


@pytest.fixture(scope="module")
def reference(shared_data):
    return json.loads((shared_data / "spatial_statistics" / "spatstat_reference.json").read_text())


@pytest.fixture(params=[True, False], ids=["compiled", "numpy"])
def both_ways(request, monkeypatch):
    if request.param:
        pytest.importorskip("numba", reason="the extra `speed` is not installed")
    monkeypatch.setattr(pairs, "_WORTH_COMPILING", 0 if request.param else 10**9)


def frame_of(reference, name):
    window = reference[f"{name}.window"]
    if "bbox" in window:
        return Frame(shapely.box(*window["bbox"]))
    return Frame(shapely.Polygon(window["exterior"], [window["hole"]]))


def points_of(reference, name):
    points = reference[f"{name}.points"]
    return np.column_stack([points["x"], points["y"]])


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    ("name", "correction", "column"),
    [
        (name, correction, column)
        for name in PATTERNS
        for correction, column in (("none", "un"), ("translation", "trans"), ("isotropic", "iso"))
        # Overlaps of polygons spatstat rounds to pixels: see the next test.
        if (name, correction) != ("synpoly", "translation")
    ],
)
def test_k_is_that_of_spatstat(reference, name, correction, column):
    frame, points, table = (
        frame_of(reference, name),
        points_of(reference, name),
        reference[f"{name}.K"],
    )
    n = len(points)
    k = frame.area * pair_sums(frame, points, np.array(table["r"]), correction) / (n * (n - 1))
    assert k == pytest.approx(table[column], rel=1e-10, abs=1e-15)


@pytest.mark.usefixtures("both_ways")
def test_translation_on_polygons_is_nearer_to_the_truth_than_spatstat(reference):
    # spatstat has the overlap of a polygon with itself from a raster of pixels, we from shares of
    # 512 cells a side; the truth is a polygon overlay for each pair.
    frame, points = frame_of(reference, "synpoly"), points_of(reference, "synpoly")
    table = reference["synpoly.K"]
    r, n = np.array(table["r"]), len(points)
    i, j = np.triu_indices(n, 1)
    step = points[j] - points[i]
    d = np.hypot(*step.T)
    step, d = step[d <= r[-1]], d[d <= r[-1]]
    moved = [shapely.transform(frame.shape, lambda xy, by=by: xy + by) for by in step]
    overlap = shapely.area(shapely.intersection(frame.shape, moved))
    sums = np.array([(frame.area / overlap)[d <= distance].sum() for distance in r])
    truth = 2 * frame.area * sums / (n * (n - 1))
    ours = frame.area * pair_sums(frame, points, r, "translation") / (n * (n - 1))
    assert ours == pytest.approx(truth, rel=1e-4)
    assert ours == pytest.approx(table["trans"], rel=1e-3, abs=3e-4)
    assert np.abs(ours / truth - 1).max() < np.abs(np.array(table["trans"]) / truth - 1).max() / 5


@pytest.mark.parametrize("name", PATTERNS)
def test_border_corrected_k_is_that_of_spatstat(reference, name):
    frame, points, table = (
        frame_of(reference, name),
        points_of(reference, name),
        reference[f"{name}.K"],
    )
    sums, inside = border_sums(frame, points, np.array(table["r"]))
    k = frame.area * sums / (len(points) * inside)
    assert k == pytest.approx(table["border"], rel=1e-10, abs=1e-15)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    ("correction", "column", "tolerance"),
    [("none", "un", 1e-10), ("border", "border", 1e-10), ("isotropic", "iso", 1e-10)],
)
def test_cross_k_is_that_of_spatstat(reference, correction, column, tolerance):
    frame, points = frame_of(reference, "synpoly"), points_of(reference, "synpoly")
    table = reference["synpoly.Kcross_ab_alternating"]
    k = _cross(frame, points[::2], points[1::2], np.array(table["r"]), correction)
    assert k == pytest.approx(table[column], rel=tolerance)


@pytest.mark.parametrize(
    ("correction", "column", "tolerance"),
    [("translation", "trans", 3e-3), ("isotropic", "iso", 1e-10)],
)
def test_inhomogeneous_k_is_that_of_spatstat(reference, correction, column, tolerance):
    # The reference has normpower=1; ours, with normpower=2, is free of the unit of the intensity.
    # Its translation weights come from pixels: see above.
    frame, points = frame_of(reference, "synpoly"), points_of(reference, "synpoly")
    table = reference["synpoly.Kinhom_lambda_10plus200x"]
    mass = 1 / (10 + 200 * points[:, 0])
    sums = pair_sums(frame, points, np.array(table["r"]), correction, mass=mass)
    assert sums / mass.sum() == pytest.approx(table[column], rel=tolerance)


def test_shares_of_circles_are_those_of_an_overlay():
    frame = Frame(
        shapely.Polygon(
            [(0, 0), (1, 0), (1, 0.55), (0.6, 0.6), (0.62, 1), (0, 1)],
            [[(0.2, 0.2), (0.2, 0.35), (0.4, 0.35), (0.4, 0.2)]],
        )
    )
    rng = np.random.default_rng(1)
    points = frame.random(300, rng)
    radius = rng.uniform(0.01, 0.9, 300)
    angle = np.linspace(0, 2 * np.pi, 20_001)[:-1]
    expected = [
        frame.contains(spot + r * np.column_stack([np.cos(angle), np.sin(angle)])).mean()
        for spot, r in zip(points, radius, strict=True)
    ]
    assert frame.share_inside(points, radius) == pytest.approx(expected, abs=5e-4)


def test_a_circle_that_touches_a_side_is_whole():
    square = Frame(shapely.box(0, 0, 1, 1))
    diamond = Frame(shapely.Polygon([(0, 0), (1, 0), (1, 1), (0.5, 1.2), (0, 1)]))
    for frame in (square, diamond):
        assert frame.share_inside(np.array([[0.5, 0.25]]), np.array([0.25])) == pytest.approx([1])


def test_pair_correlation_of_randomness_is_one():
    frame = Frame(shapely.box(0, 0, 1, 1))
    rng = np.random.default_rng(2)
    r = np.array([0.05, 0.1, 0.2])
    for correction in ("translation", "isotropic"):
        g = np.mean([g_of(frame, frame.random(300, rng), r, correction) for _ in range(40)], axis=0)
        assert g == pytest.approx([1, 1, 1], abs=0.03)


def test_curves_say_what_they_stand_on():
    rng = np.random.default_rng(4)
    shapes = [*shapely.points(rng.uniform(43, 45, 60), rng.uniform(33, 35, 60))]
    shapes += [shapely.box(43, 33, 44, 35)] * 20
    table = gpd.GeoDataFrame(geometry=shapes, crs=4326)
    curve = stats.l_function(table, window=BOX, rng=1, samples=5)
    assert (curve.n_precise, curve.n_imprecise, curve.seed) == (60, 20, 1)
    frame = curve.to_frame()
    assert list(frame) == ["r_m", "value", "theory", "low", "high", "precise_only"]
    assert (frame["low"] <= frame["high"]).all()
    only = stats.l_function(table, window=BOX, uncertainty="precise-only")
    assert (only.n_precise, only.n_imprecise) == (60, 0)
    same = stats.l_function(table, window=BOX, uncertainty="precise-only", r_m=curve.r_m)
    assert curve.precise_only == pytest.approx(same.value)
    assert "left out" in only.warnings[0]
    naive = stats.l_function(table, window=BOX, uncertainty="ignore")
    assert "centre" in naive.warnings[0]
    assert naive.value[0] > 3 * curve.value[0]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"r_m": [2.0, 1.0]}, "rise"),
        ({"correction": "ripley"}, "is not one of"),
        ({"uncertainty": "hope"}, "is not one of"),
        ({"samples": 0}, "less than 1"),
    ],
)
def test_what_makes_no_sense_is_refused(options, why):
    with pytest.raises(ValueError, match=why):
        stats.k_function(([43.5, 44.0, 44.2], [33.5, 34.0, 34.4]), window=BOX, **options)


def test_too_few_events_are_told():
    with pytest.raises(ValueError, match="needs 3 events in the window, and there are 1; 2 of 3"):
        stats.k_function(([43.5, 50.0, 51.0], [33.5, 34.0, 34.4]), window=BOX)


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize(
    ("correction", "column", "tolerance"),
    [
        ("none", "raw", 1e-12),
        ("border", "rs", 1e-12),
        ("kaplan-meier", "km", 1e-12),
        # spatstat puts distances into bins before it weights them by the eroded window, which
        # of a polygon it has from pixels.
        ("hanisch", "han", 2e-3),
    ],
)
def test_g_is_that_of_spatstat(reference, name, correction, column, tolerance):
    if (name, correction) == ("japanesepines", "kaplan-meier"):
        # All its coordinates are hundredths: whether the edge is nearer than the neighbour hangs
        # on the last bit of a difference, in spatstat too.
        tolerance = 5e-3
    table = reference[f"{name}.G"]
    g = nearest.g_of(
        frame_of(reference, name), points_of(reference, name), np.array(table["r"]), correction
    )
    assert g == pytest.approx(np.array(table[column], dtype=float), abs=tolerance)


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize(
    ("correction", "column"),
    [("none", "raw"), ("border", "rs"), ("kaplan-meier", "km"), ("hanisch", "cs")],
)
def test_f_is_that_of_spatstat(reference, name, correction, column):
    # Both look from the middles of 500 x 500 cells; spatstat measures from pixel to pixel.
    table = reference[f"{name}.F_eps0.002"]
    f = nearest.f_of(
        frame_of(reference, name),
        points_of(reference, name),
        np.array(table["r"]),
        correction,
        cells=500,
    )
    assert f == pytest.approx(np.array(table[column], dtype=float), abs=2e-3, nan_ok=True)


@pytest.mark.parametrize("name", PATTERNS)
def test_clark_evans_is_that_of_spatstat(reference, name):
    frame, points = frame_of(reference, name), points_of(reference, name)
    expected = dict(
        zip(
            ("none", "donnelly", "cdf") if frame.is_rectangle else ("none", "cdf"),
            reference[f"{name}.nn"]["R"],
            strict=True,
        )
    )
    assert nearest.mean_nearest(frame, points) == pytest.approx(reference[f"{name}.nn"]["mean_nnd"])
    for correction, index in expected.items():
        # Of cdf: spatstat takes the mean of G from 512 steps of distance, we from its jumps.
        tolerance = 6e-3 if correction == "cdf" else 1e-10
        ours = nearest.clark_evans_of(frame, points, correction)
        assert ours == pytest.approx(index, rel=tolerance)


@pytest.mark.parametrize("name", PATTERNS)
def test_quadrats_are_those_of_spatstat(reference, name):
    frame, points = frame_of(reference, name), points_of(reference, name)
    table = reference[f"{name}.quadrat3x3"]
    shapes, number = tiles_of(frame, (3, 3))
    expected = len(points) * shapely.area(shapes) / frame.area
    value = ((np.bincount(number(points)) - expected) ** 2 / expected).sum()
    # spatstat cuts polygons on a grid of integers.
    tolerance = 1e-10 if frame.is_rectangle else 1e-8
    assert value == pytest.approx(table["X2"], rel=tolerance)
    assert len(shapes) - 1 == table["df"]
    assert chi2_p(value, table["df"]) == pytest.approx(table["p"], rel=tolerance)


def points_and_provinces(rng, *, n=80, vague=30, clustered=False):
    """Return points in a box of four provinces, some known to the province alone."""
    provinces = [shapely.box(43 + i, 33 + j, 44 + i, 34 + j) for i in (0, 1) for j in (0, 1)]
    spots = rng.uniform((43, 33), (45, 35), (n, 2))
    if clustered:
        near = spots[rng.integers(5, size=n)] + rng.normal(0, 0.02, (n, 2))
        spots = np.where(rng.random(n)[:, None] < 0.6, np.clip(near, (43, 33), (45, 35)), spots)
    shapes = list(shapely.points(spots))
    for i in range(vague):
        shapes[i] = next(area for area in provinces if area.covers(shapes[i]))
    window = stats.window_of(None, gpd.GeoSeries(provinces, crs=4326))
    return gpd.GeoDataFrame(geometry=shapes, crs=4326), window


def test_the_envelope_sees_clusters_and_says_what_centres_would_say():
    table, window = points_and_provinces(np.random.default_rng(1), clustered=True)
    result = stats.envelope(table, window=window, simulations=99, rng=1)
    assert result.p == 0.01
    assert (result.n_precise, result.n_imprecise) == (50, 30)
    frame = result.to_frame()
    assert frame["outside"].any()
    again = stats.envelope(table, window=window, simulations=99, rng=1)
    assert (again.value == result.value).all()
    assert again.p == result.p


def test_randomness_known_to_the_province_is_random_but_not_at_the_centres():
    p, naive = [], []
    for seed in range(10):
        table, window = points_and_provinces(np.random.default_rng(100 + seed))
        result = stats.envelope(table, window=window, simulations=19, samples=2, rng=seed)
        p.append(result.p)
        naive.append(result.naive_p)
        assert f"p would be {result.naive_p:.3g}" in result.warnings[-1]
    assert max(naive) == 1 / 20
    assert np.mean(np.array(p) <= 0.05) <= 0.3


def test_data_leave_the_global_envelope_where_p_is_small_and_only_there():
    rng = np.random.default_rng(5)
    for seed in range(15):
        points = rng.uniform(43, 45, 40), rng.uniform(33, 35, 40)
        result = stats.envelope(points, window=BOX, simulations=19, level=0.9, rng=seed)
        low, high = result.interval
        touches = ((result.value >= high - 1e-9) | (result.value <= low + 1e-9)).any()
        assert touches == (result.p <= 0.1)


def test_the_global_test_has_its_size_exactly():
    # Of one of 20 equals each rank is as likely: p is even on 1/20, 2/20, ... 1.
    rng = np.random.default_rng(6)
    p = [
        global_test(curves[0], curves[1:])[0]
        for curves in rng.standard_t(3, size=(4000, 20, 8)).cumsum(axis=2)
    ]
    counts = np.bincount(np.round(np.array(p) * 20).astype(int), minlength=21)[1:]
    assert ((counts - 200) ** 2 / 200).sum() < 43.8  # chi-squared, 19 df, p = 0.001


@pytest.mark.parametrize("statistic", ["K", "g", "G", "F", "J"])
def test_every_curve_can_be_tested(statistic):
    table, window = points_and_provinces(np.random.default_rng(7), clustered=True)
    result = stats.envelope(table, window=window, statistic=statistic, simulations=19, rng=1)
    assert result.p <= 0.1
    assert len(result.value) == 50


def test_a_pointwise_envelope_is_no_test():
    points = np.random.default_rng(8).uniform((43, 33), (45, 35), (40, 2)).T
    result = stats.envelope(points, window=BOX, kind="pointwise", simulations=39, rng=1)
    assert result.p is None
    assert "pointwise" in result.method


def test_the_intensity_of_the_null_explains_what_it_explains():
    rng = np.random.default_rng(9)
    points = 43 + 2 * rng.beta(3, 1, 120), rng.uniform(33, 35, 120)
    plain = stats.envelope(points, window=BOX, simulations=99, rng=1)
    told = stats.envelope(
        points,
        window=BOX,
        intensity=lambda lon, _: np.maximum(lon - 43, 0) ** 2,
        simulations=99,
        rng=1,
    )
    assert plain.p == 0.01
    assert told.p > 0.05


def test_the_density_of_other_events_is_an_intensity():
    rng = np.random.default_rng(19)

    def east(n):
        return 43 + 2 * rng.beta(3, 1, n), rng.uniform(33, 35, n)

    density = stats.kernel_density(east(2000), window=BOX, rng=1)
    assert density.at(np.array([44.9, 43.1, 50.0]), np.array([34.0, 34.0, 34.0]))[2] == 0
    points = east(120)
    result = stats.envelope(points, window=BOX, intensity=density.at, simulations=99, rng=1)
    assert result.p > 0.05
    curve = stats.inhomogeneous_k(points, density.at, window=BOX, r_m=[20_000])
    assert curve.value == pytest.approx(curve.theory, rel=0.2)


def test_sites_are_refused_with_the_reason():
    points = [44.0] * 20 + [43.5, 44.5], [34.0] * 20 + [33.5, 34.5]
    for test in (stats.envelope, stats.clark_evans, stats.quadrat_test):
        with pytest.raises(ValueError, match="20 of 22 events lie at the coordinates of another"):
            test(points, window=BOX)


def test_clark_evans_and_quadrats_are_calibrated_by_the_matched_null():
    table, window = points_and_provinces(np.random.default_rng(10), clustered=True)
    index = stats.clark_evans(table, window=window, simulations=99, rng=1)
    assert index.value < 0.9
    assert index.p == 0.02  # two-sided, of 99 simulations
    tiles = stats.quadrat_test(table, window=window, tiles=(3, 3), simulations=99, rng=1)
    assert tiles.p == 0.02
    assert tiles.to_frame()["count"].sum() == pytest.approx(80)
    layer = tiles.to_layer()
    assert list(layer) == ["label", "value", "low", "high", "geometry"]
    assert layer.crs == 4326


def test_imprecise_events_stay_in_their_province_and_in_the_window():
    table, window = points_and_provinces(np.random.default_rng(11))
    events = stats.events_of(table, window=window)
    imputer = Imputer(events, window, 1)
    draws = imputer.observed(50, np.random.default_rng(1))
    assert draws.shape == (50, 30, 2)
    assert window.frame.contains(draws.reshape(-1, 2)).all()
    for i in range(30):
        longitude, latitude = window.unproject(draws[:, i])
        # Cells that the border cuts belong to the province of their middle.
        inside = shapely.contains_xy(table.geometry[i].buffer(0.02), longitude, latitude)
        assert inside.all()


def test_the_null_is_as_imprecise_as_the_data():
    rng = np.random.default_rng(12)
    table, window = points_and_provinces(rng)
    radii = gpd.GeoDataFrame(
        {"uncertainty_m": [40_000.0] * 10},
        geometry=shapely.points(rng.uniform((43.5, 33.5), (44.5, 34.5), (10, 2))),
        crs=4326,
    )
    both = gpd.GeoDataFrame(
        pd.concat([table, radii], ignore_index=True), geometry="geometry", crs=4326
    )
    imputer = Imputer(stats.events_of(both, window=window), window, 1)
    precise, draws = imputer.simulated(window.frame.random, 200, np.random.default_rng(1))
    assert len(precise) == 50
    assert draws.shape == (200, 40, 2)
    # A province stays a province wide, a disc of 40 km a disc of 40 km.
    spread = np.linalg.norm(draws - draws.mean(axis=0), axis=2).max(axis=0)
    assert (spread[30:] < 80_000).all()
    assert np.median(spread[30:]) > 35_000  # but for what the window cuts off
    assert (spread[:30] > 45_000).all()


def test_land_in_no_known_area_is_cut_and_told():
    rng = np.random.default_rng(13)
    table, _ = points_and_provinces(rng)
    window = Window(shapely.box(43, 33, 46, 35))
    imputer = Imputer(stats.events_of(table, window=window), window, 1)
    assert "lies in no known area" in imputer.notes[0]
    assert len(np.unique(imputer._label)) == 6  # four provinces, and two as large


def test_kinds_that_keep_apart_are_told_and_kinds_by_chance_are_not():
    rng = np.random.default_rng(14)
    spots = rng.uniform((43, 33), (45, 35), (60, 2))
    spots = np.repeat(spots, 2, axis=0)  # places that many share do not matter here
    east = spots[:, 0] > 44
    told = stats.label_test(spots[east].T, spots[~east].T, window=BOX, simulations=99, rng=1)
    assert told.p == 0.01
    assert told.value[10] < told.theory[10]
    chance = rng.random(120) < 0.5
    by_chance = stats.label_test(
        spots[chance].T, spots[~chance].T, window=BOX, simulations=99, rng=1
    )
    assert by_chance.p > 0.05


def test_that_one_kind_is_known_worse_makes_no_difference_between_kinds():
    rng = np.random.default_rng(15)
    p = []
    for seed in range(10):
        table, window = points_and_provinces(rng, n=80, vague=0, clustered=True)
        first, second = table.iloc[:40].copy(), table.iloc[40:]
        vague = [i for i in range(40) if i % 4]
        first.loc[vague, "geometry"] = [
            next(area for area in window.areas if area.covers(first.geometry[i])) for i in vague
        ]
        result = stats.label_test(first, second, window=window, simulations=19, samples=2, rng=seed)
        assert (result.n_precise, result.n_imprecise) == (50, 30)
        p.append(result.p)
    assert np.mean(np.array(p) <= 0.1) <= 0.4


def test_what_to_verify_next_is_what_the_answer_hangs_on():
    shapes = [shapely.Point(44, 34), shapely.box(43, 33, 43.6, 33.6), shapely.box(43, 33, 45, 35)]
    table = gpd.GeoDataFrame(geometry=shapes, index=["a", "b", "c"], crs=4326)
    result = stats.sensitivity(
        lambda events: float(events.longitude.mean()), table, samples=400, rng=1
    )
    assert list(result.table.index) == ["c", "b"]
    # Of a mean the change is that of two draws of one part: sqrt(2 / 12) times width over n.
    assert result.table["change"]["c"] == pytest.approx(2 / 3 / np.sqrt(6), rel=0.1)
    assert result.table["share"].sum() == pytest.approx(1, abs=0.1)
    assert result.to_layer().geometry.iloc[0].equals(shapes[2])


def test_nothing_to_verify_is_told():
    with pytest.raises(ValueError, match="no event is imprecise"):
        stats.sensitivity(len, ([44.0, 44.5], [33.0, 33.5]))


def test_too_few_precise_events_are_told():
    table = gpd.GeoDataFrame(geometry=[shapely.box(43, 33, 44, 34)] * 20, crs=4326)
    for func in (stats.envelope, stats.clark_evans, stats.quadrat_test, stats.k_function):
        with pytest.raises(ValueError, match="there are 0; 20 of 20 events are known to an area"):
            func(table, window=BOX, uncertainty="precise-only")


def test_draws_pull_a_curve_towards_randomness_and_precise_events_do_not():
    r, ratio = [10_000.0], {"value": [], "precise_only": [], "truth": []}
    for seed in range(12):
        rng = np.random.default_rng(200 + seed)
        table, window = points_and_provinces(rng, n=120, vague=0, clustered=True)
        truth = stats.k_function(table, window=window, r_m=r)
        for i in range(0, 120, 2):
            shape = table.geometry[i]
            table.loc[i, "geometry"] = next(area for area in window.areas if area.covers(shape))
        curve = stats.k_function(table, window=window, r_m=r, samples=3, rng=seed)
        for name, value in (
            ("truth", truth.value),
            ("value", curve.value),
            ("precise_only", curve.precise_only),
        ):
            ratio[name].append(value[0] / truth.theory[0])
    mean = {name: np.mean(values) for name, values in ratio.items()}
    assert 1.2 < mean["value"] < mean["truth"] / 1.5
    assert mean["precise_only"] == pytest.approx(mean["truth"], rel=0.15)
