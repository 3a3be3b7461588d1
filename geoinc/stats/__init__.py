"""Statistics of where and when incidents happened, that know how well each place is known."""

from geoinc.stats.areas.autocorrelation import Autocorrelation, geary, join_counts, moran
from geoinc.stats.areas.counts import AreaChange, AreaCounts, area_change, area_counts
from geoinc.stats.areas.grids import hexagons, square_grid
from geoinc.stats.areas.local_autocorrelation import LocalAutocorrelation, getis_ord, local_moran
from geoinc.stats.areas.weights import area_weights
from geoinc.stats.centrography.centers import (
    Centrography,
    convex_hull,
    enclosing_circle,
    mean_center,
    median_center,
    standard_distance,
    standard_ellipse,
)
from geoinc.stats.centrography.directions import CircularMean, circular_mean, mean_azimuth
from geoinc.stats.density.kernel_density import Density, kernel_density
from geoinc.stats.density.risk import RelativeRisk, relative_risk
from geoinc.stats.events import Events, events_of
from geoinc.stats.patterns.curves import Curve
from geoinc.stats.patterns.envelopes import Envelope, envelope
from geoinc.stats.patterns.labels import label_test
from geoinc.stats.patterns.nearest_neighbour import (
    ClarkEvans,
    clark_evans,
    f_function,
    g_function,
    j_function,
)
from geoinc.stats.patterns.quadrats import Quadrats, quadrat_test
from geoinc.stats.patterns.second_order import (
    cross_k,
    inhomogeneous_k,
    k_function,
    l_function,
    pair_correlation,
)
from geoinc.stats.results import Result
from geoinc.stats.sites.per_site import (
    compare_sites,
    site_change,
    site_gaps,
    site_rates,
    site_trends,
)
from geoinc.stats.sites.tables import SiteTable
from geoinc.stats.spacetime.clusters import SpaceTimeClusters, st_dbscan
from geoinc.stats.spacetime.interaction import Interaction, jacquez, mantel
from geoinc.stats.spacetime.knox_grid import KnoxGrid, knox
from geoinc.stats.spacetime.knox_local import LocalKnox, local_knox
from geoinc.stats.spacetime.scan import Scan, space_time_scan
from geoinc.stats.verifying import Sensitivity, sensitivity
from geoinc.stats.windows import Window, window_of

__all__ = [
    "AreaChange",
    "AreaCounts",
    "Autocorrelation",
    "Centrography",
    "CircularMean",
    "ClarkEvans",
    "Curve",
    "Density",
    "Envelope",
    "Events",
    "Interaction",
    "KnoxGrid",
    "LocalAutocorrelation",
    "LocalKnox",
    "Quadrats",
    "RelativeRisk",
    "Result",
    "Scan",
    "Sensitivity",
    "SiteTable",
    "SpaceTimeClusters",
    "Window",
    "area_change",
    "area_counts",
    "area_weights",
    "circular_mean",
    "clark_evans",
    "compare_sites",
    "convex_hull",
    "cross_k",
    "enclosing_circle",
    "envelope",
    "events_of",
    "f_function",
    "g_function",
    "geary",
    "getis_ord",
    "hexagons",
    "inhomogeneous_k",
    "j_function",
    "jacquez",
    "join_counts",
    "k_function",
    "kernel_density",
    "knox",
    "l_function",
    "label_test",
    "local_knox",
    "local_moran",
    "mantel",
    "mean_azimuth",
    "mean_center",
    "median_center",
    "moran",
    "pair_correlation",
    "quadrat_test",
    "relative_risk",
    "sensitivity",
    "site_change",
    "site_gaps",
    "site_rates",
    "site_trends",
    "space_time_scan",
    "square_grid",
    "st_dbscan",
    "standard_distance",
    "standard_ellipse",
    "window_of",
]
