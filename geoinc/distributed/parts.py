"""The partitions of three layers side by side, each read by the task that works on it."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from dask.delayed import delayed
from dask.local import get_sync
from dask.optimization import cull
from distributed import Future

from geoinc.schema import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from dask.delayed import Delayed

    from geoinc.distributed.layers import DistributedLayers

    #: The rows of a partition, a table for each role.
    Block = list[pd.DataFrame]


class Unread:
    """A partition that neither travels nor waits in memory: it is read where it is worked on.

    Parameters
    ----------
    graph : dict
        What makes it, as Dask writes it.
    tables : sequence
        What in it are the three tables.
    """

    def __init__(self, graph: dict[Any, Any], tables: Sequence[Any]) -> None:
        self._graph, self._tables = graph, list(tables)

    def read(self) -> Block:
        """Return the rows."""
        return list(get_sync(self._graph, self._tables))


def read(block: Block | Unread) -> Block:
    """Return the rows of a partition.

    Parameters
    ----------
    block : list of pandas.DataFrame, or Unread
        From `blocks_of`.
    """
    return block.read() if isinstance(block, Unread) else block


def blocks_of(
    layers: DistributedLayers, columns: Iterable[str] | None = None
) -> list[Delayed] | list[Unread]:
    """Return the partitions of layers, as arguments of tasks that `read` them.

    Parameters
    ----------
    layers : DistributedLayers
        In partitions, however made.
    columns : iterable of str, optional
        What of the rows is wanted, as far as they have it; all by default.
    """
    n = max(int(layers.layer(role).npartitions) for role in ROLES)
    graph: dict[Any, Any] = {}
    roles: list[list[Any]] = []
    for role in ROLES:
        layer = layers.layer(role)
        if columns is not None:
            layer = layer[[name for name in dict.fromkeys(columns) if name in layer.columns]]
        tables = layer.to_delayed()
        graph |= tables[0].dask
        roles.append([*tables, *(delayed(layer._meta) for _ in range(n - len(tables)))])  # noqa: SLF001  # its columns
        graph |= {
            key: task for table in roles[-1][len(tables) :] for key, task in table.dask.items()
        }
    blocks = list(zip(*roles, strict=True))
    keys = [[table.key for table in tables] for tables in blocks]
    tasks = [cull(graph, tables)[0] for tables in keys]
    uses = Counter(chain.from_iterable(tasks))
    if max(uses.values()) == 1 and not any(isinstance(task, Future) for task in graph.values()):
        return [Unread(*one) for one in zip(tasks, keys, strict=True)]
    # What serves several partitions is made once, and what is made already stays where it is.
    return [delayed(_side_by_side)(*tables) for tables in blocks]


def _side_by_side(*tables: pd.DataFrame) -> Block:
    return list(tables)
