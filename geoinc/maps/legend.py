"""The panel of a drawn map: what is shown, what the marks mean, what no mark can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geoinc.maps import figures
from geoinc.maps.lettering import wrapped
from geoinc.maps.statistics import unsure
from geoinc.maps.svg import INK, LINE, QUIET, ROLES, RULE, STATISTIC, svg_path, svg_text
from geoinc.maps.words import grouped, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoinc.maps.payload import Payload
    from geoinc.maps.scene import Group, Link

#: Width of the panel, the way around it, and the way inside it, pixels.
PANEL, GAP, INSIDE = 292, 14, 16


class _Column:
    """Lines of the panel, from above to below; in Arabic from the right."""

    def __init__(self, *, rtl: bool) -> None:
        self.parts: list[str] = []
        self.y = GAP + 14.0
        self.inner = PANEL - 2 * INSIDE
        edges = (GAP + INSIDE, GAP + PANEL - INSIDE)
        self.left = edges[0]
        self.start, self.end = edges[::-1] if rtl else edges
        self.side = -1 if rtl else 1
        self._way = ' direction="rtl"' if rtl else ""
        self._far = "start" if rtl else "end"

    def line(
        self, text: str, size: float, fill: str, *, indent: float = 0, bold: bool = False
    ) -> None:
        """Write a text, in as many lines as it needs."""
        for part in wrapped(text, self.inner - indent, size, bold=bold):
            self.y += size * 1.4
            self.parts.append(
                f'<text x="{self.start + self.side * indent:.1f}" y="{self.y:.1f}" '
                f'font-size="{size:g}"{self._way} font-weight="{700 if bold else 400}" '
                f'fill="{fill}">{svg_text(part)}</text>'
            )

    def count(self, n: str) -> None:
        """Write a number at the far end."""
        self.parts.append(
            f'<text x="{self.end}" y="{self.y + 13.5:.1f}" font-size="13" font-weight="600" '
            f'text-anchor="{self._far}" fill="{QUIET}">{n}</text>'
        )

    def rule(self) -> None:
        """Draw a line between two parts."""
        self.y += 9
        self.parts.append(f'<path d="M{self.left},{self.y:.1f}h{self.inner}" stroke="{RULE}"/>')
        self.y += 2

    def key(self, sign: str, text: str) -> None:
        """Write what a sign means."""
        x, y = self.start + self.side * 13, self.y + 11
        self.parts.append(f'<g transform="translate({x:.1f} {y:.1f})">{sign}</g>')
        self.line(text, 12, QUIET, indent=35)
        self.y += 2


def panel(
    data: Payload, strings: dict[str, Any], found: Sequence[Group], lines: Sequence[Link]
) -> tuple[str, float]:
    """Return the panel as SVG, and its height in pixels.

    Parameters
    ----------
    data : Payload
        What the map shows.
    strings : dict
        The words of its language.
    found : sequence of Group
        What is drawn at places.
    lines : sequence of Link
        And between them.
    """
    content, header = data.content, data.content["header"]
    column = _Column(rtl=strings["direction"] == "rtl")
    column.line(str(content.get("title", "")), 17, INK, bold=True)
    column.y += 2
    told = [_whole(strings, name, header[f"{name}s"]) for name in ("incident", "account", "place")]
    rest = [
        _whole(strings, name, header[count])
        for name, count in (("summary", "summaries"), ("notPlaced", "not_placed"))
        if header[count]
    ]
    counts = [strings["comma"].join(names) for names in (told, rest) if names]
    column.line("; ".join(counts), 12.5, QUIET)
    _roles(column, strings, found)
    keys = {
        "keyArea": any(group.is_area for group in found),
        "keyLink": bool(lines),
        "keyCoarse": any(link.coarse for link in lines),
        "keyRing": any(link.ring for link in lines),
    }
    column.y += 5
    for name, there in keys.items():
        if there:
            column.key(_SIGNS[name], strings[name])
    for statistic in figures.shown(content.get("statistics", [])):
        _scale(column, strings, statistic)
    chips = " · ".join(
        _whole(strings, chip["kind"], len(chip["incidents"]), place=chip["place"])
        for chip in content["chips"]
    )
    notes = [note for note in (chips, *content["notices"]) if note]
    if notes:
        column.rule()
    for note in notes:
        column.line(note, 12, QUIET)
    tall = column.y + 16 - GAP
    box = (
        f'<rect x="{GAP}" y="{GAP}" width="{PANEL}" height="{tall:.1f}" rx="10" fill="#fff" '
        'stroke="#23272E" stroke-opacity="0.12"/>'
    )
    return "\n".join([box, *column.parts]), tall


def _roles(column: _Column, strings: dict[str, Any], found: Sequence[Group]) -> None:
    column.rule()
    column.y += 4
    for role in ("target", "launch", "impact"):
        own = [group.incidents for group in found if group.role == role]
        if own:
            column.y += 7
            sign = _symbol(role)
            x = column.start + column.side * 8
            column.parts.append(f'<g transform="translate({x:.1f} {column.y + 9:.1f})">{sign}</g>')
            column.count(grouped(strings["language"], len(set[int]().union(*own))))
            column.y -= 4.5
            column.line(strings[ROLES[role][2]], 13, INK, indent=26)


def _scale(column: _Column, strings: dict[str, Any], statistic: dict[str, Any]) -> None:
    """Write what the colours of a statistic mean."""
    column.rule()
    bounds = statistic["breaks"]
    if not bounds:
        column.key(_OUTLINES[max(statistic["kinds"], default=2)], statistic["title"])
        return
    column.line(statistic["title"], 13, INK, bold=True)
    if statistic["unit"]:
        column.line(statistic["unit"], 12, QUIET)
    for number, low in enumerate(bounds):
        words = strings["orMore"].format(low=f"{low:g}")
        if number + 1 < len(bounds):
            words = strings["toUnder"].format(low=f"{low:g}", high=f"{bounds[number + 1]:g}")
        column.key(_swatch(figures.colour_of(number, len(bounds))), words)
    if any(unsure(statistic, number) for number in range(len(statistic["kinds"]))):
        column.key(_swatch("url(#hatch-dark)"), strings["hatched"])


def _whole(strings: dict[str, Any], name: str, n: int, **values: str) -> str:
    """Return a phrase that is not broken between lines."""
    return phrase(strings, name, n, **values).replace(" ", "\u00a0")


def _symbol(role: str) -> str:
    """Return a symbol around 0, 0."""
    colour = ROLES[role][0]
    if role == "target":
        return f'<rect x="-5" y="-5" width="10" height="10" rx="1" fill="{colour}"/>'
    if role == "launch":
        corners = np.array([[0.0, -6.0], [6.5, 5.0], [-6.5, 5.0]])
        return f'<path d="{svg_path([corners])}" fill="{colour}"/>'
    return (
        f'<circle r="5.6" fill="#fff" stroke="{colour}" stroke-width="2"/>'
        f'<path d="M-2,-2l4,4m0,-4l-4,4" stroke="{colour}" stroke-width="1.6"/>'
    )


def _swatch(fill: str) -> str:
    return f'<rect x="-13" y="-7" width="26" height="14" rx="3" fill="{fill}" stroke="{RULE}"/>'


_ARC = f'<path d="M-13,2q13,-9 26,0" fill="none" stroke="{LINE}" stroke-width="2"'
_TARGET = ROLES["target"][0]

#: What has no colour of a scale: a point, a line, an area.
_OUTLINES = (
    f'<path d="M0,-6l6,6l-6,6l-6,-6Z" fill="{STATISTIC}"/>',
    f'<path d="M-13,0h26" stroke="{STATISTIC}" stroke-width="2.2"/>',
    f'<rect x="-11" y="-6" width="22" height="12" rx="3" fill="none" stroke="{STATISTIC}" stroke-width="2.2"/>',
)

#: Lines and areas around 0, 0, as the legend has them.
_SIGNS = {
    "keyArea": (
        f'<rect x="-13" y="-7" width="26" height="14" rx="5" fill="{_TARGET}" fill-opacity="0.1" '
        f'stroke="{_TARGET}" stroke-width="1.2" stroke-dasharray="4 3"/>'
    ),
    "keyLink": f"{_ARC}/>",
    "keyCoarse": f'{_ARC} stroke-dasharray="5 4"/>',
    "keyRing": f'<circle r="7" fill="none" stroke="{LINE}" stroke-width="1.2"/>',
}
