"""The command itself, to which each verb is added where it is written."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import geoinc as gi
from geoinc.cli.screen import SCREEN

#: The verbs in the order in which data takes the way: that of the help.
_ORDER = (
    "new",
    "read",
    "check",
    "link",
    "locate",
    "resolve",
    "incidents",
    "counts",
    "describe",
    "match",
    "compare",
    "diff",
    "distances",
    "map",
    "convert",
    "gazetteer",
)


class _InOrder(TyperGroup):
    """Verbs in the order of the work, not of the files they are written in."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=_ORDER.index)


app = typer.Typer(
    cls=_InOrder,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog="Start with:  `geoinc map attacks.csv -o attacks.html`",
)


def _version(value: bool) -> None:  # noqa: FBT001  # typer calls it so
    if value:
        SCREEN.print(f"geoinc {gi.__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[  # typer makes the flag, its callback does the work
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Place reports of past attacks: on a map, in a table, measured, never better than known."""
