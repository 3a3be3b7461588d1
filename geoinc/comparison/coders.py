"""How far two coders agree who coded the same reports, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.comparison.rows import accounts_of, cells_as_told, keyed, same_category
from geoinc.counting.sheets import write_sheets
from geoinc.geodesy import inverse
from geoinc.schema import COUNT_COLUMNS, ROLES, Layers

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

#: What is compared as a category, words in any order.
CATEGORIES = (
    "date",
    "event_type",
    "weapon",
    "target_type",
    "target_actor",
    "outcome",
    "actor",
    "actor_basis",
    "standing",
)


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far two tables of the same reports agree.

    Parameters
    ----------
    table : pandas.DataFrame
        Index ``field``: ``rows`` (in which either tells it), ``agree``, ``share``,
        ``kappa`` (missing where all is one category), and for places ``median_km`` and
        ``q90_km`` between the centres of rows that both place.
    disagreements : pandas.DataFrame
        One row for each cell that differs: the key, ``field``, ``one``, ``other``, ``km``.
        Under ``incident`` are the rows that the coders join with other rows each.
    only_one, only_other : pandas.DataFrame
        Keys of rows that the other table does not have.
    """

    table: pd.DataFrame
    disagreements: pd.DataFrame
    only_one: pd.DataFrame
    only_other: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the agreement by field as a table of one's own."""
        return self.table.copy()

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """Write the agreement, every cell that differs, and the rows that only one has.

        Parameters
        ----------
        path : path
            A file ending in ``.xlsx`` (extra ``excel``); one of that name is replaced.

        Raises
        ------
        ModuleNotFoundError
            Where openpyxl is missing.
        """
        tables = {
            "agreement": self.table.reset_index(),
            "disagreements": self.disagreements,
            "only one": self.only_one,
            "only other": self.only_other,
        }
        lines = {
            title: [[*table.columns], *table.itertuples(index=False)]
            for title, table in tables.items()
        }
        write_sheets(lines, path)


def compare(one: Layers, other: Layers, *, key: str | Iterable[str] | None = None) -> Agreement:
    """Say how far two coders agree, field by field, and where they do not.

    Fields are compared in rows where either coder tells anything; not told is
    a category of its own.  Counts agree where low, best and high do, dates
    where first and last day do, places where they are the same place of the
    gazetteer.  Whether two rows are one incident is compared for all pairs of
    rows that either coder joins.

    Parameters
    ----------
    one, other : Layers
        What the coders made of the same reports.
    key : str or iterable of str, optional
        Columns that name a row in both tables.  By default the first of these
        that do: ``report`` and ``source``; ``url`` and ``source``; ``report``;
        ``url``; ``incident``.  Where one source tells several attacks in one
        report, its rows are paired by how many of their cells are alike, and
        ``nth`` says which.

    Returns
    -------
    Agreement
        ``.table``, ``.disagreements``, and what only one of them has.

    Raises
    ------
    ValueError
        Where the key does not name rows, or nothing does.

    Notes
    -----
    Kappa is Cohen's: agreement beyond what the coders' own shares of
    categories would give by chance.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> told = {"report": ["r1", "r2"], "source": "A", "target": ["Balad air base", "Erbil"]}
    >>> gaz = gi.load_gazetteer()
    >>> coders = [
    ...     gi.locate(gi.read_reports(pd.DataFrame(told | {"killed": killed})), gaz)
    ...     for killed in (["1", "2"], ["1", "3"])
    ... ]
    >>> found = gi.compare(*coders)
    >>> found.table.loc[["killed", "target"], ["rows", "share"]].to_numpy().tolist()
    [[2.0, 0.5], [2.0, 1.0]]
    >>> found.disagreements[["report", "field", "one", "other"]].to_numpy().tolist()
    [['r2', 'killed', '2', '3']]
    """
    left, right = accounts_of(one), accounts_of(other)
    columns = keyed(left, right, key)
    left, right = (table.set_index(columns, drop=False) for table in (left, right))
    both = left.index.intersection(right.index, sort=False)
    a, b = left.loc[both], right.loc[both]
    found = {name: _category(a, b, name) for name in CATEGORIES}
    found |= {name: _count(a, b, name) for name in COUNT_COLUMNS}
    found |= {role: _place(one, other, a, b, role) for role in ROLES}
    fields = {name: told for name, told in found.items() if len(told)}
    table = pd.DataFrame(
        {name: _figures(told) for name, told in fields.items()},
        index=["rows", "agree", "share", "kappa", "median_km", "q90_km"],
    ).T
    table.loc["incident"] = _grouping(a, b)
    table = table.astype({"rows": "int64", "agree": "int64"})
    table.index.name = "field"
    differ = [told[~told["agree"]].assign(field=name) for name, told in fields.items()]
    differ.append(_joined_otherwise(a, b))
    shown = [*columns, "field", "one", "other", "km"]
    differ = [told for told in differ if len(told)]
    rows = pd.DataFrame(columns=shown)
    if differ:
        rows = pd.concat(differ).rename_axis(columns).reset_index().reindex(columns=shown)
    return Agreement(
        table,
        rows.sort_values(columns, kind="stable", ignore_index=True),
        left.loc[left.index.difference(both, sort=False), columns].reset_index(drop=True),
        right.loc[right.index.difference(both, sort=False), columns].reset_index(drop=True),
    )


