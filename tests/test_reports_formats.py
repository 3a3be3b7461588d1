"""Every format that analysts bring gives the same reports, and says how it was read."""

import csv
import gzip
import io
import json
import sys
import zipfile

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinc.errors import SchemaError
from geoinc.reports import read_reports
from geoinc.reports.headers import table_of
from geoinc.reports.texts import read_delimited

ROWS = pd.DataFrame(
    {
        "target": ["Balad", "عين الأسد", "Taji"],
        "date": ["2021-03-15", "2021-03", "2021-03-02/2021-03-05"],
        "killed": ["2-3", "1", ""],
        "mine": [1.5, 2.0, 3.25],
    }
)
PLACED = gpd.GeoDataFrame(
    ROWS, geometry=gpd.points_from_xy([44.36, 42.44, 44.25], [33.94, 33.79, 33.52]), crs=4326
)


def facts(reports):
    return reports.attrs["recognised"]


def as_excel(path):
    book = openpyxl.Workbook()
    book.active.append(list(ROWS))
    for row in ROWS.itertuples(index=False):
        book.active.append(list(row))
    book.save(path)


def zipped(path, name, content):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


WRITERS = {
    "a.csv": lambda path: ROWS.to_csv(path, index=False),
    "a.tsv": lambda path: ROWS.to_csv(path, index=False, sep="\t"),
    "a.xlsx": as_excel,
    "a.json": lambda path: ROWS.to_json(path, orient="records", force_ascii=False),
    "columns.json": ROWS.to_json,
    "answer.json": lambda path: path.write_text(
        json.dumps({"success": True, "count": 3, "data": ROWS.to_dict("records")}), "utf-8"
    ),
    "a.jsonl": lambda path: ROWS.to_json(path, orient="records", lines=True),
    "a.parquet": ROWS.to_parquet,
    "a.csv.gz": lambda path: path.write_bytes(gzip.compress(ROWS.to_csv(index=False).encode())),
    "a.csv.zip": lambda path: zipped(path, "data/a.csv", ROWS.to_csv(index=False)),
}
MAP_WRITERS = {
    "a.geojson": lambda path: PLACED.to_file(path, driver="GeoJSON"),
    "a.geojsonl": lambda path: PLACED.to_file(path, driver="GeoJSONSeq"),
    "a.gpkg": lambda path: PLACED.to_file(path, driver="GPKG"),
    "mercator.gpkg": lambda path: PLACED.to_crs(3857).to_file(path, driver="GPKG"),
    "a.shp": lambda path: PLACED.to_file(path, encoding="utf-8"),
    "a.kml": lambda path: PLACED.to_file(path, driver="LIBKML"),
    "a.geoparquet": PLACED.to_parquet,
}


@pytest.mark.parametrize("name", [*WRITERS, *MAP_WRITERS])
def test_every_format_tells_the_same(tmp_path, name):
    path = tmp_path / name
    (WRITERS | MAP_WRITERS)[name](path)
    reports = read_reports(path)
    assert reports["target"].to_list() == ROWS["target"].to_list()
    assert reports["date_end"].astype(str).to_list() == ["2021-03-15", "2021-03-31", "2021-03-05"]
    assert reports["killed_high"].to_list() == [3, 1, pd.NA]
    assert reports["mine"].astype(float).to_list() == [1.5, 2.0, 3.25]
    assert reports.attrs["problems"] == ()
    assert facts(reports)["format"]
    if name in MAP_WRITERS:
        assert reports["longitude"].round(6).to_list() == [44.36, 42.44, 44.25]
        assert reports["latitude"].round(6).to_list() == [33.94, 33.79, 33.52]
        assert "geometry" not in reports


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.jsonl", "a.gpkg", "a.geoparquet", "a.kml"])
def test_standard_input_takes_every_format(tmp_path, monkeypatch, name):
    path = tmp_path / name
    (WRITERS | MAP_WRITERS)[name](path)

    class Standard:
        buffer = io.BytesIO(path.read_bytes())

    monkeypatch.setattr(sys, "stdin", Standard)
    reports = read_reports("-")
    assert reports["target"].to_list() == ROWS["target"].to_list()
    assert reports.attrs["source"] == "standard input"
    with path.open("rb") as file:
        assert read_reports(file).attrs["source"] == name


