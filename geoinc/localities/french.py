"""French words for directions and relations, as tables."""

from __future__ import annotations

import re
from itertools import pairwise

from geoinc.localities.clauses import HEADINGS
from geoinc.localities.tables import UNITS, phrase_table, word_set

#: Words that only French has.
_ONLY_PHRASES = word_set(
    "nord sud ouest près entre environs alentours proximité périphérie banlieue frontière "
    "autoroute extérieur intérieur dehors mi-chemin autour dans aéroport aérienne raffinerie à loin abords"
)
_POINTS = {
    point.replace("-", "")
    .replace("north", "nord")
    .replace("south", "sud")
    .replace("east", "est")
    .replace("west", "ouest"): point
    for point in HEADINGS
}
_COUNTRIES = word_set(
    "irak iraq syrie turquie jordanie liban iran koweït égypte "
    "yémen israël libye soudan mali niger tchad tunisie algérie "
    "maroc"
)
_DEMONYMS = {
    "irako": "Iraqi", "irakienne": "Iraqi", "irakien": "Iraqi", "syro": "Syrian",
    "syrienne": "Syrian", "syrien": "Syrian", "turco": "Turkish", "turque": "Turkish",
    "iranienne": "Iranian", "irano": "Iranian", "jordano": "Jordanian",
    "jordanienne": "Jordanian", "libano": "Lebanese", "libanaise": "Lebanese",
    "saoudienne": "Saudi", "koweïtienne": "Kuwaiti", "égyptienne": "Egyptian",
    "israélienne": "Israeli", "israélo": "Israeli", "libyenne": "Libyan",
}  # fmt: skip
_PHRASES = phrase_table(
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
_KINDS = phrase_table(
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
_ARTICLES = frozenset({"le", "la", "les", "l'"})


def is_french(lower: list[str]) -> bool:
    """Return whether a word is French, or two are: "est" and "en" are not alone."""
    if not _ONLY_PHRASES.isdisjoint(lower):
        return True
    points = any("-" in word and word.replace("-", "") in _POINTS for word in lower)
    return points or any(
        pair == ("le", "long") or (pair[0] == "en" and pair[1] in _COUNTRIES)
        for pair in pairwise(lower)
    )


def elided(word: str) -> list[str]:
    """Split "l'Irak" and "d'Erbil"."""
    match = _ELISION.match(word)
    return [match[0], word[match.end() :]] if match else [word]


#: Spellings of one word.
_ONE = {"d'": "de", "des": "de", "du": "de", "pres": "près", "kms": "km"}
_BEFORE_ARTICLE = word_set("of from near in between and around along with outside inside to")
_BEFORE_NUMBER = word_set("environ moins plus une quelques quelque")


def from_french(words: list[str]) -> list[str]:
    """Return French words with their directions and relations in English."""
    plain = [_ONE.get(word.lower(), word.lower()) for word in words]
    done: list[str] = []
    at = 0
    while at < len(words):
        english, taken = (
            _direction(plain, at, done)
            or _border(plain, at)
            or _kind(words, plain, at)
            or _phrase(plain, at)
            or _word(words, at, done)
        )
        done += english
        at += taken
    return done


def _direction(plain: list[str], start: int, done: list[str]) -> tuple[list[str], int] | None:
    """Read "au nord de", which lies beyond; "dans le nord de" and "le nord de" are parts."""
    at = start
    lead = plain[at]
    at += lead in {"à", "au", "dans", "vers"}
    at += plain[at : at + 1] != [] and plain[at] in _ARTICLES
    point, length = _point(plain, at)
    at += length
    measured = bool(done) and done[-1] in UNITS
    if not point or not (plain[at : at + 1] == ["de"] or measured):
        return None
    at += plain[at : at + 1] == ["de"]
    at += plain[at : at + 1] != [] and plain[at] in _ARTICLES
    country = plain[at : at + 1] != [] and plain[at] in _COUNTRIES
    part = lead in {"dans", *_ARTICLES} or (country and lead not in {"à", "au", "vers"})
    return (["the", point, "of"] if part and not measured else [point, "of"]), at - start


def _kind(words: list[str], plain: list[str], at: int) -> tuple[list[str], int] | None:
    """Read "aéroport de Bagdad": in English the kind stands behind the name."""
    kind = at + (plain[at] in _ARTICLES)
    for phrase, english in _KINDS.get(plain[kind], ()) if kind < len(plain) else ():
        start = kind + len(phrase)
        if tuple(plain[kind:start]) != phrase or plain[start : start + 1] != ["de"]:
            continue
        start += 1 + (plain[start + 1 : start + 2] != [] and plain[start + 1] in _ARTICLES)
        end = start
        while end < len(words) and words[end][0].isupper():
            end += 1
        if end > start:
            return [*words[start:end], *english], end - at
    return None


def _phrase(plain: list[str], at: int) -> tuple[tuple[str, ...], int] | None:
    for phrase, english in _PHRASES.get(plain[at], ()):
        # "Entre Ríos" is a name.
        alone = phrase[-1] == "entre" and "et" not in plain[at:]
        if tuple(plain[at : at + len(phrase)]) == phrase and not alone:
            return english, len(phrase)
    return None


def _word(words: list[str], at: int, done: list[str]) -> tuple[list[str], int]:
    """Read a word that no phrase begins with: an article, "et", "à", or a name."""
    word = words[at].lower()
    before = done[-1] if done else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    english = [words[at]]
    if word in _ARTICLES and before in _BEFORE_ARTICLE:
        english = []
    elif word == "et" and "between" in done:
        english = ["and"]
    elif word == "à" and (after[:1].isdigit() or after.lower() in _BEFORE_NUMBER):
        english = []
    elif word in {"à", "en", "au", "aux"} and after[:1].isupper():
        english = ["to" if word == "à" and "from" in done else "in"]
    elif word in {"de", "d'", "du", "des"} and before in UNITS:
        english = ["from"]
    return english, 1


def _point(plain: list[str], at: int) -> tuple[str, int]:
    for length in (3, 2, 1):
        point = _POINTS.get("".join(plain[at : at + length]).replace("-", ""))
        if point and len(plain) >= at + length:
            return point, length
    return "", 0


def _border(plain: list[str], start: int) -> tuple[list[str], int] | None:
    """Read "à la frontière irako-syrienne" and "la frontière syrienne"."""
    at = start
    at += plain[at] == "à"
    at += plain[at : at + 1] == ["la"]
    if plain[at : at + 1] != ["frontière"]:
        return None
    sides = plain[at + 1].split("-") if at + 1 < len(plain) else []
    demonyms = [_DEMONYMS.get(side, "") for side in sides]
    if demonyms and all(demonyms):
        return ["the", "-".join(demonyms), "border"], at + 2 - start
    return None
