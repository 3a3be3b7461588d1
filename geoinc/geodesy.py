"""Distances, azimuths and shapes on the WGS84 ellipsoid, on arrays."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Geod, Proj
from shapely import affinity
from shapely.geometry import GeometryCollection, MultiPolygon, Point, Polygon, box

from geoinc.space import in_space

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]

_GEOD = Geod(ellps="WGS84")

#: Corners of a full circle.  A 64-gon around a circle is at most 0.12 % too wide.
_CORNERS = 64
#: Edges are straight in longitude and latitude (RFC 7946), not on the ground;
#: this much wider, a shape of 500 km still holds all that it should.
_SLACK = 1.0002
#: Longest edge that is carried from one projection to another, in degrees.
_EDGE_DEG = 0.25
_WORLD = box(-180, -90, 180, 90)
#: Bounds of distances go so much too far, so that they hold whatever was rounded on the way.
_BOUND_SHARE, _BOUND_M = 0.0002, 1.0
#: A quarter of the way around the earth, nearly; and half of it, over the poles: no two places
#: are farther apart.
_QUARTER_M, _HALF_WAY_M = 9_900_000.0, 20_003_931.5
#: Farther than this a shape would be more than half of the earth.
FARTHEST_M = 10_000_000.0
#: Pairs of points that are measured in one go.
_PAIRS_AT_ONCE = 2_000_000


# ---------------------------------------------------------------- points


def inverse(
    longitude_1: ArrayLike, latitude_1: ArrayLike, longitude_2: ArrayLike, latitude_2: ArrayLike
) -> tuple[Floats, Floats]:
    """Return distance and azimuth from points to points.

    The geodesic of Karney (2013), to nanometres.

    Parameters
    ----------
    longitude_1, latitude_1, longitude_2, latitude_2 : array_like
        Degrees; arrays of equal shape, or single numbers.  NaN gives NaN.

    Returns
    -------
    distance_m, azimuth_deg : numpy.ndarray
        Metres, and degrees clockwise from north at the first point, 0 to 360.

    Examples
    --------
    >>> distance_m, azimuth_deg = inverse(0, 0, 1, 0)
    >>> round(float(distance_m)), float(azimuth_deg)
    (111319, 90.0)
    """
    lon_1, lat_1, lon_2, lat_2 = _together(longitude_1, latitude_1, longitude_2, latitude_2)
    azimuth, _, distance = _GEOD.inv(lon_1, lat_1, lon_2, lat_2)
    return np.asarray(distance, dtype=float), np.asarray(azimuth, dtype=float) % 360


def direct(
    longitude: ArrayLike, latitude: ArrayLike, azimuth_deg: ArrayLike, distance_m: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the points that lie at an azimuth and distance from points.

    Parameters
    ----------
    longitude, latitude, azimuth_deg : array_like
        Degrees; the azimuth clockwise from north.
    distance_m : array_like
        Metres.

    Returns
    -------
    longitude, latitude : numpy.ndarray
        Degrees, the longitude from -180 to 180.

    Examples
    --------
    >>> longitude, latitude = direct(44, 33, 0, 110_000)
    >>> round(float(longitude), 3), round(float(latitude), 3)
    (44.0, 33.992)
    """
    lon, lat, azimuth, distance = _together(longitude, latitude, azimuth_deg, distance_m)
    lon, lat, _ = _GEOD.fwd(lon, lat, azimuth, distance)
    return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)


def _together(*values: ArrayLike) -> list[Floats]:
    return [
        np.array(value)
        for value in np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))
    ]


# ---------------------------------------------------------------- shapes


def disc(longitude: float, latitude: float, radius_m: float) -> Polygon | MultiPolygon:
    """Return the area within a distance of a point: a 64-gon around the circle.

    Parameters
    ----------
    longitude, latitude : float
        Centre, degrees.
    radius_m : float
        Metres, more than 0.

    Returns
    -------
    shapely Polygon, or MultiPolygon where it crosses the antimeridian
        Degrees; it holds the whole circle and is at most 0.2 % wider in radius.

    Examples
    --------
    >>> round(area_km2(disc(44, 33, 10_000)), 1)  # pi * 10**2 = 314.2
    314.5
    """
    return sector(longitude, latitude, 0, 180, radius_m)


