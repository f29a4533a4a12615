"""Texts of half a million people without half a million strings: coded words, and texts read when they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from app.services.packed_text import PackedText

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

BLOCK_BITS = 10
_BLOCKS_AT_ONCE = 8


class CodedText(Sequence[str]):
    """A column of few different words: ``codes`` are places in ``words``, each of which stands there once."""

    __slots__ = ("codes", "words")

    def __init__(self, codes: Codes, words: Sequence[str]) -> None:
        self.codes, self.words = codes, tuple(words)

    @classmethod
    def of(cls, values: Iterable[str]) -> CodedText:
        """Code a column of texts."""
        code_of: dict[str, int] = {}
        codes = np.fromiter((code_of.setdefault(value, len(code_of)) for value in values), dtype=np.int32)
        return cls(codes, tuple(code_of))

    def where(self, fits: Callable[[str], bool]) -> Flags:
        """Which entries fit; each word is asked about once."""
        table = np.fromiter((fits(word) for word in self.words), dtype=np.bool_, count=len(self.words))
        return table[self.codes] if len(table) else np.zeros(len(self.codes), dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> CodedText: ...
    def __getitem__(self, index: int | slice) -> str | CodedText:
        if isinstance(index, slice):
            return CodedText(self.codes[index], self.words)
        return self.words[self.codes[index]]

    def __iter__(self) -> Iterator[str]:
        return map(self.words.__getitem__, self.codes.tolist())


ReadTexts = Callable[[int, int], Iterable[tuple[Any, ...]]]
"""Rows of person id and texts for the people of an inclusive range of ids."""
ReadSome = Callable[[Sequence[int]], Iterable[tuple[Any, ...]]]
"""The same for people named by their ids."""
ReadPacked = Callable[[int, int], tuple[npt.NDArray[np.int64], tuple[PackedText, ...]] | None]
"""Person ids and packed columns of the people of an inclusive range of ids; None where they must be read as rows."""
WORTH_A_BLOCK = 64
"""From so many people of each block on, whole blocks are read."""


class StoredTexts:
    """Several text columns of the same people, read for a block of neighbouring ids at a time and then kept.

    ``person_id`` is in order. Somebody who is no longer there has blank texts.
    """

    def __init__(
        self,
        person_id: npt.NDArray[np.int64],
        columns: int,
        read: ReadTexts,
        read_some: ReadSome | None = None,
        read_packed: ReadPacked | None = None,
    ) -> None:
        self._person_id, self._read, self._read_some = person_id, read, read_some
        self._read_packed = read_packed
        self._single: dict[int, tuple[str, ...]] = {}
        self._blank = ("",) * columns
        self._blocks = person_id >> BLOCK_BITS
        self._kept: dict[int, tuple[int, list[tuple[str, ...]]]] = {}
        self._packed: tuple[PackedText, ...] = ()

    def __len__(self) -> int:
        return len(self._person_id)

    def row(self, place: int) -> tuple[str, ...]:
        """The texts of one person."""
        block = int(self._blocks[place])
        kept = self._kept.get(block)
        if kept is None and self._packed:
            return tuple(column[place] for column in self._packed)
        if kept is None:
            alone = self._single.get(place)
            if alone is not None:
                return alone
            self._load(block, block)
            kept = self._kept[block]
        return kept[1][place - kept[0]]

    def fetch(self, places: Sequence[int]) -> None:
        """Read the texts of these people together; where they are few in each block, only theirs."""
        if self._packed:
            return
        missing = [
            place
            for place in places
            if place not in self._single and int(self._blocks[place]) not in self._kept
        ]
        blocks = {int(self._blocks[place]) for place in missing}
        if self._read_some is None or len(missing) >= WORTH_A_BLOCK * len(blocks):
            for block in blocks:
                self._load(block, block)
            return
        found = {row[0]: tuple(row[1:]) for row in self._read_some(self._person_id[missing].tolist())}
        for place in missing:
            self._single[place] = found.get(int(self._person_id[place]), self._blank)

    def read_all(self) -> None:
        """Read everybody's texts and keep them as strings: for a population of which all is soon asked for."""
        blocks = np.unique(self._blocks).tolist()
        for start in range(0, len(blocks), _BLOCKS_AT_ONCE):
            self._load(blocks[start], blocks[start : start + _BLOCKS_AT_ONCE][-1])

    def whole(self) -> tuple[PackedText, ...]:
        """Every column, packed. Where not all are kept as strings they are read anew, and none is kept from then on."""
        if not self._packed:
            parts: list[list[PackedText]] = [[] for _ in self._blank]
            blocks = np.unique(self._blocks).tolist()
            is_kept = all(block in self._kept for block in blocks)
            for start in range(0, len(blocks), _BLOCKS_AT_ONCE):
                few = blocks[start : start + _BLOCKS_AT_ONCE]
                packed = None if is_kept else self._packed_of(few[0], few[-1])
                if packed is None:
                    rows = (
                        [row for block in few for row in self._kept[block][1]]
                        if is_kept
                        else self._rows_of(few[0], few[-1])
                    )
                    packed = [PackedText.of(row[at - len(parts)] for row in rows) for at in range(len(parts))]
                for column, part in zip(parts, packed, strict=True):
                    column.append(part)
            self._packed = tuple(PackedText.joined(column) for column in parts)
            if not is_kept:
                self._kept, self._single = {}, {}
        return self._packed

    def column(self, at: int) -> Iterator[str]:
        """One column of everybody, in order: from the strings where all are kept, else packed first."""
        blocks = np.unique(self._blocks).tolist()
        if all(block in self._kept for block in blocks):
            return (row[at] for block in blocks for row in self._kept[block][1])
        return iter(self.whole()[at])

    def text(self, place: int, at: int) -> str:
        """One text of one person."""
        if self._packed and int(self._blocks[place]) not in self._kept:
            return self._packed[at][place]
        return self.row(place)[at]

    def _load(self, first: int, last: int) -> None:
        for block, (start, rows) in zip(range(first, last + 1), self._texts_of(first, last), strict=True):
            self._kept[block] = start, rows

    def _packed_of(self, first: int, last: int) -> Sequence[PackedText] | None:
        """The packed texts of everybody in a range of blocks; None where they are not those of these very people."""
        if self._read_packed is None:
            return None
        found = self._read_packed(first << BLOCK_BITS, ((last + 1) << BLOCK_BITS) - 1)
        start, end = np.searchsorted(self._blocks, [first, last + 1]).tolist()
        if found is None or not np.array_equal(found[0], self._person_id[start:end]):
            return None
        return found[1]

    def _rows_of(self, first: int, last: int) -> Sequence[tuple[Any, ...]]:
        """The texts of everybody in a range of blocks, last in each row."""
        rows = list(self._read(first << BLOCK_BITS, ((last + 1) << BLOCK_BITS) - 1))
        start, end = np.searchsorted(self._blocks, [first, last + 1]).tolist()
        ids = self._person_id[start:end].tolist()
        if [row[0] for row in rows] == ids:
            return rows
        found = {row[0]: row[1:] for row in rows}
        return [found.get(one, self._blank) for one in ids]

    def _texts_of(self, first: int, last: int) -> Iterator[tuple[int, list[tuple[str, ...]]]]:
        """For each block of a range the place of its first person, and the texts of all in it."""
        rows = self._read(first << BLOCK_BITS, ((last + 1) << BLOCK_BITS) - 1)
        found = {row[0]: row[1:] for row in rows}
        for block in range(first, last + 1):
            start, end = np.searchsorted(self._blocks, [block, block + 1]).tolist()
            ids = self._person_id[start:end].tolist()
            yield start, [found.get(one, self._blank) for one in ids]


class StoredColumn(Sequence[str]):
    """One column of :class:`StoredTexts`."""

    __slots__ = ("_column", "_texts")

    def __init__(self, texts: StoredTexts, column: int) -> None:
        self._texts, self._column = texts, column

    def packed(self) -> PackedText:
        """The column of everybody, packed."""
        return self._texts.whole()[self._column]

    def fetch(self, places: Sequence[int]) -> None:
        """Read the texts of these people, of all columns, before they are asked for one by one."""
        self._texts.fetch(places)

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return self._texts.text(index if index >= 0 else index + len(self), self._column)

    def __iter__(self) -> Iterator[str]:
        return self._texts.column(self._column)
