"""One's own table against another: matched, only mine, only theirs, not comparable."""

import numpy as np
import pandas as pd
import pytest
from test_linking import attack, layers_of

import geoinc as gi


def statuses(matches, file):
    table = matches.table[matches.table["file"] == file]
    return dict(zip(table["incident"], table["status"], strict=True))


def rows(days, **told):
    return [attack(date=day, incident=f"{told.get('source', 'A')} {day}", **told) for day in days]


def test_each_incident_is_matched_once():
    mine = layers_of(*rows(["2021-03-01", "2021-03-15", "2021-03-30"], fired="7"))
    theirs = layers_of(
        *rows(["2021-03-01", "2021-03-20", "2021-03-30"], fired="7", source="B"),
        attack(date="2021-03-30", incident="B again", fired="7", source="B", latitude=33.95),
    )
    matches = gi.match_reports(mine, theirs)
    assert statuses(matches, "mine") == {
        "A 2021-03-01": "matched", "A 2021-03-15": "only mine", "A 2021-03-30": "matched",
    }  # fmt: skip
    assert statuses(matches, "theirs") == {
        "B 2021-03-01": "matched", "B 2021-03-20": "only theirs", "B 2021-03-30": "matched",
        "B again": "possible",
    }  # fmt: skip
    table = matches.table.set_index("incident")
    assert table.loc["A 2021-03-01", "other"] == "B 2021-03-01"
    assert table.loc["B again", "other"] == "A 2021-03-30"
    assert "the same day" in table.loc["A 2021-03-01", "reason"]


def test_what_the_other_cannot_have_is_not_comparable():
    mine = layers_of(
        attack(date="2020-01-01", incident="early"), attack(date="2022-01-01", incident="late"),
        attack(date="", incident="undated"), attack(events="dozens", incident="summary"),
        attack(country="Jordan", incident="abroad"), attack(include="no", incident="aside"),
        attack(outcome="foiled", incident="foiled"), attack(longitude=None, incident="nowhere"),
        attack(date="2021-03-10", incident="mine", country="Iraq"),
    )  # fmt: skip
    theirs = layers_of(
        *rows(["2021-03-01", "2021-04-30"], source="B", country="Iraq", latitude=36.0)
    )
    table = gi.match_reports(mine, theirs).table.set_index("incident")
    why = table.loc[table["file"] == "mine", "reason"]
    for incident, words in {
        "early": "before the first day", "late": "after the last day", "undated": "no date",
        "summary": "summary", "abroad": "country", "aside": "set aside", "foiled": "no attack",
        "nowhere": "no place", "mine": "",
    }.items():  # fmt: skip
        assert words in why[incident], incident
        assert table.loc[incident, "status"] == ("not comparable" if words else "only mine")


def test_against_ucdp_only_what_killed_is_comparable(shared_data):
    ged = gi.read_reports(shared_data / "ucdp" / "ged_sample1000.csv")
    theirs = gi.layers_from_coordinates(ged)
    place = {"longitude": 36.56, "latitude": 35.76, "date": "2013-02-03"}
    mine = layers_of(
        {**place, "incident": "one", "killed": "2"}, {**place, "incident": "none", "killed": "none"},
        {**place, "incident": "blank", "killed": ""},
    )  # fmt: skip
    table = gi.match_reports(mine, theirs).table.set_index("incident")
    assert table.loc["one", "status"] == "only mine"
    assert "nobody is said to be killed" in table.loc["none", "reason"]
    assert "not told" in table.loc["blank", "reason"]


def test_events_of_ucdp_are_found_again(shared_data):
    """Places moved by some 1.5 km, days kept or moved by one, the counts as they are."""
    ged = gi.read_reports(shared_data / "ucdp" / "ged_sample1000.csv")
    rng = np.random.default_rng(1)
    known = ged[(ged["standing"] == "counted") & (ged["coded_area"] == "")].reset_index(drop=True)
    some = known.sample(200, random_state=2).reset_index(drop=True)
    day = pd.to_datetime(some["date_start"]) + pd.to_timedelta(rng.choice([0, 0, 0, 1], 200), "D")
    copy = pd.DataFrame(
        {
            "incident": "my " + some["incident"], "date": day.dt.strftime("%Y-%m-%d"),
            "longitude": some["longitude"].astype(float) + rng.normal(0, 0.01, 200),
            "latitude": some["latitude"].astype(float) + rng.normal(0, 0.01, 200),
            "killed": some["killed_best"].astype(str), "target": some["target"],
        }
    )  # fmt: skip
    mine = gi.layers_from_coordinates(gi.read_reports(copy), uncertainty_m=3000)
    table = gi.match_reports(mine, gi.layers_from_coordinates(known)).table
    own = table[table["file"] == "mine"]
    found = own[own["status"] == "matched"]
    right = found["incident"] == "my " + found["other"]
    assert right.mean() > 0.99
    # A day apart and nothing but a count agrees: possible.
    assert len(found) >= 190
    assert set(own["status"]) == {"matched", "possible"}


def test_a_tally_by_month_and_place():
    mine = layers_of(*rows(["2021-03-01", "2021-03-15", "2021-04-30"], fired="7", admin1="X"))
    theirs = layers_of(*rows(["2021-03-01", "2021-04-30"], fired="7", source="B", admin1="X"))
    matches = gi.match_reports(mine, theirs)
    tally = matches.tally(by=["month", "admin1"])
    assert tally.index.to_list() == [("2021-03", "X"), ("2021-04", "X")]
    assert tally[("mine", "matched")].to_list() == [1, 1]
    assert tally[("mine", "only mine")].to_list() == [1, 0]
    assert tally[("theirs", "matched")].to_list() == [1, 1]
    assert tally.to_numpy().sum() == len(matches.table)
    with pytest.raises(ValueError, match="nothing to count matches by"):
        matches.tally(by="weapon")
