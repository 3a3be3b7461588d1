"""The map in Chromium with the network denied: no request, no error, nothing run from a report."""

import re

import folium
import pytest
from map_fixture import ACCOUNTS, PLACES, example_layers
from map_visit import Visit

from geoinc.maps import FOLIUM_ELEMENTS, explore

#: Any of these, run, sets a flag in the page.
EVIL = (
    '<img src=x onerror="window.__ran=1">',
    "</script><script>window.__ran=1</script>",
    "</textarea></title><svg onload=window.__ran=1>",
    "${window.__ran=1}",
    "`);window.__ran=1;//",
    "\\\\`;window.__ran=1;//",
    "javascript:window.__ran=1",
    "x' onmouseover='window.__ran=1' \" onfocus=\"window.__ran=1",
    "a\u2028window.__ran=1\u2029\u202eb\u2066c\x00{{ 7*7 }}",
)
TEXT_COLUMNS = (
    "report",
    "source",
    "original_source",
    "published",
    "time",
    "event_type",
    "weapon",
    "target_type",
    "target_actor",
    "outcome",
    "fired",
    "killed",
    "actor",
    "actor_basis",
    "claimed_by",
    "attributed_by",
    "denied_by",
    "reason",
    "notes",
    "date_basis",
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    explore(example_layers(), title="Attacks on bases").save(path)
    return path


@pytest.fixture
def visit(browser, saved):
    with Visit(browser, saved) as visit:
        yield visit
        assert visit.fetched == []
        assert visit.complaints == []


def test_map_asks_nobody_for_anything(visit):
    assert visit.requests == [visit.page.url]
    assert visit.page.locator("canvas").count() >= 1
    assert visit.page.title() == "Attacks on bases"


def test_page_has_one_global_of_ours(visit):
    script = """() => {
        const frame = document.body.appendChild(document.createElement("iframe"));
        const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow));
        frame.remove();
        return Object.getOwnPropertyNames(window).filter((name) => !usual.has(name) && Number.isNaN(Number(name)));
    }"""
    others = ("map_", "incidents_", "leaflet", "_leaflet")
    names = [name for name in visit.page.evaluate(script) if not name.startswith(others)]
    # L_NO_TOUCH and L_DISABLE_3D are folium's switches for Leaflet.
    assert sorted(names) == ["L", "L_DISABLE_3D", "L_NO_TOUCH", "geoinc"]


def test_panel_says_what_there_is(visit):
    header = visit.page.locator(".geoinc-panel header").inner_text().replace("\xa0", " ")
    assert "15 incidents, 17 accounts, 17 places; 1 summary, 1 not placed" in header
    assert "link, not flight path" in visit.page.locator(".geoinc-panel").inner_text()
    assert (
        "do not imply endorsement"
        in visit.page.locator(".leaflet-control-attribution").inner_text()
    )


def test_counted_symbol_opens_a_dated_list(visit):
    visit.click("iq-ain-al-asad")
    popup = visit.page.locator(".leaflet-popup")
    popup.wait_for()
    assert popup.locator("h2").first.inner_text() == "Ain al-Asad Air Base"
    dates = [time.inner_text() for time in popup.locator("time").all()]
    assert dates == ["2020-01-08", "2021-03-03", "2022-01"]
    popup.locator("summary").nth(1).evaluate("entry => entry.click()")
    record = popup.locator(".geoinc-record").inner_text()
    assert re.search(r"14 km \(5–22\)", record)  # noqa: RUF001
    assert "al-Baghdadi, 8 km away" in record
    assert "122 mm Grad" in record


def test_record_shows_accounts_side_by_side(visit):
    visit.click("iq-balad-air-base")
    visit.page.locator(".leaflet-popup summary").first.evaluate("entry => entry.click()")
    cards = visit.page.locator(".geoinc-card")
    assert cards.count() == 2
    # At one moment: the map may still be moving.
    boxes = (
        "cards => cards.map(c => c.getBoundingClientRect()).map(({x, y, width}) => ({x, y, width}))"
    )
    first, second = cards.evaluate_all(boxes)
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] <= second["x"]
    text = cards.nth(1).inner_text()
    assert "Saraya Example (suspected)" in text
    assert "citing a security official" in text
    link = cards.nth(0).locator("a")
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    assert link.get_attribute("href") == "https://example.org/balad"


