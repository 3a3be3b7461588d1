"""What a table is about: where the names lie that it leaves no doubt of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoinc.georeferencing import Resolution

#: A table with fewer texts than this in a country or province is not about it.
_LEAST_TEXTS = 3
#: Nor where they are a smaller share of all: a table may be about several countries at once ...
_LEAST_OF_COUNTRY = 0.2
#: ... but only one province chooses between namesakes of one country.
_LEAST_OF_PROVINCE = 0.6


@dataclass(frozen=True, slots=True)
class About:
    """Where the sure places of a table lie.

    Parameters
    ----------
    countries : tuple of str
        ISO codes of the countries that many of its texts are in, most first.
    province : tuple of str
        Code of the country and name of the province that most of its texts
        are in; blank where no province stands out.
    """

    countries: tuple[str, ...]
    province: tuple[str, str] = ("", "")


def about_of(answers: Iterable[Resolution]) -> About | None:
    """Return what a table is about, None where too little of it is sure to say.

    Every text counts once, however often it stands in the table and in
    whatever order.

    Parameters
    ----------
    answers : iterable of Resolution
        What the texts of the table came to.
    """
    sure = {
        (" ".join(answer.text.split()).casefold(), answer.place.country, answer.place.admin1)
        for answer in answers
        if answer.place is not None and answer.reason.startswith("sure")
    }
    countries = Counter(country for _, country, _ in sure if country)
    provinces = Counter((country, admin1) for _, country, admin1 in sure if admin1)
    many = [
        country
        for country, count in sorted(countries.items(), key=lambda item: (-item[1], item[0]))
        if count >= max(_LEAST_TEXTS, _LEAST_OF_COUNTRY * countries.total())
    ]
    if not many:
        return None
    province, count = max(provinces.items(), key=lambda item: item[1], default=(("", ""), 0))
    stands_out = count >= max(_LEAST_TEXTS, _LEAST_OF_PROVINCE * provinces.total())
    return About(tuple(many), province if stands_out else ("", ""))
