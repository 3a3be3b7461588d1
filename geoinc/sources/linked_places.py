"""Linked Places: historical gazetteers in GeoJSON-LD (LPF 1.x) and in tables (LP-TSV 0.x)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape as to_geometry

from geoinc.errors import Problem
from geoinc.sources import extents
from geoinc.sources.kinds import kind_of
from geoinc.sources.records import read_records
from geoinc.sources.tables import OURS, TableRow, Told, entries_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from geoinc.geopackage import Entry

#: A table has a title and one of these.
TSV_COLUMNS = frozenset(("title_source", "fclasses", "aat_types", "geowkt", "ccodes"))

#: Kinds for the feature classes of GeoNames, where no type says more; roads (R) have none.
_CLASSES = {"P": "town", "A": "region", "L": "region", "H": "river", "T": "mountain",
            "S": "building"}  # fmt: skip
#: The least error of a position, metres, by what the source says of it.
_CERTAINTY_M = {"certain": 0.0, "less-certain": 10_000.0, "uncertain": 50_000.0}
_DAY = re.compile(r"(-?\d{1,4})((?:-\d\d){0,2})[~?%]?")

# ---------------------------------------------------------------- GeoJSON-LD


def is_linked_places(data: dict[str, Any]) -> bool:
    """Return whether a collection of features is in Linked Places format.

    Parameters
    ----------
    data : dict
        Parsed GeoJSON.

    Examples
    --------
    >>> is_linked_places({"features": [{"names": [{"toponym": "Mosul"}]}]})
    True
    """
    if "linkedplaces" in str(data.get("@context", "")).replace("-", "").casefold():
        return True
    names = [
        name
        for feature in data["features"][:10]
        if isinstance(feature, dict)
        for name in feature.get("names") or []
    ]
    return any(isinstance(name, dict) and "toponym" in name for name in names)


def read_lpf(data: dict[str, Any], told: Told, problems: list[Problem]) -> Iterator[Entry]:
    """Yield the places of a collection in Linked Places format.

    Of several geometries the most certain is taken, of these the latest.  ``certainty`` sets
    the least error: 10 km where less certain, 50 km where uncertain.  A timespan without an end
    is open.  Names of other times are names all the same.

    Parameters
    ----------
    data : dict
        Parsed GeoJSON.
    told : Told
        What is told of all places together.
    problems : list of Problem
        Gets a problem for each feature that is left out.
    """
    return entries_of(_lpf_rows(data["features"], told, problems), OURS, told, problems)


def _lpf_rows(features: Iterable[Any], told: Told, problems: list[Problem]) -> Iterator[TableRow]:
    for number, feature in enumerate(features, 1):
        try:
            yield _lpf_row(number, feature, told)
        except (
            AttributeError,
            KeyError,
            TypeError,
            ValueError,
            shapely.errors.ShapelyError,
        ) as error:
            why = f"left out: it is no place in Linked Places format ({error})"
            problems.append(Problem(number, "", "", why))


def _lpf_row(number: int, feature: dict[str, Any], told: Told) -> TableRow:
    properties = feature.get("properties") or {}
    names = [
        (str(name["toponym"]).strip(), str(name.get("lang") or ""), "variant")
        for name in feature.get("names") or []
        if name.get("toponym")
    ]
    title = str(properties.get("title") or (names[0][0] if names else "")).strip()
    plain = re.sub(r"\s*\([^)]*\)$", "", title)  # "Abingdon (UK)" is a label, no name
    if plain != title and any(plain == text for text, *_ in names):
        title = plain
    types = [
        str(words.get("label") if isinstance(words, dict) else words or "")
        for kind in feature.get("types") or []
        for words in (kind, *(kind.get("sourceLabels") or []), kind.get("sourceLabel"))
    ]
    classes = properties.get("fclasses") or feature.get("fclasses") or []
    codes = properties.get("ccodes") or feature.get("ccodes") or properties.get("ccode") or []
    geometry, certainty, note = _geometry(feature.get("geometry"))
    kind = _kind(types, classes, told)
    start, end = _span(feature.get("when"))
    cells = {
        "name": title,
        "kind": kind,
        "country": ";".join([codes] if isinstance(codes, str) else codes),
        "valid_from": start,
        "valid_to": end,
        "note": note,
        **_errors(kind or "town", geometry, _CERTAINTY_M.get(certainty, 0.0), told),
    }
    own = str(feature.get("@id") or feature.get("uri") or "")
    cells["place_id" if "://" in own else "id"] = own
    if number_of := [str(name) for name in _citations(feature.get("names"))]:
        cells["source"] = f"{told.source}: {number_of[0]}"
    return TableRow(number, cells, geometry, names)


def _kind(types: Iterable[str], classes: Iterable[str], told: Told) -> str:
    """Return the kind by the words of the types, by the feature class, or as told of all."""
    kinds = [kind_of(words) for words in types if words]
    kinds += [told.kind, *(_CLASSES.get(letter.strip(), "") for letter in classes)]
    return next(filter(None, kinds), "")


def _errors(kind: str, geometry: Any, least_m: float, told: Told) -> dict[str, str]:
    """Return the error of a position that is less than certain."""
    if not least_m:
        return {}
    if geometry is None or geometry.geom_type == "Point":
        known = told.position_error_m or extents.default_position_error_m(kind)
        return {"position_error_m": f"{max(known, least_m):g}"}
    known = told.boundary_error_m or extents.UNKNOWN_BOUNDARY_ERROR_M
    return {"boundary_error_m": f"{max(known, least_m):g}"}


def _geometry(told: Any) -> tuple[Any, str, str]:
    """Return the best of the geometries of a feature, how certain it is, and a note."""
    if not isinstance(told, dict):
        return None, "", ""
    parts = told.get("geometries") if told.get("type") == "GeometryCollection" else [told]
    found = []
    for part in parts or []:
        if not isinstance(part, dict):  # "null" where the position is not known
            continue
        text = part.get("geo_wkt") or part.get("geowkt")
        geometry = shapely.from_wkt(text) if text else to_geometry(part)
        if geometry is not None and not geometry.is_empty:
            certainty = str(part.get("certainty") or "")
            found.append((shapely.force_2d(geometry), certainty, _span(part.get("when"))[0]))
    if not found:
        return None, "", ""
    found.sort(key=lambda part: part[2], reverse=True)
    found.sort(key=lambda part: _CERTAINTY_M.get(part[1], 0.0))
    geometry, certainty, _ = found[0]
    notes = [f"position is {certainty}"] if certainty else []
    if len(found) > 1:
        notes.append(f"one of {len(found)} geometries")
    return geometry, certainty, "; ".join(notes)


def _span(when: Any) -> tuple[str, str]:
    """Return from when to when, as ISO dates or years, ``""`` where open or before our era."""
    spans = when.get("timespans") if isinstance(when, dict) else None
    starts, ends = [], []
    for span in spans or []:
        starts.append(_day(span.get("start"), ("in", "earliest", "latest")))
        ends.append(_day(span.get("end"), ("in", "latest", "earliest")))
    start = "" if "" in starts else min(starts, default="")
    return start, "" if "" in ends else max(ends, default="")


def _day(told: Any, keys: Iterable[str]) -> str:
    if isinstance(told, dict):
        told = next((told[key] for key in keys if told.get(key)), "")
    match = _DAY.fullmatch(str(told or ""))
    if match is None or match[1].startswith("-"):
        return ""
    return f"{int(match[1]):04d}{match[2]}"


def _citations(names: Any) -> Iterator[str]:
    for name in names or []:
        for citation in [*(name.get("citations") or []), name.get("citation") or {}]:
            if label := citation.get("label"):
                yield label


# ---------------------------------------------------------------- tables


def read_lp_tsv(path: Path, told: Told, problems: list[Problem]) -> Iterator[Entry]:
    """Yield the places of a table in LP-TSV, delimited by tabs or, as CSV, by commas.

    ``approximation`` is a tolerance in kilometres and the position error; ``end`` alone is
    read as told.

    Parameters
    ----------
    path : Path
        The table.
    told : Told
        What is told of all places together.
    problems : list of Problem
        Gets a problem for each row that is left out.
    """
    records = read_records(path, problems, needed=("title",))
    rows = (_tsv_row(record.number, record.cells, told) for record in records)
    return entries_of(rows, OURS, told, problems)


def _tsv_row(number: int, cells: dict[str, str], told: Told) -> TableRow:
    kind = _kind(cells.get("types", "").split(";"), cells.get("fclasses", "").split(";"), told)
    row = {
        "id": cells.get("id", ""),
        "name": cells["title"],
        "kind": kind,
        "country": cells.get("ccodes", ""),
        "longitude": cells.get("lon", ""),
        "latitude": cells.get("lat", ""),
        "wkt": cells.get("geowkt", ""),
        "valid_from": _day(cells.get("start"), ()),
        "valid_to": _day(cells.get("end"), ()),
        "note": f"part of {parent}" if (parent := cells.get("parent_name", "")) else "",
    }
    if told_source := cells.get("title_source"):
        row["source"] = f"{told.source}: {told_source}"
    with suppress(ValueError):  # it may also be a term such as gvp:containedWithin
        row["position_error_m"] = f"{float(cells.get('approximation', '')) * 1000:g}"
    names = []
    for variant in cells.get("variants", "").split(";"):
        text, _, language = variant.strip().rpartition("@")
        text, language = (text, language) if text else (language, "")
        if text:
            names.append((text, language.partition("-")[0], "variant"))
    return TableRow(number, row, None, names)
