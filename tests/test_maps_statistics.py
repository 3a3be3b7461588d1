"""Statistics on the map: what is drawn of them, in which colours, and how sure it is said to be."""

import itertools
import re
from xml.etree import ElementTree as ET

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from map_fixture import example_layers
from map_page import unpack
from map_visit import MAP, Visit

import geoinc as gi
from geoinc.maps import svg
from geoinc.maps.page import static
from geoinc.maps.statistics import CLASSES, breaks, class_of, coded, parted, span, unsure


def squares(values, **columns):
    boxes = [shapely.box(40 + i, 32, 41 + i, 33) for i in range(len(values))]
    table = gpd.GeoDataFrame(
        {"label": [f"area {i}" for i in range(len(values))], "value": values, **columns},
        geometry=boxes,
        crs=4326,
    )
    table.attrs = {"title": "Attacks by area", "unit": "attacks", "note": "made up"}
    return table


class Result:
    """What `geoinc.stats` gives, as far as the map knows it."""

    def __init__(self, layer):
        self.layer = layer

    def to_layer(self):
        return self.layer


def test_results_tables_and_folium_elements_are_told_apart():
    marker, line = folium.CircleMarker([33, 44]), folium.PolyLine([[33, 44], [34, 45]])
    statistics, elements = parted([Result(squares([1, 2, 3])), marker, squares([4]), Result(line)])
    assert [len(one["labels"]) for one in statistics] == [3, 1]
    assert elements == [marker, line]


def test_a_statistic_travels_in_the_page():
    layer = squares([0, 1, 5, 12, 40], low=[0, 0, 5, 11, 2], high=[0, 3, 5, 13, 90])
    page = gi.explore(example_layers(), add=[Result(layer)]).get_root().render()
    (held,) = unpack(page)["statistics"]
    assert held["title"] == "Attacks by area"
    assert held["unit"] == "attacks"
    assert held["values"] == [0, 1, 5, 12, 40]
    assert len(held["breaks"]) == CLASSES
    assert span(held, 4) == "40 attacks (2–90)"  # noqa: RUF001
    assert [unsure(held, i) for i in range(5)] == [False, True, False, True, True]


def test_every_stats_result_that_is_a_place_can_be_added():
    layers = example_layers()
    results = [
        gi.stats.mean_center(layers, role="target", rng=1),
        gi.stats.standard_ellipse(layers, role="target", rng=1),
    ]
    statistics, _ = parted(results)
    assert all(one["title"] and one["shapes"] for one in statistics)


def test_metres_are_kilometres_on_a_map():
    layer = squares([1500.0], low=[900.0], high=[2500.0])
    layer.attrs["unit"] = "m"
    assert span(coded(layer), 0) == "1.5 km (0.9–2.5)"  # noqa: RUF001


def test_few_areas_are_outlines():
    assert coded(squares([3, 4]))["breaks"] == []
    assert coded(squares([7, 7, 7, 7]))["breaks"] == []


def test_blank_geometry_and_missing_columns():
    layer = squares([1, 2, 3]).drop(columns=["label", "value"])
    layer.loc[0, "geometry"] = None
    held = coded(layer)
    assert held["labels"] == ["1", "2"]
    assert held["values"] == [None, None]
    assert coded(squares([np.nan, np.inf, 3]))["values"] == [None, None, 3]


def test_a_layer_says_where_on_earth_it_is():
    with pytest.raises(ValueError, match="set_crs"):
        coded(gpd.GeoDataFrame({"label": ["a"]}, geometry=[shapely.Point(44, 33)]))
    west = min(lines[0][0] for lines in coded(squares([1, 2, 3]).to_crs(3857))["shapes"])
    assert west == pytest.approx(41 * 10_000, abs=1)  # its lower right corner


@given(st.lists(st.integers(-(10**6), 10**6).map(lambda value: value / 8), max_size=60))
def test_each_class_holds_a_value(values):
    bounds = breaks(values)
    known = [value for value in values if value]
    assert bounds == sorted(set(bounds))
    assert len(bounds) <= CLASSES
    assert {class_of(value, bounds) for value in known} == set(range(len(bounds)))
    assert class_of(0, bounds) == -1


def test_larger_areas_are_drawn_first():
    layer = squares([1, 2, 3])
    layer.loc[2, "geometry"] = shapely.box(30, 20, 60, 50)
    assert coded(layer)["labels"] == ["area 2", "area 0", "area 1"]


# -- Colours -----------------------------------------------------------------

