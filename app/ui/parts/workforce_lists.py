"""Workforce: contracts that end, posts and vacancies, and the forecast of an earlier day against what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit

from app.errors import AppError
from app.progress import Progress
from app.services.scope import path_key
from app.services.strategy import ExitLine
from app.services.workforce import BackTest, Forecast
from app.services.workforce.disclosed import hidden_back_test, hidden_vacancies
from app.services.workforce.establishment import VacancyLine
from app.terms import FinancialQuarter, name_key
from app.ui.canvas import ChartPane
from app.ui.formats import HELD_BACK, day, fte, share, whole
from app.ui.parts.held_back import veiled
from app.ui.parts.workforce_view import Question, WorkforceView
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import Card, button, label, line, rows

if TYPE_CHECKING:
    from app.ui.canvas import Figure


@dataclass(frozen=True, slots=True)
class ExitsAnswer:
    """Contract lines with how much of their role level there is in the department today."""

    rows: tuple[Any, ...]
    quarters: tuple[FinancialQuarter, ...]
    months: tuple[Decimal, ...]


class _ExitRow:
    """A role level under a contract: what comes home by quarter, and cover today."""

    def __init__(self, one: ExitLine, cover: Any) -> None:
        contract, fte_of = one.contract, one.line.fte_hundredths
        self.supplier, self.service, self.department = (
            contract.supplier,
            contract.service,
            contract.department,
        )
        self.ends_on, self.role_level, self.day_rate = contract.ends_on, one.line.role_level, one.day_rate_gbp
        self.fte = Decimal(fte_of) / 100
        self.needed = max(
            (Decimal(each.needed_fte_hundredths) / 100 for each in one.quarters), default=Decimal(0)
        )
        self.cover = cover
        for at, each in enumerate(one.quarters):
            setattr(self, f"q{at}", Decimal(each.retained) / 100)


class ExitsView(WorkforceView):
    """FTE-months that come home by quarter, and the lines behind them."""

    title = "Contract exits"
    needs_demand = False

    def build(self) -> None:
        self.chart = ChartPane("Contract exits", "quarters")
        self.chart.setMinimumHeight(230)
        card = Card()
        card.body.addWidget(self.chart)
        self.pane = TablePane("workforce-exits", "contract lines")
        self.pane.setMinimumHeight(170)
        box = rows(card, self.pane, space=12)
        box.setStretch(0, 1)
        box.setStretch(1, 1)
        self.setLayout(box)

    def ask(self, question: Question) -> Callable[[Progress], ExitsAnswer]:
        ws = self.context.workspace

        def work(_progress: Progress) -> ExitsAnswer:
            found = ws.workforce.forecast(question.scope, question.scenario, question.quarters)
            exits = [
                one for one in ws.strategy.exits(found.first, found.first + (found.quarters - 1))
                if _is_inside(one.contract.department, question.scope.departments)
            ]  # fmt: skip
            months = [
                sum((Decimal(one.quarters[at].retained) / 100 for one in exits), Decimal(0))
                for at in range(found.quarters)
            ]
            made = tuple(_ExitRow(one, cover_of(found, one, is_shared=question.is_shared)) for one in exits)
            return ExitsAnswer(made, found.quarter_list, tuple(months))

        return work

    def fill(self, result: ExitsAnswer) -> None:
        self.pane.table.set_records(_exit_columns(result.quarters), result.rows)
        told = exits_finding(result)

        def draw(is_dark: bool, size: tuple[float, float] | None = None) -> Figure:
            from app.charts.style import DARK, LIGHT  # late: half a second
            from app.charts.trend import TrendLine, TrendPicture, trend

            lines = (TrendLine("Come home", tuple(float(one) for one in result.months)),)
            points = tuple(one.label for one in result.quarters)
            record = TrendPicture(told, points, lines, "FTE-months", "fte")
            return trend(record, DARK if is_dark else LIGHT, size)

        table = TableData.of_columns(
            (Column("quarter", "Quarter", "quarter"), Column("months", "FTE-months that come home", "fte")),
            {"quarter": list(result.quarters), "months": list(result.months)},
        )
        words = "; ".join(
            f"{quarter.label}: {fte(months)}"
            for quarter, months in zip(result.quarters, result.months, strict=True)
        )
        self.chart.show_chart(told, draw, table, words, draw)

    def answer(self, result: ExitsAnswer) -> str:
        return f"{exits_finding(result)}."


def exits_finding(result: ExitsAnswer) -> str:
    """How much work comes home, and when most does."""
    if not result.rows:
        return "No contract is loaded here"
    total = sum(result.months, Decimal(0))
    if not total:
        return f"No work of {whole(len(result.rows))} contract lines comes home in these quarters"
    at = max(range(len(result.months)), key=lambda place: result.months[place])
    return (
        f"{fte(total)} FTE-months come home to {result.quarters[-1].label}, most a quarter from "
        f"{result.quarters[at].label} on"
    )


def cover_of(found: Forecast, one: ExitLine, *, is_shared: bool) -> Any:
    """Heads of the line's role level in the contract's department today, held back from 1 to 4 where others see."""
    wanted, top = name_key(one.line.role_level), path_key(one.contract.department)
    fits = [
        name_key(cell.role_level) == wanted
        and (not one.line.role or name_key(cell.role) == name_key(one.line.role))
        and (not top or path_key(cell.unit) == top or path_key(cell.unit).startswith(f"{top} / "))
        for cell in found.cells
    ]
    heads = int(found.people[np.array(fits, dtype=np.bool_)].sum()) if fits else 0
    return HELD_BACK if is_shared and 0 < heads < 5 else heads


def _is_inside(unit: str, departments: tuple[str, ...]) -> bool:
    mine = path_key(unit)
    tops = [path_key(one) for one in departments]
    return not tops or any(mine == top or mine.startswith(f"{top} / ") for top in tops)


def _exit_columns(quarters: tuple[FinancialQuarter, ...]) -> tuple[Column, ...]:
    return (
        Column("supplier", "Supplier", width=150),
        Column("service", "Service", width=170),
        Column("ends_on", "Ends", "date", width=104),
        Column("role_level", "Role level", width=200),
        Column("fte", "FTE", "fte", width=70),
        Column("needed", "FTE to find", "fte", width=96),
        Column("cover", "People of it today", "int", width=140, tooltip="In the contract's department"),
        Column("day_rate", "Day rate", "money", width=90),
        Column("department", "Department", width=220),
        *(Column(f"q{at}", quarter.label, "fte", width=100, tooltip="FTE-months that come home")
          for at, quarter in enumerate(quarters)),
    )  # fmt: skip


class PostsView(WorkforceView):
    """Posts, people and vacancies by unit, role level and grade. ``load_asked()`` when posts are to be loaded."""

    title = "Posts and vacancies"
    needs_demand = False

    load_asked = Signal()

    def build(self) -> None:
        self.load = button("Load establishment", "secondary", "import", self.load_asked.emit)
        self.note = label("", "secondary")
        top = line(self.note, self.load, space=12)
        top.setStretch(0, 1)
        self.pane = TablePane("workforce-posts", "lines")
        box = rows(top, self.pane, space=12)
        box.setStretch(1, 1)
        self.setLayout(box)

    def ask(
        self, question: Question
    ) -> Callable[[Progress], tuple[tuple[VacancyLine, ...], tuple[bool, ...]]]:
        posts = self.context.workspace.establishment

        def work(_progress: Progress) -> tuple[tuple[VacancyLine, ...], tuple[bool, ...]]:
            lines = posts.lines(question.scope)
            return lines, hidden_vacancies(lines) if question.is_shared else (False,) * len(lines)

        return work

    def fill(self, result: tuple[tuple[VacancyLine, ...], tuple[bool, ...]]) -> None:
        lines, hidden = result
        self.load.setVisible(not self.context.workspace.is_read_only)
        self.note.setText(
            "Units without an establishment have as many posts as people in the forecast. Below 0 are people over."
            if lines
            else "Load a file with a row per unit, role level and grade and its number of posts."
        )
        self.pane.table.set_records(
            (
                Column("unit", "Unit", width=400),
                Column("role_family", "Role family", width=150, is_shown=False),
                Column("role", "Role", width=190, is_shown=False), Column("role_level", "Role level", width=230),
                Column("grade", "Grade", width=80, blank="Any"), Column("posts", "Posts", "int", width=72),
                Column("heads", "People", "int", width=76), Column("vacancies", "Vacancies", "int", width=96),
            ),
            [
                veiled(one, ("heads", "vacancies") if is_hidden else ())
                for one, is_hidden in zip(lines, hidden, strict=True)
            ],
        )  # fmt: skip

    def answer(self, result: tuple[tuple[VacancyLine, ...], tuple[bool, ...]]) -> str:
        lines, hidden = result
        if not lines:
            return "No unit here has an establishment yet."
        posts = sum(one.posts for one in lines)
        if any(hidden):
            return f"{whole(posts)} posts."
        vacant, over = (sum(max(sign * one.vacancies, 0) for one in lines) for sign in (1, -1))
        return (
            f"{whole(posts)} posts: {whole(vacant)} vacant, {whole(over)} people more than posts elsewhere."
        )


@dataclass(frozen=True, slots=True)
class BackTestAnswer:
    """What was found, or why nothing was."""

    found: BackTest | None
    hidden: tuple[bool, ...]
    why: str


class BackTestView(WorkforceView):
    """A day to forecast from, and expected against actual by role family and quarter."""

    title = "Back-test"
    needs_demand = False

    def build(self) -> None:
        self.day = QDateEdit()
        self.day.setAccessibleName("Forecast from this day")
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("d MMM yyyy")
        today = self.context.workspace.today()
        begin = FinancialQuarter(int(FinancialQuarter.of(today)) - 5).last_day
        self.day.setDate(QDate(begin.year, begin.month, begin.day))
        self.look = button("Test", "secondary", "play", self.asked.emit)
        self.note = label("", "secondary")
        top = line(label("Forecast from", "label", wraps=False), self.day, self.look, self.note, space=12)
        top.setStretch(3, 1)
        self.pane = TablePane("workforce-back-test", "figures")
        box = rows(top, self.pane, space=12)
        box.setStretch(1, 1)
        self.setLayout(box)

    def ask(self, question: Question) -> Callable[[Progress], BackTestAnswer]:
        chosen, workforce = self.day.date(), self.context.workspace.workforce
        begin = date(chosen.year(), chosen.month(), chosen.day())

        def work(_progress: Progress) -> BackTestAnswer:
            try:
                found = workforce.back_test(begin, question.scope, question.scenario)
            except AppError as error:
                return BackTestAnswer(None, (), f"{error.sentence} {error.advice}")
            hidden = hidden_back_test(found) if question.is_shared else (False,) * len(found.lines)
            return BackTestAnswer(found, hidden, "")

        return work

    def fill(self, result: BackTestAnswer) -> None:
        found = result.found
        self.note.setText(result.why or " ".join(found.notes if found else ()))
        if found is None:
            self.pane.table.set_records((Column("role_family", "Role family", width=250),), [])
            return
        figures = ("heads", "expected_fte", "low_fte", "high_fte", "actual_fte", "error_fte", "inside_words")
        self.pane.table.set_records(
            (
                Column("role_family", "Role family", width=250), Column("quarter", "Quarter", "quarter", width=104),
                Column("heads", "People then", "int", width=104), Column("expected_fte", "Expected", "fte", width=96),
                Column("low_fte", "80 % band from", "fte", width=128), Column("high_fte", "to", "fte", width=84),
                Column("actual_fte", "There were", "fte", width=100), Column("error_fte", "Error", "fte", width=80),
                Column("inside_words", "In the band", width=110),
            ),
            [
                veiled(_BackTestRow(one), figures if is_hidden else ())
                for one, is_hidden in zip(found.lines, result.hidden, strict=True)
            ],
        )  # fmt: skip

    def answer(self, result: BackTestAnswer) -> str:
        if result.found is None:
            return "The forecast of an earlier day against what happened since."
        if any(result.hidden):
            return f"The forecast of {day(result.found.day)} against what happened since."
        error = result.found.mean_error
        inside = result.found.inside / len(result.found.lines) if result.found.lines else 0.0
        off = "" if error is None else f"; it was off by {share(float(error))} of the FTE on the whole"
        return f"{share(inside)} of the figures of {day(result.found.day)} lie inside their 80 % band{off}."


class _BackTestRow:
    """A line of a back-test with a word for its band."""

    def __init__(self, record: Any) -> None:
        self.record = record
        self.inside_words = "Yes" if record.is_inside else "No"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.record, name)
