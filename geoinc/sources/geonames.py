"""GeoNames: dumps of countries and cities, with the alternate names and codes beside them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from geoinc import toponyms
from geoinc.errors import GazetteerError, Problem
from geoinc.geopackage import Entry
from geoinc.sources import extents
from geoinc.sources.divisions import divided, province_named
from geoinc.sources.kinds import importance_of
from geoinc.sources.records import MOST_CHARACTERS, bounded, opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from geoinc.sources.tables import Told

LICENCE = "CC BY 4.0"

#: Columns of a dump; it has no header.
COLUMNS = (
    "geonameid", "name", "asciiname", "alternatenames", "latitude", "longitude", "feature_class",
    "feature_code", "country_code", "cc2", "admin1_code", "admin2_code", "admin3_code",
    "admin4_code", "population", "elevation", "dem", "timezone", "modification_date",
)  # fmt: skip

# ---------------------------------------------------------------- what a place is

# Feature codes (geonames.org/export/codes.html) by kind; settlements, which their people tell
# apart, are not among them.  Codes that are missing name no place of a report: roads, farms,
# bus stops, what has vanished.
_KINDS = {
    code: kind
    for kind, codes in {
        "country": "PCL PCLD PCLF PCLI PCLIX PCLS TERR",
        "province": "ADM1",
        "district": "ADM2 ADM3 ADM4 ADM5 ADMD LTER PRSH ZN",
        "region": "RGN RGNE RGNL AREA LCTY TRB OAS PEN PLN PLAT ZNB INDS",
        "sea": "SEA GULF OCN",
        "strait": "STRT",
        "desert": "DSRT ERG",
        "mountain": "MT MTS PK PKS HLL HLLS RDGE VLC",
        "valley": "VAL VALS WAD WADS GRGE CNYN",
        "river": "STM STMI STMS",
        "lake": "LK LKI LKN LKNI LKS LKSI RSV RSVI LGN",
        "island": "ISL ISLS",
        "quarter": "PPLX",
        "airport": "AIRP AIRF AIRH AIRQ",
        "air base": "AIRB",
        "military base": "INSM MILB NVB BRKS PSTP",
        "camp": "CMP CMPRF",
        "embassy": "DIP",
        "building": "ADMF BLDG BLDO CH CSTL CTHSE CTRM CVNT FT GOVL HSP HSPC HTL MKT MSQE MSTY "
        "MUS PAL SCH SHRN STDM TMPL UNIV",
        "border crossing": "PSTB PSTC",
        "oil field": "OILF",
        "gas field": "GASF",
        "refinery": "OILR OILT GOSP DPOF",
        "port": "PRT HBR",
        "dam": "DAM",
        "power station": "PS PSH PSN",
        "prison": "PRN",
    }.items()
    for code in codes.split()
}
_SETTLEMENTS = frozenset(
    [
        "PPL",
        "PPLA",
        "PPLA2",
        "PPLA3",
        "PPLA4",
        "PPLA5",
        "PPLC",
        "PPLCH",
        "PPLF",
        "PPLG",
        "PPLL",
        "PPLQ",
        "PPLR",
        "PPLS",
        "PPLW",
        "STLMT",
    ],
)
#: Seats of government, whatever their size: the kind, and how well known at least.
_SEATS = {"PPLC": ("city", 1.0), "PPLG": ("city", 0.9), "PPLA": ("city", 0.8),
          "PPLA2": ("town", 0.5), "PPLA3": ("town", 0.4)}  # fmt: skip
_CITY, _TOWN = 100_000, 5_000
_NOTES = {"PPLQ": "abandoned", "PPLW": "destroyed", "AIRQ": "abandoned"}

#: Extent and position error, metres, of what is smaller than most of its kind.  Positions that
#: GeoNames has from the maps of the US agencies are rounded to an arc minute: 2 km.
_SMALL = {
    **dict.fromkeys(["ADMF", "BLDG", "BLDO", "CH", "CSTL", "CTHSE", "CTRM", "CVNT", "FT", "GOVL", "HSP", "HSPC", "HTL", "MKT", "MSQE", "MSTY", "MUS", "PAL", "SCH", "SHRN", "STDM", "TMPL", "AIRH"], (500, 2_000)),
    **dict.fromkeys(["HLL", "PK", "LCTY", "HBR", "PSTP"], (3_000, 2_000)),
    **dict.fromkeys(["INDS", "MT", "OAS", "LK", "LKI", "RSV", "RSVI", "LGN"], (8_000, 3_000)),
    **dict.fromkeys(["AREA", "GRGE", "CNYN", "RDGE", "ADM4", "ADM5", "PRSH"], (15_000, 5_000)),
    **dict.fromkeys(["VAL", "WAD", "STM", "STMI", "ADM3"], (40_000, 10_000)),
}  # fmt: skip
# A settlement's extent by its people: of 350 towns and cities of the curated gazetteer that
# GeoNames gives a population (15,000 to 8 million) half have a radius of less than 67 m times
# population ** 0.34, 95 % of less than 1.5 times that.
_EXTENT_M, _EXTENT_POWER = 100.0, 0.34


def kind_and_extent(code: str, population: int) -> tuple[str, float, float, float]:
    """Return the kind of a feature, its extent and position error, and how well known it is.

    Parameters
    ----------
    code : str
        A feature code of GeoNames.
    population : int
        How many live there; 0 where it is not told.

    Returns
    -------
    kind : str
        One of `geoinc.places.KINDS`; ``""`` where none fits.
    radius_m, position_error_m : float
        Metres; 0 where the default of the kind will do.
    importance : float
        0..1.

    Examples
    --------
    >>> kind_and_extent("PPLA", 1_683_000)
    ('city', 13100.0, 0.0, 0.845)
    >>> kind_and_extent("AIRB", 0), kind_and_extent("BUSTP", 0)[0]
    (('air base', 0, 0, 0.5), '')
    """
    if code not in _SETTLEMENTS:
        kind = _KINDS.get(code, "")
        radius_m, error_m = _SMALL.get(code, (0, 0))
        return kind, radius_m, error_m, importance_of(kind, population)
    size = "city" if population >= _CITY else "town" if population >= _TOWN else "village"
    seat, known = _SEATS.get(code, (size, 0.0))
    kind = "city" if "city" in {size, seat} else seat
    # Up to 100 m, and never less than a hamlet.
    peopled_m = max(-(-_EXTENT_M * population**_EXTENT_POWER // 100) * 100, 500.0)
    return (
        kind,
        peopled_m if population > 0 else 0.0,
        0.0,
        max(importance_of(kind, population), known),
    )


# ---------------------------------------------------------------- reading


def read_geonames(
    path: Path, told: Told, problems: list[Problem], *, beside: Sequence[Path] = ()
) -> Iterator[Entry]:
    """Yield the places of a GeoNames dump whose feature code stands for a kind of geoinc.

    Parameters
    ----------
    path : Path
        A dump of 19 columns: ``IQ.zip`` as downloaded, its ``IQ.txt``, ``allCountries``,
        ``cities500`` and the like, with or without a header.
    told : Told
        What is told of all places together.
    problems : list of Problem
        Gets a problem for each row that is left out, and at the end one that counts the rows
        whose feature code stands for no kind.
    beside : sequence of Path
        More files of GeoNames, known by their columns: ``alternateNamesV2`` (names with their
        language), ``admin1CodesASCII.txt``, ``admin2Codes.txt``.

    Yields
    ------
    Entry
        With the id ``geonames-<geonameid>``.

    Raises
    ------
    GazetteerError
        A file is damaged or not of GeoNames.
    """
    codes: dict[str, str] = {}
    with closing(_temporary()) as alternates:
        for other in beside:
            _read_beside(other, codes, alternates, problems)
        skipped: Counter[str] = Counter()
        entries = (
            _with_alternates(entry, alternates)
            for entry in _entries(path, told, problems, codes, skipped)
        )
        # Without the file of codes the shipped outlines tell the province.
        yield from entries if codes else divided(entries)
    if skipped:
        most = ", ".join(f"{code or 'none'} {n:,}" for code, n in skipped.most_common(8))
        why = f"left out: {skipped.total():,} rows have feature codes of no kind of place here: {most}"
        problems.append(Problem(None, "feature_code", "", why))


def _rows(path: Path, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a dump that have its columns, with their numbers."""
    with opened(path) as file:
        for number, line in bounded(file, problems):
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) == len(COLUMNS) and cells[0] != COLUMNS[0]:
                yield number, cells
            elif line.strip() and cells[0] != COLUMNS[0]:
                why = f"left out: it has {len(cells)} columns, a row of GeoNames has {len(COLUMNS)}"
                problems.append(Problem(number, "", line[:40].strip(), why))


