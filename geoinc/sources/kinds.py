"""What a source calls a kind of place, a country and its importance, in the words of geoinc."""

from __future__ import annotations

import math
from functools import lru_cache

from geoinc import toponyms
from geoinc.places import KINDS
from geoinc.sources.shipped import shipped

#: How well known a place of a kind is, 0..1, where its source says nothing.
_IMPORTANCE = {"country": 1.0, "province": 0.8, "city": 0.7, "village": 0.2, "quarter": 0.3}

#: Names of countries in data sets of incidents that no gazetteer has, and a code that is none.
_COUNTRIES = {
    "bosnia-herzegovina": "BA", "macedonia, fyr": "MK", "kingdom of eswatini": "SZ",
    "uk": "GB",
}  # fmt: skip


@lru_cache(maxsize=4096)
def kind_of(words: str) -> str:
    """Return the kind that words ask for, or ``""``.

    Of several kinds the narrowest is taken: a hamlet is a village.

    Parameters
    ----------
    words : str
        One of `geoinc.places.KINDS`, a word for one in any script, or a name with such a word.

    Examples
    --------
    >>> kind_of("Governorate"), kind_of("hamlet"), kind_of("Raqqa town"), kind_of("Raqqa")
    ('province', 'village', 'town', '')
    """
    plain = " ".join(words.replace("_", " ").casefold().split())
    if plain in KINDS:
        return plain
    asked = toponyms.split_kind(plain)[1]
    # "Township" may be any settlement, "town" is a town.
    named = {kind for kind in asked if f" {kind} " in f" {plain} "}
    return max(named or asked, key=KINDS.index, default="")


@lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country by its code or name, or ``""``.

    Parameters
    ----------
    text : str
        A code of two or three letters, or a name in any script.

    Examples
    --------
    >>> country_code("sy"), country_code("SYR"), country_code("سوريا"), country_code("Atlantis")
    ('SY', 'SY', 'SY', '')
    """
    # "Russia (Soviet Union)", as UCDP has it: what stands in brackets was.
    name = text.partition("(")[0].strip()
    name = _COUNTRIES.get(name.casefold(), name)
    if len(name) == 2 and name.isascii() and name.isalpha():
        return name.upper()
    code = name.upper() if len(name) == 3 and name.isascii() else name
    found = {
        candidate.country: candidate.score
        for candidate in reversed(shipped().candidates(code, kind="country"))
        if candidate.kind == "country" and candidate.stage != "fuzzy"
    }
    # "Congo" may be either.
    best = sorted(found, key=lambda country: -found[country])
    unclear = len(best) > 1 and found[best[1]] > found[best[0]] / 2
    return "" if unclear or not best else best[0]


def importance_of(kind: str, population: float = math.nan) -> float:
    """Return how well known a place is, 0..1: by its people, or by its kind.

    Parameters
    ----------
    kind : str
        One of `geoinc.places.KINDS`.
    population : float
        How many live there; NaN or 0 where it is not told.

    Examples
    --------
    >>> importance_of("village"), importance_of("city", 1_000_000), importance_of("town", 50)
    (0.2, 0.8, 0.1)
    """
    if population > 0:
        return round(min(max(0.2 * (math.log10(population) - 2), 0.1), 1.0), 3)
    return _IMPORTANCE.get(kind, 0.5)
