"""Layers as KML, for Google Earth: points, areas and links in folders, each with its record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pandas as pd
import shapely

from geoinc.exchange.tables import TABLES
from geoinc.progress import watched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

    from geoinc.schema import Layers

#: What XML 1.0 cannot hold.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Colours as KML has them: opacity, blue, green, red.
_STYLES = {
    "launches": {"IconStyle": "ff005ed5"},
    "targets": {"IconStyle": "ffb27200"},
    "impacts": {"IconStyle": "ff862a5b"},
    "places": {"LineStyle": "ffb27200", "PolyStyle": "22b27200"},
    "links": {"LineStyle": "ff49413c"},
}
#: What a table's features are called by.
_TITLES = {"places": "name", "links": "launch_place"}


def write_kml(layers: Layers, lines: gpd.GeoDataFrame, path: Path, named: Sequence[str]) -> None:
    """Write a KML file: what has no place is in it as well, without a point.

    Parameters
    ----------
    layers : Layers
        What to write.
    lines : geopandas.GeoDataFrame
        The links.
    path : path
        A new file.
    named : sequence of str
        Who is to be named where the data are used.
    """
    root = ET.Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    document = ET.SubElement(root, "Document")
    _text(document, "name", path.stem)
    _text(document, "description", "\n".join(named))
    for name, colours in _STYLES.items():
        style = ET.SubElement(document, "Style", id=name)
        for part, colour in colours.items():
            _text(ET.SubElement(style, part), "color", colour)
    tables = {name: getattr(layers, name).reset_index() for name in TABLES} | {"links": lines}
    for name, table in tables.items():
        folder = ET.SubElement(document, "Folder")
        _text(folder, "name", name)
        shapes = table.geometry.to_numpy()
        records = pd.DataFrame(table.drop(columns=table.geometry.name)).astype(object)
        rows = zip(records.where(records.notna(), None).to_dict("records"), shapes, strict=True)
        for record, shape in watched(rows, f"writing {name}", len(table)):
            _placemark(folder, name, record, shape)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _placemark(folder: ET.Element, name: str, record: dict[Any, Any], shape: Any) -> None:
    mark = ET.SubElement(folder, "Placemark")
    title = record.get(_TITLES.get(name, "place_name")) or record.get("place") or ""
    _text(mark, "name", str(title))
    # Google Earth shows a blank snippet instead of the first words of the record.
    ET.SubElement(mark, "Snippet", maxLines="0")
    start, end = record.get("date_start"), record.get("date_end")
    if start is not None or end is not None:
        span = ET.SubElement(mark, "TimeSpan")
        for word, day in (("begin", start), ("end", end)):
            if day is not None:
                _text(span, word, f"{day:%Y-%m-%d}")
    _text(mark, "styleUrl", f"#{name}")
    data = ET.SubElement(mark, "ExtendedData")
    for column, value in record.items():
        if value is not None:
            one = ET.SubElement(data, "Data", name=_NO_XML.sub("�", str(column)))
            _text(one, "value", str(value))
    if shape is not None:
        mark.append(_geometry(shape))


def _geometry(shape: Any) -> ET.Element:
    """Return a shape as KML has it."""
    if shape.geom_type.startswith("Multi"):
        many = ET.Element("MultiGeometry")
        many.extend(_geometry(part) for part in shape.geoms)
        return many
    if shape.geom_type == "Polygon":
        polygon = ET.Element("Polygon")
        for boundary, rings in (
            ("outerBoundaryIs", [shape.exterior]), ("innerBoundaryIs", shape.interiors),
        ):  # fmt: skip
            for ring in rings:
                _coordinates(ET.SubElement(ET.SubElement(polygon, boundary), "LinearRing"), ring)
        return polygon
    element = ET.Element(shape.geom_type)  # Point, LineString: the words are the same
    if shape.geom_type == "LineString":
        _text(element, "tessellate", "1")  # over the ground, not through it
    _coordinates(element, shape)
    return element


def _coordinates(element: ET.Element, shape: Any) -> None:
    points = shapely.get_coordinates(shape).tolist()
    _text(
        element,
        "coordinates",
        " ".join(f"{longitude!r},{latitude!r}" for longitude, latitude in points),
    )


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _NO_XML.sub("�", text)
