"""Any table of places: rows of text, with or without geometries, and what their columns are."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import shapely

from geoinc import geodesy
from geoinc.errors import Problem
from geoinc.geopackage import Entry
from geoinc.sources import extents
from geoinc.sources.columns import SINGLE
from geoinc.sources.kinds import country_code, importance_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: What no column says and no argument either.
_KIND_OF_POINTS, _KIND_OF_AREAS = "town", "region"

#: The columns of a source whose rows are already in the words of geoinc.
OURS = {what: what for what in SINGLE}

_SPOILT = "\N{REPLACEMENT CHARACTER}"
_LANGUAGE = re.compile(r"([a-z]{2,3}(?:-[A-Za-z]+)*):\s*(\S.*)")
_CODE = re.compile(r"[A-Z]{1,3}\d{2,}")


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of all places of a source together, and used where a row does not tell it.

    Parameters
    ----------
    prefix : str
        What the ids of the places begin with, so that those of two sources differ.
    source, licence : str
        Where they are from, under which terms.
    country, kind : str
        ISO 3166-1 alpha-2 code; one of `geoinc.places.KINDS`.
    radius_m, position_error_m, boundary_error_m : float or None
        Extent, error of points, error of outlines, metres; None where nothing is known.
    """

    prefix: str
    source: str
    licence: str = ""
    country: str = ""
    kind: str = ""
    radius_m: float | None = None
    position_error_m: float | None = None
    boundary_error_m: float | None = None


@dataclass(slots=True)
class TableRow:
    """One row of a table, or one feature of a map.

    Parameters
    ----------
    number : int
        Its number in the file, as a spreadsheet counts: the header is row 1.
    cells : mapping of str to str
        Its cells by column.
    geometry : shapely geometry, optional
        Its geometry, degrees.
    names : sequence of (str, str, str)
        Names beside those in the cells: text, language, kind of name.
    """

    number: int
    cells: Mapping[str, str]
    geometry: Any = None
    names: Sequence[tuple[str, str, str]] = ()


@dataclass(slots=True)
class _Tally:
    """How often something was assumed for lack of a better word."""

    kinds: dict[str, int] = field(default_factory=dict)
    countries: dict[str, int] = field(default_factory=dict)


def entries_of(
    rows: Iterable[TableRow],
    columns: Mapping[str, str],
    told: Told,
    problems: list[Problem],
) -> Iterator[Entry]:
    """Yield the places of a table.

    Parameters
    ----------
    rows : iterable of TableRow
        The rows.
    columns : mapping of str to str
        What the columns are (`geoinc.sources.columns.matched`).
    told : Told
        What is told of all together.
    problems : list of Problem
        Gets a problem for each row that is left out and each cell that is not used, and one
        for each assumption about many.
    """
    tally = _Tally()
    for row in rows:
        try:
            yield _entry(row, columns, told, problems, tally)
        except _FaultyCellError as fault:
            problems.append(Problem(row.number, fault.column, fault.value, f"left out: {fault}"))
    for words, count in tally.kinds.items():
        what = f"the kind {words!r} is not known" if words else "no kind is told"
        why = f"{what}: {count} places are {_KIND_OF_POINTS!r}, areas {_KIND_OF_AREAS!r}"
        problems.append(Problem(None, "kind", words, why))
    for words, count in tally.countries.items():
        why = f"no country is called {words!r}: {count} places have none"
        problems.append(Problem(None, "country", words, why))


class _FaultyCellError(ValueError):
    """A row that is no place, with the cell that says so."""

    def __init__(self, message: str, column: str = "", value: str = "") -> None:
        super().__init__(message)
        self.column = column
        self.value = value


