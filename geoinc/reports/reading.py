"""Tables of any origin as reports: what each account tells, and what was understood of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geoinc.errors import Problem, SchemaError
from geoinc.reports.accounts import RowsOfAccounts
from geoinc.reports.cells import valid_text
from geoinc.reports.databases import read_query
from geoinc.reports.exports import Format, lists_deletions
from geoinc.reports.features import in_degrees
from geoinc.reports.files import each, left_out, name_of, read_table
from geoinc.reports.headers import TextTable
from geoinc.reports.serving import need_a_place, with_our_columns
from geoinc.reports.understanding import one_date_a_row, summary_of, understood, whole_of
from geoinc.schema import DERIVED_COLUMNS

if TYPE_CHECKING:
    import os
    from collections.abc import Container, Mapping, Sequence

#: The file that a row stands in, where several were read.
READ_FROM = "read_from"


class Problems(tuple[Problem, ...]):
    """The faults that a table carries along.

    pandas deep-copies what a table carries at every step, which takes a
    second for a hundred thousand faults; they never change, so they are shared.
    """

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, object]) -> Problems:
        return self


def read_reports(
    source: str | os.PathLike[str] | BinaryIO | pd.DataFrame | Sequence[Any],
    *,
    columns: Mapping[str, str] | None = None,
    format: Format | None = None,  # noqa: A002  # what else to call it
    sheet: str | int | None = None,
    header: int | None = None,
    day_first: bool | None = None,
    connection: Any = None,
    errors: Literal["coerce", "raise"] = "coerce",
) -> pd.DataFrame:
    """Read a table of reports: one row an account, one source's version of one attack.

    Columns are known by their names in English, French or Arabic, whatever
    their case, spaces and underscores (`geoinc.schema.REPORT_COLUMNS`); all but
    one place, or longitude and latitude, are optional.

    Parameters
    ----------
    source : path, binary file or pandas.DataFrame, or a list of them
        CSV or TSV (UTF-8, UTF-16, windows-1256 or -1252), Excel with the extra
        ``excel``, JSON, JSON lines, GeoJSON, GeoPackage, Shapefile, KML, KMZ,
        Parquet or GeoParquet; packed by zip or gzip.  ``"-"`` is standard
        input, a folder every table in it.  With `connection`, a query in SQL.
    columns : mapping of str to str, optional
        Which of the table's columns serve under our names:
        ``{"Base": "target"}``.
    format : {"acled", "ucdp", "gtd"}, optional
        Of which data set the table is an export, whose codes are then read;
        seen from its columns by default.
    sheet : str or int, optional
        Name or number (from 0) of the sheet of a workbook, or of the layer of
        a file that has several.
    header : int, optional
        Row of a text file or workbook that names the columns, the first being
        1; recognised by default.
    day_first : bool, optional
        Whether 03/04/2021 is in April; the whole column says it by default,
        and where it does not, such a date is a fault.
    connection : str, or Engine or Connection of SQLAlchemy, optional
        Database that answers the query, PostGIS or another (extra
        ``postgis``): ``"postgresql+psycopg://user@host/name"``.
    errors : {"coerce", "raise"}
        What to do about cells that are not understood: leave what they would
        tell blank and list them, or raise once with all of them.

    Returns
    -------
    pandas.DataFrame
        Every column of the table as it is; ours beside them, as text; and
        `geoinc.schema.DERIVED_COLUMNS`.  A list of dates (``;``) makes a row
        each, an attack of its own.  ``.attrs["problems"]`` is a tuple of
        `Problem`, one for each cell that was not understood;
        ``.attrs["recognised"]`` says what was recognised or guessed: format,
        encoding, delimiter, header, columns, the order of day and month;
        ``.attrs["rows"]`` in which row of the file each account stands (of
        JSON and map features, which record it is).  Of several files, the
        column ``read_from`` names the one.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        Where there is no file to read.
    SchemaError
        Where a file is no table, or has no column of places; with
        ``errors="raise"``, where any cell is not understood.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"Base": ["Balad"], "date": ["2021-03"], "fired": ["at least 7"]})
    >>> reports = gi.read_reports(table, columns={"Base": "target"})
    >>> reports[["target", "date_end", "fired_low"]].astype(str).iloc[0].to_list()
    ['Balad', '2021-03-31', '7']
    """
    if errors not in {"coerce", "raise"}:
        msg = f"errors={errors!r} is neither 'coerce' nor 'raise'"
        raise ValueError(msg)
    if format not in {None, "acled", "ucdp", "gtd"}:
        msg = (
            f"format={format!r} is none of 'acled', 'ucdp', 'gtd'; leave it out for any other table"
        )
        raise ValueError(msg)
    if connection is not None:
        found = {"the database": read_query(str(source), connection)}
    else:
        found = {
            label: _read(one, sheet=sheet, header=header, wanted=columns or {})
            for label, one in labelled(source)
        }
    name, read = _joined(found, columns or {}, format)
    others = "" if connection is not None else left_out(source)
    if others:
        read.facts["left out of the folder"] = others
    table, rows = one_date_a_row(read.table, read.numbers)
    whole = whole_of([summary_of(table)], day_first=day_first)
    read.facts.update(whole.facts)
    table, problems = understood(table, rows, whole)
    problems = sorted([*read.problems, *problems], key=lambda problem: problem.row or 0)
    if problems and errors == "raise":
        msg = f"{name or 'the table'} has {len(problems)} faults; the first: {problems[0]}"
        raise SchemaError(msg, problems)
    table.attrs = {
        "source": name,
        "problems": Problems(problems),
        "recognised": read.facts,
        "rows": RowsOfAccounts(table["account"], rows),
        **({"header": read.header} if read.header else {}),
    }
    return table


# ---------------------------------------------------------------- sources


def labelled(source: Any) -> list[tuple[str, Any]]:
    """Return the tables of a source, each under a name of its own."""
    labelled: dict[str, Any] = {}
    for one in [source] if isinstance(source, pd.DataFrame) else each(source):
        name = "" if isinstance(one, pd.DataFrame) else name_of(one)
        # Files of one name from several folders.
        label = name if name not in labelled else f"{name} ({len(labelled) + 1})"
        labelled[label] = one
    if not labelled:
        msg = "no files to read"
        raise ValueError(msg)
    return list(labelled.items())


def _read(
    source: Any, *, sheet: str | int | None, header: int | None, wanted: Mapping[str, str]
) -> TextTable:
    if isinstance(source, pd.DataFrame):
        return from_frame(source)
    return read_table(source, sheet=sheet, header=header, wanted=wanted)


def _joined(
    tables: dict[str, TextTable], columns: Mapping[str, str], export: Format | None
) -> tuple[str, TextTable]:
    """Return the tables as one, with our columns, and its name."""
    deletions = [one.table for one in tables.values() if lists_deletions(one.table.columns)]
    deleted = pd.concat(deletions) if deletions else None
    tables = {name: one for name, one in tables.items() if not lists_deletions(one.table.columns)}
    if not tables:
        msg = "a list of deleted events alone is no table of reports; give the events with it"
        raise SchemaError(msg)
    found = {}
    for name, one in tables.items():
        others = {theirs for two in tables.values() if two is not one for theirs in two.table}
        here = serving_here(columns, one.table.columns, others)
        try:
            found[name] = served(one, here, export, deleted)
        except SchemaError as error:
            if len(tables) == 1:
                raise
            msg = f"{name!r}: {error}"
            raise SchemaError(msg, error.problems) from error
    (name, first), *rest = tables.items()
    if not rest:
        return name, replace(first, table=found[name])
    problems = [
        Problem(fault.row, fault.column, fault.value, f"{name}: {fault.why}")
        for name, one in tables.items()
        for fault in one.problems
    ]
    facts = {
        f"{name}: {what}": words
        for name, one in tables.items()
        for what, words in one.facts.items()
    }
    joined = one_below_another(found)
    numbers = np.concatenate([one.numbers for one in tables.values()])
    return ", ".join(tables), TextTable(joined, numbers, problems, facts)


def serving_here(
    columns: Mapping[str, str], own: Container[object], others: Container[object]
) -> dict[str, str]:
    """Return which columns serve in one of several tables: what does may be missing in the next."""
    return {
        theirs: ours for theirs, ours in columns.items() if theirs in own or theirs not in others
    }


def served(
    read: TextTable, columns: Mapping[str, str], export: Format | None, deleted: pd.DataFrame | None
) -> pd.DataFrame:
    """Return a table with our columns (`with_our_columns`), refused where no place is among them."""
    table = with_our_columns(read, columns, export, deleted)
    need_a_place(table)
    return table


def one_below_another(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return several tables as one, ``read_from`` the name of each; texts are blank where one lacks them."""
    found = list(tables.values())
    if not any(READ_FROM in table for table in found):
        found = [table.assign(**{READ_FROM: name}) for name, table in tables.items()]
    joined = pd.concat(found, ignore_index=True)
    for column in joined:
        if all(pd.api.types.is_string_dtype(one[column]) for one in found if column in one):
            joined[column] = joined[column].fillna("").astype("str")
    return joined


