"""Pairs that are near in space, counted by how near they are in time, for one order of days or many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geoinc.stats.spacetime.nearby import PAIRS_AT_ONCE, near_pairs
from geoinc.stats.worlds import generator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Days = NDArray[Any]  # whole numbers of few bits, or floats

#: Orders of days that are held at once.
ORDERS_AT_ONCE = 32
#: More pairs than this within the largest distance take hours and say no more.
_MOST_PAIRS = 2_000_000_000


@dataclass(frozen=True, eq=False)
class SpacePairs:
    """The pairs of events that are near in space, banded by distance.

    Events at one place are pairs of the band 0; they are never listed, as there may be very many.

    Parameters
    ----------
    order : array of int
        The events, those of one place beside each other.
    start : array of int
        Where in `order` the events of each place begin; one more at the end.
    pairs : list of two arrays of int
        For each band of distance, the pairs of places.
    own : int
        So many places, the first, are counted here. Of the rest, which are near them, pairs among
        each other are left to those who count them: of all places usually none.
    """

    order: Ints
    start: Ints
    pairs: list[tuple[Ints, Ints]]
    own: int

    @classmethod
    def of(
        cls,
        longitude: Floats,
        latitude: Floats,
        place: Ints,
        edges_m: Floats,
        *,
        own: NDArray[np.bool_] | None = None,
    ) -> SpacePairs:
        """Find the pairs.

        Parameters
        ----------
        longitude, latitude : array of float
            Of the events, degrees.
        place : array of int
            From 0: events of one number are at one place.
        edges_m : array of float
            Upper edges of the bands of distance, rising, metres.
        own : array of bool, optional
            Which events are at places that are counted here; all by default.

        Raises
        ------
        ValueError
            Where there are too many.
        """
        _, first = np.unique(place, return_index=True)
        spots = np.column_stack([longitude[first], latitude[first]])
        near, pairs = near_pairs(spots, edges_m)
        here = np.ones(len(near), dtype=bool) if own is None else own[first]
        if not here.all():
            near, pairs = _own_first(near, pairs, here)
        rank = np.empty_like(near)
        rank[near] = np.arange(len(near))
        ranked = rank[place]
        order = np.argsort(ranked, kind="stable")
        start = np.searchsorted(ranked[order], np.arange(len(near) + 1))
        found = cls(order, start, pairs, int(here.sum()))
        refuse_too_many(sum(found.totals[1:]), edges_m)
        return found

    @property
    def totals(self) -> list[int]:
        """How many pairs of events there are at one place, and in each band of distance."""
        size = np.diff(self.start)
        own = size[: self.own]
        here = int((own * (own - 1) // 2).sum())
        return [here, *(int((size[a] * size[b]).sum()) for a, b in self.pairs)]

    def counts(self, days: Days, edges: Floats) -> Ints:
        """Count the pairs by distance and time.

        Parameters
        ----------
        days : array, one row for each order of days, one column for each event
            From 0; whole numbers of 16 bits are fastest.
        edges : array of float
            Upper edges of the bands of time, rising, days.

        Returns
        -------
        array of int
            Order of days, band of distance (0 is one place), band of time.
        """
        days = days[:, self.order]
        limits = _limits(days, edges)
        within = np.zeros((len(days), len(self.pairs) + 1, len(edges)), dtype=np.intp)
        for row, counted in zip(days, within, strict=True):
            counted[0] = self._here(row, limits)
        for band, (first, second) in enumerate(self.pairs, start=1):
            for a, b in self._events(first, second):
                for row, counted in zip(days, within[:, band], strict=True):
                    apart = np.abs(row[a] - row[b])
                    for i, edge in enumerate(limits):
                        counted[i] += np.count_nonzero(apart <= edge)
        return np.diff(within, axis=2, prepend=0)

    def in_orders(
        self, days: Days, edges: Floats, *, seed: int, permutations: int
    ) -> Iterator[Ints]:
        """Count the pairs after the days were dealt out anew among the events, some orders at a time.

        Parameters
        ----------
        days : array
            One for each event.
        edges : array of float
            As in `counts`.
        seed : int
            As reported.
        permutations : int
            How many orders; each depends on the seed and its number alone.

        Yields
        ------
        array of int
            As from `counts`, for the orders that come next, `ORDERS_AT_ONCE` but for the last.
        """
        for numbers in batches_of(permutations):
            yield self.counts(dealt_out(days, seed, numbers), edges)

    def moments(self, days: Days, edges: Floats) -> tuple[Ints, Ints]:
        """Return how many pairs the events that are counted here have, and the sum of the squares.

        Parameters
        ----------
        days : array
            One for each event.
        edges : array of float
            As in `counts`.

        Returns
        -------
        once, squared : array of int
            Band of distance, band of time: sums over events, so that a pair is in them twice.
        """
        each, _ = self.of_events(days, edges)
        each = each[:, :, self.order[: self.start[self.own]]]
        return each.sum(axis=2), (each**2).sum(axis=2)

    def of_events(self, days: Days, edges: Floats) -> tuple[Ints, Ints]:
        """Count for each event its pairs by distance and time, and by distance alone.

        Parameters
        ----------
        days : array
            One for each event.
        edges : array of float
            As in `counts`.

        Returns
        -------
        both : array of int
            Band of distance, band of time, event.
        space : array of int
            Band of distance, event.
        """
        n = len(self.order)
        row = days[self.order]
        limits = _limits(row, edges)
        within = np.zeros((len(self.pairs) + 1, len(edges), n), dtype=np.intp)
        space = np.zeros((len(self.pairs) + 1, n), dtype=np.intp)
        size = np.diff(self.start)
        space[0] = np.repeat(size - 1, size)
        for i, edge in enumerate(limits):
            within[0, i] = self._neighbours_here(row, edge)
        for band, (first, second) in enumerate(self.pairs, start=1):
            for a, b in self._events(first, second):
                apart = np.abs(row[a] - row[b])
                for side in (a, b):
                    space[band] += np.bincount(side, minlength=n)
                    for i, edge in enumerate(limits):
                        within[band, i] += np.bincount(side[apart <= edge], minlength=n)
        back = np.empty_like(self.order)
        back[self.order] = np.arange(n)
        return np.diff(within, axis=1, prepend=0)[:, :, back], space[:, back]

    def _events(self, first: Ints, second: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Yield the pairs of events that pairs of places stand for, some at a time."""
        size = np.diff(self.start)
        if size.max(initial=1) == 1:
            for k in range(0, len(first), PAIRS_AT_ONCE):
                part = slice(k, k + PAIRS_AT_ONCE)
                yield first[part].astype(np.intp), second[part].astype(np.intp)
            return
        many = size[first] * size[second]
        before = np.concatenate([[0], np.cumsum(many)])
        k = 0
        while k < len(first):
            stop = int(np.searchsorted(before, before[k] + PAIRS_AT_ONCE, side="right")) - 1
            stop = max(stop, k + 1)
            a, b, n = first[k:stop], second[k:stop], many[k:stop]
            which = np.repeat(np.arange(stop - k), n)
            number = np.arange(n.sum()) - np.repeat(n.cumsum() - n, n)
            across = size[b][which]
            yield self.start[a][which] + number // across, self.start[b][which] + number % across
            k = stop

    def _here(self, row: Days, limits: list[Any]) -> Ints:
        """Count the pairs at one place that are no farther apart in time than each edge."""
        if self.start[self.own] == self.own:
            return np.zeros(len(limits), dtype=np.intp)
        keys, _ = self._by_place(row, limits[-1])
        after = np.arange(1, len(keys) + 1)
        counts = [
            (np.searchsorted(keys, keys + edge, side="right") - after).sum() for edge in limits
        ]
        return np.array(counts, dtype=np.intp)

    def _neighbours_here(self, row: Days, edge: float) -> Ints:
        keys, order = self._by_place(row, edge)
        found = np.zeros(len(row), dtype=np.intp)
        above = np.searchsorted(keys, keys + edge, side="right")
        below = np.searchsorted(keys, keys - edge, side="left")
        found[order] = above - below - 1
        return found

    def _by_place(self, row: Days, reach: float) -> tuple[Floats, Ints]:
        """Return days as numbers that are far apart for different places, rising, and whose."""
        start = self.start[: self.own + 1]
        place = np.repeat(np.arange(self.own), np.diff(start))
        # No day of one place is within reach of a day of another.
        row = row[: start[-1]]
        keys = row + place * (float(row.max(initial=0)) + reach + 1)
        order = np.argsort(keys, kind="stable")
        return keys[order], order


