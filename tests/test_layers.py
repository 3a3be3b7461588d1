"""Layers: every account once per role, weights that add up, and files that give back what they took."""

import geopandas as gpd
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from toy import WORLD, Entry, write_gazetteer

import geoinc as gi
from geoinc.georeferencing import georeference
from geoinc.layers import answering
from geoinc.schema import LAYER_COLUMNS


@pytest.fixture(scope="module")
def gazetteer():
    return gi.load_gazetteer()


def locate(gazetteer, rows, **options):
    return gi.locate(gi.read_reports(pd.DataFrame(rows)), gazetteer, **options)


def test_every_account_has_a_row_in_every_role_it_could_speak_of(gazetteer):
    layers = locate(
        gazetteer,
        {
            "incident": ["a", "b", "c"],
            "target": ["Balad air base", "Qwertyistan", None],
            "launch": [None, "Diyala", None],
        },
    )
    assert layers.targets["place_status"].to_list() == ["resolved", "unresolved", "not told"]
    assert layers.launches["place_status"].to_list() == ["not told", "resolved", "not told"]
    assert len(layers.impacts) == 0
    for layer in (layers.launches, layers.targets, layers.impacts):
        assert isinstance(layer, gpd.GeoDataFrame)
        assert layer.crs == 4326
        assert layer.index.is_unique
        assert layer.index.name == "row"
        assert set(LAYER_COLUMNS) <= set(layer.columns)
    missing = layers.targets.geometry.isna()
    assert missing.to_list() == [False, True, True]
    assert not layers.targets.geometry.is_empty.any()


def test_the_users_own_columns_pass_through(gazetteer):
    layers = locate(gazetteer, {"target": ["Balad air base"], "My note": ["=1+1"], "part": ["x"]})
    assert layers.targets["My note"].to_list() == ["=1+1"]
    assert layers.targets["part_given"].to_list() == ["x"]
    assert layers.targets["part"].to_list() == [1]


def test_columns_of_our_names_stay_beside_ours(gazetteer, tmp_path):
    own = {"row": "7", "geometry": "POINT (1 2)", "weight": "10 kg", "weight_given": "heavy"}
    layers = locate(gazetteer, {"target": ["Balad air base"]} | {n: [v] for n, v in own.items()})
    gi.write_layers(layers, tmp_path / "attacks.gpkg")
    for found in (layers, gi.read_layers(tmp_path / "attacks.gpkg")):
        (row,) = found.targets.to_dict("records")
        assert row["row_given"] == "7"
        assert row["geometry_given"] == "POINT (1 2)"
        assert row["weight_given"] == "heavy"
        assert row["weight_given_given"] == "10 kg"
        assert row["weight"] == 1


def test_places_are_shared_by_id(gazetteer):
    layers = locate(
        gazetteer, {"incident": ["a", "b"], "target": ["Balad air base", "Al-Balad airbase"]}
    )
    assert len(set(layers.targets["place_id"])) == 1
    assert layers.places.index.is_unique
    place = layers.places.loc[layers.targets["place_id"].iloc[0]]
    assert place.geometry.geom_type in {"Polygon", "MultiPolygon"}
    assert layers.targets["uncertainty_m"].iloc[0] == place["uncertainty_m"]


def test_the_base_is_the_target_of_its_own_row(gazetteer):
    layers = locate(
        gazetteer,
        {
            "incident": ["a", "b"],
            "target": ["Balad air base", "Ain al-Asad"],
            "impact": ["the base", "the base"],
            "launch": [
                "a separate village in the neighboring province of Diyala, east of the base",
                "",
            ],
        },
    )
    assert layers.impacts["place_id"].to_list() == layers.targets["place_id"].to_list()
    launch = layers.launches.iloc[0]
    assert launch["place_status"] == "resolved"
    assert launch["longitude"] > layers.targets.iloc[0]["longitude"]


def test_with_two_targets_the_base_is_nobody(gazetteer):
    layers = locate(gazetteer, {"target": ["Balad air base; Ain al-Asad"], "impact": ["the base"]})
    assert layers.impacts["place_status"].to_list() == ["unresolved"]