def _entries(
    path: Path,
    told: Told,
    problems: list[Problem],
    codes: Mapping[str, str],
    skipped: Counter[str],
) -> Iterator[Entry]:
    for number, cells in _rows(path, problems):
        try:
            entry = _entry(number, cells, told, codes, problems)
        except ValueError as error:
            problems.append(Problem(number, "", cells[1][:40], f"left out: {error}"))
            continue
        if entry is None:
            skipped[cells[7]] += 1
        else:
            yield entry


def _with_alternates(entry: Entry, alternates: sqlite3.Connection) -> Entry:
    """Return a place with its names again, now with their languages, and those it lacked."""
    query = "SELECT text, language, kind FROM names WHERE geonameid = ?"
    geonameid = entry.place_id.removeprefix("geonames-")
    others = {name[0]: name for name in entry.names[1:]}
    others |= {name[0]: name for name in alternates.execute(query, (geonameid,))}
    others.pop(entry.name, None)
    entry.names[1:] = others.values()
    return entry


def _entry(
    number: int, cells: Sequence[str], told: Told, codes: Mapping[str, str], problems: list[Problem]
) -> Entry | None:
    """Return the place of a row, None where it is of no kind.

    Raises
    ------
    ValueError
        A cell cannot be read.
    """
    geonameid, name, plain, others, latitude, longitude, _, code, country, _, admin1, admin2 = (
        cells[:12]
    )
    population = int(cells[14] or 0)
    entry = settled(
        geonameid,
        name or plain,
        others.split(","),
        position=(longitude, latitude),
        code=code,
        country=country,
        population=population,
    )
    if entry is None:
        return None
    if not geonameid.isdigit():
        msg = f"the geonameid {geonameid!r} is no number"
        raise ValueError(msg)
    entry.row = number
    if any(_SPOILT in text for text, _, _ in entry.names):
        problems.append(Problem(number, "name", name[:40], "broken UTF-8: such names are left out"))
        entry.names = [name for name in entry.names if _SPOILT not in name[0]]
        if _SPOILT in entry.name:
            if not plain or _SPOILT in plain:
                msg = "its name is broken UTF-8"
                raise ValueError(msg)
            entry.name = plain
            entry.names = [(plain, "", "preferred"), *(n for n in entry.names if n[0] != plain)]
    if admin1 and (division := codes.get(f"{country}.{admin1}")):
        entry.admin1 = province_named(division, country)
    if admin2 and (district := codes.get(f"{country}.{admin1}.{admin2}")):
        entry.admin2 = district
    entry.licence = told.licence or LICENCE
    if told.radius_m is not None:
        entry.radius_m = told.radius_m
    if told.position_error_m is not None:
        entry.position_error_m = told.position_error_m
    extents.fill_extent(entry, rounded_m=extents.rounding_m(longitude, latitude))
    return entry


