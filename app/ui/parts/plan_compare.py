"""Two training plans side by side: figures, and everybody whose courses differ, those who lose most first."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.services.training.grouping import ComparedFigure, PlanComparison
from app.ui.formats import money, people, whole
from app.ui.table import Column, Table, TableData, TablePane
from app.ui.widgets import Card, label, rows

PEOPLE_COLUMNS = (
    Column("name", "Name", width=152),
    Column("staff_id", "Staff id", width=96),
    Column("department", "Department", width=208),
    Column("steps_first", "Steps, first", "int", width=112),
    Column("steps_second", "Steps, second", "int", width=128),
    Column("difference", "Difference", "int", width=96),
    Column("only_first", "Only in the first plan", width=300),
    Column("only_second", "Only in the second plan", width=300),
)
_ROWS_HIGH = 7


class _FigureRow:
    """A figure of both plans as text."""

    def __init__(self, one: ComparedFigure) -> None:
        self.what = one.what
        self.first, self.second = (_written(one, value) for value in (one.first, one.second))
        sign = "+" if one.difference > 0 else ""
        self.difference = sign + _written(one, one.difference) if one.difference else "the same"


def _written(one: ComparedFigure, value: Decimal) -> str:
    return money(value) if one.is_money else whole(float(value))


class PlanCompare(QWidget):
    """The comparison; ``person_opened(int)`` for somebody's id."""

    person_opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.figures = Table("plan-compare", "Figures of both plans")
        card = Card("Figures")
        card.body.addWidget(self.figures)
        self.words = label("", "label")
        self.people = TablePane("plan-compare-people", "people")
        self.people.setMinimumHeight(220)
        self.people.table.row_opened.connect(lambda person: self.person_opened.emit(person.person_id))
        box = rows(card, self.words, self.people, space=12)
        box.setStretch(2, 1)
        self.setLayout(box)

    def show_comparison(self, found: PlanComparison, *, hides_names: bool) -> None:
        """Show two plans."""
        columns = (
            Column("what", "Figure", width=200),
            Column("first", found.first, width=240, align="right"),
            Column("second", found.second, width=240, align="right"),
            Column("difference", "Difference", width=160, align="right"),
        )
        self.figures.set_records(columns, [_FigureRow(one) for one in found.figures])
        height = self.figures.verticalHeader().defaultSectionSize()
        self.figures.setFixedHeight(height * _ROWS_HIGH + 16)
        losing = sum(person.difference < 0 for person in found.people)
        self.words.setText(
            f"{people(len(found.people))} would take other courses; {whole(losing)} of them close fewer steps with "
            "the second plan."
            if found.people
            else "Both plans hold the same courses for the same people."
        )
        shown = PEOPLE_COLUMNS[1:] if hides_names else PEOPLE_COLUMNS
        self.people.set_data(TableData.of_records(shown, found.people))
