"""Mantel and Jacquez: whether distances in space and time go together, over all pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.progress import watched
from geoinc.space import ground_m, in_space
from geoinc.stats.events import events_of
from geoinc.stats.plotting import BAND, STANDS_OUT, axes_of, captioned
from geoinc.stats.results import Result
from geoinc.stats.spacetime.knox_grid import dated
from geoinc.stats.worlds import EventWorlds, Uncertainty, generator, worlds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    #: What gives, for days and orders of them, the statistic of each order.
    Statistic = Callable[[Floats, Ints], Floats]

#: Orders of days that are held at once, and rows of the table of all pairs.
_ORDERS_AT_ONCE, _ROWS_AT_ONCE = 32, 128
#: All pairs of more events than this do not fit into memory.
_MOST_EVENTS = 20_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Interaction(Result):
    """How far distances in space and time go together.

    Parameters
    ----------
    value : float
        The statistic (mean over possible worlds).
    interval : tuple of float, optional
        The middle 95 % of its values over possible worlds; None where there is but one.
    p : float
        Of a statistic as extreme when the days are dealt out anew.
    expected : float
        Its mean when they are.
    simulated : array of float
        Its values when they are.
    name : str
        What the statistic is called.
    """

    expected: float
    simulated: NDArray[np.float64]
    name: str

    def to_frame(self) -> pd.DataFrame:
        """Return the answer as a table of one row."""
        return super().to_frame().assign(expected=self.expected)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the statistic beside what it is when the days are dealt out anew.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.
        """
        ax = axes_of(ax)
        label = f"days dealt out anew ({len(self.simulated)} times)"
        ax.hist(self.simulated, bins="auto", color=BAND, label=label)
        ax.axvline(self.value, color=STANDS_OUT, linewidth=2, label="as it was")
        if self.interval is not None:
            ax.axvspan(*self.interval, color=STANDS_OUT, alpha=0.15, label="possible worlds")
        title = f"{self.name}: {self.value:.4g}, p = {self.p:.3g}"
        return captioned(ax, self, title=title, x=self.name, y="orders of the days")


def mantel(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    transform: Literal["none", "reciprocal"] = "none",
    permutations: int = 999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    precise_m: float = 25_000,
    rng: Rng | None = None,
) -> Interaction:
    """Correlate distances in space and time over all pairs of events.

    Parameters
    ----------
    source : Layers, GeoDataFrame, (longitude, latitude) or Events
        See `events_of`.  Events without a day are left out.
    role : {"launch", "target", "impact"}
        Which places of layers.
    window : Window, polygon or GeoDataFrame, optional
        Only events in it.
    transform : {"none", "reciprocal"}
        Correlate kilometres and days as they are; or 1 / (1 + kilometres) and 1 / (1 + days),
        so that what is near counts most.
    permutations : int
        How often the days are dealt out.
    uncertainty : {"propagate", "precise-only", "ignore"}
        What becomes of events known to an area, or to a month.
    samples : int
        How many possible worlds.
    precise_m : float
        Events known no better than this, in metres, are imprecise.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    Interaction
        ``value`` is the correlation, -1 to 1.

    Raises
    ------
    ValueError
        Where fewer than three events have a day, all at one place or on one day, or more than
        20,000: all pairs do not fit into memory then, see `knox`.

    Notes
    -----
    Mantel's test.  p is two-sided: of a correlation as far from 0.  The distances are geodesic,
    to 0.02 %.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from geoinc import stats
    >>> dates = pd.date_range("2020-01-01", periods=20)
    >>> points = gpd.GeoDataFrame(
    ...     {"date": dates}, geometry=gpd.points_from_xy(range(20), [33] * 20), crs=4326
    ... )
    >>> result = stats.mantel(points, permutations=99, rng=1)
    >>> round(result.value, 3), result.p
    (1.0, 0.01)
    """
    if transform not in {"none", "reciprocal"}:
        msg = f"transform={transform!r} is neither 'none' nor 'reciprocal'"
        raise ValueError(msg)
    events = dated(events_of(source, role=role, window=window), precise_m, np.inf)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    _enough(worlds, 3)
    if len(worlds.events) > _MOST_EVENTS:
        msg = f"Mantel compares all pairs of at most {_MOST_EVENTS:,} events: see stats.knox"
        raise ValueError(msg)

    def prepared(longitude: Floats, latitude: Floats) -> Statistic:
        return _mantel(_distances_km(longitude, latitude), reciprocal=transform == "reciprocal")

    kind = "kilometres and days" if transform == "none" else "1 / (1 + km) and 1 / (1 + days)"
    return _tested(
        worlds,
        prepared,
        permutations,
        two_sided=True,
        name="Mantel's correlation",
        method=f"Mantel test of {kind}, two-sided",
    )


