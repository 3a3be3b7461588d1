"""The file of a gazetteer, read: a GeoPackage, asked by indexed queries, nothing loaded first."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import shapely

from geoinc import geopackage, toponyms
from geoinc.errors import GazetteerError
from geoinc.matching import Row
from geoinc.places import Place


class Store:
    """One GeoPackage, read only; a connection for each thread and process that asks."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._local = threading.local()
        if not self.path.is_file():
            msg = f"there is no gazetteer file at {str(path)!r}"
            raise GazetteerError(msg)
        try:
            self.metadata = dict(self._rows("SELECT key, value FROM metadata_geoinc"))
        except sqlite3.Error as error:
            msg = f"{self.path.name!r} is not a gazetteer of geoinc ({error})"
            raise GazetteerError(msg) from error
        for key, ours in (
            ("schema_version", geopackage.SCHEMA_VERSION),
            ("keys_version", toponyms.KEYS_VERSION),
        ):
            theirs = self.metadata.get(key, "")
            if theirs != ours:
                msg = (
                    f"{self.path.name!r} has {key} {theirs!r}, this geoinc reads {ours!r}: "
                    "build the gazetteer again with this version"
                )
                raise GazetteerError(msg)

    def _rows(self, sql: str, *values: object) -> list[Any]:
        # A connection is of no use in a forked process.
        if getattr(self._local, "process", None) != os.getpid():
            uri = self.path.resolve().as_uri() + "?mode=ro&immutable=1"
            self._local.connection = sqlite3.connect(uri, uri=True)
            self._local.process = os.getpid()
        rows: list[Any] = self._local.connection.execute(sql, values).fetchall()
        return rows

    _NAMES = (
        "SELECT n.text, n.kind, p.place_id, p.name, p.kind, p.country, p.admin1, p.longitude, "
        "p.latitude, p.uncertainty_m, p.importance, p.valid_from, p.valid_to "
        "FROM names AS n JOIN places AS p ON p.place_id = n.place_id "
    )

    def by_fold(self, key: str) -> list[Row]:
        return [Row(*row) for row in self._rows(self._NAMES + "WHERE n.key_fold = ?", key)]

    def by_core(self, key: str) -> list[Row]:
        return [Row(*row) for row in self._rows(self._NAMES + "WHERE n.key_core = ?", key)]

    def by_skeleton(self, key: str) -> list[Row]:
        return [Row(*row) for row in self._rows(self._NAMES + "WHERE n.key_skeleton = ?", key)]

    def alike(self, keys: toponyms.Keys) -> list[tuple[str, str, int]]:
        """Return core, skeleton and id of the names that begin and end about where this does."""
        length = len(keys.skeleton)
        slack = max(1, length // 2)
        first = keys.skeleton[:1]
        return self._rows(
            "SELECT key_core, key_skeleton, id FROM names WHERE key_skeleton >= ? "
            "AND key_skeleton < ? AND length(key_skeleton) BETWEEN ? AND ? AND kind != 'code'",
            first,
            first + "\U0010ffff",
            length - slack,
            length + slack,
        )

    def by_name_id(self, name_id: int) -> Row:
        return Row(*self._rows(self._NAMES + "WHERE n.id = ?", name_id)[0])

    def country_code(self, name: str) -> str:
        """Return the ISO code of a country by its name, or ``""``."""
        for row in self.by_fold(toponyms.fold(name)):
            if row.kind == "country":
                return row.country
        return ""

    def place(self, place_id: str) -> Place | None:
        columns = (
            "geom, name, kind, longitude, latitude, uncertainty_m, position_error_m, "
            "boundary_error_m, country, admin1, source, licence, valid_from, valid_to, shape"
        )
        rows = self._rows(f"SELECT {columns} FROM places WHERE place_id = ?", place_id)  # noqa: S608 (constant columns)
        if not rows:
            return None
        geometry, *values = rows[0]
        names = columns.split(", ")[1:]
        return Place(
            place_id=place_id,
            footprint=_footprint(geometry),
            **dict(zip(names, values, strict=True)),
        )

    def __contains__(self, place_id: object) -> bool:
        return bool(self._rows("SELECT 1 FROM places WHERE place_id = ?", place_id))

    def __len__(self) -> int:
        return int(self._rows("SELECT count(*) FROM places")[0][0])


def _footprint(blob: bytes) -> Any:
    """Return the geometry of a GeoPackage blob (OGC 12-128r18, clause 2.1.3): header, then WKB."""
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[blob[3] >> 1 & 7]
    return shapely.from_wkb(blob[8 + envelope :])
