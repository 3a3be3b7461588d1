"""The area that was watched: a polygon, and the plane or sphere in which it is measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Proj

from geoinc.geodesy import polygons
from geoinc.stats.frames import Frame
from geoinc.stats.globe import Globe

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry

    from geoinc.schema import Layers

    Floats = NDArray[np.float64]

#: A window in whose projection lengths are wrong by more is measured on the sphere.
MOST_DISTORTION = 0.02
#: Longest edge that is projected as it is, degrees.
_EDGE_DEG = 0.25
#: Farthest from the equator that shapes are true where a window is on the sphere, degrees.
_TRUE_DEG = 70.0
#: A window of more corners is drawn with fewer before edges are corrected for.
_MANY_CORNERS = 500


@dataclass(frozen=True, eq=False)
class Window:
    """The area in which incidents would have been seen, wherever they had happened.

    It is measured in Lambert's azimuthal projection, true to area, centred on it.  Where lengths
    in that are wrong by more than 2 %, they are measured on the sphere with the area of the
    ellipsoid, and areas in a cylindrical projection, which is true to them too.

    Parameters
    ----------
    shape : shapely Polygon or MultiPolygon
        Longitude and latitude in degrees, holes allowed.
    areas : tuple of shapely Polygon or MultiPolygon
        The admin areas it consists of, where it is known: places known to the province alone
        are known to one of them.
    note : str
        Where the window is from, when nobody said; empty where it was given.

    Examples
    --------
    >>> import shapely
    >>> from geoinc.stats import Window
    >>> window = Window(shapely.box(42, 32, 46, 36))
    >>> round(window.area_m2 / 1e6), window.on_sphere
    (163927, False)
    >>> f"{window.distortion:.2%}"
    '0.03%'
    """

    shape: Polygon | MultiPolygon
    areas: tuple[BaseGeometry, ...] = field(default=(), repr=False)
    note: str = ""

    def __post_init__(self) -> None:
        if self.shape.is_empty or self.shape.area == 0:
            msg = "the window is empty: it has no area"
            raise ValueError(msg)
        west, south, east, north = self.shape.bounds
        if not (west >= -180 and east <= 360 and south >= -90 and north <= 90):
            msg = (
                f"the window reaches from {west:g}, {south:g} to {east:g}, {north:g}: not degrees. "
                "Give a GeoDataFrame with its CRS, or a polygon of longitudes and latitudes"
            )
            raise ValueError(msg)
        shapely.prepare(self.shape)

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle, degrees."""
        west, south, east, north = self.shape.bounds
        return (west + east) / 2, (south + north) / 2

    @cached_property
    def crs(self) -> CRS:
        """The plane, true to area, metres: Lambert's azimuthal or, on the sphere, a cylinder's."""
        longitude, latitude = self.centre
        around = f"+proj=laea +lat_0={latitude:.9f}"
        if self.on_sphere:
            around = f"+proj=cea +lat_ts={np.clip(latitude, -_TRUE_DEG, _TRUE_DEG):.9f}"
        return CRS.from_proj4(f"{around} +lon_0={longitude:.9f} +datum=WGS84 +units=m")

    @cached_property
    def distortion(self) -> float:
        """How wrong lengths in Lambert's projection are at most, as a share of 1."""
        corners = shapely.get_coordinates(self.shape)
        cosine = np.cos(self._angles(corners[:, 0], corners[:, 1]) / 2).min()
        return float(1 / cosine - 1) if cosine > 0 else np.inf

    @cached_property
    def on_sphere(self) -> bool:
        """Whether the window is too wide for a plane."""
        return self.distortion > MOST_DISTORTION

    @cached_property
    def planar(self) -> Polygon | MultiPolygon:
        """The window in the plane of `crs`, metres; of very many corners with fewer.

        Corners are left out where that moves the edge by less than 1/5000 of the square root of
        the area: 130 m for Iraq.

        Raises
        ------
        ValueError
            Where the window is too wide for a plane.
        """
        if self.on_sphere:
            msg = (
                f"the window is too wide for a plane: lengths would be wrong by up to "
                f"{self.distortion:.1%}; this statistic has no form on the sphere"
            )
            raise ValueError(msg)
        return self._flat

    @cached_property
    def frame(self) -> Frame:
        """The window in the plane of `crs` or on the sphere, ready for edge corrections."""
        if not self.on_sphere:
            return Frame(self._flat)
        radian_m = float(self._proj(self.centre[0] + 1, 0)[0] / np.radians(1))
        return Globe(self._flat, radian_m)

    @cached_property
    def area_m2(self) -> float:
        """The area, square metres, true on the ellipsoid."""
        return float(self._flat.area)

    @cached_property
    def _flat(self) -> Polygon | MultiPolygon:
        fine = shapely.segmentize(self.shape, _EDGE_DEG)
        shape: BaseGeometry = shapely.transform(
            fine, lambda points: self.project(points[:, 0], points[:, 1])
        )
        if shapely.get_num_coordinates(shape) > _MANY_CORNERS:
            shape = shape.simplify(np.sqrt(shape.area) / 5000)
        return polygons(shape)

    def project(self, longitude: Floats, latitude: Floats) -> Floats:
        """Return positions in the plane of `crs`, metres, two columns."""
        return np.column_stack(self._proj(np.asarray(longitude), np.asarray(latitude)))

    def unproject(self, points: Floats) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes of positions in the plane of `crs`."""
        longitude, latitude = self._proj(points[:, 0], points[:, 1], inverse=True)
        return longitude, latitude

    def contains(self, longitude: Floats, latitude: Floats) -> NDArray[np.bool_]:
        """Return which positions lie in the window or on its edge."""
        inside: NDArray[np.bool_] = shapely.intersects_xy(self.shape, longitude, latitude)
        if self.shape.bounds[2] > 180:  # it is told beyond the meridian where longitudes begin anew
            inside |= shapely.intersects_xy(self.shape, np.asarray(longitude) + 360, latitude)
        return inside

    def random(self, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes of places in the window, every square metre as likely."""
        return self.unproject(self.frame.random(n, rng))

    @cached_property
    def _proj(self) -> Proj:
        return Proj(self.crs)

    def _angles(self, longitude: Floats, latitude: Floats) -> Floats:
        """Return angles from the middle, radians, on the sphere."""
        lon, lat = np.radians(self.centre)
        x, y = np.radians(longitude), np.radians(latitude)
        half = np.sin((y - lat) / 2) ** 2 + np.cos(y) * np.cos(lat) * np.sin((x - lon) / 2) ** 2
        return np.asarray(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def window_of(layers: Layers | None, window: Any = None, *, role: str = "target") -> Window:
    """Return the window of a statistic.

    Parameters
    ----------
    layers : Layers, optional
        Whose provinces are the window where none is given.
    window : Window, polygon or GeoDataFrame, optional
        A polygon in degrees; or a table whose shapes together are the window, such as the
        provinces of a country, and are kept as its areas.
    role : {"launch", "target", "impact"}
        Whose places count.

    Returns
    -------
    Window
        By default the union of the provinces that the rows with a weight lie in, and of every
        province of a country that is all a row tells.  Its ``note`` says so: incidents
        elsewhere would not have been missed, so a window from the data makes a
        pattern look less clustered than it is.

    Raises
    ------
    ValueError
        Where it is empty, or its coordinates are not known to be degrees.
    """
    if isinstance(window, Window):
        return window
    if window is None:
        if layers is None:
            msg = "points need a window: the polygon in which incidents would have been seen"
            raise ValueError(msg)
        return _of_provinces(layers, role)
    if isinstance(window, gpd.GeoDataFrame | gpd.GeoSeries):
        if window.crs is None:
            msg = "the window has no CRS: set it, e.g. window.set_crs(4326)"
            raise ValueError(msg)
        shapes = shapely.make_valid(np.asarray(window.to_crs(4326).geometry.dropna().array))
        areas = tuple(polygons(shape) for shape in shapes)
        return Window(polygons(shapely.union_all(areas)), areas if len(areas) > 1 else ())
    return Window(polygons(shapely.make_valid(window)))


def _of_provinces(layers: Layers, role: str) -> Window:
    layer = layers.layer(role)
    rows = layer[(layer["weight"] > 0) & (layer["place_id"].fillna("") != "")]
    places = layers.places.loc[rows["place_id"].unique()]
    countries, admin1 = places["country"].fillna(""), places["admin1"].fillna("")
    shipped = provinces(countries[countries != ""].unique().tolist())
    named = pd.MultiIndex.from_arrays([countries, admin1])
    keys = pd.MultiIndex.from_arrays([shipped["country"], shipped["name"]])
    whole = countries[(admin1 == "") & (countries != "")].unique()
    chosen = shipped[keys.isin(named) | shipped["country"].isin(whole)]
    if chosen.empty:
        msg = "no row lies in a province that is known: give window=, the polygon that was watched"
        raise ValueError(msg)
    areas = tuple(
        polygons(shape) for shape in shapely.make_valid(np.asarray(chosen.geometry.array))
    )
    names = ", ".join(sorted(chosen["name"]))
    note = (
        f"no window was given: it is the {len(areas)} provinces that the incidents lie in ({names})"
    )
    return Window(polygons(shapely.union_all(areas)), areas, note)


def provinces(countries: list[str]) -> gpd.GeoDataFrame:
    """Return the shipped provinces of countries, read as the plain GeoPackage that they are in.

    Parameters
    ----------
    countries : list of str
        ISO 3166 codes.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns ``name``, ``country`` and those of places.
    """
    told = ", ".join("'" + code.replace("'", "''") + "'" for code in countries)
    return _shipped(where=f"kind = 'province' and country in ({told})")


def countries_at(longitude: Floats, latitude: Floats) -> list[str]:
    """Return the codes of the countries in whose shipped provinces points lie.

    Parameters
    ----------
    longitude, latitude : array of float
        Degrees.
    """
    if len(longitude) == 0:
        return []
    box = (longitude.min(), latitude.min(), longitude.max(), latitude.max())
    near = _shipped(where="kind = 'province'", bbox=tuple(map(float, box)))
    points = shapely.points(longitude, latitude)
    _, found = near.sindex.query(points, predicate="intersects")
    return sorted(near["country"].iloc[np.unique(found)].unique())


def _shipped(**filters: Any) -> gpd.GeoDataFrame:
    with resources.as_file(resources.files("geoinc") / "data" / "gazetteer.gpkg") as path:
        places: gpd.GeoDataFrame = gpd.read_file(path, layer="places", **filters)
    return places
