"""The accounts of layers, and which of them have a say in which incident."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.counting.dating import merged_days
from geoinc.counting.side_by_side import SideBySide
from geoinc.schema import ROLES, Layers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

#: The standings of accounts, those first that have the say in an incident.
SAY = ("counted", "no attack", "summary", "set aside")


class ByIncident:
    """Accounts by incident.

    Parameters
    ----------
    layers : Layers
        Whose accounts.
    columns : iterable of str, optional
        What is wanted of them, as of `accounts_of`.

    Attributes
    ----------
    rows : pandas.DataFrame
        Rows that tell of all accounts; of one that names several places, several.
    each : SideBySide
        Of each incident one row of each account that has a say, those of its best standing;
        incidents in the order in which somebody tells of them who has a say.
    number : array of int
        The incident of each row.
    heard : array of bool
        Whether the account of each row has a say.
    standing : array of int
        The standing of each incident, its place in `SAY`.
    """

    def __init__(self, layers: Layers, columns: Iterable[str] | None = None) -> None:
        if columns is not None:
            columns = ["incident", "standing", "date_start", "date_end", *columns]
        self.rows = _rows_of_all(layers, columns)
        account, incident = self.rows["account"], self.rows["incident"]
        accounts, numbered = pd.factorize(account)
        first = _first(accounts, len(numbered))
        codes, told = pd.factorize(self.rows["standing"])
        rank = np.array([SAY.index(name) for name in told], dtype=np.intp)[codes]
        # Where nothing names an incident it is called after its only account.
        numbers, names = accounts, numbered
        if not incident.array.equals(account.array):
            numbers, names = pd.factorize(incident)
        best = np.full(len(names), len(SAY))
        np.minimum.at(best, numbers[first], rank[first])
        self.heard = rank == best[numbers]
        speaks = first[self.heard[first]]
        incidents, order = pd.factorize(numbers[speaks])
        self.each = SideBySide.of(incidents, speaks, len(order))
        self.standing = best[order]
        self._names: pd.Index = names[order]
        place = np.full(len(names), -1)
        place[order] = np.arange(len(order))
        self.number = place[numbers]

    def of(self, rows: pd.DataFrame) -> NDArray[np.intp]:
        """Return the number of the incident of each row of a layer, -1 where it is none of these."""
        if rows["incident"].array.equals(self.rows["incident"].array):
            return self.number
        return self._names.get_indexer(pd.Index(rows["incident"]))

    def heard_in(self, rows: pd.DataFrame) -> SideBySide:
        """Return of each incident the rows of a layer whose accounts have a say."""
        own = self.rows
        if all(rows[name].array.equals(own[name].array) for name in ("account", "incident")):
            heard = self.heard
        else:
            heard = ~rows["account"].isin(own["account"][~self.heard]).to_numpy(dtype=bool)
        at = np.flatnonzero(heard)
        if heard is self.heard and len(at) == len(self.each.rows):
            return self.each
        return SideBySide.of(self.of(rows)[at], at, self.each.total)

    @property
    def index(self) -> pd.Index:
        """The names of the incidents."""
        names: pd.Index = pd.Index(self._names.to_numpy(dtype=object), dtype=object)
        return names.rename("incident")

    @cached_property
    def days(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The first and the last day of each incident, and whether its accounts contradict."""
        return merged_days(self.rows, self.each)


def days_and_standing(layers: Layers) -> pd.DataFrame:
    """Return of each incident when it was and whether it counts, as `incidents` has it and no more.

    Parameters
    ----------
    layers : Layers
        From `locate`, or of data that has coordinates already.

    Returns
    -------
    pandas.DataFrame
        Index ``incident``; ``date_start``, ``date_end``, ``standing``.
    """
    told = ByIncident(layers, ())
    first, last, _ = told.days
    standing = np.array(SAY, dtype=object)[told.standing]
    return pd.DataFrame(
        {"date_start": first, "date_end": last, "standing": standing}, index=told.index
    )


def accounts_of(layers: Layers, columns: Iterable[str] | None = None) -> pd.DataFrame:
    """Return one row per account, as plain text and figures.

    Parameters
    ----------
    layers : Layers
        Whose accounts.
    columns : iterable of str, optional
        What is wanted of them beside ``account``, as far as they have it; all by default.
    """
    rows = _rows_of_all(layers, columns)
    codes, accounts = pd.factorize(rows["account"])
    first = _first(codes, len(accounts))
    return (rows if len(first) == len(rows) else rows.iloc[first]).reset_index(drop=True)


def _rows_of_all(layers: Layers, columns: Iterable[str] | None) -> pd.DataFrame:
    """Return rows of layers that tell of all accounts, those of one layer where it has them all."""
    told = [layer for layer in map(layers.layer, ROLES) if len(layer)]
    # Layers of one table of reports tell of the same accounts.
    if told and all(_has_accounts_of(told[0], other) for other in told[1:]):
        told = told[:1]
    # Of empty layers the columns are all that is asked for.
    tables = [_plain(layer, columns) for layer in told or map(layers.layer, ROLES)]
    return tables[0] if len(tables) == 1 else pd.concat(tables)


def _first(codes: NDArray[np.intp], accounts: int) -> NDArray[np.intp]:
    """Return the positions of the first row of each of so many accounts."""
    if accounts == len(codes):
        return np.arange(len(codes))
    return np.flatnonzero(~pd.Series(codes).duplicated().to_numpy())


def _has_accounts_of(layer: pd.DataFrame, other: pd.DataFrame) -> bool:
    own, others = layer["account"], other["account"]
    return own.array.equals(others.array) or bool(others.isin(own).all())


def _plain(layer: pd.DataFrame, columns: Iterable[str] | None) -> pd.DataFrame:
    if columns is None:
        return pd.DataFrame(layer).drop(columns="geometry")
    wanted = dict.fromkeys(["account", *columns])
    return pd.DataFrame(layer)[[name for name in wanted if name in layer]]
