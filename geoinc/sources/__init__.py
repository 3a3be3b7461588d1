"""Where gazetteers come from: the one that is shipped, files of geoinc, and those of others."""

from __future__ import annotations

from geoinc.sources.loading import load_gazetteer

__all__ = ["load_gazetteer"]
