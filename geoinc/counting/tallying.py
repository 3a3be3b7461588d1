"""What some of the incidents add to counts of all: tallies of parts, however they were parted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geoinc.counting.accounts import SAY, ByIncident
from geoinc.counting.covering import spread_over_cells
from geoinc.counting.merging import categories_of
from geoinc.counting.sharing import (
    HOW_PLACED,
    NAMED,
    PLACES,
    TIMES,
    Placed,
    Shares,
    column_shares,
    day_shares,
    place_names,
    place_shares,
    time_shares,
)
from geoinc.counting.side_by_side import runs
from geoinc.counting.spreading import (
    Spread,
    at_places,
    cell_shares,
    named,
    side_by_side,
    taken_apart,
)
from geoinc.counting.words import Words
from geoinc.h3_cells import FINEST
from geoinc.schema import DERIVED_COLUMNS, LAYER_COLUMNS, LINK_COLUMNS, STANDINGS, Layers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geoinc.counting.sharing import Bools, Floats, Ints

#: What counts by cell of H3 are asked for by: its resolution.
_CELLS = re.compile(r"h3_(\d{1,2})")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is counted, by what.

    Parameters
    ----------
    keys : tuple of str
        What to count by.
    role : {"target", "launch", "impact"}
        Whose place is counted by.
    include : tuple of str
        Standings to count.
    cells : dict
        The resolution of H3 for each of the keys that asks for its cells.
    """

    keys: tuple[str, ...]
    role: str
    include: tuple[str, ...]
    cells: Mapping[str, int]


@dataclass(frozen=True, eq=False, kw_only=True)
class Tally:
    """What some of the incidents add to the counts of all.

    Parameters
    ----------
    table : pandas.DataFrame
        ``low``, ``count`` and ``high`` of the categories that occur.
    totals : list of pandas.Series
        Of each thing to count by, how many incidents are in each category.
    sums : dict
        ``total``, ``low``, ``best``, ``undated`` and ``not_placed`` of `Counts`.
    left_out : pandas.Series
        How many incidents there are of each standing that is not counted.
    names : dict of str to pandas.DataFrame
        From `place_names`, for each thing to count by whose names may have to be told apart.
    """

    table: pd.DataFrame
    totals: list[pd.Series]
    sums: dict[str, float]
    left_out: pd.Series
    names: dict[str, pd.DataFrame]


