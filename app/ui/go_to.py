"""Ctrl+K: type a few letters, go to any page, person, role or action."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.errors import AppError
from app.ui.context import Context
from app.ui.navigator import Destination
from app.ui.widgets import label, rows

ASK_AFTER_MS = 120
FEWEST_LETTERS = 2
MOST_SHOWN = 50


class GoTo(QDialog):
    """Finds destinations as you type: the window's own at once, the workspace's from a worker."""

    def __init__(self, parent: QWidget, context: Context, own: Sequence[Destination]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Go to")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._context, self._own = context, tuple(own)
        self.words = QLineEdit()
        self.words.setPlaceholderText("A page, person, role or action")
        self.words.setAccessibleName("Go to")
        self.words.setClearButtonEnabled(True)
        self.found = QListWidget()
        self.found.setAccessibleName("Found")
        self.found.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # arrows work from the field above
        self.found.setUniformItemSizes(True)
        self.note = label("", "small")
        self.setLayout(rows(self.words, self.found, self.note, space=8, margins=(16, 16, 16, 12)))
        self.resize(560, 420)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(ASK_AFTER_MS)
        self._delay.timeout.connect(self._ask)
        self.words.textChanged.connect(self._on_typed)
        self.words.installEventFilter(self)
        self.found.itemClicked.connect(self._follow)
        self._on_typed("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.words and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            move = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if move is not None and self.found.count():
                self.found.setCurrentRow((self.found.currentRow() + move) % self.found.count())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.found.currentRow() >= 0:
                    self._follow(self.found.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _on_typed(self, words: str) -> None:
        wanted = words.casefold().split()
        self._show(
            [one for one in self._own if all(w in f"{one.title} {one.kind}".casefold() for w in wanted)]
        )
        if len(words.strip()) >= FEWEST_LETTERS:
            self._delay.start()
        else:
            self._delay.stop()

    def _ask(self) -> None:
        words = self.words.text().strip()
        self._context.jobs.read(
            lambda progress: self._context.navigator.find(words, progress),
            lambda more: self._add(words, more),
            key="go-to",
            title="Searching",
            failed=self._on_failed,
        )

    def _add(self, words: str, more: Sequence[Destination]) -> None:
        if words == self.words.text().strip():
            for one in more[: MOST_SHOWN - self.found.count()]:
                self._append(one)
            self._say_count()

    def _on_failed(self, error: AppError) -> None:
        self.note.setText(str(error))

    def _show(self, destinations: Sequence[Destination]) -> None:
        self.found.clear()
        for one in destinations[:MOST_SHOWN]:
            self._append(one)
        self.found.setCurrentRow(0)
        self._say_count()

    def _append(self, destination: Destination) -> None:
        item = QListWidgetItem(f"{destination.title}   ·   {destination.kind}")
        item.setData(Qt.ItemDataRole.UserRole, destination)
        self.found.addItem(item)
        if self.found.currentRow() < 0:
            self.found.setCurrentRow(0)

    def _say_count(self) -> None:
        hint = "Arrows choose, Enter goes, Esc closes."
        self.note.setText(hint if self.found.count() else "Nothing found. Try fewer letters.")

    def _follow(self, item: QListWidgetItem) -> None:
        destination = item.data(Qt.ItemDataRole.UserRole)
        self.accept()
        self._context.navigator.follow(destination)
