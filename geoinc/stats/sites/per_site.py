"""Known sites in time: how often each was attacked, with which gaps, before and after a day, with what trend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geoinc.stats.events import PRECISE_M
from geoinc.stats.results import false_discovery
from geoinc.stats.sites.attacks import YEAR_DAYS, attacks_of, day_of
from geoinc.stats.sites.rates import (
    bursty,
    dispersion,
    median_interval,
    poisson_rate,
    rate_ratio,
    trend,
)
from geoinc.stats.sites.tables import FEW, SiteTable, observed, table_of
from geoinc.stats.worlds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.schema import Layers
    from geoinc.stats.sites.attacks import Attacks
    from geoinc.stats.worlds import Uncertainty
    from geoinc.uncertainty.draws import Rng

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: Periods in which incidents are counted for bursts: a month, days.
_MONTH_DAYS = YEAR_DAYS / 12
#: Of so many worlds bursts are looked for in each; of more in these.
_FIRST_WORLDS = 5
#: Simulations behind the p-value of gaps.
_SIMULATIONS = 999


def site_rates(
    layers: Layers,
    *,
    role: str = "target",
    start: Any = None,
    end: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> SiteTable:
    """Return how often each known site was attacked, per year.

    Parameters
    ----------
    layers : Layers
        Incidents that count, each once.
    role : {"launch", "target", "impact"}
        Which places are the sites.
    start, end : date, optional
        First and last day that was watched.  By default those of the incidents, which
        makes rates too high; the result says so.
    precise_m : float
        A place known no better than this radius, in metres, is no site.
    uncertainty : {"propagate", "precise-only", "ignore"}
        Sample days, and the site of an incident that is told at several; leave out
        incidents that are not known to lie at one; or take the middle of the
        days and the likeliest site.
    samples : int
        How many possible worlds.
    rng : int or numpy.random.Generator, optional
        A seed.

    Returns
    -------
    SiteTable
        Index the sites, most incidents first, and after them all incidents, those at no
        known site among them.  ``per_year`` with its exact Poisson interval
        ``low`` and ``high``; ``bursty_low`` and ``bursty_high``, the interval of
        the negative binomial on monthly counts, which is the one to believe
        where ``dispersion`` (variance over mean of monthly counts; 1 without
        bursts) has a small ``dispersion_p``.

    Raises
    ------
    ValueError
        Where no incident has a place and a day, or the period is empty.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> table = pd.DataFrame({"target": ["Balad air base"] * 4, "date": ["2021-02-20", "2021-03-15",
    ...     "2021-04-04", "2021-04-18"]})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> result = gi.stats.site_rates(layers, start="2021-01-01", end="2021-12-31")
    >>> result.table[["events", "per_year", "low", "high"]].round(1).iloc[0].to_list()
    [4.0, 4.0, 1.1, 10.2]
    """
    attacks = attacks_of(
        layers, role=role, start=start, end=end, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip
    chance = generator(attacks.seed, 0)
    rows = []
    for site in _rows(attacks):
        days = attacks.days_at(site)
        found = poisson_rate(np.array([len(some) for some in days]), attacks.span / YEAR_DAYS)
        months = [_monthly(some, attacks.span) for some in days[:_FIRST_WORLDS]]
        burst = [bursty(counts, lengths / YEAR_DAYS) for counts, lengths in months]
        spread = [dispersion(counts.astype(int), chance) for counts, _ in months]
        rows.append(
            {
                "events": _mean([len(some) for some in days]),
                "per_year": found.value,
                "low": found.low,
                "high": found.high,
                "bursty_low": _mean([one.low for one in burst]),
                "bursty_high": _mean([one.high for one in burst]),
                "dispersion": _mean([one[0] for one in spread]),
                "dispersion_p": _mean([one[1] for one in spread]),
            }
        )
    return table_of(
        attacks,
        rows,
        figure="per_year",
        title="Incidents per site",
        unit="incidents per year",
        method=f"Exact Poisson intervals, 95 %; {observed(attacks)}",
    )


def site_gaps(
    layers: Layers,
    *,
    role: str = "target",
    start: Any = None,
    end: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> SiteTable:
    """Return how long each known site was left alone between one incident and the next.

    Parameters
    ----------
    layers, role, start, end, precise_m, uncertainty, samples, rng
        As in `site_rates`.

    Returns
    -------
    SiteTable
        Sites with five incidents or more: ``median_days`` between two, with the
        exact interval ``low`` and ``high`` of a median; ``longest_days``;
        ``variation``, the standard deviation of the gaps over their mean: about 1 when
        incidents come by chance, more when they come in bursts, less when regularly; and its
        ``p`` given how many there were, two-sided.  Of several worlds means, and the outer 95 % of
        the intervals.

    Raises
    ------
    ValueError
        Where no incident has a place and a day, or no site has five.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> days = pd.date_range("2021-01-10", periods=8, freq="30D").astype(str)
    >>> table = pd.DataFrame({"target": "Balad air base", "date": days})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> result = gi.stats.site_gaps(layers, start="2021-01-01", end="2021-12-31")
    >>> float(result.table["median_days"].iloc[0])
    30.0
    """
    attacks = attacks_of(
        layers, role=role, start=start, end=end, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip
    rows: list[dict[str, float]] = []
    sizes: dict[int, Floats] = {}
    for site in _rows(attacks):
        days = [some for some in attacks.days_at(site) if len(some) >= FEW]
        if not days:
            rows.append({})
            continue
        gaps = [np.diff(some).astype(float) for some in days]
        found = [median_interval(some) for some in gaps]
        variation = np.array([_variation(some) for some in gaps])
        p = []
        for some, ratio in zip(days, variation, strict=True):
            n = len(some)
            if n not in sizes:
                sizes[n] = _by_chance(n, attacks.span, generator(attacks.seed, n))
            p.append(_two_sided(ratio, sizes[n]))
        rows.append(
            {
                "events": float(np.mean([len(some) for some in days])),
                "median_days": _mean([np.median(some) for some in gaps]),
                "low": max(
                    0.0, float(np.quantile([low for low, _ in found], 0.025, method="lower"))
                ),
                "high": float(np.quantile([high for _, high in found], 0.975, method="higher")),
                "longest_days": _mean([some.max() for some in gaps]),
                "variation": _mean(variation),
                "p": _mean(p),
            }
        )
    return table_of(
        attacks,
        rows,
        figure="median_days",
        title="Time between incidents",
        unit="median days from one incident to the next",
        method=f"Exact intervals of the median, 95 %; {observed(attacks)}",
    )


def site_change(
    layers: Layers,
    date: Any,
    *,
    role: str = "target",
    start: Any = None,
    end: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> SiteTable:
    """Compare how often each known site was attacked before a day and from it on.

    Parameters
    ----------
    layers : Layers
        Incidents that count, each once.
    date : date
        The first day of the time after, chosen for a reason other than the incidents themselves.
    role, start, end, precise_m, uncertainty, samples, rng
        As in `site_rates`.

    Returns
    -------
    SiteTable
        ``before`` and ``after``, incidents; ``ratio`` of the rate after to the rate before with
        its exact interval ``low`` and ``high``; ``p``, two-sided, of no
        change; ``p_adjusted`` among the sites (false discovery rate);
        ``bursty_low`` and ``bursty_high``, the interval of the ratio when
        monthly counts are negative binomial.

    Raises
    ------
    ValueError
        Where the day does not lie within the period.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> days = ["2021-01-10", "2021-03-01", *["2021-08-10"] * 9]
    >>> layers = gi.locate(gi.read_reports(pd.DataFrame({"target": "Balad air base", "date": days,
    ...     "incident": [str(i) for i in range(11)]})), gi.load_gazetteer())
    >>> result = gi.stats.site_change(layers, "2021-07-01", start="2021-01-01", end="2021-12-31")
    >>> result.table[["before", "after", "ratio"]].round(1).iloc[0].to_list()
    [2.0, 9.0, 4.4]
    """
    attacks = attacks_of(
        layers, role=role, start=start, end=end, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip
    turn = int((day_of(date) - attacks.first_day).astype(int))
    if not 0 < turn < attacks.span:
        msg = f"{date!r} does not lie within the period: {observed(attacks)}"
        raise ValueError(msg)
    rows = []
    for site in _rows(attacks):
        days = attacks.days_at(site)
        before = np.array([int((some < turn).sum()) for some in days])
        after = np.array([len(some) for some in days]) - before
        found = rate_ratio(before, turn, after, attacks.span - turn)
        burst = []
        for some in days[:_FIRST_WORLDS]:
            early = _monthly(some[some < turn], turn)
            late = _monthly(some[some >= turn] - turn, attacks.span - turn)
            counts, lengths = (np.concatenate(pair) for pair in zip(early, late, strict=True))
            burst.append(
                bursty(counts, lengths, np.repeat([0.0, 1.0], [len(early[0]), len(late[0])]))
            )
        rows.append(
            {
                "events": float((before + after).mean()),
                "before": float(before.mean()),
                "after": float(after.mean()),
                "ratio": found.value,
                "low": found.low,
                "high": found.high,
                "p": found.p,
                "bursty_low": _mean(np.exp([one.low for one in burst])),
                "bursty_high": _mean(np.exp([one.high for one in burst])),
            }
        )
    return table_of(
        attacks,
        rows,
        figure="ratio",
        title=f"Before and after {day_of(date)}",
        unit="rate after ÷ rate before",
        method=f"Exact conditional intervals, 95 %; {observed(attacks)}",
        nothing=1.0,
    )


def site_trends(
    layers: Layers,
    *,
    role: str = "target",
    start: Any = None,
    end: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> SiteTable:
    """Return by what factor the rate of each known site grew or fell per year.

    Parameters
    ----------
    layers, role, start, end, precise_m, uncertainty, samples, rng
        As in `site_rates`.

    Returns
    -------
    SiteTable
        Sites with five incidents or more: ``factor`` per year of an
        exponential trend with its exact interval ``low`` and ``high`` given how many
        incidents there were; ``p``, two-sided, of none; ``p_adjusted`` among the
        sites (false discovery rate); ``bursty_low`` and ``bursty_high``, the
        interval when monthly counts are negative binomial.  It describes the
        period that was watched, and says nothing of what comes after.

    Raises
    ------
    ValueError
        Where no incident has a place and a day, or no site has five.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> days = pd.date_range("2021-01-10", periods=8, freq="30D").astype(str)
    >>> table = pd.DataFrame({"target": "Balad air base", "date": days})
    >>> layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    >>> result = gi.stats.site_trends(layers, start="2021-01-01", end="2021-12-31")
    >>> float(result.table["p"].iloc[0].round(2))
    0.07
    """
    attacks = attacks_of(
        layers, role=role, start=start, end=end, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip
    rows: list[dict[str, float]] = []
    for site in _rows(attacks):
        days = attacks.days_at(site)
        number = float(np.mean([len(some) for some in days]))
        if number < FEW:
            rows.append({})
            continue
        found = trend(days, attacks.span)
        burst = []
        for some in days[:_FIRST_WORLDS]:
            counts, lengths = _monthly(some, attacks.span)
            middle = np.cumsum(lengths) - lengths / 2
            burst.append(bursty(counts, lengths, middle / YEAR_DAYS))
        with np.errstate(over="ignore"):
            value, low, high = np.exp(np.array(found[:3]) * YEAR_DAYS)
            ends = np.exp([[one.low, one.high] for one in burst])
        rows.append(
            {
                "events": number,
                "factor": float(value),
                "low": float(low),
                "high": float(high),
                "p": found.p,
                "bursty_low": _mean(ends[:, 0]),
                "bursty_high": _mean(ends[:, 1]),
            }
        )
    return table_of(
        attacks,
        rows,
        figure="factor",
        title="Trend of each site",
        unit="factor by which the rate grows per year",
        method=f"Exponential trend, exact conditional intervals, 95 %; {observed(attacks)}",
        nothing=1.0,
    )


def compare_sites(
    layers: Layers,
    *,
    most: int = 5,
    role: str = "target",
    start: Any = None,
    end: Any = None,
    precise_m: float = PRECISE_M,
    uncertainty: Uncertainty = "propagate",
    samples: int = 199,
    rng: Rng | None = None,
) -> SiteTable:
    """Compare the sites with the most incidents with each other.

    Parameters
    ----------
    layers : Layers
        Incidents that count, each once.
    most : int
        How many sites, the most attacked; two at least.
    role, start, end, precise_m, uncertainty, samples, rng
        As in `site_rates`.

    Returns
    -------
    SiteTable
        A row for each pair: ``ratio`` of the first site's rate to the
        second's with its exact interval ``low`` and ``high``, ``p``, two-sided, and
        ``p_adjusted`` among the pairs (false discovery rate).  The result's ``p`` is
        that of all these sites having one rate, by 999 simulations.  Sites
        chosen for having the most differ from the rest by that alone.

    Raises
    ------
    ValueError
        Where there are fewer than two sites.

    Examples
    --------
    >>> import geoinc as gi
    >>> import pandas as pd
    >>> sites = ["Balad air base"] * 6 + ["Erbil airport"] * 2
    >>> days = pd.date_range("2021-01-10", periods=8, freq="30D").astype(str)
    >>> reports = gi.read_reports(pd.DataFrame({"target": sites, "date": days}))
    >>> layers = gi.locate(reports, gi.load_gazetteer())
    >>> result = gi.stats.compare_sites(layers, start="2021-01-01", end="2021-12-31", rng=1)
    >>> result.table[["ratio", "low", "high"]].round(2).iloc[0].to_list()
    [3.0, 0.54, 30.39]
    """
    attacks = attacks_of(
        layers, role=role, start=start, end=end, precise_m=precise_m, uncertainty=uncertainty,
        samples=samples, rng=rng,
    )  # fmt: skip
    names = attacks.sites.index[: max(most, 2)]
    if len(names) < 2:
        msg = f"one site at least to compare with another: there is {len(names)}"
        raise ValueError(msg)
    told = [[len(some) for some in attacks.days_at(site)] for site in range(len(names))]
    counts = np.array([np.broadcast_to(some, attacks.worlds) for some in told])
    rows, labels = [], []
    for first in range(len(names)):
        for second in range(first + 1, len(names)):
            found = rate_ratio(counts[second], attacks.span, counts[first], attacks.span)
            labels.append(f"{names[first]} : {names[second]}")
            rows.append({"ratio": found.value, "low": found.low, "high": found.high, "p": found.p})
    chance = generator(attacks.seed, 0)
    table = pd.DataFrame(rows, index=pd.Index(labels, name="sites"))
    table["p_adjusted"] = false_discovery(table["p"].to_numpy(dtype=float))
    return SiteTable(
        value=table["ratio"],
        interval=(table["low"], table["high"]),
        p=_mean([_one_rate(some, chance) for some in counts.T[:_FIRST_WORLDS]]),
        table=table,
        title="Sites compared",
        unit="rate of the first ÷ rate of the second",
        nothing=1.0,
        n_precise=attacks.n_precise,
        n_imprecise=attacks.n_imprecise,
        seed=attacks.seed,
        method=f"Exact conditional intervals, 95 %; {observed(attacks)}",
        warnings=attacks.warnings,
    )


def _rows(attacks: Attacks) -> list[int | None]:
    """Return the sites by number, and after them all incidents."""
    return [*range(len(attacks.sites)), None]


def _monthly(days: Ints, span: int) -> tuple[Floats, Floats]:
    """Return how many of the days fall into equal periods of about a month, and their lengths."""
    periods = max(1, round(span / _MONTH_DAYS))
    edges = np.linspace(0, span, periods + 1)
    # A period is whole days, so that none is shared by two.
    edges = np.round(edges)
    counts, _ = np.histogram(days, edges)
    return counts.astype(float), np.diff(edges)


def _mean(values: Any) -> float:
    """Return the mean of what is known, NaN where nothing is; an infinite end stays one."""
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else np.nan


def _variation(gaps: Floats) -> float:
    return float(gaps.std(ddof=1) / gaps.mean()) if gaps.mean() > 0 else np.nan


def _by_chance(n: int, span: int, chance: np.random.Generator) -> Floats:
    """Return the variation of gaps between n incidents on days by chance."""
    gaps = np.diff(np.sort(chance.integers(0, span, (_SIMULATIONS, n)), axis=1), axis=1)
    mean = gaps.mean(axis=1)
    return np.where(mean > 0, gaps.std(axis=1, ddof=1) / np.where(mean > 0, mean, 1), 0.0)


def _two_sided(value: float, chance: Floats) -> float:
    if np.isnan(value):
        return np.nan
    least = min((chance >= value - 1e-12).sum(), (chance <= value + 1e-12).sum())
    return float(min(1.0, 2 * (1 + least) / (1 + len(chance))))


def _one_rate(counts: Ints, chance: np.random.Generator) -> float:
    """Return how likely sites with one rate have counts so far apart."""
    n, sites = int(counts.sum()), len(counts)
    drawn = chance.multinomial(n, np.full(sites, 1 / sites), size=_SIMULATIONS)
    return float((1 + (drawn.var(axis=1) >= counts.var() - 1e-9).sum()) / (1 + _SIMULATIONS))
