"""Plans in the window after they are made: lines changed by hand, statuses, whole plans, sign-off, what courses did."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.progress import silent
from app.services.training import LineChoice, PlanSettings, PotBudget
from app.terms import Funding, LineStatus
from app.ui.dialogs import MessageDialog
from app.ui.pages.training import View
from app.ui.parts.plan_card_actions import RenameDialog
from app.ui.parts.plan_edit_dialog import PlanEditDialog
from app.ui.parts.plan_status_dialog import PlanStatusDialog
from app.ui.parts.sign_off import SignOffDialog
from app.workspace import Workspace
from tests.builders import ROLES, make_course, make_person, make_rating, make_workspace
from tests.ui.pages.conftest import settle

PEOPLE = [
    make_person("1001", name="Ada Ash", department="Revenue"),
    make_person("1002", name="Ben Beech", department="Transport"),
]
RATINGS = [
    make_rating("1001", "Programming", 0, assessed_on="2026-04-01"),
    make_rating("1001", "Data modelling", 0, assessed_on="2026-04-01"),
    make_rating("1002", "Programming", 0, assessed_on="2026-04-01"),
]
COURSES = [
    make_course("P", "Programming"),
    make_course("P2", "Programming", cost_per_person_gbp=150),
    make_course("D", "Data modelling", cost_per_person_gbp=50),
]


@pytest.fixture
def planned(tmp_path: Path) -> Workspace:
    made = make_workspace(
        tmp_path / "plans.muster", roles=ROLES, people=PEOPLE, ratings=RATINGS, courses=COURSES
    )
    budget = (PotBudget(Funding.LEARNING_BUDGET, Decimal(250)),)
    made.training.generate(PlanSettings(budgets=budget, seconds=5), silent())
    return made


@pytest.fixture
def page(planned: Workspace, open_page: Callable[..., Any]) -> Any:
    return open_page(planned, "training")


def wait(page: Any, qtbot: Any) -> None:
    settle(page.window(), qtbot)


def choose(page: Any, *keys: tuple[str, str]) -> None:
    """Choose lines in the table, by staff id and course code."""
    table = page.plan_result.lines.table
    table.clearSelection()
    model = table.selectionModel()
    for row in range(table.rows.rowCount()):
        one = table.rows.record(row)
        if (one.staff_id, one.course_code) in keys:
            flags = model.SelectionFlag.Select | model.SelectionFlag.Rows
            model.select(table.rows.index(row, 0), flags)


def click(page: Any, qtbot: Any, made: Any) -> None:
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    wait(page, qtbot)


def dialog(page: Any, kind: type[Any]) -> Any:
    return page.window().findChildren(kind)[-1]


def lines(page: Any) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (one.staff_id, one.course_code): (one.quarter.code, one.status) for one in page.result.shown.lines
    }


def test_buttons_follow_what_is_chosen(page: Any) -> None:
    bar = page.plan_result.bar
    assert [made.isEnabled() for made in (bar.status, bar.change, bar.remove, bar.add)] == [
        False,
        False,
        False,
        True,
    ]
    choose(page, ("1001", "P"))
    assert [made.isEnabled() for made in (bar.status, bar.change, bar.remove)] == [True, True, True]
    choose(page, ("1001", "P"), ("1001", "D"))
    assert bar.words.text() == "2 chosen"
    assert [made.isEnabled() for made in (bar.status, bar.change, bar.remove)] == [True, False, True]


def test_a_line_is_changed_after_its_effect_was_seen(page: Any, qtbot: Any, planned: Workspace) -> None:
    choose(page, ("1001", "P"))
    click(page, qtbot, page.plan_result.bar.change)
    shown = dialog(page, PlanEditDialog)
    assert not shown.save.isEnabled()
    shown.form.set_values({"course": "P2"})
    shown.look()
    wait(page, qtbot)
    assert "Cost: £250 → £300 (+£50)" in shown.effect.text()
    assert "L&D budget is exceeded by £50.00" in shown.warning.sentence
    assert shown.save.text() == "Change line all the same"
    click(page, qtbot, shown.save)
    assert ("1001", "P2") in lines(page)
    assert "Ctrl+Z takes it back" in page.banner.sentence
    planned.admin.revert(planned.admin.history(1)[0].action_id)
    page.load()
    wait(page, qtbot)
    assert ("1001", "P") in lines(page)


def test_what_cannot_be_is_said_in_the_dialog(page: Any, qtbot: Any) -> None:
    click(page, qtbot, page.plan_result.bar.add)
    shown = dialog(page, PlanEditDialog)
    shown.form.set_values({"staff_id": "9", "course": "D"})
    shown.look()
    wait(page, qtbot)
    assert "nobody with staff id" in shown.effect.text()
    assert not shown.save.isEnabled()
    shown.form.set_values({"staff_id": "1002"})
    shown.look()
    wait(page, qtbot)
    assert "closes no step" in shown.warning.sentence or "exceeded" in shown.warning.sentence
    click(page, qtbot, shown.save)
    assert ("1002", "D") in lines(page)


def test_lines_are_removed_after_asking(page: Any, qtbot: Any) -> None:
    choose(page, ("1001", "P"), ("1002", "P"))
    click(page, qtbot, page.plan_result.bar.remove)
    asked = dialog(page, MessageDialog)
    assert "Steps closed: 5 → 1 (−4)" in asked.detail.text()
    asked.press("Remove")
    wait(page, qtbot)
    assert set(lines(page)) == {("1001", "D")}


def test_statuses_lead_to_sign_off_and_to_what_courses_did(page: Any, qtbot: Any, planned: Workspace) -> None:
    for status in ("approved", "booked", "completed"):
        choose(page, ("1001", "P"), ("1002", "P"))
        click(page, qtbot, page.plan_result.bar.status)
        shown = dialog(page, PlanStatusDialog)
        shown.form.set_values({"status": status})
        click(page, qtbot, shown.save)
        assert f"2 lines are {status} now" in page.banner.sentence
    assert "wait for sign-off" in page.banner.sentence
    page.show_plans()
    assert "What courses did" in [action.text for action in page.actions_offered]
    click(page, qtbot, page.action_button("What courses did"))
    assert page.view is View.EFFECTS
    assert page._answer.text().startswith("2 courses are completed; none has")
    click(page, qtbot, page.banner.button)
    other = page.window().page
    assert other.key == "assessments"
    wait(page, qtbot)
    assert other.tabs.tabText(3) == "To sign off (2)"
    assert other.tabs.currentIndex() == 3
    pane = other.sign_off
    pane.pane.table.selectAll()
    assert pane.chosen_words.text() == "2 chosen"
    click(other, qtbot, pane.accept)
    click(other, qtbot, dialog(other, SignOffDialog).save)
    assert "2 ratings are signed off" in other.banner.sentence
    assert other.tabs.tabText(3) == "To sign off (0)"
    assert planned.training.sign_off.waiting() == 0


def test_ratings_are_rejected_after_asking(page: Any, qtbot: Any, planned: Workspace, open_page: Any) -> None:
    del page
    for status in (LineStatus.APPROVED, LineStatus.BOOKED, LineStatus.COMPLETED):
        planned.training.statuses.change(1, planned.training.statuses.chosen(1, LineChoice(), status))
    other = open_page(planned, "assessments")
    other.sign_off.pane.table.selectAll()
    other.tabs.setCurrentIndex(3)
    click(other, qtbot, other.sign_off.reject)
    dialog(other, MessageDialog).press("Reject")
    wait(other, qtbot)
    assert planned.training.sign_off.waiting() == 0


def test_what_has_ended_cannot_be_moved_on(page: Any, qtbot: Any, planned: Workspace) -> None:
    planned.training.statuses.change(
        1, planned.training.statuses.chosen(1, LineChoice(), LineStatus.WITHDRAWN)
    )
    page.load()
    wait(page, qtbot)
    choose(page, ("1001", "P"))
    click(page, qtbot, page.plan_result.bar.status)
    shown = dialog(page, PlanStatusDialog)
    assert not shown.save.isEnabled()
    assert "come to their end" in shown.words.text()
    assert not page.plan_result.bar.change.isEnabled()


def test_a_new_plan_is_made_around_what_is_booked(page: Any, qtbot: Any, planned: Workspace) -> None:
    statuses = planned.training.statuses
    for status in (LineStatus.APPROVED, LineStatus.BOOKED):
        statuses.change(1, statuses.chosen(1, LineChoice(course_codes=("D",)), status))
    page.load()
    wait(page, qtbot)
    click(page, qtbot, page.action_button("Generate again"))
    assert page.result.shown.plan.plan_id == 2
    assert page.result.shown.plan.settings.around_plan_id == 1
    assert lines(page)["1001", "D"][1] == "booked"


def test_plans_are_renamed_put_away_and_deleted(page: Any, qtbot: Any, planned: Workspace) -> None:
    page.show_plans()
    page.plans.table.selectRow(0)
    click(page, qtbot, page.action_button("Rename"))
    shown = dialog(page, RenameDialog)
    shown.form.set_values({"title": "For the board"})
    shown.accept()
    wait(page, qtbot)
    assert [card.title for card in planned.training.plans()] == ["For the board"]
    page.plans.table.selectRow(0)
    click(page, qtbot, page.action_button("Put away"))
    assert planned.training.plans() == ()
    page.show_plans()
    click(page, qtbot, page.action_button("Show plans put away"))
    page.plans.table.selectRow(0)
    click(page, qtbot, page.action_button("Bring back"))
    page.plans.table.selectRow(0)
    click(page, qtbot, page.action_button("Delete draft"))
    dialog(page, MessageDialog).press("Delete draft")
    wait(page, qtbot)
    assert planned.training.plans(with_archived=True) == ()


def test_a_shared_screen_hides_effects_of_few_people(page: Any, qtbot: Any, planned: Workspace) -> None:
    statuses = planned.training.statuses
    for status in (LineStatus.APPROVED, LineStatus.BOOKED, LineStatus.COMPLETED):
        statuses.change(1, statuses.chosen(1, LineChoice(course_codes=("P",)), status))
    page.load()
    wait(page, qtbot)
    table = page.effects.pane.table.rows
    assert "2" in {table.text(0, column) for column in range(table.columnCount())}
    page.context.settings.put("share_mode", True)
    page.load()
    wait(page, qtbot)
    texts = {table.text(0, column) for column in range(table.columnCount())}
    assert "[c]" in texts
    assert "2" not in texts
    page._turn_to(View.EFFECTS)
    assert "hidden" in page._answer.text()
