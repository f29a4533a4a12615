"""Rows kept as columns: half a million of them stay small until they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

R = TypeVar("R")


class ColumnRows(Sequence[R], Generic[R]):
    """A sequence of named tuples over equally long ``columns``; a row is made when it is asked for."""

    def __init__(self, make: Callable[[Any], R], columns: Sequence[Sequence[Any]]) -> None:
        self._make = make
        self.columns = tuple(columns)

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> ColumnRows[R]: ...
    def __getitem__(self, index: int | slice) -> R | ColumnRows[R]:
        if isinstance(index, slice):
            return ColumnRows(self._make, [column[index] for column in self.columns])
        return self._make([column[index] for column in self.columns])

    def __iter__(self) -> Iterator[R]:
        return map(self._make, zip(*self.columns, strict=True))
