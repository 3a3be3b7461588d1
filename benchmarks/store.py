"""Measure the store: `python benchmarks/store.py [folder with cities1000_world.csv.gz]`.

Prints a table of what building, opening, looking up and placing a large table cost, beside what
is asked of them.  Takes about ten minutes and 3 GB of disk, most of it for two million places.
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

import geoinc as gi
from geoinc.geopackage import Entry
from geoinc.sources.world import cities_path
from geoinc.sources.writing import write_gazetteer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CITIES = Path(__file__).resolve().parents[2] / "shared" / "data" / "geonames"
_ROWS, _DISTINCT, _LOOKUPS = 1_000_000, 50_000, 5_000

OPENING = """
import sys, time
import geoinc as gi
from geoinc.gazetteer import Gazetteer
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6
gi.load_gazetteer().candidates("Mosul")
before, start = resident(), time.perf_counter()
gazetteer = Gazetteer(sys.argv[1])
gazetteer.candidates("Springfield")
print((time.perf_counter() - start) * 1e3, resident() - before)
"""


def timed(function: Callable[[], object]) -> str:
    """Return how long a call takes, by the clock and by the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    function()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    return f"{clock:.1f} s ({processor:.1f} s of the processor)"


def sample(path: Path, count: int, seed: int) -> list[str]:
    """Return distinct names of a gazetteer file, the same for one seed."""
    with closing(sqlite3.connect(path)) as file:
        (most,) = file.execute("SELECT max(id) FROM names").fetchone()
        ids = random.Random(seed).sample(range(1, most + 1), min(most, 3 * count))  # noqa: S311  # no secret
        marks = ", ".join(map(str, ids))
        query = f"SELECT DISTINCT text FROM names WHERE id IN ({marks}) LIMIT {count}"  # noqa: S608  # numbers
        return [text for (text,) in file.execute(query)]


def absent(count: int, seed: int) -> list[str]:
    """Return words that sound like names and are none."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    return [
        "".join(rng.choice("bdfghjklmnprstvz") + rng.choice("aeiou") for _ in range(4)).title()
        for _ in range(count)
    ]


def misspelt(names: Sequence[str], seed: int) -> list[str]:
    """Return names with one letter replaced."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    places = [rng.randrange(len(name)) for name in names]
    return [
        name[:place] + rng.choice("aeiou") + name[place + 1 :]
        for name, place in zip(names, places, strict=True)
    ]


def per_lookup(gazetteer: gi.Gazetteer, names: Sequence[str]) -> float:
    """Return microseconds of the processor for one name of many, the file being warm."""

    def once() -> float:
        start = time.process_time()
        for name in names:
            gazetteer.candidates(name)
        return (time.process_time() - start) / len(names) * 1e6

    with gazetteer.reading():
        return min(once() for _ in range(3))


def replicated(path: Path, count: int) -> Iterator[Entry]:
    """Yield so many places with the names of a file, changed each time round."""
    syllables = [c + v for c in "bdfgklmnrstz" for v in "aeiou"]
    with closing(sqlite3.connect(path)) as file:
        query = "SELECT name, country, longitude, latitude FROM places"
        places = file.execute(query).fetchall()
    for number in range(count):
        turn, which = divmod(number, len(places))
        name, country, longitude, latitude = places[which]
        changed = name + (syllables[turn % 60] + syllables[turn * 7 % 60] if turn else "")
        yield Entry(
            f"r-{number}", changed, "town", country, longitude, latitude, radius_m=900.0, licence="CC BY 4.0"
        )  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=CITIES)
    source = parser.parse_args().folder / "cities1000_world.csv.gz"
    table = Table("what", "measured", "asked")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cities = folder / "cities.gpkg"
        building = timed(lambda: gi.read_gazetteer(source, path=cities))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = cities.stat().st_size / 1e6
        table.add_row(
            "building 155k places",
            f"{building}, {size:.0f} MB, {peak:.0f} MB at most",
            "45 s",
        )

        world = gi.load_gazetteer("world")
        path = cities_path()
        opened = subprocess.run(  # noqa: S603  # our own words
            [sys.executable, "-c", OPENING, str(path)], check=True, capture_output=True, text=True
        )
        ms, mb = map(float, opened.stdout.split())
        table.add_row(
            "opening 235k places, first name", f"{ms:.1f} ms, {mb:.1f} MB", "50 ms, 30 MB"
        )
        names = sample(path, _LOOKUPS, 1)
        table.add_row("exact hit, world", f"{per_lookup(world, names):.0f} µs", "25-50 µs")
        table.add_row(
            "one letter wrong", f"{per_lookup(world, misspelt(names, 2)):.0f} µs", "300 µs"
        )
        table.add_row("absent", f"{per_lookup(world, absent(_LOOKUPS, 3)):.0f} µs", "300 µs")

        costs: dict[str, list[float]] = {"hit": [], "miss": []}
        for count in (200_000, 2_000_000):
            many = folder / f"{count}.gpkg"
            seconds = timed(
                lambda: write_gazetteer(many, replicated(cities, count), source="", licence="")  # noqa: B023  # called at once
            )
            table.add_row(f"building {count:,} places", seconds, "")
            gazetteer = gi.load_gazetteer(many)
            costs["hit"].append(per_lookup(gazetteer, sample(many, _LOOKUPS, 4)))
            costs["miss"].append(per_lookup(gazetteer, absent(1000, 5)))
        for what, (few, many_cost) in costs.items():
            words = f"{few:.0f} -> {many_cost:.0f} µs: {many_cost / few:.2f} times"
            table.add_row(f"{what}, 200k -> 2M places", words, "2 times")

        exact = sample(path, _DISTINCT * 8 // 10, 6)
        part = _DISTINCT * 6 // 10
        texts = exact[:part] + misspelt(exact[part:], 7)
        texts += absent(_DISTINCT - len(texts), 8)
        chosen = np.random.default_rng(9).integers(0, len(texts), _ROWS)
        reports = pd.DataFrame(
            {
                "incident": np.arange(_ROWS).astype(str),
                "target": np.array(texts, dtype=object)[chosen],
            }
        )
        read = gi.read_reports(reports)
        placing = timed(lambda: gi.locate(read, world))
        table.add_row("1,000,000 rows, 50,000 texts (60/20/20)", placing, "15 s")
    Console().print(table)


if __name__ == "__main__":
    main()
