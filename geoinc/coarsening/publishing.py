"""Layers coarsened: places, words and identifiers that tell no more than is meant to be told."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geoinc.coarsening.areas import coarse_place, coarseness, moves
from geoinc.coarsening.withholding import Withheld
from geoinc.places import Place, places_frame
from geoinc.reports.credits import EXPORTS, exports_in
from geoinc.schema import DERIVED_COLUMNS, LAYER_COLUMNS, ROLES, Layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoinc.uncertainty.draws import Rng

#: Columns of reports that stay, for they do not say where: who, when, what and how many.
#: Of the words of counts only the figures that they were read as stay.
KEPT_COLUMNS = (
    "source",
    "published",
    "date",
    "time",
    "launch_country",
    "target_country",
    "impact_country",
    "country",
    "event_type",
    "outcome",
    "actor",
    "actor_basis",
    "claimed_by",
    "attributed_by",
    "denied_by",
    "include",
)


def coarsen(
    layers: Layers,
    *,
    to: str | gpd.GeoDataFrame,
    columns: Sequence[str] = (),
    rng: Rng | None = None,
) -> Layers:
    """Return layers as they may be published: places no finer than stated, and said to be so.

    Each place becomes a coarser area, and nothing else about it stays: not its coordinates, its name, the
    words of the reports, nor the reasons why it was found.  Columns that say where, or may say it in free
    text (``notes``, ``url``, ``report``, ``weapon``, ``target_type``), go, and so do your own.  Of what stays,
    a cell that names one of the places is replaced by "(withheld)".  Incidents and accounts get
    new numbers, in the order of their dates.

    Parameters
    ----------
    layers : Layers
        What happened where.
    to : str or GeoDataFrame
        ``"10 km"``: cells of a grid that is the same for everybody; ``"admin1"``: provinces;
        ``"displaced 10 km"``: discs around centres moved at random by up to 10 km; or areas of
        your own with a column ``name`` (and ``country``).  Countries, and with a grid or a
        displacement provinces that are wider, stay as they are.
    columns : sequence of str
        Further columns to keep, such as ``incident`` or your own.
    rng : int or numpy.random.Generator, optional
        The secret behind a displacement: who knows it can undo it.  Keep a long number
        (``secrets.randbits(128)``) and use it for every edition, for the middle of several
        displacements is the place itself.

    Returns
    -------
    Layers
        The same rows, dates, figures and weights.  ``places.source`` and ``place_reason`` say how the places
        were coarsened, ``boundary_error_m`` and ``uncertainty_m`` how far the true place may be.

    Raises
    ------
    ValueError
        Where ``to`` is not understood, a column of ``columns`` is missing, or a displacement has no ``rng``.

    Warns
    -----
    UserWarning
        Where places lie in none of the areas: their rows stay, without a place.

    Notes
    -----
    A small place goes to the cell of its centre; which cells it touches would tell where in its cell it is.
    What is coarsened can still be recognised by its date, where others have published the same attack.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> reports = gi.read_reports(pd.DataFrame({"target": ["Balad air base"], "notes": ["a house"]}))
    >>> layers = coarsen(gi.locate(reports, gi.load_gazetteer()), to="admin1")
    >>> layers.targets[["place", "place_reason"]].iloc[0].to_list()
    ['Salah al-Din', 'sure: coarsened to provinces']
    >>> "notes" in layers.targets
    False
    """
    rows = layers.rows()
    missing = [name for name in columns if name not in rows]
    if missing:
        msg = f"columns {missing!r} are not in the layers; there are {', '.join(map(str, rows))}"
        raise ValueError(msg)
    how = coarseness(to, layers.places)
    places = layers.places[layers.places.index.isin(rows["place_id"])]
    if how.way == "displaced" and rng is None:
        msg = "a displacement needs rng=, a secret number: secrets.randbits(128) makes one"
        raise ValueError(msg)
    moved = moves(places, how.size_m, rng) if rng is not None else [None] * len(places)
    found = dict(
        zip(
            places.index,
            (
                coarse_place(place, how, move)
                for place, move in zip(places.itertuples(), moved, strict=True)
            ),
            strict=True,
        )
    )
    lost = [place_id for place_id, area in found.items() if area is None]
    if lost:
        msg = f"{len(lost)} places lie in none of the areas: their rows stay, without a place"
        warnings.warn(msg, UserWarning, stacklevel=2)
    kept = [name for name in rows if name in {*KEPT_COLUMNS, *columns} - {*LAYER_COLUMNS}]
    told = {area.name for area in found.values() if area is not None}
    withheld = Withheld(rows, places, published=told)
    numbers = _numbers(rows, found)
    coarse = {
        role: _coarse(layers.layer(role), found, kept, withheld, numbers, words=how.words)
        for role in ROLES
    }
    if exports := exports_in(layers):
        for layer in coarse.values():  # whose columns tell it no more
            layer.attrs[EXPORTS] = exports
    return Layers(
        coarse["launch"], coarse["target"], coarse["impact"], places_frame(_distinct(found))
    )


def _distinct(found: dict[str, Place | None]) -> list[Place]:
    """Return the areas, each once: its licences those of all places in it."""
    areas: dict[str, list[Place]] = {}
    for area in found.values():
        if area is not None:
            areas.setdefault(area.place_id, []).append(area)
    return [
        replace(
            same[0],
            licence="; ".join(sorted({area.licence for area in same} - {""})),
            coverage=min(area.coverage for area in same),
        )
        for _, same in sorted(areas.items())
    ]


def _numbers(rows: pd.DataFrame, found: dict[str, Place | None]) -> pd.DataFrame:
    """Return new identifiers of accounts and incidents, by the account.

    The old ones are made of what the reports say, so that whoever guesses the place could check
    the guess; and the order of a table may be that of its places.
    """
    accounts = rows.assign(
        where=[area.name if (area := found.get(key)) else "" for key in rows["place_id"]]
    ).sort_values(["date_start", "date_end", "where"], kind="stable")
    accounts = accounts.drop_duplicates("account").set_index("account")
    return pd.DataFrame(
        {
            "account": [f"account-{n}" for n in range(1, len(accounts) + 1)],
            "incident": [f"incident-{n + 1}" for n in pd.factorize(accounts["incident"])[0]],
            "order": np.arange(len(accounts)),
        },
        index=accounts.index,
    )


def _coarse(
    layer: gpd.GeoDataFrame,
    found: dict[str, Place | None],
    kept: list[str],
    withheld: Withheld,
    numbers: pd.DataFrame,
    *,
    words: str,
) -> gpd.GeoDataFrame:
    """Return a layer with coarse places and nothing of the old ones."""
    new = numbers.loc[layer["account"]]
    order = np.lexsort([layer["part"], new["order"]])
    layer, new = layer.iloc[order], new.iloc[order]
    areas = [found.get(key) for key in layer["place_id"]]
    derived = [name for name in DERIVED_COLUMNS if name in layer and name != "account"]
    own = [name for name in kept if name in layer and name not in derived]
    table = pd.DataFrame({name: withheld.censored(layer[name]) for name in own})
    for name in [*derived, *LAYER_COLUMNS]:
        table[name] = layer[name]
    table["account"] = new["account"].to_numpy(dtype=object)
    if "incident" not in own:
        table["incident"] = new["incident"].to_numpy(dtype=object)
    for column, field in (
        ("place_id", "place_id"),
        ("place_name", "name"),
        ("place_kind", "kind"),
        ("place_country", "country"),
        ("place_admin1", "admin1"),
        ("place", "name"),
    ):
        values = [getattr(area, field) if area else "" for area in areas]
        table[column] = np.array(values, dtype=object)
    for column in ("longitude", "latitude", "uncertainty_m"):
        table[column] = [getattr(area, column) if area else np.nan for area in areas]
    placed = table["place_id"].ne("")
    untold = layer["place_status"].eq("not told")
    table["place"] = table["place"].where(placed | untold, "(withheld)")
    lost = layer["place_id"].isin(found) & ~placed
    table["place_status"] = layer["place_status"].where(~lost, "unresolved")
    grade = layer["place_reason"].astype(str).str.extract(r"^(sure|check|unknown):")[0]
    table["place_reason"] = (grade.fillna("check") + f": {words}").where(~untold, "")
    index = table["account"] + f":{layer['role'].iloc[0] if len(layer) else ''}:"
    table.index = pd.Index(index + table["part"].astype(str), name="row", dtype=object)
    points = gpd.GeoSeries(gpd.points_from_xy(table["longitude"], table["latitude"]), table.index)
    return gpd.GeoDataFrame(table, geometry=points.where(placed.to_numpy()), crs=4326)
