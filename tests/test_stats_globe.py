"""Point patterns in windows too wide for a plane: closed forms, and the plane where both hold."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.integrate import quad

from geoinc import stats
from geoinc.stats import windows
from geoinc.stats.globe import AUTHALIC_M, Globe
from geoinc.stats.patterns import nearest_neighbour as nearest
from geoinc.stats.patterns.imputing import Imputer
from geoinc.stats.patterns.second_order import _cross, g_of, k_of
from geoinc.stats.windows import Window

EARTH = Window(shapely.box(-180, -90, 180, 90))
NORTH = Window(shapely.box(-180, 0, 180, 90))
#: Africa and Europe and what lies between; a hole, and a corner that turns inwards.
WIDE = Window(
    shapely.Polygon(
        [(-20, -40), (50, -40), (50, 30), (90, 30), (90, 70), (-20, 70)],
        [[(0, 0), (0, 20), (30, 20), (30, 0)]],
    )
)
R = np.array([200_000.0, 500_000.0, 1_000_000.0, 2_000_000.0])
DEGREE_M = np.radians(1) * AUTHALIC_M


def ground(window, *places):
    return window.project(*np.array(places, dtype=float).T)


def test_positions_and_distances_are_those_of_the_sphere():
    points = ground(WIDE, (-20, -40), (50, 30), (90, 70))
    globe = WIDE.frame
    assert isinstance(globe, Globe)
    spots = globe.in_space(points)
    assert np.linalg.norm(spots, axis=1) == pytest.approx([AUTHALIC_M] * 3)
    assert globe.in_plane(spots) == pytest.approx(points)
    equator = ground(WIDE, (-10, 0), (30, 0))
    straight = np.linalg.norm(np.diff(globe.in_space(equator), axis=0))
    assert globe.along(straight) == pytest.approx(40 * DEGREE_M)
    assert globe.straight(globe.along(np.array([1e5]))) == pytest.approx([1e5])


def test_a_cap_has_its_area_and_beyond_the_antipode_is_nothing():
    globe = EARTH.frame
    r = np.array([1.0, np.pi / 2, np.pi, 4.0]) * AUTHALIC_M
    area = 2 * np.pi * AUTHALIC_M**2 * (1 - np.cos(np.minimum(r / AUTHALIC_M, np.pi)))
    assert globe.within(r) == pytest.approx(area)
    assert globe.area == pytest.approx(4 * np.pi * AUTHALIC_M**2)
    points = globe.random(50, np.random.default_rng(1))
    assert k_of(globe, points, r[2:], "none") == pytest.approx(globe.area)


def test_the_edge_is_where_the_window_ends_and_not_where_the_map_is_cut():
    assert np.isinf(EARTH.frame.to_edge(ground(EARTH, (0, 0), (180, 10)))).all()
    globe = NORTH.frame
    away = globe.along(globe.to_edge(ground(NORTH, (-179.9, 12), (5, 89))))
    # Authalic latitude is an eighth of a degree less at most.
    assert away == pytest.approx([12 * DEGREE_M, 89 * DEGREE_M], abs=0.13 * DEGREE_M)
    pacific = Window(shapely.box(120, -50, 250, 50))
    assert pacific.contains(np.array([-170.0, 170.0, 10.0]), np.zeros(3)).tolist() == [1, 1, 0]
    cut = Window(shapely.union(shapely.box(120, -50, 180, 50), shapely.box(-180, -50, -110, 50)))
    places = (179.5, 10.0), (-178.0, 40.0), (125.0, 0.0)
    apart = [w.frame.along(w.frame.to_edge(ground(w, *places))) for w in (pacific, cut)]
    assert apart[0] == pytest.approx(apart[1], rel=1e-3)
    assert apart[0][0] == pytest.approx(40 * DEGREE_M, rel=0.02)


def test_the_share_of_a_circle_in_a_hemisphere_is_its_closed_form():
    globe = NORTH.frame
    places = np.column_stack([np.full(4, -179.95), [5.0, 20.0, 45.0, 80.0]])
    points = ground(NORTH, *places)
    sine = globe.in_space(points)[:, 2] / AUTHALIC_M
    for degrees in (10.0, 30.0, 60.0, 100.0):
        angle = np.radians(degrees)
        ratio = -sine / np.sqrt(1 - sine**2) / np.tan(angle)
        expected = np.arccos(np.clip(ratio, -1, 1)) / np.pi
        if degrees > 90:
            expected = np.where(np.abs(ratio) > 1, 0, expected)
        radius = globe.straight(np.full(4, angle * AUTHALIC_M))
        assert globe.share_inside(points, radius) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("correction", ["none", "border", "isotropic"])
def test_k_of_randomness_is_the_area_of_a_cap(correction):
    rng = np.random.default_rng(3)
    frame = (EARTH if correction == "none" else WIDE).frame
    k = [k_of(frame, frame.random(250, rng), R, correction) for _ in range(20)]
    error = np.std(k, axis=0) / np.sqrt(20)
    assert (np.abs(np.mean(k, axis=0) - frame.within(R)) < 4 * error).all()
    assert (error < 0.08 * frame.within(R)).all()


def test_pair_correlation_and_cross_k_of_randomness_are_those_of_randomness():
    rng, frame = np.random.default_rng(4), WIDE.frame
    g, cross = [], []
    for _ in range(20):
        points = frame.random(300, rng)
        g.append(g_of(frame, points, R[1:3], "isotropic"))
        cross.append(_cross(frame, points[:100], points[100:], R[:3], "isotropic"))
    assert np.mean(g, axis=0) == pytest.approx([1, 1], abs=0.04)
    assert np.mean(cross, axis=0) == pytest.approx(frame.within(R[:3]), rel=0.06)


@pytest.mark.parametrize("correction", ["none", "border", "kaplan-meier", "hanisch"])
def test_g_and_f_of_randomness_are_those_of_a_cap(correction):
    rng = np.random.default_rng(5)
    frame = (EARTH if correction == "none" else WIDE).frame
    g, f = [], []
    for _ in range(20):
        points = frame.random(100, rng)
        g.append(nearest.g_of(frame, points, R, correction))
        f.append(nearest.f_of(frame, points, R, correction, cells=60))
    empty = 1 - frame.within(R) / frame.area
    assert np.mean(g, axis=0) == pytest.approx(1 - empty**99, abs=0.03)
    assert np.mean(f, axis=0) == pytest.approx(1 - empty**100, abs=0.03)


def test_the_next_event_is_as_far_as_clark_and_evans_would_have_it_on_a_sphere():
    density = 30 / EARTH.area_m2
    integral = quad(lambda r: np.exp(-density * EARTH.frame.within(r)), 0, np.pi * AUTHALIC_M)[0]
    assert EARTH.frame.expected_nearest(density) == pytest.approx(integral)
    assert EARTH.frame.expected_nearest(1e-9) == pytest.approx(0.5 / np.sqrt(1e-9))
    rng = np.random.default_rng(6)
    for frame, correction in ((EARTH.frame, "none"), (WIDE.frame, "cdf")):
        index = [
            nearest.clark_evans_of(frame, frame.random(200, rng), correction) for _ in range(40)
        ]
        assert np.mean(index) == pytest.approx(1, abs=0.025)


@pytest.fixture
def both_windows(monkeypatch):
    """Return a window of some 300 km in the plane, and the same on the sphere."""
    shape = shapely.Polygon([(43, 33), (46, 33), (46, 35), (44.5, 34.2), (43, 36)])
    plane = Window(shape)
    assert not plane.frame.curved
    monkeypatch.setattr(windows, "MOST_DISTORTION", -1.0)
    sphere = Window(shape)
    assert sphere.frame.curved
    return plane, sphere


def test_in_a_small_window_sphere_and_plane_agree(both_windows):
    plane, sphere = both_windows
    assert plane.area_m2 == pytest.approx(sphere.area_m2, rel=1e-4)
    rng = np.random.default_rng(7)
    points = plane.random(300, rng)
    others = plane.random(100, rng)
    r = np.array([5_000.0, 10_000.0, 20_000.0, 40_000.0])
    # The ellipsoid is not the sphere: lengths differ by 0.4 %, and K by twice that; a pair or an
    # event may fall to the other side of a distance.
    for func, options in (
        (stats.k_function, {"correction": "isotropic"}),
        (stats.k_function, {"correction": "border"}),
        (stats.k_function, {"correction": "none"}),
        (stats.l_function, {}),
        (stats.pair_correlation, {}),
        (stats.g_function, {"correction": "kaplan-meier"}),
        (stats.g_function, {"correction": "border"}),
        (stats.g_function, {"correction": "hanisch"}),
        (stats.f_function, {}),
    ):
        curves = [func(points, window=w, r_m=r, **options) for w in both_windows]
        assert curves[1].value == pytest.approx(curves[0].value, rel=0.03), (func, options)
        assert curves[1].theory == pytest.approx(curves[0].theory, rel=1e-3)
    cross = [stats.cross_k(points, others, window=w, r_m=r).value for w in both_windows]
    assert cross[1] == pytest.approx(cross[0], rel=0.03)
    uneven = [
        stats.inhomogeneous_k(points, lambda lon, _: lon - 42, window=w, r_m=r).value
        for w in both_windows
    ]
    assert uneven[1] == pytest.approx(uneven[0], rel=0.03)
    index = [stats.clark_evans(points, window=w, simulations=19, rng=1) for w in both_windows]
    assert index[1].value == pytest.approx(index[0].value, rel=0.01)
    assert index[1].mean_m == pytest.approx(index[0].mean_m, rel=0.005)


def test_circles_in_a_small_window_are_cut_as_in_the_plane(both_windows):
    plane, sphere = both_windows
    rng = np.random.default_rng(8)
    longitude, latitude = plane.random(200, rng)
    radius = rng.uniform(1_000, 100_000, 200)
    here, there = (w.project(longitude, latitude) for w in both_windows)
    flat = plane.frame.share_inside(here, radius)
    round_ = sphere.frame.share_inside(there, sphere.frame.straight(radius))
    assert round_ == pytest.approx(flat, abs=0.01)
    assert np.abs(round_ - flat).mean() < 0.001
    edge = sphere.frame.along(sphere.frame.to_edge(there))
    assert edge == pytest.approx(plane.frame.to_edge(here), rel=0.005)


def test_tiles_of_the_earth_have_one_size():
    points = EARTH.random(300, np.random.default_rng(9))
    tiles = stats.quadrat_test(points, window=EARTH, tiles=(6, 3), simulations=39, rng=1)
    assert tiles.table["area_km2"].to_numpy() == pytest.approx(EARTH.area_m2 / 18e6)
    assert tiles.table.total_bounds == pytest.approx([-180, -90, 180, 90])
    assert tiles.p > 0.05
    north = points[0], np.abs(points[1])
    assert stats.quadrat_test(north, window=EARTH, simulations=39, rng=1).p == 0.05


@pytest.mark.parametrize("statistic", ["K", "L", "g", "G", "F", "J"])
def test_clusters_are_seen_by_every_curve(statistic):
    rng = np.random.default_rng(16)
    options = {"window": WIDE, "statistic": statistic, "simulations": 39, "rng": 1}
    points = np.column_stack(WIDE.random(100, rng))
    assert stats.envelope(points.T, **options).p > 0.025
    near = np.repeat(points[:30], 3, axis=0) + rng.normal(0, 0.7, (90, 2))
    assert stats.envelope(near.T, **options).p <= 2 / 40


def northern(_, latitude):
    return np.exp(latitude / 50)


def northern_events(n, rng):
    points = np.column_stack(WIDE.random(8 * n, rng))
    return points[rng.random(8 * n) < northern(*points.T) / northern(0, 70)][:n].T


def test_an_intensity_explains_what_it_explains_on_the_sphere():
    rng = np.random.default_rng(17)
    k = [
        stats.inhomogeneous_k(northern_events(200, rng), northern, window=WIDE, r_m=R[1:])
        for _ in range(10)
    ]
    assert np.mean([curve.value for curve in k], axis=0) == pytest.approx(k[0].theory, rel=0.1)
    points, options = northern_events(200, rng), {"window": WIDE, "simulations": 39, "rng": 1}
    assert stats.envelope(points, **options).p == 1 / 40
    assert stats.envelope(points, intensity=northern, **options).p > 0.025


def known_to_areas(rng, n=150, vague=80):
    """Return randomness over WIDE, of which some is known to areas or discs; and its areas."""
    areas = [
        shapely.intersection(WIDE.shape, shapely.box(west, south, west + 10, south + 10))
        for west in range(-20, 90, 10)
        for south in range(-40, 70, 10)
    ]
    areas = [area for area in areas if area.area > 1e-6]
    longitude, latitude = WIDE.random(n, rng)
    shapes = list(shapely.points(longitude, latitude))
    radius = np.zeros(n)
    for i in range(vague):
        if i % 8 == 0:
            radius[i] = 300_000
        else:
            shapes[i] = next(area for area in areas if area.covers(shapes[i]))
    table = gpd.GeoDataFrame({"uncertainty_m": radius}, geometry=shapes, crs=4326)
    return table, windows.window_of(None, gpd.GeoSeries(areas, crs=4326))


def test_randomness_known_to_areas_is_random_but_not_at_the_centres():
    p, naive = [], []
    for seed in range(4):
        table, window = known_to_areas(np.random.default_rng(100 + seed))
        assert window.on_sphere
        result = stats.envelope(table, window=window, simulations=39, samples=2, rng=seed)
        assert result.n_imprecise == 80
        p.append(result.p)
        naive.append(result.naive_p)
    assert (np.array(naive) < 0.05).sum() >= 3
    assert (np.array(p) <= 0.05).sum() <= 1
    assert 0.2 < np.mean(p) < 0.8


def test_a_disc_is_as_wide_wherever_the_null_takes_it():
    table, window = known_to_areas(np.random.default_rng(10))
    imputer = Imputer(stats.events_of(table, window=window), window, 1)
    scatter = window.frame.random
    _, draws = imputer.simulated(scatter, 200, np.random.default_rng(1))
    spots = window.frame.in_space(draws)
    middle = spots.mean(axis=0)
    middle *= AUTHALIC_M / np.linalg.norm(middle, axis=1)[:, None]
    reach = np.linalg.norm(spots - middle, axis=2).max(axis=0)
    discs = (table["uncertainty_m"] > 0).to_numpy()[~stats.events_of(table).precise]
    assert (reach[discs] < 600_000).all()
    assert np.median(reach[discs]) > 250_000  # but for what the window cuts off
    assert window.frame.contains(draws.reshape(-1, 2)).all()


@pytest.mark.parametrize("window", [EARTH, WIDE])
def test_a_raster_is_smoothed_as_wide_on_the_ground_everywhere(window):
    frame = window.frame
    west, south, east, north = frame.bounds
    cell = (east - west) / 80
    x, y = np.arange(west + cell / 2, east, cell), np.arange(south + cell / 2, north, cell)
    raster = np.zeros((len(y), len(x)))
    raster[5, 0], raster[len(y) // 2, len(x) // 2] = 1, 2
    smooth = frame.smoother(x, y, 600_000)(raster)
    spots = frame.in_space(np.column_stack([side.ravel() for side in np.meshgrid(x, y)]))
    expected = np.zeros(raster.size)
    for at in np.flatnonzero(raster.ravel()):
        away = frame.along(np.linalg.norm(spots - spots[at], axis=1))
        expected += raster.ravel()[at] * np.exp(-((away / 600_000) ** 2) / 2)
    assert smooth.ravel() == pytest.approx(expected, abs=0.03)


def test_kinds_are_told_apart_on_the_sphere():
    rng = np.random.default_rng(14)
    points = np.column_stack(WIDE.random(160, rng))
    south = points[:, 1] < 15
    options = {"window": WIDE, "simulations": 39, "rng": 1}
    assert stats.label_test(points[south].T, points[~south].T, **options).p == 1 / 40
    assert stats.label_test(points[::2].T, points[1::2].T, **options).p > 0.025


def test_what_has_no_meaning_on_the_sphere_is_refused():
    points = WIDE.random(30, np.random.default_rng(15))
    for func in (stats.k_function, stats.pair_correlation, stats.envelope):
        with pytest.raises(ValueError, match="on the sphere, where nothing can be shifted"):
            func(points, window=WIDE, correction="translation")
    with pytest.raises(ValueError, match="made for rectangles in the plane"):
        stats.clark_evans(points, window=WIDE, correction="donnelly")
    with pytest.raises(ValueError, match="too wide for a plane"):
        stats.kernel_density(points, window=WIDE)


def test_curves_of_what_is_known_to_areas_have_their_interval_on_the_sphere():
    table, window = known_to_areas(np.random.default_rng(11))
    curve = stats.l_function(table, window=window, samples=3, rng=1)
    assert (curve.interval[0] <= curve.interval[1]).all()
    assert curve.precise_only is not None
    far = curve.r_m > 500_000
    assert curve.value[far] == pytest.approx(curve.theory[far], rel=0.2)
