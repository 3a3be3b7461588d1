"""What a saved map holds, read back as the page reads it."""

import base64
import gzip
import itertools
import json
import re

import numpy as np

#: Columns of a row that the page has with the place it was found at.
OF_PLACE = {
    "place_name": "name",
    "place_kind": "kind",
    "place_country": "country",
    "place_admin1": "admin1",
    "longitude": "longitude",
    "latitude": "latitude",
    "uncertainty_m": "uncertainty_m",
}


def unpack(page):
    """Return the data of a page: tables as {"length", "columns": {name: list}}, the rest as is."""
    packed = re.search(r'<script type="application/octet-stream"[^>]*>([^<]*)</script>', page)
    return read_block(packed.group(1).strip())


def read_block(packed):
    """Return what `pack` packed."""
    data = base64.b64decode(packed)
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    assert data[:4] == b"GEO1"
    size = int.from_bytes(data[4:8], "little")
    header, rest = json.loads(data[8 : 8 + size]), data[8 + size :]
    held = _read(header, rest)
    if "found" in held.get("rows", {}).get("columns", {}):
        rows, places = held["rows"], held["places"]["columns"]
        for name, own in OF_PLACE.items():
            rows["columns"][name] = [
                None if place is None else places.get(own, {place: ""})[place]
                for place in rows["columns"]["found"]
            ]
    return held


def _read(value, rest):
    if isinstance(value, dict) and "columns" in value:
        return _table(value, rest)
    if isinstance(value, dict) and "at" in value:
        return _numbers(value, rest)
    if isinstance(value, dict):
        return {name: _read(item, rest) for name, item in value.items()}
    if isinstance(value, list):
        return [_read(item, rest) for item in value]
    return value


def _table(spec, rest):
    columns = {}
    for name, column in spec["columns"].items():
        if "text" not in column:
            columns[name] = _numbers(column, rest)
            continue
        texts = _texts(column, rest)
        if "codes" in column:
            columns[name] = [texts[code] for code in _numbers(column["codes"], rest)]
        else:
            columns[name] = texts * spec["length"] if len(texts) == 1 else texts
    for group in spec.get("groups", []):
        codes = _numbers(group["codes"], rest)
        for name, values in _table(group, rest)["columns"].items():
            columns[name] = [values[code] for code in codes]
    return {"length": spec["length"], "columns": columns}


def _texts(column, rest):
    at, size = column["text"]
    if column.get("numbered"):
        begin = rest[at : at + size].decode()
        return [f"{begin}{number:.0f}" for number in _numbers(column["lengths"], rest)]
    units = rest[at : at + size].decode().encode("utf-16-le")
    ends = [2 * end for end in itertools.accumulate(_numbers(column["lengths"], rest))]
    return [
        units[start:end].decode("utf-16-le")
        for start, end in zip([0, *ends[:-1]], ends, strict=True)
    ]


def _numbers(spec, rest):
    width = int(spec["type"][1])
    planes = np.frombuffer(rest, np.uint8, spec["length"] * width, spec["at"])
    values = (
        np.ascontiguousarray(planes.reshape(width, -1).T).view(f"<{spec['type']}").ravel().tolist()
    )
    if spec.get("steps"):
        values = list(itertools.accumulate(values))
    blank, scale, unit = spec.get("blank"), spec.get("scale", 1), spec.get("unit", 1)
    return [
        None if value == blank or value != value else value * unit if scale == 1 else value / scale  # noqa: PLR0124
        for value in values
    ]


def column(table, name):
    """Return a column, None throughout where it is blank throughout."""
    return table["columns"].get(name, [None] * table["length"])
