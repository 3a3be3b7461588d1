"""How far from here to there, whatever partitions the accounts of an attack are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask.delayed import delayed

from geoinc.distance import distances as distances_of
from geoinc.distance.measuring import listed as listed_pairs
from geoinc.distance.measuring import measured
from geoinc.distance.pairs import pairs_of
from geoinc.distance.sites import NearSites, listed, near_sites, rows_of
from geoinc.distributed.layers import AS_THEY_ARE, DistributedLayers
from geoinc.distributed.running import folded
from geoinc.distributed.together import Rank, example, light, together

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.schema import Layers

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    To = Literal["target", "impact"]

#: How many places, or pairs of them, are measured in one task.
_AT_ONCE = 10_000
#: The figures of more pairs of places than this (88 bytes each) are not kept on every worker.
_MOST_PAIRS = 5_000_000
_COLUMNS = ("incident", "account", "standing", "place_id", "place_name", "weight")


def distances(layers: DistributedLayers, *, to: To = "target") -> dd.DataFrame:
    """Measure from each launch to the target or impact of the same attack, as `geoinc.distances`.

    Parameters
    ----------
    layers : DistributedLayers
        From `locate`, `read_layers` or `from_layers`.
    to : {"target", "impact"}
        Where to.

    Returns
    -------
    dask.dataframe.DataFrame
        The rows and columns of `geoinc.distances`, in its order; the index starts at 0 in each
        partition.

    Raises
    ------
    ValueError
        Where `to` is neither.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"launch": ["Mosul", "Erbil"], "target": ["Balad air base"] * 2})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> parts = gi.distributed.from_layers(layers, npartitions=2)
    >>> gi.distributed.distances(parts).compute()["launch_place"].to_list()
    ['Mosul', 'Erbil']
    """
    meta = distances_of(example(layers), to=to).iloc[:0]
    measurable = DistributedLayers(
        launches=_measurable(layers.launches),
        targets=_measurable(layers.targets) if to == "target" else _none(layers.targets),
        impacts=_measurable(layers.impacts) if to == "impact" else _none(layers.impacts),
        places=light(layers.places),
    )
    parts = together(measurable, Rank((), _launches_first))
    # The same two places are measured once, in however many parts they are named.
    tasks = [delayed(_numbers)(part, to) for part in parts]
    numbers = folded(tasks, _united, "looking for pairs")
    if len(numbers) > _MOST_PAIRS:
        tables = [delayed(distances_of)(part, to=to) for part in parts]
    else:
        places = delayed(measurable.places)
        chunks = [numbers[i : i + _AT_ONCE] for i in range(0, max(len(numbers), 1), _AT_ONCE)]
        measures = [delayed(measured)(places, chunk) for chunk in chunks]
        figures = delayed(_joined)(chunks, measures)
        tables = [delayed(_distances)(part, figures, to) for part in parts]
    with dask.config.set(AS_THEY_ARE):
        table: dd.DataFrame = dd.from_delayed(tables, meta=meta, verify_meta=False)
    return table


def nearest(
    layers: DistributedLayers,
    sites: pd.DataFrame,
    *,
    k: int = 1,
    max_distance_m: float | None = None,
    role: str = "target",
) -> dd.DataFrame:
    """Find the sites that are nearest to each row of a layer, as `geoinc.nearest`.

    Parameters
    ----------
    layers : DistributedLayers
        From `locate`, `read_layers` or `from_layers`.
    sites, k, max_distance_m, role
        As of `geoinc.nearest`.

    Returns
    -------
    dask.dataframe.DataFrame
        The rows and columns of `geoinc.nearest`, in its order; ``site`` is always of objects, as
        some partitions may have rows without one.

    Raises
    ------
    ValueError
        As `geoinc.nearest`.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"longitude": [44.4, 44.9], "latitude": [33.0, 33.0]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=500)
    >>> parts = gi.distributed.from_layers(layers, npartitions=2)
    >>> sites = pd.DataFrame({"longitude": [44.0, 45.0], "latitude": [33.0, 33.0]}, index=["a", "b"])
    >>> gi.distributed.nearest(parts, sites).compute()["site"].to_list()
    ['a', 'b']
    """
    rows = layers.layer(role)[["place_id"]]
    places = light(layers.places)
    # Each place is measured once, in however many partitions it is named.
    found = delayed(_near)(
        [
            delayed(near_sites)(
                places.iloc[i : i + _AT_ONCE], sites, k=k, max_distance_m=max_distance_m
            )
            for i in range(0, max(len(places), 1), _AT_ONCE)
        ]
    )
    index = delayed(layers.places[[]])
    tables = [delayed(_nearest)(part, index, sites.index, found) for part in rows.to_delayed()]
    some = near_sites(layers.places.iloc[:0], sites, k=k, max_distance_m=max_distance_m)
    meta = listed(rows_of(rows._meta, layers.places), sites.index, some)  # noqa: SLF001  # its columns
    with dask.config.set(AS_THEY_ARE):
        table: dd.DataFrame = dd.from_delayed(
            tables, meta=meta.astype({"site": object}), verify_meta=False
        )
    return table


def _measurable(layer: dd.DataFrame) -> dd.DataFrame:
    """Return the rows that may be measured."""
    layer = layer[list(_COLUMNS)]
    rows: dd.DataFrame = layer[(layer["standing"] == "counted") & (layer["place_id"] != "")]
    return rows


def _none(layer: dd.DataFrame) -> dd.DataFrame:
    rows = layer._meta[list(_COLUMNS)]  # noqa: SLF001  # its columns
    with dask.config.set(AS_THEY_ARE):
        empty: dd.DataFrame = dd.from_pandas(rows, npartitions=1)
    return empty


def _launches_first(rows: pd.DataFrame, role: str) -> Ints:
    return np.full(len(rows), int(role != "launch"))


def _numbers(part: Layers, to: To) -> Ints:
    """Return the pairs of places that a part names."""
    pairs = pairs_of(part.launches, part.layer(to), part.places.index)
    return np.unique(pairs.numbers(len(part.places)))


def _united(*numbers: Ints) -> Ints:
    return np.unique(np.concatenate(numbers))


def _joined(numbers: list[Ints], measures: list[dict[str, Floats]]) -> pd.DataFrame:
    tables = [
        pd.DataFrame(figures, index=of) for of, figures in zip(numbers, measures, strict=True)
    ]
    return pd.concat(tables)


def _distances(part: Layers, figures: pd.DataFrame, to: To) -> pd.DataFrame:
    pairs = pairs_of(part.launches, part.layer(to), part.places.index)
    at = figures.index.get_indexer(pd.Index(pairs.numbers(len(part.places))))
    known = {str(name): figures[name].to_numpy()[at] for name in figures}
    return listed_pairs(part, pairs, known, to=to)


def _near(parts: list[NearSites]) -> NearSites:
    return NearSites(
        np.concatenate([part.site for part in parts]),
        np.concatenate([part.away_m for part in parts]),
        np.concatenate([part.chance for part in parts]),
    )


def _nearest(
    part: pd.DataFrame, places: pd.DataFrame, sites: pd.Index, found: NearSites
) -> pd.DataFrame:
    rows = rows_of(part, places)
    return listed(rows, sites, found.of(rows.named)).astype({"site": object})
