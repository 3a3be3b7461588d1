"""What a table shows as a whole: days to come, twins, points in the sea, counts out of range."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import geoinc as gi
from geoinc.checking import check
from geoinc.cli import app


@pytest.fixture(scope="module")
def gazetteer():
    return gi.load_gazetteer()


def faults_of(table, gazetteer, kind):
    faults = check(gi.read_reports(pd.DataFrame(table)), gazetteer)
    found = faults[faults["kind"] == kind]
    return list(zip(found["row"], found["column"], found["severity"], strict=True))


# ---------------------------------------------------------------- days


def test_days_that_cannot_have_been_known(gazetteer):
    table = {
        "target": "Balad air base",
        "date": [
            "2999-01-01",  # to come
            "2021-03-20",  # after its publication
            "2021-03-17",  # a time zone further east
            "2021-03",  # a month that was not over
            "../2021-04-01",  # nothing before which it was not
            "2021-03-01",
            "",
        ],
        "published": ["", *["2021-03-16"] * 4, "2999-01-01", "2021-03-16"],
    }
    assert faults_of(table, gazetteer, "date") == [
        (2, "date", "error"),
        (3, "date", "error"),
        (7, "published", "error"),
    ]


def test_a_publication_that_may_be_read_in_two_ways_is_read_as_it_fits(gazetteer):
    table = {"target": "Taji", "date": ["2021-04-02", "2021-04-09"], "published": "03/04/2021"}
    assert faults_of(table, gazetteer, "date") == [(3, "date", "error")]


# ---------------------------------------------------------------- twins


def twin_table(**columns):
    return {
        "incident": ["a", "b"],
        "source": ["one", "other"],
        "target": ["Balad air base", "Al-Balad airbase"],
        "date": "2021-03-15",
        "fired": "7",
        "weapon": "rockets",
    } | columns


def test_rows_told_apart_that_read_like_one(gazetteer):
    reports = gi.read_reports(pd.DataFrame(twin_table()))
    [fault] = check(reports, gazetteer).itertuples()
    assert (fault.kind, fault.row, fault.severity) == ("duplicate", 3, "warning")
    assert "'b'" in fault.stated
    assert "'a'" in fault.stated
    assert "row 2" in fault.against
    assert "Balad Air Base" in fault.against


@pytest.mark.parametrize(
    "other",
    [
        {"incident": ["a", "a"]},
        {"incident": ["", ""]},  # nobody told them apart: `link_reports` is for that
        {"date": ["2021-03-15", "2021-06-15"]},
        {"target": ["Balad air base", "Damascus"]},
        {"fired": ""},  # place, day and weapon alone are shared by many
        {"fired": "0"},
        {"killed": ["2", "5"]},
        {"target": ["Salah al-Din Governorate", "Balad air base"]},  # anything there
    ],
)
def test_what_is_no_twin(gazetteer, other):
    assert not faults_of(twin_table(**other), gazetteer, "duplicate")


def test_within_days_twins_are_a_note(gazetteer):
    table = twin_table(date=["2021-03-14/2021-03-15", "2021-03-15"])
    assert faults_of(table, gazetteer, "duplicate") == [(3, "incident", "note")]


def test_twins_are_told_once(gazetteer):
    table = {
        "incident": ["a", "b", "a"],
        "source": ["one", "other", "third"],
        "target": "Balad air base",
        "date": "2021-03-15",
        "fired": "7",
        "killed": "3",
        "injured": "4",
        "event_type": "rocket",
        "target_type": "base",
        "actor": "militias",
    }
    assert len(faults_of(table, gazetteer, "duplicate")) == 1


# ---------------------------------------------------------------- the sea


def test_land_attacks_in_the_sea(gazetteer):
    table = {
        "target": ["a farm", "a farm", "a tanker", "a farm", "20 km west of Tartus", "a depot"],
        "longitude": ["34.0", "36.3", "34.0", "34.0", "", "0"],
        "latitude": ["34.5", "33.5", "34.5", "34.5", "", "0"],
        "notes": ["", "", "", "by a warship", "", ""],
    }
    assert faults_of(table, gazetteer, "sea") == [
        (2, "longitude, latitude", "warning"),
        (6, "target", "warning"),
    ]


def test_what_the_place_may_be_wrong_by_is_allowed_for(gazetteer):
    table = {"target": "a farm", "longitude": 34.0, "latitude": 34.5}
    for metres, n in ((1_000, 1), (100_000, 0)):
        assert len(faults_of([table | {"uncertainty_m": metres}], gazetteer, "sea")) == n


def test_coordinates_that_are_swapped_are_told_once(gazetteer):
    # The second is in the Atlantic.
    table = {"target": ["Balad air base"], "longitude": [33.94], "latitude": [44.36]}
    west = {"target": ["Balad air base"], "longitude": [-44.36], "latitude": [33.94]}
    for one, kind in ((table, "swapped coordinates"), (west, "sign of coordinates")):
        assert check(gi.read_reports(pd.DataFrame(one)), gazetteer)["kind"].to_list() == [kind]


def test_a_service_without_outlines_says_nothing_of_the_sea(gazetteer):
    class Service:
        def search(self, name, **hints):
            return gazetteer.search(name, **hints)

        def place(self, place_id):
            return gazetteer.place(place_id)

    table = {"target": ["a farm"], "longitude": [34.0], "latitude": [34.5]}
    assert not faults_of(table, Service(), "sea")


# ---------------------------------------------------------------- counts


def count_table(counts, **columns):
    n = len(counts)
    days = pd.date_range("2021-01-01", periods=n, freq="7D").strftime("%Y-%m-%d")
    return {"incident": [f"i{at}" for at in range(n)], "target": "Taji", "date": days,
            "killed": counts} | columns  # fmt: skip


def test_a_zero_too_many_is_a_note(gazetteer):
    usual = [str(n % 8) for n in range(19)]
    assert faults_of(count_table([*usual, "70"]), gazetteer, "outlier") == [(21, "killed", "note")]
    assert not faults_of(count_table([*usual, "69"]), gazetteer, "outlier")
    assert not faults_of(count_table([*usual[1:], "70"]), gazetteer, "outlier")
    assert not faults_of(count_table([*["0"] * 19, "70"]), gazetteer, "outlier")
    assert not faults_of(count_table([*usual, "up to 70"]), gazetteer, "outlier")


def test_a_high_count_that_another_account_tells_too_is_compared_with_other_incidents(gazetteer):
    counts = [*[str(n % 8) for n in range(19)], "70", "80"]
    table = count_table(counts)
    table["incident"][-1] = table["incident"][-2]
    assert len(faults_of(table, gazetteer, "outlier")) == 2


# ---------------------------------------------------------------- real tables


def test_few_alarms_on_an_export(shared_data, gazetteer):
    reports = gi.read_reports(shared_data / "ucdp" / "ged_sample1000.csv")
    layers = gi.layers_from_coordinates(reports, areas=gazetteer)
    assert check(reports, gazetteer, layers=layers).empty


# ---------------------------------------------------------------- the command


@pytest.fixture
def wrong(tmp_path):
    path = tmp_path / "attacks.csv"
    path.write_text(
        "target,longitude,latitude,date,notes\n"
        "Balad air base,33.94,44.36,2021-03-15,\n"
        '"<script>alert(1)</script> & \'x\'",33.0,34.2,2999-01-01,"<img src=x onerror=alert(1)>"\n',
        "utf-8",
    )
    return path


def test_faults_as_a_page(wrong, tmp_path):
    out = tmp_path / "faults.html"
    result = CliRunner().invoke(app, ["check", str(wrong), "-o", str(out)])
    assert result.exit_code == 1, result.output
    page = out.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert "<img" not in page
    assert "swapped coordinates" in page
    assert "2999-01-01" in page
    assert "attacks.csv" in page
    assert "http" not in page.replace("http-equiv", "")
    again = CliRunner().invoke(app, ["check", str(wrong), "-o", str(out)])
    assert again.exit_code == 2
    assert "exists already" in again.output


def test_a_page_of_no_faults(tmp_path):
    path, out = tmp_path / "clean.csv", tmp_path / "faults.html"
    path.write_text("target\nBalad air base\n", "utf-8")
    result = CliRunner().invoke(app, ["check", str(path), "-o", str(out)])
    assert result.exit_code == 0, result.output
    assert "No faults" in out.read_text(encoding="utf-8")


def test_faults_in_a_copy_of_the_workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    path, out = tmp_path / "attacks.xlsx", tmp_path / "checked.xlsx"
    book = openpyxl.Workbook()
    for row in (
        ["target", "longitude", "latitude", "date"],
        ["Balad air base", 33.94, 44.36, "2999-01-01"],
        ["Balad air base", 44.36, 33.94, "2021-03-15"],
        ["a farm", 34.0, 34.5, "2021-03-15"],
    ):
        book.active.append(row)
    book.save(path)
    before = path.read_bytes()
    result = CliRunner().invoke(app, ["check", str(path), "-o", str(out)])
    assert result.exit_code == 1, result.output
    assert path.read_bytes() == before
    sheet = openpyxl.load_workbook(out).active
    at = {cell.value: cell.column for cell in sheet[1]}
    told = sheet.cell(2, at["geoinc: faults"]).value
    assert "swapped coordinates" in told
    assert "today is" in told
    assert sheet.cell(3, at["geoinc: faults"]).value is None
    again = CliRunner().invoke(app, ["check", str(out), "--json"])  # what we wrote says nothing
    found = {fault["kind"] for fault in json.loads(again.stdout)}
    assert found == {"swapped coordinates", "date", "sea"}
    same = CliRunner().invoke(app, ["check", str(path), "-o", str(path), "--overwrite"])
    assert same.exit_code == 2  # a copy, never the workbook itself
    assert path.read_bytes() == before


def test_a_workbook_is_written_only_from_a_workbook(wrong, tmp_path):
    result = CliRunner().invoke(app, ["check", str(wrong), "-o", str(tmp_path / "out.xlsx")])
    assert result.exit_code == 2
    assert "only a workbook" in result.output
    assert not (tmp_path / "out.xlsx").exists()


def test_the_first_of_two_gazetteers_gives_its_outlines(gazetteer):
    countries = gazetteer.of_kind("country")
    assert len(countries) > 200
    assert {place.kind for place in countries} == {"country"}
    assert len((gazetteer | gazetteer).of_kind("country")) == len(countries)
    assert gazetteer.of_kind("no kind") == []


def test_days_at_the_ends_of_the_calendar(gazetteer):
    days = ["0001-01-01", "9999-12-31", ""]
    table = [{"target": "Taji", "date": day, "published": told} for day in days for told in days]
    assert faults_of(table, gazetteer, "date") == [
        (3, "published", "error"),
        (5, "date", "error"),
        (6, "published", "error"),
        (7, "date", "error"),
        (9, "published", "error"),
    ]
