"""The map on which events are drawn: the provinces they lie in, and a scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoinc.stats.plotting import BORDER, GROUND, PAPER, axes_of, ground, outline
from geoinc.stats.windows import countries_at, provinces

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: A map is no smaller than this, degrees, though all events are at one place.
_LEAST_DEG = 0.2


def map_axes(ax: Axes | None, longitude: Floats, latitude: Floats) -> Axes:
    """Return axes of a map of where events lie, with the outlines of the provinces.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        Axes of the caller, else those of a new figure.
    longitude, latitude : array of float
        Of the events, degrees.
    """
    ax = axes_of(ax)
    west, east = longitude.min() - _LEAST_DEG / 2, longitude.max() + _LEAST_DEG / 2
    south, north = latitude.min() - _LEAST_DEG / 2, latitude.max() + _LEAST_DEG / 2
    ground(ax, shapely.box(west, south, east, north))
    # The box only sets the limits; land is what is in the provinces.
    ax.patches[-1].set(facecolor=GROUND, edgecolor="none")
    limits = ax.get_xlim(), ax.get_ylim()
    countries = countries_at(np.asarray(longitude), np.asarray(latitude))
    if countries:
        seen = shapely.box(limits[0][0], limits[1][0], limits[0][1], limits[1][1])
        shapes = np.asarray(provinces(countries).geometry.array)
        for shape in shapely.intersection(shapely.make_valid(shapes), seen):
            outline(ax, shape, facecolor=PAPER, edgecolor=BORDER, linewidth=0.6, zorder=0.5)
    ax.set_xlim(limits[0])
    ax.set_ylim(limits[1])
    return ax
