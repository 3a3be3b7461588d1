"""What may be published: no coordinate, word or identifier that tells more than is stated."""

import base64
import gzip
import json
import math
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.ops
from hypothesis import given, settings
from hypothesis import strategies as st
from map_fixture import ACCOUNTS, PLACES, account, example_layers
from map_page import unpack
from pyproj import Geod

import geoinc as gi
from geoinc.coarsening.areas import _cell, coarseness
from geoinc.maps import explore
from geoinc.schema import DERIVED_COLUMNS, LAYER_COLUMNS, ROLES

GEOD = Geod(ellps="WGS84")
WAYS = [("10 km", None), ("50 km", None), ("admin1", None), ("displaced 5 km", 2**90 + 7)]

#: Names of places of the fixture that are no country or province, as a reader would recognise them.
GIVEAWAYS = (
    "Balad", "Albu Hassan", "runway", "Erbil International", "Ain al-As", "Baghdadi", "Victoria", "Green Zone",
    "Embassy", "Jihad", "Omar", "Mayadin", "Tanf", "Batas", "al-Omar", "convoy",
)  # fmt: skip

UNWANTED = (
    *GIVEAWAYS,
    "secret",
    "33.9421",
    "44.3617",
    *(place for place in PLACES if "-" in place),
)

#: Words in columns of free text that name a place of the same account.
LOOSE = {
    "notes": "rockets fell beside BALAD air-base at 33.9421, 44.3617",
    "url": "https://example.org/attack-on-balad-air-base",
    "report": "Attack on Balad air base",
    "weapon": "rockets kept in al-Baghdadi",
    "claimed_by": "Brigade of Mayadin",
    "source": "قناة الأخبار",
}


@pytest.fixture(scope="module")
def layers():
    told = [{**given, **LOOSE} for given in ACCOUNTS]
    return example_layers(told, house="33.9421, 44.3617", own="Balad")


def coarse(layers, to, rng=None, **options):
    return gi.coarsen(layers, to=to, rng=rng, **options)


def contents(m):
    """Return all that the file of a map says, the packed data unpacked."""
    page = m.get_root().render()
    packed = re.findall(
        r'<script type="application/[^"]*"[^>]*>\s*([^<\s]{200,})\s*</script>', page
    )
    unpacked = [gzip.decompress(base64.b64decode(text)) for text in packed]
    # Scripts and styles are ours and the same for every map.
    unpacked = [data for data in unpacked if b"var geoinc = {};" not in data]
    assert unpacked
    texts = [data.decode("latin-1") for data in unpacked]
    utf8 = [data.decode("utf-8", "replace") for data in unpacked]
    rest = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    return "\n".join([rest, *texts, *utf8])


def texts_of(layers):
    """Return every text anywhere in layers, indexes and attributes included."""
    found = []
    for table in (*(layers.layer(role) for role in ROLES), layers.places):
        plain = table.drop(columns="geometry")
        found += [str(value) for column in plain for value in plain[column].unique()]
        found += [str(value) for value in table.index]
        found.append(repr(table.attrs))
    return "\n".join(found)


def corners(places, digits=4):
    spots = shapely.get_coordinates(places.geometry.to_numpy()).round(digits)
    return set(map(tuple, spots.tolist()))


@pytest.mark.parametrize(("to", "rng"), WAYS)
def test_rows_dates_figures_and_weights_stay(layers, to, rng):
    published = coarse(layers, to, rng)
    for role in ROLES:
        before, after = layers.layer(role), published.layer(role)
        assert len(before) == len(after)
        assert after.index.is_unique
        assert after.index.name == "row"
        for name in ("weight", "date_start", "fired_low", "rounds_best", "part"):
            same = [sorted(table[name].map(str)) for table in (before, after)]
            assert same[0] == same[1]
        assert set(after["place_id"]) <= {"", *published.places.index}
    assert len(gi.incidents(layers)) == len(gi.incidents(published))
    figures = ["standing", "accounts", "fired_low", "fired_high", "injured_best"]
    sums = [gi.incidents(one)[figures].map(str).to_numpy().tolist() for one in (layers, published)]
    assert sorted(sums[0]) == sorted(sums[1])


