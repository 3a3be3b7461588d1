"""Where incidents lie in the middle, and how far around it: centres, distance, ellipse, circle, hull."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc import geodesy
from geoinc.geodesy import area_km2, direct, disc, inverse
from geoinc.stats.centrography.middles import mean_of, median_of, plane_around
from geoinc.stats.events import PRECISE_M, events_of
from geoinc.stats.plotting import (
    BAND,
    OBSERVED,
    QUIET,
    STANDS_OUT,
    axes_of,
    captioned,
    outline,
    sheet,
)
from geoinc.stats.results import Result
from geoinc.stats.worlds import worlds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoinc.stats.events import Events
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]

#: Corners of an ellipse.
_CORNERS = 96


@dataclass(frozen=True, eq=False, kw_only=True)
class Centrography(Result):
    """A centre of incidents, or a measure of how far around it they lie.

    Parameters
    ----------
    value : pandas.Series
        Degrees, metres and square kilometres, as the labels say.
    interval : tuple of pandas.Series, optional
        What the areas of the places leave open, 95 % of the possible worlds.
    title : str
        What it is.
    shape : shapely geometry
        The point or area, degrees.
    spread_m : float
        Of a centre the radius around it that holds it in 95 % of the possible
        worlds; NaN where nothing was sampled.
    places : array of float, two columns
        The centres of the places, degrees.
    """

    value: pd.Series
    interval: tuple[pd.Series, pd.Series] | None = None
    title: str
    shape: BaseGeometry = field(repr=False)
    spread_m: float = np.nan
    places: Floats = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per figure: ``value``, ``low`` and ``high``."""
        low, high = self.interval or (np.nan, np.nan)
        return pd.DataFrame({"value": self.value, "low": low, "high": high})

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the shape with its main figure, for the map; of a centre how well it is known."""
        shapes, unit = [self.shape], "m"
        rows: list[tuple[str, float, float, float]] = [(self.title, np.nan, np.nan, np.nan)]
        if len(self.value) > 2:
            unit = _unit(self.value.index[-1])
            low, high = self.interval or (self.value * np.nan,) * 2
            rows = [(self.title, self.value.iloc[-1], low.iloc[-1], high.iloc[-1])]
        elif self.spread_m > 0:
            rows.append(("holds it in 95 % of the possible worlds", self.spread_m, np.nan, np.nan))
            shapes.append(self._spread)
        table = pd.DataFrame(rows, columns=["label", "value", "low", "high"])
        layer = gpd.GeoDataFrame(table, geometry=shapes, crs=4326)
        layer.attrs |= {"title": self.title, "unit": unit, "note": self.method}
        return layer

    @property
    def _spread(self) -> BaseGeometry:
        """The disc that holds the centre in 95 % of the possible worlds."""
        if not self.spread_m > 0:
            return shapely.Polygon()
        return disc(self.value["longitude"], self.value["latitude"], self.spread_m)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the centre or area among the places of the incidents.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            A new figure by default.

        Raises
        ------
        ModuleNotFoundError
            Where matplotlib is missing (the extra ``plot``).
        """
        ax = axes_of(ax)
        spread = self._spread
        spots = shapely.MultiPoint(self.places)
        sheet(ax, shapely.union_all([spots, self.shape, spread]))
        where, count = np.unique(self.places, axis=0, return_counts=True)
        size = 14 + 10 * np.sqrt(count - 1)
        ax.scatter(
            where[:, 0],
            where[:, 1],
            s=size,
            color=OBSERVED,
            alpha=0.45,
            linewidths=0,
            label="incidents",
        )
        if self.spread_m > 0:
            outline(ax, spread, facecolor=BAND, alpha=0.8, edgecolor=QUIET, linestyle="--")
        if shapely.get_dimensions(self.shape) == 2:
            style = {
                "facecolor": (*_rgb(STANDS_OUT), 0.10),
                "edgecolor": STANDS_OUT,
                "linewidth": 1.8,
            }
            outline(ax, self.shape, label=self.title.lower(), **style)
        if "longitude" in self.value:
            spot = self.value[["longitude", "latitude"]]
            ax.scatter(
                spot.iloc[0],
                spot.iloc[1],
                marker="P",
                s=110,
                color=STANDS_OUT,
                edgecolor="white",
                label="centre",
                zorder=6,
            )
        return captioned(ax, self, title=self.title)