def _category(a: pd.DataFrame, b: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return what both tell in a column, where either does, and whether that is the same."""
    one, other = cells_as_told(a, name), cells_as_told(b, name)
    if name == "date":
        category = [_days(table) for table in (a, b)]
        same = category[0] == category[1]
    else:
        category = [same_category(one), same_category(other)]
        same = category[0] == category[1]
    told = pd.DataFrame(
        {
            "one": one,
            "other": other,
            "agree": same.astype(bool),
            "a": category[0],
            "b": category[1],
        },
        index=a.index,
    )
    return told[(told["one"] != "") | (told["other"] != "")]


def _days(table: pd.DataFrame) -> np.ndarray:
    """Return first and last possible day as one text; an end that is open is blank."""
    ends = [
        table[name].dt.strftime("%Y-%m-%d").astype(object).fillna("")
        for name in ("date_start", "date_end")
    ]
    return np.asarray(ends[0] + "/" + ends[1], dtype=object)


def _count(a: pd.DataFrame, b: pd.DataFrame, name: str) -> pd.DataFrame:
    bounds = [
        [tuple(row) for row in _bounds(table, name).itertuples(index=False)] for table in (a, b)
    ]
    told = pd.DataFrame(
        {
            "one": cells_as_told(a, name),
            "other": cells_as_told(b, name),
            "agree": [x == y for x, y in zip(*bounds, strict=True)],
            "a": list(map(str, bounds[0])),
            "b": list(map(str, bounds[1])),
        },
        index=a.index,
    )
    return told[(told["one"] != "") | (told["other"] != "")]


def _bounds(table: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = [f"{name}_{bound}" for bound in ("low", "best", "high")]
    return table[columns].astype("Float64").astype(object).where(table[columns].notna(), None)


def _place(one: Layers, other: Layers, a: pd.DataFrame, b: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the places of both in a role, and how far apart they are in kilometres."""
    told = []
    for layers, table in ((one, a), (other, b)):
        layer = layers.layer(role)
        # The first place that a cell names stands for it.
        first = layer.drop_duplicates("account").set_index("account").reindex(table["account"])
        told.append(first)
    words = [cells_as_told(table, "place").to_numpy() for table in told]
    names = [cells_as_told(table, "place_name").to_numpy() for table in told]
    ids = [cells_as_told(table, "place_id").to_numpy() for table in told]
    spots = [table[["longitude", "latitude"]].to_numpy(dtype=float) for table in told]
    away, _ = inverse(*spots[0].T, *spots[1].T)
    same = np.where((ids[0] == "") & (ids[1] == ""), words[0] == words[1], ids[0] == ids[1])
    table = pd.DataFrame(
        {
            "one": np.where(names[0] == "", words[0], names[0]),
            "other": np.where(names[1] == "", words[1], names[1]),
            "agree": same.astype(bool),
            "a": np.where(ids[0] == "", words[0], ids[0]),
            "b": np.where(ids[1] == "", words[1], ids[1]),
            "km": away / 1000,
        },
        index=a.index,
    )
    return pd.DataFrame(table[(words[0] != "") | (words[1] != "")])


def _figures(told: pd.DataFrame) -> list[float]:
    agree = int(told["agree"].sum())
    known = told["km"].dropna() if "km" in told else pd.Series(dtype=float)
    far = [known.median(), known.quantile(0.9)] if len(known) else [np.nan, np.nan]
    return [len(told), agree, agree / len(told), kappa(told["a"], told["b"]), *far]


def kappa(one: pd.Series, other: pd.Series) -> float:
    """Return Cohen's kappa of two columns of categories; NaN where all is one category.

    Examples
    --------
    >>> float(kappa(pd.Series(list("aabb")), pd.Series(list("aabc"))).round(3))
    0.6
    """
    observed = (one.to_numpy() == other.to_numpy()).mean()
    shares = [column.value_counts(normalize=True) for column in (one, other)]
    by_chance = shares[0].mul(shares[1], fill_value=0.0).sum()
    return np.float64(np.nan) if by_chance >= 1 else (observed - by_chance) / (1 - by_chance)


def _grouping(a: pd.DataFrame, b: pd.DataFrame) -> list[float]:
    """Return in how many of the pairs that either coder joins both do, and kappa of all pairs."""
    joint = pd.DataFrame({"a": a["incident"].to_numpy(), "b": b["incident"].to_numpy()})
    n = len(joint)

    def pairs(columns: list[str]) -> float:
        sizes = joint.groupby(columns).size()
        return float((sizes * (sizes - 1) / 2).sum())

    mine, theirs, both = pairs(["a"]), pairs(["b"]), pairs(["a", "b"])
    all_pairs = n * (n - 1) / 2
    either = mine + theirs - both
    if not either:
        return [0, 0, np.nan, np.nan, np.nan, np.nan]
    observed = (all_pairs - mine - theirs + 2 * both) / all_pairs
    p, q = mine / all_pairs, theirs / all_pairs
    by_chance = p * q + (1 - p) * (1 - q)
    beyond = np.nan if by_chance >= 1 else (observed - by_chance) / (1 - by_chance)
    return [either, both, both / either, beyond, np.nan, np.nan]


def _joined_otherwise(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose incident holds other rows with the one coder than with the other."""
    joint = pd.DataFrame({"one": a["incident"].to_numpy(), "other": b["incident"].to_numpy()})
    alone, shared = (
        [joint.groupby(columns)["one"].transform("size") for columns in (["one"], ["other"])],
        joint.groupby(["one", "other"])["one"].transform("size"),
    )
    differ = ((alone[0] != shared) | (alone[1] != shared)).to_numpy()
    return joint.set_axis(a.index)[differ].assign(field="incident")