def _entry(
    row: TableRow,
    columns: Mapping[str, str],
    told: Told,
    problems: list[Problem],
    tally: _Tally,
) -> Entry:
    cells = {what: row.cells.get(column, "") for column, what in columns.items() if what in SINGLE}
    names = _names(row, columns, problems)
    name = names[0][0]
    shape = _shape(row, cells)
    kind = _kind(cells.get("kind", ""), name, told, tally, area=shape is not None)
    entry = Entry(
        "", name, kind, _country(cells.get("country", ""), told, tally), 0.0, 0.0,
        admin1=cells.get("admin1", "") or (name if kind == "province" else ""),
        admin2=cells.get("admin2", "") or (name if kind == "district" else ""),
        radius_m=_metres(cells, "radius_m") or told.radius_m or 0.0,
        position_error_m=_metres(cells, "position_error_m") or told.position_error_m or 0.0,
        importance=_importance(cells, kind),
        valid_from=cells.get("valid_from", ""),
        valid_to=cells.get("valid_to", ""),
        source=cells.get("source") or told.source,
        licence=cells.get("licence") or told.licence,
        note=cells.get("note", ""),
        names=names,
        row=row.number,
    )  # fmt: skip
    boundary_error_m = _metres(cells, "boundary_error_m") or told.boundary_error_m
    _locate(entry, row, cells, shape, boundary_error_m)
    entry.place_id = _place_id(entry, cells, told)
    if _CODE.fullmatch(code := cells.get("id", "")) and all(code != text for text, *_ in names):
        names.append((code, "", "code"))
    return entry


# ---------------------------------------------------------------- names


def _names(
    row: TableRow, columns: Mapping[str, str], problems: list[Problem]
) -> list[tuple[str, str, str]]:
    """Return the names of a row, the preferred one first, none twice, none spoilt."""
    cells = [
        (column, name)
        for column, what in sorted(columns.items(), key=lambda item: item[1] != "name")
        if what not in SINGLE or what == "name"
        for name in _named(row.cells.get(column, ""), what, row.cells)
    ]
    if not cells or cells[0][1][2] != "preferred" or _SPOILT in cells[0][1][0]:
        column = next(column for column, what in columns.items() if what == "name")
        cell = row.cells.get(column, "")
        msg = "characters of its name are lost (U+FFFD)" if cell else "it has no name"
        raise _FaultyCellError(msg, column, cell)
    found: list[tuple[str, str, str]] = []
    for column, name in [*cells, *(("", name) for name in row.names)]:
        if _SPOILT in name[0]:
            why = "characters of it are lost (U+FFFD); this name is left out"
            problems.append(Problem(row.number, column, name[0], why))
        else:
            found.append(name)
    unique: dict[str, tuple[str, str, str]] = {}
    for name in found:
        unique.setdefault(name[0], name)
    return list(unique.values())


