"""Tiles under the map, where they are asked for by name: whose they are, and which hosts they come from."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", re.IGNORECASE)

#: What `urlsplit` and Leaflet may stumble over, or a policy would take for something else.
_NO_URL = re.compile(r"[\s\"'<>;,\\^`|]")


@dataclass(frozen=True)
class Tiles:
    """A tile server.

    Parameters
    ----------
    url : str
        The template of its addresses, as Leaflet has it.
    attribution : str
        Whom to thank, as plain text.
    hosts : tuple of str
        Where the tiles come from; the page may ask nobody else.
    options : dict
        Leaflet's options: ``maxZoom``, ``minZoom``, ``subdomains``.
    """

    url: str
    attribution: str
    hosts: tuple[str, ...]
    options: dict[str, Any]


def tiles_of(provider: bool | Mapping[str, Any]) -> Tiles | None:  # noqa: FBT001  # as `explore` has it
    """Return the tiles of a provider; None where none are asked for.

    Parameters
    ----------
    provider : bool or xyzservices.TileProvider
        True for OpenStreetMap's.

    Raises
    ------
    ValueError
        Where it is no provider, names nobody to thank, needs a key, or is not https.
    """
    if provider is False or provider is None:
        return None
    import xyzservices  # type: ignore[import-untyped]  # noqa: PLC0415  # only maps with tiles need it

    if provider is True:
        provider = xyzservices.providers.OpenStreetMap.Mapnik
    if not isinstance(provider, xyzservices.TileProvider):
        msg = (
            f"online={provider!r} is neither True nor a provider of tiles: "
            "xyzservices.providers has them, xyzservices.TileProvider makes one"
        )
        raise ValueError(msg)  # noqa: TRY004  # wrong values of options are ValueErrors here
    if provider.requires_token():
        msg = f"the tiles of {provider.get('name')} need a key: pass provider(apikey=...)"
        raise ValueError(msg)
    thanks = str(provider.get("attribution") or _words(str(provider.get("html_attribution", ""))))
    if not thanks.strip():
        msg = f"the tiles of {provider.get('name')} name nobody to thank: give them an attribution"
        raise ValueError(msg)
    url = str(provider.build_url(scale_factor="{r}", fill_subdomain=False))
    subdomains = provider.get("subdomains", "abc")
    options = {
        "maxZoom": int(provider.get("max_zoom", 18)),
        "minZoom": int(provider.get("min_zoom", 0)),
        "subdomains": subdomains if isinstance(subdomains, str) else list(subdomains),
    }
    return Tiles(url, thanks.replace("(C)", "©"), _hosts(url, subdomains), options)


def _hosts(url: str, subdomains: Any) -> tuple[str, ...]:
    """Return the hosts that a template names."""
    hosts = []
    for subdomain in subdomains if "{s}" in url else [""]:
        parts = urlsplit(url.replace("{s}", str(subdomain)))
        if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc) or _NO_URL.search(url):
            msg = f"tiles come by https from a named host, and not from {url!r}"
            raise ValueError(msg)
        hosts.append(parts.netloc.lower())
    return tuple(dict.fromkeys(hosts))


def _words(markup: str) -> str:
    """Return the words of HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup))
