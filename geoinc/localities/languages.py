"""The words of directions and relations in other languages."""

from __future__ import annotations


def in_english(words: list[str]) -> list[str]:
    """Return words with the relations that they tell in English."""
    return words
