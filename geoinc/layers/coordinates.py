"""Layers of a table that has coordinates already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import shapely
from pandas.util import hash_array

from geoinc.errors import SchemaError
from geoinc.geodesy import FARTHEST_M, disc
from geoinc.geopackage import discs
from geoinc.layers.coded_areas import coded_areas
from geoinc.layers.rows import Cells, answer_rows, centres_of, layer_rows, rows_with
from geoinc.layers.weighing import weighted
from geoinc.places import PLACE_COLUMNS, Place, places_frame
from geoinc.reports import read_reports, text_of
from geoinc.schema import DERIVED_COLUMNS, ROLES, Layers

if TYPE_CHECKING:
    from collections.abc import Container

    from geoinc.gazetteer import Search

_COORDINATES = "sure: coordinates in the table"
_NO_COORDINATES = (
    "unknown: no coordinates, or none on earth, or no uncertainty from 0 m to 10,000 km"
)

#: Beyond it discs are computed one by one, to hold their circles.
_WIDE_M = 200_000.0


def layers_from_coordinates(
    table: pd.DataFrame,
    *,
    longitude: str = "longitude",
    latitude: str = "latitude",
    uncertainty_m: float | str | None = None,
    role: Literal["launch", "target", "impact"] = "target",
    areas: Search | None = None,
) -> Layers:
    """Make layers of a table that has coordinates already.

    Parameters
    ----------
    table : pandas.DataFrame
        From `read_reports`; a plain table, or one with a geometry, is read by it first.
    longitude, latitude : str
        Columns of decimal degrees on WGS84.
    uncertainty_m : float or str, optional
        How far the true place may be from the coordinates, in metres: one
        figure for all rows or the column that holds it.  Coordinates alone do
        not tell it; by default it is the column ``uncertainty_m``, which
        `read_reports` makes of the precision codes of UCDP, ACLED and GTD.
    role : {"launch", "target", "impact"}
        What happened at the coordinates.
    areas : Gazetteer, optional
        Where the outlines of districts, provinces and countries are known
        from, for rows whose code stands for one (``coded_area``); the
        coordinates are then no more than its centre.

    Returns
    -------
    Layers
        Rows without coordinates, or with impossible ones, are unresolved; and
        so are those of an area that is not found, or not looked for.

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
    if not set(DERIVED_COLUMNS) <= set(table.columns):
        table = _read(table, longitude, latitude, role)
    result = weighted(placed(table, (longitude, latitude, uncertainty_m), role, areas))
    result.layer(role).attrs = {
        name: table.attrs[name] for name in ("source", "rows") if name in table.attrs
    }
    return result


def placed(
    table: pd.DataFrame,
    columns: tuple[str, str, float | str | None],
    role: str,
    areas: Search | None,
) -> Layers:
    """Return the layers of reports that have coordinates, their rows of no weight yet.

    Parameters
    ----------
    table : pandas.DataFrame
        From `read_reports`, or some rows of it.
    columns : (str, str, float or str or None)
        Longitude, latitude and uncertainty, as of `layers_from_coordinates`.
    role, areas
        As of `layers_from_coordinates`.
    """
    longitude, latitude, uncertainty_m = columns
    extent = "uncertainty_m" if uncertainty_m is None else uncertainty_m
    _need_columns(table, longitude, latitude, extent)
    lon, lat = _numbers(table[longitude]), _numbers(table[latitude])
    radius = (
        _numbers(table[extent]) if isinstance(extent, str) else np.full(len(lon), float(extent))
    )
    points = _points(lon, lat, radius)
    found, centres = _point_rows(points)
    places = _point_places(points)
    if uncertainty_m is None and "coded_area" in table:
        coded = coded_areas(table, role, lon, lat, areas)
        kept = points.codes[~coded.rows]
        places = places.iloc[np.unique(kept[kept >= 0])]
        found.loc[coded.rows] = answer_rows(coded.answers).take(coded.codes).to_numpy()
        centres[coded.rows] = centres_of(coded.answers).take(coded.codes)
        outlines = places_frame(answer.place for answer in coded.answers if answer.place)
        places = pd.concat([places, outlines]) if len(places) else outlines
        # pandas makes strings of the objects of an index that it puts together.
        places = places.set_axis(places.index.astype(object))
    here = np.arange(len(table))
    words = _words(table, role, points, lon, lat)
    cells = Cells(here, np.ones_like(here), words, text_of(table, ""))
    empty = Cells(here[:0], here[:0], words[:0], words[:0])
    layers = {name: layer_rows(table, empty, [], here[:0], name) for name in ROLES}
    layers[role] = rows_with(table, cells, found, centres, role)
    return Layers(layers["launch"], layers["target"], layers["impact"], places)