def mean_center(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> Centrography:
    """Return the point from which the squared distances to the incidents are least.

    Parameters
    ----------
    source : Layers, GeoDataFrame or (longitude, latitude)
        As in `events_of`; a column ``weight`` of a table of points weighs them.
    role : {"launch", "target", "impact"}
        Which places of layers.
    window : Window, polygon or GeoDataFrame, optional
        Incidents outside are left out, and counted.
    precise_m : float
        Places known no better than this radius, in metres, are imprecise.
    uncertainty : {"propagate", "precise-only", "ignore"}
        Sample places in their areas; leave out the imprecise; or take the centres.
    samples : int
        How many possible worlds.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    Centrography
        ``longitude`` and ``latitude``, degrees.

    Raises
    ------
    ValueError
        Where no incident has a place.

    Notes
    -----
    Distances are geodesic on WGS84: the mean of the incidents as seen from the
    centre, in distance and azimuth, is the centre itself.

    Examples
    --------
    >>> from geoinc.stats import mean_center
    >>> mean_center(([44.0, 46.0], [33.0, 33.0])).value.round(3).to_dict()
    {'longitude': 45.0, 'latitude': 33.004}
    """

    def centre(events: Events) -> tuple[float, ...]:
        return mean_of(events.longitude, events.latitude, events.weight)

    return _computed(
        centre, ("longitude", "latitude"), lambda value, _: shapely.Point(*value),
        title="Mean centre", method="Least squared geodesic distances", least=1,
        source=source, role=role, window=window, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip


def median_center(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> Centrography:
    """Return the point from which the distances to the incidents are least in sum.

    A single incident far away moves it little.

    Parameters
    ----------
    source, role, window, precise_m, uncertainty, samples, rng
        As in `mean_center`.

    Returns
    -------
    Centrography
        ``longitude`` and ``latitude``, degrees.

    Raises
    ------
    ValueError
        Where no incident has a place.

    Notes
    -----
    Weiszfeld's iteration with the step of Vardi and Zhang where it meets
    an incident, in an azimuthal equidistant projection that is moved to the
    centre until it stays there.

    Examples
    --------
    >>> from geoinc.stats import median_center
    >>> median_center(([44.0, 44.1, 48.0], [33.0, 33.0, 33.0])).value.round(3).to_dict()
    {'longitude': 44.1, 'latitude': 33.0}
    """

    def centre(events: Events) -> tuple[float, ...]:
        return median_of(events.longitude, events.latitude, events.weight)

    return _computed(
        centre, ("longitude", "latitude"), lambda value, _: shapely.Point(*value),
        title="Median centre", method="Least sum of geodesic distances", least=1,
        source=source, role=role, window=window, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip


def standard_distance(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> Centrography:
    """Return the root of the mean squared distance of incidents from their mean centre.

    Parameters
    ----------
    source, role, window, precise_m, uncertainty, samples, rng
        As in `mean_center`.

    Returns
    -------
    Centrography
        ``longitude``, ``latitude`` of the mean centre and ``standard_distance_m``;
        divided by n, not n - 2: the incidents are no sample of others.

    Raises
    ------
    ValueError
        Where fewer than two incidents have a place.

    Examples
    --------
    >>> from geoinc.stats import standard_distance
    >>> round(standard_distance(([44.0, 46.0], [33.0, 33.0])).value["standard_distance_m"])
    93452
    """

    def around(events: Events) -> tuple[float, ...]:
        lon, lat = mean_of(events.longitude, events.latitude, events.weight)
        away_m, _ = inverse(lon, lat, events.longitude, events.latitude)
        return lon, lat, float(np.sqrt(np.average(away_m**2, weights=events.weight)))

    return _computed(
        around, ("longitude", "latitude", "standard_distance_m"), lambda value, _: disc(*value),
        title="Standard distance", method="Root of the mean squared geodesic distance from the mean centre", least=2,
        source=source, role=role, window=window, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip


def standard_ellipse(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> Centrography:
    """Return the standard deviational ellipse: how far incidents lie apart, and along which line.

    Parameters
    ----------
    source, role, window, precise_m, uncertainty, samples, rng
        As in `mean_center`.

    Returns
    -------
    Centrography
        ``longitude`` and ``latitude`` of the mean centre, ``semi_major_m`` and
        ``semi_minor_m``, one standard deviation along each axis,
        ``azimuth_deg`` of the major axis, 0 to 180, and ``area_km2``.

    Raises
    ------
    ValueError
        Where fewer than three incidents have a place.

    Notes
    -----
    Axes and azimuth are those of the covariance of the incidents in an azimuthal
    equidistant projection on the mean centre, divided by n.  The squared axes
    add up to the squared standard distance.  CrimeStat's ellipse is longer by
    the square root of 2, and of n / (n - 2).

    Examples
    --------
    >>> from geoinc.stats import standard_ellipse
    >>> ellipse = standard_ellipse(([44.0, 45.0, 46.0], [33.0, 34.0, 35.1])).value
    >>> round(ellipse["azimuth_deg"]), bool(ellipse["semi_minor_m"] < ellipse["semi_major_m"] / 20)
    (38, True)
    """

    def ellipse(events: Events) -> tuple[float, ...]:
        lon, lat = mean_of(events.longitude, events.latitude, events.weight)
        plane = plane_around(lon, lat, events.longitude, events.latitude)
        covariance = np.cov(plane.T, aweights=events.weight, ddof=0)
        (minor, major), axes = np.linalg.eigh(covariance)
        minor, major = (float(np.sqrt(max(part, 0.0))) for part in (minor, major))
        azimuth = float(np.degrees(np.arctan2(*axes[:, 1]))) % 180
        return lon, lat, major, minor, azimuth, np.pi * major * minor / 1e6

    names = ("longitude", "latitude", "semi_major_m", "semi_minor_m", "azimuth_deg", "area_km2")
    return _computed(
        ellipse, names, lambda value, _: _ellipse(*value.iloc[:5]),
        title="Standard deviational ellipse", method="One standard deviation along each axis of the covariance around the mean centre", least=3,
        source=source, role=role, window=window, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip


def enclosing_circle(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> Centrography:
    """Return the smallest circle that holds all incidents.

    Parameters
    ----------
    source, role, window, precise_m, uncertainty, samples, rng
        As in `mean_center`.

    Returns
    -------
    Centrography
        ``longitude``, ``latitude`` and ``radius_m``.

    Raises
    ------
    ValueError
        Where fewer than two incidents have a place.

    Examples
    --------
    >>> from geoinc.stats import enclosing_circle
    >>> round(enclosing_circle(([44.0, 46.0], [33.0, 33.0])).value["radius_m"])
    93452
    """

    def circle(events: Events) -> tuple[float, ...]:
        return geodesy.enclosing_circle(_spots(events))

    return _computed(
        circle, ("longitude", "latitude", "radius_m"), lambda value, _: disc(*value),
        title="Smallest enclosing circle", method="Smallest circle around all incidents, geodesic", least=2,
        source=source, role=role, window=window, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip


def convex_hull(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> Centrography:
    """Return the smallest convex area that holds all incidents.

    Parameters
    ----------
    source, role, window, precise_m, uncertainty, samples, rng
        As in `mean_center`.

    Returns
    -------
    Centrography
        ``longitude`` and ``latitude`` of the mean centre, and ``area_km2``; the shape is the
        hull of the centres of the places.

    Raises
    ------
    ValueError
        Where fewer than three incidents have a place.

    Examples
    --------
    >>> from geoinc.stats import convex_hull
    >>> round(convex_hull(([44.0, 45.0, 45.0], [33.0, 33.0, 34.0])).value["area_km2"])
    5183
    """

    def hull(events: Events) -> tuple[float, ...]:
        lon, lat = mean_of(events.longitude, events.latitude, events.weight)
        return lon, lat, area_km2(_hull(lon, lat, events))

    return _computed(
        hull, ("longitude", "latitude", "area_km2"), lambda value, events: _hull(value["longitude"], value["latitude"], events),
        title="Convex hull", method="Convex in an azimuthal equidistant projection on the mean centre", least=3,
        source=source, role=role, window=window, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip


def _computed(
    func: Callable[[Events], tuple[float, ...]],
    names: tuple[str, ...],
    shape: Callable[[pd.Series, Events], BaseGeometry],
    *,
    title: str,
    method: str,
    least: int,
    source: Any,
    role: str,
    window: Any,
    precise_m: float,
    uncertainty: Uncertainty,
    samples: int,
    rng: Rng | None,
) -> Centrography:
    """Compute figures in every world and sum them up."""
    events = events_of(source, role=role, window=window, precise_m=precise_m)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    events = worlds.events
    if len(events) < least:
        msg = f"{title.lower()} needs {least} incidents with a place; there are {len(events)}"
        raise ValueError(msg)
    draws = pd.DataFrame(worlds.each(func), columns=list(names))
    # Longitudes and azimuths run in circles: their means are taken beside the first.
    turns = {"longitude": 360.0, "azimuth_deg": 180.0}
    for name in draws.columns.intersection(list(turns)):
        off = draws[name] - draws[name].iloc[0]
        draws[name] -= turns[name] * np.round(off / turns[name])
    value = draws.mean().rename("value")
    interval, spread_m = None, np.nan
    told = f"{method}."
    if len(draws) > 1:
        interval = (draws.quantile(0.025), draws.quantile(0.975))
        away_m, _ = inverse(
            value["longitude"], value["latitude"], draws["longitude"], draws["latitude"]
        )
        spread_m = float(np.quantile(away_m, 0.95))
        told = f"{method}; mean of {len(draws)} possible worlds."
    value["longitude"] = (value["longitude"] + 180) % 360 - 180
    if "azimuth_deg" in value:
        value["azimuth_deg"] %= 180
    return Centrography(
        value=value,
        interval=interval,
        title=title,
        shape=shape(value, events),
        spread_m=spread_m,
        places=np.column_stack([events.longitude, events.latitude]),
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        seed=worlds.seed,
        method=told,
        warnings=worlds.warnings,
    )


def _spots(events: Events) -> BaseGeometry:
    return shapely.MultiPoint(np.column_stack([events.longitude, events.latitude]))


def _hull(lon: float, lat: float, events: Events) -> BaseGeometry:
    plane = plane_around(lon, lat, events.longitude, events.latitude)
    hull = shapely.segmentize(shapely.MultiPoint(plane).convex_hull, 20_000)

    east, north = shapely.get_coordinates(hull).T
    corners = direct(lon, lat, np.degrees(np.arctan2(east, north)), np.hypot(east, north))
    return shapely.set_coordinates(hull, np.column_stack(corners))


def _ellipse(
    lon: float, lat: float, major_m: float, minor_m: float, azimuth_deg: float
) -> BaseGeometry:
    turn = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    along, across = major_m * np.cos(turn), minor_m * np.sin(turn)
    azimuth = azimuth_deg + np.degrees(np.arctan2(across, along))
    return shapely.Polygon(np.column_stack(direct(lon, lat, azimuth, np.hypot(along, across))))


def _unit(name: str) -> str:
    return {"deg": "degrees", "m": "m", "km2": "km²"}[name.rsplit("_", 1)[-1]]


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
