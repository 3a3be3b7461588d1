"""The columns of reports and layers, and the one type that both wings share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd

#: The roles a place can have in an attack; each has a layer.
ROLES = ("launch", "target", "impact")

#: Columns of a table of reports that geoinc reads.  Everything else is the
#: user's and passes through untouched.
REPORT_COLUMNS = (
    "incident",
    "report",
    "source",
    "original_source",
    "url",
    "published",
    "date",
    "time",
    "launch",
    "target",
    "impact",
    "launch_country",
    "target_country",
    "impact_country",
    "country",
    "launch_admin1",
    "target_admin1",
    "impact_admin1",
    "admin1",
    "launch_admin2",
    "target_admin2",
    "impact_admin2",
    "admin2",
    "launch_basis",
    "target_basis",
    "impact_basis",
    "event_type",
    "weapon",
    "target_type",
    "target_actor",
    "outcome",
    "events",
    "fired",
    "intercepted",
    "killed",
    "injured",
    "actor",
    "actor_basis",
    "claimed_by",
    "attributed_by",
    "denied_by",
    "preferred",
    "include",
    "reason",
    "notes",
)

#: Words for yes.
YES = frozenset({"yes", "y", "true", "1", "x"})

#: Columns of counts; each becomes ``<name>_low``, ``_best`` and ``_high``.
COUNT_COLUMNS = ("fired", "intercepted", "killed", "injured")

#: What `read_reports` adds to every table, after the user's own columns.
DERIVED_COLUMNS = (
    "account",  # identifier of the account, made from its content
    "date_start",  # first and last possible day, datetime64, NaT where open
    "date_end",
    "date_basis",  # stated, weekday, inferred; "" without a date
    "standing",  # one of STANDINGS
    *(
        f"{name}_{bound}"
        for name in ("events", *COUNT_COLUMNS)
        for bound in ("low", "best", "high")
    ),
)

#: Whether an account is counted: only the first kind is, unless asked.
STANDINGS = (
    "counted",
    "summary",  # tells of many attacks at once, or of an unknown number
    "no attack",  # foiled, called off, false alarm
    "set aside",  # include = no
)

#: Outcomes an account may state; the last three are no attacks.
OUTCOMES = (
    "hit",
    "missed",
    "intercepted",
    "crashed",
    "unexploded",
    "unknown",
    "foiled",
    "called off",
    "false alarm",
)
NO_ATTACK = OUTCOMES[-3:]

EVENT_TYPES = (
    "rocket",
    "drone",
    "missile",
    "air strike",
    "roadside bomb",
    "mortar",
    "small arms",
    "other",
)

#: Who says that the actor did it.
ACTOR_BASES = ("claimed", "admitted", "attributed", "suspected", "unknown")

#: How the coder came by a place; blank in a table of reports is "as told".
PLACE_BASES = ("as told", "inferred", "by hand")

#: How a day is known: in the account's words, counted back from the day of
#: publication, or concluded by the coder.
DATE_BASES = ("stated", "weekday", "inferred")

PLACE_STATUSES = ("resolved", "ambiguous", "unresolved", "not told")

#: What a layer adds to the columns of the reports, in this order.
LAYER_COLUMNS = (
    "role",
    "part",  # 1, 2, ... where a cell names several places
    "place",  # the words of the account, untouched
    "rounds_low",  # "a nearby village [5]": how many fell there, Int64
    "rounds_best",
    "rounds_high",
    "place_status",
    "place_id",
    "place_name",
    "place_kind",
    "place_country",
    "place_admin1",
    "place_match",
    "place_score",
    "place_reason",
    "place_basis",  # as told, inferred, by hand
    "longitude",
    "latitude",
    "uncertainty_m",
    "weight",
)

#: What linking adds to a layer: incidents that may be one share the first; the second is how many
#: incidents each is likely to be worth.
LINK_COLUMNS = ("possible_incident", "incident_share")


@dataclass(frozen=True, eq=False)
class Layers:
    """What happened where: the only contract between places and what follows.

    Parameters
    ----------
    launches, targets, impacts : geopandas.GeoDataFrame
        One row per place of an account, unique index ``row``, EPSG:4326; the
        report's own columns, `DERIVED_COLUMNS` and `LAYER_COLUMNS`.  Geometry
        is the centre, or None where nothing is known.  A row that is not
        resolved and has a place all the same (``place_match="hint"``) is known
        to lie in that area, and no better.  A role that
        the reports have no column for has an empty layer; otherwise every
        account has a row in it, "not told" where the cell is blank.
    places : geopandas.GeoDataFrame
        The places that the rows name, unique index ``place_id``, geometry the
        footprint; columns as `geoinc.Place`.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> reports = gi.read_reports(pd.DataFrame({"target": ["Balad air base"]}))
    >>> layers = gi.locate(reports, gi.load_gazetteer())
    >>> layers.targets.place_status.to_list()
    ['resolved']
    """

    launches: gpd.GeoDataFrame
    targets: gpd.GeoDataFrame
    impacts: gpd.GeoDataFrame
    places: gpd.GeoDataFrame

    def layer(self, role: str) -> gpd.GeoDataFrame:
        """Return the layer of a role: ``launch``, ``target`` or ``impact``."""
        layers = {"launch": self.launches, "target": self.targets, "impact": self.impacts}
        if role not in layers:
            msg = f"{role!r} is not a role; use one of {', '.join(ROLES)}"
            raise ValueError(msg)
        return layers[role]

    def rows(self) -> pd.DataFrame:
        """Return the rows of all roles as one plain table, geometry left out."""
        return pd.concat(
            [pd.DataFrame(self.layer(role)).drop(columns="geometry") for role in ROLES],
        )
