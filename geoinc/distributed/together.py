"""The rows of each incident in one place: only those move whose incident lies in several partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from dask.base import compute
from dask.delayed import delayed

from geoinc.schema import ROLES, Layers
from geoinc.uncertainty.draws import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dask.delayed import Delayed
    from numpy.typing import NDArray

    from geoinc.distributed.layers import DistributedLayers

    Ints = NDArray[np.int64]
    Keys = NDArray[np.uint64]
    #: The rows of a partition, a table for each role.
    Block = list[pd.DataFrame]
    #: How good each row of a role is as the first of its incident: the less, the better.
    Rank = Callable[[pd.DataFrame, str], Ints]

#: Of how many partitions the incidents are compared in one task.
_PARTITIONS_AT_ONCE = 16


class _Homes(NamedTuple):
    """The partition that the rows of each incident come to."""

    key: Keys
    home: Ints


def together(
    layers: DistributedLayers,
    rank: Rank,
    *,
    columns: Iterable[str] | None = None,
    places: gpd.GeoDataFrame | None = None,
    linked: bool = False,
) -> list[Delayed]:
    """Return parts that have all rows of each of their incidents, in the order of the rows.

    The rows of an incident come together in the partition of its best row, of equally good ones
    the first: what is made of the parts, in their order, has the order that one machine gives.
    This reads the layers once, to learn which incidents lie in several partitions: of them alone
    something, 16 bytes each, is kept here.

    Parameters
    ----------
    layers : DistributedLayers
        In partitions, however made.
    rank : callable
        Takes rows and their role; returns how good each is as the first of its incident.
    columns : iterable of str, optional
        What of the rows is wanted, as far as they have it; all by default.
    places : geopandas.GeoDataFrame, optional
        The places of each part, as few as what is asked needs; all by default.
    linked : bool
        Whether incidents that may be one (`link_reports`) come together too.

    Returns
    -------
    list of dask.delayed.Delayed
        Each a `Layers`, whose rows have no ``geometry`` to speak of.
    """
    blocks = _blocks(layers, columns)
    n = len(blocks)
    told = [delayed(_best)(block, rank, linked) for block in blocks]
    buckets = -(-n // _PARTITIONS_AT_ONCE)
    split = [delayed(_split, nout=buckets)(one, buckets) for one in told]
    merged = [delayed(_homes, nout=n)([one[b] for one in split], n) for b in range(buckets)]
    moves = compute(*(delayed(_together)([one[i] for one in merged]) for i in range(n)))
    # Where the rows of each partition go besides where they are, and from where others come.
    goes = [_elsewhere(move, i) for i, move in enumerate(moves)]
    sources = {home: [i for i in range(n) if home in goes[i]] for home in range(n)}
    sorted_out = {
        i: delayed(_sorted_out)(block, delayed(moves[i], traverse=False), i, linked)
        for i, block in enumerate(blocks)
        if goes[i]
    }
    all_places = delayed(layers.places if places is None else places)
    parts = []
    for home, block in enumerate(blocks):
        own = sorted_out[home][home] if home in sorted_out else block
        arriving = [
            own if i == home else sorted_out[i][home] for i in sorted([home, *sources[home]])
        ]
        parts.append(delayed(_layers)(arriving, all_places))
    return parts


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


def _keys(rows: pd.DataFrame, *, linked: bool) -> Keys:
    incident = rows["incident"].astype(object)
    if linked and "possible_incident" in rows:
        shared = rows["possible_incident"].astype(object)
        incident = incident.where(shared.isna() | (shared == ""), shared)
    return keys_of(incident)


def _best(block: Block, rank: Rank, linked: bool) -> tuple[Keys, Ints]:  # noqa: FBT001  # delayed
    """Return the incidents of a partition, and how good the best row of each is."""
    keys = np.concatenate([_keys(rows, linked=linked) for rows in block])
    ranks = np.concatenate([rank(rows, role) for rows, role in zip(block, ROLES, strict=True)])
    order = np.lexsort((ranks, keys))
    distinct, first = np.unique(keys[order], return_index=True)
    return distinct, ranks[order][first]


def _split(told: tuple[Keys, Ints], n: int) -> list[tuple[Keys, Ints]]:
    keys, ranks = told
    bucket = keys % np.uint64(n)
    return [(keys[bucket == b], ranks[bucket == b]) for b in range(n)]


def _homes(told: list[tuple[Keys, Ints]], n: int) -> list[_Homes]:
    """Return for each partition those of its incidents that are in others too, and their homes."""
    keys = np.concatenate([keys for keys, _ in told])
    ranks = np.concatenate([ranks for _, ranks in told])
    block = np.repeat(np.arange(n), [len(keys) for keys, _ in told])
    order = np.lexsort((block, ranks, keys))
    keys, block = keys[order], block[order]
    _, first, count = np.unique(keys, return_index=True, return_counts=True)
    home = np.repeat(block[first], count)
    crosses = np.repeat(count, count) > 1
    keys, block, home = keys[crosses], block[crosses], home[crosses]
    return [_Homes(keys[block == i], home[block == i]) for i in range(n)]


def _together(parts: list[_Homes]) -> _Homes:
    key, home = (np.concatenate(values) for values in zip(*parts, strict=True))
    order = np.argsort(key)
    return _Homes(key[order], home[order])


def _elsewhere(moves: _Homes, own: int) -> list[int]:
    return sorted(set(np.unique(moves.home).tolist()) - {own})


def _sorted_out(block: Block, moves: _Homes, own: int, linked: bool) -> dict[int, Block]:  # noqa: FBT001  # delayed
    """Return the rows of a partition by where they go; those that stay as well."""
    homes = []
    for rows in block:
        keys = _keys(rows, linked=linked)
        at = np.minimum(np.searchsorted(moves.key, keys), len(moves.key) - 1)
        homes.append(np.where(moves.key[at] == keys, moves.home[at], own))
    return {
        home: [rows[to == home] for rows, to in zip(block, homes, strict=True)]
        for home in [own, *_elsewhere(moves, own)]
    }


def _layers(arriving: list[Block], places: gpd.GeoDataFrame) -> Layers:
    """Return the rows that came to a partition as layers."""
    tables = []
    for parts in zip(*arriving, strict=True):
        told = [rows for rows in parts if len(rows)] or [parts[0]]
        rows = told[0] if len(told) == 1 else pd.concat(told)
        # Labels stay the objects that they are.
        tables.append(rows.set_axis(rows.index.astype(object)).assign(geometry=None))
    launches, targets, impacts = tables
    return Layers(launches, targets, impacts, places)
