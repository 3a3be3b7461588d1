"""Incidents as counts: how many there are in each small square, by role, months and kind.

The counts of parts of a table add up to those of the whole, whatever the parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geoinc.counting.words import cells_of
from geoinc.maps.packing import distinct_rows
from geoinc.maps.placing import AREA_KINDS, PRECISE_M, sites_of
from geoinc.schema import ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

#: The finest squares: the side of the world in Web Mercator, halved so many times (76 m at the equator).
FINEST = 19

#: The finest hexagons: those of this zoom.
DEEPEST = 13

#: Width of a hexagon, in pixels of 256 to the world's side at zoom 0: from there to twice as
#: wide it is on the screen.
HEXAGON = 28 / 256

#: Metres around the world on the equator.
_EQUATOR_M = 40_075_016.7

#: Where a row is that is in no square: `_AREA` and below are the places that are areas.
NOT_PLACED, NOT_TOLD, _AREA = -1, -2, -3

#: A month that is not known, or none.
OPEN = np.iinfo(np.int32).min

#: So large a number of a square, with so many bits of what is told of it, is one of 64 bits.
_BITS = 63 - (2 * FINEST + 5)

#: What of a row is asked for.
COLUMNS = ("incident", "part", "standing", "place_id", "place_status", "weight", "date_start",
           "date_end", "event_type")  # fmt: skip


#: No incident.
NOBODY = pd.Index([], dtype=object)


@dataclass(frozen=True, eq=False)
class Spots:
    """Where the incidents of each place are counted.

    Parameters
    ----------
    index : pandas.Index
        The places, ``place_id``.
    square : array of int
        Of each, the square of its centre and how wide a hexagon has to be to hold it; see `unpacked`.
    is_area, is_country : array of bool
        Which are areas on a map of any zoom, and which no more than a country.
    site : array of int
        The place that an impact there is shown as, -1 for itself.
    """

    index: pd.Index
    square: Ints
    is_area: NDArray[np.bool_]
    is_country: NDArray[np.bool_]
    site: NDArray[np.intp]

    def where(self, rows: pd.DataFrame, role: str) -> Ints:
        """Return where each of some rows is counted."""
        place = self.index.get_indexer(pd.Index(rows["place_id"]))
        status = rows["place_status"].to_numpy(dtype=object)
        hinted = status != "resolved"
        if role == "impact":
            site = np.append(self.site, -1)[place]
            place = np.where(site >= 0, site, place)
        # A name that is only hinted is somewhere in an area, however small that is.
        whole = np.append(self.is_area | self.is_country, [False])[place] | hinted
        where = np.where(whole, _AREA - place, np.append(self.square, [0])[place])
        nowhere = np.where(status == "not told", NOT_TOLD, NOT_PLACED)
        return np.asarray(np.where(place >= 0, where, nowhere), dtype=np.int64)


def spots(places: gpd.GeoDataFrame) -> Spots:
    """Return where the incidents of each place are counted.

    A place is in a hexagon as long as that is as wide as its footprint; a finer
    hexagon would say more than is known.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        As `Layers.places`.
    """
    lon, lat, error_m = (
        places[name].to_numpy(dtype=float) for name in ("longitude", "latitude", "uncertainty_m")
    )
    lat = np.clip(lat, -85.05, 85.05)
    side = 2**FINEST
    across = lon / 360 + 0.5
    down = 0.5 - np.arctanh(np.sin(np.radians(lat))) / (2 * np.pi)
    column, line = (
        np.clip(np.floor(part * side), 0, side - 1).astype(np.int64) for part in (across, down)
    )
    width_m = _EQUATOR_M * np.cos(np.radians(lat)) * HEXAGON
    fits = np.floor(np.log2(width_m / (2 * np.maximum(error_m, 1.0))))
    fits = np.clip(fits, -1, DEEPEST).astype(np.int64)
    return Spots(
        index=places.index,
        square=_packed(column, line, fits),
        is_area=places["uncertainty_m"].gt(PRECISE_M).to_numpy()
        | places["kind"].isin(AREA_KINDS).to_numpy(),
        is_country=places["kind"].eq("country").to_numpy(),
        site=sites_of(places, np.arange(len(places))),
    )


def _packed(column: Ints, line: Ints, fits: Ints) -> Ints:
    return np.asarray(((column << FINEST) + line) * 16 + fits + 1)


def unpacked(square: Ints) -> tuple[Ints, Ints, Ints]:
    """Return column and line of squares, and the deepest zoom whose hexagons hold the place, or -1."""
    cell = square >> 4
    return cell >> FINEST, cell & (2**FINEST - 1), (square & 15) - 1


def place_of(where: Ints) -> Ints:
    """Return the place of what is counted as an area, below 0 of what is not."""
    return np.where(where <= _AREA, _AREA - where, -1)


@dataclass(frozen=True, eq=False)
class Sums:
    """How many incidents there are, by where they are counted and by what is told of them.

    Parameters
    ----------
    where : array of int
        See `Spots.where`; in order.
    which : array of int
        Row of `told`; in order where `where` is the same.
    count : array of float
        The sum of weights: 1 for an incident and role in all.
    told : pandas.DataFrame
        Distinct rows, in order: the number of the ``role``; of counts that filters work on the
        ``first`` and ``last`` possible month since 1970 and the ``kind`` of attack.
    by : int
        How many times the squares are twice as wide as the finest.
    """

    where: Ints
    which: Ints
    count: NDArray[np.float64]
    told: pd.DataFrame
    by: int = 0

    def __len__(self) -> int:
        return len(self.where)

    def column(self, name: str) -> pd.Series:
        """Return what is told of each count."""
        return self.told[name].take(self.which).reset_index(drop=True)


def sums(
    where: Ints, which: Ints, count: NDArray[np.float64], told: pd.DataFrame, by: int = 0
) -> Sums:
    """Return counts by where and by what is told, each once and in order.

    Parameters
    ----------
    where, which, count :
        As of `Sums`, in any order.
    told : pandas.DataFrame
        Rows that may be told several times.
    by : int
        As of `Sums`.
    """
    own, distinct = distinct_rows(told)
    in_order = distinct.reset_index(drop=True).sort_values(list(told.columns))
    which = np.argsort(in_order.index)[own][which]
    bits = len(in_order).bit_length()
    if bits <= _BITS:
        order = np.argsort((where << bits) + which, kind="stable")
    else:
        order = np.lexsort((which, where))
    where, which = where[order], which[order]
    new = (np.diff(where, prepend=where[:1] - 1) != 0) | (np.diff(which, prepend=-1) != 0)
    first = np.flatnonzero(new)
    count = np.add.reduceat(count[order], first) if len(first) else count
    return Sums(where[first], which[first], count, in_order.reset_index(drop=True), by)


def counts_of(rows: pd.DataFrame, role: str, where: Spots, held_back: pd.Index = NOBODY) -> Sums:
    """Return how many incidents rows of a layer stand for.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of one role, with `COLUMNS`.
    role : str
        Theirs.
    where : Spots
        Of all places.
    held_back : pandas.Index
        Incidents that are left out.
    """
    weight = rows["weight"].to_numpy(dtype=float)
    kept = weight > 0
    if len(held_back):
        kept = kept & ~among(rows, held_back)
    rows, weight = rows[kept], weight[kept]
    first, last = (_months(rows[name]) for name in ("date_start", "date_end"))
    told = pd.DataFrame(
        {"role": ROLES.index(role), "first": first, "last": last, "kind": _kinds(rows)}
    )
    which, told = distinct_rows(told)
    return sums(where.where(rows, role), which, weight, told)


def _kinds(rows: pd.DataFrame) -> NDArray[np.object_]:
    """Return the kinds of attack, each distinct text looked at once."""
    if "event_type" not in rows:
        return np.full(len(rows), "", dtype=object)
    codes, distinct = pd.factorize(rows["event_type"], use_na_sentinel=False)
    texts = cells_of(pd.DataFrame({"event_type": distinct}), "event_type")
    return np.asarray(texts.to_numpy(dtype=object)[codes])


def _months(dates: pd.Series) -> Ints:
    """Return months since January 1970, `OPEN` where there is no date."""
    days = dates.dt.tz_localize(None).to_numpy()
    months = days.astype("datetime64[M]").astype(np.int64)
    return np.where(np.isnat(days), OPEN, months)


def among(rows: pd.DataFrame, incidents: pd.Index) -> NDArray[np.bool_]:
    """Return whether each row is one of some incidents, which are looked through once for all parts."""
    return np.asarray(incidents.get_indexer(pd.Index(rows["incident"], dtype=object)) >= 0)


class Tally(NamedTuple):
    """Counts of a part or of the whole, as fine as a page can hold.

    Parameters
    ----------
    totals : Sums
        By role alone.
    counts : Sums
        By all that filters work on.

    Notes
    -----
    Squares get wider as soon as a part has too many counts.  The whole has no fewer
    than a part of it, so in the end they are as wide as if all had been counted first.
    """

    totals: Sums
    counts: Sums


def tally_of(rows: pd.DataFrame, role: str, where: Spots, held_back: pd.Index = NOBODY) -> Tally:
    """Return `counts_of` rows, with their totals."""
    counts = counts_of(rows, role, where, held_back)
    totals = sums(counts.where, counts.which, counts.count, counts.told[["role"]])
    return Tally(totals, counts)


def added(parts: Sequence[Tally], most_totals: int, most_counts: int) -> Tally:
    """Return tallies of parts as that of the whole, with no more totals and counts than so many."""
    totals = fitting([part.totals for part in parts], most_totals)
    return Tally(totals, fitting([part.counts for part in parts], most_counts, totals.by))


def fitting(parts: Sequence[Sums], most: int, least: int = 0) -> Sums:
    """Return counts of parts as one, the squares as wide as the widest, as `least`, and as `most` asks for."""
    by = max(least, *(part.by for part in parts))
    starts = np.cumsum([0, *(len(part.told) for part in parts)])
    whole = sums(
        np.concatenate([wider(part.where, by) for part in parts]),
        np.concatenate([part.which + start for part, start in zip(parts, starts, strict=False)]),
        np.concatenate([part.count for part in parts]),
        pd.concat([part.told for part in parts], ignore_index=True),
        by,
    )
    while len(whole) > most:
        whole = coarser(whole, whole.by + 1)
    return whole


def coarser(counts: Sums, by: int) -> Sums:
    """Return counts whose squares are `by` times twice as wide as the finest; they keep the place of the first."""
    return sums(wider(counts.where, by), counts.which, counts.count, counts.told, by)


def wider(where: Ints, by: int) -> Ints:
    """Return squares as parts of those that are `by` times twice as wide as the finest."""
    column, line, fits = unpacked(where)
    squares = _packed(column >> by << by, line >> by << by, fits)
    return np.where(where >= 0, squares, where)


def standings_of(rows: pd.DataFrame, held_back: pd.Index = NOBODY) -> pd.Series:
    """Return how many accounts of a role's rows have each standing."""
    kept = rows["part"].eq(1).to_numpy(dtype=bool)
    if len(held_back):
        kept = kept & ~among(rows, held_back)
    return rows.loc[kept, "standing"].value_counts()


def younger_of(rows: pd.DataFrame, day: pd.Timestamp) -> NDArray[np.object_]:
    """Return the incidents of rows that may be younger than a day, or of which no day is known."""
    old = rows["date_end"].dt.tz_localize(None) <= day
    return np.asarray(rows["incident"][~old].unique(), dtype=object)
