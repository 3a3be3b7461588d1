"""Fit how people state distances and headings, and hold the fit to messages it has not seen.

Maritime messages say both "15 NM north of X" and at which coordinates.  The fit is an annular
sector that holds the truth; its figures, rounded outwards, stand in
`geoinc/georeferencing/headings.py`.  Deterministic: the same data, the same figures.

    python benchmarks/headings.py ../shared/data
"""

from __future__ import annotations

import csv
import gzip
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geoinc import geodesy, toponyms
from geoinc.georeferencing.headings import true_distance
from geoinc.georeferencing.point_radius import textbook_half_angle_deg
from geoinc.localities import parse_locality
from geoinc.localities.clauses import UNITS_M, azimuth_deg
from geoinc.sources.geonames import kind_and_extent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

COVERAGE = 0.95
#: How wide distances are beside headings, by their own spread: the one of least area is taken.
BALANCES = (0.7, 1.0, 1.4, 2.0)
#: Shares of the distance that are tried as radii of the circles of the four winds.
CIRCLES = np.arange(0.05, 1.6, 0.01)

#: Least radius of an anchor, metres: GeoNames does not know its people.
_SMALLEST_M = 3_000.0
#: Words after a name that say which part of the place is meant.
_PART_OF_NAME = re.compile(r"(?i)^port of | (port|islands?|coast|anchorage|offshore terminal)\b.*$")
_FLAG = re.compile(r"[A-Z][\w ]*-flag\w*")


