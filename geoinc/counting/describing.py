"""What a table of reports holds, in the words of a methods paragraph."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import pandas as pd

from geoinc.counting.accounts import accounts_of
from geoinc.counting.merging import incidents
from geoinc.counting.totals import counts, in_words
from geoinc.counting.words import cells_of
from geoinc.schema import LINK_COLUMNS, PLACE_STATUSES, ROLES, Layers


def describe(layers: Layers) -> str:
    """Return the sentences for a methods paragraph: how many, from whom, how well placed.

    Parameters
    ----------
    layers : Layers
        From `locate`, or of data that has coordinates already.

    Returns
    -------
    str
        Plain sentences; figures are of incidents that count unless said.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"target": ["Balad air base"], "date": ["2021-03-15"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> print(gi.describe(layers))  # doctest: +ELLIPSIS
    1 account tells of 1 incident, which is counted. ...
    """
    accounts, table = accounts_of(layers), incidents(layers)
    kept = table[table["standing"] == "counted"]
    sentences = [_extent(accounts, table, kept)]
    if set(LINK_COLUMNS) <= set(accounts):
        range_of = counts(layers)
        sentences.append(
            f"Accounts were linked by their content: {range_of.low} to {range_of.total} incidents count, "
            f"about {range_of.best:.0f} if what is likely one is one."
        )
    sources = cells_of(accounts, "original_source")
    sources = sources.where(sources != "", cells_of(accounts, "source"))
    if named := sources[sources != ""].nunique():
        sentences.append(f"{named} {'source is' if named == 1 else 'sources are'} named.")
    days = pd.concat([kept["date_start"], kept["date_end"]]).dropna()
    if len(days):
        undated = int(kept[["date_start", "date_end"]].isna().any(axis=1).sum())
        but = f"; {undated} without a date, or with one that is open at an end" if undated else ""
        sentences.append(f"They are dated {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}{but}.")
    sentences += [
        _placed(layers.layer(role), kept.index, role) for role in ROLES if len(layers.layer(role))
    ]
    rows = layers.rows()
    resolved = rows.loc[rows["place_status"] == "resolved", "place_id"].nunique()
    sentences.append(
        f"{resolved} different places were named and resolved; each is an area that holds "
        "the true place, and distances and counts carry that area as low and high."
    )
    if by_hand := rows.loc[cells_of(rows, "place_match") == "decision", "place"].nunique():
        sentences.append(f"Of {by_hand} texts an analyst decided by hand what they mean.")
    if cells_of(rows, "place_reason").str.startswith("check: the table is about ").any():
        sentences.append(
            "Names that several places bear were taken for the one where the surely placed names of "
            "the table lie, and are marked so."
        )
    if disputed := int((kept["disputed"] != "").sum()):
        sentences.append(
            f"Accounts contradict each other in {disputed} of the {len(kept)} that count."
        )
    return " ".join([*sentences, f"Made with geoinc{_version()}."])


def _extent(accounts: pd.DataFrame, table: pd.DataFrame, kept: pd.DataFrame) -> str:
    many = len(accounts) != 1
    text = (
        f"{len(accounts)} account{'s' if many else ''} tell{'' if many else 's'} of "
        f"{len(table)} incident{'' if len(table) == 1 else 's'}, "
    )
    left_out = table.loc[table["standing"] != "counted", "standing"].value_counts()
    if not len(left_out):
        return text + ("which is counted." if len(table) == 1 else "which are all counted.")
    rest = [f"{n} {in_words(str(name), n)}" for name, n in left_out.items()]
    rest_words = ", ".join(rest[:-1]) + (" and " if len(rest) > 1 else "") + rest[-1]
    return f"{text}of which {len(kept)} are counted; kept but not counted are {rest_words}."


def _placed(layer: pd.DataFrame, counted: pd.Index, role: str) -> str:
    """Say how well the incidents are placed in a role, by the best of their rows."""
    rank = layer["place_status"].map({name: rank for rank, name in enumerate(PLACE_STATUSES)})
    rows = pd.DataFrame(
        {
            "incident": layer["incident"],
            "rank": rank,
            "nowhere": cells_of(layer, "place_id") == "",
            "uncertainty_m": layer["uncertainty_m"],
        }
    )
    best = rows[rows["incident"].isin(counted)]
    best = best.sort_values(["rank", "nowhere", "uncertainty_m"]).drop_duplicates("incident")
    parts, known = [], best["rank"] == 0
    if known.any():
        radius = best.loc[known, "uncertainty_m"]
        within = [f"{int((radius <= km * 1000).sum())} within {km} km" for km in (1, 5, 25)]
        parts.append(f"{int(known.sum())} resolved ({', '.join(within)})")
    for i, name in enumerate(PLACE_STATUSES[1:], 1):
        if n := int((best["rank"] == i).sum()):
            hinted = int((~best.loc[best["rank"] == i, "nowhere"]).sum())
            parts.append(
                f"{n} {name}" + (f" ({hinted} said to be in a known area)" if hinted else "")
            )
    plural = {"launch": "Launches", "target": "Targets", "impact": "Impacts"}[role]
    return f"{plural}: {', '.join(parts) or 'none'}."


def _version() -> str:
    try:
        return f" {version('geoinc')}"
    except PackageNotFoundError:  # run from a checkout that was never installed
        return ""
