"""The map for everyone: screen readers, the keyboard, colour blindness, dark screens, Arabic, phones, paper."""

import itertools
import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from map_fixture import ACCOUNTS, example_layers
from map_visit import MAP, Visit

import geoinc as gi
from gazetteer import fetch
from geoinc.maps import explore
from geoinc.maps.page import static
from geoinc.maps.words import LANGUAGES, words
from geoinc.schema import ACTOR_BASES, DATE_BASES, EVENT_TYPES, OUTCOMES, PLACE_STATUSES, STANDINGS

EXAMPLES = Path(__file__).parents[1] / "examples"
STATIC = Path(explore.__code__.co_filename).parent / "static"
SCRIPTS = "\n".join(path.read_text("utf-8") for path in sorted(STATIC.glob("*.js")))

ARABIC = [
    {**ACCOUNTS[0], "source": "قناة الأخبار", "notes": "هجوم صاروخي على القاعدة (Balad) في 20/2"},
    *ACCOUNTS[1:],
]


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """Return axe-core's script, fetched as pinned."""
    folder = tmp_path_factory.mktemp("axe")
    pin = tomllib.loads(Path(__file__).with_name("axe.toml").read_text("utf-8"))["axe-core"]
    try:
        tarball = fetch._pack(fetch.npm_command(), "axe-core", pin, folder)
    except RuntimeError as error:
        pytest.skip(f"axe-core cannot be fetched: {error}")
    fetch._unpack(tarball, pin, folder)
    return (folder / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for language in LANGUAGES:
        m = explore(example_layers(ARABIC), title="Attacks on bases", language=language)
        m.save(folder / f"{language}.html")
    return folder


OPEN_ALL = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"


# -- Barriers ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "view"),
    [
        ("en", {}),
        ("en", {"color_scheme": "dark"}),
        ("ar", {}),
        ("fr", {"width": 390, "height": 844, "phone": True}),
    ],
    ids=["light", "dark", "arabic", "phone"],
)
def test_axe_finds_nothing(browser, pages, axe, language, view):
    with Visit(browser, pages / f"{language}.html", **view) as visit:
        page = visit.page
        page.evaluate(axe)

        def violations():
            found = page.evaluate("axe.run()")
            assert len(found["passes"]) >= 15  # it has looked
            return [
                (rule["id"], node["html"][:200])
                for rule in found["violations"]
                for node in rule["nodes"]
            ]

        assert violations() == []
        if view.get("phone"):
            page.locator(".geoinc-fold").tap()
        page.evaluate(OPEN_ALL)
        visit.settle()
        assert violations() == []
        # A record, in a popup or on a phone in a dialog.
        page.locator(".geoinc-listbox").focus()
        page.keyboard.press("Enter")
        page.locator(".geoinc-card").first.wait_for()
        page.wait_for_timeout(300)
        assert violations() == []
        page.keyboard.press("Escape")
        page.locator(".geoinc-chips button").first.click()
        page.evaluate(OPEN_ALL)
        assert violations() == []


def test_all_is_reached_by_keyboard(browser, pages):
    """Tab goes through every control once, in the order they stand, and shows where it is."""
    with Visit(browser, pages / "en.html") as visit:
        page = visit.page
        page.evaluate(OPEN_ALL)
        visit.settle()
        controls = "a[href], button, input, select, summary, [tabindex='0']"
        wanted = page.evaluate(
            f"[...document.querySelectorAll({json.dumps(controls)})].filter((node) => node.checkVisibility() && !node.hidden).length"
        )
        seen = set()
        for _ in range(wanted + 5):
            page.keyboard.press("Tab")
            here = page.evaluate(
                """() => {
                    const node = document.activeElement;
                    window.stops ??= new Map();
                    if (node === document.body) return null;
                    if (!stops.has(node)) stops.set(node, stops.size);
                    const style = getComputedStyle(node);
                    const row = node.querySelector("[aria-selected=true]");
                    return [stops.get(node), style.outlineStyle !== "none" || row !== null, node.outerHTML.slice(0, 120)];
                }"""
            )
            if here is None:
                break
            assert here[1], here[2]
            seen.add(here[0])
        assert len(seen) == wanted


def test_escape_gives_the_focus_back(browser, pages):
    with Visit(browser, pages / "en.html") as visit:
        chip = visit.page.locator(".geoinc-chips button").first
        chip.focus()
        visit.page.keyboard.press("Enter")
        visit.page.locator("dialog[open]").wait_for()
        assert visit.page.evaluate("document.activeElement.closest('dialog') !== null")
        visit.page.keyboard.press("Escape")
        assert chip.evaluate("node => node === document.activeElement")


