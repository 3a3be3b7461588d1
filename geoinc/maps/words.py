"""The words of a map's page, as data: one file for each language."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

_FOLDER = resources.files("geoinc.maps") / "static" / "words"

#: The languages a map can speak, by their codes.
LANGUAGES = tuple(sorted(file.name.removesuffix(".json") for file in _FOLDER.iterdir()))


def words(language: str) -> dict[str, Any]:
    """Return the strings of a language.

    Parameters
    ----------
    language : str
        One of `LANGUAGES`.

    Returns
    -------
    dict
        By name: a string with ``{n}`` and the like to fill in, a dict of such by
        the plural categories of Unicode CLDR, or a list of paragraphs; ``values``
        translates the words of our own lists ("rocket", "air base").

    Raises
    ------
    ValueError
        Where there is no such language.

    Examples
    --------
    >>> words("fr")["direction"]
    'ltr'
    """
    if language not in LANGUAGES:
        msg = f"there are no words in {language!r}; there are {', '.join(LANGUAGES)}"
        raise ValueError(msg)
    strings: dict[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))
    return strings


def phrase(strings: dict[str, Any], name: str, n: int, **values: str) -> str:
    """Return a string for a number of things, in the language's plural.

    Parameters
    ----------
    strings : dict
        From `words`.
    name : str
        Which string.
    n : int
        How many; fills ``{n}``.
    **values : str
        What else is filled in.

    Examples
    --------
    >>> phrase(words("en"), "place", 1), phrase(words("ar"), "place", 2)
    ('1 place', 'مكانان')
    """
    forms = strings[name]
    form = forms.get(_category(strings["language"], n), forms["other"])
    return str(form.format(n=grouped(strings["language"], n), **values))


def grouped(language: str, n: int) -> str:
    """Return a whole number as a reader of a language has it: "100,000"."""
    # A narrow space that is no end of a line.
    return f"{n:,}".replace(",", "\u202f" if language == "fr" else ",")


def _category(language: str, n: int) -> str:
    """Return the plural category of a whole number, as Unicode CLDR has it."""
    if language == "ar":
        if n <= 2:
            return ("zero", "one", "two")[n]
        if 3 <= n % 100 <= 10:
            return "few"
        return "many" if n % 100 >= 11 else "other"
    return "one" if n == 1 or (language == "fr" and n == 0) else "other"
