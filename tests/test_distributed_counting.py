"""Incidents and counts on Dask are those of one machine, wherever the accounts of an attack lie."""

import os
import signal

import dask
import distributed
import numpy as np
import pandas as pd
import pytest

import geoinc as gi
from geoinc import distributed as gd
from geoinc.distributed.crossing import numbers_of
from geoinc.distributed.layers import AS_THEY_ARE

PARTITIONS = [1, 3, 5]
PLACES = ["Erbil", "Mosul", "Balad", "Balad air base", "Kirkuk", "Diyala", "Al Wusta", "", "Zzz"]


def reports(n, rng):
    """Return a table whose accounts of one attack lie far apart and contradict each other."""
    return pd.DataFrame(
        {
            "incident": [f"i{number}" for number in rng.integers(0, n // 2, n)],
            "launch": rng.choice(PLACES, n),
            "target": [
                "; ".join(rng.choice(PLACES, 2)) if several else rng.choice(PLACES)
                for several in rng.random(n) < 0.2
            ],
            "date": rng.choice(
                ["2021-02-15", "2021-02", "2021-03", "2021-02/2021-03", "", "2021-05-01/.."], n
            ),
            "fired": rng.choice(["2", "3", "", "7-9", "at least 4"], n),
            "outcome": rng.choice(["hit", "missed", "foiled", "", "hit; missed"], n),
            "events": rng.choice(["1", "dozens", ""], n),
            "actor": rng.choice(["X", "Y", ""], n),
            "actor_basis": rng.choice(["claimed", "suspected"], n),
            "source": rng.choice(["P", "Q", "R"], n),
            "include": rng.choice(["", "no", ""], n),
        }
    )


@pytest.fixture(scope="module")
def layers():
    table = reports(90, np.random.default_rng(1))
    return gi.locate(gi.read_reports(table), gi.load_gazetteer())


@pytest.fixture(scope="module")
def linked():
    table = reports(60, np.random.default_rng(2)).drop(columns="incident")
    table["target"], table["launch"] = "Balad air base", ""
    layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    return gi.link_reports(layers).linked


def assert_same_counts(found, expected):
    pd.testing.assert_frame_equal(
        found.to_frame(), expected.to_frame(), check_exact=False, rtol=1e-12, atol=0
    )
    for name in ("by", "title", "total", "low", "undated", "not_placed", "notes", "caption"):
        assert getattr(found, name) == getattr(expected, name)
    assert found.best == pytest.approx(expected.best, rel=1e-12)


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("npartitions", PARTITIONS)
def test_incidents_are_those_of_one_machine_in_its_order(layers, npartitions):
    parts = gd.from_layers(layers, npartitions=npartitions)
    found = gd.incidents(parts)
    expected = gi.incidents(layers)
    pd.testing.assert_frame_equal(found.compute(), expected, check_index_type=False)
    assert found.dtypes.to_dict() == expected.dtypes.to_dict()


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("npartitions", PARTITIONS)
def test_counts_are_those_of_one_machine(layers, npartitions):
    parts = gd.from_layers(layers, npartitions=npartitions)
    assert_same_counts(
        gd.counts(parts, by=["admin1", "month"]), gi.counts(layers, by=["admin1", "month"])
    )


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"by": "place", "role": "launch"},
        {"by": ["actor", "2021-03-03"], "include": ["counted", "summary", "no attack"]},
        {"by": ["country", "place_status", "week"], "role": "impact"},
        {"by": ["place", "admin1"], "include": ["counted", "set aside"]},
        {"by": ["day", "outcome"], "role": "launch"},
        {"by": ["year", "place_kind", "place_match", "place_basis"]},
    ],
    ids=lambda asked: "-".join([*asked.get("by", "all")]),
)
def test_whatever_is_counted_by(layers, asked):
    parts = gd.from_layers(layers, npartitions=4)
    with dask.config.set(scheduler="threads"):
        assert_same_counts(gd.counts(parts, **asked), gi.counts(layers, **asked))


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("npartitions", PARTITIONS)
def test_counts_by_cell_are_those_of_one_machine(layers, npartitions):
    pytest.importorskip("h3", reason="cells need the extra h3")
    parts = gd.from_layers(layers, npartitions=npartitions)
    for by in (["h3_4", "month"], ["h3_4", "week", "admin1", "place_status"]):
        assert_same_counts(gd.counts(parts, by=by), gi.counts(layers, by=by))


def test_incidents_that_may_be_one_are_counted_together(linked):
    expected = gi.counts(linked, by="month")
    assert expected.low < expected.total
    with dask.config.set(scheduler="threads"):
        parts = gd.from_layers(linked, npartitions=6)
        assert_same_counts(gd.counts(parts, by="month"), expected)
        pytest.importorskip("h3", reason="cells need the extra h3")
        assert_same_counts(gd.counts(parts, by="h3_5"), gi.counts(linked, by="h3_5"))


def test_a_name_of_two_places_is_told_apart_whatever_part_they_are_in(layers):
    # A town and a governorate bear one name; no part has rows of both.
    order = np.argsort(layers.targets["place_id"].to_numpy(dtype=str), kind="stable")
    sorted_layers = gi.Layers(
        layers.launches.iloc[:0], layers.targets.iloc[order], layers.impacts, layers.places
    )
    expected = gi.counts(sorted_layers, by="place")
    with dask.config.set(scheduler="threads"):
        parts = gd.from_layers(sorted_layers, npartitions=9)
        assert_same_counts(gd.counts(parts, by="place"), expected)


def test_layers_in_different_partitions(layers):
    parts = gd.DistributedLayers(
        gd.from_layers(layers, npartitions=4).launches,
        gd.from_layers(layers, npartitions=2).targets,
        gd.from_layers(layers, npartitions=6).impacts,
        layers.places,
    )
    with dask.config.set(scheduler="threads"):
        found = gd.incidents(parts).compute()
    pd.testing.assert_frame_equal(found, gi.incidents(layers), check_index_type=False)


@pytest.mark.usefixtures("cluster")
def test_layers_that_are_on_the_workers_already(layers):
    parts = gd.from_layers(layers, npartitions=4)
    with dask.config.set(AS_THEY_ARE):
        kept = [parts.layer(role).persist() for role in ("launch", "target", "impact")]
    parts = gd.DistributedLayers(*kept, parts.places)
    assert_same_counts(gd.counts(parts, by="place"), gi.counts(layers, by="place"))


def test_a_worker_lost_in_the_middle_of_counting_changes_nothing(layers, tmp_path, monkeypatch):
    path = tmp_path / "attacks.parquet"
    with dask.config.set(scheduler="threads"):
        gd.write_layers(gd.from_layers(layers, npartitions=6), path)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as local,
        distributed.Client(local) as client,
    ):

        def after_a_loss(crossing):
            # Which incidents lie in several partitions is in the memory of the workers now.
            numbers = numbers_of(crossing)
            os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            return numbers

        monkeypatch.setattr("geoinc.distributed.together.numbers_of", after_a_loss)
        found = gd.counts(gd.read_layers(path), by=["place", "month"])
    assert_same_counts(found, gi.counts(layers, by=["place", "month"]))


def test_nothing_to_count_by(layers):
    parts = gd.from_layers(layers, npartitions=2)
    with pytest.raises(ValueError, match="by='colour' is nothing to count by"):
        gd.counts(parts, by="colour")
    with pytest.raises(ValueError, match="'colour' is not a role"):
        gd.counts(parts, role="colour")
