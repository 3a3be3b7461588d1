"""Words to places: what the accounts of real attacks mean, and the algebra of areas."""

import csv
import gzip
import math
from dataclasses import replace

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinc import geodesy
from geoinc.errors import AmbiguousPlaceError, GazetteerError, LocalityError, PlaceNotFoundError
from geoinc.gazetteer import CANDIDATE_COLUMNS
from geoinc.georeferencing import georeference, resolve
from geoinc.georeferencing.areas import (
    BORDER_HALF_WIDTH_M,
    area_of,
    near_reach_m,
)
from geoinc.georeferencing.headings import OFFSET_COVERAGE
from geoinc.localities import ANAPHORA, HEADINGS, parse_locality
from geoinc.places import Place
from geoinc.toponyms import fold


@pytest.fixture(scope="module")
def gaz():
    """Return the built-in gazetteer, or skip where it has not been built."""
    from geoinc.sources import load_gazetteer

    try:
        return load_gazetteer()
    except GazetteerError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def pointing(gaz):
    """Return a function that binds every anaphor to a place, as `locate` does."""

    def bind(name):
        return dict.fromkeys(ANAPHORA, resolve(name, gaz)) if name else {}

    return bind


# ---------------------------------------------------------------- the five reports

BALAD, ASAD, EMBASSY, AIRPORT = (
    "Balad air base",
    "Ain al-Asad",
    "US Embassy in Baghdad",
    "Baghdad airport",
)

