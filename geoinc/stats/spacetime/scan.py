"""The space-time permutation scan: where and when there were more events than chance gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.geodesy import disc, inverse
from geoinc.progress import watched
from geoinc.space import in_space
from geoinc.stats.events import Events, events_of
from geoinc.stats.plotting import SERIES, STANDS_OUT, captioned
from geoinc.stats.results import Result
from geoinc.stats.spacetime.event_maps import map_axes
from geoinc.stats.spacetime.knox_grid import dated, positions
from geoinc.stats.worlds import EventWorlds, Uncertainty, generator, worlds_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geoinc.stats.spacetime.compiled_scan import Discs
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Orders of days that are searched at once.
_ORDERS_AT_ONCE = 8
#: More neighbours than this, over all centres, do not fit into memory.
_MOST_NEIGHBOURS = 100_000_000
#: Distances that differ by less than this, in metres, are one: what rounding makes of them.
_SAME_M = 1e-3
#: Two clusters of different worlds are one where they share so many of their events.
_ALIKE = 0.5
#: Clusters that are named in a picture.
_MOST_NAMED = 8


@dataclass(frozen=True, eq=False, kw_only=True)
class Scan(Result):
    """The likeliest clusters in space and time.

    Parameters
    ----------
    value : float
        Logarithm of the likelihood ratio of the likeliest cluster (mean over possible worlds).
    interval : tuple of float, optional
        The middle 95 % of it over possible worlds; None where there is but one.
    p : float
        Monte Carlo, of a likeliest cluster as likely when the days are dealt out anew.
    p_gumbel : float
        The same from the Gumbel distribution that fits those: tells small p apart.
    clusters : pandas.DataFrame
        See `to_frame`.
    events : pandas.DataFrame
        One row an event: index the incident, ``cluster`` (row of `clusters`, -1 is none),
        ``longitude``, ``latitude``, ``day``, ``precise``.
    """

    p_gumbel: float
    clusters: pd.DataFrame
    events: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each cluster, the likeliest first.

        Returns
        -------
        pandas.DataFrame
            ``observed``, ``expected``, ``ratio`` of events; the disc, ``longitude``,
            ``latitude``, ``radius_m``; ``first_day``, ``last_day``; ``llr``, the logarithm of the
            likelihood ratio; ``p`` and ``p_gumbel``, adjusted for all that was looked at; ``share``
            of possible worlds that have a likely cluster with most of the same events.
        """
        return self.clusters.copy()

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the clusters with a p of 0.05 or less for the map, each as its disc."""
        table = self.clusters[self.clusters["p"] <= 0.05]
        # A disc of one place has no radius, and would not be seen.
        shapes = [
            disc(lon, lat, max(radius, 100.0))
            for lon, lat, radius in table[["longitude", "latitude", "radius_m"]].to_numpy()
        ]
        days = zip(table["first_day"], table["last_day"], strict=True)
        layer = gpd.GeoDataFrame(
            {
                "label": [f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" for first, last in days],
                "value": table["ratio"].to_numpy(),
                "low": np.nan,
                "high": np.nan,
            },
            geometry=gpd.GeoSeries(shapes, crs=4326),
        )
        layer.attrs = {
            "title": "Clusters in space and time",
            "unit": "times as many events as expected",
            "note": self.method,
        }
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the events and number the likeliest clusters in the order of `to_frame`.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.
        """
        table = self.events
        likely = self.clusters[self.clusters["p"] <= 0.05]
        ax = map_axes(ax, table["longitude"].to_numpy(), table["latitude"].to_numpy())
        inside = table["cluster"].isin(likely.index)
        for chosen, size, colour, label in (
            (~inside, 5, SERIES[4], "event"),
            (inside, 14, STANDS_OUT, "in a likely cluster"),
        ):
            part = table[chosen]
            ax.scatter(part["longitude"], part["latitude"], s=size, color=colour, label=label)
        for number, row in enumerate(likely.head(_MOST_NAMED).itertuples(), start=1):
            at = (row.longitude, row.latitude)
            ax.annotate(str(number), at, (7, 5), textcoords="offset points", fontweight="bold")
        return captioned(ax, self, title=f"{len(likely)} likely clusters, p = {self.p:.3g}")


