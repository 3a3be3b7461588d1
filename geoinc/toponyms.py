"""One key for the many spellings of a place name, in Latin, Arabic and Hebrew script.

A name is written in ways that its letters hide: "Dayr al-Zawr", "Deir Ezzor" and
"دير الزور" are one town.  Four keys, each looser than the one before, make them equal:

- `fold`: without case, accents, hyphens, apostrophes and the variants of Arabic letters;
- `core`: the fold without articles and without words for the kind of place ("air base",
  "محافظة"), its Arabic generic words ("ain", "ayn", "ein") spelled one way;
- `skeleton`: the consonants of the core, the same for a name in Latin and in Arabic script;
- `sound`: the core as it sounds, by which names with the same consonants are compared.

The rules follow the transliterations in use for Iraq and Syria (BGN/PCGN, UN, French, and
the free spelling of newspapers).  Names that differ by history rather than by letters
(Erbil and Hewlêr, Kobani and Ayn al-Arab) have no common key: a gazetteer lists both.
"""

# ruff: noqa: RUF001, RUF002, SIM905
# Letters of several scripts that look alike are the subject here; lists of words read best as text.

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

#: Version of the rules below.  A gazetteer stores keys; one built with other rules would
#: silently miss names, so it says which rules made its keys.
KEYS_VERSION = "4"


class Keys(NamedTuple):
    """The search keys of one spelling, from the strictest to the loosest."""

    fold: str
    core: str
    skeleton: str
    sound: str


# ---------------------------------------------------------------- fold

# Letters that Unicode does not decompose; Arabic letters of Persian and Kurdish that stand for
# the same sound as an Arabic one; hamza and the marks for ayn and hamza vanish.
_LETTERS = str.maketrans(
    {
        "ı": "i", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ə": "e",
        "ى": "ي", "ی": "ي", "ې": "ي", "ێ": "ي", "ے": "ي", "ئ": "ي",
        "ک": "ك", "ڪ": "ك", "ۆ": "و", "ۇ": "و", "ۋ": "و", "ؤ": "و",
        "ة": "ه", "ە": "ه", "ھ": "ه", "ہ": "ه", "ۀ": "ه", "ۃ": "ه",
        "ٱ": "ا", "ڕ": "ر", "ڵ": "ل", "ڤ": "ف",
        "ء": "", "ـ": "",
    }
    | dict.fromkeys("'’‘`´ʿʾʻʼʹʽˈ′‛＇״׳ꞌ")
)  # fmt: skip

# "Ra's" is Arabic for a headland, not a possessive.
_POSSESSIVE = re.compile(r"(?<!\bra)(?<=[^\W\d_])['’ʼ]s\b")
_ABBREVIATION = re.compile(r"\b([^\W\d_])\.(?=[^\W\d_]\b)")
_LETTER_NUMBER = re.compile(r"\b([a-z]) (?=\d)")
_WORD_NUMBER = re.compile(r"([^\W\d_]{2})(?=\d)")
_DIGIT = re.compile(r"\d")


class _Folded(dict[int, str]):
    """What each character is folded to, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, "".join(map(_folded, chr(code).translate(_LETTERS))))


def _folded(char: str) -> str:
    """Return a letter as it is, a digit as 0-9, nothing for marks, a space for all else."""
    if char.isalpha():
        return char
    if char.isdigit():
        return str(unicodedata.digit(char))
    return "" if unicodedata.category(char) in {"Mn", "Me", "Cf"} else " "


_FOLDED = _Folded()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return a name without what does not tell places apart.

    Case, accents and other marks, apostrophes, hyphens and punctuation go; Arabic letters
    that differ by dots and carriers only (أ إ آ ا, ي ى, ة ه) become one; digits of all
    scripts become 0-9; an English possessive loses its "'s"; "U.S." is "us", "H-3" is "h3".

    Parameters
    ----------
    text : str
        A name in any script.

    Returns
    -------
    str
        Lower-case words with single spaces; ``""`` where no letter or digit is left.

    Examples
    --------
    >>> fold("Al-Mu'tasim"), fold("Baghdad's airport"), fold("Hewlêr")
    ('al mutasim', 'baghdad airport', 'hewler')
    >>> fold("أربيل") == fold("اربيل")
    True
    """
    lower = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    # Names are folded by the million, and few have what the patterns are for.
    if "'" in lower or not lower.isascii():
        lower = _POSSESSIVE.sub("", lower)
    if "." in lower:
        lower = _ABBREVIATION.sub(r"\1", lower)
    words = " ".join(lower.translate(_FOLDED).split())
    if not _DIGIT.search(words):
        return words
    return _WORD_NUMBER.sub(r"\1 ", _LETTER_NUMBER.sub(r"\1", words))


