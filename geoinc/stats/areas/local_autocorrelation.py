"""Hot spots: areas with many incidents among others with many, told apart from chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array, eye_array  # type: ignore[import-untyped]

from geoinc.progress import watched
from geoinc.stats.areas.area_maps import AreaMaps, two_sided
from geoinc.stats.areas.weights import standardised
from geoinc.stats.plotting import BAND, OBSERVED, STANDS_OUT, axes_of, captioned, ground, outline
from geoinc.stats.results import Result, false_discovery
from geoinc.stats.worlds import generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]

#: What an adjusted p may be at most for an area to be told.
_LEVEL = 0.05
#: Areas whose draws are compared at once.
_AREAS_AT_ONCE = 512


@dataclass(frozen=True, eq=False, kw_only=True)
class LocalAutocorrelation(Result):
    """A statistic of each area and its neighbours.

    Parameters
    ----------
    value : array of float
        The statistic of each area (mean over possible worlds).
    p : float
        The smallest of the areas', adjusted for their number.
    table : geopandas.GeoDataFrame
        Index the label of the area.
    name : str
        What the statistic is called.
    """

    table: gpd.GeoDataFrame
    name: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each area.

        Returns
        -------
        pandas.DataFrame
            ``count`` and ``rate`` (means over possible worlds), ``statistic``, ``low``, ``high``
            (95 % over possible worlds), ``p`` (two-sided), ``p_adjusted`` (false discovery rate),
            ``kind``: "high among high" and so on where the adjusted p is 0.05 or less, else "".
        """
        return pd.DataFrame(self.table.drop(columns="geometry"))

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the areas that stand out for the map, with their statistic."""
        told = self.table[self.table["kind"] != ""]
        layer = gpd.GeoDataFrame(
            {
                "label": [f"{name}: {kind}" for name, kind in told["kind"].items()],
                "value": told["statistic"].to_numpy(),
                "low": told["low"].to_numpy(),
                "high": told["high"].to_numpy(),
            },
            geometry=told.geometry.to_numpy(),
            crs=4326,
        )
        layer.attrs = {"title": "Areas that stand out", "unit": self.name, "note": self.method}
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the areas, those that stand out in colour.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.
        """
        ax = axes_of(ax)
        ground(ax, self.table.geometry.union_all())
        kinds = {
            "high among high": STANDS_OUT,
            "low among low": OBSERVED,
            "high among low": "#F0A878",
            "low among high": "#7FB2D3",
        }
        for shape in self.table.geometry:
            outline(ax, shape, facecolor="none", edgecolor=BAND, linewidth=0.5)
        for kind, colour in kinds.items():
            told = self.table[self.table["kind"] == kind]
            for shape in told.geometry:
                outline(ax, shape, facecolor=colour, edgecolor="white", linewidth=0.5)
            if len(told):
                ax.scatter([], [], color=colour, marker="s", label=f"{kind} ({len(told)})")
        title = f"{self.name}: areas that stand out"
        return captioned(ax, self, title=title)