#: Machado, Oliveira & Fernandes (2009): how the three colour blindnesses see linear RGB.
EYES = {
    "all": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip


def lab(colour, eyes):
    coded_rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(coded_rgb <= 0.04045, coded_rgb / 12.92, ((coded_rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(EYES[eyes]) @ linear, 0, 1) / [0.95047, 1, 1.08883]
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("eyes", EYES)
def test_colours_of_the_scale_are_apart_for_all_eyes(eyes):
    seen = [lab(colour, eyes) for colour in (svg.LAND, *svg.SCALE)]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 20
    lightness = [colour[0] for colour in seen]
    assert lightness == sorted(lightness, reverse=True)


def test_drawn_colours_are_those_of_the_page():
    palette = static("palette.js")
    light = palette[: palette.index("const DARK")]
    for name, colour in (("sea", svg.SEA), ("land", svg.LAND), ("border", svg.BORDER), ("name", svg.NAME), ("line", svg.LINE), ("province", svg.PROVINCE), ("neighbour", svg.NEIGHBOUR)):  # fmt: skip
        assert f'{name}: "{colour}"' in light
    for role, (mark, ink, _) in svg.ROLES.items():
        assert f'{role}: ["{mark}", "{ink}"' in light
    assert re.findall(r"#\w{6}", palette[palette.index("LIGHT.scale") :])[:4] == list(svg.SCALE)
    assert f'LIGHT.statistic = "{svg.STATISTIC}"' in palette


# -- Drawn -------------------------------------------------------------------


def test_svg_has_areas_legend_and_labels(tmp_path):
    areas = squares([0, 1, 5, 12, 40], low=[0, 0, 5, 11, 2], high=[0, 3, 5, 13, 90])
    spots = gpd.GeoDataFrame(
        {"label": ["<b>the middle</b>"], "value": [3.0]},
        geometry=[shapely.Point(41, 36.4)],
        crs=4326,
    )
    spots.attrs = {"title": "Centre", "unit": "km"}
    path = tmp_path / "map.svg"
    gi.explore(example_layers(), add=[areas, spots]).to_svg(path)
    drawn = ET.fromstring(path.read_bytes())  # noqa: S314  # it is ours
    said = ["".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "Attacks by area" in said
    assert "1 to under 5" in said
    assert "40 or more" in said
    assert "<b>the middle</b> · 3 km" in said
    assert sum(path.read_text("utf-8").count(f'fill="{colour}"') for colour in svg.SCALE) >= 8
    assert path.read_text("utf-8").count('fill="url(#hatch-') == 4  # three areas, one in the legend


def test_page_draws_says_and_hides_them(browser, tmp_path):
    areas = squares([0, 1, 5, 12, 40], low=[0, 0, 5, 11, 2], high=[0, 3, 5, 13, 90])
    areas.geometry = areas.geometry.translate(0, 2.2)
    spot = gpd.GeoDataFrame(
        {"label": ["the middle"], "value": [1.0]}, geometry=[shapely.Point(42.2, 36.9)], crs=4326
    )
    spot.attrs = {"title": "Centre", "unit": "km"}
    path = tmp_path / "map.html"
    gi.explore(example_layers(), add=[areas, spot, areas.assign(value=[9, 8, 7, 6, 5])]).save(path)
    with Visit(browser, path) as visit:
        page = visit.page
        part = page.locator(".geoinc-statistics")
        boxes = part.get_by_role("checkbox")
        # Of two coloured tables that would cover each other, the first.
        assert [box.is_checked() for box in boxes.all()] == [True, True, False]
        assert "1 to under 5" in part.inner_text()
        assert "hatched: the interval reaches another colour" in part.inner_text()

        def colour(longitude, latitude):
            at = page.evaluate(
                f"([lat, lng]) => ({MAP}).latLngToContainerPoint([lat, lng])", [latitude, longitude]
            )
            script = """([x, y]) => {
                const sheet = document.querySelector(".leaflet-geoincStatistics-pane canvas, [class*=geoincStatistics] canvas");
                const box = sheet.getBoundingClientRect();
                return [...sheet.getContext("2d").getImageData(x - box.x, y - box.y, 1, 1).data];
            }"""
            return page.evaluate(script, [at["x"], at["y"]]), at

        dark, at = colour(42.5, 34.6)
        assert dark[3] > 150  # of 255: the area of 5 attacks has its colour
        page.mouse.click(at["x"], at["y"])
        popup = page.locator(".leaflet-popup")
        popup.wait_for()
        assert popup.locator("h2").first.inner_text() == "area 2"
        assert "5 attacks" in popup.inner_text()
        page.keyboard.press("Escape")
        boxes.first.uncheck()
        assert colour(42.5, 34.6)[0][3] == 0
        part.get_by_text("All figures").first.click()
        rows = part.locator("dl").first.inner_text().split("\n")
        assert rows[:2] == ["area 4", "40 attacks (2–90)"]  # noqa: RUF001
        # This test itself has looked at a canvas's pixels.
        assert [line for line in visit.complaints if "getImageData" not in line] == []
        assert visit.fetched == []
