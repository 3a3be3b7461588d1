"""Two tables of the same time and country: which incidents both tell, and which only one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.linking.accounts import accounts_from
from geoinc.linking.candidates import candidate_pairs
from geoinc.linking.comparable import described, in_summaries, not_comparable
from geoinc.linking.evidence import evidence_of
from geoinc.linking.weights import JOINED, POSSIBLE, probability
from geoinc.linking.wording import reasons

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoinc.linking.accounts import Accounts
    from geoinc.linking.candidates import Candidates
    from geoinc.schema import Layers

#: What an incident of one table may be to the other table.
STATUSES = ("matched", "possible", "only mine", "only theirs", "not comparable")

_BY = ("month", "year", "country", "admin1", "place")


@dataclass(frozen=True, eq=False)
class Matches:
    """What two tables tell of each other's incidents.

    Parameters
    ----------
    table : pandas.DataFrame
        One row an incident: ``file`` (mine, theirs), ``incident``, ``status`` (one of
        `STATUSES`), ``other`` (the incident of the other table that it is matched
        with, that it is likeliest to be, or the summary that may hold it), ``probability``,
        ``reason`` in words,
        and ``month``, ``year``, ``country``, ``admin1``, ``place``, as far as known.
    """

    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the incidents as a table of one's own."""
        return self.table.copy()

    def tally(self, *, by: str | Iterable[str] = ("month",)) -> pd.DataFrame:
        """Return how many incidents of each file are matched, possible, alone, not comparable.

        Parameters
        ----------
        by : str or iterable of str
            ``month``, ``year``, ``country``, ``admin1``, ``place``.

        Returns
        -------
        pandas.DataFrame
            Index what was counted by; columns ``mine`` and ``theirs``, under each
            the statuses.  What is matched stands under both, with its own date and place.

        Raises
        ------
        ValueError
            Where there is nothing of that name to count by.
        """
        keys = [by] if isinstance(by, str) else list(by)
        for key in keys:
            if key not in _BY:
                msg = f"by={key!r} is nothing to count matches by; use {', '.join(_BY)}"
                raise ValueError(msg)
        counted = self.table.assign(n=1).pivot_table(
            index=keys, columns=["file", "status"], values="n", aggfunc="sum"
        )
        columns = [
            (file, status)
            for file in ("mine", "theirs")
            for status in STATUSES
            if status != ("only theirs" if file == "mine" else "only mine")
        ]
        wanted = pd.MultiIndex.from_tuples(columns, names=["file", "status"])
        return counted.reindex(columns=wanted).fillna(0).astype("int64")


