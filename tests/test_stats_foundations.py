"""What statistics stand on: events, windows, worlds."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

import geoinc as gi
from geoinc import stats
from geoinc.stats import Window, events_of, window_of
from geoinc.stats.events import shared_coordinates
from geoinc.stats.worlds import new_seed, worlds_of
from geoinc.uncertainty.draws import seed_of

IRAQ = shapely.box(40, 30, 48, 37)


@pytest.fixture(scope="module")
def layers():
    table = pd.DataFrame(
        {
            "incident": ["a", "b", "c", "c", "d", "e"],
            "target": [
                "Balad air base",
                "Diyala province",
                "Balad air base",
                "Basra airport",
                "nowhere at all",
                "Erbil airport",
            ],
            "date": ["2021-03-05", "2021-03", "2021-01-01", "2021-01-01", "2021", "2021-04-01"],
            "include": ["", "", "", "", "", "no"],
        }
    )
    return gi.locate(gi.read_reports(table), gi.load_gazetteer())


def test_one_event_per_incident_that_counts_and_has_a_place(layers):
    events = events_of(layers)
    assert list(events.key) == ["a", "b", "c"]
    assert list(events.precise) == [True, False, False]  # c is at either of two places
    assert events.weight.tolist() == [1, 1, 1]
    assert events.notes == ("1 incidents have no place and are left out",)
    assert np.datetime64(int(events.first_day[1]), "D") == np.datetime64("2021-03-01")
    assert np.datetime64(int(events.last_day[1]), "D") == np.datetime64("2021-03-31")


def test_incidents_that_may_be_one_are_told(layers):
    group = layers.targets["incident"].map({"a": "x", "b": "x", "c": "y"}).fillna("")
    targets = layers.targets.assign(possible_incident=group, incident_share=0.5)
    linked = gi.Layers(layers.launches, targets, layers.impacts, layers.places)
    note = "2 incidents may be the same attack as another, and each counts as one"
    assert events_of(linked).notes[1:] == (note,)


@pytest.mark.parametrize(
    "statistic",
    [
        lambda table: stats.k_function(table, window=IRAQ),
        lambda table: stats.knox(table, distances_m=[50_000], days=[7], permutations=9),
        lambda table: stats.area_counts(table, areas=stats.square_grid(IRAQ, size_m=400_000)),
    ],
)
def test_weights_that_are_not_used_are_told(statistic):
    table = gpd.GeoDataFrame(
        {"date": pd.Timestamp("2021-03-01") + pd.to_timedelta(range(8), unit="D")},
        geometry=shapely.points(np.linspace(41, 47, 8), np.linspace(31, 36, 8)),
        crs=4326,
    )
    tenths = np.add.reduceat(np.full(10, 0.1), [0])[0]  # not quite 1
    assert not any("weight" in note for note in statistic(table.assign(weight=tenths)).warnings)
    halves = table.assign(weight=[0.5, 0.5, *[1.0] * 6])
    note = "2 of 8 events have a weight other than 1; here each counts as one"
    assert note in statistic(halves).warnings


def test_worlds_are_those_of_sample(layers):
    events = events_of(layers)
    world = events.world(0, seed=seed_of(7))
    row = gi.sample(layers, rng=7).targets.set_index("incident").loc["b"]
    assert world.longitude[1] == pytest.approx(row["longitude"], abs=1e-12)
    assert world.latitude[1] == pytest.approx(row["latitude"], abs=1e-12)


def test_an_incident_at_two_places_is_at_either(layers):
    events = events_of(layers)
    south = [events.world(number, seed=1).latitude[2] < 32 for number in range(200)]
    assert 70 < sum(south) < 130


def test_days_are_sampled_evenly(layers):
    events = events_of(layers)
    days = [events.world(number, seed=1).first_day[1] for number in range(2000)]
    counts = np.bincount((np.array(days) - events.first_day[1]).astype(int), minlength=31)
    assert len(counts) == 31
    assert ((counts - 2000 / 31) ** 2 / (2000 / 31)).sum() < 60  # chi-squared, 30 df, p = 0.001


def test_the_event_of_a_subset_is_the_same(layers):
    events = events_of(layers)
    alone = events.where(~events.precise)
    both = events.world(3, seed=9)
    assert alone.world(3, seed=9).longitude.tolist() == both.longitude[1:].tolist()


def test_points_with_a_radius_and_polygons_are_areas():
    shapes = [shapely.Point(44, 33), shapely.Point(44, 33.5), shapely.box(43, 33, 44, 34)]
    table = gpd.GeoDataFrame({"uncertainty_m": [0, 30_000, np.nan]}, geometry=shapes, crs=4326)
    events = events_of(table)
    assert events.precise.tolist() == [True, False, False]
    worlds = [events.world(number, seed=1) for number in range(100)]
    assert all(world.longitude[0] == 44 for world in worlds)
    away = [
        Geod(ellps="WGS84").inv(44, 33.5, world.longitude[1], world.latitude[1])[2]
        for world in worlds
    ]
    assert 25_000 < max(away) <= 30_000
    assert all(43 <= world.longitude[2] <= 44 for world in worlds)


def test_days_that_are_none_are_told():
    table = gpd.GeoDataFrame(
        {"date": ["2021-03-05", "soon"]}, geometry=[shapely.Point(44, 33)] * 2, crs=4326
    )
    with pytest.raises(ValueError, match="'date' does not hold days"):
        events_of(table)


def test_points_in_metres_are_read_by_their_crs():
    table = gpd.GeoDataFrame(geometry=[shapely.Point(44, 33)], crs=4326).to_crs(32638)
    events = events_of(table)
    assert events.longitude[0] == pytest.approx(44, abs=1e-9)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (([400_000.0], [3_600_000.0]), "not in degrees"),
        (([np.nan], [33.0]), "no coordinates"),
        (gpd.GeoDataFrame(geometry=[shapely.Point(44, 33)]), "no CRS"),
    ],
)
def test_what_are_no_degrees_is_refused(source, why):
    with pytest.raises(ValueError, match=why):
        events_of(source)


def test_events_outside_are_left_out_and_counted():
    events = events_of(([44.0, 10.0], [33.0, 50.0]), window=IRAQ)
    assert len(events) == 1
    assert "1 of 2 events lie outside the window" in events.notes[0]


def test_shared_coordinates_are_told():
    events = events_of(([44.0] * 5 + [45.0], [33.0] * 5 + [34.0]))
    assert "5 of 6 events" in shared_coordinates(events)
    assert shared_coordinates(events_of(([44.0, 45.0], [33.0, 34.0]))) is None


def test_a_window_is_true_to_area_and_tells_its_distortion():
    window = Window(IRAQ)
    geod = abs(Geod(ellps="WGS84").geometry_area_perimeter(shapely.segmentize(IRAQ, 0.001))[0])
    assert window.area_m2 == pytest.approx(geod, rel=2e-5)
    assert 0.0005 < window.distortion < 0.003
    points = window.project(np.array([41.0, 47.0]), np.array([31.0, 36.0]))
    back = window.unproject(points)
    assert back[0] == pytest.approx([41, 47], abs=1e-9)


def test_a_window_too_wide_for_a_plane_is_on_the_sphere():
    earth = Window(shapely.box(-180, -90, 180, 90))
    assert earth.on_sphere
    assert earth.area_m2 == pytest.approx(510_065_621_724_088, rel=1e-6)
    with pytest.raises(ValueError, match="too wide for a plane"):
        _ = earth.planar


def test_random_places_fill_a_window_evenly():
    window = Window(shapely.box(-20, 0, 20, 60))
    _, latitude = window.random(20_000, np.random.default_rng(1))
    expected = np.sin(np.radians(30)) / np.sin(np.radians(60))  # of a sphere, close enough
    assert (latitude < 30).mean() == pytest.approx(expected, abs=0.015)


def test_the_default_window_is_the_provinces_and_says_so(layers):
    window = window_of(layers)
    assert len(window.areas) == 3
    assert "no window was given" in window.note
    assert "Basra, Diyala, Salah al-Din" in window.note


def test_a_table_of_areas_is_a_window_that_knows_its_parts():
    parts = gpd.GeoSeries([shapely.box(40, 30, 44, 37), shapely.box(44, 30, 48, 37)], crs=4326)
    window = window_of(None, parts.to_crs(32638))
    assert len(window.areas) == 2
    assert window.area_m2 == pytest.approx(Window(IRAQ).area_m2, rel=1e-3)


@pytest.mark.parametrize(
    ("window", "why"),
    [
        (shapely.Polygon(), "empty"),
        (shapely.box(400_000, 3_600_000, 500_000, 3_700_000), "not degrees"),
        (gpd.GeoSeries([IRAQ]), "no CRS"),
        (None, "need a window"),
    ],
)
def test_a_window_that_is_none_is_refused(window, why):
    with pytest.raises(ValueError, match=why):
        window_of(None, window)


def test_worlds_by_what_is_asked(layers):
    events = events_of(layers)
    assert len(list(worlds_of(events, "propagate", samples=5, rng=1))) == 5
    (only,) = worlds_of(events, "precise-only", samples=5, rng=1).events.key
    assert only == "a"
    ignored = worlds_of(events, "ignore", samples=5, rng=1)
    assert len(list(ignored)) == 1
    assert "2 of 3 events are known to an area only" in ignored.warnings[-1]
    with pytest.raises(ValueError, match="is not one of"):
        worlds_of(events, "hope", samples=5, rng=1)


def test_a_seed_is_reported_as_given():
    assert new_seed(5) == 5
    assert new_seed(None) != new_seed(None)
    with pytest.raises(TypeError):
        new_seed("five")
