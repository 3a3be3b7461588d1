"""Place every launch, target and impact that reports tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from geoinc.decisions import as_decisions
from geoinc.errors import Problem, SchemaError
from geoinc.layers.answering import Answers, answers_to, places_found
from geoinc.layers.asking import asked_by
from geoinc.layers.rows import layer_rows
from geoinc.layers.weighing import weighted
from geoinc.reports import read_reports
from geoinc.schema import DERIVED_COLUMNS, ROLES, Layers

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    import pandas as pd

    from geoinc.decisions import Decision
    from geoinc.gazetteer import Search


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
    decided = as_decisions(decisions, errors=errors)
    cells, asked = asked_by(reports, decided)
    answers = Answers(gazetteer, decided)
    found = answers_to(asked, answers, context=context)
    answers.tell_faults(errors)
    layers = {
        role: layer_rows(reports, cells[role], found[role], asked[role].codes, role)
        for role in ROLES
    }
    places = places_found(found)
    result = weighted(Layers(layers["launch"], layers["target"], layers["impact"], places))
    for role in ROLES:
        result.layer(role).attrs = {
            name: reports.attrs[name] for name in ("source", "rows") if name in reports.attrs
        }
    if errors == "raise":
        _raise_unresolved(result)
    return result


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
