"""Airports, air bases and heliports of OurAirports (``airports.csv``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geoinc.sources.divisions import divided
from geoinc.sources.kinds import kind_of
from geoinc.sources.records import read_records
from geoinc.sources.tables import OURS, TableRow, Told, entries_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geoinc.errors import Problem
    from geoinc.geopackage import Entry
    from geoinc.sources.records import Record

#: Columns by which the file is known.
COLUMNS = frozenset(("ident", "type", "name", "latitude_deg", "longitude_deg", "iso_country"))
LICENCE = "public domain"

#: By type: extent in metres, and how well known.  Extents: 95 % of the curated airports do not
#: exceed 4.5 km, half of them 2.5 km.  A helipad is a spot, a heliport hardly more.
_TYPES = {
    "large_airport": (4500, 0.6),
    "medium_airport": (4500, 0.4),
    "small_airport": (2500, 0.2),
    "heliport": (500, 0.05),
    "seaplane_base": (2500, 0.1),
    "balloonport": (500, 0.05),
    "closed": (2500, 0.1),
}
_POSITION_ERROR_M = 500

_CODE = re.compile(r"[A-Z0-9]{2,4}(?:-[A-Z0-9]{2,5})?")


def read_ourairports(path: Path, told: Told, problems: list[Problem]) -> Iterator[Entry]:
    """Yield the places of a file of OurAirports.

    A keyword is another name, codes are codes; an airport that calls itself an air base is one.
    Of a closed one it is not known since when: its note says that it is closed.  The codes of
    regions have no names in the file: the shipped outlines tell the province.

    Parameters
    ----------
    path : Path
        ``airports.csv``, packed or not.
    told : Told
        What is told of all places together.
    problems : list of Problem
        Gets a problem for each row that is left out.
    """
    rows = (_row(record) for record in read_records(path, problems, needed=COLUMNS))
    return divided(entries_of(rows, OURS, told, problems))


def _row(record: Record) -> TableRow:
    cells = record.cells
    what = cells["type"]
    radius_m, importance = _TYPES.get(what, _TYPES["small_airport"])
    name = cells["name"]
    kind = kind_of(name)
    if kind == "military base" and what != "heliport":
        kind = "air base"  # a base that has an airport
    notes = [what.replace("_", " ")] if not what.endswith("airport") else []
    if what == "closed":
        notes[0] = "closed; since when is not told"
    row = {
        "id": cells["ident"],
        "name": name,
        "kind": kind if kind in {"air base", "military base"} else "airport",
        "country": cells["iso_country"],
        "longitude": cells["longitude_deg"],
        "latitude": cells["latitude_deg"],
        "radius_m": str(radius_m),
        "position_error_m": str(_POSITION_ERROR_M),
        "importance": str(importance),
        "source": f"OurAirports {cells['ident']}",
        "licence": LICENCE,
        "note": "; ".join(notes),
    }
    return TableRow(record.number, row, names=list(_names(cells)))


def _names(cells: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the names beside the first: the parts of a double one, keywords, codes."""
    # "Al Taji Army Air Field / Camp Taji"
    parts = re.split(r"\s+/\s+", cells["name"])
    if len(parts) > 1:
        yield from ((part, "", "variant") for part in parts)
    for word in re.split(r"[,;،]", cells.get("keywords", "")):
        keyword = word.strip()
        if _CODE.fullmatch(keyword):
            yield keyword, "", "code"
        elif keyword:
            yield keyword, "", "variant" if keyword[0].isascii() else "native"
    for column in ("icao_code", "iata_code", "gps_code", "local_code", "ident"):
        code = cells.get(column, "")
        if any(map(str.isalpha, code)):
            yield code, "", "code"
