"""Two tables side by side: of two coders, or of two days."""

from geoinc.comparison.coders import Agreement, compare
from geoinc.comparison.versions import Changes, diff

__all__ = ["Agreement", "Changes", "compare", "diff"]
