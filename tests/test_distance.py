"""Distances: closed forms of discs and boxes, a stranger's geodesics, pairs as accounts tell them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from geoinc.distance import distances
from geoinc.geodesy import direct, disc
from geoinc.places import Place, places_frame
from geoinc.reports import read_reports
from geoinc.schema import LAYER_COLUMNS, Layers

COLUMNS = [
    "incident", "account", "launch_row", "target_row", "launch_place", "target_place",
    "distance_m", "low_m", "q05_m", "q50_m", "q95_m", "high_m",
    "azimuth_deg", "azimuth_mean_deg", "azimuth_spread_deg", "coverage", "pair",
]  # fmt: skip


def point(name, longitude, latitude, radius_m, **more):
    """Return a place that is a disc."""
    return Place(
        name, name, "town", disc(longitude, latitude, radius_m), longitude, latitude, radius_m, 0.0,
        shape=f"disc radius_m={radius_m}", **more,
    )  # fmt: skip


def area(name, west, south, east, north, **more):
    """Return a place that is a box of degrees."""
    centre = (west + east) / 2, (south + north) / 2
    return Place(name, name, "province", box(west, south, east, north), *centre, 1e5, 0.0, **more)


#: On and beside the equator, where a degree is 111,319.49 m (WGS84) from west to east.
DEGREE_M = 111_319.4908
WORLD = {
    place.name: place
    for place in (
        point("A", 0, 0, 1000),
        point("B", 1, 0, 2000),
        point("far B", 1, 0, 5000, coverage=0.95),
        point("C", 0, 1, 500),
        area("box", 2, -1, 4, 1),
        area("rough box", 2, -1, 4, 1, boundary_error_m=3000),
        area("around A", -1, -1, 1, 1),
    )
}


def toy_layers(**columns):
    """Return layers of reports whose places are names of the toy world; launch, target, impact."""
    reports = read_reports(pd.DataFrame(columns))
    layers = []
    for role in ("launch", "target", "impact"):
        rows = reports.iloc[:0] if role not in reports else reports
        names = rows[role] if role in reports else pd.Series(dtype="str")
        known = names.isin(WORLD).to_numpy(dtype=bool)
        layer = rows.assign(
            role=role,
            part=1,
            place=names,
            place_status=np.where(known, "resolved", "not told"),
            place_id=names.where(known, ""),
            place_name=names.where(known, ""),
            weight=rows.get("weights", pd.Series(1.0, index=rows.index)),
        ).reindex(columns=[*reports.columns, *LAYER_COLUMNS])
        layer.index = pd.Index(rows["account"] + f":{role}:1", name="row", dtype=object)
        layers.append(gpd.GeoDataFrame(layer, geometry=[None] * len(layer), crs=4326))
    return Layers(*layers, places=places_frame(WORLD.values()))


def measure(launch, target):
    return distances(toy_layers(launch=[launch], target=[target])).iloc[0]


def test_two_discs():
    row = measure("A", "B")
    assert row["distance_m"] == pytest.approx(DEGREE_M, abs=0.01)
    assert row["low_m"] == pytest.approx(DEGREE_M - 3000, abs=0.01)
    assert row["high_m"] == pytest.approx(DEGREE_M + 3000, abs=0.01)
    assert row["azimuth_deg"] == pytest.approx(90)
    assert row["coverage"] == 1
    assert measure("B", "A")["azimuth_deg"] == pytest.approx(270)
    assert measure("A", "C")["azimuth_deg"] == pytest.approx(0)
    assert measure("A", "far B")["coverage"] == 0.95


def test_discs_that_meet():
    row = measure("B", "far B")
    assert row[["distance_m", "low_m"]].to_list() == [0, 0]
    assert row["high_m"] == pytest.approx(7000)


def test_a_disc_and_a_box():
    row = measure("A", "box")
    assert row["distance_m"] == pytest.approx(3 * DEGREE_M, abs=0.01)
    # West edge of the box less the radius; its far corners, seen along the geodesic, plus it.
    assert row["low_m"] == pytest.approx(2 * DEGREE_M - 1000, rel=0.005)
    corner = geodesic((0, 0), (1, 4)).meters
    assert row["high_m"] == pytest.approx(corner + 1000, rel=0.005)


def test_the_error_of_a_boundary_widens_the_bounds():
    plain, rough = measure("A", "box"), measure("A", "rough box")
    assert plain["low_m"] - rough["low_m"] == pytest.approx(3000)
    assert rough["high_m"] - plain["high_m"] == pytest.approx(3000)
    assert rough["distance_m"] == plain["distance_m"]


def test_a_place_inside_an_area():
    row = measure("around A", "A")
    assert row["low_m"] == 0
    assert row["high_m"] == pytest.approx(geodesic((0, 0), (1, 1)).meters + 1000, rel=0.005)


@settings(deadline=None, max_examples=40)
@given(
    st.tuples(*[st.floats(-60, 60)] * 4),
    st.floats(0, 360),
    st.floats(0, 360),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_bounds_hold_whatever_point_is_true(spots, turn_1, turn_2, out_1, out_2):
    one = point("one", spots[0], spots[1], 30_000.0)
    other = point("other", spots[2], spots[3], 80_000.0)
    layers = toy_layers(launch=["A"], target=["B"])
    renamed = Layers(
        layers.launches.assign(place_id="one"),
        layers.targets.assign(place_id="other"),
        layers.impacts,
        places_frame([one, other]),
    )
    row = distances(renamed).iloc[0]
    assert row["distance_m"] == pytest.approx(
        geodesic(spots[1::-1], spots[3:1:-1]).meters, abs=1e-3
    )
    a = direct(one.longitude, one.latitude, turn_1, 30_000 * out_1)
    b = direct(other.longitude, other.latitude, turn_2, 80_000 * out_2)
    true = geodesic((float(a[1]), float(a[0])), (float(b[1]), float(b[0]))).meters
    assert row["low_m"] - 0.01 <= true <= row["high_m"] + 0.01


def pairs_of(**columns):
    table = distances(toy_layers(**columns))
    return [
        (row.incident, row.launch_place, row.target_place, row.pair) for row in table.itertuples()
    ]


def test_pairs_are_formed_within_an_account():
    pairs = pairs_of(incident=["a", "b", "c"], launch=["A", "", "B"], target=["B", "A", "?"])
    assert pairs == [("a", "A", "B", "told")]


def test_an_account_borrows_the_side_it_lacks():
    assert pairs_of(incident=["a", "a"], launch=["A", ""], target=["", "B"]) == [
        ("a", "A", "B", "assumed")
    ]
    # The second account confirms the target: nothing new to measure.
    assert pairs_of(incident=["a", "a"], launch=["A", ""], target=["B", "B"]) == [
        ("a", "A", "B", "told")
    ]
    # It names another target: the launch is borrowed.
    assert pairs_of(incident=["a", "a"], launch=["A", ""], target=["B", "C"]) == [
        ("a", "A", "B", "told"),
        ("a", "A", "C", "assumed"),
    ]
    # Two accounts that each tell both sides lend each other nothing.
    assert pairs_of(incident=["a", "a"], launch=["A", "C"], target=["B", "box"]) == [
        ("a", "A", "B", "told"),
        ("a", "C", "box", "told"),
    ]


def test_only_the_best_placed_rows_are_borrowed():
    columns = {"incident": ["a"] * 3, "launch": ["A", "", ""], "target": ["", "B", "around A"]}
    assert pairs_of(**columns, weights=[1.0, 1.0, 0.0]) == [("a", "A", "B", "assumed")]


def test_what_is_not_counted_is_not_measured():
    columns = {"launch": ["A"] * 3, "target": ["B"] * 3, "incident": ["a", "b", "c"]}
    assert pairs_of(**columns, events=["", "dozens", ""], outcome=["", "", "called off"]) == [
        ("a", "A", "B", "told")
    ]


def test_to_the_impact():
    table = distances(toy_layers(launch=["A"], target=["B"], impact=["C"]), to="impact")
    assert table[["launch_place", "impact_place"]].iloc[0].to_list() == ["A", "C"]
    assert table["impact_row"].str.endswith(":impact:1").all()
    with pytest.raises(ValueError, match="'launch'"):
        distances(toy_layers(launch=["A"], target=["B"]), to="launch")


def test_nothing_to_measure():
    for layers in (
        toy_layers(target=["B"]),
        toy_layers(launch=["A"]),
        toy_layers(launch=["?"], target=["B"]),
    ):
        table = distances(layers)
        assert len(table) == 0
        assert list(table.columns) == COLUMNS


def test_rows_and_order():
    columns = {"incident": list("bab"), "launch": ["A", "C", "box"], "target": ["B", "B", "A"]}
    layers = toy_layers(**columns)
    table = distances(layers)
    assert list(table.columns) == COLUMNS
    assert table["incident"].to_list() == ["b", "b", "a"]
    assert set(table["launch_row"]) <= set(layers.launches.index)
    assert (
        layers.launches.loc[table["launch_row"], "account"].to_numpy() == table["account"]
    ).all()


def test_launch_and_target_of_real_missions(shared_data):
    """Take-off base and target of bombing missions, against geopy, on all rows that have both."""
    missions = pd.read_csv(shared_data / "thor_1943" / "launch_target_sample500.csv")
    spots = missions[
        ["takeoff_longitude", "takeoff_latitude", "target_longitude", "target_latitude"]
    ]
    spots = spots.apply(pd.to_numeric, errors="coerce").set_axis(list("abcd"), axis="columns")
    on_earth = (spots.abs() <= [180, 90, 180, 90]).all(axis="columns")
    table = spots[on_earth].drop_duplicates().head(100)
    assert len(table) == 100
    places = [
        point(f"{role} {i}", lon, lat, 1000.0)
        for i, row in enumerate(table.itertuples(index=False))
        for role, lon, lat in (("launch", row.a, row.b), ("target", row.c, row.d))
    ]
    n = len(table)
    base = toy_layers(launch=["A"] * n, target=["B"] * n, incident=[str(i) for i in range(n)])
    layers = Layers(
        base.launches.assign(place_id=[f"launch {i}" for i in range(n)]),
        base.targets.assign(place_id=[f"target {i}" for i in range(n)]),
        base.impacts,
        places_frame(places),
    )
    measured = distances(layers)["distance_m"]
    expected = [
        geodesic((row.b, row.a), (row.d, row.c)).meters for row in table.itertuples(index=False)
    ]
    assert measured.to_numpy() == pytest.approx(np.array(expected), abs=1e-3)
