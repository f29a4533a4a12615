"""What can be done with the lines of a plan: set a status, change, remove, add. Sits over the table of lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.services.training import PlanView
from app.services.training.grouping import EnrolmentView
from app.terms import LineStatus, PlanStatus
from app.ui.formats import whole
from app.ui.table import TablePane
from app.ui.widgets import button, label, line

_CHOOSE = "Choose lines in the table first; Ctrl+A chooses all"


class PlanLineBar(QWidget):
    """Four buttons about the lines chosen in a table.

    ``status_asked(list)`` and ``remove_asked(list)`` with the chosen lines, ``change_asked(EnrolmentView)``,
    ``add_asked()``.
    """

    status_asked = Signal(object)
    change_asked = Signal(object)
    remove_asked = Signal(object)
    add_asked = Signal()

    def __init__(self, pane: TablePane) -> None:
        super().__init__()
        self._pane = pane
        self._is_open = True
        self._standing = ""
        self.words = label("", "secondary", wraps=False)
        self.status = button("Set status", "secondary", "ok", lambda: self.status_asked.emit(self.chosen))
        self.change = button("Change", "secondary", "edit", lambda: self.change_asked.emit(self.chosen[0]))
        self.remove = button("Remove", "secondary", "remove", lambda: self.remove_asked.emit(self.chosen))
        self.add = button("Add a line", "secondary", "add", self.add_asked.emit)
        box = line(self.words, self.status, self.change, self.remove, self.add, space=8)
        self.setLayout(box)
        pane.table.selectionModel().selectionChanged.connect(lambda *_: self.look())
        self.look()

    @property
    def chosen(self) -> list[EnrolmentView]:
        """The lines chosen in the table."""
        return self._pane.table.selected_records()

    def show_plan(self, plan: PlanView, *, is_read_only: bool) -> None:
        """Offer what this plan allows: lines of a superseded plan only end."""
        self._is_open = plan.status != PlanStatus.SUPERSEDED.value
        counted = Counter(one.status for one in plan.lines if one.is_first)
        self._standing = " · ".join(
            f"{whole(counted[status.value])} {status.value}" for status in LineStatus if counted[status.value]
        )
        self.setVisible(not is_read_only)
        self.look()

    def look(self) -> None:
        """Follow what is chosen."""
        chosen: Sequence[Any] = self.chosen
        count = len(chosen)
        free = {LineStatus.PROPOSED.value, LineStatus.APPROVED.value}
        may_edit = self._is_open and all(one.status in free for one in chosen)
        self.words.setText(f"{whole(count)} chosen" if count else self._standing)
        self.status.setEnabled(bool(count))
        self.change.setEnabled(count == 1 and may_edit)
        self.remove.setEnabled(bool(count) and may_edit)
        self.add.setEnabled(self._is_open)
        self.status.setToolTip("" if count else _CHOOSE)
        self.change.setToolTip("Another course, quarter or person" if count == 1 else "Choose one line first")
        self.remove.setToolTip("" if count else _CHOOSE)