def match_reports(mine: Layers, theirs: Layers) -> Matches:
    """Hold one table of incidents against another, such as one's own against UCDP's.

    Incidents are compared as `link_reports` compares accounts, and each is
    matched at most once, the surest pairs first, from a probability of 0.9 on.  From
    0.1 on a pair is *possible*.  Of the rest, an incident is *only* in its own
    table where the other could have it, and *not comparable* where it could not, or
    where nobody could tell: outside the days or countries that the other tells of,
    without a date or place, told as a summary, perhaps within a summary of the
    other, or outside the other's definition (UCDP GED has only events in which
    somebody was killed; protests and strategic developments of ACLED are no attacks).

    Parameters
    ----------
    mine, theirs : Layers
        From `locate` or `layers_from_coordinates`, with incidents as they are to be counted.

    Returns
    -------
    Matches
        ``.table``, and ``.tally(by=["month", "admin1"])``.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> told = {"target": "Balad air base", "event_type": "rocket", "fired": "7"}
    >>> mine = pd.DataFrame([told | {"date": f"2021-03-{day}"} for day in (15, 22, 29)])
    >>> theirs = pd.DataFrame([told | {"date": f"2021-03-{day}"} for day in (15, 29)])
    >>> gaz = gi.load_gazetteer()
    >>> layers = [gi.locate(gi.read_reports(table), gaz) for table in (mine, theirs)]
    >>> gi.match_reports(*layers).table["status"].to_list()
    ['matched', 'only mine', 'matched', 'matched', 'matched']
    """
    files = (mine, theirs)
    accounts = accounts_from(files)
    candidates = candidate_pairs(accounts)
    pairs = _pairs(accounts, candidates)
    matched = _matched(pairs[pairs["probability"] >= JOINED])
    told = [described(layers) for layers in files]
    tables = []
    for number, name in enumerate(("mine", "theirs")):
        table, other = told[number], told[1 - number]
        found = _found(pairs, matched, number).reindex(table.index)
        vague = _too_vague(accounts, candidates, number)
        why = not_comparable(table, other, files[number], files[1 - number], vague)
        # What the other may tell within a summary is not missing there.
        within = in_summaries(accounts, number).reindex(table.index).fillna("")
        asked = (why == "") & found["other"].isna() & (within != "")
        why = np.where(asked, "the other table may tell it within a summary", why)
        status = np.select(
            [found["matched"].eq(other=True), found["other"].notna(), why != ""],
            ["matched", "possible", "not comparable"],
            default=f"only {name}",
        )
        reason = np.where(found["other"].notna(), found["reason"].fillna(""), why)
        tables.append(
            pd.DataFrame(
                {
                    "file": name,
                    "incident": table.index,
                    "status": status.astype(object),
                    "other": found["other"].where(~asked, within).fillna("").to_numpy(dtype=object),
                    "probability": found["probability"].to_numpy(dtype=float),
                    "reason": reason,
                    **{key: table[key].to_numpy(dtype=object) for key in _BY},
                }
            )
        )
    return Matches(pd.concat(tables, ignore_index=True))


def _pairs(accounts: Accounts, found: Candidates) -> pd.DataFrame:
    """Return the likeliest pair of accounts of each two incidents, the surest first."""
    evidence = evidence_of(accounts, found)
    p = probability(len(accounts), found.one, found.other, evidence)
    told = np.flatnonzero(p >= POSSIBLE)
    told = told[np.argsort(-p[told], kind="stable")]
    one, other = found.one[told], found.other[told]
    # Positions of the first table come before those of the second.
    incident = accounts.table["incident"].to_numpy(dtype=object)
    pairs = pd.DataFrame(
        {
            "mine": incident[one],
            "theirs": incident[other],
            "probability": p[told],
            "reason": reasons(accounts, one, other, evidence.take(told)),
        }
    )
    return pairs.drop_duplicates(["mine", "theirs"], ignore_index=True)


def _matched(pairs: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the pairs in which each incident stands once, the surest first."""
    taken: tuple[set[str], set[str]] = (set(), set())
    matched = set()
    for one, other in zip(pairs["mine"], pairs["theirs"], strict=True):
        if one not in taken[0] and other not in taken[1]:
            matched.add((one, other))
            taken[0].add(one)
            taken[1].add(other)
    return matched


def _found(pairs: pd.DataFrame, matched: set[tuple[str, str]], number: int) -> pd.DataFrame:
    """Return for the incidents of a file whom they are matched with, else whom they may be."""
    own, other = ("mine", "theirs") if number == 0 else ("theirs", "mine")
    both = list(zip(pairs["mine"], pairs["theirs"], strict=True))
    told = pairs.assign(matched=[pair in matched for pair in both])
    told = told.sort_values("matched", ascending=False, kind="stable").drop_duplicates(own)
    return told.rename(columns={other: "other"}).set_index(own)


def _too_vague(accounts: Accounts, found: Candidates, number: int) -> set[str]:
    """Return the incidents of a file of which every account is too vague to be compared."""
    table = accounts.table
    given_up = np.zeros(len(table), dtype=bool)
    given_up[found.too_vague] = True
    own = table[table["file"] == number].assign(vague=given_up[table["file"] == number])
    every = own.groupby("incident")["vague"].all()
    return set(every.index[every])
