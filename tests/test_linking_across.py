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
        attack(longitude=36.0, latitude=31.0, incident="abroad"), attack(include="no", incident="aside"),
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


def test_what_a_summary_of_ucdp_may_hold_is_not_missing_there(shared_data):
    """Several events of some days in a place, told as one: an attack of these days may be among them."""
    ged = gi.read_reports(shared_data / "ucdp" / "ged_sample1000.csv")
    narrow = (ged["standing"] == "summary") & (ged["coded_area"] == "")
    days = pd.to_datetime(ged["date_end"]) - pd.to_datetime(ged["date_start"])
    (held, *_) = ged[narrow & days.between("1D", "30D")].to_dict("records")
    theirs = gi.layers_from_coordinates(ged)
    here = {name: float(held[name]) for name in ("longitude", "latitude")}
    day = pd.Timestamp(held["date_start"])
    months = pd.Timedelta(90, "D")
    mine = layers_of(
        {**here, "date": f"{day:%Y-%m-%d}", "killed": "1", "incident": "within"},
        {**here, "date": f"{day - months:%Y-%m-%d}", "killed": "1", "incident": "earlier"},
        {**here, "latitude": here["latitude"] + 1.5, "date": f"{day:%Y-%m-%d}", "killed": "1", "incident": "beside"},
    )  # fmt: skip
    table = gi.match_reports(mine, theirs).table.set_index("incident")
    assert table.loc["within", ["status", "other"]].to_list() == [
        "not comparable",
        held["incident"],
    ]
    assert "within a summary" in table.loc["within", "reason"]
    assert table.loc[held["incident"], "status"] == "not comparable"
    for incident in ("earlier", "beside"):
        assert "summary" not in table.loc[incident, "reason"]


def test_what_acled_has_beside_attacks_is_not_missing_here():
    """Protests, strategic developments and violent demonstrations; made-up rows under ACLED's header."""
    kinds = ["Battles", "Protests", "Strategic developments", "Riots", "Riots"]
    acled = pd.DataFrame(
        {
            "event_id_cnty": [f"IRQ{i}" for i in range(5)], "event_date": "15 March 2021", "time_precision": "1",
            "event_type": kinds, "sub_event_type": ["", "", "", "Mob violence", "Violent demonstration"],
            "geo_precision": "1", "latitude": "36.3", "longitude": "43.1", "fatalities": "0",
        }
    )  # fmt: skip
    theirs = gi.layers_from_coordinates(gi.read_reports(acled))
    mine = layers_of(
        attack(date="2021-03-14", incident="a"), attack(date="2021-03-16", incident="b")
    )
    table = gi.match_reports(mine, theirs).table.set_index("incident")
    assert table.loc[[f"IRQ{i}" for i in range(5)], "status"].to_list() == [
        "only theirs", "not comparable", "not comparable", "only theirs", "not comparable",
    ]  # fmt: skip
    assert "no attack" in table.loc["IRQ1", "reason"]
    assert table.loc["a", "reason"].startswith("before the first day")
    # Two exports of ACLED have the same definition.
    assert "not comparable" not in set(gi.match_reports(theirs, theirs).table["status"])


def test_both_tables_name_countries_and_provinces_alike(shared_data):
    """UCDP's "Syria" and "Idlib governorate" are the gazetteer's SY and Idlib, by coordinates."""
    ged = gi.read_reports(shared_data / "ucdp" / "ged_sample1000.csv")
    near = ged[(ged["country"] == "Syria") & (ged["coded_area"] == "")]
    theirs = gi.layers_from_coordinates(near)
    reports = gi.read_reports(pd.DataFrame({"target": ["Idlib"], "country": "SY", "date": "2015-03-01"}))  # fmt: skip
    mine = gi.locate(reports, gi.load_gazetteer())
    table = gi.match_reports(mine, theirs).table
    assert set(table["country"]) == {"SY"}
    assert "Idlib" in set(table.loc[table["file"] == "theirs", "admin1"])
    assert table.loc[table["file"] == "mine", "admin1"].to_list() == ["Idlib"]
    assert not table["place"].str.fullmatch(r"[-\d., ]+").any()


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
