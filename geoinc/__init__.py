"""Turn reports of past incidents into places, layers, maps, counts and distances.

The way the data goes::

    read_reports -> locate(reports, load_gazetteer()) -> Layers
    Layers -> incidents, counts, describe, distances, nearest, propagate, explore, write_layers
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from geoinc.counting import counts, describe, incidents
from geoinc.decisions import Decision, read_decisions, write_review
from geoinc.distance import distance_matrix, distances, distances_between, nearest, within
from geoinc.errors import (
    AmbiguousPlaceError,
    GazetteerError,
    GeoincError,
    LocalityError,
    PlaceNotFoundError,
    SchemaError,
)
from geoinc.gazetteer import Gazetteer
from geoinc.georeferencing import resolve
from geoinc.layers import layers_from_coordinates, locate
from geoinc.localities import parse_locality
from geoinc.places import Place
from geoinc.reports import new_workbook, read_reports, write_answers
from geoinc.schema import Layers
from geoinc.sources import load_gazetteer

if TYPE_CHECKING:
    from geoinc import distributed, precision, stats
    from geoinc.checking import check
    from geoinc.coarsening import coarsen
    from geoinc.comparison import Agreement, Changes, compare, diff
    from geoinc.exchange import read_layers, write_layers
    from geoinc.linking import Links, Matches, link_reports, match_reports
    from geoinc.maps import IncidentMap, explore
    from geoinc.online import OnlineGazetteer
    from geoinc.sources.incidents import gazetteer_from_incidents
    from geoinc.sources.reading import read_gazetteer
    from geoinc.uncertainty import Propagation, propagate, sample

__version__ = version("geoinc")

__all__ = [
    "Agreement",
    "AmbiguousPlaceError",
    "Changes",
    "Decision",
    "Gazetteer",
    "GazetteerError",
    "GeoincError",
    "IncidentMap",
    "Layers",
    "Links",
    "LocalityError",
    "Matches",
    "OnlineGazetteer",
    "Place",
    "PlaceNotFoundError",
    "Propagation",
    "SchemaError",
    "check",
    "coarsen",
    "compare",
    "counts",
    "describe",
    "diff",
    "distance_matrix",
    "distances",
    "distances_between",
    "distributed",
    "explore",
    "gazetteer_from_incidents",
    "incidents",
    "layers_from_coordinates",
    "link_reports",
    "load_gazetteer",
    "locate",
    "match_reports",
    "nearest",
    "new_workbook",
    "parse_locality",
    "precision",
    "propagate",
    "read_decisions",
    "read_gazetteer",
    "read_layers",
    "read_reports",
    "resolve",
    "sample",
    "stats",
    "within",
    "write_answers",
    "write_layers",
    "write_review",
]


#: What is imported when it is asked for (PEP 562), so that `import geoinc` stays light.
_LATE = {
    "Agreement": "geoinc.comparison",
    "Changes": "geoinc.comparison",
    "IncidentMap": "geoinc.maps",
    "Links": "geoinc.linking",
    "Matches": "geoinc.linking",
    "OnlineGazetteer": "geoinc.online",
    "Propagation": "geoinc.uncertainty",
    "check": "geoinc.checking",
    "coarsen": "geoinc.coarsening",
    "compare": "geoinc.comparison",
    "diff": "geoinc.comparison",
    "explore": "geoinc.maps",
    "gazetteer_from_incidents": "geoinc.sources.incidents",
    "link_reports": "geoinc.linking",
    "match_reports": "geoinc.linking",
    "propagate": "geoinc.uncertainty",
    "read_gazetteer": "geoinc.sources.reading",
    "read_layers": "geoinc.exchange",
    "sample": "geoinc.uncertainty",
    "write_layers": "geoinc.exchange",
}


def __getattr__(name: str) -> Any:
    if name in {"distributed", "precision", "stats"}:
        return import_module(f"geoinc.{name}")
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    msg = f"module 'geoinc' has no attribute {name!r}"
    raise AttributeError(msg)
