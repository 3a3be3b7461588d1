"""The districts, provinces and countries that precision codes stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoinc.georeferencing import Hints, Resolution, hinted_area
from geoinc.reports import hints_of, text_of

if TYPE_CHECKING:
    from geoinc.gazetteer import Search
    from geoinc.places import Place

_UNSAID = "unknown: no code of precision says how well the coordinates are known"
_SEA = "unknown: coded as at sea or in the air; how far from the coordinates is not told"
_NOT_ASKED = "unknown: coded to a {area}; give areas= for its outline"
_NOT_FOUND = "unknown: coded to a {area}; no outline of {names} is known that holds the coordinates"

#: The hints that say which area a code stands for; of a vague region no more than the country.
_SAID_BY = {
    "district": ("country", "admin1", "admin2"),
    "province": ("country", "admin1"),
    "region": ("country",),
    "country": ("country",),
}
#: Coordinates may be so far outside the outline of their own area: outlines differ.  Degrees,
#: some 20 km.
_OUTSIDE_DEG = 0.2


class CodedAreas(NamedTuple):
    """The rows whose code stands for an area, and the answer to each."""

    rows: np.ndarray[Any, Any]  # whether a row is one of them
    answers: list[Resolution]
    codes: np.ndarray[Any, Any]  # which answer each of those rows has


def coded_areas(
    table: pd.DataFrame,
    role: str,
    longitude: np.ndarray[Any, Any],
    latitude: np.ndarray[Any, Any],
    areas: Search | None,
) -> CodedAreas:
    """Return the areas of the rows whose code does not stand for a place.

    Parameters
    ----------
    table : pandas.DataFrame
        Reports with ``coded_area``.
    role : str
        Whose country, province and district are said.
    longitude, latitude : array of float
        Degrees; an area that does not hold them is not taken, but what it lies in.
    areas : Gazetteer, optional
        Where outlines are known from.
    """
    coded = text_of(table, "coded_area")
    rows = coded != ""
    said = hints_of(table, role)
    keys = pd.DataFrame(
        {"area": coded, **{name: said[name] for name in ("country", "admin1", "admin2")},
         "longitude": longitude, "latitude": latitude},
    )[rows].fillna({"longitude": np.nan})  # fmt: skip
    codes, first = _distinct(keys)
    answers = [_answer(areas, key) for key in keys.iloc[first].to_dict("records")]
    return CodedAreas(rows, answers, codes)


def _distinct(keys: pd.DataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    codes = keys.groupby(list(keys), dropna=False, sort=False).ngroup().to_numpy()
    return codes, np.unique(codes, return_index=True)[1]


def _answer(areas: Search | None, key: dict[str, Any]) -> Resolution:
    area = key["area"]
    if area not in _SAID_BY:
        return _unknown(_SEA if area == "sea" else _UNSAID)
    if areas is None:
        return _unknown(_NOT_ASKED.format(area=area))
    spot = shapely.Point(key["longitude"], key["latitude"])
    names = _SAID_BY[area]
    for last in range(len(names), 0, -1):  # where it is not known, what it lies in
        if not key[names[last - 1]]:
            continue
        place = hinted_area(areas, Hints(**{name: key[name] for name in names[:last]}))
        if place is not None and (spot.is_empty or place.footprint.distance(spot) <= _OUTSIDE_DEG):
            return _known(place, area)
    said = ", ".join(key[name] for name in reversed(names) if key[name]) or "it"
    return _unknown(_NOT_FOUND.format(area=area, names=said))


def _known(place: Place, area: str) -> Resolution:
    wider = "" if place.kind == area else f", of which only the {place.kind} is known"
    reason = f"check: coded to a {area}{wider}; the coordinates stand for it"
    return Resolution(place.name, "resolved", place, "coded area", place.score, reason, ())


def _unknown(reason: str) -> Resolution:
    return Resolution("", "unresolved", None, "", 0.0, reason, ())
