"""Layers in partitions: the same rows, columns and order as on one machine."""

import geopandas.testing
import pandas as pd
import pytest

import geoinc as gi


@pytest.fixture(scope="module")
def layers():
    table = pd.DataFrame(
        {
            "target": ["Balad air base", "nowhere known", "Diyala", "", "Mosul"],
            "launch": ["Diyala, east of the base", "", "Mosul", "Baghdad", ""],
            "killed": ["2", "", "1-3", "none", "several"],
        }
    )
    return gi.locate(gi.read_reports(table), gi.load_gazetteer())


def assert_same_layers(found, expected, *, check_index_type=True):
    how = {"check_index_type": check_index_type}
    for role in ("launch", "target", "impact"):
        geopandas.testing.assert_geodataframe_equal(found.layer(role), expected.layer(role), **how)
    geopandas.testing.assert_geodataframe_equal(found.places, expected.places, **how)


@pytest.mark.parametrize("npartitions", [1, 2, 5])
def test_layers_in_partitions_are_the_same_layers(layers, npartitions):
    parts = gi.distributed.from_layers(layers, npartitions=npartitions)
    assert parts.targets.npartitions == npartitions
    assert_same_layers(parts.compute(), layers)


def test_a_role_is_one_of_three(layers):
    parts = gi.distributed.from_layers(layers, npartitions=2)
    assert parts.layer("impact") is parts.impacts
    with pytest.raises(ValueError, match="'weapon' is not a role"):
        parts.layer("weapon")
