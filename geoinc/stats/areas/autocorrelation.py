"""Moran, Geary and joins: whether areas with many incidents lie beside others with many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import ndtr  # type: ignore[import-untyped]

from geoinc.progress import watched
from geoinc.stats.areas.area_maps import AreaMaps, two_sided
from geoinc.stats.areas.weights import one_way, standardised
from geoinc.stats.plotting import BAND, STANDS_OUT, axes_of, captioned
from geoinc.stats.results import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]

#: As many maps as a processor keeps at hand.
_MAPS_AT_ONCE = 8


@dataclass(frozen=True, eq=False, kw_only=True)
class Autocorrelation(Result):
    """How alike neighbouring areas are.

    Parameters
    ----------
    value : float
        The statistic (mean over possible worlds).
    interval : tuple of float, optional
        The middle 95 % of it over possible worlds; None where there is but one.
    p : float
        Two-sided, of a value as extreme when the areas change places.
    expected, z, p_normal : float
        Mean of the statistic when they do; how many standard deviations (under randomisation) the
        value is from it; two-sided p of that, if it were normal.  NaN for joins, and where the
        null has been made as imprecise as the data.
    simulated : array of float
        The statistic of maps whose areas have changed places.
    name : str
        What the statistic is called.
    """

    expected: float
    z: float
    p_normal: float
    simulated: NDArray[np.float64]
    name: str

    def to_frame(self) -> pd.DataFrame:
        """Return the answer as a table of one row."""
        more = {"expected": self.expected, "z": self.z, "p_normal": self.p_normal}
        return super().to_frame().assign(**more)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the statistic beside what it is when the areas change places.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.
        """
        ax = axes_of(ax)
        label = f"areas have changed places ({len(self.simulated)} times)"
        ax.hist(self.simulated, bins="auto", color=BAND, label=label)
        ax.axvline(self.value, color=STANDS_OUT, linewidth=2, label="as it was")
        if self.interval is not None:
            ax.axvspan(*self.interval, color=STANDS_OUT, alpha=0.15, label="possible worlds")
        title = f"{self.name}: {self.value:.3g}, p = {self.p:.3g}"
        return captioned(ax, self, title=title, x=self.name, y="maps")


class Moments(NamedTuple):
    """A statistic of one map, and its mean and variance when the areas change places."""

    value: float
    expected: float
    variance: float


def moran(
    source: Any,
    *,
    areas: gpd.GeoDataFrame | None = None,
    label: str | None = None,
    per: str | None = None,
    weights: csr_array | None = None,
    role: str = "target",
    permutations: int = 999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
) -> Autocorrelation:
    """Test whether areas with a high rate of incidents lie beside others with a high rate.

    Parameters
    ----------
    source : Layers, GeoDataFrame, (longitude, latitude) or Events
        See `events_of`.
    areas : geopandas.GeoDataFrame, optional
        Polygons with a CRS; the provinces of the countries of the incidents by default.
    label : str, optional
        Column of the names of areas; their index by default.
    per : str, optional
        Column of what the rate is per; square kilometres by default.
    weights : scipy.sparse.csr_array, optional
        Which areas are neighbours, see `area_weights`; those that touch by default.  Rows
        are scaled to add up to 1.
    role : {"launch", "target", "impact"}
        Which places of layers.
    permutations : int
        How often the areas change places.
    uncertainty : {"propagate", "precise-only", "ignore"}
        What becomes of incidents that may lie in several of the areas.
    samples : int
        How many possible worlds.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    Autocorrelation
        Moran's I: about 0 without a pattern, 1 where neighbours are alike.

    Raises
    ------
    ValueError
        Where there are fewer than four areas, all have one rate, or as in `area_counts`.

    Notes
    -----
    Incidents spread over several areas make neighbours alike by themselves.  So where there are
    such, those of the null are spread in the same way (the matched null), and the means over
    worlds are compared.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc import stats
    >>> grid = stats.square_grid(shapely.box(42, 33, 44, 35), size_m=25_000)
    >>> rng = np.random.default_rng(1)
    >>> points = (42 + rng.beta(1, 3, 500) * 2, 33 + rng.beta(1, 3, 500) * 2)
    >>> result = stats.moran(points, areas=grid, rng=1)
    >>> bool(result.value > 0.5), result.p
    (True, 0.002)
    """
    maps = AreaMaps(
        source,
        areas,
        weights,
        label=label,
        per=per,
        role=role,
        uncertainty=uncertainty,
        samples=samples,
        rng=rng,
    )
    scaled = standardised(maps.weights)
    once = one_way(scaled)
    return _tested(
        maps,
        lambda rates: moran_i(rates, once),
        permutations,
        moran_moments(maps.rates[0], scaled),
        name="Moran's I",
    )


