"""What a map holds of the layers, and nothing else of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.counting.accounts import accounts_of
from geoinc.maps.links import links
from geoinc.maps.naming import labels
from geoinc.maps.outlines import first_view, outlines
from geoinc.maps.packing import Coded, days_of, distinct_rows, together
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

    from numpy.typing import NDArray

_BOUNDS = ("low", "best", "high")
_COUNTS = [[f"{name}_{bound}" for bound in _BOUNDS] for name in ("events", *COUNT_COLUMNS)]

#: Of an incident, as `incidents` names it: what a map needs to know.
INCIDENT = (
    *("date", "date_start", "date_end", "standing", "target", "event_type", "disputed"),
    *(name for bounds in _COUNTS for name in bounds),
)

#: Of an account.  Where it happened stands in its rows, in the same words.
_ACCOUNT = tuple(
    name
    for name in (*REPORT_COLUMNS, *DERIVED_COLUMNS)
    if name not in {"account", "incident", *ROLES}
)
#: Of a row.  What it resolved to stands with the place.
_TOLD = (
    "role", "place", "place_status", "place_match", "place_score", "place_reason", "place_basis",
)  # fmt: skip
_FIGURES = ("weight", "rounds_low", "rounds_best", "rounds_high")
#: Of a place.
PLACE = ("name", "kind", "country", "admin1", "longitude", "latitude", "uncertainty_m", "area")

#: Of an account: 1 where it is shown after a click alone.
GRAPHIC = "~graphic"

#: What says that it need not be.
_NO = frozenset({"", "0", "0.0", "false", "no", "n", "non", "none", "nan", "<na>", "لا"})

#: Columns that go together, so that the page has each distinct row of them once.
_TOGETHER = {
    "incidents": _COUNTS,
    "accounts": [[bounds[0].removesuffix("_low"), *bounds] for bounds in _COUNTS],
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
        Their incidents, the columns `INCIDENT` of `incidents`.
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
    flag = [] if graphic is None else [graphic]
    _need(layers, [*columns, *flag])
    merged = merged.drop(index=list(held_back)).sort_values(
        ["date_start", "date_end"], na_position="last"
    )
    extra = [
        name for name in columns if name not in {*REPORT_COLUMNS, *DERIVED_COLUMNS, *LAYER_COLUMNS}
    ]
    accounts = accounts_of(layers, ["incident", *_ACCOUNT, *extra, *flag])
    own = [name for name in (*_ACCOUNT, *extra) if name in accounts]
    if graphic is not None:
        accounts[GRAPHIC] = _flags(accounts[graphic])
        own.append(GRAPHIC)
    accounts = _in_order(accounts[["account", "incident", *own]], merged.index)
    rows, told = _rows(layers, accounts)
    rows, places = place_rows(rows, merged, layers.places)
    drawn = places[places["is_drawn"]]
    tables = {
        "incidents": together(_incidents(merged, rows), _TOGETHER["incidents"]),
        "accounts": together(accounts[["incident", *own]], _TOGETHER["accounts"]),
        "rows": _row_table(rows, told, places["name"]),
        "places": places[list(PLACE)]
        .round({"uncertainty_m": 0})
        .assign(label=labels(rows, told, places)),
        "links": links(layers, rows),
    }
    content = {
        **tables,
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


def _rows(layers: Layers, accounts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of all roles in the order of the accounts, and what is told of places.

    Rows are figures: ``account``, ``incident`` and ``at``, the place, are
    numbers, ``told`` is one of the second table, and ``position`` that in the layer.
    """
    known = pd.Index(accounts["account"])
    parts: list[pd.DataFrame] = []
    tellings: list[pd.DataFrame] = []
    first = 0
    names: NDArray[Any] = np.array([])
    account: NDArray[np.intp] = np.array([], dtype=np.intp)
    for code, role in enumerate(ROLES):
        layer = layers.layer(role)
        if layer.empty and (tellings or role != ROLES[-1]):
            continue
        own = layer["account"].to_numpy(dtype=object)
        if not np.array_equal(names, own):  # layers of one table of reports list the same accounts
            names, account = own, known.get_indexer(pd.Index(own))
        codes, telling = distinct_rows(pd.DataFrame(layer[list(_TOLD)]))
        figures = {name: layer[name].to_numpy(dtype=float, na_value=np.nan) for name in _FIGURES}
        part = pd.DataFrame(
            {
                **figures,
                "role_code": np.full(len(layer), code, dtype=np.int8),
                "account": account,
                "at": layers.places.index.get_indexer(pd.Index(layer["place_id"])),
                "told": codes + first,
                "position": np.arange(len(layer)),
            }
        ).astype(dict.fromkeys(["account", "at", "told", "position"], np.int32))
        parts.append(part if (account >= 0).all() else part[account >= 0])
        tellings.append(telling)
        first += len(telling)
    rows, told = pd.concat(parts, ignore_index=True), pd.concat(tellings, ignore_index=True)
    rows = rows.iloc[np.lexsort((rows["role_code"], rows["account"]))].reset_index(drop=True)
    resolved = told["place_status"].eq("resolved").to_numpy()
    numbers = {
        "incident": accounts["incident"].to_numpy()[rows["account"]],
        "resolved": resolved[rows["told"]],
    }
    return rows.assign(**numbers), told


def _row_table(rows: pd.DataFrame, told: pd.DataFrame, names: pd.Series) -> Coded:
    """Return the columns of rows that the page has; the words and their place stand together."""
    codes, kinds = distinct_rows(rows[["told", "found", "drawn", "hidden"]])
    found, drawn = kinds["found"].to_numpy(), kinds["drawn"].to_numpy()
    site = "drawn as " + np.append(names.to_numpy(dtype=object), "")[found]  # -1 is none
    inner = told.iloc[kinds["told"]].assign(
        found=np.where(found >= 0, found, np.nan),
        drawn=np.where(drawn >= 0, drawn, np.nan),
        drawn_as=np.where(kinds["hidden"], site, ""),
    )
    return Coded(rows[["account", *_FIGURES]], ((codes, inner),))


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
            "incident": merged.index,
            "when": merged["date"],
            "first": days_of(merged["date_start"]),
            "last": days_of(merged["date_end"]),
            "standing": merged["standing"],
            "where": merged["target"],
            "event_type": merged["event_type"],
            "disputed": merged["disputed"],
            "split": (several[0] & several[1]).astype(int),
        },
    ).join(counts)


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
    known = rows["resolved"] & ((rows["drawn"] >= 0) | rows["country_only"])
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
