"""From words to a place: read the clauses, find their names, meet their areas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import combinations
from typing import TYPE_CHECKING

from geoinc import geodesy
from geoinc.errors import AmbiguousPlaceError, LocalityError, PlaceNotFoundError
from geoinc.georeferencing.areas import FROM_THE_SPOT, WIDE_COVERAGE, area_of, coverage_of
from geoinc.georeferencing.names import (
    AS_WRITTEN,
    BY_WORDS,
    Found,
    Status,
    found_place,
    look_up,
)
from geoinc.localities import (
    ANAPHORA,
    COUNTRY_CODES,
    LONGEST,
    NEARBY,
    Clause,
    Locality,
    parse_locality,
    starts_with_side,
    tells_kind,
    tells_what,
    without_owner,
)
from geoinc.places import Place
from geoinc.toponyms import split_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geoinc.gazetteer import Search
    from geoinc.georeferencing.areas import Area

#: Names in names ("near the border with Syria") are followed this far.
_DEEPEST = 3
#: No name has more words; longer texts are read, not looked up.
_LONGEST_NAME = 6
#: Smaller than this, a place says what else is near it.
_SMALL_M = 60_000.0


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
        The place, where resolved.
    match : str
        The stage of the search that found the name, ``"context"`` where the words point at a
        place that is given, or ``"relation"``.
    score : float
        Probability that it is the right place, 0..1.
    reason : str
        Why, in words; the first word is sure, check or unknown.
    candidates : tuple of str
        Where not resolved, the places that come into question, best first.
    """

    text: str
    status: Status
    place: Place | None
    match: str
    score: float
    reason: str
    candidates: tuple[str, ...]


def georeference(
    text: str,
    gazetteer: Search,
    *,
    context: Mapping[str, Place] | None = None,
    country: str = "",
    date: str = "",
) -> Resolution:
    """Return what the words for a place come to; words never raise.

    Parameters
    ----------
    text : str
        A name, a description, or both.
    gazetteer : Gazetteer
        Or anything with its ``search`` and ``place``.
    context : mapping of str to Place, optional
        Places that the words point at: ``{"the base": base}``.
    country : str
        ISO 3166-1 alpha-2 code or name of a country the place is likely in.
    date : str
        ISO date, or less, of which the words tell.

    Returns
    -------
    Resolution
        With the place, or with the reason why there is none.

    Examples
    --------
    >>> import geoinc as gi
    >>> from geoinc.georeferencing import georeference
    >>> found = georeference("a convoy in Iraq", gi.load_gazetteer())
    >>> found.status, found.place.name
    ('resolved', 'Iraq')
    >>> georeference("a convoy", gi.load_gazetteer()).status
    'not told'
    """
    try:
        return _Reader(gazetteer, context or {}, country, date).read(text)
    except LocalityError as error:
        return Resolution(text, "unresolved", None, "", 0.0, f"unknown: {error}", ())


def resolve(
    text: str,
    gazetteer: Search,
    *,
    context: Mapping[str, Place] | None = None,
    country: str = "",
    date: str = "",
) -> Place:
    """Return the place that words mean.

    Parameters
    ----------
    text, gazetteer, context, country, date
        As for `georeference`.

    Returns
    -------
    Place
        A named place, or the area that a relation of places covers.

    Raises
    ------
    LocalityError
        The words name no place, or their clauses contradict each other.
    PlaceNotFoundError
        No place of that name is known; with suggestions.
    AmbiguousPlaceError
        Several places fit; with the candidates.

    Examples
    --------
    >>> import geoinc as gi
    >>> gaz = gi.load_gazetteer()
    >>> base = gi.resolve("Balad air base", gaz)
    >>> place = gi.resolve("a village in Diyala, east of the base", gaz, context={"the base": base})
    >>> place.name, place.admin1
    ('in Diyala, east of Balad Air Base', 'Diyala')
    """
    found = _Reader(gazetteer, context or {}, country, date).read(text)
    if found.place is not None:
        return found.place
    message = f"{text[:LONGEST]!r} is not resolved: {found.reason.partition(': ')[2]}"
    if found.status == "not told":
        raise LocalityError(message, text)
    if found.status == "ambiguous":
        raise AmbiguousPlaceError(message, text, found.candidates)
    raise PlaceNotFoundError(message, text, found.candidates)


class _UnknownError(Exception):
    """A name in a clause that means no place, or several."""

    def __init__(self, clause: Clause, name: str, found: Found, where: Place | None) -> None:
        super().__init__(name)
        self.clause = clause
        self.name = name
        self.found = found
        self.where = where


