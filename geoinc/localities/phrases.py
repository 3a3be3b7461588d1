"""From a phrase to the name in it: "a village called Batas", "Iraq's western Anbar province"."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from geoinc.localities.clauses import ANAPHORA, NEARBY, POINTED_AT, Clause
from geoinc.localities.words import (
    ACTORS,
    ADMIN,
    ADMIN_PLURAL,
    ARABIC_AN,
    AROUND_US,
    ARTICLES,
    ASIDE,
    COMPOUND,
    DEMONYMS,
    GENERIC,
    KIND_ADJECTIVES,
    MOBILE,
    NAME_PARTS,
    NAMED_KINDS,
    NAMING,
    NUMBERS,
    OWNED,
    PARTICLES,
    ROADS,
    SETTLEMENT,
    SURROUNDINGS,
    country_of,
    is_article,
    is_name,
    is_noise,
    side_of,
    without_s,
)

# ---------------------------------------------------------------- step 3: phrases


@dataclass
class Phrase:
    """What a phrase says: a name or a side of it, and what else is told in passing."""

    name: str = ""
    side: str = ""
    clauses: list[Clause] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_name(self) -> str:
        """Return the name with its side, for relations that take one name."""
        if not self.side or not self.name or self.name.split()[-1].lower() in ADMIN:
            return self.name
        return f"{self._side_in_words()} {self.name}"

    def all_notes(self) -> list[str]:
        """Return the notes, with the side where there is no name that has it."""
        side = self._side_in_words() if self.side else ""
        if not side or any(side_of(word) for note in self.notes for word in note.split()):
            return self.notes
        return [*self.notes[:-1], " ".join([side, *self.notes[-1:]])]

    def _side_in_words(self) -> str:
        return "central" if self.side == "centre" else self.side.replace("-", "") + "ern"


#: More words between two markers are a tale.
LONGEST_PHRASE = 40


def read_phrase(words: list[str]) -> Phrase:
    """Read a phrase: peel off what surrounds the name, the widest first."""
    if len(words) > LONGEST_PHRASE:
        return Phrase(notes=[" ".join(words)])
    words, notes = _without_asides(words)
    for peel in (_border, _road, _pointed_at, _of, _owner, _sided, _with_demonym):
        found = peel(words)
        if found is not None:
            break
    else:
        found = _bare(words)
    found.notes = [note for note in [*notes, *found.notes] if note]
    name = found.name.split()
    if name and name != words:
        # What is left may have to be peeled again.
        inner = read_phrase(name)
        found.name, found.side = inner.name, found.side or inner.side
        found.clauses += inner.clauses
        found.notes += inner.notes
    return found


def _without_asides(words: list[str]) -> tuple[list[str], list[str]]:
    """Cut off what a phrase tells besides: "a village called", "that host forces"."""
    notes = []
    for at in range(len(words) - 1):
        naming = next((n for n in NAMING if words[at : at + len(n.split())] == n.split()), "")
        rest = words[at + len(naming.split()) :]
        if naming and rest:
            notes.append(" ".join(words[:at]))
            words = rest
            break
    for at, word in enumerate(words):
        if word in ASIDE:
            notes.append(" ".join(words[at:]))
            words = words[:at]
            break
    return words, [note for note in notes if note]


def _border(words: list[str]) -> Phrase | None:
    """Read "the Iraqi-Syrian border", "Iraq's border with Syria", "the border between X and Y"."""
    at = next((i for i, word in enumerate(words) if is_border(word)), None)
    if at is None:
        return None
    after = words[at + 1 :]
    joint = next((i for i, w in enumerate(after) if w.lower() in {"with", "between", "of"}), None)
    what, others = (after, []) if joint is None else (after[:joint], after[joint + 1 :])
    if not all(map(is_noise, what)):
        return None
    sides = _sides_of_border([without_s(word) for word in words[:at] if not is_article(word)])
    if sides is None:
        return None
    names = [*sides, *read_pair(others)]
    if not names and joint is None:
        return None
    note = " ".join([words[at], *what]) if what or "-" in words[at] else ""
    clause = Clause("border", tuple(dict.fromkeys(names))[:2])
    notes = [note] if note else []
    return Phrase(clauses=[clause], notes=notes) if names else None


def _road(words: list[str]) -> Phrase | None:
    """Read "the Baghdad-Mosul highway": from one to the other; never "the Tal-Afar road"."""
    bare = [word for word in words if not is_article(word)]
    if len(bare) < 2 or bare[-1].lower() not in ROADS or not all(map(is_noise, bare[:-2])):
        return None
    ends = bare[-2].split("-")
    if (
        len(ends) != 2
        or not all(map(is_name, ends))
        or any(end.lower() in NAME_PARTS for end in ends)
    ):
        return None
    note = " ".join(bare[:-2])
    return Phrase(clauses=[Clause("road", (ends[0], ends[1]))], notes=[note] if note else [])


def ends_in_border(words: list[str]) -> bool:
    """Return whether words end in a border, so that "with Syria" belongs to it."""
    while words and is_noise(words[-1]) and not is_border(words[-1]):
        words = words[:-1]
    return bool(words) and is_border(words[-1])


def is_border(word: str) -> bool:
    """Return whether a word is "border" or begins so: "border-crossing"."""
    return word.lower().split("-")[0] in {"border", "borders", "frontier"}


def _sides_of_border(words: list[str]) -> list[str] | None:
    """Return the countries before the word border, None where the words name something else."""
    words = [w for w in words if not is_noise(w) or any(map(country_of, w.split("-")))]
    joined = " ".join(words)
    if country_of(joined):
        return [country_of(joined)]
    if len(words) > 1:
        parts = [word for word in words if word.lower() != "and"]
    else:
        parts = joined.split("-")
    countries = [country_of(part) for part in parts if part]
    if all(countries):
        return countries
    # Provinces, as in "Anbar-Nineveh border"; never "Al-Qaim border".
    if len(words) == 1 and len(parts) == 2 and all(map(is_name, parts)):
        return None if parts[0].lower() in PARTICLES else parts
    return None


def read_pair(words: list[str]) -> list[str]:
    """Return the one or two names of "X and Y", "X and Y provinces"."""
    lower = [word.lower() for word in words]
    plural = ADMIN_PLURAL.get(lower[-1]) if words else None
    if plural:
        words, lower = words[:-1], lower[:-1]
    at = lower.index("and") if "and" in lower else len(words)
    names = []
    for part in (words[:at], words[at + 1 :]):
        if part:
            phrase = read_phrase(part)
            name = phrase.as_name() or (str(phrase.clauses[0]) if phrase.clauses else "")
            names.append(f"{name} {plural}" if plural and name else name)
    return [name for name in names if name]


def _pointed_at(words: list[str]) -> Phrase | None:
    """Read "the base", "that airport": what the account has named before."""
    lower = " ".join(words).lower()
    article, _, noun = lower.partition(" ")
    if article in {"the", "that", "this", "its"} and noun in POINTED_AT:
        return Phrase(name=f"the {noun}")
    if lower == NEARBY:
        return Phrase(clauses=[Clause("near", (NEARBY,))])
    return None


def _of(words: list[str]) -> Phrase | None:
    """Read "province of Diyala", "perimeter of the base", "eastern part of Anbar"."""
    at = words.index("of") if "of" in words else 0
    left, right = words[:at], words[at + 1 :]
    if not left or not right or not all(is_noise(word) or side_of(word) for word in left):
        return None
    found = read_phrase(right)
    if not found.name:
        found.notes.insert(0, " ".join(left))
        return found
    kind = left[-1].lower()
    country = next((DEMONYMS[w.lower()] for w in left if w.lower() in DEMONYMS), "")
    if kind in ADMIN | SETTLEMENT:
        if country:
            found.clauses.append(Clause("in", (country,)))
        # "Western Iraqi province of Anbar" is the whole province.
        bare = found.name.split()[-1].lower() not in ADMIN | NAMED_KINDS
        if kind in ADMIN | NAMED_KINDS and bare and found.name not in ANAPHORA:
            found.name = f"{found.name} {kind}"
    else:
        found.side = found.side or next(filter(None, map(side_of, left)), "")
    note = " ".join(word for word in left if not is_article(word))
    if note.lower() not in ADMIN | NAMED_KINDS:
        found.notes.insert(0, note)
    return found


def _owner(words: list[str]) -> Phrase | None:
    """Read "Baghdad's Green Zone", "Iraq's western desert", "Baghdad's airport"."""
    at = next((i for i, w in enumerate(words[:-1]) if without_s(w) != w and len(w) > 4), None)
    if at is None:
        return None
    owner, rest = [*words[:at], without_s(words[at])], words[at + 1 :]
    of, found = read_phrase(owner), read_phrase(rest)
    if found.name or not of.name:
        if of.name and of.side:
            found.clauses.append(Clause("part", (of.name,), heading=of.side))
        elif of.name:
            found.clauses.append(Clause("in", (of.name,)))
        found.notes = [*of.notes, *found.notes]
        return found
    if found.side:
        of.side = found.side
    elif rest[-1].lower() in OWNED and not found.clauses:
        kept = [*of.name.split()[:-1], of.name.split()[-1] + "'s", *rest]
        return Phrase(name=" ".join(kept), clauses=of.clauses, notes=of.notes)
    of.clauses += found.clauses
    of.notes += found.notes
    return of


def _sided(words: list[str]) -> Phrase | None:
    """Read "western Iraq", "northern Aleppo countryside", "western Anbar province"."""
    at = 0
    while words[at:] and is_noise(words[at]) and not side_of(words[at]):
        at += 1
    # In capitals it is a name until the gazetteer says no: "South Korea".
    if not words[at:] or not words[at].islower():
        return None
    length = 2 if side_of("".join(words[at : at + 2])) else 1
    side = side_of("".join(words[at : at + length]))
    if not side:
        return None
    rest = words[at + length :]
    found = read_phrase(rest) if rest else Phrase()
    lead = " ".join(word for word in words[:at] if not is_article(word))
    if found.name and found.name.split()[-1].lower() in ADMIN:
        found.notes.insert(0, " ".join(filter(None, (lead, words[at]))))
        return found
    if lead:
        found.notes.insert(0, lead)
    found.side = found.side or side
    if not found.name and not rest:
        found.notes.append(words[at])
    return found


def _with_demonym(words: list[str]) -> Phrase | None:
    """Read "the Iraqi city Mosul": the people's name before the kind of place is the country."""
    for at, (first, second) in enumerate(pairwise(words)):
        if first.lower() in DEMONYMS and second.lower() in ADMIN | SETTLEMENT and words[at + 2 :]:
            found = read_phrase(words[at + 1 :])
            if found.name:
                found.clauses.append(Clause("in", (DEMONYMS[first.lower()],)))
            return found
    return None


