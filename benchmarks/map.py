"""Build and open maps of many incidents, beside folium's usual ways.

`python benchmarks/map.py [SIZE ...]` builds each map in a process of its own,
opens it in Chromium without a network, and prints one line for each.  Build is
`explore` (or folium's calls) and `save`; open lasts until the second frame after
all is drawn; a zoom step until the next one, the median of six; a filter hides
the launches, or moves the start of the timeline where hexagons are counted.  Seconds of processor time stand beside those of the clock.  folium's
pages get the files they ask for from disk, where these are at hand (npm packs
leaflet.markercluster); all else they ask for is refused.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path
from statistics import median
from typing import Any

import dask.dataframe as dd
import folium
import folium.plugins
import geopandas as gpd
import numpy as np
import pandas as pd
from playwright.sync_api import Page, Route, sync_playwright
from shapely.geometry import Polygon

import geoinc as gi
from geoinc.geodesy import disc
from geoinc.georeferencing import Resolution
from geoinc.layers.rows import Cells, layer_rows
from geoinc.layers.weighing import weighted
from geoinc.places import Place, places_frame
from geoinc.schema import EVENT_TYPES, ROLES, Layers

#: The most incidents that a way is asked to show: beyond, it takes minutes or never opens.
WAYS = {
    "geoinc": 1_000_000, "geoinc in parts": 10_000_000,
    "markers": 10_000, "fast cluster": 100_000, "geojson canvas": 100_000,
}  # fmt: skip

#: Of the layers in parts: rows of each, and places, of which some have thousands of incidents and most have few.
_PART, _PLACES = 100_000, 50_000

_CLUSTER = "leaflet.markercluster@1.5.3"
_BOX = (36.0, 30.0, 48.5, 37.0)
_WORDS = [
    "rockets", "landed", "near", "perimeter", "casualties", "reported", "coalition", "spokesperson",
    "drone", "intercepted", "base", "fired", "launcher", "truck", "abandoned", "district", "security",
    "forces", "found", "claimed", "group", "statement", "morning", "night", "damage", "hangar",
    "runway", "fuel", "depot", "injured", "soldiers", "contractors", "wounded", "air", "defence",
    "activated", "explosion", "heard", "residents", "police", "source", "officials", "denied",
    "responsibility", "militia",
]  # fmt: skip


def reports(count: int, places: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return made-up reports of 12 columns, among them a note of 14 words."""
    day = np.datetime64("2018-01-01") + rng.integers(0, 2500, count).astype("timedelta64[D]")
    words = np.array(_WORDS, dtype=object)[rng.integers(0, len(_WORDS), (count, 14))]
    notes = words[:, 0]
    for column in range(1, 14):
        notes = notes + " " + words[:, column]
    number = pd.Series(np.arange(count)).astype(str)
    table = {
        "incident": "i" + number,
        "source": np.array([f"Source {i}" for i in range(40)], dtype=object)[
            rng.integers(0, 40, count)
        ],
        "url": "https://example.org/report/" + number,
        "date": day.astype(str).astype(object),
        "event_type": np.array(EVENT_TYPES, dtype=object)[rng.integers(0, 6, count)],
        "weapon": np.array(["122 mm", "107 mm", "240 mm", "Shahed", "", ""], dtype=object)[
            rng.integers(0, 6, count)
        ],
        "fired": rng.integers(1, 20, count).astype(str).astype(object),
        "killed": rng.integers(0, 4, count).astype(str).astype(object),
        "notes": notes,
    }
    for role in ROLES:
        table[role] = np.array([f"Place {i}" for i in range(places)], dtype=object)[
            rng.integers(0, places, count)
        ]
    return pd.DataFrame(table)


def layers(count: int, *, places: int = 2000, polygons: int = 500, seed: int = 0) -> Layers:
    """Return layers of so many incidents, each with a launch, a target and an impact."""
    rng = np.random.default_rng(seed)
    known = _places(rng, places, polygons)
    table = gi.read_reports(reports(count, places, rng))
    answers = [Resolution(p.name, "resolved", p, "exact", 1.0, "sure: exact", ()) for p in known]
    rows = np.arange(count)
    made = {}
    for role in ROLES:
        words = table[role].to_numpy(dtype=object)
        codes = table[role].str.removeprefix("Place ").astype(int).to_numpy()
        cells = Cells(rows, np.ones_like(rows), words, np.full(count, "", dtype=object))
        made[role] = layer_rows(table, cells, answers, codes, role)
    return weighted(Layers(made["launch"], made["target"], made["impact"], places_frame(known)))


