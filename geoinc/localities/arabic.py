"""Arabic words for directions and relations, as tables."""

from __future__ import annotations

from geoinc.localities.clauses import HEADINGS
from geoinc.localities.tables import UNITS, phrase_table, word_set

#: One letter for those that are often written for one another; marks are left out.
_ONE = str.maketrans(
    dict.fromkeys("أإآ", "\u0627")
    | {"ى": "ي", "ة": "\u0647", "ـ": None}
    | {chr(mark): None for mark in range(0x64B, 0x653)}
)
_WINDS = {"شمال": "north", "جنوب": "south", "شرق": "east", "غرب": "west"}
_COUNTRIES = word_set(
    "العراق سوريا سوريه تركيا ايران الاردن لبنان السعوديه الكويت مصر اليمن اسرائيل ليبيا السودان"
)
#: Divisions that share their name with no town: a side of these is a part of them.
_DIVISIONS = word_set(
    "الانبار ديالي نينوي بابل ميسان واسط المثني القادسيه كردستان الجزيره محافظه اقليم قضاء "
    "ناحيه البلاد"
)
_DEMONYMS = {
    "العراقيه": "Iraq", "السوريه": "Syria", "التركيه": "Turkey", "الايرانيه": "Iran",
    "الاردنيه": "Jordan", "اللبنانيه": "Lebanon", "السعوديه": "Saudi Arabia",
    "الكويتيه": "Kuwait", "المصريه": "Egypt", "اليمنيه": "Yemen", "الاسرائيليه": "Israel",
    "الليبيه": "Libya", "السودانيه": "Sudan",
}  # fmt: skip
_MEASURES = {
    "كم": "km", "كلم": "km", "كيلومتر": "km", "كيلومترا": "km", "كيلومترات": "km",
    "كيلو": "km", "متر": "m", "مترا": "m", "امتار": "m", "م": "m", "ميل": "miles",
    "ميلا": "miles", "اميال": "miles",
}  # fmt: skip
_PHRASES = phrase_table(
    {
        "قرب": "near",
        "بقرب": "near",
        "بالقرب من": "near",
        "قريبا من": "near",
        "قريب من": "near",
        "القريبه من": "near",
        "القريب من": "near",
        "علي مقربه من": "near",
        "علي مشارف": "near",
        "بجوار": "near",
        "بجانب": "near",
        "محيط": "around",
        "بمحيط": "around",
        "في محيط": "around",
        "حول": "around",
        "ضواحي": "around",
        "في ضواحي": "around",
        "اطراف": "around",
        "في اطراف": "around",
        "علي اطراف": "around",
        "خارج": "outside",
        "داخل": "inside",
        "في": "in",
        "بمحافظه": "in محافظة",
        "بمدينه": "in مدينة",
        "علي طول": "along",
        "في منتصف الطريق بين": "halfway between",
        "علي الطريق بين": "on the road between",
        "الطريق بين": "the road between",
        "الطريق الواصل بين": "the road between",
        "الحدود بين": "the border between",
        "علي الحدود بين": "on the border between",
        "الحدود مع": "the border with",
        "علي الحدود مع": "on the border with",
        "نحو": "about",
        "حوالي": "about",
        "قرابه": "about",
        "زهاء": "about",
        "اقل من": "less than",
        "اكثر من": "more than",
        "علي بعد": "",
        "وعلي بعد": "",
        "تبعد": "",
        "يبعد": "",
        "علي مسافه": "",
        "عن": "from",
        "بين": "between",
    }
)
#: Mean a distance only before a number, as do the words for "at a distance of".
_BEFORE_FIGURES = frozenset({"about", "less", "more"})


def from_arabic(words: list[str]) -> list[str]:
    """Return Arabic words with their directions and relations in English."""
    plain = [word.translate(_ONE) for word in words]
    done: list[str] = []
    at = 0
    while at < len(words):
        found = (
            _measure(plain, at)
            or _direction(plain, at, done)
            or _border(plain, at)
            or _countryside(words, plain, at)
            or _phrase(words, plain, at, done)
            or ([words[at]], 1)
        )
        done += found[0]
        at += found[1]
    return done


