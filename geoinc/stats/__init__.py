"""Statistics of where and when incidents happened, that know how well each place is known."""

from geoinc.stats.events import Events, events_of
from geoinc.stats.results import Result
from geoinc.stats.windows import Window, window_of

__all__ = ["Events", "Result", "Window", "events_of", "window_of"]
