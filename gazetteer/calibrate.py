"""Fit the weights of the search, and say how well it does: `python gazetteer/calibrate.py DATA`.

DATA is the folder of reference data (`../shared/data`).  Two tasks are fitted together:

- place names of UCDP GED Syria as its coders wrote them (where_prec 1 and 2, no facilities), in
  the shipped gazetteer without the rows that cite UCDP, OCHA's populated places and OurAirports,
  with the country, then the province, then the district as a hint; three in ten are not there;
- spellings of GeoNames, each taken out of the index in turn, one in four with its place, so that
  "none of them" is learnt as well; those that another place is called by are judged, not fitted:
  without them a name as it is written would seem to be never meant.

The model is a conditional logit with "none of them" as an option of no evidence (McFadden 1974);
right is every candidate within 5 km.  The weights maximise the likelihood less a quadratic
penalty on their distance from `PRIOR`; the signs of some are known.  All figures are out of
fold: five folds, by name and by place, each judged by weights fitted on the other four.  Nothing
is random.  ``--write`` writes the weights into `geoinc/weights.toml`.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import math
import re
import sys
import tempfile
import tomllib
import unicodedata
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz
from scipy.optimize import minimize  # type: ignore[import-untyped]  # ships no types

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from gazetteer import build, entries, library  # noqa: E402  # after the path to it
from geoinc import matching, toponyms  # noqa: E402
from geoinc.finding import Finder  # noqa: E402
from geoinc.gazetteer import Gazetteer, decide  # noqa: E402
from geoinc.hinting import distance_m  # noqa: E402
from geoinc.sources.reading import read_gazetteer  # noqa: E402
from geoinc.sources.writing import write_gazetteer  # noqa: E402
from geoinc.store import Store  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from geoinc.comparing import Name
    from geoinc.matching import Candidate, Hit, Query

WEIGHTS = ROOT / "geoinc" / "weights.toml"

#: What the weights are held near to, in log-odds: the guesses they started as.
PRIOR = {
    "fold": 2.5, "core": 2.6, "plain": 0.5, "skeleton": 1.2, "fuzzy": -1.0, "sound": 4.0,
    "script": 3.0, "same sound": 0.5, "alike": 2.0, "jaro": 1.0, "other end": -0.5,
    "same sides": 0.5, "as alike": -0.5, "village": 0.3, "important village": -0.5, "part": -0.3,
    "less part": -0.3, "less division": -1.0, "less word": -1.5, "two consonants": -1.5,
    "three consonants": -0.3, "in province": 0.3, "outside province": -0.5, "province": -1.0,
    "in district": 0.5, "outside district": -0.3, "district": -1.0, "off centre": -1.0,
}  # fmt: skip
_NEVER_FOR = {"other end", "as alike", "part", "less part", "less division", "less word",
              "two consonants", "three consonants", "outside province", "province",
              "outside district", "district", "off centre"}  # fmt: skip
_NEVER_AGAINST = {"sound", "script", "same sound", "alike", "jaro", "same sides", "in province",
                  "in district"}  # fmt: skip
_PENALTY = 0.3
#: A spelling of GeoNames counts less than a name of UCDP: it is what the search is not for.
_SPELLING_COUNTS = 0.3
_FOLDS = 5
_RIGHT_KM, _WRONG_KM = 5.0, 25.0
#: One in so many places of a spelling is taken out whole.
_GONE = 4
_SPELLINGS_FITTED = 2500

_FACILITY = re.compile(
    r"(?i)\b(air ?base|airport|airfield|base|brigade|battalion|regiment|fields?|dam|prison|plant|"
    r"station|factory|silos?|checkpoint|hospital|university|academy|college|depots?|barracks|"
    r"bridge|castle|refinery|pump|complex|company|junction|crossing|oilfield|oil|gas|military|"
    r"mines?|port|tower|reservoir|camp|warehouses?|headquarters|farms?|project|grain|power|quarry|"
    r"shrine|hotel|school)\b"
)
_SETTLEMENT = re.compile(r"(?i)\s(village|town|city|suburb)$")
_AS_WRITTEN = {"exact", "fold"}
_SCRIPTS = ("LATIN", "ARABIC", "HEBREW", "CYRILLIC")


# ---------------------------------------------------------------- cases


@dataclass(slots=True)
class Case:
    """A name, where it is, and what the search found for it."""

    name: str
    longitude: float
    latitude: float
    fold: int
    place_id: str = ""
    #: Whether its place was taken out of the index.
    gone: bool = False
    hints: dict[str, str] = field(default_factory=dict)
    query: Query | None = None
    hits: Sequence[Hit] = ()

    def away_km(self, longitude: float, latitude: float) -> float:
        """Return how far a spot is from where the name is, kilometres."""
        return distance_m((longitude, latitude), (self.longitude, self.latitude)) / 1000


def number(text: str, below: int) -> int:
    """Return a number that depends on a text alone."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big") % below


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Return the rows of a table; broken bytes are replaced."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        if delimiter == "\t":
            return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        return list(csv.DictReader(file))


