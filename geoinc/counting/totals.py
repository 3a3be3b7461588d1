"""Incidents counted by time, by place or by any column, as far as they are certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geoinc.counting.charts import Kind, drawn
from geoinc.counting.sharing import PLACES, names_shown, ranks
from geoinc.counting.sheets import write_sheets
from geoinc.counting.tallying import Part, Question, Tally, asked, is_time, spreads_of, summed
from geoinc.h3_cells import library, outlines_of
from geoinc.schema import ROLES, STANDINGS, Layers

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from matplotlib.figure import Figure

_LEFT_OUT = "not counted: "


@dataclass(frozen=True, eq=False)
class Counts:
    """How many incidents fall in each category: at least, about, at most.

    Parameters
    ----------
    table : pandas.DataFrame
        Index the categories; ``low`` counts the incidents that are certainly
        in the category, ``high`` those that may be, and ``count`` shares each
        incident among the categories that it may belong to, so that the
        column adds up to `best`.
    by : tuple of str
        What was counted by.
    title : str
        What was counted, in words.
    total : int
        How many incidents there are.
    low : int
        How many there are if all that may be one is one (`link_reports`).
    best : float
        How many there are if what is likely one is one.
    undated, not_placed : int
        How many have no date, or none that is closed; and no place.
    notes : tuple of str
        What was left out, and why.
    """

    table: pd.DataFrame
    by: tuple[str, ...]
    title: str
    total: int
    low: int
    best: float
    undated: int
    not_placed: int
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the counts as a table of one's own."""
        return self.table.copy()

    @property
    def caption(self) -> str:
        """What a reader must know beside the figures: n, what is undated, not placed, left out."""
        fewer = f" ({self.low} if all that may be one is one)" if self.low < self.total else ""
        parts = [
            f"n = {self.total}{fewer}",
            f"{self.undated} undated",
            f"{self.not_placed} not placed",
        ]
        left_out = ", ".join(note.removeprefix(_LEFT_OUT) for note in self.notes)
        return "; ".join([*parts, *([_LEFT_OUT + left_out] if left_out else [])])

    def plot(self, *, kind: Kind = "bar") -> Figure:
        """Draw the counts; beneath them stand n and what is undated, not placed or left out.

        Parameters
        ----------
        kind : {"bar", "stacked", "timeline", "multiples"}
            Bars, with whiskers from low to high; bars in parts, for counts by two
            things; bars on an axis of time; or a small picture for each value of
            the second thing, those of most incidents first.

        Returns
        -------
        matplotlib.figure.Figure
            To be changed or saved: ``counts.plot().savefig("counts.png")``.

        Raises
        ------
        ModuleNotFoundError
            Where matplotlib is missing (the extra ``plot``).
        ValueError
            Where the counts are by more things than the picture shows, or by fewer.
        """
        return drawn(self.table, self.by, kind=kind, title=self.title, caption=self.caption)

    def to_layer(self) -> gpd.GeoDataFrame:
        """Return cells of H3 with their counts, for the map: ``explore(layers, add=[counts])``.

        Returns
        -------
        geopandas.GeoDataFrame
            ``label``, ``value``, ``low`` and ``high`` of each cell; ``attrs`` say what is counted,
            and how many incidents are in no cell.

        Raises
        ------
        ModuleNotFoundError
            Where h3 is missing.
        ValueError
            Where the counts are not by cells alone.
        """
        is_cell = [library().is_valid_cell(name) for name in self.table.index]
        if len(self.by) != 1 or not any(is_cell):
            msg = f"a map has counts by cells of H3 alone, not by {self.by}: use by='h3_5'"
            raise ValueError(msg)
        cells, others = self.table[is_cell], self.table[~np.array(is_cell)]
        layer = gpd.GeoDataFrame(
            # A hundredth of an incident is more than a reader of a map needs.
            cells.rename(columns={"count": "value"}).round(2).rename_axis("label").reset_index(),
            geometry=outlines_of(cells.index.to_list()),
            crs=4326,
        )
        elsewhere = [f"{row.count:.4g} {row.Index}" for row in others.itertuples()]
        note = "; ".join(
            [self.caption, *([f"in no cell: {', '.join(elsewhere)}"] if elsewhere else [])]
        )
        layer.attrs = {"title": self.title, "unit": "incidents", "note": f"{note}."}
        return layer

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """Write the counts to an Excel file, with what they count and what was left out.

        Parameters
        ----------
        path : path
            Ends in ``.xlsx``; a file that is there is replaced whole or not at all.

        Raises
        ------
        ModuleNotFoundError
            Where openpyxl is missing (the extra ``excel``).
        """
        rows = self.table.reset_index()
        lines = [[self.title], [*rows.columns], *rows.itertuples(index=False), [], [self.caption]]
        write_sheets({"counts": lines}, path, headings=2, decimals=1)


