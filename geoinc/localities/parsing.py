"""The grammar of localities: segments, markers, phrases, clauses."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from geoinc.localities.clauses import ANAPHORA, LONGEST, Clause, Locality, Relation
from geoinc.localities.phrases import ends_in_border, read_pair, read_phrase
from geoinc.localities.words import (
    FLUFF,
    JOINING,
    MARKERS,
    NUMBER,
    NUMBERS,
    POINTS,
    UNITS,
    is_name,
)

# ---------------------------------------------------------------- step 1: segments

_QUOTES = str.maketrans(
    dict.fromkeys('"“”«»„', " ")
    # Typographic apostrophes, the en dash and the hyphen that does not break.
    | {"\u2019": "'", "\u2018": "'", "\u2013": "-", "\u2011": "-"}
)
_SEGMENT = re.compile(r"\s*(?:,(?!\d{3}\b)|[;:—!?|\n]|\s-+\s)\s*")
_BRACKETS = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")


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
    if len(text) > LONGEST:
        return Locality(text, (), (_plain(text)[:LONGEST],))
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

    for segment in _SEGMENT.split(_BRACKETS.sub(set_aside, text)):
        words = _words(segment)
        if words:
            found, left = _segment(words)
            # The first bare name is the place; a later one is where that lies.
            named = bool(clauses)
            clauses += [
                replace(clause, relation="in") if named and clause.relation == "is" else clause
                for clause in found
            ]
            notes += left
    for context, note in aside:
        notes += [plain for plain in (_plain(note),) if plain]
        clauses, notes = _with_context(context, clauses, notes)
    unique = dict.fromkeys(clauses)
    return Locality(text, tuple(unique), tuple(dict.fromkeys(notes)))


def _with_context(
    text: str, clauses: list[Clause], notes: list[str]
) -> tuple[list[Clause], list[str]]:
    """Add what stands in round brackets: a bare name is a hint, a relation a clause."""
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


def _words(segment: str) -> list[str]:
    spaced = re.sub(r"[()\[\]]", " ", segment.translate(_QUOTES))
    spaced = re.sub(r"(?<=\d),(?=\d{3}\b)", "", spaced)
    for sign, decimals in (("½", ".5"), ("¼", ".25"), ("¾", ".75")):
        spaced = re.sub(rf"(?<=\d) ?{sign}", f"{decimals} ", spaced)
        spaced = spaced.replace(sign, f"0{decimals} ")
    spaced = re.sub(r"(?i)(?<=\d)-?(?=(?:km|kms|mi|miles|m|nm|nmi)\b)", " ", spaced)
    spaced = re.sub(r"\b[Nn]autical miles?\b|\bsea miles?\b", "nm", spaced)
    # "An" before a consonant is the Arabic article: An Najaf.
    spaced = re.sub(r"\bAn(?= [AEIOUaeiou])", "an", spaced)
    # A full stop ends a sentence, except in "U.S.".
    words = (
        word if re.fullmatch(r"(?:\w\.)+", word) else word.strip(".-'*&/")
        for word in spaced.split()
    )
    return [word for word in words if any(char.isalnum() for char in word)]


# ---------------------------------------------------------------- step 2: markers


#: The markers that each word may begin, in their order.
_MARKERS_BY_FIRST = {
    first: [(marker, relation) for marker, relation in MARKERS if marker[0] == first]
    for first in {marker[0] for marker, _ in MARKERS}
}


@dataclass
class _Cut:
    """A marker and the words up to the next one."""

    relation: Relation | None
    words: list[str]
    heading: str = ""
    distance: str = ""


def _cuts(words: list[str]) -> list[_Cut]:
    """Cut words at their markers; the first cut is the head, which none introduces."""
    cuts = [_Cut("is", [])]
    start = 0
    while start < len(words):
        found = _marker(words, start)
        if found is None or start + found[1] >= len(words):
            cuts[-1].words.append(words[start])
            start += 1
        elif words[start].lower() in {"between", "with"} and ends_in_border(cuts[-1].words):
            # The border between X and Y is one thing.
            cuts[-1].words += words[start : start + found[1]]
            start += found[1]
        else:
            cuts.append(found[0])
            start += found[1]
    for cut in cuts:
        while cut.words and cut.words[-1].lower() in JOINING:
            cut.words.pop()
        while cut.words and cut.words[0].lower() in JOINING:
            cut.words.pop(0)
    return [cut for cut in cuts if cut.words]


def _marker(words: list[str], start: int) -> tuple[_Cut, int] | None:
    """Return the marker that begins here and how many words it takes."""
    here = [word.lower() for word in words[start : start + 6]]
    if here[0] == "within":
        distance, taken = _distance(words, start + 1)
        if distance and here[1 + taken : 2 + taken] == ["of"]:
            return _Cut("within", [], distance=distance), taken + 2
    distance, taken = _distance(words, start)
    if distance:
        return _at_distance(words, start, distance, taken)
    heading = _heading(words, start)
    if heading:
        return heading
    # "At" and "As" before a name may be the article: At-Tanf, As-Suwayda.
    if words[start] in {"At", "As"} and words[start + 1 : start + 2] and is_name(words[start + 1]):
        return None
    for marker, relation in _MARKERS_BY_FIRST.get(here[0], ()):
        if tuple(here[: len(marker)]) == marker:
            return _Cut(relation, []), len(marker)
    return None


def _distance(words: list[str], start: int) -> tuple[str, int]:
    """Return the distance that begins here, "20 km", and how many words it takes."""
    here = [word.lower() for word in words[start : start + 4]]
    skip = 0
    if here[:1] == ["a"] and here[1:2] in (["few"], ["half"]):
        skip = 1
    after = 0
    if here[skip : skip + 2] in (["half", "a"], ["half", "an"]):
        here.pop(skip + 1)
        after = 1
    number, unit = here[skip : skip + 1], here[skip + 1 : skip + 2]
    if not number or not unit or unit[0] not in UNITS:
        return "", 0
    value = NUMBERS.get(number[0], number[0])
    if not NUMBER.fullmatch(value):
        return "", 0
    return f"{value} {UNITS[unit[0]]}", skip + 2 + after


def _at_distance(
    words: list[str], start: int, distance: str, taken: int
) -> tuple[_Cut, int] | None:
    """Return the marker that a distance belongs to: "20 km north of", "20 km from"."""
    at = start + taken
    while words[at : at + 1] and words[at].lower() in FLUFF:
        at += 1
    point, length = _point(words, at)
    at += length
    joint = [word.lower() for word in words[at : at + 1]]
    if joint in (["of"], ["from"], ["off"], ["outside"]):
        at += 1
    elif not point or not words[at : at + 1] or not is_name(words[at]):
        return None
    relation: Relation = "offset" if point else "distance"
    return _Cut(relation, [], heading=point, distance=distance), at - start


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
    point, length = _point(words, at)
    if relation == "part" and here[1:] and here[1] in {"centre", "center"}:
        point, length = "centre", 1
    at += length
    if not point or [word.lower() for word in words[at : at + 1]] not in (["of"], ["from"]):
        return None
    return _Cut(relation, [], heading=point), at + 1 - start


def _point(words: list[str], start: int) -> tuple[str, int]:
    """Return the compass point that begins here, "" if none, and how many words it takes."""
    for length in (3, 2, 1):
        joined = "".join(words[start : start + length]).replace("-", "").replace(".", "")
        point = POINTS.get(joined.lower()) or POINTS.get(joined)
        if point and len(words) >= start + length:
            return point, length
    return "", 0


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
    if cut.relation == "between":
        names = read_pair(cut.words)
        if len(names) == 2:
            return [Clause("between", (names[0], names[1]))], []
        return [], [f"between {' '.join(cut.words)}"]
    phrase = read_phrase(cut.words)
    borders = [clause for clause in phrase.clauses if clause.relation == "border"]
    if borders and not phrase.name and cut.relation not in {"is", "in", "near", "around"}:
        phrase.clauses.remove(borders[0])
        phrase.name = str(borders[0])
    if not phrase.name:
        return phrase.clauses, phrase.notes
    if cut.relation == "part" or (phrase.side and cut.relation in {"is", "in"}):
        made = Clause("part", (phrase.name,), heading=cut.heading or phrase.side)
    else:
        made = Clause(cut.relation, (phrase.as_name(),), cut.heading, cut.distance)
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
