"""Layers in files: nothing is lost on the way there and back, and no text runs in a spreadsheet."""

import csv
import datetime as dt
import hashlib
import json
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import geoinc as gi
from geoinc.exchange import tables

READ = [".gpkg", ".geojson", ".parquet"]
LAYERS = ("launches", "targets", "impacts", "places")


@pytest.fixture(scope="module")
def layers():
    table = pd.DataFrame(
        {
            "incident": ["a", "b", "c", "d"],
            "date": ["2021-03", "2021-03-15", "2021-03-01/2021-03-05", ""],
            "launch": ["Diyala", "", "a village in Diyala, east of the base", "Qwertyistan"],
            "target": ["Balad air base", "Qwertyistan", "Balad air base", "قاعدة بلد الجوية"],
            "killed": ["2-3", "", "none", "several"],
            "notes": ["=HYPERLINK(1)", "@x", "line\nline", "a" * 40_000],
        }
    )
    return gi.locate(gi.read_reports(table), gi.load_gazetteer())


def assert_same(before, after):
    for name in LAYERS:
        one, other = getattr(before, name), getattr(after, name)
        assert list(other.columns) == list(one.columns), name
        assert_frame_equal(
            pd.DataFrame(one.drop(columns="geometry")),
            pd.DataFrame(other.drop(columns="geometry")),
            check_index_type=False,
        )
        assert other.geometry.isna().tolist() == one.geometry.isna().tolist()
        known = one.geometry.notna()
        assert shapely.equals_identical(
            shapely.normalize(one.geometry[known].to_numpy()),
            shapely.normalize(other.geometry[known].to_numpy()),
        ).all()
        assert other.attrs == {
            key: dict(value) if key == "rows" else value for key, value in one.attrs.items()
        }
        assert other.crs == one.crs


@pytest.mark.parametrize("ending", READ)
def test_a_file_gives_the_layers_back(layers, tmp_path, ending):
    path = tmp_path / f"attacks{ending}"
    gi.write_layers(layers, path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert_same(layers, gi.read_layers(path))
    assert gi.describe(gi.read_layers(path)) == gi.describe(layers)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
MOMENTS = st.datetimes(pd.Timestamp("1800-01-01"), pd.Timestamp("2200-01-01"))
cells = st.one_of(
    st.none(), texts, st.integers(-(2**62), 2**62), st.floats(), st.booleans(),
    MOMENTS, st.dates(), st.times(),
    st.lists(st.integers(0, 9), max_size=3), st.dictionaries(texts, st.integers(0, 9), max_size=2),
    st.just(pd.NA), st.just(pd.NaT),
)  # fmt: skip
ROWS = 4
columns = st.one_of(
    st.lists(cells, min_size=ROWS, max_size=ROWS).map(lambda values: pd.Series(values, dtype=object)),
    st.lists(texts, min_size=ROWS, max_size=ROWS).map(lambda values: pd.Series(values, dtype="str")),
    st.lists(st.floats(), min_size=ROWS, max_size=ROWS).map(pd.Series),
    st.lists(st.booleans(), min_size=ROWS, max_size=ROWS).map(pd.Series),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=ROWS, max_size=ROWS).map(
        lambda values: pd.Series(values, dtype="int64")
    ),
    st.lists(st.integers(0, 2**64 - 1), min_size=ROWS, max_size=ROWS).map(
        lambda values: pd.Series(values, dtype="uint64")
    ),
    st.lists(st.none() | st.integers(-9, 9), min_size=ROWS, max_size=ROWS).map(
        lambda values: pd.Series(values, dtype="Int64")
    ),
    st.lists(st.none() | st.booleans(), min_size=ROWS, max_size=ROWS).map(
        lambda values: pd.Series(values, dtype="boolean")
    ),
    st.lists(
        st.none() | MOMENTS,
        min_size=ROWS, max_size=ROWS,
    ).flatmap(
        lambda values: st.sampled_from(["datetime64[ns]", "datetime64[s]", "datetime64[us, UTC]"]).map(
            lambda dtype: pd.Series(pd.to_datetime(pd.Series(values), utc="UTC" in dtype)).astype(dtype)
        )
    ),
    st.lists(st.none() | st.timedeltas(pd.Timedelta(days=-9999), pd.Timedelta(days=9999)), min_size=ROWS, max_size=ROWS).map(
        lambda values: pd.Series(values, dtype="timedelta64[us]")
    ),
    st.lists(texts | st.none(), min_size=ROWS, max_size=ROWS).map(
        lambda values: pd.Series(values, dtype="category")
    ),
    st.lists(st.sampled_from([1, "1", 2.5, None]), min_size=ROWS, max_size=ROWS).map(
        lambda values: pd.Series(pd.Categorical(values, categories=["1", 1, 2.5]))
    ),
)  # fmt: skip
names = texts.filter(lambda name: name not in {"row", "geometry", "longitude", "latitude"})


