"""One table for every list: sorts by stored ranks, filters as you type, copies with headers, lets Tab out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPoint,
    QRect,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.ui import memory, theme
from app.ui.focus import paint_ring
from app.ui.formats import HeldBack, Kind
from app.ui.table_data import Column, TableData
from app.ui.table_model import TableModel
from app.ui.widgets import button, label, line

__all__ = ["Column", "Table", "TableData", "TableModel", "TablePane"]

WIDTHS: dict[Kind, int] = {
    "text": 168,
    "int": 88,
    "decimal": 88,
    "money": 104,
    "share": 88,
    "date": 112,
    "level": 120,
    "fte": 80,
    "quarter": 112,
}
HEADING_ROOM = 22
"""Pixels around the words of a heading: its padding, and a little air."""

_RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Table(QTableView):
    """The view: whole rows, one ring for the row in focus, Enter opens, Ctrl+C copies with headers.

    ``name`` is the key under which widths and hidden columns are remembered; empty remembers nothing.
    Signals: ``row_opened(record)`` for Enter and double click, ``row_chosen(record)`` when the current row moves.
    """

    row_opened = Signal(object)
    row_chosen = Signal(object)

    def __init__(self, name: str = "", accessible_name: str = "Table", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._is_comfortable = False
        self._is_laid_out = False
        self.setAccessibleName(accessible_name)
        self.rows = TableModel(self)
        self.setModel(self.rows)
        self._set_up_view()
        self._set_up_header()
        self.activated.connect(lambda index: self.row_opened.emit(self.rows.record(index.row())))
        self.selectionModel().currentRowChanged.connect(self._on_current_row)

    def _set_up_view(self) -> None:
        self.setTabKeyNavigation(False)  # a table that keeps the Tab key is a trap (WCAG 2.1.2)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setCornerButtonEnabled(False)
        vertical = self.verticalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._size_rows()

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(48)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(False)
        with QSignalBlocker(header):
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self.rows.sort)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(
            lambda place: self._open_menu(self.column_menu(), header.mapToGlobal(place))
        )

    # --- content ----------------------------------------------------------------------------------------------

    def set_data(self, data: TableData) -> None:
        """Show data; the current record stays current where it is still there by place."""
        fresh = [column.key for column in data.columns] != [column.key for column in self.rows.columns]
        if fresh:
            header = self.horizontalHeader()
            with QSignalBlocker(header):
                header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.rows.set_table(data)
        if fresh or not self._is_laid_out:
            self._lay_out_columns()

    def set_records(self, columns: Sequence[Column], records: Sequence[Any]) -> None:
        """Show a short list of records; a long one comes as :class:`TableData` made on a worker."""
        self.set_data(TableData.of_records(columns, records))

    def set_comfortable(self, is_comfortable: bool) -> None:
        """Rows 36 high instead of 28."""
        self._is_comfortable = is_comfortable
        self._size_rows()

    def sort_by(self, key: str, *, is_descending: bool = False) -> None:
        """Sort by the column with this key, and show it in the header."""
        position = self._position(key)
        order = Qt.SortOrder.DescendingOrder if is_descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(position, order)

    def current_record(self) -> Any | None:
        """The record of the current row, or None."""
        index = self.currentIndex()
        return self.rows.record(index.row()) if index.isValid() else None

    def selected_records(self) -> list[Any]:
        """The records of the selected rows, from top to bottom."""
        return [self.rows.record(row) for row in self._selected_rows()]

    def choose_row(self, row: int) -> None:
        """Make a row current, select it and scroll to it."""
        column = self._shown_columns()[0] if self._shown_columns() else 0
        self.setCurrentIndex(self.rows.index(row, column))

    def shown_columns(self) -> list[Column]:
        """The columns that are shown, from left to right as the user has put them."""
        return [self.rows.columns[position] for position in self._shown_columns()]

    def shown_values(self) -> list[list[Any]]:
        """What is seen, as values: every row the filter lets through, in order, with the shown columns."""
        positions = self._shown_columns()
        return [
            [str(value) if isinstance(value, HeldBack) else value for value in line]
            for line in (
                [self.rows.value(row, at) for at in positions] for row in range(self.rows.rowCount())
            )
        ]

    # --- columns ----------------------------------------------------------------------------------------------

    def column_menu(self) -> QMenu:
        """A menu that shows and hides columns; the last one shown cannot be hidden."""
        menu = QMenu("Columns", self)
        shown = self._shown_columns()
        for position, column in enumerate(self.rows.columns):
            action = QAction(column.header, menu)
            action.setCheckable(True)
            action.setChecked(position in shown)
            action.setEnabled(position not in shown or len(shown) > 1)
            action.toggled.connect(lambda on, at=position: self.show_column(at, is_shown=on))
            menu.addAction(action)
        return menu

    def show_column(self, position: int, *, is_shown: bool) -> None:
        """Show or hide one column, and remember it."""
        self.setColumnHidden(position, not is_shown)
        self._remember()

    def _lay_out_columns(self) -> None:
        known = memory.recall_words(f"table/{self._name}") if self._name else {}
        scale = max(1.0, self.fontMetrics().averageCharWidth() / 7)
        header = self.horizontalHeader()
        with QSignalBlocker(header):
            for position, column in enumerate(self.rows.columns):
                width, _, hidden = known.get(column.key, "").partition(",")
                usual = max(
                    int((column.width or WIDTHS[column.kind]) * scale), self._heading_width(column.header)
                )
                self.setColumnWidth(position, int(width) if width.isdigit() else usual)
                self.setColumnHidden(position, hidden == "hidden" if width else not column.is_shown)
        if not self._is_laid_out:
            header.sectionResized.connect(self._on_resized)
        self._is_laid_out = True
        self.updateGeometries()

    def _heading_width(self, words: str) -> int:
        """The room a heading needs, so that none is cut off: its words in bold, and what stands around them."""
        font = QFont(self.horizontalHeader().font())
        font.setBold(True)
        return QFontMetrics(font).horizontalAdvance(words) + HEADING_ROOM

    def _on_resized(self, _section: int, _old: int, _new: int) -> None:
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:  # by hand, not by layout
            self._remember()

    def _remember(self) -> None:
        if self._name:
            words = {
                column.key: f"{self.columnWidth(at) or WIDTHS[column.kind]}"
                + (",hidden" if self.isColumnHidden(at) else ",shown")
                for at, column in enumerate(self.rows.columns)
            }
            memory.keep_words(f"table/{self._name}", words)

    def _shown_columns(self) -> list[int]:
        header = self.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [position for position in order if not self.isColumnHidden(position)]

    def _position(self, key: str) -> int:
        return next(at for at, column in enumerate(self.rows.columns) if column.key == key)

    def _selected_rows(self) -> list[int]:
        found: set[int] = set()
        for part in self.selectionModel().selection().toList():
            found.update(range(part.top(), part.bottom() + 1))
        return sorted(found)

    # --- copy and menus ---------------------------------------------------------------------------------------

    def copied_text(self) -> str:
        """The selected rows (all, where none is selected) as text with headers, tab between columns."""
        positions = self._shown_columns()
        rows = self._selected_rows() or range(self.rows.rowCount())
        lines = ["\t".join(clipboard_text(self.rows.columns[at].header) for at in positions)]
        lines += ["\t".join(clipboard_text(self.rows.text(row, at)) for at in positions) for row in rows]
        return "\n".join(lines) + "\n"

    def copy(self) -> None:
        """Put :meth:`copied_text` on the clipboard."""
        QGuiApplication.clipboard().setText(self.copied_text())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Copy with headers", QKeySequence.StandardKey.Copy, self.copy)
        columns = self.column_menu()
        columns.setParent(menu, columns.windowFlags())
        menu.addMenu(columns)
        self._open_menu(menu, event.globalPos())

    @staticmethod
    def _open_menu(menu: QMenu, place: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    # --- keys, focus, size ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.row_opened.emit(self.rows.record(self.currentIndex().row()))
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.rows.rowCount():
            column = self._shown_columns()[0]
            self.selectionModel().setCurrentIndex(
                self.rows.index(0, column), self.selectionModel().SelectionFlag.NoUpdate
            )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        index = self.currentIndex()
        if self.hasFocus() and index.isValid():
            first, area = self.visualRect(index), self.viewport().rect()
            row = QRect(area.left(), first.top(), area.width(), first.height())
            painter = QPainter(self.viewport())
            paint_ring(painter, row)
            painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_is_comfortable"):
            self._size_rows()

    def _size_rows(self) -> None:
        wanted = theme.COMFORTABLE_ROW if self._is_comfortable else theme.ROW
        height = max(wanted, self.fontMetrics().height() + 10)
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def _on_current_row(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.viewport().update()
        if current.isValid():
            self.row_chosen.emit(self.rows.record(current.row()))


def clipboard_text(text: str) -> str:
    """A cell for the clipboard: one line, no tab, and nothing a spreadsheet would run as a formula."""
    flat = " ".join(text.replace("\t", " ").splitlines()) if text else ""
    return f"'{flat}" if flat.startswith(_RUNS_AS_FORMULA) else flat


class TablePane(QWidget):
    """A table with its filter, its count of rows, and buttons to choose columns, copy and export.

    ``export`` gets the table when the user asks for what is seen; without one there is no button.
    """

    def __init__(
        self,
        name: str,
        what: str,
        export: Callable[[Table], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._what = what
        self.table = Table(name, what[:1].upper() + what[1:])
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(f"Filter {what}")
        self.filter.setAccessibleName(f"Filter {what}")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(180)
        self.filter.setMaximumWidth(320)
        self.filter.textChanged.connect(self.table.rows.set_filter)
        self.count = label("", "small", wraps=False)
        self._columns = button("Columns", "quiet", "columns", self._choose_columns)
        self.tools = line(self.filter, self.count, space=12)
        self.tools.addStretch(1)
        for part in (self._columns, button("Copy", "quiet", "copy", self.table.copy)):
            self.tools.addWidget(part)
        if export is not None:
            self.tools.addWidget(button("Export table", "quiet", "export", lambda: export(self.table)))
        self._nothing = self._make_nothing()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(self.tools)
        box.addWidget(self.table, 1)
        self.table.rows.shown_changed.connect(self._on_shown)

    def set_data(self, data: TableData) -> None:
        """Show data under the filter that is set."""
        self.table.set_data(data)

    def set_what(self, what: str) -> None:
        """Change what the rows are called; call it before showing other data."""
        self._what = what
        self.table.setAccessibleName(what[:1].upper() + what[1:])
        self.filter.setPlaceholderText(f"Filter {what}")
        self.filter.setAccessibleName(f"Filter {what}")

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _make_nothing(self) -> QLabel:
        nothing = label("", "secondary")
        nothing.setParent(self.table)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        nothing.hide()
        return nothing

    def _choose_columns(self) -> None:
        menu = self.table.column_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._columns.mapToGlobal(self._columns.rect().bottomLeft()))

    def _on_shown(self) -> None:
        shown, total = self.table.rows.rowCount(), self.table.rows.table.count
        self.count.setText(f"{shown:,} of {total:,}" if shown != total else f"{total:,} {self._what}")
        self._nothing.setVisible(shown == 0)
        if shown == 0:
            words = self.filter.text().strip()
            self._nothing.setText(
                f"Nothing here holds “{words}”. Clear the filter to see all {total:,} {self._what}."
                if total
                else f"There are no {self._what} here yet."
            )
            self._place_nothing()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._place_nothing()

    def _place_nothing(self) -> None:
        with contextlib.suppress(AttributeError):  # the first resize comes before the label exists
            self._nothing.setGeometry(self.table.rect().adjusted(24, 48, -24, -24))
