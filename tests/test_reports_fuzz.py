"""Tables of nonsense become reports, and layers where they have coordinates, or a `SchemaError`."""

import io

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import geoinc as gi
from geoinc.schema import REPORT_COLUMNS

NAMES = st.sampled_from(
    [*REPORT_COLUMNS, "Place", "Date of attack", "المكان", "Tués", "year", "month", "day", "start date",
     "end date", "where_prec", "event_clarity", "geo_precision", "longitude", "latitude", "uncertainty_m",
     "coded_area", "weight", "place_status", "geometry", "read_from", "mine"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["", "Balad", "2021-03-15", "03/04/2021", "15/03/21", "2-3", "at least 2", "dozens", "hit; missed",
     "no", "44.36", "-91", "nan", "inf", "1e400", "Monday", "last month", "=1+1", "a [2]; b [x]", "عين",
     "2021-03-02/2021-03-05", "15 mars 2021", "9" * 30, "2021", "Q1 2021", "../..", "None", '"', "'x"]
)  # fmt: skip
CELLS = (
    WORDS
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    | st.none()
    | st.floats()
    | st.integers(-(10**20), 10**20)
    | st.booleans()
)


@st.composite
def tables(draw, cells):
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    place = draw(st.sampled_from([["target"], ["longitude", "latitude"]]))
    names = list(dict.fromkeys([*place, *names]))
    rows = draw(st.lists(st.tuples(*[cells] * len(names)), max_size=4))
    return pd.DataFrame(rows, columns=names, dtype=object)


def check(source):
    try:
        reports = gi.read_reports(source)
    except gi.SchemaError:
        return
    assert reports["account"].is_unique
    days = reports[["date_start", "date_end"]].dropna()
    assert (days["date_start"] <= days["date_end"]).all()
    for name in ("events", "killed"):
        bounds = reports[[f"{name}_low", f"{name}_high"]].dropna()
        assert (bounds[f"{name}_low"] <= bounds[f"{name}_high"]).all()
    again = gi.read_reports(reports)
    pd.testing.assert_frame_equal(reports, again, check_dtype=len(reports) > 0)
    if {"longitude", "latitude"} <= set(reports.columns):
        targets = gi.layers_from_coordinates(reports, uncertainty_m=500).targets
        assert len(targets) == len(reports)
        placed = targets["place_status"] == "resolved"
        assert targets.loc[placed, "latitude"].abs().le(90).all()


@settings(deadline=None, max_examples=100)
@given(tables(CELLS))
def test_any_frame(table):
    check(table)


@settings(deadline=None, max_examples=100)
@given(tables(WORDS), st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_any_text(table, delimiter, encoding):
    check(io.BytesIO(table.to_csv(index=False, sep=delimiter).encode(encoding)))
