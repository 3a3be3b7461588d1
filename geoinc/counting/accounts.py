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
    accounts : pandas.DataFrame
        From `accounts_of`; with ``incident`` and ``standing``.

    Attributes
    ----------
    accounts : pandas.DataFrame
        The same.
    each : SideBySide
        The accounts of each incident that have a say, those of its best standing; incidents in the
        order in which somebody tells of them who has a say.
    number : array of int
        The number of each account's incident.
    standing : array of int
        The standing of each incident, its place in `SAY`.
    """

    def __init__(self, accounts: pd.DataFrame) -> None:
        self.accounts = accounts
        codes, told = pd.factorize(accounts["standing"])
        rank = np.array([SAY.index(name) for name in told], dtype=np.intp)[codes]
        numbers, names = pd.factorize(accounts["incident"])
        best = np.full(len(names), len(SAY))
        np.minimum.at(best, numbers, rank)
        speaks = np.flatnonzero(rank == best[numbers])
        heard, order = pd.factorize(numbers[speaks])
        self.each = SideBySide.of(heard, speaks, len(order))
        self.standing = best[order]
        self._names: pd.Index = names[order]
        place = np.empty(len(order), dtype=np.intp)
        place[order] = np.arange(len(order))
        self.number = place[numbers]

    def of(self, rows: pd.DataFrame) -> NDArray[np.intp]:
        """Return the number of the incident of each row of a layer."""
        if rows["incident"].array.equals(self.accounts["incident"].array):
            return self.number
        return self._names.get_indexer(pd.Index(rows["incident"]))

    @property
    def index(self) -> pd.Index:
        """The names of the incidents."""
        names: pd.Index = pd.Index(self._names.to_numpy(dtype=object), dtype=object)
        return names.rename("incident")

    @cached_property
    def days(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The first and the last day of each incident, and whether its accounts contradict."""
        return merged_days(self.accounts, self.each)


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
    told = ByIncident(accounts_of(layers, ["incident", "standing", "date_start", "date_end"]))
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
    told = [layer for layer in map(layers.layer, ROLES) if len(layer)]
    # Layers of one table of reports tell of the same accounts: then one of them has them all.
    if told and all(_has_accounts_of(told[0], other) for other in told[1:]):
        told = told[:1]
    # Of empty layers the columns are all that is asked for.
    tables = [_plain(layer, columns) for layer in told or map(layers.layer, ROLES)]
    rows = tables[0] if len(tables) == 1 else pd.concat(tables)
    codes, names = pd.factorize(rows["account"])
    if len(names) < len(rows):
        rows = rows[~pd.Series(codes).duplicated().to_numpy()]
    return rows.reset_index(drop=True)


def _has_accounts_of(layer: pd.DataFrame, other: pd.DataFrame) -> bool:
    own, others = layer["account"], other["account"]
    return own.array.equals(others.array) or bool(others.isin(own).all())


def _plain(layer: pd.DataFrame, columns: Iterable[str] | None) -> pd.DataFrame:
    if columns is None:
        return pd.DataFrame(layer).drop(columns="geometry")
    wanted = dict.fromkeys(["account", *columns])
    return pd.DataFrame(layer)[[name for name in wanted if name in layer]]
