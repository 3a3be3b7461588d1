"""Two coders, and two versions of a table."""

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoinc as gi
from geoinc.comparison.coders import kappa

EXAMPLES = Path(__file__).parents[1] / "examples"
TOLD = {
    "report": ["r1", "r2", "r3", "r4"],
    "source": ["A", "A", "B", "B"],
    "date": ["2021-03-15", "2021-03-16", "2021-03", ""],
    "target": ["Balad air base", "Erbil", "Taji", "Qwerty"],
    "event_type": ["rocket", "drone", "rocket", ""],
    "outcome": ["hit; missed", "hit", "", ""],
    "killed": ["7", "2-3", "none", ""],
    "incident": ["a", "a", "b", "c"],
}


@pytest.fixture(scope="module")
def place():
    gazetteer = gi.load_gazetteer()

    def locate(drop=(), **changes):
        table = pd.DataFrame(TOLD | changes).drop(columns=list(drop))
        return gi.locate(gi.read_reports(table), gazetteer)

    return locate


# ---------------------------------------------------------------- coders


def test_who_agrees_with_himself_agrees_on_all(place):
    found = gi.compare(place(), place())
    assert (found.table["share"] == 1).all()
    assert found.disagreements.empty
    assert found.table.loc["target", "median_km"] == 0
    assert found.only_one.empty
    assert found.only_other.empty


def test_agreement_by_field(place):
    other = place(
        date=["2021-03-15", "2021-03-16/2021-03-17", "March 2021", ""],
        target=["Al-Balad airbase", "Erbil", "Mosul", "Qwerty"],
        event_type=["Rocket", "missile", "rocket", "rocket"],
        outcome=["missed; hit", "hit", "hit", ""],
        killed=["7", "2-3", "", ""],
        incident=["x", "y", "y", "z"],
    )
    found = gi.compare(place(), other)
    told = found.table[["rows", "agree"]].astype(int)
    assert told.loc["date"].to_list() == [3, 2]
    assert told.loc["event_type"].to_list() == [4, 2]
    assert told.loc["outcome"].to_list() == [3, 2]
    assert told.loc["killed"].to_list() == [3, 2]
    assert told.loc["target"].to_list() == [4, 3]
    # One joins the first and second, the other the second and third.
    assert told.loc["incident"].to_list() == [2, 0]
    differ = found.disagreements.set_index(["report", "field"])
    assert differ.loc[("r2", "event_type"), ["one", "other"]].to_list() == ["drone", "missile"]
    assert differ.loc[("r3", "target"), ["one", "other"]].to_list()[1:] == ["Mosul"]
    km = differ.loc[("r3", "target"), "km"]
    assert 300 < km < 420  # Taji to Mosul, by any map
    assert found.table.loc["target", "q90_km"] > found.table.loc["target", "median_km"]
    by_field = found.disagreements["field"].value_counts()
    missed = (found.table["rows"] - found.table["agree"]).drop("incident")
    assert by_field.drop("incident").sum() == missed.sum()
    # The first, second and third row: joined with others by either coder.
    joined = found.disagreements.query("field == 'incident'")
    assert joined[["report", "one", "other"]].to_numpy().tolist() == [
        ["r1", "a", "x"], ["r2", "a", "y"], ["r3", "b", "y"],
    ]  # fmt: skip


def test_dates_that_are_open_at_one_end_agree_with_themselves(place):
    told = place(date=["../2021-03-15", "2021-03-16/..", "2021-03", ""])
    assert gi.compare(told, told).table.loc["date", ["rows", "share"]].to_list() == [3, 1]
    other = gi.compare(told, place(date=["../2021-03-15", "2021-03-17/..", "2021-03", ""]))
    assert other.disagreements[["report", "field"]].to_numpy().tolist() == [["r2", "date"]]


def test_two_codings_of_the_example():
    """The same rows in another order, ten cells coded otherwise, two rows left out."""
    anna = pd.read_csv(EXAMPLES / "iraq-syria.csv", dtype=str, keep_default_na=False)
    boris = anna.copy()
    boris.loc[boris["target"] == "Balad air base", "target"] = "Joint Base Balad"
    changed = {(3, "fired"): "10-15", (6, "date"): "2021-03-14", (9, "incident"): "2021-convoy-basra",
               (10, "event_type"): "roadside bomb", (20, "weapon"): "bombs", (24, "outcome"): "hit",
               (25, "outcome"): "hit", (30, "target"): "Erbil", (33, "actor"): "Iran-backed groups"}  # fmt: skip
    for (row, column), cell in changed.items():
        boris.loc[row, column] = cell
    boris = boris.drop(index=[40, 41]).sample(frac=1, random_state=1)
    gazetteer = gi.load_gazetteer()
    found = gi.compare(*(gi.locate(gi.read_reports(coded), gazetteer) for coded in (anna, boris)))
    assert (len(found.only_one), len(found.only_other)) == (2, 0)
    differ = found.disagreements
    assert differ["field"].value_counts().to_dict() == {
        "incident": 2, "outcome": 2, "date": 1, "fired": 1, "event_type": 1, "weapon": 1, "target": 1, "actor": 1,
    }  # fmt: skip
    # Balad by another of its names is the same place; Harir is 48 km from Erbil.
    (target,) = differ[differ["field"] == "target"].to_dict("records")
    assert (target["one"], target["other"]) == ("Harir Air Base", "Erbil")
    assert target["km"] == pytest.approx(48.2, abs=0.5)
    assert found.table.loc["target", "agree"] == found.table.loc["target", "rows"] - 1
    assert gi.compare(*[gi.locate(gi.read_reports(anna), gazetteer)] * 2).disagreements.empty


