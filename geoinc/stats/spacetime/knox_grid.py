"""Knox: whether events near in space are near in time as well, more often than by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from scipy.special import chdtri, gammainc, gammaincinv  # type: ignore[import-untyped]

from geoinc.progress import watched
from geoinc.stats.events import Events, events_of, unweighted
from geoinc.stats.plotting import DIVERGING, axes_of, captioned, colours
from geoinc.stats.results import Result
from geoinc.stats.spacetime.knox_pairs import SpacePairs, batches_of, small_days, time_pairs
from geoinc.stats.worlds import EventWorlds, Uncertainty, worlds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geoinc.stats.spacetime.knox_pairs import Days
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: The interval of ratios holds so much.
_COVERAGE = 0.95


class CountedPairs(Protocol):
    """Pairs that are near in space, to be counted by how near they are in time: `SpacePairs`."""

    @property
    def totals(self) -> list[int]:
        """How many there are at one place, and in each band of distance."""

    def counts(self, days: Days, edges: Floats) -> Ints:
        """Count by distance and time, for each row of days."""

    def in_orders(
        self, days: Days, edges: Floats, *, seed: int, permutations: int
    ) -> Iterator[Ints]:
        """Count after the days were dealt out anew, some orders at a time."""

    def moments(self, days: Days, edges: Floats) -> tuple[Ints, Ints]:
        """Return how many pairs the events have, and the sum of the squares."""


class Bands(NamedTuple):
    """What a grid is counted in: upper edges, and from where on a place is its centre."""

    scale_m: float
    edges_m: Floats
    edges: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class KnoxGrid(Result):
    """Pairs of events by how near they are in space and time, beside what chance would give.

    Parameters
    ----------
    value : array of float
        Observed over expected pairs, a row for each band of distance (the first is one place), a
        column for each band of time.  1 is chance; NaN where nothing is expected.
    interval : tuple of two arrays
        Low and high of `value`, 95 %.
    p : float
        Of the whole grid: whether any cell has more pairs than chance (max-T).
    distances_m, days : array of float
        Upper edges of the bands.
    table : pandas.DataFrame
        One row a cell, see `to_frame`.
    """

    distances_m: Floats
    days: Floats
    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each cell of the grid.

        Returns
        -------
        pandas.DataFrame
            Columns ``distance`` and ``time`` (the band in words), ``above_m``, ``to_m``,
            ``above_days``, ``to_days``; ``observed`` and ``expected`` pairs (the mean over possible
            worlds); ``ratio``, ``low``, ``high``; ``p`` (Monte Carlo, of as many pairs or more),
            ``p_adjusted`` (for the number of cells, max-T), ``p_poisson``;
            ``precise_observed`` and ``precise_expected``, of the pairs that are known.
        """
        return self.table.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the grid: colour and figure the ratio, a star where p adjusted is 0.05 or less.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.

        Raises
        ------
        ModuleNotFoundError
            Where matplotlib is missing (the extra ``plot``).
        """
        ax = axes_of(ax)
        shape = self.value.shape
        ax.grid(visible=False)
        # A ratio of 2 is as far from 1 as one of a half.
        shown = np.log2(np.clip(np.nan_to_num(self.value, nan=1.0), 1 / 8, 8))
        ax.imshow(shown, cmap=colours(DIVERGING), vmin=-3, vmax=3, aspect="auto", origin="lower")
        cells = self.table.to_dict("records")
        for at, cell in zip(np.ndindex(shape), cells, strict=True):
            star = " *" if cell["p_adjusted"] <= 0.05 else ""
            text = (
                f"{cell['ratio']:.2f}{star}\n{_told(cell['observed'])} of {_told(cell['expected'])}"
            )
            text = "no pairs" if np.isnan(cell["ratio"]) else text
            strong = abs(shown[at]) > 2
            colour = "white" if strong else "black"
            ax.text(at[1], at[0], text, ha="center", va="center", fontsize=9, color=colour)
        ax.set_xticks(range(shape[1]), list(dict.fromkeys(self.table["time"])))
        ax.set_yticks(range(shape[0]), list(dict.fromkeys(self.table["distance"])))
        title = "Pairs of events: observed over expected"
        return captioned(ax, self, title=title, x="apart in time", y="apart in space")


def knox(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    distances_m: Sequence[float] = (5_000, 10_000, 20_000),
    days: Sequence[float] = (7, 14, 28),
    permutations: int = 999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    precise_m: float | None = None,
    rng: Rng | None = None,
) -> KnoxGrid:
    """Test whether events near in space are near in time as well, on a grid of bands.

    The days are dealt out anew among the events, which keeps where and when attacks were common
    and takes away only what ties the one to the other.

    Parameters
    ----------
    source : Layers, GeoDataFrame, (longitude, latitude) or Events
        See `events_of`.  Events without a day are left out.
    role : {"launch", "target", "impact"}
        Which places of layers.
    window : Window, polygon or GeoDataFrame, optional
        Only events in it.
    distances_m : sequence of float
        Upper edges of the bands of distance, metres, geodesic.  Events at one place are a
        band of their own before the first.
    days : sequence of float
        Upper edges of the bands of time; the first holds the same day too.
    permutations : int
        How often the days are dealt out.
    uncertainty : {"propagate", "precise-only", "ignore"}
        What becomes of events known to an area, or to a month.
    samples : int
        How many possible worlds.
    precise_m : float, optional
        Events known better than this are taken to lie at the centre of their place, the same
        for all that name it; the smallest of `distances_m` by default.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    KnoxGrid
        Of incidents that have happened: how many more pairs there were than chance gives.
        It says nothing of what comes.

    Raises
    ------
    ValueError
        Where fewer than three events have a day, or edges do not rise.

    Notes
    -----
    Knox's statistic on a grid of bands, as in Ratcliffe's Near Repeat Calculator.  p is one-sided,
    of as many pairs or more, (1 + b) / (1 + B); ``p_poisson`` is P(X >= observed).

    Of events known to an area, possible worlds are drawn, and the days are
    dealt out in the same way in each, so the test stays valid.  But places drawn without
    regard to each other hide what ties them: the mean over worlds is drawn
    towards 1.  The ratio is therefore that of the pairs both of which are known precisely, and
    its interval reaches from what the worlds give to what the precise pairs leave open: it
    holds if events are imprecise for reasons that have nothing to do with their neighbours, and
    also if none of the imprecise has a near neighbour.  Events come in chains, and pairs
    that share an event are no independent news: the interval is that of
    a Poisson count widened by how uneven the pairs lie on events.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import numpy as np
    >>> from geoinc import stats
    >>> rng = np.random.default_rng(1)
    >>> lon, lat, day = rng.uniform(42, 46, 200), rng.uniform(31, 35, 200), rng.integers(0, 365, 200)
    >>> lon, lat = np.append(lon, lon + 0.01), np.append(lat, lat)  # each followed by another
    >>> day = np.append(day, day + rng.integers(1, 7, 200))
    >>> points = gpd.GeoDataFrame(
    ...     {"date": np.datetime64("2020-01-01") + day}, geometry=gpd.points_from_xy(lon, lat), crs=4326
    ... )
    >>> result = stats.knox(points, rng=1)
    >>> result.p
    0.001
    >>> result.table.loc[3, ["distance", "time"]].tolist(), int(result.table.loc[3, "observed"])
    (['to 5 km', 'to 7 days'], 200)
    """
    bands = bands_of(distances_m, days, precise_m)
    events = events_of(source, role=role, window=window)
    worlds = worlds_of(
        dated(events, bands.scale_m, bands.edges[0]), uncertainty, samples=samples, rng=rng
    )
    return knox_of(worlds, bands, permutations, SpacePairs.of)


def knox_of(
    worlds: EventWorlds, bands: Bands, permutations: int, pairs_of: Callable[..., CountedPairs]
) -> KnoxGrid:
    """Return what `knox` does, of worlds.

    Parameters
    ----------
    worlds : EventWorlds
        Of events that have a day.
    bands : Bands
        What the grid is counted in.
    permutations : int
        How often the days are dealt out.
    pairs_of : callable
        Takes longitudes, latitudes, numbers of places and edges, as `SpacePairs.of`.

    Raises
    ------
    ValueError
        As `knox`.
    """
    if permutations < 1:
        msg = f"permutations={permutations!r} is less than 1"
        raise ValueError(msg)
    if worlds.events.n_imprecise == 0:
        worlds = replace(worlds, samples=1)
    events = worlds.events
    n = len(events)
    if n < 3:
        msg = f"Knox needs three events with a place and a day at least, not {n}"
        raise ValueError(msg)
    observed, expected, simulated = _in_worlds(worlds, bands, permutations, pairs_of)
    p, adjusted, whole = _p_values(observed.sum(axis=0), expected.sum(axis=0), simulated)
    known = events.where(events.precise) if worlds.samples > 1 else events
    ratio, low, high, few = _ratios(known, observed, expected, bands, pairs_of)
    mean, chance = observed.mean(axis=0), expected.mean(axis=0)
    least = np.ceil(mean)
    poisson = np.where(least > 0, gammainc(np.maximum(least, 1), chance), 1.0)
    cells = {
        "observed": mean,
        "expected": chance,
        "ratio": ratio,
        "low": low,
        "high": high,
        "p": p,
        "p_adjusted": adjusted,
        "p_poisson": poisson,
        "precise_observed": few[0],
        "precise_expected": few[1],
    }
    table = _bands(bands.edges_m, bands.edges).assign(
        **{name: cell.ravel() for name, cell in cells.items()}
    )
    warnings = list(worlds.warnings)
    if expected[:, 1:].sum() == 0:
        warnings.append(
            "no two events at different places are as near as the bands: see distances_m"
        )
    return KnoxGrid(
        value=ratio,
        interval=(low, high),
        p=whole,
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        seed=worlds.seed,
        method=_method(worlds, permutations),
        warnings=tuple(warnings),
        distances_m=bands.edges_m,
        days=bands.edges,
        table=table,
    )


def bands_of(distances_m: Sequence[float], days: Sequence[float], precise_m: float | None) -> Bands:
    """Return the bands of a grid, or say what is wrong with them.

    Parameters
    ----------
    distances_m, days, precise_m
        As of `knox`.

    Raises
    ------
    ValueError
        Where edges do not rise.
    """
    edges_m, edges = rising_edges(distances_m, "distances_m"), rising_edges(days, "days")
    return Bands(float(edges_m[0]) if precise_m is None else precise_m, edges_m, edges)


def dated(events: Events, precise_m: float, precise_days: float) -> Events:
    """Return the events that have a day, precise where place and day are known to a scale.

    Parameters
    ----------
    events : Events
        From `events_of`; those that were made for another scale are told anew.
    precise_m, precise_days : float
        The scale of the statistic, metres and days.
    """
    events = unweighted(events)
    known = np.isfinite(events.day)
    notes = events.notes
    if not known.all():
        notes = (*notes, *without_day(int((~known).sum()), len(events)))
        events = events.where(known)
    short = events.last_day - events.first_day <= precise_days
    return replace(events, precise=(events.uncertainty_m <= precise_m) & short, notes=notes)


def without_day(count: int, among: int) -> tuple[str, ...]:
    """Return what is said of events that have no day; nothing of none."""
    return (f"{count} of {among} events have no day and are left out",) if count else ()


def same_places(events: Events, scale_m: float) -> Ints:
    """Return the number of the place of each event: one for all that are known to lie at it.

    Parameters
    ----------
    events : Events
        From `events_of`.
    scale_m : float
        Events known no better than this are each at a place of their own.
    """
    spots = events.longitude + 1j * events.latitude
    place = np.unique(spots, return_inverse=True)[1].ravel()
    own = np.flatnonzero(events.uncertainty_m > scale_m)
    place[own] = place.max(initial=-1) + 1 + np.arange(len(own))
    return np.asarray(np.unique(place, return_inverse=True)[1].ravel())


def positions(world: Events, events: Events, scale_m: float) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes: drawn for what is known no better than the scale."""
    known = events.uncertainty_m <= scale_m
    return (
        np.where(known, events.longitude, world.longitude),
        np.where(known, events.latitude, world.latitude),
    )


