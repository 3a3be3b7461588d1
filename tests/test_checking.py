"""The lint: what contradicts itself is found, both sides are told, and the rest is left in peace."""

import dataclasses
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import geoinc as gi
from geoinc import geodesy
from geoinc.checking import check, contradictions
from geoinc.checking.coordinates import degrees_and_minutes, other_readings
from geoinc.cli import app
from geoinc.layers.coordinates import point_place
from geoinc.localities import parse_locality
from geoinc.localities.clauses import BY_POINTS, HEADINGS, UNITS_M

COLUMNS = [
    "row", "account", "incident", "column", "value", "kind", "severity", "stated", "against",
]  # fmt: skip


@pytest.fixture(scope="module")
def gazetteer():
    return gi.load_gazetteer()


def kinds(table, gazetteer, **columns):
    """Return row and kind of every fault of a table of one-cell columns."""
    reports = gi.read_reports(pd.DataFrame(table), columns=columns or None)
    before = reports.copy(deep=True)
    faults = check(reports, gazetteer)
    pd.testing.assert_frame_equal(reports, before)
    assert list(faults.columns) == COLUMNS
    assert (faults["against"] != "").all()
    return [(row, kind) for row, kind in zip(faults["row"], faults["kind"], strict=True)]


def exact(longitude, latitude, radius_m):
    place = point_place(longitude, latitude, radius_m, source="test")
    return dataclasses.replace(place, name="Aotea", position_error_m=0.0)


# ---------------------------------------------------------------- words, anchor, coordinates

UNITS = {"M": "miles", "mile": "miles", "nm": "nautical miles"}
POINTS = {azimuth: point for point, azimuth in (HEADINGS | BY_POINTS).items()}


def expert(row):
    """Return what the lint says of a row that an expert georeferenced by hand."""
    heading = POINTS.get(row["heading_deg"], f"{row['heading_deg']:g}°")
    unit = UNITS.get(row["unit"], row["unit"])
    words = f"{row['distance']:g} {unit} {heading} of Aotea"
    [clause] = parse_locality(words).clauses
    assert clause.relation == "offset", words
    anchor = exact(row["lon"], row["lat"], row["feature_radial_m"])
    return [fault.kind for fault in contradictions(words, anchor, row["ref_lon"], row["ref_lat"])]


@pytest.fixture(scope="module")
def experts(shared_data):
    path = shared_data / "georeferencing" / "point_radius.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_contradictory_row_of_the_experts_is_caught(experts):
    rows = experts["nz_reference_inconsistent"]
    found = {(row["distance"], row["unit"], row["heading_deg"]): expert(row) for row in rows}
    assert found == {
        (1.0, "nm", 0.0): ["direction"],  # placed to the east
        (10.0, "nautical miles", 0.0): ["unit"],  # computed with statute miles
        (10.0, "nm", 270.0): ["unit"],
        (11.0, "M", 22.5): ["distance"],  # from another island, 860 km off
        (13.0, "M", 191.25): ["direction"],  # placed as southwest
        # Other readings of the words: along the road; off the shore, so to the other side (a fault
        # for who reads the words alone); from another point.
        (1.7, "km", 45.0): [],
        (100.0, "m", 90.0): ["direction"],
        (0.25, "M", 270.0): [],
    }


def test_no_row_of_the_experts_that_reproduces_raises_an_alarm(experts):
    headed = [row for row in experts["nz_distance_at_heading"] if row["heading_deg"] in POINTS]
    assert len(headed) >= 30
    assert not [row for row in headed if expert(row)]


bearings = st.sampled_from(sorted(HEADINGS))
units = st.sampled_from(["km", "miles", "nautical miles"])


spots = st.tuples(st.floats(-179, 179), st.floats(-60, 60))


@given(
    spots, st.integers(2, 90), units, bearings, st.tuples(st.floats(0.9, 1.1), st.floats(-20, 20))
)
def test_what_people_state_loosely_is_no_fault(spot, number, unit, point, loosely):
    # 0.869 and 1.151 are miles for nautical miles, 22.5 degrees the next point: further off.
    ratio, turn_deg = loosely
    distance_m = number * UNITS_M[unit] * ratio
    there = geodesy.direct(*spot, HEADINGS[point] + turn_deg, distance_m)
    words = f"{number} {unit} {point} of Aotea"
    assert not contradictions(words, exact(*spot, 500.0), *map(float, there))


