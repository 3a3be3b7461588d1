"""Layers of a table that has coordinates already."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Literal

import numpy as np
import pandas as pd

from geoinc.errors import SchemaError
from geoinc.geodesy import disc
from geoinc.georeferencing import Resolution
from geoinc.layers.rows import Cells, layer_rows
from geoinc.layers.weighing import weighted
from geoinc.places import Place, places_frame
from geoinc.reports import read_reports, text_of
from geoinc.schema import ROLES, Layers

_COORDINATES = "sure: coordinates in the table"
_NO_COORDINATES = "unknown: no coordinates, or none on earth, or no uncertainty above 0 m"


def layers_from_coordinates(
    table: pd.DataFrame,
    *,
    longitude: str = "longitude",
    latitude: str = "latitude",
    uncertainty_m: float | str,
    role: Literal["launch", "target", "impact"] = "target",
) -> Layers:
    """Make layers of a table that has coordinates already.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per account; further columns as `read_reports` knows them.
    longitude, latitude : str
        Columns of decimal degrees on WGS84.
    uncertainty_m : float or str
        How far the true place may be from the coordinates, in metres: one
        figure for all rows or the column that holds it.  Coordinates alone do
        not tell it, so there is no default.
    role : {"launch", "target", "impact"}
        What happened at the coordinates.

    Returns
    -------
    Layers
        Rows without coordinates, or with impossible ones, are unresolved.

    Raises
    ------
    SchemaError
        Where a named column is missing.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"longitude": [44.36], "latitude": [33.94]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=1000)
    >>> float(layers.targets.uncertainty_m.iloc[0])
    1000.0
    """
    needed = [longitude, latitude, *([uncertainty_m] if isinstance(uncertainty_m, str) else [])]
    missing = [column for column in needed if column not in table]
    if missing:
        msg = f"no column {missing[0]!r}; the table has {', '.join(map(repr, table.columns))}"
        raise SchemaError(msg)
    # The words of such a row are its figures, so that a reader sees what was there.
    words = table[latitude].astype(str) + ", " + table[longitude].astype(str)
    reports = read_reports(table.assign(**{role: words}))
    lon, lat = _numbers(reports[longitude]), _numbers(reports[latitude])
    if isinstance(uncertainty_m, str):
        radius = _numbers(reports[uncertainty_m])
    else:
        radius = np.full(len(reports), float(uncertainty_m))
    good = (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & (radius > 0)
    spots = np.column_stack([lon, lat, radius])
    distinct, which = np.unique(spots[good], axis=0, return_inverse=True)
    places = [point_place(*spot, source="the table") for spot in distinct.tolist()]
    answers = [
        Resolution(place.name, "resolved", place, "coordinates", 1.0, _COORDINATES, ())
        for place in places
    ]
    answers.append(Resolution("", "unresolved", None, "", 0.0, _NO_COORDINATES, ()))
    codes = np.full(len(reports), len(places))
    codes[good] = which.ravel()
    here = np.arange(len(reports))
    cells = Cells(here, np.ones_like(here), text_of(reports, role), text_of(reports, ""))
    empty = Cells(here[:0], here[:0], cells.words[:0], cells.count[:0])
    layers = {
        name: layer_rows(
            reports,
            cells if name == role else empty,
            answers,
            codes if name == role else here[:0],
            name,
        )
        for name in ROLES
    }
    return weighted(
        Layers(layers["launch"], layers["target"], layers["impact"], places_frame(places))
    )


def _numbers(column: pd.Series) -> np.ndarray[Any, Any]:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)


def point_place(longitude: float, latitude: float, uncertainty_m: float, *, source: str) -> Place:
    """Return the place of coordinates that may be wrong by a distance, in metres."""
    name = f"{latitude:.5f}, {longitude:.5f}"
    digest = blake2b(f"{longitude!r} {latitude!r} {uncertainty_m!r}".encode(), digest_size=6)
    return Place(
        place_id=f"point-{digest.hexdigest()}",
        name=name,
        kind="coordinates",
        footprint=disc(longitude, latitude, uncertainty_m),
        longitude=longitude,
        latitude=latitude,
        uncertainty_m=uncertainty_m,
        position_error_m=uncertainty_m,
        source=source,
        licence="",
        shape=f"disc radius_m={uncertainty_m:g}",
    )
