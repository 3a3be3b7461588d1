"""How time and memory of each step grow with the table, on one machine.

Run as ``python benchmarks/scale.py [ROWS ...]`` (100,000 and 1,000,000 by default); ``--steps`` measures some of the steps
alone, ``--plot FILE`` draws time and memory (extra ``plot``), ``--figures FILE`` keeps what was measured and measures only what
is not in it.  Every step runs in a process of its own, once on a hundred rows,
for what is imported at first use, and then on the table.  Seconds of the clock and of the processor are those of the step
alone; memory is the most that the process held during the step, with what it was given.  The slope is that of the seconds of the processor over
the rows, both as logarithms: 1 is twice the time for twice the rows.  A step that would take more than ten minutes or 12 GB, reckoned from the
size before, is left out.

The accounts are made up: a launch and a target in words, of which one in twenty is new (50,000 different ones of 1,000,000),
drawn as unevenly as places are named in such tables.  The names are those of `benchmarks/names.py`; the shipped gazetteer
knows few of them, which is the hardest case.  The events have coordinates, of 40,000 places.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import names
import numpy as np
import pandas as pd
import reading
import shapely

import geoinc as gi

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

#: A step that would take longer, or more, is not measured.
_MOST_S, _MOST_MB = 600, 12_000
#: What a process holds that has imported all.
_LIBRARIES_MB = 250
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


class Step(NamedTuple):
    """What a step is given: a file, and what is made of it before anything is measured."""

    file: str
    prepare: Callable[[Path], Any]
    run: Callable[[Any], Any]


def _itself(path: Path) -> Path:
    return path


def _with_gazetteer(path: Path) -> tuple[pd.DataFrame, gi.Gazetteer]:
    return gi.read_reports(path), gi.load_gazetteer()


def _written(layers: gi.Layers) -> None:
    with tempfile.TemporaryDirectory() as folder:
        gi.write_layers(layers, Path(folder) / "layers.parquet")


def _drawn(layers: gi.Layers) -> None:
    with tempfile.TemporaryDirectory() as folder:
        gi.explore(layers).save(str(Path(folder) / "map.html"))


def _all_of_accounts(path: Path) -> None:
    """Go from a file of accounts to a file of layers, and measure."""
    layers = gi.locate(gi.read_reports(path), gi.load_gazetteer())
    gi.incidents(layers)
    gi.distances(layers)
    _written(layers)


def _all_of_events(path: Path) -> None:
    """Go from a file of events to counts and to the nearest of sixty sites."""
    layers = gi.layers_from_coordinates(gi.read_reports(path))
    gi.counts(layers, by=["admin1", "month"])
    gi.nearest(layers, sites())


_EVENTS, _ACCOUNTS = "events.layers.parquet", "accounts.layers.parquet"
STEPS: dict[str, Step] = {
    "events: read_reports, CSV": Step("events.csv", _itself, gi.read_reports),
    "events: read_reports, Parquet": Step("events.parquet", _itself, gi.read_reports),
    "events: layers_from_coordinates": Step(
        "events.parquet", gi.read_reports, gi.layers_from_coordinates
    ),
    "events: counts, province and month": Step(
        _EVENTS, gi.read_layers, lambda layers: gi.counts(layers, by=["admin1", "month"])
    ),
    "events: counts, H3 cell and year": Step(
        _EVENTS, gi.read_layers, lambda layers: gi.counts(layers, by=["h3_5", "year"])
    ),
    "events: nearest of 60 sites": Step(
        _EVENTS, gi.read_layers, lambda layers: gi.nearest(layers, sites())
    ),
    "events: mean_center, 9 worlds": Step(
        _EVENTS, gi.read_layers, lambda layers: gi.stats.mean_center(layers, samples=9)
    ),
    "events: kernel_density, 99 worlds": Step(
        _EVENTS,
        gi.read_layers,
        lambda layers: gi.stats.kernel_density(layers, window=shapely.box(*_BOX)),
    ),
    "events: explore": Step(_EVENTS, gi.read_layers, _drawn),
    "events: write_layers": Step(_EVENTS, gi.read_layers, _written),
    "events: read_layers": Step(_EVENTS, _itself, gi.read_layers),
    "events: read, layers, counts, nearest": Step("events.parquet", _itself, _all_of_events),
    "accounts: read_reports, CSV": Step("accounts.csv", _itself, gi.read_reports),
    "accounts: locate": Step("accounts.csv", _with_gazetteer, lambda given: gi.locate(*given)),
    "accounts: incidents": Step(_ACCOUNTS, gi.read_layers, gi.incidents),
    "accounts: distances": Step(_ACCOUNTS, gi.read_layers, gi.distances),
    "accounts: write_layers": Step(_ACCOUNTS, gi.read_layers, _written),
    "accounts: read_layers": Step(_ACCOUNTS, _itself, gi.read_layers),
    "accounts: all of these, in one process": Step("accounts.csv", _itself, _all_of_accounts),
}


def measured(step: Step, rows: int, folder: Path) -> dict[str, float]:
    """Return seconds and megabytes of a step, in this process."""
    step.run(step.prepare(folder / str(_WARM) / step.file))
    given = step.prepare(folder / str(rows) / step.file)
    # Linux forgets the most that was held so far.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    worker, clock = time.process_time(), time.perf_counter()
    step.run(given)
    found = {
        "clock_s": time.perf_counter() - clock,
        "processor_s": time.process_time() - worker,
    }
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return {**found, "memory_mb": int(kilobytes) / 1000}


def make(file: str, rows: int, folder: Path) -> None:
    """Write a file that steps are given, and those that it is made of."""
    path = folder / str(rows) / file
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    table, _, kind = file.partition(".")
    if kind == "layers.parquet":
        source = "accounts.csv" if table == "accounts" else "events.parquet"
        make(source, rows, folder)
        reports = gi.read_reports(path.parent / source)
        layers = (
            gi.locate(reports, gi.load_gazetteer())
            if table == "accounts"
            else gi.layers_from_coordinates(reports)
        )
        gi.write_layers(layers, path)
        return
    made = accounts(rows) if table == "accounts" else events(rows)
    if kind == "csv":
        made.to_csv(path, index=False)
    else:
        made.to_parquet(path)


# ---------------------------------------------------------------- the table


#: What was measured: of each step, by rows.
Figures = dict[str, dict[int, dict[str, float]]]


def _in_a_process(*words: str) -> str:
    # The process is this script.
    command = [sys.executable, __file__, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


def slope(rows: list[int], seconds: list[float]) -> float:
    """Return by which power of the rows the seconds grow."""
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])


def too_much(found: dict[int, dict[str, float]], rows: int) -> bool:
    """Return whether a step would take too long or too much, if it grew with the rows from the size before."""
    before = [size for size in found if size < rows]
    if not before:
        return False
    last = max(before)
    seconds = found[last]["processor_s"] * rows / last
    megabytes = _LIBRARIES_MB + (found[last]["memory_mb"] - _LIBRARIES_MB) * rows / last
    return seconds > _MOST_S or megabytes > _MOST_MB


def _sizes(found: Figures) -> list[int]:
    return sorted({rows for by_rows in found.values() for rows in by_rows})


def table_of(found: Figures) -> str:
    """Return what was measured as a table in Markdown."""
    sizes = _sizes(found)
    head = "".join(f" {rows:,} rows |" for rows in sizes)
    lines = [f"| step |{head} slope |", "|---|" + "---|" * (len(sizes) + 1)]
    for step, by_rows in found.items():
        cells = [
            "{processor_s:.2f} s ({clock_s:.2f}), {memory_mb:,.0f} MB".format(**by_rows[rows])
            if rows in by_rows
            else ""
            for rows in sizes
        ]
        lines.append(f"| {step} | {' | '.join(cells)} | {_slope(by_rows)} |")
    return "\n".join(lines)


def _slope(by_rows: dict[int, dict[str, float]]) -> str:
    if len(by_rows) < 2:
        return ""
    return f"{slope(list(by_rows), [one['processor_s'] for one in by_rows.values()]):.2f}"


#: Colours of the incident map, which all eyes tell apart; the lines differ in their marks as well.
_TIME, _MEMORY, _INK, _QUIET = "#0072B2", "#D55E00", "#23272E", "#646A73"
_BESIDE, _LINE = "#A9A391", "#DCD8CC"
_PANELS = 4
_TITLES = {
    "events": "Events with coordinates, at 40,000 places",
    "accounts": "Accounts in words, one different text in twenty",
}
_KEY = "blue, round: seconds of the processor, with their slope; orange, square: gigabytes; dotted: slope 1"


def plot(found: Figures, path: str) -> None:
    """Draw seconds of the processor and gigabytes over the rows, a panel for each step on the same axes."""
    import matplotlib as mpl  # noqa: PLC0415  # only where asked
    from matplotlib.figure import Figure  # noqa: PLC0415

    shown = {
        table: {step: by for step, by in found.items() if step.startswith(table)}
        for table in _TITLES
    }
    lines = [-(-len(steps) // _PANELS) for steps in shown.values()]
    sizes = _sizes(found)
    # Letters stay letters, and the same figures give the same file.
    look = {"svg.fonttype": "none", "svg.hashsalt": "scale", "font.sans-serif": ["DejaVu Sans"]}
    with mpl.rc_context(look):
        figure = Figure(figsize=(10, 0.8 + 1.6 * sum(lines)), layout="constrained")
        parts = figure.subfigures(len(shown), 1, height_ratios=lines)
        for part, height, (table, steps) in zip(parts, lines, shown.items(), strict=True):
            part.suptitle(
                _TITLES[table], x=0.008, ha="left", weight="bold", color=_INK, fontsize=11
            )
            grid = part.subplots(height, _PANELS, sharex=True, sharey=True, squeeze=False)
            for axes, (step, by_rows) in zip(grid.flat, steps.items(), strict=False):
                _panel(axes, step.partition(": ")[2], by_rows, sizes)
            for axes in grid.flat[len(steps) :]:
                axes.set_visible(False)
        parts[-1].supxlabel(_KEY, x=0.008, ha="left", fontsize=8.5, color=_QUIET)
        if not path.endswith(".svg"):
            figure.savefig(path, facecolor="white")
            return
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", facecolor="white", metadata={"Date": None})
    Path(path).write_text(_small(drawn.getvalue()), encoding="utf-8")


def _small(svg: str) -> str:
    """Return a picture without what a page does not need: turns by nothing, indents, hundredths of a point."""
    for needless, kept in (
        (r' transform="rotate\(-?0 [^"]*\)"', ""),
        (r"\n\s+", "\n"),
        (r'<g id="[^"]*"/>\n', ""),
        # Figures that are read have two digits at most.
        (r"(\d+\.\d)\d{2,}", r"\1"),
    ):
        svg = re.sub(needless, kept, svg)
    return svg


def _panel(axes: Axes, name: str, by_rows: dict[int, dict[str, float]], sizes: list[int]) -> None:
    west, east, south, north = sizes[0] / 2.8, sizes[-1] * 2.8, 0.02, 1000
    ticks = [0.1, 1, 10, 100]
    # All lines of the grid are one, or the file would be mostly grid.
    across = [value for y in ticks for value in ((west, y), (east, y), (np.nan, np.nan))]
    up = [value for x in sizes for value in ((x, south), (x, north), (np.nan, np.nan))]
    axes.loglog(*np.transpose([*across, *up]), color=_LINE, linewidth=0.7)
    rows = list(by_rows)
    seconds = [one["processor_s"] for one in by_rows.values()]
    gigabytes = [one["memory_mb"] / 1000 for one in by_rows.values()]
    proportional = [seconds[-1] * size / rows[-1] for size in rows]
    axes.loglog(rows, proportional, color=_BESIDE, linestyle=":", linewidth=1)
    axes.loglog(rows, gigabytes, color=_MEMORY, marker="s", markersize=4, linewidth=1.2)
    axes.loglog(rows, seconds, color=_TIME, marker="o", markersize=4, linewidth=1.6)
    for at in (0, -1):
        for values, others, unit, colour in (
            (seconds, gigabytes, "s", _TIME),
            (gigabytes, seconds, "GB", _MEMORY),
        ):
            above = values[at] > others[at]
            digits = 0 if values[at] >= 9.95 else 1 if values[at] >= 0.995 else 2
            axes.annotate(
                f"{values[at]:.{digits}f} {unit}",
                (rows[at], values[at]),
                (0, 5 if above else -5),
                textcoords="offset points",
                ha="center",
                va="bottom" if above else "top",
                color=colour,
                fontsize=8,
            )
    axes.set_title(name, loc="left", fontsize=9, color=_INK)
    axes.set_title(_slope(by_rows), loc="right", fontsize=9, color=_TIME)
    axes.set(xlim=(west, east), ylim=(south, north))
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_yticks(ticks, ["0.1", "1", "10", "100"])
    axes.minorticks_off()
    axes.tick_params(left=False, bottom=False, labelcolor=_QUIET, labelsize=8)
    axes.set_frame_on(False)


def main() -> None:
    """Measure, or be one of the processes that do."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--steps", default="", help="how their names begin, separated by ;")
    parser.add_argument("--plot", help="file of a picture")
    parser.add_argument("--figures", type=Path, help="file of what was measured, which grows")
    parser.add_argument("--folder", type=Path, help="where made tables are and stay")
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.make:
        make(asked.make, asked.rows[0], asked.folder)
        return
    if asked.alone:
        print(json.dumps(measured(STEPS[asked.steps], asked.rows[0], asked.folder)))
        return
    found: Figures = {}
    if asked.figures and asked.figures.exists():
        told = json.loads(asked.figures.read_text(encoding="utf-8"))
        found = {step: {int(rows): one for rows, one in by.items()} for step, by in told.items()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        for step in [name for name in STEPS if name.startswith(tuple(asked.steps.split(";")))]:
            by_rows = found.setdefault(step, {})
            for rows in asked.rows:
                if rows in by_rows or too_much(by_rows, rows):
                    continue
                for size in (_WARM, rows):
                    words = "--make", STEPS[step].file, "--folder", str(folder), str(size)
                    _in_a_process(*words)
                words = "--alone", "--steps", step, "--folder", str(folder), str(rows)
                by_rows[rows] = json.loads(_in_a_process(*words))
                print(step, rows, by_rows[rows], file=sys.stderr, flush=True)
                if asked.figures:
                    asked.figures.write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(table_of(found))
    if asked.plot:
        plot(found, asked.plot)


if __name__ == "__main__":
    main()
