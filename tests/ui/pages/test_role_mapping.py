"""The review of job titles, driven by the keyboard over a real workspace."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.files.options import ReadOptions
from app.progress import silent
from app.services.scope import Scope
from app.terms import MatchKind
from app.ui.parts.accept_above import AcceptAboveDialog
from app.ui.parts.person_details import RoleDialog
from app.workspace import Workspace
from tests.builders import USER, clock, make_people, make_person
from tests.counts import is_whole

TITLES = (
    "Senior Data Engineer",
    "Snr Dev",
    "Delivery Manager",
    "Policy Adviser",
    "User Researcher",
    "Caseworker",
)


NO_ROLE = {"role_family": "", "role": "", "role_level": ""}


def opened(path: Path) -> Workspace:
    return Workspace.open(path, user=USER, clock=clock)


def with_titles(workspace: Path, folder: Path, titles: list[str]) -> Workspace:
    ws = opened(workspace)
    people = [
        make_person(str(1000 + place), job_title=title, grade=("SEO", "HEO")[place % 2], **NO_ROLE)
        for place, title in enumerate(titles)
    ]
    path = make_people(folder / "people.csv", people)
    ws.people.commit_import(ws.people.preview_import(path, ReadOptions(), silent()), silent())
    return ws


@pytest.fixture
def page(furnished: Path, tmp_path: Path, open_page: Any) -> Any:
    titles = [title for place, title in enumerate(TITLES) for _ in range(6 - place)]
    return open_page(with_titles(furnished, tmp_path, titles), "role_mapping")


def press(page: Any, qtbot: Any, key: Qt.Key) -> None:
    QTest.keyClick(page.table, key)
    qtbot.waitUntil(lambda: page.context.jobs.is_idle, timeout=10_000)


def titles_left(page: Any) -> list[str]:
    return [page.table.rows.record(row).title for row in range(page.table.rows.rowCount())]


def board(page: Any) -> Any:
    return page.context.workspace.roles.board(Scope())


def test_largest_groups_come_first_with_a_suggestion_and_a_reason(page: Any) -> None:
    assert titles_left(page) == list(TITLES)
    first = page.table.rows.record(0)
    assert (first.headcount, first.suggestion) == (6, "Senior data engineer (Data engineer)")
    assert first.reason
    assert page._answer.text() == "0 of 21 people mapped; 6 titles left."


def test_enter_accepts_and_the_next_title_is_in_focus(page: Any, qtbot: Any) -> None:
    page.table.setFocus()
    page.table.choose_row(0)
    press(page, qtbot, Qt.Key.Key_Return)
    assert titles_left(page) == list(TITLES[1:])
    assert page.table.current_record().title == TITLES[1]
    assert page._answer.text() == "6 of 21 people mapped; 5 titles left."
    assert board(page).mapped == 6


def test_j_and_k_move_n_is_not_digital_and_u_takes_it_back(page: Any, qtbot: Any) -> None:
    page.table.setFocus()
    page.table.choose_row(0)
    for key in (Qt.Key.Key_J, Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_J, Qt.Key.Key_J):
        press(page, qtbot, key)
    assert page.table.current_record().title == "Policy Adviser"
    press(page, qtbot, Qt.Key.Key_N)
    assert "Policy Adviser" not in titles_left(page)
    assert board(page).not_digital == 3
    press(page, qtbot, Qt.Key.Key_U)
    assert titles_left(page) == list(TITLES)
    assert (board(page).not_digital, len(board(page).groups)) == (0, 6)


def test_a_number_chooses_that_suggestion(page: Any, qtbot: Any) -> None:
    page.table.setFocus()
    page.table.choose_row(0)
    second = page.table.current_record().group.suggestions[1]
    press(page, qtbot, Qt.Key.Key_2)
    rules = page.context.workspace.roles.rules()
    assert [(rule.kind, rule.role) for rule in rules] == [(second.kind, second.role)]


def test_s_finds_any_role_by_typing(page: Any, qtbot: Any) -> None:
    page.table.setFocus()
    page.table.choose_row(1)
    press(page, qtbot, Qt.Key.Key_S)
    dialog = page.findChildren(RoleDialog)[-1]
    QTest.keyClicks(dialog.pane.filter, "lead developer software")
    offered = [dialog.pane.table.rows.record(row) for row in range(dialog.pane.table.rows.rowCount())]
    assert "Software developer" in {one.role for one in offered}
    assert all("software" in f"{one.role_level} {one.role} {one.family}".lower() for one in offered)
    QTest.keyClick(dialog.pane.filter, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.context.jobs.is_idle, timeout=10_000)
    assert "Snr Dev" not in titles_left(page)
    assert page.context.workspace.roles.rules()[0].role_level == offered[0].role_level


def test_a_part_by_grade_is_decided_apart_and_makes_no_rule(page: Any, qtbot: Any) -> None:
    page.table.setFocus()
    page.table.choose_row(0)
    details = page.drawer.content
    details.part.setCurrentIndex(1)
    details.not_digital.emit(details._chosen())
    qtbot.waitUntil(lambda: page.context.jobs.is_idle, timeout=10_000)
    assert page.table.rows.record(page.table.rows.rowCount() - 1) is not None
    rest = {page.table.rows.record(row).title: page.table.rows.record(row).headcount for row in range(6)}
    assert rest["Senior Data Engineer"] == 3
    assert page.context.workspace.roles.rules() == ()


def test_accepting_above_a_score_shows_what_it_accepts_first(page: Any, qtbot: Any) -> None:
    page.action_button("Accept all above a score").click()
    dialog = page.findChildren(AcceptAboveDialog)[-1]
    qtbot.waitUntil(dialog.take.isEnabled, timeout=10_000)
    accepted = dialog.pane.table.rows.rowCount()
    assert 0 < accepted <= 6
    assert dialog.take.text().startswith(f"Accept {accepted} suggestions for ")
    dialog.take.click()
    qtbot.waitUntil(lambda: page.context.jobs.is_idle, timeout=10_000)
    assert len(board(page).groups) == 6 - accepted


def test_with_nothing_left_the_page_says_so_and_points_on(page: Any, qtbot: Any) -> None:
    page.table.setFocus()
    page.table.choose_row(0)
    for _ in TITLES:
        press(page, qtbot, Qt.Key.Key_N)
    assert page.state == "empty"
    assert board(page).left == 0


def test_an_empty_workspace_points_to_the_extract(furnished: Path, open_page: Any) -> None:
    page = open_page(opened(furnished), "role_mapping")
    assert page.state == "empty"


def test_confirmed_titles_are_listed_and_can_be_forgotten(page: Any, qtbot: Any) -> None:
    page.table.setFocus()
    page.table.choose_row(0)
    press(page, qtbot, Qt.Key.Key_Return)
    page.action_button("Confirmed titles").click()
    qtbot.waitUntil(lambda: page.drawer._title.text() == "Confirmed titles", timeout=5_000)
    rule = page.context.workspace.roles.rules()[0]
    assert (rule.kind, rule.role_level) == (MatchKind.ROLE, "Senior data engineer")


def test_a_whole_department_is_reviewed_by_keyboard_alone(
    furnished: Path, tmp_path: Path, open_page: Any, qtbot: Any
) -> None:
    """5,000 people in 900 titles with --all (a tenth without): every key is a real key press, no mouse."""
    size = 900 if is_whole() else 90
    chance = random.Random(7)
    stems = [f"{TITLES[place % len(TITLES)]}, team {place}x{place}" for place in range(size)]
    titles = stems + chance.choices(stems, k=size * 41 // 9)
    page = open_page(with_titles(furnished, tmp_path, titles), "role_mapping")
    page.table.setFocus()
    page.table.choose_row(0)
    keys = (Qt.Key.Key_Return, Qt.Key.Key_N, Qt.Key.Key_D, Qt.Key.Key_2)
    number = 0
    while page.state == "full":
        QTest.keyClick(page.table, keys[number % len(keys)])
        number += 1
        for dialog in page.findChildren(RoleDialog):
            # a suggestion without a clear level asks for one: take the first that is offered
            QTest.keyClick(dialog.pane.filter, Qt.Key.Key_Return)
        assert number < 3 * size
    qtbot.waitUntil(lambda: page.context.jobs.is_idle, timeout=120_000)
    found = board(page)
    assert (found.left, found.mapped + found.not_digital) == (0, len(titles))
