"""A service that fails in every way: nothing is lost, nothing asked twice, nothing believed blindly."""

import json
import os
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import pandas as pd
import pytest
import shapely
from geopy.geocoders import Nominatim, Photon
from hypothesis import given, settings
from hypothesis import strategies as st

import geoinc as gi
from geoinc.errors import GazetteerError, PlaceNotFoundError
from geoinc.online import answers, asking
from geoinc.places import KINDS

RAQQA = {
    "place_id": 1,
    "licence": "Data (c) the test",
    "osm_type": "node",
    "osm_id": 7,
    "lat": "35.95",
    "lon": "39.01",
    "category": "boundary",
    "type": "administrative",
    "addresstype": "city",
    "importance": 0.5,
    "name": "Raqqa",
    "display_name": "Raqqa, Raqqa Governorate, Syria",
    "namedetails": {"name:en": "Raqqa", "name:ar": "الرقة", "alt_name": "Rakka;Ar Raqqah"},
    "address": {"city": "Raqqa", "state": "Raqqa Governorate", "country_code": "sy"},
    "boundingbox": ["35.90", "36.00", "38.90", "39.10"],
    "geojson": {
        "type": "Polygon",
        "coordinates": [[[38.95, 35.92], [39.05, 35.92], [39.05, 35.98], [38.95, 35.92]]],
    },
}


class Server(ThreadingHTTPServer):
    """Answers each request with the next of `script`, then with `answer` of the query."""

    daemon_threads = True

    def __init__(self, address=("127.0.0.1", 0)):
        super().__init__(address, Handler)
        self.script = []
        self.asked = []
        self.answer = lambda query: [RAQQA] if "aq" in query else []

    @property
    def host(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_):
        """Say nothing: dropped connections are what is tested."""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):  # http.server's name
        asked = parse_qs(urlparse(self.path).query)
        self.server.asked.append(asked)
        what = self.server.script.pop(0) if self.server.script else None
        if what == "drop":
            # Reset, not closed: the client sees the connection break.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        if what == "hang":
            time.sleep(1.5)
            return
        status, headers, body = 200, {}, json.dumps(self.server.answer(asked["q"][0]))
        if isinstance(what, tuple):
            status, headers = what
        elif what is not None:
            body = what
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def server():
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def slept(monkeypatch):
    """Seconds that were waited, without waiting."""
    pauses = []
    monkeypatch.setattr(asking, "sleep", pauses.append)
    return pauses


def online(server, cache, **options):
    geocoder = Nominatim(
        domain=server.host, scheme="http", user_agent="geoinc tests", proxies={}, timeout=5
    )
    return gi.OnlineGazetteer(
        geocoder, cache=cache, **{"min_delay_s": 0, "timeout_s": 0.5, **options}
    )


@pytest.fixture
def gaz(server, tmp_path):
    return online(server, tmp_path / "answers.sqlite")


# ---------------------------------------------------------------- what an answer becomes


def test_an_answer_is_a_place_with_its_outline(gaz, server):
    found = gaz.search("Ar Raqqah", country="Syria")
    assert found.loc[0, ["name", "kind", "country", "admin1"]].tolist() == [
        "Raqqa", "city", "SY", "Raqqa Governorate",
    ]  # fmt: skip
    place = gaz.place(found.loc[0, "place_id"])
    assert place.footprint.equals(shapely.from_geojson(json.dumps(RAQQA["geojson"])))
    assert place.boundary_error_m == 2000
    assert place.source.startswith(f"Nominatim ({server.host}), asked 20")
    assert place.licence == "Data (c) the test"
    sent = server.asked[0]
    assert sent["q"] == ["Ar Raqqah"]
    assert sent["countrycodes"] == ["sy"]
    assert sent["polygon_geojson"] == ["1"]


def test_without_an_outline_the_box_is_the_footprint(gaz, server):
    server.answer = lambda _: [{**RAQQA, "geojson": {"type": "Point", "coordinates": [39, 35.9]}}]
    place = gaz.place(gaz.search("Raqqa").loc[0, "place_id"])
    assert place.footprint.bounds == (38.9, 35.9, 39.1, 36.0)
    # The box's corner, 0.1 and 0.05 degrees away, and the boundary error are inside.
    assert place.uncertainty_m > 2000 + 10_000


