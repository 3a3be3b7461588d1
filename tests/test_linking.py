"""Which accounts tell of one incident: joined, possible or distinct, and never against the user."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geoinc as gi
from geoinc.linking import accounts as telling
from geoinc.linking.candidates import candidate_pairs
from geoinc.linking.evidence import FEATURES, evidence_of
from geoinc.linking.joining import joined
from geoinc.linking.rivals import rivals_in_all, rivals_near
from geoinc.linking.weights import BY_REASON, RIVALS_IN_ALL, WEIGHTS

EXAMPLES = Path(__file__).parents[1] / "examples"


def layers_of(*rows, **columns):
    """Return layers of rows with longitude, latitude, date and whatever else is told."""
    table = pd.DataFrame(list(rows) or columns)
    table["radius_m"] = table.get("radius_m", pd.Series(2000.0, table.index)).fillna(2000.0)
    words = table.columns.difference(["longitude", "latitude", "radius_m"])
    table[words] = table[words].astype(object).fillna("")
    return gi.layers_from_coordinates(table, uncertainty_m="radius_m")


def attack(**told):
    return {"longitude": 44.3, "latitude": 33.9, "date": "2021-03-15", "source": "A", **told}


@pytest.fixture
def twice():
    """Return two accounts of one attack, a third of another place, a fourth of another month."""
    return layers_of(
        attack(event_type="rocket", fired="7"),
        attack(event_type="rocket", fired="7", source="B"),
        attack(longitude=46.0, source="C", event_type="drone"),
        attack(date="2021-05-01", source="D", event_type="mortar"),
    )


def groups_of(links, layers):
    """Return for each account, in the order of the table, the number of its incident."""
    order = layers.targets["account"]
    return pd.factorize(links.incidents.loc[order, "incident"])[0].tolist()


def test_two_accounts_of_one_attack_are_joined(twice):
    links = gi.link_reports(twice)
    assert groups_of(links, twice) == [0, 0, 1, 2]
    assert (links.low, links.best, links.high) == (3, 3, 3)
    pair = links.pairs.iloc[0]
    assert pair["verdict"] == "joined"
    assert pair["probability"] > 0.9
    for words in ("the same place", "the same day", "fired 7 in both"):
        assert words in pair["reason"]
    assert links.linked.targets["weight"].to_list() == [0.5, 0.5, 1.0, 1.0]
    assert links.linked.targets["incident_given"].equals(twice.targets["incident"])


def test_what_may_be_one_leaves_the_totals_a_range():
    layers = layers_of(
        attack(event_type="rocket"),
        attack(source="B", date="2021-03-16", fired="3"),
        attack(date="2021-07-01", source="C"),
    )
    links = gi.link_reports(layers)
    assert links.pairs["verdict"].to_list() == ["possible"]
    assert (links.low, links.high) == (2, 3)
    assert links.low <= links.best <= links.high
    maybe = links.incidents["possible_incident"]
    assert (maybe != "").sum() == 2
    assert len(set(maybe) - {""}) == 1


def test_what_is_marked_distinct_is_never_joined(twice):
    account = twice.targets["account"]
    marks = pd.DataFrame(
        {"account": [account.iloc[1]], "other": [account.iloc[0]], "decision": ["Distinct "],
         "author": ["A. Reader"], "date": ["2026-05-01"]}
    )  # fmt: skip
    links = gi.link_reports(twice, decisions=marks)
    assert groups_of(links, twice) == [0, 1, 2, 3]
    assert (links.low, links.high) == (4, 4)
    pair = links.pairs.iloc[0]
    assert (pair["verdict"], pair["probability"]) == ("distinct", 0.0)
    assert pair["decided"] == "decided distinct, A. Reader, 2026-05-01"


def test_a_mark_on_incidents_holds_for_all_their_accounts():
    named = layers_of(
        attack(incident="x", fired="7"),
        attack(incident="x", fired="7", source="B"),
        attack(incident="", fired="7", source="C"),
        attack(incident="y", fired="3", date="2021-09-01"),
    )
    alone = named.targets["account"].iloc[2]
    marks = pd.DataFrame({"account": ["x"], "other": [alone], "decision": ["distinct"]})
    assert groups_of(gi.link_reports(named), named) == [0, 0, 0, 1]
    assert groups_of(gi.link_reports(named, decisions=marks), named) == [0, 0, 1, 2]


def test_marked_the_same_is_one_even_far_apart(twice):
    account = twice.targets["account"].to_list()
    marks = pd.DataFrame(
        {"account": [account[0]], "other": [account[2]], "decision": ["same"], "author": ["R"]}
    )
    links = gi.link_reports(twice, decisions=[marks])
    assert groups_of(links, twice) == [0, 0, 0, 1]
    assert "decided same, R" in links.pairs["decided"].to_list()


def test_marks_that_contradict_are_told_and_kept_apart(twice):
    account = twice.targets["account"].to_list()
    marks = pd.DataFrame(
        {"account": account[:1] * 3, "other": [account[2], account[2], "nobody"],
         "decision": ["same", "distinct", "same"]}
    )  # fmt: skip
    with pytest.warns(UserWarning, match=r"kept apart|'nobody'") as told:
        links = gi.link_reports(twice, decisions=marks)
    said = " ".join(str(one.message) for one in told)
    assert "kept apart" in said
    assert "'nobody'" in said
    assert groups_of(links, twice) == [0, 0, 1, 2]


def test_incidents_that_the_table_tells_apart_are_only_possible():
    layers = layers_of(
        attack(incident="x", event_type="rocket", fired="7"),
        attack(incident="y", event_type="rocket", fired="7", source="B"),
        attack(incident="z", date="2021-06-01"),
    )
    links = gi.link_reports(layers)
    assert groups_of(links, layers) == [0, 1, 2]
    assert links.pairs["verdict"].to_list() == ["possible"]
    assert "the table tells them apart" in links.pairs["reason"].iloc[0]
    assert (links.low, links.best, links.high) == (2, 3, 3)
    assert links.incidents["incident"].to_list() == ["x", "y", "z"]


def test_marked_distinct_against_the_table_is_told():
    layers = layers_of(attack(incident="x"), attack(incident="x", source="B"))
    account = layers.targets["account"]
    marks = pd.DataFrame({"account": account[:1], "other": account[1:].to_list()})
    with pytest.warns(UserWarning, match="share the incident 'x' in the table"):
        links = gi.link_reports(layers, decisions=marks.assign(decision="distinct"))
    assert links.high == 1


def test_what_the_table_joins_stays_joined():
    layers = layers_of(attack(incident="x"), attack(incident="x", source="B", killed="40"))
    links = gi.link_reports(layers)
    assert links.high == 1
    assert "the table joins them" in links.pairs["reason"].iloc[0]
    told = links.side_by_side()
    assert "killed 40" in " ".join(told["told"] + told["other told"])


def test_summaries_and_what_was_set_aside_stand_alone():
    layers = layers_of(
        attack(), attack(source="B", events="dozens"), attack(source="C", include="no")
    )
    assert gi.link_reports(layers).pairs.empty


def test_one_source_tells_an_attack_once_in_a_report():
    one = attack(report="r1", event_type="rocket")
    layers = layers_of(one, {**one, "fired": "3"})
    apart = gi.link_reports(layers).pairs["probability"]
    layers = layers_of(one, {**one, "fired": "3", "source": "B"})
    together = gi.link_reports(layers).pairs["probability"]
    assert apart.max() < 0.5 < together.max() if len(apart) else together.max() > 0.5


def test_a_chain_of_likely_pairs_is_no_group():
    group = joined(np.arange(3), np.array([0, 1]), np.array([1, 2]), {(0, 1), (1, 2)})
    assert group.tolist() == [0, 0, 2]
    group = joined(np.arange(3), np.array([0, 1]), np.array([1, 2]), {(0, 1), (1, 2), (0, 2)})
    assert len(set(group.tolist())) == 1


def test_a_crowd_makes_place_and_day_say_little():
    crowd = [attack(source=f"S{i}", event_type="rocket") for i in range(40)]
    links = gi.link_reports(layers_of(*crowd))
    assert links.high == 40
    assert links.pairs.empty or links.pairs["probability"].max() < 0.5
    few = gi.link_reports(layers_of(*crowd[:2]))
    assert few.pairs["probability"].min() > 0.5


def test_what_fits_hundreds_is_left_alone_and_told():
    rows = [attack(date=f"2021-{m:02}-{d:02}") for m in range(1, 9) for d in range(1, 28)]
    layers = layers_of(*rows, attack(date="2021", source="B"), attack(date="", source="C"))
    links = gi.link_reports(layers)
    said = " ".join(links.notes)
    assert "1 accounts are dated or placed so vaguely" in said
    assert "1 accounts tell no day" in said


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(7)))
def test_the_order_of_rows_does_not_matter(order):
    rows = [
        attack(killed="3"), attack(killed="3", source="B"), attack(source="C", killed="4"),
        attack(date="2021-03-16"), attack(date="2021-03", radius_m=60_000, source="E"),
        attack(latitude=34.1, source="F"), attack(date="2021-03-18", source="G", killed="3"),
    ]  # fmt: skip
    here = gi.link_reports(layers_of(*rows))
    there = gi.link_reports(layers_of(*[rows[i] for i in order]))
    assert (here.low, here.best, here.high) == (there.low, there.best, there.high)
    assert here.incidents.sort_index().equals(there.incidents.sort_index())


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_review_is_written_filled_in_and_used(tmp_path, ending):
    if ending == ".xlsx":
        pytest.importorskip("openpyxl")
    layers = layers_of(
        attack(event_type="rocket", notes="=1+1", target_actor="=cmd()"),
        attack(source="B", date="2021-03-16", fired="3"),
    )
    path = tmp_path / f"links{ending}"
    assert gi.link_reports(layers).write_review(path) == 1
    read = pd.read_csv if ending == ".csv" else pd.read_excel
    table = read(path, dtype=str, keep_default_na=False)
    assert "2021-03-16; B" in table["other told"][0] + table["told"][0]
    table.loc[0, ["decision", "author"]] = ["distinct", "A. Reader"]
    table.to_csv(path, index=False) if ending == ".csv" else table.to_excel(path, index=False)
    links = gi.link_reports(layers, decisions=path)
    assert links.pairs["verdict"].to_list() == ["distinct"]
    # Written again, what was decided stays.
    assert links.write_review(path) == 0
    assert read(path, dtype=str, keep_default_na=False)["author"].to_list() == ["A. Reader"]


def test_a_review_written_again_keeps_comments_and_columns_of_one_s_own(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    from openpyxl.comments import Comment

    def layers(*more):
        return layers_of(
            attack(event_type="rocket"), attack(source="B", date="2021-03-16", fired="3"), *more
        )

    path = tmp_path / "links.xlsx"
    gi.link_reports(layers()).write_review(path)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    names = [cell.value for cell in sheet[1]]
    mine = sheet.cell(1, len(names) + 1, "mine")
    sheet.cell(2, mine.column, "ask Anna")
    sheet.cell(2, names.index("told") + 1).comment = Comment("see page 3", "Anna")
    pair = [sheet.cell(2, names.index(name) + 1).value for name in ("account", "other")]
    book.save(path)
    more = attack(source="C", date="2021-03-17", fired="3-4")
    for written in (layers(more), layers_of(more)):  # with a new pair; with none of the old
        gi.link_reports(written).write_review(path)
        sheet = openpyxl.load_workbook(path).active
        at = {cell.value: cell.column for cell in sheet[1]}
        (row,) = (
            row
            for row in range(2, sheet.max_row + 1)
            if [sheet.cell(row, at[name]).value for name in ("account", "other")] == pair
        )
        assert sheet.cell(row, at["told"]).comment.text == "see page 3"
        assert sheet.cell(row, at["mine"]).value == "ask Anna"


def test_a_table_of_something_else_is_no_review(tmp_path, twice):
    other = tmp_path / "attacks.csv"
    other.write_text("date,target\n2021-03-15,Balad\n", encoding="utf-8")
    links = gi.link_reports(twice)
    with pytest.raises(gi.SchemaError, match="no table of decisions on links"):
        links.write_review(other)
    with pytest.raises(gi.SchemaError, match="no column 'account'"):
        gi.link_reports(twice, decisions=other)
    with pytest.raises(ValueError, match="neither"):
        links.write_review(tmp_path / "links.txt")


def test_nothing_to_link():
    empty = layers_of(attack()).targets.iloc[:0]
    nothing = gi.Layers(empty, empty, empty, layers_of(attack()).places)
    links = gi.link_reports(nothing)
    assert (links.low, links.high, len(links.pairs)) == (0, 0, 0)
    assert gi.link_reports(layers_of(attack())).high == 1


def test_every_piece_of_evidence_has_its_weight():
    assert tuple(WEIGHTS) == FEATURES
    for name, weight in WEIGHTS.items():
        if name.endswith(("agree", "agrees")):
            assert weight > 0
        elif name not in {"name", "counts near", "one report"}:
            assert weight <= 0
    # What no made account tells counts no more than the least that was fitted.
    assert BY_REASON["also agrees"] <= max(
        WEIGHTS[f"{what} agrees"] for what in ("kind", "target", "actor")
    )
    assert WEIGHTS["also agrees"] == BY_REASON["also agrees"]
    assert RIVALS_IN_ALL < 0


def told_of(*rows):
    """Return the evidence of the one pair that rows make, by name."""
    accounts = telling.accounts_from((layers_of(*rows),))
    evidence = evidence_of(accounts, candidate_pairs(accounts))
    return dict(zip(FEATURES, evidence.features[0], strict=True))


def test_what_is_told_beside_only_supports():
    """Each of two accounts has what half the table has: launch, outcome, first source, time."""
    said = {"launch": "Diyala", "outcome": "hit", "original_source": "the army", "time": "21:30"}
    far = [attack(longitude=47.0, source=name, **dict.fromkeys(said, "x")) for name in "CD"]
    same = told_of(attack(**said), attack(source="B", **(said | {"time": "20:45"})), *far)
    assert same["also agrees"] == pytest.approx(4 * np.log(2))
    other = dict(zip(said, ("Erbil", "missed", "villagers", "23:30"), strict=True))
    assert told_of(attack(**said), attack(source="B", **other), *far)["also agrees"] == 0
    assert told_of(attack(), attack(source="B"))["also agrees"] == 0
    nobody = attack(outcome="unknown")
    assert told_of(nobody, {**nobody, "source": "B"}, *far)["also agrees"] == 0


def test_reasons_are_in_the_words_of_the_accounts():
    one = attack(event_type="rocket", fired="12", killed="3", actor="Iran", target_actor="Army; police",
                 outcome="hit", launch="Erbil")  # fmt: skip
    other = attack(source="B", event_type="rocket", fired="at least 5", killed="2", actor="the Houthis",
                   target_actor="Army", outcome="hit", launch="Erbil", date="2021-03-14/2021-03-16")  # fmt: skip
    links = gi.link_reports(layers_of(one, other))
    said = set(links.pairs["reason"].iloc[0].split("; "))
    either = [
        {"rocket in both", "the same launch, outcome", first[0], first[1], first[2], first[3]}
        for first in (
            ("fired 12 fits at least 5", "killed 3, but 2", "by Iran, but the Houthis", "against Army, police fits Army"),
            ("fired at least 5 fits 12", "killed 2, but 3", "by the Houthis, but Iran", "against Army fits Army, police"),
        )
    ]  # fmt: skip
    assert any(words <= said for words in either)


def test_reports_of_the_time_are_apart_and_those_that_look_back_are_not():
    month = attack(date="2021-03", published="2021-04-02")
    late = {**month, "source": "B", "published": "2021-04-12"}
    assert told_of(month, late)["published apart"] == pytest.approx(np.log(11))
    assert told_of(month, {**late, "published": "2022-04-12"})["published apart"] == 0
    assert told_of(attack(published="2021-03-16"), {**late, "date": "2021-03-15"})["published apart"] == 0  # fmt: skip


def test_what_a_report_tells_apart_in_words_is_for_a_reader():
    one = attack(report="r", event_type="drone", target_type="base")
    for words in ("the first of two such attacks", "another air strike", "an attack of its own"):
        layers = layers_of(one, {**one, "source": "B", "notes": f"told as {words}"})
        (pair,) = gi.link_reports(layers).pairs.to_dict("records")
        assert (pair["verdict"], pair["probability"]) == ("possible", 0.49)
        assert "one of several" in pair["reason"]
    for words in ("one of the two pumping stations", "another base than the others"):
        layers = layers_of(one, {**one, "source": "B", "notes": words})
        assert gi.link_reports(layers).pairs["verdict"].to_list() == ["joined"]
    # Another report may well tell of the same one.
    layers = layers_of(one, {**one, "source": "B", "report": "s", "notes": "the second attack"})
    assert gi.link_reports(layers).pairs["verdict"].to_list() == ["joined"]


def test_what_is_told_to_a_month_is_never_sure():
    """A thin table has no rivals: "Iraq, March 2021" would be the one attack that it has."""
    told = {"event_type": "rocket", "fired": "7", "killed": "2", "target_type": "base"}
    wide = gi.link_reports(layers_of(attack(**told), attack(source="B", **(told | {"date": "2021-03"}))))  # fmt: skip
    assert wide.pairs["verdict"].to_list() == ["possible"]
    assert wide.best == 1
    assert "to a month or more" in wide.pairs["reason"][0]
    week = attack(source="B", **(told | {"date": "2021-03-12/2021-03-18"}))
    assert gi.link_reports(layers_of(attack(**told), week)).high == 1


def test_rivals_by_hand():
    """0 fits 1 and 2, 2 fits 3: by closeness 1, 1 and 2; by odds 4, 2 and 1."""
    one, other = np.array([0, 0, 2]), np.array([1, 2, 3])
    near = rivals_near(4, one, other, np.array([1.0, 1.0, 2.0]))
    assert near == pytest.approx(np.log([2, 2, 2]))
    in_all = rivals_in_all(4, one, other, np.log([4.0, 2.0, 1.0]))
    assert in_all == pytest.approx(np.log([1 + 2 / 4, 2 * (1 + 1 / 2), 2]))


def test_evidence_of_a_pair_by_hand():
    """Two discs of 2 km, 11.1 km apart at the equator; 7 and "at least 10"; a day between."""
    layers = layers_of(
        attack(longitude=0.0, latitude=0.0, fired="7", published="2021-03-16"),
        attack(longitude=0.1, latitude=0.0, fired="at least 10", date="2021-03-16", source="B"),
    )
    accounts = telling.accounts_from((layers,))
    pairs = candidate_pairs(accounts)
    evidence = evidence_of(accounts, pairs)
    told = dict(zip(FEATURES, evidence.features[0], strict=True))
    assert told["far apart"] == pytest.approx(np.log1p(2.1319 / 6), abs=1e-3)
    assert evidence.gap_m[0] == pytest.approx(11_131.9 - 4_000, abs=1)
    assert told["apart"] == pytest.approx(np.log1p(7.1319), abs=1e-3)
    assert told["days apart"] == 1
    assert told["counts differ"] == pytest.approx(np.log(11 / 8))


def coded(name):
    """Return a table of the examples without its incidents, and the incident of each account."""
    table = pd.read_csv(EXAMPLES / f"{name}.csv", dtype=str, keep_default_na=False)
    truth = gi.read_reports(table)["incident"]
    bare = gi.read_reports(table.drop(columns="incident"))
    layers = gi.locate(bare, gi.load_gazetteer())
    return gi.link_reports(layers), dict(zip(bare["account"], truth, strict=True)), bare


def pairs_in(labels):
    sizes = pd.Series(labels).value_counts()
    return int((sizes * (sizes - 1) // 2).sum())


@pytest.mark.parametrize("name", ["iraq-syria", "launch-sites"])
def test_the_examples_own_incidents_are_found_again(name):
    """At the likeliest grouping; docs/linking.md says how far the example was looked at."""
    links, truth, reports = coded(name)
    standing = reports.set_index("account")["standing"]
    at = [account for account in truth if standing[account] in {"counted", "no attack"}]
    group = links.incidents["likely_incident"]
    both = pairs_in([f"{group[a]} {truth[a]}" for a in at])
    told, true = pairs_in([group[a] for a in at]), pairs_in([truth[a] for a in at])
    assert 2 * both / (told + true) >= 0.95
    # What is said to be sure is.
    sure = links.pairs[links.pairs["verdict"] == "joined"]
    assert (sure["account"].map(truth) == sure["other"].map(truth)).all()


def test_possible_is_said_where_a_person_would():
    """The convoys that may be one, as the README of the examples says."""
    links, truth, _ = coded("iraq-syria")
    named = links.pairs.assign(
        a=links.pairs["account"].map(truth), b=links.pairs["other"].map(truth)
    )
    basra = named[(named["a"] == "2021-convoy-basra") | (named["b"] == "2021-convoy-basra")]
    others = set(basra["a"]) | set(basra["b"])
    assert {"2021-03-11-convoy", "2021-03-13-convoy"} <= others
    assert set(basra["verdict"]) == {"possible"}
    assert links.low < links.best < links.high
    assert links.low <= 32 <= links.high


def test_accounts_made_from_events_of_conflicts_that_were_not_seen(shared_data, monkeypatch):
    """F1 at least 0.95; how the accounts differ from the events is in benchmarks/linking.py."""
    monkeypatch.syspath_prepend(str(EXAMPLES.parent / "benchmarks"))
    sys.modules.pop("linking", None)
    import linking as bench

    events = bench.events_of_ucdp(shared_data)
    rng = np.random.default_rng(5)
    conflicts = rng.permutation(events["group"].unique())
    unseen = events["group"].isin(conflicts[::4])
    seen, new = (
        bench.seen_in(bench.world(part.reset_index(drop=True), bench.ORDINARY, rng))
        for part in (events[~unseen], events[unseen])
    )
    found = bench.judged(new, bench.fit([seen]).probability(new))
    assert found["F1"] >= 0.95
    assert found["Brier"] < 0.06
