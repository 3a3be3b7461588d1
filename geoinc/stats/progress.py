"""A bar for those who wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Generator

#: Who waits longer than this wants to see how long it will take, seconds.
_PATIENCE_S = 2.0


def steps(total: int, words: str) -> Generator[int]:
    """Count from 0 to `total`, with a bar on the screen (stderr) when it takes long.

    Parameters
    ----------
    total : int
        How many steps.
    words : str
        What is counted, in words.
    """
    began = time.monotonic()
    progress = Progress(console=Console(stderr=True), transient=True)
    task = progress.add_task(words, total=total)
    shown = False
    try:
        for step in range(total):
            yield step
            if not shown and time.monotonic() - began > _PATIENCE_S:
                progress.start()
                shown = True
            progress.update(task, completed=step + 1)
    finally:
        if shown:  # stopping what never began would print an empty line
            progress.stop()
