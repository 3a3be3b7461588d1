"""Countries and provinces around the incidents, as outlines on paper."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geoinc.maps.payload import rings

if TYPE_CHECKING:
    from collections.abc import Collection

#: Steps to a degree in which the basemap is written, about 110 m.
UNIT = 1000

#: Least way around the incidents that the map shows, in degrees.
MARGIN_DEG = 6.0

Bounds = tuple[float, float, float, float]

_DATA = resources.files("geoinc") / "data"


def limits(bounds: Bounds) -> Bounds:
    """Return how far the map can be moved: the data and its surroundings.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east and north of the data, in degrees.

    Returns
    -------
    tuple of float
        The same, wider by more than the data's longer side, so that it fills
        a phone held upright as well, and by at least `MARGIN_DEG`.

    Examples
    --------
    >>> limits((40.0, 30.0, 48.0, 37.0))
    (30.0, 20.0, 58.0, 47.0)
    """
    west, south, east, north = bounds
    margin = max(MARGIN_DEG, 1.25 * (east - west), 1.25 * (north - south))
    return (
        max(-180.0, west - margin),
        max(-80.0, south - margin),
        min(180.0, east + margin),
        min(84.0, north + margin),
    )


def basemap(bounds: Bounds, countries: Collection[str]) -> dict[str, Any]:
    """Return the outlines and names around the data, ready for JSON.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east and north of the data, in degrees; what lies within
        its `limits` is drawn.
    countries : collection of str
        ISO codes of the countries whose provinces are drawn.

    Returns
    -------
    dict
        ``unit``, ``land`` (rings), ``provinces`` (lines) and ``names``
        (name, longitude, latitude, rank: 0 a country, 1 a province).
    """
    extent = limits(bounds)
    box = shapely.box(*extent)
    land = _countries(extent)
    provinces = _known(extent, "province")
    provinces = gpd.GeoDataFrame(provinces[provinces["country"].isin(list(countries))])
    # Wider than the extent, so that the cut is never seen.
    clipped = shapely.intersection(land.geometry.to_numpy(), box.buffer(2.0, join_style="mitre"))
    shown = land["country"].isin(list(countries)).to_numpy()
    order = np.argsort(shown, kind="stable")
    lines = [
        line
        for country in countries
        for line in _inner_lines(provinces[provinces["country"].eq(country)].geometry)
    ]
    names = [
        [str(name), *_middle(_first_seen(shape, bounds)), 0]
        for name, shape in zip(land["name"], shapely.intersection(clipped, box), strict=True)
        if shape.area > 0.05
    ]
    names += [
        [str(name), *_middle(shape), 1]
        for name, shape in zip(provinces["name"], provinces.geometry, strict=True)
    ]
    return {
        "unit": UNIT,
        "land": [
            {"shown": bool(shown[i]), "rings": rings(clipped[i], UNIT)}
            for i in order
            if not clipped[i].is_empty
        ],
        "provinces": [ring for line in lines for ring in rings(line, UNIT)],
        "names": names,
    }


def _countries(extent: Bounds) -> gpd.GeoDataFrame:
    """Return the countries, named as the gazetteer names them.

    Their shapes come from one source, so that neighbours meet; those of the
    gazetteer are made of provinces, some of them of our own.
    """
    with resources.as_file(_DATA / "assets" / "countries-50m.json") as path:
        land = gpd.read_file(path, layer="countries", columns=["name"], bbox=extent)
    land = land.set_crs(4326, allow_override=True)
    land.geometry = land.geometry.make_valid()
    inside = land.set_geometry(land.representative_point())
    named = inside.sjoin(_known(extent, "country"), predicate="within", how="left")
    named = named[~named.index.duplicated()]
    return land.assign(
        name=named["name_right"].fillna(named["name_left"]),
        country=named["country"].fillna(""),
    )


def _known(extent: Bounds, kind: str) -> gpd.GeoDataFrame:
    """Read the places of a kind from the gazetteer, as a plain file."""
    with resources.as_file(_DATA / "gazetteer.gpkg") as path:
        table = gpd.read_file(
            path,
            layer="places",
            columns=["name", "country"],
            where=f"kind = '{kind}'",
            bbox=extent,
        )
    table.geometry = table.geometry.make_valid()
    return gpd.GeoDataFrame(table)


def _inner_lines(provinces: gpd.GeoSeries) -> list[shapely.Geometry]:
    """Return the borders between the provinces of one country.

    The outer ones are the country's own, drawn from another source and never
    quite the same; only edges that two provinces share are kept.
    """
    edges = []
    for ring in shapely.get_rings(provinces.explode().to_numpy()):
        points = np.round(shapely.get_coordinates(ring), 5)
        pairs = np.hstack([points[:-1], points[1:]])
        turned = (pairs[:, 0] > pairs[:, 2]) | (
            (pairs[:, 0] == pairs[:, 2]) & (pairs[:, 1] > pairs[:, 3])
        )
        pairs[turned] = pairs[turned][:, [2, 3, 0, 1]]
        edges.append(pairs)
    if not edges:
        return []
    distinct, times = np.unique(np.vstack(edges), axis=0, return_counts=True)
    shared = [shapely.LineString(edge.reshape(2, 2)) for edge in distinct[times > 1]]
    merged = shapely.line_merge(shapely.MultiLineString(shared))
    return [line.simplify(0.005) for line in shapely.get_parts(merged)]


def _first_seen(shape: shapely.Geometry, bounds: Bounds) -> shapely.Geometry:
    """Return the part of a country in the first view, if its name fits there."""
    west, south, east, north = bounds
    view = shapely.box(*bounds).buffer(0.15 * max(east - west, north - south), join_style="mitre")
    part = shapely.intersection(shape, view)
    return part if part.area > 0.04 * view.area else shape


def _middle(shape: shapely.Geometry) -> tuple[float, float]:
    """Return where the name of an area stands: as far from its edge as can be."""
    parts = shapely.get_parts(shape)
    widest = parts[int(np.argmax(shapely.area(parts)))]
    middle = shapely.maximum_inscribed_circle(widest, tolerance=0.02)
    longitude, latitude = shapely.get_coordinates(middle)[0]
    return (round(float(longitude), 3), round(float(latitude), 3))
