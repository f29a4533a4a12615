"""Training plans in the window: settings, the search, the plan line by line, wishes, agreement, workbooks."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.errors import NoPlanError, StoreError
from app.progress import Progress, silent
from app.services.scope import Scope
from app.services.training import PlanSettings, PlanWatch, PotBudget
from app.services.training.grouping import PlanGrouping
from app.terms import Funding
from app.ui import dialogs
from app.ui.dialogs import MessageDialog
from app.ui.pages.training import View
from app.ui.parts.export_choice import ExportChoice
from app.ui.parts.plan_line_details import LineDetails
from app.workspace import Workspace
from tests.builders import ROLES, make_course, make_person, make_rating, make_workspace
from tests.ui.pages.conftest import settle

PEOPLE = [
    make_person("1001", name="Ada Ash", department="Revenue"),
    make_person("1002", name="Ben Beech", department="Transport"),
    make_person("1003", name="Cy Cedar", department="Transport", role_level="Senior data engineer"),
]
RATINGS = [
    make_rating("1001", "Programming", 0),
    make_rating("1001", "Data modelling", 0),
    make_rating("1002", "Programming", 1),
    make_rating("1003", "Data modelling", 0),
]
COURSES = [make_course("P", "Programming"), make_course("D", "Data modelling", cost_per_person_gbp=50)]


def made_workspace(folder: Path) -> Workspace:
    return make_workspace(
        folder / "plans.muster", roles=ROLES, people=PEOPLE, ratings=RATINGS, courses=COURSES
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return made_workspace(tmp_path)


@pytest.fixture
def planned(workspace: Workspace) -> Workspace:
    """A workspace with one draft: everything the £1,000 can buy."""
    budget = (PotBudget(Funding.LEARNING_BUDGET, Decimal(1_000)),)
    workspace.training.generate(PlanSettings(budgets=budget, seconds=5), silent())
    return workspace


@pytest.fixture
def page(planned: Workspace, open_page: Callable[..., Any]) -> Any:
    return open_page(planned, "training")


def wait(page: Any, qtbot: Any) -> None:
    settle(page.window(), qtbot)


def press(page: Any, qtbot: Any, text: str) -> None:
    qtbot.mouseClick(page.action_button(text), Qt.MouseButton.LeftButton)
    wait(page, qtbot)


def offered(page: Any) -> list[str]:
    return [action.text for action in page.actions_offered]


def line_of(page: Any, staff_id: str, code: str) -> Any:
    return next(one for one in page.result.shown.lines if (one.staff_id, one.course_code) == (staff_id, code))


# --- making a plan ------------------------------------------------------------------------------------------------


def test_without_a_plan_the_settings_run_as_they_are(
    workspace: Workspace, open_page: Callable[..., Any], qtbot: Any
) -> None:
    page = open_page(workspace, "training")
    assert page.view is View.SETTINGS
    assert page._answer.text() == "7 steps are open for 3 people; 2 courses are on offer."
    page.form.time.set_values({"seconds": 5})
    press(page, qtbot, "Generate plan")
    assert page.view is View.RESULT
    assert page._answer.text() == "6 of 7 open steps are closed (86 %) for £300; 1 stays open."
    assert [card.status for card in workspace.training.plans()] == ["draft"]


def test_a_budget_left_out_is_said_beside_its_field(page: Any, qtbot: Any) -> None:
    page.new_plan()
    editor = page.form.money.editor("learning")
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    press(page, qtbot, "Generate plan")
    assert page.view is View.SETTINGS
    assert page.form.money._rows["learning"].problem.text() == "L&D budget: enter a value"
    assert len(page.context.workspace.training.plans()) == 1


def test_settings_carry_over_from_the_last_plan(page: Any) -> None:
    page.new_plan()
    assert page.form.money.values() == {"learning": Decimal(1_000), "levy": None, "programme": None}
    assert page.form.time.values()["seconds"] == 5
    assert page.form.choices.values()["contractors"] is False


def test_the_scope_in_force_is_planned_for(page: Any, qtbot: Any) -> None:
    page.context.scope.set(Scope(departments=("Revenue",)))
    wait(page, qtbot)
    page.new_plan()
    assert page.form.scope_words.text().startswith("For: Revenue; all role families")
    press(page, qtbot, "Generate plan")
    assert {one.staff_id for one in page.result.shown.lines} == {"1001"}


def test_the_search_is_shown_and_can_be_stopped_with_what_it_has(page: Any, qtbot: Any) -> None:
    watch = PlanWatch()
    page.running.watch(_Under("Making a plan"), watch, 30)
    assert page.running.bar.maximum() == 0
    watch.tell(3, 4)
    page.running.tick()
    assert page.running.bar.value() == 750
    assert "closes 3 steps" in page.running.found.text()
    assert "more than 4" in page.running.found.text()
    page.running.keep.click()
    assert watch.is_stopped
    page.running.rest()


class _Under:
    """A job that is under way for as long as the test looks at it."""

    def __init__(self, title: str) -> None:
        self.title, self.sentence, self.took = title, "", "2 s"


def test_a_search_cancelled_leaves_no_plan(page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_for_it(_settings: Any, progress: Progress, _watch: Any) -> None:
        while True:
            progress.check()

    monkeypatch.setattr(page.context.workspace.training, "generate", wait_for_it)
    page.new_plan()
    page.generate()
    assert page.view is View.RUNNING
    qtbot.mouseClick(page.running.drop, Qt.MouseButton.LeftButton)
    wait(page, qtbot)
    assert page.view is View.SETTINGS
    assert page.banner.sentence == "The search was cancelled. No plan was made."


def test_clashing_limits_are_listed(page: Any, qtbot: Any) -> None:
    one = line_of(page, "1001", "P")
    page._wish(one, "lock")
    page.change_settings()
    page.form.money.set_values({"learning": Decimal(0)})
    press(page, qtbot, "Generate plan")
    assert page.view is View.NO_PLAN
    assert "L&D budget" in page.no_plan.advice.text()
    assert page.no_plan.button.hasFocus()
    qtbot.keyClick(page.no_plan.button, Qt.Key.Key_Space)
    assert page.view is View.SETTINGS


def test_every_clash_stands_on_its_own_line(page: Any) -> None:
    page._on_failed(NoPlanError("No plan is possible: one thing; another.", "Raise a limit."))
    assert page.no_plan.advice.text() == "• One thing.\n• Another.\n\nRaise a limit."


def test_further_limits_are_folded_away_until_they_are_wanted(page: Any, qtbot: Any) -> None:
    page.new_plan()
    more = page.form.more
    assert not more._held.isVisibleTo(more)
    qtbot.mouseClick(more.button, Qt.MouseButton.LeftButton)
    assert more._held.isVisibleTo(more)
    assert more.button.text() == "Hide more limits"


def test_further_limits_go_into_the_plan_and_come_back_into_the_form(page: Any, qtbot: Any) -> None:
    page.new_plan()
    more = page.form.more
    page.form.money.set_values({"learning": None})
    more.money.set_values({"own": ["Transport=300"], "reserve": Decimal(500)})
    more.people.set_values({"release": "50", "fair": "5", "separate": "all"})
    more.aims.set_values({"targets": ["Data engineer||Programming|awareness|2026Q4|soft=1"], "booked": False})
    press(page, qtbot, "Generate plan")
    assert page.view is View.RESULT, page.banner.sentence
    settings = page.result.shown.plan.settings
    assert [budget.as_text() for budget in settings.budgets] == ["Transport=300"]
    assert (settings.limits.release_pct, settings.limits.fair_pct) == (Decimal(50), Decimal(5))
    assert settings.limits.separate_groups == ("all",)
    assert not settings.limits.is_less_booked
    assert "People away: 50 % of a unit" in page.plan_result.asked.text()
    page.change_settings()
    assert page.form.more.read() == (settings.limits, settings.budgets)
    assert "Set: " in page.form.more.summary.text()
    assert page.form.more._held.isVisibleTo(page.form.more)


def test_a_further_limit_that_cannot_be_read_is_said_beside_its_field(page: Any, qtbot: Any) -> None:
    page.new_plan()
    page.form.more.aims.set_values({"targets": ["Data engineer"]})
    page.form.more.people.set_values({"release": "lots"})
    page.generate()
    assert page.view is View.SETTINGS
    assert "is not a target" in page.form.more.aims._rows["targets"].problem.text()
    assert "percentage from 0 to 100" in page.form.more.people._rows["release"].problem.text()
    assert page.form.more._held.isVisibleTo(page.form.more)


# --- reading a plan -----------------------------------------------------------------------------------------------


def test_the_newest_plan_is_shown_as_a_summary_first(page: Any) -> None:
    assert page.view is View.RESULT
    names = [tile.accessibleName() for tile in page.plan_result.tiles.values()]
    assert names == [
        "6 steps closed 86 % of 7",
        "£300 spent L&D budget £300 of £1,000",
        "3 people learn 4 courses planned, 40 hours",
        "Best possible how good it is Proven: no plan within these limits closes more",
    ]
    assert offered(page) == [
        "All plans", "Change settings", "Read back workbook", "Export to Excel", "Agree plan",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("by", "count"),
    [(PlanGrouping.PERSON, 3), (PlanGrouping.COURSE, 2), (PlanGrouping.DEPARTMENT, 2)],
)
def test_lines_are_grouped_and_a_group_opens_its_lines(
    page: Any, qtbot: Any, by: PlanGrouping, count: int
) -> None:
    result = page.plan_result
    result.grouping.setCurrentIndex(result.grouping.findData(by))
    assert result.groups.isVisible()
    assert result.groups.table.rows.rowCount() == count
    result.groups.table.setFocus()
    qtbot.keyClick(result.groups.table, Qt.Key.Key_Return)
    assert result.lines.isVisible()
    assert result.lines.table.rows.rowCount() == result.groups.table.rows.record(0).enrolments
    qtbot.mouseClick(result.whole_plan, Qt.MouseButton.LeftButton)
    assert result.groups.isVisible()


def test_enter_on_a_line_says_why_it_is_there(page: Any, qtbot: Any) -> None:
    table = page.plan_result.lines.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Return)
    shown = page.drawer.content
    assert isinstance(shown, LineDetails)
    assert [one.detail for one in shown.levels.lines]
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert page.drawer.isHidden()


def test_open_needs_are_filtered_by_their_reason(page: Any, qtbot: Any) -> None:
    result = page.plan_result
    result.tabs.setCurrentIndex(1)
    total = result.unmet.table.rows.rowCount()
    assert total == len(page.result.shown.plan.unmet)
    result.reasons.setFocus()
    qtbot.keyClick(result.reasons, Qt.Key.Key_Return)
    shown = {result.unmet.table.rows.record(row).skill for row in range(result.unmet.table.rows.rowCount())}
    assert shown
    result.all_reasons.click()
    assert result.unmet.table.rows.rowCount() == total


def test_find_filters_what_is_seen(page: Any, qtbot: Any) -> None:
    page.find()
    qtbot.keyClicks(page.plan_result.lines.filter, "ash")
    rows = page.plan_result.lines.table.rows
    assert {rows.record(row).name for row in range(rows.rowCount())} == {"Ada Ash"}


def test_names_can_be_hidden(page: Any, qtbot: Any) -> None:
    page.context.settings.put("hide_names", value=True)
    page.load()
    wait(page, qtbot)
    for pane in (page.plan_result.lines, page.plan_result.unmet):
        assert "name" not in [column.key for column in pane.table.rows.columns]


# --- wishes -------------------------------------------------------------------------------------------------------


def test_a_forbidden_course_is_left_out_of_the_next_plan(page: Any, qtbot: Any) -> None:
    page.open_line(line_of(page, "1001", "P"))
    qtbot.mouseClick(page.drawer.content.forbid, Qt.MouseButton.LeftButton)
    assert page.plan_result.tabs.tabText(2) == "Wishes (1)"
    assert offered(page)[-1] == "Generate again"
    press(page, qtbot, "Generate again")
    assert ("1001", "P") not in {(one.staff_id, one.course_code) for one in page.result.shown.lines}
    assert len(page.result.shown.plan.settings.wishes) == 1
    assert offered(page)[-1] == "Agree plan"
    assert page.banner.sentence == ""


def test_a_locked_line_stays_and_the_wish_can_be_taken_back(page: Any, qtbot: Any) -> None:
    one = line_of(page, "1002", "P")
    page.open_line(one)
    page.drawer.content.lock.click()
    press(page, qtbot, "Generate again")
    assert line_of(page, "1002", "P").is_locked
    page.plan_result.tabs.setCurrentIndex(2)
    qtbot.mouseClick(page.plan_result.take_back, Qt.MouseButton.LeftButton)
    assert page.plan_result.no_wishes.isVisible()
    assert offered(page)[-1] == "Generate again"


def test_taking_a_wish_back_in_the_drawer_makes_the_plan_fit_again(page: Any, qtbot: Any) -> None:
    page.open_line(line_of(page, "1001", "D"))
    page.drawer.content.lock.click()
    page.drawer.content.back.click()
    assert offered(page)[-1] == "Agree plan"
    assert page.banner.sentence == ""


# --- what is done with plans --------------------------------------------------------------------------------------


def test_agreeing_says_what_it_means_and_does_it(page: Any, planned: Workspace, qtbot: Any) -> None:
    press(page, qtbot, "Agree plan")
    dialog = page.window().findChildren(MessageDialog)[-1]
    assert "3 people take 4 courses for £300" in dialog.detail.text()
    dialog.press("Agree plan")
    wait(page, qtbot)
    assert [card.status for card in planned.training.plans()] == ["agreed"]
    assert page.plan_result.caption.text().split(" · ")[1] == "agreed"
    assert offered(page)[-1] == "New plan"


def test_two_plans_are_compared(page: Any, qtbot: Any) -> None:
    page.new_plan()
    page.form.money.set_values({"learning": Decimal(100)})
    press(page, qtbot, "Generate plan")
    press(page, qtbot, "All plans")
    assert page.plans.table.rows.rowCount() == 2
    page.plans.table.selectAll()
    press(page, qtbot, "Compare the two plans")
    assert page.view is View.COMPARE
    rows = page.comparison.figures.rows
    assert rows.text(0, 0) == "Steps closed"
    assert page.comparison.people.table.rows.rowCount() > 0


def test_an_older_plan_opens_from_the_list(page: Any, planned: Workspace, qtbot: Any) -> None:
    first = page.result.shown.plan.plan_id
    page.generate_again()
    wait(page, qtbot)
    assert page.result.shown.plan.plan_id != first
    press(page, qtbot, "All plans")
    page.plans.table.choose_row(1)
    qtbot.keyClick(page.plans.table, Qt.Key.Key_Return)
    wait(page, qtbot)
    assert (page.view, page.result.shown.plan.plan_id) == (View.RESULT, first)


def choose(page: Any, place: int) -> None:
    page.export()
    dialog = page.findChildren(ExportChoice)[-1]
    dialog.buttons[place].setChecked(True)
    dialog.go_on.click()


def test_the_plan_leaves_as_one_workbook(
    page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "plan.xlsx"
    monkeypatch.setattr(dialogs, "choose_save", lambda _page, _title, _name, _kinds, chosen: chosen(target))
    choose(page, 0)
    wait(page, qtbot)
    assert target.read_bytes()[:2] == b"PK"
    assert "plan.xlsx" in page.banner.sentence


def test_the_plan_leaves_as_one_workbook_for_each_department(
    page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    monkeypatch.setattr(dialogs, "choose_folder", lambda _page, _title, chosen: chosen(folder))
    choose(page, 1)
    wait(page, qtbot)
    assert sorted(path.name for path in folder.iterdir()) == ["Revenue.xlsx", "Transport.xlsx"]
    assert page.banner.sentence.startswith("2 workbooks saved")


def test_make_training_plan_elsewhere_opens_the_settings(page: Any, qtbot: Any) -> None:
    page.context.navigator.go("training", act="new")
    wait(page, qtbot)
    assert page.view is View.SETTINGS
    assert page.form.money.editor("learning").hasFocus()


# --- other states -------------------------------------------------------------------------------------------------


def test_without_courses_the_catalogue_is_asked_for(ws: Workspace, open_page: Callable[..., Any]) -> None:
    page = open_page(ws, "training")
    assert page.state == "empty"
    assert page._empty.button.text() == "Load course catalogue"


def test_without_ratings_the_assessments_are_asked_for(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    made = make_workspace(tmp_path / "a.muster", roles=ROLES, people=PEOPLE, courses=COURSES)
    page = open_page(made, "training")
    assert page.state == "empty"
    assert page._empty.button.text() == "Load assessments"


def test_an_error_says_what_to_do(page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: object) -> None:
        raise StoreError("The workspace cannot be read.", "Open it again.")

    monkeypatch.setattr(page.context.workspace.training, "plans", refuse)
    page.load()
    wait(page, qtbot)
    assert page.state == "error"


def test_everything_that_takes_the_keyboard_has_a_name(page: Any, qtbot: Any) -> None:
    for view in (View.RESULT, View.SETTINGS, View.PLANS):
        page._turn_to(view)
        for widget in page.findChildren(object):
            if not hasattr(widget, "focusPolicy") or not widget.isVisible():
                continue
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                named = widget.accessibleName() or getattr(widget, "text", lambda: "")()
                assert named or widget.focusProxy() is not None, widget
