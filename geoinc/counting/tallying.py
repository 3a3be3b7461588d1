"""Incidents counted by time, by place or by any column, as far as they are certain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.counting.charts import Kind, drawn
from geoinc.counting.merging import accounts_of, cells_of, incidents
from geoinc.counting.sharing import (
    HOW_PLACED,
    PLACES,
    TIMES,
    column_shares,
    day_shares,
    place_shares,
    ranks,
    time_shares,
)
from geoinc.counting.sheets import write_counts
from geoinc.schema import LAYER_COLUMNS, LINK_COLUMNS, ROLES, STANDINGS, Layers

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from matplotlib.figure import Figure

_LEFT_OUT = "not counted: "


@dataclass(frozen=True, eq=False)
class Counts:
    """How many incidents fall in each category: at least, about, at most.

    Parameters
    ----------
    table : pandas.DataFrame
        Index the categories; ``low`` counts the incidents that are certainly
        in the category, ``high`` those that may be, and ``count`` shares each
        incident among the categories that it may belong to, so that the
        column adds up to `best`.
    by : tuple of str
        What was counted by.
    title : str
        What was counted, in words.
    total : int
        How many incidents there are.
    low : int
        How many there are if all that may be one is one (`link_reports`).
    best : float
        How many there are if what is likely one is one.
    undated, not_placed : int
        How many have no date, or none that is closed; and no place.
    notes : tuple of str
        What was left out, and why.
    """

    table: pd.DataFrame
    by: tuple[str, ...]
    title: str
    total: int
    low: int
    best: float
    undated: int
    not_placed: int
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the counts as a table of one's own."""
        return self.table.copy()

    @property
    def caption(self) -> str:
        """What a reader must know beside the figures: n, what is undated, not placed, left out."""
        fewer = f" ({self.low} if all that may be one is one)" if self.low < self.total else ""
        parts = [
            f"n = {self.total}{fewer}",
            f"{self.undated} undated",
            f"{self.not_placed} not placed",
        ]
        left_out = ", ".join(note.removeprefix(_LEFT_OUT) for note in self.notes)
        return "; ".join([*parts, *([_LEFT_OUT + left_out] if left_out else [])])

    def plot(self, *, kind: Kind = "bar") -> Figure:
        """Draw the counts; beneath them stand n and what is undated, not placed or left out.

        Parameters
        ----------
        kind : {"bar", "stacked", "timeline", "multiples"}
            Bars, with whiskers from low to high; bars in parts, for counts by two
            things; bars on an axis of time; or a small picture for each value of
            the second thing, those of most incidents first.

        Returns
        -------
        matplotlib.figure.Figure
            To be changed or saved: ``counts.plot().savefig("counts.png")``.

        Raises
        ------
        ModuleNotFoundError
            Where matplotlib is missing (the extra ``plot``).
        ValueError
            Where the counts are by more things than the picture shows, or by fewer.
        """
        return drawn(self.table, self.by, kind=kind, title=self.title, caption=self.caption)

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """Write the counts to an Excel file, with what they count and what was left out.

        Parameters
        ----------
        path : path
            Ends in ``.xlsx``; a file that is there is replaced whole or not at all.

        Raises
        ------
        ModuleNotFoundError
            Where openpyxl is missing (the extra ``excel``).
        """
        write_counts(self.table, path, title=self.title, caption=self.caption)


def counts(
    layers: Layers,
    *,
    by: str | Iterable[str] | None = None,
    role: str = "target",
    include: str | Iterable[str] = ("counted",),
) -> Counts:
    """Count incidents, each once, and say how far the count is certain.

    An incident is certainly in a category where nothing else is possible: its
    days lie in one month, its place in one province, its accounts agree.
    Otherwise it is in the ``high`` of every category that it may belong to and
    in the ``low`` of none.  What has no date at all, or no place, or is known
    no finer than its country, has rows of its own, and is in no other's high.

    Where `link_reports` says that incidents may be one, the low counts them once,
    in a category that all of them are certainly in, and the high each.

    Parameters
    ----------
    layers : Layers
        From `locate`, or of data that has coordinates already.
    by : str or iterable of str, optional
        ``day``, ``week``, ``month``, ``year``; ``place``, ``admin1``,
        ``country`` of a role; any column of the reports; or a day, such as
        ``"2021-03-03"``, for before and after it.  Without it, all.
    role : {"target", "launch", "impact"}
        Whose place is counted by.
    include : str or iterable of str
        Standings to count; by default no summaries, no foiled attacks, called
        off or false alarms, and nothing that was set aside.

    Returns
    -------
    Counts
        With ``.table``, ``.to_frame()``, ``.plot()``, and what was left out in ``.notes``.

    Raises
    ------
    ValueError
        Where there is nothing of that name to count by.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"target": ["Erbil", "Balad"], "date": ["2021-02-15", "2021-02/2021-03"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> gi.counts(layers, by="month").to_frame().reset_index().round(2)
         month  low  count  high
    0  2021-02    1   1.47     2
    1  2021-03    0   0.53     1
    """
    keys = (by,) if isinstance(by, str) else tuple(by or ())
    wanted = (include,) if isinstance(include, str) else tuple(include)
    layer = layers.layer(role)
    _refuse_unknown(keys, wanted, layers)
    everything = incidents(layers)
    kept = everything[everything["standing"].isin(wanted)]
    shares = _linked(kept, layers)
    low, best = shares["group"].nunique(), float(shares["share"].sum())
    orders = []
    for i, key in enumerate(keys):
        parts = _shares(kept, layer, layers, key)
        totals = parts.groupby("category")["share"].sum()
        orders.append(ranks(totals, chronological=_is_time(key)))
        parts = parts.rename(columns={"category": i})
        shares = shares.merge(parts, on="incident", suffixes=("", "_of"))
        shares["share"] *= shares.pop("share_of")
        shares["certain"] &= shares.pop("certain_of")
    table = _summed(shares, list(range(len(keys))))
    if keys:
        order = [table.index.get_level_values(i).map(rank) for i, rank in enumerate(orders)]
        table = table.iloc[np.lexsort(order[::-1])]
        table.index.names = list(keys)
    else:
        table.index.name = "incidents"
    left_out = everything.loc[~everything["standing"].isin(wanted), "standing"].value_counts()
    placed = layer[cells_of(layer, "place_id") != ""]["incident"]
    return Counts(
        table,
        keys,
        _title(keys, role, wanted),
        total=len(kept),
        low=low,
        best=best,
        undated=int(kept[["date_start", "date_end"]].isna().any(axis=1).sum()),
        not_placed=int((~kept.index.isin(placed)).sum()),
        notes=tuple(f"{_LEFT_OUT}{n} {in_words(str(name), n)}" for name, n in left_out.items()),
    )


