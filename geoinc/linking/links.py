"""Accounts of one table linked into incidents: joined, possibly one, or distinct."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geoinc.layers.weighing import weighted
from geoinc.linking.accounts import accounts_from
from geoinc.linking.candidates import candidate_pairs
from geoinc.linking.evidence import evidence_of
from geoinc.linking.joining import joined
from geoinc.linking.marks import read_marks
from geoinc.linking.reviewing import write_pairs
from geoinc.linking.weights import JOINED, LIKELY, POSSIBLE, probability
from geoinc.linking.wording import reasons, tellings
from geoinc.schema import LINK_COLUMNS, ROLES, Layers

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from geoinc.linking.accounts import Accounts
    from geoinc.linking.candidates import Candidates
    from geoinc.linking.evidence import Evidence
    from geoinc.linking.marks import Mark, Source

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Links:
    """Which accounts tell of one incident, as far as their content says.

    Parameters
    ----------
    pairs : pandas.DataFrame
        One row for each pair of accounts that is joined or possible, or that was
        decided: ``account``, ``other``, ``probability``, ``verdict`` (joined,
        possible, distinct), ``reason`` in words, ``decided`` (by whom, blank where
        by nobody).
    incidents : pandas.DataFrame
        One row an account, index ``account``: ``incident`` it is joined into;
        ``likely_incident``, with what is likelier than not joined as well; ``possible_incident``, shared by incidents that may be one; and
        ``incident_share``, 1 of an incident that stands alone.
    low, best, high : int
        How many incidents count: with all that is possible joined, with all that is
        likelier than not, with what is sure alone.
    notes : tuple of str
        What could not be linked, and why.
    linked : Layers
        The layers with these incidents, weighed anew; what the table said
        is in ``incident_given``.  `counts` carries what is possible into its low.

    See Also
    --------
    link_reports : makes it.
    """

    pairs: pd.DataFrame
    incidents: pd.DataFrame
    low: int
    best: int
    high: int
    notes: tuple[str, ...]
    linked: Layers

    def to_frame(self) -> pd.DataFrame:
        """Return the pairs as a table of one's own."""
        return self.pairs.copy()

    def side_by_side(self) -> pd.DataFrame:
        """Return the pairs with what each account tells, for a reader.

        Returns
        -------
        pandas.DataFrame
            ``account``, ``other``, ``told``, ``other told``, ``probability``, ``verdict``,
            ``reason``.
        """
        rows = self.linked.rows()
        asked = pd.Index(self.pairs["account"]).union(pd.Index(self.pairs["other"]))
        accounts = rows[~rows["account"].duplicated() & rows["account"].isin(asked)]
        told = tellings(accounts)
        table = self.pairs[["account", "other", "probability", "verdict", "reason"]].copy()
        table.insert(2, "told", table["account"].map(told))
        table.insert(3, "other told", table["other"].map(told))
        return table

    def write_review(self, path: str | os.PathLike[str]) -> int:
        """Write the possible pairs for an analyst to decide.

        Fill in ``decision`` (same or distinct) and give the file to
        `link_reports`.  A file that is there keeps what was filled in.

        Parameters
        ----------
        path : path
            Ends in ``.xlsx`` (extra ``excel``) or ``.csv``.

        Returns
        -------
        int
            How many pairs are still to be decided.

        Raises
        ------
        ValueError
            The file name ends otherwise.
        SchemaError
            There is a file of that name that is no table of decisions on links.
        """
        table = self.side_by_side()
        possible = table[table.pop("verdict") == "possible"]
        return write_pairs(possible.assign(probability=possible["probability"].round(2)), path)


