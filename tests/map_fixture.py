"""A small, hand-made set of layers: what `locate` would give, without a gazetteer.

The attacks resemble real ones but are made up; places are rough.
"""

import math

import geopandas as gpd
import pandas as pd
import shapely

from geoinc.places import Place, places_frame
from geoinc.schema import COUNT_COLUMNS, DERIVED_COLUMNS, LAYER_COLUMNS, ROLES, Layers

DIYALA = (44.2, 34.1, 44.5, 34.9, 45.2, 35.1, 45.6, 34.4, 45.9, 33.6, 45.3, 33.2, 44.6, 33.4)
DIYALA_EAST = (44.6, 34.9, 45.2, 35.1, 45.6, 34.4, 45.9, 33.6, 45.3, 33.2, 44.6, 33.4)
NINEVEH = (41.3, 35.6, 41.2, 36.5, 42.4, 37.1, 43.6, 36.6, 43.4, 35.6, 42.2, 35.2)
SYRIA_SOUTH = (35.9, 32.6, 36.1, 33.4, 38.2, 34.2, 40.6, 34.6, 39.0, 32.3, 36.8, 32.3)

#: place_id: name, kind, country, admin1, longitude, latitude, uncertainty in metres, outline
PLACES = {
    "iq-balad-air-base": (
        "Balad Air Base",
        "air base",
        "IQ",
        "Salah al-Din",
        44.36,
        33.94,
        4000,
        None,
    ),
    "iq-albu-hassan": ("Albu Hassan", "village", "IQ", "Salah al-Din", 44.55, 33.9, 3000, None),
    "iq-balad-runway": (
        "Balad runway",
        "building",
        "IQ",
        "Salah al-Din",
        44.365,
        33.945,
        900,
        None,
    ),
    "iq-diyala-province": ("Diyala", "province", "IQ", "Diyala", 45.0, 34.1, 105_000, DIYALA),
    "rel-diyala-east": (
        "Diyala, east of Balad Air Base",
        "relation",
        "IQ",
        "Diyala",
        45.2,
        34.1,
        98_000,
        DIYALA_EAST,
    ),
    "iq-nineveh-province": ("Nineveh", "province", "IQ", "Nineveh", 42.5, 36.1, 125_000, NINEVEH),
    "iq-erbil-airport": (
        "Erbil International Airport",
        "airport",
        "IQ",
        "Erbil",
        43.96,
        36.24,
        2500,
        None,
    ),
    "rel-near-erbil": (
        "8 km south-west of Erbil",
        "relation",
        "IQ",
        "Erbil",
        43.94,
        36.13,
        4000,
        None,
    ),
    "iq-ain-al-asad": ("Ain al-Asad Air Base", "air base", "IQ", "Anbar", 42.44, 33.79, 5000, None),
    "iq-baghdadi": ("Al-Baghdadi", "town", "IQ", "Anbar", 42.55, 33.87, 3500, None),
    "iq-victoria-base": (
        "Victoria Base",
        "military base",
        "IQ",
        "Baghdad",
        44.26,
        33.28,
        4000,
        None,
    ),
    "iq-green-zone": ("Green Zone", "quarter", "IQ", "Baghdad", 44.39, 33.31, 2500, None),
    "iq-us-embassy": ("US Embassy, Baghdad", "embassy", "IQ", "Baghdad", 44.395, 33.3, 500, None),
    "iq-jihad-district": ("Al-Jihad District", "quarter", "IQ", "Baghdad", 44.3, 33.25, 2000, None),
    "sy-omar-field": (
        "Al-Omar Oil Field",
        "oil field",
        "SY",
        "Deir ez-Zor",
        40.57,
        35.1,
        7000,
        None,
    ),
    "sy-mayadin": ("Mayadin", "town", "SY", "Deir ez-Zor", 40.45, 35.02, 3000, None),
    "sy-tanf": ("Al-Tanf Garrison", "military base", "SY", "Homs", 38.62, 33.5, 3500, None),
    "rel-syria-south": ("southern Syria", "relation", "SY", "", 38.0, 33.3, 240_000, SYRIA_SOUTH),
    "iq": (
        "Iraq",
        "country",
        "IQ",
        "",
        43.7,
        33.1,
        560_000,
        (38.8, 33.4, 42.4, 37.1, 48.5, 30.0, 44.7, 29.2),
    ),
    "ir": (
        "Iran",
        "country",
        "IR",
        "",
        54.3,
        32.6,
        1_200_000,
        (44.1, 39.4, 61.0, 37.0, 61.5, 25.2, 48.5, 30.3),
    ),
}


def outline(longitude, latitude, radius_m, flat):
    if flat:
        return shapely.Polygon(list(zip(flat[::2], flat[1::2], strict=True)))
    turns = [2 * math.pi * i / 32 for i in range(32)]
    north = radius_m / 111_000
    east = north / math.cos(math.radians(latitude))
    return shapely.Polygon(
        [(longitude + east * math.cos(t), latitude + north * math.sin(t)) for t in turns]
    )


