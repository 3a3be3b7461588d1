"""Which place draws each row of the layers, if any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geoinc.schema import ROLES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]

#: A place known no better than this, in metres, has no mark at its centre.
PRECISE_M = 25_000.0

#: Kinds of place that are areas however small they are.
AREA_KINDS = ("country", "province", "areas", "cell", "displaced")

#: Active sites where no impact is shown more precisely than the site itself.
SITE_KINDS = ("air base", "military base", "airport", "embassy")


def place_rows(
    rows: pd.DataFrame, merged: pd.DataFrame, places: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Say of each row which place draws it, and return those places.

    A row is drawn where its incident counts, its account is the one that
    places it, and more is known than the country.  A name that is only hinted
    is drawn as the area it is said to be in, however small that is.  An impact
    inside a site is drawn as the site: the map documents attacks, not damage.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the layers; ``incident`` and ``at`` are numbers into the two
        other tables, -1 where no place is known; ``resolved`` tells whether
        its name is.
    merged : pandas.DataFrame
        The incidents.
    places : geopandas.GeoDataFrame
        As `Layers.places`.

    Returns
    -------
    rows : pandas.DataFrame
        With ``found``, the number of the place in the second table that it
        resolved to, and ``drawn``, that of the place that draws it, both -1
        for none; ``hidden``, whether that is the site it lies in;
        ``country_only``.
    places : geopandas.GeoDataFrame
        Those that rows name, the ones that are drawn first; with ``is_drawn`` and
        ``area`` (1 where no mark stands at the centre).
    """
    counted = merged["standing"].eq("counted").to_numpy()[rows["incident"]]
    at = rows["at"].to_numpy(dtype=np.intp)
    located = counted & (at >= 0) & (rows["weight"].to_numpy(dtype=float) > 0)
    countries = places["kind"].eq("country").to_numpy()
    country_only = located & _of(countries, at, missing=False)
    found, drawn = at.copy(), np.where(located & ~country_only, at, -1)
    is_impact = rows["role_code"].to_numpy() == ROLES.index("impact")
    site = _of(sites_of(places, np.unique(at[is_impact & (at >= 0)])), at, missing=-1)
    hidden = is_impact & (site >= 0)
    found[hidden] = site[hidden]
    drawn[hidden & (drawn >= 0)] = site[hidden & (drawn >= 0)]
    resolved = rows["resolved"].to_numpy(dtype=bool)
    hinted = np.unique(drawn[(drawn >= 0) & ~resolved])
    seen = np.unique(drawn[drawn >= 0])
    used = np.concatenate([seen, np.setdiff1d(found[found >= 0], seen)])
    number = np.full(len(places) + 1, -1)  # the last one stands for none
    number[used] = np.arange(len(used))
    kept = places.iloc[used]
    wide = kept["uncertainty_m"].gt(PRECISE_M) | kept["kind"].isin(AREA_KINDS)
    return (
        rows.assign(
            found=number[found], drawn=number[drawn], hidden=hidden, country_only=country_only
        ),
        kept.assign(
            is_drawn=np.arange(len(used)) < len(seen),
            area=(wide.to_numpy() | np.isin(used, hinted)).astype(int),
        ),
    )


def _of(values: NDArray[Any], at: Ints, *, missing: object) -> NDArray[Any]:
    """Return the values at positions, and another where the position is -1."""
    return np.append(values, [missing])[at]


def sites_of(places: gpd.GeoDataFrame, impacts: Ints) -> Ints:
    """Return for each place the site that its impacts are drawn as, -1 for none."""
    site_of = np.full(len(places), -1, dtype=np.intp)
    sites = np.flatnonzero(places["kind"].isin(SITE_KINDS))
    if len(sites) == 0 or len(impacts) == 0:
        return site_of
    error_m = places["uncertainty_m"].to_numpy(dtype=float)
    lon, lat = (places[name].to_numpy(dtype=float)[impacts] for name in ("longitude", "latitude"))
    shapes = gpd.GeoSeries(places.geometry.to_numpy()[sites])
    inside, site = shapes.sindex.query(shapely.points(lon, lat), predicate="within")
    inside, site = impacts[inside], sites[site]
    # Only a finer place is hidden in a site; a province whose centre lies there is not.
    finer = error_m[inside] < error_m[site]
    inside, site = inside[finer], site[finer]
    widest_first = np.argsort(-error_m[site], kind="stable")
    site_of[inside[widest_first]] = site[widest_first]
    return site_of