class Part:
    """Some of the incidents, with all their accounts: what they add to counts.

    Parameters
    ----------
    layers : Layers
        Their rows; incidents that may be one (`link_reports`) all in one part.
    question : Question
        What is counted.
    """

    def __init__(self, layers: Layers, question: Question) -> None:
        self._layers, self._question = layers, question
        columns = {name for key in question.keys for name in columns_of(key)}
        self._told = ByIncident(layers, {*LINK_COLUMNS, *columns})
        self._is_kept = np.isin(SAY, question.include)[self._told.standing]
        # The position of each incident among those that are counted, -1 for others and for none.
        position = np.where(self._is_kept, np.cumsum(self._is_kept) - 1, -1)
        self._position = np.append(position, -1)
        layer = layers.layer(question.role)
        by_place = [key for key in question.keys if key in (*PLACES, *HOW_PLACED)]
        self._placed = Placed.of(layer, self._position[self._told.of(layer)], by_place)

    def tally(self, spreads: Mapping[str, Spread]) -> Tally:
        """Return what the incidents add to the counts.

        Parameters
        ----------
        spreads : mapping
            From `spreads_of`.
        """
        first, last = (days[self._is_kept] for days in self._told.days[:2])
        n = len(first)
        group, worth = self._groups()
        rows = _Rows(np.arange(n), np.zeros(n, dtype=np.int64), worth, np.ones(n, dtype=bool))
        totals, labels = [], []
        names: dict[str, pd.DataFrame] = {}
        cells: dict[int, pd.DataFrame] = {}
        things = self._things()
        for level, keys in enumerate(things):
            if keys[0] in spreads or len(keys) > 1:
                of, cells[level], shown = self._places(n, keys, names, spreads)
            elif keys[0] in TIMES:
                of = time_shares(first, last, keys[0])
            elif is_time(keys[0]):
                of = day_shares(first, last, date.fromisoformat(keys[0]))
            else:
                of = self._shares(n, keys[0], names)
            count = np.bincount(of.code, of.share, len(of.labels))
            totals.append(pd.DataFrame({"count": count}, index=of.labels))
            labels.append(of.labels)
            rows = rows.shared(of, n)
        table = _summed(rows, group, labels)
        for level, of_level in cells.items():
            totals[level] = summed(taken_apart(totals[level], 0, of_level))
            table = summed(taken_apart(table, level, of_level))
        if len(things) < len(self._question.keys):
            order = [key for keys in things for key in keys]
            table = _in_order(_split(table, shown), order, self._question.keys)
            split = _split(totals.pop(), shown)
            totals += [split.groupby(level=i).sum() for i in range(split.index.nlevels)]
            totals = [totals[order.index(key)] for key in self._question.keys]
        left_out = np.bincount(self._told.standing[~self._is_kept], minlength=len(SAY))
        return Tally(
            table=table,
            totals=[total["count"] for total in totals],
            sums={
                "total": n,
                "low": int(group.max(initial=-1)) + 1,
                "best": float(worth.sum()),
                "undated": int((np.isnat(first) | np.isnat(last)).sum()),
                "not_placed": n - self._placed.number_of(n),
            },
            left_out=pd.Series(left_out, index=SAY)[left_out > 0],
            names=names,
        )

    def _things(self) -> list[list[str]]:
        """Return what is counted by; things of the place together, the last: of one place each is as it is."""
        keys = self._question.keys
        of_place = [
            key for key in keys if key in self._question.cells or key in (*PLACES, *HOW_PLACED)
        ]
        if len(of_place) < 2:
            return [[key] for key in keys]
        return [*([key] for key in keys if key not in of_place), of_place]

    def _places(
        self,
        n: int,
        keys: Sequence[str],
        names: dict[str, pd.DataFrame],
        spreads: Mapping[str, Spread],
    ) -> tuple[Shares, pd.DataFrame, list[NDArray[np.object_]]]:
        """Return what each of n incidents may belong to by cells, and by several things of its places."""
        found = [
            at_places(spreads[key], self._placed)
            if key in spreads
            else named(self._categories(key, names))
            for key in keys
        ]
        if len(found) == 1:
            return (*cell_shares(n, self._placed, found[0]), [])
        whole, shown = side_by_side(found)
        return (*cell_shares(n, self._placed, whole, len(whole.labels)), shown)

    def _categories(self, key: str, names: dict[str, pd.DataFrame]) -> NDArray[np.object_]:
        """Return the category of each place by its name or how it was found; put down its names."""
        places = self._layers.places
        of_countries = places[places["kind"] == "country"]
        countries = dict(zip(of_countries["country"], of_countries["name"], strict=True))
        found = place_names(self._placed.places, countries, key)
        if key in NAMED:
            names[key] = found.drop(columns="category").drop_duplicates()
        return found["category"].to_numpy(dtype=object)

    def _shares(self, n: int, key: str, names: dict[str, pd.DataFrame]) -> Shares:
        """Return what each of n incidents may belong to by its place or a column; put down its names."""
        if key in (*PLACES, *HOW_PLACED):
            return place_shares(n, self._placed, self._categories(key, names))
        told = self._told
        incident = self._position[told.number[told.each.rows]]
        words = categories_of(told.rows, key).take(told.each.rows[incident >= 0])
        return column_shares(n, incident[incident >= 0], words)

    def _groups(self) -> tuple[Ints, Floats]:
        """Return which incidents may be one with which, and what each is worth."""
        told, n = self._told, np.count_nonzero(self._is_kept)
        if not set(LINK_COLUMNS) <= set(told.rows):
            return np.arange(n), np.ones(n)
        at = np.flatnonzero(told.number >= 0)[::-1]
        first = np.empty(len(self._is_kept), dtype=np.intp)
        first[told.number[at]] = at
        accounts = told.rows.iloc[first[self._is_kept]]
        group = Words.of(accounts, "possible_incident").codes
        alone = (group == 0) | (np.bincount(group)[group] == 1)
        worth = pd.to_numeric(accounts["incident_share"], errors="coerce").fillna(1.0).to_numpy()
        together = pd.factorize(np.where(alone, np.arange(n), n + group))[0]
        return together, np.where(alone, 1.0, worth)


class _Rows(NamedTuple):
    """What is counted: a row for each combination of categories that an incident may be in."""

    incident: Ints
    number: Ints  # of the combination
    share: Floats
    certain: Bools

    def shared(self, of: Shares, n: int) -> _Rows:
        """Return the rows of n incidents shared among one more thing to count by."""
        order = np.argsort(of.incident, kind="stable")
        sizes = np.bincount(of.incident, minlength=n)
        begin = np.cumsum(sizes) - sizes
        row, entry = runs(begin[self.incident], sizes[self.incident])
        part = order[entry]
        return _Rows(
            self.incident[row],
            self.number[row] * len(of.labels) + of.code[part],
            self.share[row] * of.share[part],
            self.certain[row] & of.certain[part],
        )


def spreads_of(places: gpd.GeoDataFrame, question: Question) -> dict[str, Spread]:
    """Return for each thing to count by that is cells of H3 those of each place.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Of all that is counted.
    question : Question
        What is counted.

    Raises
    ------
    ModuleNotFoundError
        Where h3 is missing.
    """
    return {
        key: spread_over_cells(places, resolution) for key, resolution in question.cells.items()
    }


def columns_of(key: str) -> tuple[str, ...]:
    """Return the columns of accounts that a count by one of them needs.

    Parameters
    ----------
    key : str
        A column of the reports.
    """
    needed = ("incident", "standing", key)
    return (*needed, "actor_basis") if key == "actor" else needed