@given(spots, st.integers(11, 90), st.tuples(units, units), bearings)
def test_the_unit_that_was_meant_is_named(spot, number, both, point):
    unit, other = both
    there = geodesy.direct(*spot, HEADINGS[point], number * UNITS_M[other])
    words = f"{number} {unit} {point} of Aotea"
    faults = contradictions(words, exact(*spot, 500.0), *map(float, there))
    if unit == other:
        assert not faults
    else:
        assert [fault.kind for fault in faults] == ["unit"]
        assert f"{number} {other}" in faults[0].against


@given(st.integers(3, 90), bearings, bearings)
def test_the_direction_that_was_meant_is_named(number, point, other):
    anchor = exact(44.0, 33.0, 500.0)
    spot = geodesy.direct(44.0, 33.0, HEADINGS[other], number * 1000.0)
    faults = contradictions(f"{number} km {point} of Aotea", anchor, *map(float, spot))
    assert [fault.kind for fault in faults] == ["direction"] * (point != other)
    assert all(other in fault.against for fault in faults)


def test_rounded_coordinates_prove_nothing():
    anchor = exact(44.0, 33.0, 500.0)
    # 20 nm north is 33.3335, 20 miles 33.2903; both are about 33.3.
    assert not contradictions("20 nautical miles north of Aotea", anchor, 44.0, 33.3)
    assert contradictions("20 nautical miles north of Aotea", anchor, 44.0, 33.2903)


def test_words_that_measure_nothing_contradict_nothing():
    anchor = exact(44.0, 33.0, 500.0)
    for words in ("Aotea", "a convoy", "", "between Aotea and Batas", "west", "\x00", "km of"):
        assert not contradictions(words, anchor, 0.0, 0.0)


@settings(max_examples=60)
@given(st.text(max_size=300), st.floats(-180, 180), st.floats(-90, 90))
def test_any_words_are_answered(words, longitude, latitude):
    contradictions(words, exact(44.0, 33.0, 500.0), longitude, latitude)


# ---------------------------------------------------------------- coordinates written wrongly


def test_degrees_and_minutes():
    assert degrees_and_minutes(4248.0) == pytest.approx(42 + 48 / 60)
    assert degrees_and_minutes(-1355.0) == pytest.approx(-(13 + 55 / 60))
    assert degrees_and_minutes(13.55) == pytest.approx(13 + 55 / 60)
    assert degrees_and_minutes(13.75) is None  # 75 minutes are none
    assert degrees_and_minutes(99999.0) is None


