"""Which incidents, if their places were pinned down, would change an answer most: what to verify next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.progress import watched
from geoinc.stats.events import PRECISE_M, Events, events_of
from geoinc.stats.plotting import OBSERVED, axes_of, captioned
from geoinc.stats.results import Result
from geoinc.stats.worlds import new_seed
from geoinc.uncertainty.draws import seed_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from geoinc.uncertainty.draws import Rng

#: So many incidents are drawn.
_BARS = 15


@dataclass(frozen=True, eq=False, kw_only=True)
class Sensitivity(Result):
    """How much an answer hangs on each incident that is not pinned down.

    ``value`` is the mean of the answer over the possible worlds, ``interval`` its 5 % and 95 %.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        Index ``incident``, what matters most first: ``change``, by how much the answer changes
        when this incident alone moves within its area (root mean square, in the answer's unit);
        ``share``, of the variance of the answer that would go if it were pinned down, alone or
        last of all; ``uncertainty_m``; the geometry is the area.
    """

    table: gpd.GeoDataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the incidents as a plain table."""
        return pd.DataFrame(self.table.drop(columns="geometry"))

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the areas of the incidents as a layer of a map, by their change."""
        layer = gpd.GeoDataFrame(
            {
                "label": self.table.index.astype(str),
                "value": self.table["change"].to_numpy(),
                "low": np.nan,
                "high": np.nan,
            },
            geometry=self.table.geometry.to_numpy(),
            crs=4326,
        )
        layer.attrs = {
            "title": "What to verify next",
            "unit": "change of the answer",
            "note": self.method,
        }
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the incidents that matter most as bars (extra ``plot``)."""
        ax = axes_of(ax)
        top = self.table.iloc[:_BARS][::-1]
        ax.barh(top.index.astype(str), top["change"], color=OBSERVED)
        return captioned(
            ax, self, title="What to verify next", x="change of the answer", y="incident"
        )


def sensitivity(
    func: Callable[[Events], float],
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    samples: int = 20,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Sensitivity:
    """Tell how much an answer hangs on each incident whose place or day is not pinned down.

    Parameters
    ----------
    func : callable
        Takes `Events`, returns a number: any statistic of this package takes events.
    source, role, window, precise_m
        As of `k_function`.
    samples : int
        How many worlds in which each incident is moved; the function is called as often for
        every incident that is imprecise.
    rng : int or numpy.random.Generator, optional
        Seed of the worlds.

    Returns
    -------
    Sensitivity
        The incident to verify first stands first.

    Raises
    ------
    ValueError
        Where nothing is imprecise, or `samples` is less than 2.

    Notes
    -----
    The total effect of Sobol's decomposition of the variance, by Jansen's estimator: the answer in
    a world and in the same world but for one incident.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from geoinc import stats
    >>> shapes = [shapely.Point(44, 33), shapely.box(43, 33, 43.4, 33.4), shapely.box(43, 33, 45, 35)]
    >>> table = gpd.GeoDataFrame(geometry=shapes, index=["a", "b", "c"], crs=4326)
    >>> result = stats.sensitivity(lambda events: events.longitude.mean(), table, rng=1)
    >>> list(result.table.index)
    ['c', 'b']
    """
    if samples < 2:
        msg = f"samples={samples!r} is less than 2"
        raise ValueError(msg)
    events = events_of(source, role=role, window=window, precise_m=precise_m)
    vague = np.flatnonzero(~events.precise | (events.last_day > events.first_day))
    if not len(vague):
        msg = "no event is imprecise: nothing would change by pinning it down"
        raise ValueError(msg)
    seed = new_seed(rng)
    bits = seed_of(seed)
    answers = np.empty(samples)
    moved = np.empty((len(vague), samples))
    for number in watched(range(samples), "possible worlds", samples):
        world = events.world(number + 1, seed=bits)
        other = events.world(samples + number + 1, seed=bits)
        answers[number] = func(world)
        for i, at in enumerate(vague):
            moved[i, number] = func(_moved(world, other, int(at)))
    square = ((moved - answers) ** 2).mean(axis=1)
    spread = float(np.concatenate([answers, moved.ravel()]).var())
    table = gpd.GeoDataFrame(
        {
            "change": np.sqrt(square),
            "share": np.divide(square, 2 * spread, out=np.zeros(len(vague)), where=spread > 0),
            "uncertainty_m": events.uncertainty_m[vague],
        },
        index=pd.Index(events.key[vague], name="incident"),
        geometry=[_area(events, int(at)) for at in vague],
        crs=4326,
    ).sort_values("change", ascending=False, kind="stable")
    return Sensitivity(
        value=float(answers.mean()),
        interval=(float(np.quantile(answers, 0.05)), float(np.quantile(answers, 0.95))),
        table=table,
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        seed=seed,
        method=(
            f"Each of {len(vague)} incidents moved alone within its area and days, in {samples} "
            "possible worlds (total effect, Jansen's estimator)"
        ),
        warnings=events.notes,
    )


def _moved(world: Events, other: Events, at: int) -> Events:
    """Return a world in which one event is where and when it is in another."""
    columns = {}
    for name in ("longitude", "latitude", "first_day", "last_day"):
        column = getattr(world, name).copy()
        column[at] = getattr(other, name)[at]
        columns[name] = column
    return replace(world, **columns)


def _area(events: Events, at: int) -> Any:
    rows = events.rows
    if rows is None:
        return shapely.Point(events.longitude[at], events.latitude[at])
    shapes = rows.shapes[rows.place[rows.start[at] : rows.stop[at]]]
    return shapely.union_all(shapes)
