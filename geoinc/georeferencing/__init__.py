"""Words and a gazetteer make places: the algebra of areas.

Each clause of a locality becomes an area; the place is where all of them meet.  A named place
keeps its own footprint: "Balad, Salah al-Din" is Balad.
"""

from geoinc.georeferencing.answers import Resolution
from geoinc.georeferencing.hints import Hints, hinted_area
from geoinc.georeferencing.names import candidates_for, described
from geoinc.georeferencing.reading import georeference, resolve

__all__ = [
    "Hints",
    "Resolution",
    "candidates_for",
    "described",
    "georeference",
    "hinted_area",
    "resolve",
]
