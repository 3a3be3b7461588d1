"""Decisions in files: the table that `write_review` makes, or any with its columns."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from geoinc.decisions.choices import SCOPES, Decision
from geoinc.errors import Problem, SchemaError
from geoinc.localities import mentions_anaphor
from geoinc.reports import read_text_table, rearmed
from geoinc.schema import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

#: What a decision is made of, as columns.
COLUMNS = tuple(name for name in Decision.__dataclass_fields__ if name != "origin")


def read_decisions(
    *paths: str | os.PathLike[str], errors: Literal["coerce", "raise"] = "coerce"
) -> list[Decision]:
    r"""Read what analysts have decided.

    Parameters
    ----------
    *paths : path
        CSV or Excel files as `write_review` writes them.  Columns ``text`` and
        ``decision`` are needed, the others are those of `Decision`; a row
        without a decision is none yet.
    errors : {"coerce", "raise"}
        What to do about rows that cannot be used: warn of each with its file
        and row, or raise once with all of them.

    Returns
    -------
    list of Decision
        In the order of the files and rows.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    SchemaError
        A file is no table of decisions; with ``errors="raise"``, a row cannot be used.

    Examples
    --------
    >>> import geoinc as gi, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "places.csv"
    ...     _ = file.write_text("text,decision,scope\nBalad,iq-balad,everywhere\n")
    ...     [decision.decision for decision in gi.read_decisions(file)]
    ['iq-balad']
    """
    decisions: list[Decision] = []
    problems: list[Problem] = []
    for path in paths:
        table, numbers = review_table(path)
        name = Path(path).name
        for number, row in zip(numbers, table.to_dict("records"), strict=True):
            if not row["decision"]:
                continue
            told = {column: row[column] for column in COLUMNS if row.get(column)}
            told["scope"] = scope_of(told.get("scope", ""))
            # Words that point elsewhere may mean another place in another role; a name does not.
            own = told["scope"] == "this account" or mentions_anaphor(row["text"])
            if not own or told.get("role") not in ROLES:
                told.pop("role", None)
            try:
                decisions.append(Decision(**told, origin=f"{name}, row {number}"))
            except ValueError as error:
                problems.append(
                    Problem(number, "decision", row["decision"], f"{name}, row {number}: {error}")
                )
    if problems and errors == "raise":
        msg = f"{len(problems)} decisions cannot be used; the first: {problems[0].why}"
        raise SchemaError(msg, problems)
    for problem in problems:
        warnings.warn(problem.why, stacklevel=2)
    return decisions


def as_decisions(
    source: str | os.PathLike[str] | Iterable[str | os.PathLike[str] | Decision] | None,
    *,
    errors: Literal["coerce", "raise"],
) -> list[Decision]:
    """Return decisions that are given as such, in files, or both."""
    if source is None:
        return []
    if isinstance(source, str | os.PathLike):
        return read_decisions(source, errors=errors)
    decisions = []
    for one in source:
        decisions += [one] if isinstance(one, Decision) else read_decisions(one, errors=errors)
    return decisions


def review_table(path: str | os.PathLike[str]) -> tuple[pd.DataFrame, list[int]]:
    """Return a table of decisions as text, and the row of the file of each of its rows."""
    read = read_text_table(path)
    table, numbers = read.table, read.numbers.tolist()
    missing = [column for column in ("text", "decision") if column not in table]
    if missing:
        msg = f"{Path(path).name!r} is no table of decisions: it has no column {missing[0]!r}"
        raise SchemaError(msg)
    # The apostrophe that keeps a spreadsheet from running a text is not part of it.
    return table.map(rearmed), numbers


def scope_of(words: str) -> str:
    """Return a scope as it is spelt here; a blank one is the file."""
    return " ".join(words.split()).casefold() or SCOPES[2]
