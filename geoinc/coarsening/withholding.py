"""Words that give a place away, wherever they stand."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geoinc.schema import ROLES
from geoinc.toponyms import core, fold, is_generic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What stands where a cell stood that names a place.
WITHHELD = "(withheld)"

#: Longest name that is looked for, in words.
_LONGEST = 12

#: Figures that may be coordinates: decimal degrees, degrees and minutes, a grid reference.
_COORDINATES = re.compile(
    r"-?\d{1,3}[.,]\d{2,}\D{1,12}-?\d{1,3}[.,]\d{2,}"
    r"|\d\s*[°º]|\b\d{1,2}\s?[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?\d{2,5}\s?\d{2,5}\b"
)

#: Arabic letters that are written in front of a name as its preposition.
_JOINED = ("ب", "ل", "و", "ف", "ك")


class Withheld:
    """The names of places that are not published, and what to do with cells that have one.

    Parameters
    ----------
    rows : pandas.DataFrame
        As `Layers.rows`: the words of the reports and their hints.
    places : pandas.DataFrame
        As `Layers.places`.
    published : collection of str
        Names that stay; those of countries do in any case.

    Examples
    --------
    >>> rows = pd.DataFrame({"place": ["Balad air base"]})
    >>> places = pd.DataFrame({"name": ["Balad Air Base"], "admin1": ["Salah al-Din"]})
    >>> withheld = Withheld(rows, places, published={"Salah al-Din"})
    >>> withheld.censored(pd.Series(["Rockets on BALAD airbase", "in Salah al-Din"])).to_list()
    ['(withheld)', 'in Salah al-Din']
    """

    def __init__(
        self, rows: pd.DataFrame, places: pd.DataFrame, *, published: Iterable[str]
    ) -> None:
        hints = [f"{part}admin{level}" for level in (1, 2) for part in ("", *_PREFIXES)]
        told = [rows[name] for name in ("place", *ROLES, *hints) if name in rows]
        names = pd.concat([places["name"], places["admin1"]]).dropna().astype(str).unique()
        cells = pd.concat(told).dropna().astype(str).unique()
        self._words = {word for name in names for word in _proper(name)}
        self._phrases: set[str] = set()
        for part in (part for cell in [*names, *cells] for part in cell.split(";")):
            if not is_generic(part):
                self._phrases |= {fold(part), core(part)}
        for name in (*published, *_countries()):
            self._phrases -= {fold(name), core(name)}
            self._words -= set(_proper(name))
        self._phrases.discard("")

    def censored(self, column: pd.Series) -> pd.Series:
        """Return a column with `WITHHELD` in place of cells that name a place or a position."""
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
            return column
        tells = {cell: self._tells(cell) for cell in column.dropna().astype(str).unique()}
        return column.astype(object).where(~column.astype(str).map(tells).eq(True), WITHHELD)  # noqa: FBT003

    def _tells(self, cell: str) -> bool:
        if _COORDINATES.search(cell) or not self._words.isdisjoint(_proper(cell)):
            return True
        return any(
            " ".join(words[start:end]) in self._phrases
            for words in (fold(cell).split(), core(cell).split())
            for start in range(len(words))
            for end in range(start + 1, min(start + _LONGEST, len(words)) + 1)
        )


@cache
def _countries() -> tuple[str, ...]:
    """Return the names of the countries, read from the shipped gazetteer as a plain file."""
    with resources.as_file(resources.files("geoinc") / "data" / "gazetteer.gpkg") as path:
        table = gpd.read_file(
            path,
            layer="places",
            columns=["name"],
            where="kind = 'country'",
            ignore_geometry=True,
        )
    return tuple(table["name"])


_PREFIXES = tuple(f"{role}_" for role in ROLES)


def _proper(text: str) -> Iterator[str]:
    """Yield the words of a text that may be names: capitalised, or of a script without capitals."""
    names = set(core(text).split())
    for word in re.findall(r"[^\W\d_]{4,}", text):
        if word[0].islower() or fold(word) not in names:
            continue
        yield fold(word)
        if word.startswith(_JOINED):
            yield fold(word[1:])
