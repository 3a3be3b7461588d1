"""The incident map as a picture for reports: an SVG drawn without a browser, in the map's own look."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import numpy as np

from geoinc.maps import figures
from geoinc.maps.legend import GAP, PANEL, panel
from geoinc.maps.lettering import FONT, Room, beside, shortened, text_width
from geoinc.maps.scene import View, groups, links, nodes, unfolded
from geoinc.maps.svg import (
    BORDER,
    LAND,
    LINE,
    NAME,
    NEIGHBOUR,
    PROVINCE,
    ROLES,
    SEA,
    clean,
    svg_path,
    svg_text,
)
from geoinc.maps.words import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geoinc.maps.payload import Payload
    from geoinc.maps.scene import Group, Link, Node

    Floats = NDArray[np.float64]

#: Areas of a smaller radius share a label with their neighbours, pixels.
_SMALL = 45

#: How far the middle of a link stands off, as part of its length.
_BULGE = 0.32


def draw_svg(data: Payload, strings: dict[str, Any], *, width: int, height: int) -> str:
    """Return the map as SVG.

    Parameters
    ----------
    data : Payload
        What the map shows.
    strings : dict
        The words of its language.
    width, height : int
        Pixels.

    Returns
    -------
    str
        One XML document without scripts, links or anything to fetch; every text is text.
    """
    view = View(data.bounds, (PANEL + 3 * GAP, 40, width - 60, height - 60))
    found = groups(data, view)
    symbols = nodes(found)
    lines = links(data.content["links"], data.content["rows"].whole(), found, symbols)
    room = Room(width, height - 24)
    legend, tall = panel(data, strings, found, lines)
    room.take(GAP + PANEL / 2, GAP + tall / 2, PANEL + 12, tall + 12)
    for node in symbols:
        if not node.around:
            room.take(node.x, node.y, 2 * node.radius, 2 * node.radius)
    at = {(node.x, node.y): node for node in symbols}
    for link in lines:
        if link.ring:
            x, y, radius = link.ring
            room.take(x, y, 1.7 * radius, 1.7 * radius)
            for end in link.ends:
                if (end.x, end.y) in at:
                    at[end.x, end.y].ring = link.ring
    targets = [node for node in symbols if node.role == "target"]
    names = _names(targets, strings, room)
    pills = _pills(found, strings, room)
    others = [node for node in symbols if node.role != "target" and not node.around]
    if view.zoom >= 8 or not targets:
        names += _names(others, strings, room)
    title = str(data.content.get("title", ""))
    statistics = data.content.get("statistics", [])
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                f'viewBox="0 0 {width} {height}" font-family={quoteattr(FONT)} role="img" '
                f"aria-label={quoteattr(clean(title))}>"
            ),
            f"<title>{svg_text(title)}</title>",
            f"<defs>{figures.PATTERNS}</defs>" if statistics else "",
            f'<rect width="{width}" height="{height}" fill="{SEA}"/>',
            *_paper(data.content["basemap"], view),
            *figures.marks(statistics, view),
            *_country_names(data.content["basemap"]["names"], view, room),
            *(_area(group) for group in found if group.is_area or group.radius >= 9),
            *(part for link in lines for part in _link(link, crowd=len(lines))),
            *pills,
            *(
                part
                for role in ROLES
                for node in symbols
                if node.role == role
                for part in _symbol(node)
            ),
            *names,
            *figures.labels(statistics, view, room),
            legend,
            *_scale_bar(view, data.bounds, width, height),
            _credit(data, strings, width, height),
            "</svg>\n",
        ]
    )


def _paper(basemap: dict[str, Any], view: View) -> list[str]:
    """Return countries and provinces; nothing on them is darker than what is reported."""
    unit = basemap["unit"]
    parts = [
        f'<path d="{svg_path(unfolded(country["rings"], unit, view))}" fill-rule="evenodd" '
        f'fill="{LAND if country["shown"] else NEIGHBOUR}"/>'
        for country in basemap["land"]
    ]
    for name, colour, width in (("provinces", PROVINCE, 0.7), ("borders", BORDER, 1.0)):
        if name == "borders" or view.zoom >= 4.5:
            lines = svg_path(unfolded(basemap[name], unit, view), close=False)
            parts.append(
                f'<path d="{lines}" fill="none" stroke="{colour}" stroke-width="{width}" '
                'stroke-linejoin="round"/>'
            )
    return parts


def _country_names(names: Sequence[Sequence[Any]], view: View, room: Room) -> list[str]:
    """Return the names of countries and provinces where nothing that is reported stands."""
    parts = []
    for name, rank, longitude, latitude, space in names:
        country = rank == 0
        if (country and view.zoom > 10) or (not country and view.zoom < 7.5):
            continue
        size, spacing = (12.5, 3.0) if country else (11.0, 0.5)
        text = name.upper() if country else name
        width = text_width(text, size, bold=True) + spacing * len(text) + 6
        (x, y), *_ = view.pixels(np.array([longitude]), np.array([latitude])).tolist()
        if width > space / 360 * view.scale * 4:
            continue
        place = room.find(((x, y + shift) for shift in (0, 18, -18, 36, -36)), width, 16)
        if place:
            parts.append(
                _words(text, *place, size=size, fill=NAME, extra=f'letter-spacing="{spacing:g}"')
            )
    return parts


def _words(
    text: str, x: float, y: float, *, size: float, fill: str, weight: int = 600, extra: str = ""
) -> str:
    """Return a line of text around a centre."""
    return (
        f'<text x="{x:.1f}" y="{y + size * 0.36:.1f}" text-anchor="middle" font-size="{size:g}" '
        f'font-weight="{weight}" fill="{fill}" {extra}>{svg_text(text)}</text>'
    )


def _area(group: Group) -> str:
    """Return a footprint, the fainter the larger; dashed where it is all that is known."""
    colour = ROLES[group.role][0]
    # As on the page: 15 % at 25 km, by the root of the area.
    opacity = min(0.2, max(0.035, 0.15 * math.sqrt(25_000 / max(group.uncertainty_m, 2500))))
    style = (
        f'fill="{colour}" fill-opacity="{opacity:.3f}" fill-rule="evenodd" stroke="{colour}" '
        f'stroke-opacity="0.6" stroke-width="1.2" stroke-linejoin="round"'
    )
    if group.is_area:
        style += ' stroke-dasharray="5 4"'
    if not group.rings:
        return f'<circle cx="{group.x:.1f}" cy="{group.y:.1f}" r="{group.radius:.1f}" {style}/>'
    return f'<path d="{svg_path(group.rings)}" {style}/>'


def _link(link: Link, *, crowd: int) -> list[str]:
    """Return an arc of constant bulge that ends before the symbol it points at; no flight path."""
    a, b = link.ends
    opacity = max(0.4, min(1.0, 150 / crowd))
    dash = f' stroke-dasharray="{link.width + 4:.1f} {link.width + 3.5:.1f}"' if link.coarse else ""
    if link.ring:
        x, y, radius = link.ring
        ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none"'
        return [
            f'{ring} stroke="#fff" stroke-opacity="0.85" stroke-width="3.6"/>',
            f'{ring} stroke="{LINE}" stroke-width="1.1" opacity="{opacity:.2f}"{dash}/>',
        ]
    t = np.linspace(0, 1, 49)[:, None]
    start, end = np.array([a.x, a.y]), np.array([b.x, b.y])
    middle = (start + end) / 2 + np.array([end[1] - start[1], start[0] - end[0]]) * _BULGE
    points = (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end
    clear = (np.hypot(*(points - start).T) > a.radius + 2) & (
        np.hypot(*(points - end).T) > b.radius + 3
    )
    points = points[clear]
    if len(points) < 3:
        return []
    line = f'<path d="{svg_path([points], close=False)}" fill="none"'
    angle = math.atan2(*(points[-1] - points[-3])[::-1])
    size = 6 + link.width
    tip = points[-1] + 2 * np.array([math.cos(angle), math.sin(angle)])
    sides = [
        points[-1] - size * np.array([math.cos(angle + turn), math.sin(angle + turn)])
        for turn in (-0.45, 0.45)
    ]
    head = svg_path([np.array([tip, *sides])])
    return [
        f'{line} stroke="#fff" stroke-opacity="0.85" stroke-width="{link.width + 2.5:.1f}"/>',
        f'{line} stroke="{LINE}" stroke-width="{link.width:.1f}" opacity="{opacity:.2f}"{dash}/>',
        f'<path d="{head}" fill="{LINE}" stroke="#fff" stroke-width="2" paint-order="stroke"/>',
    ]


def _symbol(node: Node) -> list[str]:
    """Return a square for targets, a triangle for launches, a ring for impacts."""
    colour, r, n = ROLES[node.role][0], node.radius, len(node.incidents)
    x, y = node.x, node.y
    halo = 'stroke="#fff" stroke-width="4.5" paint-order="stroke" stroke-linejoin="round"'
    if node.role == "target":
        half = r - (1 if n == 1 else 0.5)
        shape = (
            f'<rect x="{x - half:.1f}" y="{y - half:.1f}" width="{2 * half:.1f}" '
            f'height="{2 * half:.1f}" rx="2.5" fill="{colour}" {halo}/>'
        )
    elif node.role == "launch":
        tall = r * (1.1 if n == 1 else 1.3)
        corners = [
            [x, y - tall],
            [x + tall * 0.95, y + tall * 0.7],
            [x - tall * 0.95, y + tall * 0.7],
        ]
        shape = f'<path d="{svg_path([np.array(corners)])}" fill="{colour}" {halo}/>'
    else:
        fill = "none" if node.around else "#fff"
        circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r - (not node.around):.1f}"'
        shape = (
            f'{circle} fill="none" stroke="#fff" stroke-width="4.5"/>'
            f'{circle} fill="{fill}" stroke="{colour}" stroke-width="2.4"/>'
        )
        if n == 1 and not node.around:
            cross = f"M{x - 2.2:.1f},{y - 2.2:.1f}l4.4,4.4m0,-4.4l-4.4,4.4"
            shape += f'<path d="{cross}" stroke="{colour}" stroke-width="1.8"/>'
    parts = [shape]
    if n > 1 and not node.around:
        fill = colour if node.role == "impact" else "#fff"
        down = 2.5 if node.role == "launch" else 0.0
        parts.append(_words(str(n), x, y + down, size=9 if n > 99 else 11, fill=fill, weight=700))
    return parts


def _names(symbols: Sequence[Node], strings: dict[str, Any], room: Room) -> list[str]:
    """Return the names of symbols beside them, where there is room."""
    parts = []
    for node in sorted(symbols, key=lambda node: -len(node.incidents)):
        more = len(node.groups) - 1
        text = shortened(node.groups[0].name, 32)
        text += f" +{phrase(strings, 'place', more)}" if more else ""
        width = text_width(text, 12, bold=True) + 6
        x, y, reach = node.ring or (node.x, node.y, max(node.radius, node.reach))
        place = room.find(beside(x, y, reach, width), width, 15)
        if place:
            halo = 'stroke="#fff" stroke-opacity="0.92" stroke-width="3.5" paint-order="stroke"'
            parts.append(_words(text, *place, size=12, fill=ROLES[node.role][1], extra=halo))
    return parts


def _pills(found: Sequence[Group], strings: dict[str, Any], room: Room) -> list[str]:
    """Return the count of each area, inside it or near its middle; small ones side by side share it."""
    shared: list[list[Group]] = []
    for group in found:
        if group.is_area:
            near = (
                pill
                for pill in shared
                if pill[0].role == group.role
                and max(pill[0].radius, group.radius) < _SMALL
                and math.dist((pill[0].x, pill[0].y), (group.x, group.y)) < 55
            )
            pill = next(near, None)
            if pill is None:
                shared.append([group])
            else:
                pill.append(group)
    parts = []
    for pill in shared:
        first = pill[0]
        count = str(len(set[int]().union(*(group.incidents for group in pill))))
        around = [
            (first.x + right, first.y + down)
            for down in (0, 22, -22, 44, -44)
            for right in (0, 45, -45, 90, -90)
        ]
        inside = [spot for spot in around if _holds(first, spot)]
        near_it = [spot for spot in around if math.dist(spot, (first.x, first.y)) < 50]
        name = shortened(first.name, 32) if len(pill) == 1 else phrase(strings, "area", len(pill))
        for text, spots in ((f"{count} · {name}", inside), (count, inside), (count, near_it)):
            width = text_width(text, 12) + 18
            place = room.find(spots, width, 20)
            if place:
                colour, ink, _ = ROLES[first.role]
                x, y = place
                parts += [
                    (
                        f'<rect x="{x - width / 2:.1f}" y="{y - 10:.1f}" width="{width:.1f}" '
                        f'height="20" rx="10" fill="#fff" fill-opacity="0.92" stroke="{colour}" '
                        'stroke-width="1.2" stroke-dasharray="4 3"/>'
                    ),
                    _words(text, x, y, size=12, fill=ink, weight=500),
                ]
                break
    return parts


def _holds(group: Group, spot: tuple[float, float]) -> bool:
    """Return whether a spot is inside an area: its rings are crossed an odd number of times."""
    if not group.rings:
        return math.dist(spot, (group.x, group.y)) < group.radius
    x, y = spot
    crossings = 0
    for ring in group.rings:
        one, other = ring, np.roll(ring, -1, axis=0)
        over = (one[:, 1] > y) != (other[:, 1] > y)
        rise = np.where(over, other[:, 1] - one[:, 1], 1.0)
        at = one[:, 0] + (y - one[:, 1]) / rise * (other[:, 0] - one[:, 0])
        crossings += int((over & (at > x)).sum())
    return crossings % 2 == 1


def _scale_bar(
    view: View, bounds: tuple[float, float, float, float], width: int, height: int
) -> list[str]:
    """Return a bar of a round length, true at the middle of the data."""
    metres = view.metres((bounds[1] + bounds[3]) / 2)
    rounds = [step * 10**power for power in range(1, 7) for step in (1, 2, 3, 5)]
    length_m = max((value for value in rounds if value / metres <= 100), default=rounds[0])
    label = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m} m"
    right, foot = width - 12, height - 26
    bar = length_m / metres
    path = f'<path d="M{right - bar:.1f},{foot - 6}v6h{bar:.1f}v-6" fill="none"'
    halo = f'stroke="{LAND}" stroke-opacity="0.85" stroke-width="3.5" paint-order="stroke"'
    return [
        f'{path} stroke="{LAND}" stroke-opacity="0.85" stroke-width="4.5"/>',
        f'{path} stroke="#8A8577" stroke-width="1.5"/>',
        _words(label, right - bar / 2, foot - 9, size=10.5, fill="#5B5F66", weight=400, extra=halo),
    ]


def _credit(data: Payload, strings: dict[str, Any], width: int, height: int) -> str:
    """Return the line at the foot: whose outlines these are, and what made the picture."""
    content = data.content
    text = strings["credit"].format(version=content["version"], made=content["made"])
    room = text_width(text, 10.5) + 16
    return (
        f'<rect x="{width - room:.1f}" y="{height - 19}" width="{room:.1f}" height="19" fill="#FBFAF6" '
        f'fill-opacity="0.85"/><text x="{width - 8}" y="{height - 6}" text-anchor="end" '
        f'font-size="10.5" fill="#5B5F66">{svg_text(text)}</text>'
    )
