"""Lines and texts as SVG has them, and the colours of a drawn map."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# As the page's on a light screen (static/palette.js); a test holds them together.

#: Of a role: the mark, small letters, and the name of its plural in words.
ROLES = {
    "launch": ("#D55E00", "#9C4500", "launches"),
    "impact": ("#6A1B5E", "#6A1B5E", "impacts"),
    "target": ("#0072B2", "#23272E", "targets"),
}
SEA, LAND, NEIGHBOUR = "#DDE7EC", "#FBFAF6", "#EFEDE6"
BORDER, PROVINCE, NAME = "#A9A391", "#D3CCBA", "#6A6454"
LINE = "#3C4149"

#: Of figures, from little to much, and of what has no scale.
SCALE = ("#EFD97E", "#86B773", "#277572", "#0A2C3D")
STATISTIC = "#0F5B57"

INK, QUIET, RULE = "#23272E", "#646A73", "#E4E1D8"

#: What XML cannot hold.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(value: str) -> str:
    """Return a text without what XML cannot hold."""
    return _NO_XML.sub("\ufffd", value)


def svg_text(value: str) -> str:
    """Return a text as it may stand between two tags."""
    return escape(clean(value))


def svg_path(lines: Iterable[Floats], *, close: bool = True) -> str:
    """Return lines in pixels as the data of a path.

    Parameters
    ----------
    lines : iterable of array
        Two columns each.
    close : bool
        Whether each is a ring.
    """
    parts = []
    for line in lines:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.tolist())
        parts.append(f"M{points}{'Z' if close else ''}")
    return " ".join(parts)