def space_time_scan(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    max_distance_m: float = 20_000,
    max_days: int = 28,
    permutations: int = 999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 9,
    precise_m: float | None = None,
    rng: Rng | None = None,
) -> Scan:
    """Find where and when there were more events than what is usual there and then.

    Every disc around an event, over every span of days, is a cylinder; the likeliest is the one
    whose events are hardest to explain by how many there are in the disc at all times and in
    these days in all places.  It needs no figures of population.

    Parameters
    ----------
    source : Layers, GeoDataFrame, (longitude, latitude) or Events
        See `events_of`.  Events without a day are left out.
    role : {"launch", "target", "impact"}
        Which places of layers.
    window : Window, polygon or GeoDataFrame, optional
        Only events in it.
    max_distance_m : float
        Radius of the largest disc, metres, geodesic; none holds more than half of the events.
        The time goes with the square of how many events a disc holds.
    max_days : int
        Days of the longest cylinder.
    permutations : int
        How often the days are dealt out anew.
    uncertainty : {"propagate", "precise-only", "ignore"}
        What becomes of events known to an area, or to a month.
    samples : int
        How many possible worlds; all permutations are searched in each.
    precise_m : float, optional
        Events known better than this lie at the centre of their place; a quarter of
        `max_distance_m` by default.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    Scan
        Clusters in the past.  Those after the first share no event with a likelier one.

    Raises
    ------
    ValueError
        Where fewer than four events have a day, a limit is not above 0, or discs hold too much.
    ModuleNotFoundError
        Where numba is missing (the extra ``speed``).

    Notes
    -----
    The retrospective space-time permutation scan of Kulldorff and others, as in SaTScan:
    c events where mu = (in the disc) x (in the days) / n are expected have the ratio c log(c / mu)
    + (n - c) log((n - c) / (n - mu)).  Events at one distance enter a disc together.  p is
    (1 + b) / (1 + B) against the likeliest cylinder of each permutation, for
    clusters after the first as well, which errs on the side of caution.

    Over possible worlds the days are dealt out in the same way in each and the ratios
    averaged, for the data as for the permutations.  The clusters shown are those of the world most
    like the others.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import numpy as np
    >>> from geoinc import stats
    >>> rng = np.random.default_rng(1)
    >>> lon, lat, day = rng.uniform(42, 46, 200), rng.uniform(31, 35, 200), rng.integers(0, 365, 200)
    >>> lon[:10], lat[:10], day[:10] = 44.0, 33.0, rng.integers(100, 104, 10)
    >>> points = gpd.GeoDataFrame(
    ...     {"date": np.datetime64("2020-01-01") + day}, geometry=gpd.points_from_xy(lon, lat), crs=4326
    ... )
    >>> result = stats.space_time_scan(points, permutations=99, rng=1)
    >>> result.p
    0.01
    >>> result.clusters.loc[0, ["observed", "longitude", "latitude"]].tolist()
    [10.0, 44.0, 33.0]
    """
    if not max_distance_m > 0 or not max_days >= 1 or permutations < 1:
        msg = (
            f"max_distance_m={max_distance_m!r} must be above 0, max_days={max_days!r} and "
            f"permutations={permutations!r} 1 or more"
        )
        raise ValueError(msg)
    scale_m = max_distance_m / 4 if precise_m is None else precise_m
    events = dated(events_of(source, role=role, window=window), scale_m, max_days / 4)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    if worlds.events.n_imprecise == 0:
        worlds = replace(worlds, samples=1)
    events = worlds.events
    if (n := len(events)) < 4:
        msg = f"a scan needs four events with a place and a day at least, not {n}"
        raise ValueError(msg)
    found, maxima = [], []
    batches = range(0, permutations, _ORDERS_AT_ONCE)
    bar = watched(
        range(worlds.samples * len(batches)), "orders of days", worlds.samples * len(batches)
    )
    for world in worlds:
        spots = np.column_stack(positions(world, events, scale_m))
        searched = _Search(spots, np.floor(world.day), max_distance_m, max_days)
        found.append(searched.clusters())
        greatest = []
        for begin in batches:
            next(bar)
            numbers = range(begin, min(begin + _ORDERS_AT_ONCE, permutations))
            # The same orders in every world: events change their days, with all that is open.
            greatest.append(searched.simulated(worlds.seed, numbers))
        maxima.append(np.concatenate(greatest))
    bar.close()
    ratios = np.array([clusters[0].ratio if clusters else 0.0 for clusters in found])
    p, p_gumbel = _p_values(np.array([ratios.mean()]), np.mean(maxima, axis=0))
    shown = _most_alike(found)
    clusters = _table(found, shown, maxima)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Scan(
        value=float(ratios.mean()),
        interval=(float(low), float(high)) if worlds.samples > 1 else None,
        p=float(p[0]),
        p_gumbel=float(p_gumbel[0]),
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        seed=worlds.seed,
        method=_method(worlds, max_distance_m, max_days, permutations),
        warnings=worlds.warnings,
        clusters=clusters,
        events=_events_table(events, found[shown]),
    )


