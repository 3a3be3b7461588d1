"""Names are found by their sounds, across scripts, in the area that is said, and in double names."""

# ruff: noqa: RUF001
# Letters of several scripts that look alike are the subject here.

import itertools

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from toy import Entry, write_gazetteer

from geoinc import finding, geopackage, toponyms
from geoinc.comparing import Name, aligned, likeness, reading
from geoinc.finding import Finder
from geoinc.gazetteer import Gazetteer, decide
from geoinc.hinting import Vicinity, distance_m
from geoinc.places import Place
from geoinc.sources.writing import write_gazetteer as write_with_parts


def names(*texts):
    return [Name(text, toponyms.sound(text), toponyms.skeleton(text)) for text in texts]


# ---------------------------------------------------------------- sounds


@pytest.mark.parametrize(
    "spellings",
    [
        ("Deir Ezzor", "Dayr az-Zawr", "Дейр-эз-Зор"),
        ("Kafr Zayta", "Kafr Zeita", "Kafr Zaytah"),
        ("Qunaytirah", "Qunaytira", "Kunaytirah"),
        ("Kharkiv", "Харків"),
        ("Sirnak", "Şırnak"),
    ],
)
def test_spellings_of_one_name_sound_alike(spellings):
    for one, other in itertools.combinations(spellings, 2):
        assert likeness([reading(one)], names(other)).sound > 0.7
        assert toponyms.skeleton(one) == toponyms.skeleton(other)


@pytest.mark.parametrize(
    ("latin", "own", "others"),
    [
        ("Deir Ezzor", "دير الزور", ["دير الزيتون", "دير حافر"]),
        ("Khan Shaykhun", "خان شيخون", ["خان الشيح", "خان العسل"]),
        ("Kawkabeh", "كوكبة", ["كوكب", "كوكبان"]),
        ("Maarat al-Numan", "معرة النعمان", ["معرة مصرين", "المعرة"]),
    ],
)
def test_letters_align_across_scripts(latin, own, others):
    mine = aligned(toponyms.sound(latin), toponyms.sound(own))
    assert mine > 0.9
    for other in others:
        assert aligned(toponyms.sound(latin), toponyms.sound(other)) < mine


@given(st.text(alphabet="abdhiklmnrstuxz", max_size=12))
def test_a_name_aligns_with_itself_and_with_its_consonants(sound):
    assert aligned(sound, sound) == 1
    bones = sound.translate(str.maketrans("", "", "aiu"))
    if len(bones) > 1:
        assert aligned(sound, bones) > 0.5


def test_sides_are_told_apart_from_the_name():
    alike = likeness([reading("Mafkar ash-Sharqi")], names("Eastern Mafkar"))
    assert (alike.sound, alike.consonants, alike.sides, alike.same_sides) == (1, 1, 0, 1)
    other = likeness([reading("Mafkar ash-Sharqi")], names("Western Mafkar"))
    assert (other.sound, other.sides, other.same_sides) == (1, 2, 0)


@pytest.mark.parametrize(
    ("asked", "name", "same_end"),
    [
        ("Tall Khazan", "Tal Khazneh", False),
        ("Tall Khazan", "تل خزنة", False),
        ("Tall Khaznah", "تل خزنة", True),
        ("Naddah", "ندى", False),
    ],
)
def test_names_of_the_same_consonants_end_alike_or_not(asked, name, same_end):
    alike = likeness([reading(asked)], names(name))
    assert (alike.consonants, alike.same_end) == (1, same_end)


@pytest.mark.parametrize(
    ("known", "less", "is_same"),
    [(["Palmyra", "تدمر"], "", True), (["Palmyra", "Bel"], "part", False)],
)
def test_a_double_name_is_a_name_of_a_place_that_has_both(known, less, is_same):
    asked = [reading("Tadmur/Palmyra"), reading("Tadmur", "part"), reading("Palmyra", "part")]
    alike = likeness(asked, names(*known))
    assert (alike.less, alike.consonants == 1) == (less, is_same)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Tadmur/Palmyra", ("Tadmur", "Palmyra")),
        ("Al-Thawrah - Tabqa", ("Al-Thawrah", "Tabqa")),
        ("عرى القبلي_عدوان", ("عرى القبلي", "عدوان")),
        ("Jisr-al-Shughur", ()),
        ("Mosul", ()),
    ],
)
def test_double_names(text, parts):
    assert toponyms.parts(text) == parts


