"""Which column serves under which of our names: by its own name, in several languages."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from geoinc.errors import SchemaError
from geoinc.schema import REPORT_COLUMNS, ROLES

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

#: What may be in a table and means something to us.
KNOWN = (*REPORT_COLUMNS, "date_basis", "longitude", "latitude", "uncertainty_m")

#: Columns that together make a ``date``.
DATE_PARTS = ("date_start", "date_end", "year", "month", "day")

# Usual names in English, French and Arabic, the most telling first.  A name stands here where it
# can mean nothing else in a table of attacks: "base" and "casualties" are for the user to say.
_USUAL = {
    "incident": "incident id; event id; incident number; incident no; attack id; numéro d'incident; رقم الحادث; معرف الحادث",
    "report": "report id; article; article id; rapport; تقرير; رقم التقرير",
    "source": "sources; source name; news source; outlet; المصدر",
    "original_source": "primary source; source d'origine; المصدر الأصلي",
    "url": "link; source url; web link; hyperlink; lien; الرابط",
    "published": "publication date; date published; published on; report date; date of report; date de publication; publié le; تاريخ النشر",
    "date": "event date; attack date; incident date; date of attack; date of event; date of incident; date of the attack; date de l'attaque; date de l'incident; التاريخ; تاريخ الهجوم; تاريخ الحادث",
    "date_start": "start date; date from; from date; first day; date de début; تاريخ البداية",
    "date_end": "end date; date to; to date; last day; date de fin; تاريخ النهاية",
    "year": "event year; année; السنة; العام",
    "month": "event month; mois; الشهر",
    "day": "event day; jour; اليوم",
    "time": "time of day; hour; time of attack; heure; الوقت; الساعة",
    "launch": "launch site; launch location; launch place; launched from; fired from; firing position; launch point; point of origin; point of launch; lieu de lancement; lieu de tir; مكان الإطلاق; موقع الإطلاق",
    "target": "target place; target location; target site; place; location; site; attack location; place of attack; location of attack; incident location; event location; place name; where; cible; lieu; lieu de l'attaque; localité; الهدف; المكان; الموقع; مكان الهجوم; موقع الهجوم",
    "impact": "impact site; impact location; impact place; impact point; point of impact; place of impact; landed in; lieu d'impact; point d'impact; مكان السقوط; موقع السقوط",
    "country": "country name; pays; البلد; الدولة",
    "admin1": "adm1; adm 1; admin 1; province; governorate; state; muhafaza; gouvernorat; المحافظة",
    "admin2": "adm2; adm 2; admin 2; district; qada; القضاء",
    "event_type": "type of event; attack type; type of attack; incident type; type of incident; type d'attaque; type d'événement; type d'incident; نوع الهجوم; نوع الحادث",
    "weapon": "weapons; weapon type; weapon used; weapons used; munition; arme; armes; type d'arme; السلاح; نوع السلاح",
    "target_type": "type of target; type de cible; نوع الهدف",
    "target_actor": "target owner; attacked party; الجهة المستهدفة",
    "events": "number of attacks; number of events; no of attacks; nombre d'attaques; عدد الهجمات",
    "fired": "rockets fired; number fired; rounds fired; munitions fired; tirés; عدد الصواريخ; عدد المقذوفات",
    "intercepted": "number intercepted; shot down; interceptés; عدد ما تم اعتراضه",
    "killed": "deaths; dead; fatalities; number killed; people killed; tués; morts; nombre de morts; القتلى; عدد القتلى",
    "injured": "wounded; injuries; number injured; number wounded; people injured; blessés; nombre de blessés; الجرحى; عدد الجرحى; الإصابات",
    "actor": "perpetrator; attacker; responsible; perpetrator group; auteur; responsable; الفاعل; الجهة المنفذة; المنفذ",
    "claimed_by": "responsibility claimed by; revendiqué par; revendication; تبنته",
    "attributed_by": "blamed by; attribué par; نسبه إليه",
    "denied_by": "démenti par; نفاه",
    "preferred": "preferred account; preferred source; source préférée; المصدر المفضل",
    "include": "included; inclure",
    "reason": "reason for exclusion; raison",
    "notes": "note; remarks; remark; comments; comment; remarques; commentaires; ملاحظات",
    "longitude": "lon; lng; long; longitude deg; longitude dd; decimal longitude; خط الطول",
    "latitude": "lat; latitude deg; latitude dd; decimal latitude; خط العرض",
    "uncertainty_m": "coordinate uncertainty in meters; coordinateuncertaintyinmeters; uncertainty in metres",
}
_ROLE_WORDS = {
    "launch": "launch; origin; lancement; tir; الإطلاق",
    "target": "target; attack; cible; attaque; الهدف; الهجوم",
    "impact": "impact; السقوط",
}
_HINT_WORDS = {
    "country": "country; pays; دولة; بلد",
    "admin1": "province; governorate; state; gouvernorat; محافظة",
    "admin2": "district; قضاء",
}

#: Signs that are written one for the other: apostrophes, alef maqsura, teh marbuta, tatweel, Persian kaf, yeh.
_SAME = str.maketrans(
    {
        "\u2019": "'",
        "\u0649": "\u064a",
        "\u0629": "\u0647",
        "\u0640": None,
        "\u06a9": "\u0643",
        "\u06cc": "\u064a",
    }
)


def folded(name: object) -> str:
    """Return the name of a column without case, accents, spaces and signs."""
    text = unicodedata.normalize("NFKD", str(name)).casefold().translate(_SAME)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = re.sub(r"\b(?:de |d')?l'", " ", text)  # French articles
    text = re.sub("\\b\u0627\u0644(?=\\w{3})", "", text)  # the Arabic one
    return re.sub(r"[\W_]+", "", text)


def _listed(words: str) -> list[str]:
    return [folded(word) for word in words.split(";")]


def _usual() -> dict[str, tuple[str, ...]]:
    """Return the folded names under which each of our columns may stand, its own first."""
    found = {ours: [folded(ours), *_listed(_USUAL.get(ours, ""))] for ours in (*KNOWN, *DATE_PARTS)}
    for role in ROLES:
        for hint, words in _HINT_WORDS.items():
            found[f"{role}_{hint}"] += [
                pair
                for one in _listed(_ROLE_WORDS[role])
                for other in _listed(words)
                for pair in (one + other, other + one)
            ]
    return {ours: tuple(dict.fromkeys(filter(None, names))) for ours, names in found.items()}


_NAMES = _usual()
_EVERY = frozenset(name for names in _NAMES.values() for name in names)


def is_usual(name: str) -> bool:
    """Return whether a cell is the usual name of a column that geoinc reads.

    Examples
    --------
    >>> is_usual("Date of attack"), is_usual("المحافظة"), is_usual("Balad")
    (True, True, False)
    """
    return any(part in _EVERY for part in _readings(name))


def _readings(name: object) -> tuple[str, ...]:
    """Return a name, folded, and of two under each other ("Casualties: killed") the lower too."""
    whole, _, lower = str(name).rpartition(": ")
    return (folded(name), folded(lower)) if whole else (folded(name),)


def recognised(names: Iterable[object], done: Container[str]) -> dict[str, str]:
    """Return the table's column for each of our names that it has one for.

    Parameters
    ----------
    names : iterable
        The columns of the table.
    done : container of str
        Our names that are served already.

    Raises
    ------
    SchemaError
        Where two columns differ in case, spaces or signs alone.
    """
    written: dict[str, list[str]] = {}
    by_lower: dict[str, str] = {}
    for name in map(str, names):
        whole, *lower = _readings(name)
        written.setdefault(whole, []).append(name)
        for part in lower:
            by_lower.setdefault(part, name)
    found: dict[str, str] = {}
    for ours, usual in _NAMES.items():
        if ours in done:
            continue
        own = written.get(usual[0], [])
        if ours not in own and len(own) > 1:
            msg = f"columns {own[0]!r} and {own[1]!r} both read as {ours!r}; rename one"
            raise SchemaError(msg)
        if own:
            found[ours] = ours if ours in own else own[0]
            continue
        other = next((written[name][0] for name in usual if name in written), None)
        if other is None:
            other = next((by_lower[name] for name in usual if name in by_lower), None)
        if other is not None:
            found[ours] = other
    return found
