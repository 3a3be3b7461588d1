"""How dense incidents are: each part laid on the grid by a worker, and the sum smoothed once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from dask.base import compute
from dask.delayed import delayed

from geoinc.distributed.events import (
    Footprints,
    Scale,
    events_in_parts,
    gathered,
    window_of_parts,
    with_footprints,
)
from geoinc.distributed.running import folded
from geoinc.stats.density.kernel_density import (
    Density,
    Edge,
    Laid,
    Rule,
    Smoothing,
    density_of,
    drawn_by,
    laid_in,
    smoothing_of,
)
from geoinc.stats.events import PRECISE_M
from geoinc.stats.patterns.imputing import Others
from geoinc.stats.windows import Window
from geoinc.stats.worlds import EventWorlds, worlds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.distributed.layers import DistributedLayers
    from geoinc.stats.events import Events
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]


class _Sum(NamedTuple):
    """What parts add to the grid."""

    worlds: Floats
    imprecise: Floats
    notes: tuple[str, ...]


def density(
    layers: DistributedLayers,
    *,
    role: str = "target",
    window: Any = None,
    bandwidth: Rule | float = "scott",
    edge: Edge = "uniform",
    cells: int = 512,
    exact: bool = False,
    even: bool = False,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 99,
    rng: Rng | None = None,
) -> Density:
    """Return how dense incidents are, as `geoinc.stats.kernel_density`.

    Parameters
    ----------
    layers : DistributedLayers
        From `locate`, `read_layers` or `from_layers`.
    role, window, bandwidth, edge, cells, exact, even, precise_m, uncertainty, samples, rng
        As of `geoinc.stats.kernel_density`.

    Returns
    -------
    Density
        As of `geoinc.stats.kernel_density`: for a seed the same worlds, the density to rounding.

    Raises
    ------
    ValueError
        As `geoinc.stats.kernel_density`.

    Notes
    -----
    What each part adds to the grid of each world is summed, and smoothed once. Where every event
    was, some sixty bytes each, is kept by who asks: the result holds the places, and the rules for
    the bandwidth ask them.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> import shapely
    >>> table = pd.DataFrame({"longitude": [44.2, 44.4, 44.5], "latitude": [33.1, 33.3, 33.2]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=500)
    >>> parts = gi.distributed.from_layers(layers, npartitions=2)
    >>> window = shapely.box(43, 32, 46, 35)
    >>> found = gi.distributed.density(parts, window=window, bandwidth=20_000, cells=64, samples=9, rng=1)
    >>> float((found.value[found.grid.inside] >= 0).mean())
    1.0
    """
    watched = window_of_parts(layers, window, role)
    parts = events_in_parts(layers, role=role, window=watched, scale=Scale(precise_m, None))
    worlds = worlds_of(gathered(parts), uncertainty, samples=samples, rng=rng)
    how = smoothing_of(worlds, watched, bandwidth=bandwidth, edge=edge, cells=cells, exact=exact)
    # As it was given: what was made of it since does not travel.
    bare = delayed(Window(watched.shape, watched.areas, watched.note), traverse=False)

    def ask() -> Others:
        told = (delayed(_others)(part, parts.footprints, bare) for part in parts.parts)
        return Others.together(compute(*told))

    others = None if even else drawn_by(worlds, ask)
    told = delayed((others, how, replace(worlds, events=_none(worlds.events))), traverse=False)
    only_precise = uncertainty == "precise-only"
    sums = [
        delayed(_laid)(part, parts.footprints, bare, told, only_precise) for part in parts.parts
    ]
    total = folded(sums, _added, "laying on the grid")
    laid = Laid(total.worlds, lambda: total.imprecise, others is not None, total.notes)
    return density_of(worlds, watched, how, laid)


def _none(events: Events) -> Events:
    return events.where(np.zeros(len(events), dtype=bool))


def _others(events: Events, footprints: Footprints, window: Window) -> Others:
    return Others.of(with_footprints(events, footprints), window)


def _laid(
    events: Events,
    footprints: Footprints,
    window: Window,
    told: tuple[Others | None, Smoothing, EventWorlds],
    only_precise: bool,  # noqa: FBT001  # delayed
) -> _Sum:
    """Return what a part adds."""
    others, how, worlds = told
    shapely.prepare([window.shape, how.grid.window])  # which does not travel
    events = with_footprints(events, footprints)
    worlds = replace(worlds, events=events.where(events.precise) if only_precise else events)
    laid = laid_in(worlds, window, how, others)
    return _Sum(np.array(list(laid.worlds)), laid.imprecise(), laid.notes)


def _added(*sums: _Sum) -> _Sum:
    """Return what several parts add; what they had to assume is the same."""
    return _Sum(
        np.sum([one.worlds for one in sums], axis=0),
        np.sum([one.imprecise for one in sums], axis=0),
        next((one.notes for one in sums if one.notes), ()),
    )
