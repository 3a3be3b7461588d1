"""What a geocoding service answers, as places: its box or polygon is the footprint."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape as to_geometry

from geoinc import geodesy
from geoinc.geopackage import Entry
from geoinc.sources import extents
from geoinc.sources.kinds import country_code, importance_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: Kinds of OpenStreetMap's keys and values where its word is not geoinc's.
_OSM_KINDS = {
    "state": "province", "governorate": "province", "province": "province",
    "county": "district", "state_district": "district", "municipality": "district",
    "city_district": "quarter", "borough": "quarter", "neighbourhood": "quarter",
    "suburb": "quarter", "hamlet": "village", "isolated_dwelling": "village",
    "locality": "village", "farm": "village", "aerodrome": "airport", "airfield": "air base",
    "base": "military base", "barracks": "military base", "military": "military base",
    "peak": "mountain", "mountain_range": "mountain", "ridge": "mountain", "volcano": "mountain",
    "reservoir": "lake", "water": "lake", "bay": "sea", "archipelago": "island", "islet": "island",
    "border_control": "border crossing", "plant": "power station", "harbour": "port",
    "refugee_site": "camp", "oil_field": "oil field", "stream": "river", "wadi": "valley",
}  # fmt: skip
_NAME_KEYS = ("name", "official_name", "alt_name", "old_name", "int_name", "short_name", "loc_name")
_ADMIN1 = ("state", "province", "governorate", "region")
_ADMIN2 = ("county", "state_district", "district")


def entry_of(answer: Mapping[str, Any], service: str, day: str, licence: str) -> Entry | None:
    """Return the place that a service answers, or None where the answer is no place.

    Its names are those of the answer, never the name asked for: whether the answer is what was
    meant is for the search to judge.

    Parameters
    ----------
    answer : mapping
        ``address``, ``longitude``, ``latitude`` and ``raw``: the service's own answer.
    service : str
        Name of the service.
    day : str
        When it was asked, ISO date.
    licence : str
        Terms of the answers, where they do not tell their own.
    """
    raw = _dict(answer["raw"])
    # Photon and other GeoJSON services have their words in the properties.
    properties = _dict(raw.get("properties")) or raw
    details = _dict(raw.get("address")) or properties
    names = _names(str(answer["address"] or ""), properties)
    if not names:
        return None
    name = names[0][0]
    try:
        extents.checked_position(answer["longitude"], answer["latitude"])
    except (TypeError, ValueError):
        return None
    kind = _kind(properties, name)
    admin1 = next((str(details[key]) for key in _ADMIN1 if details.get(key)), "")
    entry = Entry(
        _place_id(answer, properties, service), name, kind,
        _country(details, str(answer["address"] or "")), answer["longitude"], answer["latitude"],
        admin1=admin1 or (name if kind == "province" else ""),
        admin2=next((str(details[key]) for key in _ADMIN2 if details.get(key)), ""),
        importance=_importance(properties, kind),
        source=f"{service}, asked {day}",
        licence=str(raw.get("licence") or raw.get("attribution") or licence),
        names=names,
    )  # fmt: skip
    area, note = _footprint(raw, properties)
    if area is None:
        extents.fill_extent(entry)
    else:
        error_m = min(extents.default_position_error_m(kind), extents.UNKNOWN_BOUNDARY_ERROR_M)
        extents.fill_outline(entry, area, error_m)
        entry.note = f"{note} of the answer; assumed: boundary error {error_m:g} m"
    return entry


def _dict(value: Any) -> dict[str, Any]:
    """Return an object of JSON, or an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def _names(address: str, properties: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the names of an answer, the preferred one first."""
    details = _dict(properties.get("namedetails"))
    first = properties.get("name") or details.get("name:en") or address.partition(",")[0]
    found = {str(first).strip(): ("", "preferred")}
    for key, text in details.items():
        base, _, language = str(key).partition(":")
        if base in _NAME_KEYS:
            kind = "native" if language and language != "en" else "variant"
            for part in str(text).split(";"):
                found.setdefault(part.strip(), (language, kind))
    found.setdefault(address.partition(",")[0].strip(), ("", "variant"))
    found.pop("", None)
    return [(text, language, kind) for text, (language, kind) in found.items()]


def _kind(properties: Mapping[str, Any], name: str) -> str:
    """Return the kind by what the service calls it, else by the words of its name."""
    said = [
        str(properties[key])
        for key in ("addresstype", "type", "osm_value", "category", "class", "osm_key")
        if properties.get(key)
    ]
    for word in said:
        if kind := _OSM_KINDS.get(word) or kind_of(word):
            return kind
    return kind_of(name) or ("building" if said else "town")


def _country(details: Mapping[str, Any], address: str) -> str:
    code = str(details.get("country_code") or details.get("countrycode") or "")
    return country_code(code or str(details.get("country") or address.rpartition(",")[2]))


def _importance(properties: Mapping[str, Any], kind: str) -> float:
    told = properties.get("importance")
    if isinstance(told, int | float) and math.isfinite(told):
        return min(max(float(told), 0.0), 1.0)
    return importance_of(kind)


def _place_id(answer: Mapping[str, Any], properties: Mapping[str, Any], service: str) -> str:
    if properties.get("osm_id"):
        # "N" and "node" are one.
        return f"osm:{str(properties.get('osm_type') or '?')[0].lower()}{properties['osm_id']}"
    text = f"{answer['address']}|{answer['longitude']:.5f}|{answer['latitude']:.5f}"
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
    return f"{service.partition(' ')[0].casefold()}:{digest}"


# ---------------------------------------------------------------- footprints


def _footprint(raw: Mapping[str, Any], properties: Mapping[str, Any]) -> tuple[Any, str]:
    """Return the area of an answer, None where it has none, and what it is: outline or box."""
    for told in (raw.get("geojson"), raw.get("geometry")):
        if isinstance(told, dict) and str(told.get("type")) in {"Polygon", "MultiPolygon"}:
            try:
                area = geodesy.polygons(shapely.make_valid(shapely.force_2d(to_geometry(told))))
            except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError):
                continue
            if not area.is_empty and _is_on_earth(area.bounds):
                return area, "outline"
    for west, south, east, north in _boxes(raw, properties):
        if _is_on_earth((west, south, east, north)) and west < east and south < north:
            return shapely.box(west, south, east, north), "bounding box"
    return None, ""


def _is_on_earth(bounds: Iterable[float]) -> bool:
    west, south, east, north = bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


def _boxes(
    raw: Mapping[str, Any], properties: Mapping[str, Any]
) -> Iterator[tuple[float, float, float, float]]:
    """Yield the boxes of an answer as west, south, east, north, in the ways of the services."""
    for told, order in (
        (raw.get("boundingbox"), (2, 0, 3, 1)),  # Nominatim: south, north, west, east
        (properties.get("extent"), (0, 3, 2, 1)),  # Photon: west, north, east, south
        (raw.get("bbox"), (0, 1, 2, 3)),  # GeoJSON
    ):
        if isinstance(told, list | tuple) and len(told) == 4:
            try:
                values = [float(value) for value in told]
            except (TypeError, ValueError):
                continue
            yield (values[order[0]], values[order[1]], values[order[2]], values[order[3]])
    # Google, OpenCage: two corners.
    geometry = _dict(raw.get("geometry"))
    for corners in map(
        _dict, (geometry.get("bounds"), raw.get("bounds"), geometry.get("viewport"))
    ):
        try:
            low, high = corners["southwest"], corners["northeast"]
            yield (float(low["lng"]), float(low["lat"]), float(high["lng"]), float(high["lat"]))
        except (KeyError, TypeError, ValueError):
            continue