def test_the_division_at_the_end_of_a_name():
    assert toponyms.parts("Mreimin Afrin", "Aleppo", "Afrin") == ("Mreimin",)
    assert toponyms.parts("Kafraya Elmaarra", "Idleb", "Al Ma'ra") == ("Kafraya",)
    # Neither a side alone nor a word for a kind is a name.
    assert toponyms.parts("Rif Dimashq", "Rif Dimashq") == ()
    assert toponyms.parts("Upper Afrin", "Aleppo", "Afrin") == ()


@given(st.text(max_size=30))
def test_any_text_has_parts_and_brackets(text):
    plain, _ = toponyms.without_brackets(text)
    assert len(plain) <= len(text)
    assert all(part in text for part in toponyms.parts(text))
    assert toponyms.sound(toponyms.core(text)) == toponyms.sound(text)


def test_hebrew_letters_align():
    mine = aligned(toponyms.sound("Ashkelon"), toponyms.sound("אשקלון"))
    assert mine > 0.7
    assert mine > aligned(toponyms.sound("Ashkelon"), toponyms.sound("אשדוד"))


# ---------------------------------------------------------------- hinted areas


def area(footprint, shape="polygon", uncertainty_m=0.0):
    centre = footprint.centroid
    return Place(
        place_id="x", name="Xanadu District", kind="district", footprint=footprint,
        longitude=centre.x, latitude=centre.y, uncertainty_m=uncertainty_m, shape=shape,
        position_error_m=0.0, boundary_error_m=0.0,
    )  # fmt: skip


def test_an_outline_is_inside_or_some_way_off():
    vicinity = Vicinity("Xanadu district", area(shapely.box(0, -1, 2, 1)))
    assert vicinity.away(1, 0) == (0, 0)
    assert vicinity.away(3, 0).outside_km == pytest.approx(111.2, abs=0.1)
    assert vicinity.bounds == (0, -1, 2, 1)
    assert vicinity.words == {toponyms.skeleton("xanadu")}


def test_of_a_disc_the_centre_counts_too():
    disc = area(shapely.Point(0, 0).buffer(0.5), "disc radius_m=50000", 50_000)
    vicinity = Vicinity("X", disc)
    assert vicinity.away(0, 0) == pytest.approx((0, 0))
    outside_km, off_centre = vicinity.away(0.2, 0)
    assert outside_km == 0
    assert off_centre == pytest.approx(22.24 / 50, abs=0.001)
    assert vicinity.away(1, 0).off_centre == 1


def test_an_area_of_members_is_near_any_of_them():
    vicinity = Vicinity("X", None, [(0, 0), (1, 0)])
    assert vicinity.away(1, 0).outside_km == pytest.approx(0, abs=1e-6)
    assert vicinity.away(0.5, 0).outside_km == pytest.approx(55.6, abs=0.1)
    assert vicinity.bounds == pytest.approx((0, 0, 1, 0))


@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(-1, 1), st.floats(-1, 1))
def test_distance_is_symmetric(longitude, latitude, east, north):
    one, other = (longitude, latitude), (longitude + east, latitude + north)
    assert distance_m(one, other) == pytest.approx(distance_m(other, one))
    assert distance_m(one, one) == 0


# ---------------------------------------------------------------- the search


@pytest.fixture
def villages(tmp_path):
    """Villages of one name in two districts, and others."""
    path = tmp_path / "villages.gpkg"

    def entry(place_id, name, longitude, admin2):
        return geopackage.Entry(
            place_id, name, "village", "WL", longitude, 0, admin1="Beta", admin2=admin2,
            radius_m=1500, importance=0.2,
        )  # fmt: skip

    outline = shapely.box(2, -1, 5, 1)
    entries = [
        geopackage.Entry(
            "beta", "Beta", "province", "WL", 3.5, 0, outline, 200_000, "Beta", importance=0.8
        ),
        entry("east", "Tall Habib", 4.5, "Easton"),
        entry("east-2", "Rumaniyah", 4.6, "Easton"),
        entry("west", "Tall Habib", 2.5, "Weston"),
        entry("west-2", "Zandaqan", 2.4, "Weston"),
        entry("double", "Marqada / Sabkhah", 3.5, "Weston"),
        entry("suffix", "Mreimin Weston", 3.0, "Weston"),
    ]
    write_with_parts(path, entries, source="toy", licence="CC0", progress=False)
    return Gazetteer(path)


