"""Statistics in a drawn map: coloured areas, lines and points, as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geoinc.maps.lettering import beside, shortened, text_width
from geoinc.maps.scene import unfolded
from geoinc.maps.statistics import class_of, span, unsure
from geoinc.maps.svg import SCALE, STATISTIC, svg_path, svg_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoinc.maps.lettering import Room
    from geoinc.maps.scene import View

#: What stands in the head of the file: lines aslant, for dark and for light colours.
PATTERNS = "".join(
    f'<pattern id="hatch-{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
    f'<path d="M-2,2l4,-4M0,8l8,-8M6,10l4,-4" stroke="{colour}" stroke-width="1.1"/></pattern>'
    for name, colour in (("light", "#fff"), ("dark", "#4A4E55"))
)

_AREA, _POINT = 2, 0


def shown(statistics: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is shown at first: of coloured maps, which would cover each other, one."""
    coloured = [statistic for statistic in statistics if statistic["breaks"]]
    return [one for one in statistics if not one["breaks"] or one is coloured[0]]


def colour_of(number: int, classes: int) -> str:
    """Return the colour of a class, of as many as there are."""
    return SCALE[round(number * (len(SCALE) - 1) / max(1, classes - 1))]


def marks(statistics: Sequence[dict[str, Any]], view: View) -> list[str]:
    """Return the areas, lines and points of statistics, under the marks of the incidents."""
    parts = []
    for statistic in shown(statistics):
        bounds = statistic["breaks"]
        for number, kind in enumerate(statistic["kinds"]):
            lines = unfolded(statistic["shapes"][number], statistic["step"], view)
            if kind == _AREA and bounds:
                path = svg_path(lines)
                level = class_of(statistic["values"][number], bounds)
                fill = colour_of(level, len(bounds)) if level >= 0 else "none"
                parts.append(
                    f'<path d="{path}" fill="{fill}" fill-opacity="0.78" fill-rule="evenodd" '
                    'stroke="#fff" stroke-width="0.9" stroke-linejoin="round"/>'
                )
                if unsure(statistic, number):
                    name = "light" if level >= 0 and fill in SCALE[2:] else "dark"
                    parts.append(
                        f'<path d="{path}" fill="url(#hatch-{name})" fill-rule="evenodd"/>'
                    )
            elif kind == _POINT:
                for (x, y), *_ in (line.tolist() for line in lines):
                    parts.append(
                        f'<path d="M{x:.1f},{y - 7:.1f}l7,7l-7,7l-7,-7Z" fill="{STATISTIC}" '
                        'stroke="#fff" stroke-width="4" paint-order="stroke"/>'
                    )
            else:
                path = svg_path(lines, close=kind == _AREA)
                fill = f'fill="{STATISTIC}" fill-opacity="0.08"' if kind == _AREA else 'fill="none"'
                parts += [
                    f'<path d="{path}" {fill} stroke="#fff" stroke-opacity="0.92" stroke-width="5"/>',
                    f'<path d="{path}" fill="none" stroke="{STATISTIC}" stroke-width="2.2"/>',
                ]
    return parts


def labels(statistics: Sequence[dict[str, Any]], view: View, room: Room) -> list[str]:
    """Return the labels of what has no colour of a scale, where there is room."""
    parts = []
    for statistic in shown(statistics):
        for number, kind in enumerate(statistic["kinds"]):
            if kind == _AREA and statistic["breaks"]:
                continue
            (line, *_) = unfolded(statistic["shapes"][number], statistic["step"], view)
            at = int(np.argmin(line[:, 1])) if kind == _AREA else len(line) // 2
            words = [statistic["labels"][number], span(statistic, number)]
            text = shortened(" · ".join(word for word in words if word), 60)
            width = text_width(text, 12, bold=True)
            x, y = line[at].tolist()
            place = room.find(beside(x, y, 9, width), width, 15)
            if place and text:
                parts.append(
                    f'<text x="{place[0]:.1f}" y="{place[1] + 4.3:.1f}" text-anchor="middle" '
                    f'font-size="12" font-weight="600" fill="{STATISTIC}" stroke="#fff" '
                    f'stroke-opacity="0.92" stroke-width="3.5" paint-order="stroke">{svg_text(text)}</text>'
                )
    return parts
