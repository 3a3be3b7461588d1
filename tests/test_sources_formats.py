"""OurAirports, Linked Places in both forms, and places harvested from coded incidents."""

# ruff: noqa: RUF001  # letters of several scripts are the subject

import json
import re

import numpy as np
import pandas as pd
import pytest

import geoinc as gi
from geoinc import toponyms
from geoinc.errors import GazetteerError


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def place(gazetteer, name, **hints):
    return gazetteer.place(gazetteer.search(name, **hints).loc[0, "place_id"])


# ---------------------------------------------------------------- OurAirports

AIRPORTS = """\
"id","ident","type","name","latitude_deg","longitude_deg","elevation_ft","continent","iso_country","iso_region","municipality","scheduled_service","icao_code","iata_code","gps_code","local_code","home_link","wikipedia_link","keywords"
1,"ORXA","medium_airport","Example Air Base",33.5,44.5,,"AS","IQ","IQ-DI","Baqubah","no","ORXA","EXA","ORXA","22",,,"Old Field, OR99, قاعدة المثال"
2,"IQ-0001","heliport","Hospital Helipad",33.51234,44.51234,,"AS","IQ","IQ-DI",,"no",,,,,,,
3,"ORXC","closed","Forward Strip / Camp Forward",33.61234,44.61234,,"AS","IQ","IQ-DI",,"no",,,,,,,
4,"ORXD","small_airport","Nowhere",95,44,,"AS","IQ","IQ-DI",,"no",,,,,,,
"""


def test_airports_with_their_codes_and_other_names(tmp_path):
    (tmp_path / "airports.csv").write_text(AIRPORTS, encoding="utf-8")
    with pytest.warns(UserWarning, match=r"airports\.csv, row 5, longitude, latitude"):
        gaz = gi.read_gazetteer(tmp_path / "airports.csv")
    assert len(gaz) == 3
    base = gaz.place("ourairports:ORXA")
    assert (base.kind, base.country, base.licence) == ("air base", "IQ", "public domain")
    assert base.source == "OurAirports ORXA"
    assert base.uncertainty_m == 4500 + 500
    for name in ("Old Field", "OR99", "EXA", "ORXA", "قاعدة المثال"):
        assert gaz.search(name).loc[0, "place_id"] == "ourairports:ORXA", name
    # The shipped outlines tell the province.
    assert base.admin1 == "Diyala"
    assert gaz.place("ourairports:IQ-0001").uncertainty_m == 1000
    assert place(gaz, "Camp Forward", kind="airport").place_id == "ourairports:ORXC"
    assert gaz.place("ourairports:ORXC").valid_to == ""


def test_a_file_of_another_format_is_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("name,lon,lat\nX,44.5,33.5\n", encoding="utf-8")
    for name, column in {"ourairports": "ident", "lp-tsv": "title"}.items():
        with pytest.raises(GazetteerError, match=f"'a.csv' has no column '{column}'"):
            gi.read_gazetteer(path, format=name)
    for name in ("linked-places", "geojson"):
        with pytest.raises(GazetteerError, match=r"'a\.csv' is no JSON"):
            gi.read_gazetteer(path, format=name)
    for name in ("features", "geonames", "geoinc"):
        with pytest.raises(GazetteerError, match=r"'a\.csv'"):
            gi.read_gazetteer(path, format=name)


def test_all_airports_of_the_region(shared_data):
    path = shared_data / "airports" / "airports_mena.csv"
    gaz = gi.read_gazetteer(path)
    table = pd.read_csv(path, keep_default_na=False)
    assert len(gaz) == len(table) == 1970
    assert gaz.metadata["format"] == "ourairports"
    # Every ICAO code finds its airport.
    coded = table[table["icao_code"] != ""]
    for ident, code in zip(coded["ident"], coded["icao_code"], strict=True):
        assert f"ourairports:{ident}" in gaz.search(code)["place_id"].tolist(), code


# ---------------------------------------------------------------- Linked Places


