"""Counts in equal tiles of the window, and whether they differ more or less than chance has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.special import chdtr, chdtrc  # type: ignore[import-untyped]

from geoinc.stats.events import PRECISE_M
from geoinc.stats.patterns.curves import pattern_of
from geoinc.stats.patterns.monte_carlo import (
    against_null,
    averaged,
    events_to_test,
    imputed_words,
    two_sided_p,
)
from geoinc.stats.plotting import DIVERGING, axes_of, bar, captioned, colours, ground, outline
from geoinc.stats.results import Result
from geoinc.stats.worlds import worlds_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoinc.stats.frames import Frame
    from geoinc.stats.windows import Window
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Quadrats(Result):
    """Counts in tiles: ``value`` is the chi-squared of their differences from the expected.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        One row a tile: ``count`` (mean over the draws of imprecise events), ``expected``,
        ``residual`` ((count - expected) / sqrt(expected)), ``area_km2``, the part in the window.
    df : int
        Degrees of freedom: tiles less one.
    p_chi2 : float
        Two-sided p of the chi-squared distribution, for comparison; it is not
        to be trusted where counts of less than 5 are expected, or places are imprecise.
    window : Window
        What was cut into tiles.
    """

    table: gpd.GeoDataFrame
    df: int
    p_chi2: float
    window: Window

    def to_frame(self) -> pd.DataFrame:
        """Return the tiles as a plain table."""
        return pd.DataFrame(self.table.drop(columns="geometry"))

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the tiles as a layer of a map, by their residuals."""
        layer = gpd.GeoDataFrame(
            {
                "label": [
                    f"{count:.3g} of {expected:.3g} expected"
                    for count, expected in zip(
                        self.table["count"], self.table["expected"], strict=True
                    )
                ],
                "value": self.table["residual"],
                "low": np.nan,
                "high": np.nan,
            },
            geometry=self.table.geometry,
            crs=4326,
        )
        layer.attrs = {
            "title": "Events in equal tiles",
            "unit": "standard deviations from the expected",
            "note": self.method,
        }
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the tiles with their counts, coloured by residual (extra ``plot``)."""
        ax = axes_of(ax, size=(6.4, 5.8))
        ground(ax, self.window.shape)
        scale = colours(DIVERGING)
        most = float(np.abs(self.table["residual"]).max()) or 1.0
        for shape, count, residual in zip(
            self.table.geometry, self.table["count"], self.table["residual"], strict=True
        ):
            outline(ax, shape, facecolor=scale((residual / most + 1) / 2), edgecolor="white")
            middle = shape.centroid
            spot = middle if shape.covers(middle) else shape.representative_point()
            ax.annotate(f"{count:.3g}", (spot.x, spot.y), ha="center", va="center", fontsize=9)
        from matplotlib.cm import ScalarMappable  # noqa: PLC0415  # an extra
        from matplotlib.colors import Normalize  # noqa: PLC0415

        bar(ax, ScalarMappable(Normalize(-most, most), scale), "residual, standard deviations")
        return captioned(ax, self, title=f"Events in equal tiles, p = {self.p:.3g}")


def quadrat_test(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    tiles: tuple[int, int] = (4, 4),
    simulations: int = 199,
    uncertainty: Uncertainty = "propagate",
    samples: int = 5,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Quadrats:
    """Count events in tiles of the window and test the counts against complete randomness.

    Parameters
    ----------
    source, role, window, uncertainty, rng, precise_m
        As of `k_function`.
    tiles : tuple of int
        How many from west to east and from south to north, of equal area; what a tile is
        expected to hold goes by its part in the window.
    simulations : int
        Of the null, at least 19.
    samples : int
        Draws of the imprecise events, in the data and in each simulation.

    Returns
    -------
    Quadrats
        ``p`` is two-sided, from the simulations, which are coarsened and imputed as the data.

    Raises
    ------
    ValueError
        Where there are fewer than 3 events, or most share coordinates.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import quadrat_test
    >>> rng = np.random.default_rng(1)
    >>> points = rng.uniform(43, 45, 200), rng.uniform(33, 35, 200)
    >>> result = quadrat_test(points, window=shapely.box(43, 33, 45, 35), rng=1)
    >>> result.df, bool(result.p > 0.05)
    (15, True)
    """
    events, area = pattern_of(source, role=role, window=window, precise_m=precise_m)
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    tested = events_to_test(worlds, uncertainty)
    shapes, number = tiles_of(area.frame, tiles)
    sizes = shapely.area(shapes)
    expected = len(tested) * sizes / sizes.sum()

    def counts(points: Floats) -> Floats:
        at = number(points)
        return np.bincount(at[at >= 0], minlength=len(shapes)).astype(float)

    observed, simulated, notes = against_null(
        averaged(counts),
        tested,
        area,
        intensity=None,
        simulations=simulations,
        samples=samples,
        seed=worlds.seed,
    )
    value = float(((observed - expected) ** 2 / expected).sum())
    chance = ((simulated - expected) ** 2 / expected).sum(axis=1)
    df = len(shapes) - 1
    table = gpd.GeoDataFrame(
        {
            "count": observed,
            "expected": expected,
            "residual": (observed - expected) / np.sqrt(expected),
            "area_km2": sizes / 1e6,
        },
        geometry=gpd.GeoSeries(shapes, crs=area.crs).to_crs(4326),
    )
    return Quadrats(
        value=value,
        p=two_sided_p(value, chance),
        table=table,
        df=df,
        p_chi2=chi2_p(value, df),
        window=area,
        n_precise=worlds.events.n_precise,
        n_imprecise=worlds.events.n_imprecise,
        seed=worlds.seed,
        method=(
            f"Chi-squared of counts in {len(shapes)} tiles: {value:.1f}; two-sided p from {simulations} "
            "simulations of complete randomness" + imputed_words(tested, samples)
        ),
        warnings=(*worlds.warnings, *((area.note,) if area.note else ()), *notes),
    )


def chi2_p(value: float, df: int) -> float:
    """Return the two-sided p of a chi-squared, as spatstat's ``quadrat.test`` has it."""
    return float(2 * min(chdtrc(df, value), chdtr(df, value)))


def tiles_of(frame: Frame, tiles: tuple[int, int]) -> tuple[NDArray[np.object_], Any]:
    """Return the parts of tiles in a window, and a function that tells in which points lie."""
    west, south, east, north = frame.bounds
    columns, rows = tiles
    if columns < 1 or rows < 1 or columns * rows < 2:
        msg = f"tiles={tiles!r}: give at least two, as (west to east, south to north)"
        raise ValueError(msg)
    width, height = (east - west) / columns, (north - south) / rows
    boxes: list[BaseGeometry] = [
        shapely.box(
            west + i * width, south + j * height, west + (i + 1) * width, south + (j + 1) * height
        )
        for j in range(rows)
        for i in range(columns)
    ]
    parts = np.asarray(shapely.intersection(boxes, frame.shape))
    there = shapely.area(parts) > 0
    rank = np.where(there, np.cumsum(there) - 1, -1)

    def number(points: Floats) -> NDArray[np.intp]:
        i = np.clip(((points[:, 0] - west) / width).astype(int), 0, columns - 1)
        j = np.clip(((points[:, 1] - south) / height).astype(int), 0, rows - 1)
        return np.asarray(rank[j * columns + i])

    return parts[there], number
