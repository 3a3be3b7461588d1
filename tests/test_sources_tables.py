"""Any table of places: its columns by name or mapping, cautious errors, faults listed by row."""

# ruff: noqa: RUF001  # letters of several scripts are the subject

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import geoinc as gi
from geoinc.errors import GazetteerError
from geoinc.places import KINDS
from geoinc.sources import extents
from geoinc.sources.columns import matched
from geoinc.sources.kinds import country_code, importance_of, kind_of


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    return path


def problems(gazetteer):
    return gazetteer.metadata["problems"].splitlines()


# ---------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("header", "kind", "wanted"),
    [
        (["NAME_EN", "NAME_ARA", "PCODE"], "",
         {"NAME_EN": "name", "NAME_ARA": "native:ar", "PCODE": "id"}),
        (["ADM2_EN", "ADM2_AR", "ADM2_PCODE", "ADM1_EN", "ADM0_EN", "ADM0_PCODE"], "district",
         {"ADM2_EN": "name", "ADM2_AR": "native:ar", "ADM2_PCODE": "id", "ADM1_EN": "admin1",
          "ADM0_PCODE": "country"}),
        (["adm1_name", "adm1_name1", "adm1_pcode", "adm0_name"], "province",
         {"adm1_name": "name", "adm1_name1": "native:@lang1", "adm1_pcode": "id",
          "adm0_name": "country"}),
        (["GID_0", "COUNTRY", "NAME_1", "VARNAME_1", "NL_NAME_1", "HASC_1"], "province",
         {"COUNTRY": "country", "NAME_1": "name", "VARNAME_1": "spellings", "NL_NAME_1": "native",
          "HASC_1": "id"}),
        (["name", "name:ar", "name:en", "place"], "",
         {"name": "name", "name:ar": "native:ar", "place": "spellings"}),
        (["ID", "Name", "Lat", "Long", "Type"], "",
         {"ID": "id", "Name": "name", "Lat": "latitude", "Long": "longitude", "Type": "kind"}),
    ],
)  # fmt: skip
def test_usual_names_of_columns(header, kind, wanted):
    columns, found = matched(header, None, "file")
    assert found == kind
    assert {column: columns.get(column) for column in wanted} == wanted


def test_what_the_user_says_comes_first():
    columns, _ = matched(["name", "title"], {"title": "name"}, "file")
    assert columns == {"title": "name", "name": "spellings"}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"Nam": "name"}, r"'file' has no column 'Nam'; it has 'Name', 'Other'"),
        ({"Name": "nome"}, r"columns=\{'Name': 'nome'\}: a column can be place_id, id, name"),
        ({"Name": "name", "Other": "name"}, "'Name' and 'Other' are both 'name'"),
    ],
)
def test_a_wrong_mapping_is_said(said, message):
    with pytest.raises(GazetteerError, match=message):
        matched(["Name", "Other"], said, "file")


def test_a_table_without_names_says_what_it_has():
    with pytest.raises(GazetteerError, match=r"columns=\{'\.\.\.': 'name'\}; it has 'a', 'b'"):
        matched(["a", "b"], None, "file")


# ---------------------------------------------------------------- words


def test_every_kind_has_an_extent_and_an_error():
    for kind in KINDS:
        assert kind_of(kind) == kind
        assert extents.default_radius_m(kind) > 0
        assert extents.default_position_error_m(kind) >= 500


def test_the_default_extents_hold_what_is_curated():
    """95 of 100 curated places of a kind are no larger than its default."""
    folder = Path(__file__).parents[1] / "gazetteer" / "places"
    table = pd.concat([pd.read_csv(path) for path in folder.glob("*.csv")])
    table = table[table["radius_m"] > 0]
    for kind, radii in table.groupby("kind")["radius_m"]:
        assert np.percentile(radii, 95, method="lower") <= extents.default_radius_m(kind), kind


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SY", "SY"),
        ("syr", "SY"),
        ("Syria", "SY"),
        ("العراق", "IQ"),
        ("Nowhere", ""),
        ("", ""),
        ("UK", "GB"),
        ("Russia (Soviet Union)", "RU"),
        ("Bosnia-Herzegovina", "BA"),
        ("Congo", ""),
    ],
)
def test_countries(text, code):
    assert country_code(text) == code


