"""The coarser area that stands for a place: a cell, an administrative area, a moved disc."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from hashlib import blake2b
from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.geodesy import corrected_centre, direct, disc, polygons
from geoinc.places import Place
from geoinc.uncertainty.draws import keys_of, seed_of, uniform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from geoinc.uncertainty.draws import Rng

#: Kinds of place that are public areas however they are told.
PUBLIC_KINDS = ("country", "province")

#: A place that is known better than this, in metres, goes to the administrative area of its
#: centre; the area's boundary is then no better known than this.
NEAR_M = 25_000.0

#: Most cells across an area that is made of cells.
_MOST_CELLS = 32

_KM_PER_DEG = 111.2
_TOLD = re.compile(
    r"coarsened to (cells|provinces|areas)(?: of ([\d.]+) km)?|displaced by up to ([\d.]+) km"
)
_TO_PROVINCES = "coarsened to provinces"
_GRAMMAR = re.compile(r"(displaced )?(\d+(?:\.\d+)?) ?km", re.IGNORECASE)


@dataclass(frozen=True)
class Coarseness:
    """How coarse places shall be.

    Parameters
    ----------
    way : str
        ``"cells"``, ``"areas"`` or ``"displaced"``.
    size_m : float
        Side of the cells, or radius of the displacement, in metres.
    areas : geopandas.GeoDataFrame or None
        Of the administrative areas: ``name``, ``country``, ``boundary_error_m``, footprints.
    words : str
        What the file says of it.
    """

    way: str
    size_m: float
    areas: gpd.GeoDataFrame | None
    words: str


def coarseness(to: str | gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> Coarseness:
    """Read how coarse places shall be.

    Parameters
    ----------
    to : str or GeoDataFrame
        As of `coarsen`.
    places : GeoDataFrame
        As `Layers.places`; their provinces come before the shipped ones.

    Raises
    ------
    ValueError
        Where it is none of these.

    Examples
    --------
    >>> coarseness("10 km", None).words
    'coarsened to cells of 10 km'
    """
    if isinstance(to, gpd.GeoDataFrame):
        return Coarseness("areas", 0.0, _given(to), "coarsened to areas")
    if to == "admin1":
        return Coarseness("areas", 0.0, _provinces(places), _TO_PROVINCES)
    read = _GRAMMAR.fullmatch(to)
    if read is None or not 0.1 <= float(read[2]) <= 1000:
        msg = (
            f"to={to!r}: write a grid as '10 km', provinces as 'admin1', a displacement as "
            "'displaced 10 km' (0.1 to 1,000 km), or hand in a table of areas"
        )
        raise ValueError(msg)
    km = float(read[2])
    if read[1]:
        return Coarseness("displaced", km * 1000, None, f"displaced by up to {km:g} km")
    return Coarseness("cells", km * 1000, None, f"coarsened to cells of {km:g} km")


def told_coarseness(places: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return how places were coarsened, as their sources say; empty where they were not.

    Parameters
    ----------
    places : GeoDataFrame
        As `Layers.places`.

    Returns
    -------
    list of (str, str)
        ``"cells"``, ``"provinces"``, ``"areas"`` or ``"displaced"``, and the kilometres, if any.
    """
    text = "\n".join(places["source"].astype(str).unique())
    told = set(_TOLD.findall(text))
    return sorted((way or "displaced", km or moved_km) for way, km, moved_km in told)


def coarse_place(place: Any, how: Coarseness, move: tuple[float, float] | None) -> Place | None:
    """Return the area that stands for a place, which tells no more than it is said to.

    Parameters
    ----------
    place : row
        Of `Layers.places`, as `itertuples` gives it.
    how : Coarseness
        How coarse it shall be.
    move : tuple of float, optional
        Azimuth in degrees and metres, of a displacement.

    Returns
    -------
    Place or None
        None where none of the areas is near.
    """
    provinces = how.words == _TO_PROVINCES
    stays = place.kind == "country" or (place.kind == "province" and not provinces)
    if stays and place.uncertainty_m >= how.size_m:
        shape, error_m = place.geometry, place.boundary_error_m
        return _area(place.name, place.kind, place, shape, error_m=error_m, source=place.source)
    if how.way == "displaced":
        return _displaced(place, how, move or (0.0, 0.0))
    if how.way == "areas":
        return _among(place, how)
    return _cells(place, how)


