"""Every control of the map's page, used as a person would: clicked, typed in, dragged, by keyboard."""

import csv
import io
import json
import re
import sqlite3
from importlib import resources

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from map_fixture import ACCOUNTS, BALAD, PLACES, account, example_layers
from map_visit import MAP, Visit
from pyproj import Geod

from geoinc import toponyms
from geoinc.layers import layers_from_coordinates
from geoinc.maps import explore
from geoinc.maps.page import static
from geoinc.reports.cells import rearmed
from geoinc.schema import Layers

OWN = account(
    "formula", "2021-08-01", BALAD, event_type="drone", source="=1+1", notes="-2; @x\n'=y'"
)
ARABIC = account(
    "arabic-1", "2021-09-01", ("قرية الشمسي", "sy-mayadin"), event_type="rocket", source="S"
)


@pytest.fixture(scope="module")
def layers():
    return example_layers([*ACCOUNTS, OWN])


@pytest.fixture(scope="module")
def saved(layers, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    explore(layers, title="Attacks on bases").save(path)
    return path


@pytest.fixture
def visit(browser, saved):
    with Visit(browser, saved) as visit:
        yield visit
        assert visit.fetched == []
        assert visit.complaints == []


def shown(visit):
    """Return how many incidents the panel says are on the map."""
    visit.settle()
    words = visit.page.locator(".geoinc-shown [role=status]").inner_text().replace("\xa0", " ")
    found = re.search(r"(\d+) (?:incident|account)", words)
    return int(found[1]) if found else 0


def counts(visit, part="legend"):
    """Return the live counts of a list of boxes, by their names."""
    visit.settle()
    lines = visit.page.locator(f"{part} label").all()
    return {
        line.locator("span").inner_text(): int(line.locator("b").inner_text()) for line in lines
    }


def roles(visit):
    return counts(visit, ".geoinc-body > div > .geoinc-legend")


def open_part(visit, name):
    visit.page.locator(f".geoinc-{name} > summary").click()
    visit.settle()


def counted(layers, role="target"):
    """Return the rows of a role that a mark stands for."""
    rows = layers.layer(role)
    return rows[
        rows["standing"].eq("counted")
        & rows["place_id"].ne("")
        & rows["place_kind"].ne("country")
        & rows["weight"].gt(0)
    ]


# -- What is shown -----------------------------------------------------------


def test_first_view_is_calm(visit):
    """Map, legend and timeline; all that is rare is folded away."""
    page = visit.page
    assert page.locator(".geoinc-panel details[open]").count() == 0
    assert page.locator(".geoinc-timeline").is_visible()
    panel, foot = (page.locator(f".geoinc-{name}").bounding_box() for name in ("panel", "timeline"))
    assert panel["y"] + panel["height"] <= 800
    assert foot["y"] + foot["height"] <= 800
    assert panel["x"] + panel["width"] <= foot["x"]
    assert page.get_by_role("button", name="Clear filters").count() == 0


def test_legend_counts_roles(visit, layers):
    expected = {
        name: counted(layers, role)["incident"].nunique()
        for name, role in (("Targets", "target"), ("Launches", "launch"), ("Impacts", "impact"))
    }
    assert roles(visit) == expected
    visit.page.get_by_label("Targets").uncheck()
    assert roles(visit) == expected  # a filter leaves its own counts alone
    both = pd.concat([counted(layers, "launch"), counted(layers, "impact")])
    assert shown(visit) == both["incident"].nunique()
    visit.page.get_by_role("button", name="Clear filters").click()
    visit.settle()
    assert visit.page.get_by_label("Targets").is_checked()


def test_kinds_of_attack(visit, layers):
    open_part(visit, "filters")
    boxes = counts(visit, "fieldset")
    told = layers.targets[layers.targets["standing"].eq("counted")]
    expected = told.drop_duplicates("incident")["event_type"].value_counts().to_dict()
    assert boxes == expected
    visit.page.get_by_label("drone").uncheck()
    rest = counted(layers)
    launches = counted(layers, "launch")
    both = pd.concat([rest, launches, counted(layers, "impact")])
    assert shown(visit) == both.loc[both["event_type"].ne("drone"), "incident"].nunique()
    assert roles(visit)["Targets"] == rest.loc[rest["event_type"].ne("drone"), "incident"].nunique()


def test_only_better_than(visit, layers):
    open_part(visit, "filters")
    slider = visit.page.get_by_role("slider", name="Place known to within")
    slider.focus()
    for _ in range(5):
        visit.page.keyboard.press("ArrowRight")
    visit.settle()
    assert slider.get_attribute("aria-valuetext") == "5 km"
    best = counted(layers).groupby("incident")["uncertainty_m"].min()
    assert shown(visit) == (best <= 5000).sum()
    visit.page.keyboard.press("Home")
    visit.settle()
    assert slider.get_attribute("aria-valuetext") == "any"
    visit.page.wait_for_url(re.compile(r"^[^#]*#?$|#(?!.*better)"))


def test_accounts_instead_of_incidents(visit, layers):
    open_part(visit, "filters")
    visit.page.get_by_role("button", name="Accounts").click()
    visit.settle()
    assert visit.page.get_by_role("button", name="Accounts").get_attribute("aria-pressed") == "true"
    drawn = counted(layers)["incident"]
    told = layers.targets[layers.targets["incident"].isin(drawn)]
    assert roles(visit)["Targets"] == told["account"].nunique()


def test_chips_follow_the_filters(visit):
    page = visit.page
    assert page.get_by_role("button", name="2 somewhere in Iraq").is_visible()
    page.get_by_role("searchbox").fill("balad")
    visit.settle()
    assert page.get_by_role("button", name="1 undated").is_visible()
    assert page.get_by_role("button", name="2 somewhere in Iraq").count() == 0


def test_popup_and_marks_follow_the_filters(visit):
    pixels = "() => [...document.querySelectorAll('.leaflet-pane canvas')].at(-1).toDataURL()"
    before = visit.page.evaluate(pixels)
    visit.page.get_by_role("searchbox").fill("drone")
    visit.settle()
    assert visit.page.evaluate(pixels) != before
    visit.click("iq-ain-al-asad")
    popup = visit.page.locator(".leaflet-popup")
    popup.wait_for()
    assert popup.locator("time").all_inner_texts() == ["2022-01"]
    visit.page.keyboard.press("Escape")
    popup.wait_for(state="detached")
    visit.click("sy-omar-field")  # a rocket
    assert visit.page.locator(".leaflet-popup").count() == 0


@pytest.mark.parametrize("mode", ["Areas", "Density"])
def test_ways_of_drawing(visit, mode):
    pixels = "() => [...document.querySelectorAll('.leaflet-pane canvas')].at(-1).toDataURL()"
    open_part(visit, "filters")

    def drawn(name):
        visit.page.get_by_role("button", name=name).click()
        visit.settle()
        return visit.page.evaluate(pixels)

    # Names keep clear of the panel, which is taller now than when they were first drawn.
    other, points = drawn(mode), drawn("Points")
    assert other != points
    assert drawn(mode) == other
    keys = visit.page.locator(".geoinc-keys").inner_text()
    assert ("darker" in keys) == (mode == "Density")
    assert drawn("Points") == points


def test_many_countries_wait_behind_one_chip(browser, tmp_path):
    """What is known to the country alone is listed, and does not fill the panel."""
    layers = example_layers([account(f"c{i}", "2021-06-01", ("a road", "iq")) for i in range(45)])
    rows = layers.targets
    # The i-th of nine countries has i incidents.
    numbers = [country for country in range(1, 10) for _ in range(country)]
    rows["place_id"] = [f"c{number}" for number in numbers]
    rows["place_name"] = [f"Country {number}" for number in numbers]
    place = layers.places.loc[["iq"] * 9].assign(name=[f"Country {i}" for i in range(1, 10)])
    place.index = [f"c{i}" for i in range(1, 10)]
    explore(Layers(layers.launches, rows, layers.impacts, place)).save(tmp_path / "many.html")
    with Visit(browser, tmp_path / "many.html") as visit:
        chips = visit.page.locator(".geoinc-chips button:visible")
        first = chips.all_inner_texts()
        assert first == [
            *(f"{i} somewhere in Country {i}" for i in range(4, 10)),
            "3 more countries",
        ]
        visit.page.get_by_role("button", name="3 more countries").click()
        assert len(chips.all_inner_texts()) == 10
        visit.page.get_by_role("button", name="Fewer countries").click()
        assert chips.all_inner_texts() == first
        assert visit.complaints == []


# -- Search ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "incidents"),
    [
        ("asad", {"asad-1", "asad-2", "asad-3"}),
        ("Ain al-Ásád", {"asad-1", "asad-2", "asad-3"}),
        ("assaad", {"asad-1", "asad-2", "asad-3"}),
        ("هجوم صاروخى", {"green-1"}),
        ("قَنَاة", {"green-1"}),
        ("diyala morning", {"balad-1", "balad-2"}),
        ("no such words", set()),
    ],
)
def test_search(visit, layers, words, incidents):
    drawn = set(counted(layers)["incident"])
    visit.page.get_by_role("searchbox").fill(words)
    assert shown(visit) == len(incidents & drawn)
    if not incidents:
        status = visit.page.locator(".geoinc-shown [role=status]")
        assert status.inner_text() == "Nothing passes the filters"