def _read(table: pd.DataFrame, longitude: str, latitude: str, role: str) -> pd.DataFrame:
    """Return a plain table as reports; the words of a place are its figures, where it has none."""
    if not isinstance(table, gpd.GeoDataFrame):  # of which reading makes the columns
        _need_columns(table, longitude, latitude)
    reports = read_reports(table, columns=serving(table.columns, longitude, latitude))
    return with_words(reports, longitude, latitude, role)


def serving(columns: Container[str], longitude: str, latitude: str) -> dict[str, str]:
    """Return which columns of a plain table serve as ours when it is read.

    Parameters
    ----------
    columns : container of str
        Its columns.
    longitude, latitude : str
        Those that hold coordinates.
    """
    ours = {longitude: "longitude", latitude: "latitude"}
    return {theirs: own for theirs, own in ours.items() if theirs != own and own not in columns}


def with_words(reports: pd.DataFrame, longitude: str, latitude: str, role: str) -> pd.DataFrame:
    """Return reports in which the words of a place are its figures, where they have no column of them.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`, of a plain table.
    longitude, latitude, role : str
        As of `layers_from_coordinates`.
    """
    if role in reports:
        return reports
    _need_columns(reports, longitude, latitude)
    told = reports.copy(deep=False)
    words = _figures(_numbers(reports[longitude]), _numbers(reports[latitude]))
    told.insert(len(reports.columns) - len(DERIVED_COLUMNS), role, words)
    return told


def _need_columns(table: pd.DataFrame, *columns: float | str) -> None:
    for column in columns:
        if isinstance(column, str) and column not in table:
            how = (
                "; say how far the places may be from the coordinates: uncertainty_m=500, in metres"
            )
            msg = (
                f"no column {column!r}; the table has {', '.join(map(repr, table.columns))}"
                f"{how if column == 'uncertainty_m' else ''}"
            )
            raise SchemaError(msg)


def _numbers(column: pd.Series) -> np.ndarray[Any, Any]:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)


