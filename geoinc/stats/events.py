"""Events: what statistics count, one for each incident, and the worlds that are possible."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.counting.accounts import days_and_standing
from geoinc.geodesy import enclosing_circle, inverse
from geoinc.schema import Layers
from geoinc.stats.windows import window_of
from geoinc.uncertainty import Areas
from geoinc.uncertainty.draws import keys_of, uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.intp]

#: A place known no better than this, in metres, is imprecise: the map draws it without a mark.
PRECISE_M = 25_000.0
#: A warning is due where more events than this, as a share, lie at coordinates of others.
_MANY_SHARED = 0.1
#: The streams of chance an event takes: which of its rows, which of its days.
_STREAMS = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Events:
    """Incidents as points in space and time, and how well each is known.

    Parameters
    ----------
    longitude, latitude : array of float
        The centres, degrees.
    weight : array of float
        What each counts: 1 for an incident.
    first_day, last_day : array of float
        First and last possible day, in days since 1970-01-01; NaN where open or not told.
    precise : array of bool
        Whether the place is known well enough for the statistic.
    uncertainty_m : array of float
        Radius around the centre that holds the place, metres.
    key : array of str
        The incident, or the label of the row of a table of points.
    notes : tuple of str
        What was left out, and why.
    rows : Rows, optional
        The areas that the events lie in; None where they are points.
    """

    longitude: Floats
    latitude: Floats
    weight: Floats
    first_day: Floats
    last_day: Floats
    precise: Bools
    uncertainty_m: Floats
    key: NDArray[np.object_]
    notes: tuple[str, ...] = ()
    rows: Rows | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.longitude)

    @property
    def n_precise(self) -> int:
        """How many are known well enough."""
        return int(self.precise.sum())

    @property
    def n_imprecise(self) -> int:
        """How many are not."""
        return len(self) - self.n_precise

    @property
    def open_places(self) -> bool:
        """Whether any of them may lie elsewhere in its area."""
        return self.rows is not None and bool((self.uncertainty_m > 0).any())

    @property
    def day(self) -> Floats:
        """The middle of the days that are possible; NaN where one end is open."""
        return (self.first_day + self.last_day) / 2

    def where(self, chosen: Bools) -> Events:
        """Return the events that are chosen."""
        at = np.flatnonzero(chosen)
        arrays = {
            name: getattr(self, name)[at]
            for name in (
                "longitude",
                "latitude",
                "weight",
                "first_day",
                "last_day",
                "precise",
                "uncertainty_m",
                "key",
            )
        }
        return replace(self, **arrays, rows=None if self.rows is None else self.rows.of(at))

    def world(self, number: int, *, seed: int) -> Events:
        """Return a possible world: every event at one place in its area, on one of its days.

        Parameters
        ----------
        number : int
            Of the world; the same number and seed give the same world.
        seed : int
            From `geoinc.uncertainty.draws.seed_of`.

        Returns
        -------
        Events
            ``precise`` stays as it was; a day with an open end stays NaN.
        """
        longitude, latitude = self.longitude, self.latitude
        if self.rows is not None:
            longitude, latitude = self.rows.positions(number, seed, self)
        chance = uniform(seed, keys_of(pd.Index(self.key)), number, _STREAMS)[:, 1]
        days = np.floor(self.first_day + chance * (self.last_day - self.first_day + 1))
        return replace(
            self,
            longitude=longitude,
            latitude=latitude,
            first_day=days,
            last_day=days,
            uncertainty_m=np.zeros(len(self)),
            rows=None,
        )


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that events consist of, each in its area.

    Parameters
    ----------
    areas : Areas
        Of the places that rows name.
    place : array of int
        Whose area a row lies in.
    shapes : array of shapely geometries
        The footprints, one a place.
    moves : array of bool
        Whether the area of a place is drawn around it, rather than one of a set of areas that
        cover the land without overlap.
    row_keys, place_keys : array of uint64
        What draws depend on, so that they are those of `geoinc.sample`.
    start, stop : array of int
        The rows of an event, one after the other.
    weight : array of float
        Of the rows.
    """

    areas: Areas
    place: Ints
    shapes: NDArray[np.object_]
    moves: Bools
    row_keys: NDArray[np.uint64]
    place_keys: NDArray[np.uint64]
    start: Ints
    stop: Ints
    weight: Floats

    def of(self, at: Ints) -> Rows:
        """Return the rows of some of the events."""
        return replace(self, start=self.start[at], stop=self.stop[at])

    def chosen(self, number: int, seed: int, events: Events) -> Ints:
        """Return which row stands for each event in a world, as likely as its weight."""
        at = self.start.copy()
        several = np.flatnonzero(self.stop - self.start > 1)
        if len(several):
            keys = keys_of(pd.Index(events.key[several]))
            chance = uniform(seed, keys, number, _STREAMS)[:, 0]
            for i, share in zip(several, chance, strict=True):
                weight = np.cumsum(self.weight[self.start[i] : self.stop[i]])
                at[i] += np.searchsorted(weight, share * weight[-1], side="right")
        return at

    def positions(self, number: int, seed: int, events: Events) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes of the events in a world."""
        at = self.chosen(number, seed, events)
        place = self.place[at]
        return self.areas.positions(
            place,
            uniform(seed, self.row_keys[at], number, 2),
            uniform(seed, self.place_keys[place], number, 2),
        )


def events_of(
    source: Any,
    *,
    role: str = "target",
    window: Any = None,
    precise_m: float = PRECISE_M,
) -> Events:
    """Return what a statistic counts: one event for each incident that has a place.

    Parameters
    ----------
    source : Layers, GeoDataFrame or (longitude, latitude)
        Layers; or a table of points with a CRS, or of polygons where only the area is known,
        with, as far as they are known, the columns ``weight``, ``uncertainty_m`` (metres),
        ``date`` or ``date_start`` and ``date_end``; or two arrays of degrees.  Events pass.
    role : {"launch", "target", "impact"}
        Which places of layers.
    window : Window, polygon or GeoDataFrame, optional
        Events whose centre lies outside are left out, and counted in ``notes``.
    precise_m : float
        Events known no better than this radius, in metres, are imprecise.

    Returns
    -------
    Events
        Only incidents that count (``standing``); an incident told at several
        places that cannot all be right is one event, imprecise, at either of them.

    Raises
    ------
    ValueError
        Where points are not in degrees or have no CRS.

    Examples
    --------
    >>> from geoinc.stats import events_of
    >>> events = events_of(([44.4, 43.1], [33.3, 36.3]))
    >>> len(events), events.n_precise
    (2, 2)
    """
    if isinstance(source, Events):
        events = source
    elif isinstance(source, Layers):
        events = _of_layers(source, role, precise_m)
    elif isinstance(source, gpd.GeoDataFrame):
        events = _of_table(source, precise_m)
    else:
        longitude, latitude = (np.asarray(values, dtype=float) for values in source)
        events = _of_points(longitude, latitude)
    if window is None:
        return events
    inside = window_of(None, window).contains(events.longitude, events.latitude)
    if inside.all():
        return events
    left = outside_window(int((~inside).sum()), len(events))
    return replace(events.where(inside), notes=(*events.notes, *left))


def without_place(count: int) -> tuple[str, ...]:
    """Return what is said of incidents that have no place; nothing of none."""
    return (f"{count} incidents have no place and are left out",) if count else ()


def outside_window(count: int, among: int) -> tuple[str, ...]:
    """Return what is said of events outside the window; nothing of none."""
    if not count:
        return ()
    return (f"{count} of {among} events lie outside the window and are left out",)


def perhaps_one(incident: NDArray[np.object_], group: pd.Series) -> tuple[str, ...]:
    """Return what is said of incidents that linking holds may be the same attack; nothing of none.

    Parameters
    ----------
    incident : array of str
        Of each row.
    group : pandas.Series
        ``possible_incident`` of each row.
    """
    told = pd.DataFrame({"incident": incident, "group": group.fillna("").astype(str).to_numpy()})
    told = told[told["group"] != ""].drop_duplicates("incident")
    several = int(told["group"].duplicated(keep=False).sum())
    if not several:
        return ()
    return (f"{several} incidents may be the same attack as another, and each counts as one",)


def unweighted(events: Events) -> Events:
    """Return events for a statistic that counts each as one, with a note where they weigh otherwise."""
    other = int((~np.isclose(events.weight, 1)).sum())
    if not other:
        return events
    note = f"{other} of {len(events)} events have a weight other than 1; here each counts as one"
    return replace(events, notes=(*events.notes, note))


def shared_coordinates(events: Events) -> str | None:
    """Return why tests of point patterns say nothing here, where many events share coordinates.

    Parameters
    ----------
    events : Events
        From `events_of`.

    Returns
    -------
    str or None
        None where at most one event in ten lies exactly where another lies.
    """
    count = _at_one_place(events)
    shared = int(count[count > 1].sum())
    if shared <= _MANY_SHARED * len(events):
        return None
    return (
        f"{shared} of {len(events)} events lie at the coordinates of another ({len(count)} "
        "different places): a null that scatters points over the window is rejected by that "
        "alone, and says nothing about the attacks. Ask per site instead (stats.site_rates), or "
        "give events that are known to an area as that area"
    )


def shared_share(events: Events) -> float:
    """Return which share of the events lies exactly where another lies."""
    count = _at_one_place(events)
    return float(count[count > 1].sum() / max(len(events), 1))


def _at_one_place(events: Events) -> Ints:
    spots = np.column_stack([events.longitude, events.latitude])
    return np.unique(spots, axis=0, return_counts=True)[1]


def counted_rows(layer: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a layer that are of events, whether they have a place or not."""
    rows: pd.DataFrame = layer[(layer["weight"] > 0) & (layer["standing"] == "counted")]
    return rows


