"""Geodesics against published ones and closed forms; shapes and bounds against samples."""

import csv
import math

import numpy as np
import pytest
import shapely
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geoinc.geodesy import (
    area_km2,
    buffer,
    corrected_centre,
    direct,
    disc,
    distance_bounds,
    enclosing_circle,
    farthest_m,
    inverse,
    ring,
    sector,
    side,
)

EQUATOR_DEGREE_M = math.pi * 6378137 / 180

longitudes = st.floats(-180, 180)
latitudes = st.floats(-70, 70)
azimuths = st.floats(0, 360)
radii = st.floats(50, 400_000)


def test_published_geodesics(shared_data):
    """The 20 geodesics of GeographicLib's test set, to 1e-8 m and 1e-9 degrees."""
    with (shared_data / "geodesics" / "geodesic_wgs84.csv").open() as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    assert len(rows) == 20
    lon1, lat1, lon2, lat2, azimuth, distance = (
        np.array([row[key] for row in rows])
        for key in ("lon1", "lat1", "lon2", "lat2", "azi1", "s12")
    )
    distance_m, azimuth_deg = inverse(lon1, lat1, lon2, lat2)
    np.testing.assert_allclose(distance_m, distance, rtol=0, atol=1e-8)
    _, _, by_pyproj = Geod(ellps="WGS84").inv(lon1, lat1, lon2, lat2)
    np.testing.assert_allclose(distance_m, by_pyproj, rtol=0, atol=1e-8)
    np.testing.assert_allclose(azimuth_deg, azimuth % 360, atol=1e-9)
    lon, lat = direct(lon1, lat1, azimuth, distance)
    np.testing.assert_allclose((lon - lon2 + 180) % 360, 180, atol=1e-9)
    np.testing.assert_allclose(lat, lat2, atol=1e-9)


def test_degree_on_the_equator_is_an_arc_of_the_circle():
    distance_m, azimuth_deg = inverse(10, 0, [11, 9], 0)
    np.testing.assert_allclose(distance_m, EQUATOR_DEGREE_M)
    np.testing.assert_allclose(azimuth_deg, [90, 270])


def test_missing_coordinates_give_missing_distances():
    distance_m, azimuth_deg = inverse([10, np.nan], 0, 11, 0)
    assert np.isnan(distance_m).tolist() == [False, True]
    assert np.isnan(azimuth_deg).tolist() == [False, True]


def test_geopy_agrees():
    balad, asad = (44.36, 33.94), (42.44, 33.79)
    distance_m, _ = inverse(*balad, *asad)
    assert float(distance_m) == pytest.approx(geodesic(balad[::-1], asad[::-1]).m, abs=1e-3)


# ---------------------------------------------------------------- shapes


@pytest.mark.parametrize("radius_km", [0.1, 5, 50, 300])
@pytest.mark.parametrize("latitude", [0, 33.9, -60])
def test_area_of_a_disc_is_that_of_a_circle(radius_km, latitude):
    """A circle on a sphere covers 2 pi R^2 (1 - cos r/R); the shape is at most 0.3 % more."""
    radius_earth = 6371.0
    circle = 2 * math.pi * radius_earth**2 * (1 - math.cos(radius_km / radius_earth))
    area = area_km2(disc(44, latitude, radius_km * 1000))
    assert area == pytest.approx(circle, rel=0.004)


def test_area_of_a_sector_is_its_share_of_the_disc():
    whole = area_km2(disc(44, 33, 20_000))
    assert area_km2(sector(44, 33, 45, 45, 20_000)) == pytest.approx(whole / 4, rel=0.002)
    annular = area_km2(sector(44, 33, 45, 45, 20_000, inner_m=10_000))
    assert annular == pytest.approx(whole * 3 / 16, rel=0.002)
    assert area_km2(ring(44, 33, 10_000, 20_000)) == pytest.approx(whole * 3 / 4, rel=0.002)


def test_area_of_the_world_is_that_of_the_ellipsoid():
    octants = [
        shapely.box(west, s, west + 90, s + 90) for west in (-180, -90, 0, 90) for s in (-90, 0)
    ]
    assert sum(map(area_km2, octants)) == pytest.approx(510_065_622, rel=1e-5)


@given(longitudes, latitudes, azimuths, radii)
def test_disc_holds_its_circle(longitude, latitude, azimuth, radius_m):
    lon, lat = direct(longitude, latitude, azimuth, radius_m)
    assert disc(longitude, latitude, radius_m).covers(shapely.Point(lon, lat))
    lon, lat = direct(longitude, latitude, azimuth, radius_m * 1.003)
    assert not disc(longitude, latitude, radius_m).covers(shapely.Point(lon, lat))


