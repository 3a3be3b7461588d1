"""The command on Dask says what it says on one machine."""

import json
import subprocess
import sys

import pandas as pd
import pytest
from test_distributed_layers import assert_same_layers
from typer.testing import CliRunner

import geoinc as gi
from geoinc.cli import app


@pytest.fixture(scope="module")
def attacks(tmp_path_factory):
    path = tmp_path_factory.mktemp("attacks") / "attacks.csv"
    words = ["Balad air base", "Mosul", "nowhere known", "Erbil"]
    table = pd.DataFrame(
        {
            "incident": [f"i{number % 25}" for number in range(60)],
            "date": ["2021-03-02", "2021-04"] * 30,
            "Base": [words[number % 4] for number in range(60)],
            "launch": ["Diyala, east of the base", "", "Kirkuk"] * 20,
        }
    )
    table.to_csv(path, index=False)
    return path


@pytest.fixture
def run(cluster):
    address = cluster.scheduler.address

    def call(*arguments, dask=True):
        engine = ["--engine", "dask", "--scheduler", address] if dask else []
        return CliRunner().invoke(app, [*map(str, arguments), *engine])

    return call


def test_layers_are_located_and_counted(run, attacks, tmp_path):
    out = tmp_path / "attacks.parquet"
    result = run("locate", attacks, "-c", "Base=target", "-o", out)
    assert result.exit_code == 0, result.output
    assert "Dask dashboard: http" in result.stderr
    assert "(120 rows)" in result.stderr
    layers = gi.read_layers(out)
    expected = gi.locate(gi.read_reports(attacks, columns={"Base": "target"}), gi.load_gazetteer())
    for role in ("launch", "target", "impact"):
        expected.layer(role).attrs = {}
    assert_same_layers(layers, expected, check_index_type=False)
    missed = expected.rows()["place_status"].isin(["ambiguous", "unresolved"]).sum()
    assert f"{missed} of 120 places could not be placed" in result.stderr
    assert "--overwrite replaces it" in run("locate", attacks, "-o", out).stderr
    for verb in (["counts", "--by", "admin1"], ["distances"], ["incidents"]):
        found, known = (run(verb[0], out, *verb[1:], "--json", dask=dask) for dask in (True, False))
        assert found.exit_code == 0, found.output
        assert json.loads(found.stdout) == json.loads(known.stdout)


def test_what_is_not_for_dask_is_said(run, attacks, tmp_path):
    for arguments, why in (
        (["locate", attacks], "say -o NAME.parquet"),
        (
            ["convert", attacks, tmp_path / "a.gpkg", "-c", "Base=target"],
            "does not end in .parquet",
        ),
        (
            [
                "convert",
                attacks,
                tmp_path / "a.parquet",
                "--coarsen",
                "admin1",
                "-c",
                "Base=target",
            ],
            "--coarsen",
        ),
        (
            ["locate", attacks, "-o", tmp_path / "a.parquet", "--rejected", tmp_path / "b.csv"],
            "--rejected",
        ),
    ):
        result = run(*arguments)
        assert result.exit_code == 2, result.output
        assert why in result.stderr
    assert not list(tmp_path.iterdir())
    lone = CliRunner().invoke(app, ["counts", str(attacks), "--scheduler", "tcp://127.0.0.1:1"])
    assert "--scheduler is for --engine dask" in lone.stderr


def test_without_the_extra_one_line_says_so(attacks):
    script = (
        "import sys; sys.modules['dask'] = None\n"
        "from geoinc.cli import app\n"
        f"app(['counts', {str(attacks)!r}, '--engine', 'dask'])"
    )
    result = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr.strip() == "geoinc.distributed needs Dask: pip install 'geoinc[dask]'"