def _in_worlds(
    worlds: EventWorlds, bands: Bands, permutations: int, pairs_of: Callable[..., CountedPairs]
) -> tuple[Ints, Floats, Ints]:
    """Return observed and expected pairs in each world, and of each order of days their sum."""
    place = same_places(worlds.events, bands.scale_m)
    observed, expected = [], []
    simulated = np.zeros((permutations, len(bands.edges_m) + 1, len(bands.edges)), dtype=np.intp)
    n = len(worlds.events)
    batches = batches_of(permutations)
    steps = worlds.samples * len(batches)
    bar = watched(range(steps), "orders of days", steps)
    for world in worlds:
        days = small_days(world.day)
        space = pairs_of(*positions(world, worlds.events, bands.scale_m), place, bands.edges_m)
        observed.append(space.counts(days[None], bands.edges)[0])
        pairs = n * (n - 1) / 2
        expected.append(np.outer(space.totals, time_pairs(world.day, bands.edges)) / pairs)
        # The same orders in every world: events change their days, with all that is open.
        counted = space.in_orders(days, bands.edges, seed=worlds.seed, permutations=permutations)
        for numbers, count in zip(batches, counted, strict=True):
            next(bar)
            simulated[numbers.start : numbers.stop] += count
    bar.close()
    return np.array(observed), np.array(expected), simulated


