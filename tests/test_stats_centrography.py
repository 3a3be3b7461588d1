"""Centres and spreads against closed forms, minimisation by another road, and geodesics."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy.optimize import minimize
from test_stats_directions import dated
from test_uncertainty import layers_of, round_place

from geoinc.stats import (
    convex_hull,
    enclosing_circle,
    mean_center,
    median_center,
    standard_distance,
    standard_ellipse,
)
from geoinc.uncertainty import propagate, sample

FUNCTIONS = (
    mean_center, median_center, standard_distance, standard_ellipse, enclosing_circle, convex_hull
)  # fmt: skip
SPREAD = ([44.0, 45.5, 46.0, 44.7, 41.0, 44.1], [33.0, 36.0, 34.2, 33.3, 34.8, 30.0])


def away_m(value, points=SPREAD):
    return np.array(
        [
            geodesic((value["latitude"], value["longitude"]), (y, x)).m
            for x, y in zip(*points, strict=True)
        ]
    )


def best(objective, start):
    found = minimize(
        objective, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    )
    return found.x


@pytest.mark.parametrize(("func", "power"), [(mean_center, 2), (median_center, 1)])
def test_centres_minimise_geodesic_distances(func, power):
    value = func(SPREAD).value

    def objective(spot):
        there = {"longitude": spot[0], "latitude": spot[1]}
        return ((away_m(there) / 1e5) ** power).sum()

    assert value.to_numpy() == pytest.approx(best(objective, [44, 34]), abs=2e-6)


def test_a_weight_of_two_is_two_incidents():
    once = gpd.GeoDataFrame(
        {"weight": [2.0, 1.0, 1.0]},
        geometry=gpd.points_from_xy([44, 45, 44.5], [33, 33, 35]),
        crs=4326,
    )
    twice = ([44, 44, 45, 44.5], [33, 33, 33, 35])
    for func in (mean_center, median_center, standard_distance, standard_ellipse):
        assert func(once).value.to_numpy() == pytest.approx(func(twice).value.to_numpy(), rel=1e-9)


def test_the_median_stays_at_a_place_of_most_incidents():
    value = median_center(([44.0] * 5 + [45, 46], [33.0] * 5 + [34, 30])).value
    assert value.to_numpy() == pytest.approx([44.0, 33.0], abs=1e-9)
    assert mean_center(([44.0] * 3, [33.0] * 3)).value.to_numpy() == pytest.approx([44, 33])


def test_standard_distance_is_the_root_of_the_mean_square():
    value = standard_distance(SPREAD).value
    assert value["standard_distance_m"] == pytest.approx(
        np.sqrt((away_m(value) ** 2).mean()), rel=1e-9
    )


def test_the_axes_of_the_ellipse_add_up_to_the_standard_distance():
    ellipse, distance = standard_ellipse(SPREAD), standard_distance(SPREAD).value
    axes = ellipse.value[["semi_major_m", "semi_minor_m"]]
    assert (axes**2).sum() == pytest.approx(distance["standard_distance_m"] ** 2, rel=1e-9)
    assert ellipse.value["area_km2"] == pytest.approx(np.pi * axes.prod() / 1e6)
    corners = shapely.get_coordinates(ellipse.shape)
    reach = [
        geodesic((ellipse.value["latitude"], ellipse.value["longitude"]), (y, x)).m
        for x, y in corners
    ]
    assert max(reach) == pytest.approx(axes["semi_major_m"], rel=1e-6)
    assert min(reach) == pytest.approx(axes["semi_minor_m"], rel=1e-3)


def test_the_ellipse_lies_along_a_line_of_incidents():
    rng = np.random.default_rng(1)
    along, across = rng.normal(0, 50_000, 4000), rng.normal(0, 10_000, 4000)
    turn = np.radians(30)
    east, north = (
        along * np.sin(turn) + across * np.cos(turn),
        along * np.cos(turn) - across * np.sin(turn),
    )
    points = (44 + east / 93_450, 33 + north / 110_900)
    value = standard_ellipse(points).value
    assert value["azimuth_deg"] == pytest.approx(30, abs=1)
    assert value["semi_major_m"] == pytest.approx(50_000, rel=0.03)
    assert value["semi_minor_m"] == pytest.approx(10_000, rel=0.03)


def test_the_circle_holds_all_and_touches_two():
    value = enclosing_circle(SPREAD).value
    reach = np.sort(away_m(value))
    assert reach[-1] == pytest.approx(value["radius_m"], rel=1e-6)
    assert reach[-2] == pytest.approx(reach[-1], rel=1e-3)


def test_the_hull_holds_all_and_is_convex():
    result = convex_hull(SPREAD)
    assert result.shape.buffer(1e-6).covers(shapely.MultiPoint(np.column_stack(SPREAD)))
    corners = shapely.get_coordinates(shapely.MultiPoint(np.column_stack(SPREAD)).convex_hull)
    area_m2, _ = Geod(ellps="WGS84").polygon_area_perimeter(*corners.T)
    assert result.value["area_km2"] == pytest.approx(abs(area_m2) / 1e6, rel=1e-3)
    square = convex_hull(([0, 1, 1, 0], [0, 0, 1, 1]))
    assert square.value["area_km2"] == pytest.approx(12_308.8, rel=1e-3)


def test_centres_on_both_sides_of_the_antimeridian():
    points = ([179.0, -179.0], [10.0, 10.0])
    assert abs(mean_center(points).value["longitude"]) == pytest.approx(180, abs=1e-6)
    assert standard_distance(points).value["standard_distance_m"] < 120_000


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(30, 60), st.floats(-40, 40)), min_size=3, max_size=12, unique=True)
)
def test_centres_lie_within_the_circle(points):
    lon, lat = np.array(points).T
    circle = enclosing_circle((lon, lat)).value
    for func in (mean_center, median_center):
        value = func((lon, lat)).value
        away = geodesic(
            (circle["latitude"], circle["longitude"]), (value["latitude"], value["longitude"])
        ).m
        assert away <= circle["radius_m"] * 1.001 + 1


@pytest.fixture(scope="module")
def layers():
    places = [
        round_place("A", 44.0, 33.0, 100), round_place("B", 45.0, 33.0, 100),
        round_place("W", 44.0, 35.0, 80_000),
    ]  # fmt: skip
    return dated(layers_of(places, [], ["A", "B", "A", "W"]))


def test_the_spread_of_a_mean_is_that_of_its_imprecise_part(layers):
    result = mean_center(layers, samples=400, rng=1)
    assert (result.n_precise, result.n_imprecise) == (3, 1)
    # One of four lies in a disc of 80 km: the mean in one of 20 km, evenly, so 95 % within
    # the root of 0.95 of that.
    assert result.spread_m == pytest.approx(20_000 * np.sqrt(0.95), rel=0.04)
    low, high = result.interval
    assert (low < result.value).all()
    assert (result.value < high).all()
    assert mean_center(layers, samples=400, rng=1).value.equals(result.value)


def test_precise_only_and_ignore(layers):
    precise = mean_center(layers, uncertainty="precise-only")
    assert precise.interval is None
    assert precise.value["latitude"] == pytest.approx(33.0, abs=0.01)
    assert "left out" in precise.warnings[0]
    assert "centre" in mean_center(layers, uncertainty="ignore").warnings[0]
    with pytest.raises(ValueError, match="not one of"):
        mean_center(layers, uncertainty="guess")


def test_propagate_takes_results(layers):
    assert mean_center(sample(layers, rng=1)).interval is None  # of a world all is known
    result = propagate(mean_center, layers, samples=20, rng=1)
    assert list(result.table.index) == ["longitude", "latitude"]


@pytest.mark.parametrize("func", FUNCTIONS)
def test_every_result_has_a_table_a_layer_and_a_picture(func, layers):
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot as plt

    result = func(layers, samples=20, rng=1)
    assert list(result.to_frame().columns) == ["value", "low", "high"]
    layer = result.to_layer()
    assert layer.crs == 4326
    assert list(layer.columns) == ["label", "value", "low", "high", "geometry"]
    assert layer.attrs["title"] == result.title
    if func in {mean_center, median_center}:
        assert layer["value"].iloc[1] == result.spread_m
        assert layer.geometry.iloc[1].contains(layer.geometry.iloc[0])
    else:
        assert layer["low"].iloc[0] <= layer["value"].iloc[0] <= layer["high"].iloc[0]
    ax = result.plot()
    assert "n = 4 (1 imprecise)" in ax.figure.get_supxlabel()
    plt.close("all")


@pytest.mark.parametrize("func", FUNCTIONS)
def test_too_few_incidents_are_an_error(func):
    with pytest.raises(ValueError, match="needs"):
        func(([], []))


def test_points_outside_the_window_are_counted():
    window = shapely.box(43, 32, 46.5, 37)
    assert "2 of 6 events lie outside" in mean_center(SPREAD, window=window).warnings[0]
    with pytest.raises(ValueError, match="needs"):
        mean_center(SPREAD, window=shapely.box(0, 0, 1, 1))