def _linked(kept: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Return the incidents, with what each is worth and the group it may be one with."""
    shares = pd.DataFrame({"incident": kept.index, "share": 1.0, "certain": True})
    shares["group"] = shares["incident"]
    rows = layers.rows()
    if set(LINK_COLUMNS) <= set(rows):
        told = rows.drop_duplicates("incident").set_index("incident").reindex(kept.index)
        group = cells_of(told, "possible_incident").to_numpy()
        alone = (group == "") | (
            pd.Series(group).map(pd.Series(group).value_counts()) == 1
        ).to_numpy()
        shares["group"] = np.where(alone, shares["incident"], group)
        worth = pd.to_numeric(told["incident_share"], errors="coerce").fillna(1.0).to_numpy()
        shares["share"] = np.where(alone, 1.0, worth)
    shares["members"] = shares.groupby("group")["incident"].transform("size")
    return shares


def _shares(kept: pd.DataFrame, layer: pd.DataFrame, layers: Layers, key: str) -> pd.DataFrame:
    """Return what each incident may belong to by a thing to count by."""
    if key in TIMES:
        return time_shares(kept, key)
    if key in (*PLACES, *HOW_PLACED):
        return place_shares(kept, layer, layers.places, key)
    if _is_time(key):
        return day_shares(kept, date.fromisoformat(key))
    return column_shares(kept, accounts_of(layers), key)


def _is_time(key: str) -> bool:
    """Return whether a thing to count by is a period or a day."""
    try:
        return key in TIMES or bool(date.fromisoformat(key))
    except ValueError:
        return False


def _summed(shares: pd.DataFrame, levels: list[int]) -> pd.DataFrame:
    """Return low, count and high of each category."""
    by: list[int | str] = [*levels] or ["all"]
    shares = shares.assign(all="all")
    groups = shares.groupby(by)
    # Incidents that may be one are certainly in a category only where all of them are.
    together = shares[shares["certain"]].groupby([*by, "group"])["members"].agg(["size", "first"])
    sure = together["size"] == together["first"]
    low = sure.groupby(level=list(range(len(by)))).sum()
    return (
        pd.DataFrame(
            {"low": low, "count": groups["share"].sum(), "high": groups.size()},
            index=groups.size().index,
        )
        .fillna({"low": 0})
        .astype({"low": "int64"})
    )


def _refuse_unknown(keys: tuple[str, ...], wanted: tuple[str, ...], layers: Layers) -> None:
    for name in wanted:
        if name not in STANDINGS:
            msg = f"include={name!r} is no standing; use {', '.join(map(repr, STANDINGS))}"
            raise ValueError(msg)
    known = dict.fromkeys(name for role in ROLES for name in layers.layer(role).columns)
    columns = [name for name in known if name not in {"geometry", *LAYER_COLUMNS}]
    for key in keys:
        if key not in (*TIMES, *PLACES, *HOW_PLACED, *columns) and not _is_time(key):
            msg = (
                f"by={key!r} is nothing to count by; use {', '.join((*TIMES, *PLACES))}, "
                f"a day (2021-03-03), or a column of the reports: {', '.join(columns)}"
            )
            raise ValueError(msg)
    if "incident" in keys:
        msg = "every incident counts once; see gi.incidents(layers) for each"
        raise ValueError(msg)
    if len(set(keys)) < len(keys):
        msg = f"by={list(keys)!r} names a thing twice"
        raise ValueError(msg)


def _title(keys: tuple[str, ...], role: str, wanted: tuple[str, ...]) -> str:
    parts = [f"{key} of the {role}" if key in PLACES else key.replace("_", " ") for key in keys]
    title = "Incidents" + (f" by {' and '.join(parts)}" if parts else "")
    return title if wanted == ("counted",) else f"{title} ({', '.join(wanted)})"


def in_words(standing: str, n: int) -> str:
    """Return what a number of incidents of a standing is called."""
    one, many = {
        "counted": ("attack", "attacks"),
        "summary": ("summary of many attacks", "summaries of many attacks"),
        "no attack": (
            "attack foiled, called off or a false alarm",
            "attacks foiled, called off or false alarms",
        ),
        "set aside": ("set aside",) * 2,
    }[standing]
    return one if n == 1 else many
