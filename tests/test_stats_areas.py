"""Counts, rates and change by area: exact where it is known, Poisson's binomial where it is not."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

import geoinc as gi
from geoinc.stats import area_change, area_counts, hexagons, square_grid
from geoinc.stats.areas.poisson_binomial import (
    mean_interval,
    number_interval,
    number_of,
    share_interval,
)
from geoinc.stats.areas.shares import areas_of, drawn_areas, events_in_areas, square_km


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=12))
def test_the_number_by_going_through_all_that_may_be(probabilities):
    number = number_of(np.array(probabilities))
    chances = np.ones(1)
    for p in probabilities:
        chances = np.convolve(chances, [1 - p, p])
    expected = np.zeros(len(probabilities) + 1)
    expected[number.least : number.least + len(number.chances)] = number.chances
    assert expected == pytest.approx(chances, abs=1e-7)
    low, high = number_interval(number)
    assert chances[low : high + 1].sum() >= 0.95 - 1e-7


def test_many_events_of_few_places_are_quick_and_right():
    rng = np.random.default_rng(1)
    p = rng.choice([0.1, 0.25, 0.5, 1.0], 4_000)
    number = number_of(p)
    mean = number.chances @ number.counts
    variance = number.chances @ number.counts**2 - mean**2
    assert mean == pytest.approx(p.sum(), rel=1e-12)
    assert variance == pytest.approx((p * (1 - p)).sum(), rel=1e-8)


@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_rates_of_what_is_certain_are_garwoods(count):
    low, high = mean_interval(number_of(np.ones(count)))
    # By the definition: as many or more, and as few or fewer, have a chance of 2.5 %.
    assert scipy_stats.poisson.cdf(count, high) == pytest.approx(0.025)
    assert (
        low == 0 if count == 0 else scipy_stats.poisson.sf(count - 1, low) == pytest.approx(0.025)
    )


def test_what_is_open_widens_the_rate():
    sure = mean_interval(number_of(np.ones(10)))
    open_one = mean_interval(number_of(np.full(20, 0.5)))
    assert open_one[0] < sure[0]
    assert open_one[1] > sure[1]
    assert mean_interval(number_of(np.array([0.5])))[0] == 0


def test_the_share_is_clopper_pearsons():
    low, high, p = share_interval(np.array([3.0]), np.array([9.0]), 0.5)
    exact = scipy_stats.binomtest(9, 12, 0.5)
    interval = exact.proportion_ci(0.95, "exact")
    assert (low, high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert p == pytest.approx(exact.pvalue)  # of a half, where both ways to be two-sided agree


QUARTERS = gpd.GeoDataFrame(
    {"name": ["sw", "se", "nw", "ne"], "people": [100, 200, 300, 400]},
    geometry=[shapely.box(x, y, x + 1, y + 1) for y in (33, 34) for x in (42, 43)],
    crs=4326,
)


def test_shares_are_by_area_on_the_ellipsoid():
    known = gpd.GeoDataFrame(
        geometry=[
            shapely.Point(42.5, 33.5),
            shapely.Point(43, 34),  # a corner of all four: one of them
            shapely.box(42.2, 33.5, 42.4, 34.5),
            shapely.box(40, 33, 43, 34),  # two thirds outside
            shapely.Point(50, 50),
        ],
        crs=4326,
    )
    table, _ = areas_of(known, QUARTERS, role="target", label="name")
    events, shares = events_in_areas(known, table, role="target", centres=False)
    shares = shares.toarray()
    assert shares[0].tolist() == [1, 0, 0, 0]
    assert sorted(shares[1]) == [0, 0, 0, 1]
    south, north = square_km(
        np.array([shapely.box(42.2, 33.5, 42.4, 34), shapely.box(42.2, 34, 42.4, 34.5)])
    )
    assert shares[2] == pytest.approx([south / (south + north), 0, north / (south + north), 0])
    assert shares[3] == pytest.approx([1 / 3, 0, 0, 0], rel=1e-9)
    assert len(events) == 4
    assert (events.n_precise, events.n_imprecise) == (2, 2)
    assert "1 of 5 events lie in none" in events.notes[0]


def test_square_kilometres_are_those_of_the_geodesic_polygon():
    from pyproj import Geod

    shape = shapely.box(42, 33, 42.05, 33.05)
    exact, _ = Geod(ellps="WGS84").geometry_area_perimeter(shape)
    assert square_km(np.array([shape]))[0] == pytest.approx(exact / 1e6, rel=1e-5)


def test_draws_fall_as_often_as_the_shares():
    known = gpd.GeoDataFrame(geometry=[shapely.box(41, 33, 43.5, 34)] * 2_000, crs=4326)
    table, _ = areas_of(known, QUARTERS, role="target", label="name")
    events, shares = events_in_areas(known, table, role="target", centres=False)
    drawn = np.bincount(drawn_areas(events, shares, 1, seed=5), minlength=5) / 2_000
    assert drawn == pytest.approx([0.4, 0.2, 0, 0, 0.4], abs=0.035)
    assert (drawn_areas(events, shares, 1, seed=5) == drawn_areas(events, shares, 1, seed=5)).all()


def test_counts_and_rates():
    known = [shapely.Point(42.5, 33.5)] * 3 + [shapely.box(42.5, 33.2, 43.5, 33.8)] * 4
    points = gpd.GeoDataFrame(geometry=known, crs=4326)
    result = area_counts(points, areas=QUARTERS, label="name")
    table = result.to_frame()
    assert table["count"].tolist() == pytest.approx([5, 2, 0, 0])
    assert table["certain"].tolist() == [3, 0, 0, 0]
    assert table["possible"].tolist() == [7, 4, 0, 0]
    # Of 4 at a half each none has a chance of 6 %: all of them are possible at 95 %.
    assert table[["low", "high"]].loc["sw"].tolist() == [3, 7]
    assert table.loc["ne", "rate_low"] == 0 < table.loc["ne", "rate_high"]
    assert (result.n_precise, result.n_imprecise) == (3, 4)
    people = area_counts(points, areas=QUARTERS, label="name", per="people").to_frame()
    assert people["rate"].tolist() == pytest.approx([0.05, 0.01, 0, 0])
    alone = area_counts(points, areas=QUARTERS, label="name", uncertainty="precise-only")
    assert alone.value.tolist() == [3, 0, 0, 0]
    assert "left out" in alone.warnings[0]
    centres = area_counts(points, areas=QUARTERS, label="name", uncertainty="ignore")
    assert centres.value.sum() == 7
    assert set(centres.value) == {0, 3, 4} or set(centres.value) == {0, 7}


def test_the_interval_holds_the_truth():
    """Where each of 60 events is known to two or more areas alone, 95 % of counts lie inside."""
    rng = np.random.default_rng(3)
    held = []
    for _ in range(40):
        x = rng.uniform(42, 44, 60)
        true = np.bincount((x >= 43).astype(int), minlength=2)
        known = shapely.box(42, 33, 44, 34)
        points = gpd.GeoDataFrame(geometry=[known] * 60, crs=4326)
        table = area_counts(points, areas=QUARTERS.iloc[:2], label="name").to_frame()
        held += ((table["low"] <= true) & (true <= table["high"])).tolist()
    assert np.mean(held) > 0.9


def dated(days, shapes):
    return gpd.GeoDataFrame({"date": pd.to_datetime(days)}, geometry=shapes, crs=4326)


def test_change_is_exact_where_all_is_known():
    here = shapely.Point(42.5, 33.5)
    days = ["2020-01-01", "2020-02-01", *["2020-09-01"] * 12, "2020-12-30"]
    result = area_change(
        dated(days, [here] * 15), areas=QUARTERS, label="name", date="2020-07-01", rng=1
    )
    row = result.to_frame().loc["sw"]
    before, after = 182, 183  # days from 1 January, from 1 July to 30 December
    assert (row["before"], row["after"]) == (2, 13)
    assert row["ratio"] == pytest.approx(13 / 2 * before / after)
    share = scipy_stats.binomtest(13, 15, after / 365).proportion_ci(0.95, "exact")
    low = share.low / (1 - share.low) * before / after
    assert row["low"] == pytest.approx(low, rel=1e-9)
    assert result.to_frame().loc["ne", "p"] == 1
    assert np.isnan(result.value[3])
    assert "2020-12-30" in result.method


def test_days_and_places_that_are_open_are_drawn():
    shapes = [shapely.box(42.5, 33.2, 43.5, 33.8)] * 200
    points = gpd.GeoDataFrame(
        {
            "date_start": pd.to_datetime(["2020-06-01"] * 200),
            "date_end": pd.to_datetime(["2020-07-30"] * 200),  # 30 days before July, 30 in it
        },
        geometry=shapes,
        crs=4326,
    )
    result = area_change(points, areas=QUARTERS, label="name", date="2020-07-01", rng=1)
    table = result.to_frame()
    assert table.loc[["sw", "se"], ["before", "after"]].to_numpy() == pytest.approx(50, abs=1.5)
    assert table.loc["sw", "low"] < 1 < table.loc["sw", "high"]
    again = area_change(points, areas=QUARTERS, label="name", date="2020-07-01", rng=result.seed)
    assert again.table.drop(columns="geometry").equals(result.table.drop(columns="geometry"))
    held = area_change(
        points, areas=QUARTERS, label="name", date="2020-07-01", uncertainty="ignore"
    )
    assert held.value.shape == (4,)


def test_a_grid_covers_its_window_once():
    window = shapely.Polygon([(42, 33), (45, 33.4), (44, 36), (42.5, 35)])
    grid = square_grid(window, size_m=40_000)
    shapes = np.asarray(grid.geometry.array)
    assert square_km(shapes).sum() == pytest.approx(square_km(np.array([window]))[0], rel=1e-3)
    assert square_km(shapes).max() == pytest.approx(1_600, rel=2e-3)
    points = gpd.points_from_xy(*np.random.default_rng(1).uniform([42, 33], [45, 36], (300, 2)).T)
    inside = points[window.buffer(-0.05).contains(points)]
    result = area_counts(gpd.GeoDataFrame(geometry=inside, crs=4326), areas=grid)
    assert result.value.sum() == len(inside)


def test_hexagons_cover_the_window():
    pytest.importorskip("h3", reason="hexagons need the extra h3")
    window = shapely.box(42, 33, 43, 34)
    cells = hexagons(window, resolution=4)
    assert shapely.union_all(cells.geometry.array).buffer(1e-9).covers(window)
    assert 8 <= len(cells) <= 20
    with pytest.raises(ValueError, match="from 0 to 15"):
        hexagons(window, resolution=16)
    with pytest.raises(ValueError, match="too many"):
        hexagons(window, resolution=12)


def test_provinces_are_the_default_and_it_is_said():
    layers = gi.layers_from_coordinates(
        pd.DataFrame({"longitude": [44.4, 43.13], "latitude": [33.3, 36.34]}), uncertainty_m=500
    )
    result = area_counts(layers)
    table = result.to_frame()
    assert table.loc[["Baghdad", "Nineveh"], "count"].tolist() == [1, 1]
    assert table["count"].sum() == 2
    assert "provinces of IQ" in result.warnings[0]


def test_bad_input_is_told():
    points = gpd.GeoDataFrame(geometry=[shapely.Point(42.5, 33.5)], crs=4326)
    with pytest.raises(ValueError, match="no CRS"):
        area_counts(points, areas=QUARTERS.set_crs(None, allow_override=True))
    with pytest.raises(ValueError, match="no areas"):
        area_counts(points, areas=QUARTERS.iloc[:0])
    with pytest.raises(ValueError, match="not above 0"):
        area_counts(points, areas=QUARTERS.assign(people=0), per="people")
    with pytest.raises(ValueError, match="no province"):
        area_counts(([-150.0], [-40.0]))
    with pytest.raises(ValueError, match="no event has a day"):
        area_change(points, areas=QUARTERS, date="2020-01-01")
    with pytest.raises(ValueError, match="does not lie between"):
        area_change(points.assign(date="2020-01-01"), areas=QUARTERS, date="2021-01-01")
    with pytest.raises(ValueError, match="too many"):
        square_grid(QUARTERS, size_m=100)
    with pytest.raises(ValueError, match="above 0"):
        square_grid(QUARTERS, size_m=0)
    assert "none of the areas" in area_counts(([0.0], [0.0]), areas=QUARTERS).warnings[0]


def test_pictures_and_layers():
    pytest.importorskip("matplotlib").use("agg")
    points = dated(["2020-01-01", "2020-08-01", "2020-09-01"], [shapely.Point(42.5, 33.5)] * 3)
    counted = area_counts(points, areas=QUARTERS, label="name")
    assert counted.plot().get_yticklabels()[-1].get_text() == "sw"
    layer = counted.to_layer()
    assert list(layer.columns) == ["label", "value", "low", "high", "geometry"]
    assert layer.crs == 4326
    assert layer.geometry.notna().all()
    changed = area_change(points, areas=QUARTERS, label="name", date="2020-07-01")
    assert changed.plot().get_xscale() == "log"
    assert changed.to_layer()["label"].tolist() == ["sw", "se", "nw", "ne"]
