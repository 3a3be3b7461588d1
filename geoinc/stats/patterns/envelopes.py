"""Whether a pattern clusters: a curve against simulations, one verdict for all distances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from geoinc.stats.events import PRECISE_M, shared_coordinates
from geoinc.stats.patterns.curves import Curve, distances_for, pattern_of
from geoinc.stats.patterns.monte_carlo import (
    against_null,
    averaged,
    events_to_test,
    global_test,
    imputed_words,
    pointwise_envelope,
)
from geoinc.stats.patterns.nearest_neighbour import f_of, g_of, j_of
from geoinc.stats.patterns.pairs import pair_sums
from geoinc.stats.patterns.second_order import correction_for
from geoinc.stats.patterns.second_order import g_of as pair_correlation_of
from geoinc.stats.worlds import worlds_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geoinc.stats.events import Events
    from geoinc.stats.frames import Correction, Frame
    from geoinc.stats.patterns.monte_carlo import Statistic
    from geoinc.stats.patterns.nulls import Intensity
    from geoinc.stats.windows import Window
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]

#: What can be compared with simulations.
Statistics = Literal["K", "L", "g", "G", "F", "J"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Envelope(Curve):
    """A curve, and between which values the null keeps it.

    ``interval`` is the envelope, ``theory`` the mean of the simulations, ``p`` that of the
    global test; a pointwise envelope has none.

    Parameters
    ----------
    kind : {"global", "pointwise"}
        Whether the envelope holds whole curves, or at each distance by itself.
    level : float
        How many of them, as a share.
    naive_p : float, optional
        What the test would say with every imprecise event at its centre.
    """

    kind: str
    level: float
    naive_p: float | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return one row a distance: ``r_m``, ``value``, ``theory``, ``low``, ``high``, ``outside``."""
        table = super().to_frame()
        outside = (table["value"] > table["high"]) | (table["value"] < table["low"])
        return table.assign(outside=outside)

    def _words(self) -> tuple[str, str]:
        return f"{self.kind} envelope of the null, {self.level:.0%}", "mean of the null"

    def _baseline(self) -> tuple[Floats, str]:
        if self.name == "cross-L":
            return self.theory, "cross-L(r) - mean of the null"
        return super()._baseline()

    def _title(self) -> str:
        verdict = f": p = {self.p:.3g}" if self.p is not None else ", no test"
        return f"{self.name} function against its null{verdict}"


