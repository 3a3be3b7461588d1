"""Layers as plain tables that a file can hold, and layers again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.errors import SchemaError
from geoinc.exchange.columns import plain, restored
from geoinc.reports import RowsOfAccounts
from geoinc.schema import Layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The tables of a file of layers, and what numbers their rows.
TABLES = {"launches": "row", "targets": "row", "impacts": "row", "places": "place_id"}

#: What this module writes; another number means that columns stand in other ways.
_FORMAT = 2


class PlainLayers(NamedTuple):
    """Layers taken apart.

    Parameters
    ----------
    tables : dict of str to geopandas.GeoDataFrame
        By the names of `TABLES`; columns of numbers, texts and dates, the index the first.
    description : str
        What the columns were, as JSON.
    """

    tables: dict[str, gpd.GeoDataFrame]
    description: str


def taken_apart(layers: Layers, *, dates: bool) -> PlainLayers:
    """Return layers as plain tables, and what they were.

    Parameters
    ----------
    layers : Layers
        What to write.
    dates : bool
        Whether the file has dates; else they become ISO texts.
    """
    tables, described = {}, {}
    for name in TABLES:
        table = getattr(layers, name)
        attributes = pd.DataFrame(table).reset_index()
        shapes = attributes.pop(table.geometry.name).to_numpy()
        columns, how = plain(attributes, dates=dates)
        tables[name] = with_shapes(columns, shapes, len(columns.columns))
        described[name] = {
            "columns": how,
            "geometry": table.columns.get_loc(table.geometry.name),
            "attrs": _attributes(table.attrs),
        }
    description = {"format": _FORMAT, "tables": described, "rows": _rows_of_accounts(layers)}
    return PlainLayers(tables, json.dumps(description))


def put_together(tables: Mapping[str, pd.DataFrame], description: str, source: str) -> Layers:
    """Return the layers that `taken_apart` was given.

    Parameters
    ----------
    tables : mapping of str to geopandas.GeoDataFrame
        As they come from the file.  Columns that another program added are kept.
    description : str
        As `taken_apart` gave it.
    source : str
        Name of the file, for messages.

    Raises
    ------
    SchemaError
        Where a column is gone, or was made by another version of geoinc.
    """
    known = json.loads(description)
    if known.get("format") != _FORMAT:
        msg = f"{source!r} was written by another version of geoinc; write it again with this one"
        raise SchemaError(msg)
    layers = {}
    for name, index in TABLES.items():
        how, table = known["tables"][name], tables[name]
        stored = [column["stored"] for column in how["columns"]]
        gone = [column for column in stored if column not in table]
        if gone:
            msg = f"{source!r} has no column {gone[0]!r} in {name} any more"
            raise SchemaError(msg)
        try:
            own = restored(pd.DataFrame(table), how["columns"])
        except ValueError as error:
            msg = f"{name} of {source!r} were changed so that they cannot be read again: {error}"
            raise SchemaError(msg) from error
        added = [c for c in table.columns if c not in {*stored, table.geometry.name}]
        own = pd.concat([own, pd.DataFrame(table[added])], axis=1) if added else own
        own = own.set_index(own.columns[0])
        own.index.name = index
        layer = with_shapes(own, table.geometry.to_numpy(), how["geometry"])
        layer.attrs = how["attrs"]
        layers[name] = layer
    for told in known["rows"]:
        bearers = [layers[name] for name in told["layers"]]
        numbers = np.cumsum(np.repeat(*np.array(told["steps"], dtype=int).reshape(-1, 2).T))
        rows = RowsOfAccounts(_accounts(bearers), numbers)
        for layer in bearers:
            layer.attrs["rows"] = rows
    return Layers(**layers)


def with_shapes(table: pd.DataFrame, shapes: np.ndarray[Any, Any], place: int) -> gpd.GeoDataFrame:
    """Return a table with shapes in a column ``geometry``, without a copy of what it holds.

    Parameters
    ----------
    table : pandas.DataFrame
        Without geometry.
    shapes : array of shapely geometry
        One a row, in degrees; None where there is none.
    place : int
        How many columns stand before it.
    """
    column = gpd.GeoSeries(shapes, index=table.index, crs=4326, name="geometry")
    parts = [table.iloc[:, :place], column, table.iloc[:, place:]]
    return gpd.GeoDataFrame(pd.concat(parts, axis=1), geometry="geometry", copy=False)


def links(layers: Layers, pairs: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a line from each launch to its target, where both have a place.

    Parameters
    ----------
    layers : Layers
        Where they are.
    pairs : pandas.DataFrame
        As `geoinc.distances` gives them.

    Returns
    -------
    geopandas.GeoDataFrame
        The pairs; a line over the antimeridian is in two parts.
    """
    ends = [
        layer.loc[pairs[f"{role}_row"], ["longitude", "latitude"]].to_numpy(float)
        for role, layer in (("launch", layers.launches), ("target", layers.targets))
    ]
    return gpd.GeoDataFrame(pairs, geometry=_lines(*ends), crs=4326)


def _lines(start: np.ndarray[Any, Any], end: np.ndarray[Any, Any]) -> Any:
    lines: Any = shapely.linestrings(np.stack([start, end], axis=1))
    for place in np.flatnonzero(np.abs(end[:, 0] - start[:, 0]) > 180):
        (a, b), (c, d) = start[place], end[place]
        edge = 180.0 if a > c else -180.0
        share = (edge - a) / (c + 2 * edge - a)
        height = b + share * (d - b)
        lines[place] = shapely.multilinestrings(
            [[[a, b], [edge, height]], [[-edge, height], [c, d]]]
        )
    return lines


def _attributes(attrs: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return what a table carries that JSON can hold, such as its source."""
    return {
        key: value
        for key, value in attrs.items()
        if not isinstance(value, RowsOfAccounts) and _is_json(value)
    }


def _rows_of_accounts(layers: Layers) -> list[dict[str, Any]]:
    """Return in which row of the file each account stands, which layers say so, ready for JSON.

    Rows are told by the steps from one to the next and how often each is made: accounts stand in
    the layers already, and their rows nearly always follow one another.
    """
    bearers: dict[int, list[str]] = {}
    for name in TABLES:
        rows = getattr(layers, name).attrs.get("rows")
        if isinstance(rows, RowsOfAccounts):
            bearers.setdefault(id(rows), []).append(name)
    told = []
    for names in bearers.values():
        tables = [getattr(layers, name) for name in names]
        steps = np.diff(tables[0].attrs["rows"].of(_accounts(tables)), prepend=0)
        starts = np.flatnonzero(np.diff(steps, prepend=steps[:1] - 1))
        counts = np.diff(starts, append=len(steps))
        told.append({"layers": names, "steps": np.column_stack([steps[starts], counts]).tolist()})
    return told


def _accounts(tables: Sequence[pd.DataFrame]) -> pd.Series:
    """Return the accounts of some layers, each once."""
    first, *others = sorted((table["account"] for table in tables), key=len, reverse=True)
    differ = [other for other in others if len(other) and not other.array.equals(first.array)]
    accounts: pd.Series = pd.concat([first, *differ]) if differ else first
    return accounts.drop_duplicates()


def _is_json(value: object) -> bool:
    try:
        return bool(json.loads(json.dumps(value)) == value)
    except (TypeError, ValueError):
        return False
