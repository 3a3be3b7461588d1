"""Outlines and discs: geometry that the build makes, on WGS84, longitude before latitude."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from shapely import MultiPolygon, Point, Polygon, affinity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Area = Polygon | MultiPolygon

#: Equatorial radius in metres and squared eccentricity of the WGS84 ellipsoid.
SEMI_MAJOR_M = 6_378_137.0
ECCENTRICITY_2 = 0.006_694_379_990_14

#: Longest segment of an outline, in degrees.
SEGMENT_DEG = 0.1
#: Grid of the outlines that are known to kilometres only, in degrees: 14 m.
GRID_DEG = 2.0**-13


class Feature(NamedTuple):
    """One object of a TopoJSON file."""

    feature_id: str
    name: str
    area: Area


# ---------------------------------------------------------------- outlines


def read_arcs(path: Path) -> dict[str, Area]:
    """Return the areas that a file of arcs bounds, by id.

    Each row is a line between two areas: `left` and `right` of its direction, `-` for what
    lies outside.  An area's rings are its arcs put end to end, itself on the left.

    Raises
    ------
    ValueError
        Where the arcs of an area do not close, or make no valid polygon.
    """
    arcs: dict[str, list[list[tuple[float, float]]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            line = []
            for vertex in row["vertices"].split(","):
                longitude, latitude = vertex.split()
                line.append((float(longitude), float(latitude)))
            arcs[row["left"]].append(line)
            arcs[row["right"]].append(line[::-1])
    arcs.pop("-", None)
    return {area_id: _area(_rings(area_id, lines), area_id) for area_id, lines in arcs.items()}


def _rings(
    area_id: str, lines: list[list[tuple[float, float]]]
) -> Iterator[list[tuple[float, float]]]:
    """Put arcs end to end until each ring closes."""
    waiting = {line[0]: line for line in lines}
    if len(waiting) < len(lines):
        message = f"two arcs of {area_id!r} begin at the same vertex: split them elsewhere"
        raise ValueError(message)
    while waiting:
        _, ring = waiting.popitem()
        ring = list(ring)
        while ring[-1] != ring[0]:
            if ring[-1] not in waiting:
                message = f"the outline of {area_id!r} does not go on at {ring[-1]}"
                raise ValueError(message)
            ring += waiting.pop(ring[-1])[1:]
        yield ring


def _area(rings: Iterator[list[tuple[float, float]]], area_id: str) -> Area:
    """Make an area of rings: those that run counter-clockwise are shells, the others holes."""
    shells: list[Polygon] = []
    holes: list[Polygon] = []
    for ring in rings:
        polygon = Polygon(ring)
        (shells if polygon.exterior.is_ccw else holes).append(polygon)
    # Sorted, so that the result does not depend on the order of the arcs.
    shells.sort(key=_place)
    polygons = [
        Polygon(
            shell.exterior,
            [hole.exterior for hole in sorted(holes, key=_place) if shell.contains(hole)],
        )
        for shell in shells
    ]
    area = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    if not shells or not area.is_valid or area.is_empty:
        message = f"the outline of {area_id!r} is not valid: {shapely.is_valid_reason(area)}"
        raise ValueError(message)
    return area


def _place(polygon: Polygon) -> tuple[float, ...]:
    return polygon.bounds


def read_topojson(path: Path) -> list[Feature]:
    """Return the areas of a TopoJSON file, made valid; objects without an area are left out."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = [np.asarray(arc, dtype=float) for arc in topology["arcs"]]
    if transform := topology.get("transform"):
        # Quantized arcs are differences of integers.
        arcs = [
            np.cumsum(arc, axis=0) * transform["scale"] + transform["translate"] for arc in arcs
        ]
    features = []
    for collection in topology["objects"].values():
        for item in collection["geometries"]:
            area = _topojson_area(item, arcs)
            if not area.is_empty:
                name = (item.get("properties") or {}).get("name") or ""
                features.append(Feature(str(item.get("id", "")), name.strip(), area))
    return features


