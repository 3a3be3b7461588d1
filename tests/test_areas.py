"""Areas of clauses against closed forms and eye, headings against what was measured."""

import json
import math
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinc import geodesy
from geoinc.errors import LocalityError
from geoinc.georeferencing import georeference, resolve
from geoinc.georeferencing.areas import (
    ALONG_HALF_WIDTH_M,
    HALFWAY_SHARE,
    JUNCTION_REACH_M,
    area_of,
    coverage_of,
    near_reach_m,
)
from geoinc.georeferencing.circles import as_circle
from geoinc.georeferencing.headings import (
    BETWEEN_WINDS_HALF_ANGLE_DEG,
    DISTANCE_RATIO,
    FOUR_WINDS_HALF_ANGLE_DEG,
    half_angle_deg,
    true_distance,
)
from geoinc.georeferencing.point_radius import PointRadius
from geoinc.localities import Clause, Relation
from geoinc.places import Place

DEGREE_M = math.pi * 6378137 / 180


def spot(longitude, latitude, radius_m=2_000.0, name="X"):
    """Return a place that is a disc."""
    return Place(
        f"toy-{name}",
        name,
        "town",
        geodesy.disc(longitude, latitude, radius_m),
        longitude,
        latitude,
        radius_m,
        min(500.0, radius_m / 2),
        shape=f"disc radius_m={radius_m:g}",
    )


def outlined(west, south, east, north, boundary_error_m=0.0):
    """Return a place that is a box."""
    area = shapely.box(west, south, east, north)
    longitude, latitude, radius_m = geodesy.enclosing_circle(area)
    return Place(
        "toy-box",
        "Box",
        "province",
        area,
        longitude,
        latitude,
        radius_m + boundary_error_m,
        1_000.0,
        boundary_error_m,
    )


def at(place, azimuth, distance_m):
    """Return the point at a distance from a place."""
    lon, lat = geodesy.direct(place.longitude, place.latitude, azimuth, distance_m)
    return shapely.Point(float(lon), float(lat))


HERE, THERE = spot(44, 0), spot(45, 0, name="Y")

#: One clause of each relation.
EVERY = {
    "is": Clause("is", ("X",)),
    "in": Clause("in", ("X",)),
    "part": Clause("part", ("X",), heading="north"),
    "near": Clause("near", ("X",)),
    "around": Clause("around", ("X",)),
    "outside": Clause("outside", ("X",)),
    "outskirts": Clause("outskirts", ("X",)),
    "heading": Clause("heading", ("X",), heading="east"),
    "offset": Clause("offset", ("X",), heading="northeast", distance="20 km"),
    "orthogonal": Clause(
        "orthogonal",
        ("X",),
        heading="east",
        distance="20 km",
        other_heading="north",
        other_distance="30 km",
    ),
    "distance": Clause("distance", ("X",), distance="20 km"),
    "within": Clause("within", ("X",), distance="20 km"),
    "between": Clause("between", ("X", "Y")),
    "halfway": Clause("halfway", ("X", "Y")),
    "along": Clause("along", ("X",)),
    "road": Clause("road", ("X", "Y")),
    "junction": Clause("junction", ("X", "Y")),
    "border": Clause("border", ("X",)),
    "coordinates": Clause("coordinates", (), longitude=44.0, latitude=0.0, uncertainty_m=500.0),
}


def area(relation, *places, **told):
    """Return the area of the clause of a relation."""
    return area_of(EVERY[relation], places or (HERE, THERE), **told)


def test_every_relation_has_an_area():
    assert set(EVERY) == set(get_args(Relation)) - {"hint"}
    near = replace(THERE, longitude=44.02, footprint=geodesy.disc(44.02, 0, 2_000))
    for relation, clause in EVERY.items():
        places = (HERE, near)[: len(clause.names)]
        for headings in ("calibrated", "compass"):
            shape = area_of(clause, places, headings=headings)
            assert shape.is_valid, relation
            assert not shape.is_empty, relation
            assert 0 < coverage_of(clause, headings) <= 1
            wide = area_of(clause, places, wide=True, headings=headings)
            assert shape.difference(wide.buffer(1e-6)).area <= 0.01 * shape.area, relation


