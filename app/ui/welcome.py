"""The first screen: take the sample organisation, make a new workspace, or open one. Never a blank window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QVBoxLayout, QWidget

from app.ui.widgets import Banner, ButtonKind, IconLabel, button, clear, label, line, rows

MOST_RECENT = 6
Words = tuple[str, str, str, str]
"""Icon, title, sentence and verb of one way to begin."""


class _Choice(QFrame):
    """One way to begin: what it is, what happens, a button."""

    def __init__(self, icon: str, title: str, sentence: str) -> None:
        super().__init__()
        self.setObjectName("Card")
        self.box = rows(
            IconLabel(icon, "accent", 28),
            label(title, "heading"),
            label(sentence),
            space=8,
            margins=(20, 20, 20, 20),
        )
        self.box.addStretch(1)
        self.setLayout(self.box)

    def add_button(self, verb: str, kind: ButtonKind, signal: SignalInstance) -> None:
        made = button(verb, kind, "", signal.emit)
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.box.addWidget(made)


SAMPLE: Words = (
    "organisation",
    "Sample organisation",
    "1,200 invented people with roles, ratings and gaps, to try everything on.",
    "Take the sample organisation",
)
NEW: Words = (
    "add",
    "New workspace",
    "Start empty: load your framework file, then your HR extract.",
    "Make a new workspace",
)
OPEN: Words = ("open", "Your workspace", "Go on where you or a colleague left off.", "Open a workspace")
PURPOSE = "Who has which digital skills, what is missing, and the training plan that closes the gap."


class Welcome(QWidget):
    """Asks where to begin; the window does it."""

    sample_asked = Signal()
    create_asked = Signal()
    open_asked = Signal()
    recent_asked = Signal(Path)

    def __init__(self, *, has_sample: bool) -> None:
        super().__init__()
        self.setObjectName("Canvas")
        self.banner = Banner()
        self._cards: list[_Choice] = []
        self._choices = self._make_choices(has_sample=has_sample)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(4)
        self._recent_title = label("Opened lately", "heading")
        brand = line(IconLabel("muster", "accent", 40), label("Muster", "brand", wraps=False), space=12)
        brand.addStretch(1)
        recent = rows(self._recent_title, self._recent, space=4)
        self._frame = QWidget()
        self._frame.setLayout(
            rows(brand, label(PURPOSE, "answer"), self.banner, self._choices, recent, space=24)
        )
        middle = line()
        middle.addStretch(1)
        middle.addWidget(self._frame, 20)
        middle.addStretch(1)
        outer = rows(margins=(32, 32, 32, 32))
        outer.addStretch(2)
        outer.addLayout(middle)
        outer.addStretch(3)
        self.setLayout(outer)
        self.show_recent(())

    def _make_choices(self, *, has_sample: bool) -> QBoxLayout:
        """The cards, the first of them with the primary button."""
        offered: list[tuple[str, str, str, str, SignalInstance]] = [
            (*NEW, self.create_asked),
            (*OPEN, self.open_asked),
        ]
        if has_sample:
            offered.insert(0, (*SAMPLE, self.sample_asked))
        choices = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        choices.setSpacing(16)
        for place, (icon, title, sentence, verb, signal) in enumerate(offered):
            card = _Choice(icon, title, sentence)
            card.add_button(verb, "primary" if place == 0 else "secondary", signal)
            self._cards.append(card)
            choices.addWidget(card, 1)
        return choices

    def show_recent(self, paths: Sequence[Path]) -> None:
        """List the workspaces opened lately, newest first."""
        clear(self._recent)
        self._recent_title.setVisible(bool(paths))
        for path in paths[:MOST_RECENT]:
            made = button(f"{path.name}  —  {path.parent}", "link")
            made.setAccessibleName(f"Open {path.name} in {path.parent}")
            made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            made.clicked.connect(lambda _checked=False, path=path: self.recent_asked.emit(path))
            self._recent.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._frame.setMaximumWidth(max(960, self.fontMetrics().averageCharWidth() * 150))
        beside = sum(card.minimumSizeHint().width() + 16 for card in self._cards)
        direction = (
            QBoxLayout.Direction.LeftToRight
            if beside < self.width() - 80
            else QBoxLayout.Direction.TopToBottom
        )
        self._choices.setDirection(direction)
