"""Workforce, shortfalls: demand against supply by quarter, and a line a group down to the people of a unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from app.progress import Progress
from app.services.people import PersonLine
from app.services.workforce.outlook import STEPS, Course, Outlook, OutlookLine, Step, outlook
from app.terms import name_key
from app.ui.canvas import ChartPane
from app.ui.formats import HELD_BACK, fte, people
from app.ui.parts.held_back import veiled, whole_record
from app.ui.parts.views import Views
from app.ui.parts.workforce_view import Question, WorkforceView
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import Card, button, label, line, rows

if TYPE_CHECKING:
    from app.ui.canvas import Figure

WORDS = {Step.FAMILY: "Role family", Step.LEVEL: "Role level", Step.UNIT: "Unit"}
PLURALS = {Step.FAMILY: "role families", Step.LEVEL: "role levels", Step.UNIT: "units"}
FIGURES = ("heads", "vacancies", "quarter", "supply", "low", "high", "shortfall")
PEOPLE_COLUMNS = (
    Column("staff_id", "Staff ID", width=96),
    Column("name", "Name", width=180),
    Column("job_title", "Job title", width=240),
    Column("unit", "Unit", width=300),
    Column("grade", "Grade", width=80),
    Column("fte", "FTE", "fte", width=70),
    Column("employment", "Employment", width=130),
)


@dataclass(frozen=True, slots=True)
class OutlookAnswer:
    """The outlook, the people of a unit where one is open, and what was asked."""

    view: Outlook
    people: tuple[PersonLine, ...]
    is_shared: bool
    is_needed: bool


class OutlookView(WorkforceView):
    """A chart over a table; Enter or a double click goes one step deeper, the button above it back."""

    title = "Shortfalls"

    def build(self) -> None:
        self.path: list[str] = []
        self.chart = ChartPane("Demand and supply", "quarters")
        self.chart.setMinimumHeight(250)
        card = Card()
        card.body.addWidget(self.chart)
        self.back = button("", "secondary", "chevron-left", self.go_back)
        self.where = label("", "heading")
        self.pane = TablePane("workforce-outlook", "role families")
        self.pane.setMinimumHeight(170)
        self.pane.table.row_opened.connect(self._open)
        self.people = TablePane("workforce-people", "people")
        self.people.table.row_opened.connect(lambda row: self.person_opened.emit(row.person_id))
        top = line(self.back, self.where, space=12)
        top.setStretch(1, 1)
        whole = QWidget()
        box = rows(card, self.pane, space=12)
        box.setStretch(0, 3)
        box.setStretch(1, 2)
        whole.setLayout(box)
        self._views = Views()
        self._views.add(whole)
        self._views.add(self.people)
        box = rows(top, self._views, space=8)
        box.setStretch(1, 1)
        self.setLayout(box)
        self._show_path()

    def ask(self, question: Question) -> Callable[[Progress], OutlookAnswer]:
        ws, path = self.context.workspace, tuple(self.path)

        def work(_progress: Progress) -> OutlookAnswer:
            found = ws.workforce.forecast(question.scope, question.scenario, question.quarters)
            view = outlook(found, path[:2], is_shared=question.is_shared)
            listed: tuple[PersonLine, ...] = ()
            if len(path) == len(STEPS) and not question.is_shared:
                table = ws.people.table(replace(question.scope, departments=(path[2],)))
                listed = tuple(
                    one for one in table.lines
                    if one.unit == path[2] and name_key(one.role_level) == name_key(path[1])
                )  # fmt: skip
            return OutlookAnswer(view, listed, question.is_shared, bool(found.demand.any()))

        return work

    def fill(self, result: OutlookAnswer) -> None:
        if result.is_shared and len(self.path) == len(STEPS):
            self.path.pop()
        self._show_path()
        view = result.view
        if len(self.path) == len(STEPS):
            columns = [one for one in PEOPLE_COLUMNS if not (self.hides_names and one.key == "name")]
            self.people.table.set_records(tuple(columns), result.people)
            self._views.turn_to(1)
            return
        self._views.turn_to(0)
        self.pane.set_what(PLURALS[view.step])
        self.pane.table.set_records(
            _columns(view.step), [veiled(one, FIGURES if one.is_hidden else ()) for one in view.lines]
        )
        self._show_chart(view)

    def answer(self, result: OutlookAnswer) -> str:
        if len(self.path) == len(STEPS):
            count = len(result.people)
            return f"{people(count)} in {self.path[2]} {'is' if count == 1 else 'are'} {self.path[1]}."
        return result.view.sentence

    def go_back(self) -> None:
        """One step up."""
        if self.path:
            self.path.pop()
            self._show_path()
            self.pane.table.setFocus()
            self.asked.emit()

    def find(self) -> None:
        (self.people if self._views.shown else self.pane).focus_filter()

    # --- inside -----------------------------------------------------------------------------------------------

    def _open(self, row: Any) -> None:
        one: OutlookLine = whole_record(row)
        if one.is_hidden or (len(self.path) == len(STEPS) - 1 and self.context.settings.flag("share_mode")):
            return
        self.path.append(one.name)
        self._show_path()
        self.asked.emit()

    def _show_path(self) -> None:
        names = ("all role families", *self.path)
        self.back.setVisible(bool(self.path))
        self.where.setVisible(bool(self.path))
        if self.path:
            self.back.setText(f"Back to {names[-2]}")
            self.where.setText(" · ".join(self.path))

    def _show_chart(self, view: Outlook) -> None:
        course = view.course

        def draw(is_dark: bool, size: tuple[float, float] | None = None) -> Figure:
            return course_figure(course, view.sentence, is_dark, size)

        self.chart.show_chart(view.sentence, draw, course_table(course), course_words(course), draw)


def _columns(step: Step) -> tuple[Column, ...]:
    return (
        Column("name", WORDS[step], width=230),
        Column("shortfall", "FTE short", "fte", width=100),
        Column("quarter", "Most short in", "quarter", width=120, blank="Never"),
        Column("demand", "Demand", "fte", width=90),
        Column("supply", "Supply", "fte", width=90),
        Column("low", "80 % band from", "fte", width=126),
        Column("high", "to", "fte", width=84),
        Column("heads", "People today", "int", width=110),
        Column("vacancies", "Vacancies", "int", width=96, blank="Not known"),
    )


def course_table(course: Course) -> TableData:
    """The numbers behind the chart."""
    hidden = course.is_hidden

    def values(name: str) -> list[Any]:
        return [HELD_BACK if hidden else getattr(one, name) for one in course.lines]

    met = [HELD_BACK if hidden else one.demand_fte - one.shortfall_fte for one in course.lines]
    return TableData.of_columns(
        (Column("quarter", "Quarter", "quarter"), Column("demand", "Demand", "fte"), Column("met", "Met", "fte"),
         Column("shortfall", "Short", "fte"), Column("supply", "Supply", "fte"), Column("low", "80 % band from", "fte"),
         Column("high", "to", "fte")),
        {"quarter": [one.quarter for one in course.lines], "demand": [one.demand_fte for one in course.lines],
         "met": met, "shortfall": values("shortfall_fte"), "supply": values("supply_fte"),
         "low": values("supply_low"), "high": values("supply_high")},
    )  # fmt: skip


def course_words(course: Course) -> str:
    """The chart in words, for who cannot see it."""
    if course.is_hidden:
        return "Too few people to show."
    return "; ".join(
        f"{one.quarter.label}: demand {fte(one.demand_fte)}, supply {fte(one.supply_fte)}, short "
        f"{fte(one.shortfall_fte)}"
        for one in course.lines
    )


def course_figure(
    course: Course,
    finding: str,
    is_dark: bool,
    size: tuple[float, float] | None = None,
) -> Figure:
    """Demand, what of it is met, and supply in the role levels needed with its band."""
    from app.charts.style import DARK, LIGHT  # late: half a second
    from app.charts.trend import TrendLine, TrendPicture, trend

    def values(name: str) -> tuple[float, ...]:
        return tuple(float(getattr(one, name)) for one in course.lines)

    lines: Sequence[TrendLine] = (TrendLine("Demand", values("demand_fte")),)
    if not course.is_hidden:
        met = tuple(float(one.demand_fte - one.shortfall_fte) for one in course.lines)
        lines = (
            *lines,
            TrendLine("Met", met),
            TrendLine("Supply, 80 % band", values("supply_fte"), values("supply_low"), values("supply_high")),
        )
    points = tuple(one.quarter.label for one in course.lines)
    record = TrendPicture(finding, points, tuple(lines), "FTE", "fte")
    return trend(record, DARK if is_dark else LIGHT, size)