# ---------------------------------------------------------------- distances and headings


@pytest.mark.parametrize(
    ("heading", "calibrated", "compass"),
    [
        ("north", FOUR_WINDS_HALF_ANGLE_DEG, 45),
        ("southeast", BETWEEN_WINDS_HALF_ANGLE_DEG, 22.5),
        ("north-northeast", BETWEEN_WINDS_HALF_ANGLE_DEG, 11.25),
        ("north by east", BETWEEN_WINDS_HALF_ANGLE_DEG, 5.625),
        ("45°", 11.25, 1),
    ],
)
def test_half_angles(heading, calibrated, compass):
    assert half_angle_deg(heading, "calibrated") == calibrated
    assert half_angle_deg(heading, "compass") == compass


@pytest.mark.parametrize(
    ("distance", "calibrated", "compass"),
    [
        ("100 km", (83_000, 137_000), (50_000, 150_000)),
        # Of a short way the number is no more precise than it is written.
        ("1 km", (500, 1_500), (500, 1_500)),
        ("10 nautical miles", (15_371.6, 25_372.4), (9_260, 27_780)),
        ("5-10 km", (4_150, 13_700), (4_500, 15_000)),
        ("more than 20 km", (15_000, 30_000), (15_000, 30_000)),
    ],
)
def test_true_distances(distance, calibrated, compass):
    assert true_distance(distance, "calibrated") == pytest.approx(calibrated)
    assert true_distance(distance, "compass") == pytest.approx(compass)


def test_an_offset_is_an_annular_sector_seen_from_any_point_of_the_place():
    """The sector, a strip as wide as the place around it, and round corners."""
    low_km, high_km = (20 * ratio for ratio in DISTANCE_RATIO)
    half = math.radians(BETWEEN_WINDS_HALF_ANGLE_DEG)
    closed_form = (
        half * (high_km**2 - low_km**2)
        + (2 * half * (high_km + low_km) + 2 * (high_km - low_km)) * 2
        + math.pi * 2**2
    )
    assert geodesy.area_km2(area("offset")) == pytest.approx(closed_form, rel=0.01)


def test_the_compass_is_the_textbook():
    clause = EVERY["offset"]
    sharp = area_of(clause, [HERE], headings="compass")
    assert sharp.covers(at(HERE, 45, 20_000))
    # 15 to 25 km by the precision of the number, and 22.5 degrees.
    assert sharp.covers(at(HERE, 66, 24_900))
    assert not sharp.covers(at(HERE, 90, 20_000))
    assert area_of(clause, [HERE]).covers(at(HERE, 94, 20_000))


def test_headings_in_degrees():
    clause = Clause("offset", ("X",), heading="60°", distance="20 km")
    shape = area_of(clause, [HERE])
    assert shape.covers(at(HERE, 70, 20_000))
    assert not shape.covers(at(HERE, 90, 20_000))


def test_more_than_has_an_end():
    clause = Clause("distance", ("X",), distance="more than 20 km")
    shape = area_of(clause, [HERE])
    assert shape.covers(at(HERE, 10, 29_000))
    assert not shape.covers(at(HERE, 10, 5_000))
    assert not shape.covers(at(HERE, 10, 60_000))


def test_orthogonal_is_a_block_around_the_corner_it_names():
    shape = area("orthogonal")
    corner = geodesy.direct(*geodesy.direct(44, 0, 90, 20_000), 0, 30_000)
    assert shape.covers(shapely.Point(corner))
    assert not shape.covers(at(HERE, 90, 20_000))
    assert not shape.covers(at(HERE, 0, 30_000))
    spans = [
        20 * (DISTANCE_RATIO[1] - DISTANCE_RATIO[0]),
        30 * (DISTANCE_RATIO[1] - DISTANCE_RATIO[0]),
    ]
    block = spans[0] * spans[1] + 2 * sum(spans) * 2 + math.pi * 4
    assert geodesy.area_km2(shape) == pytest.approx(block, rel=0.01)


# ---------------------------------------------------------------- what is judged


