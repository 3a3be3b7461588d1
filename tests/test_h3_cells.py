"""Outlines of H3 cells against H3's own answer to where points lie, all around the earth."""

import numpy as np
import pytest
import shapely

h3 = pytest.importorskip("h3", reason="cells need the extra h3")

from geoinc.geodesy import area_km2  # noqa: E402
from geoinc.h3_cells import cells_at, cells_meeting, outlines_of  # noqa: E402


def test_all_cells_together_are_the_earth():
    outlines = outlines_of(sorted(h3.get_res0_cells()))
    assert shapely.is_valid(outlines).all()
    assert shapely.area(outlines).sum() == pytest.approx(360 * 180, abs=1e-6)


@pytest.mark.parametrize(("resolution", "astray"), [(0, 0), (1, 1), (3, 2), (6, 2)])
def test_a_point_is_inside_the_cell_that_it_lies_in(resolution, astray):
    rng = np.random.default_rng(resolution)
    longitude = rng.uniform(-180, 180, 2000)
    latitude = np.degrees(np.arcsin(rng.uniform(-1, 1, 2000)))
    # Fiji is on both sides of the antimeridian.
    longitude[:500], latitude[:500] = 180 - rng.uniform(0, 2, 500), -17
    longitude[500:1000], latitude[500:1000] = -180 + rng.uniform(0, 2, 500), -17
    cells = cells_at(longitude, latitude, resolution)
    inside = shapely.covers(outlines_of(cells), shapely.points(longitude, latitude))
    # On the edge of a face of the icosahedron an arc is bent otherwise.
    assert (~inside).sum() <= astray


@pytest.mark.parametrize("resolution", [2, 5, 7])
def test_cells_at_the_antimeridian_are_as_large_as_they_are(resolution):
    latitude = np.repeat(np.linspace(-85, 85, 100), 4)
    cells = sorted(
        set(cells_at(np.tile([179.99, -179.99, 179.5, -179.5], 100), latitude, resolution))
    )
    outlines = outlines_of(cells)
    assert shapely.is_valid(outlines).all()
    areas = [area_km2(outline) for outline in outlines]
    # H3 measures them on a sphere.
    assert areas == pytest.approx([h3.cell_area(cell) for cell in cells], rel=0.01)


def test_the_cells_of_an_area_cover_it():
    area = shapely.box(42, 33, 43, 34)
    cells = cells_meeting(area, 5)
    outlines = outlines_of(cells)
    assert shapely.union_all(outlines).buffer(1e-4).covers(area)
    assert shapely.intersects(outlines, area.buffer(1e-4)).all()
    assert outlines_of([]).shape == (0,)