def lpf(**changes):
    feature = {
        "@id": "http://example.org/places/1",
        "type": "Feature",
        "properties": {"title": "Abdera (GR)", "ccodes": ["GR"], "fclasses": ["P"]},
        "names": [
            {"toponym": "Abdera", "lang": "en", "citations": [{"label": "An Atlas (1900)"}]},
            {"toponym": "Άβδηρα", "lang": "el",
             "when": {"timespans": [{"start": {"in": "-0600"}}]}},
        ],
        "types": [{"identifier": "aat:300008375", "label": "town"}],
        "when": {"timespans": [{"start": {"in": "0676?"}, "end": {"latest": "1066-05-01"}}]},
        "geometry": {"type": "Point", "coordinates": [24.97891, 40.93481]},
    }  # fmt: skip
    return {
        "type": "FeatureCollection",
        "@context": "https://example.org/linkedplaces-context-v1.3.jsonld",
        "features": [feature | changes],
    }


def read_lpf(tmp_path, data):
    path = tmp_path / "places.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    gaz = gi.read_gazetteer(path)
    assert gaz.metadata["format"] == "linked-places"
    return gaz


def test_a_linked_place(tmp_path):
    gaz = read_lpf(tmp_path, lpf())
    abdera = gaz.place("http://example.org/places/1")
    assert (abdera.name, abdera.kind, abdera.country) == ("Abdera", "town", "GR")
    assert (abdera.valid_from, abdera.valid_to) == ("0676", "1066-05-01")
    assert abdera.source == "places.json: An Atlas (1900)"
    assert abdera.position_error_m == 2000
    assert gaz.search("Άβδηρα").loc[0, "name"] == "Abdera"


@pytest.mark.parametrize(
    ("certainty", "error_m"), [("certain", 2000), ("less-certain", 10_000), ("uncertain", 50_000)]
)
def test_certainty_is_the_error(tmp_path, certainty, error_m):
    point = {"type": "Point", "coordinates": [24.97891, 40.93481], "certainty": certainty}
    gaz = read_lpf(tmp_path, lpf(geometry=point))
    assert place(gaz, "Abdera").position_error_m == error_m
    area = {"geo_wkt": "POLYGON ((24 40, 25 40, 25 41, 24 40))", "certainty": certainty}
    gaz = read_lpf(tmp_path, lpf(geometry={"type": "GeometryCollection", "geometries": [area]}))
    assert place(gaz, "Abdera").boundary_error_m == max(error_m, 10_000)


def test_of_several_geometries_the_most_certain_then_the_latest(tmp_path):
    def point(longitude, year, certainty):
        return {"type": "Point", "coordinates": [longitude, 40.12345], "certainty": certainty,
                "when": {"timespans": [{"start": {"in": year}}]}}  # fmt: skip

    parts = [point(21.5, "1900", "uncertain"), point(22.5, "0500", "certain"),
             point(23.5, "1500", "certain"), "null"]  # fmt: skip
    gaz = read_lpf(tmp_path, lpf(geometry={"type": "GeometryCollection", "geometries": parts}))
    assert place(gaz, "Abdera").longitude == 23.5


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"types": [{"label": "Market", "sourceLabels": [{"label": "village"}]}]}, "village"),
        ({"types": [], "properties": {"title": "Abdera", "fclasses": ["T"]}}, "mountain"),
        ({"types": [], "properties": {"title": "Lake Abdera"}, "names": []}, "lake"),
    ],
)
def test_types_and_classes_are_kinds(tmp_path, changes, kind):
    gaz = read_lpf(tmp_path, lpf(**changes))
    assert gaz.place("http://example.org/places/1").kind == kind


def test_features_that_are_no_places_are_listed(tmp_path):
    data = lpf()
    nowhere = {"type": "GeometryCollection", "geometries": ["null"]}
    data["features"] += [
        {**data["features"][0], "@id": "http://example.org/2", "geometry": nowhere},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}},
        {**data["features"][0], "@id": "http://example.org/4", "names": 7},
        "what",
        {**data["features"][0], "@id": "http://example.org/6", "when": {"timespans": [7]}},
    ]
    with pytest.warns(UserWarning, match=r"places\.json, row"):
        gaz = read_lpf(tmp_path, data)
    assert len(gaz) == 1
    rows = re.findall(r"^row (\d+)", gaz.metadata["problems"], re.MULTILINE)
    assert sorted(map(int, rows)) == [2, 3, 4, 5, 6]


