"""Place every launch, target and impact that reports tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from geoinc.decisions import as_decisions
from geoinc.errors import Problem, SchemaError
from geoinc.layers.answering import Answers, Question
from geoinc.layers.context import about_of
from geoinc.layers.rows import Cells, layer_rows
from geoinc.layers.weighing import weighted
from geoinc.localities import mentions_anaphor
from geoinc.places import places_frame
from geoinc.reports import hints_of, read_reports, split_places, text_of
from geoinc.schema import DERIVED_COLUMNS, ROLES, Layers

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from geoinc.decisions import Decision
    from geoinc.gazetteer import Search
    from geoinc.georeferencing import Resolution
    from geoinc.layers.context import About


class _Asked(NamedTuple):
    """The questions of a role: which of them each of its cells asks, and the answers."""

    questions: list[Question]
    answers: list[Resolution]
    codes: np.ndarray[Any, Any]


def locate(
    reports: pd.DataFrame,
    gazetteer: Search,
    *,
    errors: Literal["coerce", "raise"] = "coerce",
    context: bool = True,
    decisions: str | os.PathLike[str] | Iterable[str | os.PathLike[str] | Decision] | None = None,
) -> Layers:
    """Place every launch, target and impact that reports tell of.

    Distinct texts are looked up once.  In launches and impacts "the base",
    "the airport" or "nearby" mean the target of the same row.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`; a plain table is read by it first.
    gazetteer : Gazetteer
        Or anything with its ``search`` and ``place``.
    errors : {"coerce", "raise"}
        What to do about places that cannot be resolved: keep them and say so
        in ``place_status`` and ``place_reason``, or raise once with all rows.
    context : bool
        Whether names that several places bear are asked for a second time,
        where the names of the table that are sure lie.  Nothing that is
        resolved changes; what is resolved so is one to check, and says
        "the table is about" in ``place_reason``.
    decisions : path, or iterable of paths and Decision, optional
        What analysts have decided, as `write_review` and `read_decisions` have
        it; wins over everything.  A decision that cannot be used is told in a
        warning, or raised with ``errors="raise"``.

    Returns
    -------
    Layers
        Every account of the reports, in each role that they have a column for.
        A name that is not resolved but said to be in a district or province
        (`geoinc.schema.REPORT_COLUMNS`: ``admin1``, ``admin2``; or by the words
        themselves) has that area as its place, with ``place_match="hint"``; its
        status stays ``unresolved``.

    Raises
    ------
    SchemaError
        With ``errors="raise"``, naming every place that is not resolved.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"target": ["Balad air base"], "launch": ["Diyala, east of the base"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> layers.launches.place_status.to_list()
    ['resolved']
    """
    if not set(DERIVED_COLUMNS) <= set(reports.columns):
        reports = read_reports(reports)
    cells = {role: _cells(reports, role) for role in ROLES}
    answers = Answers(gazetteer, as_decisions(decisions, errors=errors))
    asked = _asked(reports, cells, answers)
    if context:
        about = about_of(answer for role in asked.values() for answer in role.answers)
        if about is not None:
            asked = _asked_in_context(reports, cells, answers, asked, about)
    answers.tell_faults(errors)
    layers = {
        role: layer_rows(reports, cells[role], asked[role].answers, asked[role].codes, role)
        for role in ROLES
    }
    places = [answer.place for role in asked.values() for answer in role.answers if answer.place]
    result = weighted(
        Layers(layers["launch"], layers["target"], layers["impact"], places_frame(places))
    )
    for role in ROLES:
        result.layer(role).attrs = {
            name: reports.attrs[name] for name in ("source", "rows") if name in reports.attrs
        }
    if errors == "raise":
        _raise_unresolved(result)
    return result


def _asked(
    reports: pd.DataFrame, cells: Mapping[str, Cells], answers: Answers
) -> dict[str, _Asked]:
    """Return what each role asks, with the answers; targets first: the others point at them."""
    asked = {}
    targets = np.full(len(reports), "", dtype=object)
    for role in ("target", "launch", "impact"):
        codes, questions = _questions(reports, cells[role], role, targets, answers)
        asked[role] = _Asked(questions, answers.to(questions, role), codes)
        if role == "target":
            targets = _single_targets(len(reports), cells[role], asked[role])
    return asked


def _asked_in_context(
    reports: pd.DataFrame,
    cells: Mapping[str, Cells],
    answers: Answers,
    asked: Mapping[str, _Asked],
    about: About,
) -> dict[str, _Asked]:
    """Return what each role asks, what was ambiguous chosen by what the table is about."""
    before = asked["target"]
    target = before._replace(answers=answers.in_context(before.questions, "target", about))
    moved = any(new is not old for new, old in zip(target.answers, before.answers, strict=True))
    targets = _single_targets(len(reports), cells["target"], target)
    again = {"target": target}
    for role in ("launch", "impact"):
        questions, _, codes = asked[role]
        if moved:
            codes, questions = _questions(reports, cells[role], role, targets, answers)
        again[role] = _Asked(questions, answers.in_context(questions, role, about), codes)
    return again


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


def _questions(
    reports: pd.DataFrame,
    cells: Cells,
    role: str,
    targets: np.ndarray[Any, Any],
    answers: Answers,
) -> tuple[np.ndarray[Any, Any], list[Question]]:
    """Return which question each of the cells asks, and the distinct questions."""
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
    columns = {
        "words": cells.words,
        "country": country[row],
        "leaning": leaning[row],
        "admin1": said["admin1"][row],
        "admin2": said["admin2"][row],
        "year": years.fillna(0).to_numpy(dtype=int)[row],
        "target": np.where(pointing, targets[row], ""),
        "decision": answers.decided(
            role,
            cells.words,
            {name: values[row] for name, values in said.items()}
            | {"account": text_of(reports, "account")[row]},
            str(reports.attrs.get("source", "")),
        ),
    }
    codes, first = _distinct(columns.values(), len(cells))
    questions = [
        Question(*values)
        for values in zip(*(column[first].tolist() for column in columns.values()), strict=True)
    ]
    return codes, questions


def _distinct(
    columns: Iterable[np.ndarray[Any, Any]], length: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the number of each distinct row of columns, and where each stands first."""
    codes = np.zeros(length, dtype=np.int64)
    for column in columns:
        own, values = pd.factorize(column)
        codes = pd.factorize(codes * len(values) + own)[0]
    first = np.zeros(codes.max(initial=-1) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(length)[::-1]
    return codes, first


def _single_targets(accounts: int, cells: Cells, asked: _Asked) -> np.ndarray[Any, Any]:
    """Return the place of each account that has exactly one target.

    With two targets "the base" is a guess, and stays unresolved; so it does
    with a target of which only the province is known.
    """
    targets = np.full(accounts, "", dtype=object)
    known = np.array(
        [a.place.place_id if a.place and a.status == "resolved" else "" for a in asked.answers],
        dtype=object,
    )
    row = cells.account_row
    single = np.bincount(row, minlength=accounts)[row] == 1
    targets[row[single]] = known[asked.codes[single]]
    return targets


def _raise_unresolved(layers: Layers) -> None:
    problems = [
        Problem(None, role, words, f"{words!r} is {status}: {reason}")
        for role in ROLES
        for words, status, reason in layers.layer(role)[
            ["place", "place_status", "place_reason"]
        ].itertuples(index=False, name=None)
        if status in {"ambiguous", "unresolved"}
    ]
    if problems:
        msg = f"{len(problems)} places are not resolved; the first: {problems[0].why}"
        raise SchemaError(msg, problems)
