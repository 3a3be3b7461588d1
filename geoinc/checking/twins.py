"""Rows that a table tells apart and that read like one attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geoinc.checking.faults import Fault
from geoinc.linking import link_reports
from geoinc.linking.weights import JOINED
from geoinc.reports import text_of
from geoinc.schema import COUNT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geoinc.schema import Layers

#: Whoever is placed no finer reads like anybody there.
_WIDE = ("country", "province", "district", "region")


def twin_faults(reports: pd.DataFrame, layers: Layers) -> Iterator[tuple[int, Fault]]:
    """Return pairs of incidents that `link_reports` would join had the table not told them apart.

    One for each pair of incidents, their surest accounts, at the later row.
    Only accounts that agree in a number are told, as place, day and weapon are
    shared by many attacks of a war, and that know where better than by a
    division or region.  A note where not both tell one day: two attacks on one
    place within a stretch of days are nothing strange.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `read_reports`.
    layers : Layers
        The same reports, placed.
    """
    if reports.empty:
        return
    accounts, incidents = text_of(reports, "account"), text_of(reports, "incident")
    in_file = reports.attrs.get("rows", {})
    days = reports["date_start"].where(reports["date_start"] == reports["date_end"]).to_numpy()
    first: dict[str, int] = {}
    for i, account in enumerate(accounts):
        first.setdefault(account, i)
    pairs = link_reports(layers).pairs
    # Without an incident of its own a row is nowhere told apart: that is for `link_reports`.
    known = _placed(layers) - set(accounts[incidents == accounts])
    seen = set()
    for account, other, p, reason in pairs[
        ["account", "other", "probability", "reason"]
    ].itertuples(index=False):  # the surest first
        one, later = sorted((first[account], first[other]))
        both = frozenset((incidents[one], incidents[later]))
        if p < JOINED or len(both) == 1 or both in seen or not {account, other} <= known:
            continue
        if not _same_number(reports, one, later):
            continue
        seen.add(both)
        yield (
            later,
            Fault(
                "duplicate",
                "incident",
                incidents[later],
                f"incident {incidents[later]!r} is another than {incidents[one]!r}",
                f"row {in_file.get(accounts[one], one + 2)} reads like the same attack "
                f"(probability {p:.2f}): {reason.removesuffix('; the table tells them apart')}",
                "warning" if days[one] == days[later] else "note",
            ),
        )


def _same_number(reports: pd.DataFrame, one: int, other: int) -> bool:
    """Return whether two rows tell a count that agrees, other than of none, and none that differs."""
    agree = False
    for column in COUNT_COLUMNS:
        low, high = (reports[f"{column}_{end}"].iloc[[one, other]] for end in ("low", "high"))
        if low.isna().any():
            continue
        least, most = low.max(), high.min()
        if not pd.isna(most) and least > most:
            return False
        agree |= bool(low.min() > 0)
    return agree


def _placed(layers: Layers) -> set[str]:
    """Return the accounts that know where finer than a division or region."""
    kinds = layers.places["kind"]
    return {
        account
        for role in ("target", "impact")
        for account, place_id in zip(
            layers.layer(role)["account"], layers.layer(role)["place_id"], strict=True
        )
        if place_id and kinds[place_id] not in _WIDE
    }