@pytest.mark.parametrize("ending", READ)
@settings(
    max_examples=60,
    phases=[__import__("hypothesis").Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.dictionaries(names, columns, max_size=4))
@example(
    {
        "Base": pd.Series(["x"] * ROWS),
        "base": pd.Series([1] * ROWS),
        "fid": pd.Series([2] * ROWS),
        "geoinc_layer": pd.Series([3] * ROWS),
    }
)
def test_no_column_of_a_user_is_lost(layers, tmp_path_factory, ending, own):
    targets = layers.targets.copy()
    for name, column in own.items():
        if name not in targets:
            targets[name] = column.set_axis(targets.index)
    before = gi.Layers(layers.launches, targets, layers.impacts, layers.places)
    path = tmp_path_factory.mktemp("file") / f"attacks{ending}"
    gi.write_layers(before, path)
    assert_same(before, gi.read_layers(path))


def test_a_table_of_many_columns_goes_through_without_a_warning(tmp_path):
    wide = {f"column {number}": ["a", "b"] for number in range(120)}
    table = pd.DataFrame({"longitude": [44.0, 45.0], "latitude": [33.0, 34.0], **wide})
    layers = gi.layers_from_coordinates(table, uncertainty_m=500)
    gi.write_layers(layers, tmp_path / "wide.parquet")
    assert_same(layers, gi.read_layers(tmp_path / "wide.parquet"))


def test_an_existing_file_is_replaced_only_when_asked(layers, tmp_path):
    for ending in (*READ, ".kml"):
        path = tmp_path / f"attacks{ending}"
        gi.write_layers(layers, path)
        with pytest.raises(FileExistsError, match="overwrite=True"):
            gi.write_layers(layers, path)
        gi.write_layers(layers, path, overwrite=True)
    assert len(list(tmp_path.iterdir())) == 4


def test_a_name_says_the_format(layers, tmp_path):
    with pytest.raises(ValueError, match=r"attacks\.doc.*\.gpkg"):
        gi.write_layers(layers, tmp_path / "attacks.doc")
    with pytest.raises(ValueError, match=r"attacks\.csv"):
        gi.read_layers(tmp_path / "attacks.csv")
    with pytest.raises(FileNotFoundError, match="no file"):
        gi.read_layers(tmp_path / "none.gpkg")


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        (".gpkg", "not a GeoPackage"),
        (".geojson", '{"type":"FeatureCollection","features":[]}'),
        (".geojson", "["),
        (".parquet", "PAR1"),
    ],
)
def test_what_is_not_ours_is_refused(tmp_path, ending, content):
    path = tmp_path / f"other{ending}"
    path.write_text(content)
    with pytest.raises(gi.SchemaError, match="no layers of geoinc"):
        gi.read_layers(path)


