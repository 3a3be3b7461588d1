"""A page that is one file: everything it needs inside, and no way out."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from importlib import resources
from typing import TYPE_CHECKING, Any

import branca.element
import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.raster_layers import ImageOverlay, TileLayer, VideoOverlay, WmsTileLayer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What a page can carry: the last part of a link's address, and the asset.
ASSETS = {
    "leaflet.js": "leaflet.js",
    "leaflet.css": "leaflet.css",
    "jquery-3.7.1.min.js": "jquery.js",
}

#: How folium's scripts call jQuery; only then is it put into the page.
_JQUERY = re.compile(r"\$\(|\$\.|\bjQuery\b")

_PAGE = """<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head>
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}
</head>
<body>
{body}
{blocks}
{scripts}
</body>
</html>
"""


class Page(Figure):
    """A branca figure that renders as one self-contained HTML file.

    Parameters
    ----------
    title : str
        The title of the document.
    scripts, styles : sequence of str
        Texts that come right after Leaflet's own.
    language, direction : str
        Of the page's own words: ``"en"``, ``"ltr"``.
    excuse : str
        What the page says where a browser cannot unpack the scripts.
    plain : bool
        Whether scripts stand in the page as they are.

    Notes
    -----
    The content security policy names the scripts of the page by their
    hashes, and allows no request to anywhere.  So a script that a report's
    text would smuggle into a folium popup does not run, and a page that asks
    for a file on the network shows its fault at once.
    """

    def __init__(
        self,
        title: str,
        *,
        scripts: tuple[str, ...],
        styles: tuple[str, ...],
        language: str = "en",
        direction: str = "ltr",
        excuse: str = "",
        hosts: tuple[str, ...] = (),
        plain: bool = False,
    ) -> None:
        super().__init__()
        self.title: str = title
        self.language = language
        self.direction = direction
        self.scripts = scripts
        self.styles = styles
        self.excuse = excuse
        self.plain = plain
        #: Where pictures may come from; nobody else is asked for anything.
        self.hosts = hosts
        #: Data by the id under which the page finds it, in letters that mean nothing in HTML.
        #: They may be many, so that they stay out of templates.
        self.blocks: dict[str, str] = {}

    def render(self, **kwargs: Any) -> str:
        """Return the file's text.

        Raises
        ------
        ValueError
            Naming each thing on the map that would have to be fetched.
        """
        with _rendered_once(), _texts_kept(self):
            for child in list(self._children.values()):
                child.render(**kwargs)
        links = [
            child for child in _children(self.header) if isinstance(child, JavascriptLink | CssLink)
        ]
        head = "\n".join(
            child.render(**kwargs) for child in _children(self.header) if child not in links
        )
        body = self.html.render(**kwargs)
        code = self.script.render(**kwargs)
        # The page's own, so that fingers can zoom it; the policy is no child's to set.
        head, inline = _split(re.sub(r"<meta\b[^>]*>", "", head))
        found = _External()
        found.feed(head + body)
        missing = [
            *_needs(self),
            *(link.url for link in links if _name(link.url) not in ASSETS),
            *found.addresses,
        ]
        if missing:
            msg = (
                "the map cannot be one file, for it would have to fetch "
                f"{'; '.join(dict.fromkeys(missing))}. Leave these out; what works is listed in "
                "geoinc.maps.FOLIUM_ELEMENTS"
            )
            raise ValueError(msg)
        names = [ASSETS[_name(link.url)] for link in links]
        if "jquery.js" not in names and _JQUERY.search(code + "".join(inline)):
            names.append("jquery.js")
        scripts = [
            *(_asset(name) for name in names if name.endswith(".js")),
            *self.scripts,
            *inline,
            code,
        ]
        scripts = [_inside(text) for text in scripts]
        styles = [*(_asset(name) for name in names if name.endswith(".css")), *self.styles]
        running, packed = (
            (scripts, "") if self.plain else ([static("loader.js")], self._packed(scripts))
        )
        page = _PAGE.format(
            policy=_policy(scripts if self.plain else [*running, *scripts], self.hosts),
            language=self.language,
            direction=self.direction,
            title=html.escape(self.title),
            head="\n".join([*(f"<style>{text}</style>" for text in styles), head]),
            body=body,
            blocks="\n".join(
                f'<script type="application/octet-stream" id="{name}">{text}</script>'
                for name, text in self.blocks.items()
            ),
            scripts="\n".join([packed, *(f"<script>{text}</script>" for text in running)]),
        )
        return page.encode("utf-8", "replace").decode("utf-8")

    def _packed(self, scripts: list[str]) -> str:
        """Return scripts as a block that the loader unpacks."""
        text = json.dumps(scripts, ensure_ascii=False).encode("utf-8", "replace")
        block = base64.b64encode(gzip.compress(text, 9, mtime=0)).decode("ascii")
        return (
            '<script type="application/octet-stream" id="geoinc-scripts" '
            f'data-excuse="{html.escape(self.excuse)}">{block}</script>'
        )

    def _repr_html_(self, **kwargs: Any) -> str:
        """Return the page inside a frame of its own, as notebooks show it."""
        # A host that does not say that it is UTF-8 would change the scripts, and their hashes.
        plain = html.escape(self.render(**kwargs)).encode("ascii", "xmlcharrefreplace").decode()
        return (
            f'<iframe srcdoc="{plain}" '
            f'title="{html.escape(self.title)}" '
            'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads" '
            'style="width: 100%; height: 620px; border: 1px solid #E4E1D8; border-radius: 6px;">'
            "</iframe>"
        )


def static(name: str) -> str:
    """Return one of our own scripts or styles."""
    return (resources.files("geoinc.maps") / "static" / name).read_text("utf-8")


def _asset(name: str) -> str:
    """Return an asset without what it would fetch: its pictures and its source map."""
    text = (resources.files("geoinc") / "data" / "assets" / name).read_text("utf-8")
    if name.endswith(".css"):
        return re.sub(r"url\((?!['\"]?data:)[^)]*\)", "none", text)
    return re.sub(r"//[#@] sourceMappingURL=\S*", "", text)


def _inside(text: str) -> str:
    """Return a script as it can stand in a page: nothing in it ends the script.

    In strings, templates and regular expressions the backslash says nothing.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return re.sub(r"<(?=/script|!--)", r"<\\", text, flags=re.IGNORECASE)


