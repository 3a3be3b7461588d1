"""Incidents as points in space and time, each partition its own, for statistics that add up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from dask.base import compute, persist
from dask.delayed import delayed

from geoinc.distributed.running import computed, results_kept
from geoinc.distributed.together import Rank, light, together
from geoinc.schema import Layers
from geoinc.stats.events import (
    Events,
    counted_rows,
    events_of,
    outside_window,
    placed_rows,
    without_place,
)
from geoinc.stats.spacetime.knox_grid import dated, without_day
from geoinc.stats.windows import window_of
from geoinc.uncertainty import Areas
from geoinc.uncertainty.draws import keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from dask.delayed import Delayed
    from numpy.typing import NDArray

    from geoinc.distributed.layers import DistributedLayers
    from geoinc.stats.windows import Window

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_COLUMNS = (
    *("incident", "account", "standing", "date_start", "date_end", "weight"),
    *("place_id", "longitude", "latitude", "uncertainty_m"),
)
#: Whether a row has a say in where its incident is.
_RANKED = ("standing", "weight", "place_id")
#: What of events is gathered: arrays with a figure for each.
_FIGURES = (
    *("longitude", "latitude", "weight", "first_day", "last_day", "precise"),
    "uncertainty_m",
)


class Scale(NamedTuple):
    """What is known well enough: of a place in metres, of a day in days; None needs no day."""

    precise_m: float
    precise_days: float | None


class Footprints(NamedTuple):
    """The places that events are at, on every worker once."""

    areas: Areas
    shapes: NDArray[np.object_]
    keys: NDArray[np.uint64]


class _Left(NamedTuple):
    """How many of a part are left out."""

    missing: int
    outside: int
    placed: int
    undated: int
    inside: int


@dataclass(frozen=True, eq=False, kw_only=True)
class EventsInParts:
    """The events of layers, each part in the memory of a worker.

    Parameters
    ----------
    parts : tuple of dask.delayed.Delayed
        `Events` without footprints, in the order of one machine.
    footprints : dask.delayed.Delayed
        `Footprints`.
    notes : tuple of str
        What was left out, and why.
    """

    parts: tuple[Delayed, ...]
    footprints: Delayed
    notes: tuple[str, ...]


def places_of_events(layers: DistributedLayers, role: str) -> gpd.GeoDataFrame:
    """Return the places that events may be at.

    Parameters
    ----------
    layers : DistributedLayers
        Whose.
    role : {"launch", "target", "impact"}
        Which layer.
    """
    rows = layers.layer(role)[["weight", "standing", "place_id"]]
    named = compute(*(delayed(_named)(part) for part in rows.to_delayed()))
    used = pd.Index(np.unique(np.concatenate(named).astype(object)), dtype=object)
    return layers.places[layers.places.index.isin(used)]


def window_of_parts(layers: DistributedLayers, window: Any, role: str) -> Window:
    """Return the window of a statistic, as `geoinc.stats.window_of`.

    Parameters
    ----------
    layers : DistributedLayers
        Whose provinces are the window where none is given.
    window, role
        As of `geoinc.stats.window_of`.
    """
    if window is not None:
        return window_of(None, window)
    places = places_of_events(layers, role)
    # A row for each place that has one tells as much as all.
    rows = layers.layer(role)._meta.reindex(range(len(places)))  # noqa: SLF001  # its columns
    rows = rows.assign(place_id=places.index.to_numpy(dtype=object), weight=1.0)
    return window_of(Layers(rows, rows, rows, places), role=role)


def events_in_parts(
    layers: DistributedLayers, *, role: str, window: Window | None, scale: Scale
) -> EventsInParts:
    """Return what a statistic counts, as `geoinc.stats.events_of`.

    Parameters
    ----------
    layers : DistributedLayers
        Whose incidents.
    role : {"launch", "target", "impact"}
        Which places.
    window : Window, optional
        Events outside are left out.
    scale : Scale
        What is precise; where it has days, events without one are left out.
    """
    places = light(places_of_events(layers, role))

    def rank(rows: pd.DataFrame, of: str) -> Ints:
        """Rank rows: an incident comes where the first row lies that it is placed by."""
        if of != role:
            return np.full(len(rows), 2)
        placed = rows.index.isin(placed_rows(counted_rows(rows)).index)
        return np.where(placed, 0, 1)

    parts = together(layers, Rank(_RANKED, rank), columns=_COLUMNS, places=places)
    tasks = [delayed(_events, nout=2)(part, role, window, scale) for part in parts]
    events, counts = results_kept(tasks, 2)
    told = computed(counts, "reading events")
    left = _Left(*(int(sum(values)) for values in zip(*told, strict=True)))
    notes = without_place(left.missing) + outside_window(left.outside, left.placed)
    if scale.precise_days is not None:
        notes += without_day(left.undated, left.inside)
    (footprints,) = persist(delayed(_footprints)(places))
    return EventsInParts(parts=tuple(events), footprints=footprints, notes=notes)


def with_footprints(events: Events, footprints: Footprints) -> Events:
    """Return events of a part with the areas that they lie in.

    Parameters
    ----------
    events : Events
        Of a part.
    footprints : Footprints
        Of all parts.
    """
    if events.rows is None:
        return events
    order = np.argsort(footprints.keys)
    own = order[np.searchsorted(footprints.keys[order], events.rows.place_keys)]
    rows = replace(
        events.rows,
        areas=footprints.areas,
        shapes=footprints.shapes,
        moves=_spread(events.rows.moves, own, len(order)),
        place=own[events.rows.place],
        place_keys=footprints.keys,
    )
    return replace(events, rows=rows)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Gathered(Events):
    """Where and when events are, without the areas that they lie in: those stay in their parts."""

    parts: EventsInParts

    @property
    def open_places(self) -> bool:
        return bool((self.uncertainty_m > 0).any())

    def where(self, chosen: NDArray[np.bool_]) -> Events:
        figures = {name: getattr(self, name) for name in _FIGURES}
        return Events(**figures, key=self.key, notes=self.notes).where(chosen)

    def world(self, number: int, *, seed: int) -> Events:
        there = compute(
            *(
                delayed(_figures_of_world)(part, self.parts.footprints, number, seed)
                for part in self.parts.parts
            )
        )
        return Events(**_joined(there), key=self.key)


def _joined(parts: Sequence[list[Floats]]) -> dict[str, Any]:
    return dict(zip(_FIGURES, map(np.concatenate, zip(*parts, strict=True)), strict=True))


def gathered(parts: EventsInParts) -> Events:
    """Return where and when all events are; their worlds are drawn where they lie.

    Parameters
    ----------
    parts : EventsInParts
        All parts: of each event some sixty bytes come here.
    """
    figures = _joined(compute(*(delayed(_figures_of)(part) for part in parts.parts)))
    key = np.full(len(figures["weight"]), "", dtype=object)
    return _Gathered(**figures, key=key, notes=parts.notes, parts=parts)


def _figures_of(events: Events) -> list[Floats]:
    return [getattr(events, name) for name in _FIGURES]


def _figures_of_world(
    events: Events, footprints: Footprints, number: int, seed: int
) -> list[Floats]:
    return _figures_of(with_footprints(events, footprints).world(number, seed=seed))


def _spread(values: NDArray[np.bool_], at: Ints, n: int) -> NDArray[np.bool_]:
    whole = np.zeros(n, dtype=bool)
    whole[at] = values
    return whole


def _named(rows: pd.DataFrame) -> NDArray[np.object_]:
    return np.asarray(placed_rows(counted_rows(rows))["place_id"].unique(), dtype=object)


def _footprints(places: gpd.GeoDataFrame) -> Footprints:
    return Footprints(Areas(places), places.geometry.to_numpy(), keys_of(places.index))


def _events(layers: Layers, role: str, window: Window | None, scale: Scale) -> tuple[Events, _Left]:
    """Return the events of a part without their footprints, and how many are left out."""
    if window is not None:
        shapely.prepare(window.shape)  # which does not travel
    counted = counted_rows(layers.layer(role))
    every = events_of(layers, role=role, precise_m=scale.precise_m)
    inside = every if window is None else events_of(every, window=window)
    days = scale.precise_days
    known = inside if days is None else dated(inside, scale.precise_m, days)
    left = _Left(
        missing=counted["incident"].nunique() - len(every),
        outside=len(every) - len(inside),
        placed=len(every),
        undated=len(inside) - len(known),
        inside=len(inside),
    )
    rows = known.rows
    if rows is not None:
        nowhere = Areas(layers.places.iloc[:0])
        rows = replace(rows, areas=nowhere, shapes=np.empty(0, dtype=object))
    return replace(known, rows=rows, notes=()), left