def test_popup_stays_in_view_when_it_grows(visit):
    visit.click("iq-erbil-airport")
    popup = visit.page.locator(".leaflet-popup-content-wrapper")
    popup.wait_for()
    for number in range(2):
        # By the page, not by the mouse: the map may still be moving under it.
        visit.page.locator(".geoinc-list summary").nth(number).evaluate("entry => entry.click()")
        visit.page.wait_for_timeout(900)
        box = popup.bounding_box()
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= 1280


def test_area_is_clicked_and_has_no_symbol(visit):
    point = visit.point("iq-nineveh-province")
    visit.page.mouse.click(point["x"] + 40, point["y"] + 45)
    popup = visit.page.locator(".leaflet-popup")
    popup.wait_for()
    assert popup.locator("h2").inner_text() == "Nineveh"
    assert "± 125 km" in popup.inner_text().replace("\xa0", " ")


def test_empty_ground_opens_nothing(visit):
    visit.page.mouse.click(1200, 60)
    visit.page.mouse.click(700, 80)
    assert visit.page.locator(".leaflet-popup").count() == 0


def test_places_apart_when_zoomed_in(visit):
    visit.view(33.3, 44.34, 11)
    visit.click("iq-green-zone")
    assert visit.page.locator(".leaflet-popup h2").first.inner_text() == "Green Zone"
    visit.page.keyboard.press("Escape")
    visit.page.locator(".leaflet-popup").wait_for(state="detached")
    visit.click("iq-victoria-base")
    headings = visit.page.locator(".leaflet-popup h2").all_inner_texts()
    assert headings == ["Victoria Base"]


def test_opens_as_it_looks_later(visit):
    # The panel and the timeline, of which names keep clear, have their sizes by then.
    pixels = "() => [...document.querySelectorAll('.leaflet-pane canvas')].at(-1).toDataURL()"
    opened = visit.page.evaluate(pixels)
    visit.page.get_by_label("Launches").uncheck()
    visit.settle()
    assert visit.page.evaluate(pixels) != opened
    visit.page.get_by_label("Launches").check()
    visit.settle()
    assert visit.page.evaluate(pixels) == opened


def test_filter_changes_what_is_shown(visit):
    shown = visit.page.locator(".geoinc-shown span")
    assert shown.inner_text().replace("\xa0", " ") == "On the map: 12 incidents at 17 places"
    pixels = "() => [...document.querySelectorAll('.leaflet-pane canvas')].at(-1).toDataURL()"
    before = visit.page.evaluate(pixels)
    visit.page.get_by_label("Launches").uncheck()
    visit.settle()
    assert shown.inner_text().replace("\xa0", " ") == "On the map: 12 incidents at 9 places"
    assert visit.page.evaluate(pixels) != before
    visit.page.get_by_label("Targets").uncheck()
    visit.settle()
    assert shown.inner_text().replace("\xa0", " ") == "On the map: 2 incidents at 3 places"
    visit.click("iq-ain-al-asad")
    assert visit.page.locator(".leaflet-popup").count() == 0


def test_chip_opens_its_list(visit):
    visit.page.get_by_role("button", name="2 somewhere in Iraq").click()
    dialog = visit.page.locator("dialog[open]")
    assert dialog.locator("li").count() == 2
    visit.page.keyboard.press("Escape")
    assert visit.page.locator("dialog[open]").count() == 0
    visit.page.get_by_role("button", name="1 not placed").click()
    assert "Batas" in visit.page.locator("dialog[open]").inner_text()
    assert "not placed: unresolved" in visit.page.locator("dialog[open]").inner_text()


