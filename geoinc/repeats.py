"""One place in two gazetteers is one place: in a union the first gazetteer's stands for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoinc import toponyms
from geoinc.matching import alike_in_kind, away_m

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geoinc.matching import Hit, Row
    from geoinc.store import Store


def without_repeats(hits: Iterable[Hit], stores: Sequence[Store]) -> list[Hit]:
    """Return hits in which a place that an earlier store has too is that of the earlier store.

    Two places are one when their names have the same key, their kinds are compatible, they are
    in one country and the centre of one lies in the other.  It is asked by the place's own name
    too, so that whichever spelling is looked up the answer is the same place.

    Parameters
    ----------
    hits : iterable of Hit
        What a search found in all stores.
    stores : sequence of Store
        Those of the union, in its order.

    Returns
    -------
    list of Hit
        Each place once, with the most evidence it was found with.
    """
    found = list(hits)
    for number, store in enumerate(stores[:-1]):
        later = [hit for hit in found if hit.store > number]
        if later:
            known = store.namesakes({key for hit in later for key in _keys(hit.row)})
            firsts = [_of_the_first(hit, number, known) for hit in later]
            found = [hit for hit in found if hit.store <= number] + firsts
    best: dict[str, Hit] = {}
    for hit in found:
        known_hit = best.get(hit.row.place_id)
        if known_hit is None or known_hit.evidence < hit.evidence:
            best[hit.row.place_id] = hit
    return list(best.values())


def _keys(row: Row) -> set[str]:
    keys = {row.skeleton}
    if row.name != row.text:
        keys.add(toponyms.skeleton(row.name))
    return {key for key in keys if len(key) > 1}  # one consonant tells nothing


def _of_the_first(hit: Hit, number: int, known: Mapping[str, list[Row]]) -> Hit:
    """Return a hit as one of the place that the store of a number has, where it has it."""
    row = hit.row
    same = [other for key in _keys(row) for other in known.get(key, ()) if is_same(row, other)]
    if not same:
        return hit
    nearest = min(same, key=lambda other: (away_m(row, other), other.place_id))
    its = nearest._replace(text=row.text, text_kind=row.text_kind, skeleton=row.skeleton)
    return hit._replace(row=its, store=number)


def is_same(one: Row, other: Row) -> bool:
    """Return whether two places of one name are the same place.

    Parameters
    ----------
    one, other : Row
        Places whose names have the same key.

    Returns
    -------
    bool
        True where their kinds are compatible, their countries are not different and the centre
        of one lies within the extent and error of the other.
    """
    return (
        (one.country == other.country or not (one.country and other.country))
        and alike_in_kind(one.kind, other.kind)
        and away_m(one, other) <= max(one.uncertainty_m, other.uncertainty_m)
    )
