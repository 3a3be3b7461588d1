"""Known sites in time: every figure against counts done by hand, in every world."""

import numpy as np
import pandas as pd
import pytest
from test_uncertainty import layers_of, round_place

from geoinc.stats import compare_sites, site_change, site_gaps, site_rates, site_trends
from geoinc.stats.sites.per_site import _monthly
from geoinc.stats.sites.rates import poisson_rate, rate_ratio

FUNCTIONS = (site_rates, site_gaps, site_trends, compare_sites)
YEAR = {"start": "2021-01-01", "end": "2021-12-31"}
PLACES = [
    round_place("Base", 44.0, 33.0, 1000), round_place("Port", 45.0, 33.0, 1000),
    round_place("Province", 44.0, 35.0, 80_000),
]  # fmt: skip


def layers_on(days, places, last_days=None):
    """Return layers of incidents at places, each on its day."""
    layers = layers_of(PLACES, [], places)
    layers.targets["date_start"] = pd.to_datetime(days)
    layers.targets["date_end"] = pd.to_datetime(last_days or days)
    return layers


@pytest.fixture(scope="module")
def layers():
    days = [*pd.date_range("2021-02-01", periods=8, freq="20D").astype(str)]
    return layers_on(
        [*days, "2021-03-03", "2021-12-01", "2021-06-01"],
        ["Base"] * 8 + ["Port"] * 2 + ["Province"],
    )


def test_rates_are_counts_per_year_with_exact_intervals(layers):
    result = site_rates(layers, **YEAR)
    table = result.table
    assert table.index.to_list() == ["Base", "Port", "all incidents"]
    assert table["events"].to_list() == [8, 2, 11]
    exact = poisson_rate(np.array([8]), 365 / 365.25)
    assert table.loc["Base", ["per_year", "low", "high"]].to_list() == pytest.approx(exact[:3])
    assert (result.n_precise, result.n_imprecise) == (10, 1)
    assert "1 of 11 incidents are not known to lie at one site" in result.warnings[-1]
    assert not any("period" in note for note in result.warnings)
    assert any("rates are too high" in note for note in site_rates(layers).warnings)


def test_regular_incidents_are_no_bursts_and_a_burst_is_one(layers):
    regular = site_rates(layers, **YEAR).table.loc["Base"]
    assert regular["dispersion"] < 2
    days = [*["2021-05-03"] * 9, "2021-01-10", "2021-11-11"]
    burst = site_rates(layers_on(days, ["Base"] * 11), **YEAR, rng=1).table.loc["Base"]
    assert burst["dispersion"] > 3
    assert burst["dispersion_p"] == pytest.approx(0.001)
    assert burst["bursty_high"] - burst["bursty_low"] > 1.5 * (burst["high"] - burst["low"])


def test_days_known_to_a_range_are_sampled_and_the_ends_counted_in_part():
    # Half of the possible days of one incident lie within the period.
    layers = layers_on(["2021-06-01", "2021-12-27"], ["Base", "Base"], ["2021-06-01", "2022-01-05"])
    found = site_rates(layers, **YEAR, samples=400, rng=1).table.loc["Base", "events"]
    assert found == pytest.approx(1.5, abs=0.08)
    assert site_rates(layers, **YEAR, uncertainty="ignore").table.loc["Base", "events"] == 2


def test_an_incident_told_at_two_sites_is_at_either():
    layers = layers_on(["2021-06-01"] * 3, ["Base", "Port", "Base"])
    layers.targets["incident"] = layers.targets["account"] = ["a", "a", "b"]
    layers.targets["weight"] = [0.75, 0.25, 1.0]
    result = site_rates(layers, **YEAR, samples=800, rng=2)
    assert result.table["events"].to_dict() == pytest.approx(
        {"Base": 1.75, "Port": 0.25, "all incidents": 2}, abs=0.05
    )
    assert (result.n_precise, result.n_imprecise) == (1, 1)
    assert "1 incidents lie at one of several sites" in result.warnings[-1]
    precise = site_rates(layers, **YEAR, uncertainty="precise-only")
    assert precise.table["events"].to_dict() == {"Base": 1, "all incidents": 1}


