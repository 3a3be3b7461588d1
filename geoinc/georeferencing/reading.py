"""From words to a place: read the clauses, find their names, meet their areas."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from geoinc.errors import AmbiguousPlaceError, LocalityError, PlaceNotFoundError
from geoinc.georeferencing.answers import (
    Reading,
    Resolution,
    answered,
    as_area,
    as_named,
    hinted,
    in_circle,
    not_told,
    unresolved,
)
from geoinc.georeferencing.areas import FROM_THE_SPOT, agree, area_of, share
from geoinc.georeferencing.hints import Hints, country_of, finest, hinted_area
from geoinc.georeferencing.methods import method_of
from geoinc.georeferencing.names import (
    AS_WRITTEN,
    BY_WORDS,
    SURE_SCORE,
    Found,
    found_place,
    is_written,
    look_up,
)
from geoinc.localities import (
    ANAPHORA,
    LONGEST,
    NEARBY,
    Clause,
    Locality,
    parse_locality,
    starts_with_side,
    tells_kind,
    without_owner,
)
from geoinc.toponyms import split_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geoinc.gazetteer import Search
    from geoinc.georeferencing.areas import Area
    from geoinc.georeferencing.headings import Headings
    from geoinc.georeferencing.methods import Method
    from geoinc.georeferencing.point_radius import PointRadius
    from geoinc.places import Place

#: Names in names ("near the border with Syria") are followed this far.
_DEEPEST = 3
#: No name has more words; longer texts are read, not looked up.
_LONGEST_NAME = 6
#: Smaller than this, a place says what else is near it.
_SMALL_M = 60_000.0


def georeference(
    text: str,
    gazetteer: Search,
    *,
    context: Mapping[str, Place] | None = None,
    country: str = "",
    admin1: str = "",
    admin2: str = "",
    date: str = "",
    method: str | PointRadius = "area",
    headings: Headings = "calibrated",
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
    admin1, admin2 : str
        Names of the province and the district the place is likely in.
    date : str
        ISO date, or less, of which the words tell.
    method : {"area", "point-radius"} or PointRadius
        The area that the words cover, or the circle of the georeferencing guides; a
        `PointRadius` with its parameters.
    headings : {"calibrated", "compass"}
        How far "10 km northeast of X" strays: as measured (`geoinc.georeferencing.headings`),
        or by the textbook.

    Returns
    -------
    Resolution
        With the place, or with the reason why there is none.  A name that is not resolved but
        said to be somewhere, by the rest of the words or by the hints, has that area as its
        place (``match="hint"``); its status stays.

    Raises
    ------
    ValueError
        There is no such method.

    Examples
    --------
    >>> import geoinc as gi
    >>> from geoinc.georeferencing import georeference
    >>> found = georeference("a convoy in Iraq", gi.load_gazetteer())
    >>> found.status, found.place.name
    ('resolved', 'Iraq')
    >>> georeference("a convoy", gi.load_gazetteer()).status
    'not told'
    >>> lost = georeference("Qwerty in Diyala", gi.load_gazetteer())
    >>> lost.status, lost.match, lost.place.admin1
    ('unresolved', 'hint', 'Diyala')
    """
    hints = Hints(country, admin1, admin2, date)
    chosen = method_of(method, headings)
    reader = _Reader(gazetteer, context or {}, hints, chosen)
    try:
        answer = reader.read(text)
    except LocalityError as error:
        answer = Resolution(text, "unresolved", None, "", 0.0, f"unknown: {error}", ())
    if answer.status in {"ambiguous", "unresolved"}:
        table = hinted_area(gazetteer, hints)
        area = finest(filter(None, (reader.rest(answer), table)))
        answer = hinted(answer, area) if area is not None else answer
    return replace(in_circle(answer, chosen), turns=reader.turns)


