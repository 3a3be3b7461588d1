"""The rows of each incident in one place: only those move whose incident lies in several partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from dask.base import compute, persist
from dask.delayed import delayed

from geoinc.schema import ROLES, Layers
from geoinc.uncertainty.draws import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from dask.delayed import Delayed
    from numpy.typing import NDArray

    from geoinc.distributed.layers import DistributedLayers

    Ints = NDArray[np.int64]
    Keys = NDArray[np.uint64]
    #: The rows of a partition, a table for each role.
    Block = list[pd.DataFrame]

Told = TypeVar("Told")

#: Of how many partitions the incidents are compared in one task.
_PARTITIONS_AT_ONCE = 16
#: Of how many incidents that lie in several partitions the rows come together in one task.
_CROSSING_AT_ONCE = 100_000


class Rank(NamedTuple):
    """How good each row is as the first of its incident.

    Parameters
    ----------
    columns : tuple of str
        What of the rows tells it.
    of : callable
        Takes rows and their role; returns a small number for each row: the less, the better.
    """

    columns: tuple[str, ...]
    of: Callable[[pd.DataFrame, str], NDArray[Any]]


class _Told(NamedTuple):
    """The incidents of a partition, each once, and the rank of its best row."""

    key: Keys
    rank: NDArray[np.int8]


class _Crossing(NamedTuple):
    """Incidents of a partition that lie in others too, and the partition that each is at home in."""

    key: Keys
    home: Ints


class _Work(NamedTuple):
    """What is done with each part."""

    what: Callable[[Layers, Any], Any]
    told: Any
    places: gpd.GeoDataFrame


def together(
    layers: DistributedLayers,
    rank: Rank,
    *,
    columns: Iterable[str] | None = None,
    places: gpd.GeoDataFrame | None = None,
) -> list[Delayed]:
    """Return parts that have all rows of each of their incidents, in the order of the rows.

    The rows of an incident come together in the partition of its best row, of equally good ones
    the first: what is made of the parts, in their order, has the order that one machine gives.
    This reads of the layers what incidents the rows are of and how good, to learn which lie in
    several partitions; that stays on the workers.

    Parameters
    ----------
    layers : DistributedLayers
        In partitions, however made.
    rank : Rank
        Which row of an incident is the first.
    columns : iterable of str, optional
        What of the rows is wanted, as far as they have it; all by default.
    places : geopandas.GeoDataFrame, optional
        The places of each part, as few as what is asked needs; all by default.

    Returns
    -------
    list of dask.delayed.Delayed
        Each a `Layers`, whose rows have no ``geometry`` to speak of.
    """
    crossing = _crossing(layers, rank, ("incident",))
    n = len(crossing)
    # Where the rows of each partition go besides where they are, and from where others come.
    goes = compute(*(delayed(_elsewhere)(own, i) for i, own in enumerate(crossing)))
    sources: list[list[int]] = [[] for _ in range(n)]
    for source, homes in enumerate(goes):
        for home in homes:
            sources[home].append(source)
    blocks = _blocks(layers, columns)
    sorted_out = {
        i: delayed(_sorted_out)(block, crossing[i], i) for i, block in enumerate(blocks) if goes[i]
    }
    all_places = delayed(layers.places if places is None else places)
    parts = []
    for home, block in enumerate(blocks):
        own = sorted_out[home][home] if home in sorted_out else block
        arriving = [
            own if i == home else sorted_out[i][home] for i in sorted([home, *sources[home]])
        ]
        parts.append(delayed(_layers)(all_places, *arriving))
    return parts


def summands(
    layers: DistributedLayers,
    what: Callable[[Layers, Told], Any],
    told: Told,
    *,
    columns: Collection[str],
    places: gpd.GeoDataFrame,
    key: tuple[str, ...] = ("incident",),
) -> list[Delayed]:
    """Return what a function makes of parts that have each incident once, with all its rows.

    This is for what adds up, as the parts have no order: incidents that lie in one partition stay
    in it, those that lie in several make parts of their own.  All is read in one go, after which
    incidents the rows are of.

    Parameters
    ----------
    layers : DistributedLayers
        In partitions, however made.
    what : callable
        Of `Layers`, whose rows have no ``geometry`` to speak of, and of what is told.
    told : object
        The same for all parts; every worker gets it once.
    columns : collection of str
        What of the rows it needs, as far as they have it.
    places : geopandas.GeoDataFrame
        The places of each part, as few as it needs.
    key : tuple of str
        The columns that tell which rows belong together: the first that is not blank.

    Returns
    -------
    list of dask.delayed.Delayed
    """
    crossing = _crossing(layers, None, key)
    numbers = compute(*(delayed(_number)(own) for own in crossing))
    n = -(-sum(numbers) // _CROSSING_AT_ONCE)
    work = delayed(_Work(what, told, places), traverse=False)
    found: list[Delayed] = []
    moving: list[list[Delayed]] = [[] for _ in range(n)]
    for block, own, number in zip(_blocks(layers, columns), crossing, numbers, strict=True):
        if not number:
            found.append(delayed(_made)(work, block))
            continue
        stays, *moves = delayed(_made_and_moving, nout=n + 1)(work, block, own, key, n)
        found.append(stays)
        for to, rows in zip(moving, moves, strict=True):
            to.append(rows)
    return found + [delayed(_made)(work, *arriving) for arriving in moving]


def example(layers: DistributedLayers) -> Layers:
    """Return layers of a row each that has every column: to see what a function makes of it."""
    places = layers.places.iloc[:1]
    told = {"standing": "counted", "weight": 1.0, "geometry": None}
    told["place_id"] = places.index[0] if len(places) else ""
    samples = [layers.layer(role)._meta_nonempty.iloc[:1] for role in ROLES]  # noqa: SLF001  # what dask shows of a table
    launches, targets, impacts = (
        # Columns of objects hold texts.
        rows.assign(**dict.fromkeys(rows.columns[rows.dtypes == "object"], "a") | told)
        for rows in samples
    )
    return Layers(launches, targets, impacts, places)


def light(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return places whose discs are their centres: their figures say the rest.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        As `Layers.places`; every worker gets them.
    """
    shapes = places.geometry.to_numpy().copy()
    is_disc = places["shape"].astype(str).str.startswith("disc").to_numpy(dtype=bool)
    centre = places.loc[is_disc, ["longitude", "latitude"]].to_numpy(dtype=float)
    shapes[is_disc] = shapely.points(centre)
    return places.set_geometry(gpd.GeoSeries(shapes, index=places.index, crs=places.crs))