# The words as a coder would enter them, the row's target, what they come to (the id of a named
# place, the words of a relation), and the grade.
CELLS = [
    # 2021-03-16
    ("Balad air base", "", "iq-balad-air-base", "sure"),
    ("Al-Balad airbase", "", "iq-balad-air-base", "sure"),
    ("Al-Asad base", "", "iq-ain-al-asad-air-base", "sure"),
    ("an Iraqi air base housing US troops north of Baghdad", "", "north of Baghdad", "sure"),
    ("north of Baghdad", "", "north of Baghdad", "sure"),
    ("a nearby village", BALAD, "near Balad Air Base", "sure"),
    ("nearby", BALAD, "near Balad Air Base", "sure"),
    ("inside the base", BALAD, "iq-balad-air-base", "sure"),
    ("inside the perimeter of the base", ASAD, "iq-ain-al-asad-air-base", "sure"),
    (
        "a separate village in the neighboring province of Diyala, east of the base",
        BALAD,
        "in Diyala, east of Balad Air Base",
        "sure",
    ),
    ("a village in the neighboring province of Diyala", BALAD, "iq-diyala-province", "check"),
    ("a convoy in Iraq", "", "iq-iraq", "sure"),
    ("Yemen", "", "ye-yemen", "sure"),
    # the second report on the same attack
    (
        "a convoy transporting supplies for the U.S. forces in Basra",
        "",
        "iq-basra-or-province",
        "check",
    ),
    ("Ain Al-Assad airbase, in Iraq's western desert", "", "iq-ain-al-asad-air-base", "sure"),
    ("border-crossing site between Iraq and Syria", "", "border between Iraq and Syria", "check"),
    ("Baghdad", "", "iq-baghdad-or-province", "check"),
    # October 2023
    ("Ain al-Asad airbase in Iraq's western Anbar province", "", "iq-ain-al-asad-air-base", "sure"),
    (
        "a base housing U.S. forces near Baghdad's international airport",
        "",
        "near Baghdad International Airport",
        "sure",
    ),
    ("Baghdad's international airport", "", "iq-baghdad-international-airport", "sure"),
    ("Victoria military base", "", "iq-victory-base-complex", "sure"),
    (
        "the U.S.-run Victoria military base at the Baghdad airport",
        "",
        "iq-victory-base-complex",
        "sure",
    ),
    ("a position in northern Iraq", "", "the north of Iraq", "check"),
    ("a base in southern Syria", "", "the south of Syria", "check"),
    ("the al-Omar oil field", "", "sy-al-omar-oil-field", "sure"),
    ("a gas line in Dayr al-Zawr province", "", "sy-deir-ez-zor-province", "check"),
    ("al-Harir base in Erbil, Iraq", "", "iq-harir-air-base", "sure"),
    ("the desert near a village called Batas", "", "near Batas", "sure"),
    # 2020
    ("US facility in Baghdad's airport", "", "iq-baghdad-international-airport", "check"),
    ("the airport", AIRPORT, "iq-baghdad-international-airport", "sure"),
    ("Camp Taji", "", "iq-camp-taji", "sure"),
    ("Camp Taji, a base north of Baghdad", "", "iq-camp-taji", "sure"),
    ("Union III in Baghdad's Green Zone", "", "iq-union-iii", "sure"),
    ("near the airport", AIRPORT, "near Baghdad International Airport", "sure"),
    # 2021-07
    ("the US embassy in Iraq in Baghdad", "", "iq-embassy-of-the-united-states-baghdad", "sure"),
    (
        "three nearby places in Baghdad's heavily fortified Green Zone",
        EMBASSY,
        "in Green Zone, near Embassy of the United States, Baghdad",
        "sure",
    ),
    ("the embassy", EMBASSY, "iq-embassy-of-the-united-states-baghdad", "sure"),
    ("Erbil International Airport", "", "iq-erbil-international-airport", "sure"),
    ("Ain al-Assad base in Anbar province", "", "iq-ain-al-asad-air-base", "sure"),
    ("Omar field area", "", "sy-al-omar-oil-field", "sure"),
    ("eastern Syria", "", "the east of Syria", "sure"),
    ("western Iraq", "", "the west of Iraq", "sure"),
    ("the Iraqi-Syrian border", "", "border between Iraq and Syria", "sure"),
    ("the border with Syria", BALAD, "border between Syria and Iraq", "sure"),
    ("US military sites in Iraq", "", "iq-iraq", "check"),
    # more of issue 2
    ("Iraq's western Anbar province", "", "iq-anbar-province", "sure"),
    ("the Syrian-Turkish border", "", "border between Syria and Türkiye", "sure"),
    ("Baghdad's Green Zone", "", "iq-green-zone", "sure"),
    ("Western Iraq", "", "the west of Iraq", "sure"),
    ("South Korea", "", "kr-south-korea", "sure"),
    ("the airport in Erbil", BALAD, "iq-erbil-international-airport", "sure"),
    ("the embassy", BALAD, "iq-balad-air-base", "check"),
    ("20 km NE of Balad, Salah al-Din", "", "in Salah al-Din, 20 km northeast of Balad", "sure"),
    ("between Baghdad and Basra", "", "between Baghdad and Basra", "sure"),
    ("Balad air base, Xyzzyland", "", "iq-balad-air-base", "check"),
]


@pytest.mark.parametrize("cell", CELLS, ids=[cell[0] for cell in CELLS])
def test_cells_of_real_reports(gaz, pointing, cell):
    text, target, expected, grade = cell
    found = georeference(text, gaz, context=pointing(target))
    assert found.status == "resolved", found.reason
    assert expected in {found.place.place_id, found.place.name}
    assert found.reason.partition(":")[0] == grade, found.reason
    assert found.reason == found.place.reason
    assert (found.match == "relation") == (found.place.kind == "relation")


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("", "not told", "nothing is told"),
        ("   ", "not told", "nothing is told"),
        ("???", "not told", "nothing is told"),
        ("a convoy", "not told", "is what it was, not where"),
        ("US forces on patrol", "not told", "is what it was, not where"),
        ("a village", "not told", "names no place"),
        ("the base", "unresolved", "points at a place that is not given"),
        ("nearby", "unresolved", "points at a place that is not given"),
        ("Xqzrtl", "unresolved", "no known place"),
        ("a place called Xqzrtl in Diyala", "unresolved", "said to be in Diyala"),
        ("near Xqzrtl in Iraq", "unresolved", "Xqzrtl"),
        ("Balad air base, Syria", "unresolved", "'Balad air base' and 'in Syria' do not meet"),
        ("Mosul, Syria", "unresolved", "'Mosul' and 'in Syria' do not meet"),
        ("Balad, Diyala", "unresolved", "do not meet"),
        ("the border between Iraq and Israel", "unresolved", "no such place"),
        ("Iraq and Syria", "ambiguous", "several places; write them with ;"),
        ("x" * 10_000, "unresolved", "10,000 characters"),
    ],
)
def test_what_is_not_resolved_says_why(gaz, text, status, words):
    found = georeference(text, gaz)
    assert found.status == status
    assert found.place is None or found.match == "hint"
    assert found.reason.startswith("unknown: ")
    assert words in found.reason