def test_changes_are_said(browser, pages):
    with Visit(browser, pages / "en.html") as visit:
        live = visit.page.get_by_role("status").first
        before = live.inner_text()
        visit.page.get_by_role("searchbox").fill("balad")
        visit.settle()
        assert live.inner_text() != before


def test_toggling_a_record_keeps_the_focus(browser, pages):
    with Visit(browser, pages / "en.html") as visit:
        visit.click("iq-ain-al-asad")
        entry = visit.page.locator(".leaflet-popup summary").first
        entry.wait_for()
        entry.focus()
        visit.page.keyboard.press("Enter")
        visit.page.locator(".geoinc-card").first.wait_for()
        visit.page.wait_for_timeout(200)
        assert entry.evaluate("node => node === document.activeElement")


# -- Colours -------------------------------------------------------------------

#: Linear RGB as the three colour blindnesses see it: Machado, Oliveira and Fernandes (2009), severity 1.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one, other):
    light = sorted(0.05 + np.dot([0.2126, 0.7152, 0.0722], linear(c)) for c in (one, other))
    return light[1] / light[0]


@pytest.fixture(scope="module", params=["LIGHT", "DARK"])
def palette(request):
    """Return the colours of a scheme: the ground's, and those of the marks as (colour, ink, figure)."""
    text = static("palette.js")
    block = re.search(rf"const {request.param} = \{{(.*?)\n  \}};", text, re.DOTALL)[1]
    plain = dict(re.findall(r'(\w+): "(#\w{6})"', block))
    marks = {
        name: tuple(re.findall(r"#\w{6}", colours))
        for name, colours in re.findall(r"(\w+): \[([^\]]*)\]", block)
    }
    return plain, {role: marks[role] for role in ("target", "launch", "impact")}


@pytest.mark.parametrize("sight", SIGHT)
def test_roles_differ_for_every_eye(palette, sight):
    _, roles = palette
    seen = {role: lab(np.array(SIGHT[sight]) @ linear(told[0])) for role, told in roles.items()}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 20, (one, other)


def test_marks_and_letters_stand_out(palette):
    ground, roles = palette
    for land in (ground["land"], ground["neighbour"]):
        for colour, ink, _ in roles.values():
            assert contrast(colour, land) >= 3
            assert contrast(ink, land) >= 4.5
        assert contrast(ground["line"], land) >= 4.5
        assert contrast(ground["name"], land) >= 4.5
    assert contrast(ground["name"], ground["sea"]) >= 4.5
    for role in ("target", "launch"):
        # Figures are bold and stand in a symbol of that colour.
        assert contrast(roles[role][2], roles[role][0]) >= 3


# -- Screens and paper ---------------------------------------------------------


def test_dark_scheme_repaints_the_map(browser, pages):
    with Visit(browser, pages / "en.html") as visit:
        corner = "() => document.querySelector('.leaflet-container').style.backgroundColor"
        pixels = "() => document.querySelector('.leaflet-pane canvas').toDataURL()"
        light = visit.page.evaluate(corner), visit.page.evaluate(pixels)
        visit.page.emulate_media(color_scheme="dark")
        visit.settle()
        visit.page.wait_for_function(f"light => ({pixels})() !== light", arg=light[1])
        assert visit.page.evaluate(corner) != light[0]
        visit.page.emulate_media(color_scheme="light")
        visit.settle()
        visit.page.wait_for_function(f"light => ({pixels})() === light", arg=light[1])
        assert visit.page.evaluate(corner) == light[0]


def test_nothing_moves_for_who_asked_for_rest(browser, pages):
    with Visit(browser, pages / "en.html", reduced_motion="reduce") as visit:
        button = visit.page.get_by_role("button", name="Zoom in")
        zoom = visit.page.evaluate(f"({MAP}).getZoom()")
        button.click()
        assert visit.page.evaluate(f"({MAP}).getZoom()") > zoom
        assert visit.page.locator(".leaflet-zoom-anim").count() == 0


