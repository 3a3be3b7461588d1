"""A gazetteer: a file of places and their names, and the staged search in it.

A name is looked up as it is written and folded (case, accents), then by its core (without
articles and words for its kind), then by its consonants, at last by likeness; a stage is asked
only when those before found nothing that fits.  What the finds are worth says `geoinc.matching`.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd
import shapely
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from geoinc import toponyms
from geoinc.errors import GazetteerError, PlaceNotFoundError
from geoinc.matching import (
    CANDIDATE_COLUMNS,
    Candidate,
    Decision,
    Hit,
    Query,
    Row,
    decide,
    scored,
    weighed,
    without_airports,
)
from geoinc.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Candidate", "Decision", "Gazetteer", "Search", "decide"]

SCHEMA_VERSION = "1"

# ---------------------------------------------------------------- the file


class _Store:
    """One GeoPackage, read only; a connection for each thread and process that asks."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._local = threading.local()
        if not self.path.is_file():
            msg = f"there is no gazetteer file at {str(path)!r}"
            raise GazetteerError(msg)
        try:
            self.metadata = dict(self._rows("SELECT key, value FROM metadata_geoinc"))
        except sqlite3.Error as error:
            msg = f"{self.path.name!r} is not a gazetteer of geoinc ({error})"
            raise GazetteerError(msg) from error
        for key, ours in (
            ("schema_version", SCHEMA_VERSION),
            ("keys_version", toponyms.KEYS_VERSION),
        ):
            theirs = self.metadata.get(key, "")
            if theirs != ours:
                msg = (
                    f"{self.path.name!r} has {key} {theirs!r}, this geoinc reads {ours!r}: "
                    "build the gazetteer again with this version"
                )
                raise GazetteerError(msg)

    def _rows(self, sql: str, *values: object) -> list[Any]:
        # A connection is of no use in a forked process.
        if getattr(self._local, "process", None) != os.getpid():
            uri = self.path.resolve().as_uri() + "?mode=ro&immutable=1"
            self._local.connection = sqlite3.connect(uri, uri=True)
            self._local.process = os.getpid()
        rows: list[Any] = self._local.connection.execute(sql, values).fetchall()
        return rows

    _NAMES = (
        "SELECT n.text, n.kind, p.place_id, p.name, p.kind, p.country, p.admin1, p.longitude, "
        "p.latitude, p.uncertainty_m, p.importance, p.valid_from, p.valid_to "
        "FROM names AS n JOIN places AS p ON p.place_id = n.place_id "
    )

    def by_fold(self, key: str) -> list[Row]:
        return [Row(*row) for row in self._rows(self._NAMES + "WHERE n.key_fold = ?", key)]

    def by_core(self, key: str) -> list[Row]:
        return [Row(*row) for row in self._rows(self._NAMES + "WHERE n.key_core = ?", key)]

    def by_skeleton(self, key: str) -> list[Row]:
        return [Row(*row) for row in self._rows(self._NAMES + "WHERE n.key_skeleton = ?", key)]

    def alike(self, keys: toponyms.Keys) -> list[tuple[str, str, int]]:
        """Return core, skeleton and id of the names that begin and end about where this does."""
        length = len(keys.skeleton)
        slack = max(1, length // 2)
        first = keys.skeleton[:1]
        return self._rows(
            "SELECT key_core, key_skeleton, id FROM names WHERE key_skeleton >= ? "
            "AND key_skeleton < ? AND length(key_skeleton) BETWEEN ? AND ? AND kind != 'code'",
            first,
            first + "\U0010ffff",
            length - slack,
            length + slack,
        )

    def by_name_id(self, name_id: int) -> Row:
        return Row(*self._rows(self._NAMES + "WHERE n.id = ?", name_id)[0])

    def country_code(self, name: str) -> str:
        """Return the ISO code of a country by its name, or ``""``."""
        for row in self.by_fold(toponyms.fold(name)):
            if row.kind == "country":
                return row.country
        return ""

    def place(self, place_id: str) -> Place | None:
        columns = (
            "geom, name, kind, longitude, latitude, uncertainty_m, position_error_m, "
            "boundary_error_m, country, admin1, source, licence, valid_from, valid_to, shape"
        )
        rows = self._rows(f"SELECT {columns} FROM places WHERE place_id = ?", place_id)  # noqa: S608 (constant columns)
        if not rows:
            return None
        geometry, *values = rows[0]
        names = columns.split(", ")[1:]
        return Place(
            place_id=place_id,
            footprint=_footprint(geometry),
            **dict(zip(names, values, strict=True)),
        )

    def __contains__(self, place_id: object) -> bool:
        return bool(self._rows("SELECT 1 FROM places WHERE place_id = ?", place_id))

    def __len__(self) -> int:
        return int(self._rows("SELECT count(*) FROM places")[0][0])


def _footprint(blob: bytes) -> Any:
    """Return the geometry of a GeoPackage blob (OGC 12-128r18, clause 2.1.3): header, then WKB."""
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[blob[3] >> 1 & 7]
    return shapely.from_wkb(blob[8 + envelope :])


# ---------------------------------------------------------------- the gazetteer


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
        self._stores: tuple[_Store, ...] = (_Store(path),)

    @property
    def path(self) -> Path:
        """The file; of a union the first."""
        return self._stores[0].path

    @property
    def metadata(self) -> dict[str, str]:
        """Versions, sources and licences of the (first) file."""
        return dict(self._stores[0].metadata)

    def __or__(self, other: Gazetteer) -> Gazetteer:
        """Return the union: a gazetteer again; of equal ids the first wins."""
        if not isinstance(other, Gazetteer):
            return NotImplemented
        union = object.__new__(Gazetteer)
        union._stores = self._stores + other._stores
        return union

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_paths, (tuple(str(store.path) for store in self._stores),)

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
        hits = without_airports(self._hits(query), query)
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
