"""Distances: closed forms of discs and boxes, a stranger's geodesics, pairs as accounts tell them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc
from shapely.geometry import MultiPolygon, Polygon, box

from geoinc.distance import distances
from geoinc.distance.bounds import pair_bounds
from geoinc.distance.spread import lattice
from geoinc.geodesy import direct, disc, enclosing_circle, inverse
from geoinc.places import Place, places_frame
from geoinc.reports import read_reports
from geoinc.schema import LAYER_COLUMNS, Layers
from geoinc.uncertainty import Areas

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


# ---------------------------------------------------------------- bounds and spread of many pairs


def star(longitude, latitude, radius_deg, corners):
    """Return a polygon whose corners lie at given parts of a radius."""
    turn = np.linspace(0, 2 * np.pi, len(corners), endpoint=False)
    out = radius_deg * np.asarray(corners)
    squeeze = np.cos(np.radians(latitude))
    return Polygon(
        np.column_stack([longitude + out * np.sin(turn) / squeeze, latitude + out * np.cos(turn)])
    )


def table_of(*shapes):
    """Return places: a polygon, or longitude, latitude and radius of a disc."""
    places = []
    for i, shape in enumerate(shapes):
        if isinstance(shape, tuple):
            places.append(point(f"p{i}", *shape))
        else:
            longitude, latitude, radius_m = enclosing_circle(shape)
            spot = (longitude, latitude, radius_m, 0.0)
            places.append(Place(f"p{i}", f"p{i}", "province", shape, *spot))
    return places_frame(places)


def bounds_of(*shapes):
    table = table_of(*shapes)
    centre = table[["longitude", "latitude"]].to_numpy()
    apart_m, _ = inverse(*centre[:1].T, *centre[1:].T)
    low_m, high_m = pair_bounds(table, np.array([0]), np.array([1]), apart_m)
    return float(low_m[0]), float(high_m[0])


STARS = st.builds(
    star,
    st.floats(-30, 30),
    st.floats(-70, 70),
    st.floats(0.01, 4),
    st.lists(st.floats(0.2, 1), min_size=3, max_size=9),
)
DISCS = st.tuples(st.floats(-30, 30), st.floats(-70, 70), st.floats(10, 300_000))


@settings(deadline=None, max_examples=60)
@given(STARS | DISCS, STARS | DISCS, st.integers(0, 2**32 - 1))
def test_no_position_is_nearer_or_farther_than_the_bounds(a, b, seed):
    rng = np.random.default_rng(seed)
    low_m, high_m = bounds_of(a, b)
    areas = Areas(table_of(a, b))
    which = np.repeat([0, 1], 400)
    longitude, latitude = areas.positions(which, rng.random((800, 2)), rng.random((800, 2)))
    true, _ = inverse(longitude[:400], latitude[:400], longitude[400:], latitude[400:])
    assert low_m - 0.01 <= true.min()
    assert true.max() <= high_m + 0.01


def edge_points(shape):
    if isinstance(shape, tuple):
        return np.column_stack(direct(shape[0], shape[1], np.linspace(0, 360, 1441), shape[2]))
    return shapely.get_coordinates(shape.segmentize(0.005))


@pytest.mark.parametrize("seed", range(12))
def test_bounds_against_all_points_of_the_edges(seed):
    rng = np.random.default_rng(seed)
    spots = np.column_stack([rng.uniform(40, 47, 2), rng.uniform(30, 37, 2)])
    a, b = (star(*spot, rng.uniform(0.1, 1.5), rng.uniform(0.3, 1, 12)) for spot in spots)
    if seed % 3 == 0:
        b = (*spots[1].tolist(), 30_000.0)
    low_m, high_m = bounds_of(a, b)
    ends_a, ends_b = edge_points(a), edge_points(b)
    true = inverse(*ends_a.T[:, :, None], *ends_b.T[:, None, :])[0]
    apart = not a.intersects(disc(*b) if isinstance(b, tuple) else b)
    least = true.min() if apart else 0.0
    assert max(0.0, least - max(0.01 * least, 50)) <= low_m <= least + 0.01
    assert true.max() - 0.01 <= high_m <= true.max() + max(0.01 * true.max(), 50)


def test_bounds_across_the_antimeridian_and_at_the_pole():
    east = MultiPolygon([box(179, -1, 180, 1), box(-180, -1, -179, 1)])
    low_m, high_m = bounds_of(east, (-178.0, 0.0, 1000.0))
    assert low_m == pytest.approx(DEGREE_M - 1000, abs=60)
    assert high_m == pytest.approx(geodesic((1, 179), (0, -178)).meters + 1000, rel=0.001)
    # Areas that meet at the antimeridian.
    assert bounds_of(box(179, -1, 180, 1), box(-180, -1, -179, 1))[0] == 0
    cap = disc(0, 89, 500_000)
    assert bounds_of(cap, (90.0, 89.5, 1000.0))[0] == 0
    low_m, _ = bounds_of(cap, (0.0, 70.0, 1000.0))
    # A cap is all latitudes down to its lowest point.
    lowest = cap.bounds[1]
    assert low_m == pytest.approx(geodesic((70, 0), (lowest, 0)).meters - 1000, rel=0.001)


def test_the_far_side_of_the_earth():
    low_m, high_m = bounds_of(box(-5, -5, 5, 5), box(170, -10, 180, 10))
    assert high_m == pytest.approx(20_003_931, abs=1)
    assert low_m < 19_000_000


def test_quantiles_in_closed_form():
    # From the centre of a disc the square of the distance is uniform.
    spot, around = point("A", 10, 50, 0.001), point("B", 10, 50, 40_000)
    row = distances(renamed(spot, around)).iloc[0]
    for name, quantile in (("q05_m", 0.05), ("q50_m", 0.5), ("q95_m", 0.95)):
        assert row[name] == pytest.approx(40_000 * np.sqrt(quantile), rel=0.02)
    # Seen from far, a disc is as wide as a half circle weighs: a standard deviation of r / 2.
    far = distances(renamed(spot, point("B", 12, 50, 10_000))).iloc[0]
    assert far["azimuth_mean_deg"] == pytest.approx(far["azimuth_deg"], abs=0.1)
    spread = np.degrees(5_000 / far["distance_m"])
    assert far["azimuth_spread_deg"] == pytest.approx(spread, rel=0.02)
    assert far["q50_m"] == pytest.approx(far["distance_m"], abs=100)


def test_the_lattice_is_that_of_scipy():
    sobol = qmc.Sobol(8, scramble=False).random(128)
    assert lattice(8) == pytest.approx(sobol + 0.5 / 128, abs=1e-12)
    assert (lattice(4) == lattice(8)[:, :4]).all()


def renamed(one, other):
    """Return layers of one attack from one place to another."""
    layers = toy_layers(launch=["A"], target=["B"])
    return Layers(
        layers.launches.assign(place_id=one.place_id),
        layers.targets.assign(place_id=other.place_id),
        layers.impacts,
        places_frame([one, other]),
    )


def test_an_azimuth_around_north_does_not_average_to_south():
    row = distances(renamed(point("A", 0, 0, 10), point("B", 0, 1, 30_000))).iloc[0]
    assert (row["azimuth_mean_deg"] + 180) % 360 == pytest.approx(180, abs=1)
    assert row["azimuth_spread_deg"] < 12


def test_far_quantiles_are_those_of_geodesics():
    row = distances(renamed(point("A", 0, 0, 1), point("B", 170, -5, 1))).iloc[0]
    true = geodesic((0, 0), (-5, 170)).meters
    assert row[["q05_m", "q50_m", "q95_m"]].to_list() == pytest.approx([true] * 3, abs=5)


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(8)), st.integers(1, 8))
def test_figures_do_not_depend_on_order_or_company(order, count):
    names = ["A", "box", "around A", "C", "rough box", "B", "A", "box"]
    launches, targets = names, names[::-1]
    incident = [f"i{i}" for i in range(8)]
    whole = distances(toy_layers(incident=incident, launch=launches, target=targets))
    some = list(order)[:count]
    part = distances(
        toy_layers(
            incident=[incident[i] for i in some],
            launch=[launches[i] for i in some],
            target=[targets[i] for i in some],
        )
    )
    figures = [name for name in COLUMNS if name.endswith(("_m", "_deg"))]
    expected = whole.set_index("incident").loc[part["incident"], figures].to_numpy(dtype=float)
    assert part[figures].to_numpy(dtype=float) == pytest.approx(expected, abs=1e-3, nan_ok=True)


def test_layers_without_their_places():
    layers = toy_layers(launch=["A"], target=["B"])
    bare = Layers(layers.launches, layers.targets, layers.impacts, layers.places.drop(index="B"))
    with pytest.raises(ValueError, match="no place 'B'"):
        distances(bare)
