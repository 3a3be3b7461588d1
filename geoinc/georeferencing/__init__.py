"""Words and a gazetteer make places: the algebra of areas.

Each clause of a locality becomes an area; the place is where all of them meet.  A named place
keeps its own footprint: "Balad, Salah al-Din" is Balad.
"""

from geoinc.georeferencing.reading import Resolution, georeference, resolve

__all__ = ["Resolution", "georeference", "resolve"]