@pytest.fixture(scope="module")
def letters(browser, tmp_path_factory):
    """Return a map that is open, with a place told in Arabic."""
    path = tmp_path_factory.mktemp("letters") / "map.html"
    explore(example_layers([*ACCOUNTS, OWN, ARABIC])).save(path)
    with Visit(browser, path) as visit:
        yield visit
        assert visit.complaints == []


@pytest.mark.parametrize(
    ("words", "incidents"),
    [
        ("بلد", {"balad-1", "balad-2", "balad-3", "formula"}),
        ("قاعدة بلد الجوية", {"balad-1", "balad-2", "balad-3", "formula"}),
        ("عين الأسد", {"asad-1", "asad-2", "asad-3"}),
        ("الأسد 2022", {"asad-3"}),
        ("أربيل", {"erbil-1", "erbil-2"}),
        ("shamsi", {"arabic-1"}),  # written الشمسي
        ("al-Shamsi village", {"arabic-1"}),
        ("shamsi rocket", {"arabic-1"}),
        ("shamsi drone", set()),
        ("القيارة", set()),
    ],
)
def test_search_across_letters(letters, words, incidents):
    """Names of places in Arabic letters for a query in Latin ones, and the other way."""
    letters.page.get_by_role("searchbox").fill(words)
    assert shown(letters) == len(incidents)
    _, data = exported(letters, "CSV")
    told = pd.read_csv(io.BytesIO(data), skiprows=1, dtype=str)
    assert set(told.loc[told["standing"].eq("counted"), "incident"]) == incidents


