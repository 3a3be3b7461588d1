"""Sites: the nearest by brute force, chances by closed forms, the antimeridian and the poles."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from test_uncertainty import layers_of, place, round_place

from geoinc.distance import distance_matrix, distances_between, nearest, within
from geoinc.geodesy import direct, disc
from geoinc.layers import layers_from_coordinates


def spots_of(*pairs, labels=None):
    return pd.DataFrame(pairs, columns=["longitude", "latitude"], index=labels)


def points(table, radius_m=1.0):
    return layers_from_coordinates(table, uncertainty_m=radius_m)


def brute(rows, sites):
    return np.array(
        [
            [geodesic((row.latitude, row.longitude), (site.latitude, site.longitude)).meters
             for site in sites.itertuples()]
            for row in rows.itertuples()
        ]
    )  # fmt: skip


WORLD_WIDE = st.lists(
    st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=12, unique=True
)


@settings(deadline=None, max_examples=40)
@given(WORLD_WIDE, WORLD_WIDE, st.integers(1, 4))
def test_nearest_against_brute_force(rows, sites, k):
    rows, sites = spots_of(*rows), spots_of(*sites)
    found = nearest(points(rows), sites, k=k)
    expected = np.sort(brute(rows, sites), axis=1)[:, :k]
    assert found["distance_m"].to_numpy() == pytest.approx(expected.ravel(), abs=1e-3)
    assert (found["rank"] == np.tile(np.arange(expected.shape[1]) + 1, len(rows))).all()
    own = distance_matrix(points(rows), sites)
    assert own.to_numpy() == pytest.approx(brute(rows, sites), abs=1e-3)
    measured = [own.loc[row, site] for row, site in found["site"].items()]
    assert found["distance_m"].to_numpy() == pytest.approx(np.array(measured), abs=1e-9)


def test_nearest_where_straight_distances_mislead():
    # From the equator 3,000 km east and 3,000 km north: the chords differ less than the geodesics.
    rng = np.random.default_rng(0)
    rows = spots_of(*zip(rng.uniform(-5, 5, 40), rng.uniform(-5, 5, 40), strict=True))
    turn = rng.uniform(0, 360, 300)
    sites = spots_of(*np.column_stack(direct(0, 0, turn, rng.normal(3e6, 300, 300))))
    sites.loc[300] = sites.loc[7]
    found = nearest(points(rows), sites, k=3)
    expected = np.sort(distance_matrix(points(rows), sites).to_numpy(), axis=1)[:, :3]
    assert found["distance_m"].to_numpy() == pytest.approx(expected.ravel(), abs=1e-9)
    # Of two sites at one spot the first of the table.
    here = nearest(points(sites.iloc[[7]]), sites, k=2)
    assert here["site"].to_list() == [7, 300]


def test_rows_without_a_site_stay():
    layers = layers_of([round_place("A")], [], ["A", "", "A"])
    sites = spots_of((44.0, 33.5), (50.0, 33.0), labels=[3, 9])
    found = nearest(layers, sites, k=2, max_distance_m=100_000)
    assert found.index.to_list() == [f"i{i}:target:1" for i in range(3)]
    assert found["site"].to_list() == [3, None, 3] or found["site"].isna().to_list() == [
        False,
        True,
        False,
    ]
    assert found["distance_m"].isna().to_list() == [False, True, False]
    assert (found["rank"] == 1).all()
    none = nearest(layers, sites, max_distance_m=1.0)
    assert len(none) == 3
    assert none["site"].isna().all()
    assert distance_matrix(layers, sites).iloc[1].isna().all()
    assert within(layers, sites, 1e6).iloc[1].isna().all()
    assert len(nearest(layers, sites, role="launch")) == 0
    assert distance_matrix(layers, sites, role="launch").shape == (0, 2)
    assert within(layers, sites, 1.0, role="launch").shape == (0, 2)


def test_probability_of_the_nearest():
    # On the line between two sites either is as likely; a third of the way to it, the closed form.
    sites = spots_of((-1.0, 0.0), (1.0, 0.0), (0.0, 40.0), labels=["west", "east", "far"])
    for off, share in ((0.0, 0.5), (1 / 3, 1 - (np.arccos(1 / 3) - np.sqrt(8) / 9) / np.pi)):
        layers = layers_of([round_place("A", 30_000 * off / 111_319.5, 0.0, 30_000.0)], [], ["A"])
        found = nearest(layers, sites, k=3).set_index("site")["probability"]
        assert found["east"] == pytest.approx(share, abs=0.02)
        assert found["west"] == pytest.approx(1 - share, abs=0.02)
        assert found["far"] == 0
    sure = nearest(layers_of([round_place("A", 0.5, 0.0, 30_000.0)], [], ["A"]), sites)
    assert sure["probability"].to_list() == [1.0]
    assert nearest(points(spots_of((5.0, 5.0))), sites.iloc[:1])["probability"].to_list() == [1.0]


def overlap(apart, r_1, r_2):
    """Area that two circles share (the lens)."""
    a = (apart**2 + r_1**2 - r_2**2) / (2 * apart * r_1)
    b = (apart**2 + r_2**2 - r_1**2) / (2 * apart * r_2)
    kite = np.sqrt(
        (-apart + r_1 + r_2) * (apart + r_1 - r_2) * (apart - r_1 + r_2) * (apart + r_1 + r_2)
    )
    return r_1**2 * np.arccos(a) + r_2**2 * np.arccos(b) - kite / 2


@pytest.mark.parametrize("reach_m", [12_000.0, 20_000.0, 28_000.0])
def test_within_is_the_share_of_the_disc(reach_m):
    sites = spots_of(np.hstack(direct(44, 33, 70, 20_000)), (60.0, 33.0), (44.0, 33.0))
    layers = layers_of([round_place("A", radius_m=10_000.0)], [], ["A"])
    chance = within(layers, sites, reach_m).iloc[0]
    share = overlap(20_000.0, 10_000.0, reach_m) / (np.pi * 10_000.0**2)
    assert chance.to_list() == pytest.approx([share, 0, 1], abs=0.03)


def test_within_a_polygon():
    box = place("box", disc(44, 33, 50_000).envelope, radius_m=71_000.0)
    layers = layers_of([box], [], ["box"])
    chance = within(layers, spots_of((44.0, 33.0)), 40_000.0).iloc[0, 0]
    assert chance == pytest.approx(np.pi * 40**2 / 100**2, abs=0.03)


def test_within_at_the_very_edge():
    sites = spots_of((0.0, 0.0))
    edge = distance_matrix(points(spots_of((7.0, 3.0)), 1e-6), sites).iloc[0, 0]
    for off, chance in ((-0.01, 0), (0.01, 1)):
        assert within(points(spots_of((7.0, 3.0)), 1e-6), sites, edge + off).iloc[0, 0] == chance


def test_across_the_antimeridian_and_at_the_pole():
    sites = spots_of((-179.9, 0.0), (170.0, 0.0), (0.0, 89.9), labels=["east", "west", "north"])
    rows = spots_of((179.95, 0.0), (123.0, 89.0))
    found = nearest(points(rows), sites)
    assert found["site"].to_list() == ["east", "north"]
    assert found["distance_m"].iloc[0] == pytest.approx(0.15 * 111_319.49, abs=1)
    layers = layers_of([round_place("A", 180.0, 0.0, 20_000.0)], [], ["A"])
    chance = within(layers, spots_of((180.0, 0.0), (-180.0, 0.0)), 10_000.0)
    assert chance.iloc[0].to_list() == pytest.approx([0.25, 0.25], abs=0.02)


def test_sites_may_be_points():
    spots = gpd.GeoDataFrame(geometry=gpd.points_from_xy([44.0], [34.0]), index=["a"], crs=4326)
    layers = points(spots_of((44.0, 33.0)))
    expected = geodesic((33, 44), (34, 44)).meters
    assert distance_matrix(layers, spots).loc[:, "a"].to_list() == pytest.approx([expected])
    assert distance_matrix(layers, spots.to_crs(3857))["a"].to_list() == pytest.approx([expected])
    assert distance_matrix(layers, layers.places).to_numpy() == pytest.approx(0)


def test_bad_sites():
    layers = points(spots_of((44.0, 33.0)))
    for function, more in ((nearest, ()), (distance_matrix, ()), (within, (1000.0,))):
        with pytest.raises(ValueError, match="'b' has no coordinates on earth"):
            function(layers, spots_of((44.0, 33.0), (44.0, 330.0), labels=["a", "b"]), *more)
        with pytest.raises(ValueError, match="no sites"):
            function(layers, spots_of(), *more)
        with pytest.raises(ValueError, match="neither columns"):
            function(layers, pd.DataFrame({"x": [1.0]}), *more)
        with pytest.raises(ValueError, match="'origin' is not a role"):
            function(layers, spots_of((1.0, 1.0)), *more, role="origin")
    with pytest.raises(ValueError, match="k=0"):
        nearest(layers, spots_of((1.0, 1.0)), k=0)
    for distance_m in (0.0, -5.0, float("nan")):
        with pytest.raises(ValueError, match="more than 0"):
            within(layers, spots_of((1.0, 1.0)), distance_m)


# ---------------------------------------------------------------- row by row


def test_row_by_row_against_geopy():
    rng = np.random.default_rng(1)
    starts, ends = (
        pd.DataFrame(
            {"longitude": rng.uniform(-180, 180, 50), "latitude": rng.uniform(-90, 90, 50)}
        )
        for _ in range(2)
    )
    table = distances_between(starts, ends)
    assert table["distance_m"].to_numpy() == pytest.approx(np.diag(brute(starts, ends)), abs=1e-3)
    assert table["azimuth_deg"].between(0, 360).all()
    assert (table["fault"] == "").all()
    with pytest.raises(ValueError, match="different indexes"):
        distances_between(starts, ends.iloc[::-1])


def test_what_cannot_be_is_flagged_and_stays():
    starts = spots_of((44.0, 33.0), (1355.0, 4248.0), (44.0, np.nan), (44.0, 33.0))
    ends = spots_of((45.0, 33.0), (12.0, 45.0), (45.0, 33.0), (144.0, -33.0))
    table = distances_between(starts, ends, max_distance_m=2e6)
    assert table["fault"].to_list() == [
        "", "the start is not on earth", "the start is missing", "farther than 2000 km",
    ]  # fmt: skip
    assert table["distance_m"].isna().to_list() == [False, True, True, False]


def test_real_missions(shared_data):
    """Take-off base and target: geopy's distances; what cannot be is flagged, not dropped."""
    missions = pd.read_csv(shared_data / "thor_1943" / "launch_target_sample500.csv")
    starts, ends = (
        missions[[f"{end}_longitude", f"{end}_latitude"]].set_axis(
            ["longitude", "latitude"], axis="columns"
        )
        for end in ("takeoff", "target")
    )
    on_earth = (starts["latitude"].abs() <= 90) & (starts["longitude"].abs() <= 180)
    assert list(missions.index[~on_earth]) == [4, 300]  # degrees and minutes as one figure
    expected = np.array(
        [
            geodesic((a.latitude, a.longitude), (b.latitude, b.longitude)).meters
            for a, b in zip(starts[on_earth].itertuples(), ends[on_earth].itertuples(), strict=True)
        ]
    )
    # The data do not say which of the far pairs are wrong, so the limit is the user's: six rows
    # are flagged with 2,000 km, of which two, from Egypt to Tunisia, may be right.
    for limit_m, flagged in ((2e6, 6), (3e6, 4)):
        table = distances_between(starts, ends, max_distance_m=limit_m)
        assert len(table) == 500
        assert (table["fault"] != "").sum() == flagged
        assert (table.loc[~on_earth, "fault"] == "the start is not on earth").all()
        far = table.loc[on_earth, "fault"] == f"farther than {limit_m / 1000:.0f} km"
        assert (far == (expected > limit_m)).all()
        assert table.loc[on_earth, "distance_m"].to_numpy() == pytest.approx(expected, abs=1e-3)
