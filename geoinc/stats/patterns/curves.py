"""Results that are curves over distance, and what a pattern needs before one is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.schema import Layers
from geoinc.stats.events import events_of, shared_coordinates, unweighted
from geoinc.stats.patterns.imputing import Imputer
from geoinc.stats.plotting import BAND, OBSERVED, QUIET, STANDS_OUT, axes_of, captioned
from geoinc.stats.results import Result
from geoinc.stats.windows import Window, window_of
from geoinc.stats.worlds import enough, generator, worlds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geoinc.stats.events import Events
    from geoinc.stats.worlds import EventWorlds, Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    #: Worlds, window, distances, and what there is to say of them.
    Prepared = tuple[EventWorlds, Window, Floats, tuple[str, ...]]

#: Steps of distance where none are given.
_STEPS = 50
#: A curve of fewer events says nothing.
_LEAST = 3
#: No farther than where so many neighbours are to be expected: enough to see clusters by.
_NEIGHBOURS = 100.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Curve(Result):
    """A function of distance.

    ``value`` is one figure for each distance, ``interval`` what the possible worlds
    leave open (5 % and 95 %), where there are several.

    Parameters
    ----------
    name : str
        K, L, g, G, F, J.
    r_m : array of float
        Distances, metres.
    theory : array of float
        Under complete randomness.
    unit : str
        Of the values: m2, m, or nothing for a share or ratio.
    precise_only : array of float, optional
        The curve of the precise events alone, where others were drawn.
    """

    name: str
    r_m: Floats
    theory: Floats
    unit: str = ""
    precise_only: Floats | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return one row a distance: ``r_m``, ``value``, ``theory``, ``low``, ``high``, ``precise_only``."""
        nothing = np.full(len(self.r_m), np.nan)
        low, high = self.interval or (nothing, nothing)
        columns = {
            "r_m": self.r_m,
            "value": self.value,
            "theory": self.theory,
            "low": low,
            "high": high,
        }
        if self.precise_only is not None:
            columns["precise_only"] = self.precise_only
        return pd.DataFrame(columns)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curve beside that of complete randomness (extra ``plot``).

        Of L the difference to randomness is drawn, so that the eye need not
        compare two rising lines.
        """
        ax = axes_of(ax)
        table, km = self.to_frame(), self.r_m / 1000
        less, shown = self._baseline()
        scale, unit = {"m": (1e3, "km"), "m2": (1e6, "km2")}.get(self.unit, (1.0, ""))
        band, expected = self._words()
        if self.interval is not None:
            low, high = ((table[side] - less) / scale for side in ("low", "high"))
            ax.fill_between(km, low, high, color=BAND, label=band, linewidth=0)
        ax.plot(km, (self.theory - less) / scale, "--", color=QUIET, label=expected)
        drawn = "observed" if self.precise_only is None else "mean of possible worlds"
        ax.plot(km, (self.value - less) / scale, color=OBSERVED, label=drawn)
        if self.precise_only is not None:
            alone = (self.precise_only - less) / scale
            ax.plot(km, alone, ":", color=STANDS_OUT, label="precise events alone")
        y = f"{shown}, {unit}" if unit else shown
        return captioned(ax, self, title=self._title(), x="distance r, km", y=y)

    def _baseline(self) -> tuple[Floats, str]:
        """Return what is taken off before drawing, and what is left."""
        if self.name == "L":
            return self.r_m, "L(r) - r"
        return np.zeros(len(self.r_m)), f"{self.name}(r)"

    def _words(self) -> tuple[str, str]:
        """Return what the band and the dashed line are."""
        return "possible worlds, 90 %", "complete randomness"

    def _title(self) -> str:
        return f"{self.name} function"


def pattern_of(
    source: Any, *, role: str, window: Any, precise_m: float, least: int = _LEAST
) -> tuple[Events, Window]:
    """Return the events of a point pattern and the window they lie in.

    Parameters
    ----------
    source, role, window, precise_m
        As of every statistic.
    least : int
        How many events the statistic needs.

    Raises
    ------
    ValueError
        Where there are fewer, or no window is known.
    """
    area = window_of(source if isinstance(source, Layers) else None, window, role=role)
    events = events_of(source, role=role, window=area, precise_m=precise_m)
    if len(events) < least:
        msg = f"this needs {least} events in the window, and there are {len(events)}" + "".join(
            f"; {note}" for note in events.notes
        )
        raise ValueError(msg)
    return unweighted(events), area


def distances_for(window: Window, n: int, r_m: Any = None) -> Floats:
    """Return the distances of a curve, metres.

    Parameters
    ----------
    window : Window
        The longest is a quarter of its shorter side, or that within which 100 of n
        random events would lie, whichever is less.
    n : int
        How many events.
    r_m : array of float, optional
        Those that are asked for.

    Raises
    ------
    ValueError
        Where they do not rise from above 0.
    """
    if r_m is not None:
        r = np.atleast_1d(np.asarray(r_m, dtype=float))
        if not (np.isfinite(r).all() and r[0] > 0 and (np.diff(r) > 0).all()):
            msg = "r_m must be distances in metres that rise from above 0"
            raise ValueError(msg)
        return r
    side = np.sqrt(window.area_m2)
    if not window.on_sphere:
        west, south, east, north = window.frame.bounds
        side = min(east - west, north - south)
    longest = min(side / 4, np.sqrt(_NEIGHBOURS * window.area_m2 / (np.pi * n)))
    return np.linspace(0, longest, _STEPS + 1)[1:]


def prepared(
    source: Any,
    role: str,
    window: Any,
    r_m: Any,
    *,
    uncertainty: Uncertainty,
    samples: int,
    rng: Rng | None,
    precise_m: float,
) -> Prepared:
    """Return the worlds, the window, the distances, and what there is to say of them."""
    events, area = pattern_of(source, role=role, window=window, precise_m=precise_m)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    enough(worlds)
    r = distances_for(area, len(worlds.events), r_m)
    notes = [area.note] if area.note else []
    shared = shared_coordinates(worlds.events.where(worlds.events.precise))
    if shared:
        notes.append(shared)
    worst = float(worlds.events.uncertainty_m[worlds.events.precise].max(initial=0.0))
    if worst > r[0]:
        notes.append(
            f"events taken as precise are known to within {worst / 1000:.1f} km at worst: below "
            "that the curve shows how they were coded"
        )
    return worlds, area, r, tuple(notes)


def curve_of(
    name: str,
    func: Callable[[Floats], Floats],
    ready: Prepared,
    *,
    theory: Floats,
    unit: str,
    how: str,
) -> Curve:
    """Return the curve of a function of points: in the worlds, and of the precise events alone.

    Parameters
    ----------
    name, theory, unit
        As of `Curve`.
    func : callable
        Takes points, as `patterns` gives them.
    ready : tuple
        From `prepared`.
    how : str
        The edge correction.
    """
    worlds, window, r, notes = ready
    draws = np.array([func(points) for points in patterns(worlds, window)])
    precise = worlds.events.where(worlds.events.precise)
    alone = None
    if len(draws) > 1 and len(precise) >= _LEAST:
        alone = func(_points(precise, window))
    return curve_of_draws(
        name, draws, worlds, notes, r=r, theory=theory, unit=unit, how=how, alone=alone
    )


def curve_of_draws(
    name: str,
    draws: Floats,
    worlds: EventWorlds,
    notes: tuple[str, ...],
    *,
    r: Floats,
    theory: Floats,
    unit: str,
    how: str,
    alone: Floats | None = None,
) -> Curve:
    """Return the curve of draws: their mean, and what they leave open.

    Parameters
    ----------
    name, theory, unit, how
        As of `curve_of`.
    draws : array of float
        One row a world.
    worlds : EventWorlds
        What it stands on.
    notes : tuple of str
        Warnings besides those of the worlds.
    r : array of float
        Distances, metres.
    alone : array of float, optional
        The curve of the precise events.
    """
    several = len(draws) > 1
    with np.errstate(invalid="ignore"):
        interval = tuple(np.quantile(draws, (0.05, 0.95), axis=0)) if several else None
    drawn = f"; mean of {len(draws)} draws of the imprecise events" if several else ""
    return Curve(
        name=name,
        value=draws.mean(axis=0),
        interval=interval,
        precise_only=alone,
        r_m=r,
        theory=theory,
        unit=unit,
        n_precise=worlds.events.n_precise,
        n_imprecise=worlds.events.n_imprecise,
        seed=worlds.seed,
        method=f"{name} function, edge correction: {how}{drawn}",
        warnings=(*worlds.warnings, *notes),
    )


def patterns(worlds: EventWorlds, window: Window, *, stream: int = 0) -> list[Floats]:
    """Return the points of each world, in the plane of the window.

    The precise events come first and stay where they are; the others are drawn in their areas,
    every part as likely, and stay in the window.

    Parameters
    ----------
    worlds : EventWorlds
        From `worlds_of`.
    window : Window
        Of the pattern.
    stream : int
        Another number, other draws: for a second pattern of the same seed.
    """
    events = worlds.events
    if worlds.samples == 1 or not events.n_imprecise:
        return [_points(events, window)[np.argsort(~events.precise, kind="stable")]]
    imputer = Imputer(events, window, worlds.seed, even=True)
    draws = imputer.observed(worlds.samples, generator(worlds.seed, stream))
    return [np.concatenate([imputer.precise, draw]) for draw in draws]


def _points(events: Events, window: Window) -> Floats:
    return window.project(events.longitude, events.latitude)
