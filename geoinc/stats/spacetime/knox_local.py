"""Local Knox: which events have more neighbours in space and time than chance gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geoinc.stats.events import events_of
from geoinc.stats.plotting import SERIES, STANDS_OUT, captioned
from geoinc.stats.results import Result, false_discovery
from geoinc.stats.spacetime.event_maps import map_axes
from geoinc.stats.spacetime.knox_grid import dated, positions, rising_edges, same_places
from geoinc.stats.spacetime.knox_pairs import SpacePairs, small_days
from geoinc.stats.worlds import Uncertainty, worlds_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False, kw_only=True)
class LocalKnox(Result):
    """Which events have more neighbours in space and time than chance would give them.

    Parameters
    ----------
    value : array of float
        Neighbours in space and time of each event (mean over possible worlds).
    p : float
        The smallest of the events', adjusted for their number.
    table : pandas.DataFrame
        One row an event, see `to_frame`.
    """

    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each event that has a day.

        Returns
        -------
        pandas.DataFrame
            Index the incident; ``observed``, ``expected``, ``p``, ``p_adjusted`` (false discovery
            rate), ``longitude``, ``latitude``, ``precise``.
        """
        return self.table.copy()

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the events with more neighbours than chance as points for the map.

        Only those are returned whose adjusted p is 0.05 or less.
        """
        told = self.table[self.table["p_adjusted"] <= 0.05]
        layer = gpd.GeoDataFrame(
            {
                "label": told.index,
                "value": told["observed"],
                "low": np.nan,
                "high": np.nan,
            },
            geometry=gpd.points_from_xy(told["longitude"], told["latitude"]),
            crs=4326,
        ).reset_index(drop=True)
        layer.attrs = {
            "title": "Events near others in space and time",
            "unit": "events near it",
            "note": self.method,
        }
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the events, those with more neighbours than chance marked.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.
        """
        table = self.table
        told = table["p_adjusted"] <= 0.05
        ax = map_axes(ax, table["longitude"].to_numpy(), table["latitude"].to_numpy())
        ax.scatter(table["longitude"], table["latitude"], s=6, color=SERIES[4], label="event")
        ax.scatter(
            table["longitude"][told],
            table["latitude"][told],
            s=10,
            color=STANDS_OUT,
            label="more near it than by chance",
        )
        return captioned(ax, self, title=f"{told.sum()} events with others near")


def local_knox(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    distance_m: float = 5_000,
    days: float = 14,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    precise_m: float | None = None,
    rng: Rng | None = None,
) -> LocalKnox:
    """Find the events that have more neighbours in space and time than chance would give them.

    Parameters
    ----------
    source, role, window, uncertainty, samples, precise_m, rng
        As in `knox`; `precise_m` is `distance_m` by default.
    distance_m : float
        Neighbours in space are no farther, metres, geodesic.
    days : float
        Neighbours in time are no more days apart.

    Returns
    -------
    LocalKnox
        One row for each event that has a day.

    Raises
    ------
    ValueError
        Where fewer than three events have a day.

    Notes
    -----
    With the days of the others dealt out anew and its own kept, the number of an event's
    neighbours in space that are neighbours in time is hypergeometric: p is exact,
    without simulation, P(X >= observed).  Adjusted by Benjamini and Hochberg's false
    discovery rate.  Over possible worlds p is twice the mean, which is a p-value
    however the worlds hang together.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geoinc import stats
    >>> lon = [44.0, 44.01, 44.02, 40.0, 42.0, 46.0, 41.0, 43.0, 45.0, 47.0]
    >>> day = [1, 2, 3, 100, 200, 300, 400, 500, 600, 700]
    >>> points = gpd.GeoDataFrame(
    ...     {"date": np.datetime64("2020-01-01") + np.array(day)},
    ...     geometry=gpd.points_from_xy(lon, [33.0] * 10),
    ...     crs=4326,
    ... )
    >>> stats.local_knox(points).table["p"].round(3).tolist()[:4]
    [0.028, 0.028, 0.028, 1.0]
    """
    edges_m, edges = rising_edges([distance_m], "distances_m"), rising_edges([days], "days")
    scale_m = distance_m if precise_m is None else precise_m
    events = dated(events_of(source, role=role, window=window), scale_m, days)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    if worlds.events.n_imprecise == 0:
        worlds = replace(worlds, samples=1)
    events = worlds.events
    n = len(events)
    if n < 3:
        msg = f"local Knox needs three events with a place and a day at least, not {n}"
        raise ValueError(msg)
    place = same_places(events, scale_m)
    drawn = []
    for world in worlds:
        space = SpacePairs.of(*positions(world, events, scale_m), place, edges_m)
        both, near = space.of_events(small_days(world.day), edges)
        drawn.append(
            _local(both.sum(axis=(0, 1)), near.sum(axis=0), _near_in_time(world.day, days))
        )
    observed, expected, p = np.array(drawn).transpose(1, 0, 2)
    together = np.minimum(2 * p.mean(axis=0), 1.0) if len(p) > 1 else p[0]
    adjusted = false_discovery(together)
    table = pd.DataFrame(
        {
            "observed": observed.mean(axis=0),
            "expected": expected.mean(axis=0),
            "p": together,
            "p_adjusted": adjusted,
            "longitude": events.longitude,
            "latitude": events.latitude,
            "precise": events.precise,
        },
        index=pd.Index(events.key, name="incident"),
    )
    method = f"Local Knox test, {distance_m / 1000:g} km and {days:g} days, hypergeometric p"
    if worlds.samples > 1:
        method += f"; {worlds.samples} possible worlds"
    return LocalKnox(
        value=table["observed"].to_numpy(),
        p=float(adjusted.min()),
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        seed=worlds.seed,
        method=method,
        warnings=worlds.warnings,
        table=table,
    )


def _local(both: Ints, space: Ints, time: Ints) -> tuple[Floats, Floats, Floats]:
    """Return observed and expected neighbours of each event, and P(X >= observed)."""
    from scipy.stats import hypergeom  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import

    others = len(both) - 1
    p = np.clip(hypergeom.sf(both - 1, others, time, space), 0.0, 1.0)
    return both.astype(float), space * time / others, np.asarray(p)


def _near_in_time(day: Floats, days: float) -> Ints:
    rising = np.sort(day)
    after = np.searchsorted(rising, day + days, side="right")
    return np.asarray(after - np.searchsorted(rising, day - days) - 1)
