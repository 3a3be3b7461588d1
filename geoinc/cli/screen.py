"""What the command says: tables and news on the screen, faults on the other channel, files."""

from __future__ import annotations

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
from geoinc.reports import disarmed

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What was asked for, and what there is to say about it; a pipe takes the first alone.
SCREEN = Console()
ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print what was done."""
    SCREEN.print(text, highlight=False, markup=False, soft_wrap=True)


def warn(text: str) -> None:
    """Print what the user should know, on stderr."""
    ERRORS.print(text, style="yellow", markup=False)


def stop(message: str) -> NoReturn:
    """Print why nothing more can be done, in one line, and end with exit code 2."""
    ERRORS.print(" ".join(message.split()), markup=False, style="red")
    raise typer.Exit(2)


def wrote(path: Path, rows: int) -> None:
    """Print that a file was written."""
    say(f"Wrote {path} ({rows} rows).")


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
    wrote(path, len(table))


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