def place(place_id, **changes):
    name, kind, country, admin1, longitude, latitude, uncertainty_m, flat = PLACES[place_id]
    fields = {
        "name": name,
        "kind": kind,
        "country": country,
        "admin1": admin1,
        "longitude": longitude,
        "latitude": latitude,
        "uncertainty_m": float(uncertainty_m),
        "position_error_m": 500.0,
        "footprint": outline(longitude, latitude, uncertainty_m, flat),
        "source": "unverified",
    }
    return Place(place_id, **{**fields, **changes})


def account(incident, date, target=None, launch=None, impact=(), **more):
    """One account: words and place ids of each role, and any other columns."""
    return {
        "incident": incident,
        "date": date,
        "places": {"target": target, "launch": launch, "impact": impact},
        **more,
    }


BALAD, ASAD = ("Balad air base", "iq-balad-air-base"), ("Ain al-Assad", "iq-ain-al-asad")
ERBIL = ("Erbil airport", "iq-erbil-airport")
ACCOUNTS = [
    account(
        "balad-1",
        "2021-02-20",
        BALAD,
        launch=("a village in Diyala, east of the base", "rel-diyala-east"),
        impact=[
            ("a nearby village [5]", "iq-albu-hassan", 5),
            ("the base [2]", "iq-balad-air-base", 2),
        ],
        source="The Morning Paper",
        url="https://example.org/balad",
        published="2021-02-21",
        fired="seven",
        fired_low=7,
        fired_best=7,
        fired_high=7,
        outcome="hit",
        event_type="rocket",
        actor="unknown",
        actor_basis="unknown",
        injured="one",
        injured_low=1,
        injured_best=1,
        injured_high=1,
    ),
    account(
        "balad-1",
        "2021-02-20",
        BALAD,
        launch=("Diyala", "iq-diyala-province"),
        source="The Evening Wire",
        original_source="a security official",
        fired="at least 4",
        fired_low=4,
        event_type="rocket",
        impact=[("the runway", "iq-balad-runway", None)],
        actor="Saraya Example",
        actor_basis="suspected",
        denied_by="Saraya Example",
        weight=0.0,
    ),
    account(
        "balad-2",
        "2021-03-15",
        BALAD,
        launch=("Diyala", "iq-diyala-province"),
        event_type="rocket",
        source="The Morning Paper",
        fired="5",
        fired_low=5,
        fired_best=5,
        fired_high=5,
    ),
    account("balad-3", "", BALAD, event_type="rocket", source="A yearbook"),
    account(
        "erbil-1",
        "2021-02-15",
        ERBIL,
        launch=("8 km SW of Erbil", "rel-near-erbil"),
        fired="14",
        fired_low=14,
        fired_best=14,
        fired_high=14,
        event_type="rocket",
        source="The Morning Paper",
        claimed_by="Awliya Example",
    ),
    account(
        "erbil-1",
        "2021-02-15",
        ERBIL,
        fired="30",
        fired_low=24,
        fired_high=30,
        event_type="rocket",
        source="The Evening Wire",
        original_source="the group's own channel",
        claimed_by="Awliya Example",
        weight=0.0,
    ),
    account(
        "erbil-2",
        "2021-04-14",
        ERBIL,
        launch=("Nineveh", "iq-nineveh-province"),
        event_type="drone",
        source="The Morning Paper",
        outcome="hit",
    ),
    account(
        "asad-1",
        "2021-03-03",
        ASAD,
        launch=("al-Baghdadi, 8 km away", "iq-baghdadi"),
        fired="10",
        fired_low=10,
        fired_best=10,
        fired_high=10,
        event_type="rocket",
        source="The Morning Paper",
        weapon="122 mm Grad",
    ),
    account(
        "asad-2",
        "2020-01-08",
        ASAD,
        launch=("Iran", "ir"),
        event_type="missile",
        source="The Morning Paper",
        actor="IRGC",
        actor_basis="claimed",
        claimed_by="IRGC",
        fired="11-15",
        fired_low=11,
        fired_high=15,
    ),
    account(
        "asad-3",
        "2022-01",
        ASAD,
        event_type="drone",
        outcome="intercepted",
        source="The Evening Wire",
    ),
    account(
        "victoria-1",
        "2021-01-22",
        ("Victoria base", "iq-victoria-base"),
        launch=("al-Jihad", "iq-jihad-district"),
        event_type="rocket",
        fired="3",
        fired_low=3,
        fired_best=3,
        fired_high=3,
        source="The Morning Paper",
    ),
    account(
        "green-1",
        "2020-12-20",
        ("Green Zone", "iq-green-zone"),
        impact=[("the US embassy", "iq-us-embassy", 2)],
        event_type="rocket",
        source="قناة الأخبار",
        notes="هجوم صاروخي",
    ),
    account(
        "omar-1",
        "2022-01-05",
        ("al-Omar field", "sy-omar-field"),
        launch=("Mayadin", "sy-mayadin"),
        event_type="rocket",
        fired="8",
        fired_low=8,
        fired_best=8,
        fired_high=8,
        source="The Morning Paper",
    ),
    account(
        "tanf-1",
        "2021-10-20",
        ("al-Tanf", "sy-tanf"),
        launch=("southern Syria", "rel-syria-south"),
        event_type="drone",
        source="The Evening Wire",
    ),
    account(
        "convoy-1",
        "2021-06-01",
        ("a convoy in Iraq", "iq"),
        event_type="roadside bomb",
        source="The Morning Paper",
    ),
    account(
        "convoy-2",
        "2021-06-09",
        ("a convoy in Iraq", "iq"),
        event_type="roadside bomb",
        source="The Morning Paper",
    ),
    account(
        "batas-1", "2021-07-02", ("Batas", None), event_type="drone", source="The Evening Wire"
    ),
    account(
        "dozens",
        "2022",
        ("bases in Iraq", "iq"),
        source="The Evening Wire",
        standing="summary",
        events="dozens",
        events_low=24,
    ),
    account(
        "alarm",
        "2021-05-01",
        ("US embassy in Baghdad", "iq-us-embassy"),
        standing="no attack",
        outcome="false alarm",
        source="The Morning Paper",
    ),
    account(
        "aside",
        "2021-05-03",
        ERBIL,
        standing="set aside",
        include="no",
        reason="the same as erbil-2",
        source="A blog",
    ),
]


