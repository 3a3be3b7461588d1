"""A gazetteer: files of places and their names, and the search in them.

How a name is found says `geoinc.finding`, what the finds are worth `geoinc.matching`, what they come
to `geoinc.verdicts`.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from geoinc.errors import PlaceNotFoundError
from geoinc.finding import Finder
from geoinc.matching import CANDIDATE_COLUMNS, Candidate
from geoinc.store import Store
from geoinc.verdicts import Decision, decide

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
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
        admin2: str = "",
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
        self._finder = Finder(self._stores)

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
        union._finder = Finder(union._stores)
        return union

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_paths, (tuple(str(store.path) for store in self._stores),)

    @property
    def version(self) -> tuple[tuple[int, ...], ...]:
        """Another one when a file was written or replaced: then what was looked up is void."""
        return tuple(store.version for store in self._stores)

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

    def of_kind(self, kind: str) -> list[Place]:
        """Return every place of a kind, as `place` does.

        Parameters
        ----------
        kind : str
            One of `geoinc.places.KINDS`.

        Examples
        --------
        >>> import geoinc as gi
        >>> [sea.name for sea in gi.load_gazetteer().of_kind("strait")]
        ['Strait of Hormuz', 'Bab al-Mandab']
        """
        places: dict[str, Place] = {}
        for store in self._stores:
            for place in store.of_kind(kind):
                places.setdefault(place.place_id, place)
        return list(places.values())

    def search(
        self,
        name: str,
        *,
        country: str = "",
        admin1: str = "",
        admin2: str = "",
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
            Name of the first-order division (province) it is said to be in.
        admin2 : str
            Name of the second-order division (district) it is said to be in.
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
            name, country=country, admin1=admin1, admin2=admin2, kind=kind, near=near, date=date,
            limit=limit,
        )  # fmt: skip
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
        admin2: str = "",
        kind: str = "",
        near: tuple[float, float] | None = None,
        date: str = "",
        limit: int = 10,
    ) -> list[Candidate]:
        """Return what `search` returns as a list, several times faster.

        Parameters
        ----------
        name, country, admin1, admin2, kind, near, date, limit
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
        return self.dated_candidates(
            name, country=country, admin1=admin1, admin2=admin2, kind=kind, near=near, date=date,
            limit=limit,
        )[0]  # fmt: skip

    def dated_candidates(
        self,
        name: str,
        *,
        country: str = "",
        admin1: str = "",
        admin2: str = "",
        kind: str = "",
        near: tuple[float, float] | None = None,
        date: str = "",
        limit: int = 10,
    ) -> tuple[list[Candidate], frozenset[str]]:
        """Return what `candidates` returns, and the days on which that may change.

        Parameters
        ----------
        name, country, admin1, admin2, kind, near, date, limit
            As for `search`.

        Returns
        -------
        list of Candidate
            Best first.
        frozenset of str
            Days, or less, on which a place that comes near the name begins or ends to be called
            so; between two of them every date has the same candidates (`matching.same_then`).

        Examples
        --------
        >>> import geoinc as gi
        >>> gaz = gi.load_gazetteer()
        >>> sorted(gaz.dated_candidates("Camp Bucca")[1])
        ['2003-04', '2009-09']
        """
        with self.reading():
            return self._finder.candidates(
                name.strip(), country=country, admin1=admin1, admin2=admin2, kind=kind, near=near,
                date=date, limit=limit,
            )  # fmt: skip

    def is_written(self, name: str) -> bool:
        """Return whether a place is called so, but for case, accents and what is in brackets.

        Where none is, no candidate for the name is found by its words as they are written.

        Parameters
        ----------
        name : str
            A name, in any script.

        Examples
        --------
        >>> import geoinc as gi
        >>> gaz = gi.load_gazetteer()
        >>> gaz.is_written("MOSUL"), gaz.is_written("Musol")
        (True, False)
        """
        with self.reading():
            return self._finder.is_written(name.strip())


@lru_cache(maxsize=8)
def _from_paths(paths: tuple[str, ...]) -> Gazetteer:
    """Open a pickled gazetteer or union again: once in each process."""
    union = Gazetteer(paths[0])
    for path in paths[1:]:
        union = union | Gazetteer(path)
    return union