def ring(
    longitude: float, latitude: float, inner_m: float, outer_m: float
) -> Polygon | MultiPolygon:
    """Return the area between two distances from a point.

    Parameters
    ----------
    longitude, latitude : float
        Centre, degrees.
    inner_m, outer_m : float
        Metres; the inner may be 0, which gives a disc.

    Returns
    -------
    shapely Polygon, or MultiPolygon where it crosses the antimeridian
        Degrees.

    Examples
    --------
    >>> round(area_km2(ring(44, 33, 10_000, 20_000)))  # pi * (20**2 - 10**2) = 942.5
    945
    """
    return sector(longitude, latitude, 0, 180, outer_m, inner_m=inner_m)


def sector(
    longitude: float,
    latitude: float,
    azimuth_deg: float,
    half_angle_deg: float,
    outer_m: float,
    *,
    inner_m: float = 0,
) -> Polygon | MultiPolygon:
    """Return the area that is seen from a point between two azimuths and two distances.

    Parameters
    ----------
    longitude, latitude : float
        The point, degrees.
    azimuth_deg, half_angle_deg : float
        The middle of the sector, clockwise from north, and how far it opens to
        either side; 90 is a half-plane, 180 or more all around.
    outer_m, inner_m : float
        From and to which distance, metres.

    Returns
    -------
    shapely Polygon, or MultiPolygon where it crosses the antimeridian
        Degrees; it holds the whole sector.

    Raises
    ------
    ValueError
        Where the distances are not ``0 <= inner_m < outer_m``, or reach farther than 10,000 km.

    Notes
    -----
    Over a pole it is all that lies as far north or south.

    Examples
    --------
    >>> east = sector(44, 33, 90, 45, 10_000)
    >>> east.covers(shapely.Point(44.1, 33)), east.covers(shapely.Point(43.9, 33))
    (True, False)
    """
    if not 0 <= inner_m < outer_m < math.inf:
        msg = f"distances {inner_m!r} to {outer_m!r} m are not 0 <= inner < outer"
        raise ValueError(msg)
    _check_reach(outer_m)
    if outer_m > _to_pole(latitude):
        return _polar_cap(latitude, outer_m)
    half = min(half_angle_deg, 180.0)
    steps = max(1, math.ceil(_CORNERS * half / 180))
    azimuths = azimuth_deg + np.linspace(-half, half, steps + 1)
    # Corners outside the outer arc and on the inner one: nothing is cut off.
    outside_m = outer_m * _SLACK / math.cos(math.radians(half / steps))
    outer = _arc(longitude, latitude, azimuths, outside_m)
    if half == 180:
        holes = [_arc(longitude, latitude, azimuths, inner_m / _SLACK)[:-1]] if inner_m else []
        return on_earth(Polygon(outer[:-1], holes))
    # The two straight sides in short steps, since they bend in longitude and latitude.
    fractions = np.linspace(0, 1, 9)[1:-1]
    distances = inner_m + (outside_m - inner_m) * fractions
    first = _ray(longitude, latitude, azimuths[0], distances)
    last = _ray(longitude, latitude, azimuths[-1], distances[::-1])
    inner = (
        _arc(longitude, latitude, azimuths[::-1], inner_m / _SLACK)
        if inner_m
        else np.array([[longitude, latitude]])
    )
    return on_earth(Polygon(np.concatenate([first, outer, last, inner])))


