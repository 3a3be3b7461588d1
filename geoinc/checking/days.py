"""Days that cannot have been known: after the report was published, or still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geoinc.checking.faults import Fault
from geoinc.reports import text_of
from geoinc.reports.days import parse_days

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

#: It may be a day later where the attack was than where it was told.
_ZONES = pd.Timedelta(days=1)


def day_faults(reports: pd.DataFrame, today: date) -> Iterator[tuple[int, Fault]]:
    """Return rows that tell of a day after they were published, or else after today.

    Only the first day counts: "March" told on the 16th is no fault.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`.
    today : datetime.date
        The last day that can have been told of.
    """
    words, dates = text_of(reports, "published"), text_of(reports, "date")
    printed = pd.Series(words, dtype=str)
    blank = pd.Series("", index=printed.index, dtype=str)
    # Where 03/04 may be of either month, the one that fits.
    readings = [parse_days(printed, blank, day_first=day_first) for day_first in (True, False)]
    soonest = pd.concat([one["date_start"] for one in readings], axis=1).min(axis=1)
    latest = pd.concat([one["date_end"] for one in readings], axis=1).max(axis=1)
    now = pd.Timestamp(today)
    first = reports["date_start"].reset_index(drop=True)
    against = f"today is {now:%Y-%m-%d}"
    ahead = soonest > now + _ZONES
    for i in ahead[ahead].index:
        stated = f"published on {soonest[i]:%Y-%m-%d}"
        yield int(i), Fault("date", "published", words[i], stated, against, "error")
    early = first > latest + _ZONES
    for i in early[early].index:
        stated = f"the attack was on {first[i]:%Y-%m-%d}, or later"
        told = f"the report was published before, on {latest[i]:%Y-%m-%d}"
        yield int(i), Fault("date", "date", dates[i], stated, told, "error")
    ahead = (first > now + _ZONES) & ~early & ~ahead
    for i in ahead[ahead].index:
        stated = f"the attack was on {first[i]:%Y-%m-%d}, or later"
        yield int(i), Fault("date", "date", dates[i], stated, against, "error")
