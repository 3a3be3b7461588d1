"""Positions in figures: the notations, how precise they are, and what is no position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Proj

from geoinc.localities import parse_locality
from geoinc.localities.coordinates import positions, precision_m


def position(text):
    """Return the one position that a text is."""
    (clause,) = parse_locality(text).clauses
    assert clause.relation == "coordinates"
    return clause


# 33 degrees 18.9 minutes north, 44 degrees 21.9 minutes east, as nearly as each notation can say.
SAME = [
    "33.3150, 44.3650",
    "33.3150,44.3650",
    "33.3150 44.3650",
    "33.3150° N, 44.3650° E",
    "33,3150°N 44,3650°E",
    "33.3150N 44.3650E",
    "N33.3150 E44.3650",
    "44.3650E 33.3150N",
    "33.3150 degrees north, 44.3650 degrees east",
    "lat 33.3150 lon 44.3650",
    "Longitude: 44.3650, Latitude: 33.3150",
    "33°18.9'N 44°21.9'E",
    "33 deg 18.9 min N, 44 deg 21.9 min E",
    "33-18.9N 044-21.9E",
    "33:18.9N — 044:21.9E",
    "3318.9N 04421.9E",
    "N 33 18.9 E 044 21.9",
    "33°18'54\"N 44°21'54\"E",
    "33°18′54″ N, 44°21′54″ E",  # noqa: RUF001  # as printed
    "33 18 54 N 44 21 54 E",
    "331854N 0442154E",
    "near position 33-18.9N 044-21.9E",
    "at coordinates 33.3150, 44.3650",
]


@pytest.mark.parametrize("text", SAME)
def test_one_position_in_every_notation(text):
    found = position(text)
    assert found.longitude == pytest.approx(44.365, abs=1e-6)
    assert found.latitude == pytest.approx(33.315, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "longitude", "latitude"),
    [
        ("1.29°S 36.82°E", 36.82, -1.29),
        ("-1.29, -36.82", -36.82, -1.29),
        ("16°30'S, 179°59.5'W", -179.991667, -16.5),
        ("00-30S 000-15W", -0.25, -0.5),
        ("90°00'N 180°00'W", -180, 90),
    ],
)
def test_hemispheres(text, longitude, latitude):
    found = position(text)
    assert found.longitude == pytest.approx(longitude, abs=1e-6)
    assert found.latitude == pytest.approx(latitude, abs=1e-6)


@pytest.mark.parametrize(
    ("latitude", "step_deg", "metres"),
    [  # Wieczorek, Guo & Hijmans 2004: one degree, one minute, one second
        (0, 1, 156_904),
        (30, 1, 146_962),
        (60, 1, 124_605),
        (85, 1, 112_109),
        (30, 1 / 60, 2_450),
        (60, 1 / 3600, 35),
        (10.27, 0.01, 1_556.8),
    ],
)
def test_precision_of_figures(latitude, step_deg, metres):
    assert precision_m(latitude, step_deg) == pytest.approx(metres, abs=1)


@pytest.mark.parametrize(
    ("text", "step_deg"),
    [
        ("30N 44E", 1),
        ("30.0N 44.0E", 0.1),
        ("30.00, 44.00", 0.01),
        ("30.0000, 44.00", 0.01),  # the coarser of the two
        ("30-00N 044-00E", 1 / 60),
        ("30-00.0N 044-00.0E", 0.1 / 60),
        ("30°00'00\"N 44°00'00\"E", 1 / 3600),
    ],
)
def test_the_radius_is_what_the_last_figure_leaves_open(text, step_deg):
    assert position(text).uncertainty_m == pytest.approx(precision_m(30, step_deg), abs=0.06)


@pytest.mark.parametrize(
    ("told", "metres"),
    [("± 50 m", 50), ("+/- 0.5 km", 500), ("(±50m)", 50), ("± 1 mi", 1609.3), ("± 25", 25)],
)
def test_a_radius_that_is_told(told, metres):
    found = position(f"33.3152N 44.3661E {told}")
    assert found.uncertainty_m == pytest.approx(metres, abs=0.05)


def test_no_position_is_exact():
    assert position("33.3152N 44.3661E ± 0 m").uncertainty_m > 0


# ---------------------------------------------------------------- grids


@pytest.mark.parametrize(
    ("text", "longitude", "latitude"),
    [  # as the test suites of proj4js/mgrs, GeoTools and geographiclib-mgrs have them
        ("33UXP04", 16.41450, 48.24949),
        ("11SPA7234911844", -115.0820977, 36.2361235),
        ("15SUD0370514711", -95.2654824, 38.9593911),
        ("4QFJ 12345 67890", -157.9160812, 21.4097967),
        ("24XWT783908", -32.6643364, 83.6277743),
    ],
)
def test_mgrs(text, longitude, latitude):
    """Some have the corner of the cell, some its middle: within the cell."""
    found = position(text)
    cell_deg = found.uncertainty_m / 111_000
    assert found.latitude == pytest.approx(latitude, abs=cell_deg)
    # At 83.6 degrees a degree of longitude is a ninth of one of latitude.
    assert found.longitude == pytest.approx(longitude, abs=10 * cell_deg)


ZONES = st.integers(1, 60)
LETTERS = {  # the second letter of a square counts its northing, by zone
    0: "FGHJKLMNPQRSTUVABCDE",
    1: "ABCDEFGHJKLMNPQRSTUV",
}
COLUMNS = {1: "ABCDEFGH", 2: "JKLMNPQR", 0: "STUVWXYZ"}


@given(ZONES, st.floats(-79.9, 83.9), st.floats(-2.9, 2.9))
def test_mgrs_comes_back_from_its_own_letters(zone, latitude, east_of_middle):
    longitude = zone * 6 - 183 + east_of_middle
    projected = Proj(proj="utm", zone=zone, south=latitude < 0, ellps="WGS84")
    east_m, north_m = projected(longitude, latitude)
    band = "CDEFGHJKLMNPQRSTUVWX"[min(19, int((latitude + 80) // 8))]
    column = COLUMNS[zone % 3][int(east_m // 100_000) - 1]
    row = LETTERS[zone % 2][int(north_m // 100_000) % 20]
    text = f"{zone}{band}{column}{row}{int(east_m % 100_000):05}{int(north_m % 100_000):05}"
    found = position(text)
    back_m = projected(found.longitude, found.latitude)
    assert back_m == pytest.approx((east_m, north_m), abs=0.8)


@given(ZONES, st.floats(1, 83.9), st.floats(-2.9, 2.9))
def test_utm_comes_back(zone, latitude, east_of_middle):
    projected = Proj(proj="utm", zone=zone, ellps="WGS84")
    east_m, north_m = projected(zone * 6 - 183 + east_of_middle, latitude)
    found = position(f"UTM {zone} North {east_m:.0f} {north_m:.0f}")
    back_m = projected(found.longitude, found.latitude)
    assert back_m == pytest.approx((east_m, north_m), abs=0.6)
    assert found.uncertainty_m == pytest.approx(1.4)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("38S 441234 3686543", "band S is in the north, hemisphere S in the south"),
        ("38R 441234 3686543", "that northing is not in band R"),
        ("61N 441234 3686543", "there are 60 zones"),
        ("38SAB4567", "no such square in zone 38"),
        ("38SMB456", "unequal figures"),
        ("33-61N 044-21E", "61 minutes"),
        ("33-18.5-30N 044-21-30E", "seconds after broken minutes"),
        ("95.00N 44.00E", "latitude above 90"),
        ("33.31N 181.00E", "longitude above 180"),
        ("33.31N 44.36N", "two latitudes"),
        ("95.00, 44.00", "latitude above 90"),
        ("2 E and 3 N of Balad", "distances"),
        ("33.3 km", "a distance"),
    ],
)
def test_what_is_no_position(text, why):
    assert positions(text) == [], why


# ---------------------------------------------------------------- among words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Camp Taji (33.5243, 44.2563)", "Camp Taji, 33.5243°N 44.2563°E ± 14.5 m"),
        ("Camp Taji at 33.5243, 44.2563, Iraq", "Camp Taji, 33.5243°N 44.2563°E ± 14.5 m, in Iraq"),
        ("10 km NE of 33.3152, 44.3661", "10 km northeast of 33.3152°N 44.3661°E ± 14.5 m"),
        ("near 38S MB 45 67", "near 33.1448755°N 44.4156343°E ± 707.1 m"),
        ("44 NM northwest of Muscat, Oman, at position 24:23N — 058:33E",
         "44 nautical miles northwest of Muscat, in Oman, 24.3833333°N 58.55°E ± 2503.3 m"),
        ("between 33.1N 44.1E and 34.1N 44.2E",
         "between 33.1°N 44.1°E ± 14496.2 m and 34.1°N 44.2°E ± 14428.8 m"),
        ("20.5N, 33.31N 44.36E", "20.5N, 33.31°N 44.36°E ± 1448.2 m"),
    ],
)  # fmt: skip
def test_positions_among_words(text, said):
    locality = parse_locality(text)
    assert str(locality).partition(" [")[0] == said
    assert parse_locality(str(locality)) == locality
