"""Which cells of H3 each place lies in, and how much of it in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geoinc.counting.side_by_side import runs
from geoinc.counting.spreading import Spread
from geoinc.counting.words import cells_of
from geoinc.geodesy import buffer, disc
from geoinc.h3_cells import cells_at, cells_meeting, library, outlines_of
from geoinc.progress import watched
from geoinc.uncertainty.positions import true_to_area

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.intp]
    Shapes = NDArray[np.object_]

#: A place of more cells than this is not known to cells of that size.
_MOST_CELLS = 1000
#: The earth in the projection of `true_to_area`.
_EARTH = 360 * 2
#: Longest edge that is projected as it is, degrees.
_EDGE_DEG = 0.1
#: Places that are looked at at once.
_PLACES_AT_ONCE = 10_000
#: Of a place that reaches no farther than so many rings of cells, all of these are looked at at once.
_RINGS = 3
#: Length of a degree of latitude on the equator, where it is shortest, metres.
_DEGREE_M = 110_574.0
#: A part of a footprint that is no more than rounding.
_NOTHING = 1e-9


def spread_over_cells(places: gpd.GeoDataFrame, resolution: int) -> Spread:
    """Return the cells of H3 that incidents at each place are shared among, by area.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        As `Layers.places`.
    resolution : int
        Of H3, 0 to 15.

    Returns
    -------
    Spread
        Of a place in one cell, boundary error included, that cell; otherwise all that it meets;
        of a country, or of what meets more than about 1,000 cells, ``somewhere in`` the country.

    Raises
    ------
    ModuleNotFoundError
        Where h3 is missing.
    """
    is_country = places["kind"].eq("country").to_numpy()
    known = np.flatnonzero(~is_country)
    own, wide = _of_centres(places.iloc[known], resolution)
    # Places near to each other at once: they are among the same cells.
    crossing = np.flatnonzero(wide)[np.argsort(own[wide], kind="stable")]
    place, names, shares = [known[~wide]], [own[~wide]], [np.ones(int((~wide).sum()))]
    coarse = [np.flatnonzero(is_country)]
    starts = range(0, len(crossing), _PLACES_AT_ONCE)
    for start in watched(starts, "finding the cells of places", len(starts)):
        some = crossing[start : start + _PLACES_AT_ONCE]
        at, cell, share, is_coarse = _among_cells(places.iloc[known[some]], own[some], resolution)
        place.append(known[some][at])
        names.append(cell)
        shares.append(share)
        coarse.append(known[some][is_coarse])
    place += coarse
    somewhere = _somewhere(places)
    names += [somewhere[some] for some in coarse]
    shares += [np.ones(len(some)) for some in coarse]
    label, labels = pd.factorize(np.concatenate(names), sort=True)
    of = np.concatenate(place)
    order = np.lexsort((label, of))
    return Spread(
        index=places.index,
        labels=labels,
        start=np.searchsorted(of[order], np.arange(len(places) + 1)),
        label=label[order],
        share=np.concatenate(shares)[order],
    )


def _somewhere(places: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return what is said of a place that is known no finer than its country, or hardly."""
    countries = places[places["kind"] == "country"]
    names = dict(zip(countries["country"], countries["name"], strict=True))
    country = cells_of(places, "country").map(lambda letters: names.get(letters, letters))
    told = ("somewhere in " + country).where(country != "", "across countries")
    return told.to_numpy(dtype=object)


def _of_centres(places: gpd.GeoDataFrame, resolution: int) -> tuple[NDArray[np.object_], Bools]:
    """Return the cell that the centre of each place is in, and whether it may reach beyond that."""
    longitude, latitude, radius_m = (
        places[name].to_numpy(dtype=float) for name in ("longitude", "latitude", "uncertainty_m")
    )
    own = np.array(cells_at(longitude, latitude, resolution), dtype=object)
    which, cells = pd.factorize(own)
    outlines = outlines_of(cells)
    edge_deg = shapely.distance(
        shapely.points(longitude, latitude), shapely.boundary(outlines)[which]
    )
    # A degree is at least so long anywhere in the cell.
    _, south, _, north = shapely.bounds(outlines).reshape(-1, 4).T
    shortest_m = _DEGREE_M * np.cos(np.radians(np.maximum(np.abs(south), np.abs(north))))
    return own, ~(radius_m < edge_deg * shortest_m[which])


def _footprints(places: gpd.GeoDataFrame) -> Shapes:
    """Return the footprints; of a place that has a point alone the disc that holds it."""
    footprints = places.geometry.to_numpy().copy()
    radius_m = places["uncertainty_m"].to_numpy(dtype=float)
    for i in np.flatnonzero(shapely.get_dimensions(footprints) == 0):
        if radius_m[i] > 0:
            footprints[i] = disc(footprints[i].x, footprints[i].y, radius_m[i])
    return np.asarray(footprints, dtype=object)


