"""Statistics of where and when incidents happened, that know how well each place is known."""

from geoinc.stats.centrography import (
    Centrography,
    convex_hull,
    enclosing_circle,
    mean_center,
    median_center,
    standard_distance,
    standard_ellipse,
)
from geoinc.stats.directions import CircularMean, circular_mean, mean_azimuth
from geoinc.stats.events import Events, events_of
from geoinc.stats.interaction import Interaction, jacquez, mantel
from geoinc.stats.knox_grid import KnoxGrid, knox
from geoinc.stats.knox_local import LocalKnox, local_knox
from geoinc.stats.results import Result
from geoinc.stats.windows import Window, window_of

__all__ = [
    "Centrography",
    "CircularMean",
    "Events",
    "Interaction",
    "KnoxGrid",
    "LocalKnox",
    "Result",
    "Window",
    "circular_mean",
    "convex_hull",
    "enclosing_circle",
    "events_of",
    "jacquez",
    "knox",
    "local_knox",
    "mantel",
    "mean_azimuth",
    "mean_center",
    "median_center",
    "standard_distance",
    "standard_ellipse",
    "window_of",
]