def test_paper_holds_the_whole_map(browser, pages):
    with Visit(browser, pages / "en.html", color_scheme="dark") as visit:
        page = visit.page
        before = page.evaluate(f"({MAP}).getCenter().toString() + ({MAP}).getZoom()")
        # No page can be asked for a sheet here without a printer: Chromium's own PDF is one.
        data = page.pdf(prefer_css_page_size=True, print_background=True)
        assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 1
        visit.settle()
        assert page.evaluate(f"({MAP}).getCenter().toString() + ({MAP}).getZoom()") == before
        assert page.evaluate("document.querySelector('.leaflet-container').clientWidth") == 1280
        page.emulate_media(media="print")
        assert not page.locator(".geoinc-search").is_visible()
        assert not page.locator(".geoinc-fold").is_visible()
        assert page.locator(".geoinc-legend").first.is_visible()
        assert visit.complaints == []


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844), (844, 390), (320, 568)])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_is_clipped(browser, pages, language, width, height):
    phone = width < 640
    with Visit(
        browser, pages / f"{language}.html", width=width, height=height, phone=phone
    ) as visit:
        page = visit.page
        if phone:
            page.locator(".geoinc-fold").tap()
        page.evaluate(OPEN_ALL)
        visit.settle()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        wide = page.evaluate(
            """() => [...document.querySelectorAll(".geoinc-body *")]
                .filter((node) => node.checkVisibility() && !node.closest("svg, .geoinc-listbox, .geoinc-track"))
                .filter((node) => {
                    const [box, body] = [node, document.querySelector(".geoinc-body")].map((one) => one.getBoundingClientRect());
                    return box.left < body.left - 1 || box.right > body.right + 1;
                }).map((node) => node.outerHTML.slice(0, 100))"""
        )
        assert wide == []
        panel = page.locator(".geoinc-panel").bounding_box()
        assert panel["x"] >= 0
        assert panel["y"] >= 0
        assert panel["x"] + panel["width"] <= width
        assert panel["y"] + panel["height"] <= height + 0.5


# -- Words ---------------------------------------------------------------------


def test_arabic_page_runs_from_right_to_left(browser, pages):
    with Visit(browser, pages / "ar.html") as visit:
        page = visit.page
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
            "ar",
            "rtl",
        ]
        panel, zoom = (
            page.locator(name).bounding_box() for name in (".geoinc-panel", ".leaflet-control-zoom")
        )
        assert panel["x"] > 640
        assert zoom["x"] < 100
        box, count = (
            page.locator(f".geoinc-legend label {part}").first.bounding_box()
            for part in ("input", "b")
        )
        assert box["x"] > count["x"]
        assert "الأهداف" in page.locator(".geoinc-panel").inner_text()
        # The map itself is not mirrored.
        assert visit.point("sy-tanf")["x"] < visit.point("iq-balad-air-base")["x"]
        visit.click("iq-balad-air-base")
        popup = page.locator(".leaflet-popup")
        popup.locator("summary").first.evaluate("entry => entry.click()")
        assert "20 فبراير" not in popup.inner_text()  # dates of reports stay as they are written
        assert "2021-02-20" in popup.inner_text()
        assert visit.complaints == []


def test_arabic_words_keep_their_direction_in_an_english_page(browser, pages):
    with Visit(browser, pages / "en.html") as visit:
        visit.click("iq-balad-air-base")
        visit.page.locator(".leaflet-popup summary").first.evaluate("entry => entry.click()")
        source = visit.page.locator(".geoinc-card strong").filter(has_text="قناة")
        assert source.evaluate("node => getComputedStyle(node).direction") == "rtl"
        notes = visit.page.locator(".geoinc-card bdi").filter(has_text="هجوم")
        assert notes.evaluate("node => getComputedStyle(node).direction") == "rtl"
        assert (
            visit.page.locator(".geoinc-card").first.evaluate(
                "node => getComputedStyle(node).direction"
            )
            == "ltr"
        )


def forms(strings):
    """Return every text of the strings, with the name of the string."""
    for name, told in strings.items():
        if isinstance(told, dict):
            yield from ((name, text) for text in told.values())
        elif isinstance(told, list):
            yield from ((name, text) for text in told)
        else:
            yield name, told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language):
    english, strings = words("en"), words(language)
    assert list(strings) == list(english)
    plurals = {"en": 2, "fr": 2, "ar": 6}[language]
    for name, told in strings.items():
        assert type(told) is type(english[name])
        if isinstance(told, list):
            assert len(told) == len(english[name])
        if name != "values" and isinstance(told, dict) and "other" in told:
            assert len(told) == plurals, name
    slots = {name: set() for name in english}
    for name, text in forms({**english, "values": {}, "reasons": {}}):
        slots[name] |= set(re.findall(r"\{(\w+)\}", text))
    for name, text in forms({**strings, "values": {}, "reasons": {}}):
        assert set(re.findall(r"\{(\w+)\}", text)) <= slots[name], name
    if language != "en":
        lists = {
            *EVENT_TYPES,
            *OUTCOMES,
            *STANDINGS[1:],
            *PLACE_STATUSES,
            *ACTOR_BASES,
            *DATE_BASES,
        }
        assert lists <= set(strings["values"])


