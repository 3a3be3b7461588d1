"""The verbs at the beginning: ``new``, ``read``, ``check``."""

from pathlib import Path
from typing import Annotated

import typer

import geoinc as gi
from geoinc.checking.page import faults_page
from geoinc.cli.app import app
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
    gazetteer_of,
    placed,
    reports_of,
    serving,
)
from geoinc.cli.screen import (
    PIPE,
    deliver,
    plain_errors,
    ready_for,
    replacing,
    say,
    stop,
    wrote,
)

Faults = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Write here: .csv, .json or `-`; .html, a page; .xlsx, a copy of the workbook with a column of faults.",
    ),
]


@app.command(epilog="`geoinc new attacks.xlsx`")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .xlsx file to write.")],
    overwrite: Overwrite = False,
) -> None:
    """Write an empty workbook to code attacks in, with drop-downs and an explanation."""
    with plain_errors():
        ready_for(file, overwrite=overwrite)
        gi.new_workbook(file, overwrite=overwrite)
        say(f"Wrote {file}. Fill it in, then: geoinc check {file}")


@app.command(epilog="`geoinc read export.csv --month-first -o reports.csv`")
def read(
    file: File,
    output: Output = None,
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
) -> None:
    """Show what is understood of a table, before any place is looked up."""
    with plain_errors():
        ready_for(output, overwrite=overwrite)
        reports = reports_of(file, column, sheet, day_first)
        for name, what in reports.attrs["recognised"].items():
            say(f"{name}: {what}")
        brief = reports[["incident", "date", "date_start", "date_end", "standing"]].copy()
        for name in ("date_start", "date_end"):
            brief[name] = brief[name].dt.strftime("%Y-%m-%d")
        for role in ("launch", "target", "impact"):
            if role in reports:
                brief[role] = reports[role]
        deliver(reports, brief, output=output, as_json=as_json)
        told = reports["standing"].value_counts()
        say(f"{len(reports)} rows: " + ", ".join(f"{n} {name}" for name, n in told.items()) + ".")


@app.command(epilog="`geoinc check attacks.csv -o faults.html`")
def check(
    file: File,
    output: Faults = None,
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
) -> None:
    """Find rows that contradict themselves; nothing is changed.

    Ends with exit code 0 where nothing graver than a note is found, 1 where
    something is, 2 where the file cannot be read.
    """
    with plain_errors():
        ready_for(output, overwrite=overwrite)
        reports = gi.read_reports(
            "-" if file == PIPE else file, columns=serving(column), sheet=sheet, day_first=day_first
        )
        places = gazetteer_of(gazetteer)
        layers = placed(reports, places, decisions, uncertainty_km=uncertainty_km)
        faults = gi.check(reports, places, layers=layers)
        ending = "" if output is None or as_json else output.suffix.lower()
        if output is not None and ending in {".html", ".htm"}:
            page = faults_page(faults, source=file.name, rows=len(reports))
            with replacing(output) as draft:
                draft.write_text(page, encoding="utf-8")
            wrote(output, len(faults))
        elif output is not None and ending in {".xlsx", ".xlsm"}:
            if file.suffix.lower() != ending:
                stop(
                    f"{output}: only a workbook that is checked is copied; else name a .csv or .html"
                )
            if output.exists() and output.samefile(file):
                stop(f"{output} is the workbook that is checked; name a copy")
            gi.write_answers(reports, layers, file, output, faults=faults, overwrite=overwrite)
            wrote(output, len(reports))
        elif output is not None or as_json or len(faults):
            brief = faults[["row", "kind", "severity", "stated", "against"]]
            deliver(faults, brief, output=output, as_json=as_json)
        grades = faults["severity"].value_counts()
        told = [f"{count} {grade}{'s' if count > 1 else ''}" for grade, count in grades.items()]
        say(f"{len(reports)} rows: {', '.join(told) or 'no faults'}.")
    if (faults["severity"] != "note").any():
        raise typer.Exit(1)
