"""A place that two gazetteers have is one candidate, the first gazetteer's."""

import pytest
from toy import WORLD, Entry, write_gazetteer

from geoinc.gazetteer import Gazetteer


@pytest.fixture
def united(tmp_path, toy_gazetteer):
    def unite(*entries):
        path = tmp_path / f"{len(entries)}.gpkg"
        write_gazetteer(path, entries)
        return toy_gazetteer | Gazetteer(path)

    return unite


def ids(gazetteer, name):
    return [
        candidate.place_id for candidate in gazetteer.candidates(name) if candidate.stage != "fuzzy"
    ]


def test_the_same_town_is_found_once_and_the_first_wins(united):
    both = united(
        Entry("b-gamma", "Gámma", "town", "WL", "Beta", 3.01, 0.0, spellings=("Gammaville",))
    )
    alone = united()
    assert ids(both, "Gamma") == ids(alone, "Gamma")
    # Whichever spelling is asked, also one that only the second has.
    (found,) = both.candidates("Gammaville")
    assert (found.place_id, found.matched, found.stage) == ("wl-gamma", "Gammaville", "exact")
    assert both.place("b-gamma").name == "Gámma"  # by its id it is still there


def test_a_likely_name_stays_as_likely(united):
    both = united(Entry("b-omega", "Omega oil field", "oil field", "WL", "Beta", 4.5, 0.001))
    (one,) = (c for c in united().candidates("Omega oil field") if c.kind == "oil field")
    (two,) = (c for c in both.candidates("Omega oil field") if c.kind == "oil field")
    assert two.score == pytest.approx(one.score)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (Entry("b", "Delta", "village", "WL", "Beta", 4.2, 0), "farther than it is wide"),
        (Entry("b", "Delta", "oil field", "WL", "Beta", 4.0, 0), "of another kind"),
        (Entry("b", "Delta", "village", "EL", "Beta", 4.0, 0), "in another country"),
    ],
)
def test_a_namesake_is_another_place(united, entry, why):
    assert "b" in ids(united(entry), "Delta"), why


def test_a_hamlet_in_one_file_and_a_town_in_the_other_are_one(united):
    both = united(Entry("b", "Delta", "town", "WL", "Beta", 4.001, 0, radius_m=3000))
    assert "b" not in ids(both, "Delta")


def test_all_that_the_first_finds_the_union_finds_alike(united):
    second = [entry for entry in WORLD if entry.box is None]
    for number, entry in enumerate(second):
        second[number] = Entry(
            f"b-{number}", entry.name, entry.kind, entry.country, entry.admin1, entry.longitude,
            entry.latitude + 0.003, entry.importance, entry.spellings, entry.codes,
        )  # fmt: skip
    both, alone = united(*second), united()
    for entry in WORLD:
        assert ids(both, entry.name) == ids(alone, entry.name)
