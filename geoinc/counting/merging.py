"""Accounts of one attack merged into one incident."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.schema import COUNT_COLUMNS, DATE_BASES, ROLES, Layers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

#: Columns of reports that `incidents` lists in words, every different one once.
_WORDS = (
    "event_type",
    "weapon",
    "target_type",
    "target_actor",
    "outcome",
    "claimed_by",
    "attributed_by",
    "denied_by",
)

#: Who tells it, and who is said to have done it: where they are one, it is a claim.
_TELLERS, _PARTIES = ("source", "original_source"), ("actor", "claimed_by")
_YES = frozenset({"yes", "y", "true", "1", "x"})


def incidents(layers: Layers) -> pd.DataFrame:
    """Return one row per incident: what its accounts agree on, and where they differ.

    Of counts, the low is the lowest that any account tells, the high the
    highest; the best is that of the account marked ``preferred`` (a column of
    yourself), else of the most specific ones where these agree, never a mean.
    What the party that is said to have done it claims stands beside, in ``claims``,
    and enters the bounds only where nobody else tells how many.  Of dates, the days that all accounts allow; where there are none, all days
    that any allows.  Accounts that are set aside, or that tell of many attacks
    at once, have no say in an incident that others tell of.

    Parameters
    ----------
    layers : Layers
        From `locate`, or of data that has coordinates already.

    Returns
    -------
    pandas.DataFrame
        Index ``incident``.  ``date`` in words, ``date_start`` and ``date_end``
        (NaT where open), ``date_basis``; ``standing``; ``accounts``, how many;
        ``n_sources``, how many different ones said it first; ``sources``; per role the words (``target``) and what they resolved to
        (``target_place``; "somewhere in" an area where a name is only hinted); the other columns in words; ``actor`` with its
        basis; ``events_low`` to ``injured_high`` (Int64); ``claims``; ``told``, who says
        what; ``disputed``, what the accounts contradict each other on; of linked layers
        ``possible_incident``, which incidents that may be one share.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {"incident": ["a", "a"], "target": ["Erbil", "Erbil"], "fired": ["2", "3"]}
    ... )
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> gi.incidents(layers)[["fired_low", "fired_high", "disputed"]].reset_index()
      incident  fired_low  fired_high disputed
    0        a          2           3    fired
    """
    return merged(layers)


def merged(layers: Layers, columns: Collection[str] | None = None) -> pd.DataFrame:
    """Return `incidents`, of its columns those that are wanted.

    Parameters
    ----------
    layers : Layers
        Whose incidents.
    columns : collection of str, optional
        All by default; most of the time goes into words that few ask for.
    """
    accounts, silent, codes, names = _speaking(accounts_of(layers))
    n = len(names)
    index = pd.Index(names, name="incident", dtype=object)
    dates, dates_disputed = _merged_dates(accounts, codes)
    claims = _claims(accounts)
    disputed = {"date": dates_disputed} | {
        name: _contradict(codes, categories_of(accounts, name), n)
        for name in ("event_type", "outcome")
    }
    figures: dict[str, Any] = {}
    for name in ("events", *COUNT_COLUMNS):
        bounds, disputed[name] = _merged_counts(accounts, name, codes, claims)
        figures |= bounds

    def standing() -> np.ndarray:
        return accounts.groupby(codes)["standing"].first().to_numpy(dtype=object)

    def in_words(name: str, *, split: bool = False) -> np.ndarray:
        return _joined(codes, cells_of(accounts, name), n, split=split)

    def of_role(role: str, cells: Callable[[pd.DataFrame], pd.Series]) -> np.ndarray:
        rows = layers.layer(role)
        rows = rows[~rows["account"].isin(silent)] if len(silent) else rows
        return _joined(index.get_indexer(rows["incident"]), cells(rows), n)

    makers: dict[str, Callable[[], Any]] = {
        **{name: partial(dates.__getitem__, name) for name in dates},
        "standing": standing,
        "accounts": lambda: np.bincount(codes, minlength=n),
        "n_sources": lambda: _number_of_sources(accounts, codes, n),
        "sources": lambda: _joined(codes, _sources(accounts), n),
    }
    for role in ROLES:
        makers[role] = partial(of_role, role, lambda rows: cells_of(rows, "place"))
        makers[f"{role}_place"] = partial(of_role, role, _placed)
    makers |= {name: partial(in_words, name, split=True) for name in _WORDS}
    makers["reason"] = partial(in_words, "reason")
    makers["actor"] = lambda: _joined(codes, actors_of(accounts), n)
    makers |= {name: partial(figures.__getitem__, name) for name in figures}
    makers["claims"] = lambda: _joined(codes, _claimed(accounts, claims), n)
    makers["told"] = lambda: _joined(codes, _told(accounts), n, separator=" | ")
    makers["disputed"] = lambda: _in_words(disputed, n)
    if "possible_incident" in accounts:
        makers["possible_incident"] = partial(in_words, "possible_incident")
    wanted = makers if columns is None else columns
    return pd.DataFrame(
        {name: make() for name, make in makers.items() if name in wanted}, index=index
    )


def _in_words(disputed: dict[str, np.ndarray], n: int) -> np.ndarray:
    """Return on what the accounts of each incident contradict each other."""
    matters = np.array(list(disputed), dtype=object)
    differ_on = np.column_stack(list(disputed.values()))
    words = np.full(n, "", dtype=object)
    for code in np.flatnonzero(differ_on.any(axis=1)):
        words[code] = ", ".join(matters[differ_on[code]])
    return words


def days_and_standing(layers: Layers) -> pd.DataFrame:
    """Return of each incident when it was and whether it counts, as `incidents` has it and no more.

    Parameters
    ----------
    layers : Layers
        From `locate`, or of data that has coordinates already.

    Returns
    -------
    pandas.DataFrame
        Index ``incident``; ``date_start``, ``date_end``, ``standing``.
    """
    accounts, _, codes, names = _speaking(
        accounts_of(layers, ["incident", "standing", "date_start", "date_end"])
    )
    first, last, _ = _merged_days(accounts, codes)
    table = {
        "date_start": first,
        "date_end": last,
        "standing": accounts.groupby(codes)["standing"].first().to_numpy(dtype=object),
    }
    return pd.DataFrame(table, index=pd.Index(names, name="incident", dtype=object))


def _speaking(
    everyone: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.Series, np.ndarray, pd.Index]:
    """Return the accounts that have a say, those that have none, and the incidents of the first."""
    rank = everyone["standing"].map({"counted": 0, "no attack": 1, "summary": 2, "set aside": 3})
    speaks = rank == rank.groupby(pd.factorize(everyone["incident"])[0]).transform("min")
    accounts, silent = everyone[speaks], everyone.loc[~speaks, "account"]
    codes, names = pd.factorize(accounts["incident"])
    return accounts, silent, codes, names


def _placed(rows: pd.DataFrame) -> pd.Series:
    """Return what rows resolved to, or where they are said to be; blank where neither is known."""
    name = cells_of(rows, "place_name")
    inside = np.where(cells_of(rows, "place_kind") == "relation", "somewhere ", "somewhere in ")
    hinted = (rows["place_status"] != "resolved") & (name != "")
    return name.where(~hinted, inside + name)


def accounts_of(layers: Layers, columns: Iterable[str] | None = None) -> pd.DataFrame:
    """Return one row per account, as plain text and figures.

    Parameters
    ----------
    layers : Layers
        Whose accounts.
    columns : iterable of str, optional
        What is wanted of them beside ``account``, as far as they have it; all by default.
    """
    told = [layer for layer in map(layers.layer, ROLES) if len(layer)]
    accounts = [layer["account"].to_numpy(dtype=object) for layer in told]
    # Layers of one table of reports list the same accounts: then one of them has them all.
    if told and all(np.array_equal(accounts[0], other) for other in accounts[1:]):
        told = told[:1]
    # Of empty layers the columns are all that is asked for.
    tables = [_plain(layer, columns) for layer in told or map(layers.layer, ROLES)]
    rows = tables[0] if len(tables) == 1 else pd.concat(tables)
    return rows[~rows["account"].duplicated()].reset_index(drop=True)


def _plain(layer: pd.DataFrame, columns: Iterable[str] | None) -> pd.DataFrame:
    if columns is None:
        return pd.DataFrame(layer.drop(columns="geometry"))
    wanted = dict.fromkeys(["account", *columns])
    return pd.DataFrame(layer[[name for name in wanted if name in layer]])


def cells_of(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as text, blank where the table has none."""
    if name not in table:
        return pd.Series("", index=table.index, dtype=object)
    return table[name].astype(object).where(table[name].notna(), "").astype(str).str.strip()