def example_layers(accounts=ACCOUNTS, rename=None, **own):
    """Return the layers; `own` are columns of the user, `rename` new names of places."""
    roles = {role: [] for role in ROLES}
    used = set()
    for number, given in enumerate(accounts):
        base = report_row(given, f"acc{number:02}", own)
        for role in ROLES:
            told = given["places"][role]
            told = told if isinstance(told, list) else [told]
            for part, cell in enumerate(told, start=1):
                words, place_id, *rounds = cell or ("", None)
                used.add(place_id)
                roles[role].append(
                    {
                        **base,
                        **layer_row(
                            role, part, words, place_id, rounds=rounds, rename=rename or {}
                        ),
                        "weight": base["weight"] / len(told),
                    },
                )
    places = [
        place(key, **({"name": rename[key]} if rename and key in rename else {}))
        for key in PLACES
        if key in used
    ]
    return Layers(*(layer(rows) for rows in roles.values()), places_frame(places))


def report_row(given, account_id, own):
    day = pd.Period(given["date"]) if given["date"] else None
    row = dict.fromkeys(DERIVED_COLUMNS)
    row.update(
        account=account_id,
        standing="counted",
        date_basis="stated" if day is not None else "",
        weight=1.0,
        date_start=day.start_time if day is not None else pd.NaT,
        date_end=day.end_time.normalize() if day is not None else pd.NaT,
        events_low=1,
        events_best=1,
        events_high=1,
    )
    for role, told in given["places"].items():
        row[role] = "; ".join(
            cell[0] for cell in (told if isinstance(told, list) else [told]) if cell
        )
    row.update({name: value for name, value in given.items() if name != "places"})
    return row | {name: f"{value} {account_id}" for name, value in own.items()}


def layer_row(role, part, words, place_id, *, rounds, rename):
    row = dict.fromkeys(LAYER_COLUMNS)
    row.update(
        role=role,
        part=part,
        place=words,
        place_id=place_id or "",
        place_basis="as told" if words else "",
        place_match="",
        place_reason="",
    )
    row["place_status"] = "resolved" if place_id else "unresolved" if words else "not told"
    row["rounds_low"] = row["rounds_best"] = row["rounds_high"] = rounds[0] if rounds else None
    row.update(longitude=math.nan, latitude=math.nan, uncertainty_m=math.nan)
    row.update(dict.fromkeys(("place_name", "place_kind", "place_country", "place_admin1"), ""))
    if place_id:
        found = place(place_id)
        row.update(
            place_name=rename.get(place_id, found.name),
            place_kind=found.kind,
            place_country=found.country,
            place_admin1=found.admin1,
            longitude=found.longitude,
            latitude=found.latitude,
            uncertainty_m=found.uncertainty_m,
            place_reason="sure: exact name",
            place_score=1.0,
            place_match="exact",
        )
    return row


def layer(rows):
    table = pd.DataFrame(rows)
    counts = [
        f"{name}_{bound}"
        for name in ("rounds", "events", *COUNT_COLUMNS)
        for bound in ("low", "best", "high")
    ]
    table[counts] = table[counts].astype("Float64").astype("Int64")
    table["date_start"] = pd.to_datetime(table["date_start"])
    table["date_end"] = pd.to_datetime(table["date_end"])
    words = [
        name
        for name in table
        if not pd.api.types.is_numeric_dtype(table[name]) and not name.startswith("date_")
    ]
    table[words] = table[words].astype(object).fillna("")
    table.index = pd.Index(
        table["account"] + ":" + table["role"] + ":" + table["part"].astype(str), name="row"
    )
    centres = gpd.GeoSeries(
        gpd.points_from_xy(table["longitude"], table["latitude"]), index=table.index, crs=4326
    )
    return gpd.GeoDataFrame(table, geometry=centres.where(table["longitude"].notna()), crs=4326)