def test_panel_folds(visit):
    visit.page.get_by_role("button", name="Hide the legend").click()
    assert not visit.page.locator(".geoinc-body").is_visible()
    visit.page.get_by_role("button", name="Show the legend").click()
    assert visit.page.locator(".geoinc-body").is_visible()


def test_moving_and_zooming_keep_the_marks_in_place(visit):
    visit.page.mouse.move(800, 400)
    visit.page.mouse.down()
    visit.page.mouse.move(700, 350, steps=5)
    visit.page.mouse.up()
    point = visit.point("iq-erbil-airport")
    visit.page.mouse.move(point["x"], point["y"])
    visit.page.mouse.wheel(0, -200)
    visit.page.wait_for_timeout(900)
    visit.click("iq-erbil-airport")
    assert (
        visit.page.locator(".leaflet-popup h2").first.inner_text() == "Erbil International Airport"
    )


def test_phone(browser, saved):
    with Visit(browser, saved, width=390, height=844, phone=True) as visit:
        page = visit.page
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert not page.locator(".geoinc-body").is_visible()
        panel = page.locator(".geoinc-panel").bounding_box()
        assert panel["y"] + panel["height"] == pytest.approx(844, abs=1)
        assert panel["height"] < 140
        for place in ("iq-erbil-airport", "iq-victoria-base", "sy-omar-field"):
            point = visit.point(place)
            assert 0 < point["x"] < 390
            assert 0 < point["y"] < panel["y"]
        page.locator(".geoinc-fold").tap()
        assert page.locator(".geoinc-body").is_visible()
        page.locator(".geoinc-fold").tap()
        point = visit.point("iq-ain-al-asad")
        page.touchscreen.tap(point["x"], point["y"])
        sheet = page.locator("dialog[open]")
        sheet.wait_for()
        assert sheet.bounding_box()["width"] == pytest.approx(390, abs=1)
        assert sheet.locator(".geoinc-list").first.locator("time").count() == 3
        assert visit.fetched == []
        assert visit.complaints == []


@pytest.mark.parametrize("evil", EVIL)
def test_texts_of_reports_never_run(browser, tmp_path, evil):
    hostile = [
        {
            **given,
            **dict.fromkeys(TEXT_COLUMNS, evil),
            "url": evil if number % 2 else "javascript:window.__ran=1",
            "places": {
                role: [
                    (evil, *cell[1:])
                    for cell in (told if isinstance(told, list) else [told])
                    if cell
                ]
                or None
                for role, told in given["places"].items()
            },
        }
        for number, given in enumerate(ACCOUNTS)
    ]
    layers = example_layers(hostile, rename=dict.fromkeys(PLACES, evil), own=evil)
    path = tmp_path / "hostile.html"
    explore(layers, title=evil, columns=["own"]).save(path)
    with Visit(browser, path) as visit:
        page = visit.page
        open_all = "document.querySelectorAll('details').forEach((entry) => { entry.open = true; })"
        for chip in page.locator(".geoinc-chips button").all():
            chip.click()
            page.evaluate(open_all)
            page.wait_for_timeout(30)
            page.keyboard.press("Escape")
        page.evaluate(open_all)
        page.get_by_role("listbox").focus()
        for _ in ACCOUNTS:
            page.keyboard.press("Enter")
            page.evaluate(open_all)
            page.wait_for_timeout(30)
            page.keyboard.press("Escape")
            page.keyboard.press("ArrowDown")
        assert page.locator(".geoinc-card").count() > 0
        assert page.locator(".geoinc-card a").count() == 0
        assert (
            page.locator(".geoinc-panel img, .geoinc-popup img, .geoinc-popup script").count() == 0
        )
        assert visit.ran() is None
        assert visit.fetched == []
        assert visit.complaints == []


