"""The curated places (gazetteer/places/*.csv), line by line and against public references.

Reads the sources with ``csv`` alone: what is tested here is the text that people edit, before
any build.  The references are other people's files; where they are missing the tests skip.
"""

import csv
import json
import re
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path

import pytest
from pyproj import Geod
from shapely import MultiPolygon, make_valid, prepare
from shapely.geometry import Point, shape
from shapely.ops import nearest_points

from geoinc.places import KINDS
from geoinc.toponyms import fold

PLACES = Path(__file__).parents[1] / "gazetteer" / "places"
FILES = sorted(PLACES.glob("*.csv"))
HEADER = (
    "id,name,kind,admin1,longitude,latitude,radius_m,position_error_m,importance,"
    "spellings,native,codes,valid_from,valid_to,source,note"
)
LANGUAGES = {"ar", "ckb", "ku", "fa", "he", "tr", "syr", "hy", "az", "ps"}
WGS84 = Geod(ellps="WGS84")


def read(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def places_of(path):
    header, *rows = read(path)
    return [dict(zip(header, row, strict=True), country=path.stem) for row in rows]


ALL = list(chain.from_iterable(map(places_of, FILES)))


def parts(cell):
    return [part.strip() for part in cell.split(";") if part.strip()]


def point(place):
    return float(place["longitude"]), float(place["latitude"])


def distance_m(a, b):
    return WGS84.inv(*a, *b)[2]


def beyond_m(area, place):
    """How far a place's centre lies outside an area, in metres; 0 inside."""
    centre = Point(point(place))
    if area.covers(centre):
        return 0.0
    nearest = nearest_points(area, centre)[0]
    return distance_m((nearest.x, nearest.y), point(place))


def areas(path, key):
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    merged = {
        feature["properties"][key]: make_valid(shape(feature["geometry"])) for feature in features
    }
    for area in merged.values():
        prepare(area)
    return merged


def complaints(problems):
    return "\n" + "\n".join(problems)


# ---------------------------------------------------------------- the text itself


def test_there_are_places():
    assert FILES
    assert all(re.fullmatch(r"[A-Z]{2}", path.stem) for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_has_the_columns_and_every_row_all_of_them(path):
    header, *rows = read(path)
    assert ",".join(header) == HEADER
    assert [number for number, row in enumerate(rows, 2) if len(row) != len(header)] == []


def test_an_id_is_unique_and_says_its_country():
    assert [key for key, count in Counter(place["id"] for place in ALL).items() if count > 1] == []
    bad = [
        place["id"]
        for place in ALL
        if not re.fullmatch(rf"{place['country'].lower()}-[a-z0-9]+(-[a-z0-9]+)*", place["id"])
    ]
    assert bad == []


def test_kinds_are_known():
    assert {place["kind"] for place in ALL} <= set(KINDS)


def test_numbers_are_plausible():
    bad = []
    for place in ALL:
        longitude, latitude = point(place)
        error_m = float(place["position_error_m"])
        # Only of a province is the extent known by its outline instead of a radius.
        radius_m = float(place["radius_m"] or (1 if place["kind"] == "province" else 0))
        widest_m = 2_000_000 if place["kind"] == "sea" else 500_000
        if not (
            25 <= longitude <= 64
            and 12 <= latitude <= 43
            and 0 < radius_m <= widest_m
            and 0 < error_m <= 100_000
            and 0 <= float(place["importance"]) <= 1
        ):
            bad.append(place["id"])
    assert bad == []


def test_what_was_not_checked_is_not_precise():
    bad = [
        place["id"]
        for place in ALL
        if "unverified" in place["source"] and float(place["position_error_m"]) < 2000
    ]
    assert bad == []


def test_every_place_has_a_source_and_a_native_name():
    bad = []
    for place in ALL:
        native = [text.partition(":") for text in parts(place["native"])]
        if not parts(place["source"]):
            bad.append(f"{place['id']}: no source")
        if not native or any(code not in LANGUAGES or not text.strip() for code, _, text in native):
            bad.append(f"{place['id']}: native {place['native']!r}")
    assert not bad, complaints(bad)


def test_a_spelling_is_listed_once():
    bad = []
    for place in ALL:
        latin = Counter(map(str.casefold, [place["name"], *parts(place["spellings"])]))
        native = Counter(parts(place["native"]))
        again = [key for key, count in (latin + native).items() if count > 1]
        if again:
            bad.append(f"{place['id']}: {again}")
    assert not bad, complaints(bad)


def test_codes_and_dates_are_well_formed():
    day = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?|")
    bad = [
        place["id"]
        for place in ALL
        if not all(re.fullmatch(r"[a-z]+:[\w.-]+", code) for code in parts(place["codes"]))
        or not day.fullmatch(place["valid_from"])
        or not day.fullmatch(place["valid_to"])
        or (place["valid_to"] and place["valid_from"] > place["valid_to"])
    ]
    assert bad == []


def test_no_cell_is_a_formula():
    cells = [cell for place in ALL for cell in place.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))] == []


