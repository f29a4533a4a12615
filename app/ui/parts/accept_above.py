"""Accepting all suggestions above a score: what it would accept is shown before anything is written."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QSpinBox, QWidget

from app.services.roles import BulkPreview
from app.terms import MatchKind
from app.ui.formats import people, share, whole
from app.ui.parts.title_details import answer_words
from app.ui.table import Column, TablePane
from app.ui.widgets import button, label, line, rows

Look = Callable[[float, tuple[MatchKind, ...], Callable[[BulkPreview], None]], None]
COLUMNS = (
    Column("title", "Job title", width=230),
    Column("headcount", "People", "int", width=64),
    Column("suggestion", "Suggestion", width=230),
    Column("score", "Score", "share", width=64),
)
USUAL_SCORE = 90


class _Line:
    """One title of the preview as the table shows it."""

    def __init__(self, title: str, headcount: int, suggestion: str, score: float) -> None:
        self.title, self.headcount, self.suggestion, self.score = title, headcount, suggestion, score


class AcceptAboveDialog(QDialog):
    """Choose a score, see what it accepts, accept it. ``accepted_preview(BulkPreview)``."""

    accepted_preview = Signal(object)

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Accept all above a score")
        self._look = look
        self._preview: BulkPreview | None = None
        self.score = QSpinBox()
        self.score.setRange(50, 100)
        self.score.setSuffix(" %")
        self.score.setValue(USUAL_SCORE)
        self.score.setAccessibleName("Lowest score to accept")
        self.others = QCheckBox("Also accept “not digital” and “no single role”")
        self.sentence = label("", "heading")
        self.pane = TablePane("", "titles")
        self.take = button("Accept suggestions", "primary", "ok", self._take)
        cancel = button("Cancel", clicked=self.reject)
        choice = line(label("Lowest score", wraps=False), self.score, self.others, space=12)
        choice.addStretch(1)
        feet = line(cancel, self.take, space=12)
        feet.insertStretch(0, 1)
        box = rows(choice, self.sentence, self.pane, feet, space=16, margins=(24, 20, 24, 20))
        box.setStretch(2, 1)
        self.setLayout(box)
        self.resize(720, 560)
        self.score.valueChanged.connect(self._ask)
        self.others.toggled.connect(self._ask)
        self._ask()

    def _ask(self, *_changed: object) -> None:
        self.take.setEnabled(False)
        self.sentence.setText("Counting")
        kinds = tuple(MatchKind) if self.others.isChecked() else (MatchKind.ROLE,)
        self._look(self.score.value() / 100, kinds, self._show)

    def _show(self, preview: BulkPreview) -> None:
        self._preview = preview
        titles = len(preview.groups)
        if not titles:
            self.sentence.setText(f"No suggestion is scored {self.score.value()} % or more.")
        else:
            self.sentence.setText(
                f"{whole(titles)} {'title' if titles == 1 else 'titles'} of {people(preview.people)}. "
                f"About {share(preview.expected_right)} are expected to be right."
            )
        self.take.setText(f"Accept {whole(titles)} suggestions for {people(preview.people)}")
        self.take.setEnabled(bool(titles))
        self.pane.table.set_records(
            COLUMNS,
            [
                _Line(group.title, group.headcount, answer_words(group.best), group.best.score)
                for group in preview.groups
            ],
        )

    def _take(self) -> None:
        if self._preview is not None:
            self.accepted_preview.emit(self._preview)
        self.accept()
