"""Maps of more incidents than each can have a mark: every count against plain pandas, and in Chromium."""

import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest

import geoinc as gi
from geoinc.maps import cells, explore
from geoinc.maps.many import counted
from geoinc.maps.packing import pack
from geoinc.schema import ROLES, Layers

made_up = pytest.importorskip("benchmarks.map", reason="playwright is not installed")

MOST = 5_000


@pytest.fixture(scope="module")
def layers():
    return made_up.layers(20_000, places=2_000, polygons=300, seed=5)


@pytest.fixture(scope="module")
def many(layers):
    return explore(layers, title="Many", most=MOST)


@pytest.fixture(scope="module")
def content(many):
    return many._data.content


def located(layers, role="target"):
    """Return one line for each row of a role: where its place is, and its weight."""
    rows = layers.layer(role)
    places = layers.places.loc[rows["place_id"], ["longitude", "latitude", "uncertainty_m", "kind"]]
    columns = ["incident", "weight", "date_start", "event_type", "place_id"]
    return pd.concat(
        [pd.DataFrame(rows[columns]).reset_index(drop=True), places.reset_index(drop=True)], axis=1
    )


def mercator(table):
    lat = np.radians(table["latitude"])
    return table["longitude"] / 360 + 0.5, 0.5 - np.log(np.tan(np.pi / 4 + lat / 2)) / (2 * np.pi)


def hexagons(table, zoom):
    """Count rows by the hexagon that has the middle of their square; -1 where none is wide enough."""
    side = 2**19
    x, y = ((np.floor(part * side) + 0.5) / side for part in mercator(table))
    width = 28 / 256 / 2**zoom
    # The centres of rows of hexagons, even and odd: the nearer one is it.
    tall = width * np.sqrt(3)
    found = []
    for shift in (0, 0.5):
        column = np.rint(x / width - shift) + shift
        line = np.rint(y / tall - shift) + shift
        found.append((np.hypot(x - column * width, y - line * tall), column, line))
    (near, *first), (far, *second) = found
    column, line = (np.where(near <= far, a, b) for a, b in zip(first, second, strict=True))
    metres = 40_075_016.7 * np.cos(np.radians(table["latitude"])) * width
    fits = 2 * table["uncertainty_m"] <= metres
    named = pd.Series([f"{2 * i:.0f} {2 * j:.0f}" for i, j in zip(column, line, strict=True)])
    return table["weight"].groupby(named.where(fits.to_numpy(), "-1").to_numpy()).sum()


def told(counted):
    """Return one line for each count: its spot, what is told of it, and how many it is."""
    spot = np.repeat(np.arange(len(counted["spots"])), counted["spots"]["counts"])
    counts = counted["counts"].assign(spot=spot)
    which = counts.groupby("spot")["step"].cumsum().to_numpy()
    rows = counted["told"].iloc[which].reset_index(drop=True)
    return pd.concat([counts[["spot", "count"]], rows], axis=1)


def test_counts_are_those_of_pandas(layers, content):
    records, spots = told(content["cells"]["filtered"]), content["cells"]["filtered"]["spots"]
    for number, role in enumerate(ROLES):
        own = records[records["role"] == number]
        assert own["count"].sum() == layers.layer(role)["weight"].sum() == 20_000
        rows = located(layers, role)
        kind = pd.Series(content["cells"]["kinds"])[own["kind"]].to_numpy()
        month = content["cells"]["months"]["first"].to_numpy()[own["period"]]
        counts = own["count"].groupby([kind, month]).sum()
        months = (rows["date_start"].dt.year - 1970) * 12 + rows["date_start"].dt.month - 1
        expected = rows.groupby([rows["event_type"].to_numpy(), months.to_numpy()])["weight"].sum()
        pd.testing.assert_series_equal(
            counts.astype(float).sort_index(),
            expected.sort_index(),
            check_names=False,
            check_index_type=False,
        )
    assert (spots["status"] == "").all()


