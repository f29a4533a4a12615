"""The overview: figures, departments, the next step, and the ways on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from app.errors import StoreError
from app.services.scope import Scope
from app.ui.formats import share
from tests.ui.pages.desk import Desk, FileDialogs


def name_of(widget: Any) -> str:
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name)


def test_answer_names_share_met_and_department_furthest_from_ready(desk: Desk, full: Path) -> None:
    page = desk.open(full, "overview")
    found = desk.window.workspace.overview.figures(Scope())
    assert found.furthest is not None
    text = desk.texts(page)
    assert f"{share(found.totals.readiness)} of assessed requirements are met" in text
    assert f"{found.furthest.label} is furthest from ready" in text


def test_departments_come_least_ready_first_with_their_share(desk: Desk, full: Path) -> None:
    page = desk.open(full, "overview")
    rows = page.departments.table.rows
    shown = [(rows.text(row, 0), rows.text(row, 1)) for row in range(rows.rowCount())]
    assert shown == [("Home Office", "33 %"), ("Transport", "100 %")]


def test_empty_workspace_shows_the_first_step_and_nothing_else(desk: Desk, bare: Path) -> None:
    page = desk.open(bare, "overview")
    assert not page.departments.isVisible()
    assert not any(tile.isVisible() for tile in page.tiles.values())
    assert [action.text for action in page.actions_offered] == ["Load framework"]
    visible = [key.value for key, row in page.steps.rows.items() if row.button.isVisible()]
    assert visible == ["framework"]


def test_next_step_button_leads_to_its_page(desk: Desk, full: Path) -> None:
    page = desk.open(full, "overview")
    assert [action.text for action in page.actions_offered] == ["Review roles"]
    asked: list[tuple[str, dict[str, Any]]] = []
    page.context.navigator.asked.connect(lambda where, about: asked.append((where, about)))
    desk.click(page.steps, page.steps.rows[next(iter(page.steps.rows))].button.accessibleName())
    assert asked == [("frameworks", {})]


def test_load_hr_extract_step_opens_the_file_dialog(
    desk: Desk, small: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(small, "overview")
    desk.click(page, "Load HR extract")
    assert file_dialogs.titles == ["Load HR extract"]
    assert desk.window.page.key == "people"


def test_department_opens_with_enter_and_leads_to_its_people(desk: Desk, full: Path) -> None:
    page = desk.open(full, "overview")
    table = page.departments.table
    table.setFocus()
    table.choose_row(1)
    desk.press(table, Qt.Key.Key_Return)
    assert page.drawer.isVisible()
    assert "Transport" in desk.texts(page.drawer)
    desk.click(page.drawer, "Show people")
    assert page.context.scope.scope == Scope(departments=("Transport",))
    assert desk.window.page.key == "people"


def test_escape_closes_the_drawer_and_gives_the_keyboard_back(desk: Desk, full: Path) -> None:
    page = desk.open(full, "overview")
    table = page.departments.table
    table.setFocus()
    table.choose_row(0)
    desk.press(table, Qt.Key.Key_Return)
    desk.press(table, Qt.Key.Key_Escape)
    assert not page.drawer.isVisible()
    assert table.hasFocus()


def test_scope_without_people_says_so_instead_of_zeros(desk: Desk, full: Path) -> None:
    page = desk.open(full, "overview")
    state = page.context.scope
    state.set(replace(state.scope, role_family="Nothing of the kind"))
    desk.settle()
    assert "Nobody is in this scope" in desk.texts(page)
    assert "0 %" not in desk.texts(page)


def test_a_refusal_is_told_with_a_way_on(desk: Desk, full: Path) -> None:
    page = desk.open(full, "overview")

    def refuse(_progress: object) -> object:
        raise StoreError("The workspace cannot be read.", "Check the disk.")

    page.ask = lambda: refuse
    page.load()
    desk.settle()
    assert page.state == "error"
    assert "The workspace cannot be read." in desk.texts(page)


def test_export_writes_the_workbook_with_small_counts_hidden(
    desk: Desk, full: Path, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(full, "overview")
    file_dialogs.answers = [tmp_path / "gaps.xlsx"]
    page.export()
    desk.settle()
    assert (tmp_path / "gaps.xlsx").stat().st_size > 1000
    assert "Saved as gaps.xlsx" in page.banner.sentence


def test_steps_and_tiles_have_names_a_screen_reader_can_say(desk: Desk, full: Path) -> None:
    page = desk.open(full, "overview")
    assert page.tiles["people"].accessibleName() == "4 people"
    names = [name_of(row.button) for row in page.steps.rows.values() if row.button.isVisible()]
    assert len(set(names)) == len(names)
    assert all(len(name) > 6 for name in names)
