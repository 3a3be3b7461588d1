"""The rows of a layer: what the reports say, then what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.reports import parse_counts, text_of
from geoinc.schema import LAYER_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoinc.georeferencing import Resolution


#: What a layer calls its columns and its index.
_OURS = frozenset({*LAYER_COLUMNS, "geometry", "row"})


@dataclass(frozen=True, eq=False)
class Cells:
    """The places that the cells of one role name, one entry a place.

    Parameters
    ----------
    account_row : array of int
        Position of the account in the table of reports.
    part : array of int
        1, 2, ... where a cell names several places.
    words, count : array of str
        The place in the words of the account, and the count told with it.
    """

    account_row: np.ndarray[Any, Any]
    part: np.ndarray[Any, Any]
    words: np.ndarray[Any, Any]
    count: np.ndarray[Any, Any]

    def __len__(self) -> int:
        return len(self.words)


def layer_rows(
    reports: pd.DataFrame,
    cells: Cells,
    answers: Sequence[Resolution],
    codes: np.ndarray[Any, Any],
    role: str,
) -> gpd.GeoDataFrame:
    """Return the layer of a role.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`.
    cells : Cells
        What the role's cells name.
    answers : sequence of Resolution
        Those to the distinct questions.
    codes : array of int
        For each of the cells, which of the answers is its own.
    role : str
        ``launch``, ``target`` or ``impact``.
    """
    # Of most words the questions of all years have one answer.
    numbers = {answer: number for number, answer in enumerate(dict.fromkeys(answers))}
    distinct = list(numbers)
    which = np.array([numbers[answer] for answer in answers], dtype=int)[codes]
    found = answer_rows(distinct).take(which).reset_index(drop=True)
    return rows_with(reports, cells, found, centres_of(distinct).take(which), role)


def rows_with(
    reports: pd.DataFrame,
    cells: Cells,
    found: pd.DataFrame,
    centres: np.ndarray[Any, Any],
    role: str,
) -> gpd.GeoDataFrame:
    """Return the layer of a role, of what was found for each of its cells.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`.
    cells : Cells
        What the role's cells name.
    found : pandas.DataFrame
        For each of the cells the columns that `answer_rows` has.
    centres : array of shapely Point
        For each of the cells, None where nothing is known.
    role : str
        ``launch``, ``target`` or ``impact``.
    """
    rows = reports
    if not np.array_equal(cells.account_row, np.arange(len(reports))):
        rows = reports.iloc[cells.account_row]
    rows = rows.reset_index(drop=True)
    basis = text_of(rows, f"{role}_basis")
    rows = rows.rename(columns=_given(rows.columns))
    decided = (found["place_match"] == "decision").to_numpy()
    basis = np.where(decided, "by hand", basis)
    inferred = basis == "inferred"
    if inferred.any():
        # However sure the name is, a place that the coder inferred is one to check.
        reason = found.loc[inferred, "place_reason"].str.replace("sure: ", "check: inferred; ", n=1)
        found.loc[inferred, "place_reason"] = reason
    rounds = parse_counts(pd.Series(cells.count, dtype=object), "rounds")
    added = pd.concat([found, rounds], axis=1).assign(
        role=role,
        part=cells.part,
        place=pd.Series(cells.words, dtype=object),
        place_basis=pd.Series(np.where(basis == "", "as told", basis), dtype=object),
        weight=0.0,
    )
    table = pd.concat([rows, added[list(LAYER_COLUMNS)]], axis=1)
    table.index = pd.Index(
        rows["account"].to_numpy(dtype=object) + _numbered(role, cells.part),
        name="row",
        dtype=object,
    )
    # Nothing else holds the table; a copy of a million rows takes half a second.
    return gpd.GeoDataFrame(table, geometry=centres, crs=4326, copy=False)


def _given(columns: pd.Index) -> dict[str, str]:
    """Return new names for columns of the table that bear those of a layer, which stay its own."""
    given: dict[str, str] = {}
    for name in _OURS.intersection(columns):
        given[name] = f"{name}_given"
        while given[name] in columns:
            given[name] += "_given"
    return given


def _numbered(role: str, part: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return what the name of a row has after the account: ``:target:1``."""
    most = int(part.max(initial=0))
    names = np.array([f":{role}:{number}" for number in range(most + 1)], dtype=object)
    return np.asarray(names[part])


def centres_of(answers: Sequence[Resolution]) -> np.ndarray[Any, Any]:
    """Return the centre of each answer; a point never changes, so rows may share it."""
    points = np.full(len(answers), None, dtype=object)
    for number, answer in enumerate(answers):
        if answer.place is not None:
            points[number] = shapely.Point(answer.place.longitude, answer.place.latitude)
    return points


def answer_rows(answers: Sequence[Resolution]) -> pd.DataFrame:
    """Return one row per distinct answer; figures of what has no place are NaN."""
    places = [answer.place for answer in answers]

    def words(values: list[str]) -> pd.Series:
        return pd.Series(values, dtype=object)

    def figures(values: list[float]) -> pd.Series:
        return pd.Series(values, dtype="float64")

    return pd.DataFrame(
        {
            "place_status": words([answer.status for answer in answers]),
            "place_id": words([place.place_id if place else "" for place in places]),
            "place_name": words([place.name if place else "" for place in places]),
            "place_kind": words([place.kind if place else "" for place in places]),
            "place_country": words([place.country if place else "" for place in places]),
            "place_admin1": words([place.admin1 if place else "" for place in places]),
            "place_match": words([answer.match for answer in answers]),
            "place_score": figures([answer.score for answer in answers]),
            "place_reason": words([answer.reason for answer in answers]),
            "longitude": figures([place.longitude if place else np.nan for place in places]),
            "latitude": figures([place.latitude if place else np.nan for place in places]),
            "uncertainty_m": figures(
                [place.uncertainty_m if place else np.nan for place in places]
            ),
        }
    )
