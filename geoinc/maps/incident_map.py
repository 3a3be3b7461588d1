"""The incident map: a folium map that is one file and asks nobody for anything."""

from __future__ import annotations

import os
import tempfile
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import folium
import pandas as pd
from branca.element import MacroElement
from folium.template import Template

from geoinc.coarsening import coarsen as coarsened
from geoinc.coarsening import told_coarseness
from geoinc.counting.merging import merged as merge_accounts
from geoinc.maps.basemap import basemap, limits
from geoinc.maps.browser import photograph
from geoinc.maps.drawing import draw_svg
from geoinc.maps.many import InParts, counted, incidents_up_to, payload_of_many
from geoinc.maps.packing import pack
from geoinc.maps.page import Page, static
from geoinc.maps.payload import INCIDENT, Payload, payload
from geoinc.maps.statistics import parted
from geoinc.maps.tiles import tiles_of
from geoinc.maps.words import words
from geoinc.reports import data_credits
from geoinc.schema import Layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame

#: The folium elements that work on an `IncidentMap`, as tested in a browser.
FOLIUM_ELEMENTS = (
    "Circle",
    "CircleMarker",
    "CustomIcon",  # with a picture given as data
    "DivIcon",
    "FeatureGroup",
    "FitBounds",
    "GeoJson",  # with embed=True
    "GeoJsonPopup",
    "GeoJsonTooltip",
    "LayerControl",
    "Marker",  # without folium.Icon
    "PolyLine",
    "Polygon",
    "Popup",  # brings jQuery into the file
    "Rectangle",
    "Tooltip",
    "raster_layers.ImageOverlay",  # with a picture given as data
)

#: Our own scripts, in the order in which they build on each other.
_SCRIPTS = (
    "data",
    "selection",
    "palette",
    "words",
    "elements",
    "records",
    "sheet",
    "basemap",
    "groups",
    "layout",
    "links",
    "labels",
    "density",
    "marks",
    "statistics",
    "tiles",
    "state",
    "spelling",
    "toponyms",
    "search",
    "timeline",
    "list",
    "measure",
    "export",
    "panel",
    "sums",
    "many",
    "print",
    "incidents",
)