@dataclass(frozen=True)
class Messages:
    """Stated and true positions, one entry a message; ratios are by the stated distance."""

    anchor: NDArray[np.str_]
    radius_m: Floats
    stated_m: Floats
    heading_deg: Floats
    least: Floats
    greatest: Floats
    ratio: Floats
    turn_deg: Floats

    def __len__(self) -> int:
        return len(self.anchor)

    def __getitem__(self, chosen: Flags) -> Messages:
        return Messages(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @property
    def winds(self) -> Flags:
        """Which have one of the four winds."""
        return np.asarray(self.heading_deg % 90 == 0)

    @property
    def off_m(self) -> Floats:
        """How far the truth lies from the point that distance and heading name."""
        squared = self.ratio**2 + 1 - 2 * self.ratio * np.cos(np.radians(self.turn_deg))
        return np.asarray(np.sqrt(squared) * self.stated_m)


# ---------------------------------------------------------------- reading


def countries_of(path: Path) -> dict[str, str]:
    """Return the code of each country by the fold of its name."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    named = {toponyms.fold(row[4]): row[0] for row in rows if not row[0].startswith("#")}
    return {name: code for name, code in named.items() if len(name) > 2}


def cities_of(path: Path) -> dict[tuple[str, int, str], tuple[float, float, float]]:
    """Return people, longitude and latitude of the largest city of a country and key."""
    cities: dict[tuple[str, int, str], tuple[float, float, float]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            city = float(row["population"] or 0), float(row["longitude"]), float(row["latitude"])
            for stage, key in enumerate(toponyms.keys(row["city"])):
                where = (row["country_code"], stage, key)
                cities[where] = max(cities.get(where, city), city)
    return cities


def stated_countries(row: dict[str, str], countries: dict[str, str]) -> list[str]:
    """Return the countries that a message names: beside the anchor, at its head, anywhere."""
    text = " ".join(row["description_masked"].split())
    head = text.partition(":")[0][:80]
    for told in (row["phrase"], head, _FLAG.sub("", text)):
        folded = toponyms.fold(told)
        codes = [c for name, c in countries.items() if re.search(rf"\b{name}\b", folded)]
        if codes:
            return codes
    return []


def read_messages(folder: Path) -> tuple[Messages, int, int]:
    """Return messages whose anchor is a city in a country they name; how many there are, and read."""
    countries = countries_of(folder / "geonames" / "countryInfo.txt")
    cities = cities_of(folder / "geonames" / "cities1000_world.csv.gz")
    rows, told, read = [], 0, 0
    with (folder / "relative_positions" / "asam_phrases.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            told += 1
            said = parse_locality(row["phrase"]).clauses
            clause = next((one for one in said if one.relation == "offset"), None)
            if clause is None:
                continue
            read += 1
            codes = stated_countries(row, countries)
            city = _city(clause.names[0], codes, cities)
            if city is None:
                continue
            people, longitude, latitude = city
            number, _, unit = clause.distance.partition(" ")
            stated_m = float(number) * UNITS_M[unit]
            least, greatest = (end / stated_m for end in true_distance(clause.distance, "compass"))
            heading = azimuth_deg(clause.heading)
            true_m, azimuth = geodesy.inverse(
                longitude, latitude, float(row["lon"]), float(row["lat"])
            )
            _, extent_m, error_m, _ = kind_and_extent("PPL", int(people))
            turn = abs((float(azimuth) - heading + 180) % 360 - 180)
            radius_m = max(_SMALLEST_M, extent_m + error_m)
            anchor = f"{longitude} {latitude}"
            ratio = float(true_m) / stated_m
            rows.append((anchor, radius_m, stated_m, heading, least, greatest, ratio, turn))
    return Messages(*(np.array(column) for column in zip(*rows, strict=True))), told, read


def _city(
    name: str, codes: list[str], cities: dict[tuple[str, int, str], tuple[float, float, float]]
) -> tuple[float, float, float] | None:
    for words in (name, _PART_OF_NAME.sub("", name)):
        for stage, key in enumerate(toponyms.keys(words)):
            if stage == 2 and len(key) < 3:
                continue
            hits = [cities[code, stage, key] for code in codes if (code, stage, key) in cities]
            if hits:
                return max(hits)
    return None


# ---------------------------------------------------------------- shapes, on a flat earth


def held(
    of: Messages, half_deg: Floats | float, least: Floats | float, greatest: Floats | float
) -> Flags:
    """Return whether the truth lies in the annular sector, seen from any point of the anchor."""
    true_m = of.ratio * of.stated_m
    beside = np.radians(np.maximum(of.turn_deg - half_deg, 0))
    low_m, high_m = least * of.stated_m, greatest * of.stated_m
    along = true_m * np.cos(beside)
    nearest = np.where(beside > 0, np.clip(along, low_m, high_m), np.clip(true_m, low_m, high_m))
    return np.asarray(np.hypot(along - nearest, true_m * np.sin(beside)) <= of.radius_m)


def area_m2(
    of: Messages, half_deg: Floats | float, least: Floats | float, greatest: Floats | float
) -> Floats:
    """Return the area of the same: the sector, a strip around its outline, the corners."""
    half = np.radians(half_deg)
    sector = half * (greatest**2 - least**2) * of.stated_m**2
    outline_m = 2 * (half * (least + greatest) + (greatest - least)) * of.stated_m
    return np.asarray(sector + outline_m * of.radius_m + math.pi * of.radius_m**2)


def textbook_halves_deg(of: Messages) -> Floats:
    """Return how far to either side each heading opens by the guides."""
    return np.array([textbook_half_angle_deg(heading) for heading in of.heading_deg])


def textbook_radius_m(of: Messages) -> Floats:
    """Return the radius of the point-radius method, of anchor and heading alone."""
    half = np.radians(textbook_halves_deg(of))
    ahead_m = of.stated_m * (1 - np.cos(half)) + of.radius_m
    return np.asarray(np.hypot(ahead_m, of.stated_m * np.sin(half)))


# ---------------------------------------------------------------- fits


def fit_sector(of: Messages, seen: Flags, coverage: float) -> tuple[float, float, float, float]:
    """Return both half-angles in degrees, and the least and greatest ratio of distances.

    The spreads of what is left of headings and distances when the truth is seen from the nearest
    point of the anchor give the proportions; one scale is then set so that the sector holds as
    many as it must (split conformal: with one figure to fit, so much is held of others as well).
    """
    true_m = of.ratio * of.stated_m
    seen_within = np.degrees(np.arcsin(np.minimum(1, of.radius_m / true_m)))
    turned = np.maximum(0, of.turn_deg - seen_within)
    farther = np.log(np.maximum(1, (true_m - of.radius_m) / of.stated_m))
    nearer = np.log(np.maximum(1, of.stated_m / (true_m + of.radius_m)))
    four, between = _spread(turned[seen & of.winds]), _spread(turned[seen & ~of.winds])
    low, high = _spread(nearer[seen]), _spread(farther[seen])

    best, least_area = (math.nan,) * 4, math.inf
    for balance in BALANCES:

        def shape(scale: float, balance: float = balance) -> tuple[float, float, float, float]:
            return (
                min(180.0, four * scale),
                min(180.0, between * scale),
                math.exp(-low * scale * balance),
                math.exp(high * scale * balance),
            )

        found = shape(_least_scale(of, seen, shape, _rank(seen, coverage)))
        # By the squared distance: a message of 800 miles counts as one of 8.
        area = float((area_m2(of, *_by_class(of, found)) / of.stated_m**2)[seen].sum())
        if area < least_area:
            best, least_area = found, area
    return best


def _spread(errors: Floats) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(errors**2)))


def _least_scale(
    of: Messages,
    seen: Flags,
    shape: Callable[[float], tuple[float, float, float, float]],
    need: int,
) -> float:
    """Return the least scale at which a shape holds so many: the larger one holds the smaller."""
    low, high = 0.01, 100.0
    for _ in range(40):
        middle = math.sqrt(low * high)
        enough = int(held(of, *_by_class(of, shape(middle)))[seen].sum()) >= need
        low, high = (low, middle) if enough else (middle, high)
    return high


def _by_class(of: Messages, fit: tuple[float, float, float, float]) -> tuple[Floats, float, float]:
    four, between, least, greatest = fit
    return np.where(of.winds, four, between), least, greatest


def _rank(seen: Flags, coverage: float) -> int:
    """Return how many of those seen must be held for the next one to be, with that chance."""
    return min(int(seen.sum()), math.ceil((int(seen.sum()) + 1) * coverage))


def scaled_textbook(of: Messages, seen: Flags, coverage: float) -> Floats:
    """Return the textbook's radii, scaled until they hold so much of what is seen."""
    textbook_m = textbook_radius_m(of)
    return np.asarray(
        np.sort((of.off_m / textbook_m)[seen])[_rank(seen, coverage) - 1] * textbook_m
    )


def one_circle(of: Messages, seen: Flags, coverage: float) -> Floats:
    """Return the radii of circles that are one share of the distance, seen from any point."""
    share = np.sort(((of.off_m - of.radius_m) / of.stated_m)[seen])[_rank(seen, coverage) - 1]
    return _with_anchor(of, float(share), float(share))


def two_circles(of: Messages, seen: Flags, coverage: float) -> Floats:
    """Return the radii of the best circles there are: a share of the distance for either class."""
    need = _rank(seen, coverage)
    beyond = (of.off_m - of.radius_m) / of.stated_m
    four, between = np.sort(beyond[seen & of.winds]), np.sort(beyond[seen & ~of.winds])
    best, least = (math.nan, math.nan), math.inf
    for share in CIRCLES:
        more = need - int((four <= share).sum())
        if more > len(between):
            continue
        other = max(0.0, float(between[more - 1])) if more > 0 else 0.0
        radii = _with_anchor(of, share, other)
        area = float(((radii / of.stated_m) ** 2)[seen].sum())
        if area < least:
            best, least = (float(share), other), area
    return _with_anchor(of, *best)


def _with_anchor(of: Messages, four: float, between: float) -> Floats:
    return np.asarray(np.where(of.winds, four, between) * of.stated_m + of.radius_m)


def folds(of: Messages) -> Iterator[Flags]:
    """Leave out one anchor after the other: messages that share one share its errors."""
    for anchor in np.unique(of.anchor):
        yield np.asarray(of.anchor == anchor)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    z2 = 1.959964**2
    middle = (hits + z2 / 2) / (of + z2)
    half = math.sqrt(z2 * (hits * (of - hits) / of + z2 / 4)) / (of + z2)
    return middle - half, middle + half


def sane(of: Messages) -> Messages:
    """Leave out what lies twice or half as far as stated, or behind: another place of that name."""
    return of[(of.ratio > 0.5) & (of.ratio < 2) & (of.turn_deg <= 90)]


def validated(of: Messages) -> tuple[dict[str, Flags], dict[str, Floats]]:
    """Return which messages each shape holds that it has not seen, and its area there, m2."""
    circles = {"scaled": scaled_textbook, "one circle": one_circle, "two circles": two_circles}
    hits = {name: np.zeros(len(of), dtype=bool) for name in ("sector", *circles)}
    areas = {name: np.zeros(len(of)) for name in hits}
    for unseen in folds(of):
        fit = _by_class(of, fit_sector(of, ~unseen, COVERAGE))
        hits["sector"][unseen] = held(of, *fit)[unseen]
        areas["sector"][unseen] = area_m2(of, *fit)[unseen]
        for name, circle in circles.items():
            radii = circle(of, ~unseen, COVERAGE)
            hits[name][unseen] = (of.off_m <= radii)[unseen]
            areas[name][unseen] = math.pi * radii[unseen] ** 2
    textbook_m = textbook_radius_m(of)
    hits["textbook"] = of.off_m <= textbook_m
    areas["textbook"] = math.pi * textbook_m**2
    hits["compass"] = held(of, textbook_halves_deg(of), of.least, of.greatest)
    areas["compass"] = area_m2(of, textbook_halves_deg(of), of.least, of.greatest)
    return hits, areas


# ---------------------------------------------------------------- report


def main(folder: Path) -> None:
    """Print the fit, and how it does on messages it has not seen."""
    everything, told, read = read_messages(folder)
    of = sane(everything)
    print(f"{told} messages, {read} read, {len(everything)} with a known anchor, {len(of)} sane")
    for name, part in (("four winds", of[of.winds]), ("between", of[~of.winds])):
        turns = np.percentile(part.turn_deg, [50, 80, 90, 95]).round(1)
        print(f"{name}: {len(part)}, {len(np.unique(part.anchor))} anchors, turn {turns}")
    print("true / stated distance:", np.percentile(of.ratio, [2.5, 25, 50, 75, 97.5]).round(3))

    everyone = np.ones(len(of), dtype=bool)
    print("fit of all:", np.round(fit_sector(of, everyone, COVERAGE), 3))
    hits, areas = validated(of)
    for name, hit in hits.items():
        low, high = wilson(int(hit.sum()), len(of))
        share = areas["sector"] / areas[name]
        print(
            f"{name:12} holds {hit.sum()} of {len(of)} = {hit.mean():.3f} ({low:.3f} to {high:.3f});"
            f" the sector has {areas['sector'].sum() / areas[name].sum():.2f} of its total area,"
            f" {share.mean():.2f} on the mean, {np.median(share):.2f} in the median"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
