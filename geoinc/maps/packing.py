"""How tables travel in a page: columns of small numbers and distinct texts, in one packed block."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

#: How a block begins that is not compressed; one that is begins as gzip does.
MARK = b"GEO1"

#: The narrowest first.
_TYPES = ("u1", "i1", "u2", "i2", "u4", "i4")

#: Numbers are written as whole numbers of such a part, where they are: 0.1 m in degrees.
_SCALES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)

#: Or of so many together, where all are multiples of it: distances are told to 100 m.
_UNIT = 100

#: So many texts may be worth looking at how they begin and end.
_MANY = 100

#: Beyond this level gzip takes more than twice the time for a fifteenth of the size.
_LEVEL = 5


def pack(content: Mapping[str, Any], *, plain: bool = False) -> str:
    """Return content as the page reads it: a block of bytes in base64.

    Parameters
    ----------
    content : mapping
        What JSON can hold, and tables (`pandas.DataFrame`, `Coded`) and
        arrays of numbers.
    plain : bool
        Whether to leave out the compression.

    Returns
    -------
    str
        The block: a header in JSON, then the arrays that it points to.

    Notes
    -----
    Texts are codes into their distinct values; numbers are whole numbers of
    the fewest bytes, or the steps from one to the next where these are
    smaller.  The first bytes of all numbers come before the second ones: so
    gzip finds more that repeats.
    """
    block = _Block()
    header = {name: block.coded(value) for name, value in content.items()}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    head = text.encode("utf-8", "replace")
    parts = [MARK, len(head).to_bytes(4, "little"), head, *block.parts]
    if not plain:
        # Part by part: all of them in one are large.
        gzip = zlib.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        parts = [*map(gzip.compress, parts), gzip.flush()]
    return base64.b64encode(b"".join(parts)).decode("ascii")


@dataclass(frozen=True, eq=False)
class Coded:
    """A table of which some columns stand together, each distinct row of them once.

    Parameters
    ----------
    table : pandas.DataFrame
        The columns that stand alone.
    groups : tuple of (array of int, pandas.DataFrame)
        Which row of a table of distinct rows each row has, and that table.
    """

    table: pd.DataFrame
    groups: tuple[tuple[NDArray[np.intp], pd.DataFrame], ...]

    def whole(self) -> pd.DataFrame:
        """Return the table with all its columns."""
        wide = [inner.take(codes).set_axis(self.table.index) for codes, inner in self.groups]
        return pd.concat([self.table, *wide], axis=1)


def together(table: pd.DataFrame, groups: Sequence[Sequence[str]]) -> Coded:
    """Return a table whose columns of each group stand together, as far as it has them."""
    present = [[name for name in names if name in table] for names in groups]
    coded = tuple(distinct_rows(table[names]) for names in present if len(names) > 1)
    inside = [name for names in present if len(names) > 1 for name in names]
    return Coded(table.drop(columns=inside), coded)


def distinct_rows(table: pd.DataFrame) -> tuple[NDArray[np.intp], pd.DataFrame]:
    """Return which of the distinct rows of a table each row is, and these, the first seen first."""
    codes = np.zeros(len(table), dtype=np.intp)
    for name in table:
        own, distinct = pd.factorize(table[name], use_na_sentinel=False)
        if len(distinct) > 1:
            codes = pd.factorize(codes * len(distinct) + own)[0]
    _, first = np.unique(codes, return_index=True)
    return codes, table.iloc[first]


def days_of(dates: pd.Series) -> NDArray[np.float64]:
    """Return days since 1 January 1970 where each is, NaN where a date is open."""
    # Nanoseconds would end in 2262, and a report may be dated 9999.
    local = dates.dt.tz_localize(None) - pd.Timestamp(0).as_unit("s")
    days: NDArray[np.float64] = local.dt.days.to_numpy(dtype=float)
    return days


class _Block:
    """Bytes that grow as columns are added, and where each of them lies."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def coded(self, value: Any) -> Any:
        """Return a value as the header has it."""
        if isinstance(value, pd.DataFrame):
            return self.table(value)
        if isinstance(value, Coded):
            inner = [
                {**self.table(table), "codes": self.numbers(codes)} for codes, table in value.groups
            ]
            return {**self.table(value.table), "groups": inner}
        if isinstance(value, np.ndarray):
            return self.numbers(value)
        if isinstance(value, dict):
            return {name: self.coded(item) for name, item in value.items()}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return [self.coded(item) for item in value]
        return value

    def table(self, table: pd.DataFrame) -> dict[str, Any]:
        """Return where the columns of a table lie; blank ones are left out."""
        columns = {str(name): self.column(table[name]) for name in table}
        return {
            "length": len(table),
            "columns": {name: column for name, column in columns.items() if column is not None},
        }

    def column(self, column: pd.Series) -> dict[str, Any] | None:
        """Return where a column lies, or None where it is blank throughout."""
        if pd.api.types.is_datetime64_any_dtype(column):
            days = days_of(column)
            return None if np.isnan(days).all() else {**self.numbers(days), "days": True}
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            values = column.to_numpy(dtype=float, na_value=np.nan)
            return None if np.isnan(values).all() else self.numbers(values)
        texts, codes = _distinct_texts(column)
        if len(texts) == 0 or (len(texts) == 1 and not texts[0].as_py()):
            return None
        coded = self.texts(texts)
        # One text for all rows, or another for each of them: no codes are needed.
        if len(texts) not in {1, len(column)}:
            coded["codes"] = self.numbers(codes)
        return coded

    def texts(self, texts: pa.Array) -> dict[str, Any]:
        """Return where texts lie: one after the other, and their lengths as JavaScript counts.

        Of texts that begin alike and end in a number, as identifiers and addresses do, what
        they begin with and these numbers.
        """
        numbered = _numbered(texts)
        if numbered is not None:
            data = numbered[0].encode()
            place = [self.add(data), len(data)]
            return {"text": place, "lengths": self.numbers(numbered[1]), "numbered": True}
        data, starts = _utf8(texts)
        if not data.isascii():
            letters = np.frombuffer(data, dtype=np.uint8)
            # Of each letter one byte is not a continuation; those of four bytes are two units.
            units = np.cumsum((letters & 0xC0) != 0x80) + np.cumsum(letters >= 0xF0)
            starts = np.concatenate([[0], units])[starts]
        return {"text": [self.add(data), len(data)], "lengths": self.numbers(np.diff(starts))}

    def numbers(self, values: NDArray[Any]) -> dict[str, Any]:
        """Return where numbers lie, and how to read them; NaN is blank."""
        spec: dict[str, Any] = {"length": len(values)}
        if np.issubdtype(values.dtype, np.floating) and _in_hundreds(values):
            values, spec["unit"] = values / _UNIT, _UNIT
        scale, whole, blank = _whole(values)
        if whole is None:
            return {**spec, "type": "f8", "at": self.add(_planes(values.astype("<f8")))}
        steps = np.diff(whole, prepend=whole[:1] * 0)
        narrow = _narrowest(steps)
        if _TYPES.index(narrow) < _TYPES.index(_narrowest(whole)):
            spec |= {"steps": True}
            whole = steps
        kind = _narrowest(whole)
        if scale > 1:
            spec["scale"] = scale
        if blank is not None:
            spec["blank"] = blank
        return {**spec, "type": kind, "at": self.add(_planes(whole.astype(f"<{kind}")))}

    def add(self, data: bytes) -> int:
        """Keep bytes, and return where they begin after the header."""
        self.parts.append(data)
        self.size += len(data)
        return self.size - len(data)


