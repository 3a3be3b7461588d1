"""Which accounts tell of one incident: in one table, and across two."""

from geoinc.linking.links import Links, link_reports

__all__ = ["Links", "link_reports"]
