"""Pictures of every state of the plan page: lines, a line explained, what is open, calendar, money, search, clash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

Settle = Callable[[], None]


def plan_states(window: Any, settle: Settle) -> Iterator[str]:
    """Put the page of plans, which is shown, into one state after the other; yields the name of each."""
    page = window.page
    result = page.plan_result
    page.show_plan(page.result.shown.plan.plan_id)
    settle()
    dearest = max(page.result.shown.lines, key=lambda one: one.steps_closed)
    page.open_line(dearest)
    settle()
    yield "line"
    result.tabs.setCurrentIndex(1)
    if page.result.shown.plan.unmet:
        page.insight.open_need(page.result.shown.plan.unmet[-1])
    settle()
    yield "open"
    page.drawer.shut()
    result.tabs.setCurrentIndex(3)
    settle()
    yield "calendar"
    result.tabs.setCurrentIndex(4)
    settle()
    yield "money-not-asked"
    page.insight.ask_curve()
    settle()
    page.insight.ask_cut(Decimal(10))
    settle()
    yield "money"
    result.tabs.setCurrentIndex(0)
    yield from _search(page, settle)


def _search(page: Any, settle: Settle) -> Iterator[str]:
    from app.errors import NoPlanError
    from app.ui.pages.training import View

    page.change_settings()
    settle()
    yield "settings"
    running = page.running
    for second, closed, at_most in (
        (1.0, 1_310.0, 2_420.0),
        (3.0, 1_874.0, 2_301.0),
        (6.0, 2_041.0, 2_236.0),
    ):
        running.chart.note(second, closed, at_most)
    running.found.setText(
        "The best plan so far closes 2,041 steps. No plan within these limits can close more than 2,236 steps: it "
        "reaches 91 % of what may be possible."
    )
    running.bar.setRange(0, 100)
    running.bar.setValue(91)
    page.view = View.RUNNING
    page._turn_to(View.RUNNING)
    yield "running"
    running.chart.start_again()
    running.found.clear()
    told = NoPlanError(
        "No plan is possible: 1001 on DAT-101 in 2026-27 Q3 is locked, but ends after the person leaves; "
        "L&D budget is exceeded by £450.00.",
        "Unlock a line or raise the limit.",
    )
    page._on_failed(told)
    yield "clash"
    page.view = View.RESULT
    page.load()
    settle()
