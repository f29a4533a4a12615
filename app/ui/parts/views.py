"""Several views of one page in one place; those not shown ask for no room, so that none scrolls because of another."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget


class Views(QStackedWidget):
    """Call :meth:`turn_to` to change the view. ``resized()`` when the room changed."""

    resized = Signal()

    def turn_to(self, view: int) -> None:
        """Show a view and ask for its room."""
        self.setCurrentIndex(view)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        shown = self.currentWidget()
        return shown.minimumSizeHint() if shown is not None else super().minimumSizeHint()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        shown = self.currentWidget()
        layout = shown.layout() if shown is not None else None
        if layout is None:
            return super().heightForWidth(width)
        return layout.totalMinimumHeightForWidth(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()
