"""The same questions of the same table, asked of one machine and of Dask: time and memory.

Run as ``python benchmarks/on_dask.py [ROWS] [--folder FOLDER]`` (1,000,000 rows by default; the folder keeps
the table for the next run).  The table is events with coordinates, at 40,000 places, as layers in partitions of 500,000 rows.
Asked are the counts by province and month, and how many events have each of 60 sites as the nearest, from the files on.
Memory is the most that all processes held together, what they share counted once (the proportional set size that Linux tells).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import psutil
import scale

import geoinc as gi
from geoinc.exchange.partitions import PLACES, write_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Rows in a partition.
_PART = 500_000
#: Between two looks at the memory, seconds: each costs some milliseconds a process.
_GLANCE_S = 0.5
_BY = ["admin1", "month"]


def make(rows: int, folder: Path) -> None:
    """Write the layers of events, a partition after the other."""
    places = []
    for number, start in enumerate(range(0, rows, _PART)):
        rng = np.random.default_rng(number)
        table = scale.events(min(_PART, rows - start)).sample(frac=1, random_state=number)
        table["event"] += start
        day = pd.Timestamp("2003-03-20") + pd.to_timedelta(rng.integers(0, 7_000, len(table)), "D")
        table["date"] = day.strftime("%Y-%m-%d")
        layers = gi.layers_from_coordinates(gi.read_reports(table))
        places.append(layers.places)
        nothing = layers.places.iloc[:0]
        part = gi.Layers(layers.launches, layers.targets, layers.impacts, nothing)
        write_part(part, folder / f"part-{number:05}")
    known = pd.concat(places)
    known = known[~known.index.duplicated()]
    empty = [layers.layer(role).iloc[:0] for role in ("launch", "target", "impact")]
    write_part(gi.Layers(*empty, known), folder / PLACES)


def on_one_machine(folder: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what is asked, step by step."""
    given: dict[str, gi.Layers] = {}
    yield "read", lambda: given.update(layers=gi.read_layers(folder))
    yield "counts", lambda: gi.counts(given["layers"], by=_BY).to_frame()
    yield (
        "nearest",
        lambda: gi.nearest(given["layers"], scale.sites())["site"].value_counts().sort_index(),
    )


def on_dask(folder: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the same, of a cluster of the cores of this machine."""
    given: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:

        def start() -> None:
            stack.enter_context(gi.distributed.cluster())
            given["layers"] = gi.distributed.read_layers(folder)

        yield "read", start
        yield "counts", lambda: gi.distributed.counts(given["layers"], by=_BY).to_frame()
        yield (
            "nearest",
            lambda: (
                gi.distributed.nearest(given["layers"], scale.sites())["site"]
                .value_counts(split_out=1)
                .compute()
                .sort_index()
            ),
        )


ENGINES = {"one machine": on_one_machine, "Dask": on_dask}


class Memory:
    """The most that this process and those that it started held together, megabytes."""

    def __init__(self) -> None:
        self.most = 0.0
        self._done = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        here = psutil.Process()
        while not self._done.wait(_GLANCE_S):
            held = 0
            for process in (here, *here.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    held += process.memory_full_info().pss
            self.most = max(self.most, held / 1e6)

    def stop(self) -> None:
        """Look no more."""
        self._done.set()


def _processor_s() -> float:
    """Return the seconds of the processor of this process and of those that it started."""
    here = psutil.Process()
    seconds = 0.0
    for process in (here, *here.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


def measured(engine: str, folder: Path) -> dict[str, Any]:
    """Return seconds of each step, the most memory, and what was found, in this process."""
    memory, found, seconds = Memory(), [], {}
    for step, run in ENGINES[engine](folder):
        worker, clock = _processor_s(), time.perf_counter()
        result = run()
        seconds[step] = [time.perf_counter() - clock, _processor_s() - worker]
        if result is not None:
            found.append(pd.util.hash_pandas_object(result.round(6).reset_index()).sum())
    memory.stop()
    return {"seconds": seconds, "memory_mb": memory.most, "found": [int(one) for one in found]}


def main() -> None:
    """Measure, or be one of the processes that do."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the table is made, and stays")
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.engine:
        print(json.dumps(measured(asked.engine, asked.folder)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = (asked.folder or Path(scratch)) / f"{asked.rows}.parquet"
        if not folder.exists():
            draft = folder.with_suffix(".draft")
            draft.mkdir(parents=True)
            making = multiprocessing.Process(target=make, args=(asked.rows, draft))
            making.start()
            making.join()
            draft.rename(folder)
        answers = []
        for engine in ENGINES:
            words = ["--engine", engine, "--folder", str(folder)]
            command = [sys.executable, __file__, *words]
            told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603  # this script
            one = json.loads(told)
            answers.append(one["found"])
            steps = ", ".join(
                f"{step} {clock:.1f} s ({worker:.1f} s of the processor)"
                for step, (clock, worker) in one["seconds"].items()
            )
            total = sum(clock for clock, _ in one["seconds"].values())
            print(f"{engine}: {total:.1f} s, {one['memory_mb']:,.0f} MB: {steps}", flush=True)
        print("the same answers" if answers[0] == answers[1] else f"other answers: {answers}")


if __name__ == "__main__":
    main()