views = st.tuples(longitudes, latitudes, azimuths, st.floats(5, 90))


@given(views, st.floats(0, 0.9), st.floats(0, 1), st.floats(-1, 1))
def test_sector_holds_what_is_seen_there(view, inner, far, side):
    longitude, latitude, azimuth, half = view
    outer_m = 100_000
    shape = sector(longitude, latitude, azimuth, half, outer_m, inner_m=inner * outer_m)
    distance = outer_m * (inner + (1 - inner) * far)
    # The straight sides are drawn in eight steps each: right to a few metres in 100 km.
    lon, lat = direct(longitude, latitude, azimuth + side * half, distance)
    assert shape.distance(shapely.Point(lon, lat)) < 1e-4
    lon, lat = direct(longitude, latitude, azimuth + 180, max(distance, 1000))
    assert not shape.covers(shapely.Point(lon, lat))


def test_shapes_at_the_antimeridian_stay_in_the_world():
    shape = disc(179.9, -17, 50_000)
    assert shape.geom_type == "MultiPolygon"
    assert shape.bounds[0] == -180
    assert shape.bounds[2] == 180
    assert shape.covers(shapely.Point(-179.9, -17))
    assert area_km2(shape) == pytest.approx(math.pi * 50**2, rel=0.004)
    corridor = buffer(shapely.LineString([(179.5, 0), (179.9, 0)]), 50_000)
    assert corridor.covers(shapely.Point(-179.9, 0))


def test_disc_over_a_pole_is_all_that_is_so_far_north():
    shape = disc(44, 89, 500_000)
    assert shape.covers(shapely.Point(-136, 87))
    assert disc(44, -89.5, 500_000).covers(shapely.Point(0, -90))


@pytest.mark.parametrize(
    ("inner", "outer"), [(0, 0), (5, 5), (5, 4), (-1, 4), (0, math.inf), (0, math.nan)]
)
def test_impossible_distances_are_refused(inner, outer):
    with pytest.raises(ValueError, match="not 0 <= inner < outer"):
        ring(44, 33, inner, outer)


@pytest.mark.parametrize(
    ("azimuth", "holds", "lacks"),
    [
        (0, (44, 34), (44, 32)),
        (90, (45, 33), (43, 33)),
        (180, (44, 32), (44, 34)),
        (270, (43, 33), (45, 33)),
        (45, (44.5, 33.1), (43.5, 33.1)),
        (225, (43.5, 32.9), (44.5, 32.9)),
    ],
)
def test_side_is_what_lies_beyond_the_middle(azimuth, holds, lacks):
    half = side(shapely.box(42, 31, 46, 35), azimuth)
    assert half.covers(shapely.Point(holds))
    assert not half.covers(shapely.Point(lacks))


@given(st.floats(-170, 170), st.floats(-60, 60), st.floats(0, 359))
def test_opposite_sides_make_the_whole(longitude, latitude, azimuth):
    whole = shapely.box(longitude - 3, latitude - 2, longitude + 3, latitude + 2)
    one, other = (side(whole, azimuth + turn) for turn in (0, 180))
    assert one.area == pytest.approx(whole.area / 2)
    assert one.area + other.area == pytest.approx(whole.area)


def test_a_country_on_the_antimeridian_is_one():
    fiji = shapely.MultiPolygon(
        [shapely.box(177, -19, 180, -16), shapely.box(-180, -19, -179, -16)]
    )
    assert enclosing_circle(fiji)[0] == pytest.approx(179, abs=0.1)
    assert side(fiji, 270).bounds == pytest.approx((177, -19, 179, -16))
    assert side(fiji, 90).bounds == pytest.approx((-180, -19, 180, -16))
    wider = buffer(fiji, 50_000)
    assert wider.is_valid
    assert wider.covers(fiji)
    assert area_km2(wider) < 2.2 * area_km2(fiji)
    tonga = disc(-175.2, -21.1, 20_000)
    low_m, high_m = distance_bounds(fiji, tonga)
    assert low_m == pytest.approx(float(inverse(-179, -19, -175.2, -21.1)[0]) - 20_000, rel=0.01)
    assert high_m == pytest.approx(float(inverse(177, -16, -175.2, -21.1)[0]) + 20_000, rel=0.01)


