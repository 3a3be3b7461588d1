"""One possible world of layers: every row at one position in its area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinc.schema import ROLES, Layers
from geoinc.uncertainty.draws import keys_of, seed_of, uniform
from geoinc.uncertainty.positions import Areas

if TYPE_CHECKING:
    from geoinc.uncertainty.draws import Rng

#: What a position that is known has none of.
_ERRORS = ("uncertainty_m", "position_error_m", "boundary_error_m")


def sample(layers: Layers, *, rng: Rng) -> Layers:
    """Return one possible world: every row that has a place at one position in its area.

    Positions are uniform over the area on the ellipsoid.  Rows that name the
    same disc share the error of its centre (``position_error_m``) and are
    independent inside the extent that is left; of any other shape they
    are independent inside the footprint.  A name that is not resolved but
    hinted (``place_match="hint"``) lies somewhere in the hinted area.

    Parameters
    ----------
    layers : Layers
        From `locate` or `layers_from_coordinates`.
    rng : int or numpy.random.Generator
        A seed.  The position of a row depends on the seed, the label of the row and
        the place alone, up to rounding: not on other rows, nor on their order.

    Returns
    -------
    Layers
        The same rows, ``longitude``, ``latitude`` and ``geometry`` the position
        drawn, ``uncertainty_m`` 0.  Each row has a place of its own in
        ``places``, a point; rows without a place stay as they are.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"launch": ["Diyala"], "target": ["Balad air base"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> world = gi.sample(layers, rng=1)
    >>> row = world.launches.iloc[0]
    >>> bool(layers.places.geometry[layers.launches.place_id.iloc[0]].covers(row.geometry))
    True
    >>> gi.sample(layers, rng=1).launches.geometry.equals(world.launches.geometry)
    True
    """
    return Worlds(layers, seed_of(rng)).world(0)


class Worlds:
    """The possible worlds of layers, by their number.

    Parameters
    ----------
    layers : Layers
        What is known.
    seed : int
        From `seed_of`.
    """

    def __init__(self, layers: Layers, seed: int) -> None:
        self._layers = layers
        self._seed = seed
        ids, labels, rows = [], [], {}
        for role in ROLES:
            layer = layers.layer(role)
            placed = np.flatnonzero((layer["place_id"].fillna("") != "").to_numpy())
            rows[role] = placed
            ids.append(layer["place_id"].iloc[placed])
            labels.append(f"{role} " + layer.index[placed].astype(str).astype(object))
        self._rows = rows
        place_ids, names = pd.concat(ids), labels[0].append(labels[1:])
        distinct, self._which = _distinct(place_ids, layers.places)
        places = layers.places.loc[distinct]
        self._areas = Areas(places)
        self._row_keys, self._place_keys = keys_of(names), keys_of(places.index)
        self._places = (
            places.take(self._which)
            .assign(**dict.fromkeys(_ERRORS, 0.0), shape="disc radius_m=0")
            .set_axis(pd.Index(names, name="place_id", dtype=object))
        )

    def world(self, number: int) -> Layers:
        """Return the world of a number."""
        longitude, latitude = self._areas.positions(
            self._which,
            uniform(self._seed, self._row_keys, number, 2),
            uniform(self._seed, self._place_keys, number, 2)[self._which],
        )
        points = np.asarray(shapely.points(longitude, latitude))
        layers, start = {}, 0
        for role in ROLES:
            at = self._rows[role]
            drawn = slice(start, start + len(at))
            start += len(at)
            layer = self._layers.layer(role)
            columns = {
                "place_id": self._places.index[drawn],
                "longitude": longitude[drawn],
                "latitude": latitude[drawn],
                "uncertainty_m": 0.0,
            }
            changed = {name: _put(layer[name], at, values) for name, values in columns.items()}
            spots = _put(layer.geometry, at, points[drawn])
            layers[role] = gpd.GeoDataFrame(layer.assign(**changed), geometry=spots, crs=4326)
        places = gpd.GeoDataFrame(
            self._places.assign(longitude=longitude, latitude=latitude), geometry=points, crs=4326
        )
        return Layers(layers["launch"], layers["target"], layers["impact"], places)


def _distinct(
    place_ids: pd.Series, places: pd.DataFrame
) -> tuple[pd.Index, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Return the places that rows name, in the order of the table of places, and who names which."""
    at = places.index.get_indexer(pd.Index(place_ids))
    if (at < 0).any():
        missing = place_ids.iloc[int(np.argmin(at))]
        msg = f"no place {missing!r} in layers.places: the layers do not belong to these places"
        raise ValueError(msg)
    named, which = np.unique(at, return_inverse=True)
    return places.index[named], which.ravel()


def _put(column: pd.Series, at: np.ndarray, values: object) -> np.ndarray:
    whole = column.to_numpy(dtype=object if column.dtype.kind not in "fi" else float, copy=True)
    whole[at] = values
    return whole