# ---------------------------------------------------------------- words for the kind of place

# A line is kinds of `geoinc.places.KINDS` ("any" where a word only accompanies others) and the
# words that ask for them, without the article: English; Latin spellings of Arabic; Arabic;
# Persian; Kurdish; Turkish; Hebrew.
_KIND_WORDS = """\
air base: air base; airbase; air force base; afb; military airbase; military air base
air base: joint air base; naval air station; royal air force base; raf base; قاعدة جوية; جوية
air base: پایگاه هوایی; هوایی; بنکەی ئاسمانی; hava üssü; בסיס חיל האוויר
air base|airport: airfield; air field; army airfield; army air field; military airfield; airstrip
air base|airport: air strip; aerodrome; military airport; مطار; مطار عسكري; مهبط
airport: airport; international airport; regional airport; civil airport; intl airport; مطار دولي
airport: فرودگاه; فرودگاه بین المللی; فڕۆکەخانە; فڕۆکەخانەی; فڕۆکەخانەی نێودەوڵەتی; havalimanı
airport: havaalanı; שדה תעופה; שדה התעופה; נמל התעופה
air base|military base: base; bases; military; military base; army base; joint base; base complex
air base|military base: military complex; coalition base; us base; american base; us military base
air base|military base: american military base; us led coalition base; قاعدة; قاعدة عسكرية; عسكرية
air base|military base: عسكري; پایگاه; پایگاه نظامی; نظامی; بنکە; بنکەی; بنکەی سەربازی; سەربازی
air base|military base: üssü; askeri üssü; בסיס
military base: fob; forward operating base; cob; contingency operating base; cos
military base: contingency operating site; cop; combat outpost; lsa; logistics support area
military base: logistical support area; patrol base; firebase; fire base; outpost
military base: military outpost; garrison; barracks; naval base; military camp; training camp
military base: army camp; ثكنة; معسكر; پادگان; kışlası
military base|camp: camp; کەمپ; کەمپی; kampı
camp: refugee camp; idp camp; displacement camp; مخيم; اردوگاه
oil field: oil field; oilfield; oil fields; oilfields; حقل نفط; حقل نفطي; نفطي; میدان نفتی
gas field: gas field; gasfield; gas fields; natural gas field; حقل غاز; حقل غازي; غازي; میدان گازی
oil field|gas field: field; fields; حقل; حقول
refinery: refinery; oil refinery; oil terminal; gas plant; gas processing plant; oil facility
refinery: مصفاة; مصفى; پالایشگاه; پاڵاوگە; پاڵاوگەی; rafinerisi
province: governorate; province; muhafazah; muhafazat; muhafaza; muhafadha; mohafazah; mohafazat
province: wilayat; vilayet; emirate; state; محافظة; ولاية; إمارة; استان; پارێزگا; پارێزگای; ili
province: מחוז
province|region: region; autonomous region; إقليم; هەرێم; هەرێمی; bölgesi
district: district; subdistrict; sub district; qada; qadaa; qadha; nahiya; nahiyah; nahiyat
district: county; قضاء; ناحية; شهرستان; بخش; قەزا; قەزای; ناحیەی; ilçesi; נפה
city|town: city; madinat; madinah; madineh; مدينة; شهر; شار; شاری; kenti; şehri; עיר
town|city|village: town; township; بلدة
village|town: village; hamlet; qaryat; قرية; روستا; روستای; گوند; گوندی; köyü
quarter: neighborhood; neighbourhood; quarter; suburb; hayy; hai; حي; ضاحية; محلة; گەڕەکی
quarter: mahallesi; שכונת
embassy: embassy; consulate; consulate general; embassy compound; embassy complex
embassy: diplomatic compound; سفارة; قنصلية; قنصلية عامة; سفارت; کنسولگری; کونسوڵخانەی
embassy: باڵیۆزخانەی; büyükelçiliği; konsolosluğu; başkonsolosluğu; שגרירות; קונסוליה
border crossing: border crossing; crossing; crossing point; border crossing point; border post
border crossing: border gate; port of entry; معبر; معبر حدودي; منفذ; منفذ حدودي; حدودي
border crossing: sınır kapısı; מעבר
dam: dam; barrage; سد; بەنداو; بەنداوی; barajı; סכר
power station: power station; power plant; thermal power plant; nuclear power plant; نیروگاه
power station: santrali
prison: prison; jail; detention center; detention centre; سجن; زندان; cezaevi; כלא
port: port; seaport; sea port; harbor; harbour; ميناء; بندر; limanı; נמל
desert: desert; badiyat; صحراء; بادية; بیابان; çölü; מדבר
valley: valley; wadi; ouadi; oued; وادي; دره; دۆڵی; vadisi; עמק
mountain: mountain; mountains; mount; mt; hill; hills; jabal; jebel; gebel; djebel; gabal; jabel
mountain: جبل; جبال; کوه; چیا; چیای; dağı; dağları; הר; הרי
island: island; islands; isle; jazirat; جزيرة; جزر; adası; adaları; אי
river: river; nahr; نهر; رود; nehri; נהר
lake: lake; reservoir; buhayrat; بحيرة; دریاچه; gölü
strait: strait; straits; مضيق; تنگه
building: hotel; hospital; compound; headquarters; فندق; مستشفى; مقر
any: area; areas; vicinity; site; facility; facilities; complex; international; intl; دولي
any: نێودەوڵەتی; مركز; منطقة; مجمع; markaz; mintaqat; mintaqah; countryside; locality; outskirts
province: область; oblast; край; krai; провінція; провинция
district: район; raion; rayon; округ
city|town: город; місто
town|village|city: посёлок; селище; смт
village|town: село; деревня; хутор
airport: аэропорт; международный аэропорт; аеропорт; міжнародний аеропорт
air base|airport: аэродром; аеродром
air base: авиабаза; авіабаза
air base|military base: база; военная база; військова база
"""