@given(st.floats(0, 1e10))
def test_importance_is_a_share_and_grows(population):
    assert 0 <= importance_of("town", population) <= 1
    assert importance_of("town", population * 2) >= importance_of("town", population) - 0.41


@given(st.floats(-180, 180), st.floats(-90, 90), st.integers(0, 6))
def test_rounding_is_never_more_than_said(longitude, latitude, decimals):
    written = (f"{longitude:.{decimals}f}", f"{latitude:.{decimals}f}")
    away_m = float(gi.geodesy.inverse(longitude, latitude, *map(float, written))[0])
    assert away_m <= extents.rounding_m(*written) * 1.01


# ---------------------------------------------------------------- rows


def test_rows_of_a_frame_are_places():
    rows = pd.DataFrame({
        "name": ["Camp One", "Camp Two"], "spellings": ["C1; Firebase One", ""],
        "native": ["ar:معسكر واحد", None], "kind": "military base", "country": "Iraq",
        "longitude": [44.1, 44.25], "latitude": [33.1, 33.5], "radius_m": [1500, None],
        "position_error_m": [300, None], "valid_from": ["2004", ""], "note": ["mine", ""],
    })  # fmt: skip
    gaz = gi.read_gazetteer(rows, licence="CC0")
    one = gaz.place(gaz.search("Firebase One", kind="military base").loc[0, "place_id"])
    assert (one.name, one.kind, one.country, one.licence) == (
        "Camp One",
        "military base",
        "IQ",
        "CC0",
    )
    assert one.uncertainty_m == 1800
    assert one.valid_from == "2004"
    two = gaz.place(gaz.search("Camp Two").loc[0, "place_id"])
    assert two.uncertainty_m == 4500 + 2000
    assert gaz.search("معسكر واحد").loc[0, "name"] == "Camp One"
    assert gaz.metadata["columns"].startswith("'name' as name; ")


def test_coarse_coordinates_are_not_made_fine(tmp_path):
    text = "name,longitude,latitude\nFar village,44.1,33\nNear village,44.12345,33.12345\n"
    gaz = gi.read_gazetteer(write(tmp_path / "a.csv", text))
    far = gaz.place(gaz.search("Far village").loc[0, "place_id"])
    assert far.position_error_m == 7900  # half of 0.1 degree both ways
    assert gaz.place(gaz.search("Near village").loc[0, "place_id"]).position_error_m == 2000


def test_what_is_told_of_all_is_used(tmp_path):
    path = write(tmp_path / "a.csv", "name;lon;lat\nX;44,5;33,25\n")
    gaz = gi.read_gazetteer(path, kind="dam", country="Iraq", radius_m=700, position_error_m=100)
    place = gaz.place(gaz.search("X").loc[0, "place_id"])
    assert (place.kind, place.country, place.uncertainty_m) == ("dam", "IQ", 800)
    assert (place.longitude, place.latitude) == (44.5, 33.25)
    assert place.source == "a.csv"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"kind": "hut"}, "kind='hut': it is one of 'country'"),
        ({"country": "Atlantis"}, "no country is called so"),
        ({"position_error_m": 0}, "position_error_m=0: metres, more than 0"),
        ({"radius_m": float("nan")}, "radius_m=nan"),
        ({"format": "xml"}, "format='xml': it is one of 'geoinc'"),
    ],
)
def test_a_wrong_option_is_said(option, message):
    with pytest.raises(GazetteerError, match=message):
        gi.read_gazetteer(pd.DataFrame({"name": ["X"]}), **option)


