"""Who is to be named where the data of others are shown or passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from geoinc.reports.exports import contained
from geoinc.schema import ROLES

if TYPE_CHECKING:
    from geoinc.reports.exports import Format

#: What a layer carries along of the exports that it was made from, where their columns are gone.
EXPORTS = "exports"

#: ACLED's terms as its "Terms of Use and Attribution Policy" has them; those of GTD are unverified.
CREDITS: dict[Format, str] = {
    "acled": "Data from ACLED (Armed Conflict Location & Event Data), which is to be named clearly wherever they "
    "are shown. Its terms of use do not allow its original data to be passed on: read them before you share this.",
    "ucdp": "Data from UCDP GED (CC BY 4.0): Sundberg and Melander (2013), Introducing the UCDP Georeferenced Event "
    "Dataset, Journal of Peace Research 50(4), 523-532.",
    "gtd": "Data from the Global Terrorism Database (START): see its terms of use before you share this.",
}


class _Layered(Protocol):
    """Layers, on one machine or several."""

    def layer(self, role: str) -> Any: ...


def exports_in(layers: _Layered) -> list[Format]:
    """Return the exports whose rows layers hold: their columns tell it, or what the layers carry.

    Parameters
    ----------
    layers : Layers
        On one machine or several.
    """
    found: set[Format] = set()
    for role in ROLES:
        layer = layers.layer(role)
        found.update(getattr(layer, "attrs", {}).get(EXPORTS, ()))
        found.update(contained(layer.columns))
    return sorted(found & set(CREDITS))


def data_credits(layers: _Layered) -> list[str]:
    """Return a line for each data set that is to be named where layers are shown or passed on.

    Parameters
    ----------
    layers : Layers
        On one machine or several.
    """
    return [CREDITS[export] for export in exports_in(layers)]