_SPOILT = "\N{REPLACEMENT CHARACTER}"


def settled(
    geonameid: str | int,
    name: str,
    others: Iterable[str],
    *,
    position: tuple[str | float, str | float],
    code: str,
    country: str,
    population: int,
) -> Entry | None:
    """Return a feature of GeoNames as a place, extent and errors left to the defaults of its kind.

    Parameters
    ----------
    geonameid : str or int
        Its number.
    name : str
        Its name.
    others : iterable of str
        Its alternate names, in any script, codes of airports among them.
    position : (float, float)
        Longitude and latitude, degrees.
    code : str
        Its feature code.
    country : str
        ISO 3166-1 alpha-2 code.
    population : int
        0 where it is not told.

    Returns
    -------
    Entry or None
        None where its code stands for no kind.

    Raises
    ------
    ValueError
        The name is empty, or the position is none.
    """
    kind, radius_m, error_m, importance = kind_and_extent(code, population)
    if not kind:
        return None
    if not name.strip():
        msg = "it has no name"
        raise ValueError(msg)
    longitude, latitude = map(float, position)
    extents.checked_position(longitude, latitude)
    notes = [_NOTES[code]] if code in _NOTES else []
    if radius_m and code in _SETTLEMENTS:
        notes.append(f"extent assumed of {population:,} people")
    return Entry(
        f"geonames-{geonameid}",
        name.strip(),
        kind,
        country,
        longitude,
        latitude,
        radius_m=radius_m,
        position_error_m=error_m,
        importance=importance,
        source=f"GeoNames {geonameid}",
        licence=LICENCE,
        note="; ".join(notes),
        names=list(_names(name.strip(), others)),
    )


