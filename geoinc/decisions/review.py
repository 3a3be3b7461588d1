"""What is to be decided, as a table that an analyst fills in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.decisions.choices import key_of, printable
from geoinc.decisions.reading import review_table, scope_of
from geoinc.decisions.sheet import write_sheet
from geoinc.decisions.suggesting import suggestions
from geoinc.localities import mentions_anaphor
from geoinc.progress import watched
from geoinc.reports import hints_of, safe_csv, text_of
from geoinc.schema import ROLES, Layers

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from geoinc.gazetteer import Search

#: What the analyst fills in; all else says what the decision is about.
FILLED_IN = ("decision", "scope", "author", "date")
_COLUMNS = (
    "text", "role", "rows", "status", "placed", "reason", "candidates", "example", *FILLED_IN,
    "file", "country", "admin1", "admin2", "account",
)  # fmt: skip
_ASKED = ["text", "country", "admin1", "admin2", "account"]
#: No reader needs more of an example.
_LONGEST_EXAMPLE = 500


def write_review(layers: Layers, gazetteer: Search, path: str | os.PathLike[str]) -> int:
    """Write what could not be placed surely to a table, for an analyst to decide.

    One row for each text that was ambiguous, unresolved or to be checked, with
    its candidates and a row that it comes from.  `read_decisions` reads what
    is filled in, `locate` uses it.  A file that is there already keeps what was
    filled in, and every column, row and comment that was added to it; the file
    is replaced whole or not at all.

    Parameters
    ----------
    layers : Layers
        From `locate`.
    gazetteer : Gazetteer
        The one they were located with: candidates come from it.
    path : path
        Ends in ``.xlsx`` (extra ``excel``) or ``.csv``.

    Returns
    -------
    int
        How many rows are still to be decided.

    Raises
    ------
    ValueError
        The file name ends otherwise.
    SchemaError
        There is a file of that name that is no review.

    Examples
    --------
    >>> import geoinc as gi, pandas as pd, tempfile, pathlib
    >>> gaz = gi.load_gazetteer()
    >>> layers = gi.locate(gi.read_reports(pd.DataFrame({"target": ["Qwertyistan"]})), gaz)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "places.csv"
    ...     gi.write_review(layers, gaz, file)
    1
    """
    path = Path(path)
    if path.suffix.lower() not in {".xlsx", ".csv"}:
        msg = f"{path.name!r} ends in neither .xlsx nor .csv, the formats of a review"
        raise ValueError(msg)
    old, numbers = review_table(path) if path.exists() else (pd.DataFrame(), [])
    asked = _asked(layers)
    options = [
        suggestions(row, gazetteer)
        for row in watched(asked.to_dict("records"), "looking for candidates", len(asked))
    ]
    asked["candidates"] = ["\n".join(option.values()) for option in options]
    table, former = _with_former(asked.map(printable), old)
    choices = [*(list(option) for option in options), *[[]] * (len(table) - len(asked))]
    comments = {number: row for row, number in enumerate(former) if number >= 0}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        if path.suffix.lower() == ".csv":
            draft.write_text(safe_csv(table), encoding="utf-8-sig", newline="")
        else:
            moved = {numbers[number]: row for number, row in comments.items()}
            write_sheet(table, choices, draft, former=path if len(old) else None, moved=moved)
        draft.replace(path)
    return int((table["decision"] == "").sum())


def _asked(layers: Layers) -> pd.DataFrame:
    """Return one row per text to decide on, those of most rows first."""
    found = pd.concat([_open(layers, role) for role in ROLES], ignore_index=True)
    if found.empty:
        return pd.DataFrame(columns=list(_COLUMNS), dtype=object)
    by = found.groupby(["key", "country", "admin1", "admin2", "whose"], sort=False)
    asked = by.first()
    asked["rows"] = by.size().astype(str)
    asked["role"] = by["role"].agg(lambda roles: ", ".join(dict.fromkeys(roles)))
    # What stands in one account alone may be decided for it alone.
    asked["account"] = by["account"].agg(lambda ids: ids.iloc[0] if len(set(ids)) == 1 else "")
    asked = asked.assign(size=by.size()).sort_values(
        ["size", "key", "country", "admin1", "admin2", "whose"], ascending=[False] + [True] * 5
    )
    asked = asked.reset_index().assign(decision="", scope="", author="", date="", candidates="")
    pointing = asked["whose"] != ""
    asked["scope"] = np.where(pointing, "this account", "this file")
    return asked[list(_COLUMNS)].astype(object)


def _open(layers: Layers, role: str) -> pd.DataFrame:
    """Return the rows of a role that nobody is sure of, those of the last word first."""
    layer = layers.layer(role)
    status, reason = layer["place_status"], layer["place_reason"]
    unsure = status.isin(["ambiguous", "unresolved"]) | (
        # What the coder inferred from a sure name is decided already.
        (status == "resolved")
        & reason.str.startswith("check: ")
        & ~reason.str.startswith("check: inferred; ")
    )
    decided = layer["place_match"] == "decision"
    rows = pd.DataFrame(layer[unsure & ~decided & (layer["standing"] != "set aside")])
    words = text_of(rows, "place")
    points = {text: mentions_anaphor(text) for text in pd.unique(words)}
    account = text_of(rows, "account")
    pointing = np.array([points[text] for text in words], dtype=bool)
    return pd.DataFrame(
        {
            "text": words,
            "key": [key_of(text) for text in words],
            "role": role,
            "status": text_of(rows, "place_status"),
            "placed": text_of(rows, "place_name"),
            "reason": text_of(rows, "place_reason"),
            "example": _examples(rows, layer.attrs.get("rows", {})),
            "file": layer.attrs.get("source", ""),
            **hints_of(rows, role),
            "account": account,
            # "The base" is another place in every account, and may be in every role.
            "whose": np.where(pointing, account + ":" + role, ""),
        },
        dtype=object,
    )


def _examples(rows: pd.DataFrame, row_of: Mapping[str, int]) -> list[str]:
    """Return of each row where it stands in the file, and what a reader needs to recognise it."""
    names = ("account", "notes", "date", "source", "launch", "target", "impact")
    before = {"launch": "from ", "target": "at ", "impact": "fell "}
    examples = []
    for cells in zip(*(text_of(rows, name) for name in names), strict=True):
        account, notes, *others = cells
        told = [
            before.get(name, "") + cell
            for name, cell in zip(names[2:], others, strict=True)
            if cell
        ]
        number = f"row {row_of[account]}: " if account in row_of else ""
        examples.append(number + (notes or "; ".join(told))[:_LONGEST_EXAMPLE])
    return examples


def _with_former(asked: pd.DataFrame, old: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    """Return the table with what was filled in before, and which row of before each row was.

    Rows of before that are not asked again stay where somebody wrote in them.
    """
    extra = [name for name in old.columns if name not in _COLUMNS]
    table = asked.reindex(columns=[*_COLUMNS, *extra], fill_value="")
    former = old.reindex(columns=table.columns, fill_value="").fillna("")
    number = {_key(row): i for i, row in enumerate(former.to_dict("records"))}
    origin = [number.get(_key(row), -1) for row in table.to_dict("records")]
    written = [name for name in (*FILLED_IN, *extra) if name in former]
    for row, i in enumerate(origin):
        if i >= 0 and (former.loc[i, "decision"] or any(former.loc[i, extra])):
            table.loc[row, written] = former.loc[i, written]
    told = (former[["decision", *extra]] != "").any(axis=1)
    left = [i for i in np.flatnonzero(told) if i not in set(origin)]
    table = pd.concat([table, former.loc[left]], ignore_index=True)
    return table, [*origin, *map(int, left)]


def _key(row: dict[Any, Any]) -> tuple[str, ...]:
    """Return what a row of a review asks."""
    narrow = scope_of(row["scope"]) == "this account" or mentions_anaphor(row["text"])
    own = (row["account"], row["role"]) if narrow else ()
    return (
        key_of(row["text"]),
        *(key_of(row[name]) for name in ("country", "admin1", "admin2")),
        *own,
    )
