"""Which accounts may tell of one incident at all: pairs that are near in place and in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoinc.linking.accounts import WORDS
from geoinc.space import in_space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geoinc.linking.accounts import Accounts

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: Beyond what they leave open themselves, accounts of one incident may be so far apart: in another
#: village, and dated to the day of publication.
FARTHEST_M = 50_000.0
FARTHEST_DAYS = 3

#: An account that may mean more than this is vague: it is compared with what is not, and given up
#: where it fits too many.
_VAGUE_M = 150_000.0
_VAGUE_DAYS = 31
_FITS_TOO_MANY = 200
#: In a table with more accounts than this in the days of a vague one, nobody could tell.
_MOST_IN_TIME = 20_000
#: Pairs looked at in one go.
_AT_ONCE = 2_000_000

#: Words that so few accounts share bring those together that tell no place.
_RARE = 12

_DEGREE_M = 110_574.0


class Candidates(NamedTuple):
    """Pairs of accounts by their positions, the first less than the second."""

    one: Ints
    other: Ints
    too_vague: Ints


def candidate_pairs(accounts: Accounts) -> Candidates:
    """Return the pairs of accounts that may tell of one incident.

    Two accounts are compared where their days are no more than three days apart
    and their places no more than 50 km; where one has no place or only a
    country, also where they share a word that few others use.  Accounts that
    fit more than 200 others because they are vague are given up.  Of two
    tables only pairs of one account each are made.
    """
    entries = _entries(accounts)
    vague = entries["vague"].to_numpy(dtype=bool)
    exact, loose = entries[~vague], entries[vague]
    pairs = [_near(one, other) for one, other in _facing(exact, exact)][:1]
    crowded = _in_time(entries, loose) > _MOST_IN_TIME
    given_up = {int(at) for at in loose.loc[crowded, "at"]}
    loose = loose[~crowded]
    mixed = np.concatenate([_near(one, other) for one, other in _facing(loose, entries)])
    fits = np.bincount(mixed[:, 0], minlength=len(accounts))
    given_up |= {int(at) for at in np.unique(loose["at"]) if fits[at] > _FITS_TOO_MANY}
    lost = np.isin(mixed[:, 0], list(given_up)) | np.isin(mixed[:, 1], list(given_up))
    pairs += [mixed[~lost], _by_words(accounts, set(entries["at"]) - set(loose["at"]))]
    found = np.sort(np.concatenate(pairs), axis=1)
    key = np.unique(found[:, 0] * len(accounts) + found[:, 1]) if len(found) else found[:, 0]
    one, other = key // max(len(accounts), 1), key % max(len(accounts), 1)
    table = accounts.table
    file, standing = table["file"].to_numpy(), pd.factorize(table["standing"])[0]
    kept = (one != other) & (standing[one] == standing[other])
    if file.any():
        kept &= file[one] != file[other]
    return Candidates(one[kept], other[kept], np.array(sorted(given_up), dtype=np.intp))


def _facing(asked: pd.DataFrame, entries: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return what is compared with what: all with all, of two tables those of each with the other's."""
    if not entries["file"].any():
        return [(asked, entries)]
    return [
        (asked[asked["file"] == number], entries[entries["file"] != number]) for number in (0, 1)
    ]


def _entries(accounts: Accounts) -> pd.DataFrame:
    """Return the places of accounts that can be linked, with their days and their size."""
    spots = accounts.spots
    at, place = spots["at"].to_numpy(), spots["place"].to_numpy()
    places = accounts.places
    table = accounts.table
    entries = pd.DataFrame(
        {
            "at": at,
            "file": table["file"].to_numpy()[at],
            "first": table["first"].to_numpy()[at],
            "last": table["last"].to_numpy()[at],
            "longitude": places["longitude"].to_numpy(dtype=float)[place],
            "latitude": places["latitude"].to_numpy(dtype=float)[place],
            "radius_m": places["uncertainty_m"].to_numpy(dtype=float)[place],
        }
    )
    linked = table["standing"].isin(["counted", "no attack"]).to_numpy()[at]
    days = entries["last"] - entries["first"] + 1
    entries["vague"] = (entries["radius_m"] > _VAGUE_M) | (days > _VAGUE_DAYS)
    usable = linked & days.notna().to_numpy()
    return pd.DataFrame(entries[usable]).reset_index(drop=True)


