"""The department × skill map: a table whose cells are painted, walked with the arrow keys, and clicked down.

Each cell prints its number. One hue, darker is worse (lighter in the dark look); hatched where too few are
assessed; blank where nobody needs the skill; "–" where nobody is assessed. The names of the skills stand slanted
over the table in a strip of their own that reaches past its right edge, so that no name is cut.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QPoint,
    QPointF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QSizePolicy,
    QTableView,
    QToolTip,
    QWidget,
)

from app.ui import theme
from app.ui.focus import paint_ring
from app.ui.heatmap_cells import HeatmapCell, HeatmapData, HeatmapModel, Measure
from app.ui.heatmap_painting import HeatmapDelegate
from app.ui.widgets import label

__all__ = ["Heatmap", "HeatmapCell", "HeatmapData", "HeatmapModel", "Measure"]

SLANT_DEGREES = 50.0
NAME_CHARACTERS = 26
"""So much of a skill's name stands over its column, in average letters; the longest is four times that."""
MIN_CELL, MAX_CELL = QSize(36, 26), QSize(96, 40)


class _Grid(QTableView):
    """The cells and, at the left, the names of the departments."""

    entered_cell = Signal(int, int)
    zoom_asked = Signal(int)

    def __init__(self, model: HeatmapModel) -> None:
        super().__init__()
        self.setModel(model)
        self._cells, self._delegate = model, HeatmapDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setTabKeyNavigation(False)  # Tab leaves the map (WCAG 2.1.2)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setStyleSheet("QTableView { border: none; background: transparent; }")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName("Skill gaps by department and skill")
        self.horizontalHeader().hide()
        self.setCornerButtonEnabled(False)
        vertical = self.verticalHeader()
        for header in (vertical, self.horizontalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(8)
        vertical.setHighlightSections(False)
        vertical.setSectionsClickable(False)
        vertical.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        vertical.setStyleSheet("QHeaderView::section { border: none; font-weight: 400; padding: 0 8px 0 0; }")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and index.isValid():
            self.entered_cell.emit(index.row(), index.column())
            event.accept()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index == self.currentIndex():
            self.entered_cell.emit(index.row(), index.column())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_asked.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._delegate.begin(self._cells, self.font().key())
        super().paintEvent(event)
        index = self.currentIndex()
        if self.hasFocus() and index.isValid():
            painter = QPainter(self.viewport())
            paint_ring(painter, self.visualRect(index))
            painter.end()

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        model = self.model()
        if not self.currentIndex().isValid() and model.rowCount() and model.columnCount():
            self.setCurrentIndex(model.index(0, 0))


class _SkillNames(QWidget):
    """The strip of slanted names over the columns. It is wider than the cells, so the last name fits too."""

    def __init__(self, grid: _Grid, model: HeatmapModel) -> None:
        super().__init__()
        self._grid, self._model = grid, model
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        grid.horizontalScrollBar().valueChanged.connect(self.update)
        grid.horizontalHeader().sectionResized.connect(self.update)
        grid.selectionModel().currentChanged.connect(self.update)

    def shown_name(self, column: int) -> str:
        """The name as there is room for it; hovering shows it whole."""
        metrics = self.fontMetrics()
        room = metrics.averageCharWidth() * NAME_CHARACTERS
        return metrics.elidedText(self._model.column_label(column), Qt.TextElideMode.ElideRight, room)

    def text_width(self, column: int) -> int:
        """How long a name is before it is slanted, in pixels."""
        return self.fontMetrics().horizontalAdvance(self.shown_name(column))

    def measure(self) -> tuple[int, list[float]]:
        """The height of the strip, and how far each name reaches to the right of its column's middle."""
        angle = math.radians(SLANT_DEGREES)
        widths = [self.text_width(column) for column in range(self._model.columnCount())]
        line = self.fontMetrics().height()
        height = int(max(widths, default=0) * math.sin(angle) + line * math.cos(angle)) + 10
        return height, [width * math.cos(angle) + line * math.sin(angle) for width in widths]

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        look = theme.tokens()
        left, current = self._grid.viewport().x(), self._grid.currentIndex().column()
        shown = self._grid.viewport().width()
        for column in range(self._model.columnCount()):
            start, width = self._grid.columnViewportPosition(column), self._grid.columnWidth(column)
            middle = start + width / 2
            if middle < 0 or middle > shown:  # scrolled away; half a name would lie over the departments
                continue
            painter.save()
            painter.translate(QPointF(left + middle + 4, self.height() - 6))
            painter.rotate(-SLANT_DEGREES)
            is_current = column == current and self._grid.hasFocus()
            painter.setPen(QColor(look.accent if is_current else look.text))
            painter.drawText(QPointF(0, 0), self.shown_name(column))
            painter.restore()
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            column = self._column_at(event.pos())
            QToolTip.showText(
                event.globalPos(), self._model.column_label(column) if column >= 0 else "", self
            )
            return True
        return super().event(event)

    def _column_at(self, place: QPoint) -> int:
        """The column whose slanted name runs through a place; −1 where there is none."""
        height = self.height() - 6 - place.y()
        foot = place.x() - height / math.tan(math.radians(SLANT_DEGREES)) - self._grid.viewport().x()
        return self._grid.columnAt(int(foot))


class Heatmap(QWidget):
    """The map with its names and key. ``cell_clicked(row, column)`` gives places in the data, not on the screen.

    Sizes fit the room unless zoomed: Ctrl + wheel, or :meth:`zoom`; :meth:`zoom_to_fit` goes back.
    """

    cell_clicked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = HeatmapModel(self)
        self.grid = _Grid(self.cells)
        self._names = _SkillNames(self.grid, self.cells)
        self._zoom = 0
        self._is_worst_first = True
        self._padding = 0
        self._relayout = QTimer(self)
        self._relayout.setSingleShot(True)
        self._relayout.timeout.connect(self._lay_out)
        self._box = QGridLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self.key = label("", "small")
        self._box.addWidget(self.key, 0, 0, 1, 2)
        self._box.addWidget(self._names, 1, 0, 1, 2)
        self._box.addWidget(self.grid, 2, 0)
        self._box.setColumnStretch(0, 1)
        self._box.setRowStretch(2, 1)
        self.setFocusProxy(self.grid)
        self.grid.entered_cell.connect(self._on_entered)
        self.grid.zoom_asked.connect(self.zoom)

    def set_data(
        self, data: HeatmapData, measure: Measure = Measure.SHARE_SHORT, *, worst_first: bool = True
    ) -> None:
        """Show a map; the current cell stays current where its department and skill are still there."""
        kept = self.current_cell()
        names = self._names_of(kept) if kept else None
        self._is_worst_first = worst_first
        self.cells.set_source(data, measure, worst_first=worst_first)
        self._lay_out()
        if names is not None:
            self._go_back_to(*names)

    def set_measure(self, measure: Measure) -> None:
        """Show another figure of the same data."""
        self.set_data(self.cells.source, measure, worst_first=self._is_worst_first)

    def set_worst_first(self, is_worst_first: bool) -> None:
        """Order by how bad it is, or as the data has it."""
        self.set_data(self.cells.source, self.cells.measure, worst_first=is_worst_first)

    def current_cell(self) -> tuple[int, int] | None:
        """The place in the data of the current cell, or None."""
        index = self.grid.currentIndex()
        if not index.isValid():
            return None
        return self.cells.row_order[index.row()], self.cells.column_order[index.column()]

    def choose_cell(self, row: int, column: int) -> None:
        """Make the cell of a place in the data current."""
        place = self.cells.row_order.index(row), self.cells.column_order.index(column)
        self.grid.setCurrentIndex(self.cells.index(*place))

    def zoom(self, steps: int) -> None:
        """Make cells larger (positive) or smaller."""
        self._zoom = max(-3, min(6, self._zoom + steps))
        self._lay_out()

    def height_wanted(self, most_rows: int) -> int:
        """How high the map would like to be to show up to so many rows without scrolling, in pixels."""
        text = self.fontMetrics()
        rows = min(most_rows, self.cells.rowCount())
        lowest = max(MIN_CELL.height(), text.height() + 8)
        bar = self.grid.horizontalScrollBar().sizeHint().height()
        return self._names.measure()[0] + self.key.sizeHint().height() + rows * lowest + bar + 4

    def zoom_to_fit(self) -> None:
        """Fit the map into its room, down to the smallest size that can be read."""
        self._zoom = 0
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._relayout.start(0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_relayout"):
            self._relayout.start(0)

    def _names_of(self, place: tuple[int, int]) -> tuple[str, str]:
        source = self.cells.source
        return source.row_labels[place[0]], source.column_labels[place[1]]

    def _go_back_to(self, row_name: str, column_name: str) -> None:
        source = self.cells.source
        if row_name in source.row_labels and column_name in source.column_labels:
            self.choose_cell(
                list(source.row_labels).index(row_name), list(source.column_labels).index(column_name)
            )

    def _say_key(self) -> None:
        darker = "Lighter" if theme.tokens().is_dark else "Darker"
        parts = [
            f"{darker} is worse",
            "hatched: fewer than half assessed",
            "–: nobody assessed",
            "blank: not required",
        ]
        if self.cells.source.hidden is not None:
            parts.append("[c]: too few people to show")
        self.key.setText(" · ".join(parts))

    def _lay_out(self) -> None:
        """Choose the size of the cells and the room at the right that the last names need."""
        self._say_key()
        columns, rows = self.cells.columnCount(), self.cells.rowCount()
        height, reaches = self._names.measure()
        self._names.setFixedHeight(height)
        header = self._label_width()
        self.grid.verticalHeader().setFixedWidth(header)
        room = self.width() - header
        text = self.fontMetrics()
        least = max(MIN_CELL.width(), text.horizontalAdvance("100") + 14)
        width = self._fitted_width(room, reaches, least)
        lowest = max(MIN_CELL.height(), text.height() + 8)
        free = self.height() - height - self.key.height() - 2
        if width * columns > room:
            free -= self.grid.horizontalScrollBar().sizeHint().height()
        tall = max(lowest, min(MAX_CELL.height(), free // rows if rows else lowest))
        factor = 1.15**self._zoom
        width, tall = int(width * factor), int(tall * factor)
        self.grid.horizontalHeader().setDefaultSectionSize(width)
        self.grid.verticalHeader().setMinimumSectionSize(lowest // 2)
        self.grid.verticalHeader().setDefaultSectionSize(tall)
        total = width * columns
        ends = max((at * width + width / 2 + 4 + reach for at, reach in enumerate(reaches)), default=0.0)
        needed = max(0, math.ceil(ends - total) + 2)
        self._padding = needed if total + needed > room else 0
        self._box.setColumnMinimumWidth(1, self._padding)
        self._names.update()

    def _fitted_width(self, room: int, reaches: Sequence[float], least: int) -> int:
        """The widest cells with which the columns and the last slanted name fit, within limits."""
        count = len(reaches)
        if not count:
            return least
        by_cells = room / count
        by_names = min((room - reach - 6) / (at + 0.5) for at, reach in enumerate(reaches))
        return max(least, min(MAX_CELL.width(), int(min(by_cells, by_names))))

    def _label_width(self) -> int:
        metrics = self.fontMetrics()
        widest = max(
            (metrics.horizontalAdvance(str(name)) for name in self.cells.source.row_labels), default=0
        )
        return min(max(96, widest + 16), max(120, self.width() // 4))

    def _on_entered(self, row: int, column: int) -> None:
        self.cell_clicked.emit(self.cells.row_order[row], self.cells.column_order[column])