# ---------------------------------------------------------------- core

# The Arabic article, also as the sun letters assimilate it ("ar-Raqqa", "esh-Sham"), and English
# words that only join others.
_ARTICLES = frozenset(
    "al el ul il ar er as es ash esh ad ed adh edh an en at et ath eth az ez l the of in "
    "аль эль ар эр ас эс аш эш ад эд ан эн ат эт аз эз".split(),
)

# Generic words that are part of Arabic names, by the spelling the core gives them.
_GENERICS = {
    spelling: canonical
    for canonical, spellings in {
        "ain": "ayn ein aain ayne eyn ayin",
        "deir": "dayr der deyr dair",
        "tell": "tall tel tal",
        "abu": "abou abo abi bu",
        "umm": "um oum om",
        "beit": "bayt bet bait beyt",
        "kafr": "kafar kefr kfar kfr kefar",
        "sheikh": "shaykh cheikh shekh sheik shaikh shaik",
        "qalat": "kalat qalaat qalah qalet qala",
        "qasr": "kasr ksar qaser",
        "bir": "beer",
        "khirbet": "khirbat khurbat khirba kharbet khurbet kherbet khirbe khirbah kharab",
        "maarat": "maaret maarrat marat maaret",
        "jubb": "jeb jib job jub",
        "ras": "raas",
        "hawsh": "hosh hoosh haouch hush housh",
        "burj": "borj bourj",
        "bab": "baab",
        "us": "usa american",
        "uk": "british",
    }.items()
    for spelling in spellings.split()
}
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}


def _without_article(word: str) -> str:
    """Return an Arabic-script word without its joined article."""
    return word[2:] if word.startswith("ال") and len(word) > 3 else word


def _kind_table() -> dict[tuple[str, ...], frozenset[str]]:
    """Return the words for kinds, as tuples of folded words."""
    table: dict[tuple[str, ...], frozenset[str]] = {}
    for line in _KIND_WORDS.splitlines():
        kinds, phrases = line.split(":")
        asked = frozenset(kinds.split("|")) - {"any"}
        for phrase in phrases.split(";"):
            words = tuple(_without_article(word) for word in fold(phrase).split())
            table[words] = asked
    return table


_KINDS_OF = _kind_table()
#: How many words the longest phrase has that begins with a word.
_LONGEST = {words[0]: len(words) for words in sorted(_KINDS_OF, key=len)}


def _phrase_at(words: list[str], start: int) -> int:
    """Return where the longest phrase for a kind ends that begins at a word, 0 where none does."""
    longest = _LONGEST.get(words[start], 0)
    for end in range(min(start + longest, len(words)), start, -1):
        if tuple(words[start:end]) in _KINDS_OF:
            return end
    return 0


