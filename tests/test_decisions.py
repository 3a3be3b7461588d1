"""Decisions: what is asked is what nobody is sure of, and what an analyst says is what is used."""

import csv
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoinc as gi
from geoinc.decisions import SCOPES, applying, spot_of
from geoinc.decisions.choices import key_of
from geoinc.decisions.reading import review_table


@pytest.fixture
def toy(toy_gazetteer):
    return toy_gazetteer


def locate(toy, rows, decisions=(), **options):
    reports = gi.read_reports(pd.DataFrame(rows))
    reports.attrs["source"] = "attacks.csv"
    return gi.locate(reports, toy, decisions=decisions, **options)


def decide(path, **cells):
    """Fill in the first row of a review."""
    if path.suffix == ".csv":
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        for name, cell in cells.items():
            table.loc[0, name] = cell
        table.to_csv(path, index=False)
        return
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    for name, cell in cells.items():
        if name not in names:
            names.append(name)
            sheet.cell(1, len(names), name)
        sheet.cell(2, names.index(name) + 1, cell)
    book.save(path)


# ---------------------------------------------------------------- what is asked


def test_what_is_not_sure_is_asked_once_and_the_rest_is_not(toy, tmp_path):
    layers = locate(
        toy,
        {
            "target": [
                "Gamma Air Base",
                "Delta",
                "Delta",
                "Xyzzy in Beta",
                "Xyzzy in Beta",
                "a convoy",
            ],
            "include": ["", "", "", "", "no", ""],
            "notes": ["", "Shells fell on Delta.", "", "", "", ""],
        },
    )
    path = tmp_path / "places.csv"
    assert gi.write_review(layers, toy, path) == 2
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert table["text"].to_list() == ["Delta", "Xyzzy in Beta"]
    assert table["rows"].to_list() == ["2", "1"]
    assert table["status"].to_list() == ["ambiguous", "unresolved"]
    assert table["placed"].to_list() == ["", "Beta"]
    assert table["example"].to_list() == ["row 3: Shells fell on Delta.", "row 5: at Xyzzy in Beta"]
    assert {line.split(":")[0] for line in table["candidates"][0].splitlines()} == {
        "wl-delta",
        "el-delta",
    }
    assert [file.name for file in tmp_path.iterdir()] == ["places.csv"]


def test_texts_that_depend_on_context_are_asked_for_each_account(toy, tmp_path):
    layers = locate(
        toy,
        {
            "incident": ["a", "b"],
            "target": ["Delta; Gamma", "Alpha; Gamma"],
            "launch": ["the base"] * 2,
        },
    )
    path = tmp_path / "places.csv"
    gi.write_review(layers, toy, path)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    base = table[table["text"] == "the base"]
    assert len(base) == 2
    assert base["account"].nunique() == 2
    assert set(base["scope"]) == {"this account"}


def test_a_place_told_from_an_unknown_one_is_never_decided_to_be_there(toy, tmp_path):
    layers = locate(toy, {"target": ["20 km north of Gomaz"]})
    assert layers.targets["place_status"].to_list() == ["unresolved"]
    path = tmp_path / "places.csv"
    gi.write_review(layers, toy, path)
    offered = pd.read_csv(path, dtype=str, keep_default_na=False)["candidates"][0].splitlines()
    assert offered
    assert all(line.startswith("20 km north of ") for line in offered)


def test_what_is_in_a_place_alone_may_be_decided_to_be_it(toy, tmp_path):
    path = tmp_path / "places.csv"
    gi.write_review(locate(toy, {"target": ["a convoy in Alpha"]}), toy, path)
    offered = pd.read_csv(path, dtype=str, keep_default_na=False)["candidates"][0].splitlines()
    assert {line.split(":")[0] for line in offered} >= {"wl-alpha", "wl-alpha-province"}