def test_an_answer_with_another_name_does_not_resolve(gaz, server):
    server.answer = lambda _: [
        {**RAQQA, "name": "Paris", "display_name": "Paris", "namedetails": {}}
    ]
    found = gaz.search("Raqqa")
    assert gi.gazetteer.decide(found).status == "unresolved"


def test_a_name_in_arabic_is_found_by_the_names_of_the_answer(gaz, server):
    server.answer = lambda _: [RAQQA]
    assert gaz.search("الرقة").loc[0, "stage"] == "exact"


@pytest.mark.parametrize(
    ("raw", "bounds"),
    [
        ({"geometry": {"viewport": {"southwest": {"lat": 1, "lng": 2},
                                    "northeast": {"lat": 3, "lng": 4}}}}, (2, 1, 4, 3)),
        ({"bounds": {"southwest": {"lat": 1, "lng": 2},
                     "northeast": {"lat": 3, "lng": 4}}}, (2, 1, 4, 3)),
        ({"properties": {"name": "X", "extent": [2, 3, 4, 1]}}, (2, 1, 4, 3)),
        ({"bbox": [2, 1, 4, 3]}, (2, 1, 4, 3)),
    ],
)  # fmt: skip
def test_boxes_of_other_services(raw, bounds):
    answer = {"address": "X, Y", "longitude": 3.0, "latitude": 2.0, "raw": raw}
    entry = answers.entry_of(answer, "Test", "2026-01-01", "")
    assert entry.geom.bounds == bounds


def test_an_answer_without_extent_gets_the_cautious_one_of_its_kind():
    answer = {"address": "X town", "longitude": 3.0, "latitude": 2.0, "raw": None}
    entry = answers.entry_of(answer, "Test", "2026-01-01", "CC0")
    assert (entry.geom, entry.radius_m, entry.position_error_m) == (None, 3000, 2000)
    assert "assumed" in entry.note
    assert entry.licence == "CC0"


@pytest.mark.parametrize("raw", [{"boundingbox": ["a"] * 4}, {"boundingbox": [9, 1, 2, 3]},
                                 {"geojson": {"type": "Polygon", "coordinates": "no"}},
                                 {"geometry": []}, {"bbox": [0, 0, 900, 1]}])  # fmt: skip
def test_a_nonsense_extent_is_no_extent(raw):
    answer = {"address": "X", "longitude": 3.0, "latitude": 2.0, "raw": raw}
    assert answers.entry_of(answer, "Test", "2026-01-01", "").geom is None


@pytest.mark.parametrize("position", [(0, 0), (500, 3), (None, 3), (float("nan"), 1)])
def test_an_answer_without_position_is_none(position):
    answer = {"address": "X", "longitude": position[0], "latitude": position[1], "raw": {}}
    assert answers.entry_of(answer, "Test", "2026-01-01", "") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
    | st.sampled_from(["Polygon", "1", "2.5"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["type", "coordinates", "southwest", "northeast", "lat", "lng", "name",
                         "name:ar", "country_code", "state", "bounds", "viewport"]),
        inner, max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip
RAW = JSON | st.dictionaries(
    st.sampled_from(["boundingbox", "geojson", "geometry", "bbox", "bounds", "properties", "address",
                     "namedetails", "name", "type", "addresstype", "osm_id", "osm_type",
                     "importance", "licence", "country", "extent"]),
    JSON, max_size=6,
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(RAW, st.none() | st.text(max_size=9), st.floats(-200, 200), st.floats(-100, 100))
def test_whatever_a_service_answers_is_a_place_or_none(raw, address, longitude, latitude):
    answer = {"address": address, "longitude": longitude, "latitude": latitude, "raw": raw}
    entry = answers.entry_of(answer, "Test", "2026-01-01", "")
    if entry is not None:
        assert entry.name
        assert entry.kind in KINDS
        assert 0 <= entry.importance <= 1
        assert (entry.geom is None) == (entry.radius_m > 0)
        assert all(text and isinstance(text, str) for text, _, _ in entry.names)


def test_photon_answers_as_well(server, tmp_path):
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [39.01, 35.95]},
        "properties": {"name": "Raqqa", "osm_type": "N", "osm_id": 7, "osm_value": "city",
                       "countrycode": "SY", "extent": [38.9, 36.0, 39.1, 35.9]},
    }  # fmt: skip
    server.answer = lambda _: {"features": [feature]}
    geocoder = Photon(domain=server.host, scheme="http", user_agent="geoinc tests", proxies={})
    gaz = gi.OnlineGazetteer(geocoder, cache=tmp_path / "answers.sqlite", min_delay_s=0)
    found = gaz.search("Raqqa")
    assert found.loc[0, ["place_id", "kind", "country"]].tolist() == ["osm:n7", "city", "SY"]
    assert gaz.place("osm:n7").footprint.bounds == (38.9, 35.9, 39.1, 36.0)


