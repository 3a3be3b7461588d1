"""A gazetteer file that others edit: what they change is found, or the file is refused."""

import multiprocessing
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from toy import WORLD, write_gazetteer

import geoinc as gi
from geoinc import sources, toponyms
from geoinc.errors import GazetteerError, PlaceNotFoundError
from geoinc.gazetteer import Gazetteer, decide
from geoinc.sources import refreshing
from geoinc.store import SHIPPED, Store


@pytest.fixture
def path(tmp_path):
    write_gazetteer(tmp_path / "own.gpkg", WORLD)
    return tmp_path / "own.gpkg"


def edit(path, *statements):
    """Change a file as QGIS does: by SQL, with the functions that GDAL brings along."""
    with closing(sqlite3.connect(path)) as file:
        refreshing._add_functions(file)
        for statement in statements:
            file.execute(statement)
        file.commit()


def found(gazetteer, name):
    return decide(gazetteer.candidates(name)).place_ids


# ---------------------------------------------------------------- edits


def test_a_name_added_by_gdal_is_found(path):
    row = {"place_id": "wl-delta", "text": "Newname", "language": "en", "kind": "variant"}
    pyogrio.write_dataframe(pd.DataFrame([row]), path, layer="names", append=True)
    with pytest.raises(GazetteerError, match=r"'own.gpkg' was edited.*load_gazetteer\(path\)"):
        Gazetteer(path)
    assert found(sources.load_gazetteer(path), "newname") == ("wl-delta",)
    assert len(Gazetteer(path)) == len(WORLD)  # the keys are in the file now


def test_a_name_changed_is_found_by_its_new_spelling_only(path):
    edit(path, "UPDATE names SET text = 'Zulu' WHERE text = 'Camp Kilo'")
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "Zulu") == ("wl-camp-kilo",)
    assert found(gazetteer, "Camp Kilo") == ()


def test_a_row_copied_with_its_keys_does_not_keep_them(path):
    edit(
        path,
        "INSERT INTO names (place_id, text, kind, key_fold, key_core, key_skeleton) "
        "SELECT place_id, 'Quebec', kind, key_fold, key_core, key_skeleton FROM names "
        "WHERE text = 'Camp Kilo'",
    )
    assert found(sources.load_gazetteer(path), "Quebec") == ("wl-camp-kilo",)


def test_a_double_name_is_taken_apart_and_its_parts_go_with_it(path):
    edit(path, "INSERT INTO names (place_id, text) VALUES ('wl-delta', 'Juliett / Romeo')")
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "Juliett") == found(gazetteer, "Romeo") == ("wl-delta",)
    edit(path, "UPDATE names SET text = 'Juliett / Oscar' WHERE text = 'Juliett / Romeo'")
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "Oscar") == ("wl-delta",)
    assert found(gazetteer, "Romeo") == ()
    edit(path, "DELETE FROM names WHERE text = 'Juliett / Oscar'")
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "Juliett") == found(gazetteer, "Oscar") == ()


def test_an_area_drawn_by_gdal_needs_no_more_than_a_name_and_a_kind(path):
    area = shapely.box(6, -0.5, 7, 0.5)
    drawn = gpd.GeoDataFrame(
        {"name": ["Sierra"], "kind": ["region"]}, geometry=[area], crs=4326
    ).rename_geometry("geom")
    pyogrio.write_dataframe(drawn, path, layer="places", append=True)
    gazetteer = sources.load_gazetteer(path)
    (place_id,) = found(gazetteer, "Sierra")
    place = gazetteer.place(place_id)
    assert place.footprint.equals(area)
    assert (place.longitude, place.latitude) == (6.5, 0)
    assert place.boundary_error_m == 10_000  # of an outline of which nothing is said
    assert place.uncertainty_m == pytest.approx(78_500 + 10_000, abs=150)  # half its diagonal
    assert set(pyogrio.read_dataframe(path, layer="places", bbox=(6.4, 0, 6.6, 0)).name) >= {
        "Sierra"
    }


def test_a_point_drawn_gets_the_disc_of_its_kind(path):
    drawn = gpd.GeoDataFrame(
        {"name": ["Tango"], "kind": ["village"]}, geometry=[shapely.Point(6, 1)], crs=4326
    ).rename_geometry("geom")
    pyogrio.write_dataframe(drawn, path, layer="places", append=True, geometry_type="Unknown")
    gazetteer = sources.load_gazetteer(path)
    place = gazetteer.place(*found(gazetteer, "Tango"))
    assert place.shape == "disc radius_m=3000"
    assert place.footprint.contains(shapely.Point(6, 1))


