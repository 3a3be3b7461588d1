"""A toy world on the equator: one degree is 111 km, and every answer can be seen by eye.

::

    lon    0    1    2    3    4    5    6    7    8    9   10
           |--- Westland (WL) ------|---- Eastland (EL) -----|
           |- Alpha -|------ Beta --|                               provinces
           o         o    o    o    o              o
"""

from dataclasses import dataclass, field

import shapely

from geoinc import geodesy, geopackage, toponyms


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
    """Write places as a gazetteer file."""
    geopackage.write(
        path,
        map(_written, entries),
        keys=toponyms.keys,
        key_names=toponyms.Keys._fields,
        metadata=lambda: {
            "schema_version": schema_version,
            "keys_version": keys_version,
            "sources": "toy",
        },
        changed="2024-01-01T00:00:00.000Z",
        repeated=_refuse,
    )


def _refuse(entry):
    raise AssertionError(entry.place_id)


def _written(entry):
    names = {entry.name: "preferred"}
    names |= dict.fromkeys(entry.spellings, "variant") | dict.fromkeys(entry.codes, "code")
    return geopackage.Entry(
        entry.place_id,
        entry.name,
        entry.kind,
        entry.country,
        entry.longitude,
        entry.latitude,
        entry.footprint,
        entry.uncertainty_m,
        entry.admin1,
        position_error_m=entry.position_error_m,
        radius_m=entry.radius_m,
        shape="polygon" if entry.box else f"disc radius_m={entry.uncertainty_m:g}",
        importance=entry.importance,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        source="toy world",
        licence="CC0",
        names=[(text, "", kind) for text, kind in names.items()],
    )
