"""How many neighbours within each distance: Ripley's K, L, pair correlation, cross-K, inhomogeneous K."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from geoinc.stats.events import PRECISE_M
from geoinc.stats.frames import Correction
from geoinc.stats.patterns.curves import (
    Curve,
    curve_of,
    curve_of_draws,
    distances_for,
    pattern_of,
    patterns,
    prepared,
)
from geoinc.stats.patterns.pairs import border_sums, pair_sums
from geoinc.stats.worlds import enough, worlds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geoinc.stats.frames import Frame
    from geoinc.stats.windows import Window
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]

#: Half-width of the kernel of the pair correlation, in mean distances (Stoyan's rule of thumb).
_STOYAN = 0.15
#: Steps of distance to a half-width.
_FINE = 20


def k_function(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    r_m: Any = None,
    correction: Correction | None = None,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Curve:
    """Return Ripley's K: the expected number of further events within r of one, over their density.

    Parameters
    ----------
    source : Layers, GeoDataFrame or (longitude, latitude)
        As `events_of`.
    role : {"launch", "target", "impact"}
        Which places of layers.
    window : Window, polygon or GeoDataFrame, optional
        Where events would have been seen; see `window_of`.
    r_m : array of float, optional
        Distances in metres; by default 50 up to a quarter of the window's shorter side.
    correction : {"isotropic", "translation", "border", "none"}, optional
        How what lies beyond the edge is made up for; by default isotropic.
    uncertainty : {"propagate", "precise-only", "ignore"}
        Draw imprecise events in their areas, leave them out, or take centres.
    samples : int
        How many draws.
    rng : int or numpy.random.Generator, optional
        Seed of the draws.
    precise_m : float
        Events known no better than this, in metres, are imprecise.

    Returns
    -------
    Curve
        In square metres; under complete randomness pi r^2, on the sphere the area of a cap.

    Raises
    ------
    ValueError
        Where there are fewer than 3 events; for translation on the sphere, where nothing is shifted.

    Notes
    -----
    Distances count as within r when they are equal to it; the estimator divides by
    n (n - 1).  Ripley's isotropic and Ohser's translation correction are as in spatstat's
    ``Kest``; no pair weighs more than 100.
    Imprecise events are drawn evenly in their areas, which pulls K towards randomness: nobody knows
    which other event they were near.  ``precise_only`` is free of that where precision does not
    hang on the place, and less certain.  To test, use `envelope`, whose null is drawn alike.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import k_function
    >>> rng = np.random.default_rng(1)
    >>> points = rng.uniform(43, 45, 200), rng.uniform(33, 35, 200)
    >>> curve = k_function(points, window=shapely.box(43, 33, 45, 35), r_m=[10_000, 20_000])
    >>> (curve.value / curve.theory).round(1)
    array([0.9, 0.9])
    """
    ready = prepared(
        source,
        role,
        window,
        r_m,
        uncertainty=uncertainty,
        samples=samples,
        rng=rng,
        precise_m=precise_m,
    )
    _, area, r, _ = ready
    chosen = correction_for(area, correction)

    def k(points: Floats) -> Floats:
        return k_of(area.frame, points, r, chosen)

    return curve_of("K", k, ready, theory=area.frame.within(r), unit="m2", how=chosen)


def l_function(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    r_m: Any = None,
    correction: Correction | None = None,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Curve:
    """Return L = sqrt(K / pi), a straight line under complete randomness (Besag's transform).

    Parameters
    ----------
    source, role, window, r_m, correction, uncertainty, samples, rng, precise_m
        As of `k_function`.

    Returns
    -------
    Curve
        In metres; under complete randomness r, on the sphere a little less.

    Raises
    ------
    ValueError
        As `k_function`.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import l_function
    >>> rng = np.random.default_rng(1)
    >>> points = rng.uniform(43, 45, 200), rng.uniform(33, 35, 200)
    >>> curve = l_function(points, window=shapely.box(43, 33, 45, 35), r_m=[20_000])
    >>> (curve.value / 1000).round(1)
    array([19.4])
    """
    curve = k_function(
        source,
        role=role,
        window=window,
        r_m=r_m,
        correction=correction,
        uncertainty=uncertainty,
        samples=samples,
        rng=rng,
        precise_m=precise_m,
    )
    interval = curve.interval and tuple(np.sqrt(side / np.pi) for side in curve.interval)
    alone = curve.precise_only
    return replace(
        curve,
        name="L",
        value=np.sqrt(curve.value / np.pi),
        interval=interval,
        precise_only=None if alone is None else np.sqrt(alone / np.pi),
        theory=np.sqrt(curve.theory / np.pi),
        unit="m",
        method=curve.method.replace("K function", "L function"),
    )


def pair_correlation(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    r_m: Any = None,
    correction: Correction | None = None,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Curve:
    """Return the pair correlation g: how much more often pairs are r apart than at random.

    Parameters
    ----------
    source, role, window, r_m, uncertainty, samples, rng, precise_m
        As of `k_function`.
    correction : {"isotropic", "translation", "none"}, optional
        As of `k_function`; there is no border-corrected form.

    Returns
    -------
    Curve
        Ratios; 1 under complete randomness.

    Raises
    ------
    ValueError
        As `k_function`.

    Notes
    -----
    Epanechnikov's kernel, half-width 0.15 / sqrt(density) times sqrt(5) (Stoyan's rule of thumb), pairs divided
    by the area of the ring at their own distance, as spatstat's ``pcf`` with ``divisor="d"``; computed
    from counts in steps of a twentieth of the half-width.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import pair_correlation
    >>> rng = np.random.default_rng(1)
    >>> points = rng.uniform(43, 45, 400), rng.uniform(33, 35, 400)
    >>> curve = pair_correlation(points, window=shapely.box(43, 33, 45, 35), r_m=[20_000])
    >>> bool(abs(curve.value[0] - 1) < 0.2)
    True
    """
    ready = prepared(
        source,
        role,
        window,
        r_m,
        uncertainty=uncertainty,
        samples=samples,
        rng=rng,
        precise_m=precise_m,
    )
    _, area, r, _ = ready
    chosen = correction_for(area, correction, without=("border",))

    def g(points: Floats) -> Floats:
        return g_of(area.frame, points, r, chosen)

    return curve_of("g", g, ready, theory=np.ones(len(r)), unit="", how=chosen)


def cross_k(
    first: Any,
    second: Any,
    *,
    role: str = "target",
    window: Any = None,
    r_m: Any = None,
    correction: Correction | None = None,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Curve:
    """Return the cross-K: events of a second kind within r of one of the first, over their density.

    Parameters
    ----------
    first, second : Layers, GeoDataFrame or (longitude, latitude)
        The two kinds, such as rockets and drones.
    role, window, r_m, correction, uncertainty, samples, rng, precise_m
        As of `k_function`; the default window is that of `first`.

    Returns
    -------
    Curve
        In square metres; as K under complete randomness where the kinds take no notice of each other.

    Raises
    ------
    ValueError
        As `k_function`.

    Notes
    -----
    As spatstat's ``Kcross``.  Imprecise events are drawn in their areas, evenly.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import cross_k
    >>> rng = np.random.default_rng(1)
    >>> rockets = rng.uniform(43, 45, 100), rng.uniform(33, 35, 100)
    >>> drones = rockets[0] + 0.01, rockets[1]
    >>> curve = cross_k(rockets, drones, window=shapely.box(43, 33, 45, 35), r_m=[5_000])
    >>> bool(curve.value[0] > 3 * curve.theory[0])
    True
    """
    events, area = pattern_of(first, role=role, window=window, precise_m=precise_m, least=1)
    others, _ = pattern_of(second, role=role, window=area, precise_m=precise_m, least=1)
    chosen = correction_for(area, correction)
    r = distances_for(area, len(events) + len(others), r_m)
    here = worlds_of(events, uncertainty, samples=samples, rng=rng)
    there = worlds_of(others, uncertainty, samples=samples, rng=here.seed)
    for worlds in (here, there):
        enough(worlds, least=1)
    a, b = patterns(here, area), patterns(there, area, stream=1)
    draws = [
        _cross(area.frame, a[i % len(a)], b[i % len(b)], r, chosen)
        for i in range(max(len(a), len(b)))
    ]
    both = replace(here, warnings=tuple(dict.fromkeys((*here.warnings, *there.warnings))))
    curve = curve_of_draws(
        "cross-K",
        np.array(draws),
        both,
        (area.note,) if area.note else (),
        r=r,
        theory=area.frame.within(r),
        unit="m2",
        how=chosen,
    )
    return replace(
        curve,
        n_precise=here.events.n_precise + there.events.n_precise,
        n_imprecise=here.events.n_imprecise + there.events.n_imprecise,
    )


def inhomogeneous_k(
    source: Any,
    intensity: Callable[[Floats, Floats], Floats],
    *,
    role: str = "target",
    window: Any = None,
    r_m: Any = None,
    correction: Correction | None = None,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Curve:
    """Return K relative to an intensity that is not the same everywhere, such as the population.

    Parameters
    ----------
    source, role, window, r_m, uncertainty, samples, rng, precise_m
        As of `k_function`.
    intensity : callable
        Takes longitudes and latitudes in degrees, returns how likely events are there,
        above 0, in any unit.
    correction : {"isotropic", "translation", "none"}, optional
        As of `k_function`.

    Returns
    -------
    Curve
        In square metres; as K under complete randomness where events differ from a random scatter
        by nothing but the intensity.

    Raises
    ------
    ValueError
        As `k_function`; where an intensity is not above 0.

    Notes
    -----
    As spatstat's ``Kinhom`` with ``renormalise=TRUE`` and ``normpower=2``, so that the unit of
    the intensity does not matter.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import inhomogeneous_k
    >>> rng = np.random.default_rng(1)
    >>> points = 43 + 2 * rng.beta(2, 1, 300), rng.uniform(33, 35, 300)
    >>> curve = inhomogeneous_k(
    ...     points, lambda lon, lat: lon - 43, window=shapely.box(43, 33, 45, 35), r_m=[20_000]
    ... )
    >>> bool(abs(curve.value[0] / curve.theory[0] - 1) < 0.3)
    True
    """
    ready = prepared(
        source,
        role,
        window,
        r_m,
        uncertainty=uncertainty,
        samples=samples,
        rng=rng,
        precise_m=precise_m,
    )
    _, area, r, _ = ready
    chosen = correction_for(area, correction, without=("border",))

    def k(points: Floats) -> Floats:
        height = np.asarray(intensity(*area.unproject(points)), dtype=float)
        if not (height > 0).all():
            msg = "the intensity is not above 0 at every event"
            raise ValueError(msg)
        mass = 1 / height
        sums = pair_sums(area.frame, points, r, chosen, mass=mass)
        return np.asarray(area.frame.area * sums / mass.sum() ** 2)

    theory = area.frame.within(r)
    return curve_of("inhomogeneous K", k, ready, theory=theory, unit="m2", how=chosen)


def k_of(frame: Frame, points: Floats, r: Floats, correction: Correction) -> Floats:
    """Return K of points in the plane of a window."""
    n = len(points)
    if correction == "border":
        sums, inside = border_sums(frame, points, r)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(frame.area * sums / (n * inside))
    sums = pair_sums(frame, points, r, correction)
    return np.asarray(frame.area * sums / (n * (n - 1)))


def g_of(frame: Frame, points: Floats, r: Floats, correction: Correction) -> Floats:
    """Return the pair correlation of points in the plane of a window."""
    n = len(points)
    half = _STOYAN / np.sqrt(n / frame.area) * np.sqrt(5)
    step = half / _FINE
    # Counts up to the middle of each step, so that a count is that of the step around.
    d = np.arange(1, int((r[-1] + half) / step) + 2) * step
    sums = pair_sums(frame, points, d + step / 2, correction)
    count = np.diff(sums, prepend=0.0)
    around = (frame.within(d + step / 2) - frame.within(d - step / 2)) / step
    kernel = 0.75 / half * np.maximum(1 - ((r[:, None] - d) / half) ** 2, 0)
    return np.asarray(frame.area * (kernel @ (count / around)) / (n * (n - 1)))


def correction_for(
    window: Window, correction: Correction | None, *, without: tuple[str, ...] = ()
) -> Correction:
    """Return the correction that is asked for, or the best there is.

    Raises
    ------
    ValueError
        Where it is none, or has no meaning here.
    """
    if correction is None:
        return "isotropic"
    known = [name for name in get_args(Correction) if name not in without]
    if window.on_sphere:
        known.remove("translation")
    if correction not in known:
        where = ""
        if window.on_sphere:
            where = "; the window is so wide that it is on the sphere, where nothing can be shifted"
        msg = f"correction={correction!r} is not one of {', '.join(map(repr, known))}{where}"
        raise ValueError(msg)
    return correction


def _cross(frame: Frame, a: Floats, b: Floats, r: Floats, correction: Correction) -> Floats:
    if correction == "border":
        sums, inside = border_sums(frame, a, r, other=b)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(frame.area * sums / (len(b) * inside))
    sums = pair_sums(frame, a, r, correction, other=b)
    return np.asarray(frame.area * sums / (len(a) * len(b)))
