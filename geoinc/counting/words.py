"""Texts of many rows as numbers: each different text stands once, and is looked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from geoinc.counting.side_by_side import runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geoinc.counting.side_by_side import SideBySide

    Ints = NDArray[np.int64]

_TEXT = pa.large_string()
_BLANK = pa.array([""], _TEXT)


class Words(NamedTuple):
    """A text for each of many rows.

    Parameters
    ----------
    codes : array of int
        Which of the texts each row has.
    texts : pyarrow.Array of str
        Each different one once; the first is blank, whether a row has it or not.
    """

    codes: Ints
    texts: pa.Array

    @classmethod
    def of(cls, table: pd.DataFrame, name: str) -> Words:
        """Return a column as text without blanks around it, blank where the table has none."""
        if name not in table:
            return cls(np.zeros(len(table), dtype=np.int64), _BLANK)
        column = table[name]
        if not pd.api.types.is_string_dtype(column):
            # Numbers and truths that are equal may be different texts.
            column = column.astype(object).map(str, na_action="ignore").astype(object)
        codes, found = pd.factorize(column)
        texts = pc.utf8_trim_whitespace(pa.array(found.to_numpy(dtype=object), _TEXT))
        return cls.numbered(codes + 1, pa.concat_arrays([_BLANK, texts]))

    @classmethod
    def numbered(cls, codes: Ints, texts: pa.Array) -> Words:
        """Return rows by numbers of texts, of which several may be the same."""
        different = pa.concat_arrays([_BLANK, texts]).dictionary_encode()
        return cls(different.indices.to_numpy().astype(np.int64)[1:][codes], different.dictionary)

    def each(self, text_of: Callable[[str], str]) -> Words:
        """Return what becomes of each text."""
        return self.numbered(self.codes, pa.array(map(text_of, self.texts.to_pylist()), _TEXT))

    def entries(self) -> tuple[Ints, Words]:
        """Return the entries of texts that are lists (``;``): the row of each, and its words."""
        lists = [[part.strip() for part in text.split(";")] for text in self.texts.to_pylist()]
        sizes = np.array([len(parts) for parts in lists])
        row, at = runs((np.cumsum(sizes) - sizes)[self.codes], sizes[self.codes])
        return row, self.numbered(at, pa.array([part for parts in lists for part in parts], _TEXT))

    def take(self, rows: Ints) -> Words:
        """Return some of the rows."""
        return self._replace(codes=self.codes[rows])

    def arrow(self) -> pa.Array:
        """Return the text of each row."""
        return self.texts.take(pa.array(self.codes))

    def column(self) -> Any:
        """Return the text of each row, for a table of pandas."""
        return self.arrow().to_pandas().array

    def cells(self) -> NDArray[np.object_]:
        """Return the text of each row as an object of Python."""
        cells: NDArray[np.object_] = self.texts.to_numpy(zero_copy_only=False)[self.codes]
        return cells


def cells_of(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as text, blank where the table has none."""
    return pd.Series(Words.of(table, name).cells(), index=table.index, dtype=object)


def combined(*words: Words) -> tuple[Ints, list[pa.Array]]:
    """Return which combination of texts each row has, and the texts of each combination."""
    codes = np.zeros(len(words[0].codes), dtype=np.int64)
    found = codes[:0]
    for one in words:
        codes, found = pd.factorize(codes * len(one.texts) + one.codes)
    first = np.empty(len(found), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return codes, [one.take(first).arrow() for one in words]


def either(condition: pa.Array, words: pa.Array | str, otherwise: pa.Array | str) -> pa.Array:
    """Return words where a condition holds, and others where it does not."""
    return pc.if_else(condition, _text(words), _text(otherwise))


def together(*texts: pa.Array | str) -> pa.Array:
    """Return texts row by row, one after the other."""
    return pc.binary_join_element_wise(*map(_text, texts), _text(""))


def _text(words: pa.Array | str) -> pa.Array | pa.Scalar:
    return pa.scalar(words, _TEXT) if isinstance(words, str) else words


def is_told(texts: pa.Array) -> pa.Array:
    """Return which texts are not blank."""
    return pc.not_equal(texts, "")


def different(each: SideBySide, words: Words, chosen: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the different texts that the rows of chosen incidents have, but for blanks.

    Parameters
    ----------
    each : SideBySide
        The rows of each incident.
    words : Words
        The texts of these rows, in their order.
    chosen : array of bool
        Which of the incidents that are here.

    Returns
    -------
    number, code : array of int
        Which of the chosen, in their order, has which of the texts, in the order of the rows.
    """
    rows = np.flatnonzero(each.spread(chosen) & (words.codes != 0))
    number = each.spread(np.cumsum(chosen) - 1)[rows]
    pairs = pd.unique(number * len(words.texts) + words.codes[rows])
    return np.divmod(pairs, len(words.texts))


def joined(each: SideBySide, words: Words, *, separator: str = "; ") -> Any:
    """Return the different texts that the rows of each incident have, in one.

    Parameters
    ----------
    each : SideBySide
        The rows of each incident.
    words : Words
        The texts of these rows, in their order.
    separator : str
        Between texts.
    """
    several = each.differing(words.codes)
    number, code = different(each, words, several)
    ends = np.cumsum(np.bincount(number, minlength=np.count_nonzero(several)))
    lists = pa.LargeListArray.from_arrays(np.append(0, ends), words.texts.take(pa.array(code)))
    texts = pa.concat_arrays([words.texts, pc.binary_join(lists, _text(separator))])
    which = np.zeros(each.total, dtype=np.int64)
    first = words.codes[each.starts]
    which[each.numbers] = np.where(several, len(words.texts) - 1 + np.cumsum(several), first)
    return Words(which, texts).column()
