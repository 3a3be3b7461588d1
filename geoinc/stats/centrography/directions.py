"""Values that run in a circle: directions from launch to target, hours of the day, days of the week."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq  # type: ignore[import-untyped]
from scipy.special import i0e, i1e  # type: ignore[import-untyped]

from geoinc.geodesy import inverse
from geoinc.stats.events import PRECISE_M, events_of
from geoinc.stats.plotting import BAND, INK, OBSERVED, STANDS_OUT, axes_of, captioned
from geoinc.stats.results import Result
from geoinc.stats.worlds import worlds_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from geoinc.schema import Layers
    from geoinc.stats.events import Events
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]

#: Petals of the rose.
_PETALS = 16
_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


class _Sums(NamedTuple):
    """What a set of angles comes to; angles in radians."""

    mean: float
    resultant: float
    kappa: float
    p: float


@dataclass(frozen=True, eq=False, kw_only=True)
class CircularMean(Result):
    """The mean of values that run in a circle, and how far they agree.

    Parameters
    ----------
    value : float
        The circular mean, from 0 to `period`.
    interval : tuple of float, optional
        What the areas of the places leave open, 95 %; clockwise from low to high,
        so that low may be the greater number.
    p : float
        Of Rayleigh's test against values spread evenly round the circle.
    resultant : float
        Mean resultant length, 0 (no direction) to 1 (all the same).
    kappa : float
        Concentration of the von Mises distribution, by maximum likelihood.
    period : float
        360 for azimuths in degrees, 24 for hours, 7 for days of the week.
    title, unit : str
        What the values are.
    observed : array of float
        The values themselves; of possible worlds those of the first.
    """

    resultant: float
    kappa: float
    period: float
    title: str
    unit: str
    observed: Floats = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row: the mean and its interval, ``resultant``, ``kappa``, ``p`` and counts."""
        frame = super().to_frame()
        frame.insert(3, "resultant", self.resultant)
        frame.insert(4, "kappa", self.kappa)
        return frame

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a rose: the area of a petal goes with the count, the arrow is mean and resultant.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            With ``projection="polar"``; a new figure by default.

        Raises
        ------
        ModuleNotFoundError
            Where matplotlib is missing (the extra ``plot``).
        ValueError
            Where the axes are not polar.
        """
        ax = axes_of(ax, size=(6.0, 6.2), projection="polar")
        if ax.name != "polar":
            msg = "a rose needs polar axes: plt.subplot(projection='polar')"
            raise ValueError(msg)
        polar: Any = ax
        polar.set_theta_zero_location("N")
        polar.set_theta_direction(-1)
        turn = 2 * np.pi / self.period
        # Hours and days have a petal each, centred on it; azimuths one on north.
        whole = self.period <= 24 and float(self.period).is_integer()
        petals = int(self.period) if whole else _PETALS
        half = np.pi / petals
        edges = np.linspace(0, 2 * np.pi, petals + 1)
        counts, _ = np.histogram((self.observed * turn + half) % (2 * np.pi), edges)
        reach = np.sqrt(counts / counts.max())
        ax.bar(edges[:-1], reach, 2 * half, color=OBSERVED, alpha=0.75, edgecolor="white")
        if self.interval is not None:
            low, high = self.interval
            arc = np.linspace(low, low + (high - low) % self.period, 60) * turn
            ax.fill_between(arc, 0, 1.06, color=BAND, alpha=0.7, zorder=0)
        ax.annotate(
            "",
            (self.value * turn, self.resultant),
            (0, 0),
            arrowprops={"arrowstyle": "-|>", "color": STANDS_OUT, "linewidth": 2.2},
        )
        polar.set_rmax(1.08)
        rings = np.unique(np.round(np.linspace(0, counts.max(), 4)[1:]))
        polar.set_yticks(np.sqrt(rings / counts.max()), [f"{ring:g}" for ring in rings])
        at, names = np.arange(8) * np.pi / 4, list(_COMPASS)
        if self.period != 360:
            every = 1 if whole and petals < 12 else petals // 8
            at = edges[:-1][::every]
            names = [f"{angle / turn:g}" for angle in at]
        polar.set_xticks(at, names, color=INK)
        told = f"mean {self.value:.3g} {self.unit}, R = {self.resultant:.2f}, p = {self.p:.2g}"
        return captioned(ax, self, title=self.title, x=told)


def circular_mean(
    values: ArrayLike, *, period: float = 360.0, unit: str = "degrees", title: str = "Directions"
) -> CircularMean:
    """Sum up values that run in a circle.

    Parameters
    ----------
    values : array_like
        Azimuths, hours, days of the week; NaN is left out and counted.
    period : float
        Where the values begin anew: 360 degrees, 24 hours, 7 days.
    unit, title : str
        What the values are, for the picture.

    Returns
    -------
    CircularMean
        Circular mean, resultant length, concentration, Rayleigh's test.

    Raises
    ------
    ValueError
        Where there is no value, or `period` is not more than 0.

    Notes
    -----
    The p-value is the series of Rayleigh's test that R's package circular has; kappa solves
    the likelihood equation itself, where that uses an approximation, off by up to half a
    per cent.

    Examples
    --------
    >>> from geoinc.stats import circular_mean
    >>> hours = circular_mean([23, 0, 1, 2], period=24, unit="h", title="Time of day")
    >>> round(hours.value, 2), round(hours.resultant, 2), round(hours.p, 3)
    (0.5, 0.96, 0.013)
    """
    given = np.asarray(values, dtype=float).ravel()
    known = given[np.isfinite(given)]
    if not period > 0:
        msg = f"period={period!r} is not more than 0"
        raise ValueError(msg)
    if not len(known):
        msg = "there is no value to take a mean of"
        raise ValueError(msg)
    missing = len(given) - len(known)
    sums = _summed(known * 2 * np.pi / period)
    return CircularMean(
        value=sums.mean * period / (2 * np.pi),
        p=sums.p,
        resultant=sums.resultant,
        kappa=sums.kappa,
        period=period,
        title=title,
        unit=unit,
        observed=known % period,
        n_precise=len(known),
        n_imprecise=0,
        method="Circular mean and resultant length, Rayleigh's test of uniformity.",
        warnings=(f"{missing} values are missing",) if missing else (),
    )


def mean_azimuth(
    layers: Layers,
    *,
    start: str = "launch",
    end: str = "target",
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> CircularMean:
    """Sum up in which directions the ends of incidents lie, seen from their starts.

    Parameters
    ----------
    layers : Layers
        Incidents with places for both roles; others are left out and counted.
    start, end : {"launch", "target", "impact"}
        From where to where: ``start="target", end="launch"`` is where attacks came from.
    precise_m : float
        Places known no better than this radius, in metres, are imprecise.
    uncertainty : {"propagate", "precise-only", "ignore"}
        Sample both places in their areas; leave out incidents of which one is
        imprecise; or take the centres.
    samples : int
        How many possible worlds.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    CircularMean
        In degrees clockwise from north; p, resultant and kappa are means over the worlds.

    Raises
    ------
    ValueError
        Where no incident has both places, apart from each other.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"launch": ["Diyala", "Baghdad"], "target": ["Balad air base"] * 2})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> result = gi.stats.mean_azimuth(layers, start="target", end="launch", rng=1)
    >>> 90 < result.value < 200, result.n_imprecise
    (True, 2)
    """
    starts, ends = (events_of(layers, role=role, precise_m=precise_m) for role in (start, end))
    starts, ends, left = _paired(starts, ends)
    worlds = worlds_of(starts, uncertainty, samples=samples, rng=rng)
    others = worlds_of(ends, uncertainty, samples=samples, rng=worlds.seed)
    at = pd.Index(others.events.key).get_indexer(pd.Index(worlds.events.key))
    sums, first = [], None
    for here, there in zip(worlds, others, strict=True):
        away_m, azimuth = inverse(
            here.longitude, here.latitude, there.longitude[at], there.latitude[at]
        )
        apart = azimuth[away_m > 0]
        if not len(apart):
            msg = f"no incident has a {start} and a {end} apart from each other"
            raise ValueError(msg)
        first = apart if first is None else first
        sums.append(_summed(np.radians(apart)))
    draws = np.array(sums)
    middle, spread = _spread(draws[:, 0])
    warnings = (
        *worlds.warnings,
        *((f"{left} incidents lack a {start} or a {end}",) if left else ()),
    )
    return CircularMean(
        value=float(np.degrees(middle)),
        interval=spread if len(draws) > 1 else None,
        p=float(draws[:, 3].mean()),
        resultant=float(draws[:, 1].mean()),
        kappa=float(draws[:, 2].mean()),
        period=360.0,
        title=f"From {start} to {end}",
        unit="degrees",
        observed=first if first is not None else np.empty(0),
        n_precise=worlds.events.n_precise,
        n_imprecise=worlds.events.n_imprecise,
        seed=worlds.seed,
        method="Geodesic azimuths, circular mean and resultant length, Rayleigh's test; "
        f"{len(draws)} possible world{'s' * (len(draws) > 1)}.",
        warnings=warnings,
    )


def _paired(starts: Events, ends: Events) -> tuple[Events, Events, int]:
    """Return the events that have both places, precise where both are, and how many have one."""
    both = np.intersect1d(starts.key, ends.key)
    left = len(starts) + len(ends) - 2 * len(both)
    starts, ends = (one.where(np.isin(one.key, both)) for one in (starts, ends))
    precise = pd.Series(starts.precise, starts.key) & pd.Series(ends.precise, ends.key)
    starts, ends = (
        replace(one, precise=precise.loc[list(one.key)].to_numpy()) for one in (starts, ends)
    )
    return starts, ends, left


def _summed(angles: Floats) -> _Sums:
    east, north = np.sin(angles).sum(), np.cos(angles).sum()
    n = len(angles)
    resultant = min(float(np.hypot(east, north)) / n, 1.0)
    return _Sums(
        float(np.arctan2(east, north)) % (2 * np.pi),
        resultant,
        _kappa(resultant),
        _rayleigh(resultant, n),
    )


def _rayleigh(resultant: float, n: int) -> float:
    z = n * resultant**2
    series = (
        1 + (2 * z - z**2) / (4 * n) - (24 * z - 132 * z**2 + 76 * z**3 - 9 * z**4) / (288 * n**2)
    )
    return float(np.clip(np.exp(-z) * series, np.finfo(float).tiny, 1.0))


def _kappa(resultant: float) -> float:
    """Return the concentration at which a von Mises distribution has this resultant length."""
    most = 1e8
    if resultant >= i1e(most) / i0e(most):
        return np.inf
    if resultant <= 0:
        return 0.0
    return float(brentq(lambda kappa: i1e(kappa) / i0e(kappa) - resultant, 0, most, xtol=1e-12))


def _spread(angles: Floats) -> tuple[float, tuple[float, float]]:
    """Return the circular mean of angles, and what holds 95 % of them, in degrees."""
    middle = float(np.arctan2(np.sin(angles).sum(), np.cos(angles).sum())) % (2 * np.pi)
    off = (angles - middle + np.pi) % (2 * np.pi) - np.pi
    low, high = np.degrees(middle + np.quantile(off, [0.025, 0.975])) % 360
    return middle, (float(low), float(high))