def envelope(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    statistic: Statistics = "L",
    intensity: Intensity | None = None,
    r_m: Any = None,
    correction: Correction | None = None,
    kind: Literal["global", "pointwise"] = "global",
    level: float = 0.95,
    simulations: int = 199,
    uncertainty: Uncertainty = "propagate",
    samples: int = 5,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Envelope:
    """Test whether events cluster or keep apart, whatever the distance at which they do.

    Imprecise events are drawn in their areas, and so are those of every simulation of the
    null, after it was made just as imprecise (the matched null; see `Imputer`).
    Then the test errs as often as it says; with events at the centres of their areas it does not.

    Parameters
    ----------
    source, role, window, r_m, rng, precise_m
        As of `k_function`.
    statistic : {"L", "K", "g", "G", "F", "J"}
        The curve: by default Besag's L.
    intensity : callable, optional
        Takes longitudes and latitudes, returns how likely events are there in any unit: the
        inhomogeneous null, such as the population.  By default complete randomness.
    correction : {"translation", "isotropic", "none"}, optional
        Of K, L and g; by default what costs least: translation, on the sphere none.
    kind : {"global", "pointwise"}
        One test over all distances; or where single distances of the null lie, which is no test.
    level : float
        Share that the envelope holds.
    simulations : int
        Of the null, at least 19.
    uncertainty : {"propagate", "precise-only", "ignore"}
        Draw imprecise events in their areas, leave them out, or take centres.
    samples : int
        Draws of the imprecise events, in the data and in each simulation.

    Returns
    -------
    Envelope
        ``p`` is two-sided.  ``warnings`` tells what a test of the centres would have said.

    Raises
    ------
    ValueError
        Where there are fewer than 3 events, most share coordinates, or an option is none of those
        above.

    Notes
    -----
    The global test takes the largest studentised deviation over all distances: see
    `geoinc.stats.patterns.monte_carlo.global_test`.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import envelope
    >>> rng = np.random.default_rng(1)
    >>> points = rng.uniform(43, 45, 100), rng.uniform(33, 35, 100)
    >>> envelope(points, window=shapely.box(43, 33, 45, 35), simulations=99, rng=1).p > 0.05
    True
    >>> bunched = 43 + 2 * (points[0] - 43) ** 3 / 8, points[1]
    >>> envelope(bunched, window=shapely.box(43, 33, 45, 35), simulations=99, rng=1).p
    0.01
    """
    for value, known in ((statistic, get_args(Statistics)), (kind, ("global", "pointwise"))):
        if value not in known:
            msg = f"{value!r} is not one of {', '.join(map(repr, known))}"
            raise ValueError(msg)
    if not 0 < level < 1:
        msg = f"level={level!r} is not between 0 and 1"
        raise ValueError(msg)
    events, area = pattern_of(source, role=role, window=window, precise_m=precise_m)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    tested = events_to_test(worlds, uncertainty)
    r = distances_for(area, len(tested), r_m)
    usual: Correction = "none" if area.on_sphere else "translation"
    chosen = correction_for(area, correction or usual, without=("border",))
    curve = statistic_of(statistic, area.frame, r, chosen)
    observed, simulated, notes = against_null(
        curve,
        tested,
        area,
        intensity=intensity,
        simulations=simulations,
        samples=samples,
        seed=worlds.seed,
    )
    p, mean, low, high = global_test(observed, simulated, level=level)
    naive = None
    warnings = [*worlds.warnings, *((area.note,) if area.note else ()), *notes]
    if shared := shared_coordinates(tested.where(tested.precise)):
        warnings.append(shared)
    if tested.n_imprecise:
        naive = _naive_p(
            curve,
            tested,
            area,
            intensity=intensity,
            simulations=simulations,
            seed=worlds.seed,
        )
        warnings.append(
            f"with all events at the centres of their areas, as a textbook test has them, p would "
            f"be {naive:.3g}"
        )
    if kind == "pointwise":
        low, high = pointwise_envelope(simulated, level=level)
    null = "complete randomness" if intensity is None else "the intensity given"
    verdict = "global test (largest studentised deviation)" if kind == "global" else "no test"
    return Envelope(
        name=statistic,
        value=observed,
        interval=(low, high),
        p=p if kind == "global" else None,
        kind=kind,
        level=level,
        naive_p=naive,
        r_m=r,
        theory=mean,
        unit={"K": "m2", "L": "m"}.get(statistic, ""),
        n_precise=worlds.events.n_precise,
        n_imprecise=worlds.events.n_imprecise,
        seed=worlds.seed,
        method=(
            f"{statistic} function, {kind} envelope, {verdict}, {simulations} simulations of {null}"
            + imputed_words(tested, samples)
        ),
        warnings=tuple(warnings),
    )


def statistic_of(name: Statistics, frame: Frame, r: Floats, correction: Correction) -> Statistic:
    """Return the curve of precise events and draws of the others."""
    if name in {"K", "L"}:
        k = pooled_k(frame, r, correction)
        if name == "K":
            return k
        return lambda precise, draws: np.sqrt(k(precise, draws) / np.pi)
    if name == "g":
        return averaged(lambda points: pair_correlation_of(frame, points, r, correction))
    func = {"G": g_of, "F": f_of, "J": j_of}[name]
    return averaged(lambda points: func(frame, points, r, "kaplan-meier"))


def pooled_k(frame: Frame, r: Floats, correction: Correction) -> Statistic:
    """Return K, averaged over draws; pairs of precise events are counted once for all draws."""

    def k(precise: Floats, draws: Floats) -> Floats:
        samples, vague = draws.shape[:2]
        n = len(precise) + vague
        sums = pair_sums(frame, precise, r, correction)
        if vague:
            everywhere = draws.reshape(-1, 2)
            across = pair_sums(frame, precise, r, correction, other=everywhere)
            if correction == "isotropic":
                across = across + pair_sums(frame, everywhere, r, correction, other=precise)
            else:  # these weights are the same both ways
                across = 2 * across
            among = np.sum([pair_sums(frame, draw, r, correction) for draw in draws], axis=0)
            sums = sums + (across + among) / samples
        return np.asarray(frame.area * sums / (n * (n - 1)))

    return k


def _naive_p(
    curve: Statistic,
    events: Events,
    window: Window,
    *,
    intensity: Intensity | None,
    simulations: int,
    seed: int,
) -> float:
    """Return what a test of the centres would say."""
    centres = replace(events, precise=np.ones(len(events), dtype=bool))
    observed, simulated, _ = against_null(
        curve,
        centres,
        window,
        intensity=intensity,
        simulations=simulations,
        samples=1,
        seed=seed,
    )
    return global_test(observed, simulated)[0]
