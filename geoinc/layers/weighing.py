"""One incident weighs one in each role, however many accounts and places it has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.geodesy import distance_bounds, inverse
from geoinc.schema import PLACE_STATUSES, ROLES, Layers

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

_MORE_PRECISE = "another account is more precise and counts"
_APART = "accounts name places that do not meet; the weight is shared"


def weighted(layers: Layers) -> Layers:
    """Give every counted incident the weight 1 in each role, shared among its rows.

    Accounts of one incident may name different places.  What is resolved
    counts before what is only hinted, and that before what has no place.  Of
    places that meet, the more precise is the better account of the same thing
    and takes the weight; places that do not meet cannot all be right and share
    it.
    """
    shared = {}
    for role in ROLES:
        layer = layers.layer(role).copy(deep=False)
        at = np.flatnonzero((layer["standing"] == "counted").to_numpy())
        codes = pd.factorize(layer["incident"])[0][at]
        weight = np.zeros(len(layer))
        weight[at] = 1
        # An incident that one row tells of has nothing to share.
        several_rows = np.bincount(codes)[codes] > 1
        at, codes = at[several_rows], codes[several_rows]
        place = layer["place_id"].to_numpy(dtype=object)[at]
        known = _best_known(layer["place_status"].iloc[at], place, codes)
        weight[at] = 0
        at, codes, place = at[known], codes[known], place[known]
        weight[at] = 1 / np.bincount(codes)[codes]
        account = layer["account"].to_numpy(dtype=object)[at]
        remarks: dict[str, list[int]] = {_MORE_PRECISE: [], _APART: []}
        several = _several_places(codes, place)
        rivals = layers.places.loc[pd.unique(place[np.concatenate([*several, []]).astype(int)])]
        meet = _meeting(rivals)
        precision = rivals.sort_values(["uncertainty_m", "name", "place_id"]).index
        finer = {name: position for position, name in enumerate(precision)}
        for rows in several:
            share, remark = _share(place[rows], account[rows], finer, meet)
            weight[at[rows]] = share
            for words, which in remark.items():
                remarks[words] += at[rows][which].tolist()
        layer["weight"] = weight
        if any(remarks.values()):
            reasons = layer["place_reason"].to_numpy(dtype=object).copy()
            for words, told in remarks.items():
                reasons[told] += f"; {words}"
            # Of one type, whether there is anything to remark or not.
            layer["place_reason"] = pd.Series(reasons, index=layer.index, dtype=object)
        shared[role] = layer
    return Layers(shared["launch"], shared["target"], shared["impact"], layers.places)


def _best_known(status: pd.Series, place: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return which rows are known as well as any of their incident."""
    which, told = pd.factorize(status)
    rank = np.array([2 * PLACE_STATUSES.index(name) for name in told], dtype=np.intp)[which]
    # A hinted area says less than a resolved name, and more than candidates without a place.
    rank = np.where((rank > 0) & (place != ""), 1, rank)
    best = np.full(codes.max(initial=-1) + 1, 2 * len(PLACE_STATUSES))
    np.minimum.at(best, codes, rank)
    known: np.ndarray = rank == best[codes]
    return known


def _several_places(codes: np.ndarray, place: np.ndarray) -> list[np.ndarray]:
    """Return the rows of each incident that is placed in more than one place."""
    which, names = pd.factorize(place)
    pairs = pd.unique(codes * max(len(names), 1) + which)
    number = np.bincount(pairs // max(len(names), 1), minlength=codes.max(initial=-1) + 1)
    rows = np.flatnonzero(number[codes] > 1)
    order = np.argsort(codes[rows], kind="stable")
    starts = np.flatnonzero(np.diff(codes[rows][order])) + 1
    return np.split(rows[order], starts) if len(rows) else []


def _share(
    place: np.ndarray,
    account: np.ndarray,
    finer: dict[str, int],
    meet: Callable[[str, str], bool],
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the weights of the rows of one incident and role, and remarks on some of them."""
    accounts_of: dict[str, set[str]] = {}
    for name, teller in zip(place, account, strict=True):
        accounts_of.setdefault(name, set()).add(teller)
    kept: list[str] = []
    for name in sorted(accounts_of, key=finer.__getitem__):
        # Two places of one account are not rivals: it tells of both.
        rivals = [other for other in kept if accounts_of[name].isdisjoint(accounts_of[other])]
        if not any(meet(name, other) for other in rivals):
            kept.append(name)
    sharing = {name: np.count_nonzero(place == name) * len(kept) for name in kept}
    weight = np.array([1 / sharing[name] if name in sharing else 0.0 for name in place])
    apart = any(accounts_of[a].isdisjoint(accounts_of[b]) for a in kept for b in kept)
    return weight, {_MORE_PRECISE: weight == 0, _APART: (weight > 0) & apart}


def _meeting(places: gpd.GeoDataFrame) -> Callable[[str, str], bool]:
    """Return what tells whether two places may be one, given how far boundaries may be off."""
    columns = ["longitude", "latitude", "uncertainty_m", "boundary_error_m"]
    known = dict(zip(places.index, places[columns].itertuples(index=False), strict=True))

    @cache
    def meet(one: str, other: str) -> bool:
        a, b = known[one], known[other]
        away_m, _ = inverse(a.longitude, a.latitude, b.longitude, b.latitude)
        # What is farther apart than both reach cannot meet; most pairs need no outlines.
        if float(away_m) > a.uncertainty_m + b.uncertainty_m:
            return False
        low, _ = distance_bounds(places.geometry[one], places.geometry[other])
        return bool(low <= a.boundary_error_m + b.boundary_error_m)

    return meet