# ---------------------------------------------------------------- what is kept


def test_nothing_is_asked_twice_not_even_what_has_no_answer(gaz, server, tmp_path):
    for name in ("Raqqa", "Nowhere", "Raqqa", "Nowhere", "  Nowhere "):
        gaz.search(name)
    assert [asked["q"][0] for asked in server.asked] == ["Raqqa", "Nowhere"]
    again = online(server, tmp_path / "answers.sqlite")
    assert again.search("Nowhere").empty
    assert again.search("Raqqa").equals(gaz.search("Raqqa"))
    assert len(server.asked) == 2
    assert "2 names answered" in repr(again)


def test_kept_answers_need_no_network(gaz, server, tmp_path, slept):
    before = gaz.search("Raqqa")
    server.shutdown()
    server.server_close()
    offline = online(server, tmp_path / "answers.sqlite", min_delay_s=60)
    assert offline.search("Raqqa").equals(before)
    assert offline.place(before.loc[0, "place_id"]).name == "Raqqa"
    assert slept == []
    with pytest.raises(GazetteerError, match=r"did not answer 'Raqqa 2'.*are you online\?.*kept"):
        offline.search("Raqqa 2")


def test_what_was_asked_before_changes_no_score(gaz, server, tmp_path):
    other = {**RAQQA, "osm_id": 8, "name": "Raqqah", "display_name": "Raqqah, Iraq"}
    server.answer = lambda query: [other] if query == "Raqqah" else [RAQQA]
    gaz.search("Raqqah")
    fresh = online(server, tmp_path / "fresh.sqlite")
    assert gaz.search("Raqqa").equals(fresh.search("Raqqa"))


def test_words_without_a_name_are_not_sent(gaz, server):
    for words in ("the base", "", "  ", "!!"):
        assert gaz.search(words).empty
    assert server.asked == []


def test_an_unknown_id_is_not_found(gaz):
    with pytest.raises(PlaceNotFoundError):
        gaz.place("osm:n999")


def test_a_cache_that_is_none_is_said(server, tmp_path):
    path = tmp_path / "answers.sqlite"
    path.write_text("no database, but long enough to be seen as one that is broken" * 20)
    with pytest.raises(GazetteerError, match=r"answers\.sqlite' cannot be used"):
        online(server, path)


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    "failure",
    ["drop", "hang", (500, {}), (502, {}), (503, {}), (429, {}), "no JSON", '{"x": ', "[1, 2]",
     '[{"lat": "north", "lon": "1"}]', "7"],
)  # fmt: skip
def test_a_failure_that_passes_loses_nothing(gaz, server, slept, failure):
    server.script = [failure, failure]
    assert gaz.search("Raqqa").loc[0, "name"] == "Raqqa"
    assert len(server.asked) == 3
    assert slept == [1, 2]


def test_a_failure_that_stays_is_said_and_nothing_kept(gaz, server, slept, tmp_path):
    server.script = [(500, {})] * 5
    with pytest.raises(GazetteerError, match="did not answer 'Raqqa'"):
        gaz.search("Raqqa")
    assert slept == [1, 2, 4, 8]
    assert len(server.asked) == 5
    # The next run asks again: a failure is no answer.
    assert not online(server, tmp_path / "answers.sqlite").search("Raqqa").empty


def test_the_service_says_how_long_to_wait(gaz, server, slept):
    server.script = [(429, {"Retry-After": "7"})]
    gaz.search("Raqqa")
    assert slept == [7]


def test_a_wait_of_an_hour_is_for_another_run(gaz, server, slept):
    server.script = [(429, {"Retry-After": "3600"})]
    with pytest.raises(GazetteerError, match="asks to wait 3600 s"):
        gaz.search("Raqqa")
    assert slept == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_not_asked_again(gaz, server, slept, status):
    server.script = [(status, {})]
    with pytest.raises(GazetteerError, match="refuses 'Raqqa'"):
        gaz.search("Raqqa")
    assert len(server.asked) == 1
    assert slept == []


