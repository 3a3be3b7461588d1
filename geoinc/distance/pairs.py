"""Which launch goes with which target: what an account tells, and what it borrows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Rows that belong together, by their positions in the two layers.

    Parameters
    ----------
    row_from, row_to : array of int
        Positions of the rows.
    place_from, place_to : array of int
        Positions of their places.
    told : array of bool
        One account tells both; otherwise the pair is assumed.
    lent : array of bool
        The account is that of the second row, which borrowed the first.
    """

    row_from: Ints
    row_to: Ints
    place_from: Ints
    place_to: Ints
    told: NDArray[np.bool_]
    lent: NDArray[np.bool_]

    def numbers(self, places: int) -> NDArray[np.int64]:
        """Return a number for the two places of each pair.

        Parameters
        ----------
        places : int
            How many there are.
        """
        return np.asarray(self.place_from * np.int64(places) + self.place_to)


def pairs_of(launches: pd.DataFrame, others: pd.DataFrame, places: pd.Index) -> Pairs:
    """Return the pairs of rows to measure, in the order of incidents, told before assumed.

    Parameters
    ----------
    launches, others : pandas.DataFrame
        Layers.
    places : pandas.Index
        Of the table of places.
    """
    start, end = _placed(launches, places), _placed(others, places)
    for name in ("incident", "account"):
        # Numbers merge many times faster than texts, and tell the order of incidents.
        codes = pd.factorize(pd.concat([start[name], end[name]]))[0]
        start[name], end[name] = codes[: len(start)], codes[len(start) :]
    sides = ("_from", "_to")
    told = start.merge(end, on=["incident", "account"], suffixes=sides)
    # Only an account that lacks a side borrows; only the best placed rows are lent, and only
    # they are worth a loan.
    no_target = ~start["account"].isin(end["account"])
    no_launch = ~end["account"].isin(start["account"])
    start, end = start.assign(alone=no_target), end.assign(alone=no_launch)
    start, end = start[start["weight"] > 0], end[end["weight"] > 0]
    alone, paired = start[start["alone"]], start[~start["alone"]]
    assumed = pd.concat(
        [
            alone.merge(end, on="incident", suffixes=sides).assign(lent=False),
            paired.merge(end[end["alone"]], on="incident", suffixes=sides).assign(lent=True),
        ]
    ).sort_values(["row_from", "row_to"])
    assumed = assumed[~_said(assumed, told)]
    columns = ["incident", "row_from", "row_to", "place_from", "place_to", "told", "lent"]
    pairs = pd.concat(
        [told.assign(told=True, lent=False)[columns], assumed.assign(told=False)[columns]]
    )
    pairs = pairs.sort_values("incident", kind="stable")
    return Pairs(**{name: pairs[name].to_numpy() for name in columns[1:]})


def _placed(layer: pd.DataFrame, places: pd.Index) -> pd.DataFrame:
    """Return the rows that count and have a place, by their position in the layer."""
    counted = (layer["standing"] == "counted") & (layer["place_id"] != "")
    at = np.flatnonzero(counted.to_numpy(dtype=bool))
    rows = layer[["incident", "account", "place_id", "weight"]].iloc[at]
    place = places.get_indexer(pd.Index(rows["place_id"]))
    if (place < 0).any():
        missing = rows["place_id"].iloc[int(np.argmin(place))]
        msg = f"no place {missing!r} in layers.places: the layers do not belong to these places"
        raise ValueError(msg)
    return pd.DataFrame(
        {
            "incident": rows["incident"].to_numpy(),
            "account": rows["account"].to_numpy(),
            "weight": rows["weight"].to_numpy(dtype=float),
            "row": at,
            "place": place,
        }
    )


def _said(assumed: pd.DataFrame, told: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which assumed pairs name two places that an account of the incident tells."""
    names = ["incident", "place_from", "place_to"]
    if assumed.empty or told.empty:
        return np.zeros(len(assumed), dtype=bool)
    near = told[told["incident"].isin(assumed["incident"])]
    return np.asarray(
        pd.MultiIndex.from_frame(assumed[names]).isin(pd.MultiIndex.from_frame(near[names]))
    )
