"""Statistics of where and when incidents happened, that know how well each place is known."""

from geoinc.stats.directions import CircularMean, circular_mean, mean_azimuth
from geoinc.stats.events import Events, events_of
from geoinc.stats.results import Result
from geoinc.stats.windows import Window, window_of

__all__ = [
    "CircularMean",
    "Events",
    "Result",
    "Window",
    "circular_mean",
    "events_of",
    "mean_azimuth",
    "window_of",
]
