"""Incidents counted by time, by place or by any column, as far as they are certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.counting.merging import accounts_of, categories_of, cells_of, incidents
from geoinc.schema import LAYER_COLUMNS, ROLES, STANDINGS, Layers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

_TIMES = {"day": "D", "week": "W", "month": "M", "year": "Y"}
_PLACES = ("place", "admin1", "country")
_HOW_PLACED = ("place_status", "place_kind", "place_match", "place_basis")

#: Rows for what has no category; they come last.
_UNDATED, _NOT_PLACED, _NOT_TOLD = "undated", "not placed", "not told"
_NOT_KNOWN = (_UNDATED, _NOT_PLACED, _NOT_TOLD, "unknown")

#: A range of more days, weeks, months or years than this tells no date worth a row.
_WIDEST = 1000


@dataclass(frozen=True, eq=False)
class Counts:
    """How many incidents fall in each category: at least, about, at most.

    Parameters
    ----------
    table : pandas.DataFrame
        Index the categories; ``low`` counts the incidents that are certainly
        in the category, ``high`` those that may be, and ``count`` shares each
        incident among the categories that it may belong to, so that the
        column adds up to `total`.
    by : tuple of str
        What was counted by.
    title : str
        What was counted, in words.
    total : int
        How many incidents there are.
    notes : tuple of str
        What was left out, and why.
    """

    table: pd.DataFrame
    by: tuple[str, ...]
    title: str
    total: int
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the counts as a table of one's own."""
        return self.table.copy()

    def plot(self) -> Axes:
        """Draw the counts as bars, with whiskers from low to high.

        Returns
        -------
        matplotlib.axes.Axes
            To be changed or saved: ``counts.plot().figure.savefig("counts.png")``.

        Raises
        ------
        ModuleNotFoundError
            Where matplotlib is missing (the extra ``plot``).
        ValueError
            Where the counts are by more than two things.
        """
        try:
            from matplotlib import pyplot as plt  # noqa: PLC0415  # an extra, and slow to import
            from matplotlib.ticker import MaxNLocator  # noqa: PLC0415
        except ModuleNotFoundError as error:
            msg = "drawing needs matplotlib: pip install 'geoinc[plot]'"
            raise ModuleNotFoundError(msg, name="matplotlib") from error
        if len(self.by) > 2:
            msg = f"bars show two things at most, not {', '.join(self.by)}; count by fewer"
            raise ValueError(msg)
        parts = {"": self.table}
        if len(self.by) == 2:
            second = self.table.index.get_level_values(1)
            totals = self.table["count"].groupby(second).sum()
            order = _ranks(totals, chronological=self.by[1] in _TIMES)
            parts = {label: self.table[second == label] for label in order}
        labels = _without_gaps(list(self.table.index.get_level_values(0).unique()), self.by)
        _, axes = plt.subplots(figsize=(min(24, max(6.4, 0.3 * len(labels) * len(parts))), 4.8))
        width = 0.8 / len(parts)
        for i, (name, part) in enumerate(parts.items()):
            middle = np.array([labels.index(label) for label in part.index.get_level_values(0)])
            whiskers = np.array([part["count"] - part["low"], part["high"] - part["count"]])
            axes.bar(
                middle + (i - (len(parts) - 1) / 2) * width,
                part["count"],
                width,
                yerr=whiskers.clip(0),  # rounding may leave a hair below 0
                capsize=2,
                label=name,
            )
        step = -(-len(labels) // 40)  # more labels than this run into each other
        at = [i for i, label in enumerate(labels) if i % step == 0 or label in _NOT_KNOWN]
        axes.set_xticks(at, [labels[i] for i in at], rotation=45, ha="right")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel("incidents (bar: shared count, whisker: low to high)")
        axes.set_title(self.title)
        if len(parts) > 1:
            axes.legend(title=self.by[1])
        return axes


def _without_gaps(labels: list[str], by: tuple[str, ...]) -> list[str]:
    """Return the labels of an axis, of time with the empty periods between."""
    dated = [label for label in labels if label != _UNDATED]
    if not dated or not by or by[0] not in _TIMES:
        return labels
    if by[0] == "week":
        first, last = (
            pd.to_datetime(f"{week}-1", format="%G-W%V-%u") for week in (dated[0], dated[-1])
        )
        filled = list(pd.date_range(first, last, freq="7D").strftime("%G-W%V"))
    else:
        filled = list(pd.period_range(dated[0], dated[-1], freq=_TIMES[by[0]]).astype(str))
    return filled + labels[len(dated) :]


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

    Parameters
    ----------
    layers : Layers
        From `locate`, or of data that has coordinates already.
    by : str or iterable of str, optional
        ``day``, ``week``, ``month``, ``year``; ``place``, ``admin1``,
        ``country`` of a role; or any column of the reports.  Without it, all.
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
    shares = pd.DataFrame({"incident": kept.index, "share": 1.0, "certain": True})
    ranks = []
    for i, key in enumerate(keys):
        if key in _TIMES:
            parts = _time_shares(kept, key)
        elif key in (*_PLACES, *_HOW_PLACED):
            parts = _place_shares(kept, layer, layers.places, key)
        else:
            parts = _column_shares(kept, accounts_of(layers), key)
        totals = parts.groupby("category")["share"].sum()
        ranks.append(_ranks(totals, chronological=key in _TIMES))
        parts = parts.rename(columns={"category": i})
        shares = shares.merge(parts, on="incident", suffixes=("", "_of"))
        shares["share"] *= shares.pop("share_of")
        shares["certain"] &= shares.pop("certain_of")
    shares["all"] = "all"
    groups = shares.groupby(list(range(len(keys))) or "all")
    table = pd.DataFrame(
        {
            "low": groups["certain"].sum().astype("int64"),
            "count": groups["share"].sum(),
            "high": groups.size(),
        },
    )
    if keys:
        order = [table.index.get_level_values(i).map(rank) for i, rank in enumerate(ranks)]
        table = table.iloc[np.lexsort(order[::-1])]
        table.index.names = list(keys)
    else:
        table.index.name = "incidents"
    left_out = everything.loc[~everything["standing"].isin(wanted), "standing"].value_counts()
    notes = tuple(f"not counted: {n} {in_words(str(name), n)}" for name, n in left_out.items())
    return Counts(table, keys, _title(keys, role, wanted), len(kept), notes)


def _refuse_unknown(keys: tuple[str, ...], wanted: tuple[str, ...], layers: Layers) -> None:
    for name in wanted:
        if name not in STANDINGS:
            msg = f"include={name!r} is no standing; use {', '.join(map(repr, STANDINGS))}"
            raise ValueError(msg)
    known = dict.fromkeys(name for role in ROLES for name in layers.layer(role).columns)
    columns = [name for name in known if name not in {"geometry", *LAYER_COLUMNS}]
    for key in keys:
        if key not in (*_TIMES, *_PLACES, *_HOW_PLACED, *columns):
            msg = (
                f"by={key!r} is nothing to count by; use {', '.join((*_TIMES, *_PLACES))}, "
                f"or a column of the reports: {', '.join(columns)}"
            )
            raise ValueError(msg)
    if "incident" in keys:
        msg = "every incident counts once; see gi.incidents(layers) for each"
        raise ValueError(msg)
    if len(set(keys)) < len(keys):
        msg = f"by={list(keys)!r} names a thing twice"
        raise ValueError(msg)


def _time_shares(kept: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the periods that each incident may fall in, shared by their days."""
    days = kept[["date_start", "date_end"]].to_numpy(dtype="datetime64[D]").astype("int64")
    bins = _periods(days, key)
    closed = kept[["date_start", "date_end"]].notna().all(axis=1).to_numpy()
    closed = closed & (np.where(closed, bins[:, 1] - bins[:, 0], 0) < _WIDEST)
    first, last = bins[closed].T
    n = last - first + 1
    at = np.repeat(np.flatnonzero(closed), n)
    period = np.arange(n.sum()) - np.repeat(n.cumsum() - n, n) + np.repeat(first, n)
    start, stop = _first_day(period, key), _first_day(period + 1, key)
    inside = np.minimum(stop, days[at, 1] + 1) - np.maximum(start, days[at, 0])
    dated = pd.DataFrame(
        {
            "incident": kept.index[at],
            "category": _period_names(period, key),
            "share": inside / (days[at, 1] - days[at, 0] + 1),
            "certain": np.repeat(n == 1, n),
        },
    )
    return pd.concat([dated, _whole(kept.index[~closed], _UNDATED)])


def _periods(days: np.ndarray, key: str) -> np.ndarray:
    """Return the number of the day, week, month or year of days since 1970."""
    if key == "week":
        return (days + 3) // 7  # 1970 began on a Thursday
    return days.astype("datetime64[D]").astype(f"datetime64[{_TIMES[key]}]").astype("int64")


def _first_day(period: np.ndarray, key: str) -> np.ndarray:
    if key == "week":
        return period * 7 - 3
    return period.astype(f"datetime64[{_TIMES[key]}]").astype("datetime64[D]").astype("int64")


def _period_names(period: np.ndarray, key: str) -> np.ndarray:
    unique, which = np.unique(period, return_inverse=True)
    if key == "week":
        mondays = pd.DatetimeIndex(_first_day(unique, key).astype("datetime64[D]"))
        return mondays.strftime("%G-W%V").to_numpy(dtype=object)[which]
    return unique.astype(f"datetime64[{_TIMES[key]}]").astype(str).astype(object)[which]


def _place_shares(
    kept: pd.DataFrame, layer: pd.DataFrame, places: pd.DataFrame, key: str
) -> pd.DataFrame:
    """Return the places of each incident in a role, with the weight that each has."""
    rows = pd.DataFrame(layer[layer["incident"].isin(kept.index)].drop(columns="geometry"))
    weight = rows["weight"].astype(float)
    # What is not counted has no weight: if asked for, its rows share evenly.
    weightless = weight.groupby(rows["incident"]).transform("sum") == 0
    weight = weight.where(~weightless, 1.0)
    rows = rows.assign(share=weight, category=_place_names(rows, places, key))[weight > 0]
    shares = rows.groupby(["incident", "category"], sort=False)["share"].sum().reset_index()
    total = shares.groupby("incident")["share"].transform("sum")
    shares["share"] /= total
    shares["certain"] = ~shares["incident"].duplicated(keep=False)
    missing = kept.index.difference(pd.Index(shares["incident"]))
    return pd.concat([shares, _whole(missing, _NOT_PLACED)])


def _place_names(rows: pd.DataFrame, places: pd.DataFrame, key: str) -> pd.Series:
    """Return in which place, province or country each row lies, as far as it is known."""
    if key in _HOW_PLACED:
        words = cells_of(rows, key)
        return words.where(words != "", _NOT_PLACED)
    code, admin1 = cells_of(rows, "place_country"), cells_of(rows, "place_admin1")
    named = places[places["kind"] == "country"].set_index("country")["name"].to_dict()
    country = code.map(lambda letters: named.get(letters, letters))
    if key == "place":
        names = _told_apart(cells_of(rows, "place_name"), cells_of(rows, "place_id"), admin1)
    elif key == "country":
        names = country.where(country != "", "across countries")
    else:
        somewhere = ("somewhere in " + country).where(country != "", "across countries")
        names = _told_apart(admin1, code + admin1, country).where(admin1 != "", somewhere)
    # Of a name that is only hinted the province is known, the place is not.
    known = rows["place_status"] == "resolved" if key == "place" else rows["place_id"] != ""
    return names.where(known, _NOT_PLACED)


def _told_apart(names: pd.Series, identity: pd.Series, more: pd.Series) -> pd.Series:
    """Return names, with something more in brackets where one name means several things."""
    shared = identity.groupby(names).transform("nunique") > 1
    return names.where(~shared | (more == ""), names + " (" + more + ")")


def _column_shares(kept: pd.DataFrame, accounts: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return what the accounts of each incident tell in a column, shared evenly."""
    # As in `incidents`: only accounts of the incident's own standing have a say.
    standing = accounts["incident"].map(kept["standing"])
    accounts = accounts[accounts["standing"] == standing]
    told = pd.DataFrame(
        {"incident": accounts["incident"], "category": categories_of(accounts, key)}
    )
    told = told[told["category"] != ""].drop_duplicates()
    # "Unknown" is no claim against an account that knows.
    unknown = told["category"] == "unknown"
    told = told[~(unknown & told["incident"].isin(told.loc[~unknown, "incident"]))]
    n = told.groupby("incident")["category"].transform("size")
    shares = told.assign(share=1 / n, certain=n == 1)
    return pd.concat([shares, _whole(kept.index.difference(pd.Index(told["incident"])), _NOT_TOLD)])


def _whole(names: pd.Index, category: str) -> pd.DataFrame:
    return pd.DataFrame({"incident": names, "category": category, "share": 1.0, "certain": True})


def _ranks(totals: pd.Series, *, chronological: bool) -> dict[str, int]:
    """Return the rank of each category: by time or by number, what is not known last."""
    unknown = totals.index.isin(_NOT_KNOWN)
    weight = np.zeros(len(totals)) if chronological else -totals.to_numpy().round(9)
    order = np.lexsort((totals.index.to_numpy(dtype=str), weight, unknown))
    return {str(name): rank for rank, name in enumerate(totals.index[order])}


def _title(keys: tuple[str, ...], role: str, wanted: tuple[str, ...]) -> str:
    parts = [f"{key} of the {role}" if key in _PLACES else key.replace("_", " ") for key in keys]
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