def test_good_rows_are_kept_and_bad_ones_listed(tmp_path):
    text = """id,name,longitude,latitude
1,Good,44.5,33.5
2,North,44.5,95
3,Nought,0,0
4,,44.5,33.5
5,Words,east,33.5
6,Short,44.5
1,Again,44.6,33.6
8,Long,44.5,33.5,99
9,Swapped,33.5,144.5
10,Spoilt \ufffd,44.5,33.5
11,Empty,,
12,"Line
break",44.7,33.7
13,"Open,44.5,33.5
14,Last,44.8,33.8
"""
    path = write(tmp_path / "bad.csv", text)
    with pytest.warns(UserWarning, match=r"bad\.csv, row 3, longitude, latitude: .*latitude 95"):
        gaz = gi.read_gazetteer(path, kind="town")
    assert len(gaz) == 3
    for name in ("Good", "Line break", "Last"):
        assert len(gaz.search(name)) >= 1
    rows = {
        int(line.split(",")[0].split(":")[0].removeprefix("row ")): line for line in problems(gaz)
    }
    assert sorted(rows) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14]
    for row, why in {4: "stands for no position", 5: "no name", 6: "'east' is no number",
                     7: "3 cells and the header 4", 8: "id", 9: "5 cells", 10: "swapped",
                     11: "U+FFFD", 12: "no position", 14: "quote is left open"}.items():  # fmt: skip
        assert why in rows[row], row
    assert gaz.metadata["problem_count"] == "11"


def test_broken_utf8_is_a_fault_of_its_row_alone(tmp_path):
    data = b"name,lon,lat\nGood,44.5,33.5\nBr\xe9k\xff,44.5,33.5\nGood too,44.6,33.5\n"
    with pytest.warns(UserWarning, match=r"a\.csv, row 3, name: left out: characters of its name"):
        gaz = gi.read_gazetteer(write(tmp_path / "a.csv", data), kind="town")
    assert len(gaz) == 2


def test_a_name_that_is_spoilt_is_left_out_and_its_place_kept(tmp_path):
    text = "name,native,longitude,latitude\nGood,ar:\ufffdس,44.5,33.5\n"
    with pytest.warns(UserWarning, match="row 2, native: characters of it are lost"):
        gaz = gi.read_gazetteer(write(tmp_path / "a.csv", text))
    assert len(gaz) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "'a.csv' is empty"),
        (b"name,lon,lat\n", "'a.csv' holds no place that can be read$"),
        (b"name,lon,lat\nX,1000,2\n", "'a.csv' holds no place that can be read: row 2, longitude"),
        (b"name,lon,name\nX,1,2\n", "'a.csv' has two columns 'name'"),
        (b"PK\x03\x04 and no more", "'a.csv' is a damaged zip file"),
        (b"\x1f\x8b\x08\x00 and no more", "'a.csv' is packed and damaged"),
        (b"\x00\x01\x02" * 100, "'a.csv' holds neither map features nor text"),
        (b"SQLite format 3\x00" + b"x" * 200, "'a.csv' holds neither map features nor text"),
        (b'{"type": "Feature', "'a.csv' is no JSON"),
        (b'{"type": "Topology"}', "JSON, but no collection of features"),
    ],
)
def test_a_file_that_is_none_is_said_in_a_line(tmp_path, content, message):
    with pytest.raises(GazetteerError, match=message) as caught:
        gi.read_gazetteer(write(tmp_path / "a.csv", content))
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "cache").rglob("*.gpkg"))


def test_no_file_is_said(tmp_path):
    with pytest.raises(GazetteerError, match="does not exist"):
        gi.read_gazetteer(tmp_path / "none.csv")
    with pytest.raises(GazetteerError, match="is a folder"):
        gi.read_gazetteer(tmp_path)


def test_an_endless_line_is_one_problem(tmp_path, monkeypatch):
    from geoinc.sources import records

    monkeypatch.setattr(records, "MOST_CHARACTERS", 1000)
    text = f"name,lon,lat\nA,44,33.5\nB{'x' * 10_000},44,33\nC,44.5,33.5\n"
    with pytest.warns(UserWarning, match="row 3: left out: the line is longer than"):
        gaz = gi.read_gazetteer(write(tmp_path / "a.csv", text), kind="town")
    assert len(gaz) == 2


