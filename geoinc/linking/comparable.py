"""What a table could have at all: its days, its countries, and the definition it follows."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geoinc.counting import incidents
from geoinc.counting.words import cells_of
from geoinc.sources.divisions import province_named
from geoinc.sources.shipped import shipped
from geoinc.stats.windows import countries_at, provinces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.linking.accounts import Accounts
    from geoinc.schema import Layers

    Words = NDArray[np.object_]

NOT_KNOWN = "not known"

#: Columns by which an export is known once its words are ours.
_UCDP = frozenset({"where_prec", "event_clarity"})
_ACLED = frozenset({"event_id_cnty", "geo_precision"})
#: What ACLED has beside political violence, by its names since 2019 and those before.
_NO_VIOLENCE = (
    "protests",
    "riots/protests",
    "strategic developments",
    "strategic development",
    "headquarters or base established",
    "non-violent transfer of territory",
)
_DEMONSTRATION = "violent demonstration"

#: Letters of a code of ISO 3166.
_CODE = 2
#: Outlines are so wrong, coasts above all: a point this near lies in the division.
_NEAR_DEG = 0.1
#: What is wider than this lies in no one province by its centre.
_ONE_PROVINCE_M = 50_000.0
#: A summary of a wider area or of more days could hold anything.
_WIDEST_M, _LONGEST_DAYS = 150_000.0, 31


def described(layers: Layers) -> pd.DataFrame:
    """Return the incidents with the month, year and place they lie in, as far as known.

    Countries are codes and provinces those of the shipped gazetteer wherever the place is known,
    so that two tables say them alike.
    """
    table = incidents(layers)
    rows = layers.rows()
    placed = rows[rows["place_id"] != ""].copy()
    # Of several places that of the most weight; targets before what is launched from.
    placed["rank"] = placed["role"].map({"target": 0, "impact": 1, "launch": 2})
    placed = placed.sort_values(["rank", "weight"], ascending=[True, False], kind="stable")
    best = placed.drop_duplicates("incident").set_index("incident").reindex(table.index)
    first, last = table["date_start"], table["date_end"]
    known: dict[str, Any] = {}
    for key, pattern in (("month", "%Y-%m"), ("year", "%Y")):
        begin, end = first.dt.strftime(pattern), last.dt.strftime(pattern)
        several = pd.Series(np.where(begin.notna() & end.notna(), f"several {key}s", "undated"))
        known[key] = np.where(begin == end, begin, several)
    told = rows.drop_duplicates("incident").set_index("incident").reindex(table.index)
    here = _divisions(best)
    said = cells_of(told, "country")
    code = cells_of(best, "place_country")
    code = code.where(code != "", said.map({name: _code(name) for name in said.unique()}))
    # Outlines are wrong near borders: coordinates alone speak last.
    code = code.where(code != "", here["country"])
    known["code"] = code
    known["country"] = code.where(code != "", said.where(said != "", NOT_KNOWN))
    named = [
        province_named(name, country) if name and country else name
        for name, country in zip(cells_of(told, "admin1"), code, strict=True)
    ]
    fine = best["uncertainty_m"].to_numpy(dtype=float) <= _ONE_PROVINCE_M
    admin1 = cells_of(best, "place_admin1")
    admin1 = admin1.where(admin1 != "", pd.Series(named, table.index))
    admin1 = admin1.where(admin1 != "", here["admin1"].where(fine & (here["country"] == code), ""))
    known["admin1"] = admin1.where(admin1 != "", NOT_KNOWN)
    # Of a place that is known by its coordinates alone the words say more.
    place, words = cells_of(best, "place_name"), cells_of(best, "place")
    place = place.where(place.str.contains("[^\\W\\d_]") | (words == ""), words)
    known["place"] = place.where(place != "", NOT_KNOWN)
    known["kind"] = cells_of(told, "event_type").str.casefold()
    known["subkind"] = cells_of(told, "sub_event_type").str.casefold()
    return table.assign(**known)


@lru_cache(maxsize=1024)
def _code(country: str) -> str:
    """Return the code of a country by its name or code, blank where it is none that is known."""
    name = country.partition("(")[0].strip()
    if not name or (len(name) == _CODE and name.isupper()):
        return name
    found = (
        place for place in shipped().candidates(name, kind="country") if place.stage != "fuzzy"
    )
    return next((place.country for place in found if place.kind == "country"), "")


def _divisions(places: pd.DataFrame) -> pd.DataFrame:
    """Return the country and province that places lie in by their coordinates, blank at sea."""
    spots = places[["longitude", "latitude"]].to_numpy(dtype=float)
    found = pd.DataFrame({"country": "", "admin1": ""}, index=places.index, dtype=object)
    at = np.flatnonzero(~np.isnan(spots).any(axis=1))
    distinct, which = np.unique(spots[at], axis=0, return_inverse=True)
    outlines = provinces(countries_at(*distinct.T))
    if not len(at) or outlines.empty:
        return found
    tree = shapely.STRtree(np.asarray(outlines.geometry.array))
    asked, near = tree.query_nearest(
        shapely.points(distinct), max_distance=_NEAR_DEG, all_matches=False
    )
    named = np.full((len(distinct), 2), "", dtype=object)
    named[asked] = outlines[["country", "name"]].to_numpy()[near]
    found.iloc[at] = named[which.ravel()]
    return found


def not_comparable(
    table: pd.DataFrame, theirs: pd.DataFrame, own: Layers, other: Layers, vague: set[str]
) -> Words:
    """Return why the other table cannot have each of the incidents, blank where it could.

    Parameters
    ----------
    table, theirs : pandas.DataFrame
        From `described`: the incidents asked for, and those of the other table.
    own, other : Layers
        The tables themselves, whose columns tell which definition they follow.
    vague : set of str
        Incidents too vague to be compared.

    References
    ----------
    UCDP GED codebook, version 22.1, page 4 (an event has at least one direct death), as quoted by the
    Conflict Database Compass of the University of Lille; ACLED, "ACLED introduces new event types
    and sub-event types", 14 March 2019 (protests and strategic developments are no violence).
    """
    counted = theirs[theirs["standing"] == "counted"]
    first, last = counted["date_start"].min(), counted["date_end"].max()
    most = table[["killed_low", "killed_best", "killed_high"]].max(axis=1)
    ucdp = _follows(other, _UCDP)
    countries = set(counted["code"]) - {""}
    elsewhere = (table["code"] != "") & ~table["code"].isin(countries) & bool(countries)
    demonstration = (table["kind"] == "riots") & (table["subkind"] == _DEMONSTRATION)
    peaceful = (table["kind"].isin(_NO_VIOLENCE) | demonstration) & _follows(own, _ACLED)
    reasons_why = {
        "told as a summary of many attacks": table["standing"] == "summary",
        "no attack": table["standing"] == "no attack",
        "set aside": table["standing"] == "set aside",
        "a demonstration or a strategic development of ACLED, no attack": peaceful
        & ~_follows(other, _ACLED),
        "no date": table["date_start"].isna() & table["date_end"].isna(),
        "before the first day of the other table": table["date_end"] < first,
        "after the last day of the other table": table["date_start"] > last,
        "no place is known": table["country"].eq(NOT_KNOWN) & table["place"].eq(NOT_KNOWN),
        "in a country of which the other table has nothing": elsewhere,
        "dated or placed too vaguely to be compared": table.index.isin(list(vague)),
        "nobody is said to be killed; UCDP has only events with deaths": ucdp
        & most.eq(0).fillna(value=False),
        "how many were killed is not told; UCDP has only events with deaths": ucdp & most.isna(),
    }
    return np.select(
        [np.asarray(chosen, dtype=bool) for chosen in reasons_why.values()],
        list(reasons_why),
        default="",
    ).astype(object)


def _follows(layers: Layers, columns: frozenset[str]) -> bool:
    """Return whether a table is the export that has these columns."""
    return any(
        columns <= set(layers.layer(role).columns) for role in ("target", "impact", "launch")
    )


def in_summaries(accounts: Accounts, number: int) -> pd.Series:
    """Return the incident of the other table that tells of many attacks and may hold each of a file's.

    Their areas and their days meet.  A summary of more than 150 km about its centre, or of more than 31
    days, is left out: it could hold anything.
    """
    table, spots = accounts.table, accounts.spots
    shapes = accounts.places.geometry.to_numpy()[spots["place"]]
    at = spots["at"].to_numpy()
    own = (table["file"] == number).to_numpy()[at]
    narrow = (accounts.radius_m <= _WIDEST_M) & (accounts.days <= _LONGEST_DAYS)
    summary = (table["standing"].eq("summary").to_numpy() & narrow)[at] & ~own
    tree = shapely.STRtree(shapes[summary])
    asked, held = tree.query(shapes[own], predicate="intersects")
    one, other = at[own][asked], at[summary][held]
    first, last = table["first"].to_numpy(), table["last"].to_numpy()
    meet = (first[one] <= last[other]) & (first[other] <= last[one])
    incident = table["incident"].to_numpy(dtype=object)
    found = pd.DataFrame({"incident": incident[one[meet]], "within": incident[other[meet]]})
    return (
        found.sort_values(["incident", "within"])
        .drop_duplicates("incident")
        .set_index("incident")["within"]
    )
