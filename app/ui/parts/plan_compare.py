"""Two training plans side by side: figures, money per pot and department, everybody whose courses differ, lines."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtWidgets import QTabWidget, QWidget

from app.services.training import ComparedPlans
from app.services.training.comparison import ComparedLine
from app.services.training.grouping import ComparedFigure
from app.terms import FinancialQuarter
from app.ui.formats import money, people, whole
from app.ui.table import Column, Table, TableData, TablePane
from app.ui.widgets import label, rows

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
LINE_COLUMNS = (
    Column("name", "Name", width=128),
    Column("staff_id", "Staff id", width=88, is_shown=False),
    Column("course", "Course", width=184),
    Column("change", "Change", width=260),
    Column("steps_first", "Steps, first", "int", width=100),
    Column("steps_second", "Steps, second", "int", width=120),
    Column("cost_first", "Cost, first", "money", width=92),
    Column("cost_second", "Cost, second", "money", width=112),
    Column("department", "Department", width=208, is_shown=False),
)
GROUP_COLUMNS = (
    Column("people_first", "People, first", "int", width=104),
    Column("people_second", "People, second", "int", width=120),
    Column("steps_first", "Steps, first", "int", width=96),
    Column("steps_second", "Steps, second", "int", width=116),
    Column("steps_difference", "Difference", "int", width=92),
    Column("cost_first", "Cost, first", "money", width=96),
    Column("cost_second", "Cost, second", "money", width=112),
    Column("difference", "Difference", "money", width=96),
)
_CHANGES = {
    "only first": "Only in the first plan",
    "only second": "Only in the second plan",
    "moved": "Moved",
    "changed": "Other steps or price",
}


class _FigureRow:
    """A figure of both plans as text."""

    def __init__(self, one: ComparedFigure) -> None:
        self.what = one.what
        self.first, self.second = (_written(one, value) for value in (one.first, one.second))
        sign = "+" if one.difference > 0 else ""
        self.difference = sign + _written(one, one.difference) if one.difference else "the same"


class _LineRow:
    """A line of one or both plans; change and quarters in one column."""

    def __init__(self, one: ComparedLine) -> None:
        self.person_id, self.name, self.staff_id = one.person_id, one.name, one.staff_id
        self.course, self.department = one.course, one.department
        both = [FinancialQuarter.parse(q).label for q in (one.quarter_first, one.quarter_second) if q]
        self.change = f"{_CHANGES[one.change]}, {' → '.join(dict.fromkeys(both))}"
        self.steps_first, self.steps_second = one.steps_first, one.steps_second
        self.cost_first, self.cost_second = one.cost_first, one.cost_second


def _written(one: ComparedFigure, value: Decimal) -> str:
    return money(value) if one.is_money else whole(float(value))


class PlanCompare(QWidget):
    """The comparison; ``open_person`` is called with somebody's id."""

    def __init__(self, open_person: Callable[[int], object]) -> None:
        super().__init__()
        self.words = label("", "label")
        self.figures = Table("plan-compare", "Figures of both plans")
        self.people = TablePane("plan-compare-people", "people")
        self.lines = TablePane("plan-compare-lines", "lines")
        self.departments = TablePane("plan-compare-departments", "departments")
        self.pots = TablePane("plan-compare-pots", "pots")
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Figures, people, lines, departments and pots of both plans")
        for shown, name in (
            (self.figures, "Figures"),
            (self.people, "People"),
            (self.lines, "Lines"),
            (self.departments, "Departments"),
            (self.pots, "Money by pot"),
        ):
            shown.setMinimumHeight(220)
            holder = QWidget()
            holder.setLayout(rows(shown, margins=(0, 12, 0, 0)))
            self.tabs.addTab(holder, name)
        for pane in (self.people, self.lines):
            pane.table.row_opened.connect(lambda one: open_person(one.person_id))
        box = rows(self.words, self.tabs, space=12)
        box.setStretch(1, 1)
        self.setLayout(box)

    def show_comparison(self, found: ComparedPlans, *, hides_names: bool) -> None:
        """Show two plans."""
        columns = (
            Column("what", "Figure", width=200),
            Column("first", found.first, width=240, align="right"),
            Column("second", found.second, width=240, align="right"),
            Column("difference", "Difference", width=160, align="right"),
        )
        self.figures.set_records(columns, [_FigureRow(one) for one in found.figures])
        self.words.setText(
            f"{people(len(found.people))} would take other courses: {whole(found.losing)} close fewer steps with the "
            f"second plan, {whole(found.gaining)} more."
            if found.people
            else "Both plans hold the same courses for the same people."
        )
        staff = Column("staff_id", "Staff id", width=96)
        for pane, shown, records in (
            (self.people, PEOPLE_COLUMNS, found.people),
            (self.lines, LINE_COLUMNS, [_LineRow(one) for one in found.lines]),
        ):
            pane.set_data(TableData.of_records((staff, *shown[2:]) if hides_names else shown, records))
        for pane, head, groups in (
            (self.departments, Column("name", "Department", width=184), found.departments),
            (self.pots, Column("name", "Pot", width=200), found.pots),
        ):
            pane.set_data(TableData.of_records((head, *GROUP_COLUMNS), groups))
        self.tabs.setTabText(1, f"People ({whole(len(found.people))})")
        self.tabs.setTabText(2, f"Lines ({whole(len(found.lines))})")
