"""GeoNames as it is downloaded: dumps, zips, alternate names, codes; what is broken is told."""

# ruff: noqa: RUF001  # Arabic is data here

import zipfile

import pytest
import shapely

from geoinc.errors import GazetteerError
from geoinc.gazetteer import Gazetteer
from geoinc.places import KINDS
from geoinc.sources import geonames, records
from geoinc.sources.geonames import kind_and_extent, read_geonames
from geoinc.sources.tables import Told
from geoinc.sources.writing import write_gazetteer

TOLD = Told("geonames", "GeoNames")


def row(number=1, name="Alpha", **cells):
    values = dict.fromkeys(geonames.COLUMNS, "") | {
        "geonameid": str(number), "name": name, "asciiname": name, "latitude": "33.5",
        "longitude": "44.25", "feature_class": "P", "feature_code": "PPL", "country_code": "IQ",
        "population": "0",
    } | cells  # fmt: skip
    return "\t".join(values[column] for column in geonames.COLUMNS)


@pytest.fixture
def dump(tmp_path):
    """Return a function that reads lines as a dump: places by number, and problems."""

    def read(*lines, told=TOLD, beside=()):
        path = tmp_path / "XX.txt"
        path.write_bytes(
            b"".join(line.encode() + b"\n" if isinstance(line, str) else line for line in lines)
        )
        problems = []
        places = {entry.row: entry for entry in read_geonames(path, told, problems, beside=beside)}
        return places, problems

    return read


# ---------------------------------------------------------------- real files


def test_every_row_of_a_country_is_a_place_or_counted(shared_data):
    path = shared_data / "geonames" / "NL.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    problems = []
    places = list(read_geonames(path, TOLD, problems))
    (left_out,) = problems
    count = int(left_out.why.split()[2].replace(",", ""))
    assert len(places) + count == len(lines) == 22_852
    assert {place.kind for place in places} <= set(KINDS)
    by_id = {place.place_id: place for place in places}
    amsterdam = by_id["geonames-2759794"]
    assert (amsterdam.name, amsterdam.kind, amsterdam.admin1) == (
        "Amsterdam",
        "city",
        "Noord-Holland",
    )
    assert amsterdam.importance == 1
    assert ("AMS", "", "code") in amsterdam.names
    kinds = {place.name: place.kind for place in places}
    assert kinds["Soesterberg Air Base"] == "air base"
    assert kinds["Markermeer"] == "lake"


def test_the_province_is_that_of_the_codes_of_geonames(shared_data):
    """The outlines that are shipped put nearly all places where GeoNames has them."""
    folder = shared_data / "geonames"
    lines = (folder / "NL.txt").read_text(encoding="utf-8").splitlines()
    codes = {line.split("\t")[0]: line.split("\t")[10] for line in lines}
    by_outline = [p for p in read_geonames(folder / "NL.txt", TOLD, []) if p.admin1]
    by_province = {}
    for place in by_outline:
        code = codes[place.place_id.removeprefix("geonames-")]
        by_province.setdefault(place.admin1, []).append(code)
    most = {name: max(set(found), key=found.count) for name, found in by_province.items()}
    assert len(set(most.values())) >= 12
    right = sum(code == most[name] for name, found in by_province.items() for code in found)
    assert right / len(by_outline) > 0.95


def test_cities_with_a_header_and_codes_beside_them(shared_data, tmp_path):
    folder = shared_data / "geonames"
    beside = [folder / "admin1CodesASCII.txt", folder / "admin2Codes.txt"]
    problems = []
    entries = read_geonames(folder / "cities15000_mena_ua.tsv", TOLD, problems, beside=beside)
    path = tmp_path / "cities.gpkg"
    count = write_gazetteer(path, entries, source="", licence="", problems=problems, progress=False)
    assert count == 1812
    assert [p.why for p in problems] == [
        "left out: 1 rows have feature codes of no kind of place here: PPLH 1"
    ]
    gazetteer = Gazetteer(path)
    mosul = gazetteer.place("geonames-99072")
    assert (mosul.kind, mosul.country, mosul.admin1) == ("city", "IQ", "Nineveh")
    assert mosul.footprint.contains(shapely.Point(43.13, 36.34))
    assert gazetteer.candidates("الموصل")[0].place_id == "geonames-99072"
    assert mosul.licence == "CC BY 4.0"
    assert mosul.source == "GeoNames 99072"


