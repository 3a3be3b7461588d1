"""What a map holds of the layers, and nothing else of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.counting.merging import accounts_of
from geoinc.maps.links import links
from geoinc.maps.outlines import first_view, outlines
from geoinc.maps.packing import together
from geoinc.maps.placing import place_rows
from geoinc.schema import (
    COUNT_COLUMNS,
    DERIVED_COLUMNS,
    LAYER_COLUMNS,
    REPORT_COLUMNS,
    ROLES,
    Layers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BOUNDS = ("low", "best", "high")
_COUNTS = [[f"{name}_{bound}" for bound in _BOUNDS] for name in ("events", *COUNT_COLUMNS)]

#: Of an account.  Where it happened stands in its rows, in the same words.
_ACCOUNT = tuple(
    name
    for name in (*REPORT_COLUMNS, *DERIVED_COLUMNS)
    if name not in {"account", "incident", *ROLES}
)
#: Of a row.  What it resolved to stands with the place.
_ROW = (
    "role", "place", "rounds_low", "rounds_best", "rounds_high", "place_status", "place_match",
    "place_score", "place_reason", "place_basis", "weight",
)  # fmt: skip
_PLACE = ("name", "kind", "country", "admin1", "longitude", "latitude", "uncertainty_m", "area")

#: Of an account: 1 where it is shown after a click alone.
GRAPHIC = "~graphic"

#: What says that it need not be.
_NO = frozenset({"", "0", "0.0", "false", "no", "n", "non", "none", "nan", "<na>", "لا"})

#: Columns that go together, so that the page has each distinct row of them once.
_TOGETHER = {
    "incidents": _COUNTS,
    "accounts": [[bounds[0].removesuffix("_low"), *bounds] for bounds in _COUNTS],
    "rows": [
        [
            *("place", "place_status", "place_match", "place_score", "place_reason", "place_basis"),
            *("found", "drawn", "drawn_as"),
        ],
    ],
}


@dataclass(frozen=True, eq=False)
class Payload:
    """The data of a map, and where on earth it lies.

    Parameters
    ----------
    content : dict
        What the page shows, ready for `pack`: the tables ``incidents``,
        ``accounts``, ``rows``, ``places`` and ``links``, in the order of days,
        and what no mark stands for.
    bounds : tuple of float
        West, south, east and north of what the map first shows, in degrees.
    countries : tuple of str
        The countries the incidents are in, by the codes of `Layers.places`.
    """

    content: dict[str, Any]
    bounds: tuple[float, float, float, float]
    countries: tuple[str, ...]


def payload(
    layers: Layers,
    merged: pd.DataFrame,
    *,
    columns: Sequence[str],
    held_back: Iterable[str],
    graphic: str | None = None,
) -> Payload:
    """Return what a map shows of the layers, and nothing else of them.

    Parameters
    ----------
    layers : Layers
        What happened where.
    merged : pandas.DataFrame
        Their incidents, from `incidents`.
    columns : sequence of str
        The user's own columns that may be published besides the documented ones.
    held_back : iterable of str
        Incidents that stay out of the file altogether.
    graphic : str, optional
        The column that says which accounts are shown after a click alone; of it
        only whether they are enters the file.

    Returns
    -------
    Payload
        With documented columns alone, and those of ``columns``.

    Raises
    ------
    ValueError
        Where a column of ``columns``, or ``graphic``, is not in the layers.
    """
    _need(layers, [*columns, *([] if graphic is None else [graphic])])
    merged = merged[~merged.index.isin(list(held_back))].sort_values(
        ["date_start", "date_end"], na_position="last"
    )
    accounts = _in_order(accounts_of(layers), merged.index)
    if graphic is not None:
        accounts[GRAPHIC] = _flags(accounts[graphic])
    rows, places = place_rows(_rows(layers, accounts), merged, layers.places)
    extra = [
        name for name in columns if name not in {*REPORT_COLUMNS, *DERIVED_COLUMNS, *LAYER_COLUMNS}
    ]
    drawn = places[places["is_drawn"]]
    own = [
        name
        for name in (*_ACCOUNT, *extra, *([GRAPHIC] * (graphic is not None)))
        if name in accounts
    ]
    tables = {
        "incidents": _incidents(merged, rows),
        "accounts": accounts[["incident", *own]],
        "rows": _row_table(rows),
        "places": places[list(_PLACE)].round({"uncertainty_m": 0}),
        "links": links(layers, rows),
    }
    content = {
        **{name: together(table, _TOGETHER.get(name, [])) for name, table in tables.items()},
        "outlines": outlines(drawn),
        "extra": extra,
        "chips": _chips(merged, rows, places),
        "header": _header(merged, rows, accounts, len(drawn)),
    }
    named = rows["found"][(rows["drawn"] >= 0) | rows["country_only"]].unique()
    countries = set(places["country"].iloc[named]) - {""}
    return Payload(content, first_view(drawn.geometry.to_numpy()), tuple(sorted(countries)))


def _flags(column: pd.Series) -> pd.Series:
    """Return 1 where a cell says yes, and blank where it says no or nothing."""
    cells = column.astype(object).where(column.notna(), "").map(str).str.strip().str.casefold()
    return (~cells.isin(_NO)).astype(float).replace(0.0, np.nan)


def _need(layers: Layers, columns: Sequence[str]) -> None:
    known = dict.fromkeys(str(name) for role in ROLES for name in layers.layer(role))
    unknown = [name for name in columns if name not in known]
    if unknown:
        msg = f"columns {unknown!r} are not in the layers; there are {', '.join(known)}"
        raise ValueError(msg)


def _in_order(accounts: pd.DataFrame, incidents: pd.Index) -> pd.DataFrame:
    """Return accounts in the order of their incidents, whose number takes the name's place."""
    number = incidents.get_indexer(pd.Index(accounts["incident"]))
    order = np.argsort(number, kind="stable")
    order = order[number[order] >= 0]
    return accounts.iloc[order].assign(incident=number[order]).reset_index(drop=True)