class _Cluster(NamedTuple):
    """A cylinder, and the events in it."""

    ratio: float
    members: Ints
    expected: float
    centre: Floats
    radius_m: float
    first_day: float
    last_day: float


class _Search:
    """The discs of a world, in which many orders of days are searched."""

    def __init__(self, spots: Floats, days: Floats, max_distance_m: float, max_days: int) -> None:
        self._spots = spots
        self._first = float(days.min())
        self._days = (days - self._first).astype(np.int32)
        span = int(self._days.max()) + 1
        per_day = np.bincount(self._days, minlength=span)
        self._before = np.concatenate([[0], np.cumsum(per_day)]).astype(np.int64)
        self._centres = np.unique(spots, axis=0)
        self._discs, self._apart_m = _discs(
            spots, self._centres, max_distance_m, min(max_days, span)
        )

    def simulated(self, seed: int, numbers: range) -> Floats:
        """Return the greatest ratio for each order of the days."""
        from geoinc.stats.spacetime.compiled_scan import greatest_ratios  # noqa: PLC0415  # an extra

        n = len(self._days)
        orders = np.stack(
            [self._days[generator(seed, number).permutation(n)] for number in numbers]
        )
        return np.asarray(greatest_ratios(self._discs, orders, self._before))

    def clusters(self) -> list[_Cluster]:
        """Return the likeliest cylinders that share no events, the likeliest first."""
        from geoinc.stats.spacetime.compiled_scan import Times, cylinders  # noqa: PLC0415  # an extra

        best = cylinders(self._discs, Times(self._days, self._before))
        taken = np.zeros(len(self._days), dtype=bool)
        found = []
        for centre in np.argsort(-best[:, 0], kind="stable"):
            ratio, inside, first, last = best[centre]
            if ratio <= 0:
                break
            start = self._discs.start[centre]
            near = self._discs.near[start : start + int(inside)]
            members = near[(self._days[near] >= first) & (self._days[near] <= last)]
            if taken[members].any():
                continue
            taken[members] = True
            during = self._before[int(last) + 1] - self._before[int(first)]
            found.append(
                _Cluster(
                    float(ratio),
                    members,
                    float(inside * during / len(self._days)),
                    self._centres[centre],
                    float(self._apart_m[start + int(inside) - 1]),
                    first + self._first,
                    last + self._first,
                )
            )
        return found


