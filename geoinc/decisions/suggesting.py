"""The places that an analyst may choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geoinc.georeferencing import candidates_for, described, georeference
from geoinc.localities import parse_locality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoinc.gazetteer import Search

#: Of each name so many candidates are offered.
_MOST = 5


def suggestions(row: Mapping[Any, Any], gazetteer: Search) -> dict[str, str]:
    """Return what may be decided of the words of a row, each with what a reader needs to know.

    Of a name the ids of its candidates.  Where the place is told from another
    ("20 km north of X"), the same words with the candidates for X: a decision
    for the id would place it at X.

    Parameters
    ----------
    row : mapping
        ``text``, ``country``, ``admin1``, ``admin2``.
    gazetteer : Search
        The places.
    """
    text = row["text"]
    hints = {name: row[name] for name in ("country", "admin1", "admin2")}
    answer = georeference(text, gazetteer, **hints)
    locality = parse_locality(text)
    said = [clause for clause in locality.clauses if clause.relation != "hint"]
    # "A convoy in X" is in X: where nothing else is said, X is the place.
    own = {"is", "in"} if len(said) == 1 else {"is"}
    named = [clause for clause in said if clause.relation in own]
    related = [clause for clause in said if clause not in named]
    offered: dict[str, str] = {}
    unknown = answer.name or (named[0].names[0] if named else "")
    relating = next((clause for clause in related if unknown in clause.names), None)
    if relating is None and unknown:
        for candidate in candidates_for(gazetteer, unknown, limit=_MOST, **hints):
            offered[candidate.place_id] = (
                f"{candidate.place_id}: {described(candidate)} {candidate.score:.2f}"
            )
    elif relating is not None:
        for candidate in candidates_for(gazetteer, unknown, limit=_MOST, country=hints["country"]):
            names = tuple(candidate.name if name == unknown else name for name in relating.names)
            clauses = tuple(
                replace(clause, names=names) if clause is relating else clause
                for clause in locality.clauses
            )
            words = str(replace(locality, clauses=clauses))
            offered[words] = f"{words}: {described(candidate)} {candidate.score:.2f}"
    return offered
