"""What speaks for and against that two accounts tell of one incident, pair by pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from geoinc.geodesy import inverse
from geoinc.linking.accounts import WORDS
from geoinc.schema import COUNT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geoinc.linking.accounts import Accounts
    from geoinc.linking.candidates import Candidates

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: From this likeness on two words are the same, and up to the other they are not.
_ALIKE, _UNLIKE = 80.0, 55.0
#: A rare agreement says no more than this, in natural logarithms: one in four hundred.
_MOST = 6.0
#: More than any closeness of a pair.
_FARTHEST = 1000.0

#: What is weighed, in the order of the columns of `Evidence.features`.
FEATURES = (
    "apart",  # log of 1 + kilometres between the areas
    "coarse",  # log of 1 + kilometres of the wider area's radius
    "coarser",  # the same of the finer one
    "no place",  # one of the two has none
    "one place",  # the same entry of the gazetteer
    "name",  # likeness of the words for the place, 0..1
    "days apart",  # between the ranges of days
    "wide days apart",  # log of the days of the wider range, where they do not meet
    "days apart in one report",  # the same where one report tells both: it knows its days
    "days before",  # log of 1 + days from the end of "before 3 March" back to the other
    "days wide",  # log of how many days the wider range has
    "days both wide",  # the same of the narrower one
    "rivals",  # logs of how many other accounts fit each as well in place and time
    "counts differ",  # logs of the ratios by which counts miss each other
    "counts agree",  # how unlikely it is that they meet by chance
    "kind agrees",  # how unlikely it is that the words agree by chance
    "target agrees",
    "actor agrees",
    "kind differs",
    "target differs",
    "actor differs",
    "one report",  # half of two tellers in one, minus half of others, 0 where not told: who quotes
    # others does so mostly on what is told already
    "one teller",  # one source in one report: it tells an attack once
)


class Evidence(NamedTuple):
    """The evidence of pairs.

    Parameters
    ----------
    features : array of float
        One row a pair, one column for each of `FEATURES`.
    gap_m, gap_days : array of float
        Between the two areas (NaN where one has no place) and the two ranges of days.
    """

    features: Floats
    gap_m: Floats
    gap_days: Floats

    def take(self, at: Ints) -> Evidence:
        """Return the evidence of some of the pairs."""
        return Evidence(self.features[at], self.gap_m[at], self.gap_days[at])


def evidence_of(accounts: Accounts, pairs: Candidates) -> Evidence:
    """Return what speaks for and against each pair."""
    one, other = pairs.one, pairs.other
    gap_m, same = _places(accounts, one, other)
    radius_m, days = accounts.radius_m, accounts.days
    first, last = accounts.table["first"].to_numpy(), accounts.table["last"].to_numpy()
    gap_days = np.maximum(0.0, np.maximum(first[one] - last[other], first[other] - last[one]))
    wide_km = np.log1p(np.nan_to_num(radius_m, nan=0.0) / 1000)
    wide_days = np.log(days)
    agree, differ = _words(accounts, one, other)
    counts_differ, counts_agree = _counts(accounts, one, other)
    reported = (accounts.table["report"] != "").to_numpy()
    file = accounts.table["file"].to_numpy()
    both_report = reported[one] & reported[other] & (file[one] == file[other])
    one_report, one_teller = (
        _shared(accounts.table[name], one, other) for name in ("report", "teller")
    )
    apart = np.log1p(np.nan_to_num(gap_m, nan=0.0) / 1000)
    coarse = np.maximum(wide_km[one], wide_km[other])
    wide = np.maximum(wide_days[one], wide_days[other])
    columns = {
        "apart": apart,
        "coarse": coarse,
        "coarser": np.minimum(wide_km[one], wide_km[other]),
        "no place": np.isnan(gap_m),
        "one place": same,
        "name": _likeness(accounts.table["place"], one, other) / 100,
        "days apart": gap_days,
        # A slip of a day takes an attack out of its month at the ends of the month only.
        "wide days apart": np.where(gap_days > 0, wide, 0.0),
        "days apart in one report": np.where(one_report, gap_days, 0.0),
        "days before": np.maximum(_before(accounts, one, other), _before(accounts, other, one)),
        "days wide": wide,
        "days both wide": np.minimum(wide_days[one], wide_days[other]),
        "rivals": _rivals(len(accounts), one, other, apart + gap_days + coarse + wide),
        "counts differ": counts_differ,
        "counts agree": counts_agree,
        **{f"{what} agrees": agree[what] for what in agree},
        **{f"{what} differs": differ[what] for what in differ},
        "one report": np.where(both_report, (one_report & ~one_teller) - 0.5, 0.0),
        "one teller": one_teller,
    }  # fmt: skip
    features = np.column_stack([columns[name] for name in FEATURES]).astype(float)
    return Evidence(features, gap_m, gap_days)


def _places(accounts: Accounts, one: Ints, other: Ints) -> tuple[Floats, NDArray[np.bool_]]:
    """Return how far apart the areas of pairs are at least, and whether they are one place."""
    spots = accounts.spots
    count = np.bincount(spots["at"], minlength=len(accounts))
    begin = np.cumsum(count) - count
    place = spots.sort_values("at", kind="stable")["place"].to_numpy()
    # Every place of the one with every place of the other.
    sizes = count[one] * count[other]
    pair = np.repeat(np.arange(len(one)), sizes)
    step = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    mine = place[begin[one][pair] + step // np.maximum(count[other][pair], 1)]
    theirs = place[begin[other][pair] + step % np.maximum(count[other][pair], 1)]
    names = pd.factorize(accounts.places.index)[0]
    key, which = np.unique(
        np.minimum(mine, theirs) * len(names) + np.maximum(mine, theirs), return_inverse=True
    )
    gaps = _gaps(accounts, key // max(len(names), 1), key % max(len(names), 1))[which]
    gap_m, same = np.full(len(one), np.inf), np.zeros(len(one), dtype=bool)
    np.minimum.at(gap_m, pair, gaps)
    np.logical_or.at(same, pair, names[mine] == names[theirs])
    return np.where(np.isinf(gap_m), np.nan, gap_m), same


def _gaps(accounts: Accounts, one: Ints, other: Ints) -> Floats:
    """Return the least distance between areas; near enough: what is nearest in degrees."""
    shapes = accounts.places.geometry.to_numpy()
    centre = accounts.places[["longitude", "latitude"]].to_numpy(dtype=float)
    radius_m = accounts.places["uncertainty_m"].to_numpy(dtype=float)
    away_m, _ = inverse(*centre[one].T, *centre[other].T)
    gaps = np.maximum(0.0, away_m - radius_m[one] - radius_m[other])
    # Circles around areas may meet where the areas do not.
    disc = accounts.places["shape"].astype(str).str.startswith("disc").to_numpy(dtype=bool)
    rough = np.flatnonzero((gaps == 0) & (one != other) & ~(disc[one] & disc[other]))
    a, b = shapes[one[rough]], shapes[other[rough]]
    ends = shapely.get_coordinates(shapely.shortest_line(a, b)).reshape(-1, 4)
    found, _ = inverse(*ends.T)
    gaps[rough] = found
    return np.asarray(gaps)


def _rivals(n: int, one: Ints, other: Ints, closeness: Floats) -> Floats:
    """Return for each pair how many others its accounts fit as well, both logs added.

    "Baghdad, March 2007" fits a hundred attacks, and then place and time say
    little; in a hamlet they say nearly all.
    """
    rivals = np.zeros(len(one))
    rounded = np.round(closeness, 2)
    for side in (one, other):
        whose = np.concatenate([one, other])
        close = np.concatenate([rounded, rounded])
        order = np.lexsort((close, whose))
        begin = np.searchsorted(whose[order], np.arange(n))
        # The rank among equals is that of the last: what fits as well counts in full.
        key = whose[order] * _FARTHEST + close[order]
        last = np.searchsorted(key, side * _FARTHEST + rounded, "right")
        rivals += np.log(np.maximum(last - begin[side], 1))
    return rivals


def _likeness(
    column: pd.Series, one: Ints, other: Ints, scorer: Callable[..., float] = fuzz.token_set_ratio
) -> Floats:
    """Return how alike the texts of pairs are, 0 to 100; 0 where one is blank."""
    codes, texts = pd.factorize(column)
    a, b = np.minimum(codes[one], codes[other]), np.maximum(codes[one], codes[other])
    key, which = np.unique(a * len(texts) + b, return_inverse=True)
    words = texts.to_numpy(dtype=object)
    left, right = words[key // max(len(texts), 1)], words[key % max(len(texts), 1)]
    alike = cpdist(left, right, scorer=scorer, dtype=np.float32, workers=1)
    alike[(left == "") | (right == "")] = 0
    return np.asarray(alike, dtype=float)[which]


def _shared(column: pd.Series, one: Ints, other: Ints) -> NDArray[np.bool_]:
    """Return whether pairs have the same text, and one at all."""
    codes = pd.factorize(column.where(column != ""))[0]  # -1 of what is blank
    return np.asarray((codes[one] == codes[other]) & (codes[one] >= 0))


def _before(accounts: Accounts, one: Ints, other: Ints) -> Floats:
    """Return how long before the end of an open range the other is, 0 where the first is not open.

    Who writes "before 3 March" seldom means the year before.
    """
    table = accounts.table
    back = table["last"].to_numpy()[one] - table["last"].to_numpy()[other]
    return np.where(table["open"].to_numpy()[one], np.log1p(np.maximum(back, 0.0)), 0.0)


def _words(
    accounts: Accounts, one: Ints, other: Ints
) -> tuple[dict[str, Floats], dict[str, NDArray[np.bool_]]]:
    """Return for each thing told in words how telling it is that they agree, and if they differ."""
    agree = {what: np.zeros(len(one)) for what in WORDS.values()}
    best = {what: np.full(len(one), -1.0) for what in WORDS.values()}
    for name, what in WORDS.items():
        column = accounts.table[name]
        blank = (column == "").to_numpy()
        share = column.map(column.value_counts()).to_numpy() / max(int((~blank).sum()), 1)
        both = ~(blank[one] | blank[other])
        alike = np.where(both, _likeness(column, one, other), -1.0)
        rare = -np.log(np.clip(np.maximum(share[one], share[other]), np.exp(-_MOST), 1.0))
        agree[what] += np.where(alike >= _ALIKE, rare, 0.0)
        best[what] = np.maximum(best[what], alike)
    return agree, {what: (likest >= 0) & (likest < _UNLIKE) for what, likest in best.items()}


def _counts(accounts: Accounts, one: Ints, other: Ints) -> tuple[Floats, Floats]:
    """Return by how much counts miss each other, and how telling it is that they meet."""
    differ, agree = np.zeros(len(one)), np.zeros(len(one))
    for name in COUNT_COLUMNS:
        low, high = accounts.low[name], accounts.high[name]
        told = ~np.isnan(low)
        both = told[one] & told[other]
        least = np.maximum(low[one[both]], low[other[both]])
        most = np.minimum(high[one[both]], high[other[both]])
        gap = np.log1p(least) - np.log1p(np.maximum(most, 0.0))
        differ[both] += np.clip(gap, 0.0, 3.0)
        # How many accounts of the table tell a count that meets both.
        begun = np.searchsorted(np.sort(low[told]), most, "right")
        over = np.searchsorted(np.sort(high[told]), least, "left")
        share = (np.maximum(begun - over, 0) + 1) / (told.sum() + 2)
        agree[both] += np.where(gap <= 0, np.minimum(-np.log(share), _MOST), 0.0)
    return differ, agree
