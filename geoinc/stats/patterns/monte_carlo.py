"""Tests by simulation: data and null treated alike, p never 0, two-sided by construction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geoinc.progress import watched
from geoinc.stats.events import shared_coordinates, shared_share
from geoinc.stats.patterns.imputing import Imputer
from geoinc.stats.patterns.nulls import scatter_of
from geoinc.stats.worlds import enough, generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geoinc.stats.events import Events
    from geoinc.stats.patterns.nulls import Intensity
    from geoinc.stats.windows import Window
    from geoinc.stats.worlds import EventWorlds, Uncertainty

    Floats = NDArray[np.float64]
    #: Takes the precise events and draws of the others (samples, events, 2), in the plane.
    Statistic = Callable[[Floats, Floats], Floats]

#: More events than this, as a share, at the coordinates of another: no test of points.
_MOST = 0.5


def averaged(func: Callable[[Floats], Floats]) -> Statistic:
    """Return the mean of a function of points over the draws of the imprecise events."""

    def statistic(precise: Floats, draws: Floats) -> Floats:
        if draws.shape[1] == 0:
            return func(precise)
        return np.asarray(
            np.mean([func(np.concatenate([precise, draw])) for draw in draws], axis=0)
        )

    return statistic


def events_to_test(worlds: EventWorlds, uncertainty: Uncertainty) -> Events:
    """Return the events of a test; with ``ignore`` all count as precise.

    Raises
    ------
    ValueError
        Where there are fewer than 3, or most lie at the coordinates of another: no scatter of
        points over a window does.
    """
    enough(worlds)
    events = worlds.events
    if uncertainty == "ignore":
        events = replace(events, precise=np.ones(len(events), dtype=bool))
    precise = events.where(events.precise)
    if shared_share(precise) > _MOST:
        raise ValueError(shared_coordinates(precise))
    return events


def imputed_words(events: Events, samples: int) -> str:
    """Return how imprecise events were treated, for the method."""
    if not events.n_imprecise:
        return ""
    return (
        f", their {events.n_imprecise} imprecise events coarsened and drawn {samples} times as in "
        "the data (matched null)"
    )


def against_null(
    statistic: Statistic,
    events: Events,
    window: Window,
    *,
    intensity: Intensity | None,
    simulations: int,
    samples: int,
    seed: int,
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Return a statistic of the data and of simulations of the null, imputed alike.

    Parameters
    ----------
    statistic : callable
        Takes precise events and draws of the others.
    events : Events
        Inside the window.
    window : Window
        Of the pattern.
    intensity : callable, optional
        Of the null; see `scatter_of`.
    simulations, samples : int
        How many simulations, and how many draws of the imprecise events in each.
    seed : int
        As reported; simulations depend on it and their number alone.

    Returns
    -------
    observed : array of float
        Of the data.
    simulated : array of float
        One row a simulation.
    notes : tuple of str
        What had to be assumed.

    Raises
    ------
    ValueError
        Where `simulations` is less than 19.
    """
    if simulations < 19:
        msg = f"simulations={simulations!r}: with fewer than 19 no p-value can be 0.05 or less"
        raise ValueError(msg)
    imputer = Imputer(events, window, seed)
    scatter = scatter_of(window, intensity)
    observed = statistic(imputer.precise, imputer.observed(samples, generator(seed, 0)))
    simulated = [
        statistic(*imputer.simulated(scatter, samples, generator(seed, number + 1)))
        for number in watched(range(simulations), "simulations", simulations)
    ]
    return observed, np.array(simulated), imputer.notes


def two_sided_p(observed: float, simulated: Floats) -> float:
    """Return how often a simulation is as far out as the data, on either side: 2 (1 + b) / (1 + B)."""
    above = 1 + int((simulated >= observed).sum())
    below = 1 + int((simulated <= observed).sum())
    return min(1.0, 2 * min(above, below) / (len(simulated) + 1))


def global_test(
    observed: Floats, simulated: Floats, *, level: float = 0.95
) -> tuple[float, Floats, Floats, Floats]:
    """Return p of a whole curve, its mean under the null, and the envelope that belongs to it.

    The deviation of a curve is its largest distance, over all r, from the mean of all other curves,
    in their standard deviations.  Data and simulations are treated alike, so that
    under the null the data are one of equals, and the size is exact.

    Parameters
    ----------
    observed : array of float
        Of the data.
    simulated : array of float
        One row a simulation.
    level : float
        Share of simulations that the envelope holds.

    Returns
    -------
    p : float
        (1 + b) / (1 + B), two-sided.
    mean, low, high : array of float
        Of the simulations.  The data leave the envelope where p is at most 1 - `level`, and only there.

    Examples
    --------
    >>> import numpy as np
    >>> simulated = np.random.default_rng(1).normal(size=(99, 3))
    >>> global_test(np.array([0.0, 9.0, 0.0]), simulated)[0]
    0.01
    """
    middle = simulated.mean(axis=0)
    curves = np.vstack([observed, simulated]) - middle
    others = len(curves) - 1
    mean = (curves.sum(axis=0) - curves) / others
    square = ((curves * curves).sum(axis=0) - curves * curves) / others - mean * mean
    spread = np.sqrt(np.maximum(square, 0))
    # Where all are equal, or some have no value, there is nothing to compare.
    usable = np.isfinite(spread).all(axis=0) & (spread > 0).all(axis=0)
    away = np.abs(curves[:, usable] - mean[:, usable]) / spread[:, usable]
    largest = away.max(axis=1, initial=0.0)
    p = float((largest >= largest[0]).mean())
    allowed = max(1, int((1 - level) * len(curves) + 1e-9))
    reach = np.sort(largest)[::-1][allowed - 1]
    half = np.where(usable, reach * spread[0], np.nan)
    return p, middle, middle - half, middle + half


def pointwise_envelope(simulated: Floats, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return between which values a simulation lies at each distance by itself."""
    out = max(1, int((1 - level) / 2 * (len(simulated) + 1) + 1e-9))
    ranked = np.sort(simulated, axis=0)
    return ranked[out - 1], ranked[-out]