@lru_cache(maxsize=65536)
def split_kind(text: str) -> tuple[str, frozenset[str]]:
    """Split a name into what it is called and what kind of place it asks for.

    Words for a kind count wherever they stand ("Camp Taji", "Balad air base", "قاعدة بلد
    الجوية").  They stay when nothing that names a place remains ("Green Zone" has none,
    "the base" has nothing else, the number in "Camp 22" alone says nothing).

    Parameters
    ----------
    text : str
        A name in any script.

    Returns
    -------
    core : str
        The folded name without articles and without words for its kind.
    kinds : frozenset of str
        The kinds asked for, of `geoinc.places.KINDS`; empty where any will do.

    Examples
    --------
    >>> split_kind("Al-Balad airbase")
    ('balad', frozenset({'air base'}))
    >>> split_kind("Anbar"), split_kind("the city of Mosul")[0]
    (('anbar', frozenset()), 'mosul')
    """
    folded = fold(text)
    words = folded.split()
    bare = [_without_article(word) for word in words]
    asked: list[frozenset[str]] = []
    rest: list[str] = []
    start = 0
    while start < len(words):
        end = _phrase_at(bare, start)
        if end:
            asked.append(_KINDS_OF[tuple(bare[start:end])])
        else:
            rest.append(words[start])
        start = end or start + 1
    # "K III" is "K3", as `fold` has it.
    name = _LETTER_NUMBER.sub(r"\1", " ".join(_canonical(rest)))
    if not asked and name == folded:  # most names
        return name, frozenset()
    named = name.split()
    if all(word.isdigit() or len(word) == 1 or word in _ARTICLES for word in named):
        return _LETTER_NUMBER.sub(r"\1", " ".join(_canonical(words))), _agreed(asked)
    if named != words:
        # Without its articles and kinds a name may show another: "Port (the) of Entry X".
        name, more = split_kind(name)
        asked.append(more)
    return name, _agreed(asked)


def _canonical(words: list[str]) -> list[str]:
    """Return words without articles, generic words and numerals spelled one way."""
    last = len(words) - 1
    kept = [word for place, word in enumerate(words) if word not in _ARTICLES or place == last]
    if all(word in _ARTICLES for word in kept):
        kept = words
    named = [_spelled(word) for word in kept]
    return named[:1] + [_ROMAN.get(word, word) for word in named[1:]]


@lru_cache(maxsize=65536)
def _spelled(word: str) -> str:
    """Return a word without a joined article, spelled as all its spellings are."""
    bare = _without_article(word)
    # The feminine ending: "Fallujah" is "Falluja".
    bare = bare[:-1] if len(bare) > 4 and bare.endswith("ah") else bare
    return _GENERICS.get(bare, bare)


def asks_for_kind(text: str) -> bool:
    """Return whether a name has a word that asks for a kind of place, as `split_kind` finds them.

    Examples
    --------
    >>> asks_for_kind("Balad air base"), asks_for_kind("Balad")
    (True, False)
    """
    return any(map(_may_ask, fold(text).split())) and bool(split_kind(text)[1])


@lru_cache(maxsize=65536)
def _may_ask(word: str) -> bool:
    """Return whether a phrase for a kind begins with a word, however it is spelled."""
    spelled = _spelled(word)
    here = word in _LONGEST or _without_article(word) in _LONGEST
    return here or (spelled != word and _may_ask(spelled))


def _agreed(asked: list[frozenset[str]]) -> frozenset[str]:
    """Return the kinds that all words allow, or, where they clash, all that any allows."""
    asking = [kinds for kinds in asked if kinds]
    if not asking:
        return frozenset()
    return frozenset.intersection(*asking) or frozenset.union(*asking)


def core(text: str) -> str:
    """Return the folded name without articles and words for its kind.

    Parameters
    ----------
    text : str
        A name in any script.

    Returns
    -------
    str
        The core of the name.

    Examples
    --------
    >>> core("Dayr al-Zawr"), core("al-Omar oil field"), core("Union III")
    ('deir zawr', 'omar', 'union 3')
    """
    return split_kind(text)[0]


