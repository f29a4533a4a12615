"""Maturity drawn: five marks beside the figure in a table, and a line over time; a blank is "Not rated", never 0."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.services.maturity import MOST, MaturityCell
from app.ui import theme
from app.ui.formats import day
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


class ScoreLine(QWidget):
    """The scores of one department in one area over time, each with its figure; wide as the dates lie apart."""

    HEIGHT, ROOM, DOT = 64, 14, 4

    def __init__(self, cell: MaturityCell) -> None:
        super().__init__()
        self._history = cell.history
        self.setFixedHeight(self.HEIGHT)
        told = ", ".join(f"{point.score} on {day(point.assessed_on)}" for point in cell.history)
        self.setAccessibleName(f"{cell.area} over time: {told}")
        self.setToolTip(told)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter = theme.tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        points = self._places()
        painter.setPen(QPen(QColor(look.hairline), 1))
        floor = self.height() - self.ROOM / 2
        painter.drawLine(QPointF(0, floor), QPointF(self.width(), floor))
        painter.setPen(QPen(QColor(look.accent), 2))
        painter.drawPolyline(points)
        painter.setBrush(QColor(look.accent))
        for point, place in zip(self._history, points, strict=True):
            painter.setPen(QPen(QColor(look.accent), 1))
            painter.drawEllipse(place, self.DOT, self.DOT)
            painter.setPen(QColor(look.text))
            painter.drawText(
                QRectF(place.x() - 12, place.y() - 20, 24, 14),
                int(Qt.AlignmentFlag.AlignCenter),
                str(point.score),
            )
        painter.end()

    def _places(self) -> list[QPointF]:
        first, last = self._history[0].assessed_on, self._history[-1].assessed_on
        span = max(1, (last - first).days)
        wide, high = self.width() - 2 * self.ROOM, self.height() - 2 * self.ROOM - 8
        return [
            QPointF(
                self.ROOM + wide * (point.assessed_on - first).days / span,
                self.height() - self.ROOM - high * point.score / MOST,
            )
            for point in self._history
        ]
