"""The options that verbs share, and the layers that they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import geoinc as gi
from geoinc.cli.screen import faults_told, stop, warn, write_csv

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="Reports, one row an account: a table or map in any format, a folder of them, or `-`.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        "-c",
        metavar="YOURS=OURS",
        help="Which of your columns serves: `-c Base=target`. Repeat.",
    ),
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of an Excel file; the first by default.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write here, as CSV, instead of to the screen."),
]
Decided = Annotated[
    list[Path] | None,
    typer.Option(
        "--decisions", help="What was decided on names: a review filled in (.xlsx, .csv). Repeat."
    ),
]
Rejected = Annotated[
    Path | None,
    typer.Option(help="Write the rows that could not be placed, with the reason, to this CSV."),
]

#: What was recognised of a file and surprises nobody.
_AS_EXPECTED = frozenset({"UTF-8", "comma", "tab"})


def layers_of(
    file: Path,
    column: list[str] | None,
    sheet: str | None,
    decisions: list[Path] | None,
    rejected: Path | None = None,
    *,
    context: bool = True,
) -> gi.Layers:
    """Read, place, and say on the screen what could not be used."""
    reports = gi.read_reports(file, columns=serving(column), sheet=sheet)
    problems = reports.attrs.get("problems", ())
    for problem in problems[:10]:
        warn(str(problem))
    if len(problems) > 10:
        warn(f"... and {len(problems) - 10} more faults of this kind")
    gazetteer = gi.load_gazetteer()
    with faults_told():
        if "coded_area" in reports and not decisions:  # an export, which has coordinates
            layers = gi.layers_from_coordinates(reports, areas=gazetteer)
        else:
            layers = gi.locate(reports, gazetteer, context=context, decisions=decisions)
    for what, words in reports.attrs["recognised"].items():
        if words not in _AS_EXPECTED and what not in {"format", "sheet", "layer", "export"}:
            warn(f"read with {what}: {words}")
    rows = layers.rows()
    missed = rows[rows["place_status"].isin(["ambiguous", "unresolved"])]
    if len(missed):
        warn(
            f"{len(missed)} of {len(rows)} places could not be placed; they are kept and listed as such "
            "(geoinc locate --review writes them with candidates)"
        )
    if rejected is not None:
        write_csv(missed.reset_index(), rejected)
    return layers


def serving(column: list[str] | None) -> dict[str, str] | None:
    """Return which columns serve as which, as the options say."""
    columns = {}
    for pair in column or []:
        yours, sign, ours = pair.partition("=")
        if not sign:
            stop(f"--column {pair!r} is not of the form YOURS=OURS, as in -c Base=target")
        columns[yours] = ours
    return columns or None