LP_TSV = """\
id\ttitle\ttitle_source\tfclasses\taat_types\tattestation_year\tstart\tend\tccodes\tvariants\ttypes\tparent_name\tlon\tlat\tgeowkt\tapproximation
1\tZanzibar\tAn Atlas\tP\t300008389\t1900\t1500\t\tTZ\tزنجبار@ar; Sansibar@de-DE-1901;Old Town\tcity\tTanzania\t39.19793\t-6.16394\t\t5
2\tArea\tAn Atlas\tA\t\t1900\t-320\t320\tTZ;KE\t\t\t\t\t\tPOLYGON ((39 -6, 40 -6, 40 -5, 39 -6))\tgvp:containedWithin
3\tBroken\tAn Atlas\tP\t\t1900\t\t\tTZ\t\t\t\t\t\tPOLYGON ((39\t
4\tShort\tAn Atlas
"""


def test_a_table_of_linked_places(tmp_path):
    (tmp_path / "lp.tsv").write_text(LP_TSV, encoding="utf-8")
    with pytest.warns(UserWarning, match=r"lp\.tsv, row 4, wkt: left out"):
        gaz = gi.read_gazetteer(tmp_path / "lp.tsv")
    assert gaz.metadata["format"] == "lp-tsv"
    assert len(gaz) == 2
    zanzibar = gaz.place("lp:1")
    assert (zanzibar.kind, zanzibar.country, zanzibar.position_error_m) == ("city", "TZ", 5000)
    assert (zanzibar.valid_from, zanzibar.source) == ("1500", "lp.tsv: An Atlas")
    for name in ("زنجبار", "Sansibar", "Old Town"):
        assert gaz.search(name).loc[0, "name"] == "Zanzibar", name
    area = gaz.place("lp:2")
    assert area.footprint.bounds == (39, -6, 40, -5)
    # Before our era is told as open, of two countries neither is the one.
    assert (area.valid_from, area.valid_to, area.country) == ("", "0320", "")


# ---------------------------------------------------------------- incidents


def coded(**columns):
    table = {
        "where_coordinates": ["Rami village"] * 3, "where_prec": [1, 1, 2],
        "adm_1": "Idlib governorate", "adm_2": "Ariha district", "country": "Syria",
        "longitude": [36.56, 36.57, 36.56], "latitude": [35.76, 35.76, 35.76],
    }  # fmt: skip
    return pd.DataFrame(table | columns)


def test_the_spread_of_the_points_is_the_error():
    # A hundredth of a degree of longitude at 35.76 degrees is 905 m.
    near = gi.gazetteer_from_incidents(coded())
    rami = place(near, "Rami")
    assert (rami.name, rami.kind, rami.country, rami.admin1) == ("Rami", "village", "SY", "Idlib")
    assert rami.position_error_m == 2000  # the floor of code 1
    wide = gi.gazetteer_from_incidents(coded(longitude=[36.56, 36.66, 36.61]))
    rami = place(wide, "Rami village")
    assert rami.longitude == 36.61
    assert rami.position_error_m == 4600  # half of 9.05 km, up to 100 m
    assert rami.uncertainty_m == 5600
    rough = gi.gazetteer_from_incidents(coded(where_prec=2))
    assert place(rough, "Rami").position_error_m == 5000


def test_points_far_apart_are_two_places():
    gaz = gi.gazetteer_from_incidents(coded(longitude=[36.56, 37.56, 36.56]))
    assert len(gaz) == 2
    assert gi.gazetteer.decide(gaz.search("Rami")).status == "ambiguous"


def test_a_chain_of_points_is_one_place():
    # 20 km from one to the next, 40 km from end to end, in any order.
    for order in ([36.4, 36.62, 36.84], [36.4, 36.84, 36.62]):
        assert len(gi.gazetteer_from_incidents(coded(longitude=order))) == 1


