"""The cells of the heat map: their numbers, what they print and say, and the model that puts them in order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapData:
    """Counts per department (row) and skill (column), by rule 2 of PRODUCT; all tables are rows × columns.

    ``required`` people need the skill, ``assessed`` of them have a rating, ``short`` of those fall short, by
    ``levels_short`` levels in all. ``hidden`` marks cells that may not be shown because few people stand behind
    them; None where nothing is hidden. Lists of lists or two-dimensional integer arrays. ``has_totals``: the first
    row and the first column are totals; they stay first in every order and do not set the scale of counts.
    """

    row_labels: Sequence[str]
    column_labels: Sequence[str]
    required: Cells
    assessed: Cells
    short: Cells
    levels_short: Cells
    hidden: Sequence[Sequence[bool]] | None = None
    has_totals: bool = False

    def cell(self, row: int, column: int) -> HeatmapCell:
        """One cell as plain numbers."""
        return HeatmapCell(
            required=int(self.required[row][column]),
            assessed=int(self.assessed[row][column]),
            short=int(self.short[row][column]),
            levels_short=int(self.levels_short[row][column]),
            is_hidden=self.hidden is not None and bool(self.hidden[row][column]),
        )


@dataclass(frozen=True, slots=True)
class HeatmapCell:
    """The numbers of one cell."""

    required: int
    assessed: int
    short: int
    levels_short: int
    is_hidden: bool = False

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
        if measure is Measure.SHARE_SHORT:
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
        if measure is Measure.SHARE_SHORT:
            return str(math.floor(self.share_short * 100 + 0.5))
        return f"{int(self.measured(measure)):,}"

    def sentence(self) -> str:
        """The cell in words."""
        if not self.required:
            return "not required"
        if self.is_hidden:
            return "not shown, because few people stand behind it"
        if not self.assessed:
            return f"not assessed, {self.required:,} need it"
        covered = math.floor(self.coverage * 100 + 0.5)
        return f"{self.short:,} of {self.assessed:,} short, coverage {covered} %"


_EMPTY = HeatmapData((), (), (), (), (), ())


class HeatmapModel(QAbstractTableModel):
    """The cells in the order shown: worst departments and skills first, or as the data has them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = _EMPTY
        self.measure = Measure.SHARE_SHORT
        self._cells: list[list[HeatmapCell]] = []
        self.row_order: list[int] = []
        self.column_order: list[int] = []
        self.top = 1.0
        self.shown = 0

    def set_source(self, source: HeatmapData, measure: Measure, *, worst_first: bool) -> None:
        """Show other data or another measure."""
        self.beginResetModel()
        self.shown += 1
        self.source, self.measure = source, measure
        rows, columns = range(len(source.row_labels)), range(len(source.column_labels))
        self._cells = [[source.cell(row, column) for column in columns] for row in rows]
        first = int(source.has_totals)
        figures = (
            cell.measured(measure) for line in self._cells[first:] for cell in line[first:] if cell.assessed
        )
        self.top = 1.0 if measure is Measure.SHARE_SHORT else max([1.0, *figures])
        self.row_order, self.column_order = list(rows), list(columns)
        if worst_first:
            self.row_order[first:] = sorted(
                self.row_order[first:], key=lambda row: -_badness(self._cells[row][first:], measure)
            )
            self.column_order[first:] = sorted(
                self.column_order[first:],
                key=lambda at: -_badness([line[at] for line in self._cells[first:]], measure),
            )
        self.endResetModel()

    def cell(self, row: int, column: int) -> HeatmapCell:
        """The cell shown at a place."""
        return self._cells[self.row_order[row]][self.column_order[column]]

    def is_total(self, row: int, column: int) -> bool:
        """Whether a place shown is in the row or the column of totals."""
        return self.source.has_totals and (row == 0 or column == 0)

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
            cell = self.cell(row, column)
            more = f"\n{cell.levels_short:,} levels to close" if cell.short and not cell.is_hidden else ""
            return f"{self.row_label(row)} · {self.column_label(column)}\n{_capital(cell.sentence())}{more}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        texts = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Vertical:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role not in texts:
            return None
        if orientation == Qt.Orientation.Vertical:
            return self.row_label(section) if section < len(self.row_order) else None
        return self.column_label(section) if section < len(self.column_order) else None


def _badness(cells: Sequence[HeatmapCell], measure: Measure) -> float:
    """What a row or column is sorted by: the share over all its people, or the sum of a count."""
    known = [cell for cell in cells if not cell.is_hidden]
    if measure is not Measure.SHARE_SHORT:
        return sum(cell.measured(measure) for cell in known)
    assessed = sum(cell.assessed for cell in known)
    return sum(cell.short for cell in known) / assessed if assessed else -1.0


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
