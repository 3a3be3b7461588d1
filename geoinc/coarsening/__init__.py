"""Layers as they may be published: places no finer than stated, and no words that give them away."""

from geoinc.coarsening.areas import told_coarseness
from geoinc.coarsening.publishing import coarsen

__all__ = ["coarsen", "told_coarseness"]
