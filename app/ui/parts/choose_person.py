"""Choose one person from a list by typing part of a name or staff number."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from app.services.people import PersonLine
from app.ui.table import Column, TablePane
from app.ui.widgets import button, label, line, rows

COLUMNS = (
    Column("staff_id", "Staff ID", width=88),
    Column("name", "Name", width=170),
    Column("job_title", "Job title", width=190),
    Column("unit", "Unit", width=240),
)


class PersonDialog(QDialog):
    """People to choose from. ``chosen(PersonLine)``."""

    chosen = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        title: str,
        sentence: str,
        verb: str,
        people: Sequence[PersonLine],
        *,
        with_names: bool,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.pane = TablePane("", "people")
        self.pane.table.set_records([one for one in COLUMNS if with_names or one.key != "name"], people)
        self.pane.table.row_opened.connect(self._take)
        self.pane.filter.returnPressed.connect(self._take_first)
        feet = line(
            button("Cancel", clicked=self.reject), button(verb, "primary", "", self._take_current), space=12
        )
        feet.insertStretch(0, 1)
        box = rows(label(sentence), self.pane, feet, space=16, margins=(24, 20, 24, 20))
        box.setStretch(1, 1)
        self.setLayout(box)
        self.resize(720, 520)
        self.pane.focus_filter()

    def _take_current(self) -> None:
        record = self.pane.table.current_record()
        if record is None:
            self._take_first()
        else:
            self._take(record)

    def _take_first(self) -> None:
        if self.pane.table.rows.rowCount():
            self._take(self.pane.table.rows.record(0))

    def _take(self, record: PersonLine) -> None:
        self.chosen.emit(record)
        self.accept()


def ask_person(dialog: PersonDialog, chosen: Callable[[PersonLine], object]) -> PersonDialog:
    """Open the dialog, and call back with who was chosen."""
    dialog.chosen.connect(chosen)
    dialog.open()
    return dialog
