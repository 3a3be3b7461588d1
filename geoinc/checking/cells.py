"""Faults that the figures and codes of a row show without its places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.checking.coordinates import COLUMNS, in_words, other_readings
from geoinc.checking.faults import Fault
from geoinc.precision import COLUMNS as SCALES
from geoinc.precision import UcdpDate
from geoinc.reports import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geoinc.errors import Problem
    from geoinc.schema import Layers


def unreadable(reports: pd.DataFrame) -> Iterator[tuple[int | None, Fault]]:
    """Return what was not understood when the table was read, and coordinates that are none."""
    off_earth = dict(_off_earth(reports))
    yield from off_earth.items()
    problems: tuple[Problem, ...] = reports.attrs.get("problems", ())
    rows = reports.attrs.get("rows", {})
    first: dict[int, int] = {}
    for position, account in enumerate(reports["account"]):
        first.setdefault(rows.get(account, -1), position)
    for problem in problems:
        at = first.get(problem.row) if problem.row is not None else None
        if problem.row is not None and at is None:
            continue  # the row was taken out of the table
        if at in off_earth and problem.column in {"longitude", "latitude"}:
            continue
        value = problem.value
        if at is None:
            yield None, Fault("table", problem.column, value, "", problem.why)
        else:
            yield at, Fault("unreadable", problem.column, value, repr(value), problem.why, "error")


def figures(reports: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return longitudes and latitudes of a table, NaN where there is none."""
    longitude, latitude = (
        pd.to_numeric(reports[name], errors="coerce").to_numpy(dtype=float)
        if name in reports
        else np.full(len(reports), np.nan)
        for name in ("longitude", "latitude")
    )
    return longitude, latitude


def on_earth(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return which coordinates are a point on earth."""
    return np.asarray((np.abs(longitude) <= 180) & (np.abs(latitude) <= 90))


def _off_earth(reports: pd.DataFrame) -> Iterator[tuple[int, Fault]]:
    longitude, latitude = figures(reports)
    both = np.isfinite(longitude) & np.isfinite(latitude)
    for i in np.flatnonzero(both & ~on_earth(longitude, latitude)):
        spot = float(longitude[i]), float(latitude[i])
        meant = next(other_readings(*spot), None)
        against = "degrees go from -180 to 180 and from -90 to 90"
        if meant is not None:
            against += f"; read as {meant.kind}: {in_words(*meant[1:])}"
        kind = meant.kind if meant else "unreadable"
        value = in_words(*spot)
        yield (
            int(i),
            Fault(kind, COLUMNS, value, f"{value} is no point on earth", against, "error"),
        )
    for i in np.flatnonzero((longitude == 0) & (latitude == 0)):
        against = "0, 0 is in the Gulf of Guinea, and what is written where nothing is known"
        yield int(i), Fault("zero coordinates", COLUMNS, "0, 0", "0, 0", against)


def count_faults(reports: pd.DataFrame, layers: Layers) -> Iterator[tuple[int, Fault]]:
    """Return rows in which more rounds fell or were intercepted than were fired."""
    fell = layers.impacts.groupby("account")["rounds_low"].sum(min_count=1)
    impacts = reports["account"].map(fell).astype("Float64").fillna(0).to_numpy(dtype=float)
    intercepted = reports["intercepted_low"].astype("Float64").fillna(0).to_numpy(dtype=float)
    fired = reports["fired_high"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    told = text_of(reports, "fired")
    for i in np.flatnonzero(impacts + intercepted > fired):
        sides = [
            f"{count:g} {what}"
            for count, what in ((impacts[i], "fell"), (intercepted[i], "were intercepted"))
            if count
        ]
        stated = f"at most {fired[i]:g} fired"
        against = f"at least {' and '.join(sides)}"
        yield int(i), Fault("counts", "fired", told[i], stated, against, "error")


def code_faults(reports: pd.DataFrame) -> Iterator[tuple[int, Fault]]:
    """Return precision codes that are none, or that the row's own dates do not keep."""
    days = ((reports["date_end"] - reports["date_start"]).dt.days + 1).to_numpy(dtype=float)
    dates = text_of(reports, "date")
    for column, scale in SCALES.items():
        cells = text_of(reports, column)
        codes, whys = {}, {}
        for value in set(cells) - {""}:
            try:
                codes[value] = scale(value)
            except ValueError as error:
                whys[value] = str(error)
        if np.isin(cells, list(codes)).sum() < np.isin(cells, list(whys)).sum():
            continue  # a column of another meaning under the same name
        for value, why in whys.items():
            for i in np.flatnonzero(cells == value):
                stated = f"{column} {value!r}"
                yield int(i), Fault("precision code", column, value, stated, why, "error")
        for value, code in codes.items():
            if not isinstance(code, UcdpDate):  # ACLED gives one day for a week
                continue
            off = (days < code.least_days) | (days > code.most_days)
            for i in np.flatnonzero((cells == value) & off):
                stated = f"{column} {code.value}: {code.meaning}"
                against = f"the date {dates[i]!r} spans {days[i]:g} days"
                yield int(i), Fault("precision code", column, value, stated, against)
