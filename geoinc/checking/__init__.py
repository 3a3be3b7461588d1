"""Rows that contradict themselves: found, both sides told, never changed."""

from geoinc.checking.faults import Fault
from geoinc.checking.relations import contradictions
from geoinc.checking.tables import check

__all__ = ["Fault", "check", "contradictions"]
