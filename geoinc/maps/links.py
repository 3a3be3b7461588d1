"""The links of the map: from each launch to its target, and to where it fell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.distance.measuring import bounded
from geoinc.distance.pairs import pairs_of
from geoinc.schema import ROLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.schema import Layers


def links(layers: Layers, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of launch and target, and of launch and impact, in the order of incidents.

    Parameters
    ----------
    layers : Layers
        What happened where.
    rows : pandas.DataFrame
        From `place_rows`; ``position`` is that in the layer of the role.

    Returns
    -------
    pandas.DataFrame
        ``incident``, ``launch_row`` and ``target_row`` (numbers), and of
        targets the distance with its bounds as `distances` has them, to 100 m,
        its ``coverage``, and ``pair``.  The second row may be that of an impact;
        only one that is not drawn as a target of the incident has a link.
    """
    numbers = {}
    for code, role in enumerate(ROLES):
        own = np.flatnonzero(rows["role_code"].to_numpy() == code)
        numbers[role] = np.full(len(layers.layer(role)), -1)
        numbers[role][rows["position"].to_numpy(dtype=np.intp)[own]] = own
    found = [_pairs(layers, numbers, "target"), _apart(_pairs(layers, numbers, "impact"), rows)]
    table = pd.concat([part for part in found if len(part)] or found[:1])
    incident = rows["incident"].to_numpy()[table["launch_row"].to_numpy(dtype=np.intp)]
    return table.assign(incident=incident).sort_values("incident", kind="stable")


def _pairs(layers: Layers, numbers: dict[str, NDArray[np.intp]], to: str) -> pd.DataFrame:
    """Return pairs of rows by their numbers; the places of targets are measured."""
    launches, others = layers.launches, layers.layer(to)
    if launches.empty or others.empty:
        return pd.DataFrame({"launch_row": [], "target_row": []}, dtype=np.intp)
    pairs = pairs_of(launches, others, layers.places.index)
    table = pd.DataFrame(
        {
            "launch_row": numbers["launch"][pairs.row_from],
            "target_row": numbers[to][pairs.row_to],
        }
    )
    held = (table["launch_row"] >= 0) & (table["target_row"] >= 0)
    if to != "target":
        return table[held]
    both = pairs.place_from * np.int64(len(layers.places)) + pairs.place_to
    codes, distinct = pd.factorize(both)
    figures = bounded(layers.places, *np.divmod(distinct, max(1, len(layers.places))))
    for name in ("distance_m", "low_m", "high_m"):
        table[name] = figures[name].round(-2)[codes]
    table["coverage"] = figures["coverage"][codes]
    table["pair"] = np.where(pairs.told, "told", "assumed")
    return table[held]


def _apart(pairs: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs whose impact is drawn, and not where a target of its incident is."""
    drawn, role = rows["drawn"].to_numpy(), rows["role_code"].to_numpy()
    spot = rows["incident"].to_numpy() * (drawn.max(initial=0) + 1) + drawn
    targets = spot[(role == ROLES.index("target")) & (drawn >= 0)]
    fell = pairs["target_row"].to_numpy(dtype=np.intp)
    apart: NDArray[np.bool_] = (drawn[fell] >= 0) & ~np.isin(spot[fell], targets)
    return pairs[apart]
