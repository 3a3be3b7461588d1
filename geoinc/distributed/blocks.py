"""Files cut into blocks of whole rows, which many workers read at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from dask.delayed import delayed

from geoinc.distributed.layers import stamp_of
from geoinc.distributed.running import computed
from geoinc.errors import SchemaError
from geoinc.reports.files import read_table
from geoinc.reports.headers import TextTable
from geoinc.reports.reading import from_frame
from geoinc.reports.texts import CONTROL, Header, header_of, rows_below

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    import dask.dataframe as dd
    from dask.delayed import Delayed

#: Enough of a file to see its header: more than twenty rows as long as rows may be.
_HEAD = 1 << 25
_QUOTE, _LINE, _RETURN = b'"\n\r'
#: How files begin that are no text between delimiters; the last three are texts.
_OTHERS = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"\x1f\x8b", b"SQLite", b"\x00\x00\x27\x0a")
_TEXTS = (b"{", b"[", b"\x1e", b"<")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Block:
    """Rows of a file that are read together.

    Parameters
    ----------
    path : Path
        The file.
    stamp : str
        Another when it was written anew.
    name : str
        What the file is called.
    header : Header, optional
        How its text begins, where `start` and `stop` are bytes of it.
    groups : (int, int), optional
        Its row groups from the first to before the second, of Parquet.
    start, stop, first : int
        From which byte to which, and the row of the file that is the first.
    dtypes : dict of str to str, optional
        What the columns of the whole file are, where rows alone do not tell.
    """

    path: Path
    stamp: str
    name: str
    header: Header | None = None
    groups: tuple[int, int] | None = None
    start: int = 0
    stop: int = 0
    first: int = 0
    dtypes: dict[str, str] | None = None

    def read(
        self, *, sheet: str | int | None, header: int | None, wanted: Container[str]
    ) -> TextTable:
        """Return the rows as `geoinc.reports.files.read_table` does those of a file.

        Raises
        ------
        SchemaError
            They cannot be read; says which they are.
        """
        if stamp_of(self.path) != self.stamp:
            msg = f"{self.name!r} changed while it was read; read it again when it is whole"
            raise SchemaError(msg)
        try:
            if self.groups is not None:
                return self._row_groups()
            if self.header is not None:
                return self._lines(self.header)
            return read_table(self.path, sheet=sheet, header=header, wanted=wanted)
        except (SchemaError, OSError):  # these name the file
            raise
        except Exception as error:
            msg = f"{self.name!r}, rows from {self.first}: {error}"
            raise SchemaError(msg) from error

    def _lines(self, header: Header) -> TextTable:
        with self.path.open("rb") as file:
            file.seek(self.start)
            data = file.read(self.stop - self.start)
        return TextTable(*rows_below(data, header, self.first, self.name))

    def _row_groups(self) -> TextTable:
        with pq.ParquetFile(self.path) as file:
            table = file.read_row_groups(range(*self.groups or (0, 0))).to_pandas()
        if table.index.name is not None:
            table = table.reset_index()
        table = table.reset_index(drop=True)
        if self.dtypes is not None:
            table = table.astype(self.dtypes)
        return TextTable(table, np.arange(self.first, self.first + len(table)))


@dataclass(frozen=True)
class Part:
    """Rows that Dask has already, of a table in partitions.

    Parameters
    ----------
    rows : pandas.DataFrame
        With a geometry or without.
    first : int
        The number of the first row, as a sheet would have it.
    """

    rows: pd.DataFrame
    first: int

    def read(self, **_options: object) -> TextTable:
        """Return the rows as `geoinc.read_reports` takes those of a table in memory."""
        # Dask makes pyarrow's strings of texts, whose blanks are no text.
        texts = [
            name for name, kind in self.rows.dtypes.items() if isinstance(kind, pd.StringDtype)
        ]
        return from_frame(self.rows.astype(dict.fromkeys(texts, "str")), first=self.first)


def parts_of(table: dd.DataFrame) -> list[Delayed]:
    """Return the partitions of a table, each a `Part`.

    Parameters
    ----------
    table : dask.dataframe.DataFrame
        Of dask-geopandas too.
    """
    parts = table.to_delayed()
    sizes = computed([delayed(len)(part) for part in parts], "counting rows")
    firsts = accumulate(sizes[:-1], initial=2)
    return [
        delayed(Part, pure=True)(part, first) for part, first in zip(parts, firsts, strict=True)
    ]


def blocks_of(
    path: Path,
    name: str,
    *,
    blocksize: int,
    sheet: str | int | None,
    header: int | None,
    wanted: Container[str],
) -> list[Block]:
    """Return the blocks of a file: one where it cannot be cut, or is small.

    Text is cut where a row ends, never at a line within quotes.  It is not cut where it is not
    UTF-8, or quotes stand inside cells so that only reading it from the start tells what they open.

    Parameters
    ----------
    path : path
        The file.
    name : str
        What it is called.
    blocksize : int
        About how many bytes of it a block has.
    sheet, header, wanted
        As of `geoinc.reports.files.read_table`.
    """
    whole = Block(path, stamp_of(path), name)
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PAR1"):
        return _groups(whole, blocksize)
    text = head.removeprefix(_BOM)
    if (
        size <= blocksize
        or sheet is not None
        or head.startswith(_OTHERS)
        or text[:1000].lstrip().startswith(_TEXTS)
        or b"\n" not in head
        or b"\x00" in head
    ):
        return [whole]
    try:
        found = header_of(text, name, header=header, wanted=wanted)
    except SchemaError:  # it may be in another encoding
        return [whole]
    begin = found.begin + len(head) - len(text)
    return _cut(replace(whole, header=found), begin, size, blocksize) or [whole]


# ---------------------------------------------------------------- Parquet


def _groups(whole: Block, blocksize: int) -> list[Block]:
    try:
        with pq.ParquetFile(whole.path) as file:
            metadata = file.metadata
    except (pa.ArrowException, OSError):
        return [whole]  # which says what is wrong with it
    sizes = [metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)]
    rows = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    if b"geo" in (metadata.metadata or {}) or len(sizes) < 2:
        return [whole]
    blocks, start = [], 0
    for end in range(1, len(sizes) + 1):
        if end == len(sizes) or sum(sizes[start : end + 1]) > blocksize:
            first = sum(rows[:start]) + 1
            blocks.append(replace(whole, groups=(start, end), first=first))
            start = end
    told = computed([delayed(_dtypes)(block) for block in blocks], "looking at columns")
    dtypes = {name: _common([one[name] for one in told]) for name in told[0]}
    return [replace(block, dtypes=dtypes) for block in blocks]


def _dtypes(block: Block) -> dict[str, str]:
    table = block.read(sheet=None, header=None, wanted=()).table
    return {str(name): str(dtype) for name, dtype in table.dtypes.items()}


def _common(dtypes: list[str]) -> str:
    """Return the type that a column has in one piece: numbers with blanks are floats."""
    distinct = set(dtypes)
    if len(distinct) == 1:
        return dtypes[0]
    return "float64" if all(name.startswith(("int", "float")) for name in distinct) else "object"


# ---------------------------------------------------------------- text


class _Scan(NamedTuple):
    """What a stretch of text holds, should it begin outside of quotes, and should it not."""

    text: bool  # whether it is UTF-8
    control: int  # characters that no text has
    quotes: int
    whole: list[bool]  # whether all quotes stand around whole cells
    ends: list[int]  # at which byte the first row ends, -1 where none does
    rows: list[int]  # how many rows end


def _cut(block: Block, begin: int, size: int, blocksize: int) -> list[Block]:
    """Return the blocks of a text, none where it cannot be cut."""
    header: Any = block.header
    edges = [*range(begin, size, blocksize), size]
    stretches = list(pairwise(edges))
    tasks = [delayed(_scanned)(block.path, a, b, header.delimiter) for a, b in stretches]
    scans = computed(tasks, "looking for the ends of rows")
    if sum(scan.control for scan in scans) > size / 100:
        return []
    starts, firsts = [begin], [header.row + 1]
    inside, rows = 0, header.row + 1
    for number, scan in enumerate(scans):
        if not (scan.text and scan.whole[inside]):
            return []
        if number and scan.ends[inside] >= 0:
            starts.append(scan.ends[inside])
            firsts.append(rows + 1)
        rows += scan.rows[inside]
        inside = (inside + scan.quotes) % 2
    if inside:
        return []
    stops = [*starts[1:], size]
    return [
        replace(block, start=start, stop=stop, first=first)
        for start, stop, first in zip(starts, stops, firsts, strict=True)
        if start < stop
    ]


def _scanned(path: Path, start: int, stop: int, delimiter: str) -> _Scan:
    with path.open("rb") as file:
        file.seek(start - 1)
        data = file.read(stop - start + 4)
    own = data[1 : stop - start + 1]
    text = np.frombuffer(data, dtype=np.uint8)
    before, after = text[:-1], np.append(text[1:], _LINE)
    here = slice(1, len(own) + 1)
    quotes = np.flatnonzero(text[here] == _QUOTE)
    lines = np.flatnonzero(text[here] == _LINE)
    returns = np.flatnonzero((text[here] == _RETURN) & (after[here] != _LINE))
    edge = np.isin(np.arange(256), [*delimiter.encode(), _QUOTE, _LINE, _RETURN])
    opens, closes = edge[before[quotes]], edge[after[here][quotes]]
    at_line, at_return = np.searchsorted(quotes, lines), np.searchsorted(quotes, returns)
    whole: list[bool] = []
    ends: list[int] = []
    rows: list[int] = []
    for inside in (0, 1):
        opening = (np.arange(len(quotes)) + inside) % 2 == 0
        fits = bool(np.where(opening, opens, closes).all())
        # A carriage return alone ends a row for some programs and not for others.
        whole.append(fits and not ((at_return + inside) % 2 == 0).any())
        outside = lines[(at_line + inside) % 2 == 0]
        ends.append(start + int(outside[0]) + 1 if len(outside) else -1)
        rows.append(len(outside))
    control = len(own) - len(own.translate(None, CONTROL))
    return _Scan(_is_text(data, len(own)), control, len(quotes), whole, ends, rows)


def _is_text(data: bytes, length: int) -> bool:
    """Return whether bytes are UTF-8 without NULs, characters cut at either end left out or whole."""
    own = data[1 : length + 1]
    skipped = 0
    while skipped < min(3, len(own)) and own[skipped] & 0xC0 == 0x80:
        skipped += 1
    more = length + 1
    while more < len(data) and data[more] & 0xC0 == 0x80:
        more += 1
    try:
        data[1 + skipped : more].decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in own
