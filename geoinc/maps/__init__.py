"""The incident map: payload, page, basemap, and the script that draws them."""

from geoinc.maps.incident_map import FOLIUM_ELEMENTS, IncidentMap, explore

__all__ = ["FOLIUM_ELEMENTS", "IncidentMap", "explore"]