def test_a_gigabyte_without_a_line_break_takes_no_memory(tmp_path):
    """A sparse file: a line of NULs that never ends, after a good row."""
    import resource

    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"name,lon,lat\nA,44.5,33.5\nB")
        file.truncate(300_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.warns(UserWarning, match="row 3: left out: the line is longer"):
        gaz = gi.read_gazetteer(path, format="table", kind="town")
    assert len(gaz) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 250_000  # KiB


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path, encoding, delimiter):
    text = 'name,note,lon,lat\r\nمكان,"a,b\r\n""c""",44.5,33.5\r\n'.replace(",", delimiter)
    gaz = gi.read_gazetteer(write(tmp_path / "a.txt", text, encoding), kind="town")
    assert gaz.search("مكان").loc[0, "longitude"] == 44.5


def test_packed_tables_are_read(tmp_path):
    import gzip
    import zipfile

    data = b"name,lon,lat\nPlace,44.5,33.5\n"
    write(tmp_path / "a.csv.gz", gzip.compress(data))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", data)
    for name in ("a.csv.gz", "a.zip"):
        assert len(gi.read_gazetteer(tmp_path / name, kind="town")) == 1
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.writestr("b.csv", data)
    with pytest.raises(GazetteerError, match="holds 2 files; unpack it"):
        gi.read_gazetteer(tmp_path / "a.zip")


def test_excel_is_read_sheet_by_sheet(tmp_path):
    path = tmp_path / "places.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"note": ["nothing here"]}).to_excel(book, sheet_name="read me", index=False)
        pd.DataFrame({"Name": ["Dam A"], "Lon": [44.5], "Lat": [33.5]}).to_excel(
            book, sheet_name="places", index=False
        )
    gaz = gi.read_gazetteer(path, layer="places", kind="dam")
    assert gaz.search("Dam A").loc[0, "kind"] == "dam"
    with pytest.raises(GazetteerError, match="has no sheet 'more'"):
        gi.read_gazetteer(path, layer="more")


def test_a_file_is_read_once_and_again_when_it_changes(tmp_path):
    path = write(tmp_path / "a.csv", "name,lon,lat\nA,44.5,33.5\n")
    first = gi.read_gazetteer(path, kind="town")
    assert gi.read_gazetteer(path, kind="town") is first
    assert gi.read_gazetteer(path, kind="village").path != first.path
    write(path, "name,lon,lat\nB,44.5,33.5\n")
    assert gi.read_gazetteer(path, kind="town").search("B").loc[0, "name"] == "B"


def test_the_file_goes_where_it_is_told(tmp_path):
    rows = pd.DataFrame({"name": ["A"], "longitude": [44.5], "latitude": [33.5]})
    gaz = gi.read_gazetteer(rows, path=tmp_path / "own.gpkg", kind="town")
    assert gaz.path == tmp_path / "own.gpkg"
    assert not (tmp_path / "cache").exists()
    assert gi.read_gazetteer(tmp_path / "own.gpkg").search("A").equals(gaz.search("A"))
    assert len(gpd.read_file(tmp_path / "own.gpkg", layer="places")) == 1


def test_ids_of_two_files_do_not_meet(tmp_path):
    one = gi.read_gazetteer(write(tmp_path / "one.csv", "id,name,lon,lat\n1,A,44.5,33.5\n"))
    two = gi.read_gazetteer(write(tmp_path / "two.csv", "id,name,lon,lat\n1,B,45.5,33.5\n"))
    union = one | two
    assert union.place("one:1").name == "A"
    assert union.place("two:1").name == "B"


# ---------------------------------------------------------------- features

SQUARE = shapely.box(44, 33, 44.2, 33.2)


def test_outlines_keep_their_shape_and_say_their_error():
    frame = gpd.GeoDataFrame({"name": ["Area"]}, geometry=[SQUARE], crs=4326)
    gaz = gi.read_gazetteer(frame, kind="district", boundary_error_m=250)
    place = gaz.place(gaz.search("Area").loc[0, "place_id"])
    assert place.footprint.equals(SQUARE)
    assert place.boundary_error_m == 250
    corner_m = float(gi.geodesy.inverse(44.1, 33.1, 44, 33)[0])
    assert corner_m + 250 <= place.uncertainty_m <= corner_m + 350
    unknown = gi.read_gazetteer(frame, kind="district")
    assert unknown.place(unknown.search("Area").loc[0, "place_id"]).boundary_error_m == 10_000


