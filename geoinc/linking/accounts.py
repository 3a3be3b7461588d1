"""What accounts tell, as arrays: where, when, how many, and in which words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.reports import text_of
from geoinc.schema import COUNT_COLUMNS, ROLES, Layers
from geoinc.toponyms import fold

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: What is told in words and compared as such, and what it tells about.
WORDS = {
    "event_type": "kind",
    "weapon": "kind",
    "target_type": "target",
    "target_actor": "side",
    "actor": "actor",
}
#: What speaks for one incident where it agrees, and against none where it does not: sources differ on
#: it, and there are no accounts of real attacks to learn from how often.
BESIDE = ("launch", "outcome", "original_source", "time")

#: What a reader is shown in the words of the account.
IN_WORDS = ("date", *WORDS, *COUNT_COLUMNS)

#: Notes that tell an attack from others of the same report: "the first of two such attacks".
_ATTACK = r"(?:attack|strike|raid|bombing|bomb|explosion|blast|shelling|ambush|incident)s?"
_ONE_OF_SEVERAL = re.compile(
    r"\b(?:(?:first|second|third|last|former|latter|other|one) of (?:the )?(?:two|three|four|five|several)"
    rf"|another|second|third|separate|different|earlier|previous|further)(?: such)? (?:air )?{_ATTACK}\b"
    rf"|\b{_ATTACK} of its own\b"
)

#: How far a date that is open at one side ("before 3 March") may reach, in days.
_OPEN_DAYS = 365


@dataclass(frozen=True, eq=False)
class Accounts:
    """The accounts of one or two tables, by their position.

    Parameters
    ----------
    table : pandas.DataFrame
        One row an account: ``account``, ``incident``, ``given`` (the table names the
        incident), ``file`` (0 or 1), ``standing``, ``first`` and ``last`` (days since
        1970, NaN where nothing is told), ``open`` (no first day is told), the words of
        `WORDS`, of `BESIDE` and ``place``, folded, ``words`` for the place as they are, ``published`` (days
        since 1970), ``report``, and ``teller`` (report and source, blank where either is not told).
    spots : pandas.DataFrame
        One row for each place of an account: ``at``, its position, and ``place``, the
        position in `places`.
    places : geopandas.GeoDataFrame
        As `Layers.places`.
    told : pandas.DataFrame
        The same accounts in their own words: the day, the counts, and those of `WORDS`.
    low, high : dict of str to array
        Bounds of each count, NaN where it is not told; high is infinite of "at least".
    """

    table: pd.DataFrame
    told: pd.DataFrame
    spots: pd.DataFrame
    places: gpd.GeoDataFrame
    low: dict[str, Floats]
    high: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.table)

    @property
    def radius_m(self) -> Floats:
        """Radius of the widest place of each account, metres; NaN where it has none."""
        of_spot = self.places["uncertainty_m"].to_numpy(dtype=float)[self.spots["place"]]
        radius = np.full(len(self), np.nan)
        np.fmax.at(radius, self.spots["at"].to_numpy(), of_spot)
        return radius

    @property
    def days(self) -> Floats:
        """How many days each account may mean; NaN where it tells none."""
        return np.asarray(self.table["last"] - self.table["first"] + 1, dtype=float)


def accounts_from(files: tuple[Layers, ...]) -> Accounts:
    """Return what the accounts of one or two tables tell.

    Where an account was aimed is compared, or where it fell when that is not
    known; where it was launched only in tables that tell nothing else.
    """
    tables, texts, spots, places = [], [], [], []
    before = n_places = 0
    for number, layers in enumerate(files):
        rows = layers.rows()
        # In an order of their own, so that what comes out does not depend on that of the table.
        told = rows[~rows["account"].duplicated()].sort_values("account", ignore_index=True)
        tables.append(_told(told, number))
        texts.append(pd.DataFrame({name: text_of(told, name) for name in IN_WORDS}))
        at = _spots(layers, pd.Index(told["account"]))
        spots.append(at.assign(at=at["at"] + before, place=at["place"] + n_places))
        places.append(layers.places)
        before, n_places = before + len(told), n_places + len(layers.places)
    table = pd.concat(tables, ignore_index=True)
    low, high = {}, {}
    for name in COUNT_COLUMNS:
        low[name], high[name] = _bounds(table, name)
    return Accounts(
        table,
        pd.concat(texts, ignore_index=True),
        pd.concat(spots, ignore_index=True),
        pd.concat(places) if len(places) > 1 else places[0],
        low,
        high,
    )


def _told(rows: pd.DataFrame, number: int) -> pd.DataFrame:
    account, incident = text_of(rows, "account"), text_of(rows, "incident")
    first, last = _days(rows["date_start"]), _days(rows["date_end"])
    published = _days(pd.to_datetime(rows["published"], errors="coerce", format="%Y-%m-%d")
                      if "published" in rows else pd.Series(pd.NaT, rows.index))  # fmt: skip
    last = np.where(np.isnan(last) & ~np.isnan(first), np.fmin(published, first + _OPEN_DAYS), last)
    last = np.where(np.isnan(last), published, last)
    open_start = np.isnan(first) & ~np.isnan(last)
    first = np.where(open_start, last - _OPEN_DAYS, first)
    report, source = text_of(rows, "report"), text_of(rows, "source")
    report = np.where(report == "", text_of(rows, "url"), report)
    told = (report != "") & (source != "")
    target, impact = text_of(rows, "target"), text_of(rows, "impact")
    place = np.where(target == "", impact, target)
    outcome = text_of(rows, "outcome")
    table = {
        "account": account,
        "incident": incident,
        "given": incident != account,
        "file": number,
        "standing": text_of(rows, "standing"),
        "first": np.fmin(first, last),
        "last": last,
        "open": open_start,
        "place": _folded(place),
        "words": place,
        "published": published,
        "one_of_several": [
            bool(_ONE_OF_SEVERAL.search(text.casefold())) for text in text_of(rows, "notes")
        ],
        "report": np.where(report == "", "", f"{number} " + report),
        "teller": np.where(told, f"{number} " + report + "\x1f" + source, ""),
        **{name: _folded(text_of(rows, name)) for name in (*WORDS, *BESIDE) if name != "time"},
        "time": text_of(rows, "time"),
        # That nobody knows it is nothing to agree on.
        "outcome": _folded(np.where(outcome == "unknown", "", outcome)),
    }
    for name in COUNT_COLUMNS:
        for bound in ("low", "best", "high"):
            column = f"{name}_{bound}"
            table[column] = rows[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return pd.DataFrame(table)


def _folded(cells: NDArray[Any]) -> NDArray[Any]:
    """Return cells without what does not tell words apart."""
    codes, distinct = pd.factorize(cells)
    # Coordinates in figures are no words.
    folded = [fold(text) if any(map(str.isalpha, text)) else "" for text in distinct]
    return np.array(folded, dtype=object)[codes]


def _days(column: pd.Series) -> Floats:
    """Return days since 1970, NaN of what is missing."""
    days = column.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype("int64").astype(float))


def _bounds(table: pd.DataFrame, name: str) -> tuple[Floats, Floats]:
    low, best, high = (
        table.pop(f"{name}_{bound}").to_numpy(dtype=float) for bound in ("low", "best", "high")
    )
    least, most = np.fmax(low, np.where(np.isnan(low), best, np.nan)), np.fmin(high, np.inf)
    most = np.where(np.isnan(high), best, high)
    told = ~np.isnan(least) | ~np.isnan(most)
    return (
        np.where(told, np.nan_to_num(least, nan=0.0), np.nan),
        np.where(told, np.where(np.isnan(most), np.inf, most), np.nan),
    )


def _spots(layers: Layers, accounts: pd.Index) -> pd.DataFrame:
    """Return the places of each account, of the role that tells best where it was."""
    found, done = [], np.zeros(len(accounts), dtype=bool)
    roles = ("target", "impact") if len(layers.targets) or len(layers.impacts) else ROLES
    for role in roles:
        layer = layers.layer(role)
        placed = layer[layer["place_id"].fillna("") != ""]
        at = accounts.get_indexer(pd.Index(placed["account"]))
        place = layers.places.index.get_indexer(pd.Index(placed["place_id"]))
        new = (at >= 0) & ~done[at]
        done[at[new]] = True
        found.append(pd.DataFrame({"at": at[new], "place": place[new]}))
    return pd.concat(found, ignore_index=True).drop_duplicates()