def counts(
    layers: Layers,
    *,
    by: str | Iterable[str] | None = None,
    role: str = "target",
    include: str | Iterable[str] = ("counted",),
) -> Counts:
    """Count incidents, each once, and say how far the count is certain.

    An incident is certainly in a category where nothing else is possible: its
    days lie in one month, its place in one province, its accounts agree.
    Otherwise it is in the ``high`` of every category that it may belong to and
    in the ``low`` of none.  What has no date at all, or no place, or is known
    no finer than its country, has rows of its own, and is in no other's high.

    By cells of H3, an incident is certainly in a cell that holds its whole footprint, the error of
    a boundary included; otherwise it is shared among those that its footprint meets, by area.
    Known to a country, or to more than about 1,000 cells, it is ``somewhere in`` the country.

    Where `link_reports` says that incidents may be one, the low counts them once,
    in a category that all of them are certainly in, and the high each.

    Parameters
    ----------
    layers : Layers
        From `locate`, or of data that has coordinates already.
    by : str or iterable of str, optional
        ``day``, ``week``, ``month``, ``year``; ``place``, ``admin1``,
        ``country`` of a role; ``h3_5`` for the cells of H3 at resolution 5 (0 to 15; extra
        ``h3``); any column of the reports; or a day, such as ``"2021-03-03"``, for before and
        after it.  Without it, all.
    role : {"target", "launch", "impact"}
        Whose place is counted by.
    include : str or iterable of str
        Standings to count; by default no summaries, no foiled attacks, called
        off or false alarms, and nothing that was set aside.

    Returns
    -------
    Counts
        With ``.table``, ``.to_frame()``, ``.plot()``, and what was left out in ``.notes``.

    Raises
    ------
    ModuleNotFoundError
        Where cells are asked for and h3 is missing.
    ValueError
        Where there is nothing of that name to count by.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"target": ["Erbil", "Balad"], "date": ["2021-02-15", "2021-02/2021-03"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> gi.counts(layers, by="month").to_frame().reset_index().round(2)
         month  low  count  high
    0  2021-02    1   1.47     2
    1  2021-03    0   0.53     1
    """
    question = asked(
        by, role, include, [name for role in ROLES for name in layers.layer(role).columns]
    )
    spreads = spreads_of(layers.places, question)
    return counted(Part(layers, question).tally(spreads), question)


def counted(tally: Tally, question: Question) -> Counts:
    """Return the counts that a tally makes.

    Parameters
    ----------
    tally : Tally
        Of all incidents (`added` makes one of many).
    question : Question
        What was counted.
    """
    keys, sums = question.keys, tally.sums
    shown = {i: names_shown(tally.names[key]) for i, key in enumerate(keys) if key in tally.names}
    table = summed(_with_names(tally.table, shown))
    if keys:
        for i, key in reversed(list(enumerate(keys))):
            totals = tally.totals[i].rename(index=shown.get(i, {})).groupby(level=0).sum()
            rank = ranks(totals, chronological=is_time(key))
            order = table.index.get_level_values(i).map(rank).to_numpy()
            table = table.iloc[np.argsort(order, kind="stable")]
        table.index.names = list(keys)
    else:
        table.index.name = "incidents"
    # Those of most incidents first.
    left_out = tally.left_out
    left_out = left_out.reindex([name for name in STANDINGS if name in left_out.index])
    left_out = left_out.sort_values(ascending=False, kind="stable")
    return Counts(
        table,
        keys,
        _title(question),
        total=int(sums["total"]),
        low=int(sums["low"]),
        best=float(sums["best"]),
        undated=int(sums["undated"]),
        not_placed=int(sums["not_placed"]),
        notes=tuple(f"{_LEFT_OUT}{n} {in_words(str(name), n)}" for name, n in left_out.items()),
    )


def _with_names(table: pd.DataFrame, shown: dict[int, dict[str, str]]) -> pd.DataFrame:
    """Return a table with the names that its categories are called by, for some of its levels."""
    levels = [table.index.get_level_values(i) for i in range(table.index.nlevels)]
    for i, names in shown.items():
        told = [names.get(category, category) for category in levels[i]]
        levels[i] = pd.Index(told, dtype=levels[i].dtype)
    if len(levels) == 1:
        return table.set_axis(levels[0])
    return table.set_axis(pd.MultiIndex.from_arrays(levels))


def _title(question: Question) -> str:
    parts = [_thing(key, question) for key in question.keys]
    title = "Incidents" + (f" by {' and '.join(parts)}" if parts else "")
    if question.include == ("counted",):
        return title
    return f"{title} ({', '.join(question.include)})"


def _thing(key: str, question: Question) -> str:
    if key in question.cells:
        return f"H3 cell of the {question.role} (resolution {question.cells[key]})"
    return f"{key} of the {question.role}" if key in PLACES else key.replace("_", " ")


def in_words(standing: str, n: int) -> str:
    """Return what a number of incidents of a standing is called."""
    one, many = {
        "counted": ("attack", "attacks"),
        "summary": ("summary of many attacks", "summaries of many attacks"),
        "no attack": (
            "attack foiled, called off or a false alarm",
            "attacks foiled, called off or false alarms",
        ),
        "set aside": ("set aside",) * 2,
    }[standing]
    return one if n == 1 else many
