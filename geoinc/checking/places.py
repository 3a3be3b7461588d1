"""The places of a row against its coordinates, its country and its province."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geoinc import geodesy
from geoinc.checking.cells import figures, on_earth
from geoinc.checking.coordinates import COLUMNS, in_words, other_readings, rounding_m
from geoinc.checking.faults import Fault
from geoinc.checking.positions import TOLERANCE_M, outside_m
from geoinc.checking.relations import MEASURED, contradictions
from geoinc.errors import PlaceNotFoundError
from geoinc.georeferencing import Hints, georeference, hinted_area
from geoinc.georeferencing.hints import country_of
from geoinc.localities import ANAPHORA, Clause, parse_locality
from geoinc.places import PLACE_COLUMNS, Place
from geoinc.precision import COLUMNS as SCALES
from geoinc.precision import TOWN_M
from geoinc.progress import watched
from geoinc.reports import HINTS, hints_of, text_of
from geoinc.schema import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geoinc.checking.coordinates import Meant
    from geoinc.checking.faults import Kind, Severity
    from geoinc.gazetteer import Search
    from geoinc.schema import Layers

#: Coordinates without a word for their role are the target's, else the impact's, else the launch's.
_ROLES = ("target", "impact", "launch")

#: How far off a country is still in it: its waters, and islands that outlines leave out.
_COUNTRY_M = 50_000.0
#: How far coordinates may lie from the place that words name where a precision code says that
#: they are the centre of the division around it.  Judgement.
_DIVISION_M = {"district": 50_000.0, "province": 200_000.0}
#: Codes that say the coordinates stand for something that the words do not name.
_VAGUE = frozenset({"region", "sea", "unknown"})
#: Namesakes that are looked at before a row is said to be wrong.
_NAMESAKES = 50
#: How a name must have been found to be held against coordinates: one found by its consonants or
#: by its likeness is the likelier fault of the two.
_BY_NAME = frozenset({"exact", "fold", "core", "context", "decision", "coordinates", "hint"})
#: Kinds whose names many places bear, of which a gazetteer has some.
_COMMON = frozenset({"town", "village", "quarter", "region", "mountain", "river", "lake"})
#: States that were one: what is another country now, and since when.  "Sudan" of 1991 held Juba.
_ONE_STATE = (
    ("SD", "2011-07-09", ("South Sudan",)),
    ("ID", "2002-05-20", ("Timor-Leste",)),
    ("ET", "1993-05-24", ("Eritrea",)),
    ("RS", "2008-02-17", ("Kosovo",)),
    ("RS", "2006-06-03", ("Montenegro",)),
    ("RS", "1992-04-27", ("Bosnia and Herzegovina", "Croatia", "North Macedonia", "Slovenia")),
    (
        "RU",
        "1991-12-26",
        ("Armenia", "Azerbaijan", "Belarus", "Estonia", "Georgia", "Kazakhstan", "Kyrgyzstan", "Latvia",
         "Lithuania", "Moldova", "Tajikistan", "Turkmenistan", "Ukraine", "Uzbekistan"),
    ),
)  # fmt: skip


class _Told(NamedTuple):
    """A place that a row names: the words, what they came to, how, and why."""

    role: str
    words: str
    place_id: str
    status: str
    match: str
    reason: str

    @property
    def sure(self) -> bool:
        """Whether the place is more to be relied on than the coordinates."""
        if self.match == "relation":
            return self.reason.startswith("sure")
        return self.place_id != "" and self.match in _BY_NAME


def place_faults(
    reports: pd.DataFrame, gazetteer: Search, layers: Layers
) -> Iterator[tuple[int, Fault]]:
    """Return rows whose words, coordinates, country and province do not fit together."""
    table = _Table(reports, gazetteer, layers)
    for i in watched(range(len(reports)), "checking rows", len(reports)):
        fault = table.words_fault(i) or table.area_fault(i)
        if fault is not None:
            yield i, fault
        yield from ((i, other) for other in table.hint_faults(i, fault))


class _Table:
    """What is asked of every row: its figures, what it names, and what that came to."""

    def __init__(self, reports: pd.DataFrame, gazetteer: Search, layers: Layers) -> None:
        self._reports = reports
        self._gazetteer = gazetteer
        self._layers = layers
        self._longitude, self._latitude = figures(reports)
        self._placed = on_earth(self._longitude, self._latitude) & ~(
            (self._longitude == 0) & (self._latitude == 0)
        )
        self._slack_m = slack_m(reports)
        self._hints = {role: hints_of(reports, role) for role in ROLES}
        # A launch shares the country of the target only by chance.
        self._hints["launch"]["country"] = text_of(reports, "launch_country")
        self._known: dict[str, Place] = {}
        self._unhinted: dict[str, Place | None] = {}

    # ------------------------------------------------------------ what a row says

    @cached_property
    def _told(self) -> list[list[_Told]]:
        """Return the places that each row names, the target first."""
        position = {account: i for i, account in enumerate(self._reports["account"])}
        told: list[list[_Told]] = [[] for _ in position]
        names = [
            f"place_{name}" if name else "place" for name in ("", "id", "status", "match", "reason")
        ]
        for role in _ROLES:
            rows = self._layers.layer(role)
            rows = rows.loc[rows["place_status"] != "not told", ["account", *names]]
            for account, *cells in rows.itertuples(index=False):
                if account in position:
                    told[position[account]].append(_Told(role, *cells))
        return told

    @cached_property
    def _outside_m(self) -> dict[tuple[int, str], float]:
        """Return how far each row's coordinates lie outside each place that it names."""
        rows: dict[str, list[int]] = {}
        for i in np.flatnonzero(self._placed):
            for told in self._told[i]:
                if told.place_id:
                    rows.setdefault(told.place_id, []).append(int(i))
        return {
            (i, place_id): float(metres)
            for place_id, at in rows.items()
            for i, metres in zip(
                at,
                outside_m(self._place(place_id), self._longitude[at], self._latitude[at]),
                strict=True,
            )
        }

    def _place(self, place_id: str) -> Place:
        if place_id not in self._known:
            row = self._layers.places.loc[place_id]
            fields: dict[str, Any] = {name: row[name] for name in PLACE_COLUMNS}
            fields["footprint"] = row["geometry"]
            self._known[place_id] = Place(place_id=place_id, **fields)
        return self._known[place_id]

    def _meant_by(self, told: _Told) -> Place | None:
        """Return what words mean whatever country and province the row says, if that is sure."""
        if told.status == "resolved":
            return self._place(told.place_id)
        if told.words not in self._unhinted:
            found = georeference(told.words, self._gazetteer)
            sure = found.status == "resolved" and found.match in _BY_NAME
            self._unhinted[told.words] = found.place if sure else None
        return self._unhinted[told.words]

    def _hint(self, i: int, role: str) -> Place | None:
        """Return the area that a row's columns say the place of a role lies in."""
        said = {name: str(self._hints[role][name][i]) for name in HINTS}
        if not any(said.values()):
            return None
        return hinted_area(self._gazetteer, Hints(**said))  # type: ignore[arg-type,unused-ignore]  # a protocol does not say that objects hash

    def _areas(self, i: int, area: Place) -> Iterator[Place]:
        """Return an area, and of a country what was one state with it then."""
        yield area
        day = self._reports["date_end"].iloc[i]
        for country, until, parts in _ONE_STATE:
            if area.country == country and not day >= pd.Timestamp(until):
                yield from filter(None, (country_of(self._gazetteer, part) for part in parts))

    def _spot(self, i: int) -> tuple[float, float]:
        return float(self._longitude[i]), float(self._latitude[i])

    def _beyond_m(self, place: Place, longitude: float, latitude: float) -> float:
        return float(outside_m(place, np.array([longitude]), np.array([latitude]))[0])

    def _fits(self, i: int, place: Place) -> bool:
        """Return whether a row's coordinates may be those of a place, as precisely as it says."""
        spot = self._spot(i)
        slack_m = float(self._slack_m[i]) + rounding_m(*spot)
        slack_m += _COUNTRY_M if place.kind == "country" else TOLERANCE_M
        return self._beyond_m(place, *spot) <= slack_m

    def _lies_in(self, i: int, area: Place | None) -> bool:
        """Return whether coordinates lie in the country or province that the row says."""
        return area is not None and any(self._fits(i, one) for one in self._areas(i, area))

    # ------------------------------------------------------------ coordinates against words

    def words_fault(self, i: int) -> Fault | None:
        """Return how a row's coordinates contradict every place it names; one that fits will do."""
        if not self._placed[i] or np.isnan(self._slack_m[i]):
            return None
        first = None
        for told in self._told[i]:
            fault = self._fault_of(i, told)
            if fault is None:
                return None
            first = first or fault
        return first

    def _fault_of(self, i: int, told: _Told) -> Fault | None:
        """Return how coordinates contradict one place; None where it is not known for sure."""
        if _measures(told.words):
            return self._measured(i, told)
        area = self._hint(i, told.role)
        hinted = told.match == "hint" and area is not None and area.place_id == told.place_id
        if hinted or not told.sure or self._outside_m[i, told.place_id] <= TOLERANCE_M:
            return None
        place = self._place(told.place_id)
        meant = self._meant(i, place)
        if meant is None and self._fits(i, place):
            return None
        agrees = self._lies_in(i, area)
        if self._has_namesake(i, told, place):
            return None
        if agrees and area is not None and _apart(place, area):
            return None  # the gazetteer lacks the place that is meant
        stated = f"{told.words!r} ({told.role}) is {_described(place)}"
        if not told.reason.startswith("sure"):
            stated += f" [{told.reason}]"
        against = f"the coordinates are {_far(place, *self._spot(i))}"
        fault = _position_fault("place", self._spot(i), stated, against, meant)
        # In the right province, or by a name that is not known, it may be a place that the
        # gazetteer lacks.
        doubtful = meant is None and (agrees or told.match == "hint")
        return replace(fault, severity="note") if doubtful else fault

    def _measured(self, i: int, told: _Told) -> Fault | None:
        """Return how coordinates contradict a distance or direction, from whichever namesake."""
        for clause in _measures(told.words):
            first = None
            for anchor in self._anchors(i, told, clause.names[0]):
                faults = contradictions(str(clause), anchor, *self._spot(i))
                # Coders who say "around a known place" give the place, not the distance.
                if not faults or (float(self._slack_m[i]) > 0 and self._fits(i, anchor)):
                    first = None
                    break
                first = first or faults[0]
            if first is not None:
                stated = f"{first.stated} ({told.role})"
                place = self._place(told.place_id) if told.match == "relation" else None
                meant = self._meant(i, place) if place is not None else None
                return _position_fault(first.kind, self._spot(i), stated, first.against, meant)
        return None

    def _anchors(self, i: int, told: _Told, name: str) -> Iterator[Place]:
        """Return what a name in words may mean, the likeliest first."""
        targets = [other for other in self._told[i] if other.role == "target"]
        if name in ANAPHORA:
            if len(targets) == 1 and targets[0] is not told and targets[0].place_id:
                yield self._place(targets[0].place_id)
            return
        holders = [
            clause.names[0]
            for clause in parse_locality(told.words).clauses
            if clause.relation in {"in", "part"}
        ]
        country = str(self._hints[told.role]["country"][i])
        first = georeference(", ".join([name, *holders]), self._gazetteer, country=country)
        if first.status != "resolved" or first.place is None or first.match not in _BY_NAME:
            return
        yield first.place
        yield from self._namesakes(i, name)

    def _measures_inside(self, i: int, told: _Told) -> bool:
        """Return whether words measure from "X, Y": what lies off X need not be in Y.

        True unless X is known to be elsewhere.
        """
        holders = [
            georeference(clause.names[0], self._gazetteer).place
            for clause in parse_locality(told.words).clauses
            if clause.relation == "in"
        ]
        anchors = [
            next(self._anchors(i, told, clause.names[0]), None) for clause in _measures(told.words)
        ]
        return bool(holders and anchors) and not any(
            anchor is not None and holder is not None and _apart(anchor, holder)
            for anchor in anchors
            for holder in holders
        )

    def _has_namesake(self, i: int, told: _Told, but: Place) -> bool:
        """Return whether another place of a name in the words is where the coordinates are."""
        clauses = parse_locality(told.words).clauses
        names = {
            told.words,
            *(name for clause in clauses if clause.relation == "is" for name in clause.names),
        }
        return any(
            self._fits(i, place)
            for name in names
            for place in self._namesakes(i, name)
            if place.place_id != but.place_id
        )

    def _namesakes(self, i: int, name: str) -> Iterator[Place]:
        found = self._gazetteer.search(name, near=self._spot(i), limit=_NAMESAKES)
        for place_id in found.loc[found["stage"] != "fuzzy", "place_id"] if len(found) else ():
            try:
                yield self._gazetteer.place(place_id)
            except PlaceNotFoundError:  # an index of names alone, as a service may be
                continue

    def _meant(self, i: int, place: Place) -> Meant | None:
        """Return what coordinates were meant for, where that puts them right into the place."""
        if self._beyond_m(place, *self._spot(i)) <= TOLERANCE_M:
            return None
        readings = other_readings(*self._spot(i))
        return next((meant for meant in readings if not self._beyond_m(place, *meant[1:])), None)

    # ------------------------------------------------------------ country and province

    def area_fault(self, i: int) -> Fault | None:
        """Return how a row's coordinates contradict the country or province in its columns."""
        if not self._placed[i] or np.isnan(self._slack_m[i]):
            return None
        role = next((told.role for told in self._told[i]), "target")
        area = self._hint(i, role)
        if area is None or self._lies_in(i, area):
            return None
        kind: Kind = "country" if area.kind == "country" else "province"
        stated = f"the row says {_said(self._hints[role], i)}: {_described(area)}"
        against = f"the coordinates are {_far(area, *self._spot(i))}"
        return _position_fault(kind, self._spot(i), stated, against, self._meant(i, area))

    def hint_faults(self, i: int, told_already: Fault | None) -> Iterator[Fault]:
        """Return how a row's words contradict themselves, or its country or province."""
        for told in self._told[i]:
            if "contradicts itself" in told.reason and not self._measures_inside(i, told):
                why = told.reason.partition(": ")[2]
                yield Fault("words", told.role, told.words, repr(told.words), why)
            said = _said(self._hints[told.role], i)
            place = self._meant_by(told) if said and told_already is None else None
            if place is None:
                continue
            area = self._hint(i, told.role)
            code = str(self._hints[told.role]["country"][i])
            if area is None:
                # No outline for a code such as "IT"; that another country has another is enough.
                if not (_is_code(code) and _is_code(place.country) and code != place.country):
                    continue
            elif not all(_apart(place, one) for one in self._areas(i, area)):
                continue
            elif self._placed[i] and self._lies_in(i, area):
                continue  # the gazetteer lacks the place that is meant
            kind: Kind = "country" if area is None or area.kind == "country" else "province"
            stated = f"{told.words!r} ({told.role}) is {_described(place)}"
            against = f"the row says {said}" + (f": {_described(area)}" if area else "")
            grade: Severity = "note" if place.kind in _COMMON else "warning"
            yield Fault(kind, told.role, told.words, stated, against, grade)


