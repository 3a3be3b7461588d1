"""Reading tables: every cell read once and rightly, every fault told, nothing lost."""

# ruff: noqa: RUF001
# Dashes and digits that look like others are what is tested.

import datetime as dt
import re
from calendar import day_name
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinc.errors import SchemaError
from geoinc.reports import parse_counts, read_reports, split_places
from geoinc.reports.amounts import LOWS, read_count
from geoinc.reports.days import read_days
from geoinc.schema import DERIVED_COLUMNS

EXAMPLES = Path(__file__).parents[1] / "examples"


def read(**columns):
    columns.setdefault("target", ["Balad"] * len(next(iter(columns.values()))))
    return read_reports(pd.DataFrame(columns))


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def days_of(column):
    return [None if pd.isna(day) else day.strftime("%Y-%m-%d") for day in column]


def faults(reports):
    return [(problem.row, problem.column, problem.value) for problem in reports.attrs["problems"]]


# ---------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("2021-03-15", "2021-03-15", "2021-03-15"),
        ("2021-3-5", "2021-03-05", "2021-03-05"),
        ("2021-03-15 20:30", "2021-03-15", "2021-03-15"),
        ("2021-03-15T20:30:00Z", "2021-03-15", "2021-03-15"),
        ("2021-02", "2021-02-01", "2021-02-28"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2021", "2021-01-01", "2021-12-31"),
        ("2021-03-02/2021-03-05", "2021-03-02", "2021-03-05"),
        ("2021-02/2021-03-03", "2021-02-01", "2021-03-03"),
        ("../2021-03", None, "2021-03-31"),
        ("2021-03-15/..", "2021-03-15", None),
        ("2021-03-02 to 2021-03-05", "2021-03-02", "2021-03-05"),
        ("2021-03-02 – 2021-03-05", "2021-03-02", "2021-03-05"),
        ("15 March 2021", "2021-03-15", "2021-03-15"),
        ("Mar 15, 2021", "2021-03-15", "2021-03-15"),
        ("15-Mar-2021", "2021-03-15", "2021-03-15"),
        ("March 2021", "2021-03-01", "2021-03-31"),
        ("15/03/2021", "2021-03-15", "2021-03-15"),
        ("03/15/2021", "2021-03-15", "2021-03-15"),
        ("03/03/2021", "2021-03-03", "2021-03-03"),
        ("05.03.2021", "2021-03-05", "2021-03-05"),
    ],
)
def test_days_as_written(words, start, end):
    days = read_days(words)
    assert days.why == ""
    assert [day and day.isoformat() for day in days[:2]] == [start, end]
    assert days.basis == "stated"


@pytest.mark.parametrize(
    ("words", "start", "end", "basis"),
    [  # 16 March 2021 was a Tuesday
        ("Monday", "2021-03-15", "2021-03-15", "weekday"),
        ("on Monday evening", "2021-03-15", "2021-03-15", "weekday"),
        ("Tuesday", "2021-03-16", "2021-03-16", "weekday"),
        ("last Tuesday", "2021-03-09", "2021-03-09", "weekday"),
        ("Wednesday", "2021-03-10", "2021-03-10", "weekday"),
        ("yesterday", "2021-03-15", "2021-03-15", "inferred"),
        ("3 days ago", "2021-03-13", "2021-03-13", "inferred"),
        ("last night", "2021-03-15", "2021-03-16", "inferred"),
        ("last week", "2021-03-08", "2021-03-14", "inferred"),
        ("last month", "2021-02-01", "2021-02-28", "inferred"),
        ("this month", "2021-03-01", "2021-03-16", "inferred"),
        ("last year", "2020-01-01", "2020-12-31", "inferred"),
        ("September 10", "2020-09-10", "2020-09-10", "inferred"),
        ("29 February", "2020-02-29", "2020-02-29", "inferred"),
        ("2021-03-01/Monday", "2021-03-01", "2021-03-15", "weekday"),
    ],
)
def test_days_counted_back_from_publication(words, start, end, basis):
    days = read_days(words, dt.date(2021, 3, 16))
    assert days.why == ""
    assert [day.isoformat() for day in days[:2]] == [start, end]
    assert days.basis == basis
    assert "published" in read_days(words).why


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("the day after", "no date that is understood"),
        ("2021-02-30", "not in the calendar"),
        ("2021-13", "not in the calendar"),
        ("0000", "not in the calendar"),
        ("03/04/2021", "may be 2021-04-03 or 2021-03-04"),
        ("2021-03-05/2021-03-02", "ends before it begins"),
        ("../..", "open at both ends"),
        ("44270", "no date that is understood"),
    ],
)
def test_dates_that_are_none_say_why(words, why):
    days = read_days(words, dt.date(2021, 3, 16))
    assert days[:3] == (None, None, "")
    assert words in days.why
    assert why in days.why


