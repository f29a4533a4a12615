"""Ratings that completed courses propose: a list to accept or reject, with the kind of assessor chosen at sign-off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.services.training import ProposalLine, SignedOff
from app.terms import AssessedBy
from app.ui import dialogs
from app.ui.form import Field, Form
from app.ui.formats import whole
from app.ui.page import Page
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import button, label, line, rows

COLUMNS = (
    Column("name", "Name", width=160),
    Column("staff_id", "Staff ID", width=88),
    Column("skill", "Skill", width=208),
    Column("level_now", "Now", "level", width=120, blank="Not assessed"),
    Column("level", "Proposed", "level", width=120),
    Column("course", "Course", width=240),
    Column("completed_on", "Completed on", "date", width=128),
    Column("department", "Department", width=200),
    Column("unit", "Unit", width=220, is_shown=False),
    Column("rated_by", "Rated by now", width=144, is_shown=False),
)
_KINDS = tuple((kind.value, kind.value.capitalize()) for kind in AssessedBy)
SENTENCE = (
    "Completed courses propose these ratings. Nobody's rating changes before it is signed off here. Choose lines in "
    "the table; Ctrl+A chooses all."
)
NOTHING = (
    "No rating waits for sign-off. When a line of a training plan is set to completed, "
    "what it raises stands here."
)


class SignOffDialog(QDialog):
    """Who gives the ratings, on which day, with a comment. ``values()`` after it was accepted."""

    def __init__(self, parent: QWidget, lines: Sequence[ProposalLine], today: date) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Sign off ratings")
        self._today, self._lines = today, lines
        self.form = Form(
            (
                Field("by", "Given by", "choice", "Which kind of rating this is.", choices=_KINDS),
                Field("on", "On", "date", "The day of the rating.", check=self._fits),
                Field("comment", "Comment", "text", "Kept with every rating. May be empty."),
            )
        )
        self.form.set_values({"by": AssessedBy.LINE_MANAGER.value, "on": today})
        count = len(lines)
        self.save = button("Sign off", "primary", "", self._save)
        self.save.setDefault(True)
        feet = line(button("Cancel", clicked=self.reject), self.save, space=12)
        feet.insertStretch(0, 1)
        heading = label("One rating" if count == 1 else f"{whole(count)} ratings", "heading")
        words = label("The code of the course is kept as evidence. Whether a rating counts follows from the rules "
                      "at the foot of the page.", "secondary")  # fmt: skip
        self.setLayout(rows(heading, words, self.form, feet, space=16, margins=(24, 20, 24, 20)))
        self.setMinimumWidth(460)

    def values(self) -> dict[str, Any]:
        """What was entered."""
        return self.form.values()

    def _fits(self, day: date) -> str:
        if day > self._today:
            return "On: a rating is not dated in the future"
        latest = max(one.completed_on for one in self._lines)
        return (
            f"On: the course was completed on {latest:%d %b %Y}; choose that day or later"
            if day < latest
            else ""
        )

    def _save(self) -> None:
        if self.form.validate():
            self.accept()


class SignOffPane(QWidget):
    """The list with its buttons; writes through the page it stands on."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self.words = label(SENTENCE, "secondary")
        self.pane = TablePane("sign-off", "ratings")
        self.pane.setMinimumHeight(200)
        self.chosen_words = label("", "secondary", wraps=False)
        self.accept = button("Sign off", "secondary", "ok", self.ask)
        self.reject = button("Reject", "secondary", "remove", self.turn_down)
        feet = line(self.chosen_words, self.accept, self.reject, space=8)
        feet.insertStretch(0, 1)
        self.pane.table.selectionModel().selectionChanged.connect(lambda *_: self.look())
        self.pane.table.row_opened.connect(
            lambda one: page.context.navigator.go("people", person_id=one.person_id)
        )
        box = rows(self.words, feet, self.pane, space=8)
        box.setStretch(2, 1)
        self.setLayout(box)
        self.look()

    @property
    def chosen(self) -> list[ProposalLine]:
        """The ratings chosen in the table."""
        return self.pane.table.selected_records()

    def show_lines(self, lines: Sequence[ProposalLine], *, hides_names: bool) -> None:
        """Show what waits."""
        self.pane.set_data(TableData.of_records(COLUMNS[1:] if hides_names else COLUMNS, lines))
        self.words.setText(SENTENCE if lines else NOTHING)
        for shown in (self.pane, self.accept, self.reject):
            shown.setVisible(bool(lines))
        if self._page.context.workspace.is_read_only:
            self.accept.hide()
            self.reject.hide()
        self.look()

    def look(self) -> None:
        """Follow what is chosen."""
        count = len(self.chosen)
        self.chosen_words.setText(f"{whole(count)} chosen" if count else "")
        for made in (self.accept, self.reject):
            made.setEnabled(bool(count))

    def ask(self) -> SignOffDialog | None:
        """Ask who gives the chosen ratings, then write them."""
        chosen = self.chosen
        if not chosen:
            return None
        context = self._page.context
        dialog = SignOffDialog(self._page, chosen, context.workspace.today())
        sign_off, numbers = context.workspace.training.sign_off, [one.proposal_id for one in chosen]

        def go() -> None:
            given = dialog.values()
            context.jobs.write(
                lambda _progress: sign_off.accept(
                    numbers, AssessedBy(given["by"]), on=given["on"], comment=given["comment"]
                ),
                self._say,
                title="Signing off ratings",
            )

        dialog.accepted.connect(go)
        dialog.open()
        return dialog

    def _say(self, done: SignedOff) -> None:
        count = "1 rating is" if done.accepted == 1 else f"{whole(done.accepted)} ratings are"
        left = done.accepted - done.counting
        more = (
            f" {whole(left)} of them do not count, because a stronger or later rating stands." if left else ""
        )
        self._page.banner.say(f"{count} signed off.{more} Ctrl+Z takes it back.", tone="info")

    def turn_down(self) -> None:
        """Reject the chosen ratings, after asking."""
        chosen = self.chosen
        context = self._page.context
        sign_off, numbers = context.workspace.training.sign_off, [one.proposal_id for one in chosen]

        def go() -> None:
            context.jobs.write(
                lambda _progress: sign_off.reject(numbers),
                lambda count: self._page.banner.say(
                    f"{whole(count)} rejected. Ctrl+Z takes it back.", tone="info"
                ),
                title="Rejecting ratings",
            )

        if chosen:
            count = "this rating" if len(chosen) == 1 else f"these {whole(len(chosen))} ratings"
            dialogs.ask(self._page, f"Reject {count}?", "Ratings stay as they are.", "Reject", go)