def test_buffer_of_a_line_is_a_corridor():
    """Length times width and the round ends: 1 degree along the equator, 10 km wide."""
    corridor = buffer(shapely.LineString([(44, 0), (45, 0)]), 5_000)
    closed_form = EQUATOR_DEGREE_M / 1000 * 10 + math.pi * 25
    assert area_km2(corridor) == pytest.approx(closed_form, rel=0.003)


@given(longitudes, latitudes, azimuths, st.floats(1_000, 100_000))
def test_buffer_of_a_point_is_a_disc(longitude, latitude, azimuth, distance_m):
    area = buffer(shapely.Point(longitude, latitude), distance_m)
    lon, lat = direct(longitude, latitude, azimuth, distance_m)
    assert area.buffer(1e-9).covers(shapely.Point(lon, lat))
    assert area_km2(area) == pytest.approx(
        area_km2(disc(longitude, latitude, distance_m)), rel=0.004
    )


# ---------------------------------------------------------------- measures


def test_enclosing_circle_of_two_points_is_their_middle():
    pair = shapely.MultiPoint([(44, 0), (46, 0)])
    longitude, latitude, radius_m = enclosing_circle(pair)
    assert (longitude, latitude) == (pytest.approx(45, abs=1e-6), pytest.approx(0, abs=1e-6))
    assert radius_m == pytest.approx(EQUATOR_DEGREE_M, rel=1e-6)


@given(
    st.lists(st.tuples(st.floats(38, 48), st.floats(29, 37)), min_size=3, max_size=12, unique=True)
)
def test_enclosing_circle_holds_every_corner_and_is_no_wider_than_needed(corners):
    shape = shapely.MultiPoint(corners)
    longitude, latitude, radius_m = enclosing_circle(shape)
    assert farthest_m(longitude, latitude, shape) <= radius_m
    widest = max(float(inverse(*a, *b)[0]) for a in corners for b in corners)
    # Jung: the circle around a set of diameter d has a radius of d/2 to d/sqrt(3).
    assert widest / 2 <= radius_m + 1e-6
    assert radius_m <= widest / math.sqrt(3) * 1.005 + 1


def test_a_centre_outside_the_area_moves_to_where_the_farthest_of_it_is_nearest():
    horseshoe = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 0, 3, 3.5))
    longitude, latitude, radius_m = corrected_centre(horseshoe)
    assert horseshoe.covers(shapely.Point(longitude, latitude))
    # Half way up the inner side of either leg: sqrt(3**2 + 2**2) degrees to the far corners.
    assert longitude == pytest.approx(1, abs=1e-3) or longitude == pytest.approx(3, abs=1e-3)
    assert latitude == pytest.approx(2, abs=0.05)
    assert radius_m == pytest.approx(math.sqrt(13) * EQUATOR_DEGREE_M, rel=0.01)
    edge = shapely.get_coordinates(horseshoe.boundary.segmentize(0.1))
    assert radius_m <= min(farthest_m(*corner, horseshoe) for corner in edge) + 20


def test_a_centre_inside_stays():
    box = shapely.box(43, 32, 45, 34)
    assert corrected_centre(box) == enclosing_circle(box)


def test_bounds_between_two_discs_have_a_closed_form():
    """Two circles: the distance of the centres less and more both radii."""
    centre_m, _ = inverse(44, 33, 45, 33.5)
    low_m, high_m = distance_bounds(disc(44, 33, 5_000), disc(45, 33.5, 12_000))
    assert low_m == pytest.approx(float(centre_m) - 17_000, rel=0.002)
    assert high_m == pytest.approx(float(centre_m) + 17_000, rel=0.002)


def test_bounds_of_areas_that_meet_begin_at_zero():
    province, base = shapely.box(44, 33, 46, 35), disc(45, 34, 3_000)
    low_m, high_m = distance_bounds(base, province)
    assert low_m == 0
    assert high_m == pytest.approx(farthest_m(45, 34, province) + 3_000, rel=0.01)
    touching = shapely.box(46, 33, 47, 35)
    assert distance_bounds(province, touching)[0] == 0


def test_bounds_across_the_antimeridian_go_the_short_way():
    low_m, high_m = distance_bounds(shapely.box(178, -1, 179, 1), shapely.box(-179, -1, -178, 1))
    assert low_m == pytest.approx(2 * EQUATOR_DEGREE_M, rel=0.005)
    assert high_m == pytest.approx(float(inverse(178, -1, -178, 1)[0]), rel=0.005)


