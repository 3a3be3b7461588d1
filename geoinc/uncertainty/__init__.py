"""Possible worlds: every row at one position in its area, and what follows from many of them."""

from geoinc.uncertainty.positions import Areas
from geoinc.uncertainty.propagating import Propagation, propagate
from geoinc.uncertainty.sampling import sample

__all__ = ["Areas", "Propagation", "propagate", "sample"]
