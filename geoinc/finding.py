"""How a name is found: the stages of the search, from the name as written to names like it.

A name is looked up as it is written and folded (case, accents), then by its core (without
articles and words for its kind), then by its consonants, at last by likeness; a stage is asked
only when those before found nothing that is likely enough.  Likeness is looked for in the area
that a hint names, in the whole of a small file, and among names one consonant away in a large one.
"""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rapidfuzz import process
from rapidfuzz.distance import Indel

from geoinc import toponyms
from geoinc.comparing import confused_with, likeness, reading
from geoinc.errors import PlaceNotFoundError
from geoinc.hinting import Vicinity
from geoinc.matching import (
    SETTLED,
    Query,
    foremost,
    ranked,
    scored,
    turns_of,
    weighed,
    without_airports,
)
from geoinc.repeats import without_repeats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from geoinc.comparing import Reading
    from geoinc.matching import Candidate, Hit, Row
    from geoinc.places import Place
    from geoinc.store import Division, Key, Store

# How many names are looked at: with a key; of those, compared.
_MOST_KEYS, _MOST_COMPARED = 120, 10
# In an area; in all of a small file; of either those most alike by sound, and by consonants.
_MOST_IN_AREA, _MOST_IN_ALL, _MOST_LIKE = 30_000, 10_000, 12
# In all areas that are kept, 250 MB at most; and how many of them.
_MOST_KEPT, _MOST_BLOCKS = 1_000_000, 1024
# Of a large file, where likeness never resolves.
_MOST_SUGGESTED = 5
# Names as far as this outside the box of a hinted area are looked at as well.
_MARGIN_DEG = 0.1
# A district may lie this far outside its province: outlines are coarse.
_EDGE_KM = 5.0
# A district of which only the seat is known reaches about this far.
_AROUND_SEAT_M = 25_000.0
_SEATS = {"city", "town", "village"}
_AS_WRITTEN = frozenset(("exact", "fold"))
_BY_WORDS = _AS_WRITTEN | {"core"}
_BRACKETS = re.compile(r"[(\[]")