def geary(
    source: Any,
    *,
    areas: gpd.GeoDataFrame | None = None,
    label: str | None = None,
    per: str | None = None,
    weights: csr_array | None = None,
    role: str = "target",
    permutations: int = 999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
) -> Autocorrelation:
    """Test whether the rates of neighbouring areas differ less, or more, than those of others.

    Parameters
    ----------
    source, areas, label, per, weights, role, permutations, uncertainty, samples, rng
        As in `moran`.

    Returns
    -------
    Autocorrelation
        Geary's C: about 1 without a pattern, less where neighbours are alike.

    Raises
    ------
    ValueError
        As `moran`.
    """
    maps = AreaMaps(
        source,
        areas,
        weights,
        label=label,
        per=per,
        role=role,
        uncertainty=uncertainty,
        samples=samples,
        rng=rng,
    )
    scaled = standardised(maps.weights)
    once = one_way(scaled)
    return _tested(
        maps,
        lambda rates: geary_c(rates, once),
        permutations,
        geary_moments(maps.rates[0], scaled),
        name="Geary's C",
    )


def join_counts(
    source: Any,
    *,
    areas: gpd.GeoDataFrame | None = None,
    label: str | None = None,
    at_least: int = 1,
    weights: csr_array | None = None,
    role: str = "target",
    permutations: int = 999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
) -> Autocorrelation:
    """Count the pairs of neighbouring areas both of which had incidents.

    Parameters
    ----------
    source, areas, label, weights, role, permutations, uncertainty, samples, rng
        As in `moran`.
    at_least : int
        So many incidents an area must have had.

    Returns
    -------
    Autocorrelation
        The number of joins of two such areas.

    Raises
    ------
    ValueError
        As `moran`; or where all areas had so many incidents, or none.
    """
    maps = AreaMaps(
        source,
        areas,
        weights,
        label=label,
        per=None,
        role=role,
        uncertainty=uncertainty,
        samples=samples,
        rng=rng,
        plain=True,
    )
    had = maps.rates >= at_least
    if had.all() or not had.any():
        msg = f"{'all' if had.any() else 'no'} areas had at least {at_least} incidents"
        raise ValueError(msg)
    once = one_way(maps.weights)
    return _tested(
        maps,
        lambda counts: joins(counts >= at_least, once),
        permutations,
        None,
        name="joins of areas with incidents",
    )


def moran_i(rates: Floats, weights: csr_array) -> Floats:
    """Return Moran's I of maps.

    Parameters
    ----------
    rates : array of float
        Last axis the areas.
    weights : scipy.sparse.csr_array
        Of the areas.
    """
    apart = rates - rates.mean(axis=-1, keepdims=True)
    flat = apart.reshape(-1, apart.shape[-1])
    products = _products(flat, weights) / (flat**2).sum(axis=1)
    scale = flat.shape[1] / weights.sum()
    return np.asarray(scale * products.reshape(apart.shape[:-1]))


def geary_c(rates: Floats, weights: csr_array) -> Floats:
    """Return Geary's C of maps; parameters as in `moran_i`."""
    apart = rates - rates.mean(axis=-1, keepdims=True)
    flat = apart.reshape(-1, apart.shape[-1])
    ends = np.asarray(weights.sum(axis=0)).ravel() + np.asarray(weights.sum(axis=1)).ravel()
    squares = (flat**2) @ ends - 2 * _products(flat, weights)
    scale = (flat.shape[1] - 1) / (2 * weights.sum())
    return np.asarray(scale * (squares / (flat**2).sum(axis=1)).reshape(apart.shape[:-1]))


