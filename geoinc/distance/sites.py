"""Which sites are near: the matrix of distances, the nearest, and those within a distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geoinc.distance.spread import DRAWS, lattice, positions
from geoinc.distance.tables import coordinates, on_earth
from geoinc.geodesy import inverse
from geoinc.progress import watched
from geoinc.space import ground_bounds_m, ground_m, in_space, straight_m
from geoinc.uncertainty import Areas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.schema import Layers

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: How many distances are held in memory at once, beside the result.
_BLOCK = 1_000_000


class PlacedRows(NamedTuple):
    """The rows of a layer that have a place, and the places they name."""

    labels: pd.Index
    placed: Ints  # positions of the rows that have a place
    which: Ints  # which of the places each of them names
    named: Ints  # positions of these places in the table of all
    places: pd.DataFrame


class NearSites(NamedTuple):
    """The nearest sites of each place, nearest first; the distance is NaN where it is too far."""

    site: Ints
    away_m: Floats
    chance: Floats

    def of(self, places: Ints) -> NearSites:
        """Return those of some of the places, by their positions."""
        return NearSites(self.site[places], self.away_m[places], self.chance[places])


def distance_matrix(layers: Layers, sites: pd.DataFrame, *, role: str = "target") -> pd.DataFrame:
    """Measure from every row of a layer to every site.

    Parameters
    ----------
    layers : Layers
        From `locate` or `layers_from_coordinates`.
    sites : pandas.DataFrame
        Columns ``longitude`` and ``latitude`` in degrees (`Layers.places` has
        them), or a GeoDataFrame of points.
    role : {"launch", "target", "impact"}
        Which layer.

    Returns
    -------
    pandas.DataFrame
        Metres between the centres, geodesic on WGS84: one row per row of the
        layer, one column per site; NaN where a row has no place.  Beside the
        result itself, 8 bytes a distance, memory does not grow with the tables.

    Raises
    ------
    ValueError
        Where a site is not on earth, or there is none.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"longitude": [44.0], "latitude": [33.0]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=500)
    >>> sites = pd.DataFrame({"longitude": [44.0, 45.0], "latitude": [34.0, 33.0]}, index=["a", "b"])
    >>> gi.distance_matrix(layers, sites).round().to_numpy().tolist()
    [[110913.0, 93453.0]]
    """
    rows, spots = rows_of(layers.layer(role), layers.places), _spots(sites)
    centre = _centres(rows.places)
    values = np.full((len(rows.labels), len(spots)), np.nan)
    # Rows of one place lie together, so that each place is measured once.
    order = np.argsort(rows.which, kind="stable")
    blocks = np.split(
        order, np.arange(_BLOCK // len(spots) + 1, len(order), _BLOCK // len(spots) + 1)
    )
    for block in watched(blocks, "measuring", len(blocks)):
        named, which = np.unique(rows.which[block], return_inverse=True)
        away_m, _ = inverse(centre[named, :1], centre[named, 1:], *spots.T)
        values[rows.placed[block]] = away_m[which]
    return pd.DataFrame(values, index=rows.labels, columns=sites.index)


def within(
    layers: Layers, sites: pd.DataFrame, distance_m: float, *, role: str = "target"
) -> pd.DataFrame:
    """Return how probable it is that rows of a layer lie within a distance of sites.

    Parameters
    ----------
    layers : Layers
        From `locate` or `layers_from_coordinates`.
    sites : pandas.DataFrame
        As in `distance_matrix`; their centres count.
    distance_m : float
        Metres, more than 0.
    role : {"launch", "target", "impact"}
        Which layer.

    Returns
    -------
    pandas.DataFrame
        Probabilities, 0 to 1: one row per row of the layer, one column per
        site; NaN where a row has no place.  0 and 1 are certain if the place is
        right; between them every position in the area is taken as as likely as
        any other (see `distances`), in steps of 1/128.

    Raises
    ------
    ValueError
        Where the distance is not more than 0, a site is not on earth, or there is none.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"longitude": [44.0, 44.1], "latitude": [33.0, 33.0]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=5000)
    >>> sites = pd.DataFrame({"longitude": [44.0], "latitude": [33.0]}, index=["a"])
    >>> gi.within(layers, sites, 6000)["a"].round(1).to_list()
    [1.0, 0.1]
    """
    if not distance_m > 0:
        msg = f"distance_m={distance_m!r} is not more than 0"
        raise ValueError(msg)
    rows, spots = rows_of(layers.layer(role), layers.places), _spots(sites)
    centre = _centres(rows.places)
    extent_m = rows.places["uncertainty_m"].to_numpy(dtype=float)
    here, ends = in_space(centre), in_space(spots)
    chances = np.empty((len(centre), len(spots)))
    open_pairs = [np.empty((0, 2), dtype=np.intp)]
    step = max(1, _BLOCK // len(spots))
    for start in range(0, len(centre), step):
        some = slice(start, start + step)
        reach_m = extent_m[some, None]
        # Straight distances decide nearly all, many times faster than geodesics.
        least, most = ground_bounds_m(straight_m(here[some], ends))
        chances[some] = most + reach_m <= distance_m - 1
        unsure = (least - reach_m <= distance_m + 1) & (chances[some] == 0)
        open_pairs.append(np.argwhere(unsure) + np.array([start, 0]))
    place, site = np.concatenate(open_pairs).T
    away_m, _ = inverse(*centre[place].T, *spots[site].T)
    chances[place, site] = away_m + extent_m[place] <= distance_m
    unsure = np.abs(away_m - distance_m) < extent_m[place]
    place, site = place[unsure], site[unsure]
    areas = Areas(rows.places)
    for start in range(0, len(place), _BLOCK // DRAWS):
        some = slice(start, start + _BLOCK // DRAWS)
        named, which = np.unique(place[some], return_inverse=True)
        drawn = positions(areas, named, lattice(4))[which]
        apart = np.sqrt(((drawn - ends[site[some], None]) ** 2).sum(axis=2))
        chances[place[some], site[some]] = (ground_m(apart) <= distance_m).mean(axis=1)
    return _table(rows, chances, sites.index)


def nearest(
    layers: Layers,
    sites: pd.DataFrame,
    *,
    k: int = 1,
    max_distance_m: float | None = None,
    role: str = "target",
) -> pd.DataFrame:
    """Find the sites that are nearest to each row of a layer.

    Parameters
    ----------
    layers : Layers
        From `locate` or `layers_from_coordinates`.
    sites : pandas.DataFrame
        As in `distance_matrix`; their centres count.
    k : int
        How many sites for each row; fewer where there are fewer.
    max_distance_m : float, optional
        Sites farther than this, in metres, are left out.
    role : {"launch", "target", "impact"}
        Which layer.

    Returns
    -------
    pandas.DataFrame
        Index ``row``, ordered as the layer, nearest first: ``rank`` (1 is the
        nearest), ``site`` (its label), ``distance_m`` between the centres,
        geodesic on WGS84, and ``probability`` that this site is the nearest of
        all, if every position in the row's area is as likely as any other
        (see `distances`): 1 where no position in the area has another site
        nearer, otherwise in steps of 1/128.  A row that has no place, or no site
        near enough, stays, with rank 1 and no site.

    Raises
    ------
    ValueError
        Where `k` is less than 1, a site is not on earth, or there is none.

    Notes
    -----
    Neighbours are found in space and put in order by geodesics (Karney 2013).
    Those that straight distances cannot tell apart with certainty are all measured, so
    that the order is that on the ellipsoid.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"longitude": [44.4], "latitude": [33.0]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=20_000)
    >>> sites = pd.DataFrame({"longitude": [44.0, 45.0], "latitude": [33.0, 33.0]}, index=["a", "b"])
    >>> gi.nearest(layers, sites, k=2).round(1).to_numpy().tolist()
    [[1, 'a', 37381.3, 0.8], [2, 'b', 56071.9, 0.2]]
    """
    rows = rows_of(layers.layer(role), layers.places)
    found = near_sites(rows.places, sites, k=k, max_distance_m=max_distance_m)
    return listed(rows, sites.index, found)


def near_sites(
    places: pd.DataFrame, sites: pd.DataFrame, *, k: int, max_distance_m: float | None
) -> NearSites:
    """Return the nearest sites of each place.

    Parameters
    ----------
    places : pandas.DataFrame
        As `Layers.places`.
    sites, k, max_distance_m
        As of `nearest`.

    Raises
    ------
    ValueError
        As `nearest`.
    """
    if k < 1:
        msg = f"k={k!r} is less than 1"
        raise ValueError(msg)
    spots = _spots(sites)
    site, away_m, others_m = _neighbours(_centres(places), spots, min(k, len(spots)))
    chance = _chances(places, spots, site, away_m[:, 0], others_m)
    if max_distance_m is not None:
        away_m[away_m > max_distance_m] = np.nan
    return NearSites(site, away_m, chance)


def _neighbours(centre: Floats, spots: Floats, k: int) -> tuple[Ints, Floats, Floats]:
    """Return the `k` nearest sites of each point, how far they are, and all but the nearest at least."""
    from scipy.spatial import KDTree  # type: ignore[import-untyped]  # noqa: PLC0415  # heavy, and `import geoinc` is light

    tree, here = KDTree(in_space(spots)), in_space(centre)
    site, away_m = np.empty((len(here), k), dtype=np.intp), np.empty((len(here), k))
    others_m = np.full(len(here), np.inf)
    todo, count = np.arange(len(here)), k
    while len(todo):
        # One more than is measured tells whether those left out may be nearer after all.
        count = min(count + 1, len(spots))
        straight, found = tree.query(here[todo], k=np.arange(1, count + 1))
        least, most = ground_bounds_m(straight)
        if count > 1:
            others_m[todo] = least[:, 1]
        everything = count == len(spots)
        sure = everything | (least[:, -1] > most[:, k - 1])
        rows = todo[sure]
        # Equally far sites in the order of the table.
        measured = np.sort(found[sure][:, : count if everything else count - 1], axis=1)
        distance_m, _ = inverse(
            centre[rows, :1], centre[rows, 1:], spots[measured, 0], spots[measured, 1]
        )
        order = np.argsort(distance_m, axis=1, kind="stable")[:, :k]
        site[rows] = np.take_along_axis(measured, order, axis=1)
        away_m[rows] = np.take_along_axis(distance_m, order, axis=1)
        todo, count = todo[~sure], 2 * count
    return site, away_m, others_m


def _chances(
    places: pd.DataFrame, spots: Floats, site: Ints, nearest_m: Floats, others_m: Floats
) -> Floats:
    """Return the probability that each of the nearest sites of a place is the nearest of all."""
    from scipy.spatial import KDTree  # noqa: PLC0415  # as above

    chance = np.zeros(site.shape)
    chance[:, 0] = 1.0
    extent_m = places["uncertainty_m"].to_numpy(dtype=float)
    unsure = np.flatnonzero(others_m - extent_m < nearest_m + extent_m)
    tree, areas, cube = KDTree(in_space(spots)), Areas(places.iloc[unsure]), lattice(4)
    for start in range(0, len(unsure), _BLOCK // DRAWS):
        some = np.arange(start, min(start + _BLOCK // DRAWS, len(unsure)))
        _, first = tree.query(positions(areas, some, cube))
        chance[unsure[some]] = (first[:, :, None] == site[unsure[some], None]).mean(axis=1)
    return chance


def listed(rows: PlacedRows, sites: pd.Index, found: NearSites) -> pd.DataFrame:
    """Return one row per row of the layer and site; of rows without a site one.

    Parameters
    ----------
    rows : PlacedRows
        Of the layer.
    sites : pandas.Index
        The labels of the sites.
    found : NearSites
        Of the places of the rows.
    """
    near = np.zeros((len(rows.labels), found.site.shape[1]), dtype=bool)
    near[rows.placed] = ~np.isnan(found.away_m[rows.which])
    # The first line of a row stays whether there is a site or none.
    shown = near.copy()
    shown[:, 0] = True
    row, rank = np.nonzero(shown)
    place = np.zeros(len(rows.labels), dtype=np.intp)
    place[rows.placed] = rows.which
    full = np.flatnonzero(near[row, rank])
    at = place[row[full]], rank[full]
    figures = pd.DataFrame(
        {
            "site": sites.take(found.site[at]),
            "distance_m": found.away_m[at],
            "probability": found.chance[at],
        },
        index=full,
    )
    if len(full) < len(row):
        # Labels stay what they are beside a missing one: 3 does not become 3.0.
        figures = figures.astype({"site": object}).reindex(np.arange(len(row)))
    figures.insert(0, "rank", rank + 1)
    return figures.set_axis(rows.labels[row])


def rows_of(layer: pd.DataFrame, places: pd.DataFrame) -> PlacedRows:
    """Return the rows of a layer that have a place.

    Parameters
    ----------
    layer : pandas.DataFrame
        One of `Layers`.
    places : pandas.DataFrame
        Of the same; the index is enough.

    Raises
    ------
    ValueError
        Where it lacks a place that a row names.
    """
    ids = layer["place_id"].to_numpy(dtype=object)
    at = np.flatnonzero(ids != "")
    codes, distinct = pd.factorize(ids[at])  # many rows name one place
    place = places.index.get_indexer(pd.Index(distinct))
    if (place < 0).any():
        missing = distinct[int(np.argmin(place))]
        msg = f"no place {missing!r} in layers.places: the layers do not belong to these places"
        raise ValueError(msg)
    named, which = np.unique(place, return_inverse=True)
    return PlacedRows(layer.index, at, which[codes], named, places.iloc[named])


def _spots(sites: pd.DataFrame) -> Floats:
    """Return the coordinates of sites."""
    longitude, latitude = coordinates(sites, "sites")
    wrong = sites.index[~on_earth(longitude, latitude)]
    if len(wrong):
        msg = f"site {wrong[0]!r} has no coordinates on earth"
        raise ValueError(msg)
    if not len(sites):
        msg = "there are no sites to measure to"
        raise ValueError(msg)
    return np.column_stack([longitude, latitude])


def _centres(places: pd.DataFrame) -> Floats:
    return places[["longitude", "latitude"]].to_numpy(dtype=float)


def _table(rows: PlacedRows, of_places: Floats, sites: pd.Index) -> pd.DataFrame:
    values = np.full((len(rows.labels), len(sites)), np.nan)
    values[rows.placed] = of_places[rows.which]
    return pd.DataFrame(values, index=rows.labels, columns=sites)
