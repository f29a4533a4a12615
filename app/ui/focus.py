"""The focus ring: 3 px of yellow with a black line, around whatever has the keyboard, never taken away."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
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


class FocusRing(QWidget):
    """The ring around one widget. It lies over the whole window, so that no parent of the widget cuts it off."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def place(self, target: QWidget) -> None:
        """Lay the ring around what can be seen of a widget; hide it where nothing can."""
        seen = target.visibleRegion().boundingRect()
        if seen.isEmpty():
            self.hide()
            return
        width = theme.FOCUS_WIDTH
        corner = target.mapTo(target.window(), seen.topLeft())
        self.setGeometry(QRect(corner, seen.size()).adjusted(-width, -width, width, width))
        self.show()
        self.raise_()

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


_MOVES = {
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.ParentChange,
    QEvent.Type.LayoutRequest,
}


class FocusKeeper(QObject):
    """Puts the ring around the widget that has the keyboard. Item views paint it around their row or cell."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: FocusRing | None = None
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._place)
        app.focusChanged.connect(self._on_focus_changed)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._later.start(0)  # once the layout has settled
        return False

    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        for widget in self._watched:
            if shiboken6.isValid(widget):
                widget.removeEventFilter(self)
        self._watched.clear()
        self._target = now if now is not None and _wants_ring(now) else None
        widget = self._target
        while widget is not None:  # whatever moves, shows or hides it
            widget.installEventFilter(self)
            self._watched.append(widget)
            widget = None if widget.isWindow() else widget.parentWidget()
        self._place()

    def _place(self) -> None:
        ring, target = self._ring, self._target
        if ring is not None and not shiboken6.isValid(ring):  # gone with its window
            ring = None
        if target is None or not shiboken6.isValid(target):
            if ring is not None:
                ring.hide()
        else:
            if ring is None or ring.window() is not target.window():
                if ring is not None:
                    ring.hide()
                    ring.deleteLater()
                ring = FocusRing(target.window())
            ring.place(target)
        self._ring = ring


def _wants_ring(widget: QWidget) -> bool:
    if isinstance(widget, QMenu | QMenuBar | QMainWindow):
        return False
    has_row = isinstance(widget, QAbstractItemView) and widget.currentIndex().isValid()
    return not has_row and not widget.isWindow()
