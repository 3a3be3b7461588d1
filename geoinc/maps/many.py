"""A map of more incidents than each can have a mark: counts in hexagons, records where they are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.counting.merging import merged as merge_accounts
from geoinc.maps.cells import (
    COLUMNS,
    DEEPEST,
    FINEST,
    HEXAGON,
    NOBODY,
    NOT_PLACED,
    NOT_TOLD,
    OPEN,
    Spots,
    Sums,
    Tally,
    added,
    among,
    coarser,
    place_of,
    spots,
    standings_of,
    sums,
    tally_of,
    unpacked,
    wider,
    younger_of,
)
from geoinc.maps.outlines import first_view, outlines
from geoinc.maps.packing import distinct_rows, pack
from geoinc.maps.payload import INCIDENT, PLACE, Payload, payload
from geoinc.progress import watched
from geoinc.schema import ROLES, Layers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from geoinc.maps.cells import Ints

T = TypeVar("T")

#: Counts by role, month and kind that a page can hold and add up within a tenth of a second, and what
#: they may take of a file of 60 MB, in bytes: the squares that filters work on get wider until they
#: do.  And counts of a square, without filters.
_MOST_COUNTS, _MOST_BYTES, _MOST_TOTALS = 16_000_000, 36_000_000, 2_000_000
#: Hexagons are so many squares wide at least: an incident is counted in that which has its square's centre.
_SQUARES_DEEP = 6

#: Where records are held is decided by squares: the world's side halved so many times (5 km).
_NEIGHBOURHOOD = 13
#: The most incidents whose records a file holds beside counts, and that part of the limit.
_MOST_RECORDS, _SHARE = 200_000, 5

#: Areas that are drawn as such, those of most incidents first; the others are squares.
_MOST_AREAS = 3_000
#: Kinds of attack that are told apart; the others are "other".
_MOST_KINDS = 40

#: Parts of an incident that has several places are told in these, so that they add up.
_PARTS = 720_720

#: Rows of a table that are worked on at once, and tables that are put together at once.
_ROWS, _TOGETHER = 500_000, 4


class InParts(Protocol):
    """Layers in partitions: `geoinc.distributed.DistributedLayers`, which a map does not know."""

    places: gpd.GeoDataFrame

    def layer(self, role: str) -> Any:
        """Return the layer of a role, a frame of Dask."""

    def compute(self) -> Layers:
        """Return the layers in memory."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Layers as counts.

    Parameters
    ----------
    layers : Layers or InParts
        In memory, or in partitions.
    spots : Spots
        Where the incidents of each place are counted.
    tally : Tally
        Their counts.
    held_back : pandas.Index
        Incidents that are left out.
    """

    layers: Layers | InParts
    spots: Spots
    tally: Tally
    held_back: pd.Index

    @property
    def incidents(self) -> int:
        """How many incidents count: each weighs 1 in each role that the layers tell of."""
        totals = self.tally.totals
        return round(float(np.bincount(totals.which, totals.count).max(initial=0)))

    @property
    def days(self) -> pd.Series:
        """First days of the months they are of."""
        months = pd.concat([self.tally.counts.told["first"], self.tally.counts.told["last"]])
        return pd.Series(months[months != OPEN].unique().astype("datetime64[M]"))


def incidents_up_to(layers: Layers, enough: int) -> int:
    """Return how many incidents count, or no more than are enough to know."""
    most = 0
    for role in ROLES:
        layer = layers.layer(role)
        if len(layer) >= enough:  # there are no more incidents than rows
            most = max(most, layer.loc[layer["standing"].eq("counted"), "incident"].nunique())
    return most


def counted(layers: Layers | InParts, young: pd.Timestamp | None = None) -> Counted:
    """Count the incidents of layers, part by part.

    Parameters
    ----------
    layers : Layers or InParts
        What happened where.
    young : pandas.Timestamp, optional
        Incidents of which any account may be younger, or is undated, are left out.
    """
    held_back = NOBODY
    if young is not None:
        found = [_over(layers, role, younger_of, _distinct, young) for role in ROLES]
        held_back = pd.Index(_distinct(found))
    where = spots(layers.places)
    tallies = [_over(layers, role, tally_of, _added, role, where, held_back) for role in ROLES]
    return Counted(layers, where, _added(tallies), held_back)


def _added(parts: Sequence[Tally]) -> Tally:
    return added(parts, _MOST_TOTALS, _MOST_COUNTS)


def _distinct(parts: Sequence[NDArray[np.object_]]) -> NDArray[np.object_]:
    return np.asarray(pd.unique(np.concatenate(parts)), dtype=object)


def _over(
    layers: Layers | InParts,
    role: str,
    func: Callable[..., T],
    join: Callable[[list[T]], T],
    *given: Any,
    columns: Sequence[str] | None = COLUMNS,
) -> T:
    """Return what a function makes of the parts of a layer, joined; on Dask they are where it has them."""
    layer = layers.layer(role)
    if columns is not None:
        layer = layer[[name for name in columns if name in layer.columns]]
    if isinstance(layer, pd.DataFrame):
        found: list[T] = []
        starts = range(0, max(1, len(layer)), _ROWS)
        for start in watched(starts, "counting", len(starts)):
            found.append(func(pd.DataFrame(layer.iloc[start : start + _ROWS]), *given))
            if len(found) == _TOGETHER:
                found = [join(found)]
        return join(found)
    from dask.delayed import delayed  # noqa: PLC0415  # an extra

    once = [delayed(value) for value in given]
    tasks = [delayed(func)(part, *once) for part in layer.to_delayed()]
    while True:
        tasks = [delayed(join)(tasks[i : i + _TOGETHER]) for i in range(0, len(tasks), _TOGETHER)]
        if len(tasks) == 1:
            whole: T = tasks[0].compute()
            return whole


def payload_of_many(
    counted: Counted, *, columns: Sequence[str], graphic: str | None, most: int
) -> Payload:
    """Return what a map of many incidents shows: their counts, and records where they are few.

    Parameters
    ----------
    counted : Counted
        The layers and their counts.
    columns, graphic :
        As of `payload`.
    most : int
        The limit of incidents that `explore` was given.

    Returns
    -------
    Payload
        ``cells``: ``spots`` of the finest squares (``level``) with their ``counts``, and of
        wider ones with what filters need in ``filtered``; up to how ``few`` incidents of a role
        a square of the ``neighbourhood`` opens.  The other tables have the incidents that open.
    """
    places = counted.layers.places
    totals, counts = _few_areas(counted.tally, counted.spots)
    fine = totals.by
    place = np.unique(place_of(totals.where))
    areas = places.iloc[place[place >= 0]].assign(area=1)
    filtered, periods, kinds = _filtered(counts, counted.spots, areas.index)
    around = min(_NEIGHBOURHOOD, FINEST - fine)
    squares, few = _sparse(totals, counted.spots, around, min(_MOST_RECORDS, most // _SHARE))
    opened = _opened(counted, squares, around)
    data = payload(
        opened,
        merge_accounts(opened, columns=INCIDENT),
        columns=columns,
        held_back=[],
        graphic=graphic,
    )
    known = data.content["places"]
    at = counted.spots.index.get_indexer(known.index)
    column, line, fit = unpacked(counted.spots.square[at])
    area = areas.index.get_indexer(known.index).astype(float)
    data.content.update(
        # What they are counted in, as of spots.
        places=known.assign(
            x=column >> fine,
            y=line >> fine,
            fit=fit,
            is_area=counted.spots.is_area[at].astype(int),
            counted_area=np.where(area >= 0, area, np.nan),
        ),
        chips=[],
        header=_header(counted),
        cells={
            "hexagon": HEXAGON,
            "few": few,
            "neighbourhood": around,
            "most": most,
            "kinds": kinds,
            "months": periods,
            **_spots(totals, counted.spots, areas.index, totals.told),
            "filtered": filtered,
            "parts": _PARTS,
            "areas": areas[list(PLACE)].round({"uncertainty_m": 0}),
            "outlines": outlines(areas),
        },
    )
    bounds = first_view(_extent(totals.where, areas))
    return Payload(data.content, bounds, tuple(sorted(set(places["country"]) - {""})))


def _few_kinds(counts: Sums) -> Sums:
    """Return counts in which the rarest kinds of attack are "other"."""
    kind = counts.told["kind"]
    sizes = pd.Series(np.bincount(counts.which, counts.count, len(kind))).groupby(kind).sum()
    rare = ~kind.isin([*sizes.nlargest(_MOST_KINDS).index, ""])
    if not rare.any():
        return counts
    told = counts.told.assign(kind=kind.mask(rare, "other"))
    return sums(counts.where, counts.which, counts.count, told, counts.by)


def _few_areas(tally: Tally, where: Spots) -> tuple[Sums, Sums]:
    """Return counts in which only the areas of most incidents, and countries, are areas, and few kinds told apart."""
    totals, counts = tally.totals, _few_kinds(tally.counts)
    place = place_of(totals.where)
    own = (place >= 0) & ~np.append(where.is_country, [False])[place]
    sizes = pd.Series(totals.count[own]).groupby(place[own]).sum()
    if len(sizes) <= _MOST_AREAS:
        return totals, counts
    others = sizes.index.difference(sizes.nlargest(_MOST_AREAS).index).to_numpy()
    return _without(totals, others, where), _without(counts, others, where)


def _without(counts: Sums, areas: Ints, where: Spots) -> Sums:
    """Return counts in which some areas are the squares of their centres."""
    place = place_of(counts.where)
    at = np.where(np.isin(place, areas), where.square[place], counts.where)
    return sums(wider(at, counts.by), counts.which, counts.count, counts.told, counts.by)


def _located(at: Ints, where: Spots) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the square of what is counted somewhere, of areas that of the centre; and whether there is one."""
    place = place_of(at)
    area = (place >= 0) & ~np.append(where.is_country, [False])[place]
    return np.where(area, np.append(where.square, [0])[place], at), area | (at >= 0)


