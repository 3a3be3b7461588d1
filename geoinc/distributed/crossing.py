"""What lies in several partitions: found out on the workers, some of the keys at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from dask.base import compute, persist
from dask.delayed import delayed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dask.delayed import Delayed
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Keys = NDArray[np.uint64]

#: Arrays of one length, the first of which are keys.
Columns = TypeVar("Columns", bound="tuple[NDArray[Any], ...]")
Found = TypeVar("Found", bound="tuple[NDArray[Any], ...]")

#: Of how many partitions the keys are compared in one task.
_PARTITIONS_AT_ONCE = 16


class Own(NamedTuple):
    """The keys of a partition, each once, and how good it is as the home of each: the less, the better."""

    key: Keys
    rank: NDArray[np.int8]

    @classmethod
    def of(cls, keys: Keys) -> Own:
        """Return keys, of which each partition is as good a home."""
        different = distinct(np.sort(keys))
        return cls(different, np.zeros(len(different), dtype=np.int8))


class Crossing(NamedTuple):
    """Those keys of a partition that are in others too, in order, and which is the home of each."""

    key: Keys
    home: Ints

    def found(self, keys: Keys) -> tuple[NDArray[np.bool_], Ints]:
        """Return whether keys are among them, and of those that are the home."""
        at = np.minimum(np.searchsorted(self.key, keys), max(len(self.key) - 1, 0))
        crosses = self.key[at] == keys if len(self.key) else np.zeros(len(keys), dtype=bool)
        return crosses, self.home[at[crosses]]


def crossing_of(owns: Sequence[Delayed]) -> list[Delayed]:
    """Return the keys of each partition that are in others too; they are kept on the workers.

    A key is at home where its rank is best, of equally good partitions in the first.

    Parameters
    ----------
    owns : sequence of Delayed
        `Own`, of all partitions.
    """
    return compared(owns, _homes)


def compared(
    told: Sequence[Delayed], among: Callable[[list[Columns]], list[Found]]
) -> list[Delayed]:
    """Return what a comparison of all partitions finds for each; it is kept on the workers.

    No process holds the keys of all: a key is compared by the task that has its remainder.

    Parameters
    ----------
    told : sequence of Delayed
        For each partition a named tuple of arrays, the first of which are keys.
    among : callable
        Takes some of these, for all partitions, and returns a named tuple of arrays for each.

    Returns
    -------
    list of dask.delayed.Delayed
        Named tuples in the order of their first array.
    """
    n, buckets = len(told), -(-len(told) // _PARTITIONS_AT_ONCE)
    split = [delayed(_split, pure=True, nout=buckets)(one, buckets) for one in told]
    # One by one, here and elsewhere: dask loses those of a list that are computed already.
    pieces = [
        delayed(_among, pure=True, nout=n)(among, *(one[bucket] for one in split))
        for bucket in range(buckets)
    ]
    joined = [delayed(_joined, pure=True)(*(one[at] for one in pieces)) for at in range(n)]
    return list(persist(*joined))


def numbers_of(found: Sequence[Delayed]) -> tuple[int, ...]:
    """Return how many rows tables of `compared` have."""
    numbers: tuple[int, ...] = compute(*(delayed(_number)(one) for one in found))
    return numbers


def distinct(ordered: Keys) -> Keys:
    """Return the different ones of keys in order, many times faster than `numpy.unique`."""
    another = np.ones(len(ordered), dtype=bool)
    another[1:] = ordered[1:] != ordered[:-1]
    return ordered[another]


def repeated(keys: Keys) -> Keys:
    """Return the keys that occur several times, each once, in order."""
    every = np.sort(keys)
    return distinct(every[1:][every[1:] == every[:-1]])


def _number(found: tuple[NDArray[Any], ...]) -> int:
    return len(found[0])


def _split(told: Columns, n: int) -> list[Columns]:
    bucket = told[0] % np.uint64(n)
    return [type(told)(*(values[bucket == b] for values in told)) for b in range(n)]


def _among(among: Callable[[list[Columns]], list[Found]], *told: Columns) -> list[Found]:
    return among(list(told))


def _joined(*pieces: Found) -> Found:
    columns = [np.concatenate(values) for values in zip(*pieces, strict=True)]
    order = np.argsort(columns[0])
    return type(pieces[0])(*(values[order] for values in columns))


def _homes(owns: list[Own]) -> list[Crossing]:
    """Return for each partition those of its keys that are in others too, and their homes."""
    several = repeated(np.concatenate([own.key for own in owns]))
    crosses = [np.isin(own.key, several) for own in owns]
    numbers = [int(chosen.sum()) for chosen in crosses]
    key = np.concatenate([own.key[chosen] for own, chosen in zip(owns, crosses, strict=True)])
    rank = np.concatenate([own.rank[chosen] for own, chosen in zip(owns, crosses, strict=True)])
    block = np.repeat(np.arange(len(owns)), numbers)
    order = np.lexsort((block, rank, key))
    _, first = np.unique(key[order], return_index=True)
    home = block[order][first][np.searchsorted(several, key)]
    ends = np.cumsum(numbers)[:-1]
    return [Crossing(*own) for own in zip(np.split(key, ends), np.split(home, ends), strict=True)]