@pytest.mark.parametrize(
    ("text", "hints", "where"),
    [
        ("Xyzzy in Beta", {}, "wl-beta-province"),
        ("Xyzzy (Beta)", {}, "wl-beta-province"),
        ("a village called Xyzzy, Westland", {}, "wl-westland-country"),
        ("Xyzzy", {"admin1": "Beta"}, "wl-beta-province"),
        ("Xyzzy", {"admin1": "Beta province", "admin2": "Gamma district"}, "wl-gamma-district"),
        ("Xyzzy", {"country": "Westland"}, "wl-westland-country"),
        ("Xyzzy, Westland", {"admin1": "Beta"}, "wl-beta-province"),
        # Of two that cannot both be right the words are the account's own.
        ("Xyzzy in Beta", {"admin1": "Alpha"}, "wl-beta-province"),
        ("Xyzzy", {"country": "Eastland", "admin1": "Beta"}, "el-eastland-country"),
        ("Xyzzy", {"admin1": "Nowhere", "admin2": "Nowhere"}, None),
        ("Xyzzy", {}, None),
    ],
)
def test_a_name_that_is_not_found_but_hinted_is_not_lost(toy_gazetteer, text, hints, where):
    found = georeference(text, toy_gazetteer, **hints)
    assert found.status in {"unresolved", "ambiguous"}
    assert found.reason.startswith("unknown: ")
    assert found.score == 0
    assert (found.place and found.place.place_id) == where
    assert found.match == ("hint" if where else "")
    with pytest.raises((PlaceNotFoundError, AmbiguousPlaceError, LocalityError)):
        resolve(text, toy_gazetteer, **hints)


def test_words_that_contradict_each_other_leave_what_the_table_says(gaz):
    found = georeference("Balad air base, Syria", gaz, admin1="Salah al-Din")
    assert found.status == "unresolved"
    assert found.place.place_id == "iq-salah-al-din-province"


def test_what_else_is_said_of_an_unknown_name_bounds_it(gaz):
    found = georeference("Xqzrtl, north of Baghdad", gaz)
    whole = georeference("north of Baghdad", gaz)
    assert found.status == "unresolved"
    assert found.place.place_id == whole.place.place_id
    assert found.name == "Xqzrtl"


def test_a_hint_that_is_a_guess_itself_is_none(gaz):
    # "Qubar" has the consonants of al-Kubar, 300 km away.
    guess = georeference("Qubar", gaz, country="SY")
    assert guess.place.place_id == "sy-al-kubar"
    assert guess.match not in {"exact", "fold", "core"}
    found = georeference("Xqzrtl (Qubar)", gaz, country="SY", admin1="Aleppo")
    assert found.place.place_id == "sy-aleppo-province"


def test_where_a_place_lies_is_not_where_it_is_told_from(toy_gazetteer):
    # Gamma is in Beta; what is 150 km west of it lies in Alpha.
    found = georeference("150 km west of Gamma", toy_gazetteer, admin1="Alpha")
    assert found.status == "resolved"
    assert found.reason.startswith("sure")


