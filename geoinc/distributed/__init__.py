"""The same verbs on Dask, for tables that are too large for one process."""

from __future__ import annotations

try:
    import dask.dataframe  # noqa: F401  # what it does not find, it says itself
    import distributed  # noqa: F401
except ImportError as error:
    msg = "geoinc.distributed needs Dask: pip install 'geoinc[dask]'"
    raise ImportError(msg) from error

from geoinc.distributed.counting import counts, incidents
from geoinc.distributed.layers import DistributedLayers, from_layers, read_layers
from geoinc.distributed.locating import layers_from_coordinates, locate
from geoinc.distributed.measuring import distances, nearest
from geoinc.distributed.reading import read_reports
from geoinc.distributed.running import cluster
from geoinc.distributed.smoothing import density
from geoinc.distributed.spacetime import knox
from geoinc.distributed.writing import found_in, write_layers

__all__ = [
    "DistributedLayers",
    "cluster",
    "counts",
    "density",
    "distances",
    "found_in",
    "from_layers",
    "incidents",
    "knox",
    "layers_from_coordinates",
    "locate",
    "nearest",
    "read_layers",
    "read_reports",
    "write_layers",
]
