"""A gazetteer harvested from coded incidents: the places that coders of UCDP or ACLED named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geoinc import geodesy
from geoinc.errors import GazetteerError, Problem
from geoinc.geopackage import Entry
from geoinc.sources import extents
from geoinc.sources.kinds import country_code, importance_of, kind_of
from geoinc.sources.storing import cached_path, opened, stored

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geoinc.gazetteer import Gazetteer


class _Layout(NamedTuple):
    """Columns of a data set of incidents, and what its codes of precision come to."""

    title: str
    name: str
    precision: str
    country: str
    admin1: str
    admin2: str
    events: str
    #: Least position error in metres by code; other codes are of areas, not of the place.
    floors: dict[int, float]
    licence: str


# UCDP: 1 exact, 2 within about 25 km of the named place.  ACLED: 1 the town itself, 2 a town
# that stands for its surroundings.  What is coded is then still the point of the place named.
_LAYOUTS = {
    "ucdp": _Layout(
        "UCDP GED", "where_coordinates", "where_prec", "country", "adm_1", "adm_2", "n_events",
        {1: 2_000.0, 2: 5_000.0}, "CC BY 4.0",
    ),
    "acled": _Layout(
        "ACLED", "location", "geo_precision", "country", "admin1", "admin2", "n_events",
        {1: 2_000.0, 2: 5_000.0}, "terms of ACLED: not to be passed on",
    ),
}  # fmt: skip

#: Points of one name farther apart than this, with none between, are two places.
_APART_M = 25_000.0

# "Idlib governorate": the word for the division is no part of its name, nor is "town" of a town's.
_DIVISION = re.compile(
    r"\s+(governorate|province|district|region|state|oblast|county|department|wilayat?)$",
    re.IGNORECASE,
)
_SETTLEMENT = re.compile(r"\s+(city|town|village|hamlet)$", re.IGNORECASE)


def gazetteer_from_incidents(
    frame: pd.DataFrame,
    *,
    layout: str | None = None,
    country: str = "",
    path: str | os.PathLike[str] | None = None,
) -> Gazetteer:
    """Return the places that coders of incidents named, with where they put them.

    A place is a name in one second-order division (or first, or country, as far as the table
    has columns for them).  Its centre is the middle of the coded points, its position error
    the distance to the farthest of them, and never less than the best of its precision codes
    allows: 2 km for code 1, 5 km for code 2.  Incidents coded to a district, a province or less
    (other codes) say nothing about the place and are not read.  Points of one name with more
    than 25 km between them are places of their own.

    Parameters
    ----------
    frame : pandas.DataFrame
        Incidents with the columns of UCDP GED (``where_coordinates``, ``where_prec``,
        ``adm_1``, ``adm_2``, ``country``) or of ACLED (``location``, ``geo_precision``,
        ``admin1``, ``admin2``, ``country``), and ``longitude``, ``latitude``.
    layout : {"ucdp", "acled"}, optional
        By default the one whose columns the table has.
    country : str
        ISO 3166-1 alpha-2 code or name of the country, where the table has no such column.
    path : path, optional
        Where to write the GeoPackage; by default in the user's cache.

    Returns
    -------
    Gazetteer
        Its metadata say how many rows were left out, and why (``problems``).

    Raises
    ------
    GazetteerError
        The table has neither layout, or no row of it is precise.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoinc as gi
    >>> coded = pd.DataFrame({
    ...     "where_coordinates": ["Rami village", "Rami village"], "where_prec": [1, 1],
    ...     "adm_1": "Idlib governorate", "adm_2": "Ariha district", "country": "Syria",
    ...     "longitude": [36.558974, 36.5591], "latitude": [35.763369, 35.7634],
    ... })
    >>> harvested = gi.gazetteer_from_incidents(coded)
    >>> harvested.search("Rami").loc[0, ["kind", "country", "admin1"]].tolist()
    ['village', 'SY', 'Idlib']
    """
    known = _LAYOUTS[_detected(frame, layout)]
    problems: list[Problem] = []
    prefix = _prefix(known)
    if path is None:
        path = cached_path(prefix, [frame], (known, country))
        if path.is_file():
            return opened(path, known.title)
    entries = _entries(frame, known, country_code(country) if country else "", problems)
    return stored(
        Path(path), entries, problems, name=known.title, source=known.title,
        licence=known.licence,
    )  # fmt: skip


def _prefix(layout: _Layout) -> str:
    return layout.title.partition(" ")[0].lower()


def _detected(frame: pd.DataFrame, layout: str | None) -> str:
    if layout is not None and layout not in _LAYOUTS:
        msg = f"layout={layout!r}: it is one of {', '.join(map(repr, _LAYOUTS))}"
        raise GazetteerError(msg)
    for name in [layout] if layout else _LAYOUTS:
        known = _LAYOUTS[name]
        needed = [known.name, known.precision, "longitude", "latitude"]
        missing = [column for column in needed if column not in frame.columns]
        if not missing:
            return name
    listed = ", ".join(map(repr, frame.columns[:20]))
    msg = (
        "the table has neither the columns of UCDP GED (where_coordinates, where_prec, longitude, "
        f"latitude) nor of ACLED (location, geo_precision, longitude, latitude); it has {listed}"
    )
    raise GazetteerError(msg)


def _entries(
    frame: pd.DataFrame, layout: _Layout, country: str, problems: list[Problem]
) -> Iterator[Entry]:
    """Yield the places of a table of incidents, in the order of their first mention."""
    table = _precise(frame.reset_index(drop=True), layout, problems)
    keys = ["name", "country", "admin1", "admin2"]
    for key, rows in table.groupby(keys, sort=False):
        name, nation, admin1, admin2 = map(str, key)
        points, index = np.unique(
            rows[["longitude", "latitude"]].to_numpy(float), axis=0, return_inverse=True
        )
        clusters = _clusters(points)
        for cluster in range(clusters.max() + 1):
            members = rows[clusters[index.ravel()] == cluster]
            where = (nation or country, admin1, admin2)
            yield _entry(name, where, members, points[clusters == cluster], layout)


def _precise(frame: pd.DataFrame, layout: _Layout, problems: list[Problem]) -> pd.DataFrame:
    """Return the rows that say where a named place is; the others are counted."""
    empty = pd.Series("", index=frame.index)

    def text(column: str) -> pd.Series[str]:
        return frame.get(column, empty).fillna("").astype(str).str.strip()

    def numeric(column: str) -> pd.Series[float]:
        return pd.to_numeric(frame[column], errors="coerce")

    table = pd.DataFrame({
        "row": np.arange(2, len(frame) + 2),
        "name": text(layout.name),
        "country": text(layout.country).map(_country),
        "admin1": text(layout.admin1).str.replace(_DIVISION, "", regex=True),
        "admin2": text(layout.admin2).str.replace(_DIVISION, "", regex=True),
        "longitude": numeric("longitude"),
        "latitude": numeric("latitude"),
        "precision": numeric(layout.precision),
        "events": pd.to_numeric(frame.get(layout.events, 1), errors="coerce"),
    })  # fmt: skip
    on_earth = table["longitude"].between(-180, 180) & table["latitude"].between(-90, 90)
    on_earth &= (table["longitude"] != 0) | (table["latitude"] != 0)
    of_areas = ~table["precision"].isin(list(layout.floors))
    if of_areas.any():
        why = f"{of_areas.sum()} rows are coded to an area, not to the place: not read"
        problems.append(Problem(None, layout.precision, "", why))
    table = table[~of_areas]
    unknown = text(layout.country)[(table["country"] == "") & (text(layout.country) != "")]
    for name, count in unknown.value_counts().items():
        why = f"no country is called {name!r}: {count} rows have none"
        problems.append(Problem(None, layout.country, str(name), why))
    for good, why in (
        (table["name"] != "", "no place is named"),
        (on_earth, "the position is not on the earth"),
        (~table["name"].str.contains("\ufffd"), "characters of the name are lost (U+FFFD)"),
    ):
        for row, name in table.loc[~good.loc[table.index], ["row", "name"]].itertuples(index=False):
            problems.append(Problem(int(row), layout.name, str(name), f"left out: {why}"))
        table = table[good.loc[table.index]]
    return table


def _country(name: str) -> str:
    # UCDP's Congo is the one whose capital is Brazzaville; the other is "DR Congo (Zaire)".
    return "CG" if name == "Congo" else country_code(name) if name else ""


def _clusters(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of the group of each point: within `_APART_M` of another of it."""
    numbers = np.arange(len(points))
    for at in range(1, len(points)):
        away, _ = geodesy.inverse(points[at, 0], points[at, 1], points[:at, 0], points[:at, 1])
        near = np.unique(numbers[:at][away <= _APART_M])
        if len(near):
            numbers[at] = near[0]
            numbers[:at][np.isin(numbers[:at], near)] = near[0]
    return np.unique(numbers, return_inverse=True)[1].ravel()


