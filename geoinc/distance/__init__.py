"""How far from here to there: distances, their bounds and spread, and which site is the nearest."""

from geoinc.distance.between import distances_between
from geoinc.distance.measuring import distances
from geoinc.distance.sites import distance_matrix, nearest, within

__all__ = ["distance_matrix", "distances", "distances_between", "nearest", "within"]
