"""Whether two kinds of attack strike in different places: labels shuffled over places that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.progress import watched
from geoinc.stats.events import PRECISE_M
from geoinc.stats.frames import MOST_WEIGHT
from geoinc.stats.patterns.curves import distances_for, pattern_of, patterns
from geoinc.stats.patterns.envelopes import Envelope
from geoinc.stats.patterns.monte_carlo import global_test
from geoinc.stats.worlds import enough, generator, new_seed, worlds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.stats.frames import Frame
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


def label_test(
    first: Any,
    second: Any,
    *,
    role: str = "target",
    window: Any = None,
    r_m: Any = None,
    level: float = 0.95,
    simulations: int = 199,
    uncertainty: Uncertainty = "propagate",
    samples: int = 5,
    rng: Rng | None = None,
    precise_m: float = PRECISE_M,
) -> Envelope:
    """Test whether two kinds of events, such as rockets and drones, mix as if the kind were chance.

    Places stay as they are, so that it does not matter that attacks cluster, nor that they share
    sites; only which of them is of which kind is shuffled (random labelling), among
    the precise and among the imprecise apart, so that it does not matter either that
    one kind is known better.

    Parameters
    ----------
    first, second : Layers, GeoDataFrame or (longitude, latitude)
        The two kinds.
    role, window, r_m, uncertainty, rng, precise_m
        As of `k_function`; the default window is that of `first`.
    level : float
        Share that the envelope holds.
    simulations : int
        How often labels are shuffled, at least 19.
    samples : int
        Draws of the imprecise events, the same for data and simulations.

    Returns
    -------
    Envelope
        Of the cross-L, metres: below it the kinds keep apart, above it they seek each other.

    Raises
    ------
    ValueError
        Where a kind has fewer than 2 events.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from geoinc.stats import label_test
    >>> rng = np.random.default_rng(1)
    >>> rockets = rng.uniform(43, 44.1, 60), rng.uniform(33, 35, 60)
    >>> drones = rng.uniform(43.9, 45, 60), rng.uniform(33, 35, 60)
    >>> label_test(rockets, drones, window=shapely.box(43, 33, 45, 35), rng=1).p
    0.005
    """
    if simulations < 19:
        msg = f"simulations={simulations!r}: with fewer than 19 no p-value can be 0.05 or less"
        raise ValueError(msg)
    ones, area = pattern_of(first, role=role, window=window, precise_m=precise_m, least=2)
    others, _ = pattern_of(second, role=role, window=area, precise_m=precise_m, least=2)
    seed = new_seed(rng)
    worlds = [
        worlds_of(events, uncertainty, samples=samples, rng=seed) for events in (ones, others)
    ]
    for world in worlds:
        enough(world, least=2)
    kinds = [world.events for world in worlds]
    # `patterns` puts the precise first.
    label = np.repeat([True, True, False, False], [n for e in kinds for n in _known(e)])
    precise = np.repeat([True, False, True, False], [n for e in kinds for n in _known(e)])
    n, m = int(label.sum()), int((~label).sum())
    r = distances_for(area, n + m, r_m)
    # The label must not say where an event may lie, so draws are even; simulations follow.
    a, b = (patterns(world, area, stream=i) for i, world in enumerate(worlds))
    draws = [
        _Pairs(area.frame, np.concatenate([a[i % len(a)], b[i % len(b)]]), r)
        for i in range(max(len(a), len(b)))
    ]

    def cross_l(label: Bools) -> Floats:
        sums = np.mean([pairs.apart(label) for pairs in draws], axis=0)
        return np.asarray(np.sqrt(area.frame.area * sums / (n * m) / np.pi))

    observed = cross_l(label)
    simulated = []
    for number in watched(range(simulations), "simulations", simulations):
        shuffled, chance = label.copy(), generator(seed, number + 2)
        for group in (precise, ~precise):
            shuffled[group] = chance.permutation(label[group])
        simulated.append(cross_l(shuffled))
    p, mean, low, high = global_test(observed, np.array(simulated), level=level)
    notes = [*worlds[0].warnings, *worlds[1].warnings, *([area.note] if area.note else [])]
    return Envelope(
        name="cross-L",
        value=observed,
        interval=(low, high),
        p=p,
        kind="global",
        level=level,
        r_m=r,
        theory=mean,
        unit="m",
        n_precise=sum(e.n_precise for e in kinds),
        n_imprecise=sum(e.n_imprecise for e in kinds),
        seed=seed,
        method=(
            f"cross-L function of {n} and {m} events, global envelope, {simulations} random "
            "labellings within the precise and the imprecise events"
        ),
        warnings=tuple(dict.fromkeys(notes)),
    )


class _Pairs:
    """The pairs of a pattern that are near each other, by distance, weighted for the edge."""

    def __init__(self, frame: Frame, points: Floats, r: Floats) -> None:
        spots, straight = frame.in_space(points), frame.straight(r)
        self._pairs = cKDTree(spots).query_pairs(float(straight[-1]), output_type="ndarray")
        i, j = self._pairs.T
        d = np.linalg.norm(spots[j] - spots[i], axis=1)
        self._bin = np.searchsorted(straight, d, side="left")
        self._weight = np.ones(len(d))
        if not frame.curved:
            shared = frame.overlap(*(points[j] - points[i]).T)
            self._weight = np.minimum(frame.area / np.maximum(shared, 1e-300), MOST_WEIGHT)
        self._steps = len(r)

    def apart(self, label: Bools) -> Floats:
        """Return the weighted number of pairs of different labels within each distance."""
        different = label[self._pairs[:, 0]] != label[self._pairs[:, 1]]
        sums = np.bincount(self._bin[different], self._weight[different], minlength=self._steps + 1)
        return np.asarray(np.cumsum(sums)[: self._steps])


def _known(events: Any) -> tuple[int, int]:
    return events.n_precise, events.n_imprecise
