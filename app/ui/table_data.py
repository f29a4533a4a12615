"""What a table shows, without Qt: columns, values, the order of each column, and the text a filter looks in.

Ranks and search text cost time on long tables; :meth:`TableData.prepare` builds them, and may run on a worker.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from app.terms import NOT_ASSESSED
from app.ui.formats import HELD_BACK, RIGHT_ALIGNED, Kind, written

if TYPE_CHECKING:
    import numpy as np

    IntArray = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]

_AT_ONCE = 16_384
"""Rows put together in one step: a longer one would hold the interpreter, and the window would stand still."""

BLANK_RANK = 2**31 - 1
"""The rank of no value: after every other."""

NUMBER_KINDS = frozenset({"int", "decimal", "money", "share", "fte", "level", "quarter"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which value, under which header, how written. ``width`` is in pixels at 100 %, 0 = by kind.

    ``blank`` is what stands for no value; None leaves it to the kind ("Not assessed" for levels, else nothing).
    """

    key: str
    header: str
    kind: Kind = "text"
    width: int = 0
    tooltip: str = ""
    align: str = ""
    is_shown: bool = True
    blank: str | None = None

    @property
    def is_right(self) -> bool:
        """Whether its values stand at the right, as numbers do."""
        return self.align == "right" or (not self.align and self.kind in RIGHT_ALIGNED)


