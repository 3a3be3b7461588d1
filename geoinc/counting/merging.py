"""Accounts of one attack merged into one incident."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from geoinc.counting.accounts import ByIncident
from geoinc.counting.bounds import COUNTED, merged_counts
from geoinc.counting.dating import best_basis, in_words
from geoinc.counting.side_by_side import SideBySide
from geoinc.counting.words import Words, combined, different, either, is_told, joined, together
from geoinc.schema import COUNT_COLUMNS, ROLES, YES, Layers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

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
#: Who said it first, as far as it is told.
_SAID_BY = ("original_source", "source", "report")


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
    each, days = told.each, told.by_incident.days
    makers: dict[str, Callable[[], Any]] = {
        "date": lambda: in_words(*days[:2]).column(),
        "date_start": lambda: days[0],
        "date_end": lambda: days[1],
        "date_basis": lambda: best_basis(told.accounts, each, told.words("date_basis")).column(),
        "standing": lambda: told.words("standing").take(each.starts).column(),
        "accounts": lambda: each.sizes,
        "n_sources": lambda: _number_of_sources(told),
        "sources": lambda: joined(each, told.tellers),
    }
    for role in ROLES:
        makers[role] = partial(told.in_role, role, lambda rows: Words.of(rows, "place"))
        makers[f"{role}_place"] = partial(told.in_role, role, _placed)
    makers |= {name: partial(told.listed, name) for name in _WORDS}
    makers["reason"] = lambda: joined(each, told.words("reason"))
    makers["actor"] = lambda: joined(each, _actors(told.words("actor"), told.words("actor_basis")))
    makers |= {
        f"{name}_{bound}": partial(told.bound, f"{name}_{bound}")
        for name in COUNTED
        for bound in ("low", "best", "high")
    }
    makers["claims"] = lambda: joined(each, _claimed(told))
    makers["told"] = lambda: joined(each, _said(told), separator=" | ")
    makers["disputed"] = lambda: _disputed(told)
    if "possible_incident" in told.accounts:
        makers["possible_incident"] = lambda: joined(each, told.words("possible_incident"))
    wanted = makers if columns is None else columns
    return pd.DataFrame(
        {name: make() for name, make in makers.items() if name in wanted},
        index=told.by_incident.index,
    )


class _Told:
    """What accounts tell, those of an incident side by side; made when it is asked for."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self.by_incident = ByIncident(layers)
        self.accounts = self.by_incident.rows
        self.each = self.by_incident.each
        self._words: dict[str, Words] = {}
        self._roles: dict[str, SideBySide] = {}

    def words(self, name: str) -> Words:
        """Return a column of the accounts."""
        if name not in self._words:
            self._words[name] = Words.of(self.accounts, name).take(self.each.rows)
        return self._words[name]

    def listed(self, name: str) -> Any:
        """Return the different entries of each incident's cells, which may be lists."""
        each, words = self.each, self.words(name)
        if pc.any(pc.match_substring(words.texts, ";")).as_py():
            row, words = words.entries()
            each = SideBySide.of(each.spread(each.numbers)[row], row, each.total)
        return joined(each, words)

    def in_role(self, role: str, words_of: Callable[[pd.DataFrame], Words]) -> Any:
        """Return the different words that the rows of each incident have in a role."""
        rows = self._layers.layer(role)
        if role not in self._roles:
            self._roles[role] = self.by_incident.heard_in(rows)
        each = self._roles[role]
        return joined(each, words_of(rows).take(each.rows))

    @cached_property
    def claims(self) -> np.ndarray:
        return _claims(self)

    @cached_property
    def counts(self) -> tuple[dict[str, Any], np.ndarray]:
        preferred = self.words("preferred")
        marked = [cell.casefold() in YES for cell in preferred.texts.to_pylist()]
        preferred_rows = np.array(marked, dtype=bool)[preferred.codes]
        return merged_counts(self.accounts, self.each, self.claims, preferred_rows)

    def bound(self, name: str) -> Any:
        return self.counts[0][name]

    @cached_property
    def tellers(self) -> Words:
        """Who says it, and in brackets who said it first."""
        codes, (first, source, report) = combined(*map(self.words, _SAID_BY))
        source = either(is_told(source), source, report)
        both = either(is_told(source), together(source, " (", first, ")"), first)
        alone = pc.or_(pc.invert(is_told(first)), pc.equal(first, source))
        return Words.numbered(codes, either(alone, source, both))


def _placed(rows: pd.DataFrame) -> Words:
    """Return what rows resolved to, or where they are said to be; blank where neither is known."""
    columns = ("place_name", "place_kind", "place_status")
    codes, (name, kind, status) = combined(*(Words.of(rows, column) for column in columns))
    inside = either(pc.equal(kind, "relation"), "somewhere ", "somewhere in ")
    hinted = pc.and_(pc.not_equal(status, "resolved"), is_told(name))
    return Words.numbered(codes, together(either(hinted, inside, ""), name))


def _actors(actors: Words, bases: Words) -> Words:
    """Return the actor with the basis: no actor is ever shown without it."""
    codes, (actor, basis) = combined(actors, bases)
    grounds = either(is_told(basis), basis, "basis not told")
    return Words.numbered(codes, either(is_told(actor), together(actor, " (", grounds, ")"), ""))


