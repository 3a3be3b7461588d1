"""Dates as analysts write them: every usual notation, the order of day and month by the column."""

# ruff: noqa: RUF001
# Dashes and digits that look like others are what is tested.

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinc.reports import read_reports
from geoinc.reports.days import day_order, read_days
from geoinc.reports.months import MONTHS, NUMBERS


def read(dates, **options):
    return read_reports(pd.DataFrame({"target": "Balad", "date": dates}), **options)


def days(reports):
    return [
        "/".join("" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in pair)
        for pair in zip(reports["date_start"], reports["date_end"], strict=True)
    ]


@pytest.mark.parametrize(
    "words",
    [
        "2021-03-15",
        "2021/3/15",
        "2021.03.15",
        "20210315",
        "15/3/2021",
        "15-03-2021",
        "15.3.21",
        "15/03/21",
        "15 March 2021",
        "15. March 2021",
        "15th March 2021",
        "15th of March, 2021",
        "the 15th of March 2021",
        "March 15th, 2021",
        "Mar. 15 2021",
        "15-Mar-21",
        "15Mar2021",
        "Monday, 15 March 2021",
        "Mon 15 Mar 2021",
        "on 15 March 2021",
        "15 March 2021, 20:30",
        "15/03/2021 8:30 pm",
        "2021-03-15 00:00:00.000",
        "2021-03-15T20:30:00+00:00",
        "15 mars 2021",
        "le 15 mars 2021",
        "lundi 15 mars 2021",
        "١٥ آذار ٢٠٢١",
        "15 آذار/مارس 2021",
        "١٥/٠٣/٢٠٢١",
        "۲۰۲۱-۰۳-۱۵",
        "۱۵ مارس ۲۰۲۱",
        "\u200f15/03/2021\u200e",
    ],
)
def test_one_day_in_every_notation(words):
    found = read_days(words)
    assert found.why == ""
    assert found[:2] == (dt.date(2021, 3, 15),) * 2


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("2021/03", "2021-03-01", "2021-03-31"),
        ("03/2021", "2021-03-01", "2021-03-31"),
        ("Mar-21", "2021-03-01", "2021-03-31"),
        ("mars 2021", "2021-03-01", "2021-03-31"),
        ("كانون الثاني 2021", "2021-01-01", "2021-01-31"),
        ("early March 2021", "2021-03-01", "2021-03-31"),
        ("mid-March 2021", "2021-03-01", "2021-03-31"),
        ("late 2021", "2021-01-01", "2021-12-31"),
        ("Q1 2021", "2021-01-01", "2021-03-31"),
        ("2021-Q4", "2021-10-01", "2021-12-31"),
        ("2021-W11", "2021-03-15", "2021-03-21"),
        ("2-5 March 2021", "2021-03-02", "2021-03-05"),
        ("2–5 March 2021", "2021-03-02", "2021-03-05"),
        ("2 to 5 March 2021", "2021-03-02", "2021-03-05"),
        ("March 2-5, 2021", "2021-03-02", "2021-03-05"),
        ("28 Feb - 2 Mar 2021", "2021-02-28", "2021-03-02"),
        ("28 December 2020 - 2 January 2021", "2020-12-28", "2021-01-02"),
        ("between 2 and 5 March 2021", "2021-03-02", "2021-03-05"),
        ("from 2 March to 5 March 2021", "2021-03-02", "2021-03-05"),
        ("du 2 au 5 mars 2021", "2021-03-02", "2021-03-05"),
        ("من 2 إلى 5 آذار 2021", "2021-03-02", "2021-03-05"),
        ("March-April 2021", "2021-03-01", "2021-04-30"),
        ("March to April 2021", "2021-03-01", "2021-04-30"),
        ("2020-2021", "2020-01-01", "2021-12-31"),
        ("15/03/2021 - 17/03/2021", "2021-03-15", "2021-03-17"),
        ("2021-03-15 – 2021-03-17", "2021-03-15", "2021-03-17"),
        ("before March 2021", None, "2021-02-28"),
        ("by 15 March 2021", None, "2021-03-15"),
        ("after 15 March 2021", "2021-03-16", None),
        ("since 15 March 2021", "2021-03-15", None),
        ("depuis le 15 mars 2021", "2021-03-15", None),
        ("قبل 15 آذار 2021", None, "2021-03-14"),
    ],
)
def test_less_than_a_day(words, start, end):
    found = read_days(words)
    assert found.why == ""
    assert [day and day.isoformat() for day in found[:2]] == [start, end]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Tuesday, 15 March 2021", "was a Monday"),
        ("1399-12-25", "Persian or Islamic"),
        ("۱۳۹۹/۱۲/۲۵", "Persian or Islamic"),
        ("44270", "number of 2021-03-15"),
        ("31/02/2021", "not in the calendar"),
        ("00/2021", "not in the calendar"),
        ("2021-W60", "not in the calendar"),
        ("15 Floréal 2021", "no date that is understood"),
        ("around 15 March 2021", "no date that is understood"),
        ("15/03", "no date that is understood"),
        ("5-2 March 2021", "ends before it begins"),
        ("2021-15-03", "not in the calendar"),
    ],
)
def test_what_is_no_date_says_why(words, why):
    found = read_days(words, dt.date(2021, 4, 1))
    assert why in found.why
    assert found[:2] == (None, None)


