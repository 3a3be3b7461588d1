"""What a map holds of the layers: documented columns, coded and packed."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.counting import incidents as merge_accounts
from geoinc.distance import distances
from geoinc.schema import COUNT_COLUMNS, DERIVED_COLUMNS, LAYER_COLUMNS, REPORT_COLUMNS, Layers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: A place known no better than this, in metres, has no mark at its centre.
PRECISE_M = 25_000.0

#: Kinds of place that are areas however small they are.
AREA_KINDS = ("country", "province", "areas", "cell", "displaced")

#: Active sites where no impact is shown more precisely than the site itself.
SITE_KINDS = ("air base", "military base", "airport", "embassy")

#: Areas wider than this, in degrees, do not say what a map first shows.
_WIDE_DEG = 4.0

#: Steps to a degree in which outlines are written, about 11 m.
UNIT = 10_000

_BOUNDS = ("low", "best", "high")

_ACCOUNT = tuple(name for name in (*REPORT_COLUMNS, *DERIVED_COLUMNS) if name != "account")
_LAYER = tuple(name for name in LAYER_COLUMNS if name not in {"place_id", "part", "weight"})


@dataclass(frozen=True, eq=False)
class Payload:
    """The data of a map, and where on earth it lies.

    Parameters
    ----------
    content : dict
        What the page decodes: tables, chips and words, ready for JSON.
    bounds : tuple of float
        West, south, east and north of what the map first shows, in degrees.
    countries : tuple of str
        The countries the incidents are in, by the codes of `Layers.places`.
    """

    content: dict[str, Any]
    bounds: tuple[float, float, float, float]
    countries: tuple[str, ...]


def payload(layers: Layers, *, columns: Sequence[str], held_back: Iterable[str]) -> Payload:
    """Return what a map shows of the layers, and nothing else of them.

    Parameters
    ----------
    layers : Layers
        What happened where.
    columns : sequence of str
        The user's own columns that may be published besides the documented ones.
    held_back : iterable of str
        Incidents that stay out of the file altogether.

    Returns
    -------
    Payload
        With documented columns alone, and those of ``columns``.

    Raises
    ------
    ValueError
        Where a column of ``columns`` is not in the layers.
    """
    rows = layers.rows()
    unknown = [name for name in columns if name not in rows]
    if unknown:
        msg = f"columns {unknown!r} are not in the layers; there are {', '.join(map(str, rows))}"
        raise ValueError(msg)
    withheld = list(held_back)
    rows = rows[~rows["incident"].isin(withheld)]
    merged = merge_accounts(layers)
    merged = merged[~merged.index.isin(withheld)].sort_values(
        ["date_start", "date_end"], na_position="last"
    )
    rows = rows[rows["incident"].isin(merged.index)]
    rows, places = _drawn(rows, merged, layers.places)
    accounts = _accounts(rows, merged)

    number = pd.Series(np.arange(len(places)), index=places.index)
    extra = [
        name for name in columns if name not in {*REPORT_COLUMNS, *DERIVED_COLUMNS, *LAYER_COLUMNS}
    ]
    account_of = pd.Series(np.arange(len(accounts)), index=accounts["account"].to_numpy())
    row_table = rows[list(_LAYER)].assign(
        account=account_of.loc[rows["account"]].to_numpy(),
        drawn=number.reindex(rows["drawn"]).astype("Int64").to_numpy(),
        drawn_as=rows["drawn_as"],
    )
    outlines, simplified = _outlines(places)
    content = {
        "unit": UNIT,
        "incidents": _table(_incidents(merged, rows)),
        "accounts": _table(accounts[[name for name in (*_ACCOUNT, *extra) if name in accounts]]),
        "rows": _table(row_table),
        "places": _table(
            places.drop(columns="geometry").assign(
                area=(_is_area(places) | places.index.isin(_hinted(rows))).astype("Int64")
            ),
        ),
        "outlines": outlines,
        "links": _table(_links(layers, rows, merged)),
        "extra": extra,
        "chips": _chips(merged, rows),
        "header": _header(merged, rows, places),
    }
    shown = rows.loc[rows["drawn"].notna() | rows["country_only"], "place_country"]
    return Payload(content, _bounds(simplified), tuple(sorted(set(shown) - {""})))


def pack(content: dict[str, Any]) -> str:
    """Return content as the page reads it: JSON, gzip, base64."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    packed = gzip.compress(text.encode("utf-8", "replace"), 9, mtime=0)
    return base64.b64encode(packed).decode("ascii")


