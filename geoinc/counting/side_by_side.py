"""Rows put side by side by incident."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Rows put side by side by incident, so that one pass of numpy merges each.

    Parameters
    ----------
    rows : array of int
        Positions of the rows; those of an incident in the order of their table.
    starts : array of int
        Where among them each incident begins.
    numbers : array of int
        Which incident that is.
    total : int
        How many incidents there are, those without a row here included.
    """

    rows: np.ndarray
    starts: np.ndarray
    numbers: np.ndarray
    total: int

    @classmethod
    def of(cls, numbers: np.ndarray, rows: np.ndarray, total: int) -> SideBySide:
        """Return the rows of each incident, given its number for each row."""
        order = np.argsort(numbers, kind="stable")
        in_order = numbers[order]
        starts = np.flatnonzero(np.diff(in_order, prepend=-1))
        return cls(rows[order], starts, in_order[starts], total)

    @cached_property
    def sizes(self) -> np.ndarray:
        """How many rows each incident has that is here."""
        return np.diff(self.starts, append=len(self.rows))

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return for each row what is known of its incident."""
        return np.repeat(values, self.sizes)

    def merged(self, merge: np.ufunc, values: np.ndarray) -> np.ndarray:
        """Return of each incident what a ufunc of two makes of the values of its rows."""
        found: np.ndarray = values[self.starts]
        rows, starts = self._of_several
        if len(starts):
            found[self.sizes > 1] = merge.reduceat(values[rows], starts)
        return found

    @cached_property
    def _of_several(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of incidents that have several, and where each of these begins."""
        several = self.sizes > 1
        sizes = self.sizes[several]
        return np.flatnonzero(self.spread(several)), np.cumsum(sizes) - sizes

    def differing(self, codes: np.ndarray) -> np.ndarray:
        """Return of each incident that is here whether its rows tell different things."""
        other = np.diff(codes, prepend=codes[:1]) != 0
        other[self.starts] = False
        return self.merged(np.logical_or, other)


def runs(first: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return runs of numbers, one after the other: which run each is in, and the number.

    Parameters
    ----------
    first : array of int
        Where each run begins.
    size : array of int
        How many numbers it has.

    Examples
    --------
    >>> at, number = runs(np.array([5, 0]), np.array([2, 1]))
    >>> at.tolist(), number.tolist()
    ([0, 0, 1], [5, 6, 0])
    """
    at = np.repeat(np.arange(len(size)), size)
    return at, np.arange(len(at)) + np.repeat(first - size.cumsum() + size, size)
