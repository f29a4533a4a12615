"""Parts of a page that are made when they are first looked at: each costs as much as a page, and most are never seen.

What is made late would come last in the Tab order of the window; it is put where its room stands.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.ui.widgets import rows


class LateView(QWidget):
    """A view that makes its widgets in :meth:`build`, once, when :meth:`make_ready` is first called."""

    def __init__(self) -> None:
        super().__init__()
        self.is_built = False

    def make_ready(self) -> None:
        """Make the widgets, if they were not yet."""
        if self.is_built:
            return
        self.is_built = True
        self.build()
        put_in_tab_order(self)

    def build(self) -> None:
        """Make the widgets."""


class Room(QWidget):
    """Where a part stands that is made when it is first asked for."""

    def __init__(self, make: Callable[[], QWidget]) -> None:
        super().__init__()
        self._make = make

    @cached_property
    def part(self) -> Any:
        """The part itself."""
        made = self._make()
        self.setLayout(rows(made))
        put_in_tab_order(self)
        return made


def put_in_tab_order(room: QWidget) -> None:
    """Let what is inside follow the room itself in the order of Tab."""
    last = room
    for widget in _in_order(room):
        QWidget.setTabOrder(last, widget)
        last = widget


def _in_order(view: QWidget) -> list[QWidget]:
    """What can have the keyboard inside a view, in the order of Tab."""
    found: list[QWidget] = []
    widget = view.nextInFocusChain()
    while widget is not None and widget is not view:
        if view.isAncestorOf(widget) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found
