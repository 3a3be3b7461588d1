"""Counts by cells of H3: certain where a footprint is in one, shared by area where it is not."""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

h3 = pytest.importorskip("h3", reason="cells need the extra h3")

import geoinc as gi  # noqa: E402
from geoinc import geodesy  # noqa: E402
from geoinc.counting.covering import spread_over_cells  # noqa: E402
from geoinc.h3_cells import outlines_of  # noqa: E402
from geoinc.places import Place, places_frame  # noqa: E402

CELL = h3.latlng_to_cell(33.3, 44.4, 5)
LATITUDE, LONGITUDE = h3.cell_to_latlng(CELL)
FAR = h3.latlng_to_cell(33.3, 42.0, 5)
BESIDE = sorted(set(h3.grid_disk(CELL, 1)) - {CELL})


def layers_of(places, told, **columns):
    """Return layers of which each incident is told at some of some places, in equal parts."""
    rows = [(f"i{i}", place, 1 / len(names)) for i, names in enumerate(told) for place in names]
    table = pd.DataFrame(rows, columns=["incident", "place_id", "weight"])
    points = pd.DataFrame({"longitude": 0.0, "latitude": 0.0}, index=table.index)
    layers = gi.layers_from_coordinates(
        points.assign(incident=table["incident"], date="2021-03-03", **columns), uncertainty_m=1
    )
    frame = places_frame(places)
    at = frame.reindex(table["place_id"])
    targets = layers.targets.assign(
        **{name: table[name].to_numpy() for name in ("place_id", "weight")},
        **{f"place_{name}": at[name].to_numpy() for name in ("name", "kind", "country", "admin1")},
    )
    return gi.Layers(layers.launches, targets, layers.impacts, frame)


def place(name, footprint, radius_m, **more):
    at = footprint.centroid
    return Place(name, name, more.pop("kind", "town"), footprint, at.x, at.y, radius_m, 0.0, **more)


def disc_at(cell, radius_m, name="here"):
    latitude, longitude = h3.cell_to_latlng(cell)
    return place(name, geodesy.disc(longitude, latitude, radius_m), radius_m)


def by_cell(layers, key="h3_5"):
    return gi.counts(layers, by=key).to_frame()


def test_a_place_in_one_cell_is_certain():
    table = by_cell(layers_of([disc_at(CELL, 2_000)], [["here"]] * 3))
    assert table.index.to_list() == [CELL]
    assert table.loc[CELL].to_list() == [3, 3, 3]


@pytest.mark.parametrize("resolution", [3, 5, 6])
def test_a_place_is_shared_by_area(resolution):
    rng = np.random.default_rng(4)
    discs = [
        place(f"p{i}", geodesy.disc(rng.uniform(40, 48), rng.uniform(30, 36), metres), metres)
        for i, metres in enumerate(rng.uniform(500, 20_000, 20))
    ]
    spread = spread_over_cells(places_frame(discs), resolution)
    for i, one in enumerate(discs):
        own = slice(spread.start[i], spread.start[i + 1])
        cells = spread.labels[spread.label[own]]
        parts = shapely.intersection(outlines_of(cells), one.footprint)
        areas = np.array([geodesy.area_km2(part) for part in parts])
        # An edge of a cell is right to 3 m.
        assert spread.share[own] == pytest.approx(areas / geodesy.area_km2(one.footprint), abs=5e-4)
        assert spread.share[own].sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("resolution", [2, 5, 8])
