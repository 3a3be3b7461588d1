"""The grammar of localities: segments, markers, phrases, clauses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from geoinc.localities.clauses import (
    ANAPHORA,
    HEADINGS,
    LONGEST,
    MORE_THAN,
    Clause,
    Locality,
    Relation,
    azimuth_deg,
)
from geoinc.localities.coordinates import positions
from geoinc.localities.languages import in_english
from geoinc.localities.measures import Measure, read_azimuth, read_distance, read_point
from geoinc.localities.phrases import ends_in_border, read_pair, read_phrase
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

# ---------------------------------------------------------------- step 1: segments

_QUOTES = str.maketrans(
    dict.fromkeys('"“”«»„', " ")
    # Typographic apostrophes, dashes, the hyphen that does not break, the Arabic decimal point.
    | {"\u2019": "'", "\u2018": "'", "\u2013": "-", "\u2011": "-", "\u2212": "-", "\u066b": "."}
    # The digits of Arabic and of Persian.
    | {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)}
)
# A full stop ends a sentence after a word, not after an initial or "St.".
_SEGMENT = re.compile(
    r"\s*(?:,(?!\d)|[;:—!?|\n،؛؟]|\s-+\s"
    r"|(?:(?<=[^\W\d_]{4})|(?<=\s[a-z]{3})|(?<=\d{2})|(?<=\s))\.(?=\s+[A-Z]))\s*"
)
_BRACKETS = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
_TOLD_PRECISION = re.compile(r"\(\s*((?:±|\+/-|\+-)[^()\[\]]{1,20})\)")
#: Control characters, and the private ones of which `_POSITION` is.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\uf8ff]")
_RANGE = re.compile(
    r"(\d{1,6}(?:\.\d{1,3})?)\s?[-\u2013\u2014]\s?(\d{1,6}(?:\.\d{1,3})?)(?=\s?[a-zA-Z])"
)
_UNIT = r"(?:kms?|kilomet\w{2,4}|mi|miles?|m|met(?:er|re)s?|nmi?|ft|feet|yds?|yards?)\b"
#: Stands for a position while the words around it are read.
_POSITION = "P\ue000"
_POSITIONS = re.compile(_POSITION + r"\d+")
#: After these a position is what the words relate to.
_TO_POSITION = frozenset({"of", "from", "near", "off", "outside", "between", "and"})

#: Words of a distance with a direction, at most.
_LONGEST_LEG = 8
#: A text that is longer is not read.
_LONGEST_READ = 4 * LONGEST


@lru_cache(maxsize=4096)
def parse_locality(text: str) -> Locality:
    """Read the words for a place into clauses.

    Parameters
    ----------
    text : str
        A name, a description, or both.

    Returns
    -------
    Locality
        Without clauses where nothing tells where the place is; never an error.
        ``parse_locality(str(locality)) == locality``.

    Examples
    --------
    >>> parse_locality("a village in Diyala, east of the base").clauses
    (Clause(relation='in', names=('Diyala',), heading='', distance=''), \
Clause(relation='heading', names=('the base',), heading='east', distance=''))
    >>> str(parse_locality("20km NE of Balad (Iraq)"))
    '20 km northeast of Balad (Iraq)'
    """
    if len(text) > _LONGEST_READ:
        # The beginning tells a reader which text it was; the rest may be any length.
        return Locality(text, (), (_plain(text[:LONGEST]),))
    words, read = text, _read(text)
    # What a first reading leaves of odd words may read on: "called called Batas".
    for _ in range(8):
        if str(read) == words:
            break
        words = str(read)
        again = _read(words)
        if again == read:
            break
        read = again
    return replace(read, text=text)


def _read(text: str) -> Locality:
    """Read words once."""
    clauses: list[Clause] = []
    notes: list[str] = []
    aside: list[tuple[str, str]] = []

    def set_aside(match: re.Match[str]) -> str:
        aside.append((match[1] or "", match[2] or ""))
        return " "

    # One space where there are many: patterns try each.
    lines = (" ".join(line.split()) for line in _CONTROL.sub(" ", text).split("\n"))
    told = _TOLD_PRECISION.sub(r"\1", "\n".join(filter(None, lines)))
    body, figures = _without_positions(_BRACKETS.sub(set_aside, told))
    for segment in _segments(_RANGE.sub(_range, body)):
        found, left = _segment(segment)
        # The first bare name is the place; a later one is where that lies.
        named = bool(clauses)
        clauses += [
            replace(clause, relation="in") if named and clause.relation == "is" else clause
            for clause in (_with_position(clause, figures) for clause in found)
        ]
        notes += [_in_figures(note, figures) for note in left]
    for context, note in aside:
        notes += [plain for plain in (_plain(note),) if plain]
        clauses, notes = _with_context(context, clauses, notes)
    unique = dict.fromkeys(clauses)
    return Locality(text, tuple(unique), tuple(dict.fromkeys(notes)))


def _with_context(
    text: str, clauses: list[Clause], notes: list[str]
) -> tuple[list[Clause], list[str]]:
    """Add what stands in round brackets: a bare name is a hint, a relation a clause."""
    words = _words(text)
    if [clause.relation for clause in clauses] == ["is"]:
        # "Balad (5 km N)", "Kabul (eastern parts of)".
        of = [word.lower() for word in words[-1:]] in (["of"], ["from"])
        if of or _is_leg(words):
            inner = _read(f"{text} {'' if of else 'of '}{clauses[0].names[0]}")
            return list(inner.clauses), [*notes, *inner.notes]
    inner = _read(text)
    for clause in inner.clauses:
        if clause.relation in {"is", "hint"}:
            clauses = [*clauses, replace(clause, relation="hint")]
        else:
            clauses = [*clauses, clause]
    return clauses, [*notes, *inner.notes]


def _plain(text: str) -> str:
    """Return text in one line without brackets, fit for a note."""
    return " ".join(re.sub(r"[\[\]()]", " ", text).split())


def _segments(text: str) -> list[list[str]]:
    """Return the words of each segment; "2 km east, 3 km north of X" is one, as is "X, 5 km N"."""
    segments: list[list[str]] = []
    for piece in _SEGMENT.split(text):
        words = in_english(_words(piece))
        if words and segments and _is_leg(segments[-1]) and read_distance(words, 0):
            segments[-1] += ["and", *words]
        elif words and segments and _is_leg(words) and _names_one(segments[-1]):
            segments[-1] = [*words, "of", *segments[-1]]
        elif words:
            segments.append(_road_first(_leg_first(words)))
    return segments


def _road_first(words: list[str]) -> list[str]:
    """Turn "the X to Y road" into "the road from X to Y"."""
    for to in (at for at, word in enumerate(words) if word.lower() == "to"):
        start, end = to, to + 1
        while start and _may_name(words[start - 1]):
            start -= 1
        while end < len(words) and _may_name(words[end]):
            end += 1
        if start < to and to + 1 < end < len(words) and words[end].lower() in ROADS:
            return [*words[:start], "road", "from", *words[start:end], *words[end + 1 :]]
    return words


def _may_name(word: str) -> bool:
    return is_name(word) and word.lower() not in ROADS


def _leg_first(words: list[str]) -> list[str]:
    """Turn "X 5 km N" into "5 km N of X"."""
    for at in range(max(1, len(words) - _LONGEST_LEG), len(words)):
        if _is_leg(words[at:]) and _names_one(words[:at]):
            return [*words[at:], "of", *words[:at]]
    return words


def _names_one(words: list[str]) -> bool:
    """Return whether words are a name and no more."""
    return [clause.relation for clause in _segment(words)[0]] == ["is"]


def _is_leg(words: list[str]) -> bool:
    """Return whether words are a distance and a direction, of nothing yet."""
    measure = read_distance(words, 0)
    if measure is None:
        return False
    point, fluff, length = _towards(words, measure.words)
    return bool(point) and measure.words + fluff + length == len(words)


def _range(match: re.Match[str]) -> str:
    """Close up "5 - 10 km", but not "Tower 22 - 3 km north"."""
    low, high = match[1], match[2]
    return f"{low}-{high}" if float(low) < float(high) else match[0]


def _words(segment: str) -> list[str]:
    spaced = re.sub(r"[()\[\]]", " ", segment.translate(_QUOTES))
    spaced = re.sub(r"(?<=\d),(?=\d{3}\b)", "", spaced)
    spaced = re.sub(r"(?<=\d),(?=\d)", ".", spaced)
    for sign, decimals in (("½", ".5"), ("¼", ".25"), ("¾", ".75")):
        spaced = re.sub(rf"(?<=\d) ?{sign}", f"{decimals} ", spaced)
        spaced = spaced.replace(sign, f"0{decimals} ")
    spaced = re.sub(rf"(?i)(?<=\d)-?(?={_UNIT})", " ", spaced)
    spaced = re.sub(r"(?i)\b(?:nautical|sea) miles?\b", "nm", spaced)
    # "An" before a consonant is the Arabic article: An Najaf.
    spaced = re.sub(r"\bAn(?= [AEIOUaeiou])", "an", spaced)
    # A full stop ends a sentence, except in "U.S.".
    words = (
        word
        if re.fullmatch(r"(?:\w\.)+|-\d+(?:\.\d+)?", word)
        else word.strip(".-'*&/").removeprefix("~").removeprefix("≈")
        for word in spaced.split()
    )
    return [word for word in words if any(char.isalnum() for char in word)]


# ---------------------------------------------------------------- positions


def _without_positions(text: str) -> tuple[str, list[Clause]]:
    """Put a word for each position in figures, so that commas and signs in it cut nothing."""
    figures: list[Clause] = []
    pieces: list[str] = []
    at = 0
    for found in positions(text):
        before = text[at : found.start]
        last = before.split()[-1].lower() if before.split() else ""
        if last in {"at", "in", "@"}:
            before = before.rstrip()[: -len(last)]
        pieces += [before, " " if last in _TO_POSITION else ", ", f"{_POSITION}{len(figures)}"]
        joined = last in {"between", "from"} and text[found.end :].split()[:1] in (["and"], ["to"])
        pieces.append(" " if joined else ", ")
        figures.append(found.clause)
        at = found.end
    return "".join([*pieces, text[at:]]), figures


def _with_position(clause: Clause, figures: list[Clause]) -> Clause:
    """Put the position back for its word: as the place, or as what the place relates to."""
    if not figures:
        return clause
    if clause.relation in {"is", "in"} and _POSITIONS.fullmatch(clause.names[0]):
        return figures[int(clause.names[0].removeprefix(_POSITION))]
    return replace(clause, names=tuple(_in_figures(name, figures) for name in clause.names))


def _in_figures(words: str, figures: list[Clause]) -> str:
    return _POSITIONS.sub(lambda match: str(figures[int(match[0].removeprefix(_POSITION))]), words)


# ---------------------------------------------------------------- step 2: markers


@dataclass
class _Cut:
    """A marker, the words up to the next one, or that one where it has its own."""

    relation: Relation | None
    words: list[str]
    heading: str = ""
    distance: str = ""
    other_heading: str = ""
    other_distance: str = ""
    told: list[str] = field(default_factory=list)
    inner: _Cut | None = None

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
_OF_TWO: frozenset[Relation | None] = frozenset({"between", "halfway", "road", "junction"})


def _cuts(words: list[str]) -> list[_Cut]:
    """Cut words at their markers; the first cut is the head, which none introduces."""
    cuts = [_Cut("is", [])]
    start = 0
    while start < len(words):
        word = words[start].lower()
        if word in {"to", "with"} and cuts[-1].relation in _OF_TWO and "and" not in cuts[-1].words:
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


def _joined(cuts: list[_Cut]) -> list[_Cut]:
    """Give a distance or a direction that another marker follows what that one means."""
    joined: list[_Cut] = []
    for cut in cuts:
        last = joined[-1] if joined else _Cut("is", [])
        if last.words or last.inner or not (last.heading or last.distance):
            joined.append(cut)
        elif cut.relation in _OF_TWO or cut.relation == "part":
            last.inner = cut
        else:
            # "100 m off east of the bay" may be on either side of the shore.
            joined[-1] = _Cut(None, [*last.told, *cut.told, *cut.words])
    return joined


def _marker(words: list[str], start: int) -> tuple[_Cut, int] | None:
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
            return _Cut(relation, []), len(marker)
    return None


def _within(words: list[str], start: int) -> tuple[_Cut, int] | None:
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
    return _Cut("within", [], distance=distance), at + 1


def _at_distance(words: list[str], start: int) -> tuple[_Cut, int] | None:
    """Return the marker that a distance belongs to: "20 km north of", "20 km from"."""
    within = words[start].lower() == "within"
    measure = read_distance(words, start + within)
    if measure is None:
        return _without_unit(words, start)
    point, fluff, length = _towards(words, start + within + measure.words)
    at = start + within + measure.words + fluff + length
    legs = _second_leg(words, at, point) if point else None
    if legs is not None:
        at += legs[1]
    joint = [word.lower() for word in words[at : at + 1]]
    if joint in (["of"], ["from"], ["off"], ["outside"]):
        at += 1
    elif not point or not words[at : at + 1] or not is_name(words[at]):
        return _by_the_way(words, start, at, measure)
    cut = _measured(measure, point, legs[0] if legs else None, within=within)
    if cut.relation is None:
        cut.words += words[start:at]
    return cut, at - start


def _measured(measure: Measure, point: str, leg: tuple[str, str] | None, *, within: bool) -> _Cut:
    """Return the marker of a distance; one that cannot be only leaves a note."""
    distance = measure.distance
    if within and distance and "-" not in distance:
        distance = f"0-{distance}"
    if not distance or (leg is not None and not leg[0]):
        return _Cut(None, [])
    if leg is not None:
        return _Cut("orthogonal", [], point, distance, leg[1], leg[0])
    return _Cut("offset" if point else "distance", [], heading=point, distance=distance)


def _by_the_way(words: list[str], start: int, at: int, measure: Measure) -> tuple[_Cut, int] | None:
    """Return "5 km upstream of", which is no farther as the crow flies; others leave a note."""
    here = [word.lower() for word in words[at : at + 4]]
    joint = next((i for i, word in enumerate(here) if word in {"of", "from"}), 0)
    if not joint or any(is_name(word) for word in words[at : at + joint]):
        return None
    bounded = measure.distance and not measure.distance.startswith(MORE_THAN)
    if here[0] in BY_RIVER and joint == 1 and bounded:
        return _Cut("within", [], distance=measure.at_most), at + 2 - start
    # "2 miles either side of Balad" is not in Balad.
    return _Cut(None, words[start : at + joint + 1]), at + joint + 1 - start


def _journey(words: list[str], start: int) -> tuple[_Cut, int] | None:
    """Return "two hours' drive from", which tells no distance, as a note."""
    here = [word.lower() for word in words[start : start + 6]]
    number = here[0].isdigit() or here[0] in NUMBERS
    if not number or len(here) < 3 or here[1] not in {"hour", "hours", "minute", "minutes"}:
        return None
    joint = next((i for i, word in enumerate(here) if word in {"of", "from"}), 0)
    return (_Cut(None, words[start : start + joint + 1]), joint + 1) if joint else None


def _without_unit(words: list[str], start: int) -> tuple[_Cut, int] | None:
    """Return "2 E and 3 N of", of which nobody knows the unit, as a note."""
    here = words[start : start + 6]
    if len(here) < 6 or not (here[0] + here[3]).replace(".", "").isdigit():
        return None
    points = read_point(here[1:2], 0)[0] and read_point(here[4:5], 0)[0]
    if points and [here[2].lower(), here[5].lower()] == ["and", "of"]:
        return _Cut(None, here), 6
    return None


def _towards(words: list[str], at: int) -> tuple[str, int, int]:
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
    other, fluff, length = _towards(words, at + 1 + measure.words)
    end = at + 1 + measure.words + fluff + length
    if not other or [word.lower() for word in words[end : end + 1]] not in (["of"], ["from"]):
        return None
    right = abs(azimuth_deg(point) - azimuth_deg(other)) % 180 == 90
    exact = {point, other} <= HEADINGS.keys() and right
    return (measure.distance if exact else "", other), end - at


def _heading(words: list[str], start: int) -> tuple[_Cut, int] | None:
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
    return _Cut(relation, [], heading=point), at + 1 - start


def _outskirts(words: list[str], start: int) -> tuple[_Cut, int] | None:
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
            return _Cut("outskirts", [], heading=side), at + length + 2 - start
    return None


_BEFORE_ROAD = (
    frozenset({"on", "along", "near", "off", "by"}),
    frozenset({"the", "a"}),
    frozenset({"main", "desert", "international"}),
)


def _road(words: list[str], start: int) -> tuple[_Cut, int] | None:
    """Return "on the road from", where a "to" follows, and "on the highway between"."""
    at = start
    for leads in _BEFORE_ROAD:
        at += at < len(words) and words[at].lower() in leads
    if words[at : at + 1] and words[at].lower() in ROADS and words[at + 1 : at + 2]:
        joint = words[at + 1].lower()
        rest = [word.lower() for word in words[at + 2 :]]
        if joint in LINKING and not {"and", "to", "with"}.isdisjoint(rest):
            return _Cut("road", []), at + 2 - start
        if joint == "from" and "to" in rest:
            return _Cut("road", []), at + 2 - start
    return None


# ---------------------------------------------------------------- step 4: clauses


def _segment(words: list[str]) -> tuple[list[Clause], list[str]]:
    """Return the clauses and notes of the words between two commas."""
    clauses: list[Clause] = []
    notes: list[str] = []
    for cut in _cuts(words):
        found, left = _clauses(cut)
        clauses += found
        notes += left
    return clauses, notes


def _clauses(cut: _Cut) -> tuple[list[Clause], list[str]]:
    """Return the clauses that a marker makes with the words after it, and what is left."""
    if cut.relation is None:
        return [], [" ".join(cut.words)]
    if cut.inner is not None:
        inner, notes = _clauses(cut.inner)
        if len(inner) == 1:
            return [cut.of(cut.relation, str(inner[0]))], notes
        return [], [" ".join([*cut.told, *cut.inner.told, *cut.inner.words])]
    if cut.relation in _OF_TWO:
        names = read_pair(cut.words)
        if len(names) == 2:
            return [Clause(cut.relation, (names[0], names[1]))], []
        return [], [f"{cut.relation} {' '.join(cut.words)}"]
    return _of_one(cut, cut.relation)


def _of_one(cut: _Cut, relation: Relation) -> tuple[list[Clause], list[str]]:
    """Return the clauses of a marker that takes one name."""
    phrase = read_phrase(cut.words)
    lines = [clause for clause in phrase.clauses if clause.relation in {"border", "road"}]
    if lines and not phrase.name and relation not in {"is", "in", "near", "around", "along"}:
        phrase.clauses.remove(lines[0])
        phrase.name = str(lines[0])
    if not phrase.name:
        return phrase.clauses, phrase.all_notes()
    if relation == "part" or (phrase.side and relation in {"is", "in"}):
        made = Clause("part", (phrase.name,), heading=cut.heading or phrase.side)
    else:
        made = cut.of(relation, phrase.as_name())
    return [made, *phrase.clauses], phrase.notes


def mentions_anaphor(text: str) -> bool:
    """Return whether words point at a place named elsewhere: "the base", "nearby".

    Parameters
    ----------
    text : str
        The words for a place.

    Returns
    -------
    bool
        True where a clause relates to one of `ANAPHORA`.

    Examples
    --------
    >>> mentions_anaphor("a village east of the base"), mentions_anaphor("Balad air base")
    (True, False)
    """
    clauses = parse_locality(text).clauses
    return any(name in ANAPHORA for clause in clauses for name in clause.names)
