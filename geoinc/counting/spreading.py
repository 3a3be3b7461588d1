"""Among which cells of H3 the incidents at a place are shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geoinc.counting.sharing import NOT_PLACED, Placed, Shares, once, weights_of
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


@dataclass(frozen=True, eq=False)
class Spread:
    """The categories that an incident at each place may be in, and what share it has in each.

    Parameters
    ----------
    index : pandas.Index
        The places, ``place_id``.
    labels : array of str
        The categories.
    start : array of int
        Where the categories of each place begin, and at last where they end.
    label : array of int
        Which of the labels each is; in the order of the labels within a place.
    share : array of float
        They add up to 1 for a place; 0 where only the error of a boundary reaches.
    """

    index: pd.Index
    labels: NDArray[np.object_]
    start: Ints
    label: Ints
    share: Floats


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


def cell_shares(n: int, placed: Placed, spread: Spread) -> tuple[Shares, pd.DataFrame]:
    """Return in which cell each of n incidents is, all that one may lie in as one category.

    So an incident is one row, however many cells a province has.  What is several cells is a
    number, which is taken apart (`taken_apart`) when those in the same ones have been counted.

    Parameters
    ----------
    n : int
        How many incidents there are.
    placed : Placed
        Their rows.
    spread : Spread
        Of their places.

    Returns
    -------
    shares : Shares
        One row for each incident.
    cells : pandas.DataFrame
        Of each ``number``, in their order, the ``cell`` names and the ``share`` of each.
    """
    # First the names, then what has no place, places in several cells, incidents at several places.
    unknown = len(spread.labels)
    several = unknown + 1 + len(spread.index)
    place = spread.index.get_indexer(pd.Index(cells_of(placed.places, "place_id"), dtype=object))
    only = np.append(spread.label, unknown)[spread.start[place]]
    size = np.diff(spread.start, append=spread.start[-1])[place]
    codes = np.where(size > 1, unknown + 1 + place, np.where(place < 0, unknown, only))
    incident, code, share = weights_of(n, placed, codes)
    category = np.full(n, unknown)
    category[incident] = code
    apart = (np.bincount(incident, minlength=n) > 1)[incident]
    category[incident[apart]] = several + incident[apart]
    wide = np.unique(category[(category > unknown) & (category < several)])
    at, cell, part = _in_cells(wide, spread)
    mixed, met, share_met = _in_cells(code[apart], spread)
    mixed, met, share_met = once(n, incident[apart][mixed], met, share[apart][mixed] * share_met)
    names = np.append(spread.labels, NOT_PLACED)
    cells = pd.DataFrame(
        {
            "number": np.concatenate([wide[at], several + mixed]),
            "cell": names[np.concatenate([cell, met])],
            "share": np.concatenate([part, share_met]),
        }
    )
    which, distinct = pd.factorize(category)
    labels = distinct.astype(object)
    labels[distinct <= unknown] = names[distinct[distinct <= unknown]]
    return Shares(np.arange(n), which, np.ones(n), category <= unknown, labels), cells


def _in_cells(codes: Ints, spread: Spread) -> tuple[Ints, Ints, Floats]:
    """Return for each code of a place in several cells these and their shares; others are themselves."""
    place = np.maximum(codes - len(spread.labels) - 1, -1)
    size = np.append(np.diff(spread.start), 1)[place]
    at = np.repeat(np.arange(len(codes)), size)
    entry = np.arange(len(at)) - np.repeat(size.cumsum() - size - spread.start[place], size)
    cell = np.where(place[at] < 0, codes[at], np.append(spread.label, 0)[entry])
    return at, cell, np.append(spread.share, 1.0)[entry]


def taken_apart(table: pd.DataFrame, level: int, cells: pd.DataFrame) -> pd.DataFrame:
    """Return counts in which numbers of one level are the cells that they stand for.

    Parameters
    ----------
    table : pandas.DataFrame
        Index the categories; ``count`` is shared by the cells, other columns go to each.
    level : int
        Of the index.
    cells : pandas.DataFrame
        From `cell_shares`.

    Returns
    -------
    pandas.DataFrame
        Some categories several times.
    """
    names = table.index.get_level_values(level)
    is_number = names.isin(cells["number"].unique())
    numbers = names[is_number].to_numpy(dtype=np.int64)
    first, last = (
        np.searchsorted(cells["number"], numbers, side=side) for side in ("left", "right")
    )
    size = last - first
    entry = np.arange(size.sum()) - np.repeat(size.cumsum() - size - first, size)
    rows = table[is_number].iloc[np.repeat(np.arange(len(size)), size)]
    rows = rows.assign(count=rows["count"] * cells["share"].to_numpy()[entry])
    index = rows.index.to_frame(index=False)
    index.isetitem(level, cells["cell"].to_numpy(dtype=object)[entry])
    rows.index = (
        pd.MultiIndex.from_frame(index) if index.shape[1] > 1 else pd.Index(index.iloc[:, 0])
    )
    return pd.concat([table[~is_number], rows])


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
    at = np.repeat(np.arange(len(reach)), size[which])
    # The cells around one stand one after the other; the first of them for each shape.
    first = (size.cumsum() - size)[which]
    entry = np.arange(len(at)) - np.repeat(size[which].cumsum() - size[which] - first, size[which])
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
