"""Distances between two tables of coordinates, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.distance.tables import coordinates, on_earth
from geoinc.geodesy import inverse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def distances_between(
    starts: pd.DataFrame, ends: pd.DataFrame, *, max_distance_m: float | None = None
) -> pd.DataFrame:
    """Measure from each row of a table to the same row of another.

    For tables that have coordinates already; see `distances` for places that
    are areas.

    Parameters
    ----------
    starts, ends : pandas.DataFrame
        Columns ``longitude`` and ``latitude`` in degrees on WGS84, or a
        GeoDataFrame of points; equal indexes.
    max_distance_m : float, optional
        What is farther, in metres, cannot be: it is measured and flagged.

    Returns
    -------
    pandas.DataFrame
        The same index; ``distance_m``, geodesic on WGS84; ``azimuth_deg`` at the
        start, clockwise from north; ``fault``, why a pair is impossible, blank
        where it is not.  A pair with a coordinate that is missing or not on earth
        has no distance; no pair is dropped.

    Raises
    ------
    ValueError
        Where the indexes differ, or a table has no coordinates.

    Examples
    --------
    >>> import pandas as pd
    >>> starts = pd.DataFrame({"longitude": [44.0, 1355.0], "latitude": [33.0, 4248.0]})
    >>> ends = pd.DataFrame({"longitude": [45.0, 12.0], "latitude": [33.0, 45.0]})
    >>> measured = distances_between(starts, ends)
    >>> measured["distance_m"].round().to_list(), measured["fault"].to_list()
    ([93453.0, nan], ['', 'the start is not on earth'])
    """
    if not starts.index.equals(ends.index):
        msg = "the two tables have different indexes: which row belongs to which is not told"
        raise ValueError(msg)
    here, there = coordinates(starts, "starts"), coordinates(ends, "ends")
    faults = np.full(len(starts), "", dtype=object)
    for points, name in ((there, "end"), (here, "start")):
        missing = np.isnan(points[0]) | np.isnan(points[1])
        faults[~on_earth(*points)] = f"the {name} is not on earth"
        faults[missing] = f"the {name} is missing"
    distance_m, azimuth_deg = _measured(here, there, faults == "")
    if max_distance_m is not None:
        faults[distance_m > max_distance_m] = f"farther than {max_distance_m / 1000:g} km"
    return pd.DataFrame(
        {"distance_m": distance_m, "azimuth_deg": azimuth_deg, "fault": faults},
        index=starts.index,
    )


def _measured(
    here: tuple[Floats, Floats], there: tuple[Floats, Floats], good: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return distances and azimuths, NaN where a pair is not good."""
    if good.all():
        return inverse(*here, *there)
    distance_m, azimuth_deg = np.full((2, len(good)), np.nan)
    distance_m[good], azimuth_deg[good] = inverse(*(values[good] for values in (*here, *there)))
    return distance_m, azimuth_deg