@pytest.mark.parametrize(
    ("hints", "place_id"),
    [
        ({"admin2": "Easton"}, "east"),
        ({"admin2": "Weston district"}, "west"),
        ({"admin1": "Beta", "admin2": "Weston"}, "west"),
    ],
)
def test_a_district_is_learnt_from_the_places_in_it(villages, hints, place_id):
    assert decide(villages.candidates("Tall Habib")).status == "ambiguous"
    found = villages.candidates("Tall Habib", **hints)
    assert decide(found).place_ids == (place_id,)
    assert "as said" in found[0].reason
    assert "outside" in found[1].reason
    assert len(villages.search("Tall Habib", **hints)) == 2  # the other stays in sight


def test_a_name_that_many_places_have_is_had_by_more_that_no_file_lists(tmp_path):
    evidence = {}
    for many in (1, 4):
        path = tmp_path / f"{many}.gpkg"
        rows = [Entry(f"p{at}", "Tall Habib", "village", "WL", "Beta", at, 0) for at in range(many)]
        # Its seat has the name of a district as well, and is no less likely for that.
        rows.append(Entry("d", "Tall Habib", "district", "WL", "Beta", 0, 0))
        write_gazetteer(path, rows)
        finder = Finder(Gazetteer(path)._stores)
        hits = finder.hits(finder.query("Tall Habib"))
        evidence[many] = {hit.row.place_id: hit.evidence for hit in hits}
    assert evidence[4]["p0"] < evidence[1]["p0"]
    assert evidence[4]["d"] == evidence[1]["d"]


def test_a_name_is_found_by_its_likeness_where_it_is_said_to_be(villages):
    (best, *_) = villages.candidates("Rumanya village", admin1="Beta", admin2="Easton")
    assert best.place_id == "east-2"
    assert decide([best]).status == "resolved"


@pytest.mark.parametrize(
    ("name", "place_id"),
    [
        ("Sabkhah", "double"),
        ("Markada", "double"),
        ("Mreimin", "suffix"),
        ("Sabkha/Tuwaymin", "double"),
        ("Zandaqan (Beta)", "west-2"),
        ("Tall Habib (Weston)", "west"),
    ],
)
def test_double_names_and_brackets(villages, name, place_id):
    assert villages.candidates(name)[0].place_id == place_id


def test_a_part_of_a_province_is_not_the_province(villages):
    assert decide(villages.candidates("Beta province")).place_ids == ("beta",)
    assert decide(villages.candidates("Eastern Beta Governorate")).status == "unresolved"


def test_a_province_is_not_outside_another(villages):
    found = villages.candidates("Beta", admin1="Alpha", country="WL")
    assert decide(found).place_ids == ("beta",)


def test_hints_that_name_nothing_are_none(villages):
    plain = villages.search("Rumaniyah")
    assert villages.search("Rumaniyah", admin1="Nowhere", admin2="Nowhere").equals(plain)


def test_the_score_of_rivals_and_none_add_up(villages):
    found = villages.candidates("Tall Habib")
    assert sum(candidate.score for candidate in found) < 1


def test_a_large_file_suggests_names_one_consonant_away(tmp_path):
    path = tmp_path / "large.gpkg"
    sounds = itertools.product("bdgklmnrst", "aiu", "bdgklmnrst", "aiu", "bdgklmnrst", "aiu")
    made = ("".join(letters) for letters in itertools.islice(sounds, 0, 27_000, 2))
    entries = [
        Entry(f"p{number}", f"Khar{name}", "village", "WL", "Beta", 3, 0)
        for number, name in enumerate(made)
    ]
    write_gazetteer(path, [*entries, Entry("q", "Mashhadan", "town", "WL", "Beta", 3, 0)])
    found = Gazetteer(path).candidates("Mashhdaran")
    assert "q" in {candidate.place_id for candidate in found}
    assert decide(found).status == "unresolved"


def test_blocks_used_last_are_kept_up_to_so_many_names(monkeypatch):
    read = []

    def block(area, size):
        read.append(area)
        return finding.Block([(number, "s", "s") for number in range(size)])

    monkeypatch.setattr(finding, "_MOST_KEPT", 5)
    blocks = finding.Blocks(block)
    empty = blocks.of("none", 0)
    assert blocks.of("a", 3) is blocks.of("a", 3)
    assert blocks.of("none", 0) is empty
    blocks.of("b", 2)
    assert blocks.of("a", 3) is not None
    blocks.of("c", 2)  # "none" and "b" were used before "a"
    blocks.of("a", 3)
    blocks.of("b", 2)
    assert read == ["none", "a", "b", "c", "b"]
