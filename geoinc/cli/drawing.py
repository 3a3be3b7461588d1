"""The verb that draws: ``map``."""

from pathlib import Path
from typing import Annotated

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
    Overwrite,
    Rejected,
    Sheet,
    Uncertainty,
)
from geoinc.cli.screen import plain_errors, ready_for, say, stop


@app.command("map", epilog="`geoinc map attacks.xlsx --sheet 2021 -c Base=target -o attacks.html`")
def map_(
    file: File,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write: .html, .svg, .png or .pdf.")
    ] = Path("map.html"),
    title: Annotated[str | None, typer.Option(help="Heading of the map.")] = None,
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    show: Annotated[
        list[str] | None, typer.Option(help="A column of yours that enters popups. Repeat.")
    ] = None,
    embargo: Annotated[
        str | None, typer.Option(help="Leave out incidents younger than this: `30D`.")
    ] = None,
    coarsen: Annotated[
        str | None, typer.Option(help="Publish places no finer than this: `10 km` or `admin1`.")
    ] = None,
    graphic: Annotated[
        str | None, typer.Option(help="A column that says what is shown after a click alone.")
    ] = None,
    online: Annotated[  # a switch
        bool, typer.Option("--online", help="Lay OpenStreetMap's tiles under the marks.")
    ] = False,
    decisions: Decided = None,
    rejected: Rejected = None,
    overwrite: Overwrite = False,
    engine: Engine = "here",
    scheduler: Scheduler = None,
) -> None:
    """Draw one HTML file that asks nothing of the network, or a picture of it.

    It shows where attacks were launched, aimed and fell, each place as well
    known as it is.
    """
    with plain_errors(), working(engine, scheduler) as run:
        ready_for(output, rejected, overwrite=overwrite)
        if output.suffix.lower() not in {".html", ".htm", ".svg", ".png", ".pdf"}:
            stop(f"{output.name!r} ends in none of .html, .svg, .png and .pdf")
        layers = run.layers_of(
            file,
            column,
            sheet,
            decisions,
            rejected,
            day_first=day_first,
            gazetteer=gazetteer,
            uncertainty_km=uncertainty_km,
        )
        picture = gi.explore(
            layers,
            # The name of the file may say more than shall be published.
            title=title or (None if coarsen else file.stem),
            columns=tuple(show or ()),
            embargo=embargo,
            coarsen=coarsen,
            graphic=graphic,
            online=online,
        )
        ways = {".svg": picture.to_svg, ".png": picture.to_png, ".pdf": picture.to_pdf}
        ways.get(output.suffix.lower(), picture.save)(output)
        say(f"Wrote {output} ({output.stat().st_size / 1e6:.2f} MB).")
