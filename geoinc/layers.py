"""Reports and a gazetteer make layers; layers can be kept in a file."""

from __future__ import annotations

import os
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from rich.console import Console
from rich.progress import Progress

from geoinc.errors import GazetteerError, Problem, SchemaError
from geoinc.geodesy import disc
from geoinc.georeferencing import Resolution, georeference
from geoinc.localities import ANAPHORA, mentions_anaphor
from geoinc.places import LICENCE_CURATED, Place, places_frame
from geoinc.reports import parse_counts, read_reports, split_places
from geoinc.schema import DERIVED_COLUMNS, LAYER_COLUMNS, ROLES, Layers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geoinc.gazetteer import Search

_NO_COORDINATES = "unknown: no coordinates, or none on earth, or no uncertainty above 0 m"

#: Fewer distinct texts than this are placed before a reader would look up.
_PROGRESS_FROM = 300


def locate(
    reports: pd.DataFrame,
    gazetteer: Search,
    *,
    errors: Literal["coerce", "raise"] = "coerce",
) -> Layers:
    """Place every launch, target and impact that reports tell of.

    Distinct texts are looked up once.  In launches and impacts "the base",
    "the airport" or "nearby" mean the target of the same row.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`; a plain table is read by it first.
    gazetteer : Gazetteer
        Or anything with its ``search`` and ``place``.
    errors : {"coerce", "raise"}
        What to do about places that cannot be resolved: keep them and say so
        in ``place_status`` and ``place_reason``, or raise once with all rows.

    Returns
    -------
    Layers
        Every account of the reports, in each role that they have a column for.

    Raises
    ------
    SchemaError
        With ``errors="raise"``, naming every place that is not resolved.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"target": ["Balad air base"], "launch": ["Diyala, east of the base"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> layers.launches.place_status.to_list()
    ['resolved']
    """
    if not set(DERIVED_COLUMNS) <= set(reports.columns):
        reports = read_reports(reports)
    cells = {role: _cells(reports, role) for role in ROLES}
    target_of: dict[int, Place] = {}
    resolver = _Resolver(gazetteer)
    layers: dict[str, gpd.GeoDataFrame] = {}
    total = sum(len(table) for table in cells.values())
    with Progress(
        transient=True, console=Console(stderr=True), disable=total < _PROGRESS_FROM
    ) as progress:
        task = progress.add_task("placing", total=total)
        # Targets first: the other roles lean on them.
        for role in ("target", "launch", "impact"):
            resolutions = []
            for cell in progress.track(cells[role].itertuples(index=False), task_id=task):
                context = target_of.get(cell.account_row) if role != "target" else None
                resolutions.append(
                    resolver(cell.words, country=cell.country, leaning=cell.leaning, year=cell.year, target=context)
                )
            if role == "target":
                target_of = _single_targets(cells[role], resolutions)
            layers[role] = _layer(reports, cells[role], resolutions, role)
    places = [place for place in resolver.found() if place is not None]
    result = Layers(
        launches=layers["launch"],
        targets=layers["target"],
        impacts=layers["impact"],
        places=places_frame(places),
    )
    result = _weighted(result)
    if errors == "raise":
        _raise_unresolved(result)
    return result


class _Resolver:
    """Georeference each distinct question once.

    A question is the words with all that may change the answer: hints, the
    year, and the row's target where the words point at it.
    """

    def __init__(self, gazetteer: Search) -> None:
        self._gazetteer = gazetteer
        self._answers: dict[tuple[str, str, str, str, str], Resolution] = {}

    def __call__(
        self, words: str, *, country: str, leaning: str, year: str, target: Place | None
    ) -> Resolution:
        if target is not None and not mentions_anaphor(words):
            target = None
        question = (words, country, leaning, year, target.place_id if target else "")
        if question not in self._answers:
            context = dict.fromkeys(ANAPHORA, target) if target else None
            answer = self._ask(words, country, year, context)
            if answer.status == "ambiguous" and leaning:
                # The country of the target says little of the launch: it may
                # choose between homonyms, never overrule the words.
                answer = self._ask(words, leaning, year, context)
            self._answers[question] = answer
        return self._answers[question]

    def _ask(
        self, words: str, country: str, year: str, context: Mapping[str, Place] | None
    ) -> Resolution:
        return georeference(words, self._gazetteer, context=context, country=country, date=year)

    def found(self) -> Iterable[Place | None]:
        return (answer.place for answer in self._answers.values())


