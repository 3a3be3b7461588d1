"""Counts far beyond all others of their column, as by a zero too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geoinc.checking.faults import Fault
from geoinc.reports import text_of
from geoinc.schema import COUNT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a zero too many makes of a count.
_DIGIT = 10
#: So many other incidents must tell a count.  Of n + 1 incidents in no order, the last is beyond
#: the other n in one case of n + 1, whatever the counts are: here in one of twenty.
_OTHERS = 19


def count_extremes(reports: pd.DataFrame) -> Iterator[tuple[int, Fault]]:
    """Return rows whose count is at least ten times that of any other incident; a note.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`; summaries and what was set aside are not looked at.
    """
    counted = (reports["standing"] == "counted").to_numpy()
    for column in COUNT_COLUMNS:
        cells = text_of(reports, column)
        least, most = (
            reports[f"{column}_{end}"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
            for end in ("low", "best")
        )
        told = counted & ~np.isnan(least)
        most = np.fmax(least, most)
        highest = pd.Series(most[told]).groupby(text_of(reports, "incident")[told]).max()
        if len(highest) <= _OTHERS:
            continue
        second, first = highest.sort_values().iloc[-2:]
        if second <= 0 or first < _DIGIT * second:
            continue
        for i in np.flatnonzero(told & (least >= _DIGIT * second)):
            stated = f"{column}: {least[i]:,.0f}"
            against = (
                f"of the {len(highest) - 1} other incidents that tell it none has more than "
                f"{second:,.0f}; a zero too many?"
            )
            yield int(i), Fault("outlier", column, cells[i], stated, against, "note")
