"""Places found in partitions: the same rows, places and weights as on one machine."""

import gc

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from test_distributed_layers import assert_same_layers
from test_layers import WESTLAND

import geoinc as gi
from geoinc.distributed.layers import AS_THEY_ARE

WORDS = (
    "Balad air base", "Mosul", "Diyala; Tikrit [3]", "the base", "5 km north of the airport",
    "a village nearby", "nowhere known", "Salihiyah", "Deir ez-Zor", "Kirkuk", "", "Erbil",
)  # fmt: skip


@pytest.fixture(scope="module")
def reports():
    """Return accounts whose incidents, words and hints are spread over the whole table."""
    rng = np.random.default_rng(8)
    n = 300
    table = pd.DataFrame(
        {
            "incident": [f"i{number}" if number else "" for number in rng.integers(0, 90, n)],
            "target": rng.choice(WORDS, n),
            "launch": rng.choice(WORDS, n),
            "launch_basis": rng.choice(["", "inferred"], n),
            "target_country": rng.choice(["", "IQ", "SY"], n),
            "admin1": rng.choice(["", "", "Salah al-Din"], n),
            "date": rng.choice(["2019", "2020-03", "2021-03-02"], n),
            "outcome": rng.choice(["hit", "foiled"], n, p=[0.9, 0.1]),
            "source": [f"paper {number}" for number in range(n)],
        }
    )
    return gi.read_reports(table)


def in_parts(reports, npartitions):
    plain = reports.copy()
    plain.attrs = {}
    with dask.config.set(AS_THEY_ARE):
        return dd.from_pandas(plain, npartitions=npartitions, sort=False)


def assert_as_on_one_machine(found, expected):
    for role in ("launch", "target", "impact"):
        expected.layer(role).attrs = {}
    assert_same_layers(found.compute(), expected)


@pytest.mark.usefixtures("cluster")
def test_what_is_asked_of_layers_outlives_them(reports):
    gazetteer = gi.load_gazetteer()
    found = gi.distributed.incidents(gi.distributed.locate(in_parts(reports, 4), gazetteer))
    gc.collect()
    expected = gi.incidents(gi.locate(reports, gazetteer))
    pd.testing.assert_frame_equal(found.compute(), expected, check_index_type=False)


@pytest.mark.parametrize("npartitions", [1, 3, 8])
def test_places_are_found_as_on_one_machine(cluster, reports, npartitions):  # noqa: ARG001
    gazetteer = gi.load_gazetteer()
    expected = gi.locate(reports, gazetteer)
    parts = in_parts(reports, npartitions)
    assert_as_on_one_machine(gi.distributed.locate(parts, gazetteer), expected)
    assert (expected.targets["place_reason"].str.contains("weight is shared")).any()
    assert (expected.launches["place_reason"].str.contains("'the base' is taken for")).any()


def test_what_the_table_is_about_is_seen_from_all_partitions(cluster, toy_gazetteer):  # noqa: ARG001
    table = pd.DataFrame({"target": ["Delta", *WESTLAND], "launch": ["near the base", "", "", ""]})
    reports = gi.read_reports(table)
    parts = in_parts(reports, 4)
    layers = gi.distributed.locate(parts, toy_gazetteer.path)
    assert_as_on_one_machine(layers, gi.locate(reports, toy_gazetteer))
    assert layers.compute().targets["place_id"].iloc[0] == "wl-delta"
    alone = gi.distributed.locate(parts, toy_gazetteer.path, context=False).compute()
    assert alone.targets["place_status"].iloc[0] == "ambiguous"


def test_what_analysts_decided_holds_in_every_partition(reports):
    decided = [
        gi.Decision("nowhere known", "33.9, 44.3 ± 5 km", scope="everywhere", author="A"),
        gi.Decision("Salihiyah", "no such place", scope="everywhere", author="A"),
    ]
    gazetteer = gi.load_gazetteer()
    with pytest.warns(UserWarning, match="no such place"):
        expected = gi.locate(reports, gazetteer, decisions=decided)
    with pytest.warns(UserWarning, match="no such place"):
        found = gi.distributed.locate(in_parts(reports, 3), gazetteer, decisions=decided)
    assert_as_on_one_machine(found, expected)


def test_no_row_is_lost_where_a_partition_is_empty(toy_gazetteer):
    reports = gi.read_reports(pd.DataFrame({"target": ["Delta", *WESTLAND]}))
    parts = in_parts(reports, 4)
    parts = dd.concat([parts, parts.partitions[0].map_partitions(lambda part: part.iloc[:0])])
    found = gi.distributed.locate(parts, toy_gazetteer)
    assert_as_on_one_machine(found, gi.locate(reports, toy_gazetteer))


def test_coordinates_are_placed_as_on_one_machine(cluster):  # noqa: ARG001
    rng = np.random.default_rng(3)
    n = 200
    table = pd.DataFrame(
        {
            "event_id_cnty": [f"IRQ{number}" for number in rng.integers(0, 150, n)],
            "event_date": "2021-03-02",
            "geo_precision": rng.choice(["1", "2", "3"], n),
            "time_precision": "1",
            "country": rng.choice(["Iraq", ""], n),
            "admin1": rng.choice(["Diyala", "Nineveh", "nowhere"], n),
            "latitude": rng.choice([33.8, 36.3, 36.4, 99.0], n),
            "longitude": rng.choice([44.9, 43.1, 43.2], n),
            "event_type": "Battles",
            "location": rng.choice(["X", "Y"], n),
            "timestamp": [str(number) for number in range(n)],
        }
    )
    reports = gi.read_reports(table)
    assert "coded_area" in reports
    gazetteer = gi.load_gazetteer()
    expected = gi.layers_from_coordinates(reports, areas=gazetteer)
    assert {"coordinates", "province"} <= set(expected.places["kind"])
    for npartitions in (1, 4):
        parts = in_parts(reports, npartitions)
        found = gi.distributed.layers_from_coordinates(parts, areas=gazetteer)
        assert_as_on_one_machine(found, expected)
    wide = gi.layers_from_coordinates(reports, uncertainty_m=5_000, role="impact")
    found = gi.distributed.layers_from_coordinates(parts, uncertainty_m=5_000, role="impact")
    assert_as_on_one_machine(found, wide)


def test_faults_of_partitions_are_told(tmp_path, toy_gazetteer):
    (tmp_path / "a.csv").write_text("target,killed\n" + "Delta,1\n" * 100 + "Delta,rumours\n")
    reports = gi.distributed.read_reports(tmp_path / "a.csv", blocksize=200)
    with pytest.warns(UserWarning, match=r"faults in the reports.*(word for word|rumours)"):
        gi.distributed.locate(reports, toy_gazetteer)


def test_a_plain_table_is_read_first():
    table = pd.DataFrame(
        {"target": ["Balad air base", "Mosul"], "date": ["25/03/2021", "01/04/2021"]}
    )
    found = gi.distributed.locate(dd.from_pandas(table, npartitions=2), gi.load_gazetteer())
    assert_as_on_one_machine(found, gi.locate(table, gi.load_gazetteer()))
