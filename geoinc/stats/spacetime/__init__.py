"""Incidents near each other in space and in time."""