def names_of_ucdp(data: Path) -> list[dict[str, str]]:
    """Return the names of UCDP that are points (where_prec 1 and 2) and no facilities."""
    return [
        row
        for row in rows_of(data / "ucdp" / "syria_places.csv")
        if row["where_prec"] in {"1", "2"}
        and (
            not _FACILITY.search(row["where_coordinates"])
            or _SETTLEMENT.search(toponyms.without_brackets(row["where_coordinates"])[0])
        )
    ]


def ucdp_cases(data: Path, level: int) -> list[Case]:
    """Return the names of UCDP with the country and so many divisions as hints."""
    return [
        Case(
            row["where_coordinates"],
            float(row["longitude"]),
            float(row["latitude"]),
            number(row["where_coordinates"], _FOLDS),
            hints={"country": "SY"}
            | ({"admin1": row["adm_1"]} if level > 0 else {})
            | ({"admin2": row["adm_2"]} if level > 1 else {}),
        )
        for row in names_of_ucdp(data)
    ]


def script(text: str) -> str:
    """Return the script of most letters of a text."""
    counts = Counter(unicodedata.name(char, "?").split()[0] for char in text if char.isalpha())
    return counts.most_common(1)[0][0] if counts else ""


def spellings(data: Path, countries: set[str]) -> Iterator[Case]:
    """Yield the spellings of GeoNames, no two of a place the same but for case and accents.

    Those of scripts that the search reads, Latin ones of at least four letters: shorter ones
    are codes of airports.
    """
    path = data / "geonames" / "cities15000_mena_ua.tsv"
    for row in rows_of(path, "\t"):
        if countries and row["country_code"] not in countries:
            continue
        seen = set[str]()
        for text in (row["name"], row["asciiname"], *row["alternatenames"].split(",")):
            key = toponyms.fold(text)
            if not key or key in seen or script(text) not in _SCRIPTS:
                continue
            if script(text) == "LATIN" and len(text) < 4:
                continue
            seen.add(key)
            place_id = f"geonames-{row['geonameid']}"
            spot = float(row["longitude"]), float(row["latitude"])
            yield Case(text, *spot, number(place_id, _FOLDS), place_id=place_id)


# ---------------------------------------------------------------- gazetteers


def without_ucdp(folder: Path) -> Gazetteer:
    """Return the shipped gazetteer without the rows that cite UCDP."""
    outlines = entries.own_outlines()
    rows = [row for row in entries.curated(outlines) if "UCDP" not in row.source]
    rows += entries.countries(outlines)
    rows += entries.provinces({area_id[:2].upper() for area_id in outlines})
    build._tell_apart(rows)  # noqa: SLF001  # what is shipped goes through the same
    toponyms_, geopackage = library.load(library.TOPONYMS), library.load(library.GEOPACKAGE)
    geopackage.write(
        folder / "shipped.gpkg",
        rows,
        keys=toponyms_.keys,
        key_names=toponyms_.Keys._fields,
        metadata=lambda: {"keys_version": toponyms_.KEYS_VERSION},
        changed="2000-01-01T00:00:00.000Z",
        repeated=print,
    )
    return Gazetteer(folder / "shipped.gpkg")


def of_syria(data: Path, folder: Path) -> Gazetteer:
    """Return OCHA's populated places and the airports of OurAirports in Syria."""
    places = read_gazetteer(
        data / "syria_places" / "places.csv", country="SY", path=folder / "ocha.gpkg"
    )
    airports = folder / "airports.csv"
    table = rows_of(data / "airports" / "airports_mena.csv")
    with airports.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(row for row in table if row["iso_country"] == "SY")
    return places | read_gazetteer(airports, path=folder / "airports.gpkg")


