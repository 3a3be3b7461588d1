"""Any column as one that every file can hold, and back again with nothing lost."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

#: What a column is in the file, and what it was: a list of these, one a column, ready for JSON.
Description = dict[str, Any]

#: Names that a GeoPackage, GDAL or our GeoJSON keeps for itself.
_TAKEN = ("fid", "geom", "geometry", "ogc_fid", "geoinc_layer", "")


def plain(
    table: pd.DataFrame, *, dates: bool, taken: Container[str] = _TAKEN
) -> tuple[pd.DataFrame, list[Description]]:
    """Return a table of numbers, texts and dates alone, and what its columns were.

    Parameters
    ----------
    table : pandas.DataFrame
        Any; without geometry.
    dates : bool
        Whether the file has dates, to the millisecond; else they become ISO texts.
    taken : container of str
        Names, in lower case, that no column of the file may bear.

    Returns
    -------
    table : pandas.DataFrame
        The same rows; names are texts that differ by more than case.
    columns : list of dict
        For `restored`.
    """
    names: set[str] = set()
    columns, described = {}, []
    for place, name in enumerate(table.columns):
        stored = _name(name, names, taken)
        column = table.iloc[:, place]
        columns[stored], how = _plain(column, dates=dates)
        known = name if isinstance(name, str | int) else str(name)
        described.append({"name": known, "stored": stored, "dtype": str(column.dtype), **how})
    return pd.DataFrame(columns, index=table.index, copy=False), described


def restored(table: pd.DataFrame, columns: list[Description]) -> pd.DataFrame:
    """Return the table that `plain` was given.

    Parameters
    ----------
    table : pandas.DataFrame
        As it came from the file.
    columns : list of dict
        As `plain` gave them.
    """
    series = [_restored(table[str(column["stored"])], column) for column in columns]
    names = [column["name"] for column in columns]
    result = pd.DataFrame(dict(enumerate(series)), index=table.index, copy=False)
    result.columns = pd.Index(
        names, dtype=object if not all(isinstance(n, str) for n in names) else None
    )
    return result


def _name(name: object, names: set[str], taken: Container[str]) -> str:
    """Return a text for the name of a column that no other column has, whatever its case."""
    text = "".join(char if char.isprintable() else "_" for char in str(name))
    stored = text
    for number in itertools.count(2):
        if stored.casefold() not in names and stored.casefold() not in taken:
            break
        stored = f"{text}_{number}"
    names.add(stored.casefold())
    return stored


def _plain(column: pd.Series, *, dates: bool) -> tuple[pd.Series, Description]:
    """Return a column as the file has it, and how it is read again."""
    dtype, types = column.dtype, pd.api.types
    if isinstance(dtype, pd.CategoricalDtype):
        categories, of = _cells(pd.Series(dtype.categories, dtype=object))
        texts, how = _cells(column.astype(object))
        of |= {"values": categories.to_list(), "dtype": str(dtype.categories.dtype)}
        return texts, how | {"categories": of, "ordered": bool(dtype.ordered)}
    if types.is_object_dtype(dtype):
        return _cells(column)
    if types.is_timedelta64_dtype(dtype):
        units = pd.Series(column.to_numpy().view("int64"), index=column.index)
        return _texts(units.astype("Int64").mask(column.isna()), str), {"units": True}
    if types.is_datetime64_any_dtype(dtype) and not (dates and _whole_ms(column)):
        return _texts(column, lambda day: day.isoformat()), {"iso": True}
    if _out_of_reach(column):
        return _texts(column, str), {"repr": True}
    return column, {}


def _texts(column: pd.Series, text_of: Callable[[Any], str]) -> pd.Series:
    texts = [
        None if missing else text_of(cell)
        for cell, missing in zip(column, column.isna(), strict=True)
    ]
    return pd.Series(texts, index=column.index, dtype=object)


def _whole_ms(column: pd.Series) -> bool:
    """Return whether a file's dates can hold a column: of no time zone, to the millisecond."""
    known = column.dropna()
    return not isinstance(column.dtype, pd.DatetimeTZDtype) and bool(
        known.eq(known.dt.floor("ms")).all()
    )


def _out_of_reach(column: pd.Series) -> bool:
    """Return whether a column has numbers that not every file can hold."""
    if pd.api.types.is_unsigned_integer_dtype(column.dtype):
        return bool(column.max() > np.iinfo("int64").max)
    floats = pd.api.types.is_float_dtype(column.dtype)
    return floats and bool(np.isinf(column.to_numpy(float, na_value=0)).any())


#: NaT, as a count of units.
_NO_TIME = np.iinfo("int64").min


def _as_json(value: object) -> str:
    text = json.dumps(value)
    if json.loads(text) != value:  # keys that are no texts, and the like
        msg = f"{value!r} is not the same in JSON"
        raise ValueError(msg)
    return text


