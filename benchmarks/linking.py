"""Fit and judge the linking of accounts, on accounts made from real events.

    python benchmarks/linking.py ../shared/data

Makes worlds of accounts from events of UCDP GED, whose incidents are known, fits the weights
of geoinc.linking on some conflicts and judges them on others; then on attacks of Iraq 2007
(geocausal), which no weight has seen, and measures the time for 100,000 accounts.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.optimize import minimize

import geoinc as gi
from geoinc.linking.accounts import accounts_from
from geoinc.linking.candidates import Candidates, candidate_pairs
from geoinc.linking.evidence import FEATURES, evidence_of
from geoinc.linking.joining import joined
from geoinc.linking.rivals import rivals_in_all
from geoinc.linking.weights import BY_REASON, LIKELY, POSSIBLE

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ["rocket", "drone", "missile", "air strike", "roadside bomb", "mortar", "small arms"]
KIND_SHARES = [0.1, 0.05, 0.03, 0.15, 0.25, 0.12, 0.3]
WEAPONS = {
    "rocket": ["rockets", "Katyusha rockets", "Grad rockets", "107 mm rockets"],
    "drone": ["drone", "drones", "suicide drones"],
    "missile": ["missile", "ballistic missile", "cruise missiles"],
    "air strike": ["air strike", "air strikes", "bombs"],
    "roadside bomb": ["IED", "roadside bomb", "explosive device"],
    "mortar": ["mortars", "mortar shells"],
    "small arms": ["small arms", "gunmen", "rifles"],
}
TARGETS = ["base", "convoy", "village", "checkpoint", "market", "police station", "patrol", ""]
VAGUE_ACTORS = ["rebels", "militants", "unknown gunmen", "government forces", "armed group"]

#: How often the rivals of pairs are looked at again with the weights that came of it.
ROUNDS = 3

#: How many days after an event it is reported: 795 reports of 807 events of UCDP GED, by tenths.
LATE = [0, 0, 0, 0, 0, 1, 1, 1, 3, 60]

#: How accounts tell what happened, as shares: of an ordinary collection and of a hard one.
ORDINARY = {
    "date": {"day": 0.9, "days": 0.1},
    "day beside": 0.1,
    "place": {"same": 0.6, "respelt": 0.25, "beside": 0.1, "district": 0.05},
    "count": {"same": 0.65, "changed": 0.2, "at least": 0.05, "": 0.1},
    "word": {"same": 0.6, "other": 0.15, "": 0.25},
    "neighbours": 1.0,
    "within days": 15,
}
HARD = {
    "date": {"day": 0.6, "days": 0.15, "month": 0.15, "before": 0.1}, "day beside": 0.1,
    "place": {
        "same": 0.4, "respelt": 0.2, "beside": 0.1, "district": 0.13, "province": 0.08,
        "country": 0.05, "": 0.04,
    },
    "count": {"same": 0.4, "changed": 0.25, "at least": 0.1, "": 0.25},
    "word": {"same": 0.4, "other": 0.2, "": 0.4},
    "neighbours": 2.0, "within days": 15,
}  # fmt: skip
CROWDED = {**ORDINARY, "neighbours": 6.0, "within days": 5}
KINDS_OF_WORLD = {"ordinary": ORDINARY, "crowded": CROWDED, "hard": HARD}


def events_of_ucdp(folder: Path) -> pd.DataFrame:
    """Return single events of UCDP GED as incidents: where, when, who, how many."""
    ged = pd.read_csv(folder / "ucdp" / "ged_sample1000.csv")
    ged = ged[(ged["event_clarity"] == 1) & (ged["date_prec"] <= 2) & (ged["where_prec"] <= 3)]
    return pd.DataFrame(
        {
            "group": ged["conflict_name"],
            "day": pd.to_datetime(ged["date_start"]).to_numpy(),
            "longitude": ged["longitude"],
            "latitude": ged["latitude"],
            "place": ged["where_coordinates"].fillna("").astype(str),
            "actor": ged["side_a"],
            "target_actor": ged["side_b"],
            "killed": ged["best"].clip(lower=0).astype(int),
            "late": list(map(lateness, ged["source_date"], ged["date_start"])),
        }
    ).reset_index(drop=True)


def lateness(dates: object, day: str) -> list[int]:
    """Return how many days after an event each of its real reports was published."""
    published = pd.to_datetime(pd.Series(str(dates).split(";")), errors="coerce")
    late = (published - pd.Timestamp(day)).dt.days
    return [int(n) for n in late if n in range(366)]


def events_of_iraq(folder: Path) -> pd.DataFrame:
    """Return the attacks of Iraq 2007 as incidents; the counts are drawn, there are none."""
    iraq = pd.read_csv(folder / "iraq_2007" / "insurgencies_sample1000.csv")
    rng = np.random.default_rng(7)
    cells = iraq["longitude"].round(1).astype(str) + " " + iraq["latitude"].round(1).astype(str)
    names = {cell: f"{fake_name(rng)}" for cell in cells.unique()}
    return pd.DataFrame(
        {
            "group": "Iraq",
            "day": pd.to_datetime(iraq["date"]).to_numpy(),
            "longitude": iraq["longitude"],
            "latitude": iraq["latitude"],
            "place": cells.map(names),
            "actor": "insurgents",
            "target_actor": "coalition",
            "killed": rng.geometric(0.4, len(iraq)) - 1,
            "late": [[] for _ in range(len(iraq))],
        }
    )


def fake_name(rng: np.random.Generator) -> str:
    """Return a name that is none."""
    syllables = ["ba", "dir", "qal", "mu", "sha", "ras", "kha", "nu", "tel", "hawi", "zab", "dor"]
    return "".join(rng.choice(syllables, rng.integers(2, 4))).capitalize()


def world(events: pd.DataFrame, how: dict, rng: np.random.Generator) -> gi.Layers:
    """Return accounts of the events, of neighbours made up beside them, and nothing else."""
    real = np.random.default_rng(len(events))
    made = [events]
    spare = events.iloc[
        np.repeat(np.arange(len(events)), rng.poisson(how["neighbours"], len(events)))
    ]
    beside = spare.reset_index(drop=True).copy()
    away = rng.random(len(beside)) < 0.6
    km, azimuth = rng.uniform(5, 40, len(beside)) * away, rng.uniform(0, 2 * np.pi, len(beside))
    beside["longitude"] += km * np.sin(azimuth) / (111 * np.cos(np.radians(beside["latitude"])))
    beside["latitude"] += km * np.cos(azimuth) / 111
    beside["place"] = [
        fake_name(rng) if far else name for far, name in zip(away, beside["place"], strict=True)
    ]
    apart = rng.integers(0, how["within days"], len(beside))
    # What was attacked once is attacked again: many neighbours are months away.
    again = ~away & (rng.random(len(beside)) < 0.5)
    apart = np.where(again, rng.integers(5, 150, len(beside)), apart)
    # Mostly within days: who has hit a place comes back soon.
    soon = 1 + ((how["within days"] - 1) * real.random(len(beside)) ** 2).astype(int)
    apart = np.where(~away & ~again, soon, apart)
    beside["day"] += pd.to_timedelta(apart * rng.choice([-1, 1], len(beside)), "D")
    own = rng.random(len(beside)) < 0.3
    beside["actor"] = np.where(own, [f"{fake_name(rng)} front" for _ in own], beside["actor"])
    beside["target_actor"] = np.where(
        rng.random(len(beside)) < 0.3,
        rng.permutation(np.resize(events["target_actor"], len(beside))),
        beside["target_actor"],
    )
    beside["killed"] = rng.permutation(np.resize(events["killed"], len(beside)))
    beside["late"] = [[] for _ in range(len(beside))]
    incidents = pd.concat([*made, beside], ignore_index=True)
    kinds = rng.choice(KINDS, len(incidents), p=KIND_SHARES)
    # Who attacks a place again often does it with the same weapon.
    alike = np.concatenate([np.zeros(len(events), dtype=bool), rng.random(len(beside)) < 0.4])
    kinds[alike] = kinds[spare.index.to_numpy()[alike[len(events) :]]]
    incidents["kind"] = kinds
    targets = rng.choice(TARGETS, len(incidents))
    # What stands in a place is attacked there again; elsewhere the same is now and then.
    again_there = real.random(len(beside)) < np.where(away, 0.3, 0.7)
    first = len(events) + np.flatnonzero(again_there)
    targets[first] = targets[spare.index.to_numpy()[again_there]]
    incidents["target_type"] = targets
    incidents["truth"] = np.arange(len(incidents))
    told = rng.choice([1, 2, 3, 4], len(incidents), p=[0.45, 0.32, 0.16, 0.07])
    rows = [
        row
        for incident, n in zip(incidents.to_dict("records"), told, strict=True)
        for row in accounts_of(incident, n, how, rng)
    ]
    table = published(pd.DataFrame(rows), incidents, real)
    # A source tells an attack once in a report; but for one row in a hundred that was entered twice.
    key = ["truth", "report", "source"]
    again = table.duplicated(key)
    copied = again & (rng.random(len(table)) <= 0.01)
    table.loc[again & ~copied, "source"] = [f"another source {i}" for i in range((again & ~copied).sum())]  # fmt: skip
    first = table[~again].set_index(key)
    for name in first.columns:
        table.loc[copied, name] = first[name].reindex(pd.MultiIndex.from_frame(table.loc[copied, key])).to_numpy()  # fmt: skip
    truth = table.pop("truth")
    words = table.pop("words")
    layers = gi.layers_from_coordinates(table, uncertainty_m="radius_m")
    layers.targets["truth"], layers.targets["target"] = truth.to_numpy(), words.to_numpy()
    return layers


def published(
    table: pd.DataFrame, incidents: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return accounts published when real reports were: the nth as late as the event's nth source.

    Where it has none, as late as any.
    """
    number = table.groupby("truth").cumcount()
    late = [
        days[n] if n < len(days) else int(rng.choice(LATE))
        for days, n in zip(table["truth"].map(incidents["late"]), number, strict=True)
    ]
    day = table["truth"].map(incidents["day"]) + pd.to_timedelta(late, "D")
    open_start = table["date"].str.startswith("../")
    return table.assign(published=table["published"].where(open_start, day.dt.strftime("%Y-%m-%d")))


