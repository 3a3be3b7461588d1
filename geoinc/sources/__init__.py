"""Where gazetteers come from: the one that is shipped, files of geoinc, and those of others.

The readers of others' files are in `geoinc.sources.reading` and `geoinc.sources.incidents`, and are
not imported by who only opens a gazetteer.
"""

from geoinc.sources.loading import load_gazetteer

__all__ = ["load_gazetteer"]
