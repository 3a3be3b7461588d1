"""Ask a geocoding service with patience: not too often, again where it fails, and not for ever."""

from __future__ import annotations

import inspect
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from geoinc.errors import GazetteerError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What is asked for where the service takes it: several answers, with all that is known of them.
_WANTED = {"exactly_one": False, "limit": 10, "addressdetails": True, "namedetails": True,
           "geometry": "geojson", "language": "en"}  # fmt: skip
#: First pause after a failure, seconds; doubled with each.
FIRST_PAUSE_S = 1.0
#: A service that asks to wait longer is asked again in another run.
LONGEST_PAUSE_S = 120.0


class Service:
    """A geocoder of geopy; who asks it from several threads must see that they take turns.

    Parameters
    ----------
    geocoder : geopy.geocoders.base.Geocoder
        Any of geopy's geocoders; the retries of its HTTP client are switched off.
    min_delay_s : float
        Seconds from one request to the next.
    retries : int
        How often a failed request is made again.
    timeout_s : float
        Seconds to wait for an answer.
    """

    def __init__(
        self, geocoder: Any, *, min_delay_s: float, retries: int, timeout_s: float
    ) -> None:
        self.geocoder = geocoder
        self.name = _named(geocoder)
        self._min_delay_s = min_delay_s
        self._retries = retries
        self._timeout_s = timeout_s
        _without_retries(geocoder)
        self._takes = frozenset(inspect.signature(geocoder.geocode).parameters)
        self._last_s = -min_delay_s

    def ask(self, query: str, country: str) -> list[dict[str, Any]]:
        """Return the answers of the service, best first.

        Parameters
        ----------
        query : str
            The name.
        country : str
            ISO 3166-1 alpha-2 code to keep to, or ``""``.

        Raises
        ------
        GazetteerError
            It does not answer, refuses, or answers what is no answer.
        """
        fault = ""
        for attempt in range(self._retries + 1):
            pause_s = self._last_s + self._min_delay_s - monotonic()
            if pause_s > 0:
                sleep(pause_s)
            try:
                return self._answers(query, country)
            except _PassingError as error:
                fault, wait_s = str(error), error.wait_s
            finally:
                self._last_s = monotonic()
            if attempt < self._retries:
                wait_s = wait_s if wait_s is not None else FIRST_PAUSE_S * 2**attempt
                if wait_s > LONGEST_PAUSE_S:
                    fault = f"{fault} (it asks to wait {wait_s:g} s)"
                    break
                sleep(wait_s)
        msg = (
            f"{self.name} did not answer {query!r}: {fault}; are you online? What was answered "
            "before is kept: run it again to go on"
        )
        raise GazetteerError(msg)

    def _answers(self, query: str, country: str) -> list[dict[str, Any]]:
        from geopy import exc  # type: ignore[import-untyped]  # noqa: PLC0415  # only who asks waits

        asked, wanted = self._arguments(query, country)
        try:
            found = self.geocoder.geocode(asked, **wanted)
        except exc.GeocoderRateLimited as error:
            msg = "it says that it is asked too often (429)"
            raise _PassingError(msg, error.retry_after) from error
        except (
            exc.GeocoderQueryError,
            exc.GeocoderAuthenticationFailure,
            exc.GeocoderInsufficientPrivileges,
            exc.GeocoderQuotaExceeded,
            exc.ConfigurationError,
        ) as error:
            msg = f"{self.name} refuses {query!r}: {type(error).__name__}: {error}"
            raise GazetteerError(msg) from error
        except (exc.GeopyError, OSError) as error:
            msg = f"{type(error).__name__}: {error}"
            raise _PassingError(msg) from error
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # What geopy does not expect in an answer it does not catch.
            msg = f"its answer makes no sense ({type(error).__name__}: {error})"
            raise _PassingError(msg) from error
        return [_plain(location) for location in _listed(found)]

    def _arguments(self, query: str, country: str) -> tuple[str, dict[str, Any]]:
        wanted = {key: value for key, value in _WANTED.items() if key in self._takes}
        if "timeout" in self._takes:
            wanted["timeout"] = self._timeout_s
        if country and "country_codes" in self._takes:
            wanted["country_codes"] = country.lower()
        elif country:
            query = f"{query}, {country}"
        return query, wanted


class _PassingError(Exception):
    """A failure that may pass, and after how many seconds if the service says."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def _without_retries(geocoder: Any) -> None:
    """Switch off what geopy's HTTP client repeats by itself: at once, or when a service says so.

    It would break the pause between requests, and sleep for an hour where a service asks for it.
    """
    session = getattr(getattr(geocoder, "adapter", None), "session", None)
    for adapter in getattr(session, "adapters", {}).values():
        adapter.max_retries = adapter.max_retries.new(total=0)


def _named(geocoder: Any) -> str:
    """Return the name of a service and the host that gives it."""
    name = type(geocoder).__name__
    host = getattr(geocoder, "domain", "")
    return f"{name} ({host})" if host else name


def _listed(found: Any) -> Sequence[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _plain(location: Any) -> dict[str, Any]:
    return {
        "address": location.address,
        "longitude": location.longitude,
        "latitude": location.latitude,
        "raw": location.raw,
    }
