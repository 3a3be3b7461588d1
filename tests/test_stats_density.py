"""Smoothing, edges and bandwidths against spatstat, and against integrals made by other means."""

import json

import numpy as np
import pytest
import shapely

from geoinc.stats import bandwidths
from geoinc.stats.smoothing import Grid, exact, exact_share

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


def test_bandwidths_of_many_points_come_off_a_grid_and_are_alike():
    rng = np.random.default_rng(2)
    centres = rng.uniform(0.1, 0.9, (8, 2))
    points = (centres[rng.integers(0, 8, 5000)] + rng.normal(0, 0.04, (5000, 2))).clip(0, 1)
    window = shapely.box(0, 0, 1, 1)
    by_grid = bandwidths.ppl(points, window)
    few = bandwidths.ppl(points[:3500], window)
    assert 0.5 < by_grid / few < 2
    assert 0.5 < bandwidths.cvl(points, window) / bandwidths.cvl(points[:3500], window) < 2