def _policy(scripts: list[str], hosts: tuple[str, ...]) -> str:
    hashes = (
        base64.b64encode(hashlib.sha256(text.encode("utf-8", "replace")).digest())
        for text in scripts
    )
    allowed = " ".join(f"'sha256-{digest.decode('ascii')}'" for digest in hashes)
    pictures = " ".join(["data: blob:", *(f"https://{host}" for host in hosts)])
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        f"img-src {pictures}; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _split(head: str) -> tuple[str, list[str]]:
    """Part a head into what is not script, and the texts of its inline scripts."""
    pattern = re.compile(r"<script>(.*?)</script>", re.DOTALL)
    return pattern.sub("", head), pattern.findall(head)


class _Said:
    """Text that is no template, in the place of one."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render(self, **_: Any) -> str:
        """Return the text."""
        return self.text


@contextmanager
def _rendered_once() -> Iterator[None]:
    """Keep folium from taking what it has rendered for a template, and rendering it again.

    It does so with all scripts that it puts together, texts of data in them.  ``{{ }}`` in a cell
    would be run by Python then, with all that can be reached from there.
    """
    module = vars(branca.element)
    template = module["Template"]
    module["Template"] = _Said
    try:
        yield
    finally:
        module["Template"] = template


@contextmanager
def _texts_kept(page: Figure) -> Iterator[None]:
    """Keep texts of folium's popups and tooltips from ending the JavaScript they are written into.

    folium writes them between backticks, where a backtick ends the text, ``${}`` runs what is in
    it and a backslash takes the next letter along.  As HTML says letters by number, too, they
    stay what they are for the reader.
    """
    changed: list[tuple[Element, str, Any]] = []
    for element in _descendants(page):
        if isinstance(element, folium.Tooltip):
            for name in ("text", "style"):
                if name in vars(element):
                    changed.append((element, name, getattr(element, name)))
                    setattr(element, name, _numbered(getattr(element, name)))
        elif isinstance(element, folium.Popup):
            for child in _children(element.html):
                changed.append((child, "render", None))
                child.render = partial(_numbered_render, type(child).render, child)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for element, name, value in changed:
            if name == "render":
                del element.render
            else:
                setattr(element, name, value)


def _numbered_render(render: Callable[..., str], element: Element, **kwargs: Any) -> str:
    # folium has put a backslash before each backtick that had none.
    return _numbered(render(element, **kwargs).replace("\\`", "`"))


def _numbered(markup: str) -> str:
    """Return HTML without the letters that mean something between backticks."""
    return re.sub(r"[\\`$]", lambda letter: f"&#{ord(letter[0])};", markup)


def _descendants(element: Element) -> Iterator[Element]:
    for child in _children(element):
        yield child
        yield from _descendants(child)


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _children(element: Element) -> list[Element]:
    return list(element._children.values())  # noqa: SLF001  # branca has no public way to them


def _needs(element: Element) -> Iterator[str]:
    """Name the elements below one that need a server, or files we do not carry."""
    for child in _children(element):
        if isinstance(child, TileLayer | WmsTileLayer):
            yield f"the tiles of {type(child).__name__} {child.layer_name!r}"
        elif isinstance(child, folium.GeoJson) and not child.embed:
            yield f"the data of GeoJson {child.layer_name!r} (use embed=True)"
        elif isinstance(child, ImageOverlay) and not _is_data(child.url):
            yield f"the picture of ImageOverlay {child.layer_name!r}"
        elif isinstance(child, VideoOverlay):
            yield f"the film of VideoOverlay {child.layer_name!r}"
        elif isinstance(child, folium.CustomIcon):
            pictures = [
                value for name, value in child.options.items() if name.lower().endswith("url")
            ]
            if not all(_is_data(picture) for picture in pictures):
                yield "the picture of CustomIcon"
        elif isinstance(child, folium.Icon):
            yield "the fonts of folium.Icon (use folium.DivIcon, or a marker without an icon)"
        yield from _needs(child)


def _is_data(address: object) -> bool:
    return str(address).startswith("data:")


class _External(HTMLParser):
    """Collects the addresses that markup would fetch, and scripts that would not run."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a tag fetches; a link that waits for a click fetches nothing."""
        values = {name: value or "" for name, value in attrs}
        if tag == "script":
            self.addresses.append(values.get("src") or "a <script> in the page's body")
        for name in ("src", "srcset", "poster", "data", *(["href"] if tag == "link" else [])):
            address = values.get(name, "")
            if tag != "script" and address and not _is_data(address):
                self.addresses.append(address)