@pytest.mark.parametrize(("parts", "bits"), [(1, 20), (3, 20), (7, 20), (3, 0)])
def test_counts_of_parts_add_up_to_those_of_the_whole(layers, parts, bits, monkeypatch):
    monkeypatch.setattr(cells, "_BITS", bits)
    where = cells.spots(layers.places)
    rows = pd.DataFrame(layers.launches)
    order = np.random.default_rng(parts).permutation(len(rows))
    tables = [
        cells.counts_of(rows.iloc[part], "launch", where) for part in np.array_split(order, parts)
    ]
    found, expected = cells.fitting(tables, 10**9), cells.counts_of(rows, "launch", where)
    pd.testing.assert_frame_equal(found.told, expected.told)
    for name in ("where", "which"):
        assert (getattr(found, name) == getattr(expected, name)).all()
    assert found.count == pytest.approx(expected.count, rel=1e-12)


def test_no_hexagon_is_finer_than_what_is_known(layers):
    where = cells.spots(layers.places)
    _, _, fits = cells.unpacked(where.square)
    width = 40_075_016.7 * np.cos(np.radians(layers.places["latitude"])) * cells.HEXAGON / 2.0**fits
    footprint = 2 * layers.places["uncertainty_m"]
    assert (footprint <= width).all()
    assert (footprint > width / 2)[fits < cells.DEEPEST].all()


def test_the_records_are_those_of_places_with_few(layers, content):
    few, side = content["cells"]["few"], 2 ** content["cells"]["neighbourhood"]
    assert few >= 1
    expected = set()
    for role in ROLES:
        rows = located(layers, role)
        x, y = mercator(rows)
        square = np.floor(x * side).astype(int) * side + np.floor(y * side).astype(int)
        sizes = rows["weight"].groupby(square).transform("sum")
        expected |= set(rows["incident"][sizes <= few])
    held = content["incidents"].whole()
    assert len(held) == len(expected)
    assert (
        content["accounts"]
        .whole()["url"]
        .str.rpartition("/")[2]
        .map("i{}".format)
        .isin(expected)
        .all()
    )


def test_more_incidents_than_the_limit_alone_are_counted(layers):
    assert "cells" not in explore(layers, most=20_000)._data.content
    assert "cells" in explore(layers, most=19_999)._data.content


def test_what_has_no_place_is_counted(layers):
    targets = layers.targets.copy()
    targets.loc[targets.index[:7], ["place_id", "place_status"]] = ["", "unresolved"]
    targets.loc[targets.index[7:10], ["place_id", "place_status"]] = ["", "not told"]
    targets.loc[targets.index[10:30], "weight"] = 1 / 3
    lacking = Layers(layers.launches, targets, layers.impacts, layers.places)
    content = explore(lacking, most=MOST)._data.content["cells"]
    spots, records = content["filtered"]["spots"], told(content["filtered"])
    target = records[records["role"] == ROLES.index("target")]
    status = spots["status"].to_numpy()[target["spot"]]
    assert target["count"][status == "not placed"].sum() == 7
    assert target["count"][status == "not told"].sum() == 3
    whole = target["count"].sum() + content["filtered"]["shares"]["parts"].sum() / content["parts"]
    assert whole == pytest.approx(targets["weight"].sum(), abs=1e-9)


def test_an_impact_in_a_site_is_counted_as_the_site(layers):
    places = layers.places.copy()
    site, inside = "p400", "p401"
    places.loc[site, ["kind", "uncertainty_m"]] = ["air base", 9_000.0]
    places.loc[inside, ["longitude", "latitude"]] = (
        places.loc[site, ["longitude", "latitude"]].to_numpy() + 0.001
    )
    places.loc[inside, "uncertainty_m"] = 500.0
    where = cells.spots(places)
    rows = pd.DataFrame(layers.impacts)
    rows = rows[rows["place_id"] == inside]
    assert set(where.where(rows, "impact")) == {where.square[places.index.get_loc(site)]}
    assert set(where.where(rows, "target")) == {where.square[places.index.get_loc(inside)]}


