"""What each column of a table of reports is for, as a new workbook explains it."""

from __future__ import annotations

from typing import NamedTuple

from geoinc.schema import ACTOR_BASES, EVENT_TYPES, OUTCOMES, PLACE_BASES


class Column(NamedTuple):
    """A column of a table of reports, explained."""

    name: str
    meaning: str
    example: str = ""
    #: What may stand in it, where that is a list.
    words: tuple[str, ...] = ()
    #: Whether nothing but those words may.
    strict: bool = False


_HINT = "a hint, never an order"

#: In the order in which an account is coded.
GUIDE = (
    Column("incident", "a name for the attack that all its accounts share", "2021-03-15-balad"),
    Column("date", "the day, or less: 2021-03, 2021, a/b for a range; several attacks with ;", "2021-03-15"),
    Column("time", "HH:MM or a part of the day, local to the target", "evening"),
    Column("target", "the place attacked, in the words of the account; several with ;", "Balad air base"),
    Column("target_country", f"ISO code or name; {_HINT}", "IQ"),
    Column("target_admin1", f"the province it is said to be in; {_HINT}", "Salah al-Din"),
    Column("target_admin2", f"the district it is said to be in; {_HINT}", "Balad"),
    Column("target_basis", "how you came by the place; blank for as told", "inferred", PLACE_BASES, strict=True),
    Column("launch", "where it was launched from, in the words of the account", "a village in Diyala"),
    Column("launch_country", f"ISO code or name; {_HINT}", "IQ"),
    Column("launch_admin1", f"the province it is said to be in; {_HINT}", "Diyala"),
    Column("launch_admin2", f"the district it is said to be in; {_HINT}"),
    Column("launch_basis", "as target_basis", "", PLACE_BASES, strict=True),
    Column("impact", "where it fell; several with ;, each with its count in brackets", "a nearby village [5]; the base [2]"),
    Column("impact_country", f"ISO code or name; {_HINT}"),
    Column("impact_admin1", f"the province; {_HINT}"),
    Column("impact_admin2", f"the district; {_HINT}"),
    Column("impact_basis", "as target_basis", "", PLACE_BASES, strict=True),
    Column("event_type", "what it was", "rocket", EVENT_TYPES),
    Column("weapon", "the same in the words of the source", "107 mm rockets"),
    Column("target_type", "what was attacked; a convoy is a what, not a where", "base"),
    Column("target_actor", "whose it was", "coalition"),
    Column("outcome", "what became of it; several with ;", "intercepted", OUTCOMES),
    Column("events", "how many attacks the row tells of; blank is 1", "dozens"),
    Column("fired", "how many; 7, 2-3, at least 10, up to 30, about 14, none, several; blank is not told", "2-3"),
    Column("intercepted", "as fired", "1"),
    Column("killed", "as fired", "none"),
    Column("injured", "as fired", "at least 2"),
    Column("actor", "who did it"),
    Column("actor_basis", "on what ground that is said", "claimed", ACTOR_BASES, strict=True),
    Column("claimed_by", "who claims it"),
    Column("attributed_by", "who says that the actor did it"),
    Column("denied_by", "who denies it"),
    Column("source", "who says all this", "PressTV"),
    Column("original_source", "who said it first: two papers with one wire story are one source", "Reuters"),
    Column("report", "the file, article or message it stands in", "report_000"),
    Column("url", "where it can be read"),
    Column("published", "the day it was published; Monday and last month are counted back from it", "2021-03-16"),
    Column("preferred", "yes where this account's figures are the best of its incident; blank leaves it to the accounts", "", ("yes", "no"), strict=True),
    Column("include", "no sets the row aside", "no", ("yes", "no"), strict=True),
    Column("reason", "why it is set aside"),
    Column("country", "target_country and impact_country in one; a leaning for the launch"),
    Column("admin1", "target_admin1 and impact_admin1 in one"),
    Column("admin2", "target_admin2 and impact_admin2 in one"),
    Column("notes", "whatever else"),
)  # fmt: skip
