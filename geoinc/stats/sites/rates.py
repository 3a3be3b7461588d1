"""Counts in time: exact intervals for rates, ratios and trends, and what they become when events come in bursts.

Where dates or places are sampled there is a count for every possible world; tail
probabilities are then means over the worlds, and intervals are where these are 2.5 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft  # type: ignore[import-untyped]
from scipy.optimize import brentq, minimize_scalar  # type: ignore[import-untyped]
from scipy.special import (  # type: ignore[import-untyped]
    bdtr,
    betainc,
    chdtri,
    gammainc,
    gammaincc,
    gammaln,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: What an interval leaves out on either side.
TAIL = 0.025
#: p-values that rounding cannot tell from 0 are reported as this.
_LEAST_P = 1e-12
#: The sum of all days has at most so many values; of more, days are put together.
_MOST_SUMS = 1 << 18
#: Simulations behind a Monte-Carlo p-value.
_SIMULATIONS = 999
#: Fewer events than this say nothing of bursts.
_FEW = 5


class Estimate(NamedTuple):
    """A value, its 95 % interval, and the two-sided p-value of no difference."""

    value: float
    low: float
    high: float
    p: float = np.nan


def poisson_rate(counts: Ints, exposure: float) -> Estimate:
    """Return the rate of a Poisson process with its exact interval, Garwood's.

    Parameters
    ----------
    counts : array of int
        How many events, one number a world.
    exposure : float
        How long was watched; the rate is per unit of it.
    """
    distinct, times = np.unique(counts, return_counts=True)
    share = times / times.sum()

    def at_least(mean: float) -> float:
        return float(share @ np.where(distinct > 0, gammainc(np.maximum(distinct, 1), mean), 1.0))

    def at_most(mean: float) -> float:
        return float(share @ gammaincc(distinct + 1, mean))

    most = float(distinct[-1]) + 10 * np.sqrt(distinct[-1] + 1) + 20
    low = 0.0
    if at_least(0.0) < TAIL:
        low = brentq(lambda mean: at_least(mean) - TAIL, 0.0, most, xtol=1e-12, rtol=1e-14)
    high = brentq(lambda mean: at_most(mean) - TAIL, 0.0, most, xtol=1e-12, rtol=1e-14)
    return Estimate(float(np.mean(counts)) / exposure, low / exposure, high / exposure)


def rate_ratio(
    first: Ints, first_exposure: float, second: Ints, second_exposure: float
) -> Estimate:
    """Return how many times the second rate is the first, exact given their sum.

    Of all events the second share is binomial; its interval is that of Clopper
    and Pearson, and p is twice the smaller tail.

    Parameters
    ----------
    first, second : array of int
        How many events, one number a world.
    first_exposure, second_exposure : float
        How long was watched, in the same unit.
    """
    pairs, times = np.unique(np.column_stack([first, second]), axis=0, return_counts=True)
    share = times / times.sum()
    a, b = pairs.T

    def at_least(chance: float) -> float:
        return float(share @ np.where(b > 0, betainc(np.maximum(b, 1), a + 1, chance), 1.0))

    def at_most(chance: float) -> float:
        return float(share @ np.where(a > 0, betainc(np.maximum(a, 1), b + 1, 1 - chance), 1.0))

    low, high = 0.0, 1.0
    if at_least(0.0) < TAIL:
        low = brentq(lambda chance: at_least(chance) - TAIL, 0.0, 1.0, xtol=1e-14, rtol=1e-14)
    if at_most(1.0) < TAIL:
        high = brentq(lambda chance: at_most(chance) - TAIL, 0.0, 1.0, xtol=1e-14, rtol=1e-14)
    even = second_exposure / (first_exposure + second_exposure)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.divide(np.mean(second) / second_exposure, np.mean(first) / first_exposure)
        low, high = (
            np.divide(part, 1 - part) * first_exposure / second_exposure for part in (low, high)
        )
    p = min(1.0, 2 * min(at_least(even), at_most(even)))
    return Estimate(float(value), float(low), float(high), max(p, _LEAST_P))


def trend(days: Sequence[Ints], span: int) -> Estimate:
    """Return by how much the logarithm of the rate grows per day, exact given how many events.

    Under an exponential trend the sum of the days tells all that is known of it;
    its distribution is computed by Fourier transform, not approximated.

    Parameters
    ----------
    days : sequence of array of int
        The days of the events from 0 to `span` - 1, one array a world.
    span : int
        How many days were watched.
    """
    most = max((len(some) for some in days), default=0)
    step = max(1, -(-most * span // _MOST_SUMS))
    sums = [(len(some), int((some // step).sum())) for some in days if len(some)]
    if not sums or span <= step:
        return Estimate(np.nan, np.nan, np.nan)
    told, times = np.unique(np.array(sums), axis=0, return_counts=True)
    share = times / times.sum()
    numbers = np.unique(told[:, 0]).tolist()
    days_in = np.bincount(np.arange(span) // step).astype(float)

    def tails(growth: float, spreads: dict[int, _Spread] | None = None) -> tuple[float, float]:
        least = most = 0.0
        for n in numbers:
            spread = spreads[n] if spreads else _sum_of_days(growth, days_in, n)
            sums, chance = spread.tilted(growth)
            below = np.concatenate([[0.0], np.cumsum(chance)])
            totals, part = told[told[:, 0] == n, 1], share[told[:, 0] == n]
            least += float(part @ (below[-1] - below[np.searchsorted(sums, totals)]))
            most += float(part @ below[np.searchsorted(sums, totals, side="right")])
        return least, most

    # Beyond this every event lies on the first or the last day.
    steep = 40.0 / len(days_in) * np.log(len(days_in) + 2)
    wanted = float(share @ (told[:, 1] / told[:, 0]))
    value = _root(lambda growth: _mean_day(growth, days_in) - wanted, -steep, steep, np.nan)
    spreads = None
    if np.isfinite(value):
        spreads = {n: _sum_of_days(value, days_in, n) for n in numbers}
    ends = []
    for side, none in ((0, -np.inf), (1, np.inf)):
        end = _root(lambda growth: tails(growth, spreads)[side] - TAIL, -steep, steep, none)  # noqa: B023  # used at once
        # Of few events the tilted distribution may not reach so far.
        if spreads and not (np.isfinite(end) and abs(tails(end)[side] - TAIL) < 1e-5):
            end = _root(lambda growth: tails(growth)[side] - TAIL, -steep, steep, none)  # noqa: B023
        ends.append(end)
    if np.isnan(value):
        value = np.inf if wanted > len(days_in) / 2 else -np.inf
    p = min(1.0, 2 * min(tails(0.0)))
    return Estimate(value / step, ends[0] / step, ends[1] / step, max(p, _LEAST_P))


def dispersion(counts: Ints, rng: np.random.Generator) -> tuple[float, float]:
    """Return the variance of counts over their mean, and how likely that much is without bursts.

    Parameters
    ----------
    counts : array of int
        Events in periods of equal length.
    rng : numpy.random.Generator
        For the p-value: as many events, spread over the periods by chance, 999
        times; the test asks for bursts, so it is one-sided.
    """
    n, periods = int(counts.sum()), len(counts)
    if n < 2 or periods < 2:
        return np.nan, np.nan

    def index(some: NDArray[np.int64]) -> Floats:
        return np.asarray(some.var(axis=-1, ddof=1) / (n / periods))

    found = float(index(counts))
    chance = index(rng.multinomial(n, np.full(periods, 1 / periods), size=_SIMULATIONS))
    return found, float((1 + (chance >= found - 1e-9).sum()) / (1 + _SIMULATIONS))


def bursty(counts: Floats, exposure: Floats, covariate: Floats | None = None) -> Estimate:
    """Return a rate, or the effect of a covariate, when counts vary more than by chance alone.

    Counts are negative binomial with one dispersion, found together with the rest by
    maximum likelihood; the interval is where twice the logarithm of the profile
    likelihood falls by 3.84.  Where counts vary no more than Poisson's, it is
    close to the interval of those.

    Parameters
    ----------
    counts : array of float
        Events per period.
    exposure : array of float
        How long each period was watched.
    covariate : array of float, optional
        The logarithm of the rate is linear in it; the estimate is its slope.
        Without it, the estimate is the rate.

    Returns
    -------
    Estimate
        NaN where there are fewer than five events, or they lie in one period.
    """
    if counts.sum() < _FEW or (counts > 0).sum() < 2:
        return Estimate(np.nan, np.nan, np.nan)
    rate = np.log(counts.sum() / exposure.sum())
    profile: Callable[[float], float]
    if covariate is None:
        centre, width = float(rate), 1.0

        def profile(value: float) -> float:
            return _best_dispersion(
                counts, np.exp(value) * exposure[None, :].repeat(len(_SIZES), 0)
            )
    else:
        centre, width = 0.0, 1.0 / max(float(np.ptp(covariate)), 1e-12)

        def profile(value: float) -> float:
            offset = exposure * np.exp(value * (covariate - covariate.mean()))
            return _best_dispersion(counts, _means(counts, offset))

    found = minimize_scalar(
        lambda value: -profile(value), bracket=(centre - width, centre + width), tol=1e-8
    )
    best, peak = float(found.x), -float(found.fun)
    drop = float(chdtri(1, 2 * TAIL)) / 2

    def fall(value: float) -> float:
        return peak - profile(value) - drop

    ends = []
    for sign in (-1, 1):
        reach = width
        while fall(best + sign * reach) < 0 and reach < 60 * width:
            reach *= 1.6
        ends.append(_root(fall, best, best + sign * reach, sign * np.inf))
    if covariate is None:
        best, *ends = (float(np.exp(value)) for value in (best, *ends))
    return Estimate(best, ends[0], ends[1])


def median_interval(values: Floats) -> tuple[float, float]:
    """Return the exact interval of a median: two of the sorted values, whatever they come from.

    Minus and plus infinity where so few values say nothing.
    """
    n = len(values)
    ordered = np.sort(values)
    off = int((bdtr(np.arange(n // 2 + 1), n, 0.5) <= TAIL).sum())
    if off < 1:
        return -np.inf, np.inf
    return float(ordered[off - 1]), float(ordered[n - off])


#: Sizes of the negative binomial that are tried: from great bursts to none.
_SIZES = np.geomspace(1e-2, 1e6, 81)


def _best_dispersion(counts: Floats, means: Floats) -> float:
    """Return the greatest log-likelihood over the dispersion; `means` has a row for each tried."""
    sizes = _SIZES[:, None]
    values = (
        gammaln(counts + sizes)
        - gammaln(sizes)
        + sizes * (np.log(sizes) - np.log(sizes + means))
        + counts * (np.log(means) - np.log(sizes + means))
    ).sum(axis=1)
    top = int(np.clip(np.argmax(values), 1, len(values) - 2))
    # The vertex of the parabola through the best and its neighbours.
    before, here, after = values[top - 1 : top + 2]
    bend = before - 2 * here + after
    if bend >= 0:
        return float(values.max())
    return float(max(values.max(), here - (after - before) ** 2 / (8 * bend)))


def _means(counts: Floats, offset: Floats) -> Floats:
    """Return for each size the means with the best level, by Newton's steps."""
    sizes = _SIZES[:, None]
    level = np.full((len(sizes), 1), np.log(counts.sum() / offset.sum()))
    for _ in range(30):
        mean = np.exp(level) * offset
        pull = (sizes * (counts - mean) / (sizes + mean)).sum(axis=1, keepdims=True)
        bend = (sizes * mean * (sizes + counts) / (sizes + mean) ** 2).sum(axis=1, keepdims=True)
        step = np.clip(pull / bend, -2, 2)
        level = level + step
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(np.exp(level) * offset)