def resolve(
    text: str,
    gazetteer: Search,
    *,
    context: Mapping[str, Place] | None = None,
    country: str = "",
    admin1: str = "",
    admin2: str = "",
    date: str = "",
    method: str | PointRadius = "area",
    headings: Headings = "calibrated",
) -> Place:
    """Return the place that words mean.

    Parameters
    ----------
    text, gazetteer, context, country, admin1, admin2, date, method, headings
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
    chosen = method_of(method, headings)
    reader = _Reader(gazetteer, context or {}, Hints(country, admin1, admin2, date), chosen)
    found = in_circle(reader.read(text), chosen)
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


class _Reader:
    """Reads words with what is known besides them: places pointed at, a country, a date."""

    def __init__(
        self, gazetteer: Search, context: Mapping[str, Place], hints: Hints, method: Method
    ) -> None:
        self._gazetteer = gazetteer
        self._context = {phrase.casefold(): place for phrase, place in context.items()}
        self._hints = hints
        self._method = method
        #: The days on which a name that was looked up may come to mean something else.
        self.turns: frozenset[str] | None = frozenset()

    def read(self, text: str) -> Resolution:
        """Return what a text comes to; a contradiction raises LocalityError."""
        words = " ".join(text.split())
        if len(words) > LONGEST:
            why = f"unknown: {len(words):,} characters are no name of a place"
            return Resolution(text, "unresolved", None, "", 0.0, why, ())
        whole = self._whole(words)
        if whole is not None:
            return answered(text, whole)
        locality = parse_locality(text)
        if all(clause.relation == "hint" for clause in locality.clauses):
            return not_told(text, locality)
        try:
            return self._meet(text, locality, _DEEPEST)
        except _UnknownError as unknown:
            where = unknown.where if unknown.clause.relation == "is" else None
            return unresolved(text, unknown.name, unknown.found, where.name if where else "")

    def rest(self, answer: Resolution) -> Place | None:
        """Return the area that the words leave for a place whose name is not resolved."""
        locality = parse_locality(answer.text)
        unknown = {answer.name}
        for _ in locality.clauses:
            clauses = tuple(
                # What stands in brackets is all that is left to go by.
                replace(clause, relation="in") if clause.relation == "hint" else clause
                for clause in locality.clauses
                if not unknown.intersection(clause.names)
            )
            if not clauses:
                break
            try:
                found = self._meet(answer.text, replace(locality, clauses=clauses), _DEEPEST)
            except _UnknownError as another:
                unknown.add(another.name)
            except LocalityError:
                break
            else:
                # What is only like the name of a place says of no other where it is.
                written = (
                    found.match in BY_WORDS or found.place is None or found.place.kind in _MADE
                )
                return found.place if written and found.score >= SURE_SCORE else None
        return None

    # ------------------------------------------------------------ names

    def _whole(self, words: str) -> Found | None:
        """Return what the words are as one name: "North Haven" is no side of anything."""
        if not words or "," in words or words.count(" ") >= _LONGEST_NAME:
            return None
        if words.startswith(("a ", "an ")):
            return None
        if words.casefold() != NEARBY and words.casefold() in self._context:
            return self._pointed_at(words)
        if not is_written(self._gazetteer, words):
            return None
        found = self._look_up(words, None)
        written = found.stage in AS_WRITTEN and found.status != "unresolved"
        return found if written else None

    def _look_up(self, name: str, where: Place | None, *, divided: bool = True) -> Found:
        """Look a name up; `divided`: in the division that the place is said to be in."""
        small = where is not None and where.uncertainty_m < _SMALL_M
        found = look_up(
            self._gazetteer,
            name,
            country=(where.country if where else "") or self._hints.country,
            admin1=(where.admin1 if where else "") or (self._hints.admin1 if divided else ""),
            admin2=self._hints.admin2 if divided else "",
            near=(where.longitude, where.latitude) if where and small else None,
            date=self._hints.date,
        )
        if self.turns is not None:
            self.turns = None if found.turns is None else self.turns | found.turns
        return found

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
        # What is north of Baghdad is in Salah al-Din, and Baghdad is not; nor is what it lies in.
        own = clause.relation == "is"
        found = self._look_up(name, where, divided=own)
        if found.status == "ambiguous" and not own:
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
        if found.place and agree(found.place.footprint, where.footprint):
            return found
        rivals = map(self._gazetteer.place, found.rivals)
        meeting = [rival for rival in rivals if share(rival.footprint, where.footprint) >= _LIES_IN]
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
        readings: dict[Clause, Reading] = {}
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
            return as_named(text, core, ordered, doubts)
        return as_area(text, [*([core] if core else []), *related], ordered, doubts)

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
        if clause.relation != "is" or clause.names[0] not in ANAPHORA or not outer:
            return ()
        name = clause.names[0]
        found = self._look_up(f"{outer[-1].names[0]} {name.removeprefix('the ')}", where)
        return (found,) if found.status == "resolved" and found.stage in BY_WORDS else ()

    def _reading(
        self, clause: Clause, anchors: tuple[Found, ...], limits: Sequence[Area]
    ) -> Reading:
        """Return a clause with its area."""
        told_from = [
            anchor.spot if clause.relation in FROM_THE_SPOT else anchor.place for anchor in anchors
        ]
        places = [place for place in told_from if place is not None]
        if clause.relation == "part" and anchors[0].two_sizes and anchors[0].spot:
            places.append(anchors[0].spot)
        if clause.relation == "border" and len(places) == 1:
            places += self._neighbour(places[0])
        try:
            area = area_of(clause, places, limits=limits, headings=self._method.headings)
        except ValueError as error:  # farther than the earth is wide
            message = f"{str(clause)!r} has no area: {error}"
            raise LocalityError(message, str(clause)) from error
        return Reading(clause, anchors, tuple(places), tuple(limits), area, self._method)

    def _neighbour(self, place: Place) -> list[Place]:
        """Return the country from which "the border with Syria" is told, if it is known."""
        beside = self._context.get(NEARBY)
        for name in (self._hints.country, beside.country if beside else ""):
            home = country_of(self._gazetteer, name)
            if home is not None and home.country != place.country:
                return [home]
        return []


#: Of several places of a name one alone lies where it is said to be: nearly as good as the name.
_TOLD_APART_SCORE = 0.8


def _core(named: Sequence[Reading]) -> Reading | None:
    """Return the reading whose place is the place: of "X, Y" X, but of "Iraq, Erbil" Erbil."""
    if named and named[0].clause.relation == "is" and named[0].places[0].kind not in _HOLDERS:
        return named[0]
    return min(named, key=lambda reading: reading.footprint.area, default=None)


#: Kinds of places that others lie in.
_HOLDERS = frozenset({"country", "province", "district", "region"})


def _check_agreement(text: str, core: Reading | None, readings: Sequence[Reading]) -> None:
    """Raise LocalityError for clauses that do not meet even as widely as words may be taken."""
    others = [reading for reading in readings if reading is not core]
    pairs = [(core, other) for other in others] if core else list(combinations(others, 2))
    for one, other in pairs:
        if not agree(one.footprint, other.footprint) and not agree(one.wide(), other.wide()):
            message = (
                f"{text!r} contradicts itself: {one.trace()} and {other.trace()} do not meet; "
                "check the words, or name the places more fully"
            )
            raise LocalityError(message, text)


#: Kinds of places that are made of words, not found by a name.
_MADE = frozenset({"relation", "coordinates"})
#: A place lies in another with this share of its area.
_LIES_IN = 0.5