@pytest.mark.parametrize("driver", ["GPKG", "ESRI Shapefile", "GeoJSON", "FlatGeobuf"])
def test_formats_of_map_features(tmp_path, driver):
    suffix = {"GPKG": "gpkg", "ESRI Shapefile": "shp", "GeoJSON": "geojson", "FlatGeobuf": "fgb"}
    path = tmp_path / f"areas.{suffix[driver]}"
    frame = gpd.GeoDataFrame({"name": ["Area", "Spot"]}, crs=4326,
                             geometry=[SQUARE, shapely.box(45, 33, 45.1, 33.1)])  # fmt: skip
    if driver != "GeoJSON":
        frame = frame.to_crs(32638)  # UTM, as an analyst's file may be
    frame.to_file(path, driver=driver)
    gaz = gi.read_gazetteer(path, kind="district")
    place = gaz.place(gaz.search("Area").loc[0, "place_id"])
    assert place.footprint.symmetric_difference(SQUARE).area < 1e-6
    assert len(gaz) == 2


def test_points_and_lines_of_a_map():
    road = shapely.LineString([(44, 33), (45, 33)])
    frame = gpd.GeoDataFrame(
        {"name": ["Spot", "Tigris river"]}, geometry=[shapely.Point(44.5, 33.25), road], crs=4326
    )
    gaz = gi.read_gazetteer(frame, position_error_m=1000)
    spot = gaz.place(gaz.search("Spot").loc[0, "place_id"])
    assert spot.uncertainty_m == 4000  # a town's extent and the error
    river = gaz.place(gaz.search("Tigris river").loc[0, "place_id"])
    assert river.footprint.contains(road)
    assert gi.geodesy.area_km2(river.footprint) == pytest.approx(93.4 * 2, rel=0.05)


def test_features_that_are_none_are_listed(tmp_path):
    text = """{"type": "FeatureCollection", "features": [
      {"type": "Feature", "properties": {"name": "Good"},
       "geometry": {"type": "Point", "coordinates": [44.5, 33.5]}},
      {"type": "Feature", "properties": {"name": "Bad"},
       "geometry": {"type": "Polygon", "coordinates": [[[1, 2]]]}},
      {"type": "Feature", "properties": {"name": "Far"},
       "geometry": {"type": "Polygon", "coordinates": [[[1, 2], [300, 2], [1, 5], [1, 2]]]}},
      {"type": "Feature", "properties": {"name": "Nowhere"}, "geometry": null},
      "what", 7, null,
      {"type": "Feature", "properties": {"name": "Bow"},
       "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [2, 1], [1, 2], [1, 1]]]}}
    ]}"""
    with pytest.warns(UserWarning, match=r"a\.geojson, row 2"):
        gaz = gi.read_gazetteer(write(tmp_path / "a.geojson", text), kind="region")
    assert len(gaz) == 2
    assert [int(line.split(",")[0].split(":")[0][4:]) for line in problems(gaz)] == [
        2,
        3,
        4,
        5,
        6,
        7,
    ]
    assert gaz.place(gaz.search("Bow").loc[0, "place_id"]).footprint.is_valid


def test_other_coordinate_systems_are_refused_or_transformed(tmp_path):
    text = '{"features": [], "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::32638"}}}'
    with pytest.raises(GazetteerError, match=r"'a\.geojson' has its coordinates in .*32638"):
        gi.read_gazetteer(write(tmp_path / "a.geojson", text))
    frame = gpd.GeoDataFrame({"name": ["A"]}, geometry=[SQUARE])
    with pytest.raises(GazetteerError, match="does not say its coordinate system"):
        gi.read_gazetteer(frame)


def test_a_file_of_several_layers_asks_which(tmp_path):
    path = tmp_path / "two.gpkg"
    for layer in ("one", "two"):
        frame = gpd.GeoDataFrame({"name": [layer]}, geometry=[SQUARE], crs=4326)
        frame.to_file(path, layer=layer, driver="GPKG")
    with pytest.raises(GazetteerError, match=r"has 2 layers; say which: layer= one of"):
        gi.read_gazetteer(path)
    assert (
        gi.read_gazetteer(path, layer="two", kind="district").search("two").loc[0, "name"] == "two"
    )