def accounts_of(incident: dict, n: int, how: dict, rng: np.random.Generator) -> list[dict]:
    """Return what n accounts in one or several reports tell of an incident."""
    rows: list[dict] = []
    report, beside = "", {}
    for _ in range(n):
        if not report or rng.random() < 0.6:
            week = int(incident["day"].to_datetime64().astype("datetime64[D]").astype(int)) // 10
            report = f"report {week} {rng.integers(3)}"
            # A report that has the day wrong has it wrong throughout.
            wrong = int(rng.choice([-1, 1])) if rng.random() < how["day beside"] else 0
            beside.setdefault(report, pd.Timedelta(wrong, "D"))
        row = account(incident, beside[report], how, rng)
        rows.append(row | {"report": report, "source": f"source {rng.integers(4)}"})
    return rows


def draw(shares: dict[str, float], rng: np.random.Generator) -> str:
    """Return one of several ways to tell, by their shares."""
    return str(rng.choice(list(shares), p=list(shares.values())))


def account(incident: dict, beside: pd.Timedelta, how: dict, rng: np.random.Generator) -> dict:
    """Return one account of an incident, as wrong and as vague as accounts are."""
    day = pd.Timestamp(incident["day"]) + beside

    def told(word: str, others: list[str]) -> str:
        return {"same": word, "": "", "other": str(rng.choice(others))}[draw(how["word"], rng)]

    # One in thirty tells of another kind of weapon than it was.
    kind = told(incident["kind"], [""])
    kind = str(rng.choice(KINDS)) if kind and rng.random() < 1 / 30 else kind
    target = incident["target_actor"]
    return {
        "truth": incident["truth"],
        **placed(incident, draw(how["place"], rng), rng),
        **dated(day, draw(how["date"], rng), rng),
        "event_type": kind if rng.random() < 0.8 else "",
        "weapon": str(rng.choice(WEAPONS[kind])) if kind in WEAPONS and rng.random() < 0.7 else "",
        "target_type": told(incident["target_type"], TARGETS),
        "actor": told(incident["actor"], VAGUE_ACTORS),
        "target_actor": told(target, [target, VAGUE_ACTORS[0]]),
        "killed": counted(incident["killed"], draw(how["count"], rng), rng),
        "injured": counted(incident["killed"] * 2 + 1, draw(how["count"], rng), rng),
    }


