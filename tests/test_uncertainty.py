"""Possible worlds: closed forms of discs, true areas, and draws that depend on nothing but their key."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinc.distance import distances
from geoinc.geodesy import area_km2, disc, ring, sector
from geoinc.places import Place, places_frame
from geoinc.schema import LAYER_COLUMNS, Layers
from geoinc.uncertainty import Areas, propagate, sample

RADIUS_M = 20_000.0


def place(name, footprint, centre=(44.0, 33.0), radius_m=1e6, error_m=0.0, **more):
    more.setdefault("shape", "polygon")
    return Place(name, name, "town", footprint, *centre, radius_m, error_m, **more)


def round_place(name, longitude=44.0, latitude=33.0, radius_m=RADIUS_M, error_m=0.0):
    return place(
        name, disc(longitude, latitude, radius_m), (longitude, latitude), radius_m, error_m,
        shape=f"disc radius_m={radius_m}",
    )  # fmt: skip


def layers_of(places, launches, targets, status="resolved"):
    """Return layers of incidents, each with a launch and a target; "" is no place."""
    made = []
    incident = [f"i{i}" for i in range(max(len(launches), len(targets)))]
    by_id = {place.place_id: place for place in places}
    for role, ids in (("launch", launches), ("target", targets), ("impact", [])):
        known = [by_id.get(name) for name in ids]
        table = pd.DataFrame(
            {
                "account": incident[: len(ids)], "incident": incident[: len(ids)], "role": role,
                "standing": "counted", "place_status": status, "weight": 1.0, "place_id": ids,
                "place_name": ids,
                "longitude": [spot.longitude if spot else np.nan for spot in known],
                "latitude": [spot.latitude if spot else np.nan for spot in known],
                "uncertainty_m": [spot.uncertainty_m if spot else np.nan for spot in known],
            },
        ).reindex(columns=["account", "incident", "standing", *LAYER_COLUMNS])  # fmt: skip
        table.index = pd.Index([f"i{i}:{role}:1" for i in range(len(ids))], name="row")
        made.append(gpd.GeoDataFrame(table, geometry=[None] * len(ids), crs=4326))
    return Layers(*made, places=places_frame(places))


def spots(layer):
    return layer[["longitude", "latitude"]].to_numpy(dtype=float)


def away_m(layer, longitude=44.0, latitude=33.0):
    return np.array(
        [geodesic((latitude, longitude), (lat, lon)).meters for lon, lat in spots(layer)]
    )


def test_a_disc_is_filled_evenly():
    layers = layers_of([round_place("A")], [], ["A"] * 4000)
    out = away_m(sample(layers, rng=1).targets) / RADIUS_M
    assert out.max() <= 1 + 1e-9
    # Uniform in a disc: the square of the distance from the centre is uniform from 0 to 1.
    assert np.sort(out**2) == pytest.approx((np.arange(4000) + 0.5) / 4000, abs=0.025)


def test_two_rows_in_one_disc_are_independent():
    layers = layers_of([round_place("A")], ["A"] * 4000, ["A"] * 4000)
    world = sample(layers, rng=2)
    measured = distances(world)["distance_m"]
    # Mean distance of two points in a disc: 128 r / (45 pi).
    assert measured.mean() == pytest.approx(128 / (45 * np.pi) * RADIUS_M, rel=0.02)


def test_rows_that_name_a_place_share_its_position_error():
    # Known to 20 km and without extent: nobody knows where, but it is one place.
    layers = layers_of([round_place("A", error_m=RADIUS_M)], ["A"] * 5, ["A"] * 5)
    world = sample(layers, rng=3)
    assert len(np.unique(spots(world.targets).round(9), axis=0)) == 1
    assert spots(world.targets) == pytest.approx(spots(world.launches))
    centres = [away_m(sample(layers, rng=seed).targets.iloc[:1])[0] for seed in range(200)]
    assert np.mean(centres) == pytest.approx(2 / 3 * RADIUS_M, rel=0.08)
    assert max(centres) <= RADIUS_M * (1 + 1e-9)


def test_error_and_extent_stay_inside_the_footprint():
    layers = layers_of([round_place("A", error_m=5000.0)], [], ["A"] * 2000)
    out = away_m(sample(layers, rng=4).targets)
    assert 0.7 * RADIUS_M < out.max() <= RADIUS_M * (1 + 1e-9)


@pytest.mark.parametrize(
    ("shape", "footprint"),
    [
        ("ring inner_m=8000 outer_m=20000", ring(44, 33, 8_000, 20_000)),
        (
            "sector azimuth_deg=350 half_angle_deg=30 inner_m=5000 outer_m=20000",
            sector(44, 33, 350, 30, 20_000, inner_m=5_000),
        ),
    ],
)
def test_simple_shapes_by_their_figures(shape, footprint):
    layers = layers_of([place("A", footprint, shape=shape)], [], ["A"] * 3000)
    exact = sample(layers, rng=5).targets
    assert shapely.contains_xy(footprint, spots(exact)).all()
    # The same area without its figures: cut into triangles, and filled as evenly.
    rough = sample(layers_of([place("A", footprint)], [], ["A"] * 3000), rng=6).targets
    for quantile in (0.1, 0.5, 0.9):
        assert np.quantile(away_m(exact), quantile) == pytest.approx(
            np.quantile(away_m(rough), quantile), abs=400
        )
    assert spots(exact).mean(axis=0) == pytest.approx(spots(rough).mean(axis=0), abs=0.01)


TALL = shapely.Polygon([(10, 50), (40, 50), (20, 80), (12, 75), (14, 60)])
HOLED = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 9, 8))
ACROSS = disc(179.9, 10, 100_000)
POLAR = disc(30, 88, 400_000)


@pytest.mark.parametrize(
    "footprint", [TALL, HOLED, ACROSS, POLAR], ids=["tall", "hole", "180", "pole"]
)
def test_polygons_are_filled_by_true_area(footprint):
    layers = layers_of([place("A", footprint)], [], ["A"] * 8000)
    drawn = spots(sample(layers, rng=7).targets)
    # An edge straight in degrees bends where areas are true, by 3 m at most.
    assert shapely.dwithin(footprint, shapely.points(drawn), 3e-5).all()
    west, south, east, north = footprint.bounds
    for part in (
        shapely.box(west, south, (west + east) / 2, north),
        shapely.box(west, (south + north) / 2, east, north),
    ):
        share = area_km2(footprint.intersection(part)) / area_km2(footprint)
        assert shapely.contains_xy(part, drawn).mean() == pytest.approx(share, abs=0.02)


def test_a_draw_depends_on_its_row_alone():
    places = [round_place("A"), place("B", shapely.box(40, 30, 42, 31), error_m=100.0)]
    layers = layers_of(places, ["A", "B"] * 20, ["B", "A"] * 20)
    world = sample(layers, rng=8)
    order = np.random.default_rng(0).permutation(40)
    shuffled = Layers(
        layers.launches.iloc[order],
        layers.targets.iloc[:7],
        layers.impacts,
        layers.places.iloc[::-1],
    )
    again = sample(shuffled, rng=8)
    assert spots(again.launches) == pytest.approx(spots(world.launches)[order], abs=1e-9)
    assert spots(again.targets) == pytest.approx(spots(world.targets)[:7], abs=1e-9)
    assert not np.allclose(spots(sample(layers, rng=9).launches), spots(world.launches))
    # A launch and a target, and two rows, differ.
    assert len(np.unique(np.vstack([spots(world.launches), spots(world.targets)]), axis=0)) == 80


def test_a_position_in_an_outline_is_the_same_in_whatever_company():
    outlines = [TALL, HOLED] + [shapely.box(i, 0, i + 0.7, 1).union(TALL) for i in range(200)]
    places = places_frame([place(f"P{i}", outline) for i, outline in enumerate(outlines)])
    rng = np.random.default_rng(5)
    which = np.repeat(np.arange(len(places)), 20)
    numbers, shared = rng.random((len(which), 2)), rng.random((len(which), 2))
    together = Areas(places).positions(which, numbers, shared)
    of_last = which >= 190
    alone = Areas(places.iloc[190:]).positions(
        which[of_last] - 190, numbers[of_last], shared[of_last]
    )
    assert np.array_equal(alone, np.array(together)[:, of_last])


def test_a_world_is_layers():
    layers = layers_of([round_place("A")], ["A", ""], ["A", "A"])
    world = sample(layers, rng=1)
    assert world.launches.index.equals(layers.launches.index)
    assert world.launches["place_id"].iloc[1] == ""
    assert world.launches.geometry.iloc[1] is None
    assert world.launches["longitude"].isna().to_list() == [False, True]
    assert (world.targets["uncertainty_m"] == 0).all()
    assert world.targets["place_id"].isin(world.places.index).all()
    row = distances(world).iloc[0]
    assert row["low_m"] == row["distance_m"] == row["high_m"]
    assert row["q50_m"] == row["distance_m"]


def test_a_hinted_area_is_drawn_from():
    layers = layers_of([round_place("A")], [], ["A"] * 3, status="unresolved")
    hinted = Layers(
        layers.launches, layers.targets.assign(place_match="hint"), layers.impacts, layers.places
    )
    world = sample(hinted, rng=1)
    assert len(np.unique(spots(world.targets), axis=0)) == 3
    assert (world.targets["place_status"] == "unresolved").all()


def test_a_generator_moves_on():
    layers = layers_of([round_place("A")], [], ["A"])
    rng = np.random.default_rng(1)
    assert (spots(sample(layers, rng=rng).targets) != spots(sample(layers, rng=rng).targets)).all()
    with pytest.raises(TypeError, match="'1'"):
        sample(layers, rng="1")


def test_bad_layers():
    layers = layers_of([round_place("A")], [], ["A"])
    with pytest.raises(ValueError, match="'A'"):
        sample(
            Layers(layers.launches, layers.targets, layers.impacts, layers.places.iloc[:0]), rng=1
        )
    flat = place("A", shapely.Polygon([(0, 0), (1, 1), (0, 0)]))
    with pytest.raises(ValueError, match="no area"):
        sample(layers_of([flat], [], ["A"]), rng=1)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**64 - 1), st.floats(-179, 179), st.floats(-80, 80), st.floats(1, 1e6))
def test_any_disc_holds_its_draws(seed, longitude, latitude, radius_m):
    layers = layers_of([round_place("A", longitude, latitude, radius_m)], [], ["A"] * 20)
    out = away_m(sample(layers, rng=seed).targets, longitude, latitude)
    assert (out <= radius_m * (1 + 1e-9) + 1e-6).all()


# ---------------------------------------------------------------- propagate


LAYERS = layers_of([round_place("A"), round_place("B", 45.0)], ["A"] * 3, ["B"] * 3)


def test_kinds_of_results():
    number = propagate(
        lambda world: float(world.targets["longitude"].mean()), LAYERS, samples=20, rng=1
    )
    array = propagate(lambda world: spots(world.targets), LAYERS, samples=20, rng=1)
    series = propagate(lambda world: world.targets["longitude"], LAYERS, samples=20, rng=1)
    table = propagate(
        lambda world: world.targets[["place_name", "longitude"]], LAYERS, samples=20, rng=1
    )
    for result, count in ((number, 1), (array, 6), (series, 3), (table, 3)):
        assert list(result.table.columns) == ["mean", "sd", "q05", "q50", "q95", "samples"]
        assert result.draws.shape == (20, count)
    assert series.table.index.equals(LAYERS.targets.index)
    assert series.draws.to_numpy() == pytest.approx(table.draws.to_numpy())
    assert number.draws[0].to_numpy() == pytest.approx(series.draws.mean(axis=1).to_numpy())
    assert array.draws[1, 0].to_numpy() == pytest.approx(series.draws.iloc[:, 1].to_numpy())
    assert series.table["q50"].to_numpy() == pytest.approx(np.median(series.draws, axis=0))


def test_more_samples_go_on_where_fewer_stopped():
    few, many = (
        propagate(lambda world: world.targets["longitude"], LAYERS, samples=samples, rng=4).draws
        for samples in (5, 30)
    )
    pd.testing.assert_frame_equal(few, many.head(5))


def test_quantiles_of_a_known_law():
    layers = layers_of([round_place("A")], [], ["A"])
    result = propagate(
        lambda world: away_m(world.targets)[0] / RADIUS_M, layers, samples=399, rng=1,
        quantiles=(0.1, 0.5, 0.975),
    )  # fmt: skip
    expected = np.sqrt([0.1, 0.5, 0.975])
    assert result.table.loc[0, ["q10", "q50", "q97.5"]].to_numpy() == pytest.approx(
        expected, abs=0.04
    )
    assert result.table.loc[0, "mean"] == pytest.approx(2 / 3, abs=0.04)


def test_a_value_that_some_worlds_lack():
    def east(world):
        return world.targets.loc[world.targets["longitude"] > 45, "longitude"]

    table = propagate(east, LAYERS, samples=200, rng=1).table
    assert table["samples"].between(70, 130).all()
    assert (table["q05"] >= 45).all()


def test_what_cannot_be_summed_up():
    with pytest.raises(ValueError, match="samples=0"):
        propagate(len, LAYERS, samples=0, rng=1)
    with pytest.raises(ValueError, match="quantiles"):
        propagate(len, LAYERS, rng=1, quantiles=(5, 95))
    with pytest.raises(TypeError, match="str"):
        propagate(lambda _: "far", LAYERS, samples=2, rng=1)
    with pytest.raises(ValueError, match="twice"):
        propagate(lambda _: pd.Series([1, 2], index=["a", "a"]), LAYERS, samples=2, rng=1)


def test_quantiles_of_distances_are_those_of_worlds():
    box = place("box", shapely.box(43.5, 33.2, 44.5, 34.0), (44.0, 33.6), 70_000.0)
    layers = layers_of([box, round_place("B", 45.0)], ["box"] * 4000, ["B"] * 4000)
    told = distances(layers).iloc[0]
    # One world of many incidents between the same areas is as good as many worlds of one.
    drawn = distances(sample(layers, rng=1))
    off = 0.05 * (told["high_m"] - told["low_m"])
    for name, quantile in (("q05_m", 0.05), ("q50_m", 0.5), ("q95_m", 0.95)):
        assert told[name] == pytest.approx(drawn["distance_m"].quantile(quantile), abs=off)
    assert drawn["distance_m"].between(told["low_m"], told["high_m"]).all()
    turn = np.exp(1j * np.radians(drawn["azimuth_deg"])).mean()
    assert told["azimuth_mean_deg"] == pytest.approx(np.degrees(np.angle(turn)) % 360, abs=3)
    spread = np.degrees(np.sqrt(-2 * np.log(abs(turn))))
    assert told["azimuth_spread_deg"] == pytest.approx(spread, rel=0.1)


def test_areas_of_nothing():
    assert len(Areas(places_frame([])).centre) == 0
