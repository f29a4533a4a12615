"""The department × skill map: a table whose cells are painted, walked with the arrow keys, and clicked down.

Each cell prints its number. One hue, darker is worse (lighter in the dark look); hatched where too few are
assessed; blank where nobody needs the skill; "–" where nobody is assessed. Names and coverage of rows and columns are
the table's own headers (``heatmap_headers``). The cells fill the room there is with whole rows and columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, cast

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from app.ui import theme
from app.ui.focus import paint_ring
from app.ui.heatmap_cells import HeatmapCell, HeatmapData, HeatmapModel, Measure
from app.ui.heatmap_headers import ColumnNames, Corner, RowNames
from app.ui.heatmap_painting import BESIDE, PLATE, CellPainter, Span
from app.ui.table import clipboard_text
from app.ui.widgets import label, rows

__all__ = ["Heatmap", "HeatmapCell", "HeatmapData", "HeatmapModel", "Measure"]

MIN_CELL, MAX_CELL = QSize(40, 24), QSize(120, 52)
CARD_AFTER_MS = 350
"""So long the keyboard rests on a cell until its card is shown, as it is under the mouse."""


AHEAD_EVERY_MS, AHEAD_FOR_S = 10, 0.003
"""How often and for how long cells out of sight are looked at, so that nobody notices."""


class _Grid(QTableView):
    """The cells and, at the left, the names of the departments."""

    entered_cell = Signal(int, int)
    zoom_asked = Signal(int)
    copy_asked = Signal()

    def __init__(self, model: HeatmapModel) -> None:
        super().__init__()
        self.setModel(model)
        self._cells, self.painting = model, CellPainter()
        self.setTabKeyNavigation(False)  # Tab leaves the map (WCAG 2.1.2)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setStyleSheet("QTableView { border: none; background: transparent; }")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName("Skill gaps by department and skill")
        self.setCornerButtonEnabled(False)
        self.columns, self.names = ColumnNames(self), RowNames(self)
        self.setHorizontalHeader(self.columns)
        self.setVerticalHeader(self.names)
        self.corner = Corner(self)
        self._card = QTimer(self)
        self._card.setSingleShot(True)
        self._card.setInterval(CARD_AFTER_MS)
        self._card.timeout.connect(self._show_card_of_current)
        self._ahead = QTimer(self)
        self._ahead.setInterval(AHEAD_EVERY_MS)
        self._ahead.timeout.connect(self._look_ahead)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and index.isValid():
            self.entered_cell.emit(index.row(), index.column())
            event.accept()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
            event.accept()
        else:
            super().keyPressEvent(event)
            self._card.start()

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        for header in (self.horizontalHeader(), self.verticalHeader()):  # the name in focus stands out
            header.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_card(self.indexAt(event.pos()), event.globalPos())
            return True
        return super().viewportEvent(event)

    def _show_card_of_current(self) -> None:
        index = self.currentIndex()
        if self.hasFocus() and index.isValid():
            box = self.visualRect(index)
            self._show_card(index, self.viewport().mapToGlobal(box.bottomRight()) + QPoint(2, 2))

    def _show_card(self, index: QModelIndex, place: QPoint) -> None:
        if not index.isValid():
            QToolTip.hideText()
            return
        title, lines = self._cells.card(index.row(), index.column())
        body = "<br>".join(escape(one) for one in lines)
        text = f"<p style='white-space:pre'><b>{escape(title)}</b><br>{body}</p>"
        QToolTip.showText(place, text, self.viewport(), self.visualRect(index))

    def updateGeometries(self) -> None:
        super().updateGeometries()
        if hasattr(self, "corner"):
            self.corner.setGeometry(0, 0, self.names.width(), self.columns.height())

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
        """Instead of the table's own, which asks a delegate for each cell in sight: a tenth of the time."""
        self.painting.begin(self._cells, self.font(), self.devicePixelRatioF())
        # Only what paints its whole area itself is copied when it scrolls; a style sheet takes the mark away again.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        painter = QPainter(self.viewport())
        surface = QColor(theme.tokens().surface)
        for area in cast("Iterable[QRect]", event.region()):  # the stub leaves out that a region is iterated
            painter.fillRect(area, surface)
            across = _in_sight(self.columns, area.left(), area.right())
            down = _in_sight(self.names, area.top(), area.bottom())
            self.painting.paint(painter, self._cells, down, across)
        index = self.currentIndex()
        if self.hasFocus() and index.isValid():
            paint_ring(painter, self.visualRect(index))
        painter.end()
        self._ahead.start()

    def _look_ahead(self) -> None:
        if not self.isVisible() or not self.painting.look_ahead(self._cells, AHEAD_FOR_S):
            self._ahead.stop()

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        model = self.model()
        if not self.currentIndex().isValid() and model.rowCount() and model.columnCount():
            self.setCurrentIndex(model.index(0, 0))


