"""A bar for what takes long: nobody is shown one that is gone before it is read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

T = TypeVar("T")

#: Who waits longer than this wants to see how long it will take, seconds.
PATIENCE_S = 2.0
#: Between two looks at the bar, seconds: drawing it should cost nothing.
_GLANCE_S = 0.1


def watched(items: Iterable[T], what: str, total: int) -> Generator[T]:
    """Yield items; after two seconds a bar on stderr tells how far that is.

    Parameters
    ----------
    items : iterable
        What is worked on, one by one.
    what : str
        What is being done, for the reader of the bar.
    total : int
        How many items there are.

    Examples
    --------
    >>> list(watched([1, 2], "counting", 2))
    [1, 2]
    """
    console = Console(stderr=True)
    if not (console.is_terminal or console.is_jupyter):  # a log would get blank lines
        yield from items
        return
    bar = Progress(console=console, transient=True)
    task = bar.add_task(what, total=total)
    look_at = time.monotonic() + PATIENCE_S
    try:
        for done, item in enumerate(items):
            if time.monotonic() > look_at:
                bar.start()
                bar.update(task, completed=done)
                look_at = time.monotonic() + _GLANCE_S
            yield item
    finally:
        if bar.live.is_started:  # stopping what never began would print an empty line
            bar.stop()
