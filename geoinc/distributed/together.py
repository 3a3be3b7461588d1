"""The rows of each incident in one place: only those move whose incident lies in several partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from dask.base import compute
from dask.delayed import delayed

from geoinc.distributed.crossing import Crossing, Own, crossing_of, numbers_of
from geoinc.distributed.parts import blocks_of, read
from geoinc.schema import ROLES, Layers
from geoinc.uncertainty.draws import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from dask.delayed import Delayed
    from numpy.typing import NDArray

    from geoinc.distributed.layers import DistributedLayers
    from geoinc.distributed.parts import Block, Unread

    Keys = NDArray[np.uint64]

Told = TypeVar("Told")

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
    blocks = blocks_of(layers, columns)
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
    key: tuple[str, ...],
) -> list[Delayed]:
    """Return what a function makes of parts that have each incident once, with all its rows.

    This is for what adds up, as the parts have no order: incidents that lie in one partition stay
    in it, those that lie in several make parts of their own.  Which these are is seen from the key
    alone, after which everything is read in one go.

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
    numbers = numbers_of(crossing)
    n = -(-sum(numbers) // _CROSSING_AT_ONCE)
    work = delayed(_Work(what, told, places), traverse=False)
    found: list[Delayed] = []
    moving: list[list[Delayed]] = [[] for _ in range(n)]
    for block, own, number in zip(blocks_of(layers, columns), crossing, numbers, strict=True):
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


# ---------------------------------------------------------------- which incidents cross


def _crossing(layers: DistributedLayers, rank: Rank | None, key: tuple[str, ...]) -> list[Delayed]:
    """Return for each partition those of its incidents that lie in others too."""
    blocks = blocks_of(layers, [*key, *(rank.columns if rank else ())])
    return crossing_of([delayed(_own)(block, rank, key) for block in blocks])


def _keys(rows: pd.DataFrame, key: tuple[str, ...]) -> Keys:
    first, *others = (rows[name] for name in key if name in rows)
    for other in others:
        blank = first.isna() | (first == "")
        first = other.astype(object).where(blank, first.astype(object))
    return keys_of(first)


def _own(unread: Block | Unread, rank: Rank | None, key: tuple[str, ...]) -> Own:
    block = read(unread)
    keys = np.concatenate([_keys(rows, key) for rows in block])
    if rank is None:
        return Own.of(keys)
    ranks = [rank.of(rows, role) for rows, role in zip(block, ROLES, strict=True)]
    ranked = np.concatenate(ranks).astype(np.int8)
    order = np.lexsort((ranked, keys))
    different, first = np.unique(keys[order], return_index=True)
    return Own(different, ranked[order][first])


# ---------------------------------------------------------------- rows that move


def _elsewhere(crossing: Crossing, own: int) -> list[int]:
    return sorted(set(np.unique(crossing.home).tolist()) - {own})


def _sorted_out(unread: Block | Unread, crossing: Crossing, own: int) -> dict[int, Block]:
    """Return the rows of a partition by where they go; those that stay as well."""
    homes, block = [], read(unread)
    for rows in block:
        to = np.full(len(rows), own)
        crosses, home = crossing.found(_keys(rows, ("incident",)))
        to[crosses] = home
        homes.append(to)
    return {
        home: [rows[to == home] for rows, to in zip(block, homes, strict=True)]
        for home in [own, *_elsewhere(crossing, own)]
    }


def _made_and_moving(
    work: _Work, block: Block | Unread, crossing: Crossing, key: tuple[str, ...], n: int
) -> list[Any]:
    """Return what is made of the rows that stay, and the others by which of n parts they go to."""
    staying, moving = [], []
    for rows in read(block):
        keys = _keys(rows, key)
        crosses, _ = crossing.found(keys)
        staying.append(rows[~crosses])
        moving.append((rows[crosses], keys[crosses] % np.uint64(n)))
    to_each = [[rows[to == number] for rows, to in moving] for number in range(n)]
    return [_made(work, staying), *to_each]


def _made(work: _Work, *arriving: Block | Unread) -> Any:
    return work.what(_layers(work.places, *arriving), work.told)


def _layers(places: gpd.GeoDataFrame, *arriving: Block | Unread) -> Layers:
    """Return the rows that came to a partition as layers.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Those of the layers.
    *arriving : list of pandas.DataFrame
        From each partition that some came from.
    """
    tables = []
    for parts in zip(*map(read, arriving), strict=True):
        told = [rows for rows in parts if len(rows)] or [parts[0]]
        rows = told[0] if len(told) == 1 else pd.concat(told)
        # Labels stay the objects that they are.
        tables.append(rows.set_axis(rows.index.astype(object)).assign(geometry=None))
    launches, targets, impacts = tables
    return Layers(launches, targets, impacts, places)
