"""A table of reports, row by row, against its own words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from geoinc.checking.cells import code_faults, count_faults, unreadable
from geoinc.checking.days import day_faults
from geoinc.checking.extremes import count_extremes
from geoinc.checking.places import place_faults
from geoinc.checking.sea import sea_faults
from geoinc.checking.twins import twin_faults
from geoinc.layers import locate
from geoinc.reports import read_reports, text_of
from geoinc.schema import DERIVED_COLUMNS

if TYPE_CHECKING:
    from geoinc.checking.faults import Fault
    from geoinc.gazetteer import Search
    from geoinc.schema import Layers


def check(
    reports: pd.DataFrame, gazetteer: Search, *, layers: Layers | None = None
) -> pd.DataFrame:
    """Find the rows of a table that contradict themselves; nothing is changed.

    Words are held against the row's coordinates (columns ``longitude`` and
    ``latitude``), its country and its province; counts and precision codes
    against each other; dates against the day of publication, or else today;
    places against the land; incidents against each other, where two read like
    one; and every cell that `read_reports` did not understand is listed.  A contradiction is a reason to look, not a verdict: one of the two
    sides may be the gazetteer's.  A row whose words may mean another place of
    the same name, where its coordinates are, is left in peace.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`; a plain table is read by it first.
    gazetteer : Gazetteer
        Or anything with its ``search`` and ``place``.
    layers : Layers, optional
        The same reports placed by `locate`, where that is done already or was
        done with decisions.

    Returns
    -------
    pandas.DataFrame
        One row a fault, in the order of the table: ``row`` (of the file, the
        header is 1), ``account``, ``incident``, ``column``, ``value``, ``kind``,
        ``severity``, ``stated`` (what the row says) and ``against`` (what that
        does not fit).  Empty where nothing is found.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {"target": ["Balad air base"], "longitude": [33.94], "latitude": [44.36]}
    ... )
    >>> found = gi.check(table, gi.load_gazetteer())
    >>> found[["row", "kind"]].to_numpy().tolist()
    [[2, 'swapped coordinates']]
    """
    if not set(DERIVED_COLUMNS) <= set(reports.columns):
        reports = read_reports(reports)
    if layers is None:
        layers = locate(reports, gazetteer)
    found: list[tuple[int | None, Fault]] = [
        *unreadable(reports),
        *place_faults(reports, gazetteer, layers),
    ]
    told = {i for i, fault in found if i is not None and fault.kind != "unreadable"}
    found += [
        *sea_faults(reports, gazetteer, layers, told),
        *count_faults(reports, layers),
        *count_extremes(reports),
        *code_faults(reports),
        *day_faults(reports, datetime.now(UTC).date()),
        *twin_faults(reports, layers),
    ]
    return _table(reports, found)


def _table(reports: pd.DataFrame, found: list[tuple[int | None, Fault]]) -> pd.DataFrame:
    """Return faults as a table; those of the whole file first, then row by row."""
    found = sorted(found, key=lambda one: -1 if one[0] is None else one[0])
    in_file = reports.attrs.get("rows", {})
    accounts, incidents = text_of(reports, "account"), text_of(reports, "incident")
    at = [position for position, _ in found]
    faults = [fault for _, fault in found]
    table = pd.DataFrame(
        {
            "row": [None if i is None else in_file.get(accounts[i]) for i in at],
            "account": ["" if i is None else accounts[i] for i in at],
            "incident": ["" if i is None else incidents[i] for i in at],
            **{
                name: [getattr(fault, name) for fault in faults]
                for name in ("column", "value", "kind", "severity", "stated", "against")
            },
        }
    )
    return table.astype({"row": "Int64"})
