"""Tables as they come out of a file: columns of distinct values with one code per row.

A column of half a million grades holds eleven different strings. Keeping each value once, with a number per
row, makes the copy from the reading process cheap, shares the strings, and lets every rule about a value
(is it a date, is it a level) run once per different value instead of once per row.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TypeAlias

Cell: TypeAlias = str | float | int | bool | date | datetime | time | timedelta
"""What a cell can hold. An empty cell is the empty string."""

LONGEST_CELL = 32_767
"""Characters Excel keeps in one cell; anything longer is damage or abuse and is listed."""

CHUNK_ROWS = 4_096


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One column: ``values`` without repeats, ``codes[i]`` the place in them of row i's value."""

    values: list[Cell]
    codes: array[int]

    def __getitem__(self, row: int) -> Cell:
        return self.values[self.codes[row]]

    def __iter__(self) -> Iterator[Cell]:
        return map(self.values.__getitem__, self.codes)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet (or a whole CSV file).

    ``row_numbers`` is the number of each row as Excel shows it; ``first_column`` the position of the first
    column (0 is A). ``unreadable`` maps (Excel row, column position from A = 0) to why the cell cannot be
    read. ``notes`` are sentences about the whole sheet.
    """

    sheet: str
    columns: tuple[RawColumn, ...]
    row_numbers: Sequence[int]
    first_column: int = 0
    is_hidden: bool = False
    unreadable: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    notes: tuple[str, ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def __len__(self) -> int:
        return len(self.row_numbers)

    def row(self, index: int) -> tuple[Cell, ...]:
        """The cells of one row, by its place in this table (not its Excel number)."""
        return tuple(column[index] for column in self.columns)


class _Codes(dict[object, int]):
    """Hands out the next number for a value it has not seen."""

    def __missing__(self, key: object) -> int:
        self[key] = number = len(self)
        return number


class _Typed:
    """Keeps True apart from 1 and 1.0, which Python counts as equal, by comparing types too."""

    __slots__ = ("key", "value")

    def __init__(self, value: Cell) -> None:
        self.value = value
        self.key = (type(value), value)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Typed) and self.key == other.key


class ColumnCoder:
    """Turns rows into :class:`RawColumn`; rows may differ in length, short ones are filled with blanks."""

    def __init__(self) -> None:
        self._codes: list[_Codes] = []
        self._numbers: list[array[int]] = []
        self.rows = 0

    def add(self, rows: list[Sequence[Cell]]) -> None:
        """Take in some rows."""
        width = max(map(len, rows), default=0)
        self._widen(width)
        if any(len(row) != len(self._codes) for row in rows):
            blanks = ("",) * len(self._codes)
            rows = [(*row, *blanks[len(row) :]) for row in rows]
        for column, (codes, numbers) in zip(
            zip(*rows, strict=True), zip(self._codes, self._numbers, strict=True), strict=True
        ):
            values: Iterable[object] = column
            kinds = set(map(type, column))
            if bool in kinds:
                values = [_Typed(value) if isinstance(value, bool) else value for value in column]
            numbers.extend(map(codes.__getitem__, values))
        self.rows += len(rows)

    def _widen(self, width: int) -> None:
        while len(self._codes) < width:
            codes = _Codes()
            codes[""] = 0
            self._codes.append(codes)
            self._numbers.append(array("I", bytes(4 * self.rows)))

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self._codes)

    def columns(self) -> Iterator[RawColumn]:
        """The columns so far, each let go of once it is handed out."""
        self._codes.reverse()
        self._numbers.reverse()
        while self._codes:
            values = [key.value if isinstance(key, _Typed) else key for key in self._codes.pop()]
            yield RawColumn(values, self._numbers.pop())  # type: ignore[arg-type]  # keys went in as Cell


def in_chunks(rows: Iterator[Sequence[Cell]], size: int = CHUNK_ROWS) -> Iterator[list[Sequence[Cell]]]:
    """Rows in lists of at most ``size``."""
    while chunk := list(islice(rows, size)):
        yield chunk


def column_letters(position: int) -> str:
    """``0`` as A, ``26`` as AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_position(letters: str) -> int:
    """``A`` as 0, ``AA`` as 26; the letters must be capitals."""
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - 64
    return position - 1
