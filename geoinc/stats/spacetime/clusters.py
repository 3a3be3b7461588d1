"""ST-DBSCAN: events that lie close together in space and time, as clusters of any shape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.geodesy import disc
from geoinc.progress import watched
from geoinc.space import degrees_of, ground_m, in_space
from geoinc.stats.events import events_of
from geoinc.stats.plotting import SERIES, captioned
from geoinc.stats.results import Result
from geoinc.stats.spacetime.event_maps import map_axes
from geoinc.stats.spacetime.knox_grid import dated, positions
from geoinc.stats.spacetime.nearby import bands_of, pairs_about
from geoinc.stats.worlds import Uncertainty, worlds_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: More pairs of neighbours than this do not fit into memory.
_MOST_PAIRS = 150_000_000
#: Events are of one cluster where they are so in at least this share of possible worlds.
_MAJORITY = 0.5
#: An event that is in a cluster in so many worlds is surely in it.
_SURELY = 0.95


@dataclass(frozen=True, eq=False, kw_only=True)
class SpaceTimeClusters(Result):
    """Clusters of events in space and time.

    Parameters
    ----------
    value : int
        How many clusters there are, by the majority of possible worlds.
    interval : tuple of float, optional
        The middle 95 % of how many there are in a world; None where there is but one world.
    events : pandas.DataFrame
        One row an event: index the incident, ``cluster`` (-1 is none), ``share`` (of possible
        worlds in which it is in a cluster), ``longitude``, ``latitude``, ``day``, ``precise``.
    clusters : pandas.DataFrame
        One row a cluster, see `to_frame`.
    together : pandas.DataFrame, optional
        One row a pair of events: index ``incident`` and ``other``, ``share`` of the possible worlds in
        which they are neighbours in one cluster, those most sure first; pairs that never
        are have no row.  None where there is but one world.
    """

    events: pd.DataFrame
    clusters: pd.DataFrame
    together: pd.DataFrame | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each cluster, in the order of their first days.

        Returns
        -------
        pandas.DataFrame
            ``events``, ``surely`` (those in a cluster in 95 % of worlds), ``first_day``,
            ``last_day``, and a circle that holds the centres: ``longitude`` and ``latitude`` of their
            mean, ``radius_m``.
        """
        return self.clusters.copy()

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the clusters for the map, each a circle around the centres of its events.

        Returns
        -------
        geopandas.GeoDataFrame
            ``value`` is how many events, ``low`` how many of them surely.
        """
        table = self.clusters
        shapes = [
            disc(lon, lat, max(radius, 100.0))
            for lon, lat, radius in table[["longitude", "latitude", "radius_m"]].to_numpy()
        ]
        days = zip(table["first_day"], table["last_day"], strict=True)
        layer = gpd.GeoDataFrame(
            {
                "label": [f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" for first, last in days],
                "value": table["events"].to_numpy(),
                "low": table["surely"].to_numpy(),
                "high": table["events"].to_numpy(),
            },
            geometry=gpd.GeoSeries(shapes, crs=4326),
        )
        layer.attrs = {"title": "Clusters of events", "unit": "events", "note": self.method}
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the events, those of a cluster in its colour.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.
        """
        table = self.events
        ax = map_axes(ax, table["longitude"].to_numpy(), table["latitude"].to_numpy())
        alone, inside = table[table["cluster"] < 0], table[table["cluster"] >= 0]
        ax.scatter(alone["longitude"], alone["latitude"], s=5, color=SERIES[4], label="in none")
        # Neighbouring numbers differ in colour; there are too many clusters for one each.
        colour = np.array(SERIES[:4])[inside["cluster"] % 4]
        ax.scatter(inside["longitude"], inside["latitude"], s=14, c=colour)
        return captioned(ax, self, title=f"{self.value} clusters in space and time")


