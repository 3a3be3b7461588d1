"""The least and the greatest distance between two areas, for many pairs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geoinc.geodesy import inverse
from geoinc.progress import watched
from geoinc.space import degrees_of, in_space, straight_m

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: Half of a meridian on WGS84, in metres: nothing on earth is farther apart.
FARTHEST_M = 20_003_931.46

#: By how much bounds that involve a polygon are set wider than computed: what edges of `_EDGE_DEG`
#: bend on the ground, and what the order of straight distances differs from that of geodesics.
EPSILON_M = 20.0
EPSILON = 2e-4

#: Longest edge that is taken for straight through the earth, in degrees.
_EDGE_DEG = 0.25
#: How many pairs of edges are held in memory at once.
_EDGE_PAIRS = 2_000_000


class _Outline(NamedTuple):
    """The edges of a footprint in space, metres; of a disc its centre, an edge without length."""

    start: Floats
    end: Floats
    middle: Floats
    half_m: Floats


def pair_bounds(
    places: gpd.GeoDataFrame, one: Ints, other: Ints, apart_m: Floats
) -> tuple[Floats, Floats]:
    """Return the least and the greatest distance between the places of each pair.

    Of two discs the distance of the centres less and more both radii, exact.
    A disc and a polygon: least and greatest distance of centre and polygon,
    less and more the radius.  With polygons the two nearest points and the
    two farthest corners are found in space, where the order is that on the
    ground but for `EPSILON`, and measured by the geodesic.  The bounds are
    then set wider by `EPSILON` and `EPSILON_M`, so that they err outwards.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        As `Layers.places`.
    one, other : array of int
        Positions in the table; each pair once is enough.
    apart_m : array of float
        Distance of the centres, metres.

    Returns
    -------
    low_m, high_m : array of float
        Metres; boundary errors of the places included.
    """
    is_disc = places["shape"].astype(str).str.startswith("disc").to_numpy(dtype=bool)
    centre = places[["longitude", "latitude"]].to_numpy(dtype=float)
    extent_m = places["uncertainty_m"].to_numpy(dtype=float)
    error_m = places["boundary_error_m"].to_numpy(dtype=float)
    low_m, high_m = apart_m.copy(), apart_m.copy()
    rough = np.flatnonzero(~(is_disc[one] & is_disc[other]))
    if len(rough):
        shapes = places.geometry.to_numpy().copy()
        shapes[is_disc] = shapely.points(centre[is_disc])
        low_m[rough], high_m[rough] = _measured(shapes, one[rough], other[rough])
        low_m[rough] -= EPSILON_M + EPSILON * low_m[rough]
        high_m[rough] += EPSILON_M + EPSILON * high_m[rough]
        # Where the far side of the earth may lie in an area, no corner is the farthest.
        around = high_m[rough] > FARTHEST_M - 2 * np.maximum(extent_m[one], extent_m[other])[rough]
        high_m[rough[around]] = FARTHEST_M
    radius_m = np.where(is_disc, extent_m, 0.0) + error_m
    wider = radius_m[one] + radius_m[other]
    return np.clip(low_m - wider, 0.0, None), np.clip(high_m + wider, None, FARTHEST_M)


def _measured(shapes: NDArray[np.object_], one: Ints, other: Ints) -> tuple[Floats, Floats]:
    """Return the distances between the nearest and between the farthest points of shapes."""
    used = np.unique(np.concatenate([one, other]))
    shapely.prepare(shapes[used])
    outlines = dict(zip(used.tolist(), _outlines(shapes[used]), strict=True))
    meet = shapely.intersects(shapes[one], shapes[other])
    ends = np.empty((len(one), 4, 3))
    is_spot = np.zeros(len(shapes), dtype=bool)
    is_spot[used] = [len(outlines[place].middle) == 1 for place in used.tolist()]
    # All spots that are measured to one outline are measured at once.
    first = is_spot[one]
    spot, outline = np.where(first, one, other), np.where(first, other, one)
    single = np.flatnonzero(is_spot[spot])
    single = single[np.argsort(outline[single], kind="stable")]
    places, starts = np.unique(outline[single], return_index=True)
    for place, rows in zip(places.tolist(), np.split(single, starts[1:]), strict=False):
        centres = np.array([outlines[i].start[0] for i in spot[rows].tolist()])
        ends[rows] = _extremes_from(centres, outlines[place])
    several = np.flatnonzero(~is_spot[spot])
    for i in watched(several.tolist(), "measuring", len(several)):
        ends[i] = _extremes(outlines[one[i]], outlines[other[i]])
    points = degrees_of(ends)
    least, _ = inverse(*points[:, 0].T, *points[:, 1].T)
    greatest, _ = inverse(*points[:, 2].T, *points[:, 3].T)
    return np.where(meet, 0.0, least), greatest


def _outlines(shapes: NDArray[np.object_]) -> list[_Outline]:
    """Return the edges of each of the shapes."""
    fine = shapely.segmentize(shapes, _EDGE_DEG)
    is_point = shapely.get_type_id(fine) == shapely.GeometryType.POINT
    parts, of_shape = shapely.get_parts(fine, return_index=True)
    # A point is a line that ends where it starts.
    points = np.flatnonzero(is_point[of_shape])
    rings, of_part = shapely.get_rings(np.delete(parts, points), return_index=True)
    whose = np.concatenate([np.delete(of_shape, points)[of_part], of_shape[points]])
    corners, of_line = shapely.get_coordinates(
        np.concatenate([rings, shapely.linestrings(np.repeat(
            shapely.get_coordinates(parts[points])[:, None], 2, axis=1))]),
        return_index=True,
    )  # fmt: skip
    spots = in_space(corners)
    inside = np.flatnonzero(np.diff(of_line) == 0)
    start, end = spots[inside], spots[inside + 1]
    owner = whose[of_line[inside]]
    order = np.argsort(owner, kind="stable")
    start, end = start[order], end[order]
    cuts = np.searchsorted(owner[order], np.arange(1, len(shapes)))
    middle = (start + end) / 2
    half_m = np.linalg.norm(end - start, axis=1) / 2
    split = (np.split(values, cuts) for values in (start, end, middle, half_m))
    return [_Outline(*values) for values in zip(*split, strict=True)]


def _extremes(a: _Outline, b: _Outline) -> Floats:
    """Return the two nearest points of two outlines and their two farthest corners."""
    near, far = [], []
    step = max(1, _EDGE_PAIRS // len(b.middle))
    for first in range(0, len(a.middle), step):
        part = _Outline(*(values[first : first + step] for values in a))
        apart = straight_m(part.middle, b.middle)
        reach = part.half_m[:, None] + b.half_m
        # Edges whose middles are too far from each other hold neither the nearest points nor,
        # the other way round, the farthest.
        i, j = np.nonzero(apart - reach <= apart.min())
        near.append(_nearest(part.start[i], part.end[i], b.start[j], b.end[j]))
        i, j = np.nonzero(apart + reach >= apart.max())
        far.append(_farthest(part, b, i, j))
    return np.concatenate(
        [
            min(near, key=lambda pair: float(np.linalg.norm(pair[0] - pair[1]))),
            max(far, key=lambda pair: float(np.linalg.norm(pair[0] - pair[1]))),
        ]
    )


def _extremes_from(spots: Floats, outline: _Outline) -> Floats:
    """Return the same for points: no pairs of edges, so nothing to choose from."""
    along, squared = outline.end - outline.start, 4 * outline.half_m**2
    found = np.empty((len(spots), 4, 3))
    step = max(1, _EDGE_PAIRS // (4 * len(along)))
    for first in range(0, len(spots), step):
        some = spots[first : first + step]
        off = some[:, None] - outline.start
        part = _over(np.einsum("kij,ij->ki", off, along), np.broadcast_to(squared, off.shape[:2]))
        gap = off - np.clip(part, 0.0, 1.0)[:, :, None] * along
        nearest = np.argmin(np.einsum("kij,kij->ki", gap, gap), axis=1)
        farthest = np.argmax(np.einsum("kij,kij->ki", off, off), axis=1)
        on_edge = some - gap[np.arange(len(some)), nearest]
        found[first : first + step] = np.stack(
            [some, on_edge, some, outline.start[farthest]], axis=1
        )
    return found


def _farthest(a: _Outline, b: _Outline, i: Ints, j: Ints) -> Floats:
    ends_a = np.concatenate([a.start[i], a.end[i], a.start[i], a.end[i]])
    ends_b = np.concatenate([b.start[j], b.end[j], b.end[j], b.start[j]])
    longest = np.argmax(((ends_a - ends_b) ** 2).sum(axis=1))
    return np.stack([ends_a[longest], ends_b[longest]])


def _nearest(p: Floats, p_end: Floats, q: Floats, q_end: Floats) -> Floats:
    """Return the two nearest points of pairs of segments.

    Ericson (2005), "Real-time collision detection", section 5.1.9.
    """
    along_p, along_q, between = p_end - p, q_end - q, p - q
    pp, qq, pq = (
        (one * other).sum(axis=1)
        for one, other in ((along_p, along_p), (along_q, along_q), (along_p, along_q))
    )
    p_off, q_off = (along_p * between).sum(axis=1), (along_q * between).sum(axis=1)
    across = pp * qq - pq**2
    # Parallel edges and points have no crossing: any place on the first will do, then the second's.
    s = np.clip(_over(pq * q_off - p_off * qq, across), 0.0, 1.0)
    t = np.clip(_over(pq * s + q_off, qq), 0.0, 1.0)
    s = np.clip(_over(pq * t - p_off, pp), 0.0, 1.0)
    on_p, on_q = p + s[:, None] * along_p, q + t[:, None] * along_q
    nearest = np.argmin(((on_p - on_q) ** 2).sum(axis=1))
    return np.stack([on_p[nearest], on_q[nearest]])


def _over(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
