"""Hostile text in every place where text reaches a map: nothing runs, nothing breaks, no markup comes of it.

Nine payloads in each sink, in Chromium: those of our own maps, and those of folium elements that are added to them.
Each payload tells by `window.__ran` in which sink it ran.
"""

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xyzservices
from branca.colormap import LinearColormap
from folium import plugins
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from map_fixture import ACCOUNTS, PLACES, account, example_layers
from map_visit import MAP, Visit

from geoinc import Layers
from geoinc.maps import IncidentMap, explore

PAYLOADS = {
    "img": "<img src=x onerror=\"window.__ran='{sink}'\">",
    "script": "</script><script>window.__ran='{sink}'</script>",
    "template": "${{window.__ran='{sink}'}}",
    "backtick": "`);window.__ran='{sink}';//",
    "backslash": "\\\\`;window.__ran='{sink}';//",
    "call": "\\\\`)[0];window.__ran='{sink}';(`",
    "attribute": 'x\' onmouseover=\'window.__ran="{sink}"\' " onfocus="window.__ran=\'{sink}\'" autofocus x="',
    "title": "</title></textarea></style><svg onload=window.__ran='{sink}'><!-- {{{{7*7}}}}",
    "mixture": "a'b\"c\\d\ne `x` \u2028 \\u0041 </{sink}> &lt;b&gt; %3Cscript%3E \x00 {{{{this}}}} {{% raw %}}",
}

#: Columns of reports that are text.
COLUMNS = (
    "report", "source", "original_source", "url", "published", "date", "time", "event_type", "weapon", "target_type",
    "target_actor", "outcome", "events", "fired", "intercepted", "killed", "injured", "actor", "actor_basis",
    "claimed_by", "attributed_by", "denied_by", "include", "reason", "notes", "date_basis",
)  # fmt: skip


def payload(kind, sink):
    return PAYLOADS[kind].format(sink=sink)


#: A place for each payload: in its name and in all that is known of it.
SPOTS = {
    kind: (longitude, latitude)
    for kind, longitude, latitude in zip(
        PAYLOADS, (38, 40, 42, 44, 46, 39, 41, 43, 45), (36, 35, 36, 35, 36, 33, 32, 33, 32), strict=True
    )
}  # fmt: skip