def test_outside_leaves_the_place_out():
    assert area("outside").equals(area("near"))
    assert not area("outside").intersects(shapely.Point(44, 0))


def test_outskirts_lie_on_both_sides_of_the_edge():
    city = replace(spot(44, 0, 10_500), position_error_m=500.0)
    shape = area("outskirts", city)
    for azimuth in range(0, 360, 45):
        assert shape.covers(at(city, azimuth, 9_000))
        assert shape.covers(at(city, azimuth, 15_000))
        assert not shape.covers(at(city, azimuth, 4_000))
    north = area_of(Clause("outskirts", ("X",), heading="north"), [city])
    assert north.covers(at(city, 0, 12_000))
    assert not north.intersects(at(city, 180, 9_000))


def test_halfway_is_a_disc_in_the_middle():
    shape = area("halfway")
    assert shape.covers(shapely.Point(44.5, 0))
    assert not shape.intersects(HERE.footprint)
    radius_km = (DEGREE_M * HALFWAY_SHARE + 2_000) / 1000
    assert geodesy.area_km2(shape) == pytest.approx(math.pi * radius_km**2, rel=0.005)


def test_a_road_is_a_corridor_with_both_ends():
    shape = area("road")
    for share in np.linspace(0, 1, 11):
        assert shape.covers(at(HERE, 90, DEGREE_M * share))
    assert shape.covers(HERE.footprint)
    assert shape.covers(THERE.footprint)
    assert shape.covers(shapely.Point(44.5, 0.1))
    assert not shape.covers(shapely.Point(44.5, 0.3))
    # From a place to itself: around it.
    assert area("road", HERE, HERE).covers(HERE.footprint)


def test_along_is_a_strip():
    river = outlined(44, 0, 46, 0.01)
    shape = area("along", river)
    width_deg = ALONG_HALF_WIDTH_M / DEGREE_M
    assert shape.covers(shapely.Point(45, 0.01 + 0.95 * width_deg))
    assert not shape.covers(shapely.Point(45, 0.01 + 1.1 * width_deg))


def test_a_junction_is_where_both_meet():
    one, other = outlined(44, 0, 46, 0.01), outlined(45, -1, 45.01, 1)
    shape = area("junction", one, other)
    reach_deg = JUNCTION_REACH_M / DEGREE_M
    assert shape.bounds == pytest.approx(
        (45 - reach_deg, -reach_deg, 45.01 + reach_deg, 0.01 + reach_deg), abs=2e-4
    )
    assert area("junction", one, outlined(50, 3, 51, 4)).is_empty


def test_coordinates_are_a_disc():
    shape = area("coordinates")
    assert geodesy.area_km2(shape) == pytest.approx(math.pi * 0.5**2, rel=0.005)
    with pytest.raises(ValueError, match="no position"):
        area_of(Clause("coordinates", ()), [])


def test_in_includes_what_the_outline_may_miss():
    box = outlined(44, 0, 46, 1, boundary_error_m=5_000.0)
    inside = area("in", box)
    reach_deg = 5_000 / DEGREE_M
    assert inside.bounds == pytest.approx(
        (44 - reach_deg, -reach_deg, 46 + reach_deg, 1 + reach_deg), abs=1e-3
    )
    assert area("is", box).equals(box.footprint)


def test_near_is_as_wide_as_the_thing_is_large():
    assert near_reach_m(spot(44, 0, 600)) < near_reach_m(spot(44, 0, 30_000))


# ---------------------------------------------------------------- words


def test_coordinates_in_words(toy_gazetteer):
    found = georeference("0.1°N 3.5°E ± 500 m", toy_gazetteer)
    assert (found.place.longitude, found.place.latitude) == pytest.approx((3.5, 0.1), abs=1e-4)
    assert found.place.uncertainty_m == pytest.approx(500, rel=0.01)
    assert found.place.position_error_m == 500
    assert found.place.source == "as told"
    assert found.place.shape == "disc radius_m=500"


