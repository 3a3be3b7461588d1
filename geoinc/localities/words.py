"""The words that stand around the names of places in reports, as tables."""

from __future__ import annotations

import re

from geoinc.localities.clauses import HEADINGS, Relation


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ARTICLES = _set("a an the this that these those its their his her our some any another other")
PARTICLES = _set("al el ad ar ash at az ez il ul abu abou umm bin ibn de la le")
ADMIN = _set("province governorate district subdistrict county region state emirate")
ADMIN_PLURAL = {
    "provinces": "province",
    "governorates": "governorate",
    "districts": "district",
    "regions": "region",
}
SETTLEMENT = _set("city town village township hamlet suburb capital")
#: Settlements that are told from a governorate of the same name by this word.
NAMED_KINDS = _set("city town village")
#: Nouns that move or act: a *what*, never a *where*.
MOBILE = _set(
    "convoy convoys patrol patrols vehicle vehicles truck trucks tanker tankers ship ships vessel "
    "vessels boat boats aircraft plane planes helicopter helicopters drone drones rocket rockets "
    "missile missiles launcher launchers troops soldiers soldier forces force fighters militants "
    "militia militias militiamen insurgents gunmen personnel contractors contractor officers "
    "police civilians people members supplies attack attacks target targets unit units"
)
GENERIC = _set(
    "village villages town towns city cities hamlet capital suburb suburbs place places spot "
    "location locations position positions point points site sites area areas zone part parts "
    "side sides half base bases airbase airbases airport airports airfield airfields airstrip "
    "camp camps outpost outposts post posts garrison barracks facility facilities installation "
    "installations compound compounds complex building buildings house houses headquarters hq "
    "checkpoint checkpoints depot warehouse field fields oilfield oilfields desert steppe "
    "countryside hills mountains farm farms farmland orchard orchards grove road roads highway "
    "street route bridge line lines pipeline pipelines gasline refinery plant station terminal "
    "port dam prison hotel embassy consulate mission missions neighborhood neighbourhood quarter "
    "province provinces governorate governorates district districts subdistrict county region "
    "regions state emirate territory territories country border borders frontier crossing "
    "crossings coast coastline shore sea waters outskirts vicinity perimeter edge center centre "
    "heart interior ground grounds land lands structure structures storage hangar runway "
    "interests presence surroundings borderlands heartland hospital school mosque market"
)
ADJECTIVES = _set(
    "separate small large big major main several many few three two one four five six seven eight "
    "nine ten empty unknown unnamed unspecified undisclosed remote rural urban civilian "
    "residential populated military air naval army police diplomatic foreign logistics logistical "
    "supply joint combined fortified heavily former abandoned nearby neighboring neighbouring "
    "adjacent surrounding same local key strategic important alleged reported suspected security "
    "oil gas natural fuel power international key desert open uninhabited agricultural industrial "
    "commercial green-field shared common far deep just about some near close well immediately "
    "directly due approximately roughly almost somewhere elsewhere different various unidentified "
    "second third first fourth new old not told n/a none forward operating training logistic "
    "isis is isil pmf pmu irgc sdf ypg saa hts idf centcom paramilitary militia-held rebel rebels "
    "government coalition-led nato kurdish iran-backed tehran-backed shiite shia sunni hezbollah "
    "launch launching firing impact landing crash"
)
ACTORS = _set(
    "us u.s. u.s usa american americans coalition british uk french turkish iraqi syrian iranian "
    "saudi emirati kuwaiti jordanian israeli russian allied multinational western-backed u.n. un"
)
ARABIC_AN = "An"
COMPOUND = re.compile(
    r".-(?:led|run|held|backed|controlled|occupied|linked|affiliated|supported|manned|owned|"
    r"aligned|sponsored|crossing|range)$"
)
#: Lower-case words after which a phrase tells something else.
ASIDE = _set(
    "that which who whose where when while as because although hosting housing holding manned "
    "used controlled run occupied including containing comprising known transporting carrying "
    "supplying ferrying according reportedly last early late overnight yesterday today"
)
TIME = _set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december night morning evening afternoon dawn"
)
NAMING = ("known as", "called", "named", "dubbed")
AROUND_US = _set("nearby adjacent surrounding neighboring neighbouring")
#: What belongs to an owner by that name: "Baghdad's airport".  Other nouns only
#: lie in it: "Iraq's desert".
OWNED = _set(
    "airport airfield airbase base port embassy consulate refinery prison dam field station "
    "plant hospital hotel terminal"
)

#: What follows a name without being part of it.
SURROUNDINGS = _set("countryside outskirts suburbs vicinity surroundings perimeter heartland")