def test_a_place_moved_takes_its_centre_along(path):
    blob = refreshing.geopackage.blobs([shapely.box(1, 1, 2, 2)])[0].hex()
    edit(path, f"UPDATE places SET geom = x'{blob}' WHERE place_id = 'wl-delta'")  # noqa: S608
    place = sources.load_gazetteer(path).place("wl-delta")
    assert (place.longitude, place.latitude, place.shape) == (1.5, 1.5, "polygon")
    edit(path, "UPDATE places SET longitude = 3.25 WHERE place_id = 'el-delta'")
    place = sources.load_gazetteer(path).place("el-delta")
    assert place.longitude == 3.25
    assert place.footprint.centroid.x == pytest.approx(3.25)


def test_a_place_renamed_is_found_by_both_names(path):
    edit(path, "UPDATE places SET name = 'Uniform' WHERE place_id = 'wl-gamma-air-base'")
    gazetteer = sources.load_gazetteer(path)
    assert (
        found(gazetteer, "Uniform") == found(gazetteer, "Gamma Air Base") == ("wl-gamma-air-base",)
    )


def test_a_new_id_takes_the_names_along_and_a_deleted_place_its_own(path):
    edit(
        path,
        "UPDATE places SET place_id = 'wl-kilo' WHERE place_id = 'wl-camp-kilo'",
        "DELETE FROM places WHERE place_id = 'el-lambda-airport'",
    )
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "Camp Kilo") == ("wl-kilo",)
    assert found(gazetteer, "Lambda International Airport") == ()
    assert len(gazetteer) == len(WORLD) - 1


def test_a_layer_written_anew_is_completed(path):
    places = gpd.read_file(path, layer="places")
    added = places.iloc[[0]].assign(place_id="wl-victor", name="Victor", kind="town", admin1=None)
    together = gpd.GeoDataFrame(pd.concat([places, added]), crs=4326)
    together.to_file(path, layer="places")  # as geopandas does: the triggers are gone
    with pytest.raises(GazetteerError, match="was written anew"):
        Gazetteer(path)
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "Victor") == ("wl-victor",)
    assert gazetteer.place("wl-victor").admin1 == ""
    edit(path, "UPDATE names SET text = 'Whiskey' WHERE text = 'Victor'")
    assert found(sources.load_gazetteer(path), "Whiskey") == ("wl-victor",)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (
            "('Nowhere', 'town', NULL, NULL)",
            "neither an area or a point nor longitude and latitude",
        ),
        ("('Nothing', 'wonder', 1, 1)", "the kind 'wonder' is none of country, province"),
        ("('Beyond', 'town', 1, 91)", "is not on the earth"),
        ("('', 'town', 1, 1)", "it has no name"),
    ],
)
def test_a_row_that_cannot_be_completed_is_named_and_nothing_is_written(path, values, why):
    edit(path, f"INSERT INTO places (name, kind, longitude, latitude) VALUES {values}")  # noqa: S608
    before = path.read_bytes()
    with pytest.raises(GazetteerError, match=rf"'own.gpkg', places, fid 14 .*{why}"):
        sources.load_gazetteer(path)
    assert path.read_bytes() == before


# ---------------------------------------------------------------- while it is open


def test_an_edit_of_an_open_file_is_not_missed(path):
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "X-ray") == ()
    edit(path, "INSERT INTO names (place_id, text) VALUES ('wl-delta', 'X-ray')")
    with pytest.raises(GazetteerError, match="was edited by another program"):
        gazetteer.candidates("X-ray")
    assert found(sources.load_gazetteer(path), "X-ray") == ("wl-delta",)
    assert found(gazetteer, "X-ray") == ("wl-delta",)  # the file is right again


def test_an_answer_that_is_kept_is_void_after_an_edit(path):
    gazetteer = sources.load_gazetteer(path)
    with pytest.raises(PlaceNotFoundError):
        gi.resolve("X-ray", gazetteer)
    edit(path, "INSERT INTO names (place_id, text) VALUES ('wl-delta', 'X-ray')")
    with pytest.raises(GazetteerError, match="was edited"):
        gi.resolve("X-ray", gazetteer)
    sources.load_gazetteer(path)
    assert gi.resolve("X-ray", gazetteer).place_id == "wl-delta"


