"""Counts where links are only possible, before and after a day, as pictures and in Excel."""

import numpy as np
import pandas as pd
import pytest
from test_counting import rows_of, toy_layers

import geoinc as gi
from geoinc.counting import counts
from geoinc.schema import Layers


def linked(layers, possible, share):
    """Return layers whose incidents may be one, as linking would say."""
    targets = layers.targets.assign(possible_incident=possible, incident_share=share)
    return Layers(layers.launches, targets, layers.impacts, layers.places)


def test_incidents_that_may_be_one_count_once_in_the_low():
    layers = linked(
        toy_layers(
            date=["2021-03-01", "2021-03-02", "2021-03-05", "2021-04-01"],
            incident=["a", "b", "c", "d"],
        ),
        ["a", "a", "", ""],
        [0.5, 0.5, 1.0, 1.0],
    )
    result = counts(layers, by="month")
    assert rows_of(result) == {"2021-03": (2, 2, 3), "2021-04": (1, 1, 1)}
    assert (result.low, result.best, result.total) == (3, 3.0, 4)
    assert rows_of(counts(layers)) == {"all": (3, 3, 4)}
    assert result.to_frame()["count"].sum() == pytest.approx(result.best)
    assert "n = 4 (3 if all that may be one is one)" in result.caption


def test_what_may_be_one_in_two_months_is_sure_of_neither():
    layers = linked(
        toy_layers(date=["2021-03-31", "2021-04-01"], incident=["a", "b"]), ["a", "a"], [0.5, 0.5]
    )
    assert rows_of(counts(layers, by="month")) == {"2021-03": (0, 0.5, 1), "2021-04": (0, 0.5, 1)}


def test_links_whose_other_half_is_not_counted_leave_no_doubt():
    layers = linked(
        toy_layers(date=["2021-03-01"] * 2, incident=["a", "b"], outcome=["hit", "false alarm"]),
        ["a", "a"],
        [0.5, 0.5],
    )
    assert rows_of(counts(layers)) == {"all": (1, 1, 1)}


def test_links_go_all_the_way():
    table = pd.DataFrame(
        {"target": "Balad air base", "source": ["A", "B", "C"],
         "date": ["2021-03-15", "2021-03-15", "2021-03-16"],
         "event_type": ["rocket", "rocket", ""], "fired": ["7", "7", ""]}
    )  # fmt: skip
    layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    links = gi.link_reports(layers)
    result = gi.counts(links.linked)
    assert (result.low, result.total) == (links.low, links.high)
    assert (links.low, links.high) == (1, 2)
    assert "Accounts were linked by their content: 1 to 2 incidents count" in gi.describe(
        links.linked
    )
    assert len(set(gi.incidents(links.linked)["possible_incident"])) == 1
    table = result.to_frame()
    assert table.loc["all", ["low", "high"]].to_list() == [links.low, links.high]


def test_before_and_after_a_day():
    layers = toy_layers(
        date=["2021-03-01", "2021-03-03", "2021-03", "../2021-03-02", "2021-03-03/..", "../2021-06", ""]
    )  # fmt: skip
    assert rows_of(counts(layers, by="2021-03-03")) == {
        "before 2021-03-03": (2, 2.0645, 3),
        "from 2021-03-03": (2, 2.9355, 3),
        "undated": (2, 2, 2),
    }
    two = counts(layers, by=["2021-03-03", "admin1"])
    assert two.to_frame().index.names == ["2021-03-03", "admin1"]
    with pytest.raises(ValueError, match="a day"):
        counts(layers, by="2021-13-03")


@pytest.fixture
def crowd():
    rng = np.random.default_rng(2)
    days = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 200, 60), "D")
    date = days.strftime("%Y-%m-%d").to_numpy(dtype=object)
    date[::9] = days.strftime("%Y-%m")[::9]
    date[:2] = ""
    kinds = [f"kind {i}" for i in rng.zipf(1.4, 60).clip(max=14)]
    return toy_layers(
        date=date, event_type=kinds, target=rng.choice(["Alpha", "Beta", "?"], 60),
        events=["dozens", *[""] * 59],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        ("bar", "admin1"), ("bar", ["month", "admin1"]), ("stacked", ["month", "event_type"]),
        ("timeline", "week"), ("timeline", ["month", "admin1"]), ("multiples", ["month", "event_type"]),
    ],
)  # fmt: skip
def test_a_picture_says_what_it_leaves_out(crowd, kind, by):
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    result = counts(crowd, by=by)
    figure = result.plot(kind=kind)
    said = " ".join(figure.get_supxlabel().split())
    assert f"n = {result.total}" in said
    assert f"{result.undated} undated" in said
    assert f"{result.not_placed} not placed" in said
    assert "1 summary of many attacks" in said
    figure.canvas.draw()
    heights = sum(bar.get_height() for axes in figure.axes for bar in axes.patches)
    undated = 0 if kind != "timeline" else result.undated
    assert heights == pytest.approx(result.table["count"].sum() - undated)
    plt.close("all")


def test_a_picture_needs_what_it_shows(crowd):
    with pytest.raises(ValueError, match="needs counts by 2 things"):
        counts(crowd, by="month").plot(kind="stacked")
    with pytest.raises(ValueError, match="timeline needs counts by day"):
        counts(crowd, by="admin1").plot(kind="timeline")
    with pytest.raises(ValueError, match="no picture"):
        counts(crowd, by="admin1").plot(kind="pie")


def test_counts_in_excel(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    layers = toy_layers(
        event_type=["=HYPERLINK(1)", "rocket"], date=["2021-03-01", "2021-02-27/2021-03-01"],
        events=["", ""],
    )  # fmt: skip
    path = tmp_path / "counts.xlsx"
    counts(layers, by=["event_type", "month"]).to_excel(path)
    sheet = openpyxl.load_workbook(path).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "Incidents by event type and month"
    assert rows[1] == ["event_type", "month", "low", "count", "high"]
    assert ["=HYPERLINK(1)", "2021-03", 1, 1, 1] in rows
    formula = next(row for row in sheet.iter_rows() if row[0].value == "=HYPERLINK(1)")[0]
    assert formula.data_type == "s"
    assert any(str(row[0]).startswith("n = 2") for row in rows)
