"""The verbs that count and measure: ``incidents``, ``counts``, ``distances``."""

from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

import geoinc as gi
from geoinc.cli.app import app
from geoinc.cli.options import Columns, Decided, File, Output, Sheet, layers_of
from geoinc.cli.screen import plain_errors, show, write_csv, wrote


@app.command(epilog="`geoinc incidents attacks.csv -o incidents.csv`")
def incidents(
    file: File,
    output: Output = None,
    column: Columns = None,
    sheet: Sheet = None,
    decisions: Decided = None,
) -> None:
    """List each attack once, with what its accounts say side by side."""
    with plain_errors():
        table = gi.incidents(layers_of(file, column, sheet, decisions)).reset_index()
        if output is not None:
            write_csv(table, output)
            return
        brief = [
            "incident",
            "date",
            "standing",
            "target",
            "launch",
            "event_type",
            "outcome",
            "accounts",
        ]
        show(table[[name for name in brief if name in table]])


@app.command(epilog="`geoinc counts attacks.csv --by month --by event_type --plot counts.png`")
def counts(
    file: File,
    by: Annotated[
        list[str] | None,
        typer.Option(help="day, week, month, year, place, admin1, country or a column. Repeat."),
    ] = None,
    output: Output = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw a bar chart to this file (extra `plot`).")
    ] = None,
    column: Columns = None,
    sheet: Sheet = None,
    decisions: Decided = None,
) -> None:
    """Count attacks, low and high where dates, places or accounts leave a doubt."""
    with plain_errors():
        result = gi.counts(layers_of(file, column, sheet, decisions), by=by or ["month"])
        if plot is not None:
            result.plot().figure.savefig(plot, bbox_inches="tight")  # type: ignore[union-attr]  # a figure, no part of one
            wrote(plot, len(result.to_frame()))
        if output is not None:
            write_csv(result.to_frame().reset_index(), output)
        elif plot is None:
            show(result.to_frame().reset_index())


@app.command(epilog="`geoinc distances attacks.csv -o distances.csv`")
def distances(
    file: File,
    output: Output = None,
    to: Annotated[Literal["target", "impact"], typer.Option(help="Measured to.")] = "target",
    column: Columns = None,
    sheet: Sheet = None,
    decisions: Decided = None,
) -> None:
    """Measure from launch to target: the distance, and its bounds."""
    with plain_errors():
        table = gi.distances(layers_of(file, column, sheet, decisions), to=to)
        if output is not None:
            write_csv(table, output)
            return
        km = (table[["distance_m", "low_m", "high_m"]] / 1000).round(1)
        show(
            pd.DataFrame(
                {
                    "incident": table["incident"],
                    "launch": table["launch_place"],
                    to: table[f"{to}_place"],
                    "km": km["distance_m"],
                    "low": km["low_m"],
                    "high": km["high_m"],
                    "azimuth°": table["azimuth_deg"].round(),
                    "pair": table["pair"],
                }
            )
        )