class _Spread(NamedTuple):
    """How likely each sum of days is under a growth, as far as rounding tells."""

    growth: float
    sums: Ints
    chance: Floats

    def tilted(self, growth: float) -> tuple[Ints, Floats]:
        """Return the sums and how likely they are under another growth."""
        power = (growth - self.growth) * (self.sums - self.sums[len(self.sums) // 2])
        chance = self.chance * np.exp(power - power.max())
        return self.sums, chance / chance.sum()


def _sum_of_days(growth: float, days_in: Floats, n: int) -> _Spread:
    """Return the distribution of the sum of n periods, each holding so many days."""
    chance = _period(growth, days_in)
    periods = np.arange(len(days_in))
    size = n * (len(days_in) - 1) + 1
    padded = next_fast_len(size, real=True)
    values = irfft(rfft(chance, padded) ** n, padded)[:size]
    # Eight standard deviations away nothing but rounding is left.
    mean = chance @ periods
    reach = 8 * np.sqrt(n * (chance @ (periods - mean) ** 2)) + 1
    low, high = max(0, int(n * mean - reach)), min(size, int(n * mean + reach) + 1)
    kept = low + np.flatnonzero(values[low:high] > 0)
    return _Spread(growth, kept, values[kept])


def _period(growth: float, days_in: Floats) -> Floats:
    periods = np.arange(len(days_in))
    weight = days_in * np.exp(growth * (periods - (periods[-1] if growth > 0 else 0)))
    return np.asarray(weight / weight.sum())


def _mean_day(growth: float, days_in: Floats) -> float:
    return float(_period(growth, days_in) @ np.arange(len(days_in)))


def _root(func: Callable[[float], float], low: float, high: float, otherwise: float) -> float:
    if func(low) * func(high) > 0:
        return otherwise
    return float(brentq(func, low, high, xtol=1e-13, rtol=1e-11))