def is_generic(text: str) -> bool:
    """Return whether a name is nothing but words for a kind of place ("the base").

    Parameters
    ----------
    text : str
        A name in any script.

    Returns
    -------
    bool
        True also where no letter or digit is left.

    Examples
    --------
    >>> is_generic("the air base"), is_generic("Balad air base")
    (True, False)
    """
    words = [_without_article(word) for word in fold(text).split() if word not in _ARTICLES]
    start = 0
    while start < len(words):
        start = _phrase_at(words, start)
        if not start:
            return False
    return True


# ---------------------------------------------------------------- skeleton

# Latin letters to classes of sound, longest first: what Arabic writes with one letter, and what
# transliterations do not keep apart (q k c; p b; v f).  Of the vowels a, i and u remain.
_LATIN_SOUNDS = tuple(
    pair.split(">")
    for pair in (
        "tsch>x dsch>j tch>x sch>x sh>x ch>x kh>H gh>G dh>d th>t zh>j ph>f dj>j ts>s tz>s ou>u oo>u ee>i "
        "ei>i ey>i ay>i ai>i aw>u au>u ow>u q>k c>k v>f p>b e>i o>u"
    ).split()
)
_ARABIC_SOUNDS = {
    letter: sound
    for sound, letters in {
        "b": "بپ", "t": "تثط", "j": "جژ", "h": "حه", "H": "خ", "d": "دذضظ", "r": "ر", "z": "ز",
        "s": "سص", "x": "شچ", "G": "غ", "f": "ف", "k": "قك", "g": "گ", "l": "ل", "m": "م",
        "n": "ن", "a": "اع", "w": "و", "y": "ي",
    }.items()
    for letter in letters
}  # fmt: skip
_HEBREW_SOUNDS = {
    letter: sound
    for sound, letters in {
        "a": "אע", "b": "בפף", "g": "ג", "d": "ד", "h": "הח", "w": "ו", "z": "ז", "t": "טת",
        "y": "י", "k": "כךק", "l": "ל", "m": "מם", "n": "נן", "s": "סצץ", "r": "ר", "x": "ש",
    }.items()
    for letter in letters
}  # fmt: skip
_CYRILLIC_SOUNDS = {
    letter: sound
    for sound, letters in {
        "a": "аяә", "b": "бп", "f": "вф", "g": "гґғ", "d": "д", "i": "еэиіїыєй", "j": "ж", "z": "з",
        "k": "кқ", "l": "л", "m": "м", "n": "нң", "u": "оуюөүұў", "r": "р", "s": "сц", "t": "т",
        "h": "хһҳ", "x": "чшщ", "": "ъь",
    }.items()
    for letter in letters
}  # fmt: skip
_SOUNDS = _ARABIC_SOUNDS | _HEBREW_SOUNDS | _CYRILLIC_SOUNDS
# An article written together with its word ("Ezzor", "Altanf"); inside a name a shorter word
# will do ("Dar Elbaz"), at its start it would cut names such as "Aleppo" and "Elaz".
_JOINED_FIRST = re.compile(r"^(?:[ae]l(?=[a-z]{4})|[ae](?=(sh|th|dh|[rsdntz])\1[a-z]{2}))")
_JOINED_LATER = re.compile(r"^(?:[aeiu]l(?=[a-z]{3})|[ae](?=(sh|th|dh|[rsdntz])\1[a-z]{2}))")
# Doubled letters at the start of these are their own.
_NOT_JOINED = frozenset(
    ("assad", "assiut", "assyut", "annaba", "addis", "assur", "essen", "arras", "aleppo"),
)
# Sides and sizes, which one gazetteer translates and another leaves: "Eastern X", "X al-Sharqi".
_SIDES = {
    fold(word): canonical
    for canonical, words in {
        "e": "east eastern sharqi sharqiyah sharqiya sharqiyeh sharqieh sharki sharqia sharqy شرقي شرقية",
        "w": "west western gharbi gharbiyah gharbiya gharbiyeh gharbieh gharbia gharby غربي غربية",
        "n": "north northern shamali shamaliyah shamaliya shamaliyeh shamalieh shomali شمالي شمالية",
        "s": "south southern janubi janubiyah janubiya janubiyeh janoubi jonoubi janoubiyeh qibli qibliyah qabli جنوبي جنوبية قبلي",
        "b": "big great greater large kabir kabirah kabira kabireh kbir kbireh kabeer kabeera kabeereh kebir كبير كبيرة كبرى",
        "l": "little small lesser saghir saghirah saghira saghireh sghir sghireh zghir sagheer sagheera sagheereh صغير صغيرة صغرى",
        "u": "upper fawqani fawqaniyah fawqaniyeh fawqa foqani foqaniyeh fouqani fawqan foqa فوقاني فوقانية فوقا",
        "d": "lower tahtani tahtaniyah tahtaniyeh tahta tihtani تحتاني تحتانية تحتا",
    }.items()
    for word in words.split()
}
#: The signs for sides and sizes that stand last in a skeleton.
SIDES = "ewnsblud"
#: Words at the start of a name that are often left out ("Rasm Abu Nab", "Abu Nab").
FREELY_LEFT_OUT = frozenset("tell khirbet bir hawsh burj jubb rasm mazraat mazra".split())
#: The consonants of skeletons.
CONSONANTS = "abdfghjklmnrstxz"
_DOUBLED = re.compile(r"(\D)\1+")
_NO_VOWELS = str.maketrans("", "", "aiuwy")
_HALF_VOWELS = str.maketrans("wy", "ui")


