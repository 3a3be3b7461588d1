"""Where events that are known to an area may lie, and the same done to a null: coarsened and imputed alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.cluster.vq import kmeans2  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from geoinc.uncertainty.draws import keys_of, seed_of, uniform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoinc.stats.events import Events
    from geoinc.stats.windows import Window

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    #: Draws the true places of n events under a null, in the plane.
    Scatter = Callable[[int, np.random.Generator], Floats]

#: Cells along the longer side of the window.
_CELLS = 128
#: Draws of an area that moves with its event: enough to choose from by density.
_POOL = 32
#: Width of the kernel, in mean distances between events, by which precise events tell how likely
#: each part of an area is; the prototype's 0.05 for 175 events in a unit square.
_WIDTH = 0.66
#: Share of the mean density that every part of the window has, events or not.
_FLOOR = 0.05
#: Footprints that overlap by this share of both together are the same area.
_SAME = 0.5
#: Land in no known area is cut into no more than this.
_MOST_PIECES = 200
#: More of the window than this in no known area is worth a warning.
_UNKNOWN = 0.05


class Cells:
    """Square cells over the bounds of a window.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north in the unit of the plane.
    """

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        west, south, east, north = bounds
        self.side = max(east - west, north - south) / _CELLS
        self.shape = (
            int(np.ceil((north - south) / self.side)),
            int(np.ceil((east - west) / self.side)),
        )
        self._corner = np.array([west, south])

    @property
    def middles(self) -> tuple[Floats, Floats]:
        """Middles of the columns and of the rows."""
        rows, columns = self.shape
        west, south = self._corner
        x = np.asarray(west + self.side * (np.arange(columns) + 0.5))
        return x, np.asarray(south + self.side * (np.arange(rows) + 0.5))

    def of(self, points: Floats) -> Ints:
        """Return the number of the cell of each point."""
        at = ((points - self._corner) / self.side).astype(np.intp)
        row = np.clip(at[:, 1], 0, self.shape[0] - 1)
        return np.asarray(row * self.shape[1] + np.clip(at[:, 0], 0, self.shape[1] - 1))

    def counted(self, points: Floats) -> Floats:
        """Return how many points lie in each cell."""
        return np.bincount(self.of(points), minlength=self.shape[0] * self.shape[1]).astype(float)


class Others(NamedTuple):
    """What is asked of all events before the imprecise ones of a part are drawn."""

    precise_in_cells: Floats  # how many lie in each of `Cells`
    footprints: list[BaseGeometry]  # areas of imprecise events that do not move, each once

    @classmethod
    def of(cls, events: Events, window: Window) -> Others:
        """Return what some events say."""
        spots = window.project(events.longitude, events.latitude)
        counted = Cells(window.frame.bounds).counted(spots[events.precise])
        # Where the areas of the window are known, those of events are not asked.
        vague = events.where(~events.precise & (not window.areas))
        return cls(counted, _distinct(_footprints(vague, window)))

    @classmethod
    def together(cls, parts: Iterable[Others]) -> Others:
        """Return what the events of all parts say."""
        parts = list(parts)
        counted = np.sum([part.precise_in_cells for part in parts], axis=0)
        return cls(counted, _distinct([area for part in parts for area in part.footprints]))


class Imputer:
    """Draws places for imprecise events, and makes null patterns just as imprecise.

    Each simulated event keeps the precision of the event it stands for.  Of one known to a
    province the province is the one its simulated place falls in; an area of its own (a disc around
    a town, "east of the base") moves with it; an area wider than half the window stays.  Then the
    places are drawn as for the data: within an area by the density of the precise events
    of the same pattern, so that data and null are treated alike (the matched null).

    Parameters
    ----------
    events : Events
        Inside the window.
    window : Window
        Its ``areas`` are the provinces.
    seed : int
        As reported.
    even : bool
        Whether every part of an area is as likely, whatever the precise events say.
    others : Others, optional
        What the events of other parts say, where these are some of them only.

    Attributes
    ----------
    frame : Frame
        The window in the plane.
    precise : array of float, two columns
        The precise events in the plane.
    notes : tuple of str
        What had to be assumed.
    """

    def __init__(
        self,
        events: Events,
        window: Window,
        seed: int,
        *,
        even: bool = False,
        others: Others | None = None,
    ) -> None:
        self._even = even
        self.frame = window.frame
        self._cells_of_window = Cells(self.frame.bounds)
        everyone = window.project(events.longitude, events.latitude)
        self.precise = everyone[events.precise]
        vague = events.where(~events.precise)
        self.n_imprecise = len(vague)
        self.notes: tuple[str, ...] = ()
        if not self.n_imprecise:
            return
        if others is None:
            others = Others.of(events, window)
        self._precise_in_cells = others.precise_in_cells
        x, y = self._cells_of_window.middles
        self._centres = np.column_stack([side.ravel() for side in np.meshgrid(x, y)])
        self._inside = self.frame.contains(self._centres)
        count = max(int(others.precise_in_cells.sum()), 1)
        self._smooth = self.frame.smoother(x, y, _WIDTH * np.sqrt(self.frame.area / count))
        self._mask = self._smooth(self._inside.reshape(self._shape).astype(float))
        footprints = _footprints(vague, window)
        pieces = [_flat(area, window) for area in window.areas] or _apart(others.footprints)
        self._label = self._labelled(pieces, seed)
        self._regions(footprints, pieces)
        self._keys = keys_of(pd.Index(vague.key))
        bits = seed_of(seed)
        worlds = [vague.world(number, seed=bits) for number in range(1, _POOL + 1)]
        self._pool = np.stack(
            [window.project(world.longitude, world.latitude) for world in worlds], axis=1
        )

    def observed(self, samples: int, rng: np.random.Generator) -> Floats:
        """Return places for the imprecise events: samples by events by two.

        A draw depends on what the generator gives, the event and the number of the sample alone.
        """
        if not self.n_imprecise:
            return np.empty((samples, 0, 2))
        bits = seed_of(rng)
        chance = np.stack([uniform(bits, self._keys, number, 3) for number in range(samples)])
        return self._drawn(self._precise_in_cells, self._region, self._pool, chance)

    def simulated(
        self, scatter: Scatter, samples: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Return a pattern of the null, its precise events and draws of the others.

        Parameters
        ----------
        scatter : callable
            Draws true places under the null.
        samples : int
            How many draws.
        rng : numpy.random.Generator
            Of this simulation.
        """
        precise = scatter(len(self.precise), rng)
        if not self.n_imprecise:
            return precise, np.empty((samples, 0, 2))
        true = scatter(self.n_imprecise, rng)
        region = np.where(self._in_piece, self._label[self._cells_of_window.of(true)], self._region)
        which = rng.integers(_POOL, size=self.n_imprecise)
        start = self._pool[np.arange(self.n_imprecise), which]
        pool = self.frame.moved(self._pool, start, true)
        chance = rng.random((samples, self.n_imprecise, 3))
        in_cells = self._cells_of_window.counted(precise)
        return precise, self._drawn(in_cells, region, pool, chance)

    @property
    def _shape(self) -> tuple[int, int]:
        return self._cells_of_window.shape

    def _drawn(self, precise: Floats, region: Ints, pool: Floats, numbers: Floats) -> Floats:
        """Draw by the density of the precise events, in cells of a region or from a pool."""
        places = np.empty((len(numbers), self.n_imprecise, 2))
        density = self._density(precise)
        still = np.flatnonzero(region >= 0)
        total = np.concatenate([[0.0], np.cumsum(density[self._cells])])
        low, high = total[self._start[region[still]]], total[self._stop[region[still]]]
        chance = low + numbers[:, still, 0] * (high - low)
        found = np.searchsorted(total, chance, side="right") - 1
        found = np.clip(found, self._start[region[still]], self._stop[region[still]] - 1)
        centres = self._centres[self._cells[found]]
        spots = centres + self._cells_of_window.side * (numbers[:, still, 1:] - 0.5)
        outside = ~self.frame.contains(spots.reshape(-1, 2)).reshape(spots.shape[:2])
        places[:, still] = np.where(outside[..., None], centres, spots)
        moving = np.flatnonzero(region < 0)
        likely = np.cumsum(self._at(density, pool[moving]), axis=1)
        # Where the whole area fell outside the window there is no choice to make.
        likely[likely[:, -1] == 0] = np.arange(1.0, _POOL + 1)
        chance = numbers[:, moving, 0] * likely[:, -1]
        chosen = (likely[None] <= chance[..., None]).sum(axis=2)
        places[:, moving] = pool[moving, np.minimum(chosen, _POOL - 1)]
        return places

    def _density(self, precise: Floats) -> Floats:
        """Return how likely each cell is, by a kernel around the precise events in the cells."""
        if self._even:
            return self._inside.astype(float)
        smooth = self._smooth(precise.reshape(self._shape))
        density: Floats = np.where(self._inside, (smooth / np.maximum(self._mask, 1e-6)).ravel(), 0)
        mean = max(precise.sum(), 1) / self._inside.sum()
        return np.where(self._inside, density + _FLOOR * mean, 0.0)

    def _at(self, density: Floats, points: Floats) -> Floats:
        """Return the density at points, 0 outside the window."""
        flat = points.reshape(-1, 2)
        values = np.where(self.frame.contains(flat), density[self._cells_of_window.of(flat)], 0.0)
        return values.reshape(points.shape[:-1])

    def _labelled(self, pieces: list[BaseGeometry], seed: int) -> Ints:
        """Return the piece that each cell belongs to, so that every cell has one."""
        label = np.full(len(self._centres), -1)
        for number, piece in enumerate(pieces):
            shapely.prepare(piece)
            label[shapely.intersects_xy(piece, *self._centres.T)] = number
        left = np.flatnonzero((label < 0) & self._inside)
        sizes = np.bincount(label[(label >= 0) & self._inside], minlength=len(pieces))
        usual = float(np.median(sizes[sizes > 0])) if (sizes > 0).any() else np.inf
        new = min(round(len(left) / usual), _MOST_PIECES)
        if new > 0:
            rng = np.random.default_rng(seed_of(seed))
            label[left] = len(pieces) + kmeans2(self._centres[left], new, minit="++", rng=rng)[1]
        if len(left) > _UNKNOWN * self._inside.sum() and new > 0:
            share = len(left) / self._inside.sum()
            note = (
                f"{share:.0%} of the window lies in no known area; for the null it was cut into "
                "areas of the usual size. Give window= as the table of all provinces to be exact"
            )
            self.notes = (note,)
        # A cell of the edge belongs to the nearest piece that has a cell inside.
        known = np.flatnonzero((label >= 0) & self._inside)
        if len(known):
            label = label[known[cKDTree(self._centres[known]).query(self._centres)[1]]]
        return label

    def _regions(self, footprints: list[BaseGeometry | None], pieces: list[BaseGeometry]) -> None:
        """Tell for each imprecise event which cells it may lie in, or that its area moves."""
        region = np.full(self.n_imprecise, -1)
        in_piece = np.zeros(self.n_imprecise, dtype=bool)
        cells = [
            np.flatnonzero((self._label == number) & self._inside)
            for number in range(max(len(pieces), int(self._label.max(initial=-1)) + 1))
        ]
        seen: dict[bytes, tuple[int, bool]] = {}
        for i, footprint in enumerate(footprints):
            if footprint is None:
                continue
            key = shapely.to_wkb(footprint)
            if key not in seen:
                seen[key] = self._region_of(footprint, pieces, cells)
            region[i], in_piece[i] = seen[key]
        self._region, self._in_piece = region, in_piece
        self._start = np.cumsum([0, *(len(part) for part in cells)])[:-1]
        self._stop = self._start + np.array([len(part) for part in cells], dtype=int)
        self._cells = np.concatenate([np.empty(0, dtype=np.intp), *cells])

    def _region_of(
        self, footprint: BaseGeometry, pieces: list[BaseGeometry], cells: list[Ints]
    ) -> tuple[int, bool]:
        """Return the number of a footprint's cells, -1 where it moves; and whether it is a piece."""
        shapely.prepare(footprint)
        own = np.flatnonzero(self._inside & shapely.intersects_xy(footprint, *self._centres.T))
        if not len(own):
            return -1, False
        if len(own) > 0.5 * self._inside.sum():
            cells.append(own)
            return len(cells) - 1, False
        for number in range(len(pieces)):
            both = len(np.intersect1d(own, cells[number], assume_unique=True))
            if both > _SAME * (len(own) + len(cells[number]) - both):
                return number, True
        return -1, False