def test_names_sound_alike_in_the_page_and_in_python(letters):
    """All names of the gazetteer, in four scripts."""
    path = resources.files("geoinc") / "data" / "gazetteer.gpkg"
    with sqlite3.connect(str(path)) as file:
        names = [name for (name,) in file.execute("SELECT DISTINCT text FROM names")]
    assert len(names) > 10_000
    held = json.loads(static("toponyms.json"))
    assert held == json.loads(json.dumps(toponyms.rules())), "write toponyms.json anew"
    script = "([rules, names]) => { const toponyms = new geoinc.Toponyms(rules); return names.map((name) => toponyms.skeleton(name)); }"
    assert letters.page.evaluate(script, [held, names]) == [
        toponyms.skeleton(name) for name in names
    ]


# -- The list ----------------------------------------------------------------


def rows_of_list(visit):
    """Return the rows of the list, from the first to the last: no more are made than are seen."""
    rows = {}
    for top in (0, 1e6):
        visit.page.locator(".geoinc-listbox").evaluate("(box, top) => box.scrollTo(0, top)", top)
        visit.settle()
        for row in visit.page.locator(".geoinc-option").all():
            rows[int(row.get_attribute("aria-posinset"))] = row.inner_text()
    return [rows[place] for place in sorted(rows)]


def test_list_holds_what_is_in_view(visit):
    open_part(visit, "incidents")
    heading = visit.page.locator(".geoinc-incidents > summary")
    assert heading.inner_text() == "Incidents in view (13)"
    visit.view(35.1, 40.57, 9)
    visit.settle()
    assert heading.inner_text() == "Incidents in view (1)"
    assert "al-Omar field" in rows_of_list(visit)[0]
    visit.view(33.9, 45.8, 12)
    visit.settle()
    assert visit.page.get_by_text("No incident with a mark is in view.").is_visible()