def placed(incident: dict, how: str, rng: np.random.Generator) -> dict:
    """Return the place as an account has it: respelt, beside, or something wider."""
    longitude, latitude, words = incident["longitude"], incident["latitude"], incident["place"]
    shift_km, radius_km = 0.0, 1.0
    match how:
        case "respelt":
            words, shift_km, radius_km = respelt(words, rng), 1.5, 2.0
        case "beside":
            words, shift_km, radius_km = fake_name(rng), 6.0, 5.0
        case "district":
            words, shift_km, radius_km = f"{fake_name(rng)} district", 10.0, 25.0
        case "province":
            words, shift_km, radius_km = f"{fake_name(rng)} province", 40.0, 90.0
        case "country":
            words, shift_km, radius_km = (
                str(incident["group"]).split(":", maxsplit=1)[0],
                150.0,
                400.0,
            )
        case "":
            words, longitude = "", np.nan
    degree_km = 111 * np.sqrt(2)
    longitude += rng.normal(0, shift_km / degree_km / np.cos(np.radians(latitude)))
    latitude += rng.normal(0, shift_km / degree_km)
    return {
        "longitude": longitude,
        "latitude": latitude,
        "radius_m": radius_km * 1000,
        "words": words,
    }


def dated(day: pd.Timestamp, how: str, rng: np.random.Generator) -> dict:
    """Return the date as an account has it, and the day it is published."""
    published = day + pd.Timedelta(int(rng.integers(0, 4)), "D")
    before, after = (pd.Timedelta(int(n), "D") for n in rng.integers(0, 4, 2))
    match how:
        case "day":
            date = f"{day:%Y-%m-%d}"
        case "days":
            date = f"{day - before:%Y-%m-%d}/{day + after:%Y-%m-%d}"
        case "month":
            date = f"{day:%Y-%m}"
        case _:
            # Mostly told within days, now and then within a year.
            published = day + pd.Timedelta(int(min(rng.lognormal(1.1, 1.5), 360)), "D")
            date = f"../{published:%Y-%m-%d}"
    return {"date": date, "published": f"{published:%Y-%m-%d}"}