@dataclass(frozen=True, eq=False, slots=True)
class _Reading:
    """A clause with the places it names and the area it covers."""

    clause: Clause
    anchors: tuple[Found, ...]
    places: tuple[Place, ...]
    limits: tuple[Area, ...]
    footprint: Area

    def wide(self) -> Area:
        """Return the area as widely as the words may be taken."""
        return area_of(self.clause, self.places, limits=self.limits, wide=True)

    def trace(self) -> str:
        """Return the clause as it is worded, with the places it was found to name."""
        words = str(self.clause)
        names = [
            place.name for place in self.places if place.name.casefold() not in words.casefold()
        ]
        return f"{words!r} ({' and '.join(names)})" if names else repr(words)

    def doubts(self, core: _Reading | None, notes: Sequence[str]) -> list[str]:
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


class _Reader:
    """Reads words with what is known besides them: places pointed at, a country, a date."""

    def __init__(
        self, gazetteer: Search, context: Mapping[str, Place], country: str, date: str
    ) -> None:
        self._gazetteer = gazetteer
        self._context = {phrase.casefold(): place for phrase, place in context.items()}
        self._country = country
        self._date = date

    def read(self, text: str) -> Resolution:
        """Return what a text comes to; a contradiction raises LocalityError."""
        words = " ".join(text.split())
        if len(words) > LONGEST:
            why = f"unknown: {len(words):,} characters are no name of a place"
            return Resolution(text, "unresolved", None, "", 0.0, why, ())
        whole = self._whole(words)
        if whole is not None:
            return _answer(text, whole)
        locality = parse_locality(text)
        if all(clause.relation == "hint" for clause in locality.clauses):
            return _not_told(text, locality)
        try:
            return self._meet(text, locality, _DEEPEST)
        except _UnknownError as unknown:
            return _unresolved(text, unknown)

    # ------------------------------------------------------------ names

    def _whole(self, words: str) -> Found | None:
        """Return what the words are as one name: "North Haven" is no side of anything."""
        if not words or "," in words or words.count(" ") >= _LONGEST_NAME:
            return None
        if words.startswith(("a ", "an ")):
            return None
        if words.casefold() != NEARBY and words.casefold() in self._context:
            return self._pointed_at(words)
        found = self._look_up(words, None)
        written = found.stage in AS_WRITTEN and found.status != "unresolved"
        return found if written else None

    def _look_up(self, name: str, where: Place | None) -> Found:
        small = where is not None and where.uncertainty_m < _SMALL_M
        return look_up(
            self._gazetteer,  # type: ignore[arg-type]  # a protocol does not say that objects hash
            name,
            country=(where.country if where else "") or self._country,
            admin1=where.admin1 if where else "",
            near=(where.longitude, where.latitude) if where and small else None,
            date=self._date,
        )

    def _pointed_at(self, phrase: str) -> Found | None:
        """Return the place that the context gives for "the base", None where it gives none."""
        place = self._context.get(phrase.casefold())
        if place is None:
            return None
        kinds = split_kind(phrase)[1]
        fits = not kinds or place.kind in kinds
        why = f"{phrase!r} is taken for {place.name}{'' if fits else f' ({place.kind})'}"
        return found_place(place, "context", place.score, why, sure=fits)

    def _anchor(self, clause: Clause, name: str, where: Place | None, depth: int) -> Found:
        """Return the place that a name in a clause means, or raise `_UnknownError`."""
        pointed_at = self._pointed_at(name)
        if pointed_at is not None:
            return pointed_at
        if name in ANAPHORA:
            nothing = Found(why=f"{name!r} points at a place that is not given")
            raise _UnknownError(clause, name, nothing, where)
        found = self._look_up(name, where)
        if found.status == "unresolved" and where is not None:
            # A known place that is elsewhere is a contradiction, not an unknown name.
            found = self._look_up(name, None)
        if where is not None and clause.relation in {"is", "in"}:
            found = self._told_apart(found, where)
        resolved = found.status == "resolved"
        # "Western Iraq" is a side of Iraq, unless a place bears just that name.
        if resolved and (found.stage in BY_WORDS or not starts_with_side(name)):
            return found
        other = (
            self._nested(name, depth)
            or self._shortened(name, where)
            or self._several(name)
            or found
        )
        if other.status == "resolved":
            return other
        raise _UnknownError(clause, name, other, where)

    def _told_apart(self, found: Found, where: Place) -> Found:
        """Return the one of several places of a name that meets where it is said to be."""
        if found.place and _agree(found.place.footprint, where.footprint):
            return found
        rivals = map(self._gazetteer.place, found.rivals)
        meeting = [
            rival for rival in rivals if _share(rival.footprint, where.footprint) >= _LIES_IN
        ]
        if len(meeting) != 1:
            return found
        why = f"{meeting[0].name} in {where.name}, of several of that name"
        return found_place(meeting[0], found.stage, _TOLD_APART_SCORE, why, sure=False)

    def _nested(self, name: str, depth: int) -> Found | None:
        """Read a name that is a locality itself: "Western Iraq", "border with Syria"."""
        first, _, rest = name.partition(" ")
        locality = parse_locality(f"{first.lower()} {rest}" if starts_with_side(name) else name)
        said = [(clause.relation, clause.names) for clause in locality.clauses]
        if not said or said == [("is", (name,))] or not depth:
            return None
        try:
            inner = self._meet(name, locality, depth - 1)
        except _UnknownError:
            return None
        if inner.place is None:
            return None
        sure = inner.reason.startswith("sure")
        why = inner.reason.partition(": ")[2]
        return found_place(inner.place, inner.match, inner.score, why, sure=sure)

    def _shortened(self, name: str, where: Place | None) -> Found | None:
        """Look a name up without whose it is: "US Victoria base"."""
        short = without_owner(name)
        found = self._look_up(short, where) if short != name else None
        if found is None or found.status != "resolved":
            return None
        return replace(found, why=f"{short!r} of {name!r}: {found.why}", sure=False)

    def _several(self, name: str) -> Found | None:
        """Recognise "Iraq and Syria": two places in one cell are no place."""
        found = [self._look_up(part, None) for part in name.split(" and ")]
        if len(found) < 2 or any(one.status != "resolved" for one in found):
            return None
        why = f"{name!r} names several places; write them with ; between"
        candidates = tuple(one.candidates[0] for one in found)
        return Found(status="ambiguous", why=why, candidates=candidates)

    # ------------------------------------------------------------ clauses

    def _meet(self, text: str, locality: Locality, depth: int) -> Resolution:
        """Return where all clauses meet."""
        clauses = [clause for clause in locality.clauses if clause.relation != "hint"]
        anchors, doubts = self._anchors(clauses, self._hint(locality, depth), depth)
        # Directions last: they reach as far as the province or base that ends them.
        readings: dict[Clause, _Reading] = {}
        for clause in sorted(anchors, key=lambda clause: clause.relation == "heading"):
            limits = [
                reading.footprint
                for reading in readings.values()
                if reading.clause.relation in {"is", "in"} and reading.places[0].kind != "country"
            ]
            readings[clause] = self._reading(clause, anchors[clause], limits)
        ordered = [readings[clause] for clause in clauses if clause in readings]
        for reading in ordered:
            if reading.footprint.is_empty:
                message = f"{text!r}: no such place as {str(reading.clause)!r} is on the map"
                raise LocalityError(message, text)
        named = [reading for reading in ordered if reading.clause.relation in {"is", "in"}]
        related = [reading for reading in ordered if reading not in named]
        core = _core(named)
        _check_agreement(text, core, ordered)
        for reading in ordered:
            doubts += reading.doubts(core, locality.notes)
        if clauses[0].relation != "is" and all(
            reading.clause.relation in {"in", "part"} for reading in ordered
        ):
            doubts += [f"{note!r} is not named" for note in locality.notes if tells_kind(note)]
        if core is not None and (clauses[0].relation == "is" or not related):
            return _as_named(text, core, ordered, doubts)
        return _as_area(text, [*([core] if core else []), *related], ordered, doubts)

    def _hint(self, locality: Locality, depth: int) -> Place | None:
        """Return the place that stands in brackets as context, None where it is not known."""
        for clause in locality.clauses:
            if clause.relation == "hint":
                try:
                    return self._anchor(clause, clause.names[0], None, depth).place
                except _UnknownError:
                    continue
        return None

    def _anchors(
        self, clauses: list[Clause], where: Place | None, depth: int
    ) -> tuple[dict[Clause, tuple[Found, ...]], list[str]]:
        """Return the places that the clauses name, and doubts about names left out.

        The outermost first: "Iraq" tells which "Anbar" is meant, and that which "Hit".
        """
        anchors: dict[Clause, tuple[Found, ...]] = {}
        unknown: list[_UnknownError] = []
        outer = [clause for clause in reversed(clauses) if clause.relation in {"in", "part"}]
        inner = [clause for clause in clauses if clause not in outer]
        for clause in [*outer, *inner]:
            try:
                anchors[clause] = self._of_kind(clause, outer, where) or tuple(
                    self._anchor(clause, name, where, depth) for name in clause.names
                )
            except _UnknownError as error:
                # Where X is known, an unknown Y of "X, Y" takes nothing away from it.
                if clause.relation != "in":
                    raise
                unknown.append(error)
            else:
                if clause in outer:
                    where = anchors[clause][0].place
        if unknown and not any(clause in anchors for clause in inner):
            raise unknown[-1]
        return anchors, [f"{error.name!r} is not known" for error in unknown]

    def _of_kind(
        self, clause: Clause, outer: list[Clause], where: Place | None
    ) -> tuple[Found, ...]:
        """Read "the airport in Erbil" as the airport of Erbil, whatever else "the airport" is."""
        name = clause.names[0]
        if clause.relation != "is" or name not in ANAPHORA or not outer:
            return ()
        found = self._look_up(f"{outer[-1].names[0]} {name.removeprefix('the ')}", where)
        return (found,) if found.status == "resolved" and found.stage in BY_WORDS else ()

    def _reading(
        self, clause: Clause, anchors: tuple[Found, ...], limits: Sequence[Area]
    ) -> _Reading:
        """Return a clause with its area."""
        told_from = [
            anchor.spot if clause.relation in FROM_THE_SPOT else anchor.place for anchor in anchors
        ]
        places = [place for place in told_from if place is not None]
        if clause.relation == "part" and anchors[0].two_sizes and anchors[0].spot:
            places.append(anchors[0].spot)
        if clause.relation == "border" and len(places) == 1:
            places += self._neighbour(places[0])
        area = area_of(clause, places, limits=limits)
        return _Reading(clause, anchors, tuple(places), tuple(limits), area)

    def _neighbour(self, place: Place) -> list[Place]:
        """Return the country from which "the border with Syria" is told, if it is known."""
        beside = self._context.get(NEARBY)
        for name in (self._country, beside.country if beside else ""):
            home = self._look_up(COUNTRY_CODES.get(name, name), None).place if name else None
            if home and home.kind == "country" and home.country != place.country:
                return [home]
        return []


