"""When an incident was, of what its accounts tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from geoinc.counting.words import Words
from geoinc.schema import DATE_BASES

if TYPE_CHECKING:
    from geoinc.counting.side_by_side import SideBySide


def merged_days(
    accounts: pd.DataFrame, each: SideBySide
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first and the last day of each incident, and whether its accounts contradict."""
    start, end = _days(accounts, each)
    told = ~np.isnat(start) | ~np.isnat(end)
    # NaT is no day, and passed over.
    first, last = each.merged(np.fmax, start), each.merged(np.fmin, end)
    differ = first > last  # never true of NaT
    # Where no day suits all, every day that any account allows.
    open_start, open_end = (
        each.merged(np.logical_or, np.isnat(days) & told) for days in (start, end)
    )
    nat = np.datetime64("NaT")
    earliest, latest = each.merged(np.fmin, start), each.merged(np.fmax, end)
    first = np.where(differ, np.where(open_start, nat, earliest), first)
    last = np.where(differ, np.where(open_end, nat, latest), last)
    return first, last, differ


def best_basis(accounts: pd.DataFrame, each: SideBySide, bases: Words) -> Words:
    """Return how the account that knows the date of an incident best knows it."""
    several = each.differing(bases.codes)
    best = bases.codes[each.starts]
    rows = np.flatnonzero(each.spread(several))
    number = each.spread(each.numbers)[rows]
    start, end = (days[rows] for days in _days(accounts, each))
    dated = ~np.isnat(start) | ~np.isnat(end)
    days = np.where(np.isnat(end - start), np.inf, (end - start) / np.timedelta64(1, "D"))
    order = {name: rank for rank, name in enumerate(DATE_BASES)}
    ranks = [order.get(basis, len(order)) for basis in bases.texts.to_pylist()]
    rank = np.array(ranks, dtype=np.intp)[bases.codes[rows]]
    by_knowledge = rows[np.lexsort((rank, days, ~dated, number))]
    best[several] = bases.codes[by_knowledge[np.flatnonzero(np.diff(number, prepend=-1))]]
    return Words(best, bases.texts)


def _days(accounts: pd.DataFrame, each: SideBySide) -> tuple[np.ndarray, np.ndarray]:
    start, end = (accounts[name].to_numpy()[each.rows] for name in ("date_start", "date_end"))
    return start, end


def in_words(first: np.ndarray, last: np.ndarray) -> Words:
    """Return ranges of days as a reader would say them; many incidents have the same."""
    codes, (start, end) = _ranges(first, last)
    one, other = (days.astype(str).astype(object) for days in (start, end))
    month, last_month, year = (
        days.astype(f"datetime64[{unit}]")
        for days, unit in ((start, "M"), (end, "M"), (start, "Y"))
    )
    # NaT is like nothing, and itself neither.
    whole = (start == month) & (end + 1 == last_month + 1)
    words = one + " to " + other
    for which, said in (
        (whole & (month == year) & (last_month + 1 == year + 1), year.astype(str)),
        (whole & (month == last_month), month.astype(str)),
        (start == end, one),
        (np.isnat(end), "from " + one),
        (np.isnat(start), "by " + other),
    ):
        words[which] = said[which]
    words[np.isnat(start) & np.isnat(end)] = ""
    return Words.numbered(codes, pa.array(words, pa.large_string()))


def _ranges(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return which range of days each incident has, and the ends of the different ones."""
    (starts, start), (stops, stop) = (
        pd.factorize(days.astype("datetime64[D]").astype(np.int64)) for days in (first, last)
    )
    codes, ranges = pd.factorize(starts * len(stop) + stops)
    which = np.divmod(ranges, max(len(stop), 1))
    ends = zip((start, stop), which, strict=True)
    return codes, tuple(days[each].astype("datetime64[D]") for days, each in ends)
