"""Tables of reports, read: every account with its days, its numbers and its standing."""

from geoinc.reports.columns import HINTS, hints_of, text_of
from geoinc.reports.files import disarmed, read_text_table, rearmed
from geoinc.reports.reading import read_reports
from geoinc.reports.values import parse_counts, read_count, split_places

__all__ = [
    "HINTS",
    "disarmed",
    "hints_of",
    "parse_counts",
    "read_count",
    "read_reports",
    "read_text_table",
    "rearmed",
    "split_places",
    "text_of",
]