def moves(places: gpd.GeoDataFrame, radius_m: float, rng: Rng) -> list[tuple[float, float]]:
    """Return azimuth and distance, uniform over a disc, of each place: the same at every time.

    Places at one spot move alike, or the middle of where they came to would be the spot.

    Parameters
    ----------
    places : GeoDataFrame
        As `Layers.places`; the centre decides, to about 100 m.
    radius_m : float
        Of the disc, metres.
    rng : int or numpy.random.Generator
        The secret.
    """
    centres = zip(places["longitude"], places["latitude"], strict=True)
    spots = pd.Index([f"{longitude:.3f} {latitude:.3f}" for longitude, latitude in centres])
    numbers = uniform(seed_of(rng), keys_of(spots), 0, 2)
    return [(360 * a, radius_m * math.sqrt(b)) for a, b in numbers.tolist()]


def _cells(place: Any, how: Coarseness) -> Place:
    """Return the cell of a place's centre, or of a wide one all cells that it touches.

    Which cells a small place touches would tell where in the cell it is; so there is one, and
    the place reaches over its edge by no more than half of it.
    """
    half_m = how.size_m / 2
    if place.uncertainty_m <= half_m:
        shape: BaseGeometry = shapely.box(*_cell(place.longitude, place.latitude, how.size_m))
        size_m, error_m = how.size_m, half_m
    else:
        size_m, error_m = how.size_m, 0.0
        while 2 * place.uncertainty_m > _MOST_CELLS * size_m:
            size_m *= 2
        shape = _touched(place.geometry, size_m)
    longitude, latitude, _ = corrected_centre(shape)
    name = f"{size_m / 1000:g} km cell{'s' if error_m == 0 else ''}"
    spot = f"{abs(latitude):.2f}°{'NS'[latitude < 0]} {abs(longitude):.2f}°{'EW'[longitude < 0]}"
    return _area(f"{name} at {spot}", "cell", place, shape, error_m=error_m, source=how.words)


def _cell(longitude: float, latitude: float, size_m: float) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the cell that a spot is in.

    Bands of equal height around the earth, each cut into equal cells about as wide: the same
    for everybody, so that two maps have the same cells.
    """
    bands = max(1, round(180 * _KM_PER_DEG * 1000 / size_m))
    height = 180 / bands
    band = min(math.floor((latitude + 90) / height), bands - 1)
    width = _width(band, height)
    column = min(math.floor((longitude + 180) / width), round(360 / width) - 1)
    west, south = column * width - 180, band * height - 90
    return (round(west, 5), round(south, 5), round(west + width, 5), round(south + height, 5))


def _width(band: int, height: float) -> float:
    """Return the width of the cells in a band, degrees."""
    middle = math.radians((band + 0.5) * height - 90)
    return 360 / max(1, round(360 * math.cos(middle) / height))


def _touched(shape: BaseGeometry, size_m: float) -> BaseGeometry:
    """Return the cells that a shape touches, as one."""
    height = 180 / max(1, round(180 * _KM_PER_DEG * 1000 / size_m))
    cells = []
    for part in shapely.get_parts(shape):
        west, south, east, north = part.bounds
        for latitude in np.arange(south, north + height, height):
            _, low, _, high = _cell(0.0, min(latitude, 90), size_m)
            width = _width(round((low + 90) / height), height)
            for longitude in np.arange(west, east + width, width):
                spot = (min(longitude, 180 - 1e-9), (low + high) / 2)
                cells.append(shapely.box(*_cell(*spot, size_m)))
    boxes = np.array(cells, dtype=object)
    shapely.prepare(shape)
    return polygons(shapely.union_all(boxes[shapely.intersects(shape, boxes)], grid_size=1e-5))


def _among(place: Any, how: Coarseness) -> Place | None:
    """Return the administrative area of a place's centre, or of a wide one all that it is in."""
    areas = how.areas
    assert areas is not None  # noqa: S101  # what "areas" means
    shapes = areas.geometry.to_numpy()
    error_m = NEAR_M
    if place.kind == "province" and how.words == _TO_PROVINCES:
        # No other place than those that are coarsened to it.
        same = areas["name"].eq(place.name) & areas["country"].eq(place.country)
        found = np.flatnonzero(same.to_numpy())
    elif place.uncertainty_m > NEAR_M:
        found = np.flatnonzero(shapely.intersects(place.geometry, shapes))
        parts = shapely.area(shapely.intersection(place.geometry, shapes[found]))
        found = found[parts >= 0.01 * place.geometry.area]
        error_m = float(areas["boundary_error_m"].iloc[found].max()) if len(found) else 0.0
    else:
        centre = shapely.Point(place.longitude, place.latitude)
        found = np.flatnonzero(shapely.intersects(centre, shapes))[:1]
        if not len(found):
            near = disc(place.longitude, place.latitude, NEAR_M)
            beside = np.flatnonzero(shapely.intersects(near, shapes))
            found = beside[np.argsort(shapely.distance(centre, shapes[beside]))][:1]
    if not len(found):
        return None
    names, countries = areas["name"].iloc[found], areas["country"].iloc[found]
    one = place._replace(
        country=countries.iloc[0] if len(set(countries)) == 1 else "",
        admin1=names.iloc[0] if len(found) == 1 else "",
    )
    kind = "province" if how.words == _TO_PROVINCES and len(found) == 1 else "areas"
    several = "provinces" if how.words == _TO_PROVINCES else "areas"
    name = " or ".join(names) if len(found) <= 3 else f"one of {len(found)} {several}"
    shape = polygons(shapely.union_all(shapes[found]))
    sources = "; ".join(dict.fromkeys([how.words, *areas["source"].iloc[found]]))
    return _area(name, kind, one, shape, error_m=error_m, source=sources)


