"""The plan page's answers: why a line is there, what a need would take, quarters by team, other money, the search."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.errors import UsageError
from app.progress import silent
from app.services.training import PlanSettings, PotBudget
from app.terms import Funding
from app.ui.parts.closing_gap import ClosingGap
from app.ui.parts.plan_line_details import LineDetails, NeedDetails
from app.workspace import Workspace
from tests.ui.pages.conftest import settle
from tests.ui.pages.test_training import made_workspace


@pytest.fixture
def page(tmp_path: Path, open_page: Callable[..., Any]) -> Any:
    workspace: Workspace = made_workspace(tmp_path)
    budget = (PotBudget(Funding.LEARNING_BUDGET, Decimal(150)),)
    workspace.training.generate(PlanSettings(budgets=budget, seconds=5), silent())
    return open_page(workspace, "training")


def wait(page: Any, qtbot: Any) -> None:
    settle(page.window(), qtbot)


def test_a_line_says_what_would_drop_it(page: Any, qtbot: Any) -> None:
    page.open_line(page.result.shown.lines[0])
    wait(page, qtbot)
    shown = page.findChild(LineDetails)
    headings = [heading for heading, _ in shown.reasons.said]
    assert headings == ["Cost of a step", "Why not another course", "Why not somebody else", "Drops out when"]


def test_a_line_that_cannot_be_explained_keeps_its_reason_and_says_why(
    page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UsageError("The gap is closed.", "Make the plan again.")

    monkeypatch.setattr(page.context.workspace.training.insight, "line", refuse)
    one = page.result.shown.lines[0]
    page.open_line(one)
    wait(page, qtbot)
    said = dict(page.findChild(LineDetails).reasons.said)
    assert said["Why it was chosen"] == one.reason
    assert "The gap is closed." in said["Today"]


def test_an_open_need_opens_with_what_it_would_take(page: Any, qtbot: Any) -> None:
    page.plan_result.tabs.setCurrentIndex(1)
    page.plan_result.unmet.table.choose_row(0)
    qtbot.keyClick(page.plan_result.unmet.table, Qt.Key.Key_Return)
    wait(page, qtbot)
    said = dict(page.findChild(NeedDetails).reasons.said)
    assert said["Stays open because"]


def test_a_cell_of_the_calendar_opens_its_lines(page: Any, qtbot: Any) -> None:
    wait(page, qtbot)
    calendar = page.plan_result.calendar
    page.plan_result.tabs.setCurrentIndex(3)
    model = calendar.grid.model()
    cells = [model.cell(row, at) for row in range(model.rowCount()) for at in range(model.columnCount())]
    busy = next(cell for cell in cells if cell.hours)
    row, column = divmod(cells.index(busy), model.columnCount())
    calendar.grid.setCurrentIndex(model.index(row, column))
    qtbot.keyClick(calendar.grid, Qt.Key.Key_Return)
    assert page.plan_result.tabs.currentIndex() == 0
    shown = page.plan_result.lines.table.rows
    assert shown.rowCount() >= busy.away
    assert all(shown.record(at).unit.startswith(busy.team) for at in range(shown.rowCount()))
    assert busy.quarter.label in page.plan_result.group_words.text()
    page.plan_result.whole_plan.click()
    assert page.plan_result.lines.table.rows.rowCount() == len(page.result.shown.lines)


def test_the_rows_of_the_calendar_are_departments_or_teams(page: Any, qtbot: Any) -> None:
    wait(page, qtbot)
    calendar = page.plan_result.calendar
    calendar.rows_by.setCurrentIndex(1)
    assert calendar.grid.model().rowCount() >= 1
    said = calendar.grid.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "hours" in said
    assert "on a course" in said


def test_the_curve_is_asked_for_and_shown_with_its_numbers(page: Any, qtbot: Any) -> None:
    money = page.plan_result.money
    page.plan_result.tabs.setCurrentIndex(4)
    money.curve_asking.ask.click()
    assert money.curve_asking.is_busy
    wait(page, qtbot)
    assert money._curve.shown == 1
    table = money.chart._table.table.rows
    notes = [table.record(at).note for at in range(table.rowCount())]
    assert notes.count("This plan") == 1
    page.show_plan(page.result.shown.plan.plan_id)
    wait(page, qtbot)
    assert money._curve.shown == 1  # known from before


def test_a_curve_cancelled_says_so_and_can_be_asked_for_again(page: Any, qtbot: Any) -> None:
    money = page.plan_result.money
    page.plan_result.tabs.setCurrentIndex(4)
    money.curve_asking.ask.click()
    money.curve_asking.stop.click()
    wait(page, qtbot)
    assert "Cancelled" in money.curve_asking.sentence.text()
    assert money.curve_asking.ask.isVisible()


def test_a_cut_lists_who_loses_line_by_line_and_added_up(page: Any, qtbot: Any) -> None:
    money = page.plan_result.money
    page.plan_result.tabs.setCurrentIndex(4)
    money.percent.setValue(60)
    money.show_slips.click()
    wait(page, qtbot)
    assert "60 % less" in money.cut_finding.text()
    assert money.slips.table.rows.rowCount() > 0
    for place in (1, 2, 3):
        money.grouping.setCurrentIndex(place)
        assert money.groups.count() > 0
    sent: list[int] = []
    money.person_opened.connect(sent.append)
    money.grouping.setCurrentIndex(0)
    money.slips.table.row_opened.emit(money.slips.table.rows.record(0))
    assert len(sent) == 1


def test_the_chart_of_the_search_keeps_what_changed(qtbot: Any) -> None:
    chart = ClosingGap()
    qtbot.addWidget(chart)
    chart.resize(400, 200)
    chart.note(0.5, 10, 40)
    chart.note(1.0, 10, 40)
    chart.note(2.0, 25, 30)
    assert chart.notes == ((0.5, 10, 40), (2.0, 25, 30))
    assert not chart.grab().isNull()
    assert "25 steps closed, at most 30" in chart.accessibleDescription()
    chart.start_again()
    assert chart.notes == ()