def _p_values(observed: Ints, expected: Floats, simulated: Ints) -> tuple[Floats, Floats, float]:
    """Return p of each cell, the same adjusted for their number, and that of the whole grid."""
    count = len(simulated)
    p = (1 + (simulated >= observed).sum(axis=0)) / (1 + count)
    spread = simulated.std(axis=0)
    usable = spread > 0
    if not usable.any():
        return p, np.ones_like(p), 1.0
    scaled = (simulated - expected)[:, usable] / spread[usable]
    greatest = np.sort(scaled.max(axis=1))
    # What is equal but for rounding counts as equal.
    own = (observed - expected)[usable] / spread[usable] - 1e-9
    adjusted = np.ones_like(p)
    adjusted[usable] = (1 + count - np.searchsorted(greatest, own)) / (1 + count)
    return p, adjusted, float(adjusted.min())


def _ratios(
    known: Events,
    observed: Ints,
    expected: Floats,
    bands: Bands,
    pairs_of: Callable[..., CountedPairs],
) -> tuple[Floats, Floats, Floats, tuple[Floats, Floats]]:
    """Return ratio, low and high, and observed and expected pairs of the precise events."""
    if len(known) < 2:
        nothing = np.zeros(observed.shape[1:])
        few, chance, spread = nothing, nothing, nothing
    else:
        few, chance, spread = _counted(known, bands, pairs_of)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = few / chance
        low, high = ratio_interval(few, chance, spread)
        if len(observed) > 1:
            imputed = np.where(expected > 0, observed / expected, np.nan)
            imputed[:, ~(expected > 0).any(axis=0)] = 1.0
            tails = [(1 - _COVERAGE) / 2, (1 + _COVERAGE) / 2]
            least, most = np.nanquantile(imputed, tails, axis=0)
            ratio = np.where(chance > 0, ratio, observed.mean(axis=0) / expected.mean(axis=0))
            low, high = np.fmin(low, least), np.fmax(high, most)
    # Where nothing is expected, nothing is known.
    unknown = np.isnan(ratio)
    low, high = np.where(unknown, 0.0, low), np.where(unknown, np.inf, high)
    return ratio, low, high, (few, chance)