def test_errors_of_resolve(gaz):
    with pytest.raises(PlaceNotFoundError, match="not resolved"):
        resolve("Xqzrtl", gaz)
    with pytest.raises(AmbiguousPlaceError) as ambiguous:
        resolve("Iraq and Syria", gaz)
    assert len(ambiguous.value.candidates) == 2
    with pytest.raises(LocalityError, match="what it was, not where"):
        resolve("a convoy", gaz)
    with pytest.raises(LocalityError, match="'Balad air base' and 'in Syria'") as contradiction:
        resolve("Balad air base, Syria", gaz)
    assert contradiction.value.text == "Balad air base, Syria"


# ---------------------------------------------------------------- the rules of DESIGN.md, section 5


@pytest.mark.parametrize(
    "name",
    [
        "Anbar",
        "Diyala",
        "Nineveh",
        "Wasit",
        "Babil",
        "Basra",
        "Deir ez-Zor",
        "Hasakah",
        "Homs",
        "Aleppo",
    ],
)
def test_a_side_of_a_province_is_a_part_unless_the_word_province_makes_it_the_whole(gaz, name):
    whole = resolve(f"western {name} province", gaz)
    assert whole.kind == "province"
    for text in (f"western {name}", f"the west of {name} province"):
        part = resolve(text, gaz)
        assert part.kind == "relation"
        assert part.admin1 == whole.admin1
        assert 0.2 < part.footprint.area / whole.footprint.area < 0.8
        assert part.longitude < whole.footprint.centroid.x


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Erbil", "city"),
        ("Basra", "city"),
        ("Baghdad", "city"),
        ("Kirkuk", "city"),
        ("Najaf", "city"),
        ("Aleppo", "city"),
        ("Homs", "city"),
        ("Hama", "city"),
        ("Raqqa", "city"),
        ("Deir ez-Zor", "city"),
    ],
)
def test_a_bare_name_is_the_governorate_with_the_city_as_its_centre(gaz, name, kind):
    bare = georeference(name, gaz)
    governorate = resolve(f"{name} governorate", gaz)
    city = resolve(f"{name} city", gaz)
    assert city.kind == kind
    assert "city or governorate" in bare.reason
    assert bare.reason.startswith("check")
    assert bare.place.footprint.equals(governorate.footprint)
    assert (bare.place.longitude, bare.place.latitude) == (city.longitude, city.latitude)
    assert bare.place.place_id not in {governorate.place_id, city.place_id}
    reach = geodesy.farthest_m(city.longitude, city.latitude, governorate.footprint)
    assert bare.place.uncertainty_m >= reach


@pytest.mark.parametrize(
    "name",
    [
        "Balad air base",
        "Ain al-Asad",
        "Camp Taji",
        "US Embassy in Baghdad",
        "Baghdad airport",
        "Erbil International Airport",
        "al-Omar oil field",
        "al-Tanf",
        "Mosul city",
        "Baghdad city",
    ],
)
def test_nearby_leaves_out_the_thing_it_is_near(gaz, name):
    thing = resolve(name, gaz)
    near = resolve("nearby", gaz, context={"nearby": thing})
    if " in " not in name:
        assert near.place_id == resolve(f"near {name}", gaz).place_id
    assert not near.footprint.covers(shapely.Point(thing.longitude, thing.latitude))
    # Nor any of its area, but where it is known worse than it is large.
    overlap = near.footprint.intersection(thing.footprint).area / thing.footprint.area
    assert overlap < 1e-6
    assert geodesy.distance_bounds(near.footprint, thing.footprint)[0] < 100


def test_a_thing_known_worse_than_it_is_large_may_be_anywhere_near(gaz):
    batas = resolve("Batas", gaz)
    assert batas.position_error_m > batas.uncertainty_m / 2
    assert resolve("near Batas", gaz).footprint.covers(batas.footprint)


# ---------------------------------------------------------------- the toy world: answers by eye


@pytest.fixture
def toy(toy_gazetteer):
    return toy_gazetteer


DEGREE_M = math.pi * 6378137 / 180