def test_counts_in_a_cell_become_rounds(gazetteer):
    layers = locate(
        gazetteer,
        {"target": ["Balad air base"], "impact": ["a nearby village [5]; the base [at least 2]"]},
    )
    assert layers.impacts["rounds_best"].to_list() == [5, pd.NA]
    assert layers.impacts["rounds_low"].to_list() == [5, 2]
    assert layers.impacts["part"].to_list() == [1, 2]


def test_one_incident_weighs_one_in_each_role(gazetteer):
    layers = locate(
        gazetteer,
        {
            "incident": ["a", "a", "b", "c", "c"],
            "target": [
                "Balad air base",
                "Salah al-Din province",
                "Erbil; Balad air base",
                "Qwertyistan",
                None,
            ],
        },
    )
    weights = layers.targets.groupby("incident")["weight"].sum()
    assert weights.to_dict() == pytest.approx({"a": 1, "b": 1, "c": 1})
    precise, coarse = layers.targets[layers.targets["incident"] == "a"].itertuples()
    assert (precise.weight, coarse.weight) == (1, 0)
    assert "more precise" in coarse.place_reason
    unresolved, not_told = layers.targets[layers.targets["incident"] == "c"].itertuples()
    assert (unresolved.weight, not_told.weight) == (1, 0)


def test_accounts_that_cannot_both_be_right_share_and_say_so(gazetteer):
    layers = locate(
        gazetteer, {"incident": ["a", "a"], "target": ["Balad air base", "Ain al-Asad"]}
    )
    assert layers.targets["weight"].to_list() == [0.5, 0.5]
    assert layers.targets["place_reason"].str.contains("do not meet").all()


def test_what_is_not_counted_weighs_nothing(gazetteer):
    layers = locate(
        gazetteer,
        {
            "target": ["Balad air base"] * 4,
            "events": ["", "dozens", "", ""],
            "outcome": ["hit", "hit", "false alarm", "hit"],
            "include": ["", "", "", "no"],
        },
    )
    assert layers.targets["standing"].to_list() == ["counted", "summary", "no attack", "set aside"]
    assert layers.targets["weight"].to_list() == [1, 0, 0, 0]


def test_an_inferred_place_is_said(gazetteer):
    layers = locate(
        gazetteer,
        {"target": ["al-Tanf", "al-Tanf"], "target_basis": ["inferred", None], "incident": [1, 2]},
    )
    assert layers.targets["place_basis"].to_list() == ["inferred", "as told"]
    inferred, told = layers.targets["place_reason"]
    assert inferred.startswith("check: inferred; ")
    assert told.startswith("sure: ")


def test_errors_can_be_raised_at_once(gazetteer):
    with pytest.raises(gi.SchemaError, match="2 places") as caught:
        locate(gazetteer, {"target": ["Qwertyistan", "Balad air base", "Zzyzx"]}, errors="raise")
    assert [problem.value for problem in caught.value.problems] == ["Qwertyistan", "Zzyzx"]


def test_order_of_rows_changes_nothing(gazetteer):
    rows = pd.DataFrame(
        {
            "incident": ["a", "a", "b", "c"],
            "target": ["Balad air base", "Ain al-Asad", "Erbil", "al-Tanf"],
            "launch": ["Diyala", "Anbar", "a village nearby", ""],
        }
    )
    forward = gi.locate(gi.read_reports(rows), gazetteer)
    backward = gi.locate(gi.read_reports(rows.iloc[::-1].reset_index(drop=True)), gazetteer)
    for layer in ("launches", "targets", "places"):
        a, b = getattr(forward, layer), getattr(backward, layer)
        assert_frame_equal(
            pd.DataFrame(a.drop(columns="geometry")).sort_index(),
            pd.DataFrame(b.drop(columns="geometry")).sort_index(),
        )


