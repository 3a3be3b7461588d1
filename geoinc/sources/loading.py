"""Open the gazetteer that is shipped, or one in a file."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from geoinc.errors import GazetteerError
from geoinc.gazetteer import Gazetteer

if TYPE_CHECKING:
    import os


def load_gazetteer(path: str | os.PathLike[str] | None = None) -> Gazetteer:
    """Return the gazetteer that is shipped with geoinc, or one in a file.

    Parameters
    ----------
    path : path, optional
        A GeoPackage as ``gazetteer/build.py`` writes it; by default the shipped one: curated
        places of Iraq, Syria and their neighbours, countries and provinces of the world.

    Returns
    -------
    Gazetteer
        Read only; the same object for the same file.

    Raises
    ------
    GazetteerError
        The file is missing, is no gazetteer, or was built for another version of geoinc.

    Examples
    --------
    >>> import geoinc as gi
    >>> gi.load_gazetteer().place("iq-erbil-province").kind
    'province'
    """
    if path is not None:
        return _opened(Path(path).resolve())
    shipped = Path(str(resources.files("geoinc") / "data" / "gazetteer.gpkg"))
    if not shipped.is_file():
        msg = "the gazetteer that is shipped with geoinc is missing: reinstall geoinc"
        raise GazetteerError(msg)
    return _opened(shipped)


@lru_cache(maxsize=8)
def _opened(path: Path) -> Gazetteer:
    return Gazetteer(path)