def jacquez(
    source: Any,
    *,
    k: int = 3,
    role: str = "target",
    window: Any = None,
    permutations: int = 999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    precise_m: float = 25_000,
    rng: Rng | None = None,
) -> Interaction:
    """Count the nearest neighbours in space that are nearest neighbours in time as well.

    Parameters
    ----------
    source, role, window, permutations, uncertainty, samples, precise_m, rng
        As in `mantel`.
    k : int
        How many neighbours of each event count.

    Returns
    -------
    Interaction
        ``value`` is the number of neighbours in both.

    Raises
    ------
    ValueError
        Where fewer than k + 2 events have a day.

    Notes
    -----
    Jacquez's test of k nearest neighbours.  Events that are equally far share the place that is
    left among the k, so the statistic does not depend on the order of rows;
    with ties it may be no whole number.  p is one-sided: of as many or more.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from geoinc import stats
    >>> dates = pd.to_datetime("2020-01-01") + pd.to_timedelta([n**2 for n in range(20)], "D")
    >>> points = gpd.GeoDataFrame(
    ...     {"date": dates},
    ...     geometry=gpd.points_from_xy([0.01 * n**2 for n in range(20)], [33] * 20),
    ...     crs=4326,
    ... )
    >>> stats.jacquez(points, k=1, permutations=99, rng=1).value
    20.0
    """
    events = dated(events_of(source, role=role, window=window), precise_m, np.inf)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    if k < 1:
        msg = f"k={k!r} is less than 1"
        raise ValueError(msg)
    _enough(worlds, k + 2)

    def prepared(longitude: Floats, latitude: Floats) -> Statistic:
        near = _nearest(in_space(np.column_stack([longitude, latitude])), k)
        return lambda days, orders: _shared(near, days, orders, k)

    return _tested(
        worlds,
        prepared,
        permutations,
        two_sided=False,
        name="neighbours in space and time",
        method=f"Jacquez test of {k} nearest neighbours, one-sided (as many or more)",
    )


def _enough(worlds: EventWorlds, least: int) -> None:
    if (n := len(worlds.events)) < least:
        msg = f"{least} events with a place and a day are needed at least, not {n}"
        raise ValueError(msg)


def _tested(
    worlds: EventWorlds,
    prepared: Callable[[Floats, Floats], Statistic],
    permutations: int,
    *,
    two_sided: bool,
    name: str,
    method: str,
) -> Interaction:
    """Return the statistic in all worlds, and when the days are dealt out, in each the same way."""
    if permutations < 1:
        msg = f"permutations={permutations!r} is less than 1"
        raise ValueError(msg)
    if worlds.events.n_imprecise == 0 and (worlds.events.first_day == worlds.events.last_day).all():
        worlds = replace(worlds, samples=1)
    n = len(worlds.events)
    values = []
    simulated = np.zeros(permutations)
    batches = range(0, permutations, _ORDERS_AT_ONCE)
    bar = watched(
        range(worlds.samples * len(batches)), "orders of days", worlds.samples * len(batches)
    )
    for world in worlds:
        statistic = prepared(world.longitude, world.latitude)
        values.append(statistic(world.day, np.arange(n)[None])[0])
        for begin in batches:
            next(bar)
            numbers = range(begin, min(begin + _ORDERS_AT_ONCE, permutations))
            orders = np.stack([generator(worlds.seed, number).permutation(n) for number in numbers])
            simulated[begin : numbers.stop] += statistic(world.day, orders)
    bar.close()
    simulated /= worlds.samples
    value = float(np.mean(values))
    # What is equal but for rounding counts as equal.
    slack = 1e-9 * max(abs(value), 1e-300)
    other, own = (np.abs(simulated), abs(value)) if two_sided else (simulated, value)
    extreme = other >= own - slack
    low, high = np.quantile(values, [0.025, 0.975])
    several = worlds.samples > 1
    method += f", {permutations} random orders of the days"
    return Interaction(
        value=value,
        interval=(float(low), float(high)) if several else None,
        p=float((1 + extreme.sum()) / (1 + permutations)),
        n_precise=worlds.events.n_precise,
        n_imprecise=worlds.events.n_imprecise,
        seed=worlds.seed,
        method=method + (f"; {worlds.samples} possible worlds" if several else ""),
        warnings=worlds.warnings,
        expected=float(simulated.mean()),
        simulated=simulated,
        name=name,
    )