class Finder:
    """The search in the files of a gazetteer.

    Parameters
    ----------
    stores : tuple of Store
        The files; of a place that two have, that of the first is found.
    """

    def __init__(self, stores: tuple[Store, ...]) -> None:
        self._stores = stores
        # What hints name is looked up once.
        self._known_vicinity = lru_cache(maxsize=1024)(self._find_vicinity)
        self._block = Blocks(self._read_block)
        self._divisions = lru_cache(maxsize=16)(self._read_divisions)

    def candidates(
        self,
        text: str,
        *,
        country: str,
        admin1: str,
        admin2: str,
        kind: str,
        near: tuple[float, float] | None,
        date: str,
        limit: int,
    ) -> tuple[list[Candidate], frozenset[str]]:
        """Return the candidates for a name, best first, and the days on which they may change."""
        rest = {"kind_hint": kind, "near": near, "date": date}
        found, turns = self._found(text, (country, admin1, admin2), limit, rest)
        if not _BRACKETS.search(text):
            return found, turns
        plain, inside = toponyms.without_brackets(text)
        if not plain or (found and found[0].stage in _AS_WRITTEN):
            return found, turns
        # What stands in brackets is where the place is, no other name for it.
        code = self._country_code(country)
        if not (admin1 or admin2):
            named = self._country_code(inside) if len(inside) > 2 else ""
            if named and not country:
                country = named
            elif self._vicinity(inside, "province", code, None):
                admin1 = inside
            elif self._vicinity(inside, "district", code, None):
                admin2 = inside
        found, more = self._found(plain, (country, admin1, admin2), limit, rest)
        return found, turns | more

    def is_written(self, text: str) -> bool:
        """Return whether a place is called so, but for case, accents and what is in brackets."""
        texts = {text, toponyms.without_brackets(text)[0]} if _BRACKETS.search(text) else {text}
        folds = {toponyms.fold(one) for one in texts} - {""}
        return any(store.by_fold(fold) for fold in folds for store in self._stores)

    def _found(
        self, text: str, places: tuple[str, str, str], limit: int, rest: dict[str, Any]
    ) -> tuple[list[Candidate], frozenset[str]]:
        """Return the candidates for a name as it stands, and the days on which they may change."""
        if not toponyms.fold(text):
            return [], frozenset()
        query = self.query(text, *places, **rest)
        staged = list(self._staged(query).values())
        found = self._best_first(staged, query)
        # Of a place that two files have the days of both count.
        return scored(found, query, limit), turns_of([*staged, *found])

    def query(
        self, text: str, country: str = "", admin1: str = "", admin2: str = "", **rest: Any
    ) -> Query:
        """Return what is asked, with the areas that the hints name.

        Parameters
        ----------
        text : str
            The name.
        country, admin1, admin2 : str
            As for `geoinc.Gazetteer.search`.
        **rest
            The other fields of `Query`.
        """
        code = self._country_code(country)
        province = self._vicinity(admin1, "province", code, None) if admin1 else None
        district = self._vicinity(admin2, "district", code, province) if admin2 else None
        kinds = toponyms.split_kind(text)[1]
        return Query(text, kinds, country=code, admin1=province, admin2=district, **rest)

    def hits(self, query: Query) -> list[Hit]:
        """Return the places found, each once, those with most evidence, best first."""
        return self._best_first(list(self._staged(query).values()), query)

    def _best_first(self, staged: list[Hit], query: Query) -> list[Hit]:
        found = foremost(without_airports(staged, query))
        if len(self._stores) > 1:
            found = without_repeats(found, self._stores)
        return ranked(found)

    def _country_code(self, country: str) -> str:
        """Return an ISO code as it is, the code of a known country, or ``""``: no hint."""
        if not country or (len(country) == 2 and country.isascii() and country.isalpha()):
            return country.upper()
        codes = (store.country_code(country) for store in self._stores)
        return next(filter(None, codes), "")

    def _place(self, place_id: str) -> Place:
        places = (store.place(place_id) for store in self._stores)
        found = next(filter(None, places), None)
        if found is None:  # removed by another program meanwhile
            msg = f"no place has the id {place_id!r}"
            raise PlaceNotFoundError(msg, place_id)
        return found

    # ------------------------------------------------------------ hints of place

    def _vicinity(
        self, name: str, kind: str, country: str, province: Vicinity | None
    ) -> Vicinity | None:
        """Return the province or district that a hint names, or None; looked up once."""
        version = tuple(store.version for store in self._stores)
        return self._known_vicinity(version, name, kind, country, province)

    def _find_vicinity(
        self,
        version: object,  # noqa: ARG002  # of the files: others may edit them
        name: str,
        kind: str,
        country: str,
        province: Vicinity | None,
    ) -> Vicinity | None:
        """Return the province or district that a hint names, or None.

        What a district reaches is learnt from the places that say they are in it; else it is
        its outline, or the neighbourhood of the town that it is called after.
        """
        row = self._division(name, {kind}, country, province)
        if row and kind == "province":
            return Vicinity(name, self._place(row.place_id))
        said = {toponyms.skeleton(name)}
        if row:
            names = (store.names_of([row.place_id]) for store in self._stores)
            said |= {name.skeleton for found in names for name in found.get(row.place_id, ())}
        members = list(self._members(said, kind, country, province))
        if row:
            return Vicinity(name, self._place(row.place_id), members)
        if members:
            return Vicinity(name, None, members)
        seat = kind == "district" and province and self._division(name, _SEATS, country, province)
        if not seat:
            return None
        place = replace(self._place(seat.place_id), uncertainty_m=_AROUND_SEAT_M, shape="disc")
        return Vicinity(name, place)

    def _members(
        self, said: set[str], kind: str, country: str, province: Vicinity | None
    ) -> Iterator[tuple[float, float]]:
        """Yield the centres of the places that say they are in a division with such a skeleton."""
        level = "admin1" if kind == "province" else "admin2"
        for number, store in enumerate(self._stores):
            divisions = self._divisions(store.version, number, level)
            parts = [part for skeleton in said for part in divisions.get(skeleton, ())]
            named = {
                (division, code)
                for division, code, longitude, latitude, _ in parts
                if (code == country or not (code and country))
                and _meets(province, longitude, latitude)
            }
            members = [part[-1] for part in parts if part[:2] in named]
            spots = store.centres(members) if members else []
            yield from (spot for spot in spots if _meets(province, *spot))

    def _read_divisions(
        self,
        version: object,  # noqa: ARG002  # of the file: others may edit it
        number: int,
        level: str,
    ) -> dict[str, list[Division]]:
        """Return the divisions that places of a store say they are in, by skeleton.

        Once for a file: it looks at every place.
        """
        found: dict[str, list[Division]] = {}
        for division in self._stores[number].divisions(level):
            found.setdefault(toponyms.skeleton(division[0]), []).append(division)
        return found

    def _division(
        self, name: str, kinds: set[str], country: str, province: Vicinity | None
    ) -> Row | None:
        """Return the place of some kinds that the name of a division means, or None."""
        keys = toponyms.keys(name)
        stages: tuple[Callable[[Store], list[Row]], ...] = (
            lambda store: store.by_fold(keys.fold),
            lambda store: store.by_core(keys.core),
            lambda store: store.by_ids(
                key[0] for key in store.by_skeletons([keys.skeleton], country, _MOST_KEYS)
            ),
        )
        for rows in stages:
            known = [
                row
                for store in self._stores
                for row in rows(store)
                if row.kind in kinds
                and row.country in {country or row.country, ""}
                and _meets(province, row.longitude, row.latitude)
            ]
            if known:
                return max(known, key=lambda row: row.importance)
        return None

    # ------------------------------------------------------------ stages

    def _staged(self, query: Query) -> dict[str, Hit]:
        """Return what the stages find, up to the first that finds what is likely enough."""
        hits: dict[str, Hit] = {}
        folded = toponyms.fold(query.text)
        self._keep_named(hits, query, "fold", lambda store: store.by_fold(folded))
        if _settled(hits) or toponyms.is_generic(query.text):
            return hits
        plain, core = toponyms.plain(query.text), toponyms.core(query.text)
        if plain != folded:
            self._keep_named(hits, query, "plain", lambda store: store.by_fold(plain))
        self._keep_named(hits, query, "core", lambda store: store.by_core(core))
        if _settled(hits):
            return hits
        readings = _readings(query)
        self._keep_alike(hits, query, readings, self._with_same_bones(query, readings))
        if not _settled(hits):
            self._keep_alike(hits, query, readings, self._with_like_names(query, readings))
        return hits

    def _keep_named(
        self, hits: dict[str, Hit], query: Query, stage: str, rows: Callable[[Store], list[Row]]
    ) -> None:
        """Keep the places that were found by the words of their names."""
        for number, store in enumerate(self._stores):
            for row in rows(store):
                # A code is a code in capitals only: "Hit" is a town.
                if row.text_kind != "code" or row.text == query.text:
                    _keep(hits, weighed(row, stage, query, number))

    def _keep_alike(
        self,
        hits: dict[str, Hit],
        query: Query,
        readings: list[Reading],
        found: Iterable[list[Key]],
    ) -> None:
        """Keep the places of names that were found by consonants or likeness, store by store."""
        for number, (store, keys) in enumerate(zip(self._stores, found, strict=True)):
            ids = [key[0] for key in keys]
            named = [row for row in store.by_ids(ids) if row.text_kind != "code"] if ids else []
            rows = {row.place_id: row for row in named}
            # The place was found by its words, or in a store that comes before.
            for place_id, known in hits.items():
                if known.store != number or known.stage in _BY_WORDS:
                    rows.pop(place_id, None)
            names = store.names_of(rows) if rows else {}
            for place_id, row in rows.items():
                alike = likeness(readings, names[place_id])
                stage = "skeleton" if alike.consonants > 0.999 else "fuzzy"
                _keep(hits, weighed(row, stage, query, number, alike=alike))

    def _with_same_bones(self, query: Query, readings: list[Reading]) -> Iterator[list[Key]]:
        """Yield for each store the names with the consonants of a reading, whatever their side."""
        keys = {one.bones for one in readings}
        keys |= {f"{readings[0].bones}>{side}" for side in toponyms.SIDES}
        keys |= {
            "".join([one.bones, *(f">{side}" for side in sorted(one.sides))]) for one in readings
        }
        sound = readings[0].sound
        for store in self._stores:
            found = store.by_skeletons(keys, query.country, _MOST_KEYS)
            if not found and query.country:
                found = store.by_skeletons(keys, "", _MOST_KEYS)
            yield _most_alike(sound, found, _MOST_COMPARED)

    def _with_like_names(self, query: Query, readings: list[Reading]) -> Iterator[list[Key]]:
        """Yield for each store the names most like a reading: near what is hinted, else of all.

        Of a large file only names one consonant away are looked at.
        """
        areas: list[Vicinity | None] = [
            area for area in (query.admin2, query.admin1) if area is not None
        ]
        changed = set() if areas else _changed(readings[0].bones)
        for number, store in enumerate(self._stores):
            found: dict[int, Key] = {}
            for area in areas or (None,):
                found |= {
                    key[0]: key
                    for key in self._block.of(store.version, number, area).most_alike(readings)
                }
            if not found and changed:
                keys = store.by_skeletons(changed, query.country, _MOST_KEYS)
                best = _most_alike(readings[0].sound, keys, _MOST_SUGGESTED)
                found = {key[0]: key for key in best}
            yield list(found.values())

    def _read_block(
        self,
        version: object,  # noqa: ARG002  # of the file: others may edit it
        number: int,
        area: Vicinity | None,
    ) -> Block:
        """Return the names of a store in an area, or all of a small store, ready to compare."""
        store = self._stores[number]
        if area is None:
            return Block(store.if_few(_MOST_IN_ALL))
        west, south, east, north = area.bounds
        box = (west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG)
        return Block(store.within(box, _MOST_IN_AREA))


