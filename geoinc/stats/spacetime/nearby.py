"""What lies near what: pairs of places no farther apart than a distance on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.geodesy import inverse
from geoinc.space import ground_bounds_m, in_space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: Pairs that are measured or compared in one go: as many as a processor keeps at hand.
PAIRS_AT_ONCE = 1 << 17
#: So many points are asked for their neighbours to tell how many pairs there will be.
_ASKED = 500
#: More pairs of places than this do not fit into memory.
_MOST_PAIRS = 100_000_000
#: A chord is shorter than the way on the ground; what rounding adds to it is less than this.
_SLACK = 1 + 1e-9


def near_pairs(spots: Floats, edges_m: Floats) -> tuple[Ints, list[tuple[Ints, Ints]]]:
    """Return the pairs of places whose distance lies in each of several bands.

    Distances are geodesic: most pairs are told by the chord and what that can be on the ground
    at least and at most, the few that are closer to an edge than this by the geodesic itself.

    Parameters
    ----------
    spots : array of float, two columns
        Longitude and latitude, degrees.
    edges_m : array of float
        Rising; a band reaches from above the edge before it (or 0) to its edge, metres.

    Returns
    -------
    order : array of int
        Numbers of the places in an order in which those that lie near each other stand
        near each other: pairs are of positions in this order, so that what is
        looked up for them stands near too.
    pairs : list of two arrays of int
        For each band, the pairs.

    Raises
    ------
    ValueError
        Where there are more than 100 million.
    """
    points = in_space(spots)
    tree = cKDTree(points)
    order = tree.indices
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    if (many := pairs_about(tree, edges_m[-1])) > _MOST_PAIRS:
        msg = (
            f"about {many:,.0f} pairs of places lie within {edges_m[-1] / 1000:g} km of each other: "
            "give shorter distances"
        )
        raise ValueError(msg)
    pairs = tree.query_pairs(edges_m[-1] * _SLACK, output_type="ndarray")
    # Half the bits, and some at a time: pairs are what takes memory.
    rank = rank.astype(np.int32)
    banded: list[list[Ints]] = [[] for _ in edges_m]
    for part in _parts(pairs):
        band = bands_of(spots, points, part[:, 0], part[:, 1], edges_m)
        for k, found in enumerate(banded):
            found.append(rank[part[band == k].T])
    del pairs
    return order, [_together(found) for found in banded]


def pairs_about(tree: cKDTree, reach: float, *, p: float = 2.0) -> float:
    """Return about how many pairs of the points of a tree lie within reach, from some of them.

    Parameters
    ----------
    tree : scipy.spatial.cKDTree
        Of the points.
    reach : float
        In the unit of the tree.
    p : float
        Of Minkowski's distance.
    """
    some = tree.data[:: max(tree.n // _ASKED, 1)]
    around = tree.query_ball_point(some, reach, p=p, return_length=True)
    return float((around.mean() - 1) * tree.n / 2)


def bands_of(spots: Floats, points: Floats, first: Ints, second: Ints, edges_m: Floats) -> Ints:
    """Return the band of each pair: the first edge that is no less than its geodesic.

    Parameters
    ----------
    spots : array of float, two columns
        Longitude and latitude, degrees.
    points : array of float, three columns
        The same in space, metres.
    first, second : array of int
        The pairs.
    edges_m : array of float
        Rising, metres.

    Returns
    -------
    array of int
        As many as there are edges means beyond the last.
    """
    straight = np.sqrt(((points[first] - points[second]) ** 2).sum(axis=1))
    low, high = ground_bounds_m(straight)
    band = np.searchsorted(edges_m, low)
    unsure = np.flatnonzero(band != np.searchsorted(edges_m, high))
    if len(unsure):
        a, b = spots[first[unsure]], spots[second[unsure]]
        band[unsure] = np.searchsorted(edges_m, inverse(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[0])
    return band


def _together(parts: list[Ints]) -> tuple[Ints, Ints]:
    """Return parts of pairs as one, and leave nothing of the parts."""
    first, second = np.empty((2, sum(part.shape[1] for part in parts)), dtype=np.int32)
    end = len(first)
    while parts:
        part = parts.pop()
        begin = end - part.shape[1]
        first[begin:end], second[begin:end] = part
        end = begin
    return first, second


def _parts(pairs: Ints) -> Iterator[Ints]:
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        yield pairs[start : start + PAIRS_AT_ONCE]
