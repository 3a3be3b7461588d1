"""What a pattern is compared with: events scattered at random, evenly or as an intensity has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geoinc.stats.patterns.imputing import Scatter
    from geoinc.stats.windows import Window

    Floats = NDArray[np.float64]
    Intensity = Callable[[Floats, Floats], Floats]

#: Cells along the longer side of the window in which an intensity is taken for even.
_CELLS = 256


def scatter_of(window: Window, intensity: Intensity | None) -> Scatter:
    """Return a function that scatters events over a window in the plane.

    Parameters
    ----------
    window : Window
        Of the pattern.
    intensity : callable, optional
        Takes longitudes and latitudes, returns how likely events are there, not below 0, in
        any unit: the inhomogeneous null.  By default the same everywhere: complete
        randomness.  The number of events is that of the data.

    Returns
    -------
    callable
        Takes how many, and a generator; returns points in metres.

    Raises
    ------
    ValueError
        Where the intensity is below 0, or nowhere above it.
    """
    frame = window.frame
    if intensity is None:
        return frame.random
    west, south, east, north = frame.bounds
    cell = max(east - west, north - south) / _CELLS
    x, y = np.meshgrid(
        np.arange(west + cell / 2, east, cell), np.arange(south + cell / 2, north, cell)
    )
    centres = np.column_stack([x.ravel(), y.ravel()])
    centres = centres[frame.contains(centres)]
    height = np.asarray(intensity(*window.unproject(centres)), dtype=float)
    if not (np.isfinite(height).all() and (height >= 0).all() and height.any()):
        msg = "the intensity must be a number not below 0 everywhere in the window, and not all 0"
        raise ValueError(msg)
    total = np.cumsum(height)

    def scatter(n: int, rng: np.random.Generator) -> Floats:
        at = np.searchsorted(total, rng.random(n) * total[-1], side="right")
        middle = centres[np.minimum(at, len(centres) - 1)]
        spots = middle + cell * (rng.random((n, 2)) - 0.5)
        return np.asarray(np.where(frame.contains(spots)[:, None], spots, middle))

    return scatter
