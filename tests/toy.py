"""A toy world on the equator: one degree is 111 km, and every answer can be seen by eye.

::

    lon    0    1    2    3    4    5    6    7    8    9   10
           |--- Westland (WL) ------|---- Eastland (EL) -----|
           |- Alpha -|------ Beta --|                               provinces
           o         o    o    o    o              o
"""

import sqlite3
import struct
from dataclasses import dataclass, field

import shapely

from geoinc import geodesy, toponyms

PLACES = """
CREATE TABLE places (
    fid INTEGER PRIMARY KEY, geom BLOB, place_id TEXT UNIQUE, name TEXT, kind TEXT, country TEXT,
    admin1 TEXT, longitude REAL, latitude REAL, uncertainty_m REAL, position_error_m REAL,
    boundary_error_m REAL, radius_m REAL, shape TEXT, importance REAL, valid_from TEXT,
    valid_to TEXT, source TEXT, licence TEXT, note TEXT
);
CREATE TABLE names (
    id INTEGER PRIMARY KEY, place_id TEXT, text TEXT, language TEXT, kind TEXT, key_fold TEXT,
    key_core TEXT, key_skeleton TEXT
);
CREATE INDEX names_fold ON names (key_fold);
CREATE INDEX names_core ON names (key_core);
CREATE INDEX names_skeleton ON names (key_skeleton);
CREATE TABLE metadata_geoinc (key TEXT PRIMARY KEY, value TEXT);
"""


@dataclass
class Entry:
    """A place of the toy world; with ``box`` (west, south, east, north) an area, else a disc."""

    place_id: str
    name: str
    kind: str
    country: str
    admin1: str
    longitude: float
    latitude: float
    importance: float = 0.5
    spellings: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    radius_m: float = 2000.0
    position_error_m: float = 500.0
    box: tuple[float, float, float, float] | None = None
    valid_from: str = ""
    valid_to: str = ""
    footprint: object = field(init=False)
    uncertainty_m: float = field(init=False)

    def __post_init__(self):
        if self.box is None:
            self.uncertainty_m = self.radius_m + self.position_error_m
            self.footprint = geodesy.disc(self.longitude, self.latitude, self.uncertainty_m)
        else:
            west, south, east, north = self.box
            self.footprint = shapely.box(west, south, east, north)
            corner_m, _ = geodesy.inverse(self.longitude, self.latitude, west, south)
            self.uncertainty_m = float(corner_m) * 1.001


WORLD = (
    Entry("wl-westland-country", "Westland", "country", "WL", "", 2.5, 0, 1, box=(0, -1, 5, 1)),
    Entry("el-eastland-country", "Eastland", "country", "EL", "", 7.5, 0, 1, box=(5, -1, 10, 1)),
    Entry("wl-alpha-province", "Alpha", "province", "WL", "Alpha", 1, 0, 0.8, box=(0, -1, 2, 1)),
    Entry("wl-beta-province", "Beta", "province", "WL", "Beta", 3.5, 0, 0.8, box=(2, -1, 5, 1)),
    Entry("wl-alpha", "Alpha", "city", "WL", "Alpha", 1, 0, 0.8, ("Ar-Alpha",)),
    Entry("wl-gamma", "Gamma", "town", "WL", "Beta", 3, 0, spellings=("غاما",)),
    Entry("wl-gamma-district", "Gamma", "district", "WL", "Beta", 3, 0, box=(2.8, -0.2, 3.2, 0.2)),
    Entry("wl-gamma-air-base", "Gamma Air Base", "air base", "WL", "Beta", 3, 0.1, 0.7, codes=("TOYG",)),
    Entry("wl-delta", "Delta", "village", "WL", "Beta", 4, 0, 0.2),
    Entry("el-delta", "Delta", "village", "EL", "", 8, 0, 0.2),
    Entry("wl-camp-kilo", "Camp Kilo", "military base", "WL", "Alpha", 0.5, 0, 0.6, valid_from="2003", valid_to="2011-12"),
    Entry("wl-omega-oil-field", "Omega oil field", "oil field", "WL", "Beta", 4.5, 0),
    Entry("el-lambda-airport", "Lambda International Airport", "airport", "EL", "", 6, 0),
)  # fmt: skip


def write_gazetteer(path, entries, *, schema_version="1", keys_version=toponyms.KEYS_VERSION):
    """Write places as a gazetteer file, with the tables that geoinc reads."""
    connection = sqlite3.connect(path)
    connection.executescript(PLACES)
    for fid, entry in enumerate(entries, start=1):
        shape = "polygon" if entry.box else f"disc radius_m={entry.uncertainty_m:g}"
        values = (
            fid, blob(entry.footprint), entry.place_id, entry.name, entry.kind, entry.country,
            entry.admin1, entry.longitude, entry.latitude, entry.uncertainty_m,
            entry.position_error_m, 0.0, entry.radius_m, shape, entry.importance,
            entry.valid_from, entry.valid_to, "toy world", "CC0", "",
        )  # fmt: skip
        connection.execute(f"INSERT INTO places VALUES ({','.join('?' * len(values))})", values)  # noqa: S608 (question marks)
        names = {entry.name: "preferred"}
        names |= dict.fromkeys(entry.spellings, "variant") | dict.fromkeys(entry.codes, "code")
        for text, kind in names.items():
            connection.execute(
                "INSERT INTO names VALUES (NULL, ?, ?, '', ?, ?, ?, ?)",
                (entry.place_id, text, kind, *toponyms.keys(text)),
            )
    metadata = {"schema_version": schema_version, "keys_version": keys_version, "sources": "toy"}
    connection.executemany("INSERT INTO metadata_geoinc VALUES (?, ?)", metadata.items())
    connection.commit()
    connection.close()


def blob(geometry):
    """Return a geometry as a GeoPackage blob without an envelope, little-endian, EPSG:4326."""
    return b"GP" + struct.pack("<BBi", 0, 1, 4326) + shapely.to_wkb(geometry, byte_order=1)
