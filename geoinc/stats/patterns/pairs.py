"""Sums over pairs of points that are near each other, each weighted for what the edge hides."""

from __future__ import annotations

from functools import reduce
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.stats.frames import MOST_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geoinc.stats.frames import Correction, Frame

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


#: Pairs held at once.
_BLOCK = 4_000_000
#: Below this many points, or points by quarters of edges, loading what is compiled costs more
#: than it saves.
_WORTH_COMPILING = 1_500


def pair_sums(
    frame: Frame,
    points: Floats,
    r: Floats,
    correction: Correction,
    *,
    other: Floats | None = None,
    mass: Floats | None = None,
    other_mass: Floats | None = None,
) -> Floats:
    """Return the weighted number of ordered pairs no farther apart than each distance.

    Parameters
    ----------
    frame : Frame
        The window.
    points : array of float, two columns
        In the plane, inside the window.
    r : array of float
        Distances on the ground, rising.
    correction : {"none", "translation", "isotropic"}
        Of a pair (i, j): 1; the area of the window over what it shares with itself
        shifted from i to j (Ohser); or the inverse share of the circle around i
        through j that lies inside (Ripley).
    other : array of float, two columns, optional
        Pairs of one of `points` with one of these; by default among `points`.
    mass, other_mass : array of float, optional
        A pair counts as the product; by default 1.

    Returns
    -------
    array of float
        One for each distance.
    """
    n = len(points) + (0 if other is None else len(other))
    work = n * len(frame.edges) / 4 if correction == "isotropic" else n
    plain = mass is None and other_mass is None
    plain = plain and not frame.curved
    if plain and work >= _WORTH_COMPILING and find_spec("numba") is not None:
        from geoinc.stats.patterns.compiled import compiled_pair_sums  # noqa: PLC0415  # an extra

        return compiled_pair_sums(frame, points, r, correction, other)
    total = np.zeros(len(r) + 1)
    edge = frame.to_edge(points) if correction == "isotropic" else np.empty(0)
    other_edge = edge
    if other is not None and correction == "isotropic":
        other_edge = frame.to_edge(other)
    there = points if other is None else other
    there_mass = mass if other is None else other_mass
    r = frame.straight(r)
    for i, j, d in _near_pairs(frame, points, other, float(r[-1])):
        bin_ = np.searchsorted(r, d, side="left")
        weight = np.ones(len(d))
        if correction == "translation":
            shared = frame.overlap(*(there[j] - points[i]).T)
            weight = np.minimum(frame.area / np.maximum(shared, 1e-300), MOST_WEIGHT)
        elif correction == "isotropic":
            weight = _ring_weights(frame, points, i, d, edge)
            if other is None:  # each unordered pair is two
                weight = (weight + _ring_weights(frame, there, j, d, other_edge)) / 2
        if mass is not None:
            weight = weight * mass[i]
        if there_mass is not None:
            weight = weight * there_mass[j]
        total += np.bincount(bin_, weight, minlength=len(r) + 1)
    ordered = 2.0 if other is None else 1.0
    return np.asarray(ordered * np.cumsum(total)[: len(r)])


def border_sums(
    frame: Frame,
    points: Floats,
    r: Floats,
    *,
    other: Floats | None = None,
    mass: Floats | None = None,
    other_mass: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Return the pairs around points farther from the edge than each distance, and their mass.

    Parameters
    ----------
    frame, points, r, other, mass, other_mass
        As of `pair_sums`.

    Returns
    -------
    pairs, mass : array of float
        Pairs (i, j) within each distance of which i lies as far from the edge at
        least (the reduced sample), and the mass of such i.
    """
    edge = frame.to_edge(points)
    own = np.ones(len(points)) if mass is None else mass
    theirs = own if other is None else other_mass
    r = frame.straight(r)
    last = np.asarray(
        np.searchsorted(r, edge, side="right")
    )  # r[: last] are no farther than the edge
    pairs = np.zeros(len(r) + 1)
    for first, second, d in _near_pairs(frame, points, other, float(r[-1])):
        bin_: Ints = np.searchsorted(r, d, side="left")
        both = [(first, second)] if other is not None else [(first, second), (second, first)]
        for i, j in both:
            kept = last[i] > bin_
            weight = own[i] if theirs is None else own[i] * theirs[j]
            pairs += np.bincount(bin_[kept], weight[kept], minlength=len(r) + 1)
            pairs -= np.bincount(last[i][kept], weight[kept], minlength=len(r) + 1)
    inside = np.array([own[edge >= distance].sum() for distance in r])
    return np.cumsum(pairs)[: len(r)], inside


def _near_pairs(
    frame: Frame, points: Floats, other: Floats | None, r: float
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield blocks of pairs no farther apart than r, and how far; of one set each pair once."""
    here = frame.in_space(points)
    there = here if other is None else frame.in_space(other)
    tree = cKDTree(here)
    pairs: NDArray[np.intp]
    if other is None:
        pairs = tree.query_pairs(r, output_type="ndarray")
    else:
        found = tree.sparse_distance_matrix(cKDTree(there), r, output_type="ndarray")
        pairs = np.column_stack([found["i"], found["j"]])
    for start in range(0, len(pairs), _BLOCK):
        i, j = pairs[start : start + _BLOCK].T
        yield i, j, reduce(np.hypot, (there[j] - here[i]).T)


def _ring_weights(frame: Frame, points: Floats, i: Ints, d: Floats, edge: Floats) -> Floats:
    """Return Ripley's weights of circles around points; 1 where they do not reach the edge."""
    weight = np.ones(len(d))
    cut = np.flatnonzero(d > edge[i])
    share = frame.share_inside(points[i[cut]], d[cut])
    weight[cut] = 1 / np.maximum(share, 1 / MOST_WEIGHT)
    return weight