def test_coordinates_need_no_gazetteer():
    table = pd.DataFrame(
        {
            "longitude": [44.36, 44.36, 999.0, None],
            "latitude": [33.94, 33.94, 33.0, 33.0],
            "error": [500, 500, 500, 500],
        }
    )
    layers = gi.layers_from_coordinates(table, uncertainty_m="error")
    assert layers.targets["place_status"].to_list() == [
        "resolved",
        "resolved",
        "unresolved",
        "unresolved",
    ]
    assert len(layers.places) == 1
    assert layers.targets["uncertainty_m"].to_list()[:2] == [500, 500]
    with pytest.raises(gi.SchemaError, match="no column 'lon'"):
        gi.layers_from_coordinates(table, longitude="lon", uncertainty_m=1)


# ---------------------------------------------------------------- hints

LOST = {
    "incident": ["a", "a", "b"],
    "target": ["Xqzrtl", "Xqzrtl", "Xqzrtl in Diyala"],
    "admin1": ["Diyala", "", ""],
    "launch": ["Balad air base", "", "Balad air base"],
}


def test_a_hinted_name_stays_unresolved_and_is_placed_in_its_area(gazetteer):
    layers = locate(gazetteer, LOST)
    targets = layers.targets
    assert targets["place_status"].to_list() == ["unresolved"] * 3
    assert targets["place_match"].to_list() == ["hint", "", "hint"]
    assert targets["place_admin1"].to_list() == ["Diyala", "", "Diyala"]
    assert targets.geometry.isna().to_list() == [False, True, False]
    assert targets["place_reason"].str.startswith("unknown: ").all()
    assert set(targets["place_id"]) - {""} <= set(layers.places.index)
    # The row that is hinted speaks for the incident, not the one without a place.
    assert targets["weight"].to_list() == [1, 0, 1]


def test_a_resolved_account_counts_before_a_hinted_one(gazetteer):
    layers = locate(
        gazetteer,
        {"incident": ["a", "a"], "target": ["Xqzrtl", "Iraq"], "admin1": ["Diyala", ""]},
    )
    assert layers.targets["weight"].to_list() == [0, 1]


def test_hinted_rows_are_counted_measured_and_described_as_such(gazetteer):
    layers = locate(gazetteer, LOST)
    assert gi.counts(layers, by="admin1").table["count"].to_dict() == {"Diyala": 2}
    assert gi.counts(layers, by="place").table["count"].to_dict() == {"not placed": 2}
    assert gi.incidents(layers)["target_place"].to_list() == ["somewhere in Diyala"] * 2
    measured = gi.distances(layers)
    area = layers.places.loc["iq-diyala-province"]
    assert (measured["high_m"] - measured["low_m"] > area["uncertainty_m"]).all()
    assert "2 unresolved (2 said to be in a known area)" in gi.describe(layers)


def test_the_base_is_not_the_province_of_an_unknown_target(gazetteer):
    layers = locate(
        gazetteer, {"target": ["Xqzrtl"], "admin1": ["Diyala"], "launch": ["east of the base"]}
    )
    assert layers.launches["place_status"].to_list() == ["unresolved"]
    assert layers.launches["place_id"].to_list() == [""]


def test_hints_of_the_target_are_not_the_launchs(gazetteer):
    layers = locate(
        gazetteer,
        {
            "target": ["Xqzrtl"] * 2,
            "launch": ["Xqzrtl"] * 2,
            "country": ["IQ"] * 2,
            "admin1": ["Diyala"] * 2,
            "launch_admin1": ["", "Anbar"],
        },
    )
    assert layers.launches["place_admin1"].to_list() == ["", "Anbar"]
    assert layers.targets["place_admin1"].to_list() == ["Diyala", "Diyala"]


# ---------------------------------------------------------------- what the table is about

WESTLAND = ["Gamma Air Base", "Omega oil field", "Camp Kilo"]


def test_a_table_chooses_between_namesakes_and_says_so(toy_gazetteer):
    rows = {"target": ["Delta", *WESTLAND], "launch": ["near the base", "", "", ""]}
    layers = locate(toy_gazetteer, rows)
    chosen = layers.targets.iloc[0]
    assert (chosen["place_status"], chosen["place_id"]) == ("resolved", "wl-delta")
    assert chosen["place_reason"].startswith("check: the table is about WL; ")
    # What points at the chosen place follows it.
    assert layers.launches["place_status"].iloc[0] == "resolved"
    assert "the surely placed names of the table" in gi.describe(layers)
    # Everything else is as without.
    alone = locate(toy_gazetteer, rows, context=False)
    assert alone.targets["place_status"].iloc[0] == "ambiguous"
    assert alone.launches["place_status"].iloc[0] == "unresolved"
    ours = [name for name in LAYER_COLUMNS if name != "place_reason"]
    assert_frame_equal(
        pd.DataFrame(layers.targets[ours].iloc[1:]), pd.DataFrame(alone.targets[ours].iloc[1:])
    )