def test_requests_keep_their_distance(server, tmp_path, monkeypatch):
    """By a clock of our own, on which a request takes a quarter of a second."""
    now, pauses = [100.0], []

    def answer(_):
        now[0] += 0.25
        return []

    def sleep(seconds):
        now[0] += seconds
        pauses.append(seconds)

    server.answer = answer
    monkeypatch.setattr(asking, "monotonic", lambda: now[0])
    monkeypatch.setattr(asking, "sleep", sleep)
    gaz = online(server, tmp_path / "answers.sqlite", min_delay_s=2)
    for name in ("Raqqa", "Mosul", "Raqqa", "Mosul", "Hit"):
        gaz.search(name)
    # From the end of one request to the next; none before the first, none for what is kept.
    assert pauses == [2, 2]


def test_threads_ask_one_after_the_other(gaz, server):
    running, most = [], []

    def answer(_):
        running.append(1)
        most.append(len(running))
        threading.Event().wait(0.02)
        running.pop()
        return []

    server.answer = answer
    names = ["Mosul", "Hit", "Mosul", "Raqqa"]
    threads = [threading.Thread(target=gaz.search, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]


SCRIPT = """
import sys
from geopy.geocoders import Nominatim
import geoinc as gi
geocoder = Nominatim(domain=sys.argv[1], scheme="http", user_agent="geoinc tests", proxies={})
gaz = gi.OnlineGazetteer(geocoder, cache=sys.argv[2], min_delay_s=0, timeout_s=5)
for number in range(40):
    gaz.search(f"Raqqa {number}")
    print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_killed_and_resumed_nothing_is_lost(server, tmp_path):
    cache = tmp_path / "answers.sqlite"
    command = [sys.executable, "-c", SCRIPT, server.host, str(cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:  # noqa: S603  # our own script
        for line in run.stdout:
            if int(line) == 11:
                os.kill(run.pid, signal.SIGKILL)
                break
    with sqlite3.connect(cache) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = {row[0] for row in connection.execute("SELECT query FROM queries")}
    assert kept >= {f"Raqqa {number}" for number in range(12)}
    connection.close()
    first = [asked["q"][0] for asked in server.asked]
    server.asked.clear()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    second = [asked["q"][0] for asked in server.asked]
    assert not set(second) & kept
    assert set(first) | set(second) == {f"Raqqa {number}" for number in range(40)}


# ---------------------------------------------------------------- joined to a gazetteer


def test_only_what_the_gazetteer_does_not_resolve_is_sent(gaz, server, toy_gazetteer):
    union = toy_gazetteer | gaz
    known = toy_gazetteer.search("Alpha")
    assert union.search("Alpha").equals(known)
    assert server.asked == []
    assert union.search("Raqqa").loc[0, "name"] == "Raqqa"
    assert union.place("osm:n7").name == "Raqqa"
    assert union.place(known.loc[0, "place_id"]).name == known.loc[0, "name"]
    with pytest.raises(PlaceNotFoundError):
        union.place("nothing")


def test_the_service_comes_first_where_it_stands_first(gaz, server, toy_gazetteer):
    union = gaz | toy_gazetteer
    assert union.search("Raqqa").loc[0, "name"] == "Raqqa"
    union.search("Alpha")
    assert [asked["q"][0] for asked in server.asked] == ["Raqqa", "Alpha"]


def test_a_union_of_three_asks_the_service_last(gaz, server, toy_gazetteer):
    first = gi.read_gazetteer(
        pd.DataFrame({"name": ["Own Camp"], "longitude": [3.0], "latitude": [0.25]}), kind="camp"
    )
    union = first | (toy_gazetteer | gaz)
    assert union.search("Own Camp").loc[0, "name"] == "Own Camp"
    assert union.search("Alpha").loc[0, "name"] == toy_gazetteer.search("Alpha").loc[0, "name"]
    assert server.asked == []
    assert "OnlineGazetteer" in repr(union)


def test_scores_of_a_union_stay_probabilities(gaz, toy_gazetteer):
    scores = (toy_gazetteer | gaz).search("Raqqa")["score"]
    assert scores.is_monotonic_decreasing
    assert scores.sum() <= 1.000001


def test_places_of_a_service_are_located_like_others(gaz, toy_gazetteer):
    reports = gi.read_reports(pd.DataFrame({"date": ["2021-03-02"], "target": ["Raqqa"]}))
    layers = gi.locate(reports, toy_gazetteer | gaz)
    assert layers.targets["place_status"].tolist() == ["resolved"]
    assert layers.places["source"].str.contains("asked 20").all()
