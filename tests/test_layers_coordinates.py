"""Layers of a million coordinates: discs that hold their circles, accounts that stay."""

import numpy as np
import pandas as pd
import pytest
import shapely

import geoinc as gi
from geoinc.geodesy import direct
from geoinc.geopackage import discs


@pytest.mark.parametrize("number", [500, 100_001])
def test_discs_hold_their_circles_and_little_more(number):
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-170, 170, number), rng.uniform(-75, 75, number)
    radius = 10 ** rng.uniform(1, np.log10(200_000), number)
    found = discs(lon, lat, radius)
    some = rng.integers(0, number, 200)
    azimuths = np.linspace(0, 360, 180, endpoint=False)
    for i in some:
        # Small discs have fewer corners, which lie farther outside.
        wider = 1.021 if radius[i] <= 1275 else 1.0065 if radius[i] <= 5150 else 1.003
        inside = shapely.Polygon(np.column_stack(direct(lon[i], lat[i], azimuths, radius[i])))
        outside = shapely.Polygon(
            np.column_stack(direct(lon[i], lat[i], azimuths, radius[i] * wider / 0.9998))
        )
        assert found[i].contains(inside)
        assert outside.contains(found[i])
        assert found[i].exterior.is_ccw
        # The same in whatever company: equal id, equal footprint.
        assert found[i].equals(discs(lon[[i]], lat[[i]], radius[[i]])[0])
    edges = discs(np.array([179.99, 10, 0]), np.array([0, 80.0, 0]), np.array([9e3, 9e3, 2e5]))
    assert shapely.is_valid(edges).all()
    assert edges[0].geom_type == "MultiPolygon"


def test_reports_that_are_read_keep_their_accounts():
    table = pd.DataFrame(
        {"target": ["Balad", ""], "longitude": [44.36, 44.36], "latitude": [33.94, 33.94]}
    )
    reports = gi.read_reports(table)
    layers = gi.layers_from_coordinates(reports, uncertainty_m=500)
    assert layers.targets["account"].to_list() == reports["account"].to_list()
    assert layers.targets["place"].to_list() == ["Balad", "33.94, 44.36"]
    assert layers.targets["place_name"].to_list() == ["33.94000, 44.36000"] * 2
    assert layers.targets.attrs["rows"] is reports.attrs["rows"]
    with pytest.raises(gi.SchemaError, match="uncertainty_m=500, in metres"):
        gi.layers_from_coordinates(reports)
    assert len(gi.layers_from_coordinates(reports.head(0), uncertainty_m=500).places) == 0


def test_an_uncertainty_of_half_the_earth_is_none():
    table = pd.DataFrame(
        {"longitude": [1.0] * 3, "latitude": 2.0, "uncertainty_m": [3e7, 5.0, np.inf]}
    )
    targets = gi.layers_from_coordinates(table).targets
    assert targets["place_status"].to_list() == ["unresolved", "resolved", "unresolved"]


def test_reports_in_another_order_keep_their_coordinates():
    table = pd.DataFrame(
        {"name": list("abc"), "longitude": [1.0, 2.0, 3.0], "latitude": [10.0, 20.0, 30.0]}
    )
    reports = gi.read_reports(table).sort_values("latitude", ascending=False)
    layers = gi.layers_from_coordinates(reports, uncertainty_m=500)
    assert layers.targets["name"].to_list() == ["c", "b", "a"]
    assert layers.targets["latitude"].to_list() == [30.0, 20.0, 10.0]
    assert layers.targets.geometry.y.to_list() == [30.0, 20.0, 10.0]
