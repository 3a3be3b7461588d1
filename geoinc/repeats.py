"""One place in two gazetteers is one place: in a union the first gazetteer's stands for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoinc.matching import alike_in_kind, away_m

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    best: dict[str, Hit] = {}
    for hit in hits:
        first = _in_an_earlier(hit, stores[: hit.store])
        known = best.get(first.row.place_id)
        if known is None or known.evidence < first.evidence:
            best[first.row.place_id] = first
    return list(best.values())


def _in_an_earlier(hit: Hit, earlier: Sequence[Store]) -> Hit:
    """Return a hit as one of the place that the first store has that has it."""
    row = hit.row
    names = dict.fromkeys((row.name, row.text))
    for number, store in enumerate(earlier):
        namesakes = (other for name in names for other in store.namesakes(name, row.country))
        same = [other for other in namesakes if is_same(row, other)]
        if same:
            nearest = min(same, key=lambda other: away_m(row, other))
            named = nearest._replace(text=row.text, text_kind=row.text_kind)
            return hit._replace(row=named, store=number)
    return hit


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