def plain(text: str) -> str:
    """A text as it is looked for and sorted: regardless of case and of accents ("zoe" finds "Zoë")."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    return "".join(mark for mark in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(mark))


@dataclass(frozen=True, slots=True)
class Coded:
    """A long text column as codes into few words; code −1 is blank. ``codes`` is an integer array."""

    codes: Sequence[int]
    words: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str | None:
        code = int(self.codes[row])
        return None if code < 0 else self.words[code]


class _Folded(Protocol):
    """Texts as they are looked for: which hold a word, and their order."""

    def containing(self, word: str) -> Any: ...
    def ranks(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Long:
    """A long column of mostly different texts, with the same texts as :func:`plain` makes them, as arrays."""

    texts: Sequence[str]
    folded: _Folded

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, row: int) -> str:
        return self.texts[row]


class TableData:
    """Rows of a table as columns of values, and what sorting and filtering need."""

    def __init__(
        self,
        columns: Sequence[Column],
        values: Mapping[str, Sequence[Any]],
        count: int,
        records: Sequence[Any] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        self.count = count
        self._records = records
        self._values = dict(values)
        self._ranks: dict[str, IntArray] = {}
        self._few: dict[str, tuple[list[str], IntArray]] = {}
        self._whole: tuple[TableData, IntArray] | None = None
        self._buffer: np.ndarray[Any, np.dtype[np.uint8]] | None = None
        self._starts: IntArray | None = None

    @classmethod
    def of_records(cls, columns: Sequence[Column], records: Sequence[Any]) -> TableData:
        """A table over frozen records; column keys are names of their fields or properties."""
        return cls(columns, {}, len(records), records)

    @classmethod
    def of_columns(
        cls,
        columns: Sequence[Column],
        values: Mapping[str, Sequence[Any]],
        records: Sequence[Any] | None = None,
    ) -> TableData:
        """A table over columns of equal length (lists, arrays, :class:`Coded`).

        ``records`` stand behind the rows where they are opened; they may be made one by one when asked for.
        """
        lengths = {len(values[column.key]) for column in columns}
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")
        return cls(columns, values, lengths.pop() if lengths else 0, records)

    def part(
        self,
        columns: Sequence[Column],
        rows: IntArray,
        values: Mapping[str, Sequence[Any]],
        records: Sequence[Any],
    ) -> TableData:
        """The table of some rows of this one, in their order: what was prepared here serves there too.

        ``values`` are columns that only the part has. It is made at once, however long the whole is.
        """
        made = TableData(columns, values, len(rows), records)
        made._whole = self, rows
        return made

    def _behind(self, column: Column) -> tuple[TableData, IntArray] | None:
        """The whole, and the rows of it that stand here, for a column that comes from there."""
        return None if column.key in self._values else self._whole

    def value(self, row: int, column: Column) -> Any:
        """The value itself; None where there is none."""
        behind = self._behind(column)
        if behind is not None:
            return behind[0].value(int(behind[1][row]), column)
        if self._records is not None and column.key not in self._values:
            return getattr(self._records[row], column.key)
        value = self._values[column.key][row]
        return None if column.kind == "level" and value is not None and value == NOT_ASSESSED else value

    def text(self, row: int, column: Column) -> str:
        """The value as it is read."""
        return written(self.value(row, column), column.kind, column.blank)

    def record(self, row: int) -> Any:
        """The record behind a row; for a table of columns, the number of the row."""
        return row if self._records is None else self._records[row]

    def _all(self, column: Column) -> Sequence[Any]:
        """The values of a column of this table's own."""
        if self._records is None or column.key in self._values:
            return self._values[column.key]
        key = column.key
        return [getattr(record, key) for record in self._records]

    def prepare(self) -> TableData:
        """Build ranks and search text now, off the window's thread; returns itself."""
        for column in self.columns:
            self.ranks(column)
            if self._behind(column) is None and _is_numbers(self._all(column)):
                self._few_texts(column)
        if any(self._is_list(column) for column in self.columns):
            self._search_buffer()
        return self

    def ranks(self, column: Column) -> IntArray:
        """For each row its place in the order of the column; blanks have the last. Kept once made."""
        found = self._ranks.get(column.key)
        if found is None:
            behind = self._behind(column)
            if behind is not None:
                return behind[0].ranks(column)[behind[1]]
            found = self._ranks[column.key] = _ranks_of(self._all(column), column)
        return found

    def ordered(self, rows: IntArray, column: Column, *, is_descending: bool) -> IntArray:
        """The given rows in the order of a column; blanks last either way, equal ones as they stood."""
        import numpy as np  # late: the first window is painted without it

        ranks = self.ranks(column)[rows]
        if is_descending:
            is_blank = ranks == BLANK_RANK
            ranks = np.where(is_blank, BLANK_RANK, ranks[~is_blank].max(initial=0) - ranks)
        return rows[_stable_order(ranks)]

    def matching(self, words: str) -> IntArray:
        """The rows, in their own order, that hold every one of the blank-separated words, whatever case and accents."""
        import numpy as np  # late: see ordered()

        wanted = plain(words).split()
        if not wanted or not self.count:
            return np.arange(self.count)
        mask = np.ones(self.count, dtype=bool)
        for word in wanted:
            mask &= self._holding(word)
        return np.flatnonzero(mask)

    def _holding(self, word: str) -> Any:
        """Which rows hold one word in any column."""
        import numpy as np  # late: see ordered()

        here = np.zeros(self.count, dtype=bool)
        if self._whole is not None:
            here |= self._whole[0]._holding(word)[self._whole[1]]
        if any(self._is_list(column) for column in self.columns):
            buffer, starts = self._search_buffer()
            places = _places(buffer, np.frombuffer(word.encode(), dtype=np.uint8))
            here[np.searchsorted(starts, places, side="right") - 1] = True
        for column in self.columns:
            if self._behind(column) is not None:
                continue
            values = self._all(column)
            if isinstance(values, Long):
                here |= values.folded.containing(word)
            elif isinstance(values, Coded):
                # code -1, blank, is the last word
                here |= np.array([*(word in plain(one) for one in values.words), False])[
                    np.asarray(values.codes)
                ]
            elif _is_numbers(values):
                texts, place = self._few_texts(column)
                here |= np.array([word in one for one in texts], dtype=bool)[place]
        return here

    def _few_texts(self, column: Column) -> tuple[list[str], IntArray]:
        """The different values of a column of numbers as they are looked for, and which of them stands in each row."""
        import numpy as np  # late: see ordered()

        if column.key not in self._few:
            few, place = np.unique(np.asarray(self._all(column)), return_inverse=True)
            texts = [plain(written(value, column.kind, column.blank)) for value in few.tolist()]
            self._few[column.key] = texts, place.astype(np.int32)
        return self._few[column.key]

    def _search_buffer(self) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], IntArray]:
        """The columns that are no arrays as one lower-case byte string, one row a line, and where each line starts."""
        import numpy as np  # late: see ordered()

        if self._buffer is None or self._starts is None:
            texts = [self._search_texts(column) for column in self.columns if self._is_list(column)]
            rows = zip(*texts, strict=True)
            parts: list[Any] = []
            while some := ["\x1f".join(row).replace("\n", " ") for row in islice(rows, _AT_ONCE)]:
                parts.append(np.frombuffer(("\n".join(some) + "\n").encode(), dtype=np.uint8))
            data = np.concatenate(parts)[:-1] if parts else np.zeros(0, np.uint8)
            self._starts = np.concatenate(([0], np.flatnonzero(data == 10) + 1))
            self._buffer = data
        return self._buffer, self._starts

    def _is_list(self, column: Column) -> bool:
        if self._behind(column) is not None:
            return False
        values = self._all(column)
        return not isinstance(values, (Coded, Long)) and not _is_numbers(values)

    def _search_texts(self, column: Column) -> list[str]:
        values = self._all(column)
        known: dict[Any, str] = {}  # most columns hold few different values
        texts: list[str] = []
        for row in range(self.count):
            value = values[row]
            text = known.get(value)
            if text is None:
                text = known[value] = plain(written(value, column.kind, column.blank))
            texts.append(text)
        return texts


