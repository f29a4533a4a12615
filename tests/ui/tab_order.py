"""Where the Tab key leads."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def stops_after(start: QWidget) -> list[QWidget]:
    """What takes the keyboard after a widget, in the order of Tab."""
    after = [start.nextInFocusChain()]
    while after[-1] is not start:
        after.append(after[-1].nextInFocusChain())
    return [
        one
        for one in after
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]


def stops_before(view: QWidget, stops: list[QWidget]) -> list[QWidget]:
    """The stops in front of a view, whose own must follow one another."""
    inside = [view.isAncestorOf(one) for one in stops]
    count = inside.count(True)
    assert count > 0
    first = inside.index(True)
    assert all(inside[first : first + count]), "the view's own widgets follow one another"
    return stops[:first]