def test_a_map_in_a_frame_tells_its_coordinates():
    reports = read_reports(PLACED.to_crs(32638))
    assert reports["longitude"].round(6).to_list() == [44.36, 42.44, 44.25]
    with pytest.raises(SchemaError, match="coordinate system"):
        read_reports(PLACED.set_crs(None, allow_override=True))


def test_a_zipped_shapefile_is_read_as_it_is(tmp_path):
    PLACED.to_file(tmp_path / "a.shp", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in tmp_path.glob("a.*"):
            if path.suffix != ".zip":
                archive.write(path, path.name)
    assert read_reports(tmp_path / "a.zip")["target"].to_list() == ROWS["target"].to_list()


def test_areas_keep_their_extent(tmp_path):
    shapes = [shapely.box(44, 33, 45, 34), shapely.Point(42.44, 33.79), None]
    gpd.GeoDataFrame(ROWS, geometry=shapes, crs=4326).to_file(tmp_path / "a.gpkg")
    reports = read_reports(tmp_path / "a.gpkg")
    assert reports["longitude"].round(3).to_list()[:2] == [44.5, 42.44]
    assert 70_000 < reports["uncertainty_m"][0] < 75_000
    assert reports["uncertainty_m"].isna().to_list() == [False, True, True]
    assert shapely.from_wkt(reports["geom_wkt"][0]).equals(shapes[0])
    assert reports["longitude"].isna().to_list() == [False, False, True]


def test_layers_are_chosen_by_name(tmp_path):
    path = tmp_path / "a.gpkg"
    PLACED.to_file(path, layer="north")
    PLACED.head(1).to_file(path, layer="south")
    with pytest.raises(SchemaError, match="2 layers; say which one, as sheet='north'"):
        read_reports(path)
    assert len(read_reports(path, sheet="south")) == len(read_reports(path, sheet=1)) == 1
    with pytest.raises(SchemaError, match="no layer 'west'; it has 'north', 'south'"):
        read_reports(path, sheet="west")


# ---------------------------------------------------------------- KML and KMZ

KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>north</name>
<Placemark><name>Balad</name><description>rockets</description>
<TimeStamp><when>2021-03-15</when></TimeStamp>
<ExtendedData><Data name="killed"><value>2-3</value></Data></ExtendedData>
<Point><coordinates>44.36,33.94,0</coordinates></Point></Placemark></Folder>
<Folder><name>west</name>
<Placemark><name>Al-Asad</name>
<TimeSpan><begin>2021-03-01</begin><end>2021-03-05</end></TimeSpan>
<Point><coordinates>42.44,33.79,0</coordinates></Point></Placemark></Folder>
</Document></kml>"""


def test_kml_and_kmz(tmp_path):
    (tmp_path / "a.kml").write_text(KML, "utf-8")
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr("doc.kml", KML)
        archive.writestr("files/picture.png", b"\x89PNG")
    for name in ("a.kml", "a.kmz"):
        reports = read_reports(tmp_path / name)
        assert reports["Name"].to_list() == ["Balad", "Al-Asad"]
        assert reports["folder"].to_list() == ["north", "west"]
        assert reports["longitude"].to_list() == [44.36, 42.44]
        assert reports["killed_high"].to_list() == [3, pd.NA]
        assert reports["date_start"].astype(str).to_list() == ["2021-03-15", "2021-03-01"]
        assert reports["date_end"].astype(str).to_list() == ["2021-03-15", "2021-03-05"]


# ---------------------------------------------------------------- several


def test_several_files_and_folders(tmp_path):
    ROWS.head(1).to_csv(tmp_path / "a.csv", index=False)
    ROWS.tail(2).rename(columns={"target": "Base"}).to_json(tmp_path / "b.json", orient="records")
    (tmp_path / "notes.docx").write_bytes(b"no table")
    (tmp_path / "c.csv").write_text("target,date\nTaji,never\n")
    for source in (tmp_path, [tmp_path / name for name in ("a.csv", "b.json", "c.csv")]):
        reports = read_reports(source, columns={"Base": "target"})
        assert reports["target"].to_list() == ["Balad", "عين الأسد", "Taji", "Taji"]
        assert reports["read_from"].to_list() == ["a.csv", "b.json", "b.json", "c.csv"]
        assert list(reports.attrs["rows"].values()) == [2, 1, 2, 2]
        assert facts(reports)["b.json: format"] == "JSON"
        (problem,) = reports.attrs["problems"]
        assert (problem.row, problem.value) == (2, "never")
    assert (
        facts(read_reports(tmp_path, columns={"Base": "target"}))["left out of the folder"]
        == "notes.docx"
    )
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SchemaError, match=r"'c.csv': no column of places"):
        read_reports(tmp_path, columns={"Base": "target"})


# ---------------------------------------------------------------- headers


def test_titles_above_the_header_are_left_out_and_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Attacks on bases\n\nSource: own\nWhere;Date of attack;No\nBalad;2021;1\n")
    reports = read_reports(path)
    assert reports["target"].to_list() == ["Balad"]
    assert facts(reports)["header"] == "row 4; 2 above it left out: 'Attacks on bases'"
    assert reports.attrs["rows"][reports["account"][0]] == 5
    assert "target" in read_reports(path, header=4)
    with pytest.raises(SchemaError, match="header=2"):
        read_reports(path, header=2)


def test_a_header_is_not_sought_where_the_first_row_is_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Base,remark\nBalad,x\nplace,date\n")
    assert len(read_reports(path, columns={"Base": "target"})) == 2
    path.write_text("Base,Datum,Art\nBalad,2021,rocket\nsite,date,source\n")
    assert len(read_reports(path, columns={"Base": "target"})) == 2
    path.write_text("Base,Datum,Art\nBalad,2021,rocket\nsite,date,source\n")
    with pytest.raises(SchemaError, match="no column of places"):
        read_reports(path)


def test_merged_headers_of_excel(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Attacks in 2021"],
        ["Date", "Target", None, "Launch", None, "Casualties", None],
        [None, "Place", "Province", "Place", "Province", "Killed", "Wounded"],
        ["2021-03-15", "Balad", "Salah al-Din", "a village", "Diyala", 2, 3],
        [None, "Taji", "Baghdad", None, None, 0, 1],
    ):
        sheet.append(row)
    for area in ("A1:G1", "A2:A3", "B2:C2", "D2:E2", "F2:G2", "A4:A5"):
        sheet.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    reports = read_reports(tmp_path / "a.xlsx")
    assert reports["target"].to_list() == ["Balad", "Taji"]
    assert reports["launch"].to_list() == ["a village", ""]
    assert reports["target_admin1"].to_list() == ["Salah al-Din", "Baghdad"]
    assert reports["launch_admin1"].to_list() == ["Diyala", ""]
    assert reports["date"].to_list() == ["2021-03-15"] * 2
    assert reports["injured_best"].to_list() == [3, 1]
    assert reports["Casualties: Killed"].to_list() == ["2", "0"]
    said = facts(reports)
    assert "rows 2 and 3" in said["header"]
    assert said["merged cells"].startswith("1 below the header")
    assert "'Casualties: Wounded' as injured" in said["columns"]


# ---------------------------------------------------------------- names of columns


@pytest.mark.parametrize(
    "header",
    [
        ["Date of attack", "Place", "Governorate", "Fatalities", "Wounded", "Perpetrator", "Remarks"],
        ["date de l\u2019attaque", "Lieu", "Gouvernorat", "Tués", "Blessés", "Auteur", "Remarques"],
        ["Date de l'incident", "CIBLE", "gouvernorat", "morts", "blesses", "responsable", "commentaires"],
        ["تاريخ الهجوم", "المكان", "المحافظة", "عدد القتلى", "الجرحى", "الجهة المنفذة", "ملاحظات"],
        ["التاريخ", "الهدف", "محافظة", "القتلى", "عدد الجرحى", "الفاعل", "ملاحظات"],
    ],
)  # fmt: skip
def test_columns_in_three_languages(header):
    cells = ["2021-03-15", "Balad", "Salah al-Din", "2", "3", "X", "y"]
    reports = read_reports(pd.DataFrame([cells], columns=header))
    ours = ["date", "target", "admin1", "killed", "injured", "actor", "notes"]
    assert reports[ours].iloc[0].to_list() == cells
    assert reports[header].iloc[0].to_list() == cells
    for theirs, name in zip(header, ours, strict=True):
        assert f"{theirs!r} as {name}" in facts(reports)["columns"]


def test_what_the_user_says_goes_before_what_is_recognised():
    table = pd.DataFrame({"Place": ["Iraq"], "Base": ["Balad"], "location": ["x"]})
    assert read_reports(table)["target"].to_list() == ["Iraq"]
    assert read_reports(table, columns={"Base": "target"})["target"].to_list() == ["Balad"]


def test_dates_in_several_columns():
    table = pd.DataFrame(
        {"target": list("abcd"), "Year": [2021, 2021, 2021, None], "Month": [3, 3, 0, 1], "Day": [15, 0, 4, 1]}
    )  # fmt: skip
    assert read_reports(table)["date"].to_list() == ["2021-3-15", "2021-3", "2021", ""]
    ends = pd.DataFrame(
        {"target": ["a", "b"], "Start date": ["2021-03-01", ""], "End date": ["2021-03-05", "2021"]}
    )
    assert read_reports(ends)["date"].to_list() == ["2021-03-01/2021-03-05", "../2021"]


# ---------------------------------------------------------------- the fast parser

CELLS = st.text(st.sampled_from('ab ,;"\n\té'), max_size=5)


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5))
def test_the_fast_parser_reads_what_csv_does(rows):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["target", "date", "c"])
    writer.writerows(rows)
    read = read_delimited(file.getvalue().encode(), "a.csv")
    filled = [(i, list(cells)) for i, cells in enumerate(rows, 2) if any(map(str.strip, cells))]
    expected, numbers = table_of(["target", "date", "c"], filled, "a.csv")
    pd.testing.assert_frame_equal(read.table, expected)
    assert read.numbers.tolist() == numbers.tolist()


# ---------------------------------------------------------------- faults


def test_bombs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("geoinc.reports.packed.MOST_BYTES", 1 << 20)
    zipped(tmp_path / "bomb.kmz", "doc.kml", b"<kml>" + b" " * (2 << 20))
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"target\n" + b"a" * (2 << 20)))
    zipped(tmp_path / "bomb.xlsx", "[Content_Types].xml", b" " * (2 << 20))
    for name in ("bomb.kmz", "bomb.csv.gz", "bomb.xlsx"):
        with pytest.raises(SchemaError, match="damaged or a trap"):
            read_reports(tmp_path / name)


def test_a_zip_that_lies_about_its_size_is_damaged(tmp_path):
    path = tmp_path / "a.kmz"
    zipped(path, "doc.kml", KML)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02") + 24  # the size unpacked, in the directory
    data[at : at + 4] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(SchemaError, match="cannot be unpacked"):
        read_reports(path)


def test_nothing_of_a_kmz_is_written_to_disk(tmp_path):
    folder = tmp_path / "deep" / "folder"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "a.kmz", "w") as archive:
        archive.writestr("../../evil.kml", KML)
        archive.writestr("/etc/evil.txt", "x")
    assert len(read_reports(folder / "a.kmz")) == 2
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.kmz"]


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{i} "{f"&lol{i - 1 or str()};" * 10}">' for i in range(1, 10))
    + "]>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_are_refused(tmp_path, encoding):
    bomb = KML.replace("<kml", LAUGHS + "<kml", 1).replace("rockets", "&lol9;")
    (tmp_path / "a.kml").write_bytes(bomb.encode(encoding))
    with pytest.raises(SchemaError, match="declares XML entities"):
        read_reports(tmp_path / "a.kml")


def test_xml_entities_in_a_workbook_are_refused(tmp_path):
    as_excel(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    page = next(name for name, content in parts.items() if b"Balad" in content)
    plain = parts[page].partition(b"?>")[2] or parts[page]
    parts[page] = LAUGHS.encode() + plain.replace(b"Balad", b"&lol9;")
    assert b"&lol9;" in parts[page]
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(SchemaError, match=r"no Excel workbook|declares XML entities"):
        read_reports(tmp_path / "a.xlsx")


def test_a_line_without_an_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("geoinc.reports.texts._MOST_IN_ROW", 1 << 16)
    (tmp_path / "a.csv").write_bytes(b"a" * (1 << 20))
    with pytest.raises(SchemaError, match="row 1 is longer than"):
        read_reports(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_bytes(b"target,b\n" + b"a" * (1 << 20))
    with pytest.raises(SchemaError, match="row 2 is longer than"):
        read_reports(tmp_path / "b.csv")


def test_a_gigabyte_without_a_line_end_is_refused_before_it_is_decoded(tmp_path):
    """A sparse file: NULs that never end, after a good row."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"target,date\nBalad,2021\n")
        file.truncate(1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SchemaError, match="row 3 is longer than 16 MB"):
        read_reports(path)
    # The bytes themselves, once.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_300_000  # KiB


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (b"target,notes\rBalad,a\rErbil,b\r", ["a", "b"]),
        (b'target,notes\rBalad,"a\nc"\rErbil,b', ["a\nc", "b"]),
        (b'target,notes\rBalad,"a ""\r"" c"\rErbil,b', ['a "\r" c', "b"]),
        (b"target,notes\r\nBalad,a\rErbil,b\r\n", ["a", "b"]),
        (b'target,notes\r\nBalad,"a\rc"\r\nErbil,b\r\n', ["a\rc", "b"]),
    ],
)
def test_lines_that_end_in_cr(text, notes):
    reports = read_reports(io.BytesIO(text))
    assert reports["target"].to_list() == ["Balad", "Erbil"]
    assert reports["notes"].to_list() == notes
    assert not reports.attrs["problems"]