def of_geonames(data: Path, folder: Path, countries: set[str]) -> Path:
    """Return the path of a gazetteer of the cities of GeoNames in some countries."""
    path = folder / f"geonames-{'-'.join(sorted(countries)) or 'all'}.gpkg"
    source = data / "geonames" / "cities15000_mena_ua.tsv"
    lines = source.read_text(encoding="utf-8").split("\n")[1:-1]
    chosen = folder / "cities.txt"
    keep = [line for line in lines if not countries or line.split("\t")[8] in countries]
    chosen.write_text("\n".join([*keep, ""]), encoding="utf-8")
    read_gazetteer(chosen, format="geonames", path=path)
    return path


class LeftOut(Store):
    """A gazetteer file in which one spelling of one place, or all of them, are not there."""

    place_id = key = ""
    ids: frozenset[int] = frozenset()

    def leave_out(self, case: Case) -> None:
        """Leave a spelling out, or its whole place."""
        self.place_id, self.key = case.place_id, "" if case.gone else toponyms.fold(case.name)
        sql = "SELECT id FROM names WHERE place_id = ? AND ? IN (key_fold, '')"
        self.ids = frozenset(number for (number,) in self._rows(sql, self.place_id, self.key))

    def _is_out(self, place_id: str, text: str) -> bool:
        return place_id == self.place_id and self.key in {toponyms.fold(text), ""}

    def by_fold(self, key: str) -> list[matching.Row]:
        """Return what `Store.by_fold` does, but what is left out."""
        return [row for row in super().by_fold(key) if not self._is_out(row.place_id, row.text)]

    def by_core(self, key: str) -> list[matching.Row]:
        """Return what `Store.by_core` does, but what is left out."""
        return [row for row in super().by_core(key) if not self._is_out(row.place_id, row.text)]

    def by_ids(self, ids: Iterable[int]) -> list[matching.Row]:
        """Return what `Store.by_ids` does, but what is left out."""
        return super().by_ids(number for number in ids if number not in self.ids)

    def names_of(self, place_ids: Iterable[str]) -> dict[str, list[Name]]:
        """Return what `Store.names_of` does, but what is left out."""
        return {
            place_id: [name for name in names if not self._is_out(place_id, name.text)]
            for place_id, names in super().names_of(place_ids).items()
        }


# ---------------------------------------------------------------- fitting


def search(finder: Finder, cases: Iterable[Case], left_out: LeftOut | None = None) -> None:
    """Look the cases up and keep what was found."""
    for case in cases:
        if left_out is not None:
            left_out.leave_out(case)
        case.query = finder.query(case.name, **case.hints)
        case.hits = finder.hits(case.query)


@dataclass(frozen=True, slots=True)
class Choice:
    """One case as the fit sees it: its candidates, which of them are right, and what it counts."""

    terms: NDArray[np.float64]
    given: NDArray[np.float64]
    right: NDArray[np.bool_]
    counts: float


def choice(case: Case, names: Sequence[str], given: dict[str, float], counts: float) -> Choice:
    """Return a case as the fit sees it."""
    place = {name: at for at, name in enumerate(names)}
    terms, known = np.zeros((len(case.hits), len(names))), np.zeros(len(case.hits))
    for at, hit in enumerate(case.hits):
        for name, value in hit.terms:
            if name in place:
                terms[at, place[name]] += value
            else:
                known[at] += given[name] * value
    right = [case.away_km(hit.row.longitude, hit.row.latitude) <= _RIGHT_KM for hit in case.hits]
    return Choice(terms, known, np.array(right, bool), counts)