#: What accounts call the people of countries, of which they speak at borders and provinces.
DEMONYMS = {
    word: country
    for country, words in {
        "Afghanistan": "afghan afghani",
        "Armenia": "armenian",
        "Azerbaijan": "azerbaijani azeri",
        "Bahrain": "bahraini",
        "Egypt": "egyptian",
        "Georgia": "georgian",
        "Iran": "iranian",
        "Iraq": "iraqi",
        "Israel": "israeli",
        "Jordan": "jordanian",
        "Kuwait": "kuwaiti",
        "Lebanon": "lebanese",
        "Libya": "libyan",
        "Oman": "omani",
        "Pakistan": "pakistani",
        "Qatar": "qatari",
        "Russia": "russian",
        "Saudi Arabia": "saudi saudi-arabian",
        "Sudan": "sudanese",
        "Syria": "syrian",
        "Turkey": "turkish",
        "Ukraine": "ukrainian",
        "United Arab Emirates": "emirati",
        "Yemen": "yemeni",
    }.items()
    for word in words.split()
}
COUNTRIES = {name.lower(): name for name in DEMONYMS.values()} | {
    "türkiye": "Turkey",
    "turkiye": "Turkey",
    "uae": "United Arab Emirates",
}
#: Their names by the ISO 3166-1 codes that tables have as hints.
COUNTRY_CODES = {
    "AF": "Afghanistan", "AM": "Armenia", "AZ": "Azerbaijan", "BH": "Bahrain", "EG": "Egypt",
    "GE": "Georgia", "IR": "Iran", "IQ": "Iraq", "IL": "Israel", "JO": "Jordan", "KW": "Kuwait",
    "LB": "Lebanon", "LY": "Libya", "OM": "Oman", "PK": "Pakistan", "QA": "Qatar", "RU": "Russia",
    "SA": "Saudi Arabia", "SD": "Sudan", "SY": "Syria", "TR": "Turkey", "UA": "Ukraine",
    "AE": "United Arab Emirates", "YE": "Yemen",
}  # fmt: skip

NUMBERS = {
    "a": "1", "an": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12", "fifteen": "15",
    "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "few": "2-5", "several": "3-9",
    "half": "0.5",
}  # fmt: skip


def _phrases(phrases: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in phrases.split("; "))


#: Before a distance: says that it is rounded, which its figures say as well.
APPROXIMATELY = _set(
    "about around approximately approx roughly some nearly almost circa ca just only barely"
)
AT_MOST = _phrases(
    "less than; up to; at most; no more than; not more than; fewer than; under; no further than; "
    "no farther than; a maximum of"
)
AT_LEAST = _phrases(
    "more than; over; at least; no less than; not less than; upwards of; in excess of; farther than"
)
UNITS = {
    word: unit
    for unit, words in {
        "km": "km kms kilometer kilometers kilometre kilometres",
        "m": "m meter meters metre metres",
        "miles": "mi mile miles",
        "nautical miles": "nm nmi",
        "feet": "ft foot feet",
        "yards": "yd yds yard yards",
    }.items()
    for word in words.split()
}
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:-\d+(?:\.\d+)?)?")

#: Compass points by every spelling, hyphens and spaces left out; abbreviations in capitals.
POINTS = {point.replace("-", ""): point for point in HEADINGS} | {
    "".join(part[0] for part in re.findall("north|south|east|west", point)).upper(): point
    for point in HEADINGS
}
SIDES = {point.replace("-", "") + "ern": point for point in HEADINGS} | {
    point.replace("-", ""): point for point in HEADINGS
}
SIDES |= dict.fromkeys(("central", "centre", "center", "middle"), "centre")

