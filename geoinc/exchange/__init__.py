"""Layers in files: for QGIS, Google Earth, spreadsheets, other programs, and for geoinc again."""

from __future__ import annotations

from geoinc.exchange.files import FORMATS, credits_of, read_layers, write_layers

__all__ = ["FORMATS", "credits_of", "read_layers", "write_layers"]