def _in_time(entries: pd.DataFrame, loose: pd.DataFrame) -> Ints:
    """Return how many entries fit each of the loose ones in time."""
    first, last = np.sort(entries["first"]), np.sort(entries["last"])
    begun = np.searchsorted(first, loose["last"] + FARTHEST_DAYS, "right")
    over = np.searchsorted(last, loose["first"] - FARTHEST_DAYS, "left")
    return np.asarray(begun - over)


def _near(asked: pd.DataFrame, entries: pd.DataFrame) -> Ints:
    """Return which entries are near those asked for, in place and time, as pairs of accounts."""
    if not len(asked) or not len(entries):
        return np.empty((0, 2), dtype=np.intp)
    spots = in_space(entries[["longitude", "latitude"]].to_numpy())
    own = in_space(asked[["longitude", "latitude"]].to_numpy())
    # Time goes to the right and latitude up: one tree finds what is near in both.
    tree = shapely.STRtree(_boxes(entries, 0.0, 0.0))
    found = []
    for part in _parts(_in_time(entries, asked)):
        asks, has = tree.query(_boxes(asked.iloc[part], FARTHEST_DAYS, FARTHEST_M))
        asks = asks + part.start
        apart = np.linalg.norm(own[asks] - spots[has], axis=1)
        reach = asked["radius_m"].to_numpy()[asks] + entries["radius_m"].to_numpy()[has]
        near = apart <= reach + FARTHEST_M
        one, other = asked["at"].to_numpy()[asks[near]], entries["at"].to_numpy()[has[near]]
        # What asks for itself finds every pair twice.
        once = one < other if asked is entries else one != other
        found.append(np.column_stack([one[once], other[once]]))
    return np.concatenate(found)


def _boxes(entries: pd.DataFrame, days: float, metres: float) -> NDArray[np.object_]:
    reach = (entries["radius_m"] + metres) / _DEGREE_M
    return np.asarray(
        shapely.box(
            entries["first"] - days,
            entries["latitude"] - reach,
            entries["last"] + days,
            entries["latitude"] + reach,
        )
    )


def _parts(sizes: Ints) -> Iterator[slice]:
    """Cut what is to be asked so that no part brings too much at once."""
    start, total = 0, np.cumsum(sizes)
    while start < len(sizes):
        before = total[start - 1] if start else 0
        stop = max(int(np.searchsorted(total, before + _AT_ONCE, "right")), start + 1)
        yield slice(start, stop)
        start = stop


def _by_words(accounts: Accounts, placed: set[int]) -> Ints:
    """Return the pairs that share a rare word, one of them without a place to go by."""
    table = accounts.table
    words = table["place"].to_numpy(dtype=object)
    for name in WORDS:
        words = words + " " + table[name].to_numpy(dtype=object)
    tokens = pd.Series([text.split() for text in words]).explode()
    tokens = tokens[tokens.notna() & (tokens.str.len() > 3)]
    listed = pd.DataFrame({"word": tokens, "at": tokens.index}).drop_duplicates()
    listed = listed[table["standing"].isin(["counted", "no attack"]).to_numpy()[listed["at"]]]
    listed = listed[~np.isnan(accounts.days[listed["at"]])]
    size = listed.groupby("word")["at"].transform("size")
    listed = listed[(size > 1) & (size <= _RARE)]
    homeless = listed[~listed["at"].isin(placed)]
    pairs = homeless.merge(listed, on="word")[["at_x", "at_y"]].drop_duplicates().to_numpy()
    first, last = table["first"].to_numpy(), table["last"].to_numpy()
    one, other = pairs.T
    gap = np.maximum(first[one] - last[other], first[other] - last[one])
    return np.asarray(pairs[(one != other) & (gap <= FARTHEST_DAYS)], dtype=np.intp)