def fit(choices: Sequence[Choice], names: Sequence[str]) -> dict[str, float]:
    """Return the weights that make the right choices most likely, and stay near the prior."""
    prior = np.array([PRIOR[name] for name in names])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = 0.0, np.zeros_like(weights)
        for one in choices:
            if not len(one.given):
                continue
            evidence = one.terms @ weights + one.given
            most = max(float(evidence.max()), 0.0)
            odds = np.exp(evidence - most)
            none = math.exp(-most)
            share = odds / (odds.sum() + none)
            slope += one.counts * (share @ one.terms)
            meant = none
            if one.right.any():
                among = odds[one.right]
                meant = float(among.sum())
                slope -= one.counts * ((among / meant) @ one.terms[one.right])
            total += one.counts * (math.log(odds.sum() + none) - math.log(meant))
        off = weights - prior
        return total + _PENALTY * float(off @ off), slope + 2 * _PENALTY * off

    bounds = [
        (0.0 if name in _NEVER_AGAINST else None, 0.0 if name in _NEVER_FOR else None)
        for name in names
    ]
    found = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=bounds)
    return dict(zip(names, found.x.tolist(), strict=True))


def rescored(case: Case, weights: dict[str, float]) -> list[Candidate]:
    """Return the candidates of a case as other weights score them."""
    if case.query is None:
        return []
    hits = []
    for hit in case.hits:
        evidence = sum(weights[name] * value for name, value in hit.terms)
        if hit.stage == "fuzzy":
            evidence = matching.by_likeness(evidence, hit.row, case.query)
        hits.append(hit._replace(evidence=evidence))
    hits.sort(key=lambda hit: -hit.evidence)
    return matching.scored(hits, case.query, 10)


