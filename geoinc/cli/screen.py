"""What the command says: results on stdout, all else on stderr, files whole or not at all."""

from __future__ import annotations

import sys
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

import geoinc as gi
from geoinc.reports import safe_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What was asked for, and what there is to say about it; a pipe takes the first alone.
SCREEN = Console()
ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)

#: Standard input or output, in place of a file.
PIPE = Path("-")


def say(text: str) -> None:
    """Print what was done."""
    ERRORS.print(text, markup=False)


def warn(text: str) -> None:
    """Print what the user should know."""
    ERRORS.print(text, style="yellow", markup=False)


def stop(message: str) -> NoReturn:
    """Print why nothing more can be done, in one line, and end with exit code 2."""
    ERRORS.print(" ".join(message.split()), markup=False, style="red")
    raise typer.Exit(2)


def wrote(path: Path, rows: int) -> None:
    """Print that a file was written."""
    say(f"Wrote {path} ({rows} rows).")


def deliver(
    table: pd.DataFrame,
    brief: pd.DataFrame | None = None,
    *,
    output: Path | None,
    as_json: bool,
) -> None:
    """Write a table where it was asked for: to a file, a pipe, or in brief to the screen."""
    if output is None and not as_json:
        show(table if brief is None else brief)
    elif output is None or output == PIPE:
        text = table.to_json(orient="records", date_format="iso", force_ascii=False, indent=1)
        sys.stdout.write(f"{text}\n" if as_json else safe_csv(table))
    else:
        with replacing(output) as draft:
            if as_json or output.suffix.lower() == ".json":
                table.to_json(
                    draft, orient="records", date_format="iso", force_ascii=False, indent=1
                )
            elif output.suffix.lower() == ".csv":
                draft.write_text(safe_csv(table), encoding="utf-8-sig", newline="")
            else:
                msg = f"{output.name!r}: tables are written as .csv or .json"
                raise ValueError(msg)
        wrote(output, len(table))


def show(table: pd.DataFrame) -> None:
    """Print a table on the screen."""
    screen = Table(show_edge=False)
    for name in table:
        number = pd.api.types.is_numeric_dtype(table[name])
        screen.add_column(str(name), justify="right" if number else "left", overflow="fold")
    for row in table.itertuples(index=False):
        # Cells are text of reports: escape, or "[red]" in a note paints the screen.
        screen.add_row(*("" if pd.isna(cell) else _escape(str(cell)) for cell in row))
    SCREEN.print(screen)


def _escape(text: str) -> str:
    return text.replace("[", r"\[")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table that a spreadsheet opens without running anything in it."""
    with replacing(path) as draft:
        draft.write_text(safe_csv(table), encoding="utf-8-sig", newline="")
    wrote(path, len(table))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a name to write to, and put what was written in place when it is whole."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        yield draft
        draft.replace(path)


def ready_for(*paths: Path | None, overwrite: bool) -> None:
    """Stop before the work where its result cannot be written, or would replace a file unasked."""
    for path in paths:
        if path is None or path == PIPE:
            continue
        if path.exists() and not overwrite:
            stop(f"{path} exists already; --overwrite replaces it")
        if not path.parent.is_dir():
            stop(f"{path}: there is no folder {path.parent}")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what a user can mend into one clear line and exit code 2."""
    try:
        yield
    except gi.SchemaError as error:
        for problem in error.problems[:10]:
            warn(str(problem))
        stop(str(error))
    except (gi.GeoincError, OSError, ValueError, ImportError) as error:
        stop(str(error))
    except KeyboardInterrupt:
        stop("stopped; nothing was written")


@contextmanager
def faults_told() -> Iterator[None]:
    """Print what is warned of meanwhile, one line each."""
    with warnings.catch_warnings(record=True) as faults:
        warnings.simplefilter("always", UserWarning)
        yield
    for fault in faults:
        warn(str(fault.message))