def test_the_sheet_offers_the_candidates_and_runs_nothing(toy, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    layers = locate(
        toy,
        {
            "target": ["Delta", "Delta", '=HYPERLINK("http://x")', "the base"],
            "notes": ["=1+1", "", "+1\x07", ""],
        },
    )
    path = tmp_path / "places.xlsx"
    gi.write_review(layers, toy, path)
    book = openpyxl.load_workbook(path)
    sheet, choices = book.worksheets
    assert choices.sheet_state == "hidden"
    assert not any(
        cell.data_type == "f" for page in book for row in page.iter_rows() for cell in row
    )
    offered = {cell.value for cell in choices[1]}
    assert {"wl-delta", "el-delta", "none of these", "not a place"} <= offered
    names = [cell.value for cell in sheet[1]]
    texts = {row[0].value: row[0].row for row in sheet.iter_rows(min_row=2)}
    assert '=HYPERLINK("http://x")' in texts
    scope = openpyxl.utils.get_column_letter(names.index("scope") + 1)

    def reach(text):
        (formula,) = (
            validation.formula1
            for validation in sheet.data_validations.dataValidation
            if f"{scope}{texts[text]}" in validation.sqref
        )
        return formula

    assert "everywhere" in reach("Delta")
    assert "everywhere" not in reach("the base")


# ---------------------------------------------------------------- what is used


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_review_filled_in_is_used(toy, tmp_path, suffix):
    if suffix == "xlsx":
        pytest.importorskip("openpyxl")
    rows = {"target": ["Delta", "Delta", "Gamma"]}
    path = tmp_path / f"places.{suffix}"
    gi.write_review(locate(toy, rows), toy, path)
    decide(path, decision="el-delta", author="A. Reader", date="2026-05-01")
    layers = locate(toy, rows, path)
    decided = layers.targets.iloc[:2]
    assert decided["place_id"].to_list() == ["el-delta"] * 2
    assert set(decided["place_status"]) == {"resolved"}
    assert set(decided["place_basis"]) == {"by hand"}
    assert set(decided["place_match"]) == {"decision"}
    assert set(decided["place_reason"]) == {"sure: decided by A. Reader, 2026-05-01: el-delta"}
    assert layers.targets["place_basis"].iloc[2] == "as told"
    assert layers.places.loc["el-delta", "longitude"] == 8
    assert "an analyst decided" in gi.describe(layers)


@pytest.mark.parametrize(
    ("decision", "status", "name", "longitude"),
    [
        ("0.5, 7.25 ± 3 km", "resolved", "0.50000, 7.25000", 7.25),
        ("0.5, 7.25 +- 300 m", "resolved", "0.50000, 7.25000", 7.25),
        ("Gamma Air Base", "resolved", "Gamma Air Base", 3),
        ("20 km east of Gamma Air Base", "resolved", "20 km east of Gamma Air Base", 3.2),
        ("none of these", "unresolved", "", None),
        ("not a place", "not told", "", None),
    ],
)
def test_what_can_be_decided(toy, decision, status, name, longitude):
    layers = locate(
        toy, {"target": ["Delta"]}, [gi.Decision("delta ", decision, file="attacks.csv")]
    )
    row = layers.targets.iloc[0]
    assert (row["place_status"], row["place_name"]) == (status, name)
    assert row["place_basis"] == "by hand"
    if longitude is not None:
        assert row["longitude"] == pytest.approx(longitude, abs=0.2)


def test_none_of_these_still_lies_where_it_is_said_to_be(toy):
    decision = gi.Decision("Delta", "none of these", file="attacks.csv", author="A. Reader")
    row = locate(toy, {"target": ["Delta"], "admin1": ["Beta"]}, [decision]).targets.iloc[0]
    assert row["place_status"] == "unresolved"
    assert row["place_id"] == "wl-beta-province"
    assert row["place_reason"].startswith("unknown: decided by A. Reader: none of the known places")


def test_decisions_win_over_what_is_sure(toy):
    decision = gi.Decision("Gamma", "wl-alpha", "everywhere")
    layers = locate(toy, {"target": ["Gamma"]}, [decision])
    assert layers.targets["place_id"].to_list() == ["wl-alpha"]


def test_the_base_follows_a_target_that_is_decided(toy):
    rows = {"target": ["Xyzzy"], "launch": ["the base"]}
    assert locate(toy, rows).launches["place_status"].to_list() == ["unresolved"]
    decision = gi.Decision("Xyzzy", "wl-gamma-air-base", file="attacks.csv")
    assert locate(toy, rows, [decision]).launches["place_id"].to_list() == ["wl-gamma-air-base"]


# ---------------------------------------------------------------- how far it goes

CELLS = {
    "country": np.array(["IQ", "SY", "", "IQ"], dtype=object),
    "admin1": np.array(["", "", "", "Anbar"], dtype=object),
    "admin2": np.array([""] * 4, dtype=object),
    "account": np.array(["a", "b", "c", "d"], dtype=object),
}
WORDS = np.array(["Delta", "delta", " DELTA ", "Delta"], dtype=object)


@pytest.mark.parametrize(
    ("scope", "of", "rows"),
    [
        ("everywhere", {}, [0, 1, 2, 3]),
        ("everywhere", {"country": "IQ"}, [0, 1, 2, 3]),
        ("this file", {"file": "attacks.csv"}, [0, 1, 2, 3]),
        ("this file", {"file": "attacks.csv", "country": "iq"}, [0, 3]),
        ("this file", {"file": "attacks.csv", "country": "IQ", "admin1": "Anbar"}, [3]),
        ("this file", {"file": "other.csv"}, []),
        ("this country", {"country": "SY", "file": "other.csv"}, [1]),
        ("this account", {"account": "c"}, [2]),
    ],
)
def test_a_decision_goes_as_far_as_its_scope(scope, of, rows):
    decision = gi.Decision("Delta", "x", scope, **of)
    found = applying([decision], WORDS, role="target", said=CELLS, file="attacks.csv")
    assert np.flatnonzero(found >= 0).tolist() == rows


@given(st.permutations(range(4)))
def test_the_narrower_wins_then_the_later(order):
    decisions = [
        gi.Decision("Delta", "wide", "everywhere", date="2026-09-01"),
        gi.Decision("Delta", "old", "this file", file="attacks.csv", date="2026-01-01"),
        gi.Decision("Delta", "new", "this file", file="attacks.csv", date="2026-02-01"),
        gi.Decision("Delta", "own", "this account", account="c"),
    ]
    shuffled = [decisions[i] for i in order]
    found = applying(shuffled, WORDS, role="target", said=CELLS, file="attacks.csv")
    assert [shuffled[i].decision for i in found] == ["new", "new", "own", "new"]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"text": "the base", "scope": "everywhere"}, "another place in every account"),
        ({"scope": "this planet"}, "is none of"),
        ({"scope": "this country"}, "needs 'country'"),
        ({"scope": "this account"}, "needs 'account'"),
        ({"decision": " "}, "needs 'text' and 'decision'"),
        ({"decision": "33.9, 44.4"}, "how wrong it may be"),
        ({"decision": "93.9, 44.4 ± 1 km"}, "nowhere on earth"),
    ],
)
def test_a_decision_that_cannot_be_used_says_why(cells, why):
    with pytest.raises(ValueError, match=why):
        gi.Decision(**{"text": "Delta", "decision": "x", **cells})