def test_a_file_that_is_replaced_is_read_anew(path, tmp_path):
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "Delta") != ()
    write_gazetteer(path, WORLD[:3])
    assert found(gazetteer, "Delta") == ()
    assert len(gazetteer) == 3
    assert sources.load_gazetteer(path) is not gazetteer
    shutil.copy(path, tmp_path / "copy.gpkg")
    path.unlink()
    with pytest.raises(GazetteerError, match=r"'own.gpkg' cannot be read"):
        gazetteer.candidates("Alpha")


def test_what_stands_in_a_write_ahead_log_is_read(path):
    with closing(sqlite3.connect(path)) as qgis:
        qgis.execute("PRAGMA journal_mode = WAL")  # as QGIS does while it edits
        qgis.execute("INSERT INTO names (place_id, text) VALUES ('wl-delta', 'Yankee')")
        qgis.commit()
        assert path.with_name("own.gpkg-wal").stat().st_size > 0
        assert found(sources.load_gazetteer(path), "Yankee") == ("wl-delta",)


def test_a_file_that_another_program_holds_is_refused(path, monkeypatch):
    monkeypatch.setattr(refreshing, "_PATIENCE_S", 0.05)
    edit(path, "INSERT INTO names (place_id, text) VALUES ('wl-delta', 'Zulu')")
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GazetteerError, match=r"own.gpkg' cannot be written.*close the program"):
            sources.load_gazetteer(path)


def test_many_questions_in_one_reading_see_one_file(path):
    store = Store(path)
    with store.reading():
        assert store.by_fold("delta")
        with closing(sqlite3.connect(path, timeout=0)) as other:
            refreshing._add_functions(other)
            other.execute("DELETE FROM places")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.commit()
        assert store.by_fold("delta")
    edit(path, "DELETE FROM places")
    assert not store.by_fold("delta")


def test_a_sieve_lets_through_all_that_a_file_has(path):
    store = Store(path)
    with closing(sqlite3.connect(path)) as file:
        has = {key for (key,) in file.execute("SELECT key_skeleton FROM names")}
    others = [f"{one}{other}" for one in "bdfghj" for other in "klmnrst"]
    with store.reading():
        before = [store.by_skeletons([key, *others], "", 9) for key in sorted(has)]
        sieve = store._local.sieve
        after = [store.by_skeletons([key, *others], "", 9) for key in sorted(has)]
    assert sieve is not None
    assert before == after
    assert has <= set(sieve.of([*has, *others]))
    assert len(sieve.of(others)) < len(others)


def test_many_names_are_answered_as_each_alone():
    names = ["Mosul", "Balad air base", "Deir Ezzor", "دير الزور", "Musol", "Zdrvka", "Al Qayarah"]
    asked = [(name, country) for name in names for country in ("", "IQ", "SY")]
    alone = [Gazetteer(SHIPPED).candidates(name, country=country) for name, country in asked]
    gazetteer = Gazetteer(SHIPPED)
    with gazetteer.reading():
        for number in range(200):
            gazetteer.candidates(f"Zdrvkash {number}", country=("IQ", "SY")[number % 2])
        local = gazetteer._stores[0]._local
        assert local.sieve is not None
        gathered = local.sqlite.execute("SELECT DISTINCT country FROM temp.gathered")
        assert sorted(gathered) == [("IQ",), ("SY",)]
        together = [gazetteer.candidates(name, country=country) for name, country in asked]
    assert together == alone


def test_names_of_a_country_that_are_gathered_follow_an_edit(path):
    store, asked = Store(path), [toponyms.skeleton("Qwrtps")]
    with store.reading():
        assert not any(store.by_skeletons(asked, "WL", 9) for _ in range(200))
    edit(path, "INSERT INTO names (place_id, text) VALUES ('wl-delta', 'Qwrtps')")
    sources.load_gazetteer(path)
    with store.reading():
        assert all(store.by_skeletons(asked, "WL", 9) for _ in range(200))