def st_dbscan(
    source: Any,
    *,
    distance_m: float,
    days: float,
    min_events: int = 5,
    role: str = "target",
    window: Any = None,
    uncertainty: Uncertainty = "propagate",
    samples: int = 99,
    precise_m: float | None = None,
    rng: Rng | None = None,
) -> SpaceTimeClusters:
    """Find clusters of events that lie close together in space and time.

    Parameters
    ----------
    source : Layers, GeoDataFrame, (longitude, latitude) or Events
        See `events_of`.  Events without a day are left out.
    distance_m : float
        Neighbours are no farther, metres, geodesic.
    days : float
        Neighbours are no more days apart.
    min_events : int
        An event with so many neighbours, itself counted, is the core of a cluster.
    role : {"launch", "target", "impact"}
        Which places of layers.
    window : Window, polygon or GeoDataFrame, optional
        Only events in it.
    uncertainty : {"propagate", "precise-only", "ignore"}
        What becomes of events known to an area, or to a month.
    samples : int
        How many possible worlds.
    precise_m : float, optional
        Events known better than this lie at the centre of their place; `distance_m` by default.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    SpaceTimeClusters
        Clusters say that events lie close together, not that this is more than chance: see `knox`
        and `scan`.

    Raises
    ------
    ValueError
        Where a threshold is not above 0 (days: below 0), or neighbours are too many.

    Notes
    -----
    DBSCAN with neighbours in a cylinder.  An event at the border of several
    clusters goes with its nearest core event, distance and days each measured by its threshold, so
    the answer does not depend on the order of rows.  Over possible worlds two
    neighbours are of one cluster where they are in at least half of the worlds.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from geoinc import stats
    >>> points = gpd.GeoDataFrame(
    ...     {"date": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-04", "2020-06-01"])},
    ...     geometry=gpd.points_from_xy([44.0, 44.01, 44.02, 44.0], [33.0] * 4),
    ...     crs=4326,
    ... )
    >>> result = stats.st_dbscan(points, distance_m=2_000, days=7, min_events=3)
    >>> result.events["cluster"].tolist()
    [0, 0, 0, -1]
    """
    if not distance_m > 0 or not days >= 0 or min_events < 2:
        msg = (
            f"distance_m={distance_m!r} must be above 0, days={days!r} 0 or more, "
            f"min_events={min_events!r} 2 or more"
        )
        raise ValueError(msg)
    scale_m = distance_m if precise_m is None else precise_m
    events = dated(events_of(source, role=role, window=window), scale_m, days)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    if worlds.events.n_imprecise == 0:
        worlds = replace(worlds, samples=1)
    events = worlds.events
    if len(events) == 0:
        msg = "there are no events with a place and a day"
        raise ValueError(msg)
    found = []
    bar = watched(range(worlds.samples), "possible worlds", worlds.samples)
    for world in worlds:
        next(bar)
        spots = np.column_stack(positions(world, events, scale_m))
        near = _neighbours(spots, world.day, distance_m, days)
        found.append((_labels(near, len(events), min_events), near))
    bar.close()
    labels = [label for label, _ in found]
    counts = [int(label.max(initial=-1)) + 1 for label in labels]
    together = None
    if len(found) == 1:
        cluster = labels[0]
    else:
        pairs, share = _together(found, len(events))
        cluster = _majority(pairs[share >= _MAJORITY], len(events), min_events)
        together = _told(pairs, share, events.key)
    table = pd.DataFrame(
        {
            "cluster": cluster,
            "share": np.mean([label >= 0 for label in labels], axis=0),
            "longitude": events.longitude,
            "latitude": events.latitude,
            "day": np.floor(events.day).astype("datetime64[D]").astype("datetime64[s]"),
            "precise": events.precise,
        },
        index=pd.Index(events.key, name="incident"),
    )
    clusters, order = _described(table)
    table["cluster"] = np.append(order, -1)[cluster]
    low, high = np.quantile(counts, [0.025, 0.975])
    method = f"ST-DBSCAN, {distance_m / 1000:g} km, {days:g} days, {min_events} events"
    if worlds.samples > 1:
        method += f"; {worlds.samples} possible worlds, clusters by their majority"
    return SpaceTimeClusters(
        value=len(clusters),
        interval=(float(low), float(high)) if worlds.samples > 1 else None,
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        seed=worlds.seed,
        method=method,
        warnings=worlds.warnings,
        events=table,
        clusters=clusters,
        together=together,
    )


class _Near(NamedTuple):
    """Pairs of neighbours, and how near they are: 0 is the same, beyond 2 none is."""

    first: Ints
    second: Ints
    apart: Floats


