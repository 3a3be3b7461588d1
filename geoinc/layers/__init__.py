"""Reports and a gazetteer make layers; layers can be kept in a file."""

from geoinc.layers.coordinates import layers_from_coordinates
from geoinc.layers.locating import locate

__all__ = ["layers_from_coordinates", "locate"]
