"""A column of facts for the drawer: what, its value, a note; headings between them; scrolls by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.ui.widgets import label, line, rows


class Facts(QScrollArea):
    """Fill it from top to bottom, then call :meth:`finish`."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Details")
        self.viewport().setAutoFillBackground(False)
        self._body = QWidget()
        self._box = QVBoxLayout()
        self._box.setContentsMargins(0, 0, 8, 0)
        self._box.setSpacing(12)
        self._body.setLayout(self._box)
        self.setWidget(self._body)
        self._body.setAutoFillBackground(False)  # setWidget turns it on

    def add(self, what: str, value: str, note: str = "") -> None:
        """One fact; a value that is empty is left out."""
        if not value:
            return
        shown = label(value)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        shown.setAccessibleName(f"{what}: {value}")
        parts: list[QWidget] = [label(what, "small"), shown]
        if note:
            parts.append(label(note, "small"))
        self._box.addLayout(rows(*parts, space=2))

    def add_heading(self, text: str) -> None:
        """A heading over what follows."""
        self._box.addSpacing(4)
        self._box.addWidget(label(text, "label"))

    def add_text(self, text: str) -> None:
        """A paragraph."""
        self._box.addWidget(label(text))

    def add_pair(self, title: str, detail: str, state: QWidget) -> None:
        """A line with a title, its detail under it and a state at its right."""
        state.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        box = line(rows(label(title), label(detail, "small"), space=0), state, space=8)
        box.setStretch(0, 1)
        box.setAlignment(state, Qt.AlignmentFlag.AlignTop)
        self._box.addLayout(box)

    def add_widget(self, widget: QWidget) -> None:
        """Anything else, over the whole width."""
        self._box.addWidget(widget)

    def finish(self) -> None:
        """No more facts: what is left of the height stays empty below them."""
        self._box.addStretch(1)
