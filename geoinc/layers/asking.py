"""What the cells of a table ask: each distinct question once, whichever rows ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geoinc.decisions import applying
from geoinc.layers.rows import Cells
from geoinc.localities import mentions_anaphor
from geoinc.reports import hints_of, split_places, text_of
from geoinc.schema import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geoinc.decisions import Decision
    from geoinc.georeferencing import Resolution


class Question(NamedTuple):
    """The words of a place with all that may change the answer."""

    words: str
    country: str  # a hint that the account gives
    leaning: str  # a country that may choose between homonyms, and no more
    admin1: str
    admin2: str
    year: int  # 0 where it is not told
    target: str  # place_id of the row's target, where the words point at it
    decision: int  # number of the decision that an analyst made, -1 for none


class Asked(NamedTuple):
    """What the cells of one role ask, before it is known where the targets lie.

    Parameters
    ----------
    questions : list of Question
        The distinct ones, in the order of the rows that ask first; without ``target``.
    pointed : list of int
        For each the number of the target's question that its words point at, -1 for none.
    codes : array of int
        Which of them each cell asks.
    """

    questions: list[Question]
    pointed: list[int]
    codes: np.ndarray[Any, Any]

    def of(self, targets: Sequence[Resolution]) -> list[Question]:
        """Return the questions, each with the target that it points at.

        A target of which only the province is known is nothing to point at.

        Parameters
        ----------
        targets : sequence of Resolution
            The answers to the questions of the targets.
        """
        known = [a.place.place_id if a.place and a.status == "resolved" else "" for a in targets]
        return [
            question if number < 0 else question._replace(target=known[number])
            for question, number in zip(self.questions, self.pointed, strict=True)
        ]


def asked_by(
    reports: pd.DataFrame, decisions: Sequence[Decision]
) -> tuple[dict[str, Cells], dict[str, Asked]]:
    """Return the places that each role's cells name, and what they ask.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`, or some rows of it.
    decisions : sequence of Decision
        What analysts have decided.
    """
    cells = {role: _cells(reports, role) for role in ROLES}
    nothing = np.full(len(reports), -1)
    asked = {"target": _asked(reports, cells["target"], "target", nothing, decisions)}
    targets = _single_targets(len(reports), cells["target"], asked["target"].codes)
    for role in ("launch", "impact"):
        asked[role] = _asked(reports, cells[role], role, targets, decisions)
    return cells, asked


def _cells(reports: pd.DataFrame, role: str) -> Cells:
    """Return the places that a role's cells name; a blank cell is one place, not told."""
    if role not in reports:
        nothing = np.array([], dtype=object)
        return Cells(nothing.astype(int), nothing.astype(int), nothing, nothing)
    codes, distinct = pd.factorize(text_of(reports, role))
    split = [split_places(cell) or [("", "")] for cell in distinct]
    sizes = np.array([len(parts) for parts in split], dtype=int)
    account_row = np.repeat(np.arange(len(reports)), sizes[codes])
    first = np.cumsum(sizes[codes]) - sizes[codes]
    part = np.arange(len(account_row)) - np.repeat(first, sizes[codes])
    # Where each distinct cell's places begin among all places of all distinct cells.
    begin = np.cumsum(sizes) - sizes
    chosen = np.repeat(begin[codes], sizes[codes]) + part
    words = np.array([words for parts in split for words, _ in parts], dtype=object)
    count = np.array([count for parts in split for _, count in parts], dtype=object)
    return Cells(account_row, part + 1, words[chosen], count[chosen])


def _single_targets(
    accounts: int, cells: Cells, codes: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return the number of the target's question of each account that has exactly one, else -1.

    With two targets "the base" is a guess, and stays unresolved.
    """
    row = cells.account_row
    single = np.bincount(row, minlength=accounts)[row] == 1
    targets = np.full(accounts, -1)
    targets[row[single]] = codes[single]
    return targets


def _asked(
    reports: pd.DataFrame,
    cells: Cells,
    role: str,
    targets: np.ndarray[Any, Any],
    decisions: Sequence[Decision],
) -> Asked:
    row = cells.account_row
    said = hints_of(reports, role)
    country, leaning = said["country"], np.full(len(reports), "", dtype=object)
    if role == "launch":
        # The country of the target says little of the launch: it may choose
        # between homonyms, never overrule the words.
        leaning = np.where(text_of(reports, "launch_country") == "", country, "")
        country = text_of(reports, "launch_country")
    years = reports["date_start"].dt.year
    # Targets point at nothing: they are what the others point at.
    code, distinct = pd.factorize(cells.words if role != "target" else cells.words[:0])
    points = np.array([mentions_anaphor(words) for words in distinct], dtype=bool)
    pointing = points[code] if len(points) else np.zeros(len(cells), dtype=bool)
    decided = np.full(len(cells), -1)
    if decisions:
        # Every account is a text of its own, which costs as much as all else that is asked.
        said["account"] = text_of(reports, "account")
        decided = applying(
            decisions,
            cells.words,
            role=role,
            said={name: values[row] for name, values in said.items()},
            file=str(reports.attrs.get("source", "")),
        )
    columns = (
        cells.words,
        country[row],
        leaning[row],
        said["admin1"][row],
        said["admin2"][row],
        years.fillna(0).to_numpy(dtype=int)[row],
        np.where(pointing, targets[row], -1),
        decided,
    )
    codes, first = _distinct(columns, len(cells))
    *before, pointed, decision = (column[first].tolist() for column in columns)
    blank = [""] * len(first)
    questions = list(map(Question._make, zip(*before, blank, decision, strict=True)))
    return Asked(questions, pointed, codes)


def _distinct(
    columns: Iterable[np.ndarray[Any, Any]], length: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the number of each distinct row of columns, and where each stands first."""
    codes = np.zeros(length, dtype=np.int64)
    for column in columns:
        own, values = pd.factorize(column)
        if len(values) > 1:  # hints that nobody gives tell nothing apart
            codes = pd.factorize(codes * len(values) + own)[0]
    first = np.zeros(codes.max(initial=-1) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(length)[::-1]
    return codes, first