def local_moran(
    source: Any,
    *,
    areas: gpd.GeoDataFrame | None = None,
    label: str | None = None,
    per: str | None = None,
    weights: csr_array | None = None,
    role: str = "target",
    permutations: int = 4_999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
) -> LocalAutocorrelation:
    """Find areas whose neighbours are like them, or unlike them, more than chance gives.

    Parameters
    ----------
    source, areas, label, per, weights, role, uncertainty, samples, rng
        As in `moran`.
    permutations : int
        How often the areas change places; of n areas one that stands out alone can
        only be told with more than 40 n.

    Returns
    -------
    LocalAutocorrelation
        Anselin's local Moran, as R's spdep has it (esda divides by n - 1 instead of n).

    Raises
    ------
    ValueError
        As `moran`.

    Notes
    -----
    p is two-sided: by permutation of the other areas, an area's own rate held; where
    incidents may lie in several areas, by maps of the null that are as imprecise as the data.
    Adjusted by Benjamini and Hochberg's false discovery rate.
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
    return _found(
        maps, scaled, lambda rates: local_moran_i(rates, scaled), permutations, name="Local Moran"
    )


def getis_ord(
    source: Any,
    *,
    areas: gpd.GeoDataFrame | None = None,
    label: str | None = None,
    per: str | None = None,
    weights: csr_array | None = None,
    role: str = "target",
    permutations: int = 4_999,
    uncertainty: Uncertainty = "propagate",
    samples: int = 20,
    rng: Rng | None = None,
) -> LocalAutocorrelation:
    """Find hot and cold spots: areas that with their neighbours have a high or a low rate.

    Parameters
    ----------
    source, areas, label, per, weights, role, uncertainty, samples, rng
        As in `moran`; weights are used as they are, the area itself added with a weight of 1.
    permutations : int
        As in `local_moran`.

    Returns
    -------
    LocalAutocorrelation
        Getis and Ord's Gi*, standardised: about 2 or more is a hot spot, -2 or less a
        cold one; see p.

    Raises
    ------
    ValueError
        As `moran`.

    Notes
    -----
    p as in `local_moran`.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc import stats
    >>> grid = stats.square_grid(shapely.box(42, 33, 44, 35), size_m=25_000)
    >>> rng = np.random.default_rng(1)
    >>> lon = np.append(rng.uniform(42, 44, 300), rng.uniform(42.4, 42.9, 200))
    >>> lat = np.append(rng.uniform(33, 35, 300), rng.uniform(33.4, 33.9, 200))
    >>> result = stats.getis_ord((lon, lat), areas=grid, rng=1)
    >>> 4 <= int((result.table["kind"] == "high among high").sum()) <= 9
    True
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
    selfed = csr_array(maps.weights + eye_array(len(maps.table)))
    return _found(
        maps, selfed, lambda rates: gi_star(rates, selfed), permutations, name="Getis-Ord Gi*"
    )


def local_moran_i(rates: Floats, weights: csr_array) -> Floats:
    """Return the local Moran of each area.

    Parameters
    ----------
    rates : array of float
        Last axis the areas.
    weights : scipy.sparse.csr_array
        Of the areas.
    """
    apart = rates - rates.mean(axis=-1, keepdims=True)
    variance = (apart**2).mean(axis=-1, keepdims=True)
    return np.asarray(apart / variance * _lag(apart, weights))


def gi_star(rates: Floats, weights: csr_array) -> Floats:
    """Return the standardised Gi* of each area; parameters as in `local_moran_i`."""
    n = rates.shape[-1]
    total = np.asarray(weights.sum(axis=1)).ravel()
    squares = np.asarray((weights**2).sum(axis=1)).ravel()
    mean, spread = rates.mean(axis=-1, keepdims=True), rates.std(axis=-1, keepdims=True)
    scale = spread * np.sqrt(np.maximum(n * squares - total**2, 0) / (n - 1))
    # Who neighbours all has the mean of all, whatever happens.
    apart = _lag(rates, weights) - mean * total
    return np.asarray(np.divide(apart, scale, out=np.zeros_like(apart), where=scale > 0))


def conditional_p(rates: Floats, weights: csr_array, permutations: int, *, seed: int) -> Floats:
    """Return two-sided p of each area's weighted sum, the rates of the others changed about.

    Each draw takes as many areas as the most neighbours there are, the same for all areas;
    where an area would draw itself it takes one more instead.

    Parameters
    ----------
    rates : array of float
        Of the areas.
    weights : scipy.sparse.csr_array
        Of the areas.
    permutations : int
        How many draws.
    seed : int
        As reported.
    """
    n = len(rates)
    others = _without_own(weights)
    most = int(np.diff(others.indptr).max(initial=0))
    padded = np.zeros((n, most))
    row = np.repeat(np.arange(n), np.diff(others.indptr))
    place = np.arange(len(row)) - others.indptr[row]
    padded[row, place] = others.data
    drawn = np.stack(
        [
            generator(seed, number).choice(n, min(most + 1, n), replace=False)
            for number in range(permutations)
        ]
    )
    # With n areas of which one neighbours all others, nothing is left to take instead.
    values, spare = rates[drawn[:, :most]], rates[drawn[:, -1]]
    observed = (others @ rates[:, None]).ravel()
    p = np.empty(n)
    for begin in range(0, n, _AREAS_AT_ONCE):
        part = slice(begin, begin + _AREAS_AT_ONCE)
        sums = values @ padded[part].T
        number, at = np.nonzero((drawn[:, :most] >= begin) & (drawn[:, :most] < part.stop))
        area = drawn[number, at]
        instead = spare[number] - rates[area]
        np.add.at(sums, (number, area - begin), padded[area, at] * instead)
        p[part] = two_sided(observed[part], sums)
    return p


