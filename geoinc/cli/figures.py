"""The verbs that count and measure: ``incidents``, ``counts``, ``describe``, ``distances``."""

import json
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

import geoinc as gi
from geoinc.cli.app import app
from geoinc.cli.engines import Engine, Scheduler, working
from geoinc.cli.options import (
    Columns,
    DayFirst,
    Decided,
    File,
    Gazetteers,
    Json,
    Output,
    Overwrite,
    Sheet,
    Uncertainty,
    layers_of,
)
from geoinc.cli.screen import SCREEN, deliver, plain_errors, ready_for, replacing, say, wrote

_BRIEF = ("incident", "date", "standing", "target", "launch", "event_type", "outcome", "accounts")


@app.command(epilog="`geoinc incidents attacks.csv -o incidents.csv`")
def incidents(
    file: File,
    output: Output = None,
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
    engine: Engine = "here",
    scheduler: Scheduler = None,
) -> None:
    """List each attack once, with what its accounts say side by side."""
    with plain_errors(), working(engine, scheduler) as run:
        ready_for(output, overwrite=overwrite)
        layers = run.layers_of(
            file,
            column,
            sheet,
            decisions,
            day_first=day_first,
            gazetteer=gazetteer,
            uncertainty_km=uncertainty_km,
        )
        table = run.incidents(layers).reset_index()
        brief = table[[name for name in _BRIEF if name in table]]
        deliver(table, brief, output=output, as_json=as_json)


@app.command(epilog="`geoinc counts attacks.csv --by month --by event_type --plot counts.png`")
def counts(
    file: File,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="day, week, month, year, place, admin1, country, h3_5 (cells of H3 at "
            "resolution 5; extra `h3`), a column, or a day (2021-03-03) for before and after. Repeat."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write here (.csv, .xlsx, .json, or `-`)."),
    ] = None,
    role: Annotated[
        Literal["target", "launch", "impact"], typer.Option(help="Whose place is counted by.")
    ] = "target",
    plot: Annotated[
        Path | None, typer.Option(help="Draw to this file (.png, .svg, .pdf; extra `plot`).")
    ] = None,
    kind: Annotated[
        Literal["bar", "stacked", "timeline", "multiples"], typer.Option(help="What to draw.")
    ] = "bar",
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
    engine: Engine = "here",
    scheduler: Scheduler = None,
) -> None:
    """Count attacks, low and high where dates, places, accounts or links leave a doubt."""
    with plain_errors(), working(engine, scheduler) as run:
        ready_for(output, plot, overwrite=overwrite)
        layers = run.layers_of(
            file,
            column,
            sheet,
            decisions,
            day_first=day_first,
            gazetteer=gazetteer,
            uncertainty_km=uncertainty_km,
        )
        result = run.counts(layers, by=by or ["month"], role=role)
        table = result.to_frame().reset_index()
        if plot is not None:
            with replacing(plot) as draft:
                result.plot(kind=kind).savefig(draft, bbox_inches="tight")
            wrote(plot, len(table))
        if output is not None and output.suffix.lower() == ".xlsx":
            result.to_excel(output)
            wrote(output, len(table))
        elif output is not None or as_json or plot is None:
            deliver(table.round(3), output=output, as_json=as_json)
        say(f"{result.caption}.")


@app.command(epilog="`geoinc describe attacks.csv`")
def describe(
    file: File,
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    as_json: Json = False,
) -> None:
    """Write the sentences of a methods paragraph."""
    with plain_errors():
        layers = layers_of(
            file,
            column,
            sheet,
            decisions,
            day_first=day_first,
            gazetteer=gazetteer,
            uncertainty_km=uncertainty_km,
        )
        text = gi.describe(layers)
        if as_json:
            typer.echo(json.dumps({"description": text}, ensure_ascii=False))
        else:
            SCREEN.print(text, markup=False, highlight=False)


@app.command(epilog="`geoinc distances attacks.csv -o distances.csv`")
def distances(
    file: File,
    output: Output = None,
    to: Annotated[Literal["target", "impact"], typer.Option(help="Measured to.")] = "target",
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
    engine: Engine = "here",
    scheduler: Scheduler = None,
) -> None:
    """Measure from launch to target: the distance, and its bounds."""
    with plain_errors(), working(engine, scheduler) as run:
        ready_for(output, overwrite=overwrite)
        layers = run.layers_of(
            file,
            column,
            sheet,
            decisions,
            day_first=day_first,
            gazetteer=gazetteer,
            uncertainty_km=uncertainty_km,
        )
        table = run.distances(layers, to=to)
        km = (table[["distance_m", "low_m", "high_m"]] / 1000).round(1)
        brief = pd.DataFrame(
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
        deliver(table, brief, output=output, as_json=as_json)