def test_attacks_of_one_telling_are_paired_by_what_is_alike(place):
    """Without incidents of the table's own; the third row of the one is no row of the other."""
    one = place(["incident"], report=["r1"] * 4, source=["A"] * 4)
    other = place(
        ["incident"], report=["r1"] * 4, source=["A"] * 4,
        date=["2021-03-16", "2021-03-15", "2022-07-01", ""], target=["Erbil", "Balad air base", "Mosul", "Qwerty"],
        event_type=["missile", "rocket", "mortar", ""], outcome=["hit", "hit; missed", "missed", ""],
        killed=["2-3", "7", "9", ""],
    )  # fmt: skip
    found = gi.compare(one, other)
    assert found.disagreements[["nth", "field", "one", "other"]].to_numpy().tolist() == [
        [2, "event_type", "drone", "missile"]
    ]
    assert found.only_one["nth"].to_list() == [3]
    assert found.only_other["nth"].to_list() == [5]


def test_agreement_as_a_workbook(place, tmp_path):
    pytest.importorskip("openpyxl")
    other = place(event_type=["=1+1", "missile", "rocket", ""], report=["r1", "r2", "r3", "r5"])
    found = gi.compare(place(), other)
    path = tmp_path / "agreement.xlsx"
    found.to_excel(path)
    read = pd.read_excel(path, sheet_name=None, keep_default_na=False)
    assert list(read) == ["agreement", "disagreements", "only one", "only other"]
    assert read["agreement"]["rows"].to_list() == found.table["rows"].to_list()
    assert read["disagreements"]["other"].to_list()[0] == "=1+1"
    assert read["only one"]["report"].to_list() == ["r4"]
    assert [file.name for file in tmp_path.iterdir()] == ["agreement.xlsx"]


def test_kappa_is_what_scikit_learn_says():
    """Figures of `sklearn.metrics.cohen_kappa_score`, scikit-learn 1.9.1, of the same draws."""
    rng = np.random.default_rng(11)
    theirs = (0.5291479820627802, 0.6561425445451704, 0.5957809378908178)
    for (n, kinds), expected in zip(((30, 2), (200, 5), (1000, 40)), theirs, strict=True):
        a = rng.integers(0, kinds, n)
        b = np.where(rng.random(n) < 0.6, a, rng.integers(0, kinds, n))
        assert kappa(pd.Series(a), pd.Series(b)) == pytest.approx(expected, abs=1e-12)


def test_kappa_by_hand():
    """20 yes both, 15 no both, 5 and 10 apart: po 0.7, pe 0.5, kappa 0.4."""
    a = pd.Series(["y"] * 25 + ["n"] * 25)
    b = pd.Series(["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15)
    assert kappa(a, b) == pytest.approx(0.4)
    assert np.isnan(kappa(a[:20], b[:20]))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2))
def test_kappa_is_symmetric_and_at_most_one(pairs):
    a, b = (pd.Series(column) for column in zip(*pairs, strict=True))
    one, other = kappa(a, b), kappa(b, a)
    assert one == pytest.approx(other, nan_ok=True)
    assert np.isnan(one) or one <= 1 + 1e-12


def test_rows_that_only_one_has(place):
    other = place(report=["r1", "r2", "r3", "r5"])
    found = gi.compare(place(), other)
    assert found.only_one["report"].to_list() == ["r4"]
    assert found.only_other["report"].to_list() == ["r5"]


def test_tables_without_a_row_in_common(place):
    found = gi.compare(place(), place(report=["s1", "s2", "s3", "s4"]))
    assert found.disagreements.empty
    assert len(found.only_one) == len(found.only_other) == 4


