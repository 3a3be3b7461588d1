"""Tables of reports in partitions: what only a whole column tells is found out once, over all of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask.delayed import delayed

from geoinc.distributed.blocks import Block, Part, blocks_of, parts_of
from geoinc.distributed.crossing import compared, numbers_of, repeated
from geoinc.distributed.layers import AS_THEY_ARE
from geoinc.distributed.running import computed, results_kept
from geoinc.errors import Problem, SchemaError
from geoinc.reports.accounts import contents_of
from geoinc.reports.exports import detected, events_in, lists_deletions, superseded, versions
from geoinc.reports.reading import (
    READ_FROM,
    Problems,
    labelled,
    one_below_another,
    served,
    serving_here,
)
from geoinc.reports.understanding import (
    Summary,
    Whole,
    one_date_a_row,
    summary_of,
    understood,
    whole_of,
)
from geoinc.uncertainty.draws import keys_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from dask.delayed import Delayed
    from numpy.typing import NDArray

    from geoinc.reports.exports import Format
    from geoinc.reports.headers import TextTable

    Keys = NDArray[np.uint64]


def read_reports(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | dd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    format: Format | None = None,  # noqa: A002  # as `geoinc.read_reports`
    sheet: str | int | None = None,
    header: int | None = None,
    day_first: bool | None = None,
    blocksize: int = 1 << 26,
) -> dd.DataFrame:
    r"""Read tables of reports in partitions, as `geoinc.read_reports` does in one.

    CSV and TSV in UTF-8 are cut into blocks of whole rows, Parquet by its row groups; any other
    file is one partition.  The files are read once now, for what only the whole tells: delimiter,
    columns, the order of day and month, types, copies of a row; and again when the rows are needed.

    Parameters
    ----------
    source : path, a list of them, or a dask.dataframe.DataFrame
        Files, at the same place for every worker; a folder is every table in it.  Or a plain table
        in partitions, those of dask-geopandas too: centres become ``longitude`` and ``latitude``.
    columns, format, sheet, header, day_first
        As of `geoinc.read_reports`.
    blocksize : int
        About how many bytes of a file a partition has.

    Returns
    -------
    dask.dataframe.DataFrame
        The rows and columns of `geoinc.read_reports`, in its order, numbered by partition.
        ``.attrs`` of each partition has ``source`` and the ``problems`` of its rows.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, SchemaError
        As of `geoinc.read_reports`.

    Examples
    --------
    >>> import geoinc as gi, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "attacks.csv"
    ...     _ = path.write_text("Base,date\nBalad,2021-03\n")
    ...     reports = gi.distributed.read_reports(path, columns={"Base": "target"})
    ...     reports.compute()["date_end"].astype(str).to_list()
    ['2021-03-31']
    """
    options = _Options(dict(columns or {}), format, sheet, header)
    files = _files(source, options, blocksize)
    tasks = [delayed(_begun)(blocks[0], options) for blocks in files.values()]
    firsts = computed(tasks, "looking into files")
    begun = dict(zip(files, firsts, strict=True))
    deletions = [table for _, table in begun.values() if table is not None]
    deleted = pd.concat(deletions) if deletions else None
    files = {name: blocks for name, blocks in files.items() if begun[name][1] is None}
    if not files:
        msg = "a list of deleted events alone is no table of reports; give the events with it"
        raise SchemaError(msg)
    ours = {}
    for name in files:
        others = {theirs for other in files if other != name for theirs in begun[other][0]}
        here = serving_here(options.columns, begun[name][0], others)
        ours[name] = _Ours(name if len(files) > 1 else "", here, deleted)
    parts = [(block, name) for name, blocks in files.items() for block in blocks]
    tasks = [delayed(_told, pure=True, nout=3)(block, ours[name], options) for block, name in parts]
    kept, contents, events = results_kept(tasks, 3)
    told = computed(kept, "reading blocks")
    whole = whole_of([one.summary for one in told], day_first=day_first)
    at_files = {name: [at for at, (_, own) in enumerate(parts) if own == name] for name in files}
    example = _example({name: [told[at].first for at in own] for name, own in at_files.items()})
    earlier = _where_any(compared(contents, _earlier))
    elsewhere: list[Delayed | None] = [None] * len(parts)
    for own in at_files.values():
        if len(own) > 1 and all(told[at].has_versions for at in own):
            found = _where_any(compared([events[at] for at in own], _elsewhere))
            for at, one in zip(own, found, strict=True):
                elsewhere[at] = one
    decided = _Decided(options, whole, example, ", ".join(files))
    tasks = [
        delayed(_reports, pure=True)(block, ours[name], decided, before, other)
        for (block, name), before, other in zip(parts, earlier, elsewhere, strict=True)
    ]
    meta = understood(example, np.arange(len(example)), whole)[0].iloc[:0]
    with dask.config.set(AS_THEY_ARE):
        table: dd.DataFrame = dd.from_delayed(tasks, meta=meta, prefix="reports", verify_meta=False)
    return table


class _Options(NamedTuple):
    """What the user says of all files."""

    columns: Mapping[str, str]
    export: Format | None
    sheet: str | int | None
    header: int | None

    def read(self, block: Block | Part) -> TextTable:
        return block.read(sheet=self.sheet, header=self.header, wanted=self.columns)


class _Ours(NamedTuple):
    """How the columns of a file become ours."""

    name: str  # of the file, "" where it is the only one
    columns: Mapping[str, str]
    deleted: pd.DataFrame | None  # ACLED's list of deleted events

    def served(self, read: TextTable, export: Format | None) -> pd.DataFrame:
        try:
            return served(read, self.columns, export, self.deleted)
        except SchemaError as error:
            if not self.name:
                raise
            msg = f"{self.name!r}: {error}"
            raise SchemaError(msg, error.problems) from error


class _Told(NamedTuple):
    """What a block tells of the whole."""

    summary: Summary
    first: pd.DataFrame  # its first row
    has_versions: bool  # of events, as ACLED has


class _Contents(NamedTuple):
    """The content of each row of a block."""

    key: Keys


class _Earlier(NamedTuple):
    """Contents of a block that rows of blocks before it have as well, and how many of them."""

    key: Keys
    before: NDArray[np.int64]


class _Versions(NamedTuple):
    """The events of a block of ACLED, and when each row of them was written."""

    key: Keys
    stamp: NDArray[np.float64]


class _Elsewhere(NamedTuple):
    """Versions of events of a block that are in others, and whether those stand before it."""

    key: Keys
    stamp: NDArray[np.float64]
    before: NDArray[np.bool_]


class _Decided(NamedTuple):
    """What is the same for every block."""

    options: _Options
    whole: Whole
    example: pd.DataFrame  # rows with the columns of the whole table, in their types
    source: str  # the names of the files


def _files(
    source: object, options: _Options, blocksize: int
) -> Mapping[str, Sequence[Block | Delayed]]:
    """Return the blocks of each file of a source, or the partitions of a table."""
    if isinstance(source, dd.DataFrame):
        return {"": parts_of(source)}
    files = {}
    for label, one in labelled(source):
        if isinstance(one, pd.DataFrame):
            msg = "a table in memory is read by geoinc.read_reports; from_layers makes partitions"
            raise TypeError(msg)
        path = Path(str(one)).absolute()
        if not path.is_file():
            msg = f"no file {str(one)!r}"
            raise FileNotFoundError(msg)
        files[label] = blocks_of(
            path,
            label,
            blocksize=blocksize,
            sheet=options.sheet,
            header=options.header,
            wanted=options.columns,
        )
    return files


def _begun(block: Block | Part, options: _Options) -> tuple[list[str], pd.DataFrame | None]:
    """Return the columns of a file, and the table where it is a list of deleted events."""
    table = options.read(block).table
    return list(table.columns), table if lists_deletions(table.columns) else None


# ---------------------------------------------------------------- what the whole tells


def _told(
    block: Block | Part, ours: _Ours, options: _Options
) -> tuple[_Told, _Contents, _Versions]:
    read = options.read(block)
    table = ours.served(read, options.export)
    rows, _ = one_date_a_row(table, read.numbers)
    has_versions = _has_versions(read.table, ours, options)
    incident, stamp = events_in(read.table if has_versions else read.table.iloc[:0])
    known = (incident != "").to_numpy(dtype=bool)
    return (
        _Told(summary_of(rows), table.iloc[:1], has_versions),
        _Contents(contents_of(rows)),
        _Versions(keys_of(incident[known]), stamp[known].to_numpy(dtype=float)),
    )


def _has_versions(table: pd.DataFrame, ours: _Ours, options: _Options) -> bool:
    export = options.export or detected(table.columns)
    return export == "acled" and not {"include", "reason"} & {*ours.columns.values()}


def _example(firsts: Mapping[str, Sequence[pd.DataFrame]]) -> pd.DataFrame:
    """Return a row of each file with the columns, in the types, that the whole table has."""
    # A column without a name is there as far as any row fills it.
    best = {
        name: max(rows, key=lambda row: (len(row), len(row.columns)))
        for name, rows in firsts.items()
    }
    return one_below_another(best) if len(best) > 1 else next(iter(best.values()))


def _earlier(contents: list[_Contents]) -> list[_Earlier]:
    """Return for each block how many rows of blocks before it have the content of one of its own."""
    several = repeated(np.concatenate([one.key for one in contents]))
    seen = np.zeros(len(several), dtype=np.int64)
    found = []
    for one in contents:
        own, count = np.unique(one.key[np.isin(one.key, several)], return_counts=True)
        at = np.searchsorted(several, own)
        before = seen[at]
        found.append(_Earlier(own[before > 0], before[before > 0]))
        seen[at] += count
    return found


def _elsewhere(events: list[_Versions]) -> list[_Elsewhere]:
    """Return for each block of a file the versions of its events that are in others of it."""
    table = pd.DataFrame(
        {
            "event": np.concatenate([one.key for one in events]),
            "stamp": np.concatenate([one.stamp for one in events]),
            "block": np.repeat(np.arange(len(events)), [len(one.key) for one in events]),
        }
    ).drop_duplicates()
    table = table[table.groupby("event")["block"].transform("nunique") > 1]
    found = []
    for block in range(len(events)):
        own = table.loc[table["block"] == block, "event"]
        there = table[table["event"].isin(own) & (table["block"] != block)]
        found.append(
            _Elsewhere(
                there["event"].to_numpy(),
                there["stamp"].to_numpy(),
                (there["block"] < block).to_numpy(),
            )
        )
    return found


def _where_any(found: Sequence[Delayed]) -> list[Delayed | None]:
    """Return what was found for each block, None where that is nothing."""
    return [one if n else None for one, n in zip(found, numbers_of(found), strict=True)]


# ---------------------------------------------------------------- rows


def _reports(
    block: Block | Part,
    ours: _Ours,
    decided: _Decided,
    earlier: _Earlier | None,
    elsewhere: _Elsewhere | None,
) -> pd.DataFrame:
    """Return the reports of a block."""
    read = decided.options.read(block)
    table = ours.served(read, decided.options.export)
    if elsewhere is not None:
        _set_aside(table, read.table, elsewhere)
    table = _as_in(decided.example, table, ours.name)
    table, rows = one_date_a_row(table, read.numbers)
    before = None if earlier is None else pd.Series(earlier.before, index=earlier.key)
    table, problems = understood(table, rows, decided.whole, before)
    if ours.name:
        read.problems[:] = [
            Problem(fault.row, fault.column, fault.value, f"{ours.name}: {fault.why}")
            for fault in read.problems
        ]
    found = sorted([*read.problems, *problems], key=lambda problem: problem.row or 0)
    table.attrs = {
        "source": decided.source,
        "problems": Problems(found),
        "recognised": decided.whole.facts,
    }
    return table


def _set_aside(table: pd.DataFrame, raw: pd.DataFrame, elsewhere: _Elsewhere) -> None:
    """Set aside the rows of ACLED that are not the ones to count, because of rows in other blocks."""
    incident, stamp = events_in(raw)
    others = pd.DataFrame({"event": elsewhere.key, "stamp": elsewhere.stamp})
    before, after = others[elsewhere.before], others[~elsewhere.before]
    rows = pd.DataFrame({"event": keys_of(incident), "stamp": stamp.to_numpy()})
    rows = pd.concat([before, rows, after], ignore_index=True)
    older, again = versions(rows["event"], rows["stamp"])
    own = slice(len(before), len(before) + len(raw))
    told = incident != ""
    words = superseded(incident, told & older[own].to_numpy(), told & again[own].to_numpy())
    table["reason"] = words.where(words != "", table["reason"])
    table["include"] = pd.Series("no", index=table.index).where(table["reason"] != "", "")


def _as_in(example: pd.DataFrame, table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return rows of a file with the columns and types of the whole table."""
    columns = {}
    for column, dtype in example.dtypes.items():
        texts = isinstance(dtype, pd.StringDtype)
        if column in table:
            values = table[column]
            # As tables are put one below another.
            columns[column] = (values.fillna("") if texts and name else values).astype(dtype)
        elif column == READ_FROM and name:
            columns[column] = pd.Series(name, index=table.index, dtype=dtype)
        else:
            columns[column] = pd.Series("" if texts else np.nan, index=table.index, dtype=dtype)
    return pd.DataFrame(columns, index=table.index)
