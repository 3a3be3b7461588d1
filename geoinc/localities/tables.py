"""Tables of phrases in other languages, each with what it is in English."""

from __future__ import annotations

Phrase = tuple[str, ...]
#: Phrases with their English by the first word, the longest first.
Table = dict[str, list[tuple[Phrase, Phrase]]]

#: Units as they stand after a number once they are in English.
UNITS = frozenset({"km", "m", "miles", "nm"})


def word_set(words: str) -> frozenset[str]:
    """Return the words of a line."""
    return frozenset(words.split())


def phrase_table(phrases: dict[str, str]) -> Table:
    """Return phrases by their first word, the longest first, since one may begin another."""
    pairs = sorted(
        ((tuple(phrase.split()), tuple(english.split())) for phrase, english in phrases.items()),
        key=lambda pair: -len(pair[0]),
    )
    return {first: [pair for pair in pairs if pair[0][0] == first] for (first, *_), _ in pairs}