def _bare(words: list[str]) -> Phrase:
    """Read a phrase that is a name, or none: leave out the words that name nothing."""
    if not words:
        return Phrase()
    lower = [word.lower() for word in words]
    embassy = {"embassy", "consulate"} & set(lower)
    if _is_numbered_road(lower):
        return Phrase(name=" ".join(word for word in words if not is_article(word)))
    if all(map(is_noise, words)) and not (embassy and ACTORS.intersection(lower)):
        around = AROUND_US.intersection(lower) and not ADMIN.intersection(lower)
        clauses = [Clause("near", (NEARBY,))] if around else []
        note = " ".join(words)
        return Phrase(clauses=clauses, notes=[note] if note.lower() not in ARTICLES else [])
    start = 0
    if embassy and all(map(is_noise, words)):
        start = next(i for i, word in enumerate(lower) if word in ACTORS)
    elif any(map(is_name, words)):
        start = _name_start(words)
    else:
        # A cell in small letters: only words that never begin a name are left out.
        while is_noise(words[start]) and lower[start] not in GENERIC:
            start += 1
    end = len(words)
    if any(map(is_name, words)):
        last = max(i for i, word in enumerate(words) if is_name(word) or word[0].isdigit())
        end = max(last, start) + 1
        while end < len(words) and (lower[end] in GENERIC or lower[end] in KIND_ADJECTIVES):
            end += 1
    while end - 1 > start and lower[end - 1] in MOBILE | SURROUNDINGS:
        end -= 1
    lead = [word for word in words[:start] if not is_article(word)]
    clauses = [Clause("near", (NEARBY,))] if NEARBY in lower[:start] else []
    notes = [" ".join(part) for part in (lead, words[end:]) if part and part != [NEARBY]]
    return Phrase(name=" ".join(words[start:end]), clauses=clauses, notes=notes)


def _is_numbered_road(lower: list[str]) -> bool:
    """Return whether words are "Highway 1" or "the M5 motorway", in small letters."""
    bare = [word for word in lower if word not in ARTICLES]
    if len(bare) != 2 or ROADS.isdisjoint(bare):
        return False
    code = bare[0] if bare[1] in ROADS else bare[1]
    return code[-1].isdigit() and len(code) <= 4 and "." not in code


def _name_start(words: list[str]) -> int:
    """Return where the name begins: at the first capital that is not of "A", "US" or "Convoy"."""
    for start, word in enumerate(words):
        if not is_name(word) or (_is_lead(word) and not all(map(is_noise, words[start + 1 :]))):
            continue
        # "ad Dawr", "bin Jawad": the article in small letters belongs to the name.
        if start and words[start - 1] in PARTICLES:
            return start - 1
        return start
    return 0


def _is_lead(word: str) -> bool:
    """Return whether a capital word may stand before a name without being part of it."""
    lower = word.lower()
    return word != ARABIC_AN and (
        is_article(word)
        or lower in MOBILE
        or lower in NUMBERS
        or lower in AROUND_US
        or bool(COMPOUND.search(lower))
    )
