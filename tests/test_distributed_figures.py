"""Distances, nearest sites, Knox pairs and densities on Dask are those of one machine."""

import os
import signal

import dask
import distributed
import numpy as np
import pandas as pd
import pytest
import shapely

import geoinc as gi
from geoinc import distributed as gd
from geoinc.stats.worlds import worlds_of

PARTITIONS = [1, 3, 5]
NAMES = [
    *("Erbil", "Mosul", "Balad", "Balad air base", "Samarra", "Baghdad", "Fallujah", "Ramadi"),
    *("20 km N of Mosul", "Diyala", "Basra", ""),
]
SITES = pd.DataFrame(
    {"longitude": [44.0, 45.0, 43.0], "latitude": [33.0, 35.0, 36.0]}, index=["a", "b", "c"]
)


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(1)
    n = 200
    table = pd.DataFrame(
        {
            # Accounts of one attack lie far apart, and many tell one side alone.
            "incident": [f"i{number}" for number in rng.integers(0, 140, n)],
            "launch": rng.choice(NAMES, n),
            "target": [
                "; ".join(rng.choice(NAMES, 2)) if several else rng.choice(NAMES)
                for several in rng.random(n) < 0.2
            ],
            "date": rng.choice(
                [f"2021-02-{day:02d}" for day in range(1, 28)] + ["2021-02", "2021-03", ""], n
            ),
        }
    )
    return gi.locate(gi.read_reports(table), gi.load_gazetteer())


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("npartitions", PARTITIONS)
def test_distances_are_those_of_one_machine(layers, npartitions):
    found = gd.distances(gd.from_layers(layers, npartitions=npartitions))
    expected = gi.distances(layers)
    assert set(expected["pair"]) == {"told", "assumed"}
    pd.testing.assert_frame_equal(
        found.compute().reset_index(drop=True), expected, check_exact=False, rtol=1e-12
    )
    assert found.dtypes.to_dict() == expected.dtypes.to_dict()


def test_more_pairs_than_workers_keep_are_measured_part_by_part(layers, monkeypatch):
    monkeypatch.setattr("geoinc.distributed.measuring._MOST_PAIRS", 0)
    with dask.config.set(scheduler="threads"):
        found = gd.distances(gd.from_layers(layers, npartitions=3)).compute()
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), gi.distances(layers), check_exact=False, rtol=1e-12
    )


def test_no_impacts_no_distances(layers):
    with dask.config.set(scheduler="threads"):
        found = gd.distances(gd.from_layers(layers, npartitions=3), to="impact").compute()
    assert len(found) == 0
    assert list(found) == list(gi.distances(layers, to="impact"))


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("npartitions", PARTITIONS)
def test_nearest_is_that_of_one_machine(layers, npartitions):
    parts = gd.from_layers(layers, npartitions=npartitions)
    found = gd.nearest(parts, SITES, k=2, max_distance_m=80_000, role="launch")
    expected = gi.nearest(layers, SITES, k=2, max_distance_m=80_000, role="launch")
    assert expected["site"].isna().any()
    pd.testing.assert_frame_equal(
        found.compute(), expected, check_exact=False, rtol=1e-12, check_index_type=False
    )


def test_sites_by_number_where_every_row_has_one(layers):
    placed = gi.Layers(
        layers.launches,
        layers.targets[layers.targets["place_id"] != ""],
        layers.impacts,
        layers.places,
    )
    sites = SITES.set_axis([1, 2, 3])
    with dask.config.set(scheduler="threads"):
        found = gd.nearest(gd.from_layers(placed, npartitions=3), sites).compute()
    expected = gi.nearest(placed, sites).astype({"site": object})
    pd.testing.assert_frame_equal(
        found, expected, check_exact=False, rtol=1e-12, check_index_type=False
    )


def knox_of(verb, source, **asked):
    return verb(
        source, permutations=39, rng=3, distances_m=(2_000, 30_000, 60_000), precise_m=20_000,
        **asked,
    )  # fmt: skip


def assert_same_knox(found, expected):
    pd.testing.assert_frame_equal(found.table, expected.table, check_exact=False, rtol=1e-12)
    for name in ("p", "seed", "method", "warnings", "n_precise", "n_imprecise"):
        assert getattr(found, name) == getattr(expected, name)


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("npartitions", PARTITIONS)
def test_knox_pairs_cross_partitions(layers, npartitions):
    expected = knox_of(gi.stats.knox, layers, samples=2)
    assert expected.n_precise > 0 < expected.n_imprecise
    parts = gd.from_layers(layers, npartitions=npartitions)
    assert_same_knox(knox_of(gd.knox, parts, samples=2), expected)


def test_a_worker_lost_with_its_events_changes_nothing(layers, monkeypatch):
    expected = knox_of(gi.stats.knox, layers, samples=2)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as local,
        distributed.Client(local) as client,
    ):

        def after_a_loss(*args, **kwargs):
            # The parts are in the memory of the workers now.
            os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            return worlds_of(*args, **kwargs)

        monkeypatch.setattr("geoinc.distributed.spacetime.worlds_of", after_a_loss)
        found = knox_of(gd.knox, gd.from_layers(layers, npartitions=4), samples=2)
    assert_same_knox(found, expected)


@pytest.mark.parametrize(
    "asked",
    [
        {"uncertainty": "ignore", "role": "launch"},
        {"uncertainty": "precise-only", "window": shapely.box(42, 33, 46, 37)},
    ],
    ids=lambda asked: asked["uncertainty"],
)
def test_knox_of_a_window_or_of_centres(layers, asked):
    expected = knox_of(gi.stats.knox, layers, **asked)
    with dask.config.set(scheduler="threads"):
        found = knox_of(gd.knox, gd.from_layers(layers, npartitions=4), **asked)
    assert_same_knox(found, expected)


WINDOW = shapely.box(42, 32, 46, 37)


def assert_same_density(found, expected):
    for name in ("value", "imprecise", "places"):
        assert getattr(found, name) == pytest.approx(
            getattr(expected, name), rel=1e-12, nan_ok=True
        )
    for name in ("seed", "method", "warnings", "n_precise", "n_imprecise"):
        assert getattr(found, name) == getattr(expected, name)
    assert found.sigma_m == pytest.approx(expected.sigma_m, rel=1e-12)
    # Bounds are kept in single precision.
    assert np.array(found.interval or ()) == pytest.approx(
        np.array(expected.interval or ()), rel=1e-6, nan_ok=True
    )


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("npartitions", PARTITIONS)
def test_density_is_that_of_one_machine(layers, npartitions):
    asked = {"cells": 64, "samples": 5, "rng": 3}
    expected = gi.stats.kernel_density(layers, **asked)
    assert "as densely as precise ones" in expected.method
    parts = gd.from_layers(layers, npartitions=npartitions)
    assert_same_density(gd.density(parts, **asked), expected)


@pytest.mark.parametrize(
    "asked",
    [
        {"even": True, "edge": "diggle", "bandwidth": 30_000.0},
        {"uncertainty": "precise-only", "bandwidth": "cvl", "role": "launch"},
        {"uncertainty": "ignore", "exact": True},
        {"edge": "none"},
    ],
    ids=["even", "precise-only", "exact", "no-edges"],
)
def test_density_of_a_window_however_it_is_asked_for(layers, asked):
    asked = {"cells": 48, "samples": 5, "rng": 3, "window": WINDOW} | asked
    expected = gi.stats.kernel_density(layers, **asked)
    with dask.config.set(scheduler="threads"):
        found = gd.density(gd.from_layers(layers, npartitions=6), **asked)
    assert_same_density(found, expected)