def test_admin1_of_iraq_and_syria_are_our_provinces():
    for country in ("IQ", "SY"):
        ours = [place for place in ALL if place["country"] == country]
        provinces = {place["name"] for place in ours if place["kind"] == "province"}
        assert len(provinces) == {"IQ": 19, "SY": 14}[country]
        assert {place["admin1"] for place in ours} <= provinces | {""}


def test_there_are_as_many_as_promised():
    count = Counter(place["country"] for place in ALL)
    assert count["IQ"] + count["SY"] >= 700
    assert count.total() - count["IQ"] - count["SY"] >= 200


# ---------------------------------------------------------------- against references


def test_a_place_lies_in_its_country(shared_data):
    countries = areas(shared_data / "boundaries" / "ne_10m_admin_0_mena_ukr.geojson", "iso_a2")
    bad = []
    for place in ALL:
        # A terminal at sea says so in its note; small islands are not in the reference; a sea
        # is of no country.
        at_sea = "offshore" in place["note"].casefold() or place["kind"] == "island"
        margin_m = 100_000 if at_sea else 10_000
        outside_m = beyond_m(countries[place["country"]], place)
        if outside_m > margin_m and place["kind"] not in {"sea", "strait"}:
            bad.append(f"{place['id']}: {outside_m / 1000:.0f} km outside")
    assert not bad, complaints(bad)


@pytest.mark.parametrize(
    ("country", "file", "key"),
    [
        ("IQ", "iraq_admin1_ocha_2019.geojson", "adm1_pcode"),
        ("SY", "syria_admin1_ocha_2015.geojson", "PCODE"),
    ],
)
def test_a_place_lies_in_its_province(shared_data, country, file, key):
    official = areas(shared_data / "boundaries" / file, key)
    ours = [place for place in ALL if place["country"] == country]
    codes = {
        place["name"]: code.removeprefix("pcode:")
        for place in ours
        if place["kind"] == "province"
        for code in parts(place["codes"])
        if code.startswith("pcode:")
    }
    # The official areas of 2019 have Halabja still in Sulaymaniyah.
    official_of = {name: official[code] for name, code in codes.items()}
    official_of.setdefault("Halabja", official_of.get("Sulaymaniyah", MultiPolygon()))
    bad = []
    for place in ours:
        if place["admin1"] and "offshore" not in place["note"].casefold():
            outside_m = beyond_m(official_of[place["admin1"]], place)
            # Some districts are administered by the neighbour, which the note says.
            told = re.search(r"disputed|counted to", place["note"].casefold())
            if outside_m > 10_000 and not told:
                bad.append(f"{place['id']}: {outside_m / 1000:.0f} km outside {place['admin1']}")
    assert not bad, complaints(bad)


