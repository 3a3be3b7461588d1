"""Steps 1 and 4 of the grammar: a text into segments, and their pieces into clauses."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from geoinc.localities.clauses import (
    ANAPHORA,
    LONGEST,
    Clause,
    Locality,
    Relation,
)
from geoinc.localities.coordinates import positions
from geoinc.localities.languages import in_english
from geoinc.localities.markers import OF_TWO, Cut, cut_words, towards
from geoinc.localities.measures import read_distance
from geoinc.localities.phrases import read_pair, read_phrase
from geoinc.localities.words import (
    ROADS,
    is_name,
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
_WRITTEN = r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty)"
#: "The Baghdad - Mosul road" is one thing.
_DASHED_ROAD = re.compile(
    r"(?<=\w) ?[-\u2013\u2014] (?=[A-Z][\w'-]* (?:[A-Z][\w'-]* )?(?:road|highway|motorway|railway)\b)"
)
#: Stands for a position while the words around it are read.
_POSITION = "P\ue000"
_POSITIONS = re.compile(_POSITION + r"\d+")
#: After these a position is what the words relate to.
_TO_POSITION = frozenset({"of", "from", "near", "off", "outside", "between", "and"})

#: Words of a distance with a direction, at most.
_LONGEST_LEG = 8
#: A text that is longer is not read.
_LONGEST_READ = 4 * LONGEST


@lru_cache(maxsize=65536)
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
    outside = re.sub(" {2,}", " ", _BRACKETS.sub(set_aside, told))
    body, figures = _without_positions(outside)
    for segment in _segments(_DASHED_ROAD.sub(" to ", _RANGE.sub(_range, body))):
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
        if context.strip():
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
    point, fluff, length = towards(words, measure.words)
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
    spaced = re.sub(rf"(?i)({_WRITTEN})-(?={_UNIT})", r"\1 ", spaced)
    spaced = re.sub(rf"(?:^|(?<=[a-z] ))(\d{{1,3}}) (\d{{3}})(?= {_UNIT})", r"\1\2", spaced)
    spaced = spaced.replace(" & ", " and ")
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


# ---------------------------------------------------------------- step 4: clauses


def _segment(words: list[str]) -> tuple[list[Clause], list[str]]:
    """Return the clauses and notes of the words between two commas."""
    clauses: list[Clause] = []
    notes: list[str] = []
    for cut in cut_words(words):
        found, left = _clauses(cut)
        clauses += found
        notes += left
    return clauses, notes


def _clauses(cut: Cut) -> tuple[list[Clause], list[str]]:
    """Return the clauses that a marker makes with the words after it, and what is left."""
    if cut.relation is None:
        return [], [" ".join(cut.words)]
    if cut.inner is not None:
        inner, notes = _clauses(cut.inner)
        if len(inner) == 1:
            return [cut.of(cut.relation, str(inner[0]))], notes
        return [], [" ".join([*cut.told, *cut.inner.told, *cut.inner.words])]
    if cut.relation in OF_TWO:
        names = read_pair(cut.words)
        if len(names) == 2:
            return [Clause(cut.relation, (names[0], names[1]))], []
        return [], [f"{cut.relation} {' '.join(cut.words)}"]
    return _of_one(cut, cut.relation)


def _of_one(cut: Cut, relation: Relation) -> tuple[list[Clause], list[str]]:
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
