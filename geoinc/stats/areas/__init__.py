"""Incidents by area, when a place may lie in several."""
