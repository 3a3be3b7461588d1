"""What every statistic answers with: the value, how sure it is, and what it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """The answer of a statistic.

    Parameters
    ----------
    value : float, array or tuple
        The statistic; its unit is said by the concrete result.
    interval : tuple of two, optional
        Low and high of `value`, where the method gives them; `method` says of what kind.
    p : float, optional
        Probability of a value as extreme under the null; never 0, and two-sided unless
        `method` says otherwise.
    n_precise, n_imprecise : int
        How many events stand behind it, by how well their places are known.
    seed : int, optional
        Of all that was random, so that the answer can be had again.
    method : str
        How it was computed, as a methods section would say it.
    warnings : tuple of str
        What a reader must know before believing the value.
    """

    value: Any
    n_precise: int
    n_imprecise: int
    method: str
    interval: tuple[Any, Any] | None = None
    p: float | None = None
    seed: int | None = None
    warnings: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the answer as a table; here one row."""
        low, high = self.interval or (None, None)
        row = {
            "value": self.value,
            "low": low,
            "high": high,
            "p": self.p,
            "n_precise": self.n_precise,
            "n_imprecise": self.n_imprecise,
        }
        return pd.DataFrame([row])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the answer (extra ``plot``).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            To be changed or saved.

        Raises
        ------
        ModuleNotFoundError
            Where matplotlib is missing.
        """
        raise NotImplementedError


def false_discovery(p: Floats) -> Floats:
    """Return p-values adjusted for how many there are: the false discovery rate (Benjamini and Hochberg).

    Parameters
    ----------
    p : array of float
        Of as many tests.
    """
    from scipy.stats import false_discovery_control  # type: ignore[import-untyped]  # noqa: PLC0415  # slow to import

    return np.asarray(false_discovery_control(p))
