"""Every place of reports in partitions found: a question that any of them asks is answered once."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask.base import persist
from dask.delayed import delayed

from geoinc.decisions import as_decisions
from geoinc.distributed.crossing import Own, crossing_of, numbers_of
from geoinc.distributed.layers import AS_THEY_ARE, DistributedLayers
from geoinc.distributed.reading import read_reports
from geoinc.distributed.running import computed, folded, one_by_one, results_kept
from geoinc.gazetteer import Gazetteer
from geoinc.layers.answering import Answers, answers_to, places_found
from geoinc.layers.asking import Asked, asked_by
from geoinc.layers.coordinates import placed, serving, with_words
from geoinc.layers.rows import answer_rows, rows_with
from geoinc.layers.weighing import weighted
from geoinc.schema import DERIVED_COLUMNS, ROLES, Layers
from geoinc.sources import load_gazetteer
from geoinc.uncertainty.draws import keys_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import geopandas as gpd
    from dask.delayed import Delayed
    from numpy.typing import NDArray

    from geoinc.decisions import Decision
    from geoinc.distributed.crossing import Crossing
    from geoinc.errors import Problem
    from geoinc.georeferencing import Resolution
    from geoinc.layers.asking import Question
    from geoinc.layers.context import About
    from geoinc.places import Place

#: So many questions are answered in one task: some seconds.
_QUESTIONS_AT_ONCE = 500
#: So many incidents that lie in several partitions are weighed in one task.
_CROSSING_AT_ONCE = 100_000
#: What their weights depend on.
_WEIGHED_BY = ("incident", "account", "standing", "place_status", "place_id", "place_reason")
_WEIGHED = ["weight", "place_reason"]


def locate(
    reports: dd.DataFrame,
    gazetteer: Gazetteer | str | os.PathLike[str],
    *,
    context: bool = True,
    decisions: str | os.PathLike[str] | Iterable[str | os.PathLike[str] | Decision] | None = None,
) -> DistributedLayers:
    """Place every launch, target and impact that reports in partitions tell of.

    Each worker opens the gazetteer itself, once; distinct texts are looked up once for the whole
    data, and what it is about is seen from all of it.  This reads the reports once, or twice where
    accounts of one incident lie in several partitions; the layers read them once more.

    Parameters
    ----------
    reports : dask.dataframe.DataFrame
        From `read_reports`; a plain table is read by it first.
    gazetteer : Gazetteer or path
        One of files (`geoinc.load_gazetteer`), at the same place for every worker.
    context, decisions
        As of `geoinc.locate`; a decision that cannot be used is told in a warning.

    Returns
    -------
    DistributedLayers
        The rows, places and weights of `geoinc.locate`, in its order.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"target": ["Balad air base", "Mosul"], "launch": ["the base", ""]})
    >>> reports = dd.from_pandas(gi.read_reports(table), npartitions=2)
    >>> layers = gi.distributed.locate(reports, gi.load_gazetteer())
    >>> layers.compute().targets["place_name"].to_list()
    ['Balad Air Base', 'Mosul']
    """
    if not isinstance(gazetteer, Gazetteer):
        gazetteer = load_gazetteer(Path(gazetteer))
    decided = as_decisions(decisions, errors="coerce")
    if not set(DERIVED_COLUMNS) <= set(reports.columns):
        reports = read_reports(reports)
    parts = reports.to_delayed()
    tasks = [delayed(_told, pure=True, nout=3)(part, decided) for part in parts]
    faults, questions, incidents = results_kept(tasks, 3)
    _tell_faults(computed(faults, "reading partitions"))
    asked, numbers = _asked_together(one_by_one(questions, "reading questions"))
    answers = _OnWorkers(gazetteer, decided)
    found = answers_to(asked, answers, context=context)
    answers.tell_faults("coerce")
    rows = {role: answer_rows(found[role]) for role in ROLES}
    known = delayed(rows, pure=True)  # once for all partitions
    blocks = [
        delayed(_by_name, pure=True)(part, decided, known, own)
        for part, own in zip(parts, numbers, strict=True)
    ]
    none = {role: np.array([], dtype=np.int32) for role in ROLES}
    example = _by_name(reports._meta, decided, rows, none)  # noqa: SLF001  # what dask shows of a table
    return _with_weights(blocks, incidents, places_found(found), example)


def layers_from_coordinates(
    reports: dd.DataFrame,
    *,
    longitude: str = "longitude",
    latitude: str = "latitude",
    uncertainty_m: float | str | None = None,
    role: Literal["launch", "target", "impact"] = "target",
    areas: Gazetteer | str | os.PathLike[str] | None = None,
) -> DistributedLayers:
    """Make layers of reports in partitions that have coordinates already.

    This reads the reports once, or twice where accounts of one incident lie in several partitions;
    the layers read them once more.

    Parameters
    ----------
    reports : dask.dataframe.DataFrame
        From `read_reports`; a plain table, or one of dask-geopandas, is read by it first.
    longitude, latitude, uncertainty_m, role
        As of `geoinc.layers_from_coordinates`.
    areas : Gazetteer or path, optional
        One of files, at the same place for every worker.

    Returns
    -------
    DistributedLayers
        The rows, places and weights of `geoinc.layers_from_coordinates`, in its order.  Every
        different spot is a place, in memory: about a kilobyte.

    Raises
    ------
    SchemaError
        Where a named column is missing.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"longitude": [44.36, 43.1], "latitude": [33.94, 36.3]})
    >>> reports = dd.from_pandas(gi.read_reports(table), npartitions=2)
    >>> layers = gi.distributed.layers_from_coordinates(reports, uncertainty_m=1000)
    >>> len(layers.places)
    2
    """
    if areas is not None and not isinstance(areas, Gazetteer):
        areas = load_gazetteer(Path(areas))
    options = (longitude, latitude, uncertainty_m), role, areas
    if not set(DERIVED_COLUMNS) <= set(reports.columns):
        reports = read_reports(reports, columns=serving(reports.columns, longitude, latitude))
        with dask.config.set(AS_THEY_ARE):
            reports = reports.map_partitions(with_words, longitude, latitude, role)
    parts = reports.to_delayed()
    tasks = [delayed(_told_by_coordinates, pure=True, nout=3)(part, *options) for part in parts]
    faults, named, incidents = results_kept(tasks, 3)
    _tell_faults(computed(faults, "reading partitions"))
    blocks = [delayed(_by_coordinates, pure=True)(part, *options) for part in parts]
    example = _by_coordinates(reports._meta, *options)  # noqa: SLF001  # what dask shows of a table
    places = _places_together(folded(named, _places_together, "putting places together"))
    # Spots before outlines, as on one machine.
    order = np.argsort((places["kind"] != "coordinates").to_numpy(), kind="stable")
    return _with_weights(blocks, incidents, places.iloc[order], example)


class _Faults(NamedTuple):
    """How many cells of a partition were not understood, and the first of them."""

    number: int
    first: Problem | None

    @classmethod
    def of(cls, part: pd.DataFrame) -> _Faults:
        found = list(part.attrs.get("problems", ()))
        return cls(len(found), found[0] if found else None)


def _told(
    part: pd.DataFrame, decisions: Sequence[Decision]
) -> tuple[_Faults, dict[str, Asked], Own]:
    """Return what a partition tells that others need to know."""
    _, asked = asked_by(part, decisions)
    # Which of its cells asks what, a partition finds out again.
    asked = {role: one._replace(codes=one.codes[:0]) for role, one in asked.items()}
    return _Faults.of(part), asked, Own.of(keys_of(part["incident"]))


def _told_by_coordinates(
    part: pd.DataFrame, *options: Any
) -> tuple[_Faults, gpd.GeoDataFrame, Own]:
    return _Faults.of(part), placed(part, *options).places, Own.of(keys_of(part["incident"]))


def _tell_faults(told: Sequence[_Faults]) -> None:
    """Warn of cells that were not understood: nobody sees the partitions."""
    number = sum(one.number for one in told)
    if number:
        first = next(one.first for one in told if one.first is not None)
        msg = (
            f"{number} faults in the reports, which leave blank what they tell; the first: {first}"
        )
        warnings.warn(msg, stacklevel=3)


def _places_together(*parts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    places = pd.concat(parts)
    return places[~places.index.duplicated()].set_axis(places.index.unique().astype(object))


def _by_coordinates(part: pd.DataFrame, *options: Any) -> list[pd.DataFrame]:
    layers = placed(part, *options)
    return [_without_points(layers.layer(role)) for role in ROLES]


def _asked_together(
    parts: Iterable[Mapping[str, Asked]],
) -> tuple[dict[str, Asked], list[dict[str, NDArray[np.int32]]]]:
    """Return what all partitions ask, and the numbers in it of the questions of each."""
    known: dict[str, dict[tuple[Question, int], int]] = {role: {} for role in ROLES}
    numbers = []
    for asked in parts:
        own: dict[str, NDArray[np.int32]] = {}
        for role in ("target", "launch", "impact"):
            of_all = known[role]
            pointed = [-1 if at < 0 else int(own["target"][at]) for at in asked[role].pointed]
            pairs = zip(asked[role].questions, pointed, strict=True)
            own[role] = np.array(
                [of_all.setdefault(pair, len(of_all)) for pair in pairs], dtype=np.int32
            )
        numbers.append(own)
    together = {
        role: Asked([q for q, _ in pairs], [at for _, at in pairs], np.array([], dtype=int))
        for role, pairs in known.items()
    }
    return together, numbers


class _OnWorkers(Answers):
    """The answers to the questions of a table, looked up by many workers at once."""

    def looked_up(self, questions: Sequence[Question], role: str) -> list[Resolution]:
        """Return the answers to questions that were not asked before."""
        answers = []
        tasks = [
            delayed(_looked_up)(self._gazetteer, self._decisions, some, self._targets(some), role)
            for some in _chunks(questions)
        ]
        for found, faults in computed(tasks, f"placing {role}s"):
            answers += found
            self.faults |= faults
        return answers

    def chosen(self, questions: Sequence[Question], about: About) -> list[Resolution | None]:
        """Return the one of several places that lies where the table does, None of none or two."""
        tasks = [
            delayed(_chosen)(self._gazetteer, some, self._targets(some), about)
            for some in _chunks(questions)
        ]
        return [answer for found in computed(tasks, "choosing") for answer in found]

    def _targets(self, questions: Iterable[Question]) -> list[Place]:
        named = dict.fromkeys(question.target for question in questions)
        return [self._places[place_id] for place_id in named if place_id in self._places]


def _chunks(questions: Sequence[Question]) -> Iterator[Sequence[Question]]:
    for first in range(0, len(questions), _QUESTIONS_AT_ONCE):
        yield questions[first : first + _QUESTIONS_AT_ONCE]


def _looked_up(
    gazetteer: Gazetteer,
    decisions: Sequence[Decision],
    questions: Sequence[Question],
    targets: Sequence[Place],
    role: str,
) -> tuple[list[Resolution], dict[int, str]]:
    answers = Answers(gazetteer, decisions)
    answers.point_at(targets)
    return answers.looked_up(questions, role), answers.faults


def _chosen(
    gazetteer: Gazetteer, questions: Sequence[Question], targets: Sequence[Place], about: About
) -> list[Resolution | None]:
    answers = Answers(gazetteer, [])
    answers.point_at(targets)
    return answers.chosen(questions, about)


# ---------------------------------------------------------------- rows


def _by_name(
    part: pd.DataFrame,
    decisions: Sequence[Decision],
    answers: Mapping[str, pd.DataFrame],
    numbers: Mapping[str, NDArray[np.int32]],
) -> list[pd.DataFrame]:
    """Return the layers of a partition, of no weight yet.

    Parameters
    ----------
    part : pandas.DataFrame
        The reports.
    decisions : sequence of Decision
        What analysts have decided.
    answers : mapping of str to pandas.DataFrame
        Those of the whole table, by role.
    numbers : mapping of str to array
        Which of them the questions of this partition have.
    """
    cells, asked = asked_by(part, decisions)
    return [
        _without_points(
            rows_with(
                part,
                cells[role],
                answers[role].take(numbers[role][asked[role].codes]).reset_index(drop=True),
                np.full(len(cells[role]), None, dtype=object),
                role,
            )
        )
        for role in ROLES
    ]


def _without_points(layer: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(layer.drop(columns=layer.geometry.name))


# ---------------------------------------------------------------- weights


def _with_weights(
    blocks: Sequence[Delayed],
    incidents: Sequence[Delayed],
    places: gpd.GeoDataFrame,
    example: Sequence[pd.DataFrame],
) -> DistributedLayers:
    """Return layers in which every incident weighs one, whatever partitions its rows lie in.

    Parameters
    ----------
    blocks : sequence of Delayed
        For each partition its three layers.
    incidents : sequence of Delayed
        For each partition its incidents.
    places : geopandas.GeoDataFrame
        What the rows name.
    example : sequence of pandas.DataFrame
        The columns of the three layers.
    """
    known = delayed(places, pure=True)
    shared = _shared_weights(blocks, crossing_of(incidents), known)
    parts = [
        # One by one: dask loses those of a list that are computed already.
        delayed(_in_partition, pure=True, nout=len(ROLES))(block, known, *own)
        for block, own in zip(blocks, shared, strict=True)
    ]
    with dask.config.set(AS_THEY_ARE):
        layers = [
            dd.from_delayed(
                [part[at] for part in parts], meta=example[at], prefix=f"{role}s", verify_meta=False
            )
            for at, role in enumerate(ROLES)
        ]
    launches, targets, impacts = layers
    return DistributedLayers(launches, targets, impacts, places)


def _shared_weights(
    blocks: Sequence[Delayed], crossing: Sequence[Delayed], places: Delayed
) -> list[list[Delayed]]:
    """Return for each partition the weights of its rows of incidents that lie in others too."""
    numbers = numbers_of(crossing)
    some = [at for at, number in enumerate(numbers) if number]
    n = -(-sum(numbers) // _CROSSING_AT_ONCE)
    sent = [delayed(_crossing, pure=True, nout=n)(blocks[at], crossing[at], n) for at in some]
    back = [
        delayed(_weighed, pure=True, nout=len(some))(places, *(one[number] for one in sent))
        for number in range(n)
    ]
    # Before the layers are asked for: nothing waits in memory for the last partition.
    flat = persist(*(one[at] for at in range(len(some)) for one in back))
    shared: list[list[Delayed]] = [[] for _ in blocks]
    for at, block in enumerate(some):
        shared[block] = list(flat[at * n : (at + 1) * n])
    return shared


def _crossing(
    block: Sequence[pd.DataFrame], crossing: Crossing, n: int
) -> list[list[pd.DataFrame]]:
    """Return the rows whose incident is in other partitions too, by which of n tasks weighs it."""
    found = []
    for rows in block:
        keys = keys_of(rows["incident"])
        crosses, _ = crossing.found(keys)
        task = np.where(crosses, keys % np.uint64(n), n)
        found.append([rows.loc[task == number, [*_WEIGHED_BY]] for number in range(n)])
    return [list(of_task) for of_task in zip(*found, strict=True)]


def _weighed(places: gpd.GeoDataFrame, *pieces: Sequence[pd.DataFrame]) -> list[list[pd.DataFrame]]:
    """Return the weights of rows that came from several partitions, sorted out by these."""
    layers = weighted(_as_layers([pd.concat(rows) for rows in zip(*pieces, strict=True)], places))
    whole = [layers.layer(role)[_WEIGHED] for role in ROLES]
    ends = np.cumsum([[len(rows) for rows in piece] for piece in pieces], axis=0)
    starts = ends - [[len(rows) for rows in piece] for piece in pieces]
    return [
        [rows.iloc[a:b] for rows, a, b in zip(whole, start, end, strict=True)]
        for start, end in zip(starts, ends, strict=True)
    ]


def _in_partition(
    block: Sequence[pd.DataFrame],
    places: gpd.GeoDataFrame,
    *shared: Sequence[pd.DataFrame],
) -> list[pd.DataFrame]:
    """Return the layers of a partition with their weights."""
    layers = weighted(_as_layers(block, places))
    found = []
    for at, role in enumerate(ROLES):
        rows: pd.DataFrame = layers.layer(role)
        if shared and sum(len(one[at]) for one in shared):
            of_others = pd.concat([one[at] for one in shared])
            here = rows.index.get_indexer(of_others.index)
            for name in _WEIGHED:
                values = rows[name].to_numpy(copy=True)
                values[here] = of_others[name].to_numpy()
                rows[name] = pd.Series(values, index=rows.index, dtype=rows[name].dtype)
        found.append(rows)
    return found


def _as_layers(block: Sequence[pd.DataFrame], places: gpd.GeoDataFrame) -> Layers:
    launches, targets, impacts = block
    return Layers(launches, targets, impacts, places)  # type: ignore[arg-type]  # no point is asked for
