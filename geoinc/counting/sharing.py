"""How each incident is shared among the periods, places or values it may belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geoinc.counting.side_by_side import runs
from geoinc.counting.words import Words, cells_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.intp]

TIMES = {"day": "D", "week": "W", "month": "M", "year": "Y"}
PLACES = ("place", "admin1", "country")
#: Of these one name may mean several, which the count then tells apart.
NAMED = ("place", "admin1")
HOW_PLACED = ("place_status", "place_kind", "place_match", "place_basis")

#: What rows say of their places, by which places are told and counted.
_OF_PLACES = ("place_id", "place_name", "place_country", "place_admin1", "place_status")

#: Rows for what has no category; they come last.
UNDATED, NOT_PLACED, NOT_TOLD = "undated", "not placed", "not told"
NOT_KNOWN = (UNDATED, NOT_PLACED, NOT_TOLD, "unknown")

#: Stands in a category between a name and what may have to be told with it.
_OR = "\x1f"

#: A range of more days, weeks, months or years than this tells no date worth a row.
_WIDEST = 1000


class Shares(NamedTuple):
    """What incidents may belong to, a row for each of the categories of each."""

    incident: Ints  # its position among those that are counted
    code: Ints  # which of the labels
    share: Floats
    certain: Bools
    labels: NDArray[np.object_]  # the categories


def time_shares(first: np.ndarray, last: np.ndarray, key: str) -> Shares:
    """Return the periods that each incident may fall in, shared by their days.

    Parameters
    ----------
    first, last : array of datetime64
        The first and the last possible day of each incident, NaT where open.
    key : str
        One of `TIMES`.
    """
    begin, end = _periods(first, key), _periods(last, key)
    closed = ~(np.isnat(first) | np.isnat(last))
    closed[closed] = end[closed] - begin[closed] < _WIDEST
    at = np.flatnonzero(closed)
    n = end[at] - begin[at] + 1
    which, period = runs(begin[at], n)
    at = at[which]
    code, periods = pd.factorize(period)
    earliest, latest = (days.astype("datetime64[D]").astype("int64")[at] for days in (first, last))
    start, stop = _first_day(periods, key)[code], _first_day(periods + 1, key)[code]
    inside = np.minimum(stop, latest + 1) - np.maximum(start, earliest)
    share, certain = inside / (latest - earliest + 1), (n == 1)[which]
    dated = Shares(at, code, share, certain, _period_names(periods, key))
    return _all_of(dated, _whole(np.flatnonzero(~closed), UNDATED))


def _periods(days: np.ndarray, key: str) -> np.ndarray:
    """Return the number of the day, week, month or year of days since 1970."""
    if key == "week":
        return (days.astype("datetime64[D]").astype("int64") + 3) // 7  # 1970 began on a Thursday
    return days.astype(f"datetime64[{TIMES[key]}]").astype("int64")


def _first_day(period: np.ndarray, key: str) -> np.ndarray:
    if key == "week":
        return period * 7 - 3
    return period.astype(f"datetime64[{TIMES[key]}]").astype("datetime64[D]").astype("int64")


def _period_names(period: np.ndarray, key: str) -> np.ndarray:
    if key == "week":
        mondays = pd.DatetimeIndex(_first_day(period, key).astype("datetime64[D]"))
        return mondays.strftime("%G-W%V").to_numpy(dtype=object)
    return period.astype(f"datetime64[{TIMES[key]}]").astype(str).astype(object)


class Placed(NamedTuple):
    """The rows of a role of the incidents that are counted, and what they say of their places."""

    incident: Ints
    weight: Floats
    place: Ints  # which of the places each says
    places: pd.DataFrame  # columns of rows, each different row once

    @classmethod
    def of(cls, layer: pd.DataFrame, incident: Ints, keys: Collection[str]) -> Placed:
        """Return the rows of a layer.

        Parameters
        ----------
        layer : pandas.DataFrame
            All its rows.
        incident : array of int
            The position of each row's incident, -1 where it is not counted.
        keys : collection of str
            What is counted by, of `PLACES` and `HOW_PLACED`.
        """
        wanted = dict.fromkeys((*_OF_PLACES, *keys) if keys else _OF_PLACES[:1])
        rows = pd.DataFrame(layer)[[name for name in wanted if name in layer]]
        weight = layer["weight"].to_numpy(dtype=float)
        if (incident < 0).any():
            rows, weight = rows[incident >= 0], weight[incident >= 0]
        number = np.zeros(len(rows), dtype=np.int64)
        for name in rows:
            codes, distinct = pd.factorize(rows[name], use_na_sentinel=False)
            number, found = pd.factorize(number * len(distinct) + codes)
        first = np.empty(len(found), dtype=np.intp)
        first[number[::-1]] = np.arange(len(number))[::-1]
        return cls(incident[incident >= 0], np.nan_to_num(weight), number, rows.iloc[first])

    def number_of(self, incidents: int) -> int:
        """Return how many of so many incidents have a place."""
        has = (cells_of(self.places, "place_id") != "").to_numpy()
        return int((np.bincount(self.incident[has[self.place]], minlength=incidents) > 0).sum())


def place_shares(n: int, placed: Placed, categories: NDArray[np.object_]) -> Shares:
    """Return the places of each of n incidents in a role, with the weight that each has.

    Parameters
    ----------
    n : int
        How many incidents there are.
    placed : Placed
        Their rows.
    categories : array of str
        Of each of the places, from `place_names`.
    """
    codes, labels = pd.factorize(categories)
    incident, category, share = weights_of(n, placed, codes)
    number = np.bincount(incident, minlength=n)
    told = Shares(incident, category, share, number[incident] == 1, labels)
    return _all_of(told, _whole(np.flatnonzero(number == 0), NOT_PLACED))


def weights_of(n: int, placed: Placed, codes: Ints) -> tuple[Ints, Ints, Floats]:
    """Return the codes of the places of each of n incidents, each once, and what share each has.

    Parameters
    ----------
    n : int
        How many incidents there are.
    placed : Placed
        Their rows.
    codes : array of int
        Of each of the places.
    """
    at, weight, place, _ = placed
    # What is not counted has no weight: if asked for, its rows share evenly.
    weightless = np.bincount(at, weight, n) == 0
    weight = np.where(weightless[at], 1.0, weight)
    counts = weight > 0
    return once(n, at[counts], codes[place][counts], weight[counts])


def once(n: int, incident: Ints, code: Ints, weight: Floats) -> tuple[Ints, Ints, Floats]:
    """Return each of n incidents with each of its codes once, and which share of its weight that has."""
    if (np.diff(incident) > 0).all():
        return incident, code, np.ones(len(code))
    many = int(code.max(initial=0)) + 1
    pairs, which = np.unique(incident * many + code, return_inverse=True)
    share = np.bincount(which, weight, len(pairs))
    at, code = np.divmod(pairs, many)
    return at, code, share / np.bincount(at, share, n)[at]


def place_names(places: pd.DataFrame, countries: Mapping[str, str], key: str) -> pd.DataFrame:
    """Return in which place, province or country each place lies, as far as it is known.

    Parameters
    ----------
    places : pandas.DataFrame
        What rows say of their places (`Placed`).
    countries : mapping of str to str
        Names by code.
    key : str
        One of `PLACES` or `HOW_PLACED`.

    Returns
    -------
    pandas.DataFrame
        A row for each place: its ``category``.  Of what is `NAMED` one name may mean several
        things, which only all incidents together tell (`names_shown`): the category that stands
        for a ``name`` has ``more`` to tell it apart by, and ``meaning`` is what it means.
    """
    if key in HOW_PLACED:
        words = cells_of(places, key)
        return pd.DataFrame({"category": words.where(words != "", NOT_PLACED)})
    code, admin1 = cells_of(places, "place_country"), cells_of(places, "place_admin1")
    country = code.map(lambda letters: countries.get(letters, letters))
    # Of a name that is only hinted the province is known, the place is not.
    resolved, placed = places["place_status"] == "resolved", places["place_id"] != ""
    if key == "country":
        names = country.where(country != "", "across countries")
        return pd.DataFrame({"category": names.where(placed, NOT_PLACED)})
    if key == "place":
        name, more, meaning = cells_of(places, "place_name"), admin1, cells_of(places, "place_id")
        category = (name + _OR + more).where(resolved, NOT_PLACED)
    else:
        name, more, meaning = admin1, country, code + admin1
        somewhere = ("somewhere in " + country).where(country != "", "across countries")
        category = (name + _OR + more).where(admin1 != "", somewhere).where(placed, NOT_PLACED)
    return pd.DataFrame({"category": category, "name": name, "more": more, "meaning": meaning})


def names_shown(names: pd.DataFrame) -> dict[str, str]:
    """Return what the categories of names are called, those that mean several things told apart.

    Parameters
    ----------
    names : pandas.DataFrame
        From `place_names`, of all places that are counted by.
    """
    name, more = names["name"], names["more"]
    means = names[["name", "meaning"]].drop_duplicates()["name"]
    apart = name.isin(means[means.duplicated()]) & (more != "")
    shown = name.where(~apart, name + " (" + more + ")")
    return dict(zip(name + _OR + more, shown, strict=True))


def column_shares(n: int, incident: Ints, words: Words) -> Shares:
    """Return what the accounts of each of n incidents tell in a column, shared evenly.

    Parameters
    ----------
    n : int
        How many incidents there are.
    incident : array of int
        The incident of each account that has a say.
    words : Words
        What each of them tells.
    """
    labels = np.array(words.texts.to_pylist(), dtype=object)
    blank, unknown = ((labels == word)[words.codes] for word in ("", "unknown"))
    # "Unknown" is no claim against an account that knows.
    knows = np.bincount(incident[~blank & ~unknown], minlength=n) > 0
    told = ~blank & ~(unknown & knows[incident])
    pairs = np.unique(incident[told] * len(labels) + words.codes[told])
    incident, code = np.divmod(pairs, len(labels))
    number = np.bincount(incident, minlength=n)
    shares = Shares(incident, code, 1 / number[incident], number[incident] == 1, labels)
    return _all_of(shares, _whole(np.flatnonzero(number == 0), NOT_TOLD))


def _whole(incident: Ints, category: str) -> Shares:
    n = len(incident)
    label = np.array([category], dtype=object)
    return Shares(incident, np.zeros(n, dtype=np.intp), np.ones(n), np.ones(n, dtype=bool), label)


def _all_of(*parts: Shares) -> Shares:
    same, labels = pd.factorize(np.concatenate([part.labels for part in parts]))
    before = np.cumsum([0, *(len(part.labels) for part in parts)])
    codes = [same[part.code + start] for part, start in zip(parts, before[:-1], strict=True)]
    incident, share, certain = (
        np.concatenate([part[name] for part in parts]) for name in (0, 2, 3)
    )
    return Shares(incident, np.concatenate(codes), share, certain, labels)


def day_shares(first: np.ndarray, last: np.ndarray, day: date) -> Shares:
    """Return whether each incident was before a day or not, shared by its days.

    Parameters
    ----------
    first, last : array of datetime64
        As of `time_shares`.
    day : date
        Which.
    """
    split = np.datetime64(day)
    first, last = first.astype("datetime64[D]"), last.astype("datetime64[D]")
    # Of a range that is open at one side the other may tell all the same.
    before, after = last < split, first >= split
    open_range = (np.isnat(first) | np.isnat(last)) & ~before & ~after
    both = ~(before | after | open_range)
    days = (last - first).astype(float) + 1
    early = np.where(both, (split - first).astype(float) / np.where(both, days, 1.0), before)
    parts = [_whole(np.flatnonzero(open_range), UNDATED)]
    for name, share in (
        (f"before {day}", early),
        (f"from {day}", np.where(open_range, 0.0, 1 - early)),
    ):
        at = np.flatnonzero(share > 0)
        parts.append(_whole(at, name)._replace(share=share[at], certain=~both[at]))
    return _all_of(*parts)


def ranks(totals: pd.Series, *, chronological: bool) -> dict[str, int]:
    """Return the rank of each category: by time or by number, what is not known last."""
    unknown = totals.index.isin(NOT_KNOWN)
    weight = np.zeros(len(totals)) if chronological else -totals.to_numpy().round(9)
    order = np.lexsort((totals.index.to_numpy(dtype=str), weight, unknown))
    return {str(name): rank for rank, name in enumerate(totals.index[order])}
