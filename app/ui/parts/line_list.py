"""A list of short lines for drawers and side cards: a bold title, a detail under it; click or Enter opens one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.ui import theme
from app.ui.focus import RingList

Index = QModelIndex | QPersistentModelIndex
DETAIL_ROLE = Qt.ItemDataRole.UserRole + 1
EDGE, GAP = 8, 2
LEAST_HEIGHT = 80
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its title, its detail, and what is opened by it."""

    title: str
    detail: str
    record: Any


class _LineDelegate(QStyledItemDelegate):
    """Paints title and detail, both wrapped, with a hairline under them."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = theme.tokens()
        area: QRect = option.rect  # type: ignore[attr-defined]  # the stub leaves out the fields of style options
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]  # as above
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(look.accent_soft))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(look.hover))
        painter.setPen(QColor(look.hairline))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        box = area.adjusted(EDGE, EDGE - 2, -EDGE, -EDGE + 2)
        title, detail = _texts(index)
        painter.setFont(_bold(self._font()))
        painter.setPen(QColor(look.text))
        used = painter.drawText(box, _WRAP, title)
        painter.setFont(self._font())
        painter.setPen(QColor(look.secondary))
        painter.drawText(box.adjusted(0, used.height() + GAP, 0, 0), _WRAP, detail)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        view = self._view()
        width = max(80, view.viewport().width() - 2 * EDGE)
        room = QRect(0, 0, width, 10_000)
        title, detail = _texts(index)
        metrics = view.fontMetrics()
        bold = QFontMetrics(_bold(view.font()))
        height = bold.boundingRect(room, _WRAP, title).height()
        if detail:
            height += GAP + metrics.boundingRect(room, _WRAP, detail).height()
        return QSize(width, height + 2 * (EDGE - 2) + 1)

    def _view(self) -> QListWidget:
        view = self.parent()
        assert isinstance(view, QListWidget)
        return view

    def _font(self) -> QFont:
        return self._view().font()


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setBold(True)
    return made


def _texts(index: Index) -> tuple[str, str]:
    return str(index.data(Qt.ItemDataRole.DisplayRole) or ""), str(index.data(DETAIL_ROLE) or "")


class LineList(RingList):
    """Lines that can be opened. ``opened(record)`` for a click, Enter or Space.

    With ``grows`` it is as high as its lines and never scrolls by itself.
    """

    opened = Signal(object)

    def __init__(self, name: str, *, grows: bool = False) -> None:
        super().__init__()
        self._grows = grows
        self._lines: tuple[Line, ...] = ()
        self.setAccessibleName(name)
        self.setItemDelegate(_LineDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListView { border: none; background: transparent; }")
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)

    def set_grows(self, grows: bool) -> None:
        """Be as high as the lines, or scroll inside the room there is."""
        if grows != self._grows:
            self._grows = grows
            self._fit()

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines in place of what was there."""
        self._lines = tuple(lines)
        self.clear()
        for one in lines:
            item = QListWidgetItem(one.title)
            item.setData(DETAIL_ROLE, one.detail)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole, f"{one.title}. {one.detail}" if one.detail else one.title
            )
            self.addItem(item)
        self._fit()

    @property
    def lines(self) -> tuple[Line, ...]:
        """What it shows."""
        return self._lines

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in keys and self.currentRow() >= 0:
            self._open(self.currentRow())
            event.accept()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self._open(index.row())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_lines"):
            self._fit()

    def _open(self, row: int) -> None:
        self.opened.emit(self._lines[row].record)

    def _fit(self) -> None:
        if not self._grows:
            self.setMinimumHeight(LEAST_HEIGHT)
            self.setMaximumHeight(16_777_215)  # Qt's own "no limit"
            return
        height = sum(self.sizeHintForRow(row) for row in range(self.count())) + 2
        if height != self.minimumHeight():
            self.setFixedHeight(max(24, height))