#: What a cell of a mixed column can be: its sign, its text, and the value of a text.
_KINDS: dict[type, tuple[str, Callable[[Any], str], Callable[[str], Any]]] = {
    str: ("s", str, str),
    bool: ("b", str, lambda text: text == "True"),
    int: ("i", str, int),
    float: ("f", repr, float),
    pd.Timestamp: ("T", lambda moment: moment.isoformat(), pd.Timestamp),
    dt.datetime: ("t", lambda moment: moment.isoformat(), dt.datetime.fromisoformat),
    dt.date: ("d", lambda day: day.isoformat(), dt.date.fromisoformat),
    dt.time: ("m", lambda time: time.isoformat(), dt.time.fromisoformat),
    list: ("j", _as_json, json.loads),
    dict: ("j", _as_json, json.loads),
}
_VALUES = {sign: value for sign, _, value in _KINDS.values()}
_BLANKS: dict[str, Any] = {"n": None, "a": float("nan"), "A": pd.NA, "N": pd.NaT}
_SIGNS = {type(blank): sign for sign, blank in _BLANKS.items()}


def _cells(column: pd.Series) -> tuple[pd.Series, Description]:
    """Return a column of anything as texts, with the runs of what its cells are.

    What is none of the usual types becomes its text: the one thing that is not read again.
    """
    cells = column.to_numpy(object)
    if pd.api.types.infer_dtype(cells, skipna=False) in {"string", "empty"}:
        return column, {"blank": "n"}
    missing = pd.isna(cells)
    if pd.api.types.infer_dtype(cells[~missing]) in {"string", "empty"}:
        # Texts, and blanks of one kind: nearly every column, and nothing to look at one by one.
        blanks = {_SIGNS.get(kind, "") for kind in set(map(type, cells[missing]))}
        if len(blanks) == 1 and "" not in blanks:
            cells = np.array(cells)
            cells[missing] = None
            return pd.Series(cells, index=column.index, dtype=object), {"blank": blanks.pop()}
    texts, signs = [], []
    for cell in cells:
        sign, text = _cell(cell)
        signs.append(sign)
        texts.append(text)
    blank = next((sign for sign in signs if sign in _BLANKS), "n")
    how: Description = {"blank": blank}
    if set(signs) - {"s", blank}:
        how = {"cells": [[sign, len(list(run))] for sign, run in itertools.groupby(signs)]}
    return pd.Series(texts, index=column.index, dtype=object), how


def _cell(cell: object) -> tuple[str, str | None]:
    """Return the sign of what a cell is, and its text."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, float) and math.isnan(cell):
        return "a", None
    for sign, blank in _BLANKS.items():
        if cell is blank:
            return sign, None
    sign, text_of, _ = _KINDS.get(type(cell), _KINDS[str])
    try:
        return sign, text_of(cell)
    except (TypeError, ValueError):  # a list of what JSON has no word for
        return "s", str(cell)


def _restored(column: pd.Series, how: Description) -> pd.Series:
    """Return a column as it was before `_plain`."""
    dtype = how["dtype"]
    values: Any = column
    if set(how) & {"cells", "blank", "units", "iso", "repr"} or dtype == "bool":
        values = _as_objects(column)
    if "categories" in how:
        of = how["categories"]
        categories = pd.Index(_uncelled(of["values"], of), dtype=of["dtype"])
        values = pd.Categorical(_uncelled(values, how), categories, ordered=how["ordered"])
        dtype = values.dtype
    elif "cells" in how or "blank" in how:
        values = _uncelled(values, how)
    elif "units" in how:
        units = [_NO_TIME if text is None else int(text) for text in values]
        values = np.array(units, dtype="int64").view(dtype)
    elif "iso" in how:
        values = pd.to_datetime(values.array, format="ISO8601", utc="," in dtype).astype(dtype)
    elif "repr" in how:
        number = float if "loat" in dtype else int
        values = [None if text is None else number(text) for text in values]
    if isinstance(values, pd.Series) and str(values.dtype) == str(dtype):
        return values
    result: pd.Series = pd.Series(values, index=column.index, dtype=dtype)
    return result


def _as_objects(column: pd.Series) -> pd.Series:
    """Return a column of Python's own values, None where there is none; equal texts are one."""
    if isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype):
        codes, known = pd.factorize(column)
        cells = np.append(known.astype(object).to_numpy(), np.array([None], dtype=object))
        return pd.Series(cells[codes], index=column.index, dtype=object)  # -1 is the last
    return column.astype(object).where(column.notna(), None)


def _uncelled(texts: Iterable[str | None], how: Description) -> Any:
    """Return the cells that `_cells` made texts of."""
    if "blank" in how:
        blank = _BLANKS[how["blank"]]
        return texts if blank is None else [blank if text is None else text for text in texts]
    signs = itertools.chain.from_iterable([sign] * count for sign, count in how["cells"])
    return [
        _BLANKS[sign] if sign in _BLANKS else _VALUES[sign](text or "")
        for text, sign in zip(texts, signs, strict=True)
    ]