def _footprints(vague: Events, window: Window) -> list[BaseGeometry | None]:
    """Return the areas that may be one of a set of areas, in the plane; None where one moves."""
    rows = vague.rows
    if rows is None:
        return [None] * len(vague)
    flat: dict[int, BaseGeometry] = {}
    footprints: list[BaseGeometry | None] = []
    for start, stop in zip(rows.start, rows.stop, strict=True):
        place = int(rows.place[start])
        if stop - start > 1 or rows.moves[place]:
            footprints.append(None)
            continue
        if place not in flat:
            flat[place] = _flat(rows.shapes[place], window)
        footprints.append(flat[place])
    return footprints


def _flat(shape: BaseGeometry, window: Window) -> BaseGeometry:
    fine = shapely.segmentize(shape, 0.25)
    return shapely.make_valid(
        shapely.transform(fine, lambda points: window.project(points[:, 0], points[:, 1]))
    )


def _distinct(footprints: Sequence[BaseGeometry | None]) -> list[BaseGeometry]:
    """Return each footprint once."""
    return list(
        {shapely.to_wkb(shape): shape for shape in footprints if shape is not None}.values()
    )


def _apart(footprints: list[BaseGeometry]) -> list[BaseGeometry]:
    """Return the footprints that overlap none of the others, the larger first."""
    pieces: list[BaseGeometry] = []
    for shape in sorted(footprints, key=lambda shape: -shape.area):
        if all(shape.intersection(piece).area < 0.1 * shape.area for piece in pieces):
            pieces.append(shape)
    return pieces