def _joined(
    codes: np.ndarray, cells: pd.Series, n: int, *, separator: str = "; ", split: bool = False
) -> np.ndarray:
    """Return the different cells of each of n incidents, in one text each."""
    joined = np.full(n, "", dtype=object)
    values = cells.to_numpy(dtype=object)
    alone = np.bincount(codes, minlength=n)[codes] == 1
    own = values[alone]
    if split:
        lists = {cell: _parts(cell) for cell in pd.unique(own) if ";" in cell}
        own = [separator.join(lists[cell]) if cell in lists else cell for cell in own]
    joined[codes[alone]] = own
    several = pd.DataFrame({"code": codes[~alone], "cell": values[~alone]})
    if split:
        several["cell"] = several["cell"].map(_parts)
        several = several.explode("cell").fillna("")
    several = several[several["cell"] != ""].drop_duplicates().sort_values("code", kind="stable")
    numbers, starts = np.unique(several["code"].to_numpy(dtype=int), return_index=True)
    groups = np.split(several["cell"].to_numpy(dtype=object), starts[1:])
    for code, group in zip(numbers, groups, strict=False):  # one empty group of none
        joined[code] = separator.join(group)
    return joined


def _parts(cell: str) -> list[str]:
    """Return the different entries of a cell that is a list."""
    return list(dict.fromkeys(part.strip() for part in cell.split(";") if part.strip()))


