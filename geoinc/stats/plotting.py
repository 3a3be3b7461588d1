"""One look for every picture: paper ground, quiet axes with units, beneath them n and the method."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.colorbar import Colorbar
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoinc.stats.results import Result

    Floats = NDArray[np.float64]

#: The colours of the incident map.
INK, QUIET, LINE, PAPER, GROUND = "#23272E", "#646A73", "#E4E1D8", "#FBFAF6", "#EFEDE6"
BORDER = "#A9A391"
#: Blue for what was observed, vermilion for what stands out, the rest for further series; told
#: apart by the colour-blind too.
OBSERVED, STANDS_OUT = "#0072B2", "#D55E00"
SERIES = (OBSERVED, STANDS_OUT, "#5B2A86", "#009E73", "#8A8577", "#CC79A7")
#: What chance or doubt leaves open.
BAND = "#CFCABC"
#: From nothing to much, and from less to more than expected.
SEQUENTIAL = (PAPER, "#F3DFC1", "#E9A76B", "#C8553D", "#6B1F2A")
DIVERGING = ("#0B4F7D", "#7FB2D3", PAPER, "#F0A878", "#A63D0A")

#: Small print, points.
_SMALL = 8.5


def axes_of(
    ax: Axes | None,
    *,
    size: tuple[float, float] = (7.2, 4.8),
    projection: str | None = None,
) -> Axes:
    """Return the axes to draw on, in the look of all pictures: those given, or of a new figure.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        Axes of the caller.
    size : tuple of float
        Width and height of a new figure, inches.
    projection : str, optional
        Of a new figure, such as ``polar``.

    Raises
    ------
    ModuleNotFoundError
        Where matplotlib is missing (the extra ``plot``).
    """
    if ax is None:
        try:
            from matplotlib import pyplot as plt  # noqa: PLC0415  # an extra, and slow to import
        except ModuleNotFoundError as error:
            msg = "drawing needs matplotlib: pip install 'geoinc[plot]'"
            raise ModuleNotFoundError(msg, name="matplotlib") from error
        kind = {"projection": projection}
        figure, ax = plt.subplots(figsize=size, layout=None, subplot_kw=kind)
        figure.set_layout_engine("constrained", w_pad=0.1, h_pad=0.12)
    ax.set_facecolor(PAPER)
    ax.set_axisbelow(True)
    ax.grid(color=LINE, linewidth=0.8)
    for side, spine in ax.spines.items():
        spine.set_visible(side in {"left", "bottom", "polar"})
        spine.set_color(BORDER)
    ax.tick_params(color=BORDER, labelcolor=INK, labelsize=9, length=3)
    return ax


def captioned(ax: Axes, result: Result, *, title: str, x: str = "", y: str = "") -> Axes:
    """Write title, axes with their units, and below them how many events and which method.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `axes_of`.
    result : Result
        What is drawn.
    title : str
        What the picture shows, in one line.
    x, y : str
        What the axes show, with the unit; nothing for a map.
    """
    known = f"n = {result.n_precise + result.n_imprecise:,}"
    if result.n_imprecise:
        known += f" ({result.n_imprecise:,} imprecise)"
    figure = _figure(ax)
    drop = 42 if x else 26  # points from the axes to what stands beneath them
    if ax.get_legend_handles_labels()[1] and ax.get_legend() is None:
        # On a map beneath it, where it hides nothing.
        place: dict[str, Any] = {"facecolor": "white", "edgecolor": LINE}
        if ax.get_aspect() != "auto":
            high = ax.get_position().height * figure.get_figheight() * 72
            below = drop / high
            place = {"loc": "upper left", "bbox_to_anchor": (-0.02, -below), "ncols": 3}
            place |= {"frameon": False, "borderaxespad": 0, "handletextpad": 0.5}
            drop += 24
        ax.legend(fontsize=9, labelcolor=INK, **place)
    # So many letters of the title fit: they are broad, and the axes begin within the figure.
    wide = int(figure.get_figwidth() * 72 / (12 * 0.62) * 0.8)
    heading = textwrap.fill(title, wide)
    ax.set_title(heading, loc="left", fontsize=12, fontweight="bold", color=INK, pad=10)
    ax.set_xlabel(x, color=INK, fontsize=9.5)
    ax.set_ylabel(y, color=INK, fontsize=9.5)
    text = f"{known}. {result.method}"
    # matplotlib gives this label to the scales of colours.
    if [other for other in figure.axes if other.get_label() != "<colorbar>"] == [ax]:
        figure.supxlabel(
            textwrap.fill(text, _letters(figure.get_figwidth())),
            x=0.012,
            ha="left",
            fontsize=_SMALL,
            color=QUIET,
            linespacing=1.35,
        )
        return ax
    # Beside other pictures the small print stays with its own.
    ax.annotate(
        textwrap.fill(text, _letters(ax.get_position().width * figure.get_figwidth())),
        xy=(0, 0),
        xycoords="axes fraction",
        xytext=(0, -drop),
        textcoords="offset points",
        va="top",
        fontsize=_SMALL,
        color=QUIET,
        linespacing=1.35,
    )
    return ax


def colours(names: Sequence[str]) -> LinearSegmentedColormap:
    """Return a scale that runs through the colours, such as `SEQUENTIAL`."""
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415  # an extra

    return LinearSegmentedColormap.from_list("geoinc", list(names))


def logarithmic(ax: Axes, low: float, high: float) -> None:
    """Make the x axis logarithmic, from low to high, with plain numbers."""
    from matplotlib.ticker import LogLocator, NullLocator  # noqa: PLC0415  # an extra

    ax.set_xscale("log")
    ax.set_xlim(low, high)
    decades = np.log10(high / low)
    steps = [1.0, 2.0, 5.0] if decades < 2.5 else [1.0]
    if decades < 0.9:
        steps = [float(step) for step in range(1, 10)]
    ax.xaxis.set_major_locator(LogLocator(subs=steps))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def ground(ax: Axes, shape: BaseGeometry) -> None:
    """Draw an area as the ground of a map, in degrees, true to shape in its middle.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `axes_of`.
    shape : shapely geometry
        In degrees of longitude and latitude.
    """
    ax.set_facecolor(GROUND)
    outline(ax, shape, facecolor=PAPER, edgecolor=BORDER, linewidth=1.0, zorder=0)
    sheet(ax, shape)


def sheet(ax: Axes, shape: BaseGeometry) -> None:
    """Make axes a map that holds an area: degrees, true to shape in its middle, with a scale."""
    west, south, east, north = shape.bounds
    pad = max(0.04 * max(east - west, north - south), 0.02)
    ax.grid(visible=False)
    ax.set_xlim(west - pad, east + pad)
    ax.set_ylim(south - pad, north + pad)
    ax.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    ax.xaxis.set_major_formatter(lambda degrees, _: _degrees(degrees, "E", "W"))
    ax.yaxis.set_major_formatter(lambda degrees, _: _degrees(degrees, "N", "S"))
    for spine in ax.spines.values():
        spine.set_visible(True)
    _scale(ax)


def outline(ax: Axes, shape: BaseGeometry, **style: Any) -> None:
    """Draw polygons, their holes left open, in the style of a matplotlib patch."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415  # an extra
    from matplotlib.path import Path  # noqa: PLC0415

    rings = [
        Path(shapely.get_coordinates(ring), closed=True)
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    if rings:
        ax.add_patch(PathPatch(Path.make_compound_path(*rings), **style))


def raster(ax: Axes, values: Floats, corners: tuple[Floats, Floats], **style: Any) -> QuadMesh:
    """Draw a grid of values, NaN left open.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `axes_of`, after `ground`.
    values : array of float, two dimensions
        Rows from south to north.
    corners : tuple of array of float
        Longitudes and latitudes of the corners of the cells, degrees: arrays
        one longer and one wider than `values`.
    **style
        As of matplotlib's `pcolormesh`.
    """
    return ax.pcolormesh(*corners, np.ma.masked_invalid(values), rasterized=True, **style)


def bar(ax: Axes, mesh: Any, text: str) -> Colorbar:
    """Draw the scale of colours beside the map, with its unit."""
    scale = _figure(ax).colorbar(mesh, ax=ax, shrink=0.75, pad=0.02, aspect=28)
    scale.set_label(text, color=INK, fontsize=9)
    scale.ax.tick_params(color=BORDER, labelcolor=INK, labelsize=8.5, length=2)
    scale.outline.set_edgecolor(BORDER)
    return scale


def _letters(width_in: float) -> int:
    """Return how many letters of the small print fit: each is about 0.6 as wide as it is high."""
    return max(40, int(width_in * 72 / (_SMALL * 0.6)))


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    if figure is None:
        msg = "these axes stand in no figure any more"
        raise ValueError(msg)
    return figure


def _scale(ax: Axes) -> None:
    """Draw a bar of a round number of kilometres, a fifth of the map at most, lower left."""
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    degree_km = 111.32 * np.cos(np.radians((south + north) / 2))
    length_km = _round((east - west) * degree_km / 5)
    x, y = west + 0.04 * (east - west), south + 0.04 * (north - south)
    ax.plot([x, x + length_km / degree_km], [y, y], color=INK, linewidth=2, zorder=5)
    text = f"{length_km:g} km"
    ax.annotate(text, (x, y), (0, 4), textcoords="offset points", fontsize=8, color=INK, zorder=5)


def _round(value: float) -> float:
    """Return the greatest of 1, 2, 5, 10, 20, ... that is not more."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(max(step * power for step in (1, 2, 5) if step * power <= value * (1 + 1e-9)))


def _degrees(degrees: float, positive: str, negative: str) -> str:
    """Return ``44°E``."""
    return f"{abs(degrees):g}°{positive if degrees >= 0 else negative}"
