"""A long column of texts as one run of bytes: a tenth of the memory of strings, sorted and searched as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, overload

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_AT_ONCE = 16_384
"""Texts put together or taken apart in one step: a longer step would hold the interpreter for all that time."""
_WIDEST = 128
"""Bytes of the longest text up to which texts are sorted as an array of equal widths."""


class PackedText(Sequence[str]):
    """Texts in UTF-8, one after the other; text ``i`` is ``data[offsets[i]:offsets[i + 1]]``."""

    __slots__ = ("data", "offsets")

    def __init__(self, data: Bytes, offsets: Ints) -> None:
        self.data, self.offsets = data, offsets

    @classmethod
    def of(cls, values: Iterable[str]) -> PackedText:
        """Pack a column of texts."""
        each = iter(values)
        parts: list[Bytes] = []
        sizes: list[Ints] = []
        while chunk := [value.encode() for value in islice(each, _AT_ONCE)]:
            parts.append(np.frombuffer(b"".join(chunk), dtype=np.uint8))
            sizes.append(np.fromiter(map(len, chunk), dtype=np.int64, count=len(chunk)))
        lengths = np.concatenate(sizes) if sizes else np.zeros(0, np.int64)
        data = np.concatenate(parts) if parts else np.zeros(0, np.uint8)
        return cls(data, _offsets(lengths))

    @classmethod
    def split(cls, texts: str, separator: str) -> PackedText:
        """From texts with a sign of ASCII between them; one with that sign in it becomes two."""
        data = np.frombuffer(texts.encode(), dtype=np.uint8)
        is_between = data == ord(separator)
        ends = np.append(np.flatnonzero(is_between), len(data))
        lengths = np.diff(ends, prepend=-1) - 1
        return cls(data[~is_between], _offsets(lengths))

    @classmethod
    def joined(cls, parts: Sequence[PackedText]) -> PackedText:
        """Several columns one after the other."""
        lengths = [np.diff(part.offsets) for part in parts]
        data = np.concatenate([part.data for part in parts]) if parts else np.zeros(0, np.uint8)
        return cls(data, _offsets(np.concatenate(lengths) if parts else np.zeros(0, np.int64)))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        return self.data[self.offsets[at] : self.offsets[at + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _AT_ONCE):
            bounds = self.offsets[start : start + _AT_ONCE + 1]
            whole = self.data[bounds[0] : bounds[-1]].tobytes()
            ends: list[int] = (bounds - bounds[0]).tolist()
            for first, last in pairwise(ends):
                yield whole[first:last].decode()

    def take(self, places: npt.NDArray[Any]) -> PackedText:
        """The texts at these places, in their order."""
        starts = self.offsets[places]
        lengths = self.offsets[places + 1] - starts
        offsets = _offsets(lengths)
        return PackedText(
            self.data[np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])], offsets
        )

    def folded(self, fold: Callable[[str], str]) -> PackedText:
        """Every text in the form in which it is looked for or sorted; of ASCII, ``fold`` makes lower case."""
        upper = (self.data >= ord("A")) & (self.data <= ord("Z"))
        lower = PackedText(self.data + upper.astype(np.uint8) * np.uint8(32), self.offsets)
        if not len(self.data) or self.data.max() < 128:
            return lower
        high = np.flatnonzero(self.data >= 128)
        others = np.unique(np.searchsorted(self.offsets, high, side="right") - 1)
        places: list[int] = others.tolist()
        return lower._with(others, [fold(self[at]).encode() for at in places])

    def _with(self, places: Ints, texts: Sequence[bytes]) -> PackedText:
        """The same with other texts at some places."""
        lengths = np.diff(self.offsets)
        is_kept = np.ones(len(self), dtype=np.bool_)
        is_kept[places] = False
        fresh = lengths.copy()
        fresh[places] = [len(text) for text in texts]
        offsets = _offsets(fresh)
        data = np.zeros(offsets[-1], dtype=np.uint8)
        kept_bytes = np.repeat(is_kept, lengths)
        moved = np.arange(len(self.data)) + np.repeat(offsets[:-1] - self.offsets[:-1], lengths)
        data[moved[kept_bytes]] = self.data[kept_bytes]
        for place, text in zip(places.tolist(), texts, strict=True):
            data[offsets[place] : offsets[place + 1]] = np.frombuffer(text, dtype=np.uint8)
        return PackedText(data, offsets)

    def containing(self, word: str) -> Flags:
        """Which texts hold a word, as it is written here."""
        sought = np.frombuffer(word.encode(), dtype=np.uint8)
        found = np.zeros(len(self), dtype=np.bool_)
        if not len(sought):
            return ~found
        places = np.flatnonzero(self.data[: max(0, len(self.data) - len(sought) + 1)] == sought[0])
        for offset in range(1, len(sought)):
            places = places[self.data[places + offset] == sought[offset]]
        rows = np.searchsorted(self.offsets, places, side="right") - 1
        found[rows[places + len(sought) <= self.offsets[rows + 1]]] = True
        return found

    def ranks(self) -> Ints:
        """For each text its place in the order of code points; equal texts have the same."""
        lengths = np.diff(self.offsets)
        widest = int(lengths.max(initial=1)) or 1
        if widest > _WIDEST or (len(self.data) and self.data.min() == 0):
            known = {text: rank for rank, text in enumerate(sorted(set(self)))}
            return np.fromiter((known[text] for text in self), dtype=np.int64, count=len(self))
        table = np.zeros(len(self) * widest, dtype=np.uint8)
        for start in range(0, len(self), _AT_ONCE):
            bounds, sizes = self.offsets[start : start + _AT_ONCE + 1], lengths[start : start + _AT_ONCE]
            shift = np.arange(start, start + len(sizes)) * widest - bounds[:-1]
            table[np.arange(bounds[0], bounds[-1]) + np.repeat(shift, sizes)] = self.data[
                bounds[0] : bounds[-1]
            ]
        keys = table.view(f"S{widest}")
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        is_new = np.ones(len(ordered), dtype=np.int64)
        is_new[1:] = ordered[1:] != ordered[:-1]
        ranks = np.zeros(len(ordered), dtype=np.int64)
        ranks[order] = np.cumsum(is_new) - 1
        return ranks


def _offsets(lengths: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
