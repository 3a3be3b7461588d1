"""The gazetteer that is shipped with geoinc, which the readers of others lean on."""

from __future__ import annotations

from functools import lru_cache

from geoinc.errors import GazetteerError
from geoinc.gazetteer import Gazetteer
from geoinc.store import SHIPPED


@lru_cache(maxsize=1)
def shipped() -> Gazetteer:
    """Return the shipped gazetteer.

    Raises
    ------
    GazetteerError
        It is missing.
    """
    if not SHIPPED.is_file():
        msg = "the gazetteer that is shipped with geoinc is missing: reinstall geoinc"
        raise GazetteerError(msg)
    return Gazetteer(SHIPPED)
