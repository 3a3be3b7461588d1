"""Precision codes of UCDP, ACLED and GTD: what each means, and how large it makes a place."""

from __future__ import annotations

from enum import Enum
from typing import Self

# The meanings are worded anew from summaries of the codebooks of UCDP GED, ACLED and GTD, which
# change their wording between versions: check the codebook of the data in use.  Only UCDP's
# "about 25 km" is a figure of theirs; every other radius here is judgement.

#: A town or a base, in metres: where a code means one known place.  Judgement.
TOWN_M = 3_000.0
#: Around a known place, in metres: UCDP's figure; for ACLED's "near a town" it is judgement.
AROUND_M = 25_000.0

#: Kinds of places (`geoinc.places.KINDS`) whose size is that of an area, not of one place.
_AREAS = {
    "sea": "sea",
    "strait": "sea",
    "country": "country",
    "province": "province",
    "district": "district",
    "region": "region",
    "desert": "region",
    "mountain": "region",
    "valley": "region",
    "river": "region",
    "lake": "region",
    "island": "region",
    "relation": "region",
    "coordinates": "region",
}
_SETTLEMENTS = frozenset({"city", "town", "village", "quarter"})


class _Code(Enum):
    """A code with its meaning; `Scale(5)` reads it and `.value` writes it.

    Codes have no order: UCDP's 7 is at sea, not worse than 6, and a code of
    one scale says nothing in another.
    """

    meaning: str

    @classmethod
    def _missing_(cls, value: object) -> Self:
        """Read ``"5"`` and ``" 5.0 "`` as 5; refuse what is no code, and say which are."""
        if isinstance(value, str):
            text = value.strip().removesuffix(".0")
            for code in cls:
                if text == str(code.value):
                    return code
        known = ", ".join(f"{code.value} ({code.meaning})" for code in cls)
        name = (cls.__doc__ or cls.__name__).partition(":")[0]
        msg = f"{value!r} is no code of {name}; the codes are {known}"
        raise ValueError(msg)


class _PlaceCode(_Code):
    """How well a place is known."""

    #: What the code stands for: place, around, district, province, region, country, sea, unknown.
    area: str
    #: Radius in metres where the code stands for a place or around it; None where the outline of
    #: the area serves, or nothing is known.
    radius_m: float | None

    # With defaults, because type checkers take `UcdpWhere(5)`, a reading, for a call of this.
    def __new__(
        cls, code: object, meaning: str = "", area: str = "", radius_m: float | None = None
    ) -> Self:
        """Return the code with what it stands for."""
        member = object.__new__(cls)
        member._value_ = code
        member.meaning, member.area, member.radius_m = meaning, area, radius_m
        return member


class _TimeCode(_Code):
    """How well a date is known."""

    #: Number of days, both ends counted, that an event of this code may span.
    least_days: int
    most_days: int

    # With defaults, as above.
    def __new__(
        cls, code: object, meaning: str = "", least_days: int = 0, most_days: int = 0
    ) -> Self:
        """Return the code with the days it may span."""
        member = object.__new__(cls)
        member._value_ = code
        member.meaning, member.least_days, member.most_days = meaning, least_days, most_days
        return member

    @classmethod
    def of(cls, days: int) -> Self:
        """Return the code of an event that happened within so many days.

        Parameters
        ----------
        days : int
            First to last possible day, both counted.

        Raises
        ------
        ValueError
            Where the scale has no code for it.
        """
        for code in cls:
            if code.least_days <= days <= code.most_days:
                return code
        name = (cls.__doc__ or cls.__name__).partition(":")[0]
        msg = f"{name} has no code for {days!r} days; it goes from 1 to {max(c.most_days for c in cls)}"
        raise ValueError(msg)


class UcdpWhere(_PlaceCode):
    """UCDP where_prec: how well the place of an event is known.

    Examples
    --------
    >>> code = UcdpWhere(2)
    >>> code.meaning, code.radius_m, code.value
    ('around a known place', 25000.0, 2)
    >>> UcdpWhere.of("province", 90_000).value
    4
    >>> UcdpWhere(8)
    Traceback (most recent call last):
        ...
    ValueError: 8 is no code of UCDP where_prec; the codes are 1 (the exact place), ...
    """

    EXACT = 1, "the exact place", "place", TOWN_M
    AROUND = 2, "around a known place", "around", AROUND_M
    DISTRICT = 3, "the second-order division, its centre", "district"
    PROVINCE = 4, "the first-order division, its centre", "province"
    VAGUE = 5, "part of a country, a line or a vague relation, a point to stand for it", "region"
    COUNTRY = 6, "the country, its centre", "country"
    SEA_OR_AIR = 7, "at sea or in international airspace", "sea"

    @classmethod
    def of(cls, kind: str, uncertainty_m: float) -> Self:
        """Return the code that a place would be given.

        Parameters
        ----------
        kind : str
            As `geoinc.Place.kind`.
        uncertainty_m : float
            Radius around its centre that holds it, in metres.
        """
        area = _area(kind, uncertainty_m)
        return next(code for code in cls if code.area == area)


