"""What a place is called on the map where it is known by its coordinates alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

#: Words that are coordinates themselves.
_FIGURES = re.compile(r"[\s\d.,;:°'\"NSEWnsew+-]*")


def labels(rows: pd.DataFrame, told: pd.DataFrame, places: pd.DataFrame) -> NDArray[np.object_]:
    """Return what accounts call the places that are given by coordinates.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``told`` and ``found``, numbers into the two other tables; ``found`` is -1 for none.
    told : pandas.DataFrame
        What is told of places: ``place``, the words.
    places : pandas.DataFrame
        Places with their ``kind``.

    Returns
    -------
    array of str
        For each place the words that most rows have for it, of equally many the first; "" for places that
        have a name of their own, and where no words are told but figures.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"told": [0, 1, 1, 2], "found": [0, 0, 0, 1]})
    >>> told = pd.DataFrame({"place": ["36.1, 37.2", "Khalasah village", "Aleppo"]})
    >>> labels(rows, told, pd.DataFrame({"kind": ["coordinates", "city"]})).tolist()
    ['Khalasah village', '']
    """
    given = np.append(places["kind"].eq("coordinates").to_numpy(), [False])  # -1 is none
    found = np.full(len(places), "", dtype=object)
    if not given.any():
        return found
    words = told["place"].fillna("").astype(str).to_numpy(dtype=object)
    worded = np.array([_FIGURES.fullmatch(text) is None for text in words], dtype=bool)
    here = rows.loc[given[rows["found"]] & worded[rows["told"]], ["found", "told"]]
    most = (
        here.assign(words=words[here["told"]])
        .groupby(["found", "words"], sort=False)
        .size()
        .sort_values(ascending=False, kind="stable")
        .reset_index()
        .drop_duplicates("found")
    )
    found[most["found"]] = most["words"]
    return found
