"""A column of shares drawn as bars beside their figures, for any table."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.formats import HeldBack
from app.ui.table import Table

Index = QModelIndex | QPersistentModelIndex
FIGURE_CHARACTERS = 9
BAR_HEIGHT = 12
EDGE = 8


class BarDelegate(QStyledItemDelegate):
    """Paints a share from 0 to 1 as its figure and a bar; a share that is None has no bar, only its words."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        words, plain.text = plain.text, ""
        style = self._table.style() or QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, self._table)
        look = theme.tokens()
        painter.save()
        painter.setPen(QColor(look.text if share_of(index, self._table) is not None else look.secondary))
        area = option.rect.adjusted(EDGE, 0, -EDGE, 0)  # type: ignore[attr-defined]
        room = self._table.fontMetrics().averageCharWidth() * FIGURE_CHARACTERS
        share = share_of(index, self._table)
        figure = QRectF(area.left(), area.top(), room, area.height())
        side = Qt.AlignmentFlag.AlignRight if share is not None else Qt.AlignmentFlag.AlignLeft
        if share is None:
            figure.setWidth(area.width())
        painter.drawText(figure, int(side | Qt.AlignmentFlag.AlignVCenter), words)
        if share is not None:
            left, width = figure.right() + EDGE, area.right() - figure.right() - EDGE
            track = QRectF(left, area.center().y() - BAR_HEIGHT / 2 + 1, width, BAR_HEIGHT)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.hairline))
            painter.drawRect(QRectF(left, track.bottom() - 1, width, 1))
            filled = QRectF(track.left(), track.top(), track.width() * min(1.0, share), BAR_HEIGHT)
            painter.setBrush(QColor(look.accent))
            painter.drawRect(filled)
        painter.restore()


def share_of(index: Index, table: Table) -> float | None:
    """The value behind a cell; None where there is none."""
    value: Any = table.rows.value(index.row(), index.column())
    return None if value is None or isinstance(value, HeldBack) else float(value)


def draw_bars(table: Table, *keys: str) -> None:
    """Let these columns of a table be drawn as bars; call it once the table has its columns."""
    for position, column in enumerate(table.rows.columns):
        if column.key in keys and not isinstance(table.itemDelegateForColumn(position), BarDelegate):
            table.setItemDelegateForColumn(position, BarDelegate(table))