@given(
    st.floats(-90, 90).map(lambda x: round(x, 5)),
    st.floats(-180, 180).map(lambda x: round(x, 5)),
    st.integers(1, 500),
)
def test_coordinates_are_read_latitude_first(latitude, longitude, km):
    spot = spot_of(f"{latitude:.5f}, {longitude:.5f} ± {km} km")
    assert spot == pytest.approx((longitude, latitude, km * 1000))


# ---------------------------------------------------------------- files


def test_faults_are_one_line_each_and_the_rest_works(toy, tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(
        "text,decision,scope\n"
        "Delta,xx-no-such-place,everywhere\n"
        "Gamma,wl-alpha,everywhere\n"
        'Xyzzy,"33.9, 44.4",everywhere\n'
        "Alpha,,everywhere\n",
        encoding="utf-8",
    )
    with pytest.warns(UserWarning, match="places.csv") as told:
        layers = locate(toy, {"target": ["Delta", "Gamma", "Xyzzy"]}, path)
    lines = sorted(str(warning.message) for warning in told)
    assert len(lines) == 2
    assert lines[0].startswith("places.csv, row 2: 'xx-no-such-place' is the id of no place")
    assert lines[1].startswith("places.csv, row 4: '33.9, 44.4' does not say how wrong")
    assert layers.targets["place_id"].to_list() == ["", "wl-alpha", ""]
    assert layers.targets["place_basis"].to_list() == ["as told", "by hand", "as told"]
    with pytest.raises(gi.SchemaError, match="row 4"):
        locate(toy, {"target": ["Delta"]}, path, errors="raise")


def test_several_files_and_decisions_go_together(toy, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("text,decision,scope\nDelta,wl-delta,everywhere\n", encoding="utf-8")
    layers = locate(
        toy, {"target": ["Delta", "Xyzzy"]}, [path, gi.Decision("Xyzzy", "wl-gamma", "everywhere")]
    )
    assert layers.targets["place_id"].to_list() == ["wl-delta", "wl-gamma"]
    assert len(gi.read_decisions(path, path)) == 2


def test_files_that_are_no_review_are_refused_and_left(toy, tmp_path):
    other = tmp_path / "budget.csv"
    other.write_text("year,sum\n2020,1\n", encoding="utf-8")
    with pytest.raises(gi.SchemaError, match="no table of decisions"):
        gi.read_decisions(other)
    layers = locate(toy, {"target": ["Delta"]})
    with pytest.raises(gi.SchemaError, match="no table of decisions"):
        gi.write_review(layers, toy, other)
    assert other.read_text(encoding="utf-8") == "year,sum\n2020,1\n"
    with pytest.raises(ValueError, match=r"\.xlsx nor \.csv"):
        gi.write_review(layers, toy, tmp_path / "places.pdf")
    with pytest.raises(FileNotFoundError):
        gi.read_decisions(tmp_path / "none.csv")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_review_written_again_keeps_what_was_filled_in(toy, tmp_path, suffix):
    if suffix == "xlsx":
        openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / f"places.{suffix}"
    gi.write_review(locate(toy, {"target": ["Delta", "Delta", "Xyzzy"]}), toy, path)
    decide(path, decision="wl-delta", author="A. Reader", remark="see note 3")
    if suffix == "xlsx":
        book = openpyxl.load_workbook(path)
        book.worksheets[0]["A2"].comment = openpyxl.comments.Comment("sure of it", "A. Reader")
        book.save(path)
    # The decided text is asked no more; another is now asked more often.
    later = {"target": ["Xyzzy", "Xyzzy", "Plugh", "Plugh", "Plugh", "Delta"]}
    assert gi.write_review(locate(toy, later, path), toy, path) == 2
    (decision,) = gi.read_decisions(path)
    assert (decision.text, decision.decision, decision.author) == ("Delta", "wl-delta", "A. Reader")
    read = pd.read_csv(path) if suffix == "csv" else pd.read_excel(path)
    assert read["text"].to_list() == ["Plugh", "Xyzzy", "Delta"]
    assert "see note 3" in read["remark"].iloc[2]
    if suffix == "xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        assert sheet["A4"].comment.text == "sure of it"
    # And once more, without its decisions being used: they stay beside their text.
    gi.write_review(locate(toy, later), toy, path)
    assert [decision.text for decision in gi.read_decisions(path)] == ["Delta"]


@settings(deadline=None)  # files are written
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40)
    | st.text("'=+- a", min_size=1, max_size=5),
)
def test_any_text_survives_a_csv(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("review")
    layers = gi.layers_from_coordinates(
        pd.DataFrame({"longitude": [0.0], "latitude": [0.0]}), uncertainty_m=1000
    )
    layers.targets["place"] = [text]
    layers.targets["place_status"] = ["unresolved"]

    class Nothing:
        def search(self, *_, **__):
            return pd.DataFrame(columns=gi.load_gazetteer().search("Balad").columns)

        def place(self, _):
            raise AssertionError

    path = folder / "places.csv"
    gi.write_review(layers, Nothing(), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    if key_of(text):
        assert key_of(review_table(path)[0]["text"][0]) == key_of(text.strip())


def test_scopes_are_those_of_the_documentation():
    assert set(SCOPES) == {"everywhere", "this file", "this country", "this account"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gi.read_decisions() == []
