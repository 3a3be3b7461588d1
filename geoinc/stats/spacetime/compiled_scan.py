"""The search for the likeliest cylinder, compiled (extra ``speed``)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit, prange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class Discs(NamedTuple):
    """Events around each centre, and how far discs and windows grow.

    Parameters
    ----------
    near, start : array of int
        The events by their distance from each centre, and where those of each begin.
    last : array of bool
        Whether the next event is farther, or there is none.
    longest : int
        Days of the longest window.
    most : int
        Events in the largest disc.
    """

    near: Ints
    start: Ints
    last: NDArray[np.bool_]
    longest: int
    most: int


class Times(NamedTuple):
    """When events were.

    Parameters
    ----------
    day : array of int
        Of the events, from 0.
    before : array of int
        How many events there are before each day.
    """

    day: Any
    before: Ints


class _Work(NamedTuple):
    """Room to work in: distinct days in the disc, events on each, days that are new; thresholds."""

    days: Ints
    counts: Ints
    fresh: Ints
    needed: Floats


@njit(cache=True)
def _room(n: int) -> Any:
    return _Work(
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n + 1)
    )


@njit(cache=True)
def _threshold(needed: Floats, best: float) -> None:
    """Write how few events are to be expected, times n, for a number of them to be likelier."""
    # The ratio is less than c log(c / mu): what fails this needs no logarithm.
    n = len(needed) - 1
    for c in range(2, len(needed)):
        needed[c] = c * math.exp(-best / c) * n


@njit(cache=True)
def _added(work: _Work, found: int, day: int) -> int:
    """Count an event on a day; return how many distinct days there are, in their order."""
    at = np.searchsorted(work.days[:found], day)
    if at < found and work.days[at] == day:
        work.counts[at] += 1
        return found
    for k in range(found, at, -1):
        work.days[k] = work.days[k - 1]
        work.counts[k] = work.counts[k - 1]
    work.days[at] = day
    work.counts[at] = 1
    return found + 1


@njit(cache=True)
def _windows(work: _Work, disc: Any, longest: int, before: Ints, best: Any) -> Any:
    """Return the best of the windows that hold a day, begin and end on a day with an event."""
    day, found, inside = disc
    n = len(work.needed) - 1
    at = np.searchsorted(work.days[:found], day)
    a, left = at, 0
    while a >= 0 and work.days[a] > day - longest:
        left += work.counts[a]
        b, c = at, left
        while True:
            expected = inside * (before[work.days[b] + 1] - before[work.days[a]])
            if c > 1 and expected < work.needed[c]:
                mu = expected / n
                ratio = c * math.log(c / mu)
                if c < n:
                    ratio += (n - c) * math.log((n - c) / (n - mu))
                if ratio > best[0]:
                    best = (ratio, inside, work.days[a], work.days[b])
                    _threshold(work.needed, ratio)
            b += 1
            if b >= found or work.days[b] >= work.days[a] + longest:
                break
            c += work.counts[b]
        a -= 1
    return best


@njit(cache=True)
def _search(discs: Discs, centre: int, times: Times, best: Any, work: _Work) -> Any:
    """Return the likeliest cylinder around a centre, if it is likelier than the best so far.

    Discs grow by one distance at a time; of windows only those can be the likeliest that hold a
    day of an event that is new.
    """
    found = inside = new = 0
    for q in range(discs.start[centre], discs.start[centre + 1]):
        day = times.day[discs.near[q]]
        found = _added(work, found, day)
        inside += 1
        work.fresh[new] = day
        new += 1
        if not discs.last[q]:
            continue
        if inside > discs.most:
            break
        for k in range(new):
            disc = (work.fresh[k], found, inside)
            best = _windows(work, disc, discs.longest, times.before, best)
        new = 0
    return best


@njit(cache=True)
def cylinders(discs: Discs, times: Times) -> Floats:
    """Return the likeliest cylinder around each centre.

    Parameters
    ----------
    discs : Discs
        Around each centre.
    times : Times
        Of the events.

    Returns
    -------
    array of float
        Logarithm of the likelihood ratio, events in the disc, first and last day.
    """
    centres = len(discs.start) - 1
    found = np.empty((centres, 4))
    work = _room(len(times.day))
    for centre in range(centres):
        _threshold(work.needed, 0.0)
        best = _search(discs, centre, times, (0.0, 0, 0, 0), work)
        found[centre, 0], found[centre, 1] = best[0], best[1]
        found[centre, 2], found[centre, 3] = best[2], best[3]
    return found


@njit(parallel=True, cache=True)
def greatest_ratios(discs: Discs, days: Any, before: Ints) -> Floats:
    """Return the ratio of the likeliest cylinder of all for each order of the days.

    Parameters
    ----------
    discs : Discs
        Around each centre.
    days : array of int
        One row for each order.
    before : array of int
        As of `Times`.
    """
    found = np.empty(len(days))
    for k in prange(len(days)):
        times = Times(days[k], before)
        work = _room(days.shape[1])
        best = (0.0, 0, 0, 0)
        _threshold(work.needed, 0.0)
        for centre in range(len(discs.start) - 1):
            best = _search(discs, centre, times, best, work)
        found[k] = best[0]
    return found