def _rows(layers: Layers, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all roles in the order of the accounts.

    ``account``, ``incident`` and ``at``, the place, are numbers; ``position``
    is that in the layer.
    """
    known = pd.Index(accounts["account"])
    told = [role for role in ROLES if len(layers.layer(role))] or ["target"]
    parts = []
    for role in told:
        layer = layers.layer(role)
        account = known.get_indexer(pd.Index(layer["account"]))
        kept = np.flatnonzero(account >= 0)
        part = pd.DataFrame(layer[list(_ROW)]).iloc[kept]
        at = layers.places.index.get_indexer(pd.Index(layer["place_id"]))
        code = ROLES.index(role)
        numbers = {"account": account[kept], "at": at[kept], "role_code": code, "position": kept}
        parts.append(part.assign(**numbers))
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.iloc[np.lexsort((rows["role_code"], rows["account"]))].reset_index(drop=True)
    return rows.assign(incident=accounts["incident"].to_numpy()[rows["account"]])


def _row_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of rows that the page has."""
    table = rows[[*_ROW, "account", "found", "drawn", "drawn_as"]]
    known = {name: table[name].where(table[name] >= 0) for name in ("found", "drawn")}
    return table.assign(**known)


def _incidents(merged: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return what the list of incidents says of each, and how its accounts differ."""
    targets = rows[(rows["role_code"] == ROLES.index("target")) & (rows["drawn"] >= 0)]
    several = [
        np.bincount(targets.drop_duplicates(["incident", name])["incident"], minlength=len(merged))
        > 1
        for name in ("drawn", "account")
    ]
    counts = merged[[name for bounds in _COUNTS for name in bounds]]
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
            "split": (several[0] & several[1]).astype(int),
        },
    ).join(counts)


def _days(dates: pd.Series) -> pd.Series:
    """Return days since 1 January 1970, blank where a date is open."""
    return (dates - pd.Timestamp(0)).dt.days


def _chips(merged: pd.DataFrame, rows: pd.DataFrame, places: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the lists of incidents that no mark on the map stands for.

    The page has words for each kind, in its own language.
    """
    chips: list[tuple[str, str, Any]] = []
    for role, kind in (("target", "somewhereIn"), ("launch", "launchedIn"), ("impact", "fellIn")):
        known = rows[rows["country_only"] & (rows["role_code"] == ROLES.index(role))]
        country = places["name"].to_numpy(dtype=object)[known["found"]]
        for name, incidents in known["incident"].groupby(country, sort=True):
            chips.append((kind, str(name), incidents.unique()))
    counted = merged["standing"].eq("counted").to_numpy()
    undated = merged["date_start"].isna() & merged["date_end"].isna()
    chips += [
        ("notPlaced", "", np.flatnonzero(counted & ~_placed(merged, rows))),
        ("undated", "", np.flatnonzero(counted & undated.to_numpy())),
    ]
    for standing, kind in (
        ("summary", "summary"),
        ("no attack", "noAttack"),
        ("set aside", "setAside"),
    ):
        chips.append((kind, "", np.flatnonzero(merged["standing"].eq(standing))))
    return [
        {"kind": kind, "place": place, "incidents": np.sort(numbers)}
        for kind, place, numbers in chips
        if len(numbers)
    ]


def _placed(merged: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return of which incidents a place is known, at least the country."""
    known = rows["place_status"].eq("resolved") & ((rows["drawn"] >= 0) | rows["country_only"])
    placed = np.zeros(len(merged), dtype=bool)
    placed[rows["incident"][known]] = True
    return placed


def _header(
    merged: pd.DataFrame, rows: pd.DataFrame, accounts: pd.DataFrame, places: int
) -> dict[str, int]:
    counted = merged["standing"].eq("counted").to_numpy()
    return {
        "incidents": int(counted.sum()),
        "accounts": int(counted[accounts["incident"]].sum()),
        "places": places,
        "summaries": int(merged["standing"].eq("summary").sum()),
        "not_placed": int((counted & ~_placed(merged, rows)).sum()),
    }