def test_a_writer_that_is_killed_leaves_the_old_file(layers, tmp_path):
    path = tmp_path / "attacks.gpkg"
    gi.write_layers(layers, path)
    before = path.read_bytes()
    code = textwrap.dedent(
        """
        import os, signal, sys
        import geoinc as gi
        from geoinc.exchange import geopackage_file
        layers = gi.read_layers(sys.argv[1])
        geopackage_file.STYLES = type("Dies", (dict,), {
            "items": lambda self: os.kill(os.getpid(), signal.SIGKILL)})()
        gi.write_layers(layers, sys.argv[1], overwrite=True)
        """
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)  # noqa: S603
    assert done.returncode == -9
    assert path.read_bytes() == before


def test_a_geopackage_has_the_links_and_the_colours_of_the_map(layers, tmp_path):
    path = tmp_path / "attacks.gpkg"
    gi.write_layers(layers, path)
    lines = pyogrio.read_dataframe(path, layer="links")
    pairs = gi.distances(layers)
    assert lines["distance_m"].tolist() == pairs["distance_m"].tolist()
    start = shapely.get_coordinates(shapely.get_point(lines.geometry.to_numpy(), 0))
    launches = layers.launches.loc[pairs["launch_row"]]
    np.testing.assert_array_equal(start, launches[["longitude", "latitude"]].to_numpy())
    with closing(sqlite3.connect(path)) as file:
        styles = dict(file.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    assert set(styles) == {*LAYERS, "links"}
    for style in styles.values():
        assert ET.fromstring(style.partition(">")[2]).tag == "qgis"  # noqa: S314  # our own


def test_what_another_program_adds_is_kept_and_what_it_takes_is_named(layers, tmp_path):
    path = tmp_path / "attacks.gpkg"
    gi.write_layers(layers, path)
    with closing(sqlite3.connect(path)) as file:
        file.execute("ALTER TABLE targets ADD COLUMN checked TEXT DEFAULT 'yes'")
        file.execute("ALTER TABLE impacts DROP COLUMN weight")
        file.commit()
    with pytest.raises(gi.SchemaError, match="'weight' in impacts"):
        gi.read_layers(path)
    with closing(sqlite3.connect(path)) as file:
        file.execute("ALTER TABLE impacts ADD COLUMN weight REAL")
        file.commit()
    assert gi.read_layers(path).targets["checked"].tolist() == ["yes"] * 4


def test_a_link_over_the_antimeridian_is_in_two_parts():
    table = pd.DataFrame({"longitude": [179.0], "latitude": [10.0]})
    place = gi.layers_from_coordinates(table, uncertainty_m=1000)
    other = gi.layers_from_coordinates(
        table.assign(longitude=-179.0), uncertainty_m=1000, role="launch"
    )
    layers = gi.Layers(other.launches, place.targets, place.impacts, place.places)
    pairs = pd.DataFrame({"launch_row": other.launches.index, "target_row": place.targets.index})
    (line,) = tables.links(layers, pairs).geometry
    assert line.geom_type == "MultiLineString"
    assert line.length == pytest.approx(2)


def test_other_tools_read_the_geojson(layers, tmp_path):
    path = tmp_path / "attacks.geojson"
    gi.write_layers(layers, path)
    content = json.loads(path.read_text("utf-8"), parse_constant=pytest.fail)
    assert any("geoinc" in line or "Places" in line for line in content["geoinc"]["credits"])
    features = gpd.read_file(path)
    assert len(features) == sum(len(getattr(layers, name)) for name in LAYERS)
    rings = features[features.geom_type == "Polygon"].geometry.exterior
    assert rings.is_ccw.all()


def test_parquet_holds_each_footprint_once(layers, tmp_path):
    path = tmp_path / "attacks.parquet"
    gi.write_layers(layers, path)
    assert len(gpd.read_parquet(path / "places.parquet")) == len(layers.places)
    assert set(gpd.read_parquet(path / "targets.parquet").geom_type.dropna()) == {"Point"}


def test_google_earth_reads_the_kml(layers, tmp_path):
    path = tmp_path / "attacks.kml"
    gi.write_layers(layers, path)
    names = {name for name, _ in pyogrio.list_layers(path)}
    assert names == {*LAYERS, "links"}
    targets = pyogrio.read_dataframe(path, layer="targets")
    assert len(targets) == len(layers.targets)
    assert targets["place"].tolist() == layers.targets["place"].tolist()
    places = pyogrio.read_dataframe(path, layer="places")
    np.testing.assert_allclose(
        *(shapely.area(table.geometry.to_numpy()) for table in (places, layers.places))
    )


@settings(max_examples=15, deadline=None)
@given(st.text())
def test_any_text_makes_a_kml_and_a_workbook(tmp_path_factory, text):
    table = pd.DataFrame(
        {"longitude": [44.0], "latitude": [33.0], "notes": [text], "weapon": ["<b>&"]}
    )
    layers = gi.layers_from_coordinates(table, uncertainty_m=1000)
    folder = tmp_path_factory.mktemp("file")
    gi.write_layers(layers, folder / "a.kml")
    ET.parse(folder / "a.kml")  # noqa: S314  # our own
    gi.write_layers(layers, folder / "a.xlsx")
    openpyxl.load_workbook(folder / "a.xlsx")


def test_no_text_runs_in_a_spreadsheet(layers, tmp_path):
    gi.write_layers(layers, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert len(rows) == len(layers.rows())
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "@"))]
    assert rows[0]["notes"] == "'=HYPERLINK(1)"

    with pytest.warns(UserWarning, match="longer than a cell"):
        gi.write_layers(layers, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == [*LAYERS, "about"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    heads = [cell.value for cell in book["targets"][1]]
    notes = book["targets"].cell(2, heads.index("notes") + 1)
    assert notes.value == "=HYPERLINK(1)"
    assert notes.quotePrefix
    assert book["targets"].cell(2, heads.index("killed_low") + 1).value == 2
    assert book["targets"].cell(3, heads.index("date_start") + 1).value == dt.datetime(2021, 3, 15)  # noqa: DTZ001


def test_darwin_core_says_how_well_a_place_is_known(layers, tmp_path):
    gi.write_layers(layers, tmp_path / "a.dwc.csv")
    table = pd.read_csv(tmp_path / "a.dwc.csv", keep_default_na=False)
    first = table[table["locationID"] == layers.launches.index[0]].iloc[0]
    row = layers.launches.iloc[0]
    assert float(first["coordinateUncertaintyInMeters"]) == row["uncertainty_m"]
    assert first["eventDate"] == "2021-03-01/2021-03-31"
    assert first["geodeticDatum"] == "EPSG:4326"
    footprint = shapely.from_wkt(first["footprintWKT"])
    assert footprint.equals_exact(layers.places.geometry[row["place_id"]], 1e-6)
    unknown = table[table["verbatimLocality"] == "Qwertyistan"]
    assert set(unknown["decimalLatitude"]) == {""}
    assert set(unknown["geodeticDatum"]) == {""}


@pytest.mark.parametrize("ending", READ)
def test_a_file_can_say_what_it_was_made_from(layers, tmp_path, ending):
    reports, path = tmp_path / "reports.csv", tmp_path / f"attacks{ending}"
    reports.write_text("target")
    gi.write_layers(layers, path, made_from=[reports])
    origin = json.loads((tmp_path / f"{path.name}.provenance.json").read_text("utf-8"))
    (before,) = origin["made_from"]
    assert before["sha256"] == "34a04005bcaf206eec990bd9637d9fdb6725e0a0c0d4aebf003f17f4c956eb5c"
    files = {file.name: file for file in ([path] if path.is_file() else path.iterdir())}
    for written in origin["written"]:
        digest = hashlib.sha256(files[written["file"]].read_bytes()).hexdigest()
        assert written["sha256"] == digest
    assert len(origin["written"]) == len(files)
    assert sum(group["rows"] for group in origin["rows"]) == len(layers.rows())
    assert origin["geoinc"] == gi.__version__
