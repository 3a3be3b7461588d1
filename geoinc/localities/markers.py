"""Step 2 of the grammar: markers ("in", "near", "20 km north of") cut words into pieces."""

from __future__ import annotations

from dataclasses import dataclass, field

from geoinc.localities.clauses import HEADINGS, MORE_THAN, Clause, Relation, azimuth_deg
from geoinc.localities.measures import Measure, read_azimuth, read_distance, read_point
from geoinc.localities.phrases import ends_in_border, is_border
from geoinc.localities.words import (
    BY_RIVER,
    EDGES,
    FLUFF,
    JOINING,
    LINKING,
    MARKERS,
    NUMBERS,
    ROADS,
    is_name,
    side_of,
)


@dataclass
class Cut:
    """A marker, the words up to the next one, or that one where it has its own."""

    relation: Relation | None
    words: list[str]
    heading: str = ""
    distance: str = ""
    other_heading: str = ""
    other_distance: str = ""
    told: list[str] = field(default_factory=list)
    inner: Cut | None = None

    def of(self, relation: Relation, name: str) -> Clause:
        """Return the clause that the marker makes with a name."""
        return Clause(
            relation,
            (name,),
            self.heading,
            self.distance,
            self.other_heading,
            self.other_distance,
        )


#: Relations of two names, which a word joins: "from X to Y".
OF_TWO: frozenset[Relation | None] = frozenset({"between", "halfway", "road", "junction"})


def cut_words(words: list[str]) -> list[Cut]:
    """Cut words at their markers; the first cut is the head, which none introduces."""
    cuts = [Cut("is", [])]
    start = 0
    while start < len(words):
        word = words[start].lower()
        if word in {"to", "with"} and cuts[-1].relation in OF_TWO and "and" not in cuts[-1].words:
            cuts[-1].words.append("and")
            start += 1
            continue
        found = _marker(words, start)
        if found is None or start + found[1] >= len(words):
            cuts[-1].words.append(words[start])
            start += 1
        elif word in {"between", "with"} and ends_in_border(cuts[-1].words):
            # The border between X and Y is one thing.
            cuts[-1].words += words[start : start + found[1]]
            start += found[1]
        else:
            cut, length = found
            cut.told = words[start : start + length]
            cuts.append(cut)
            start += length
    for cut in cuts:
        while cut.words and cut.words[-1].lower() in JOINING:
            cut.words.pop()
        while cut.words and cut.words[0].lower() in JOINING:
            cut.words.pop(0)
    return [cut for cut in _joined(cuts) if cut.words or cut.inner]


def _joined(cuts: list[Cut]) -> list[Cut]:
    """Give a distance or a direction that another marker follows what that one means."""
    joined: list[Cut] = []
    for cut in cuts:
        last = joined[-1] if joined else Cut("is", [])
        if last.words or last.inner or not (last.heading or last.distance):
            joined.append(cut)
        elif cut.relation in OF_TWO or cut.relation == "part":
            last.inner = cut
        else:
            # "100 m off east of the bay" may be on either side of the shore.
            joined[-1] = Cut(None, [*last.told, *cut.told, *cut.words])
    return joined


def _marker(words: list[str], start: int) -> tuple[Cut, int] | None:
    """Return the marker that begins here and how many words it takes."""
    for read in (_within, _at_distance, _journey, _heading, _outskirts, _road):
        found = read(words, start)
        if found is not None:
            return found
    # "At" and "As" before a name may be the article: At-Tanf, As-Suwayda.
    if words[start] in {"At", "As"} and words[start + 1 : start + 2] and is_name(words[start + 1]):
        return None
    here = [word.lower() for word in words[start : start + 6]]
    for marker, relation in MARKERS.get(here[0], ()):
        if tuple(here[: len(marker)]) == marker:
            return Cut(relation, []), len(marker)
    return None