def joins(had: NDArray[np.bool_], weights: csr_array) -> Floats:
    """Return how many pairs of neighbours both had it; parameters as in `moran_i`."""
    flat = had.reshape(-1, had.shape[-1]).astype(float)
    return np.asarray(_products(flat, weights).reshape(had.shape[:-1]) / 2)


def _products(flat: Floats, weights: csr_array) -> Floats:
    """Return of each map the sum over pairs of areas of weight times one value times the other."""
    products = np.empty(len(flat))
    for begin in range(0, len(flat), _MAPS_AT_ONCE):
        some = np.ascontiguousarray(flat[begin : begin + _MAPS_AT_ONCE].T)
        products[begin : begin + _MAPS_AT_ONCE] = np.einsum("ij,ij->j", weights @ some, some)
    return products


def moran_moments(rates: Floats, weights: csr_array) -> Moments:
    """Return Moran's I of one map, its mean and variance under randomisation (Cliff and Ord)."""
    n, s0, s1, s2, kurtosis = _sums(rates, weights)
    expected = -1 / (n - 1)
    first = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    return Moments(float(moran_i(rates, weights)), expected, variance)


def geary_moments(rates: Floats, weights: csr_array) -> Moments:
    """Return Geary's C of one map, its mean and variance under randomisation (Cliff and Ord)."""
    n, s0, s1, s2, kurtosis = _sums(rates, weights)
    first = (n - 1) * s1 * (n**2 - 3 * n + 3 - (n - 1) * kurtosis)
    second = (n - 1) * s2 * (n**2 + 3 * n - 6 - (n**2 - n + 2) * kurtosis) / 4
    third = s0**2 * (n**2 - 3 - (n - 1) ** 2 * kurtosis)
    variance = (first - second + third) / (n * (n - 2) * (n - 3) * s0**2)
    return Moments(float(geary_c(rates, weights)), 1.0, variance)


def _sums(rates: Floats, weights: csr_array) -> tuple[float, float, float, float, float]:
    """Return how many areas there are, the sums S0, S1 and S2 of weights, and the kurtosis."""
    both = weights + weights.T
    s1 = float((both.data**2).sum() / 2)
    s2 = float((np.asarray(both.sum(axis=1)).ravel() ** 2).sum())
    apart = rates - rates.mean()
    kurtosis = float(len(rates) * (apart**4).sum() / (apart**2).sum() ** 2)
    return float(len(rates)), float(weights.sum()), s1, s2, kurtosis


def _tested(
    maps: AreaMaps,
    statistic: Callable[[Floats], Floats],
    permutations: int,
    moments: Moments | None,
    *,
    name: str,
) -> Autocorrelation:
    if permutations < 1:
        msg = f"permutations={permutations!r} is less than 1"
        raise ValueError(msg)
    values = statistic(maps.rates)
    bar = watched(range(permutations), "maps", permutations)
    simulated = []
    for some, _ in maps.null(permutations):
        simulated.append(statistic(some).mean(axis=1))
        for _ in range(len(some)):
            next(bar)
    bar.close()
    simulations = np.concatenate(simulated)
    value = float(values.mean())
    z = np.nan
    if moments is not None and maps.samples == 1:
        z = (value - moments.expected) / np.sqrt(moments.variance)
    low, high = np.quantile(values, [0.025, 0.975])
    several = maps.samples > 1
    method = f"{name} of {len(maps.table)} areas, {permutations} maps with areas changed, two-sided"
    if several:
        method += f"; {maps.samples} possible worlds, the null as imprecise as the data"
    return Autocorrelation(
        value=value,
        interval=(float(low), float(high)) if several else None,
        p=float(two_sided(value, simulations)),
        n_precise=maps.events.n_precise,
        n_imprecise=maps.events.n_imprecise,
        seed=maps.seed,
        method=method,
        warnings=maps.warnings,
        expected=float(simulations.mean()) if np.isnan(z) or moments is None else moments.expected,
        z=float(z),
        p_normal=float(2 * ndtr(-abs(z))),
        simulated=simulations,
        name=name,
    )