@pytest.mark.parametrize("words", ["last year", "last month", "yesterday", "30 February"])
def test_no_day_before_all_calendars(words):
    assert "counted back" in read_days(words, dt.date(1, 1, 1)).why


@given(st.dates(dt.date(1501, 1, 1)), st.dates(dt.date(1501, 1, 1)))
def test_ranges_hold_both_ends(a, b):
    start, end = sorted((a, b))
    assert read_days(f"{start}/{end}")[:3] == (start, end, "stated")


@given(
    st.sampled_from(list(day_name)),
    st.dates(min_value=dt.date(1, 1, 9)),
)
def test_a_weekday_is_one_of_the_last_seven_days(weekday, published):
    day = read_days(weekday, published).start
    assert 0 <= (published - day).days < 7
    assert f"{day:%A}" == weekday


def test_columns_of_days():
    reports = read(
        date=["2021-03", "Monday", "Monday", "../2021", "", "nonsense"],
        published=["", "2021-03-16", "", "", "", ""],
    )
    assert reports["date"].to_list() == ["2021-03", "Monday", "Monday", "../2021", "", "nonsense"]
    assert days_of(reports["date_start"]) == ["2021-03-01", "2021-03-15", None, None, None, None]
    assert days_of(reports["date_end"]) == [
        "2021-03-31",
        "2021-03-15",
        None,
        "2021-12-31",
        None,
        None,
    ]
    assert reports["date_basis"].to_list() == ["stated", "weekday", "", "stated", "", ""]
    assert faults(reports) == [(4, "date", "Monday"), (7, "date", "nonsense")]


def test_a_stated_basis_stands_and_blanks_are_filled():
    reports = read(date=["2021-03", "2021-03"], date_basis=["inferred", ""])
    assert reports["date_basis"].to_list() == ["inferred", "stated"]


def test_publication_must_be_a_day():
    reports = read(date=["Monday", "Monday"], published=["2021-03", "soon"])
    assert reports["date_start"].isna().all()
    assert {(row, column) for row, column, _ in faults(reports)} == {
        (2, "date"),
        (3, "date"),
        (3, "published"),
    }


def test_a_list_of_dates_makes_a_row_each():
    reports = read(date=["2020-09-02; 2020-09-03;", "2020-09-08"], incident=["a", "b"], mine=[1, 2])
    assert reports["date"].to_list() == ["2020-09-02", "2020-09-03", "2020-09-08"]
    assert reports["incident"].to_list() == ["a/2020-09-02", "a/2020-09-03", "b"]
    assert reports["mine"].to_list() == [1, 1, 2]
    assert reports["account"].is_unique
    odd = read(date=["2020-09-02; never", "oddly"])
    assert [row for row, *_ in faults(odd)] == [2, 3]


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("words", "low", "best", "high"),
    [
        ("7", 7, 7, 7),
        ("7.0", 7, 7, 7),
        ("1,200", 1200, 1200, 1200),
        ("٧", 7, 7, 7),
        ("two", 2, 2, 2),
        ("a dozen", 12, 12, 12),
        ("2-3", 2, None, 3),
        ("2–3", 2, None, 3),
        ("2 - 3", 2, None, 3),
        ("two or three", 2, None, 3),
        ("between 10 and 14", 10, None, 14),
        ("at least 10", 10, None, None),
        ("At least ten", 10, None, None),
        ("10+", 10, None, None),
        ("10 or more", 10, None, None),
        ("more than 10", 11, None, None),
        (">10", 11, None, None),
        ("up to 30", None, None, 30),
        ("fewer than 5", None, None, 4),
        ("about 14", None, 14, None),
        ("~14", None, 14, None),
        ("some 14", None, 14, None),
        ("none", 0, 0, 0),
        ("no", 0, 0, 0),
        ("0", 0, 0, 0),
        ("several", 3, None, None),
        ("dozens", 24, None, None),
        ("", None, None, None),
        ("unknown", None, None, None),
        ("?", None, None, None),
    ],
)
def test_counts(words, low, best, high):
    assert read_count(words) == (low, best, high, "")


