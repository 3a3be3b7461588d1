"""Any table goes the whole way: read, located, merged, counted, measured, mapped, written, read again."""

import itertools
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geoinc as gi
from geoinc.schema import COUNT_COLUMNS, LAYER_COLUMNS, REPORT_COLUMNS, ROLES

BREAKOUT = "</script><script>leak()"
#: What no file of text can be trusted to hold, and what runs where it is not held as text.
HOSTILE = [
    "", " ", "\t", "\0", "a\0b", "\ud800", "x\udfffy", "\ufeff", "\u202eevil", "=1+1", "@SUM(A1)", "+1|cmd",
    BREAKOUT, "<!--", "{{ 7 * 7 }}", "{% raw %}", "'", '"', "a;b", ";;", "[", "]", "a [", "[2]", "line\nline", "\r",
    "../..", "None", "nan", "NaT", "<NA>", "inf", "1e400", "9" * 30, "0" * 9, "z" * 100_000, "\U0010ffff", "é\u0301",
    None, np.nan, pd.NA, pd.NaT, 0, 1, -1, 2.5, 10**20, float("inf"), True, False, b"bytes", (1, 2), [1], {"a": 1},
    pd.Timestamp("2021-03-15"), pd.Timedelta(days=1), shapely.Point(1, 1),
]  # fmt: skip
PLACES = [
    "Alpha", "Ar-Alpha", "Gamma", "غاما", "Gamma Air Base", "TOYG", "Delta", "Camp Kilo", "Westland", "Eastland", "Beta province",
    "Gamma district", "Lambda International Airport", "Omega oil field", "Qwertyistan", "Gama",
    "Gamma, Westland", "Delta (Eastland)", "20 km NE of Gamma", "about 5 km from Alpha", "north of Alpha", "west of the base",
    "the base", "nearby", "a nearby village [5]; the base [2]", "a village in Beta, east of Gamma", "between Gamma and Delta",
    "near Gamma", "the Alpha-Gamma road", "southern Beta", "on the border of Westland and Eastland", "within 10 km of Gamma",
    "500000 km N of Gamma", "0 km N of Gamma", "20000 km east of Delta", "1.0, 3.0", "0.1 N 3.0 E", "33°20'N 44°23'E", "91, 181",
    "شمال غاما", "قرب غاما", "20 كم شرق غاما", "قرية في غاما", "بين غاما و غاما", "قاعدة غاما الجوية",
    "au nord de Gamma", "à 20 km à l'est de Gamma", "près de Gamma", "entre Gamma et Delta", "un village de Beta",
    "Gamma; Delta; Alpha", "Gamma or Delta", "near near near Gamma", "north of south of Gamma", "of of", "km",
]  # fmt: skip
DATES = [
    "2021-03-15", "2021-03", "2021", "2021-03-02/2021-03-05", "../2021-03-15", "2021-03-15/..", "../..", "03/04/2021", "15/03/21",
    "15 mars 2021", "\u0661\u0665 مارس \u0662\u0660\u0662\u0661", "Monday", "last month", "2021-03-15; 2021-03-16", "Q1 2021", "0001-01-01", "9999-12-31",
    "2021-02-30", "2010", "1600", "early March 2021", "2021-03-15T12:00:00+05:00", 44270, 44270.5, pd.Timestamp("2021-03-15", tz="UTC"),
]  # fmt: skip
COUNTS = [
    "7", "2-3", "3 (2-5)", "5-2", "at least 10", "up to 30", "about 14", "none", "several", "dozens", "٣", "une dizaine", "عشرات",
    "-4", "1,000", "2.5", 4, 9.0, "10^9", "99999999999999999999", "1 or 2", "no one",
]  # fmt: skip
WORDS = {
    "incident": ["a", "b", "c"],
    "outcome": ["hit", "hit; missed", "foiled", "intercepted", "exploded"],
    "include": ["yes", "no", "maybe"],
    "events": ["1", "2", "about 50"],
    "country": ["WL", "EL", "Westland", "Nowhere"],
    "admin1": ["Alpha", "Beta", "Gamma"],
    "actor": ["Red", "Blue; Red"],
    "source": ["Red", "paper", "wire"],
    "basis": ["inferred", "by hand", "claimed", "stated"],
    "event_type": ["rocket", "drone"],
    "longitude": [3.0, "3.01", 179.999, -180, 181, "3,5"],
    "latitude": [0.0, "0.1", 90, -90, 91, "0,5"],
    "uncertainty_m": [500, 1e-3, "2000", 0, -5, 3e7, 9e6],
    "coded_area": ["country", "admin1", "admin2"],
    "preferred": ["yes", "no"],
}  # fmt: skip
#: Columns of the user's own that bear the names of ours, or of what files need for themselves.
LIKE_OURS = [
    "weight", "geometry", "role", "part", "place_id", "place_status", "place_reason", "row", "fid", "account", "killed_low", "date_basis", "read_from", "geoinc_layer", "longitude", "latitude", "uncertainty_m", "coded_area", "index", "incident_share",
    "possible_incident", "preferred", "target_given", "weight_given", "mine", "Base", "", "0", "account_given", "disputed", "n_sources", "~graphic",
]  # fmt: skip
COUNTED_BY = [
    None,
    "day",
    "week",
    "month",
    "year",
    "place",
    "admin1",
    "country",
    "event_type",
    "actor",
    "outcome",
    "2021-03-03",
]
ENDINGS = [".gpkg", ".geojson", ".parquet", ".kml", ".csv", ".xlsx", ".dwc.csv"]
#: What most tables have.
CORE = [
    "date",
    "incident",
    "killed",
    "events",
    "outcome",
    "include",
    "country",
    "admin1",
    "source",
    "actor",
]
NAMES = st.one_of(
    st.sampled_from(CORE),
    st.sampled_from([*REPORT_COLUMNS, *LIKE_OURS]),
    st.text(max_size=3),
)