def _listed(told: _Told, names: Sequence[str], rows: np.ndarray) -> pa.Array:
    """Return what some accounts say of some matters, in one text."""
    said = []
    for name in names:
        codes, texts = told.words(name)
        named = either(is_told(texts), together(f", {name} ", texts), "")
        said.append(Words(codes[rows], named).arrow())
    return pc.utf8_slice_codeunits(together(*said), len(", "))


def _said(told: _Told) -> Words:
    """Return what each account says of what accounts may differ on."""
    rows = np.arange(len(told.each.rows))
    said = _listed(told, ("date", "outcome", *COUNT_COLUMNS), rows)
    codes, who = told.tellers
    who = Words(codes, either(is_told(who), who, "no source")).arrow()
    return Words.numbered(rows, together(who, ": ", either(is_told(said), said, "nothing more")))


def _claimed(told: _Told) -> Words:
    """Return the counts that a party tells, with its name."""
    rows = np.flatnonzero(told.claims)
    said = _listed(told, COUNT_COLUMNS, rows)
    who = told.tellers.take(rows).arrow()
    codes = np.zeros(len(told.claims), dtype=np.int64)
    codes[rows] = 1 + np.arange(len(rows))
    claimed = either(is_told(said), together(said, " (", who, ")"), "")
    return Words.numbered(codes, pa.concat_arrays([pa.array([""], said.type), claimed]))


def _claims(told: _Told) -> np.ndarray:
    """Return which accounts are the word of the party that is said to have done it."""
    codes, names = combined(*map(told.words, (*_TELLERS, *_PARTIES)))
    tellers, parties = (
        [_named(*cells) for cells in zip(*(text.to_pylist() for text in texts), strict=True)]
        for texts in (names[:2], names[2:])
    )
    claims = [not a.isdisjoint(b) for a, b in zip(tellers, parties, strict=True)]
    return np.array(claims, dtype=bool)[codes]


def _named(*cells: str) -> set[str]:
    return {part.strip() for cell in cells for part in cell.casefold().split(";")} - {""}


def _number_of_sources(told: _Told) -> np.ndarray:
    """Return how many different sources said it first; papers with one wire story are one."""
    each = told.each
    codes, (first, source, report) = combined(*map(told.words, _SAID_BY))
    source = either(is_told(source), source, report)
    said_first = Words.numbered(codes, either(is_told(first), first, source)).each(str.casefold)
    number: np.ndarray = (said_first.codes[each.starts] != 0).astype(np.int64)
    several = each.differing(said_first.codes)
    sources, _ = different(each, said_first, several)
    number[several] = np.bincount(sources, minlength=np.count_nonzero(several))
    return number


def _disputed(told: _Told) -> Any:
    """Return on what the accounts of each incident contradict each other, in words."""
    names = ("event_type", "outcome")
    told_apart = [_contradict(told.each, in_order(told.words(name))) for name in names]
    matters = np.array(["date", *names, *COUNTED], dtype=object)
    differ_on = np.column_stack([told.by_incident.days[2], *told_apart, told.counts[1]])
    patterns, codes = np.unique(differ_on @ (1 << np.arange(len(matters))), return_inverse=True)
    differ_on = patterns[:, None] >> np.arange(len(matters)) & 1 == 1
    words = pa.array([", ".join(matters[which]) for which in differ_on], pa.large_string())
    return Words.numbered(codes, words).column()


def _contradict(each: SideBySide, categories: Words) -> np.ndarray:
    """Return of each incident whether accounts tell what others do not, both ways.

    Who tells of a hit and a miss does not contradict who tells of the hit alone.
    """
    contradict = np.zeros(each.total, dtype=bool)
    several = each.differing(categories.codes)
    number, code = different(each, categories, several)
    texts = categories.texts.to_pylist()
    told = [set(text.split("; ")) for text in texts]
    known = np.array([text != "unknown" for text in texts])[code]
    number, code = number[known], code[known]
    # Where each holds the next smaller one, each holds them all.
    order = np.lexsort((np.array([len(parts) for parts in told])[code], number))
    number, code = number[order], code[order]
    next_to = np.flatnonzero(np.diff(number) == 0)
    pairs, which = np.unique(code[next_to] * len(told) + code[next_to + 1], return_inverse=True)
    holds = [told[less] <= told[more] for less, more in (divmod(pair, len(told)) for pair in pairs)]
    apart = ~np.array(holds, dtype=bool)[which]
    contradict[np.flatnonzero(several)[number[next_to[apart]]]] = True
    return contradict


def categories_of(accounts: pd.DataFrame, name: str) -> Words:
    """Return the cells of a column so that equal things are equal: "hit; missed" is "missed; hit"."""
    words = Words.of(accounts, name)
    if name == "actor":
        words = _actors(words, Words.of(accounts, "actor_basis"))
    return in_order(words)


def in_order(lists: Words) -> Words:
    """Return lists with each entry once, in alphabetical order."""
    return lists.each(
        lambda cell: "; ".join(sorted({part.strip() for part in cell.split(";")} - {""}))
    )