def _places(buffer: Any, word: Any) -> IntArray:
    """Where a byte string starts inside another: candidates by its first byte, thinned out byte by byte."""
    import numpy as np  # late: see ordered()

    places = np.flatnonzero(buffer[: max(0, len(buffer) - len(word) + 1)] == word[0])
    for offset in range(1, len(word)):
        places = places[buffer[places + offset] == word[offset]]
    return places


def _is_numbers(values: Any) -> bool:
    """Whether a column is an array of numbers."""
    return getattr(getattr(values, "dtype", None), "kind", "") in ("i", "u", "f")


def _stable_order(ranks: IntArray) -> IntArray:
    """The places of ranks in their order, equal ones as they stood: by two bytes at a time, which compares nothing."""
    import numpy as np  # late: see TableData.ordered()

    order = np.argsort((ranks & 0xFFFF).astype(np.uint16), kind="stable")
    if len(ranks) and ranks.max() > 0xFFFF:
        order = order[np.argsort((ranks[order] >> 16).astype(np.uint16), kind="stable")]
    return order


def _ranks_of(values: Sequence[Any], column: Column) -> IntArray:
    import numpy as np  # late: see TableData.ordered()

    blank = BLANK_RANK
    if isinstance(values, Coded):
        order = _order_of_words(values.words)
        return np.append(order, blank).astype(np.int32)[np.asarray(values.codes)]
    if isinstance(values, Long):
        return np.asarray(values.folded.ranks(), dtype=np.int32)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        return _ranks_of_array(values, column)
    key: Callable[[Any], Any] = plain if column.kind == "text" else _same
    values = [None if value is HELD_BACK else value for value in values]
    given = [value for value in values if value is not None]
    if column.kind == "text":
        given = [str(value) for value in given]
    known = {value: rank for rank, value in enumerate(sorted(set(given), key=key))}
    if column.kind == "text":
        return np.array([blank if value is None else known[str(value)] for value in values], dtype=np.int64)
    return np.array([blank if value is None else known[value] for value in values], dtype=np.int64)


def _ranks_of_array(values: Any, column: Column) -> IntArray:
    import numpy as np  # late: see TableData.ordered()

    _, ranks = np.unique(values, return_inverse=True)
    empty = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=bool)
    if column.kind == "level":
        empty |= values == NOT_ASSESSED
    return np.where(empty, BLANK_RANK, ranks).astype(np.int32)


def _order_of_words(words: Sequence[str]) -> IntArray:
    import numpy as np  # late: see TableData.ordered()

    order = np.empty(len(words), dtype=np.int64)
    order[sorted(range(len(words)), key=lambda code: plain(words[code]))] = np.arange(len(words))
    return order


def _same(value: Any) -> Any:
    return value
