"""What the tests of every room share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data():
    """Return the folder of reference data beside the checkout, or skip."""
    if not SHARED.is_dir():
        pytest.skip("the reference data (../shared/data) is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def toy_gazetteer(tmp_path_factory):
    """Return the gazetteer of the toy world (tests/toy.py)."""
    from toy import WORLD, write_gazetteer

    from geoinc.gazetteer import Gazetteer

    path = tmp_path_factory.mktemp("toy") / "toy.gpkg"
    write_gazetteer(path, WORLD)
    return Gazetteer(path)
