"""Which accounts tell of one incident: in one table, and across two."""

from geoinc.linking.across import Matches, match_reports
from geoinc.linking.links import Links, link_reports

__all__ = ["Links", "Matches", "link_reports", "match_reports"]
