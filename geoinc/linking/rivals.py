"""How many other accounts each of a pair fits as well: what a crowd makes of any likeness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: More than any closeness or score of a pair.
_FARTHEST = 1000.0
#: Beyond this a score says no more, in natural logarithms of odds.
_SURE = 20.0


def rivals_near(n: int, one: Ints, other: Ints, closeness: Floats) -> Floats:
    """Return for each pair how many others its accounts fit as well, both logs added.

    "Baghdad, March 2007" fits a hundred attacks, and then place and time say
    little; in a hamlet they say nearly all.

    Parameters
    ----------
    n : int
        How many accounts there are.
    one, other : array of int
        The pairs.
    closeness : array of float
        How far apart and how vague each pair is, the less the nearer.
    """
    rivals = np.zeros(len(one))
    rounded = np.round(closeness, 2)
    whose, close = np.concatenate([one, other]), np.concatenate([rounded, rounded])
    order = np.lexsort((close, whose))
    begin = np.searchsorted(whose[order], np.arange(n))
    key = whose[order] * _FARTHEST + close[order]
    for side in (one, other):
        # The rank among equals is that of the last: what fits as well counts in full.
        last = np.searchsorted(key, side * _FARTHEST + rounded, "right")
        rivals += np.log(np.maximum(last - begin[side], 1))
    return rivals


def rivals_in_all(n: int, one: Ints, other: Ints, score: Floats) -> Floats:
    """Return the same by all that speaks for and against: a likely other counts for more.

    Parameters
    ----------
    n : int
        How many accounts there are.
    one, other : array of int
        The pairs.
    score : array of float
        Log of the odds that a pair is one incident.  What is likelier than a pair
        counts one, what is less likely as much as its odds are of the pair's.
    """
    rivals = np.zeros(len(one))
    score = np.clip(score, -_SURE, _SURE)
    whose, scores = np.concatenate([one, other]), np.concatenate([score, score])
    order = np.lexsort((-scores, whose))
    begin = np.searchsorted(whose[order], np.arange(n + 1))
    key = whose[order] * _FARTHEST - scores[order]
    odds = np.concatenate([[0.0], np.cumsum(np.exp(scores[order]))])
    for side in (one, other):
        rank = np.searchsorted(key, side * _FARTHEST - score, "right")
        less = (odds[begin[side + 1]] - odds[rank]) / np.exp(score)
        rivals += np.log(np.maximum(rank - begin[side] + less, 1.0))
    return rivals