def _within(words: list[str], start: int) -> tuple[Cut, int] | None:
    """Return "within 10 km of", "in a radius of 10 km around", "less than 10 km from"."""
    # No such phrase is longer.
    words = words[start : start + 20]
    at, here = 0, [word.lower() for word in words]
    at += here[0] in {"within", "in", "inside"}
    at += here[at : at + 1] in (["a"], ["the"]) and "radius" in here[at + 1 : at + 6]
    radius = here[at : at + 2] == ["radius", "of"]
    measure = read_distance(words, at + 2 * radius)
    if measure is None or not measure.distance:
        return None
    at += 2 * radius + measure.words
    if here[at : at + 1] == ["radius"]:
        radius = True
        at += 1
    most = measure.distance.startswith("0-")
    if not (radius or most or here[0] == "within"):
        return None
    if most and here[at : at + 1] == ["away"]:
        at += 1
    if here[at : at + 1] not in (["of"], ["from"], ["around"]):
        return None
    distance = measure.at_most if most else measure.distance
    return Cut("within", [], distance=distance), at + 1


def _at_distance(words: list[str], start: int) -> tuple[Cut, int] | None:
    """Return the marker that a distance belongs to: "20 km north of", "20 km from"."""
    within = words[start].lower() == "within"
    measure = read_distance(words, start + within)
    if measure is None:
        return _without_unit(words, start)
    point, fluff, length = towards(words, start + within + measure.words)
    at = start + within + measure.words + fluff + length
    legs = _second_leg(words, at, point) if point else None
    if legs is not None:
        at += legs[1]
    joint = [word.lower() for word in words[at : at + 1]]
    if joint in (["of"], ["from"], ["off"], ["outside"]):
        at += 1
    elif joint in (["inside"], ["into"]) and any(map(is_border, words[at + 1 : at + 5])):
        # "10 km inside the Syrian border" is as far from it.
        at += 1
    elif not point or not words[at : at + 1] or not is_name(words[at]):
        return _by_the_way(words, start, at, measure)
    cut = _measured(measure, point, legs[0] if legs else None, within=within)
    if cut.relation is None:
        cut.words += words[start:at]
    return cut, at - start


def _measured(measure: Measure, point: str, leg: tuple[str, str] | None, *, within: bool) -> Cut:
    """Return the marker of a distance; one that cannot be only leaves a note."""
    distance = measure.distance
    if within and distance and "-" not in distance:
        distance = f"0-{distance}"
    if not distance or (leg is not None and not leg[0]):
        return Cut(None, [])
    if leg is not None:
        return Cut("orthogonal", [], point, distance, leg[1], leg[0])
    return Cut("offset" if point else "distance", [], heading=point, distance=distance)


def _by_the_way(words: list[str], start: int, at: int, measure: Measure) -> tuple[Cut, int] | None:
    """Return "5 km upstream of", which is no farther as the crow flies; others leave a note."""
    here = [word.lower() for word in words[at : at + 4]]
    joint = next((i for i, word in enumerate(here) if word in {"of", "from"}), 0)
    if not joint or any(is_name(word) for word in words[at : at + joint]):
        return None
    bounded = measure.distance and not measure.distance.startswith(MORE_THAN)
    if here[0] in BY_RIVER and joint == 1 and bounded:
        return Cut("within", [], distance=measure.at_most), at + 2 - start
    # "2 miles either side of Balad" is not in Balad.
    return Cut(None, words[start : at + joint + 1]), at + joint + 1 - start


def _journey(words: list[str], start: int) -> tuple[Cut, int] | None:
    """Return "two hours' drive from", which tells no distance, as a note."""
    here = [word.lower() for word in words[start : start + 6]]
    number = here[0].isdigit() or here[0] in NUMBERS
    if not number or len(here) < 3 or here[1] not in {"hour", "hours", "minute", "minutes"}:
        return None
    joint = next((i for i, word in enumerate(here) if word in {"of", "from"}), 0)
    return (Cut(None, words[start : start + joint + 1]), joint + 1) if joint else None


