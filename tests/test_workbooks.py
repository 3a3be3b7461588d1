"""The workbook to code in, and answers in a copy of it: same rows, comments kept, nothing run."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment

import geoinc as gi
from geoinc.errors import SchemaError
from geoinc.reports.guide import GUIDE
from geoinc.schema import REPORT_COLUMNS


@pytest.fixture(scope="module")
def gazetteer():
    return gi.load_gazetteer()


@pytest.fixture
def coded(tmp_path):
    """Return a new workbook with attacks in it, a title above and a comment."""
    path = tmp_path / "attacks.xlsx"
    gi.new_workbook(path)
    book = openpyxl.load_workbook(path)
    sheet = book["reports"]
    rows = [
        {"date": "2021-03-15", "target": "Balad air base", "fired": "2-3", "outcome": "hit"},
        {
            "date": "2021-03-16; 2021-03-17",
            "target": "Xqzrtl",
            "launch": "Diyala, east of the base",
        },
        {},
        {"date": "never", "target": '=HYPERLINK("http://x")', "killed": "none"},
    ]
    at = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, 2):
        for name, value in row.items():
            cell = sheet.cell(number, at[name], value)
            cell.data_type = "s"
    sheet["D2"].comment = Comment("seen on page 3", "coder")
    sheet["B2"].number_format = "@"
    book.save(path)
    return path


def test_the_guide_explains_every_column():
    assert sorted(column.name for column in GUIDE) == sorted(REPORT_COLUMNS)
    assert all(column.meaning for column in GUIDE)


def test_the_preferred_account_is_marked_with_a_word_of_the_list(tmp_path):
    path = tmp_path / "attacks.xlsx"
    gi.new_workbook(path)
    book = openpyxl.load_workbook(path)
    sheet = book["reports"]
    letter = next(cell.column_letter for cell in sheet[1] if cell.value == "preferred")
    offered = [
        choice.formula1
        for choice in sheet.data_validations.dataValidation
        if f"{letter}2" in choice.cells
    ]
    assert offered == ['"yes,no"']
    accounts = pd.DataFrame(
        {"incident": "a", "target": "Balad", "fired": ["2", "3"], "Preferred account": ["", "Yes"]}
    )
    reports = gi.read_reports(accounts)
    assert not reports.attrs["problems"]
    # A remark of the coder's: the account stays the same.
    assert list(reports["account"]) == list(gi.read_reports(accounts.iloc[:, :3])["account"])
    merged = gi.incidents(gi.locate(reports, gi.load_gazetteer()))
    assert merged["fired_best"].to_list() == [3]
    odd = gi.read_reports(accounts.assign(preferred="perhaps").drop(columns="Preferred account"))
    assert "'perhaps' is not one of yes, no" in odd.attrs["problems"][0].why


def test_a_new_workbook_is_an_empty_table_of_reports(tmp_path):
    path = tmp_path / "attacks.xlsx"
    gi.new_workbook(path)
    reports = gi.read_reports(path, errors="raise")
    assert len(reports) == 0
    assert set(REPORT_COLUMNS) <= set(reports.columns)
    book = openpyxl.load_workbook(path)
    sheet = book["reports"]
    assert [page.title for page in book] == ["reports", "columns"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    for name in ("date", "published", "fired", "killed", "events"):
        assert sheet.column_dimensions[letters[name]].number_format == "@"
    choices = {str(choice.sqref).rstrip("0123456789").split("2:")[0]: choice for choice in sheet.data_validations.dataValidation}  # fmt: skip
    assert choices[letters["include"]].formula1 == '"yes,no"'
    assert choices[letters["include"]].errorStyle == "stop"
    assert choices[letters["outcome"]].errorStyle == "warning"
    # Excel takes no longer list than this.
    assert all(len(choice.formula1) <= 257 for choice in choices.values())
    assert book["columns"].max_row == len(REPORT_COLUMNS) + 1


def test_nothing_is_written_over_unasked(tmp_path):
    path = tmp_path / "attacks.xlsx"
    gi.new_workbook(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        gi.new_workbook(path)
    assert path.read_bytes() == before
    gi.new_workbook(path, overwrite=True)
    with pytest.raises(ValueError, match=r"does not end in \.xlsx"):
        gi.new_workbook(tmp_path / "attacks.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["attacks.xlsx"]


def test_answers_go_back_into_the_same_rows(coded, tmp_path, gazetteer):
    reports = gi.read_reports(coded)
    layers = gi.locate(reports, gazetteer)
    copy = tmp_path / "answered.xlsx"
    before = coded.read_bytes()
    assert gi.write_answers(reports, layers, coded, copy) == 2
    assert coded.read_bytes() == before
    sheet, old = (openpyxl.load_workbook(path)["reports"] for path in (copy, coded))
    for row in old.iter_rows():
        for cell in row:
            assert sheet[cell.coordinate].value == cell.value
    assert sheet["D2"].comment.text == "seen on page 3"
    assert len(sheet.data_validations.dataValidation) == len(old.data_validations.dataValidation)
    at = {cell.value: cell.column for cell in sheet[1]}

    def answer(row, name):
        return sheet.cell(row, at[f"geoinc: {name}"]).value

    assert answer(2, "target found") == "Balad Air Base"
    assert answer(2, "target status") == "resolved"
    assert float(answer(2, "target latitude")) == pytest.approx(33.94, abs=0.05)
    assert float(answer(2, "target uncertainty km")) < 10
    assert answer(2, "questions") is None
    assert answer(3, "first day") == "2021-03-16; 2021-03-17"
    assert "'Xqzrtl'" in answer(3, "questions")
    assert answer(4, "counts as") is None  # the blank row stays blank
    assert "'never' is no date" in answer(5, "questions")
    assert sheet.cell(5, at["target"]).data_type == "s"
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_answers_are_renewed_where_they_stand(coded, tmp_path, gazetteer):
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    reports = gi.read_reports(coded)
    gi.write_answers(reports, gi.locate(reports, gazetteer), coded, first)
    again = gi.read_reports(first)
    assert again["account"].to_list() == reports["account"].to_list()
    again_layers = gi.locate(again, gazetteer)
    gi.write_answers(again, again_layers, first, second)
    heads = [
        [cell.value for cell in openpyxl.load_workbook(path)["reports"][1]]
        for path in (first, second)
    ]
    assert heads[0] == heads[1]


def test_answers_of_another_table_are_refused(coded, tmp_path, gazetteer):
    reports = gi.read_reports(pd.DataFrame({"target": ["Balad air base"]}))
    with pytest.raises(SchemaError, match=r"not read from 'attacks\.xlsx'"):
        gi.write_answers(reports, gi.locate(reports, gazetteer), coded, tmp_path / "b.xlsx")
    assert not (tmp_path / "b.xlsx").exists()


def test_a_workbook_of_ones_own_is_answered_under_its_header(tmp_path, gazetteer):
    book = openpyxl.Workbook()
    book.active.title = "2021"
    book.active.append(["Attacks"])
    book.active.append([])
    book.active.append(["Day", "Where", "Fatalities", "formula"])
    book.active.append([dt.datetime(2021, 3, 15), "Balad air base", 2, "=1+1"])  # noqa: DTZ001  # Excel has no zones
    book.active.cell(4, 9, "far right")
    book.save(tmp_path / "a.xlsx")
    reports = gi.read_reports(tmp_path / "a.xlsx", sheet="2021")
    gi.write_answers(
        reports, gi.locate(reports, gazetteer), tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    )
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["2021"]
    assert sheet["J3"].value == "geoinc: counts as"
    assert sheet["J4"].value == "counted"
    assert sheet["D4"].value == "=1+1"
