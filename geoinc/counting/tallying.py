"""What some of the incidents add to counts of all: tallies of parts, however they were parted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.counting.merging import accounts_of, cells_of, days_and_standing
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
from geoinc.counting.spreading import Spread, cell_shares, spread_over_cells, taken_apart
from geoinc.h3_cells import FINEST
from geoinc.schema import DERIVED_COLUMNS, LAYER_COLUMNS, LINK_COLUMNS, ROLES, STANDINGS, Layers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

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
        self._everything = days_and_standing(layers)
        standing = self._everything["standing"].to_numpy(dtype=object)
        self._is_kept = np.isin(standing.astype(str), question.include)
        self._kept = self._everything[self._is_kept]
        self._placed = Placed.of(self._kept, layers.layer(question.role))

    def tally(self, spreads: Mapping[str, Spread]) -> Tally:
        """Return what the incidents add to the counts.

        Parameters
        ----------
        spreads : mapping
            From `spreads_of`.
        """
        kept, n = self._kept, len(self._kept)
        shares = _linked(kept, self._layers)
        low, best = shares["group"].nunique(), float(shares["share"].sum())
        totals, labels = [], []
        names: dict[str, pd.DataFrame] = {}
        cells: dict[int, pd.DataFrame] = {}
        for i, key in enumerate(self._question.keys):
            if key in spreads:
                of, cells[i] = cell_shares(n, self._placed, spreads[key])
            else:
                of = self._shares(key, names)
            codes, label = pd.factorize(of.category)
            count = np.bincount(codes, of.share, len(label))
            totals.append(pd.DataFrame({"count": count}, index=label))
            labels.append(label)
            parts = {"incident": of.incident, i: codes, "part": of.share, "sure": of.certain}
            shares = shares.merge(pd.DataFrame(parts), on="incident")
            shares["share"] *= shares.pop("part")
            shares["certain"] &= shares.pop("sure")
        table = _summed(shares, labels)
        for i, of_key in cells.items():
            totals[i] = summed(taken_apart(totals[i], 0, of_key))
            table = summed(taken_apart(table, i, of_key))
        open_or_none = kept[["date_start", "date_end"]].isna().any(axis=1)
        return Tally(
            table=table,
            totals=[total["count"] for total in totals],
            sums={
                "total": n,
                "low": low,
                "best": best,
                "undated": int(open_or_none.sum()),
                "not_placed": n - self._placed.number_of(n),
            },
            left_out=self._everything["standing"][~self._is_kept].value_counts(sort=False),
            names=names,
        )

    def _shares(self, key: str, names: dict[str, pd.DataFrame]) -> Shares:
        """Return what each incident may belong to by a thing to count by; put down its names."""
        if key in TIMES:
            return time_shares(self._kept, key)
        if key in (*PLACES, *HOW_PLACED):
            places = self._layers.places
            of_countries = places[places["kind"] == "country"]
            countries = dict(zip(of_countries["country"], of_countries["name"], strict=True))
            found = place_names(self._placed.places, countries, key)
            if key in NAMED:
                names[key] = found.drop(columns="category").drop_duplicates()
            categories = found["category"].to_numpy(dtype=object)
            return place_shares(len(self._kept), self._placed, categories)
        if is_time(key):
            return day_shares(self._kept, date.fromisoformat(key))
        return column_shares(self._kept, accounts_of(self._layers, columns_of(key)), key)


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


def _linked(kept: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Return the incidents by number, with what each is worth and the group it may be one with."""
    shares = pd.DataFrame({"incident": np.arange(len(kept)), "share": 1.0, "certain": True})
    shares["group"] = shares["incident"]
    if any(set(LINK_COLUMNS) <= set(layers.layer(role)) for role in ROLES):
        accounts = accounts_of(layers, ("incident", *LINK_COLUMNS))
        told = accounts.drop_duplicates("incident").set_index("incident").reindex(kept.index)
        group = cells_of(told, "possible_incident").to_numpy()
        alone = (group == "") | (
            pd.Series(group).map(pd.Series(group).value_counts()) == 1
        ).to_numpy()
        shares["group"] = pd.factorize(np.where(alone, kept.index.to_numpy(), group))[0]
        worth = pd.to_numeric(told["incident_share"], errors="coerce").fillna(1.0).to_numpy()
        shares["share"] = np.where(alone, 1.0, worth)
    shares["members"] = np.bincount(shares["group"], minlength=1)[shares["group"]]
    return shares


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


def _summed(shares: pd.DataFrame, labels: list[np.ndarray]) -> pd.DataFrame:
    """Return low, count and high of each category."""
    # A category of several things is a number, as long as it is summed.
    number = np.zeros(len(shares), dtype=np.int64)
    for i, names in enumerate(labels):
        number = number * max(len(names), 1) + shares[i].to_numpy()
    codes, numbers = pd.factorize(number, sort=True)
    # Incidents that may be one are certainly in a category only where all of them are.
    sure = shares["certain"].to_numpy()
    groups, members = (shares[name].to_numpy()[sure] for name in ("group", "members"))
    many = int(groups.max(initial=0)) + 1
    together, first, size = np.unique(
        codes[sure] * many + groups, return_index=True, return_counts=True
    )
    whole = together[size == members[first]] // many
    n = len(numbers)
    index: list[np.ndarray] = []
    for names in reversed(labels):
        numbers, code = np.divmod(numbers, max(len(names), 1))
        index.insert(0, names[code])
    return pd.DataFrame(
        {
            "low": np.bincount(whole, minlength=n),
            "count": np.bincount(codes, shares["share"], n),
            "high": np.bincount(codes, minlength=n),
        },
        index=_index(index, n),
    )


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
    if "incident" in keys:
        msg = "every incident counts once; see gi.incidents(layers) for each"
        raise ValueError(msg)
    if len(set(keys)) < len(keys):
        msg = f"by={list(keys)!r} names a thing twice"
        raise ValueError(msg)
    return Question(keys=keys, role=role, include=wanted, cells=cells)