# ---------------------------------------------------------------- official files


def test_governorates_of_iraq_answer_in_both_languages(shared_data):
    path = shared_data / "boundaries" / "iraq_admin1_ocha_2019.geojson"
    gaz = gi.read_gazetteer(path, boundary_error_m=100, licence="CC BY-IGO")
    table = gpd.read_file(path)
    assert len(gaz) == len(table) == 18
    for english, arabic, code, outline in zip(
        table["adm1_name"], table["adm1_name1"], table["adm1_pcode"], table.geometry, strict=True
    ):
        for name in (english, arabic, f"{english} Governorate", f"محافظة {arabic}", code):
            place = gi.resolve(name, gaz)
            assert (place.name, place.kind, place.country) == (english, "province", "IQ"), name
        assert place.footprint.symmetric_difference(outline.buffer(0)).area < 1e-9
        assert place.boundary_error_m == 100
        # The circle holds the outline: every corner of it, by pyproj.
        corners = shapely.get_coordinates(outline)
        away, _ = gi.geodesy.inverse(place.longitude, place.latitude, *corners.T)
        assert away.max() + 100 <= place.uncertainty_m


def test_governorates_of_syria(shared_data):
    path = shared_data / "boundaries" / "syria_admin1_ocha_2015.geojson"
    gaz = gi.read_gazetteer(path, kind="province", country="SY")
    table = gpd.read_file(path)
    for english, arabic in zip(table["NAME_EN"], table["NAME_ARA"], strict=True):
        assert gi.resolve(english, gaz).name == gi.resolve(arabic, gaz).name == english


def test_places_of_syria(shared_data):
    path = shared_data / "syria_places" / "places.csv"
    with pytest.warns(UserWarning, match=r"places\.csv, row 265, NAME_ARA.*6 such lines"):
        gaz = gi.read_gazetteer(path, kind="village", country="SY")
    table = pd.read_csv(path)
    assert len(gaz) == len(table) == 5251
    place = gaz.place("places:C4268")
    assert (place.name, place.admin1, place.position_error_m) == ("Bazabur", "Idleb", 2000)
    assert gaz.search("بزابور").loc[0, "place_id"] == "places:C4268"
    spoilt = table[table["NAME_ARA"].str.contains("\ufffd", na=False)]
    assert len(spoilt) == 6
    for code in spoilt["PCODE"]:
        assert f"places:{code}" in gaz


def test_a_file_joined_to_the_shipped_gazetteer_is_located(shared_data):
    path = shared_data / "syria_places" / "places.csv"
    columns = {"NAME_EN": "name", "NAME_ARA": "native:ar", "LATITUDE": "latitude",
               "LONGITUDE": "longitude", "ADMIN1_EN": "admin1", "PCODE": "id"}  # fmt: skip
    with pytest.warns(UserWarning, match=r"places\.csv"):
        places = gi.read_gazetteer(path, columns=columns, kind="village", country="SY")
    reports = gi.read_reports(pd.DataFrame({
        "date": ["2015-03-02"] * 2, "target": ["Bazabur", "Balad air base"], "country": ["SY", "IQ"],
    }))  # fmt: skip
    layers = gi.locate(reports, gi.load_gazetteer() | places)
    assert layers.targets["place_status"].tolist() == ["resolved", "resolved"]
    assert layers.targets["place_id"].tolist() == ["places:C4268", "iq-balad-air-base"]


def test_the_cities_of_the_world_are_a_table_too(shared_data):
    table = pd.read_csv(shared_data / "geonames" / "cities1000_world.csv.gz", keep_default_na=False)
    table = table[table["country_code"].isin(["IQ", "NA"])]  # Namibia is no missing value
    gaz = gi.read_gazetteer(table)
    assert len(gaz) == len(table) > 150
    assert gaz.search("Windhoek").loc[0, "country"] == "NA"
    found = gaz.search("Mosul", country="IQ")
    assert found.loc[0, ["country", "kind"]].tolist() == ["IQ", "town"]
