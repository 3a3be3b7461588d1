"""How QGIS draws the layers of a file: the colours and shapes of the map."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr


def _option(name: str, value: str) -> str:
    return f'<Option type="QString" name={quoteattr(name)} value={quoteattr(value)}/>'


def _style(symbol: str, mark: str, **options: str) -> str:
    """Return a style of QGIS with one symbol of one layer."""
    said = "".join(_option(name, value) for name, value in options.items())
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM"><qgis styleCategories="Symbology">'
        '<renderer-v2 type="singleSymbol"><symbols>'
        f'<symbol type="{symbol}" name="0" alpha="1"><layer class="{mark}" enabled="1">'
        f'<Option type="Map">{said}</Option></layer></symbol>'
        "</symbols></renderer-v2></qgis>"
    )


#: A style for each table.
STYLES = {
    "targets": _style(
        "marker", "SimpleMarker", name="square", color="0,114,178,255", outline_color="255,255,255,255", size="3"
    ),
    "launches": _style(
        "marker", "SimpleMarker", name="triangle", color="213,94,0,255", outline_color="255,255,255,255", size="3.4"
    ),
    "impacts": _style(
        "marker", "SimpleMarker", name="cross2", color="91,42,134,255", outline_color="91,42,134,255", size="2.6"
    ),
    "places": _style(
        "fill", "SimpleFill", color="0,114,178,26", style="solid", outline_color="0,114,178,255",
        outline_style="dash", outline_width="0.26",
    ),
    "links": _style("line", "SimpleLine", line_color="60,65,73,255", line_width="0.4"),
}  # fmt: skip
