"""Layers in a folder of partitions: nothing lost, nothing half written, nothing written twice."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import dask
import distributed
import pandas as pd
import pytest
from test_distributed_layers import assert_same_layers as assert_same

import geoinc as gi
from geoinc.distributed.layers import AS_THEY_ARE
from geoinc.exchange.partitions import parts_of

N = 40


def assert_same_layers(found, expected):
    # A file does not say which type of texts an index had.
    assert_same(found, expected, check_index_type=False)


@pytest.fixture(scope="module")
def layers():
    words = ["Balad air base", "Mosul", "Diyala", "nowhere known", "Erbil"]
    table = pd.DataFrame(
        {
            "target": [words[number % 5] for number in range(N)],
            "date": ["2021-03-02", ""] * (N // 2),
            "mixed": [1, "two", None, 4.5] * (N // 4),
            "source": [f"paper {number}" for number in range(N)],
        }
    )
    layers = gi.locate(gi.read_reports(table), gi.load_gazetteer())
    for role in ("launch", "target", "impact"):
        layers.layer(role).attrs = {}
    return layers


@pytest.mark.parametrize("npartitions", [1, 3, 7])
def test_what_is_written_in_partitions_is_read_as_one(layers, tmp_path, npartitions):
    path = tmp_path / "attacks.parquet"
    gi.distributed.write_layers(gi.distributed.from_layers(layers, npartitions=npartitions), path)
    assert len(parts_of(path)) == npartitions
    assert_same_layers(gi.read_layers(path), layers)
    again = gi.distributed.read_layers(path)
    assert again.targets.npartitions == npartitions
    assert_same_layers(again.compute(), layers)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_one_machine_is_read_in_partitions(layers, tmp_path):
    gi.write_layers(layers, tmp_path / "attacks.parquet")
    parts = gi.distributed.read_layers(tmp_path / "attacks.parquet", npartitions=3)
    assert parts.targets.npartitions == 3
    assert_same_layers(parts.compute(), layers)


def test_an_existing_folder_is_replaced_only_when_asked(layers, tmp_path):
    path = tmp_path / "attacks.parquet"
    parts = gi.distributed.from_layers(layers, npartitions=2)
    gi.distributed.write_layers(parts, path)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        gi.distributed.write_layers(parts, path)
    gi.distributed.write_layers(
        gi.distributed.from_layers(layers, npartitions=3), path, overwrite=True
    )
    assert len(parts_of(path)) == 3
    with pytest.raises(ValueError, match=r"does not end in \.parquet"):
        gi.distributed.write_layers(parts, tmp_path / "attacks.gpkg")


def test_provenance_is_that_of_one_machine(layers, tmp_path):
    (tmp_path / "reports.csv").write_text("target\nMosul\n")
    made_from = [tmp_path / "reports.csv"]
    parts = gi.distributed.from_layers(layers, npartitions=3)
    gi.distributed.write_layers(parts, tmp_path / "parts.parquet", made_from=made_from)
    gi.write_layers(layers, tmp_path / "whole.parquet", made_from=made_from)
    notes = [
        json.loads((tmp_path / f"{name}.parquet.provenance.json").read_text("utf-8"))
        for name in ("parts", "whole")
    ]
    for what in ("rows", "credits", "made_from", "geoinc"):
        assert notes[0][what] == notes[1][what]
    written = {one["file"] for one in notes[0]["written"]}
    assert written == {
        one.relative_to(tmp_path / "parts.parquet").as_posix()
        for one in (tmp_path / "parts.parquet").rglob("*.*")
        if one.is_file()
    }


def failing_once(rows, path):
    """Fail in the partition of paper 20 unless a file says that it is mended."""
    if (rows["source"] == "paper 20").any() and not path.exists():
        msg = "attacks.csv, row 22: a quote is left open"
        raise ValueError(msg)
    return rows


def spoilt(layers, mended):
    parts = gi.distributed.from_layers(layers, npartitions=4)
    with dask.config.set(AS_THEY_ARE):
        targets = parts.targets.map_partitions(failing_once, mended, meta=parts.targets._meta)
    return gi.distributed.DistributedLayers(parts.launches, targets, parts.impacts, parts.places)


def test_a_failed_partition_is_named_and_the_finished_ones_are_not_written_again(
    cluster,  # noqa: ARG001
    layers,
    tmp_path,
):
    path, mended = tmp_path / "attacks.parquet", tmp_path / "mended"
    with pytest.raises(
        gi.GeoincError, match=r"1 of 4 .* part-00002: attacks\.csv, row 22: a quote"
    ):
        gi.distributed.write_layers(spoilt(layers, mended), path)
    assert not path.exists()
    finished = parts_of(tmp_path / ".attacks.parquet.unfinished")
    assert len(finished) == 3
    before = {part.name: part.stat().st_mtime_ns for part in finished}
    mended.touch()
    gi.distributed.write_layers(spoilt(layers, mended), path)
    assert_same_layers(gi.read_layers(path), layers)
    after = {part.name: part.stat().st_mtime_ns for part in parts_of(path)}
    assert before.items() <= after.items()
    # Of other data nothing is finished.
    (tmp_path / ".attacks.parquet.unfinished").mkdir()
    parts_of(path)[0].rename(tmp_path / ".attacks.parquet.unfinished" / parts_of(path)[0].name)
    others = gi.distributed.from_layers(layers, npartitions=2)
    gi.distributed.write_layers(others, path, overwrite=True)
    assert_same_layers(gi.read_layers(path), layers)


def slowly(rows):
    time.sleep(0.3)
    return rows


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(layers, tmp_path):
    path = tmp_path / "attacks.parquet"
    parts = gi.distributed.from_layers(layers, npartitions=8)
    with dask.config.set(AS_THEY_ARE):
        targets = parts.targets.map_partitions(slowly, meta=parts.targets._meta)
    parts = gi.distributed.DistributedLayers(parts.launches, targets, parts.impacts, parts.places)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as local,
        distributed.Client(local) as client,
    ):
        victim = min(client.run(os.getpid).values())

        def kill():
            while len(parts_of(tmp_path / ".attacks.parquet.unfinished")) < 2:
                time.sleep(0.05)
            os.kill(victim, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        gi.distributed.write_layers(parts, path)
        killer.join()
        assert victim not in client.run(os.getpid).values()
    assert_same_layers(gi.read_layers(path), layers)


NAMES = """
import json, sys
import geoinc as gi
from pathlib import Path
from geoinc.distributed.writing import _tasks
reports = gi.distributed.read_reports(sys.argv[1], blocksize=400)
layers = gi.distributed.locate(reports, gi.load_gazetteer())
print(json.dumps(sorted(_tasks(layers, Path("draft")))))
"""


def test_another_process_knows_what_is_finished(layers, tmp_path):
    layers.targets[["target", "incident"]].to_csv(tmp_path / "a.csv", index=False)
    told = [
        subprocess.run(  # noqa: S603  # our own interpreter and script
            [sys.executable, "-c", NAMES, tmp_path / "a.csv"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert len(json.loads(told[0])) > 1