def test_list_is_sorted(visit):
    open_part(visit, "incidents")
    box = visit.page.get_by_role("combobox", name="Sort by")
    days = [row.split("\n")[0] for row in rows_of_list(visit)]
    assert days[0] == "2022-01"  # may be of its last day
    assert days[-1] == "undated"
    dated = [day for day in days if len(day) == 10]
    assert dated == sorted(dated, reverse=True)
    box.select_option("oldest")
    days = [row.split("\n")[0] for row in rows_of_list(visit)]
    assert days[0] == "2020-01-08"
    assert days[-1] == "undated"
    box.select_option("byPlace")
    places = [row.split("\n")[1] for row in rows_of_list(visit)]
    assert places == sorted(places, key=str.lower)
    box.select_option("byPrecision")
    assert "Green Zone" in rows_of_list(visit)[0]


def test_list_by_keyboard(visit):
    page = visit.page
    open_part(visit, "incidents")
    page.locator(".geoinc-sort select").focus()
    page.keyboard.press("Tab")
    focused = "document.activeElement.getAttribute('role')"
    assert page.evaluate(focused) == "listbox"
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    active = page.locator(".geoinc-option[aria-selected=true]")
    assert active.get_attribute("aria-posinset") == "12"
    assert active.get_attribute("id") == page.get_by_role("listbox").get_attribute(
        "aria-activedescendant"
    )
    words = active.locator("b").inner_text()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup")
    popup.wait_for()
    assert page.evaluate("document.activeElement.className") == "geoinc-popup"
    assert words in popup.inner_text()
    assert popup.locator(".geoinc-card").count() >= 1
    page.keyboard.press("Escape")
    popup.wait_for(state="detached")
    assert page.evaluate(focused) == "listbox"
    assert active.get_attribute("aria-posinset") == "12"


def test_list_by_mouse(visit):
    open_part(visit, "incidents")
    row = visit.page.locator(".geoinc-option").nth(2)
    words = row.locator("b").inner_text()
    row.click()
    popup = visit.page.locator(".leaflet-popup")
    popup.wait_for()
    assert words in popup.inner_text()
    visit.page.keyboard.press("Escape")
    popup.wait_for(state="detached")
    row = visit.page.locator(".geoinc-option").nth(4)
    words = row.locator("b").inner_text()
    row.click()
    assert words in visit.page.locator(".leaflet-popup").inner_text()


def test_long_list_makes_only_what_is_seen(browser, tmp_path):
    many = [
        account(f"n{i}", f"20{10 + i % 10}-01-{1 + i % 28:02}", BALAD, event_type="rocket")
        for i in range(400)
    ]
    explore(example_layers(many)).save(tmp_path / "many.html")
    with Visit(browser, tmp_path / "many.html") as visit:
        open_part(visit, "incidents")
        assert visit.page.locator(".geoinc-incidents > summary").inner_text().endswith("(400)")
        assert 0 < visit.page.locator(".geoinc-option").count() < 40
        visit.page.get_by_role("listbox").focus()
        visit.page.keyboard.press("End")
        visit.settle()
        assert visit.page.locator("[aria-posinset='400']").is_visible()
        visit.click("iq-balad-air-base")
        popup = visit.page.locator(".leaflet-popup")
        assert popup.locator("time").count() == 100
        popup.get_by_role("button", name="Show more (300)").click()
        popup.locator("time").nth(199).wait_for(state="attached")
        assert popup.locator("time").count() == 200
        assert visit.complaints == []


# -- The timeline --------------------------------------------------------------


def handle(visit, end):
    name = {"from": "First day shown", "to": "Last day shown"}[end]
    return visit.page.get_by_role("slider", name=name)


def span(visit):
    visit.settle()
    texts = [handle(visit, end).get_attribute("aria-valuetext") for end in ("from", "to")]
    return [pd.Timestamp(text) for text in texts]


def possible(layers, first, last):
    """Return the incidents with a mark that may be of a day from one to another."""
    drawn = pd.concat([counted(layers, role) for role in ("target", "launch", "impact")])
    inside = (drawn["date_start"] <= last) & (drawn["date_end"] >= first)
    return drawn.loc[inside, "incident"].nunique()


