"""Exports of UCDP GED, ACLED and GTD as reports: their places, dates, counts and codes in our words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from geoinc.errors import Problem
from geoinc.precision import (
    AROUND_M,
    AcledPlace,
    AcledTime,
    GtdSpecificity,
    GtdVicinity,
    UcdpWhere,
)
from geoinc.reports.cells import cell_text
from geoinc.reports.days import read_days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Format: TypeAlias = Literal["acled", "ucdp", "gtd"]

#: Columns by which an export is known.
_HEADERS: dict[Format, frozenset[str]] = {
    "acled": frozenset({"event_id_cnty", "event_date", "geo_precision", "latitude", "longitude"}),
    "ucdp": frozenset({"where_prec", "event_clarity", "date_start", "latitude", "longitude"}),
    "gtd": frozenset({"eventid", "iyear", "imonth", "iday", "specificity"}),
}
_DELETIONS = frozenset({"event_id_cnty", "deleted_timestamp"})

#: ACLED's events in which its first actor attacks the second; in battles neither is the attacker.
_ONE_SIDED = ("Explosions/Remote violence", "Violence against civilians", "Remote violence")


@dataclass(frozen=True, eq=False)
class Export:
    """What the columns of an export say in ours.

    Parameters
    ----------
    columns : dict of str to pandas.Series
        Text, except ``uncertainty_m``: metres, missing where a code stands for
        an area.  ``coded_area`` says which: district, province, region,
        country, sea, or unknown.
    problems : list of Problem
        Codes that are none; the row is the position in the table.
    facts : dict of str to str
        What was done.
    """

    columns: dict[str, pd.Series] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)


def detected(names: Iterable[object]) -> Format | None:
    """Return which data set a table is an export of, by its columns.

    Examples
    --------
    >>> detected(["id", "where_prec", "event_clarity", "date_start", "latitude", "longitude"])
    'ucdp'
    """
    return next(iter(contained(names)), None)


def contained(names: Iterable[object]) -> list[Format]:
    """Return the data sets all of whose columns a table has: several, where tables were joined."""
    known = set(map(str, names))
    return [name for name, header in _HEADERS.items() if header <= known]


def missing(names: Iterable[object], export: Format) -> list[str]:
    """Return the columns of an export that a table does not have."""
    return sorted(_HEADERS[export] - set(map(str, names)))


def lists_deletions(names: Iterable[object]) -> bool:
    """Return whether a table is ACLED's list of deleted events."""
    known = set(map(str, names))
    return known >= _DELETIONS and "event_date" not in known


def read_export(table: pd.DataFrame, export: Format, deleted: pd.DataFrame | None = None) -> Export:
    """Return what an export says in our columns.

    Parameters
    ----------
    table : pandas.DataFrame
        The export; its columns stay as they are.
    export : {"acled", "ucdp", "gtd"}
        Of which data set.
    deleted : pandas.DataFrame, optional
        ACLED's list of deleted events.
    """
    if export == "ucdp":
        return _ucdp(table)
    return _acled(table, deleted) if export == "acled" else _gtd(table)