def added(tallies: Sequence[Tally]) -> Tally:
    """Return the tally of all incidents of several parts.

    Parameters
    ----------
    tallies : sequence of Tally
        None of them empty, of one question.
    """
    columns = zip(*(tally.totals for tally in tallies), strict=True)
    keys = tallies[0].names
    return Tally(
        table=summed(pd.concat([tally.table for tally in tallies])),
        totals=[pd.concat(parts).groupby(level=0).sum() for parts in columns],
        sums={name: sum(tally.sums[name] for tally in tallies) for name in tallies[0].sums},
        left_out=pd.concat([tally.left_out for tally in tallies]).groupby(level=0).sum(),
        names={
            key: pd.concat([tally.names[key] for tally in tallies]).drop_duplicates()
            for key in keys
        },
    )


def summed(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of counts with one row for each category, in alphabetical order.

    Parameters
    ----------
    table : pandas.DataFrame
        Index the categories, some of them several times.
    """
    return table.groupby(level=list(range(table.index.nlevels))).sum()


def is_time(key: str) -> bool:
    """Return whether a thing to count by is a period or a day.

    Parameters
    ----------
    key : str
        Such as ``month`` or ``2021-03-03``.
    """
    try:
        return key in TIMES or bool(date.fromisoformat(key))
    except ValueError:
        return False


def _summed(rows: _Rows, group: Ints, labels: list[np.ndarray]) -> pd.DataFrame:
    """Return low, count and high of each category."""
    # A category of several things is a number, as long as it is summed.
    codes, numbers = pd.factorize(rows.number, sort=True)
    # Incidents that may be one are certainly in a category only where all of them are.
    sure, groups = codes[rows.certain], group[rows.incident[rows.certain]]
    members = np.bincount(group, minlength=1)[groups]
    many = int(group.max(initial=0)) + 1
    linked = members > 1
    together, first, size = np.unique(
        (sure * many + groups)[linked], return_index=True, return_counts=True
    )
    whole = np.append(sure[~linked], together[size == members[linked][first]] // many)
    n = len(numbers)
    index: list[np.ndarray] = []
    for names in reversed(labels):
        numbers, code = np.divmod(numbers, max(len(names), 1))
        index.insert(0, names[code])
    return pd.DataFrame(
        {
            "low": np.bincount(whole, minlength=n),
            "count": np.bincount(codes, rows.share, n),
            "high": np.bincount(codes, minlength=n),
        },
        index=_index(index, n),
    )


def _split(table: pd.DataFrame, shown: list[NDArray[np.object_]]) -> pd.DataFrame:
    """Return counts whose last level is numbers with what these stand for, a level for each thing."""
    levels = [table.index.get_level_values(i) for i in range(table.index.nlevels)]
    number = levels.pop().to_numpy(dtype=np.int64)
    told: list[Any] = [*levels, *(categories[number] for categories in shown)]
    return table.set_axis(pd.MultiIndex.from_arrays(told))


def _in_order(table: pd.DataFrame, order: Sequence[str], keys: Sequence[str]) -> pd.DataFrame:
    """Return counts with the levels of their index in the order of the question."""
    return summed(table.reorder_levels([order.index(key) for key in keys]))


def _index(levels: list[np.ndarray], n: int) -> pd.Index:
    index: pd.Index = pd.Index(levels[0] if levels else np.full(n, "all", dtype=object))
    return pd.MultiIndex.from_arrays(levels) if len(levels) > 1 else index


def asked(
    by: str | Iterable[str] | None, role: str, include: str | Iterable[str], columns: Iterable[str]
) -> Question:
    """Return what is asked for, or say what is wrong with it.

    Parameters
    ----------
    by, role, include
        As of `counts`.
    columns : iterable of str
        Of the layers.

    Raises
    ------
    ValueError
        As `counts`.
    """
    keys = (by,) if isinstance(by, str) else tuple(by or ())
    wanted = (include,) if isinstance(include, str) else tuple(include)
    for name in wanted:
        if name not in STANDINGS:
            msg = f"include={name!r} is no standing; use {', '.join(map(repr, STANDINGS))}"
            raise ValueError(msg)
    own = [name for name in dict.fromkeys(columns) if name not in {"geometry", *LAYER_COLUMNS}]
    cells = {}
    for key in keys:
        asks = _CELLS.fullmatch(key)
        if key in (*TIMES, *PLACES, *HOW_PLACED, *own) or is_time(key):
            continue
        if asks and int(asks[1]) <= FINEST:
            cells[key] = int(asks[1])
            continue
        told = [name for name in own if name not in DERIVED_COLUMNS]
        msg = (
            f"by={key!r} is nothing to count by; use {', '.join((*TIMES, *PLACES))}, "
            f"h3_5 (cells of H3, 0 to {FINEST}), a day (2021-03-03), "
            f"or a column of the reports: {', '.join(told)}"
        )
        raise ValueError(msg)
    if len(cells) > 1:
        msg = f"by={list(keys)!r}: count by the cells of one resolution at a time"
        raise ValueError(msg)
    if "incident" in keys:
        msg = "every incident counts once; see gi.incidents(layers) for each"
        raise ValueError(msg)
    if len(set(keys)) < len(keys):
        msg = f"by={list(keys)!r} names a thing twice"
        raise ValueError(msg)
    return Question(keys=keys, role=role, include=wanted, cells=cells)