def test_no_part_of_a_place_is_lost_or_told_twice(resolution):
    """Near pentagons, at the antimeridian and anywhere: the cells of a disc cover it once."""
    rng = np.random.default_rng(resolution)
    edge_m = h3.average_hexagon_edge_length(resolution, unit="m")
    pentagons = [h3.cell_to_latlng(cell) for cell in h3.get_pentagons(resolution)]
    n, step = 120, edge_m / 50_000
    latitude = np.degrees(np.arcsin(rng.uniform(-0.98, 0.98, n)))
    longitude = rng.uniform(-180, 180, n)
    latitude[::3], longitude[::3] = np.array(pentagons)[np.arange(n // 3) % 12].T
    longitude[1::3] = 180
    latitude = np.clip(latitude + rng.normal(0, step, n), -85, 85)
    longitude = (longitude + rng.normal(0, step, n) + 180) % 360 - 180
    radius_m = edge_m * rng.uniform(0.05, 3, n)
    for at in zip(longitude, latitude, radius_m, strict=True):
        footprint = geodesy.disc(*at)
        spread = spread_over_cells(
            places_frame([Place("p", "p", "town", footprint, *at, 0.0)]), resolution
        )
        parts = shapely.intersection(outlines_of(spread.labels), footprint)
        # Of what is known to lie in one cell a corner of the 64-gon may be outside.
        if len(parts) > 1:
            assert shapely.area(parts).sum() == pytest.approx(footprint.area, rel=1e-6)


def test_a_place_has_the_same_cells_in_whatever_company(monkeypatch):
    rng = np.random.default_rng(5)
    places = places_frame(
        place(f"p{i}", geodesy.disc(rng.uniform(40, 48), rng.uniform(30, 36), metres), metres)
        for i, metres in enumerate(rng.uniform(500, 60_000, 40))
    )
    whole = spread_over_cells(places, 5)
    monkeypatch.setattr("geoinc.counting.covering._PLACES_AT_ONCE", 7)
    parted = spread_over_cells(places.iloc[::-1], 5)
    for i in range(40):
        one, other = (
            (spread.labels[spread.label[own]].tolist(), spread.share[own].tolist())
            for spread, at in ((whole, i), (parted, 39 - i))
            for own in [slice(spread.start[at], spread.start[at + 1])]
        )
        assert one == other


def test_low_and_high_of_what_may_be_in_several():
    wide = place("wide", geodesy.disc(LONGITUDE, LATITUDE, 12_000), 12_000)
    table = by_cell(layers_of([disc_at(CELL, 2_000), wide], [["here"], ["wide"]]))
    assert table["low"].to_dict() == {cell: int(cell == CELL) for cell in table.index}
    assert table.loc[CELL, "high"] == 2
    assert set(BESIDE) <= set(table.index)
    assert (table.loc[BESIDE, "high"] == 1).all()
    assert table["count"].sum() == pytest.approx(2, abs=1e-12)


def test_two_places_of_one_incident():
    here, near, beside = (
        disc_at(CELL, 2_000),
        disc_at(CELL, 1_000, "near"),
        disc_at(BESIDE[0], 900, "beside"),
    )
    same = by_cell(layers_of([here, near], [["here", "near"]]))
    assert same.loc[CELL].to_list() == [1, 1, 1]
    apart = by_cell(layers_of([here, beside], [["here", "beside"], ["here"]]))
    assert apart.loc[CELL].to_list() == [1, 1.5, 2]
    assert apart.loc[BESIDE[0]].to_list() == [0, 0.5, 1]


def test_the_error_of_a_boundary_may_reach_the_next_cell():
    inside = outlines_of([CELL])[0].buffer(-0.01)
    sharp = place("sharp", inside, 9_000)
    table = by_cell(layers_of([sharp], [["sharp"]]))
    assert table.loc[CELL].to_list() == [1, 1, 1]
    blurred = place("blurred", inside, 12_000, boundary_error_m=3_000)
    table = by_cell(layers_of([blurred], [["blurred"]]))
    assert table.loc[CELL].to_list() == [0, 1, 1]
    assert (table.loc[BESIDE, ["low", "count", "high"]] == [0, 0, 1]).all(axis=None)


def test_a_country_and_what_is_too_wide_are_no_cells():
    country = place("Iraq", shapely.box(40, 30, 48, 37), 500_000, kind="country", country="IQ")
    province = place("P", shapely.box(41, 31, 43, 33), 150_000, kind="province", country="IQ")
    relation = place("R", shapely.box(41, 31, 43, 33), 150_000, kind="relation")
    layers = layers_of([country, province, relation], [["Iraq"], ["P"], ["R"]])
    fine = by_cell(layers, "h3_7")
    assert fine["count"].to_dict() == {"somewhere in Iraq": 2, "across countries": 1}
    assert fine["low"].to_list() == [2, 1]
    coarse = by_cell(layers, "h3_4")
    assert coarse.loc["somewhere in Iraq"].to_list() == [1, 1, 1]
    assert "across countries" not in coarse.index


def test_what_has_no_place_is_said():
    layers = layers_of([disc_at(CELL, 500)], [["here"], ["here"]])
    layers.targets.loc[layers.targets.index[1], "place_id"] = ""
    table = by_cell(layers)
    assert table["count"].to_dict() == {CELL: 1, "not placed": 1}


def test_incidents_that_may_be_one_are_one_in_a_cell_of_both():
    near = disc_at(CELL, 1_000, "near")
    layers = layers_of([disc_at(CELL, 500), near], [["here"], ["near"]])
    targets = layers.targets.assign(possible_incident="g", incident_share=0.6)
    linked = gi.Layers(layers.launches, targets, layers.impacts, layers.places)
    assert by_cell(linked).loc[CELL].to_list() == [1, 1.2, 2]


def test_by_cell_and_month():
    wide = place("wide", geodesy.disc(LONGITUDE, LATITUDE, 12_000), 12_000)
    layers = layers_of([disc_at(CELL, 2_000), wide], [["here"], ["wide"], ["here", "wide"]])
    both = gi.counts(layers, by=["month", "h3_5"]).to_frame()
    alone = by_cell(layers)
    pd.testing.assert_frame_equal(both.xs("2021-03"), alone, check_index_type=False)


def test_a_cell_is_in_the_province_of_its_own_place():
    here = replace(disc_at(CELL, 2_000), country="IQ", admin1="Baghdad")
    far = replace(disc_at(FAR, 900, "far"), country="IQ", admin1="Anbar")
    wide = place(
        "wide", geodesy.disc(LONGITUDE, LATITUDE, 12_000), 12_000, country="IQ", admin1="Baghdad"
    )
    layers = layers_of([here, far, wide], [["here", "far"], ["far"], ["wide", "far"], []])
    table = gi.counts(layers, by=["admin1", "year", "h3_5"]).to_frame().droplevel("year")
    assert table.loc[("Anbar", FAR)].to_list() == [1, 2, 3]
    assert set(table.index) == {("Anbar", FAR), *(("Baghdad", cell) for cell in [CELL, *BESIDE])}
    # Of the third incident half is around, of the first half in the cell itself.
    assert table.loc["Baghdad", "count"].sum() == pytest.approx(1, abs=1e-12)
    assert table.loc[("Baghdad", CELL), "high"] == 2
    alone = by_cell(layers)
    pd.testing.assert_frame_equal(
        table.groupby(level="h3_5").sum(), alone.sort_index(), check_index_type=False
    )
    provinces = gi.counts(layers, by=["admin1", "country"]).to_frame()
    assert provinces["count"].to_dict() == {("Anbar", "IQ"): 2, ("Baghdad", "IQ"): 1}
    with pytest.raises(ValueError, match="one resolution at a time"):
        gi.counts(layers, by=["h3_4", "h3_5"])


def test_words_of_the_question():
    layers = layers_of([disc_at(CELL, 500)], [["here"]], h3_6=["mine"])
    result = gi.counts(layers, by="h3_05")
    assert result.title == "Incidents by H3 cell of the target (resolution 5)"
    assert result.to_frame().index.name == "h3_05"
    # A column of one's own is what it says.
    assert gi.counts(layers, by="h3_6").to_frame().index.to_list() == ["mine"]
    with pytest.raises(ValueError, match=r"h3_16.*nothing to count by.*0 to 15"):
        gi.counts(layers, by="h3_16")


def test_without_the_library_it_says_how_to_get_it(monkeypatch):
    layers = layers_of([disc_at(CELL, 500)], [["here"]])
    monkeypatch.setitem(sys.modules, "h3", None)
    with pytest.raises(ModuleNotFoundError, match=r"geoinc\[h3\]"):
        gi.counts(layers, by="h3_5")


def test_cells_on_the_map():
    country = place("Iraq", shapely.box(40, 30, 48, 37), 500_000, kind="country", country="IQ")
    layers = layers_of([disc_at(CELL, 500), country], [["here"], ["Iraq"]])
    result = gi.counts(layers, by="h3_5")
    layer = result.to_layer()
    assert layer[["label", "value", "low", "high"]].to_numpy().tolist() == [[CELL, 1, 1, 1]]
    assert layer.geometry[0].equals(outlines_of([CELL])[0])
    assert layer.attrs["note"].endswith("in no cell: 1 somewhere in Iraq.")
    (drawn,) = gi.explore(layers, add=[result])._data.content["statistics"]
    assert drawn["labels"] == [CELL]
    for by in ("month", ["h3_5", "month"]):
        with pytest.raises(ValueError, match="by cells of H3 alone"):
            gi.counts(layers, by=by).to_layer()


def test_the_rarest_of_many_bars_are_one():
    cells = sorted(h3.grid_disk(CELL, 4))
    told = [[f"p{i}"] * 1 for i in range(len(cells)) for _ in range(1 + (i < 5))]
    layers = layers_of([disc_at(cell, 500, f"p{i}") for i, cell in enumerate(cells)], told)
    layers.targets.loc[layers.targets.index[-1], "place_id"] = ""
    (axes,) = gi.counts(layers, by="h3_5").plot().axes
    labels = [label.get_text() for label in axes.get_xticklabels()]
    heights = [bar.get_height() for bar in axes.patches]
    assert len(labels) == len(heights) == 40
    assert labels[-2:] == [f"all others ({len(cells) - 1 - 38})", "not placed"]
    assert heights[:6] == [2, 2, 2, 2, 2, 1]
    assert sum(heights) == len(told)
