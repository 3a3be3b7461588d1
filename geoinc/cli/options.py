"""The options that verbs share, and the layers that they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import geoinc as gi
from geoinc.cli.screen import PIPE, faults_told, stop, warn, write_csv

if TYPE_CHECKING:
    import pandas as pd

#: Files that may hold layers of ours as well as somebody's table.
_LAYERS = (".gpkg", ".geojson", ".parquet")

_FILE_HELP = "Reports in any format, one row an account; layers; `-` is standard input."
File = Annotated[Path, typer.Argument(metavar="FILE", help=_FILE_HELP)]
Other = Annotated[Path, typer.Argument(metavar="OTHER", help="The other table, the same way.")]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        "-c",
        metavar="YOURS=OURS",
        help="Which of your columns serves: `-c Base=target`. Repeat.",
    ),
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook; the first by default.")]
DayFirst = Annotated[
    bool | None,
    typer.Option(
        "--day-first/--month-first", help="What 03/04/2021 means, if the file leaves it open."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write here (.csv, .json, or `-`), not to the screen."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")]
Decided = Annotated[
    list[Path] | None,
    typer.Option(
        "--decisions", help="What was decided on names: a review filled in (.xlsx, .csv). Repeat."
    ),
]
Gazetteers = Annotated[
    list[str] | None,
    typer.Option(
        "--gazetteer",
        "-g",
        help="Places besides those shipped: a file of any usual format, or `world`. Repeat.",
    ),
]
Uncertainty = Annotated[
    float | None,
    typer.Option(
        "--uncertainty-km", help="How far coordinates may be wrong, for a table without names."
    ),
]
Rejected = Annotated[
    Path | None,
    typer.Option(help="Write the rows that could not be placed, with the reason, to this CSV."),
]


def reports_of(
    file: Path,
    column: list[str] | None,
    sheet: str | None,
    day_first: bool | None = None,  # noqa: FBT001  # three answers
) -> pd.DataFrame:
    """Read reports, and say what was not understood."""
    reports = gi.read_reports(
        "-" if file == PIPE else file, columns=serving(column), sheet=sheet, day_first=day_first
    )
    problems = reports.attrs.get("problems", ())
    for problem in problems[:10]:
        warn(str(problem))
    if len(problems) > 10:
        warn(f"... and {len(problems) - 10} more faults of this kind")
    return reports


def gazetteer_of(names: list[str] | None) -> gi.Gazetteer:
    """Return the shipped gazetteer with those that are named."""
    found = gi.load_gazetteer("world" if "world" in (names or []) else None)
    for name in names or []:
        if name != "world":
            found = gi.read_gazetteer(name) | found
    return found


#: Of such places there is a name, and no more.
NOT_PLACED = ("ambiguous", "unresolved")

#: What was recognised of a file and surprises nobody; `geoinc read` tells all of it.
_AS_EXPECTED = frozenset({"UTF-8", "comma", "tab"})
_NOT_GUESSED = frozenset({"format", "sheet", "layer", "export"})


def layers_of(
    file: Path,
    column: list[str] | None = None,
    sheet: str | None = None,
    decisions: list[Path] | None = None,
    rejected: Path | None = None,
    *,
    day_first: bool | None = None,
    gazetteer: list[str] | None = None,
    uncertainty_km: float | None = None,
    context: bool = True,
) -> gi.Layers:
    """Return layers that were written before, or read and place reports; say what was not placed."""
    layers: gi.Layers | None = written_before(file)
    if layers is None:
        reports = reports_of(file, column, sheet, day_first)
        layers = placed(
            reports,
            gazetteer_of(gazetteer),
            decisions,
            uncertainty_km=uncertainty_km,
            context=context,
        )
        for what, words in reports.attrs["recognised"].items():
            if what.endswith("terms"):  # of several files, each has its own
                warn(words)
            elif words not in _AS_EXPECTED and what not in _NOT_GUESSED:
                warn(f"read with {what}: {words}")
    rows = layers.rows()
    missed = rows[rows["place_status"].isin(NOT_PLACED)]
    if len(missed):
        warn(
            f"{len(missed)} of {len(rows)} places could not be placed; they are kept and listed as such "
            "(geoinc locate --review writes them with candidates)"
        )
    if rejected is not None:
        write_csv(missed.reset_index(), rejected)
    return layers


def placed(
    reports: Any,
    gazetteer: gi.Gazetteer,
    decisions: list[Path] | None = None,
    *,
    uncertainty_km: float | None = None,
    context: bool = True,
    verbs: Any = gi,
) -> Any:
    """Place reports: by their coordinates where they are an export, or have no names; else by names.

    Reports in partitions take the verbs of `geoinc.distributed`.
    """
    nameless = not {"launch", "target", "impact"} & set(reports.columns)
    export = "coded_area" in reports.columns
    with faults_told():
        if nameless and uncertainty_km is not None:
            return verbs.layers_from_coordinates(reports, uncertainty_m=uncertainty_km * 1000)
        if (nameless or export) and "uncertainty_m" in reports.columns:
            return verbs.layers_from_coordinates(reports, areas=gazetteer)
        if nameless:
            stop(
                "the table has coordinates and no names of places: how far may they be wrong? "
                "Say --uncertainty-km, or name a column of metres: -c YOURS=uncertainty_m"
            )
        return verbs.locate(reports, gazetteer, context=context, decisions=decisions)


def written_before(file: Path, verbs: Any = gi) -> Any:
    """Return the layers of a file that `write_layers` wrote, None where it is another."""
    if file.suffix.lower() not in _LAYERS or not file.exists():
        return None
    try:
        return verbs.read_layers(file)
    except (gi.SchemaError, ValueError):
        return None


def serving(column: list[str] | None) -> dict[str, str] | None:
    """Return which columns serve as which, as the options say."""
    columns = {}
    for pair in column or []:
        yours, sign, ours = pair.partition("=")
        if not sign:
            stop(f"--column {pair!r} is not of the form YOURS=OURS, as in -c Base=target")
        columns[yours] = ours
    return columns or None
