"""The shipped gazetteer opens at once, and its absence is said plainly."""

import pytest
from toy import WORLD, write_gazetteer

from geoinc import sources
from geoinc.errors import GazetteerError
from geoinc.sources import shipped


def test_a_file_is_opened_once(tmp_path, monkeypatch):
    path = tmp_path / "toy.gpkg"
    write_gazetteer(path, WORLD)
    monkeypatch.chdir(tmp_path)
    assert sources.load_gazetteer(path) is sources.load_gazetteer("toy.gpkg")
    assert len(sources.load_gazetteer(path)) == len(WORLD)


def test_a_missing_file_says_which(tmp_path):
    with pytest.raises(GazetteerError, match=r"no gazetteer file at .*missing\.gpkg"):
        sources.load_gazetteer(tmp_path / "missing.gpkg")


def test_a_missing_shipped_gazetteer_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "SHIPPED", tmp_path / "gazetteer.gpkg")
    shipped.shipped.cache_clear()
    with pytest.raises(GazetteerError, match="reinstall geoinc"):
        sources.load_gazetteer()


def test_the_shipped_gazetteer_covers_the_world():
    gazetteer = sources.load_gazetteer()
    assert sources.load_gazetteer() is gazetteer
    assert len(gazetteer) > 4000
    assert gazetteer.metadata["licences"]
