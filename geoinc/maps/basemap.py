"""Countries and provinces around the incidents, as outlines on paper."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geoinc.maps.outlines import rings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

#: Steps to a degree in which the basemap is written, about 110 m.
UNIT = 1000

#: Least way around the incidents that the map shows, in degrees.
MARGIN_DEG = 6.0

Bounds = tuple[float, float, float, float]

#: Borders of two sources that are as near as this are one, in degrees.
_SAME_BORDER_DEG = 0.12

#: Lines are drawn no finer, in degrees.
_FINE_DEG = 0.004

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
        ``unit``, ``land`` (rings), ``borders`` and ``provinces`` (lines), ``names``
        (name; rank: 0 a country, 1 a province; longitude, latitude, and the
        room around them, in degrees).
    """
    extent = limits(bounds)
    box = shapely.box(*extent)
    # Wider than the extent, so that the cut is never seen.
    frame = box.buffer(2.0, join_style="mitre")
    land = _countries(extent)
    provinces = _known(extent, "province")
    shapes = np.array(
        [_polygons(shape) for shape in shapely.intersection(land.geometry.to_numpy(), frame)]
    )
    borders = list(shapely.boundary(shapes))
    fills = [(False, shape) for shape in shapes]
    inner: list[shapely.Geometry] = []
    for code in countries:
        parts = gpd.GeoSeries(provinces[provinces["country"].eq(code)].geometry).to_numpy()
        whole = _polygons(shapely.intersection(shapely.union_all(parts), frame))
        same = land["country"].eq(code).to_numpy()
        if whole.area < 0.9 * shapely.area(shapes[same]).sum():
            # The provinces do not make up the country: keep its own outline.
            fills += [(True, shape) for shape in shapes[same]]
        else:
            # Areas of reports are made of provinces, so they fit this outline; the
            # other source's line beside it would be the same border twice.
            edge = shapely.boundary(whole)
            lines = shapely.get_parts([edge])
            main = shapely.MultiLineString(list(lines[shapely.length(lines) > 1]))
            coarse = shapely.simplify(main, _SAME_BORDER_DEG / 3)
            beside = shapely.buffer(coarse, _SAME_BORDER_DEG, quad_segs=1)
            borders = [*shapely.difference(borders, beside), edge]
            fills.append((True, whole))
        inner += _inner_lines(parts)
    names = [
        [str(name), 0, *_middle(_first_seen(shape, bounds))]
        for name, shape in zip(land["name"], shapely.intersection(shapes, box), strict=True)
        if shape.area > 0.05
    ]
    seen = provinces[provinces["country"].isin(list(countries))]
    names += [
        [str(name), 1, *_middle(shape)]
        for name, shape in zip(seen["name"], seen.geometry, strict=True)
    ]
    return {
        "unit": UNIT,
        "land": [
            {"shown": shown, "rings": rings(shapely.simplify(shape, _FINE_DEG), UNIT)}
            for shown, shape in fills
            if not shape.is_empty
        ],
        "borders": _lines(borders),
        "provinces": _lines(inner),
        "names": names,
    }


def _polygons(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the areas of a shape, without the points and lines where a cut only touched."""
    parts = shapely.get_parts(shapely.get_parts([shape]))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _lines(shapes: Iterable[shapely.Geometry]) -> list[list[int]]:
    """Return lines as the page reads them, as fine as it can show."""
    return [ring for line in shapes for ring in rings(shapely.simplify(line, _FINE_DEG), UNIT)]


def _countries(extent: Bounds) -> gpd.GeoDataFrame:
    """Return the countries, named as the gazetteer names them."""
    with resources.as_file(_DATA / "assets" / "countries-50m.json") as path:
        land = gpd.read_file(path, layer="countries", columns=["name"], bbox=extent)
    land = land.set_crs(4326, allow_override=True)
    land.geometry = [_cut(shape) for shape in land.geometry]
    inside = land.set_geometry(land.representative_point())
    named = inside.sjoin(_known(extent, "country"), predicate="within", how="left")
    named = named[~named.index.duplicated()]
    return land.assign(
        name=named["name_right"].fillna(named["name_left"]),
        country=named["country"].fillna(""),
    )


def _cut(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a country that crosses the 180th meridian as its parts on either side."""
    west, south, east, _ = shapely.bounds(shape)
    if east - west < 300 or south < -60:  # not Antarctica, which goes all around
        return shapely.make_valid(shape)
    turned = shapely.make_valid(shapely.transform(shape, lambda xy: xy + (xy < 0) * [360, 0]))
    eastern = shapely.intersection(turned, shapely.box(0, -90, 180, 90))
    western = shapely.intersection(turned, shapely.box(180, -90, 360, 90))
    return shapely.union(eastern, shapely.transform(western, lambda xy: xy - [360, 0]))


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


def _inner_lines(provinces: Iterable[shapely.Geometry]) -> list[shapely.Geometry]:
    """Return the borders between provinces: the edges that two of them share."""
    edges = []
    for province in provinces:
        for ring in shapely.get_rings(shapely.get_parts([province])):
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
    return [shapely.line_merge(shapely.MultiLineString(shared))]


def _first_seen(shape: shapely.Geometry, bounds: Bounds) -> shapely.Geometry:
    """Return the part of a country in the first view, if its name fits there."""
    west, south, east, north = bounds
    view = shapely.box(*bounds).buffer(0.15 * max(east - west, north - south), join_style="mitre")
    part = shapely.intersection(shape, view)
    return part if part.area > 0.04 * view.area else shape


def _middle(shape: shapely.Geometry) -> tuple[float, float, float]:
    """Return where the name of an area stands, as far from its edge as can be, and how far."""
    parts = shapely.get_parts(shape)
    widest = parts[int(np.argmax(shapely.area(parts)))]
    middle = shapely.maximum_inscribed_circle(widest, tolerance=0.02)
    longitude, latitude = shapely.get_coordinates(middle)[0]
    radius = shapely.length(middle)
    return (round(float(longitude), 3), round(float(latitude), 3), round(float(radius), 3))