class UcdpDate(_TimeCode):
    """UCDP date_prec: how well the date of an event is known.

    Examples
    --------
    >>> UcdpDate(3).meaning, UcdpDate.of(4).value
    ('a week', 2)
    """

    DAY = 1, "the day", 1, 1
    DAYS = 2, "two to six days", 2, 6
    WEEK = 3, "a week", 7, 7
    MONTH = 4, "a month", 8, 31
    YEAR = 5, "more than a month, up to a year", 32, 366


class AcledPlace(_PlaceCode):
    """ACLED geo_precision: how well the place of an event is known.

    Examples
    --------
    >>> AcledPlace(3).area, AcledPlace.of("town", 3_000).value
    ('province', 1)
    """

    EXACT = 1, "a named place with its coordinates", "place", TOWN_M
    NEAR = 2, "part of a region or near a town, the town stands for it", "around", AROUND_M
    REGION = 3, "a larger region, its capital or a natural feature stands for it", "province"

    @classmethod
    def of(cls, kind: str, uncertainty_m: float) -> Self:
        """Return the code that a place would be given.

        Parameters
        ----------
        kind : str
            As `geoinc.Place.kind`.
        uncertainty_m : float
            Radius around its centre that holds it, in metres.

        Raises
        ------
        ValueError
            For a country: ACLED has no code so wide.
        """
        area = _area(kind, uncertainty_m)
        if area == "country":
            msg = f"ACLED geo_precision has no code for a whole {kind}; place the event better, or leave the code blank"
            raise ValueError(msg)
        return cls({"place": 1, "around": 2, "district": 2}.get(area, 3))


class AcledTime(_TimeCode):
    """ACLED time_precision: how well the date of an event is known.

    Examples
    --------
    >>> AcledTime(2).meaning, AcledTime.of(30).value
    ('a week or weekend', 3)
    """

    DAY = 1, "the day", 1, 1
    WEEK = 2, "a week or weekend", 2, 7
    MONTH = 3, "a month, its middle stands for it", 8, 31


class GtdSpecificity(_PlaceCode):
    """GTD specificity: how well the place of an event is known.

    Examples
    --------
    >>> GtdSpecificity(4).area
    'province'
    >>> GtdSpecificity.of("district", 20_000, in_city=True).value
    2
    """

    CITY = 1, "a city, town or village and its coordinates", "place", TOWN_M
    CITY_IN_DIVISION = 2, "a city, at the centre of the smallest division found", "district"
    DIVISION = 3, "not in a city, at the centre of the smallest division found", "district"
    PROVINCE = 4, "the first-order division, its centre", "province"
    UNKNOWN = 5, "not known in the first-order division either", "unknown"

    @classmethod
    def of(cls, kind: str, uncertainty_m: float, *, in_city: bool) -> Self:
        """Return the code that a place would be given.

        Parameters
        ----------
        kind : str
            As `geoinc.Place.kind`.
        uncertainty_m : float
            Radius around its centre that holds it, in metres.
        in_city : bool
            Whether the event is known to have happened in a city; a district
            alone does not tell.
        """
        area = _area(kind, uncertainty_m)
        if area in {"country", "sea"}:
            return cls(5)
        if area in {"province", "region"}:
            return cls(4)
        if kind in _SETTLEMENTS:
            return cls(1)
        return cls(2 if in_city else 3)


class GtdVicinity(_Code):
    """GTD vicinity: whether an event happened in a city or beside it.

    That 0 is "in" and -9 "unknown" is from memory (unverified).

    Examples
    --------
    >>> GtdVicinity(1).meaning
    'in the immediate surroundings of the city'
    """

    def __new__(cls, code: object, meaning: str = "") -> Self:
        """Return the code with its meaning."""
        member = object.__new__(cls)
        member._value_ = code
        member.meaning = meaning
        return member

    UNKNOWN = -9, "unknown"
    IN = 0, "in the city"
    BESIDE = 1, "in the immediate surroundings of the city"


def _area(kind: str, uncertainty_m: float) -> str:
    """Return what of the scales a place is; of an area without a division, its size tells."""
    if not uncertainty_m > 0:
        msg = f"uncertainty_m={uncertainty_m!r} is no radius; every place has one above 0 m"
        raise ValueError(msg)
    area = _AREAS.get(kind, "place")
    if area != "region" or uncertainty_m > AROUND_M:
        return area
    return "place" if uncertainty_m <= TOWN_M else "around"


#: The scale of each column of codes, by the names that the data sets give them.
COLUMNS: dict[
    str, type[UcdpWhere | UcdpDate | AcledPlace | AcledTime | GtdSpecificity | GtdVicinity]
] = {
    "where_prec": UcdpWhere,
    "date_prec": UcdpDate,
    "geo_precision": AcledPlace,
    "time_precision": AcledTime,
    "specificity": GtdSpecificity,
    "vicinity": GtdVicinity,
}