def _topojson_area(item: dict[str, Any], arcs: list[np.ndarray]) -> Area:
    """Return the area of a TopoJSON object; empty where it has none."""
    if item["type"] not in {"Polygon", "MultiPolygon"}:
        return MultiPolygon()
    areas = []
    for indices in [item["arcs"]] if item["type"] == "Polygon" else item["arcs"]:
        rings = []
        for ring in indices:
            # ~i is arc i, backwards; a ring's arcs share their end vertices.
            parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring]
            line = np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
            if len(np.unique(line, axis=0)) >= 3:
                rings.append(_cut(line))
        if rings:
            # Even-odd, since the ring that holds a pole may stand as a hole.
            areas.append(shapely.symmetric_difference(rings[0], shapely.union_all(rings[1:])))
    return polygonal(shapely.union_all(areas))


def _cut(ring: np.ndarray) -> Area:
    """Return the area in a ring, cut at the antimeridian where the ring crosses it."""
    turns = np.round(np.diff(ring[:, 0]) / 360)
    if not turns.any():
        return polygonal(Polygon(ring))
    unrolled = ring.copy()
    unrolled[1:, 0] -= 360 * np.cumsum(turns)
    if round(turns.sum()):
        # Once round the earth: a pole is inside, and the ring closes along it.
        pole = math.copysign(90, ring[:, 1].mean())
        ends = [[unrolled[-1, 0], pole], [unrolled[0, 0], pole]]
        unrolled = np.concatenate([unrolled, ends])
    whole = polygonal(Polygon(unrolled))
    strips = []
    for turn in (-360, 0, 360):
        strip = shapely.intersection(whole, shapely.box(turn - 180, -90, turn + 180, 90))
        strips.append(affinity.translate(strip, xoff=-turn))
    return polygonal(shapely.union_all(strips))


def polygonal(geometry: shapely.Geometry) -> Area:
    """Return the valid polygons of a geometry; lines and points that repairing leaves go."""
    parts = shapely.get_parts(shapely.make_valid(geometry))
    parts = shapely.get_parts(parts)
    polygons = [part for part in parts if isinstance(part, Polygon) and part.area > 0]
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def densify(area: Area) -> Area:
    """Return an outline with no segment longer than `SEGMENT_DEG`, straight in degrees."""
    return shapely.normalize(shapely.segmentize(area, SEGMENT_DEG))


def coarse(area: Area) -> Area:
    """Return an outline on a grid of `GRID_DEG`, valid, with edges still shared.

    What is known to kilometres needs no millimetres, and a power of two compresses to a third.
    """
    snapped = polygonal(shapely.set_precision(area, GRID_DEG))
    return area if snapped.is_empty else snapped


# ---------------------------------------------------------------- measures


def centre(area: Area) -> tuple[float, float]:
    """Return a centre inside an area: the centroid of its largest part, or a point on it."""
    largest = max(shapely.get_parts(area), key=lambda part: part.area)
    point: Point = largest.centroid
    if not largest.contains(point):
        point = largest.representative_point()
    return round(point.x, 4), round(point.y, 4)


def reach(longitude: float, latitude: float, area: Area) -> float:
    """Return how far an area reaches from a point, in metres, never too little.

    Great-circle distance on a sphere of the ellipsoid's greatest radius of curvature (a²/b),
    which bounds the geodesic from above and is at most 1 % more.  It works across the
    antimeridian and the poles.
    """
    coordinates = np.radians(shapely.get_coordinates(area))
    longitudes, latitudes = coordinates[:, 0], coordinates[:, 1]
    lon, lat = math.radians(longitude), math.radians(latitude)
    haversine = (
        np.sin((latitudes - lat) / 2) ** 2
        + math.cos(lat) * np.cos(latitudes) * np.sin((longitudes - lon) / 2) ** 2
    )
    radius = SEMI_MAJOR_M / math.sqrt(1 - ECCENTRICITY_2)
    return float(2 * radius * np.arcsin(np.sqrt(np.clip(haversine, 0, 1))).max())
