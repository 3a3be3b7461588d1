"""Tables of reports, read: every account with its days, its numbers and its standing."""

from geoinc.reports.accounts import RowsOfAccounts
from geoinc.reports.amounts import parse_counts, read_count
from geoinc.reports.cells import cell_text, rearmed, safe_csv, split_places, valid_text
from geoinc.reports.columns import HINTS, hints_of, text_of
from geoinc.reports.credits import data_credits
from geoinc.reports.files import read_text_table
from geoinc.reports.reading import read_reports
from geoinc.reports.workbooks import new_workbook, write_answers

__all__ = [
    "HINTS",
    "RowsOfAccounts",
    "cell_text",
    "data_credits",
    "hints_of",
    "new_workbook",
    "parse_counts",
    "read_count",
    "read_reports",
    "read_text_table",
    "rearmed",
    "safe_csv",
    "split_places",
    "text_of",
    "valid_text",
    "write_answers",
]
