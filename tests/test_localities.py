"""The grammar of localities: what accounts write, and the clauses it means."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinc.localities import (
    ANAPHORA,
    HEADINGS,
    LONGEST,
    Clause,
    Locality,
    mentions_anaphor,
    parse_locality,
    stated_distance,
)

# Each phrase, the clauses it means as `str` gives them, and the words that are left.
PHRASES = [
    # names
    ("Diyala", "Diyala", ()),
    ("Al-Anbar province", "Al-Anbar province", ()),
    ("Union III", "Union III", ()),
    ("balad air base", "balad air base", ()),
    ("the al-hol camp", "al-hol camp", ()),
    ("Omar field area", "Omar field area", ()),
    ("Baghdad's international airport", "Baghdad's international airport", ()),
    ("عين الأسد", "عين الأسد", ()),
    ("Tower 22", "Tower 22", ()),
    ("Strait of Hormuz", "Strait of Hormuz", ()),
    ("An Najaf", "An Najaf", ()),
    ("At Tanf", "At Tanf", ()),
    ("ad Dawr", "ad Dawr", ()),
    ("Al-Qaim border crossing", "Al-Qaim border crossing", ()),
    ("the capital Baghdad", "Baghdad", ("capital",)),
    ("the U.S.-run Victoria military base", "Victoria military base", ("U.S.-run",)),
    # X, Y and X in Y
    ("al-Harir base in Erbil, Iraq", "al-Harir base, in Erbil, in Iraq", ()),
    ("Deir ez-Zor, Syria", "Deir ez-Zor, in Syria", ()),
    ("Ain al-Assad base in Anbar province", "Ain al-Assad base, in Anbar province", ()),
    ("Union III in Baghdad's Green Zone", "Union III, in Green Zone, in Baghdad", ()),
    ("the US embassy in Iraq in Baghdad", "US embassy, in Iraq, in Baghdad", ()),
    ("the Iraqi city of Mosul", "Mosul city, in Iraq", ("Iraqi city",)),
    ("US facility in Baghdad's airport", "in Baghdad's airport", ("US facility",)),
    ("a gas line in Dayr al-Zawr province", "in Dayr al-Zawr province", ("a gas line",)),
    ("inside the perimeter of the base", "in the base", ("perimeter",)),
    (
        "Ain al-Asad airbase in Iraq's western Anbar province",
        "Ain al-Asad airbase, in Anbar province, in Iraq",
        ("western",),
    ),
    # a village in X: words that name nothing are noise
    ("a village in Diyala", "in Diyala", ("a village",)),
    ("a place called Xyz in Diyala", "Xyz, in Diyala", ("a place",)),
    (
        "military bases in Iraq that host U.S. forces",
        "in Iraq",
        ("military bases", "that host U.S. forces"),
    ),
    # sides
    ("western Iraq", "the west of Iraq", ()),
    ("a position in northern Iraq", "the north of Iraq", ("a position",)),
    ("a base in southern Syria", "the south of Syria", ("a base",)),
    ("eastern Syria", "the east of Syria", ()),
    ("north-eastern Syria", "the northeast of Syria", ()),
    ("Iraq's western desert", "the west of Iraq", ("desert",)),
    ("northern Aleppo countryside", "the north of Aleppo", ("countryside",)),
    ("the eastern part of Diyala", "the east of Diyala", ("eastern part",)),
    ("central Baghdad", "the centre of Baghdad", ()),
    # near
    ("near Batas", "near Batas", ()),
    ("the desert near a village called Batas", "near Batas", ("the desert", "a village")),
    (
        "a base housing U.S. forces near Baghdad's international airport",
        "near Baghdad's international airport",
        ("housing U.S. forces", "a base"),
    ),
    ("off the coast of Hodeidah", "near Hodeidah", ()),
    ("the outskirts of Baghdad", "around Baghdad", ()),
    ("a nearby village", "nearby", ("a nearby village",)),
    ("nearby", "nearby", ()),
    ("from near the base", "near the base", ()),
    (
        "three nearby places in Baghdad's heavily fortified Green Zone",
        "nearby, in Green Zone, in Baghdad",
        ("three nearby places", "heavily fortified"),
    ),
    # directions and distances
    ("north of Baghdad", "north of Baghdad", ()),
    ("to the north-east of Balad", "northeast of Balad", ()),
    ("20km NE of Balad", "20 km northeast of Balad", ()),
    (
        "about 20 kilometers to the north-east of Balad, Iraq",
        "20 km northeast of Balad, in Iraq",
        (),
    ),
    ("15 miles (24 km) south of Mosul", "15 miles south of Mosul", ("24 km",)),
    ("60 nautical miles southwest of Hodeidah", "60 nautical miles southwest of Hodeidah", ()),
    ("a few kilometers east of Hasakah", "2-5 km east of Hasakah", ()),
    ("half a kilometre south of the base", "0.5 km south of the base", ()),
    ("1,500 m west of Taji", "1500 m west of Taji", ()),
    ("1½ km west of Taji", "1.5 km west of Taji", ()),
    ("208 NM south-southwest of Lagos", "208 nautical miles south-southwest of Lagos", ()),
    ("5 km from the airport", "5 km from the airport", ()),
    ("within 10 km of Erbil", "within 10 km of Erbil", ()),
    ("20 km from the Syrian border", "20 km from border with Syria", ()),
    # between and borders
    ("between Baghdad and Basra", "between Baghdad and Basra", ()),
    ("the Iraqi-Syrian border", "border between Iraq and Syria", ()),
    ("the Syrian-Turkish border", "border between Syria and Turkey", ()),
    ("Syria-Iraq border region", "border between Syria and Iraq", ("border region",)),
    ("the border between Iraq and Syria", "border between Iraq and Syria", ()),
    ("Iraq's border with Syria", "border between Iraq and Syria", ()),
    ("the border with Syria", "border with Syria", ()),
    ("near the Turkish border", "border with Turkey", ()),
    ("PMF headquarters on the border with Syria", "border with Syria", ("PMF headquarters",)),
    (
        "border-crossing site between Iraq and Syria",
        "border between Iraq and Syria",
        ("border-crossing site",),
    ),
    (
        "the border between Diyala and Salah al-Din provinces",
        "border between Diyala province and Salah al-Din province",
        (),
    ),
    # several clauses
    (
        "a separate village in the neighboring province of Diyala, east of the base",
        "in Diyala province, east of the base",
        ("a separate village", "neighboring province"),
    ),
    ("east of the base and in Diyala", "east of the base, in Diyala", ()),
    ("Camp Taji, a base north of Baghdad", "Camp Taji, north of Baghdad", ("a base",)),
    (
        "an Iraqi air base housing US troops north of Baghdad",
        "north of Baghdad",
        ("housing US troops", "an Iraqi air base"),
    ),
    ("the Iraqi-Syrian border near Al-Qaim", "border between Iraq and Syria, near Al-Qaim", ()),
    # what is no where
    ("a convoy", "", ("a convoy",)),
    ("a logistics convoy in Iraq", "in Iraq", ("a logistics convoy",)),
    (
        "a convoy transporting supplies for the U.S. forces in Basra",
        "in Basra",
        ("transporting supplies", "a convoy", "the U.S. forces"),
    ),
    ("US military sites in Iraq", "in Iraq", ("US military sites",)),
    ("unknown", "", ("unknown",)),
    ("", "", ()),
    ("???", "", ()),
    # brackets are context
    ("Erbil (Kurdistan Region)", "Erbil (Kurdistan Region)", ()),
    ("Balad (north of Baghdad)", "Balad, north of Baghdad", ()),
    ("Al-Hol (camp)", "Al-Hol", ("camp",)),
    ("Balad [sic]", "Balad", ("sic",)),
]


@pytest.mark.parametrize(
    ("text", "said", "notes"), PHRASES, ids=[row[0] or "blank" for row in PHRASES]
)
def test_phrases(text, said, notes):
    locality = parse_locality(text)
    assert str(Locality(text, locality.clauses)) == said
    assert locality.notes == notes
    assert locality.text == text


# DESIGN.md, section 5: an adjective, a name and an administrative word are the whole; without the
# word, or with "the west of", a part.
WHOLE_OR_PART = [
    (whole, part)
    for name in ("Anbar", "Diyala", "Salah al-Din", "Deir ez-Zor", "Hasakah")
    for whole, part in (
        (f"western {name} province", f"western {name}"),
        (f"Iraq's eastern {name} governorate", f"the east of {name} governorate"),
    )
]


@pytest.mark.parametrize(("whole", "part"), WHOLE_OR_PART)
def test_a_side_of_a_province_is_the_province_unless_a_part_is_said(whole, part):
    assert parse_locality(whole).clauses[0].relation == "is"
    assert parse_locality(part).clauses[0].relation == "part"


@pytest.mark.parametrize("phrase", ANAPHORA)
def test_anaphora_are_kept_as_they_are(phrase):
    clause = parse_locality(f"3 km east of {phrase}" if phrase != "nearby" else phrase).clauses[0]
    assert clause.names == (phrase,)
    assert mentions_anaphor(f"a village near {phrase}")


@pytest.mark.parametrize(
    "text", ["a base", "Balad air base", "Camp Taji", "a village in Diyala", ""]
)
def test_no_anaphor(text):
    assert not mentions_anaphor(text)


@pytest.mark.parametrize("point", HEADINGS)
def test_every_compass_point(point):
    """Sixteen points of 22.5 degrees, written in full, with spaces, and in capitals."""
    short = "".join(
        word[0]
        for word in point.replace("-", " ")
        .replace("north", "north ")
        .replace("south", "south ")
        .split()
    ).upper()
    for words in (point, point.replace("-", ""), short):
        assert parse_locality(f"5 km {words} of X").clauses == (
            Clause("offset", ("X",), heading=point, distance="5 km"),
        )


def test_a_story_is_no_place():
    locality = parse_locality("a village " * 1000)
    assert locality.clauses == ()
    assert len(locality.notes[0]) <= LONGEST


# ---------------------------------------------------------------- properties

NAMES = [
    "Balad",
    "al-Omar field",
    "Diyala province",
    "Salah al-Din",
    "ad Dawr",
    "the base",
    "Green Zone",
    "عين الأسد",
    "hit",
]
names = st.sampled_from(NAMES)
points = st.sampled_from(sorted(HEADINGS))
distances = st.sampled_from(["20 km", "1.5 miles", "2-5 km", "300 m", "60 nautical miles"])
clauses = st.one_of(
    st.builds("{}".format, names),
    st.builds("in {}".format, names),
    st.builds("near {}".format, names),
    st.builds("around {}".format, names),
    st.builds("the {} of {}".format, points, names),
    st.builds("{} of {}".format, points, names),
    st.builds("{} {} of {}".format, distances, points, names),
    st.builds("{} from {}".format, distances, names),
    st.builds("within {} of {}".format, distances, names),
    st.builds("between {} and {}".format, names, names),
    st.just("the Iraqi-Syrian border"),
    st.just("nearby"),
)


@given(st.lists(clauses, min_size=1, max_size=4), st.sampled_from(["", " (Iraq)", " [sic]"]))
def test_a_locality_reads_back_to_itself(parts, bracket):
    locality = parse_locality(", ".join(parts) + bracket)
    assert locality.clauses
    assert parse_locality(str(locality)) == locality


SAID = (
    "a an the The village base Balad al-Omar ad in In at At near of and between border with western "
    "northern north east Iraq Syria Iraqi-Syrian province provinces Iraq's base's 20 km 5 miles to "
    "from called that housing , ; ( ) [ ] nearby convoy Green Zone field U.S. US-led few within around "
    "outskirts embassy III عين — - . central part city state's countryside area"
)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(SAID.split()), max_size=9).map(" ".join))
def test_odd_words_read_back_to_themselves(text):
    locality = parse_locality(text)
    assert parse_locality(str(locality)) == locality


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text):
    locality = parse_locality(text)
    assert parse_locality(str(locality)) == locality


# ---------------------------------------------------------------- distances


@pytest.mark.parametrize(
    ("stated", "low_km", "high_km"),
    [
        ("10.5 km", 10.25, 10.75),  # a half is a fraction
        ("3.25 km", 3.125, 3.375),  # so is a quarter
        ("10.1 km", 10.05, 10.15),
        ("15 km", 14.5, 15.5),
        ("10 km", 5, 15),  # the 2004 rule: ten stands for tens
        ("140 km", 135, 145),
        ("100 km", 50, 150),
        ("1000 m", 0.5, 1.5),
        ("260 m", 0.255, 0.265),
        ("2-5 km", 1.5, 5.5),
        ("15 miles", 14.5 * 1.609344, 15.5 * 1.609344),
        ("20 nautical miles", 15 * 1.852, 25 * 1.852),
    ],
)
def test_numbers_are_as_precise_as_they_are_written(stated, low_km, high_km):
    """Half of the last significant place (Wieczorek, Guo & Hijmans 2004)."""
    low_m, high_m = stated_distance(stated)
    assert low_m == pytest.approx(low_km * 1000)
    assert high_m == pytest.approx(high_km * 1000)


def test_precision_agrees_with_experts(shared_data):
    """The distance precision that georeferencers of New Zealand's museums used in 2025."""
    reference = json.loads((shared_data / "georeferencing" / "point_radius.json").read_text())
    rows = reference["nz_distance_at_heading"]
    agreeing = 0
    for row in rows:
        (clause,) = parse_locality(f"{row['verbatim_distance']} km from Wellington").clauses
        low_m, high_m = stated_distance(clause.distance)
        agreeing += (high_m - low_m) / 2000 == pytest.approx(row["distance_precision_unit"])
    assert len(rows) >= 25
    assert agreeing == len(rows)
