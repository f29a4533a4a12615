"""Several views of one page in one place; those not shown take no room, so that none scrolls because of another."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.ui.widgets import rows


class Views(QWidget):
    """One view at a time. A stack of Qt's would ask for the room of its largest view.

    ``resized()`` when the room changed.
    """

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._views: list[QWidget] = []
        self._box = rows(space=0)
        self.setLayout(self._box)

    def add(self, view: QWidget) -> None:
        """Add a view; the first one is shown."""
        self._views.append(view)
        self._box.addWidget(view, 1)  # gives it a parent: a widget without one would open as a window
        if len(self._views) > 1:
            view.hide()

    @property
    def shown(self) -> int:
        """The place of the view that is shown."""
        return next(place for place, view in enumerate(self._views) if not view.isHidden())

    def turn_to(self, view: int) -> None:
        """Show a view."""
        for place, one in enumerate(self._views):
            if place != view:
                one.hide()
        self._views[view].show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()
