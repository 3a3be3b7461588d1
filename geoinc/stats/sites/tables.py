"""A figure for every known site: the table, its layer for the map, and its picture."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geoinc.stats.plotting import INK, OBSERVED, QUIET, STANDS_OUT, axes_of, captioned, logarithmic
from geoinc.stats.results import Result, false_discovery

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from geoinc.stats.sites.attacks import Attacks

#: The row of all incidents, those at no known site among them.
ALL = "all incidents"
#: A site with fewer incidents has no trend and no gaps worth a row.
FEW = 5
#: How many sites a picture shows.
_DRAWN = 25


@dataclass(frozen=True, eq=False, kw_only=True)
class SiteTable(Result):
    """A figure for every known site.

    Parameters
    ----------
    value : pandas.Series
        The figure, by site.
    interval : tuple of pandas.Series
        Low and high, 95 %.
    table : pandas.DataFrame
        The same with all that belongs to it, a row a site.
    title, unit : str
        What the figure is.
    nothing : float, optional
        The figure that means no difference, such as a ratio of 1; pictures have a
        line there, and a logarithmic axis.
    """

    value: pd.Series
    table: pd.DataFrame = field(repr=False)
    title: str
    unit: str
    nothing: float | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return the table, one row a site."""
        return self.table.copy()

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return the sites with their figures, for the map."""
        if "longitude" not in self.table:
            msg = "pairs of sites are no places: draw one site's figures"
            raise ValueError(msg)
        table = self.table[self.table["longitude"].notna()]
        low, high = (part[table.index] for part in self.interval or (self.value, self.value))
        layer = gpd.GeoDataFrame(
            {
                "label": table.index.to_numpy(),
                "value": self.value[table.index].to_numpy(),
                "low": low.to_numpy(),
                "high": high.to_numpy(),
            },
            geometry=gpd.points_from_xy(table["longitude"], table["latitude"]),
            crs=4326,
        )
        layer.attrs |= {"title": self.title, "unit": self.unit, "note": self.method}
        return layer

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a dot for every site, with its interval; what differs stands out.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            A new figure by default.

        Raises
        ------
        ModuleNotFoundError
            Where matplotlib is missing (the extra ``plot``).
        """
        low, high = self.interval or (self.value, self.value)
        known = self.value.index[self.value.notna()]
        if self.nothing is None:
            known = known.drop(ALL, errors="ignore")  # so many more that the rest would shrink
        shown = known[:_DRAWN][::-1]
        ax = axes_of(ax, size=(7.6, 1.7 + 0.3 * max(len(shown), 3)))
        drawn = np.array([self.value[shown], low[shown], high[shown]], dtype=float)
        finite = drawn[np.isfinite(drawn) & ((drawn > 0) | (self.nothing is None))]
        if self.nothing is not None:
            finite = np.append(finite, self.nothing)
            ends = max(finite.min() / 1.4, 1e-3), min(finite.max() * 1.4, 1e3)
            logarithmic(ax, *ends)
            ax.axvline(self.nothing, color=INK, linewidth=1)
        else:
            ends = 0.0, finite.max(initial=1.0) * 1.06
            ax.set_xlim(*ends)
        middle, lower, upper = np.clip(drawn, *ends)
        for row in range(len(shown)):
            apart = self.nothing is not None and not lower[row] <= self.nothing <= upper[row]
            colour = STANDS_OUT if apart else QUIET if shown[row] == ALL else OBSERVED
            ax.plot([lower[row], upper[row]], [row, row], color=colour, linewidth=2, alpha=0.55)
            # What lies beyond the axis points there.
            beyond = np.sign(drawn[0, row] - middle[row])
            marker = {0: "o", 1: ">", -1: "<"}[int(beyond)]
            ax.plot(middle[row], row, marker, color=colour, markersize=6, clip_on=False)
        ax.set_ylim(-0.6, len(shown) - 0.4)
        ax.set_yticks(range(len(shown)), [self._name(name) for name in shown])
        ax.grid(axis="y", visible=False)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
        if len(known) > len(shown):
            left = f"and {len(known) - len(shown)} more"
            ax.annotate(
                left, (1, 0), (-4, 4), textcoords="offset points", xycoords="axes fraction",
                fontsize=8, color=QUIET, ha="right",
            )  # fmt: skip
        return captioned(ax, self, title=self.title, x=self.unit)

    def _name(self, name: str) -> str:
        """Return a name as the axis has it: not too long, with how many incidents there were."""
        short = " : ".join(
            textwrap.shorten(part, 30, placeholder=" …") for part in name.split(" : ")
        )
        if "events" not in self.table:
            return short
        return f"{short}  ({self.table['events'].loc[name]:.3g})"


def table_of(
    attacks: Attacks,
    rows: list[dict[str, float]],
    *,
    figure: str,
    title: str,
    unit: str,
    method: str,
    nothing: float | None = None,
) -> SiteTable:
    """Return the rows that have a figure, beside the places of their sites."""
    everything = pd.DataFrame({"place_id": ""}, index=pd.Index([ALL], name="site"))
    sites = pd.concat([attacks.sites, everything])
    figures = pd.DataFrame(rows, index=sites.index)
    warnings = attacks.warnings
    if figure not in figures:
        msg = f"no site has {FEW} incidents in the period: {observed(attacks)}"
        raise ValueError(msg)
    told = np.array([bool(row) for row in rows])
    if not told.all():
        warnings = (*warnings, f"{(~told).sum()} sites have fewer than {FEW} incidents and no row")
    table = pd.concat([sites, figures], axis=1)[told]
    if "p" in table:
        at_site = (table.index != ALL) & table["p"].notna().to_numpy()
        table["p_adjusted"] = np.nan
        if at_site.any():
            table.loc[at_site, "p_adjusted"] = false_discovery(
                table.loc[at_site, "p"].to_numpy(dtype=float)
            )
    return SiteTable(
        value=table[figure],
        interval=(table["low"], table["high"]),
        p=float(table["p"].loc[ALL]) if "p" in table and ALL in table.index else None,
        table=table,
        title=title,
        unit=unit,
        nothing=nothing,
        n_precise=attacks.n_precise,
        n_imprecise=attacks.n_imprecise,
        seed=attacks.seed,
        method=method,
        warnings=warnings,
    )


def observed(attacks: Attacks) -> str:
    """Return which days were watched, for the method."""
    last = attacks.first_day + (attacks.span - 1)
    worlds = f", {attacks.worlds} possible worlds" if attacks.worlds > 1 else ""
    return f"{attacks.first_day} to {last}{worlds}."
