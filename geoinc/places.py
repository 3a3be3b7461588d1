"""A place is an area; its point is only the centre."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry import MultiPolygon, Polygon

LICENCE_CURATED = "CC BY 4.0"

#: What a place can be, from the widest to the smallest.  The words of the
#: gazetteer's ``kind`` column; a reader meets them in popups and tables.
KINDS = (
    "country",
    "province",  # first-order division: governorate, province, region, emirate
    "district",
    "region",  # a named area without an administration: Ghouta, the Badia
    "sea",
    "strait",
    "desert",
    "mountain",
    "valley",
    "river",
    "lake",
    "island",
    "city",
    "town",
    "village",
    "quarter",  # part of a city
    "airport",
    "air base",
    "military base",  # of any army or coalition, other than an air base
    "camp",  # of displaced people
    "embassy",
    "building",  # a named building or compound, such as a hotel or a ministry
    "border crossing",
    "oil field",
    "gas field",
    "refinery",  # refineries, gas plants, oil terminals and processing plants
    "port",
    "dam",
    "power station",
    "prison",
)


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """An area on the ground that a report may mean, and how well it is known.

    Frozen, because layers share places: a row that names a place holds its id
    and nothing may change under it.  Compare places by ``place_id``.

    Parameters
    ----------
    place_id : str
        Key of the place; of a relation ("20 km NE of X") the hash of its
        clauses and anchors.  Equal id, equal footprint.
    name : str
        The name a reader knows it by.
    kind : str
        One of `KINDS`, or ``"relation"``.
    footprint : shapely Polygon or MultiPolygon
        The area, longitude and latitude in degrees on WGS84.  Of a place known
        as a point with an extent it is a disc of extent plus position error.
    longitude, latitude : float
        The centre, in degrees.
    uncertainty_m : float
        Radius around the centre that holds the footprint and its boundary
        error, in metres.
    position_error_m : float
        How well the place itself is known, in metres; already part of a disc.
    boundary_error_m : float
        How far the drawn boundary may be from the true one, in metres; 0 for a
        disc.
    coverage : float
        Share of the time that the footprint is meant to hold the truth, 0..1.
    country, admin1 : str
        ISO 3166-1 alpha-2 code and the name of the first-order division;
        empty where the place spans several.
    source, licence : str
        Where the place is known from and under which terms.
    valid_from, valid_to : str
        ISO dates between which the place existed under this name; empty where
        open.
    match, score, reason : str, float, str
        How the name was found: the stage of the search, the probability
        (0..1) that it is right, and why in words.
    shape : str
        ``"polygon"``, or the simple shape with its parameters as text:
        ``"disc radius_m=2500"``.

    Examples
    --------
    >>> import geoinc as gi
    >>> place = gi.resolve("Balad air base", gi.load_gazetteer())
    >>> place.kind, place.country
    ('air base', 'IQ')
    """

    place_id: str
    name: str
    kind: str
    footprint: Polygon | MultiPolygon
    longitude: float
    latitude: float
    uncertainty_m: float
    position_error_m: float
    boundary_error_m: float = 0.0
    coverage: float = 1.0
    country: str = ""
    admin1: str = ""
    source: str = ""
    licence: str = LICENCE_CURATED
    valid_from: str = ""
    valid_to: str = ""
    match: str = ""
    score: float = 1.0
    reason: str = ""
    shape: str = "polygon"

    def __repr__(self) -> str:
        """Return the place as a line: what, where, how well, from whom."""
        where = ", ".join(part for part in (self.admin1, self.country) if part)
        return (
            f"<Place {self.name!r} ({self.kind}{', ' if where else ''}{where}) "
            f"{self.longitude:.4f}, {self.latitude:.4f} "
            f"± {self.uncertainty_m / 1000:.3g} km>"
        )


#: Columns of a table of places, without the footprint and without how a
#: name was found, which belongs to the row that names the place.
PLACE_COLUMNS = tuple(
    field.name
    for field in fields(Place)
    if field.name not in {"place_id", "footprint", "match", "score", "reason"}
)


def places_frame(places: Iterable[Place]) -> gpd.GeoDataFrame:
    """Return places as a table, one row a place, geometry the footprint.

    Parameters
    ----------
    places : iterable of Place
        Places with equal ``place_id`` are one; the first is kept, where it stands.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, unique index ``place_id``, columns as the fields of `Place`.
    """
    unique: dict[str, Place] = {}
    for place in places:
        unique.setdefault(place.place_id, place)
    ordered = list(unique.values())
    table = pd.DataFrame(
        {
            name: pd.Series([getattr(place, name) for place in ordered], dtype=dtype)
            for name, dtype in _DTYPES.items()
        },
    )
    table.index = pd.Index([place.place_id for place in ordered], name="place_id", dtype=object)
    footprints = gpd.GeoSeries([place.footprint for place in ordered], index=table.index, crs=4326)
    return gpd.GeoDataFrame(table, geometry=footprints, crs=4326)


_DTYPES = {
    name: ("float64" if name.endswith(("_m", "tude")) or name == "coverage" else "object")
    for name in PLACE_COLUMNS
}