@lru_cache(maxsize=65536)
def _sounds(word: str, *, first: bool, last: bool) -> str:
    """Return one word of a name by its sounds: consonants by class, and a, i, u, w, y."""
    if word.isdigit():
        return word
    if not word.isascii() and any(char in _SOUNDS for char in word):
        sounds = "".join(_SOUNDS.get(char, char) for char in word)
    else:
        joined = _JOINED_FIRST if first else _JOINED_LATER
        sounds = word if word in _NOT_JOINED else joined.sub("", word)
        # The feminine ending, heard as t before another word: "Khirbet al-Rih", "خربة الريح".
        if not last and len(sounds) > 4 and sounds.endswith(("at", "et")):
            sounds = sounds[:-1]
        for letters, sound in _LATIN_SOUNDS:
            if letters in sounds:
                sounds = sounds.replace(letters, sound)
    # At the end of a word it is h, in either script often not written.
    if len(sounds) > 2:
        sounds = sounds.removesuffix("h")
    return _DOUBLED.sub(r"\1", sounds)


def _consonants(sounds: str) -> str:
    """Return the consonants of a word by its sounds, a vowel that begins it as "a"."""
    sounds = sounds.lower()
    first = "a" if sounds[:1] in {"i", "u"} else sounds[:1]
    return first + sounds[1:].translate(_NO_VOWELS)


@lru_cache(maxsize=65536)
def skeleton(text: str) -> str:
    """Return the consonants of a name, comparable between Latin and Arabic script.

    Consonants that transliterations confuse are one (q k, kh h, dh d); vowels, ayn, hamza
    and doubled letters go; a vowel at the start is kept as "a", digits are kept; words for
    sides and sizes ("eastern", "الشرقية") come last, after a sign of their own.

    Parameters
    ----------
    text : str
        A name in any script; other scripts than Latin, Arabic and Hebrew keep their letters.

    Returns
    -------
    str
        Consonants without spaces.

    Examples
    --------
    >>> skeleton("Dayr al-Zawr"), skeleton("Deir Ezzor"), skeleton("دير الزور")
    ('drzr', 'drzr', 'drzr')
    >>> skeleton("Eastern Ghouta"), skeleton("الغوطة الشرقية")
    ('gt>e', 'gt>e')
    """
    words = core(text).split()
    sides = [_side(word) for word in words]
    named = [word for word, side in zip(words, sides, strict=True) if not side]
    if not named:
        named, sides = words, []
    last = len(named) - 1
    parts = [
        _consonants(_sounds(word, first=place == 0, last=place == last))
        for place, word in enumerate(named)
    ]
    # Inside a name a vowel at the start of a word is no more than a vowel: "Abu Kamal".
    bones = "".join(parts[:1] + [part.removeprefix("a") for part in parts[1:]])
    return bones + "".join(f">{side}" for side in sorted(sides) if side)


def rules() -> dict[str, Any]:
    """Return the rules of `skeleton` as data, for a page that folds what its reader types.

    Maps have them as ``maps/static/toponyms.json``, which is written anew when they change.

    Returns
    -------
    dict
        Of what JSON can hold: letters and what they are folded to, lists of words, and patterns.

    Examples
    --------
    >>> rules()["sounds"]["ق"]
    'k'
    """
    return {
        "letters": {chr(code): letter or "" for code, letter in _LETTERS.items()},
        "articles": sorted(_ARTICLES),
        "generics": _GENERICS,
        "numerals": _ROMAN,
        "kinds": sorted(" ".join(words) for words in _KINDS_OF),
        "latin": _LATIN_SOUNDS,
        "sounds": _SOUNDS,
        "joined": [_JOINED_FIRST.pattern, _JOINED_LATER.pattern],
        "not_joined": sorted(_NOT_JOINED),
        "sides": _SIDES,
    }


