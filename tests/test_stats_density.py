"""Smoothing, edges and bandwidths against spatstat, and against integrals made by other means."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from test_stats_directions import dated
from test_uncertainty import layers_of, round_place

from geoinc.geodesy import area_km2
from geoinc.stats import kernel_density, relative_risk
from geoinc.stats.density import bandwidths
from geoinc.stats.density.contours import above, level_of
from geoinc.stats.density.smoothing import Grid, exact, exact_share

PATTERNS = ("cells", "japanesepines", "redwood", "synpoly")


@pytest.fixture(scope="module")
def reference(shared_data):
    path = shared_data / "spatial_statistics" / "spatstat_reference.json"
    return json.loads(path.read_text())


def pattern(reference, name):
    """Return the points and the window of one of spatstat's patterns."""
    points = np.column_stack([reference[f"{name}.points"][axis] for axis in "xy"])
    window = reference[f"{name}.window"]
    if "bbox" in window:
        return points, shapely.box(*window["bbox"])
    return points, shapely.Polygon(window["exterior"], [window["hole"]])


@pytest.mark.parametrize("name", PATTERNS)
def test_kernels_at_points_agree_with_spatstat(reference, name):
    points, window = pattern(reference, name)
    sigma = (0.1, 0.1)
    plain = exact(points, points, sigma)
    share = exact_share(points, window, sigma)
    told = {
        edge: np.array(reference[f"{name}.kde_sigma0.1_atpoints_{edge}"]["v"])
        for edge in ("none", "uniform", "diggle")
    }
    # In rectangles spatstat's edge terms are analytic, like ours; in polygons it sums pixels,
    # 1/128 wide, which is wrong by up to 3 % for the events that lie at the edge.
    rel = 0.035 if name == "synpoly" else 1e-10
    assert plain == pytest.approx(told["none"], rel=1e-10)
    assert plain / share == pytest.approx(told["uniform"], rel=rel)
    assert exact(points, points, sigma, 1 / share) == pytest.approx(told["diggle"], rel=rel)


@pytest.mark.parametrize("name", PATTERNS)
def test_the_grid_is_within_a_hundredth_of_the_exact(reference, name):
    points, window = pattern(reference, name)
    sigma = (0.1, 0.1)
    grid = Grid(window)
    smoothed = grid.at(grid.smooth(grid.masses(points), sigma), points)
    assert smoothed == pytest.approx(exact(points, points, sigma), rel=2e-4)
    share = grid.at(grid.share_inside(sigma), points)
    assert share == pytest.approx(exact_share(points, window, sigma), rel=5e-3)


def test_the_share_inside_a_polygon_with_a_hole_is_its_integral():
    window = shapely.Polygon(
        [(0, 0), (1, 0), (1, 0.55), (0.6, 0.6), (0.62, 1), (0, 1)],
        [[(0.2, 0.2), (0.2, 0.35), (0.4, 0.35), (0.4, 0.2)]],
    )
    at = np.array([[0.0003, 0.44], [0.3, 0.27], [0.61, 0.8], [0.2, 0.2], [2.0, 2.0]])
    sigma = (0.1, 0.17)
    # An integral by rows: in each the kernel over the stretches inside is a difference of normals.
    from scipy.special import ndtr

    middles = (np.arange(40_000) + 0.5) / 40_000
    shares = np.zeros(len(at))
    for y in middles:
        right = 1.0 if y < 0.55 else np.nan
        if np.isnan(right):
            t = (y - 0.55) / 0.05
            right = 1 - 0.4 * t if y < 0.6 else 0.6 + 0.02 * (y - 0.6) / 0.4
        stretches = [(0, 0.2), (0.4, right)] if 0.2 < y < 0.35 else [(0, right)]
        row = sum(ndtr((b - at[:, 0]) / 0.1) - ndtr((a - at[:, 0]) / 0.1) for a, b in stretches)
        away = (y - at[:, 1]) / 0.17
        shares += row * np.exp(-0.5 * away**2) / (0.17 * np.sqrt(2 * np.pi)) / len(middles)
    assert exact_share(at, window, sigma) == pytest.approx(shares, abs=2e-6)


def test_the_share_of_a_half_plane_and_of_everything():
    half = shapely.box(-1e6, -1e6, 0, 1e6)
    at = np.array([[0.0, 0.0], [-1e4, 0.0]])
    assert exact_share(at, half, (1e3, 1e3)) == pytest.approx([0.5, 1.0], abs=1e-12)


def test_masses_add_up_and_lie_where_the_points_are():
    rng = np.random.default_rng(1)
    window = shapely.box(0, 0, 1000, 400)
    points = rng.uniform((0, 0), (1000, 400), (500, 2))
    weights = rng.uniform(0, 2, 500)
    grid = Grid(window, 64)
    masses = grid.masses(points, weights)
    assert masses.sum() == pytest.approx(weights.sum())
    assert masses.shape[1] == 64
    assert (masses @ grid.columns).sum() == pytest.approx((weights * points[:, 0]).sum())
    assert (masses.T @ grid.rows).sum() == pytest.approx((weights * points[:, 1]).sum())


