"""Data and history: what was done, taking it back, backups, checks, restoring."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget

from app.services.roles import Choice
from app.services.scope import Scope
from app.terms import MatchKind
from app.ui.dialogs import MessageDialog
from app.ui.parts.history_rows import age, size
from tests.ui.pages.desk import Desk, FileDialogs


def open_first(desk: Desk, page: Any) -> str:
    table = page.actions_pane.table
    table.setFocus()
    table.choose_row(0)
    desk.press(table, Qt.Key.Key_Return)
    return desk.texts(page.drawer)


def test_every_action_is_listed_newest_first(desk: Desk, full: Path) -> None:
    page = desk.open(full, "history")
    actions = [line.action for line in page.result.actions]
    assert actions == ["Load courses", "Load assessments", "Import HR extract", "Load framework"]
    assert "4 changes, the last on 23 Nov 2026" in desk.texts(page)


def test_new_workspace_says_that_nothing_was_changed(desk: Desk, bare: Path) -> None:
    page = desk.open(bare, "history")
    assert "Nothing was changed yet. There is no backup yet." in desk.texts(page)


def test_action_shows_its_rows_and_is_reverted_after_a_clear_question(desk: Desk, full: Path) -> None:
    page = desk.open(full, "history")
    desk.workspace.roles.set_role(4, Choice(MatchKind.NONE))
    page.load()
    desk.settle()
    text = open_first(desk, page)
    assert "Choose role" in text
    assert "1 row" in text.lower()
    desk.click(page.drawer, "Revert this action")
    question = desk.dialog(MessageDialog)
    assert question.sentence.text() == "Revert “Choose role” by tester?"
    assert "go back to what they were" in question.detail.text()
    question.press("Revert action")
    desk.settle()
    assert desk.workspace.people.table(Scope()).undecided == 1
    assert page.result.actions[1].state == "Reverted"
    assert page.banner.sentence == "Reverted: Choose role."


def test_action_that_others_stand_on_is_not_reverted_and_says_why(desk: Desk, full: Path) -> None:
    page = desk.open(full, "history")
    page.ask_revert(page.result.actions[3])
    desk.dialog(MessageDialog).press("Revert action")
    desk.settle()
    told = desk.dialog(MessageDialog)
    assert "Revert the later action first" in f"{told.sentence.text()} {told.detail.text()}"
    assert desk.workspace.frameworks.versions() != ()


def test_backup_is_made_listed_and_shown(desk: Desk, full: Path, file_dialogs: FileDialogs) -> None:
    page = desk.open(full, "history")
    desk.click(page, "Back up now")
    assert [line.state for line in page.result.backups] == ["Good"]
    page.tabs.setCurrentIndex(1)
    table = page.backups_pane.table
    table.setFocus()
    table.choose_row(0)
    desk.press(table, Qt.Key.Key_Return)
    desk.click(page.drawer, "Open folder")
    assert file_dialogs.folders == [page.result.backups[0].path]


def test_backup_is_restored_by_closing_and_opening_again(desk: Desk, full: Path) -> None:
    page = desk.open(full, "history")
    desk.click(page, "Back up now")
    desk.workspace.roles.set_role(4, Choice(MatchKind.NONE))
    page.open_backup(page.result.backups[0])
    desk.click(page.drawer, "Restore this backup")
    desk.dialog(MessageDialog).press("Restore backup")
    desk.settle()
    opened = desk.window.workspace
    assert opened is not None
    assert opened is not desk.workspace
    assert opened.people.table(Scope()).undecided == 1
    opened.close()


def test_checks_find_the_data_sound(desk: Desk, full: Path) -> None:
    page = desk.open(full, "history")
    desk.click(page, "Check data")
    assert page.banner.sentence == "All 6 checks found the data sound."
    assert page.checks_pane.table.rows.rowCount() == 6
    assert page.tabs.currentIndex() == 2


def test_checks_tell_what_is_wrong(desk: Desk, full: Path) -> None:
    with closing(sqlite3.connect(full)) as connection:
        connection.execute("UPDATE current_level SET level = 4 WHERE level = 0")
        connection.commit()
    page = desk.open(full, "history")
    desk.click(page, "Check data")
    assert "2 of 6 checks found something: 1 pairs differ from the history" in page.banner.sentence
    desk.click(page.banner, "Show backups")
    assert page.tabs.currentIndex() == 1


def test_a_write_elsewhere_in_the_window_appears(desk: Desk, full: Path) -> None:
    page = desk.open(full, "history")
    desk.window.jobs.write(lambda _progress: desk.workspace.roles.set_role(4, Choice(MatchKind.NONE)))
    desk.settle()
    assert page.result.actions[0].action == "Choose role"


def test_tabs_are_reached_by_keyboard_and_find_goes_to_the_filter_seen(desk: Desk, full: Path) -> None:
    page = desk.open(full, "history")
    bar = page.findChildren(QTabWidget)[0].tabBar()
    bar.setFocus()
    desk.press(bar, Qt.Key.Key_Right)
    assert page.tabs.currentIndex() == 1
    page.find()
    assert desk.window.focusWidget() is page.backups_pane.filter


def test_facts_name_the_folder_and_the_size(desk: Desk, full: Path) -> None:
    page = desk.open(full, "history")
    page.tabs.setCurrentIndex(3)
    desk.settle()
    text = desk.texts(page)
    assert str(full.parent) in text
    assert size(full.stat().st_size) in text


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5, minutes=59), "5 hours ago"),
        (timedelta(days=400), "400 days ago"),
    ],
)
def test_age_is_told_in_one_unit(since: timedelta, words: str) -> None:
    assert age(since) == words


def test_size_is_told_as_people_say_it() -> None:
    assert size(400) == "1 kB"
    assert size(812_400) == "812 kB"
    assert size(4_230_000) == "4.2 MB"
