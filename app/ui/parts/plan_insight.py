"""Asks the workspace why a plan is as it is and what other money would change, and shows the answers on its page."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import shiboken6
from PySide6.QtCore import QObject

from app.errors import AppError
from app.services.training import PlanView, UnmetView
from app.services.training.grouping import EnrolmentView
from app.services.training.insight_records import CLOSES, FrontierView, SlipsView
from app.services.training.team_calendar import TeamCalendar
from app.ui.page import Page
from app.ui.parts.plan_line_details import LineDetails, NeedDetails, Reasons
from app.ui.parts.plan_result import PlanResult


class PlanInsight(QObject):
    """Belongs to one page and its result. Curves and cuts run on the compute lane and can be cancelled."""

    def __init__(self, page: Page, result: PlanResult) -> None:
        super().__init__(page)
        self._page, self._result = page, result
        self._plan_id: int | None = None

    def show_plan(self, plan: PlanView) -> None:
        """A plan is shown: read its calendar, and its curve where it is known already."""
        is_other = self._plan_id != plan.plan_id
        self._plan_id = plan.plan_id
        if is_other:
            self._result.money.show_curve(None)
            self._result.money.show_cut(None, hides_names=self._hides_names)
        self._read(
            lambda insight: (insight.calendar(plan.plan_id), insight.known_frontier(plan.plan_id)),
            self._show_known,
            "training/calendar",
            "Reading the plan's quarters",
            lambda error: self._page.banner.say(str(error), tone="info"),
        )

    def explain_line(self, one: EnrolmentView, shown: LineDetails) -> None:
        """Fill in why a line is in the plan."""
        plan_id, hides = self._plan_id, self._hides_names

        def ask(insight: Any) -> tuple[tuple[str, str], ...]:
            said = insight.line(plan_id, one.staff_id, one.course_code).sentences(hides_names=hides)
            return tuple(
                part for part in said if part[0] != CLOSES or not one.skills
            )  # the levels are shown above

        self._explain(ask, shown.reasons)

    def open_need(self, need: UnmetView) -> None:
        """One need that stays open, in the drawer."""
        plan_id = self._plan_id
        shown = NeedDetails(need, hides_names=self._hides_names)
        shown.record_asked.connect(
            lambda: self._page.context.navigator.go("people", person_id=need.person_id)
        )
        self._page.drawer.open_with(need.skill, shown)
        self._explain(
            lambda insight: insight.need(plan_id, need.staff_id, need.skill).sentences(), shown.reasons
        )

    def ask_curve(self) -> None:
        """Work out the curve of budgets."""
        insight, plan_id, pane = (
            self._page.context.workspace.training.insight,
            self._plan_id,
            self._result.money,
        )
        job = self._page.context.jobs.compute(
            lambda progress: insight.frontier(plan_id, progress),
            self._show_curve,
            title="Working out what other budgets would buy",
            failed=lambda error: pane.curve_asking.rest(str(error)),
            cancelled=lambda: pane.curve_asking.rest("Cancelled. Nothing was changed."),
        )
        pane.watch_curve(job)

    def ask_cut(self, percent: Decimal) -> None:
        """Work out what slips under a cut."""
        insight, plan_id, pane = (
            self._page.context.workspace.training.insight,
            self._plan_id,
            self._result.money,
        )
        job = self._page.context.jobs.compute(
            lambda progress: insight.slips(plan_id, percent, progress),
            self._show_cut,
            title=f"Working out what slips with {percent} % less",
            failed=self._cut_failed,
            cancelled=lambda: pane.show_cut(None, hides_names=self._hides_names),
        )
        pane.watch_cut(job)

    def _show_known(self, known: tuple[TeamCalendar, FrontierView | None]) -> None:
        calendar, curve = known
        self._result.show_calendar(calendar)
        if curve is not None and curve.plan_id == self._plan_id:
            self._result.money.show_curve(curve)

    def _show_curve(self, view: FrontierView) -> None:
        if view.plan_id == self._plan_id:
            self._result.money.show_curve(view)

    def _show_cut(self, view: SlipsView) -> None:
        if view.plan_id == self._plan_id:
            self._result.money.show_cut(view, hides_names=self._hides_names)

    def _cut_failed(self, error: AppError) -> None:
        self._result.money.show_cut(None, hides_names=self._hides_names)
        self._page.banner.say(str(error), tone="bad")

    def _explain(self, ask: Callable[[Any], tuple[tuple[str, str], ...]], pane: Reasons) -> None:
        def show(said: tuple[tuple[str, str], ...]) -> None:
            if shiboken6.isValid(pane):
                pane.show_reasons(said)

        def fail(error: AppError) -> None:
            if shiboken6.isValid(pane):
                pane.show_trouble(str(error))

        self._read(ask, show, "training/explain", "Weighing it against the next best", fail)

    def _read(
        self,
        ask: Callable[[Any], Any],
        show: Callable[[Any], None],
        key: str,
        title: str,
        failed: Callable[[AppError], None],
    ) -> None:
        insight = self._page.context.workspace.training.insight
        self._page.context.jobs.read(
            lambda _progress: ask(insight), show, key=key, title=title, failed=failed
        )

    @property
    def _hides_names(self) -> bool:
        return self._page.context.settings.flag("hide_names")