_MARKER_WORDS: dict[Relation | None, str] = {
    "near": "near; near to; close to; next to; beside; off; "
    "off the coast of; not far from; adjacent to; nearby to; opposite; opposite to; in front of; behind; across from; in proximity to; in the proximity of",
    "outside": "outside; just outside; outside of; just outside of",
    "around": "around; in and around; in the vicinity of; the vicinity of; in vicinity of; "
    "vicinity of; vicinity; in vicinity; on the outskirts of; "
    "in the outskirts of; at the outskirts of; the outskirts of; outskirts of; in the area of; "
    "in the environs of",
    "in": "in; inside; within; at; on; into; onto; from; over; across; throughout; through",
    "along": "along; on the banks of; on the bank of; on the shores of; on the shore of",
    "between": "between; in between",
    "halfway": "halfway between; half way between; half-way between; midway between; "
    "mid-way between; halfway from; half way from; half-way from; midway from; "
    "in the middle between; equidistant between; equidistant from",
    "junction": "junction of; junction between; the junction of; the junction between; "
    "intersection of; the intersection of; at the junction of; at the intersection of; "
    "crossroads of; the crossroads of; at the crossroads of",
    None: "with; for; by; to; toward; towards; via; against; during; after; before; under; since; "
    "until; despite; about",
}
_LONGEST_FIRST = sorted(
    (
        (phrase, relation)
        for relation, phrases in _MARKER_WORDS.items()
        for phrase in _phrases(phrases)
    ),
    key=lambda marker: -len(marker[0]),
)
#: Markers by their first word and the relation they make, None where only a note; the longest
#: come first, since one may begin another.
MARKERS: dict[str, list[tuple[tuple[str, ...], Relation | None]]] = {
    phrase[0]: [marker for marker in _LONGEST_FIRST if marker[0][0] == phrase[0]]
    for phrase, _ in _LONGEST_FIRST
}
#: Where a place ends.
EDGES = _set("outskirts outskirt edge edges fringe fringes periphery suburbs")
#: Lines that lead from one place to another.
ROADS = _set("road highway motorway route street expressway freeway railway railroad line")
#: First parts of names that are written with a hyphen.
NAME_PARTS = PARTICLES | _set(
    "abd abdul ain ayn bab bani banu bayt beit beni bir burj dar dayr deir der hajj hay imam jabal "
    "jebel jisr jurf kafr khan khirbet mashru mazra nahr port qalat qasr ras sab saint san sayyid "
    "sheikh shatt tal tall tel tell tuz us wadi xan iran anti north south east west"
)
LINKING = _set("between linking connecting joining")
#: What may stand between a distance and its direction: "20 km away to the north".
FLUFF = _set(
    "away out to the due just further farther directly straight immediately on in a inland offshore"
)

BY_RIVER = _set("upstream downstream upriver downriver")

JOINING = _set("and or but then")
#: Words that name no place.
NOISE = frozenset().union(
    *(ARTICLES, GENERIC, ADJECTIVES, ACTORS, MOBILE, NUMBERS, DEMONYMS, TIME, UNITS),
    JOINING,
    ["of"],
)
#: Parts of a thing that stand for the thing: "the perimeter of the base".
INNER = _set(
    "part parts side sides half perimeter interior heart center centre edge ground grounds "
    "countryside outskirts suburbs city cities town capital country"
)
#: What may follow a name as part of the words for its kind.
KIND_ADJECTIVES = _set("air military naval army oil gas international border power")


def is_article(word: str) -> bool:
    """Return whether a word is an article or the like; the Arabic "An" is none."""
    return word.lower() in ARTICLES and word != ARABIC_AN


def is_noise(word: str) -> bool:
    """Return whether a word names no place."""
    lower = without_s(word.lower())
    return (
        lower in NOISE
        or lower.isdigit()
        or bool(COMPOUND.search(lower))
        or ("-" in lower and all(part in NOISE for part in lower.split("-")))
    )


def is_name(word: str) -> bool:
    """Return whether a word has a capital, or is of a script that has none."""
    return any(char.isalpha() and not char.islower() for char in word)


def without_s(word: str) -> str:
    """Return a word without its possessive "'s"; "Ra's" is Arabic for a headland."""
    return word[:-2] if word.endswith("'s") and word.lower() != "ra's" else word


def side_of(word: str) -> str:
    """Return the side that "western" or "west" means, "" where a word means none."""
    return SIDES.get(word.lower().replace("-", ""), "")


def country_of(word: str) -> str:
    """Return the country of "Iraqi" or "Iraq", "" of any other word."""
    return DEMONYMS.get(word.lower(), "") or COUNTRIES.get(word.lower(), "")


def starts_with_side(name: str) -> bool:
    """Return whether a name begins with a side, as "Western Iraq" and "North Haven" do."""
    first, _, rest = name.partition(" ")
    return bool(rest and side_of(first))


def without_owner(name: str) -> str:
    """Return a name without whose it is: "Victoria base" of "US Victoria base"."""
    words = name.split()
    while len(words) > 1 and words[0].lower() in ACTORS:
        words = words[1:]
    return " ".join(words)


def tells_kind(note: str) -> bool:
    """Return whether a note says what kind of place it was: "a village", not "western"."""
    last = note.rsplit(maxsplit=1)[-1].lower()
    return last in GENERIC and last not in INNER | ADMIN


def tells_what(note: str) -> bool:
    """Return whether a note says what was attacked or with what: "a convoy"."""
    return any(word.lower() in MOBILE for word in note.split())
