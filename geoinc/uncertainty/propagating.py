"""What any function of layers comes to when places are areas: its values in many possible worlds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.progress import watched
from geoinc.uncertainty.draws import seed_of
from geoinc.uncertainty.sampling import Worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geoinc.schema import Layers
    from geoinc.uncertainty.draws import Rng


@dataclass(frozen=True, eq=False)
class Propagation:
    """The values of a function in many possible worlds.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per value of the function: ``mean``, ``sd``, the quantiles
        (``q05``, ...), and ``samples``, in how many worlds there was one.
        The index is that of the function's Series; of a DataFrame row and
        column; of an array the position.
    draws : pandas.DataFrame
        One row per world, one column per value.
    """

    table: pd.DataFrame
    draws: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the table."""
        return self.table


def propagate(
    func: Callable[[Layers], Any],
    layers: Layers,
    *,
    samples: int = 999,
    rng: Rng,
    quantiles: Sequence[float] = (0.05, 0.5, 0.95),
) -> Propagation:
    """Carry how well places are known into the result of any function.

    The function is called with `samples` possible worlds (see `sample`), and
    the spread of its results is what the areas leave open.

    Parameters
    ----------
    func : callable
        Takes `Layers`, returns a number, an array, a Series or a DataFrame, or a
        result of `geoinc.stats` whose ``value`` is one.  Of a DataFrame the columns
        of numbers are used.
    layers : Layers
        What is known.
    samples : int
        How many worlds.
    rng : int or numpy.random.Generator
        A seed; the worlds of a seed are the same however many are asked for.
    quantiles : sequence of float
        From 0 to 1.

    Returns
    -------
    Propagation
        A value that is missing (or NaN) in some worlds is summed up over the
        others; ``samples`` says over how many.

    Raises
    ------
    ValueError
        Where `samples` is less than 1, a quantile is not from 0 to 1, or the
        function's index names a value twice.
    TypeError
        Where the function returns anything else.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"launch": ["Diyala"], "target": ["Balad air base"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> def mean_km(world):
    ...     return gi.distances(world)["distance_m"].mean() / 1000
    >>> result = gi.propagate(mean_km, layers, samples=99, rng=1)
    >>> low, high = result.table.loc[0, ["q05", "q95"]]
    >>> bool(10 < low < 60 < high < 250)
    True
    """
    if samples < 1:
        msg = f"samples={samples!r} is less than 1"
        raise ValueError(msg)
    if not all(0 <= quantile <= 1 for quantile in quantiles):
        msg = f"quantiles={quantiles!r} are not all from 0 to 1"
        raise ValueError(msg)
    worlds = Worlds(layers, seed_of(rng))
    numbers = watched(range(1, samples + 1), "possible worlds", samples)
    results = [_series(func(worlds.world(number))) for number in numbers]
    draws = _together(results)
    return Propagation(_summed_up(draws, quantiles), draws)


def _series(result: object) -> pd.Series:
    """Return the values of a function as one Series of floats."""
    index: pd.Index
    if hasattr(result, "value") and hasattr(result, "to_frame"):  # a result of statistics
        result = result.value
    match result:
        case pd.DataFrame():
            numbers = result.select_dtypes(["number", "bool"])
            index = pd.MultiIndex.from_product([numbers.index, numbers.columns])
            values = numbers.to_numpy(dtype=float, na_value=np.nan).ravel()
        case pd.Series():
            index, values = result.index, result.to_numpy(dtype=float, na_value=np.nan)
        case np.ndarray() if result.ndim == 1:
            index, values = pd.RangeIndex(len(result)), result.astype(float)
        case np.ndarray() if result.ndim > 1:
            index = pd.MultiIndex.from_tuples(list(np.ndindex(result.shape)))
            values = result.astype(float).ravel()
        case int() | float() | np.number() | np.bool_() | np.ndarray():
            index, values = pd.RangeIndex(1), np.array([float(result)])
        case _:
            msg = f"the function returned {type(result).__name__}, not a number, array or table"
            raise TypeError(msg)
    if not index.is_unique:
        twice = index[index.duplicated()][0]
        msg = f"the function's result names {twice!r} twice: give each value a label of its own"
        raise ValueError(msg)
    return pd.Series(values, index=index)


def _together(results: list[pd.Series]) -> pd.DataFrame:
    """Return one row per world; a value that a world lacks is NaN."""
    worlds = pd.RangeIndex(1, len(results) + 1, name="world")
    first = results[0].index
    if all(result.index.equals(first) for result in results):
        return pd.DataFrame(np.stack(results), index=worlds, columns=first)
    return pd.concat(results, axis=1).T.set_axis(worlds)


def _summed_up(draws: pd.DataFrame, quantiles: Sequence[float]) -> pd.DataFrame:
    parts = {"mean": draws.mean(), "sd": draws.std()}
    parts |= {_label(quantile): draws.quantile(quantile) for quantile in quantiles}
    return pd.DataFrame({**parts, "samples": draws.count()})


def _label(quantile: float) -> str:
    """Return ``q05`` of 0.05, ``q97.5`` of 0.975."""
    percent = f"{quantile * 100:.10g}"
    return f"q0{percent}" if quantile * 100 < 10 else f"q{percent}"
