"""Circular statistics against R's circular, closed forms and the likelihood itself."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from test_uncertainty import layers_of, round_place

from geoinc.stats.centrography.directions import circular_mean, mean_azimuth


@pytest.fixture(scope="module")
def hours(shared_data):
    path = shared_data / "spatial_statistics" / "spatstat_reference.json"
    return json.loads(path.read_text())["circ.hours"]


def test_mean_resultant_and_rayleigh_agree_with_r(hours):
    result = circular_mean(hours["h"], period=24)
    assert result.value == pytest.approx(hours["mean_h"], rel=1e-10)
    assert result.resultant == pytest.approx(hours["Rbar"], rel=1e-12)
    assert result.p == pytest.approx(hours["rayleigh_p"], rel=1e-10)


def test_kappa_is_the_likelihood_s_own(hours):
    # R's circular and astropy print 1.91699, which is not the root of the likelihood equation but
    # Fisher's approximation of it, here from the same resultant length; ours is the root.
    r = hours["Rbar"]
    assert -0.4 + 1.39 * r + 0.43 / (1 - r) == pytest.approx(hours["kappa_mle"], rel=1e-10)
    result = circular_mean(hours["h"], period=24)
    assert result.kappa == pytest.approx(hours["kappa_mle"], rel=5e-3)
    angles = np.array(hours["h"]) * np.pi / 12
    mean = result.value * np.pi / 12

    def likelihood(kappa):
        return scipy_stats.vonmises.logpdf(angles, kappa, loc=mean).sum()

    assert likelihood(result.kappa) > likelihood(hours["kappa_mle"])
    for other in (result.kappa * (1 - 1e-4), result.kappa * (1 + 1e-4)):
        assert likelihood(result.kappa) > likelihood(other)


def test_values_beyond_a_turn_are_the_same_values():
    once, more = circular_mean([10, 350, 20]), circular_mean([370, -10, 740])
    assert once.value == pytest.approx(20 / 3, abs=0.1)
    assert more.value == pytest.approx(once.value)
    assert more.observed.tolist() == [10, 350, 20]


def test_opposite_values_have_no_direction_and_equal_ones_no_spread():
    assert circular_mean([0, 90, 180, 270]).resultant == pytest.approx(0, abs=1e-15)
    assert circular_mean([0, 90, 180, 270]).p == pytest.approx(1)
    same = circular_mean([40, 40, 40])
    assert (same.value, same.resultant, same.kappa) == (pytest.approx(40), 1, np.inf)
    assert 0 < same.p < 0.1


def test_rayleigh_p_is_uniform_without_direction():
    rng = np.random.default_rng(3)
    p = [circular_mean(rng.uniform(0, 360, 12)).p for _ in range(400)]
    assert scipy_stats.kstest(p, "uniform").pvalue > 0.001


def test_missing_values_are_counted_and_no_value_is_an_error():
    result = circular_mean([1, np.nan, 2])
    assert (result.n_precise, result.warnings) == (2, ("1 values are missing",))
    with pytest.raises(ValueError, match="no value"):
        circular_mean([np.nan])
    with pytest.raises(ValueError, match="period"):
        circular_mean([1], period=0)


def test_azimuths_of_exact_places():
    places = [
        round_place("A", 44.0, 33.0, 1), round_place("N", 44.0, 34.0, 1),
        round_place("E", 45.0, 33.0, 1),
    ]  # fmt: skip
    layers = dated(layers_of(places, ["A", "A", "A"], ["N", "E", "N"]))
    result = mean_azimuth(layers, rng=1)
    assert 20 < result.value < 35
    assert sorted(result.observed.round() % 360) == [0, 0, 90]
    assert result.interval == pytest.approx((result.value, result.value), abs=0.01)
    back = mean_azimuth(layers, start="target", end="launch", rng=1)
    assert (back.value - result.value) % 360 == pytest.approx(180, abs=0.5)


def test_wide_areas_widen_the_interval_and_precise_only_leaves_them_out():
    places = [
        round_place("A", 44.0, 33.0, 60_000), round_place("B", 44.0, 33.0, 100),
        round_place("N", 44.0, 34.0, 100),
    ]  # fmt: skip
    layers = dated(layers_of(places, ["A", "A", "B"], ["N", "N", "N"]))
    wide = mean_azimuth(layers, rng=1)
    assert (wide.n_precise, wide.n_imprecise) == (1, 2)
    low, high = wide.interval
    assert 10 < (high - low) % 360 < 90
    precise = mean_azimuth(layers, uncertainty="precise-only", rng=1)
    assert (precise.n_precise, precise.n_imprecise) == (1, 0)
    assert precise.interval is None
    ignored = mean_azimuth(layers, uncertainty="ignore")
    assert ignored.interval is None
    assert "centre" in ignored.warnings[0]
    assert mean_azimuth(layers, rng=1).interval == wide.interval


def test_incidents_with_one_place_are_counted():
    layers = dated(layers_of([round_place("A"), round_place("B", 45.0)], ["A", ""], ["B", "B"]))
    assert "1 incidents lack" in mean_azimuth(layers, rng=1).warnings[-1]
    same = dated(layers_of([round_place("A", radius_m=1)], ["A"], ["A"]))
    with pytest.raises(ValueError, match="apart"):
        mean_azimuth(same, uncertainty="ignore")


def test_the_rose_says_what_it_shows():
    pytest.importorskip("matplotlib").use("agg")
    result = circular_mean([1, 2, 23], period=24, unit="h", title="Time of day")
    ax = result.plot()
    assert "Time of day" in ax.get_title(loc="left")
    assert "n = 3. Circular mean" in ax.figure.get_supxlabel()
    from matplotlib import pyplot as plt

    with pytest.raises(ValueError, match="polar"):
        result.plot(plt.figure().subplots())
    plt.close("all")


def dated(layers):
    days = {"date_start": pd.Timestamp("2021-03-01"), "date_end": pd.Timestamp("2021-03-01")}
    for role in ("launches", "targets", "impacts"):
        for name, day in days.items():
            getattr(layers, role)[name] = day
    return layers
