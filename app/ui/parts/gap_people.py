"""Everybody behind a figure of skill gaps as a table, in place of the map."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.services.gaps import PairLine
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import button, label, line, rows

COLUMNS = (
    Column("name", "Name", width=160),
    Column("staff_id", "Staff id", width=96),
    Column("unit", "Unit", width=240),
    Column("grade", "Grade", width=64),
    Column("role_level", "Role level", width=184),
    Column("held", "Held", "level"),
    Column("required", "Required", "level"),
    Column("gap", "Levels short", "int", blank="Not assessed", width=104),
    Column("assessed_on", "Assessed on", "date"),
    Column("assessed_by", "Assessed by", width=136),
)
NAMELESS = tuple(column for column in COLUMNS if column.key != "name")


class PeopleBehind(QWidget):
    """``person_opened(int)`` with somebody's id; ``back_asked()`` to the map."""

    person_opened = Signal(int)
    back_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pane = TablePane("gaps-people", "people")
        self.pane.table.row_opened.connect(lambda pair: self.person_opened.emit(pair.person_id))
        self.back = button("Back", "secondary", "chevron-left", self.back_asked.emit)
        self._title = label("", "heading")
        head = line(self.back, self._title, space=12)
        head.setStretch(1, 1)
        box = rows(head, self.pane, space=12)
        box.setStretch(1, 1)
        self.setLayout(box)

    def fill(
        self, title: str, pairs: Sequence[PairLine], *, hides_names: bool, names_skill: bool = False
    ) -> None:
        """Show these pairs."""
        self._title.setText(title)
        columns = NAMELESS if hides_names else COLUMNS
        if names_skill:
            columns = (*columns[:2], Column("skill", "Skill", width=200), *columns[2:])
        self.pane.set_data(TableData.of_records(columns, pairs))
