"""In which of a set of areas each event lies: wholly in one, or with a share in several."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array, csr_array  # type: ignore[import-untyped]

from geoinc.geodesy import disc
from geoinc.schema import Layers
from geoinc.stats.events import Events, events_of, unweighted
from geoinc.stats.globe import AUTHALIC_M
from geoinc.stats.windows import countries_at, provinces
from geoinc.uncertainty.draws import keys_of, uniform
from geoinc.uncertainty.positions import true_to_area

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Shapes = NDArray[np.object_]

#: An event with this share in one area is known to lie in it.
_WHOLLY = 0.95
#: Longest edge that is projected as it is, degrees.
_EDGE_DEG = 0.1
#: The streams of chance that events take already; areas take the next.
_STREAM = 3


def areas_of(
    source: Any, areas: gpd.GeoDataFrame | None, *, role: str, label: str | None
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the areas in degrees, their labels as index, and a note where nobody named them.

    Parameters
    ----------
    source : Layers, GeoDataFrame, (longitude, latitude) or Events
        The provinces of whose countries are the areas where none are given.
    areas : geopandas.GeoDataFrame or None
        Polygons with a CRS.
    role : str
        Whose places count.
    label : str or None
        Column of names; the index where it is None.

    Raises
    ------
    ValueError
        Where there are no areas, or they have no CRS.
    """
    notes: tuple[str, ...] = ()
    if areas is None:
        countries = _countries(source, role)
        if not countries:
            msg = "the incidents lie in no province that is known: give areas="
            raise ValueError(msg)
        areas, label = provinces(countries), "name"
        notes = (f"no areas were given: they are the provinces of {', '.join(countries)}",)
    if len(areas) == 0 or areas.crs is None:
        msg = "there are no areas" if len(areas) == 0 else "the areas have no CRS: set it first"
        raise ValueError(msg)
    areas = areas.to_crs(4326)
    shapes = shapely.make_valid(np.asarray(areas.geometry.array))
    index = areas.index if label is None else areas[label]
    table = areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=4326))
    return table.set_axis(index.astype(str).rename("label"), axis=0), notes


def _countries(source: Any, role: str) -> list[str]:
    """Return the countries that rows name, or where they name none, those they lie in."""
    if isinstance(source, Layers):
        layer = source.layer(role)
        named = set(layer.loc[layer["weight"] > 0, "place_country"].dropna()) - {""}
        if named:
            return sorted(named)
    events = events_of(source, role=role)
    return countries_at(events.longitude, events.latitude)


def square_km(shapes: Shapes) -> Floats:
    """Return areas of shapes in degrees, square kilometres on the ellipsoid."""
    flat = shapely.transform(shapely.segmentize(shapes, _EDGE_DEG), true_to_area)
    return np.asarray(shapely.area(flat) * np.radians(1) * (AUTHALIC_M / 1000) ** 2)


def events_in_areas(
    source: Any, table: gpd.GeoDataFrame, *, role: str, centres: bool
) -> tuple[Events, csr_array]:
    """Return the events, and the share that each has in each area.

    Parameters
    ----------
    source : Layers, GeoDataFrame, (longitude, latitude) or Events
        See `events_of`.
    table : geopandas.GeoDataFrame
        From `areas_of`.
    role : str
        Whose places count.
    centres : bool
        Whether events lie at their centres, whatever is known of them.

    Returns
    -------
    events : Events
        Precise are those that lie in one area, or outside of all; those of
        which nothing lies in an area are left out, and counted in ``notes``.
    shares : scipy.sparse.csr_array
        One row an event, one column an area; what is missing to 1 lies outside.
    """
    events = unweighted(events_of(source, role=role))
    shapes = np.asarray(table.geometry.array)
    shares = _of_centres(events, shapes)
    if not centres and events.rows is not None:
        shares = _of_rows(events, shapes)
    inside = np.asarray(shares.sum(axis=1)).ravel()
    most = shares.max(axis=1).toarray().ravel() if shares.shape[0] else inside
    if not centres or events.rows is None:
        events = replace(events, precise=most >= _WHOLLY)
    notes = events.notes
    out = inside <= 0
    if out.any():
        notes = (*notes, f"{out.sum()} of {len(events)} events lie in none of the areas")
    elif (beyond := float(len(events) - inside.sum())) > 0.5:
        notes = (*notes, f"about {beyond:.0f} of {len(events)} events lie in none of the areas")
    return replace(events.where(~out), notes=notes), shares[np.flatnonzero(~out)]