def _measure(plain: list[str], at: int) -> tuple[list[str], int] | None:
    """Read the unit after a number."""
    if not at or not plain[at - 1][-1].isdigit() or plain[at] not in _MEASURES:
        return None
    after = plain[at + 1 : at + 2]
    if plain[at] == "كيلو" and after in (["متر"], ["مترا"]):
        return ["km"], 2
    if plain[at].startswith("ميل") and after in (["بحري"], ["بحريا"]):
        return ["nm"], 2
    return [_MEASURES[plain[at]]], 1


def _wind(word: str) -> str:
    """Return the direction of "شمال", "الشمال", "شمالي" and "الشمالي", "" of other words."""
    bare = word.removeprefix("ال")
    return _WINDS.get(bare) or _WINDS.get(bare.removesuffix("\u0647").removesuffix("ي"), "")


def _point(plain: list[str], at: int) -> tuple[str, int]:
    winds: list[str] = []
    for word in plain[at : at + 3]:
        wind = _wind(word)
        if not wind:
            break
        winds.append(wind)
    for length in range(len(winds), 0, -1):
        point = _POINTS.get("".join(winds[:length]), "")
        if point:
            return point, length
    return "", 0


_POINTS = {point.replace("-", ""): point for point in HEADINGS}


def _direction(plain: list[str], start: int, done: list[str]) -> tuple[list[str], int] | None:
    """Read "شمال بغداد", beyond a town, but a part of a country or a division."""
    at = start
    inside = plain[at] == "في"
    at += plain[at] in {"في", "الي"}
    point, length = _point(plain, at)
    # A name that ends so, "الجانب الغربي", or begins so with nothing after it.
    if not point or at + length >= len(plain) or (plain[at].startswith("ال") and at == start):
        return None
    at += length
    of = plain[at] in {"من", "عن"}
    at += of
    if at >= len(plain):
        return None
    # "رسم الخميس شرقي كبير" is a village, the eastern one.
    adjective = plain[start][-1] in "ي\u0647"
    if adjective and start and not (done and done[-1] in UNITS):
        return None
    division = plain[at] in _COUNTRIES or plain[at] in _DIVISIONS
    measured = bool(done) and done[-1] in UNITS
    if not measured and not of and (inside or division):
        return ["the", point, "of"], at - start
    return [point, "of"], at - start


def _border(plain: list[str], at: int) -> tuple[list[str], int] | None:
    """Read "الحدود العراقية السورية"."""
    if plain[at] not in {"الحدود", "حدود"}:
        return None
    sides = [_DEMONYMS.get(word, "") for word in plain[at + 1 : at + 3]]
    if len(sides) == 2 and all(sides):
        return ["the", "border", "between", sides[0], "and", sides[1]], 3
    return None


def _countryside(words: list[str], plain: list[str], at: int) -> tuple[list[str], int] | None:
    """Read "ريف حلب الشمالي", the northern countryside of Aleppo; Rif Dimashq is a province."""
    if plain[at] not in {"ريف", "بريف"}:
        return None
    end = at + 1
    while end < len(words) and not _wind(plain[end]):
        end += 1
    if end == len(words) or not 1 <= end - at - 1 <= 3 or not plain[end].startswith("ال"):
        return None
    point, length = _point(plain, end)
    name = words[at + 1 : end]
    if plain[at + 1] == "دمشق":
        name = ["ريف", *name]
    return (["in"] if plain[at] == "بريف" else []) + ["the", point, "of", *name], end + length - at


def _phrase(
    words: list[str], plain: list[str], at: int, done: list[str]
) -> tuple[list[str], int] | None:
    for phrase, english in _PHRASES.get(plain[at], ()):
        end = at + len(phrase)
        if tuple(plain[at:end]) != phrase:
            continue
        if phrase[-1] == "بين":
            return _pair(words, list(english), at, end)
        if english == ("from",) and not (done and done[-1] in UNITS):
            continue
        rounds = not english or english[0] in _BEFORE_FIGURES
        if rounds and not any(char.isdigit() for word in words[end : end + 3] for char in word):
            continue
        return list(english), len(phrase)
    return None


def _pair(words: list[str], english: list[str], at: int, end: int) -> tuple[list[str], int] | None:
    """Read "بين بغداد والبصرة": "and" is the first letter of the second name."""
    second = next(
        (i for i in range(end + 1, len(words)) if words[i][0] == "و" and len(words[i]) > 2), None
    )
    if second is None or second - end > 4:
        return None
    return [*english, *words[end:second], "and", words[second][1:]], second + 1 - at
