"""The Workforce page: its answer down to people, ways to close, scenarios, contracts, posts, back-test, share mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication

from app.ui.import_preview import ImportDialog
from app.ui.pages.workforce import KEYS, WorkforcePage
from app.ui.parts.export_choice import ExportChoice
from app.ui.parts.return_columns import ReturnColumns
from app.ui.parts.strategy_forms import EditDialog
from app.ui.parts.workforce_limits import LimitsDialog
from tests.builders import write_rows
from tests.ui.pages.desk import Desk, FileDialogs
from tests.ui.tab_order import stops_after, stops_before

NEED = {
    "area": "Better use of data", "priority": "Registers", "target_date": "2028-03-31", "programme": "Case working",
    "role_level": "Data engineer", "fte": 6, "from_quarter": "2026Q4", "to_quarter": "2028Q3",
}  # fmt: skip


@pytest.fixture
def page(desk: Desk, full: Path, tmp_path: Path, file_dialogs: FileDialogs) -> WorkforcePage:
    """The page once a strategy was loaded from its empty state."""
    opened: Any = desk.open(full, "workforce")
    assert "No programme or contract needs anybody yet" in desk.texts(opened)
    file_dialogs.answers = [write_rows(tmp_path / "strategy.csv", [NEED])]
    desk.click(opened, "Load strategy")
    dialog = desk.dialog(ImportDialog)
    desk.click(dialog, "Load 1 priority")
    dialog.accept()
    desk.settle()
    assert opened.state == "full"
    return opened


def _view(page: WorkforcePage, key: str, desk: Desk) -> Any:
    page.show_view(key)
    desk.settle()
    return page.all_views[KEYS.index(key)]


def test_the_answer_comes_first_and_leads_down_to_people(page: WorkforcePage, desk: Desk) -> None:
    assert "FTE short of what programmes need by 2027-28 Q1, most of it Data engineer" in desk.texts(page)
    view: Any = page.all_views[0]
    for _ in range(3):
        table = view.pane.table
        table.setFocus()
        table.choose_row(0)
        desk.press(table, Qt.Key.Key_Return)
    assert view.path[:2] == ["Data", "Data engineer"]
    shown = view.people.table.rows
    assert {shown.record(row).role_level for row in range(shown.rowCount())} == {"Data engineer"}
    desk.click(page, "Back to Data engineer")
    desk.click(page, "Back to Data")
    desk.click(page, "Back to all role families")
    assert view.path == []


@pytest.mark.parametrize("key", KEYS[1:])
def test_a_view_is_made_when_first_shown_and_tab_leads_into_it(
    page: WorkforcePage, desk: Desk, key: str
) -> None:
    waiting: Any = page.all_views[KEYS.index(key)]
    assert not waiting.is_built
    for kind in (QResizeEvent(QSize(900, 600), QSize(10, 10)), QEvent(QEvent.Type.StyleChange)):
        QApplication.sendEvent(waiting, kind)
    view = _view(page, key, desk)
    assert view.is_built
    stops_before(view, stops_after(page.tabs))


def test_the_chart_is_a_table_too(page: WorkforcePage, desk: Desk) -> None:
    view: Any = page.all_views[0]
    desk.click(view, "Show as table")
    rows = view.chart._table.table.rows
    assert rows.rowCount() == 8
    assert view.chart._picture.accessibleDescription().startswith("2026-27 Q4: demand 6.00")


def test_ways_to_close_are_found_stopped_and_limited(page: WorkforcePage, desk: Desk) -> None:
    view = _view(page, "closing", desk)
    assert "The cheapest mix costs" in desk.texts(view)
    assert view.plan is not None
    assert view.list.lines
    assert view.pane.table.rows.rowCount() == len(view.plan.lines)
    view.look()
    view._cancel()
    desk.settle()
    assert "Stopped. Nothing was changed." in desk.texts(view)
    desk.click(view, "Look again")
    desk.click(view, "Limits and costs")
    dialog = desk.dialog(LimitsDialog)
    dialog.form.set_values({"campaigns": "x"})
    desk.click(dialog, "Look for the cheapest mix")
    assert "Enter a number" in desk.texts(dialog)
    dialog.form.set_values({"campaigns": "0", "contractors": "0"})
    desk.click(dialog, "Look for the cheapest mix")
    assert {line.way.value for line in view.plan.lines} <= {"train", "redeploy"}


def test_a_scenario_is_edited_kept_compared_and_removed(page: WorkforcePage, desk: Desk) -> None:
    view = _view(page, "scenarios", desk)
    assert view.pane.table.rows.rowCount() == 3
    page.edit()
    desk.settle()
    dialog = desk.dialog(EditDialog)
    dialog.form.set_values({"name": "Leaner", "success": "x"})
    desk.click(dialog, "Save scenario")
    assert "is not a per cent" in desk.texts(dialog)
    dialog.form.set_values(
        {"success": "40", "lag": 2, "freeze_from": 1, "freeze_to": 2, "leave": ("Data=+3",), "slips": ("1",)}
    )
    desk.click(dialog, "Save scenario")
    kept = page.context.workspace.workforce.scenario("Leaner").assumptions
    assert (kept.lag, kept.freeze_from, kept.freeze_to, kept.slips[0].quarters) == (2, 0, 1, 1)
    assert kept.rules[0].role_family == "Data"
    page.scenario.setCurrentIndex(page.scenario.findData("Leaner"))
    desk.settle()
    item = next(
        view.list.item(row) for row in range(view.list.count()) if "Leaner" in view.list.item(row).text()
    )
    item.setCheckState(Qt.CheckState.Checked)
    desk.settle()
    assert view.pane.table.rows.rowCount() == 4
    desk.click(page, "Remove scenario")
    desk.click(desk.dialog(), "Remove scenario")
    assert not any(one.name == "Leaner" for one in page.result.scenarios)


def test_posts_are_loaded_and_counted(
    page: WorkforcePage, desk: Desk, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    view = _view(page, "posts", desk)
    assert "No unit here has an establishment yet." in desk.texts(page)
    lines = page.context.workspace.people.table(page.context.scope.scope).lines
    unit = next(one.unit for one in lines if one.role_level == "Data engineer")
    file_dialogs.answers = [
        write_rows(tmp_path / "posts.csv", [{"unit": unit, "role_level": "Data engineer", "posts": 40}])
    ]
    desk.click(view, "Load establishment")
    dialog = desk.dialog(ImportDialog)
    desk.click(dialog, "Load 40 posts")
    dialog.accept()
    desk.settle()
    assert "40 posts:" in desk.texts(page)
    assert view.pane.table.rows.rowCount() >= 1


def test_exits_and_back_test_say_when_there_is_nothing(page: WorkforcePage, desk: Desk) -> None:
    _view(page, "exits", desk)
    assert "No contract is loaded here." in desk.texts(page)
    view = _view(page, "back-test", desk)
    assert view.note.text()


def test_share_mode_names_nobody(page: WorkforcePage, desk: Desk) -> None:
    page.context.settings.put("share_mode", True)
    page.load()
    desk.settle()
    view = _view(page, "closing", desk)
    assert view.near.table.rows.rowCount() == 0
    assert not {"staff_id", "name"} & {column.key for column in view.pane.table.shown_columns()}
    outlook: Any = _view(page, "shortfalls", desk)
    outlook.path = ["Data", "Data engineer"]
    outlook.asked.emit()
    desk.settle()
    outlook._open(outlook.pane.table.rows.record(0))
    desk.settle()
    assert outlook.path == ["Data", "Data engineer"], "nobody's people are listed while others see the screen"
    page.context.settings.put("share_mode", False)


def _export(page: WorkforcePage, desk: Desk, place: int) -> None:
    page.export()
    dialog = desk.dialog(ExportChoice)
    dialog.buttons[place].setChecked(True)
    desk.click(dialog, "Choose where to save")


def test_workbook_and_return_are_written(
    page: WorkforcePage, desk: Desk, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    file_dialogs.answers = [tmp_path / "workforce.xlsx"]
    _export(page, desk, 0)
    assert (tmp_path / "workforce.xlsx").stat().st_size > 5_000
    assert "Saved as workforce.xlsx" in desk.texts(page)
    file_dialogs.answers = [tmp_path / "return.csv"]
    _export(page, desk, 2)
    columns = desk.dialog(ReturnColumns)
    columns.form.set_values({"keys": ("department",), "figures": ()})
    desk.click(columns, "Choose where to save")
    assert "A return needs a figure." in desk.texts(columns)
    columns.form.set_values({"figures": ("headcount",)})
    desk.click(columns, "Choose where to save")
    assert (tmp_path / "return.csv").read_text(encoding="utf-8").splitlines()[0] == "department,headcount"


def test_without_demand_the_other_views_stay_within_reach(desk: Desk, full: Path) -> None:
    page: Any = desk.open(full, "workforce")
    assert page.nothing.isVisible()
    page.show_view("posts")
    desk.settle()
    assert not page.nothing.isVisible()
    assert "No unit here has an establishment yet." in desk.texts(page)
    page.show_view("closing")
    desk.settle()
    assert page.nothing.isVisible()


def test_an_empty_workspace_asks_for_people(desk: Desk, small: Path) -> None:
    page: Any = desk.open(small, "workforce")
    assert page.state == "empty"
    assert "There is nobody in this workspace yet." in desk.texts(page)