# ---------------------------------------------------------------- as downloaded


def test_a_zip_with_its_readme_is_read(tmp_path):
    path = tmp_path / "IQ.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "Readme for GeoNames Gazetteer extract files\n" * 30)
        archive.writestr("IQ.txt", row(7, "Balad") + "\n")
    (place,) = read_geonames(path, TOLD, [])
    assert (place.place_id, place.admin1) == ("geonames-7", "Baghdad")


def test_a_truncated_zip_is_told_and_leaves_nothing(tmp_path):
    path = tmp_path / "IQ.zip"
    lines = "\n".join(row(number, f"Name {number * 7919 % 10007}") for number in range(20_000))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("IQ.txt", lines)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GazetteerError, match=r"'IQ.zip' is packed and damaged .*download it again"):
        list(read_geonames(path, TOLD, []))
    # The directory is there, but a byte in the middle is not what was packed.
    path.write_bytes(whole[:5000] + bytes(64) + whole[5064:])
    with pytest.raises(GazetteerError, match=r"'IQ.zip' is packed and damaged"):
        write_gazetteer(
            tmp_path / "iq.gpkg",
            read_geonames(path, TOLD, []),
            source="",
            licence="",
            progress=False,
        )
    assert [file.name for file in tmp_path.iterdir()] == ["IQ.zip"]


def test_alternate_names_bring_their_languages(dump, tmp_path):
    beside = tmp_path / "alternateNamesV2.txt"
    beside.write_text(
        "1\t1\tar\tألفا\t1\t\t\t\t\t\n"
        "2\t1\ten\tAlfa\t\t\t\t\t\t\n"
        "3\t1\tlink\thttps://example.org\t\t\t\t\t\t\n"
        "4\t1\ticao\tORXX\t\t\t\t\t\t\n"
        "5\t2\tar\tباء\t\t\t\t\t\t\n",
        encoding="utf-8",
    )
    places, problems = dump(row(1, "Alpha", alternatenames="ALF,Alfa,ألفا,alpha"), beside=[beside])
    assert problems == []
    assert places[1].names == [
        ("Alpha", "", "preferred"), ("ALF", "", "code"), ("Alfa", "en", "variant"),
        ("ألفا", "ar", "native"), ("ORXX", "", "code"),
    ]  # fmt: skip


def test_a_file_beside_that_is_neither_is_told(dump, tmp_path):
    (tmp_path / "readme.txt").write_text("nothing\tof\tuse")
    with pytest.raises(GazetteerError, match=r"'readme.txt' is neither alternateNamesV2 nor codes"):
        dump(row(), beside=[tmp_path / "readme.txt"])


# ---------------------------------------------------------------- what is broken


def test_good_rows_are_kept_and_bad_ones_told_with_their_line(dump):
    places, problems = dump(
        row(1),
        "seven\tcolumns\tare\ttoo\tfew\tfor\tit",
        row(3, latitude="91.5"),
        row(4, longitude="east"),
        row(5, latitude="0", longitude="0"),
        "",
        row(7, population="many"),
        row("x8"),
        row(9, "   ", asciiname=""),
        row(10, "Kappa") + "\tmore",
        row(11, "Lambda"),
    )
    assert sorted(places) == [1, 11]
    assert {problem.row: problem.why for problem in problems} == {
        2: "left out: it has 7 columns, a row of GeoNames has 19",
        3: "left out: longitude 44.25, latitude 91.5 is not on the earth: are they swapped?",
        4: "left out: could not convert string to float: 'east'",
        5: "left out: 0, 0 stands for no position",
        7: "left out: invalid literal for int() with base 10: 'many'",
        8: "left out: the geonameid 'x8' is no number",
        9: "left out: it has no name",
        10: "left out: it has 20 columns, a row of GeoNames has 19",
    }
    assert all("\n" not in str(problem) for problem in problems)


