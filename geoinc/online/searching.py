"""The gazetteer that asks a service, remembers what it said, and weighs it as any other."""

from __future__ import annotations

import tempfile
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoinc import toponyms
from geoinc.errors import PlaceNotFoundError
from geoinc.gazetteer import Gazetteer, Search, decide
from geoinc.matching import CANDIDATE_COLUMNS
from geoinc.online.answers import entry_of
from geoinc.online.asking import Service
from geoinc.online.remembering import Memory
from geoinc.sources.kinds import country_code
from geoinc.sources.writing import write_gazetteer
from geoinc.store import cache_folder

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from geoinc.geopackage import Entry
    from geoinc.online.remembering import Answer
    from geoinc.places import Place

#: Most places kept in memory; the others are made of their answers again.
_MOST_PLACES = 10_000


class OnlineGazetteer:
    """A geocoding service as a gazetteer: every name that is looked up is sent to it.

    A name is sent once: answers, empty ones too, are kept in a file and never waited for
    again.  Nothing is sent when it is made, and no words without a name in them ("the base").
    What the service answers is weighed by its names as the places of any gazetteer are: an
    answer with another name than the one asked for does not resolve.  The footprint is the
    outline or the bounding box of the answer.

    Join it to a gazetteer with ``|`` to ask only for names that the gazetteer does not resolve.

    Parameters
    ----------
    geocoder : geopy.geocoders.base.Geocoder
        Any geocoder of geopy, with the user agent or key that its service asks for.
    cache : path, optional
        SQLite file of the answers; by default ``online.sqlite`` in the user's cache.
    min_delay_s : float
        Seconds from one request to the next; the policy of most free services is 1.
    retries : int
        How often a request is made again after a timeout, a dropped connection, 429 or 5xx,
        after pauses of 1, 2, 4 ... s or of what the service asks for.
    timeout_s : float
        Seconds to wait for an answer.
    licence : str
        Terms of the answers, where they do not tell their own.

    Attributes
    ----------
    service : str
        Name of the service and its host: what ``source`` of its places begins with.

    Examples
    --------
    >>> import geoinc as gi
    >>> from geopy.geocoders import Nominatim
    >>> service = Nominatim(user_agent="my-study (me@example.org)")
    >>> cache = getfixture("tmp_path") / "answers.sqlite"
    >>> gaz = gi.load_gazetteer() | gi.OnlineGazetteer(service, cache=cache)
    >>> gaz.search("Balad air base").loc[0, "place_id"]  # known: nothing is sent
    'iq-balad-air-base'
    """

    def __init__(
        self,
        geocoder: Any,
        *,
        cache: str | os.PathLike[str] | None = None,
        min_delay_s: float = 1.0,
        retries: int = 4,
        timeout_s: float = 10.0,
        licence: str = "",
    ) -> None:
        self._service = Service(
            geocoder, min_delay_s=min_delay_s, retries=retries, timeout_s=timeout_s
        )
        self._memory = Memory(cache_folder() / "online.sqlite" if cache is None else cache)
        self._licence = licence
        self._asking = threading.Lock()
        self._places: OrderedDict[str, Place] = OrderedDict()

    @property
    def service(self) -> str:
        """Name of the service and its host."""
        return self._service.name

    def __repr__(self) -> str:
        return f"<OnlineGazetteer {self.service}: {len(self._memory):,} names answered>"

    def __or__(self, other: Search) -> Search:
        """Return the union: the other is asked for what the service does not resolve."""
        return _Union(self, other)

    def __ror__(self, other: Search) -> Search:
        """Return the union: the service is asked for what the other does not resolve."""
        return _Union(other, self)

    def search(self, name: str, *, country: str = "", **hints: Any) -> pd.DataFrame:
        """Return the answers of the service that a name may mean, best first.

        Parameters
        ----------
        name : str
            A name, in any script.
        country : str
            ISO 3166-1 alpha-2 code or name: the service is asked for places there only.
        **hints
            As for `geoinc.Gazetteer.search`; they are weighed here and not sent.

        Returns
        -------
        pandas.DataFrame
            As `geoinc.Gazetteer.search` returns it.

        Raises
        ------
        GazetteerError
            The name is not in the cache and the service does not answer.
        """
        text = " ".join(name.split())
        code = country_code(country) if country else ""
        if not toponyms.keys(text).fold or toponyms.is_generic(text):
            return pd.DataFrame(columns=list(CANDIDATE_COLUMNS))
        entries = self._entries(self._answered(text, code))
        if not entries:
            return pd.DataFrame(columns=list(CANDIDATE_COLUMNS))
        with _Opened(entries, self.service) as gazetteer:
            found = gazetteer.search(name, country=country, **hints)
            for place_id in found["place_id"]:
                self._keep(gazetteer.place(place_id))
        return found

    def place(self, place_id: str) -> Place:
        """Return a place that the service has answered, by its id.

        Parameters
        ----------
        place_id : str
            As `search` gives it.

        Raises
        ------
        PlaceNotFoundError
            No answer in the cache has that id.
        """
        if place_id not in self._places:
            answer = self._memory.answer_of(self.service, place_id)
            entries = self._entries([answer]) if answer else []
            if not entries:
                msg = f"{self.service} has not answered a place with the id {place_id!r}"
                raise PlaceNotFoundError(msg, place_id)
            with _Opened(entries, self.service) as gazetteer:
                self._keep(gazetteer.place(place_id))
        return self._places[place_id]

    def _answered(self, text: str, country: str) -> list[Answer]:
        """Return the answers to a name, from the cache or from the service."""
        known = self._memory.recall(self.service, text, country)
        if known is not None:
            return known
        with self._asking:
            # Another thread may have asked the same in the meantime.
            known = self._memory.recall(self.service, text, country)
            if known is not None:
                return known
            today = datetime.now(UTC).date().isoformat()
            given: dict[str, dict[str, Any]] = {}
            for answer in self._service.ask(text, country):
                entry = entry_of(answer, self.service, today, self._licence)
                if entry is not None:
                    given.setdefault(entry.place_id, answer)
            self._memory.keep(self.service, text, country, today, given)
            return self._memory.recall(self.service, text, country) or []

    def _entries(self, answers: Iterable[Answer]) -> list[Entry]:
        entries = (
            entry_of(given.answer, self.service, given.asked, self._licence) for given in answers
        )
        return [entry for entry in entries if entry is not None]

    def _keep(self, place: Place) -> None:
        self._places[place.place_id] = place
        if len(self._places) > _MOST_PLACES:
            self._places.popitem(last=False)