@pytest.mark.parametrize(
    "words",
    [
        "2-Mar",
        "Mar-2",
        "02/03/2021",
        "2/3",
        "2021-03-02",
        "2021-03-02 00:00:00",
        "2 March",
        "2003-02",
        "2-Mar-21",
    ],
)
def test_a_date_that_a_spreadsheet_made_of_a_range(words):
    count = read_count(words)
    assert count[:3] == (None, None, None)
    assert "spreadsheet" in count.why
    assert repr(words) in count.why


@pytest.mark.parametrize("words", ["lots", "7.5", "-3", "3-2", "9" * 30, "under 0", "7 of 10", "²"])
def test_numbers_that_are_none_say_why(words):
    count = read_count(words)
    if words == "²":  # the compatibility form of 2 is 2
        assert count[:3] == (2, 2, 2)
        return
    assert count.why
    assert parse_counts(pd.Series([words]), "n").isna().all(axis=None)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_bounds_of_ranges(a, b):
    low, high = sorted((a, b))
    assert read_count(f"{low}-{high}")[:3] == ((low, None, high))


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_cells(text):
    count, days = read_count(text), read_days(text, dt.date(2021, 3, 16))
    assert not (count.why and count[:3] != (None, None, None))
    assert not (days.why and days.start)
    assert count.low is None or count.high is None or count.low <= count.high
    assert days.start is None or days.end is None or days.start <= days.end


def test_words_give_a_low_and_never_a_best():
    for word in LOWS:
        assert read_count(word)[1:3] == (None, None)
        assert read_count(word).low >= 2


def test_columns_of_counts():
    reports = read(fired=["7", "2-Mar", "about 14", "none"], killed=[1.0, np.nan, 0, 2])
    assert reports["fired_low"].to_list() == [7, pd.NA, pd.NA, 0]
    assert reports["fired_best"].to_list() == [7, pd.NA, 14, 0]
    assert reports["killed_best"].to_list() == [1, pd.NA, 0, 2]
    assert reports["injured_low"].isna().all()
    assert {
        str(reports[f"{name}_{bound}"].dtype)
        for name in ("events", "fired")
        for bound in ("low", "best", "high")
    } == {"Int64"}
    assert reports["fired"].to_list()[1] == "2-Mar"
    assert faults(reports) == [(3, "fired", "2-Mar")]


@pytest.mark.parametrize(
    ("cell", "places"),
    [
        ("a nearby village [5]; the base [2]", [("a nearby village", "5"), ("the base", "2")]),
        ("the base [at least 2]", [("the base", "at least 2")]),
        ("Diyala, east of the base", [("Diyala, east of the base", "")]),
        (" ; ;", []),
        ("", []),
        ("[2]", [("", "2")]),
        ("[x] y", [("[x] y", "")]),
        ("a [1] [2]", [("a [1]", "2")]),
    ],
)
def test_cells_of_several_places(cell, places):
    assert split_places(cell) == places


# ---------------------------------------------------------------- standing and vocabulary


def test_standing():
    reports = read(
        outcome=[
            "",
            "hit; missed",
            "false alarm",
            "Called Off",
            "hit; false alarm",
            "hit",
            "hit",
            "hit",
            "foiled",
        ],
        events=["", "1", "", "", "one", "dozens", "unknown", "loads", "about 50"],
        include=["", "yes", "", "", "", "", "", "", "No"],
        incident=list("abcdefghi"),
    )
    assert reports["standing"].to_list() == [
        *["counted"] * 2, *["no attack"] * 2, "counted", *["summary"] * 3, "set aside",
    ]  # fmt: skip
    assert reports["events_low"].to_list() == [1, 1, 1, 1, 1, 24, pd.NA, pd.NA, pd.NA]
    assert reports["events_best"].to_list()[-1] == 50
    assert faults(reports) == [(9, "events", "loads")]