def test_the_whole_column_says_which_comes_first():
    first = read(["03/04/2021", "15/03/2021", "05.06.2021"])
    assert days(first) == [
        "2021-04-03/2021-04-03",
        "2021-03-15/2021-03-15",
        "2021-06-05/2021-06-05",
    ]
    said = first.attrs["recognised"]["day and month"]
    assert said == "day first, because of '15/03/2021'; 1 dates depend on it"
    second = read(["03/04/2021", "03/15/2021"])
    assert days(second)[0] == "2021-03-04/2021-03-04"
    assert "month first" in second.attrs["recognised"]["day and month"]


def test_where_the_column_does_not_say_a_date_is_a_fault():
    for dates in (["03/04/2021"], ["03/04/2021", "15/03/2021", "03/15/2021"]):
        reports = read(dates)
        (problem,) = reports.attrs["problems"]
        assert "may be 2021-04-03 or 2021-03-04" in problem.why
        assert "not known" in reports.attrs["recognised"]["day and month"]
        assert days(read(dates, day_first=True))[0] == "2021-04-03/2021-04-03"
        assert days(read(dates, day_first=False))[0] == "2021-03-04/2021-03-04"
    # What can be read in one way only is read so, whatever is said of the others.
    assert days(read(["15/03/2021"], day_first=False)) == ["2021-03-15/2021-03-15"]


def test_short_years_are_said():
    reports = read(["15/03/21", "15-Mar-99", "2021"])
    assert days(reports)[:2] == ["2021-03-15/2021-03-15", "1999-03-15/1999-03-15"]
    assert reports.attrs["recognised"]["years"].startswith("2 dates")
    assert "years" not in read(["2021"]).attrs["recognised"]


def test_lists_with_the_arabic_semicolon():
    assert len(read(["2021-03-15؛ 2021-03-16"])) == 2


@given(st.dates(dt.date(1501, 1, 1)), st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d %B %Y", "%B %d, %Y", "%Y%m%d", "%Y/%m/%d"]))  # fmt: skip
def test_what_is_written_is_read(day, notation):
    if notation == "%Y%m%d" and not 1900 <= day.year < 2100:
        return
    words = day.strftime(notation).replace(f"{day.year}", f"{day.year:04}")
    assert read_days(words, day_first=True)[:3] == (day, day, "stated")


@given(st.text("0123456789-/. ٠١٢marchto–", max_size=25))
def test_no_text_of_dates_breaks_the_reading(text):
    found = read_days(text, dt.date(2021, 3, 16))
    assert not (found.why and (found.start or found.end))
    day_order([text])


def test_names_of_months():
    assert all(NUMBERS[name] == number for number, name in enumerate(MONTHS, 1))
    assert set(NUMBERS.values()) == set(range(1, 13))


def test_very_many_times_are_days():
    stamps = pd.date_range("2021-01-01", periods=20_000, freq="min").strftime("%Y-%m-%d %H:%M:%S")
    reports = read(stamps.to_list())
    assert days(reports)[-1] == "2021-01-14/2021-01-14"
    assert reports["date"].to_list() == stamps.to_list()


def test_a_column_called_day_that_holds_dates():
    table = pd.DataFrame({"target": ["a", "b"], "Day": ["15 March 2021", "16"]})
    reports = read_reports(table)
    assert days(reports) == ["2021-03-15/2021-03-15", "/"]
    assert [problem.value for problem in reports.attrs["problems"]] == ["16"]
