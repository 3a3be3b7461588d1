"""Tables read in blocks: every cell, type, id and fault as when they are read in one piece."""

import dask.dataframe as dd
import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dask.delayed import delayed

import geoinc as gi
from geoinc.distributed.blocks import blocks_of


def assert_same_reports(source, *, partitions=2, blocksize=3_000, **options):
    found = gi.distributed.read_reports(source, blocksize=blocksize, **options)
    expected = gi.read_reports(source, **options)
    assert found.npartitions >= partitions
    assert list(found.dtypes.items()) == list(expected.dtypes.items())
    parts = [found.partitions[number].compute() for number in range(found.npartitions)]
    table = pd.concat(parts, ignore_index=True)
    problems = [problem for part in parts for problem in part.attrs["problems"]]
    # Rows that tell the same are told by each partition of its own.
    told, known = (
        sorted((fault.row, fault.column, fault.value, fault.why) for fault in faults if fault.row)
        for faults in (problems, expected.attrs["problems"])
    )
    assert told == known
    expected.attrs = table.attrs = {}
    pd.testing.assert_frame_equal(table, expected)
    return expected


@pytest.fixture
def rows():
    return [
        {
            "target": f"place {number % 7}",
            "date": f"0{number % 3 + 1}/04/2021",
            "killed": ["1", "", "2-4", "rumours"][number % 4],
            "Remarks": f'said "{number}",\nthen left;\n\n{"much more " * (number % 5)}',
            "source": "ab"[number % 2],
        }
        for number in range(200)
    ]


@pytest.mark.parametrize("blocksize", [1_500, 4_000, 1 << 26])
def test_rows_with_lines_and_quotes_in_their_cells(tmp_path, rows, blocksize):
    rows[150]["date"] = "25/04/2021"  # which tells the order of all the others
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", index=False)
    table = assert_same_reports(tmp_path / "a.csv", partitions=1, blocksize=blocksize)
    assert (table["date_start"].dt.month == 4).all()
    assert table["account"].str.contains("-2").any()  # rows that tell the same


def test_what_one_row_says_of_its_column_holds_in_every_block(tmp_path, rows):
    table = pd.DataFrame(rows).assign(longitude="44", latitude="33.5")
    table.to_csv(tmp_path / "a.csv", index=False)
    assert assert_same_reports(tmp_path / "a.csv")["longitude"].dtype == "int64"
    table.loc[190, "longitude"] = "44.25"
    table.to_csv(tmp_path / "a.csv", index=False)
    assert assert_same_reports(tmp_path / "a.csv")["longitude"].dtype == "float64"
    table.loc[190, ["longitude", "date"]] = ["far away", "2021-03-02; 2021-03-05"]
    table.to_csv(tmp_path / "a.csv", index=False)
    assert assert_same_reports(tmp_path / "a.csv")["longitude"].dtype == "str"


def test_titles_blank_rows_ragged_rows_and_marks(tmp_path, rows):
    body = "\r\n".join(f"{row['target']};{row['date']};{row['killed']}" for row in rows)
    lines = f"Attacks of a year;;\r\n\r\nTarget;Date;Killed;;\r\n{body}\r\n\r\nlast place\r\nx;y;1;left over\r\n"
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + lines.encode())
    assert_same_reports(tmp_path / "a.csv", blocksize=700, day_first=True)


@pytest.mark.parametrize(
    "spoilt",
    ['5" rockets', "caf\u00e9".encode("cp1252"), b"\xff\xfe"],
    ids=["quote-in-a-cell", "windows", "broken"],
)
def test_what_cannot_be_cut_safely_is_read_in_one_piece(tmp_path, spoilt):
    word = spoilt.encode() if isinstance(spoilt, str) else spoilt
    (tmp_path / "a.csv").write_bytes(
        b"target,notes\n" + b"Mosul,plain\n" * 300 + b"Erbil," + word + b"\n"
    )
    how = {"blocksize": 500, "sheet": None, "header": None, "wanted": ()}
    assert len(blocks_of(tmp_path / "a.csv", "a.csv", **how)) == 1
    assert_same_reports(tmp_path / "a.csv", partitions=1, blocksize=500)


def test_letters_of_several_bytes_at_the_edge_of_a_block(tmp_path):
    (tmp_path / "a.csv").write_text("target,notes\n" + "الموصل,قصف\n" * 200, "utf-8")
    for blocksize in range(300, 320):
        how = {"blocksize": blocksize, "sheet": None, "header": None, "wanted": ()}
        assert len(blocks_of(tmp_path / "a.csv", "a.csv", **how)) > 5
    assert_same_reports(tmp_path / "a.csv", blocksize=301)


def test_several_files_of_several_kinds(tmp_path, rows):
    table = pd.DataFrame(rows)
    table.iloc[:120].to_csv(tmp_path / "a.csv", index=False)
    table.iloc[120:].rename(columns={"target": "Place"}).drop(columns="source").to_csv(
        tmp_path / "b.tsv", sep="\t", index=False
    )
    table.iloc[:3].assign(longitude=44, more=[1, 2, 3]).to_json(
        tmp_path / "c.json", orient="records"
    )
    assert_same_reports(tmp_path, columns={"Place": "target"}, day_first=True)
    with pytest.raises(gi.SchemaError, match="no column 'Where'"):
        gi.distributed.read_reports(tmp_path, columns={"Where": "target"})


