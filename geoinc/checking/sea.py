"""Attacks on land that are placed in the sea."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoinc.checking.cells import figures, on_earth
from geoinc.checking.coordinates import COLUMNS, in_words, rounding_m
from geoinc.checking.faults import Fault
from geoinc.checking.places import slack_m
from geoinc.checking.positions import outside_m
from geoinc.gazetteer import Gazetteer
from geoinc.progress import watched
from geoinc.reports.workbooks import OURS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from geoinc.gazetteer import Search
    from geoinc.places import Place
    from geoinc.schema import Layers

#: Words of a row for something that is in the sea, or off an outline: English, French, Arabic.
_AFLOAT = re.compile(
    r"\b(?:seas?|oceans?|gulfs?|straits?|bays?|channels?|coasts?|coastal|shores?|offshore|waters|off"
    r"|maritime|marine|naval|navy|navies|harbou?rs?|ports?|ships?|warships?|shipping|vessels?|boats?"
    r"|tankers?|freighters?|frigates?|destroyers?|carriers?|yachts?|ferry|ferries|dhows?|trawlers?"
    r"|islands?|islets?|isles?|atolls?|reefs?|archipelago|platforms?|rigs?|terminals?|lakes?|lagoons?"
    r"|mer|golfe|détroit|baie|côtes?|large|navires?|bateaux?|pétroliers?|îles?|plateformes?"
    r"|(?:MV|MT|MS|SS|USS|HMS|INS)\s)\b"
    r"|بحر|خليج|مضيق|سفين|ميناء|جزير|ناقل|زورق|ساحل",
    re.IGNORECASE,
)  # fmt: skip
#: Kinds of places that may lie outside every outline.
_WET = frozenset(
    {"sea", "strait", "island", "port", "lake", "river", "oil field", "gas field", "refinery"}
)
#: A launch may be from a ship; an attack whose launch alone is known is not known to be on land.
_ROLES = ("target", "impact")


class _Spot(NamedTuple):
    """Where a row is placed, by what, and how far that may be off, metres."""

    row: int
    column: str
    value: str
    stated: str
    longitude: float
    latitude: float
    error_m: float


def sea_faults(
    reports: pd.DataFrame, gazetteer: Search, layers: Layers, but: Collection[int] = ()
) -> Iterator[tuple[int, Fault]]:
    """Return rows placed outside every country whose words name nothing of the sea.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`.
    gazetteer : Search
        Whose outlines of countries are used; one that is a service has none,
        and nothing is said.
    layers : Layers
        The reports, placed.
    but : collection of int
        Positions of rows whose coordinates are known to be wrong.
    """
    countries = gazetteer.of_kind("country") if isinstance(gazetteer, Gazetteer) else []
    if not countries:
        return
    # Coordinates before words: of a row one is told.
    spots = [*_by_coordinates(reports), *_by_places(reports, layers)]
    spots = [spot for spot in spots if spot.row not in but]
    if not spots:
        return
    tree = shapely.STRtree([place.footprint for place in countries])
    points = shapely.points([(spot.longitude, spot.latitude) for spot in spots])
    inland = set(tree.query(points, predicate="intersects")[0].tolist())
    seen: set[int] = set()
    for number, spot in enumerate(watched(spots, "looking for the sea", len(spots))):
        if number in inland or spot.row in seen or _names_water(reports, spot.row):
            continue
        metres, country = _offshore_m(countries, tree, spot)
        if metres <= spot.error_m:
            continue
        seen.add(spot.row)
        against = (
            f"that is in the sea, at least {metres / 1000:,.0f} km off {country}, the nearest country, what its "
            f"outline may be wrong by allowed for, and no word of the row says sea, ship, port or island"
        )
        yield spot.row, Fault("sea", spot.column, spot.value, spot.stated, against)


def _by_coordinates(reports: pd.DataFrame) -> Iterator[_Spot]:
    longitude, latitude = figures(reports)
    zero = (longitude == 0) & (latitude == 0)
    coded_m = slack_m(reports)  # NaN: the code says that it may be the sea, or anywhere
    error_m = coded_m
    if "uncertainty_m" in reports:
        stated = pd.to_numeric(reports["uncertainty_m"], errors="coerce")
        error_m = np.fmax(coded_m, stated.to_numpy(dtype=float, na_value=np.nan))
    for i in np.flatnonzero(on_earth(longitude, latitude) & ~zero & ~np.isnan(coded_m)):
        spot = float(longitude[i]), float(latitude[i])
        words = in_words(*spot)
        yield _Spot(int(i), COLUMNS, words, words, *spot, float(error_m[i]) + rounding_m(*spot))


def _by_places(reports: pd.DataFrame, layers: Layers) -> Iterator[_Spot]:
    position = {account: i for i, account in enumerate(reports["account"])}
    kinds = layers.places["kind"]
    for role in _ROLES:
        rows = layers.layer(role)
        rows = rows[rows["place_status"] == "resolved"]
        cells = ["account", "place", "place_id", "place_name", "longitude", "latitude"]
        for (account, words, place_id, name, longitude, latitude), error_m in zip(
            rows[cells].itertuples(index=False), rows["uncertainty_m"], strict=True
        ):
            if kinds[place_id] in _WET or account not in position:
                continue
            where = in_words(round(longitude, 4), round(latitude, 4))
            stated = f"{words!r} ({role}) is {name}, {where} ± {error_m / 1000:.3g} km"
            row = position[account]
            yield _Spot(row, role, words, stated, longitude, latitude, float(error_m))


def _offshore_m(countries: list[Place], tree: shapely.STRtree, spot: _Spot) -> tuple[float, str]:
    """Return how far a spot lies outside the nearest country, metres, and which that is."""
    point = shapely.Point(spot.longitude, spot.latitude)
    gap_deg = shapely.distance(point, tree.geometries[tree.nearest(point)])
    # In degrees the nearest may be another: all that may be as near are measured.
    shrink = max(float(np.cos(np.radians(spot.latitude))), 0.01)
    near = tree.query(point, predicate="dwithin", distance=gap_deg / shrink + 1.0)
    longitude, latitude = np.array([spot.longitude]), np.array([spot.latitude])
    return min(
        (float(outside_m(countries[at], longitude, latitude)[0]), countries[at].name) for at in near
    )


def _names_water(reports: pd.DataFrame, row: int) -> bool:
    cells = [
        cell
        for name, cell in reports.iloc[row].items()
        # What was found when the workbook was checked before is no word of the row.
        if isinstance(cell, str) and not str(name).startswith(OURS)
    ]
    return _AFLOAT.search(" ; ".join(cells)) is not None
