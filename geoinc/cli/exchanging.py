"""The verbs for other programs and other places: ``convert``, ``gazetteer``."""

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
    Output,
    Overwrite,
    Sheet,
    Uncertainty,
    gazetteer_of,
    serving,
)
from geoinc.cli.screen import deliver, plain_errors, ready_for, say, stop

gazetteers = typer.Typer(no_args_is_help=True, help="Look into gazetteers, and make your own.")
app.add_typer(gazetteers, name="gazetteer", epilog="`geoinc gazetteer search Balad`")


@app.command(epilog="`geoinc convert attacks.xlsx attacks.gpkg --provenance`")
def convert(
    file: File,
    output: Annotated[
        Path,
        typer.Argument(
            metavar="OUTPUT",
            help="Where to: .gpkg, .geojson, .parquet, .kml, .csv, .xlsx or .dwc.csv.",
        ),
    ],
    column: Columns = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    gazetteer: Gazetteers = None,
    uncertainty_km: Uncertainty = None,
    decisions: Decided = None,
    coarsen: Annotated[
        str | None, typer.Option(help="Write places no finer than this: `10 km` or `admin1`.")
    ] = None,
    provenance: Annotated[
        bool, typer.Option("--provenance", help="Write beside it what it was made from.")
    ] = False,
    overwrite: Overwrite = False,
    engine: Engine = "here",
    scheduler: Scheduler = None,
) -> None:
    """Write reports or layers for other tools; the end of the name says in which format."""
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
        if coarsen is not None:
            if engine == "dask":
                stop("--coarsen is not for --engine dask: how many share an area, all of them tell")
            layers = gi.coarsen(layers, to=coarsen)
        made_from = [file, *(decisions or [])] if provenance else None
        run.write(layers, output, overwrite=overwrite, made_from=made_from)


@gazetteers.command(epilog="`geoinc gazetteer search Balad --country IQ`")
def search(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to look for.")],
    country: Annotated[str, typer.Option(help="Country to look in: code or name.")] = "",
    gazetteer: Gazetteers = None,
    output: Output = None,
    as_json: Json = False,
    overwrite: Overwrite = False,
) -> None:
    """List what a name may mean, with the probability that it does."""
    with plain_errors():
        ready_for(output, overwrite=overwrite)
        table = gazetteer_of(gazetteer).search(name, country=country)
        # Thousandths of a probability say enough.
        brief = table.drop(columns="place_id").round({"score": 3})
        deliver(table, brief, output=output, as_json=as_json)


@gazetteers.command(epilog="`geoinc gazetteer make places.csv mine.gpkg --country IQ`")
def make(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Places in any usual format.")],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="The .gpkg to write.")],
    column: Columns = None,
    country: Annotated[str, typer.Option(help="Of places whose country no column says.")] = "",
    kind: Annotated[str, typer.Option(help="Of places whose kind no column says.")] = "",
    licence: Annotated[str, typer.Option(help="Under which the places may be used.")] = "",
    overwrite: Overwrite = False,
) -> None:
    """Make a gazetteer of a table of places; use it with -g."""
    with plain_errors():
        ready_for(output, overwrite=overwrite)
        made = gi.read_gazetteer(
            file, columns=serving(column), country=country, kind=kind, licence=licence, path=output
        )
        say(f"Wrote {output} ({len(made)} places). Use it: -g {output}")


@gazetteers.command(epilog="`geoinc gazetteer about -g mine.gpkg`")
def about(gazetteer: Gazetteers = None, as_json: Json = False) -> None:
    """Say what a gazetteer holds, where it is from and under which licence."""
    with plain_errors():
        found = gazetteer_of(gazetteer)
        facts = {"places": f"{len(found):,}", **found.metadata}
        table = pd.DataFrame({"what": list(facts), "told": list(facts.values())})
        deliver(table, output=None, as_json=as_json)
