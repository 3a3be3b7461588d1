"""Two tables of the same time and country: which incidents both tell, and which only one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.counting import incidents
from geoinc.counting.merging import cells_of
from geoinc.linking.accounts import accounts_from
from geoinc.linking.candidates import candidate_pairs
from geoinc.linking.evidence import evidence_of
from geoinc.linking.weights import JOINED, POSSIBLE, probability
from geoinc.linking.wording import reasons

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from geoinc.linking.accounts import Accounts
    from geoinc.linking.candidates import Candidates
    from geoinc.schema import Layers

    Words = NDArray[np.object_]

#: What an incident of one table may be to the other table.
STATUSES = ("matched", "possible", "only mine", "only theirs", "not comparable")

#: UCDP GED has an event only where somebody was killed; it is known by these of its columns.
_UCDP = frozenset({"where_prec", "event_clarity"})

_NOT_KNOWN = "not known"

_BY = ("month", "year", "country", "admin1", "place")


@dataclass(frozen=True, eq=False)
class Matches:
    """What two tables tell of each other's incidents.

    Parameters
    ----------
    table : pandas.DataFrame
        One row an incident: ``file`` (mine, theirs), ``incident``, ``status`` (one of
        `STATUSES`), ``other`` (the incident of the other table that it is matched
        with, or that it is likeliest to be), ``probability``, ``reason`` in words,
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
    table where the other could have it, and *not comparable* where it could not:
    outside the days or countries that the other tells of, without a date or
    place, told as a summary, or outside the other's definition (UCDP
    GED has only events in which somebody was killed).

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
    tables = []
    for number, (name, layers) in enumerate(zip(("mine", "theirs"), files, strict=True)):
        table = _described(layers)
        found = _found(pairs, matched, number).reindex(table.index)
        vague = _too_vague(accounts, candidates, number)
        why = _not_comparable(files[1 - number], table, vague)
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
                    "other": found["other"].fillna("").to_numpy(dtype=object),
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


def _described(layers: Layers) -> pd.DataFrame:
    """Return the incidents with the month, year and place they lie in, as far as known."""
    table = incidents(layers)
    rows = layers.rows()
    placed = rows[rows["place_id"] != ""].copy()
    # Of several places that of the most weight; targets before what is launched from.
    placed["rank"] = placed["role"].map({"target": 0, "impact": 1, "launch": 2})
    placed = placed.sort_values(["rank", "weight"], ascending=[True, False], kind="stable")
    best = placed.drop_duplicates("incident").set_index("incident").reindex(table.index)
    first, last = table["date_start"], table["date_end"]
    known: dict[str, Any] = {}
    for key, pattern in (("month", "%Y-%m"), ("year", "%Y")):
        begin, end = first.dt.strftime(pattern), last.dt.strftime(pattern)
        several = pd.Series(np.where(begin.notna() & end.notna(), f"several {key}s", "undated"))
        known[key] = np.where(begin == end, begin, several)
    told = rows.drop_duplicates("incident").set_index("incident").reindex(table.index)
    for key, column in (("country", "country"), ("admin1", "admin1"), ("place", "name")):
        cells = cells_of(best, f"place_{column}")
        # Coordinates alone lie in no country; the table itself may say in which.
        said = cells_of(told, key)
        known[key] = cells.where(cells != "", said.where(said != "", _NOT_KNOWN))
    said = cells_of(told, "country")
    is_code = said.str.fullmatch("[A-Z]{2}")
    code = cells_of(best, "place_country")
    known["country_code"] = code.where(code != "", said.where(is_code, ""))
    known["country_name"] = said.where(~is_code, "").str.casefold()
    return table.assign(**known)


def _elsewhere(table: pd.DataFrame, theirs: pd.DataFrame) -> pd.Series:
    """Return which incidents lie in a country that none of theirs lies in.

    Codes are held against codes and names against names, and only where all of
    theirs have one.
    """
    elsewhere = pd.Series(data=False, index=table.index)
    for key in ("country_code", "country_name"):
        countries = set(theirs[key])
        if "" not in countries:
            elsewhere |= (table[key] != "") & ~table[key].isin(countries)
    return elsewhere


def _not_comparable(other: Layers, table: pd.DataFrame, vague: set[str]) -> Words:
    """Return why the other table cannot have each of the incidents, blank where it could."""
    theirs = _described(other)
    theirs = theirs[theirs["standing"] == "counted"]
    first, last = theirs["date_start"].min(), theirs["date_end"].max()
    killed = table[["killed_low", "killed_best", "killed_high"]]
    most = killed.max(axis=1)
    ucdp = any(set(other.layer(role).columns) >= _UCDP for role in ("target", "launch", "impact"))
    reasons_why = {
        "told as a summary of many attacks": table["standing"] == "summary",
        "no attack": table["standing"] == "no attack",
        "set aside": table["standing"] == "set aside",
        "no date": table["date_start"].isna() & table["date_end"].isna(),
        "before the first day of the other table": table["date_end"] < first,
        "after the last day of the other table": table["date_start"] > last,
        "no place is known": table["country"].eq(_NOT_KNOWN) & table["place"].eq(_NOT_KNOWN),
        "in a country of which the other table has nothing": _elsewhere(table, theirs),
        "dated or placed too vaguely to be compared": table.index.isin(list(vague)),
        "nobody is said to be killed; UCDP has only events with deaths": ucdp
        & most.eq(0).fillna(value=False),
        "how many were killed is not told; UCDP has only events with deaths": ucdp & most.isna(),
    }
    return np.select(
        [np.asarray(chosen, dtype=bool) for chosen in reasons_why.values()],
        list(reasons_why),
        default="",
    ).astype(object)
