"""Where gazetteers come from: the one that is shipped, files of geoinc, and those of others."""

from __future__ import annotations

from geoinc.sources.incidents import gazetteer_from_incidents
from geoinc.sources.loading import load_gazetteer
from geoinc.sources.reading import read_gazetteer

__all__ = ["gazetteer_from_incidents", "load_gazetteer", "read_gazetteer"]
