"""The status of lines of a plan: which comes next, on which day, with a comment; what is not legal is said first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.services.training import StatusEdit
from app.services.training.grouping import EnrolmentView
from app.services.training.status_rules import NEXT
from app.terms import LineStatus
from app.ui.form import Field, Form
from app.ui.formats import whole
from app.ui.widgets import button, label, line, rows

_HINTS = {
    LineStatus.COMPLETED: "Completed courses propose ratings; nobody's rating changes before somebody signs it off.",
    LineStatus.WITHDRAWN: "A withdrawn line gives its money, hours and place back to the next plan.",
    LineStatus.DID_NOT_ATTEND: "The money is spent; the next plan may offer the course again.",
    LineStatus.BOOKED: "A booked line stands when the plan is generated around it.",
}


class PlanStatusDialog(QDialog):
    """Choose a status for lines. ``done`` is called with the changes of those lines that may take it."""

    def __init__(
        self,
        parent: QWidget,
        lines: Sequence[EnrolmentView],
        today: date,
        done: Callable[[tuple[StatusEdit, ...]], object],
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Set status")
        self._lines, self._today, self._done = tuple(lines), today, done
        possible = [status for status in LineStatus if self.fitting(status)]
        self.form = Form(
            (
                Field(
                    "status",
                    "New status",
                    "choice",
                    choices=tuple((s.value, s.value.capitalize()) for s in possible),
                ),
                Field("on", "On", "date", "The day it happened."),
                Field("comment", "Comment", "text", "Kept with every line. May be empty."),
            )
        )
        self.form.set_values({"on": today, "status": _onward(self._lines)})
        self.form.edited.connect(self.look)
        self.words = label("", "secondary")
        self.words.setMinimumHeight(self.fontMetrics().height() * 4)
        self.save = button("Set status", "primary", "", self._save)
        self.save.setDefault(True)
        self.save.setEnabled(bool(possible))
        feet = line(button("Cancel", clicked=self.reject), self.save, space=12)
        feet.insertStretch(0, 1)
        count = len(self._lines)
        heading = label("One line" if count == 1 else f"{whole(count)} lines", "heading")
        self.setLayout(rows(heading, self.form, self.words, feet, space=16, margins=(24, 20, 24, 20)))
        self.setMinimumWidth(480)
        self.look()

    def fitting(self, status: LineStatus) -> list[EnrolmentView]:
        """The lines that may take a status."""
        return [one for one in self._lines if status in NEXT[LineStatus(one.status)]]

    def look(self) -> None:
        """Say what the status means and which lines it cannot be given to."""
        values: dict[str, Any] = self.form.values()
        if values["status"] is None:
            self.words.setText("These lines have come to their end; a slip is put right in the history.")
            return
        status = LineStatus(values["status"])
        fitting = self.fitting(status)
        parts = [_HINTS.get(status, "")]
        left = len(self._lines) - len(fitting)
        if left:
            held = sorted({one.status for one in self._lines if one not in fitting})
            parts.append(
                f"{whole(left)} of the {whole(len(self._lines))} lines stay as they are, because they are "
                f"{' or '.join(held)}."
            )
        if values["on"] > self._today:
            parts = ["A status is dated when it has happened, not in the future."]
        self.save.setEnabled(values["on"] <= self._today)
        self.words.setText("\n".join(part for part in parts if part))

    def _save(self) -> None:
        values = self.form.values()
        status = LineStatus(values["status"])
        edits = tuple(
            StatusEdit(one.staff_id, one.course_code, status, values["on"], values["comment"] or None)
            for one in self.fitting(status)
        )
        self._done(edits)
        self.accept()


def _onward(lines: Sequence[EnrolmentView]) -> str | None:
    """The step that most of the lines take next."""
    steps = [NEXT[LineStatus(one.status)][0].value for one in lines if NEXT[LineStatus(one.status)]]
    return max(steps, key=steps.count) if steps else None
