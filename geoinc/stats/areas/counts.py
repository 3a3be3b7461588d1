"""Incidents by area: how many, at what rate, and how that changed, though some lie in several."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geoinc.stats.areas.poisson_binomial import (
    mean_interval,
    number_interval,
    number_of,
    share_interval,
)
from geoinc.stats.areas.shares import areas_of, drawn_areas, events_in_areas, square_km
from geoinc.stats.plotting import OBSERVED, STANDS_OUT, axes_of, captioned
from geoinc.stats.results import Result, false_discovery
from geoinc.stats.worlds import Uncertainty, new_seed, worlds_of
from geoinc.uncertainty.draws import keys_of, seed_of, uniform

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    from geoinc.stats.events import Events
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]

#: Bars that fit into one picture.
_MOST_BARS = 25


@dataclass(frozen=True, eq=False, kw_only=True)
class AreaCounts(Result):
    """How many incidents there were in each area.

    Parameters
    ----------
    value : array of float
        Expected number in each area, see `to_frame`.
    interval : tuple of two arrays
        Low and high of `value`, 95 %.
    table : geopandas.GeoDataFrame
        Index the label of the area.
    unit : str
        Of the rates.
    """

    table: gpd.GeoDataFrame
    unit: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each area.

        Returns
        -------
        pandas.DataFrame
            ``count`` (expected), ``low`` and ``high`` (95 %, as far as it is known where
            incidents were), ``certain`` (known to lie there), ``possible`` (may lie there);
            ``per`` (what the rate is per), ``rate``, ``rate_low``, ``rate_high`` (95 %, of the
            rate that such counts come from).
        """
        return pd.DataFrame(self.table.drop(columns="geometry"))

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the areas with their numbers of incidents for the map."""
        layer = _layer(self.table, "count", "low", "high")
        layer.attrs = {"title": "Incidents by area", "unit": "incidents", "note": self.method}
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the numbers of the areas with most incidents, and what is left open.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.
        """
        title = f"Incidents by area ({len(self.table)} areas)"
        table = self.table[["count", "low", "high"]].sort_values("count", ascending=False)
        return _bars(ax, self, table, title=title, x="incidents")


