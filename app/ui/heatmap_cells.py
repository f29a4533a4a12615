"""The cells of the heat map: their numbers, what they print and say, and the model that puts them in order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from app.ui import theme

Index = QModelIndex | QPersistentModelIndex
Cells = Sequence[Sequence[int]]


class Measure(StrEnum):
    """What the number in a cell is."""

    SHARE_SHORT = "share of assessed people who are short"
    SHORT = "people short"
    LEVELS = "levels short"
    BOTH = "share of assessed people who are short, and levels short"


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapData:
    """Counts per department (row) and skill (column), by rule 2 of PRODUCT; all tables are rows × columns.

    ``required`` people need the skill, ``assessed`` of them have a rating, ``short`` of those fall short, by
    ``levels_short`` levels in all. ``hidden`` marks cells that may not be shown because few people stand behind
    them; None where nothing is hidden. Lists of lists or two-dimensional integer arrays. ``has_totals``: the first
    row and the first column are totals; they stay first in every order and do not set the scale of counts.

    ``row_groups`` and ``column_groups`` put rows and columns that stand together under a group header; ``row_tags``
    and ``column_tags`` are "strategic", "legacy" or "". All four are empty, or have an entry per row or column.
    Cells count people where ``skills_are`` says which axis holds skills; sums over skills, and every cell where that
    is "", count requirements, of which a person has several.
    """

    row_labels: Sequence[str]
    column_labels: Sequence[str]
    required: Cells
    assessed: Cells
    short: Cells
    levels_short: Cells
    hidden: Sequence[Sequence[bool]] | None = None
    has_totals: bool = False
    row_groups: Sequence[str] = ()
    column_groups: Sequence[str] = ()
    row_tags: Sequence[str] = ()
    column_tags: Sequence[str] = ()
    skills_are: Literal["rows", "columns", ""] = "columns"

    def cell(self, row: int, column: int) -> HeatmapCell:
        """One cell as plain numbers."""
        return HeatmapCell(
            required=int(self.required[row][column]),
            assessed=int(self.assessed[row][column]),
            short=int(self.short[row][column]),
            levels_short=int(self.levels_short[row][column]),
            is_hidden=self.hidden is not None and bool(self.hidden[row][column]),
            counts_people=self._counts_people(row, column),
        )

    def _counts_people(self, row: int, column: int) -> bool:
        if not self.skills_are:
            return False
        return not self.has_totals or bool(column if self.skills_are == "columns" else row)


@dataclass(frozen=True, slots=True)
class HeatmapCell:
    """The numbers of one cell."""

    required: int
    assessed: int
    short: int
    levels_short: int
    is_hidden: bool = False
    counts_people: bool = True

    @property
    def coverage(self) -> float:
        """Assessed of required, 0 to 1; 0 where nobody is required."""
        return self.assessed / self.required if self.required else 0.0

    @property
    def share_short(self) -> float:
        """Short of assessed, 0 to 1; 0 where nobody is assessed."""
        return self.short / self.assessed if self.assessed else 0.0

    def measured(self, measure: Measure) -> float:
        """The figure of a measure: a share from 0 to 1, or a count."""
        if measure in _SHARES:
            return self.share_short
        return self.short if measure is Measure.SHORT else self.levels_short

    def printed(self, measure: Measure) -> str:
        """What stands in the cell."""
        if not self.required:
            return ""
        if self.is_hidden:
            return "[c]"
        if not self.assessed:
            return "–"
        if measure in _SHARES:
            return per_cent(self.share_short)
        return f"{int(self.measured(measure)):,}"

    def printed_beside(self, measure: Measure) -> str:
        """The second figure of the cell, where two are shown side by side."""
        if measure is not Measure.BOTH or self.is_hidden or not self.assessed:
            return ""
        return f"{self.levels_short:,}"

    def sentence(self) -> str:
        """The cell in words."""
        if not self.required:
            return "not required"
        if self.is_hidden:
            return "not shown, because few people stand behind it"
        if not self.assessed:
            waiting = (
                f"{self.required:,} need it" if self.counts_people else f"{self.required:,} requirements"
            )
            return f"not assessed, {waiting}"
        what = "short" if self.counts_people else "requirements not met"
        return f"{self.short:,} of {self.assessed:,} {what}, coverage {per_cent(self.coverage)} %"

    def coverage_words(self) -> str:
        """What stands in a header for its coverage: ``92 %``, ``[c]``, or nothing where nobody is required."""
        if not self.required:
            return ""
        return "[c]" if self.is_hidden else f"{per_cent(self.coverage)} %"


def per_cent(value: float) -> str:
    """A share from 0 to 1 as whole per cent, halves up."""
    return str(math.floor(value * 100 + 0.5))


@dataclass(frozen=True, slots=True)
class Run:
    """Rows or columns shown side by side that belong to one group: first and last place, and its name."""

    first: int
    last: int
    name: str


def runs_of(groups: Sequence[str]) -> list[Run]:
    """Neighbours of the same group as runs; those of no group make none."""
    found: list[Run] = []
    for place, name in enumerate(groups):
        if name and found and found[-1].name == name and found[-1].last == place - 1:
            found[-1] = Run(found[-1].first, place, name)
        elif name:
            found.append(Run(place, place, name))
    return found


_EMPTY = HeatmapData((), (), (), (), (), ())
_SHARES = (Measure.SHARE_SHORT, Measure.BOTH)


class HeatmapModel(QAbstractTableModel):
    """The cells in the order shown: worst departments and skills first, or as the data has them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = _EMPTY
        self.measure = Measure.SHARE_SHORT
        self._made: dict[tuple[int, int], HeatmapCell] = {}
        self._row_sums: list[HeatmapCell] = []
        self._column_sums: list[HeatmapCell] = []
        self.row_order: list[int] = []
        self.column_order: list[int] = []
        self.row_runs: list[Run] = []
        self.column_runs: list[Run] = []
        self.top = 1.0
        self.shown = 0

    def set_source(self, source: HeatmapData, measure: Measure, *, worst_first: bool) -> None:
        """Show other data or another measure."""
        self.beginResetModel()
        self.shown += 1
        self.source, self.measure = source, measure
        self._made.clear()
        first = int(source.has_totals)
        self.row_order, self.column_order = (
            list(range(len(source.row_labels))),
            list(range(len(source.column_labels))),
        )
        rows, columns = self.row_order[first:], self.column_order[first:]
        self._row_sums = [self._sum_of_row(row) for row in self.row_order]
        self._column_sums = [self._sum_of_column(at) for at in self.column_order]
        self.top = 1.0 if measure in _SHARES else _largest(source, measure, first)
        if worst_first:
            self.row_order[first:] = sorted(
                rows, key=lambda row: -_badness([self._cell_of(row, at) for at in columns], measure)
            )
            self.column_order[first:] = sorted(
                columns, key=lambda at: -_badness([self._cell_of(row, at) for row in rows], measure)
            )
        self.row_runs = runs_of(
            [source.row_groups[row] for row in self.row_order] if source.row_groups else ()
        )
        self.column_runs = runs_of(
            [source.column_groups[at] for at in self.column_order] if source.column_groups else ()
        )
        self.endResetModel()

    def cell(self, row: int, column: int) -> HeatmapCell:
        """The cell shown at a place."""
        return self._cell_of(self.row_order[row], self.column_order[column])

    def _cell_of(self, row: int, column: int) -> HeatmapCell:
        """A cell of the data, made when it is first looked at: most of a large map never is."""
        found = self._made.get((row, column))
        if found is None:
            found = self._made[row, column] = self.source.cell(row, column)
        return found

    def _sum_of_row(self, row: int) -> HeatmapCell:
        columns = range(len(self.source.column_labels))
        if self.source.has_totals and columns:
            return self._cell_of(row, 0)
        return _sum_of([self._cell_of(row, at) for at in columns])

    def _sum_of_column(self, column: int) -> HeatmapCell:
        rows = range(len(self.source.row_labels))
        if self.source.has_totals and rows:
            return self._cell_of(0, column)
        return _sum_of([self._cell_of(row, column) for row in rows])

    def is_total(self, row: int, column: int) -> bool:
        """Whether a place shown is in the row or the column of totals."""
        return self.source.has_totals and (row == 0 or column == 0)

    def row_sum(self, row: int) -> HeatmapCell:
        """The figures of a whole row: its total where the data has one."""
        return self._row_sums[self.row_order[row]]

    def column_sum(self, column: int) -> HeatmapCell:
        """The figures of a whole column: its total where the data has one."""
        return self._column_sums[self.column_order[column]]

    def row_tag(self, row: int) -> str:
        """What the skill of a row is tagged as; "" where it is not, or is no skill."""
        return self.source.row_tags[self.row_order[row]] if self.source.row_tags else ""

    def column_tag(self, column: int) -> str:
        """What the skill of a column is tagged as."""
        return self.source.column_tags[self.column_order[column]] if self.source.column_tags else ""

    def card(self, row: int, column: int) -> tuple[str, list[str]]:
        """What a hover card says of a cell: its heading, and a line for each thing to know."""
        cell = self.cell(row, column)
        lines = [_capital(cell.sentence()) + "."]
        if cell.required and not cell.is_hidden and cell.assessed:
            short = "1 level short" if cell.levels_short == 1 else f"{cell.levels_short:,} levels short"
            lines = [
                f"{_capital(cell.sentence().split(', coverage')[0])} ({per_cent(cell.share_short)} %), {short}.",
                f"Coverage {per_cent(cell.coverage)} %: {cell.assessed:,} of {cell.required:,} assessed.",
            ]
        tags = {self.row_tag(row), self.column_tag(column)} - {""}
        lines += [f"Tagged as {tag}." for tag in sorted(tags)]
        return f"{self.row_label(row)} · {self.column_label(column)}", lines

    def heat(self, cell: HeatmapCell) -> str:
        """The colour of a cell."""
        if not cell.required or not cell.assessed or cell.is_hidden:
            return theme.tokens().surface
        return theme.tokens().heat[theme.heat_step(cell.measured(self.measure) / self.top)]

    def row_label(self, row: int) -> str:
        """The name of the department shown in a row."""
        return self.source.row_labels[self.row_order[row]]

    def column_label(self, column: int) -> str:
        """The name of the skill shown in a column."""
        return self.source.column_labels[self.column_order[column]]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own signature)
        return 0 if parent.isValid() else len(self.row_order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own signature)
        return 0 if parent.isValid() else len(self.column_order)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(row, column).printed(self.measure)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.row_label(row)}, {self.column_label(column)}, {self.cell(row, column).sentence()}"
        if role == Qt.ItemDataRole.ToolTipRole:
            title, lines = self.card(row, column)
            return "\n".join((title, *lines))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        is_rows = orientation == Qt.Orientation.Vertical
        if role == Qt.ItemDataRole.TextAlignmentRole and is_rows:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if not 0 <= section < len(self.row_order if is_rows else self.column_order):
            return None
        name = self.row_label(section) if is_rows else self.column_label(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role not in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        tag = self.row_tag(section) if is_rows else self.column_tag(section)
        groups, order = (
            (self.source.row_groups, self.row_order)
            if is_rows
            else (self.source.column_groups, self.column_order)
        )
        covered = (self.row_sum(section) if is_rows else self.column_sum(section)).coverage_words()
        more = [groups[order[section]] if groups else "", tag, f"coverage {covered}" if covered else ""]
        return ", ".join((name, *(part for part in more if part)))


def _largest(source: HeatmapData, measure: Measure, first: int) -> float:
    """The largest count of a cell that is no total and has somebody assessed, at least 1."""
    counts = source.short if measure is Measure.SHORT else source.levels_short
    return max(
        (
            float(count)
            for line, assessed in zip(counts[first:], source.assessed[first:], strict=True)
            for count, known in zip(line[first:], assessed[first:], strict=True)
            if known and count > 1
        ),
        default=1.0,
    )


def _sum_of(cells: Sequence[HeatmapCell]) -> HeatmapCell:
    known = [cell for cell in cells if not cell.is_hidden]
    return HeatmapCell(
        sum(cell.required for cell in known),
        sum(cell.assessed for cell in known),
        sum(cell.short for cell in known),
        sum(cell.levels_short for cell in known),
        is_hidden=len(known) < len(cells),
    )


def _badness(cells: Sequence[HeatmapCell], measure: Measure) -> float:
    """What a row or column is sorted by: the share over all its people, or the sum of a count."""
    known = [cell for cell in cells if not cell.is_hidden]
    if measure not in _SHARES:
        return sum(cell.measured(measure) for cell in known)
    assessed = sum(cell.assessed for cell in known)
    return sum(cell.short for cell in known) / assessed if assessed else -1.0


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
