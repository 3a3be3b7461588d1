"""What a drawn map shows: areas, symbols and links of the incidents, in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from geoinc.maps.payload import Payload

    Floats = NDArray[np.float64]

#: Circumference of the earth as Web Mercator has it, metres.
_AROUND_M = 40_075_016.7

#: Symbols farther apart than this, in pixels, never cover each other.
_REACH = 28

#: Links shorter than this, in pixels, are rings around both ends.
SHORT_LINK = 25


class View:
    """Where the world lies in a picture: Web Mercator, the bounds in a frame.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east and north, degrees.
    frame : tuple of float
        Left, top, right and bottom of where they shall be, pixels.
    closest : float
        The zoom beyond which a single place is not enlarged.
    """

    def __init__(
        self,
        bounds: tuple[float, float, float, float],
        frame: tuple[float, float, float, float],
        *,
        closest: float = 10.0,
    ) -> None:
        west, south, east, north = bounds
        left, top, right, bottom = frame
        x = mercator(np.array([west, east]), np.array([south, north]))
        (x0, y1), (x1, y0) = x
        scale = min((right - left) / (x1 - x0), (bottom - top) / (y1 - y0), 256 * 2**closest)
        self.scale = float(scale)
        self.zoom = math.log2(self.scale / 256)
        self._left = (x0 + x1) / 2 * self.scale - (left + right) / 2
        self._top = (y0 + y1) / 2 * self.scale - (top + bottom) / 2

    def pixels(self, longitude: Floats, latitude: Floats) -> Floats:
        """Return positions in the picture, two columns."""
        return np.asarray(
            mercator(longitude, latitude) * self.scale - [self._left, self._top], dtype=float
        )

    def metres(self, latitude: float) -> float:
        """Return how many metres a pixel is."""
        return _AROUND_M / self.scale * math.cos(math.radians(latitude))


def mercator(longitude: Floats, latitude: Floats) -> Floats:
    """Return Web Mercator positions, 0 to 1 across the world, two columns."""
    sine = np.sin(np.radians(np.clip(latitude, -85.05, 85.05)))
    y = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    return np.column_stack([np.asarray(longitude) / 360 + 0.5, y])


@dataclass(eq=False)
class Group:
    """The incidents that one place has in one role."""

    role: str
    place: int
    name: str
    x: float
    y: float
    radius: float
    uncertainty_m: float
    is_area: bool
    rings: list[Floats]
    incidents: set[int] = field(default_factory=set)


@dataclass(eq=False)
class Node:
    """A symbol: groups that would cover each other.

    ``reach`` is that of an impact around it; ``ring`` that of a short link.
    """

    role: str
    x: float
    y: float
    groups: list[Group]
    incidents: set[int]
    around: bool = False
    reach: float = 0.0
    ring: tuple[float, float, float] | None = None

    @property
    def radius(self) -> float:
        """Half its size, in pixels."""
        size = _size(len(self.incidents))
        return size + 4.5 if self.around else size


def _size(n: int) -> float:
    """Return half the size of a symbol of n incidents, in pixels."""
    return 7.0 if n == 1 else 10 + min(4.0, math.log2(n) * 0.8)


@dataclass(eq=False)
class Link:
    """A launch, and a target or an impact, that reports join, with all their incidents."""

    ends: tuple[Spot, Spot]
    incidents: set[int]
    coarse: bool
    thin: bool

    @property
    def width(self) -> float:
        """Of the line, in pixels."""
        return 0.9 if self.thin else 1.3 + min(3.0, math.log2(len(self.incidents)))

    @property
    def ring(self) -> tuple[float, float, float] | None:
        """Centre and radius of what stands for it where it is short."""
        a, b = self.ends
        length = math.hypot(b.x - a.x, b.y - a.y)
        if length >= SHORT_LINK:
            return None
        return ((a.x + b.x) / 2, (a.y + b.y) / 2, length / 2 + max(a.radius, b.radius) + 3)


@dataclass(frozen=True)
class Spot:
    """An end of a link: a symbol, or the middle of an area."""

    x: float
    y: float
    radius: float


def groups(data: Payload, view: View) -> list[Group]:
    """Return the groups of what a map holds, the largest area first."""
    content = data.content
    rows, places, accounts = content["rows"].whole(), content["places"], content["accounts"].whole()
    drawn = rows[rows["drawn"].notna()]
    incident = accounts["incident"].to_numpy()[drawn["account"].to_numpy(dtype=int)]
    place = drawn["drawn"].to_numpy(dtype=int)
    spots = view.pixels(
        places["longitude"].to_numpy(dtype=float), places["latitude"].to_numpy(dtype=float)
    )
    outlines = _outlines(content["outlines"], view)
    found: dict[tuple[str, int], Group] = {}
    for role, at, number in zip(drawn["role"], place.tolist(), incident.tolist(), strict=True):
        if (role, at) not in found:
            row = places.iloc[at]
            found[role, at] = Group(
                role=role,
                place=at,
                name=str(row["label"] or row["name"]),
                x=float(spots[at, 0]),
                y=float(spots[at, 1]),
                radius=float(row["uncertainty_m"]) / view.metres(float(row["latitude"])),
                uncertainty_m=float(row["uncertainty_m"]),
                is_area=bool(row["area"]),
                rings=outlines[at] if at < len(outlines) else [],
            )
        found[role, at].incidents.add(number)
    return sorted(found.values(), key=lambda group: -group.radius)


def _outlines(coded: dict[str, Any], view: View) -> list[list[Floats]]:
    """Return the rings of each place in pixels; none where it is a circle."""
    steps = np.asarray(coded["steps"], dtype=float).reshape(-1, 2)
    ends = np.cumsum(coded["points"])
    rings = [
        view.pixels(*(np.cumsum(steps[end - many : end], axis=0) / coded["unit"]).T)
        for end, many in zip(ends.tolist(), np.asarray(coded["points"]).tolist(), strict=True)
    ]
    last = np.cumsum(coded["rings"]).tolist()
    return [
        rings[end - many : end]
        for end, many in zip(last, np.asarray(coded["rings"]).tolist(), strict=True)
    ]


def unfolded(lines: Sequence[Sequence[int]], unit: int, view: View) -> list[Floats]:
    """Return lines that are written as steps of a part of a degree, in pixels."""
    return [view.pixels(*(np.cumsum(np.reshape(line, (-1, 2)), axis=0) / unit).T) for line in lines]


def nodes(found: Sequence[Group]) -> list[Node]:
    """Return the symbols: one for groups that would cover each other, the largest first."""
    cells: dict[tuple[str, int, int], list[Node]] = {}
    symbols: list[Node] = []
    points = sorted(
        (group for group in found if not group.is_area),
        key=lambda group: (-len(group.incidents), group.name),
    )
    for group in points:
        column, line = int(group.x // _REACH), int(group.y // _REACH)
        own = _size(len(group.incidents)) - 2
        near = (
            node
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            for node in cells.get((group.role, column + i, line + j), ())
            if math.hypot(node.x - group.x, node.y - group.y) < node.radius + own
        )
        node = next(near, None)
        if node is None:
            node = Node(group.role, group.x, group.y, [], set())
            cells.setdefault((group.role, column, line), []).append(node)
            symbols.append(node)
        node.groups.append(group)
        node.incidents |= group.incidents
    targets = [node for node in symbols if node.role == "target"]
    for node in symbols:
        # An impact on the very target is a ring around its square.
        if node.role == "impact":
            for target in targets:
                if math.hypot(target.x - node.x, target.y - node.y) < 6:
                    node.x, node.y, node.around = target.x, target.y, True
                    target.reach = target.radius + 7
    return symbols


def links(
    table: pd.DataFrame, rows: pd.DataFrame, found: Sequence[Group], symbols: Sequence[Node]
) -> list[Link]:
    """Return the links from launches to targets and impacts, one for each pair of marks.

    Parameters
    ----------
    table : pandas.DataFrame
        The links of a payload.
    rows : pandas.DataFrame
        Its rows.
    found : sequence of Group
        From `groups`.
    symbols : sequence of Node
        From `nodes`.
    """
    spot_of = {group: Spot(group.x, group.y, 12.0) for group in found}
    for node in symbols:
        spot_of |= dict.fromkeys(node.groups, Spot(node.x, node.y, node.radius))
    group_of = {(group.role, group.place): group for group in found}
    drawn, role = rows["drawn"].to_numpy(dtype=float), rows["role"].to_numpy(dtype=object)
    pairs = table[["incident", "launch_row", "target_row"]].to_numpy(dtype=int)
    joined: dict[tuple[Spot, Spot], Link] = {}
    for number, launch, other in pairs.tolist():
        start = group_of.get(("launch", drawn[launch]))
        end = group_of.get((role[other], drawn[other]))
        if start is None or end is None:
            continue
        ends = (spot_of[start], spot_of[end])
        link = joined.setdefault(ends, Link(ends, set(), coarse=True, thin=end.role == "impact"))
        link.incidents.add(number)
        link.coarse &= start.is_area or end.is_area
    return list(joined.values())