def hostile_layers():
    """Return layers in which each sink has every payload, and these by sink and kind."""
    held = set()

    def evil(sink, kind):
        held.add((sink, kind))
        return payload(kind, f"{kind} in {sink}")

    rows, places = [], {}
    for kind in PAYLOADS:
        spot = f"spot-{kind}"
        columns = {name: evil(name, kind) for name in COLUMNS}
        words = {role: evil(f"{role} in words", kind) for role in ("target", "launch", "impact")}
        more = {"own": evil("own column", kind), evil("own column's name", kind): "value"}
        target, launch, impact = (
            (words[role], spot if role != "launch" else "rel-diyala-east")
            for role in ("target", "launch", "impact")
        )
        told = [
            ("two", target, launch, impact, {}),
            ("two", target, launch, impact, {"url": "javascript:window.__ran='url'", "weight": 0.0, "killed_low": 3}),
            ("country", (words["target"], "iq"), (words["launch"], "ir"), (), {}),
            ("nowhere", (words["target"], None), (words["launch"], None), (words["impact"], None), {}),
            ("several", target, None, (), {"standing": "summary"}),
            ("aside", target, None, (), {"standing": "set aside"}),
        ]  # fmt: skip
        for name, target, launch, impact, changes in told:
            # The date is one, or the days could not be read; its words are not.
            row = account(f"{name} {kind}", "2021-02-20", target, launch, impact)
            rows.append({**row, **columns, **more, "date": "2021-02-20", **changes})
        about = {
            name: evil(f"place {name}", kind) for name in ("name", "kind", "admin1", "country")
        }
        longitude, latitude = SPOTS[kind]
        places[spot] = (*about.values(), longitude, latitude, 900, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("map_fixture.PLACES", {**PLACES, **places})
        layers = example_layers(rows)
    kinds = {payload(kind, f"{kind} in own column"): kind for kind in PAYLOADS}
    for layer in (layers.launches, layers.targets, layers.impacts):
        of = layer["own"].map(kinds)
        for name in ("place_reason", "place_match", "date"):
            layer[name] = [evil(name, kind) for kind in of]
    sources = [evil("place source", kind) for kind in PAYLOADS]
    others = len(layers.places) - len(sources)
    return Layers(layers.launches, layers.targets, layers.impacts, layers.places.assign(source=["unverified"] * others + sources)), held  # fmt: skip


def hostile_table(kind):
    """Return a table for ``add=`` with a payload in each of its words."""
    spots = [shapely.box(40 + i, 31, 41 + i, 32) for i in range(4)] + [shapely.Point(46, 36)]
    table = gpd.GeoDataFrame(
        {"label": payload(kind, "label"), "value": [1, 2, 3, 4, 5], "low": 0, "high": 9},
        geometry=spots,
        crs=4326,
    )
    table.attrs = {name: payload(kind, f"statistic's {name}") for name in ("title", "unit", "note")}
    return table


def hostile_tiles(kind):
    return xyzservices.TileProvider(
        name=payload(kind, "provider"), url="https://tiles.example/{z}/{x}/{y}.png", attribution=payload(kind, "attribution"),
        html_attribution=payload(kind, "html attribution"),
    )  # fmt: skip


def markup_of_payloads(page):
    """Return what is in the page that only a payload could have put there."""
    return page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((node) =>
            [...node.attributes].some(({ name }) => name.startsWith("on"))
            || (node.localName === "img" && !/^(data:|blob:|https:\\/\\/tiles\\.example\\/)/.test(node.src))
            || (node.localName === "a" && !/^https?:/.test(node.href) && node.getAttribute("href") !== "#")
            || (node.localName === "script" && node.src)
        ).map((node) => node.outerHTML.slice(0, 200))"""
    )


def unharmed(visit):
    """Look whether anything ran, or came of a payload, or was complained of."""
    assert visit.ran() is None
    assert markup_of_payloads(visit.page) == []
    # Tiles are asked for, and refused by the test; nothing else is complained of.
    assert [line for line in visit.complaints if "ERR_" not in line] == []
    assert all(url.startswith("https://tiles.example/") for url in visit.fetched)


def open_all(visit):
    """Open all that can be opened, records too: they are made then."""
    for _ in range(2):
        visit.page.evaluate(
            "document.querySelectorAll('details').forEach((part) => (part.open = true))"
        )
        visit.settle()


def test_our_sinks(browser, tmp_path):
    """Every payload in every sink of a report, a place and a statistic: they travel apart from all code, so one page holds them all."""
    layers, held = hostile_layers()
    sinks = {sink for sink, _ in held}
    assert len(sinks) >= 38
    assert held == {(sink, kind) for sink in sinks for kind in PAYLOADS}
    m = explore(
        layers,
        columns=["own", *(payload(kind, f"{kind} in own column's name") for kind in PAYLOADS)],
        graphic="notes",
        add=[hostile_table(kind) for kind in PAYLOADS],
    )
    path = tmp_path / "map.html"
    m.save(path)
    with Visit(browser, path) as visit:
        page = visit.page
        seen = ""
        open_all(visit)
        for longitude, latitude in SPOTS.values():
            visit.view(latitude, longitude, 9)
            page.mouse.click(640, 400)
            popup = page.locator(".leaflet-popup")
            popup.wait_for()
            open_all(visit)
            seen += popup.evaluate("node => node.textContent")
            page.keyboard.press("Escape")
            popup.wait_for(state="detached")
        for chip in page.locator(".geoinc-chips button:visible").all():
            chip.evaluate("button => button.click()")
            open_all(visit)
            seen += page.locator("dialog").evaluate("node => node.textContent")
            page.keyboard.press("Escape")
        page.mouse.move(700, 400)
        page.wait_for_timeout(60)
        unharmed(visit)
        # What a reader opens shows the payloads, as the texts that they are.
        for sink in ("source", "claimed_by", "notes", "place_reason", "own column", "place name"):
            for kind in PAYLOADS:
                told = payload(kind, f"{kind} in {sink}").replace("\x00", "\ufffd")
                assert told in seen.replace("\x00", "\ufffd"), (sink, kind)
    m.to_svg(tmp_path / "map.svg")
    no_more_than_a_drawing(browser, tmp_path / "map.svg")


@pytest.mark.parametrize("kind", PAYLOADS)
def test_what_a_map_has_once(browser, tmp_path, kind):
    """Its title, what tiles say of themselves, its address, and what is typed into it."""
    m = explore(
        example_layers(ACCOUNTS[:4]),
        title=payload(kind, "title"),
        online=hostile_tiles(kind),
        add=[hostile_table(kind)],
    )
    path = tmp_path / "map.html"
    m.save(path)
    anchor = "#hidden=<img src=x onerror=window.__ran='hash'>&words=</script><script>window.__ran='hash'</script>&map=9/<b>/44"
    with Visit(browser, path, anchor=anchor) as visit:
        open_all(visit)
        field = visit.page.locator(".geoinc-search input").first
        field.fill(payload(kind, "search"))
        visit.page.keyboard.press("Escape")
        field.fill("")
        title = visit.page.locator("h1").first.evaluate("node => node.textContent")
        assert title == payload(kind, "title")
        unharmed(visit)
    m.to_svg(tmp_path / "map.svg")
    no_more_than_a_drawing(browser, tmp_path / "map.svg")


def no_more_than_a_drawing(browser, path):
    """Look that an SVG is whole, runs nothing, and has nothing but shapes and words in it."""
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.localName") == "svg"
    assert page.evaluate("window.__ran") is None
    tags = page.evaluate(
        "[...new Set([...document.querySelectorAll('*')].map((node) => node.localName))]"
    )
    assert set(tags) <= {"svg", "title", "defs", "pattern", "g", "rect", "path", "circle", "text"}
    page.close()


# -- folium elements on our maps ---------------------------------------------


def feature(name, **more):
    point = {"type": "Point", "coordinates": [44, 33]}
    return {"type": "FeatureCollection", "features": [{"type": "Feature", "id": "1", "geometry": point, "properties": {"name": name, **more}}]}  # fmt: skip


def marker(m, **options):
    folium.Marker([33, 44], icon=folium.DivIcon(html="x"), **options).add_to(m)


#: What is put on a map with a text, by the names of the prototype's matrix.
FOLIUM = {
    "popup_str": lambda m, text: marker(m, popup=folium.Popup(text)),
    "popup_parse_html": lambda m, text: marker(m, popup=folium.Popup(text, parse_html=True)),
    "popup_lazy": lambda m, text: marker(m, popup=folium.Popup(text, lazy=True)),
    "popup_element": lambda m, text: marker(m, popup=folium.Popup(folium.Html(text, script=True))),
    "popup_shown": lambda m, text: marker(m, popup=folium.Popup(text, show=True)),
    "marker_popup_arg": lambda m, text: marker(m, popup=text),
    "tooltip": lambda m, text: marker(m, tooltip=text),
    "tooltip_style": lambda m, text: marker(m, tooltip=folium.Tooltip("x", style=text)),
    "geojson_popup_value": lambda m, text: folium.GeoJson(feature(text), popup=folium.GeoJsonPopup(["name"])).add_to(m),
    "geojson_tooltip_value": lambda m, text: folium.GeoJson(feature(text), tooltip=folium.GeoJsonTooltip(["name"])).add_to(m),
    "geojson_popup_alias": lambda m, text: folium.GeoJson(feature("ok"), popup=folium.GeoJsonPopup(["name"], aliases=[text])).add_to(m),
    "geojson_tooltip_str": lambda m, text: folium.GeoJson(feature("ok"), tooltip=text).add_to(m),
    "geojson_data_only": lambda m, text: folium.GeoJson(feature(text)).add_to(m),
    "geojson_data_key": lambda m, text: folium.GeoJson(feature("ok", **{text: 1})).add_to(m),
    "layer_name": lambda m, text: folium.FeatureGroup(name=text).add_to(m),
    "divicon_html": lambda m, text: folium.Marker([33, 44], icon=folium.DivIcon(html=text)).add_to(m),
    "marker_title_alt": lambda m, text: marker(m, title=text, alt=text),
    "map_option": lambda m, text: m.options.update(some_option=text),
    "circle_popup": lambda m, text: folium.Circle([33, 44], radius=9000, popup=text, tooltip=text).add_to(m),
    "line_tooltip": lambda m, text: folium.PolyLine([[32, 43], [34, 45]], tooltip=text).add_to(m),
}  # fmt: skip

#: What needs files from a server: it is named, and nothing is written.
REFUSED = {
    "grouped_layer_control": lambda m, text: plugins.GroupedLayerControl({text: [folium.FeatureGroup(name="ok").add_to(m)]}).add_to(m),
    "tree_layer_label": lambda m, text: plugins.TreeLayerControl(overlay_tree={"label": text, "children": []}).add_to(m),
    "icon_name": lambda m, text: folium.Marker([33, 44], icon=folium.Icon(icon=text, prefix="fa")).add_to(m),
    "beautify_icon": lambda m, text: folium.Marker([33, 44], icon=plugins.BeautifyIcon(number=text)).add_to(m),
    "timestamped_popup": lambda m, text: plugins.TimestampedGeoJson(feature("x", time="2020-01-01", popup=text)).add_to(m),
    "timestamped_data": lambda m, text: plugins.TimestampedGeoJson(feature(text, time="2020-01-01")).add_to(m),
    "timeline_popup": lambda m, text: plugins.TimelineSlider().add_timelines(plugins.Timeline(feature(text, start="2020-01-01", end="2021-01-01")).add_to(m)).add_to(m),
    "fastcluster_row": lambda m, text: plugins.FastMarkerCluster([[33, 44, text]]).add_to(m),
    "tagfilter": lambda m, text: plugins.TagFilterButton([text]).add_to(m),
    "search_value": lambda m, text: plugins.Search(folium.GeoJson(feature(text)).add_to(m), search_label="name").add_to(m),
    "search_placeholder": lambda m, text: plugins.Search(folium.GeoJson(feature("x")).add_to(m), search_label="name", placeholder=text).add_to(m),
    "tile_attr": lambda m, text: folium.TileLayer("https://example.invalid/{z}/{x}/{y}.png", attr=text).add_to(m),
    "colormap_caption": lambda m, text: LinearColormap(["red", "blue"], caption=text).add_to(m),
    "polyline_textpath": lambda m, text: plugins.PolyLineTextPath(folium.PolyLine([[32, 43], [34, 45]]).add_to(m), text).add_to(m),
    "float_image": lambda m, text: plugins.FloatImage(text).add_to(m),
    "choropleth_legend": lambda m, text: folium.Choropleth(feature("x"), data=pd.DataFrame({"k": ["1"], "v": [1.0]}), columns=["k", "v"], key_on="feature.id", legend_name=text).add_to(m),
    "heatwithtime_index": lambda m, text: plugins.HeatMapWithTime([[[33, 44, 1]]], index=[text]).add_to(m),
}  # fmt: skip


@pytest.fixture(scope="module")
def small():
    return explore(example_layers(ACCOUNTS[:4]))._data


@pytest.mark.parametrize("kind", PAYLOADS)
def test_folium_sinks(browser, tmp_path, small, kind):
    m = IncidentMap(small, title=payload(kind, "title"))
    for sink, put in FOLIUM.items():
        put(m, payload(kind, sink))
    folium.LayerControl(collapsed=False).add_to(m)
    path = tmp_path / "map.html"
    m.save(path)
    with Visit(browser, path) as visit:
        page = visit.page
        # folium puts all code into one script: had one text broken it, nothing of it would run.
        assert page.locator(".leaflet-control-layers").count() == 1
        assert page.locator(".leaflet-marker-icon").count() >= 12
        opened = page.evaluate(
            f"""() => {{
                const map = {MAP};
                let opened = 0;
                map.eachLayer((layer) => {{
                    if (layer.getPopup?.()) {{
                        layer.fire("click", {{ latlng: layer.getLatLng?.() ?? map.getCenter() }});
                        layer.openPopup();
                        opened++;
                    }}
                    if (layer.getTooltip?.()) {{ layer.openTooltip(); opened++; }}
                }});
                return opened;
            }}"""
        )
        assert opened >= 12
        page.evaluate(
            "document.querySelectorAll('[onmouseover]').forEach((node) => node.dispatchEvent(new MouseEvent('mouseover', { bubbles: true })))"
        )
        page.wait_for_timeout(60)
        assert visit.ran() is None
        assert visit.fetched == []
        # HTML of popups is HTML, and what it would run or fetch the policy refuses.
        assert [
            line
            for line in visit.complaints
            if "Content Security Policy" not in line and "ERR_" not in line
        ] == []


@pytest.mark.parametrize("sink", REFUSED)
def test_what_needs_a_server_is_refused(small, tmp_path, sink):
    for kind in PAYLOADS:
        m = IncidentMap(small, title="x")
        REFUSED[sink](m, payload(kind, sink))
        with pytest.raises(ValueError, match="have to fetch"):
            m.save(tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sink", FOLIUM)
def test_text_is_no_template(small, tmp_path, sink):
    """folium renders what it has rendered once more: Python would run what stands in braces."""
    made = tmp_path / "made by a cell"
    text = (
        "{{ cycler.__init__.__globals__.os.mkdir("
        + repr(str(made))
        + ") }} {{ 7 * 191 }} {% set x = 1 %}{# #}"
    )
    m = IncidentMap(small, title=text)
    FOLIUM[sink](m, text)
    page = m.get_root().render()
    assert not made.exists()
    assert "1337" not in page
    # folium's own maps are as they were.
    assert folium.Element("{{ 7 * 191 }}").render() == "1337"


def test_harmless_texts_of_folium_are_shown_as_they_are(browser, tmp_path, small):
    text = r"C:\new\table `code` ${cost} \` $5 &amp; <b>bold</b>"
    m = IncidentMap(small, title="x")
    tooltip = folium.Tooltip(text)
    folium.Marker(
        [33, 44],
        icon=folium.DivIcon(html="x"),
        tooltip=tooltip,
        popup=folium.Popup(r"C:\new `code` ${cost} <b>bold</b>", show=True),
    ).add_to(m)
    path = tmp_path / "map.html"
    m.save(path)
    m.save(path)  # what was made harmless for one rendering is itself again
    assert tooltip.text == text
    with Visit(browser, path) as visit:
        popup = visit.page.locator(".leaflet-popup-content")
        assert popup.inner_text().strip() == "C:\\new `code` ${cost} bold"
        assert popup.locator("b").inner_text() == "bold"
        shown = visit.page.evaluate(
            f"() => {{ const map = {MAP}; let text; map.eachLayer((layer) => {{ if (layer.getTooltip?.()) text = layer.openTooltip().getTooltip().getElement().textContent; }}); return text; }}"
        )
        assert shown.strip() == r"C:\new\table `code` ${cost} \` $5 & bold"


# -- Any text ----------------------------------------------------------------


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(st.text(min_size=1, max_size=40), min_size=60, max_size=60))
def test_any_text_is_shown_as_it_is(browser, tmp_path, texts):
    rng = np.random.default_rng(len(texts))
    rows = [
        {
            **row,
            **{
                name: texts[rng.integers(60)]
                for name in ("source", "weapon", "claimed_by", "reason", "report")
            },
            "notes": texts[number],
        }
        for number, row in enumerate(ACCOUNTS)
    ]
    layers = example_layers(
        rows,
        rename={place: texts[20 + number] for number, place in enumerate(PLACES)},
        own=texts[59],
    )
    m = explore(layers, title=texts[58], columns=["own"])
    folium.Marker(
        [33, 44], icon=folium.DivIcon(html="x"), popup=texts[57], tooltip=texts[56]
    ).add_to(m)
    path = tmp_path / "map.html"
    m.save(path)
    with Visit(browser, path) as visit:
        page = visit.page
        assert page.locator("h1").first.evaluate("node => node.textContent") == texts[58]
        page.locator(".geoinc-chips button:visible").last.evaluate("button => button.click()")
        page.evaluate(
            "document.querySelectorAll('dialog details').forEach((part) => (part.open = true))"
        )
        visit.settle()
        shown = page.locator("dialog").first.evaluate("node => node.textContent")
        aside = next(number for number, row in enumerate(ACCOUNTS) if row["incident"] == "aside")
        assert texts[aside].strip() in shown
        assert visit.complaints == []
        assert visit.fetched == []
