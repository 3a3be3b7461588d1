"""Who is to be named travels with the data of others: into maps, files and what was coarsened."""

import json
import sqlite3
from contextlib import closing

import pandas as pd
import pytest
from map_page import unpack
from typer.testing import CliRunner

import geoinc as gi
from geoinc.cli import app
from geoinc.reports.credits import CREDITS, data_credits

#: Made up, in the columns of the exports.
ACLED = pd.DataFrame(
    {
        "event_id_cnty": ["IRQ1", "IRQ2"],
        "event_date": ["2021-03-15", "2021-03-16"],
        "time_precision": ["1", "1"],
        "event_type": ["Explosions/Remote violence"] * 2,
        "actor1": ["A", "B"],
        "location": ["Balad", "Erbil"],
        "latitude": ["34.0", "36.2"],
        "longitude": ["44.1", "44.0"],
        "geo_precision": ["1", "2"],
        "fatalities": ["0", "3"],
    }
)


@pytest.fixture(scope="module")
def layers():
    return gi.layers_from_coordinates(gi.read_reports(ACLED), areas=gi.load_gazetteer())


def test_reading_says_the_terms_once():
    reports = gi.read_reports(ACLED)
    assert reports.attrs["recognised"]["terms"] == CREDITS["acled"]


def test_the_terms_are_in_every_file_that_can_hold_them(layers, tmp_path):
    for ending in (".geojson", ".kml", ".gpkg", ".xlsx"):
        gi.write_layers(layers, tmp_path / f"a{ending}", made_from=[])
        note = json.loads((tmp_path / f"a{ending}.provenance.json").read_text("utf-8"))
        assert note["credits"][0] == CREDITS["acled"]
    assert (
        json.loads((tmp_path / "a.geojson").read_text("utf-8"))["geoinc"]["credits"][0]
        == CREDITS["acled"]
    )
    assert "read them before you share this" in (tmp_path / "a.kml").read_text("utf-8")
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as file:
        told = dict(file.execute("SELECT table_name, description FROM gpkg_contents"))
    assert told["targets"].startswith(CREDITS["acled"])
    sheets = pd.read_excel(tmp_path / "a.xlsx", sheet_name=None, header=None)
    assert any(CREDITS["acled"] in table.astype(str).to_numpy() for table in sheets.values())


def test_the_map_names_whose_data_it_shows(layers):
    for coarsen in (None, "admin1"):
        page = unpack(gi.explore(layers, coarsen=coarsen).get_root().render())
        assert page["notices"][-1] == CREDITS["acled"]


def test_what_is_read_again_or_coarsened_is_named_still(layers, tmp_path):
    gi.write_layers(layers, tmp_path / "a.parquet")
    again = gi.read_layers(tmp_path / "a.parquet")
    assert data_credits(again) == [CREDITS["acled"]]
    coarse = gi.coarsen(again, to="admin1")
    assert "event_id_cnty" not in coarse.targets
    assert data_credits(coarse) == [CREDITS["acled"]]
    gi.write_layers(coarse, tmp_path / "b.gpkg")
    assert data_credits(gi.read_layers(tmp_path / "b.gpkg")) == [CREDITS["acled"]]


def test_of_tables_together_each_is_named_and_of_one_s_own_none(shared_data):
    both = [ACLED, pd.read_csv(shared_data / "ucdp" / "ged_sample1000.csv", dtype=str).head(3)]
    layers = gi.layers_from_coordinates(gi.read_reports(both), areas=gi.load_gazetteer())
    assert data_credits(layers) == [CREDITS["acled"], CREDITS["ucdp"]]
    own = gi.read_reports(pd.DataFrame({"target": ["Balad"]}))
    assert data_credits(gi.locate(own, gi.load_gazetteer())) == []


def test_the_command_says_them_once(tmp_path):
    ACLED.to_csv(tmp_path / "a.csv", index=False)
    result = CliRunner().invoke(app, ["describe", str(tmp_path / "a.csv")])
    assert result.exit_code == 0, result.output
    assert result.stderr.count("ACLED (Armed Conflict") == 1
