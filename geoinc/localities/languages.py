"""French and Arabic words for directions and relations, as tables, put into English.

Only the words around names change: the grammar of `parsing` reads the rest, and names stay as
they are written.
"""

from __future__ import annotations

import re
from itertools import pairwise

from geoinc.localities.clauses import HEADINGS

Phrase = tuple[str, ...]


def in_english(words: list[str]) -> list[str]:
    """Return words with the directions and relations that they tell in English.

    Parameters
    ----------
    words : list of str
        The words of a segment, in any language.

    Returns
    -------
    list of str
        English words and names; the same words where nothing is French or Arabic.

    Examples
    --------
    >>> " ".join(in_english("à 20 km au nord de Bagdad".split()))
    '20 km north of Bagdad'
    >>> " ".join(in_english("على بعد 20 كم شمال بلد".split()))
    '20 km north of بلد'
    """
    if any("\u0600" <= word[0] <= "\u06ff" for word in words):
        return _from_arabic(words)
    split = [part for word in words for part in _elided(word)]
    return _from_french(split) if _is_french([word.lower() for word in split]) else words


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _table(phrases: dict[str, str]) -> dict[str, list[tuple[Phrase, Phrase]]]:
    """Return phrases by their first word, the longest first."""
    pairs = sorted(
        ((tuple(phrase.split()), tuple(english.split())) for phrase, english in phrases.items()),
        key=lambda pair: -len(pair[0]),
    )
    return {first: [pair for pair in pairs if pair[0][0] == first] for (first, *_), _ in pairs}


# ---------------------------------------------------------------- French

#: Words that only French has.
_ONLY_FRENCH = _set(
    "nord sud ouest près entre environs alentours proximité périphérie banlieue frontière "
    "autoroute extérieur intérieur dehors mi-chemin autour dans aéroport aérienne raffinerie à loin abords"
)
_FRENCH_POINTS = {
    point.replace("-", "")
    .replace("north", "nord")
    .replace("south", "sud")
    .replace("east", "est")
    .replace("west", "ouest"): point
    for point in HEADINGS
}
_FRENCH_COUNTRIES = {
    "irak": "Iraq", "iraq": "Iraq", "syrie": "Syria", "turquie": "Turkey", "jordanie": "Jordan",
    "liban": "Lebanon", "iran": "Iran", "koweït": "Kuwait", "égypte": "Egypt", "yémen": "Yemen",
    "israël": "Israel", "libye": "Libya", "soudan": "Sudan", "mali": "Mali", "niger": "Niger",
    "tchad": "Chad", "tunisie": "Tunisia", "algérie": "Algeria", "maroc": "Morocco",
}  # fmt: skip
_FRENCH_DEMONYMS = {
    "irako": "Iraqi", "irakienne": "Iraqi", "irakien": "Iraqi", "syro": "Syrian",
    "syrienne": "Syrian", "syrien": "Syrian", "turco": "Turkish", "turque": "Turkish",
    "iranienne": "Iranian", "irano": "Iranian", "jordano": "Jordanian",
    "jordanienne": "Jordanian", "libano": "Lebanese", "libanaise": "Lebanese",
    "saoudienne": "Saudi", "koweïtienne": "Kuwaiti", "égyptienne": "Egyptian",
    "israélienne": "Israeli", "israélo": "Israeli", "libyenne": "Libyan",
}  # fmt: skip
_FRENCH = _table(
    {
        "près de": "near",
        "tout près de": "near",
        "à proximité de": "near",
        "non loin de": "near",
        "pas loin de": "near",
        "aux abords de": "near",
        "à côté de": "near",
        "autour de": "around",
        "aux environs de": "around",
        "dans les environs de": "around",
        "aux alentours de": "around",
        "à la périphérie de": "around",
        "en périphérie de": "around",
        "en banlieue de": "around",
        "dans la banlieue de": "around",
        "à l' extérieur de": "outside",
        "en dehors de": "outside",
        "hors de": "outside",
        "à l' intérieur de": "inside",
        "entre": "between",
        "à mi-chemin entre": "halfway between",
        "à mi chemin entre": "halfway between",
        "le long de": "along",
        "sur la route de": "on the road from",
        "sur la route entre": "on the road between",
        "sur la route reliant": "on the road between",
        "sur l' autoroute entre": "on the road between",
        "à la frontière entre": "on the border between",
        "la frontière entre": "the border between",
        "à la frontière avec": "on the border with",
        "la frontière avec": "the border with",
        "la province de": "the province of",
        "province de": "province of",
        "le gouvernorat de": "the governorate of",
        "gouvernorat de": "governorate of",
        "le district de": "the district of",
        "la ville de": "the city of",
        "ville de": "city of",
        "le village de": "the village of",
        "village de": "village of",
        "dans": "in",
        "moins de": "less than",
        "plus de": "more than",
        "jusqu' à": "up to",
        "environ": "about",
        "quelque": "about",
        "quelques": "few",
        "kilomètre": "km",
        "kilomètres": "km",
        "mètre": "m",
        "mètres": "m",
        "milles marins": "nm",
        "milles nautiques": "nm",
    }
)
_FRENCH_KINDS = _table(
    {
        "aéroport": "airport",
        "aéroport international": "international airport",
        "base": "base",
        "base aérienne": "air base",
        "base militaire": "military base",
        "camp": "camp",
        "raffinerie": "refinery",
        "barrage": "dam",
        "prison": "prison",
        "port": "port",
    }
)
_ELISION = re.compile(r"(?i)(l|d|jusqu)['\u2019](?=\w)")
_FRENCH_ARTICLES = frozenset({"le", "la", "les", "l'"})