def side(shape: BaseGeometry, azimuth_deg: float) -> Polygon | MultiPolygon:
    """Return the part of an area that lies on one side of its middle.

    The line between the sides is straight on the map: the north is all that has a higher latitude
    than the centroid, the northeast all beyond the line that runs northwest to southeast through it.

    Parameters
    ----------
    shape : shapely Polygon or MultiPolygon
        Degrees.
    azimuth_deg : float
        The side, clockwise from north.

    Returns
    -------
    shapely Polygon or MultiPolygon
        Degrees.

    Examples
    --------
    >>> side(shapely.box(43, 32, 45, 34), 90).bounds
    (44.0, 32.0, 45.0, 34.0)
    """
    whole = shapely.union_all(shapely.get_parts(_unwrapped(shape)))
    middle = whole.centroid
    squeeze = math.cos(math.radians(middle.y))
    east, north = math.sin(math.radians(azimuth_deg)), math.cos(math.radians(azimuth_deg))
    reach = 1000.0
    beyond = Polygon(
        (
            middle.x + (forward * east + sideways * north) / squeeze,
            middle.y + forward * north - sideways * east,
        )
        for forward, sideways in ((0, -reach), (reach, -reach), (reach, reach), (0, reach))
    )
    return on_earth(polygons(whole.intersection(beyond)))


