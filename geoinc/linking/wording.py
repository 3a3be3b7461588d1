"""Why two accounts are held for one incident, or for two, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geoinc.linking.accounts import BESIDE, WORDS
from geoinc.linking.evidence import FEATURES
from geoinc.reports import text_of
from geoinc.schema import COUNT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geoinc.linking.accounts import Accounts
    from geoinc.linking.evidence import Evidence

    Ints = NDArray[np.intp]
    Words = NDArray[np.object_]

#: What is told of an account, besides when, where and by whom.
_TOLD = ("event_type", "weapon", "target_type", "target_actor", "actor", "outcome", *COUNT_COLUMNS)
#: What stands before the words for a thing.
_BEFORE = {"kind": "", "target": "", "side": "against ", "actor": "by "}
#: From so many others on that fit as well it is worth saying so.
_CROWD = 5
#: Publication further apart than this is worth saying, in days.
_FAR = 3


def reasons(accounts: Accounts, one: Ints, other: Ints, evidence: Evidence) -> Words:
    """Return what speaks for and against each pair, the weightiest things first."""
    parts = [
        _places(accounts, one, other, evidence),
        _days(accounts, one, other, evidence),
        *(_counts(accounts, one, other, name) for name in COUNT_COLUMNS),
        *(
            _words(accounts, one, other, what, evidence)
            for what in ("kind", "target", "side", "actor")
        ),
        _beside(accounts, one, other),
        _reports(evidence),
        np.where(evidence.dated_widely, "; one is dated to a month or more", ""),
        np.where(evidence.told_apart, "; told as one of several attacks", ""),
        _rivals(evidence),
    ]
    told = np.full(len(one), "", dtype=object)
    for part in parts:
        told += part.astype(object)
    return np.array([text[2:] for text in told], dtype=object)


def _feature(evidence: Evidence, name: str) -> NDArray[np.float64]:
    return np.asarray(evidence.features[:, FEATURES.index(name)])


def _texts(values: NDArray[Any]) -> Words:
    """Return whole numbers as text, each different one made once."""
    distinct, which = np.unique(values, return_inverse=True)
    return np.array([f"{value:,.0f}" for value in distinct], dtype=object)[which.ravel()]


def _places(accounts: Accounts, one: Ints, other: Ints, evidence: Evidence) -> Words:
    spots = accounts.spots
    name = accounts.places["name"].to_numpy(dtype=object)
    first = spots[~spots["at"].duplicated()]
    names = np.full(len(accounts), "", dtype=object)
    names[first["at"].to_numpy()] = name[first["place"].to_numpy()]
    more = np.bincount(spots["at"], minlength=len(accounts)) > 1
    names = np.where(more, names + " and others", names)
    # Of a place that is known by its coordinates alone the account's words say more.
    words = accounts.table["words"].to_numpy(dtype=object)
    named = np.array([any(map(str.isalpha, text)) for text in names], dtype=bool)
    names = np.where(named | (words == ""), names, words)
    a, b, gap_m = names[one], names[other], evidence.gap_m
    both = np.where(a == b, " (" + a + ")", " (" + a + "; " + b + ")")
    apart = "; " + _texts(np.maximum(np.nan_to_num(gap_m) / 1000.0, 1.0)) + " km apart" + both
    said = np.where(
        evidence.one_place & (a == b), "; the same place (" + a + ")", "; places that meet" + both
    )
    return np.where(np.isnan(gap_m), "; not both tell a place", np.where(gap_m > 0, apart, said))


def _days(accounts: Accounts, one: Ints, other: Ints, evidence: Evidence) -> Words:
    gap = evidence.gap_days
    date = accounts.told["date"].to_numpy(dtype=object)
    single = (accounts.days[one] == 1) & (accounts.days[other] == 1)
    both = np.where(date[one] == date[other], date[one], date[one] + "; " + date[other])
    met = np.where(single, "; the same day", "; dates that meet (" + both + ")")
    apart = "; " + _texts(gap) + np.where(gap == 1, " day apart", " days apart").astype(object)
    return np.where(gap > 0, apart, met)


def _counts(accounts: Accounts, one: Ints, other: Ints, name: str) -> Words:
    low, high = accounts.low[name], accounts.high[name]
    both = ~(np.isnan(low[one]) | np.isnan(low[other]))
    misses = np.maximum(low[one], low[other]) > np.minimum(high[one], high[other])
    said = accounts.told[name].to_numpy(dtype=object)
    a, b = f"; {name} " + said[one], said[other]
    words = np.where(misses, a + ", but " + b, np.where(said[one] == b, a + " in both", a + " fits " + b))  # fmt: skip
    return np.where(both, words, "").astype(object)


def _words(accounts: Accounts, one: Ints, other: Ints, what: str, evidence: Evidence) -> Words:
    """Return the words of the first column that both tell of a thing."""
    agree = _feature(evidence, f"{what} agrees") > 0
    differ = _feature(evidence, f"{what} differs") > 0
    told = np.full(len(one), "", dtype=object)
    for name in [name for name, thing in WORDS.items() if thing == what]:
        folded = accounts.table[name].to_numpy(dtype=object)
        # A semicolon parts the reasons.
        said = accounts.told[name].str.replace(";", ",").to_numpy(dtype=object)
        a, b = "; " + _BEFORE[what] + said[one], said[other]
        same = folded[one] == folded[other]
        words = np.where(same, a + " in both", np.where(differ, a + ", but " + b, a + " fits " + b))
        here = (folded[one] != "") & (folded[other] != "") & (told == "") & (agree | differ | same)
        told = np.where(here, words, told)
    return told


def _beside(accounts: Accounts, one: Ints, other: Ints) -> Words:
    """Return what else is told in the same words."""
    same = []
    for name in BESIDE:
        column = accounts.table[name].to_numpy(dtype=object)
        alike = (column[one] == column[other]) & (column[one] != "")
        same.append(np.where(alike, ", " + name.replace("_", " "), "").astype(object))
    listed = sum(same, start=np.full(len(one), "", dtype=object))
    listed = np.array([text[2:] for text in listed], dtype=object)
    return np.asarray(np.where(listed == "", "", "; the same " + listed), dtype=object)


def _reports(evidence: Evidence) -> Words:
    days = np.expm1(_feature(evidence, "published apart"))
    said = np.select(
        [
            _feature(evidence, "one teller") > 0,
            _feature(evidence, "one report") > 0,
            days > _FAR,
        ],
        [
            "; one source tells both in one report",
            "; one report tells both",
            "; published " + _texts(days) + " days apart or more",
        ],
        default="",
    )
    return np.asarray(said, dtype=object)


def _rivals(evidence: Evidence) -> Words:
    # The logs of both sides are added: their mean is that of a typical side.
    others = np.round(np.exp(_feature(evidence, "rivals near") / 2)) - 1
    return np.where(
        others >= _CROWD, "; " + _texts(others) + " others fit as well in place and time", ""
    )


def tellings(rows: pd.DataFrame) -> dict[str, str]:
    """Return of each account what a reader needs to recognise it, by its identifier."""
    names = ("date", "source", "original_source", "launch", "target", "impact", *_TOLD)
    before = {"launch": "from ", "impact": "fell ", **{name: f"{name} " for name in COUNT_COLUMNS}}
    told = {}
    for account, *cells in zip(*(text_of(rows, name) for name in ("account", *names)), strict=True):
        parts = [
            before.get(name, "") + cell for name, cell in zip(names, cells, strict=True) if cell
        ]
        told[account] = "; ".join(parts)
    return told
