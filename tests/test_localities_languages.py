"""French and Arabic directions and relations."""

import pytest

from geoinc.localities import HEADINGS, Locality, parse_locality
from geoinc.localities.languages import in_english

FRENCH = [
    ("près de Mossoul", "near Mossoul"),
    ("à proximité de l'aéroport de Bagdad", "near Bagdad airport"),
    ("la base aérienne de Balad, à l'est de Samarra", "Balad air base, east of Samarra"),
    ("à 20 km au nord de Bagdad", "20 km north of Bagdad"),
    (
        "à environ 15 kilomètres au nord-est de Mossoul, en Irak",
        "15 km northeast of Mossoul, in Irak",
    ),
    ("à 2,5 km à l'ouest de Balad", "2.5 km west of Balad"),
    ("à moins de 10 km d'Erbil", "within 10 km of Erbil"),
    ("à 5 km de Balad", "5 km from Balad"),
    ("au sud de la ville de Kirkouk", "south of Kirkouk city"),
    ("à l'est de Deir ez-Zor", "east of Deir ez-Zor"),
    ("nord-est de Damas", "northeast of Damas"),
    ("dans le nord de l'Irak", "the north of Irak"),
    ("dans l'est de la Syrie", "the east of Syrie"),
    ("le nord de la Syrie", "the north of Syrie"),
    ("aux environs d'Erbil", "around Erbil"),
    ("dans la province de Diyala", "in Diyala province"),
    ("à Bagdad", "in Bagdad"),
    ("entre Bagdad et Bassora", "between Bagdad and Bassora"),
    ("à mi-chemin entre Hit et Haditha", "halfway between Hit and Haditha"),
    ("sur la route de Hit à Haditha", "on the road from Hit to Haditha"),
    ("le long de l'Euphrate", "along Euphrate"),
    ("à la frontière irako-syrienne", "border between Iraq and Syria"),
    ("à la frontière entre l'Irak et la Syrie", "border between Irak and Syrie"),
]
ARABIC = [
    ("قرب بلد", "near بلد"),
    ("بالقرب من بلد", "near بلد"),
    ("شمال بغداد", "north of بغداد"),
    ("إلى الشمال من بغداد", "north of بغداد"),
    ("شمال شرق بغداد", "northeast of بغداد"),
    ("شمال العراق", "the north of العراق"),
    ("في شمال سوريا", "the north of سوريا"),
    ("غرب الأنبار", "the west of الأنبار"),
    ("على بعد 20 كم شمال بلد", "20 km north of بلد"),
    ("على بعد ٢٠ كيلومترا شمال غرب الموصل", "20 km northwest of الموصل"),
    ("نحو 30 كم شرقي الرقة", "30 km east of الرقة"),
    ("أقل من 10 كم شمال بلد", "0-10 km north of بلد"),
    ("تبعد 5 كم عن بلد", "5 km from بلد"),
    ("بين بغداد والبصرة", "between بغداد and البصرة"),
    ("بين الرمادي وواسط", "between الرمادي and واسط"),
    ("على الطريق بين هيت وحديثة", "on the road from هيت to حديثة"),
    ("الحدود العراقية السورية", "border between Iraq and Syria"),
    ("على الحدود بين العراق وسوريا", "border between العراق and سوريا"),
    ("ريف حلب الشمالي", "the north of حلب"),
    ("ريف دمشق الغربي", "the west of ريف دمشق"),  # a province of its own
    ("ضواحي بغداد", "around بغداد"),
    ("خارج أربيل", "outside أربيل"),
    ("في محافظة ديالى", "in محافظة ديالى"),
    ("قاعدة عين الأسد، غرب الأنبار", "قاعدة عين الأسد, the west of الأنبار"),
]


@pytest.mark.parametrize(("text", "said"), FRENCH + ARABIC)
def test_phrases(text, said):
    locality = parse_locality(text)
    assert str(Locality(text, locality.clauses)) == said
    assert locality.notes == ()
    assert parse_locality(str(locality)) == locality


@pytest.mark.parametrize(
    "name",
    [
        "Entre Ríos",
        "La Paz",
        "Deir en Nabk",
        "عين الأسد",
        "ريف دمشق",
        "الجانب الغربي",
        "مطار بغداد الدولي",
        "شمال",
        "رسم الخميس شرقي كبير",
        "عرجة شرقية فوقاني",
    ],
)
def test_names_stay_names(name):
    assert in_english(name.split()) == name.split()


WORDS = {
    "north": ("nord", "شمال"),
    "south": ("sud", "جنوب"),
    "east": ("est", "شرق"),
    "west": ("ouest", "غرب"),
}


@pytest.mark.parametrize("point", HEADINGS)
def test_every_compass_point(point):
    winds = (
        point.replace("-", "")
        .replace("th", "th ")
        .replace("east", "east ")
        .replace("west", "west ")
        .split()
    )
    french, arabic = (" ".join(WORDS[wind][i] for wind in winds) for i in (0, 1))
    for text in (f"à 5 km au {french.replace(' ', '-')} de Balad", f"5 كم {arabic} بلد"):
        (clause,) = parse_locality(text).clauses
        assert (clause.relation, clause.heading, clause.distance) == ("offset", point, "5 km")
