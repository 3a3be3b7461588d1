"""Low, best and high of an incident from what its accounts tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.schema import COUNT_COLUMNS, YES

if TYPE_CHECKING:
    from geoinc.counting.side_by_side import SideBySide

#: What is counted, each with a low, a best and a high.
COUNTED = ("events", *COUNT_COLUMNS)


def merged_counts(
    accounts: pd.DataFrame, each: SideBySide, claims: np.ndarray, preferred: np.ndarray
) -> tuple[dict[str, Any], np.ndarray]:
    """Return the bounds that accounts of an incident leave, and on which of the counts they differ.

    One column for each count; NaN is not told, which the least and the greatest pass over.
    """
    low, best, high = (
        np.column_stack(
            [
                accounts[f"{name}_{bound}"].astype("Float64").to_numpy(float, na_value=np.nan)
                for name in COUNTED
            ]
        )[each.rows]
        for bound in ("low", "best", "high")
    )
    told = ~(np.isnan(low) & np.isnan(best) & np.isnan(high))
    # "About 14" is a figure without bounds; beside another account it is one of the extremes.
    lows, highs = (np.where(np.isnan(bound), best, bound) for bound in (low, high))
    differ = (_greatest(each, lows) > _least(each, highs)) | (
        _least(each, best) < _greatest(each, best)
    )
    # A party's own word counts where nobody else tells how many.
    others = told & ~claims[:, None]
    heard = told & ~(claims[:, None] & each.spread(np.logical_or.reduceat(others, each.starts)))
    low, best, high = (np.where(heard, bound, np.nan) for bound in (low, best, high))
    lows, highs = (np.where(np.isnan(bound), best, bound) for bound in (low, high))
    lowest = np.where(np.isnan(_least(each, low)), np.nan, _least(each, lows))
    highest = np.where(np.isnan(_greatest(each, high)), np.nan, _greatest(each, highs))
    # "At least 10" beside "7": how many it was at most, nobody tells.
    highest = np.where(_greatest(each, lows) > highest, np.nan, highest)
    merged = {"low": lowest, "best": _best(each, (low, best, high), preferred), "high": highest}
    columns = {
        f"{name}_{bound}": pd.array(values[:, i], dtype="Int64")
        for i, name in enumerate(COUNTED)
        for bound, values in merged.items()
    }
    return columns, differ


def _least(each: SideBySide, values: np.ndarray) -> np.ndarray:
    least: np.ndarray = np.fmin.reduceat(values, each.starts)
    return least


def _greatest(each: SideBySide, values: np.ndarray) -> np.ndarray:
    greatest: np.ndarray = np.fmax.reduceat(values, each.starts)
    return greatest


def _best(
    each: SideBySide, bounds: tuple[np.ndarray, np.ndarray, np.ndarray], preferred: np.ndarray
) -> np.ndarray:
    """Return the figure of the preferred account, else of the most specific ones if they agree."""
    low, best, high = bounds
    marked = np.array([cell.casefold() in YES for cell in preferred], dtype=bool)
    exact = (low == best) & (best == high)
    rank = np.select([np.isnan(best), marked[:, None], exact], [3, 0, 1], default=2)
    chosen = np.where(rank == each.spread(np.minimum.reduceat(rank, each.starts)), best, np.nan)
    least = _least(each, chosen)
    return np.where(least == _greatest(each, chosen), least, np.nan)
