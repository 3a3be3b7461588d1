"""Which areas are neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array, diags_array, triu  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.geodesy import inverse
from geoinc.space import in_space

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: Outlines closer than this touch, degrees: 10 metres, what rounding of vertices leaves.
_TOUCH_DEG = 1e-4


def area_weights(
    areas: gpd.GeoDataFrame,
    *,
    by: Literal["queen", "rook", "nearest", "within"] = "queen",
    k: int = 6,
    distance_m: float | None = None,
) -> csr_array:
    """Return which areas are neighbours.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Polygons with a CRS.
    by : {"queen", "rook", "nearest", "within"}
        Areas that touch, be it in a corner (as near as 10 metres, or outlines that do not quite
        meet would make no neighbours); that share an edge; the `k` whose
        centroids are nearest; those whose centroids are no farther than `distance_m`.
    k : int
        Neighbours of each area, for ``nearest``.
    distance_m : float, optional
        Metres, geodesic, for ``within``.

    Returns
    -------
    scipy.sparse.csr_array
        1 for neighbours, in the order of the areas; an area is none of its own.

    Raises
    ------
    ValueError
        Where `by` is none of these, what it needs is missing, or the areas have no CRS.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from geoinc import stats
    >>> boxes = [shapely.box(x, y, x + 1, y + 1) for y in (33, 34) for x in (42, 43)]
    >>> grid = gpd.GeoDataFrame(geometry=boxes, crs=4326)
    >>> int(stats.area_weights(grid).sum()), int(stats.area_weights(grid, by="rook").sum())
    (12, 8)
    """
    if areas.crs is None:
        msg = "the areas have no CRS: set it first"
        raise ValueError(msg)
    shapes = shapely.make_valid(np.asarray(areas.to_crs(4326).geometry.array))
    if by in {"queen", "rook"}:
        first, second = shapely.STRtree(shapes).query(
            shapes, predicate="dwithin", distance=_TOUCH_DEG
        )
        first, second = first[first != second], second[first != second]
        if by == "rook":
            edge = _edge_deg(shapes, first, second) > 4 * _TOUCH_DEG
            first, second = first[edge], second[edge]
    elif by == "nearest":
        if not 1 <= k < len(shapes):
            msg = f"k={k!r} is not from 1 to {len(shapes) - 1}, one less than there are areas"
            raise ValueError(msg)
        points = in_space(_centroids(shapes))
        second = cKDTree(points).query(points, k + 1)[1]
        # Of areas with one centroid another may come before the area itself.
        own = second == np.arange(len(shapes))[:, None]
        own[~own.any(axis=1), -1] = True
        first, second = np.repeat(np.arange(len(shapes)), k), second[~own]
    elif by == "within":
        if distance_m is None or not distance_m > 0:
            msg = f"distance_m={distance_m!r} is not above 0"
            raise ValueError(msg)
        spots = _centroids(shapes)
        pairs = cKDTree(in_space(spots)).query_pairs(distance_m, output_type="ndarray")
        a, b = spots[pairs[:, 0]], spots[pairs[:, 1]]
        pairs = pairs[inverse(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[0] <= distance_m]
        first, second = np.concatenate([pairs, pairs[:, ::-1]]).T
    else:
        msg = f"by={by!r} is not one of 'queen', 'rook', 'nearest', 'within'"
        raise ValueError(msg)
    shape = (len(shapes), len(shapes))
    return csr_array(coo_array((np.ones(len(first)), (first, second)), shape=shape))


def standardised(weights: csr_array) -> csr_array:
    """Return weights whose rows add up to 1; those of an area without neighbours stay 0.

    Parameters
    ----------
    weights : scipy.sparse.csr_array
        From `area_weights`.
    """
    total = np.asarray(weights.sum(axis=1)).ravel()
    return csr_array(diags_array(1 / np.where(total > 0, total, 1.0)) @ weights)


def one_way(weights: csr_array) -> csr_array:
    """Return weights in which each pair of areas stands once, with the weight of both ways.

    Sums over pairs are the same in half the time, where the order of a pair does not matter.

    Parameters
    ----------
    weights : scipy.sparse.csr_array
        From `area_weights`.
    """
    both = triu(weights + weights.T, k=1)
    return csr_array(both + diags_array(weights.diagonal()))


def _edge_deg(shapes: NDArray[np.object_], first: Ints, second: Ints) -> Floats:
    """Return how long the edges are that areas share, of the width that counts as touching too."""
    wide = shapely.buffer(shapes, _TOUCH_DEG)
    edges = shapely.boundary(shapes)
    return np.asarray(shapely.length(shapely.intersection(edges[first], wide[second])))


def _centroids(shapes: NDArray[np.object_]) -> Floats:
    return shapely.get_coordinates(shapely.centroid(shapes))