@pytest.mark.parametrize("name", PATTERNS)
def test_bandwidths_agree_with_spatstat(reference, name):
    points, window = pattern(reference, name)
    told = reference[f"{name}.bw"]
    assert bandwidths.scott(points) == pytest.approx(told["scott"], rel=1e-10)
    assert bandwidths.ppl(points, window) == pytest.approx(told["ppl"], rel=1e-10)
    assert bandwidths.cvl(points, window) == pytest.approx(told["CvL"], rel=1e-10)
    assert bandwidths.diggle(points, window) == pytest.approx(told["diggle"], rel=1e-10)


def test_bandwidths_of_many_points_come_off_a_grid_and_are_alike():
    rng = np.random.default_rng(2)
    centres = rng.uniform(0.1, 0.9, (8, 2))
    points = (centres[rng.integers(0, 8, 2500)] + rng.normal(0, 0.04, (2500, 2))).clip(0, 1)
    window = shapely.box(0, 0, 1, 1)
    by_grid = bandwidths.ppl(points, window)
    few = bandwidths.ppl(points[:1900], window)
    assert 0.5 < by_grid / few < 2
    assert 0.5 < bandwidths.cvl(points, window) / bandwidths.cvl(points[:1900], window) < 2


BOX = shapely.box(42, 32, 46, 36)


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(5)
    return rng.normal(44, 0.5, 300).clip(42.1, 45.9), rng.normal(34, 0.3, 300).clip(32.1, 35.9)


def total(result):
    return result.to_frame()["value"].sum() * result.grid.step_m**2 / 1e9


def test_with_diggle_s_edges_the_density_adds_up_to_the_incidents(points):
    edge = (np.full(50, 42.01), np.linspace(32.5, 35.5, 50))
    for where in (points, edge):
        result = kernel_density(where, window=BOX, bandwidth=30_000, edge="diggle", cells=256)
        assert total(result) == pytest.approx(len(where[0]), rel=2e-3)
    bare = kernel_density(edge, window=BOX, bandwidth=30_000, edge="none", cells=256)
    assert 24 < total(bare) < 27  # half of each kernel at the western edge lies outside


def test_uniform_incidents_have_an_even_density_up_to_the_edge():
    x, y = np.meshgrid(
        np.linspace(42, 46, 161)[:-1] + 0.0125, np.linspace(32, 36, 161)[:-1] + 0.0125
    )
    result = kernel_density((x.ravel(), y.ravel()), window=BOX, bandwidth=25_000, cells=128)
    density = result.to_frame()
    # Degrees are not equal in area: the density per km2 goes with the cosine of the latitude.
    even = density["value"] * np.cos(np.radians(density["latitude"]))
    assert even.std() / even.mean() < 0.01
    assert np.abs(even / even.mean() - 1).max() < 0.03


def test_binned_is_within_a_hundredth_of_exact(points):
    for edge in ("uniform", "diggle", "none"):
        how = {"window": BOX, "bandwidth": 20_000, "edge": edge, "cells": 128}
        binned = kernel_density(points, **how).to_frame()["value"]
        exact = kernel_density(points, **how, exact=True).to_frame()["value"]
        high = exact > exact.max() / 100
        assert binned[high].to_numpy() == pytest.approx(exact[high].to_numpy(), rel=0.01)


def test_regions_of_a_normal_density_are_its_ellipses():
    result = kernel_density(([44.0, 44.0], [34.0, 34.0]), window=BOX, bandwidth=40_000)
    regions = result.regions((0.5, 0.9))
    # Of a round normal distribution the share s lies within sigma * sqrt(-2 log(1 - s)).
    for share, shape, told in zip((0.5, 0.9), regions.geometry, regions["area_km2"], strict=True):
        circle = np.pi * 40**2 * -2 * np.log(1 - share)
        assert told == pytest.approx(circle, rel=0.01)
        assert area_km2(shape) == pytest.approx(circle, rel=0.01)
    assert regions.geometry.iloc[1].covers(regions.geometry.iloc[0])
    with pytest.raises(ValueError, match="between 0 and 1"):
        result.regions((90,))


def test_contours_are_linear_between_middles():
    x, y = np.arange(6.0), np.arange(5.0)
    slope = x[None, :].repeat(5, axis=0)
    assert above(slope, x, y, 1.25).equals(shapely.box(1.25, 0, 5, 4))
    peak = np.zeros((5, 6))
    peak[2, 2] = 1
    diamond = above(peak, x, y, 0.5)
    assert diamond.area == pytest.approx(0.5)
    assert above(peak, x, y, 2.0).is_empty
    assert level_of(np.array([1.0, 5, 3, np.nan, 1]), 0.5) == 5


