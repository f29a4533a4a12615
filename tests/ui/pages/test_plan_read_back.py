"""Edited workbooks in the window: preview, conflicts settled, made, reverted; forms and learning plans out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import Qt

from app.progress import silent
from app.services.training.read_back import ReadBackKind
from app.terms import LineStatus
from app.ui import dialogs
from app.ui.import_preview import ImportDialog
from app.ui.parts.export_choice import ExportChoice
from app.workspace import Workspace
from tests.cli.test_read_back import Edited
from tests.ui.pages.conftest import settle
from tests.ui.pages.test_training import page, planned, workspace

__all__ = ["page", "planned", "workspace"]


def edited(planned: Workspace, path: Path, **cells: str) -> Path:
    planned.reports.plan_workbook(planned.training.plan(), path, silent())
    at = Edited(path)
    at.put(at.row("1001", "P"), **cells)
    return at.save()


def opened(page: Any, qtbot: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> ImportDialog:
    monkeypatch.setattr(dialogs, "choose_open", lambda _parent, _title, _kinds, chosen: chosen(path))
    qtbot.mouseClick(page.action_button("Read back workbook"), Qt.MouseButton.LeftButton)
    settle(page.window(), qtbot)
    return page.findChildren(ImportDialog)[-1]


def load(dialog: Any, page: Any, qtbot: Any) -> None:
    qtbot.mouseClick(dialog._load, Qt.MouseButton.LeftButton)
    settle(page.window(), qtbot)


def status_of(planned: Workspace, staff_id: str, code: str) -> str:
    return next(
        line.status
        for line in planned.training.plan().lines
        if (line.staff_id, line.course_code) == (staff_id, code)
    )


def test_a_change_is_shown_made_and_reverted(
    page: Any, planned: Workspace, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = edited(planned, tmp_path / "plan.xlsx", status="approved", comment="online please")
    dialog = opened(page, qtbot, path, monkeypatch)
    assert dialog.stage == "preview"
    assert "2 changes to make" in dialog.sentence.text()
    assert [dialog.tabs.tabText(place) for place in range(dialog.tabs.count())] == ["To be made (2)"]
    assert dialog._load.text() == "Make 2 changes"
    assert status_of(planned, "1001", "P") == "proposed"
    load(dialog, page, qtbot)
    assert dialog.stage == "loaded"
    assert status_of(planned, "1001", "P") == "approved"
    dialog.revert()
    settle(page.window(), qtbot)
    assert status_of(planned, "1001", "P") == "proposed"


@pytest.mark.parametrize(("takes", "after"), [(True, "withdrawn"), (False, "approved")])
def test_a_conflict_shows_both_values_and_is_settled_by_the_user(
    page: Any,
    planned: Workspace,
    qtbot: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    takes: bool,
    after: str,
) -> None:
    path = edited(planned, tmp_path / "plan.xlsx", status="withdrawn")
    first = edited(planned, tmp_path / "first.xlsx", status="approved")
    read = planned.training.read_back
    read.commit(read.preview(first, silent()))
    settle(page.window(), qtbot)
    dialog: Any = opened(page, qtbot, path, monkeypatch)
    (row,) = dialog.found.found.of(ReadBackKind.CONFLICT)
    choice = dialog.kind.choices.boxes[row.key]
    assert [choice.itemText(0), choice.itemText(1)] == [
        "Keep the workspace: approved",
        "Take the workbook: withdrawn",
    ]
    choice.setCurrentIndex(int(takes))
    load(dialog, page, qtbot)
    assert dialog.stage == "loaded"
    assert status_of(planned, "1001", "P") == after


def test_what_cannot_be_understood_keeps_the_button_shut_until_it_is_left_out(
    page: Any, planned: Workspace, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = edited(planned, tmp_path / "plan.xlsx", status="perhaps")
    at = Edited(path)
    at.put(at.row("1003", "D"), status=LineStatus.APPROVED.value)
    dialog: Any = opened(page, qtbot, at.save(), monkeypatch)
    assert not dialog._load.isEnabled()
    assert any("Problems" in dialog.tabs.tabText(place) for place in range(dialog.tabs.count()))
    dialog.skip.setChecked(True)
    load(dialog, page, qtbot)
    assert status_of(planned, "1003", "D") == "approved"
    assert status_of(planned, "1001", "P") == "proposed"


def test_a_workbook_that_is_none_of_ours_is_refused_with_a_sentence(
    page: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "other.xlsx")
    dialog = opened(page, qtbot, tmp_path / "other.xlsx", monkeypatch)
    assert dialog.stage == "refused"


def test_learning_plans_of_one_department_are_written_as_pdf(
    page: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.export()
    dialog = page.findChildren(ExportChoice)[-1]
    assert [way.is_open for way in dialog.ways] == [True, True, False]
    dialog.reject()
    scope = page.context.scope
    scope.set(type(scope.scope)(departments=("Transport",)))
    settle(page.window(), qtbot)
    monkeypatch.setattr(dialogs, "choose_folder", lambda _page, _title, chosen: chosen(tmp_path / "lp"))
    page.export()
    dialog = page.findChildren(ExportChoice)[-1]
    dialog.buttons[2].setChecked(True)
    dialog.accept()
    settle(page.window(), qtbot)
    assert sorted(path.name for path in (tmp_path / "lp").iterdir()) == [
        "1002 Ben Beech.pdf",
        "1003 Cy Cedar.pdf",
    ]


def test_assessment_forms_are_written_from_the_assessments_page(
    planned: Workspace,
    open_page: Callable[..., Any],
    qtbot: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(planned, "assessments")
    monkeypatch.setattr(dialogs, "choose_folder", lambda _page, _title, chosen: chosen(tmp_path / "forms"))
    qtbot.mouseClick(page.action_button("Export assessment forms"), Qt.MouseButton.LeftButton)
    settle(page.window(), qtbot)
    assert sorted(path.name for path in (tmp_path / "forms").iterdir()) == ["Revenue.xlsx", "Transport.xlsx"]
