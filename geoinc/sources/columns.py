"""Which column of a table of places is what: said by the user, or known by its usual name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geoinc.errors import GazetteerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: What a column can be, once in a table.
SINGLE = (
    "place_id", "id", "name", "kind", "country", "admin1", "admin2", "longitude", "latitude", "wkt",
    "radius_m", "position_error_m", "boundary_error_m", "importance", "population",
    "valid_from", "valid_to", "source", "licence", "note",
)  # fmt: skip
#: What several columns can be.  ``native:ar`` is a name in Arabic, ``native:@lang1`` one in the
#: language that the column ``lang1`` says; ``native`` alone holds ``ar:...;ckb:...``.
SEVERAL = ("spellings", "native", "codes", "code")

# Usual names of columns, folded; of several in a table the first is taken.
_USUAL = {
    "place_id": "place_id",
    "id": "id pcode fid ident geonameid osm_id uid objectid",
    "name": "name_en name_eng nam_en english_name nameenglish name title place_name placename "
    "toponym place locality settlement city town village shapename asciiname name_ascii",
    "kind": "kind place_type feature_type settlement_type type featuretype engtype",
    "country": "country country_code countrycode iso_country iso_a2 iso2 cc ccode ccodes cntry_name",
    "admin1": "admin1 adm1 state province governorate state_province muhafaza",
    "admin2": "admin2 adm2 county district qada",
    "longitude": "longitude lon lng long longitude_deg decimallongitude x point_x lon_dd x_coord",
    "latitude": "latitude lat latitude_deg decimallatitude y point_y lat_dd y_coord",
    "wkt": "wkt geowkt geom_wkt footprintwkt geometry",
    "radius_m": "radius_m",
    "position_error_m": "position_error_m coordinateuncertaintyinmeters",
    "boundary_error_m": "boundary_error_m",
    "importance": "importance",
    "population": "population pop pop_est",
    "valid_from": "valid_from",
    "valid_to": "valid_to",
    "source": "source",
    "licence": "licence license",
    "note": "note notes",
}
_USUAL_SEVERAL = {
    "spellings": "spellings variants aliases alias alt_name alternatenames alternate_names "
    "old_name int_name nam_en_ref name_ref ref_name name_alt name_long varname keywords",
    "native": "native",
    "codes": "codes",
    "code": "pcode iata iata_code icao icao_code iso_3166_2 shapeiso hasc",
}
_LANGUAGES = {
    "ara": "ar", "arabic": "ar", "per": "fa", "fas": "fa", "heb": "he", "kur": "ku", "tur": "tr",
    "rus": "ru", "ukr": "uk", "fra": "fr", "fre": "fr", "spa": "es", "por": "pt", "deu": "de",
} | {code: code for code in ["ar", "ckb", "de", "el", "es", "fa", "fr", "he", "hi", "hy", "id", "it", "ja", "ka", "ko", "ku", "nl", "pl", "ps", "pt", "ru", "so", "sv", "sw", "tr", "uk", "ur", "vi", "zh"]}  # fmt: skip
_NAME_IN = re.compile(r"(?:name|nam)[_: ]?([a-z]{2,6})")
# "ADM1_EN", "admin2Name_ar", "adm1_name1", "ADMIN1_COD", "NAME_1", "VARNAME_1"
_DIVISION = re.compile(r"adm(?:in)?_?([0-5])_?(.*)")
_GADM = re.compile(r"(name|nl_name|varname|gid|hasc|engtype)_([0-5])")
_GADM_PARTS = {"name": "en", "nl_name": "native", "varname": "alt", "gid": "", "hasc": "pcode"}

_KIND_OF_LEVEL = {0: "country", 1: "province"}


def matched(
    header: Sequence[str], columns: Mapping[str, str] | None, file: str
) -> tuple[dict[str, str], str]:
    """Return what each column of a table is, and the kind of place that the columns tell of.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    columns : mapping of str to str, optional
        What the user says of columns; the others are known by their usual names.
    file : str
        Name of the table, for messages.

    Returns
    -------
    columns : dict of str to str
        Of each column that says something its meaning: one of `SINGLE` or `SEVERAL`.
    kind : str
        ``"country"``, ``"province"`` or ``"district"`` of a table of divisions, else ``""``.

    Raises
    ------
    GazetteerError
        The user names a column that is not there or a meaning that does not exist, two
        columns are meant to be the same, or no column is the name.

    Examples
    --------
    >>> matched(["ADM1_EN", "ADM1_AR", "ADM0_PCODE"], None, "irq.shp")[1]
    'province'
    """
    said = dict(columns or {})
    _check(said, header, file)
    free = {_folded(column): column for column in header if column not in said}
    known = _recognised(free, set(said.values()))
    divisions, kind = _divisions(free, [*said.values(), *known.values()])
    known = said | known | {column: what for column, what in divisions.items() if column in header}
    if "name" not in known.values():
        listed = ", ".join(map(repr, header[:20]))
        msg = (
            f"{file!r} has no column that is known to be the name of the place; "
            f"say which: columns={{'...': 'name'}}; it has {listed}"
        )
        raise GazetteerError(msg)
    return known, kind


def _check(said: Mapping[str, str], header: Sequence[str], file: str) -> None:
    missing = [column for column in said if column not in header]
    if missing:
        listed = ", ".join(map(repr, header[:20]))
        msg = f"{file!r} has no column {missing[0]!r}; it has {listed}"
        raise GazetteerError(msg)
    for column, what in said.items():
        if what not in {*SINGLE, *SEVERAL} and not what.startswith("native:"):
            listed = ", ".join([*SINGLE, *SEVERAL, "native:ar"])
            msg = f"columns={{{column!r}: {what!r}}}: a column can be {listed}"
            raise GazetteerError(msg)
    for what in SINGLE:
        both = [column for column in said if said[column] == what]
        if len(both) > 1:
            msg = f"columns= says that {both[0]!r} and {both[1]!r} are both {what!r}"
            raise GazetteerError(msg)


def _folded(column: str) -> str:
    return re.sub(r"[\s.\-]+", "_", column.strip()).casefold()


def _recognised(free: Mapping[str, str], said: Iterable[str]) -> dict[str, str]:
    """Return what columns are by their usual names."""
    found: dict[str, str] = {}
    for what, names in _USUAL.items():
        usual = [free[name] for name in names.split() if name in free]
        usual = [column for column in usual if column not in found]
        if usual and what not in said:
            found[usual[0]] = what
        if what == "name":
            # "name" beside "name_en": another spelling.
            found |= dict.fromkeys((column for column in usual if column not in found), "spellings")
    for what, names in _USUAL_SEVERAL.items():
        for name in names.split():
            column = free.get(name)
            if column is not None:
                found.setdefault(column, what)
    if "valid_from" not in found.values():
        # OCHA's boundaries have a "valid_to" of the file, not of the places.
        found = {column: what for column, what in found.items() if what != "valid_to"}
    for name, column in free.items():
        match = _NAME_IN.fullmatch(name)
        if match and match[1] in _LANGUAGES and column not in found:
            found[column] = f"native:{_LANGUAGES[match[1]]}"
    return found


def _divisions(free: Mapping[str, str], done: Iterable[str]) -> tuple[dict[str, str], str]:
    """Return what columns named after administrative levels are, and the kind of the lowest."""
    parts: dict[int, dict[str, str]] = {}
    for name, column in free.items():
        if match := _DIVISION.fullmatch(name):
            parts.setdefault(int(match[1]), {})[column] = _part(match[2])
        elif match := _GADM.fullmatch(name):
            parts.setdefault(int(match[2]), {})[column] = _GADM_PARTS.get(match[1], "")
    taken = set(done)
    # Without another name the table is of its lowest divisions.
    named = [level for level, columns in parts.items() if "en" in columns.values()]
    own = max(named, default=None) if "name" not in taken else None
    found = {} if own is None else _own_columns(parts.pop(own), taken)
    for level, what, wanted in (
        (0, "country", "pcode"),
        (0, "country", "en"),
        (1, "admin1", "en"),
        (2, "admin2", "en"),
    ):
        for column, part in parts.get(level, {}).items():
            if part == wanted and what not in taken:
                found[column] = what
                taken.add(what)
    return found, "" if own is None else _KIND_OF_LEVEL.get(own, "district")


def _own_columns(parts: Mapping[str, str], taken: set[str]) -> dict[str, str]:
    """Return what the columns of the divisions themselves are; `taken` grows by them."""
    found = {}
    for column, part in parts.items():
        what = {"en": "name", "alt": "spellings", "pcode": "id"}.get(part, part)
        if what in taken:
            what = {"name": "spellings", "id": "code"}.get(what, "")
        if what:
            found[column] = what
            taken |= {what} & set(SINGLE)
    return found


def _part(suffix: str) -> str:
    """Return what the rest of a division's column is: en, alt, pcode, native:..., or ``""``."""
    suffix = suffix.removeprefix("name").removeprefix("_") if suffix != "name" else "en"
    if suffix in {"en", "eng", ""}:
        return "en"
    if suffix in {"pcode", "pcod", "cod", "code"}:
        return "pcode"
    if suffix.isdigit():  # adm1_name1 is in the language of the column lang1
        return f"native:@lang{suffix}"
    if suffix in _LANGUAGES:
        return f"native:{_LANGUAGES[suffix]}"
    if suffix.startswith(("ref", "alt")):
        return "alt"
    return ""
