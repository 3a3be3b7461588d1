"""How time and memory of each step grow with the table, on one machine.

Run as ``python benchmarks/scale.py [ROWS ...]`` (100,000 and 1,000,000 by default); ``--steps`` measures some of the steps
alone, ``--plot FILE`` draws the times (extra ``plot``).  Every step runs in a process of its own, once on a hundred rows,
for what is imported at first use, and then on the table.  Seconds of the clock and of the processor are those of the step
alone; memory is the most that the process held during the step, with what it was given.  The slope is that of the seconds of the processor over
the rows, both as logarithms: 1 is twice the time for twice the rows.

The accounts are made up: a launch and a target in words, of which one in twenty is new (50,000 different ones of 1,000,000),
drawn as unevenly as places are named in such tables.  The names are those of `benchmarks/names.py`; the shipped gazetteer
knows few of them, which is the hardest case.  The events have coordinates, of 40,000 places.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import names
import numpy as np
import pandas as pd
import reading

import geoinc as gi

if TYPE_CHECKING:
    from collections.abc import Callable

#: A process that imports everything measures this many rows first.
_WARM = 100
#: Rows for each different text, and different accounts of one incident on average.
_PER_TEXT, _PER_INCIDENT = 20, 1.25
_PHRASES = ("{} km north of {}", "{} km southeast of {}", "near {1}", "west of {1}")
_BOX = (38.0, 29.0, 49.0, 37.5)


# ---------------------------------------------------------------- tables


def accounts(rows: int, seed: int = 11) -> pd.DataFrame:
    """Return accounts whose places are told in words."""
    rng = np.random.default_rng(seed)
    texts = max(4, rows // _PER_TEXT)
    asked = [name for _, name, _ in names.names_of(texts * 7 // 10)]
    phrases = [
        _PHRASES[i % len(_PHRASES)].format(5 + i % 60, name)
        for i, name in enumerate(asked[: texts - len(asked)])
    ]
    incident = np.sort(rng.integers(0, int(rows / _PER_INCIDENT) + 1, rows))
    # All accounts of an incident name its places, but for one in ten.
    number = np.where(rng.random(rows) < 0.9, incident, rng.integers(0, rows, rows))
    days = pd.date_range("2003-03-20", periods=7_000).strftime("%Y-%m-%d").to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "incident": np.char.add("i", incident.astype(str)),
            "source": rng.choice(["Agency", "Paper", "Channel", "Ministry"], rows),
            "date": days[rng.integers(0, len(days), rows)],
            "launch": np.array(phrases, dtype=object)[_uneven(number, len(phrases), 1)],
            "target": np.array(asked, dtype=object)[_uneven(number, len(asked), 2)],
            "event_type": rng.choice(["rocket", "drone", "mortar", "roadside bomb"], rows),
            "fired": rng.choice(["", "1", "2-3", "at least 10", "several"], rows),
            "killed": rng.integers(0, 6, rows),
        }
    )


def _uneven(number: np.ndarray, most: int, stream: int) -> Any:
    """Return one of so many texts for each number, the first far more often than the last."""
    share = np.random.default_rng(stream).random(int(number.max()) + 1)[number]
    return (most * share**3).astype(int)


def events(rows: int) -> pd.DataFrame:
    """Return events that have coordinates, a province and an uncertainty."""
    table = reading.made_up(rows, min(rows, 40_000))
    provinces = np.array([f"Province {number}" for number in range(181)], dtype=object)
    table["admin1"] = provinces[table["longitude"].astype(int)]
    return table.assign(uncertainty_m=1_000)


def sites(number: int = 60) -> pd.DataFrame:
    """Return sites in the box of the events."""
    rng = np.random.default_rng(3)
    west, south, east, north = _BOX
    spots = {
        "longitude": rng.uniform(west, east, number),
        "latitude": rng.uniform(south, north, number),
    }
    return pd.DataFrame(spots)


# ---------------------------------------------------------------- steps


def _reports(folder: Path) -> pd.DataFrame:
    return gi.read_reports(folder / "events.parquet")


def _layers(name: str) -> Callable[[Path], gi.Layers]:
    return lambda folder: gi.read_layers(folder / f"{name}.layers.parquet")


def _written(layers: gi.Layers) -> None:
    with tempfile.TemporaryDirectory() as folder:
        gi.write_layers(layers, Path(folder) / "layers.parquet")


def _drawn(layers: gi.Layers) -> None:
    with tempfile.TemporaryDirectory() as folder:
        gi.explore(layers).save(str(Path(folder) / "map.html"))


def _all_of_it(folder: Path) -> None:
    """Go from a file of accounts to a file of layers, and measure."""
    layers = gi.locate(gi.read_reports(folder / "accounts.csv"), gi.load_gazetteer())
    gi.incidents(layers)
    gi.distances(layers)
    _written(layers)


def _all_with_coordinates(folder: Path) -> None:
    """Go from a file of events to counts and to the nearest of sixty sites."""
    layers = gi.layers_from_coordinates(_reports(folder))
    gi.counts(layers, by=["admin1", "month"])
    gi.nearest(layers, sites())


#: What each step is given, and what is measured.
STEPS: dict[str, tuple[Callable[[Path], Any], Callable[[Any], Any]]] = {
    "read_reports, CSV": (lambda folder: folder / "events.csv", gi.read_reports),
    "read_reports, Parquet": (lambda folder: folder / "events.parquet", gi.read_reports),
    "layers_from_coordinates": (_reports, gi.layers_from_coordinates),
    "locate": (
        lambda folder: (gi.read_reports(folder / "accounts.csv"), gi.load_gazetteer()),
        lambda given: gi.locate(*given),
    ),
    "incidents": (_layers("accounts"), gi.incidents),
    "counts by province and month": (
        _layers("events"),
        lambda layers: gi.counts(layers, by=["admin1", "month"]),
    ),
    "distances": (_layers("accounts"), gi.distances),
    "nearest of 60 sites": (_layers("events"), lambda layers: gi.nearest(layers, sites())),
    "stats.mean_center, 9 worlds": (
        _layers("events"),
        lambda layers: gi.stats.mean_center(layers, samples=9),
    ),
    "stats.kernel_density": (_layers("events"), gi.stats.kernel_density),
    "explore": (_layers("events"), _drawn),
    "write_layers, GeoParquet": (_layers("events"), _written),
    "read_layers, GeoParquet": (lambda folder: folder / "events.layers.parquet", gi.read_layers),
    "accounts: read, locate, incidents, distances, write": (lambda folder: folder, _all_of_it),
    "events: read, layers, counts, nearest": (lambda folder: folder, _all_with_coordinates),
}


def measured(step: str, rows: int, folder: Path) -> dict[str, float]:
    """Return seconds and megabytes of a step, in this process."""
    prepare, run = STEPS[step]
    run(prepare(folder / str(_WARM)))
    given = prepare(folder / str(rows))
    # Linux forgets the most that was held so far.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    worker, clock = time.process_time(), time.perf_counter()
    run(given)
    found = {
        "clock_s": time.perf_counter() - clock,
        "processor_s": time.process_time() - worker,
    }
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return {**found, "memory_mb": int(kilobytes) / 1000}


def make(rows: int, folder: Path) -> None:
    """Write the files that the steps are given."""
    folder.mkdir(parents=True)
    accounts(rows).to_csv(folder / "accounts.csv", index=False)
    table = events(rows)
    table.to_csv(folder / "events.csv", index=False)
    table.to_parquet(folder / "events.parquet")
    located = gi.locate(gi.read_reports(folder / "accounts.csv"), gi.load_gazetteer())
    gi.write_layers(located, folder / "accounts.layers.parquet")
    gi.write_layers(gi.layers_from_coordinates(_reports(folder)), folder / "events.layers.parquet")


# ---------------------------------------------------------------- the table


def _in_a_process(*words: str) -> str:
    # The process is this script.
    command = [sys.executable, __file__, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


def slope(rows: list[int], seconds: list[float]) -> float:
    """Return by which power of the rows the seconds grow."""
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])


def table_of(found: dict[str, dict[int, dict[str, float]]], sizes: list[int]) -> str:
    """Return what was measured as a table in Markdown."""
    head = "".join(f" {rows:,} rows |" for rows in sizes)
    lines = [f"| step |{head} slope |", "|---|" + "---|" * (len(sizes) + 1)]
    for step, by_rows in found.items():
        cells = [
            "{processor_s:.2f} s ({clock_s:.2f}), {memory_mb:,.0f} MB".format(**by_rows[rows])
            if rows in by_rows
            else ""
            for rows in sizes
        ]
        known = [rows for rows in sizes if rows in by_rows]
        grows = slope(known, [by_rows[rows]["processor_s"] for rows in known])
        shown = f"{grows:.2f}" if len(known) > 1 else ""
        lines.append(f"| {step} | {' | '.join(cells)} | {shown} |")
    return "\n".join(lines)


def plot(found: dict[str, dict[int, dict[str, float]]], path: str) -> None:
    """Draw the seconds of the processor over the rows."""
    from matplotlib.figure import Figure  # noqa: PLC0415  # only where asked

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for step, by_rows in found.items():
        seconds = [one["processor_s"] for one in by_rows.values()]
        axes.loglog(list(by_rows), seconds, marker="o", label=step)
    axes.set(xlabel="rows", ylabel="seconds of the processor")
    axes.grid(which="major", alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize="small")
    figure.savefig(path)


def main() -> None:
    """Measure, or be one of the processes that do."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--steps", default=";".join(STEPS), help="names, separated by ;")
    parser.add_argument("--plot", help="file of a picture")
    parser.add_argument("--folder", type=Path, help="where made tables are and stay")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(measured(asked.steps, asked.rows[0], asked.folder)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        for rows in (_WARM, *asked.rows):
            if not (folder / str(rows)).exists():
                make(rows, folder / str(rows))
        found: dict[str, dict[int, dict[str, float]]] = {}
        for step in asked.steps.split(";"):
            for rows in asked.rows:
                words = "--alone", "--steps", step, "--folder", str(folder), str(rows)
                found.setdefault(step, {})[rows] = json.loads(_in_a_process(*words))
                print(step, rows, found[step][rows], file=sys.stderr, flush=True)
    print(table_of(found, asked.rows))
    if asked.plot:
        plot(found, asked.plot)


if __name__ == "__main__":
    main()