@given(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_other_readings_are_on_earth(longitude, latitude):
    for _, east, north in other_readings(longitude, latitude):
        assert abs(east) <= 180
        assert abs(north) <= 90


@pytest.mark.parametrize(
    ("longitude", "latitude", "kind"),
    [
        (44.36, 33.94, None),
        (44.37, 33.95, None),
        (33.94, 44.36, "swapped coordinates"),
        (-44.36, 33.94, "sign of coordinates"),
        (44.36, -33.94, "sign of coordinates"),
        (44.2160, 33.5641, "degrees and minutes"),  # 44 degrees 21.60 minutes
        (0.0, 0.0, "zero coordinates"),
        (4421.7, 3356.4, "degrees and minutes"),
        (47.82, 30.51, "place"),  # Basra
        (None, None, None),
    ],
)
def test_coordinates_against_the_words(gazetteer, longitude, latitude, kind):
    table = {"target": ["Balad air base"], "longitude": [longitude], "latitude": [latitude]}
    assert kinds(table, gazetteer) == ([(2, kind)] if kind else [])


def test_degrees_and_minutes_of_real_missions(shared_data, gazetteer):
    missions = pd.read_csv(shared_data / "thor_1943" / "launch_target_sample500.csv")
    reports = gi.read_reports(
        missions[["takeoff_base", "takeoff_longitude", "takeoff_latitude", "takeoff_location"]],
        columns={
            "takeoff_base": "launch",
            "takeoff_longitude": "longitude",
            "takeoff_latitude": "latitude",
            "takeoff_location": "launch_country",
        },
    )
    faults = check(reports, gazetteer)
    minutes = faults[faults["kind"] == "degrees and minutes"]
    wrong = (missions["takeoff_latitude"] == 4248.0) & (missions["takeoff_longitude"] == 1355.0)
    assert minutes["row"].to_list() == [i + 2 for i in missions.index[wrong]]
    assert wrong.sum() > 0
    assert set(minutes["severity"]) == {"error"}
    assert minutes["against"].str.contains("13.91666667, 42.8", regex=False).all()


def test_equal_longitude_and_latitude_are_real(shared_data, gazetteer):
    places = pd.read_csv(shared_data / "ucdp" / "syria_places.csv")
    same = places[(places["latitude"] - places["longitude"]).abs() < 0.02]
    assert len(same) == 2
    table = same.assign(country="Syria").rename(columns={"where_coordinates": "target"})
    assert kinds(table, gazetteer, adm_1="admin1") == []


# ---------------------------------------------------------------- places of the toy world


def test_both_sides_are_told(toy_gazetteer):
    table = pd.DataFrame({"target": ["Gamma"], "longitude": [4.0012], "latitude": [0.0]})
    [fault] = check(table, toy_gazetteer).to_dict("records")
    assert fault["kind"] == "place"
    assert fault["severity"] == "warning"
    assert "'Gamma' (target) is Gamma (town, Beta, WL), 3, 0" in fault["stated"]
    assert "111 km from its centre" in fault["against"]
    assert fault["column"] == "longitude, latitude"
    assert fault["value"] == "4.0012, 0"


def test_a_namesake_where_the_coordinates_are_is_no_fault(toy_gazetteer):
    # Delta is in Westland and in Eastland; the country chooses one, the coordinates the other.
    table = {"target": ["Delta"], "country": ["Westland"], "longitude": [8.0], "latitude": [0.0]}
    assert kinds(table, toy_gazetteer) == [(2, "country")]
    table = {"target": ["Delta"], "longitude": [8.0], "latitude": [0.0]}
    assert kinds(table, toy_gazetteer) == []


def test_country_and_province_against_coordinates_and_words(toy_gazetteer):
    table = {"target": ["a convoy"], "country": ["Westland"], "longitude": [7.5], "latitude": [0.2]}
    assert kinds(table, toy_gazetteer) == [(2, "country")]
    table |= {"longitude": [3.5], "admin1": ["Alpha"]}
    assert kinds(table, toy_gazetteer) == [(2, "province")]
    table |= {"longitude": [1.2]}
    assert kinds(table, toy_gazetteer) == []
    table = {"target": ["Omega oil field"], "country": ["Eastland"]}
    assert kinds(table, toy_gazetteer) == [(2, "country")]
    table = {"target": ["Gamma Air Base", "Gamma Air Base"], "admin1": ["Alpha", "Beta"]}
    assert kinds(table, toy_gazetteer) == [(2, "province")]


def test_a_code_without_an_outline_still_names_a_country(toy_gazetteer):
    table = {"target": ["Omega oil field"] * 3, "country": ["EL", "WL", ""]}
    assert kinds(table, toy_gazetteer) == [(2, "country")]


def test_a_launch_is_not_held_to_the_country_of_the_target(toy_gazetteer):
    table = {"launch": ["Lambda International Airport"], "target": ["Gamma"], "country": ["WL"]}
    assert kinds(table, toy_gazetteer) == []


def test_coordinates_may_be_those_of_any_place_of_the_row(toy_gazetteer):
    table = {
        "target": ["Gamma"], "launch": ["Omega oil field"], "longitude": [4.5], "latitude": [0.0],
    }  # fmt: skip
    assert kinds(table, toy_gazetteer) == []
    assert kinds(table | {"longitude": [4.01]}, toy_gazetteer) == [(2, "place")]
    # A whole degree is half a degree to either side.
    assert kinds(table | {"longitude": [4.0]}, toy_gazetteer) == []


def test_distance_and_direction_against_coordinates(toy_gazetteer):
    words = "50 km east of Omega oil field"
    for longitude, latitude, kind in (
        (4.95, 0.0, None),
        (4.92, 0.1, None),
        (4.7, 0.5, None),
        (4.5, 0.5, "direction"),
        (6.5, 0.0, "distance"),
        (4.05, 0.0, "direction"),
    ):
        table = {"target": [words], "longitude": [longitude], "latitude": [latitude]}
        assert kinds(table, toy_gazetteer) == ([(2, kind)] if kind else [])


def test_the_base_is_the_target_of_the_row(toy_gazetteer):
    table = {"launch": ["50 km east of the base"], "longitude": [3.0], "latitude": [0.9]}
    assert kinds(table, toy_gazetteer) == []
    # Neither of the two places of the row fits; then the launch does.
    table |= {"target": ["Gamma Air Base"]}
    assert kinds(table, toy_gazetteer) == [(2, "place")]
    assert kinds(table | {"launch": ["85 km north of the base"]}, toy_gazetteer) == []


def test_what_lies_off_a_country_need_not_be_in_it(toy_gazetteer):
    assert kinds({"target": ["300 km north of Gamma, Westland"]}, toy_gazetteer) == []


def test_words_that_contradict_themselves(gazetteer):
    table = {"target": ["Mosul, Basra Governorate", "Mosul, Nineveh"]}
    assert kinds(table, gazetteer) == [(2, "words")]


def test_states_that_were_one(gazetteer):
    table = {"target": ["a convoy"] * 2, "country": ["Sudan"] * 2, "longitude": [31.58] * 2}
    table |= {"latitude": [4.85] * 2, "date": ["1995-03-01", "2015-03-01"]}  # Juba
    assert kinds(table, gazetteer) == [(3, "country")]


# ---------------------------------------------------------------- counts, codes, cells


def test_more_fell_than_were_fired(gazetteer):
    table = {
        "target": ["Balad air base"] * 6,
        "fired": ["7", "8", "at least 7", "7", "", "5-8"],
        "intercepted": ["5", "5", "5", "", "5", "5"],
        "impact": ["Balad air base [3]"] * 3 + ["Balad air base"] + ["Balad air base [3]"] * 2,
    }
    reports = gi.read_reports(pd.DataFrame(table))
    faults = check(reports, gazetteer)
    assert faults["row"].to_list() == [2]
    assert faults["severity"].to_list() == ["error"]
    [fault] = faults.to_dict("records")
    assert fault["stated"] == "at most 7 fired"
    assert fault["against"] == "at least 3 fell and 5 were intercepted"


def test_codes(gazetteer):
    table = {
        "target": ["Balad air base"] * 3,
        "where_prec": ["1", "9", ""],
        "date_prec": [1, 1, 2],
        "date": ["2021-03-01", "2021-03-01/2021-03-05", "2021-03-01/2021-03-06"],
        "specificity": ["high", "low", "high"],  # a column of the user's own
    }
    assert kinds(table, gazetteer) == [(3, "precision code"), (3, "precision code")]


def test_a_code_that_says_around_widens_what_fits(toy_gazetteer):
    table = {"target": ["Omega oil field"] * 4, "longitude": [4.8] * 4, "latitude": [0.0] * 4}
    table |= {"where_prec": [1, 2, 5, 3], "date": [f"2021-01-0{day}" for day in range(1, 5)]}
    assert kinds(table, toy_gazetteer) == [(2, "place")]


def test_a_slip_is_found_even_where_a_code_allows_for_it(toy_gazetteer):
    # 4 degrees 30.0 minutes, written as 4.30: 22 km off, which the centre of a district may be.
    table = {
        "target": ["Omega oil field"],
        "longitude": [4.3],
        "latitude": [0.0],
        "where_prec": [3],
    }
    assert kinds(table, toy_gazetteer) == [(2, "degrees and minutes")]
    assert kinds(table | {"longitude": [4.7]}, toy_gazetteer) == []


def test_what_was_not_understood_is_listed(gazetteer, tmp_path):
    path = tmp_path / "attacks.csv"
    path.write_text(
        "target,date,killed\n\nBalad air base,the day after,none\nTaji,2021-03-01,dozens?\n"
        "Taji,2021-03-02,3\nTaji,2021-03-02,3\n",
        "utf-8",
    )
    reports = gi.read_reports(path)
    faults = check(reports, gazetteer)
    assert len(faults) == len(reports.attrs["problems"])
    assert set(faults["against"]) == {problem.why for problem in reports.attrs["problems"]}
    cells = faults[faults["kind"] == "unreadable"]
    assert cells["row"].to_list() == [p.row for p in reports.attrs["problems"] if p.row]
    assert (cells["account"] != "").all()
    [table] = faults.loc[faults["kind"] == "table", "row"]
    assert pd.isna(table)


def test_an_empty_table_and_layers_that_are_there_already(toy_gazetteer):
    empty = check(pd.DataFrame({"target": []}), toy_gazetteer)
    assert list(empty.columns) == COLUMNS
    assert empty.empty
    reports = gi.read_reports(
        pd.DataFrame({"target": ["Gamma"], "longitude": [4.01], "latitude": [0.0]})
    )
    layers = gi.locate(reports, toy_gazetteer)
    faults = check(reports, toy_gazetteer, layers=layers)
    assert len(faults) == 1
    pd.testing.assert_frame_equal(faults, check(reports, toy_gazetteer))


def test_the_order_of_rows_changes_nothing(toy_gazetteer):
    names = ["Gamma", "Omega oil field", "Camp Kilo"]
    table = pd.DataFrame({"target": names, "longitude": [4.01, 4.5, 1.01], "latitude": 0.01})
    reports = gi.read_reports(table)
    turned = reports.iloc[::-1].reset_index(drop=True)
    turned.attrs = reports.attrs
    ordered = check(turned, toy_gazetteer).sort_values("row", ignore_index=True)
    assert len(ordered) == 2
    pd.testing.assert_frame_equal(ordered, check(reports, toy_gazetteer))


# ---------------------------------------------------------------- real tables


def test_the_examples_raise_no_alarm(gazetteer):
    from pathlib import Path

    for path in sorted((Path(__file__).parents[1] / "examples").glob("*.csv")):
        assert check(gi.read_reports(path), gazetteer).empty, path.name


def test_few_alarms_on_real_events(shared_data, gazetteer):
    events = pd.read_csv(shared_data / "ucdp" / "ged_sample1000.csv")
    reports = gi.read_reports(events, columns={"where_coordinates": "target", "adm_1": "admin1"})
    faults = check(reports, gazetteer)
    assert len(faults) <= 8
    # The coordinates are 44 km from the city.
    [row] = events.index[events["where_coordinates"] == "Netanya town"]
    assert row + 2 in faults["row"].to_list()


# ---------------------------------------------------------------- the command


@pytest.fixture
def run(tmp_path):
    def call(text, *options):
        path = tmp_path / "attacks.csv"
        path.write_text(text, "utf-8")
        return CliRunner().invoke(app, ["check", str(path), *map(str, options)])

    return call


def test_the_command_tells_by_its_exit_code(run, tmp_path):
    clean = run("target\nBalad air base\n")
    assert clean.exit_code == 0, clean.output
    assert "no faults" in clean.output
    wrong = run("target,longitude,latitude\nBalad air base,33.94,44.36\n")
    assert wrong.exit_code == 1, wrong.output
    assert "swapped" in wrong.output
    unreadable = run("killed\n3\n")
    assert unreadable.exit_code == 2
    assert "Traceback" not in unreadable.output
    missing = CliRunner().invoke(app, ["check", str(tmp_path / "none.csv")])
    assert missing.exit_code == 2


def test_the_command_writes_a_safe_table(run, tmp_path):
    out = tmp_path / "faults.csv"
    result = run("Base,killed\n\"=cmd|'/c calc'!A1\",+1+1\n", "-c", "Base=target", "-o", out)
    assert result.exit_code == 1, result.output
    faults = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert list(faults.columns) == COLUMNS
    assert not [cell for cell in faults.to_numpy().ravel() if cell.startswith(("=", "+", "-", "@"))]