def _drawn(
    rows: pd.DataFrame,
    merged: pd.DataFrame,
    places: gpd.GeoDataFrame,
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Say of each row which place draws it, if any, and return those places.

    A row is drawn where its incident counts, its account is the one that
    places it, and more is known than the country.  A name that is only hinted
    is drawn as the area it is said to be in, however small that is.  An impact
    inside a site is drawn as the site: the map documents attacks, not damage.
    """
    rows = rows.copy()
    counted = rows["incident"].map(merged["standing"]).eq("counted")
    located = counted & rows["place_id"].ne("") & rows["weight"].gt(0)
    rows["country_only"] = located & rows["place_kind"].eq("country")
    rows["drawn"] = rows["place_id"].where(located & ~rows["country_only"])
    rows["drawn_as"] = ""
    sites = places[places["kind"].isin(SITE_KINDS)]
    impacts = rows["role"].eq("impact") & rows["place_id"].ne("")
    named = places.loc[places.index.isin(rows.loc[impacts, "place_id"])]
    centres = named.set_geometry(
        gpd.points_from_xy(named["longitude"], named["latitude"], crs=4326)
    )
    inside = gpd.sjoin(
        centres[["uncertainty_m", "geometry"]], sites[["geometry"]], predicate="within"
    )
    inside = inside.rename(columns=lambda name: "site" if str(name).endswith("_right") else name)
    inside["site_m"] = sites["uncertainty_m"].reindex(inside["site"]).to_numpy()
    # Only a finer place is hidden in a site; a province whose centre lies there is not.
    inside = inside[inside["uncertainty_m"] < inside["site_m"]].sort_values("site_m")
    site_of = inside.loc[~inside.index.duplicated(), "site"]
    hidden = impacts & rows["place_id"].isin(site_of.index)
    site = rows.loc[hidden, "place_id"].map(site_of)
    rows.loc[hidden, "drawn_as"] = "drawn as " + sites["name"].reindex(site).to_numpy()
    rows.loc[hidden, "drawn"] = site.where(rows.loc[hidden, "drawn"].notna())
    for column, own in (
        ("longitude", "longitude"),
        ("latitude", "latitude"),
        ("uncertainty_m", "uncertainty_m"),
        ("place_name", "name"),
        ("place_kind", "kind"),
    ):
        rows.loc[hidden, column] = sites[own].reindex(site).to_numpy()
    used = places.loc[places.index.isin(rows["drawn"].dropna())]
    names = [
        "name",
        "kind",
        "country",
        "admin1",
        "longitude",
        "latitude",
        "uncertainty_m",
        "geometry",
    ]
    return rows, used[names]


def _is_area(places: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Whether a place is too wide for a mark at its centre."""
    return places["uncertainty_m"].gt(PRECISE_M) | places["kind"].isin(AREA_KINDS)


def _hinted(rows: pd.DataFrame) -> pd.Series:
    """Return the places that draw names of which no more is known."""
    return rows.loc[rows["drawn"].notna() & rows["place_status"].ne("resolved"), "drawn"]


def _accounts(rows: pd.DataFrame, merged: pd.DataFrame) -> pd.DataFrame:
    """Return one row per account, with the number of its incident."""
    accounts = rows.drop_duplicates("account").reset_index(drop=True)
    number = pd.Series(np.arange(len(merged)), index=merged.index)
    return accounts.assign(
        incident=number.loc[accounts["incident"]].to_numpy(),
        date_start=accounts["date_start"].dt.strftime("%Y-%m-%d"),
        date_end=accounts["date_end"].dt.strftime("%Y-%m-%d"),
    )


def _incidents(merged: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return what the list of incidents says of each, and how its accounts differ."""
    targets = rows[rows["role"].eq("target") & rows["drawn"].notna()]
    places = targets.groupby("incident")["drawn"].nunique().reindex(merged.index, fill_value=0)
    told = targets.groupby("incident")["account"].nunique().reindex(merged.index, fill_value=0)
    counts = merged[[f"{name}_{bound}" for name in ("events", *COUNT_COLUMNS) for bound in _BOUNDS]]
    events = counts.columns.str.startswith("events_")
    # How many attacks a report tells of is news of a summary alone.
    counts = counts.mask(np.outer(merged["standing"].ne("summary"), events))
    return pd.DataFrame(
        {
            "when": merged["date"],
            "first": _days(merged["date_start"]),
            "last": _days(merged["date_end"]),
            "standing": merged["standing"],
            "where": merged["target"],
            "event_type": merged["event_type"],
            "disputed": merged["disputed"],
            "split": ((places > 1) & (told > 1)).astype("Int64"),
        },
    ).join(counts)


def _days(dates: pd.Series) -> pd.Series:
    """Return days since 1 January 1970, blank where a date is open."""
    return (dates - pd.Timestamp(0)).dt.days.astype("Int64")


def _links(layers: Layers, rows: pd.DataFrame, merged: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of launch and target, by the numbers of their rows."""
    names = ["distance_m", "low_m", "high_m", "coverage", "pair"]
    pairs = distances(layers)
    pairs = pairs[pairs["launch_row"].isin(rows.index) & pairs["target_row"].isin(rows.index)]
    row = pd.Series(np.arange(len(rows)), index=rows.index)
    incident = pd.Series(np.arange(len(merged)), index=merged.index)
    table: pd.DataFrame = pairs[names]
    return table.assign(
        incident=incident.loc[pairs["incident"]].to_numpy(),
        launch_row=row.loc[pairs["launch_row"]].to_numpy(),
        target_row=row.loc[pairs["target_row"]].to_numpy(),
        **{name: pairs[name].round(-2) for name in names[:3]},
    )


def _chips(merged: pd.DataFrame, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the lists of incidents that no mark on the map stands for.

    The page has words for each kind, in its own language.
    """
    number = pd.Series(np.arange(len(merged)), index=merged.index)
    chips: list[tuple[str, str, pd.Index]] = []
    for role, kind in (("target", "somewhereIn"), ("launch", "launchedIn"), ("impact", "fellIn")):
        known = rows[rows["country_only"] & rows["role"].eq(role)]
        for country, group in known.groupby("place_name", sort=True):
            chips.append((kind, str(country), pd.Index(group["incident"].unique())))
    counted = merged.index[merged["standing"].eq("counted")]
    undated = merged.loc[counted, ["date_start", "date_end"]].isna().all(axis=1)
    chips += [
        ("notPlaced", "", counted.difference(_placed(rows))),
        ("undated", "", counted[undated]),
    ]
    for standing, kind in (
        ("summary", "summary"),
        ("no attack", "noAttack"),
        ("set aside", "setAside"),
    ):
        chips.append((kind, "", merged.index[merged["standing"].eq(standing)]))
    return [
        {"kind": kind, "place": place, "incidents": sorted(number.loc[ids].tolist())}
        for kind, place, ids in chips
        if len(ids)
    ]


def _placed(rows: pd.DataFrame) -> list[Any]:
    """Return the incidents of which a place is known, at least the country."""
    known = rows[rows["place_status"].eq("resolved")]
    known = known[known["drawn"].notna() | known["country_only"]]
    return list(known["incident"].unique())


def _header(merged: pd.DataFrame, rows: pd.DataFrame, places: gpd.GeoDataFrame) -> dict[str, int]:
    counted = merged.index[merged["standing"].eq("counted")]
    return {
        "incidents": len(counted),
        "accounts": int(rows.loc[rows["incident"].isin(counted), "account"].nunique()),
        "places": len(places),
        "summaries": int(merged["standing"].eq("summary").sum()),
        "not_placed": len(counted.difference(_placed(rows))),
    }


def _outlines(places: gpd.GeoDataFrame) -> tuple[list[list[list[int]]], gpd.GeoSeries]:
    """Return footprints as rings of steps, as fine as a reader can see, and as shapes."""
    tolerance = np.clip(places["uncertainty_m"].to_numpy(float) * 0.003 / 111_000, 1 / UNIT, 0.02)
    shapes = gpd.GeoSeries(
        shapely.simplify(places.geometry.to_numpy(), tolerance), index=places.index
    )
    return [rings(shape, UNIT) for shape in shapes.to_numpy()], shapes


def rings(shape: shapely.Geometry, unit: int) -> list[list[int]]:
    """Return the rings or lines of a shape as steps of 1/unit of a degree.

    Each is a flat list, longitude and latitude by turns: the first point,
    then the way from each point to the next.
    """
    steps = []
    for part in shapely.get_parts([shape]):
        if part.is_empty:
            continue
        lines = list(shapely.get_rings([part])) if part.geom_type == "Polygon" else [part]
        for line in lines:
            points = np.rint(shapely.get_coordinates(line) * unit).astype(int)
            moves = np.diff(points, axis=0)
            moves = moves[np.asarray(moves.any(axis=1))]
            steps.append([*points[0].tolist(), *moves.ravel().tolist()])
    return steps


def _bounds(shapes: gpd.GeoSeries) -> tuple[float, float, float, float]:
    """Return what to show first: all places but those so wide that the rest would be a corner."""
    if shapes.empty:
        return (-120.0, -50.0, 150.0, 65.0)
    sides = shapely.bounds(shapes.to_numpy())
    wide = np.maximum(sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1]) > _WIDE_DEG
    chosen = shapes.to_numpy() if wide.all() else shapes.to_numpy()[~wide]
    west, south, east, north = shapely.total_bounds(chosen).tolist()
    least = 0.6  # degrees, so that a single place still shows its surroundings
    x = max(0.0, least - (east - west)) / 2
    y = max(0.0, least - (north - south)) / 2
    return (west - x, south - y, east + x, north + y)


def _table(table: pd.DataFrame) -> dict[str, Any]:
    """Return a table as columns; texts as codes into their distinct values."""
    columns: dict[str, Any] = {}
    for name in table:
        column = table[name]
        if isinstance(column.dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(
            column
        ):
            codes, values = pd.factorize(column.astype("string").fillna(""))
            if any(values):
                columns[str(name)] = {
                    "values": [str(value) for value in values],
                    "codes": codes.tolist(),
                }
        elif column.notna().any():
            columns[str(name)] = [_number(value) for value in column.tolist()]
    return {"length": len(table), "columns": columns}


def _number(value: float | None) -> float | int | None:
    """Return a number as short as it is: whole, or to the sixth digit (0.1 m in degrees)."""
    if value is None or pd.isna(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 6)
