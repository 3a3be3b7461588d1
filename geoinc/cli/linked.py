"""The verbs that hold accounts and tables against each other: ``link``, ``match``, ``compare``, ``diff``."""

from pathlib import Path
from typing import Annotated

import typer

import geoinc as gi
from geoinc.cli.app import app
from geoinc.cli.options import (
    Columns,
    DayFirst,
    Decided,
    File,
    Gazetteers,
    Json,
    Other,
    Output,
    Overwrite,
    Sheet,
    Uncertainty,
    layers_of,
)
from geoinc.cli.screen import deliver, faults_told, plain_errors, ready_for, say, warn, wrote


@app.command(epilog="`geoinc link attacks.csv --review pairs.xlsx`")
def link(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write the pairs (.csv, .json, `-`) or the linked layers (.gpkg ...).",
        ),
    ] = None,
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    marks: Annotated[
        list[Path] | None,
        typer.Option(help="What was decided on pairs: a review filled in (.xlsx, .csv). Repeat."),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(help="Write the possible pairs to decide on to this .xlsx or .csv."),
    ] = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
) -> None:
    """Find which accounts tell of one attack: joined, possible or distinct, and why."""
    with plain_errors():
        ready_for(output, overwrite=overwrite)
        layers = layers_of(
            file,
            column,
            sheet,
            decisions,
            day_first=day_first,
            gazetteer=gazetteer,
            uncertainty_km=uncertainty_km,
        )
        with faults_told():
            links = gi.link_reports(layers, decisions=marks)
        for note in links.notes:
            warn(note)
        if review is not None:
            left = links.write_review(review)
            say(
                f"Wrote {review} ({left} pairs left to decide). Fill in decision: same or distinct."
            )
        if output is not None and output.suffix.lower() not in {".csv", ".json", ""}:
            gi.write_layers(links.linked, output, overwrite=overwrite)
            wrote(output, len(links.linked.rows()))
        elif output is not None or as_json or review is None:
            brief = links.side_by_side().drop(columns=["account", "other"])
            # A model is never certain: 0.9996 is not told as 1.
            brief["probability"] = brief["probability"].clip(upper=0.999).round(3)
            deliver(links.pairs, brief, output=output, as_json=as_json)
        say(
            f"{len(links.incidents)} accounts: {links.high} incidents, {links.best} if what is likely is "
            f"one, {links.low} if all that is possible is."
        )


@app.command(epilog="`geoinc match mine.xlsx ged.csv --by month --by country`")
def match(
    file: File,
    other: Other,
    output: Output = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Count by month, year, country, admin1 or place. Repeat."),
    ] = None,
    column: Columns = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
) -> None:
    """Hold a table against another: matched, possible, only mine, only theirs, not comparable."""
    with plain_errors():
        ready_for(output, overwrite=overwrite)
        mine, theirs = (
            layers_of(
                one,
                column,
                None,
                decisions,
                day_first=day_first,
                gazetteer=gazetteer,
                uncertainty_km=uncertainty_km,
            )
            for one in (file, other)
        )
        matches = gi.match_reports(mine, theirs)
        if by:
            table = matches.tally(by=by)
            table.columns = [": ".join(pair) for pair in table.columns]
            brief = table.loc[:, table.any()].reset_index()
            deliver(table.reset_index(), brief, output=output, as_json=as_json)
        else:
            brief = matches.table[["file", "incident", "status", "other", "reason"]]
            deliver(matches.table, brief, output=output, as_json=as_json)
        for name, told in matches.table.groupby("file")["status"]:
            numbers = told.value_counts()
            say(f"{name}: " + ", ".join(f"{n} {status}" for status, n in numbers.items()) + ".")


@app.command(epilog="`geoinc compare anna.xlsx boris.xlsx`")
def compare(
    file: File,
    other: Other,
    output: Output = None,
    key: Annotated[
        list[str] | None, typer.Option(help="A column that names a row in both tables. Repeat.")
    ] = None,
    column: Columns = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
) -> None:
    """Say how far two coders agree, field by field; -o and --json give every cell that differs."""
    with plain_errors():
        ready_for(output, overwrite=overwrite)
        one, two = (
            layers_of(
                one,
                column,
                None,
                decisions,
                day_first=day_first,
                gazetteer=gazetteer,
                uncertainty_km=uncertainty_km,
            )
            for one in (file, other)
        )
        found = gi.compare(one, two, key=key)
        brief = found.table.round(3).reset_index()
        if output is not None and output.suffix.lower() == ".xlsx":
            found.to_excel(output)
            wrote(output, len(found.disagreements))
        else:
            deliver(found.disagreements, brief, output=output, as_json=as_json)
        only = f"{len(found.only_one)} rows only in {file}, {len(found.only_other)} only in {other}"
        say(f"{len(found.disagreements)} cells differ; {only}.")


@app.command(epilog="`geoinc diff 2026-05.gpkg attacks.xlsx`")
def diff(
    old: File,
    new: Other,
    output: Output = None,
    column: Columns = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
) -> None:
    """Say what was added, removed, changed, and what moved because the gazetteer changed.

    Layers that were written before keep the places of then; of two tables of
    reports both are looked up now.
    """
    with plain_errors():
        ready_for(output, overwrite=overwrite)
        before, after = (
            layers_of(
                one,
                column,
                None,
                decisions,
                day_first=day_first,
                gazetteer=gazetteer,
                uncertainty_km=uncertainty_km,
            )
            for one in (old, new)
        )
        changes = gi.diff(before, after)
        deliver(changes.table, output=output, as_json=as_json)
        say(f"{changes}.")