def _displaced(place: Any, how: Coarseness, move: tuple[float, float]) -> Place:
    """Return a disc around a moved centre that holds the whole of the place."""
    azimuth, away_m = move
    there = direct(place.longitude, place.latitude, azimuth, away_m)
    longitude, latitude = (round(float(value), 4) for value in there)
    # How well the place was known is told in whole steps.
    radius_m = how.size_m * (1 + math.ceil(place.uncertainty_m / how.size_m))
    spot = f"{abs(latitude):.2f}°{'NS'[latitude < 0]} {abs(longitude):.2f}°{'EW'[longitude < 0]}"
    return Place(
        place_id=_digest(f"{longitude} {latitude} {radius_m} {place.country}"),
        name=f"within {radius_m / 1000:g} km of {spot}",
        kind="displaced",
        footprint=disc(longitude, latitude, radius_m),
        longitude=longitude,
        latitude=latitude,
        uncertainty_m=radius_m,
        position_error_m=how.size_m,
        coverage=float(place.coverage),
        country=place.country,
        source=how.words,
        licence=place.licence,
        shape=f"disc radius_m={radius_m:g}",
    )


def _area(
    name: str, kind: str, place: Any, shape: BaseGeometry, *, error_m: float, source: str
) -> Place:
    """Return a polygon as a place; its centre is its own, whatever the place's was."""
    longitude, latitude, radius_m = corrected_centre(shape)
    told = f"{name} {place.country} {error_m} {source}"
    return Place(
        place_id=_digest(f"{told} {shapely.normalize(shape).wkt}"),
        name=name,
        kind=kind,
        footprint=polygons(shape),
        longitude=round(longitude, 4),
        latitude=round(latitude, 4),
        uncertainty_m=round(radius_m + error_m + 15),  # what rounding the centre may cost
        position_error_m=0.0,
        boundary_error_m=float(error_m),
        coverage=float(place.coverage),
        country=place.country,
        admin1="" if kind == "cell" else place.admin1,
        source=source,
        licence=place.licence,
    )


def _digest(text: str) -> str:
    return f"area-{blake2b(text.encode(), digest_size=6).hexdigest()}"


def _given(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if "name" not in areas or areas.crs is None:
        msg = "areas to coarsen to need a column 'name' and a coordinate reference system"
        raise ValueError(msg)
    table = areas.to_crs(4326)
    table.geometry = table.geometry.make_valid()
    return table.assign(
        name=table["name"].astype(str),
        country=table["country"].fillna("").astype(str) if "country" in table else "",
        boundary_error_m=0.0,
        source=table["source"].fillna("").astype(str) if "source" in table else "",
    )


def _provinces(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the shipped provinces around places, read as a plain file, and the places' own."""
    columns = ["name", "country", "boundary_error_m", "source", "geometry"]
    own = places.loc[places["kind"].eq("province"), columns]
    with resources.as_file(resources.files("geoinc") / "data" / "gazetteer.gpkg") as path:
        shipped = gpd.read_file(
            path,
            layer="places",
            columns=columns[:-1],
            where="kind = 'province'",
            bbox=_around(places.total_bounds.tolist()) if len(places) else None,
        )
    table = pd.concat([own, shipped[columns]]).drop_duplicates(["name", "country"])
    table.geometry = table.geometry.make_valid()
    return gpd.GeoDataFrame(table, crs=4326)


def _around(bounds: Sequence[float]) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    return (west - 1, south - 1, east + 1, north + 1)
