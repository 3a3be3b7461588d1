"""Results that are curves over distance, and what a pattern needs before one is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.schema import Layers
from geoinc.stats.events import events_of
from geoinc.stats.plotting import BAND, OBSERVED, QUIET, axes_of, captioned
from geoinc.stats.results import Result
from geoinc.stats.windows import Window, window_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geoinc.stats.events import Events

    Floats = NDArray[np.float64]

#: Steps of distance where none are given.
_STEPS = 50
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
    """

    name: str
    r_m: Floats
    theory: Floats
    unit: str = ""

    def to_frame(self) -> pd.DataFrame:
        """Return one row a distance: ``r_m``, ``value``, ``theory``, ``low``, ``high``."""
        nothing = np.full(len(self.r_m), np.nan)
        low, high = self.interval or (nothing, nothing)
        return pd.DataFrame(
            {"r_m": self.r_m, "value": self.value, "theory": self.theory, "low": low, "high": high}
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curve beside that of complete randomness (extra ``plot``).

        Of L the difference to randomness is drawn, so that the eye need not
        compare two rising lines.
        """
        ax = axes_of(ax)
        table, km = self.to_frame(), self.r_m / 1000
        less = self.theory if self.name == "L" else np.zeros(len(km))
        scale, unit = {"m": (1e3, "km"), "m2": (1e6, "km2")}.get(self.unit, (1.0, ""))
        band = f"{self._band()}" if self.interval is not None else None
        if band is not None:
            ax.fill_between(
                km,
                (table["low"] - less) / scale,
                (table["high"] - less) / scale,
                color=BAND,
                label=band,
                linewidth=0,
            )
        ax.plot(km, (self.theory - less) / scale, "--", color=QUIET, label="complete randomness")
        ax.plot(km, (self.value - less) / scale, color=OBSERVED, label="observed")
        shown = "L(r) - r" if self.name == "L" else f"{self.name}(r)"
        y = f"{shown}, {unit}" if unit else shown
        return captioned(ax, self, title=self._title(), x="distance r, km", y=y)

    def _band(self) -> str:
        return "possible worlds, 90 %"

    def _title(self) -> str:
        return f"{self.name} function"


def pattern_of(
    source: Any, *, role: str, window: Any, precise_m: float, least: int = 3
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
    return events, area


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
