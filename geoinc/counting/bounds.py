"""Low, best and high of an incident from what its accounts tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.schema import COUNT_COLUMNS

if TYPE_CHECKING:
    from geoinc.counting.side_by_side import SideBySide

#: What is counted, each with a low, a best and a high.
COUNTED = ("events", *COUNT_COLUMNS)


def merged_counts(
    accounts: pd.DataFrame, each: SideBySide, claims: np.ndarray, preferred: np.ndarray
) -> tuple[dict[str, Any], np.ndarray]:
    """Return the bounds that accounts of an incident leave, and on which of the counts they differ.

    Parameters
    ----------
    accounts : pandas.DataFrame
        Of all incidents.
    each : SideBySide
        Which of them have a say.
    claims, preferred : array of bool
        Of these in their order, which are a party's own word, and which the coder prefers.

    Returns
    -------
    columns : dict
        ``events_low`` to ``injured_high``, Int64.
    differ : array of bool
        A row for each incident, a column for each of `COUNTED`.
    """
    columns: dict[str, Any] = {}
    differ = np.zeros((len(each.starts), len(COUNTED)), dtype=bool)
    for number, name in enumerate(COUNTED):
        names = [f"{name}_{bound}" for bound in ("low", "best", "high")]
        if accounts[names].isna().all(axis=None):
            nothing = np.full(len(each.starts), np.nan)
            merged = [nothing] * 3
        else:
            told = [
                accounts[name].astype("Float64").to_numpy(float, na_value=np.nan)[each.rows]
                for name in names
            ]
            *merged, differ[:, number] = _merged(each, told, claims, preferred)
        columns |= {
            name: pd.array(values, dtype="Int64")
            for name, values in zip(names, merged, strict=True)
        }
    return columns, differ


def _merged(
    each: SideBySide, bounds: list[np.ndarray], claims: np.ndarray, preferred: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return low, best and high of each incident, NaN where not told, and whether accounts differ."""
    low, best, high = bounds
    told = ~(np.isnan(low) & np.isnan(best) & np.isnan(high))
    # "About 14" is a figure without bounds; beside another account it is one of the extremes.
    lows, highs = (np.where(np.isnan(bound), best, bound) for bound in (low, high))
    differ = (_greatest(each, lows) > _least(each, highs)) | (
        _least(each, best) < _greatest(each, best)
    )
    if claims.any():
        # A party's own word counts where nobody else tells how many.
        silent = claims & each.spread(each.merged(np.logical_or, told & ~claims))
        low, best, high, lows, highs = (
            np.where(silent, np.nan, bound) for bound in (low, best, high, lows, highs)
        )
    lowest = np.where(np.isnan(_least(each, low)), np.nan, _least(each, lows))
    highest = np.where(np.isnan(_greatest(each, high)), np.nan, _greatest(each, highs))
    # "At least 10" beside "7": how many it was at most, nobody tells.
    highest = np.where(_greatest(each, lows) > highest, np.nan, highest)
    return lowest, _best(each, low, best, high, preferred), highest, differ


def _least(each: SideBySide, values: np.ndarray) -> np.ndarray:
    return each.merged(np.fmin, values)


def _greatest(each: SideBySide, values: np.ndarray) -> np.ndarray:
    return each.merged(np.fmax, values)


def _best(
    each: SideBySide, low: np.ndarray, best: np.ndarray, high: np.ndarray, preferred: np.ndarray
) -> np.ndarray:
    """Return the figure of the preferred account, else of the most specific ones if they agree."""
    exact = (low == best) & (best == high)
    rank = np.select([np.isnan(best), preferred, exact], [3, 0, 1], default=2)
    chosen = np.where(rank == each.spread(each.merged(np.minimum, rank)), best, np.nan)
    least = _least(each, chosen)
    return np.where(least == _greatest(each, chosen), least, np.nan)
