"""How areas are made of words: measured or by the textbook, as areas or as circles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geoinc.georeferencing.point_radius import PointRadius

if TYPE_CHECKING:
    from geoinc.georeferencing.headings import Headings


@dataclass(frozen=True, slots=True)
class Method:
    """What `resolve` was asked for.

    Parameters
    ----------
    headings : {"calibrated", "compass"}
        How far headings and distances stray.
    point_radius : PointRadius or None
        How circles are counted; None for areas.
    """

    headings: Headings = field(default="calibrated")
    point_radius: PointRadius | None = None


def method_of(method: str | PointRadius, headings: Headings) -> Method:
    """Return the method that is asked for.

    Parameters
    ----------
    method : {"area", "point-radius"} or PointRadius
        The area that the words cover, or the circle of the georeferencing guides.
    headings : {"calibrated", "compass"}
        How far headings and distances stray; of circles always as the guides say.

    Returns
    -------
    Method
        It compares equal where areas are.

    Raises
    ------
    ValueError
        There is no such method.

    Examples
    --------
    >>> method_of("point-radius", "calibrated").headings
    'compass'
    """
    if headings not in {"calibrated", "compass"}:
        message = f"headings={headings!r}: 'calibrated' or 'compass'"
        raise ValueError(message)
    if method == "area":
        return Method(headings)
    if method == "point-radius":
        return Method("compass", PointRadius())
    if isinstance(method, PointRadius):
        return Method("compass", method)
    message = f"method={method!r}: 'area', 'point-radius' or a PointRadius"
    raise ValueError(message)