def _neighbourhood(square: Ints, around: int) -> Ints:
    column, line, _ = unpacked(square)
    return np.asarray(
        ((column >> (FINEST - around)) << around) + (line >> (FINEST - around)), dtype=np.int64
    )


def _sparse(counts: Sums, where: Spots, around: int, most: int) -> tuple[list[Ints], int]:
    """Return the squares of each role that open, and up to how many incidents those hold."""
    square, located = _located(counts.where, where)
    known = pd.DataFrame(
        {
            "role": counts.column("role")[located],
            "square": _neighbourhood(square[located], around),
            "count": counts.count[located],
        }
    )
    totals = np.ceil(known.groupby(["role", "square"])["count"].sum().round(6))
    sizes = totals.groupby(totals).sum().sort_index().cumsum()
    few = int(sizes[sizes <= most].index.max()) if (sizes <= most).any() else 0
    chosen = totals[totals <= few].reset_index()
    return [chosen.loc[chosen["role"] == i, "square"].to_numpy() for i in range(len(ROLES))], few


def _opened(counted: Counted, squares: Sequence[Ints], around: int) -> Layers:
    """Return the layers of the incidents that have a place in one of the squares of its role."""
    found = [
        _over(counted.layers, role, _inside, _distinct, role, counted.spots, squares[i], around)
        for i, role in enumerate(ROLES)
    ]
    names = pd.Index(_distinct(found))
    names = names[counted.held_back.get_indexer(names) < 0]
    launches, targets, impacts = (
        _with_points(_over(counted.layers, role, _of_incidents, _stacked, names, columns=None))
        for role in ROLES
    )
    used = _distinct([layer["place_id"].to_numpy() for layer in (launches, targets, impacts)])
    places = counted.layers.places
    # An impact is shown as the site that it is in.
    at = places.index.get_indexer(pd.Index(used))
    sites = np.append(counted.spots.site, -1)[at]
    kept = np.unique(np.concatenate([at[at >= 0], sites[sites >= 0]]))
    return Layers(launches, targets, impacts, places.iloc[kept])


