"""What an analyst's decision comes to: a place, none, or no place at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geoinc.decisions import NONE_OF_THESE, NOT_A_PLACE, spot_of
from geoinc.errors import PlaceNotFoundError
from geoinc.georeferencing import Hints, Resolution, georeference, hinted_area
from geoinc.layers.coordinates import point_place

if TYPE_CHECKING:
    from geoinc.decisions import Decision
    from geoinc.gazetteer import Search
    from geoinc.places import Place


def decided_answer(
    decision: Decision, words: str, gazetteer: Search, *, country: str, admin1: str, admin2: str
) -> Resolution:
    """Return what words come to by decision of an analyst.

    Parameters
    ----------
    decision : Decision
        The decision.
    words : str
        The words of the account.
    gazetteer : Search
        Where ids and names are looked up.
    country, admin1, admin2 : str
        Hints, which say where a place is that is none of the candidates.

    Raises
    ------
    PlaceNotFoundError, ValueError
        It names no known place; what to do is in the message.
    """
    by = f"decided {decision.by}"
    if decision.decision == NOT_A_PLACE:
        reason = f"unknown: {by}: not a place"
        return Resolution(words, "not told", None, "decision", 0.0, reason, ())
    if decision.decision == NONE_OF_THESE:
        reason = f"unknown: {by}: none of the known places"
        area = hinted_area(gazetteer, Hints(country, admin1, admin2))
        if area is not None:
            reason += f"; placed in {area.name}, as hinted"
            area = replace(area, match="decision", score=0.0, reason=reason)
        return Resolution(words, "unresolved", area, "decision", 0.0, reason, (), words)
    place = _place(decision, gazetteer, country)
    reason = f"sure: {by}: {decision.decision}"
    place = replace(place, match="decision", score=1.0, reason=reason)
    return Resolution(words, "resolved", place, "decision", 1.0, reason, ())


def _place(decision: Decision, gazetteer: Search, country: str) -> Place:
    """Return the place that a decision names by coordinates, id or name."""
    told = decision.decision
    spot = spot_of(told)
    if spot is not None:
        return point_place(*spot, source=f"decided {decision.by}")
    try:
        return gazetteer.place(told)
    except PlaceNotFoundError as error:
        if " " not in told and "-" in told and told == told.casefold():
            msg = f"{told!r} is the id of no place that this gazetteer knows"
            raise PlaceNotFoundError(msg, told) from error
    found = georeference(told, gazetteer, country=country)
    if found.status != "resolved" or found.place is None:
        msg = (
            f"{told!r} is no place's id, no 'latitude, longitude ± km', and no name that resolves "
            f"({found.reason.partition(': ')[2]})"
        )
        raise PlaceNotFoundError(msg, told, found.candidates)
    return found.place