def _is_french(lower: list[str]) -> bool:
    """Return whether a word is French, or two are: "est" and "en" are not alone."""
    if not _ONLY_FRENCH.isdisjoint(lower):
        return True
    points = any("-" in word and word.replace("-", "") in _FRENCH_POINTS for word in lower)
    return points or any(
        pair == ("le", "long") or (pair[0] == "en" and pair[1] in _FRENCH_COUNTRIES)
        for pair in pairwise(lower)
    )


def _elided(word: str) -> list[str]:
    """Split "l'Irak" and "d'Erbil"."""
    match = _ELISION.match(word)
    return [match[0], word[match.end() :]] if match else [word]


#: Spellings of one word.
_FRENCH_ONE = {"d'": "de", "des": "de", "du": "de", "pres": "près", "kms": "km"}
_UNITS = frozenset({"km", "m", "miles", "nm"})
_BEFORE_ARTICLE = _set("of from near in between and around along with outside inside to")
_BEFORE_NUMBER = _set("environ moins plus une quelques quelque")


def _from_french(words: list[str]) -> list[str]:
    plain = [_FRENCH_ONE.get(word.lower(), word.lower()) for word in words]
    done: list[str] = []
    at = 0
    while at < len(words):
        english, taken = (
            _french_direction(plain, at, done)
            or _french_border(plain, at)
            or _french_kind(words, plain, at)
            or _french_phrase(plain, at)
            or _french_word(words, at, done)
        )
        done += english
        at += taken
    return done


def _french_direction(
    plain: list[str], start: int, done: list[str]
) -> tuple[list[str], int] | None:
    """Read "au nord de", which lies beyond; "dans le nord de" and "le nord de" are parts."""
    at = start
    lead = plain[at]
    at += lead in {"à", "au", "dans", "vers"}
    at += plain[at : at + 1] != [] and plain[at] in _FRENCH_ARTICLES
    point, length = _french_point(plain, at)
    at += length
    measured = bool(done) and done[-1] in _UNITS
    if not point or not (plain[at : at + 1] == ["de"] or measured):
        return None
    at += plain[at : at + 1] == ["de"]
    at += plain[at : at + 1] != [] and plain[at] in _FRENCH_ARTICLES
    country = plain[at : at + 1] != [] and plain[at] in _FRENCH_COUNTRIES
    part = lead in {"dans", *_FRENCH_ARTICLES} or (country and lead not in {"à", "au", "vers"})
    return (["the", point, "of"] if part and not measured else [point, "of"]), at - start


def _french_kind(words: list[str], plain: list[str], at: int) -> tuple[list[str], int] | None:
    """Read "aéroport de Bagdad": in English the kind stands behind the name."""
    kind = at + (plain[at] in _FRENCH_ARTICLES)
    for phrase, english in _FRENCH_KINDS.get(plain[kind], ()) if kind < len(plain) else ():
        start = kind + len(phrase)
        if tuple(plain[kind:start]) != phrase or plain[start : start + 1] != ["de"]:
            continue
        start += 1 + (plain[start + 1 : start + 2] != [] and plain[start + 1] in _FRENCH_ARTICLES)
        end = start
        while end < len(words) and words[end][0].isupper():
            end += 1
        if end > start:
            return [*words[start:end], *english], end - at
    return None


def _french_phrase(plain: list[str], at: int) -> tuple[tuple[str, ...], int] | None:
    for phrase, english in _FRENCH.get(plain[at], ()):
        # "Entre Ríos" is a name.
        alone = phrase[-1] == "entre" and "et" not in plain[at:]
        if tuple(plain[at : at + len(phrase)]) == phrase and not alone:
            return english, len(phrase)
    return None


