"""The engine of the map in Chromium: what it counts, links, spreads and decodes, against plain pandas."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from map_fixture import account, example_layers, place
from map_page import column, unpack

from geoinc.layers import layers_from_coordinates
from geoinc.maps import explore
from geoinc.places import places_frame
from geoinc.schema import Layers

made_up = pytest.importorskip("benchmarks.map", reason="playwright is not installed")

#: Keeps the marks of a page where a test finds them.
WATCH = """
let ours;
Object.defineProperty(window, "geoinc", { configurable: true, get: () => ours, set(value) {
    ours = value;
    let marks;
    Object.defineProperty(value, "Marks", { configurable: true, enumerable: true, get: () => marks, set(Marks) {
        marks = class extends Marks { constructor(...args) { super(...args); window.marks = this; } };
    }});
}});
window.frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))));
window.map = () => Object.values(window).find((value) => value instanceof L.Map);
"""


class Opened:
    """A page with its marks at hand."""

    def __init__(self, browser, path, *, before=""):
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.context.set_offline(True)
        self.page = self.context.new_page()
        self.page.add_init_script(WATCH + before)
        self.complaints = []
        self.page.on("console", lambda line: self.complaints.append(line.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("[data-geoinc=ready]", timeout=60_000)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def ask(self, script, *given):
        return self.page.evaluate(script, *given)

    def settle(self):
        self.ask("() => frame()")


@pytest.fixture(scope="module")
def many():
    return made_up.layers(5_000, places=300, polygons=60, seed=3)


@pytest.fixture(scope="module")
def saved(many, tmp_path_factory):
    path = tmp_path_factory.mktemp("scale") / "map.html"
    explore(many, title="Many").save(path)
    return path


@pytest.fixture(scope="module")
def opened(browser, saved):
    with Opened(browser, saved) as page:
        yield page
        assert page.complaints == []


@pytest.fixture
def page(opened):
    opened.ask(
        "() => { marks.selection.set('t', null); marks.selection.setMode('points'); marks.selection.setUnit('incidents');"
        " marks.selection.setRoles(['target', 'launch', 'impact']); }"
    )
    opened.settle()
    return opened


NODES = (
    "() => marks.layout.nodes.map(({ role, count, places, number }) => ({ role, count, places,"
    " names: marks.layout.groupsOf({ number }).map((group) => marks.groups.name(group)) }))"
)


def test_symbols_count_each_incident_once(page, many):
    """Every symbol's number is that of the distinct incidents at its places."""
    nodes = page.ask(NODES)
    assert len(nodes) > 20
    layers = {role: many.layer(role).groupby("place_name")["incident"] for role in ("target", "launch", "impact")}  # fmt: skip
    for node in nodes:
        incidents = layers[node["role"]]
        told = {one for name in node["names"] for one in incidents.get_group(name)}
        assert (node["count"], node["places"]) == (len(told), len(node["names"]))


def test_symbols_do_not_cover_each_other(page):
    spots = page.ask("() => marks.layout.nodes.map(({ x, y, role }) => [x, y, role])")
    by_role = pd.DataFrame(spots, columns=["x", "y", "role"])
    for _, group in by_role.groupby("role"):
        gaps = shapely.distance(*np.meshgrid(shapely.points(group[["x", "y"]].to_numpy()), shapely.points(group[["x", "y"]].to_numpy())))  # fmt: skip
        assert gaps[~np.eye(len(group), dtype=bool)].min() > 10


def test_filters_reach_symbols_and_counts(page):
    page.ask("() => marks.selection.set('t', (incident) => incident % 3 === 0)")
    page.settle()
    kept = len(range(0, 5_000, 3))
    assert page.ask("() => marks.selection.count") == kept
    targets = sum(node["count"] for node in page.ask(NODES) if node["role"] == "target")
    assert 0 < targets <= kept
    page.ask("() => marks.selection.set('t', (incident) => incident < 0)")
    page.settle()
    assert page.ask(NODES) == []
    assert page.ask("() => marks.lines.length") == 0


def test_masks_leave_their_own_filter_out(page):
    page.ask("() => { marks.selection.set('a', (i) => i < 100); marks.selection.set('b', (i) => i % 2 === 0); }")  # fmt: skip
    counts = page.ask("() => ['a', 'b', 'none'].map((name) => marks.selection.mask(name).reduce((a, b) => a + b, 0))")  # fmt: skip
    page.ask("() => { marks.selection.set('a', null); marks.selection.set('b', null); }")
    assert counts == [2_500, 100, 50]
    assert page.ask("() => marks.selection.mask().reduce((a, b) => a + b, 0)") == 5_000


def test_hidden_role_has_no_symbols_and_no_links(page):
    page.ask("() => marks.selection.setRoles(['target', 'impact'])")
    page.settle()
    assert {node["role"] for node in page.ask(NODES)} == {"target", "impact"}
    assert page.ask("() => marks.lines.length") == 0


