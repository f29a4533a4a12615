"""The strategy page: presets, loading, a priority and its people, changes by hand, maturity, leadership, contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.services.delivery import State
from app.ui.import_preview import ImportDialog
from app.ui.pages.strategy import StrategyPage
from app.ui.parts.line_list import LineList
from app.ui.parts.strategy_forms import EditDialog
from tests.builders import write_rows
from tests.ui.pages.desk import Desk, FileDialogs

ROW = {
    "area": "Better use of data", "priority": "Registers", "target_date": "2027-03-31", "skill": "", "role_level": "",
    "fte": "", "from_quarter": "", "weight": "",
}  # fmt: skip


@pytest.fixture
def page(desk: Desk, full: Path, tmp_path: Path, file_dialogs: FileDialogs) -> StrategyPage:
    """The page with a strategy loaded through its own preview."""
    opened: Any = desk.open(full, "strategy")
    rows = [
        ROW | {"skill": "Programming", "weight": 2},
        ROW | {"priority": "Case working", "role_level": "Data engineer", "fte": 2, "from_quarter": "2026Q3"},
    ]
    file_dialogs.answers = [write_rows(tmp_path / "strategy.csv", rows)]
    opened._load()
    desk.settle()
    dialog = desk.dialog(ImportDialog)
    assert "2 new priorities" in desk.texts(dialog)
    desk.click(dialog, "Load 2 priorities")
    dialog.accept()
    desk.settle()
    return opened


def _priority(page: StrategyPage, name: str) -> Any:
    return next(line for line in page.result.board.lines if line.priority == name)


def _fill(desk: Desk, **values: Any) -> EditDialog:
    dialog = desk.dialog(EditDialog)
    dialog.form.set_values(values)
    return dialog


def test_an_empty_page_offers_a_preset(desk: Desk, full: Path) -> None:
    page: Any = desk.open(full, "strategy")
    assert page.state == "empty"
    page.edits.add_preset()
    desk.settle()
    desk.click(_fill(desk, name="2017"), "Add priorities")
    assert page.state == "full"
    assert len(page.result.board.areas) == 5
    assert "15 priorities" in desk.texts(page)


def test_the_answer_counts_how_priorities_stand(page: StrategyPage, desk: Desk) -> None:
    assert "2 priorities: 1 partly met, 1 without demand." in desk.texts(page)
    assert page.priorities.table.rows.rowCount() == 2


def test_a_priority_leads_to_its_people(page: StrategyPage, desk: Desk) -> None:
    table = page.priorities.table
    table.setFocus()
    table.choose_row(0)
    desk.press(table, Qt.Key.Key_Return)
    assert "What it rests on" in desk.texts(page.drawer)
    held_back = page.drawer.findChildren(LineList)[0]
    assert held_back.lines[0].title == "Programming"
    held_back.setCurrentRow(0)
    desk.press(held_back, Qt.Key.Key_Return)
    assert "Behind “Registers”" in desk.texts(page)
    shown = page.list_pane.table.rows
    assert {shown.record(row).skill for row in range(shown.rowCount())} == {"Programming"}
    desk.click(page, "Back to the strategy")
    assert page.tabs.isVisible()


def test_a_priority_is_changed_set_aside_and_taken_up(page: StrategyPage, desk: Desk) -> None:
    page.open_priority(_priority(page, "Registers"))
    desk.click(page.drawer, "Edit priority")
    dialog = _fill(desk, weight="11")
    desk.click(dialog, "Save priority")
    assert "enter a number from 0.1 to 10" in desk.texts(dialog)
    desk.click(_fill(desk, weight="4", target="30 Jun 2027"), "Save priority")
    line = _priority(page, "Registers")
    assert (line.weight, line.target_on.isoformat()) == (4.0, "2027-06-30")
    desk.click(page.drawer, "Set it aside")
    desk.click(desk.dialog(), "Set it aside")
    assert _priority(page, "Registers").state is State.SET_ASIDE
    desk.click(page.drawer, "Take it up again")
    assert _priority(page, "Registers").state is State.WITHOUT_DEMAND


def test_a_need_and_a_programme_are_added_and_a_need_taken_away(page: StrategyPage, desk: Desk) -> None:
    page.open_priority(_priority(page, "Registers"))
    desk.click(page.drawer, "Add a programme")
    desk.click(_fill(desk, name="One register"), "Add programme")
    desk.click(page.drawer, "Add a need")
    level = ("Service designer", "Service designer")
    desk.click(_fill(desk, level=level, fte="1.5", first="2026Q4", last="2027Q1"), "Add need")
    line = _priority(page, "Registers")
    assert (line.state, line.needed_fte) == (State.PARTLY, 1.5)
    page.edits.remove_need(next(need for need in line.needs if need.role_level))
    desk.click(desk.dialog(), "Take it away")
    assert _priority(page, "Registers").needed_fte is None


def test_needs_and_programmes_are_changed_and_an_area_renamed(page: StrategyPage, desk: Desk) -> None:
    page.open_priority(_priority(page, "Registers"))
    desk.click(page.drawer, "Add a programme")
    desk.click(_fill(desk, name="One register", starts="1 Apr 2026"), "Add programme")
    desk.click(page.drawer, "Add a need")
    level = ("Service designer", "Service designer")
    desk.click(
        _fill(desk, level=level, fte="1.5", first="2026Q4", last="2027Q1", programme="One register"),
        "Add need",
    )
    assert "Programmes and services" in desk.texts(page.drawer)
    lists = {one.accessibleName(): one for one in page.drawer.findChildren(LineList)}
    programmes = lists["Programmes and services"]
    programmes.setCurrentRow(0)
    desk.press(programmes, Qt.Key.Key_Return)
    desk.click(_fill(desk, ends="31 Mar 2026"), "Save programme")
    assert "The programme ends before it starts." in desk.texts(desk.dialog(EditDialog))
    desk.click(_fill(desk, name="The register", ends="31 Mar 2028", weight="2"), "Save programme")
    (programme,) = _priority(page, "Registers").programmes
    assert (programme.name, programme.weight) == ("The register", 20_000)
    need = next(one for one in _priority(page, "Registers").needs if one.programme)
    page.edits.edit_need(_priority(page, "Registers"), need)
    dialog = _fill(desk, fte="0.5", last="2027Q4")
    desk.click(dialog, "Save need")
    changed = next(one for one in _priority(page, "Registers").needs if one.programme)
    assert (changed.line_id, changed.fte_hundredths, changed.role_level) == (
        need.line_id,
        50,
        "Service designer",
    )
    page.edits.edit_need(_priority(page, "Registers"), changed)
    desk.click(desk.dialog(EditDialog), "Take it away")
    desk.click(desk.dialog(), "Take it away")
    assert not any(one.programme for one in _priority(page, "Registers").needs)
    page.edits.edit_programme(_priority(page, "Registers"), programme)
    desk.click(desk.dialog(EditDialog), "Take it away")
    desk.click(desk.dialog(), "Take it away")
    assert _priority(page, "Registers").programmes == ()
    page.edits.rename_area()
    desk.click(_fill(desk, name="Data, better used"), "Rename area")
    assert {line.area for line in page.result.board.lines} == {"Data, better used"}


def test_a_wrong_name_is_said_in_the_dialog(page: StrategyPage, desk: Desk) -> None:
    page.edits.add()
    dialog = _fill(desk, area="Better use of data", name="registers")
    desk.click(dialog, "Save priority")
    assert "This area already has a priority “Registers”." in desk.texts(dialog)
    dialog.reject()


def test_maturity_is_rated_and_kept(page: StrategyPage, desk: Desk) -> None:
    page.tabs.setCurrentIndex(1)
    desk.click(page, "Rate maturity")
    desk.click(
        _fill(desk, department="Home Office", score=2, evidence="A list", on="1 May 2026"), "Save rating"
    )
    page.edits.rate()
    desk.click(_fill(desk, department="Home Office", score=3), "Save rating")
    profile = next(one for one in page.result.maturity.departments if one.department == "Home Office")
    assert [(point.score, point.evidence) for point in profile.cells[0].history] == [(2, "A list"), (3, "")]
    assert profile.cells[0].change == 1
    page.open_maturity(profile)
    assert "2 of 5" in desk.texts(page.drawer)


def test_capability_and_contracts_have_their_tabs(
    page: StrategyPage, desk: Desk, tmp_path: Path, file_dialogs: FileDialogs
) -> None:
    page.tabs.setCurrentIndex(2)
    page.open_capability(page.result.capability[0])
    assert "analysts among 2 digital people" in desk.texts(page.drawer)
    page.tabs.setCurrentIndex(3)
    contract = {
        "supplier": "Acme",
        "service": "Hosting",
        "end_date": "2027-03-31",
        "role_level": "Data engineer",
        "fte": 4,
    }
    file_dialogs.answers = [write_rows(tmp_path / "contracts.csv", [contract])]
    desk.click(page, "Load contracts")
    dialog = desk.dialog(ImportDialog)
    desk.click(dialog, "Load 1 contract")
    dialog.accept()
    desk.settle()
    assert page.contracts.table.rows.record(0).needed == 4.0
    annex = tmp_path / "annex.xlsx"
    file_dialogs.answers = [annex]
    desk.click(page, "Readiness annex")
    desk.settle()
    assert annex.read_bytes().startswith(b"PK")
    assert "Saved as annex.xlsx" in desk.texts(page)
    table = page.contracts.table
    table.setFocus()
    table.choose_row(0)
    desk.press(table, Qt.Key.Key_Return)
    assert "12.00 FTE-months supplied" in desk.texts(page.drawer)
    alone = tmp_path / "alone.xlsx"
    file_dialogs.answers = [alone]
    desk.click(page.drawer, "Export its readiness annex")
    desk.settle()
    assert alone.read_bytes().startswith(b"PK")


def test_a_workspace_that_can_only_be_read_offers_no_change(desk: Desk, full: Path) -> None:
    page: Any = desk.open(full, "strategy", read_only=True)
    assert page.state == "empty"
    assert page.actions_offered == ()


def test_share_mode_shows_nothing_that_rests_on_few_people(page: StrategyPage, desk: Desk) -> None:
    page.context.settings.put("share_mode", True)
    page.reload()
    desk.settle()
    line = _priority(page, "Registers")
    assert (line.people, line.readiness, line.holding_back) == (0, None, ())
    page.open_priority(line)
    shown = desk.texts(page.drawer)
    assert "rest on fewer than 5 people" in shown
    with pytest.raises(LookupError):
        desk.click(page.drawer, "Show the people behind it")
    with pytest.raises(LookupError):
        desk.click(page.drawer, "Show what slips without it")