@pytest.fixture(scope="module")
def layers():
    places = [
        round_place("A", 43.5, 33.5, 100), round_place("B", 44.5, 34.5, 100),
        round_place("W", 44.0, 34.0, 60_000),
    ]  # fmt: skip
    return dated(layers_of(places, [], ["A"] * 6 + ["B"] * 6 + ["W"] * 4))


def test_an_incident_known_to_an_area_is_spread_over_it(layers):
    how = {"window": BOX, "bandwidth": 10_000, "cells": 64, "rng": 1}
    spread = kernel_density(layers, **how, even=True)
    centred = kernel_density(layers, **how, uncertainty="ignore")
    precise = kernel_density(layers, **how, uncertainty="precise-only")
    assert (spread.n_precise, spread.n_imprecise) == (12, 4)
    middle = spread.grid.at(np.nan_to_num(spread.value), spread.window.project([44.0], [34.0]))
    at_centre = centred.grid.at(
        np.nan_to_num(centred.value), centred.window.project([44.0], [34.0])
    )
    assert middle < at_centre / 5
    # Evenly over a disc of 60 km: 4 / (pi 60^2) to the km2.
    assert middle * 1e-3 == pytest.approx(4 / (np.pi * 3600), rel=0.4)
    assert total(precise) == pytest.approx(12, rel=0.01)
    at = spread.window.project([43.5, 44.0], [33.5, 34.0])
    shares = spread.grid.at(spread.imprecise, at)
    assert shares[0] < 0.1
    assert shares[1] > 0.9
    low, high = spread.interval
    inside = np.isfinite(spread.value)
    assert (low[inside] <= spread.value[inside] + 1e-6).mean() > 0.97
    assert (high[inside] >= spread.value[inside] - 1e-6).mean() > 0.9
    assert centred.interval is None


def test_an_imprecise_incident_is_likelier_where_precise_ones_are_denser(layers):
    how = {"window": BOX, "bandwidth": 10_000, "cells": 64, "rng": 1}
    likely, even = (kernel_density(layers, **how, even=even) for even in (False, True))
    assert total(likely) == pytest.approx(16, rel=0.02)
    at = likely.window.project([43.5, 44.0], [33.5, 34.0])
    here, between = likely.grid.at(np.nan_to_num(likely.value), at)
    here_even, between_even = even.grid.at(np.nan_to_num(even.value), at)
    assert here > here_even
    assert between < between_even
    assert "as densely as precise ones" in likely.method
    assert "densely" not in even.method


def test_the_same_seed_gives_the_same(layers):
    how = {"window": BOX, "bandwidth": 10_000, "cells": 32, "rng": 4, "samples": 5}
    again = [kernel_density(layers, **how).value for _ in range(2)]
    assert np.array_equal(*again, equal_nan=True)


def test_every_rule_chooses_a_bandwidth(points):
    some = tuple(axis[:120] for axis in points)
    chosen = {
        rule: kernel_density(some, window=BOX, bandwidth=rule, cells=64)
        for rule in ("scott", "ppl", "cvl", "diggle")
    }
    assert all(1_000 < min(result.sigma_m) < 300_000 for result in chosen.values())
    assert "Scott" in chosen["scott"].method


def test_what_cannot_be_smoothed_is_said(points):
    for arguments, told in (
        ({"source": ([44.0], [34.0])}, "needs 2 incidents"),
        ({"source": ([44.0, 44.0], [34.0, 34.0])}, "at one place"),
        ({"source": points, "bandwidth": -5}, "not more than 0"),
        ({"source": points, "bandwidth": "best"}, "nor one of"),
        ({"source": points, "edge": "soft"}, "not one of"),
    ):
        with pytest.raises(ValueError, match=told):
            kernel_density(**arguments, window=BOX)
    with pytest.raises(ValueError, match="too wide for a plane"):
        kernel_density(points, window=shapely.box(-170, -80, 170, 80), bandwidth=1e5)
    with pytest.raises(ValueError, match="need a window"):
        kernel_density(points)
    narrow = kernel_density(points, window=BOX, bandwidth=2_000, cells=64)
    assert "less than two cells" in narrow.warnings[0]


def test_a_density_is_a_layer_and_a_picture(layers):
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot as plt

    result = kernel_density(layers, window=BOX, cells=64, samples=10, rng=1)
    layer = result.to_layer()
    assert list(layer.columns) == ["label", "value", "low", "high", "geometry"]
    assert layer.crs == 4326
    assert layer["value"].is_monotonic_increasing  # the core is the densest
    ax = result.plot()
    assert "n = 16 (4 imprecise)" in ax.figure.get_supxlabel()
    assert ax.figure.axes[1].get_ylabel() == "incidents per 1,000 km²"
    plt.close("all")