@pytest.mark.parametrize(("to", "rng"), WAYS)
def test_nothing_of_the_old_places_is_left(layers, to, rng):
    published = coarse(layers, to, rng)
    text = texts_of(published)
    for words in UNWANTED:
        assert words.casefold() not in text.casefold(), words
    assert {given["incident"] for given in ACCOUNTS}.isdisjoint(published.rows()["incident"])
    old = set(layers.rows()["account"])
    assert old.isdisjoint(published.rows()["account"])
    public = layers.places["kind"].isin(["country", "province"])
    exact = layers.places[~public]
    before, known, after = (
        corners(table) for table in (exact, layers.places[public], published.places)
    )
    assert (before - known).isdisjoint(after)
    centres = set(map(tuple, exact[["longitude", "latitude"]].to_numpy().tolist()))
    for role in ROLES:
        spots = published.layer(role)[["longitude", "latitude"]].to_numpy().tolist()
        assert centres.isdisjoint(map(tuple, spots))


@pytest.mark.parametrize("to", ["10 km", "50 km", "admin1"])
def test_map_file_has_nothing_finer(layers, to):
    m = explore(layers, coarsen=to, columns=("own",), embargo="1D")
    text = contents(m)
    for words in UNWANTED:
        assert words.casefold() not in text.casefold(), words
    assert {"10 km": "cells of 10 km", "50 km": "cells of 50 km", "admin1": "provinces"}[to] in text


def test_map_says_what_would_be_there_otherwise(layers):
    text = contents(explore(layers, columns=("own",)))
    assert "Balad" in text
    assert "Mayadin" in text


@pytest.mark.parametrize("rows", [ACCOUNTS, ACCOUNTS[::-1]])
def test_outlines_of_the_file_are_those_of_cells(rows):
    m = explore(example_layers(rows), coarsen="50 km")
    held = unpack(m.get_root().render())
    west, south, east, north = m._data.bounds
    cells = gi.coarsen(example_layers(rows), to="50 km").places
    edges = cells[cells["uncertainty_m"] < 400_000].total_bounds
    assert west >= edges[0] - 0.5
    assert east <= edges[2] + 0.5
    assert south >= edges[1] - 0.5
    assert north <= edges[3] + 0.5
    # What the page draws, unpacked: no corner or centre of a place as it was.
    exact = example_layers(rows).places
    public = exact["kind"].isin(["country", "province"])
    ends = np.cumsum(held["outlines"]["points"])
    steps = np.reshape(held["outlines"]["steps"], (-1, 2)) / held["outlines"]["unit"]
    rings = np.split(steps, ends[:-1])
    drawn = {tuple(spot) for ring in rings for spot in np.cumsum(ring, axis=0).round(3).tolist()}
    drawn |= {
        (round(x, 3), round(y, 3))
        for x, y in zip(
            *(held["places"]["columns"][name] for name in ("longitude", "latitude")), strict=True
        )
    }
    original = corners(exact[~public], 3) - corners(exact[public], 3)
    original |= set(map(tuple, exact[["longitude", "latitude"]].round(3).to_numpy().tolist()))
    assert len(drawn) > 20
    assert drawn.isdisjoint(original)


@pytest.mark.parametrize(("to", "rng"), WAYS)
def test_coarse_area_holds_the_place(layers, to, rng):
    """What is published is wider, and never wrong: the place lies inside, boundary error included."""
    published = coarse(layers, to, rng)
    old, new = layers.targets, published.targets
    order = old.assign(n=range(len(old))).sort_values(["date_start", "date_end"], kind="stable")
    pairs = 0
    for (_, before), row in zip(order.iterrows(), old.index, strict=True):
        assert row in old.index
        if not before["place_id"]:
            continue
        dates = new[new["date_start"].eq(before["date_start"]) & new["source"].eq(before["source"])]
        candidates = dates if len(dates) else new
        footprint = layers.places.geometry[before["place_id"]]
        held = []
        for place_id in candidates["place_id"]:
            if not place_id:
                continue
            area = published.places.loc[place_id]
            away = GEOD.inv(area.longitude, area.latitude, before["longitude"], before["latitude"])[
                2
            ]
            held.append(
                away + min(before["uncertainty_m"], 1.0) <= area.uncertainty_m
                and shapely.distance(area.geometry, footprint) * 111_000
                <= area.boundary_error_m + 1
            )
        assert any(held), before["place"]
        pairs += 1
    assert pairs > 10


