"""Exact intervals against scipy's, against enumeration, and against the likelihood itself."""

from itertools import product

import numpy as np
import pytest
from scipy import stats as scipy_stats
from scipy.optimize import minimize

from geoinc.stats.sites.rates import (
    bursty,
    dispersion,
    median_interval,
    poisson_rate,
    rate_ratio,
    trend,
)


@pytest.mark.parametrize("count", [0, 1, 7, 250, 40_000])
def test_poisson_intervals_are_garwood_s(count):
    found = poisson_rate(np.array([count]), 2.0)
    low = scipy_stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    high = scipy_stats.chi2.ppf(0.975, 2 * count + 2) / 2
    assert found[:3] == pytest.approx((count / 2, low / 2, high / 2), rel=1e-10)


def test_a_count_that_is_not_sure_widens_the_interval():
    sure, unsure = poisson_rate(np.array([20]), 1), poisson_rate(np.array([15, 25]), 1)
    assert unsure.value == sure.value
    assert unsure.low < sure.low < sure.high < unsure.high
    # Where half the worlds have no event the tail never falls to 2.5 %.
    assert poisson_rate(np.array([0, 10]), 1).low == 0


@pytest.mark.parametrize(("first", "second"), [(3, 12), (12, 3), (0, 5), (5, 0), (40, 44)])
def test_ratios_are_those_of_the_exact_binomial(first, second):
    found = rate_ratio(np.array([first]), 100, np.array([second]), 50)
    exact = scipy_stats.binomtest(second, first + second, 1 / 3)
    interval = exact.proportion_ci(method="exact")
    with np.errstate(divide="ignore"):
        low, high = (np.divide(part, 1 - part) * 2 for part in interval)
        assert found[:3] == pytest.approx((np.divide(second * 2, first), low, high), rel=1e-9)
    assert found.p == pytest.approx(
        min(1, 2 * min(scipy_stats.binomtest(second, first + second, 1 / 3, alternative=side).pvalue
                       for side in ("less", "greater"))),
    )  # fmt: skip


def test_no_event_says_nothing_of_a_ratio():
    found = rate_ratio(np.array([0]), 10, np.array([0]), 10)
    assert (found.low, found.high, found.p) == (0, np.inf, 1)


def test_a_trend_is_the_exact_conditional_one():
    span, days = 6, np.array([1, 4, 5])
    found = trend([days], span)

    def tail(growth, sign):
        chance = 0.0
        total = 0.0
        for drawn in product(range(span), repeat=3):
            weight = np.exp(growth * sum(drawn))
            total += weight
            chance += weight * (sign * sum(drawn) >= sign * days.sum())
        return chance / total

    assert tail(found.low, 1) == pytest.approx(0.025, abs=1e-8)
    assert tail(found.high, -1) == pytest.approx(0.025, abs=1e-8)
    assert found.p == pytest.approx(2 * min(tail(0, 1), tail(0, -1)))
    weights = np.exp(found.value * np.arange(span))
    assert weights @ np.arange(span) / weights.sum() == pytest.approx(days.mean())


def test_a_trend_that_is_there_is_found_and_one_that_is_not_is_rarely():
    rng = np.random.default_rng(4)
    span, growth = 700, 0.002
    chance = np.exp(growth * np.arange(span))
    held = reject = 0
    for _ in range(120):
        found = trend([rng.choice(span, 60, p=chance / chance.sum())], span)
        held += found.low <= growth <= found.high
        reject += trend([rng.integers(0, span, 60)], span).p < 0.05
    assert held >= 108  # 95 % of 120 is 114; fewer than 108 is one in 400
    assert reject <= 13


def test_trends_of_many_events_put_days_together():
    rng = np.random.default_rng(5)
    days = rng.integers(0, 3650, 4000)
    found = trend([days], 3650)
    # The same by the normal approximation of the sum.
    sd = np.sqrt((3650**2 - 1) / 12 / 4000)
    error = 1 / (sd * 4000)
    assert found.value == pytest.approx((days.mean() - 1824.5) / sd**2 / 4000, abs=error / 50)
    assert found.high - found.low == pytest.approx(
        2 * 1.96 / np.sqrt(4000) / (sd * np.sqrt(4000)), rel=0.05
    )


