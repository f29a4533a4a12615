"""Texts of half a million people without half a million strings: coded words, and texts read when they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

BLOCK_BITS = 10


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
    ) -> None:
        self._person_id, self._read, self._read_some = person_id, read, read_some
        self._single: dict[int, tuple[str, ...]] = {}
        self._blank = ("",) * columns
        self._blocks = person_id >> BLOCK_BITS
        self._kept: dict[int, tuple[int, list[tuple[str, ...]]]] = {}

    def __len__(self) -> int:
        return len(self._person_id)

    def row(self, place: int) -> tuple[str, ...]:
        """The texts of one person."""
        block = int(self._blocks[place])
        kept = self._kept.get(block)
        if kept is None:
            alone = self._single.get(place)
            if alone is not None:
                return alone
            self._load(block, block)
            kept = self._kept[block]
        return kept[1][place - kept[0]]

    def fetch(self, places: Sequence[int]) -> None:
        """Read the texts of these people together; where they are few in each block, only theirs."""
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

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The texts of everybody, in order."""
        blocks = np.unique(self._blocks).tolist()
        for start in range(0, len(blocks), 64):
            part = blocks[start : start + 64]
            if any(block not in self._kept for block in part):
                self._load(part[0], part[-1])
            for block in part:
                yield from self._kept[block][1]

    def _load(self, first: int, last: int) -> None:
        found = {
            row[0]: tuple(row[1:]) for row in self._read(first << BLOCK_BITS, ((last + 1) << BLOCK_BITS) - 1)
        }
        for block in range(first, last + 1):
            start, end = np.searchsorted(self._blocks, [block, block + 1]).tolist()
            ids = self._person_id[start:end].tolist()
            self._kept[block] = (start, [found.get(one, self._blank) for one in ids])


class StoredColumn(Sequence[str]):
    """One column of :class:`StoredTexts`."""

    __slots__ = ("_column", "_texts")

    def __init__(self, texts: StoredTexts, column: int) -> None:
        self._texts, self._column = texts, column

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
        return self._texts.row(index if index >= 0 else index + len(self))[self._column]

    def __iter__(self) -> Iterator[str]:
        at = self._column
        return (row[at] for row in self._texts.rows())
