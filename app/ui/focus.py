"""The focus ring: 3 px of yellow with a black line, around whatever has the keyboard, never taken away."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFocusFrame,
    QListWidget,
    QMainWindow,
    QMenu,
    QMenuBar,
    QWidget,
)

from app.ui import theme


def paint_ring(painter: QPainter, area: QRect, radius: float = 0) -> None:
    """Paint the ring just inside ``area``."""
    look = theme.tokens()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, bool(radius))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = theme.FOCUS_WIDTH
    painter.setPen(_pen(look.focus, width))
    painter.drawRoundedRect(
        QRectF(area).adjusted(width / 2, width / 2, -width / 2, -width / 2), radius, radius
    )
    painter.setPen(_pen(look.focus_line, 1))
    inset = width + 0.5
    painter.drawRoundedRect(QRectF(area).adjusted(inset, inset, -inset, -inset), radius / 2, radius / 2)
    painter.restore()


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


class FocusRing(QFocusFrame):
    """The ring around one widget; Qt moves it along and removes it with the widget's parent."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_ring(painter, self.rect(), theme.RADIUS + 1)
        painter.end()


class RingList(QListWidget):
    """A list that paints the ring around its current line and lets Tab out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabKeyNavigation(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        index = self.currentIndex()
        if self.hasFocus() and index.isValid():
            painter = QPainter(self.viewport())
            paint_ring(painter, self.visualRect(index))
            painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.count():
            self.setCurrentRow(0)


class FocusKeeper(QObject):
    """Puts the ring around the widget that has the keyboard. Item views paint it around their row or cell."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: FocusRing | None = None
        app.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        ring = self._ring
        if ring is not None and not shiboken6.isValid(ring):
            ring = None
        target = now if now is not None and _wants_ring(now) else None
        if ring is None and target is not None:
            ring = FocusRing(target)
        if ring is not None:
            ring.setWidget(target)  # type: ignore[arg-type]  # None takes the ring away; the stub does not know
            ring.raise_()  # Fusion would have it under its widget, where most of it is hidden
        self._ring = ring


def _wants_ring(widget: QWidget) -> bool:
    if isinstance(widget, QMenu | QMenuBar | QMainWindow) or widget.property("paints_focus"):
        return False
    has_row = isinstance(widget, QAbstractItemView) and widget.currentIndex().isValid()
    return not has_row and not widget.isWindow()
