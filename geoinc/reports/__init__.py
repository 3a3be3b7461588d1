"""Tables of reports, read: every account with its days, its numbers and its standing."""

from geoinc.reports.reading import read_reports
from geoinc.reports.values import parse_counts, read_count, split_places

__all__ = ["parse_counts", "read_count", "read_reports", "split_places"]