def drawn_areas(events: Events, shares: csr_array, number: int, *, seed: int) -> Ints:
    """Return the area of each event in a possible world; the number of areas where it is outside.

    Parameters
    ----------
    events : Events
        From `events_in_areas`.
    shares : scipy.sparse.csr_array
        From there.
    number : int
        Of the world.
    seed : int
        From `geoinc.uncertainty.draws.seed_of`.
    """
    chance = uniform(seed, keys_of(pd.Index(events.key)), number, _STREAM)[:, _STREAM - 1]
    before = np.concatenate([[0.0], np.cumsum(shares.data)])
    begin = before[shares.indptr[:-1]]
    at = np.searchsorted(before, begin + chance, side="right") - 1
    areas = np.append(shares.indices, shares.shape[1])
    inside = at < shares.indptr[1:]
    drawn: Ints = np.where(inside, areas[np.minimum(at, len(shares.data))], shares.shape[1])
    return drawn


def _of_centres(events: Events, shapes: Shapes) -> csr_array:
    points = shapely.points(events.longitude, events.latitude)
    event, area = shapely.STRtree(shapes).query(points, predicate="intersects")
    # A point on a border lies in the first of the areas.
    order = np.lexsort((area, event))
    event, area = event[order], area[order]
    first = np.unique(event, return_index=True)[1]
    return _matrix(event[first], area[first], np.ones(len(first)), (len(events), len(shapes)))


def _of_rows(events: Events, shapes: Shapes) -> csr_array:
    """Return the shares of events whose rows lie in footprints."""
    rows = events.rows
    if rows is None:
        return _of_centres(events, shapes)
    of = np.repeat(np.arange(len(events)), rows.stop - rows.start)
    number = np.arange(len(of)) - np.repeat(
        np.flatnonzero(np.diff(of, prepend=-1)), rows.stop - rows.start
    )
    at = rows.start[of] + number
    weight = rows.weight[at]
    weight = weight / np.bincount(of, weights=weight)[of]
    named, place = np.unique(rows.place[at], return_inverse=True)
    footprints = rows.shapes[named].copy()
    radius_m = (rows.areas.outer_m + rows.areas.error_m)[named]
    for i in np.flatnonzero(shapely.get_type_id(footprints) == shapely.GeometryType.POINT):
        if radius_m[i] > 0:
            centre = footprints[i]
            footprints[i] = disc(centre.x, centre.y, radius_m[i])
    told = _matrix(of, place.ravel(), weight, (len(events), len(named)))
    return csr_array(told @ _of_footprints(footprints, shapes))


def _of_footprints(footprints: Shapes, shapes: Shapes) -> csr_array:
    """Return the share of each footprint in each area, by area on the ellipsoid."""
    tree = shapely.STRtree(shapes)
    place, area = tree.query(footprints, predicate="intersects")
    share = np.ones(len(place))
    within = shapely.covered_by(footprints[place], shapes[area])
    crossing = np.flatnonzero(~within)
    if len(crossing):
        whole = square_km(footprints)
        met = shapely.intersection(footprints[place[crossing]], shapes[area[crossing]])
        share[crossing] = square_km(met) / np.maximum(whole[place[crossing]], 1e-300)
    # A point on a border has no area in either; one wholly inside two areas is in the first.
    order = np.lexsort((area, ~within, place))
    place, area, share = place[order], area[order], share[order]
    total = np.bincount(place, weights=share, minlength=len(footprints))
    before = np.cumsum(share) - share
    start = np.concatenate([[0.0], np.cumsum(total)])[place]
    share = np.clip(np.minimum(share, 1 - (before - start)), 0, 1)
    kept = share > 1e-9
    return _matrix(place[kept], area[kept], share[kept], (len(footprints), len(shapes)))


def _matrix(row: Ints, column: Ints, values: Floats, shape: tuple[int, int]) -> csr_array:
    matrix = csr_array(coo_array((values, (row, column)), shape=shape))
    matrix.sum_duplicates()
    return matrix