def _discs(
    spots: Floats, centres: Floats, max_distance_m: float, longest: int
) -> tuple[Discs, Floats]:
    """Return the events around each centre by their distance, and the distances."""
    try:
        from geoinc.stats.spacetime.compiled_scan import Discs  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        msg = "the scan needs numba: pip install 'geoinc[speed]'"
        raise ModuleNotFoundError(msg, name="numba") from error
    tree, points = cKDTree(in_space(spots)), in_space(centres)
    size = tree.query_ball_point(points, max_distance_m, return_length=True)
    if (total := int(size.sum())) > _MOST_NEIGHBOURS:
        msg = f"discs of {max_distance_m / 1000:g} km hold {total:,} events: give smaller ones"
        raise ValueError(msg)
    near = np.concatenate(tree.query_ball_point(points, max_distance_m)).astype(np.int64)
    of = np.repeat(np.arange(len(centres)), size)
    apart_m, _ = inverse(centres[of, 0], centres[of, 1], spots[near, 0], spots[near, 1])
    kept = apart_m <= max_distance_m
    of, near, apart_m = of[kept], near[kept], apart_m[kept]
    order = np.lexsort((near, apart_m, of))
    of, near, apart_m = of[order], near[order], apart_m[order]
    last = np.append((of[1:] > of[:-1]) | (np.diff(apart_m) > _SAME_M), True)
    start = np.searchsorted(of, np.arange(len(centres) + 1)).astype(np.int64)
    return Discs(near, start, last, longest, max(len(spots) // 2, 2)), apart_m


def _p_values(ratios: Floats, greatest: Floats) -> tuple[Floats, Floats]:
    """Return p of ratios by Monte Carlo and by Gumbel's distribution, fitted by its moments."""
    rising = np.sort(greatest)
    # What is equal but for rounding counts as equal.
    above = len(rising) - np.searchsorted(rising, ratios - 1e-9)
    scale = np.sqrt(6) / np.pi * rising.std()
    middle = rising.mean() - np.euler_gamma * scale
    gumbel = -np.expm1(-np.exp(np.clip((middle - ratios) / max(scale, 1e-12), -700, 700)))
    return (1 + above) / (1 + len(rising)), np.asarray(gumbel)


def _likeness(one: Ints, other: Ints) -> float:
    """Return the share of events of two clusters that both have."""
    both = len(np.intersect1d(one, other))
    return both / (len(one) + len(other) - both)


def _most_alike(found: list[list[_Cluster]]) -> int:
    """Return the number of the world whose likeliest cluster is most like those of the others."""
    first = [clusters[0].members if clusters else np.empty(0, dtype=np.int64) for clusters in found]
    alike = [sum(_likeness(one, other) for other in first if len(one)) for one in first]
    return int(np.argmax(alike))


def _table(found: list[list[_Cluster]], shown: int, maxima: list[Floats]) -> pd.DataFrame:
    """Return the clusters of the world that is shown, and how many worlds have them."""
    clusters = found[shown]
    p, p_gumbel = _p_values(np.array([one.ratio for one in clusters]), maxima[shown])
    likely = [
        [one.members for one in world if one.ratio >= np.quantile(greatest, 0.95)]
        for world, greatest in zip(found, maxima, strict=True)
    ]
    share = [
        np.mean(
            [any(_likeness(one.members, other) >= _ALIKE for other in world) for world in likely]
        )
        for one in clusters
    ]
    observed = np.array([len(one.members) for one in clusters], dtype=int)
    expected = np.array([one.expected for one in clusters])
    return pd.DataFrame(
        {
            "observed": observed,
            "expected": expected,
            "ratio": observed / expected,
            "longitude": [one.centre[0] for one in clusters],
            "latitude": [one.centre[1] for one in clusters],
            "radius_m": [one.radius_m for one in clusters],
            "first_day": _dates([one.first_day for one in clusters]),
            "last_day": _dates([one.last_day for one in clusters]),
            "llr": [one.ratio for one in clusters],
            "p": p,
            "p_gumbel": p_gumbel,
            "share": np.array(share, dtype=float),
        }
    )


def _dates(days: Any) -> Any:
    return np.asarray(days, dtype=float).astype("datetime64[D]").astype("datetime64[s]")


def _events_table(events: Events, clusters: list[_Cluster]) -> pd.DataFrame:
    cluster = np.full(len(events), -1)
    for number, one in enumerate(clusters):
        cluster[one.members] = number
    return pd.DataFrame(
        {
            "cluster": cluster,
            "longitude": events.longitude,
            "latitude": events.latitude,
            "day": _dates(np.floor(events.day)),
            "precise": events.precise,
        },
        index=pd.Index(events.key, name="incident"),
    )


def _method(worlds: EventWorlds, max_distance_m: float, max_days: int, permutations: int) -> str:
    method = (
        f"Space-time permutation scan, discs to {max_distance_m / 1000:g} km, {max_days} days, "
        f"{permutations} random orders of the days"
    )
    if worlds.samples > 1:
        method += f"; {worlds.samples} possible worlds"
    return method
