"""Which first-order division a place lies in, by the outlines that are shipped."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoinc.sources.shipped import shipped
from geoinc.store import SHIPPED, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geoinc.geopackage import Entry

_CHUNK = 5000
#: A place this near an outline lies in it: outlines are that wrong, coasts above all.
_NEAR_DEG = 0.1


def divided(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield places with the first-order division they lie in, where they do not tell one.

    Parameters
    ----------
    entries : iterable of Entry
        Places with the code of their country.

    Yields
    ------
    Entry
        The same, with the name the shipped gazetteer has for the division.
    """
    stream = iter(entries)
    while chunk := list(islice(stream, _CHUNK)):
        by_country: dict[str, list[Entry]] = {}
        for entry in chunk:
            if not entry.admin1 and entry.kind != "country":
                by_country.setdefault(entry.country, []).append(entry)
        for country, places in by_country.items():
            names, tree = _provinces(country)
            points = shapely.points([(place.longitude, place.latitude) for place in places])
            found = tree.query_nearest(points, max_distance=_NEAR_DEG, all_matches=False)
            for place, province in np.transpose(found).tolist():
                places[place].admin1 = names[province]
        yield from chunk


@lru_cache(maxsize=64)
def _provinces(country: str) -> tuple[list[str], shapely.STRtree]:
    provinces = Store(SHIPPED).outlines("province", country)
    tree = shapely.STRtree([footprint for _, footprint in provinces])
    return [name for name, _ in provinces], tree


@lru_cache(maxsize=4096)
def province_named(name: str, country: str) -> str:
    """Return the name that the shipped gazetteer has for a first-order division.

    Parameters
    ----------
    name : str
        Any of its names.
    country : str
        ISO 3166-1 alpha-2 code.

    Returns
    -------
    str
        Its name there, so that hints and places agree; the name given where it has none.

    Examples
    --------
    >>> province_named("Ninawa", "IQ"), province_named("Utopia", "IQ")
    ('Nineveh', 'Utopia')
    """
    for candidate in shipped().candidates(name, country=country, kind="province"):
        fits = candidate.kind == "province" and candidate.country == country
        if fits and candidate.stage != "fuzzy":
            return candidate.name
    return name
