"""A gazetteer: a file of places and their names, and the staged search in it.

A name is looked up as it is written and folded (case, accents), then by its core (without
articles and words for its kind), then by its consonants, at last by likeness; a stage is asked
only when those before found nothing that fits.  What the finds are worth says `geoinc.matching`.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from geoinc import toponyms
from geoinc.errors import PlaceNotFoundError
from geoinc.matching import (
    CANDIDATE_COLUMNS,
    Candidate,
    Decision,
    Hit,
    Query,
    decide,
    scored,
    weighed,
    without_airports,
)
from geoinc.repeats import without_repeats
from geoinc.store import Store

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from geoinc.places import Place

__all__ = ["Candidate", "Decision", "Gazetteer", "Search", "decide"]


class Search(Protocol):
    """What a gazetteer must offer; any object with these two methods is one."""

    def search(
        self,
        name: str,
        *,
        country: str = "",
        admin1: str = "",
        kind: str = "",
        near: tuple[float, float] | None = None,
        date: str = "",
        limit: int = 10,
    ) -> pd.DataFrame:
        """Return candidates as `Gazetteer.search` does."""
        ...

    def place(self, place_id: str) -> Place:
        """Return a place by its id."""
        ...


class Gazetteer:
    """Places and their names, read from a GeoPackage; nothing is loaded first.

    Safe to share between threads, and between processes, which open the file themselves.

    Parameters
    ----------
    path : path
        A GeoPackage as ``gazetteer/build.py`` writes it.

    Attributes
    ----------
    path : pathlib.Path
        The file; of a union the first.
    metadata : dict of str to str
        Versions, sources, licences of that file.

    Raises
    ------
    GazetteerError
        There is no such file, it is no gazetteer, or it was built for another version.

    Examples
    --------
    >>> import geoinc as gi
    >>> gaz = gi.load_gazetteer()
    >>> gaz.search("Al-Balad airbase")["place_id"].iloc[0]
    'iq-balad-air-base'
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._stores: tuple[Store, ...] = (Store(path),)

    @property
    def path(self) -> Path:
        """The file; of a union the first."""
        return self._stores[0].path

    @property
    def metadata(self) -> dict[str, str]:
        """Versions, sources and licences of the (first) file."""
        return dict(self._stores[0].metadata)

    def __or__(self, other: Gazetteer) -> Gazetteer:
        """Return the union: a gazetteer again; of a place that both have, that of the first."""
        if not isinstance(other, Gazetteer):
            return NotImplemented
        union = object.__new__(Gazetteer)
        union._stores = self._stores + other._stores
        return union

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_paths, (tuple(str(store.path) for store in self._stores),)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep the files as they are while many names are asked: twice as fast.

        Other programs cannot save them meanwhile.

        Examples
        --------
        >>> import geoinc as gi
        >>> gaz = gi.load_gazetteer()
        >>> with gaz.reading():
        ...     [gaz.candidates(name)[0].place_id for name in ("Mosul", "Balad air base")]
        ['iq-mosul', 'iq-balad-air-base']
        """
        with ExitStack() as stack:
            for store in self._stores:
                stack.enter_context(store.reading())
            yield

    def __contains__(self, place_id: object) -> bool:
        return any(place_id in store for store in self._stores)

    def __len__(self) -> int:
        return sum(map(len, self._stores))

    def __repr__(self) -> str:
        names = " | ".join(store.path.name for store in self._stores)
        return f"<Gazetteer {names}: {len(self):,} places>"

    def place(self, place_id: str) -> Place:
        """Return a place by its id.

        Parameters
        ----------
        place_id : str
            As `search` gives it.

        Returns
        -------
        Place
            With its footprint; ``match``, ``score`` and ``reason`` are those of a known id.

        Raises
        ------
        PlaceNotFoundError
            No place has that id.

        Examples
        --------
        >>> import geoinc as gi
        >>> gi.load_gazetteer().place("iq-balad-air-base").name
        'Balad Air Base'
        """
        for store in self._stores:
            found = store.place(place_id)
            if found is not None:
                return found
        msg = f"no place has the id {place_id!r}; search() gives the ids"
        raise PlaceNotFoundError(msg, place_id)

    def search(
        self,
        name: str,
        *,
        country: str = "",
        admin1: str = "",
        kind: str = "",
        near: tuple[float, float] | None = None,
        date: str = "",
        limit: int = 10,
    ) -> pd.DataFrame:
        """Return the places that a name may mean, best first.

        Parameters
        ----------
        name : str
            A name, in any script, with or without a word for its kind ("Balad air base").
        country : str
            ISO 3166-1 alpha-2 code or name of the country it is said to be in.
        admin1 : str
            Name of the first-order division it is said to be in.
        kind : str
            Kind of place it is said to be, of `geoinc.places.KINDS`.
        near : (float, float), optional
            Longitude and latitude, degrees, that it is said to be near.
        date : str
            ISO date (or year, or year and month) of which the name is told.
        limit : int
            Most rows to return.

        Returns
        -------
        pandas.DataFrame
            Columns as the fields of `Candidate`.  Hints re-rank and are said in ``reason``;
            they never drop a candidate.  Scores are probabilities: those of rivals and of
            "none of these" add up to 1.

        Examples
        --------
        >>> import geoinc as gi
        >>> found = gi.load_gazetteer().search("Dayr al-Zawr", country="SY")
        >>> found.loc[0, ["name", "stage"]].tolist()
        ['Deir ez-Zor', 'exact']
        """
        found = self.candidates(
            name, country=country, admin1=admin1, kind=kind, near=near, date=date, limit=limit
        )
        return pd.DataFrame(
            {
                column: [getattr(candidate, column) for candidate in found]
                for column in CANDIDATE_COLUMNS
            },
        )

    def candidates(
        self,
        name: str,
        *,
        country: str = "",
        admin1: str = "",
        kind: str = "",
        near: tuple[float, float] | None = None,
        date: str = "",
        limit: int = 10,
    ) -> list[Candidate]:
        """Return what `search` returns as a list, several times faster.

        Parameters
        ----------
        name, country, admin1, kind, near, date, limit
            As for `search`.

        Returns
        -------
        list of Candidate
            Best first.

        Examples
        --------
        >>> import geoinc as gi
        >>> gi.load_gazetteer().candidates("Camp Taji")[0].kind
        'military base'
        """
        text = name.strip()
        keys = toponyms.keys(text)
        if not keys.fold:
            return []
        query = Query(
            text=text,
            keys=keys,
            kinds=toponyms.split_kind(text)[1],
            kind_hint=kind,
            country=self._country_code(country),
            admin1=toponyms.skeleton(admin1),
            near=near,
            date=date,
        )
        hits = without_airports(without_repeats(self._hits(query), self._stores), query)
        return scored(hits)[:limit]

    def _country_code(self, country: str) -> str:
        """Return an ISO code as it is, the code of a known country, or ``""``: no hint."""
        if not country or (len(country) == 2 and country.isascii() and country.isalpha()):
            return country.upper()
        codes = (store.country_code(country) for store in self._stores)
        return next(filter(None, codes), "")

    def _hits(self, query: Query) -> list[Hit]:
        """Return what the stages find, up to the first that finds what fits."""
        hits: dict[str, Hit] = {}
        generic = toponyms.is_generic(query.text)
        for stage, key in zip(("fold", "core", "skeleton"), query.keys, strict=True):
            # "The base" is no name; two consonants are too few to say which.
            if generic and stage != "fold":
                return list(hits.values())
            if stage == "skeleton" and len(key) < 2:
                break
            for number, store in enumerate(self._stores):
                for row in getattr(store, f"by_{stage}")(key):
                    # A code is a code in capitals only: "Hit" is a town.
                    if row.text_kind == "code" and row.text != query.text:
                        continue
                    _keep(hits, weighed(row, stage, query, number))
            if any(hit.fits for hit in hits.values()):
                return list(hits.values())
        # Likeness helps where nothing found so far is more likely than not.
        if not any(hit.evidence > 0 for hit in hits.values()):
            for hit in self._alike(query):
                hits.setdefault(hit.row.place_id, hit)
        return list(hits.values())

    def _alike(self, query: Query) -> list[Hit]:
        """Return the places whose names look like the one asked for."""
        found: dict[str, Hit] = {}
        for number, store in enumerate(self._stores):
            names = store.alike(query.keys)
            for likeness, name_id in _most_alike(query.keys, names):
                row = store.by_name_id(name_id)
                _keep(found, weighed(row, "fuzzy", query, number, likeness=likeness))
        return list(found.values())


def _from_paths(paths: Sequence[str]) -> Gazetteer:
    """Open a pickled gazetteer or union again."""
    union = Gazetteer(paths[0])
    for path in paths[1:]:
        union = union | Gazetteer(path)
    return union


def _keep(hits: dict[str, Hit], hit: Hit) -> None:
    """Add a hit; of several names of a place the one with most evidence stays, first store first."""
    known = hits.get(hit.row.place_id)
    if known is None or (known.store == hit.store and known.evidence < hit.evidence):
        hits[hit.row.place_id] = hit


def _most_alike(
    keys: toponyms.Keys, names: Iterable[tuple[str, str, int]], limit: int = 8
) -> list[tuple[float, int]]:
    """Return likeness (0..1, 1 a letter apart at most) and id of the names most like a name."""
    rows = list(names)
    best: dict[int, float] = {}
    for texts, text, cutoff, trust in (
        ([core for core, _, _ in rows], keys.core, 0.5, 1.0),
        ([skeleton for _, skeleton, _ in rows], keys.skeleton, 0.6, 0.9),
    ):
        for _, likeness, index in process.extract(
            text,
            texts,
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=cutoff,
            limit=limit,
        ):
            name_id = rows[index][2]
            best[name_id] = max(best.get(name_id, 0.0), likeness * trust)
    ranked = sorted(((likeness, name_id) for name_id, likeness in best.items()), reverse=True)
    return ranked[:limit]
