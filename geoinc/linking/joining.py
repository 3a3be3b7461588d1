"""Pairs into incidents: what is joined must agree with all that it is joined to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]


def joined(group: Ints, one: Ints, other: Ints, compatible: AbstractSet[tuple[int, int]]) -> Ints:
    """Return groups with more of their members joined.

    Pairs are taken in their order, the surest first.  Two groups become one
    where every member of the one is compatible with every member of the
    other: a chain of likely pairs does not join what nobody would join.

    Parameters
    ----------
    group : array of int
        The group of each member, to begin with.
    one, other : array of int
        Pairs of members to join, the surest first.
    compatible : set of (int, int)
        Pairs of members that may be in one group, the lesser position first.
    """
    group = group.copy()
    members: dict[int, list[int]] = {}
    for at, label in enumerate(group.tolist()):
        members.setdefault(label, []).append(at)
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        mine, theirs = int(group[a]), int(group[b])
        if mine == theirs:
            continue
        if all(
            (min(i, j), max(i, j)) in compatible for i in members[mine] for j in members[theirs]
        ):
            moved = members.pop(theirs)
            members[mine] += moved
            group[moved] = mine
    return group