def pool_of(name):
    """Return the cells that a column of this name may well have."""
    if name in ROLES:
        return PLACES
    if name in {"date", "published"}:
        return DATES
    if name in COUNT_COLUMNS:
        return COUNTS
    return next(
        (cells for word, cells in WORDS.items() if word in name), [*PLACES[:4], "yes", "text"]
    )


def typed(table):
    """Return a table whose columns without text have a type of their own."""
    return table.apply(
        lambda column: (
            column if any(isinstance(cell, str) for cell in column) else column.infer_objects()
        )
    )


@st.composite
def tables(draw):
    place = draw(
        st.sampled_from(
            [
                ["target"],
                ["launch", "target"],
                ["launch", "target", "impact"],
                ["impact"],
                ["longitude", "latitude", "uncertainty_m"],
            ]
        )
    )
    names = list(dict.fromkeys([*place, *draw(st.lists(NAMES, max_size=8, unique=True))]))
    rows = draw(st.integers(1, 12))
    columns = {}
    for name in names:
        # Mostly what belongs there; now and then anything at all.
        cells = st.one_of(
            *[st.sampled_from(pool_of(name))] * 3, st.sampled_from(HOSTILE), st.just("")
        )
        columns[name] = draw(st.lists(cells, min_size=rows, max_size=rows))
    table = pd.DataFrame(columns, dtype=object)
    if draw(st.booleans()):
        table = typed(table)
    if draw(st.booleans()):  # the same account twice
        table = pd.concat([table, table.iloc[:2]], ignore_index=True)
    return table


def places_of(reports, gazetteer):
    """Return layers of a table, whether it has words or figures."""
    if "target" in reports or "launch" in reports or "impact" in reports:
        return gi.locate(reports, gazetteer)
    return gi.layers_from_coordinates(reports, areas=gazetteer)


def check_reports(table, reports):
    """Every row and column is there, and what stood in it."""
    lists = (
        table["date"].map(lambda cell: isinstance(cell, str) and ";" in cell).any()
        if "date" in table
        else False
    )
    assert len(reports) == len(table) or (lists and len(reports) > len(table))
    assert set(table.columns) <= set(reports.columns)
    assert reports["account"].is_unique
    days = reports[["date_start", "date_end"]].dropna()
    assert (days["date_start"] <= days["date_end"]).all()


