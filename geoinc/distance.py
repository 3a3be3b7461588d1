"""How far from launch to target: the distance, its bounds, and the azimuth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track

from geoinc.geodesy import distance_bounds, inverse

if TYPE_CHECKING:
    from geoinc.schema import Layers

#: Half of a meridian on WGS84, in metres: nothing on earth is farther apart.
_FARTHEST_M = 20_003_931.46

#: Fewer pairs of areas than this are measured before a reader would look up.
_PROGRESS_FROM = 500


def distances(layers: Layers, *, to: Literal["target", "impact"] = "target") -> pd.DataFrame:
    """Measure from each launch to the target or impact of the same attack.

    Pairs are formed within an account.  An account that tells one side alone
    borrows the other from the accounts of its incident that place it best;
    such a pair is "assumed", unless an account tells the same two places.

    Parameters
    ----------
    layers : Layers
        From `locate`, or of data that has coordinates already.  Only incidents
        that count are measured, and only rows that have a place.  Of a name
        that is not resolved but hinted that is the hinted area, and the bounds
        are those of the area.
    to : {"target", "impact"}
        Where to.

    Returns
    -------
    pandas.DataFrame
        One row per pair: ``incident``, ``account``, ``launch_row`` and
        ``<to>_row`` (rows of the layers), ``launch_place`` and ``<to>_place``
        (names), ``distance_m`` between the centres, geodesic on WGS84;
        ``low_m`` and ``high_m``, the least and greatest distance between the
        two footprints, boundary errors included (right to 0.5 %);
        ``azimuth_deg`` of the centres, clockwise from north; ``coverage``, the
        lesser of the two places' (1.0: the bounds hold if the names do; the
        truth has to lie outside a footprint, and on the far side, to break
        them); ``pair``, told or assumed.

    Raises
    ------
    ValueError
        Where `to` is neither.

    Notes
    -----
    Geodesics after Karney (2013), "Algorithms for geodesics", Journal of
    Geodesy 87.  Of two discs the bounds are the distance of the centres less
    and more both radii.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"launch": ["Diyala, east of the base"], "target": ["Balad air base"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> measured = gi.distances(layers).iloc[0]
    >>> bool(measured.low_m < measured.distance_m < measured.high_m), measured.pair
    (True, 'told')
    """
    if to not in {"target", "impact"}:
        msg = f"to={to!r} is neither 'target' nor 'impact'"
        raise ValueError(msg)
    pairs = _pairs(_placed(layers, "launch"), _placed(layers, to))
    measured, which = _measured(pairs, layers.places)
    numbers = {name: values[which] for name, values in measured.items()}
    return pd.DataFrame(
        {
            "incident": pairs["incident"],
            "account": pairs["account"],
            "launch_row": pairs["row_from"],
            f"{to}_row": pairs["row_to"],
            "launch_place": pairs["place_name_from"],
            f"{to}_place": pairs["place_name_to"],
            **numbers,
            "pair": pairs["pair"],
        },
    )


def _placed(layers: Layers, role: str) -> pd.DataFrame:
    layer = layers.layer(role)
    rows = layer[(layer["standing"] == "counted") & (layer["place_id"] != "")]
    names = ["incident", "account", "place_id", "place_name", "weight"]
    return pd.DataFrame(rows[names]).assign(row=rows.index.to_numpy(dtype=object))


def _pairs(launches: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of rows to measure, those that an account tells before the others."""
    sides = ("_from", "_to")
    told = launches.merge(others, on=["incident", "account"], suffixes=sides)
    # Only the best placed rows are lent, and only they are worth a loan.
    weighty = [side[side["weight"] > 0] for side in (launches, others)]
    assumed = weighty[0].merge(weighty[1], on="incident", suffixes=sides)
    no_target = ~assumed["account_from"].isin(others["account"])
    no_launch = ~assumed["account_to"].isin(launches["account"])
    assumed = assumed[no_target | no_launch]
    assumed = assumed.assign(
        account=assumed["account_from"].where(no_target, assumed["account_to"])
    )
    pairs = pd.concat([told.assign(pair="told"), assumed.assign(pair="assumed")], ignore_index=True)
    places = ["incident", "place_id_from", "place_id_to"]
    said = pd.MultiIndex.from_frame(told[places])
    known = pd.MultiIndex.from_frame(pairs[places]).isin(said)
    pairs = pairs[(pairs["pair"] == "told") | ~known]
    order = {
        name: rank for rank, name in enumerate(pd.concat([launches, others])["incident"].unique())
    }
    return pairs.sort_values(
        "incident", key=lambda name: name.map(order), kind="stable"
    ).reset_index(drop=True)


def _measured(
    pairs: pd.DataFrame, places: pd.DataFrame
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Measure each different pair of places once; return the figures and which pair has which."""
    ids = ["place_id_from", "place_id_to"]
    which = pairs.groupby(ids, sort=False).ngroup().to_numpy()
    unique = pairs[ids].drop_duplicates()
    one, other = places.loc[unique[ids[0]]], places.loc[unique[ids[1]]]
    distance, azimuth = inverse(
        one["longitude"], one["latitude"], other["longitude"], other["latitude"]
    )
    radii = _numbers(one, "uncertainty_m") + _numbers(other, "uncertainty_m")
    low, high = distance - radii, distance + radii
    errors = _numbers(one, "boundary_error_m") + _numbers(other, "boundary_error_m")
    areas = np.flatnonzero(~(_is_disc(one) & _is_disc(other)))
    quiet = len(areas) < _PROGRESS_FROM
    for i in track(areas, "measuring", console=Console(stderr=True), transient=True, disable=quiet):
        least, greatest = distance_bounds(one.geometry.iloc[i], other.geometry.iloc[i])
        low[i], high[i] = least - errors[i], greatest + errors[i]
    figures = {
        "distance_m": distance,
        "low_m": np.clip(np.minimum(low, distance), 0, None),
        "high_m": np.clip(np.maximum(high, distance), None, _FARTHEST_M),
        "azimuth_deg": azimuth,
        "coverage": np.minimum(_numbers(one, "coverage"), _numbers(other, "coverage")),
    }
    return figures, which


def _numbers(places: pd.DataFrame, name: str) -> np.ndarray:
    return places[name].to_numpy(dtype=float)


def _is_disc(places: pd.DataFrame) -> np.ndarray:
    return places["shape"].astype(str).str.startswith("disc").to_numpy(dtype=bool)
