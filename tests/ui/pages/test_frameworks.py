"""Frameworks: versions, what a level requires, the order of seniority, loading, comparing, making current."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from app.ui.import_preview import ImportDialog
from app.ui.parts.framework_compare import CompareDialog
from tests.builders import ROLES, make_framework
from tests.shared_data import path as shared_path
from tests.ui.pages.desk import Desk, FileDialogs

NEW_ROLES = {
    **ROLES,
    ("Design", "Service designer"): (("Service designer", {"Prototyping": 4, "Testing": 2}),),
}


def open_level(desk: Desk, page: Any, name: str) -> str:
    table = page.pane.table
    names = [card.role_level for card in page.result.cards]
    table.setFocus()
    table.choose_row(names.index(name))
    desk.press(table, Qt.Key.Key_Return)
    return desk.texts(page.drawer)


def load(desk: Desk, page: Any, file_dialogs: FileDialogs, path: Path) -> ImportDialog:
    file_dialogs.answers = [path]
    desk.click(page, "Load framework")
    return desk.dialog(ImportDialog)


def two_versions(desk: Desk, page: Any, file_dialogs: FileDialogs, tmp_path: Path) -> None:
    dialog = load(desk, page, file_dialogs, make_framework(tmp_path / "Second.csv", NEW_ROLES))
    desk.click(dialog, "Load framework")
    desk.click(dialog, "Close")


def test_current_version_and_its_role_levels_are_shown(desk: Desk, full: Path) -> None:
    page = desk.open(full, "frameworks")
    assert "is current: 2 roles in 3 levels, 3 people mapped to it" in desk.texts(page)
    assert [card.role_level for card in page.result.cards] == [
        "Data engineer", "Senior data engineer", "Service designer",
    ]  # fmt: skip


def test_level_opens_with_enter_and_shows_required_levels(desk: Desk, full: Path) -> None:
    page = desk.open(full, "frameworks")
    text = open_level(desk, page, "Senior data engineer")
    assert "Data modelling" in text
    assert "Practitioner" in text
    assert "Working" in text


def test_order_of_seniority_is_moved_and_saved_with_the_keyboard(desk: Desk, full: Path) -> None:
    page = desk.open(full, "frameworks")
    open_level(desk, page, "Senior data engineer")
    up = next(
        made for made in page.drawer.findChildren(type(page.action_button("Load framework")))
        if made.accessibleName() == "Move Senior data engineer up"
    )  # fmt: skip
    up.setFocus()
    desk.press(up, Qt.Key.Key_Space)
    cards = desk.workspace.frameworks.role_levels()
    assert [(card.role_level, card.seniority) for card in cards if card.role == "Data engineer"] == [
        ("Senior data engineer", 1), ("Data engineer", 2),
    ]  # fmt: skip
    focused = desk.window.focusWidget()
    assert focused.accessibleName() == "Move Senior data engineer down"


def test_empty_workspace_offers_the_file_and_the_framework_of_muster(
    desk: Desk, bare: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(bare, "frameworks")
    assert page.state == "empty"
    desk.click(page, "Load framework")
    assert file_dialogs.titles == ["Load framework"]
    desk.click(page, "Take the framework of Muster")
    assert page.state == "full"
    assert len(page.result.cards) > 150


def test_new_version_is_previewed_named_and_loaded_beside_the_old_one(
    desk: Desk, full: Path, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(full, "frameworks")
    dialog = load(desk, page, file_dialogs, make_framework(tmp_path / "Second.csv", NEW_ROLES))
    assert dialog.sentence.text() == "A new version with 2 roles, 3 role levels and 4 skills."
    field = dialog.kind.name_field
    field.selectAll()
    desk.type_into(field, "Spring release")
    desk.press(field, Qt.Key.Key_Return)
    desk.click(dialog, "Load framework")
    assert "“Spring release” is loaded" in desk.texts(dialog)
    assert [line.label for line in desk.workspace.frameworks.versions()][1] == "Spring release"
    assert len(page.result.versions) == 2


def test_same_facts_again_are_nothing_to_load(
    desk: Desk, full: Path, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(full, "frameworks")
    dialog = load(desk, page, file_dialogs, make_framework(tmp_path / "again.csv"))
    assert "is here already" in dialog.sentence.text()
    assert not dialog._load.isEnabled()


def test_versions_are_compared_and_one_is_made_current(
    desk: Desk, full: Path, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    page = desk.open(full, "frameworks")
    two_versions(desk, page, file_dialogs, tmp_path)
    desk.click(page, "Compare with…")
    dialog = desk.dialog(CompareDialog)
    assert "1 difference from" in dialog.answer.text()
    line = dialog.pane.table.rows.record(0)
    assert (line.kind.value, line.role, line.skill) == ("re-levelled", "Service designer", "Prototyping")
    desk.press(dialog, Qt.Key.Key_Escape)
    page.versions.setFocus()
    desk.press(page.versions, Qt.Key.Key_Down)
    chosen = page.result.shown.label
    assert not page.result.shown.is_current
    desk.click(page, "Make current")
    assert page.result.shown.label == chosen
    assert page.result.shown.is_current


def test_official_file_shows_its_oddities_and_takes_the_skill_file(
    desk: Desk, bare: Path, file_dialogs: FileDialogs
) -> None:
    roles = shared_path("framework/official_2025-09-25_role_content.csv")
    skills = shared_path("framework/official_2025-09-25_skill_content.csv")
    page = desk.open(bare, "frameworks")
    dialog = load(desk, page, file_dialogs, roles)
    titles = [dialog.tabs.tabText(place) for place in range(dialog.tabs.count())]
    assert any(title.startswith("Oddities") for title in titles)
    assert any(title.startswith(("Problems", "Notes")) for title in titles)
    assert "It becomes the current version." in dialog.sentence.text()
    file_dialogs.answers = [skills]
    desk.click(dialog, "Add skill file")
    assert f"Skill file: {skills.name}" in desk.texts(dialog)
    desk.click(dialog, "Load framework")
    assert page.result.shown.has_texts


def test_read_only_workspace_offers_no_changes(desk: Desk, full: Path) -> None:
    page = desk.open(full, "frameworks", read_only=True)
    text = open_level(desk, page, "Data engineer")
    assert "Order of seniority" in text
    assert page.actions_offered == ()


def test_table_and_versions_have_names(desk: Desk, full: Path) -> None:
    page = desk.open(full, "frameworks")
    assert page.versions.accessibleName() == "Framework versions"
    assert page.pane.table.accessibleName() == "Role levels"