def check_layers(reports, layers):
    """Nothing is dropped, and each counted incident weighs one in each role."""
    for role in ROLES:
        layer = layers.layer(role)
        assert layer.index.is_unique
        if not layer.empty:
            assert set(layer["account"]) == set(reports["account"])
            assert len(layer.columns) == len(reports.columns) + len(LAYER_COLUMNS) + 1
            assert layer.columns.is_unique
        weight = layer.groupby("incident")["weight"].sum()
        counted = layer["standing"].eq("counted").groupby(layer["incident"]).any()
        assert np.allclose(weight, counted.astype(float))
        assert layer.loc[layer["place_id"] != "", "place_id"].isin(layers.places.index).all()
    assert layers.places.index.is_unique


def check_incidents(layers):
    merged = gi.incidents(layers)
    assert set(merged.index) == set(layers.rows()["incident"])
    for name in ("events", *COUNT_COLUMNS):
        low, best, high = (
            merged[f"{name}_{bound}"].astype("Float64") for bound in ("low", "best", "high")
        )
        assert not ((low > high) | (low > best) | (best > high)).fillna(value=False).any()


def check_counts(layers, by):
    if by in REPORT_COLUMNS and by not in layers.rows():
        by = None
    counted = gi.counts(layers, by=by)
    table = counted.to_frame()
    assert (table["low"] <= table["count"] + 1e-9).all()
    assert (table["count"] <= table["high"] + 1e-9).all()
    assert np.isclose(table["count"].sum(), counted.best)


def check_distances(layers):
    pairs = gi.distances(layers)
    names = ["low_m", "distance_m", "high_m"], ["low_m", "q05_m", "q50_m", "q95_m", "high_m"]
    for ascending in names:
        for less, more in itertools.pairwise(ascending):
            assert (pairs[less] <= pairs[more] * (1 + 1e-9) + 1e-6).all()
    assert pairs["azimuth_deg"].between(0, 360).all()


def check_page(layers):
    shown = gi.explore(
        layers, columns=[name for name in ("mine", "Base") if name in layers.targets], plain=True
    )
    page = shown.get_root().render()
    assert BREAKOUT not in page
    page.encode()


def check_file(layers, ending):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"attacks{ending}"
        with warnings.catch_warnings():  # Excel cannot hold all, and the user is told so
            warnings.filterwarnings("ignore", message=".*texts are longer than a cell of Excel")
            gi.write_layers(layers, path)
        if ending not in {".gpkg", ".geojson", ".parquet"}:
            assert path.stat().st_size
            return
        again = gi.read_layers(path)
    for name in ("launches", "targets", "impacts", "places"):
        one, other = getattr(layers, name), getattr(again, name)
        assert list(other.columns) == list(one.columns)
        assert other.index.tolist() == one.index.tolist()
        ours = [
            c
            for c in (
                "account",
                "incident",
                "date_start",
                "killed_low",
                "place",
                "place_id",
                "weight",
                "name",
            )
            if c in one
        ]
        pd.testing.assert_frame_equal(
            pd.DataFrame(one[ours]), pd.DataFrame(other[ours]), check_index_type=False
        )
        assert other.geometry.isna().tolist() == one.geometry.isna().tolist()


#: What may follow once the layers are there; each table goes one of the ways, so that many can go.
#: Pages and files take ten times as long as the rest, and are written as much less often.
WAYS = st.sampled_from(
    [
        *[(check_incidents,), (gi.describe,), (check_distances,)] * 12,
        *[(check_counts, by) for by in COUNTED_BY] * 3,
        *[(check_file, ending) for ending in ENDINGS],
        *[(check_page,)] * 2,
    ]
)


@settings(derandomize=True, deadline=None, max_examples=1000)
@given(tables(), WAYS)
def test_any_table_goes_the_whole_way(toy_gazetteer, table, way):
    if not {"account", "killed_low"}.isdisjoint(table):
        with pytest.raises(gi.SchemaError, match="is a column that geoinc adds"):
            gi.read_reports(table)
        return
    reports = gi.read_reports(table)
    check_reports(table, reports)
    layers = places_of(reports, toy_gazetteer)
    check_layers(reports, layers)
    check, *options = way
    check(layers, *options)