def test_embargo_of_many(layers):
    ends = layers.targets["date_end"]
    today = pd.Timestamp.now().normalize()
    span = (today - ends.max()).days + 400
    shown = explore(layers, most=MOST, embargo=f"{span}D")._data.content
    kept = ends <= today - pd.Timedelta(span, "D")
    assert shown["header"]["incidents"] == kept.sum()
    assert shown["header"]["held_back"] == (~kept).sum()
    assert pd.to_datetime(shown["accounts"].whole()["date_end"]).max() <= ends[kept].max()
    assert any(
        f"{(~kept).sum():,}" in note or str((~kept).sum()) in note for note in shown["notices"]
    )


@pytest.mark.parametrize("npartitions", [1, 3, 8])
def test_the_map_of_partitions_is_that_of_the_whole(layers, content, npartitions):
    pytest.importorskip("dask")
    parts = gi.distributed.from_layers(layers, npartitions=npartitions)
    assert pack(explore(parts, title="Many", most=MOST)._data.content) == pack(content)


@pytest.mark.usefixtures("cluster")
def test_the_map_of_a_cluster_is_that_of_one_process(layers, content):
    parts = gi.distributed.from_layers(layers, npartitions=4)
    assert pack(explore(parts, title="Many", most=MOST)._data.content) == pack(content)


def test_a_map_of_few_in_partitions_is_the_usual_one(layers):
    pytest.importorskip("dask")
    few = Layers(*(layers.layer(role).head(300) for role in ROLES), layers.places)
    parts = gi.distributed.from_layers(few, npartitions=4)
    assert pack(explore(parts)._data.content) == pack(explore(few)._data.content)


def test_a_picture_without_a_browser_is_refused(many, tmp_path):
    with pytest.raises(ValueError, match="to_png"):
        many.to_svg(tmp_path / "many.svg")


def test_squares_widen_until_a_page_can_hold_them(layers, content, monkeypatch):
    monkeypatch.setattr("geoinc.maps.many._MOST_COUNTS", 20_000)
    monkeypatch.setattr("geoinc.maps.many._MOST_TOTALS", 5_000)
    coarse = explore(layers, most=MOST)._data.content["cells"]
    filtered = coarse["filtered"]
    assert filtered["level"] < coarse["level"] < 19
    assert len(filtered["counts"]) <= 20_000 < len(content["cells"]["filtered"]["counts"])
    assert len(coarse["counts"]) <= 5_000 < len(content["cells"]["counts"])
    for part in (coarse, filtered):
        assert part["counts"]["count"].sum() == 60_000
        assert part["deepest"] == min(13, part["level"] - 6)