#: Of several places of a name one alone lies where it is said to be: nearly as good as the name.
_TOLD_APART_SCORE = 0.8


def _core(named: Sequence[_Reading]) -> _Reading | None:
    """Return the reading whose place is the place: of "X, Y" X, but of "Iraq, Erbil" Erbil."""
    if named and named[0].clause.relation == "is" and named[0].places[0].kind not in _HOLDERS:
        return named[0]
    return min(named, key=lambda reading: reading.footprint.area, default=None)


#: Kinds of places that others lie in.
_HOLDERS = frozenset({"country", "province", "district", "region"})


def _check_agreement(text: str, core: _Reading | None, readings: Sequence[_Reading]) -> None:
    """Raise LocalityError for clauses that do not meet even as widely as words may be taken."""
    others = [reading for reading in readings if reading is not core]
    pairs = [(core, other) for other in others] if core else list(combinations(others, 2))
    for one, other in pairs:
        if not _agree(one.footprint, other.footprint) and not _agree(one.wide(), other.wide()):
            message = (
                f"{text!r} contradicts itself: {one.trace()} and {other.trace()} do not meet; "
                "check the words, or name the places more fully"
            )
            raise LocalityError(message, text)


def _agree(one: Area, other: Area) -> bool:
    """Return whether two areas meet by more than the slivers that drawn outlines leave."""
    return _share(one, other) > _SLIVER or _share(other, one) > _SLIVER


