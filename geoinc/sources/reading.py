"""Read places from any of the usual files, whatever format they are in."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geoinc.errors import GazetteerError, Problem, SchemaError
from geoinc.places import KINDS
from geoinc.reports import read_text_table
from geoinc.sources import features, geonames, linked_places, ourairports
from geoinc.sources.columns import matched
from geoinc.sources.detecting import FORMATS, detected
from geoinc.sources.kinds import country_code
from geoinc.sources.loading import load_gazetteer
from geoinc.sources.records import read_records
from geoinc.sources.storing import cached_path, opened, stored
from geoinc.sources.tables import TableRow, Told, entries_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from geoinc.gazetteer import Gazetteer
    from geoinc.geopackage import Entry

#: Terms of sources that have one and the same.
_LICENCES = {"ourairports": ourairports.LICENCE, "geonames": geonames.LICENCE}


def read_gazetteer(
    source: str | os.PathLike[str] | pd.DataFrame,
    *,
    format: str | None = None,  # noqa: A002  # the word of the field
    columns: Mapping[str, str] | None = None,
    country: str = "",
    kind: str = "",
    radius_m: float | None = None,
    position_error_m: float | None = None,
    boundary_error_m: float | None = None,
    licence: str = "",
    layer: str | None = None,
    beside: Sequence[str | os.PathLike[str]] = (),
    path: str | os.PathLike[str] | None = None,
) -> Gazetteer:
    """Read places from a file of any usual format, or from a few rows of a DataFrame.

    The places are written once into a GeoPackage with search keys, in the user's cache unless
    ``path`` says where; the same content is not read twice.  Precision is never invented:
    where neither a column nor an argument says how large a place is or how well its position
    is known, it gets the cautious default of its kind (`geoinc.sources.extents`), no less
    than what its coordinates are rounded by, and its ``note`` says so.

    Parameters
    ----------
    source : path or DataFrame
        GeoNames (the dump of a country, zip as downloaded), OurAirports, Linked Places (JSON
        and TSV), GeoJSON, GeoPackage, Shapefile and what else GDAL reads, CSV, TSV, Excel;
        or a DataFrame or GeoDataFrame.
    format : str, optional
        One of ``geoinc``, ``geonames``, ``ourairports``, ``linked-places``, ``lp-tsv``,
        ``geojson``, ``features``, ``excel``, ``table``; by default seen from the content.
    columns : mapping of str to str, optional
        What columns are: ``{"NAME_EN": "name", "NAME_ARA": "native:ar"}``.  Others are known
        by their usual names (``metadata["columns"]`` says which).
    country : str
        ISO 3166-1 alpha-2 code or name, where no column says it.
    kind : str
        One of `geoinc.places.KINDS`, where no column says it.
    radius_m : float, optional
        Extent of the places that are points, metres.
    position_error_m : float, optional
        How far points may be off, metres.
    boundary_error_m : float, optional
        How far outlines may be off, metres; 10 km by default.
    licence : str
        Terms of the source; travels with every place.
    layer : str, optional
        Layer of a file that has several, sheet of an Excel file.
    beside : sequence of path
        Files that belong to a dump of GeoNames: ``alternateNamesV2``, ``admin1CodesASCII.txt``,
        ``admin2Codes.txt``.
    path : path, optional
        Where to write the GeoPackage.

    Returns
    -------
    Gazetteer
        ``metadata["problems"]`` lists rows left out, names lost and what was assumed; rows
        are also warned of.

    Raises
    ------
    GazetteerError
        The file cannot be read, its format is not known, or it holds no place.

    Examples
    --------
    >>> import pandas as pd
    >>> import geoinc as gi
    >>> rows = pd.DataFrame({
    ...     "name": ["Camp Example"], "longitude": [43.51], "latitude": [33.38],
    ... })
    >>> own = gi.read_gazetteer(rows, kind="military base", country="IQ", position_error_m=500)
    >>> own.search("Camp Example").loc[0, "kind"]
    'military base'
    """
    told = _told(
        "table" if isinstance(source, pd.DataFrame) else Path(source).name,
        licence=licence,
        country=country,
        kind=kind,
        radius_m=radius_m,
        position_error_m=position_error_m,
        boundary_error_m=boundary_error_m,
    )
    of = source if isinstance(source, pd.DataFrame) else Path(source)
    others = list(map(Path, beside))
    if format is not None and format not in FORMATS:
        msg = f"format={format!r}: it is one of {', '.join(map(repr, FORMATS))}"
        raise GazetteerError(msg)
    what = "frame" if isinstance(of, pd.DataFrame) else format or detected(of)
    if what == "geoinc" and isinstance(of, Path):
        return load_gazetteer(of)
    if path is None:
        options = (what, sorted((columns or {}).items()), told, layer)
        path = cached_path(told.prefix, [of, *others], options)
        if path.is_file():
            return opened(path, told.source)
    problems: list[Problem] = []
    metadata = {"format": what}
    entries = _entries(
        of, what, told, problems, columns=columns, layer=layer, beside=others, metadata=metadata
    )
    return stored(
        Path(path), entries, problems, name=told.source, source=told.source,
        licence=told.licence or _LICENCES.get(what, ""), metadata=metadata,
    )  # fmt: skip


def _told(
    name: str,
    *,
    licence: str,
    country: str,
    kind: str,
    radius_m: float | None,
    position_error_m: float | None,
    boundary_error_m: float | None,
) -> Told:
    """Return what is told of all places, checked."""
    if kind and kind not in KINDS:
        msg = f"kind={kind!r}: it is one of {', '.join(map(repr, KINDS))}"
        raise GazetteerError(msg)
    code = country_code(country) if country else ""
    if country and not code:
        msg = f"country={country!r}: no country is called so"
        raise GazetteerError(msg)
    for argument, metres in (
        ("radius_m", radius_m),
        ("position_error_m", position_error_m),
        ("boundary_error_m", boundary_error_m),
    ):
        if metres is not None and not metres > 0:
            msg = f"{argument}={metres!r}: metres, more than 0"
            raise GazetteerError(msg)
    prefix = re.sub(r"[^a-z0-9]+", "-", name.partition(".")[0].casefold()).strip("-")
    return Told(
        prefix or "places", name, licence, code, kind, radius_m, position_error_m, boundary_error_m
    )


# ---------------------------------------------------------------- the readers


def _entries(
    of: Path | pd.DataFrame,
    what: str,
    told: Told,
    problems: list[Problem],
    *,
    columns: Mapping[str, str] | None,
    layer: str | None,
    beside: Sequence[Path],
    metadata: dict[str, str],
) -> Iterator[Entry]:
    """Return the places of a source."""
    if isinstance(of, pd.DataFrame):
        if isinstance(of, gpd.GeoDataFrame):
            of = features.in_wgs84(of, told.source)
        return _mapped(features.frame_rows(of, first=2), columns, told, problems, metadata=metadata)
    if what == "geonames":
        return geonames.read_geonames(of, told, problems, beside=beside)
    if what == "ourairports":
        return ourairports.read_ourairports(of, replace(told, prefix=what), problems)
    if what == "lp-tsv":
        return linked_places.read_lp_tsv(of, told, problems)
    if what in {"geojson", "linked-places"}:
        data = features.read_json(of)
        if what == "linked-places" or (columns is None and linked_places.is_linked_places(data)):
            metadata["format"] = "linked-places"
            return linked_places.read_lpf(data, told, problems)
        rows = features.geojson_rows(data, problems, of.name)
    elif what == "features":
        rows = features.frame_rows(features.read_features(of, layer), first=1)
    elif what == "excel":
        rows = _excel_rows(of, layer)
    else:
        rows = (TableRow(*record) for record in read_records(of, problems))
    return _mapped(rows, columns, told, problems, metadata=metadata)


def _mapped(
    rows: Iterator[TableRow],
    columns: Mapping[str, str] | None,
    told: Told,
    problems: list[Problem],
    *,
    metadata: dict[str, str],
) -> Iterator[Entry]:
    """Yield the places of a table whose columns must be known first."""
    first = next(rows, None)
    if first is None:
        return
    header = list(first.cells)
    known, kind = matched(header, columns, told.source)
    metadata["columns"] = "; ".join(f"{column!r} as {meaning}" for column, meaning in known.items())
    if kind and not told.kind:
        told = replace(told, kind=kind)
    yield from entries_of(_chain(first, rows), known, told, problems)


def _chain(first: TableRow, rows: Iterator[TableRow]) -> Iterator[TableRow]:
    yield first
    yield from rows


def _excel_rows(path: Path, sheet: str | None) -> Iterator[TableRow]:
    try:
        read = read_text_table(path, sheet)
    except SchemaError as error:
        raise GazetteerError(*error.args) from error
    names = list(read.table.columns)
    for number, cells in zip(
        read.numbers.tolist(), read.table.itertuples(index=False), strict=True
    ):
        yield TableRow(
            number, {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
        )