@settings(max_examples=300, deadline=None)
@given(
    longitude=st.floats(-180, 180),
    latitude=st.floats(-90, 90),
    km=st.sampled_from([0.1, 1.0, 10.0, 33.3, 250.0, 1000.0]),
)
def test_every_spot_has_a_cell_of_the_stated_size(longitude, latitude, km):
    west, south, east, north = _cell(longitude, latitude, km * 1000)
    assert west - 1e-4 <= longitude <= east + 1e-4
    assert south - 1e-4 <= latitude <= north + 1e-4
    height = GEOD.line_length([west, west], [south, north]) / 1000
    assert height == pytest.approx(km, rel=0.06)
    if abs(latitude) < 80:
        width = GEOD.line_length([west, east], [(south + north) / 2] * 2) / 1000
        assert width == pytest.approx(km, rel=0.35 if km > 200 else 0.06)


@settings(max_examples=30, deadline=None)
@given(
    longitude=st.floats(-179.9, 179.9),
    latitude=st.floats(-85, 85),
    radius_m=st.sampled_from([50.0, 900.0, 4_999.0, 5_001.0, 40_000.0]),
    to=st.sampled_from(["10 km", "displaced 10 km"]),
)
def test_a_disc_anywhere_lies_in_its_area(longitude, latitude, radius_m, to):
    table = pd.DataFrame({"longitude": [longitude], "latitude": [latitude]})
    layers = gi.layers_from_coordinates(table, uncertainty_m=radius_m)
    area = gi.coarsen(layers, to=to, rng=5).places.iloc[0]
    edge = [GEOD.fwd(longitude, latitude, turn, radius_m)[:2] for turn in range(0, 360, 45)]
    for x, y in [(longitude, latitude), *edge]:
        away_m = GEOD.inv(x, y, area.longitude, area.latitude)[2]
        assert away_m <= area.uncertainty_m + 1
        spot = shapely.Point(x, y)
        near = shapely.ops.nearest_points(area.geometry, spot)[0]
        # Nearest in degrees is not nearest on the ground: at high latitudes it is farther off.
        beyond_m = GEOD.inv(x, y, near.x, near.y)[2] * max(0.1, math.cos(math.radians(y)))
        assert beyond_m <= area.boundary_error_m + 20


def test_cell_tells_nothing_of_where_in_it_a_place_is():
    west, south, east, north = _cell(44.36, 33.94, 10_000)
    spots = [
        (west + 1e-4, south + 1e-4),
        (east - 1e-4, north - 1e-4),
        ((west + east) / 2, (south + north) / 2),
    ]
    published = []
    for longitude, latitude in spots:
        for radius_m in (20.0, 3_000.0):
            table = pd.DataFrame(
                {"longitude": [longitude], "latitude": [latitude], "date": ["2021-01-01"]}
            )
            layers = gi.layers_from_coordinates(table, uncertainty_m=radius_m)
            published.append(texts_of(gi.coarsen(layers, to="10 km")))
    assert len(set(published)) == 1


def test_the_grid_is_the_same_for_every_table():
    one = gi.coarsen(example_layers(ACCOUNTS[:4]), to="25 km").places
    all_of_it = gi.coarsen(example_layers(), to="25 km").places
    assert set(one.index) <= set(all_of_it.index)


def test_displacement_moves_all_rows_of_a_place_alike_and_needs_a_secret(layers):
    with pytest.raises(ValueError, match=r"secrets\.randbits"):
        gi.coarsen(layers, to="displaced 5 km")
    one = gi.coarsen(layers, to="displaced 5 km", rng=1)
    again = gi.coarsen(layers, to="displaced 5 km", rng=1)
    other = gi.coarsen(layers, to="displaced 5 km", rng=2)
    assert texts_of(one) == texts_of(again)
    assert set(one.places.index) != set(other.places.index)
    assert len(one.places) <= len(layers.places)


def test_places_at_one_spot_move_alike():
    table = pd.DataFrame({"longitude": [44.0, 44.0], "latitude": [33.0, 33.0], "error": [100, 900]})
    layers = gi.layers_from_coordinates(table, uncertainty_m="error")
    assert len(layers.places) == 2
    assert len(gi.coarsen(layers, to="displaced 5 km", rng=3).places) == 1


def test_blank_identifiers_of_a_file_are_no_places(layers):
    blank = layers.targets.assign(place_id=layers.targets["place_id"].replace("", None))
    read = gi.Layers(layers.launches, blank, layers.impacts, layers.places)
    statuses = [
        gi.coarsen(one, to="10 km").targets["place_status"].to_list() for one in (layers, read)
    ]
    assert statuses[0] == statuses[1]


