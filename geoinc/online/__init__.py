"""A geocoding service as a gazetteer, only when asked for by name."""

from __future__ import annotations

from geoinc.online.searching import OnlineGazetteer

__all__ = ["OnlineGazetteer"]
