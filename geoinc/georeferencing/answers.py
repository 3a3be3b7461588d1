"""What words for a place came to: a named place, the area of clauses, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from geoinc import geodesy
from geoinc.errors import LocalityError
from geoinc.georeferencing.areas import WIDE_COVERAGE, area_of, coverage_of
from geoinc.georeferencing.circles import as_circle
from geoinc.georeferencing.methods import Method
from geoinc.localities import tells_what
from geoinc.places import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoinc.georeferencing.areas import Area
    from geoinc.georeferencing.names import Found, Status
    from geoinc.localities import Clause, Locality


@dataclass(frozen=True, eq=False, slots=True)
class Resolution:
    """What words for a place came to.

    Parameters
    ----------
    text : str
        The words.
    status : {"resolved", "ambiguous", "unresolved", "not told"}
        Whether they name a place that is known.
    place : Place or None
        The place where resolved; else the area that is hinted, if any is.
    match : str
        The stage of the search that found the name, ``"context"`` where the words point at a
        place that is given, ``"relation"``, or ``"hint"`` where the place is only the area
        that hints give for a name that is not resolved.
    score : float
        Probability that it is the right place, 0..1.
    reason : str
        Why, in words; the first word is sure, check or unknown.
    candidates : tuple of str
        Where not resolved, the places that come into question, best first.
    name : str
        Where not resolved, the name in the words that is not known or means several places.
    turns : frozenset of str or None
        The days on which the words may come to something else (`geoinc.matching.same_then`);
        None where that may be any.
    """

    text: str
    status: Status
    place: Place | None
    match: str
    score: float
    reason: str
    candidates: tuple[str, ...]
    name: str = ""
    turns: frozenset[str] | None = frozenset()


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """A clause with the places it names and the area it covers."""

    clause: Clause
    anchors: tuple[Found, ...]
    places: tuple[Place, ...]
    limits: tuple[Area, ...]
    footprint: Area
    method: Method

    def wide(self) -> Area:
        """Return the area as widely as the words may be taken."""
        headings = self.method.headings
        return area_of(self.clause, self.places, limits=self.limits, wide=True, headings=headings)

    def trace(self) -> str:
        """Return the clause as it is worded, with the places it was found to name."""
        words = str(self.clause)
        names = [
            place.name for place in self.places if place.name.casefold() not in words.casefold()
        ]
        return f"{words!r} ({' and '.join(names)})" if names else repr(words)

    def doubts(self, core: Reading | None, notes: Sequence[str]) -> list[str]:
        """Return why a reader should look at it again."""
        doubts = [anchor.why for anchor in self.anchors if not anchor.sure]
        whole = self is core or self.clause.relation == "part"
        if whole and any(anchor.two_sizes for anchor in self.anchors):
            doubts.append("city or governorate")
        if self.clause.relation == "border":
            if len(self.places) == 1:
                doubts.append("the border with which neighbour is not told")
            doubts += [f"which {note} is not told" for note in notes if "crossing" in note]
        return doubts


def answered(text: str, found: Found) -> Resolution:
    """Return what one name came to."""
    if found.place is None:
        return unresolved(text, " ".join(text.split()), found)
    grade = "sure" if found.sure and not found.two_sizes else "check"
    reason = f"{grade}: {found.why}"
    place = replace(found.place, reason=reason)
    return Resolution(text, found.status, place, found.stage, found.score, reason, ())


def not_told(text: str, locality: Locality) -> Resolution:
    """Return that the words name no place, and what they tell instead."""
    what = next(filter(tells_what, locality.notes), "")
    if what:
        why = f"{what!r} is what it was, not where"
    elif locality.notes:
        why = f"{locality.notes[0]!r} names no place"
    else:
        why = "nothing is told"
    return Resolution(text, "not told", None, "", 0.0, f"unknown: {why}", ())


def unresolved(text: str, name: str, found: Found, said_in: str = "") -> Resolution:
    """Return that a name in the words means no known place, or several.

    Parameters
    ----------
    text : str
        The words.
    name : str
        The name in them.
    found : Found
        What it came to.
    said_in : str
        The name of the area that the words say it lies in.
    """
    why = found.why
    if name != " ".join(text.split()) and repr(name) not in why:
        why = f"{name!r}: {why}"
    if said_in:
        why = f"{why}; said to be in {said_in}"
    status: Status = "ambiguous" if found.status == "ambiguous" else "unresolved"
    return Resolution(text, status, None, "", 0.0, f"unknown: {why}", found.candidates, name)


def hinted(answer: Resolution, area: Place) -> Resolution:
    """Return an answer without a place with the area where it is said to be.

    The status stays: the name is not known, only whereabouts it is.
    """
    reason = f"{answer.reason}; placed in {area.name}, as hinted"
    place = replace(area, match="hint", score=0.0, reason=reason)
    return replace(answer, place=place, match="hint", reason=reason)


def in_circle(answer: Resolution, method: Method) -> Resolution:
    """Return an answer with the circle of its place, where the point-radius method is asked for."""
    if answer.place is None or method.point_radius is None:
        return answer
    return replace(answer, place=as_circle(answer.place, (), method.point_radius))


def _graded(readings: Sequence[Reading], doubts: Sequence[str]) -> str:
    trace = " and ".join(reading.trace() for reading in readings)
    grade = "check" if doubts else "sure"
    return f"{grade}: {'; '.join([*dict.fromkeys(doubts), trace])}"


def _score(readings: Sequence[Reading]) -> float:
    score = 1.0
    for reading in readings:
        for anchor in reading.anchors:
            score *= anchor.score
    return score


def as_named(
    text: str, core: Reading, readings: Sequence[Reading], doubts: Sequence[str]
) -> Resolution:
    """Return a named place, which keeps its own footprint whatever else is said of it."""
    found = core.anchors[0]
    if len(readings) == 1 and not doubts:
        return answered(text, found)
    reason = _graded(readings, doubts)
    place = replace(core.places[0], reason=reason)
    return Resolution(text, "resolved", place, found.stage, _score(readings), reason, ())


def as_area(
    text: str, parts: Sequence[Reading], readings: Sequence[Reading], doubts: list[str]
) -> Resolution:
    """Return the area where clauses meet, as a place."""
    method = parts[0].method
    coverage = min(coverage_of(part.clause, method.headings) for part in parts)
    area = _intersection([part.footprint for part in parts])
    if area.is_empty:
        # They meet only when taken as widely as words may be.
        coverage = WIDE_COVERAGE
        area = _intersection([part.wide() for part in parts])
        doubts.append("the clauses meet only when taken widely")
    if area.is_empty:
        said = ", ".join(part.trace() for part in parts)
        message = f"{text!r} contradicts itself: {said} do not meet in one place"
        raise LocalityError(message, text)
    reason = _graded(readings, doubts)
    anchors = [place for part in parts for place in part.places]
    longitude, latitude, radius_m = geodesy.corrected_centre(area)
    # What "in X" covers already holds how wrong the outline of X may be.
    drawn = [place for part in parts if part.clause.relation != "in" for place in part.places]
    boundary_error_m = max((place.boundary_error_m for place in drawn), default=0.0)
    errors_m = [place.position_error_m for place in anchors]
    # Of coordinates all that is not known is where they are.
    errors_m += [part.clause.uncertainty_m or 0.0 for part in parts]
    holders = [part.places[0] for part in readings if part.clause.relation in {"in", "part"}]
    place = Place(
        place_id=_relation_id(parts),
        name=", ".join(_in_words(part) for part in parts),
        kind="relation",
        footprint=area,
        longitude=longitude,
        latitude=latitude,
        uncertainty_m=radius_m + boundary_error_m,
        position_error_m=max(errors_m),
        boundary_error_m=boundary_error_m,
        coverage=coverage,
        country=_only({place.country for place in holders or anchors}),
        admin1=_only({place.admin1 for place in holders if place.admin1}),
        source="; ".join(sorted({place.source for place in anchors if place.source})) or "as told",
        licence="; ".join(sorted({place.licence for place in anchors if place.licence})),
        match="relation",
        score=_score(readings),
        reason=reason,
        shape=_simple_shape(parts),
    )
    if method.point_radius is not None:
        place = as_circle(
            place, [(part.clause, part.places) for part in parts], method.point_radius
        )
    return Resolution(text, "resolved", place, "relation", place.score, reason, ())


def _simple_shape(parts: Sequence[Reading]) -> str:
    """Return the shape of coordinates, which are a disc; all else is an outline."""
    radius_m = parts[0].clause.uncertainty_m
    return "polygon" if len(parts) > 1 or radius_m is None else f"disc radius_m={radius_m:g}"


def _intersection(areas: Sequence[Area]) -> Area:
    area = areas[0]
    for other in areas[1:]:
        area = geodesy.polygons(area.intersection(other))
    return area


def _only(values: set[str]) -> str:
    """Return the value that all share, "" where they differ."""
    return values.pop() if len(values) == 1 else ""


def _relation_id(parts: Sequence[Reading]) -> str:
    """Return the hash of clauses and anchors, whatever their order and words."""
    said = sorted(_as_key(part) for part in parts)
    said += [repr(parts[0].method)] if parts[0].method != Method() else []
    return f"rel-{blake2b('; '.join(said).encode(), digest_size=6).hexdigest()}"


def _as_key(part: Reading) -> str:
    """Return all that a clause's area depends on."""
    clause = part.clause
    told = [clause.relation, clause.heading, clause.distance]
    if clause.relation == "orthogonal":
        told += [clause.other_heading, clause.other_distance]
    if clause.relation == "coordinates":
        told.append(str(clause))
    return "|".join([*told, *(place.place_id for place in part.places)])


def _in_words(part: Reading) -> str:
    """Return a clause with the names its places are known by."""
    names = tuple(place.name for place in part.places)
    return str(replace(part.clause, names=names))
