"""The command ``geoinc``: every verb is one public function."""

from __future__ import annotations

import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

import geoinc as gi
from geoinc.reports import disarmed

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog="Start with:  `geoinc map attacks.csv -o attacks.html`",
)
_screen = Console()
_errors = Console(stderr=True, highlight=False, soft_wrap=True)

_File = Annotated[
    Path, typer.Argument(metavar="FILE", help="Reports: CSV, TSV or Excel, one row an account.")
]
_Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        "-c",
        metavar="YOURS=OURS",
        help="Which of your columns serves: `-c Base=target`. Repeat.",
    ),
]
_Sheet = Annotated[str | None, typer.Option(help="Sheet of an Excel file; the first by default.")]
_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write here, as CSV, instead of to the screen."),
]
_Decided = Annotated[
    list[Path] | None,
    typer.Option(
        "--decisions", help="What was decided on names: a review filled in (.xlsx, .csv). Repeat."
    ),
]
_Rejected = Annotated[
    Path | None,
    typer.Option(help="Write the rows that could not be placed, with the reason, to this CSV."),
]


def _version(value: bool) -> None:  # noqa: FBT001  # typer calls it so
    if value:
        _screen.print(f"geoinc {gi.__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[  # noqa: FBT002  # typer makes the flag, its callback does the work
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Place reports of past attacks: on a map, in a table, measured, never better than known."""


@app.command("map", epilog="`geoinc map attacks.xlsx --sheet 2021 -c Base=target -o attacks.html`")
def map_(
    file: _File,
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file to write.")] = Path(
        "map.html"
    ),
    title: Annotated[str | None, typer.Option(help="Heading of the map.")] = None,
    column: _Columns = None,
    sheet: _Sheet = None,
    show: Annotated[
        list[str] | None, typer.Option(help="A column of yours that enters popups. Repeat.")
    ] = None,
    embargo: Annotated[
        str | None, typer.Option(help="Leave out incidents younger than this: `30D`.")
    ] = None,
    decisions: _Decided = None,
    rejected: _Rejected = None,
) -> None:
    """Draw one HTML file that asks nothing of the network.

    It shows where attacks were launched, aimed and fell, each place as well
    known as it is.
    """
    with _plain_errors():
        layers = _layers(file, column, sheet, decisions, rejected)
        picture = gi.explore(
            layers, title=title or file.stem, columns=tuple(show or ()), embargo=embargo
        )
        picture.save(output)
        _screen.print(
            f"Wrote {output} ({output.stat().st_size / 1e6:.2f} MB).", highlight=False, markup=False
        )


@app.command(epilog="`geoinc locate attacks.csv -o attacks.gpkg --rejected check.csv`")
def locate(
    file: _File,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write layers (.gpkg) or one table of rows (.csv)."),
    ] = None,
    column: _Columns = None,
    sheet: _Sheet = None,
    review: Annotated[
        Path | None,
        typer.Option(help="Write the names to decide on, with candidates, to this .xlsx or .csv."),
    ] = None,
    decisions: _Decided = None,
    context: Annotated[  # noqa: FBT002  # typer makes --context / --no-context of it
        bool,
        typer.Option(help="Choose between namesakes by where the table's sure names lie."),
    ] = True,
    rejected: _Rejected = None,
) -> None:
    """Find the places that reports name, and say how well each is known."""
    with _plain_errors():
        layers = _layers(file, column, sheet, decisions, rejected, context=context)
        rows = layers.rows()
        if review is not None:
            left = gi.write_review(layers, gi.load_gazetteer(), review)
            _screen.print(
                f"Wrote {review} ({left} left to decide). Fill in the column decision, then use it: "
                f"--decisions {review}",
                highlight=False,
                markup=False,
            )
            if output is None:
                return
        if output is not None and output.suffix.lower() == ".gpkg":
            gi.write_layers(layers, output)
            _wrote(output, len(rows))
            return
        if output is not None:
            _write_csv(rows.reset_index(), output)
            return
        told = rows[rows["place_status"] != "not told"]
        _show(
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


@app.command(epilog="`geoinc incidents attacks.csv -o incidents.csv`")
def incidents(
    file: _File,
    output: _Output = None,
    column: _Columns = None,
    sheet: _Sheet = None,
    decisions: _Decided = None,
) -> None:
    """List each attack once, with what its accounts say side by side."""
    with _plain_errors():
        table = gi.incidents(_layers(file, column, sheet, decisions)).reset_index()
        if output is not None:
            _write_csv(table, output)
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
        _show(table[[name for name in brief if name in table]])


@app.command(epilog="`geoinc counts attacks.csv --by month --by event_type --plot counts.png`")
def counts(
    file: _File,
    by: Annotated[
        list[str] | None,
        typer.Option(help="day, week, month, year, place, admin1, country or a column. Repeat."),
    ] = None,
    output: _Output = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw a bar chart to this file (extra `plot`).")
    ] = None,
    column: _Columns = None,
    sheet: _Sheet = None,
    decisions: _Decided = None,
) -> None:
    """Count attacks, low and high where dates, places or accounts leave a doubt."""
    with _plain_errors():
        result = gi.counts(_layers(file, column, sheet, decisions), by=by or ["month"])
        if plot is not None:
            result.plot().figure.savefig(plot, bbox_inches="tight")  # type: ignore[union-attr]  # a figure, no part of one
            _wrote(plot, len(result.to_frame()))
        if output is not None:
            _write_csv(result.to_frame().reset_index(), output)
        elif plot is None:
            _show(result.to_frame().reset_index())


@app.command(epilog="`geoinc distances attacks.csv -o distances.csv`")
def distances(
    file: _File,
    output: _Output = None,
    to: Annotated[Literal["target", "impact"], typer.Option(help="Measured to.")] = "target",
    column: _Columns = None,
    sheet: _Sheet = None,
    decisions: _Decided = None,
) -> None:
    """Measure from launch to target: the distance, and its bounds."""
    with _plain_errors():
        table = gi.distances(_layers(file, column, sheet, decisions), to=to)
        if output is not None:
            _write_csv(table, output)
            return
        km = (table[["distance_m", "low_m", "high_m"]] / 1000).round(1)
        _show(
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


@app.command(epilog="`geoinc check attacks.csv -o faults.csv`")
def check(
    file: _File,
    output: _Output = None,
    column: _Columns = None,
    sheet: _Sheet = None,
    decisions: _Decided = None,
) -> None:
    """Find rows that contradict themselves; nothing is changed.

    Ends with exit code 0 where nothing graver than a note is found, 1 where
    something is, 2 where the file cannot be read.
    """
    with _plain_errors():
        reports = gi.read_reports(file, columns=_serving(column), sheet=sheet)
        gazetteer = gi.load_gazetteer()
        with _faults_told():
            layers = gi.locate(reports, gazetteer, decisions=decisions)
        faults = gi.check(reports, gazetteer, layers=layers)
        if output is not None:
            _write_csv(faults, output)
        elif len(faults):
            _show(faults[["row", "kind", "severity", "stated", "against"]])
        grades = faults["severity"].value_counts()
        told = [f"{count} {grade}{'s' if count > 1 else ''}" for grade, count in grades.items()]
        _screen.print(
            f"{len(reports)} rows: {', '.join(told) or 'no faults'}.", highlight=False, markup=False
        )
    if (faults["severity"] != "note").any():
        raise typer.Exit(1)


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
            _errors.print(str(error), markup=False)
            missed = True
            continue
        where = ", ".join(part for part in (place.kind, place.admin1, place.country) if part)
        _screen.print(f"{place.name} ({where})", style="bold", markup=False, highlight=False)
        _screen.print(
            f"  {place.latitude:.4f}, {place.longitude:.4f} (latitude, longitude) "
            f"± {place.uncertainty_m / 1000:.3g} km\n  {place.reason}\n  source: {place.source}",
            markup=False,
            highlight=False,
        )
    if missed:
        raise typer.Exit(2)


def _layers(
    file: Path,
    column: list[str] | None,
    sheet: str | None,
    decisions: list[Path] | None,
    rejected: Path | None = None,
    *,
    context: bool = True,
) -> gi.Layers:
    """Read, place, and say on the screen what could not be used."""
    reports = gi.read_reports(file, columns=_serving(column), sheet=sheet)
    problems = reports.attrs.get("problems", ())
    for problem in problems[:10]:
        _errors.print(str(problem), style="yellow", markup=False)
    if len(problems) > 10:
        _errors.print(f"... and {len(problems) - 10} more faults of this kind", style="yellow")
    with _faults_told():
        layers = gi.locate(reports, gi.load_gazetteer(), context=context, decisions=decisions)
    rows = layers.rows()
    missed = rows[rows["place_status"].isin(["ambiguous", "unresolved"])]
    if len(missed):
        _errors.print(
            f"{len(missed)} of {len(rows)} places could not be placed; they are kept and listed as such "
            "(geoinc locate --review writes them with candidates)",
            style="yellow",
        )
    if rejected is not None:
        _write_csv(missed.reset_index(), rejected)
    return layers


def _serving(column: list[str] | None) -> dict[str, str] | None:
    """Return which columns serve as which, as the options say."""
    columns = {}
    for pair in column or []:
        yours, sign, ours = pair.partition("=")
        if not sign:
            _stop(f"--column {pair!r} is not of the form YOURS=OURS, as in -c Base=target")
        columns[yours] = ours
    return columns or None


@contextmanager
def _faults_told() -> Iterator[None]:
    """Print what is warned of meanwhile, one line each."""
    with warnings.catch_warnings(record=True) as faults:
        warnings.simplefilter("always", UserWarning)
        yield
    for fault in faults:
        _errors.print(str(fault.message), style="yellow", markup=False)


def _show(table: pd.DataFrame) -> None:
    screen = Table(show_edge=False)
    for name in table:
        number = pd.api.types.is_numeric_dtype(table[name])
        screen.add_column(str(name), justify="right" if number else "left", overflow="fold")
    for row in table.itertuples(index=False):
        # Cells are text of reports: escape, or "[red]" in a note paints the screen.
        screen.add_row(*("" if pd.isna(cell) else _escape(str(cell)) for cell in row))
    _screen.print(screen)


def _escape(text: str) -> str:
    return text.replace("[", r"\[")


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table that a spreadsheet opens without running anything in it.

    A text that begins like a formula gets an apostrophe before it.
    """
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(disarmed, na_action="ignore")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        # With both ends of a line, a lone one in a cell is quoted.
        safe.to_csv(draft, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        draft.replace(path)
    _wrote(path, len(table))


def _wrote(path: Path, rows: int) -> None:
    _screen.print(f"Wrote {path} ({rows} rows).", highlight=False, markup=False)


def _stop(message: str) -> NoReturn:
    _errors.print(" ".join(message.split()), markup=False, style="red")
    raise typer.Exit(2)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn what a user can mend into one clear line and exit code 2."""
    try:
        yield
    except gi.SchemaError as error:
        for problem in error.problems[:10]:
            _errors.print(str(problem), markup=False, style="yellow")
        _stop(str(error))
    except (gi.GeoincError, OSError, ValueError, ImportError) as error:
        _stop(str(error))
    except KeyboardInterrupt:
        _stop("stopped; nothing was written")


if __name__ == "__main__":
    app()
