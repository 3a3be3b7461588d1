"""Where a verb is carried out: in this process, or in partitions on Dask (``--engine dask``)."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pandas as pd
import typer

import geoinc as gi
from geoinc.cli.options import NOT_PLACED, gazetteer_of, layers_of, placed, serving, written_before
from geoinc.cli.screen import faults_told, say, stop, warn, wrote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geoinc.counting import Counts
    from geoinc.distributed import DistributedLayers

Engine = Annotated[
    Literal["here", "dask"],
    typer.Option(help="`dask`: in partitions, on all cores or a cluster (extra `dask`)."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(help="Address of a Dask scheduler, tcp://host:8786; else this machine's cores."),
]


class Here:
    """The verbs on layers in memory."""

    layers_of = staticmethod(layers_of)
    incidents = staticmethod(gi.incidents)
    counts = staticmethod(gi.counts)
    distances = staticmethod(gi.distances)

    def write(self, layers: gi.Layers, output: Path, **options: Any) -> None:
        """Write layers, and say so."""
        gi.write_layers(layers, output, **options)
        wrote(output, len(layers.rows()))


class OnDask:
    """The same verbs on layers in partitions; what is shown or counted comes together here."""

    def layers_of(
        self,
        file: Path,
        column: list[str] | None = None,
        sheet: str | None = None,
        decisions: list[Path] | None = None,
        rejected: Path | None = None,
        **options: Any,
    ) -> DistributedLayers:
        """Return layers that were written before, or read and place reports."""
        if rejected is not None:
            stop("--rejected is not for --engine dask; every row says why it could not be placed")
        layers: DistributedLayers | None = written_before(file, gi.distributed)
        if layers is not None:
            return layers
        day_first, gazetteer = options.pop("day_first"), gazetteer_of(options.pop("gazetteer"))
        with faults_told():
            reports = gi.distributed.read_reports(
                file, columns=serving(column), sheet=sheet, day_first=day_first
            )
        found: DistributedLayers = placed(
            reports, gazetteer, decisions, **options, verbs=gi.distributed
        )
        return found

    def incidents(self, layers: DistributedLayers) -> pd.DataFrame:
        """Return each attack once."""
        return _here(gi.distributed.incidents(layers), "merging accounts")

    def counts(self, layers: DistributedLayers, **options: Any) -> Counts:
        """Count attacks."""
        return gi.distributed.counts(layers, **options)

    def distances(self, layers: DistributedLayers, **options: Any) -> pd.DataFrame:
        """Measure from launch to target."""
        table = _here(gi.distributed.distances(layers, **options), "listing distances")
        return table.reset_index(drop=True)

    def write(self, layers: DistributedLayers, output: Path, **options: Any) -> None:
        """Write layers in partitions, and say how many of their places were not found."""
        gi.distributed.write_layers(layers, output, **options)
        found = gi.distributed.found_in(output)
        missed = found[found.index.get_level_values("place_status").isin(NOT_PLACED)].sum()
        if missed:
            warn(f"{missed} of {found.sum()} places could not be placed; they are kept as such")
        wrote(output, int(found.sum()))


def _here(table: Any, what: str) -> pd.DataFrame:
    """Return a frame of Dask in memory; a bar tells how far that is."""
    from geoinc.distributed.running import computed  # noqa: PLC0415  # an extra

    parts: list[pd.DataFrame] = computed(table.to_delayed(), what)
    return pd.concat([part for part in parts if len(part)] or parts[:1])


@contextmanager
def working(engine: str, scheduler: str | None) -> Iterator[Any]:
    """Give `Here` or `OnDask`, and close what it opened however that ends."""
    if engine == "here":
        if scheduler is not None:
            stop("--scheduler is for --engine dask")
        yield Here()
        return
    done = False
    try:
        with gi.distributed.cluster(scheduler) as client:
            # Without bokeh the page says no more than that.
            needs = "" if find_spec("bokeh") else " (pip install bokeh)"
            say(f"Dask dashboard: {client.dashboard_link}{needs}")
            yield OnDask()
            done = True
    except KeyboardInterrupt:
        if not done:  # else it was closing already
            raise
