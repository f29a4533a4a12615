"""Skill gaps in the window: the map, the people behind a figure, the way out to workbooks, pictures and plans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.errors import StoreError
from app.services.gaps import GapDimension
from app.services.scope import Scope
from app.terms import AssessedBy
from app.ui import dialogs
from app.ui.heatmap import Measure
from app.ui.parts.export_choice import ExportChoice
from app.ui.parts.gap_details import CellDetails, GroupDetails, PersonGaps
from app.workspace import Workspace
from tests.builders import ROLES, make_person, make_rating, make_workspace
from tests.ui.pages.conftest import settle

PEOPLE = [
    make_person("1001", name="Ada Ash", department="Revenue", unit="Data"),
    make_person("1002", name="Ben Beech", department="Revenue", unit="Data"),
    make_person("1003", name="Cy Cedar", department="Revenue", unit="Records"),
    make_person("1004", name="Di Dogwood", department="Transport", role_level="Senior data engineer"),
    make_person("1005", name="Ed Elm", department="Transport", role_level=""),
]
RATINGS = [
    make_rating("1001", "Programming", 1),
    make_rating("1001", "Data modelling", 1),
    make_rating("1002", "Programming", 2),
    make_rating("1004", "Programming", 0),
    make_rating("1004", "Testing", 2),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "gaps.muster", roles=ROLES, people=PEOPLE, ratings=RATINGS)


@pytest.fixture
def page(workspace: Workspace, open_page: Callable[..., Any]) -> Any:
    return open_page(workspace, "gaps")


def wait(page: Any, qtbot: Any) -> None:
    settle(page.window(), qtbot)


def cell_at(page: Any, row_name: str, skill: str) -> tuple[int, int]:
    data = page.map.heatmap.cells.source
    return list(data.row_labels).index(row_name), list(data.column_labels).index(skill)


def press(page: Any, qtbot: Any, row_name: str, skill: str) -> None:
    """Walk to a cell and press Enter."""
    page.map.heatmap.choose_cell(*cell_at(page, row_name, skill))
    page.map.heatmap.setFocus()
    qtbot.keyClick(page.map.heatmap.grid, Qt.Key.Key_Return)
    wait(page, qtbot)


def titles(listed: Any) -> list[str]:
    return [one.title for one in listed.lines]


def test_the_answer_names_who_is_furthest_from_ready(page: Any) -> None:
    assert page.state == "full"
    assert page._answer.text() == (
        "Transport is furthest from ready: 1 of 2 assessed requirements are not met, most of them in Programming."
    )


def test_the_tiles_show_what_is_met_mapped_assessed_and_open(page: Any) -> None:
    assert [tile.accessibleName() for tile in page.tiles.values()] == [
        "60 % of requirements met 3 of 5 assessed",
        "4 people with a role 1 not mapped yet",
        "56 % of requirements assessed 4 of 9 not assessed",
        "4 steps to close 0 people fully ready",
    ]


def test_the_map_has_totals_and_the_most_levels_first(page: Any) -> None:
    data = page.map.heatmap.cells.source
    assert list(data.row_labels) == ["All departments", "Transport", "Revenue"]
    assert list(data.column_labels) == ["All skills", "Programming", "Data modelling", "Testing"]
    cell = data.cell(*cell_at(page, "All departments", "Programming"))
    assert (cell.required, cell.assessed, cell.short, cell.levels_short) == (4, 3, 2, 4)


def test_a_screen_reader_hears_the_cell(page: Any) -> None:
    heatmap = page.map.heatmap
    row, column = cell_at(page, "Revenue", "Programming")
    place = heatmap.cells.row_order.index(row), heatmap.cells.column_order.index(column)
    spoken = heatmap.cells.index(*place).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Revenue, Programming, 1 of 2 short, coverage 67 %"


def test_enter_on_a_cell_shows_its_people_those_short_first(page: Any, qtbot: Any) -> None:
    press(page, qtbot, "Revenue", "Programming")
    shown = page.drawer.content
    assert isinstance(shown, CellDetails)
    assert page.drawer.accessibleName() == "Revenue · Programming"
    assert titles(shown.list) == ["Ada Ash", "Cy Cedar", "Ben Beech"]
    assert [one.detail.split("\n")[1] for one in shown.list.lines] == [
        "awareness → working, 1 level short",
        "not assessed, needs working",
        "working, as required",
    ]
    assert shown.list.hasFocus()


def test_enter_on_a_person_shows_the_profile_and_escape_closes_it(page: Any, qtbot: Any) -> None:
    press(page, qtbot, "Revenue", "Programming")
    qtbot.keyClick(page.drawer.content.list, Qt.Key.Key_Return)
    wait(page, qtbot)
    shown = page.drawer.content
    assert isinstance(shown, PersonGaps)
    assert page.drawer.accessibleName() == "Ada Ash"
    assert shown.skills == ("Programming", "Data modelling")
    assert len(shown.ratings.lines) == 2
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert page.drawer.isHidden()
    assert page.map.heatmap.grid.hasFocus()


def test_a_profile_leads_back_to_the_people_it_was_chosen_from(page: Any, qtbot: Any) -> None:
    press(page, qtbot, "Revenue", "Programming")
    page.drawer.content.person_chosen.emit(page.drawer.content.list.lines[0].record)
    wait(page, qtbot)
    page.drawer.content.back_asked.emit()
    assert isinstance(page.drawer.content, CellDetails)


def test_the_people_of_a_cell_open_as_a_table_and_back(page: Any, qtbot: Any) -> None:
    press(page, qtbot, "All departments", "Programming")
    qtbot.mouseClick(page.drawer.content.show_all, Qt.MouseButton.LeftButton)
    assert page.behind.isVisible()
    assert not page.map.isVisible()
    assert page.behind.pane.table.rows.rowCount() == 4
    page.find()
    qtbot.keyClicks(page.behind.pane.filter, "transport")
    assert [
        page.behind.pane.table.rows.record(row).name for row in range(page.behind.pane.table.rows.rowCount())
    ] == ["Di Dogwood"]
    qtbot.mouseClick(page.behind.back, Qt.MouseButton.LeftButton)
    assert page.map.isVisible()


def test_a_total_of_a_row_shows_the_group_with_its_shortages(page: Any, qtbot: Any) -> None:
    press(page, qtbot, "Revenue", "All skills")
    shown = page.drawer.content
    assert isinstance(shown, GroupDetails)
    assert titles(shown.list) == ["Programming"]
    qtbot.keyClick(shown.list, Qt.Key.Key_Return)
    wait(page, qtbot)
    assert page.drawer.accessibleName() == "Revenue · Programming"


def test_narrowing_to_a_department_shows_its_units(page: Any, qtbot: Any) -> None:
    press(page, qtbot, "Revenue", "All skills")
    page.drawer.content.narrow_asked.emit()
    wait(page, qtbot)
    assert page.context.scope.scope == Scope(departments=("Revenue",))
    assert page.map.dimension is GapDimension.UNIT
    assert set(page.map.heatmap.cells.source.row_labels) == {"All units", "Data", "Records"}
    page.context.scope.set(Scope())
    wait(page, qtbot)
    assert page.map.dimension is GapDimension.DEPARTMENT


@pytest.mark.parametrize("dimension", [GapDimension.ROLE_FAMILY, GapDimension.GRADE, GapDimension.EMPLOYMENT])
def test_rows_can_be_anything(page: Any, qtbot: Any, dimension: GapDimension) -> None:
    choice = page.map.rows_choice
    choice.setCurrentIndex(choice.findData(dimension))
    wait(page, qtbot)
    assert page.result.found.framed.whole.dimension is dimension


def test_other_figures_need_no_new_question(page: Any, qtbot: Any) -> None:
    before = page.result
    choice = page.map.measure_choice
    choice.setCurrentIndex(choice.findData(Measure.LEVELS))
    assert page.result is before
    heatmap = page.map.heatmap
    row, column = cell_at(page, "Transport", "Programming")
    place = heatmap.cells.row_order.index(row), heatmap.cells.column_order.index(column)
    assert heatmap.cells.index(*place).data() == "3"


def test_what_is_met_can_be_hidden(page: Any, qtbot: Any) -> None:
    page.map.hide_met.trigger()
    wait(page, qtbot)
    assert list(page.map.heatmap.cells.source.column_labels) == ["All skills", "Programming"]
    assert page.map.left_out.text() == "2 skills in which nobody is short are left out."


def test_shortages_are_told_in_words(page: Any) -> None:
    assert [(one.title, one.detail) for one in page.side.shortages.lines] == [
        ("Programming", "2 of 3 short by 4 levels; most in Transport (1 of 1)")
    ]


def test_names_can_be_hidden_from_a_shared_screen(page: Any, qtbot: Any) -> None:
    page.context.settings.put("hide_names", value=True)
    press(page, qtbot, "Revenue", "Programming")
    assert titles(page.drawer.content.list) == ["Staff 1001", "Staff 1003", "Staff 1002"]
    qtbot.mouseClick(page.drawer.content.show_all, Qt.MouseButton.LeftButton)
    assert "name" not in [column.key for column in page.behind.pane.table.rows.columns]


def test_a_rating_changes_the_open_drawer(page: Any, workspace: Workspace, qtbot: Any) -> None:
    press(page, qtbot, "Revenue", "Programming")
    person = page.drawer.content.list.lines[0].record.person_id
    skill = workspace.frameworks.skills()["Programming"]
    kind = AssessedBy.HEAD_OF_PROFESSION
    page.context.jobs.write(lambda _progress: workspace.assessments.set_level(person, skill, 2, kind))
    wait(page, qtbot)
    details = {one.title: one.detail.split("\n")[1] for one in page.drawer.content.list.lines}
    assert details["Ada Ash"] == "working, as required"


# --- out of the page ----------------------------------------------------------------------------------------------


def export(page: Any, monkeypatch: pytest.MonkeyPatch, target: Path) -> ExportChoice:
    monkeypatch.setattr(dialogs, "choose_save", lambda _page, _title, _name, _kinds, chosen: chosen(target))
    page.export()
    return page.findChild(ExportChoice)


def test_a_workbook_of_figures_names_nobody(
    page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "gaps.xlsx"
    dialog = export(page, monkeypatch, target)
    assert not dialog.buttons[1].isEnabled()
    qtbot.keyClick(dialog.go_on, Qt.Key.Key_Return)
    wait(page, qtbot)
    assert target.stat().st_size > 0
    assert "gaps.xlsx" in page.banner.sentence
    assert "People" not in sheets(target)


def test_a_workbook_of_one_department_may_name_people(
    page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page.context.scope.set(Scope(departments=("Revenue",)))
    wait(page, qtbot)
    target = tmp_path / "revenue.xlsx"
    dialog = export(page, monkeypatch, target)
    dialog.buttons[1].setChecked(True)
    dialog.go_on.click()
    wait(page, qtbot)
    assert any("Ada Ash" in str(value) for value in values(target))


def sheets(path: Path) -> list[str]:
    from openpyxl import load_workbook  # late: slow to import

    book = load_workbook(path, read_only=True)
    found = book.sheetnames
    book.close()
    return found


def values(path: Path) -> list[Any]:
    from openpyxl import load_workbook  # late: slow to import

    book = load_workbook(path, read_only=True)
    found = [value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
    book.close()
    return found


def test_the_map_is_saved_as_a_picture(
    page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "gaps.svg"
    monkeypatch.setattr(dialogs, "choose_save", lambda _page, _title, _name, _kinds, chosen: chosen(target))
    page.save_picture()
    wait(page, qtbot)
    assert target.read_bytes().lstrip().startswith(b"<?xml")


def test_making_a_plan_goes_to_the_plans(page: Any) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    page.context.navigator.asked.disconnect()
    page.context.navigator.asked.connect(lambda key, about: asked.append((key, about)))
    page.action_button("Make training plan").click()
    assert asked == [("training", {"act": "new"})]


# --- other states -------------------------------------------------------------------------------------------------


def test_an_empty_workspace_says_how_to_fill_it(ws: Workspace, open_page: Callable[..., Any]) -> None:
    page = open_page(ws, "gaps")
    assert page.state == "empty"
    assert page._empty.sentence.text() == "There is nobody in this workspace yet."
    assert page._empty.button.text() == "Load HR extract"


def test_people_without_roles_lead_to_the_roles(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    made = make_workspace(tmp_path / "a.muster", roles=ROLES, people=[make_person("1", role_level="")])
    page = open_page(made, "gaps")
    assert page.state == "empty"
    assert page._empty.button.text() == "Review roles"


def test_nobody_assessed_is_said_and_shown_as_such(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(make_workspace(tmp_path / "a.muster", roles=ROLES, people=[make_person("1")]), "gaps")
    assert page.state == "full"
    assert page._answer.text() == "Nobody is assessed yet: 2 requirements wait for a rating."
    assert page.banner.sentence.startswith("Nobody is assessed yet")
    assert page.map.heatmap.cells.index(1, 1).data() == "–"


def test_an_empty_scope_offers_everybody(page: Any, qtbot: Any) -> None:
    page.context.scope.set(Scope(role_family="Design"))
    wait(page, qtbot)
    assert page.state == "empty"
    qtbot.mouseClick(page._empty.button, Qt.MouseButton.LeftButton)
    wait(page, qtbot)
    assert page.state == "full"


def test_an_error_says_what_to_do(page: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_asked: Any) -> None:
        raise StoreError("The workspace cannot be read.", "Open it again.")

    monkeypatch.setattr(page.context.workspace.gaps, "heatmap", refuse)
    page.load()
    wait(page, qtbot)
    assert page.state == "error"
    assert page._error.sentence.text() == "The workspace cannot be read."


def test_everything_that_takes_the_keyboard_has_a_name(page: Any, qtbot: Any) -> None:
    press(page, qtbot, "Revenue", "Programming")
    for widget in page.findChildren(object):
        if not hasattr(widget, "focusPolicy") or not widget.isVisible():
            continue
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            named = widget.accessibleName() or getattr(widget, "text", lambda: "")()
            assert named or widget.focusProxy() is not None, widget
    assert QApplication.focusWidget() is page.drawer.content.list