def link_reports(layers: Layers, *, decisions: Source | Iterable[Source] | None = None) -> Links:
    """Find which accounts tell of one incident.

    Accounts that are near in place and time are compared by how far apart
    they are and how vague, how many others would fit as well, counts, weapon,
    target and actor; a logistic regression makes a probability of it.  From 0.9
    on accounts are joined, from 0.1 on they are possibly one, and totals are
    then a range.  A group is made only where each fits each.

    Accounts that share an ``incident`` in the table stay together, and
    incidents that the table tells apart are never joined, only called
    possible.  Summaries and what was set aside are not linked.

    Parameters
    ----------
    layers : Layers
        From `locate` or `layers_from_coordinates`.
    decisions : path, pandas.DataFrame, or iterable of these, optional
        What analysts have decided on pairs: columns ``account``, ``other`` (accounts,
        or incidents of the table) and ``decision`` (same, distinct), as
        `Links.write_review` makes them.  What is marked distinct is never joined.

    Returns
    -------
    Links
        ``.pairs``, ``.incidents``, totals, and ``.linked``, the layers to go on with.

    Notes
    -----
    Probabilistic record linkage, the weights by logistic regression; how it was
    fitted and how well it does is in docs/linking.md.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {
    ...         "source": ["A", "B"],
    ...         "date": ["2021-03-15", "2021-03-15"],
    ...         "target": ["Balad air base", "Al-Balad airbase"],
    ...         "fired": ["7", "7"],
    ...     }
    ... )
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> links = gi.link_reports(layers)
    >>> links.pairs[["verdict", "reason"]].to_numpy().tolist()
    [['joined', 'the same place (Balad Air Base); the same day; fired 7 in both']]
    >>> links.low, links.best, links.high
    (1, 1, 1)
    """
    accounts = accounts_from((layers,))
    found = candidate_pairs(accounts)
    evidence = evidence_of(accounts, found)
    p = probability(len(accounts), found.one, found.other, evidence)
    weighed = _Weighed(found.one, found.other, evidence, p)
    marks = _placed_marks(accounts, read_marks(decisions))
    units = _units(accounts, marks)
    groups = [group[units] for group in _grouped(accounts, weighed, units, marks)]
    incidents = _incidents(accounts, groups).reindex(layers.rows()["account"].unique())
    counted = (accounts.table["standing"] == "counted").to_numpy()
    high, best, low = (len(np.unique(group[counted])) for group in groups)
    pairs = _pairs(accounts, weighed, groups[0], marks)
    return Links(
        pairs, incidents, low, best, high, _notes(accounts, found), _relinked(layers, incidents)
    )


class _Weighed(NamedTuple):
    """Pairs of accounts by their positions, with what speaks for them."""

    one: Ints
    other: Ints
    evidence: Evidence
    probability: Floats


class _Marked(NamedTuple):
    """A decision on two accounts by their positions."""

    one: int
    other: int
    same: bool
    said: str


def _placed_marks(accounts: Accounts, marks: list[Mark]) -> list[_Marked]:
    """Return decisions by the positions of accounts; those of incidents hold for all of theirs."""
    if not marks:
        return []
    table = accounts.table
    known: dict[str, list[int]] = {}
    for name in ("incident", "account"):
        known |= {str(key): list(at) for key, at in table.groupby(name).indices.items()}
    placed = []
    for mark in marks:
        missing = [name for name in (mark.account, mark.other) if name not in known]
        if missing:
            warnings.warn(
                f"{missing[0]!r} is no account or incident of this table: that decision is not used",
                stacklevel=3,
            )
            continue
        placed += [
            _Marked(min(a, b), max(a, b), mark.same, mark.said)
            for a in known[mark.account]
            for b in known[mark.other]
            if a != b
        ]
    return placed


def _units(accounts: Accounts, marks: list[_Marked]) -> Ints:
    """Return what is one from the start: what the table or an analyst says is one incident."""
    units = pd.factorize(accounts.table["incident"])[0]
    apart = {(mark.one, mark.other) for mark in marks if not mark.same}
    names = accounts.table["account"]
    for mark in marks:
        mine, theirs = units[mark.one], units[mark.other]
        if mine == theirs and not mark.same:
            warnings.warn(
                f"{names[mark.one]!r} and {names[mark.other]!r} are marked distinct and share the incident "
                f"{accounts.table['incident'][mark.one]!r} in the table: tell them apart there",
                stacklevel=4,
            )
        if mine == theirs or not mark.same:
            continue
        first, second = np.flatnonzero(units == mine), np.flatnonzero(units == theirs)
        if any((min(a, b), max(a, b)) in apart for a in first.tolist() for b in second.tolist()):
            warnings.warn(
                f"{names[mark.one]!r} and {names[mark.other]!r} are marked the same, and what belongs "
                "to them is marked distinct: they are kept apart",
                stacklevel=4,
            )
            continue
        units[second] = mine
    return np.unique(units, return_inverse=True)[1]


def _grouped(
    accounts: Accounts, weighed: _Weighed, units: Ints, marks: list[_Marked]
) -> list[Ints]:
    """Return the group of each unit: of what is sure, what is likely, and what is possible."""
    n = int(units.max(initial=-1)) + 1
    one, other = np.sort([units[weighed.one], units[weighed.other]], axis=0)
    keys, which = np.unique(one * n + other, return_inverse=True)
    likeliest = np.zeros(len(keys))
    np.maximum.at(likeliest, which, weighed.probability)
    for mark in marks:
        if not mark.same:
            a, b = sorted((int(units[mark.one]), int(units[mark.other])))
            likeliest[keys == a * n + b] = 0.0
    one, other = keys // max(n, 1), keys % max(n, 1)
    given = np.zeros(n, dtype=bool)
    given[units[accounts.table["given"].to_numpy(dtype=bool)]] = True
    coded_apart = given[one] & given[other]
    # What is not even possible keeps the groups apart that it is in.
    kept = (one != other) & (likeliest >= POSSIBLE)
    order = np.flatnonzero(kept)
    order = order[np.argsort(-likeliest[order], kind="stable")]
    groups, group = [], np.arange(n)
    for least, fits in (
        (JOINED, kept & ~coded_apart),
        (LIKELY, kept & ~coded_apart),
        (POSSIBLE, kept),
    ):
        chosen = order[fits[order] & (likeliest[order] >= least)]
        compatible = set(zip(one[fits].tolist(), other[fits].tolist(), strict=True))
        group = joined(group, one[chosen], other[chosen], compatible)
        groups.append(group)
    return groups