class IncidentMap(folium.Map):
    """A folium map of incidents that loads Leaflet alone and saves as one file.

    folium elements can be added as to any map; those of `FOLIUM_ELEMENTS`
    keep the file free of requests, and `save` names what does not.  Text
    that you give to folium's own popups and tooltips is HTML; the incidents'
    texts never are.

    Parameters
    ----------
    data : Payload
        What the map holds.
    title : str
        What stands over the panel and on the browser's tab.
    language : str
        The language of the page's own words.
    plain : bool
        Whether to leave its data uncompressed.
    """

    default_js = [link for link in folium.Map.default_js if link[0] == "leaflet"]  # noqa: RUF012
    default_css = [link for link in folium.Map.default_css if link[0] == "leaflet_css"]  # noqa: RUF012

    def __init__(
        self, data: Payload, *, title: str, language: str = "en", plain: bool = False
    ) -> None:
        west, south, east, north = data.bounds
        tiles = data.content.get("tiles")
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=5,
            tiles=None,
            zoom_control="topleft" if words(language)["direction"] == "rtl" else "topright",
            # Leaflet's own words: folium's max_zoom reaches tiles alone.
            maxZoom=min(18, tiles["options"]["maxZoom"]) if tiles else 13,
            zoomSnap=0.25,
            wheelPxPerZoomLevel=90,
            maxBoundsViscosity=1.0,
            bounceAtZoomLimits=False,
        )
        strings = words(language)
        self._page = Page(
            title,
            language=language,
            direction=strings["direction"],
            excuse=strings["excuse"],
            plain=plain,
            scripts=tuple(_script(name) for name in _SCRIPTS),
            styles=tuple(static(f"{name}.css") for name in ("incidents", "statistics", "many")),
            hosts=tiles["hosts"] if tiles else (),
        )
        self._data, self._strings = data, strings
        self._page.add_child(self)
        incidents = _Incidents(data, strings)
        self.add_child(incidents)
        self._page.blocks[incidents.get_name()] = pack(data.content, plain=plain)

    def save(
        self,
        outfile: str | bytes | Path | BinaryIO,
        close_file: bool = True,  # noqa: FBT001, FBT002  # as branca has it
        **kwargs: Any,
    ) -> None:
        """Write the map as one self-contained HTML file, whole or not at all.

        Parameters
        ----------
        outfile : str, Path or binary file
            Where to; an existing file is replaced once the new one is complete.
        close_file : bool
            Whether to close a file that was passed open.
        **kwargs : Any
            Passed on to the rendering, as folium does.

        Raises
        ------
        ValueError
            Naming each element that would have to be fetched from somewhere.
        """
        text = self._page.render(**kwargs).encode()
        if not isinstance(outfile, str | bytes | Path):
            outfile.write(text)
            if close_file:
                outfile.close()
            return
        _write(Path(os.fsdecode(outfile)), text)

    def to_svg(self, path: str | os.PathLike[str], *, width: int = 1280, height: int = 800) -> None:
        """Draw the map as an SVG in the same look, without a browser: for reports and print.

        Shows the first view: areas, symbols with their counts, links, names, the legend, and
        what no mark can show.  Folium elements are not drawn.

        Parameters
        ----------
        path : path
            Where to; an existing file is replaced once the new one is complete.
        width, height : int
            Pixels.

        Raises
        ------
        ValueError
            Of a map of so many incidents that it has hexagons in place of marks.
        """
        if "cells" in self._data.content:
            msg = (
                "an SVG has a mark for each place, and this map has hexagons for its many incidents; "
                "use to_png or to_pdf"
            )
            raise ValueError(msg)
        text = draw_svg(self._data, self._strings, width=width, height=height)
        _write(Path(path), text.encode())

    def to_png(
        self,
        path: str | os.PathLike[str],
        *,
        width: int = 1280,
        height: int = 800,
        scale: float = 2.0,
    ) -> None:
        """Draw the map as a PNG, by an installed Chromium, Chrome or Edge.

        Parameters
        ----------
        path : path
            Where to; an existing file is replaced once the new one is complete.
        width, height : int
            Of the page, in its pixels.
        scale : float
            Pixels of the picture to one of the page.

        Raises
        ------
        FileNotFoundError
            Where no browser is installed.
        OSError
            Where it made no picture.
        """
        self._photograph(Path(path), "png", static("picture.css"), (width, height, scale))

    def to_pdf(self, path: str | os.PathLike[str]) -> None:
        """Print the map as a PDF, lines as lines, by an installed Chromium, Chrome or Edge.

        Parameters
        ----------
        path : path
            Where to; an existing file is replaced once the new one is complete.

        Raises
        ------
        FileNotFoundError
            Where no browser is installed.
        OSError
            Where it made no document.
        """
        self._photograph(Path(path), "pdf", "", (1280, 800, 1.0))

    def _photograph(self, path: Path, kind: str, style: str, size: tuple[int, int, float]) -> None:
        """Write a picture of the page, whose data is not compressed: so it is drawn at once."""
        blocks, styles, plain = self._page.blocks, self._page.styles, self._page.plain
        try:
            self._page.plain = True
            self._page.blocks = {name: pack(self._data.content, plain=True) for name in blocks}
            self._page.styles = (*styles, style)
            page = self._page.render()
        finally:
            self._page.blocks, self._page.styles, self._page.plain = blocks, styles, plain
        _write(path, photograph(page, kind, size, online=bool(self._page.hosts)))

    def _repr_html_(self, **kwargs: Any) -> str:
        """Return the map in a frame of its own, self-contained."""
        return self._page._repr_html_(**kwargs)


def _script(name: str) -> str:
    """Return one of our own scripts; how names of places are spelled is data, the same for every map."""
    if name == "spelling":
        return f"geoinc.spelling = {static('toponyms.json')};"
    return static(f"{name}.js")


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        draft.write_bytes(content)
        draft.replace(path)