def test_words_outside_the_vocabulary_are_faults_and_kept():
    reports = read(
        outcome=["hit", "boom; hit", "", ""],
        actor_basis=["claimed", "", "guessed", ""],
        include=["", "", "", "maybe"],
        target_basis=["inferred", "as told", "by ear", ""],
    )
    assert [(row, column) for row, column, _ in faults(reports)] == [
        (3, "outcome"), (4, "actor_basis"), (4, "target_basis"), (5, "include"),
    ]  # fmt: skip
    assert reports["outcome"].to_list()[1] == "boom; hit"
    assert set(reports["standing"]) == {"counted"}


def test_coordinates_off_the_earth_are_faults_and_kept():
    reports = read(longitude=["44.36", "444.0", "east", ""], latitude=[33.94, -91, None, 0])
    assert faults(reports) == [
        (3, "longitude", "444.0"), (3, "latitude", "-91"), (4, "longitude", "east"),
    ]  # fmt: skip
    assert reports["longitude"].to_list() == ["44.36", "444.0", "east", ""]
    good = read(longitude=["44.36", ""], latitude=["33.94", ""])
    assert good["longitude"].dtype == float
    assert good.attrs["problems"] == ()


def test_all_faults_can_be_raised_at_once():
    table = pd.DataFrame(
        {"target": ["a", "b"], "date": ["never", "2021"], "killed": ["2", "2-Mar"]}
    )
    with pytest.raises(SchemaError, match="2 faults") as caught:
        read_reports(table, errors="raise")
    assert [problem.value for problem in caught.value.problems] == ["never", "2-Mar"]
    assert "row 2, date: 'never'" in str(caught.value)
    with pytest.raises(ValueError, match="'ignore'"):
        read_reports(table, errors="ignore")


# ---------------------------------------------------------------- columns


def test_the_users_columns_stay_and_ours_come_beside():
    table = pd.DataFrame(
        {"Base": ["Balad"], "Target Country": ["IQ"], "note to self": [1.5], "KILLED": [2]}
    )
    before = table.copy()
    reports = read_reports(table, columns={"Base": "target"})
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(pd.DataFrame(reports[list(before)]), before, check_flags=False)
    assert reports[["target", "target_country", "killed"]].iloc[0].to_list() == ["Balad", "IQ", "2"]
    assert reports["killed_best"].to_list() == [2]
    assert list(reports.columns)[-len(DERIVED_COLUMNS) :] == list(DERIVED_COLUMNS)
    assert isinstance(reports.index, pd.RangeIndex)


def test_a_named_index_becomes_a_column():
    table = pd.DataFrame({"target": ["Balad"]}, index=pd.Index(["x1"], name="my id"))
    assert read_reports(table)["my id"].to_list() == ["x1"]


def test_reading_again_changes_nothing():
    once = read_reports(EXAMPLES / "iraq-syria.csv")
    twice = read_reports(once)
    pd.testing.assert_frame_equal(once, twice)


def test_no_column_of_places_says_how_to_map():
    with pytest.raises(SchemaError, match=re.escape("columns={'Base name': 'target'}")) as caught:
        read_reports(pd.DataFrame({"when": ["2021"], "Base name": ["Balad"]}))
    assert "'when', 'Base name'" in str(caught.value)
    with pytest.raises(SchemaError, match="'tagret'"):
        read_reports(pd.DataFrame({"a": [1], "tagret": ["Balad"]}))
    with pytest.raises(SchemaError, match=re.escape("columns={'YOURS': 'target'}")):
        read_reports(pd.DataFrame({"date": ["2021"], "killed": [1]}))
    assert len(read_reports(pd.DataFrame({"Longitude": [44.0], "latitude": [33.0]}))) == 1
    with pytest.raises(SchemaError, match="no column of places"):
        read_reports(pd.DataFrame())


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"Bsae": "target"}, "no column 'Bsae'"),
        ({"target": "Base"}, "wrong way round"),
        ({"Base": "tagret"}, "did you mean 'target'"),
        ({"Base": "target", "Other": "target"}, "choose one"),
        ({"Base": "date"}, "has a column 'date' already"),
    ],
)
def test_mappings_that_cannot_be(columns, why):
    table = pd.DataFrame({"Base": ["a"], "Other": ["b"], "date": ["2021"]})
    with pytest.raises(SchemaError, match=why):
        read_reports(table, columns=columns)


