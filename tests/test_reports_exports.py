"""Exports of UCDP, ACLED and GTD: their codes, dates and counts in our columns, nothing lost."""

import pandas as pd
import pytest
from typer.testing import CliRunner

import geoinc as gi
from geoinc.cli import app
from geoinc.errors import SchemaError
from geoinc.precision import AROUND_M, TOWN_M
from geoinc.reports import read_reports

ACLED = {
    "event_id_cnty": ["IRQ1", "IRQ1", "IRQ2", "IRQ3", "IRQ4", "IRQ2"],
    "event_date": ["2021-03-15", "2021-03-16", "15 March 2021", "2021-03-15", "2021-03-01", "15 March 2021"],
    "time_precision": [1, 1, 2, 3, 1, 2],
    "event_type": ["Explosions/Remote violence"] * 2 + ["Battles"] * 4,
    "actor1": ["A", "A", "B", "B", "B", "B"],
    "actor2": ["Military Forces", "Military Forces", "C", "C", "C", "C"],
    "admin1": ["Salah al-Din"] * 6,
    "country": ["Iraq"] * 6,
    "location": ["Balad", "Balad", "Balad", "Tikrit", "Balad", "Balad"],
    "latitude": [34.01, 34.01, 34.02, 34.6, 34.01, 34.02],
    "longitude": [44.14, 44.14, 44.15, 43.68, 44.14, 44.15],
    "geo_precision": [1, 1, 2, 3, 1, 2],
    "source": ["Shafaq"] * 6,
    "notes": ["..."] * 6,
    "fatalities": [0, 2, 1, 0, 1, 1],
    "timestamp": [100, 200, 100, 100, 100, 100],
}  # fmt: skip
GTD = {
    "eventid": [202103150001, 202103000002, 202100000003],
    "iyear": [2021, 2021, 2021], "imonth": [3, 3, 0], "iday": [15, 0, 0],
    "country": [95, 95, 95], "country_txt": ["Iraq"] * 3, "provstate": ["Diyala"] * 3,
    "city": ["Baqubah", "Unknown", "Khanaqin"],
    "latitude": [33.75, 33.9, None], "longitude": [44.6, 45.0, None],
    "specificity": [1, 4, 5], "vicinity": [0, 0, -9],
    "attacktype1_txt": ["Bombing/Explosion"] * 3, "targtype1_txt": ["Military", "Police", ""],
    "gname": ["X", "Y", "Unknown"], "claimed": [1, 0, 0], "guncertain1": [0, 1, 0],
    "nkill": [2.0, None, 1.0], "nwound": [3.0, 0.0, None],
}  # fmt: skip


@pytest.fixture(scope="module")
def ucdp(shared_data):
    return read_reports(shared_data / "ucdp" / "ged_sample1000.csv")


def test_ucdp_loses_nothing(ucdp, shared_data):
    table = pd.read_csv(
        shared_data / "ucdp" / "ged_sample1000.csv", dtype=str, keep_default_na=False
    )
    assert len(ucdp) == 1000
    for name in table:  # 49 columns; days come back as days
        own = ucdp[name].astype(str) if name in {"date_start", "date_end"} else ucdp[name]
        if name in {"longitude", "latitude"}:
            assert (own == table[name].astype(float)).all()
        else:
            assert own.str.strip().to_list() == table[name].str.strip().to_list(), name
    assert table.shape[1] == 49
    assert table.apply(lambda column: column.str.contains("\n")).to_numpy().any()
    assert ucdp.attrs["problems"] == ()
    assert ucdp.attrs["recognised"]["export"] == "ucdp"
    assert "13 rows have a best outside" in ucdp.attrs["recognised"]["killed"]


