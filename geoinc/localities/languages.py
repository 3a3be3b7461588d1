"""French and Arabic, put into the English that the grammar reads.

Only the words around names change: the grammar of `parsing` reads the rest, and names stay as
they are written.
"""

from __future__ import annotations

from geoinc.localities.arabic import from_arabic
from geoinc.localities.french import elided, from_french, is_french


def in_english(words: list[str]) -> list[str]:
    """Return words with the directions and relations that they tell in English.

    Parameters
    ----------
    words : list of str
        The words of a segment, in any language.

    Returns
    -------
    list of str
        English words and names; the same words where nothing is French or Arabic.

    Examples
    --------
    >>> " ".join(in_english("à 20 km au nord de Bagdad".split()))
    '20 km north of Bagdad'
    >>> " ".join(in_english("على بعد 20 كم شمال بلد".split()))
    '20 km north of بلد'
    """
    if any("\u0600" <= word[0] <= "\u06ff" for word in words):
        return from_arabic(words)
    split = [part for word in words for part in elided(word)]
    return from_french(split) if is_french([word.lower() for word in split]) else words