def _entry(
    name: str,
    where: tuple[str, str, str],
    rows: pd.DataFrame,
    points: NDArray[np.float64],
    layout: _Layout,
) -> Entry:
    country, admin1, admin2 = where
    longitude, latitude = np.median(points, axis=0).round(6).tolist()
    away, _ = geodesy.inverse(longitude, latitude, points[:, 0], points[:, 1])
    spread_m = -(-float(away.max()) // 100) * 100
    best = int(rows["precision"].min())
    kind = kind_of(name)
    bare = _SETTLEMENT.sub("", name)
    events = int(rows["events"].fillna(1).sum())
    words = "-".join(filter(None, (country or "xx", admin1, admin2, name)))
    slug = re.sub(r"[\W_]+", "-", words.casefold()).strip("-")
    entry = Entry(
        f"{_prefix(layout)}:{slug}:{longitude:.2f},{latitude:.2f}",
        bare,
        kind or "village",
        country,
        longitude,
        latitude,
        admin1=admin1,
        admin2=admin2,
        position_error_m=max(spread_m, layout.floors[best]),
        importance=importance_of(kind or "village"),
        source=f"{layout.title}: {events} {'event' if events == 1 else 'events'}",
        licence=layout.licence,
        note=_note(len(points), spread_m, best, kind),
        names=[(bare, "", "preferred")] + ([(name, "", "variant")] if bare != name else []),
        row=int(rows["row"].iloc[0]),
    )
    extents.fill_extent(entry)
    return entry


def _note(points: int, spread_m: float, best: int, kind: str) -> str:
    notes = [f"{points} coded {'point' if points == 1 else 'points'}, best precision {best}"]
    if spread_m:
        notes.append(f"within {spread_m:g} m")
    if not kind:
        notes.append("kind not told")
    return "; ".join(notes)