def test_methods_make_other_places(toy_gazetteer):
    words = "20 km northeast of Gamma Air Base"
    calibrated = resolve(words, toy_gazetteer)
    compass = resolve(words, toy_gazetteer, headings="compass")
    circle = resolve(words, toy_gazetteer, method="point-radius")
    assert len({place.place_id for place in (calibrated, compass, circle)}) == 3
    assert calibrated.coverage == 0.95
    assert compass.coverage == 0.61
    base = toy_gazetteer.place("wl-gamma-air-base")
    # Wieczorek, Guo & Hijmans (2004): 20 km are good to 5 km.
    ahead = 20_000 * (1 - math.cos(math.radians(22.5))) + base.uncertainty_m + 5_000
    expected_m = math.hypot(ahead, 20_000 * math.sin(math.radians(22.5)))
    assert circle.uncertainty_m == pytest.approx(expected_m, abs=1)
    assert circle.shape.startswith("disc radius_m=")
    point = geodesy.direct(base.longitude, base.latitude, 45, 20_000)
    assert float(geodesy.inverse(circle.longitude, circle.latitude, *point)[0]) == pytest.approx(
        0, abs=5
    )
    named = resolve("Beta province", toy_gazetteer, method="point-radius")
    assert named.footprint.covers(toy_gazetteer.place("wl-beta-province").footprint)


def test_methods_that_there_are_not(toy_gazetteer):
    with pytest.raises(ValueError, match="method"):
        resolve("Gamma", toy_gazetteer, method="circle")
    with pytest.raises(ValueError, match="headings"):
        georeference("Gamma", toy_gazetteer, headings="magnetic")


UNITS = {"m": "m", "km": "km", "nm": "nautical miles"} | dict.fromkeys(
    ("M", "mile", "miles"), "miles"
)


def test_experts_radii_from_clauses(shared_data):
    """What `method="point-radius"` gives: 36 of 37 radii and all centres within a metre."""
    path = shared_data / "georeferencing" / "point_radius.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))
    within = missed = 0
    for row in vectors["nz_distance_at_heading"]:
        place = replace(spot(row["lon"], row["lat"]), uncertainty_m=row["feature_radial_m"] + 7.8)
        degrees = row["half_angle_deg"] == 1
        azimuth = row["heading_deg"]
        names = {0: "north", 22.5: "north-northeast", 45: "northeast", 67.5: "east-northeast",
                 90: "east", 135: "southeast", 180: "south", 225: "southwest", 270: "west",
                 315: "northwest"}  # fmt: skip
        clause = Clause(
            "offset",
            ("X",),
            heading=f"{azimuth:g}°" if degrees else names[azimuth],
            distance=f"{row['distance']:g} {UNITS[row['unit']]}",
        )
        circle = as_circle(place, [(clause, [place])], PointRadius())
        within += abs(circle.uncertainty_m - row["ref_radius_m"]) < 1
        off_m, _ = geodesy.inverse(
            circle.longitude, circle.latitude, row["ref_lon"], row["ref_lat"]
        )
        assert float(off_m) < 1
    for row in vectors["nz_distance_only"]:
        place = replace(
            spot(170, -40), uncertainty_m=row["feature_radial_m"] + row["measurement_m"]
        )
        unit = next(
            unit
            for unit, unit_m in (("nautical miles", 1852), ("miles", 1609.344), ("m", 1))
            if row["distance_m"] % unit_m == 0 and row["distance_precision_m"] % (unit_m / 2) == 0
        )
        number = row["distance_m"] / {"nautical miles": 1852, "miles": 1609.344, "m": 1}[unit]
        clause = Clause("distance", ("X",), distance=f"{number:g} {unit}")
        if row["distance_m"] == 23_000:
            clause = Clause("distance", ("X",), distance="23 km")
        circle = as_circle(place, [(clause, [place])], PointRadius())
        good = abs(circle.uncertainty_m - row["ref_radius_m"]) < 1
        within += good
        missed += 0 if good else row["distance_m"]
    assert within == 36
    assert missed == pytest.approx(16_093.44)


# ---------------------------------------------------------------- the ends of the earth


