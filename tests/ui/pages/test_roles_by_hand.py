"""Roles chosen by hand in the window: from a day on, secondary with a share of time, our own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QComboBox

from app.services.role_names import level_named
from app.ui.parts.own_role import OwnRoleDialog
from app.ui.parts.role_dialog import RoleDialog, SecondaryRoleDialog
from tests.ui.pages.desk import Desk


def open_person(desk: Desk, path: Path, staff_id: str, **options: Any) -> Any:
    page = desk.open(path, "people", **options)
    page.receive(person_id=desk.workspace.people.by_staff_id(staff_id).person_id)
    desk.settle()
    return page


def levels(dialog: OwnRoleDialog) -> dict[str, int]:
    """What the dialog shows as required: skill to level."""
    start = "Required level of "
    return {
        box.accessibleName().removeprefix(start): box.currentData()
        for box in dialog.findChildren(QComboBox)
        if box.accessibleName().startswith(start) and box.isVisible()
    }


def test_role_holds_from_the_day_that_was_chosen(desk: Desk, full: Path) -> None:
    page = open_person(desk, full, "1004")
    desk.click(page.drawer, "Choose role")
    dialog = desk.dialog(RoleDialog)
    assert dialog.since.date() == QDate(2026, 11, 23)
    dialog.since.setDate(QDate(2026, 12, 1))
    desk.type_into(dialog.pane.filter, "senior data")
    desk.press(dialog.pane.filter, Qt.Key.Key_Return)
    who = desk.workspace.people.by_staff_id("1004")
    assert who.role_level == ""
    assert desk.workspace.gaps.person(who.person_id, date(2026, 11, 30)) == ()
    assert len(desk.workspace.gaps.person(who.person_id, date(2026, 12, 1))) == 3
    assert "From 1 Dec 2026" in desk.texts(page.drawer)


def test_secondary_role_is_added_shown_with_its_share_and_ended(desk: Desk, full: Path) -> None:
    page = open_person(desk, full, "1001")
    desk.click(page.drawer, "Add secondary role")
    dialog = desk.dialog(SecondaryRoleDialog)
    dialog.share.setValue(30)
    dialog.since.setDate(QDate(2026, 11, 1))
    desk.type_into(dialog.pane.filter, "service")
    desk.press(dialog.pane.filter, Qt.Key.Key_Return)
    text = desk.texts(page.drawer)
    assert "Secondary roles" in text
    assert "30 % of time, from 1 Nov 2026" in text
    assert "Prototyping" not in text
    desk.click(page.drawer, "End Service designer")
    assert "30 % of time, from 1 Nov 2026" not in desk.texts(page.drawer)
    assert desk.workspace.people.profile(1).secondary == ()


def test_secondary_role_offers_only_role_levels(desk: Desk, full: Path) -> None:
    page = open_person(desk, full, "1001")
    desk.click(page.drawer, "Add secondary role")
    rows = desk.dialog(SecondaryRoleDialog).pane.table.rows
    assert all(rows.record(row).choice.role_level_id for row in range(rows.rowCount()))


def test_read_only_workspace_shows_secondary_roles_and_offers_nothing(desk: Desk, full: Path) -> None:
    page = open_person(desk, full, "1001")
    designer = level_named(desk.workspace.roles.role_levels(), "Service designer")
    desk.workspace.roles.add_secondary_role(1, designer.role_level_id, 25)
    desk.workspace.close()
    page = open_person(desk, full, "1001", read_only=True)
    assert "Service designer: 25 % of time, from 23 Nov 2026" in desk.texts(page.drawer)
    assert "Add secondary role" not in [
        button.text() for button in page.drawer.findChildren(type(page.pane._columns))
    ]


def test_our_own_role_is_made_from_a_level_and_marked(desk: Desk, full: Path) -> None:
    page = desk.open(full, "frameworks")
    page.open_level(page.result.cards[0])
    desk.settle()
    desk.click(page.drawer, "Make our own role…")
    dialog = desk.dialog(OwnRoleDialog)
    assert levels(dialog) == {"Data modelling": 1, "Programming": 2}
    desk.click(dialog, "Make our own role")
    assert "Name: enter" in dialog.problem.text()
    desk.type_into(dialog.name, "Pipeline engineer")
    desk.press(dialog.name, Qt.Key.Key_Tab)
    assert dialog.focusWidget().accessibleName() in ("Skills required", "Required level of Data modelling")
    desk.click(dialog, "Remove Data modelling")
    dialog.added.setCurrentText("Testing")
    desk.click(dialog, "Add skill")
    testing = next(
        box for box in dialog.findChildren(QComboBox) if box.accessibleName() == "Required level of Testing"
    )
    assert desk.window.focusWidget() is testing or testing.hasFocus()
    desk.press(testing, Qt.Key.Key_Down)
    assert levels(dialog) == {"Programming": 2, "Testing": 3}
    desk.click(dialog, "Make our own role")
    card = next(card for card in page.result.cards if card.is_own)
    assert (card.role_level, card.based_on, card.origin) == ("Pipeline engineer", "Data engineer", "Our own")
    needs = desk.workspace.frameworks.needs(card.role_level_id)
    assert {need.skill: need.required for need in needs} == {"Programming": 2, "Testing": 3}
    text = desk.texts(page.drawer)
    assert "Our own role, based on" in text
    assert "Pipeline engineer, our own" in text


def test_a_name_that_is_taken_keeps_the_dialog_open_and_says_so(desk: Desk, full: Path) -> None:
    page = desk.open(full, "frameworks")
    page.open_level(page.result.cards[0])
    desk.settle()
    desk.click(page.drawer, "Make our own role…")
    dialog = desk.dialog(OwnRoleDialog)
    desk.type_into(dialog.name, "senior data engineer")
    desk.press(dialog.name, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert "has a level" in dialog.problem.text()


def test_our_own_role_is_made_while_choosing_and_offered_at_once(desk: Desk, full: Path) -> None:
    page = open_person(desk, full, "1004")
    desk.click(page.drawer, "Choose role")
    choose = desk.dialog(RoleDialog)
    desk.click(choose, "Make our own role…")
    assert "Choose the role level" in choose.problem.text()
    choose.pane.table.choose_row(2)
    desk.click(choose, "Make our own role…")
    own = next(one for one in choose.findChildren(OwnRoleDialog) if one.isVisible())
    desk.type_into(own.name, "Form designer")
    desk.click(own, "Make our own role")
    assert choose.pane.table.current_record().role_level == "Form designer"
    desk.press(choose.pane.table, Qt.Key.Key_Return)
    assert desk.workspace.people.by_staff_id("1004").role_level == "Form designer"


def test_title_is_decided_from_an_earlier_day(desk: Desk, full: Path) -> None:
    page = desk.open(full, "role_mapping")
    page.table.setFocus()
    page.table.choose_row(0)
    desk.press(page.table, Qt.Key.Key_S)
    dialog = desk.dialog(RoleDialog)
    assert dialog.since.maximumDate() == QDate(2026, 11, 23)
    dialog.since.setDate(QDate(2026, 6, 1))
    desk.type_into(dialog.pane.filter, "senior data")
    desk.press(dialog.pane.filter, Qt.Key.Key_Return)
    (entry,) = desk.workspace.people.profile(4).roles
    assert (entry.valid_from, entry.valid_to) == (date(2026, 6, 1), None)
    assert desk.workspace.people.by_staff_id("1004").role_level == "Senior data engineer"