def counted(n: int, how: str, rng: np.random.Generator) -> str:
    """Return a count as an account tells it."""
    match how:
        case "same":
            return str(n)
        case "changed":
            return str(max(0, n + int(rng.choice([-1, 1]) * max(1, round(0.3 * n * rng.random())))))
        case "at least":
            return f"at least {max(1, int(n * rng.uniform(0.5, 1)))}"
        case _:
            return ""


def respelt(name: str, rng: np.random.Generator) -> str:
    """Return a name as another transliteration would have it."""
    pairs = ["a e", "i e", "u o", "k q", "d dh", "s z", "ai ay", "aa a"]
    for old, new in (pair.split() for pair in rng.permutation(pairs)[:2]):
        name = name.replace(old, new, 1)
    return f"al-{name}" if rng.random() < 0.15 else name


class World(NamedTuple):
    """Accounts whose incidents are known."""

    n: int
    pairs: Candidates
    features: np.ndarray
    truth: np.ndarray

    @property
    def same(self) -> np.ndarray:
        """Return which pairs are one incident."""
        return self.truth[self.pairs.one] == self.truth[self.pairs.other]

    def rivals(self, score: np.ndarray) -> np.ndarray:
        """Return the rivals of pairs by all that speaks for them."""
        return rivals_in_all(self.n, self.pairs.one, self.pairs.other, score)


class Model(NamedTuple):
    """A fitted regression."""

    intercept: float
    weights: np.ndarray
    in_all: float

    def probability(self, world: World) -> np.ndarray:
        """Return how likely each pair of a world is one incident."""
        score = self.intercept + world.features @ self.weights
        return 1 / (1 + np.exp(-(score + self.in_all * world.rivals(score))))


def seen_in(layers: gi.Layers) -> World:
    """Return candidates, evidence and truth of a world."""
    accounts = accounts_from((layers,))
    pairs = candidate_pairs(accounts)
    of_account = layers.targets.set_index("account")["truth"]
    truth = of_account.loc[accounts.table["account"]].to_numpy()
    return World(len(accounts), pairs, evidence_of(accounts, pairs).features, truth)


