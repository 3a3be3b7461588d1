"""What a database answers to a query, as a table: PostGIS, or any that SQLAlchemy reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.errors import SchemaError
from geoinc.reports.features import in_degrees
from geoinc.reports.headers import TextTable

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine


def read_query(query: str, connection: str | Engine | Connection) -> TextTable:
    """Read the answer to a query; the first column of geometries becomes coordinates.

    Parameters
    ----------
    query : str
        In SQL; run as it is, in a transaction that is rolled back.
    connection : str, or Engine or Connection of SQLAlchemy
        URL of the database: ``postgresql+psycopg://user@host/name``.

    Raises
    ------
    SchemaError
        The database cannot be reached, or refuses the query.
    ModuleNotFoundError
        Without SQLAlchemy.
    """
    try:
        import sqlalchemy  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        msg = "reading from a database needs SQLAlchemy: pip install 'geoinc[postgis]'"
        raise ModuleNotFoundError(msg, name="sqlalchemy") from error
    try:
        if isinstance(connection, sqlalchemy.Connection):
            table = _answer(connection.execute(sqlalchemy.text(query)))
        else:
            engine = (
                sqlalchemy.create_engine(connection) if isinstance(connection, str) else connection
            )
            with engine.connect() as opened:
                table = _answer(opened.execute(sqlalchemy.text(query)))
                opened.rollback()
    except sqlalchemy.exc.SQLAlchemyError as error:
        msg = f"the database does not answer the query: {str(error).partition(chr(10))[0]}"
        raise SchemaError(msg) from error
    rows = list(range(1, len(table) + 1))
    plain, problems = in_degrees(_with_geometry(table), rows, "the answer of the database")
    return TextTable(plain, np.array(rows, dtype=int), problems, {"format": "SQL"})


def _answer(result: CursorResult[Any]) -> pd.DataFrame:
    return pd.DataFrame(result.fetchall(), columns=list(result.keys()))


def _with_geometry(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its first column of geometries as such."""
    for name in table.columns:
        cells = table[name].dropna()
        if cells.empty or not cells.map(_may_be_geometry).all():
            continue
        told: Any = table[name].astype(object).where(table[name].notna(), None).to_numpy()
        shapes = shapely.from_wkb(told, on_invalid="ignore")
        if shapely.is_missing(shapes).sum() > table[name].isna().sum():
            continue
        system = {int(code) for code in shapely.get_srid(shapes[~shapely.is_missing(shapes)])} - {0}
        if len(system) > 1:
            msg = f"the column {name!r} has coordinates in several systems: {sorted(system)}"
            raise SchemaError(msg)
        crs = system.pop() if system else None
        return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=crs)).drop(columns=name)
    return table


def _may_be_geometry(cell: object) -> bool:
    """Return whether a cell may be well-known binary, in hexadecimal or not."""
    if isinstance(cell, str):
        return cell.startswith(("00", "01")) and len(cell) >= 42
    return isinstance(cell, bytes | memoryview) and len(cell) >= 21
