"""The area where a table says that a place is: its district, province or country."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from geoinc.georeferencing.areas import agree
from geoinc.georeferencing.names import look_up
from geoinc.localities import COUNTRY_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoinc.gazetteer import Search
    from geoinc.places import Place


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of a place besides the words for it.

    Parameters
    ----------
    country : str
        ISO 3166-1 alpha-2 code or name.
    admin1, admin2 : str
        Names of the first- and second-order division.
    date : str
        ISO date, or less, of which the words tell.
    """

    country: str = ""
    admin1: str = ""
    admin2: str = ""
    date: str = ""


def hinted_area(gazetteer: Search, hints: Hints) -> Place | None:
    """Return the finest area that the hints give, None where none of them is known.

    Parameters
    ----------
    gazetteer : Search
        The places.
    hints : Hints
        A district, a province, a country: each known better by those around it.

    Returns
    -------
    Place or None
        A division that lies outside what holds it is left out: one of the two is wrong.
    """
    # An answer is good for as long as the files stay as they are.
    return _hinted_area(gazetteer, getattr(gazetteer, "version", None), replace(hints, date=""))  # type: ignore[arg-type]  # a protocol does not say that objects hash


@lru_cache(maxsize=4096)
def _hinted_area(gazetteer: Search, version: object, hints: Hints) -> Place | None:  # noqa: ARG001  # a key of the cache
    country = country_of(gazetteer, hints.country)
    areas = [country] if country else []
    code = country.country if country else hints.country
    for name, kind in ((hints.admin1, "province"), (hints.admin2, "district")):
        admin1 = hints.admin1 if kind == "district" else ""
        place = _of_kind(gazetteer, name, kind, country=code, admin1=admin1)
        if place is not None:
            areas.append(place)
    return finest(areas)


def country_of(gazetteer: Search, country: str) -> Place | None:
    """Return the country of a code or name, None where it is not known."""
    name = COUNTRY_CODES.get(country.upper(), country)
    return _of_kind(gazetteer, name, "country", country=country)


def _of_kind(gazetteer: Search, name: str, kind: str, **hints: str) -> Place | None:
    """Return the place of a kind that a name means, None where none has it."""
    if not name:
        return None
    found = look_up(gazetteer, name, kind=kind, **hints)  # type: ignore[arg-type]  # a protocol does not say that objects hash
    return found.place if found.place is not None and found.place.kind == kind else None


def finest(areas: Iterable[Place]) -> Place | None:
    """Return the smallest of areas that meet the first, None of none."""
    known = list(areas)
    meeting = [area for area in known if agree(area.footprint, known[0].footprint)]
    return min(meeting, key=lambda area: area.footprint.area, default=None)
