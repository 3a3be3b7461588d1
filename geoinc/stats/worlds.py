"""In which worlds a statistic is computed: all that are possible, one of precise events, or one of centres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from geoinc.uncertainty.draws import seed_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from geoinc.stats.events import Events
    from geoinc.uncertainty.draws import Rng

#: What becomes of events whose place is an area: every statistic takes one of these.
Uncertainty = Literal["propagate", "precise-only", "ignore"]


@dataclass(frozen=True, eq=False, kw_only=True)
class EventWorlds:
    """The worlds that a statistic is computed in.

    Parameters
    ----------
    events : Events
        At their centres; of ``precise-only`` the precise alone.
    samples : int
        How many worlds; 1 where there is nothing to sample.
    seed : int
        Given as ``rng`` it makes the same worlds again.
    warnings : tuple of str
        What was left out or ignored.
    """

    events: Events
    samples: int
    seed: int
    warnings: tuple[str, ...]

    def __iter__(self) -> Iterator[Events]:
        if self.samples == 1:
            yield self.events
            return
        bits = seed_of(self.seed)
        for number in range(1, self.samples + 1):
            yield self.events.world(number, seed=bits)

    def each(self, func: Callable[[Events], Any]) -> NDArray[np.float64]:
        """Return the values of a function, one row a world."""
        return np.array([func(events) for events in self], dtype=float)


def worlds_of(
    events: Events, uncertainty: Uncertainty, *, samples: int, rng: Rng | None
) -> EventWorlds:
    """Return the worlds that a statistic is computed in.

    Parameters
    ----------
    events : Events
        From `events_of`.
    uncertainty : {"propagate", "precise-only", "ignore"}
        Sample places and days; leave out what is imprecise; or take centres for
        places and the middle for days, with a warning.
    samples : int
        How many worlds.
    rng : int or numpy.random.Generator, optional
        A seed; a new one where it is None.

    Raises
    ------
    ValueError
        Where `uncertainty` or `samples` is none of these.
    """
    if uncertainty not in get_args(Uncertainty):
        told = ", ".join(map(repr, get_args(Uncertainty)))
        msg = f"uncertainty={uncertainty!r} is not one of {told}"
        raise ValueError(msg)
    if samples < 1:
        msg = f"samples={samples!r} is less than 1"
        raise ValueError(msg)
    notes = list(events.notes)
    n = events.n_imprecise
    if uncertainty == "precise-only":
        if n:
            notes.append(f"{n} of {len(events)} events are known to an area only and left out")
        events = events.where(events.precise)
    elif uncertainty == "ignore" and n:
        notes.append(
            f"{n} of {len(events)} events are known to an area only and are taken to lie at its "
            "centre: distances between them mean nothing"
        )
    open_days = np.isfinite(events.day) & (events.last_day > events.first_day)
    # Of a possible world, such as `propagate` makes, all is known: it is sampled no further.
    sampled = uncertainty == "propagate" and (events.open_places or bool(open_days.any()))
    return EventWorlds(
        events=events,
        samples=samples if sampled else 1,
        seed=new_seed(rng),
        warnings=tuple(notes),
    )


def enough(worlds: EventWorlds, least: int = 3) -> None:
    """Raise where there are fewer events than a statistic needs, such as when few are precise.

    Raises
    ------
    ValueError
        With what was left out.
    """
    n = len(worlds.events)
    if n < least:
        left = "".join(f"; {note}" for note in worlds.warnings)
        msg = f"this needs {least} events, and there are {n}{left}"
        raise ValueError(msg)


def new_seed(rng: Rng | None) -> int:
    """Return a seed that can be reported: the one given, or a new one.

    Parameters
    ----------
    rng : int, numpy.random.Generator or None
        An integer is returned as it is.
    """
    if rng is None:
        rng = np.random.default_rng()
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**31))
    seed_of(rng)  # refuses what is no seed
    return int(rng)


def generator(seed: int, number: int) -> np.random.Generator:
    """Return the generator of a simulation, by its number: in any order, on any worker the same."""
    return np.random.default_rng([seed_of(seed), number])