def keys(text: str) -> Keys:
    """Return the search keys of a name.

    Parameters
    ----------
    text : str
        A name in any script.

    Returns
    -------
    Keys
        ``fold``, ``core``, ``skeleton`` and ``sound``.

    Examples
    --------
    >>> keys("Camp Taji")
    Keys(fold='camp taji', core='taji', skeleton='tj', sound='taji')
    """
    return Keys(fold(text), core(text), skeleton(text), sound(text))


# ---------------------------------------------------------------- sounds, and parts of a name


@lru_cache(maxsize=65536)
def sound(text: str) -> str:
    """Return the sounds of a name without sides and without spaces."""
    words = core(text).split()
    named = [word for word in words if not _side(word)] or words
    last = len(named) - 1
    spoken = ""
    for place, word in enumerate(named):
        sounds = _sounds(word, first=place == 0, last=place == last)
        # The feminine ending: an "a", of which `_sounds` leaves nothing in Arabic script.
        if len(word) > 3 and word.endswith(("ah", "eh")):
            sounds = sounds[:-1] + "a"
        elif len(word) > 2 and word[-1] == "\u0647":
            sounds += "a"
        spoken += sounds
    return spoken.translate(_HALF_VOWELS)


@lru_cache(maxsize=65536)
def _side(word: str) -> str:
    # "Elkbireh", "Alsharqi": the side with its article joined.
    return _SIDES.get(word) or _SIDES.get(_JOINED_LATER.sub("", word), "")


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Return the folded name without one word for its kind, at the end or else at the start.

    Examples
    --------
    >>> plain("Kafr Qadah village"), plain("Camp Taji"), plain("village")
    ('kafr qadah', 'taji', 'village')
    """
    words = fold(text).split()
    bare = [_without_article(word) for word in words]
    for start in range(1, len(words)):
        if _phrase_at(bare, start) == len(words):
            return " ".join(words[:start])
    return " ".join(words[_phrase_at(bare[:-1], 0) if len(words) > 1 else 0 :])


_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]?")
# The feminine ending before another word: without "Manbij", "Samuqet Manbij" is "Samuqeh".
_CONSTRUCT = re.compile(r"(?<=[a-z]{3}e)t$")
_JOINTS = re.compile(r"\s+-\s+|\s*[/_;]\s*|\s+or\s+")


def parts(text: str, *divisions: str) -> tuple[str, ...]:
    """Return the names in a double name, and a name without the division that it ends with.

    Parameters
    ----------
    text : str
        A name in any script.
    *divisions : str
        Names of the divisions that the place is in.

    Returns
    -------
    tuple of str
        Nothing where the name is one and ends with no division.

    Examples
    --------
    >>> parts("Tadmur/Palmyra"), parts("Mreimin Afrin", "Aleppo", "Afrin"), parts("Jisr-al-Shughur")
    (('Tadmur', 'Palmyra'), ('Mreimin',), ())
    >>> parts("Samuqet Manbij", "Manbij")
    ('Samuqeh',)
    """
    names = [part for part in _JOINTS.split(text) if len(fold(part)) > 2]
    found = names if len(names) > 1 else []
    said = {skeleton(word) for name in divisions for word in core(name).split()} - {""}
    for name in names if said else ():
        *words, last = name.split()
        # "Rif Dimashq" is not a "Rif" in Rif Dimashq.
        rest = core(" ".join(words)).split()
        named = [word for word in rest if skeleton(word) not in said and not _side(word)]
        if named and len(fold(last)) > 2 and skeleton(last) in said:
            found = [*found, _CONSTRUCT.sub("h", " ".join(words))]
    return tuple(found)


def without_brackets(text: str) -> tuple[str, str]:
    """Return a name without what it has in brackets, and that.

    Examples
    --------
    >>> without_brackets("Khalidiyah (Aleppo)")
    ('Khalidiyah', 'Aleppo')
    """
    inside = " ".join(match.strip("()[] ") for match in _BRACKETS.findall(text))
    return " ".join(_BRACKETS.sub(" ", text).split()), inside