class _Opened:
    """A gazetteer of a few places, as long as it is needed.

    The answers to one name are searched by themselves: what was asked before changes nothing.
    """

    def __init__(self, entries: list[Entry], service: str) -> None:
        self._entries = entries
        self._service = service
        self._folder = tempfile.TemporaryDirectory(prefix="geoinc-", ignore_cleanup_errors=True)

    def __enter__(self) -> Gazetteer:
        path = Path(self._folder.name) / "answers.gpkg"
        write_gazetteer(path, self._entries, source=self._service, licence="", progress=False)
        return Gazetteer(path)

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


class _Union:
    """Two gazetteers, the second asked only for what the first does not resolve."""

    def __init__(self, first: Search, second: Search) -> None:
        self._first = first
        self._second = second

    def __repr__(self) -> str:
        return f"{self._first!r} | {self._second!r}"

    def __or__(self, other: Search) -> Search:
        return _Union(self, other)

    def __ror__(self, other: Search) -> Search:
        return _Union(other, self)

    def search(self, name: str, **hints: Any) -> pd.DataFrame:
        """Return the candidates of the first, or, where it is at a loss, of both."""
        found = self._first.search(name, **hints)
        if decide(found).status != "unresolved":
            return found
        more = self._second.search(name, **hints)
        if more.empty:
            return found
        # What only one of them can be: the suggestions of the first share what is left.
        left = found.assign(score=found["score"] * max(0.0, 1 - more["score"].sum()))
        both = pd.concat([table for table in (more, left) if len(table)], ignore_index=True)
        both = both.drop_duplicates("place_id").sort_values("score", ascending=False, kind="stable")
        return both.head(hints.get("limit", 10)).reset_index(drop=True)

    def place(self, place_id: str) -> Place:
        """Return a place of either by its id."""
        try:
            return self._first.place(place_id)
        except PlaceNotFoundError:
            return self._second.place(place_id)