def _counted(
    events: Events, bands: Bands, pairs_of: Callable[..., CountedPairs]
) -> tuple[Floats, Floats, Floats]:
    """Return observed and expected pairs of events at their centres, and the variance."""
    place = same_places(events, bands.scale_m)
    space = pairs_of(events.longitude, events.latitude, place, bands.edges_m)
    once, squared = space.moments(small_days(events.day), bands.edges)
    n, count = len(events), once / 2
    expected = np.outer(space.totals, time_pairs(events.day, bands.edges)) / (n * (n - 1) / 2)
    # Every pair varies, and pairs that share an event vary together.
    spread = squared - once / n * once - count
    return count, expected, np.maximum(spread, count)


def ratio_interval(observed: Floats, expected: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % interval of observed over expected: Poisson's exact, widened by dispersion.

    Parameters
    ----------
    observed, expected : array of float
        Counts.
    variance : array of float
        Of the observed; a Poisson count has its mean as variance.
    """
    tail = (1 - _COVERAGE) / 2
    wide = np.where(observed > 0, variance / np.maximum(observed, 1e-300), 1.0)
    effective = observed / wide
    low = np.where(observed > 0, gammaincinv(effective, tail) * wide, 0.0)
    high = chdtri(2 * effective + 2, tail) / 2 * wide
    return low / expected, high / expected


def _bands(edges_m: Floats, edges: Floats) -> pd.DataFrame:
    """Return the bands of the grid in figures and words, one row a cell."""
    above_m, to_m = np.concatenate([[0, 0], edges_m[:-1]]), np.concatenate([[0], edges_m])
    above, to = np.concatenate([[0], edges[:-1]]), edges
    where = ["same place", f"to {edges_m[0] / 1000:g} km"]
    where += [f"{a / 1000:g} to {b / 1000:g} km" for a, b in pairwise(edges_m)]
    when = [f"to {edges[0]:g} days"]
    when += [f"{a:g} to {b:g} days" for a, b in pairwise(edges)]
    rows = len(to_m)
    return pd.DataFrame(
        {
            "distance": np.repeat(where, len(to)),
            "time": np.tile(when, rows),
            "above_m": np.repeat(above_m, len(to)),
            "to_m": np.repeat(to_m, len(to)),
            "above_days": np.tile(above, rows),
            "to_days": np.tile(to, rows),
        }
    )


def rising_edges(values: Sequence[float], name: str) -> Floats:
    """Return edges of bands as an array, or say what is wrong with them.

    Parameters
    ----------
    values : sequence of float
        Upper edges.
    name : {"distances_m", "days"}
        Which.
    """
    edges = np.atleast_1d(np.asarray(values, dtype=float))
    if len(edges) == 0 or not (np.diff(edges) > 0).all() or not (edges >= 0).all():
        msg = f"{name}={values!r} are not upper edges of bands: numbers from 0 that rise"
        raise ValueError(msg)
    if name == "distances_m" and edges[0] == 0:
        msg = "distances_m starts with 0: events at one place are a band of their own already"
        raise ValueError(msg)
    return edges


def _told(count: float) -> str:
    """Return a number of pairs as a reader wants it: whole where it is large."""
    return f"{count:,.0f}" if count >= 100 else f"{count:.3g}"


def _method(worlds: EventWorlds, permutations: int) -> str:
    method = (
        f"Knox test, {permutations} random orders of the days, geodesic distances; p one-sided "
        "(as many pairs or more)"
    )
    if worlds.samples > 1:
        method += (
            f"; {worlds.samples} possible worlds; ratio of the precise pairs, its interval also "
            "holding what the worlds give"
        )
    return method
