"""Each attack counted once, whatever partitions its accounts are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dask
import dask.dataframe as dd
import numpy as np
from dask.delayed import delayed

from geoinc.counting import incidents as incidents_of
from geoinc.counting.sharing import HOW_PLACED, PLACES
from geoinc.counting.tallying import Part, added, asked, columns_of, spreads_of
from geoinc.counting.totals import counted
from geoinc.distributed.layers import AS_THEY_ARE
from geoinc.distributed.running import folded
from geoinc.distributed.together import Rank, example, summands, together
from geoinc.schema import LINK_COLUMNS, ROLES, STANDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from geoinc.counting import Counts
    from geoinc.counting.spreading import Spread
    from geoinc.counting.tallying import Question, Tally
    from geoinc.distributed.layers import DistributedLayers
    from geoinc.schema import Layers

#: The standings of accounts, those first that have the say in an incident.
_SAY = {"counted": 0, "no attack": 1, "summary": 2, "set aside": 3}
_COUNTED_BY = ("account", "date_start", "date_end", "weight", *LINK_COLUMNS)
_PLACED = ("place_id", "place_name", "place_country", "place_admin1", *HOW_PLACED)


def incidents(layers: DistributedLayers) -> dd.DataFrame:
    """Return one row per incident, as `geoinc.incidents`.

    Parameters
    ----------
    layers : DistributedLayers
        From `locate`, `read_layers` or `from_layers`.

    Returns
    -------
    dask.dataframe.DataFrame
        The rows and columns of `geoinc.incidents`, in its order where the layers tell of the same
        accounts, as those of `locate` do.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"incident": ["a", "b", "a"], "target": ["Erbil", "Mosul", "Erbil"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> parts = gi.distributed.from_layers(layers, npartitions=3)
    >>> gi.distributed.incidents(parts).compute()["accounts"].to_list()
    [2, 1]
    """
    parts = together(layers, Rank(("standing",), _say), places=layers.places.iloc[:0])
    meta = incidents_of(example(layers)).iloc[:0]
    with dask.config.set(AS_THEY_ARE):
        table: dd.DataFrame = dd.from_delayed(
            [delayed(incidents_of)(part) for part in parts], meta=meta, verify_meta=False
        )
    return table


def counts(
    layers: DistributedLayers,
    *,
    by: str | Iterable[str] | None = None,
    role: str = "target",
    include: str | Iterable[str] = ("counted",),
) -> Counts:
    """Count incidents, each once, as `geoinc.counts`.

    Parameters
    ----------
    layers : DistributedLayers
        From `locate`, `read_layers` or `from_layers`.
    by, role, include
        As of `geoinc.counts`.

    Returns
    -------
    Counts
        As of `geoinc.counts`: low and high are the same, shares to rounding.

    Raises
    ------
    ValueError
        Where there is nothing of that name to count by.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"incident": ["a", "b", "a"], "target": ["Erbil", "Mosul", "Erbil"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> parts = gi.distributed.from_layers(layers, npartitions=3)
    >>> gi.distributed.counts(parts, by="admin1").to_frame()["count"].to_dict()
    {'Erbil': 1.0, 'Nineveh': 1.0}
    """
    layers.layer(role)  # refuses what is no role
    question = asked(by, role, include, [name for at in ROLES for name in layers.layer(at).columns])
    columns = {*_COUNTED_BY, *(name for key in question.keys for name in columns_of(key))}
    columns |= {"incident", "standing", "place_id"}
    if question.cells or not {*PLACES, *HOW_PLACED}.isdisjoint(question.keys):
        columns |= {*_PLACED}
    countries = layers.places[layers.places["kind"] == "country"]
    tasks = summands(
        layers,
        _tally,
        (question, spreads_of(layers.places, question)),
        columns=sorted(columns),
        places=countries,
        key=("possible_incident", "incident"),  # those that may be one are counted together
    )
    return counted(folded(tasks, _added, "counting"), question)


def _tally(part: Layers, told: tuple[Question, dict[str, Spread]]) -> Tally:
    question, spreads = told
    return Part(part, question).tally(spreads)


def _added(*tallies: Tally) -> Tally:
    return added(tallies)


def _say(rows: pd.DataFrame, role: str) -> NDArray[np.int64]:
    """Rank accounts by what say they have in their incident, those of the first role first."""
    say = rows["standing"].map(_SAY).fillna(len(STANDINGS)).to_numpy(dtype=np.int64)
    return np.asarray(say * len(ROLES) + ROLES.index(role))