def test_before_and_after_a_day(layers):
    result = site_change(layers, "2021-04-01", **YEAR)
    row = result.table.loc["Base"]
    exact = rate_ratio(np.array([3]), 90, np.array([5]), 275)
    assert row[["before", "after"]].to_list() == [3, 5]
    assert row[["ratio", "low", "high", "p"]].to_list() == pytest.approx(list(exact))
    assert result.table.loc["Base", "p_adjusted"] >= row["p"]
    assert np.isnan(result.table.loc["all incidents", "p_adjusted"])
    with pytest.raises(ValueError, match="does not lie within"):
        site_change(layers, "2022-04-01", **YEAR)
    with pytest.raises(ValueError, match="not a day"):
        site_change(layers, None, **YEAR)


def test_a_site_attacked_more_and_more_has_a_trend():
    days = pd.Timestamp("2021-01-01") + pd.to_timedelta(np.sqrt(np.linspace(0, 1, 40)) * 364, "D")
    result = site_trends(layers_on(days.floor("D"), ["Base"] * 40), **YEAR)
    row = result.table.loc["Base"]
    assert 1 < row["low"] < row["factor"] < row["high"]
    assert row["p"] < 0.01
    assert 1 < row["bursty_low"] < row["bursty_high"]
    assert result.p == row["p"]


def test_gaps(layers):
    result = site_gaps(layers, **YEAR)
    row = result.table.loc["Base"]
    assert row[["median_days", "longest_days", "variation"]].to_list() == [20, 20, 0]
    assert row["p"] < 0.01
    assert row[["low", "high"]].to_list() == [20, 20]
    assert result.table.index.to_list() == ["Base", "all incidents"]
    assert "fewer than 5" in result.warnings[-1]


def test_sites_compared(layers):
    result = compare_sites(layers, **YEAR, rng=1)
    assert result.table.index.to_list() == ["Base : Port"]
    exact = rate_ratio(np.array([2]), 365, np.array([8]), 365)
    assert result.table.iloc[0][["ratio", "low", "high", "p"]].to_list() == pytest.approx(
        list(exact)
    )
    # 8 and 2, or farther apart, of 10: 112 of 1024.
    assert result.p == pytest.approx(0.109, abs=0.03)
    with pytest.raises(ValueError, match="pairs"):
        result.to_layer()
    with pytest.raises(ValueError, match="compare"):
        compare_sites(layers_on(["2021-02-02"], ["Base"]), **YEAR)


def test_months_hold_every_incident_once():
    days = np.arange(0, 365, 3)
    counts, lengths = _monthly(days, 365)
    assert (len(counts), counts.sum(), lengths.sum()) == (12, len(days), 365)
    assert set(lengths) == {30, 31}


@pytest.mark.parametrize("func", FUNCTIONS)
def test_every_result_has_a_table_and_a_picture(func, layers):
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot as plt

    result = func(layers, **YEAR, rng=1)
    assert result.to_frame().equals(result.table)
    assert result.interval[0].index.equals(result.value.index)
    ax = result.plot()
    assert "n = 11 (1 imprecise)" in ax.figure.get_supxlabel()
    assert ax.get_xlabel() == result.unit
    plt.close("all")


def test_sites_are_a_layer_for_the_map(layers):
    result = site_rates(layers, **YEAR)
    layer = result.to_layer()
    assert layer["label"].to_list() == ["Base", "Port"]
    assert list(layer.columns) == ["label", "value", "low", "high", "geometry"]
    assert layer.geometry.iloc[0].x == pytest.approx(44)
    assert layer.attrs["unit"] == "incidents per year"


def test_what_cannot_be_counted_is_said():
    undated = layers_on(["2021-06-01", None], ["Base", "Base"])
    assert "1 incidents have no day" in site_rates(undated, **YEAR).warnings[0]
    with pytest.raises(ValueError, match="nothing to count in time"):
        site_rates(layers_on([None], ["Base"]), **YEAR)
    outside = layers_on(["2021-06-01", "2025-01-01"], ["Base", "Base"])
    assert "1 incidents lie outside the period" in site_rates(outside, **YEAR).warnings
    with pytest.raises(ValueError, match="ends"):
        site_rates(undated, start="2021-02-01", end="2021-01-01")
    with pytest.raises(TypeError, match="give Layers"):
        site_rates(([44], [33]))
    with pytest.raises(ValueError, match="no site has 5"):
        site_gaps(undated, **YEAR)


def test_the_same_seed_gives_the_same(layers):
    again = [site_rates(layers, **YEAR, rng=3).table for _ in range(2)]
    pd.testing.assert_frame_equal(*again)


def test_two_places_of_one_name_stay_apart():
    layers = layers_on(["2021-06-01"] * 2, ["Base", "Port"])
    layers.targets["place_name"] = "Camp"
    assert site_rates(layers, **YEAR).table.index[0] == "Camp (Base)"
