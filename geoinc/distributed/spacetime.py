"""Whether events near in space are near in time as well: pairs counted in strips of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from dask.base import compute, persist
from dask.delayed import delayed

from geoinc.distributed.events import Scale, events_in_parts, gathered
from geoinc.stats.spacetime.knox_grid import bands_of, knox_of
from geoinc.stats.spacetime.knox_pairs import (
    SpacePairs,
    batches_of,
    dealt_out,
    refuse_too_many,
)
from geoinc.stats.windows import window_of
from geoinc.stats.worlds import worlds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dask.delayed import Delayed
    from numpy.typing import NDArray

    from geoinc.distributed.layers import DistributedLayers
    from geoinc.stats.spacetime.knox_grid import KnoxGrid
    from geoinc.stats.spacetime.knox_pairs import Days
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: No degree of latitude is shorter on WGS84, metres.
_DEGREE_M = 110_570.0
#: Batches of orders of days that are under way at once.
_BATCHES_AT_ONCE = 8


def knox(
    layers: DistributedLayers,
    *,
    role: str = "target",
    window: Any = None,
    distances_m: Sequence[float] = (5_000, 10_000, 20_000),
    days: Sequence[float] = (7, 14, 28),
    permutations: int = 999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    precise_m: float | None = None,
    rng: Rng | None = None,
) -> KnoxGrid:
    """Test whether events near in space are near in time as well, as `geoinc.stats.knox`.

    Parameters
    ----------
    layers : DistributedLayers
        From `locate`, `read_layers` or `from_layers`.
    role, window, distances_m, days, permutations, uncertainty, samples, precise_m, rng
        As of `geoinc.stats.knox`.

    Returns
    -------
    KnoxGrid
        As of `geoinc.stats.knox`: for a seed the same pairs, worlds, orders of days and p.

    Raises
    ------
    ValueError
        As `geoinc.stats.knox`.

    Notes
    -----
    Places are cut into strips by latitude; the pairs of a strip are found and counted by one
    worker, with the places to the north that are near enough. Where and when every event was,
    some sixty bytes each, is kept by who asks, and the days go to all workers.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {"longitude": [44.36, 44.37, 43.1], "latitude": [33.94, 33.94, 36.3],
    ...      "date": ["2021-03-01", "2021-03-04", "2021-06-01"]}
    ... )
    >>> layers = gi.layers_from_coordinates(gi.read_reports(table), uncertainty_m=500)
    >>> parts = gi.distributed.from_layers(layers, npartitions=2)
    >>> grid = gi.distributed.knox(parts, permutations=19, rng=1)
    >>> int(grid.table["observed"].sum())
    1
    """
    bands = bands_of(distances_m, days, precise_m)
    parts = events_in_parts(
        layers,
        role=role,
        window=None if window is None else window_of(None, window),
        scale=Scale(bands.scale_m, float(bands.edges[0])),
    )
    worlds = worlds_of(gathered(parts), uncertainty, samples=samples, rng=rng)

    def pairs_of(
        longitude: Floats, latitude: Floats, place: Ints, edges_m: Floats
    ) -> _PairsInStrips:
        return _PairsInStrips.of(longitude, latitude, place, edges_m, len(parts.parts))

    return knox_of(worlds, bands, permutations, pairs_of)


class _Strip(NamedTuple):
    """The events of a strip of places, and of those to the north that are near, with their pairs."""

    events: Ints
    pairs: SpacePairs


@dataclass(frozen=True, eq=False)
class _PairsInStrips:
    """Pairs that are near in space, as `SpacePairs`, each strip of places on a worker."""

    strips: tuple[Delayed, ...]
    both_sides: tuple[Delayed, ...]
    totals: list[int]

    @classmethod
    def of(
        cls, longitude: Floats, latitude: Floats, place: Ints, edges_m: Floats, strips: int
    ) -> _PairsInStrips:
        """Find the pairs, in so many strips at most."""
        reach = edges_m[-1] / _DEGREE_M
        strips = max(1, min(strips, int(np.ptp(latitude) / reach)))
        cuts = np.quantile(latitude, np.arange(1, strips) / strips)
        # A place lies in one strip, though its events may be drawn at several spots.
        _, first = np.unique(place, return_index=True)
        north = latitude[first][place]
        strip = np.searchsorted(cuts, north, side="right")
        spots = np.column_stack([longitude, latitude])
        upward: list[Delayed] = []
        around: list[Delayed] = []
        for number in np.unique(strip):
            own = strip == number
            low, high = north[own].min() - reach, north[own].max() + reach
            above = (strip > number) & (north <= high)
            below = (strip < number) & (north >= low)
            for chosen, made in ((own | above, upward), (own | above | below, around)):
                at = np.flatnonzero(chosen)
                made.append(delayed(_strip)(at, spots[at], place[at], edges_m, own[at]))
        kept = persist(*upward)
        counted = compute(*(delayed(_totals)(one) for one in kept))
        totals = [sum(values) for values in zip(*counted, strict=True)]
        refuse_too_many(sum(totals[1:]), edges_m)
        return cls(kept, tuple(around), totals)

    def counts(self, days: Days, edges: Floats) -> Ints:
        """Count the pairs by distance and time, for each row of days."""
        orders = delayed(days)
        counted = compute(*(delayed(_counts)(one, orders, edges) for one in self.strips))
        return np.asarray(sum(counted))

    def in_orders(
        self, days: Days, edges: Floats, *, seed: int, permutations: int
    ) -> Iterator[Ints]:
        """Count after the days were dealt out anew, some orders at a time."""
        (told,) = persist(delayed(days))
        batches = [delayed(dealt_out)(told, seed, numbers) for numbers in batches_of(permutations)]
        for start in range(0, len(batches), _BATCHES_AT_ONCE):
            yield from compute(
                *(
                    delayed(_added)(*(delayed(_counts)(one, orders, edges) for one in self.strips))
                    for orders in batches[start : start + _BATCHES_AT_ONCE]
                )
            )

    def moments(self, days: Days, edges: Floats) -> tuple[Ints, Ints]:
        """Return how many pairs the events have, and the sum of the squares."""
        told = delayed(days)
        sums = compute(*(delayed(_moments)(one, told, edges) for one in self.both_sides))
        once, squared = (np.asarray(sum(values)) for values in zip(*sums, strict=True))
        return once, squared


def _strip(
    events: Ints, spots: Floats, place: Ints, edges_m: Floats, own: NDArray[np.bool_]
) -> _Strip:
    place = np.unique(place, return_inverse=True)[1].ravel()
    return _Strip(events, SpacePairs.of(spots[:, 0], spots[:, 1], place, edges_m, own=own))


def _totals(strip: _Strip) -> list[int]:
    return strip.pairs.totals


def _counts(strip: _Strip, days: Days, edges: Floats) -> Ints:
    # The days of the strip alone begin and end elsewhere; what lies between them is the same.
    return strip.pairs.counts(days[:, strip.events], edges)


def _moments(strip: _Strip, days: Days, edges: Floats) -> tuple[Ints, Ints]:
    return strip.pairs.moments(days[strip.events], edges)


def _added(*counts: Ints) -> Ints:
    return np.asarray(sum(counts))