def test_brush_by_mouse(visit, layers):
    track = visit.page.locator(".geoinc-track").bounding_box()
    at = track["y"] + 20
    visit.page.mouse.move(track["x"] + 0.4 * track["width"], at)
    visit.page.mouse.down()
    visit.page.mouse.move(track["x"] + 0.7 * track["width"], at, steps=6)
    visit.page.mouse.up()
    first, last = span(visit)
    assert first > pd.Timestamp("2020-10-01")
    assert last < pd.Timestamp("2021-08-01")
    assert shown(visit) == possible(layers, first, last)
    # The brush is dragged along, then its right end alone.
    visit.page.mouse.move(track["x"] + 0.5 * track["width"], at)
    visit.page.mouse.down()
    visit.page.mouse.move(track["x"] + 0.6 * track["width"], at, steps=6)
    visit.page.mouse.up()
    moved = span(visit)
    assert moved[0] > first
    assert abs((moved[1] - moved[0]) - (last - first)) <= pd.Timedelta(days=7)
    box = handle(visit, "to").bounding_box()
    visit.page.mouse.move(box["x"] + box["width"] / 2, at)
    visit.page.mouse.down()
    visit.page.mouse.move(track["x"] + track["width"] + 30, at, steps=6)
    visit.page.mouse.up()
    assert span(visit)[0] == moved[0]
    assert span(visit)[1] > moved[1]
    visit.page.get_by_role("button", name="Show all days").click()
    visit.page.wait_for_url(re.compile(r"^[^#]*#?$|#(?!.*days)"))
    assert shown(visit) == 13


def test_brush_by_keyboard(visit, layers):
    start = handle(visit, "from")
    start.focus()
    before = span(visit)
    visit.page.keyboard.press("PageUp")
    first, last = span(visit)
    assert first > before[0]
    assert shown(visit) == possible(layers, first, last)
    assert shown(visit) < 13
    handle(visit, "to").focus()
    visit.page.keyboard.press("Home")
    visit.settle()
    assert int(handle(visit, "to").get_attribute("aria-valuenow")) == 1 + int(
        start.get_attribute("aria-valuenow")
    )
    visit.page.keyboard.press("Shift+ArrowRight")
    assert span(visit)[0] == first + pd.Timedelta(days=7)


def test_undated_and_imprecise(visit, layers):
    """A month counts wherever it overlaps; what has no date is in its chip."""
    handle(visit, "from").focus()
    for _ in range(200):
        visit.page.keyboard.press("ArrowRight")
    first, last = span(visit)
    assert last - first < pd.Timedelta(days=7)
    assert (
        shown(visit) == possible(layers, first, last) == 1
    )  # "2022-01", of 31 January at the latest
    assert visit.page.get_by_role("button", name="1 undated").is_visible()


def test_imprecise_dates_are_lines(visit):
    """Below the bars, as long as the span: January 2022, of 109 weeks from 6 January 2020."""
    script = """() => {
        const canvas = document.querySelector(".geoinc-track canvas");
        const density = canvas.width / canvas.clientWidth;
        const row = canvas.getContext("2d").getImageData(0, 50 * density, canvas.width, 1).data;
        const dark = [...Array(canvas.width).keys()].filter((x) => row[4 * x + 3] > 0);
        return [dark[0] / canvas.width, dark.at(-1) / canvas.width, dark.length / canvas.width];
    }"""
    start, end, length = visit.page.evaluate(script)
    first, last = pd.Timestamp("2020-01-06"), pd.Timestamp("2022-02-07")
    expected = [
        (pd.Timestamp(day) - first) / (last - first) for day in ("2022-01-01", "2022-02-01")
    ]
    assert start == pytest.approx(expected[0], abs=0.005)
    assert end == pytest.approx(expected[1], abs=0.005)
    assert length == pytest.approx(expected[1] - expected[0], abs=0.005)


def test_timeline_on_a_phone(browser, saved):
    with Visit(browser, saved, width=390, height=844, phone=True) as visit:
        visit.page.locator(".geoinc-fold").tap()
        assert visit.page.locator(".geoinc-body .geoinc-timeline").is_visible()
        track = visit.page.locator(".geoinc-track").bounding_box()
        visit.page.touchscreen.tap(track["x"] + 0.52 * track["width"], track["y"] + 20)
        first, last = span(visit)
        assert last - first == pd.Timedelta(days=6)
        visit.page.get_by_role("button", name="Show all days").tap()
        assert span(visit)[0] == pd.Timestamp("2020-01-06")
        assert visit.complaints == []


