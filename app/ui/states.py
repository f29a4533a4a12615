"""What a page shows when it is not full: busy, empty, error; and the drawer for details at its right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from app.ui.jobs import Job
from app.ui.widgets import IconLabel, button, icon_button, label, line, rows

DRAWER_WIDTH = 320


class BusyState(QWidget):
    """What is under way, how long it has taken, how far it is, and a way to stop it."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._what = label("", "heading")
        self._detail = label("", "secondary")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        self._bar.setMaximumWidth(420)
        self._stop = button("Cancel", "secondary", "stop", self.cancelled.emit)
        self._job: Job[Any] | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(500)
        self._clock.timeout.connect(self.tick)
        stop = line(self._stop)
        stop.addStretch(1)
        box = rows(self._what, self._detail, self._bar, stop, space=12, margins=(0, 32, 0, 0))
        box.addStretch(1)
        self.setLayout(box)

    def watch(self, job: Job[Any], what: str) -> None:
        """Show one job until :meth:`rest`."""
        self._job = job
        self._what.setText(what)
        self._clock.start()
        self.tick()

    def rest(self) -> None:
        """Nothing is under way."""
        self._job = None
        self._clock.stop()

    def tick(self) -> None:
        """Bring bar and sentence up to date."""
        job = self._job
        if job is None:
            return
        if job.share < 0:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(int(job.share * 1000))
        self._detail.setText(f"{job.sentence} · {job.took}" if job.sentence else job.took)


class SentenceState(QWidget):
    """An icon, a sentence, what to do about it, a button, and details folded away: empty and error states."""

    def __init__(self, icon: str, token: str) -> None:
        super().__init__()
        self._icon = IconLabel(icon, token, 32)
        self.sentence = label("", "heading")
        self.advice = label("")
        self.details = label("", "small")
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details.hide()
        self._fold = button("Show details", "link", "", self._toggle)
        self._act: Callable[[], object] | None = None
        self.button = button("", "primary", "", lambda: self._act and self._act())
        actions = line(self.button, self._fold, space=12)
        actions.addStretch(1)
        self._body = rows(self._icon, self.sentence, self.advice, actions, self.details, space=12)
        self._body.addStretch(1)
        frame = QWidget()
        frame.setLayout(self._body)
        frame.setMaximumWidth(640)
        outer = line(frame, margins=(0, 32, 0, 0))
        outer.addStretch(1)
        outer.setStretch(0, 20)  # up to its full width before the stretch gets any
        self.setLayout(outer)

    def say(
        self,
        sentence: str,
        advice: str = "",
        verb: str = "",
        act: Callable[[], object] | None = None,
        more: str = "",
    ) -> None:
        """Show a sentence; parts that are empty take no room."""
        self.sentence.setText(sentence)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self._act = act
        self.button.setText(verb)
        self.button.setVisible(bool(verb and act))
        self.details.setText(more)
        self.details.hide()
        self._fold.setText("Show details")
        self._fold.setVisible(bool(more))

    def _toggle(self) -> None:
        opens = self.details.isHidden()
        self.details.setVisible(opens)
        self._fold.setText("Hide details" if opens else "Show details")


class Drawer(QFrame):
    """Details of what was clicked, at the right; Esc closes it and gives the keyboard back."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("Drawer")
        self.setFixedWidth(DRAWER_WIDTH)
        self._title = label("", "heading")
        close = icon_button("close", "Close details (Esc)", self.shut)
        top = line(self._title, close, space=8)
        top.setAlignment(close, Qt.AlignmentFlag.AlignTop)
        top.setStretch(0, 1)
        self._content: QWidget | None = None
        self._before: QWidget | None = None
        self._box = rows(top, space=12, margins=(16, 12, 12, 16))
        self.setLayout(self._box)
        self.hide()

    def open_with(self, title: str, content: QWidget) -> None:
        """Show ``content`` under a title in place of what was there."""
        if self.isHidden():
            self._before = self.window().focusWidget()
        self._drop()
        self._title.setText(title)
        self.setAccessibleName(title)
        self._content = content
        self._box.addWidget(content, 1)
        # A label from before the scale was changed would be too narrow: the drawer grows with the text.
        self.setFixedWidth(max(DRAWER_WIDTH, self.fontMetrics().averageCharWidth() * 44))
        self.show()

    def shut(self) -> None:
        """Close; the keyboard goes back to where it was."""
        if self.isHidden():
            return
        self.hide()
        self._drop()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None
        self.closed.emit()

    @property
    def content(self) -> QWidget | None:
        """What it shows, or None."""
        return self._content

    def _drop(self) -> None:
        if self._content is not None:
            self._content.hide()
            self._content.deleteLater()
            self._content = None