def _cells(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as text, blank where the table has none."""
    if name not in table:
        return pd.Series("", index=table.index, dtype="str")
    codes, unique = pd.factorize(table[name])
    texts = [cell_text(cell).strip() for cell in unique]
    # Whole numbers that a program has written as fractions.
    texts = [cell[:-2] if cell.endswith(".0") and cell[:-2].isdigit() else cell for cell in texts]
    return pd.Series(np.array([*texts, ""], dtype=object)[codes], index=table.index, dtype="str")


def _each(cells: pd.Series, read: Callable[[str], object]) -> np.ndarray:
    """Return what each cell comes to, each distinct one read once."""
    codes, unique = pd.factorize(cells)
    told = np.empty(len(unique), dtype=object)
    told[:] = [read(str(cell)) for cell in unique]
    return told[codes]


def _coded(cells: pd.Series, scale: Callable[[str], object], found: Export) -> np.ndarray:
    """Return the code of each cell, None where it is blank or none, which is a problem."""
    faults: dict[str, str] = {}

    def read(cell: str) -> object:
        if not cell:
            return None
        try:
            return scale(cell)
        except ValueError as error:
            faults[cell] = str(error)
            return None

    codes = _each(cells, read)
    for i in np.flatnonzero(cells.isin(faults).to_numpy()):
        value = str(cells.iloc[i])
        found.problems.append(Problem(int(i), str(cells.name), value, faults[value]))
    return codes


def _add_extent(found: Export, codes: np.ndarray, index: pd.Index) -> None:
    """Add how far the place may be from the coordinates, by the codes of precision."""
    radius = [np.nan if code is None else (code.radius_m or np.nan) for code in codes]
    area = [
        "unknown" if code is None else (code.area if code.radius_m is None else "")
        for code in codes
    ]
    found.columns["uncertainty_m"] = pd.Series(radius, index=index, dtype="float64")
    found.columns["coded_area"] = pd.Series(area, index=index, dtype="str")


# ---------------------------------------------------------------- UCDP


def _ucdp(table: pd.DataFrame) -> Export:
    found = Export()
    best, low, high = (_cells(table, name) for name in ("best", "low", "high"))
    one_sided = _cells(table, "type_of_violence") == "3"
    actor = _cells(table, "side_a").where(one_sided, "")
    found.columns.update(
        {
            "incident": _cells(table, "id"),
            "source": _cells(table, "source_office"),
            "original_source": _cells(table, "source_original"),
            "target": _cells(table, "where_coordinates"),
            "admin1": _cells(table, "adm_1"),
            "admin2": _cells(table, "adm_2"),
            "killed": _bounded(best, low, high, found),
            "actor": actor,
            "actor_basis": pd.Series("attributed", index=table.index).where(actor != "", ""),
            # Several events that could not be told apart: a summary, which is in no count.
            "events": pd.Series("unknown", index=table.index).where(
                _cells(table, "event_clarity") == "2", ""
            ),
        }
    )
    where = _cells(table, "where_prec").rename("where_prec")
    _add_extent(found, _coded(where, UcdpWhere, found), table.index)
    found.facts["ucdp"] = (
        f"where_prec as uncertainty; {int((found.columns['events'] != '').sum())} rows of event_clarity 2 "
        "are summaries; killed is best (low-high); actor is side_a of one-sided violence only"
    )
    return found


def _bounded(best: pd.Series, low: pd.Series, high: pd.Series, found: Export) -> pd.Series:
    """Return "best (low-high)" where all are told; a best outside its bounds widens them."""
    whole = (best.str.isdigit() & low.str.isdigit() & high.str.isdigit()).to_numpy()
    told = np.array([best[whole], low[whole], high[whole]], dtype=object).astype(np.int64)
    least, most = told.min(axis=0), told.max(axis=0)
    if wrong := int(((least != told[1]) | (most != told[2])).sum()):
        found.facts["killed"] = f"{wrong} rows have a best outside low and high, which widens them"
    words = pd.Series(told[0]).astype(str)
    bounds = words + " (" + pd.Series(least).astype(str) + "-" + pd.Series(most).astype(str) + ")"
    killed = best.copy()
    killed[whole] = words.where(least == most, bounds).to_numpy()
    return killed


# ---------------------------------------------------------------- ACLED


def _acled(table: pd.DataFrame, deleted: pd.DataFrame | None) -> Export:
    found = Export()
    one_sided = _cells(table, "event_type").isin(_ONE_SIDED)
    actor = _cells(table, "actor1").where(one_sided, "")
    incident, _ = events_in(table)
    reason = _superseded(table)
    if deleted is not None:
        reason = reason.where(reason != "", _deleted(table, incident, deleted))
    found.columns.update(
        {
            "incident": incident,
            "date": _acled_days(table, found),
            "target": _cells(table, "location"),
            "killed": _cells(table, "fatalities"),
            "actor": actor,
            "actor_basis": pd.Series("attributed", index=table.index).where(actor != "", ""),
            "target_actor": _cells(table, "actor2").where(one_sided, ""),
            "include": pd.Series("no", index=table.index).where(reason != "", ""),
            "reason": reason,
        }
    )
    precision = _cells(table, "geo_precision").rename("geo_precision")
    _add_extent(found, _coded(precision, AcledPlace, found), table.index)
    found.facts["acled"] = (
        "geo_precision as uncertainty, time_precision as days; "
        f"{int((reason != '').sum())} rows set aside as older versions or deleted; "
        "actor is actor1 of remote violence and violence against civilians only"
    )
    return found


def _acled_days(table: pd.DataFrame, found: Export) -> pd.Series:
    """Return the days of each event: a week around the date, or its month, where the code says so."""
    dates = _cells(table, "event_date")
    scale = _coded(_cells(table, "time_precision").rename("time_precision"), AcledTime, found)

    def widened(cell: str) -> tuple[str, str]:
        day = read_days(cell).start
        if day is None:
            return cell, cell
        # Within one week, of which the date is some day.
        reach = timedelta(days=AcledTime.WEEK.most_days - 1)
        return f"{day - reach}/{day + reach}", f"{day:%Y-%m}"

    wide = _each(dates, widened)
    return pd.Series(
        [
            (week if code is AcledTime.WEEK else month) if code in _WIDE else date
            for date, (week, month), code in zip(dates, wide, scale, strict=True)
        ],
        index=table.index,
        dtype="str",
    )


_WIDE = (AcledTime.WEEK, AcledTime.MONTH)


def _superseded(table: pd.DataFrame) -> pd.Series:
    """Return why a row is not the one to count: a newer version of the event is in the table."""
    incident, stamp = events_in(table)
    older, again = versions(incident, stamp)
    return superseded(incident, older & (incident != ""), again & (incident != ""))


def superseded(incident: pd.Series, older: pd.Series, again: pd.Series) -> pd.Series:
    """Return in words why rows are not the ones to count, blank where they are.

    Parameters
    ----------
    incident : pandas.Series of str
        The event of each.
    older, again : pandas.Series of bool
        From `versions`.
    """
    why = np.select(
        [older, again],
        ["an older version of " + incident, "a second copy of " + incident],
        default="",
    )
    return pd.Series(why, index=incident.index, dtype="str")


def versions(event: pd.Series, stamp: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return which rows are older versions of their event, and which second copies of a row above.

    Parameters
    ----------
    event : pandas.Series
        The event of each, or a key of it.
    stamp : pandas.Series of float
        From `events_in`.
    """
    older = stamp < stamp.groupby(event.to_numpy()).transform("max")
    # The same version twice, as where downloads overlap.
    again = pd.DataFrame({"event": event, "stamp": stamp}).duplicated() & ~older
    return older, again


def events_in(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the event of each row of ACLED's, and when it was written, -1 where that is not said."""
    stamp = pd.to_numeric(_cells(table, "timestamp"), errors="coerce").fillna(-1)
    return _cells(table, "event_id_cnty"), stamp


def _deleted(table: pd.DataFrame, incident: pd.Series, deleted: pd.DataFrame) -> pd.Series:
    """Return why a row is not counted: ACLED has deleted the event since."""
    when = pd.to_numeric(_cells(deleted, "deleted_timestamp"), errors="coerce").fillna(np.inf)
    last = when.groupby(_cells(deleted, "event_id_cnty").to_numpy()).max()
    _, stamp = events_in(table)
    gone = incident.map(last).fillna(-np.inf) >= stamp
    return pd.Series("deleted by ACLED", index=table.index, dtype="str").where(gone, "")


# ---------------------------------------------------------------- GTD


def _gtd(table: pd.DataFrame) -> Export:
    found = Export()
    city = _cells(table, "city")
    group = _cells(table, "gname")
    actor = group.where(group.str.casefold() != "unknown", "")
    claimed = (_cells(table, "claimed") == "1") & (actor != "")
    suspected = _cells(table, "guncertain1") == "1"
    basis = np.select([actor == "", claimed, suspected], ["", "claimed", "suspected"], "attributed")
    found.columns.update(
        {
            "incident": _cells(table, "eventid"),
            "date": _gtd_days(table),
            "target": city.where(city.str.casefold() != "unknown", ""),
            "target_country": _cells(table, "country_txt"),
            "admin1": _cells(table, "provstate"),
            "event_type": _cells(table, "attacktype1_txt"),
            "weapon": _cells(table, "weapsubtype1_txt"),
            "target_type": _cells(table, "targtype1_txt"),
            "killed": _cells(table, "nkill"),
            "injured": _cells(table, "nwound"),
            "actor": actor,
            "actor_basis": pd.Series(basis, index=table.index, dtype="str"),
            "claimed_by": actor.where(claimed, ""),
            "source": _cells(table, "scite1"),
        }
    )
    specificity = _cells(table, "specificity").rename("specificity")
    _add_extent(found, _coded(specificity, GtdSpecificity, found), table.index)
    vicinity = _coded(_cells(table, "vicinity").rename("vicinity"), GtdVicinity, found)
    beside = np.array([code is GtdVicinity.BESIDE for code in vicinity], dtype=bool)
    radius = found.columns["uncertainty_m"]
    found.columns["uncertainty_m"] = radius.where(~(beside & radius.notna().to_numpy()), AROUND_M)
    found.facts["gtd"] = (
        "specificity and vicinity as uncertainty; month or day 0 as not known; "
        "actor is gname, its basis from claimed and guncertain1"
    )
    return found


def _gtd_days(table: pd.DataFrame) -> pd.Series:
    year, month, day = (_cells(table, name) for name in ("iyear", "imonth", "iday"))
    has_month = ~month.isin(["", "0"])
    has_day = has_month & ~day.isin(["", "0"])
    months = year + "-" + month.str.zfill(2)
    return year.where(~has_month, months).where(~has_day, months + "-" + day.str.zfill(2))