class _Incidents(MacroElement):
    """The data of the map in the page, and the call that draws it."""

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <noscript>{{ this.words.noscript|e }}</noscript>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        geoinc.open({{ this._parent.get_name() }}, {{ this.get_name()|tojson }}, {{ this.bounds|tojson }}, {{ this.words|tojson }});
        {% endmacro %}
        """,
    )

    def __init__(self, data: Payload, strings: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Incidents"
        west, south, east, north = data.bounds
        self.bounds = [[south, west], [north, east]]
        self.words = strings


def explore(
    layers: Layers | InParts,
    *,
    title: str | None = None,
    columns: Sequence[str] = (),
    language: str = "en",
    embargo: str | None = None,
    coarsen: str | GeoDataFrame | None = None,
    graphic: str | None = None,
    online: bool | Mapping[str, Any] = False,
    add: Sequence[Any] = (),
    most: int = 1_000_000,
    plain: bool = False,
) -> IncidentMap:
    """Show incidents on a map, each place as well known as it is and no better.

    Incidents at one place are one counted symbol that opens to a dated list.
    A place that is not known to within 25 km is its area, without a mark at
    its centre; an incident of which only the country is known is in a list.

    Parameters
    ----------
    layers : Layers or DistributedLayers
        What happened where; in partitions (`geoinc.distributed`) they may be more than fit in memory.
    title : str, optional
        By default "Reported attacks" and their years.
    columns : sequence of str
        Columns of your own to publish.  Only these and the documented columns
        of reports enter the file.
    language : str
        The language of the page's own words: ``"en"``, ``"ar"`` or ``"fr"``.  The words
        of reports stay as they are.
    embargo : str, optional
        A span as pandas writes it, such as ``"30D"``: incidents that may be
        younger, and undated ones, stay out of the file; the map says how many.
    coarsen : str or GeoDataFrame, optional
        Publish places no finer than this: a grid ``"10 km"``, provinces ``"admin1"``, or areas of
        your own, as of `geoinc.coarsen`, which also displaces.  The file has nothing finer in it, and
        says how coarse it is; of the documented columns it has those that do not say where.
    graphic : str, optional
        A column that says which accounts tell of violence in detail ("yes", 1, true): they are shown
        after a click.
    online : bool or xyzservices.TileProvider
        Whether to lay tiles under the marks: True for OpenStreetMap's, or any provider of
        ``xyzservices.providers``.  The page then asks its hosts, and no others, and says so: they
        learn who looks at which area.
    add : sequence
        Results of `geoinc.stats`, or tables of your own (GeoDataFrames with ``label``, ``value``,
        ``low``, ``high``; ``attrs`` with ``title``, ``unit``, ``note``): areas are coloured by their figures,
        lines and points get labels.  And folium elements.
    most : int
        Up to so many incidents each has its mark and its record.  Of more, the map counts how many are in
        each hexagon, and has the records of those that are where there are few.
    plain : bool
        Leave the data uncompressed, four to five times the size, for browsers from before 2023.

    Returns
    -------
    IncidentMap
        A `folium.Map`: ``save`` writes one HTML file, a notebook shows it.

    Raises
    ------
    ValueError
        Where ``columns`` names none of the layers', ``embargo`` is no span, there are no words
        in ``language``, or ``coarsen`` is not understood or comes together with ``add``: what that
        draws was made of the places as they are.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> reports = gi.read_reports(pd.DataFrame({"target": ["Balad air base"]}))
    >>> m = explore(gi.locate(reports, gi.load_gazetteer()), title="One attack")
    >>> m.save("one-attack.html")  # doctest: +SKIP
    """
    made = _today()
    strings = words(language)
    if coarsen is not None:
        if add:
            msg = (
                "what add= draws was made of places that coarsen= withholds: coarsen first, "
                "coarse = gi.coarsen(layers, to=...), and make it of those"
            )
            raise ValueError(msg)
        if not isinstance(layers, Layers):
            msg = "coarsen= takes layers in memory: coarsen those of each partition before"
            raise ValueError(msg)
        kept = [*columns, *([] if graphic is None else [graphic])]
        layers = coarsened(layers, to=coarsen, columns=kept)
    young = None if embargo is None else _oldest_held_back(embargo, made)
    data, held_back, days = _data(layers, young, columns=columns, graphic=graphic, most=most)
    tiles = tiles_of(online)
    title = title or _title(days, strings)
    west, south, east, north = limits(data.bounds)
    notices = [strings["coarse"][way].format(km=km) for way, km in told_coarseness(layers.places)]
    if held_back:
        notices.append(
            strings["heldBack"].format(n=held_back, span=embargo, day=f"{made:%Y-%m-%d}"),
        )
    if tiles is not None:
        notices.append(strings["online"].format(hosts=", ".join(tiles.hosts)))
        data.content["tiles"] = asdict(tiles)
    notices += data_credits(layers)
    data.content.update(
        title=title,
        version=_version(),
        made=f"{made:%Y-%m-%d}",
        sources=_sources(layers, data),
        notices=notices,
        limits=[[south, west], [north, east]],
        basemap=basemap(data.bounds, data.countries),
    )
    statistics, elements = parted(add)
    data.content["statistics"] = statistics
    m = IncidentMap(data, title=title, language=language, plain=plain)
    for element in elements:
        element.add_to(m)
    return m


def _data(
    layers: Layers | InParts,
    young: pd.Timestamp | None,
    *,
    columns: Sequence[str],
    graphic: str | None,
    most: int,
) -> tuple[Payload, int, pd.Series]:
    """Return what the map holds, how many incidents stay out of it, and days of the others."""
    if not isinstance(layers, Layers) or incidents_up_to(layers, most + 1) > most:
        many = counted(layers, young)
        if many.incidents > most:
            data = payload_of_many(many, columns=columns, graphic=graphic, most=most)
            return data, len(many.held_back), many.days
        layers = layers if isinstance(layers, Layers) else layers.compute()
    merged = merge_accounts(layers, columns=INCIDENT)
    # A date without an end may be of today: it stays out as well.
    held_back = [] if young is None else list(merged.index[~(merged["date_end"] <= young)])
    data = payload(layers, merged, columns=columns, held_back=held_back, graphic=graphic)
    shown = merged.drop(index=held_back)
    return data, len(held_back), pd.concat([shown["date_start"], shown["date_end"]])


def _oldest_held_back(embargo: str, today: date) -> pd.Timestamp:
    """Return the last day that may be published."""
    span = pd.to_timedelta(embargo, errors="coerce")
    if pd.isna(span) or span < pd.Timedelta(0):
        msg = f"embargo {embargo!r} is not a span of time; write it as '30D' or '12W'"
        raise ValueError(msg)
    return pd.Timestamp(today) - span


def _title(days: pd.Series, strings: dict[str, Any]) -> str:
    days = days.dropna()
    if days.empty:
        return str(strings["reported"])
    first, last = days.min().year, days.max().year
    years = f"{first}–{last}" if last > first else first  # noqa: RUF001
    return str(strings["reportedIn"].format(years=years))


def _sources(layers: Layers | InParts, data: Payload) -> list[str]:
    """Name where the places on the map are known from."""
    # Of many the records are a part: any place may be counted.
    shown = layers.places.index if "cells" in data.content else data.content["places"].index
    used = layers.places.loc[shown, "source"].unique()
    sources = {part.strip() for text in used for part in str(text).split(";")} - {""}
    return sorted(
        {
            source.split(" ")[0] if source.startswith(("GeoNames ", "OCHA ")) else source
            for source in sources
        },
    )


def _version() -> str:
    try:
        return version("geoinc")
    except PackageNotFoundError:
        return "(not installed)"


def _today() -> date:
    return datetime.now(tz=UTC).date()