def test_part_is_the_half_beyond_the_centre(toy):
    east = resolve("eastern Westland", toy)
    assert east.footprint.bounds == pytest.approx((2.5, -1, 5, 1))
    corner = resolve("northeastern Westland", toy)
    assert corner.footprint.covers(shapely.Point(4.9, 0.9))
    assert not corner.footprint.covers(shapely.Point(2, -0.5))
    centre = resolve("central Westland", toy)
    assert centre.footprint.covers(shapely.Point(2.5, 0))
    assert not centre.footprint.covers(shapely.Point(0.2, 0))


def test_near_is_a_ring_as_wide_as_the_table_says(toy):
    delta = resolve("Gamma Air Base", toy)
    near = resolve("near Gamma Air Base", toy)
    outer_km = (delta.uncertainty_m + near_reach_m(delta)) / 1000
    ring_km2 = math.pi * (outer_km**2 - (delta.uncertainty_m / 1000) ** 2)
    assert geodesy.area_km2(near.footprint) == pytest.approx(ring_km2, rel=0.01)
    # The centre of a ring is in no ring: it moves to the inner edge, and the radius grows by that.
    moved_km = delta.uncertainty_m / 1000
    assert outer_km < near.uncertainty_m / 1000 < outer_km + moved_km * 1.15


def test_within_and_distance_are_a_disc_and_a_ring(toy):
    place = toy.place("wl-gamma-air-base")
    within = resolve("within 15 km of Gamma Air Base", toy)
    assert geodesy.area_km2(within.footprint) == pytest.approx(
        math.pi * (15.5 + 2.5) ** 2, rel=0.01
    )
    ring = resolve("100 km from Gamma Air Base", toy)
    assert not ring.footprint.covers(shapely.Point(place.longitude, place.latitude))
    for azimuth in range(0, 360, 30):
        for distance_m in (84_000, 100_000, 136_000):
            point = geodesy.direct(place.longitude, place.latitude, azimuth, distance_m)
            assert ring.footprint.covers(shapely.Point(point))


@pytest.mark.parametrize("heading", HEADINGS)
def test_offset_holds_the_point_it_names(toy, heading):
    base = toy.place("wl-gamma-air-base")
    place = resolve(f"20 km {heading} of Gamma Air Base", toy)
    point = geodesy.direct(base.longitude, base.latitude, HEADINGS[heading], 20_000)
    opposite = geodesy.direct(base.longitude, base.latitude, HEADINGS[heading] + 180, 20_000)
    assert place.footprint.covers(shapely.Point(point))
    assert not place.footprint.covers(shapely.Point(opposite))
    assert place.coverage == OFFSET_COVERAGE["calibrated"]


def test_between_holds_both_places(toy):
    """The practice of the guides: the smallest circle around both."""
    place = resolve("between Camp Kilo and Gamma Air Base", toy)
    for anchor in ("wl-camp-kilo", "wl-gamma-air-base"):
        assert place.footprint.covers(toy.place(anchor).footprint)
    assert place.uncertainty_m == pytest.approx(2.5 * DEGREE_M / 2, rel=0.03)


def test_border_is_a_strip_along_the_common_line(toy):
    place = resolve("the border between Westland and Eastland", toy)
    half_deg = BORDER_HALF_WIDTH_M / DEGREE_M
    assert place.footprint.covers(shapely.box(5 - half_deg, -0.99, 5 + half_deg, 0.99))
    # Beyond the line's ends the strip goes on as far as outlines may be wrong.
    assert place.footprint.bounds == pytest.approx((4.86, -1.1, 5.14, 1.1), abs=0.06)
    assert place.country == ""


def test_a_border_that_is_none_is_an_error(toy):
    with pytest.raises(LocalityError, match="no such place"):
        resolve("the border between Alpha province and Eastland", toy)