def test_ucdp_in_our_columns(ucdp):
    assert ucdp["standing"].value_counts().to_dict() == {"counted": 934, "summary": 66}
    codes = ucdp["where_prec"].astype(float).astype(int)
    radius = ucdp.groupby(codes)["uncertainty_m"].first()
    assert radius.loc[[1, 2]].to_list() == [TOWN_M, AROUND_M]
    assert radius.loc[[3, 4, 5, 6, 7]].isna().all()
    areas = ucdp.groupby(codes)["coded_area"].unique().map(list).to_dict()
    assert areas == {
        1: [""], 2: [""], 3: ["district"], 4: ["province"], 5: ["region"], 6: ["country"], 7: ["sea"],
    }  # fmt: skip
    assert (ucdp["killed_best"] == ucdp["best"].astype(float)).all()
    low, high = ucdp["low"].astype(float), ucdp["high"].astype(float)
    assert (ucdp["killed_low"] <= low).all()
    assert (ucdp["killed_high"] >= high).all()
    # Who fights whom is no account of who attacked.
    one_sided = ucdp["type_of_violence"].astype(float) == 3
    assert (ucdp["actor"] != "").equals(one_sided)
    assert ucdp["incident"].is_unique
    assert ucdp["incident"][0] == "300380"


def test_ucdp_to_layers_by_the_codes(ucdp):
    alone = gi.layers_from_coordinates(ucdp).targets
    assert (alone["place_status"] == "resolved").sum() == 475 + 232
    wanted = alone["coded_area"].isin(["district", "province", "region", "country"])
    assert alone.loc[wanted, "place_reason"].str.contains("give areas=").all()
    layers = gi.layers_from_coordinates(ucdp, areas=gi.load_gazetteer())
    targets = layers.targets
    assert (targets["place_status"] == "resolved").sum() >= 990
    provinces = targets[
        (targets["coded_area"] == "province") & (targets["place_kind"] == "province")
    ]
    assert len(provinces) > 80
    assert (provinces["uncertainty_m"] > 10_000).all()
    held = layers.places.geometry.loc[provinces["place_id"]].to_numpy()
    given = provinces["longitude_given"], provinces["latitude_given"]
    import shapely

    assert (shapely.distance(held, shapely.points(*given)) < 0.2).all()
    # A place's words are the coder's, its accounts those that reading made.
    assert targets["place"].to_list()[0] == "Rami village"
    assert set(targets["account"]) == set(ucdp["account"])
    assert targets["weight"].sum() == 934


def test_acled():
    table = pd.DataFrame(ACLED)
    reports = read_reports(table)
    assert reports["standing"].to_list() == ["set aside", "counted", "counted", "counted", "counted", "set aside"]  # fmt: skip
    assert reports["reason"].to_list()[0] == "an older version of IRQ1"
    assert reports["reason"].to_list()[5] == "a second copy of IRQ2"
    assert reports["date"].to_list()[:4] == [
        "2021-03-15", "2021-03-16", "2021-03-09/2021-03-21", "2021-03",
    ]  # fmt: skip
    assert reports["uncertainty_m"].to_list()[1:3] == [TOWN_M, AROUND_M]
    assert reports["coded_area"].to_list()[3] == "province"
    assert reports["actor"].to_list() == ["A", "A", "", "", "", ""]
    assert reports["actor_basis"].to_list()[:3] == ["attributed", "attributed", ""]
    assert reports["killed_best"].to_list() == [0, 2, 1, 0, 1, 1]
    assert reports["target"].to_list()[3] == "Tikrit"
    pd.testing.assert_frame_equal(
        reports[["event_type", "notes"]].astype(str), table[["event_type", "notes"]].astype(str)
    )
    assert reports.attrs["problems"] == ()


def test_acled_deletions_are_honoured(tmp_path):
    pd.DataFrame(ACLED).to_csv(tmp_path / "acled.csv", index=False)
    pd.DataFrame(
        {"event_id_cnty": ["IRQ3", "IRQ4", "SYR1"], "deleted_timestamp": [150, 50, 10]}
    ).to_csv(tmp_path / "deleted.csv", index=False)
    reports = read_reports([tmp_path / "acled.csv", tmp_path / "deleted.csv"])
    assert len(reports) == 6
    gone = reports[reports["reason"] == "deleted by ACLED"]
    assert gone["event_id_cnty"].to_list() == ["IRQ3"]  # IRQ4 came back after its deletion
    assert gone["standing"].to_list() == ["set aside"]
    with pytest.raises(SchemaError, match="list of deleted events alone"):
        read_reports(tmp_path / "deleted.csv")


