"""The command: it does what the library does, and says in one line what it cannot."""

import pandas as pd
import pytest
from typer.testing import CliRunner

import geoinc
from geoinc.cli import app

VERBS = ("map", "locate", "incidents", "counts", "distances", "check", "resolve")


@pytest.fixture
def run():
    runner = CliRunner()

    def call(*arguments):
        return runner.invoke(app, [str(argument) for argument in arguments])

    return call


@pytest.fixture
def attacks(tmp_path):
    path = tmp_path / "attacks.csv"
    path.write_text(
        "incident,date,Base,launch,killed,remark\n"
        'a,2021-03-15,Balad air base,"Diyala, east of the base",none,=1+1\n'
        "b,2021-03-20,Qwertyistan,,2-3,[red]x[/red]\n",
        encoding="utf-8",
    )
    return path


def one_line(result):
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert lines, "nothing was said"
    return lines


def test_help_shows_an_example_of_every_verb(run):
    for verb in VERBS:
        result = run(verb, "--help")
        assert result.exit_code == 0
        assert f"geoinc {verb}" in " ".join(result.output.split())
    assert geoinc.__version__ in run("--version").output


def test_map_as_a_picture_and_coarse(run, attacks, tmp_path):
    out = tmp_path / "map.svg"
    run("map", attacks, "-c", "Base=target", "-o", out, "--coarsen", "admin1")
    text = out.read_text("utf-8")
    assert text.startswith("<svg")
    assert "Balad" not in text
    assert "Salah al-Din" in text


def test_map(run, attacks, tmp_path):
    out = tmp_path / "attacks.html"
    result = run("map", attacks, "-c", "Base=target", "-o", out, "--title", "Two <attacks>")
    assert result.exit_code == 0, result.output
    html = out.read_text(encoding="utf-8")
    assert "&lt;attacks&gt;" in html
    assert "remark" not in html.split("<body")[1].split("<script")[0]


def test_locate_writes_layers_and_what_was_rejected(run, attacks, tmp_path):
    out, rejected = tmp_path / "attacks.gpkg", tmp_path / "rejected.csv"
    result = run("locate", attacks, "-c", "Base=target", "-o", out, "--rejected", rejected)
    assert result.exit_code == 0, result.output
    assert geoinc.read_layers(out).targets["place_status"].to_list() == ["resolved", "unresolved"]
    table = pd.read_csv(rejected)
    assert table["place"].to_list() == ["Qwertyistan"]
    assert table["remark"].to_list() == ["[red]x[/red]"]


def test_tables_on_the_screen_and_as_csv(run, attacks, tmp_path):
    for verb in ("locate", "incidents", "counts", "distances"):
        result = run(verb, attacks, "-c", "Base=target")
        assert result.exit_code == 0, result.output
        out = tmp_path / f"{verb}.csv"
        result = run(verb, attacks, "-c", "Base=target", "-o", out)
        assert result.exit_code == 0, result.output
        assert len(pd.read_csv(out)) >= 1
    assert "[red]" not in run("counts", attacks, "-c", "Base=target").output


def test_a_formula_in_a_cell_stays_text(run, attacks, tmp_path):
    out = tmp_path / "rows.csv"
    run("locate", attacks, "-c", "Base=target", "-o", out)
    assert pd.read_csv(out)["remark"].to_list()[0] == "'=1+1"


def test_a_chart(run, attacks, tmp_path):
    pytest.importorskip("matplotlib").use("Agg")
    out = tmp_path / "counts.png"
    result = run("counts", attacks, "-c", "Base=target", "--by", "month", "--plot", out)
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(b"\x89PNG")


def test_resolve(run):
    result = run("resolve", "Balad air base", "10 km north of Balad air base")
    assert result.exit_code == 0, result.output
    assert "Balad" in result.output
    assert "km" in result.output
    missing = run("resolve", "Qwertyistan")
    assert missing.exit_code == 2
    assert "Qwertyistan" in missing.stderr


def test_bad_input_is_one_clear_line(run, tmp_path):
    cases = {
        "missing.csv": None,
        "empty.csv": b"",
        "noplace.csv": b"date,killed\n2021-03-15,1\n",
        "binary.csv": bytes(range(256)) * 8,
    }
    for name, content in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        out = tmp_path / "never.html"
        lines = one_line(run("map", path, "-o", out))
        assert len(lines) == 1, (name, lines)
        assert not out.exists()
    assert "Base=target" in one_line(run("map", tmp_path / "noplace.csv", "-c", "Base"))[0]


def test_an_odd_row_is_told_and_kept(run, tmp_path):
    path = tmp_path / "odd.csv"
    long = "x" * 10_000
    path.write_text(
        "target,date,killed,longitude,latitude\n"
        f"{long},2021-03-15,1,,\n"
        "Balad air base,the day after,1,,\n"
        "Balad air base,2021-03-15,2-Mar,,\n"
        "Balad air base,2021-03-15,1,444.0,33.9\n",
        encoding="utf-8",
    )
    out = tmp_path / "rows.csv"
    result = run("locate", path, "-o", out)
    assert result.exit_code == 0, result.output
    assert len(pd.read_csv(out)) == 4
    said = " ".join(result.stderr.split())
    for word in ("the day after", "2-Mar", "444"):
        assert word in said


def test_a_review_is_written_filled_in_and_used(run, attacks, tmp_path):
    places = tmp_path / "places.csv"
    result = run("locate", attacks, "-c", "Base=target", "--review", places)
    assert result.exit_code == 0, result.output
    assert "1 left to decide" in result.output
    table = pd.read_csv(places, dtype=str, keep_default_na=False)
    assert table["text"].to_list() == ["Qwertyistan"]
    assert table["file"].to_list() == ["attacks.csv"]
    table.loc[0, ["decision", "author"]] = ["iq-balad-air-base", "A. Reader"]
    table.to_csv(places, index=False)
    for verb, wanted in (("locate", "resolved"), ("incidents", "Balad Air Base")):
        out = tmp_path / f"{verb}.csv"
        result = run(verb, attacks, "-c", "Base=target", "--decisions", places, "-o", out)
        assert result.exit_code == 0, result.output
        assert wanted in out.read_text(encoding="utf-8")
    again = run("locate", attacks, "-c", "Base=target", "--decisions", places, "--review", places)
    assert "0 left to decide" in again.output
    assert pd.read_csv(places)["decision"].to_list() == ["iq-balad-air-base"]


def test_a_decision_that_cannot_be_used_is_one_line(run, attacks, tmp_path):
    places = tmp_path / "places.csv"
    places.write_text("text,decision,scope\nQwertyistan,iq-no-such,everywhere\n", encoding="utf-8")
    result = run("locate", attacks, "-c", "Base=target", "--decisions", places)
    assert result.exit_code == 0, result.output
    assert "places.csv, row 2: 'iq-no-such' is the id of no place" in " ".join(
        result.stderr.split()
    )
    lines = one_line(
        run("locate", attacks, "-c", "Base=target", "--decisions", tmp_path / "no.csv")
    )
    assert len(lines) == 1
    lines = one_line(run("locate", attacks, "-c", "Base=target", "--review", attacks))
    assert "no table of decisions" in lines[-1]
    assert attacks.read_text(encoding="utf-8").startswith("incident,date")
