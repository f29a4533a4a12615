"""The career map page: its map, a role level's people, hidden names, share mode, the role family of the bar."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.ui.parts.line_list import LineList
from app.workspace import Workspace
from tests.builders import (
    ROLES,
    USER,
    clock,
    load_courses,
    load_people,
    load_ratings,
    make_course,
    make_people,
    make_person,
    make_rating,
    write_rows,
)
from tests.ui.pages.desk import Desk

LEVELS = sorted(name for levels in ROLES.values() for name, _needed in levels)


@pytest.fixture
def near(small: Path, tmp_path: Path) -> Path:
    """Two service designers of whom one step of programming makes a data engineer, or two."""
    people = [
        make_person("1", name="Asha Rahman", role_level="Service designer"),
        make_person("2", name="Ben Okafor", role_level="Service designer"),
    ]
    needed = next(asked for levels in ROLES.values() for name, asked in levels if name == "Data engineer")
    ratings = [
        make_rating(person, skill, max(level - (lacks if skill == "Programming" else 0), 0))
        for person, lacks in (("1", 2), ("2", 1))
        for skill, level in needed.items()
        if level
    ]
    with Workspace.open(small, user=USER, clock=clock) as ws:
        load_people(ws, make_people(tmp_path / "people.csv", people))
        load_ratings(ws, write_rows(tmp_path / "ratings.csv", ratings))
        load_courses(ws, write_rows(tmp_path / "courses.csv", [make_course()]))
    return small


def _open_level(page: Any, desk: Desk, name: str) -> list[LineList]:
    """Enter on the line of a role level; the lists of the drawer."""
    rows, table = page.pane.table.rows, page.pane.table
    table.setFocus()
    table.choose_row(next(at for at in range(rows.rowCount()) if rows.record(at).role_level == name))
    desk.press(table, Qt.Key.Key_Return)
    assert not page.drawer.isHidden()
    return page.drawer.content.findChildren(LineList)


def test_a_role_level_opens_its_nearest_and_a_person_leads_to_people(desk: Desk, near: Path) -> None:
    workforce = desk.open(near, "workforce")
    desk.click(workforce, "Career map")
    page: Any = desk.window.page
    assert page.key == "career_map"
    rows = page.pane.table.rows
    assert sorted(rows.record(at).role_level for at in range(rows.rowCount())) == LEVELS
    levels, people = _open_level(page, desk, "Data engineer")
    away = page.result.distances[page._chosen.role_level_id]
    assert [one.record for one in levels.lines] == [one.end for one in away]
    assert [one.title for one in people.lines] == ["Ben Okafor", "Asha Rahman"]
    assert people.lines[0].detail.startswith("1 step · ")
    assert "Role levels near to Data engineer" in desk.texts(page)
    people.setFocus()
    people.setCurrentRow(0)
    desk.press(people, Qt.Key.Key_Return)
    assert desk.window.page is not None
    assert desk.window.page.key == "people"


def test_the_map_is_a_table_too_and_the_family_narrows_it(desk: Desk, near: Path) -> None:
    page: Any = desk.open(near, "career_map")
    desk.click(page, "Show as table")
    assert page.chart._table.table.rows.rowCount() == len(LEVELS)
    page.context.scope.set(replace(page.context.scope.scope, role_family="Data"))
    desk.settle()
    rows = page.pane.table.rows
    assert {rows.record(at).family for at in range(rows.rowCount())} == {"Data"}
    assert page.chart._table.table.rows.rowCount() == rows.rowCount() < len(LEVELS)
    _open_level(page, desk, "Data engineer")
    assert page.chart._table.table.rows.rowCount() == rows.rowCount() - 1, "from the one to each other"
    desk.click(page, "Whole map")
    assert page.drawer.isHidden()
    assert page.chart._table.table.rows.rowCount() == rows.rowCount()


def test_hidden_names_and_a_shared_screen_name_nobody(desk: Desk, near: Path) -> None:
    page: Any = desk.open(near, "career_map")
    page.context.settings.put("hide_names", True)
    _levels, people = _open_level(page, desk, "Data engineer")
    assert [one.title for one in people.lines] == ["Staff 2", "Staff 1"]
    page.context.settings.put("share_mode", True)
    page.load()
    desk.settle()
    assert len(page.drawer.content.findChildren(LineList)) == 1
    assert "Share mode is on, so nobody is shown." in desk.texts(page)
    page.context.settings.put("share_mode", False)
    page.context.settings.put("hide_names", False)


def test_without_a_framework_the_page_says_so(desk: Desk, bare: Path) -> None:
    page: Any = desk.open(bare, "career_map")
    assert page.state == "empty"
    desk.click(page, "Load framework")
    assert desk.window.page is not None
    assert desk.window.page.key == "frameworks"


def test_a_mark_of_the_map_is_clicked_and_says_its_name(desk: Desk, near: Path, qtbot: Any) -> None:
    page: Any = desk.open(near, "career_map")
    picture = page.chart._picture
    qtbot.waitUntil(lambda: not picture.is_drawing, timeout=20_000)
    assert len(picture._marks) == len(page.result.places)
    for mark in list(picture._marks)[:2]:
        assert mark.words.startswith(page._drawn[mark.number].name)
        assert picture.mark_at(QPointF(mark.x, mark.y)) is mark
    mark = picture._marks[0]
    level = page._drawn[mark.number]
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPointF(mark.x, mark.y).toPoint())
    desk.settle()
    assert not page.drawer.isHidden()
    assert page._chosen == level
