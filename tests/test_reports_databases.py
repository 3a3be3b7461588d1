"""Reports out of a database: a real PostGIS of the system, in a cluster of its own."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import sqlalchemy

from geoinc.errors import SchemaError
from geoinc.reports import read_reports

ROWS = gpd.GeoDataFrame(
    {
        "target": ["Balad", "Al-Asad", "Taji"],
        "day": pd.to_datetime(["2021-03-15", "2021-03-16", "2021-03-17"]).date,
        "killed": [2, 0, None],
    },
    geometry=gpd.points_from_xy([44.36, 42.44, 44.25], [33.94, 33.79, 33.52]),
    crs=4326,
)


def test_any_database_answers_a_query(tmp_path):
    url = f"sqlite:///{tmp_path / 'attacks.db'}"
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        pd.DataFrame(ROWS.drop(columns="geometry")).to_sql("attacks", connection, index=False)
    for given in (url, engine):
        reports = read_reports("SELECT target, day AS date, killed FROM attacks", connection=given)
        assert reports["target"].to_list() == ["Balad", "Al-Asad", "Taji"]
        assert reports["killed_best"].to_list() == [2, 0, pd.NA]
        assert reports.attrs["recognised"]["format"] == "SQL"
    long = "SELECT target FROM attacks WHERE killed = 2" + " OR killed = 2" * 100
    assert len(read_reports(long, connection=url)) == 1
    with pytest.raises(SchemaError, match="does not answer") as caught:
        read_reports("SELECT * FROM nowhere", connection=url)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def postgis():
    """Return the URL of a PostGIS that ends with the tests."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        pytest.skip("PostGIS (Debian: postgresql-15-postgis-3) is not installed")
    folder = Path(tempfile.mkdtemp(prefix="geoinc-pg-"))
    # The server refuses to run as root.
    who = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    if who:
        shutil.chown(folder, **who)
    control = found[-1].with_name("pg_ctl")

    def call(*arguments):
        subprocess.run(  # noqa: S603  # the system's own programs
            list(map(str, arguments)),
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=120,
            **who,
        )

    call(found[-1], "-D", folder / "data", "-U", "geoinc", "-A", "trust", "--no-sync", "-E", "UTF8")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    call(control, "-D", folder / "data", "-l", folder / "log", "-w", "-o", options, "start")
    url = f"postgresql+psycopg://geoinc@/postgres?host={folder}"
    try:
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE EXTENSION postgis"))
            connection.execute(
                sqlalchemy.text(
                    "CREATE TABLE attacks (target text, day date, killed integer, geom geometry(Point, 4326))"
                )
            )
            for row in ROWS.itertuples():
                connection.execute(
                    sqlalchemy.text(
                        "INSERT INTO attacks VALUES (:target, :day, :killed, ST_GeomFromText(:wkt, 4326))"
                    ),
                    {
                        "target": row.target,
                        "day": row.day,
                        "killed": None if pd.isna(row.killed) else int(row.killed),
                        "wkt": row.geometry.wkt,
                    },
                )
        engine.dispose()
        yield url
    finally:
        call(control, "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_postgis_answers_with_coordinates(postgis):
    reports = read_reports(
        "SELECT * FROM attacks ORDER BY target", connection=postgis, columns={"day": "date"}
    )
    assert reports["target"].to_list() == ["Al-Asad", "Balad", "Taji"]
    assert reports["longitude"].to_list() == [42.44, 44.36, 44.25]
    assert reports["date"].to_list() == ["2021-03-16", "2021-03-15", "2021-03-17"]
    assert reports["killed_best"].to_list() == [0, 2, pd.NA]
    assert "geom" not in reports


def test_postgis_in_another_system_and_areas(postgis):
    query = "SELECT target, ST_Transform(geom, 32638) AS geom FROM attacks ORDER BY target"
    assert read_reports(query, connection=postgis)["latitude"].round(6).to_list() == [
        33.79,
        33.94,
        33.52,
    ]
    query = "SELECT target, ST_Buffer(geom::geography, 1000)::geometry AS area FROM attacks"
    assert read_reports(query, connection=postgis)["uncertainty_m"].between(990, 1010).all()


def test_a_query_changes_nothing(postgis):
    query = "WITH gone AS (DELETE FROM attacks RETURNING target) SELECT * FROM gone"
    assert len(read_reports(query, connection=postgis)) == 3
    assert len(read_reports("SELECT * FROM attacks", connection=postgis)) == 3
