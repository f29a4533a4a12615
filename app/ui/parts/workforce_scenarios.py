"""Workforce, scenarios: several side by side by the FTE they leave short, and the dialog that edits one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from app.change import Outcome
from app.errors import AppError
from app.progress import Progress
from app.services.workforce import BASELINE, Assumptions, RateKind, ScenarioLine
from app.services.workforce.outlook import Course, outlook
from app.services.workforce.scenario_words import per_cent, rate_text, read_rate, read_slip, slip_text
from app.terms import FinancialQuarter
from app.ui.canvas import ChartPane
from app.ui.focus import RingList
from app.ui.form import Field
from app.ui.formats import HELD_BACK, fte
from app.ui.page import Page
from app.ui.parts.strategy_forms import EditDialog, open_form
from app.ui.parts.workforce_view import Question, WorkforceView
from app.ui.table import Column, TableData, TablePane
from app.ui.widgets import Card, label, line, rows

if TYPE_CHECKING:
    from app.ui.canvas import Figure

MOST = 4


@dataclass(frozen=True, slots=True)
class Compared:
    """A scenario and what comes of it."""

    scenario: ScenarioLine
    course: Course


@dataclass(frozen=True, slots=True)
class ScenariosAnswer:
    """The scenarios there are, and those compared."""

    known: tuple[ScenarioLine, ...]
    compared: tuple[Compared, ...]
    is_needed: bool


class ScenariosView(WorkforceView):
    """Ticked scenarios, at most four, as lines of what is short by quarter and as a table."""

    title = "Scenarios"

    def build(self) -> None:
        self.ticked: list[str] = [BASELINE, "Hiring freeze", "Pay flexibility"]
        self.list: QListWidget = RingList()
        self.list.setAccessibleName("Scenarios to compare, at most four")
        self.list.setFixedWidth(250)
        self.list.itemChanged.connect(self._on_ticked)
        self.note = label("Tick up to four to compare. Edit scenario changes the one chosen above.", "small")
        self.note.setFixedWidth(250)
        left = rows(self.list, self.note, space=8)
        left.setStretch(0, 1)
        self.chart = ChartPane("Scenarios compared", "quarters")
        self.chart.setMinimumHeight(250)
        card = Card()
        card.body.addWidget(self.chart)
        self.pane = TablePane("workforce-scenarios", "scenarios")
        self.pane.setMinimumHeight(150)
        right = rows(card, self.pane, space=12)
        right.setStretch(0, 3)
        right.setStretch(1, 2)
        box = line(left, right, space=16)
        box.setStretch(1, 1)
        self.setLayout(box)

    def ask(self, question: Question) -> Callable[[Progress], ScenariosAnswer]:
        workforce, ticked = self.context.workspace.workforce, tuple(self.ticked)

        def work(progress: Progress) -> ScenariosAnswer:
            known = workforce.scenarios()
            compared: list[Compared] = []
            is_needed = False
            for one in [one for one in known if one.name in ticked]:
                progress.check()
                found = workforce.forecast(question.scope, one, question.quarters)
                is_needed = is_needed or bool(found.demand.any())
                compared.append(Compared(one, outlook(found, is_shared=question.is_shared).course))
            return ScenariosAnswer(known, tuple(compared), is_needed or not compared)

        return work

    def fill(self, result: ScenariosAnswer) -> None:
        self._fill_list(result.known)
        quarters = result.compared[0].course.quarters if result.compared else ()
        self.pane.table.set_records(_columns(quarters), [_Row(one) for one in result.compared])
        self._show_chart(result.compared, quarters)

    def answer(self, result: ScenariosAnswer) -> str:
        return finding(result.compared)

    def _fill_list(self, known: Sequence[ScenarioLine]) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for one in known:
            item = QListWidgetItem(one.name if not one.is_own else f"{one.name} (your own)")
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if one.name in self.ticked else Qt.CheckState.Unchecked)
            item.setData(Qt.ItemDataRole.UserRole, one.name)
            item.setToolTip(one.note)
            self.list.addItem(item)
        self.list.blockSignals(False)

    def _on_ticked(self, item: QListWidgetItem) -> None:
        name = str(item.data(Qt.ItemDataRole.UserRole))
        if item.checkState() is Qt.CheckState.Checked:
            self.ticked = [*[one for one in self.ticked if one != name], name][-MOST:]
        else:
            self.ticked = [one for one in self.ticked if one != name]
        self.asked.emit()

    def _show_chart(self, compared: Sequence[Compared], quarters: Sequence[FinancialQuarter]) -> None:
        told = finding(compared)
        shown = [one for one in compared if not one.course.is_hidden]

        def draw(is_dark: bool, size: tuple[float, float] | None = None) -> Figure:
            from app.charts.style import DARK, LIGHT  # late: half a second
            from app.charts.trend import TrendLine, TrendPicture, trend

            lines = tuple(
                TrendLine(one.scenario.name, tuple(float(short.shortfall_fte) for short in one.course.lines))
                for one in shown
                if one.course.lines
            )
            points = tuple(quarter.label for quarter in quarters)
            record = TrendPicture(told, points, lines, "FTE short", "fte")
            return trend(record, DARK if is_dark else LIGHT, size)

        table = TableData.of_records(_columns(quarters), [_Row(one) for one in compared])
        words = "; ".join(
            f"{one.scenario.name}: " + ", ".join(fte(short.shortfall_fte) for short in one.course.lines)
            for one in shown
        )
        self.chart.show_chart(told, draw, table, words, draw)


class _Row:
    """A scenario as a row: its largest shortfall, when, supply at the end, and FTE short by quarter."""

    def __init__(self, one: Compared) -> None:
        self.record = one
        self.name, self.note = one.scenario.name, one.scenario.note
        hidden, worst = one.course.is_hidden, one.course.worst
        self.worst: Any = HELD_BACK if hidden else worst.shortfall_fte if worst else Decimal(0)
        self.quarter: Any = HELD_BACK if hidden else worst.quarter if worst else None
        last = one.course.lines[-1].supply_fte if one.course.lines else Decimal(0)
        self.last: Any = HELD_BACK if hidden else last
        for at, short in enumerate(one.course.lines):
            setattr(self, f"q{at}", HELD_BACK if hidden else short.shortfall_fte)


def _columns(quarters: Sequence[FinancialQuarter]) -> tuple[Column, ...]:
    return (
        Column("name", "Scenario", width=200),
        Column("worst", "FTE short at most", "fte", width=140),
        Column("quarter", "In", "quarter", width=100, blank="Never"),
        Column("last", "Supply at the end", "fte", width=140),
        *(Column(f"q{at}", quarter.label, "fte", width=100) for at, quarter in enumerate(quarters)),
        Column("note", "Note", width=320),
    )


def finding(compared: Sequence[Compared]) -> str:
    """The best and the worst of what is compared, as a sentence."""
    shown = [one for one in compared if not one.course.is_hidden]
    if not shown:
        return "Tick scenarios at the left to compare them."
    sizes = {
        one.scenario.name: one.course.worst.shortfall_fte if one.course.worst else Decimal(0) for one in shown
    }
    most, least = (pick(sizes, key=lambda name: sizes[name]) for pick in (max, min))
    if len(shown) == 1 or sizes[most] == sizes[least]:
        return f"{most} leaves {fte(sizes[most])} FTE short at most."
    return f"{most} leaves {fte(sizes[most])} FTE short at most, {least} {fte(sizes[least])}."


def _each(read: Callable[[str], object]) -> Callable[[Any], str]:
    def check(given: Any) -> str:
        for text in (given,) if isinstance(given, str) else given or ():
            try:
                if text:
                    read(text)
            except AppError as error:
                return f"{error.sentence} {error.advice}"
        return ""

    return check


FIELDS = (
    Field("name", "Name", hint="One that is there is changed; a name of Muster's own takes its place.",
          is_required=True),
    Field("note", "What it is for"),
    Field("success", "Vacancies that recruitment fills", unit="%", check=_each(per_cent), is_required=True),
    Field("lag", "From a vacancy to a joiner", "int", unit="whole quarters", minimum=1, maximum=20),
    Field("freeze_from", "Nobody is recruited from quarter", "int", "Counted from the first one looked at; 0 is never.",
          maximum=40),
    Field("freeze_to", "to quarter", "int", maximum=40),
    Field("leave", "Yearly leavers", "lines",
          "Per cent, one a line: 8 for everybody, Data=8 for a role family, SEO=-2 for points fewer, "
          "unit:Home Office=9 for a unit.", check=_each(lambda text: read_rate(RateKind.LEAVE, text))),
    Field("promote", "Yearly promotions", "lines", "In the same way.",
          check=_each(lambda text: read_rate(RateKind.PROMOTE, text))),
    Field("slips", "Programmes that slip", "lines", "Quarters: 2 for all of them, or Case working=2.",
          check=_each(read_slip)),
)  # fmt: skip


def edit_scenario(page: Page, known: ScenarioLine) -> EditDialog:
    """Change a scenario, or keep it under another name."""
    assumed = known.assumptions
    values = {
        "name": known.name if known.is_own else f"{known.name}, ours", "note": known.note,
        "success": f"{(assumed.success * 100).normalize():f}", "lag": assumed.lag,
        "freeze_from": 0 if assumed.freeze_from is None else assumed.freeze_from + 1,
        "freeze_to": 0 if assumed.freeze_to is None else assumed.freeze_to + 1,
        "leave": tuple(rate_text(rule) for rule in assumed.rules if rule.kind is RateKind.LEAVE),
        "promote": tuple(rate_text(rule) for rule in assumed.rules if rule.kind is RateKind.PROMOTE),
        "slips": tuple(slip_text(slip) for slip in assumed.slips),
    }  # fmt: skip
    workforce = page.context.workspace.workforce

    def work(given: Mapping[str, Any]) -> Outcome[Any]:
        is_same = known.is_own and given["name"] == known.name
        return workforce.save_scenario(
            given["name"], read_assumptions(given), given["note"] or "", known.version if is_same else None
        )

    return open_form(page, f"Edit scenario “{known.name}”", "Save scenario", FIELDS, values, work)


def read_assumptions(given: Mapping[str, Any]) -> Assumptions:
    """Assumptions from the form's values; raises UsageError."""
    made = Assumptions(
        rules=(
            *(read_rate(RateKind.LEAVE, text) for text in given["leave"] or ()),
            *(read_rate(RateKind.PROMOTE, text) for text in given["promote"] or ()),
        ),
        success=per_cent(given["success"]),
        lag=given["lag"],
        slips=tuple(read_slip(text) for text in given["slips"] or ()),
    )
    first, last = given["freeze_from"] or 0, given["freeze_to"] or 0
    if first or last:
        made = replace(made, freeze_from=(first or 1) - 1, freeze_to=(last or first) - 1)
    return made