def _neighbours(spots: Floats, day: Floats, distance_m: float, days: float) -> _Near:
    points = in_space(spots)
    # Events of one day only are half a day from any other; else the days are the measure.
    measure = days if days > 0 else 0.5
    # Space and time at once: of what is near in space alone there may be very much.
    tree = cKDTree(np.column_stack([points / distance_m, day / measure]))
    reach = 1 + 1e-9
    if pairs_about(tree, reach, p=np.inf) > _MOST_PAIRS:
        msg = (
            f"more than {_MOST_PAIRS:,} pairs of events are within {distance_m:g} m and {days:g} "
            "days of each other: give shorter ones"
        )
        raise ValueError(msg)
    first, second = tree.query_pairs(reach, p=np.inf, output_type="ndarray").T
    between = np.abs(day[first] - day[second])
    near = between <= days
    near[near] = bands_of(spots, points, first[near], second[near], np.array([distance_m])) == 0
    first, second, between = first[near], second[near], between[near]
    straight = np.sqrt(((points[first] - points[second]) ** 2).sum(axis=1))
    apart = (ground_m(straight) / distance_m) ** 2 + (between / measure) ** 2
    return _Near(first, second, apart)


def _labels(near: _Near, n: int, min_events: int) -> Ints:
    """Return the number of the cluster of each event, -1 for none."""
    degree = np.bincount(near.first, minlength=n) + np.bincount(near.second, minlength=n)
    core = degree + 1 >= min_events
    inner = core[near.first] & core[near.second]
    component = _components(near.first[inner], near.second[inner], n)
    label = np.full(n, -1, dtype=np.intp)
    label[core] = np.unique(component[core], return_inverse=True)[1]
    for border, other in ((near.first, near.second), (near.second, near.first)):
        edge = core[other] & ~core[border]
        if not edge.any():
            continue
        # Of each event at a border the nearest core, and of equally near ones the first cluster.
        order = np.lexsort((label[other[edge]], near.apart[edge], border[edge]))
        of, at = border[edge][order], label[other[edge]][order]
        first = np.unique(of, return_index=True)[1]
        label[of[first]] = at[first]
    return label


def _components(first: Ints, second: Ints, n: int) -> Ints:
    links = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1])


def _together(found: list[tuple[Ints, _Near]], n: int) -> tuple[Ints, Floats]:
    """Return pairs of neighbours that are of one cluster in some world, and in which share of them."""
    together = []
    for label, near in found:
        same = (label[near.first] == label[near.second]) & (label[near.first] >= 0)
        low = np.minimum(near.first[same], near.second[same])
        together.append(low * n + near.first[same] + near.second[same] - low)
    pair, count = np.unique(np.concatenate(together), return_counts=True)
    return np.column_stack(np.divmod(pair, n)), count / len(found)


def _told(pairs: Ints, share: Floats, key: NDArray[np.object_]) -> pd.DataFrame:
    order = np.argsort(-share, kind="stable")
    names = [key[side] for side in pairs[order].T]
    index = pd.MultiIndex.from_arrays(names, names=["incident", "other"])
    return pd.DataFrame({"share": share[order]}, index=index)


def _majority(pairs: Ints, n: int, min_events: int) -> Ints:
    """Return the clusters that pairs make."""
    component = _components(pairs[:, 0], pairs[:, 1], n)
    size = np.bincount(component)
    kept = size[component] >= min_events
    label = np.full(n, -1, dtype=np.intp)
    label[kept] = np.unique(component[kept], return_inverse=True)[1]
    return label


def _described(table: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Return one row a cluster by their first days, and the new number of each."""
    members = table[table["cluster"] >= 0]
    of = members["cluster"].to_numpy()
    n = int(of.max(initial=-1)) + 1
    size = np.bincount(of, minlength=n)
    points = in_space(members[["longitude", "latitude"]].to_numpy())
    middle = np.column_stack(
        [np.bincount(of, points[:, i], minlength=n) / size for i in range(3)]
    ).reshape(n, 3)
    away = np.linalg.norm(points - middle[of], axis=1)
    radius = np.zeros(n)
    np.maximum.at(radius, of, away)
    spots = degrees_of(middle)
    days = members.groupby("cluster")["day"]
    clusters = pd.DataFrame(
        {
            "events": size,
            "surely": np.bincount(of[members["share"] >= _SURELY], minlength=n),
            "first_day": days.min(),
            "last_day": days.max(),
            "longitude": spots[:, 0],
            "latitude": spots[:, 1],
            "radius_m": ground_m(radius),
        }
    )
    clusters = clusters.sort_values(["first_day", "last_day", "longitude", "latitude"])
    order = np.empty(n, dtype=np.intp)
    order[clusters.index.to_numpy(dtype=np.intp)] = np.arange(n)
    return clusters.reset_index(drop=True), order