def test_a_direction_ends_where_the_province_ends(toy):
    base = toy.place("wl-camp-kilo")
    place = resolve("in Beta province, east of the base", toy, context={"the base": base})
    assert place.footprint.bounds[2] == pytest.approx(5)
    assert place.admin1 == "Beta"
    alone = resolve("east of the base", toy, context={"the base": base})
    assert alone.footprint.bounds[2] == pytest.approx(0.5 + 52_500 / DEGREE_M, rel=0.02)
    assert not alone.footprint.intersects(shapely.Point(0.4, 0))


def test_the_order_of_clauses_does_not_matter(toy):
    context = {"the base": toy.place("wl-camp-kilo")}
    one = resolve("in Beta province, east of the base", toy, context=context)
    other = resolve("a village east of the base, in Beta province", toy, context=context)
    assert one.place_id == other.place_id
    assert one.place_id.startswith("rel-")
    assert one.footprint.equals(other.footprint)
    elsewhere = {"the base": toy.place("wl-gamma-air-base")}
    assert (
        resolve("in Beta province, east of the base", toy, context=elsewhere).place_id
        != one.place_id
    )


def test_clauses_that_cannot_meet_are_named(toy):
    context = {"the base": toy.place("wl-gamma-air-base")}
    with pytest.raises(LocalityError) as error:
        resolve("in Alpha province, 15 km east of the base", toy, context=context)
    assert "'in Alpha province'" in str(error.value)
    assert "'15 km east of the base' (Gamma Air Base)" in str(error.value)


def test_clauses_that_meet_only_when_taken_widely_say_so(toy):
    """The base lies 111 km from Alpha: 60 km told are 85 km at most, but 168 km at the widest."""
    context = {"the base": toy.place("wl-gamma-air-base")}
    found = georeference("in Alpha province, 60 km west of the base", toy, context=context)
    assert found.status == "resolved"
    assert "meet only when taken widely" in found.reason
    assert found.reason.startswith("check")
    assert found.place.coverage == pytest.approx(0.999)


def test_homonyms_are_told_apart_by_where_they_are_said_to_be(toy):
    assert georeference("Delta", toy).status == "ambiguous"
    assert resolve("Delta, Eastland", toy).place_id == "el-delta"
    assert resolve("Delta in Beta province", toy).place_id == "wl-delta"
    assert resolve("Delta (Eastland)", toy).place_id == "el-delta"
    assert resolve("Delta", toy, country="EL").place_id == "el-delta"


def test_a_named_place_keeps_its_own_footprint(toy):
    place = toy.place("wl-omega-oil-field")
    for text in ("Omega oil field, Westland", "Omega oil field, east of Gamma Air Base"):
        assert resolve(text, toy).footprint.equals(place.footprint)


def test_a_relation_carries_the_errors_of_its_anchors(toy):
    base = replace(toy.place("wl-gamma-air-base"), boundary_error_m=700.0)
    place = resolve("near the base", toy, context={"the base": base})
    assert place.boundary_error_m == 700
    assert place.position_error_m == base.position_error_m
    assert place.source == "toy world"


def test_any_object_with_search_and_place_is_a_gazetteer():
    here = Place("toy-x", "X", "town", geodesy.disc(44, 33, 2000), 44, 33, 2000, 500)

    class Plug:
        def search(self, name, **_hints):
            rows = [
                ("toy-x", "X", "town", "", "", 44.0, 33.0, "exact", 0.9, "X", "name as written")
            ]
            return pd.DataFrame(rows if name == "X" else [], columns=CANDIDATE_COLUMNS)

        def place(self, _place_id):
            return here

    assert resolve("5 km east of X", Plug()).kind == "relation"
    assert georeference("Y", Plug()).status == "unresolved"


# ---------------------------------------------------------------- properties

anchors = st.sampled_from(
    ["Gamma Air Base", "Camp Kilo", "Omega oil field", "Beta province", "Alpha"]
)
points = st.sampled_from(sorted(HEADINGS))
relations = st.one_of(
    st.builds("near {}".format, anchors),
    st.builds("around {}".format, anchors),
    st.builds("{} of {}".format, points, anchors),
    st.builds("the {} of {}".format, points, anchors),
    st.builds("{} km {} of {}".format, st.integers(1, 90), points, anchors),
    st.builds("{} km from {}".format, st.integers(1, 90), anchors),
    st.builds("between {} and {}".format, anchors, anchors),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(relations, min_size=1, max_size=2))