def test_all_on_the_last_day_has_no_upper_end():
    found = trend([np.array([99, 99, 99])], 100)
    assert found.value == np.inf
    assert found.high == np.inf
    assert found.low > 0
    assert found.p < 1e-4
    assert np.isnan(trend([np.array([], dtype=int)], 100).value)


def test_bursts_show_in_the_dispersion():
    rng = np.random.default_rng(6)
    index, p = dispersion(np.array([0, 0, 9, 0, 0, 8, 0, 0]), rng)
    assert index == pytest.approx(np.var([0, 0, 9, 0, 0, 8, 0, 0], ddof=1) / 2.125)
    assert p == pytest.approx(0.001)
    even = [dispersion(rng.poisson(4, 24), rng)[1] for _ in range(200)]
    assert 0.4 < np.mean(even) < 0.6
    assert np.isnan(dispersion(np.array([1, 0]), rng)[0])


def brute(counts, exposure, covariate=None):
    """Return the maximum likelihood of the negative binomial by another optimiser."""
    x = np.zeros(len(counts)) if covariate is None else covariate

    def loss(parameters, slope=None):
        level, size = parameters[0], np.exp(parameters[1])
        effect = (parameters[2] if covariate is not None else 0.0) if slope is None else slope
        mean = exposure * np.exp(level + effect * x)
        return -scipy_stats.nbinom.logpmf(counts, size, size / (size + mean)).sum()

    options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
    start = [np.log(counts.sum() / exposure.sum()), 0.0] + ([0.0] if covariate is not None else [])
    return loss, minimize(loss, start, method="Nelder-Mead", options=options), options


def test_bursty_rates_are_maximum_likelihood_with_profile_intervals():
    counts = np.array([0, 3, 11, 0, 1, 0, 14, 2, 0, 5.0])
    exposure = np.full(10, 30.0)
    found = bursty(counts, exposure)
    assert found.value == pytest.approx(counts.sum() / 300, rel=1e-4)
    loss, best, options = brute(counts, exposure)
    for end in (found.low, found.high):
        fixed = minimize(
            lambda size, end=end: loss([np.log(end), size[0]]),
            [0.0],
            method="Nelder-Mead",
            options=options,
        )
        assert 2 * (fixed.fun - best.fun) == pytest.approx(3.8415, abs=0.01)
    plain = poisson_rate(np.array([36]), 300)
    assert found.high - found.low > 1.5 * (plain.high - plain.low)


def test_bursty_effects_are_maximum_likelihood_with_profile_intervals():
    counts = np.array([1, 0, 4, 2, 0, 7, 3, 12, 1, 9, 15.0, 4])
    exposure = np.linspace(20, 31, 12)
    years = np.arange(12) / 12
    found = bursty(counts, exposure, years)
    loss, best, options = brute(counts, exposure, years)
    assert found.value == pytest.approx(best.x[2], rel=1e-3)
    for end in (found.low, found.high):
        fixed = minimize(
            lambda rest, end=end: loss(rest, slope=end),
            best.x[:2],
            method="Nelder-Mead",
            options=options,
        )
        assert 2 * (fixed.fun - best.fun) == pytest.approx(3.8415, abs=0.02)


def test_without_bursts_the_intervals_are_alike():
    counts = np.full(40, 6.0)
    found, plain = bursty(counts, np.ones(40)), poisson_rate(np.array([240]), 40)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), rel=0.01)
    assert np.isnan(bursty(np.array([4.0, 0]), np.ones(2)).value)


def test_the_interval_of_a_median_is_of_two_order_statistics():
    assert median_interval(np.arange(1.0, 11)) == (2, 9)
    assert median_interval(np.arange(5.0)) == (-np.inf, np.inf)
    low, high = median_interval(np.arange(10_000.0))
    assert (high - low) / 10_000 == pytest.approx(2 * 1.96 / 2 / 100, rel=0.02)
