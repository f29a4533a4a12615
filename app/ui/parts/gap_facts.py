"""Four figures in one calm line over the map: the number, what it counts, and a link that leads on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QSizePolicy

from app.ui.widgets import button, label, line, rows


class Fact(QFrame):
    """One figure with its words beside it; ``clicked`` gives it a link called ``verb``."""

    def __init__(self, what: str, clicked: Callable[[], object] | None = None, verb: str = "Show") -> None:
        super().__init__()
        self._figure = label("", "figure", wraps=False)
        self._what = label(what, wraps=False)
        self._note = label("", "small", wraps=False)
        self._what_name = what
        words = rows(self._what, self._note, space=0)
        inside = line(self._figure, words, space=12, margins=(0, 0, 0, 0))
        inside.setStretch(1, 1)
        if clicked is not None:
            self._button = button(verb, "link", "", clicked)
            self._button.setAccessibleName(f"{verb} {what}")
            self._button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            inside.addWidget(self._button)
        self.setLayout(inside)

    def set_figure(self, figure: str, note: str = "") -> None:
        """Show a number as text, with a note under what it counts."""
        self._figure.setText(figure)
        self._note.setText(note)
        self.setAccessibleName(f"{figure} {self._what_name} {note}".strip())


class FactLine(QFrame):
    """Facts side by side on one card."""

    def __init__(self, *facts: Fact) -> None:
        super().__init__()
        self.setObjectName("Card")
        box = line(space=24, margins=(16, 6, 16, 6))
        for fact in facts:
            box.addWidget(fact, 1)
        self.setLayout(box)

    def minimumSizeHint(self) -> QSize:
        """No width: where there is too little the page takes the line away, so it must not keep the page wide."""
        return QSize(0, super().minimumSizeHint().height())
