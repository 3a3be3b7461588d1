"""Place every launch, target and impact that reports tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import Progress

from geoinc.errors import Problem, SchemaError
from geoinc.georeferencing import Resolution, georeference
from geoinc.layers.rows import Cells, layer_rows, text_of
from geoinc.layers.weighing import weighted
from geoinc.localities import ANAPHORA, mentions_anaphor
from geoinc.places import Place, places_frame
from geoinc.reports import read_reports, split_places
from geoinc.schema import DERIVED_COLUMNS, ROLES, Layers

if TYPE_CHECKING:
    from geoinc.gazetteer import Search

#: Fewer distinct questions than this are answered before a reader would look up.
_PROGRESS_FROM = 500


class _Question(NamedTuple):
    """The words of a place with all that may change the answer."""

    words: str
    country: str  # a hint that the account gives
    leaning: str  # a country that may choose between homonyms, and no more
    year: str
    target: str  # place_id of the row's target, where the words point at it


def locate(
    reports: pd.DataFrame,
    gazetteer: Search,
    *,
    errors: Literal["coerce", "raise"] = "coerce",
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

    Returns
    -------
    Layers
        Every account of the reports, in each role that they have a column for.

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
    layers = {}
    places: dict[str, Place] = {}
    single_targets = np.full(len(reports), "", dtype=object)
    # Targets first: the other roles point at them.
    for role in ("target", "launch", "impact"):
        cells = _cells(reports, role)
        questions = _questions(reports, cells, role, single_targets)
        codes, distinct = pd.factorize(questions)
        answers = _answered(list(distinct), gazetteer, places, role)
        places |= {a.place.place_id: a.place for a in answers if a.place is not None}
        if role == "target":
            single_targets = _single_targets(len(reports), cells, answers, codes)
        layers[role] = layer_rows(reports, cells, answers, codes, role)
    result = weighted(
        Layers(
            launches=layers["launch"],
            targets=layers["target"],
            impacts=layers["impact"],
            places=places_frame(places.values()),
        )
    )
    if errors == "raise":
        _raise_unresolved(result)
    return result


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
    reports: pd.DataFrame, cells: Cells, role: str, single_targets: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return the question that each of the cells asks."""
    country = text_of(reports, f"{role}_country")
    leaning = np.where(country == "", text_of(reports, "country"), "")
    if role != "launch":
        country, leaning = np.where(country == "", leaning, country), np.full_like(leaning, "")
    year = reports["date_start"].dt.strftime("%Y").fillna("").to_numpy(dtype=object)
    points_at = {words: mentions_anaphor(words) for words in pd.unique(cells.words)}
    pointing = np.array([points_at[words] for words in cells.words], dtype=bool)
    row = cells.account_row
    questions = np.empty(len(cells), dtype=object)
    questions[:] = [
        _Question(*question)
        for question in zip(
            cells.words,
            country[row],
            leaning[row],
            year[row],
            np.where(pointing, single_targets[row], ""),
            strict=True,
        )
    ]
    return questions


def _answered(
    questions: list[_Question], gazetteer: Search, places: dict[str, Place], role: str
) -> list[Resolution]:
    """Return the answer to each question, with a progress bar where there are many."""
    with Progress(
        transient=True, console=Console(stderr=True), disable=len(questions) < _PROGRESS_FROM
    ) as progress:
        return [
            _answer(question, gazetteer, places.get(question.target))
            for question in progress.track(questions, description=f"placing {role}s")
        ]


def _answer(question: _Question, gazetteer: Search, target: Place | None) -> Resolution:
    context = dict.fromkeys(ANAPHORA, target) if target else None

    def ask(country: str) -> Resolution:
        return georeference(
            question.words, gazetteer, context=context, country=country, date=question.year
        )

    answer = ask(question.country)
    if answer.status == "ambiguous" and question.leaning:
        # The country of the target says little of the launch: it may choose
        # between homonyms, never overrule the words.
        answer = ask(question.leaning)
    return answer


def _single_targets(
    accounts: int, cells: Cells, answers: list[Resolution], codes: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return the place of each account that has exactly one target.

    With two targets "the base" is a guess, and stays unresolved.
    """
    targets = np.full(accounts, "", dtype=object)
    known = np.array([a.place.place_id if a.place else "" for a in answers], dtype=object)
    single = np.bincount(cells.account_row, minlength=accounts)[cells.account_row] == 1
    targets[cells.account_row[single]] = known[codes[single]]
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