def test_a_relation_is_a_place(toy_gazetteer, parts):
    """The centre lies in the area, the radius holds it, the widest reading holds the usual one."""
    found = georeference(", ".join(parts), toy_gazetteer)
    if found.place is None:
        assert "contradicts itself" in found.reason
        return
    place = found.place
    assert place.footprint.is_valid
    assert place.footprint.buffer(1e-9).covers(shapely.Point(place.longitude, place.latitude))
    reach = geodesy.farthest_m(place.longitude, place.latitude, place.footprint)
    assert place.uncertainty_m >= reach
    assert 0.9 < place.coverage < 1
    assert found.score <= 1


@settings(max_examples=60, deadline=None)
@given(relations)
def test_the_widest_reading_holds_the_usual_one(toy_gazetteer, text):
    (clause,) = parse_locality(text).clauses
    places = [resolve(name, toy_gazetteer) for name in clause.names]
    usual, wide = area_of(clause, places), area_of(clause, places, wide=True)
    assert usual.difference(wide.buffer(1e-6)).area <= 0.01 * usual.area


# ---------------------------------------------------------------- against the truth


def test_offsets_hold_positions_that_were_stated_both_ways(shared_data):
    """Maritime messages that say "N miles DIRECTION of X" and where it was.

    Anchors are the most populous places of their names, so that some are not the ones meant: rows
    that lie more than twice or less than half as far as they say, or behind X, are such.
    """
    cities = {}
    with gzip.open(
        shared_data / "geonames" / "cities1000_world.csv.gz", "rt", encoding="utf-8"
    ) as file:
        for row in csv.DictReader(file):
            key, people = fold(row["city"]), int(float(row["population"] or 0))
            if key not in cities or cities[key][0] < people:
                cities[key] = (people, float(row["longitude"]), float(row["latitude"]))
    held = sane = 0
    with (shared_data / "relative_positions" / "asam_phrases.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            clause = next(
                (c for c in parse_locality(row["phrase"]).clauses if c.relation == "offset"), None
            )
            if clause is None or fold(clause.names[0]) not in cities:
                continue
            _, lon, lat = cities[fold(clause.names[0])]
            anchor = Place(
                "x", "X", "city", geodesy.disc(lon, lat, 6000), lon, lat, 6000, 1000, shape="disc"
            )
            truth = float(row["lon"]), float(row["lat"])
            distance_m, azimuth = geodesy.inverse(lon, lat, *truth)
            number, _, _unit = clause.distance.partition(" ")
            stated_m = (
                float(number)
                * {"nautical miles": 1852, "miles": 1609.344, "km": 1000, "m": 1}[_unit]
            )
            turn = abs((float(azimuth) - HEADINGS[clause.heading] + 180) % 360 - 180)
            if not 0.5 < float(distance_m) / stated_m < 2 or turn > 90:
                continue
            sane += 1
            held += area_of(clause, [anchor]).covers(shapely.Point(truth))
    assert sane > 50
    assert held / sane > OFFSET_COVERAGE["calibrated"] - 0.03


SAID = (
    "a the village base Alpha Beta Gamma Delta Westland Eastland in at near of and between border with "
    "western northern east province 20 km 5 miles to from called , ( ) nearby convoy within around Xyz"
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SAID.split()), max_size=8).map(" ".join))
def test_no_words_raise(toy_gazetteer, text):
    found = georeference(
        text, toy_gazetteer, context={"the base": toy_gazetteer.place("wl-camp-kilo")}
    )
    assert found.status != "resolved" or found.place is not None
    assert found.status == "resolved" or (found.place is not None) == (found.match == "hint")
    assert found.reason.split(":")[0] in {"sure", "check", "unknown"}