def test_names_that_collide_are_refused():
    with pytest.raises(SchemaError, match="'account'"):
        read(account=["x"])
    with pytest.raises(SchemaError, match="both read as 'date'"):
        read_reports(pd.DataFrame({"target": ["a"], "Date": ["2021"], "DATE": ["2022"]}))
    twice = pd.DataFrame([["a", "b"]], columns=["target", "target"])
    with pytest.raises(SchemaError, match="two columns 'target'"):
        read_reports(twice)


def test_days_of_ucdp_are_ours(shared_data):
    events = pd.read_csv(shared_data / "ucdp" / "ged_sample1000.csv")
    reports = read_reports(events)
    assert not [problem for problem in reports.attrs["problems"] if "date" in problem.column]
    assert (reports["date_start"] == pd.to_datetime(events["date_start"])).all()
    assert (reports["date_end"] == pd.to_datetime(events["date_end"])).all()


# ---------------------------------------------------------------- identities


def test_identities_come_from_content_alone():
    table = pd.DataFrame({"target": ["Balad", "Erbil", "Taji"], "date": ["2021", "2022", "2023"]})
    first = read_reports(table)
    longer = read_reports(
        pd.concat([table.iloc[[2]], table.iloc[:2]]).assign(notes="x", mine=1, weapon="")
    )
    assert set(first["incident"]) == set(longer["incident"])
    assert set(first["account"]) == set(longer["account"])
    assert first["account"].str.fullmatch("[0-9a-f]{16}").all()
    other = read_reports(table.assign(date=["2021", "2022", "2024"]))
    assert len(set(first["account"]) & set(other["account"])) == 2


def test_faults_are_carried_along_without_being_copied():
    reports = read(date=["never", "2021"])
    assert reports.head(1).attrs["problems"] is reports.attrs["problems"]
    assert isinstance(reports.attrs["problems"], tuple)


def test_rows_that_repeat_stay_apart_and_are_told():
    reports = read(date=["2021", "2021", "2021", "2022"])
    assert reports["account"].is_unique
    assert reports["account"].str[16:].to_list() == ["", "-2", "-3", ""]
    assert reports["incident"].nunique() == 4
    (problem,) = reports.attrs["problems"]
    assert "2 rows" in problem.why
    assert "3, 4" in problem.why


def test_blank_incidents_are_filled_and_others_kept():
    reports = read(incident=["a", "", None], date=["1", "2021", "2022"])
    assert reports["incident"].to_list() == ["a", *reports["account"].to_list()[1:]]


# ---------------------------------------------------------------- files

CSV = "target,date,killed\nBalad,2021-03-15,2-3\nعين الأسد,2021-03-03,1\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path, encoding, delimiter):
    path = write(tmp_path / "a.csv", CSV.replace(",", delimiter).encode(encoding))
    reports = read_reports(path)
    assert reports["target"].to_list() == ["Balad", "عين الأسد"]
    assert reports["killed_high"].to_list() == [3, 1]
    assert reports.attrs["source"] == "a.csv"
    assert reports.attrs["problems"] == ()


def test_old_encodings_are_guessed_and_said(tmp_path):
    arabic = read_reports(write(tmp_path / "a.csv", CSV.encode("cp1256")))
    assert arabic["target"].to_list()[1] == "عين الأسد"
    assert "windows-1256" in arabic.attrs["problems"][0].why
    latin = read_reports(write(tmp_path / "b.csv", "target\nÎle d'Île – Öst\n".encode("cp1252")))
    assert latin["target"].to_list() == ["Île d'Île – Öst"]
    assert "windows-1252" in latin.attrs["problems"][0].why


