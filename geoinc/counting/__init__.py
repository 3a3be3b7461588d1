"""Each attack counted once: accounts merged into incidents, incidents into counts."""

from geoinc.counting.describing import describe
from geoinc.counting.merging import incidents
from geoinc.counting.tallying import Counts, counts

__all__ = ["Counts", "counts", "describe", "incidents"]
