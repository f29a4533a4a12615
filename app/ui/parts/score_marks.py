"""A column of maturity scores drawn as five marks beside the figure; a blank is "Not rated", never 0."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.table import Table

Index = QModelIndex | QPersistentModelIndex
MARKS, MARK, GAP, EDGE = 5, 11, 4, 8


class ScoreDelegate(QStyledItemDelegate):
    """Paints a score from 0 to 5 as its figure and that many filled marks of five."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        words, plain.text = plain.text, ""
        style = self._table.style() or QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, self._table)
        look, score = theme.tokens(), self._score(index)
        area = option.rect.adjusted(EDGE, 0, -EDGE, 0)  # type: ignore[attr-defined]
        painter.save()
        painter.setPen(QColor(look.secondary if score is None else look.text))
        middle = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if score is None:
            painter.drawText(area, middle, words)
        else:
            room = self._table.fontMetrics().averageCharWidth() * 3
            painter.drawText(QRectF(area.left(), area.top(), room, area.height()), middle, f"{score:g}")
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(look.accent), 1))
            for place in range(MARKS):
                mark = QRectF(
                    area.left() + room + place * (MARK + GAP), area.center().y() - MARK / 2 + 1, MARK, MARK
                )
                painter.setBrush(QColor(look.accent) if place < round(score) else Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(mark, 2, 2)
        painter.restore()

    def _score(self, index: Index) -> float | None:
        value: Any = self._table.rows.value(index.row(), index.column())
        return None if value is None else float(value)


def draw_scores(table: Table, *keys: str) -> None:
    """Let these columns of a table be drawn as marks; call it once the table has its columns."""
    for position, column in enumerate(table.rows.columns):
        if column.key in keys and not isinstance(table.itemDelegateForColumn(position), ScoreDelegate):
            table.setItemDelegateForColumn(position, ScoreDelegate(table))