def test_a_name_added_after_much_was_asked_in_vain_is_found(path):
    store, asked = Store(path), [toponyms.skeleton("Qwrtps")]
    with store.reading():
        assert not any(store.by_skeletons(asked, "", 9) for _ in range(100))
        assert store._local.sieve is not None
    edit(path, "INSERT INTO names (place_id, text) VALUES ('wl-delta', 'Qwrtps')")
    sources.load_gazetteer(path)
    with store.reading():
        assert store.by_skeletons(asked, "", 9)


def test_threads_and_processes_read_at_once(path):
    gazetteer = Gazetteer(path)
    expected = [found(gazetteer, entry.name) for entry in WORLD]
    wrong = []

    def ask():
        for _ in range(20):
            wrong.extend(
                entry.name
                for entry, ids in zip(WORLD, expected, strict=True)
                if found(gazetteer, entry.name) != ids
            )

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        answers = list(pool.map(gazetteer.candidates, [entry.name for entry in WORLD]))
    assert [decide(answer).place_ids for answer in answers] == expected


# ---------------------------------------------------------------- versions


def test_keys_of_another_version_are_made_again(tmp_path):
    path = tmp_path / "old.gpkg"
    write_gazetteer(path, WORLD, keys_version="0")
    edit(path, *(f"DROP TRIGGER {mark}" for mark in refreshing.geopackage.MARKS))
    edit(path, "UPDATE names SET key_fold = 'old', key_core = 'old', key_skeleton = 'old'")
    with pytest.raises(GazetteerError, match="has keys_version '0'"):
        Gazetteer(path)
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "gamma air base") == ("wl-gamma-air-base",)
    assert found(gazetteer, "old") == ()
    assert Gazetteer(path).metadata["keys_version"] == refreshing.toponyms.KEYS_VERSION


def test_keys_that_the_file_has_no_column_for_are_added(path, monkeypatch):
    keys, fields = refreshing.toponyms.keys, refreshing.toponyms.Keys._fields
    monkeypatch.setattr(refreshing.toponyms.Keys, "_fields", (*fields, "more"))
    monkeypatch.setattr(refreshing.toponyms, "keys", lambda text: (*keys(text), text[::-1]))
    monkeypatch.setattr(refreshing.toponyms, "KEYS_VERSION", "next")
    sources.load_gazetteer(path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT key_more FROM names WHERE text = 'Delta'").fetchone() == (
            "atleD",
        )


def test_a_file_of_another_schema_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "old.gpkg"
    write_gazetteer(path, WORLD, schema_version="0")
    before = path.read_bytes()
    with pytest.raises(GazetteerError, match="has schema_version '0'"):
        sources.load_gazetteer(path)
    assert path.read_bytes() == before


KILLED = """
import os, signal, sys
from geoinc import toponyms
from geoinc.sources import refreshing
keys, count = toponyms.keys, 0
def slow(text):
    global count
    count += 1
    if count == 2000:
        os.kill(os.getpid(), signal.SIGKILL)
    return keys(text + " wrong")
toponyms.keys = slow
refreshing.refresh(sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_killed_while_the_keys_are_made_the_file_stays_as_it_was(path):
    with closing(sqlite3.connect(path)) as file:
        file.executemany(
            "INSERT INTO names (place_id, text) VALUES ('wl-delta', ?)",
            [(f"Name {i} " + "long " * 40,) for i in range(3000)],
        )
        file.commit()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)  # noqa: S603
    assert killed.returncode == -signal.SIGKILL
    assert path.with_name("own.gpkg-journal").stat().st_size > 0  # half was written
    gazetteer = sources.load_gazetteer(path)
    assert found(gazetteer, "Name 7 " + "long " * 40) == ("wl-delta",)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute(
            "SELECT count(*) FROM names WHERE key_fold LIKE '%wrong'"
        ).fetchone() == (0,)
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# ---------------------------------------------------------------- what is none


def test_a_file_that_is_no_gazetteer_is_told(tmp_path):
    text = tmp_path / "text.gpkg"
    text.write_text("not a database" * 500)
    other = tmp_path / "other.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=4326).to_file(other)
    half = tmp_path / "half.gpkg"
    write_gazetteer(half, WORLD)
    half.write_bytes(half.read_bytes()[:20_000])
    for path in (text, other, half):
        before = path.read_bytes()
        with pytest.raises(GazetteerError, match=path.name) as caught:
            sources.load_gazetteer(path)
        assert "\n" not in str(caught.value)
        assert path.read_bytes() == before