def _pairs(
    accounts: Accounts, weighed: _Weighed, group: Ints, marks: list[_Marked]
) -> pd.DataFrame:
    """Return the pairs that are joined, possible or decided, the surest first."""
    one, other, evidence, p = weighed
    decided = {(mark.one, mark.other): mark for mark in marks}
    n = len(accounts)
    asked = np.isin(one * n + other, [a * n + b for a, b in decided])
    together = group[one] == group[other]
    told = np.flatnonzero((p >= POSSIBLE) | together | asked)
    told = told[np.argsort(-p[told], kind="stable")]
    one, other, together = one[told], other[told], together[told]
    given, incident = accounts.table["given"].to_numpy(), accounts.table["incident"].to_numpy()
    coded = given[one] & given[other]
    coded_apart = coded & (incident[one] != incident[other])
    why = reasons(accounts, one, other, evidence.take(told))
    why[coded & ~coded_apart] += "; the table joins them"
    why[coded_apart] += "; the table tells them apart"
    why[~together & ~coded_apart & (p[told] >= JOINED)] += "; other accounts do not fit both"
    name = accounts.table["account"].to_numpy(dtype=object)
    table = pd.DataFrame(
        {
            "account": name[one],
            "other": name[other],
            "probability": p[told],
            "verdict": np.where(together, "joined", "possible").astype(object),
            "reason": why,
            "decided": "",
        }
    )
    rows = {pair: row for row, pair in enumerate(zip(one.tolist(), other.tolist(), strict=True))}
    for pair, mark in decided.items():
        row = rows.get(pair, len(table))
        table.loc[row, ["account", "other"]] = name[list(pair)]
        table.loc[row, "verdict"] = "joined" if group[pair[0]] == group[pair[1]] else "distinct"
        table.loc[row, "probability"] = float(mark.same)
        table.loc[row, "decided"] = mark.said
    table["reason"] = table["reason"].fillna("not near enough to be compared")
    return table


def _incidents(accounts: Accounts, groups: list[Ints]) -> pd.DataFrame:
    """Return the incident of each account, and which of them may be one."""
    sure, likely, possible = groups
    table = accounts.table
    # An incident that the table names keeps its name, before those made from content.
    order = np.lexsort(
        (table["incident"].to_numpy(dtype=str), ~table["given"].to_numpy(dtype=bool))
    )
    first = np.full(sure.max(initial=-1) + 1, "", dtype=object)
    first[sure[order[::-1]]] = table["incident"].to_numpy(dtype=object)[order[::-1]]
    names = pd.Series(first[sure], index=pd.Index(table["account"], name="account"))
    per_group = pd.DataFrame({"sure": sure, "likely": likely, "possible": possible})
    counts = per_group.groupby("possible")[["sure", "likely"]].transform("nunique")
    alone = (counts["sure"] == 1).to_numpy()
    label = names.groupby(possible).transform("min")
    return pd.DataFrame(
        {
            "incident": names,
            "likely_incident": names.groupby(likely).transform("min"),
            "possible_incident": label.where(~alone, ""),
            "incident_share": (counts["likely"] / counts["sure"]).to_numpy(),
        }
    )


def _relinked(layers: Layers, incidents: pd.DataFrame) -> Layers:
    """Return the layers with the linked incidents, weighed anew."""
    changed = {}
    for role in ROLES:
        layer = layers.layer(role)
        found = incidents.reindex(pd.Index(layer["account"]))
        given = layer["incident_given"] if "incident_given" in layer else layer["incident"]
        new = {name: found[name].to_numpy() for name in ("incident", *LINK_COLUMNS)}
        changed[role] = layer.assign(incident_given=given, **new)
    return weighted(Layers(changed["launch"], changed["target"], changed["impact"], layers.places))


def _notes(accounts: Accounts, found: Candidates) -> tuple[str, ...]:
    """Return what could not be linked, and why."""
    notes = []
    if vague := len(found.too_vague):
        notes.append(
            f"{vague} accounts are dated or placed so vaguely that they fit hundreds of others; "
            "they stand alone"
        )
    counted = accounts.table["standing"] == "counted"
    if undated := int((np.isnan(accounts.days) & counted).sum()):
        notes.append(f"{undated} accounts tell no day and stand alone")
    return tuple(notes)