def from_frame(source: pd.DataFrame, *, first: int = 2) -> TextTable:
    """Return a copy of a table, its text valid, its index a column where it has a name.

    Parameters
    ----------
    source : pandas.DataFrame
        With a geometry or without: centres become ``longitude`` and ``latitude``.
    first : int
        The number of its first row, as a sheet would have it.
    """
    named = any(level is not None for level in source.index.names)
    table = source.reset_index(drop=not named)
    numbers = np.arange(first, len(table) + first)
    problems: list[Problem] = []
    if isinstance(table, gpd.GeoDataFrame) and table.active_geometry_name is not None:
        table, problems = in_degrees(table, numbers.tolist(), "the table")
    table = pd.DataFrame(table)
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        msg = f"the table has two columns {twice[0]!r}; give each a name of its own"
        raise SchemaError(msg)
    for name in table.columns:
        if pd.api.types.is_object_dtype(table[name]):  # other text cannot hold what is no text
            table[name], faults = _mended(table[name], numbers)
            problems += faults
    # What read_reports added to a table before, it may add again; the basis may be the user's.
    if set(DERIVED_COLUMNS) <= set(table.columns):
        if "incident" in table:  # so is an incident that is called after its only account
            own = table["incident"].astype(str) != table["account"].astype(str)
            table["incident"] = table["incident"].where(own, "")
        table = table.drop(columns=[name for name in DERIVED_COLUMNS if name != "date_basis"])
    return TextTable(table, numbers, problems)


def _mended(column: pd.Series, numbers: np.ndarray) -> tuple[pd.Series, list[Problem]]:
    """Return a column with its text made valid, and what that changed."""
    cells, problems = list(column), []
    for i, cell in enumerate(cells):
        if isinstance(cell, str) and (mended := valid_text(cell)) != cell:
            cells[i] = mended
            why = f"{mended!r} had characters that are no text; they became U+FFFD"
            problems.append(Problem(int(numbers[i]), str(column.name), mended, why))
    return pd.Series(cells, index=column.index, dtype=object), problems
