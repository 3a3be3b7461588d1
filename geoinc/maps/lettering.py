"""Where words stand on a drawn map: how wide they are, and where there is room for them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FONT = "'Noto Sans', 'Segoe UI', system-ui, Roboto, 'Liberation Sans', Arial, sans-serif"

_NARROW = frozenset("iljtfrI.,:;'|!()[] -·")
_WIDE = frozenset("mwMW@%—")

Spot = tuple[float, float]


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a text is in a usual sans-serif font, in pixels.

    Parameters
    ----------
    text : str
        One line.
    size : float
        Of the font, pixels.
    bold : bool
        Whether it is semi-bold.

    Examples
    --------
    >>> round(text_width("Balad Air Base", 12, bold=True))
    102
    """
    ems = 0.0
    for char in text:
        if unicodedata.combining(char):
            continue
        if char in _NARROW:
            ems += 0.35
        elif char in _WIDE:
            ems += 0.9
        elif unicodedata.east_asian_width(char) in "WF":
            ems += 1.0
        else:
            ems += 0.72 if char.isupper() else 0.6
    # As wide as DejaVu Sans, the widest that a reader may have.
    return ems * size * (1.13 if bold else 1.02)


def shortened(text: str, most: int) -> str:
    """Return a text cut to a number of characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return a text as lines that fit a width, in pixels."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


class Room:
    """Boxes of labels and symbols that are already taken in a picture.

    Parameters
    ----------
    width, height : float
        Of the picture, pixels.
    """

    def __init__(self, width: float, height: float) -> None:
        self._size = (width, height)
        self._boxes: list[tuple[float, float, float, float]] = []

    def take(self, x: float, y: float, width: float, height: float) -> None:
        """Take a box around a centre, whatever stands there."""
        self._boxes.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))

    def find(self, centres: Iterable[Spot], width: float, height: float) -> Spot | None:
        """Take the first free of some centres, and return it."""
        for x, y in centres:
            left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
            if left < 2 or top < 2 or right > self._size[0] - 2 or bottom > self._size[1] - 2:
                continue
            if not any(
                left < box[2] and right > box[0] and top < box[3] and bottom > box[1]
                for box in self._boxes
            ):
                self._boxes.append((left, top, right, bottom))
                return (x, y)
        return None


def beside(x: float, y: float, reach: float, width: float) -> Sequence[Spot]:
    """Return where the name of a symbol may stand, the best first."""
    out = reach + width / 2 + 2
    return [
        (x + out, y), (x - out, y), (x, y - reach - 9), (x, y + reach + 9),
        (x + out - 4, y + 13), (x + out - 4, y - 13), (x - out + 4, y + 13), (x - out + 4, y - 13),
    ]  # fmt: skip