def test_reasons_have_the_same_words_in_every_language():
    told = [words(language)["reasons"] for language in LANGUAGES if language != "en"]
    assert len({tuple(reasons) for reasons in told}) == 1
    for english, own in (pair for reasons in told for pair in reasons.items()):
        assert set(re.findall(r"\{\w\}", own)) == set(re.findall(r"\{\w\}", english))


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_reasons_are_in_the_language_of_the_page(browser, tmp_path, language):
    """What the page has no words for is marked as English, for screen readers and for the direction."""
    reason = 'check: city or governorate; same name as "Baghdad\'s"; air base as said; 3 places fit: A; in IQ as said'
    layers = example_layers(ACCOUNTS[-1:] + ACCOUNTS[3:4])
    layers.targets["place_reason"] = reason
    explore(layers, language=language).save(tmp_path / "map.html")
    with Visit(browser, tmp_path / "map.html") as visit:
        visit.click("iq-balad-air-base")
        told = visit.page.locator(".geoinc-card small").first
        told.wait_for()
        marked = told.locator("[lang=en]")
        assert marked.all_inner_texts() == ["3 places fit: A"]
        assert marked.get_attribute("dir") == "ltr"
        own = words(language)
        plain = re.sub("[\u2068\u2069]", "", told.inner_text())
        assert plain.startswith(
            f"{own['values']['check']}: {own['reasons']['city or governorate']}; "
        )
        assert own["reasons"]["same name as '{a}'"].format(a="Baghdad's") in plain
        assert own["reasons"]["{a} as said"].format(a=own["values"]["air base"]) in plain
        assert plain.endswith(own["reasons"]["in {a} as said"].format(a="IQ"))
        assert visit.complaints == []


def test_days_are_in_the_language_of_the_page(browser, tmp_path):
    row = {**ACCOUNTS[3], "date": "2021-02-15", "date_end": pd.Timestamp("2021-03-03")}
    explore(example_layers([row]), language="ar").save(tmp_path / "map.html")
    with Visit(browser, tmp_path / "map.html") as visit:
        visit.click("iq-balad-air-base")
        days = visit.page.locator(".leaflet-popup time")
        days.wait_for()
        assert days.inner_text() == words("ar")["daySpan"].format(**{"from": "2021-02-15", "to": "2021-03-03"})  # fmt: skip


def test_most_reasons_of_the_examples_are_known(browser, tmp_path):
    """The sentences that Python makes now, not those that it once made."""
    layers = [
        gi.locate(gi.read_reports(EXAMPLES / name), gi.load_gazetteer())
        for name in ("iraq-syria.csv", "launch-sites.csv")
    ]
    reasons = {reason for one in layers for reason in one.rows()["place_reason"]}
    parts = {part for reason in reasons for part in reason.partition(": ")[2].split("; ")}
    # A relation is told in the words of the report.
    parts = sorted(part for part in parts if not re.match("['\"].*(['\")]|and .*)$", part))
    explore(example_layers(ACCOUNTS[:1]), language="fr").save(tmp_path / "map.html")
    with Visit(browser, tmp_path / "map.html") as visit:
        unknown = visit.page.evaluate(
            "parts => parts.filter((part) => geoinc.reworded(part) === null)", parts
        )
    assert len(parts) > 40
    assert len(unknown) < 0.1 * len(parts), unknown


def test_every_string_is_known():
    used = set(re.findall(r'\b(?:say|plural|paragraphs)\([^()]*?"(\w+)"', SCRIPTS))
    assert len(used) > 50
    assert used - {"n"} <= set(words("en"))


def test_language_without_words():
    with pytest.raises(ValueError, match="'xx'; there are ar, en, fr"):
        explore(example_layers(), language="xx")


def test_credit_is_neutral(browser, pages):
    """Leaflet's own credit shows a flag."""
    with Visit(browser, pages / "en.html") as visit:
        credit = visit.page.locator(".leaflet-control-attribution")
        assert credit.locator("svg, img, a").count() == 0
        assert credit.inner_text().startswith("Leaflet | Outlines")