def test_row_groups_of_parquet(tmp_path, rows):
    table = pd.DataFrame(rows).assign(number=range(200), killed=[*range(199), None])
    table["checked"] = [True] * 150 + [None] * 50
    parquet = pa.Table.from_pandas(table)
    pq.write_table(parquet, tmp_path / "a.parquet", row_group_size=40)
    read = assert_same_reports(tmp_path / "a.parquet", blocksize=100, day_first=True)
    assert read["killed_best"].max() == 198
    pq.write_table(parquet.slice(0, 20), tmp_path / "b.parquet")
    assert_same_reports([tmp_path / "a.parquet", tmp_path / "b.parquet"], blocksize=100)


def test_versions_of_events_in_other_blocks(tmp_path):
    table = pd.DataFrame(
        {
            "event_id_cnty": [f"IRQ{number % 60}" for number in range(200)],
            "event_date": "2021-03-02",
            "time_precision": "1",
            "geo_precision": [str(number % 3 + 1) for number in range(200)],
            "latitude": "33.5",
            "longitude": "44.5",
            "event_type": "Explosions/Remote violence",
            "actor1": "X",
            "location": "Mosul",
            "fatalities": "0",
            "timestamp": [str(1000 + number // 90) for number in range(200)],
        }
    )
    table.to_csv(tmp_path / "acled.csv", index=False)
    expected = assert_same_reports(tmp_path / "acled.csv", blocksize=2_000)
    assert expected["reason"].str.startswith("an older version").any()
    assert expected["reason"].str.startswith("a second copy").any()
    gone = pd.DataFrame({"event_id_cnty": ["IRQ7", "IRQ59"], "deleted_timestamp": ["2000", "2000"]})
    gone.to_csv(tmp_path / "deleted.csv", index=False)
    both = assert_same_reports([tmp_path / "acled.csv", tmp_path / "deleted.csv"], blocksize=2_000)
    assert (both["reason"] == "deleted by ACLED").any()


def test_ucdp_as_it_is(shared_data, cluster):  # noqa: ARG001
    path = shared_data / "ucdp" / "ged_sample1000.csv"
    assert_same_reports(path, blocksize=400_000)


def test_a_fault_names_the_file_and_the_row(tmp_path):
    (tmp_path / "a.csv").write_text("target,notes\n" + "Mosul,plain\n" * 300 + "Erbil,a,b,c\n")
    with pytest.raises(gi.SchemaError, match=r"'a\.csv', row 302: more cells"):
        gi.distributed.read_reports(tmp_path / "a.csv", blocksize=500)
    with pytest.raises(FileNotFoundError, match="no file"):
        gi.distributed.read_reports(tmp_path / "b.csv")


def test_a_file_that_changes_meanwhile_is_told(tmp_path):
    (tmp_path / "a.csv").write_text("target\n" + "Mosul\n" * 300)
    reports = gi.distributed.read_reports(tmp_path / "a.csv", blocksize=500)
    (tmp_path / "a.csv").write_text("target\nErbil\n")
    with pytest.raises(gi.SchemaError, match="changed while it was read"):
        reports.compute()


def test_texts_that_are_missing_in_parquet_stay_missing(tmp_path, rows):
    rows[7]["Remarks"] = rows[190]["source"] = None
    table = pa.Table.from_pandas(pd.DataFrame(rows))
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=40)
    reports = assert_same_reports(tmp_path / "a.parquet", blocksize=4_000)
    assert reports["Remarks"].isna().sum() == 1


def test_a_table_that_dask_has_already_is_read_as_in_one_piece(rows):
    rows[150]["date"] = "25/04/2021"
    rows[7]["Remarks"] = None
    table = pd.DataFrame(rows)
    parts = dd.from_pandas(table, npartitions=3, sort=False)
    found, expected = gi.distributed.read_reports(parts), gi.read_reports(table)
    assert found.npartitions == 3
    pd.testing.assert_frame_equal(without_attrs(found.compute(), expected), without_attrs(expected))
    faults = [fault for part in found.partitions for fault in part.compute().attrs["problems"]]
    assert [(one.row, one.column) for one in faults if one.row] == [
        (one.row, one.column) for one in expected.attrs["problems"] if one.row
    ]


def test_points_of_dask_geopandas_are_places(rows):
    """Its partitions are tables of geopandas, as these are."""
    table = pd.DataFrame(rows).drop(columns=["target", "date", "killed"])
    points = gpd.points_from_xy(range(20, 220), [33.5] * 200, crs=4326).to_crs(3857)
    table = gpd.GeoDataFrame(table, geometry=points)
    cut = [delayed(table.iloc[start : start + 70]) for start in range(0, 200, 70)]
    parts = dd.from_delayed(cut, meta=table.iloc[:0])
    found = gi.distributed.layers_from_coordinates(parts, uncertainty_m=500).compute()
    expected = gi.layers_from_coordinates(table, uncertainty_m=500)
    assert expected.targets["longitude"].round(6).iloc[[0, -1]].to_list() == [20, 219 - 360]
    pd.testing.assert_frame_equal(
        without_attrs(found.targets, expected.targets), without_attrs(expected.targets)
    )
    assert found.places.index.equals(expected.places.index)


def without_attrs(table, like=None):
    table = table.copy() if like is None else table.set_axis(like.index)
    table.attrs = {}
    return table
