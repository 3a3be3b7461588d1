"""Locations and their uncertainty in the terms of Darwin Core, as biodiversity data have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import shapely

if TYPE_CHECKING:
    from geoinc.schema import Layers

#: The standard's term for each column that says the same.
_TERMS = {
    "account": "eventID",
    "incident": "parentEventID",
    "role": "eventType",
    "place": "verbatimLocality",
    "place_name": "locality",
    "place_country": "countryCode",
    "place_admin1": "stateProvince",
    "latitude": "decimalLatitude",
    "longitude": "decimalLongitude",
    "uncertainty_m": "coordinateUncertaintyInMeters",
    "place_match": "georeferenceProtocol",
    "place_status": "georeferenceVerificationStatus",
    "place_reason": "georeferenceRemarks",
}


def darwin_core(layers: Layers) -> pd.DataFrame:
    """Return the rows of all layers in Darwin Core's terms for location and uncertainty.

    Parameters
    ----------
    layers : Layers
        What happened where.

    Returns
    -------
    pandas.DataFrame
        One row per place of an account: ``decimalLongitude``, ``decimalLatitude``,
        ``geodeticDatum``, ``coordinateUncertaintyInMeters``, ``footprintWKT``, ``eventDate`` (a
        range where the day is not known) and more.

    Examples
    --------
    >>> import geoinc as gi, pandas as pd
    >>> table = pd.DataFrame({"longitude": [44.36], "latitude": [33.94], "date": ["2021-03"]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=1000)
    >>> darwin_core(layers)["eventDate"].to_list()
    ['2021-03-01/2021-03-31']
    """
    rows = layers.rows()
    result = rows[list(_TERMS)].rename(columns=_TERMS)
    known = rows["place_id"].ne("")
    place = rows["place_id"].where(known)
    wkt = pd.Series(
        shapely.to_wkt(layers.places.geometry.to_numpy()), layers.places.index, dtype=object
    )
    result["geodeticDatum"] = known.map({True: "EPSG:4326", False: ""})
    result["footprintWKT"] = place.map(wkt)
    result["footprintSRS"] = result["geodeticDatum"]
    result["georeferenceSources"] = place.map(layers.places["source"])
    result["eventDate"] = _dates(rows)
    return result.reset_index(names="locationID")


def _dates(rows: pd.DataFrame) -> pd.Series:
    """Return a day, or the first and last possible one; ".." where open (ISO 8601-2)."""
    first, last = (rows[name].dt.strftime("%Y-%m-%d") for name in ("date_start", "date_end"))
    ranges = first.fillna("..") + "/" + last.fillna("..")
    known = first.where(first.eq(last), ranges)
    dates: pd.Series = known.where(first.notna() | last.notna(), "")
    return dates