def _inside(
    rows: pd.DataFrame, role: str, where: Spots, squares: Ints, around: int
) -> NDArray[np.object_]:
    """Return the incidents of rows that are counted in some squares."""
    rows = rows[rows["weight"].to_numpy(dtype=float) > 0]
    square, located = _located(where.where(rows, role), where)
    inside = located & np.isin(_neighbourhood(square, around), squares)
    return np.asarray(rows["incident"][inside].unique(), dtype=object)


def _of_incidents(rows: pd.DataFrame, names: pd.Index) -> pd.DataFrame:
    return rows[among(rows, names)].drop(columns="geometry", errors="ignore")


def _stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts)


def _with_points(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(rows["longitude"], rows["latitude"])
    return gpd.GeoDataFrame(rows, geometry=points, crs=4326)


def _filtered(
    counts: Sums, where: Spots, areas: pd.Index
) -> tuple[dict[str, Any], pd.DataFrame, list[str]]:
    """Return what filters work on, in squares so wide that a file holds it; its months and kinds."""
    period, periods = distinct_rows(counts.told[["first", "last"]])
    kind, kinds = pd.factorize(counts.told["kind"])
    told = pd.DataFrame({"role": counts.told["role"], "period": period, "kind": kind})
    found = _spots(counts, where, areas, told)
    while len(pack(found)) > _MOST_BYTES:
        counts = coarser(counts, counts.by + 1)
        found = _spots(counts, where, areas, told)
    months = periods.astype(float).mask(periods.eq(OPEN)).reset_index(drop=True)
    return found, months, [str(text) for text in kinds]


def _spots(counts: Sums, where: Spots, areas: pd.Index, told: pd.DataFrame) -> dict[str, Any]:
    """Return what is known of each distinct `where`, and the counts, for the page."""
    at, size = np.unique(counts.where, return_counts=True)
    place = place_of(at)
    column, line, fit = unpacked(np.where(place >= 0, np.append(where.square, [0])[place], at))
    located = (at >= 0) | (place >= 0)
    is_country = np.append(where.is_country, [False])[place] & (place >= 0)
    status = np.select(
        [at == NOT_PLACED, at == NOT_TOLD, is_country],
        ["not placed", "not told", "country"],
        default="",
    )
    area = areas.get_indexer(where.index[place])
    level = FINEST - counts.by
    # Of a square from one to the next: these are small.
    step = np.diff(counts.which, prepend=0)
    first = np.cumsum(size) - size
    step[first] = counts.which[first]
    whole = np.floor(counts.count + 0.5 / _PARTS)
    share = np.rint((counts.count - whole) * _PARTS).astype(np.int64)
    return {
        "level": level,
        "deepest": min(DEEPEST, level - _SQUARES_DEEP),
        "spots": pd.DataFrame(
            {
                "x": np.where(located, column >> counts.by, np.nan),
                "y": np.where(located, line >> counts.by, np.nan),
                "fit": fit,
                "area": np.where(place >= 0, area, np.nan),
                "status": status.astype(object),
                # How many counts there are of it, one after the other.
                "counts": size,
            }
        ),
        # What is told, once for all counts of the same, so that filters ask it once.
        "told": told,
        "counts": pd.DataFrame({"step": step, "count": whole.astype(np.int64)}),
        # Of incidents with several places.
        "shares": pd.DataFrame({"of": np.flatnonzero(share), "parts": share[share > 0]}),
    }


def _extent(at: Ints, areas: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return shapes that reach as far as what is counted."""
    drawn = areas.geometry.to_numpy()[areas["kind"].ne("country").to_numpy()]
    if not (at >= 0).any():
        return np.asarray(drawn, dtype=object)
    column, line, _ = unpacked(at[at >= 0])
    across, down = (
        (np.array([part.min(), part.max()]) + 0.5) / 2**FINEST for part in (column, line)
    )
    corners = shapely.points(
        (across - 0.5) * 360, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * down))))
    )
    return np.concatenate([drawn, corners])


def _header(counted: Counted) -> dict[str, int]:
    """Return what the panel says of all incidents; what is no attack is told by its accounts."""
    standings = pd.Series(dtype=int)
    # Each role that is told of has a row of every account.
    for role in ROLES:
        if standings.empty:
            standings = _over(counted.layers, role, standings_of, _numbers, counted.held_back)
    return {
        "incidents": counted.incidents,
        "accounts": int(standings.get("counted", 0)),
        "summaries": int(standings.get("summary", 0)),
        "no_attacks": int(standings.get("no attack", 0)),
        "set_aside": int(standings.get("set aside", 0)),
        "held_back": len(counted.held_back),
    }


def _numbers(parts: Sequence[pd.Series]) -> pd.Series:
    whole: pd.Series = pd.concat(parts).groupby(level=0).sum()
    return whole
