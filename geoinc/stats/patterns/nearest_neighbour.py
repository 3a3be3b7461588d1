"""How far to the next event: G from events, F from anywhere, J of both, and Clark and Evans's index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import shapely
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.stats.events import PRECISE_M
from geoinc.stats.patterns.curves import Curve, curve_of, pattern_of, prepared
from geoinc.stats.patterns.monte_carlo import (
    against_null,
    averaged,
    events_to_test,
    imputed_words,
    two_sided_p,
)
from geoinc.stats.plotting import BAND, OBSERVED, QUIET, axes_of, captioned
from geoinc.stats.results import Result
from geoinc.stats.worlds import worlds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geoinc.stats.frames import Frame
    from geoinc.stats.patterns.curves import Prepared
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]

#: How events nearer to the edge than to their neighbour are made up for.
Censoring = Literal["none", "border", "kaplan-meier", "hanisch"]

#: Places along the longer side from which F looks for events.
_GRID = 200


def g_of(frame: Frame, points: Floats, r: Floats, correction: Censoring) -> Floats:
    """Return G of points in the plane: the share whose nearest neighbour is within each distance."""
    nearest, edge = to_nearest(frame, points), frame.to_edge(points)
    return _distribution(frame, nearest, edge, frame.straight(r), correction)


def f_of(
    frame: Frame, points: Floats, r: Floats, correction: Censoring, *, cells: int = _GRID
) -> Floats:
    """Return F of points in the plane: the share of the window within each distance of one."""
    spots, edge = _spots(frame, cells)
    nearest = cKDTree(frame.in_space(points)).query(spots)[0]
    return _distribution(frame, nearest, edge, frame.straight(r), correction)


@lru_cache(maxsize=4)
def _spots(frame: Frame, cells: int) -> tuple[Floats, Floats]:
    """Return the places of a grid in the window, and how far from its edge they are."""
    spots = frame.grid(cells)
    return frame.in_space(spots), frame.to_edge(spots)


def j_of(frame: Frame, points: Floats, r: Floats, correction: Censoring) -> Floats:
    """Return J = (1 - G) / (1 - F) of points in the plane; NaN where F is 1."""
    g, f = g_of(frame, points, r, correction), f_of(frame, points, r, correction)
    nothing: Floats = np.full(len(r), np.nan)
    return np.asarray(np.divide(1 - g, 1 - f, out=nothing, where=f < 1))


def _distribution(
    frame: Frame, nearest: Floats, edge: Floats, r: Floats, correction: Censoring
) -> Floats:
    """Return the distribution of distances, in straight lines, that the edge may cut off."""
    if correction == "none":
        return np.asarray((nearest[:, None] <= r).mean(axis=0))
    if correction == "border":
        inside = edge[:, None] >= r
        near = (inside & (nearest[:, None] <= r)).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(near / inside.sum(axis=0))
    seen = nearest <= edge
    if correction == "hanisch":
        # Of those that are seen, each counts for how much of the window it could be seen from.
        d = np.sort(nearest[seen])
        distinct, which = np.unique(d, return_inverse=True)
        weight = 1 / frame.eroded(distinct)[which]
        total = np.concatenate([[0.0], np.cumsum(weight)])
        return np.asarray(total[np.searchsorted(d, r, side="right")] / total[-1])
    times, which = np.unique(np.minimum(nearest, edge), return_inverse=True)
    events = np.bincount(which[seen], minlength=len(times))
    at_risk = len(nearest) - np.concatenate([[0], np.cumsum(np.bincount(which))[:-1]])
    survival = np.concatenate([[1.0], np.cumprod(1 - events / at_risk)])
    return np.asarray(1 - survival[np.searchsorted(times, r, side="right")])


def g_function(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    r_m: Any = None,
    correction: Censoring = "kaplan-meier",
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Curve:
    """Return G: the share of events whose nearest neighbour is within r.

    Parameters
    ----------
    source, role, window, r_m, uncertainty, samples, rng, precise_m
        As of `k_function`.
    correction : {"kaplan-meier", "border", "hanisch", "none"}
        How events nearer to the edge than to their neighbour are made up for.

    Returns
    -------
    Curve
        Shares from 0 to 1; under complete randomness 1 - exp(-density K), K that of randomness.

    Raises
    ------
    ValueError
        Where there are fewer than 3 events.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import g_function
    >>> rng = np.random.default_rng(1)
    >>> points = rng.uniform(43, 45, 200), rng.uniform(33, 35, 200)
    >>> curve = g_function(points, window=shapely.box(43, 33, 45, 35), r_m=[5_000, 10_000])
    >>> curve.value.round(1)
    array([0.2, 0.8])
    """
    return _nearest_curve(
        "G",
        g_of,
        prepared(
            source,
            role,
            window,
            r_m,
            uncertainty=uncertainty,
            samples=samples,
            rng=rng,
            precise_m=precise_m,
        ),
        correction,
    )


def f_function(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    r_m: Any = None,
    correction: Censoring = "kaplan-meier",
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Curve:
    """Return F: the share of the window that has an event within r (the empty space function).

    Parameters
    ----------
    source, role, window, r_m, correction, uncertainty, samples, rng, precise_m
        As of `g_function`.

    Returns
    -------
    Curve
        Shares from 0 to 1; under complete randomness 1 - exp(-density K), K that of randomness.

    Raises
    ------
    ValueError
        As `g_function`.

    Notes
    -----
    From a grid of 200 places along the longer side of the window.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import f_function
    >>> rng = np.random.default_rng(1)
    >>> points = rng.uniform(43, 45, 200), rng.uniform(33, 35, 200)
    >>> curve = f_function(points, window=shapely.box(43, 33, 45, 35), r_m=[5_000, 10_000])
    >>> curve.value.round(1)
    array([0.3, 0.8])
    """
    return _nearest_curve(
        "F",
        f_of,
        prepared(
            source,
            role,
            window,
            r_m,
            uncertainty=uncertainty,
            samples=samples,
            rng=rng,
            precise_m=precise_m,
        ),
        correction,
    )


def j_function(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    r_m: Any = None,
    correction: Censoring = "kaplan-meier",
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Curve:
    """Return J = (1 - G) / (1 - F): below 1 where events cluster, above where they keep apart.

    Parameters
    ----------
    source, role, window, r_m, correction, uncertainty, samples, rng, precise_m
        As of `g_function`.

    Returns
    -------
    Curve
        Ratios; 1 under complete randomness, NaN beyond where F is 1.

    Raises
    ------
    ValueError
        As `g_function`.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import j_function
    >>> rng = np.random.default_rng(1)
    >>> points = rng.uniform(43, 45, 200), rng.uniform(33, 35, 200)
    >>> curve = j_function(points, window=shapely.box(43, 33, 45, 35), r_m=[5_000, 10_000])
    >>> curve.value.round(1)
    array([1.2, 1.2])
    """
    return _nearest_curve(
        "J",
        j_of,
        prepared(
            source,
            role,
            window,
            r_m,
            uncertainty=uncertainty,
            samples=samples,
            rng=rng,
            precise_m=precise_m,
        ),
        correction,
    )


def _nearest_curve(
    name: str,
    func: Callable[[Frame, Floats, Floats, Censoring], Floats],
    ready: Prepared,
    correction: Censoring,
) -> Curve:
    worlds, area, r, _ = ready
    if correction not in get_args(Censoring):
        told = ", ".join(map(repr, get_args(Censoring)))
        msg = f"correction={correction!r} is not one of {told}"
        raise ValueError(msg)
    theory = 1 - np.exp(-len(worlds.events) / area.frame.area * area.frame.within(r))

    def curve(points: Floats) -> Floats:
        return func(area.frame, points, r, correction)

    expected = np.ones(len(r)) if name == "J" else theory
    return curve_of(name, curve, ready, theory=expected, unit="", how=correction)


@dataclass(frozen=True, eq=False, kw_only=True)
class ClarkEvans(Result):
    """Clark and Evans's index: ``value`` is the mean distance to the next event over that expected.

    Below 1 events cluster, above they keep apart.

    Parameters
    ----------
    mean_m : float
        Mean distance to the nearest neighbour, metres.
    simulated : array of float
        The index in simulations of the null, imputed as the data were.
    """

    mean_m: float
    simulated: Floats

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the index beside those of simulations (extra ``plot``)."""
        ax = axes_of(ax)
        ax.hist(self.simulated, bins="auto", color=BAND, label="complete randomness")
        ax.axvline(1, linestyle="--", color=QUIET)
        ax.axvline(self.value, color=OBSERVED, linewidth=2, label=f"observed, p = {self.p:.3g}")
        title = "Distance to the next event, against randomness"
        return captioned(ax, self, title=title, x="index of Clark and Evans", y="simulations")


