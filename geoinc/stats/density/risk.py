"""Where one kind of incident, or one period, has a greater share than elsewhere: the relative risk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from geoinc.geodesy import polygons
from geoinc.schema import Layers
from geoinc.stats.density.contours import above, grown
from geoinc.stats.density.kernel_density import (
    Rule,
    corners_of,
    drawn_by,
    drawn_by_density,
    sigma_of,
)
from geoinc.stats.density.smoothing import Grid
from geoinc.stats.events import PRECISE_M, events_of
from geoinc.stats.patterns.imputing import Others
from geoinc.stats.plotting import (
    BORDER,
    DIVERGING,
    INK,
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
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from geoinc.stats.events import Events
    from geoinc.stats.windows import Window
    from geoinc.stats.worlds import EventWorlds, Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

#: Below this a place differs, in pictures and on the map.
_UNLIKELY = 0.05
#: Where the density is less than that of so many incidents at one spot nothing is said.
_REACHED = 2.0


@dataclass(frozen=True, eq=False, kw_only=True)
class RelativeRisk(Result):
    """How many times the share of the cases here is that of the others.

    Parameters
    ----------
    value : array of float, two dimensions
        1 where both have the same share of their own total; rows from south to north; NaN
        outside the window and where the density is less than at two incidents on one spot.
    surface : array of float
        At each cell the p-value of 1, two-sided, by random labelling; not adjusted
        for how many cells there are.
    p : float
        Of the ratio being 1 everywhere: the greatest deviation of all cells, so adjusted.
    cases, others : int
        How many incidents are compared.
    grid : Grid
        Where the cells lie, metres in the projection of the window.
    window : Window
        The area that was watched.
    sigma_m : tuple of float
        Standard deviation of the kernel from west to east and south to north, metres.
    """

    value: Floats = field(repr=False)
    surface: Floats = field(repr=False)
    cases: int
    others: int
    grid: Grid = field(repr=False)
    window: Window = field(repr=False)
    sigma_m: tuple[float, float]

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each cell that has a value: where its middle lies, ``value`` and ``p``."""
        x, y = np.meshgrid(self.grid.columns, self.grid.rows)
        told = np.isfinite(self.value)
        longitude, latitude = self.window.unproject(np.column_stack([x[told], y[told]]))
        return pd.DataFrame(
            {
                "longitude": longitude,
                "latitude": latitude,
                "value": self.value[told],
                "p": self.surface[told],
            }
        )

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the areas where p is at most 0.05: of higher and of lower share, for the map.

        ``value`` is the median ratio of the area, ``low`` and ``high`` the least and greatest.
        """
        rows, shapes = [], []
        for label, higher in (("higher share", True), ("lower share", False)):
            differs = (self.surface <= _UNLIKELY) & ((self.value > 1) == higher)
            area = self._where(higher=higher)
            if differs.any() and not area.is_empty:
                inside = self.value[differs]
                rows.append([label, np.median(inside), inside.min(), inside.max()])
                shapes.append(shapely.transform(area, self._degrees))
        layer = gpd.GeoDataFrame(
            pd.DataFrame(rows, columns=["label", "value", "low", "high"]),
            geometry=np.array(shapes, dtype=object),
            crs=4326,
        )
        layer.attrs |= {"title": "Relative risk", "unit": "ratio of shares", "note": self.method}
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ratio over the window; lines enclose where it differs from 1, p at most 0.05.

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
        from matplotlib.colors import LogNorm  # noqa: PLC0415  # an extra

        ground(ax, self.window.shape)
        told = self.value[np.isfinite(self.value)]
        most = float(np.exp(np.abs(np.log(np.clip(told, 1 / 16, 16))).max(initial=np.log(2))))
        mesh = raster(
            ax,
            np.clip(self.value, 1 / most, most),
            corners_of(self.grid, self.window),
            cmap=colours(DIVERGING),
            norm=LogNorm(1 / most, most),
        )
        outline(ax, self.window.shape, facecolor="none", edgecolor=BORDER, linewidth=1, zorder=3)
        for higher, dashes in ((True, "-"), (False, "--")):
            area = shapely.transform(self._where(higher=higher), self._degrees)
            style = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.1, "linestyle": dashes}
            told_as = f"{'higher' if higher else 'lower'} share, p ≤ {_UNLIKELY}"
            outline(ax, area, label=told_as, zorder=4, **style)
        captioned(ax, self, title=f"Relative risk: {self.cases:,} cases, {self.others:,} others")
        scale = bar(ax, mesh, "share of the cases ÷ share of the others")
        steps = [
            step
            for step in (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16)
            if 1 / most <= step <= most
        ]
        scale.set_ticks(
            steps, labels=[f"{step:g}" if step >= 1 else f"1/{1 / step:g}" for step in steps]
        )
        scale.minorticks_off()
        return ax

    def _where(self, *, higher: bool) -> shapely.geometry.base.BaseGeometry:
        """Return in the plane where the ratio differs from 1, upwards or downwards."""
        told = np.isfinite(self.value)
        signed = np.where((self.value > 1) == higher, 1 - self.surface, 0.0)
        filled = grown(np.where(told, signed, 0.0), told)
        area = above(filled, self.grid.columns, self.grid.rows, 1 - _UNLIKELY)
        reach = above(told.astype(float), self.grid.columns, self.grid.rows, 0.5)
        return polygons(shapely.intersection(shapely.intersection(area, reach), self.grid.window))

    def _degrees(self, points: Floats) -> Floats:
        return np.column_stack(self.window.unproject(points))


def relative_risk(
    source: Any,
    cases: ArrayLike,
    *,
    role: str = "target",
    window: Any = None,
    bandwidth: Rule | float = "scott",
    cells: int = 128,
    simulations: int = 999,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 99,
    rng: Rng | None = None,
) -> RelativeRisk:
    """Compare where two kinds of incidents lie, or those of two periods.

    Parameters
    ----------
    source : Layers, GeoDataFrame or (longitude, latitude)
        As in `events_of`: both kinds together.
    cases : array_like of bool
        Which are of the first kind: one for each row of the layer or of the points, such
        as ``layers.targets["event_type"] == "rocket"`` or
        ``layers.targets["date_start"] >= "2021-07-01"``.  An incident is a case if
        one of its rows is.
    role : {"launch", "target", "impact"}
        Which places of layers.
    window : Window, polygon or GeoDataFrame, optional
        The area that was watched; by default as `window_of`, and said.
    bandwidth : {"scott", "diggle", "ppl", "cvl"} or float
        As in `kernel_density`, the same for both.
    cells : int
        Cells along the longer side of the window.
    simulations : int
        How often the labels are dealt anew, for p.
    precise_m : float
        Places known no better than this radius, in metres, are imprecise.
    uncertainty : {"propagate", "precise-only", "ignore"}
        Spread an incident over its area, as `kernel_density` does; leave out the
        imprecise; or take the centres.
    samples : int
        Positions an incident is spread over.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    RelativeRisk
        The ratio on a grid, with the p-value at each cell, and of all together.

    Raises
    ------
    ValueError
        Where `cases` does not fit the rows, or fewer than two incidents are of either kind.

    Notes
    -----
    The ratio of two kernel densities, each of its own total; edges fall out of it.  The
    labels are dealt anew among the precise and among the imprecise incidents apart, so the
    test holds however coarse some places are, and where one kind is known better than the other.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> from geoinc.stats import relative_risk
    >>> rng = np.random.default_rng(1)
    >>> points = np.concatenate([rng.normal(44, 0.3, 60), rng.normal(45, 0.3, 60)]), rng.normal(34, 0.3, 120)
    >>> result = relative_risk(points, np.arange(120) < 60, window=shapely.box(43, 33, 46, 35), rng=1)
    >>> bool(result.p <= 0.01)
    True
    """
    watched = window_of(source if isinstance(source, Layers) else None, window, role=role)
    all_events = events_of(source, role=role, precise_m=precise_m)
    marked = _marked(source, role, cases, all_events)
    events = events_of(all_events, window=watched)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    events = worlds.events
    is_case = np.isin(events.key, list(marked))
    if min(is_case.sum(), (~is_case).sum()) < 2:
        msg = (
            f"two incidents at least of either kind are needed in the window: there are "
            f"{is_case.sum()} cases and {(~is_case).sum()} others"
        )
        raise ValueError(msg)
    grid = Grid(watched.planar, cells)
    sigma_m, rule = sigma_of(events, watched, bandwidth)
    others = drawn_by(worlds, lambda: Others.of(events, watched))
    drawn, notes = drawn_by_density(worlds, watched, others)
    spread = _spread(worlds, watched, grid, drawn)
    along, across = grid.kernels(sigma_m)

    def smoothed(weight: Floats) -> Floats:
        masses = np.asarray(weight @ spread).reshape(grid.inside.shape)
        return np.asarray(along @ masses @ across)

    pooled = smoothed(events.weight)
    at_one_spot = 1 / (2 * np.pi * sigma_m[0] * sigma_m[1])
    told = grid.inside & (pooled >= _REACHED * at_one_spot)
    if not told.any():
        msg = "nowhere do two incidents lie in reach of the kernel: take a greater bandwidth"
        raise ValueError(msg)
    pooled = pooled[told]

    def log_ratio(chosen: Bools) -> Floats:
        one = smoothed(events.weight * chosen)[told]
        shares = one / events.weight[chosen].sum(), (pooled - one) / events.weight[~chosen].sum()
        # Where one kind is too far away for any number the ratio stays one.
        one, other = (np.maximum(share, 0) + 1e-3 * at_one_spot / len(events) for share in shares)
        return np.asarray(np.log(one / other))

    found = log_ratio(is_case)
    chance = generator(worlds.seed, 0)
    dealt = np.array(
        [log_ratio(_dealt(is_case, events.precise, chance)) for _ in range(simulations)]
    )
    higher, lower = ((sign * dealt >= sign * found).sum(axis=0) for sign in (1, -1))
    p = np.minimum(1.0, 2 * (1 + np.minimum(higher, lower)) / (1 + simulations))
    everything = np.vstack([found, dealt])
    centred = np.abs(everything - everything.mean(axis=0)) / everything.std(axis=0)
    greatest = centred.max(axis=1)
    value, surface = np.full(told.shape, np.nan), np.full(told.shape, np.nan)
    value[told], surface[told] = np.exp(found), p
    km = " by ".join(f"{sigma / 1000:.3g}" for sigma in dict.fromkeys(sigma_m))
    return RelativeRisk(
        value=value,
        surface=surface,
        p=float((1 + (greatest[1:] >= greatest[0]).sum()) / (1 + simulations)),
        cases=int(is_case.sum()),
        others=int((~is_case).sum()),
        grid=grid,
        window=watched,
        sigma_m=sigma_m,
        n_precise=events.n_precise,
        n_imprecise=events.n_imprecise,
        seed=worlds.seed,
        method=f"Ratio of Gaussian kernel densities, bandwidth {km} km ({rule}), "
        f"{simulations} random labellings.",
        warnings=(*worlds.warnings, *((watched.note,) if watched.note else ()), *notes),
    )


def _marked(source: Any, role: str, cases: ArrayLike, events: Events) -> set[str]:
    """Return the keys of the events that are cases."""
    keys = events.key
    if isinstance(source, Layers):
        keys = source.layer(role)["incident"].to_numpy()
    elif isinstance(source, gpd.GeoDataFrame):
        keys = source.index.astype(str).to_numpy()
    told = pd.Series(np.asarray(cases, dtype=object))
    known = told.map(lambda one: isinstance(one, bool | np.bool_))
    if len(told) != len(keys) or not known.all():
        msg = f"cases must be one True or False for each of the {len(keys)} rows, none missing"
        raise ValueError(msg)
    return set(keys[told.to_numpy(dtype=bool)])


def _dealt(is_case: Bools, precise: Bools, chance: np.random.Generator) -> Bools:
    """Return the labels dealt anew, among the precise and among the imprecise apart."""
    dealt = is_case.copy()
    for some in (precise, ~precise):
        dealt[some] = chance.permutation(is_case[some])
    return dealt


def _spread(worlds: EventWorlds, window: Window, grid: Grid, drawn: Floats | None) -> csr_array:
    """Return how much of each event lies at the middle of each cell: a row an event."""
    events = worlds.events
    parts = []
    numbers = np.arange(len(events))
    for number, world in enumerate(worlds):
        points = window.project(world.longitude, world.latitude)
        if drawn is not None:
            points[~world.precise] = drawn[number]
        kept = shapely.contains_xy(grid.window, points[:, 0], points[:, 1])
        kept |= worlds.samples == 1
        cell, share = grid.shares(points[kept])
        rows = np.tile(numbers[kept], 4)
        shape = (len(events), grid.inside.size)
        parts.append(csr_array((share.ravel(), (rows, cell.ravel())), shape=shape))
    return sum(parts[1:], parts[0]) / worlds.samples