def test_rows_need_a_name(place):
    nameless = place(drop=["report", "source", "incident"])
    with pytest.raises(ValueError, match="no column names each row"):
        gi.compare(*[place(["report", "source"], incident=["a"] * 4)] * 2)
    with pytest.raises(ValueError, match="has no column 'number'"):
        gi.compare(place(), nameless, key="number")
    with pytest.raises(ValueError, match="several rows"):
        gi.compare(place(), place(), key="source")
    numbered = place(number=[1, 2, 3, 4])
    assert (gi.compare(numbered, numbered, key="number").table["share"] == 1).all()


# ---------------------------------------------------------------- versions


def test_nothing_changes_by_itself(place):
    for drop in ((), ("report", "source", "incident")):
        changes = gi.diff(place(drop), place(drop))
        assert changes.table.empty
        assert str(changes) == "0 added, 0 removed, 0 changed, 0 moved"


def test_added_removed_changed(place):
    new = place(
        report=["r1", "r2", "r3", "r9"], source=["A", "A", "B", "C"],
        date=["2021-03-15", "2021-03-17", "2021-03", "2021-09-09"],
        target=["Balad air base", "Erbil", "Taji", "Tikrit"], incident=["a", "a", "b", "q"],
        event_type=["rocket", "drone", "rocket", "mortar"],
    )  # fmt: skip
    changes = gi.diff(place(), new)
    assert str(changes) == "1 added, 1 removed, 1 changed, 0 moved"
    table = changes.table.set_index("change")
    assert table.loc["changed", ["field", "old", "new"]].to_list() == [
        "date", "2021-03-16", "2021-03-17",
    ]  # fmt: skip
    assert "Tikrit" in table.loc["added", "new"]
    assert "Qwerty" in table.loc["removed", "old"]


def test_a_row_without_a_name_is_known_by_its_cells(place):
    drop = ("report", "source", "incident")
    new = place(drop, killed=["7", "5", "none", ""], event_type=["rocket", "drone", "mortar", ""])
    changes = gi.diff(place(drop), new)
    assert str(changes) == "0 added, 0 removed, 2 changed, 0 moved"
    assert sorted(changes.table["field"]) == ["event_type", "killed"]


def test_notes_and_order_are_no_other_account(place):
    new = place(notes=["seen", "", "", ""])
    changes = gi.diff(place(), new)
    assert changes.table[["change", "field", "new"]].to_numpy().tolist() == [
        ["changed", "notes", "seen"]
    ]
    backwards = pd.DataFrame(TOLD).iloc[::-1]
    again = gi.locate(gi.read_reports(backwards), gi.load_gazetteer())
    assert gi.diff(place(), again).table.empty


def with_targets(layers, **columns):
    targets = gpd.GeoDataFrame(layers.targets.assign(**columns), crs=4326)
    return dataclasses.replace(layers, targets=targets)


def test_places_that_moved_under_the_same_words(place):
    old = place()
    latitude = old.targets["latitude"].to_numpy(copy=True)
    latitude[0] += 0.1
    changes = gi.diff(old, with_targets(old, latitude=latitude))
    (row,) = changes.table.to_dict("records")
    assert (row["change"], row["field"]) == ("moved", "target")
    assert row["km"] == pytest.approx(11.09, abs=0.02)
    assert row["reason"] == "the gazetteer has the place elsewhere"
    ids = old.targets["place_id"].to_numpy(dtype=object, copy=True)
    ids[1] = ids[0]
    moved = gi.diff(old, with_targets(old, place_id=ids)).table
    assert moved["reason"].to_list() == ["taken for another place"]
    decided = gi.Decision("Qwerty", "iq-balad-air-base", "everywhere", author="R")
    reports = gi.read_reports(pd.DataFrame(TOLD))
    new = gi.locate(reports, gi.load_gazetteer(), decisions=[decided])
    (row,) = gi.diff(old, new).table.to_dict("records")
    assert (row["reason"], row["old"], row["new"]) == (
        "decided by hand", "unresolved", "Balad Air Base",
    )  # fmt: skip
    assert gi.diff(new, old).table["reason"].to_list() == ["no longer decided by hand"]


def test_a_gazetteer_that_changed(toy_gazetteer, place):
    """The same table located without a gazetteer that knows its names."""
    reports = gi.read_reports(pd.DataFrame(TOLD))
    lost = gi.diff(place(), gi.locate(reports, toy_gazetteer)).table
    assert set(lost["change"]) == {"moved"}
    assert "no longer found" in set(lost["reason"])


def test_the_examples_against_themselves_with_a_row_less():
    table = pd.read_csv(EXAMPLES / "iraq-syria.csv", dtype=str, keep_default_na=False)
    gazetteer = gi.load_gazetteer()
    old, new = (
        gi.locate(gi.read_reports(part), gazetteer, context=False) for part in (table, table[1:])
    )
    assert str(gi.diff(old, new)) == "0 added, 1 removed, 0 changed, 0 moved"
