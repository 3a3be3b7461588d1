"""A full disk, a killed process, a folder that nothing may be written to: the old file stays, whole."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

import geoinc as gi
from geoinc.cli import app

EXAMPLE = Path(__file__).parents[1] / "examples" / "iraq-syria.csv"

#: Each writer, by the file that it is asked for.
WRITERS = {
    "a.gpkg": "gi.write_layers(layers, path, overwrite=True)",
    "a.geojson": "gi.write_layers(layers, path, overwrite=True)",
    "a.parquet": "gi.write_layers(layers, path, overwrite=True)",
    "a.kml": "gi.write_layers(layers, path, overwrite=True)",
    "a.csv": "gi.write_layers(layers, path, overwrite=True)",
    "a.xlsx": "gi.write_layers(layers, path, overwrite=True)",
    "a.dwc.csv": "gi.write_layers(layers, path, overwrite=True)",
    "map.html": "page.save(path)",
    "map.svg": "page.to_svg(path)",
    "new.xlsx": "gi.new_workbook(path, overwrite=True)",
    "answers.xlsx": "gi.write_answers(reports, layers, source, path, overwrite=True)",
    "names.xlsx": "gi.write_review(layers, gazetteer, path)",
    "names.csv": "gi.write_review(layers, gazetteer, path)",
    "pairs.xlsx": "links.write_review(path)",
    "pairs.csv": "links.write_review(path)",
    "counts.xlsx": "gi.counts(layers, by='month').to_excel(path)",
    "places.gpkg": "gi.read_gazetteer(places, kind='town', path=path)",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return made_in(tmp_path_factory.mktemp("world"))


def made_in(folder):
    """Return what the writers write, by the names that they call it."""
    import openpyxl

    gazetteer = gi.load_gazetteer()
    workbook = folder / "source.xlsx"
    gi.new_workbook(workbook)
    book = openpyxl.load_workbook(workbook)
    for row in (["a", "2021-03-15", "", "Balad air base"], ["b", "2021-03-15", "", "Nowhere"]):
        book.worksheets[0].append(row)
    book.save(workbook)
    places = folder / "places.csv"
    places.write_text(
        "name,longitude,latitude\n" + "".join(f"Town {i},44.{i},33.5\n" for i in range(100))
    )
    reports = gi.read_reports(workbook)
    layers = gi.locate(gi.read_reports(EXAMPLE), gazetteer)
    return {
        "gi": gi, "layers": layers, "gazetteer": gazetteer, "reports": reports,
        "source": workbook, "places": places, "page": gi.explore(layers),
        "links": gi.link_reports(layers),
    }  # fmt: skip


def written(world, name, path):
    """Write a file, and return what stands in the folder."""
    exec(WRITERS[name], world | {"path": path})  # noqa: S102  # the lines above
    return contents(path.parent)


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@contextmanager
def room_for(size):
    """Let no file grow beyond so many bytes, as on a disk that is full."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_the_old_file_and_no_half_one(world, tmp_path, name):
    before = written(world, name, tmp_path / name)
    largest = max(map(len, before.values()))
    for room in (largest // 2, largest - 1):
        # One of the errors that the command tells in one line.
        with room_for(room), pytest.raises((gi.GeoincError, OSError)) as caught:
            written(world, name, tmp_path / name)
        assert str(caught.value)
        assert "\n" not in str(caught.value)
        assert contents(tmp_path) == before
    assert set(written(world, name, tmp_path / name)) == set(before)


def killed_in_the_middle(folder):
    """Write each file, then again in a process that ends in the middle; return what is wrong."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    world = made_in(folder)
    faults = []
    for name in WRITERS:
        home = folder / name.replace(".", "-")
        home.mkdir()
        before = written(world, name, home / name)
        child = os.fork()
        if not child:
            # The system ends the process at the byte too many, as kill -9 would: nothing runs any more.
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            with room_for(max(map(len, before.values())) // 2):
                written(world, name, home / name)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGXFSZ:
            faults.append(f"{name} was not killed: {status}")
        after = {path: data for path, data in contents(home).items() if not path.startswith(".")}
        if after != before:
            faults.append(f"{name} is not what it was: {after.keys()}")
        # What the killed one left, hidden, is in nobody's way.
        written(world, name, home / name)
    return faults


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_killed_in_the_middle_of_a_write_leaves_the_old_file(tmp_path):
    code = "import sys, pathlib, test_faults; print(test_faults.killed_in_the_middle(pathlib.Path(sys.argv[1])))"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=Path(__file__).parent, env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "[]\n", done.stdout + done.stderr


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs users as POSIX has them")
@pytest.mark.parametrize("name", ["a.gpkg", "a.parquet", "map.html", "new.xlsx", "counts.xlsx"])
def test_a_folder_that_may_not_be_written_to_is_said(world, name):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        user = os.geteuid()
        try:
            if user == 0:  # to whom everything is allowed
                os.seteuid(65534)
            with pytest.raises(PermissionError, match=folder):
                written(world, name, Path(folder) / name)
        finally:
            os.seteuid(user)
        assert not contents(Path(folder))


@pytest.mark.parametrize(
    "command",
    [
        ("convert", EXAMPLE, "a.gpkg"),
        ("locate", EXAMPLE, "-o", "a.csv"),
        ("map", EXAMPLE, "-o", "a.html"),
        ("counts", EXAMPLE, "--plot", "a.png"),
        ("new", "a.xlsx"),
    ],
)
def test_the_command_says_in_one_line_that_the_disk_is_full(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    with room_for(500):
        result = CliRunner().invoke(app, [str(word) for word in command])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    *_, last = result.stderr.strip().splitlines()
    assert "File too large" in last or "room on the disk" in last
    assert not contents(tmp_path)
