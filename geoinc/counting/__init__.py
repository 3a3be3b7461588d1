"""Each attack counted once: accounts merged into incidents, incidents into counts."""

from geoinc.counting.describing import describe
from geoinc.counting.merging import incidents
from geoinc.counting.totals import Counts, counts

__all__ = ["Counts", "counts", "describe", "incidents"]
