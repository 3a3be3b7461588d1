"""Random numbers by what they are for: the same seed and key give the same, in any order."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rng = int | np.random.Generator

#: The golden ratio in 64 bits, odd: its multiples are spread as evenly as can be.
_GOLDEN = 0x9E3779B97F4A7C15


def seed_of(rng: Rng) -> int:
    """Return 64 bits that stand for a seed, or that a generator is asked for.

    Parameters
    ----------
    rng : int or numpy.random.Generator
        A seed of any size; a generator moves on by one number.

    Raises
    ------
    TypeError
        Where it is neither.
    """
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**64, dtype=np.uint64))
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer):
        msg = f"rng={rng!r} is neither a whole number nor a numpy Generator"
        raise TypeError(msg)
    return int.from_bytes(blake2b(str(int(rng)).encode(), digest_size=8).digest(), "little")


def keys_of(labels: pd.Index | pd.Series) -> NDArray[np.uint64]:
    """Return 64 bits for each label, made of its text alone."""
    texts = labels.astype(str).to_numpy(dtype=object)
    return np.asarray(pd.util.hash_array(texts, categorize=False), dtype=np.uint64)


def uniform(seed: int, keys: NDArray[np.uint64], number: int, streams: int) -> NDArray[np.float64]:
    """Return numbers from 0 to 1, a row for each key and a column for each stream.

    Seed, key, sample and stream are mixed by the finaliser of SplitMix64
    (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
    generators", OOPSLA), once for each.  NumPy's counter-based Philox takes
    one key a generator, and here every row has its own.

    Parameters
    ----------
    seed : int
        From `seed_of`.
    keys : array of uint64
        From `keys_of`.
    number : int
        Number of the sample.
    streams : int
        How many numbers for each key.
    """
    world = _mixed(_mixed(np.array([seed], dtype=np.uint64)) + np.uint64(number))
    state = _mixed(keys ^ world)
    # 53 bits, in the middle of their interval: neither 0 nor 1 comes up.
    columns = [
        (_mixed(state + np.uint64(stream * _GOLDEN % 2**64)) >> np.uint64(11)).astype(float) + 0.5
        for stream in range(streams)
    ]
    return np.column_stack(columns) / 2.0**53


def _mixed(values: NDArray[Any]) -> NDArray[np.uint64]:
    values = values + np.uint64(_GOLDEN)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed
