"""How long each step on Dask takes, and how much memory a worker: accounts as of `scale.py`, on this machine.

Run as ``python benchmarks/partitions.py [ROWS]`` (1,000,000 by default); there is a worker for each core.  Seconds of the processor are those
of the workers and of the process that asks; memory is the most that a worker has held so far.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scale import accounts

import geoinc as gi

if TYPE_CHECKING:
    from collections.abc import Callable

    import distributed

#: Bytes of the file that a partition has.
_BLOCK = 1 << 22


def used() -> tuple[float, float]:
    """Return the seconds of the processor and the most memory, GB, of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6


def timed(client: distributed.Client, name: str, rows: int, func: Callable[[], Any]) -> Any:
    """Return what a step returns, and print what it took."""

    def of_processor() -> float:
        return used()[0] + sum(seconds for seconds, _ in client.run(used).values())

    before, start = of_processor(), time.perf_counter()
    result = func()
    wall, cpu = time.perf_counter() - start, of_processor() - before
    peak = max(gigabytes for _, gigabytes in client.run(used).values())
    print(f"{name:10} {wall:7.1f} {cpu:7.1f} {rows / cpu:11,.0f} {peak:8.2f}", flush=True)
    return result


def main(rows: int = 1_000_000) -> None:
    """Read, locate, write, count and measure a table of so many accounts."""
    with (
        tempfile.TemporaryDirectory() as folder,
        gi.distributed.cluster() as client,
    ):
        path, out = Path(folder) / "attacks.csv", Path(folder) / "attacks.parquet"
        accounts(rows).to_csv(path, index=False)
        print(
            f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB, {len(client.nthreads())} workers"
        )
        print(f"{'step':10} {'wall s':>7} {'CPU s':>7} {'rows/CPU s':>11} {'GB':>8}")
        here = gi.distributed
        reports = timed(client, "read", rows, lambda: here.read_reports(path, blocksize=_BLOCK))
        gazetteer = gi.load_gazetteer()
        layers = timed(client, "locate", rows, lambda: here.locate(reports, gazetteer))
        timed(client, "write", rows, lambda: here.write_layers(layers, out))
        layers = here.read_layers(out)
        timed(client, "incidents", rows, lambda: len(here.incidents(layers)))
        timed(client, "counts", rows, lambda: here.counts(layers, by=["admin1", "month"]))
        timed(client, "distances", rows, lambda: len(here.distances(layers)))
        print(f"the process that asks: {used()[1]:.2f} GB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
