"""What speaks for and against that two accounts tell of one incident, pair by pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from geoinc.geodesy import inverse
from geoinc.linking.accounts import BESIDE, WORDS
from geoinc.linking.rivals import rivals_near
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

#: Within so many kilometres of each other one place has several names.
_NEAR_KM = 5.0
#: Counts that miss each other by less are near, in natural logarithms.
_NEAR = float(np.log(1.25))
#: From so many days on a date is told to a month or more.
_MONTH = 28
#: Times of day so near each other, in minutes, may be one.
_HOUR = 60.0
#: What is published later than this looks back, in days: when says nothing of the attack.
_LATE_DAYS = 30.0

#: What is weighed, in the order of the columns of `Evidence.features`.
FEATURES = (
    "apart",  # log of 1 + kilometres between the areas
    "far apart",  # the same beyond the first 5 km
    "coarse",  # log of 1 + kilometres of the wider area's radius
    "coarser",  # the same of the finer one
    "no place",  # one of the two has none
    "name",  # likeness of the words for the place, 0..1
    "days apart",  # between the ranges of days
    "two days apart",  # two or more: a slip is mostly of one
    "days apart in one report",  # the same where one report tells both: it knows its days
    "days before",  # log of 1 + days from the end of "before 3 March" back to the other
    "no single day",  # one of the ranges has several
    "published apart",  # log of 1 + days between two reports of the time, where one has no single day
    "rivals near",  # logs of how many other accounts fit each as well in place and time
    "counts differ",  # logs of the ratios by which counts miss each other
    "counts near",  # how many miss by less than a quarter: 37 and 40
    "counts agree",  # how unlikely it is that they meet by chance
    "kind agrees",  # how unlikely it is that the words agree by chance
    "target agrees",
    "side agrees",
    "actor agrees",
    "kind differs",
    "target differs",
    "side differs",
    "actor differs",
    "also agrees",  # launch, outcome, first source and time of day, the same way
    "one report",  # half of two tellers in one, minus half of others, 0 where not told: who quotes
    # others does so mostly on what is told already
    "one teller",  # one source in one report: it tells an attack once
    "one teller otherwise",  # and tells it in one way: not the same row entered twice
)


class Evidence(NamedTuple):
    """The evidence of pairs.

    Parameters
    ----------
    features : array of float
        One row a pair, one column for each of `FEATURES`.
    gap_m, gap_days : array of float
        Between the two areas (NaN where one has no place) and the two ranges of days.
    one_place : array of bool
        They are the same entry of the gazetteer.
    told_apart : array of bool
        One report tells both, and says of one that it is one of several attacks.
    dated_widely : array of bool
        One of the two is told to a month or more.
    """

    features: Floats
    gap_m: Floats
    gap_days: Floats
    one_place: NDArray[np.bool_]
    told_apart: NDArray[np.bool_]
    dated_widely: NDArray[np.bool_]

    def take(self, at: Ints) -> Evidence:
        """Return the evidence of some of the pairs."""
        return Evidence(
            self.features[at],
            self.gap_m[at],
            self.gap_days[at],
            self.one_place[at],
            self.told_apart[at],
            self.dated_widely[at],
        )


def evidence_of(accounts: Accounts, pairs: Candidates) -> Evidence:
    """Return what speaks for and against each pair."""
    one, other = pairs.one, pairs.other
    gap_m, same = _places(accounts, one, other)
    radius_m, days = accounts.radius_m, accounts.days
    first, last = accounts.table["first"].to_numpy(), accounts.table["last"].to_numpy()
    gap_days = np.maximum(0.0, np.maximum(first[one] - last[other], first[other] - last[one]))
    wide_km = np.log1p(np.nan_to_num(radius_m, nan=0.0) / 1000)
    agree, differ = _words(accounts, one, other)
    counts_differ, near, counts_agree = _counts(accounts, one, other)
    reported = (accounts.table["report"] != "").to_numpy()
    file = accounts.table["file"].to_numpy()
    both_report = reported[one] & reported[other] & (file[one] == file[other])
    one_report, one_teller = (
        _shared(accounts.table[name], one, other) for name in ("report", "teller")
    )
    gap_km = np.nan_to_num(gap_m, nan=0.0) / 1000
    apart = np.log1p(gap_km)
    coarse = np.maximum(wide_km[one], wide_km[other])
    wide = np.log(np.maximum(days[one], days[other]))
    columns = {
        "apart": apart,
        "far apart": np.log1p(np.maximum(gap_km - _NEAR_KM, 0.0) / (1 + _NEAR_KM)),
        "coarse": coarse,
        "coarser": np.minimum(wide_km[one], wide_km[other]),
        "no place": np.isnan(gap_m),
        "name": _likeness(accounts.table["place"], one, other) / 100,
        "days apart": gap_days,
        "two days apart": gap_days >= 2,
        "days apart in one report": np.where(one_report, gap_days, 0.0),
        "days before": np.maximum(_before(accounts, one, other), _before(accounts, other, one)),
        "no single day": wide > 0,
        "published apart": np.where(one_report | (wide == 0), 0.0, _published(accounts, one, other)),
        "rivals near": rivals_near(len(accounts), one, other, apart + gap_days + coarse + wide),
        "counts differ": counts_differ,
        "counts near": near,
        "counts agree": counts_agree,
        **{f"{what} agrees": agree[what] for what in agree},
        **{f"{what} differs": differ[what] for what in differ},
        "also agrees": _beside(accounts, one, other),
        "one report": np.where(both_report, (one_report & ~one_teller) - 0.5, 0.0),
        "one teller": one_teller,
        "one teller otherwise": one_teller & ~_copies(accounts, one, other),
    }  # fmt: skip
    features = np.column_stack([columns[name] for name in FEATURES]).astype(float)
    of_several = accounts.table["one_of_several"].to_numpy(dtype=bool)
    told_apart = one_report & (of_several[one] | of_several[other])
    dated_widely = np.maximum(days[one], days[other]) >= _MONTH
    return Evidence(features, gap_m, gap_days, same, told_apart, dated_widely)


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


def _copies(accounts: Accounts, one: Ints, other: Ints) -> NDArray[np.bool_]:
    """Return whether pairs tell the same of all that is compared."""
    told = accounts.table[["place", "first", "last", *WORDS]]
    counts = {f"{name} low": accounts.low[name] for name in COUNT_COLUMNS}
    counts |= {f"{name} high": accounts.high[name] for name in COUNT_COLUMNS}
    table = told.assign(**counts)
    which = table.groupby(list(table.columns), dropna=False).ngroup().to_numpy()
    return np.asarray(which[one] == which[other])


def _before(accounts: Accounts, one: Ints, other: Ints) -> Floats:
    """Return how long before the end of an open range the other is, 0 where the first is not open.

    Who writes "before 3 March" seldom means the year before.
    """
    table = accounts.table
    back = table["last"].to_numpy()[one] - table["last"].to_numpy()[other]
    return np.where(table["open"].to_numpy()[one], np.log1p(np.maximum(back, 0.0)), 0.0)


def _published(accounts: Accounts, one: Ints, other: Ints) -> Floats:
    """Return log of 1 + days between the publications of pairs, 0 where either looks back."""
    published, last = (accounts.table[name].to_numpy() for name in ("published", "last"))
    news = published - last <= _LATE_DAYS
    days = np.abs(published[one] - published[other])
    return np.where(news[one] & news[other], np.log1p(np.minimum(days, _LATE_DAYS)), 0.0)


def _words(
    accounts: Accounts, one: Ints, other: Ints
) -> tuple[dict[str, Floats], dict[str, NDArray[np.bool_]]]:
    """Return for each thing told in words how telling it is that they agree, and if they differ."""
    agree = {what: np.zeros(len(one)) for what in WORDS.values()}
    best = {what: np.full(len(one), -1.0) for what in WORDS.values()}
    for name, what in WORDS.items():
        alike, rare = _alike(accounts.table[name], one, other)
        agree[what] += rare
        best[what] = np.maximum(best[what], alike)
    return agree, {what: (likest >= 0) & (likest < _UNLIKE) for what, likest in best.items()}


def _alike(column: pd.Series, one: Ints, other: Ints) -> tuple[Floats, Floats]:
    """Return how alike words are, -1 where one is blank, and how rare what is alike is."""
    blank = (column == "").to_numpy()
    share = column.map(column.value_counts()).to_numpy() / max(int((~blank).sum()), 1)
    alike = np.where(blank[one] | blank[other], -1.0, _likeness(column, one, other))
    return alike, np.where(alike >= _ALIKE, _rarity(np.maximum(share[one], share[other])), 0.0)


def _rarity(share: Floats) -> Floats:
    return -np.log(np.clip(share, np.exp(-_MOST), 1.0))


def _beside(accounts: Accounts, one: Ints, other: Ints) -> Floats:
    """Return how telling it is that what is told beside agrees, all of it added."""
    table = accounts.table
    same, share = _times(table["time"], one, other)
    also = np.where(same, _rarity(share), 0.0)
    for name in BESIDE:
        if name != "time":
            also += _alike(table[name], one, other)[1]
    return np.minimum(also, _MOST)


def _times(column: pd.Series, one: Ints, other: Ints) -> tuple[NDArray[np.bool_], Floats]:
    """Return which times of day are the same words or within an hour, and what share of times is."""
    words = column.str.strip().str.casefold()
    clock = words.str.extract(r"^(\d{1,2})[:.h](\d{2})$").astype(float)
    minutes = (clock[0] * 60 + clock[1]).to_numpy()
    told = np.sort(minutes[~np.isnan(minutes)])
    around = np.searchsorted(told, minutes + _HOUR, "right") - np.searchsorted(
        told, minutes - _HOUR, "left"
    )
    alike = words.map(words.value_counts()).to_numpy()
    number = max(int((words != "").sum()), 1)
    share = np.where(np.isnan(minutes), alike, around) / number
    same = (words.to_numpy()[one] == words.to_numpy()[other]) & (words != "").to_numpy()[one]
    near = np.abs(minutes[one] - minutes[other]) <= _HOUR
    return np.asarray(same | near), np.maximum(share[one], share[other])


def _counts(accounts: Accounts, one: Ints, other: Ints) -> tuple[Floats, Floats, Floats]:
    """Return by how much counts miss each other, how many hardly do, and how telling it is that they meet."""
    differ, near, agree = (np.zeros(len(one)) for _ in range(3))
    for name in COUNT_COLUMNS:
        low, high = accounts.low[name], accounts.high[name]
        told = ~np.isnan(low)
        both = told[one] & told[other]
        least = np.maximum(low[one[both]], low[other[both]])
        most = np.minimum(high[one[both]], high[other[both]])
        gap = np.log1p(least) - np.log1p(np.maximum(most, 0.0))
        differ[both] += np.clip(gap, 0.0, 3.0)
        near[both] += (gap > 0) & (gap < _NEAR)
        # How many accounts of the table tell a count that meets both.
        begun = np.searchsorted(np.sort(low[told]), most, "right")
        over = np.searchsorted(np.sort(high[told]), least, "left")
        share = (np.maximum(begun - over, 0) + 1) / (told.sum() + 2)
        agree[both] += np.where(gap <= 0, np.minimum(-np.log(share), _MOST), 0.0)
    return differ, near, agree
