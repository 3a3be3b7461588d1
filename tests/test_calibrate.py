"""The figures of docs/names.md: what the search reaches on names that the fit has not seen."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from gazetteer import calibrate
from geoinc import matching
from geoinc.finding import Finder


def test_the_fit_finds_the_weights_that_made_the_choices():
    """Choices drawn from a known model: it comes out again, within what chance allows."""
    rng = np.random.default_rng(1)
    names, true = ["fold", "sound"], np.array([1.0, 5.0])
    choices = []
    for _ in range(4000):
        terms = np.column_stack([np.ones(3), rng.normal(size=3) / 3])
        odds = np.append(np.exp(terms @ true), 1.0)  # the last is "none of them"
        chosen = rng.choice(4, p=odds / odds.sum())
        choices.append(calibrate.Choice(terms, np.zeros(3), np.arange(3) == chosen, 1.0))
    found = calibrate.fit(choices, names)
    assert found["fold"] == pytest.approx(1.0, abs=0.15)
    assert found["sound"] == pytest.approx(5.0, abs=0.3)


def test_the_table_has_the_weights_that_are_fitted():
    table = tomllib.loads(calibrate.WEIGHTS.read_text(encoding="utf-8"))
    assert set(table["fitted"]) == set(calibrate.PRIOR)
    assert not set(table["fitted"]) & set(table["set"])
    assert {**table["fitted"], **table["set"]} == matching.WEIGHTS


def test_weights_are_written_as_they_are_read(tmp_path, monkeypatch):
    path = tmp_path / "weights.toml"
    path.write_text(calibrate.WEIGHTS.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(calibrate, "WEIGHTS", Path(path))
    calibrate.write_weights(dict.fromkeys(calibrate.PRIOR, 1.25))
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assert table["fitted"] == dict.fromkeys(calibrate.PRIOR, 1.25)
    assert (
        table["set"]
        == tomllib.loads(
            (Path(calibrate.ROOT) / "geoinc" / "weights.toml").read_text(encoding="utf-8")
        )["set"]
    )


@pytest.fixture(scope="module")
def outcomes(shared_data, tmp_path_factory):
    """Outcomes of the names of UCDP by level of hints, each judged by a fit without its fold."""
    folder = tmp_path_factory.mktemp("calibrate")
    gazetteer = calibrate.without_ucdp(folder) | calibrate.of_syria(shared_data, folder)
    given = tomllib.loads(calibrate.WEIGHTS.read_text(encoding="utf-8"))["set"]
    names = list(calibrate.PRIOR)
    levels = [calibrate.ucdp_cases(shared_data, level) for level in range(3)]
    with gazetteer.reading():
        for cases in levels:
            calibrate.search(Finder(gazetteer._stores), cases)
    choices = [
        (case.fold, calibrate.choice(case, names, given, 1.0)) for cases in levels for case in cases
    ]
    weights = [
        calibrate.fit([one for fold, one in choices if fold != out], names) | given
        for out in range(5)
    ]
    return [
        [calibrate.outcome(case, calibrate.rescored(case, weights[case.fold])) for case in cases]
        for cases in levels
    ]


@pytest.mark.filterwarnings("ignore")  # six rows of the places have broken bytes
@pytest.mark.parametrize(
    ("level", "right", "wrong", "sure"),
    # Two points less than measured: 635 names leave as much to chance.
    [(0, 43.5, 6.0, 90.0), (1, 57.5, 4.0, 92.5), (2, 64.4, 3.5, 94.5)],
)
def test_names_of_ucdp_on_unseen_folds(outcomes, level, right, wrong, sure):
    found = outcomes[level]
    assert len(found) == 635
    assert calibrate.share(one.away_km <= 5 for one in found) >= right
    assert calibrate.share(25 < one.away_km < np.inf for one in found) <= wrong
    assert calibrate.share(one.first_km <= 5 for one in found if one.score >= 0.8) >= sure
