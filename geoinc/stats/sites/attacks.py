"""Which incident fell at which known site on which day, in every possible world."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.schema import Layers
from geoinc.stats.events import events_of
from geoinc.stats.worlds import worlds_of
from geoinc.uncertainty.draws import keys_of, seed_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.stats.events import Events
    from geoinc.stats.worlds import EventWorlds, Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: The year that rates are per, days.
YEAR_DAYS = 365.25


@dataclass(frozen=True, eq=False, kw_only=True)
class Attacks:
    """Incidents at sites, a row a world.

    Parameters
    ----------
    sites : pandas.DataFrame
        Index the names; ``place_id``, ``longitude`` and ``latitude``, those with
        the most incidents first.
    site, day : array of int, two columns or more
        Of every incident in every world the position in `sites`, -1 where it is at
        no known site, and the day from 0; -1 where it lies outside the period.
    first_day : numpy.datetime64
        Day 0.
    span : int
        How many days were watched.
    n_precise, n_imprecise : int
        How many incidents lie at a known site, and how many only somewhere.
    seed : int
        Of the worlds.
    warnings : tuple of str
        What was left out.
    """

    sites: pd.DataFrame
    site: Ints
    day: Ints
    first_day: np.datetime64
    span: int
    n_precise: int
    n_imprecise: int
    seed: int
    warnings: tuple[str, ...]

    @property
    def worlds(self) -> int:
        """How many worlds."""
        return len(self.site)

    def days_at(self, site: int | None) -> list[Ints]:
        """Return the days of the incidents at a site, or at all and none, one sorted array a world.

        Where all worlds agree, one.
        """
        days = [
            some[some >= 0] if site is None else some[slice(*np.searchsorted(at, [site, site + 1]))]
            for at, some in self._by_site
        ]
        if site is None:
            days = [np.sort(some) for some in days]
        if all(np.array_equal(days[0], other) for other in days[1:]):
            return days[:1]
        return days

    @cached_property
    def _by_site(self) -> list[tuple[Ints, Ints]]:
        """For each world sites and days, by site and then by day; outside the period at no site."""
        sorted_ = []
        for site, day in zip(np.where(self.day < 0, -1, self.site), self.day, strict=True):
            order = np.lexsort((day, site))
            sorted_.append((site[order], day[order]))
        return sorted_


def attacks_of(
    layers: Layers,
    *,
    role: str,
    start: Any,
    end: Any,
    precise_m: float,
    uncertainty: Uncertainty,
    samples: int,
    rng: Rng | None,
) -> Attacks:
    """Return the incidents at known sites; the parameters are those of `site_rates`."""
    if not isinstance(layers, Layers):
        msg = "sites are places with a name: give Layers (points: layers_from_coordinates)"
        raise TypeError(msg)
    events = events_of(layers, role=role, precise_m=precise_m)
    undated = ~np.isfinite(events.day)
    events = events.where(~undated)
    if not len(events):
        msg = f"no incident has both a {role} and a day: there is nothing to count in time"
        raise ValueError(msg)
    warnings = []
    if undated.any():
        warnings.append(f"{undated.sum()} incidents have no day and are left out")
    first, last = _period(events, start, end)
    if start is None or end is None:
        warnings.append(
            f"the period is that of the incidents themselves, {first} to {last}: give start= and "
            "end=, or rates are too high, the more so the fewer incidents there are"
        )
    worlds = worlds_of(events, uncertainty, samples=samples, rng=rng)
    place, day = _drawn(worlds)
    at_site, names = _sites(layers, role, worlds.events, precise_m)
    site = at_site[place]
    opens = first.astype("datetime64[D]").astype(int)
    span = int((last - first).astype(int)) + 1
    day = day - opens
    day[(day < 0) | (day >= span)] = -1
    outside = int((day < 0).all(axis=0).sum())
    if outside:
        warnings.append(f"{outside} incidents lie outside the period")
    inside = (day >= 0).any(axis=0)
    nowhere = inside & (site < 0).any(axis=0)
    if nowhere.any():
        warnings.append(
            f"{nowhere.sum()} of {inside.sum()} incidents are not known to lie at one site: what "
            "is counted at sites is a lower bound"
        )
    either = inside & ~nowhere & (site != site[0]).any(axis=0)
    if either.any():
        warnings.append(f"{either.sum()} incidents lie at one of several sites, by their weight")
    unsure = int((nowhere | either).sum())
    site, names = _most_first(site, day, names)
    return Attacks(
        sites=names,
        site=site,
        day=day,
        first_day=first,
        span=span,
        n_precise=int(inside.sum()) - unsure,
        n_imprecise=unsure,
        seed=worlds.seed,
        warnings=(*worlds.warnings, *warnings),
    )


def day_of(value: Any) -> np.datetime64:
    """Return a day of anything pandas reads as one."""
    moment = pd.Timestamp(value)
    if pd.isna(moment):
        msg = f"{value!r} is not a day"
        raise ValueError(msg)
    return np.datetime64(moment.date())


def _period(events: Events, start: Any, end: Any) -> tuple[np.datetime64, np.datetime64]:
    epoch = np.datetime64("1970-01-01")
    first = epoch + int(events.first_day.min()) if start is None else day_of(start)
    last = epoch + int(events.last_day.max()) if end is None else day_of(end)
    if last < first:
        msg = f"the period ends ({last}) before it starts ({first})"
        raise ValueError(msg)
    return first, last


def _drawn(worlds: EventWorlds) -> tuple[Ints, Ints]:
    """Return place and day of every incident, a row a world."""
    events = worlds.events
    rows = events.rows
    if rows is None or not len(events):
        msg = "no incident lies at a place that is known well enough"
        raise ValueError(msg)
    told_once = (rows.stop - rows.start == 1).all() and (events.first_day == events.last_day).all()
    if worlds.samples == 1 or told_once:
        best = [
            a + int(np.argmax(rows.weight[a:b])) for a, b in zip(rows.start, rows.stop, strict=True)
        ]
        return rows.place[best][None], np.floor(events.day).astype(int)[None]
    place, day = [], []
    bits = seed_of(worlds.seed)
    for number, world in enumerate(worlds, start=1):
        place.append(rows.place[rows.chosen(number, bits, events)])
        day.append(world.first_day.astype(int))
    return np.array(place), np.array(day)


def _sites(
    layers: Layers, role: str, events: Events, precise_m: float
) -> tuple[Ints, pd.DataFrame]:
    """Return of every place of the events its position among the sites, -1 where it is none."""
    if events.rows is None:
        msg = "no incident lies at a place"
        raise ValueError(msg)
    layer = layers.layer(role)
    hinted = layer.loc[(layer["place_match"] == "hint").to_numpy(), "place_id"]
    ids = layers.places.index
    at = pd.Index(keys_of(ids)).get_indexer(pd.Index(events.rows.place_keys))
    places = layers.places.iloc[at]
    named = layer.drop_duplicates("place_id").set_index("place_id")["place_name"]
    known = (places["uncertainty_m"] <= precise_m) & ~places.index.isin(hinted)
    position = np.where(known, np.cumsum(known) - 1, -1)
    sites = pd.DataFrame(places.loc[known, ["longitude", "latitude"]])
    names = named.reindex(sites.index).fillna("").astype(str)
    # Two places of one name keep their identifiers apart.
    twice = names.duplicated(keep=False) | (names == "")
    names = names.where(~twice, names + " (" + sites.index.astype(str) + ")")
    sites.insert(0, "place_id", sites.index)
    return position, sites.set_axis(pd.Index(names, name="site"), axis=0)


def _most_first(site: Ints, day: Ints, names: pd.DataFrame) -> tuple[Ints, pd.DataFrame]:
    here = (site >= 0) & (day >= 0)
    total = np.bincount(site[here], minlength=len(names))
    order = np.argsort(-total, kind="stable")
    order = order[total[order] > 0]
    rank = np.full(len(names) + 1, -1)
    rank[order] = np.arange(len(order))
    return rank[site], names.iloc[order]