@dataclass(frozen=True, eq=False, kw_only=True)
class AreaChange(Result):
    """How the rate of incidents in each area changed at a date.

    Parameters
    ----------
    value : array of float
        Rate after over rate before, in each area.
    interval : tuple of two arrays
        Low and high of `value`, 95 %.
    p : float
        The smallest of the areas', adjusted for their number.
    table : geopandas.GeoDataFrame
        Index the label of the area.
    """

    table: gpd.GeoDataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each area.

        Returns
        -------
        pandas.DataFrame
            ``before`` and ``after`` (expected numbers), ``ratio`` of the rates per day, ``low``,
            ``high``, ``p`` (two-sided), ``p_adjusted`` (false discovery rate).
        """
        return pd.DataFrame(self.table.drop(columns="geometry"))

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the areas with the ratio of their rates for the map."""
        layer = _layer(self.table, "ratio", "low", "high")
        layer.attrs = {
            "title": "Change of the rate of incidents",
            "unit": "times the rate before",
            "note": self.method,
        }
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ratios of the areas with most incidents, and what is left open.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.
        """
        total = self.table["before"] + self.table["after"]
        order = total[total >= 1].sort_values(ascending=False).index
        # Where there was none before, or none after, the line goes on beyond the picture.
        table = pd.DataFrame(self.table.loc[order, ["ratio", "low", "high"]]).clip(1e-3, 1e3)
        ax = _bars(
            ax,
            self,
            table,
            title="Rate of incidents, after over before",
            x="ratio (1 is no change)",
        )
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:g}")
        ax.set_xlim(0.03, 30)
        ax.axvline(1, color=STANDS_OUT, linewidth=1)
        return ax


def area_counts(
    source: Any,
    *,
    areas: gpd.GeoDataFrame | None = None,
    label: str | None = None,
    per: str | None = None,
    role: str = "target",
    uncertainty: Uncertainty = "propagate",
) -> AreaCounts:
    """Count the incidents in each area, and their rate.

    Parameters
    ----------
    source : Layers, GeoDataFrame, (longitude, latitude) or Events
        See `events_of`.
    areas : geopandas.GeoDataFrame, optional
        Polygons with a CRS, such as districts or a grid (see `square_grid`, `hexagons`); by default
        the provinces of the countries that the incidents lie in.
    label : str, optional
        Column of the names of areas; their index by default.
    per : str, optional
        Column of what the rate is per, such as a population; by default 1,000 square kilometres.
    role : {"launch", "target", "impact"}
        Which places of layers.
    uncertainty : {"propagate", "precise-only", "ignore"}
        An incident known to an area that lies in several shares itself among them
        by the parts that overlap; or is left out; or lies at its centre.

    Returns
    -------
    AreaCounts
        All areas, those without incidents too.

    Raises
    ------
    ValueError
        Where there are no areas, they have no CRS, or what rates are per is not above 0.

    Notes
    -----
    How many incidents lie in an area, each with a probability of its own, is Poisson's binomial
    distribution; it is exact, so nothing is drawn.  The interval of the rate is Garwood's for a
    Poisson count, averaged over the counts that are possible.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from geoinc import stats
    >>> halves = gpd.GeoDataFrame(
    ...     {"name": ["west", "east"]},
    ...     geometry=[shapely.box(42, 33, 43, 34), shapely.box(43, 33, 44, 34)],
    ...     crs=4326,
    ... )
    >>> known = [shapely.Point(42.5, 33.5), shapely.box(42, 33, 44, 34)]
    >>> result = stats.area_counts(gpd.GeoDataFrame(geometry=known, crs=4326), areas=halves, label="name")
    >>> result.to_frame()[["count", "low", "high"]].round(2).to_dict("index")
    {'west': {'count': 1.5, 'low': 1, 'high': 2}, 'east': {'count': 0.5, 'low': 0, 'high': 1}}
    """
    table, notes = areas_of(source, areas, role=role, label=label)
    events, shares, notes = _events(source, table, notes, role=role, uncertainty=uncertainty)
    if per is None:
        divisor, unit = square_km(np.asarray(table.geometry.array)) / 1000, "1,000 km²"
    else:
        divisor, unit = table[per].to_numpy(dtype=float), per
    if not (divisor > 0).all():
        msg = f"what rates are per is not above 0 everywhere: {per or 'the areas'}"
        raise ValueError(msg)
    columns = shares.tocsc()
    numbers = [
        number_of(columns.data[columns.indptr[i] : columns.indptr[i + 1]])
        for i in range(len(table))
    ]
    low, high = np.array([number_interval(number) for number in numbers]).reshape(-1, 2).T
    rate = np.array([mean_interval(number) for number in numbers]) / divisor[:, None]
    count = np.asarray(shares.sum(axis=0)).ravel()
    counted = gpd.GeoDataFrame(
        {
            "count": count,
            "low": low,
            "high": high,
            "certain": [number.least for number in numbers],
            "possible": [number.least + len(number.chances) - 1 for number in numbers],
            "per": divisor,
            "rate": count / divisor,
            "rate_low": rate[:, 0],
            "rate_high": rate[:, 1],
        },
        index=table.index,
        geometry=table.geometry,
        crs=4326,
    )
    return AreaCounts(
        value=count,
        interval=(low.astype(float), high.astype(float)),
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        method=f"Incidents by area, Poisson's binomial distribution, 95 %; rates per {unit}",
        warnings=notes,
        table=counted,
        unit=unit,
    )


def area_change(
    source: Any,
    *,
    date: Any,
    areas: gpd.GeoDataFrame | None = None,
    label: str | None = None,
    start: Any = None,
    end: Any = None,
    role: str = "target",
    uncertainty: Uncertainty = "propagate",
    samples: int = 499,
    rng: Rng | None = None,
) -> AreaChange:
    """Compare the rate of incidents in each area before a date and from it on.

    Parameters
    ----------
    source, areas, label, role, uncertainty
        As in `area_counts`.
    date : date
        First day of the later period.
    start, end : date, optional
        First day of the earlier period and last of the later; the first and last
        possible day of an incident by default.
    samples : int
        How many possible worlds, where incidents may lie in several areas or periods.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    AreaChange
        Of incidents with a day in the two periods.

    Raises
    ------
    ValueError
        Where the date does not lie between start and end, or as in `area_counts`.

    Notes
    -----
    Given both counts of an area, the later is binomial: interval (Clopper and Pearson) and p, which
    is two-sided, are exact, their tails averaged over possible worlds.  p is
    adjusted by Benjamini and Hochberg's false discovery rate.  Incidents that come in
    series are more uneven than that: a small p may be one series.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> import shapely
    >>> from geoinc import stats
    >>> area = gpd.GeoDataFrame(geometry=[shapely.box(42, 33, 43, 34)], crs=4326)
    >>> days = pd.to_datetime(["2020-01-01", *["2020-07-05"] * 8, "2020-12-30"])
    >>> points = gpd.GeoDataFrame({"date": days}, geometry=[shapely.Point(42.5, 33.5)] * 10, crs=4326)
    >>> result = stats.area_change(points, areas=area, date="2020-07-01")
    >>> result.to_frame()[["before", "after", "p"]].round(3).to_dict("records")
    [{'before': 1.0, 'after': 9.0, 'p': 0.022}]
    """
    table, notes = areas_of(source, areas, role=role, label=label)
    events, shares, notes = _events(source, table, notes, role=role, uncertainty=uncertainty)
    dated = np.isfinite(events.day)
    if not dated.all():
        notes = (*notes, f"{(~dated).sum()} of {len(events)} events have no day and are left out")
        events, shares = events.where(dated), shares[np.flatnonzero(dated)]
    if len(events) == 0:
        msg = "no event has a day and lies in one of the areas"
        raise ValueError(msg)
    first = events.first_day.min() if start is None else _day(start)
    last = events.last_day.max() if end is None else _day(end)
    turn = _day(date)
    if not first < turn <= last:
        msg = f"date={date!r} does not lie between the first and the last day: see start= and end="
        raise ValueError(msg)
    if uncertainty == "ignore":
        events = replace(events, first_day=events.day, last_day=events.day)
    seed = new_seed(rng)
    open_ones = (shares.data < 1).any() or (events.last_day > events.first_day).any()
    count = samples if open_ones else 1
    drawn = np.zeros((count, 2, len(table)), dtype=int)
    keys, bits = keys_of(pd.Index(events.key)), seed_of(seed)
    for number in range(count):
        area = drawn_areas(events, shares, number, seed=bits)
        # The second stream is that of days, as in the worlds of `Events`.
        chance = uniform(bits, keys, number, 2)[:, 1]
        day = np.floor(events.first_day + chance * (events.last_day - events.first_day + 1))
        for period, (a, b) in enumerate(((first, turn), (turn, last + 1))):
            inside = area[(day >= a) & (day < b)]
            drawn[number, period] = np.bincount(inside, minlength=len(table) + 1)[:-1]
    before, after = drawn[:, 0].astype(float), drawn[:, 1].astype(float)
    days = (turn - first, last + 1 - turn)
    found = [
        share_interval(a, b, days[1] / sum(days)) for a, b in zip(before.T, after.T, strict=True)
    ]
    low, high, p = np.array(found).reshape(-1, 3).T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = after.mean(axis=0) / before.mean(axis=0) * days[0] / days[1]
        low, high = (share / (1 - share) * days[0] / days[1] for share in (low, high))
    adjusted = false_discovery(p)
    changed = gpd.GeoDataFrame(
        {
            "before": before.mean(axis=0),
            "after": after.mean(axis=0),
            "ratio": ratio,
            "low": low,
            "high": high,
            "p": p,
            "p_adjusted": adjusted,
        },
        index=table.index,
        geometry=table.geometry,
        crs=4326,
    )
    words = [
        pd.Timestamp(day * 86400, unit="s").strftime("%Y-%m-%d") for day in (first, turn, last)
    ]
    method = (
        f"Rates from {words[1]} to {words[2]} over those from {words[0]} to before, exact, 95 %"
    )
    return AreaChange(
        value=ratio,
        interval=(low, high),
        p=float(adjusted.min()),
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        seed=seed,
        method=method + (f"; {count} possible worlds" if count > 1 else ""),
        warnings=notes,
        table=changed,
    )


def _events(
    source: Any,
    table: gpd.GeoDataFrame,
    notes: tuple[str, ...],
    *,
    role: str,
    uncertainty: Uncertainty,
) -> tuple[Events, csr_array, tuple[str, ...]]:
    """Return the events that count, their shares in the areas, and what was left out."""
    events, shares = events_in_areas(source, table, role=role, centres=uncertainty == "ignore")
    worlds = worlds_of(events, uncertainty, samples=1, rng=0)
    if uncertainty == "precise-only":
        shares = shares[np.flatnonzero(events.precise)]
    return worlds.events, shares, (*notes, *worlds.warnings)


def _day(date: Any) -> float:
    """Return days since 1970-01-01."""
    return float(np.datetime64(pd.Timestamp(date), "D").astype(int))


def _layer(table: gpd.GeoDataFrame, value: str, low: str, high: str) -> gpd.GeoDataFrame:
    columns = {"value": table[value], "low": table[low], "high": table[high]}
    layer = gpd.GeoDataFrame(columns, geometry=table.geometry, crs=4326)
    return gpd.GeoDataFrame(layer.reset_index(names="label"), geometry="geometry", crs=4326)


def _bars(ax: Axes | None, result: Result, table: pd.DataFrame, *, title: str, x: str) -> Axes:
    """Draw values with their intervals, one row an area, the first of the table on top."""
    ax = axes_of(ax)
    value, low, high = table.columns
    shown = table.head(_MOST_BARS)[::-1]
    at = np.arange(len(shown))
    ax.hlines(at, shown[low], shown[high], color=OBSERVED, linewidth=2, alpha=0.5)
    ax.plot(shown[value], at, "o", color=OBSERVED)
    ax.set_yticks(at, shown.index)
    ax.set_ylim(-0.7, len(shown) - 0.3)
    if len(table) > _MOST_BARS:
        title += f", the first {_MOST_BARS}"
    return captioned(ax, result, title=title, x=x)
