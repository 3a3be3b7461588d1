"""How many of several events happened, each with a probability of its own, and rates from that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import brentq  # type: ignore[import-untyped]
from scipy.special import bdtr, bdtrc, chdtri, gammainc, gammaincinv, pdtr  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Probabilities that differ by less than this are one, and certain is what lacks less to 1.
_SAME = 1e-9
#: Both tails of an interval of 95 %.
_TAIL = 0.025


class Number(NamedTuple):
    """The distribution of a number of events.

    Parameters
    ----------
    least : int
        How many there are for certain.
    chances : array of float
        Probability of so many, of one more, and so on.
    """

    least: int
    chances: Floats

    @property
    def counts(self) -> Floats:
        """The numbers that are possible."""
        return self.least + np.arange(len(self.chances), dtype=float)


def number_of(probabilities: Floats) -> Number:
    """Return the distribution of how many events happened: Poisson's binomial, exact.

    Events of equal probability are binomial; the distributions of these are convolved.

    Parameters
    ----------
    probabilities : array of float
        One for each event; events are independent.

    Examples
    --------
    >>> number = number_of(np.array([1.0, 0.5, 0.5]))
    >>> number.least, number.chances.round(6).tolist()
    (1, [0.25, 0.5, 0.25])
    """
    from scipy import signal, stats  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import

    certain = probabilities >= 1 - _SAME
    open_ones = probabilities[~certain & (probabilities > _SAME)]
    parts = []
    for value, count in zip(
        *np.unique((open_ones / _SAME).round(), return_counts=True), strict=True
    ):
        parts.append(stats.binom.pmf(np.arange(count + 1), count, value * _SAME))
    while len(parts) > 1:
        # The short with the short, or most of the work is done on the longest.
        parts.sort(key=len)
        parts = [signal.convolve(parts[0], parts[1]), *parts[2:]]
    chances = np.maximum(parts[0], 0) if parts else np.ones(1)
    return Number(int(certain.sum()), chances / chances.sum())


def number_interval(number: Number) -> tuple[int, int]:
    """Return low and high of a number of events: at least 95 % lie between."""
    before = np.cumsum(number.chances)
    low = int(np.searchsorted(before, _TAIL, side="right"))
    high = int(np.searchsorted(before, 1 - _TAIL))
    return number.least + low, number.least + min(high, len(before) - 1)


def mean_interval(number: Number) -> tuple[float, float]:
    """Return low and high, 95 %, of the mean of the Poisson count that a number is an instance of.

    Where the number is certain it is Garwood's exact interval, else the tails of
    Poisson's distribution are averaged over the numbers that are possible.

    Examples
    --------
    >>> low, high = mean_interval(number_of(np.ones(10)))
    >>> round(low, 3), round(high, 3)
    (4.795, 18.39)
    """
    values, chances = number.counts, number.chances
    if len(chances) == 1:
        low = gammaincinv(values[0], _TAIL) if values[0] > 0 else 0.0
        return float(low), float(chdtri(2 * values[0] + 2, _TAIL) / 2)

    def too_many(mean: float) -> float:
        tails = np.where(values > 0, gammainc(np.maximum(values, 1), mean), 1.0)
        return float(chances @ tails) - _TAIL

    def too_few(mean: float) -> float:
        return float(chances @ pdtr(values, mean)) - _TAIL

    most = float(chdtri(2 * values[-1] + 2, _TAIL))
    # With a chance of none above the tail, no mean is too small.
    low = 0.0 if too_many(0.0) >= 0 else float(brentq(too_many, 0.0, most, xtol=1e-10))
    return low, float(brentq(too_few, 0.0, most, xtol=1e-10))


def share_interval(first: Floats, second: Floats, expected: float) -> tuple[float, float, float]:
    """Return low and high, 95 %, of a share, and the p of an expected one, two-sided.

    Clopper and Pearson's exact interval of the second number's share in both, its tails averaged
    over pairs of numbers that are possible.

    Parameters
    ----------
    first, second : array of float
        Pairs of numbers, each as likely as the next.
    expected : float
        The share under the null.

    Examples
    --------
    >>> low, high, p = share_interval(np.array([10.0]), np.array([10.0]), 0.5)
    >>> round(low, 3), round(high, 3), p
    (0.272, 0.728, 1.0)
    """
    pairs, times = np.unique(np.column_stack([first, second]), axis=0, return_counts=True)
    chance, both, second = times / times.sum(), pairs.sum(axis=1).astype(int), pairs[:, 1]

    def many(share: float) -> float:
        return float(chance @ bdtrc(second - 1, both, share))

    def few(share: float) -> float:
        return float(chance @ bdtr(second, both, share))

    low = 0.0 if many(0.0) >= _TAIL else float(brentq(lambda x: many(x) - _TAIL, 0, 1, xtol=1e-12))
    high = 1.0 if few(1.0) >= _TAIL else float(brentq(lambda x: few(x) - _TAIL, 0, 1, xtol=1e-12))
    return low, high, min(1.0, 2 * min(many(expected), few(expected)))
