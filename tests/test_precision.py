"""Precision codes: both directions, and what is no code is refused."""

import numpy as np
import pandas as pd
import pytest

import geoinc as gi
from geoinc.places import KINDS
from geoinc.precision import (
    COLUMNS,
    AcledPlace,
    AcledTime,
    GtdSpecificity,
    GtdVicinity,
    UcdpDate,
    UcdpWhere,
)

CODES = {
    UcdpWhere: range(1, 8),
    UcdpDate: range(1, 6),
    AcledPlace: range(1, 4),
    AcledTime: range(1, 4),
    GtdSpecificity: range(1, 6),
    GtdVicinity: (-9, 0, 1),
}
scales = pytest.mark.parametrize("scale", CODES, ids=lambda scale: scale.__name__)


@scales
def test_codes_go_there_and_back(scale):
    assert sorted(code.value for code in scale) == sorted(CODES[scale])
    assert set(COLUMNS.values()) == set(CODES)
    for code in CODES[scale]:
        for written in (code, float(code), np.int64(code), str(code), f" {code}.0 "):
            assert scale(written) is scale(code)
        assert scale(code).value == code
        assert scale(code).meaning


@scales
@pytest.mark.parametrize("value", [8, 2.5, -1, "", "near", None, float("nan"), "1; 2", pd.NA])
def test_what_is_no_code_is_refused_and_the_codes_are_told(scale, value):
    with pytest.raises(ValueError, match=r"is no code of .*the codes are") as error:
        scale(value)
    assert all(code.meaning in str(error.value) for code in scale)


def test_codes_of_two_scales_are_not_compared():
    assert UcdpWhere(1) != AcledPlace(1)
    assert UcdpDate(1) != 1
    with pytest.raises(TypeError):
        _ = AcledTime(1) <= AcledPlace(2)


def test_ucdp_codes_are_their_areas():
    kinds = {
        1: ("town", 3_000),
        2: ("relation", 25_000),
        3: ("district", 20_000),
        4: ("province", 100_000),
        5: ("relation", 120_000),
        6: ("country", 500_000),
        7: ("sea", 300_000),
    }
    for code, (kind, uncertainty_m) in kinds.items():
        assert UcdpWhere.of(kind, uncertainty_m) is UcdpWhere(code)
    # A capital is a known place, however wide; a base likewise.
    assert UcdpWhere.of("city", 20_000) is UcdpWhere.EXACT
    assert UcdpWhere.of("air base", 3_000) is UcdpWhere.EXACT


@pytest.mark.parametrize("kind", [*KINDS, "relation", "coordinates"])
def test_every_kind_of_place_has_a_code(kind):
    for uncertainty_m in (10.0, 3_000.0, 25_000.0, 1e6):
        assert UcdpWhere.of(kind, uncertainty_m) in UcdpWhere
        assert GtdSpecificity.of(kind, uncertainty_m, in_city=False) in GtdSpecificity
        if kind == "country":
            with pytest.raises(ValueError, match="no code for a whole country"):
                AcledPlace.of(kind, uncertainty_m)
        else:
            assert AcledPlace.of(kind, uncertainty_m) in AcledPlace


@pytest.mark.parametrize("radius_m", [0, -1, float("nan")])
def test_a_place_without_a_radius_is_refused(radius_m):
    with pytest.raises(ValueError, match="no radius"):
        UcdpWhere.of("relation", radius_m)


def test_gtd_districts_need_to_know_of_the_city():
    assert GtdSpecificity.of("district", 20_000, in_city=True).value == 2
    assert GtdSpecificity.of("district", 20_000, in_city=False).value == 3
    assert GtdSpecificity.of("village", 1_000, in_city=True).value == 1


@pytest.mark.parametrize("scale", [UcdpDate, AcledTime])
def test_every_span_of_days_has_one_code(scale):
    longest = max(code.most_days for code in scale)
    for days in range(1, longest + 1):
        fitting = [code for code in scale if code.least_days <= days <= code.most_days]
        assert fitting == [scale.of(days)]
    for days in (0, -3, longest + 1):
        with pytest.raises(ValueError, match="has no code for"):
            scale.of(days)


def test_the_spans_are_those_of_real_events(shared_data):
    events = pd.read_csv(shared_data / "ucdp" / "ged_sample1000.csv")
    start, end = (pd.to_datetime(events[name]) for name in ("date_start", "date_end"))
    days = (end - start).dt.days + 1
    given = [UcdpDate.of(span) for span in days]
    assert given == [UcdpDate(code) for code in events["date_prec"]]


def test_the_module_is_on_the_face():
    assert gi.precision.UcdpWhere is UcdpWhere
