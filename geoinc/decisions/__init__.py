"""What analysts decide about names that no gazetteer settles: asked for, written down, used."""

from geoinc.decisions.choices import (
    NONE_OF_THESE,
    NOT_A_PLACE,
    SCOPES,
    Decision,
    applying,
    spot_of,
)
from geoinc.decisions.reading import as_decisions, read_decisions
from geoinc.decisions.review import write_review

__all__ = [
    "NONE_OF_THESE",
    "NOT_A_PLACE",
    "SCOPES",
    "Decision",
    "applying",
    "as_decisions",
    "read_decisions",
    "spot_of",
    "write_review",
]