def _is_code(country: str) -> bool:
    return len(country) == 2 and country.isascii() and country.isupper()


def _measures(words: str) -> list[Clause]:
    """Return the clauses that measure from one place."""
    return [
        clause
        for clause in parse_locality(words).clauses
        if clause.relation in MEASURED and len(clause.names) == 1
    ]


def slack_m(reports: pd.DataFrame) -> np.ndarray:
    """Return how far beyond a place coordinates may lie by their precision code.

    0 without a code; NaN where the code says that they stand for something wider.
    """
    beyond = np.zeros(len(reports))
    for column, scale in SCALES.items():
        cells = text_of(reports, column)
        for value in set(cells) - {""}:
            try:
                code = scale(value)
            except ValueError:
                continue  # told by itself
            area, radius_m = getattr(code, "area", ""), getattr(code, "radius_m", None)
            beyond_m = _DIVISION_M.get(area, max(0.0, (radius_m or 0.0) - TOWN_M))
            beyond[cells == value] += np.nan if area in _VAGUE else beyond_m
    return beyond


def _position_fault(
    kind: Kind, spot: tuple[float, float], stated: str, against: str, meant: Meant | None
) -> Fault:
    if meant is None:
        return Fault(kind, COLUMNS, in_words(*spot), stated, against)
    against += f"; read as {meant.kind}, {in_words(*meant[1:])}, they are in it"
    return Fault(meant.kind, COLUMNS, in_words(*spot), stated, against)


def _apart(place: Place, area: Place) -> bool:
    """Return whether a place lies outside an area by more than either is wrong."""
    if place.footprint.intersects(area.footprint):
        return False
    centre = np.array([place.longitude]), np.array([place.latitude])
    return bool(outside_m(area, *centre)[0] > TOLERANCE_M + place.uncertainty_m)


def _said(hints: dict[str, np.ndarray], i: int) -> str:
    return ", ".join(f"{name} {hints[name][i]!r}" for name in HINTS if hints[name][i])


def _described(place: Place) -> str:
    where = ", ".join(_unique([place.admin1, place.country], place.name))
    return (
        f"{place.name} ({place.kind}{', ' if where else ''}{where}), "
        f"{in_words(round(place.longitude, 4), round(place.latitude, 4))} "
        f"± {place.uncertainty_m / 1000:.3g} km"
    )


def _unique(words: Iterable[str], but: str) -> list[str]:
    return [word for word in dict.fromkeys(words) if word and word != but]


def _far(place: Place, longitude: float, latitude: float) -> str:
    distance, _ = geodesy.inverse(place.longitude, place.latitude, longitude, latitude)
    return f"{float(distance) / 1000:,.0f} km from its centre"
