"""The verbs that find places: ``locate``, ``resolve``."""

import json
from pathlib import Path
from typing import Annotated

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
    Overwrite,
    Rejected,
    Sheet,
    Uncertainty,
    gazetteer_of,
    placed,
    reports_of,
)
from geoinc.cli.screen import ERRORS, SCREEN, deliver, plain_errors, ready_for, say, stop, wrote


@app.command(epilog="`geoinc locate attacks.csv -o attacks.gpkg --rejected check.csv`")
def locate(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write layers (.gpkg, .geojson, .parquet, .kml, .xlsx), the rows (.csv), or `-`.",
        ),
    ] = None,
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    review: Annotated[
        Path | None,
        typer.Option(help="Write the names to decide on, with candidates, to this .xlsx or .csv."),
    ] = None,
    decisions: Decided = None,
    answers: Annotated[
        Path | None,
        typer.Option(help="Write what was understood into a copy of the workbook, here."),
    ] = None,
    context: Annotated[  # typer makes --context / --no-context of it
        bool,
        typer.Option(help="Choose between namesakes by where the table's sure names lie."),
    ] = True,
    rejected: Rejected = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
    engine: Engine = "here",
    scheduler: Scheduler = None,
) -> None:
    """Find the places that reports name, and say how well each is known."""
    with plain_errors(), working(engine, scheduler) as run:
        ready_for(output, answers, rejected, overwrite=overwrite)
        if engine == "dask" and (output is None or answers is not None or review is not None):
            stop("--engine dask writes layers alone: say -o NAME.parquet")
        if answers is not None:
            reports = reports_of(file, column, sheet, day_first)
            layers = placed(
                reports,
                gazetteer_of(gazetteer),
                decisions,
                uncertainty_km=uncertainty_km,
                context=context,
            )
            left = gi.write_answers(reports, layers, file, answers, overwrite=overwrite)
            say(f"Wrote {answers} ({left} rows with a question left).")
            return
        layers = run.layers_of(
            file, column, sheet, decisions, rejected,
            day_first=day_first, gazetteer=gazetteer, uncertainty_km=uncertainty_km, context=context,
        )  # fmt: skip
        if engine == "dask" and output is not None:
            run.write(layers, output, overwrite=overwrite)
            return
        rows = layers.rows()
        if review is not None:
            left = gi.write_review(layers, gazetteer_of(gazetteer), review)
            say(
                f"Wrote {review} ({left} left to decide). Fill in the column decision, then use it: "
                f"--decisions {review}"
            )
            if output is None:
                return
        if output is not None and output.suffix.lower() not in {".csv", ".json", ""}:
            gi.write_layers(layers, output, overwrite=overwrite)
            wrote(output, len(rows))
            return
        told = rows[rows["place_status"] != "not told"]
        brief = pd.DataFrame(
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
        deliver(rows.reset_index(), brief, output=output, as_json=as_json)


@app.command(epilog='`geoinc resolve "20 km NE of Balad air base"`')
def resolve(
    words: Annotated[list[str], typer.Argument(metavar="PLACE...", help="Places, each in quotes.")],
    country: Annotated[str, typer.Option(help="Country to look in: code or name.")] = "",
    gazetteer: Gazetteers = None,
    as_json: Json = False,
) -> None:
    """Say what a place resolves to, how well it is known, and why."""
    with plain_errors():
        places = gazetteer_of(gazetteer)
    found, missed = [], False
    for text in words:
        try:
            place = gi.resolve(text, places, country=country)
        except gi.GeoincError as error:
            ERRORS.print(str(error), markup=False)
            missed = True
            continue
        if as_json:
            names = ("place_id", "name", "kind", "country", "admin1", "longitude", "latitude",
                     "uncertainty_m", "reason", "source")  # fmt: skip
            found.append({"words": text} | {name: getattr(place, name) for name in names})
            continue
        where = ", ".join(part for part in (place.kind, place.admin1, place.country) if part)
        SCREEN.print(f"{place.name} ({where})", style="bold", markup=False, highlight=False)
        SCREEN.print(
            f"  {place.latitude:.4f}, {place.longitude:.4f} (latitude, longitude) "
            f"± {place.uncertainty_m / 1000:.3g} km\n  {place.reason}\n  source: {place.source}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if as_json:
        typer.echo(json.dumps(found, indent=1, ensure_ascii=False))
    if missed:
        raise typer.Exit(2)
