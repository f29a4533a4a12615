"""The search for a plan as it goes: the best plan so far rising, the proven limit falling, over the seconds."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme

EDGE = 8
MOST_NOTES = 2_000

Note = tuple[float, float, float]
"""Seconds, weighted steps of the best plan so far, proven limit."""


class ClosingGap(QWidget):
    """Two stepped lines with the ground between them tinted; :meth:`note` adds a moment, :meth:`start_again` clears."""

    def __init__(self) -> None:
        super().__init__()
        self._notes: list[Note] = []
        self._now = 0.0
        self.setMinimumHeight(160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Best plan so far and proven limit over time")
        self.hide()

    def start_again(self) -> None:
        """Nothing is known yet."""
        self._notes, self._now = [], 0.0
        self.hide()

    def note(self, seconds: float, closed: float, at_most: float) -> None:
        """The best plan so far and the limit after so many seconds."""
        self._now = max(self._now, seconds)
        if not self._notes or self._notes[-1][1:] != (closed, at_most):
            self._notes.append((seconds, closed, at_most))
            del self._notes[1 : max(1, len(self._notes) - MOST_NOTES)]
        self.setAccessibleDescription(
            f"After {seconds:.0f} seconds: {closed:,.0f} steps closed, at most {at_most:,.0f}"
        )
        self.show()
        self.update()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was told, one entry per change."""
        return tuple(self._notes)

    def sizeHint(self) -> QSize:
        return QSize(480, 200)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._notes:
            return
        look = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        high = metrics.height() + 4
        area = QRectF(self.rect()).adjusted(EDGE, high + EDGE, -EDGE, -high - EDGE)
        lowest = min(note[1] for note in self._notes)
        highest = max(note[2] for note in self._notes)
        room = max(highest - lowest, 1e-9)
        lowest, highest = max(0.0, lowest - 0.15 * room), highest + 0.05 * room
        closed = self._stepped(area, 1, (lowest, highest))
        limit = self._stepped(area, 2, (lowest, highest))
        ground = QColor(look.accent)
        ground.setAlpha(36)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawPolygon(QPolygonF([*closed, *reversed(limit)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(look.hairline), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(QPen(QColor(look.secondary), 2, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF(limit))
        painter.setPen(QPen(QColor(look.accent), 2.5))
        painter.drawPolyline(QPolygonF(closed))
        self._write(painter, look, area, high)
        painter.end()

    def _stepped(self, area: QRectF, which: int, span: tuple[float, float]) -> list[QPointF]:
        """The corners of a line that keeps each value until the next one."""
        end = max(self._now, self._notes[0][0] + 0.25)
        begin = self._notes[0][0]
        low, high = span

        def at(seconds: float, value: float) -> QPointF:
            across = area.left() + area.width() * (seconds - begin) / max(end - begin, 1e-9)
            return QPointF(across, area.bottom() - area.height() * (value - low) / max(high - low, 1e-9))

        corners: list[QPointF] = []
        for place, note in enumerate(self._notes):
            if place:
                corners.append(at(note[0], self._notes[place - 1][which]))
            corners.append(at(note[0], note[which]))
        corners.append(at(end, self._notes[-1][which]))
        return corners

    def _write(self, painter: QPainter, look: theme.Tokens, area: QRectF, high: int) -> None:
        """What each line is and where it stands, above and below the chart, so that they never meet."""
        _, closed, at_most = self._notes[-1]
        painter.setPen(QColor(look.text))
        above = QRectF(area.left(), area.top() - high, area.width(), high)
        below = QRectF(area.left(), area.bottom() + 2, area.width(), high)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        painter.drawText(above, right, f"At most {at_most:,.0f} steps (dashed)")
        painter.drawText(below, right, f"Best plan so far: {closed:,.0f} steps")
        painter.setPen(QColor(look.secondary))
        painter.drawText(below, left, f"{self._now:.0f} s")