def _share(one: Area, other: Area) -> float:
    """Return the share of an area that lies in another."""
    return float(one.intersection(other).area / one.area) if one.intersects(other) else 0.0


#: Areas that share less than this of either only touch.
_SLIVER = 0.02
#: A place lies in another with this share of its area.
_LIES_IN = 0.5


# ---------------------------------------------------------------- answers


def _answer(text: str, found: Found) -> Resolution:
    """Return what one name came to."""
    sure = found.sure and not found.two_sizes
    grade = "unknown" if found.place is None else "sure" if sure else "check"
    candidates = () if found.place is not None else found.candidates
    stage = found.stage if found.place is not None else ""
    reason = f"{grade}: {found.why}"
    place = replace(found.place, reason=reason) if found.place is not None else None
    return Resolution(text, found.status, place, stage, found.score, reason, candidates)


def _not_told(text: str, locality: Locality) -> Resolution:
    what = next(filter(tells_what, locality.notes), "")
    if what:
        why = f"{what!r} is what it was, not where"
    elif locality.notes:
        why = f"{locality.notes[0]!r} names no place"
    else:
        why = "nothing is told"
    return Resolution(text, "not told", None, "", 0.0, f"unknown: {why}", ())


def _unresolved(text: str, unknown: _UnknownError) -> Resolution:
    found = unknown.found
    status: Status = "ambiguous" if found.status == "ambiguous" else "unresolved"
    why = found.why
    if unknown.name != " ".join(text.split()) and repr(unknown.name) not in why:
        why = f"{unknown.name!r}: {why}"
    if unknown.where is not None and unknown.clause.relation == "is":
        why = f"{why}; said to be in {unknown.where.name}"
    return Resolution(text, status, None, "", 0.0, f"unknown: {why}", found.candidates)