def test_one_name_in_two_districts_is_two_places():
    gaz = gi.gazetteer_from_incidents(coded(adm_2=["Ariha district", "Harim district", "Ariha"]))
    assert len(gaz) == 2


def test_only_precise_codes_are_read_and_faults_listed():
    frame = pd.concat([coded(), coded(where_prec=[3, 4, 7]), coded(longitude=[500, 0, "x"],
                       latitude=[35, 0, 35]), coded(where_coordinates=["", None, "a\ufffd"])])  # fmt: skip
    with pytest.warns(
        UserWarning, match=r"UCDP GED, row 11, where_coordinates: left out.*6 such lines"
    ):
        gaz = gi.gazetteer_from_incidents(frame)
    assert len(gaz) == 1
    lines = gaz.metadata["problems"].splitlines()
    assert lines[0].startswith("where_prec: 3 rows are coded to an area")
    rows = [int(line.split(",")[0].removeprefix("row ")) for line in lines[1:]]
    assert sorted(rows) == [8, 9, 10, 11, 12, 13]


def test_the_layout_of_acled():
    frame = pd.DataFrame({
        "event_id_cnty": ["SYR1", "SYR2"], "location": ["Ariha", "Ariha"], "geo_precision": ["1", "3"],
        "admin1": "Idleb", "admin2": "Ariha", "country": "Syria", "latitude": "35.81432",
        "longitude": ["36.61234", "36.7"],
    })  # fmt: skip
    gaz = gi.gazetteer_from_incidents(frame)
    ariha = place(gaz, "Ariha")
    assert (ariha.country, ariha.admin1, ariha.longitude) == ("SY", "Idleb", 36.61234)
    assert ariha.source == "ACLED: 1 event"
    assert "not to be passed on" in ariha.licence


def test_another_table_is_refused():
    with pytest.raises(GazetteerError, match=r"neither the columns of UCDP GED .* it has 'name'"):
        gi.gazetteer_from_incidents(pd.DataFrame({"name": ["X"]}))
    with pytest.raises(GazetteerError, match="layout='gtd': it is one of 'ucdp', 'acled'"):
        gi.gazetteer_from_incidents(coded(), layout="gtd")
    with pytest.raises(GazetteerError, match="holds no place"):
        gi.gazetteer_from_incidents(coded(where_prec=4))


def test_what_is_harvested_holds_what_others_say(shared_data):
    """Places of UCDP against OCHA's: the discs hold the other source's point 9 times in 10."""
    frame = pd.read_csv(shared_data / "ucdp" / "syria_places.csv")
    gaz = gi.gazetteer_from_incidents(frame, country="SY")
    table = pd.read_csv(shared_data / "syria_places" / "places.csv")
    keys = pd.DataFrame({
        "core": table["NAME_EN"].astype(str).map(toponyms.core),
        "division": table["ADMIN1_EN"].map(toponyms.skeleton),
    })  # fmt: skip
    once = table[~keys.duplicated(keep=False)].join(keys)
    inside = []
    for row in once.itertuples():
        found = gaz.search(row.NAME_EN, limit=1)
        if found.empty or toponyms.core(found.loc[0, "name"]) != row.core:
            continue
        known = gaz.place(found.loc[0, "place_id"])
        if toponyms.skeleton(known.admin1) != row.division:
            continue
        away, _ = gi.geodesy.inverse(known.longitude, known.latitude, row.LONGITUDE, row.LATITUDE)
        inside.append(away <= known.uncertainty_m + 2000)
    assert len(inside) > 60
    assert np.mean(inside) > 0.9


def test_harvested_names_of_the_world(shared_data):
    frame = pd.read_csv(shared_data / "ucdp" / "ged_sample1000.csv")
    gaz = gi.gazetteer_from_incidents(frame)
    assert len(gaz) == 594
    for name, country in {"Prijedor": "BA", "Nyala": "SD", "Jilib": "SO"}.items():
        assert place(gaz, name).country == country
    assert "no country is called" not in gaz.metadata["problems"]
