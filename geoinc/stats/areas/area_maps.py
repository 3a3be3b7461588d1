"""Rates of areas in many possible worlds, and in as many of a null that is as imprecise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geoinc.stats.areas.shares import areas_of, drawn_areas, events_in_areas, square_km
from geoinc.stats.areas.weights import area_weights
from geoinc.stats.worlds import Uncertainty, generator, worlds_of
from geoinc.uncertainty.draws import seed_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    from geoinc.stats.events import Events
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: Fewer areas than this have no pattern to speak of; the variance of Moran's I needs four.
_LEAST_AREAS = 4
#: Maps of the null that are held at once.
_AT_ONCE = 16


class AreaMaps:
    """The rates of areas, as they may have been.

    Parameters
    ----------
    source, areas, label, per, role, uncertainty
        As in `area_counts`.
    weights : scipy.sparse.csr_array, optional
        Which areas are neighbours.
    samples : int
        How many possible worlds.
    rng : int or numpy.random.Generator, optional
        A seed.
    plain : bool
        Whether rates are the counts themselves.

    Attributes
    ----------
    table : geopandas.GeoDataFrame
        The areas.
    events : Events
        What was counted.
    weights : scipy.sparse.csr_array
        As given; by default those areas that touch.
    rates : array of float
        One row a world, one column an area.
    counts : array of float
        The same, not divided.
    seed : int
        Of all that is drawn.
    warnings : tuple of str
        What was left out.
    """

    def __init__(
        self,
        source: Any,
        areas: gpd.GeoDataFrame | None,
        weights: csr_array | None,
        *,
        label: str | None,
        per: str | None,
        role: str,
        uncertainty: Uncertainty,
        samples: int,
        rng: Rng | None,
        plain: bool = False,
    ) -> None:
        self.table, notes = areas_of(source, areas, role=role, label=label)
        n = len(self.table)
        if n < _LEAST_AREAS:
            msg = f"{_LEAST_AREAS} areas are needed at least, not {n}"
            raise ValueError(msg)
        self.weights = area_weights(self.table) if weights is None else weights.tocsr()
        if self.weights.shape != (n, n):
            msg = f"the weights are for {self.weights.shape[0]} areas, and there are {n}"
            raise ValueError(msg)
        alone = int((np.diff(self.weights.indptr) == 0).sum())
        if alone:
            notes = (*notes, f"{alone} of {n} areas have no neighbours")
        events, shares = events_in_areas(
            source, self.table, role=role, centres=uncertainty == "ignore"
        )
        worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
        if uncertainty == "precise-only":
            shares = shares[np.flatnonzero(events.precise)]
        self.events, self.seed = worlds.events, worlds.seed
        self.warnings = (*notes, *worlds.warnings)
        if plain:
            self._divisor = np.ones(n)
        elif per is None:
            self._divisor = square_km(np.asarray(self.table.geometry.array)) / 1000
        else:
            self._divisor = self.table[per].to_numpy(dtype=float)
        if not (self._divisor > 0).all():
            msg = f"what rates are per is not above 0 everywhere: {per or 'the areas'}"
            raise ValueError(msg)
        several = uncertainty == "propagate" and self.events.n_imprecise > 0
        self.samples = samples if several else 1
        self._sure, self._vague = self._drawn(self.events, shares)
        self.counts = self._sure + self._vague
        self.rates = self.counts / self._divisor
        if self.rates.std(axis=1).min() == 0:
            msg = "all areas have the same rate: there is no pattern to test"
            raise ValueError(msg)

    def null(self, permutations: int) -> Iterator[tuple[Floats, Ints]]:
        """Yield, some at a time, rates of maps whose areas have changed places.

        Incidents that are known to several areas are known to no fewer in the null: each goes with
        the rate of the area it was drawn in, is made as vague as those that might lie where it
        came to, and drawn from there again.

        Parameters
        ----------
        permutations : int
            How many maps.

        Yields
        ------
        rates : array of float
            Map, possible world, area.
        orders : array of int
            Map, area: from which area the rate came.
        """
        for begin in range(0, permutations, _AT_ONCE):
            numbers = range(begin, min(begin + _AT_ONCE, permutations))
            rates = np.empty((len(numbers), *self.rates.shape))
            orders = np.empty((len(numbers), self.rates.shape[1]), dtype=np.intp)
            for i, number in enumerate(numbers):
                rates[i], orders[i] = self._rearranged(number)
            yield rates, orders

    def _drawn(self, events: Events, shares: csr_array) -> tuple[Floats, Floats]:
        """Return counts of events that lie in one area, and in each world of the others."""
        n = len(self.table)
        vague = ~events.precise if self.samples > 1 else np.zeros(len(events), dtype=bool)
        bits = seed_of(self.seed)
        counts = np.zeros((2, self.samples, n))
        for world in range(self.samples):
            area = drawn_areas(events, shares, world, seed=bits)
            for kind, chosen in enumerate((~vague, vague)):
                counts[kind, world] = np.bincount(area[chosen], minlength=n + 1)[:n]
        if not vague.any():
            return counts[0], counts[1]
        dense = shares[np.flatnonzero(vague)].toarray()
        # Incidents that may lie in the same areas, by the same shares, are known alike.
        self._share, count = np.unique(dense.round(9), axis=0, return_counts=True)
        self._share = self._share / np.maximum(self._share.sum(axis=1, keepdims=True), 1e-300)
        likely = (self._share * count[:, None]).T
        total = likely.sum(axis=1, keepdims=True)
        self._kind = np.divide(likely, total, out=np.zeros_like(likely), where=total > 0)
        return counts[0], counts[1]

    def _rearranged(self, number: int) -> tuple[Floats, Ints]:
        rng = generator(self.seed, number)
        order = rng.permutation(len(self._divisor))
        if self.samples == 1:
            return self.rates[:, order], order
        world = number % self.samples
        sure = (self._sure[world] / self._divisor)[order]
        # A rate that comes to a larger area is of more incidents there.
        moved = (self._vague[world] / self._divisor)[order] * self._divisor
        whole = np.floor(moved + rng.random(len(moved))).astype(np.int64)
        known = self._kind.any(axis=1)
        kinds = rng.multinomial(whole[known], self._kind[known]).sum(axis=0)
        vague = np.zeros((self.samples, len(moved)))
        for kind, count in enumerate(kinds):
            if count:
                vague += rng.multinomial(count, self._share[kind], size=self.samples)
        # Where no vague incident may lie, what came there is as well known as the rest.
        vague += np.where(known, 0, moved)
        return np.asarray(sure + vague / self._divisor), order


def two_sided(value: Any, simulated: Floats) -> Any:
    """Return p of values by simulations: twice the smaller tail, never 0.

    Parameters
    ----------
    value : float or array of float
        What was observed.
    simulated : array of float
        First axis the simulations, the others those of `value`.
    """
    slack = 1e-9 * np.maximum(np.abs(value), 1e-12)
    above = (simulated >= value - slack).sum(axis=0)
    below = (simulated <= value + slack).sum(axis=0)
    return np.minimum(1.0, 2 * (1 + np.minimum(above, below)) / (1 + len(simulated)))
