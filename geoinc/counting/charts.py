"""Counts as pictures: bars, parts of bars, a timeline, small multiples."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from geoinc.counting.sharing import NOT_KNOWN, TIMES, UNDATED, ranks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Kind = Literal["bar", "stacked", "timeline", "multiples"]

#: The colours of the incident map; those of series are told apart by the colour-blind too.
_INK, _QUIET, _LINE, _PAPER, _BORDER = "#23272E", "#646A73", "#E4E1D8", "#FBFAF6", "#A9A391"
_SERIES = ("#0072B2", "#D55E00", "#5B2A86", "#009E73", "#8A8577", "#CC79A7", "#E6B325", "#56B4E9")

#: More labels than this run into each other; more series cannot be told apart; more panels are
#: too small.
_MOST_LABELS, _MOST_SERIES, _MOST_PANELS = 40, len(_SERIES), 12
_REST = "all others"

#: How many things each kind of picture shows.
_THINGS = {"bar": (0, 2), "stacked": (2, 2), "timeline": (1, 2), "multiples": (2, 2)}
_FREQUENCY = {"day": "D", "week": "W-SUN", "month": "M", "year": "Y"}


def drawn(
    table: pd.DataFrame, by: tuple[str, ...], *, kind: Kind, title: str, caption: str
) -> Figure:
    """Draw a table of counts; see `Counts.plot`.

    Raises
    ------
    ModuleNotFoundError
        Where matplotlib is missing.
    ValueError
        Where the counts are by more or fewer things than the picture shows.
    """
    _refuse(by, kind)
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415  # an extra, and slow to import
    except ModuleNotFoundError as error:
        msg = "drawing needs matplotlib: pip install 'geoinc[plot]'"
        raise ModuleNotFoundError(msg, name="matplotlib") from error
    table = _most_of(table, by)
    parts = _parts(table, by, most=_MOST_PANELS if kind == "multiples" else _MOST_SERIES)
    labels = _without_gaps(list(table.index.get_level_values(0).unique()), by)
    if kind == "timeline":
        labels = [label for label in labels if label != UNDATED]
    if kind == "multiples":
        columns = min(3, len(parts))
        rows = -(-len(parts) // columns)
        figure, grid = plt.subplots(
            rows, columns, figsize=(3.6 * columns, 2.4 * rows + 0.8), sharex=True, sharey=True,
            squeeze=False,
        )  # fmt: skip
        panels = list(grid.flat)
        for axes, (name, part) in zip(panels, parts.items(), strict=False):
            _bars(axes, {"": part}, labels, stacked=False)
            axes.set_title(name, loc="left", fontsize=10, color=_INK)
        for axes in panels[len(parts) :]:
            axes.set_visible(False)
    else:
        width = 0.3 * len(labels) * (len(parts) if kind == "bar" else 1)
        figure, one = plt.subplots(figsize=(min(24.0, max(6.4, width)), 4.8))
        panels = [one]
        if kind == "timeline":
            _timeline(one, parts, labels, by[0])
        else:
            _bars(one, parts, labels, stacked=kind == "stacked")
        if len(parts) > 1:
            one.legend(title=by[1], fontsize=9, facecolor="white", edgecolor=_LINE)
    in_parts = kind == "stacked" or (kind == "timeline" and len(parts) > 1)
    whiskers = "" if in_parts else ", whisker: low to high"
    _dressed(figure, panels, title, f"Bar: shared count{whiskers}. {caption}.")
    return figure


def _refuse(by: tuple[str, ...], kind: Kind) -> None:
    if kind not in _THINGS:
        msg = f"kind={kind!r} is no picture of counts; use {', '.join(map(repr, _THINGS))}"
        raise ValueError(msg)
    least, most = _THINGS[kind]
    if len(by) > most:
        msg = f"kind {kind!r} shows two things at most, not {', '.join(by)}; count by fewer"
        raise ValueError(msg)
    if len(by) < least:
        msg = f"kind {kind!r} needs counts by {least} thing{'s' if least > 1 else ''}, such as month and event_type"
        raise ValueError(msg)
    if kind == "timeline" and by[0] not in TIMES:
        msg = f"a timeline needs counts by {', '.join(TIMES)} first, not by {by[0]!r}"
        raise ValueError(msg)


def _most_of(table: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Return the counts with the rarest of the first thing together, so that each bar has its name."""
    names = table.index.get_level_values(0)
    if not by or by[0] in TIMES or names.nunique() <= _MOST_LABELS:
        return table
    known = names.unique().difference(list(NOT_KNOWN), sort=False)
    shown = _MOST_LABELS - 1 - (names.nunique() - len(known))
    rest = known.difference(table["count"].groupby(names).sum()[known].nlargest(shown).index)
    is_rest, others = names.isin(rest), f"{_REST} ({len(rest)})"
    new = names.where(~is_rest, others)
    levels = [new, *(table.index.get_level_values(i) for i in range(1, len(by)))]
    together = table.groupby(levels, sort=False).sum().astype(float)
    # One incident may be in several of them, so their lows and highs do not add up.
    rare = together.index.get_level_values(0) == others
    together.loc[rare, ["low", "high"]] = np.nan
    order = np.argsort(rare | together.index.get_level_values(0).isin(NOT_KNOWN), kind="stable")
    return together.iloc[order]