def _sources(accounts: pd.DataFrame) -> pd.Series:
    """Return who says it, and in brackets who said it first."""
    source, first = cells_of(accounts, "source"), cells_of(accounts, "original_source")
    source = source.where(source != "", cells_of(accounts, "report"))
    both = source + " (" + first + ")"
    return source.where((first == "") | (first == source), both.where(source != "", first))


def actors_of(accounts: pd.DataFrame) -> pd.Series:
    """Return the actor with the basis: no actor is ever shown without it."""
    actor, basis = cells_of(accounts, "actor"), cells_of(accounts, "actor_basis")
    return (actor + " (" + basis.where(basis != "", "basis not told") + ")").where(actor != "", "")


def _told(accounts: pd.DataFrame) -> pd.Series:
    """Return what each account says of what accounts may differ on."""
    told = pd.Series("", index=accounts.index, dtype=object)
    for name in ("date", "outcome", *COUNT_COLUMNS):
        cells = cells_of(accounts, name)
        told += (", " + name + " " + cells).where(cells != "", "")
    source = _sources(accounts)
    return (
        source.where(source != "", "no source")
        + ": "
        + told.str[2:].where(told != "", "nothing more")
    )


def _contradict(codes: np.ndarray, categories: pd.Series, n: int) -> np.ndarray:
    """Return of each of n incidents whether accounts tell what others do not, both ways.

    Who tells of a hit and a miss does not contradict who tells of the hit alone.
    """
    among = np.bincount(codes, minlength=n)[codes] > 1
    told = pd.DataFrame({"code": codes, "cell": categories.to_numpy(dtype=object)})[among]
    told = told[~told["cell"].isin(["", "unknown"])].drop_duplicates()
    several = told[told["code"].duplicated(keep=False)]
    contradict = np.zeros(n, dtype=bool)
    widest: dict[int, set[str]] = {}
    by_length = several.sort_values("cell", key=lambda cells: cells.str.count(";"), kind="stable")
    for code, cell in zip(by_length["code"], by_length["cell"], strict=True):
        parts = set(cell.split("; "))
        contradict[code] |= not widest.get(code, set()) <= parts
        widest[code] = parts
    return contradict