def fit(worlds: list[World]) -> Model:
    """Return a regression on some worlds, its rivals by its own scores of the round before."""
    same = np.concatenate([world.same for world in worlds])
    features = np.concatenate([world.features for world in worlds])
    intercept, weights = regression(features, same)
    in_all = np.array([0.0])
    for _ in range(ROUNDS):
        rivals = [world.rivals(intercept + world.features @ weights) for world in worlds]
        intercept, both = regression(np.column_stack([features, np.concatenate(rivals)]), same)
        weights, in_all = both[:-1], both[-1:]
    by_reason = [FEATURES.index(name) for name in BY_REASON]
    weights[by_reason] = list(BY_REASON.values())
    return Model(intercept, weights, float(in_all[0]))


def sign_of(name: str) -> tuple[float | None, float | None]:
    """Return the bounds of a weight: what agrees never speaks against, what is vaguer never for."""
    if name == "one report":
        return None, None
    if name in {"name", "counts near"} or name.endswith(("agree", "agrees")):
        return 0.0, None
    return None, 0.0


def regression(features: np.ndarray, same: np.ndarray) -> tuple[float, np.ndarray]:
    """Return intercept and weights of a logistic regression, held small and of the sign they must have."""
    scale = features.std(axis=0) + 1e-9
    x = np.column_stack([np.ones(len(features)), features / scale])

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ w
        gradient = x.T @ (1 / (1 + np.exp(-z)) - same)
        value = np.logaddexp(0, z).sum() - z[same].sum() + 0.5 * (w[1:] ** 2).sum()
        gradient[1:] += w[1:]
        return value, gradient

    names = [*FEATURES, "rivals in all"][: features.shape[1]]
    bounds = [(None, None), *(sign_of(name) for name in names)]
    w = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x
    return float(w[0]), w[1:] / scale


