"""Accounts of one attack merged into one incident."""

from __future__ import annotations

from calendar import monthrange
from functools import cache, cached_property, partial
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.counting.bounds import COUNTED, merged_counts
from geoinc.counting.side_by_side import SideBySide
from geoinc.schema import COUNT_COLUMNS, DATE_BASES, ROLES, Layers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import date

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


def incidents(layers: Layers) -> pd.DataFrame:
    """Return one row per incident: what its accounts agree on, and where they differ.

    Of counts, the low is the lowest that any account tells, the high the
    highest; the best is that of the account marked ``preferred``, else of the most specific ones where these agree, never a mean.
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
    told = _Told(layers)
    each = told.each
    makers: dict[str, Callable[[], Any]] = {
        "date": lambda: _dates_in_words(*told.days[:2]),
        "date_start": lambda: told.days[0],
        "date_end": lambda: told.days[1],
        "date_basis": lambda: _basis(told),
        "standing": lambda: told.cells("standing")[each.starts],
        "accounts": lambda: np.diff(np.append(each.starts, len(each.rows))),
        "n_sources": lambda: _number_of_sources(told),
        "sources": lambda: _joined(each, told.tellers),
    }
    for role in ROLES:
        makers[role] = partial(told.in_role, role, lambda rows: _texts(rows, "place"))
        makers[f"{role}_place"] = partial(told.in_role, role, _placed)
    makers |= {name: partial(told.words, name, split=True) for name in _WORDS}
    makers["reason"] = partial(told.words, "reason")
    makers["actor"] = lambda: _joined(each, _actors(told.cells("actor"), told.cells("actor_basis")))
    makers |= {
        f"{name}_{bound}": partial(told.bound, f"{name}_{bound}")
        for name in COUNTED
        for bound in ("low", "best", "high")
    }
    makers["claims"] = lambda: _joined(each, _claimed(told))
    makers["told"] = lambda: _joined(each, _said(told), separator=" | ")
    makers["disputed"] = lambda: _disputed(told)
    if "possible_incident" in told.accounts:
        makers["possible_incident"] = partial(told.words, "possible_incident")
    wanted = makers if columns is None else columns
    return pd.DataFrame(
        {name: make() for name, make in makers.items() if name in wanted}, index=told.index
    )


class _Told:
    """What accounts tell, those of an incident side by side; made when it is asked for."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self.accounts = accounts_of(layers)
        self.each, self.index = _speaking(self.accounts)
        self._cells: dict[str, np.ndarray] = {}
        self._roles: dict[str, SideBySide] = {}

    def cells(self, name: str) -> np.ndarray:
        """Return a column as text, blank where the table has none."""
        if name not in self._cells:
            self._cells[name] = _texts(self.accounts, name)[self.each.rows]
        return self._cells[name]

    def words(self, name: str, *, split: bool = False) -> np.ndarray:
        """Return the different cells of each incident."""
        return _joined(self.each, self.cells(name), split=split)

    def in_role(self, role: str, cells: Callable[[pd.DataFrame], np.ndarray]) -> np.ndarray:
        """Return the different cells that the rows of each incident have in a role."""
        rows = self._layers.layer(role)
        if role not in self._roles:
            heard = np.ones(len(rows), dtype=bool)
            if len(self.each.rows) < len(self.accounts):
                silent = np.delete(self.accounts["account"].to_numpy(dtype=object), self.each.rows)
                heard = ~rows["account"].isin(silent).to_numpy(dtype=bool)
            at = np.flatnonzero(heard)
            numbers = self.index.get_indexer(pd.Index(rows["incident"]))[at]
            self._roles[role] = SideBySide.of(numbers, at, self.each.total)
        of_role = self._roles[role]
        return _joined(of_role, cells(rows)[of_role.rows])

    @cached_property
    def days(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return _merged_days(self.accounts, self.each)

    @cached_property
    def claims(self) -> np.ndarray:
        return _claims(self)

    @cached_property
    def counts(self) -> tuple[dict[str, Any], np.ndarray]:
        return merged_counts(self.accounts, self.each, self.claims, self.cells("preferred"))

    def bound(self, name: str) -> Any:
        return self.counts[0][name]

    @cached_property
    def tellers(self) -> np.ndarray:
        return _sources(self)


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
    accounts = accounts_of(layers, ["incident", "standing", "date_start", "date_end"])
    each, index = _speaking(accounts)
    first, last, _ = _merged_days(accounts, each)
    standing = accounts["standing"].to_numpy(dtype=object)[each.rows][each.starts]
    return pd.DataFrame({"date_start": first, "date_end": last, "standing": standing}, index=index)


def _speaking(accounts: pd.DataFrame) -> tuple[SideBySide, pd.Index]:
    """Return the accounts that have a say, those of the best standing of each incident, and its name."""
    order = {"counted": 0, "no attack": 1, "summary": 2, "set aside": 3}
    codes, told = pd.factorize(accounts["standing"].to_numpy(dtype=object))
    rank = np.array([order[name] for name in told], dtype=np.intp)[codes]
    numbers, names = pd.factorize(accounts["incident"].to_numpy(dtype=object))
    best = np.full(len(names), len(order))
    np.minimum.at(best, numbers, rank)
    speaks = np.flatnonzero(rank == best[numbers])
    # In the order in which somebody tells of them who has a say.
    numbers, which = pd.factorize(numbers[speaks])
    index = pd.Index(names[which], name="incident", dtype=object)
    return SideBySide.of(numbers, speaks, len(index)), index


def _placed(rows: pd.DataFrame) -> np.ndarray:
    """Return what rows resolved to, or where they are said to be; blank where neither is known."""
    name, kind, status = (
        _texts(rows, column) for column in ("place_name", "place_kind", "place_status")
    )
    inside = np.where(kind == "relation", "somewhere ", "somewhere in ").astype(object)
    return np.where((status != "resolved") & (name != ""), inside + name, name)


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
    # Layers of one table of reports tell of the same accounts: then one of them has them all.
    known = [layer["account"].to_numpy(dtype=object) for layer in told]
    if set(chain(*known[:1])).issuperset(chain(*known[1:])):
        told = told[:1]
    # Of empty layers the columns are all that is asked for.
    tables = [_plain(layer, columns) for layer in told or map(layers.layer, ROLES)]
    rows = tables[0] if len(tables) == 1 else pd.concat(tables)
    return rows[~rows["account"].duplicated().to_numpy()].reset_index(drop=True)


def _plain(layer: pd.DataFrame, columns: Iterable[str] | None) -> pd.DataFrame:
    if columns is None:
        return pd.DataFrame(layer).drop(columns="geometry")
    wanted = dict.fromkeys(["account", *columns])
    return pd.DataFrame(layer)[[name for name in wanted if name in layer]]


def cells_of(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as text, blank where the table has none."""
    return pd.Series(_texts(table, name), index=table.index, dtype=object)


def _texts(table: pd.DataFrame, name: str) -> np.ndarray:
    texts = np.full(len(table), "", dtype=object)
    if name in table:
        column = table[name]
        told = column.notna().to_numpy()
        texts[told] = [str(cell).strip() for cell in column.to_numpy(dtype=object)[told]]
    return texts


def _joined(
    each: SideBySide, cells: np.ndarray, *, separator: str = "; ", split: bool = False
) -> np.ndarray:
    """Return the different cells of each incident, in one text each."""
    joined = np.full(each.total, "", dtype=object)
    first = cells[each.starts]
    joined[each.numbers] = first
    several = each.differing(cells)
    if split:
        several |= np.array([";" in cell for cell in first], dtype=bool)
    for number, rows in each.slices(several):
        parts = [part for cell in cells[rows] for part in (_parts(cell) if split else [cell])]
        joined[number] = separator.join(dict.fromkeys(filter(None, parts)))
    return joined


def _parts(cell: str) -> list[str]:
    """Return the entries of a cell that is a list."""
    return [part.strip() for part in cell.split(";")]


def _sources(told: _Told) -> np.ndarray:
    """Return who says it, and in brackets who said it first."""
    first, source = told.cells("original_source"), told.cells("source")
    source = np.where(source != "", source, told.cells("report"))
    both = np.where(source != "", source + " (" + first + ")", first)
    return np.where((first == "") | (first == source), source, both)


def actors_of(accounts: pd.DataFrame) -> pd.Series:
    """Return the actor with the basis: no actor is ever shown without it."""
    actors = _actors(_texts(accounts, "actor"), _texts(accounts, "actor_basis"))
    return pd.Series(actors, index=accounts.index, dtype=object)


def _actors(actor: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return the actor with the basis: no actor is ever shown without it."""
    grounds = np.where(basis != "", basis, "basis not told")
    return np.where(actor != "", actor + " (" + grounds + ")", "")


def _listed(told: _Told, names: Sequence[str]) -> np.ndarray:
    """Return what each account says of some matters, in one text."""
    words = [
        np.where(told.cells(name) != "", f", {name} " + told.cells(name), "") for name in names
    ]
    return np.array([text[2:] for text in sum(words[1:], words[0])], dtype=object)


def _said(told: _Told) -> np.ndarray:
    """Return what each account says of what accounts may differ on."""
    said = _listed(told, ("date", "outcome", *COUNT_COLUMNS))
    who = np.where(told.tellers != "", told.tellers, "no source")
    told_by: np.ndarray = who + ": " + np.where(said != "", said, "nothing more")
    return told_by


def _claimed(told: _Told) -> np.ndarray:
    """Return the counts that a party tells, with its name."""
    said = _listed(told, COUNT_COLUMNS)
    return np.where(told.claims & (said != ""), said + " (" + told.tellers + ")", "")


def _disputed(told: _Told) -> np.ndarray:
    """Return on what the accounts of each incident contradict each other, in words."""
    names = ("event_type", "outcome")
    told_apart = [_contradict(told.each, _sorted_lists(told.cells(name))) for name in names]
    matters = np.array(["date", *names, *COUNTED], dtype=object)
    differ_on = np.column_stack([told.days[2], *told_apart, told.counts[1]])
    words = np.full(told.each.total, "", dtype=object)
    for number in np.flatnonzero(differ_on.any(axis=1)):
        words[number] = ", ".join(matters[differ_on[number]])
    return words


def _contradict(each: SideBySide, categories: np.ndarray) -> np.ndarray:
    """Return of each incident whether accounts tell what others do not, both ways.

    Who tells of a hit and a miss does not contradict who tells of the hit alone.
    """
    contradict = np.zeros(each.total, dtype=bool)
    for number, rows in each.slices(each.differing(categories)):
        told = [set(cell.split("; ")) for cell in categories[rows] if cell not in {"", "unknown"}]
        told.sort(key=len)
        contradict[number] = any(not less <= more for less, more in pairwise(told))
    return contradict


def _merged_days(
    accounts: pd.DataFrame, each: SideBySide
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first and the last day of each incident, and whether its accounts contradict."""
    start, end = (accounts[name].to_numpy()[each.rows] for name in ("date_start", "date_end"))
    told = ~np.isnat(start) | ~np.isnat(end)
    # NaT is no day, and passed over.
    first, last = np.fmax.reduceat(start, each.starts), np.fmin.reduceat(end, each.starts)
    differ = first > last  # never true of NaT
    # Where no day suits all, every day that any account allows.
    open_start, open_end = (
        np.logical_or.reduceat(np.isnat(days) & told, each.starts) for days in (start, end)
    )
    nat = np.datetime64("NaT")
    earliest, latest = np.fmin.reduceat(start, each.starts), np.fmax.reduceat(end, each.starts)
    first = np.where(differ, np.where(open_start, nat, earliest), first)
    last = np.where(differ, np.where(open_end, nat, latest), last)
    return first, last, differ


def _basis(told: _Told) -> np.ndarray:
    """Return how the account that knows the date of an incident best knows it."""
    each, bases = told.each, told.cells("date_basis")
    start, end = (told.accounts[name].to_numpy()[each.rows] for name in ("date_start", "date_end"))
    dated = ~np.isnat(start) | ~np.isnat(end)
    days = np.where(np.isnat(end - start), np.inf, (end - start) / np.timedelta64(1, "D"))
    order = {name: rank for rank, name in enumerate(DATE_BASES)}
    rank = np.array([order.get(basis, len(order)) for basis in bases], dtype=np.intp)
    by_knowledge = np.lexsort((rank, days, ~dated, each.spread(each.numbers)))
    best: np.ndarray = bases[by_knowledge][each.starts]
    return best


def _dates_in_words(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return ranges of days as a reader would say them; many incidents have the same."""
    days = zip(*(ends.astype("datetime64[D]").tolist() for ends in (first, last)), strict=True)
    said = cache(_date_words)
    return np.array([said(start, end) for start, end in days], dtype=object)


def _date_words(start: date | None, end: date | None) -> str:
    """Return a range of days as a reader would say it."""
    if start is None:
        return "" if end is None else f"by {end}"
    if end is None:
        return f"from {start}"
    if start == end:
        return f"{start}"
    ends_a_month = end.day == monthrange(end.year, end.month)[1]
    if start.day == 1 and start.year == end.year and ends_a_month:
        if start.month == end.month:
            return f"{start}"[:7]
        if (start.month, end.month) == (1, 12):
            return f"{start}"[:4]
    return f"{start} to {end}"


def _claims(told: _Told) -> np.ndarray:
    """Return which accounts are the word of the party that is said to have done it."""
    tellers, parties = (zip(*map(told.cells, names), strict=True) for names in (_TELLERS, _PARTIES))
    # Many accounts have the same tellers and parties: each is looked at once.
    named = cache(_named)
    claims = [not named(a).isdisjoint(named(b)) for a, b in zip(tellers, parties, strict=True)]
    return np.array(claims, dtype=bool)


def _named(cells: tuple[str, ...]) -> set[str]:
    return {part for cell in cells for part in _parts(cell.casefold())} - {""}


def _number_of_sources(told: _Told) -> np.ndarray:
    """Return how many different sources said it first; papers with one wire story are one."""
    each, first = told.each, told.cells("original_source")
    for name in ("source", "report"):
        first = np.where(first != "", first, told.cells(name))
    first = np.array([cell.casefold() for cell in first], dtype=object)
    number: np.ndarray = (first[each.starts] != "").astype(np.intp)
    for incident, rows in each.slices(each.differing(first)):
        number[incident] = len(set(first[rows]) - {""})
    return number


def categories_of(accounts: pd.DataFrame, name: str) -> pd.Series:
    """Return the cells of a column so that equal things are equal: "hit; missed" is "missed; hit"."""
    cells = actors_of(accounts) if name == "actor" else cells_of(accounts, name)
    return pd.Series(_sorted_lists(cells.to_numpy()), index=accounts.index, dtype=object)


def _sorted_lists(cells: np.ndarray) -> np.ndarray:
    in_order = cache(lambda cell: "; ".join(sorted(set(_parts(cell)) - {""})))
    return np.array([in_order(cell) for cell in cells], dtype=object)
