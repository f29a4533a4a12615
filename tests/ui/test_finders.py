"""Ctrl+K over a real workspace: people and role levels; and the switch that hides names."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from app.progress import silent
from app.ui.go_to import GoTo
from tests.ui.pages.desk import Desk
from tests.ui.pages.desk_fixtures import desk, full, full_template
from tests.workspace_fixtures import fixed_surroundings

__all__ = ["desk", "fixed_surroundings", "full", "full_template"]


def found(desk: Desk, words: str) -> list[str]:
    return [one.title for one in desk.window.workbench.context.navigator.find(words, silent())]


def test_people_are_found_by_name_number_and_title(desk: Desk, full: Path) -> None:
    desk.open(full, "overview")
    assert found(desk, "okafor") == ["Ben Okafor"]
    assert found(desk, "1003") == ["Carys Pugh"]
    assert "Dev Patel" in found(desk, "POST with")
    assert found(desk, "nobody of that name") == []


def test_names_that_are_hidden_are_not_found(desk: Desk, full: Path) -> None:
    desk.open(full, "people")
    desk.window.switch_names()
    desk.settle()
    assert found(desk, "okafor") == []
    assert found(desk, "1002") == ["Staff ID 1002"]
    columns = [column.key for column in desk.window.page.pane.table.rows.columns]
    assert "name" not in columns
    desk.window.switch_names()
    desk.settle()
    columns = [column.key for column in desk.window.page.pane.table.rows.columns]
    assert "name" in columns


def test_enter_in_go_to_opens_the_person(desk: Desk, full: Path, qtbot: object) -> None:
    desk.open(full, "overview")
    desk.window.go_to()
    dialog = desk.dialog(GoTo)
    desk.type_into(dialog.words, "carys")
    qtbot.waitUntil(lambda: dialog.found.count() > 0, timeout=5_000)  # type: ignore[attr-defined]
    desk.press(dialog.words, Qt.Key.Key_Return)
    assert desk.window.page.key == "people"
    assert "Carys Pugh" in desk.texts(desk.window.page.drawer)


def test_role_level_leads_to_its_skills(desk: Desk, full: Path) -> None:
    desk.open(full, "overview")
    navigator = desk.window.workbench.context.navigator
    role = next(one for one in navigator.find("senior data", silent()) if one.page == "frameworks")
    navigator.follow(role)
    desk.settle()
    assert "Senior data engineer" in desk.texts(desk.window.page.drawer)
    assert "Data modelling" in desk.texts(desk.window.page.drawer)
