"""What has changed between two versions of a table: rows, cells, and places under their feet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.comparison.rows import accounts_of, cells_as_told
from geoinc.geodesy import inverse
from geoinc.schema import DERIVED_COLUMNS, LAYER_COLUMNS, LINK_COLUMNS, ROLES, Layers

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Whom a changed row is looked for by, the surest first.
_SAME_ROW = (["incident", "report", "source"], ["url", "source", "incident"], ["report", "source"])
#: A row that keeps so many of its cells is the same row, changed.
_SAME_CELLS = 0.6
#: Nearer than this nothing has moved, metres.
_STILL_M = 1.0

CHANGES = ("added", "removed", "changed", "moved")


@dataclass(frozen=True, eq=False)
class Changes:
    """What is different in a new version of a table.

    Parameters
    ----------
    table : pandas.DataFrame
        ``change`` (added, removed, changed, moved), ``account`` (of the new version; of
        the old one where removed), ``incident``, ``field``, ``old``, ``new``, ``km`` and
        ``reason``.  Of a changed row there is a line for each cell, of an
        account whose words are the same and whose place is not one for each place.
    """

    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the changes as a table of one's own."""
        return self.table.copy()

    def __str__(self) -> str:
        """Return how many rows were added, removed, changed and moved, in one line."""
        number = self.table.groupby("change")["account"].nunique()
        return ", ".join(f"{number.get(change, 0)} {change}" for change in CHANGES)


def diff(old: Layers, new: Layers) -> Changes:
    """Say what has changed between two versions of a dataset.

    An account is known by its content, so that rows may stand in any order.  One
    that is gone and one that is new are the same account, changed, where they
    share report, source and incident, or most of their cells.  An account
    whose words are the same and whose place is not has *moved*: because the
    gazetteer has the place elsewhere, because its name is taken for another place,
    or because an analyst decided.

    Parameters
    ----------
    old, new : Layers
        Versions of one dataset; keep them with `write_layers`, since the gazetteer of
        then is not kept otherwise.

    Returns
    -------
    Changes
        ``.table``; as text the number of each.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> gaz = gi.load_gazetteer()
    >>> told = {"date": ["2021-03-15", "2021-03-16"], "target": "Erbil", "killed": ["1", "2"]}
    >>> old = gi.locate(gi.read_reports(pd.DataFrame(told)), gaz)
    >>> told["killed"] = ["1", "3"]
    >>> changes = gi.diff(old, gi.locate(gi.read_reports(pd.DataFrame(told)), gaz))
    >>> print(changes)
    0 added, 0 removed, 1 changed, 0 moved
    >>> changes.table[["field", "old", "new"]].to_numpy().tolist()
    [['killed', '2', '3']]
    """
    before, after = accounts_of(old), accounts_of(new)
    gone = before[~before["account"].isin(after["account"])].reset_index(drop=True)
    fresh = after[~after["account"].isin(before["account"])].reset_index(drop=True)
    pairs = _same_rows(gone, fresh)
    parts = [
        _whole(fresh.drop(index=[b for _, b in pairs]), "added"),
        _whole(gone.drop(index=[a for a, _ in pairs]), "removed"),
        _changed(gone, fresh, pairs, _columns(old, new)),
        _kept(before, after, _columns(old, new)),
        *(_moved(old, new, role) for role in ROLES),
    ]
    columns = ["change", "account", "incident", "field", "old", "new", "km", "reason"]
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
    return Changes(table.reindex(columns=columns).astype({"km": float}))


def _columns(old: Layers, new: Layers) -> list[str]:
    """Return the columns that reports bring along, in either version."""
    ours = {*DERIVED_COLUMNS, *LAYER_COLUMNS, *LINK_COLUMNS, "geometry", "incident_given"}
    told = dict.fromkeys([*new.rows().columns, *old.rows().columns])
    return [name for name in told if name not in ours]


def _same_rows(gone: pd.DataFrame, fresh: pd.DataFrame) -> list[tuple[int, int]]:
    """Return which of the rows that are gone is which of the new ones, changed."""
    pairs: list[tuple[int, int]] = []
    for key in _SAME_ROW:
        if not (set(key) <= set(gone.columns) and set(key) <= set(fresh.columns)):
            continue
        left = gone.drop(index=[a for a, _ in pairs])
        right = fresh.drop(index=[b for _, b in pairs])
        # Rows that say nothing by which to know them are not known by it.
        left, right = (
            table[cells_as_told(table, key[0]).ne("") & ~table.duplicated(key, keep=False)]
            for table in (left, right)
        )
        joint = left[key].assign(a=left.index).merge(right[key].assign(b=right.index), on=key)
        pairs += list(zip(joint["a"].tolist(), joint["b"].tolist(), strict=True))
    left = gone.drop(index=[a for a, _ in pairs])
    right = fresh.drop(index=[b for _, b in pairs])
    return pairs + _alike(left, right)