def _cells(reports: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return one row per place that a cell of this role names, blank cells included."""
    names = ["account_row", "part", "words", "count", "country", "leaning", "year"]
    if role not in reports:
        return pd.DataFrame(columns=names)
    words = reports[role].fillna("").astype(str)
    split = {cell: split_places(cell) for cell in words.unique()}
    country = _hint(reports, "country")
    own = _hint(reports, f"{role}_country")
    leaning = np.full(len(reports), "", dtype=object)
    if role == "launch":
        leaning = np.where(own == "", country, "")
    else:
        own = np.where(own == "", country, own)
    year = reports["date_start"].dt.strftime("%Y").fillna("").to_numpy(dtype=object)
    rows = [
        (i, part, place, count, own[i], leaning[i], year[i])
        for i, cell in enumerate(words)
        for part, (place, count) in enumerate(split[cell] or [("", "")], start=1)
    ]
    return pd.DataFrame(rows, columns=names)


def _hint(reports: pd.DataFrame, column: str) -> np.ndarray:
    if column not in reports:
        return np.full(len(reports), "", dtype=object)
    return reports[column].fillna("").astype(str).str.strip().to_numpy(dtype=object)


def _single_targets(cells: pd.DataFrame, resolutions: list[Resolution]) -> dict[int, Place]:
    """Return the target of each account that has exactly one place as its target.

    With two targets "the base" is a guess, and stays unresolved.
    """
    counts = cells["account_row"].value_counts()
    return {
        row: resolution.place
        for row, resolution in zip(cells["account_row"], resolutions, strict=True)
        if counts[row] == 1 and resolution.place is not None
    }


def _layer(
    reports: pd.DataFrame, cells: pd.DataFrame, resolutions: list[Resolution], role: str
) -> gpd.GeoDataFrame:
    """Return the layer of a role: the reports' columns, then what was found."""
    rows = reports.iloc[cells["account_row"].to_numpy(dtype=int)].reset_index(drop=True)
    # A layer's own columns keep their meaning; the table's figures stay beside them.
    rows = rows.rename(columns={name: f"{name}_given" for name in LAYER_COLUMNS if name in rows})
    blank = Place("", "", "", None, np.nan, np.nan, np.nan, np.nan)  # type: ignore[arg-type]  # never leaves
    places = [resolution.place or blank for resolution in resolutions]
    added = pd.DataFrame(
        {
            "role": role,
            "part": cells["part"].to_numpy(dtype="int64"),
            "place": cells["words"].to_numpy(dtype=object),
            "place_status": [resolution.status for resolution in resolutions],
            "place_id": [place.place_id for place in places],
            "place_name": [place.name for place in places],
            "place_kind": [place.kind for place in places],
            "place_country": [place.country for place in places],
            "place_admin1": [place.admin1 for place in places],
            "place_match": [resolution.match for resolution in resolutions],
            "place_score": np.array([resolution.score for resolution in resolutions], dtype=float),
            "place_reason": [resolution.reason for resolution in resolutions],
            "place_basis": _basis(rows, role),
            "longitude": np.array([place.longitude for place in places], dtype=float),
            "latitude": np.array([place.latitude for place in places], dtype=float),
            "uncertainty_m": np.array([place.uncertainty_m for place in places], dtype=float),
            "weight": 0.0,
        },
        index=rows.index,
    )
    rounds = parse_counts(cells["count"].reset_index(drop=True), "rounds")
    table = pd.concat([rows, added, rounds], axis=1)
    table = table[[*rows.columns, *LAYER_COLUMNS]]
    table.index = pd.Index(
        rows["account"].astype(str) + f":{role}:" + added["part"].astype(str), name="row", dtype=object
    )
    points = gpd.points_from_xy(table["longitude"], table["latitude"], crs=4326)
    geometry = gpd.GeoSeries(points, index=table.index, crs=4326)
    geometry[table["place_id"] == ""] = None
    return gpd.GeoDataFrame(table, geometry=geometry, crs=4326)


def _basis(rows: pd.DataFrame, role: str) -> np.ndarray:
    """Return how the coder came by the place; as the account tells it unless said."""
    stated = _hint(rows, f"{role}_basis")
    return np.where(stated == "", "as told", stated)


def _weighted(layers: Layers) -> Layers:
    """Give every counted incident the weight 1 in each role, shared among its rows.

    Accounts of one incident may name different places.  Of places that meet,
    the more precise is the better account of the same thing and takes the
    weight; places that do not meet cannot all be right and share it.
    """
    footprints = layers.places.geometry
    radius = layers.places["uncertainty_m"]
    weighted = []
    for role in ROLES:
        layer = layers.layer(role).copy()
        counted = layer[layer["standing"] == "counted"]
        size = counted.groupby("incident")["incident"].transform("size")
        layer.loc[size.index[size == 1], "weight"] = 1.0
        for _, rows in counted[size > 1].groupby("incident", sort=False):
            weight, remarks = _share(rows, footprints, radius)
            layer.loc[weight.index, "weight"] = weight
            for row, remark in remarks.items():
                layer.loc[row, "place_reason"] = f"{layer.loc[row, 'place_reason']}; {remark}"
        weighted.append(layer)
    return Layers(*weighted, places=layers.places)


def _share(
    rows: gpd.GeoDataFrame, footprints: gpd.GeoSeries, radius: pd.Series
) -> tuple[pd.Series, dict[str, str]]:
    """Return the weights of the rows of one incident and role, and remarks on them."""
    weight = pd.Series(0.0, index=rows.index)
    for status in ("resolved", "ambiguous", "unresolved", "not told"):
        known = rows[rows["place_status"] == status]
        if len(known):
            break
    if status != "resolved":
        weight[known.index] = 1 / len(known)
        return weight, {}
    accounts_of = known.groupby("place_id")["account"].agg(set)
    kept: list[str] = []
    for place in sorted(accounts_of.index, key=lambda place: (radius[place], place)):
        better = any(
            accounts_of[place].isdisjoint(accounts_of[other])
            and footprints[place].intersects(footprints[other])
            for other in kept
        )
        if not better:
            kept.append(place)
    remarks = {}
    disjoint = len(kept) > 1 and any(
        accounts_of[a].isdisjoint(accounts_of[b]) for a in kept for b in kept if a < b
    )
    for row, place in known["place_id"].items():
        if place not in kept:
            remarks[str(row)] = "another account is more precise and counts"
        elif disjoint:
            remarks[str(row)] = "accounts name places that do not meet; the weight is shared"
    holders = known[known["place_id"].isin(kept)]
    per_place = holders.groupby("place_id")["place_id"].transform("size")
    weight[holders.index] = 1 / len(kept) / per_place
    return weight, remarks


def _raise_unresolved(layers: Layers) -> None:
    rows = layers.rows()
    faults = rows[rows["place_status"].isin(["ambiguous", "unresolved"])]
    if len(faults):
        problems = [
            Problem(None, row.role, row.place, f"{row.place!r} is {row.place_status}: {row.place_reason}")
            for row in faults.itertuples()
        ]
        msg = f"{len(problems)} places are not resolved; the first: {problems[0].why}"
        raise SchemaError(msg, problems)


def layers_from_coordinates(
    table: pd.DataFrame,
    *,
    longitude: str = "longitude",
    latitude: str = "latitude",
    uncertainty_m: float | str,
    role: str = "target",
) -> Layers:
    """Make layers of a table that has coordinates already.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per account; further columns as `read_reports` knows them.
    longitude, latitude : str
        Columns of decimal degrees on WGS84.
    uncertainty_m : float or str
        How far the true place may be from the coordinates, in metres: one
        figure for all rows or the column that holds it.  Coordinates alone do
        not tell it, so there is no default.
    role : {"launch", "target", "impact"}
        What happened at the coordinates.

    Returns
    -------
    Layers
        Rows without coordinates, or with impossible ones, are unresolved.

    Raises
    ------
    SchemaError
        Where a named column is missing.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"longitude": [44.36], "latitude": [33.94]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=1000)
    >>> float(layers.targets.uncertainty_m.iloc[0])
    1000.0
    """
    needed = [longitude, latitude, *([uncertainty_m] if isinstance(uncertainty_m, str) else [])]
    missing = [column for column in needed if column not in table]
    if missing:
        msg = f"no column {missing[0]!r}; the table has {', '.join(map(repr, table.columns))}"
        raise SchemaError(msg)
    # The words of such a row are its figures, so that a reader sees what was there.
    words = table[latitude].astype(str) + ", " + table[longitude].astype(str)
    reports = read_reports(table.assign(**{role: words}))
    lon, lat = _numbers(reports[longitude]), _numbers(reports[latitude])
    if isinstance(uncertainty_m, str):
        radius = _numbers(reports[uncertainty_m])
    else:
        radius = np.full(len(reports), float(uncertainty_m))
    good = (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & (radius > 0)
    spots = pd.DataFrame({"longitude": lon, "latitude": lat, "radius": radius})
    known = {
        spot: _coordinate_place(*spot)
        for spot in spots[good].drop_duplicates().itertuples(index=False, name=None)
    }
    resolutions = [
        Resolution(text, "resolved", known[spot], "coordinates", 1.0, "sure: coordinates in the table", ())
        if ok
        else Resolution(text, "unresolved", None, "", 0.0, _NO_COORDINATES, ())
        for text, ok, spot in zip(
            reports[role], good, spots.itertuples(index=False, name=None), strict=True
        )
    ]
    cells = pd.DataFrame(
        {"account_row": np.arange(len(reports)), "part": 1, "words": reports[role], "count": ""}
    )
    layers = {
        name: _layer(reports, cells, resolutions, name)
        if name == role
        else _layer(reports, cells.iloc[:0], [], name)
        for name in ROLES
    }
    return _weighted(
        Layers(layers["launch"], layers["target"], layers["impact"], places_frame(known.values()))
    )


def _numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)


def _coordinate_place(longitude: float, latitude: float, uncertainty_m: float) -> Place:
    name = f"{latitude:.5f}, {longitude:.5f}"
    digest = blake2b(f"{longitude!r} {latitude!r} {uncertainty_m!r}".encode(), digest_size=6)
    return Place(
        place_id=f"point-{digest.hexdigest()}",
        name=name,
        kind="coordinates",
        footprint=disc(longitude, latitude, uncertainty_m),
        longitude=longitude,
        latitude=latitude,
        uncertainty_m=uncertainty_m,
        position_error_m=uncertainty_m,
        source="the table",
        licence="",
        shape=f"disc radius_m={uncertainty_m:g}",
    )


def write_layers(layers: Layers, path: str | os.PathLike[str]) -> None:
    """Write layers to a GeoPackage, which QGIS and `read_layers` open.

    The file appears whole or not at all.

    Parameters
    ----------
    layers : Layers
        What to write: tables ``launches``, ``targets``, ``impacts``, ``places``.
    path : path
        A file name that ends in ``.gpkg``.

    Raises
    ------
    ValueError
        Where the name ends otherwise.

    Examples
    --------
    >>> import geoinc as gi, pandas as pd, tempfile, pathlib
    >>> table = pd.DataFrame({"longitude": [44.36], "latitude": [33.94]})
    >>> layers = gi.layers_from_coordinates(table, uncertainty_m=1000)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "attacks.gpkg"
    ...     gi.write_layers(layers, file)
    ...     len(gi.read_layers(file).targets)
    1
    """
    path = Path(path)
    if path.suffix.lower() != ".gpkg":
        msg = f"{path.name!r} does not end in .gpkg, the one format of layers"
        raise ValueError(msg)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        for name in ("launches", "targets", "impacts", "places"):
            table = getattr(layers, name).reset_index()
            for column in table.columns[table.dtypes == object]:
                if column != "geometry":
                    table[column] = table[column].map(str, na_action="ignore")
            geometry_type = "Unknown" if name == "places" else "Point"
            pyogrio.write_dataframe(table, draft, layer=name, geometry_type=geometry_type, append=draft.exists())
        draft.replace(path)


def read_layers(path: str | os.PathLike[str]) -> Layers:
    """Read layers that `write_layers` wrote.

    Parameters
    ----------
    path : path
        A GeoPackage.

    Returns
    -------
    Layers
        With the same rows, columns and order.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    GazetteerError
        Where the file has no layers of ours.
    """
    path = Path(path)
    if not path.is_file():
        msg = f"no file {str(path)!r}"
        raise FileNotFoundError(msg)
    try:
        tables = {
            name: pyogrio.read_dataframe(path, layer=name)
            for name in ("launches", "targets", "impacts", "places")
        }
    except (DataSourceError, DataLayerError) as error:
        msg = f"{path.name!r} holds no layers of geoinc: {error}"
        raise GazetteerError(msg) from error
    for name, table in tables.items():
        tables[name] = table.set_index("place_id" if name == "places" else "row")
    return Layers(**tables)
