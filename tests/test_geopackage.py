"""Gazetteer files are written as a stream, whole or not at all, and GDAL reads them."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoinc import geopackage, toponyms
from geoinc.errors import Problem
from geoinc.gazetteer import Gazetteer
from geoinc.geopackage import Entry
from geoinc.sources.writing import write_gazetteer

GEOD = pyproj.Geod(ellps="WGS84")


def entries(count, prefix="Town"):
    return (
        Entry(f"t-{i}", f"{prefix} {i}", "town", "XX", i % 300 - 150, i % 120 - 60, radius_m=900)
        for i in range(count)
    )


def write(path, places, **options):
    return write_gazetteer(path, places, source="test", licence="CC0", progress=False, **options)


# ---------------------------------------------------------------- discs


@given(st.floats(-170, 170), st.floats(-70, 70), st.floats(10, 100_000))
def test_a_disc_goes_round_the_geodesic_circle(longitude, latitude, radius_m):
    (disc,) = geopackage.discs([longitude], [latitude], [radius_m])
    corners = shapely.get_coordinates(disc)[:-1]
    assert disc.exterior.is_ccw
    centre = np.broadcast_to((longitude, latitude), corners.shape)
    distance = GEOD.inv(*centre.T, *corners.T)[2]
    outside = radius_m / np.cos(np.pi / len(corners))
    assert distance == pytest.approx(outside, rel=7e-4, abs=1e-3)
    assert (distance > outside).all()
    assert outside - radius_m <= max(25, radius_m * 0.0013)


def test_discs_across_the_antimeridian_and_the_poles_hold_their_circles():
    centres = [(179.99, 10.0), (-179.999, -60.0), (30.0, 89.95), (0.0, -90.0)]
    discs = geopackage.discs(*zip(*centres, strict=True), [8_000.0] * 4)
    for (longitude, latitude), disc in zip(centres, discs, strict=True):
        west, _, east, _ = disc.bounds
        assert -180 <= west < east <= 180
        assert disc.is_valid
        azimuths = np.arange(0.0, 360.0, 7.0)
        where = np.broadcast_to((longitude, latitude, 7_990.0), (len(azimuths), 3)).T
        lon, lat, _ = GEOD.fwd(where[0], where[1], azimuths, where[2])
        assert shapely.covers(disc, shapely.points(lon, lat)).all()


def test_a_place_without_any_extent_is_refused():
    with pytest.raises(ValueError, match="radius of more than 0 m"):
        geopackage.discs([44], [33], [0])


# ---------------------------------------------------------------- writing


def test_gdal_opens_what_is_written(tmp_path):
    path = tmp_path / "own.gpkg"
    assert write(path, entries(12_345)) == 12_345
    info = pyogrio.read_info(path, layer="places")
    assert (info["features"], info["crs"], info["geometry_name"]) == (12_345, "EPSG:4326", "geom")
    assert info["capabilities"]["fast_spatial_filter"]
    box = (10, 20, 10.5, 20.5)
    near = pyogrio.read_dataframe(path, layer="places", bbox=box)
    whole = pyogrio.read_dataframe(path, layer="places")
    assert set(near.place_id) == set(whole[whole.intersects(shapely.box(*box))].place_id)
    assert whole.is_valid.all()
    assert (whole.uncertainty_m == 900).all()
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_of_one_id_the_first_is_written_and_the_others_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(geopackage, "_CHUNK", 2)
    places = [
        Entry("a", "Alpha", "town", "XX", 1, 1, radius_m=9, row=2),
        Entry("a", "Beta", "town", "XX", 2, 2, radius_m=9, row=3),
        Entry("b", "Gamma", "town", "XX", 3, 3, radius_m=9, row=4),
        Entry("a", "Delta", "town", "XX", 4, 4, radius_m=9, row=5),
    ]
    problems = []
    assert write(tmp_path / "own.gpkg", iter(places), problems=problems) == 2
    assert [problem.row for problem in problems] == [3, 5]
    gazetteer = Gazetteer(tmp_path / "own.gpkg")
    assert gazetteer.place("a").name == "Alpha"
    assert not any(c.stage != "fuzzy" for c in gazetteer.candidates("Delta"))
    assert gazetteer.metadata["problem_count"] == "2"
    assert "row 3, place_id" in gazetteer.metadata["problems"]


def test_problems_that_come_while_it_writes_are_in_the_file(tmp_path):
    problems = []

    def reader():
        yield from entries(3)
        problems.append(Problem(4, "", "", "it is late"))

    write(tmp_path / "own.gpkg", reader(), problems=problems)
    assert Gazetteer(tmp_path / "own.gpkg").metadata["problems"] == "row 4: it is late"


def test_a_reader_that_fails_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "own.gpkg"
    write(path, entries(5, "Old"))

    def broken():
        yield from entries(7)
        raise OSError(5, "the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        write(path, broken())
    assert os.listdir(tmp_path) == ["own.gpkg"]  # noqa: PTH208
    assert Gazetteer(path).place("t-0").name == "Old 0"


ENDLESS = """
import itertools, signal, sys
from geoinc.geopackage import Entry
from geoinc.sources.writing import write_gazetteer
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
def entries():
    for i in itertools.count():
        if i == 12_000:
            print("half", flush=True)
        yield Entry(f"n-{i}", f"New {i}", "town", "XX", i % 300 - 150, 0, radius_m=900)
try:
    write_gazetteer(sys.argv[1], entries(), source="", licence="")
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_killed_leaves_the_old_file(tmp_path, how):
    path = tmp_path / "own.gpkg"
    write(path, entries(5, "Old"))
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", ENDLESS, str(path)], stdout=subprocess.PIPE, text=True
    ) as build:
        assert build.stdout.readline() == "half\n"
        build.send_signal(how)
        assert build.stdout.read() == ("stopped\n" if how == signal.SIGINT else "")
    assert len(Gazetteer(path)) == 5
    left = sorted(tmp_path.glob(".own.gpkg-*.part"))
    assert len(left) == (how == signal.SIGKILL)  # nothing can clean up after SIGKILL ...
    for draft in left:
        os.utime(draft, (time.time() - 7200,) * 2)
    write(path, entries(6))  # ... but the next build
    assert os.listdir(tmp_path) == ["own.gpkg"]  # noqa: PTH208


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        write(tmp_path / "file" / "own.gpkg", entries(1))


def test_any_number_of_keys_gets_columns(tmp_path):
    geopackage.write(
        tmp_path / "two.gpkg",
        entries(1),
        keys=lambda text: (text.lower(), text[:1]),
        key_names=("lower", "first"),
        metadata=dict,
        changed="2024-01-01T00:00:00.000Z",
        repeated=print,
    )
    with sqlite3.connect(tmp_path / "two.gpkg") as file:
        assert file.execute("SELECT key_lower, key_first FROM names").fetchall() == [
            ("town 0", "T")
        ]


def test_the_keys_are_those_of_the_search():
    assert toponyms.Keys._fields[0] == "fold"  # the one by which `store.stale` sees what waits
