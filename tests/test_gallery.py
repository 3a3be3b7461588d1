"""The gallery of pictures in examples/: all have names of their own, and they draw."""

import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def gallery(monkeypatch):
    pytest.importorskip("matplotlib").use("agg")
    monkeypatch.syspath_prepend(EXAMPLES)
    import gallery

    yield gallery
    del sys.modules["gallery"]


def test_pictures_of_the_examples_draw(gallery, tmp_path):
    pictures = dict(gallery.of_the_examples())
    assert len(pictures) == 14
    for name in ("site-rates", "areas"):
        result = pictures[name]()
        path = tmp_path / f"{name}.png"
        result.plot().figure.savefig(path)
        assert path.stat().st_size > 5_000


def test_pictures_of_iraq_have_names_of_their_own(gallery, shared_data):
    names = [name for name, _ in gallery.of_iraq(shared_data / "iraq_2007")]
    assert len(names) == len(set(names)) > 20
