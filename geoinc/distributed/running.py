"""Where the work is done: a cluster on this machine or any that Dask reaches, and how far it is."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dask
import distributed
from dask.base import compute, persist
from dask.delayed import delayed

from geoinc.progress import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dask.delayed import Delayed

#: Results of so many tasks are joined in one.
_JOINED_AT_ONCE = 8


@contextmanager
def cluster(scheduler: str | None = None) -> Iterator[distributed.Client]:
    """Give a client of a Dask cluster, which computes what is asked for meanwhile.

    Parameters
    ----------
    scheduler : str, optional
        Address of a scheduler, ``tcp://host:8786``; by default a process for each core of this
        machine, which ends with the block.

    Raises
    ------
    OSError
        Where no scheduler answers.

    Examples
    --------
    >>> import geoinc as gi
    >>> with gi.distributed.cluster() as client:  # doctest: +SKIP
    ...     print(client.dashboard_link)
    """
    environ = dict(dask.config.get("distributed.nanny.pre-spawn-environ"))
    # Workers that give memory back after each array spend a third of their time on asking for it.
    environ.pop("MALLOC_TRIM_THRESHOLD_", None)
    with dask.config.set(
        {
            "distributed.nanny.pre-spawn-environ": environ,
            # Places and answers go to the workers with the tasks: nobody need be warned of their size.
            "distributed.admin.large-graph-warning-threshold": "1GB",
        }
    ):
        if scheduler is not None:
            with distributed.Client(scheduler) as client:
                yield client
            return
        with _deaf_to_interrupts():
            local = distributed.LocalCluster(
                threads_per_worker=1,
                silence_logs=logging.CRITICAL,
                dashboard_address="127.0.0.1:0",  # any free port, for this machine alone
            )
        with local, distributed.Client(local) as client:
            yield client


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes that start leave Ctrl-C to this one; each would say at length that it ends."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def computed(tasks: Sequence[Delayed], what: str) -> list[Any]:
    """Return the results of tasks; after two seconds a bar on stderr tells how far they are.

    Parameters
    ----------
    tasks : sequence of Delayed
        All are done, even where one fails.
    what : str
        What is being done, for the reader of the bar.
    """
    try:
        client = distributed.default_client()
    except ValueError:  # this process alone
        return list(compute(*tasks))
    futures = client.compute(list(tasks))
    for _ in watched(distributed.as_completed(futures), what, len(futures)):
        pass
    return list(client.gather(futures))


def results_kept(tasks: Sequence[Any], n: int) -> list[list[Delayed]]:
    """Return the first results of tasks, the second, and so on; they are kept on the workers.

    Parameters
    ----------
    tasks : sequence of Delayed
        Each makes several things (``nout``).
    n : int
        How many.
    """
    kept: tuple[Delayed, ...] = persist(*(one[at] for at in range(n) for one in tasks))
    return [list(kept[at * len(tasks) : (at + 1) * len(tasks)]) for at in range(n)]


def one_by_one(tasks: list[Delayed], what: str) -> Iterator[Any]:
    """Yield the results of tasks in their order; this process never holds all of them.

    Parameters
    ----------
    tasks : list of Delayed
        Is empty afterwards, so that the workers let go of the results too.
    what : str
        As of `computed`.
    """
    try:
        client = distributed.default_client()
    except ValueError:  # this process alone
        yield from compute(*tasks)
        return
    futures = client.compute(tasks)
    n = len(futures)
    tasks.clear()
    for _ in watched(range(n), what, n):
        yield futures.pop(0).result()


def folded(tasks: Sequence[Delayed], join: Callable[..., Any], what: str) -> Any:
    """Return what tasks come to together, joined on the workers a few at a time, in their order.

    Parameters
    ----------
    tasks : sequence of Delayed
        At least one.
    join : callable
        Takes several results as arguments, and returns one of their kind.
    what : str
        As of `computed`.
    """
    joined = list(tasks)
    while len(joined) > 1:
        joined = [
            delayed(join)(*joined[i : i + _JOINED_AT_ONCE])
            for i in range(0, len(joined), _JOINED_AT_ONCE)
        ]
    try:
        client = distributed.default_client()
    except ValueError:  # this process alone
        return compute(*joined)[0]
    *parts, whole = client.compute([*tasks, *joined])
    # Workers let go of a part once it is joined, as nobody asks for it here.
    done = distributed.as_completed(parts)
    del parts
    for _ in watched(done, what, len(tasks)):
        pass
    return whole.result()