def _french_word(words: list[str], at: int, done: list[str]) -> tuple[list[str], int]:
    """Read a word that no phrase begins with: an article, "et", "à", or a name."""
    word = words[at].lower()
    before = done[-1] if done else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    english = [words[at]]
    if word in _FRENCH_ARTICLES and before in _BEFORE_ARTICLE:
        english = []
    elif word == "et" and "between" in done:
        english = ["and"]
    elif word == "à" and (after[:1].isdigit() or after.lower() in _BEFORE_NUMBER):
        english = []
    elif word in {"à", "en", "au", "aux"} and after[:1].isupper():
        english = ["to" if word == "à" and "from" in done else "in"]
    elif word in {"de", "d'", "du", "des"} and before in _UNITS:
        english = ["from"]
    return english, 1


def _french_point(plain: list[str], at: int) -> tuple[str, int]:
    for length in (3, 2, 1):
        point = _FRENCH_POINTS.get("".join(plain[at : at + length]).replace("-", ""))
        if point and len(plain) >= at + length:
            return point, length
    return "", 0


def _french_border(plain: list[str], start: int) -> tuple[list[str], int] | None:
    """Read "à la frontière irako-syrienne" and "la frontière syrienne"."""
    at = start
    at += plain[at] == "à"
    at += plain[at : at + 1] == ["la"]
    if plain[at : at + 1] != ["frontière"]:
        return None
    sides = plain[at + 1].split("-") if at + 1 < len(plain) else []
    demonyms = [_FRENCH_DEMONYMS.get(side, "") for side in sides]
    if demonyms and all(demonyms):
        return ["the", "-".join(demonyms), "border"], at + 2 - start
    return None


# ---------------------------------------------------------------- Arabic