@pytest.mark.parametrize(
    ("others", "hint"),
    [
        (WESTLAND[:2], ""),  # too few to say
        ([WESTLAND[0]] * 9, ""),  # one text, however often
        (["Xqzrtl"] * 9, ""),  # nothing sure
        (WESTLAND, "EL"),  # the row says where
    ],
)
def test_a_table_is_silent_where_it_has_nothing_to_say(toy_gazetteer, others, hint):
    rows = {"target": ["Delta", *others], "country": [hint] + [""] * len(others)}
    with_context = locate(toy_gazetteer, rows).targets
    without = locate(toy_gazetteer, rows, context=False).targets
    assert_frame_equal(
        pd.DataFrame(with_context.drop(columns="geometry")),
        pd.DataFrame(without.drop(columns="geometry")),
    )


def test_what_a_table_is_about_does_not_depend_on_the_order_of_its_rows(toy_gazetteer):
    rows = pd.DataFrame({"incident": list("abcde"), "target": ["Delta", *WESTLAND, "Alpha"]})
    forward = gi.locate(gi.read_reports(rows), toy_gazetteer).targets
    backward = gi.locate(
        gi.read_reports(rows.iloc[::-1].reset_index(drop=True)), toy_gazetteer
    ).targets
    assert_frame_equal(
        pd.DataFrame(forward.drop(columns="geometry")).sort_index(),
        pd.DataFrame(backward.drop(columns="geometry")).sort_index(),
    )


def test_of_namesakes_in_one_country_the_one_of_the_tables_province_is_chosen(tmp_path):
    twins = (
        Entry("wl-epsilon-1", "Epsilon", "village", "WL", "Alpha", 1, 0.5, 0.2),
        Entry("wl-epsilon-2", "Epsilon", "village", "WL", "Beta", 4, 0.5, 0.2),
    )
    write_gazetteer(tmp_path / "twins.gpkg", [*WORLD, *twins])
    toy = gi.load_gazetteer(tmp_path / "twins.gpkg")
    beta = ["Gamma Air Base", "Omega oil field", "Gamma district"]
    rows = {"target": ["Epsilon", *beta], "country": ["WL", "", "", ""]}
    chosen = locate(toy, rows).targets.iloc[0]
    assert chosen["place_id"] == "wl-epsilon-2"
    assert chosen["place_reason"].startswith("check: the table is about Beta; ")
    # Half here, half there: no province stands out.
    rows = {"target": [*rows["target"], "Camp Kilo", "Alpha province", "Alpha city"]}
    assert locate(toy, rows).targets["place_status"].iloc[0] == "ambiguous"


def test_words_are_asked_once_for_all_years_until_a_place_begins_or_ends(monkeypatch):
    asked = []

    def counted(words, *args, date="", **hints):
        asked.append((words, date))
        return georeference(words, *args, date=date, **hints)

    monkeypatch.setattr(answering, "georeference", counted)
    years = [str(year) for year in range(2004, 2020)]
    table = pd.DataFrame({"target": ["Samarra"] * 16 + ["Camp Bucca"] * 16, "date": 2 * years})
    targets = gi.locate(gi.read_reports(table), gi.load_gazetteer()).targets
    assert sum(words == "Samarra" for words, _ in asked) == 1
    # It was called so until September 2009: that year is neither before nor after.
    assert [date for words, date in asked if words == "Camp Bucca"] == ["2004", "2009", "2010"]
    of_camp = targets["place_score"].iloc[16:]
    assert of_camp.nunique() == 2
    assert of_camp.iloc[15] < of_camp.iloc[0] == of_camp.iloc[5]
    assert "until 2009" in targets["place_reason"].iloc[31]
