"""How each incident is shared among the periods, places or values it may belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.counting.merging import categories_of, cells_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

TIMES = {"day": "D", "week": "W", "month": "M", "year": "Y"}
PLACES = ("place", "admin1", "country")
#: Of these one name may mean several, which the count then tells apart.
NAMED = ("place", "admin1")
HOW_PLACED = ("place_status", "place_kind", "place_match", "place_basis")

#: Rows for what has no category; they come last.
UNDATED, NOT_PLACED, NOT_TOLD = "undated", "not placed", "not told"
NOT_KNOWN = (UNDATED, NOT_PLACED, NOT_TOLD, "unknown")

#: A range of more days, weeks, months or years than this tells no date worth a row.
_WIDEST = 1000


def time_shares(kept: pd.DataFrame, key: str) -> pd.DataFrame:
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
    return pd.concat([dated, _whole(kept.index[~closed], UNDATED)])


def _periods(days: np.ndarray, key: str) -> np.ndarray:
    """Return the number of the day, week, month or year of days since 1970."""
    if key == "week":
        return (days + 3) // 7  # 1970 began on a Thursday
    return days.astype("datetime64[D]").astype(f"datetime64[{TIMES[key]}]").astype("int64")


def _first_day(period: np.ndarray, key: str) -> np.ndarray:
    if key == "week":
        return period * 7 - 3
    return period.astype(f"datetime64[{TIMES[key]}]").astype("datetime64[D]").astype("int64")


def _period_names(period: np.ndarray, key: str) -> np.ndarray:
    unique, which = np.unique(period, return_inverse=True)
    if key == "week":
        mondays = pd.DatetimeIndex(_first_day(unique, key).astype("datetime64[D]"))
        return mondays.strftime("%G-W%V").to_numpy(dtype=object)[which]
    return unique.astype(f"datetime64[{TIMES[key]}]").astype(str).astype(object)[which]


def place_shares(
    kept: pd.DataFrame,
    layer: pd.DataFrame,
    countries: Mapping[str, str],
    key: str,
    ambiguous: Collection[str],
) -> pd.DataFrame:
    """Return the places of each incident in a role, with the weight that each has."""
    rows = layer[layer["incident"].isin(kept.index)]
    weight = rows["weight"].astype(float)
    # What is not counted has no weight: if asked for, its rows share evenly.
    weightless = weight.groupby(rows["incident"]).transform("sum") == 0
    weight = weight.where(~weightless, 1.0)
    names = _place_names(rows, countries, key, ambiguous)
    told = pd.DataFrame({"incident": rows["incident"], "category": names, "share": weight})
    told = told[weight > 0]
    shares = told.groupby(["incident", "category"], sort=False)["share"].sum().reset_index()
    total = shares.groupby("incident")["share"].transform("sum")
    shares["share"] /= total
    shares["certain"] = ~shares["incident"].duplicated(keep=False)
    missing = kept.index.difference(pd.Index(shares["incident"]))
    return pd.concat([shares, _whole(missing, NOT_PLACED)])


def named_places(kept: pd.DataFrame, layer: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the names that a count by place or province may show, each with what it means."""
    rows = layer[layer["incident"].isin(kept.index)]
    names, identity = _names_and_meanings(rows, key)
    return pd.DataFrame({"name": names, "meaning": identity}).drop_duplicates(ignore_index=True)


def _names_and_meanings(rows: pd.DataFrame, key: str) -> tuple[pd.Series, pd.Series]:
    if key == "place":
        return cells_of(rows, "place_name"), cells_of(rows, "place_id")
    admin1 = cells_of(rows, "place_admin1")
    return admin1, cells_of(rows, "place_country") + admin1


def _place_names(
    rows: pd.DataFrame, countries: Mapping[str, str], key: str, ambiguous: Collection[str]
) -> pd.Series:
    """Return in which place, province or country each row lies, as far as it is known."""
    if key in HOW_PLACED:
        words = cells_of(rows, key)
        return words.where(words != "", NOT_PLACED)
    code, admin1 = cells_of(rows, "place_country"), cells_of(rows, "place_admin1")
    country = code.map(lambda letters: countries.get(letters, letters))
    if key == "place":
        names = _told_apart(cells_of(rows, "place_name"), admin1, ambiguous)
    elif key == "country":
        names = country.where(country != "", "across countries")
    else:
        somewhere = ("somewhere in " + country).where(country != "", "across countries")
        names = _told_apart(admin1, country, ambiguous).where(admin1 != "", somewhere)
    # Of a name that is only hinted the province is known, the place is not.
    known = rows["place_status"] == "resolved" if key == "place" else rows["place_id"] != ""
    return names.where(known, NOT_PLACED)


def _told_apart(names: pd.Series, more: pd.Series, ambiguous: Collection[str]) -> pd.Series:
    """Return names, with something more in brackets where one name means several things."""
    return names.where(~names.isin(ambiguous) | (more == ""), names + " (" + more + ")")


def column_shares(kept: pd.DataFrame, accounts: pd.DataFrame, key: str) -> pd.DataFrame:
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
    return pd.concat([shares, _whole(kept.index.difference(pd.Index(told["incident"])), NOT_TOLD)])


def _whole(names: pd.Index, category: str) -> pd.DataFrame:
    return pd.DataFrame({"incident": names, "category": category, "share": 1.0, "certain": True})


def day_shares(kept: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return whether each incident was before a day or not, shared by its days."""
    split = np.datetime64(day)
    first, last = (
        kept[name].to_numpy(dtype="datetime64[D]") for name in ("date_start", "date_end")
    )
    # Of a range that is open at one side the other may tell all the same.
    before, after = last < split, first >= split
    open_range = (np.isnat(first) | np.isnat(last)) & ~before & ~after
    both = ~(before | after | open_range)
    days = (last - first).astype(float) + 1
    early = np.where(both, (split - first).astype(float) / np.where(both, days, 1.0), before)
    names = (f"before {day}", f"from {day}")
    parts = [
        pd.DataFrame(
            {
                "incident": kept.index[share > 0],
                "category": name,
                "share": share[share > 0],
                "certain": ~both[share > 0],
            }
        )
        for name, share in zip(names, (early, np.where(open_range, 0.0, 1 - early)), strict=True)
    ]
    return pd.concat([*parts, _whole(kept.index[open_range], UNDATED)])


def ranks(totals: pd.Series, *, chronological: bool) -> dict[str, int]:
    """Return the rank of each category: by time or by number, what is not known last."""
    unknown = totals.index.isin(NOT_KNOWN)
    weight = np.zeros(len(totals)) if chronological else -totals.to_numpy().round(9)
    order = np.lexsort((totals.index.to_numpy(dtype=str), weight, unknown))
    return {str(name): rank for rank, name in enumerate(totals.index[order])}
