"""The map as text: what enters the file, what does not, and what it may fetch."""

import base64
import gzip
import hashlib
import io
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import folium
import folium.plugins
import numpy as np
import pandas as pd
import pytest
import shapely
from map_fixture import ACCOUNTS, PLACES, account, example_layers
from map_page import column, read_block, unpack
from pyproj import Geod

import geoinc as gi
from geoinc.maps import IncidentMap, explore, incident_map
from geoinc.maps.basemap import basemap, limits
from geoinc.maps.outlines import rings
from geoinc.maps.packing import pack
from geoinc.maps.placing import PRECISE_M
from geoinc.schema import DERIVED_COLUMNS, LAYER_COLUMNS, REPORT_COLUMNS


@pytest.fixture(scope="module")
def layers():
    return example_layers()


@pytest.fixture(scope="module")
def html(layers):
    return explore(layers, title="Attacks & <accounts>").get_root().render()


@pytest.fixture(scope="module")
def data(html):
    return unpack(html)


def chip(data, kind, place=""):
    """Return the incidents of a chip."""
    found = [chip for chip in data["chips"] if (chip["kind"], chip["place"]) == (kind, place)]
    return found[0]["incidents"] if found else []


class Reader(HTMLParser):
    """What a browser would see: tags, scripts and where they stand."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.scripts, self.title, self._in = [], [], "", None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._in = (tag, dict(attrs))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag):  # noqa: ARG002  # html.parser's signature
        self._in = None

    def handle_data(self, data):
        if self._in and self._in[0] == "script":
            attrs, text = self.scripts.pop()
            self.scripts.append((attrs, text + data))
        if self._in and self._in[0] == "title":
            self.title += data


def unpacked_scripts(page):
    """Return the scripts that the loader puts into the page."""
    (block,) = [text for attrs, text in page.scripts if attrs.get("id") == "geoinc-scripts"]
    return json.loads(gzip.decompress(base64.b64decode(block)))


# -- The page ---------------------------------------------------------------


def test_page_is_a_whole_document(html):
    page = Reader(html)
    tags = dict(reversed(page.tags))
    assert html.startswith("<!DOCTYPE html>")
    assert tags["html"]["lang"] == "en"
    assert page.title == "Attacks & <accounts>"
    viewports = [attrs["content"] for tag, attrs in page.tags if attrs.get("name") == "viewport"]
    assert len(viewports) == 1
    assert "user-scalable" not in viewports[0]
    assert "maximum-scale" not in viewports[0]


def test_policy_comes_first_and_names_every_script(html):
    page = Reader(html)
    after_head = page.tags[[tag for tag, _ in page.tags].index("head") + 1]
    assert after_head[1]["http-equiv"] == "Content-Security-Policy"
    policy = after_head[1]["content"]
    assert policy.startswith("default-src 'none'")
    running = [text for attrs, text in page.scripts if "type" not in attrs]
    packed = unpacked_scripts(page)
    assert len(running) == 1
    assert len(packed) >= 4
    for text in [*running, *packed]:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_nothing_in_the_page_is_fetched(html):
    for tag, attrs in Reader(html).tags:
        assert tag not in {"link", "iframe", "img", "object", "embed"}
        assert "src" not in attrs
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    assert all(url.startswith(('"data:', "data:")) for url in re.findall(r"url\(([^)]*)", styles))
    assert "sourceMappingURL" not in html


def test_jquery_enters_only_where_needed(layers, html):
    assert "jQuery v" not in "".join(unpacked_scripts(Reader(html)))
    m = explore(layers, plain=True)
    folium.Marker([33, 44], popup="text").add_to(m)
    assert "jQuery v" in m.get_root().render()


def test_plain_scripts_are_the_same_as_packed_ones(layers, html):
    plain = Reader(explore(layers, title="Attacks & <accounts>", plain=True).get_root().render())
    running = [text for attrs, text in plain.scripts if "type" not in attrs]
    names = re.compile("[0-9a-f]{32}")  # folium's names of elements are new each time
    packed = unpacked_scripts(Reader(html))
    assert [names.sub("", text) for text in running] == [names.sub("", text) for text in packed]


def test_no_bootstrap_or_fonts(html):
    for word in ("bootstrap", "fontawesome", "awesome-markers", "cdn."):
        assert word not in html


def test_file_is_small(html):
    assert len(html.encode()) < 500_000


def test_one_global_of_ours(html):
    ours = [text for text in unpacked_scripts(Reader(html)) if "geoinc" in text]
    declared = re.findall(
        r"^(?:var|let|const|function|class)\s+(\w+)", "\n".join(ours), re.MULTILINE
    )
    assert declared == ["geoinc"]


@pytest.mark.parametrize(
    ("element", "named"),
    [
        (
            lambda: folium.TileLayer("https://tiles.example/{z}/{x}/{y}.png", attr="x"),
            "tiles of TileLayer",
        ),
        (lambda: folium.Marker([33, 44], icon=folium.Icon(color="red")), "folium.Icon"),
        (folium.plugins.MarkerCluster, "leaflet.markercluster"),
        (
            lambda: folium.raster_layers.ImageOverlay(
                "https://img.example/a.png", [[33, 44], [34, 45]]
            ),
            "ImageOverlay",
        ),
        (lambda: folium.CustomIcon("https://img.example/a.png"), "CustomIcon"),
        (
            lambda: folium.plugins.FloatImage("https://img.example/a.png"),
            "https://img.example/a.png",
        ),
    ],
)
def test_save_names_what_cannot_be_inlined(layers, tmp_path, element, named):
    m = explore(layers)
    made = element()
    made.add_to(folium.Marker([33, 44]).add_to(m) if isinstance(made, folium.CustomIcon) else m)
    with pytest.raises(ValueError, match="would have to fetch") as error:
        m.save(tmp_path / "map.html")
    assert named in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_save_replaces_the_file_whole(layers, tmp_path, monkeypatch):
    path = tmp_path / "map.html"
    m = explore(layers)
    m.save(path)
    before = path.read_text()
    assert unpack(before)["header"]["incidents"] == 15
    assert list(tmp_path.iterdir()) == [path]

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(KeyboardInterrupt):
        m.save(path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_notebook_frame_holds_the_same_page(layers):
    m = explore(layers)
    frames = [attrs for tag, attrs in Reader(m._repr_html_()).tags if tag == "iframe"]
    assert len(frames) == 1
    assert frames[0]["srcdoc"] == m.get_root().render()
    assert "allow-same-origin" not in frames[0]["sandbox"]


def test_map_is_a_folium_map(layers):
    m = explore(layers, add=[folium.CircleMarker([33, 44])], plain=True)
    assert isinstance(m, IncidentMap)
    assert isinstance(m, folium.Map)
    assert "L.circleMarker" in m.get_root().render()


def test_results_come_by_their_own_layer(layers):
    class Result:
        def to_layer(self):
            return folium.PolyLine([[33, 44], [34, 45]])

    assert "L.polyline" in explore(layers, add=[Result()], plain=True).get_root().render()


# -- What enters the file ----------------------------------------------------


def test_only_documented_columns_enter():
    secret = example_layers(informant="name of", Base="base of")
    held = unpack(explore(secret).get_root().render())
    text = json.dumps(held)
    assert "name of" not in text
    assert "base of" not in text
    known = {
        *REPORT_COLUMNS,
        *DERIVED_COLUMNS,
        *LAYER_COLUMNS,
        "account",
        "found",
        "drawn",
        "drawn_as",
    }
    for table in ("accounts", "rows"):
        assert set(held[table]["columns"]) <= known
    asked = json.dumps(unpack(explore(secret, columns=["Base"]).get_root().render()))
    assert "base of" in asked
    assert "name of" not in asked


def test_unknown_column_is_said(layers):
    with pytest.raises(ValueError, match="Bose"):
        explore(layers, columns=["Bose"])


def test_header_counts_incidents_not_accounts(data):
    counted = {a["incident"] for a in ACCOUNTS if a.get("standing", "counted") == "counted"}
    assert data["header"]["incidents"] == len(counted) == 15
    accounts = [a for a in ACCOUNTS if a["incident"] in counted]
    assert data["header"]["accounts"] == len(accounts) == 17
    assert data["header"]["summaries"] == 1
    assert data["header"]["not_placed"] == 1


def test_country_only_rows_are_chips_and_not_drawn(data):
    assert len(chip(data, "somewhereIn", "Iraq")) == 2
    assert len(chip(data, "launchedIn", "Iran")) == 1
    drawn = set(column(data["places"], "name")[: data["header"]["places"]])
    assert not {"Iraq", "Iran"} & drawn


def test_what_no_mark_shows_is_listed(data):
    for kind in ("notPlaced", "undated", "summary", "noAttack", "setAside"):
        assert len(chip(data, kind)) == 1


def test_every_incident_is_drawn_or_in_a_chip(data):
    incident = column(data["accounts"], "incident")
    rows = zip(column(data["rows"], "account"), column(data["rows"], "drawn"), strict=True)
    shown = {incident[account] for account, drawn in rows if drawn is not None}
    listed = {number for chip in data["chips"] for number in chip["incidents"]}
    assert shown | listed == set(range(data["incidents"]["length"]))


def test_coarse_places_have_no_symbol(data):
    places = data["places"]
    for name, kind, error, area in zip(
        *(column(places, name) for name in ("name", "kind", "uncertainty_m", "area")), strict=True
    ):
        assert area == int(error > PRECISE_M or kind == "province"), name


def test_accounts_that_do_not_place_an_incident_draw_nothing(data):
    """Two accounts of one attack: the one without weight is in the record alone."""
    words = zip(
        column(data["rows"], "place"),
        column(data["rows"], "account"),
        column(data["rows"], "drawn"),
        strict=True,
    )
    sources = column(data["accounts"], "source")
    drawn = {sources[told]: place for text, told, place in words if text == "Balad air base"}
    assert [source for source, place in drawn.items() if place is None] == ["The Evening Wire"]


def test_impact_inside_a_base_is_drawn_as_the_base():
    finer = [{**a, "weight": 1.0} for a in ACCOUNTS]
    held = unpack(explore(example_layers(finer)).get_root().render())
    rows = held["rows"]
    at = column(rows, "place").index("the runway")
    balad = PLACES["iq-balad-air-base"]
    assert (column(rows, "longitude")[at], column(rows, "latitude")[at]) == (balad[4], balad[5])
    assert column(rows, "uncertainty_m")[at] == balad[6]
    assert column(rows, "drawn_as")[at] == "drawn as Balad Air Base"
    assert "44.365" not in json.dumps(held)


def test_village_beside_the_base_stays_itself(data):
    at = column(data["rows"], "place").index("a nearby village [5]")
    assert column(data["rows"], "drawn_as")[at] == ""
    assert column(data["rows"], "place_name")[at] == "Albu Hassan"


def test_links_give_distance_with_bounds(data):
    links = data["links"]
    assert links["length"] >= 7
    roles = [column(data["rows"], "role")[row] for row in column(links, "target_row")]
    for role, best, low, high in zip(
        roles, *(column(links, name) for name in ("distance_m", "low_m", "high_m")), strict=True
    ):
        assert role == "impact" or 0 <= low <= best <= high
    rows = [column(data["rows"], "place_name")[row] for row in column(links, "launch_row")]
    at = rows.index("Al-Baghdadi")
    asad, baghdadi = PLACES["iq-ain-al-asad"], PLACES["iq-baghdadi"]
    metres = Geod(ellps="WGS84").inv(*baghdadi[4:6], *asad[4:6])[2]
    assert math.isclose(column(links, "distance_m")[at], metres, abs_tol=100)


def test_dates_read_as_written(data):
    assert "2022-01" in column(data["incidents"], "when")
    assert "2021-02-20" in column(data["incidents"], "when")
    days = [when for when in column(data["incidents"], "when") if len(when) == 10]
    assert days == sorted(days)


# -- Embargo -------------------------------------------------------------------


def test_embargo_keeps_young_and_undated_out(layers, monkeypatch):
    monkeypatch.setattr(incident_map, "_today", lambda: pd.Timestamp("2022-01-20").date())
    held = unpack(explore(layers, embargo="30D").get_root().render())
    # omar-1 of 5 January, asad-3 of January 2022, balad-3 undated, "dozens" of 2022
    assert held["notices"] == ["4 held back: within 30D of 2022-01-20, or undated"]
    text = json.dumps(held)
    assert "Al-Omar" not in text
    assert "A yearbook" not in text
    assert "Balad Air Base" in text
    assert held["header"]["incidents"] == 12


def test_embargo_counts_to_the_day(layers, monkeypatch):
    monkeypatch.setattr(incident_map, "_today", lambda: pd.Timestamp("2022-02-04").date())
    assert "Al-Omar" in json.dumps(unpack(explore(layers, embargo="30D").get_root().render()))
    assert "Al-Omar" not in json.dumps(unpack(explore(layers, embargo="31D").get_root().render()))


def test_save_into_an_open_file(layers):
    m = explore(layers)
    file = io.BytesIO()
    m.save(file, close_file=False)
    assert file.getvalue().decode() == m.get_root().render()


@pytest.mark.parametrize("embargo", ["soon", "-3D", ""])
def test_embargo_that_is_no_span_is_said(layers, embargo):
    with pytest.raises(ValueError, match="embargo"):
        explore(layers, embargo=embargo)


# -- Edges -------------------------------------------------------------------


def test_map_of_targets_alone():
    bare = [account(f"a{i}", "2021-01-01", ("Erbil airport", "iq-erbil-airport")) for i in range(3)]
    held = unpack(explore(example_layers(bare)).get_root().render())
    assert held["header"] == {
        "incidents": 3,
        "accounts": 3,
        "places": 1,
        "summaries": 0,
        "not_placed": 0,
    }
    assert held["links"]["length"] == 0


def test_map_of_nothing_placed():
    held = unpack(explore(example_layers([account("a", "", ("Batas", None))])).get_root().render())
    assert held["header"]["not_placed"] == 1
    assert held["places"]["length"] == 0


def test_map_of_nothing_at_all(layers, monkeypatch):
    monkeypatch.setattr(incident_map, "_today", lambda: pd.Timestamp("2022-01-20").date())
    held = unpack(explore(layers, embargo="9000D").get_root().render())
    assert held["header"]["incidents"] == 0
    told = len({given["incident"] for given in ACCOUNTS})
    assert held["notices"] == [f"{told} held back: within 9000D of 2022-01-20, or undated"]
    assert held["incidents"]["length"] == 0


def test_map_of_coordinates():
    """Data that never saw a gazetteer: no report column but the date."""
    from geoinc.layers import layers_from_coordinates

    points = {"lon": [44.1, 45.2], "lat": [33.2, 34.1], "error": [1000.0, 30_000.0]}
    table = pd.DataFrame({**points, "who": ["a", "b"], "date": ["2021-01-01", ""]})
    placed = layers_from_coordinates(table, longitude="lon", latitude="lat", uncertainty_m="error")
    held = unpack(explore(placed).get_root().render())
    assert held["header"]["places"] == 2
    assert column(held["places"], "area") == [0, 1]
    assert "who" not in held["accounts"]["columns"]


def test_a_hinted_name_is_drawn_as_its_area_and_not_placed(toy_gazetteer):
    from geoinc.layers import locate

    # A district 22 km wide: a mark, had the name of the district been told.
    table = pd.DataFrame(
        {
            "incident": ["hinted", "country", "told"],
            "target": ["Xyzzy", "Xyzzy", "Gamma Air Base"],
            "admin2": ["Gamma district", "", ""],
            "country": ["WL", "Westland", "WL"],
        }
    )
    held = unpack(explore(locate(table, toy_gazetteer)).get_root().render())
    drawn = dict(zip(column(held["places"], "name"), column(held["places"], "area"), strict=True))
    assert drawn == {"Gamma": 1, "Gamma Air Base": 0, "Westland": 1}
    assert held["header"]["places"] == 2
    assert chip(held, "notPlaced") == [0, 1]
    assert chip(held, "somewhereIn", "Westland") == [1]
    assert held["header"]["not_placed"] == 2
    assert column(held["rows"], "place_status") == ["unresolved", "unresolved", "resolved"]


def test_default_title_gives_the_years(layers):
    assert explore(layers).get_root().title == "Reported attacks, 2020–2022"  # noqa: RUF001


def test_texts_reach_the_page_packed_only():
    """No text of a report stands in the page as markup or script."""
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>${alert(1)}`"
    hostile = example_layers(
        [{**a, "source": evil, "notes": evil} for a in ACCOUNTS], rename={"iq-erbil-airport": evil}
    )
    page = explore(hostile, title="t").get_root().render()
    assert "alert(1)" not in page
    assert evil in json.dumps(unpack(page), ensure_ascii=False)


def test_hostile_title_is_text():
    page = Reader(
        explore(example_layers(), title="</title><script>alert(1)</script>").get_root().render()
    )
    assert page.title == "</title><script>alert(1)</script>"
    assert not any(text == "alert(1)" for _, text in page.scripts)


def test_lone_surrogates_do_not_break_the_file(tmp_path):
    explore(example_layers(), title="x\udc00y").save(tmp_path / "odd.html")
    assert (tmp_path / "odd.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["iraq-syria", "launch-sites"])
def test_examples(name):
    """The shipped tables: every incident is on the map or in a list, in less than 0.9 MB."""
    from geoinc.layers import locate
    from geoinc.reports import read_reports
    from geoinc.sources import load_gazetteer

    table = read_reports(Path(__file__).parents[1] / "examples" / f"{name}.csv")
    page = explore(locate(table, load_gazetteer())).get_root().render()
    assert len(page.encode()) < 900_000
    held = unpack(page)
    assert held["incidents"]["length"] == table["incident"].nunique()
    incident = column(held["accounts"], "incident")
    rows = zip(column(held["rows"], "account"), column(held["rows"], "drawn"), strict=True)
    shown = {incident[account] for account, drawn in rows if drawn is not None}
    listed = {number for chip in held["chips"] for number in chip["incidents"]}
    assert shown | listed == set(range(held["incidents"]["length"]))
    assert len(held["accounts"]["columns"]["incident"]) == len(table)


# -- Shapes -------------------------------------------------------------------


def test_rings_unfold_to_the_shape():
    shape = (
        shapely.Point(44, 33)
        .buffer(1.3, quad_segs=16)
        .difference(shapely.box(43.8, 32.8, 44.2, 33.2))
    )
    back = [np.cumsum(np.reshape(ring, (-1, 2)), axis=0) / 10_000 for ring in rings(shape, 10_000)]
    rebuilt = shapely.Polygon(back[0], back[1:])
    assert shapely.hausdorff_distance(shape, rebuilt) < 1e-4
    assert math.isclose(rebuilt.area, shape.area, rel_tol=1e-4)


def test_pack_round_trip():
    content = {"a": [1, None, "x\u2028"], "b": "</script>"}
    packed = pack(content)
    assert read_block(packed) == content
    assert pack(content) == packed
    assert read_block(pack(content, plain=True)) == content


def test_basemap_shows_neighbours_and_inner_borders():
    drawn = basemap((40.0, 30.0, 48.0, 37.0), ["IQ"])
    names = {name for name, *_ in drawn["names"]}
    assert {"Iraq", "Syria", "Iran"} <= names
    assert "Anbar" in " ".join(names)
    assert sum(country["shown"] for country in drawn["land"]) == 1
    west, south, east, north = limits((40.0, 30.0, 48.0, 37.0))
    for line in drawn["provinces"]:
        points = np.cumsum(np.reshape(line, (-1, 2)), axis=0) / drawn["unit"]
        assert (points >= [west, south]).all()
        assert (points <= [east, north]).all()


def test_basemap_of_the_world_has_no_line_across_it():
    """Russia, Fiji and others cross the 180th meridian, where coordinates jump."""
    drawn = basemap((-170.0, -50.0, 175.0, 75.0), [])
    assert {"Russia", "United States"} <= {name for name, *_ in drawn["names"]}
    for line in drawn["borders"]:
        points = np.cumsum(np.reshape(line, (-1, 2)), axis=0) / drawn["unit"]
        if points[:, 1].min() > -60:
            assert np.abs(np.diff(points[:, 0])).max() < 90


def test_limits_stay_on_earth():
    west, south, east, north = limits((-179.0, -60.0, 179.0, 80.0))
    assert (west, east) == (-180.0, 180.0)
    assert -90 < south < north < 90


def test_dates_go_beyond_what_nanoseconds_hold():
    table = pd.DataFrame(
        {
            "target": ["Balad", "Balad"],
            "date": ["9999-12-31", "0001-01-01"],
            "seen": pd.to_datetime(["2021-03-15T23:30Z"] * 2),
        }
    )
    layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    shown = unpack(explore(layers, columns=["seen"]).get_root().render())
    assert column(shown["incidents"], "first") == [-719162, 2932896]
