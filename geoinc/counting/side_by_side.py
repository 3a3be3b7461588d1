"""Rows put side by side by incident."""

from __future__ import annotations

from dataclasses import dataclass

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
        present, starts = np.unique(numbers[order], return_index=True)
        return cls(rows[order], starts, present, total)

    def slices(self, chosen: np.ndarray) -> list[tuple[int, slice]]:
        """Return the numbers of the chosen of the incidents that are here, each with its rows."""
        ends = np.append(self.starts[1:], len(self.rows))
        where = zip(self.starts[chosen].tolist(), ends[chosen].tolist(), strict=True)
        spans = [slice(first, last) for first, last in where]
        return list(zip(self.numbers[chosen].tolist(), spans, strict=True))

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return for each row what is known of its incident."""
        sizes = np.diff(np.append(self.starts, len(self.rows)))
        return np.repeat(values, sizes, axis=0)

    def differing(self, cells: np.ndarray) -> np.ndarray:
        """Return of each incident that is here whether its rows tell different things."""
        same = np.ones(len(cells), dtype=bool)
        same[1:] = cells[1:] == cells[:-1]
        same[self.starts] = True
        differ: np.ndarray = ~np.logical_and.reduceat(same, self.starts)
        return differ