def test_semicolons_in_cells_are_no_delimiter(tmp_path):
    path = write(tmp_path / "a.csv", "target,impact\nBalad,a [5]; b [2]\n")
    assert read_reports(path)["impact"].to_list() == ["a [5]; b [2]"]
    one = write(tmp_path / "b.csv", "target\nBalad, Iraq; Taji\n")
    assert read_reports(one)["target"].to_list() == ["Balad, Iraq; Taji"]
    told = write(tmp_path / "c.csv", "sep=;\ntarget;date\nBalad, Iraq;2021\n")
    assert read_reports(told)["target"].to_list() == ["Balad, Iraq"]
    quoted = write(tmp_path / "d.csv", '"target";"a,b,c"\nBalad;1\n')
    assert read_reports(quoted)["a,b,c"].to_list() == ["1"]


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path):
    path = write(tmp_path / "a.csv", 'target,date\n"two\nlines",2021\n\n,,\nBalad,never\n')
    reports = read_reports(path)
    assert len(reports) == 2
    assert faults(reports) == [(5, "date", "never")]


def test_text_that_is_none_is_mended_and_counted(tmp_path):
    spoilt = write(tmp_path / "a.csv", b"target\nBa\xed\xa0\x80lad\x00\n\xd8\xb9\xd9\x8a\xd9\x86\n")
    reports = read_reports(spoilt)
    assert reports["target"].to_list() == ["Ba\ufffdlad\ufffd", "عين"]
    assert "2 characters" in reports.attrs["problems"][0].why
    broken = write(tmp_path / "b.csv", "target\nعين الأسد\n".encode() + b"\xff\n")
    assert read_reports(broken)["target"].to_list() == ["عين الأسد", "\ufffd"]
    frame = read_reports(pd.DataFrame({"target": pd.Series(["Ba\ud800lad", "Taji"], dtype=object)}))
    assert frame["target"].to_list() == ["Ba\ufffdlad", "Taji"]
    assert faults(frame) == [(2, "target", "Ba\ufffdlad")]


def test_a_very_long_cell_is_kept(tmp_path):
    long = "x" * 10_000
    reports = read_reports(write(tmp_path / "a.csv", f"target\n{long}\n"))
    assert reports["target"].to_list() == [long]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"\n\n , \n", "is empty"),
        ("binary.csv", bytes(range(256)) * 8, "not text"),
        ("unknown.csv", b"target\n\x81\x8d\x8f\x90\x9d\n", "not text"),
        ("noplace.csv", b"date,killed\n2021-03-15,1\n", "no column of places"),
        ("ragged.csv", b"target,date\nBalad, Iraq,2021\n", "row 2: more cells"),
        ("quote.csv", b'target,date\n"Balad,2021\nTaji,2022\n', "quote left open"),
        ("twice.csv", b"target,target\nBalad,Taji\n", "two columns 'target'"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "before 2007"),
        ("archive.xlsx", b"PK\x03\x04 but no workbook", "cannot be unpacked"),
    ],
)
def test_files_that_are_no_reports_say_so_in_one_line(tmp_path, name, content, why):
    with pytest.raises(SchemaError, match=why) as caught:
        read_reports(write(tmp_path / name, content))
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*missing\.csv"):
        read_reports(tmp_path / "missing.csv")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read_reports(tmp_path)


def test_a_header_alone_is_an_empty_table(tmp_path):
    reports = read_reports(write(tmp_path / "a.csv", "target,date,killed\n"))
    assert len(reports) == 0
    assert set(DERIVED_COLUMNS) <= set(reports.columns)


def test_columns_without_a_name_are_kept_where_they_hold_something(tmp_path):
    reports = read_reports(write(tmp_path / "a.csv", "target,,,\nBalad,kept,,\nTaji\n"))
    assert reports["unnamed 2"].to_list() == ["kept", ""]
    assert "unnamed 3" not in reports


# ---------------------------------------------------------------- Excel