def _among_cells(
    places: gpd.GeoDataFrame, own: NDArray[np.object_], resolution: int
) -> tuple[Ints, NDArray[np.object_], Floats, Bools]:
    """Return the place, cell and share of each part of places, and which places are too wide for that."""
    footprints = _footprints(places)
    flat = _flat(footprints)
    error_m = places["boundary_error_m"].fillna(0).to_numpy(dtype=float)
    reach, size = footprints.copy(), shapely.area(flat)
    for i in np.flatnonzero(error_m > 0):
        reach[i] = buffer(footprints[i], error_m[i])
        size[i] = shapely.area(_flat(reach[i : i + 1]))[0]
    coarse = library().get_num_cells(resolution) * size / _EARTH > _MOST_CELLS
    is_point = shapely.area(footprints) == 0
    at, cell = _meeting(places, reach, own, resolution, ~coarse & ~is_point)
    area = _area_in_cells(flat, at, cell)
    share = area / np.bincount(at, area, len(places))[at]
    # Where only the error reaches, a place may lie, but no part of it is drawn there.
    kept = (share > 0) | (error_m[at] > 0)
    points = np.flatnonzero(is_point)
    return (
        np.concatenate([points, at[kept]]),
        np.concatenate([own[points], cell[kept]]),
        np.concatenate([np.ones(len(points)), share[kept]]),
        coarse,
    )


def _meeting(
    places: gpd.GeoDataFrame,
    reach: Shapes,
    own: NDArray[np.object_],
    resolution: int,
    wanted: Bools,
) -> tuple[Ints, NDArray[np.object_]]:
    """Return each of the wanted places with each of the cells that it meets."""
    edge_m = library().average_hexagon_edge_length(resolution, unit="m")
    radius_m = places["uncertainty_m"].to_numpy(dtype=float)
    # Each ring of cells around the own one is wider than an edge, also where cells are small.
    rings = np.ceil(radius_m / edge_m + 0.5)
    at, cell = [], []
    for k in range(1, _RINGS + 1):
        near = np.flatnonzero(wanted & (rings == k))
        found = _within_rings(reach[near], own[near], k)
        at.append(near[found[0]])
        cell.append(found[1])
    for i in np.flatnonzero(wanted & ~(rings <= _RINGS)):
        cell.append(np.array(cells_meeting(reach[i], resolution), dtype=object))
        at.append(np.full(len(cell[-1]), i))
    return np.concatenate(at), np.concatenate(cell)


def _within_rings(
    reach: Shapes, own: NDArray[np.object_], k: int
) -> tuple[Ints, NDArray[np.object_]]:
    """Return each of some shapes with each of the cells that it meets, up to `k` rings from its own."""
    which, cells = pd.factorize(own)
    around = [library().grid_disk(cell, k) for cell in cells]
    size = np.array([len(names) for names in around], dtype=np.intp)
    cell, outlines = _drawn([name for names in around for name in names])
    shapely.prepare(outlines)
    # The cells around one stand one after the other.
    at, entry = runs((size.cumsum() - size)[which], size[which])
    meets = shapely.intersects(outlines[entry], reach[at])
    return at[meets], cell[entry[meets]]


def _drawn(cells: Sequence[str]) -> tuple[NDArray[np.object_], Shapes]:
    """Return cells, some of them told several times, with their outlines."""
    which, names = pd.factorize(np.array(cells, dtype=object))
    return names[which], outlines_of(names)[which]


def _area_in_cells(flat: Shapes, at: Ints, cell: NDArray[np.object_]) -> Floats:
    """Return how much of a shape lies in a cell for each pair of them, in the plane of `_flat`."""
    which, names = pd.factorize(cell)
    outlines = _flat(outlines_of(names))
    flat = np.asarray(shapely.make_valid(flat))
    shapely.prepare(flat)
    area = shapely.area(outlines)[which]
    cut = np.flatnonzero(~shapely.covers(flat[at], outlines[which]))
    area[cut] = shapely.area(shapely.intersection(flat[at[cut]], outlines[which[cut]]))
    area[area < _NOTHING * shapely.area(flat)[at]] = 0
    return np.asarray(area)


def _flat(shapes: Shapes) -> Shapes:
    """Return shapes in the plane where equal areas stay equal."""
    flat = shapely.transform(shapely.segmentize(shapes, _EDGE_DEG), true_to_area)
    return np.asarray(flat)
