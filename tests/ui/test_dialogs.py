from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from app.errors import ConflictError, InputProblems, Problem
from app.ui import dialogs


@pytest.fixture
def parent(qtbot: Any) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_question_says_what_will_happen_and_does_it_on_yes(parent: QWidget) -> None:
    done: list[str] = []
    asked = dialogs.ask(
        parent, "Accept 412 suggestions for 1,208 people?", "", "Accept", lambda: done.append("yes")
    )
    asked.press("Accept")
    assert done == ["yes"]
    assert not asked.isVisible()


def test_a_question_turned_down_does_nothing(parent: QWidget) -> None:
    done: list[str] = []
    dialogs.ask(parent, "Delete?", "", "Delete", lambda: done.append("yes")).press("Cancel")
    assert done == []


def test_escape_turns_a_question_down(parent: QWidget, qtbot: Any) -> None:
    done: list[str] = []
    dialogs.ask(parent, "Delete?", "", "Delete", lambda: done.append("yes")).reject()
    assert done == []


def test_problems_of_a_file_are_listed_with_their_places(parent: QWidget) -> None:
    problem = Problem(
        "people.xlsx", "Staff", 12, "FTE", "abc", "This is not a number", "Enter a number from 0 to 1."
    )
    shown = dialogs.show_error(parent, InputProblems([problem]))
    text = shown.findChildren(QPlainTextEdit)[0].toPlainText()
    assert (
        text
        == "people.xlsx, sheet Staff, row 12, column FTE: This is not a number ('abc'). Enter a number from 0 to 1."
    )
    shown.press("Close")


def test_a_conflict_shows_both_values_and_the_choice(parent: QWidget) -> None:
    done: list[str] = []
    error = ConflictError("Somebody changed this role.", "Choose what to keep.")
    shown = dialogs.show_conflict(
        parent, error, "Data engineer", "Data analyst", lambda: done.append("theirs")
    )
    assert "Data engineer" in shown.findChildren(QPlainTextEdit)[0].toPlainText()
    assert "Data analyst" in shown.findChildren(QPlainTextEdit)[0].toPlainText()
    shown.press("Load what it is now")
    assert done == ["theirs"]


def test_a_report_holds_places_and_kinds_but_no_message() -> None:
    try:
        try:
            raise KeyError("Amara Okafor")
        except KeyError as inner:
            raise RuntimeError("staff 10284") from inner
    except RuntimeError as error:
        report = dialogs.crash_report(error)
    assert "KeyError" in report
    assert "RuntimeError" in report
    assert "which led to" in report
    assert "Amara" not in report
    assert "10284" not in report


@pytest.mark.parametrize("saves", [False, True])
def test_a_file_is_chosen_without_blocking(parent: QWidget, tmp_path: Path, saves: bool) -> None:
    chosen: list[Path] = []
    if saves:
        dialogs.choose_save(parent, "Export", "plan.xlsx", "Excel workbook (*.xlsx)", chosen.append)
    else:
        dialogs.choose_open(parent, "Import", "Extract (*.csv)", chosen.append)
    opened = parent.findChildren(QFileDialog)[0]
    opened.fileSelected.emit(str(tmp_path / "plan.xlsx"))
    opened.close()
    assert chosen == [tmp_path / "plan.xlsx"]


def test_a_button_that_is_not_there_is_an_error(parent: QWidget) -> None:
    shown = dialogs.tell(parent, "Done")
    with pytest.raises(LookupError):
        shown.press("Fly")
    shown.press("Close")