@pytest.mark.parametrize("relation", sorted(set(EVERY) - {"border", "junction"}))
@pytest.mark.parametrize("longitude", [179.9, -179.9, 180.0])
def test_areas_at_the_antimeridian_are_those_of_elsewhere(relation, longitude):
    def made(lon):
        one = spot((lon + 180) % 360 - 180, 10)
        other = spot((lon + 1.3 + 180) % 360 - 180, 10.2, name="Y")
        clause = EVERY[relation]
        if relation == "coordinates":
            clause = replace(clause, longitude=one.longitude, latitude=10.0)
        return area_of(clause, [one, other])

    here, elsewhere = made(longitude), made(40.0)
    west, _, east, _ = here.bounds
    assert west >= -180
    assert east <= 180
    assert geodesy.area_km2(here) == pytest.approx(geodesy.area_km2(elsewhere), rel=0.003)


@pytest.mark.parametrize("relation", sorted(set(EVERY) - {"border", "junction", "part"}))
@pytest.mark.parametrize("latitude", [89.95, -89.95])
def test_areas_over_a_pole_hold_it_or_say_why_not(relation, latitude):
    pole = math.copysign(90, latitude)
    one = spot(30, latitude, 8_000.0)
    other = spot(-120, latitude, 8_000.0, name="Y")
    clause = EVERY[relation]
    if relation == "coordinates":
        clause = replace(clause, longitude=30.0, latitude=latitude, uncertainty_m=8_000.0)
    shape = area_of(clause, [one, other])
    assert shape.is_valid
    if relation in {"in", "is", "around", "within", "between", "along", "coordinates", "road"}:
        assert shape.covers(shapely.Point(7, pole))
    longitude, lat, radius_m = geodesy.enclosing_circle(shape)
    assert geodesy.farthest_m(longitude, lat, shape) <= radius_m * 1.01 + 1


def test_a_distance_around_the_earth_is_no_place(toy_gazetteer):
    found = georeference("15000 km north of Gamma", toy_gazetteer)
    assert found.status == "unresolved"
    assert "quarter of the way around the earth" in found.reason
    with pytest.raises(LocalityError, match="quarter"):
        resolve("15000 km north of Gamma", toy_gazetteer)


SAID = (
    "along the road from Gamma to Beta halfway between and outskirts of outside junction 99999 0 0.0 "
    "-5 20 km miles nautical 45° 33.3N 3.1E ± 50 m more than less up about east northeast by north in"
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(SAID.split()), max_size=9).map(" ".join),
    st.sampled_from(["area", "point-radius"]),
)
def test_no_words_raise(toy_gazetteer, text, method):
    found = georeference(text, toy_gazetteer, method=method)
    assert found.reason.split(":")[0] in {"sure", "check", "unknown"}
    if found.status == "resolved":
        assert found.place.footprint.is_valid
        assert found.place.uncertainty_m > 0
        assert found.place.shape != "polygon" or method == "area"


# ---------------------------------------------------------------- the fit


def test_the_table_is_the_fit_and_holds_what_it_has_not_seen(shared_data):
    from benchmarks import headings

    messages, told, read = headings.read_messages(shared_data)
    assert read / told > 0.95
    of = headings.sane(messages)
    fit = headings.fit_sector(of, np.ones(len(of), dtype=bool), headings.COVERAGE)
    table = FOUR_WINDS_HALF_ANGLE_DEG, BETWEEN_WINDS_HALF_ANGLE_DEG, *DISTANCE_RATIO
    # Rounded outwards: to half a degree, and to a hundredth.
    steps = 0.5, 0.5, -0.01, 0.01
    for in_table, fitted, step in zip(table, fit, steps, strict=True):
        assert 0 <= (in_table - fitted) / step < 1
    hits, areas = headings.validated(of)
    low, high = headings.wilson(int(hits["sector"].sum()), len(of))
    assert low < 0.95 < high
    assert hits["textbook"].mean() < 0.86
    # Beside circles that hold as much: the textbook's, scaled, and one of its own.
    for circle in ("scaled", "one circle"):
        assert abs(hits[circle].mean() - hits["sector"].mean()) < 0.02
        assert areas["sector"].sum() < 0.7 * areas[circle].sum()
        assert (areas["sector"] / areas[circle]).mean() < 0.7