def test_policy_stops_what_folium_lets_through(browser, tmp_path):
    """folium puts a popup's words into the page as HTML; the policy keeps them from running."""
    m = explore(example_layers())
    words = '<img src=x onerror="window.__ran=1"><a href="javascript:window.__ran=1">x</a>'
    folium.Marker([33, 44], popup=folium.Popup(words, show=True)).add_to(m)
    folium.Marker([34, 44], tooltip="</script><script>window.__ran=1</script>").add_to(m)
    m.save(tmp_path / "map.html")
    with Visit(browser, tmp_path / "map.html") as visit:
        assert visit.ran() is None
        assert visit.page.locator(".leaflet-marker-icon").count() == 2


PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
FEATURE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "a place"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[43, 32], [45, 32], [45, 34], [43, 32]]],
            },
        },
    ],
}
ELEMENTS = {
    "Circle": lambda m: folium.Circle([33, 44], radius=5000).add_to(m),
    "CircleMarker": lambda m: folium.CircleMarker([33, 44]).add_to(m),
    "CustomIcon": lambda m: folium.Marker([33, 44], icon=folium.CustomIcon(PIXEL)).add_to(m),
    "DivIcon": lambda m: folium.Marker([33, 44], icon=folium.DivIcon(html="<b>here</b>")).add_to(m),
    "FeatureGroup": lambda m: (
        folium.FeatureGroup(name="group").add_child(folium.Marker([33, 44])).add_to(m)
    ),
    "FitBounds": lambda m: m.fit_bounds([[32, 43], [34, 45]]),
    "GeoJson": lambda m: folium.GeoJson(FEATURE).add_to(m),
    "GeoJsonPopup": lambda m: folium.GeoJson(FEATURE, popup=folium.GeoJsonPopup(["name"])).add_to(
        m
    ),
    "GeoJsonTooltip": lambda m: folium.GeoJson(
        FEATURE, tooltip=folium.GeoJsonTooltip(["name"])
    ).add_to(m),
    "LayerControl": lambda m: (
        folium.FeatureGroup(name="group").add_to(m),
        folium.LayerControl().add_to(m),
    ),
    "Marker": lambda m: folium.Marker([33, 44]).add_to(m),
    "PolyLine": lambda m: folium.PolyLine([[33, 44], [34, 45]]).add_to(m),
    "Polygon": lambda m: folium.Polygon([[33, 44], [34, 45], [34, 44]]).add_to(m),
    "Popup": lambda m: folium.Marker([33, 44], popup=folium.Popup("words", show=True)).add_to(m),
    "Rectangle": lambda m: folium.Rectangle([[33, 44], [34, 45]]).add_to(m),
    "Tooltip": lambda m: folium.Marker([33, 44], tooltip="words").add_to(m),
    "raster_layers.ImageOverlay": lambda m: folium.raster_layers.ImageOverlay(
        PIXEL, [[33, 44], [34, 45]]
    ).add_to(m),
}


def test_every_listed_element_is_tried():
    assert sorted(ELEMENTS) == sorted(FOLIUM_ELEMENTS)


@pytest.mark.parametrize("name", FOLIUM_ELEMENTS)
def test_folium_element_works(browser, tmp_path, name):
    m = explore(example_layers())
    ELEMENTS[name](m)
    path = tmp_path / "map.html"
    m.save(path)
    with Visit(browser, path) as visit:
        assert visit.fetched == []
        assert visit.complaints == []
        # folium puts all code into one script: the last line ran, so all did.
        assert visit.page.locator("canvas").count() >= 2


def test_notebook_frame_draws_the_map(browser, tmp_path):
    path = tmp_path / "notebook.html"
    path.write_text(
        f"<!DOCTYPE html><title>notebook</title>{explore(example_layers())._repr_html_()}", "utf-8"
    )
    context = browser.new_context()
    context.set_offline(True)
    page = context.new_page()
    complaints = []
    page.on("console", lambda line: complaints.append(line.text))
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("[data-geoinc=ready]").wait_for(timeout=20_000)
    assert frame.locator("canvas").count() >= 1
    assert complaints == []
    context.close()