def test_a_cr_within_a_cell_ends_no_row_and_is_said():
    reports = read_reports(io.BytesIO(b"target,notes\nBalad,a\rb\nErbil,c\n"))
    assert reports[["target", "notes"]].to_numpy().tolist() == [["Balad", "a b"], ["Erbil", "c"]]
    (problem,) = reports.attrs["problems"]
    assert "became spaces" in problem.why


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    ROWS.to_csv(path, index=False)
    from geoinc.reports import files

    whole = files.read_delimited

    def growing(*args, **options):
        with path.open("a") as file:
            file.write("Erbil,2021,1,1\n")
        return whole(*args, **options)

    monkeypatch.setattr(files, "read_delimited", growing)
    with pytest.raises(SchemaError, match="changed while it was read"):
        read_reports(path)


def test_mixed_encodings_lose_single_characters_and_say_so(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("target\nعين الأسد\nÎle\n".encode() + "Öst\n".encode("cp1252"))
    reports = read_reports(path)
    assert reports["target"].to_list() == ["عين الأسد", "Île", "\ufffdst"]
    assert "1 characters" in reports.attrs["problems"][0].why


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.json", b'{"target": ', "no JSON"),
        ("a.json", b"[1, 2]", "no list of records"),
        ("a.json", b"[" * 100_000, "JSON"),
        ("a.jsonl", b'{"target": "a"}\nnonsense\n', "line 2"),
        ("a.geojson", b'{"features": [1]}', "feature 1"),
        ("a.geojson", b'{"crs": {"properties": {"name": "EPSG:32638"}}, "features": []}', "WGS84"),
        ("a.html", b"<html><table></table></html>", "no KML"),
        ("a.kml", b"<kml><Placemark>", "map features"),
        ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 200, "map features"),
        ("a.parquet", b"PAR1 and nothing more PAR1", "Parquet file that cannot be read"),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\x00" * 200, "map features"),
        ("a.csv.gz", gzip.compress(b"target\nBalad\n")[:-6], "ends too early"),
    ],
)
def test_broken_files_say_so_in_one_line(tmp_path, name, content, why):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SchemaError, match=why) as caught:
        read_reports(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([b"", b"target,date\n", b"PK\x03\x04", b"PAR1", b"{", b"<kml>", b"\x1f\x8b", b"SQLite format 3\x00"]))  # fmt: skip
def test_any_bytes_are_reports_or_a_schema_error(content, start):
    try:
        reports = read_reports(io.BytesIO(start + content))
    except SchemaError:
        return
    assert reports["account"].is_unique


def test_two_files_of_one_name_and_zips_of_several(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        ROWS.to_csv(tmp_path / folder / "x.csv", index=False)
    reports = read_reports([tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv"])
    assert len(reports) == 6
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("a.csv", "target\nx\n")
        archive.writestr("b.csv", "target\nx\n")
    with pytest.raises(SchemaError, match="holds 2 files"):
        read_reports(tmp_path / "c.zip")
