"""The other views of skill gaps and share mode, in the window, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication

from app.services.gap_groups import GapDimension
from app.services.skills import SkillTag
from app.ui.pages.gaps import KEYS
from app.ui.parts.gap_details import CellDetails, GroupDetails, PersonGaps, Refused
from app.ui.parts.gap_few import FewDetails
from app.workspace import Workspace
from tests.builders import ROLES, make_person, make_rating, make_workspace
from tests.ui.pages.conftest import settle
from tests.ui.tab_order import stops_after, stops_before

PEOPLE = [
    make_person(f"{1000 + at}", name=f"Person {at}", department=("Revenue", "Transport")[at % 2], unit="Data")
    for at in range(16)
]
RATINGS = [
    *(make_rating(f"{1000 + at}", "Programming", at % 3) for at in range(15)),
    make_rating("1000", "Data modelling", 3),
    make_rating("1002", "Data modelling", 0),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "gaps.muster", roles=ROLES, people=PEOPLE, ratings=RATINGS)


@pytest.fixture
def page(workspace: Workspace, open_page: Callable[..., Any]) -> Any:
    return open_page(workspace, "gaps")


def wait(page: Any, qtbot: Any) -> None:
    settle(page.window(), qtbot)


def walk_to(page: Any, qtbot: Any, key: str) -> None:
    """Walk along the tabs with the arrow keys."""
    page.tabs.setFocus()
    for _ in range(KEYS.index(key) - page.tabs.currentIndex()):
        qtbot.keyClick(page.tabs, Qt.Key.Key_Right)
        wait(page, qtbot)


def open_first(table: Any, page: Any, qtbot: Any) -> None:
    table.setFocus()
    table.choose_row(0)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    wait(page, qtbot)


def test_tabs_lead_to_every_view_and_each_has_its_answer(page: Any, qtbot: Any) -> None:
    answers = []
    for key in KEYS:
        walk_to(page, qtbot, key)
        assert page.state == "full"
        answers.append(page._answer.text())
    assert len(set(answers)) == len(KEYS)
    assert all(answers)


def test_who_holds_a_skill_alone_leads_to_the_person(page: Any, qtbot: Any) -> None:
    walk_to(page, qtbot, "few")
    records = [page.view.pane.table.rows.record(row) for row in range(page.view.pane.table.rows.rowCount())]
    modelling = next(row for row, one in enumerate(records) if one.skill == "Data modelling")
    assert records[modelling].who == "Person 0"
    page.view.pane.table.setFocus()
    page.view.pane.table.choose_row(modelling)
    qtbot.keyClick(page.view.pane.table, Qt.Key.Key_Return)
    assert isinstance(page.drawer.content, FewDetails)
    qtbot.keyClick(page.drawer.content.list, Qt.Key.Key_Return)
    wait(page, qtbot)
    assert isinstance(page.drawer.content, PersonGaps)


def test_a_comparison_leads_to_the_people_of_a_department(page: Any, qtbot: Any) -> None:
    walk_to(page, qtbot, "compare")
    open_first(page.view.lines.table, page, qtbot)
    assert isinstance(page.drawer.content, CellDetails)


def test_weight_and_tag_are_set_and_the_map_marks_the_skill(
    page: Any, workspace: Workspace, qtbot: Any
) -> None:
    walk_to(page, qtbot, "skills")
    table = page.view.pane.table
    table.setFocus()
    row = next(at for at in range(table.rows.rowCount()) if table.rows.record(at).skill == "Programming")
    table.choose_row(row)
    dialog = page.view.change()
    dialog.weight.setValue(2.5)
    dialog.tag.setCurrentIndex(dialog.tag.findData(SkillTag.STRATEGIC))
    qtbot.keyClick(dialog.save_button, Qt.Key.Key_Space)
    wait(page, qtbot)
    mark = workspace.skills.marks()["Programming"]
    assert (mark.weight, mark.tag) == (2.5, SkillTag.STRATEGIC)
    page.show_view("map")
    wait(page, qtbot)
    cells = page.map.heatmap.cells
    at = [cells.column_label(one) for one in range(cells.columnCount())].index("Programming")
    assert cells.column_tag(at) == "strategic"
    spoken = cells.headerData(at, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Programming, strategic, coverage 94 %"


def test_choosing_the_other_dimension_turns_the_map_round(page: Any, qtbot: Any) -> None:
    page.map.rows_choice.setCurrentIndex(page.map.rows_choice.findData(GapDimension.SKILL))
    wait(page, qtbot)
    assert page.map.columns is GapDimension.DEPARTMENT
    labels = list(page.map.heatmap.cells.source.row_labels)
    assert labels[0] == "All skills"
    page.map.heatmap.choose_cell(labels.index("Programming"), 1)
    page.map.heatmap.setFocus()
    qtbot.keyClick(page.map.heatmap.grid, Qt.Key.Key_Return)
    wait(page, qtbot)
    assert isinstance(page.drawer.content, CellDetails)


def test_the_map_is_copied_with_coverage(page: Any, qtbot: Any) -> None:
    page.map.heatmap.setFocus()
    qtbot.keyClick(page.map.heatmap.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0][:3] == ["", "Coverage", "All skills"]
    assert lines[1][0] == "Coverage"
    assert next(line[0] for line in lines[2:]) == "All departments"
    assert len({len(line) for line in lines}) == 1


# --- share mode ---------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(page: Any, qtbot: Any) -> Any:
    page.window().switch_share_mode()
    wait(page, qtbot)
    return page


def test_share_mode_shows_no_small_count_on_the_map_nor_in_what_is_copied(shared: Any) -> None:
    cells = shared.map.heatmap.cells
    text = shared.map.heatmap.copied_text()
    assert "[c]" in text
    source = cells.source
    for row in range(cells.rowCount()):
        for column in range(cells.columnCount()):
            cell = cells.cell(row, column)
            counts = (cell.required, cell.assessed, cell.required - cell.assessed, cell.short,
                      cell.assessed - cell.short)  # fmt: skip
            if any(0 < count < 5 for count in counts):
                assert cell.is_hidden
                assert cells.index(row, column).data() == "[c]"
    assert source.hidden is not None
    assert shared.window().status.share.isChecked()


def test_share_mode_refuses_people_with_a_sentence_and_can_be_left_there(shared: Any, qtbot: Any) -> None:
    shared.map.heatmap.choose_cell(0, 1)
    shared.map.heatmap.setFocus()
    qtbot.keyClick(shared.map.heatmap.grid, Qt.Key.Key_Return)
    wait(shared, qtbot)
    refused = shared.drawer.content
    assert isinstance(refused, Refused)
    assert refused.sentence.text().startswith(
        "Share mode is on, so the people behind a figure are not shown."
    )
    qtbot.keyClick(refused.leave, Qt.Key.Key_Space)
    wait(shared, qtbot)
    assert not shared.context.settings.flag("share_mode")
    assert shared.map.heatmap.cells.source.hidden is None


@pytest.mark.parametrize("key", KEYS)
def test_no_view_names_anybody_in_share_mode(shared: Any, qtbot: Any, key: str) -> None:
    shared.show_view(key)
    wait(shared, qtbot)
    assert shared.state == "full"
    pane = getattr(shared.view, "pane", None) or getattr(shared.view, "lines", None)
    if pane is not None:
        assert "Person" not in pane.table.copied_text().replace("People", "")
    assert "Person 0" not in shared._answer.text()


def test_share_mode_is_remembered_and_hides_names_everywhere(shared: Any) -> None:
    settings = shared.context.settings
    assert type(settings)(settings._file.parent).flag("share_mode")
    assert settings.flag("hide_names")


def test_a_group_too_small_to_show_says_so(shared: Any, qtbot: Any) -> None:
    shared.map.rows_choice.setCurrentIndex(shared.map.rows_choice.findData(GapDimension.ROLE))
    wait(shared, qtbot)
    for group in shared.result.head.heatmap.groups:
        shared.open_group(group.key)
        assert isinstance(shared.drawer.content, GroupDetails)


@pytest.mark.parametrize("key", ["overview", "assessments"])
def test_other_pages_hold_back_what_rests_on_few(
    tmp_path: Path, open_page: Callable[..., Any], qtbot: Any, key: str
) -> None:
    few = [make_person("1", department="Tiny"), *PEOPLE]
    page = open_page(make_workspace(tmp_path / "b.muster", roles=ROLES, people=few, ratings=RATINGS), key)
    page.window().switch_share_mode()
    wait(page, qtbot)
    table = page.departments.table
    line = next(row for row in table.copied_text().splitlines() if row.startswith("Tiny"))
    assert "[c]" in line
    assert "\t1\t" not in f"{line}\t"


@pytest.mark.parametrize("key", KEYS[1:])
def test_a_view_is_made_when_first_shown_and_tab_leads_into_it(page: Any, qtbot: Any, key: str) -> None:
    view = page.all_views[KEYS.index(key)]
    assert not view.is_built
    walk_to(page, qtbot, key)
    assert view.is_built
    between = stops_before(view, stops_after(page.tabs))
    assert not any(page.isAncestorOf(one) for one in between), "nothing of the page comes between"


def test_views_nobody_has_looked_at_take_another_size_and_look(page: Any, qtbot: Any) -> None:
    """Qt sizes and polishes every view of a page; an exception there, and one more, ended the program."""
    waiting = [view for view in page.all_views if not view.is_built]
    assert len(waiting) == len(KEYS) - 1
    for view in waiting:
        for kind in (QResizeEvent(QSize(900, 600), QSize(10, 10)), QShowEvent(), QHideEvent(),
                     QEvent(QEvent.Type.StyleChange), QEvent(QEvent.Type.FontChange)):  # fmt: skip
            QApplication.sendEvent(view, kind)
        assert not view.is_built