def test_gtd():
    reports = read_reports(pd.DataFrame(GTD))
    assert reports["date"].to_list() == ["2021-03-15", "2021-03", "2021"]
    assert reports["target"].to_list() == ["Baqubah", "", "Khanaqin"]
    assert reports["target_country"].to_list() == ["Iraq"] * 3
    assert reports["country"].to_list() == ["95"] * 3
    assert reports["actor"].to_list() == ["X", "Y", ""]
    assert reports["actor_basis"].to_list() == ["claimed", "suspected", ""]
    assert reports["injured_best"].to_list() == [3, 0, pd.NA]
    assert reports["uncertainty_m"].to_list()[0] == TOWN_M
    assert reports["coded_area"].to_list() == ["", "province", "unknown"]
    layers = gi.layers_from_coordinates(reports, areas=gi.load_gazetteer())
    assert layers.targets["place_status"].to_list() == ["resolved", "resolved", "unresolved"]
    assert layers.targets["place_name"].to_list()[1] == "Diyala"
    beside = read_reports(pd.DataFrame(GTD | {"vicinity": [1, 0, 0]}))
    assert beside["uncertainty_m"].to_list()[0] == AROUND_M


@pytest.mark.parametrize("table", [ACLED, GTD])
def test_headers_alone_are_empty_tables(tmp_path, table):
    pd.DataFrame(table).head(0).to_csv(tmp_path / "a.csv", index=False)
    reports = read_reports(tmp_path / "a.csv")
    assert len(reports) == 0
    assert reports.attrs["recognised"]["export"] in {"acled", "gtd"}
    assert len(gi.layers_from_coordinates(reports).targets) == 0


@pytest.mark.parametrize("table", [ACLED, GTD])
def test_exports_read_again_are_the_same(table):
    once = read_reports(pd.DataFrame(table))
    pd.testing.assert_frame_equal(once, read_reports(once))


def test_a_code_that_is_none_is_a_fault():
    reports = read_reports(pd.DataFrame(ACLED | {"geo_precision": [1, 7, 2, 3, 1, 2]}))
    (problem,) = reports.attrs["problems"]
    assert (problem.row, problem.column, problem.value) == (3, "geo_precision", "7")
    assert reports["coded_area"].to_list()[1] == "unknown"


def test_a_format_that_the_table_does_not_have_is_refused():
    with pytest.raises(SchemaError, match="no export of GTD: it has no column 'eventid'"):
        read_reports(pd.DataFrame(ACLED), format="gtd")
    with pytest.raises(ValueError, match="'cameo'"):
        read_reports(pd.DataFrame(ACLED), format="cameo")


def test_the_user_goes_before_the_export():
    reports = read_reports(pd.DataFrame(ACLED | {"mine": "here"}), columns={"mine": "target"})
    assert set(reports["target"]) == {"here"}


def test_the_command_takes_exports_by_their_codes_and_says_how_it_read(tmp_path):
    pd.DataFrame(ACLED).to_csv(tmp_path / "acled.csv", index=False, sep=";")
    output = tmp_path / "rows.csv"
    done = CliRunner().invoke(app, ["locate", str(tmp_path / "acled.csv"), "-o", str(output)])
    assert done.exit_code == 0, done.output
    rows = pd.read_csv(output)
    assert rows["uncertainty_m"].to_list()[1:3] == [TOWN_M, AROUND_M]
    assert rows["place_kind"].to_list()[3] == "province"
    said = " ".join(CliRunner().invoke(app, ["read", str(tmp_path / "acled.csv")]).output.split())
    assert "delimiter: semicolon" in said
    assert "geo_precision as uncertainty" in said