def buffer(shape: BaseGeometry, distance_m: float) -> Polygon | MultiPolygon:
    """Return the area within a distance of a shape; of a line, a corridor along it.

    Made in an azimuthal equidistant projection at the middle of the shape:
    right to 0.2 % of the distance for shapes up to 1,000 km across.

    Parameters
    ----------
    shape : shapely geometry
        Points, lines or areas, degrees.
    distance_m : float
        Metres, more than 0.

    Returns
    -------
    shapely Polygon or MultiPolygon
        Degrees; it holds the shape.  Over a pole it is all that lies as far north or south.

    Raises
    ------
    ValueError
        Where the distance is more than 10,000 km, or reaches from pole to pole.

    Examples
    --------
    >>> line = shapely.LineString([(44, 33), (44, 34)])
    >>> round(area_km2(buffer(line, 10_000)))  # 110.9 * 20 + pi * 10**2 = 2532
    2536
    """
    _check_reach(distance_m)
    _, south, _, north = shape.bounds
    if distance_m > min(_to_pole(south), _to_pole(north)):
        return _around_pole(shape, distance_m)
    lon, lat = _middle(shape)
    flat = _project(shape, lon, lat)
    wider = flat.buffer(distance_m * _SLACK / math.cos(math.pi / _CORNERS), quad_segs=_CORNERS // 4)
    area = on_earth(_unproject(wider.segmentize(_EDGE_DEG * 1e5), lon, lat))
    # Of a continent the projection may fold an edge over.
    return area if area.is_valid else polygons(shapely.make_valid(area))


def polygons(shape: BaseGeometry) -> Polygon | MultiPolygon:
    """Return the areas of a shape, without the lines and points an overlay may leave.

    Parameters
    ----------
    shape : shapely geometry
        Degrees.

    Returns
    -------
    shapely Polygon or MultiPolygon
        Empty where the shape has no area.

    Examples
    --------
    >>> touching = shapely.box(0, 0, 1, 1).intersection(shapely.box(1, 0, 2, 1))
    >>> touching.geom_type, polygons(touching).is_empty
    ('LineString', True)
    """
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return MultiPolygon(parts)


def on_earth(shape: BaseGeometry) -> Polygon | MultiPolygon:
    """Return a shape cut at the antimeridian, all longitudes within -180 to 180.

    Parameters
    ----------
    shape : shapely geometry
        Degrees, longitudes from -540 to 540.

    Returns
    -------
    shapely Polygon or MultiPolygon
        Degrees.

    Examples
    --------
    >>> on_earth(shapely.box(179, 0, 181, 1)).bounds
    (-180.0, 0.0, 180.0, 1.0)
    """
    west, _, east, _ = shape.bounds
    if west >= -180 and east <= 180:
        return polygons(shape)
    turns = [affinity.translate(shape, turn) for turn in (-360, 0, 360)]
    return polygons(shapely.union_all([turned.intersection(_WORLD) for turned in turns]))


# ---------------------------------------------------------------- measures


def enclosing_circle(shape: BaseGeometry) -> tuple[float, float, float]:
    """Return the smallest circle around a shape.

    Parameters
    ----------
    shape : shapely geometry
        Degrees.

    Returns
    -------
    longitude, latitude, radius_m : float
        Centre in degrees; the distance from there to the farthest corner.

    Examples
    --------
    >>> longitude, latitude, radius_m = enclosing_circle(disc(44, 33, 10_000))
    >>> round(longitude, 2), round(latitude, 2), round(radius_m, -2)
    (44.0, 33.0, 10000.0)
    """
    lon, lat = _middle(shape)
    # The second time the projection's centre, where it is true, is the circle's.
    for _ in range(2):
        circle = shapely.minimum_bounding_circle(_project(shape, lon, lat))
        lon, lat = _degrees(circle.centroid.x, circle.centroid.y, lon, lat)
    lon = (lon + 180) % 360 - 180
    return lon, lat, farthest_m(lon, lat, shape)


def farthest_m(longitude: float, latitude: float, shape: BaseGeometry) -> float:
    """Return the distance from a point to the farthest corner of a shape, in metres.

    Parameters
    ----------
    longitude, latitude : float
        The point, degrees.
    shape : shapely geometry
        Degrees.

    Returns
    -------
    float
        Metres.

    Examples
    --------
    >>> round(farthest_m(0, 0, shapely.box(-1, -1, 1, 1)))  # corners at 157 km
    156900
    """
    # Along an edge around a pole the farthest point is no corner.
    corners = shapely.get_coordinates(shape.segmentize(1.0))
    distance, _ = inverse(longitude, latitude, corners[:, 0], corners[:, 1])
    return float(distance.max())


def corrected_centre(shape: BaseGeometry) -> tuple[float, float, float]:
    """Return the point of an area from which the farthest of it is nearest, and how far that is.

    The centre of the smallest circle around it, or where that lies outside, as of a ring, the
    best point on its edge: the "corrected centre" and "geographic radial" of the point-radius
    method (Chapman & Wieczorek 2020).

    Parameters
    ----------
    shape : shapely Polygon or MultiPolygon
        Degrees.

    Returns
    -------
    longitude, latitude, radius_m : float
        Degrees, and metres to the farthest point of the area.

    Examples
    --------
    >>> longitude, latitude, radius_m = corrected_centre(ring(44, 33, 10_000, 20_000))
    >>> round(radius_m, -3)  # from the inner edge to the outer one opposite
    30000.0
    """
    longitude, latitude, radius_m = enclosing_circle(shape)
    if shape.covers(Point(longitude, latitude)):
        return longitude, latitude, radius_m
    # A centimetre off the edge, so that rounding keeps it inside.
    smaller = shape.buffer(-1e-7)
    edge: BaseGeometry = smaller.boundary
    if edge.is_empty:
        point = shape.representative_point()
        return point.x, point.y, farthest_m(point.x, point.y, shape)
    corners = shapely.get_coordinates(_unwrapped(shape).convex_hull.segmentize(1.0))
    step = edge.length / 100
    # All around first, then in fine steps beside the best.
    for _ in range(2):
        candidates = shapely.get_coordinates(edge.segmentize(step))
        longitude, latitude = map(
            float, candidates[np.argmin(_chords(candidates, corners).max(axis=1))]
        )
        edge = edge.intersection(Point(longitude, latitude).buffer(step))
        step /= 100
    return longitude, latitude, farthest_m(longitude, latitude, shape)


def area_km2(shape: BaseGeometry) -> float:
    """Return the area of a shape on the ellipsoid, in square kilometres.

    Parameters
    ----------
    shape : shapely Polygon or MultiPolygon
        Degrees.

    Returns
    -------
    float
        Square kilometres.

    Examples
    --------
    >>> round(area_km2(shapely.box(0, 0, 1, 1)), 1)
    12308.5
    """
    area, _ = _GEOD.geometry_area_perimeter(shapely.orient_polygons(shape.segmentize(_EDGE_DEG)))
    return abs(area) / 1e6


def distance_bounds(a: BaseGeometry, b: BaseGeometry) -> tuple[float, float]:
    """Return the least and the greatest distance between a place in one area and one in another.

    The least between the nearest points of the two outlines, found in a projection that is true
    there; the greatest between their corners, and beyond a quarter of the way around the earth,
    where corners are not the farthest, between points all along them.  Both go a hair too far, by
    0.02 % and 1 m: no two places in the areas are nearer or farther.

    Parameters
    ----------
    a, b : shapely geometry
        Degrees.

    Returns
    -------
    low_m, high_m : float
        Metres; the least is 0 where the areas meet.

    Raises
    ------
    ValueError
        Where an area is empty.

    Examples
    --------
    >>> low_m, high_m = distance_bounds(disc(44, 33, 1000), disc(45, 33, 2000))
    >>> round(low_m, -2), round(high_m, -2)  # 93.4 km less and more 3 km
    (90400.0, 96500.0)
    """
    if a.is_empty or b.is_empty:
        msg = "an empty area has no distance to anything"
        raise ValueError(msg)
    low_m = 0.0 if a.intersects(b) else _nearest_m(a, b)
    high_m = _farthest_apart_m(a, b)
    return (
        max(0.0, low_m * (1 - _BOUND_SHARE) - _BOUND_M),
        min(high_m * (1 + _BOUND_SHARE) + _BOUND_M, _HALF_WAY_M),
    )


def _nearest_m(a: BaseGeometry, b: BaseGeometry) -> float:
    a, b = a.segmentize(_EDGE_DEG), b.segmentize(_EDGE_DEG)
    # Nearest corners in space give the place to centre the projection on.
    corners_a, corners_b = shapely.get_coordinates(a), shapely.get_coordinates(b)
    apart = _chords(corners_a, corners_b)
    i, j = np.unravel_index(np.argmin(apart), apart.shape)
    first, second = corners_a[i], corners_b[j]
    distance, azimuth = inverse(*first, *second)
    best = float(distance)
    for _ in range(2):
        lon, lat = map(float, direct(first[0], first[1], azimuth, distance / 2))
        line = shapely.shortest_line(_project(a, lon, lat), _project(b, lon, lat))
        first, second = shapely.get_coordinates(_unproject(line, lon, lat))
        distance, azimuth = inverse(*first, *second)
        best = min(best, float(distance))
    return best


def _farthest_apart_m(a: BaseGeometry, b: BaseGeometry) -> float:
    high_m = _longest_m(
        *(
            shapely.get_coordinates(_unwrapped(shape).convex_hull.segmentize(1.0))
            for shape in (a, b)
        )
    )
    if high_m < _QUARTER_M:
        return high_m
    # On the far side of the earth the farthest point may lie anywhere, up to the antipode.
    if a.intersects(_antipodes(b)):
        return _HALF_WAY_M
    fine_a, fine_b = (shapely.get_coordinates(shape.segmentize(_EDGE_DEG)) for shape in (a, b))
    return max(high_m, _longest_m(fine_a, fine_b))


def _longest_m(points_a: Floats, points_b: Floats) -> float:
    """Return the greatest distance between points of one and of another."""
    # The longest chords through the earth are the longest ways over it, or nearly so.
    longest = np.concatenate(
        [
            start * len(points_b) + _largest(_chords(block, points_b).ravel())
            for start, block in _blocks(points_a, points_b)
        ]
    )
    i, j = np.divmod(longest, len(points_b))
    distance, _ = inverse(*points_a[i].T, *points_b[j].T)
    return float(distance.max())


def _blocks(points_a: Floats, points_b: Floats) -> list[tuple[int, Floats]]:
    """Cut points so that all pairs of a block with the others fit into memory."""
    size = max(1, _PAIRS_AT_ONCE // len(points_b))
    return [(start, points_a[start : start + size]) for start in range(0, len(points_a), size)]


def _largest(values: Floats) -> NDArray[np.intp]:
    return np.argpartition(values, -min(16, values.size))[-16:]


def _antipodes(shape: BaseGeometry) -> BaseGeometry:
    """Return what lies on the other side of the earth."""
    mirrored = affinity.scale(affinity.translate(shape, 180), 1, -1, origin=(0, 0))
    return on_earth(mirrored)


# ---------------------------------------------------------------- projections


@lru_cache(maxsize=256)
def _projection(longitude: float, latitude: float) -> Proj:
    """Return degrees to metres around a point: azimuthal equidistant on WGS84."""
    return Proj(proj="aeqd", lon_0=longitude, lat_0=latitude, ellps="WGS84")


def _project(shape: BaseGeometry, longitude: float, latitude: float) -> BaseGeometry:
    fine = shape.segmentize(_EDGE_DEG)
    # The stubs know only functions of one array, the first form of shapely 2.0.
    return shapely.transform(fine, _projection(longitude, latitude), interleaved=False)  # type: ignore[arg-type]


def _unproject(shape: BaseGeometry, longitude: float, latitude: float) -> BaseGeometry:
    def to_degrees(east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
        lon, lat = _projection(longitude, latitude)(east_m, north_m, inverse=True)
        return _beside(np.asarray(lon), longitude), np.asarray(lat)

    return shapely.transform(shape, to_degrees, interleaved=False)  # type: ignore[arg-type]  # as above


def _degrees(
    east_m: float, north_m: float, longitude: float, latitude: float
) -> tuple[float, float]:
    """Return degrees of one point of the projection."""
    lon, lat = _projection(longitude, latitude)(east_m, north_m, inverse=True)
    return float(lon), float(lat)


def _middle(shape: BaseGeometry) -> tuple[float, float]:
    """Return the middle of a shape's box, rounded so that projections are shared."""
    west, south, east, north = _unwrapped(shape).bounds
    return round((west + east) / 2, 1), round((south + north) / 2, 1)


def _chords(a: Floats, b: Floats) -> Floats:
    """Return the squared straight distances through the earth, all pairs, in m2; right to 0.1."""
    one, other = in_space(a), in_space(b)
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)
    return np.asarray(squares - 2 * one @ other.T)


def _arc(longitude: float, latitude: float, azimuths: Floats, distance_m: float) -> Floats:
    lon, lat = direct(longitude, latitude, azimuths, distance_m)
    return np.column_stack([_beside(lon, longitude), lat])


def _ray(longitude: float, latitude: float, azimuth: float, distances: Floats) -> Floats:
    lon, lat = direct(longitude, latitude, azimuth, distances)
    return np.column_stack([_beside(lon, longitude), lat])


def _beside(longitudes: Floats, longitude: float) -> Floats:
    """Return longitudes within 180 degrees of one of them, beyond 180 if need be."""
    return np.asarray((longitudes - longitude + 180) % 360 - 180 + longitude)


def _to_pole(latitude: float) -> float:
    """Return the distance to the nearer pole, in metres."""
    distance, _ = inverse(0, latitude, 0, math.copysign(90, latitude))
    return float(distance)


def _polar_cap(latitude: float, distance_m: float) -> Polygon:
    """Return all latitudes within a distance: what is left to say where a pole is inside."""
    _, far = direct(0, latitude, 180 if latitude >= 0 else 0, distance_m * _SLACK)
    if latitude >= 0:
        return box(-180, float(far), 180, 90)
    return box(-180, -90, 180, float(far))


def _around_pole(shape: BaseGeometry, distance_m: float) -> Polygon:
    """Return all latitudes that a shape reaches when it is widened over a pole."""
    _, south, _, north = shape.bounds
    over_north, over_south = distance_m > _to_pole(north), distance_m > _to_pole(south)
    # Of a shape on one side of the equator the nearer pole of either edge is the same.
    over_north, over_south = over_north and north > 0, over_south and south < 0
    if over_north and over_south:
        msg = f"within {distance_m:,.0f} m of the shape lie both poles"
        raise ValueError(msg)
    edge, azimuth = (south, 180) if over_north else (north, 0)
    _, far = direct(0, edge, azimuth, distance_m * _SLACK)
    return box(-180, float(far), 180, 90) if over_north else box(-180, -90, 180, float(far))


def _check_reach(distance_m: float) -> None:
    """Raise where a distance goes farther than shapes on half of the earth."""
    if distance_m > FARTHEST_M:
        msg = f"{distance_m:,.0f} m is more than a quarter of the way around the earth"
        raise ValueError(msg)


def _unwrapped(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape on both sides of the antimeridian in one piece, beyond 180 degrees east."""
    west, _, east, _ = shape.bounds
    if east - west <= 180:
        return shape
    parts = shapely.get_parts(shape)
    moved = [affinity.translate(part, 360) if part.bounds[2] <= 0 else part for part in parts]
    return GeometryCollection(moved)