def test_links_are_bundled_and_the_strongest_are_drawn(page, many):
    lines = page.ask(
        "() => marks.lines.map(({ count, coarse, fell }) => ({ count, coarse, fell }))"
    )
    left_out = page.ask("() => marks.links.omitted")
    assert lines
    assert [line["count"] for line in lines] == sorted((line["count"] for line in lines), reverse=True)  # fmt: skip
    assert left_out > 0
    assert f"{left_out:,} weaker links" in page.page.locator(".geoinc-keys").inner_text()
    held = page.ask("() => marks.links.counts.reduce((a, b) => a + b, 0)")
    drawn = {role: many.layer(role).set_index("incident")["place_name"] for role in ("target", "impact")}  # fmt: skip
    apart = (drawn["target"] != drawn["impact"]).sum()
    assert held == 5_000 + apart


def test_hovering_lights_both_ends(page):
    ends = page.ask(
        "() => { const line = marks.lines.find(({ ring }) => !ring); marks.light([line.groups[0]]);"
        " const lit = marks.touched(); return [line.ends.every((end) => lit.has(end)), lit.size]; }"
    )
    page.ask("() => marks.light([])")
    assert ends[0]
    assert ends[1] >= 2


def test_a_crowd_is_zoomed_into_and_a_few_are_listed(page):
    page.ask("() => map().setView([33.5, 42.5], 5, { animate: false })")
    script = """(most) => {
        const { groups } = marks;
        const far = (group) => Math.hypot(groups.x[group] - groups.x[0], groups.y[group] - groups.y[0]);
        const near = [...groups.x.keys()].sort((a, b) => far(a) - far(b)).slice(0, most);
        return marks.closer(marks.objects(near), map()) !== null;
    }"""
    assert page.ask(script, 60)
    assert not page.ask(script, 3)


def test_list_in_view_is_what_lies_in_the_bounds(page, many):
    page.ask("() => map().setView([33.5, 42.5], 8, { animate: false })")
    west, south, east, north = page.ask(
        "() => { const b = map().getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; }"
    )
    found = page.ask("() => Array.from(marks.inView(map()))")
    rows = pd.concat([many.launches, many.targets, many.impacts])
    inside = rows["longitude"].between(west, east) & rows["latitude"].between(south, north)
    assert found == sorted(found)
    assert len(found) == rows.loc[inside, "incident"].nunique()


def test_density_keeps_the_mass_of_incidents(page):
    """All incidents are in view: the cells of each role sum to as many as there are."""
    page.ask("() => { map().setView([33.5, 42.5], 5.5, { animate: false }); marks.selection.setMode('density'); }")  # fmt: skip
    page.settle()
    mass = "(role) => marks.density.surface(marks.sheet.view, role)?.cells.reduce((a, b) => a + b, 0) ?? null"
    for role in ("target", "launch", "impact"):
        assert page.ask(mass, role) == pytest.approx(5_000, rel=0.02)
    assert page.ask("() => marks.layout.nodes.length + marks.layout.areas.length") == 0


def test_density_shows_the_chosen_roles(page):
    """Each in its own colour: the darkest spot of the launches is orange, that of the targets blue."""
    page.ask("() => { map().setView([33.5, 42.5], 5.5, { animate: false }); marks.selection.setMode('density'); }")  # fmt: skip
    colours = """(role) => {
        marks.selection.setRoles([role]);
        return frame().then(() => {
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [marks.sheet.view.size.x, marks.sheet.view.size.y];
            const context = canvas.getContext("2d");
            marks.density.paint(context, marks.sheet.view);
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            let best = 0;
            for (let i = 0; i < data.length; i += 4) if (data[i + 3] > data[best + 3]) best = i;
            return Array.from(data.slice(best, best + 3));
        });
    }"""
    keys = page.page.locator(".geoinc-keys li")
    for role, colour, name in (("target", "#0072B2", "Targets"), ("launch", "#D55E00", "Launches")):
        expected = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        assert page.ask(colours, role) == pytest.approx(expected, abs=3)
        assert keys.all_inner_texts() == [f"{name} · darker where more incidents may lie"]
    page.ask("() => marks.selection.setRoles([])")
    page.settle()
    assert page.ask("() => marks.density.surface(marks.sheet.view, 'target')") is None


def test_areas_have_no_symbols_and_fade_with_width(page):
    page.ask("() => marks.selection.setMode('areas')")
    page.settle()
    assert page.ask("() => marks.layout.nodes.length") == 0
    drawn = page.ask("() => [marks.layout.areas.length, marks.layout.dots.length]")
    assert sum(drawn) > 300
    sizes = page.ask("() => marks.layout.areas.map(({ uncertainty }) => uncertainty)")
    assert sizes == sorted(sizes, reverse=True)


def test_accounts_are_counted_where_asked(browser, tmp_path):
    told = [account("one", "2021-01-01", ("Erbil", "iq-erbil-airport"), source=f"S{i}") for i in range(3)]  # fmt: skip
    explore(example_layers(told)).save(tmp_path / "map.html")
    with Opened(browser, tmp_path / "map.html") as page:
        assert page.ask("() => marks.layout.nodes.map(({ count }) => count)") == [1]
        page.ask("() => marks.selection.setUnit('accounts')")
        page.settle()
        assert page.ask("() => marks.layout.nodes.map(({ count }) => count)") == [3]
        assert page.ask("() => marks.selection.count") == 3