def _graded(readings: Sequence[_Reading], doubts: Sequence[str]) -> str:
    trace = " and ".join(reading.trace() for reading in readings)
    grade = "check" if doubts else "sure"
    return f"{grade}: {'; '.join([*dict.fromkeys(doubts), trace])}"


def _score(readings: Sequence[_Reading]) -> float:
    score = 1.0
    for reading in readings:
        for anchor in reading.anchors:
            score *= anchor.score
    return score


def _as_named(
    text: str, core: _Reading, readings: Sequence[_Reading], doubts: Sequence[str]
) -> Resolution:
    """Return a named place, which keeps its own footprint whatever else is said of it."""
    found = core.anchors[0]
    if len(readings) == 1 and not doubts:
        return _answer(text, found)
    reason = _graded(readings, doubts)
    place = replace(core.places[0], reason=reason)
    return Resolution(text, "resolved", place, found.stage, _score(readings), reason, ())


def _as_area(
    text: str, parts: Sequence[_Reading], readings: Sequence[_Reading], doubts: list[str]
) -> Resolution:
    """Return the area where clauses meet, as a place."""
    coverage = min(coverage_of(part.clause) for part in parts)
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
    longitude, latitude, radius_m = geodesy.enclosing_circle(area)
    inside = geodesy.inside(longitude, latitude, area)
    if inside != (longitude, latitude):
        longitude, latitude = inside
        radius_m = geodesy.farthest_m(longitude, latitude, area)
    boundary_error_m = max(place.boundary_error_m for place in anchors)
    holders = [part.places[0] for part in readings if part.clause.relation in {"in", "part"}]
    place = Place(
        place_id=_relation_id(parts),
        name=", ".join(_in_words(part) for part in parts),
        kind="relation",
        footprint=area,
        longitude=longitude,
        latitude=latitude,
        uncertainty_m=radius_m + boundary_error_m,
        position_error_m=max(place.position_error_m for place in anchors),
        boundary_error_m=boundary_error_m,
        coverage=coverage,
        country=_only({place.country for place in holders or anchors}),
        admin1=_only({place.admin1 for place in holders if place.admin1}),
        source="; ".join(sorted({place.source for place in anchors if place.source})),
        licence="; ".join(sorted({place.licence for place in anchors if place.licence})),
        match="relation",
        score=_score(readings),
        reason=reason,
    )
    return Resolution(text, "resolved", place, "relation", place.score, reason, ())


def _intersection(areas: Sequence[Area]) -> Area:
    area = areas[0]
    for other in areas[1:]:
        area = geodesy.polygons(area.intersection(other))
    return area


def _only(values: set[str]) -> str:
    """Return the value that all share, "" where they differ."""
    return values.pop() if len(values) == 1 else ""


def _relation_id(parts: Sequence[_Reading]) -> str:
    """Return the hash of clauses and anchors, whatever their order and words."""
    said = sorted(
        f"{part.clause.relation}|{part.clause.heading}|{part.clause.distance}|"
        + "|".join(place.place_id for place in part.places)
        for part in parts
    )
    return f"rel-{blake2b('; '.join(said).encode(), digest_size=6).hexdigest()}"


def _in_words(part: _Reading) -> str:
    """Return a clause with the names its places are known by."""
    names = tuple(place.name for place in part.places)
    return str(replace(part.clause, names=names))