def _in_hundreds(values: NDArray[Any]) -> bool:
    """Return whether numbers are large, and all of them multiples of `_UNIT`."""
    known = values[~np.isnan(values)]
    return bool(len(known) and known.max() > np.iinfo("u1").max and not (known % _UNIT).any())


def _whole(values: NDArray[Any]) -> tuple[int, NDArray[np.int64] | None, int | None]:
    """Return numbers as whole numbers of a part, and which of these is blank; None where they are not."""
    if not np.issubdtype(values.dtype, np.floating):
        return 1, values.astype(np.int64), None
    known = ~np.isnan(values)
    given = values[known]
    for scale in _SCALES:
        parts = np.rint(given * scale)
        if len(given) and np.abs(parts).max() >= 2**31 - 1:
            break
        if np.allclose(parts, given * scale, rtol=0, atol=1e-3 if scale < _SCALES[-1] else 0.5):
            blank = int(parts.max(initial=0)) + 1
            whole = np.full(len(values), blank, dtype=np.int64)
            whole[known] = parts
            return scale, whole, None if known.all() else blank
    return 1, None, None


def _narrowest(whole: NDArray[np.int64]) -> str:
    low, high = int(whole.min(initial=0)), int(whole.max(initial=0))
    return next(kind for kind in _TYPES if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)


def _planes(values: NDArray[Any]) -> bytes:
    """Return the first bytes of all numbers, then the second ones, and so on."""
    width = values.dtype.itemsize
    return np.ascontiguousarray(values.view(np.uint8).reshape(-1, width).T).tobytes()


def _distinct_texts(column: pd.Series) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return the distinct texts of a column, and which of them each row has; blank is ""."""
    if isinstance(column.dtype, pd.StringDtype):
        cells = pa.array(column.array, type=pa.large_string(), from_pandas=True)
        if isinstance(cells, pa.ChunkedArray):
            cells = cells.combine_chunks()
        coded = cells.fill_null("").dictionary_encode()
        return coded.dictionary, coded.indices.to_numpy().astype(np.int64)
    if pd.api.types.infer_dtype(column, skipna=False) != "string":
        column = column.astype(object).where(column.notna(), "").map(str)
    codes, distinct = pd.factorize(column.to_numpy(dtype=object))
    return pa.array([valid(text) for text in distinct], type=pa.large_string()), codes


def valid(text: str) -> str:
    """Return a text without what UTF-8 cannot hold: half a letter becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _numbered(texts: pa.Array) -> tuple[str, NDArray[np.int64]] | None:
    """Return what texts begin with and the numbers that they end in, or None where they are no such."""
    if len(texts) < _MANY:
        return None
    begin = texts[0].as_py().rstrip("0123456789")
    if not pc.all(pc.starts_with(texts, begin)).as_py():
        return None
    rest = pc.utf8_slice_codeunits(texts, start=len(begin))
    # As they would be written again: no zero before others.
    if not pc.all(pc.match_substring_regex(rest, r"^(0|[1-9][0-9]{0,8})$")).as_py():
        return None
    numbers: NDArray[np.int64] = rest.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return begin, numbers


def _utf8(texts: pa.Array) -> tuple[bytes, NDArray[np.int64]]:
    """Return texts one after the other, and where each of them begins and ends."""
    starts = np.frombuffer(texts.buffers()[1], dtype=np.int64)[
        texts.offset : texts.offset + len(texts) + 1
    ]
    data = texts.buffers()[2]
    return (
        bytes(data[int(starts[0]) : int(starts[-1])]) if data is not None else b"",
        starts - starts[0],
    )