def clark_evans(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    correction: Literal["cdf", "donnelly", "none"] = "cdf",
    simulations: int = 199,
    uncertainty: Uncertainty = "propagate",
    samples: int = 5,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> ClarkEvans:
    """Return the index of Clark and Evans, tested against complete randomness.

    Parameters
    ----------
    source, role, window, uncertainty, rng, precise_m
        As of `k_function`.
    correction : {"cdf", "donnelly", "none"}
        For the edge: from the Kaplan-Meier estimate of G; Donnelly's expectation, which was made
        for rectangles in the plane; or none.
    simulations : int
        Of the null, at least 19.
    samples : int
        Draws of the imprecise events, in the data and in each simulation.

    Returns
    -------
    ClarkEvans
        ``p`` is two-sided, from the simulations, which are coarsened and imputed as the data.

    Raises
    ------
    ValueError
        Where there are fewer than 3 events, or most share coordinates; for Donnelly's
        expectation on the sphere.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import clark_evans
    >>> rng = np.random.default_rng(1)
    >>> points = rng.uniform(43, 45, 200), rng.uniform(33, 35, 200)
    >>> result = clark_evans(points, window=shapely.box(43, 33, 45, 35), rng=1)
    >>> bool(0.85 < result.value < 1.15), bool(result.p > 0.05)
    (True, True)
    """
    known = ("cdf", "donnelly", "none")
    if correction not in known:
        msg = f"correction={correction!r} is not one of {', '.join(map(repr, known))}"
        raise ValueError(msg)
    events, area = pattern_of(source, role=role, window=window, precise_m=precise_m)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    tested = events_to_test(worlds, uncertainty)
    frame = area.frame
    if correction == "donnelly" and frame.curved:
        msg = (
            "correction='donnelly' was made for rectangles in the plane, and this window is so wide that "
            "it is on the sphere: take 'cdf' or 'none'"
        )
        raise ValueError(msg)

    def index(points: Floats) -> Floats:
        return np.array([clark_evans_of(frame, points, correction), mean_nearest(frame, points)])

    observed, simulated, notes = against_null(
        averaged(index),
        tested,
        area,
        intensity=None,
        simulations=simulations,
        samples=samples,
        seed=worlds.seed,
    )
    return ClarkEvans(
        value=float(observed[0]),
        mean_m=float(observed[1]),
        p=two_sided_p(observed[0], simulated[:, 0]),
        simulated=simulated[:, 0],
        n_precise=worlds.events.n_precise,
        n_imprecise=worlds.events.n_imprecise,
        seed=worlds.seed,
        method=(
            f"Clark and Evans's index, edge correction: {correction}; two-sided p from "
            f"{simulations} simulations of complete randomness" + imputed_words(tested, samples)
        ),
        warnings=(*worlds.warnings, *((area.note,) if area.note else ()), *notes),
    )


def to_nearest(frame: Frame, points: Floats) -> Floats:
    """Return how far each point is from its nearest neighbour in a straight line."""
    spots = frame.in_space(points)
    return np.asarray(cKDTree(spots).query(spots, k=2)[0][:, 1])


def mean_nearest(frame: Frame, points: Floats) -> float:
    """Return the mean distance of points to their nearest neighbour on the ground."""
    return float(frame.along(to_nearest(frame, points)).mean())


def clark_evans_of(frame: Frame, points: Floats, correction: str) -> float:
    """Return the index of points in the plane of a window."""
    n = len(points)
    expected = frame.expected_nearest(n / frame.area)
    if correction == "cdf":
        nearest = to_nearest(frame, points)
        at = np.unique(nearest)
        steps = np.diff(
            _distribution(frame, nearest, frame.to_edge(points), at, "kaplan-meier"), prepend=0.0
        )
        return float((frame.along(at) * steps).sum() / steps.sum() / expected)
    if correction == "donnelly":
        expected += (0.0514 + 0.0412 / np.sqrt(n)) * shapely.length(frame.shape) / n
    return mean_nearest(frame, points) / expected