def _without_unit(words: list[str], start: int) -> tuple[Cut, int] | None:
    """Return "2 E and 3 N of", of which nobody knows the unit, as a note."""
    here = words[start : start + 6]
    if len(here) < 6 or not (here[0] + here[3]).replace(".", "").isdigit():
        return None
    points = read_point(here[1:2], 0)[0] and read_point(here[4:5], 0)[0]
    if points and [here[2].lower(), here[5].lower()] == ["and", "of"]:
        return Cut(None, here), 6
    return None


def towards(words: list[str], at: int) -> tuple[str, int, int]:
    """Return the direction that follows a distance, and how many words lead to it and tell it."""
    start = at
    while words[at : at + 1] and words[at].lower() in FLUFF:
        azimuth, length = read_azimuth(words, at)
        if azimuth:
            return azimuth, at - start, length
        at += 1
    point, length = read_point(words, at)
    if not point:
        point, length = read_azimuth(words, at)
    return point, at - start, length


def _second_leg(words: list[str], at: int, point: str) -> tuple[tuple[str, str], int] | None:
    """Return the second of "2 km east and 3 km north of X" and how many words it takes.

    Its distance is empty where the two are not at a right angle.
    """
    joined = [word.lower() for word in words[at : at + 1]] == ["and"]
    measure = read_distance(words, at + 1) if joined else None
    if measure is None:
        return None
    other, fluff, length = towards(words, at + 1 + measure.words)
    end = at + 1 + measure.words + fluff + length
    if not other or [word.lower() for word in words[end : end + 1]] not in (["of"], ["from"]):
        return None
    right = abs(azimuth_deg(point) - azimuth_deg(other)) % 180 == 90
    exact = {point, other} <= HEADINGS.keys() and right
    return (measure.distance if exact else "", other), end - at


def _heading(words: list[str], start: int) -> tuple[Cut, int] | None:
    """Return "east of" and "to the east of", or "the east of", which is a part."""
    at = start
    here = [word.lower() for word in words[start : start + 2]]
    relation: Relation = "heading"
    if here == ["to", "the"]:
        at += 2
    elif here[:1] == ["the"]:
        at += 1
        relation = "part"
    elif here[0] in FLUFF - {"the", "to"}:
        at += 1
    point, length = read_point(words, at)
    if not point and relation == "heading":
        point, length = read_azimuth(words, at)
    if relation == "part" and here[1:] and here[1] in {"centre", "center"}:
        point, length = "centre", 1
    at += length
    if not point or [word.lower() for word in words[at : at + 1]] not in (["of"], ["from"]):
        return None
    return Cut(relation, [], heading=point), at + 1 - start


def _outskirts(words: list[str], start: int) -> tuple[Cut, int] | None:
    """Return "on the northern outskirts of"; without a side they are around the place."""
    at = start
    at += words[at].lower() in {"on", "in", "at", "near"}
    at += [word.lower() for word in words[at : at + 1]] == ["the"]
    if at < len(words) and words[at][0] not in "nsewNSEW":
        return None
    for length in (2, 1):
        side = side_of("".join(words[at : at + length]))
        edge = [word.lower() for word in words[at + length : at + length + 2]]
        if side in HEADINGS and edge[:1] and edge[0] in EDGES and edge[1:] == ["of"]:
            return Cut("outskirts", [], heading=side), at + length + 2 - start
    return None


_BEFORE_ROAD = (
    frozenset({"on", "along", "near", "off", "by"}),
    frozenset({"the", "a"}),
    frozenset({"main", "desert", "international"}),
)


def _road(words: list[str], start: int) -> tuple[Cut, int] | None:
    """Return "on the road from", where a "to" follows, and "on the highway between"."""
    at = start
    for leads in _BEFORE_ROAD:
        at += at < len(words) and words[at].lower() in leads
    if words[at : at + 1] and words[at].lower() in ROADS and words[at + 1 : at + 2]:
        joint = words[at + 1].lower()
        rest = [word.lower() for word in words[at + 2 :]]
        if joint in LINKING and not {"and", "to", "with"}.isdisjoint(rest):
            return Cut("road", []), at + 2 - start
        if joint == "from" and "to" in rest:
            return Cut("road", []), at + 2 - start
    return None