def test_play_moves_the_span(visit):
    visit.page.get_by_role("button", name="Play").click()
    visit.settle()
    start = span(visit)
    visit.page.wait_for_function(
        "before => document.querySelector('.geoinc-handle-from').getAttribute('aria-valuenow') > before",
        arg="0",
    )
    assert span(visit)[0] > start[0]
    visit.page.get_by_role("button", name="Pause").click()
    held = span(visit)
    visit.page.wait_for_timeout(500)
    assert span(visit) == held


# -- Export --------------------------------------------------------------------


def exported(visit, label):
    if visit.page.locator(".geoinc-export[open]").count() == 0:
        open_part(visit, "export")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name=label, exact=True).click()
    with open(download.value.path(), "rb") as file:  # noqa: PTH123
        return download.value.suggested_filename, file.read()


def told(layers, incidents=None):
    """Return the rows of the layers that tell a place, as the export writes them."""
    rows = layers.rows()
    rows = rows[rows["place_status"].ne("not told")]
    return rows if incidents is None else rows[rows["incident"].isin(incidents)]


SAME = [
    "incident",
    "role",
    "place",
    "place_status",
    "place_name",
    "source",
    "date",
    "notes",
    "standing",
    "fired",
]


def test_csv_is_the_layer(visit, layers):
    name, data = exported(visit, "CSV")
    assert name == "Attacks-on-bases.csv"
    text = data.decode("utf-8-sig")
    first, rest = text.split("\r\n", 1)
    assert first.startswith('"# Attacks on bases. 16 incidents, 18 accounts; filters: none.')
    table = pd.read_csv(io.StringIO(rest), dtype=str, keep_default_na=False).map(rearmed)
    expected = told(layers)
    # An account that tells no place has one row all the same.
    assert table["place_status"].eq("not told").sum() == 0
    assert len(table) == len(expected)
    # An impact inside a site is no more precise than the site.
    expected = expected.replace({"place_name": {"Balad runway": "Balad Air Base"}})
    for got, want in zip(
        sorted(table[SAME].itertuples(index=False)),
        sorted(expected[SAME].itertuples(index=False)),
        strict=True,
    ):
        assert got == want
    # The accounts of an incident are numbered: rows of one bear one number.
    assert set(table.loc[table["incident"].eq("balad-1"), "account"]) == {"1", "2"}
    apart = table.groupby(["incident", "account"])["source"].nunique()
    assert apart.max() == 1
    assert len(apart) == layers.targets["account"].nunique()
    shared = table[table["place"].eq("the base [2]")].iloc[0]
    assert shared["rounds_best"] == "2"
    numbers = table[table["longitude"].ne("")]
    where = {told[0]: told[4:7] for told in PLACES.values()}
    site = numbers["drawn_as"].ne("")
    for row in numbers[~site].itertuples():
        longitude, latitude, uncertainty = where[row.place_name]
        assert float(row.longitude) == pytest.approx(longitude, abs=1e-5)
        assert float(row.latitude) == pytest.approx(latitude, abs=1e-5)
        assert float(row.uncertainty_m) == pytest.approx(uncertainty, abs=1)
    # An impact inside a site is no more precise than the site.
    assert set(numbers.loc[site, "place_name"]) == {"Balad Air Base"}


def test_csv_runs_nothing_in_a_spreadsheet(visit):
    _, data = exported(visit, "CSV")
    cells = [cell for line in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in line]
    assert "'=1+1" in cells
    assert any(cell.startswith("'-2; @x") for cell in cells)
    for cell in cells:
        assert not re.match(r"[=+@\t\r]|-(?![\d.]+$)", cell)


def test_geojson_is_what_is_filtered(visit, layers, tmp_path):
    visit.page.get_by_label("Impacts").uncheck()
    visit.page.get_by_role("searchbox").fill("balad")
    visit.settle()
    name, data = exported(visit, "GeoJSON")
    assert name == "Attacks-on-bases.geojson"
    path = tmp_path / name
    path.write_bytes(data)
    held = json.loads(data)
    assert "filters: words=balad, roles=launch,target" in held["citation"]
    assert visit.page.locator(".geoinc-cited").inner_text() == held["citation"]
    expected = told(layers, ["balad-1", "balad-2", "balad-3", "formula"])
    expected = expected[expected["role"].ne("impact")]
    table = gpd.read_file(path)
    assert sorted(table["place"]) == sorted(expected["place"])
    assert sorted(table["incident"]) == sorted(expected["incident"])
    areas = table[table.geometry.geom_type.eq("MultiPolygon")]
    assert set(areas["place_name"]) == {"Diyala", "Diyala, east of Balad Air Base"}
    assert areas.geometry.is_valid.all()
    for row in areas.itertuples():
        key = next(key for key, told in PLACES.items() if told[0] == row.place_name)
        outline = layers.places.geometry[key]
        assert (
            shapely.area(shapely.symmetric_difference(row.geometry, outline)) < 0.01 * outline.area
        )
    points = table[table.geometry.geom_type.eq("Point")]
    assert set(points["place_name"]) == {"Balad Air Base"}