def _matched_p(maps: AreaMaps, weights: csr_array, permutations: int) -> Floats:
    """Return what `conditional_p` does, against maps that are as imprecise as the data."""
    others = _without_own(weights)
    area = np.repeat(np.arange(len(maps.table)), np.diff(others.indptr))
    simulated = []
    bar = watched(range(permutations), "maps", permutations)
    for some, orders in maps.null(permutations):
        rates = some.mean(axis=1)
        # The area keeps its own: where its rate has come to a neighbour, that takes what came to it.
        landed = np.argsort(orders, axis=1)
        number, link = np.nonzero(landed[:, area] == others.indices)
        own, neighbour = area[link], others.indices[link]
        sums = _lag(rates, others)
        sums[number, own] += others.data[link] * (rates[number, own] - rates[number, neighbour])
        simulated.append(sums)
        for _ in range(len(some)):
            next(bar)
    bar.close()
    return np.asarray(two_sided(_lag(maps.rates.mean(axis=0), others), np.concatenate(simulated)))


def _without_own(weights: csr_array) -> csr_array:
    """Return weights of the others alone."""
    n = weights.shape[0]
    own = csr_array((weights.diagonal(), (np.arange(n), np.arange(n))), shape=(n, n))
    others = csr_array(weights - own)
    others.eliminate_zeros()
    return others


def _lag(rates: Floats, weights: csr_array) -> Floats:
    flat = rates.reshape(-1, rates.shape[-1])
    return np.asarray((weights @ flat.T).T.reshape(rates.shape))


def _found(
    maps: AreaMaps,
    weights: csr_array,
    statistic: Callable[[Floats], Floats],
    permutations: int,
    *,
    name: str,
) -> LocalAutocorrelation:
    if permutations < 1:
        msg = f"permutations={permutations!r} is less than 1"
        raise ValueError(msg)
    values = statistic(maps.rates)
    mean = values.mean(axis=0)
    several = maps.samples > 1
    if several:
        p = _matched_p(maps, weights, permutations)
    else:
        p = conditional_p(maps.rates[0], weights, permutations, seed=maps.seed)
    adjusted = false_discovery(p)
    rate = maps.rates.mean(axis=0)
    around = _lag(rate - rate.mean(), weights)
    kind = np.where(rate > rate.mean(), "high among ", "low among ").astype(object)
    kind += np.where(around > 0, "high", "low").astype(object)
    low, high = np.quantile(values, [0.025, 0.975], axis=0)
    table = gpd.GeoDataFrame(
        {
            "count": maps.counts.mean(axis=0),
            "rate": rate,
            "statistic": mean,
            "low": low if several else np.nan,
            "high": high if several else np.nan,
            "p": p,
            "p_adjusted": adjusted,
            "kind": np.where(adjusted <= _LEVEL, kind, ""),
        },
        index=maps.table.index,
        geometry=maps.table.geometry,
        crs=4326,
    )
    method = f"{name} of {len(table)} areas, {permutations} permutations, two-sided"
    if several:
        method += f"; {maps.samples} possible worlds, the null as imprecise as the data"
    return LocalAutocorrelation(
        value=mean,
        interval=(low, high) if several else None,
        p=float(adjusted.min()),
        n_precise=maps.events.n_precise,
        n_imprecise=maps.events.n_imprecise,
        seed=maps.seed,
        method=method,
        warnings=maps.warnings,
        table=table,
        name=name,
    )
