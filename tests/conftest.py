"""What the tests of every room share."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing on a busy machine.
settings.register_profile("geoinc", deadline=None)
settings.load_profile("geoinc")

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


@pytest.fixture(scope="session")
def browser():
    """Return Chromium, headless, or skip where it or playwright is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium on the PATH")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session", params=[1, 2], ids=["one-worker", "two-workers"])
def cluster(request):
    """Return a client of a Dask cluster on this machine, its workers processes of their own."""
    dask = pytest.importorskip("dask", reason="dask is not installed")
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    workers = {"n_workers": request.param, "threads_per_worker": 1, "processes": True}
    with (
        # As in `geoinc.distributed.cluster`: layers in memory travel with what is asked of them.
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}),
        distributed.LocalCluster(**workers, dashboard_address=":0") as local,
        distributed.Client(local) as client,
    ):
        yield client
