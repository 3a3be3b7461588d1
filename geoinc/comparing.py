"""How alike two names are: by their sounds, across scripts, and by their consonants."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import Indel, Jaro

from geoinc import toponyms

if TYPE_CHECKING:
    from collections.abc import Sequence


# What one letter costs against another where a name is written in two scripts: nothing for what
# transliterations confuse, more for what only hearing confuses; 1.3 for any other pair.
_CONFUSED = {
    frozenset(pair): cost
    for cost, pairs in {
        0.1: ["Gg"],
        0.25: ["Hh", "Gh", "Hk", "Gk", "zd", "td", "ts"],
        0.3: ["jg", "ui", "ia", "ua"],
        0.4: ["gk", "GH", "hk", "zs", "xs", "dt", "tz"],
        0.5: ["jx", "bf", "mn", "ji", "fu"],
    }.items()
    for pair in pairs
}
_OTHER_LETTER = 1.3
# The same by letter: what each other letter costs against it.
_AGAINST = {
    letter: {
        other: cost
        for pair, cost in _CONFUSED.items()
        if letter in pair
        for other in pair - {letter}
    }
    for letter in frozenset().union(*_CONFUSED)
}
_NONE: dict[str, float] = {}


@lru_cache
def confused_with(consonant: str) -> str:
    """Return the consonants of skeletons that hearing takes one for ("d" for "t")."""
    return "".join(sorted(_AGAINST.get(consonant, _NONE).keys() & set(toponyms.CONSONANTS)))


# A letter that the other script does not write: short vowels cost next to nothing.
_UNWRITTEN = {"a": 0.06, "i": 0.12, "u": 0.15, "h": 0.4}
_UNSPOKEN = {"a": 0.12, "i": 0.3, "u": 0.3, "h": 0.45}


_ABJAD = re.compile("[\u0590-\u06ff]")


def is_abjad(text: str) -> bool:
    """Return whether a name is in a script that leaves short vowels out (Arabic, Hebrew)."""
    return not text.isascii() and _ABJAD.search(text) is not None


@lru_cache(maxsize=65536)
def aligned(spoken: str, written: str) -> float:
    """Return how well the sounds of a name fit those of it in a script without vowels, 0..1.

    A weighted edit distance (Needleman & Wunsch's alignment): a short vowel that is not written
    costs next to nothing, letters that transliterations confuse cost little.

    Parameters
    ----------
    spoken : str
        `toponyms.sound` of the name in a script that writes vowels.
    written : str
        `toponyms.sound` of the name in Arabic or Hebrew script.

    Examples
    --------
    >>> aligned(toponyms.sound("Deir Ezzor"), toponyms.sound("دير الزور"))
    1.0
    """
    row = [0.0]
    left_out = [_UNSPOKEN.get(char, 1.0) for char in written]
    for theirs_alone in left_out:
        row.append(row[-1] + theirs_alone)
    for mine in spoken:
        alone, against = _UNWRITTEN.get(mine, 1.0), _AGAINST.get(mine, _NONE)
        before = row[0]
        last = before + alone
        new = [last]
        for theirs, theirs_alone, above in zip(written, left_out, row[1:], strict=True):
            last += theirs_alone
            both = before if mine == theirs else before + against.get(theirs, _OTHER_LETTER)
            mine_alone = above + alone
            # `min` takes twice the time.
            if both < last:  # noqa: PLR1730
                last = both
            if mine_alone < last:  # noqa: PLR1730
                last = mine_alone
            new.append(last)
            before = above
        row = new
    return max(0.0, 1 - row[-1] / max(3.0, 0.31 * (len(spoken) + len(written))))


class Name(NamedTuple):
    """A name of a place, with the keys by which it is compared."""

    text: str
    sound: str
    skeleton: str


class Reading(NamedTuple):
    """One reading of the name asked for: whole, or with something left out.

    Parameters
    ----------
    sound, bones : str
        Its sounds and its consonants, both without sides.
    sides : frozenset of str
        Sides and sizes in it ("eastern", "great").
    is_abjad : bool
        Whether it is in a script that leaves vowels out.
    less : str
        What was left out: nothing, ``"part"`` of a double name, a ``"division"`` that the name
        ends with, or a ``"word"``.
    """

    sound: str
    bones: str
    sides: frozenset[str]
    is_abjad: bool
    less: str


def reading(text: str, less: str = "") -> Reading:
    """Return a reading of a name.

    Examples
    --------
    >>> reading("Eastern Ghouta").bones, set(reading("Eastern Ghouta").sides)
    ('gt', {'e'})
    """
    bones, *sides = toponyms.skeleton(text).split(">")
    return Reading(toponyms.sound(text), bones, frozenset(sides), is_abjad(text), less)


class Likeness(NamedTuple):
    """How alike the names of a place and the name asked for are, where they are not the same.

    Parameters
    ----------
    sound : float
        Likeness of the sounds of names in scripts of one kind, 0..1.
    script : float
        Likeness across kinds of script, letter by letter (`aligned`), 0..1; where there
        is only one of the two, both are that.
    consonants : float
        Likeness of the consonants, 0..1.
    jaro : float
        Likeness of the sounds of the two names that are most alike, and how far in the same order,
        0..1 (the Jaro similarity).
    same_end : bool
        Whether those end in the same sound, as the feminine ending is: "Khazan" is not "Khazneh".
    sides, same_sides : int
        Sides and sizes that only one of those has, and that both have.
    less : str
        What was left out to make them alike, as in `Reading`.
    bones : int
        How many consonants the name asked for has.
    """

    sound: float
    script: float
    consonants: float
    jaro: float
    same_end: bool
    sides: int
    same_sides: int
    less: str
    bones: int


# A reading with a word left out is like another name by chance more often.
_LESS = {"": 1.0, "part": 0.95, "division": 0.97, "word": 0.9}
# Only so many of a place's names are compared by sound, those whose consonants are most alike.
_NAMES_COMPARED = 4


def likeness(readings: Sequence[Reading], names: Sequence[Name]) -> Likeness:
    """Return how alike a name and the names of a place are: the best of each kind of script.

    Parameters
    ----------
    readings : sequence of Reading
        Of the name asked for, the whole first.
    names : sequence of Name
        Those of the place, at least one.
    """
    best = {False: 0.0, True: 0.0}
    found = [False, False]
    most, consonants, closest = -1.0, 0.0, (readings[0], names[0])
    bones = [name.skeleton.partition(">")[0] for name in names]
    for asked in readings:
        trust = _LESS[asked.less]
        # Most names of a place have the same consonants.
        like = {own: _like(asked.bones, own) for own in set(bones)}
        compared = [(like[own], name) for own, name in zip(bones, names, strict=True)]
        if len(compared) > _NAMES_COMPARED:
            compared = sorted(compared, reverse=True)[:_NAMES_COMPARED]
        for same, name in compared:
            abjad = is_abjad(name.text)
            other = abjad != asked.is_abjad
            if not other:
                alike = _like(asked.sound, name.sound)
            elif abjad:
                alike = aligned(asked.sound, name.sound)
            else:
                alike = aligned(name.sound, asked.sound)
            found[other] = True
            best[other] = max(best[other], alike * trust)
            consonants = max(consonants, same * trust)
            if (alike + same) * trust > most:
                most, closest = (alike + same) * trust, (asked, name)
    sound = best[False] if found[False] else best[True]
    script = best[True] if found[True] else sound
    asked, name = closest
    less = asked.less
    if less == "part" and all(one.bones in bones for one in readings if one.less == "part"):
        # "Tadmur/Palmyra": the place has both names, or one that both spell.
        less, consonants = "", 1.0
    sides = frozenset(name.skeleton.split(">")[1:])
    return Likeness(
        sound,
        script,
        consonants,
        Jaro.similarity(asked.sound, name.sound),
        asked.sound[-1:] == name.sound[-1:],
        len(asked.sides ^ sides),
        len(asked.sides & sides),
        less,
        len(readings[0].bones),
    )


_like = Indel.normalized_similarity