class Block:
    """Names that are compared one by one, with what is compared.

    Parameters
    ----------
    keys : list of (int, str, str)
        Id, sound and skeleton of each.
    """

    def __init__(self, keys: list[Key]) -> None:
        self._keys = keys
        self._sounds = [sound for _, sound, _ in keys]
        self._bones = [skeleton.partition(">")[0] for _, _, skeleton in keys]

    def __len__(self) -> int:
        return len(self._keys)

    def most_alike(self, readings: Sequence[Reading]) -> list[Key]:
        """Return the names most like a reading, by sounds and by consonants."""
        found: dict[int, Key] = {}
        for asked in readings:
            for texts, text, cutoff in (
                (self._sounds, asked.sound, 0.55),
                (self._bones, asked.bones, 0.6),
            ):
                for _, _, place in process.extract(
                    text,
                    texts,
                    scorer=Indel.normalized_similarity,
                    score_cutoff=cutoff,
                    limit=_MOST_LIKE,
                ):
                    found[place] = self._keys[place]
        return list(found.values())


class Blocks:
    """Blocks that are kept: of those that were used last so many that memory stays bounded.

    Rows of a table say where they are in any order, and to read a province takes as long as to
    look up a hundred names.

    Parameters
    ----------
    read : callable
        Returns the block for what `of` is given.
    """

    def __init__(self, read: Callable[..., Block]) -> None:
        self._read = read
        self._kept: dict[tuple[object, ...], Block] = {}
        self._lock = threading.Lock()

    def of(self, *asked: object) -> Block:
        """Return a block, read anew where it is not kept."""
        with self._lock:
            block = self._kept.pop(asked, None)
            if block is not None:
                self._kept[asked] = block  # the last
                return block
        block = self._read(*asked)
        with self._lock:
            self._kept[asked] = block
            names = sum(map(len, self._kept.values()))
            while names > _MOST_KEPT or len(self._kept) > _MOST_BLOCKS:
                names -= len(self._kept.pop(next(iter(self._kept))))
        return block


