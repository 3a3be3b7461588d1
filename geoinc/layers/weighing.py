"""One incident weighs one in each role, however many accounts and places it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geoinc.geodesy import distance_bounds
from geoinc.schema import PLACE_STATUSES, ROLES, Layers

if TYPE_CHECKING:
    import geopandas as gpd


def weighted(layers: Layers) -> Layers:
    """Give every counted incident the weight 1 in each role, shared among its rows.

    Accounts of one incident may name different places.  Of places that meet,
    the more precise is the better account of the same thing and takes the
    weight; places that do not meet cannot all be right and share it.
    """
    shared = {}
    for role in ROLES:
        layer = layers.layer(role).copy()
        counted = layer[layer["standing"] == "counted"]
        size = counted.groupby("incident")["incident"].transform("size")
        layer.loc[size.index[size == 1], "weight"] = 1.0
        for _, rows in counted[size > 1].groupby("incident", sort=False):
            weight, remarks = _share(rows, layers.places)
            layer.loc[weight.index, "weight"] = weight
            told = layer.loc[remarks.index, "place_reason"]
            layer.loc[remarks.index, "place_reason"] = told + "; " + remarks
        shared[role] = layer
    return Layers(shared["launch"], shared["target"], shared["impact"], layers.places)


def _share(rows: pd.DataFrame, places: gpd.GeoDataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the weights of the rows of one incident and role, and remarks on some of them."""
    weight = pd.Series(0.0, index=rows.index)
    # What is best known speaks for the incident; the order of the statuses is that of knowing.
    best = min(PLACE_STATUSES.index(status) for status in rows["place_status"])
    known = rows[rows["place_status"] == PLACE_STATUSES[best]]
    if PLACE_STATUSES[best] != "resolved":
        weight[known.index] = 1 / len(known)
        return weight, pd.Series(dtype=object)
    accounts_of = known.groupby("place_id")["account"].agg(set)
    by_precision = places.loc[accounts_of.index].sort_values(["uncertainty_m", "name"])
    kept: list[str] = []
    for place in by_precision.index:
        # Two places of one account are not rivals: it tells of both.
        rivals = [other for other in kept if accounts_of[place].isdisjoint(accounts_of[other])]
        if not any(_meet(places, place, other) for other in rivals):
            kept.append(place)
    holds = known["place_id"].isin(kept)
    sharing = known["place_id"][holds].groupby(known["place_id"]).transform("size")
    weight[sharing.index] = 1 / len(kept) / sharing
    remarks = pd.Series("", index=known.index)
    remarks[~holds] = "another account is more precise and counts"
    if any(accounts_of[a].isdisjoint(accounts_of[b]) for a in kept for b in kept):
        remarks[holds] = "accounts name places that do not meet; the weight is shared"
    return weight, remarks[remarks != ""]


def _meet(places: gpd.GeoDataFrame, one: str, other: str) -> bool:
    """Whether two places may be one, given how far their boundaries may be off."""
    low, _ = distance_bounds(places.geometry[one], places.geometry[other])
    return bool(low <= places["boundary_error_m"][[one, other]].sum())