def _merged_days(
    accounts: pd.DataFrame, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first and the last day of each incident, and whether its accounts contradict."""
    start, end = accounts["date_start"], accounts["date_end"]
    told = start.notna() | end.notna()
    by = accounts.assign(start=start, end=end).groupby(codes)
    first, last = by["start"].max().to_numpy(), by["end"].min().to_numpy()
    differ = first > last  # never true of NaT
    # Where no day suits all, every day that any account allows.
    open_start = (start.isna() & told).groupby(codes).any().to_numpy()
    open_end = (end.isna() & told).groupby(codes).any().to_numpy()
    nat = np.datetime64("NaT")
    first = np.where(differ, np.where(open_start, nat, by["start"].min().to_numpy()), first)
    last = np.where(differ, np.where(open_end, nat, by["end"].max().to_numpy()), last)
    return first, last, differ


def _merged_dates(
    accounts: pd.DataFrame, codes: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    start, end = accounts["date_start"], accounts["date_end"]
    told = start.notna() | end.notna()
    first, last, differ = _merged_days(accounts, codes)
    # The basis of the account that knows the date best.
    days = (end - start).dt.days.fillna(np.inf).where(told, np.inf)
    rank = cells_of(accounts, "date_basis").map({name: i for i, name in enumerate(DATE_BASES)})
    order = np.lexsort((rank.fillna(len(DATE_BASES)), days, ~told))
    _, best = np.unique(codes[order], return_index=True)
    basis = cells_of(accounts, "date_basis").to_numpy()[order][best]
    columns = {
        "date": _dates_in_words(first, last),
        "date_start": first,
        "date_end": last,
        "date_basis": basis,
    }
    return columns, differ


def _dates_in_words(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return ranges of days as a reader would say them; many incidents have the same."""
    days = pd.DataFrame({"first": first, "last": last})
    distinct = days.drop_duplicates()
    words = [_date_words(start, end) for start, end in distinct.itertuples(index=False)]
    said = days.merge(distinct.assign(words=words), on=["first", "last"], how="left")["words"]
    return said.to_numpy(dtype=object)


def _date_words(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Return a range of days as a reader would say it."""
    if pd.isna(start):
        return "" if pd.isna(end) else f"by {end:%Y-%m-%d}"
    if pd.isna(end):
        return f"from {start:%Y-%m-%d}"
    if start == end:
        return f"{start:%Y-%m-%d}"
    if start.day == 1 and end.is_month_end and start.year == end.year:
        if start.month == end.month:
            return f"{start:%Y-%m}"
        if (start.month, end.month) == (1, 12):
            return f"{start:%Y}"
    return f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"


def _merged_counts(
    accounts: pd.DataFrame, name: str, codes: np.ndarray, claims: np.ndarray
) -> tuple[dict[str, Any], np.ndarray]:
    """Return the bounds that accounts of an incident leave, and whether they contradict."""
    bounds = {
        bound: accounts[f"{name}_{bound}"].astype("Float64") for bound in ("low", "best", "high")
    }
    told = pd.concat(bounds, axis=1).notna().any(axis=1)
    # "About 14" is a figure without bounds; beside another account it is one of the extremes.
    lows, highs = (bounds[bound].fillna(bounds["best"]) for bound in ("low", "high"))
    greatest_low, least_high = lows.groupby(codes).max(), highs.groupby(codes).min()
    bests = bounds["best"].groupby(codes)
    differ = (greatest_low > least_high) | (bests.min() != bests.max())
    differ = differ.fillna(value=False)
    # A party's own word counts where nobody else tells how many.
    heard = told & ~(claims & (told & ~claims).groupby(codes).transform("any").to_numpy())
    low, best, high = (bounds[bound].where(heard) for bound in ("low", "best", "high"))
    lows, highs = low.fillna(best), high.fillna(best)
    lowest = lows.groupby(codes).min().where(low.notna().groupby(codes).any())
    highest = highs.groupby(codes).max().where(high.notna().groupby(codes).any())
    # "At least 10" beside "7": how many it was at most, nobody tells.
    highest = highest.where(~(lows.groupby(codes).max() > highest).fillna(value=False))
    merged = {"low": lowest, "best": _best(accounts, low, best, high, codes), "high": highest}
    return (
        {f"{name}_{bound}": values.astype("Int64").array for bound, values in merged.items()},
        differ.to_numpy(dtype=bool),
    )


def _best(
    accounts: pd.DataFrame, low: pd.Series, best: pd.Series, high: pd.Series, codes: np.ndarray
) -> pd.Series:
    """Return the figure of the preferred account, else of the most specific ones if they agree."""
    preferred = cells_of(accounts, "preferred").str.casefold().isin(_YES).to_numpy()
    exact = ((low == best) & (best == high)).fillna(value=False).to_numpy(dtype=bool)
    rank = pd.Series(np.select([preferred, exact], [0, 1], default=2), index=best.index)
    rank = rank.where(best.notna(), 3)
    chosen = best.where(rank == rank.groupby(codes).transform("min"))
    groups = chosen.groupby(codes)
    return groups.min().where(groups.min() == groups.max())


def _claims(accounts: pd.DataFrame) -> np.ndarray:
    """Return which accounts are the word of the party that is said to have done it."""
    columns = [cells_of(accounts, name).str.casefold() for name in (*_TELLERS, *_PARTIES)]
    # Many accounts have the same tellers and parties: each combination is looked at once.
    codes = np.zeros(len(accounts), dtype=np.intp)
    for column in columns:
        own, distinct = pd.factorize(column)
        codes = pd.factorize(codes * len(distinct) + own)[0]
    _, first = np.unique(codes, return_index=True)
    rows = pd.concat(columns, axis=1).iloc[first].itertuples(index=False, name=None)
    claims = [bool(_named(row[: len(_TELLERS)]) & _named(row[len(_TELLERS) :])) for row in rows]
    return np.array(claims, dtype=bool)[codes]


def _named(cells: tuple[str, ...]) -> set[str]:
    return {part.strip() for cell in cells for part in cell.split(";")} - {""}


def _claimed(accounts: pd.DataFrame, claims: np.ndarray) -> pd.Series:
    """Return the counts that a party tells, with its name."""
    told = pd.Series("", index=accounts.index, dtype=object)
    for name in COUNT_COLUMNS:
        cells = cells_of(accounts, name)
        told += (", " + name + " " + cells).where(cells != "", "")
    return (told.str[2:] + " (" + _sources(accounts) + ")").where(claims & (told != ""), "")


def _number_of_sources(accounts: pd.DataFrame, codes: np.ndarray, n: int) -> np.ndarray:
    """Return how many different sources said it first; papers with one wire story are one."""
    first = cells_of(accounts, "original_source")
    for name in ("source", "report"):
        first = first.where(first != "", cells_of(accounts, name))
    told = pd.DataFrame({"code": codes, "source": first.str.casefold().to_numpy()})
    told = told[told["source"] != ""].drop_duplicates()
    return np.bincount(told["code"].to_numpy(dtype=int), minlength=n)


def categories_of(accounts: pd.DataFrame, name: str) -> pd.Series:
    """Return the cells of a column so that equal things are equal: "hit; missed" is "missed; hit"."""
    cells = actors_of(accounts) if name == "actor" else cells_of(accounts, name)
    sorted_parts = {
        cell: "; ".join(sorted({part.strip() for part in cell.split(";")} - {""}))
        for cell in cells.unique()
    }
    return cells.map(sorted_parts)
