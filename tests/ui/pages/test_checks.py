"""Data checks: list, lines, drawer, what can be fixed here and taken back; by keyboard and with names hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.errors import StoreError
from app.services.quality import CheckKey
from app.ui.dialogs import MessageDialog
from app.ui.pages.checks import ChecksPage
from app.ui.parts.choose_person import PersonDialog
from app.ui.parts.person_details import RoleDialog
from tests.builders import ROLES, load_people, make_people, make_person, make_workspace
from tests.ui.pages.desk import Desk

GONE = {"start_date": "2020-01-01", "end_date": "2026-11-20"}
PEOPLE = [
    make_person("0017", name="Ann Lee", manager_id="99", start_date="2020-02-03"),
    make_person("1003", name="Cy Clerk", role_level="", job_title="Clerk", grade=""),
    make_person("1004", name="Gil Gone", **GONE),
    make_person("1005", name="Mo Gone", **GONE),
]


@pytest.fixture
def untidy(tmp_path: Path) -> Path:
    path = tmp_path / "untidy.muster"
    with make_workspace(path, roles=ROLES, people=PEOPLE) as ws:
        load_people(ws, make_people(tmp_path / "later.csv", [make_person("17", name="Lee, Ann")]))
    return path


@pytest.fixture
def page(desk: Desk, untidy: Path) -> ChecksPage:
    return desk.open(untidy, "checks")


def counts(page: ChecksPage) -> dict[str, str]:
    return {one.record: one.detail for one in page.list.lines}


def test_the_answer_counts_what_there_is_to_check(page: ChecksPage) -> None:
    assert page.state == "full"
    assert page._answer.text().startswith("6 things to check about 3 people; most: leavers")
    assert counts(page)["leaver"] == "2 to put right"
    assert counts(page)["duplicate"] == "1 to look at"
    assert counts(page)["fte"] == "In order"
    assert [one.record for one in page.list.lines][-1] == "grades"


def test_arrows_move_through_the_checks_and_enter_opens_a_line(page: ChecksPage, desk: Desk) -> None:
    page.list.setFocus()
    for _ in range(len(page.list.lines)):
        if page._key == CheckKey.MANAGER:
            break
        desk.press(page.list, Qt.Key.Key_Down)
    assert page.heading.text().startswith("1 person has a manager")
    page.pane.table.setFocus()
    page.pane.table.choose_row(0)
    desk.press(page.pane.table, Qt.Key.Key_Return)
    desk.settle()
    assert "Manager 99 is not in this workspace." in desk.texts(page.drawer)
    desk.press(page, Qt.Key.Key_Escape)
    assert page.drawer.isHidden()


def test_a_check_in_order_says_so_without_an_empty_table(page: ChecksPage, desk: Desk) -> None:
    page.receive(check="fte")
    assert page.heading.text() == "Every FTE lies between 0.10 and 1."
    assert page.pane.isHidden()


def test_open_roles_of_leavers_are_ended_after_a_question(page: ChecksPage, desk: Desk) -> None:
    page.receive(check="leaver")
    page.action_button("End open roles").click()
    dialog = desk.dialog(MessageDialog)
    assert dialog.sentence.text() == "End the open roles of 2 people who left?"
    dialog.press("End open roles")
    desk.settle()
    assert counts(page)["leaver"] == "In order"
    assert page.banner.sentence.startswith("2 open roles ended.")


def test_a_pair_is_marked_as_different_and_listed_again(page: ChecksPage, desk: Desk) -> None:
    page.receive(check="duplicate")
    page.action_button("Mark as different people").click()
    assert page.banner.sentence.startswith("Select the pairs")
    page.pane.table.choose_row(0)
    page.action_button("Mark as different people").click()
    desk.settle()
    assert counts(page)["duplicate"] == "In order"
    page.action_button("List marked pairs again").click()
    desk.dialog(MessageDialog).press("List again")
    desk.settle()
    assert counts(page)["duplicate"] == "1 to look at"


def test_a_pair_shows_both_records_and_why(page: ChecksPage, desk: Desk) -> None:
    page.receive(check="duplicate")
    page.open_line(page.pane.table.rows.record(0))
    desk.settle()
    words = desk.texts(page.drawer)
    assert "100 of 100 points" in words
    assert "0017" in words
    assert "Lee, Ann" in words
    desk.click(page.drawer, "Mark as different people")
    assert counts(page)["duplicate"] == "In order"


def test_a_manager_is_named_from_the_list(page: ChecksPage, desk: Desk) -> None:
    page.receive(check="manager")
    page.open_line(page.pane.table.rows.record(0))
    desk.settle()
    desk.click(page.drawer, "Name manager")
    dialog = desk.dialog(PersonDialog)
    desk.type_into(dialog.pane.filter, "clerk")
    desk.press(dialog.pane.filter, Qt.Key.Key_Return)
    desk.settle()
    assert counts(page)["manager"] == "In order"
    assert page.banner.sentence.startswith("Cy Clerk is now the manager of Ann Lee.")


def test_a_role_is_chosen_from_the_finding(page: ChecksPage, desk: Desk) -> None:
    page.receive(check="no-role")
    assert page.action_button("Review roles").isVisible()
    page.open_line(page.pane.table.rows.record(0))
    desk.settle()
    desk.click(page.drawer, "Choose role")
    dialog = desk.dialog(RoleDialog)
    desk.type_into(dialog.pane.filter, "service designer")
    desk.press(dialog.pane.filter, Qt.Key.Key_Return)
    desk.settle()
    assert counts(page)["no-role"] == "In order"


def test_grades_are_shown_by_role_level(page: ChecksPage, desk: Desk) -> None:
    page.receive(check="grades")
    assert "85 %" in page.advice.text()
    page.open_line(page.pane.table.rows.record(0))
    assert "2 people" in desk.texts(page.drawer)


def test_names_are_hidden_where_asked(page: ChecksPage, desk: Desk) -> None:
    page.context.settings.put("hide_names", True)
    page.receive(check="duplicate")
    page.load()
    desk.settle()
    assert {"name", "other_name"}.isdisjoint(column.key for column in page.pane.table.rows.columns)
    page.open_line(page.pane.table.rows.record(0))
    desk.settle()
    assert "Lee" not in desk.texts(page.drawer)


def test_checks_follow_the_scope_and_say_when_nobody_is_in_it(page: ChecksPage, desk: Desk) -> None:
    state = page.context.scope
    state.set(type(state.scope)(departments=("Nowhere",)))
    desk.settle()
    assert page.state == "error"
    state.set(type(state.scope)(role_family="Design"))
    desk.settle()
    assert page.state == "full"


def test_an_empty_workspace_leads_to_the_first_extract(desk: Desk, small: Path) -> None:
    page = desk.open(small, "checks")
    assert page.state == "empty"
    assert page._empty.button.text() == "Load HR extract"


def test_an_error_is_said_with_a_way_on(page: ChecksPage, desk: Desk) -> None:
    page.show_error(StoreError("The file is gone.", "Open it again."))
    assert page.state == "error"
    desk.click(page, "Try again")
    assert page.state == "full"


def test_the_overview_and_people_lead_here(page: ChecksPage, desk: Desk) -> None:
    overview = desk.show("overview")
    assert overview.steps.checks.text() == "Review 5 things to check in the data"
    overview.steps.checks.click()
    desk.settle()
    assert desk.window.page is page
    people = desk.show("people")
    people.action_button("Check data").click()
    desk.settle()
    assert desk.window.page is page
    assert desk.window.workbench is not None
    assert desk.window.workbench.navigation.opened == "people"


def test_everything_has_a_name_for_a_screen_reader(page: ChecksPage, desk: Desk) -> None:
    page.receive(check="duplicate")
    assert page.list.accessibleName() == "Checks"
    assert page.pane.table.accessibleName() == "Pairs"
    assert page.pane.filter.accessibleName() == "Filter pairs"