def batches_of(permutations: int) -> list[range]:
    """Return the numbers of orders that are counted together.

    Parameters
    ----------
    permutations : int
        How many there are.
    """
    starts = range(0, permutations, ORDERS_AT_ONCE)
    return [range(start, min(start + ORDERS_AT_ONCE, permutations)) for start in starts]


def dealt_out(days: Days, seed: int, numbers: Sequence[int]) -> Days:
    """Return the days dealt out anew among the events, a row for each number of an order.

    Parameters
    ----------
    days : array
        One for each event.
    seed : int
        As reported.
    numbers : sequence of int
        Of the orders.
    """
    return np.stack([days[generator(seed, number).permutation(len(days))] for number in numbers])


def refuse_too_many(pairs: int, edges_m: Floats) -> None:
    """Raise where there are more pairs of events than can be counted.

    Parameters
    ----------
    pairs : int
        How many there are.
    edges_m : array of float
        Upper edges of the bands of distance, metres.

    Raises
    ------
    ValueError
        Where there are too many.
    """
    if pairs > _MOST_PAIRS:
        msg = (
            f"{pairs:,} pairs of events lie within {edges_m[-1] / 1000:g} km of each other: "
            "give shorter distances"
        )
        raise ValueError(msg)


def time_pairs(days: Floats, edges: Floats) -> Ints:
    """Count all pairs of events in each band of time.

    Parameters
    ----------
    days : array of float
        Of the events.
    edges : array of float
        Upper edges of the bands, rising, days.

    Returns
    -------
    array of int
        For each band.
    """
    rising = np.sort(days)
    after = np.arange(1, len(rising) + 1)
    within = [
        (np.searchsorted(rising, rising + edge, side="right") - after).sum() for edge in edges
    ]
    return np.diff(np.array(within), prepend=0).astype(np.intp)


def _own_first(
    near: Ints, pairs: list[tuple[Ints, Ints]], here: NDArray[np.bool_]
) -> tuple[Ints, list[tuple[Ints, Ints]]]:
    """Return places with those that are counted first, and the pairs that one of these is in."""
    first = here[near]
    moved = np.argsort(~first, kind="stable")
    rank = np.empty_like(moved)
    rank[moved] = np.arange(len(moved))
    kept = [(first[a] | first[b], a, b) for a, b in pairs]
    return near[moved], [
        (rank[a[is_kept]].astype(np.int32), rank[b[is_kept]].astype(np.int32))
        for is_kept, a, b in kept
    ]


def _limits(days: Days, edges: Floats) -> list[Any]:
    """Return edges of the kind that days are, and no greater: whole numbers are compared faster."""
    most = days.max(initial=0)
    if days.dtype.kind == "f":
        return [min(edge, float(most)) for edge in edges]
    return [int(min(edge, most)) for edge in edges]


def small_days(days: Floats) -> Days:
    """Return days from the earliest on, in as few bits as they need."""
    since: Days = days - days.min(axis=-1, keepdims=True)
    if (since == np.floor(since)).all():
        return since.astype(np.int16 if since.max(initial=0) < 2**15 else np.int32)
    return since
