"""The one model behind every list: the rows of a :class:`TableData` in the order and selection shown."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.ui.table_data import Column, TableData

Index = QModelIndex | QPersistentModelIndex
FEW = 8
"""Rows up to which each is looked for by itself."""


class TableModel(QAbstractTableModel):
    """Rows of a :class:`TableData` in the order and selection shown. ``shown_changed`` after every filter."""

    shown_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = TableData((), {}, 0)
        self._rows: Any = range(0)
        self._words = ""
        self._sorted: tuple[int, bool] | None = None

    @property
    def table(self) -> TableData:
        """All the data, filtered away or not."""
        return self._data

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns."""
        return self._data.columns

    def set_table(self, data: TableData) -> None:
        """Show other data; filter and sort order stay."""
        self.beginResetModel()
        if [column.key for column in data.columns] != [column.key for column in self._data.columns]:
            self._sorted = None
        self._data = data
        self._choose_rows()
        self.endResetModel()
        self.shown_changed.emit()

    def set_filter(self, words: str) -> None:
        """Show the rows that hold every one of these words."""
        if words.split() == self._words.split():
            return
        self._words = words
        self.beginResetModel()
        self._choose_rows()
        self.endResetModel()
        self.shown_changed.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put rows in the order of a column's values (not its texts); blanks stay last."""
        if not 0 <= column < len(self.columns):
            return
        self._sorted = (column, order == Qt.SortOrder.DescendingOrder)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        sources = [self.source_row(index.row()) for index in before]
        self._choose_rows()
        after = [
            self.index(place, index.column())
            for place, index in zip(self._places_of(sources), before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def source_row(self, row: int) -> int:
        """The row of the data behind a row shown."""
        return int(self._rows[row])

    def record(self, row: int) -> Any:
        """The record behind a row shown."""
        return self._data.record(self.source_row(row))

    def text(self, row: int, column: int) -> str:
        """A cell as it is read."""
        return self._data.text(self.source_row(row), self.columns[column])

    def value(self, row: int, column: int) -> Any:
        """The value of a cell; None where there is none."""
        return self._data.value(self.source_row(row), self.columns[column])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own signature)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own signature)
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(index.row(), index.column())
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(self.columns[index.column()])
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self.columns[index.column()].header}: {self.text(index.row(), index.column()) or 'none'}"
            case Qt.ItemDataRole.ToolTipRole:
                return self.text(index.row(), index.column()) or None
            case Qt.ItemDataRole.UserRole:
                return self.record(index.row())
            case _:
                return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return column.header
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ToolTipRole:
                return column.tooltip or None
            case _:
                return None

    def _choose_rows(self) -> None:
        """Filter, then sort. A range while neither is asked for, so that no array library is loaded."""
        if not self._words.split() and self._sorted is None:
            self._rows = range(self._data.count)
            return
        rows = self._data.matching(self._words)
        if self._sorted is not None:
            column, is_descending = self._sorted
            rows = self._data.ordered(rows, self.columns[column], is_descending=is_descending)
        self._rows = rows

    def _places_of(self, sources: list[int]) -> list[int]:
        """Where rows of the data are shown now; looked up in an array, of which a selection needs only a few."""
        if isinstance(self._rows, range):
            return sources
        if len(sources) <= FEW:
            return [int((self._rows == source).argmax()) for source in sources]
        import numpy as np  # late: the first window is painted without it

        places = np.zeros(self._data.count, dtype=np.int64)
        places[self._rows] = np.arange(len(self._rows))
        return places[sources].tolist()


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