#: One letter for those that are often written for one another; marks are left out.
_ARABIC_ONE = str.maketrans(
    dict.fromkeys("أإآ", "\u0627")
    | {"ى": "ي", "ة": "\u0647", "ـ": None}
    | {chr(mark): None for mark in range(0x64B, 0x653)}
)
_ARABIC_WINDS = {"شمال": "north", "جنوب": "south", "شرق": "east", "غرب": "west"}
_ARABIC_COUNTRIES = {
    "العراق": "Iraq", "سوريا": "Syria", "سوريه": "Syria", "تركيا": "Turkey", "ايران": "Iran",
    "الاردن": "Jordan", "لبنان": "Lebanon", "السعوديه": "Saudi Arabia", "الكويت": "Kuwait",
    "مصر": "Egypt", "اليمن": "Yemen", "اسرائيل": "Israel", "ليبيا": "Libya", "السودان": "Sudan",
}  # fmt: skip
#: Divisions that share their name with no town: a side of these is a part of them.
_ARABIC_DIVISIONS = _set(
    "الانبار ديالي نينوي بابل ميسان واسط المثني القادسيه كردستان الجزيره محافظه اقليم قضاء "
    "ناحيه البلاد"
)
_ARABIC_DEMONYMS = {
    "العراقيه": "Iraq", "السوريه": "Syria", "التركيه": "Turkey", "الايرانيه": "Iran",
    "الاردنيه": "Jordan", "اللبنانيه": "Lebanon", "السعوديه": "Saudi Arabia",
    "الكويتيه": "Kuwait", "المصريه": "Egypt", "اليمنيه": "Yemen", "الاسرائيليه": "Israel",
    "الليبيه": "Libya", "السودانيه": "Sudan",
}  # fmt: skip
_ARABIC_UNITS = {
    "كم": "km", "كلم": "km", "كيلومتر": "km", "كيلومترا": "km", "كيلومترات": "km",
    "كيلو": "km", "متر": "m", "مترا": "m", "امتار": "m", "م": "m", "ميل": "miles",
    "ميلا": "miles", "اميال": "miles",
}  # fmt: skip
_ARABIC = _table(
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
#: Mean a distance only before a number.
_BEFORE_FIGURES = frozenset({"about", "less", "more", "", "from"})


def _from_arabic(words: list[str]) -> list[str]:
    plain = [word.translate(_ARABIC_ONE) for word in words]
    done: list[str] = []
    at = 0
    while at < len(words):
        found = (
            _arabic_measure(plain, at)
            or _arabic_direction(plain, at, done)
            or _arabic_border(plain, at)
            or _arabic_countryside(words, plain, at)
            or _arabic_phrase(words, plain, at, done)
            or ([words[at]], 1)
        )
        done += found[0]
        at += found[1]
    return done


def _arabic_measure(plain: list[str], at: int) -> tuple[list[str], int] | None:
    """Read the unit after a number."""
    if not at or not plain[at - 1][-1].isdigit() or plain[at] not in _ARABIC_UNITS:
        return None
    after = plain[at + 1 : at + 2]
    if plain[at] == "كيلو" and after in (["متر"], ["مترا"]):
        return ["km"], 2
    if plain[at].startswith("ميل") and after in (["بحري"], ["بحريا"]):
        return ["nm"], 2
    return [_ARABIC_UNITS[plain[at]]], 1


def _arabic_wind(word: str) -> str:
    """Return the direction of "شمال", "الشمال", "شمالي" and "الشمالي", "" of other words."""
    bare = word.removeprefix("ال")
    return _ARABIC_WINDS.get(bare) or _ARABIC_WINDS.get(
        bare.removesuffix("\u0647").removesuffix("ي"), ""
    )


def _arabic_point(plain: list[str], at: int) -> tuple[str, int]:
    winds: list[str] = []
    for word in plain[at : at + 3]:
        wind = _arabic_wind(word)
        if not wind:
            break
        winds.append(wind)
    for length in range(len(winds), 0, -1):
        point = _POINTS.get("".join(winds[:length]), "")
        if point:
            return point, length
    return "", 0


_POINTS = {point.replace("-", ""): point for point in HEADINGS}


def _arabic_direction(
    plain: list[str], start: int, done: list[str]
) -> tuple[list[str], int] | None:
    """Read "شمال بغداد", beyond a town, but a part of a country or a division."""
    at = start
    inside = plain[at] == "في"
    at += plain[at] in {"في", "الي"}
    point, length = _arabic_point(plain, at)
    # A name that ends so, "الجانب الغربي", or begins so with nothing after it.
    if not point or at + length >= len(plain) or (plain[at].startswith("ال") and at == start):
        return None
    at += length
    of = plain[at] in {"من", "عن"}
    at += of
    if at >= len(plain):
        return None
    division = plain[at] in _ARABIC_COUNTRIES or plain[at] in _ARABIC_DIVISIONS
    measured = bool(done) and done[-1] in _UNITS
    if not measured and not of and (inside or division):
        return ["the", point, "of"], at - start
    return [point, "of"], at - start


def _arabic_border(plain: list[str], at: int) -> tuple[list[str], int] | None:
    """Read "الحدود العراقية السورية"."""
    if plain[at] not in {"الحدود", "حدود"}:
        return None
    sides = [_ARABIC_DEMONYMS.get(word, "") for word in plain[at + 1 : at + 3]]
    if len(sides) == 2 and all(sides):
        return ["the", "border", "between", sides[0], "and", sides[1]], 3
    return None


def _arabic_countryside(
    words: list[str], plain: list[str], at: int
) -> tuple[list[str], int] | None:
    """Read "ريف حلب الشمالي", the northern countryside of Aleppo; Rif Dimashq is a province."""
    if plain[at] not in {"ريف", "بريف"}:
        return None
    end = at + 1
    while end < len(words) and not _arabic_wind(plain[end]):
        end += 1
    if end == len(words) or not 1 <= end - at - 1 <= 3 or not plain[end].startswith("ال"):
        return None
    point, length = _arabic_point(plain, end)
    name = words[at + 1 : end]
    if plain[at + 1] == "دمشق":
        name = ["ريف", *name]
    return (["in"] if plain[at] == "بريف" else []) + ["the", point, "of", *name], end + length - at


def _arabic_phrase(
    words: list[str], plain: list[str], at: int, done: list[str]
) -> tuple[list[str], int] | None:
    for phrase, english in _ARABIC.get(plain[at], ()):
        end = at + len(phrase)
        if tuple(plain[at:end]) != phrase:
            continue
        if phrase[-1] == "بين":
            return _arabic_pair(words, list(english), at, end)
        if english == ("from",) and not (done and done[-1] in _UNITS):
            continue
        rounds = not english or english[0] in _BEFORE_FIGURES - {"from"}
        if rounds and not any(char.isdigit() for word in words[end : end + 3] for char in word):
            continue
        return list(english), len(phrase)
    return None


def _arabic_pair(
    words: list[str], english: list[str], at: int, end: int
) -> tuple[list[str], int] | None:
    """Read "بين بغداد والبصرة": "and" is the first letter of the second name."""
    second = next(
        (i for i in range(end + 1, len(words)) if words[i][0] == "و" and len(words[i]) > 2), None
    )
    if second is None or second - end > 4:
        return None
    return [*english, *words[end:second], "and", words[second][1:]], second + 1 - at
