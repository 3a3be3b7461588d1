"""What incidents at each place are shared among, where a place is in several categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.counting.sharing import NOT_PLACED, Placed, Shares, once, weights_of
from geoinc.counting.side_by_side import runs
from geoinc.counting.words import cells_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Spread:
    """The categories that an incident at each place may be in, and what share it has in each.

    Parameters
    ----------
    index : pandas.Index
        The places, ``place_id``, or rows of `Placed.places`.
    labels : array of object
        The categories.
    start : array of int
        Where the categories of each place begin, and at last where they end.
    label : array of int
        Which of the labels each is; in the order of the labels within a place.
    share : array of float
        They add up to 1 for a place; 0 where only the error of a boundary reaches.
    """

    index: pd.Index
    labels: NDArray[np.object_]
    start: Ints
    label: Ints
    share: Floats


def at_places(spread: Spread, placed: Placed) -> Spread:
    """Return the categories of the places of rows, each different row once.

    Parameters
    ----------
    spread : Spread
        Of all places.
    placed : Placed
        The rows.
    """
    place = spread.index.get_indexer(pd.Index(cells_of(placed.places, "place_id"), dtype=object))
    size = np.append(np.diff(spread.start), 1)[place]
    _, entry = runs(spread.start[place], size)
    return Spread(
        index=placed.places.index,
        labels=np.append(spread.labels, NOT_PLACED),
        start=np.concatenate([[0], size.cumsum()]),
        # What has no place is beyond the last.
        label=np.append(spread.label, len(spread.labels))[entry],
        share=np.append(spread.share, 1.0)[entry],
    )


def named(categories: NDArray[np.object_]) -> Spread:
    """Return the one category of each place.

    Parameters
    ----------
    categories : array of str
        Of each of the places, from `place_names`.
    """
    codes, labels = pd.factorize(categories)
    n = len(codes)
    return Spread(pd.RangeIndex(n), labels, np.arange(n + 1), codes, np.ones(n))


def side_by_side(spreads: Sequence[Spread]) -> tuple[Spread, list[NDArray[np.object_]]]:
    """Return the categories by several things of the same places as one.

    Parameters
    ----------
    spreads : sequence of Spread
        Of the same places; no more than one has several categories of a place.

    Returns
    -------
    spread : Spread
        Its labels are numbers.
    labels : list of array
        For each thing its category of each number, and at last `NOT_PLACED`.
    """
    whole, *others = spreads
    label, share, start = whole.label, whole.share, whole.start
    for other in others:
        sizes = np.diff(start), np.diff(other.start)
        size = sizes[0] * sizes[1]
        at, entry = runs(np.zeros_like(size), size)
        one, two = start[at] + entry // sizes[1][at], other.start[at] + entry % sizes[1][at]
        label = label[one] * len(other.labels) + other.label[two]
        share = share[one] * other.share[two]
        start = np.concatenate([[0], size.cumsum()])
    label, numbers = pd.factorize(label)
    labels: list[NDArray[np.object_]] = []
    left = numbers
    for spread in reversed(spreads):
        left, code = np.divmod(left, max(len(spread.labels), 1))
        labels.insert(0, np.append(spread.labels[code], NOT_PLACED))
    found = Spread(whole.index, np.arange(len(numbers)).astype(object), start, label, share)
    return found, labels


def cell_shares(
    n: int, placed: Placed, spread: Spread, nowhere: object = NOT_PLACED
) -> tuple[Shares, pd.DataFrame]:
    """Return in which cell each of n incidents is, all that one may lie in as one category.

    So an incident is one row, however many cells a province has.  What is several cells is a
    number, which is taken apart (`taken_apart`) when those in the same ones have been counted.

    Parameters
    ----------
    n : int
        How many incidents there are.
    placed : Placed
        Their rows.
    spread : Spread
        Of the places of these.
    nowhere : object
        The category of what has no row.

    Returns
    -------
    shares : Shares
        One row for each incident.
    cells : pandas.DataFrame
        Of each ``number``, in their order, the ``cell`` names and the ``share`` of each.
    """
    # First the names, then what has no place, places in several cells, incidents at several places.
    unknown = len(spread.labels)
    several = unknown + 1 + len(spread.index)
    wide = np.diff(spread.start) > 1
    codes = np.where(wide, unknown + 1 + np.arange(len(wide)), spread.label[spread.start[:-1]])
    incident, code, share = weights_of(n, placed, codes)
    category = np.full(n, unknown)
    category[incident] = code
    apart = (np.bincount(incident, minlength=n) > 1)[incident]
    category[incident[apart]] = several + incident[apart]
    used = np.unique(category[(category > unknown) & (category < several)])
    at, cell, part = _in_cells(used, spread)
    mixed, met, share_met = _in_cells(code[apart], spread)
    mixed, met, share_met = once(n, incident[apart][mixed], met, share[apart][mixed] * share_met)
    names = np.concatenate([spread.labels, np.array([nowhere], dtype=object)])
    cells = pd.DataFrame(
        {
            "number": np.concatenate([used[at], several + mixed]),
            "cell": names[np.concatenate([cell, met])],
            "share": np.concatenate([part, share_met]),
        }
    )
    which, distinct = pd.factorize(category)
    labels = distinct.astype(object)
    labels[distinct <= unknown] = names[distinct[distinct <= unknown]]
    return Shares(np.arange(n), which, np.ones(n), category <= unknown, labels), cells


def _in_cells(codes: Ints, spread: Spread) -> tuple[Ints, Ints, Floats]:
    """Return for each code of a place in several cells these and their shares; others are themselves."""
    place = np.maximum(codes - len(spread.labels) - 1, -1)
    size = np.append(np.diff(spread.start), 1)[place]
    at, entry = runs(spread.start[place], size)
    cell = np.where(place[at] < 0, codes[at], np.append(spread.label, 0)[entry])
    return at, cell, np.append(spread.share, 1.0)[entry]


def taken_apart(table: pd.DataFrame, level: int, cells: pd.DataFrame) -> pd.DataFrame:
    """Return counts in which numbers of one level are the cells that they stand for.

    Parameters
    ----------
    table : pandas.DataFrame
        Index the categories; ``count`` is shared by the cells, other columns go to each.
    level : int
        Of the index.
    cells : pandas.DataFrame
        From `cell_shares`.

    Returns
    -------
    pandas.DataFrame
        Some categories several times.
    """
    names = table.index.get_level_values(level)
    is_number = names.isin(cells["number"].unique())
    numbers = names[is_number].to_numpy(dtype=np.int64)
    first, last = (
        np.searchsorted(cells["number"], numbers, side=side) for side in ("left", "right")
    )
    at, entry = runs(first, last - first)
    rows = table[is_number].iloc[at]
    rows = rows.assign(count=rows["count"] * cells["share"].to_numpy()[entry])
    index = rows.index.to_frame(index=False)
    index.isetitem(level, cells["cell"].to_numpy(dtype=object)[entry])
    rows.index = (
        pd.MultiIndex.from_frame(index) if index.shape[1] > 1 else pd.Index(index.iloc[:, 0])
    )
    return pd.concat([table[~is_number], rows])
