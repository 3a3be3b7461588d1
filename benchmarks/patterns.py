"""How fast K and its test are, with NumPy alone and compiled, beside pointpats in the same run.

    python benchmarks/patterns.py

Wall and CPU time of the best of three, seconds.  pointpats has no edge correction, takes the box of the
points for the window and holds all pairs: it is timed where that fits into memory.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoinc.stats import Window, envelope
from geoinc.stats.frames import Frame
from geoinc.stats.patterns import pairs
from geoinc.stats.patterns.pairs import pair_sums

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import pointpats
except ModuleNotFoundError:  # a peer, not a dependency
    pointpats = None

SIDE_M = 1e6
R_M = np.linspace(0, 50_000, 51)[1:]


def timed(name: str, func: Callable[[], object], *, times: int = 3) -> float:
    """Print and return the best wall time of a function, seconds."""
    best = (np.inf, np.inf)
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        func()
        best = min(best, (time.perf_counter() - wall, time.process_time() - cpu))
    print(f"{name:62} {best[0]:7.3f} s   CPU {best[1]:7.3f} s", flush=True)
    return best[0]


def main() -> None:
    """Time every row."""
    print("load", *(f"{load:.1f}" for load in os.getloadavg()))
    rng = np.random.default_rng(0)
    rectangle = Frame(shapely.box(0, 0, SIDE_M, SIDE_M))
    polygon = Frame(shapely.Point(SIDE_M / 2, SIDE_M / 2).buffer(SIDE_M / 2, quad_segs=25))
    many, some = rectangle.random(50_000, rng), polygon.random(8_000, rng)
    window = Window(shapely.box(40, 30, 50, 39))
    events = window.unproject(window.frame.random(5_000, rng))
    few = window.unproject(window.frame.random(1_000, rng))
    for how, worth in (("NumPy", 10**12), ("compiled", 1_500)):
        pairs._WORTH_COMPILING = worth  # noqa: SLF001  # to time both
        for frame, points, what in (
            (rectangle, many, "50,000 points, rectangle"),
            (polygon, some, "8,000 points, 100 corners"),
        ):
            for correction in ("isotropic", "translation"):
                timed(
                    f"K {correction}, {what}, {how}",
                    lambda frame=frame, points=points, correction=correction: pair_sums(
                        frame, points, R_M, correction
                    ),
                )
        timed(
            f"global test of K, 5,000 points, 99 simulations, {how}",
            lambda: envelope(
                events, window=window, statistic="K", simulations=99, rng=1, r_m=R_M[1::2]
            ),
            times=2,
        )
    if pointpats is None:
        return
    ours = timed(
        "global test of K, 1,000 points, 99 simulations",
        lambda: envelope(few, window=window, statistic="K", simulations=99, rng=1, r_m=R_M[1::2]),
    )
    plane = window.project(*few)
    theirs = timed(
        "the same, pointpats k_test",
        lambda: pointpats.k_test(plane, support=R_M[1::2], n_simulations=99),
        times=1,
    )
    print(f"    ours takes {ours / theirs:.2f} of it")
    points = rectangle.random(10_000, rng)
    ours = timed(
        "K isotropic, 10,000 points", lambda: pair_sums(rectangle, points, R_M, "isotropic")
    )
    theirs = timed(
        "K uncorrected, 10,000 points, pointpats",
        lambda: pointpats.k(points, support=R_M),
        times=1,
    )
    print(f"    ours takes {ours / theirs:.3f} of it")


if __name__ == "__main__":
    main()