def test_airports_and_bases_lie_where_ourairports_has_them(shared_data):
    reference = {}
    with (shared_data / "airports" / "airports_mena.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            centre = float(row["longitude_deg"]), float(row["latitude_deg"])
            for code in (row["ident"], row["icao_code"], row["gps_code"]):
                reference.setdefault(code, centre)
    checked, bad = 0, []
    for place in ALL:
        codes = [code.split(":", 1) for code in parts(place["codes"])]
        for code in (code for scheme, code in codes if scheme in {"icao", "ourairports"}):
            if code not in reference:
                bad.append(f"{place['id']}: {code} is not in OurAirports")
                continue
            checked += 1
            off_m = distance_m(point(place), reference[code])
            if off_m > 1500:
                bad.append(f"{place['id']}: {off_m / 1000:.1f} km from {code}")
        field = place["kind"] in {"airport", "air base"}
        if field and "OurAirports" in parts(place["source"]) and not codes:
            checked += 1
            off_m = min(distance_m(point(place), centre) for centre in reference.values())
            if off_m > 1500:
                bad.append(f"{place['id']}: {off_m / 1000:.1f} km from any in OurAirports")
    assert not bad, complaints(bad)
    assert checked >= 150


def geonames_by_id(shared_data):
    path = shared_data / "geonames" / "cities15000_mena_ua.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        _, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row[0]: row for row in rows}


def syria_by_pcode(shared_data):
    with (shared_data / "syria_places" / "places.csv").open(encoding="utf-8") as lines:
        return {
            row["PCODE"]: (float(row["LONGITUDE"]), float(row["LATITUDE"]))
            for row in csv.DictReader(lines)
        }


def test_towns_lie_where_the_source_they_name_has_them(shared_data):
    reference = {
        f"GeoNames {key}": (float(row[5]), float(row[4]))
        for key, row in geonames_by_id(shared_data).items()
    }
    reference |= {
        f"OCHA COD Syria 2015 {pcode}": centre
        for pcode, centre in syria_by_pcode(shared_data).items()
    }
    numbered = re.compile(r"(GeoNames \d+|OCHA COD Syria 2015 \w+)")
    checked, bad = 0, []
    for place in ALL:
        for source in filter(numbered.fullmatch, parts(place["source"])):
            if source not in reference:
                bad.append(f"{place['id']}: {source!r} is not in the reference")
                continue
            checked += 1
            off_m = distance_m(point(place), reference[source])
            if off_m > 3000:
                bad.append(f"{place['id']}: {off_m / 1000:.1f} km from {source}")
    assert not bad, complaints(bad)
    assert checked >= 400


def test_towns_lie_by_a_town_of_their_name(shared_data):
    """An independent check: by name, whatever source the place cites.

    A town that GeoNames knows by the same name must be within the position error that we
    state, and 3 km.  Of homonyms the nearest counts; a name that only a distant town bears
    is another place, which our note has to say.
    """
    by_name = defaultdict(list)
    for row in geonames_by_id(shared_data).values():
        for name in {fold(text) for text in (row[1], row[2], *row[3].split(","))}:
            by_name[row[8], name].append((float(row[5]), float(row[4])))
    with (shared_data / "geonames" / "cities1000_mena.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            centre = float(row["longitude"]), float(row["latitude"])
            by_name[row["country_code"], fold(row["city"])].append(centre)
    checked, bad = 0, []
    for place in ALL:
        names = {fold(text) for text in (place["name"], *parts(place["spellings"]))}
        found = list(chain.from_iterable(by_name[place["country"], name] for name in names))
        if place["kind"] not in {"city", "town"} or not found:
            continue
        checked += 1
        off_m = min(distance_m(point(place), centre) for centre in found)
        if off_m > 3000 + float(place["position_error_m"]) and "not the" not in place["note"]:
            bad.append(f"{place['id']}: {off_m / 1000:.1f} km from its namesake")
        if "GeoNames" in parts(place["source"]) and off_m > 3000:
            bad.append(f"{place['id']}: {off_m / 1000:.1f} km from GeoNames, its source")
    assert not bad, complaints(bad)
    assert checked >= 300