def placed_rows(layer: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a layer that have a place."""
    rows: pd.DataFrame = layer[layer["place_id"].fillna("") != ""]
    return rows


def _of_layers(layers: Layers, role: str, precise_m: float) -> Events:
    counted = counted_rows(layers.layer(role))
    placed = placed_rows(counted)
    missing = counted["incident"].nunique() - placed["incident"].nunique()
    codes, names = pd.factorize(placed["incident"])
    order = np.argsort(codes, kind="stable")
    placed, codes = placed.iloc[order], codes[order]
    start = np.searchsorted(codes, np.arange(len(names)))
    stop = np.searchsorted(codes, np.arange(len(names)), side="right")
    weight = placed["weight"].to_numpy(dtype=float)
    best = np.array(
        [a + int(np.argmax(weight[a:b])) for a, b in zip(start, stop, strict=True)], dtype=int
    )
    longitude = placed["longitude"].to_numpy(dtype=float)
    latitude = placed["latitude"].to_numpy(dtype=float)
    radius = placed["uncertainty_m"].to_numpy(dtype=float)
    # An incident at several places is somewhere in the circle around the best that holds all.
    away = np.array(inverse(longitude[best][codes], latitude[best][codes], longitude, latitude)[0])
    reach = np.maximum.reduceat(away + radius, start) if len(start) else radius
    used = layers.places.index.get_indexer(pd.Index(placed["place_id"]))
    distinct, place = np.unique(used, return_inverse=True)
    places = layers.places.iloc[distinct]
    labels = pd.Index(f"{role} " + placed.index.astype(str).astype(object))
    rows = _rows(places, place, labels, start=start, stop=stop, weight=weight)
    first, last = _days_of_incidents(layers, role, names)
    linked: tuple[str, ...] = ()
    if "possible_incident" in placed:
        linked = perhaps_one(placed["incident"].to_numpy(), placed["possible_incident"])
    return Events(
        longitude=longitude[best],
        latitude=latitude[best],
        weight=np.add.reduceat(weight, start) if len(start) else weight,
        first_day=first,
        last_day=last,
        precise=reach <= precise_m,
        uncertainty_m=reach,
        key=np.asarray(names, dtype=object),
        notes=(*without_place(missing), *linked),
        rows=rows,
    )


def _days_of_incidents(layers: Layers, role: str, names: pd.Index) -> tuple[Floats, Floats]:
    accounts = layers.layer(role).drop_duplicates("account").set_index("incident")
    # What several accounts agree on is a longer question.
    dates = (accounts if accounts.index.is_unique else days_and_standing(layers)).loc[names]
    return _days(dates["date_start"]), _days(dates["date_end"])


def _of_table(table: gpd.GeoDataFrame, precise_m: float) -> Events:
    if table.crs is None:
        msg = "the points have no CRS: set it, e.g. points.set_crs(4326)"
        raise ValueError(msg)
    shapes = np.asarray(table.to_crs(4326).geometry.array)
    placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    missing = int((~placed).sum())
    notes = (f"{missing} rows have no place and are left out",) if missing else ()
    known = pd.DataFrame(table[placed].drop(columns=table.geometry.name))
    shapes = shapes[placed]
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    longitude, latitude = shapely.get_x(shapes), shapely.get_y(shapes)
    radius = np.zeros(len(known))
    if "uncertainty_m" in known:
        radius = known["uncertainty_m"].fillna(0).to_numpy(dtype=float)
    keys = pd.Index(known.index.astype(str).astype(object))
    rows = None
    if not is_point.all() or (radius > 0).any():
        distinct: dict[Any, int] = {}
        described = [
            (lon, lat, r) if point else shapely.to_wkb(shape)
            for lon, lat, r, point, shape in zip(
                longitude, latitude, radius, is_point, shapes, strict=True
            )
        ]
        place = np.array([distinct.setdefault(one, len(distinct)) for one in described], dtype=int)
        first = np.unique(place, return_index=True)[1]
        places = _places(longitude[first], latitude[first], radius[first], shapes[first])
        longitude, latitude = (places[name].to_numpy()[place] for name in ("longitude", "latitude"))
        radius = places["uncertainty_m"].to_numpy()[place]
        at = np.arange(len(known))
        rows = _rows(places, place, keys, start=at, stop=at + 1, weight=np.ones(len(known)))
    events = _of_points(longitude, latitude)
    begins, ends = _dates(known)
    return replace(
        events,
        weight=known["weight"].to_numpy(dtype=float) if "weight" in known else events.weight,
        first_day=begins,
        last_day=ends,
        precise=radius <= precise_m,
        uncertainty_m=radius,
        key=keys.to_numpy(dtype=object),
        notes=notes,
        rows=rows,
    )


def _places(
    longitude: Floats, latitude: Floats, radius: Floats, shapes: NDArray[np.object_]
) -> pd.DataFrame:
    """Return a table of places of discs and polygons, as `Layers.places` has them."""
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    circles = np.column_stack([longitude, latitude, radius])
    for i in np.flatnonzero(~is_point):
        circles[i] = enclosing_circle(shapes[i])
    figures = pd.DataFrame(
        {
            "longitude": circles[:, 0],
            "latitude": circles[:, 1],
            "uncertainty_m": circles[:, 2],
            "position_error_m": 0.0,
            "shape": np.where(is_point, "disc", "polygon"),
            "kind": "",
        }
    )
    return gpd.GeoDataFrame(figures, geometry=shapes, crs=4326)


def _rows(
    places: pd.DataFrame,
    place: Ints,
    labels: pd.Index,
    *,
    start: Ints,
    stop: Ints,
    weight: Floats,
) -> Rows:
    shape = places["shape"].fillna("").astype(str)
    return Rows(
        areas=Areas(places),
        place=place.ravel(),
        shapes=np.asarray(places["geometry"].array),
        moves=((shape != "polygon") | (places["kind"] == "relation")).to_numpy(),
        row_keys=keys_of(labels),
        place_keys=keys_of(places.index),
        start=start,
        stop=stop,
        weight=weight,
    )


def _of_points(longitude: Floats, latitude: Floats) -> Events:
    known = np.isfinite(longitude) & np.isfinite(latitude)
    if not known.all():
        msg = f"{(~known).sum()} points have no coordinates: leave them out first"
        raise ValueError(msg)
    if ((np.abs(longitude) > 360) | (np.abs(latitude) > 90)).any():
        msg = (
            "the points are not in degrees: give longitudes and latitudes, or a GeoDataFrame with "
            "its CRS; planar distance on degrees is never computed"
        )
        raise ValueError(msg)
    n = len(longitude)
    open_ended = np.full(n, np.nan)
    return Events(
        longitude=longitude,
        latitude=latitude,
        weight=np.ones(n),
        first_day=open_ended,
        last_day=open_ended,
        precise=np.ones(n, dtype=bool),
        uncertainty_m=np.zeros(n),
        key=np.arange(n).astype(str).astype(object),
    )


def _dates(table: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return first and last day of a table of points; NaN where it tells none."""
    begin = next((name for name in ("date_start", "date") if name in table), None)
    end = next((name for name in ("date_end", "date") if name in table), None)
    return (
        _days(table[begin]) if begin else np.full(len(table), np.nan),
        _days(table[end]) if end else np.full(len(table), np.nan),
    )


def _days(column: pd.Series) -> Floats:
    """Return days since 1970-01-01, NaN where missing."""
    try:
        days = pd.to_datetime(column).to_numpy(dtype="datetime64[D]")
    except ValueError as error:
        msg = f"{column.name!r} does not hold days such as 2021-03-05 throughout: {error}"
        raise ValueError(msg) from error
    return np.where(np.isnat(days), np.nan, days.astype(float))