def layers_in_parts(count: int) -> gi.distributed.DistributedLayers:
    """Return layers of so many incidents in partitions, each of which is made when it is asked for."""
    known = _places(np.random.default_rng(0), _PLACES, 500)
    table = places_frame(known)
    made = layers(_PART, places=100, polygons=0)
    told = [
        ("place_id", table.index), ("place", table["name"]), ("place_name", table["name"]),
        ("place_kind", table["kind"]), ("place_country", table["country"]),
        *((name, table[name]) for name in ("longitude", "latitude", "uncertainty_m")),
    ]  # fmt: skip

    def part(number: int, role: str, columns: list[str] | None = None) -> pd.DataFrame:
        layer = made.layer(role)
        rows = pd.DataFrame(layer[columns or list(layer.columns.drop("geometry"))])
        rng = np.random.default_rng([number, ROLES.index(role)])
        at = (_PLACES * rng.random(len(rows)) ** 8).astype(int)
        for name in {"incident", "account"}.intersection(rows):
            rows[name] = f"{number}-" + rows[name].astype(object)
        for name, column in told:
            if name in rows:
                rows[name] = column.to_numpy()[at]
        return rows.set_axis(f"{number}-" + rows.index.astype(object))

    numbers = range(-(-count // _PART))
    frames = {
        role: dd.from_map(part, numbers, role=role, meta=part(0, role).head(0)) for role in ROLES
    }
    return gi.distributed.DistributedLayers(
        frames["launch"], frames["target"], frames["impact"], table
    )


def _places(rng: np.random.Generator, count: int, polygons: int) -> list[Place]:
    west, south, east, north = _BOX
    found = []
    for i in range(count):
        lon, lat = float(rng.uniform(west, east)), float(rng.uniform(south, north))
        radius_m = float(rng.uniform(1_000, 20_000))
        kind, shape = "town", f"disc radius_m={radius_m:g}"
        if i < polygons:
            radius_m = float(rng.uniform(5_000, 60_000))
            kind, shape = "district", "polygon"
            footprint = _star(rng, lon, lat, radius_m / 111_000)
        else:
            footprint = disc(lon, lat, radius_m)
        found.append(
            Place(f"p{i}", f"Place {i}", kind, footprint, lon, lat, radius_m, 500.0,
                  shape=shape, country="IQ" if lon > 41 else "SY", admin1="Somewhere")
        )  # fmt: skip
    return found


def _star(rng: np.random.Generator, lon: float, lat: float, radius_deg: float) -> Polygon:
    turn = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    out = radius_deg * (0.8 + 0.2 * np.sin(rng.integers(2, 7) * turn + rng.uniform(0, 6)))
    return Polygon(np.column_stack([lon + out * np.cos(turn), lat + out * np.sin(turn)]))


def main() -> None:
    """Print one line for each map."""
    sizes = [int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000, 1_000_000]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        assets = _assets(Path(folder))
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        print(f"{'incidents':>9} {'way':<15}{'build':>7}{'(cpu)':>8}{'memory':>9}{'size':>9}"
              f"{'open':>8}{'zoom':>8}{'filter':>8}  requests, errors")  # fmt: skip
        for size in sizes:
            for way, most in WAYS.items():
                # More than the map has a mark for come in parts, fewer do not.
                if size > most or (way == "geoinc in parts") != (size > WAYS["geoinc"]):
                    continue
                path = Path(folder) / "map.html"
                made = subprocess.run(  # noqa: S603  # this script
                    [sys.executable, __file__, "--build", way, str(size), str(path)],
                    check=True,
                    capture_output=True,
                )
                built = json.loads(made.stdout)
                context = browser.new_context(viewport={"width": 1280, "height": 800})
                seen = _opened(context.new_page(), path, assets, ours=way.startswith("geoinc"))
                context.close()
                print(
                    f"{size:>9,} {way:<15}{built['s']:>6.2f}s{built['cpu']:>7.2f}s"
                    f"{built['memory_mb']:>6.0f} MB{path.stat().st_size / 1e6:>6.2f} MB"
                    f"{seen['open']:>7.2f}s{seen['zoom']:>6.0f}ms{seen['filter']:>8}"
                    f"  {seen['requests']}, {seen['errors']}",
                    flush=True,
                )


def _build(way: str, size: int, path: str) -> None:
    """Build one map, and print what it took as JSON."""
    made = layers_in_parts(size) if way == "geoinc in parts" else layers(size)
    gi.explore(layers(10))  # what is read once in a session is not part of a map
    ours = way.startswith("geoinc")
    table = pd.DataFrame() if ours else _flat(made)
    began, cpu = time.perf_counter(), time.process_time()
    if ours:
        gi.explore(made).save(path)
    else:
        _folium(way, table).save(path)
    print(
        json.dumps(
            {
                "s": time.perf_counter() - began,
                "cpu": time.process_time() - cpu,
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
            }
        )
    )


def _flat(made: Layers) -> pd.DataFrame:
    """Return what folium is given: a row per incident, its target's position and 12 columns."""
    names = ["incident", "source", "url", "date", "event_type", "weapon", "fired", "killed",
             "notes", "launch", "target", "impact"]  # fmt: skip
    return pd.DataFrame(made.targets[["latitude", "longitude", *names]])


def _folium(way: str, table: pd.DataFrame) -> folium.Map:
    m = folium.Map([33.5, 43], zoom_start=6, tiles=None, prefer_canvas=True, maxZoom=18)
    names = list(table.columns[2:])
    if way == "markers":
        for row in table.to_dict("records"):
            html = "<br>".join(f"<b>{name}</b> {row[name]}" for name in names)
            folium.Marker([row["latitude"], row["longitude"]], popup=html).add_to(m)
    elif way == "fast cluster":
        callback = (
            "function (row) { var m = L.marker(new L.LatLng(row[0], row[1])); "
            "m.on('click', function () { m.bindPopup(row.slice(2).join('<br>')).openPopup(); }); return m; }"
        )
        folium.plugins.FastMarkerCluster(table.to_numpy().tolist(), callback=callback).add_to(m)
    else:
        points = gpd.GeoDataFrame(
            table[names],
            geometry=gpd.points_from_xy(table["longitude"], table["latitude"]),
            crs=4326,
        )
        folium.GeoJson(
            points, marker=folium.CircleMarker(radius=5), popup=folium.GeoJsonPopup(names)
        ).add_to(m)
    return m


def _assets(folder: Path) -> dict[str, Path]:
    """Return the files that folium's pages ask for, by the last part of their address."""
    shipped = Path(str(resources.files("geoinc") / "data" / "assets"))
    found = {
        "leaflet.js": shipped / "leaflet.js",
        "leaflet.css": shipped / "leaflet.css",
        "jquery-3.7.1.min.js": shipped / "jquery.js",
    }
    npm = shutil.which("npm")
    if npm:
        packed = subprocess.run(  # noqa: S603  # npm, as found
            [npm, "pack", "--silent", _CLUSTER],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        shutil.unpack_archive(folder / packed.stdout.strip(), folder)
        for path in (folder / "package" / "dist").iterdir():
            found[path.name] = path
    return found


def _opened(page: Page, path: Path, assets: dict[str, Path], *, ours: bool) -> dict[str, Any]:
    """Open a map, zoom and filter it, and return what that took."""
    asked: list[str] = []
    errors: list[str] = []

    def serve(route: Route) -> None:
        url = route.request.url
        if url.startswith(("file:", "data:", "blob:")):
            route.continue_()
            return
        asked.append(url)
        local = assets.get(url.rsplit("/", 1)[-1])
        if local is None:
            route.abort()
        else:
            route.fulfill(path=local)

    page.route("**/*", serve)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(300_000)
    began = time.perf_counter()
    page.goto(path.as_uri())
    if ours:
        page.wait_for_selector("[data-geoinc=ready]")
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))))"
    )
    taken = time.perf_counter() - began
    steps = [page.evaluate(_ZOOM, by) for by in (1, 1, 1, -1, -1, -1)]
    hidden = f"{page.evaluate(_FILTER):.0f}ms" if ours else "-"
    return {
        "open": taken,
        "zoom": median(steps),
        "filter": hidden,
        "requests": len(asked),
        "errors": len(errors),
    }


_ZOOM = """(by) => new Promise((done) => {
    const map = Object.values(window).find((value) => value instanceof L.Map);
    const began = performance.now();
    map.setZoom(map.getZoom() + by, { animate: false });
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0));
})"""

_FILTER = """() => new Promise((done) => {
    const began = performance.now();
    const box = document.querySelectorAll(".geoinc-legend input")[1];
    const handle = document.querySelector(".geoinc-handle-from");
    if (box.type === "radio") handle.dispatchEvent(new KeyboardEvent("keydown", { key: "PageUp", bubbles: true }));
    else box.click();
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0)));
})"""

if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        _build(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        main()
