"""Incidents and counts: each attack once, bounds that hold, totals that hide nothing."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from geoinc.counting import counts, describe, incidents
from geoinc.places import Place, places_frame
from geoinc.reports import read_reports
from geoinc.schema import LAYER_COLUMNS, Layers

#: A toy world: name, kind, country, admin-1, uncertainty in metres.
WORLD = {
    "Alpha": ("air base", "AA", "North", 2000),
    "Beta": ("town", "AA", "South", 800),
    "Gamma": ("town", "BB", "North", 20_000),
    "Aland": ("country", "AA", "", 300_000),
    "the border": ("relation", "", "", 100_000),
}


def toy_layers(role="target", **columns):
    """Return layers of reports whose places are names of the toy world, "?" for an unknown one."""
    columns.setdefault("target", ["Alpha"] * len(next(iter(columns.values()))))
    reports = read_reports(pd.DataFrame(columns))
    counted = reports["standing"] == "counted"
    known = reports["target"].isin(WORLD)
    status = np.where(
        known, "resolved", np.where(reports["target"] == "", "not told", "unresolved")
    )
    # Resolved rows take the weight of their incident, in equal parts.
    heavy = counted & (known | ~known.groupby(reports["incident"]).transform("any"))
    layer = reports.assign(
        role=role,
        part=1,
        place=reports["target"],
        place_status=status,
        weight=heavy / heavy.groupby(reports["incident"]).transform("sum").clip(1),
    )
    for i, name in enumerate(("place_kind", "place_country", "place_admin1")):
        layer[name] = [WORLD[word][i] if word in WORLD else "" for word in reports["target"]]
    layer["uncertainty_m"] = [
        WORLD[word][3] if word in WORLD else np.nan for word in reports["target"]
    ]
    layer["place_name"] = layer["place_id"] = reports["target"].where(known, "")
    layer = layer.reindex(columns=[*reports.columns, *LAYER_COLUMNS])
    layer.index = pd.Index(layer["account"] + f":{role}:1", name="row")
    layer = gpd.GeoDataFrame(
        layer, geometry=[Point(0, 0) if yes else None for yes in known], crs=4326
    )
    empty = layer.iloc[:0]
    world = places_frame(
        Place(
            name, name, kind, box(0, 0, 1, 1), 0.5, 0.5, radius, 0.0, country=country, admin1=admin1
        )
        for name, (kind, country, admin1, radius) in WORLD.items()
    )
    return Layers(
        *(layer if name == role else empty for name in ("launch", "target", "impact")), places=world
    )


def bounds(table, name="fired"):
    return [
        None if value is pd.NA else value
        for value in table[[f"{name}_{b}" for b in ("low", "best", "high")]].iloc[0]
    ]


def days(table):
    return [
        None if pd.isna(day) else f"{day.date()}"
        for day in table[["date_start", "date_end"]].iloc[0]
    ]


# ---------------------------------------------------------------- incidents


@pytest.mark.parametrize(
    ("fired", "expected", "disputed"),
    [
        (["7"], [7, 7, 7], ""),
        (["about 14"], [None, 14, None], ""),
        (["7", "7", ""], [7, 7, 7], ""),
        (["2", "3"], [2, None, 3], "fired"),
        (["at least 2", "2", "3"], [2, None, 3], "fired"),
        (["at least 2", "2"], [2, 2, 2], ""),
        (["at least 10", "7"], [7, 7, None], "fired"),
        (["about 14", "30"], [14, 30, 30], "fired"),
        (["2-3", "3"], [2, 3, 3], ""),
        (["2-3", "5-6"], [2, None, 6], "fired"),
        (["none", "several"], [0, 0, None], "fired"),
        (["up to 30", "at least 10"], [10, None, 30], ""),
        (["", ""], [None, None, None], ""),
    ],
)
def test_counts_of_several_accounts(fired, expected, disputed):
    table = incidents(
        toy_layers(fired=fired, incident=["a"] * len(fired), source=list("xyz"[: len(fired)]))
    )
    assert bounds(table) == expected
    assert table["disputed"].to_list() == [disputed]
    assert table["accounts"].to_list() == [len(fired)]


def test_the_preferred_account_has_the_best():
    table = incidents(
        toy_layers(fired=["2", "3"], incident=["a", "a"], source=["x", "y"], preferred=["", "Yes"])
    )
    assert bounds(table) == [2, 3, 3]
    assert table["disputed"].to_list() == ["fired"]


def test_what_a_party_claims_stands_beside():
    told = {
        "incident": ["a", "a", "b"],
        "fired": ["about 14", "30", "5"],
        "source": ["Wire", "Brigade X", "Gazette"],
        "original_source": ["", "", "Brigade X"],
        "actor": ["militias", "Brigade X", "militias"],
        "claimed_by": ["", "Brigade X", "brigade x; others"],
    }
    table = incidents(toy_layers(**told))
    assert bounds(table) == [None, 14, None]
    assert table["claims"].to_list() == ["fired 30 (Brigade X)", "fired 5 (Gazette (Brigade X))"]
    assert table["disputed"].to_list() == ["fired", ""]
    # Where nobody else tells how many, the claim is all there is.
    assert table["fired_best"].to_list() == [14, 5]
    assert table["n_sources"].to_list() == [2, 1]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=4))
def test_merged_bounds_hold_every_account(ranges):
    cells = [f"{min(pair)}-{max(pair)}" for pair in ranges]
    table = incidents(toy_layers(fired=cells, incident=["a"] * len(cells)))
    low, _, high = bounds(table)
    assert low == min(map(min, ranges))
    assert high == max(map(max, ranges))


@pytest.mark.parametrize(
    ("dates", "expected", "words", "disputed"),
    [
        (["2021-03-15"], ["2021-03-15"] * 2, "2021-03-15", ""),
        (["2021-03", "2021-03-15", ""], ["2021-03-15"] * 2, "2021-03-15", ""),
        (
            ["2021-03", "../2021-03-10"],
            ["2021-03-01", "2021-03-10"],
            "2021-03-01 to 2021-03-10",
            "",
        ),
        (
            ["2021-03-14", "2021-03-15"],
            ["2021-03-14", "2021-03-15"],
            "2021-03-14 to 2021-03-15",
            "date",
        ),
        (["2021-03-14", "2021-03-15/.."], ["2021-03-14", None], "from 2021-03-14", "date"),
        (["2021"], ["2021-01-01", "2021-12-31"], "2021", ""),
        (["2021-03"], ["2021-03-01", "2021-03-31"], "2021-03", ""),
        (["../2021-03-15"], [None, "2021-03-15"], "by 2021-03-15", ""),
        (["0001-03"], ["0001-03-01", "0001-03-31"], "0001-03", ""),
        (["9999-12"], ["9999-12-01", "9999-12-31"], "9999-12", ""),
        ([""], [None, None], "", ""),
    ],
)
def test_dates_of_several_accounts(dates, expected, words, disputed):
    table = incidents(toy_layers(date=dates, incident=["a"] * len(dates)))
    assert days(table) == expected
    assert table["date"].to_list() == [words]
    assert table["disputed"].to_list() == [disputed]


def test_the_basis_is_of_the_account_that_knows_the_day_best():
    layers = toy_layers(
        date=["2021-03", "2021-03-15", "", "2021-04", "2021-04"],
        date_basis=["", "inferred", "", "inferred", ""],
        incident=["a", "a", "a", "b", "b"],
    )
    assert incidents(layers)["date_basis"].to_dict() == {"a": "inferred", "b": "stated"}


def test_words_of_several_accounts():
    layers = toy_layers(
        incident=["a", "a", "a", "b"],
        target=["Alpha", "Aland", "?", "Beta"],
        source=["Gazette", "Wire", "", "Gazette"],
        original_source=["an official", "Wire", "a witness", ""],
        outcome=["hit; missed", "missed; hit", "unknown", "hit"],
        event_type=["rocket", "drone", "", ""],
        actor=["X", "X", "Y", ""],
        actor_basis=["claimed", "suspected", "", ""],
        killed=["none", "", "", "1"],
    )
    table = incidents(layers)
    a = table.loc["a"]
    assert a["sources"] == "Gazette (an official); Wire; a witness"
    assert a["outcome"] == "hit; missed; unknown"
    assert a["event_type"] == "rocket; drone"
    assert a["actor"] == "X (claimed); X (suspected); Y (basis not told)"
    assert (a["target"], a["target_place"]) == ("Alpha; Aland; ?", "Alpha; Aland")
    assert (a["launch"], a["launch_place"]) == ("", "")
    assert a["disputed"] == "event_type"
    assert a["told"].startswith("Gazette (an official): outcome hit; missed, killed none | Wire: ")
    assert table.loc["b", "told"] == "Gazette: outcome hit, killed 1"


@pytest.mark.parametrize(
    ("outcomes", "disputed"),
    [
        (["hit; missed", "missed", "unknown", ""], ""),
        (["hit", "hit; intercepted", "hit; intercepted; crashed"], ""),
        (["intercepted", "crashed"], "outcome"),
        (["hit; missed", "hit; intercepted"], "outcome"),
        (["hit", "missed", "hit; missed"], "outcome"),
    ],
)
def test_who_tells_less_does_not_contradict(outcomes, disputed):
    layers = toy_layers(
        outcome=outcomes, incident=["a"] * len(outcomes), source=list("wxyz"[: len(outcomes)])
    )
    assert incidents(layers)["disputed"].to_list() == [disputed]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.lists(st.sampled_from(["x", " y", "z ", ""]), max_size=3).map(";".join),
            st.sampled_from(["", "Agency", "AGENCY", "Paper"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_texts_of_an_incident_stand_once_and_in_order(told):
    incident, weapon, source = zip(*told, strict=True)
    table = incidents(toy_layers(incident=[*incident], weapon=[*weapon], source=[*source]))
    assert table.index.to_list() == list(dict.fromkeys(incident))
    for name, row in table.iterrows():
        lists, sources = zip(*(cells for one, *cells in told if one == name), strict=True)
        parts = [part.strip() for cell in lists for part in cell.split(";")]
        assert row["weapon"] == "; ".join(dict.fromkeys(filter(None, parts)))
        assert row["sources"] == "; ".join(dict.fromkeys(filter(None, sources)))
        assert row["n_sources"] == len({source.casefold() for source in sources} - {""})
        assert row["told"].count(" | ") == len({source or "no source" for source in sources}) - 1


def test_only_accounts_of_the_standing_have_a_say():
    layers = toy_layers(
        incident=["a", "a", "a", "b", "b", "c", "d"],
        fired=["7", "99", "500", "", "", "", "1"],
        include=["", "no", "", "", "", "no", ""],
        events=["", "", "dozens", "dozens", "", "", ""],
        outcome=["", "", "", "", "false alarm", "", "foiled"],
    )
    table = incidents(layers)
    assert table["standing"].to_dict() == {
        "a": "counted",
        "b": "no attack",
        "c": "set aside",
        "d": "no attack",
    }
    assert bounds(table) == [7, 7, 7]
    assert table.loc["a", "accounts"] == 1


def test_every_incident_is_in_the_table_once_whatever_the_order():
    layers = toy_layers(incident=list("abcab"), fired=list("12345"))
    forward = incidents(layers)
    turned = Layers(layers.launches, layers.targets.iloc[::-1], layers.impacts, layers.places)
    backward = incidents(turned)
    assert forward.index.to_list() == ["a", "b", "c"]
    same = ["accounts", "fired_low", "fired_best", "fired_high", "disputed", "standing"]
    pd.testing.assert_frame_equal(forward[same], backward.loc[forward.index, same])


def test_no_rows_no_incidents():
    layers = toy_layers(incident=["a"])
    nothing = Layers(layers.launches, layers.targets.iloc[:0], layers.impacts, layers.places)
    assert len(incidents(nothing)) == 0
    assert counts(nothing).total == 0
    assert "0 accounts" in describe(nothing)


# ---------------------------------------------------------------- counts


def rows_of(result):
    table = result.to_frame()
    return {
        label: tuple(row) for label, row in zip(table.index, table.round(4).to_numpy(), strict=True)
    }


def test_everything_at_once():
    layers = toy_layers(
        incident=list("aabc"), events=["", "", "dozens", ""], include=["", "", "", "no"]
    )
    result = counts(layers)
    assert rows_of(result) == {"all": (1, 1, 1)}
    assert result.total == 1
    assert result.notes == ("not counted: 1 summary of many attacks", "not counted: 1 set aside")
    everything = counts(layers, include=("counted", "summary", "set aside"))
    assert everything.total == 3
    assert everything.notes == ()


def test_by_month_shares_an_incident_by_its_days():
    layers = toy_layers(
        date=["2021-02-15", "2021-02-27/2021-03-02", "2021", "../2021-03", "", "2020-12-01"]
    )
    result = counts(layers, by="month")
    table = result.to_frame()
    assert table.index.to_list() == ["2020-12", *(f"2021-{m:02d}" for m in range(1, 13)), "undated"]
    assert rows_of(result)["2021-02"] == (1, round(1 + 2 / 4 + 28 / 365, 4), 3)
    assert rows_of(result)["2021-03"] == (0, round(2 / 4 + 31 / 365, 4), 2)
    assert rows_of(result)["undated"] == (2, 2, 2)
    assert table["count"].sum() == pytest.approx(result.total)


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("day", ["2020-12-31", "2021-01-01", "2021-03-15"]),
        ("week", ["2020-W53", "2021-W11"]),
        ("month", ["2020-12", "2021-01", "2021-03"]),
        ("year", ["2020", "2021"]),
    ],
)
def test_by_time(by, labels):
    layers = toy_layers(
        date=["2020-12-31/2021-01-01", "2021-03-15", "1969-12-31"], include=["", "", "no"]
    )
    assert counts(layers, by=by).to_frame().index.to_list() == labels


def test_days_before_1970():
    layers = toy_layers(date=["1943-08-17", "1969-12-29", "1969-12-28"])
    assert counts(layers, by="week").to_frame().index.to_list() == [
        "1943-W33",
        "1969-W52",
        "1970-W01",
    ]
    assert counts(layers, by="year").to_frame()["low"].to_dict() == {"1943": 1, "1969": 2}


def test_a_range_too_wide_is_no_date():
    result = counts(toy_layers(date=["0001/9999", "2021-03-15"]), by="day")
    assert rows_of(result) == {"2021-03-15": (1, 1, 1), "undated": (1, 1, 1)}


def test_by_place_and_what_is_not_placed():
    layers = toy_layers(
        incident=["a", "b", "c", "d", "e", "f", "f"],
        target=["Alpha", "Beta", "Aland", "the border", "?", "Alpha", "Beta"],
    )
    assert rows_of(counts(layers, by="place")) == {
        "Alpha": (1, 1.5, 2), "Beta": (1, 1.5, 2), "Aland": (1, 1, 1), "the border": (1, 1, 1), "not placed": (1, 1, 1),
    }  # fmt: skip
    assert rows_of(counts(layers, by="admin1")) == {
        "North": (1, 1.5, 2), "South": (1, 1.5, 2), "across countries": (1, 1, 1),
        "somewhere in Aland": (1, 1, 1), "not placed": (1, 1, 1),
    }  # fmt: skip
    assert rows_of(counts(layers, by="country")) == {
        "Aland": (4, 4, 4), "across countries": (1, 1, 1), "not placed": (1, 1, 1),
    }  # fmt: skip
    assert rows_of(counts(layers, by="place", role="launch")) == {"not placed": (6, 6, 6)}
    assert rows_of(counts(layers, by="place_status")) == {
        "resolved": (5, 5, 5),
        "unresolved": (1, 1, 1),
    }


def test_provinces_of_one_name_are_told_apart():
    layers = toy_layers(target=["Alpha", "Gamma"], incident=["a", "b"])
    assert set(rows_of(counts(layers, by="admin1"))) == {"North (Aland)", "North (BB)"}


def test_by_column():
    layers = toy_layers(
        incident=["a", "a", "b", "c", "c", "d"],
        outcome=["hit; missed", "missed; hit", "hit", "unknown", "hit", ""],
        actor=["X", "X", "Y", "", "", ""],
        actor_basis=["claimed", "suspected", "claimed", "", "", ""],
        mine=[1, 1, 2, 3, 3, 4],
    )
    assert rows_of(counts(layers, by="outcome")) == {
        "hit": (2, 2, 2), "hit; missed": (1, 1, 1), "not told": (1, 1, 1),
    }  # fmt: skip
    assert rows_of(counts(layers, by="actor")) == {
        "Y (claimed)": (1, 1, 1), "X (claimed)": (0, 0.5, 1), "X (suspected)": (0, 0.5, 1), "not told": (2, 2, 2),
    }  # fmt: skip
    assert rows_of(counts(layers, by="mine")) == {str(i): (1, 1, 1) for i in (1, 2, 3, 4)}


def test_by_two_things():
    layers = toy_layers(
        incident=["a", "a", "b", "c"],
        date=["2021-03-15", "2021-03-15", "2021-02-28/2021-03-01", ""],
        event_type=["rocket", "drone", "rocket", "rocket"],
    )
    result = counts(layers, by=["month", "event_type"])
    assert rows_of(result) == {
        ("2021-02", "rocket"): (0, 0.5, 1),
        ("2021-03", "rocket"): (0, 1.0, 2),
        ("2021-03", "drone"): (0, 0.5, 1),
        ("undated", "rocket"): (1, 1, 1),
    }
    assert result.to_frame().index.names == ["month", "event_type"]
    assert list(result.to_frame().reset_index().columns) == [
        "month",
        "event_type",
        "low",
        "count",
        "high",
    ]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["2021-03-15", "2021-03", "2021", "2021-02-20/2021-03-10", "../2021", ""]
            ),
            st.sampled_from([*WORLD, "?", ""]),
            st.sampled_from(["rocket", "drone", "rocket; drone", ""]),
            st.sampled_from("abc"),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sets(st.sampled_from(["month", "week", "admin1", "place", "event_type"]), max_size=3),
)
def test_low_count_and_high_always_add_up(rows, by):
    date, target, event_type, incident = zip(*rows, strict=True)
    layers = toy_layers(date=date, target=target, event_type=event_type, incident=incident)
    result = counts(layers, by=sorted(by))
    table = result.to_frame()
    assert (table["low"] <= table["count"] + 1e-9).all()
    assert (table["count"] <= table["high"] + 1e-9).all()
    assert table["low"].sum() <= result.total <= table["high"].sum()
    assert table["count"].sum() == pytest.approx(result.total)


def test_what_cannot_be_counted_by_is_refused():
    layers = toy_layers(incident=["a"])
    with pytest.raises(ValueError, match="by='colour' is nothing to count by; use day, week"):
        counts(layers, by="colour")
    with pytest.raises(ValueError, match="include='all'"):
        counts(layers, include="all")
    with pytest.raises(ValueError, match="'base' is not a role"):
        counts(layers, role="base")
    with pytest.raises(ValueError, match="twice"):
        counts(layers, by=["month", "month"])
    with pytest.raises(ValueError, match="counts once"):
        counts(layers, by="incident")


def test_a_chart_has_bars_whiskers_and_the_months_between():
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    layers = toy_layers(
        date=["2021-01-15", "2021-04-28/2021-05-01", ""], event_type=["rocket", "drone", ""]
    )
    figure = counts(layers, by="month").plot()
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "2021-01", "2021-02", "2021-03", "2021-04", "2021-05", "undated",
    ]  # fmt: skip
    assert [bar.get_height() for bar in axes.patches] == [1, 0.75, 0.25, 1]
    (whiskers,) = axes.collections
    spans = [tuple(segment[:, 1]) for segment in whiskers.get_segments()]
    assert spans == [(1, 1), (0, 1), (0, 1), (1, 1)]
    (two,) = counts(layers, by=["month", "event_type"]).plot().axes
    names = [text.get_text() for text in two.get_legend().get_texts()]
    assert names == ["drone", "rocket", "not told"]
    assert len(counts(layers).plot().axes[0].patches) == 1
    years = toy_layers(date=["2010-01-15", "2021-04-28", ""])
    labels = [
        label.get_text() for label in counts(years, by="month").plot().axes[0].get_xticklabels()
    ]
    assert labels[0] == "2010-01"
    assert labels[-1] == "undated"
    assert len(labels) <= 41
    for by in ("week", "year", "day"):
        assert len(counts(layers, by=by).plot().axes[0].patches) == len(counts(layers, by=by).table)
    with pytest.raises(ValueError, match="two things"):
        counts(layers, by=["month", "event_type", "place"]).plot()
    plt.close("all")


# ---------------------------------------------------------------- in words


def test_the_methods_paragraph():
    layers = toy_layers(
        incident=["a", "a", "b", "c", "d", "e"],
        target=["Alpha", "Aland", "Beta", "?", "", "Gamma"],
        date=["2021-03-15", "2021-03-16", "2021-01", "", "2021-02", "2019"],
        source=["Wire", "Gazette", "Wire", "", "", ""],
        original_source=["", "Wire", "", "", "", ""],
        events=["", "", "", "", "", "dozens"],
    )
    text = describe(layers)
    assert text.startswith(
        "6 accounts tell of 5 incidents, of which 4 are counted; kept but not counted are "
        "1 summary of many attacks. 1 source is named. "
        "They are dated 2021-01-01 to 2021-03-16; 1 without a date"
    )
    assert (
        "Targets: 2 resolved (1 within 1 km, 2 within 5 km, 2 within 25 km), 1 unresolved, 1 not told."
        in text
    )
    assert "Launches" not in text
    assert "Accounts contradict each other in 1 of the 4 that count." in text
    assert "\n" not in text