def _names(name: str, others: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield a name and its others, but for those that case and accents alone tell from it."""
    yield name, "", "preferred"
    seen = {toponyms.fold(name)}
    for other in others:
        text = other.strip()
        key = toponyms.fold(text)
        if key and key not in seen:
            seen.add(key)
            yield text, "", _kind_of_name(text)


def _kind_of_name(text: str) -> str:
    if not text.isascii():
        # Latin letters with marks are below U+0250; beyond are other scripts.
        return "native" if any(char.isalpha() and char > "\u024f" for char in text) else "variant"
    return "code" if 2 <= len(text) <= 4 and text.isalpha() and text.isupper() else "variant"


# ---------------------------------------------------------------- the files beside a dump

#: Languages of alternateNamesV2 that are none: links and numbers are no names, codes are codes.
_NO_NAMES = frozenset(("link", "wkdt", "post", "tcid", "phon"))
_CODES = frozenset(("iata", "icao", "faac", "unlc"))


def _temporary() -> sqlite3.Connection:
    """Return a table for alternate names on disk, of which there are millions."""
    connection = sqlite3.connect("")
    connection.execute("CREATE TABLE names (geonameid TEXT, text TEXT, language TEXT, kind TEXT)")
    return connection


def _read_beside(
    path: Path, codes: dict[str, str], alternates: sqlite3.Connection, problems: list[Problem]
) -> None:
    """Read codes of divisions or alternate names, whichever a file holds."""
    with opened(path) as file:
        width = len(file.readline(MOST_CHARACTERS).split("\t"))
    with opened(path) as file:
        rows = (line.rstrip("\r\n").split("\t") for _, line in bounded(file, problems))
        if width == 4:
            codes.update({cells[0]: cells[1] for cells in rows if len(cells) == 4})
        elif width in {8, 10}:
            alternates.executemany(
                "INSERT INTO names VALUES (?, ?, ?, ?)", (name for c in rows for name in _named(c))
            )
            alternates.execute("CREATE INDEX names_of ON names (geonameid)")
        else:
            msg = (
                f"{path.name!r} is neither alternateNamesV2 nor codes of divisions of GeoNames: "
                f"its first row has {width} columns"
            )
            raise GazetteerError(msg)


def _named(cells: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    if len(cells) < 8 or not cells[3].strip() or cells[2] in _NO_NAMES:
        return
    geonameid, language, text = cells[1], cells[2], cells[3].strip()
    if language in _CODES:
        yield geonameid, text, "", "code"
    elif _SPOILT not in text:
        yield geonameid, text, "" if language == "abbr" else language, _kind_of_name(text)