def _words(
    table: pd.DataFrame,
    role: str,
    points: _Points,
    lon: np.ndarray[Any, Any],
    lat: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    """Return the words of each row's place; its coordinates as they are written, where it has none."""
    words = text_of(table, role)
    blank = words == ""
    known = blank & (points.codes >= 0)
    if known.any():
        words[known] = _figures(points.longitude, points.latitude)[points.codes[known]]
    rest = blank & ~known
    if rest.any():
        words[rest] = _figures(lon[rest], lat[rest])
    return words


def _figures(lon: np.ndarray[Any, Any], lat: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return coordinates as they are written, blank where there are none."""
    told = [pa.array(figures, from_pandas=True).cast(pa.string()) for figures in (lat, lon)]
    words = pc.binary_join_element_wise(*told, ", ").fill_null("")
    return np.asarray(words.to_pandas(), dtype=object)


# ---------------------------------------------------------------- points


class _Points(NamedTuple):
    """The distinct discs of a table, and which of them each row has: -1 for none."""

    longitude: np.ndarray[Any, Any]
    latitude: np.ndarray[Any, Any]
    uncertainty_m: np.ndarray[Any, Any]
    ids: np.ndarray[Any, Any]
    names: np.ndarray[Any, Any]
    codes: np.ndarray[Any, Any]


def _points(
    lon: np.ndarray[Any, Any], lat: np.ndarray[Any, Any], radius: np.ndarray[Any, Any]
) -> _Points:
    good = np.flatnonzero(
        (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & (radius > 0) & (radius <= FARTHEST_M)
    )
    spots = [figures[good] + 0.0 for figures in (lon, lat, radius)]
    distinct, bits = pd.factorize(_bits(*spots))
    first = np.empty(len(bits), dtype=int)
    first[distinct[::-1]] = np.arange(len(distinct))[::-1]
    codes = np.full(len(lon), -1)
    codes[good] = distinct
    longitude, latitude, uncertainty_m = (figures[first] for figures in spots)
    names = _names(longitude, latitude)
    return _Points(longitude, latitude, uncertainty_m, _ids(bits), names, codes)


def _bits(
    lon: np.ndarray[Any, Any], lat: np.ndarray[Any, Any], radius: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return 64 bits for each disc, which differ where discs do."""
    total = np.zeros(len(lon), dtype=np.uint64)
    for figures in (lon, lat, radius):
        total = total * np.uint64(0x9E3779B97F4A7C15) + hash_array(figures)
    return total


def _ids(bits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    digits = bits.astype(">u8").tobytes().hex().encode()
    words = np.frombuffer(digits, dtype="S16").astype("U16").astype(object)
    return "point-" + words


def _point_rows(
    points: _Points,
) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """Return what was found for each row of the table, and its centre."""
    codes = points.codes

    def figures(known: np.ndarray[Any, Any]) -> pd.Series:
        return pd.Series(np.append(known, np.nan)[codes])  # -1 is the last

    def words(known: np.ndarray[Any, Any]) -> pd.Series:
        return pd.Series(np.append(known, "")[codes], dtype=object)

    def either(known: str, unknown: str) -> pd.Series:
        return pd.Series(
            np.array([known, unknown], dtype=object)[(codes < 0).astype(int)], dtype=object
        )

    nothing = either("", "")
    found = {
        "place_status": either("resolved", "unresolved"),
        "place_id": words(points.ids),
        "place_name": words(points.names),
        "place_kind": either("coordinates", ""),
        "place_country": nothing,
        "place_admin1": nothing,
        "place_match": either("coordinates", ""),
        "place_score": pd.Series((codes >= 0).astype(float)),
        "place_reason": either(_COORDINATES, _NO_COORDINATES),
        "longitude": figures(points.longitude),
        "latitude": figures(points.latitude),
        "uncertainty_m": figures(points.uncertainty_m),
    }
    centres = np.full(len(points.ids) + 1, None, dtype=object)
    centres[:-1] = shapely.points(points.longitude, points.latitude)
    return pd.DataFrame(found), centres[codes]


def _names(longitude: np.ndarray[Any, Any], latitude: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return latitude and longitude as text, with five decimals: about a metre."""
    told = [
        pa.array(figures.round(5)).cast(pa.decimal128(9, 5), safe=False).cast(pa.string())
        for figures in (latitude, longitude)
    ]
    return np.asarray(pc.binary_join_element_wise(*told, ", ").to_pandas(), dtype=object)


def _point_places(points: _Points) -> gpd.GeoDataFrame:
    """Return the distinct discs as places (`geoinc.places.places_frame`)."""
    number = len(points.ids)
    blank = np.full(number, "", dtype=object)
    radius, which = np.unique(points.uncertainty_m, return_inverse=True)
    shapes = np.array([f"disc radius_m={metres:g}" for metres in radius], dtype=object)
    columns = {
        **dict.fromkeys(PLACE_COLUMNS, blank),
        "name": points.names,
        "kind": np.full(number, "coordinates", dtype=object),
        "longitude": points.longitude,
        "latitude": points.latitude,
        "uncertainty_m": points.uncertainty_m,
        "position_error_m": points.uncertainty_m,
        "boundary_error_m": np.zeros(number),
        "coverage": np.ones(number),
        "source": np.full(number, "the table", dtype=object),
        "shape": shapes[which] if number else blank,
    }
    index = pd.Index(points.ids, name="place_id", dtype=object)
    footprints = _footprints(points.longitude, points.latitude, points.uncertainty_m)
    typed = {
        name: pd.Series(values, index=index, dtype=values.dtype) for name, values in columns.items()
    }
    return gpd.GeoDataFrame(pd.DataFrame(typed), geometry=footprints, crs=4326, copy=False)


def _footprints(
    longitude: np.ndarray[Any, Any], latitude: np.ndarray[Any, Any], radius_m: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    found = discs(longitude, latitude, radius_m)
    for number in np.flatnonzero(radius_m > _WIDE_M):
        found[number] = disc(longitude[number], latitude[number], radius_m[number])
    return found


def point_place(longitude: float, latitude: float, uncertainty_m: float, *, source: str) -> Place:
    """Return the place of coordinates that may be wrong by a distance, in metres."""
    spot = [np.array([figure + 0.0]) for figure in (longitude, latitude, uncertainty_m)]
    (place_id,) = _ids(_bits(*spot))
    (footprint,) = _footprints(*spot)
    return Place(
        place_id=place_id,
        name=f"{latitude:.5f}, {longitude:.5f}",
        kind="coordinates",
        footprint=footprint,
        longitude=longitude,
        latitude=latitude,
        uncertainty_m=uncertainty_m,
        position_error_m=uncertainty_m,
        source=source,
        licence="",
        shape=f"disc radius_m={uncertainty_m:g}",
    )