def _parts(table: pd.DataFrame, by: tuple[str, ...], *, most: int) -> dict[str, pd.DataFrame]:
    """Return the counts of each value of the second thing; the rarest together, so that all are in."""
    if len(by) < 2:
        return {"": table}
    second = table.index.get_level_values(1)
    totals = table["count"].groupby(second).sum()
    order = list(ranks(totals, chronological=by[1] in TIMES))
    shown = order if len(order) <= most else order[: most - 1]
    parts = {label: table[second == label].droplevel(1) for label in shown}
    if rest := order[len(shown) :]:
        others = table[second.isin(rest)].groupby(level=0).sum()
        parts[f"{_REST} ({len(rest)})"] = others
    return parts


def _bars(axes: Axes, parts: dict[str, pd.DataFrame], labels: list[str], *, stacked: bool) -> None:
    width = 0.8 / (1 if stacked else len(parts))
    beneath = np.zeros(len(labels))
    for i, (name, part) in enumerate(parts.items()):
        at = np.array([labels.index(label) for label in part.index], dtype=int)
        offset = 0.0 if stacked else (i - (len(parts) - 1) / 2) * width
        axes.bar(
            at + offset,
            part["count"],
            width,
            bottom=beneath[at] if stacked else None,
            yerr=None if stacked else _whiskers(part),
            ecolor=_INK,
            error_kw={"linewidth": 1},
            capsize=2,
            color=_SERIES[i % len(_SERIES)],
            label=name,
        )
        beneath[at] += part["count"].to_numpy()
    step = -(-len(labels) // _MOST_LABELS)
    ticks = [i for i, label in enumerate(labels) if i % step == 0 or label in NOT_KNOWN]
    axes.set_xticks(
        ticks, [textwrap.shorten(labels[i], 32) for i in ticks], rotation=45, ha="right"
    )


def _timeline(axes: Axes, parts: dict[str, pd.DataFrame], labels: list[str], period: str) -> None:
    """Draw bars where their days are on an axis of time; parts are stacked."""
    if period == "week":
        starts = pd.to_datetime([f"{label}-1" for label in labels], format="%G-W%V-%u")
        days = np.full(len(labels), 7)
    else:
        periods = pd.PeriodIndex(labels, freq=_FREQUENCY[period])
        starts = periods.to_timestamp()
        days = ((periods + 1).to_timestamp() - starts).days.to_numpy()
    beneath = np.zeros(len(labels))
    for i, (name, part) in enumerate(parts.items()):
        dated = part[part.index != UNDATED]
        at = np.array([labels.index(label) for label in dated.index], dtype=int)
        axes.bar(
            starts[at],
            dated["count"],
            days[at] * 0.92,
            align="edge",
            bottom=beneath[at],
            yerr=_whiskers(dated) if len(parts) == 1 else None,
            ecolor=_INK,
            error_kw={"linewidth": 1},
            color=_SERIES[i % len(_SERIES)],
            label=name,
        )
        beneath[at] += dated["count"].to_numpy()


def _whiskers(part: pd.DataFrame) -> np.ndarray:
    # Rounding may leave a hair below 0.
    return np.array([part["count"] - part["low"], part["high"] - part["count"]]).clip(0)


def _without_gaps(labels: list[str], by: tuple[str, ...]) -> list[str]:
    """Return the labels of an axis, of time with the empty periods between."""
    dated = [label for label in labels if label != UNDATED]
    if not dated or not by or by[0] not in TIMES:
        return labels
    if by[0] == "week":
        first, last = (
            pd.to_datetime(f"{week}-1", format="%G-W%V-%u") for week in (dated[0], dated[-1])
        )
        filled = list(pd.date_range(first, last, freq="7D").strftime("%G-W%V"))
    else:
        filled = list(pd.period_range(dated[0], dated[-1], freq=TIMES[by[0]]).astype(str))
    return filled + labels[len(dated) :]


def _dressed(figure: Figure, panels: list[Axes], title: str, caption: str) -> None:
    """Give a picture its title, its small print and the look of all."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  # an extra

    for axes in panels:
        axes.set_facecolor(_PAPER)
        axes.set_axisbelow(True)
        axes.grid(axis="y", color=_LINE, linewidth=0.8)
        for side, spine in axes.spines.items():
            spine.set_visible(side in {"left", "bottom"})
            spine.set_color(_BORDER)
        axes.tick_params(color=_BORDER, labelcolor=_INK, labelsize=9, length=3)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylim(bottom=0)
    panels[0].set_ylabel("incidents", color=_INK, fontsize=9.5)
    figure.set_layout_engine("constrained", w_pad=0.1, h_pad=0.12)
    figure.suptitle(title, x=0.012, ha="left", fontsize=12, fontweight="bold", color=_INK)
    letters = int(figure.get_figwidth() * 16)
    figure.supxlabel(
        textwrap.fill(caption, letters), x=0.012, ha="left", fontsize=8.5, color=_QUIET
    )