TEXTS = ["", "a", "🚀" * 3 + "é", "صاروخ\u200f", "x\x00y", "l\nine", "«é»" * 20_000, "\u2028", "𐍈b"]


@pytest.mark.parametrize("plain", [False, True])
def test_texts_and_numbers_come_through_as_they_are(browser, tmp_path, plain):
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "lon": 44 + np.arange(300) / 1000,
            "lat": 33.0,
            "incident": [f"i{i:03}" for i in range(300)],
            "notes": [TEXTS[i % len(TEXTS)] for i in range(300)],
            "own": rng.choice([1.5, -2.25, np.nan, 1e9, 123456.789], 300),
            "numbered": [f"é-{i * 7}" for i in range(300)],
            "padded": [f"é-{i:04}" for i in range(300)],
            "count": np.where(np.arange(300) % 7 == 0, np.nan, np.arange(300) - 50),
        }
    )
    layers = layers_from_coordinates(table, longitude="lon", latitude="lat", uncertainty_m=100)
    m = explore(layers, columns=["own", "count", "numbered", "padded"], plain=plain)
    m.save(tmp_path / "map.html")
    held = unpack((tmp_path / "map.html").read_text("utf-8"))
    old = "window.DecompressionStream = undefined;" if plain else ""
    with Opened(browser, tmp_path / "map.html", before=old) as page:
        for name in ("notes", "numbered", "padded", "own", "count"):
            read = page.ask(
                "(name) => Array.from({ length: 300 }, (_, i) => marks.data.accounts.get(name, i) ?? null)",
                name,
            )
            told = [None if value in {"", None} else value for value in column(held["accounts"], name)]  # fmt: skip
            given = layers.targets[name].tolist()
            assert read == told
            if name in {"notes", "numbered", "padded"}:
                assert [value or "" for value in read] == given
            else:
                assert pd.Series(read, dtype=float).to_numpy() == pytest.approx(pd.to_numeric(pd.Series(given)).to_numpy(), nan_ok=True)  # fmt: skip


def coordinates(rows, **more):
    table = pd.DataFrame({"lon": [lon for lon, _ in rows], "lat": [lat for _, lat in rows], **more})
    return layers_from_coordinates(table, longitude="lon", latitude="lat", uncertainty_m=500)


def crossing():
    """Places on both sides of the antimeridian, one of them across it."""
    wide = shapely.MultiPolygon(
        [shapely.box(178, -18, 180, -16), shapely.box(-180, -18, -178, -16)]
    )
    layers = example_layers([account("a", "2021-01-01", ("Erbil", "iq-erbil-airport"))])
    moved = {"longitude": 180.0, "latitude": -17.0, "uncertainty_m": 240_000.0, "footprint": wide}
    places = places_frame([place("iq-erbil-airport", **moved)])
    targets = layers.targets.assign(longitude=180.0, latitude=-17.0, uncertainty_m=240_000.0)
    return Layers(layers.launches, targets, layers.impacts, places)


ODD = {
    "no rows": (lambda: coordinates([(44.0, 33.0)]), {"embargo": "99999D"}, 0),
    "nothing located": (lambda: coordinates([(None, None)] * 3), {}, 3),
    "one point": (lambda: coordinates([(44.0, 33.0)]), {}, 1),
    "antimeridian": (lambda: coordinates([(179.9, -17.0), (-179.9, -17.0)]), {}, 2),
    "an area across the antimeridian": (crossing, {}, 1),
    "long notes": (lambda: coordinates([(44.0, 33.0)], notes="word " * 10_000), {}, 1),
    "no dates": (
        lambda: coordinates([(44.0, 33.0)] * 2, date=[np.nan, "soon"], incident=["a", "b"]),
        {},
        2,
    ),
    "lone surrogates": (
        lambda: coordinates([(44.0, 33.0)], notes=pd.Series(["a\ud800b"], dtype=object)),
        {},
        1,
    ),
    "300 columns": (
        lambda: coordinates([(44.0, 33.0)], **{f"c{i}": i for i in range(300)}),
        {"columns": [f"c{i}" for i in range(300)]},
        1,
    ),
    "poles": (lambda: coordinates([(0.0, 90.0), (10.0, -90.0)]), {}, 2),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_data_opens_and_is_counted(browser, tmp_path, name):
    make, options, incidents = ODD[name]
    explore(make(), **options).save(tmp_path / "map.html")
    with Opened(browser, tmp_path / "map.html") as page:
        page.ask("() => { for (const mode of ['areas', 'density', 'points']) { marks.selection.setMode(mode); } }")  # fmt: skip
        page.settle()
        text = page.page.locator(".geoinc-panel header").inner_text().replace("\xa0", " ")
        assert f"{incidents} incident" in text
        assert page.page.locator("canvas").count() >= 2
        assert page.complaints == []
        assert (
            json.loads(page.ask("() => JSON.stringify(marks.data.header)"))["incidents"]
            == incidents
        )