@pytest.fixture(scope="module")
def two_kinds():
    rng = np.random.default_rng(8)
    west, east = rng.normal((43.3, 34), 0.25, (80, 2)), rng.normal((44.8, 34), 0.25, (80, 2))
    return np.concatenate([west, east]).T, np.arange(160) < 80


def test_the_ratio_is_that_of_two_densities(two_kinds):
    points, is_case = two_kinds
    how = {"window": BOX, "bandwidth": 30_000, "cells": 96}
    risk = relative_risk(points, is_case, **how, simulations=9, rng=1)
    one, other = (
        kernel_density(points[:, some], **how, edge="none").value for some in (is_case, ~is_case)
    )
    told = (
        np.isfinite(risk.value)
        & (one > one[np.isfinite(one)].max() / 50)
        & (other > np.nanmax(other) / 50)
    )
    assert told.any()
    assert risk.value[told] == pytest.approx(one[told] / other[told], rel=0.01)
    assert (risk.cases, risk.others) == (80, 80)


def test_kinds_that_lie_apart_differ_and_areas_say_where(two_kinds):
    points, is_case = two_kinds
    risk = relative_risk(points, is_case, window=BOX, simulations=199, rng=1)
    assert risk.p == pytest.approx(1 / 200)
    areas = risk.to_layer().set_index("label")
    assert areas.geometry["higher share"].contains(shapely.Point(43.3, 34))
    assert areas.geometry["lower share"].contains(shapely.Point(44.8, 34))
    assert areas["value"]["higher share"] > 1 > areas["value"]["lower share"]
    swapped = relative_risk(points, ~is_case, window=BOX, simulations=9, rng=1)
    told = np.isfinite(risk.value)
    assert np.log(swapped.value[told]) == pytest.approx(-np.log(risk.value[told]))


def test_kinds_dealt_by_chance_rarely_differ():
    rng = np.random.default_rng(9)
    p = []
    for _ in range(60):
        points = rng.normal(44, 0.4, 60), rng.normal(34, 0.4, 60)
        is_case = rng.permutation(60) < 25
        p.append(relative_risk(points, is_case, window=BOX, cells=32, simulations=39, rng=rng).p)
    assert np.mean(np.array(p) <= 0.1) < 0.25
    assert 0.35 < np.mean(p) < 0.68
    assert min(p) >= 1 / 40


def test_a_kind_that_is_known_worse_does_not_differ_by_that():
    rng = np.random.default_rng(10)
    p = []
    for _ in range(25):
        spots = rng.normal((44, 34), 0.2, (100, 2))
        # Of the cases four in five are known to 150 km alone; the places of both kinds are alike.
        # Labels dealt among all would find a difference in 24 of 25.
        is_case = np.arange(100) < 50
        radius = np.where(is_case & (np.arange(100) % 5 > 0), 150_000.0, 0.0)
        points = gpd.points_from_xy(*spots.T)
        table = gpd.GeoDataFrame({"uncertainty_m": radius}, geometry=points, crs=4326)
        how = {"window": BOX, "bandwidth": 15_000, "cells": 32, "simulations": 39, "samples": 5}
        p.append(relative_risk(table, is_case, **how, rng=rng).p)
    assert np.mean(np.array(p) <= 0.1) < 0.3
    assert np.mean(p) > 0.3


def test_kinds_of_layers_are_told_by_rows(layers):
    marks = (layers.targets["place_name"] == "A").to_numpy()
    risk = relative_risk(
        layers, marks, window=BOX, bandwidth=20_000, simulations=19, samples=5, rng=1
    )
    assert (risk.cases, risk.others, risk.n_imprecise) == (6, 10, 4)
    precise = relative_risk(
        layers,
        marks,
        window=BOX,
        bandwidth=20_000,
        simulations=19,
        uncertainty="precise-only",
        rng=1,
    )
    assert precise.others == 6
    with pytest.raises(ValueError, match="one True or False"):
        relative_risk(layers, marks[:3], window=BOX)
    with pytest.raises(ValueError, match="none missing"):
        relative_risk(layers, pd.array([*marks[1:], None], dtype="boolean"), window=BOX)
    with pytest.raises(ValueError, match="two incidents at least"):
        relative_risk(layers, marks & False, window=BOX)


def test_a_relative_risk_has_a_table_and_a_picture(two_kinds):
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot as plt

    points, is_case = two_kinds
    risk = relative_risk(points, is_case, window=BOX, cells=48, simulations=39, rng=1)
    assert risk.to_frame()["p"].between(1 / 40, 1).all()
    ax = risk.plot()
    assert "80 cases, 80 others" in ax.get_title(loc="left")
    assert "39 random labellings" in ax.figure.get_supxlabel()
    plt.close("all")