def _blocks(layers: DistributedLayers, columns: Iterable[str] | None) -> list[Delayed]:
    """Return the partitions of the three layers side by side."""
    roles = []
    for role in ROLES:
        layer = layers.layer(role)
        if columns is not None:
            layer = layer[[name for name in dict.fromkeys(columns) if name in layer.columns]]
        roles.append(layer.to_delayed())
        roles[-1] += [delayed(layer._meta)] * (_most(layers) - len(roles[-1]))  # noqa: SLF001  # its columns
    return [delayed(list)(tables) for tables in zip(*roles, strict=True)]


def _most(layers: DistributedLayers) -> int:
    return max(int(layers.layer(role).npartitions) for role in ROLES)


# ---------------------------------------------------------------- which incidents cross


def _crossing(
    layers: DistributedLayers, rank: Rank | None, key: tuple[str, ...]
) -> Sequence[Delayed]:
    """Return for each partition those of its incidents that lie in others too."""
    blocks = _blocks(layers, [*key, *(rank.columns if rank else ())])
    n = len(blocks)
    if n == 1:
        return [delayed(_Crossing)(np.array([], dtype=np.uint64), np.array([], dtype=np.int64))]
    told = [delayed(_told)(block, rank, key) for block in blocks]
    buckets = -(-n // _PARTITIONS_AT_ONCE)
    split = [delayed(_split, nout=buckets)(one, buckets) for one in told]
    merged = [delayed(_homes, nout=n)([one[b] for one in split]) for b in range(buckets)]
    # On the workers: one that is lost makes its own again.
    kept: tuple[Delayed, ...] = persist(
        *(delayed(_in_order)([one[i] for one in merged]) for i in range(n))
    )
    return kept


def _keys(rows: pd.DataFrame, key: tuple[str, ...]) -> Keys:
    first, *others = (rows[name] for name in key if name in rows)
    for other in others:
        blank = first.isna() | (first == "")
        first = other.astype(object).where(blank, first.astype(object))
    return keys_of(first)


def _told(block: Block, rank: Rank | None, key: tuple[str, ...]) -> _Told:
    keys = np.concatenate([_keys(rows, key) for rows in block])
    if rank is None:
        keys = _distinct(np.sort(keys))
        return _Told(keys, np.zeros(len(keys), dtype=np.int8))
    ranks = [rank.of(rows, role) for rows, role in zip(block, ROLES, strict=True)]
    ranked = np.concatenate(ranks).astype(np.int8)
    order = np.lexsort((ranked, keys))
    distinct, first = np.unique(keys[order], return_index=True)
    return _Told(distinct, ranked[order][first])


def _distinct(ordered: Keys) -> Keys:
    """Return the different ones of keys in order, many times faster than `numpy.unique`."""
    another = np.ones(len(ordered), dtype=bool)
    another[1:] = ordered[1:] != ordered[:-1]
    return ordered[another]


def _split(told: _Told, n: int) -> list[_Told]:
    bucket = told.key % np.uint64(n)
    return [_Told(told.key[bucket == b], told.rank[bucket == b]) for b in range(n)]


def _homes(told: list[_Told]) -> list[_Crossing]:
    """Return for each partition those of its incidents that are in others too, and their homes."""
    every = np.sort(np.concatenate([one.key for one in told]))
    repeated = _distinct(every[1:][every[1:] == every[:-1]])
    crosses = [np.isin(one.key, repeated) for one in told]
    numbers = [int(own.sum()) for own in crosses]
    key = np.concatenate([one.key[own] for one, own in zip(told, crosses, strict=True)])
    rank = np.concatenate([one.rank[own] for one, own in zip(told, crosses, strict=True)])
    block = np.repeat(np.arange(len(told)), numbers)
    order = np.lexsort((block, rank, key))
    _, first = np.unique(key[order], return_index=True)
    home = block[order][first][np.searchsorted(repeated, key)]
    ends = np.cumsum(numbers)[:-1]
    return [_Crossing(*own) for own in zip(np.split(key, ends), np.split(home, ends), strict=True)]


def _in_order(parts: list[_Crossing]) -> _Crossing:
    key, home = (np.concatenate(values) for values in zip(*parts, strict=True))
    order = np.argsort(key)
    return _Crossing(key[order], home[order])


# ---------------------------------------------------------------- rows that move


def _elsewhere(crossing: _Crossing, own: int) -> list[int]:
    return sorted(set(np.unique(crossing.home).tolist()) - {own})


def _number(crossing: _Crossing) -> int:
    return len(crossing.key)


def _sorted_out(block: Block, crossing: _Crossing, own: int) -> dict[int, Block]:
    """Return the rows of a partition by where they go; those that stay as well."""
    homes = []
    for rows in block:
        at, crosses = _found(_keys(rows, ("incident",)), crossing)
        homes.append(np.where(crosses, crossing.home[at], own))
    return {
        home: [rows[to == home] for rows, to in zip(block, homes, strict=True)]
        for home in [own, *_elsewhere(crossing, own)]
    }


def _made_and_moving(
    work: _Work, block: Block, crossing: _Crossing, key: tuple[str, ...], n: int
) -> list[Any]:
    """Return what is made of the rows that stay, and the others by which of n parts they go to."""
    staying, moving = [], []
    for rows in block:
        keys = _keys(rows, key)
        _, crosses = _found(keys, crossing)
        staying.append(rows[~crosses])
        moving.append((rows[crosses], keys[crosses] % np.uint64(n)))
    to_each = [[rows[to == number] for rows, to in moving] for number in range(n)]
    return [_made(work, staying), *to_each]


def _found(keys: Keys, crossing: _Crossing) -> tuple[Ints, NDArray[np.bool_]]:
    """Return where among those that cross keys may stand, and whether they do."""
    at = np.minimum(np.searchsorted(crossing.key, keys), len(crossing.key) - 1)
    return at, crossing.key[at] == keys


def _made(work: _Work, *arriving: Block) -> Any:
    return work.what(_layers(work.places, *arriving), work.told)


def _layers(places: gpd.GeoDataFrame, *arriving: Block) -> Layers:
    """Return the rows that came to a partition as layers.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Those of the layers.
    *arriving : list of pandas.DataFrame
        From each partition that some came from; one by one, as dask loses what is computed
        already of those of a list.
    """
    tables = []
    for parts in zip(*arriving, strict=True):
        told = [rows for rows in parts if len(rows)] or [parts[0]]
        rows = told[0] if len(told) == 1 else pd.concat(told)
        # Labels stay the objects that they are.
        tables.append(rows.set_axis(rows.index.astype(object)).assign(geometry=None))
    launches, targets, impacts = tables
    return Layers(launches, targets, impacts, places)