def test_broken_utf8_loses_the_name_not_the_place(dump):
    spoilt = row(1, "Sulaym@", asciiname="Sulaym", alternatenames="Slaym@,Sulaim")
    places, problems = dump(spoilt.encode().replace(b"@", b"\xff") + b"\n", row(2))
    assert places[1].name == "Sulaym"
    assert [name for name, _, _ in places[1].names] == ["Sulaym", "Sulaim"]
    assert [(p.row, p.why) for p in problems] == [(1, "broken UTF-8: such names are left out")]
    lost, problems = dump(row(1, "@", asciiname="@").encode().replace(b"@", b"\xff") + b"\n")
    assert lost == {}
    assert problems[-1].why == "left out: its name is broken UTF-8"


def test_a_line_without_an_end_is_told_and_the_next_is_read(dump, monkeypatch):
    monkeypatch.setattr(records, "MOST_CHARACTERS", 1000)
    places, problems = dump(row(1), "x" * 100_000, row(3))
    assert sorted(places) == [1, 3]
    assert [(p.row, p.why) for p in problems] == [
        (2, "left out: the line is longer than 1,000 characters")
    ]


def test_an_id_that_comes_twice_is_told(dump, tmp_path):
    problems = []
    places, _ = dump(row(1, "Alpha"), row(1, "Beta"))
    write_gazetteer(
        tmp_path / "xx.gpkg",
        places.values(),
        source="",
        licence="",
        problems=problems,
        progress=False,
    )
    assert [(p.row, p.value) for p in problems] == [(2, "geonames-1")]
    assert Gazetteer(tmp_path / "xx.gpkg").place("geonames-1").name == "Alpha"


# ---------------------------------------------------------------- kinds and extents


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AIRB", "air base"), ("AIRF", "airport"), ("AIRP", "airport"), ("INSM", "military base"),
        ("MILB", "military base"), ("ADM1", "province"), ("ADM2", "district"), ("PCLI", "country"),
        ("OILF", "oil field"), ("GASF", "gas field"), ("OILR", "refinery"), ("PSTB", "border crossing"),
        ("DIP", "embassy"), ("CMPRF", "camp"), ("PRN", "prison"), ("PPLX", "quarter"), ("RD", ""), ("PPLH", ""),
    ],
)  # fmt: skip
def test_feature_codes_are_kinds(code, kind):
    assert kind_and_extent(code, 0)[0] == kind


def test_every_kind_of_a_code_is_one_of_ours():
    assert set(geonames._KINDS.values()) <= set(KINDS)
    assert not set(geonames._KINDS) & geonames._SETTLEMENTS
    assert set(geonames._SMALL) <= set(geonames._KINDS)


def test_a_town_grows_with_its_people():
    sizes = [kind_and_extent("PPL", people) for people in (300, 4_000, 40_000, 400_000, 4_000_000)]
    assert [kind for kind, *_ in sizes] == ["village", "village", "town", "city", "city"]
    radii = [radius_m for _, radius_m, *_ in sizes]
    assert radii == sorted(radii)
    assert radii[-1] == pytest.approx(17_600, rel=0.02)
    assert kind_and_extent("PPLA", 0)[0] == "city"
    assert kind_and_extent("PPL", 0)[1] == 0  # nothing known: the default of a village


def test_what_the_user_says_of_errors_counts(dump):
    told = Told("geonames", "GeoNames", licence="mine", radius_m=123.0, position_error_m=45.0)
    places, _ = dump(row(1), told=told)
    assert (places[1].radius_m, places[1].position_error_m, places[1].licence) == (123, 45, "mine")
    assert "assumed" not in places[1].note
    coarse, _ = dump(row(1, longitude="44.2", latitude="33.5"))
    assert coarse[1].position_error_m == 7900  # a tenth of a degree, half of it both ways