def _named(cell: str, what: str, cells: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the names in a cell."""
    if what == "name":
        if cell:
            yield cell, "", "preferred"
        return
    # Arabic has its own semicolon and comma; bars are those of GADM.
    parts = [part.strip() for part in re.split(r"[;|؛]", cell)]
    for part in filter(None, parts):
        if what == "spellings":
            yield part, "", "variant"
        elif what == "code":
            yield part, "", "code"
        elif what == "codes":
            yield part.partition(":")[2].strip() or part, "", "code"
        elif language := what.removeprefix("native").removeprefix(":"):
            if language.startswith("@"):
                language = cells.get(language[1:], "")
            yield part, language, "native"
        else:
            match = _LANGUAGE.fullmatch(part)
            yield (match[2], match[1], "native") if match else (part, "", "native")


# ---------------------------------------------------------------- what and where


def _kind(words: str, name: str, told: Told, tally: _Tally, *, area: bool) -> str:
    kind = kind_of(words) if words else ""
    kind = kind or told.kind or kind_of(name)
    if not kind:
        tally.kinds[words] = tally.kinds.get(words, 0) + 1
        kind = _KIND_OF_AREAS if area else _KIND_OF_POINTS
    return kind


def _country(words: str, told: Told, tally: _Tally) -> str:
    # Of several countries none is *the* one.
    if not words or ";" in words:
        return "" if words else told.country
    code = country_code(words)
    if not code:
        tally.countries[words] = tally.countries.get(words, 0) + 1
    return code or told.country


def _metres(cells: Mapping[str, str], what: str) -> float | None:
    """Return a length that is told, or None."""
    if not (text := cells.get(what, "")):
        return None
    metres = _number(text, what)
    if not (math.isfinite(metres) and metres >= 0):
        msg = f"{text!r} is no length in metres"
        raise _FaultyCellError(msg, what, text)
    return metres


def _number(text: str, what: str) -> float:
    """Return a number; a comma is a decimal point where no other sign is."""
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        msg = f"{text!r} is no number"
        raise _FaultyCellError(msg, what, text) from None


def _importance(cells: Mapping[str, str], kind: str) -> float:
    if text := cells.get("importance", ""):
        importance = _number(text, "importance")
        if 0 <= importance <= 1:
            return importance
        msg = f"{text!r} is not between 0 and 1"
        raise _FaultyCellError(msg, "importance", text)
    try:
        population = float(cells.get("population") or "nan")
    except ValueError:  # "about 500": no reason to leave a place out
        population = math.nan
    return importance_of(kind, population)


def _shape(row: TableRow, cells: Mapping[str, str]) -> Any:
    """Return the geometry of a row if it is more than a point, else None."""
    geometry = row.geometry
    if geometry is None and (text := cells.get("wkt", "")):
        try:
            geometry = row.geometry = shapely.from_wkt(text)
        except shapely.errors.GEOSException:
            msg = "it is no well-known text"
            raise _FaultyCellError(msg, "wkt", text[:60]) from None
    if geometry is None or geometry.is_empty or geometry.geom_type == "Point":
        return None
    return geometry


def _locate(
    entry: Entry,
    row: TableRow,
    cells: Mapping[str, str],
    shape: Any,
    boundary_error_m: float | None,
) -> None:
    """Give an entry its footprint, or its centre with an extent and an error."""
    if shape is not None:
        _outline(entry, shape, boundary_error_m)
        return
    if row.geometry is not None and not row.geometry.is_empty:
        longitude, latitude = row.geometry.x, row.geometry.y
        written = (f"{longitude:.10g}", f"{latitude:.10g}")
    else:
        written = (cells.get("longitude", ""), cells.get("latitude", ""))
        if not all(written):
            msg = "it has no position"
            raise _FaultyCellError(msg)
        longitude, latitude = (
            _number(text, what)
            for text, what in zip(written, ("longitude", "latitude"), strict=True)
        )
    try:
        extents.checked_position(longitude, latitude)
    except ValueError as error:
        raise _FaultyCellError(str(error), "longitude, latitude", ", ".join(written)) from None
    entry.longitude, entry.latitude = longitude, latitude
    extents.fill_extent(
        entry, rounded_m=extents.rounding_m(*(t.replace(",", ".") for t in written))
    )


def _outline(entry: Entry, shape: Any, boundary_error_m: float | None) -> None:
    west, south, east, north = shape.bounds
    try:
        for longitude, latitude in ((west, south), (east, north)):
            extents.checked_position(longitude, latitude)
    except ValueError as error:
        raise _FaultyCellError(str(error), "geometry", shape.geom_type) from None
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        area = shape if shape.is_valid else geodesy.polygons(shapely.make_valid(shape))
        if area.is_empty:
            msg = "its outline has no area"
            raise _FaultyCellError(msg, "geometry", shape.geom_type)
        extents.fill_outline(entry, area, boundary_error_m or extents.UNKNOWN_BOUNDARY_ERROR_M)
        entry.radius_m = entry.position_error_m = 0.0
        return
    # A line or several points: what lies within its error of it.
    extents.fill_error(entry)
    extents.fill_outline(entry, geodesy.buffer(shape, entry.position_error_m), 0.0)
    entry.radius_m = 0.0


def _place_id(entry: Entry, cells: Mapping[str, str], told: Told) -> str:
    """Return the id of a place: its own, its source's, or one made of its name and position."""
    if own := cells.get("place_id"):
        return own
    if own := cells.get("id"):
        return f"{told.prefix}:{own}"
    text = f"{entry.name}|{entry.kind}|{entry.longitude:.5f}|{entry.latitude:.5f}"
    return f"{told.prefix}:{hashlib.blake2b(text.encode(), digest_size=5).hexdigest()}"