def test_squares_of_filters_widen_until_a_file_can_hold_them(layers, content, monkeypatch):
    size = len(pack(content["cells"]["filtered"]))
    monkeypatch.setattr("geoinc.maps.many._MOST_BYTES", size // 2)
    smaller = explore(layers, most=MOST)._data.content["cells"]
    assert content["cells"]["filtered"]["level"] == smaller["level"] == 19
    assert smaller["filtered"]["level"] < 19
    assert len(pack(smaller["filtered"])) <= size // 2
    assert smaller["filtered"]["counts"]["count"].sum() == 60_000


def test_areas_beyond_the_largest_are_squares(layers, content, monkeypatch):
    monkeypatch.setattr("geoinc.maps.many._MOST_AREAS", 10)
    few = explore(layers, most=MOST)._data.content["cells"]
    assert len(few["areas"]) == 10 < len(content["cells"]["areas"])
    for part in (few, few["filtered"]):
        assert part["counts"]["count"].sum() == 60_000
        assert part["spots"]["area"].notna().sum() == 10
    # No more precise than they were: hexagons have to be as wide as the area.
    assert (
        few["spots"]["fit"].value_counts().equals(content["cells"]["spots"]["fit"].value_counts())
    )


def test_nothing_counted_is_a_map(layers):
    none = Layers(*(layers.layer(role).assign(weight=0.0) for role in ROLES), layers.places)
    assert counted(none).incidents == 0


# In Chromium.

#: Keeps what counts on a page where a test finds it, and the figures that it paints.
WATCH = """
let ours;
window.painted = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    if (/^[0-9.,kM]+$/.test(text)) window.painted.push(text);
    return fillText.call(this, text, x, y);
};
Object.defineProperty(window, "geoinc", { configurable: true, get: () => ours, set(value) {
    ours = value;
    let many;
    Object.defineProperty(value, "Many", { configurable: true, enumerable: true, get: () => many, set(Many) {
        many = class extends Many { constructor(...args) { super(...args); window.many = this; } };
    }});
}});
window.frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))));
window.map = () => Object.values(window).find((value) => value instanceof L.Map);
window.look = (latitude, longitude, zoom) => { window.painted = []; map().setView([latitude, longitude], zoom, { animate: false }); return frame(); };
"""


@pytest.fixture(scope="module")
def saved(many, tmp_path_factory):
    path = tmp_path_factory.mktemp("many") / "map.html"
    many.save(path)
    return path


@pytest.fixture
def page(browser, saved):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_offline(True)
    page = context.new_page()
    page.add_init_script(WATCH)
    complaints = []
    page.on("console", lambda line: complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(saved.as_uri())
    page.wait_for_selector("[data-geoinc=ready]", timeout=60_000)
    yield page
    context.close()
    assert complaints == []


def figure(page, selector):
    found = page.query_selector(selector)
    return int(re.sub(r"[^0-9]", "", found.inner_text().rpartition(":")[2])) if found else 0


@pytest.mark.parametrize("zoom", [5, 7, 9])
def test_hexagons_on_the_screen_are_those_of_pandas(page, layers, zoom):
    page.evaluate("(zoom) => look(33.5, 43, zoom)", zoom)
    rows = located(layers)
    wide = rows["uncertainty_m"].gt(25_000) & (rows["place_id"] != "")
    expected = hexagons(rows, zoom)
    fits = expected.drop("-1", errors="ignore")
    cells_seen = page.evaluate(
        """(zoom) => many.level(zoom).cells.filter((cell) => !cell.wide).map(({ x, y, width, count }) =>
            [`${Math.round((2 * x) / width)} ${Math.round((2 * y) / (width * Math.sqrt(3)))}`, count])""",
        zoom,
    )
    assert dict(cells_seen) == fits.to_dict()
    inside, wider, areas = (
        figure(page, f".geoinc-{name}") for name in ("hexagons", "wider", "in-areas")
    )
    assert inside == fits.sum()
    assert wider + areas == expected.get("-1", 0)
    assert areas <= wide.sum()
    assert inside + wider + areas == 20_000
    assert "20,000" in page.inner_text(".geoinc-shown")


def test_figures_painted_are_the_counts_in_view(page):
    page.evaluate("() => look(33.5, 43, 7)")
    seen = page.evaluate(
        """() => many.level(7).cells.filter(({ x, y, wide }) => !wide && map().getBounds().contains(
            map().options.crs.pointToLatLng(L.point(x, y).multiplyBy(256), 0))).map(({ count }) => String(count))"""
    )
    painted = Counter(page.evaluate("painted"))
    assert len(seen) > 50
    assert Counter(seen) <= painted


def test_role_month_and_kind_filter_every_count(page, layers):
    page.click("input[name=geoinc-role] >> nth=1")
    # What is chosen stands in the address a little later.
    page.wait_for_function("() => location.hash.includes('role=')")
    role = page.evaluate("() => many.role")
    page.evaluate(
        "() => { location.hash = location.hash + '&days=2018-03-01/2018-05-31'; return new Promise((done) => setTimeout(done, 400)); }"
    )
    page.click("text=Filters and view")
    page.click("fieldset input >> nth=0")
    page.evaluate("() => frame()")
    hidden = page.evaluate("() => many.state.get('hidden')[0]")
    rows = located(layers, role)
    kept = rows["date_start"].between("2018-03-01", "2018-05-31") & (rows["event_type"] != hidden)
    found = page.evaluate(
        "() => { const level = many.level(6); return level.sum(level.cells) + level.sum(level.areas); }"
    )
    assert found == kept.sum() > 0
    assert f"{kept.sum():,}\N{NO-BREAK SPACE}incidents" in page.inner_text(".geoinc-shown")
    page.click(".geoinc-clear")
    page.evaluate("() => frame()")
    assert "20,000" in page.inner_text(".geoinc-shown")


def test_a_hexagon_of_few_opens_to_its_records(page):
    page.evaluate("() => look(33.5, 43, 9)")
    open_cell = page.evaluate(
        """() => { const one = many.level(9).cells.find((cell) => cell.open && !cell.wide && cell.count > 1);
            window.one = one; return [one.count, one.x * 360 - 180, Math.atan(Math.sinh(Math.PI * (1 - 2 * one.y))) * 180 / Math.PI]; }"""
    )
    count, longitude, latitude = open_cell
    page.evaluate("([lat, lng]) => look(lat, lng, 9)", [latitude, longitude])
    at = page.evaluate(
        "([lat, lng]) => map().latLngToContainerPoint([lat, lng])", [latitude, longitude]
    )
    page.mouse.click(at["x"], at["y"])
    page.wait_for_selector(".geoinc-popup")
    assert page.inner_text(".geoinc-popup h2") == f"{count}\N{NO-BREAK SPACE}incidents"
    assert page.locator(".geoinc-popup details, .geoinc-popup li").count() >= count
    page.keyboard.press("Escape")
    # A filter that hides them hides them in the list as well.
    assert (
        page.evaluate(
            "() => { const before = many.incidents(one).length; many.selection.set('none', () => false); return before; }"
        )
        == count
    )


def test_a_hexagon_of_many_zooms_in_and_at_last_says_what_it_holds(page):
    page.evaluate("() => look(33.5, 43, 6)")
    spot = page.evaluate(
        """() => { const one = many.level(6).cells.find((cell) => !cell.open && cell.spots.some((spot) => many.spots.fit[spot] > 8));
            const at = map().options.crs.pointToLatLng(L.point(one.x, one.y).multiplyBy(256), 0); return [at.lat, at.lng]; }"""
    )
    page.evaluate("([lat, lng]) => look(lat, lng, 6)", spot)
    at = page.evaluate("([lat, lng]) => map().latLngToContainerPoint([lat, lng])", spot)
    page.mouse.click(at["x"], at["y"])
    page.wait_for_function("() => map().getZoom() === 8")
    page.evaluate(
        "() => { const one = many.level(8).cells.find((cell) => cell.wide && !cell.open); window.wide = one; many.choose(one, { map: map() }); }"
    )
    page.wait_for_selector(".geoinc-figure")
    figures = [
        int(text.replace(",", "")) for text in page.locator(".geoinc-figure dd").all_inner_texts()
    ]
    assert sum(figures) == page.evaluate("() => wide.count")


def test_the_list_of_hexagons_is_the_map_for_the_keyboard(page):
    page.click("text=Hexagons and areas in view")
    first = page.locator(".geoinc-cells button").first
    first.focus()
    before = page.evaluate("() => map().getZoom()")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "(before) => map().getZoom() > before || document.querySelector('.geoinc-popup, .geoinc-figure')",
        arg=before,
    )
