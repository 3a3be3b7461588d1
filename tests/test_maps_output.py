"""The map as a picture: an SVG without a browser, PNG and PDF through one, a frame in a notebook."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from map_fixture import ACCOUNTS, example_layers

import geoinc as gi
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
