"""Point patterns: against spatstat where places are exact, against simulation where they are not."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoinc import stats
from geoinc.stats import pairs
from geoinc.stats.frames import Frame
from geoinc.stats.pairs import border_sums, pair_sums
from geoinc.stats.second_order import _cross, g_of, k_of
from geoinc.stats.sphere import cap, to_edge
from geoinc.stats.windows import AUTHALIC_M, Window

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
@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize(
    ("correction", "column"), [("none", "un"), ("translation", "trans"), ("isotropic", "iso")]
)
def test_k_is_that_of_spatstat(reference, name, correction, column):
    if (name, correction) == ("synpoly", "translation"):
        pytest.skip("spatstat rounds overlaps of polygons to pixels: see the next test")
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


def test_on_the_sphere_k_of_randomness_is_that_of_a_cap():
    window = Window(shapely.box(-60, -50, 80, 70))
    rng = np.random.default_rng(3)
    r = np.array([300_000.0, 1_000_000.0, 2_000_000.0])
    draws = [k_of(window, np.column_stack(window.random(400, rng)), r, "border") for _ in range(30)]
    assert np.mean(draws, axis=0) == pytest.approx(cap(r), rel=0.03)
    earth = Window(shapely.box(-180, -90, 180, 90))
    points = np.column_stack(earth.random(500, rng))
    assert np.isinf(to_edge(earth, points)).all()
    k = k_of(earth, points, np.array([np.pi * AUTHALIC_M]), "none")
    assert k == pytest.approx(earth.area_m2, rel=1e-6)


def test_the_edge_on_the_sphere_is_where_the_meridian_is():
    window = Window(shapely.box(-60, -50, 80, 70))
    away = to_edge(window, np.array([[79.0, 0.0], [10.0, 69.0]]))
    assert away == pytest.approx([np.radians(1) * AUTHALIC_M] * 2, rel=0.01)


def test_curves_say_what_they_stand_on():
    rng = np.random.default_rng(4)
    shapes = [*shapely.points(rng.uniform(43, 45, 60), rng.uniform(33, 35, 60))]
    shapes += [shapely.box(43, 33, 44, 35)] * 20
    table = gpd.GeoDataFrame(geometry=shapes, crs=4326)
    curve = stats.l_function(table, window=BOX, rng=1, samples=5)
    assert (curve.n_precise, curve.n_imprecise, curve.seed) == (60, 20, 1)
    frame = curve.to_frame()
    assert list(frame) == ["r_m", "value", "theory", "low", "high"]
    assert (frame["low"] <= frame["high"]).all()
    only = stats.l_function(table, window=BOX, uncertainty="precise-only")
    assert (only.n_precise, only.n_imprecise) == (60, 0)
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
