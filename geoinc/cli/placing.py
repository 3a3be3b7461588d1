"""The verbs that find places: ``check``, ``locate``, ``resolve``."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

import geoinc as gi
from geoinc.cli.app import app
from geoinc.cli.options import Columns, Decided, File, Output, Rejected, Sheet, layers_of, serving
from geoinc.cli.screen import ERRORS, SCREEN, faults_told, plain_errors, say, show, write_csv, wrote


@app.command(epilog="`geoinc check attacks.csv -o faults.csv`")
def check(
    file: File,
    output: Output = None,
    column: Columns = None,
    sheet: Sheet = None,
    decisions: Decided = None,
) -> None:
    """Find rows that contradict themselves; nothing is changed.

    Ends with exit code 0 where nothing graver than a note is found, 1 where
    something is, 2 where the file cannot be read.
    """
    with plain_errors():
        reports = gi.read_reports(file, columns=serving(column), sheet=sheet)
        gazetteer = gi.load_gazetteer()
        with faults_told():
            layers = gi.locate(reports, gazetteer, decisions=decisions)
        faults = gi.check(reports, gazetteer, layers=layers)
        if output is not None:
            write_csv(faults, output)
        elif len(faults):
            show(faults[["row", "kind", "severity", "stated", "against"]])
        grades = faults["severity"].value_counts()
        told = [f"{count} {grade}{'s' if count > 1 else ''}" for grade, count in grades.items()]
        say(f"{len(reports)} rows: {', '.join(told) or 'no faults'}.")
    if (faults["severity"] != "note").any():
        raise typer.Exit(1)


@app.command(epilog="`geoinc locate attacks.csv -o attacks.gpkg --rejected check.csv`")
def locate(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write layers (.gpkg) or one table of rows (.csv)."),
    ] = None,
    column: Columns = None,
    sheet: Sheet = None,
    review: Annotated[
        Path | None,
        typer.Option(help="Write the names to decide on, with candidates, to this .xlsx or .csv."),
    ] = None,
    decisions: Decided = None,
    context: Annotated[  # noqa: FBT002  # typer makes --context / --no-context of it
        bool,
        typer.Option(help="Choose between namesakes by where the table's sure names lie."),
    ] = True,
    rejected: Rejected = None,
) -> None:
    """Find the places that reports name, and say how well each is known."""
    with plain_errors():
        layers = layers_of(file, column, sheet, decisions, rejected, context=context)
        rows = layers.rows()
        if review is not None:
            left = gi.write_review(layers, gi.load_gazetteer(), review)
            say(
                f"Wrote {review} ({left} left to decide). Fill in the column decision, then use it: "
                f"--decisions {review}"
            )
            if output is None:
                return
        if output is not None and output.suffix.lower() == ".gpkg":
            gi.write_layers(layers, output)
            wrote(output, len(rows))
            return
        if output is not None:
            write_csv(rows.reset_index(), output)
            return
        told = rows[rows["place_status"] != "not told"]
        show(
            pd.DataFrame(
                {
                    "incident": told["incident"],
                    "role": told["role"],
                    "place": told["place"],
                    "status": told["place_status"],
                    "resolved to": told["place_name"],
                    "±km": (told["uncertainty_m"] / 1000).round(1),
                    "reason": told["place_reason"],
                }
            )
        )


@app.command(epilog='`geoinc resolve "20 km NE of Balad air base"`')
def resolve(
    words: Annotated[list[str], typer.Argument(metavar="PLACE...", help="Places, each in quotes.")],
    country: Annotated[str, typer.Option(help="Country to look in: code or name.")] = "",
) -> None:
    """Say what a place resolves to, how well it is known, and why."""
    gazetteer = gi.load_gazetteer()
    missed = False
    for text in words:
        try:
            place = gi.resolve(text, gazetteer, country=country)
        except gi.GeoincError as error:
            ERRORS.print(str(error), markup=False)
            missed = True
            continue
        where = ", ".join(part for part in (place.kind, place.admin1, place.country) if part)
        SCREEN.print(f"{place.name} ({where})", style="bold", markup=False, highlight=False)
        say(
            f"  {place.latitude:.4f}, {place.longitude:.4f} (latitude, longitude) "
            f"± {place.uncertainty_m / 1000:.3g} km\n  {place.reason}\n  source: {place.source}"
        )
    if missed:
        raise typer.Exit(2)
