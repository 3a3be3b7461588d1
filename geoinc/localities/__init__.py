"""The words for a place, read into clauses: "a village in Diyala, east of the base".

A locality is a list of clauses that hold at the same time; each relates the place to one or two
names.  Names stay text: which place they mean is for the gazetteer.  The grammar is a few tables
of words and four steps:

1. brackets and positions in figures are set aside, commas cut the text into segments, French and
   Arabic words for relations are put into English (`parsing`, `coordinates`, `languages`);
2. markers ("in", "near", "20 km north of") cut each segment into a head and objects (`markers`,
   `measures`);
3. each object is read as a phrase: what leads to a name ("a village called"), the name, what
   follows ("that host forces") (`phrases`);
4. each marker with its name makes a clause.  Words that make none are kept as notes.
"""

from __future__ import annotations

from geoinc.localities.clauses import (
    ANAPHORA,
    BY_POINTS,
    HEADINGS,
    LONGEST,
    MORE_THAN,
    NEARBY,
    Clause,
    Locality,
    Relation,
    azimuth_deg,
    stated_distance,
)
from geoinc.localities.parsing import mentions_anaphor, parse_locality
from geoinc.localities.words import (
    COUNTRY_CODES,
    starts_with_side,
    tells_kind,
    tells_what,
    without_owner,
)

__all__ = [
    "ANAPHORA",
    "BY_POINTS",
    "COUNTRY_CODES",
    "HEADINGS",
    "LONGEST",
    "MORE_THAN",
    "NEARBY",
    "Clause",
    "Locality",
    "Relation",
    "azimuth_deg",
    "mentions_anaphor",
    "parse_locality",
    "starts_with_side",
    "stated_distance",
    "tells_kind",
    "tells_what",
    "without_owner",
]