@pytest.fixture
def workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "2021"
    sheet.append(["Target", "date", "killed", "fired", "remark"])
    sheet.append(["Balad", dt.datetime(2021, 3, 15), 2, 7.0, "=1+1"])  # noqa: DTZ001  # Excel has no zones
    sheet.append(["Erbil", dt.datetime(2021, 2, 1), dt.datetime(2026, 3, 2), None, True])  # noqa: DTZ001
    sheet.append(["Taji", 2020, "at least 2", "2-3", dt.time(20, 30)])
    sheet["B2"].number_format = "yyyy-mm-dd"
    sheet["B3"].number_format = "mmm-yy"
    sheet["C3"].number_format = "d-mmm"
    book.create_sheet("empty")
    path = tmp_path / "attacks.xlsx"
    book.save(path)
    return path


def test_excel(workbook):
    reports = read_reports(workbook)
    assert reports["target"].to_list() == ["Balad", "Erbil", "Taji"]
    assert reports["date"].to_list() == ["2021-03-15", "2021-02", "2020"]
    assert days_of(reports["date_end"]) == ["2021-03-15", "2021-02-28", "2020-12-31"]
    assert reports["killed_low"].to_list() == [2, pd.NA, 2]
    assert reports["fired_high"].to_list() == [7, pd.NA, 3]
    assert reports["remark"].to_list()[1:] == ["True", "20:30"]
    assert faults(reports) == [(3, "killed", "2 march")]
    assert "spreadsheet" in reports.attrs["problems"][0].why


def test_sheets_of_excel(workbook, tmp_path):
    assert len(read_reports(workbook, sheet="2021")) == 3
    with pytest.raises(SchemaError, match="no sheet 'July'; it has '2021', 'empty'"):
        read_reports(workbook, sheet="July")
    with pytest.raises(SchemaError, match="is empty"):
        read_reports(workbook, sheet=1)
    with pytest.raises(SchemaError, match="no Excel file"):
        read_reports(write(tmp_path / "a.csv", CSV), sheet="2021")


def test_without_openpyxl_the_message_says_what_to_install(workbook, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(ModuleNotFoundError, match=r"geoinc\[excel\]"):
        read_reports(workbook)


# ---------------------------------------------------------------- the example


def test_the_example_has_no_faults():
    reports = read_reports(EXAMPLES / "iraq-syria.csv", errors="raise")
    standing = reports["standing"].value_counts().to_dict()
    assert standing == {"counted": 50, "summary": 12, "no attack": 2, "set aside": 2}
    attacks = reports[reports["standing"].isin(["counted", "no attack"])]
    assert attacks["incident"].nunique() == 34
    # No actor without its basis, and only one report prints its date.
    assert (reports.loc[reports["actor"] != "", "actor_basis"] != "").all()
    undated = reports["report"] != "report_000"
    assert reports.loc[undated, "notes"].str.contains("published inferred").all()
    assert not reports.loc[~undated, "notes"].str.contains("published inferred").any()


def test_the_example_does_not_copy_its_sources():
    reports = read_reports(EXAMPLES / "iraq-syria.csv")
    folder = Path(__file__).parents[2] / "shared" / "reports"
    if not folder.is_dir():
        pytest.skip("the news reports (../shared/reports) are not beside this checkout")
    texts = " ".join(
        re.sub(r"\W+", " ", path.read_text().casefold()) for path in folder.glob("*.txt")
    )
    for cell in reports["notes"].unique():
        words = re.sub(r"\W+", " ", cell.casefold()).split()
        for i in range(len(words) - 7):
            assert " ".join(words[i : i + 8]) not in texts


def test_every_account_knows_its_row_of_the_file(tmp_path):
    path = tmp_path / "attacks.csv"
    path.write_text("target,date\nBalad,2021-03-01; 2021-03-02\n\nTaji,2021-03-03\n", "utf-8")
    reports = read_reports(path)
    rows = reports.attrs["rows"]
    assert [rows[account] for account in reports["account"]] == [2, 2, 4]
    # They are found whatever is done to the table.
    kept = reports.sort_values("target", ascending=False, ignore_index=True).head(1)
    assert [kept.attrs["rows"][account] for account in kept["account"]] == [4]
