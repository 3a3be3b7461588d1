"""How dense incidents are: a kernel density with its edges corrected, and where it is highest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.geodesy import polygons
from geoinc.schema import Layers
from geoinc.stats.density import bandwidths
from geoinc.stats.density.contours import above, grown, level_of
from geoinc.stats.density.smoothing import Grid, exact_share
from geoinc.stats.density.smoothing import exact as exactly
from geoinc.stats.events import PRECISE_M, events_of
from geoinc.stats.patterns.imputing import Imputer, Others
from geoinc.stats.plotting import (
    BORDER,
    INK,
    SEQUENTIAL,
    axes_of,
    bar,
    captioned,
    colours,
    ground,
    outline,
    raster,
)
from geoinc.stats.results import Result
from geoinc.stats.windows import window_of
from geoinc.stats.worlds import generator, worlds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

    from geoinc.stats.events import Events
    from geoinc.stats.windows import Window
    from geoinc.stats.worlds import EventWorlds, Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]

Rule = Literal["scott", "diggle", "ppl", "cvl"]
Edge = Literal["uniform", "diggle", "none"]

#: Densities are told per so many square metres: 1,000 km2.
PER_M2 = 1e9
#: Fewer precise events than this say nothing of the bandwidth; then all are asked.
_ENOUGH = 10
#: So many incidents are drawn as dots.
_DOTS = 3_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Density(Result):
    """How many incidents there are in the area, everywhere in a window.

    Parameters
    ----------
    value : array of float, two dimensions
        Incidents per 1,000 km2, rows from south to north; NaN outside the window.
    interval : tuple of array of float, optional
        What the areas of the places leave open, 95 % at each cell.
    imprecise : array of float
        The share of the density that is from imprecise incidents, from 0 to 1.
    grid : Grid
        Where the cells lie, metres in the projection of the window.
    window : Window
        The area that was watched.
    sigma_m : tuple of float
        Standard deviation of the kernel from west to east and south to north, metres.
    places : array of float, two columns
        The centres of the places, degrees.
    """

    value: Floats = field(repr=False)
    interval: tuple[Floats, Floats] | None = field(default=None, repr=False)
    imprecise: Floats = field(repr=False)
    grid: Grid = field(repr=False)
    window: Window = field(repr=False)
    sigma_m: tuple[float, float]
    places: Floats = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each cell in the window: where its middle lies, value, low and high."""
        x, y = np.meshgrid(self.grid.columns, self.grid.rows)
        inside = np.isfinite(self.value)
        longitude, latitude = self.window.unproject(np.column_stack([x[inside], y[inside]]))
        low, high = self.interval or (np.full_like(self.value, np.nan),) * 2
        return pd.DataFrame(
            {
                "longitude": longitude,
                "latitude": latitude,
                "value": self.value[inside],
                "low": low[inside],
                "high": high[inside],
                "imprecise": self.imprecise[inside],
            }
        )

    def at(self, longitude: Floats, latitude: Floats) -> Floats:
        """Return the density at places, 0 outside the window: an intensity for `envelope`.

        Parameters
        ----------
        longitude, latitude : array of float
            Degrees.
        """
        points = self.window.project(longitude, latitude)
        inside = self.window.contains(longitude, latitude)
        return np.where(inside, self.grid.at(np.nan_to_num(self.value), points), 0.0)

    def regions(self, shares: Sequence[float] = (0.5, 0.9)) -> gpd.GeoDataFrame:
        """Return the smallest areas that hold a share of the incidents: highest-density regions.

        Parameters
        ----------
        shares : sequence of float
            Between 0 and 1.

        Returns
        -------
        geopandas.GeoDataFrame
            One row a share: ``label``, ``share``, ``value`` (the density at the edge, incidents per
            1,000 km2: within it is higher), ``area_km2``, and the polygons.

        Raises
        ------
        ValueError
            Where a share is not between 0 and 1.
        """
        table = pd.DataFrame({"label": [f"{share:.0%} of the incidents" for share in shares]})
        levels = [level_of(self.value, share) for share in shares]
        table["share"], table["value"] = list(shares), levels
        planar = [self._above(level) for level in levels]
        table["area_km2"] = shapely.area(planar) / 1e6
        shapes = [_degrees(shape, self.window) for shape in planar]
        layer = gpd.GeoDataFrame(table, geometry=shapes, crs=4326)
        layer.attrs |= {
            "title": "Highest-density regions",
            "unit": "incidents per 1,000 km² at least",
            "note": self.method,
        }
        return layer

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the regions that hold 50, 75 and 90 % of the incidents, for the map."""
        layer = self.regions((0.9, 0.75, 0.5)).assign(low=np.nan, high=np.nan)
        return layer[["label", "value", "low", "high", "geometry"]]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the density over the window, with the edge of the region that holds half of it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            A new figure by default.

        Raises
        ------
        ModuleNotFoundError
            Where matplotlib is missing (the extra ``plot``).
        """
        ax = axes_of(ax, size=(7.4, 6.4))
        ground(ax, self.window.shape)
        top = max(float(np.nanmax(self.value)), 1e-12)
        mesh = raster(
            ax,
            self.value,
            corners_of(self.grid, self.window),
            cmap=colours(SEQUENTIAL),
            vmin=0.0,
            vmax=top,
        )
        outline(ax, self.window.shape, facecolor="none", edgecolor=BORDER, linewidth=1.0, zorder=3)
        half = self.regions((0.5,)).geometry.iloc[0]
        outline(
            ax,
            half,
            facecolor="none",
            edgecolor=INK,
            linewidth=1.1,
            zorder=4,
            label="half of the incidents",
        )
        if len(self.places) <= _DOTS:
            ax.scatter(
                self.places[:, 0],
                self.places[:, 1],
                s=4,
                color=INK,
                alpha=0.35,
                linewidths=0,
                zorder=4,
                label="incidents",
            )
        captioned(ax, self, title="Density of incidents")
        bar(ax, mesh, "incidents per 1,000 km²")
        return ax

    def _above(self, level: float) -> Polygon | MultiPolygon:
        """Return in the plane where the density is at least a level."""
        filled = np.nan_to_num(self.value, nan=0.0)
        # Beyond the edge the values of the nearest cells go on, so that edges are the window's.
        inside = np.isfinite(self.value)
        spread = grown(filled, inside)
        shape = above(spread, self.grid.columns, self.grid.rows, level)
        # Gaps in the window that are narrower than a cell are no edge of a region.
        step_m = self.grid.step_m
        window = shapely.buffer(shapely.buffer(self.grid.window, step_m / 2), -step_m / 2)
        return polygons(shapely.intersection(shape, window))