def judged(world: World, p: np.ndarray) -> dict[str, float]:
    """Return how pairs and groups come out against what is true."""
    n, pairs, _, truth = world
    order = np.flatnonzero(p >= LIKELY)
    order = order[np.argsort(-p[order], kind="stable")]
    fits = p >= POSSIBLE
    compatible = set(zip(pairs.one[fits].tolist(), pairs.other[fits].tolist(), strict=True))
    group = joined(np.arange(n), pairs.one[order], pairs.other[order], compatible)

    def number(labels: np.ndarray) -> int:
        sizes = np.unique(labels, return_counts=True)[1]
        return int((sizes * (sizes - 1) // 2).sum())

    both = number(
        np.unique(np.column_stack([group, truth]), axis=0, return_inverse=True)[1].ravel()
    )
    told, true = number(group), number(truth)
    same = world.same
    return {"pairs": true, "precision": both / max(told, 1), "recall": both / max(true, 1),
            "F1": 2 * both / max(told + true, 1), "found": same.sum() / max(true, 1),
            "Brier": float(((p - same) ** 2).mean()), "incidents": len(np.unique(truth)),
            "groups": len(np.unique(group))}  # fmt: skip


def many(n: int) -> gi.Layers:
    """Return n accounts of attacks in 2,000 places of one country and 17 years."""
    rng = np.random.default_rng(3)
    incident = np.sort(rng.integers(0, int(0.6 * n), n))
    place = rng.zipf(1.3, int(0.6 * n)).clip(max=2000)[incident] - 1
    spots = np.column_stack([rng.uniform(40, 48, 2000), rng.uniform(30, 37, 2000)])
    day = pd.Timestamp("2003-03-20") + pd.to_timedelta(rng.integers(0, 6200, n)[incident], "D")
    date = day.strftime("%Y-%m-%d").to_numpy(dtype=object)
    vague = rng.random(n) < 0.05
    date[vague] = day.strftime("%Y-%m").to_numpy(dtype=object)[vague]
    table = pd.DataFrame(
        {
            "date": date,
            "longitude": spots[place, 0],
            "latitude": spots[place, 1],
            "radius_m": np.where(rng.random(n) < 0.05, 90_000, 2_000),
            "event_type": rng.choice(KINDS, n, p=KIND_SHARES),
            "killed": rng.geometric(0.4, n)[incident].astype(str),
            "source": rng.choice([f"source {i}" for i in range(30)], n),
            "report": [f"report {i}" for i in rng.integers(0, n // 3, n)],
        }
    )
    return gi.layers_from_coordinates(table, uncertainty_m="radius_m")


def speed(n: int) -> None:
    """Say how long n accounts take, a tenth of them against all, and splink where it is installed."""
    layers = many(n)
    links, told = timed(lambda: gi.link_reports(layers))
    print(f"{n:,} accounts: {told}, {len(links.pairs):,} pairs told, {links.low:,} to {links.high:,} incidents")  # fmt: skip
    mine = replace(layers, targets=layers.targets.iloc[::10])
    _, told = timed(lambda: gi.match_reports(mine, layers))
    print(f"{len(mine.targets):,} against {n:,}: {told}")
    try:
        import splink  # noqa: F401, PLC0415
    except ModuleNotFoundError:
        print("splink is not installed: no peer")
    else:
        _, told = timed(lambda: linked_by_splink(layers.targets))
        print(f"splink, the same day and tenth of a degree alone, three columns compared: {told}")


def timed(work: Callable[[], object]) -> tuple[Any, str]:
    """Return what work returns, and the time it took and the memory there has been, in words."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return done, f"{time.perf_counter() - wall:.1f} s ({time.process_time() - cpu:.1f} s of CPU), {peak} MB at most"  # fmt: skip


def linked_by_splink(targets: pd.DataFrame) -> None:
    """Link with splink as simply as one does: blocked by day and cell, three exact comparisons."""
    import duckdb  # noqa: PLC0415
    import splink.comparison_library as compared  # noqa: PLC0415
    from splink import Linker, SettingsCreator, block_on  # noqa: PLC0415
    from splink.backends.duckdb import DuckDBAPI  # noqa: PLC0415

    columns = ["account", "date", "event_type", "killed", "source"]
    table = pd.DataFrame(targets[columns]).astype(str).rename(columns={"account": "unique_id"})
    for name in ("longitude", "latitude"):
        table[name] = targets[name].round(1).astype(str)
    connection = duckdb.connect()
    connection.register("frame", pa.Table.from_pandas(table, preserve_index=False))
    connection.execute("create table accounts as select * from frame")
    block = block_on("date", "longitude", "latitude")
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block],
        comparisons=[compared.ExactMatch(name) for name in ("event_type", "killed", "source")],
    )
    linker = Linker(DuckDBAPI(connection).register("accounts"), settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block)
    pairs = linker.inference.predict(threshold_match_probability=0.1)
    linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.5)


def main() -> None:
    """Fit, judge, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--speed", type=int, default=0, help="Measure on so many accounts.")
    arguments = parser.parse_args()
    if arguments.speed:
        speed(arguments.speed)
        return
    events = events_of_ucdp(arguments.folder)
    rng = np.random.default_rng(2026)
    groups = rng.permutation(events["group"].unique())
    fold = events["group"].map({name: i % 5 for i, name in enumerate(groups)}).to_numpy()
    worlds = {(k, name): seen_in(world(events[fold == k].reset_index(drop=True), how, rng))
              for k in range(5) for name, how in KINDS_OF_WORLD.items()}  # fmt: skip
    models = [fit([w for (fold_of, _), w in worlds.items() if fold_of != k]) for k in range(5)]
    for name in KINDS_OF_WORLD:
        print(name)
        unseen = [(worlds[k, name], models[k].probability(worlds[k, name])) for k in range(5)]
        table = pd.DataFrame([judged(made, p) for made, p in unseen])
        print(table.round(3).to_string())
        weight = table["pairs"] / table["pairs"].sum()
        print("all folds: F1", round((table["F1"] * weight).sum(), 3))
        p, same = (
            np.concatenate(parts)
            for parts in ([p for _, p in unseen], [made.same for made, _ in unseen])
        )
        bins = np.clip((p * 10).astype(int), 0, 9)
        print(pd.DataFrame({"said": pd.Series(p).groupby(bins).mean(), "true": pd.Series(same).groupby(bins).mean(),
                            "pairs": np.bincount(bins)}).round(3).to_string())  # fmt: skip
    model = fit(list(worlds.values()))
    print("INTERCEPT =", round(model.intercept, 3))
    print("RIVALS_IN_ALL =", round(model.in_all, 3))
    print("WEIGHTS =", {name: round(float(v), 3) for name, v in zip(FEATURES, model.weights, strict=True)})  # fmt: skip
    for name, how in KINDS_OF_WORLD.items():
        iraq = seen_in(world(events_of_iraq(arguments.folder), how, np.random.default_rng(1)))
        found = judged(iraq, model.probability(iraq))
        print("Iraq 2007", name, {k: round(float(v), 3) for k, v in found.items()})


if __name__ == "__main__":
    main()