def _alike(gone: pd.DataFrame, fresh: pd.DataFrame) -> list[tuple[int, int]]:
    """Return rows that keep most of their cells, those that keep most first."""
    shared = [
        name
        for name in gone.columns.intersection(fresh.columns)
        if name
        not in {*DERIVED_COLUMNS, *LAYER_COLUMNS, *LINK_COLUMNS, "incident", "incident_given"}
    ]
    candidates: set[tuple[int, int]] = set()
    for block in {"date", "target", "launch"} & set(shared):
        left, right = (
            pd.DataFrame({"cell": cells_as_told(table, block), "at": table.index})
            for table in (gone, fresh)
        )
        joint = left[left["cell"] != ""].merge(right, on="cell")
        candidates |= set(zip(joint["at_x"].tolist(), joint["at_y"].tolist(), strict=True))
    if not candidates:
        return []
    a, b = np.array(sorted(candidates)).T
    same, told = np.zeros(len(a)), np.zeros(len(a))
    for name in shared:
        one = cells_as_told(gone, name).loc[a].to_numpy()
        other = cells_as_told(fresh, name).loc[b].to_numpy()
        either = (one != "") | (other != "")
        told += either
        same += either & (one == other)
    alike = same / np.maximum(told, 1)
    found, taken = [], (set[int](), set[int]())
    for i in np.argsort(-alike, kind="stable"):
        if alike[i] < _SAME_CELLS:
            break
        if a[i] not in taken[0] and b[i] not in taken[1]:
            found.append((int(a[i]), int(b[i])))
            taken[0].add(int(a[i]))
            taken[1].add(int(b[i]))
    return found


def _whole(rows: pd.DataFrame, change: str) -> pd.DataFrame:
    told = [cells_as_told(rows, name) for name in ("date", "target", "source")]
    words = [" · ".join(filter(None, cells)) for cells in zip(*told, strict=True)]
    side = "new" if change == "added" else "old"
    return pd.DataFrame(
        {
            "change": change,
            "account": rows["account"].to_numpy(),
            "incident": rows["incident"].to_numpy(),
            "field": "",
            "old": "",
            "new": "",
            side: words,
            "reason": "",
        }
    )


def _changed(
    gone: pd.DataFrame, fresh: pd.DataFrame, pairs: list[tuple[int, int]], columns: list[str]
) -> pd.DataFrame:
    """Return the cells that differ in rows that are the same."""
    a = gone.loc[[one for one, _ in pairs]].reset_index(drop=True)
    b = fresh.loc[[other for _, other in pairs]].reset_index(drop=True)
    return _cells(a, b, columns)


def _kept(before: pd.DataFrame, after: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return what differs in accounts that are the same: what is no part of their identity."""
    a, b = before.set_index("account", drop=False), after.set_index("account", drop=False)
    both = b.index.intersection(a.index, sort=False)
    return _cells(a.loc[both].reset_index(drop=True), b.loc[both].reset_index(drop=True), columns)


def _cells(a: pd.DataFrame, b: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    parts = []
    # An incident that the table does not name bears the account's name, which is new of itself.
    named = (a["incident"] != a["account"]) | (b["incident"] != b["account"])
    for name in columns:
        one, other = cells_as_told(a, name), cells_as_told(b, name)
        differ = (one != other) & (named if name == "incident" else True)
        parts.append(
            pd.DataFrame(
                {
                    "change": "changed",
                    "account": b["account"],
                    "incident": b["incident"],
                    "field": name,
                    "old": one,
                    "new": other,
                    "reason": "",
                }
            )[differ]
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _moved(old: Layers, new: Layers, role: str) -> pd.DataFrame:
    """Return the places of a role that are others for the same words of the same account."""
    a, b = old.layer(role), new.layer(role)
    both = b.index.intersection(a.index, sort=False)
    a, b = a.loc[both], b.loc[both]
    away, _ = inverse(
        *(
            table[name].to_numpy(dtype=float)
            for table in (a, b)
            for name in ("longitude", "latitude")
        )
    )
    ids = [cells_as_told(table, "place_id").to_numpy() for table in (a, b)]
    status = [cells_as_told(table, "place_status").to_numpy() for table in (a, b)]
    radius = [table["uncertainty_m"].to_numpy(dtype=float) for table in (a, b)]
    wider = ~np.isclose(radius[0], radius[1], atol=_STILL_M, rtol=1e-6, equal_nan=True)
    other_place, other_status = ids[0] != ids[1], status[0] != status[1]
    differ = other_place | other_status | (away > _STILL_M) | wider
    reason = _why(a, b, ids, status, away)
    names = [cells_as_told(table, "place_name").to_numpy() for table in (a, b)]
    shown = [np.where(name == "", state, name) for name, state in zip(names, status, strict=True)]
    table = pd.DataFrame(
        {
            "change": "moved",
            "account": b["account"].to_numpy(),
            "incident": b["incident"].to_numpy(),
            "field": role,
            "old": shown[0],
            "new": shown[1],
            "km": away / 1000,
            "reason": reason,
        }
    )
    return pd.DataFrame(table[differ])


def _why(
    a: pd.DataFrame,
    b: pd.DataFrame,
    ids: list[NDArray[np.object_]],
    status: list[NDArray[np.object_]],
    away: NDArray[np.float64],
) -> NDArray[np.object_]:
    decided = [cells_as_told(table, "place_match").to_numpy() == "decision" for table in (a, b)]
    resolved = [state == "resolved" for state in status]
    return np.select(
        [
            decided[1],
            decided[0],
            resolved[1] & ~resolved[0],
            resolved[0] & ~resolved[1],
            (ids[0] == ids[1]) & (away > _STILL_M),
            ids[0] == ids[1],
            (ids[0] != "") & (ids[1] != ""),
        ],
        [
            "decided by hand",
            "no longer decided by hand",
            "found now",
            "no longer found",
            "the gazetteer has the place elsewhere",
            "the gazetteer has the place larger or smaller",
            "taken for another place",
        ],
        default="known otherwise",
    ).astype(object)