def test_bounds_between_far_countries():
    """Yemen to Israel, as boxes: 1,700 km between the nearest corners."""
    yemen, israel = shapely.box(42.6, 12.6, 53.1, 19.0), shapely.box(34.3, 29.5, 35.9, 33.3)
    low_m, high_m = distance_bounds(yemen, israel)
    assert low_m == pytest.approx(float(inverse(42.6, 19.0, 35.9, 29.5)[0]), rel=0.001)
    assert high_m == pytest.approx(float(inverse(53.1, 12.6, 34.3, 33.3)[0]), rel=0.001)


def test_an_empty_area_has_no_distance():
    with pytest.raises(ValueError, match="empty"):
        distance_bounds(shapely.Polygon(), disc(44, 33, 1000))


corner_lists = st.lists(
    st.tuples(st.floats(35, 50), st.floats(12, 40)), min_size=3, max_size=8, unique=True
)
shares = st.lists(st.floats(0.01, 1), min_size=8, max_size=8)


@settings(max_examples=60)
@given(corner_lists, corner_lists, shares, shares)
def test_no_pair_of_places_is_nearer_or_farther_than_the_bounds(first, second, share_a, share_b):
    """Any mean of the corners of a convex area lies in it; so does any pair of means."""
    spots = []
    areas = []
    for corners, share in ((first, share_a), (second, share_b)):
        areas.append(shapely.MultiPoint(corners).convex_hull.buffer(0.01))
        weights = np.array(share[: len(corners)]) / sum(share[: len(corners)])
        spots.append(weights @ np.array(corners))
    low_m, high_m = distance_bounds(*areas)
    distance_m = float(inverse(*spots[0], *spots[1])[0])
    assert low_m <= distance_m <= high_m


def test_bounds_hold_samples_and_are_no_wider_than_a_search_finds():
    """The same at full length: benchmarks/bounds.py."""
    from benchmarks.bounds import random_pairs, sampled, searched

    rng = np.random.default_rng(1)
    for a, b in random_pairs(rng, 30):
        low_m, high_m = distance_bounds(a, b)
        one, other = sampled(rng, a, 1_000), sampled(rng, b, 1_000)
        distance_m, _ = inverse(*one.T, *other.T)
        assert distance_m.min() >= low_m
        assert distance_m.max() <= high_m
        for bound_m, best_m in zip((low_m, high_m), searched(a, b), strict=True):
            assert abs(bound_m - best_m) <= max(0.01 * best_m, 50)


HALF_WAY_M = 20_003_931.4586  # from pole to pole


@pytest.mark.parametrize(
    ("a", "b", "low_m", "high_m"),
    [
        # Areas of which one lies on the far side of the other: no corner is the farthest.
        (shapely.box(44, 30, 46, 34), shapely.box(-137, -33, -134, -31), None, HALF_WAY_M),
        (disc(0, 89, 300_000), disc(0, -89, 300_000), None, HALF_WAY_M),
        # Beside the antimeridian, and over a pole.
        (shapely.box(178, -1, 180, 1), shapely.box(-180, -1, -178, 1), 0, None),
        (disc(0, 89, 300_000), disc(120, 88, 50_000), 0, None),
    ],
)
def test_bounds_at_the_ends_of_the_earth(a, b, low_m, high_m):
    low, high = distance_bounds(a, b)
    if low_m is not None:
        assert low == pytest.approx(low_m, abs=1)
    if high_m is not None:
        assert high == pytest.approx(high_m, abs=1)
    one, other = a.representative_point(), b.representative_point()
    distance_m, _ = inverse(one.x, one.y, other.x, other.y)
    assert low <= float(distance_m) <= high


@pytest.mark.parametrize("latitude", [89.9, -89.9])
def test_a_buffer_over_a_pole_is_all_that_lies_as_far(latitude):
    pole = math.copysign(90, latitude)
    area = buffer(shapely.Point(30, latitude), 50_000)
    assert area.covers(shapely.Point(-150, pole))
    for azimuth in range(0, 360, 30):
        assert area.covers(shapely.Point(direct(30, latitude, azimuth, 49_999)))
    longitude, lat, radius_m = enclosing_circle(area)
    assert farthest_m(longitude, lat, area) <= radius_m * 1.001


def test_shapes_of_more_than_half_the_earth_are_refused():
    with pytest.raises(ValueError, match="quarter of the way"):
        disc(44, 33, 10_500_000)
    with pytest.raises(ValueError, match="quarter of the way"):
        buffer(shapely.Point(44, 33), 10_500_000)
    with pytest.raises(ValueError, match="both poles"):
        buffer(shapely.box(0, -60, 1, 60), 9_000_000)