def kernel_density(
    source: Any,
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
    """Return how dense incidents are, by a Gaussian kernel.

    Parameters
    ----------
    source : Layers, GeoDataFrame or (longitude, latitude)
        As in `events_of`.
    role : {"launch", "target", "impact"}
        Which places of layers.
    window : Window, polygon or GeoDataFrame, optional
        The area that was watched; by default as `window_of`, and said.
    bandwidth : {"scott", "diggle", "ppl", "cvl"} or float
        Standard deviation of the kernel in metres, or the rule that chooses it:
        Scott's rule of thumb; least squared error if incidents cluster as their K-function says;
        likelihood of each given the others; the rule of Cronie and van Lieshout.  All but the
        first mistake incidents at one place for clusters as small as that.
    edge : {"uniform", "diggle", "none"}
        What is done about kernels that reach beyond the window: divide the density by how much of
        a kernel there lies inside; divide each incident's kernel by how much of itself lies inside
        (the density then adds up to the number of incidents); nothing.
    cells : int
        Cells along the longer side of the window.
    exact : bool
        Sum all kernels at all cells, and integrate each over the polygon, rather than share
        incidents among the nearest four cells first: slow, and the same to less than a hundredth
        unless the bandwidth is smaller than two cells.
    even : bool
        Whether an imprecise incident is as likely in every part of its area.  By
        default, where there are ten precise ones or more, it is likelier where those are
        denser (see `Imputer`).
    precise_m : float
        Places known no better than this radius, in metres, are imprecise.
    uncertainty : {"propagate", "precise-only", "ignore"}
        Sample places in their areas, so that an incident known to a province
        is spread over it; leave out the imprecise; or take the centres.
    samples : int
        How many possible worlds; the density is their mean.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    Density
        Incidents per 1,000 km2 on a grid.

    Raises
    ------
    ValueError
        Where there are fewer than two incidents, all lie at one place and a rule is to choose
        the bandwidth, or the window is too wide for a plane.

    Examples
    --------
    >>> import shapely
    >>> from geoinc.stats import kernel_density
    >>> points = [44.2, 44.4, 44.5, 45.0], [33.1, 33.3, 33.2, 34.0]
    >>> result = kernel_density(points, window=shapely.box(43, 32, 46, 35), bandwidth=20_000, edge="diggle")
    >>> cell_km2 = result.grid.step_m**2 / 1e6
    >>> round(float(result.to_frame()["value"].sum() * cell_km2 / 1000), 2)
    4.0
    """
    watched = window_of(source if isinstance(source, Layers) else None, window, role=role)
    events = events_of(source, role=role, window=watched, precise_m=precise_m)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    how = smoothing_of(worlds, watched, bandwidth=bandwidth, edge=edge, cells=cells, exact=exact)
    others = None if even else drawn_by(worlds, lambda: Others.of(worlds.events, watched))
    return density_of(worlds, watched, how, laid_in(worlds, watched, how, others))


@dataclass(frozen=True, eq=False, kw_only=True)
class Smoothing:
    """How incidents become a density: laid on a grid, which adds up, and then spread.

    Parameters
    ----------
    grid : Grid
        Over the window.
    sigma_m : tuple of float
        Bandwidth along both axes, metres.
    rule : str
        Where it is from, in words.
    edge : {"uniform", "diggle", "none"}
        What is done about edges.
    exact : bool
        Whether kernels are summed one by one.
    share : array of float, optional
        How much of a kernel on each cell lies in the window; None where nobody asks.
    """

    grid: Grid
    sigma_m: tuple[float, float]
    rule: str
    edge: Edge
    exact: bool
    share: Floats | None

    def laid(self, points: Floats, weight: Floats) -> Floats:
        """Return what incidents add to the grid."""
        grid = self.grid
        if self.exact:
            if self.edge == "diggle":
                weight = weight / exact_share(points, grid.window, self.sigma_m)
            sums = np.zeros(grid.inside.shape)
            sums[grid.inside] = exactly(points, self._middles, self.sigma_m, weight)
            return sums
        if self.edge == "diggle" and self.share is not None:
            weight = weight / grid.at(self.share, points)
        return grid.masses(points, weight)

    def spread(self, laid: Floats) -> Floats:
        """Return the density per square metre at the middles of the cells."""
        if self.exact:
            values = laid.copy()
            if self.edge == "uniform":
                inside = exact_share(self._middles, self.grid.window, self.sigma_m)
                values[self.grid.inside] /= inside
            return values
        smoothed = self.grid.smooth(laid, self.sigma_m)
        if self.edge == "uniform" and self.share is not None:
            return smoothed / self.share
        return smoothed

    @property
    def _middles(self) -> Floats:
        x, y = np.meshgrid(self.grid.columns, self.grid.rows)
        return np.column_stack([x[self.grid.inside], y[self.grid.inside]])


def smoothing_of(
    worlds: EventWorlds,
    window: Window,
    *,
    bandwidth: Rule | float,
    edge: Edge,
    cells: int,
    exact: bool,
) -> Smoothing:
    """Return how the incidents of worlds become a density.

    Parameters
    ----------
    worlds : EventWorlds
        Of the incidents.
    window : Window
        That was watched.
    bandwidth, edge, cells, exact
        As of `kernel_density`.

    Raises
    ------
    ValueError
        As `kernel_density`.
    """
    if len(worlds.events) < 2:
        msg = f"a density needs 2 incidents in the window; there are {len(worlds.events)}"
        raise ValueError(msg)
    if edge not in get_args(Edge):
        msg = f"edge={edge!r} is not one of {', '.join(map(repr, get_args(Edge)))}"
        raise ValueError(msg)
    grid = Grid(window.planar, cells)
    sigma_m, rule = sigma_of(worlds.events, window, bandwidth)
    share = grid.share_inside(sigma_m) if edge != "none" else None
    return Smoothing(grid=grid, sigma_m=sigma_m, rule=rule, edge=edge, exact=exact, share=share)


class Laid(NamedTuple):
    """What incidents add to the grid."""

    worlds: Iterable[Floats]  # all of them, in one world after the other
    imprecise: Callable[[], Floats]  # those that are imprecise, summed over the worlds
    by_density: bool  # whether these were drawn by the density of the precise
    notes: tuple[str, ...]


def laid_in(worlds: EventWorlds, window: Window, how: Smoothing, others: Others | None) -> Laid:
    """Lay the incidents of all worlds on the grid.

    Parameters
    ----------
    worlds : EventWorlds
        Of all incidents, or of those of a part.
    window : Window
        That was watched.
    how : Smoothing
        How.
    others : Others, optional
        What all events say, where the imprecise are drawn by the density of the precise.
    """
    drawn, notes = drawn_by_density(worlds, window, others)
    coarse = np.zeros(how.grid.inside.shape)

    def each() -> Iterator[Floats]:
        for number, world in enumerate(worlds):
            points = window.project(world.longitude, world.latitude)
            weight, precise = world.weight, world.precise
            if drawn is not None:
                points[~precise] = drawn[number]
            if worlds.samples > 1:
                kept = shapely.contains_xy(how.grid.window, points[:, 0], points[:, 1])
                points, weight, precise = points[kept], weight[kept], precise[kept]
            if not precise.all():
                coarse[:] += how.laid(points[~precise], weight[~precise])
            yield how.laid(points, weight)

    return Laid(each(), lambda: coarse, others is not None, notes)


def density_of(worlds: EventWorlds, window: Window, how: Smoothing, laid: Laid) -> Density:
    """Return what `kernel_density` does, of incidents that are laid on the grid.

    Parameters
    ----------
    worlds : EventWorlds
        Of all incidents.
    window : Window
        That was watched.
    how : Smoothing
        From `smoothing_of`.
    laid : Laid
        From `laid_in`.
    """
    events, grid = worlds.events, how.grid
    warnings = list(worlds.warnings)
    if window.note:
        warnings.append(window.note)
    if min(how.sigma_m) < 2 * grid.step_m and not how.exact:
        warnings.append(
            f"the bandwidth is less than two cells of {grid.step_m:,.0f} m: take more cells, or exact=True"
        )
    warnings.extend(laid.notes)
    surfaces = np.empty((worlds.samples, *grid.inside.shape), dtype=np.float32)
    total = np.zeros(grid.inside.shape)
    for number, one in enumerate(laid.worlds):
        surface = how.spread(one)
        total += surface
        surfaces[number] = surface
    coarse = how.spread(laid.imprecise())
    outside = ~grid.inside
    value = np.where(outside, np.nan, total / worlds.samples * PER_M2)
    interval = None
    if worlds.samples > 1:
        surfaces.sort(axis=0)
        off = int(0.025 * worlds.samples)
        low, high = (
            np.where(outside, np.nan, surfaces[at] * PER_M2)
            for at in (off, worlds.samples - 1 - off)
        )
        interval = (low, high)
    told = " by ".join(f"{sigma / 1000:.3g}" for sigma in dict.fromkeys(how.sigma_m))
    return Density(
        value=value,
        interval=interval,
        imprecise=np.where(total > 0, coarse / np.where(total > 0, total, 1), 0.0),
        grid=grid,
        window=window,
        sigma_m=how.sigma_m,
        places=np.column_stack([events.longitude, events.latitude]),
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        seed=worlds.seed,
        method=f"Gaussian kernel, bandwidth {told} km ({how.rule}), edges: {how.edge}"
        + (f", mean of {worlds.samples} possible worlds." if worlds.samples > 1 else ".")
        + (
            " Imprecise incidents lie in their areas as densely as precise ones."
            if laid.by_density
            else ""
        ),
        warnings=tuple(warnings),
    )


def sigma_of(
    events: Events, window: Window, bandwidth: Rule | float
) -> tuple[tuple[float, float], str]:
    """Return the bandwidth along both axes, metres, and the rule it is from, in words."""
    if not isinstance(bandwidth, str):
        if not bandwidth > 0:
            msg = f"bandwidth={bandwidth!r} is not more than 0 m"
            raise ValueError(msg)
        return (float(bandwidth), float(bandwidth)), "given"
    if bandwidth not in get_args(Rule):
        msg = f"bandwidth={bandwidth!r} is not metres nor one of {', '.join(map(repr, get_args(Rule)))}"
        raise ValueError(msg)
    used = events.where(events.precise) if events.n_precise >= _ENOUGH else events
    points = window.project(used.longitude, used.latitude)
    if len(np.unique(points, axis=0)) < 2 or points.std(axis=0).min() == 0:
        msg = "the incidents lie at one place or on one line: give a bandwidth in metres"
        raise ValueError(msg)
    rules = {"ppl": bandwidths.ppl, "cvl": bandwidths.cvl, "diggle": bandwidths.diggle}
    if bandwidth == "scott":
        return bandwidths.scott(points), "Scott"
    sigma = rules[bandwidth](points, window.planar)
    name = {
        "ppl": "likelihood cross-validation",
        "cvl": "Cronie and van Lieshout",
        "diggle": "Diggle",
    }
    return (sigma, sigma), name[bandwidth]


def corners_of(grid: Grid, window: Window) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of the corners of the cells."""
    corners = grid.corners
    longitude, latitude = window.unproject(corners.reshape(-1, 2))
    return longitude.reshape(corners.shape[:2]), latitude.reshape(corners.shape[:2])


def drawn_by(worlds: EventWorlds, others: Callable[[], Others]) -> Others | None:
    """Return what all events say; None where there is nothing to draw, or too few to draw by.

    Parameters
    ----------
    worlds : EventWorlds
        Of all events.
    others : callable
        Asks them.
    """
    events = worlds.events
    if worlds.samples == 1 or not events.n_imprecise or events.n_precise < _ENOUGH:
        return None
    return others()


def drawn_by_density(
    worlds: EventWorlds, window: Window, others: Others | None
) -> tuple[Floats | None, tuple[str, ...]]:
    """Return places of the imprecise events by the density of the precise, a row a world.

    Parameters
    ----------
    worlds : EventWorlds
        Of all events, or of those of a part.
    window : Window
        That was watched.
    others : Others, optional
        From `drawn_by`.
    """
    if others is None:
        return None, ()
    imputer = Imputer(worlds.events, window, worlds.seed, others=others)
    return imputer.observed(worlds.samples, generator(worlds.seed, 0)), imputer.notes


def _degrees(shape: Polygon | MultiPolygon, window: Window) -> Polygon | MultiPolygon:
    return polygons(
        shapely.transform(shape, lambda points: np.column_stack(window.unproject(points)))
    )