def _keep(hits: dict[str, Hit], hit: Hit) -> None:
    """Add a hit; of several names of a place the one with most evidence stays, first store first."""
    known = hits.get(hit.row.place_id)
    if known is None or (known.store == hit.store and known.evidence < hit.evidence):
        hits[hit.row.place_id] = hit


def _settled(hits: dict[str, Hit]) -> bool:
    return any(hit.fits and hit.evidence > SETTLED for hit in hits.values())


def _meets(area: Vicinity | None, longitude: float, latitude: float) -> bool:
    """Return whether a spot is in an area or at its edge, or there is no area."""
    return area is None or area.away(longitude, latitude).outside_km < _EDGE_KM


def _readings(query: Query) -> list[Reading]:
    """Return the readings of a name: whole, its parts, without a division or a word."""
    found = [reading(query.text)]
    found += [reading(part, "part") for part in toponyms.parts(query.text)]
    words = toponyms.core(query.text).split()
    if len(words) > 1:
        divisions = [area.words for area in (query.admin1, query.admin2) if area is not None]
        if toponyms.skeleton(words[-1]) in frozenset().union(*divisions):
            found.append(reading(" ".join(words[:-1]), "division"))
        elif len(words) > 2:
            found.append(reading(" ".join(words[:-1]), "word"))
        if words[0] in toponyms.FREELY_LEFT_OUT:
            found.append(reading(" ".join(words[1:]), "word"))
    whole, *others = found
    return [whole, *(one for one in others if len(one.bones) > 1)]


def _changed(bones: str) -> set[str]:
    """Return skeletons one consonant away, of short ones those often confused, and beginnings."""
    size = len(bones)
    found = {bones[:end] for end in range(3, size)}
    more = toponyms.CONSONANTS if size > 4 else "h" if size > 3 else ""
    for at in range(size + 1 if size > 2 else 0):
        before, after, rest = bones[:at], bones[at:], bones[at + 1 :]
        found.update([f"{before}{letter}{after}" for letter in more])
        if at < size:
            others = toponyms.CONSONANTS if size > 5 else confused_with(bones[at])
            found.update([f"{before}{letter}{rest}" for letter in others])
            if size > 3:
                found.add(before + rest)
    found.discard(bones)
    return found


def _most_alike(sound: str, keys: list[Key], most: int) -> list[Key]:
    """Return the names that sound most alike, all where there are no more."""
    if len(keys) <= most:
        return keys
    texts = [text for _, text, _ in keys]
    best = process.extract(sound, texts, scorer=Indel.normalized_similarity, limit=most)
    return [keys[place] for _, _, place in best]
