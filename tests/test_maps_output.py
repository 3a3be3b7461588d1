"""The map as a picture: an SVG without a browser, PNG and PDF through one, a frame in a notebook."""

import re
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
import xyzservices
from hypothesis import given, settings
from hypothesis import strategies as st
from map_fixture import ACCOUNTS, example_layers
from map_page import unpack
from map_visit import Visit

import geoinc as gi
from geoinc.maps import browser
from geoinc.maps.drawing import draw_svg
from geoinc.maps.lettering import Room, text_width, wrapped
from geoinc.maps.words import LANGUAGES, phrase, words

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "<script>alert(1)</script> & \"'`${1}</text><image href='http://x.example/'/>\x00\x0b\ud800\u202e"


def drawn(m, tmp_path, **size):
    path = tmp_path / "map.svg"
    m.to_svg(path, **size)
    return ET.fromstring(path.read_bytes())  # noqa: S314  # it is ours


def texts(svg):
    return ["".join(element.itertext()) for element in svg.iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def m():
    return gi.explore(example_layers(), title="Attacks on bases")


def test_svg_says_what_the_page_says(m, tmp_path):
    svg = drawn(m, tmp_path)
    said = texts(svg)
    assert svg.find(f"{SVG}title").text == "Attacks on bases"
    assert said.count("Balad Air Base") == 1
    assert any(text.startswith("1 · Nineveh") for text in said)
    together = " ".join(said).replace("\xa0", " ")
    for words_of_panel in (
        "15 incidents, 17 accounts, 17 places",
        "1 summary",
        "2 somewhere in Iraq",
        "1 launched somewhere in Iran",
        "link, not flight path",
        "Boundaries do not imply endorsement",
    ):
        assert words_of_panel in together
    counts = [said[said.index(name) - 1] for name in ("Targets", "Launches", "Impacts")]
    assert counts == ["12", "8", "2"]


def test_svg_fetches_and_runs_nothing(m, tmp_path):
    tags = {element.tag.removeprefix(SVG) for element in drawn(m, tmp_path).iter()}
    assert tags == {"svg", "title", "rect", "path", "circle", "text", "g"}
    text = (tmp_path / "map.svg").read_text("utf-8")
    assert set(re.findall(r"\w+://[^\s\"]+", text)) == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_svg_in_every_language(language, tmp_path):
    m = gi.explore(example_layers(), language=language)
    assert any(words(language)["targets"] in text for text in texts(drawn(m, tmp_path)))


@pytest.mark.parametrize("size", [(1280, 800), (800, 600), (2000, 1000)])
def test_marks_and_labels_stay_inside(m, tmp_path, size):
    svg = drawn(m, tmp_path, width=size[0], height=size[1])
    for text in svg.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x")) <= size[0]
        assert 0 <= float(text.get("y")) <= size[1]
    squares = [float(rect.get("x")) for rect in svg.iter(f"{SVG}rect") if rect.get("rx") == "2.5"]
    assert len(squares) >= 5
    assert min(squares) > 306  # beside the panel, not under it
    assert max(squares) < size[0]


def test_hostile_texts_stay_text(tmp_path):
    evil = EVIL.replace("\ud800", "")  # tables hold none: they are made valid when they are read
    rows = [{**given, "notes": evil} for given in ACCOUNTS]
    layers = example_layers(
        rows, rename={"iq-balad-air-base": evil, "iq-nineveh-province": evil, "iq": evil}
    )
    svg = drawn(gi.explore(layers, title=EVIL), tmp_path)
    tags = {element.tag.removeprefix(SVG) for element in svg.iter()}
    assert tags == {"svg", "title", "rect", "path", "circle", "text", "g"}
    assert "<script>alert(1)</script>" in svg.find(f"{SVG}title").text


@settings(max_examples=50, deadline=None)
@given(title=st.text(max_size=60), name=st.text(max_size=60))
def test_any_text_gives_an_svg(m, title, name):
    content = m._data.content
    places = content["places"].assign(name=name)
    data = replace(m._data, content={**content, "title": title, "places": places})
    ET.fromstring(draw_svg(data, m._strings, width=900, height=600))  # noqa: S314  # it is ours


@pytest.mark.parametrize("rows", [ACCOUNTS[:0], [ACCOUNTS[14]], [ACCOUNTS[16]], ACCOUNTS[2:3]])
def test_little_or_nothing_to_draw(rows, tmp_path):
    layers = example_layers(rows) if rows else empty()
    svg = drawn(gi.explore(layers), tmp_path)
    assert len(texts(svg)) > 3


def empty():
    layers = example_layers(ACCOUNTS[:1])
    roles = [table.iloc[:0] for table in (layers.launches, layers.targets, layers.impacts)]
    return gi.Layers(*roles, layers.places.iloc[:0])


def test_a_failed_drawing_leaves_the_old_file(m, tmp_path, monkeypatch):
    path = tmp_path / "map.svg"
    path.write_text("old")
    monkeypatch.setattr("geoinc.maps.incident_map.draw_svg", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        m.to_svg(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_labels_do_not_cover_each_other():
    room = Room(400, 300)
    assert room.find([(200, 150)], 100, 20) == (200, 150)
    assert room.find([(230, 155), (200, 180)], 100, 20) == (200, 180)
    assert room.find([(20, 20)], 100, 20) is None  # it would be cut off


def test_text_is_wrapped_to_its_width():
    lines = wrapped("somewhere in the north of the country", 100, 12)
    assert len(lines) > 1
    assert all(text_width(line, 12) <= 100 for line in lines)
    assert wrapped("12\xa0summaries", 10, 12) == ["12\xa0summaries"]


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", {0: "other", 1: "one", 2: "other"}),
        ("fr", {0: "one", 1: "one", 2: "other"}),
        (
            "ar",
            {
                0: "zero",
                1: "one",
                2: "two",
                3: "few",
                10: "few",
                11: "many",
                100: "other",
                103: "few",
            },
        ),
    ],
)
def test_plurals(language, forms):
    strings = words(language)
    for n, form in forms.items():
        expected = strings["incident"].get(form, strings["incident"]["other"])
        assert phrase(strings, "incident", n) == expected.format(n=n)


# -- PNG and PDF -------------------------------------------------------------

needs_chromium = pytest.mark.skipif(
    not any(map(shutil.which, browser.NAMES)), reason="no Chromium on the PATH"
)


def pixels(png):
    """Return width, height and the rows of a PNG, without what its filters did to them."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, size = 8, b"", (0, 0)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        part = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            size = struct.unpack(">II", part[:8])
        if kind == b"IDAT":
            data += part
        at += 12 + length
    return size, zlib.decompress(data)


@needs_chromium
def test_png_shows_the_map(m, tmp_path):
    path = tmp_path / "map.png"
    m.to_png(path, width=1000, height=700, scale=1)
    (width, height), rows = pixels(path.read_bytes())
    assert (width, height) == (1000, 700)
    assert len(set(rows)) > 100  # not one colour
    assert list(tmp_path.iterdir()) == [path]
    # The page itself is as it was.
    assert "data:" in m.get_root().render()


@needs_chromium
def test_pdf_has_lines_and_text(m, tmp_path):
    path = tmp_path / "map.pdf"
    m.to_pdf(path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert (
        data.count(b"/Type /Page\n") == 1
        or data.count(b"/Type /Page/") + data.count(b"/Type /Page ") <= 1
    )
    assert b"/Font" in data
    assert len(data) > 30_000


def test_no_browser_is_said_with_what_to_do(m, tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))
    monkeypatch.setattr(browser, "PLACES", ())
    for draw in (m.to_png, m.to_pdf):
        with pytest.raises(FileNotFoundError, match="to_svg"):
            draw(tmp_path / "map.out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "words"), [("fails", "exit code 7.*no display"), ("hangs", "in 180 s")]
)
def test_browser_that_makes_no_picture(m, tmp_path, monkeypatch, answer, words):
    def run(command, **_):
        if answer == "hangs":
            raise subprocess.TimeoutExpired(command, 180)
        return subprocess.CompletedProcess(command, 7, "", "starting\nno display\n")

    monkeypatch.setattr(browser, "find_browser", lambda: "chromium")
    monkeypatch.setattr(browser.subprocess, "run", run)
    path = tmp_path / "map.png"
    path.write_text("old")
    with pytest.raises(OSError, match=words):
        m.to_png(path)
    assert path.read_text() == "old"


def test_browser_has_no_network_unless_the_map_has_tiles(monkeypatch, tmp_path):
    asked = []

    def run(command, **_):
        asked.append(command)
        shot = next(word for word in command if word.startswith("--screenshot="))
        with open(shot.partition("=")[2], "wb") as file:  # noqa: PTH123
            file.write(b"png")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(browser, "find_browser", lambda: "chromium")
    monkeypatch.setattr(browser.subprocess, "run", run)
    for online in (False, True):
        gi.explore(example_layers(), online=online).to_png(tmp_path / "map.png")
    alone = [any("NOTFOUND" in word for word in command) for command in asked]
    assert alone == [True, False]


# -- Tiles -------------------------------------------------------------------


def policy(m):
    return re.search(r'Content-Security-Policy" content="([^"]*)"', m.get_root().render()).group(1)


def test_map_asks_nobody_unless_told(m):
    assert "img-src data: blob:;" in policy(m)
    assert "tiles" not in unpack(m.get_root().render())


def test_tiles_are_allowed_from_their_hosts_alone():
    m = gi.explore(example_layers(), online=True)
    assert "img-src data: blob: https://tile.openstreetmap.org; font-src data:;" in policy(m)
    held = unpack(m.get_root().render())
    assert held["tiles"]["attribution"] == "© OpenStreetMap contributors"
    assert any("tile.openstreetmap.org" in notice for notice in held["notices"])


def test_any_provider_with_subdomains():
    own = xyzservices.TileProvider(
        name="own", url="https://{s}.tiles.example/{z}/{x}/{y}{r}.png", subdomains=["a", "b"],
        html_attribution="<b>Ours</b> &amp; <script>alert(1)</script>", attribution="", max_zoom=15,
    )  # fmt: skip
    m = gi.explore(example_layers(), online=own)
    assert "https://a.tiles.example https://b.tiles.example;" in policy(m)
    assert unpack(m.get_root().render())["tiles"]["attribution"] == "Ours & alert(1)"
    assert m.options["maxZoom"] == 15


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://tiles.example/{z}/{x}/{y}.png", "https"),
        ("https://tiles.example; script-src */{z}/{x}/{y}.png", "https"),
        ("https://user@tiles.example/{z}/{x}/{y}.png", "https"),
        ("https://*/{z}/{x}/{y}.png", "https"),
        ("javascript:alert(1)//{z}", "https"),
        ("https://tiles.example/{z}/{x}/{y}.png?key={apikey}", "key"),
    ],
)
def test_doubtful_tiles_are_refused(url, words):
    own = xyzservices.TileProvider(
        name="own", url=url, attribution="us", apikey="<insert your key here>"
    )
    with pytest.raises(ValueError, match=words):
        gi.explore(example_layers(), online=own)


@pytest.mark.parametrize("online", ["OpenStreetMap", {"url": "https://x"}, 1.5])
def test_what_is_no_provider(online):
    with pytest.raises(ValueError, match="provider of tiles"):
        gi.explore(example_layers(), online=online)


def test_tiles_must_thank_somebody():
    own = xyzservices.TileProvider(
        name="own", url="https://t.example/{z}/{x}/{y}.png", attribution=" "
    )
    with pytest.raises(ValueError, match="thank"):
        gi.explore(example_layers(), online=own)


# -- What is shown after a click ---------------------------------------------


@pytest.mark.parametrize(
    ("yes", "no"), [(True, False), ("yes", "no"), (1, 0), ("x", None), ("Yes", " ")]
)
def test_graphic_accounts_are_marked_and_nothing_else_of_the_column(yes, no):
    rows = [
        {**given, "bloody": yes if number == 0 else no} for number, given in enumerate(ACCOUNTS)
    ]
    held = unpack(gi.explore(example_layers(rows), graphic="bloody").get_root().render())
    flags = held["accounts"]["columns"]["~graphic"]
    assert sum(flag == 1 for flag in flags) == 1
    assert "bloody" not in held["accounts"]["columns"]
    assert (
        "~graphic"
        not in unpack(gi.explore(example_layers(rows)).get_root().render())["accounts"]["columns"]
    )


def test_unknown_graphic_column_is_said():
    with pytest.raises(ValueError, match="gory"):
        gi.explore(example_layers(), graphic="gory")


def test_graphic_and_coarse_go_together():
    rows = [{**given, "bloody": "yes"} for given in ACCOUNTS]
    held = unpack(
        gi.explore(example_layers(rows), graphic="bloody", coarsen="25 km").get_root().render()
    )
    assert set(held["accounts"]["columns"]["~graphic"]) == {1}


def test_graphic_account_opens_after_a_click(browser, tmp_path):
    rows = [{**given, "bloody": "yes", "notes": "in detail"} for given in ACCOUNTS]
    path = tmp_path / "map.html"
    gi.explore(example_layers(rows), graphic="bloody").save(path)
    with Visit(browser, path) as visit:
        page = visit.page
        page.locator(".geoinc-chips button:visible").last.click()
        dialog = page.locator("dialog[open]")
        dialog.locator("summary").first.evaluate("entry => (entry.parentNode.open = true)")
        text = dialog.locator(".geoinc-card").first
        assert not text.get_by_text("in detail", exact=True).is_visible()
        text.get_by_text("tells of violence in detail").click()
        assert text.get_by_text("in detail", exact=True).is_visible()
        assert visit.complaints == []