def _distances_km(longitude: Floats, latitude: Floats) -> Floats:
    """Return the distances of all pairs, kilometres: chords, as what they are on the ground."""
    points = in_space(np.column_stack([longitude, latitude]))
    found = np.zeros((len(points), len(points)))
    for start in range(0, len(points), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        # Differences, not products: of near points the digits would be lost.
        squared = sum((points[rows, None, i] - points[None, :, i]) ** 2 for i in range(3))
        found[rows] = ground_m(np.sqrt(np.asarray(squared))) / 1000
    return found


def _mantel(space: Floats, *, reciprocal: bool) -> Statistic:
    """Return what correlates a table of distances with those of days, for many orders of them."""
    if reciprocal:
        space = 1 / (1 + space)
        np.fill_diagonal(space, 0)
    pairs = len(space) * (len(space) - 1) / 2
    mean = space.sum() / 2 / pairs
    centred = space - mean
    np.fill_diagonal(centred, 0)
    spread = np.sqrt(np.einsum("ij,ij->", centred, centred) / 2)

    def statistic(days: Floats, orders: Ints) -> Floats:
        # What days are among themselves does not depend on their order.
        total = _pairs_sum(np.broadcast_to(1.0, space.shape), days, reciprocal=reciprocal)
        squares = _pairs_sum(None, days, reciprocal=reciprocal)
        scale = spread * np.sqrt(max(squares - total**2 / pairs, 0.0))
        if not scale > 0:
            msg = "all events are on one day or equally far apart: there is nothing to correlate"
            raise ValueError(msg)
        sums = [_pairs_sum(centred, days[order], reciprocal=reciprocal) for order in orders]
        found: Floats = np.array(sums) / scale
        return found

    return statistic


def _pairs_sum(space: Floats | None, days: Floats, *, reciprocal: bool) -> float:
    """Return the sum over pairs of space times time; without space, of time squared."""
    found = 0.0
    for start in range(0, len(days), _ROWS_AT_ONCE):
        stop = start + _ROWS_AT_ONCE
        # The block on the diagonal holds each of its pairs twice, the rest to its right once.
        for columns, share in ((slice(start, stop), 0.5), (slice(stop, None), 1.0)):
            time = np.abs(days[start:stop, None] - days[None, columns])
            if reciprocal:
                time += 1
                np.divide(1, time, out=time)
                if share < 1:  # an event with itself is no pair
                    np.fill_diagonal(time, 0)
            other = time if space is None else space[start:stop, columns]
            found += share * float(np.einsum("ij,ij->", other, time))
    return found


def _nearest(points: Floats, k: int) -> tuple[Ints, Ints, Floats]:
    """Return events, their k nearest neighbours, and how far each is one of them, 0 to 1."""
    tree = cKDTree(points)
    # As far as the k-th, and what rounding makes of one that is as far.
    reach = tree.query(points, k + 1)[0][:, -1] * (1 + 1e-12)
    lists = tree.query_ball_point(points, reach)
    of = np.repeat(np.arange(len(points)), [len(one) for one in lists])
    near = np.concatenate(lists).astype(np.intp)
    of, near = of[of != near], near[of != near]
    apart = np.linalg.norm(points[of] - points[near], axis=1)
    tied = apart >= reach[of] / (1 + 1e-12) * (1 - 1e-12)
    return of, near, _share(of, tied, k, len(points))


def _share(of: Ints, tied: NDArray[np.bool_], k: int, n: int) -> Floats:
    """Return 1 for what is nearer than the k-th, and for what is as far the share that is left."""
    nearer = np.bincount(of[~tied], minlength=n)
    ties = np.bincount(of[tied], minlength=n)
    left = (k - nearer) / np.maximum(ties, 1)
    share: Floats = np.where(tied, left[of], 1.0)
    return share


def _shared(near: tuple[Ints, Ints, Floats], days: Floats, orders: Ints, k: int) -> Floats:
    """Return how many neighbours in space are neighbours in time, for each order of the days."""
    of, to, share = near
    rising = np.sort(days)
    around = np.searchsorted(rising, days)[:, None] + np.arange(-k, k + 1)
    inside = (around >= 0) & (around < len(days))
    apart = np.abs(rising[np.clip(around, 0, len(days) - 1)] - days[:, None])
    # The event itself is among them, at 0; the k-th of the others is the next.
    reach = np.sort(np.where(inside, apart, np.inf), axis=1)[:, k]
    below = np.searchsorted(rising, days - reach, side="right")
    nearer = np.maximum(np.searchsorted(rising, days + reach) - below - 1, 0)
    within = np.searchsorted(rising, days + reach, side="right")
    within = within - np.searchsorted(rising, days - reach) - 1
    left = (k - nearer) / np.maximum(within - nearer, 1)
    found = np.empty(len(orders))
    for number, order in enumerate(orders):
        a = order[of]
        between = np.abs(days[a] - days[order[to]])
        time = np.where(between < reach[a], 1.0, np.where(between == reach[a], left[a], 0.0))
        found[number] = share @ time
    return found