class Heatmap(QWidget):
    """The map with its names and key. ``cell_clicked(row, column)`` gives places in the data, not on the screen.

    Sizes fit the room unless zoomed: Ctrl + wheel, or :meth:`zoom`; :meth:`zoom_to_fit` goes back, and
    :meth:`fit_whole` shows every row and column at once, as colours alone where figures would not fit.
    """

    cell_clicked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = HeatmapModel(self)
        self.grid = _Grid(self.cells)
        self._zoom = 0
        self._is_whole = False
        self._is_worst_first = True
        self._relayout = QTimer(self)
        self._relayout.setSingleShot(True)
        self._relayout.timeout.connect(self._lay_out)
        self.key = label("", "small")
        self.key.hide()
        box = rows(self.grid, self.key, space=4)
        box.setStretch(0, 1)
        self.setLayout(box)
        self.setFocusProxy(self.grid)
        self.grid.entered_cell.connect(self._on_entered)
        self.grid.zoom_asked.connect(self.zoom)
        self.grid.copy_asked.connect(self.copy)

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
        self._zoom = max(-3, min(6, (0 if self._is_whole else self._zoom) + steps))
        self._is_whole = False
        self._lay_out()

    def zoom_to_fit(self) -> None:
        """Fit the map into its room, down to the smallest size that can be read."""
        self._zoom, self._is_whole = 0, False
        self._lay_out()

    def fit_whole(self) -> None:
        """Show every row and every column at once; again goes back to what can be read."""
        self._zoom, self._is_whole = 0, not self._is_whole
        self._lay_out()

    @property
    def shows_whole(self) -> bool:
        """Whether every row and column is in sight, however small."""
        return self._is_whole

    def copied_text(self) -> str:
        """The whole map as it is shown, with headers and coverage, tab between columns."""
        cells, columns = self.cells, range(self.cells.columnCount())
        head = ["", "Coverage", *(clipboard_text(cells.column_label(at)) for at in columns)]
        lines = ["\t".join(head)]
        covered = ["Coverage", "", *(cells.column_sum(at).coverage_words() for at in columns)]
        for row in range(cells.rowCount()):
            name = [clipboard_text(cells.row_label(row)), cells.row_sum(row).coverage_words()]
            lines.append("\t".join([*name, *(self._copied(cells.cell(row, at)) for at in columns)]))
        return "\n".join([lines[0], "\t".join(covered), *lines[1:]]) + "\n"

    def copy(self) -> None:
        """Put :meth:`copied_text` on the clipboard."""
        QGuiApplication.clipboard().setText(self.copied_text())

    def _copied(self, cell: HeatmapCell) -> str:
        measure = self.cells.measure
        first, second = cell.printed(measure), cell.printed_beside(measure)
        return f"{first} | {second}" if second else first

    def height_wanted(self, most_rows: int) -> int:
        """How high the map would like to be to show up to so many rows without scrolling, in pixels."""
        rows_shown = min(most_rows, self.cells.rowCount())
        bar = self.grid.horizontalScrollBar().sizeHint().height()
        header = self.grid.columns.fit(self._least_width(), 130)
        return header + rows_shown * self._least_height() + bar + 4

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

    def _key_lines(self) -> list[str]:
        """What colours and marks mean; the first line stands beside the scale of colours."""
        darker = "lighter" if theme.tokens().is_dark else "darker"
        lines = [
            f"{darker} is worse",
            "hatched: fewer than half assessed",
            "–: nobody assessed",
            "blank: not required",
        ]
        tags = {*self.cells.source.row_tags, *self.cells.source.column_tags}
        marks = [f"{mark} {tag}" for tag, mark in (("strategic", "▲"), ("legacy", "▽")) if tag in tags]
        lines += [", ".join(marks)] if marks else []
        if self.cells.source.hidden is not None:
            lines.append("[c]: too few people to show")
        return lines

    def _say_key(self) -> None:
        """In the corner of the table where it has room, else under it."""
        lines = self._key_lines()
        self.key.setText(" · ".join(lines))
        if self._is_whole and self.grid.columnWidth(0) < self._least_width():
            self.key.setText(f"{lines[0].capitalize()}. Zoom in to read the figures, or rest on a cell.")
        self.grid.setAccessibleDescription(self.key.text())
        has_room = self._has_corner()
        self.grid.corner.set_key(lines if has_room else ())
        self.key.setVisible(not has_room)

    def _has_corner(self) -> bool:
        size = self.grid.names.width(), self.grid.columns.height()
        return self.grid.corner.has_room(*size, self._key_lines())

    # --- room -------------------------------------------------------------------------------------------------

    def _least_width(self) -> int:
        """The narrowest cell whose figures can be read."""
        text = QFontMetricsF(self.grid.font())
        if self.cells.measure is Measure.BOTH:
            return int(text.horizontalAdvance("100") + text.horizontalAdvance("1,000")) + BESIDE + PLATE + 6
        return max(MIN_CELL.width(), int(text.horizontalAdvance("100")) + 14)

    def _least_height(self) -> int:
        text = self.fontMetrics().height()
        needed = self.grid.names.lines_needed(self._names_width())
        small = QFontMetricsF(self.grid.names.small()).height()
        return max(MIN_CELL.height(), text + 6, int(2 * small + 5) if needed > 1 else 0)

    def _names_width(self) -> int:
        return self.grid.names.fit(max(180, min(360, int(self.width() * 0.32))))

    def _lay_out(self) -> None:
        """Choose the size of headers and cells for the room there is."""
        row_count = self.cells.rowCount()
        names = self._names_width()
        self.grid.names.setFixedWidth(names)
        bar = self.grid.verticalScrollBar().sizeHint().width()
        foot = 0 if self.key.isHidden() else self.key.height() + 4
        room, high = self.width() - names, self.height() - foot
        width, tall, header = self._sizes(room, high)
        if tall * row_count > high - header and not self._is_whole:
            room -= bar
            width, tall, header = self._sizes(room, high)
        self.grid.columns.setFixedHeight(header)
        self.grid.columns.setDefaultSectionSize(width)
        self.grid.names.setDefaultSectionSize(tall)
        self._spread(room, width)
        self.grid.updateGeometries()
        was_hidden = self.key.isHidden()
        self._say_key()
        if was_hidden != self.key.isHidden():
            self._relayout.start(0)

    def _spread(self, room: int, width: int) -> None:
        """Give what is left of the room to the first columns, so that whole ones reach the very edge."""
        columns, header = self.cells.columnCount(), self.grid.columns
        spare = max(0, room - width * min(columns, max(1, room // width)))
        if self._zoom or width >= MAX_CELL.width():
            spare = 0
        if self._is_whole:
            for at in range(columns):
                header.resizeSection(at, width + (at < spare))
        elif columns:
            header.setDefaultSectionSize(width)
            for at in range(columns):
                if header.sectionSize(at) != width:
                    header.resizeSection(at, width)
            header.resizeSection(0, width + spare)

    def _sizes(self, room: int, high: int) -> tuple[int, int, int]:
        """Width and height of a cell, and the height of the names over the columns, in pixels."""
        columns, row_count = max(1, self.cells.columnCount()), max(1, self.cells.rowCount())
        if self._is_whole:
            width = max(3, room // columns)
            header = self.grid.columns.fit(width, int(high * 0.4))
            return width, max(3, min(MAX_CELL.height(), (high - header) // row_count)), header
        width = _filling(room, self._least_width(), columns, MAX_CELL.width())
        factor = 1.15**self._zoom
        width = int(width * factor)
        header = self.grid.columns.fit(width, int(high * 0.4))
        free = high - header
        if width * columns > room:
            free -= self.grid.horizontalScrollBar().sizeHint().height()
        tall = _filling(free, self._least_height(), row_count, MAX_CELL.height())
        return width, int(tall * factor), header

    def _on_entered(self, row: int, column: int) -> None:
        self.cell_clicked.emit(self.cells.row_order[row], self.cells.column_order[column])


def _in_sight(header: QHeaderView, start: int, end: int) -> list[Span]:
    """The sections of a header between two places of the viewport, the cut ones at both ends included."""
    place = header.logicalIndexAt(max(0, start))
    found: list[Span] = []
    if place < 0:
        return found
    at = header.sectionViewportPosition(place)
    while place < header.count() and at <= end:
        size = header.sectionSize(place)
        found.append((place, at, size))
        at, place = at + size, place + 1
    return found


def _filling(room: int, least: int, count: int, most: int) -> int:
    """The size with which cells fill the room: all of them where they fit, else as many whole ones as can be read."""
    fitting = max(1, room // least)
    return max(least, min(most, room // min(count, fitting)))
