"""The verbs that hold accounts against each other: ``link``."""

from pathlib import Path
from typing import Annotated

import typer

import geoinc as gi
from geoinc.cli.app import app
from geoinc.cli.options import Columns, Decided, File, Sheet, layers_of
from geoinc.cli.screen import faults_told, plain_errors, say, show, warn, write_csv, wrote


@app.command(epilog="`geoinc link attacks.csv --review pairs.xlsx`")
def link(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the pairs (.csv) or the linked layers (.gpkg)."),
    ] = None,
    column: Columns = None,
    sheet: Sheet = None,
    decisions: Decided = None,
    marks: Annotated[
        list[Path] | None,
        typer.Option(help="What was decided on pairs: a review filled in (.xlsx, .csv). Repeat."),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(help="Write the possible pairs to decide on to this .xlsx or .csv."),
    ] = None,
) -> None:
    """Find which accounts tell of one attack: joined, possible or distinct, and why."""
    with plain_errors():
        layers = layers_of(file, column, sheet, decisions)
        with faults_told():
            links = gi.link_reports(layers, decisions=marks)
        for note in links.notes:
            warn(note)
        if review is not None:
            left = links.write_review(review)
            say(
                f"Wrote {review} ({left} pairs left to decide). Fill in decision: same or distinct."
            )
        if output is not None and output.suffix.lower() == ".gpkg":
            gi.write_layers(links.linked, output)
            wrote(output, len(links.linked.rows()))
        elif output is not None:
            write_csv(links.pairs, output)
        elif review is None:
            show(links.pairs[["account", "other", "probability", "verdict", "reason"]].round(2))
        say(
            f"{len(links.incidents)} accounts: {links.high} incidents, {links.best} if what is likely is "
            f"one, {links.low} if all that is possible is."
        )
