"""The verbs one by one, and what scripts rely on: pipes, JSON, exit codes, files that stay."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import geoinc as gi
from geoinc.cli import app

EXAMPLES = Path(__file__).parents[1] / "examples"
VERBS = (
    "new", "read", "check", "link", "locate", "resolve", "incidents", "counts", "describe",
    "match", "compare", "diff", "distances", "map", "convert",
)  # fmt: skip


@pytest.fixture
def run():
    runner = CliRunner()

    def call(*arguments, code=0, **more):
        result = runner.invoke(app, [str(argument) for argument in arguments], **more)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return call


@pytest.fixture
def attacks(tmp_path):
    path = tmp_path / "attacks.csv"
    path.write_text(
        "incident,report,source,date,target,event_type,fired,killed\n"
        "a,r1,Wire,2021-03-15,Balad air base,rocket,7,none\n"
        "b,r2,Gazette,2021-03-15,Balad air base,rocket,7,\n"
        "c,r3,Wire,2021-04,Erbil,drone,1,=1+1\n",
        encoding="utf-8",
    )
    return path


def test_every_verb_has_an_example_in_its_help(run):
    listed = run("--help").output
    for verb in VERBS:
        assert f"geoinc {verb}" in " ".join(run(verb, "--help").output.split())
        assert f"│ {verb} " in listed
    assert "geoinc gazetteer search" in " ".join(run("gazetteer", "--help").output.split())


def test_results_are_on_stdout_and_news_on_stderr(run, attacks):
    result = run("incidents", attacks, "--json")
    rows = json.loads(result.stdout)
    assert [row["incident"] for row in rows] == ["a", "b", "c"]
    assert rows[0]["date_start"].startswith("2021-03-15")
    assert rows[0]["fired_best"] == 7
    assert rows[1]["killed_best"] is None
    counted = run("counts", attacks, "--by", "month", "-o", "-")
    table = pd.read_csv(io.StringIO(counted.stdout))
    assert table["month"].to_list() == ["2021-03", "2021-04"]
    assert "n = 3; 0 undated" in counted.stderr
    for verb in ("read", "check", "locate", "distances", "link", "describe"):
        json.loads(run(verb, attacks, "--json", code=1 if verb == "check" else 0).stdout)


def test_a_pipe_in(run, attacks):
    result = run("counts", "-", "--by", "event_type", "--json", input=attacks.read_bytes())
    assert {row["event_type"]: row["high"] for row in json.loads(result.stdout)} == {
        "rocket": 2, "drone": 1,
    }  # fmt: skip


def test_a_formula_through_a_pipe_stays_text(run, attacks):
    assert "'=1+1" in run("read", attacks, "-o", "-").stdout


def test_no_file_is_lost_unasked(run, attacks, tmp_path):
    for verb, name in (("incidents", "out.csv"), ("locate", "out.gpkg"), ("counts", "out.json")):
        out = tmp_path / name
        run(verb, attacks, "-o", out)
        before = out.read_bytes()
        again = run(verb, attacks, "-o", out, code=2)
        assert "exists" in again.stderr
        assert out.read_bytes() == before
        run(verb, attacks, "-o", out, "--overwrite")
    refused = run("incidents", attacks, "-o", attacks, code=2)
    assert "exists already" in refused.stderr
    assert (
        "tables are written as"
        in run("incidents", attacks, "-o", tmp_path / "x.doc", code=2).stderr
    )


def test_new_then_read(run, tmp_path):
    pytest.importorskip("openpyxl")
    book = tmp_path / "attacks.xlsx"
    assert "geoinc check" in run("new", book).stderr
    assert "exists" in run("new", book, code=2).stderr
    run("new", book, "--overwrite")


def test_read_says_what_was_recognised(run, tmp_path):
    path = tmp_path / "dates.csv"
    path.write_text("target,date\nErbil,03/04/2021\n", encoding="utf-8")
    assert "2021-04-03" in run("read", path, "--day-first").stdout
    assert "2021-03-04" in run("read", path, "--month-first").stdout
    result = run("read", path)
    assert "03/04/2021" in result.stderr
    assert "1 rows: 1 counted." in result.stderr


def test_answers_come_in_a_copy_of_the_workbook(run, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book, copy = tmp_path / "attacks.xlsx", tmp_path / "answered.xlsx"
    pd.DataFrame({"target": ["Balad air base"], "date": ["2021-03-15"]}).to_excel(book, index=False)
    run("locate", book, "--answers", copy)
    cells = [str(cell.value) for row in openpyxl.load_workbook(copy).active for cell in row]
    assert any("Balad Air Base" in cell for cell in cells)


def test_layers_that_were_written_are_read_again(run, attacks, tmp_path):
    layers = tmp_path / "attacks.gpkg"
    run("convert", attacks, layers, "--provenance")
    assert (tmp_path / "attacks.gpkg.provenance.json").exists()
    for ending in (".geojson", ".kml", ".dwc.csv"):
        assert run("convert", layers, tmp_path / f"again{ending}")
    here, there = (run("counts", path, "--json").stdout for path in (attacks, layers))
    assert here == there
    assert "exists already" in run("convert", attacks, layers, code=2).stderr


def test_link(run, attacks, tmp_path):
    bare = tmp_path / "bare.csv"
    pd.read_csv(attacks, dtype=str).drop(columns="incident").to_csv(bare, index=False)
    result = run("link", bare)
    assert "joined" in result.stdout
    assert "3 accounts: 2 incidents" in result.stderr
    pairs = tmp_path / "pairs.csv"
    told = run("link", attacks, "--review", pairs)
    assert "1 pairs left to decide" in told.stderr
    table = pd.read_csv(pairs, dtype=str, keep_default_na=False)
    table["decision"] = "distinct"
    table.to_csv(pairs, index=False)
    (pair,) = json.loads(run("link", attacks, "--marks", pairs, "--json").stdout)
    assert pair["verdict"] == "distinct"
    linked = tmp_path / "linked.gpkg"
    run("link", bare, "-o", linked)
    assert gi.read_layers(linked).targets["incident"].nunique() == 2


def test_match(run, attacks, tmp_path):
    theirs = tmp_path / "theirs.csv"
    table = pd.read_csv(attacks, dtype=str).assign(source="Agency").iloc[[0, 2]]
    table.assign(incident=["x", "z"]).to_csv(theirs, index=False)
    result = run("match", attacks, theirs, "--json")
    told = {row["incident"]: row["status"] for row in json.loads(result.stdout)}
    assert told["a"] == told["x"] == "matched"
    assert "mine: " in result.stderr
    tally = json.loads(run("match", attacks, theirs, "--by", "month", "--json").stdout)
    assert tally[0]["month"] == "2021-03"
    assert tally[0]["mine: matched"] == 1


def test_compare(run, attacks, tmp_path):
    boris = tmp_path / "boris.csv"
    pd.read_csv(attacks, dtype=str).assign(event_type="drone").to_csv(boris, index=False)
    result = run("compare", attacks, boris)
    assert "event_type" in result.stdout
    assert "2 cells differ" in result.stderr
    rows = json.loads(run("compare", attacks, boris, "--json").stdout)
    assert {(row["report"], row["other"]) for row in rows} == {("r1", "drone"), ("r2", "drone")}
    assert "has no column" in run("compare", attacks, boris, "--key", "number", code=2).stderr


def test_diff(run, attacks, tmp_path):
    kept, new = tmp_path / "2026-05.gpkg", tmp_path / "new.csv"
    run("convert", attacks, kept)
    table = pd.read_csv(attacks, dtype=str, keep_default_na=False)
    table.loc[1, "fired"] = "8"
    table[:2].to_csv(new, index=False)
    result = run("diff", kept, new)
    assert "0 added, 1 removed, 1 changed, 0 moved" in result.stderr
    assert "fired" in result.stdout


def test_places_of_your_own(run, tmp_path):
    places, own = tmp_path / "places.csv", tmp_path / "own.gpkg"
    places.write_text(
        "name,longitude,latitude,kind,country,radius_m\nQwertyville,44.0,33.0,village,IQ,1000\n",
        encoding="utf-8",
    )
    assert "(1 places)" in run("gazetteer", "make", places, own, "--licence", "CC0").stderr
    found = json.loads(run("resolve", "Qwertyville", "-g", own, "--json").stdout)
    assert found[0]["name"] == "Qwertyville"
    assert "Qwertyville" in run("gazetteer", "search", "Qwertyville", "-g", own, "--json").stdout
    assert "places" in run("gazetteer", "about").stdout
    attacks = tmp_path / "attacks.csv"
    attacks.write_text("target\nQwertyville\n", encoding="utf-8")
    rows = json.loads(run("locate", attacks, "-g", places, "--json").stdout)
    assert rows[0]["place_status"] == "resolved"


def test_an_export_is_placed_by_its_coordinates(run, shared_data):
    ged = shared_data / "ucdp" / "ged_sample1000.csv"
    rows = json.loads(run("counts", ged, "--by", "standing", "--json").stdout)
    assert rows[0]["high"] == 934


def test_coordinates_alone_need_their_uncertainty(run, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("date,longitude,latitude\n2021-03-15,44.3,33.9\n", encoding="utf-8")
    assert "--uncertainty-km" in run("counts", path, code=2).stderr
    told = run("locate", path, "--uncertainty-km", "2", "--json")
    assert json.loads(told.stdout)[0]["uncertainty_m"] == 2000


def test_exit_codes(run, attacks, tmp_path):
    run("check", attacks, code=1)
    run("check", tmp_path / "missing.csv", code=2)
    run("nonsense", code=2)
    run("counts", attacks, "--by", "moon", code=2)


def test_no_colour_where_none_is_wanted(attacks, tmp_path):
    command = [sys.executable, "-c", "from geoinc.cli import app; app()", "incidents"]
    plain = os.environ | {"NO_COLOR": "1", "FORCE_COLOR": ""}
    for arguments in ([str(attacks)], [str(tmp_path / "missing.csv")]):
        result = subprocess.run(  # noqa: S603  # our own command
            [*command, *arguments], capture_output=True, text=True, env=plain, check=False
        )
        assert "\x1b[" not in result.stdout + result.stderr


def test_completion_is_offered(run):
    assert "--install-completion" in run("--help").output


def test_no_file_is_replaced_unasked_and_nothing_is_done_before_that_is_known(
    run, attacks, tmp_path
):
    here = tmp_path / "here.csv"
    here.write_text("mine")
    for verb, *options in (
        ("map", "-o", tmp_path / "map.html", "--rejected", here),
        ("locate", "--rejected", here),
        ("counts", "-o", here),
        ("check", "-o", here),
        ("incidents", "-o", here),
    ):
        result = run(verb, attacks, *options, code=2)
        assert result.stderr.strip().endswith("exists already; --overwrite replaces it")
        assert len(result.stderr.strip().splitlines()) == 1
    assert here.read_text() == "mine"
    page = tmp_path / "map.html"
    run("map", attacks, "-o", page)
    before = page.read_bytes()
    assert "exists already" in run("map", attacks, "-o", page, "--title", "Other", code=2).stderr
    assert page.read_bytes() == before
    run("map", attacks, "-o", page, "--title", "Other", "--overwrite")
    assert page.read_bytes() != before


def test_where_nothing_can_be_written_is_said_before_the_work(run, attacks, tmp_path):
    missing = tmp_path / "nowhere" / "a.html"
    assert "there is no folder" in run("map", attacks, "-o", missing, code=2).stderr
    assert "ends in none of" in run("map", attacks, "-o", tmp_path / "map.docx", code=2).stderr