# ---------------------------------------------------------------- judging


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to: how it was decided, how far off, and how likely it was said to be."""

    status: str
    away_km: float
    score: float
    #: How far off the first candidate is, decided for or not.
    first_km: float


def outcome(case: Case, found: list[Candidate]) -> Outcome:
    """Return what a case came to."""
    if not found:
        return Outcome("unresolved", math.inf, 0.0, math.inf)
    decision = decide(found)
    first_km = case.away_km(found[0].longitude, found[0].latitude)
    if decision.status != "resolved":
        return Outcome(decision.status, math.inf, found[0].score, first_km)
    chosen = next(one for one in found if one.place_id == decision.place_ids[-1])
    away_km = case.away_km(chosen.longitude, chosen.latitude)
    return Outcome("resolved", away_km, chosen.score, first_km)


def share(flags: Iterable[object]) -> float:
    """Return the share of what is true, in per cent."""
    values = [bool(flag) for flag in flags]
    return 100 * sum(values) / len(values) if values else math.nan


def line(name: str, outcomes: Sequence[Outcome], extra: str = "") -> str:
    """Return a row of the table."""
    answered = [one for one in outcomes if one.status == "resolved"]
    sure = [one for one in outcomes if one.score >= 0.8]
    cells = [
        share(one.away_km <= _RIGHT_KM for one in outcomes),
        100 * sum(_RIGHT_KM < one.away_km <= _WRONG_KM for one in answered) / len(outcomes),
        100 * sum(one.away_km > _WRONG_KM for one in answered) / len(outcomes),
        share(one.status == "ambiguous" for one in outcomes),
        share(one.status == "unresolved" for one in outcomes),
        share(one.first_km <= _RIGHT_KM for one in outcomes),
        share(one.first_km <= _RIGHT_KM for one in sure),
    ]
    text = " | ".join(f"{cell:.1f}" for cell in cells)
    return f"| {name} | {len(outcomes):,} | {text} |{extra}"


HEADER = (
    "| task | names | within 5 km | 5-25 km | wrong | ambiguous | unresolved | first is right | "
    "right where score >= 0.8 |\n|---|---|---|---|---|---|---|---|---|"
)


def curve(cases: Sequence[Case], found: Sequence[list[Candidate]]) -> str:
    """Return how much is right and wrong by the score that an answer needs."""
    cells = []
    for need in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        firsts = [
            case.away_km(one[0].longitude, one[0].latitude)
            for case, one in zip(cases, found, strict=True)
            if one and one[0].score >= need
        ]
        right = 100 * sum(km <= _RIGHT_KM for km in firsts) / len(cases)
        wrong = 100 * sum(km > _WRONG_KM for km in firsts) / len(cases)
        cells.append(f"{need}: {right:.1f}/{wrong:.1f}")
    return "  ".join(cells)


def nameable(cases: Sequence[Case], stores: Sequence[Store]) -> list[bool]:
    """Return which names a place within 5 km has: the same skeleton, or half of its letters.

    The ceiling of any search by names in that gazetteer (Indel ratio of the cores at least 60).
    """
    sql = (
        "SELECT n.key_core, n.key_skeleton, p.longitude, p.latitude FROM names AS n JOIN places "
        "AS p ON p.place_id = n.place_id WHERE p.country = 'SY' AND n.kind != 'code'"
    )
    rows = [row for store in stores for row in store._rows(sql)]  # noqa: SLF001  # all of them
    spots = np.array([row[2:] for row in rows])
    can = []
    for case in cases:
        texts = (case.name, *toponyms.parts(case.name))
        skeletons = {toponyms.skeleton(text) for text in texts}
        cores = [toponyms.core(text) for text in texts]
        close = np.flatnonzero(np.abs(spots - (case.longitude, case.latitude)).max(axis=1) < 0.06)
        can.append(
            any(
                case.away_km(*spots[at]) <= _RIGHT_KM
                and (
                    rows[at][1] in skeletons
                    or any(fuzz.ratio(core, rows[at][0]) >= 60 for core in cores)
                )
                for at in close
            )
        )
    return can


def divisions(data: Path, gazetteer: Gazetteer) -> list[bool]:
    """Return whether each name of a province or district resolves to the area of its incidents.

    Names of where_prec 3 and 4, and all of the columns adm_1 and adm_2; right is an area of that
    kind that holds half of the points that UCDP gives for it.
    """
    rows = rows_of(data / "ucdp" / "syria_places.csv")
    spots: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for row in rows:
        spot = float(row["longitude"]), float(row["latitude"])
        spots.setdefault((row["adm_1"], "province", ""), []).append(spot)
        spots.setdefault((row["adm_2"], "district", row["adm_1"]), []).append(spot)
        if row["where_prec"] in {"3", "4"}:
            kind = "district" if row["where_prec"] == "3" else "province"
            spots.setdefault((row["where_coordinates"], kind, ""), []).append(spot)
    right = []
    for (name, kind, admin1), points in spots.items():
        if name:
            decision = decide(gazetteer.candidates(name, country="SY", admin1=admin1, kind=kind))
            place = gazetteer.place(decision.place_ids[0]) if decision.place_ids else None
            holds = place is not None and place.kind == kind
            near = (
                [distance_m((place.longitude, place.latitude), spot) for spot in points]
                if place
                else []
            )
            reach = place.uncertainty_m if place else 0.0
            right.append(holds and float(np.median(near)) <= reach)
            if not right[-1]:
                print(f"  not the area of {name!r}: {decision.reason}")  # noqa: T201
    return right


def across_scripts(data: Path, folder: Path, asked: str, known: str) -> tuple[float, float]:
    """Return how often the own place is among the first three, in per cent: any, and in country.

    The gazetteer has the names of one column of OCHA's places, the names of the other are asked
    with the district as a hint, then without.
    """
    table = rows_of(data / "syria_places" / "places.csv")
    entry = library.load(library.GEOPACKAGE).Entry
    path = folder / f"{known}.gpkg"
    rows = (
        entry(
            row["PCODE"], row[known], "village", "SY", float(row["LONGITUDE"]),
            float(row["LATITUDE"]), admin1=row["ADMIN1_EN"], admin2=row["ADMIN2_EN"],
            radius_m=1500.0, importance=0.2,
        )
        for row in table
    )  # fmt: skip
    write_gazetteer(path, rows, source="test", licence="test", progress=False)
    gazetteer = Gazetteer(path)
    with gazetteer.reading():
        shares = []
        for hinted in (True, False):
            hits = []
            for row in table:
                admin1, admin2 = (row["ADMIN1_EN"], row["ADMIN2_EN"]) if hinted else ("", "")
                found = gazetteer.candidates(
                    row[asked], country="SY", admin1=admin1, admin2=admin2, limit=3
                )
                hits.append(row["PCODE"] in {one.place_id for one in found})
            shares.append(share(hits))
    return shares[0], shares[1]


# ---------------------------------------------------------------- the whole


@dataclass(slots=True)
class Task:
    """Cases that are fitted and judged together."""

    name: str
    cases: list[Case]
    counts: float
    judged: bool = True


def tasks_of(data: Path, folder: Path, gazetteer: Gazetteer) -> list[Task]:
    """Return the tasks, looked up with the weights as they are now."""
    found = []
    finder = Finder(gazetteer._stores)  # noqa: SLF001  # the hits before they are scored
    for level, hints in enumerate(("country", "and province", "and district")):
        cases = ucdp_cases(data, level)
        search(finder, cases)
        found.append(Task(f"UCDP names, {hints}", cases, 1.0))
    for name, countries in (("Iraq and Syria", {"IQ", "SY"}), ("18 countries", set[str]())):
        path = of_geonames(data, folder, countries)
        cases = list(spellings(data, countries))
        if len(cases) > _SPELLINGS_FITTED:
            cases.sort(key=lambda case: number(case.place_id + case.name, 1 << 30))
            cases = cases[:_SPELLINGS_FITTED]
        for case in cases:
            case.gone = number(case.name + case.place_id, _GONE) == 0
        left_out = LeftOut(path)
        with left_out.reading():
            search(Finder((left_out,)), cases, left_out)
        found.append(Task(f"GeoNames spellings left out, {name}", cases, _SPELLING_COUNTS))
    return found


def calibrate(data: Path, *, write: bool) -> None:
    """Fit, judge, print, and write the weights if asked."""
    warnings.simplefilter("ignore")  # what the readers leave out is known here
    names = list(PRIOR)
    given = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))["set"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        gazetteer = without_ucdp(folder) | of_syria(data, folder)
        matching.WEIGHTS.update(PRIOR)
        for _ in range(3):
            # Which stage ends the search depends on the weights: again with those found.
            tasks = tasks_of(data, folder, gazetteer)
            choices = [
                (case.fold, choice(case, names, given, task.counts))
                for task in tasks
                for case in task.cases
                if not (case.place_id and any(hit.stage in _AS_WRITTEN for hit in case.hits))
            ]
            weights = fit([one for _, one in choices], names)
            matching.WEIGHTS.update(weights)
        unseen = [
            fit([one for fold, one in choices if fold != out], names) | given
            for out in range(_FOLDS)
        ]
        print(HEADER)  # noqa: T201
        can = nameable(tasks[0].cases, gazetteer._stores)  # noqa: SLF001
        curves = []
        for task in tasks:
            cases = [case for case in task.cases if not case.gone]
            found = [rescored(case, unseen[case.fold]) for case in cases]
            outcomes = [outcome(case, one) for case, one in zip(cases, found, strict=True)]
            print(line(task.name, outcomes))  # noqa: T201
            curves.append(f"{task.name}: {curve(cases, found)}")
            if task.name.startswith("UCDP"):
                of_those = [one for one, possible in zip(outcomes, can, strict=True) if possible]
                print(line(f"- of the {share(can):.1f} % that can be named", of_those))  # noqa: T201
        print("\nright / wrong by the score needed:", *curves, sep="\n")  # noqa: T201
        print(f"\nnames of divisions: {share(divisions(data, gazetteer)):.1f} %")  # noqa: T201
        for asked, known in (("NAME_ARA", "NAME_EN"), ("NAME_EN", "NAME_ARA")):
            hinted, bare = across_scripts(data, folder, asked, known)
            print(f"{asked} asked of {known}: {hinted:.1f} %, without division {bare:.1f} %")  # noqa: T201
    if write:
        write_weights(weights)


def write_weights(weights: dict[str, float]) -> None:
    """Replace the fitted weights in the table."""
    text = WEIGHTS.read_text(encoding="utf-8")
    head, _, rest = text.partition("[fitted]\n")
    _, _, tail = rest.partition("\n\n")
    rows = (f"{name if name.isalpha() else chr(34) + name + chr(34)} = {value:.2f}\n"
            for name, value in weights.items())  # fmt: skip
    WEIGHTS.write_text(f"{head}[fitted]\n{''.join(rows)}\n{tail}", encoding="utf-8")


def main() -> None:
    """Fit and judge."""
    parser = argparse.ArgumentParser(description="Fit the weights of the search and judge them.")
    parser.add_argument("data", type=Path, help="the folder of reference data")
    parser.add_argument("--write", action="store_true", help="write geoinc/weights.toml")
    options = parser.parse_args()
    calibrate(options.data, write=options.write)


if __name__ == "__main__":
    main()