def test_areas_with_holes_survive_the_export(browser, tmp_path):
    outer = shapely.Point(45, 34).buffer(1)
    layers = example_layers(ACCOUNTS[:1])
    ring = outer.difference(shapely.Point(45, 34).buffer(0.6)).union(
        shapely.Point(45, 34).buffer(0.2)
    )
    layers.places.loc["rel-diyala-east", "geometry"] = ring
    explore(layers).save(tmp_path / "ring.html")
    with Visit(browser, tmp_path / "ring.html") as visit:
        _, data = exported(visit, "GeoJSON")
    table = gpd.GeoDataFrame.from_features(json.loads(data)["features"])
    area = table.loc[table["place_name"].eq("Diyala, east of Balad Air Base")].geometry.iloc[0]
    assert len(area.geoms) == 2
    assert sum(len(part.interiors) for part in area.geoms) == 1
    assert area.symmetric_difference(ring).area < 0.02 * ring.area


def test_controls_work_in_a_notebook(browser, layers, tmp_path):
    """A notebook shows the page in a frame that may little: no address, no storage."""
    path = tmp_path / "notebook.html"
    frame = explore(layers, title="In a notebook")._repr_html_()
    path.write_text(f"<!DOCTYPE html><title>notebook</title>{frame}", "utf-8")
    context = browser.new_context()
    page = context.new_page()
    complaints = []
    page.on("console", lambda line: complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    inner = page.frame_locator("iframe")
    inner.locator("[data-geoinc=ready]").wait_for(timeout=20_000)
    inner.get_by_role("searchbox").fill("asad")
    page.wait_for_timeout(400)
    inner.locator(".geoinc-export > summary").click()
    with page.expect_download() as download:
        inner.get_by_role("button", name="CSV", exact=True).click()
    assert download.value.suggested_filename == "In-a-notebook.csv"
    assert "al-Assad" in download.value.path().read_text("utf-8")
    assert complaints == []
    context.close()


# -- State, measuring, about ---------------------------------------------------


def test_view_is_in_the_address(browser, saved, visit):
    visit.page.get_by_label("Impacts").uncheck()
    open_part(visit, "filters")
    visit.page.get_by_label("drone").uncheck()
    visit.page.get_by_role("button", name="Areas").click()
    visit.page.get_by_role("button", name="Accounts").click()
    visit.page.get_by_role("searchbox").fill("morning")
    handle(visit, "from").focus()
    visit.page.keyboard.press("PageUp")
    visit.view(33.5, 44.2, 7.5)
    visit.page.wait_for_timeout(400)
    anchor = "#" + visit.page.url.split("#")[1]
    for words in ("map=7.5/33.5", "days=", "words=morning", "mode=areas", "unit=accounts"):
        assert words in anchor
    with Visit(browser, saved, anchor=anchor) as second:
        assert shown(second) == shown(visit)
        assert roles(second) == roles(visit)
        assert span(second) == span(visit)
        assert second.page.get_by_role("searchbox").input_value() == "morning"
        assert not second.page.get_by_label("Impacts").is_checked()
        assert second.page.evaluate(f"({MAP}).getZoom()") == 7.5
        open_part(second, "filters")
        assert not second.page.get_by_label("drone").is_checked()
        pressed = second.page.locator("[aria-pressed=true]").all_inner_texts()
        assert pressed == ["Areas", "Accounts"]
        second.page.evaluate("location.hash = ''")
        second.page.wait_for_function("document.querySelector('#geoinc-search').value === ''")
        assert shown(second) == 13
        assert second.complaints == []


@pytest.mark.parametrize(
    "anchor",
    ["#map=a/b/c&days=x/y&roles=none&mode=3d&better=-1&hidden=%E0%A4%A", "#%%%", "#map=99/999/999"],
)
def test_bad_addresses_show_the_map(browser, saved, anchor):
    with Visit(browser, saved, anchor=anchor) as visit:
        assert visit.page.locator(".geoinc-panel").is_visible()
        assert visit.complaints == []


def test_measured_distance(visit):
    geod = Geod(ellps="WGS84")
    button = visit.page.get_by_role("button", name="Measure a distance")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    at = [visit.point("iq-ain-al-asad"), visit.point("iq-erbil-airport")]
    for point in at:
        visit.page.mouse.click(point["x"], point["y"])
    said = visit.page.locator(".geoinc-measure")
    ends = [PLACES[name][4:6] for name in ("iq-ain-al-asad", "iq-erbil-airport")]
    expected = geod.inv(*ends[0], *ends[1])[2] / 1000
    assert float(said.inner_text().removesuffix(" km")) == pytest.approx(expected, abs=1)
    assert visit.page.locator(".leaflet-popup").count() == 0
    # By keyboard: the map is moved, Enter takes its middle.
    visit.page.keyboard.press("Enter")
    assert "in all" in said.inner_text()
    visit.page.keyboard.press("Escape")
    assert not said.is_visible()
    assert button.get_attribute("aria-pressed") == "false"
    assert visit.page.evaluate("document.activeElement.className").startswith("geoinc-ruler")


@pytest.mark.parametrize(
    "ends", [(44, 33, 44.5, 33.2), (35, 32, 55, 30), (-10, 60, 100, -20), (44, 33, 44, 33)]
)
def test_distances_are_those_of_the_ellipsoid(visit, ends):
    script = "([ax, ay, bx, by]) => geoinc.distance({lng: ax, lat: ay}, {lng: bx, lat: by})"
    expected = Geod(ellps="WGS84").inv(*ends)[2]
    assert visit.page.evaluate(script, list(ends)) == pytest.approx(expected, abs=0.5, rel=1e-5)


def test_about_says_where_it_is_from(visit):
    open_part(visit, "about")
    words = visit.page.locator(".geoinc-about").inner_text()
    for part in (
        "counted once",
        "not a flight path",
        "Places: ",
        "Apache-2.0",
        "Made on 20",
        "endorsement",
    ):
        assert part in words


@pytest.mark.parametrize("day", ["", "2021-03-02"])
def test_map_without_two_days_has_no_timeline(browser, tmp_path, day):
    explore(example_layers([account("one", day, BALAD)])).save(tmp_path / "one.html")
    with Visit(browser, tmp_path / "one.html") as visit:
        assert visit.page.locator(".geoinc-timeline").count() == 0
        assert shown(visit) == 1
        assert visit.complaints == []


# -- Places given by coordinates ----------------------------------------------


def test_coordinates_are_called_what_reports_call_them(browser, tmp_path):
    """Figures stand on the map where nothing else is told."""
    table = pd.DataFrame(
        {
            "longitude": [36.5, 36.5, 36.5, 38.2],
            "latitude": [35.7, 35.7, 35.7, 36.4],
            "target": ["Rami", "Rami village", "Rami village", ""],
        }
    )
    layers = layers_from_coordinates(table, uncertainty_m=3000)
    explore(layers).save(tmp_path / "map.html")
    with Visit(browser, tmp_path / "map.html") as visit:
        script = "([lat, lng]) => (" + MAP + ").latLngToContainerPoint([lat, lng])"
        headings = []
        for spot in ([35.7, 36.5], [36.4, 38.2]):
            point = visit.page.evaluate(script, spot)
            visit.page.mouse.click(point["x"], point["y"])
            popup = visit.page.locator(".leaflet-popup")
            popup.wait_for()
            headings.append(popup.locator("h2, h2 + p").all_inner_texts())
            visit.page.keyboard.press("Escape")
            popup.wait_for(state="detached")
        name, about = headings[0]
        assert name == "Rami village"
        assert "35.70000, 36.50000" in about
        assert headings[1][0] == "36.40000, 38.20000"
        _, data = exported(visit, "CSV")
        assert visit.complaints == []
    held = pd.read_csv(io.BytesIO(data), skiprows=1, dtype=str)
    # What is called so on the map is not what it resolved to.
    assert set(held["place_name"]) == set(layers.targets["place_name"])
    explore(layers).to_svg(tmp_path / "map.svg")
    assert "Rami village" in (tmp_path / "map.svg").read_text("utf-8")