def test_displacement_is_uniform_over_its_disc():
    table = pd.DataFrame({"longitude": 44 + np.arange(3000) / 1e4, "latitude": 33.0})
    layers = gi.layers_from_coordinates(table, uncertainty_m=100)
    moved = gi.coarsen(layers, to="displaced 5 km", rng=3)
    assert (moved.places["uncertainty_m"] == 10_000).all()
    # Rows are numbered anew; all have one date, so the areas' names decide: compare as sets.
    by_new = moved.places[["longitude", "latitude"]].to_numpy()
    spread = by_new[:, 1] - 33.0
    expected = 5000 / 2 / 111_000  # of a uniform disc the standard deviation is half the radius
    assert spread.std() == pytest.approx(expected, rel=0.06)
    assert abs(spread).max() <= 5000 / 110_500


def test_areas_of_your_own():
    squares = gpd.GeoDataFrame(
        {"name": ["north", "south"], "country": ["IQ", "IQ"]},
        geometry=[shapely.box(40, 35, 47, 38), shapely.box(40, 29, 47, 35)],
        crs=4326,
    ).to_crs(3857)
    with pytest.warns(UserWarning, match="none of the areas"):
        layers = gi.coarsen(example_layers(), to=squares)
    names = set(layers.places["name"])
    assert {"north", "south"} <= names
    assert {"Iraq", "Iran"} <= names
    erbil = layers.targets[layers.targets["place"].eq("north")]
    assert (erbil["uncertainty_m"] > 25_000).all()
    lost = layers.targets[layers.targets["place"].eq("(withheld)")]
    assert set(lost["place_status"]) == {"unresolved"}


@pytest.mark.parametrize("to", ["10", "ten km", "0 km", "5000 km", "admin2", ""])
def test_what_is_not_understood(layers, to):
    with pytest.raises(ValueError, match="write a grid as"):
        gi.coarsen(layers, to=to)


def test_columns(layers):
    published = gi.coarsen(layers, to="10 km", columns=["notes", "own", "incident"])
    assert set(published.targets) <= {
        *DERIVED_COLUMNS, *LAYER_COLUMNS, "geometry", "incident", "notes", "own", "source", "published", "date",
        "event_type", "outcome", "actor", "actor_basis", "claimed_by", "attributed_by", "denied_by", "include",
    }  # fmt: skip
    assert set(published.targets["notes"]) == {"(withheld)"}
    assert "balad-1" not in set(published.targets["incident"])
    with pytest.raises(ValueError, match="not in the layers"):
        gi.coarsen(layers, to="10 km", columns=["nothing"])


def test_named_column_keeps_what_names_no_place():
    rows = [account("1", "2021-02-03", ("Balad air base", "iq-balad-air-base"), notes="at dawn")]
    assert (
        gi.coarsen(example_layers(rows), to="10 km", columns=["notes"]).targets["notes"].iloc[0]
        == "at dawn"
    )


def test_add_and_coarsen_do_not_go_together(layers):
    with pytest.raises(ValueError, match="coarsen first"):
        explore(layers, coarsen="10 km", add=[object()])


def test_twice_coarsened_is_coarse(layers):
    twice = gi.coarsen(gi.coarsen(layers, to="10 km"), to="admin1")
    assert not twice.places["kind"].eq("cell").any()


def test_attributes_of_the_tables_stay_behind():
    told = example_layers()
    told.targets.attrs = {"source": "balad.csv", "rows": {"acc00": 2}}
    assert not gi.coarsen(told, to="10 km").targets.attrs


def test_empty_layers():
    layers = example_layers(ACCOUNTS[:1])
    none = gi.Layers(*(layers.layer(role).iloc[:0] for role in ROLES), layers.places.iloc[:0])
    for to in ("10 km", "admin1"):
        assert len(gi.coarsen(none, to=to).targets) == 0


def test_distances_of_coarse_places_hold_the_true_ones(layers):
    true = gi.distances(layers)
    published = gi.distances(gi.coarsen(layers, to="10 km"))
    assert len(true) == len(published)
    assert published["low_m"].min() <= true["low_m"].min() + 1
    assert (published["high_m"] - published["low_m"]).min() >= 10_000


def test_coarseness_is_said():
    assert coarseness("25 km", None).words == "coarsened to cells of 25 km"
    assert json.dumps(coarseness("displaced 2.5 km", None).words) == '"displaced by up to 2.5 km"'
