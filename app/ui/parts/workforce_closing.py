"""Workforce, ways to close: each shortfall with its four ways and the people within reach, and the cheapest mix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QTabWidget, QWidget

from app.errors import AppError
from app.progress import Progress
from app.services.workforce import ClosingLimits, ClosingPlan, Forecast, Option, ShortfallCard, Way
from app.services.workforce.disclosed import hidden_cards
from app.ui.formats import fte, money, whole
from app.ui.parts.line_list import Line, LineList
from app.ui.parts.views import Views
from app.ui.parts.workforce_hand_over import VERB, hand_over
from app.ui.parts.workforce_limits import LimitsDialog
from app.ui.parts.workforce_view import Question, WorkforceView
from app.ui.states import BusyState, SentenceState
from app.ui.table import Column, TablePane
from app.ui.widgets import FigureTile, button, label, line, rows

NAMES = {Way.TRAIN: "Train", Way.REDEPLOY: "Redeploy", Way.RECRUIT: "Recruit", Way.CONTRACTOR: "Contractors"}
COUNTED = {
    Way.TRAIN: "people",
    Way.REDEPLOY: "people",
    Way.RECRUIT: "campaigns",
    Way.CONTRACTOR: "contractors",
}
NEAR_COLUMNS = (
    Column("way", "Way", width=90),
    Column("staff_id", "Staff ID", width=90),
    Column("name", "Name", width=150),
    Column("role_level", "Role level now", width=190),
    Column("unit", "Unit", width=230),
    Column("steps", "Steps to learn", "int", width=116),
    Column("met", "Skills met", "int", width=92),
    Column("required", "Required", "int", width=84),
    Column("cost_gbp", "Cost", "money", width=90),
    Column("hours", "Hours", "decimal", width=76),
    Column("ready", "Ready", "quarter", width=100),
    Column("course_words", "Courses", width=220),
)
MIX_COLUMNS = (
    Column("department", "Department", width=230),
    Column("role_level", "Role level", width=210),
    Column("way", "Way", width=100),
    Column("quarter", "From", "quarter", width=100),
    Column("people", "People", "int", width=78),
    Column("fte", "FTE", "fte", width=78),
    Column("cost_gbp", "Cost", "money", width=110),
    Column("staff_id", "Staff ID", width=90),
    Column("name", "Name", width=150),
    Column("course_words", "Courses", width=220),
)
_OF_SOMEBODY = ("staff_id", "name", "course_words")


@dataclass(frozen=True, slots=True)
class ClosingAnswer:
    """What was forecast; the mix is looked for beside it."""

    forecast: Forecast
    is_shared: bool
    is_needed: bool


class _Row:
    """A record with its courses as words and its way as a word."""

    def __init__(self, record: Any) -> None:
        self.record = record
        self.way = NAMES[record.way]
        self.course_words = "; ".join(record.courses)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.record, name)


class ClosingView(WorkforceView):
    """Shortfalls at the left, the ways of the chosen one at the right, people and the mix under them."""

    title = "Ways to close"

    def build(self) -> None:
        self.limits = ClosingLimits()
        self.plan: ClosingPlan | None = None
        self._asked_of: Any = None
        self._is_shared = False
        self.said = label("", "label")
        self.change = button("Limits and costs", "secondary", "settings", self._ask_limits)
        self.hand = button(VERB, "secondary", "training", self._hand_over)
        self.hand.setEnabled(False)
        head = line(self.said, self.change, self.hand, space=12)
        head.setStretch(0, 1)
        self.list = LineList("Shortfalls")
        self.list.setFixedWidth(280)
        self.list.opened.connect(self.show_card)
        self.list.currentRowChanged.connect(self._on_row)
        self.tiles = {way: FigureTile(NAMES[way]) for way in NAMES}
        self.card_title = label("", "heading")
        self.near = TablePane("workforce-near", "people within reach")
        self.near.table.row_opened.connect(lambda row: self.person_opened.emit(row.person_id))
        self.pane = TablePane("workforce-mix", "decisions")
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        tabs.setAccessibleName("Decisions and people")
        for name, pane in (("Cheapest mix", self.pane), ("People within reach", self.near)):
            holder = QWidget()
            holder.setLayout(rows(pane, margins=(0, 8, 0, 0)))
            tabs.addTab(holder, name)
        tiles = line(*self.tiles.values(), space=12)
        for place in range(len(self.tiles)):
            tiles.setStretch(place, 1)
        right = rows(self.card_title, tiles, tabs, space=12)
        right.setStretch(2, 1)
        body = line(self.list, right, space=16)
        body.setStretch(1, 1)
        full = QWidget()
        box = rows(head, body, space=12)
        box.setStretch(1, 1)
        full.setLayout(box)
        self.busy = BusyState()
        self.busy.cancelled.connect(self._cancel)
        self.stopped = SentenceState("info", "accent")
        self._views = Views()
        for one in (full, self.busy, self.stopped):
            self._views.add(one)
        self.setLayout(rows(self._views))
        self._job: Any = None

    def ask(self, question: Question) -> Callable[[Progress], ClosingAnswer]:
        workforce = self.context.workspace.workforce

        def work(_progress: Progress) -> ClosingAnswer:
            found = workforce.forecast(question.scope, question.scenario, question.quarters)
            return ClosingAnswer(found, question.is_shared, bool(found.demand.any()))

        return work

    def fill(self, result: ClosingAnswer) -> None:
        self._is_shared = result.is_shared
        self._forecast = result.forecast
        self.look()

    def answer(self, result: ClosingAnswer) -> str:
        if not result.forecast.shortfall.any():
            return "Nothing is missing in these quarters, so there is nothing to close."
        return "What each way could bring and cost, and the cheapest mix by date."

    def look(self) -> None:
        """Look for the cheapest mix, beside everything else."""
        forecast, limits, workforce = self._forecast, self.limits, self.context.workspace.workforce
        if self._job is not None and not self._job.is_over:
            self._job.cancel()
        self._views.turn_to(1)
        self._job = job = self.context.jobs.compute(
            lambda progress: workforce.closing(forecast, limits, progress),
            lambda plan: self._show(job, plan),
            title="Looking for the cheapest mix",
            failed=self._on_failed,
            cancelled=lambda: self._on_cancelled(job),
        )
        self.busy.watch(job, "Looking for the cheapest mix")

    def show_card(self, card: ShortfallCard) -> None:
        """One shortfall: its four ways and who is within reach."""
        is_hidden = self._is_shared
        self.card_title.setText(
            f"{card.title}: {'[c]' if card in self._hidden else fte(card.largest)} FTE missing"
        )
        for option in card.options:
            self._fill_tile(card, option)
        columns = [one for one in NEAR_COLUMNS if not (self.hides_names and one.key == "name")]
        self.near.table.set_records(
            tuple(columns), [] if is_hidden else [_Row(one) for one in card.candidates]
        )

    # --- inside -----------------------------------------------------------------------------------------------

    def _show(self, job: Any, plan: ClosingPlan) -> None:
        if job is not self._job:
            return
        self.busy.rest()
        self.plan = plan
        self.hand.setEnabled(any(one.staff_id for one in plan.lines))
        self._hidden = (
            hidden_cards(self._forecast, plan.cards) if self._is_shared else frozenset[ShortfallCard]()
        )
        if not plan.cards:
            self.stopped.say(
                "Nothing is missing in these quarters.", "Another scenario may show what could go wrong."
            )
            self._views.turn_to(2)
            return
        proven = "No mix is cheaper" if plan.is_proven else "Stopped by time"
        self.said.setText(
            f"The cheapest mix costs {money(plan.cost_gbp)} and leaves {fte(plan.short_fte_quarters)} FTE-quarters "
            f"short. {proven}: at least {money(plan.cost_bound_gbp)}, at least {fte(plan.short_bound)} short."
        )
        self.list.set_lines([Line(card.title, self._detail(card), card) for card in plan.cards])
        self.list.setCurrentRow(0)
        self._fill_mix(plan)
        self._views.turn_to(0)

    def _detail(self, card: ShortfallCard) -> str:
        if card in self._hidden:
            return "[c] FTE missing"
        first = next(at for at, need in enumerate(card.need) if need)
        quarter = self._forecast.first + first
        return f"{fte(card.largest)} FTE missing at most, from {quarter.label}"

    def _fill_mix(self, plan: ClosingPlan) -> None:
        columns = MIX_COLUMNS
        lines = plan.lines
        if self._is_shared:
            columns = tuple(one for one in columns if one.key not in _OF_SOMEBODY)
            names = {(one.department, one.role, one.role_level) for one in self._hidden}
            lines = tuple(
                one for one in lines
                if one.way in (Way.RECRUIT, Way.CONTRACTOR)
                and (one.department, one.role, one.role_level) not in names
            )  # fmt: skip
        elif self.hides_names:
            columns = tuple(one for one in columns if one.key != "name")
        self.pane.table.set_records(columns, [_Row(one) for one in lines])

    def _fill_tile(self, card: ShortfallCard, option: Option) -> None:
        tile = self.tiles[option.way]
        of_people = option.way in (Way.TRAIN, Way.REDEPLOY)
        if card in self._hidden or (self._is_shared and of_people and 0 < option.people < 5):
            tile.set_figure("[c]", "Too few people to show")
            return
        if not option.people:
            tile.set_figure("–", option.words)
            return
        ready = f"ready by {option.ready.label}" if option.ready else "never ready"
        tile.set_figure(
            f"{fte(option.fte)} FTE",
            f"{whole(option.people)} {COUNTED[option.way]}, {money(option.cost_gbp)}, {ready}. {option.words}",
        )

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self.list.lines):
            self.show_card(self.list.lines[row].record)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _on_cancelled(self, job: Any) -> None:
        if job is self._job:
            self.busy.rest()
            self.stopped.say("Stopped. Nothing was changed.", "", "Look again", self.look)
            self._views.turn_to(2)

    def _on_failed(self, error: AppError) -> None:
        self.busy.rest()
        self.stopped.say(error.sentence, error.advice, "Look again", self.look)
        self._views.turn_to(2)

    def _hand_over(self) -> None:
        if self.plan is not None:
            hand_over(self.window(), self.context, self.plan)

    def _ask_limits(self) -> None:
        dialog = LimitsDialog(self.window(), self.limits)
        dialog.chosen.connect(self._take_limits)
        dialog.open()

    def _take_limits(self, limits: ClosingLimits) -> None:
        self.limits = limits
        self.look()
