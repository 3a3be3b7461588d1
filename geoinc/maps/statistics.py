"""Statistics on the map: areas coloured by their figures, lines and points with their labels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.maps.outlines import UNIT, rings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Most colours of a scale.
CLASSES = 4

#: So many areas with different figures make a coloured map; fewer are outlines with a label.
_ENOUGH = 3

#: Outlines of statistics are drawn no finer than a part of their size.
_FINE = 0.002


def parted(items: Iterable[Any]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Part what is added to a map into statistics and folium elements.

    Parameters
    ----------
    items : iterable
        GeoDataFrames, folium elements, and results whose ``to_layer()`` gives either.

    Returns
    -------
    statistics : list of dict
        From `coded`.
    elements : list
        What folium draws.
    """
    layers = [item.to_layer() if hasattr(item, "to_layer") else item for item in items]
    statistics = [coded(layer) for layer in layers if isinstance(layer, gpd.GeoDataFrame)]
    return statistics, [layer for layer in layers if not isinstance(layer, gpd.GeoDataFrame)]


def coded(layer: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return a statistic as the page draws it.

    Parameters
    ----------
    layer : GeoDataFrame
        Columns ``label``, ``value``, ``low`` and ``high``, as far as there are any; ``attrs`` with
        ``title``, ``unit`` and ``note``.

    Returns
    -------
    dict
        ``title``, ``unit``, ``note``; ``breaks``, the lower bounds of the classes of its colours, none
        where areas are outlines; by feature, the largest area first: ``labels``, ``values``, ``lows``, ``highs``, ``kinds``
        (0 a point, 1 a line, 2 an area), ``shapes`` (lines of steps of 1/``step`` of a degree).

    Raises
    ------
    ValueError
        Where it has no coordinate reference system.
    """
    if layer.crs is None:
        msg = "a layer of add= needs a coordinate reference system: layer.set_crs(4326)"
        raise ValueError(msg)
    table = layer.to_crs(4326)
    table = table[table.geometry.notna() & ~table.geometry.is_empty]
    shapes = table.geometry.to_numpy()
    order = np.argsort(-shapely.area(shapes), kind="stable")
    table, shapes = table.iloc[order], shapes[order]
    kinds = np.asarray(shapely.get_dimensions(shapes), dtype=int)
    figures = {name: _figures(table, name) for name in ("value", "low", "high")}
    unit = str(layer.attrs.get("unit", ""))
    if unit == "m":
        # Metres are for computing; a reader of a map has kilometres.
        unit, figures = "km", {name: values / 1000 for name, values in figures.items()}
    areas = figures["value"][kinds == 2]
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    fine = np.clip(_FINE * np.maximum(east - west, north - south), 1 / UNIT, 0.02)
    labels = table["label"] if "label" in table else pd.Series(table.index, table.index)
    return {
        "title": str(layer.attrs.get("title", "")),
        "unit": unit,
        "note": str(layer.attrs.get("note", "")),
        "breaks": breaks(areas) if len(np.unique(areas[np.isfinite(areas)])) >= _ENOUGH else [],
        "labels": ["" if pd.isna(label) else str(label) for label in labels],
        **{f"{name}s": [_number(value) for value in values] for name, values in figures.items()},
        "kinds": kinds.tolist(),
        "step": UNIT,
        "shapes": [
            rings(shape, UNIT) for shape in shapely.simplify(shapely.force_2d(shapes), fine)
        ],
    }


def _figures(table: pd.DataFrame, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    if name not in table:
        return np.full(len(table), np.nan)
    values: np.ndarray[Any, np.dtype[np.float64]] = pd.to_numeric(
        table[name], errors="coerce"
    ).to_numpy(dtype=float, na_value=np.nan)
    return values


def _number(value: float) -> float | None:
    """Return a figure with no more digits than a reader can use; None where there is none."""
    if not math.isfinite(value):
        return None
    return float(f"{value:.4g}") if abs(value) < 1e4 else float(round(value))


def breaks(values: Sequence[float] | np.ndarray[Any, Any]) -> list[float]:
    """Return the lower bounds of the classes of a scale: quantiles, as round as they may be.

    Zero is no class: nothing was counted there, and nothing is coloured.

    Parameters
    ----------
    values : array of float
        Figures of areas.

    Returns
    -------
    list of float
        Rising, at most `CLASSES`; each class holds a value.

    Examples
    --------
    >>> breaks([0, 1, 2, 3, 5, 8, 13, 21])
    [1.0, 3.0, 5.0, 10.0]
    """
    known = np.asarray(values, dtype=float)
    known = np.unique(known[np.isfinite(known) & (known != 0)])
    if len(known) <= CLASSES:
        return [float(value) for value in known]
    edges = np.quantile(known, np.arange(1, CLASSES) / CLASSES, method="higher")
    lowest = _rounded(float(known[0]), float(known[1]), down=True)
    bounds = [lowest]
    for edge in edges.tolist():
        below = float(known[known < edge].max())
        bounds.append(_rounded(edge, below, down=False))
    return bounds


def _rounded(value: float, other: float, *, down: bool) -> float:
    """Return the roundest figure that parts a value from another: no higher than the value."""
    for digits in range(1, 6):
        power = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)
        rounded = math.floor(value / power + 1e-9) * power
        if down or rounded > other:
            return float(f"{rounded:.6g}")
    return value


def span(statistic: dict[str, Any], number: int) -> str:
    """Return the figure of a feature with its interval: "12 attacks" and the bounds in brackets.

    Parameters
    ----------
    statistic : dict
        From `coded`.
    number : int
        Which feature.
    """
    value, low, high = (statistic[name][number] for name in ("values", "lows", "highs"))
    if value is None:
        return ""
    text = f"{value:g} {statistic['unit']}".strip()
    if low is None or high is None or low == high == value:
        return text
    return f"{text} ({low:g}–{high:g})"  # noqa: RUF001


def class_of(value: float | None, bounds: Sequence[float]) -> int:
    """Return the number of a value's class, -1 where it has no colour."""
    if value is None or value == 0 or not bounds:
        return -1
    return max(0, int(np.searchsorted(bounds, value, side="right")) - 1)


def unsure(statistic: dict[str, Any], number: int) -> bool:
    """Return whether the interval of a feature reaches into another class."""
    bounds = statistic["breaks"]
    low, high = statistic["lows"][number], statistic["highs"][number]
    return low is not None and high is not None and class_of(low, bounds) != class_of(high, bounds)
